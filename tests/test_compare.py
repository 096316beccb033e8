"""Tests of what corrections did: who is fixed, gone or new, how records are followed, how told."""

from __future__ import annotations

import csv
import json
import re
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import jsonschema
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msds_audit import api
from msds_audit.audit import audit
from msds_audit.comparing import Side, compare
from msds_audit.comparison import Compared, Followed, Movement, Turn
from msds_audit.following import HOW, NEW_ROW, OLD_ROW, ROW, How, follow, marks_of
from msds_audit.reports.compared_json import compared_to_json
from msds_audit.reports.compared_markdown import compared_to_markdown
from msds_audit.reports.compared_terminal import compared_for_terminal
from msds_audit.reports.compared_warnings import warnings
from msds_audit.rule import Effect
from msds_audit.scoring import score
from msds_audit.sharing import disclosed_comparisons
from support import FIXTURES, frame, packaged, submission, without

ROOT = Path(__file__).parents[1]
SWL = FIXTURES / "south-west-london"
METHOD, CODE, STATED = "MSD101-04", "M001070-code", "mother-ethnicity-stated"
RULES = (
    *(METHOD, CODE, "MSD101-26", "M101902-repeated", "M101030-orphan", "M102010-orphan"),
    *("MSD101-present", "MSD102-05", "MSD109-01", "M001901-repeated", "M101902-blank"),
)


def row_of(**items):
    return items


@cache
def few():
    """Few of the packaged rules: enough to follow records by, and soon counted."""
    rules = packaged()
    return replace(
        rules,
        records={id: one for id, one in rules.records.items() if id in RULES},
        schemes={"ethnicity": rules.schemes["ethnicity"]},
    )


def side(given, rules=None, schemes=("ethnicity",)):
    rules = rules or few()
    audited = audit(given, rules)
    return Side(given, audited, score(audited, rules, api.chosen_schemes(rules, schemes)))


def comparing(before, now, rules=None, schemes=("ethnicity",)):
    rules = rules or few()
    asked = api.chosen_schemes(rules, schemes)
    return compare(side(before, rules, schemes), side(now, rules, schemes), rules, asked)


def extract(tables, **others):
    return submission(packaged().spec, tables, **others)


def booking(pregnancy, *, method="03", due="2026-12-01", mother=None, date="2026-08-05"):
    return {
        "LPIDMother": mother or f"of {pregnancy}",
        "PregnancyID": pregnancy,
        "AntenatalAppDate": date,
        "EDDAgreed": due,
        "EDDMethodAgreed": method,
    }


def bookings(*rows, **others):
    return extract({"MSD101": rows}, **others)


def moved(before, now, id=METHOD):
    return comparing(before, now).rules.get(id, Movement())


# --- what became of a finding -------------------------------------------------------------

BEFORE = (
    booking("P1", method=""),
    booking("P2", method=""),
    booking("P3", method=""),
    booking("P4", method=""),
    booking("P5"),
    booking("P7"),
)
NOW = (
    booking("P6", method=""),
    booking("P5", method=""),
    booking("P3", method="", due=""),
    booking("P2", method=""),
    booking("P1"),
    booking("P7"),
)
WORKED = Movement(fixed=1, unasked=1, gone=1, persisting=1, new_in_old=1, new_in_added=1)


def test_a_finding_is_fixed_no_longer_asked_gone_persisting_or_new():
    found = comparing(bookings(*BEFORE), bookings(*NOW))
    assert found.rules[METHOD] == WORKED
    assert (found.rules[METHOD].before, found.rules[METHOD].now) == (4, 3)
    assert found.tables == (
        Followed("MSD101PregnancyBooking", "PregnancyID", same=2, changed=3, gone=1, added=1),
    )


def test_a_record_that_is_deleted_is_never_called_fixed():
    found = comparing(bookings(*BEFORE), bookings(*BEFORE[1:]))
    assert found.rules[METHOD] == Movement(gone=1, persisting=3)
    assert any("deleting corrects nothing" in one for one in warnings(found))


