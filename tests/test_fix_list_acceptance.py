"""Tests of what would be rejected on the list of records to correct, and of what is forecast."""

from __future__ import annotations

import csv
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msds_audit import api
from msds_audit.audit import audit
from msds_audit.fixing import fix_list
from msds_audit.modulus_11 import unused_numbers
from msds_audit.reports.gains import OUT_OF_REACH, UNKNOWN, WITHIN_REACH, gain_lines, told
from msds_audit.row_findings import findings
from msds_audit.rule import Effect
from msds_audit.scorecard import Outcome
from msds_audit.scoring import score
from msds_audit.worklist import Weight
from support import FIXTURES, audited, packaged, sample, submission, without

REJECTING = {
    str(one) for one in (Effect.REJECTS_FILE, Effect.REJECTS_PATIENT, Effect.REJECTS_RECORD)
}
ABOUT_ACCEPTANCE = ("CONF-01", "CONF-02", "CONF-03")


def listed(given, *schemes):
    return fix_list(given, packaged(), api.chosen_schemes(packaged(), schemes))


@cache
def listed_sample(name):
    return listed(sample(name))


def gain_of(found, criterion):
    [gain] = [one for one in found.gains if criterion in one.criteria]
    return gain


def rows_of(folder, table):
    [file] = folder.glob(f"{table}*.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


CLEAN = {table[:6]: rows_of(FIXTURES / "clean", table[:6]) for table in packaged().spec.tables}


def changed(*changes, removed=()):
    """The clean sample with some values changed and some records taken out."""
    tables = {table: [dict(row) for row in rows] for table, rows in CLEAN.items()}
    for table, at, item, value in changes:
        tables[table][at][item] = value
    for table, at in removed:
        tables[table][at] = None
    return {table: [row for row in rows if row is not None] for table, rows in tables.items()}


def given_as(tables):
    return submission(packaged().spec, tables, provider="RVR", period="2026-08")


# --- who is on it -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["south-west-london/RJ6", "every-rule-broken"])
def test_every_record_that_is_rejected_or_gets_the_file_rejected_is_on_the_list(name):
    schemes = api.chosen_schemes(packaged(), ["conformance"])
    named = findings(sample(name), audited(name), packaged(), schemes).frame
    wrong = {
        row["rule"]
        for row in named.iter_rows(named=True)
        if row["effect"] in REJECTING and row["record"] is not None
    }
    found = listed_sample(name)
    titles = {packaged().records[id].title for id in wrong}
    said = {title for one in found.corrections for title in titles if title in one.wrong}
    assert said == titles
    of_file = {id for id in wrong if packaged().records[id].effect is Effect.REJECTS_FILE}
    first = [one for one in found.corrections if one.weight is Weight.FILE_REJECTED]
    assert bool(first) == bool(of_file)
    assert all("CONF-01" in one.criteria for one in first)


def test_what_gets_the_file_rejected_comes_before_everything_else():
    tables = changed(
        ("MSD001", 30, "NHSNumberMother", CLEAN["MSD001"][30]["NHSNumberMother"][:-1] + "x"),
        ("MSD001", 2, "EthnicCategoryMother", ""),
    )
    number = CLEAN["MSD001"][30]["NHSNumberMother"]
    tables["MSD001"][30]["NHSNumberMother"] = number[:-1] + str((int(number[-1]) + 1) % 10)
    found = listed(given_as(tables))
    first = found.corrections[0]
    assert (first.weight, first.items, first.record) == (
        Weight.FILE_REJECTED,
        ("NHSNumberMother",),
        31,
    )
    gain = found.gains[0]
    assert (gain.criteria, gain.needed, gain.reaches) == (("CONF-01",), 1, True)
    assert told(gain).reach == WITHIN_REACH
    assert "correct this one record to reach 100 %: 36 of 36" in told(gain).lines[0]


def test_two_records_of_one_mother_are_tried_with_one_number_and_those_of_two_with_two():
    tables = changed()
    other = next(unused_numbers({row["NHSNumberMother"] for row in tables["MSD001"]}))
    tables["MSD001"].append({**tables["MSD001"][4], "NHSNumberMother": other})
    tables["MSD001"][7]["NHSNumberMother"] = tables["MSD001"][8]["NHSNumberMother"]
    gain = gain_of(listed(given_as(tables)), "CONF-01")
    assert (gain.needed, gain.correctable, gain.reaches) == (4, 4, True)


def test_st_georges_records_that_are_rejected_are_the_bookings_of_the_wrong_format():
    """36 women, in 41 bookings, whose disability is answered in words."""
    folder = FIXTURES / "south-west-london" / "RJ7"
    wrong = [
        at
        for at, row in enumerate(rows_of(folder, "MSD101"), start=1)
        if len(row["DisabilityIndMother"]) > 1
    ]
    found = listed_sample("south-west-london/RJ7")
    gain = gain_of(found, "CONF-03")
    on_it = [one for one in found.corrections if "CONF-03" in one.needed_for]
    assert {(one.table[:6], one.record) for one in on_it} >= {("MSD101", at) for at in wrong}
    assert (gain.needed, gain.correctable, gain.unsure) == (41, 41, 0)
    assert (gain.before.numerator, gain.after.numerator, gain.after.denominator) == (
        5821,
        6124,
        6124,
    )
    patients = gain_of(found, "CONF-02")
    assert (patients.needed, patients.after.numerator, patients.after.denominator) == (36, 718, 718)


def test_a_mother_without_a_gp_is_accepted_once_a_registration_is_sent():
    mother = CLEAN["MSD001"][5]["LPIDMother"]
    gone = [at for at, row in enumerate(CLEAN["MSD002"]) if row["LPIDMother"] == mother]
    found = listed(given_as(changed(removed=[("MSD002", at) for at in gone])))
    [one] = [each for each in found.corrections if "CONF-02" in each.criteria]
    assert (one.table[:6], one.record, one.whose.mother) == ("MSD002", 0, mother)
    assert one.weight is Weight.OVER_THE_LINE
    gain = gain_of(found, "CONF-03")
    assert (gain.needed, gain.reaches) == (1, True)
    assert gain.after.denominator == gain.before.denominator + 1


def test_whose_an_orphan_is_is_not_guessed_and_whether_it_reaches_is_not_told():
    found = listed(given_as(changed(("MSD101", 3, "LPIDMother", "NOBODY"))), "conformance")
    gain = gain_of(found, "CONF-03")
    assert gain.unsure
    assert not gain.reaches
    assert told(gain).reach == UNKNOWN
    assert "cannot be told" in " ".join(told(gain).lines)


def test_a_table_that_is_missing_is_named_as_more_than_the_list_can_do():
    found = listed(without(given_as(CLEAN), "MSD002GP"), "conformance")
    gain = gain_of(found, "CONF-01")
    assert (gain.needed, gain.reaches, told(gain).reach) == (0, False, OUT_OF_REACH)
    assert any("MSD002-present" in line for line in found.not_listed)


def test_where_not_all_can_be_looked_at_corrections_do_not_make_it_met():
    given = given_as(changed(("MSD101", 3, "DisabilityIndMother", "Yes")))
    found = listed(without(given, "MSD109FindingObsMother"), "conformance")
    gain = gain_of(found, "CONF-03")
    assert (gain.needed, gain.reaches, told(gain).reach) == (1, False, UNKNOWN)
    assert "MSD109FindingObsMother is not in this extract" in gain.reason
    assert "not assessed" in "\n".join(gain_lines([found]))


# --- what is forecast ---------------------------------------------------------------------

SPOILT = {
    ("MSD001", "NHSNumberMother"): ("9996607350", "123", "9999999999"),
    ("MSD001", "EthnicCategoryMother"): ("White British", "", "99"),
    ("MSD101", "DisabilityIndMother"): ("Yes", "No", ""),
    ("MSD101", "EDDAgreed"): ("01/02/2027", ""),
    ("MSD401", "EthnicCategoryBaby"): ("Asian", "Z"),
    ("MSD405", "UCUMUnit"): ("", "grammes and more than fits into it"),
    ("MSD000", "Version"): ("1.5",),
}
RIGHT = {
    "EthnicCategoryMother": "H",
    "DisabilityIndMother": "N",
    "EDDAgreed": "2027-02-01",
    "EthnicCategoryBaby": "N",
    "UCUMUnit": "g",
    "Version": "02.00",
}
spoiling = st.lists(
    st.sampled_from([(*place, value) for place, values in SPOILT.items() for value in values]),
    min_size=1,
    max_size=25,
).flatmap(lambda some: st.tuples(*(st.tuples(st.just(one), st.integers(0, 99)) for one in some)))
removing = st.lists(st.integers(0, 39), max_size=4)


def put_right(tables, corrections):
    """The tables once these corrections are made by hand, as the list says."""
    right = {table: [dict(row) for row in rows] for table, rows in tables.items()}
    numbers = unused_numbers({row["NHSNumberMother"] for row in tables["MSD001"]})
    for one in corrections:
        table = one.table[:6]
        if one.record:
            for item in one.items:
                value = next(numbers) if item == "NHSNumberMother" else RIGHT[item]
                right[table][one.record - 1][item] = value
        else:
            assert table == "MSD002"
            right[table].append({**CLEAN["MSD002"][0], "LPIDMother": one.whose.mother})
    return right


def outcomes(tables):
    card = score(
        audit(given_as(tables), packaged()), packaged(), api.chosen_schemes(packaged(), [])
    )
    return {one.criterion: one for one in card.results}


def counted(result):
    return result.numerator or 0, result.denominator or 0


@given(spoiling, removing)
@settings(max_examples=3)
def test_corrections_made_as_the_list_says_come_to_what_it_forecast(changes, removed):
    check_forecast(changes, removed)


@pytest.mark.slow
@given(spoiling, removing)
@settings(max_examples=40)
def test_they_do_for_many_more_extracts(changes, removed):
    check_forecast(changes, removed)


def check_forecast(changes, removed):
    """Every criterion that is not met is forecast, and comes out as it is forecast."""
    tables = changed(
        *((table, at % len(CLEAN[table]), item, value) for (table, item, value), at in changes),
        removed=[("MSD002", at) for at in removed],
    )
    found = listed(given_as(tables))
    before = outcomes(tables)
    for gain in found.gains:
        needed = [one for one in found.corrections if set(gain.criteria) & set(one.needed_for)]
        achieved = outcomes(put_right(tables, needed))
        for id in gain.criteria:
            assert counted(achieved[id]) == (gain.after.numerator, gain.after.denominator), id
            assert (achieved[id].outcome is Outcome.MET) == gain.reaches
        forecast = {
            id: (one.after.numerator, one.after.denominator)
            for one in gain.touched
            for id in one.criteria
        }
        for id, result in achieved.items():
            if result.threshold is not None and id not in gain.criteria:
                assert counted(result) == forecast.get(id, counted(before[id])), id
    missed = {id for id, one in before.items() if one.outcome is Outcome.NOT_MET}
    assert missed == {id for gain in found.gains for id in gain.criteria}
