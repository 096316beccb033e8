"""Reads .xls: the records of a workbook as Excel 97 to 2003 write it (BIFF8)."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Iterator, Sequence

from msds_audit.readers.workbook.book import (
    MOST_COLUMNS,
    BrokenError,
    Cells,
    ProtectedError,
    Row,
    Sheet,
    Tally,
)
from msds_audit.readers.workbook.cells import BUILT_IN, GENERAL, Style, plain, shown, style_of
from msds_audit.readers.workbook.strings import (
    continued_string,
    shared_strings,
    string,
    string_at,
)

BIFF8 = 0x0600
"""The version of the records; Excel 95 and before wrote others."""

_BOF, _EOF, _CONTINUE = 0x0809, 0x000A, 0x003C
_FILEPASS, _DATEMODE, _BOUNDSHEET, _SST = 0x002F, 0x0022, 0x0085, 0x00FC
_FORMAT, _XF = 0x041E, 0x00E0
_LABEL, _RSTRING, _LABELSST, _NUMBER, _RK, _MULRK = 0x0204, 0x00D6, 0x00FD, 0x0203, 0x027E, 0x00BD
_BOOLERR, _FORMULA, _STRING = 0x0205, 0x0006, 0x0207
_CELLS = (_LABEL, _RSTRING, _LABELSST, _NUMBER, _RK, _MULRK, _BOOLERR, _FORMULA)

_WORKSHEET = 0
"""What BOUNDSHEET says of a sheet of cells; others are charts and macros."""

_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_TEXT, _BOOLEAN, _ERROR, _EMPTY = range(4)
"""What the result of a formula is where it is no number."""

_PLACE = struct.Struct("<HHH")
_DOUBLE = struct.Struct("<d")
_RK_CELL = struct.Struct("<HI")

Record = tuple[int, bytes]


def sheets_of(stream: bytes) -> list[Sheet]:
    """The worksheets of a workbook in their order.

    Raises ProtectedError where it is encrypted; BrokenError or anything else where it is damaged
    or of an earlier version.
    """
    return _Workbook(stream).sheets()


def _records(stream: bytes, at: int) -> Iterator[Record]:
    """The records from a place to the end that belongs to it; what is nested is left out."""
    depth = 0
    while True:
        code, length = struct.unpack_from("<HH", stream, at)
        at += 4 + length
        if at > len(stream):
            raise BrokenError("it ends too soon")
        if code == _BOF:
            depth += 1
            if int.from_bytes(stream[at - length : at - length + 2], "little") != BIFF8:
                raise BrokenError("it was written by a version of Excel before 97")
        elif not depth:
            raise BrokenError("a sheet in it is not where it should be")
        elif code == _EOF:
            depth -= 1
            if not depth:
                return
        elif depth == 1:
            yield code, stream[at - length : at]


def _with_results(records: Iterable[Record]) -> Iterator[tuple[int, bytes, str]]:
    """The same records, each with the text that it and those continuing it are, if it is one."""
    pieces: list[bytes] = []
    for code, data in records:
        if code == _STRING or (pieces and code == _CONTINUE):
            pieces.append(data)
            continue
        if pieces:
            yield _STRING, b"", continued_string(pieces)
            pieces = []
        yield code, data, ""
    if pieces:
        yield _STRING, b"", continued_string(pieces)


class _Workbook:
    def __init__(self, stream: bytes) -> None:
        self._stream = stream
        self._strings: list[str] = []
        self._styles: list[Style] = []
        self._since_1904 = False
        self._places: list[tuple[str, int]] = []
        self._read_globals()

    def _read_globals(self) -> None:
        formats: dict[int, Style] = dict(BUILT_IN)
        used: list[int] = []
        texts: list[bytes] = []
        before = 0
        for code, data in _records(self._stream, 0):
            if code == _FILEPASS:
                raise ProtectedError
            if code == _DATEMODE:
                self._since_1904 = bool(data[0])
            elif code == _BOUNDSHEET:
                [at] = struct.unpack_from("<I", data)
                if data[5] == _WORKSHEET:
                    self._places.append((string(data[7:], data[6]), at))
            elif code == _FORMAT:
                formats[int.from_bytes(data[:2], "little")] = style_of(string_at(data, 2))
            elif code == _XF:
                used.append(int.from_bytes(data[2:4], "little"))
            elif code == _SST or (code == _CONTINUE and before == _SST):
                texts.append(data)
            before = before if code == _CONTINUE else code
        self._styles = [formats.get(number, GENERAL) for number in used]
        self._strings = shared_strings(texts) if texts else []

    def sheets(self) -> list[Sheet]:
        if len({at for _, at in self._places}) < len(self._places):
            raise BrokenError("two of its sheets are the same")
        return [self._sheet(name, at) for name, at in self._places]

    def _sheet(self, name: str, at: int) -> Sheet:
        return Sheet(name, lambda tally: self._rows(at, tally))

    def _rows(self, at: int, tally: Tally) -> Iterator[Row]:
        row, cells = -1, Cells()
        expecting: int | None = None
        for code, data, result in _with_results(_records(self._stream, at)):
            if code == _STRING and expecting is not None:
                cells[expecting] = result
                tally.valueless -= 1
                expecting = None
            if code not in _CELLS:
                continue
            number, column, _ = _PLACE.unpack_from(data)
            if number != row:
                if cells:
                    yield row + 1, cells
                if number < row:
                    raise BrokenError("its rows are not in order")
                row, cells = number, {}
            expecting = None
            for place, text in self._texts(code, column, data, tally):
                if place in cells or place >= MOST_COLUMNS:
                    raise BrokenError("a cell in it is there twice, or in no column of Excel")
                cells[place] = text
                expecting = place if text is None else None
        if cells:
            yield row + 1, cells

    def _texts(
        self, code: int, column: int, data: bytes, tally: Tally
    ) -> Sequence[tuple[int, str | None]]:
        """The cells of one record: their columns and texts."""
        if code == _MULRK:
            found = _RK_CELL.iter_unpack(data[4:-2])
            return [(column + n, self._number(_rk(rk), xf)) for n, (xf, rk) in enumerate(found)]
        if code == _BOOLERR:
            return [(column, _flag(data[6], tally, error=bool(data[7])))]
        if code == _FORMULA and data[12:14] == b"\xff\xff":
            return [(column, _result(data, tally))]
        return [(column, self._text(code, data))]

    def _text(self, code: int, data: bytes) -> str:
        """The text of a record of one cell that holds text or a number."""
        if code == _LABELSST:
            return self._strings[int.from_bytes(data[6:10], "little")]
        if code in (_LABEL, _RSTRING):
            return string_at(data, 6)
        if code == _RK:
            number = _rk(int.from_bytes(data[6:10], "little"))
        else:
            [number] = _DOUBLE.unpack_from(data, 6)
        return self._number(number, int.from_bytes(data[4:6], "little"))

    def _number(self, number: float, style: int) -> str:
        if not math.isfinite(number):
            raise BrokenError("a number in it is none")
        return shown(plain(number), number, self._styles[style], since_1904=self._since_1904)


def _rk(packed: int) -> float:
    """A number that is written in four bytes: whole or cut, and perhaps in hundredths."""
    if packed & 2:
        number = float((packed ^ (1 << 31)) - (1 << 31) >> 2)
    else:
        [number] = _DOUBLE.unpack((packed >> 2 << 34).to_bytes(8, "little"))
    return number / 100 if packed & 1 else number


def _flag(value: int, tally: Tally, *, error: bool) -> str:
    if not error:
        return "TRUE" if value else "FALSE"
    tally.errors += 1
    return _ERRORS.get(value, "#N/A")


def _result(formula: bytes, tally: Tally) -> str | None:
    """What a formula gave that is no number; None where a record of the text should follow."""
    kind, value = formula[6], formula[8]
    if kind == _TEXT:
        tally.valueless += 1
        return None
    if kind == _EMPTY:
        return ""
    if kind in (_BOOLEAN, _ERROR):
        return _flag(value, tally, error=kind == _ERROR)
    raise BrokenError("a formula in it has a result of no kind that Excel has")
