"""Tests of the check digit of SNOMED CT identifiers against tables written out by hand."""

from __future__ import annotations

import random

import polars as pl
import pytest

from msds_audit.checks import read_values
from msds_audit.verhoeff import is_right
from support import frame, packaged, sample

PRODUCTS = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
PERMUTED = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)
"""SNOMED CT Release File Specifications, 6.4.2: the products, and the permutation of each place."""


def is_right_by_hand(number: str) -> bool:
    product = "0"
    for place, digit in enumerate(reversed(number)):
        product = PRODUCTS[int(product)][int(PERMUTED[place % 8][int(digit)])]
    return product == "0"


def judged(texts: list[str | None]) -> list[bool | None]:
    column = pl.DataFrame({"text": texts}, schema={"text": pl.String}).lazy()
    return column.select(is_right(pl.col("text"))).collect(engine="streaming").to_series().to_list()


def test_the_table_of_the_test_itself_is_right() -> None:
    assert is_right_by_hand("2363")  # the usual example: 236 takes 3
    assert not is_right_by_hand("2364")


def test_it_agrees_with_a_plain_evaluation_on_numbers_of_every_length() -> None:
    draws = random.Random(1969)
    numbers = [
        str(draws.randrange(10 ** (length - 1), 10**length))
        for length in range(6, 19)
        for _ in range(400)
    ]
    right = judged(numbers)
    assert right == [is_right_by_hand(number) for number in numbers]
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
