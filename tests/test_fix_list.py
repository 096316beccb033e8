"""Tests of the list of records to correct: who is on it, what is forecast, and where it may go."""

from __future__ import annotations

import csv
import io
import os
import shutil
import stat
import sys
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msds_audit import api
from msds_audit.api import fix_list as api_fix_list
from msds_audit.audit import audit
from msds_audit.fixing import fix_list
from msds_audit.reports.fix_list import fix_list_as_csv, fix_list_as_workbook
from msds_audit.reports.gains import gain_lines
from msds_audit.scorecard import Outcome
from msds_audit.scoring import score
from msds_audit.worklist import Weight
from support import FIXTURES, packaged, quick_first, sample, submission

RAX = FIXTURES / "south-west-london" / "RAX"
STATED = set("ABCDEFGHJKLMNPRS")
MOTHER, BOOKING, BABY, ACTIVITY = "MSD001", "MSD101", "MSD401", "MSD405"
FULL = {
    MOTHER: "MSD001MotherDemog",
    BOOKING: "MSD101PregnancyBooking",
    BABY: "MSD401BabyDemographics",
    ACTIVITY: "MSD405CareActivityBaby",
}


def rows_of(folder, table):
    with (folder / f"{FULL[table]}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def listed(given, *schemes):
    return fix_list(given, packaged(), api.chosen_schemes(packaged(), schemes))


@cache
def listed_sample(name):
    return listed(sample(name))


@pytest.fixture
def listed_once(monkeypatch):
    """Commands look for the same corrections once; they do everything else every time."""
    monkeypatch.setattr("msds_audit.api.fix_list", _listed_already)


_LISTED = {}


def _listed_already(paths, *, rules, on_step, **others):
    asked = repr((list(paths), sorted(others.items())))
    if asked not in _LISTED:
        _LISTED[asked] = api_fix_list(paths, rules=rules, **others)
    return _LISTED[asked]


def on(found, criterion):
    return [one for one in found.corrections if criterion in one.criteria]


# --- who is on it -------------------------------------------------------------------------


def test_the_list_for_kingston_names_exactly_the_women_whose_correction_counts():
    category = {row["LPIDMother"]: row["EthnicCategoryMother"] for row in rows_of(RAX, MOTHER)}
    booked = {
        row["LPIDMother"]
        for row in rows_of(RAX, BOOKING)
        if row["AntenatalAppDate"].startswith("2026-08")
    }
    wanted = {one for one in booked if category[one] not in {*STATED, "Z"}}
    declined = {one for one in booked if category[one] == "Z"}
    found = listed_sample("south-west-london/RAX")
    assert {one.whose.mother for one in on(found, "ETH-01")} == wanted
    assert len(on(found, "ETH-01")) == len(wanted) == 2
    [gain] = found.gains
    stated = len(booked) - len(wanted) - len(declined)
    assert gain.criteria == ("ETH-01", "SA2-ethnicity")
    assert (gain.before.numerator, gain.before.denominator) == (stated, len(booked))
    assert (gain.after.numerator, gain.declined) == (stated + len(wanted), len(declined))
    assert not gain.reaches


def test_the_rows_for_kingston_say_whose_they_are():
    booking = {row["LPIDMother"]: row for row in rows_of(RAX, BOOKING)}
    for one in on(listed_sample("south-west-london/RAX"), "ETH-01"):
        row = booking[one.whose.mother]
        assert one.whose.pregnancy == row["PregnancyID"]
        assert one.whose.booked == row["AntenatalAppDate"]
        assert one.whose.site == row["OrgSiteIDBooking"]
        assert one.whose.nhs_number == ""
        at = rows_of(RAX, MOTHER)[one.record - 1]
        assert at["LPIDMother"] == one.whose.mother
        assert one.items == ("EthnicCategoryMother",)


def test_the_list_for_st_georges_names_every_baby_without_a_weight_that_counts():
    folder = RAX.parent / "RJ7"
    weighed = {
        row["LPIDBaby"]
        for row in rows_of(folder, ACTIVITY)
        if (row["ObsScheme"], row["ObsCode"]) == ("03", "364589006")
        and row["UCUMUnit"].upper() in ("G", "KG", "KILOGRAMS")
        and row["ObsValue"].replace(".", "", 1).isdecimal()
        and float(row["ObsValue"]) > 0
    }
    born = {
        row["LPIDBaby"]
        for row in rows_of(folder, BABY)
        if row["PersonBirthDateBaby"].startswith("2026-08")
    }
    found = listed_sample("south-west-london/RJ7")
    assert {one.whose.baby for one in on(found, "SA2-birthweight")} == born - weighed
    gain = found.gains[0]
    assert gain.criteria == ("SA2-birthweight",)
    assert (gain.needed, gain.correctable) == (19, len(born - weighed))
    assert (gain.after.numerator, gain.after.denominator) == (292, 364)
    first = [one for one in found.corrections if one.weight is Weight.OVER_THE_LINE][:19]
    assert [one.needed_for for one in first] == [("SA2-birthweight",)] * 19
    assert len([one for one in found.corrections if "SA2-birthweight" in one.needed_for]) == 19
    beginnings = {}
    for one in found.corrections:
        beginnings.setdefault(one.whose.mother, one.weight)
    assert list(beginnings.values()) == sorted(beginnings.values())


def test_what_a_correct_extract_gains_is_nothing():
    found = listed_sample("clean")
    assert found.corrections == found.gains == ()


def test_a_correction_that_mends_several_things_is_one_row_and_comes_first():
    found = listed_sample("south-west-london/RJ6")
    first = found.corrections[0]
    assert {"ETH-01", "ETH-06", "CONF-03"} <= set(first.criteria)
    assert first.mends == 3
    slots = [(one.table, one.record, one.items) for one in found.corrections if one.record]
    assert len(slots) == len(set(slots))


@pytest.mark.parametrize(
    "name",
    quick_first(["south-west-london/RJ7", "every-rule-broken"], ["south-west-london/RJ7"]),
)
def test_what_is_about_one_woman_stands_together(name):
    found = listed_sample(name)
    mothers = [one.whose.mother for one in found.corrections if one.whose.mother]
    assert len(set(mothers)) < len(mothers)
    changes = [one for at, one in enumerate(mothers) if not at or mothers[at - 1] != one]
    assert len(changes) == len(set(changes))


def women(rules, *categories, doubled=()):
    """A submission of women booked, one of each of these ethnic categories."""
    records = [
        {"LPIDMother": f"M{at}", "EthnicCategoryMother": one, "PersonBirthDateMother": "1995-01-01"}
        for at, one in enumerate(categories)
    ]
    bookings = [
        {"LPIDMother": f"M{at}", "PregnancyID": f"P{at}", "AntenatalAppDate": "2026-08-05"}
        for at, _ in enumerate(categories)
    ]
    more = [{**records[at], "EthnicCategoryMother": other} for at, other in doubled]
    return submission(rules.spec, {MOTHER: [*records, *more], BOOKING: bookings})


def test_a_woman_who_chose_not_to_say_is_counted_and_not_named(rules):
    found = listed(women(rules, "A", "Z", "99", None, "x"), "ethnicity")
    gain = next(one for one in found.gains if "ETH-01" in one.criteria)
    assert (gain.correctable, gain.declined) == (3, 1)
    assert [one.whose.mother for one in on(found, "ETH-01")] == ["M4", "M2", "M3"]
    assert "Left out: 1, because what is recorded is an answer" in "\n".join(gain_lines([found]))


def test_of_two_records_that_differ_both_are_named(rules):
    found = listed(women(rules, "A", "B", doubled=[(1, "Z")]), "ethnicity")
    named = on(found, "ETH-01")
    assert [(one.whose.mother, one.record) for one in named] == [("M1", 2), ("M1", 3)]
    assert all("differs from another of its 2 records" in one.wrong for one in named)
    assert found.gains[0].after == found.gains[0].before.__class__(2, 2)


def test_a_woman_without_a_record_of_her_own_is_named_by_her_booking(rules):
    given = submission(
        rules.spec,
        {
            MOTHER: [{"LPIDMother": "M1", "EthnicCategoryMother": "A"}],
            BOOKING: [
                {"LPIDMother": "M1", "AntenatalAppDate": "2026-08-05"},
                {"LPIDMother": "M2", "AntenatalAppDate": "2026-08-05", "PregnancyID": "P2"},
            ],
        },
    )
    [one] = on(listed(given, "ethnicity"), "ETH-01")
    assert (one.whose.mother, one.whose.pregnancy, one.record) == ("M2", "P2", 0)
    assert "there is no such record in MSD001; it is missed by record 2 of MSD101" in one.wrong


def test_whose_a_record_is_is_never_guessed(rules):
    given = submission(
        rules.spec,
        {
            MOTHER: [{"LPIDMother": "M1", "EthnicCategoryMother": "A"}],
            BOOKING: [
                {"LPIDMother": "M1", "AntenatalAppDate": "2026-08-05"},
                {"LPIDMother": None, "AntenatalAppDate": "2026-08-05"},
            ],
        },
    )
    found = listed(given, "ethnicity")
    [gain] = found.gains
    assert (gain.correctable, gain.unsure, gain.needed) == (1, 1, 0)
    assert gain.after == gain.before
    assert "cannot be told" in "\n".join(gain_lines([found]))


# --- what is forecast ---------------------------------------------------------------------

SPOILT = {
    MOTHER: {
        "EthnicCategoryMother": ("", "99", "Z", "a", "White British"),
        "PersonBirthDateMother": ("1890-01-01", "", "2020-02-02"),
    },
    BOOKING: {"ComplexSocialFactorsInd": ("", "?")},
    BABY: {"EthnicCategoryBaby": ("", "b", "Z")},
    ACTIVITY: {"UCUMUnit": ("", "lb"), "ObsValue": ("", "3,2")},
}
RIGHT = {
    "EthnicCategoryMother": "H",
    "PersonBirthDateMother": "1994-04-04",
    "ComplexSocialFactorsInd": "N",
    "EthnicCategoryBaby": "N",
    "UCUMUnit": "G",
    "ObsValue": "3333",
    "EDDMethodAgreed": "03",
    "Postcode": "KT1 2AB",
}
WEIGHING = {"ObsScheme": "03", "ObsCode": "364589006", "ObsValue": "3333", "UCUMUnit": "G"}
OF_A_MOTHER = {"PersonBirthDateMother": "1994-04-04", "EthnicCategoryMother": "H"}
SCHEMES = ("ethnicity", "protected-characteristics", "cnst-sa2-y4", "cnst-sa2-y7")

spoiling = st.lists(
    st.sampled_from(
        [
            (table, item, wrong)
            for table, items in SPOILT.items()
            for item, values in items.items()
            for wrong in values
        ]
    ).flatmap(lambda one: st.tuples(st.just(one), st.integers(0, 10_000))),
    min_size=1,
    max_size=60,
)
removing = st.lists(
    st.tuples(st.sampled_from([MOTHER, ACTIVITY]), st.integers(0, 10_000)), max_size=6
)
doubling = st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from("ABZ")), max_size=3)


