"""Tests of where to teach: who is counted where, what is held back, and what may be told."""

from __future__ import annotations

import csv
import io
import os
import stat
from collections import Counter
from functools import cache

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msds_audit import api
from msds_audit.disclosure import FEWEST_SHOWN
from msds_audit.fixing import fix_list
from msds_audit.masking import local_code
from msds_audit.reports.fix_list import fix_list_as_workbook, note, teaching_as_csv
from msds_audit.reports.gains import gain_lines
from msds_audit.teaching import chance_of, small_held_back
from msds_audit.worklist import Group, Lack, Where
from support import FIXTURES, audited, packaged, sample, submission

RAX = FIXTURES / "south-west-london" / "RAX"
MOTHER, BOOKING, PLAN = "MSD001", "MSD101", "MSD102"
LABOUR, BABY = "MSD301", "MSD401"
MONDAY, TUESDAY, WEDNESDAY = "2026-08-03", "2026-08-04", "2026-08-05"


def women(number, category="A", **booking):
    """So many women of one ethnic category, booked alike."""
    return [(category, booking) for _ in range(number)]


def tables_of(*groups, plans=True):
    """Tables of these women; `team` and `professional` are those of their care plan."""
    found = {MOTHER: [], BOOKING: [], PLAN: []}
    for at, (category, booked) in enumerate(one for group in groups for one in group):
        booking = {"AntenatalAppDate": MONDAY, "OrgSiteIDBooking": "RJ701", **booked}
        plan = {
            "CarePlanDate": "2026-08-20",
            "TeamLocalID": booking.pop("team", "T1"),
            "CareProfLID": booking.pop("professional", "CP1"),
        }
        mother = {"LPIDMother": f"M{at}", "PersonBirthDateMother": "1995-01-01"}
        found[MOTHER].append({**mother, "EthnicCategoryMother": category})
        found[BOOKING].append({"LPIDMother": f"M{at}", "PregnancyID": f"P{at}", **booking})
        if plans:
            found[PLAN].append({"PregnancyID": f"P{at}", **plan})
    return found


def listed(tables, *schemes):
    rules = packaged()
    made = submission(rules.spec, {name: rows for name, rows in tables.items() if rows})
    return fix_list(made, rules, api.chosen_schemes(rules, schemes or ("ethnicity",)))


@cache
def by_hand():
    return listed(three_groups())


@cache
def of_kingston():
    """Kingston's list, with NHS numbers asked for."""
    schemes = api.chosen_schemes(packaged(), ())
    return fix_list(sample("south-west-london/RAX"), packaged(), schemes, nhs_numbers=True)


def breakdown(found, criterion):
    [one] = [each for each in found.teaching if criterion in each.criteria]
    return one


def shown(found, criterion, where):
    """Groups by name: asked, to put right, left out; those held back under how many they are."""
    return {
        group.held or group.name: (group.asked, group.to_put_right, group.left_out)
        for group in breakdown(found, criterion).groups
        if group.where is where
    }


# --- who is counted where -----------------------------------------------------------------


def three_groups():
    """By hand: of 10 Monday's 2 are not known, 1 blank and 1 declined; of 9 Tuesday's 1 is
    no code; of 8 Wednesday's, without a site or source of referral, 3 are blank.
    """
    monday = {"SourceRefMat": "01", "team": "T1", "professional": "CP1"}
    tuesday = {
        "AntenatalAppDate": TUESDAY,
        "OrgSiteIDBooking": "ZZ201",
        "SourceRefMat": "02",
        "team": "T2",
        "professional": "CP2",
    }
    wednesday = {
        "AntenatalAppDate": WEDNESDAY,
        "OrgSiteIDBooking": None,
        "team": None,
        "professional": "CP2",
    }
    return tables_of(
        women(6, **monday),
        women(2, "99", **monday),
        women(1, None, **monday),
        women(1, "Z", **monday),
        women(8, **tuesday),
        women(1, "x", **tuesday),
        women(5, **wednesday),
        women(3, None, **wednesday),
    )


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Where.SITE, {"RJ701": (10, 3, 1), "ZZ201 Home": (9, 1, 0), "": (8, 3, 0)}),
        (Where.TEAM, {"T1": (10, 3, 1), "T2": (9, 1, 0), "": (8, 3, 0)}),
        (Where.PROFESSIONAL, {"CP1": (10, 3, 1), "CP2": (17, 4, 0)}),
        (Where.WEEKDAY, {"Monday": (10, 3, 1), "Tuesday": (9, 1, 0), "Wednesday": (8, 3, 0)}),
        (
            Where.REFERRAL,
            {
                "01 General Medical Practitioner Practice": (10, 3, 1),
                "02 Self referral": (9, 1, 0),
                "": (8, 3, 0),
            },
        ),
    ],
)
def test_counts_by_every_kind_of_group_are_those_worked_by_hand(where, expected):
    assert shown(by_hand(), "ETH-01", where) == expected


