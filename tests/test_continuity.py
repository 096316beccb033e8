"""Tests of the frames of continuity of carer, on pregnancies worked out by hand.

Unless a test says otherwise: the cohort is that of April 2026, counted up to August; P1 is due on
1 July, so that she reaches 203 days (77 before she is due) on 15 April; midwife CP1 and team T1
are named on her plan of 1 December.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest

from msds_audit import continuity
from msds_audit.extract import Period, Submission
from msds_audit.rule import Rules
from support import Records, submission, without

Row = dict[str, str | None]
Sent = Mapping[str, Mapping[str, Records]]
"""What was sent: tables by month."""

COHORT, UNTIL = Period.parse("2026-04"), Period.parse("2026-08")


def history(rules: Rules, sent: Sent) -> dict[Period, Submission]:
    return {
        Period.parse(month): submission(rules.spec, tables, period=month)
        for month, tables in sent.items()
    }


def pregnancies(rules: Rules, sent: Sent) -> list[dict[str, object]]:
    given = history(rules, sent)
    return continuity.pregnancies(given, rules.spec, COHORT, UNTIL).collect().to_dicts()


def the_pregnancy(rules: Rules, sent: Sent) -> dict[str, object]:
    [found] = pregnancies(rules, sent)
    return found


def of_cohort(rules: Rules, sent: Sent) -> list[object]:
    return [found["PregnancyID"] for found in pregnancies(rules, sent)]


def who_count(rules: Rules, women: Mapping[str, Row]) -> set[object]:
    """Of women, each with words for her and what is special in her booking, those who count."""
    booked = [booking(PregnancyID=who, **items) for who, items in women.items()]
    return set(of_cohort(rules, {"2025-12": {"MSD101": booked}}))


def contacts(rules: Rules, sent: Sent) -> list[dict[str, object]]:
    given = history(rules, sent)
    return continuity.contacts(given, rules.spec, COHORT, UNTIL).collect().to_dicts()


def booking(**items: str | None) -> Row:
    of_p1: Row = {
        "PregnancyID": "P1",
        "LPIDMother": "M1",
        "AntenatalAppDate": "2025-11-20",
        "EDDAgreed": "2026-07-01",
    }
    return {**of_p1, **items}


def plan(on: str | None = "2025-12-01", **items: str | None) -> Row:
    named: Row = {"ContCarePathInd": "Y", "CareProfLID": "CP1", "TeamLocalID": "T1"}
    return {"PregnancyID": "P1", "CarePlanDate": on, "CarePlanType": "05", **named, **items}


def contact(id: str | None, on: str | None = "2026-05-04", **items: str | None) -> Row:
    seen: Row = {"PregnancyID": "P1", "CContactDate": on, "AttendCode": "5"}
    return {"CareConID": id, **seen, **items}


def activity(of: str, by: str | None = "CP1", team: str | None = None) -> Row:
    return {"CareActIDMother": f"A-{of}", "CareConID": of, "CareProfLID": by, "TeamLocalID": team}


def labour(id: str | None = "L1", of: str = "P1") -> Row:
    return {"LabourDeliveryID": id, "PregnancyID": of}


def at_birth(of: str | None = "L1", by: str | None = None, team: str | None = None) -> Row:
    return {"LabourDeliveryID": of, "CareProfLID": by, "TeamLocalID": team}


def staff(id: str | None, group: str | None) -> Row:
    return {"CareProfLID": id, "StaffGroup": group}


def early(*pregnant: str) -> dict[str, Records]:
    """The booking and the plan of each of these pregnancies."""
    return {
        "MSD101": [booking(PregnancyID=one) for one in pregnant],
        "MSD102": [plan(PregnancyID=one) for one in pregnant],
    }


EARLY = early("P1")
"""What is sent of P1 in December."""

STAFF: Records = [
    staff("CP1", "05"),  # the midwife named
    staff("CP2", "06"),  # a midwife of a contractor
    staff("CP3", "07"),  # an independent midwife
    staff("CP4", "08"),  # a student
    staff("CP5", "01"),  # an obstetrician
]


def later(**tables: Records) -> Sent:
    """December as above, then these tables in May."""
    return {"2025-12": EARLY, "2026-05": tables}


# --- the cohort: who reaches 203 days -----------------------------------------------------


def test_a_pregnancy_of_the_cohort_says_who_she_is_and_when_she_reaches_203_days(
    rules: Rules,
) -> None:
    [found] = pregnancies(rules, {"2025-12": {"MSD101": [booking()]}})
    assert {name: str(value) for name, value in found.items() if value is not None} == {
        "PregnancyID": "P1",
        "LPIDMother": "M1",
        "AntenatalAppDate": "2025-11-20",
        "Day203": "2026-04-15",
    }


def test_a_woman_who_reaches_203_days_in_the_month_by_her_due_date_counts(rules: Rules) -> None:
    women: dict[str, Row] = {
        "on 31 March, the day before": {"EDDAgreed": "2026-06-16"},
        "on 1 April, the first day": {"EDDAgreed": "2026-06-17"},
        "on 30 April, the last day": {"EDDAgreed": "2026-07-16"},
        "on 1 May, the day after": {"EDDAgreed": "2026-07-17"},
    }
    assert who_count(rules, women) == {"on 1 April, the first day", "on 30 April, the last day"}


def test_without_a_due_date_her_last_period_tells(rules: Rules) -> None:
    last_periods = {
        "on 31 March, the day before": "2025-09-09",
        "on 1 April, the first day": "2025-09-10",
        "on 30 April, the last day": "2025-10-09",
        "on 1 May, the day after": "2025-10-10",
        "neither date": None,
        "a date that cannot be read": "24/09/2025",
    }
    women: dict[str, Row] = {
        who: {"EDDAgreed": None, "LastMenstrualPeriodDate": day}
        for who, day in last_periods.items()
    }
    assert who_count(rules, women) == {"on 1 April, the first day", "on 30 April, the last day"}


def test_her_due_date_goes_before_her_last_period(rules: Rules) -> None:
    both = booking(LastMenstrualPeriodDate="2025-08-01")  # by which 203 days were in February
    assert of_cohort(rules, {"2025-12": {"MSD101": [both]}}) == ["P1"]


def test_a_woman_is_pregnant_on_the_day_she_is_booked(rules: Rules) -> None:
    women: dict[str, Row] = {
        "1 day pregnant": {"AntenatalAppDate": "2025-09-25"},
        "0 days pregnant": {"AntenatalAppDate": "2025-09-24"},
        "no day known": {"AntenatalAppDate": None},
    }
    assert who_count(rules, women) == {"1 day pregnant"}


def test_a_woman_discharged_by_her_203rd_day_does_not_count(rules: Rules) -> None:
    women: dict[str, Row] = {
        "the day before": {"DischargeDateMatService": "2026-04-14"},
        "on the day": {"DischargeDateMatService": "2026-04-15"},
        "the day after": {"DischargeDateMatService": "2026-04-16"},
        "cannot be read, as good as blank": {"DischargeDateMatService": "15/04/2026"},
    }
    assert who_count(rules, women) == {"the day after", "cannot be read, as good as blank"}


def test_a_discharge_that_is_sent_after_the_month_of_the_cohort_changes_nothing(
    rules: Rules,
) -> None:
    gone = booking(DischargeDateMatService="2026-04-02")
    sent = {"2025-12": {"MSD101": [booking()]}, "2026-05": {"MSD101": [gone]}}
    assert of_cohort(rules, sent) == ["P1"]


def test_a_pregnancy_sent_in_two_months_counts_once(rules: Rules) -> None:
    sent = {"2025-12": {"MSD101": [booking()]}, "2026-01": {"MSD101": [booking()]}}
    assert of_cohort(rules, sent) == ["P1"]


def test_two_pregnancies_count_one_each_and_one_without_an_identifier_not(rules: Rules) -> None:
    booked = [booking(PregnancyID=id) for id in ("P2", "P1", None)]
    assert of_cohort(rules, {"2025-12": {"MSD101": booked}}) == ["P1", "P2"]


def test_a_later_booking_moves_the_day(rules: Rules) -> None:
    again = booking(AntenatalAppDate="2025-12-20", EDDAgreed="2026-07-25")  # 203 days on 9 May
    assert of_cohort(rules, {"2025-12": {"MSD101": [again, booking()]}}) == []


def test_an_earlier_booking_that_is_sent_later_does_not(rules: Rules) -> None:
    before = booking(AntenatalAppDate="2025-11-19", EDDAgreed="2026-07-25")
    sent = {"2025-12": {"MSD101": [booking()]}, "2026-01": {"MSD101": [before]}}
    assert of_cohort(rules, sent) == ["P1"]


def test_of_two_bookings_on_a_day_the_one_sent_later_stands(rules: Rules) -> None:
    moved = booking(EDDAgreed="2026-07-25")
    sent = {"2026-01": {"MSD101": [moved]}, "2025-12": {"MSD101": [booking()]}}
    assert of_cohort(rules, sent) == []


def test_of_two_bookings_on_a_day_in_one_submission_the_lower_row_stands(rules: Rules) -> None:
    moved = booking(EDDAgreed="2026-07-25")
    assert of_cohort(rules, {"2025-12": {"MSD101": [booking(), moved]}}) == []
    assert of_cohort(rules, {"2025-12": {"MSD101": [moved, booking()]}}) == ["P1"]


def test_a_booking_sent_after_the_month_of_the_cohort_is_not_seen(rules: Rules) -> None:
    assert of_cohort(rules, {"2026-04": {"MSD101": [booking()]}}) == ["P1"]
    assert of_cohort(rules, {"2026-05": {"MSD101": [booking()]}}) == []


# --- the plan -----------------------------------------------------------------------------


def planned(rules: Rules, *plans: Row) -> tuple[object, ...]:
    """AnyPlan, PathwayStated, and of the latest plan its day in short and its indicator."""
    return plan_of(rules, {"2025-12": {"MSD101": [booking()], "MSD102": plans}})


def plan_of(rules: Rules, sent: Sent) -> tuple[object, ...]:
    found = the_pregnancy(rules, sent)
    names = ("AnyPlan", "PathwayStated", "CarePlanDate", "ContCarePathInd")
    any_plan, stated, on, indicator = (found[name] for name in names)
    return any_plan, stated, on and f"{on:%d %b}", indicator


def test_a_woman_on_a_pathway_has_the_professional_and_the_team_of_her_plan(rules: Rules) -> None:
    found = the_pregnancy(rules, {"2025-12": EARLY})
    assert (found["CareProfLID"], found["TeamLocalID"]) == ("CP1", "T1")
    assert planned(rules, plan()) == ("Y", "Y", "01 Dec", "Y")


def test_a_plan_on_the_203rd_day_counts_and_one_on_the_204th_does_not(rules: Rules) -> None:
    assert planned(rules, plan("2026-04-15")) == ("Y", "Y", "15 Apr", "Y")
    assert planned(rules, plan("2026-04-16")) == (None, None, None, None)
    assert planned(rules, plan(), plan("2026-04-16", ContCarePathInd="N")) == (
        *("Y", "Y", "01 Dec", "Y"),
    )


def test_a_later_plan_takes_her_off_the_pathway(rules: Rules) -> None:
    off = plan("2026-02-01", ContCarePathInd="N", CareProfLID=None, TeamLocalID=None)
    assert planned(rules, off, plan()) == ("Y", "Y", "01 Feb", "N")
    sent = {"2025-12": EARLY, "2026-02": {"MSD102": [off]}}
    found = the_pregnancy(rules, sent)
    assert (found["CareProfLID"], found["TeamLocalID"]) == (None, None)
    assert contacts(rules, {**sent, "2026-05": {"MSD201": [contact("C1")]}}) == []


def test_of_two_plans_of_a_day_the_one_sent_later_stands_and_of_these_the_lower_row(
    rules: Rules,
) -> None:
    off = plan(ContCarePathInd="N")
    assert planned(rules, off, plan())[-1] == "Y"
    assert planned(rules, plan(), off)[-1] == "N"
    assert plan_of(rules, {"2026-01": {"MSD102": [off]}, "2025-12": EARLY})[-1] == "N"


def test_a_blank_indicator_does_not_hide_the_plan_before_it(rules: Rules) -> None:
    blank = plan("2026-02-01", ContCarePathInd=None)
    assert planned(rules, plan(), blank) == ("Y", "Y", "01 Dec", "Y")


def test_a_plan_with_a_blank_indicator_is_a_plan_that_states_nothing(rules: Rules) -> None:
    assert planned(rules, plan(ContCarePathInd=" ")) == ("Y", None, None, None)


def test_an_indicator_that_is_no_code_is_stated_all_the_same(rules: Rules) -> None:
    assert planned(rules, plan(ContCarePathInd="1")) == ("Y", "Y", "01 Dec", "1")


def test_an_indicator_of_a_wrong_format_is_as_good_as_blank(rules: Rules) -> None:
    later = plan("2026-02-01", ContCarePathInd="Yes")
    assert planned(rules, plan(ContCarePathInd="Yes")) == ("Y", None, None, None)
    assert planned(rules, plan(), later) == ("Y", "Y", "01 Dec", "Y")


def test_a_plan_that_is_not_an_antenatal_one_of_hers_is_none(rules: Rules) -> None:
    others = (
        plan(CarePlanType="06"),  # for the birth
        plan(CarePlanType=None),
        plan(None),
        plan("01/12/2025"),
        plan(PregnancyID="P2"),
        plan(PregnancyID=None),
    )
    assert planned(rules, *others) == (None, None, None, None)


def test_a_plan_that_is_sent_after_the_month_of_the_cohort_is_not_seen(rules: Rules) -> None:
    sent = {"2025-12": {"MSD101": [booking()]}, "2026-05": {"MSD102": [plan()]}}
    assert plan_of(rules, sent) == (None, None, None, None)
    assert the_pregnancy(rules, sent)["Contacts"] is None


# --- the discharge ------------------------------------------------------------------------


def test_she_is_discharged_on_the_latest_day_from_her_plan_on(rules: Rules) -> None:
    dates: dict[str, list[str | None]] = {
        "never": [],
        "after the birth": ["2026-07-20"],
        "blank in a later record": ["2026-07-20", None],
        "the latest of two": ["2026-07-20", "2026-07-09"],
        "on the day of the plan": ["2025-12-01"],
        "before the plan": ["2025-11-30"],
    }
    sent = {
        "2025-12": early(*dates),
        "2026-05": {
            "MSD101": [
                booking(PregnancyID=who, DischargeDateMatService=day)
                for who, days in dates.items()
                for day in days
            ]
        },
    }
    found = {one["PregnancyID"]: one["DischargedOn"] for one in pregnancies(rules, sent)}
    assert {who: str(day) for who, day in found.items() if day is not None} == {
        "after the birth": "2026-07-20",
        "blank in a later record": "2026-07-20",
        "the latest of two": "2026-07-20",
        "on the day of the plan": "2025-12-01",
    }
    assert len(found) == len(dates)


def test_a_discharge_sent_after_the_reporting_month_is_not_seen(rules: Rules) -> None:
    gone = {"MSD101": [booking(DischargeDateMatService="2026-07-20")]}
    assert the_pregnancy(rules, {"2025-12": EARLY, "2026-08": gone})["DischargedOn"] is not None
    assert the_pregnancy(rules, {"2025-12": EARLY, "2026-09": gone})["DischargedOn"] is None


# --- the contacts -------------------------------------------------------------------------


def number_of_contacts(rules: Rules, *found: Row) -> object:
    sent = later(MSD201=found)
    number = the_pregnancy(rules, sent)["Contacts"]
    assert number == len(contacts(rules, sent))
    return number


def test_two_contacts_are_not_three(rules: Rules) -> None:
    assert number_of_contacts(rules) == 0
    assert number_of_contacts(rules, contact("C1"), contact("C2")) == 2
    assert number_of_contacts(rules, contact("C1"), contact("C2"), contact("C3")) == 3


def test_a_contact_counts_from_the_day_of_the_plan_to_the_day_of_the_discharge(
    rules: Rules,
) -> None:
    seen = [
        contact("before the plan", "2025-11-30"),
        contact("day of the plan", "2025-12-01"),
        contact("day of the discharge", "2026-07-20"),
        contact("after the discharge", "2026-07-21"),
        contact("no date", None),
        contact("cannot be read", "04/05/2026"),
    ]
    sent = later(MSD101=[booking(DischargeDateMatService="2026-07-20")], MSD201=seen)
    assert the_pregnancy(rules, sent)["Contacts"] == 2
    assert {found["CareConID"] for found in contacts(rules, sent)} == {
        "day of the plan",
        "day of the discharge",
    }


def test_without_a_discharge_contacts_have_no_end(rules: Rules) -> None:
    assert number_of_contacts(rules, contact("C1", "2026-08-31")) == 1


def test_contacts_without_an_identifier_or_of_others_do_not_count(rules: Rules) -> None:
    of_others = [contact(None), contact("C1", PregnancyID="P2"), contact("C2", PregnancyID=None)]
    assert number_of_contacts(rules, *of_others) == 0


def test_a_contact_counts_whether_or_not_she_came(rules: Rules) -> None:
    assert number_of_contacts(rules, contact("C1", AttendCode="3"), contact("C2")) == 2


def test_a_contact_sent_in_two_months_counts_once(rules: Rules) -> None:
    sent = {
        "2025-12": EARLY,
        "2026-05": {"MSD201": [contact("C1"), contact("C1")]},
        "2026-06": {"MSD201": [contact("C1"), contact("C2")]},
        "2026-09": {"MSD201": [contact("C3")]},  # after the reporting month
    }
    assert the_pregnancy(rules, sent)["Contacts"] == 2
    assert [found["CareConID"] for found in contacts(rules, sent)] == ["C1", "C2"]


def test_a_contact_is_as_it_was_on_its_latest_day_then_as_it_was_sent_last(rules: Rules) -> None:
    sent = {
        "2025-12": EARLY,
        "2026-06": {
            "MSD201": [
                contact("C1", AttendCode="4"),
                contact("C2", "2026-05-05", AttendCode="2"),
                contact("C3", AttendCode="2"),
                contact("C3", AttendCode="3"),
            ]
        },
        "2026-05": {"MSD201": [contact("C1"), contact("C2", "2026-05-06", AttendCode="6")]},
    }
    found = [(str(one["CContactDate"]), one["AttendCode"]) for one in contacts(rules, sent)]
    assert found == [("2026-05-04", "4"), ("2026-05-06", "6"), ("2026-05-04", "3")]


def test_an_identifier_of_two_women_is_a_contact_of_each(rules: Rules) -> None:
    seen = {"MSD201": [contact("C1", PregnancyID=id) for id in ("P1", "P2")]}
    sent = {"2025-12": early("P1", "P2"), "2026-05": seen}
    assert [found["Contacts"] for found in pregnancies(rules, sent)] == [1, 1]
    assert [found["PregnancyID"] for found in contacts(rules, sent)] == ["P1", "P2"]


def test_only_women_placed_with_a_professional_and_a_team_have_contacts_to_look_at(
    rules: Rules,
) -> None:
    plans = [
        plan(PregnancyID="placed"),
        plan(PregnancyID="no pathway", ContCarePathInd="N"),
        plan(PregnancyID="no professional", CareProfLID=None),
        plan(PregnancyID="no team", TeamLocalID=None),
    ]
    ids = [one["PregnancyID"] for one in plans]
    sent = {
        "2025-12": {"MSD101": [booking(PregnancyID=id) for id in ids], "MSD102": plans},
        "2026-05": {"MSD201": [contact("C1", PregnancyID=id) for id in ids]},
    }
    assert [found["PregnancyID"] for found in contacts(rules, sent)] == ["placed"]
    assert [found["Contacts"] for found in pregnancies(rules, sent)] == [1, 1, 1, 1]


# --- who was there ------------------------------------------------------------------------


def test_a_contact_has_a_professional_whose_staff_group_is_known(rules: Rules) -> None:
    groups = ["00", "01", "05", "16", "17", "97", "98", "5", ""]
    sent = later(
        MSD201=[contact(f"C-{group}") for group in groups],
        MSD202=[activity(f"C-{group}", f"CP-{group}") for group in groups],
        MSD901=[staff(f"CP-{group}", group) for group in groups],
    )
    found = {one["CareConID"] for one in contacts(rules, sent) if one["Professional"] == "Y"}
    assert found == {"C-01", "C-05", "C-16", "C-98"}


def test_a_contact_has_no_professional_without_an_activity_of_known_staff(rules: Rules) -> None:
    ids = ("no activity", "somebody not listed", "nobody")
    sent = later(
        MSD201=[contact(id) for id in ids],
        MSD202=[
            activity("somebody not listed", "CP9"),
            activity("nobody", None),
            activity("another contact", "CP1"),
        ],
        MSD901=[*STAFF, staff(None, "05")],
    )
    assert [found["Professional"] for found in contacts(rules, sent)] == [None, None, None]


def test_staff_are_known_from_any_submission_up_to_the_reporting_month(rules: Rules) -> None:
    seen = {"MSD201": [contact("C1")], "MSD202": [activity("C1")]}
    for month, expected in (("2025-12", "Y"), ("2026-08", "Y"), ("2026-09", None)):
        sent = {"2025-12": EARLY, "2026-05": seen}
        sent[month] = {**sent.get(month, {}), "MSD901": STAFF}
        assert [found["Professional"] for found in contacts(rules, sent)] == [expected]


def test_staff_are_what_they_are_in_any_of_their_details(rules: Rules) -> None:
    known = [staff("CP1", None), staff("CP1", "05"), staff("CP1", "97")]
    sent = later(MSD201=[contact("C1")], MSD202=[activity("C1")], MSD901=known)
    assert [found["Professional"] for found in contacts(rules, sent)] == ["Y"]
    assert the_pregnancy(rules, sent)["MidwifeContacts"] == 1


def test_an_activity_belongs_to_the_contact_of_its_own_submission(rules: Rules) -> None:
    sent = {
        "2025-12": EARLY,
        "2026-05": {"MSD201": [contact("C1"), contact("C2")], "MSD901": STAFF},
        "2026-06": {"MSD201": [contact("C2")], "MSD202": [activity("C1"), activity("C2")]},
    }
    found = [(one["CareConID"], one["Professional"]) for one in contacts(rules, sent)]
    assert found == [("C1", None), ("C2", "Y")]


def test_an_activity_stands_when_the_contact_is_sent_again_without_it(rules: Rules) -> None:
    seen = {"MSD201": [contact("C1")], "MSD202": [activity("C1")], "MSD901": STAFF}
    sent = {"2025-12": EARLY, "2026-05": seen, "2026-06": {"MSD201": [contact("C1")]}}
    assert [found["Professional"] for found in contacts(rules, sent)] == ["Y"]


# --- the midwife she knows ----------------------------------------------------------------


def with_midwife(rules: Rules, seen: Records, activities: Records) -> tuple[object, object]:
    """How many attended contacts were with a midwife, and how many of these as planned."""
    found = the_pregnancy(rules, later(MSD201=seen, MSD202=activities, MSD901=STAFF))
    return found["MidwifeContacts"], found["NamedContacts"]


def test_a_contact_with_a_midwife_is_with_the_one_or_the_team_that_the_plan_names(
    rules: Rules,
) -> None:
    women: dict[str, list[tuple[str | None, str | None]]] = {
        "the midwife named": [("CP1", None)],
        "she, working for another team": [("CP1", "T2")],
        "another of the team named": [("CP2", "T1")],
        "a midwife of another team": [("CP2", "T2")],
        "an independent midwife of no team": [("CP3", None)],
        "a student of the team": [("CP4", "T1")],
        "an obstetrician of the team": [("CP5", "T1")],
        "somebody not listed, of the team": [("CP9", "T1")],
        "nobody, of the team": [(None, "T1")],
        "a midwife, and the team's doctor": [("CP2", "T2"), ("CP5", "T1")],
        "two activities, one contact": [("CP1", None), ("CP1", None)],
        "no activity": [],
    }
    ids = {who: f"C{n}" for n, who in enumerate(women)}
    seen = {
        "MSD201": [contact(id, PregnancyID=who) for who, id in ids.items()],
        "MSD202": [
            activity(ids[who], *by) for who, activities in women.items() for by in activities
        ],
        "MSD901": STAFF,
    }
    found = pregnancies(rules, {"2025-12": early(*women), "2026-05": seen})
    assert {
        one["PregnancyID"]: (one["MidwifeContacts"], one["NamedContacts"]) for one in found
    } == {
        "the midwife named": (1, 1),
        "she, working for another team": (1, 1),
        "another of the team named": (1, 1),
        "a midwife of another team": (1, 0),
        "an independent midwife of no team": (1, 0),
        "a student of the team": (0, 0),
        "an obstetrician of the team": (0, 0),
        "somebody not listed, of the team": (0, 0),
        "nobody, of the team": (0, 0),
        "a midwife, and the team's doctor": (1, 0),
        "two activities, one contact": (1, 1),
        "no activity": (0, 0),
    }


def test_a_contact_that_did_not_take_place_was_with_nobody(rules: Rules) -> None:
    codes = ("2", "3", "4", "7", None, "05")
    seen = [contact(f"C{n}", AttendCode=code) for n, code in enumerate(codes)]
    activities = [activity(f"C{n}") for n in range(len(codes))]
    assert with_midwife(rules, seen, activities) == (0, 0)


def test_a_contact_for_which_she_was_late_took_place(rules: Rules) -> None:
    assert with_midwife(rules, [contact("C1", AttendCode="6")], [activity("C1")]) == (1, 1)


@pytest.mark.parametrize(("named", "all"), [(7, 10), (2, 3)], ids=["70 % exactly", "2 of 3"])
def test_so_many_of_so_many_contacts_were_as_planned(named: int, all: int, rules: Rules) -> None:
    ids = [f"C{n}" for n in range(all)]
    activities = [activity(id, "CP1" if n < named else "CP2") for n, id in enumerate(ids)]
    assert with_midwife(rules, [contact(id) for id in ids], activities) == (all, named)


def test_a_contact_before_the_plan_or_after_the_discharge_is_left_out(rules: Rules) -> None:
    seen = [contact("C1", "2025-11-30"), contact("C2"), contact("C3", "2026-07-21")]
    sent = later(
        MSD101=[booking(DischargeDateMatService="2026-07-20")],
        MSD201=seen,
        MSD202=[activity(id) for id in ("C1", "C2", "C3")],
        MSD901=STAFF,
    )
    assert the_pregnancy(rules, sent)["MidwifeContacts"] == 1


def test_contacts_with_a_midwife_are_told_apart_by_identifier_and_date(rules: Rules) -> None:
    again = {"MSD201": [contact("C1")], "MSD202": [activity("C1")]}
    moved = {"MSD201": [contact("C1", "2026-05-06")], "MSD202": [activity("C1", "CP2")]}
    sent = {"2025-12": {**EARLY, "MSD901": STAFF}, "2026-05": again, "2026-06": again}
    assert the_pregnancy(rules, sent)["MidwifeContacts"] == 1
    found = the_pregnancy(rules, {**sent, "2026-07": moved})
    assert (found["Contacts"], found["MidwifeContacts"], found["NamedContacts"]) == (1, 2, 1)


# --- the birth ----------------------------------------------------------------------------


def test_a_labour_names_who_gave_care_in_it(rules: Rules) -> None:
    women: dict[str, list[Row]] = {
        "a labour and no activity": [],
        "an activity of nobody": [at_birth()],
        "somebody else": [at_birth(by="CP9")],
        "nobody, and the midwife named": [at_birth(), at_birth(by="CP1")],
        "another of the team named": [at_birth(by="CP9", team="T1")],
        "nobody, of the team named": [at_birth(team="T1")],
    }
    cared = [
        {**one, "LabourDeliveryID": who} for who, activities in women.items() for one in activities
    ]
    others = [at_birth("another labour", by="CP1"), at_birth(None, by="CP1")]
    sent = {
        "2025-12": early("not yet", "no identifier", *women),
        "2026-07": {
            "MSD301": [labour(None, "no identifier"), *(labour(who, who) for who in women)],
            "MSD302": [*cared, *others],
        },
    }
    names = ("Labour", "LabourProfessional", "NamedAtBirth")
    found = pregnancies(rules, sent)
    assert {one["PregnancyID"]: tuple(one[name] for name in names) for one in found} == {
        "not yet": (None, None, None),
        "no identifier": ("Y", None, None),
        "a labour and no activity": ("Y", None, None),
        "an activity of nobody": ("Y", None, None),
        "somebody else": ("Y", "Y", None),
        "nobody, and the midwife named": ("Y", "Y", "Y"),
        "another of the team named": ("Y", "Y", "Y"),
        "nobody, of the team named": ("Y", None, "Y"),
    }


def test_an_activity_belongs_to_the_labour_of_its_own_submission(rules: Rules) -> None:
    given, cared = {"MSD301": [labour()]}, {"MSD302": [at_birth(by="CP1")]}
    sent: dict[str, Mapping[str, Records]] = {"2025-12": EARLY, "2026-06": given, "2026-07": cared}
    assert the_pregnancy(rules, sent)["LabourProfessional"] is None
    sent["2026-07"] = {**given, **cared}
    assert the_pregnancy(rules, sent)["NamedAtBirth"] == "Y"


def test_a_labour_sent_after_the_reporting_month_is_not_seen(rules: Rules) -> None:
    sent = {"2025-12": EARLY, "2026-09": {"MSD301": [labour()]}}
    assert the_pregnancy(rules, sent)["Labour"] is None


def test_without_a_plan_nobody_is_named_at_the_birth(rules: Rules) -> None:
    born = {"MSD301": [labour()], "MSD302": [at_birth(by="CP1", team="T1")]}
    found = the_pregnancy(rules, {"2025-12": {"MSD101": [booking()]}, "2026-07": born})
    assert (found["Labour"], found["LabourProfessional"], found["NamedAtBirth"]) == ("Y", "Y", None)


# --- what is missing ----------------------------------------------------------------------


PREGNANCIES = {
    **dict.fromkeys(("PregnancyID", "LPIDMother"), pl.String()),
    **dict.fromkeys(("AntenatalAppDate", "Day203"), pl.Date()),
    **dict.fromkeys(("AnyPlan", "PathwayStated"), pl.String()),
    "CarePlanDate": pl.Date(),
    **dict.fromkeys(("ContCarePathInd", "CareProfLID", "TeamLocalID"), pl.String()),
    "DischargedOn": pl.Date(),
    "Contacts": pl.Int64(),
    **dict.fromkeys(("Labour", "LabourProfessional"), pl.String()),
    **dict.fromkeys(("MidwifeContacts", "NamedContacts"), pl.Int64()),
    "NamedAtBirth": pl.String(),
}
CONTACTS = {
    **dict.fromkeys(("PregnancyID", "CareConID"), pl.String()),
    "CContactDate": pl.Date(),
    **dict.fromkeys(("AttendCode", "Professional"), pl.String()),
}


def test_without_any_submission_the_columns_are_there_with_their_types(rules: Rules) -> None:
    nothing: dict[Period, Submission] = {}
    found = continuity.pregnancies(nothing, rules.spec, COHORT, UNTIL).collect()
    assert found.is_empty()
    assert dict(found.schema) == PREGNANCIES
    of_contacts = continuity.contacts(nothing, rules.spec, COHORT, UNTIL).collect_schema()
    assert dict(of_contacts) == CONTACTS


def test_an_item_that_one_submission_lacks_is_blank_there(rules: Rules) -> None:
    given = history(rules, {"2025-12": EARLY, "2026-05": {"MSD201": [contact("C1")]}})
    lacking = {
        Period.parse("2025-12"): ("MSD101PregnancyBooking", "DischargeDateMatService"),
        Period.parse("2026-05"): ("MSD201CareContactPreg", "AttendCode"),
    }
    less = {month: without(given[month], *items) for month, items in lacking.items()}
    [found] = continuity.contacts(less, rules.spec, COHORT, UNTIL).collect().to_dicts()
    assert (found["CareConID"], found["AttendCode"]) == ("C1", None)