def small():
    """Forty bookings and forty births of Kingston, as rows by table."""
    bookings, babies = rows_of(RAX, BOOKING)[:40], rows_of(RAX, BABY)[:40]
    mothers = {row["LPIDMother"] for row in bookings}
    born = {row["LPIDBaby"] for row in babies}
    return {
        MOTHER: [row for row in rows_of(RAX, MOTHER) if row["LPIDMother"] in mothers],
        BOOKING: bookings,
        BABY: babies,
        ACTIVITY: [row for row in rows_of(RAX, ACTIVITY) if row["LPIDBaby"] in born],
    }


SMALL = small()


def spoilt(changes, removed, doubled):
    tables = {table: [dict(row) for row in rows] for table, rows in SMALL.items()}
    for (table, item, wrong), at in changes:
        tables[table][at % len(tables[table])][item] = wrong
    for at, category in doubled:
        rows = tables[MOTHER]
        rows.append({**rows[at % len(rows)], "EthnicCategoryMother": category})
    for table, at in removed:
        del tables[table][at % len(tables[table])]
    return tables


def put_right(tables, corrections):
    """The tables once these corrections are made by hand, as the list says."""
    right = {table: [dict(row) for row in rows] for table, rows in tables.items()}
    for one in corrections:
        table = one.table[:6]
        if one.record:
            right[table][one.record - 1].update({item: RIGHT[item] for item in one.items})
        elif table == MOTHER:
            right[table].append({"LPIDMother": one.whose.mother, **OF_A_MOTHER})
        else:
            right[table].append({"LPIDBaby": one.whose.baby, **WEIGHING})
    return right


