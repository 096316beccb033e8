"""Finds the streams in an OLE compound file, the container of .xls and of encrypted workbooks."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from msds_audit.readers.source import Buffer
from msds_audit.readers.workbook.book import BrokenError

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

LARGEST = 1 << 28
"""A file of more bytes than this is refused; sheets of .xls have 65,536 rows at most."""

_HEADER = struct.Struct("<8s16xHHHHH6xIIIIIIIII")
_FIRST_SECTORS = 109
"""How many sectors of the allocation table the header itself lists."""

_FREE = 0xFFFF_FFFA
"""Sector numbers from here on stand for an end, or for what is no sector."""

_ENTRY = struct.Struct("<64sHBBIII36xIQ")
_NO_ENTRY = 0xFFFF_FFFF
_STREAM, _ROOT = 2, 5


@dataclass(frozen=True)
class _Stream:
    first: int
    size: int


class Compound:
    """A compound file."""

    def __init__(self, raw: Buffer) -> None:
        """Read the tables of the file. Raises BrokenError or struct.error where it is damaged."""
        if len(raw) > LARGEST:
            raise BrokenError(f"it is larger than {LARGEST >> 20:,} MB")
        self._raw = raw
        header = _HEADER.unpack_from(raw)
        _, _, _, _, shift, small_shift, _, _, directory, _, cutoff, small, _, more, _ = header
        if shift not in (9, 12) or small_shift != 6:
            raise BrokenError("its sectors are of no size that Excel uses")
        self._size, self._small_size, self._cutoff = 1 << shift, 1 << small_shift, cutoff
        self._table = self._allocation(more)
        self._root, self._streams = self._directory(self._chained(directory, self._table))
        self._small_table = self._numbers(b"".join(self._chained(small, self._table)))
        self._small = b""
        if self._root.size:
            self._small = b"".join(self._chained(self._root.first, self._table))

    def __contains__(self, name: str) -> bool:
        """Whether there is a stream of this name, in any case of letters."""
        return name.lower() in self._streams

    def stream(self, name: str) -> bytes:
        """The bytes of a stream. Raises KeyError where there is none, BrokenError where cut."""
        stream = self._streams[name.lower()]
        if stream.size >= self._cutoff:
            found = b"".join(self._chained(stream.first, self._table))
        else:
            found = b"".join(self._chained_small(stream.first))
        if len(found) < stream.size:
            raise BrokenError("it ends too soon")
        return found[: stream.size]

    def _allocation(self, more: int) -> list[int]:
        """The number of the sector that follows each sector."""
        needed = len(self._raw) * 4 // self._size**2 + 2
        sectors = [*struct.unpack_from(f"<{_FIRST_SECTORS}I", self._raw, 76)]
        seen = set()
        while more < _FREE and more not in seen and len(sectors) < needed:
            seen.add(more)
            *listed, more = self._numbers(self._sector(more))
            sectors += listed
        table: list[int] = []
        used = [sector for sector in sectors if sector < _FREE][:needed]
        if len(used) > len(set(used)):
            raise BrokenError("its sectors go round in a circle")
        for sector in used:
            table += self._numbers(self._sector(sector))
        return table

    def _numbers(self, content: bytes) -> list[int]:
        return [*struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4])]

    def _sector(self, number: int) -> bytes:
        """The bytes of a sector; the last one of a file may be cut short."""
        found = self._raw[(number + 1) * self._size : (number + 2) * self._size]
        if not found:
            raise BrokenError("it ends too soon")
        return found

    def _chained(self, first: int, table: list[int]) -> Iterator[bytes]:
        for sector in _chain(first, table):
            yield self._sector(sector)

    def _chained_small(self, first: int) -> Iterator[bytes]:
        for sector in _chain(first, self._small_table):
            yield self._small[sector * self._small_size : (sector + 1) * self._small_size]

    def _directory(self, sectors: Iterator[bytes]) -> tuple[_Stream, Mapping[str, _Stream]]:
        """The root, which holds the small streams, and the streams right below it."""
        content = b"".join(sectors)
        entries = [
            _ENTRY.unpack_from(content, at)
            for at in range(0, len(content) - _ENTRY.size + 1, _ENTRY.size)
        ]
        if not entries or entries[0][2] != _ROOT:
            raise BrokenError("it has no directory")
        streams = {}
        waiting, seen = [entries[0][6]], {_NO_ENTRY}
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            name, length, kind, _, left, right, _, start, size = entries[place]
            waiting += [left, right]
            if kind == _STREAM:
                decoded = name[: max(0, length - 2)].decode("utf-16-le", "replace")
                streams[decoded.lower()] = _Stream(start, self._whole(size))
        return _Stream(entries[0][7], self._whole(entries[0][8])), streams

    def _whole(self, size: int) -> int:
        """The size of a stream; in files of small sectors the upper half is of no account."""
        return size if self._size > 1 << 9 else size & 0xFFFF_FFFF


def _chain(first: int, table: list[int]) -> Iterator[int]:
    """The sectors of a stream, in order. Raises BrokenError where they go round in a circle."""
    sector, passed = first, 0
    while sector < _FREE:
        yield sector
        passed += 1
        if passed > len(table) or sector >= len(table):
            raise BrokenError("its sectors go round in a circle")
        sector = table[sector]
