"""The pass rule held against the results that NHS England has published; see tests/published."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from msds_audit.rule import Family, Rules
from msds_audit.verdicts import percentage, rounded_verdict, verdict

Row = dict[str, str]

PUBLISHED = Path(__file__).parent / "published" / "cqim-2025-04.csv"
NOT_SENT = "DNS"
UNDEFINED = {f"CQIMDQ{number}" for number in range(46, 51)}
"""Published, with no definition that was found."""

with PUBLISHED.open(encoding="utf-8", newline="") as lines:
    ROWS: list[Row] = list(csv.DictReader(lines))

JUDGED = [row for row in ROWS if row["Indicator"] not in UNDEFINED]


def name(row: Row) -> str:
    return f"{row['Org_Code']} {row['Indicator']}"


def counts(row: Row) -> tuple[int, int]:
    """The published counts; none where nothing was sent."""
    if NOT_SENT in (row["Numerator"], row["Denominator"]):
        return 0, 0
    return int(row["Numerator"]), int(row["Denominator"])


def wrong(rules: Rules, rows: list[Row]) -> list[str]:
    """The rows of which the pass rule makes something else than was published."""
    return [
        name(row)
        for row in rows
        if verdict(*counts(row), rules.indicators[row["Indicator"]].limits) != row["Result"]
    ]


def test_the_pass_rule_gives_every_published_result(rules: Rules) -> None:
    assert len(JUDGED) > 300
    assert wrong(rules, JUDGED) == []


@pytest.mark.parametrize("result", ["Pass", "Fail"])
def test_either_result_was_published_of_counts_and_not_only_where_nothing_was_sent(
    result: str,
) -> None:
    found = Counter(row["Result"] for row in JUDGED if row["Numerator"] != NOT_SENT)
    assert found[result] > 10


def test_counts_that_are_rounded_already_are_judged_as_they_are(rules: Rules) -> None:
    for row in JUDGED:
        limits = rules.indicators[row["Indicator"]].limits
        assert rounded_verdict(*counts(row), limits) == verdict(*counts(row), limits), name(row)


def test_the_rate_is_that_of_the_rounded_counts_to_one_decimal_place() -> None:
    # one rate of a measure without a definition is withheld in words
    sent = [row for row in ROWS if row["Rate"] not in (NOT_SENT, "Low DQ")]
    assert len(sent) > 200
    assert [name(row) for row in sent if percentage(*counts(row)) != row["Rate"]] == []


def test_where_nothing_was_sent_nothing_is_published_and_the_measure_fails() -> None:
    unsent = [row for row in ROWS if NOT_SENT in row.values()]
    assert unsent
    for row in unsent:
        assert {row["Numerator"], row["Denominator"], row["Rate"]} == {NOT_SENT}, name(row)
        assert row["Result"] == "Fail", name(row)


def test_measures_without_a_published_definition_are_listed_as_such(rules: Rules) -> None:
    assert {row["Indicator"] for row in ROWS} >= UNDEFINED
    for id in UNDEFINED:
        assert rules.indicators[id].undefined
        assert not rules.indicators[id].is_rate


def test_every_measure_that_is_defined_was_published(rules: Rules) -> None:
    defined = {
        one.id
        for one in rules.indicators.values()
        if one.family in (Family.CQIM_DQ, Family.COC_DQ) and not one.undefined
    }
    assert defined == {row["Indicator"] for row in JUDGED}


def test_every_published_count_is_one_that_rounding_gives() -> None:
    for row in ROWS:
        assert all(count % 5 == 0 for count in counts(row)), name(row)


def test_of_a_trust_every_measure_stands_there_once() -> None:
    assert max(Counter(map(name, ROWS)).values()) == 1
    assert len(ROWS) == 362
