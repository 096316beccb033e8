"""What must be known of national figures though no line of them tells it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from msds_audit.extract import Period, Submission
from msds_audit.national_remarks import remarks
from msds_audit.rule import Rules
from msds_audit.scorecard import IndicatorResult
from support import submission

REPORTING = Period.parse("2026-08")
BIRTHS, KNOWN = "CQIMDQ09", "CQIMDQ08"


def born(rules: Rules, month: str, *dates: str | None) -> Submission:
    rows = [
        {"LPIDBaby": f"B{place}", "PersonBirthDateBaby": day} for place, day in enumerate(dates)
    ]
    return submission(rules.spec, {"MSD401": rows}, period=month)


def said(rules: Rules, given: dict[str, Submission], *results: IndicatorResult) -> tuple[str, ...]:
    history = {Period.parse(month): one for month, one in given.items()}
    found = {one.indicator.id: one for one in results}
    return remarks(history, REPORTING, rules.spec, found)


def result(
    rules: Rules, id: str, numerator: int | None, denominator: int | None
) -> IndicatorResult:
    return IndicatorResult(rules.indicators[id], numerator, denominator)


def test_dates_that_cannot_be_read_are_told_by_item_and_month(rules: Rules) -> None:
    given = {
        "2026-07": born(rules, "2026-07", "12/07/2026", "2026-07-12"),
        "2026-08": born(rules, "2026-08", "2026-08-32"),
    }
    early = result(rules, "CQIMDQ33", 1, 1)  # of three months
    assert said(rules, given, early) == (
        "Dates that cannot be read keep records out of the national figures: PersonBirthDateBaby "
        "of MSD401 (2026-07, 2026-08). Write them as 2026-08-31.",
    )


def test_dates_that_are_right_or_blank_are_not_told(rules: Rules) -> None:
    given = {"2026-08": born(rules, "2026-08", "2026-08-01", None)}
    assert said(rules, given, result(rules, KNOWN, 1, 1)) == ()


def test_months_that_no_indicator_looks_at_are_not_told(rules: Rules) -> None:
    given = {"2026-01": born(rules, "2026-01", "12/01/2026")}
    assert said(rules, given, result(rules, KNOWN, 1, 1)) == ()


def test_many_months_are_told_by_the_first_and_the_last(rules: Rules) -> None:
    months = [f"2026-0{number}" for number in range(3, 8)]
    given = {month: born(rules, month, "no date") for month in months}
    [found] = said(rules, given, result(rules, "CQIMDQ21", 1, 1))
    assert "(5 months from 2026-03 to 2026-07)" in found


def test_an_item_that_is_not_there_has_no_dates(rules: Rules) -> None:
    given = born(rules, "2026-08", "12/08/2026")
    tables = {name: frame.drop("PersonBirthDateBaby") for name, frame in given.tables.items()}
    without = replace(given, stored=tables)
    assert said(rules, {"2026-08": without}, result(rules, KNOWN, 1, 1)) == ()


@pytest.mark.parametrize(
    ("numerator", "denominator", "is_told"),
    [(28, 14, False), (29, 14, True), (1, 0, True), (0, 0, False), (None, None, False)],
)
def test_more_than_twice_what_hospital_statistics_lead_to_expect_is_told(
    numerator: int | None, denominator: int | None, is_told: bool, rules: Rules
) -> None:
    found = said(rules, {}, result(rules, BIRTHS, numerator, denominator))
    assert bool(found) is is_told
    assert all("HES deliveries" in one for one in found)


def test_many_against_something_else_than_hospital_statistics_are_not_told(rules: Rules) -> None:
    assert said(rules, {}, result(rules, KNOWN, 29, 14)) == ()
