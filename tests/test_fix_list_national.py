"""Tests of national measures on the list of records to correct: who is on it, what is forecast."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from functools import cache

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msds_audit import api
from msds_audit.bases import ACTIVITY, BABY, BOOKING, CONTACT, LABOUR
from msds_audit.extract import Period
from msds_audit.fixing import National, fix_list
from msds_audit.national import is_published, national
from msds_audit.readers import open_extract
from msds_audit.reports.gains import A_PART, WITHIN_REACH, gain_lines, told
from msds_audit.rule import Against, Family
from msds_audit.worklist import Where
from support import FIXTURES, packaged

YEAR = FIXTURES / "year"
HES = FIXTURES / "year-hes-deliveries.csv"
REPORTED = Period.parse("2026-08")
DELIVERIES = {"RJ7": 60}


@cache
def year():
    """The sample year, its tables read once."""
    found = open_extract([YEAR], packaged().spec).submissions
    return {
        one.period: replace(one, stored={k: v.collect().lazy() for k, v in one.tables.items()})
        for one in found
    }


def counted(history, deliveries=None):
    return national(history, REPORTED, packaged(), deliveries=deliveries)


def listed(history, *schemes, deliveries=None):
    rules = packaged()
    return fix_list(
        history[REPORTED],
        rules,
        api.chosen_schemes(rules, schemes),
        national=National(history, counted(history, deliveries)),
    )


@cache
def of_year(*schemes):
    return listed(year(), *schemes, deliveries=DELIVERIES)


def gain_of(found, criterion):
    [gain] = [one for one in found.gains if criterion in one.criteria]
    return gain


def rows_of(file):
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


# --- who is on it -------------------------------------------------------------------------


def test_the_babies_without_a_first_feed_are_those_that_a_plain_reading_finds():
    wrong = {
        row["LPIDBaby"]
        for row in rows_of(YEAR / "2026-08" / f"{BABY}.csv")
        if row["PersonBirthDateBaby"].startswith("2026-08") and not row["BabyFirstFeedIndCode"]
    }
    found = [one for one in of_year("cqim").corrections if "CQIMBreastfeeding" in one.criteria]
    assert {one.whose.baby for one in found} == wrong
    assert all(one.items == ("BabyFirstFeedIndCode",) for one in found)


def test_a_record_of_an_earlier_month_is_named_by_that_month():
    found = [one for one in of_year("cqim").corrections if "CQIMSmokingDelivery" in one.criteria]
    assert found
    assert {str(one.sent) for one in found} == {"2026-07"}
    babies = rows_of(YEAR / "2026-07" / f"{BABY}.csv")
    assert all(babies[one.record - 1]["LPIDBaby"] == one.whose.baby for one in found)


def test_as_many_are_needed_as_the_scorecard_says_are_missing():
    results = counted(year(), DELIVERIES)
    rates = {one.criteria[0]: one for one in of_year("cqim").gains}
    assert rates
    for rate, gain in rates.items():
        [measure] = results[rate].withheld_by
        assert gain.needed == -results[measure].margin, rate
        assert gain.published.passes
        assert told(gain).reach == WITHIN_REACH
        assert gain.published.releases == (rate,)


def test_what_is_no_fault_of_a_record_is_told_and_not_listed():
    """A share of tears that is too high, and births that HES knows of and the extract does not."""
    found = listed(year(), "cqim-dq", deliveries={"RJ7": 6000})
    said = "\n".join(found.not_listed)
    results = counted(year(), {"RJ7": 6000})
    against_hes = [
        id
        for id, one in results.items()
        if one.indicator.against is Against.HES and one.rounded_result == "Fail"
    ]
    assert against_hes
    for id in (*against_hes, "CQIMDQ20"):
        assert f"{id}, " in said
        assert not [one for one in found.corrections if id in one.criteria]


def test_what_could_not_be_assessed_is_told_by_its_reason():
    found = listed(year(), "cqim")
    assert any("needs a file of annual HES deliveries" in line for line in found.not_listed)
    gain = gain_of(found, "CQIMBreastfeeding")
    assert gain.published.undecided == ("CQIMBreastfeeding",)
    assert told(gain).reach == A_PART


def test_an_answer_that_does_not_count_is_nobodys_to_correct():
    history = spoilt([(BABY, "BabyFirstFeedIndCode", "03")])
    before = listed(history, "cqim-dq")
    assert not [one for one in before.corrections if "CQIMDQ08" in one.criteria]
    early = spoilt([(BABY, "GestationLengthBirth", "200")])
    found = listed(early, "cqim-dq")
    assert not [one for one in found.corrections if "CQIMDQ23" in one.criteria]


def test_what_cannot_be_so_is_to_correct_even_if_it_has_the_right_format():
    """39 weeks that were sent as days: of every measure that reads them."""
    found = listed(spoilt([(BABY, "GestationLengthBirth", "39")]), "cqim-dq")
    for id in ("CQIMDQ22", "CQIMDQ23", "CQIMDQ31"):
        assert gain_of(found, id).correctable == gain_of(found, id).before.denominator, id
        assert gain_of(found, id).reaches, id


def test_so_many_metrics_are_reached_by_those_that_take_fewest_corrections():
    found = of_year("cnst-sa2-y4")
    [whole] = [one for one in found.gains if one.published is None and "SA2-cqim" in one.criteria]
    parts = [one for one in found.gains if one.published is not None]
    results = counted(year(), DELIVERIES)
    rates = [one for one in results.values() if one.indicator.family is Family.CQIM]
    now = sum(is_published(one) is True for one in rates)
    assert (whole.before.numerator, whole.asks) == (now, "9 of 11")
    assert (whole.after.numerator, whole.reaches) == (9, True)
    cheapest = sorted(part.needed for part in parts)[: 9 - now]
    assert whole.needed == sum(cheapest)
    assert {told(part).reach for part in parts} == {A_PART}


def test_where_to_teach_counts_everybody_a_measure_is_asked_of():
    found = of_year("cqim")
    for gain in found.gains:
        [one] = [each for each in found.teaching if each.criteria == gain.criteria]
        for where in Where:
            groups = [group for group in one.groups if group.where is where]
            assert sum(group.asked for group in groups) == gain.before.denominator, gain.criteria
            assert sum(group.to_put_right for group in groups) == gain.correctable


def test_no_identifier_is_in_what_is_said():
    found = of_year("national")
    said = "\n".join(gain_lines([found]))
    assert found.corrections
    assert not [one for one in found.corrections if one.whose.mother and one.whose.mother in said]


# --- what is forecast ---------------------------------------------------------------------

RIGHT = {
    "BabyFirstFeedIndCode": "02",
    "FetusPresentation": "01",
    "DeliveryMethodCode": "0",
    "GestationLengthBirth": "280",
    "PreviousLiveBirths": "1",
    "PreviousStillBirths": "0",
    "PreviousCaesareanSections": "0",
    "LabourOnsetMethod": "1",
}
PLACES = (
    (BABY, "BabyFirstFeedIndCode"),
    (BABY, "FetusPresentation"),
    (BABY, "DeliveryMethodCode"),
    (BABY, "GestationLengthBirth"),
    (BOOKING, "PreviousLiveBirths"),
    (BOOKING, "PreviousStillBirths"),
    (LABOUR, "LabourOnsetMethod"),
)
spoiling = st.lists(
    st.tuples(st.sampled_from(PLACES), st.integers(0, 2), st.integers(2, 4)),
    min_size=1,
    max_size=5,
)


def spoilt(whole=(), parts=()):
    """The year with items set in all records of three months, or blank in one of so many."""
    history = dict(year())
    for back in range(3):
        month = REPORTED.before(back)
        tables = {name: frame.collect() for name, frame in history[month].tables.items()}
        for table, item, value in whole:
            tables[table] = tables[table].with_columns(pl.lit(value, pl.String).alias(item))
        for (table, item), first, each in parts:
            at = pl.int_range(pl.len())
            blank = (at % each) == (first % each)
            tables[table] = tables[table].with_columns(
                pl.when(~blank).then(pl.col(item)).alias(item)
            )
        stored = {name: frame.lazy() for name, frame in tables.items()}
        history[month] = replace(history[month], stored=stored)
    return history


def put_right(history, corrections):
    """The year once these corrections are made by hand, as the list says."""
    right = dict(history)
    for month in {one.sent for one in corrections}:
        tables = {name: frame.collect() for name, frame in right[month].tables.items()}
        for one in corrections:
            if one.sent == month:
                for item in one.items:
                    column = tables[one.table][item].to_list()
                    column[one.record - 1] = RIGHT[item]
                    series = pl.Series(item, column, dtype=pl.String)
                    tables[one.table] = tables[one.table].with_columns(series)
        stored = {name: frame.lazy() for name, frame in tables.items()}
        right[month] = replace(right[month], stored=stored)
    return right


@given(spoiling)
@settings(max_examples=3)
def test_measures_come_to_what_is_forecast_once_the_records_are_corrected(parts):
    check_forecast(parts)


@pytest.mark.slow
@given(spoiling)
@settings(max_examples=20)
def test_measures_do_for_many_more_years(parts):
    check_forecast(parts)


def check_forecast(parts):
    history = spoilt(parts=parts)
    found = listed(history, "cqim-dq")
    for gain in found.gains:
        needed = [one for one in found.corrections if set(gain.criteria) & set(one.needed_for)]
        if not all(set(one.items) & set(RIGHT) for one in needed):
            continue  # what is derived from several records is corrected in a test of its own
        achieved = counted(put_right(history, needed))
        [id] = gain.criteria
        now = achieved[id]
        assert (now.numerator, now.denominator) == (gain.after.numerator, gain.after.denominator)
        assert (now.rounded_result == "Pass") == gain.reaches
        assert now.rounded_numerator == gain.published.after.numerator
        for one in gain.touched:
            other = achieved[one.criteria[0]]
            assert (other.numerator, other.denominator) == (
                one.after.numerator,
                one.after.denominator,
            )


def test_smoking_that_is_recorded_as_the_list_says_is_published(run, tmp_path):
    """From files to files: contacts are added for those who are named, and all is counted again."""
    folder, out = tmp_path / "year", tmp_path / "worklist.csv"
    shutil.copytree(YEAR, folder)
    asked = ["--scheme", "cqim", "--month", "2026-08", "--hes-deliveries", HES]
    ran = run("fix-list", folder, *asked, "--out", out)
    assert "CQIMSmokingBooking" in ran.out
    needed = [one for one in rows_of(out) if one["Needed for"] == "CQIMSmokingBooking"]
    assert len(needed) == 2
    add(
        folder / "2026-08" / f"{CONTACT}.csv",
        [
            {
                "CareConID": f"ADDED{at}",
                "PregnancyID": one["Pregnancy (PregnancyID)"],
                "CContactDate": one["Booked"],
            }
            for at, one in enumerate(needed)
        ],
    )
    add(
        folder / "2026-08" / f"{ACTIVITY}.csv",
        [
            {
                "CareConID": f"ADDED{at}",
                "CareActIDMother": f"A{at}",
                "FindingScheme": "04",
                "FindingCode": "266919005",
            }
            for at, _ in enumerate(needed)
        ],
    )
    before = run("check", YEAR, *asked)
    after = run("check", folder, *asked)
    assert any(
        line.startswith("WITHHELD") and "SmokingBooking" in line for line in before.out.splitlines()
    )
    assert any(
        line.startswith("published") and "SmokingBooking" in line for line in after.out.splitlines()
    )


def add(file, rows):
    """Put these rows at the end of a CSV file."""
    there = rows_of(file)
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(there[0]))
        writer.writeheader()
        writer.writerows(there)
        writer.writerows(rows)