def outcomes(tables, rules):
    given = submission(rules.spec, tables)
    card = score(audit(given, rules), rules, api.chosen_schemes(rules, SCHEMES))
    return {one.criterion: one for one in card.results}


def counted(result):
    return result.numerator or 0, result.denominator or 0


@given(spoiling, removing, doubling)
@settings(max_examples=3)
def test_corrections_made_as_the_list_says_come_to_what_it_forecast(changes, removed, doubled):
    check_forecast(changes, removed, doubled)


@pytest.mark.slow
@given(spoiling, removing, doubling)
@settings(max_examples=40)
def test_they_do_for_many_more_extracts(changes, removed, doubled):
    check_forecast(changes, removed, doubled)


def check_forecast(changes, removed, doubled):
    """Every criterion that is not met is forecast, and comes out as it is forecast."""
    rules = packaged()
    tables = spoilt(changes, removed, doubled)
    found = listed(submission(rules.spec, tables), *SCHEMES)
    before = outcomes(tables, rules)
    for gain in found.gains:
        needed = [one for one in found.corrections if set(gain.criteria) & set(one.needed_for)]
        achieved = outcomes(put_right(tables, needed), rules)
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
    forecast = {id for gain in found.gains for id in gain.criteria}
    assert missed == forecast


OURS = """
id      = "ours"
family  = "ours"
title   = "Ours"
about   = "Rules of our own choice."
source  = "Ourselves"
order   = 9
default = false

"""
CRITERION = """
[[criterion]]
id        = "OURS-{rule}"
section   = "Ours"
rule      = "{rule}"
threshold = {threshold}
basis     = "advice"
source    = "Ourselves"
verified  = true
"""