def test_it_is_told_what_is_blank_not_known_or_not_permitted():
    found = breakdown(by_hand(), "ETH-01")
    lacking = {
        group.name: {str(lack): number for lack, number in group.lacking.items() if number}
        for group in found.groups
        if group.where is Where.SITE
    }
    assert lacking == {
        "RJ701": {"not known": 2, "blank": 1},
        "ZZ201 Home": {"not permitted": 1},
        "": {"blank": 3},
    }


def test_a_record_that_is_missing_and_two_that_differ_have_counts_of_their_own():
    tables = tables_of(women(10))
    tables[MOTHER] = [*tables[MOTHER][1:], {"LPIDMother": "M2", "EthnicCategoryMother": "B"}]
    [site] = [one for one in breakdown(listed(tables), "ETH-01").groups if one.where is Where.SITE]
    assert site.lacking == {**dict.fromkeys(Lack, 0), Lack.NO_RECORD: 1, Lack.OTHER: 1}


def test_team_and_professional_are_those_of_the_last_care_plan():
    tables = tables_of(women(9), women(1, "99"))
    tables[PLAN] += [
        {**one, "CarePlanDate": "2026-08-21", "TeamLocalID": "T9", "CareProfLID": "CP9"}
        for one in tables[PLAN]
    ]
    assert shown(listed(tables), "ETH-01", Where.TEAM) == {"T9": (10, 1, 0)}
    assert shown(listed(tables), "ETH-01", Where.PROFESSIONAL) == {"CP9": (10, 1, 0)}


def test_a_baby_belongs_to_the_booking_of_its_mother_and_to_the_team_of_her_care_plan():
    tables = tables_of(women(10, OrgSiteIDBooking="RJ702", team="T5"))
    tables[LABOUR] = [{"LabourDeliveryID": f"L{at}", "PregnancyID": f"P{at}"} for at in range(10)]
    tables[BABY] = [
        {
            "LPIDBaby": f"B{at}",
            "LabourDeliveryID": f"L{at}",
            "PersonBirthDateBaby": "2026-08-09",
            "EthnicCategoryBaby": None if at < 4 else "A",
            "CareProfLIDDel": "CP7",
        }
        for at in range(10)
    ]
    tables["MSD901"] = [{"CareProfLID": "CP7"}]
    found = listed(tables)
    assert shown(found, "ETH-08", Where.SITE) == {"RJ702": (10, 4, 0)}
    assert shown(found, "ETH-08", Where.TEAM) == {"T5": (10, 4, 0)}
    assert shown(found, "ETH-08", Where.PROFESSIONAL) == {"CP7": (10, 4, 0)}


def test_a_woman_who_is_booked_twice_counts_once_and_where_she_was_booked_last():
    tables = tables_of(women(8), women(8, OrgSiteIDBooking="RJ702"), women(1, "99"))
    again = {"LPIDMother": "M16", "PregnancyID": "again", "AntenatalAppDate": "2026-08-30"}
    tables[BOOKING].append({**again, "OrgSiteIDBooking": "RJ702"})
    assert shown(listed(tables), "ETH-01", Where.SITE) == {"RJ702": (9, 1, 0), "RJ701": (8, 0, 0)}


