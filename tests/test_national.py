"""Tests of the national indicators on handfuls of women, with figures worked out by hand.

Who they are stands in `national_cases` and `continuity_cases`; the reporting month is August 2026
unless a test says otherwise. Each indicator is counted by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest

from continuity_cases import CONTINUITY
from msds_audit.errors import ExtractError
from msds_audit.extract import Period, Submission
from msds_audit.limits import Limits
from msds_audit.national import national
from msds_audit.readers import open_extract
from msds_audit.rule import Rules
from msds_audit.scorecard import IndicatorResult
from msds_audit.verdicts import margin, rounded_verdict, verdict
from national_cases import (
    AT_DELIVERY,
    BLEEDING,
    DENOMINATOR,
    IN,
    OF_MONTH,
    OF_THREE_MONTHS,
    ROBSON,
    SMOKING,
    SMOKING_RATES,
    Case,
    Sent,
    birth,
    booked,
    both,
    torn,
    twin,
)
from support import packaged, submission, without

TABLES = ("101", "102", "201", "202", "301", "302", "401", "405", "901")
REPORTING, PROVIDER = Period.parse("2026-08"), "RJ7"
CASES = (
    *SMOKING,
    *SMOKING_RATES,
    *BLEEDING,
    *OF_MONTH,
    *OF_THREE_MONTHS,
    *ROBSON,
    *CONTINUITY,
)

History = Mapping[Period, Submission]


@cache
def nothing_in(month: str) -> Submission:
    """A submission of a month with every table and no row."""
    return submission(packaged().spec, {f"MSD{one}": [] for one in TABLES}, period=month)


def history(sent: Sent, months: list[Period]) -> dict[Period, Submission]:
    """The months asked for, with what was sent in each."""
    found = {}
    for month in months:
        empty = nothing_in(str(month))
        filled = submission(packaged().spec, sent.get(str(month), {}), period=str(month))
        found[month] = replace(empty, stored={**empty.tables, **filled.tables})
    return found


def alone(rules: Rules, id: str) -> Rules:
    """The rules with one indicator, that rests on no other."""
    one = replace(rules.indicators[id], rests_on=(), submitted="")
    return replace(rules, indicators={id: one})


def counted(
    rules: Rules,
    id: str,
    sent: Sent,
    *,
    reporting: Period = REPORTING,
    annual: int | None = None,
    absent: tuple[str, ...] = (),
    partial: bool = False,
) -> IndicatorResult:
    """An indicator by itself, where the months of its window were given, less those absent."""
    # critical incidents and labours are looked for in every month there is
    asked = {*rules.indicators[id].window.months(reporting, 1), reporting}
    asked |= {Period.parse(month) for month in sent}
    given = sorted(month for month in asked if str(month) not in absent)
    deliveries = None if annual is None else {PROVIDER: annual}
    only = alone(rules, id)
    found = national(history(sent, given), reporting, only, deliveries=deliveries, partial=partial)
    return found[id]


def figures(result: IndicatorResult) -> tuple[int | None, int | None]:
    assert result.reason == ""
    return result.numerator, result.denominator


# --- who counts ---------------------------------------------------------------------------


def test_every_indicator_that_is_defined_is_worked_out_by_hand(rules: Rules) -> None:
    defined = {one.id for one in rules.indicators.values() if not one.undefined}
    assert {one.id for one in CASES} == defined


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_an_indicator_counts_whom_it_should(case: Case, rules: Rules) -> None:
    placed = [where for where, _, _ in case.people]
    found = counted(rules, case.id, case.sent, annual=case.annual)
    assert figures(found) == (case.numerator, case.denominator)
    assert (found.result or "", found.rounded_result or "") == (case.result, case.rounded)
    if case.rate:
        assert found.rate == case.rate
    if case.denominator != 1:
        assert placed.count(IN) == case.numerator
        if case.annual is None:
            assert placed.count(IN) + placed.count(DENOMINATOR) == case.denominator


# --- thresholds ---------------------------------------------------------------------------

AT_LEAST_70 = Limits(lower=Decimal("0.7"))
BETWEEN = Limits(lower=Decimal("0.005"), upper=Decimal("0.5"))
AT_MOST_10 = Limits(upper=Decimal("0.1"))
ABOVE_40 = Limits(lower=Decimal("0.4"), exclusive=True)
ABOVE_5 = Limits(lower=Decimal("0.05"), exclusive=True, needs_someone=True)


@pytest.mark.parametrize(
    ("numerator", "denominator", "limits", "result"),
    [
        pytest.param(699, 1000, AT_LEAST_70, "Fail", id="69.9 %"),
        pytest.param(700, 1000, AT_LEAST_70, "Pass", id="70.0 %"),
        pytest.param(1399, 2000, AT_LEAST_70, "Pass", id="69.95 %, which is 70.0 when rounded"),
        pytest.param(13989, 20000, AT_LEAST_70, "Fail", id="69.945 %, which is 69.9"),
        pytest.param(5, 1000, BETWEEN, "Pass", id="0.5 %"),
        pytest.param(4, 1000, BETWEEN, "Fail", id="0.4 %"),
        pytest.param(500, 1000, BETWEEN, "Pass", id="50.0 %"),
        pytest.param(501, 1000, BETWEEN, "Fail", id="50.1 %"),
        pytest.param(100, 1000, AT_MOST_10, "Pass", id="10.0 %"),
        pytest.param(101, 1000, AT_MOST_10, "Fail", id="10.1 %"),
        pytest.param(400, 1000, ABOVE_40, "Fail", id="40.0 % where it must be above"),
        pytest.param(401, 1000, ABOVE_40, "Pass", id="40.1 %"),
        pytest.param(50, 1000, ABOVE_5, "Fail", id="5.0 % where it must be above"),
        pytest.param(51, 1000, ABOVE_5, "Pass", id="5.1 %"),
        pytest.param(0, 1000, ABOVE_5, "Fail", id="nobody of a thousand"),
        pytest.param(0, 1000, AT_MOST_10, "Pass", id="nobody where few are asked for"),
        pytest.param(3, 0, AT_LEAST_70, "Pass", id="somebody of nobody"),
        pytest.param(0, 0, AT_LEAST_70, "Fail", id="nobody of nobody"),
        pytest.param(3, 0, BETWEEN, "Fail", id="somebody of nobody, with an upper limit"),
        pytest.param(0, 0, BETWEEN, "Fail", id="nobody of nobody, with an upper limit"),
        pytest.param(0, 0, AT_MOST_10, "Fail", id="nobody of nobody, with an upper limit alone"),
        pytest.param(3, 0, ABOVE_5, "Pass", id="somebody of nobody where somebody is needed"),
        pytest.param(0, 0, ABOVE_5, "Fail", id="nobody of nobody where somebody is needed"),
    ],
)
def test_a_rate_is_held_against_its_limits(
    numerator: int, denominator: int, limits: Limits, result: str
) -> None:
    assert verdict(numerator, denominator, limits) == result


@pytest.mark.parametrize(
    ("numerator", "denominator", "limits", "plain", "rounded"),
    [
        pytest.param(7, 10, AT_LEAST_70, "Pass", "Fail", id="5 of 10"),
        pytest.param(67, 97, AT_LEAST_70, "Fail", "Fail", id="65 of 95, 68.4 %"),
        pytest.param(68, 100, AT_LEAST_70, "Fail", "Pass", id="70 of 100"),
        pytest.param(72, 103, AT_LEAST_70, "Fail", "Fail", id="70 of 105: 69.9 % either way"),
        pytest.param(1, 3, AT_LEAST_70, "Fail", "Pass", id="5 of 5"),
        pytest.param(1, 3, AT_MOST_10, "Fail", "Fail", id="5 of 5, where few are asked for"),
        pytest.param(1, 1000, BETWEEN, "Fail", "Pass", id="5 of 1,000"),
        pytest.param(1, 0, AT_LEAST_70, "Pass", "Pass", id="5 of nobody"),
        pytest.param(0, 3, ABOVE_5, "Fail", "Fail", id="nobody of 5"),
    ],
)
def test_the_rounded_counts_may_come_to_another_result(
    numerator: int, denominator: int, limits: Limits, plain: str, rounded: str
) -> None:
    assert verdict(numerator, denominator, limits) == plain
    assert rounded_verdict(numerator, denominator, limits) == rounded


@pytest.mark.parametrize(
    ("numerator", "denominator", "limits", "found"),
    [
        # 65 of 100 until 68 is rounded to 70
        pytest.param(65, 100, AT_LEAST_70, -3, id="three more are wanted"),
        # 70 of 100 from 68 on: two can be lost
        pytest.param(70, 100, AT_LEAST_70, 2, id="two can be lost"),
        pytest.param(68, 100, AT_LEAST_70, 0, id="none can be lost"),
        pytest.param(67, 100, AT_LEAST_70, -1, id="one more is wanted"),
        # 50 of 100 until 53 is rounded to 55
        pytest.param(50, 100, BETWEEN, 2, id="two more can be borne"),
        pytest.param(53, 100, BETWEEN, -1, id="one is too many"),
        # 40 of 100 until 43 is rounded to 45
        pytest.param(42, 100, ABOVE_40, -1, id="one more is above"),
        pytest.param(43, 100, ABOVE_40, 0, id="just above"),
        # 5 of 100 until 8 is rounded to 10
        pytest.param(7, 100, ABOVE_5, -1, id="eight are shown as 10"),
        pytest.param(0, 0, AT_LEAST_70, None, id="no number of people changes it"),
    ],
)
def test_the_margin_is_the_number_of_people_until_the_rounded_result_is_another(
    numerator: int, denominator: int, limits: Limits, found: int | None
) -> None:
    assert margin(numerator, denominator, limits, of_people=True) == found


def test_where_others_are_the_denominator_more_people_may_come_than_there_are_of_it() -> None:
    # of nobody expected, one woman is enough
    assert margin(0, 0, AT_LEAST_70, of_people=False) == -1
    assert margin(0, 0, AT_LEAST_70, of_people=True) is None


def test_the_limits_of_the_measures_are_those_held_against_here(rules: Rules) -> None:
    limits = {id: one.limits for id, one in rules.indicators.items()}
    assert limits["CQIMDQ02"] == AT_LEAST_70
    assert limits["CQIMDQ05"] == limits["CQIMDQ07"] == BETWEEN
    assert limits["CQIMDQ20"] == AT_MOST_10
    assert limits["CQIMDQ18"] == limits["CQIMDQ34"] == ABOVE_40
    assert {limits[f"COC_DQ0{number}"] for number in range(4, 10)} == {ABOVE_5}


# --- windows ------------------------------------------------------------------------------


def edges(*days: str) -> Sent:
    """A woman giving birth on each day, sent in the month of that day."""
    return both(*(birth(day, day) for day in days))


@pytest.mark.parametrize(
    ("id", "reporting", "within", "outside"),
    [
        ("CQIMDQ09", "2026-08", ("2026-08-01", "2026-08-31"), ("2026-07-31", "2026-09-01")),
        ("CQIMDQ02", "2026-08", ("2026-07-01", "2026-07-31"), ("2026-06-30", "2026-08-01")),
        ("CQIMDQ30", "2026-08", ("2026-06-01", "2026-08-31"), ("2026-05-31", "2026-09-01")),
        ("CQIMDQ10", "2026-08", ("2026-05-01", "2026-07-31"), ("2026-04-30", "2026-08-01")),
        ("CQIMDQ02", "2027-01", ("2026-12-01", "2026-12-31"), ("2026-11-30", "2027-01-01")),
        ("CQIMDQ30", "2027-01", ("2026-11-01", "2027-01-31"), ("2026-10-31", "2027-02-01")),
        ("CQIMDQ10", "2027-01", ("2026-10-01", "2026-12-31"), ("2026-09-30", "2027-01-01")),
        ("CQIMDQ09", "2028-02", ("2028-02-01", "2028-02-29"), ("2028-01-31", "2028-03-01")),
        ("CQIMDQ02", "2028-03", ("2028-02-01", "2028-02-29"), ("2028-01-31", "2028-03-01")),
        ("CQIMDQ10", "2028-03", ("2027-12-01", "2028-02-29"), ("2027-11-30", "2028-03-01")),
    ],
)
def test_the_first_and_the_last_day_of_a_window_are_in_it(
    id: str, reporting: str, within: tuple[str, ...], outside: tuple[str, ...], rules: Rules
) -> None:
    month = Period.parse(reporting)
    found = counted(rules, id, edges(*within, *outside), reporting=month, annual=366)
    assert found.numerator == len(within)


@pytest.mark.parametrize(
    ("reporting", "within", "outside"),
    [
        ("2026-08", "2026-02-01", "2026-01-31"),
        ("2026-08", "2026-07-31", "2026-08-01"),
        ("2027-01", "2026-07-01", "2026-06-30"),
        ("2028-03", "2028-02-29", "2028-03-01"),
    ],
)
def test_six_months_begin_and_end_as_others_do(
    reporting: str, within: str, outside: str, rules: Rules
) -> None:
    month = Period.parse(reporting)
    assert figures(counted(rules, "CQIMDQ21", torn("Ann", within), reporting=month)) == (1, 1)
    assert figures(counted(rules, "CQIMDQ21", torn("Ann", outside), reporting=month)) == (0, 1)


@pytest.mark.parametrize(
    ("id", "reporting", "days"),
    [
        ("CQIMDQ09", "2026-08", 31),
        ("CQIMDQ02", "2026-08", 31),
        ("CQIMDQ30", "2026-08", 92),
        ("CQIMDQ10", "2026-08", 92),
        ("CQIMDQ09", "2028-02", 29),
        ("CQIMDQ09", "2027-02", 28),
        ("CQIMDQ10", "2028-03", 91),
    ],
)
def test_deliveries_of_a_year_are_shared_out_by_the_days_of_the_window(
    id: str, reporting: str, days: int, rules: Rules
) -> None:
    month = Period.parse(reporting)
    assert figures(counted(rules, id, {}, reporting=month, annual=365))[1] == days
    # 364 of 365 is just below one for each day, and is rounded down
    assert figures(counted(rules, id, {}, reporting=month, annual=364))[1] == days - 1


# --- people -------------------------------------------------------------------------------


def test_a_woman_who_is_sent_in_two_months_counts_once(rules: Rules) -> None:
    again = both(birth("Ann", "2026-07-10"), birth("Ann", "2026-07-10", "2026-08"))
    assert figures(counted(rules, "CQIMDQ30", again, annual=4)) == (1, 1)


def test_a_baby_who_is_sent_in_two_months_counts_once(rules: Rules) -> None:
    again = both(birth("Ann", "2026-07-10"), birth("Ann", "2026-07-10", "2026-08"))
    assert figures(counted(rules, "CQIMDQ33", again)) == (0, 1)


def test_a_baby_counts_if_any_of_its_records_does(rules: Rules) -> None:
    later = birth("Ann", "2026-07-10", "2026-08", DeliveryMethodCode="0")
    again = both(birth("Ann", "2026-07-10", DeliveryMethodCode="X"), later)
    assert figures(counted(rules, "CQIMDQ33", again)) == (1, 1)


def test_twins_are_two_babies_and_one_mother(rules: Rules) -> None:
    both_of_them = both(birth("Ann"), twin("Ann"))
    assert figures(counted(rules, "CQIMDQ33", both_of_them)) == (0, 2)
    assert figures(counted(rules, "CQIMDQ30", both_of_them, annual=365)) == (1, 92)


def test_a_woman_booked_for_two_pregnancies_counts_once(rules: Rules) -> None:
    twice = both(booked("Ann", "2026-08-01"), booked("Ann", "2026-08-20", PregnancyID="P2"))
    assert figures(counted(rules, "CQIMDQ03", twice, annual=12)) == (1, 1)


# --- what is missing ----------------------------------------------------------------------


def test_a_month_that_was_not_given_is_named(rules: Rules) -> None:
    found = counted(rules, "CQIMDQ33", {}, absent=("2026-07",))
    assert found.reason == "needs 2026-07"
    assert (found.numerator, found.denominator, found.result) == (None, None, None)


def test_several_months_that_were_not_given_are_named(rules: Rules) -> None:
    found = counted(rules, "CQIMDQ33", {}, absent=("2026-06", "2026-07"))
    assert found.reason == "needs 2026-06, 2026-07"


def test_a_partial_window_is_counted_and_says_which_month_is_absent(rules: Rules) -> None:
    sent = both(
        birth("Ann", "2026-06-10", DeliveryMethodCode="0"),
        birth("Bea", "2026-07-10", "2026-08", DeliveryMethodCode="0"),
    )
    found = counted(rules, "CQIMDQ33", sent, absent=("2026-07",), partial=True)
    assert figures(found) == (2, 2)
    assert found.absent == ("2026-07",)
    assert counted(rules, "CQIMDQ33", sent).absent == ()


def test_a_window_of_which_no_month_was_given_is_not_counted_in_part(rules: Rules) -> None:
    found = counted(rules, "CQIMDQ07", {}, absent=("2026-07",), partial=True)
    assert found.reason == "needs 2026-07"


@pytest.mark.parametrize(
    ("id", "before"),
    [
        *((id, "2026-07") for id in ("CQIMDQ04", "CQIMDQ05", "CQIMSmokingBooking")),
        *((id, "2026-06") for id in ("CQIMDQ06", "CQIMDQ07", "CQIMSmokingDelivery")),
    ],
)
def test_smoking_status_needs_the_month_before_its_window(
    id: str, before: str, rules: Rules
) -> None:
    assert counted(rules, id, {}, absent=(before,)).reason == f"needs {before}"
    found = counted(rules, id, {}, absent=(before,), partial=True)
    assert (found.reason, found.absent) == ("", (before,))


def of_three_months(sent: Sent | None = None) -> dict[Period, Submission]:
    return history(sent or {}, [REPORTING.before(number) for number in range(3)])


def test_a_table_that_a_month_does_not_have_is_named_with_the_month(rules: Rules) -> None:
    given = of_three_months()
    july = Period.parse("2026-07")
    given[july] = without(given[july], "MSD401BabyDemographics")
    [found] = national(given, REPORTING, alone(rules, "CQIMDQ33")).values()
    assert found.reason == "MSD401BabyDemographics is not in the extract of 2026-07"


def test_a_column_that_a_month_does_not_have_is_named_with_the_month(rules: Rules) -> None:
    given = of_three_months()
    july = Period.parse("2026-07")
    given[july] = without(given[july], "MSD401BabyDemographics", "DeliveryMethodCode")
    [found] = national(given, REPORTING, alone(rules, "CQIMDQ33")).values()
    assert found.reason == "MSD401BabyDemographics has no column DeliveryMethodCode in 2026-07"
    [another] = national(given, REPORTING, alone(rules, "CQIMDQ31")).values()
    assert another.reason == ""


def test_without_a_file_of_deliveries_what_rests_on_them_is_not_counted(rules: Rules) -> None:
    found = counted(rules, "CQIMDQ03", booked("Ann"))
    assert found.reason == "needs a file of annual HES deliveries (--hes-deliveries)"


def test_a_file_of_deliveries_without_the_provider_says_so(rules: Rules) -> None:
    only = alone(rules, "CQIMDQ03")
    [found] = national(of_three_months(), REPORTING, only, deliveries={"RAX": 4000}).values()
    assert found.reason == "the file of HES deliveries has no row for RJ7"


def test_what_has_no_published_definition_says_so(rules: Rules) -> None:
    found = counted(rules, "CQIMDQ46", {})
    assert found.reason == "definition not published"


def test_months_after_the_reporting_month_are_not_looked_at(rules: Rules) -> None:
    sent = both(birth("Ann", DeliveryMethodCode="0"), birth("Bea", "2026-08-20", "2026-09"))
    assert figures(counted(rules, "CQIMDQ33", sent)) == (1, 1)


# --- nothing sent, and rates that are withheld --------------------------------------------


def with_its_measures(rules: Rules, id: str) -> Rules:
    """The rules with one rate and the measures it rests on."""
    rate = rules.indicators[id]
    ids = [*rate.rests_on, rate.submitted, id]
    return replace(rules, indicators={one: rules.indicators[one] for one in ids if one})


def test_a_month_in_which_nothing_was_sent_is_dns(rules: Rules) -> None:
    only = with_its_measures(rules, "CQIMBreastfeeding")
    found = national(of_three_months(), REPORTING, only, deliveries={PROVIDER: 365})
    assert (found["CQIMDQ08"].sent, found["CQIMBreastfeeding"].sent) == (False, False)
    # of deliveries there is a number, of whatever was sent
    assert figures(found["CQIMDQ09"]) == (0, 31)
    assert found["CQIMDQ08"].rounded_result == "Fail"


def test_nobody_who_counts_is_not_dns_where_others_were_sent(rules: Rules) -> None:
    only = with_its_measures(rules, "CQIMBreastfeeding")
    given = of_three_months(birth("Ann"))
    found = national(given, REPORTING, only, deliveries={PROVIDER: 12})
    assert figures(found["CQIMBreastfeeding"]) == (0, 0)
    assert found["CQIMBreastfeeding"].sent
    assert found["CQIMBreastfeeding"].withheld_by == ("CQIMDQ08",)


def test_a_rate_is_withheld_by_the_rounded_result_of_its_measures(rules: Rules) -> None:
    only = with_its_measures(rules, "CQIMBreastfeeding")
    fed = birth("Ann", BabyFirstFeedIndCode="01")
    given = of_three_months(both(fed, birth("Bea")))
    found = national(given, REPORTING, only, deliveries={PROVIDER: 24})
    # 1 of 2 babies fails, 5 of 5 passes and decides
    assert (found["CQIMDQ08"].result, found["CQIMDQ08"].rounded_result) == ("Fail", "Pass")
    assert found["CQIMBreastfeeding"].withheld_by == ()
    assert found["CQIMBreastfeeding"].undecided_by == ()


def test_a_measure_that_could_not_be_counted_leaves_its_rate_undecided(rules: Rules) -> None:
    only = with_its_measures(rules, "CQIMBreastfeeding")
    given = of_three_months(birth("Ann", BabyFirstFeedIndCode="01"))
    found = national(given, REPORTING, only)
    assert found["CQIMBreastfeeding"].undecided_by == ("CQIMDQ09",)


def test_of_a_rate_nothing_is_said_to_be_missing_where_what_tells_was_not_counted(
    rules: Rules,
) -> None:
    """Without a number of deliveries CQIMDQ14 cannot be counted; that nobody counts is a fact."""
    only = with_its_measures(rules, "CQIMVBAC")
    found = national(of_three_months(birth("Ann")), REPORTING, only)
    assert found["CQIMDQ14"].numerator is None
    assert figures(found["CQIMVBAC"]) == (0, 0)
    assert found["CQIMVBAC"].sent
    assert "CQIMDQ14" in found["CQIMVBAC"].undecided_by
    told = national(of_three_months(birth("Ann")), REPORTING, only, deliveries={PROVIDER: 365})
    assert told["CQIMDQ14"].numerator is not None


# --- the same month twice -----------------------------------------------------------------


def test_the_same_month_given_twice_is_refused(rules: Rules, tmp_path) -> None:
    header = "OrgIDProvider,RPStartDate\nRJ7,2026-07-01\n"
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "MSD000Header.csv").write_text(header, encoding="utf-8")
        (tmp_path / name / "MSD401.csv").write_text("LPIDBaby\nB1\n", encoding="utf-8")
    with pytest.raises(ExtractError) as caught:
        open_extract([tmp_path / "first", tmp_path / "second"], rules.spec)
    assert caught.value.sentence.startswith("RJ7 2026-07 is there twice")


# --- smoking at delivery is told by two indicators ----------------------------------------


def test_the_measure_and_the_rate_of_smoking_at_delivery_count_the_same(rules: Rules) -> None:
    sent = both(*(sent for _, _, sent in AT_DELIVERY))
    measure, rate = (counted(rules, id, sent) for id in ("CQIMDQ07", "CQIMSmokingDelivery"))
    assert figures(measure) == figures(rate) == (1, 2)
