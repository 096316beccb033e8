"""Where each value of a key stands in a table, so that other rows are led to it.

Rows that share a key are known by the first of them. Keys are compared as text here, once; what
is then asked of the rows goes by their places.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

FIRST, PLACE = "first", "place"
"""The columns with the place of the first row that has a key, and with that of a row."""

PLACES = pl.get_index_type()
"""The type of places, and of numbers of rows."""

_KEY, _ROWS = "key", "rows"
_NONE = pl.DataFrame(schema={PLACE: PLACES, FIRST: PLACES})


@dataclass(frozen=True)
class Keys:
    """The values of one item of a table, a blank being none.

    `texts` are those of all rows. `firsts` are the places of the first row that has each;
    `sharing` has the `PLACE` of every row that shares its key, and of the `FIRST` that has it.
    """

    texts: pl.Series
    firsts: pl.Series
    sharing: pl.DataFrame

    @classmethod
    def of(cls, texts: pl.Series) -> Keys:
        """The keys of these rows."""
        rows = texts.alias(_KEY).to_frame().lazy().with_row_index(PLACE).drop_nulls()
        first = pl.col(PLACE).min().alias(FIRST)
        different = rows.group_by(_KEY).agg(first, pl.len().alias(_ROWS)).collect()
        shared = different.lazy().filter(pl.col(_ROWS) > 1).select(_KEY, FIRST).collect()
        sharing = rows.join(shared.lazy(), on=_KEY).select(PLACE, FIRST)
        return cls(texts, different[FIRST], _NONE if shared.is_empty() else sharing.collect())

    @cached_property
    def own(self) -> pl.Series:
        """Of each row the place of the first that has its key, null where it has none."""
        found = pl.Series(FIRST, [None], dtype=PLACES).new_from_index(0, len(self.texts))
        found = found.scatter(self.firsts, self.firsts)
        return found.scatter(self.sharing[PLACE], self.sharing[FIRST])

    def find(self, texts: pl.Series) -> pl.Series:
        """For each of these texts the place of the first row that has it, null where none has."""
        known = pl.LazyFrame({_KEY: self.texts.gather(self.firsts), FIRST: self.firsts})
        sought = texts.alias(_KEY).to_frame().lazy()
        found = sought.join(known, on=_KEY, how="left", maintain_order="left")
        return found.select(FIRST).collect().to_series()
