"""Tests of the layouts in which NHS England publishes: columns, values, and what is left out."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from msds_audit.errors import ReportError
from msds_audit.extract import Period
from msds_audit.published import DimensionCount
from msds_audit.reports.as_published import LAYOUTS, to_data_csv, to_dq_csv, to_measures_csv
from msds_audit.reports.published_notes import companion_note, published_name
from msds_audit.scorecard import IndicatorResult, ItemTally, Scorecard
from msds_audit.verdicts import Verdict, published_rate
from support import packaged

PASS, FAIL = Verdict.PASS, Verdict.FAIL


def card(**changes: object) -> Scorecard:
    """A scorecard that holds nothing but what is given."""
    empty = Scorecard(
        provider="RAX",
        provider_name="Kingston and Richmond NHS Foundation Trust",
        period=Period.parse("2026-08"),
        schemes={},
        results=(),
        acceptance={},
        rejected="not looked at",
        rules=(),
        items=(),
        unrecognised=(),
        rows={},
        notices=(),
        spec="Maternity Services Data Set v2.0",
        fingerprint="f" * 64,
    )
    return replace(empty, **changes)


def counted(id: str, numerator: int, denominator: int, **changes: object) -> IndicatorResult:
    """An indicator that was counted; the rounded counts of these tests are typed in by hand."""
    indicator = packaged().indicators[id]
    rate = published_rate(numerator, denominator, indicator.per)
    return replace(IndicatorResult(indicator, numerator, denominator, rate=rate), **changes)


def lines(text: str) -> list[str]:
    """The lines below the headings."""
    assert "\r" not in text
    assert text.endswith("\n")
    return text.splitlines()[1:]


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def values(one: IndicatorResult, disclosure: bool = True) -> dict[str, str]:
    """The value of each currency of an indicator."""
    rows = cells(to_measures_csv([card(indicators=(one,))], disclosure))
    assert {(row["IndicatorFamily"], row["Indicator"]) for row in rows} <= {
        (one.indicator.family, one.indicator.id)
    }
    return {row["Currency"]: row["Value"] for row in rows}


# --- data quality -------------------------------------------------------------------------


def test_the_data_quality_file_has_the_published_columns():
    assert to_dq_csv([]) == (
        "ReportingPeriodStartDate,ReportingPeriodEndDate,Org_Code,DataTable,UID,DataItem,"
        "Valid,Default,Invalid,Missing,Denominator\n"
    )


ETHNICITY = ItemTally(
    "MSD001MotherDemog",
    "EthnicCategoryMother",
    "M001070",
    valid=270,
    other=36,
    default=3,
    invalid=0,
    missing=8,
)


def test_every_class_of_an_item_is_rounded_and_other_codes_are_valid():
    assert lines(to_dq_csv([card(items=(ETHNICITY,))])) == [
        "2026-08-01,2026-08-31,RAX,MSD001MotherDemog,M001070,EthnicCategoryMother,305,5,0,10,315"
    ]


def test_without_rounding_the_classes_add_up_to_the_denominator():
    [row] = cells(to_dq_csv([card(items=(ETHNICITY,))], disclosure=False))
    parts = [int(row[name]) for name in ("Valid", "Default", "Invalid", "Missing")]
    assert parts == [306, 3, 0, 8]
    assert sum(parts) == int(row["Denominator"]) == 317


def test_items_stand_by_provider_table_and_uid_and_those_not_counted_are_left_out():
    items = (
        ItemTally("MSD401BabyDemographics", "B", "M401020", valid=1),
        ItemTally("MSD101PregnancyBooking", "Z", "M101010", valid=1),
        ItemTally("MSD101PregnancyBooking", "A", "M101020", valid=1),
        ItemTally("MSD004OverseasVisChargCat", "C", "M004010", reason="not in this extract"),
    )
    found = cells(to_dq_csv([card(items=items), card(items=items[:1], provider="RAA")]))
    assert [(row["Org_Code"], row["UID"]) for row in found] == [
        ("RAA", "M401020"),
        ("RAX", "M101010"),
        ("RAX", "M101020"),
        ("RAX", "M401020"),
    ]


# --- measures -----------------------------------------------------------------------------


def test_the_measures_file_has_the_published_columns():
    assert to_measures_csv([]) == (
        "Org_Code,Org_Name,Org_Level,RPStartDate,RPEndDate,IndicatorFamily,Indicator,"
        "Currency,Value\n"
    )


def test_an_indicator_has_four_rows():
    one = counted("CQIMSmokingBooking", 33, 311)
    name = "KINGSTON AND RICHMOND NHS FOUNDATION TRUST"
    start = f"RAX,{name},Provider,2026-08-01,2026-08-31,CQIM_Rate,CQIMSmokingBooking"
    assert lines(to_measures_csv([card(indicators=(one,))])) == [
        f"{start},Denominator,310",
        f"{start},Numerator,35",
        f"{start},Rate,11.3",
        f"{start},Result,Pass",
    ]


def test_a_rate_has_no_decimal_place_that_says_nothing():
    assert values(counted("CQIMSmokingBooking", 31, 302))["Rate"] == "10"


def test_a_percentage_is_taken_of_the_counts_that_are_shown():
    one = counted("CQIMSmokingBooking", 3, 302)
    assert values(one) == {"Denominator": "300", "Numerator": "5", "Rate": "1.7", "Result": "Pass"}
    assert values(one, disclosure=False) == {
        "Denominator": "302",
        "Numerator": "3",
        "Rate": "1",
        "Result": "Pass",
    }


def test_a_rate_per_thousand_is_called_so_and_hidden_where_fewer_than_eight_are_counted():
    per = [id for id, one in packaged().indicators.items() if one.per == 1000]
    assert per
    few, more = counted(per[0], 7, 298), counted(per[0], 8, 298)
    assert values(few)["Rate per Thousand"] == "*"
    assert values(few, disclosure=False)["Rate per Thousand"] == "23"
    assert values(more)["Rate per Thousand"] == "27"


def test_where_nothing_was_sent_a_quality_metric_shows_that():
    measure = counted("CQIMDQ03", 0, 0, sent=False, rounded_result=FAIL)
    rate = counted("CQIMSmokingBooking", 0, 0, sent=False, withheld_by=("CQIMDQ03",))
    for one in (measure, rate):
        assert values(one) == {
            "Denominator": "DNS",
            "Numerator": "DNS",
            "Rate": "DNS",
            "Result": "Fail",
        }


def test_where_nobody_counts_continuity_of_carer_shows_nought():
    measure = counted("COC_DQ05", 0, 0, sent=False, rounded_result=FAIL)
    rate = counted("COC_receiving_ongoing", 0, 0, sent=False, withheld_by=("COC_DQ06",))
    for one in (measure, rate):
        assert values(one) == {
            "Denominator": "0",
            "Numerator": "0",
            "Rate": "0",
            "Result": "Fail",
        }


@pytest.mark.parametrize("disclosure", [True, False])
def test_a_rate_that_is_withheld_shows_neither_counts_nor_rate(disclosure):
    one = counted("CQIMSmokingBooking", 31, 302, withheld_by=("CQIMDQ05",), undecided_by=("X",))
    assert values(one, disclosure) == {
        "Denominator": "0",
        "Numerator": "0",
        "Rate": "Low DQ",
        "Result": "Fail",
    }


@pytest.mark.parametrize("result", [PASS, FAIL])
def test_a_measure_shows_the_result_of_its_rounded_counts(result):
    one = counted("CQIMDQ03", 280, 302, result=PASS, rounded_result=result)
    assert values(one)["Result"] == result
    assert values(one, disclosure=False)["Result"] == result


def test_what_was_not_assessed_or_is_undecided_is_left_out():
    unassessed = IndicatorResult(packaged().indicators["CQIMDQ03"], reason="needs July 2026")
    undecided = counted("CQIMSmokingBooking", 31, 302, undecided_by=("CQIMDQ03",))
    assert lines(to_measures_csv([card(indicators=(unassessed, undecided))])) == []


def test_measures_stand_by_provider_family_in_lower_case_and_indicator():
    ids = ("COC_by_28weeks", "CQIMSmokingBooking", "CQIMDQ04", "CQIMDQ03", "COC_DQ05")
    one = card(indicators=tuple(counted(id, 10, 20, rounded_result=PASS) for id in ids))
    found = cells(to_measures_csv([one, replace(one, provider="RAA")]))
    assert [(row["Org_Code"], row["Indicator"]) for row in found[::4]] == [
        (provider, id)
        for provider in ("RAA", "RAX")
        for id in ("COC_DQ05", "COC_by_28weeks", "CQIMDQ03", "CQIMDQ04", "CQIMSmokingBooking")
    ]
    assert [row["Currency"] for row in found[:4]] == ["Denominator", "Numerator", "Rate", "Result"]


# --- data ---------------------------------------------------------------------------------


def test_the_data_file_has_the_published_columns():
    assert to_data_csv([]) == (
        "ReportingPeriodStartDate,ReportingPeriodEndDate,Dimension,Org_Level,Org_Code,Org_Name,"
        "Measure,Count_Of,Final_value\n"
    )


GROUPS = (
    DimensionCount("TotalBookings", "", "Women", 312),
    DimensionCount("AgeAtBookingMotherGroup", "Under 20", "Women", 3),
    DimensionCount("AgeAtBookingMotherGroup", "45 or Over", "Women", 8),
    DimensionCount("AgeAtBookingMotherGroup", "20 to 24", "Women", 0),
    DimensionCount("ageAtBookingMotherAvg", "", "Average over women", 30.25, 8),
    DimensionCount("ageAtBookingMotherAvg", "whole", "Average over women", 31, 7),
)


def test_groups_are_rounded_averages_are_whole_and_groups_without_anybody_are_left_out():
    start, trust = "2026-08-01,2026-08-31", "RAX,KINGSTON AND RICHMOND NHS FOUNDATION TRUST"
    assert lines(to_data_csv([card(dimensions=GROUPS)])) == [
        f"{start},ageAtBookingMotherAvg,Provider,{trust},,Average over women,30",
        f"{start},AgeAtBookingMotherGroup,Provider,{trust},45 or Over,Women,10",
        f"{start},AgeAtBookingMotherGroup,Provider,{trust},Under 20,Women,5",
        f"{start},TotalBookings,Provider,{trust},,Women,310",
    ]


def test_groups_are_as_counted_where_that_is_asked_for():
    found = cells(to_data_csv([card(dimensions=GROUPS)], disclosure=False))
    assert [row["Final_value"] for row in found] == ["30.25", "31", "8", "3", "312"]


# --- the name and the note ----------------------------------------------------------------


@pytest.mark.parametrize("kind", LAYOUTS)
def test_a_file_is_called_as_the_published_one(kind):
    assert published_name(kind, [card(), card(provider="RJ7")]) == (
        f"msds-aug2026-exp-{kind.removesuffix('-csv')}.csv"
    )


def test_a_file_as_published_is_of_one_month():
    cards = [card(), card(period=Period.parse("2026-07"))]
    with pytest.raises(ReportError, match="and there are 2") as caught:
        published_name("dq-csv", cards)
    assert caught.value.hint == "Choose one with --month."


@pytest.mark.parametrize("kind", LAYOUTS)
def test_every_note_says_what_the_file_is_and_is_not(kind):
    note = companion_note(kind, [card()])
    assert "the extract of RAX Kingston and Richmond NHS Foundation Trust, August 2026." in note
    assert "made before submission, from the trust's own extract." in note
    assert "They are not NHS England's." in note
    assert "Records that would be rejected are counted too." in note
    assert "1 to 7 become 5" in note
    assert (
        "Contains public sector information licensed under the Open Government Licence v3.0."
        in note
    )
    assert "keep it within the trust" in companion_note(kind, [card()], disclosure=False)


def test_the_note_of_data_quality_tells_of_other_codes_and_of_items_not_counted():
    missing = ItemTally("MSD004OverseasVisChargCat", "C", "M004010", reason="it is not there")
    note = companion_note("dq-csv", [card(items=(ETHNICITY, missing))])
    assert "Z (not stated), is counted as Valid" in note
    assert "RAX 2026-08: it is not there (M004010)." in note


def test_the_note_of_measures_tells_why_each_indicator_is_left_out():
    unassessed = IndicatorResult(packaged().indicators["CQIMDQ04"], reason="needs July 2026")
    undecided = counted("CQIMSmokingBooking", 31, 302, undecided_by=("CQIMDQ04",))
    partial = counted("CQIMDQ03", 31, 302, absent=("2026-07",), rounded_result=PASS)
    note = companion_note("measures-csv", [card(indicators=(unassessed, undecided, partial))])
    assert "RAX 2026-08: CQIMDQ04: needs July 2026." in note
    assert (
        "RAX 2026-08: CQIMSmokingBooking: whether it is withheld cannot be told without CQIMDQ04."
    ) in note
    assert "RAX 2026-08: CQIMDQ03 is counted without 2026-07." in note
    assert "every indicator: none was counted." in companion_note("measures-csv", [card()])


def test_the_note_of_data_tells_which_dimensions_there_are():
    note = companion_note("data-csv", [card(dimensions=GROUPS)])
    assert (
        "groups with nobody in them; every dimension other than ageAtBookingMotherAvg, "
        "AgeAtBookingMotherGroup, TotalBookings."
    ) in note
    assert "every dimension: none was counted." in companion_note("data-csv", [card()])