def asking(folder, **thresholds):
    """The packaged rules with a scheme that asks so much of these rules."""
    (folder / "schemes").mkdir(parents=True)
    asked = (
        CRITERION.format(rule=rule.replace("_", "-"), threshold=threshold)
        for rule, threshold in thresholds.items()
    )
    (folder / "schemes" / "ours.toml").write_text(OURS + "".join(asked), encoding="utf-8")
    return api.load_rules(folder)


def test_a_rule_that_is_asked_for_is_forecast_record_by_record(tmp_path):
    rules = asking(tmp_path, MSD405_02="1.00", MSD101_04="0.99", M001060_code="1.00")
    tables = {table: rows_of(RAX, table) for table in FULL}
    given = submission(rules.spec, tables, provider="RAX")
    schemes = api.chosen_schemes(rules, ["ours"])
    found = fix_list(given, rules, schemes)
    assert {gain.criteria: gain.needed for gain in found.gains} == {
        ("OURS-MSD405-02",): sum(
            row["ObsCode"] == "364589006" and not row["UCUMUnit"] for row in tables[ACTIVITY]
        ),
        ("OURS-MSD101-04",): 23 - 6,
        ("OURS-M001060-code",): 5,
    }
    for gain in found.gains:
        [id] = gain.criteria
        needed = [one for one in found.corrections if id in one.needed_for]
        right = put_right(tables, needed)
        again = score(audit(submission(rules.spec, right), rules), rules, schemes)
        [achieved] = [one for one in again.results if one.criterion == id]
        assert counted(achieved) == (gain.after.numerator, gain.after.denominator)
        assert achieved.outcome is Outcome.MET
        assert gain.reaches


def test_whom_a_record_belongs_to_is_on_the_list_and_not_forecast(tmp_path):
    rules = asking(tmp_path, M101901_orphan="1.00")
    given = submission(
        rules.spec,
        {
            MOTHER: [{"LPIDMother": "M1"}],
            BOOKING: [{"LPIDMother": "M1", "PregnancyID": "P1"}, {"LPIDMother": "M2"}],
        },
    )
    found = fix_list(given, rules, api.chosen_schemes(rules, ["ours"]))
    [gain] = found.gains
    assert (gain.correctable, gain.unsure, gain.needed) == (1, 1, 0)
    assert [one.whose.mother for one in on(found, "OURS-M101901-orphan")] == ["M2"]


def test_fewer_corrections_than_forecast_do_not_reach_the_line(rules):
    found = listed_sample("south-west-london/RJ7")
    gain = found.gains[0]
    assert (gain.after.numerator - 1) < gain.threshold * gain.after.denominator


# --- the file -----------------------------------------------------------------------------


