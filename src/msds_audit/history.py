"""Several months of one provider, read as one: values of tables with the month that sent them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import polars as pl

from msds_audit.checks import read_values
from msds_audit.extract import Period, Submission
from msds_audit.spec import Spec

History: TypeAlias = Mapping[Period, Submission]
"""The submissions of one provider by month."""

SENT, ROW = "sent in", "row of submission"
"""The first day of the month whose submission a row comes from, and its place there."""


def values(
    history: History,
    spec: Spec,
    table: str,
    names: Sequence[str],
    months: Iterable[Period],
    *,
    numbered: bool = False,
) -> pl.LazyFrame:
    """The values of some items of a table in the submissions of some months.

    Beside them stand `sent in` and, if rows are to be `numbered`, `row of submission`. Items and
    tables that a submission does not have are null, or have no rows; months that were not given
    are left out. Values whose format is wrong are null.
    """
    items = [spec.tables[table].by_name[name] for name in names]
    text = dict.fromkeys(names, pl.String())
    frames = [pl.LazyFrame(schema={SENT: pl.Date(), ROW: pl.get_index_type(), **text})]
    frames += [
        _in_month(history[month].tables[table], month, names)
        for month in months
        if month in history and table in history[month].tables
    ]
    every = read_values(pl.concat(frames), items, ())
    return every if numbered else every.drop(ROW)


def _in_month(frame: pl.LazyFrame, month: Period, names: Sequence[str]) -> pl.LazyFrame:
    present = frame.collect_schema().names()
    return frame.with_row_index(ROW).select(
        pl.lit(month.start, pl.Date).alias(SENT),
        ROW,
        *(
            pl.col(name) if name in present else pl.lit(None, pl.String).alias(name)
            for name in names
        ),
    )
