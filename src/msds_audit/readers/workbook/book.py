"""What a workbook is to its readers, whichever of the two formats it is written in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14
"""The size of a sheet of Excel; a cell beyond it is a fault of the file."""

LONGEST_TEXT = 1 << 16
"""Twice what a cell of Excel holds, in characters; more is a fault of the file."""

MOST_STRINGS = 1 << 23
"""A workbook with more different texts than this is refused: they would be held in memory."""

Cells = dict[int, str | None]
"""The cells of a row that hold something, by column from 0; None is a formula without a value."""

Row = tuple[int, Cells]
"""The number of a row as Excel shows it, and its cells."""


class BrokenError(Exception):
    """A workbook is not as its format demands; the text is fixed words, never a value."""


class ProtectedError(Exception):
    """A workbook is encrypted with a password."""


@dataclass
class Tally:
    """What is counted while a sheet is read: Excel errors, and formulas without a value."""

    errors: int = 0
    valueless: int = 0


@dataclass(frozen=True)
class Sheet:
    """A worksheet.

    `rows` reads it from its beginning each time it is called: the rows that hold something, in
    ascending order. It may raise anything where the file is damaged.
    """

    name: str
    rows: Callable[[Tally], Iterator[Row]]


def is_blank(cells: Cells) -> bool:
    """Whether nothing is to be seen in a row; a formula without a value counts as something."""
    return not any(text is None or text.strip() for text in cells.values())