def test_without_a_table_or_column_that_says_it_everybody_is_not_recorded():
    tables = tables_of(women(9), women(1, "99"), plans=False)
    assert shown(listed(tables), "ETH-01", Where.TEAM) == {"": (10, 1, 0)}


def test_groups_add_up_to_what_each_criterion_counts():
    schemes = api.chosen_schemes(packaged(), ())
    subjects = {one.id: one.subject for scheme in schemes for one in scheme.criteria}
    found = of_kingston()
    assert len(found.teaching) > 5
    for one in found.teaching:
        tally = audited("south-west-london/RAX").measures[subjects[one.criteria[0]]]
        for where in Where:
            groups = [group for group in one.groups if group.where is where]
            assert sum(group.asked for group in groups) == tally.denominator
            failing = sum(group.to_put_right + group.left_out for group in groups)
            assert failing == tally.failures, (one.criteria, where)


def test_what_is_to_put_right_is_what_is_on_the_list():
    found = of_kingston()
    for criterion, of_whose in (("ETH-01", "mother"), ("SA2-birthweight", "baby")):
        rows = {
            getattr(one.whose, of_whose): one.whose
            for one in found.corrections
            if criterion in one.criteria
        }
        for where, named in ((Where.SITE, "site"), (Where.PROFESSIONAL, "professional")):
            groups = shown(found, criterion, where)
            assert Counter(getattr(one, named) for one in rows.values()) == {
                name: right for name, (_, right, _) in groups.items() if right
            }


def test_what_is_not_met_stands_first_and_what_lacks_nothing_not_at_all():
    found = listed(three_groups(), "ethnicity", "protected-characteristics")
    assert [one.criteria for one in found.teaching][:1] == [("ETH-01", "PC-06")]
    outcomes = [str(one.outcome) for one in found.teaching]
    assert outcomes == sorted(outcomes, key=["not met", "met", "information"].index)
    assert listed(tables_of(women(9), women(1, "Z"))).teaching == ()


# --- what is held back --------------------------------------------------------------------


def sized(*sizes):
    return [
        Group(Where.SITE, f"S{at}", size, {**dict.fromkeys(Lack, 0), Lack.BLANK: at % 2}, 0)
        for at, size in enumerate(sizes)
    ]


@pytest.mark.parametrize(
    ("sizes", "apart", "held"),
    [
        ((8, 9), [9, 8], None),
        ((30, 5, 5), [30], (2, 10)),
        ((30, 20, 9, 7), [20, 30], (2, 16)),
        ((30, 1, 2), [], (3, 33)),
        ((30, 20, 1, 2), [30], (3, 23)),
        ((30, 7), [], (2, 37)),
    ],
)
def test_a_small_group_is_held_back_and_never_alone(sizes, apart, held):
    found = small_held_back(sized(*sizes))
    assert [one.asked for one in found if not one.held] == apart
    assert [(one.held, one.asked) for one in found if one.held] == ([held] if held else [])


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30).filter(lambda one: sum(one) >= 8))
def test_nothing_is_lost_and_nothing_small_is_shown(sizes):
    groups = sized(*sizes)
    found = small_held_back(groups)
    assert sum(one.asked for one in found) == sum(sizes)
    assert sum(one.to_put_right for one in found) == sum(one.to_put_right for one in groups)
    assert all(one.asked >= FEWEST_SHOWN for one in found)
    assert all(one.held >= 2 and not one.name for one in found if one.held)
    assert sum(bool(one.held) for one in found) <= 1


def test_the_names_of_groups_that_are_held_back_are_nowhere():
    tables = tables_of(
        women(20),
        women(1, "99"),
        women(3, "99", OrgSiteIDBooking="RJ7XA", professional="=HIDDEN1"),
        women(6, OrgSiteIDBooking="RJ7XB", professional="HIDDEN2"),
    )
    found = listed(tables)
    assert shown(found, "ETH-01", Where.SITE) == {"RJ701": (21, 1, 0), 2: (9, 3, 0)}
    rows = read_workbook(fix_list_as_workbook([found], nhs_numbers=False))[1]
    assert [row["Asked of"] for row in rows if row["Group"] == "held back: 2 groups"] == ["9"] * 2
    said = teaching_as_csv([found]).decode() + str(rows)
    assert not [one for one in ("RJ7XA", "RJ7XB", "HIDDEN") if one in said]


