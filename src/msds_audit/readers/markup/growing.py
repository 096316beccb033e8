"""A table that grows record by record while a file is read, held as columns of text."""

from __future__ import annotations

import polars as pl

from msds_audit.readers.source import Text
from msds_audit.spec import Table

Record = dict[int, str | None]
"""The values of one record by the place of their column; what is left out is not in it."""


class Growing:
    """One table as it is read: first its items in published order, then what else is seen.

    `spelt` gives the place of a column by its name as it was written in the file, `records` are
    those that are not yet in a frame; both are for the reader to use directly.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.headings = list(table.by_name)
        self.spelt = {name: place for place, name in enumerate(self.headings)}
        self.records: list[Record] = []
        self._places = {name.lower(): place for name, place in self.spelt.items()}
        self._own = {name.lower() for name in (*table.by_name, *table.derived)}
        self._frames: list[pl.DataFrame] = []

    @property
    def further(self) -> int:
        """How many columns there are that are no items."""
        return len(self.headings) - len(self.table.items)

    def is_item(self, place: int) -> bool:
        """Whether the column at a place is an item of the table."""
        return place < len(self.table.items)

    def knows(self, name: str) -> bool:
        """Whether a name, in any case, is an item or a column that NHS England derives."""
        return name.lower() in self._own

    def place(self, name: str) -> int:
        """The place of the column of this name, in any case; a new one where there is none."""
        place = self._places.setdefault(name.lower(), len(self.headings))
        if place == len(self.headings):
            self.headings.append(name)
        self.spelt[name] = place
        return place

    def flush(self) -> None:
        """Put the records into a frame; they must not be changed after that."""
        if not self.records:
            return
        columns = {
            f"column {place}": [record.get(place) for record in self.records]
            for place in range(len(self.headings))
        }
        self._frames.append(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)))
        self.records.clear()

    @property
    def is_empty(self) -> bool:
        """Whether there is no record."""
        return not self.records and not self._frames

    def text(self, notices: list[str]) -> Text:
        """The table as it was read, with the notices to go with it."""
        self.flush()
        names = [f"column {place}" for place in range(len(self.headings))]
        none = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        frame = pl.concat([none, *self._frames], how="diagonal")
        return Text(self.headings, frame.lazy(), notices)
