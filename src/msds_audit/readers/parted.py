"""A table of several submissions, read once and held: each submission is a slice of it.

Read for each of a hundred submissions anew, a table would be parsed a hundred times as often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from msds_audit.spec import Table

_PLACE, _WHOSE = "place in the file", "whose"


@dataclass(frozen=True)
class Part:
    """The rows of one submission, in the order of the file, and their places in it from 0."""

    rows: pl.LazyFrame
    places: pl.LazyFrame


def compact(frame: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """The table with what many rows have in common as categories, of four bytes a row.

    Such are most items, and what stands beside them: where a woman lives, and by which a row says
    whose it is.
    """
    texts = [name for name, kind in frame.collect_schema().items() if kind == pl.String]
    alone = {item.name for item in table.items if not item.recurs}
    return frame.with_columns(
        pl.col(name).cast(pl.Categorical) for name in texts if name not in alone
    )


def parted(held: pl.DataFrame, keys: Sequence[Sequence[Mapping[str, str | None]]]) -> list[Part]:
    """The rows of each submission, items as they stand in the file.

    Args:
        held: A table as `compact` makes it.
        keys: For each submission the ways in which its rows say so, by column. All name the same
            columns; a submission without any has no rows.
    """
    whose = _whose(held, keys)
    order = whose.to_frame().with_row_index(_PLACE)
    if not whose.is_sorted():
        order = order.sort(_WHOSE, maintain_order=True)
        held = held[order[_PLACE]]
    numbers = pl.int_range(len(keys) + 1, dtype=pl.UInt32, eager=True)
    starts = order[_WHOSE].search_sorted(numbers, side="left")
    categories = pl.selectors.categorical()
    parts = []
    for start, end in pairwise(starts):
        rows = held.slice(start, end - start).lazy().with_columns(categories.cast(pl.String))
        parts.append(Part(rows, order.select(_PLACE).slice(start, end - start).lazy()))
    return parts


def _whose(held: pl.DataFrame, keys: Sequence[Sequence[Mapping[str, str | None]]]) -> pl.Series:
    """The number of the submission that each row belongs to."""
    known = [{**row, _WHOSE: number} for number, rows in enumerate(keys) for row in rows]
    if not known:
        return pl.Series(_WHOSE, [len(keys)], pl.UInt32).new_from_index(0, held.height)
    own = [name for name in known[0] if name != _WHOSE]
    schema = {**dict.fromkeys(own, pl.String), _WHOSE: pl.UInt32}
    found = held.lazy().select(pl.col(own).cast(pl.String))
    named = found.join(
        pl.LazyFrame(known, schema=schema),
        on=own,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return named.select(pl.col(_WHOSE).fill_null(len(keys))).collect().to_series()
