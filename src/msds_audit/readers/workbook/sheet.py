"""Reads the cells of a sheet of .xlsx, and the strings that its sheets share."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from msds_audit.readers.workbook.book import (
    LONGEST_TEXT,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_STRINGS,
    BrokenError,
    Cells,
    Row,
    Tally,
)
from msds_audit.readers.workbook.cells import GENERAL, Style, iso_text, plain, shown
from msds_audit.readers.workbook.markup import Attributes, Listener, local, walk

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_LETTERS = re.compile("[A-Z]{1,3}")


@dataclass(frozen=True)
class Shared:
    """What the sheets of a workbook share."""

    strings: Sequence[str]
    styles: Sequence[Style]
    since_1904: bool


def rows_of(part: IO[bytes], shared: Shared, tally: Tally) -> Iterator[Row]:
    """The rows of a sheet that hold something, in ascending order.

    Raises BrokenError or anything else where the sheet is damaged.
    """
    listener = _SheetListener(shared, tally)
    for _ in walk(part, listener):
        yield from listener.rows
        listener.rows.clear()
    if not listener.seen:
        raise BrokenError("a sheet in it has no cells at all")


def strings_of(part: IO[bytes]) -> list[str]:
    """The strings that sheets name by number. Raises as `rows_of` does."""
    listener = _StringListener()
    for _ in walk(part, listener):
        if len(listener.strings) > MOST_STRINGS:
            raise BrokenError(f"it holds more than {MOST_STRINGS:,} different texts")
    return listener.strings


class _TextListener(Listener):
    """Gathers the text of `t` and, in a sheet, `v`; what is there to be spoken is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken = False
        self.listening = False
        self.value: str | None = None

    def listen(self) -> None:
        if not self.spoken:
            self.listening = True
            self.value = self.value or ""

    def text(self, text: str) -> None:
        if self.listening and self.value is not None:
            self.value += text
            if len(self.value) > LONGEST_TEXT:
                raise BrokenError("a cell in it holds more text than Excel allows")


class _StringListener(_TextListener):
    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        self.enter()
        name = local(name)
        if name == "si":
            self.value = None
        elif name == "t":
            self.listen()
        elif name == "rPh":
            self.spoken = True

    def end(self, name: str) -> None:
        self.depth -= 1
        name = local(name)
        if name == "t":
            self.listening = False
        elif name == "si":
            self.strings.append(_unescaped(self.value or ""))
            self.found += 1
        elif name == "rPh":
            self.spoken = False


class _SheetListener(_TextListener):
    """Makes rows of what stands in `sheetData`; all else in a sheet is of no account."""

    def __init__(self, shared: Shared, tally: Tally) -> None:
        super().__init__()
        self.shared, self.tally = shared, tally
        self.seen = self.inside = False
        self.names: dict[str, str] = {}
        self.columns: dict[str, int] = {}
        self.rows: list[Row] = []
        self.row, self.digits = 0, ""
        self.cells: Cells = {}
        self.column = -1
        self.attributes: Attributes = {}
        self.formula = False

    def start(self, name: str, attributes: Attributes) -> None:
        self.enter()
        if not self.inside:
            if local(name) == "sheetData":
                self.seen = self.inside = True
                prefix = name.removesuffix("sheetData")
                parts = ("row", "c", "v", "t", "f", "rPh", "sheetData")
                self.names = {prefix + part: part for part in parts}
            return
        part = self.names.get(name)
        if part == "c":
            self.attributes = attributes
            self.value = None
            self.formula = False
        elif part in ("v", "t"):
            self.listen()
        elif part == "f":
            self.formula = True
        elif part == "row":
            self._start_row(attributes.get("r"))
        elif part == "rPh":
            self.spoken = True

    def end(self, name: str) -> None:
        self.depth -= 1
        if not self.inside:
            return
        part = self.names.get(name)
        if part == "c":
            self._end_cell()
        elif part in ("v", "t"):
            self.listening = False
        elif part == "row":
            if self.cells:
                self.rows.append((self.row, self.cells))
        elif part == "rPh":
            self.spoken = False
        elif part == "sheetData":
            self.inside = False

    def _start_row(self, number: str | None) -> None:
        before = self.row
        if number is None:
            self.row += 1
        elif number.isdecimal() and len(number) <= len(str(MOST_ROWS)):
            self.row = int(number)
        else:
            self.row = 0
        if not before < self.row <= MOST_ROWS:
            raise BrokenError("its rows are not numbered as rows of Excel are")
        self.digits = str(self.row)
        self.cells = {}
        self.column = -1

    def _end_cell(self) -> None:
        self.column = self._column_of(self.attributes.get("r"))
        if self.value is None:
            if self.formula:
                self._put(None)
                self.tally.valueless += 1
            return
        kind = self.attributes.get("t", "n")
        if kind == "n" or not self.value:
            if self.value:
                self._put(self._number(self.value))
            elif self.formula and kind != "str":
                self._put(None)
                self.tally.valueless += 1
            return
        self._put(self._text(kind, self.value))

    def _put(self, text: str | None) -> None:
        if not self.row or self.column in self.cells:
            raise BrokenError("a cell in it is there twice, or is in no row")
        self.cells[self.column] = text
        self.found += 1

    def _column_of(self, reference: str | None) -> int:
        if reference is None:
            column = self.column + 1
        elif not reference.endswith(self.digits):
            raise BrokenError("a cell in it is not in the row it says")
        else:
            letters = reference[: len(reference) - len(self.digits)]
            known = self.columns.get(letters)
            if known is not None:
                return known
            column = _column(letters)
            self.columns[letters] = column
        if column >= MOST_COLUMNS:
            raise BrokenError("a cell in it is in no column of Excel")
        return column

    def _number(self, value: str) -> str:
        style = self._style(int(self.attributes.get("s", 0)))
        if value.isdecimal() and value.isascii() and (value[0] != "0" or value == "0"):
            if style is GENERAL:
                return value
            return shown(value, float(value), style, since_1904=self.shared.since_1904)
        number = float(value)
        if not math.isfinite(number) or "_" in value:
            raise BrokenError("a number in it is none")
        return shown(plain(number), number, style, since_1904=self.shared.since_1904)

    def _style(self, number: int) -> Style:
        if not 0 <= number < len(self.shared.styles):
            raise BrokenError("a cell in it names a style that is not there")
        return self.shared.styles[number]

    def _text(self, kind: str, value: str) -> str:
        if kind == "s":
            index = int(value)
            if not 0 <= index < len(self.shared.strings):
                raise BrokenError("a cell in it names a text that is not there")
            return self.shared.strings[index]
        if kind == "b":
            return "TRUE" if value.strip() in ("1", "true") else "FALSE"
        if kind == "d":
            return iso_text(value)
        if kind == "e":
            self.tally.errors += 1
            return value
        if kind in ("str", "inlineStr"):
            return _unescaped(value)
        raise BrokenError("a cell in it is of no kind that Excel has")


def _column(letters: str) -> int:
    if not _LETTERS.fullmatch(letters):
        raise BrokenError("a cell in it is in no column of Excel")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _unescaped(text: str) -> str:
    """Text with `_x000D_` and the like as the characters they stand for."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if 0xD800 <= code <= 0xDFFF else chr(code)
