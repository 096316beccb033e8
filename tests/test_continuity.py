"""Tests of the frames of continuity of carer, on pregnancies worked out by hand.

Unless a test says otherwise: the cohort is that of April 2026, counted up to August; P1 is due on
1 July, so that she reaches 203 days (77 before she is due) on 15 April; midwife CP1 and team T1
are named on her plan of 1 December.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

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


EARLY: dict[str, Records] = {"MSD101": [booking()], "MSD102": [plan()]}
"""What is sent of P1 in December: her booking and her plan."""

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


@pytest.mark.parametrize(
    ("due", "counts"),
    [
        pytest.param("2026-06-16", False, id="on 31 March, the day before"),
        pytest.param("2026-06-17", True, id="on 1 April, the first day"),
        pytest.param("2026-07-16", True, id="on 30 April, the last day"),
        pytest.param("2026-07-17", False, id="on 1 May, the day after"),
    ],
)
def test_a_woman_who_reaches_203_days_in_the_month_by_her_due_date_counts(
    due: str, counts: bool, rules: Rules
) -> None:
    sent = {"2025-12": {"MSD101": [booking(EDDAgreed=due)]}}
    assert of_cohort(rules, sent) == ["P1"] * counts


@pytest.mark.parametrize(
    ("last_period", "counts"),
    [
        pytest.param("2025-09-09", False, id="on 31 March, the day before"),
        pytest.param("2025-09-10", True, id="on 1 April, the first day"),
        pytest.param("2025-10-09", True, id="on 30 April, the last day"),
        pytest.param("2025-10-10", False, id="on 1 May, the day after"),
        pytest.param(None, False, id="with neither date"),
        pytest.param("24/09/2025", False, id="with a date that cannot be read"),
    ],
)
def test_without_a_due_date_her_last_period_tells(
    last_period: str | None, counts: bool, rules: Rules
) -> None:
    undated = booking(EDDAgreed=None, LastMenstrualPeriodDate=last_period)
    assert of_cohort(rules, {"2025-12": {"MSD101": [undated]}}) == ["P1"] * counts


def test_her_due_date_goes_before_her_last_period(rules: Rules) -> None:
    both = booking(LastMenstrualPeriodDate="2025-08-01")  # by which 203 days were in February
    assert of_cohort(rules, {"2025-12": {"MSD101": [both]}}) == ["P1"]


@pytest.mark.parametrize(
    ("booked", "counts"),
    [
        pytest.param("2025-09-25", True, id="1 day pregnant"),
        pytest.param("2025-09-24", False, id="0 days pregnant"),
        pytest.param(None, False, id="no day known"),
    ],
)
def test_a_woman_is_pregnant_on_the_day_she_is_booked(
    booked: str | None, counts: bool, rules: Rules
) -> None:
    sent = {"2025-12": {"MSD101": [booking(AntenatalAppDate=booked)]}}
    assert of_cohort(rules, sent) == ["P1"] * counts


@pytest.mark.parametrize(
    ("discharged", "counts"),
    [
        pytest.param("2026-04-14", False, id="the day before"),
        pytest.param("2026-04-15", False, id="on the day"),
        pytest.param("2026-04-16", True, id="the day after"),
        pytest.param("15/04/2026", True, id="a date that cannot be read is as good as blank"),
    ],
)
def test_a_woman_discharged_by_her_203rd_day_does_not_count(
    discharged: str, counts: bool, rules: Rules
) -> None:
    sent = {"2025-12": {"MSD101": [booking(DischargeDateMatService=discharged)]}}
    assert of_cohort(rules, sent) == ["P1"] * counts


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
    assert planned(rules, plan(ContCarePathInd="Yes")) == ("Y", "Y", "01 Dec", None)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(plan(CarePlanType="06"), id="a birth plan"),
        pytest.param(plan(CarePlanType=None), id="of no type"),
        pytest.param(plan(None), id="of no date"),
        pytest.param(plan("01/12/2025"), id="of a date that cannot be read"),
        pytest.param(plan(PregnancyID="P2"), id="of another pregnancy"),
        pytest.param(plan(PregnancyID=None), id="of nobody"),
    ],
)
def test_a_plan_that_is_not_an_antenatal_one_of_hers_is_none(other: Row, rules: Rules) -> None:
    assert planned(rules, other) == (None, None, None, None)


def test_a_plan_that_is_sent_after_the_month_of_the_cohort_is_not_seen(rules: Rules) -> None:
    sent = {"2025-12": {"MSD101": [booking()]}, "2026-05": {"MSD102": [plan()]}}
    assert plan_of(rules, sent) == (None, None, None, None)
    assert the_pregnancy(rules, sent)["Contacts"] is None


# --- the discharge ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        pytest.param([], None, id="never"),
        pytest.param(["2026-07-20"], "2026-07-20", id="after the birth"),
        pytest.param(["2026-07-20", None], "2026-07-20", id="blank in a later record"),
        pytest.param(["2026-07-20", "2026-07-09"], "2026-07-20", id="the latest of two"),
        pytest.param(["2025-12-01"], "2025-12-01", id="on the day of the plan"),
        pytest.param(["2025-11-30"], None, id="before the plan"),
    ],
)
def test_she_is_discharged_on_the_latest_day_from_her_plan_on(
    dates: list[str | None], expected: str | None, rules: Rules
) -> None:
    records = [booking(DischargeDateMatService=day) for day in dates]
    found = the_pregnancy(rules, later(MSD101=records))["DischargedOn"]
    assert (found and str(found)) == expected


def test_a_discharge_sent_after_the_reporting_month_is_not_seen(rules: Rules) -> None:
    gone = {"MSD101": [booking(DischargeDateMatService="2026-07-20")]}
    assert the_pregnancy(rules, {"2025-12": EARLY, "2026-08": gone})["DischargedOn"] is not None
    assert the_pregnancy(rules, {"2025-12": EARLY, "2026-09": gone})["DischargedOn"] is None


# --- the contacts -------------------------------------------------------------------------


def number_of_contacts(rules: Rules, *found: Row, discharged: str | None = None) -> object:
    records = [booking(DischargeDateMatService=discharged)]
    sent = later(MSD101=records, MSD201=found)
    number = the_pregnancy(rules, sent)["Contacts"]
    assert number == len(contacts(rules, sent))
    return number


def test_two_contacts_are_not_three(rules: Rules) -> None:
    assert number_of_contacts(rules) == 0
    assert number_of_contacts(rules, contact("C1"), contact("C2")) == 2
    assert number_of_contacts(rules, contact("C1"), contact("C2"), contact("C3")) == 3


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param("2025-11-30", 0, id="the day before the plan"),
        pytest.param("2025-12-01", 1, id="the day of the plan"),
        pytest.param("2026-07-20", 1, id="the day of the discharge"),
        pytest.param("2026-07-21", 0, id="the day after the discharge"),
        pytest.param(None, 0, id="no date"),
        pytest.param("04/05/2026", 0, id="a date that cannot be read"),
    ],
)
def test_a_contact_counts_from_the_day_of_the_plan_to_the_day_of_the_discharge(
    on: str | None, expected: int, rules: Rules
) -> None:
    assert number_of_contacts(rules, contact("C1", on), discharged="2026-07-20") == expected


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
    both = ("P1", "P2")
    early = {
        "MSD101": [booking(PregnancyID=id) for id in both],
        "MSD102": [plan(PregnancyID=id) for id in both],
    }
    seen = {"MSD201": [contact("C1", PregnancyID=id) for id in both]}
    sent = {"2025-12": early, "2026-05": seen}
    assert [found["Contacts"] for found in pregnancies(rules, sent)] == [1, 1]
    assert [found["PregnancyID"] for found in contacts(rules, sent)] == ["P1", "P2"]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"ContCarePathInd": "N"}, id="no pathway"),
        pytest.param({"CareProfLID": None}, id="no professional"),
        pytest.param({"TeamLocalID": None}, id="no team"),
    ],
)
def test_only_women_placed_with_a_professional_and_a_team_have_contacts_to_look_at(
    changed: Row, rules: Rules
) -> None:
    early = {"MSD101": [booking()], "MSD102": [plan(**changed)]}
    sent = {"2025-12": early, "2026-05": {"MSD201": [contact("C1")]}}
    assert contacts(rules, sent) == []
    assert the_pregnancy(rules, sent)["Contacts"] == 1


# --- who was there ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        *(pytest.param(f"{group:02}", "Y", id=f"group {group:02}") for group in (1, 5, 16)),
        pytest.param("98", "Y", id="another, not listed"),
        pytest.param("97", None, id="group 97"),
        pytest.param("17", None, id="group 17"),
        pytest.param("00", None, id="group 00"),
        pytest.param("5", None, id="a code less its nought"),
        pytest.param(None, None, id="no group"),
    ],
)
def test_a_contact_has_a_professional_whose_staff_group_is_known(
    group: str | None, expected: str | None, rules: Rules
) -> None:
    sent = later(
        MSD201=[contact("C1")], MSD202=[activity("C1", "CP9")], MSD901=[staff("CP9", group)]
    )
    assert [found["Professional"] for found in contacts(rules, sent)] == [expected]


@pytest.mark.parametrize(
    "activities",
    [
        pytest.param([], id="no activity"),
        pytest.param([activity("C1", "CP9")], id="by somebody of whom there are no details"),
        pytest.param([activity("C1", None)], id="by nobody"),
        pytest.param([activity("C2")], id="of another contact"),
    ],
)
def test_a_contact_has_no_professional_without_an_activity_of_known_staff(
    activities: Records, rules: Rules
) -> None:
    known = [*STAFF, staff(None, "05")]
    sent = later(MSD201=[contact("C1")], MSD202=activities, MSD901=known)
    assert [found["Professional"] for found in contacts(rules, sent)] == [None]


def test_staff_are_known_from_any_submission_up_to_the_reporting_month(rules: Rules) -> None:
    seen = {"MSD201": [contact("C1")], "MSD202": [activity("C1")]}
    for month, expected in (("2025-12", "Y"), ("2026-08", "Y"), ("2026-09", None)):
        sent = {"2025-12": EARLY, "2026-05": seen}
        sent[month] = {**sent.get(month, {}), "MSD901": STAFF}
        assert [found["Professional"] for found in contacts(rules, sent)] == [expected]


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


@pytest.mark.parametrize(
    ("activities", "expected"),
    [
        pytest.param([activity("C1", "CP1")], (1, 1), id="the midwife named"),
        pytest.param([activity("C1", "CP1", "T2")], (1, 1), id="she, working for another team"),
        pytest.param([activity("C1", "CP2", "T1")], (1, 1), id="another of the team named"),
        pytest.param([activity("C1", "CP2", "T2")], (1, 0), id="a midwife of another team"),
        pytest.param([activity("C1", "CP3")], (1, 0), id="an independent midwife of no team"),
        pytest.param([activity("C1", "CP4", "T1")], (0, 0), id="a student of the team"),
        pytest.param([activity("C1", "CP5", "T1")], (0, 0), id="an obstetrician of the team"),
        pytest.param([activity("C1", "CP9", "T1")], (0, 0), id="somebody unknown of the team"),
        pytest.param([activity("C1", None, "T1")], (0, 0), id="nobody, of the team"),
        pytest.param(
            [activity("C1", "CP2", "T2"), activity("C1", "CP5", "T1")],
            (1, 1),
            id="another midwife, and an obstetrician of the team",
        ),
        pytest.param([activity("C1"), activity("C1")], (1, 1), id="two activities, one contact"),
        pytest.param([], (0, 0), id="no activity"),
    ],
)
def test_a_contact_with_a_midwife_is_with_the_one_or_the_team_that_the_plan_names(
    activities: Records, expected: tuple[int, int], rules: Rules
) -> None:
    assert with_midwife(rules, [contact("C1")], activities) == expected


@pytest.mark.parametrize("code", ["2", "3", "4", "7", None, "05"])
def test_a_contact_that_did_not_take_place_was_with_nobody(code: str | None, rules: Rules) -> None:
    assert with_midwife(rules, [contact("C1", AttendCode=code)], [activity("C1")]) == (0, 0)


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


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        pytest.param({}, (None, None, None), id="not yet"),
        pytest.param({"MSD301": [labour()]}, ("Y", None, None), id="a labour and no activity"),
        pytest.param(
            {"MSD301": [labour()], "MSD302": [at_birth()]},
            ("Y", None, None),
            id="an activity of nobody",
        ),
        pytest.param(
            {"MSD301": [labour()], "MSD302": [at_birth(by="CP9")]},
            ("Y", "Y", None),
            id="somebody else",
        ),
        pytest.param(
            {"MSD301": [labour()], "MSD302": [at_birth(), at_birth(by="CP1")]},
            ("Y", "Y", "Y"),
            id="the midwife named",
        ),
        pytest.param(
            {"MSD301": [labour()], "MSD302": [at_birth(by="CP9", team="T1")]},
            ("Y", "Y", "Y"),
            id="another of the team named",
        ),
        pytest.param(
            {"MSD301": [labour()], "MSD302": [at_birth(team="T1")]},
            ("Y", None, "Y"),
            id="nobody, of the team named",
        ),
        pytest.param(
            {"MSD301": [labour()], "MSD302": [at_birth("L2", by="CP1")]},
            ("Y", None, None),
            id="an activity of another labour",
        ),
        pytest.param(
            {"MSD301": [labour(None)], "MSD302": [at_birth(None, by="CP1")]},
            ("Y", None, None),
            id="neither has an identifier",
        ),
        pytest.param(
            {"MSD301": [labour(of="P2")], "MSD302": [at_birth(by="CP1")]},
            (None, None, None),
            id="a labour of another woman",
        ),
    ],
)
def test_a_labour_names_who_gave_care_in_it(
    tables: dict[str, Records], expected: tuple[str | None, ...], rules: Rules
) -> None:
    found = the_pregnancy(rules, later(**tables))
    names = ("Labour", "LabourProfessional", "NamedAtBirth")
    assert tuple(found[name] for name in names) == expected


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


def test_without_any_submission_the_columns_are_there_with_their_types(rules: Rules) -> None:
    nothing: dict[Period, Submission] = {}
    found = continuity.pregnancies(nothing, rules.spec, COHORT, UNTIL).collect()
    text, day, number = pl.String(), pl.Date(), pl.Int64()
    assert found.is_empty()
    assert dict(found.schema) == {
        "PregnancyID": text,
        "LPIDMother": text,
        "AntenatalAppDate": day,
        "Day203": day,
        "AnyPlan": text,
        "PathwayStated": text,
        "CarePlanDate": day,
        "ContCarePathInd": text,
        "CareProfLID": text,
        "TeamLocalID": text,
        "DischargedOn": day,
        "Contacts": number,
        "Labour": text,
        "LabourProfessional": text,
        "MidwifeContacts": number,
        "NamedContacts": number,
        "NamedAtBirth": text,
    }
    of_contacts = continuity.contacts(nothing, rules.spec, COHORT, UNTIL).collect_schema()
    assert dict(of_contacts) == {
        "PregnancyID": text,
        "CareConID": text,
        "CContactDate": day,
        "AttendCode": text,
        "Professional": text,
    }


def test_an_item_that_one_submission_lacks_is_blank_there(rules: Rules) -> None:
    given = history(rules, {"2025-12": EARLY, "2026-05": {"MSD201": [contact("C1")]}})
    lacking = {
        Period.parse("2025-12"): ("MSD101PregnancyBooking", "DischargeDateMatService"),
        Period.parse("2026-05"): ("MSD201CareContactPreg", "AttendCode"),
    }
    less = {month: without(given[month], *items) for month, items in lacking.items()}
    [found] = continuity.contacts(less, rules.spec, COHORT, UNTIL).collect().to_dicts()
    assert (found["CareConID"], found["AttendCode"]) == ("C1", None)


def test_the_order_in_which_months_are_handed_over_does_not_matter(rules: Rules) -> None:
    moved = replace(
        submission(rules.spec, {"MSD101": [booking(EDDAgreed="2026-07-25")]}), period=COHORT
    )
    given = {COHORT: moved, **history(rules, {"2025-12": EARLY})}
    assert continuity.pregnancies(given, rules.spec, COHORT, UNTIL).collect().is_empty()
