"""Counts the national indicators of one provider and month, and judges them as NHS England does.

It takes submissions of several months and returns results; what a scheme makes of them is left to
`scoring`.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import polars as pl

from msds_audit.base_frames import base_rows
from msds_audit.bases import Base, merged, months_before, reads
from msds_audit.checks import row_check
from msds_audit.counting import failed
from msds_audit.disclosure import rounded
from msds_audit.extract import ENGINE, POLARS_FAILED, Period
from msds_audit.history import History
from msds_audit.predicates import PERIOD_END, PERIOD_START, needs
from msds_audit.rule import Against, Family, Indicator, Rules
from msds_audit.scorecard import IndicatorResult
from msds_audit.verdicts import (
    Verdict,
    margin,
    published_rate,
    rounded_verdict,
    verdict,
    withheld_by,
)
from msds_audit.windows import named_months

DAYS_OF_A_YEAR = 365
"""By which annual deliveries are shared out, in leap years too."""

Deliveries: TypeAlias = Mapping[str, int]
"""Deliveries of a year by provider, as hospital statistics (HES) know them."""

Counted: TypeAlias = tuple[int, int]
"""Numerator and denominator."""


Columns: TypeAlias = Mapping[Period, Mapping[str, Sequence[str]]]
"""The columns of each table by month."""


def national(
    history: History,
    reporting: Period,
    rules: Rules,
    *,
    deliveries: Deliveries | None = None,
    partial: bool = False,
) -> dict[str, IndicatorResult]:
    """Every national indicator of one provider in a reporting month, by id.

    Args:
        history: The provider's submissions by month; earlier months are read by windows.
        reporting: The month that is reported; it must be among them.
        rules: The rules in force.
        deliveries: Annual deliveries by provider, or None where no file of them was given.
        partial: Whether to count a window of which months are missing from those that are there.
    """
    columns = _columns(history)
    results = {
        one.id: _unassessed(one, reason)
        for one in rules.indicators.values()
        if (
            reason := _obstacle(one, history, reporting, deliveries, partial)
            or _missing(one, columns, reporting, rules)
        )
    }
    able = [one for one in rules.indicators.values() if one.id not in results]
    for some in _alike(able).values():
        asked = some[0].window.months(reporting)
        months = [month for month in asked if month in history]
        provider = history[reporting].provider
        expected = _expected(deliveries, provider, months)
        found = _counted(some, history, rules, reporting)
        for one in some:
            counts = found if isinstance(found, str) else found[one.id]
            absent = [str(month) for month in _months(one, reporting) if month not in history]
            results[one.id] = _judged(one, counts, expected, tuple(absent))
    return _published({id: results[id] for id in rules.indicators})


def _unassessed(indicator: Indicator, reason: str) -> IndicatorResult:
    return IndicatorResult(indicator, reason=reason)


def _alike(indicators: Iterable[Indicator]) -> dict[tuple[str, str], list[Indicator]]:
    """Indicators by base and window: they are counted in one pass."""
    found: dict[tuple[str, str], list[Indicator]] = {}
    for one in indicators:
        found.setdefault((one.table, one.window), []).append(one)
    return found


# --- what stands in the way ---------------------------------------------------------------


def _obstacle(
    indicator: Indicator,
    history: History,
    reporting: Period,
    deliveries: Deliveries | None,
    partial: bool,
) -> str:
    """Why an indicator cannot be counted; empty when it can."""
    if indicator.undefined:
        return indicator.undefined
    months = _months(indicator, reporting)
    absent = [month for month in months if month not in history]
    window = set(indicator.window.months(reporting))
    if absent and (not partial or window <= set(absent)):
        return f"needs {named_months(absent)}"
    if indicator.against is Against.HES:
        if deliveries is None:
            return "needs a file of annual HES deliveries (--hes-deliveries)"
        if history[reporting].provider not in deliveries:
            return f"the file of HES deliveries has no row for {history[reporting].provider}"
    return ""


def _months(indicator: Indicator, reporting: Period) -> list[Period]:
    """The months of its window, after those before it that what it counts by looks at."""
    before = months_before(indicator.table, needs(indicator).columns)
    return indicator.window.months(reporting, before)


def _columns(history: History) -> Columns:
    return {
        month: {name: frame.collect_schema().names() for name, frame in one.tables.items()}
        for month, one in history.items()
    }


def _missing(indicator: Indicator, columns: Columns, reporting: Period, rules: Rules) -> str:
    """The first table or item that a month it reads does not have, of the months given."""
    wanted = merged(
        *(reads(rules.spec, indicator.table, column) for column in sorted(needs(indicator).columns))
    )
    for month in _months(indicator, reporting):
        if month not in columns:
            continue
        for table, names in wanted.items():
            if table not in columns[month]:
                return f"{table} is not in the extract of {month}"
            for name in names:
                if name not in columns[month][table]:
                    return f"{table} has no column {name} in {month}"
    return ""


# --- counting -----------------------------------------------------------------------------


def _expected(deliveries: Deliveries | None, provider: str, months: Sequence[Period]) -> int:
    """The deliveries of a year shared out to the days of some months, rounded down."""
    annual = (deliveries or {}).get(provider, 0)
    days = sum(calendar.monthrange(month.start.year, month.start.month)[1] for month in months)
    return annual * days // DAYS_OF_A_YEAR


def rows_in_window(
    like: Indicator, history: History, rules: Rules, reporting: Period
) -> pl.LazyFrame:
    """The rows on which an indicator, and any of its base and window, is counted.

    Args:
        like: The indicator.
        history: The provider's submissions by month; a month of its window must be among them.
        rules: The rules in force.
        reporting: The month that is reported.
    """
    months = [month for month in like.window.months(reporting) if month in history]
    days = (
        pl.lit(months[0].start).alias(PERIOD_START),
        pl.lit(months[-1].end).alias(PERIOD_END),
    )
    return base_rows(Base(like.table), history, rules, reporting, months).with_columns(days)


def _counted(
    indicators: Sequence[Indicator],
    history: History,
    rules: Rules,
    reporting: Period,
) -> dict[str, Counted] | str:
    """Numerator and denominator of indicators on one base, or why they could not be counted.

    The text of Polars' own errors may hold a row, so it goes no further than here.
    """
    wanted = [total for one in indicators for total in totals(one, rules)]
    try:
        rows = rows_in_window(indicators[0], history, rules, reporting)
        row = rows.select(wanted).collect(engine=ENGINE).row(0, named=True)
    except POLARS_FAILED as error:
        return failed(error)
    return {one.id: (row[f"{one.id} passes"], row[f"{one.id} applies"]) for one in indicators}


def totals(indicator: Indicator, rules: Rules) -> list[pl.Expr]:
    """How many different people apply, and how many of them pass, on any of their rows."""
    check = row_check(indicator, rules.table_of(indicator))
    who = pl.col(indicator.distinct)
    return [
        who.filter(check.applies).drop_nulls().n_unique().alias(f"{indicator.id} applies"),
        who.filter(check.applies & check.passes)
        .drop_nulls()
        .n_unique()
        .alias(f"{indicator.id} passes"),
    ]


# --- judging ------------------------------------------------------------------------------


def _judged(
    indicator: Indicator, counts: Counted | str, expected: int, absent: tuple[str, ...]
) -> IndicatorResult:
    if isinstance(counts, str):
        return _unassessed(indicator, counts)
    numerator, denominator = counts
    if indicator.against is Against.HES:
        denominator = expected
    if indicator.against is Against.ONE:
        numerator, denominator = min(numerator, 1), 1
    result = IndicatorResult(
        indicator,
        numerator,
        denominator,
        rounded(numerator),
        rounded(denominator),
        rate=published_rate(numerator, denominator, indicator.per),
        absent=absent,
    )
    if indicator.is_rate:
        return result
    limits = indicator.limits
    return replace(
        result,
        result=verdict(numerator, denominator, limits),
        rounded_result=rounded_verdict(numerator, denominator, limits),
        margin=margin(
            numerator, denominator, limits, of_people=indicator.against is not Against.HES
        ),
    )


def _published(results: dict[str, IndicatorResult]) -> dict[str, IndicatorResult]:
    """The results with what withholds a rate, and with nothing sent said as such."""
    found = {}
    for id, one in results.items():
        rests = [results[part] for part in one.indicator.rests_on]
        found[id] = replace(
            one,
            withheld_by=withheld_by((part.indicator.id, part.rounded_result) for part in rests),
            undecided_by=tuple(part.indicator.id for part in rests if part.rounded_result is None),
            sent=_was_sent(one, results),
        )
    return found


def _was_sent(one: IndicatorResult, results: Mapping[str, IndicatorResult]) -> bool:
    """Whether anything was sent: a count of its own, or of the measure that tells.

    Where that measure could not be counted it is not known that nothing was, and so not said.
    Continuity of carer is shown as 0 of 0 where nothing was.
    """
    says_so = one.indicator.family in (Family.CQIM, Family.CQIM_DQ)
    if not says_so or one.numerator is None or one.numerator or one.denominator:
        return True
    teller = results.get(one.indicator.submitted)
    return teller is not None and teller.numerator != 0


def is_published(result: IndicatorResult) -> bool | None:
    """Whether a rate would be published; None where that cannot be told."""
    if result.withheld_by or not result.sent:
        return False
    if result.undecided_by or result.reason:
        return None
    return True


def passes(result: IndicatorResult) -> bool | None:
    """Whether a measure passes, by its rounded result; None where that cannot be told."""
    if result.reason:
        return None
    return result.rounded_result is Verdict.PASS
