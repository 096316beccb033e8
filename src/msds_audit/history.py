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

SENT = "sent in"
"""The first day of the month whose submission a row comes from."""


def values(
    history: History, spec: Spec, table: str, names: Sequence[str], months: Iterable[Period]
) -> pl.LazyFrame:
    """The values of some items of a table in the submissions of some months, and `sent in`.

    Items and tables that a submission does not have are null, or have no rows; months that were
    not given are left out. Values whose format is wrong are null.
    """
    items = [spec.tables[table].by_name[name] for name in names]
    nothing = pl.LazyFrame(schema={**dict.fromkeys(names, pl.String), SENT: pl.Date})
    frames = [nothing]
    for month in months:
        submission = history.get(month)
        if submission is None or table not in submission.tables:
            continue
        frame = submission.tables[table]
        present = set(frame.collect_schema().names())
        frames.append(
            frame.select(
                *(
                    pl.col(name) if name in present else pl.lit(None, pl.String).alias(name)
                    for name in names
                ),
                pl.lit(month.start, pl.Date).alias(SENT),
            )
        )
    return read_values(pl.concat(frames), items, ())
