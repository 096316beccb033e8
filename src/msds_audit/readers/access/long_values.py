"""Values too long for their row: kept on pages of their own, alone or in a chain."""

from __future__ import annotations

import struct

import polars as pl

from msds_audit.readers.access.pages import DamagedError, Pages

_HEADER_SIZE = 12
_LENGTH = 0x3FFFFFFF
_IN_ROW, _IN_ONE_PIECE = 0x80000000, 0x40000000
_NEXT_SIZE = 4


class LongValues:
    """Reads the long values of one table.

    No piece belongs to two values, so that a small file cannot stand for endless text.
    """

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._read: set[int] = set()

    def of(self, raw: pl.Series) -> pl.Series:
        """The whole bytes of each value, from what stands in its row."""
        whole = [None if value is None else self._whole(value) for value in raw]
        return pl.Series(whole, dtype=pl.Binary)

    def _whole(self, value: bytes) -> bytes:
        if not value:
            return value
        if len(value) < _HEADER_SIZE:
            raise DamagedError("a long value has no beginning")
        marked, pointer = struct.unpack_from("<II", value)
        length = marked & _LENGTH
        if marked & _IN_ROW:
            found = value[_HEADER_SIZE:]
        elif marked & _IN_ONE_PIECE:
            found = self._piece(pointer)
        else:
            found = self._chained(pointer, length)
        if len(found) < length:
            raise DamagedError("a long value is cut off")
        return found[:length]

    def _chained(self, pointer: int, length: int) -> bytes:
        pieces = []
        while pointer and length > 0:
            piece = self._piece(pointer)
            if len(piece) <= _NEXT_SIZE:
                raise DamagedError("a long value is cut off")
            [pointer] = struct.unpack_from("<I", piece)
            pieces.append(piece[_NEXT_SIZE:])
            length -= len(pieces[-1])
        return b"".join(pieces)

    def _piece(self, pointer: int) -> bytes:
        if pointer in self._read:
            raise DamagedError("two long values share a piece")
        self._read.add(pointer)
        piece, elsewhere = self._pages.record(pointer)
        if elsewhere:
            raise DamagedError("a long value has moved")
        return piece
