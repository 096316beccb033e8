"""Tests of the sample extracts: what they must hold whatever the seed, and the fixtures."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from nhs_number.validate import is_valid

from msds_audit.audit import audit
from msds_audit.catalogue.reading import read_rules
from msds_audit.errors import ReportError
from msds_audit.extract import Period, Submission
from msds_audit.modulus_11 import check_digit
from msds_audit.readers import open_extract
from msds_audit.rule import Damage, Expected, Rules
from msds_audit.sample import Story, write_sample
from msds_audit.sample.broken import break_every_rule
from msds_audit.sample.draws import Draws, NhsNumbers
from msds_audit.sample.figures import CODES, TRUSTS, Trust, apportion, ethnic_codes, month_of
from msds_audit.sample.habits import Habit
from msds_audit.sample.stories import clean_unit
from msds_audit.scorecard import Audited
from support import breakable, quick_first

FIXTURES = Path(__file__).parents[1] / "fixtures"
AUGUST = Period.parse("2026-08")
STATED = set("ABCDEFGHJKLMNPRS")

PUBLISHED_STATED = {"RJ6": 0.9953, "RVR": 0.9883, "RAX": 0.8783, "RJ7": 0.9188}
"""Worked out by hand: the five stated groups over all deliveries of the trust."""


@pytest.fixture(scope="module")
def rules() -> Rules:
    return read_rules()


def submission(folder: Path, rules: Rules) -> Submission:
    [found] = open_extract([folder], rules.spec).submissions
    return found


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*.csv"))
    }


def failing(audited: Audited) -> set[str]:
    return {id for id, tally in audited.rules.items() if tally.assessed and tally.failures}


# --- writing ------------------------------------------------------------------------------


@pytest.mark.parametrize("story", list(Story))
def test_the_committed_fixtures_are_what_the_default_seed_writes(
    story: Story, rules: Rules, tmp_path: Path
) -> None:
    write_sample(tmp_path / "again", story, rules=rules)
    assert contents(tmp_path / "again") == contents(FIXTURES / story)


@pytest.mark.parametrize("story", list(Story))
def test_the_same_seed_writes_the_same_bytes(story: Story, rules: Rules, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_sample(tmp_path / name, story, rules=rules, seed=7)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.parametrize("story", [Story.SOUTH_WEST_LONDON, Story.CLEAN, Story.EVERY_RULE_BROKEN])
def test_another_seed_writes_other_people(story: Story, rules: Rules, tmp_path: Path) -> None:
    for seed in (1, 2):
        write_sample(tmp_path / str(seed), story, rules=rules, seed=seed)
    assert contents(tmp_path / "1") != contents(tmp_path / "2")


def test_every_table_is_written_with_its_columns_in_published_order(
    rules: Rules, tmp_path: Path
) -> None:
    written = write_sample(tmp_path / "out", Story.EMPTY_TABLES, rules=rules)
    assert [file.stem for file in written] == list(rules.spec.tables)
    for file in written:
        content = file.read_bytes()
        columns = ",".join(rules.spec.tables[file.stem].by_name)
        assert content.startswith(columns.encode() + b"\n")
        assert b"\r" not in content


def test_a_folder_that_is_not_empty_is_left_alone(rules: Rules, tmp_path: Path) -> None:
    (tmp_path / "precious.csv").write_text("kept", encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        write_sample(tmp_path, Story.CLEAN, rules=rules)
    assert caught.value.hint
    assert [file.name for file in tmp_path.iterdir()] == ["precious.csv"]


def test_a_file_is_not_taken_for_a_folder(rules: Rules, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("kept", encoding="utf-8")
    with pytest.raises(ReportError):
        write_sample(tmp_path / "out", Story.CLEAN, rules=rules)


def test_an_empty_folder_will_do(rules: Rules, tmp_path: Path) -> None:
    assert len(write_sample(tmp_path, Story.CLEAN, rules=rules)) == 32


# --- figures ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (10, [1, 1, 1], [3, 3, 4]),  # 3.33 each: the tie goes to the last
        (7, [50, 30, 20], [4, 2, 1]),  # 3.5, 2.1, 1.4: the half is the largest remainder
        (266, [1220, 180, 815, 720, 240, 5, 5, 5], [102, 15, 68, 60, 20, 0, 0, 1]),
        (0, [3, 1], [0, 0]),
        (5, [0, 1], [0, 5]),
    ],
)
def test_shares_go_by_largest_remainder(total: int, weights: list[int], shares: list[int]) -> None:
    assert apportion(total, weights) == shares


def test_a_month_is_a_twelfth_of_the_published_year() -> None:
    assert {one.code: month_of(one.deliveries) for one in TRUSTS} == {
        "RJ6": 266,  # 3190 / 12 = 265.8
        "RVR": 286,  # 3430 / 12 = 285.8
        "RAX": 312,  # 3740 / 12 = 311.7
        "RJ7": 359,  # 4310 / 12 = 359.2
    }


@pytest.mark.parametrize("trust", TRUSTS, ids=lambda trust: trust.code)
def test_ethnic_codes_keep_to_their_published_groups(trust: Trust) -> None:
    total = month_of(trust.deliveries)
    codes = Counter(ethnic_codes(total, trust.deliveries))
    shares = apportion(total, list(trust.deliveries.values()))
    assert [sum(codes[code] for code in within) for within in CODES.values()] == shares


@pytest.mark.parametrize("code", sorted(PUBLISHED_STATED))
def test_the_stated_rate_at_booking_is_as_published(code: str) -> None:
    folder = FIXTURES / Story.SOUTH_WEST_LONDON / code
    mothers = {row["LPIDMother"]: row for row in rows(folder, "MSD001MotherDemog")}
    booked = [
        mothers[row["LPIDMother"]]["EthnicCategoryMother"]
        for row in rows(folder, "MSD101PregnancyBooking")
        if row["AntenatalAppDate"] >= str(AUGUST.start)
    ]
    rate = sum(ethnic in STATED for ethnic in booked) / len(booked)
    assert rate == pytest.approx(PUBLISHED_STATED[code], abs=0.01)
    assert (rate < 0.9) == (code == "RAX")


# --- people -------------------------------------------------------------------------------


def test_nhs_numbers_are_right_of_the_test_range_and_never_repeated() -> None:
    numbers = [
        row[item]
        for code in PUBLISHED_STATED
        for table, item in (
            ("MSD001MotherDemog", "NHSNumberMother"),
            ("MSD401BabyDemographics", "NHSNumberBaby"),
        )
        for row in rows(FIXTURES / Story.SOUTH_WEST_LONDON / code, table)
        if row[item]
    ]
    assert len(numbers) > 3000
    assert len(set(numbers)) == len(numbers)
    assert all(is_valid(number) and number.startswith("999") for number in numbers)


def test_nine_digits_whose_check_digit_would_be_ten_are_passed_over() -> None:
    assert check_digit("999190748") == "3"
    unusable = [f"999{n:06d}" for n in range(100) if check_digit(f"999{n:06d}") is None]
    assert unusable
    assert not any(is_valid(nine + "0") for nine in unusable)


def test_numbers_handed_out_differ() -> None:
    numbers = NhsNumbers(Draws(1))
    given = [numbers.next() for _ in range(5000)]
    assert len(set(given)) == 5000


def test_a_habit_falls_on_every_kth_record_it_may_fall_on() -> None:
    tables = {"T": [{"kind": "x" if n % 2 else "y", "item": "right"} for n in range(12)]}
    Habit("T", 3, ({"item": "a"}, {"item": "b"}), 2, {"kind": "x"}).indulge(tables)
    assert [row["item"] for row in tables["T"] if row["kind"] == "x"] == [
        "right",
        "a",
        "right",
        "right",
        "b",
        "right",
    ]
    assert all(row["item"] == "right" for row in tables["T"] if row["kind"] == "y")


# --- stories ------------------------------------------------------------------------------


@pytest.mark.parametrize("period", quick_first(["2026-08", "2024-02", "2025-12"], ("2024-02",)))
def test_no_rule_fails_on_the_clean_story(period: str, rules: Rules, tmp_path: Path) -> None:
    write_sample(tmp_path, Story.CLEAN, rules=rules, period=Period.parse(period))
    assert failing(audit(submission(tmp_path, rules), rules)) == set()


def test_the_clean_story_uses_every_table_and_every_coded_item(rules: Rules) -> None:
    audited = audit(submission(FIXTURES / Story.CLEAN, rules), rules)
    alone = {"MSD000Header"}
    assert all(count >= 2 for table, count in audited.rows.items() if table not in alone)
    for tally in audited.items:
        if rules.spec.tables[tally.table].by_name[tally.item].codes is not None:
            assert tally.valid, f"{tally.table}.{tally.item} has no valid code"
        assert not tally.invalid, f"{tally.table}.{tally.item} has an invalid value"


def test_in_the_clean_story_every_ethnic_category_is_stated() -> None:
    mothers = rows(FIXTURES / Story.CLEAN, "MSD001MotherDemog")
    babies = rows(FIXTURES / Story.CLEAN, "MSD401BabyDemographics")
    assert {row["EthnicCategoryMother"] for row in mothers} == STATED
    assert {row["EthnicCategoryBaby"] for row in babies} <= STATED


@pytest.mark.parametrize(
    "period",
    quick_first(["2026-08", "2024-02", "2025-12"], ["2026-08"]),
)
def test_every_rule_fails_on_the_story_that_breaks_them_all(
    period: str, rules: Rules, tmp_path: Path
) -> None:
    write_sample(tmp_path, Story.EVERY_RULE_BROKEN, rules=rules, period=Period.parse(period))
    december = period.endswith("-12")  # no date swapped within the year lies after it
    expected = {
        rule.id
        for rule in rules.records.values()
        if rule.id in breakable(rules) and not (december and rule.damage is Damage.SWAPPED)
    }
    assert failing(audit(submission(tmp_path, rules), rules)) == expected


def test_a_rule_without_a_failing_example_cannot_be_broken(rules: Rules) -> None:
    rule = next(rule for rule in rules.records.values() if rule.id == "MSD001-06")
    kept = tuple(example for example in rule.examples if example.result is not Expected.FAIL)
    toothless = replace(rule, examples=kept)
    unit = clean_unit(rules.spec, 1, AUGUST)
    with pytest.raises(AssertionError, match=rule.id):
        break_every_rule(unit, replace(rules, records={rule.id: toothless}))


def test_the_story_of_empty_tables_has_a_header_and_nothing_else(rules: Rules) -> None:
    audited = audit(submission(FIXTURES / Story.EMPTY_TABLES, rules), rules)
    assert audited.provider == "RVR"
    assert {table for table, count in audited.rows.items() if count} == {"MSD000Header"}
    assert len(audited.rows) == 32


def test_the_story_of_missing_tables_lacks_tables_and_columns() -> None:
    folder = FIXTURES / Story.MISSING_TABLES
    assert sorted(file.stem for file in folder.glob("*.csv")) == [
        "MSD000Header",
        "MSD001MotherDemog",
        "MSD002GP",
        "MSD401BabyDemographics",
    ]
    assert "EthnicCategoryMother" not in rows(folder, "MSD001MotherDemog")[0]
    assert "PersonPhenSex" not in rows(folder, "MSD401BabyDemographics")[0]
