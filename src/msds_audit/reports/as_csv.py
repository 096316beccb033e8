"""Scorecards as CSV: one row for each trust, period, scheme and criterion."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal

from msds_audit.reports.cells import harmless
from msds_audit.scorecard import CriterionResult, Scorecard

COLUMNS = (
    "provider",
    "provider_name",
    "period",
    "scheme",
    "criterion",
    "title",
    "outcome",
    "numerator",
    "denominator",
    "rate",
    "threshold",
    "verified",
    "reason",
    "asks",
    "margin",
)


def to_csv(cards: Sequence[Scorecard]) -> str:
    """All criteria of all cards. `rate` and `threshold` are fractions; blank means none.

    Of lines about national indicators `asks` says what is asked for, and `margin` by how many
    people they pass or (below 0) miss.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for card in cards:
        for result in card.results:
            writer.writerow(map(harmless, row_of(card, result)))
    return out.getvalue()


def row_of(card: Scorecard, result: CriterionResult) -> list[str | int | None]:
    """What stands under `COLUMNS` about one criterion."""
    return [
        card.provider,
        card.provider_name,
        str(card.period),
        result.scheme,
        result.criterion,
        result.title,
        str(result.outcome),
        result.numerator,
        result.denominator,
        _rate(result),
        None if result.threshold is None else str(result.threshold),
        "true" if result.verified else "false",
        result.reason,
        result.asks,
        result.indicator.margin if result.indicator is not None else None,
    ]


def _rate(result: CriterionResult) -> str | None:
    if result.numerator is None or not result.denominator:
        return None
    return str((Decimal(result.numerator) / Decimal(result.denominator)).quantize(Decimal("1e-6")))
