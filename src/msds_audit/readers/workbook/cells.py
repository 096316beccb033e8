"""Numbers as text, as Excel shows those that are dates, times or codes with leading zeros."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache

_DAY = 86_400
_LAST_DAY = 2_958_465
"""31 December 9999, in days as Excel counts them from 1900; it has no later date."""

_NO_SUCH_DAY = 60
"""29 February 1900, which Excel counts and the calendar does not."""

_SINCE_1904 = 1_462
"""How many days later Excel begins to count in workbooks that do so in 1904."""

_LONGEST_CODE = 1_024
"""A number format has no more characters than this; Excel allows 255."""


class Kind(Enum):
    """How a number is shown, as far as it matters for the text of a cell."""

    PLAIN = "plain"
    ZEROS = "zeros"
    DATE = "date"
    TIME = "time"
    ELAPSED = "elapsed"


@dataclass(frozen=True, slots=True)
class Style:
    """A number format: its kind, and for `ZEROS` what is shown, None standing for a digit."""

    kind: Kind
    pattern: tuple[str | None, ...] = ()


GENERAL = Style(Kind.PLAIN)
_DATE, _TIME, _ELAPSED = Style(Kind.DATE), Style(Kind.TIME), Style(Kind.ELAPSED)

BUILT_IN: Mapping[int, Style] = {
    1: Style(Kind.ZEROS, (None,)),
    **dict.fromkeys((*range(14, 18), 22, *range(27, 32), 36), _DATE),
    **dict.fromkeys((*range(50, 55), 57, 58, *range(71, 75), *range(79, 82)), _DATE),
    **dict.fromkeys((*range(18, 22), *range(32, 36), 45, 47, 55, 56, *range(75, 79)), _TIME),
    46: _ELAPSED,
}
"""Formats that a workbook names by number and does not spell out; all others are plain."""

_COLOURS = "black|blue|cyan|green|magenta|red|white|yellow|color *[0-9]+"
_NOT_SHOWN = re.compile(rf"\[\$-[^\]]*\]|\[(?:{_COLOURS})\]|_.|\*.|#", re.IGNORECASE)
_CODE_PART = re.compile(r'(?P<digit>0)|"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<plain>[ +()-])')
_SECTION = re.compile(r'(?:"[^"]*"?|\\.|\[[^\]]*\]?|[^;"\\\[])*')
_ELAPSED_PART = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_NO_PART = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]?')
_HALF_OF_DAY = re.compile(r"AM/PM|A/P", re.IGNORECASE)


@lru_cache(maxsize=4096)
def style_of(code: str) -> Style:
    """What a number format such as `dd/mm/yyyy` or `00` makes of a number."""
    found = _SECTION.match(code[:_LONGEST_CODE])
    section = found[0] if found else ""
    zeros = _pattern(_NOT_SHOWN.sub("", section))
    if zeros:
        return Style(Kind.ZEROS, zeros)
    if _ELAPSED_PART.search(section):
        return _ELAPSED
    plain = _NO_PART.sub("", section)
    letters = _HALF_OF_DAY.sub("h", plain).lower()
    if "general" in letters or letters == "standard":
        return GENERAL
    if "d" in letters or "y" in letters:
        return _DATE
    if "h" in letters or "s" in letters:
        return _TIME
    return _DATE if "m" in letters else GENERAL


def _pattern(section: str) -> tuple[str | None, ...]:
    """What a format of zeros shows, up to the last digit; nothing where it is another format.

    What stands behind the digits, such as a unit, is no part of a code.
    """
    pattern: list[str | None] = []
    at = 0
    while at < len(section):
        part = _CODE_PART.match(section, at)
        if part is None:
            return ()
        pattern.append(
            None if part["digit"] else part["quoted"] or part["escaped"] or part["plain"] or ""
        )
        at = part.end()
    while pattern and pattern[-1] is not None:
        pattern.pop()
    return tuple(pattern)


def _filled(pattern: tuple[str | None, ...], digits: str) -> str:
    """A pattern with these digits; the first place takes all there are too many of."""
    places = pattern.count(None)
    digits = digits.zfill(places)
    first = len(digits) - places + 1
    parts = iter([digits[:first], *digits[first:]])
    return "".join(next(parts) if shown is None else shown for shown in pattern)


def plain(number: float) -> str:
    """A number in 15 digits, as many as Excel keeps, and never in scientific notation."""
    text = format(Decimal(f"{number:.15g}"), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def shown(written: str, number: float, style: Style, *, since_1904: bool) -> str:
    """The text of a cell that holds a number.

    `written` is the number as plain text; it is returned where the format changes nothing, and
    where the number is none that the format can show, such as a date before 1900.
    """
    if style.kind is Kind.PLAIN:
        return written
    if style.kind is Kind.ZEROS:
        sign, digits = ("-", written[1:]) if written.startswith("-") else ("", written)
        return sign + _filled(style.pattern, digits) if digits.isdigit() else written
    if not 0 <= number <= _LAST_DAY + 1:
        return written
    seconds = round(number * _DAY)
    if style.kind is Kind.ELAPSED:
        return _clock(seconds)
    if style.kind is Kind.TIME:
        return _clock(seconds % _DAY)
    moment = _moment(seconds, since_1904=since_1904)
    return written if moment is None else moment_text(moment)


def _clock(seconds: int) -> str:
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}"


def _moment(seconds: int, *, since_1904: bool) -> datetime | None:
    day, second = divmod(seconds, _DAY)
    if since_1904:
        day += _SINCE_1904
    if not 1 <= day <= _LAST_DAY or day == _NO_SUCH_DAY:
        return None
    epoch = datetime(1899, 12, 31) if day < _NO_SUCH_DAY else datetime(1899, 12, 30)
    return epoch + timedelta(days=day, seconds=second)


def moment_text(moment: datetime) -> str:
    """A date, with its time of day unless that is midnight."""
    if moment.time() == time():
        return moment.date().isoformat()
    return moment.strftime(f"{moment.date().isoformat()} %H:%M:%S")


def iso_text(text: str) -> str:
    """The text of a cell that holds a date as ISO 8601 writes it; any other text as it stands."""
    try:
        if "T" not in text:
            return date.fromisoformat(text).isoformat()
        return moment_text(datetime.fromisoformat(text.removesuffix("Z")))
    except ValueError:
        return text
