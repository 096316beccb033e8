"""Tests of the second reading of predicates itself, against what is written out here by hand."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from msds_audit.predicates import FUNCTIONS
from plain.functions import call, cast, is_known
from plain.logic import Interval, SqlError, moved
from plain.marks import has_right_check_digit
from plain.sql import predicate

ROW = {
    "T": True,
    "F": False,
    "N": None,
    "seven": 7,
    "name": "O'Neill",
    "day": date(2024, 1, 31),
    "later": date(2024, 3, 1),
    "clock": time(9, 30),
    "mother": None,
    "mother.Postcode": None,
}

THREE = {True: "T", False: "F", None: "N"}
AND = {
    (True, True): True,
    (True, False): False,
    (True, None): None,
    (False, False): False,
    (False, None): False,
    (None, None): None,
}
OR = {
    (True, True): True,
    (True, False): True,
    (True, None): True,
    (False, False): False,
    (False, None): None,
    (None, None): None,
}


@pytest.mark.parametrize("pair", AND)
def test_and_and_or_have_three_values(pair: tuple[bool | None, bool | None]) -> None:
    for one, other in (pair, pair[::-1]):
        assert predicate(f"{THREE[one]} AND {THREE[other]}")(ROW) is AND[pair]
        assert predicate(f"{THREE[one]} OR {THREE[other]}")(ROW) is OR[pair]


@pytest.mark.parametrize(
    ("sql", "result"),
    [
        ("", True),
        ("NOT N", None),
        ("NOT F AND F", False),
        ("T OR F AND F", True),
        ("(T OR F) AND F", False),
        ("NOT seven = 7", False),
        ("seven = NULL", None),
        ("N IS NULL AND NULL IS NULL", True),
        ("seven IS NOT NULL", True),
        ("mother IS NULL AND mother.Postcode IS NULL", True),
        ("seven IN (1, NULL)", None),
        ("seven IN (7, NULL)", True),
        ("seven NOT IN (1, NULL)", None),
        ("seven NOT IN (1, 2)", True),
        ("seven BETWEEN 7 AND 7", True),
        ("seven BETWEEN 8 AND NULL", False),
        ("seven BETWEEN 1 AND NULL", None),
        ("seven NOT BETWEEN 1 AND 6 AND T", True),
        ("1 + 2 * 3 = seven", True),
        ("(1 + 2) * 3 - 2 = seven", True),
        ("seven - 2 - 1 = 4", True),
        ("-seven + 7 = 0", True),
        ("seven / 2 = 3.5 AND seven % 4 = 3", True),
        ("MOD(-7, 3) = -1", True),
        ("name = 'O''Neill'", True),
        ("name LIKE 'O_N%'", True),
        ("name LIKE 'N%'", False),
        ("day + INTERVAL '1 month' = DATE '2024-02-29'", True),
        ("day + INTERVAL '1 month 1 day' = later", True),
        ("later - day = INTERVAL '30 days'", True),
        ("later - day > INTERVAL '4 weeks 2 days'", False),
        ("later - INTERVAL '12 months' = DATE '2023-03-01'", True),
        ("EXTRACT(DAY FROM day) = 31 AND EXTRACT(MINUTE FROM clock) = 30", True),
        ("CASE WHEN N THEN F WHEN seven > 6 THEN T ELSE F END", True),
        ("CASE seven WHEN 6 THEN T END", None),
        ("GREATEST(1, NULL, 3) = 3 AND LEAST(NULL, 2) = 2", True),
        ("CONCAT('a', NULL, 'b') = 'ab'", True),
        ("'a' || NULL = 'a'", None),
        ("SUBSTR('abc', 0, 2) = 'a' AND SUBSTR('abc', 2) = 'bc'", True),
        ("RIGHT('abc', 2) = 'bc' AND LEFT('abc', -1) = 'ab'", True),
        ("TRY_CAST('x' AS INT) IS NULL AND TRY_CAST('1e3' AS DOUBLE) = 1000", True),
    ],
)
def test_predicates_mean_what_sql_says(sql: str, result: bool | None) -> None:
    assert predicate(sql)(ROW) is result


@pytest.mark.parametrize(
    "sql",
    [
        "seven = name",
        "seven AND T",
        "seven",
        "seven / 0 = 1",
        "later - day = INTERVAL '1 month'",
        "day + INTERVAL '3 fortnights' = later",
        "EXTRACT(HOUR FROM day) = 1",
        "DATEDIFF(day, later) = 1",
        "seven NOT = 7",
        "(seven = 7",
        "seven = 7 T",
        "seven = 'seven",
        "seven # 7",
        "N IS seven",
    ],
)
def test_what_has_no_meaning_is_refused(sql: str) -> None:
    with pytest.raises(SqlError):
        predicate(sql)(ROW)


def test_names_are_told_from_words_and_functions() -> None:
    sql = "upper(A) = 'B c' and mother.D is not null or E_vodim in ('x') and DATE '2026-08-01' < F"
    assert predicate(sql).names == ("A", "E_vodim", "F", "mother.D")


def test_every_function_that_rules_may_use_is_there() -> None:
    assert {name for name in FUNCTIONS if not is_known(name)} == {"EXTRACT", "TRY_CAST"}


def test_functions_of_nothing_are_nothing() -> None:
    assert call("UPPER", [None]) is None
    assert call("SUBSTR", ["abc", None]) is None
    assert cast(None, "INT") is None


@pytest.mark.parametrize(
    ("text", "type_name", "result"),
    [
        ("+5", "INT", 5),
        ("5.0", "INT", None),
        ("1_000", "INT", None),
        ("٣", "INT", None),
        ("2147483648", "INT", None),
        ("2147483648", "BIGINT", 2147483648),
        (".5", "DOUBLE", 0.5),
        ("", "DOUBLE", None),
        (7, "VARCHAR", "7"),
    ],
)
def test_casting(text: object, type_name: str, result: object) -> None:
    assert cast(text, type_name) == result


def test_months_are_added_before_days_and_end_where_the_month_ends() -> None:
    assert Interval.parse("2 years, 1 month 3 hours") == Interval(25, timedelta(hours=3))
    assert moved(date(2024, 2, 29), Interval.parse("11 years"), 1) == date(2035, 2, 28)
    assert moved(date(2024, 3, 31), Interval.parse("1 month"), -1) == date(2024, 2, 29)
    assert moved(date(2024, 1, 30), Interval.parse("1 month 1 day"), 1) == date(2024, 3, 1)
    assert moved(date(2024, 1, 30), Interval.parse("47 hours"), 1) == date(2024, 1, 31)


@pytest.mark.parametrize(
    ("text", "right"),
    [("364589006", True), ("364589007", False), ("36458", None), ("036458900", None), (None, None)],
)
def test_check_digits_of_snomed_identifiers(text: str | None, right: bool | None) -> None:
    assert has_right_check_digit(text) is right
