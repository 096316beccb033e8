"""The definition of a table in an Access file: its columns and where its rows are."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from msds_audit.readers.access.pages import DamagedError, Pages

DEFINITION_PAGE = 2
MOST_COLUMNS = 255
"""How many columns Access allows, those that were deleted included."""

_MOST_PAGES = 32
"""More than the names of 255 columns and of as many indexes as there may be can fill."""

_HEADER, _INDEX_SIZE, _COLUMN_SIZE = 63, 12, 25
_NEXT_PAGE_AT, _CONTINUED_AT = 4, 8
_ROWS_AT, _WIDTHS_AT, _INDEXES_AT = 16, 41, 51
_FIXED_LENGTH = 0x01
_CALCULATED = 0xC0


class Kind(IntEnum):
    """The type of a column, by the number that stands for it in the file."""

    BOOLEAN = 1
    BYTE = 2
    INTEGER = 3
    LONG = 4
    CURRENCY = 5
    SINGLE = 6
    DOUBLE = 7
    DATE_TIME = 8
    BINARY = 9
    TEXT = 10
    OLE_OBJECT = 11
    MEMO = 12
    GUID = 15
    NUMERIC = 16
    COMPLEX = 18
    BIG_INTEGER = 19
    EXTENDED_DATE_TIME = 20


_WITHOUT_TEXT = (Kind.BINARY, Kind.OLE_OBJECT, Kind.COMPLEX, Kind.EXTENDED_DATE_TIME)

_NUMBERS = (
    *(Kind.BYTE, Kind.INTEGER, Kind.LONG, Kind.BIG_INTEGER),
    *(Kind.CURRENCY, Kind.SINGLE, Kind.DOUBLE, Kind.NUMERIC),
)

WIDTHS = {
    Kind.BYTE: 1,
    Kind.INTEGER: 2,
    Kind.LONG: 4,
    Kind.CURRENCY: 8,
    Kind.SINGLE: 4,
    Kind.DOUBLE: 8,
    Kind.DATE_TIME: 8,
    Kind.GUID: 16,
    Kind.NUMERIC: 17,
    Kind.BIG_INTEGER: 8,
}
"""Bytes of a value, for the kinds that have always as many."""


@dataclass(frozen=True)
class Column:
    """One column. `number` is its bit in the null mask of a row.

    A column of fixed length is at `place` bytes behind the start of the row's values, any other
    is the `place`th of the row's values of variable length. `scale` counts decimal digits.
    """

    name: str
    kind: Kind
    number: int
    fixed: bool
    place: int
    length: int
    scale: int
    calculated: bool

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers, in which leading zeros have no place."""
        return self.kind in _NUMBERS

    @property
    def readable(self) -> bool:
        """Whether its values can be read as text.

        Pictures, attachments and lists hold none; the kind of a calculated result is not told.
        """
        return self.kind not in _WITHOUT_TEXT and not self.calculated


@dataclass(frozen=True)
class Definition:
    """A table: its columns, how many rows it should have, and the map of its pages."""

    columns: tuple[Column, ...]
    rows: int
    owned: int


def read_definition(pages: Pages, number: int) -> Definition:
    """Read the definition that begins on a page. Raises DamagedError where there is none."""
    content = _whole(pages, number)
    try:
        [rows] = struct.unpack_from("<I", content, _ROWS_AT)
        most, variable, count = struct.unpack_from("<HHH", content, _WIDTHS_AT)
        indexes, owned = struct.unpack_from("<II", content, _INDEXES_AT)
        if count > MOST_COLUMNS:
            raise DamagedError(f"page {number:,} defines {count:,} columns")
        at = _HEADER + _INDEX_SIZE * indexes
        described = [content[at + _COLUMN_SIZE * i :][:_COLUMN_SIZE] for i in range(count)]
        names = _names(content, at + _COLUMN_SIZE * count, count)
        columns = [_column(one, name) for one, name in zip(described, names, strict=True)]
    except (struct.error, UnicodeDecodeError, ValueError):
        raise DamagedError(f"page {number:,} defines no table") from None
    columns.sort(key=lambda column: column.number)
    numbers = [column.number for column in columns]
    places = sorted(column.place for column in columns if not column.fixed)
    if not (_go_up(numbers, most) and _go_up(places, variable)):
        raise DamagedError(f"page {number:,} defines columns that overlap")
    return Definition(tuple(columns), rows, owned)


def _go_up(numbers: list[int], end: int) -> bool:
    return all(before < after for before, after in pairwise([*numbers, end]))


def _whole(pages: Pages, number: int) -> bytes:
    """A definition may go on over several pages."""
    parts: list[bytes] = []
    seen: set[int] = set()
    while number:
        page = pages.page(number)
        if page[0] != DEFINITION_PAGE or number in seen or len(seen) == _MOST_PAGES:
            raise DamagedError(f"page {number:,} defines no table")
        seen.add(number)
        parts.append(page[_CONTINUED_AT:] if parts else page)
        [number] = struct.unpack_from("<I", page, _NEXT_PAGE_AT)
    return b"".join(parts)


def _names(content: bytes, at: int, count: int) -> list[str]:
    names = []
    for _ in range(count):
        [length] = struct.unpack_from("<H", content, at)
        names.append(content[at + 2 : at + 2 + length].decode("utf-16-le"))
        at += 2 + length
    return names


def _column(described: bytes, name: str) -> Column:
    fixed = bool(described[15] & _FIXED_LENGTH)
    [number] = struct.unpack_from("<H", described, 5)
    [place] = struct.unpack_from("<H", described, 21 if fixed else 7)
    [length] = struct.unpack_from("<H", described, 23)
    return Column(
        name=name,
        kind=Kind(described[0]),
        number=number,
        fixed=fixed,
        place=place,
        length=length,
        scale=described[12],
        calculated=described[16] & _CALCULATED == _CALCULATED,
    )