def read_csv(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def read_workbook(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    explained, sheet, _ = book.worksheets
    heading, *rows = sheet.iter_rows(values_only=True)
    found = [
        {
            name: "" if value is None else str(value)
            for name, value in zip(heading, row, strict=True)
        }
        for row in rows
    ]
    return explained, sheet, found


def test_the_workbook_and_the_csv_hold_the_same_rows():
    lists = [listed_sample("south-west-london/RAX"), listed_sample("south-west-london/RJ6")]
    explained, sheet, rows = read_workbook(fix_list_as_workbook(lists, nhs_numbers=False))
    assert rows == read_csv(fix_list_as_csv(lists, nhs_numbers=False))
    assert [int(row["Order"]) for row in rows] == list(range(1, len(rows) + 1))
    assert {row["Provider"] for row in rows} == {"RAX", "RJ6"}
    assert "NHS number of the mother" not in rows[0]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:S{len(rows) + 1}"
    assert sheet.column_dimensions["Q"].width > 30
    said = "\n".join(cell.value for [cell] in explained.iter_rows() if cell.value)
    assert "PEOPLE'S DATA" in said
    assert all(line in said for line in gain_lines(lists))


def test_what_looks_like_a_formula_is_harmless(rules):
    begun = ["=1+1", "+44", "-2", "@SUM(A1)", "=cmd|' /C calc'!A0"]
    given = submission(
        rules.spec,
        {
            MOTHER: [{"LPIDMother": one, "EthnicCategoryMother": "99"} for one in begun],
            BOOKING: [
                {"LPIDMother": one, "PregnancyID": one, "AntenatalAppDate": "2026-08-05"}
                for one in begun
            ],
        },
    )
    lists = [listed(given, "ethnicity")]
    rows = read_csv(fix_list_as_csv(lists, nhs_numbers=False))
    assert {f"'{one}" for one in begun} <= {row["Mother (LPIDMother)"] for row in rows}
    assert not [
        value for row in rows for value in row.values() if value.startswith(tuple("=+-@\t\r"))
    ]
    _, sheet, rows = read_workbook(fix_list_as_workbook(lists, nhs_numbers=False))
    assert set(begun) <= {row["Mother (LPIDMother)"] for row in rows}
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_odd_characters_in_an_identifier_leave_the_workbook_readable(rules):
    odd = ["a\x01b", "<&\"'>", "é\U0001f930", "x" * 40_000, "_x0041_"]
    given = submission(
        rules.spec,
        {
            MOTHER: [{"LPIDMother": one, "EthnicCategoryMother": "99"} for one in odd],
            BOOKING: [{"LPIDMother": one, "AntenatalAppDate": "2026-08-05"} for one in odd],
        },
    )
    lists = [listed(given, "ethnicity")]
    _, _, rows = read_workbook(fix_list_as_workbook(lists, nhs_numbers=False))
    named = {row["Mother (LPIDMother)"] for row in rows}
    assert {"<&\"'>", "é\U0001f930", "x" * 32_767} <= named
    assert len(rows) == len(read_csv(fix_list_as_csv(lists, nhs_numbers=False)))


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@pytest.mark.usefixtures("listed_once")
def test_the_command_writes_for_its_owner_alone_and_prints_counts_only(ending, run, tmp_path):
    out = tmp_path / f"worklist.{ending}"
    ran = run("fix-list", RAX, "--out", out)
    assert ran.code == 0
    if os.name == "posix":
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
    content = out.read_bytes()
    rows = read_csv(content) if ending == "csv" else read_workbook(content)[2]
    beside = ["worklist.where-to-teach.csv", "worklist.note.txt"] if ending == "csv" else []
    with_them = f", and beside it {' and '.join(beside)}" if beside else ""
    assert ran.last == f"Wrote {out.name}{with_them}. It holds people's data: keep it so."
    said = " ".join(ran.out.split())
    assert f"{len(rows)} corrections about 51 women" in said
    assert "274 of 312 women booked, 87.8 %; correct these 2: 276 of 312, 88.5 %" in said
    for heading in ("Mother (LPIDMother)", "Pregnancy (PregnancyID)", "Baby (LPIDBaby)"):
        assert not [row for row in rows if row[heading] and row[heading] in ran.out + ran.err]
    assert {file.name for file in tmp_path.iterdir()} == {out.name, *beside}


@pytest.mark.usefixtures("listed_once")
def test_nothing_more_of_a_woman_is_on_the_list_than_is_needed(run, tmp_path):
    out = tmp_path / "worklist.csv"
    assert run("fix-list", RAX, "--out", out).code == 0
    text = out.read_text(encoding="utf-8")
    for item in ("NHSNumberMother", "Postcode", "PersonBirthDateMother"):
        assert not [row for row in rows_of(RAX, MOTHER) if row[item] and row[item] in text], item


def test_nhs_numbers_stand_on_it_only_where_they_are_asked_for(run, tmp_path):
    out = tmp_path / "worklist.csv"
    ran = run("fix-list", RAX, "--out", out, "--with-nhs-numbers")
    numbers = {row["LPIDMother"]: row["NHSNumberMother"] for row in rows_of(RAX, MOTHER)}
    rows = read_csv(out.read_bytes())
    assert [row["NHS number of the mother"] for row in rows] == [
        numbers.get(row["Mother (LPIDMother)"], "") for row in rows
    ]
    assert any(row["NHS number of the mother"] for row in rows)
    assert not [one for one in numbers.values() if one and one in ran.out + ran.err]


def test_who_works_through_the_first_of_the_list_meets_the_criterion(run, tmp_path):
    """From files to files: the list is read, the extract corrected by it, and audited again."""
    folder = tmp_path / "RJ7"
    shutil.copytree(RAX.parent / "RJ7", folder)
    out = tmp_path / "worklist.csv"
    assert run("fix-list", folder, "--out", out).code == 0
    needed = [one for one in read_csv(out.read_bytes()) if one["Needed for"] == "SA2-birthweight"]
    assert {one["Item"] for one in needed} == {"UCUMUnit"}
    rows = rows_of(folder, ACTIVITY)

    def correct(corrections):
        for one in corrections:
            rows[int(one["Record"]) - 1]["UCUMUnit"] = "g"
        with (folder / f"{FULL[ACTIVITY]}.csv").open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        [card] = api.check([folder])
        return next(one for one in card.results if one.criterion == "SA2-birthweight")

    almost = correct(needed[1:])
    assert (almost.outcome, almost.numerator) == (Outcome.NOT_MET, 291)
    whole = correct(needed)
    assert (whole.outcome, whole.numerator, whole.denominator) == (Outcome.MET, 292, 364)


def test_several_trusts_go_into_one_file(run, tmp_path):
    out = tmp_path / "worklist.csv"
    ran = run("fix-list", RAX, RAX.parent / "RJ6", "--out", out)
    assert ran.code == 0
    trusts = ["RAX", "RJ6"]
    assert sorted({row["Provider"] for row in read_csv(out.read_bytes())}) == trusts
    assert [line[:3] for line in ran.out.splitlines() if line.endswith("August 2026")] == trusts


@pytest.mark.usefixtures("listed_once")
def test_a_file_that_is_there_is_left_unless_it_is_to_be_replaced(run, tmp_path):
    out = tmp_path / "worklist.csv"
    out.write_text("mine", encoding="utf-8")
    ran = run("fix-list", RAX, "--out", out)
    assert (ran.code, out.read_text(encoding="utf-8")) == (2, "mine")
    assert "--force" in ran.last
    assert run("fix-list", RAX, "--out", out, "--force").code == 0
    assert out.read_text(encoding="utf-8").startswith("Order,")
    if os.name == "posix":
        assert stat.S_IMODE(out.stat().st_mode) == 0o600


@pytest.mark.parametrize("out", ["-", "worklist.txt", "worklist", "/dev/stdout", "/dev/tty"])
def test_it_is_never_printed(out, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = run("fix-list", RAX, "--out", out)
    assert ran.code == 2
    assert "it is never printed" in ran.last
    assert list(tmp_path.iterdir()) == []


def test_it_needs_a_file_to_write(run):
    assert run("fix-list", RAX).code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such device")
@pytest.mark.usefixtures("listed_once")
def test_a_link_to_a_device_is_refused(run, tmp_path):
    out = tmp_path / "worklist.csv"
    out.symlink_to("/dev/null")
    assert run("fix-list", RAX, "--out", out, "--force").code == 5
    assert out.is_symlink()


def test_standard_output_under_another_name_is_refused(run, tmp_path, monkeypatch):
    out = tmp_path / "worklist.csv"
    with out.open("w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "__stdout__", stream)
        ran = run("fix-list", RAX, "--out", out, "--force")
    assert ran.code == 2
    assert out.read_text(encoding="utf-8") == ""


def test_it_does_not_go_into_the_extract(run, tmp_path):
    for file in (FIXTURES / "missing-tables").glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    there = sorted(tmp_path.iterdir())
    assert run("fix-list", tmp_path, "--out", tmp_path / "worklist.csv").code == 2
    assert sorted(tmp_path.iterdir()) == there


def test_what_is_wrong_is_said_so_that_it_cannot_be_read_the_other_way_round():
    found = listed(sample("south-west-london/RAX"))
    [wrong] = {one.wrong for one in found.corrections if one.items == ("GestationLengthBirth",)}
    assert wrong == "this should be so and is not: Gestation at birth is 141 to 315 days"


@pytest.mark.usefixtures("listed_once")
def test_it_is_written_whole_or_not_at_all(run, tmp_path, monkeypatch):
    def broken(*_):
        raise PermissionError(13, "denied")

    out = tmp_path / "worklist.csv"
    out.write_text("mine", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", broken)
    assert run("fix-list", RAX, "--out", out, "--force").code == 5
    assert out.read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_only_one_month_is_listed_where_that_is_asked(run, tmp_path):
    out = tmp_path / "worklist.csv"
    ran = run("fix-list", RAX, "--out", out, "--month", "2026-07")
    assert ran.code == 2
    assert not out.exists()
    assert run("fix-list", RAX, "--out", out, "--month", "2026-08").code == 0


def test_what_stands_in_the_place_of_a_day_or_a_code_is_not_shown(rules):
    """Somebody put her number where the day belongs, and her postcode where the site does."""
    given = submission(
        rules.spec,
        {
            MOTHER: [{"LPIDMother": "M1", "EthnicCategoryMother": "A"}],
            BOOKING: [
                {
                    "LPIDMother": "M1",
                    "PregnancyID": "P1",
                    "AntenatalAppDate": "9990000018",
                    "OrgSiteIDBooking": "KT1 2AB",
                }
            ],
        },
    )
    lists = [listed(given)]
    content = fix_list_as_csv(lists, nhs_numbers=False).decode()
    assert {row["Booked"] for row in read_csv(content.encode())} == {"cannot be read"}
    assert "9990000018" not in content
    assert "KT1 2AB" not in content


def test_where_it_is_open_who_belongs_the_item_is_named_that_cannot_be_read(rules):
    booked = {"LPIDMother": "M1", "PregnancyID": "P1", "AntenatalAppDate": "2026-08-05"}
    unread = {"LPIDMother": "M2", "PregnancyID": "P2", "AntenatalAppDate": "31/02/2026"}
    given = submission(
        rules.spec,
        {
            MOTHER: [
                {"LPIDMother": "M1", "EthnicCategoryMother": ""},
                {"LPIDMother": "M2", "EthnicCategoryMother": "A"},
            ],
            BOOKING: [booked, unread],
        },
    )
    found = listed(given, "ethnicity")
    [gain] = [one for one in found.gains if "ETH-01" in one.criteria]
    assert (gain.undetermined, gain.open_by) == (1, ("AntenatalAppDate",))
    [one] = [one for one in found.corrections if one.items == ("AntenatalAppDate",)]
    assert one.record == 2
    assert {"ETH-01", "ETH-06"} & set(one.criteria) == {"ETH-01", "ETH-06"}
    said = "\n".join(gain_lines([found]))
    assert "because AntenatalAppDate is blank or cannot be read: mend that first" in said
    assert "enough of those who are known to belong" in said
    assert "100.0 %; that does not reach" not in said


# --- what a measure mends -----------------------------------------------------------------

CHANGED = """
[[measure]]
extends = "birthweight-with-unit"
mends   = ["{}"]
"""


@pytest.mark.parametrize("name", ["weight.Weight", "nothing.UCUMUnit", "UCUMUnit"])
def test_what_a_measure_mends_must_be_there(name, tmp_path):
    (tmp_path / "measures").mkdir()
    (tmp_path / "measures" / "own.toml").write_text(CHANGED.format(name), encoding="utf-8")
    _, faults = api.checked_rules(tmp_path)
    assert [fault.key for fault in faults] == ["mends"]


def test_every_measure_with_a_threshold_says_what_to_put_right():
    from msds_audit.failing import targets

    rules = packaged()
    asked = {
        one.subject
        for scheme in rules.schemes.values()
        for one in scheme.criteria
        if one.threshold is not None and one.subject in rules.measures
    }
    assert asked
    for id in asked:
        assert any(items for _, items in targets(rules.measures[id])), id