def test_a_table_that_is_no_longer_there_corrects_nothing():
    before = bookings(*BEFORE)
    for now in (without(before, "MSD101PregnancyBooking"), bookings()):
        found = comparing(before, now)
        assert found.rules[METHOD] == Movement(gone=4)
        assert found.rules["MSD101-present"] == Movement(new_in_old=1)
        assert found.is_worse
        [loud] = [one for one in warnings(found) if "have none now" in one]
        assert "MSD101 (6)" in loud


def test_a_rule_that_cannot_be_judged_now_leaves_it_open():
    before = bookings(*BEFORE)
    found = comparing(before, without(before, "MSD101PregnancyBooking", "EDDMethodAgreed"))
    assert found.rules[METHOD] == Movement(untold_before=4)
    back = comparing(without(before, "MSD101PregnancyBooking", "EDDMethodAgreed"), before)
    assert back.rules[METHOD] == Movement(untold_now=4)
    text = " ".join(compared_for_terminal(Compared((found,), (), ()), width=110).split())
    assert " 4 0 0 -" in text
    assert "not judged now: MSD101PregnancyBooking has no column EDDMethodAgreed" in text
    assert "1 rule was judged before and not now" in text


def test_the_order_of_records_changes_nothing():
    other = comparing(bookings(*reversed(BEFORE)), bookings(*NOW[2:], *NOW[:2]))
    assert other.rules[METHOD] == WORKED


# --- people -------------------------------------------------------------------------------


def women(*given, gone=(), months=None):
    """Women booked, each with her ethnic category."""
    return extract(
        {
            "MSD001": [
                {"LPIDMother": name, "EthnicCategoryMother": category} for name, category in given
            ],
            "MSD101": [
                booking(f"P{name}", mother=name, date=(months or {}).get(name, "2026-08-05"))
                for name, _ in given
                if name not in gone
            ],
        }
    )


def test_people_who_fail_a_measure_are_followed_by_who_they_are():
    before = women(("1", "99"), ("2", ""), ("3", "99"), ("4", "99"), ("5", "A"))
    now = women(
        *(("6", "Z"), ("5", "?"), ("4", "99"), ("3", "99"), ("2", ""), ("1", "A")),
        gone=("3",),
        months={"4": "2026-07-05"},
    )
    found = comparing(before, now)
    assert found.people["ethnicity", "ETH-01"] == Movement(
        fixed=1, unasked=1, gone=1, persisting=1, new_in_old=1, new_in_added=1
    )


def test_a_criterion_that_is_met_because_people_are_gone_is_told_so():
    before = women(*((str(at), "A") for at in range(8)), ("8", "A"), ("x", "99"), ("y", "99"))
    now = women(*((str(at), "A") for at in range(9)), ("x", "A"))
    found = comparing(before, now)
    [change] = [one for one in found.changes if one.now.criterion == "ETH-01"]
    assert change.turn is Turn.GAINED
    told = "ETH-01 is now met. Of those who failed it: 1 fixed, 1 no longer there."
    assert told in warnings(found)


def test_bookings_that_do_not_say_whose_they_are_are_followed_by_record():
    nobody = {**booking("P1"), "LPIDMother": None}
    of_nobody = extract({"MSD001": [{"LPIDMother": "1"}], "MSD101": [nobody]})
    assert comparing(of_nobody, of_nobody).people["ethnicity", "ETH-01"] == Movement(persisting=1)
    somebody = women(("1", "99"))
    found = comparing(of_nobody, somebody).people["ethnicity", "ETH-01"]
    assert found == Movement(untold_before=1, new_in_added=1)


# --- how records are followed -------------------------------------------------------------


def trail(table, before, now, *, is_same_month=True):
    """How many records are the same, changed and so on, and which goes with which."""
    rules = packaged()
    of = rules.spec.table_named(table)
    frames = [frame(rows, of.by_name) for rows in (before, now)]
    marks = marks_of(of, rules.spec, rules.for_table(of.name), list(of.by_name))
    marked = [one.with_row_index(ROW).select(ROW, *marks.columns).collect() for one in frames]
    found = follow(*marked, marks, tuple(frames), is_same_month=is_same_month, engine="in-memory")
    counts = {How(how): number for how, number in found[HOW].value_counts().iter_rows()}
    pairs = found.filter(pl.col(OLD_ROW).is_not_null() & pl.col(NEW_ROW).is_not_null())
    return counts, sorted(pairs.select(OLD_ROW, NEW_ROW).iter_rows())


