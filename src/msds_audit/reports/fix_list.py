"""The records to correct as a workbook or CSV, with what explains them.

It words and lays out; it never counts.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime

import xlsxwriter

from msds_audit.masking import local_code
from msds_audit.reports.gains import gain_lines
from msds_audit.reports.teaching import FOOT, SHEET, WIDTHS, teaching_explained, teaching_rows
from msds_audit.reports.worksheets import (
    A3,
    A4,
    Line,
    Row,
    as_csv,
    as_text,
    write_lines,
    write_rows,
)
from msds_audit.worklist import Correction, FixList, Weight

RECORDS = "Records to correct"
_MADE = datetime(2000, 1, 1)
"""The day of making that every workbook bears, so that the same rows give the same bytes."""

_FOOT = "People's data: only for those who care for these women"
_NHS_NUMBER = "NHS number of the mother"
UNREADABLE = "cannot be read"

_WEIGHTS = {
    Weight.FILE_REJECTED: "1st: gets the whole file rejected",
    Weight.OVER_THE_LINE: "2nd: brings a criterion over the line",
    Weight.REJECTED: "3rd: would be rejected",
    Weight.NOT_MET: "4th: counts towards a criterion that is not known to be met",
    Weight.NOT_COUNTED: "5th: is sent and not counted",
    Weight.MET: "6th: counts towards a criterion that is met",
    Weight.WARNING: "7th: warning or advice",
}

_WIDTHS = {
    "Order": 7,
    "Provider": 9,
    "Month": 9,
    "Gain": 20,
    "Mother (LPIDMother)": 16,
    _NHS_NUMBER: 16,
    "Pregnancy (PregnancyID)": 16,
    "Baby (LPIDBaby)": 16,
    "Booked": 11,
    "Booking site": 10,
    "Team": 10,
    "Care professional": 14,
    "Table": 24,
    "Record": 9,
    "Item": 24,
    "What is wrong": 42,
    "What to do": 44,
    "Counts towards": 42,
    "Needed for": 16,
    "Things mended": 10,
}
"""The headings, with how many characters wide each column is."""


def fix_list_as_csv(lists: Sequence[FixList], *, nhs_numbers: bool) -> bytes:
    """The records to correct as CSV in UTF-8, with an apostrophe before what begins a formula.

    Args:
        lists: One of each submission.
        nhs_numbers: Whether there is a column of NHS numbers.
    """
    return as_csv(_rows(lists, nhs_numbers), list(_widths(nhs_numbers)))


def teaching_as_csv(lists: Sequence[FixList]) -> bytes:
    """Where to teach, as CSV in UTF-8 with an apostrophe before what begins a formula."""
    return as_csv(teaching_rows(lists), list(WIDTHS))


def note(lists: Sequence[FixList], *, nhs_numbers: bool) -> bytes:
    """What the first sheet of the workbook explains, as plain text to go with the CSV."""
    return as_text(_explanation(lists, nhs_numbers))


def fix_list_as_workbook(lists: Sequence[FixList], *, nhs_numbers: bool) -> bytes:
    """An Excel workbook: an explanation, the records to correct, and where to teach.

    Args:
        lists: One of each submission.
        nhs_numbers: Whether there is a column of NHS numbers.

    Raises:
        ReportError: If there are more records than a sheet holds.
    """
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"created": _MADE})
        write_lines(book, "Read me first", _explanation(lists, nhs_numbers))
        widths, rows = _widths(nhs_numbers), _rows(lists, nhs_numbers)
        write_rows(book, RECORDS, widths, rows, paper=A3, foot=_FOOT)
        write_rows(book, SHEET, WIDTHS, teaching_rows(lists), paper=A4, foot=FOOT)
    return content.getvalue()


# --- words --------------------------------------------------------------------------------


def _explanation(lists: Sequence[FixList], nhs_numbers: bool) -> list[Line]:
    """The lines of the first sheet; true for headings."""
    titles = {id: title for one in lists for id, title in one.criteria.items()}
    counted = {id for one in lists for each in one.corrections for id in each.criteria}
    return [
        *_purpose(nhs_numbers),
        (True, "What it gains"),
        *((False, line) for line in gain_lines(lists)),
        (True, "How far to trust the forecast"),
        (
            False,
            "It is counted by trying the corrections named under Needed for. It holds if she gives "
            "an answer that counts; a woman who is asked may choose not to. A record that is added "
            "is tried with all that is asked of it. What a national measure makes of answers that "
            "nobody knows yet, such as how many smoke, is not forecast.",
        ),
        *teaching_explained(),
        (True, "Criteria"),
        *((False, f"{id}: {titles[id]}") for id in titles if id in counted),
    ]


def _purpose(nhs_numbers: bool) -> list[Line]:
    """What the list is, and how to use it."""
    numbers = " NHS numbers of mothers stand on it because they were asked for."
    return [
        (True, "Records to correct"),
        (
            False,
            "THIS HOLDS PEOPLE'S DATA. Keep it where the extract is kept, give it only to those "
            "who care for these women, and delete it when it is done."
            f"{numbers if nhs_numbers else ''}",
        ),
        (True, "What it is"),
        (
            False,
            "The records of this extract that are wrong or incomplete, those about one woman "
            "together, those whose correction gains most first. Correct them in the maternity "
            "system, not here and not in the extract; then make the extract again and audit it.",
        ),
        (True, "How to use it"),
        (
            False,
            "Work from the top of the list, or filter it by site, team or item. Ask her; "
            "never fill in what was not asked. Nobody has to answer: whoever chose not to is left "
            "out, and the lines below say how many.",
        ),
        (
            False,
            "Team and care professional are those of the record or of what it belongs to, "
            "else of the last care plan. "
            "Record is its place in the table among those of its provider and month as they were "
            "read, from 1; none where it is missing. "
            "National measures look at earlier months as well. "
            "Needed for names the criteria whose forecast below the correction is part of.",
        ),
    ]


# --- rows ---------------------------------------------------------------------------------


def _widths(nhs_numbers: bool) -> dict[str, int]:
    return {name: wide for name, wide in _WIDTHS.items() if nhs_numbers or name != _NHS_NUMBER}


def _rows(lists: Sequence[FixList], nhs_numbers: bool) -> list[Row]:
    """A row for every correction, by the headings of `_WIDTHS`; NHS numbers where asked for."""
    headings = _widths(nhs_numbers)
    found = [(one, correction) for one in lists for correction in one.corrections]
    return [
        {name: value for name, value in _row(at, *pair).items() if name in headings}
        for at, pair in enumerate(found, start=1)
    ]


def _row(at: int, one: FixList, found: Correction) -> Row:
    whose = found.whose
    return {
        "Order": at,
        "Provider": one.provider,
        "Month": str(found.sent),
        "Gain": _WEIGHTS[found.weight],
        "Mother (LPIDMother)": whose.mother,
        _NHS_NUMBER: whose.nhs_number,
        "Pregnancy (PregnancyID)": whose.pregnancy,
        "Baby (LPIDBaby)": whose.baby,
        "Booked": _day(whose.booked),
        "Booking site": local_code(whose.site),
        "Team": local_code(whose.team),
        "Care professional": local_code(whose.professional),
        "Table": found.table,
        "Record": found.record or "",
        "Item": ", ".join(found.items),
        "What is wrong": found.wrong,
        "What to do": found.to_do,
        "Counts towards": "; ".join(f"{id} {one.criteria[id]}" for id in found.criteria),
        "Needed for": ", ".join(found.needed_for),
        "Things mended": found.mends,
    }


def _day(text: str) -> str:
    """A day, where it is one: anything else that stands in its place may be about her."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return UNREADABLE if text else ""
