"""Makes a table of the rows of a sheet: headings, columns of text, and what is to be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from msds_audit.errors import ExtractError
from msds_audit.readers.headings import check_headings
from msds_audit.readers.source import LARGEST_UNPACKED, Source, Text
from msds_audit.readers.workbook.book import Cells, Row, Sheet, Tally, is_blank
from msds_audit.spec import Table

MOST_CELLS = 1 << 25
"""A workbook with more cells than this in its tables is refused; blank ones are counted."""

MOST_HEADINGS = 1 << 10
"""A sheet with more headings than this is refused; no table has a tenth of them."""

_CELLS_AT_ONCE = 1 << 19
"""So many cells are held as Python objects before they become columns."""


@dataclass
class Room:
    """How much more of a workbook there is room for in memory: cells, and characters in them."""

    shown: str
    cells: int = MOST_CELLS
    characters: int = LARGEST_UNPACKED

    def take(self, columns: Sequence[Sequence[str | None]]) -> None:
        """Make room for columns. Raises ExtractError where there is none."""
        for column in columns:
            self.cells -= len(column)
            self.characters -= sum(len(text) for text in column if text)
        if self.cells < 0 or self.characters < 0:
            raise ExtractError(
                f"{self.shown} holds more than can be read from a workbook.",
                hint="Give the tables as CSV.",
            )


@dataclass
class _Columns:
    """Columns as they grow: those of the last rows as lists, all before as frames."""

    count: int
    room: Room
    growing: list[list[str | None]] = field(init=False)
    grown: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.growing = [[] for _ in range(self.count)]

    def settle(self) -> None:
        """Turn the lists into a frame."""
        self.room.take(self.growing)
        names = [f"column {place}" for place in range(self.count)]
        frame = pl.DataFrame(
            dict(zip(names, self.growing, strict=True)), schema=dict.fromkeys(names, pl.String)
        )
        self.grown.append(frame)
        self.growing = [[] for _ in range(self.count)]

    def frame(self) -> pl.LazyFrame:
        """All of it."""
        self.settle()
        return pl.concat(self.grown).lazy()


def read_sheet(sheet: Sheet, source: Source, label: str, table: Table, room: Room) -> Text | None:
    """The table on a sheet; None where nothing is on it.

    `source` bears the name by which faults call the sheet, `label` that of notices.
    Raises ExtractError with the row where a value has no heading, and as `check_headings` does.
    """
    tally = Tally()
    rows = ((number, cells) for number, cells in sheet.rows(tally) if not is_blank(cells))
    number, first = next(rows, (0, Cells()))
    if not first:
        return None
    titles = {place: (text or "").strip() for place, text in sorted(first.items())}
    headings = {place: title for place, title in titles.items() if title}
    if len(headings) > MOST_HEADINGS:
        raise ExtractError(
            f"{source.shown} has more than {MOST_HEADINGS:,} headings.",
            hint="Leave only the columns of the table.",
        )
    check_headings(source, [*headings.values()], table.by_name)
    columns = _Columns(len(headings), room)
    blank, last = number - 1, number
    for number in _filled(rows, source, [*headings], columns):
        blank += number - last - 1
        last = number
    notices = _notices(label, blank, tally)
    return Text([*headings.values()], columns.frame(), notices)


def _filled(
    rows: Iterator[Row], source: Source, places: Sequence[int], columns: _Columns
) -> Iterator[int]:
    """Put rows into columns, giving the number of each."""
    at_once = max(1, _CELLS_AT_ONCE // len(places))
    for held, (number, cells) in enumerate(rows, start=1):
        for column, place in zip(columns.growing, places, strict=True):
            column.append(cells.pop(place, None))
        if cells and not is_blank(cells):
            raise ExtractError(
                f"{source.shown}, row {number:,}: there is a value where there is no heading.",
                hint="Take it out, or give its column the heading of an item.",
            )
        if held % at_once == 0:
            columns.settle()
        yield number


def _notices(label: str, blank: int, tally: Tally) -> list[str]:
    notices = []
    if blank:
        rows = "1 blank row was" if blank == 1 else f"{blank:,} blank rows were"
        notices.append(f"{label}: {rows} skipped.")
    if tally.errors:
        cells = "1 cell holds" if tally.errors == 1 else f"{tally.errors:,} cells hold"
        notices.append(f"{label}: {cells} an Excel error, such as #N/A.")
    if tally.valueless:
        none = "1 formula has" if tally.valueless == 1 else f"{tally.valueless:,} formulas have"
        notices.append(f"{label}: {none} no value: open the workbook in Excel and save it.")
    return notices
