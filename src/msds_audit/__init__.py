"""Tells an NHS maternity team, before they submit, what is wrong with their MSDS extract.

The Python API is what is named here; it is imported only when it is used, so that
`msds-audit --help` answers at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msds_audit.later import names_of

__version__ = "0.1.0"

if TYPE_CHECKING:
    from msds_audit.api import check, load_rules
    from msds_audit.errors import MsdsAuditError
    from msds_audit.extract import Period
    from msds_audit.frames import findings, findings_frame, rules_frame, scorecards_frame
    from msds_audit.readers import open_extract
    from msds_audit.schemas import table_schema
    from msds_audit.scoring import score

_HOMES = {
    "MsdsAuditError": "errors",
    "Period": "extract",
    "check": "api",
    "findings": "frames",
    "findings_frame": "frames",
    "load_rules": "api",
    "open_extract": "readers",
    "rules_frame": "frames",
    "score": "scoring",
    "scorecards_frame": "frames",
    "table_schema": "schemas",
}

__all__ = [
    "MsdsAuditError",
    "Period",
    "__version__",
    "check",
    "findings",
    "findings_frame",
    "load_rules",
    "open_extract",
    "rules_frame",
    "score",
    "scorecards_frame",
    "table_schema",
]

__getattr__ = names_of(__name__, _HOMES)