def activity(labour, code, value, unit="g"):
    return {"LabourDeliveryID": labour, "ObsCode": code, "ObsValue": value, "UCUMUnit": unit}


def test_records_are_followed_by_their_identifier():
    found = trail("MSD101", [booking("P1"), booking("P2")], [booking("P2", due=""), booking("P3")])
    assert found == ({How.CHANGED: 1, How.GONE: 1, How.ADDED: 1}, [(1, 0)])


def test_of_two_records_with_one_identifier_the_other_is_found_once_one_is_the_same():
    before = [booking("P1"), booking("P1", method="01")]
    now = [booking("P1", method="02"), booking("P1")]
    assert trail("MSD101", before, now) == ({How.SAME: 1, How.CHANGED: 1}, [(0, 1), (1, 0)])


def test_records_that_share_an_identifier_and_all_changed_cannot_be_followed():
    before = [booking("P1", method="01"), booking("P1", method="02")]
    now = [booking("P1", method="03"), booking("P1", method="04")]
    assert trail("MSD101", before, now) == ({How.UNTOLD_BEFORE: 2, How.UNTOLD_NOW: 2}, [])


def test_of_a_repeated_record_one_that_is_taken_out_is_gone():
    before, now = [booking("P1"), booking("P1")], [booking("P1")]
    assert trail("MSD101", before, now) == ({How.SAME: 1, How.GONE: 1}, [(0, 0)])
    found = comparing(bookings(*before), bookings(*now)).rules["M101902-repeated"]
    assert found == Movement(fixed=1, gone=1)


def test_an_identifier_that_is_filled_in_is_followed_by_the_rest():
    blank, filled = booking("", mother="1"), booking("P1", mother="1")
    assert trail("MSD101", [blank, booking("P2")], [booking("P2"), filled]) == (
        {How.SAME: 1, How.CHANGED: 1},
        [(0, 1), (1, 0)],
    )


def test_a_record_that_nothing_identifies_is_open_while_another_is_left():
    before = [booking("", mother="1"), booking("", mother="2")]
    now = [booking("P1", mother="1", due=""), booking("P2", mother="1", method="")]
    counts = {How.UNTOLD_BEFORE: 1, How.GONE: 1, How.ADDED: 2}
    assert trail("MSD101", before, now)[0] == counts
    assert trail("MSD101", before, [])[0] == {How.GONE: 2}


def test_records_without_an_identifier_are_followed_by_all_but_one_item():
    before = [activity("L1", "1", "3"), activity("L1", "2", "4"), activity("L1", "3", "5")]
    now = [activity("L1", "3", "5", "kg"), activity("L1", "2", "4"), activity("L1", "1", "3", "")]
    assert trail("MSD302", before, now) == (
        {How.SAME: 1, How.CHANGED: 2},
        [(0, 2), (1, 1), (2, 0)],
    )


def test_of_records_without_an_identifier_the_only_ones_left_of_a_labour_are_one():
    before = [activity("L1", "1", "3"), activity("L1", "2", "4")]
    now = [activity("L1", "1", "3"), activity("L1", "5", "6", "kg")]
    assert trail("MSD302", before, now) == ({How.SAME: 1, How.CHANGED: 1}, [(0, 0), (1, 1)])


def test_what_belongs_to_another_labour_is_another_record():
    before, now = [activity("L1", "1", "3")], [activity("L2", "1", "3")]
    assert trail("MSD302", before, now) == ({How.GONE: 1, How.ADDED: 1}, [])
    blank = [activity("", "1", "3")]
    assert trail("MSD302", blank, now) == ({How.CHANGED: 1}, [(0, 0)])


def test_several_that_changed_at_once_cannot_be_followed():
    before = [activity("L1", "1", "3"), activity("L1", "2", "4"), activity("L2", "7", "7")]
    now = [activity("L1", "5", "6", "kg")]
    assert trail("MSD302", before, now)[0] == {
        How.UNTOLD_BEFORE: 2,
        How.UNTOLD_NOW: 1,
        How.GONE: 1,
    }


