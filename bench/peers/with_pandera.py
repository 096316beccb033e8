"""The same checks by Pandera's own `validate(lazy=True)`, with its own checks where it has any."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from bench.checks import BOOKING, MOTHER, Check, Kind, of
from bench.probes.telling import told

NOT_NULL = "not_nullable"


def pandera_check(check: Check, keys: Mapping[str, pl.Series]) -> pa.Check | None:
    """A check of Pandera; None where it is the column that says so."""
    read = pl.col(check.item).str.to_date("%Y-%m-%d", strict=False)
    blank = pl.col(check.item).is_null()
    match check.kind:
        case Kind.PRESENT:
            return None
        case Kind.MATCHES:
            return pa.Check.str_matches(check.among[0], name=check.id, error=check.id)
        case Kind.ONE_OF:
            return pa.Check.isin(list(check.among), name=check.id, error=check.id)
        case Kind.NONE_OF:
            return pa.Check.notin(list(check.among), name=check.id, error=check.id)
        case Kind.IS_DATE:
            holds = blank | read.is_not_null()
        case Kind.NOT_AFTER:
            holds = (read <= date.fromisoformat(check.among[0])).fill_null(True)
        case Kind.WITH:
            holds = (~(pl.col(check.other).is_in(check.among) & blank)).fill_null(True)
        case Kind.UNIQUE:
            holds = blank | pl.col(check.item).is_unique()
        case Kind.EXISTS:
            holds = blank | pl.col(check.item).is_in(keys[check.among[0]].implode())
    return pa.Check(_selecting(holds), name=check.id, error=check.id)


def _selecting(holds: pl.Expr) -> Callable[[pa.PolarsData], pl.LazyFrame]:
    return lambda data: data.lazyframe.select(holds.alias("holds"))


def schema(table: str, keys: Mapping[str, pl.Series], columns: list[str]) -> pa.DataFrameSchema:
    """The schema of a table; the items without a check are only text."""
    checks = of(table)
    needed = {check.item for check in checks if check.kind is Kind.PRESENT}
    alone = [check for check in checks if check.kind is not Kind.WITH]
    return pa.DataFrameSchema(
        {
            name: pa.Column(
                pl.String,
                nullable=name not in needed,
                checks=[
                    made
                    for check in alone
                    if check.item == name and (made := pandera_check(check, keys)) is not None
                ],
            )
            for name in columns
        },
        checks=[pandera_check(check, keys) for check in checks if check.kind is Kind.WITH],
    )


def failures(table: str, frames: Mapping[str, pl.DataFrame]) -> dict[str, int]:
    """The failures of every check of a table."""
    keys = {name: frame["LPIDMother"].drop_nulls().unique() for name, frame in frames.items()}
    try:
        schema(table, keys, frames[table].columns).validate(frames[table], lazy=True)
        found: dict[tuple[str, str], int] = {}
    except SchemaErrors as errors:
        cases = errors.failure_cases.group_by("column", "check").len()
        found = {(column, check): count for column, check, count in cases.iter_rows()}
    counts = {}
    for check in of(table):
        if check.kind is Kind.PRESENT:
            counts[check.id] = found.get((check.item, NOT_NULL), 0)
        else:
            counts[check.id] = sum(count for (_, name), count in found.items() if name == check.id)
    return counts


def main() -> None:
    """Count the failures of every check in the folder that is named."""
    folder = Path(sys.argv[1])

    def work() -> dict[str, dict[str, int]]:
        frames = {
            table: pl.read_csv(folder / f"{table}.csv", infer_schema=False)
            for table in (MOTHER, BOOKING)
        }
        return {"counts": failures(MOTHER, frames) | failures(BOOKING, frames)}

    told(work)


if __name__ == "__main__":
    main()
