"""Continuity of carer counted a second time, pregnancy by pregnancy.

Rows are taken in the order in which they were sent: the last of those with the latest day counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from plain.national import Counted, Month, Row, Sent, matching, moved

REACHED = timedelta(days=203)
ASKED_CONTACTS = 3
MIDWIVES = ("05", "06", "07")
PROFESSIONALS = (*(f"{number:02}" for number in range(1, 17)), "98")
ATTENDED = ("5", "6")


@dataclass(frozen=True)
class Seen:
    """A record of a contact and the activities of it in the same submission."""

    row: Row
    activities: list[Row]

    @property
    def contact(self) -> str:
        return str(self.row["CareConID"])

    @property
    def on(self) -> date:
        day: date = self.row["CContactDate"]
        return day

    @property
    def attended(self) -> bool:
        return self.row["AttendCode"] in ATTENDED


class Continuity:
    """The indicators of continuity of carer of a reporting month."""

    def __init__(self, sent: Sent, reporting: Month) -> None:
        self.sent = {month: sent[month] for month in sorted(sent) if month <= reporting}
        self.reporting = reporting
        staff = self.rows("MSD901", reporting)
        self.midwives = _of_groups(staff, MIDWIVES)
        self.professionals = _of_groups(staff, PROFESSIONALS)

    def rows(self, table: str, until: Month) -> list[Row]:
        return [
            row for month, tables in self.sent.items() if month <= until for row in tables[table]
        ]

    # --- who there is

    def cohort(self, month: Month) -> dict[str, date]:
        """The pregnancies that reach 29 weeks in a month, with the day on which they do."""
        latest: dict[str, tuple[date, Row]] = {}
        for row in self.rows("MSD101", month):
            on, pregnancy = row["AntenatalAppDate"], row["PregnancyID"]
            if (
                on is not None
                and pregnancy is not None
                and (pregnancy not in latest or latest[pregnancy][0] <= on)
            ):
                latest[pregnancy] = (on, row)
        days = {pregnancy: (_reached(row), row) for pregnancy, (_, row) in latest.items()}
        return {
            pregnancy: day
            for pregnancy, (day, row) in days.items()
            if day is not None and _in_care(row, day, month)
        }

    def plans(self, pregnancy: str, day: date, until: Month) -> list[Row]:
        """Plans of continuity dated by a day, whatever they say."""
        return [
            row
            for row in matching(self.rows("MSD102", until), "PregnancyID", pregnancy)
            if row["CarePlanType"] == "05"
            and row["CarePlanDate"] is not None
            and row["CarePlanDate"] <= day
        ]

    def latest_plan(self, pregnancy: str, day: date, until: Month) -> Row | None:
        """The latest plan that says whether she is on the pathway."""
        latest = None
        for plan in self.plans(pregnancy, day, until):
            if plan["ContCarePathInd"] is not None and (
                latest is None or latest["CarePlanDate"] <= plan["CarePlanDate"]
            ):
                latest = plan
        return latest

    def placed(self) -> dict[str, Row]:
        """The plans of those placed on a pathway, four months ago."""
        month = moved(self.reporting, -4)
        found = {}
        for pregnancy, day in self.cohort(month).items():
            plan = self.latest_plan(pregnancy, day, month)
            if plan is not None and _is_placed(plan):
                found[pregnancy] = plan
        return found

    def discharges(self, pregnancy: str, plan: Row) -> list[date]:
        return [
            row["DischargeDateMatService"]
            for row in matching(self.rows("MSD101", self.reporting), "PregnancyID", pregnancy)
            if row["DischargeDateMatService"] is not None
            and row["DischargeDateMatService"] >= plan["CarePlanDate"]
        ]

    def contacts(self, pregnancy: str, plan: Row) -> list[Seen]:
        """Records of contacts from the plan to the discharge, each with its activities."""
        last = max(self.discharges(pregnancy, plan), default=date.max)
        return [
            Seen(row, matching(tables["MSD202"], "CareConID", row["CareConID"]))
            for tables in self.sent.values()
            for row in matching(tables["MSD201"], "PregnancyID", pregnancy)
            if row["CareConID"] is not None
            and row["CContactDate"] is not None
            and plan["CarePlanDate"] <= row["CContactDate"] <= last
        ]

    # --- counting

    def counts(self) -> dict[str, Counted]:
        """Numerator and denominator of every indicator."""
        return {**self._of_now(), **self._of_placed()}

    def _of_now(self) -> dict[str, Counted]:
        cohort = self.cohort(self.reporting)
        planned, told, on_pathway, named = 0, 0, 0, 0
        for pregnancy, day in cohort.items():
            plans = self.plans(pregnancy, day, self.reporting)
            planned += bool(plans)
            told += any(plan["ContCarePathInd"] is not None for plan in plans)
            latest = self.latest_plan(pregnancy, day, self.reporting)
            on_pathway += latest is not None and latest["ContCarePathInd"] == "Y"
            named += latest is not None and _is_placed(latest)
        return {
            "COC_DQ04": (told, planned),
            "COC_DQ05": (named, on_pathway),
            "COC_by_28weeks": (named, len(cohort)),
        }

    def _of_placed(self) -> dict[str, Counted]:
        placed = self.placed()
        discharged = sum(bool(self.discharges(*one)) for one in placed.items())
        enough = sum(
            len({seen.contact for seen in self.contacts(*one)}) >= ASKED_CONTACTS
            for one in placed.items()
        )
        labours = {pregnancy: self.beside_labour(pregnancy) for pregnancy in placed}
        laboured = [beside for beside in labours.values() if beside is not None]
        staffed = sum(any(row["CareProfLID"] is not None for row in one) for one in laboured)
        ongoing = sum(self._is_ongoing(*one) for one in placed.items())
        return {
            "COC_DQ06": (discharged, len(placed)),
            "COC_DQ07": (enough, len(placed)),
            "COC_DQ08": self._attended(placed),
            "COC_DQ09": (staffed, len(laboured)),
            "COC_receiving_ongoing": (ongoing, len(self.cohort(moved(self.reporting, -4)))),
        }

    def _attended(self, placed: dict[str, Row]) -> Counted:
        with_staff, total = 0, 0
        for pregnancy, plan in placed.items():
            records = self.contacts(pregnancy, plan)
            for id in {seen.contact for seen in records}:
                of_it = [seen for seen in records if seen.contact == id]
                latest = of_it[0]
                for seen in of_it:
                    latest = seen if seen.on >= latest.on else latest
                staff = {one["CareProfLID"] for seen in of_it for one in seen.activities}
                total += 1
                with_staff += latest.attended and bool(staff & self.professionals)
        return with_staff, total

    def beside_labour(self, pregnancy: str) -> list[Row] | None:
        """What was done in labours of a pregnancy; None where there was none."""
        found: list[Row] = []
        labours = 0
        for tables in self.sent.values():
            for labour in matching(tables["MSD301"], "PregnancyID", pregnancy):
                labours += 1
                found += matching(tables["MSD302"], "LabourDeliveryID", labour["LabourDeliveryID"])
        return found if labours else None

    def _is_ongoing(self, pregnancy: str, plan: Row) -> bool:
        if not self.discharges(pregnancy, plan):
            return False
        attended: dict[tuple[str, date], list[Row]] = {}
        for one in self.contacts(pregnancy, plan):
            if one.attended:
                attended.setdefault((one.contact, one.on), []).extend(one.activities)
        with_midwife = [
            of_midwives
            for activities in attended.values()
            if (of_midwives := [row for row in activities if row["CareProfLID"] in self.midwives])
        ]
        by_named = [activities for activities in with_midwife if _by_named(activities, plan)]
        labour = self.beside_labour(pregnancy)
        return (
            bool(with_midwife)
            and len(by_named) * 10 >= len(with_midwife) * 7
            and (labour is None or _by_named(labour, plan))
        )


def _of_groups(staff: Iterable[Row], groups: tuple[str, ...]) -> set[str]:
    return {row["CareProfLID"] for row in staff if row["StaffGroup"] in groups} - {None}


def _reached(row: Row) -> date | None:
    """The day of 29 weeks by a booking record; None where she was not yet pregnant by it."""
    if row["EDDAgreed"] is not None:
        begun = row["EDDAgreed"] - timedelta(days=280)
    elif row["LastMenstrualPeriodDate"] is not None:
        begun = row["LastMenstrualPeriodDate"]
    else:
        return None
    return begun + REACHED if row["AntenatalAppDate"] > begun else None


def _in_care(row: Row, day: date, month: Month) -> bool:
    discharged = row["DischargeDateMatService"]
    return month <= day < moved(month, 1) and (discharged is None or discharged > day)


def _is_placed(plan: Row) -> bool:
    return (
        plan["ContCarePathInd"] == "Y"
        and plan["CareProfLID"] is not None
        and plan["TeamLocalID"] is not None
    )


def _by_named(activities: Iterable[Row], plan: Row) -> bool:
    return any(
        row["CareProfLID"] == plan["CareProfLID"] or row["TeamLocalID"] == plan["TeamLocalID"]
        for row in activities
    )
