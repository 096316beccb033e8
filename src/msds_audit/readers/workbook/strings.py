"""Reads the strings of .xls, which may be cut into several records anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from msds_audit.readers.workbook.book import MOST_STRINGS, BrokenError

_WIDE, _SPOKEN, _RICH = 1, 4, 8
"""What stands beside a string: two bytes to a character, how it is spoken, how it is set."""


def string_at(data: bytes, at: int) -> str:
    """The string at a place, where its length takes two bytes."""
    return string(data[at + 2 :], int.from_bytes(data[at : at + 2], "little"))


def string(data: bytes, length: int) -> str:
    """A string of so many characters. Raises BrokenError where there are fewer."""
    if not length:
        return ""
    flags = data[0]
    at = 1 + (2 if flags & _RICH else 0) + (4 if flags & _SPOKEN else 0)
    wide = flags & _WIDE
    found = data[at : at + (length * 2 if wide else length)]
    if len(found) < (length * 2 if wide else length):
        raise BrokenError("a text in it ends too soon")
    return _decoded(found, wide=bool(wide))


def _decoded(content: bytes, *, wide: bool) -> str:
    return content.decode("utf-16-le" if wide else "latin-1", "replace")


def shared_strings(records: Sequence[bytes]) -> list[str]:
    """The strings that cells name by number, from one record and those that continue it.

    Raises BrokenError or IndexError where they end too soon.
    """
    pieces = _Pieces(records)
    pieces.take(4)
    count = pieces.number(4)
    if count > MOST_STRINGS:
        raise BrokenError(f"it holds more than {MOST_STRINGS:,} different texts")
    return [pieces.string() for _ in range(count)]


def continued_string(records: Sequence[bytes]) -> str:
    """The string that begins one record and that the others continue.

    Raises BrokenError or IndexError where it ends too soon.
    """
    return _Pieces(records).string()


class _Pieces:
    """The bytes of records one after another."""

    def __init__(self, records: Sequence[bytes]) -> None:
        self._records = records
        self._record, self._at = 0, 0

    def take(self, length: int) -> bytes:
        """The next bytes, from as many records as it takes."""
        found = []
        while length:
            part = self._records[self._record][self._at : self._at + length]
            found.append(part)
            self._at += len(part)
            length -= len(part)
            if length:
                self._next()
        return b"".join(found)

    def _next(self) -> None:
        self._record += 1
        self._at = 0
        if self._record >= len(self._records):
            raise BrokenError("its texts end too soon")

    def number(self, length: int) -> int:
        return int.from_bytes(self.take(length), "little")

    def string(self) -> str:
        """The next string; a record that goes on with its characters says how wide they are."""
        length, flags = self.number(2), self.number(1)
        runs = self.number(2) if flags & _RICH else 0
        spoken = self.number(4) if flags & _SPOKEN else 0
        text = []
        while length:
            width = 2 if flags & _WIDE else 1
            here = min(length, (len(self._records[self._record]) - self._at) // width)
            part = self.take(here * width)
            text.append(part if width == 2 else part.decode("latin-1").encode("utf-16-le"))
            length -= here
            if length:
                self._next()
                flags = self.number(1)
        self.take(4 * runs + spoken)
        return _decoded(b"".join(text), wide=True)