def test_nothing_is_guessed_between_months():
    before, now = [activity("L1", "1", "3")], [activity("L1", "1", "4")]
    assert trail("MSD302", before, now, is_same_month=False)[0] == {How.GONE: 1, How.ADDED: 1}


def test_the_header_is_the_header():
    before, now = [{"OrgIDProvider": "RAX"}], [{"OrgIDProvider": "RAX", "Version": "2.0"}]
    assert trail("MSD000", before, now) == ({How.CHANGED: 1}, [(0, 0)])


def test_what_cannot_be_followed_is_told_with_the_number():
    before = bookings(booking("P1", method="", due="2026-12-01"), booking("P1", method="01"))
    now = bookings(booking("P1", method="", due="2026-12-02"), booking("P1", method="02"))
    found = comparing(before, now)
    assert found.rules[METHOD] == Movement(untold_before=1, untold_now=1)
    text = " ".join(compared_for_terminal(Compared((found,), (), ()), width=110).split())
    assert "2 before and 2 now cannot be followed" in text
    assert "it cannot be told whether they are the same" in text


def test_what_has_no_column_in_common_cannot_be_followed():
    before = bookings(*BEFORE)
    table = before.tables["MSD101PregnancyBooking"]
    halves = [
        replace(before, stored={"MSD101PregnancyBooking": table.select(names)})
        for names in (["PregnancyID"], ["EDDAgreed", "EDDMethodAgreed"])
    ]
    found = comparing(*halves)
    assert found.records == Followed("", "", untold_before=6, untold_now=6)
    assert found.rules[METHOD] == Movement(untold_now=4)


def test_identifiers_that_were_all_changed_are_suspected():
    found = comparing(bookings(*BEFORE), bookings(*(booking(f"x{at}") for at in range(5))))
    [loud] = [one for one in warnings(found) if "were identifiers changed" in one]
    assert "Of 6 records of MSD101 only 0 are found again by PregnancyID" in loud


# --- what must hold of any two extracts ---------------------------------------------------

IDS = st.sampled_from(["1", "2", "3", "4", ""])
ANY = st.fixed_dictionaries(
    {
        "MSD001": st.lists(
            st.builds(row_of, LPIDMother=IDS, EthnicCategoryMother=st.sampled_from("AZ?")),
            max_size=5,
        ),
        "MSD101": st.lists(
            st.builds(
                row_of,
                LPIDMother=IDS,
                PregnancyID=IDS,
                AntenatalAppDate=st.sampled_from(["2026-08-05", "2026-07-05", ""]),
                EDDAgreed=st.sampled_from(["2026-12-01", ""]),
                EDDMethodAgreed=st.sampled_from(["03", ""]),
            ),
            max_size=5,
        ),
        "MSD109": st.lists(
            st.builds(
                row_of,
                PregnancyID=IDS,
                ObsCode=st.sampled_from(["1", ""]),
                ObsValue=st.sampled_from(["3", "4", ""]),
            ),
            max_size=5,
        ),
    }
)


def turned(found):
    """What it would be the other way round."""
    return Movement(
        gone=found.new_in_added,
        untold_before=found.untold_now,
        persisting=found.persisting,
        new_in_added=found.gone,
        untold_now=found.untold_before,
    )


def there(found):
    return replace(found, fixed=0, unasked=0, new_in_old=0)


@given(ANY, ANY, st.randoms(use_true_random=False))
@settings(max_examples=8)
def test_what_is_fixed_one_way_is_new_the_other_and_sums_are_what_was_counted(old, new, random):
    asked = api.chosen_schemes(few(), ["ethnicity"])
    shuffled = {name: random.sample(rows, len(rows)) for name, rows in new.items()}
    before, now, mixed = (side(extract(tables)) for tables in (old, new, shuffled))
    there_and = compare(before, now, few(), asked)
    back = compare(now, before, few(), asked)
    again = compare(before, mixed, few(), asked)
    assert (again.rules, again.people, again.tables) == (
        there_and.rules,
        there_and.people,
        there_and.tables,
    )
    for one, other in ((there_and.rules, back.rules), (there_and.people, back.people)):
        assert set(one) == set(other)
        for id, found in one.items():
            assert there(other[id]) == turned(found), id
            assert other[id].fixed + other[id].unasked == found.new_in_old, id
            assert other[id].new_in_old == found.fixed + found.unasked, id
    for change in there_and.rule_changes:
        for tally, number in (
            (change.before.tally, change.records.before),
            (change.now.tally, change.records.now),
        ):
            assert not tally.assessed or tally.failures == number, change.now.rule
    for change in there_and.changes:
        if change.people is not None:
            for result, number in (
                (change.before, change.people.before),
                (change.now, change.people.now),
            ):
                if result.denominator is not None:
                    assert result.denominator - result.numerator == number, result.criterion


