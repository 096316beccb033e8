"""Holds a table in memory in little room: what recurs in it is kept once, with its places.

The values of most items come from a list, or are dates: a few thousand different ones stand in
millions of rows. What is true of such a value is then found out once and looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from msds_audit.errors import ExtractError
from msds_audit.extract import POLARS_FAILED, Submission, normalised
from msds_audit.keys import Keys
from msds_audit.spec import Spec, Table


@dataclass(frozen=True)
class HeldTable:
    """A table held in memory; `filled` are its rows that are not wholly blank.

    Of the items whose values recur, `frame` has for each row only `place_of` it: where its word
    stands. `words` has, of each of them, its different values as text, `blanks` the place there of
    a blank, and the column `times_of` how often it holds each, null below its values. The other
    items stand in `frame` as text.
    """

    items: tuple[str, ...]
    frame: pl.DataFrame
    filled: int
    words: pl.DataFrame
    blanks: Mapping[str, int]

    @property
    def text(self) -> pl.LazyFrame:
        """The table as text."""
        return self.coded(self.frame).select(self.items)

    def coded(self, frame: pl.DataFrame) -> pl.LazyFrame:
        """The table as text, beside the columns of `frame`: its own and whatever there is more."""
        return frame.lazy().with_columns(
            known_of(self.words[name], name).alias(name) for name in self.blanks
        )

    def texts(self, item: str) -> pl.Series:
        """The text of one item in every row."""
        if item in self.blanks:
            return self.words[item].gather(self.frame[place_of(item)])
        return self.frame[item]

    def keys(self, item: str) -> Keys:
        """Where the values of an item stand, which is looked at once."""
        if item not in self._keys:
            self._keys[item] = Keys.of(self.texts(item))
        return self._keys[item]

    @cached_property
    def _keys(self) -> dict[str, Keys]:
        return {}


@dataclass(frozen=True)
class HeldSubmission:
    """A submission of which every table is held."""

    given: Submission
    tables: Mapping[str, HeldTable]

    def firsts(self, table: str, item: str, of: str, on: str) -> pl.Series:
        """For each row of a table, the place of the first row `of` another whose `on` it names.

        It is named by `item`, null where there is none, and is looked for once.
        """
        if (table, item) == (of, on):
            return self.tables[of].keys(on).own
        link = (table, item, of, on)
        if link not in self._firsts:
            self._firsts[link] = self.tables[of].keys(on).find(self.tables[table].texts(item))
        return self._firsts[link]

    @cached_property
    def _firsts(self) -> dict[tuple[str, str, str, str], pl.Series]:
        return {}


def place_of(item: str) -> str:
    """The column that says where the value of an item stands among the words of its table."""
    return f"place of {item}"


def known_of(known: pl.Series, item: str) -> pl.Expr:
    """What is known of the word of an item in each row, where `known` has that of every word."""
    return known_at(known, pl.col(place_of(item)))


def known_at(known: pl.Series, place: pl.Expr) -> pl.Expr:
    """What stands at a place, null where there is none.

    Where that is nothing at any, Polars takes text and truth for one expression, and gives both
    the type of the first.
    """
    if known.null_count() == len(known):
        return pl.lit(None, dtype=known.dtype)
    return pl.lit(known).gather(place)


def times_of(item: str) -> str:
    """The column of the words that says how often an item holds each."""
    return f"times of {item}"


def held(submission: Submission, spec: Spec) -> HeldSubmission:
    """Read every table of a submission once. Raises ExtractError for one that cannot be."""
    tables = {}
    for name, frame in submission.stored.items():
        try:
            tables[name] = held_table(frame, spec.tables[name])
        except POLARS_FAILED as error:
            raise unreadable(spec.tables[name], error) from None
    return HeldSubmission(submission, tables)


def unreadable(table: Table, error: BaseException) -> ExtractError:
    """What is said of a table that cannot be read to its end."""
    return ExtractError(
        f"{table.name} cannot be read to its end ({type(error).__name__}).",
        hint="Export the table again, or open it and look for a damaged line.",
    )


def held_table(stored: pl.LazyFrame, table: Table) -> HeldTable:
    """Read a table once and hold it.

    Args:
        stored: Items of the table as they stand in its file: as text or as categories.
        table: The table.

    Raises:
        PolarsError: Or whatever else Polars raises where the table cannot be read to its end.
    """
    kinds = stored.collect_schema()
    recurring = [item.name for item in table.items if item.name in kinds and item.recurs]
    others = [name for name in kinds if name not in recurring]
    texts = [name for name in recurring if kinds[name] == pl.String]
    read = normalised(stored, others).with_columns(_categories(texts)).collect()
    counts = _Counts.of(read, recurring)
    unclean = counts.unclean()
    if unclean:
        read = normalised(read.lazy(), unclean).with_columns(_categories(unclean)).collect()
        counts = _Counts.of(read, recurring)
    blanks = counts.blanks
    places = (_place(name, blank).alias(place_of(name)) for name, blank in blanks.items())
    return HeldTable(
        items=tuple(kinds),
        frame=read.select(*others, *places),
        filled=counts.filled,
        words=counts.words,
        blanks=blanks,
    )


def _categories(names: Iterable[str]) -> list[pl.Expr]:
    """These columns as categories, each of its own."""
    return [pl.col(name).cast(pl.Categorical(pl.Categories.random())) for name in names]


def _place(name: str, blank: int) -> pl.Expr:
    """The codes of a column of categories, in the smallest type that holds that of a blank."""
    kind = next(kind for bits, kind in _PLACES if blank < 1 << bits)
    return pl.col(name).to_physical().fill_null(blank).cast(kind)


_PLACES = ((8, pl.UInt8), (16, pl.UInt16), (32, pl.UInt32))


@dataclass(frozen=True)
class _Counts:
    """How often each value stands in columns of categories.

    `words` has the values of every column side by side, as text in the order of their codes, and
    how often each stands; a blank comes last. `last` are the highest codes; `filled` are the rows
    that are not wholly blank.
    """

    words: pl.DataFrame
    last: Mapping[str, int | None]
    filled: int

    @classmethod
    def of(cls, read: pl.DataFrame, names: Sequence[str]) -> _Counts:
        """Count these columns of a table."""
        filled = pl.any_horizontal(pl.all().is_not_null()).sum().alias("filled")
        last = pl.col(names).to_physical().max().name.suffix(" code")
        counts = read.select(filled, last, *map(_values_of, names))
        columns: list[pl.DataFrame] = []
        for name in names:
            found = counts[name][0].struct.unnest()
            columns.append(pl.DataFrame([found[name].cast(pl.String), found[times_of(name)]]))
        blank = pl.DataFrame(
            {"": [None] * (1 + max((found.height for found in columns), default=0))}
        )
        words = pl.concat([blank, *columns], how="horizontal_extend").drop("")
        codes = {name: counts[f"{name} code"][0] for name in names}
        return cls(words, codes, int(counts["filled"][0]))

    @cached_property
    def blanks(self) -> Mapping[str, int]:
        """The place of a blank among the values of each column."""
        return {name: self.words.height - self.words[name].null_count() for name in self.last}

    def unclean(self) -> list[str]:
        """The columns that may hold what is blank or not trimmed, or whose codes are not places."""
        return [
            name
            for name, last in self.last.items()
            if last not in (None, self.blanks[name] - 1)
            or any(text != text.strip() or not text for text in self._texts(name))
        ]

    def _texts(self, name: str) -> list[str]:
        return self.words[name].head(self.blanks[name]).to_list()


def _values_of(name: str) -> pl.Expr:
    found = pl.col(name).value_counts(name=times_of(name))
    return found.sort_by(found.struct.field(name).to_physical(), nulls_last=True).implode()
