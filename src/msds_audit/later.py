"""Names of a package whose modules are imported only when a name is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def names_of(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """What stands as `__getattr__` in a package, so that a command imports only what it uses.

    `homes` are the modules of the package by the names they hold. What is returned takes a name,
    and raises AttributeError for one that no module holds.
    """

    def found(name: str) -> Any:  # noqa: ANN401
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    return found
