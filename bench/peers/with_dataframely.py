"""The same checks by dataframely: a schema a table, and what `filter` counts as failing.

A schema knows its own table alone, so whether a key stands in the other table is not checked.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import dataframely as dy
import polars as pl

from bench.checks import BOOKING, MOTHER, Check, Kind, of
from bench.probes.telling import told


def holds(check: Check) -> pl.Expr:
    """The expression of a check that no column says by itself; null counts as holding."""
    text = pl.col(check.item)
    read = text.str.to_date("%Y-%m-%d", strict=False)
    match check.kind:
        case Kind.ONE_OF:
            return text.is_in(check.among)
        case Kind.NONE_OF:
            return ~text.is_in(check.among)
        case Kind.IS_DATE:
            return text.is_null() | read.is_not_null()
        case Kind.NOT_AFTER:
            return read <= date.fromisoformat(check.among[0])
        case Kind.WITH:
            return ~(pl.col(check.other).is_in(check.among) & text.is_null())
        case Kind.UNIQUE:
            return text.is_null() | text.is_unique()
        case _:
            raise AssertionError(check.kind)


def schema(table: str, columns: list[str]) -> type[dy.Schema]:
    """The schema of a table; the items without a check are only text."""
    checks = of(table)
    needed = {check.item for check in checks if check.kind is Kind.PRESENT}
    patterns = {check.item: check.among[0] for check in checks if check.kind is Kind.MATCHES}
    own: dict[str, object] = {
        name: dy.String(nullable=name not in needed, regex=patterns.get(name)) for name in columns
    }
    for check in checks:
        if check.kind not in (Kind.PRESENT, Kind.MATCHES, Kind.EXISTS):
            own[check.id] = dy.rule()(lambda _, check=check: holds(check))
    return type(table, (dy.Schema,), own)


def failures(table: str, folder: Path) -> dict[str, int]:
    """The failures of every check of a table."""
    frame = pl.read_csv(folder / f"{table}.csv", infer_schema=False)
    _, failing = schema(table, frame.columns).filter(frame)
    found = failing.counts()
    names = {Kind.PRESENT: "nullability", Kind.MATCHES: "regex"}
    return {
        check.id: found.get(f"{check.item}|{names[check.kind]}", 0)
        if check.kind in names
        else found.get(check.id, 0)
        for check in of(table)
        if check.kind is not Kind.EXISTS
    }


def main() -> None:
    """Count the failures of every check in the folder that is named."""
    folder = Path(sys.argv[1])
    told(lambda: {"counts": failures(MOTHER, folder) | failures(BOOKING, folder)})


if __name__ == "__main__":
    main()