@given(ANY)
@settings(max_examples=4)
def test_an_extract_compared_with_itself_has_nothing_fixed_and_nothing_new(tables):
    found = comparing(extract(tables), extract(tables))
    for one in (*found.rules.values(), *found.people.values()):
        assert one.is_still
    assert {one.turn for one in found.changes} <= {Turn.SAME}
    assert found.records == replace(Followed("", ""), same=found.records.before)
    assert not found.is_worse


def test_every_failure_of_every_rule_is_followed_to_its_number():
    found = broken()
    [one] = found.comparisons
    mismatched = [
        change.now.rule
        for change in one.rule_changes
        if change.before.tally.assessed and change.before.tally.failures != change.records.before
    ]
    assert len(one.rule_changes) > 1000
    assert mismatched == []
    assert one.findings.gone + one.findings.fixed == one.findings.before
    for rule, failures in one.rules.items():
        assert failures.now == 0, rule


@cache
def broken():
    """The extract in which every rule is broken, and the one in which none is."""
    return api.compare(FIXTURES / "every-rule-broken", FIXTURES / "clean", rules=packaged())


@cache
def spoilt():
    """The other way round: tables and columns are missing now."""
    return api.compare(FIXTURES / "clean", FIXTURES / "missing-tables", rules=packaged())


# --- what became of criteria --------------------------------------------------------------


def test_a_criterion_that_is_no_longer_assessed_is_told_loudly():
    [one] = spoilt().comparisons
    turns = {change.now.criterion: change.turn for change in one.changes}
    assert turns["ETH-01"] is Turn.UNTOLD
    text = compared_for_terminal(spoilt(), width=110)
    assert "NO LONGER ASSESSED" in text.splitlines()[1]
    assert "NOT ASSESSED   ETH-01" in text
    assert "Now: MSD101PregnancyBooking is not in this extract." in text
    assert spoilt().is_worse


def test_what_is_worse_comes_first_and_then_what_is_now_met():
    [one] = spoilt().comparisons
    text = compared_for_terminal(spoilt(), width=110)
    assert text.index("NO LONGER MET  CONF-01") < text.index("NOT ASSESSED   CONF-02")
    back = replace(one, before=one.now, now=one.before)
    assert {change.turn for change in back.changes} >= {Turn.GAINED, Turn.TOLD}
    assert not any(change.turn in (Turn.LOST, Turn.UNTOLD) for change in back.changes)


def test_a_new_finding_that_rejects_is_worse_and_a_warning_is_not():
    before = bookings(*BEFORE)
    warned = bookings(*BEFORE[:4], booking("P5", method=""), BEFORE[5])
    assert not comparing(before, warned).is_worse
    assert few().records["M101902-repeated"].effect is Effect.REJECTS_RECORD
    assert comparing(before, bookings(*BEFORE, booking("P7", due=""))).is_worse


def test_acceptance_that_can_no_longer_be_told_is_worse():
    before = bookings(*BEFORE)
    scheme = replace(few().schemes["ethnicity"], criteria=())
    records = {"M101902-blank": few().records["M101902-blank"]}
    asked = replace(few(), records=records, schemes={scheme.id: scheme})
    assert not comparing(before, before, asked).is_worse
    now = without(before, "MSD101PregnancyBooking", "PregnancyID")
    assert comparing(before, now, asked).is_worse


