"""Holds a table in memory in little room: what recurs in it is kept once, with its places.

The values of most items come from a list, or are dates: a few thousand different ones stand in
millions of rows. What is true of such a value is then found out once and looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from msds_audit.damage import is_nhs_number
from msds_audit.errors import ExtractError
from msds_audit.extract import POLARS_FAILED, Submission
from msds_audit.spec import Item, Spec, Table


@dataclass(frozen=True)
class HeldTable:
    """A table held in memory; `filled` are its rows that are not wholly blank.

    In `frame` the items whose values recur are categorical, each of its own categories. `words`
    has, of each of them, its different values as text, `blanks` the place there of a blank, and
    the column `times_of` how often it holds each; what is below the values of an item is blank
    and stands in no row.
    """

    frame: pl.DataFrame
    filled: int
    words: pl.DataFrame
    blanks: Mapping[str, int]

    @property
    def text(self) -> pl.LazyFrame:
        """The table as text."""
        return self.frame.lazy().with_columns(self._texts)

    def coded(self, frame: pl.DataFrame) -> pl.LazyFrame:
        """The table as text, with `place_of` each item whose values recur: where its word stands.

        `frame` is that of the table, with whatever columns there are besides.
        """
        places = (
            pl.col(name).to_physical().fill_null(blank).alias(place_of(name))
            for name, blank in self.blanks.items()
        )
        return frame.lazy().with_columns(places).with_columns(self._texts)

    @property
    def _texts(self) -> list[pl.Expr]:
        return [pl.col(name).cast(pl.String) for name in self.blanks]


@dataclass(frozen=True)
class HeldSubmission:
    """A submission of which every table is held; the tables of `texts` are read from there."""

    texts: Submission
    tables: Mapping[str, HeldTable]


def recurs(item: Item) -> bool:
    """Whether the same values of an item stand in many rows, unlike those of a key."""
    return not (item.key or item.references is not None or is_nhs_number(item))


def place_of(item: str) -> str:
    """The column that says where the value of an item stands among the words of its table."""
    return f"place of {item}"


def times_of(item: str) -> str:
    """The column of the words that says how often an item holds each."""
    return f"times of {item}"


def held(submission: Submission, spec: Spec) -> HeldSubmission:
    """Read every table of a submission once. Raises ExtractError for one that cannot be."""
    tables = {}
    for name, frame in submission.tables.items():
        try:
            tables[name] = held_table(frame, spec.tables[name])
        except POLARS_FAILED as error:
            raise unreadable(spec.tables[name], error) from None
    texts = {name: table.text for name, table in tables.items()}
    return HeldSubmission(replace(submission, tables=texts), tables)


def unreadable(table: Table, error: BaseException) -> ExtractError:
    """What is said of a table that cannot be read to its end."""
    return ExtractError(
        f"{table.name} cannot be read to its end ({type(error).__name__}).",
        hint="Export the table again, or open it and look for a damaged line.",
    )


def held_table(frame: pl.LazyFrame, table: Table) -> HeldTable:
    """Read a table once and hold it.

    Args:
        frame: Items of the table as text; a blank is null.
        table: The table.

    Raises:
        PolarsError: Or whatever else Polars raises where the table cannot be read to its end.
    """
    present = frame.collect_schema().names()
    recurring = [item.name for item in table.items if item.name in present and recurs(item)]
    kept = frame.with_columns(
        pl.col(name).cast(pl.Categorical(pl.Categories.random())) for name in recurring
    ).collect()
    filled = pl.any_horizontal(pl.all().is_not_null()).sum().alias("filled")
    counts = kept.select(filled, *map(_counts, recurring))
    words = _words({name: counts[name][0] for name in recurring})
    return HeldTable(
        frame=kept,
        filled=int(counts["filled"][0]),
        words=words,
        blanks={name: words.height - words[name].null_count() for name in recurring},
    )


def _counts(name: str) -> pl.Expr:
    """The values of an item in the order of their codes, a blank last, and their numbers."""
    found = pl.col(name).value_counts(name=times_of(name))
    return found.sort_by(found.struct.field(name).to_physical(), nulls_last=True).implode()


def _words(counts: Mapping[str, pl.Series]) -> pl.DataFrame:
    """What was counted of every item side by side, as text; what is below stands in no row."""
    height = 1 + max(map(len, counts.values()), default=0)
    columns = []
    for name, found in counts.items():
        missing = height - len(found)
        text = found.struct.field(name).cast(pl.String)
        columns.append(text.extend_constant(None, missing))
        columns.append(found.struct.field(times_of(name)).extend_constant(0, missing))
    return pl.DataFrame(columns)
