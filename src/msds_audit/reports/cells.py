"""Cells of CSV in which nothing is read as a formula."""

from __future__ import annotations

from typing import TypeVar

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

Value = TypeVar("Value")


def harmless(value: Value) -> Value | str:
    """A value that no spreadsheet reads as a formula: an apostrophe before what begins one."""
    begins = isinstance(value, str) and value.startswith(_BEGINS_A_FORMULA)
    return f"'{value}" if begins else value
