"""What must be known of national figures though no line of them tells it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from msds_audit.bases import BABY, BOOKING, CONTACT, LABOUR, LABOUR_ACTIVITY, PLAN
from msds_audit.checks import fits
from msds_audit.extract import ENGINE, Period
from msds_audit.history import History
from msds_audit.rule import Against, Indicator
from msds_audit.scorecard import IndicatorResult
from msds_audit.spec import Spec
from msds_audit.windows import named_months

DATES = {
    BOOKING: ("AntenatalAppDate", "EDDAgreed", "LastMenstrualPeriodDate"),
    PLAN: ("CarePlanDate",),
    CONTACT: ("CContactDate",),
    LABOUR: ("LabourOnsetDate", "CaesareanDate"),
    LABOUR_ACTIVITY: ("ClinInterDateMother",),
    BABY: ("PersonBirthDateBaby",),
}
"""The dates by which records are placed in a window."""

FAR_TOO_MANY = 2
"""How many times what hospital statistics lead to expect makes their figure look wrong."""

_FEW = 3


def remarks(
    history: History,
    reporting: Period,
    spec: Spec,
    results: Mapping[str, IndicatorResult],
) -> tuple[str, ...]:
    """Sentences for the top of a scorecard, without any count.

    Args:
        history: The submissions that the figures were counted from, by month.
        reporting: The month that is reported.
        spec: The specification.
        results: The national indicators of that month, by id.
    """
    looked_at = _months(reporting, [one.indicator for one in results.values()])
    said = [
        f"{item} of {table[:6]} ({_named(months)})"
        for (table, item), months in _unread(history, spec, looked_at).items()
    ]
    found = []
    if said:
        found.append(
            f"Dates that cannot be read keep records out of the national figures: "
            f"{', '.join(said)}. Write them as 2026-08-31."
        )
    if any(_is_far_too_much(one) for one in results.values()):
        found.append(
            "There are more than twice the births or bookings that the file of HES deliveries "
            "leads to expect: is its figure for this trust that of a year?"
        )
    return tuple(found)


def _months(reporting: Period, indicators: Collection[Indicator]) -> list[Period]:
    months: set[Period] = set()
    for one in indicators:
        months |= set(one.window.months(reporting, before=1))
    return sorted(months)


def _unread(
    history: History, spec: Spec, months: Sequence[Period]
) -> dict[tuple[str, str], list[Period]]:
    """The months in which dates of an item are there and cannot be read, by table and item."""
    places, frames = [], []
    for month in months:
        tables = history[month].tables if month in history else {}
        for table in (name for name in DATES if name in tables):
            present = tables[table].collect_schema().names()
            items = [spec.tables[table].by_name[name] for name in DATES[table] if name in present]
            if items:
                places.append((month, table))
                unread = [(~fits(item)).any().alias(item.name) for item in items]
                frames.append(tables[table].select(unread))
    found: dict[tuple[str, str], list[Period]] = {}
    for (month, table), frame in zip(places, pl.collect_all(frames, engine=ENGINE), strict=True):
        for item, is_unread in frame.row(0, named=True).items():
            if is_unread:
                found.setdefault((table, item), []).append(month)
    return found


def _named(months: Sequence[Period]) -> str:
    if len(months) <= _FEW:
        return named_months(months)
    return f"{len(months)} months from {months[0]} to {months[-1]}"


def _is_far_too_much(one: IndicatorResult) -> bool:
    if one.indicator.against is not Against.HES or one.numerator is None:
        return False
    return one.numerator > FAR_TOO_MANY * (one.denominator or 0)