def test_several_submissions_stand_worst_first_and_none_is_dropped(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    for code in ("RAX", "RJ7"):
        shutil.copytree(SWL / code, old / code)
    for code in ("RJ7", "RVR"):
        shutil.copytree(SWL / code, new / code)
    rules = replace(few(), providers=packaged().providers)
    found = api.compare(old, new, rules=rules, schemes=["ethnicity"])
    assert [one.now.provider for one in found.comparisons] == ["RJ7"]
    assert [one.provider for one in found.only_before] == ["RAX"]
    assert [one.provider for one in found.only_now] == ["RVR"]
    assert found.is_worse
    text = compared_for_terminal(found, width=110)
    assert text.startswith("! Not compared: RAX Kingston")
    assert "2026-08: in OLD and not in NEW." in text
    assert "2026-08: in NEW and not in OLD." in text
    assert "Not compared: RVR" in compared_to_markdown(found)


def test_the_only_submissions_of_a_trust_are_compared_and_the_months_are_told():
    year = FIXTURES / "year"
    found = api.compare(year / "2026-07", year / "2026-08", rules=few(), schemes=["ethnicity"])
    [one] = found.comparisons
    assert (str(one.before.period), str(one.now.period)) == ("2026-07", "2026-08")
    assert "most records differ by nature" in warnings(one)[0]
    text = compared_for_terminal(found, width=110)
    assert "July 2026 -> August 2026" in text
    assert "corrects nothing" not in text


# --- corrections by the fix list ----------------------------------------------------------


def test_what_the_fix_list_says_to_correct_is_fixed_once_it_is(run, tmp_path):
    """From files to files, the records exported in another order."""
    folder, out = tmp_path / "RJ7", tmp_path / "worklist.csv"
    shutil.copytree(SWL / "RJ7", folder)
    assert run("fix-list", folder, "--out", out, "--scheme", "cnst-sa2-y7").code == 0
    with out.open(encoding="utf-8", newline="") as lines:
        needed = [one for one in csv.DictReader(lines) if one["Needed for"] == "SA2-birthweight"]
    file = folder / "MSD405CareActivityBaby.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for one in needed:
        rows[int(one["Record"]) - 1]["UCUMUnit"] = "g"
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(reversed(rows))
    found = api.compare(SWL / "RJ7", folder, rules=packaged(), schemes=["cnst-sa2-y7"])
    [one] = found.comparisons
    assert len(needed) == 19
    assert one.people["cnst-sa2-y7", "SA2-birthweight"] == Movement(fixed=19, persisting=72)
    assert one.rules["MSD405-02"] == Movement(fixed=19, persisting=72)
    [change] = [each for each in one.changes if each.now.criterion == "SA2-birthweight"]
    assert change.turn is Turn.GAINED
    assert (one.records.changed, one.records.gone, one.records.added) == (19, 0, 0)
    assert not found.is_worse
    identifiers = {row[item] for row in rows for item in ("LPIDBaby", "CareActIDBaby")}
    for text in (compared_for_terminal(found), compared_to_json(found)):
        assert not [each for each in identifiers if each and each in text]


# --- how it is told -----------------------------------------------------------------------


@pytest.mark.parametrize("of", [broken, spoilt])
def test_json_fits_its_published_schema(of):
    schema = json.loads((ROOT / "docs" / "comparison.schema.json").read_text("utf-8"))
    for found in (of(), disclosed_comparisons(of())):
        content = json.loads(compared_to_json(found))
        jsonschema.Draft202012Validator(schema).validate(content)
        [one] = content["comparisons"]
        assert one["worse"] == of().is_worse


def test_what_moved_is_shown_where_only_the_number_it_is_of_is_another(run, tmp_path):
    """Mothers who are gone change nothing about babies, but of how many both are known."""
    folder = tmp_path / "RJ7"
    shutil.copytree(SWL / "RJ7", folder)
    mothers = folder / "MSD001MotherDemog.csv"
    lines = mothers.read_text(encoding="utf-8").splitlines(keepends=True)
    mothers.write_text("".join(lines[:-18]), encoding="utf-8")
    said = " ".join(run("compare", SWL / "RJ7", folder).out.split())
    assert "318 of 364, 87.4 % -> 318 of 364, 87.4 % differs from the mother" in said
    assert "both stated 16 of 318 -> 16 of 303" in said


@pytest.mark.parametrize("width", [80, 110])
def test_no_line_is_wider_than_the_screen_and_colour_adds_nothing(width):
    for found in (broken(), spoilt()):
        text = compared_for_terminal(found, width=width)
        assert [line for line in text.splitlines() if len(line) > width] == []
        coloured = compared_for_terminal(found, width=width, colour=True)
        assert "\x1b[" in coloured
        assert "\x1b[" not in text
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).split() == text.split()


