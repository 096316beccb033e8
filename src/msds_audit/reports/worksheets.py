"""Rows and lines as sheets of a workbook or as CSV, in which nothing is read as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from textwrap import wrap
from typing import TypeAlias

import xlsxwriter

from msds_audit.errors import ReportError
from msds_audit.reports.cells import harmless

MOST_ROWS = 1_048_575
"""What a sheet of Excel holds below its header."""

LONGEST_TEXT = 32_767
"""What a cell of Excel holds; a longer text would be left out without a word."""

A3, A4 = 8, 9
"""Sizes of paper, by the numbers that Excel gives them."""

_OF_A_PAGE = 76
"""Characters in a line of explanation: as many as a page has room for."""

_FILLED = 0.95
"""How much of a line of a cell words fill on average, by the widths of common fonts."""

_OF_A_BUTTON = 3
"""Characters of a heading that the button of its filter takes."""

_LINE, _HIGHEST = 15, 409
"""How high a line is, and the highest row that Excel shows, in points."""

Row: TypeAlias = Mapping[str, str | int | float]
"""A value for every heading."""

Line: TypeAlias = tuple[bool, str]
"""Whether it is a heading, and its words."""


def as_csv(rows: Sequence[Row], headings: Sequence[str]) -> bytes:
    """Rows as CSV in UTF-8, with an apostrophe before what begins a formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, headings, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: harmless(row[name]) for name in headings})
    return text.getvalue().encode()


def as_text(lines: Sequence[Line]) -> bytes:
    """Lines as plain text in UTF-8, a blank line before every heading but the first."""
    text = "\n".join(f"\n{line}\n" if is_heading else f"- {line}" for is_heading, line in lines)
    return f"{text.lstrip()}\n".encode()


def write_lines(book: xlsxwriter.Workbook, name: str, lines: Sequence[Line]) -> None:
    """Add a sheet of lines to read."""
    sheet = book.add_worksheet(name)
    heading = book.add_format({"bold": True, "font_size": 13, "valign": "bottom"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, _OF_A_PAGE, text)
    sheet.hide_gridlines(2)
    for at, (is_heading, line) in enumerate(lines):
        sheet.set_row(at, 2 * _LINE if is_heading else _LINE * len(wrap(line, _OF_A_PAGE)))
        sheet.write_string(at, 0, line, heading if is_heading else text)
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4)
    sheet.fit_to_pages(1, 0)


def write_rows(
    book: xlsxwriter.Workbook,
    name: str,
    widths: Mapping[str, int],
    rows: Sequence[Row],
    *,
    paper: int,
    foot: str,
) -> None:
    """Add a sheet of rows under headings that stay in sight and can be filtered by.

    Every text is written as text, so that none is read as a formula.

    Args:
        book: The workbook.
        name: What the sheet is called.
        widths: The headings, with how many characters wide each column is.
        rows: What stands below them.
        paper: The size of paper that it is printed on.
        foot: What stands at the foot of every page.

    Raises:
        ReportError: If there are more rows than a sheet holds.
    """
    if len(rows) > MOST_ROWS:
        raise ReportError(
            f"There are more rows under {name} than a sheet of Excel holds.",
            hint="Name a file that ends in .csv, or one trust and month.",
        )
    sheet = book.add_worksheet(name)
    _head(book, sheet, widths, rows)
    formats = _formats(book)
    for down, row in enumerate(rows, start=1):
        sheet.set_row(down, _height([(row[heading], wide) for heading, wide in widths.items()]))
        for at, heading in enumerate(widths):
            value = row[heading]
            if isinstance(value, str):
                sheet.write_string(down, at, value[:LONGEST_TEXT], formats[str])
            else:
                sheet.write_number(down, at, value, formats[type(value)])
    sheet.autofilter(0, 0, max(1, len(rows)), len(widths) - 1)
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{foot}&R&P of &N")


def _head(
    book: xlsxwriter.Workbook,
    sheet: xlsxwriter.worksheet.Worksheet,
    widths: Mapping[str, int],
    rows: Sequence[Row],
) -> None:
    """Write the headings, on every page and always in sight; those of numbers in the middle."""
    bold = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#D9E5F2", "bottom": 1}
    of_texts, of_numbers = book.add_format(bold), book.add_format({**bold, "align": "center"})
    for at, (heading, wide) in enumerate(widths.items()):
        is_text = not rows or isinstance(rows[0][heading], str)
        sheet.set_column(at, at, wide)
        sheet.write_string(0, at, heading, of_texts if is_text else of_numbers)
    sheet.set_row(0, _height([(one, max(1, wide - _OF_A_BUTTON)) for one, wide in widths.items()]))
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)


def _formats(book: xlsxwriter.Workbook) -> dict[type, xlsxwriter.format.Format]:
    """How a value of each type looks: texts as they are, numbers below their headings."""
    every = {"valign": "top", "bottom": 4, "bottom_color": "#A6A6A6"}
    number = {**every, "align": "center"}
    return {
        str: book.add_format({**every, "text_wrap": True, "num_format": "@"}),
        int: book.add_format({**number, "num_format": "#,##0"}),
        float: book.add_format({**number, "num_format": "0.0"}),
    }


def _height(cells: Iterable[tuple[str | float, int]]) -> float:
    """How high a row has to be for its values in columns of these widths.

    Not every program works that out by itself when it opens a workbook.
    """
    lines = max(
        (ceil(len(value) / (_FILLED * wide)) for value, wide in cells if isinstance(value, str)),
        default=1,
    )
    return min(_HIGHEST, _LINE * max(1, lines))
