"""Scorecards in the layouts of the files that NHS England publishes each month.

Source of the layouts: NHS England, Maternity Services Monthly Statistics (data, measures and data
quality files); maternity statistics code, read November 2026. What a file leaves out, and why, is
told by `published_notes`.

Each renderer takes scorecards with counts as they are, of one month to be a file as published. With
`disclosure` counts are rounded as published, and percentages are of rounded counts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

from msds_audit.disclosure import rounded, shared_figures
from msds_audit.reports.cells import harmless
from msds_audit.rule import Family
from msds_audit.scorecard import IndicatorResult, ItemTally, Scorecard
from msds_audit.verdicts import PER_THOUSAND, Verdict, plain_rate


class Layout(StrEnum):
    """A published file, by the name of the format that is laid out like it."""

    DQ = "dq-csv"
    MEASURES = "measures-csv"
    DATA = "data-csv"


DQ_COLUMNS = (
    "ReportingPeriodStartDate",
    "ReportingPeriodEndDate",
    "Org_Code",
    "DataTable",
    "UID",
    "DataItem",
    "Valid",
    "Default",
    "Invalid",
    "Missing",
    "Denominator",
)
MEASURES_COLUMNS = (
    "Org_Code",
    "Org_Name",
    "Org_Level",
    "RPStartDate",
    "RPEndDate",
    "IndicatorFamily",
    "Indicator",
    "Currency",
    "Value",
)
DATA_COLUMNS = (
    "ReportingPeriodStartDate",
    "ReportingPeriodEndDate",
    "Dimension",
    "Org_Level",
    "Org_Code",
    "Org_Name",
    "Measure",
    "Count_Of",
    "Final_value",
)

LEVEL = "Provider"
NOT_SENT = "DNS"
WITHHELD = "Low DQ"

_SHOWN_AS_NOT_SENT = (Family.CQIM, Family.CQIM_DQ)
"""The families that show DNS; those of continuity of carer show 0 of 0."""

_Row = list[str | int]


def to_dq_csv(cards: Sequence[Scorecard], disclosure: bool = True) -> str:
    """The data quality file: a row for each data item that was counted.

    Other codes, which are no answer and no default either, stand with the valid ones: the file
    has no column for them.
    """
    rows = [
        [*_month(card), card.provider, tally.table, tally.uid, tally.item]
        + [_shown(count, disclosure) for count in _classes(tally)]
        for card in cards
        for tally in card.items
        if not tally.reason
    ]
    return _csv(DQ_COLUMNS, sorted(rows, key=lambda row: (row[2:5], row)))


def _classes(tally: ItemTally) -> tuple[int, ...]:
    """Valid, default, invalid, missing and the sum of them."""
    valid = tally.valid + tally.other
    return valid, tally.default, tally.invalid, tally.missing, tally.rows


def to_measures_csv(cards: Sequence[Scorecard], disclosure: bool = True) -> str:
    """The measures file: four rows for each national indicator that was counted.

    A result is that of the rounded counts also where the counts shown are not rounded.
    """
    rows: list[_Row] = [
        [
            card.provider,
            card.provider_name.upper(),
            LEVEL,
            *_month(card),
            str(one.indicator.family),
            one.indicator.id,
            currency,
            value,
        ]
        for card in cards
        for one in card.indicators
        if not why_left_out(one)
        for currency, value in _currencies(one, disclosure)
    ]
    return _csv(MEASURES_COLUMNS, sorted(rows, key=_place_of_measure))


def _place_of_measure(row: _Row) -> tuple[object, ...]:
    provider, _, _, *month, family, indicator, currency, _ = row
    return provider, str(family).lower(), indicator, currency, month


def why_left_out(one: IndicatorResult) -> str:
    """Why an indicator has no rows in the measures file; empty where it has."""
    if one.reason:
        return one.reason
    is_settled = one.withheld_by or not one.sent
    if one.indicator.is_rate and one.undecided_by and not is_settled:
        return f"whether it is withheld cannot be told without {', '.join(one.undecided_by)}"
    return ""


def _currencies(one: IndicatorResult, disclosure: bool) -> Iterable[tuple[str, str]]:
    """What each of the four rows of an indicator is called, and its value."""
    per_thousand = one.indicator.per == PER_THOUSAND
    numerator, denominator, rate = _figures(one, disclosure)
    return (
        ("Denominator", denominator),
        ("Numerator", numerator),
        ("Rate per Thousand" if per_thousand else "Rate", rate),
        ("Result", str(_result(one))),
    )


def _figures(one: IndicatorResult, disclosure: bool) -> tuple[str, str, str]:
    """Numerator, denominator and rate as they are shown."""
    if not one.sent and one.indicator.family in _SHOWN_AS_NOT_SENT:
        return NOT_SENT, NOT_SENT, NOT_SENT
    if one.sent and one.withheld_by:
        return "0", "0", WITHHELD
    numerator, denominator = one.numerator or 0, one.denominator or 0
    rate = one.rate if disclosure else plain_rate(numerator, denominator, one.indicator.per)
    return str(_shown(numerator, disclosure)), str(_shown(denominator, disclosure)), rate


def _result(one: IndicatorResult) -> Verdict:
    """Whether a measure passes, or whether a rate is published."""
    if not one.indicator.is_rate:
        return one.rounded_result or Verdict.FAIL
    return Verdict.PASS if one.sent and not one.withheld_by else Verdict.FAIL


def to_data_csv(cards: Sequence[Scorecard], disclosure: bool = True) -> str:
    """The data file: a row for each group with anybody in it."""
    rows: list[_Row] = [
        [
            *_month(card),
            one.dimension,
            LEVEL,
            card.provider,
            card.provider_name.upper(),
            one.measure,
            one.count_of,
            str(one.value).removesuffix(".0"),
        ]
        for card in cards
        for one in (shared_figures(card.dimensions) if disclosure else card.dimensions)
        if one.value
    ]
    return _csv(DATA_COLUMNS, sorted(rows, key=_place_of_group))


def _place_of_group(row: _Row) -> tuple[object, ...]:
    start, _, dimension, _, provider, _, measure, *_ = row
    return provider, str(dimension).lower(), str(measure).lower(), start


# --- what they share ----------------------------------------------------------------------


def _month(card: Scorecard) -> tuple[str, str]:
    """The first and the last day of the month."""
    return card.period.start.isoformat(), card.period.end.isoformat()


def _shown(count: int, disclosure: bool) -> int:
    return rounded(count) if disclosure else count


def _csv(columns: Sequence[str], rows: Iterable[_Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(map(harmless, row) for row in rows)
    return out.getvalue()


LAYOUTS: Mapping[Layout, Callable[[Sequence[Scorecard], bool], str]] = {
    Layout.DQ: to_dq_csv,
    Layout.MEASURES: to_measures_csv,
    Layout.DATA: to_data_csv,
}
