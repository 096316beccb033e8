"""What the user hands over, once it is open: submissions of text tables.

It knows the shape of an opened extract; how each kind of file is read is left to `readers`.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import inf
from typing import Literal

import polars as pl

POLARS_FAILED = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What running a query may raise. The text of these may hold a row: it is never passed on."""

ENGINE: Literal["in-memory"] = "in-memory"
"""The engine of Polars for queries that join many small tables.

Its streaming engine takes about a second for each of them, however few rows there are.
"""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A reporting period: one calendar month."""

    start: date

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read `2026-08` or `2026-08-01`. Raises ValueError for anything else."""
        year, month, *day = text.split("-")
        if len(year) != 4 or len(month) != 2 or day not in ([], ["01"]):
            raise ValueError("not a month")
        return cls(date(int(year), int(month), 1))

    @property
    def end(self) -> date:
        """The last day of the month."""
        return self.start.replace(day=calendar.monthrange(self.start.year, self.start.month)[1])

    def before(self, months: int) -> Period:
        """The period so many months earlier."""
        years, month = divmod(self.start.year * 12 + self.start.month - 1 - months, 12)
        return Period(date(years, month + 1, 1))

    @property
    def name(self) -> str:
        """`August 2026`, for people."""
        return f"{calendar.month_name[self.start.month]} {self.start.year}"

    def __str__(self) -> str:
        return f"{self.start:%Y-%m}"


@dataclass(frozen=True)
class Lines:
    """On which line of its file each record of a table begins. The first line is 1.

    Records of the file are counted from 1; 0 are the headings. From the record `starts[i]` on, a
    record begins `shifts[i]` lines after its number. `places` has, where the file holds several
    submissions, one column with the place in the file, from 0, of every row of this one.
    """

    starts: pl.Series
    shifts: pl.Series
    places: pl.LazyFrame | None = None

    def of(self, rows: pl.Series) -> pl.Series:
        """The line of each of these rows of the submission, given by their places from 0."""
        if self.places is not None:
            rows = self.places.collect().to_series().gather(rows)
        records = rows.cast(pl.Int64) + 1
        reached = self.starts.search_sorted(records, side="right")
        return records + self.shifts.gather(reached - 1)


@dataclass(frozen=True)
class Submission:
    """One provider and one reporting period.

    `stored` holds, for each table found, its known items under their published names as they
    stand in the file, as text or as categories; `tables` the same as rules see it: as text,
    trimmed, blank as null. `notices` say in one sentence each what was set aside, guessed
    or looks wrong about the files; they carry no value. `areas` are, where MSD001 has any of
    the columns about where a woman lives that NHS England adds, LPIDMother and these, as text.
    `files` are the paths of the files that tables were read from, below the current folder or the
    root of a repository, as they may be printed; of other tables there is none. `lines` are
    those of tables that are each a whole file of delimited text, not in a zip.
    """

    provider: str
    period: Period
    stored: Mapping[str, pl.LazyFrame]
    notices: tuple[str, ...]
    areas: pl.LazyFrame | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, Lines] = field(default_factory=dict)

    @cached_property
    def tables(self) -> Mapping[str, pl.LazyFrame]:
        """Every table as text, trimmed, blank as null."""
        return {name: normalised(frame) for name, frame in self.stored.items()}

    @cached_property
    def rows(self) -> Mapping[str, float]:
        """How many rows each table has; without end where that cannot be read: it is told later."""
        return {name: _rows(frame) for name, frame in self.stored.items()}

    @property
    def name(self) -> str:
        """Provider and month, as `RJ7 2026-08`."""
        return f"{self.provider} {self.period}"


def _rows(frame: pl.LazyFrame) -> float:
    try:
        return int(frame.select(pl.len()).collect().item())
    except POLARS_FAILED:
        return inf


@dataclass(frozen=True)
class Extract:
    """Every submission found under the paths given, in order of provider and period."""

    submissions: tuple[Submission, ...]


def normalised(frame: pl.LazyFrame, names: Collection[str] | None = None) -> pl.LazyFrame:
    """These columns as text, trimmed, with empty and blank as null; all where none are named.

    This is what NHS England's pipeline does before any rule runs.
    """
    columns = pl.all() if names is None else pl.col(list(names))
    trimmed = frame.with_columns(columns.cast(pl.String).str.strip_chars())
    return trimmed.with_columns(pl.when(columns.str.len_bytes() > 0).then(columns))
