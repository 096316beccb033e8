"""Twelve months at one trust: the same women from booking to discharge, a submission a month.

It says who books and how the pregnancies go on; births are left to `births`, and which
submission a record goes to, to `course`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum

from msds_audit.extract import Period
from msds_audit.sample.births import Births
from msds_audit.sample.course import (
    EX_SMOKER,
    NEVER_SMOKED,
    SMOKER,
    SMOKING_NOT_KNOWN,
    Course,
    MonthlyUnit,
    Told,
    found,
    month_after,
    observed,
    smoking,
    some,
    team_of,
)
from msds_audit.sample.draws import Deck, Draws, NhsNumbers
from msds_audit.sample.figures import Trust, ethnic_codes, trust
from msds_audit.sample.stories import new_unit
from msds_audit.sample.unit import Pregnancy, Record, Tables
from msds_audit.spec import Spec

YEAR_TRUST = "RJ7"
MONTHS = 12
BOOKINGS_A_MONTH = 14
"""As many as births; a twelfth of the file of annual deliveries that goes with the sample."""

NAMED_AT_CONTACTS = 19
"""Of 20 activities at contacts, so many name who gave the care."""

_BEFORE = 10
"""So many months before the first, women book who give birth in it or after it."""
_AFTER = 10
"""Women who book in the last month are discharged at most so many months after it."""

_DAYS_AT_BOOKING = range(46, 89, 3)
_DAYS_FROM_DUE = (-37, -18, -12, -9, -7, -5, -3, -1, 0, 2, 4, 6, 8, 10)
_TERM = timedelta(days=280)
_BOOKED_WITHIN = 2
_TWINS_EVERY = 40
_FIRST_TWINS = 5
_TWINS_EARLIER = 16
_LAST_CONTACT = 6
_WANDERING = 3
_PLANNED_AGAIN = timedelta(days=20 * 7)
_SYSTOLIC = "271649006"
_NOT_STATED = "Z"
_UNSTATED = (_NOT_STATED, "99", "")
_PARITIES = (
    *((0, 0),) * 12,
    *((1, 0),) * 6,
    *((1, 1),) * 4,
    *((2, 0),) * 2,
    *((2, 1),) * 2,
    (3, 0),
    None,
)
"""Previous births and the caesareans among them; None where neither is recorded."""

_SMOKING = (*(SMOKER,) * 2, *(EX_SMOKER,) * 6, *(NEVER_SMOKED,) * 17)
_CONTACTS = (3, 5, 6, 6, 7, 7, 7)
"""How many with the booking appointment; one or two about smoking may come on top."""

_ATTENDANCE = (*("5",) * 16, *("6",) * 2, "3", "7")
_SEEN = ("5", "6")
_PATHWAYS = (
    *(("Y", True, True),) * 9,
    ("Y", True, False),
    ("Y", False, True),
    *(("N", True, False),) * 7,
    *(("", True, False),) * 2,
)
"""Whether on a continuity of carer pathway, and whether a professional and a team are named."""


class _Giver(StrEnum):
    NAMED = "the named professional"
    TEAM = "somebody of the same team"
    OTHER = "anybody"


_KEPT = (*(_Giver.NAMED,) * 7, *(_Giver.TEAM,) * 2, _Giver.OTHER)
_NOT_KEPT = (*(_Giver.NAMED,) * 3, *(_Giver.TEAM,) * 2, *(_Giver.OTHER,) * 5)


class _Answer(StrEnum):
    NEAR = "told at a contact a day or two later"
    NOT_KNOWN = "asked, and not known"
    NONE = "nothing recorded"


_ANSWERS: tuple[Told | _Answer, ...] = (
    *(Told.FINDING,) * 15,
    *(Told.CIGARETTES,) * 2,
    *(Told.BREATH,) * 2,
    _Answer.NEAR,
    *(_Answer.NOT_KNOWN,) * 2,
    *(_Answer.NONE,) * 3,
)
"""How it is told at booking that a woman does not smoke: of 25, it is known of 20."""

_ANSWERS_OF_SMOKERS: tuple[Told | _Answer, ...] = (
    *(Told.FINDING,) * 2,
    *(Told.CIGARETTES, Told.BREATH),
    _Answer.NONE,
)
"""The same of women who smoke, so that every way of telling it comes up."""


def year(spec: Spec, seed: int, period: Period) -> Iterator[tuple[str, Tables]]:
    """Twelve submissions of one trust, the month given last, each with its month as 2026-08."""
    draws = Draws(seed, "year")
    numbers = NhsNumbers(draws)
    months = {
        str(month): new_unit(spec, YEAR_TRUST, month, draws=draws, numbers=numbers).tables
        for month in (
            month_after(period, count) for count in range(1 - MONTHS - _BEFORE, _AFTER + 1)
        )
    }
    unit = MonthlyUnit(trust(YEAR_TRUST), draws=draws, numbers=numbers, months=months)
    pregnancies = _Pregnancies(unit)
    courses = [
        pregnancies.book(month_after(period, count), place)
        for count in range(1 - MONTHS - _BEFORE, 1)
        for place in range(BOOKINGS_A_MONTH)
    ]
    births = Births(unit, period)
    for course in sorted(courses, key=lambda one: (one.born, one.pregnancy.id)):
        births.record(course)
        unit.discharge(course)
    for count in range(1 - MONTHS, 1):
        month = str(month_after(period, count))
        yield month, months[month]


class _Pregnancies:
    """Books women and records their pregnancies up to the birth."""

    def __init__(self, unit: MonthlyUnit) -> None:
        draws = unit.draws
        self.unit = unit
        self._stated = Deck(draws, _stated(unit.trust))
        self._not_stated = Deck(draws, some(1, BOOKINGS_A_MONTH))
        self._number = 0
        self._parity = Deck(draws, _PARITIES)
        self._smokes = Deck(draws, _SMOKING)
        self._days_at_booking = Deck(draws, _DAYS_AT_BOOKING)
        self._from_due = Deck(draws, _DAYS_FROM_DUE)
        self._contacts = Deck(draws, _CONTACTS)
        self._attendance = Deck(draws, _ATTENDANCE)
        self._answers = Deck(draws, _ANSWERS)
        self._answers_of_smokers = Deck(draws, _ANSWERS_OF_SMOKERS)
        self._pathways = Deck(draws, _PATHWAYS)
        self._planned_at = Deck(draws, (*(0,) * 7, *(1,) * 4, None))
        self._planned_again = Deck(draws, some(1, 8))
        self._birth_plan = Deck(draws, some(1, 2))
        self._keeps_named = Deck(draws, some(4, 5))
        self._kept = Deck(draws, _KEPT)
        self._not_kept = Deck(draws, _NOT_KEPT)
        self._gives_name = Deck(draws, some(NAMED_AT_CONTACTS, 20))

    def book(self, month: Period, place: int) -> Course:
        """The next woman of those who book in this month, and what happens up to the birth.

        Bookings are spread over the month, so that no month has few births by chance.
        """
        before = month.end.day * place // BOOKINGS_A_MONTH
        course = self._booking(
            month.start + timedelta(days=before + self.unit.draws.below(_BOOKED_WITHIN))
        )
        self._dating_scan(course)
        days = self._contact_days(course)
        planned_at = self._planned_at.deal()
        again = self._planned_again.deal()
        for number, day in enumerate(days):
            self.unit.on(course, day)
            if number == planned_at:
                self._care_plan(course, day)
            elif again and day > course.pregnancy.due - _TERM + _PLANNED_AGAIN:
                self._care_plan(course, day)
                again = False
            self._contact(course, day, number)
        if self._birth_plan.deal():
            self._plan_birth(course, days[-1])
        return course

    def _booking(self, booked: date) -> Course:
        """A booking; its records are taken out again, as they go to every month of the woman."""
        unit, draws = self.unit, self.unit.draws
        month = unit.turn_to(booked)
        lmp = booked - timedelta(days=self._days_at_booking.deal())
        due = lmp + _TERM + timedelta(days=draws.between(-4, 4))
        ethnic = _NOT_STATED if self._not_stated.deal() else self._stated.deal()
        pregnancy = Pregnancy(unit.new_id("P"), ethnic, lmp, due)
        booking = unit.booking(pregnancy, unit.mother(ethnic, booked), booked)
        parity = self._parity.deal()
        births, caesareans = parity or (0, 0)
        booking |= {
            "PreviousLiveBirths": str(births) if parity else "",
            "PreviousStillBirths": "0" if parity else "",
            "PreviousCaesareanSections": str(caesareans) if parity else "",
        }
        self._number += 1
        twins = self._number % _TWINS_EVERY == _FIRST_TWINS
        early = _TWINS_EARLIER if twins else 0
        return Course(
            pregnancy=pregnancy,
            booked=booked,
            born=due + timedelta(days=self._from_due.deal() - early),
            babies=2 if twins else 1,
            smokes=self._smokes.deal(),
            births=births,
            caesareans=caesareans,
            mother=unit.tables["MSD001MotherDemog"].pop(),
            gp=unit.tables["MSD002GP"].pop(),
            booking=unit.tables["MSD101PregnancyBooking"].pop(),
            keeps_named=self._keeps_named.deal(),
            months={month},
        )

    def _dating_scan(self, course: Course) -> None:
        lmp = course.pregnancy.lmp
        scanned = max(course.booked, lmp + timedelta(days=self.unit.draws.between(77, 97)))
        self.unit.on(course, scanned)
        scan = self.unit.dating_scan(course.pregnancy, course.booked, scanned)
        scan["NoFetusesDatingUltrasound"] = str(course.babies)

    def _contact_days(self, course: Course) -> list[date]:
        """The booking appointment, and contacts about equally far apart until the last weeks."""
        count = self._contacts.deal()
        apart = (course.born - course.booked).days - _LAST_CONTACT - _WANDERING
        return [course.booked] + [
            course.booked
            + timedelta(
                days=apart * place // (count - 1) + self.unit.draws.between(-_WANDERING, _WANDERING)
            )
            for place in range(1, count)
        ]

    # --- plans and contacts

    def _care_plan(self, course: Course, day: date) -> None:
        pathway, professional, team = self._pathways.deal()
        midwife = self.unit.midwife()
        plan = self.unit.care_plan(course.pregnancy, day)
        plan |= {
            "ContCarePathInd": pathway,
            "CareProfLID": midwife if professional else "",
            "TeamLocalID": team_of(midwife) if team else "",
        }
        course.named = midwife if pathway == "Y" and professional else ""

    def _plan_birth(self, course: Course, day: date) -> None:
        self.unit.on(course, day)
        plan = self.unit.care_plan(course.pregnancy, day)
        plan |= {"CarePlanType": "06", "ContCarePathInd": ""}

    def _contact(self, course: Course, day: date, number: int) -> None:
        """A contact, counted from 0, the booking; the first two always take place."""
        consultation = "02" if number else "01"
        contact = self.unit.contact(course.pregnancy, day, consultation=consultation)
        if number > 1:
            contact["AttendCode"] = self._attendance.deal()
        if contact["AttendCode"] not in _SEEN:
            contact["ContactDuration"] = ""
        elif number:
            self._activity(course, contact, _pressure(self.unit.draws))
        else:
            self._asked_about_smoking(course, contact)

    def _activity(self, course: Course, contact: Record, found_then: Mapping[str, str]) -> None:
        professional = self._gives_care(course)
        activity = self.unit.activity(contact, professional, team_of(professional), **found_then)
        if not self._gives_name.deal():
            activity["CareProfLID"] = ""

    def _gives_care(self, course: Course) -> str:
        unit = self.unit
        if not course.named:
            return unit.staff_member()
        match (self._kept if course.keeps_named else self._not_kept).deal():
            case _Giver.NAMED:
                return course.named
            case _Giver.TEAM:
                return unit.of_team(course.named)
            case _Giver.OTHER:
                return unit.staff_member()

    def _asked_about_smoking(self, course: Course, contact: Record) -> None:
        """The answer at the booking appointment, or what else was found at it."""
        answers = self._answers_of_smokers if course.smokes == SMOKER else self._answers
        answer = answers.deal()
        if isinstance(answer, Told):
            self._activity(course, contact, smoking(course.smokes, answer))
        elif answer is _Answer.NOT_KNOWN:
            self._activity(course, contact, found(SMOKING_NOT_KNOWN))
        else:
            self._activity(course, contact, _pressure(self.unit.draws))
        if answer is _Answer.NEAR:
            day = course.booked + timedelta(days=self.unit.draws.between(1, 2))
            self.unit.on(course, day)
            later = self.unit.contact(course.pregnancy, day, consultation="02")
            self._activity(course, later, smoking(course.smokes, Told.FINDING))


def _stated(one: Trust) -> list[str]:
    """The ethnic categories of a hundred women in the published proportions, where stated."""
    codes = ethnic_codes(100, one.deliveries)
    return [code for code in codes if code not in _UNSTATED]


def _pressure(draws: Draws) -> Mapping[str, str]:
    """A blood pressure."""
    return observed(_SYSTOLIC, str(draws.between(100, 138)), "mm[Hg]")
