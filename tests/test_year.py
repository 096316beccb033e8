"""Tests of the sample of a year: the same women month by month, and what figures look back on."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import pytest

from msds_audit.api import check
from msds_audit.extract import Period
from msds_audit.rule import Rules
from msds_audit.sample.births import (
    APGAR_RECORDED,
    BLOOD_LOSS,
    CAESAREANS,
    FIRST_FEED_RECORDED,
    THIRD_DEGREE_TEAR,
)
from msds_audit.sample.course import (
    CARBON_MONOXIDE,
    CIGARETTES_A_DAY,
    EX_SMOKER,
    NEVER_SMOKED,
    SMOKER,
    month_after,
)
from msds_audit.sample.draws import Deck, Draws
from msds_audit.sample.unit import APGAR
from msds_audit.sample.year import BOOKINGS_A_MONTH
from msds_audit.scorecard import Outcome
from support import FIXTURES

YEAR = FIXTURES / "year"
LAST = Period.parse("2026-08")
MONTHS = [str(month_after(LAST, count)) for count in range(-11, 1)]
QUARTER = MONTHS[-3:]
TERM = timedelta(days=280)
REACHED = timedelta(days=203)
DISCHARGE = ("DischargeDateMatService", "DischReason")
DATED = {
    "MSD102MatCarePlan": "CarePlanDate",
    "MSD103DatingScan": "ProcedureDateDatingUltrasound",
    "MSD201CareContactPreg": "CContactDate",
    "MSD302CareActivityLabDel": "ClinInterDateMother",
    "MSD401BabyDemographics": "PersonBirthDateBaby",
    "MSD405CareActivityBaby": "ClinInterDateBaby",
}
TELLING_FINDINGS = (SMOKER, EX_SMOKER, NEVER_SMOKED)
TELLING_READINGS = (CIGARETTES_A_DAY, CARBON_MONOXIDE)

Rows = list[dict[str, str]]


@cache
def rows(month: str, table: str) -> Rows:
    """The rows of one table of one month, by the beginning of its name."""
    [file] = (YEAR / month).glob(f"{table}*.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def by(table: str, key: str, month: str) -> dict[str, dict[str, str]]:
    found = {row[key]: row for row in rows(month, table)}
    assert len(found) == len(rows(month, table))
    return found


def within(table: str, months: list[str]) -> Rows:
    return [row for month in months for row in rows(month, table)]


def tells(activity: dict[str, str]) -> bool:
    return activity["FindingCode"] in TELLING_FINDINGS or activity["ObsCode"] in TELLING_READINGS


# --- the submissions ----------------------------------------------------------------------


def test_each_of_the_twelve_months_has_every_table(rules: Rules) -> None:
    assert sorted(folder.name for folder in YEAR.iterdir()) == MONTHS
    for month in MONTHS:
        assert {file.stem for file in (YEAR / month).iterdir()} == set(rules.spec.tables)
        [header] = rows(month, "MSD000")
        assert (header["OrgIDProvider"], header["RPStartDate"]) == ("RJ7", f"{month}-01")


@pytest.mark.parametrize("month", MONTHS)
def test_every_reference_is_whole(month: str, rules: Rules) -> None:
    followed = 0
    for table in rules.spec.tables.values():
        for item in table.items:
            if item.references is None:
                continue
            parent, key = item.references
            known = {row[key] for row in rows(month, parent)}
            given = {row[item.name] for row in rows(month, table.name)} - {""}
            assert given <= known, f"{table.name}.{item.name}"
            followed += len(given)
    assert followed > 400


@pytest.mark.parametrize(
    "month",
    [
        one if one == MONTHS[-1] else pytest.param(one, marks=pytest.mark.slow)
        for one in reversed(MONTHS)
    ],
)
def test_nobody_is_rejected(month: str, rules: Rules) -> None:
    [card] = check([YEAR / month], rules=rules, schemes=["conformance"])
    assert card.provider == "RJ7"
    judged = [one for one in card.results if one.outcome is not Outcome.INFORMATION]
    assert {one.outcome for one in judged} == {Outcome.MET}


# --- the women ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "key"), [("MSD001", "LPIDMother"), ("MSD002", "LPIDMother"), ("MSD101", "LPIDMother")]
)
def test_a_woman_is_the_same_in_every_month(table: str, key: str) -> None:
    seen: dict[str, list[dict[str, str]]] = defaultdict(list)
    for month in MONTHS:
        for person, row in by(table, key, month).items():
            seen[person].append({name: row[name] for name in row if name not in DISCHARGE})
    assert all(one == first[0] for first in seen.values() for one in first)
    assert sum(len(months) >= 6 for months in seen.values()) > 50
    if table == "MSD101":
        pregnancies = [found[0]["PregnancyID"] for found in seen.values()]
        assert len(set(pregnancies)) == len(pregnancies)


def test_a_discharge_is_sent_from_its_month_on() -> None:
    discharged: dict[str, str] = {}
    for month in MONTHS:
        for pregnancy, row in by("MSD101", "PregnancyID", month).items():
            day = row["DischargeDateMatService"]
            assert (row["DischReason"] == "01") == bool(day)
            assert day[:7] <= month
            assert pregnancy not in discharged or day == discharged[pregnancy]
            if day:
                discharged[pregnancy] = day
                assert day[:7] == month, "nothing is sent after the discharge"
    assert len(discharged) > 140


def test_only_women_to_whom_something_happens_are_sent() -> None:
    for month in MONTHS:
        labours = by("MSD301", "LabourDeliveryID", month)
        about = {
            row["PregnancyID"]
            for table in ("MSD102", "MSD103", "MSD201", "MSD301")
            for row in rows(month, table)
        }
        about |= {labours[row["LabourDeliveryID"]]["PregnancyID"] for row in rows(month, "MSD302")}
        moved = {
            row["PregnancyID"]
            for row in rows(month, "MSD101")
            if month in (row["AntenatalAppDate"][:7], row["DischargeDateMatService"][:7])
        }
        assert set(by("MSD101", "PregnancyID", month)) == about | moved


@pytest.mark.parametrize("table", DATED)
def test_an_event_is_sent_in_its_own_month(table: str) -> None:
    for month in MONTHS:
        assert {row[DATED[table]][:7] for row in rows(month, table)} == {month}


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("MSD201", "CareConID"),
        ("MSD202", "CareActIDMother"),
        ("MSD301", "LabourDeliveryID"),
        ("MSD401", "LPIDBaby"),
    ],
)
def test_an_event_is_sent_once(table: str, key: str) -> None:
    given = [row[key] for row in within(table, MONTHS)]
    assert len(set(given)) == len(given)


def test_some_fourteen_women_book_and_give_birth_in_a_month() -> None:
    for month in MONTHS:
        booked = [row for row in rows(month, "MSD101") if row["AntenatalAppDate"][:7] == month]
        assert len(booked) == BOOKINGS_A_MONTH
        assert 8 <= len(rows(month, "MSD301")) <= 20


def test_the_file_of_annual_deliveries_goes_with_the_year() -> None:
    text = (FIXTURES / "year-hes-deliveries.csv").read_text(encoding="utf-8")
    heading, line = text.splitlines()
    assert heading == "provider,annual_deliveries"
    provider, deliveries = line.split(",")
    assert provider == "RJ7"
    assert int(deliveries) == 12 * BOOKINGS_A_MONTH
    assert len(within("MSD301", MONTHS)) == pytest.approx(int(deliveries), rel=0.1)


def test_women_book_at_6_to_13_weeks_and_have_3_to_9_contacts() -> None:
    contacts = Counter(row["PregnancyID"] for row in within("MSD201", MONTHS))
    whole = []
    for row in within("MSD101", MONTHS):
        booked = date.fromisoformat(row["AntenatalAppDate"])
        weeks = (booked - date.fromisoformat(row["EDDAgreed"]) + TERM).days / 7
        assert 6 <= weeks < 14
        if row["AntenatalAppDate"][:7] in MONTHS and row["DischargeDateMatService"]:
            whole.append(contacts[row["PregnancyID"]])
    assert len(whole) > 40
    assert (min(whole), max(whole)) >= (3, 7)
    assert max(whole) <= 9


# --- what figures look back on ------------------------------------------------------------


def test_smoking_at_booking_is_mostly_known_and_sometimes_told_a_day_later() -> None:
    known = near = booked = 0
    for month, following in pairwise([*MONTHS, ""]):
        told = defaultdict(set)
        for sent in filter(None, (month, following)):
            contacts = by("MSD201", "CareConID", sent)
            for activity in filter(tells, rows(sent, "MSD202")):
                contact = contacts[activity["CareConID"]]
                told[contact["PregnancyID"]].add(date.fromisoformat(contact["CContactDate"]))
        for row in rows(month, "MSD101"):
            day = date.fromisoformat(row["AntenatalAppDate"])
            if str(day)[:7] == month:
                apart = {abs((other - day).days) for other in told[row["PregnancyID"]]}
                booked += 1
                known += any(days <= 3 for days in apart)
                near += any(days <= 3 for days in apart) and 0 not in apart
    assert 0.72 < known / booked < 0.88
    assert 0 < near < 15


def test_smoking_at_delivery_is_known_of_too_few() -> None:
    known = set()
    labours = {row["LabourDeliveryID"]: row for row in within("MSD301", QUARTER)}
    days = {
        row["PregnancyID"]: date.fromisoformat(row["LabourOnsetDate"] or row["CaesareanDate"])
        for row in labours.values()
    }
    for activity in filter(tells, within("MSD302", QUARTER)):
        known.add(labours[activity["LabourDeliveryID"]]["PregnancyID"])
    during = len(known)
    contacts = {row["CareConID"]: row for row in within("MSD201", MONTHS[-4:])}
    for activity in filter(tells, within("MSD202", MONTHS[-4:])):
        contact = contacts[activity["CareConID"]]
        day = days.get(contact["PregnancyID"])
        if day and 0 <= (day - date.fromisoformat(contact["CContactDate"])).days <= 3:
            known.add(contact["PregnancyID"])
    assert 0 < during < len(known)
    assert 0.5 < len(known) / len(days) < 0.7


def test_readings_and_cigarettes_tell_smokers_from_others() -> None:
    for concept, above, unit in ((CIGARETTES_A_DAY, 0, ""), (CARBON_MONOXIDE, 3, "ppm")):
        told = [row for row in within("MSD202", MONTHS) if row["ObsCode"] == concept]
        assert {row["UCUMUnit"] for row in told} == {unit}
        assert {int(row["ObsValue"]) > above for row in told} == {True, False}


def test_scores_and_feeds_are_recorded_of_as_many_as_said() -> None:
    babies = within("MSD401", MONTHS)
    alive = [row for row in babies if row["PregOutcome"] == "01"]
    assert len(alive) == len(babies) - 1
    fed = sum(bool(row["BabyFirstFeedIndCode"]) for row in alive) / len(alive)
    assert fed == pytest.approx(FIRST_FEED_RECORDED / 20, abs=0.03)
    scores = [row["ObsValue"] for row in within("MSD405", MONTHS) if row["ObsCode"] == APGAR]
    assert len(scores) / len(alive) == pytest.approx(APGAR_RECORDED / 20, abs=0.03)
    assert 0 < sum(int(score) < 7 for score in scores) < 15


def test_a_quarter_has_losses_of_blood_of_every_size() -> None:
    given = [row for row in within("MSD302", QUARTER) if row["ObsCode"] == BLOOD_LOSS]
    assert {(row["ObsScheme"], row["UCUMUnit"]) for row in given} == {("03", "mL")}
    losses = [int(row["ObsValue"]) for row in given]
    assert 1 <= sum(loss >= 1500 for loss in losses) <= 2
    assert sum(500 < loss < 1500 for loss in losses) >= 3
    assert sum(loss <= 450 for loss in losses) > len(losses) * 0.7


def test_two_vaginal_births_have_a_third_degree_tear_one_of_them_in_the_last_quarter() -> None:
    torn = [row for row in within("MSD302", MONTHS) if row["FindingCode"] == THIRD_DEGREE_TEAR]
    assert len(torn) == 2
    assert sum(row["ClinInterDateMother"][:7] in QUARTER for row in torn) == 1
    born = {row["LabourDeliveryID"]: row for row in within("MSD401", MONTHS)}
    methods = {born[row["LabourDeliveryID"]]["DeliveryMethodCode"] for row in torn}
    assert not methods & set(CAESAREANS)


def robson(labour: dict[str, str], baby: dict[str, str], booking: dict[str, str]) -> str:
    """The group of a term birth of one baby head first, as far as these tests ask for it."""
    if int(booking["PreviousCaesareanSections"]):
        return "5"
    if int(booking["PreviousLiveBirths"]):
        return "3 or 4"
    return "1" if labour["LabourOnsetMethod"] == "1" else "2"


def test_the_last_quarter_has_births_of_every_group_asked_for() -> None:
    groups: dict[str, set[bool]] = defaultdict(set)
    vaginal = 0
    for month in QUARTER:
        bookings = by("MSD101", "PregnancyID", month)
        labours = by("MSD301", "LabourDeliveryID", month)
        babies = Counter(row["LabourDeliveryID"] for row in rows(month, "MSD401"))
        for baby in rows(month, "MSD401"):
            labour = labours[baby["LabourDeliveryID"]]
            booking = bookings[labour["PregnancyID"]]
            caesarean = baby["DeliveryMethodCode"] in CAESAREANS
            assert caesarean == bool(labour["CaesareanDate"])
            vaginal += not caesarean
            alone = babies[baby["LabourDeliveryID"]] == 1 and baby["FetusPresentation"] == "01"
            if alone and int(baby["GestationLengthBirth"]) >= 259 and booking["PreviousLiveBirths"]:
                groups[robson(labour, baby, booking)].add(caesarean)
    assert groups == {group: {True, False} for group in ("1", "2", "3 or 4", "5")}
    assert 0.5 < vaginal / len(within("MSD401", QUARTER)) < 0.7


def test_twins_are_born_about_once_in_forty_labours() -> None:
    babies = Counter(row["LabourDeliveryID"] for row in within("MSD401", MONTHS))
    assert 3 <= sum(count == 2 for count in babies.values()) <= 6
    assert set(babies.values()) == {1, 2}
    assert max(Counter(row["LabourDeliveryID"] for row in within("MSD401", QUARTER)).values()) == 2


def cohort(month: str) -> set[str]:
    """Women who reach 29 weeks in a month."""
    return {
        row["PregnancyID"]
        for row in within("MSD101", MONTHS)
        if str(date.fromisoformat(row["EDDAgreed"]) - TERM + REACHED)[:7] == month
    }


def plans(pregnancies: set[str]) -> Rows:
    """The antenatal care plans of women."""
    return [
        row
        for row in within("MSD102", MONTHS)
        if row["CarePlanType"] == "05" and row["PregnancyID"] in pregnancies
    ]


def test_women_who_reach_29_weeks_have_plans_of_every_kind() -> None:
    pathways = Counter(row["ContCarePathInd"] for row in within("MSD102", MONTHS))
    assert pathways["Y"] > 40
    assert pathways["N"] > 40
    now = cohort(MONTHS[-1])
    assert len(now) >= 10
    on_pathway = [row for row in plans(now) if row["ContCarePathInd"] == "Y"]
    assert len(on_pathway) >= 5
    assert sum(bool(row["CareProfLID"] and row["TeamLocalID"]) for row in on_pathway) >= 4


def test_women_placed_four_months_ago_were_cared_for_and_discharged() -> None:
    placed = {
        row["PregnancyID"]: row
        for row in plans(cohort(MONTHS[-5]))
        if row["ContCarePathInd"] == "Y" and row["CareProfLID"] and row["TeamLocalID"]
    }
    assert len(placed) >= 3
    discharged = {
        row["PregnancyID"] for row in within("MSD101", MONTHS) if row["DischargeDateMatService"]
    }
    assert set(placed) <= discharged
    contacts = {row["CareConID"]: row["PregnancyID"] for row in within("MSD201", MONTHS)}
    kept = [
        placed[contacts[row["CareConID"]]]["TeamLocalID"] == row["TeamLocalID"]
        for row in within("MSD202", MONTHS)
        if contacts[row["CareConID"]] in placed
    ]
    assert 0.5 < sum(kept) / len(kept) < 1
    labours = {row["PregnancyID"] for row in within("MSD301", MONTHS)}
    assert set(placed) <= labours
    assert all(row["CareProfLID"] for row in within("MSD302", MONTHS))


def test_contacts_that_did_not_take_place_have_no_activity() -> None:
    attended = {row["CareConID"]: row["AttendCode"] for row in within("MSD201", MONTHS)}
    assert set(attended.values()) == {"3", "5", "6", "7"}
    seen = {row["CareConID"] for row in within("MSD202", MONTHS)}
    assert seen == {contact for contact, code in attended.items() if code in ("5", "6")}


# --- chance -------------------------------------------------------------------------------


def test_a_deck_deals_every_card_before_any_comes_again() -> None:
    deck = Deck(Draws(1), "abcd")
    rounds = [[deck.deal() for _ in range(4)] for _ in range(20)]
    assert all(sorted(dealt) == list("abcd") for dealt in rounds)
    assert len({"".join(dealt) for dealt in rounds}) > 5


@pytest.mark.parametrize(
    ("month", "count", "other"),
    [("2026-08", 0, "2026-08"), ("2026-08", 5, "2027-01"), ("2026-01", -1, "2025-12")],
)
def test_months_are_counted_over_the_turn_of_the_year(month: str, count: int, other: str) -> None:
    assert str(month_after(Period.parse(month), count)) == other
