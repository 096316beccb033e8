"""Reads a file of annual deliveries by provider, as hospital statistics (HES) know them."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from msds_audit.errors import ExtractError
from msds_audit.masking import file_name

PROVIDER = ("provider", "Org_Code", "OrgCodeProvider")
DELIVERIES = ("annual_deliveries", "TotalDeliveries_HES", "deliveries")
"""What the two columns may be called, in any case."""

DELIMITERS = (",", ";")
LARGEST = 1 << 24
"""A file of more bytes than this is no list of providers."""

_NUMBER = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(,[0-9]{3}){1,2}")
_LINES = "Each line holds a provider, such as RJ7, and a whole number of deliveries."


def read_deliveries(path: Path) -> dict[str, int]:
    """Deliveries of a year by provider; several rows of one provider are added up.

    The file is CSV with commas or semicolons, UTF-8 or Windows-1252, with a column for the
    provider and one for the deliveries. That sites are added up is as NHS England does (maternity
    statistics code, read November 2026).

    Raises ExtractError, which names the line that is wrong and none of its values.
    """
    shown = file_name(path.name)
    lines = _lines(shown, _text(shown, path))
    _, headings = next(lines, (0, []))
    if not headings:
        raise ExtractError(f"{shown} is empty.", hint=_wanted())
    whose = _place(shown, headings, PROVIDER)
    count = _place(shown, headings, DELIVERIES)
    found: dict[str, int] = {}
    seen: set[tuple[str, ...]] = set()
    for number, values in lines:
        if len(values) != len(headings):
            sentence = f"has {len(values):,} values where there are {len(headings):,} headings"
            raise _fault(shown, number, sentence)
        provider, deliveries = values[whose].upper(), values[count]
        if not provider:
            raise _fault(shown, number, "names no provider")
        if not _NUMBER.fullmatch(deliveries):
            raise _fault(shown, number, "the deliveries are no whole number, such as 1680 or 1,680")
        annual = int(deliveries.replace(",", ""))
        if not annual:
            raise _fault(shown, number, "0 deliveries a year; leave out a trust that is not known")
        if tuple(values) in seen:
            raise _fault(shown, number, "says the same as a line before it")
        seen.add(tuple(values))
        found[provider] = found.get(provider, 0) + annual
    if not found:
        raise ExtractError(f"{shown} has headings and no line below them.", hint=_LINES)
    return found


def _wanted() -> str:
    return f"It needs a column {' or '.join(PROVIDER)}, and one {' or '.join(DELIVERIES)}."


def _fault(shown: str, number: int, what: str) -> ExtractError:
    return ExtractError(f"{shown}, line {number:,}: {what}.", hint=_LINES)


def _text(shown: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            sentence = f"There is no file {shown}."
        else:
            sentence = f"{shown} cannot be read ({type(error).__name__})."
        raise ExtractError(sentence, hint="Name a CSV file that you may read.") from None
    if len(raw) > LARGEST or b"\0" in raw:
        raise ExtractError(f"{shown} is no list of deliveries as text.", hint="Save it as CSV.")
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _lines(shown: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and trimmed values of every line that is not blank."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    known = {name.lower() for name in (*PROVIDER, *DELIVERIES)}
    delimiter = max(
        DELIMITERS,
        key=lambda mark: sum(one.strip(' "\t').lower() in known for one in first.split(mark)),
    )
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(rows, None)
        except csv.Error:
            raise _fault(shown, rows.line_num, "a quotation mark is out of place") from None
        if row is None:
            return
        values = [value.strip() for value in row]
        if any(values):
            yield rows.line_num, values


def _place(shown: str, headings: Sequence[str], names: Sequence[str]) -> int:
    """Which column bears one of these names. Raises ExtractError unless one does."""
    wanted = [name.lower() for name in names]
    found = [place for place, name in enumerate(headings) if name.lower() in wanted]
    if not found:
        raise ExtractError(f"{shown} has no column {' or '.join(names)}.", hint=_wanted())
    if len(found) > 1:
        raise ExtractError(
            f"{shown} has {len(found):,} columns of those called {' or '.join(names)}.",
            hint="Keep the one to be counted.",
        )
    return found[0]