def test_counts_that_are_shared_are_rounded():
    [one] = disclosed_comparisons(broken()).comparisons
    content = json.loads(compared_to_json(Compared((one,), (), ())))
    numbers = [
        number
        for rule in content["comparisons"][0]["rules"]
        for number in rule["findings"].values()
    ]
    assert numbers
    assert {number % 5 for number in numbers} == {0}
    text = compared_for_terminal(Compared((one,), (), ()), width=110)
    assert "2,595 before, 0 now" in text
    assert "Counts rounded as published" in text


# --- the command --------------------------------------------------------------------------


@pytest.fixture
def known(monkeypatch):
    """Comparisons that were made before, by the name of the new extract."""
    made = {"clean": broken(), "missing-tables": spoilt()}
    monkeypatch.setattr("msds_audit.api.compare", lambda old, new, **_: made[new.name])


@pytest.mark.usefixtures("known")
def test_the_exit_code_says_whether_anything_is_worse(run):
    broken_one, clean, missing = (
        FIXTURES / name for name in ("every-rule-broken", "clean", "missing-tables")
    )
    assert run("compare", broken_one, clean).code == 0
    assert run("compare", clean, missing).code == 1
    assert run("compare", clean, missing, "--fail-on", "never").code == 0
    assert run("compare", clean, missing, "--fail-on", "sometimes").code == 2


@pytest.mark.usefixtures("known")
def test_it_is_written_in_the_format_that_goes_with_the_file(run, tmp_path, monkeypatch):
    """A file has the width of what is printed where there is no screen."""
    monkeypatch.setenv("COLUMNS", "96")
    arguments = ("compare", FIXTURES / "every-rule-broken", FIXTURES / "clean")
    shown = run(*arguments)
    assert "\x1b[" not in shown.out
    for name, start in (("a.json", "{"), ("a.md", "# RVR"), ("a.txt", "RVR")):
        ran = run(*arguments, "--out", tmp_path / name)
        assert (ran.code, ran.out) == (0, "")
        assert ran.last == f"Wrote {name}; comparisons in it: 1."
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == shown.out
    assert run(*arguments, "--out", tmp_path / "a.csv").code == 2
    assert run(*arguments, "--format", "sarif").code == 2
    assert run(*arguments, "--format", "json", "--disclosure").out.count('"disclosure": true') == 1


@pytest.mark.usefixtures("known")
def test_it_is_never_written_over_what_is_read(run):
    for folder in ("every-rule-broken", "clean"):
        out = FIXTURES / folder / "MSD000Header.csv"
        arguments = ("compare", FIXTURES / "every-rule-broken", FIXTURES / "clean")
        assert run(*arguments, "--format", "json", "--out", out).code == 2


def test_extracts_without_a_submission_in_common_are_refused(run):
    ran = run("compare", SWL / "RAX", SWL / "RJ7")
    assert ran.code == 2
    assert ran.last == "Hint: OLD holds RAX 2026-08; NEW holds RJ7 2026-08."


def test_an_extract_that_cannot_be_read_is_told_as_check_tells_it(run, tmp_path):
    ran = run("compare", SWL / "RAX", tmp_path / "nothing")
    assert ran.code == run("check", tmp_path / "nothing").code
    assert ran.last in ("No audit was performed.", ran.err.splitlines()[-1])


def test_nothing_is_kept(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = FIXTURES / "missing-tables"
    there = sorted(path.stat().st_mtime_ns for path in before.iterdir())
    assert run("compare", before, before, "--scheme", "ethnicity").code == 0
    assert list(tmp_path.iterdir()) == []
    assert sorted(path.stat().st_mtime_ns for path in before.iterdir()) == there
