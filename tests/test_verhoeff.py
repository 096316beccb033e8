"""Tests of the check digit of SNOMED CT identifiers against a plain evaluation, from tables."""

from __future__ import annotations

import random

import polars as pl
import pytest

from msds_audit.checks import read_values
from msds_audit.verhoeff import is_right
from plain.marks import has_right_check_digit
from support import frame, packaged, sample


def judged(texts: list[str | None]) -> list[bool | None]:
    column = pl.DataFrame({"text": texts}, schema={"text": pl.String}).lazy()
    return column.select(is_right(pl.col("text"))).collect(engine="streaming").to_series().to_list()


def test_the_table_of_the_test_itself_is_right() -> None:
    assert has_right_check_digit("138875005")  # SNOMED CT Concept
    assert has_right_check_digit("73211009")  # Diabetes mellitus
    assert not has_right_check_digit("73211008")


def test_it_agrees_with_a_plain_evaluation_on_numbers_of_every_length() -> None:
    draws = random.Random(1969)
    numbers = [
        str(draws.randrange(10 ** (length - 1), 10**length))
        for length in range(6, 19)
        for _ in range(400)
    ]
    right = judged(numbers)
    assert right == [has_right_check_digit(number) for number in numbers]
    assert 400 < right.count(True) < 700


def test_of_ten_last_digits_one_is_right() -> None:
    for start in ("27164900", "38629472", "90000710000000000"):
        assert judged([f"{start}{digit}" for digit in range(10)]).count(True) == 1


@pytest.mark.parametrize(
    "text",
    [None, "", "12345", "012345678", "1234567890123456789", "O244", "+271649006", "2.7E+08"],
)
def test_what_is_no_identifier_is_neither_right_nor_wrong(text: str | None) -> None:
    assert judged([text, "271649006"]) == [None, True]


def test_the_concepts_of_the_clean_extract_are_right() -> None:
    given = sample("clean")
    seen = 0
    for table in packaged().spec.tables.values():
        beside = [item for item in table.items if item.element.endswith("(SNOMED CT)")]
        wanted = [f"{item.name}_verhoeff" for item in beside]
        values = read_values(given.tables[table.name], beside, wanted).collect()
        for name in wanted:
            assert values[name].all(), f"{table.name}.{name}"
            seen += values[name].len()
    assert seen > 10


def test_a_written_rule_may_name_it() -> None:
    table = packaged().spec.tables["MSD109FindingObsMother"]
    rows = [{"ObsCode": code} for code in ("271649006", "271649007", "O244", None)]
    values = read_values(frame(rows, ["ObsCode"]), [table.by_name["ObsCode"]], ["ObsCode_verhoeff"])
    found = values.select(pl.sql_expr("ObsCode_verhoeff")).collect()
    assert found.to_series().to_list() == [True, False, None, None]
