"""Tells an NHS maternity team, before they submit, what is wrong with their MSDS extract.

The Python API is what is named here; it is imported only when it is used, so that
`msds-audit --help` answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from msds_audit.api import check, load_rules
    from msds_audit.readers import open_extract
    from msds_audit.schemas import table_schema
    from msds_audit.scoring import score

_HOMES = {
    "check": "api",
    "load_rules": "api",
    "open_extract": "readers",
    "score": "scoring",
    "table_schema": "schemas",
}

__all__ = [
    "__version__",
    "check",
    "load_rules",
    "open_extract",
    "score",
    "table_schema",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"msds_audit.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'msds_audit' has no attribute {name!r}")
