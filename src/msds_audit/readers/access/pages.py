"""The pages of an Access file (Jet 4 and ACE), the records on them, and which belong to what.

Written from public descriptions of the format. Nothing that a file says of itself is believed
before it is checked: whatever does not fit raises DamagedError.
"""

from __future__ import annotations

import mmap
import struct
from itertools import pairwise

from msds_audit.readers.source import Buffer

PAGE_SIZE = 4096
DATA_PAGE, BITMAP_PAGE = 1, 5
RECORD_COUNT_AT, FIRST_SLOT_AT = 12, 14
MOST_RECORDS = 256
"""On one page: a pointer to one has a byte to say which."""

DELETED, ELSEWHERE, OFFSET = 0x8000, 0x4000, 0x1FFF
"""Of the two bytes that say where a record begins: two marks, and the place itself."""

_IN_PLACE, _BY_REFERENCE = 0, 1
_BITMAP_AT = 4


class DamagedError(Exception):
    """The file contradicts itself; the text says where and never holds data."""


class Pages:
    """Read-only access to a file by page and record."""

    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self.count = len(buffer) // PAGE_SIZE

    def page(self, number: int) -> bytes:
        """The bytes of a page."""
        if not 0 < number < self.count:
            raise DamagedError(f"it ends before its page {number:,}")
        return bytes(self._buffer[number * PAGE_SIZE : (number + 1) * PAGE_SIZE])

    def let_go(self) -> None:
        """Tell the system that what was read of the file need not stay in memory."""
        if isinstance(self._buffer, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self._buffer.madvise(mmap.MADV_DONTNEED)

    def record(self, pointer: int) -> tuple[bytes, bool]:
        """A record by its pointer (slot in the low byte, page above it).

        Also says whether it only points elsewhere. A record that another one points to bears
        the mark of a deleted one, so that mark is not looked at.
        """
        number, slot = pointer >> 8, pointer & 0xFF
        page = self.page(number)
        [count] = struct.unpack_from("<H", page, RECORD_COUNT_AT)
        if page[0] != DATA_PAGE or slot >= count or count > MOST_RECORDS:
            raise DamagedError(f"page {number:,} has no record {slot}")
        found = struct.unpack_from(f"<{slot + 1}H", page, FIRST_SLOT_AT)
        places = [PAGE_SIZE, *(one & OFFSET for one in found), FIRST_SLOT_AT + 2 * count]
        if any(before < after for before, after in pairwise(places)):
            raise DamagedError(f"the records of page {number:,} overlap")
        return page[places[slot + 1] : places[slot]], bool(found[slot] & ELSEWHERE)

    def owned(self, pointer: int) -> list[int]:
        """The numbers of the pages that a usage map marks, in order."""
        usage, _ = self.record(pointer)
        if len(usage) >= 5 and usage[0] == _IN_PLACE:
            [first] = struct.unpack_from("<I", usage, 1)
            return self._marked(usage[5:], first)
        if not usage or usage[0] != _BY_REFERENCE:
            raise DamagedError("a usage map is of no known kind")
        numbers = []
        width = (PAGE_SIZE - _BITMAP_AT) * 8
        whole = (len(usage) - 1) // 4
        for place, number in enumerate(struct.unpack_from(f"<{whole}I", usage, 1)):
            if number:
                page = self.page(number)
                if page[0] != BITMAP_PAGE:
                    raise DamagedError(f"page {number:,} is no usage map")
                numbers += self._marked(page[_BITMAP_AT:], place * width)
        return numbers

    def _marked(self, bitmap: bytes, first: int) -> list[int]:
        """The numbers of the pages whose bits are set; none may be beyond the end of the file."""
        used = bitmap.rstrip(b"\0")
        if used and first + 8 * (len(used) - 1) + used[-1].bit_length() > self.count:
            raise DamagedError(f"it ends after page {self.count - 1:,}, and a table goes on")
        return [
            first + 8 * place + bit
            for place, byte in enumerate(used)
            if byte
            for bit in range(8)
            if byte >> bit & 1
        ]