def test_of_fewer_than_eight_in_all_nothing_is_broken_down():
    found = listed(tables_of(women(5), women(2, "99")))
    assert breakdown(found, "ETH-01").groups == ()
    [row] = read_csv(teaching_as_csv([found]))
    assert row["Group"] == "held back: fewer than 8 women booked in all"
    assert not [value for name, value in row.items() if name in COUNTS and value]
    assert "Where to teach:" not in "\n".join(gain_lines([found]))


# --- what stands out ----------------------------------------------------------------------


def test_chance_is_reckoned_by_the_binomial_distribution():
    assert chance_of(3, 3, 0.5) == pytest.approx(1 / 8)
    assert chance_of(2, 3, 0.5) == pytest.approx(4 / 8)
    assert chance_of(1, 3, 0.5) == 1
    assert chance_of(9, 9, 1.0) == 1
    assert chance_of(60, 50_000, 0.0001) < 1e-30


def test_a_site_from_which_most_comes_stands_out_and_is_told_without_its_name():
    tables = tables_of(
        women(48, team="TEAM-A", professional="PROF-A"),
        women(2, "99", team="TEAM-A", professional="PROF-A"),
        women(10, OrgSiteIDBooking="RJ702", team="TEAM-B", professional="PROF-B"),
        women(15, None, OrgSiteIDBooking="RJ702", team="TEAM-B", professional="PROF-B"),
    )
    found = listed(tables)
    out = {(one.where, one.name) for one in breakdown(found, "ETH-01").groups if one.stands_out}
    assert out == {
        (Where.SITE, "RJ702"),
        (Where.TEAM, "TEAM-B"),
        (Where.PROFESSIONAL, "PROF-B"),
    }
    said = "\n".join(gain_lines([found]))
    assert "15 of the 17 to put right come from 1 of 2 groups by booking site." in said
    assert not [name for name in ("RJ702", "TEAM", "PROF") if name in said]


def test_where_those_stand_out_of_whom_it_is_not_recorded_that_is_said():
    without = {"OrgSiteIDBooking": None}
    found = listed(tables_of(women(30), women(10, **without), women(15, None, **without)))
    said = "\n".join(gain_lines([found]))
    assert "come from 1 of 2 groups by booking site, not recorded among them." in said


def test_where_groups_are_alike_none_stands_out():
    found = listed(sample_like("RJ701", "RJ702"))
    assert not [one for one in breakdown(found, "ETH-01").groups if one.stands_out]
    assert gain_lines([found])[-1] == (
        "Where to teach: no booking site, weekday or source of referral stands out."
    )


def sample_like(*sites):
    alike = [
        (women(20, OrgSiteIDBooking=one), women(4, "99", OrgSiteIDBooking=one)) for one in sites
    ]
    return tables_of(*(group for pair in alike for group in pair))


# --- the sheet and the files --------------------------------------------------------------

COUNTS = (
    *("Asked of", "To put right", "Per cent", "Blank", "Not known", "Not permitted"),
    *("No record", "Other", "Answered: left out"),
)


