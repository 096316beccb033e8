"""The months that an indicator reads, counted from the reporting month."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msds_audit.extract import Period


class Window(StrEnum):
    """The months an indicator reads, counted from the reporting month."""

    MONTH = "month"
    MONTH_BEFORE = "month-before"
    THREE_MONTHS = "three-months"
    THREE_BEFORE = "three-months-before"
    SIX_BEFORE = "six-months-before"
    SINCE_BOOKING = "since-booking"
    YEAR = "twelve-months"

    def months(self, reporting: Period, before: int = 0) -> list[Period]:
        """The months of the window, earliest first, after so many that stand `before` it."""
        earliest, length = _SPANS[self]
        return [reporting.before(earliest - number) for number in range(-before, length)]

    @property
    def words(self) -> str:
        """The window in words."""
        return _WORDS[self]


_SPANS = {
    Window.MONTH: (0, 1),
    Window.MONTH_BEFORE: (1, 1),
    Window.THREE_MONTHS: (2, 3),
    Window.THREE_BEFORE: (3, 3),
    Window.SIX_BEFORE: (6, 6),
    Window.SINCE_BOOKING: (7, 8),
    Window.YEAR: (11, 12),
}
"""How many months back a window begins, and how many months it has.

Whoever reaches 203 days (29 weeks) in a month was booked in it or in one of the seven before.
Those who reached them four months ago were booked in one of the eleven before this one.
"""

_WORDS = {
    Window.MONTH: "the month",
    Window.MONTH_BEFORE: "the month before",
    Window.THREE_MONTHS: "the month and the two before it",
    Window.THREE_BEFORE: "the three months before",
    Window.SIX_BEFORE: "the six months before",
    Window.SINCE_BOOKING: "the month and the seven before it",
    Window.YEAR: "the month and the eleven before it",
}


def named_months(months: Sequence[Period]) -> str:
    """Months as `2026-05, 2026-06`."""
    return ", ".join(map(str, months))


PARTIAL = " (partial)"
"""What is put behind the title of something of which months were not given."""


def partial_note(absent: Sequence[str]) -> str:
    """What to say of something that was counted without some months; empty without any."""
    return f"Partial: counted without {', '.join(absent)}." if absent else ""
