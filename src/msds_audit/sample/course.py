"""A pregnancy that lives through several months, and the unit that records it month by month.

It knows where a record goes; what happens in a pregnancy is left to `year` and `births`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from msds_audit.extract import Period
from msds_audit.sample.draws import Draws, NhsNumbers
from msds_audit.sample.figures import Trust
from msds_audit.sample.unit import (
    SNOMED_FINDING,
    SNOMED_OBSERVATION,
    STAFF,
    Pregnancy,
    Record,
    Tables,
    Unit,
)

SMOKER = "77176002"
EX_SMOKER = "8517006"
NEVER_SMOKED = "266919005"
SMOKING_NOT_KNOWN = "266927001"
CIGARETTES_A_DAY = "230056004"
CARBON_MONOXIDE = "251900003"

_TEAM_SIZE = 5
_DAYS_TO_DISCHARGE = (8, 14)


class Told(StrEnum):
    """How a care activity tells whether a woman smokes."""

    FINDING = "finding"
    CIGARETTES = "cigarettes a day"
    BREATH = "carbon monoxide"


@dataclass(slots=True)
class Course:
    """A pregnancy from booking to discharge, and what is sent of it in every month."""

    pregnancy: Pregnancy
    booked: date
    born: date
    babies: int
    smokes: str
    caesareans: int
    births: int
    mother: Record
    gp: Record
    booking: Record
    named: str = ""
    keeps_named: bool = True
    months: set[str] = field(default_factory=set)

    @property
    def team(self) -> str:
        """The team of the named professional; blank where there is none."""
        return team_of(self.named) if self.named else ""


def team_of(professional: str) -> str:
    """The team that somebody works in: four midwives and a doctor each."""
    return f"T{int(professional.removeprefix('CP')) // _TEAM_SIZE + 1}"


def smoking(status: str, told: Told) -> Mapping[str, str]:
    """The items of a care activity that tell whether a woman smokes."""
    smokes = status == SMOKER
    match told:
        case Told.CIGARETTES:
            return observed(CIGARETTES_A_DAY, "10" if smokes else "0")
        case Told.BREATH:
            return observed(CARBON_MONOXIDE, "9" if smokes else "2", "ppm")
        case Told.FINDING:
            return found(status)


def some(count: int, of: int) -> tuple[bool, ...]:
    """A deck of which so many say yes."""
    return (True,) * count + (False,) * (of - count)


def month_after(period: Period, count: int) -> Period:
    """The month so many months after another, or before it where the count is negative."""
    year, month = divmod(period.start.year * 12 + period.start.month - 1 + count, 12)
    return Period(date(year, month + 1, 1))


def found(concept: str) -> Mapping[str, str]:
    """The items of a care activity that hold a finding."""
    return {"FindingScheme": SNOMED_FINDING, "FindingCode": concept}


def observed(concept: str, value: str, unit: str = "") -> Mapping[str, str]:
    """The items of a care activity that hold an observation."""
    return {
        "ObsScheme": SNOMED_OBSERVATION,
        "ObsCode": concept,
        "ObsValue": value,
        "UCUMUnit": unit,
    }


class MonthlyUnit(Unit):
    """A unit that writes every event into the submission of the month it falls in."""

    def __init__(
        self, trust: Trust, *, draws: Draws, numbers: NhsNumbers, months: Mapping[str, Tables]
    ) -> None:
        first = Period.parse(min(months))
        super().__init__(trust, first, draws=draws, numbers=numbers, tables=months[str(first)])
        self.months = months

    def turn_to(self, day: date) -> str:
        """From now on record in the submission of this day's month, which is returned."""
        self.period = Period(day.replace(day=1))
        self.tables = self.months[str(self.period)]
        return str(self.period)

    def on(self, course: Course, day: date) -> None:
        """From now on record what happens to a woman on this day."""
        course.months.add(self.turn_to(day))

    def midwife(self) -> str:
        """One of the midwives who work here."""
        number = self.draws.below(STAFF - STAFF // _TEAM_SIZE)
        return f"CP{number + number // (_TEAM_SIZE - 1):04d}"

    def of_team(self, professional: str) -> str:
        """One of the midwives of the same team."""
        first = int(professional.removeprefix("CP")) // _TEAM_SIZE * _TEAM_SIZE
        return f"CP{first + self.draws.below(_TEAM_SIZE - 1):04d}"

    def discharge(self, course: Course) -> None:
        """Discharge a woman some ten days after the birth, and send her in all her months.

        The date of the discharge is in no submission before that of its month.
        """
        day = course.born + timedelta(days=self.draws.between(*_DAYS_TO_DISCHARGE))
        discharged = {"DischargeDateMatService": str(day), "DischReason": "01"}
        self.on(course, day)
        for month in sorted(course.months):
            tables = self.months[month]
            tables["MSD001MotherDemog"].append(course.mother)
            tables["MSD002GP"].append(course.gp)
            tables["MSD101PregnancyBooking"].append(
                course.booking | (discharged if month >= str(day)[:7] else {})
            )