def read_csv(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def read_workbook(content):
    """The sheet where to teach, and its rows as text."""
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Where to teach"]
    heading, *rows = sheet.iter_rows(values_only=True)
    found = [["" if value is None else str(value) for value in row] for row in rows]
    return sheet, [dict(zip(heading, row, strict=True)) for row in found]


def test_the_sheet_and_the_csv_hold_the_same_rows_and_numbers_are_numbers():
    found = by_hand()
    sheet, rows = read_workbook(fix_list_as_workbook([found], nhs_numbers=False))
    same = [
        {name: float(one) if name in COUNTS else one for name, one in row.items()} for row in rows
    ]
    assert same == [
        {name: float(one) if name in COUNTS else one for name, one in row.items()}
        for row in read_csv(teaching_as_csv([found]))
    ]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:Q{len(rows) + 1}")
    first = dict(zip(rows[0], next(sheet.iter_rows(min_row=2, values_only=True)), strict=True))
    assert first["Group"] == "not recorded"
    assert [first[name] for name in COUNTS] == [8, 3, 37.5, 3, 0, 0, 0, 0, 0]


def test_codes_that_begin_a_formula_are_harmless():
    begun = ["=1+1", "+44", "-2", "@SUM(A1)", "=cmd|' /C calc'!A0"]
    groups = [women(9, "99", team=one, professional=one) for one in begun]
    found = listed(tables_of(*groups))
    for row in read_csv(teaching_as_csv([found])):
        assert not [value for value in row.values() if value.startswith(tuple("=+-@\t\r"))]
    sheet, rows = read_workbook(fix_list_as_workbook([found], nhs_numbers=False))
    assert not set(begun) & {row["Group"] for row in rows}
    assert {"?9?9", "?99", "-9"} <= {row["Group"] for row in rows}
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("CP0014", "CP0014"),
        ("123456", "123456"),
        ("9992813601", "9999999999"),
        ("Zebedee Smith", "Xxxxxxx Xxxxx"),
        ("SW165XV", "XX999XX"),
        ("", ""),
    ],
)
def test_a_local_code_is_shown_where_it_looks_like_one(code, shown):
    assert local_code(code) == shown


def test_nothing_of_a_woman_is_on_the_sheet_or_in_the_file():
    found = of_kingston()
    said = teaching_as_csv([found]).decode()
    said += str(read_workbook(fix_list_as_workbook([found], nhs_numbers=True))[1])
    identifying = {
        MOTHER: ("LPIDMother", "NHSNumberMother", "Postcode", "PersonBirthDateMother"),
        BOOKING: ("PregnancyID", "AntenatalAppDate"),
        BABY: ("LPIDBaby", "NHSNumberBaby", "PersonBirthDateBaby"),
    }
    for short, items in identifying.items():
        [file] = RAX.glob(f"{short}*.csv")
        for row in read_csv(file.read_bytes()):
            assert not [one for one in items if row[one] and row[one] in said]


def test_the_note_says_what_the_first_sheet_of_the_workbook_says():
    found = [by_hand()]
    content = io.BytesIO(fix_list_as_workbook(found, nhs_numbers=False))
    first = openpyxl.load_workbook(content).worksheets[0]
    lines = [str(cell) for [cell] in first.iter_rows(values_only=True)]
    text = note(found, nhs_numbers=False).decode()
    assert [line.removeprefix("- ") for line in text.splitlines() if line] == lines
    assert "Groups of fewer than 8 are held back" in text


def test_beside_the_csv_stand_where_to_teach_and_a_note_for_their_owner_alone(run, tmp_path):
    out = tmp_path / "worklist.csv"
    ran = run("fix-list", RAX, "--out", out)
    teaching, explained = tmp_path / "worklist.where-to-teach.csv", tmp_path / "worklist.note.txt"
    assert set(tmp_path.iterdir()) == {out, teaching, explained}
    assert f"{teaching.name} and {explained.name}" in ran.err
    for file in tmp_path.iterdir():
        if os.name == "posix":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = read_csv(teaching.read_bytes())
    assert {row["By"] for row in rows} == {str(where) for where in Where}
    codes = {row["Group"] for row in rows if row["By"] in (Where.TEAM, Where.PROFESSIONAL)}
    assert len(codes) > 10
    assert not [one for one in codes if one in (ran.out + ran.err).split()]


@pytest.mark.parametrize("name", ["worklist.where-to-teach.csv", "worklist.note.txt"])
def test_what_stands_beside_the_csv_is_left_unless_it_is_to_be_replaced(name, run, tmp_path):
    there = tmp_path / name
    there.write_text("mine", encoding="utf-8")
    ran = run("fix-list", RAX, "--out", tmp_path / "worklist.csv")
    assert (ran.code, there.read_text(encoding="utf-8")) == (2, "mine")
    assert name in ran.err
    assert [path.name for path in tmp_path.iterdir()] == [name]
