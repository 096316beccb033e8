"""Looks at how many values the pages of a Parquet file say they hold, before Polars does.

Polars takes a number below none for one without end: it asks for that much memory, and the process
ends without a word. The metadata are Apache Thrift in its compact protocol; only the numbers that
lead from page to page are looked at, since what is odd otherwise Polars tells.

Source: Apache Parquet, `parquet.thrift`; Apache Thrift, compact protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from msds_audit.readers.source import Buffer

_MAGIC: Final = b"PAR1"
_LONGEST_NUMBER, _DEEPEST = 10, 32

_Fields = dict[int, Any]
"""What stands in a record, by the numbers of its fields."""

_ROW_GROUPS, _COLUMNS, _METADATA = 4, 1, 3
_VALUES, _FIRST_PAGE, _DICTIONARY = 5, 9, 11
_SIZE_UNPACKED, _SIZE = 2, 3
_DATA_PAGE, _DICTIONARY_PAGE, _DATA_PAGE_2 = 5, 7, 8
_NUMBER_OF_VALUES, _NUMBER_OF_BLANKS, _NUMBER_OF_ROWS = 1, 2, 3


class DamagedPagesError(ValueError):
    """A page, or what leads to it, says what cannot be."""


def check_pages(file: Buffer) -> None:
    """Raise DamagedPagesError where a page of a Parquet file says it holds what it cannot hold."""
    try:
        for column in _columns(file):
            _check_column(file, column)
    except (IndexError, KeyError, TypeError, AttributeError):
        raise DamagedPagesError("metadata") from None


def _columns(file: Buffer) -> Iterator[_Fields]:
    """The metadata of every column of every group of rows."""
    length = int.from_bytes(file[-8:-4], "little")
    if file[-4:] != _MAGIC or length > len(file) - 12:
        raise DamagedPagesError("footer")
    footer = _Compact(file, len(file) - 8 - length).record()
    for group in footer.get(_ROW_GROUPS, ()):
        for column in group[_COLUMNS]:
            yield column[_METADATA]


def _check_column(file: Buffer, column: _Fields) -> None:
    """Go from page to page until as many values were met as the column has."""
    left = column[_VALUES]
    starts = [column[_FIRST_PAGE], column.get(_DICTIONARY) or column[_FIRST_PAGE]]
    place = min(starts)
    if min(left, place) < 0:
        raise DamagedPagesError("column")
    while left > 0:
        compact = _Compact(file, place)
        page = compact.record()
        data = page.get(_DATA_PAGE) or page.get(_DATA_PAGE_2)
        held = data or page.get(_DICTIONARY_PAGE) or {}
        numbers = [held.get(field, 0) for field in (_NUMBER_OF_VALUES, *_others(page))]
        place = compact.place + page[_SIZE]
        if min(*numbers, page[_SIZE], page[_SIZE_UNPACKED]) < 0 or place > len(file):
            raise DamagedPagesError("page")
        if data:
            left -= data[_NUMBER_OF_VALUES]
            if left < 0:
                raise DamagedPagesError("page")


def _others(page: _Fields) -> tuple[int, ...]:
    """The further numbers of the newer kind of page."""
    return (_NUMBER_OF_BLANKS, _NUMBER_OF_ROWS) if _DATA_PAGE_2 in page else ()


class _Compact:
    """Reads records of the compact protocol from a place on."""

    def __init__(self, file: Buffer, place: int) -> None:
        self._file = file
        self.place = place
        self._depth = 0
        self._read: dict[int, Callable[[], Any]] = {
            1: lambda: True,
            2: lambda: False,
            3: self._byte,
            4: self._signed,
            5: self._signed,
            6: self._signed,
            7: lambda: self._skipped(8),
            8: lambda: self._skipped(self._number()),
            9: self._list,
            10: self._list,
            11: self._map,
            12: self.record,
        }

    def record(self) -> _Fields:
        """The record that begins here; texts and fractions in it are left out."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise DamagedPagesError("metadata")
        fields: _Fields = {}
        last = 0
        while head := self._byte():
            last = last + (head >> 4) if head >> 4 else self._signed()
            fields[last] = self._read[head & 15]()
        self._depth -= 1
        return fields

    def _byte(self) -> int:
        found = self._file[self.place]
        self.place += 1
        return found

    def _number(self) -> int:
        found = 0
        for at in range(_LONGEST_NUMBER):
            byte = self._byte()
            found |= (byte & 127) << 7 * at
            if byte < 128:
                return found
        raise DamagedPagesError("metadata")

    def _signed(self) -> int:
        found = self._number()
        return (found >> 1) ^ -(found & 1)

    def _skipped(self, length: int) -> None:
        self.place += length

    def _list(self) -> list[Any]:
        head = self._byte()
        length = head >> 4 if head >> 4 < 15 else self._number()
        return [self._element(head & 15) for _ in range(length)]

    def _map(self) -> None:
        length = self._number()
        kinds = self._byte() if length else 0
        for _ in range(length):
            self._element(kinds >> 4)
            self._element(kinds & 15)

    def _element(self, kind: int) -> Any:  # noqa: ANN401
        """One of a list or a map, where truth takes a byte of its own."""
        return self._byte() if kind in (1, 2) else self._read[kind]()
