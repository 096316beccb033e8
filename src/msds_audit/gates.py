"""What lets a run pass although something fails: waivers, and what was so last time; plain data."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from msds_audit.extract import Period

SCORECARDS = "msds-audit/scorecards/1"
"""What the JSON of scorecards says it is. Raised when a key changes its meaning or goes away."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A criterion or a rule that somebody sets aside up to and including a day, and why.

    Either `criterion` or `rule` is its id, and the other empty. An empty `scheme` or `provider`
    means any. `at_most` is how many may fail: where more do, the waiver does not hold. Nor does it
    where a criterion could not be judged, unless it is for that too (`unjudged`).
    """

    reason: str
    owner: str
    until: date
    criterion: str = ""
    rule: str = ""
    scheme: str = ""
    provider: str = ""
    at_most: int | None = None
    unjudged: bool = False

    @property
    def subject(self) -> str:
        """The id of what is set aside, and whose it is where that is said."""
        id = self.criterion or self.rule
        return " ".join(part for part in (self.scheme, id, self.provider) if part)

    @property
    def said(self) -> str:
        """The last day, the owner and the reason: `31 December 2026 by the data team: ...`."""
        return f"{named_day(self.until)} by {self.owner}: {self.reason}"


def named_day(day: date) -> str:
    """`31 December 2026`, for people."""
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


class Change(StrEnum):
    """How a criterion stands against a baseline."""

    WORSE = "worse"
    SAME = "no worse"
    BETTER = "better"


@dataclass(frozen=True, slots=True)
class BaselineLine:
    """A criterion as it was: outcome and threshold as text, counts, and the margin in people."""

    outcome: str
    is_judged: bool
    numerator: int | None = None
    denominator: int | None = None
    margin: int | None = None


@dataclass(frozen=True)
class BaselineCard:
    """What a baseline says of one provider and period.

    `lines` are by scheme and criterion, `failures` how many records failed each rule.
    """

    provider: str
    period: Period
    fingerprint: str
    lines: Mapping[tuple[str, str], BaselineLine]
    failures: Mapping[str, int]


Baseline = Sequence[BaselineCard]
"""The scorecards of an earlier run."""
