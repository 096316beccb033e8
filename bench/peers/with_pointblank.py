"""The same checks by pointblank: a step for each, and how many test units of it fail."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pointblank as pb
import polars as pl

from bench.checks import BOOKING, MOTHER, Check, Kind, of
from bench.probes.telling import told


def filled(item: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in which an item is not blank."""
    return frame.filter(pl.col(item).is_not_null())


def with_step(plan: pb.Validate, check: Check, keys: Mapping[str, list[str]]) -> pb.Validate:
    """A plan with one more step."""
    text, item, among = pl.col(check.item), check.item, list(check.among)
    read = text.str.to_date("%Y-%m-%d", strict=False)
    match check.kind:
        case Kind.PRESENT:
            return plan.col_vals_not_null(item)
        case Kind.MATCHES:
            return plan.col_vals_regex(item, among[0], na_pass=True)
        case Kind.ONE_OF:
            return plan.col_vals_in_set(item, [*among, None])
        case Kind.NONE_OF:
            return plan.col_vals_not_in_set(item, among, pre=lambda frame: filled(item, frame))
        case Kind.IS_DATE:
            return plan.col_vals_expr(text.is_null() | read.is_not_null())
        case Kind.NOT_AFTER:
            return plan.col_vals_expr((read <= date.fromisoformat(among[0])).fill_null(True))
        case Kind.WITH:
            unmet = pl.col(check.other).is_in(among) & text.is_null()
            return plan.col_vals_expr(~unmet.fill_null(False))
        case Kind.UNIQUE:
            return plan.rows_distinct(item, pre=lambda frame: filled(item, frame))
        case Kind.EXISTS:
            return plan.col_vals_in_set(item, keys[among[0]])
    raise AssertionError(check.kind)


def failures(table: str, frames: Mapping[str, pl.DataFrame]) -> dict[str, int]:
    """The failures of every check of a table."""
    keys = {name: [*frame["LPIDMother"].unique()] for name, frame in frames.items()}
    plan = pb.Validate(frames[table])
    for check in of(table):
        plan = with_step(plan, check, keys)
    failed = plan.interrogate(collect_extracts=False, collect_tbl_checked=False).n_failed()
    return {check.id: failed[step] for step, check in enumerate(of(table), start=1)}


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
