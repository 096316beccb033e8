"""Scorecards as Polars frames: a row for each criterion, each rule, each finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from msds_audit.errors import UsageError
from msds_audit.found import SCHEMA
from msds_audit.reports.as_csv import COLUMNS, row_of
from msds_audit.scorecard import CriterionResult, RuleResult, Scorecard

_TYPES: Mapping[str, pl.DataType] = {
    "numerator": pl.Int64(),
    "denominator": pl.Int64(),
    "rate": pl.Float64(),
    "verified": pl.Boolean(),
    "margin": pl.Int64(),
    "undetermined": pl.Int64(),
}
"""The types of columns that hold no text; `period` is the first day of the month."""

_MORE = ("section", "unit", "undetermined", "remedy", "note", "table", "subject")
"""What there is in a frame beside the columns of the CSV."""

RULES = pl.Schema(
    {
        "provider": pl.String(),
        "provider_name": pl.String(),
        "period": pl.Date(),
        "rule": pl.String(),
        "title": pl.String(),
        "table": pl.String(),
        "effect": pl.String(),
        "basis": pl.String(),
        "outcome": pl.String(),
        "failures": pl.Int64(),
        "denominator": pl.Int64(),
        "verified": pl.Boolean(),
        "reason": pl.String(),
        "fix": pl.String(),
    }
)
PASSES, FAILS, NOT_APPLICABLE, NOT_ASSESSED = "passes", "fails", "not applicable", "not assessed"
"""What may become of a rule."""


def scorecards_frame(cards: Iterable[Scorecard]) -> pl.DataFrame:
    """Every criterion of every card, a row each, in the order of the cards.

    The columns are those of the CSV and then `section`, `unit`, `undetermined` (how many more may
    belong to the denominator), `remedy`, `note`, `table` and `subject`, the measure or rule that is
    counted. `period` is a date, the first of the month. `threshold` is text, because it is exact;
    `rate` is a number, to six decimals. What is null was not counted, not asked, or not said.
    """
    rows = [
        {**dict(zip(COLUMNS, row_of(card, result), strict=True)), **_more(result)}
        for card in cards
        for result in card.results
    ]
    names = (*COLUMNS, *_MORE)
    texts = pl.DataFrame(
        [{name: _text(row[name]) for name in names} for row in rows],
        schema=dict.fromkeys(names, pl.String()),
    )
    return texts.with_columns(
        pl.col("period").str.to_date("%Y-%m"),
        pl.col("verified") == "true",
        *(pl.col(name).cast(kind) for name, kind in _TYPES.items() if name != "verified"),
    )


def _more(result: CriterionResult) -> dict[str, str | int]:
    return {name: getattr(result, name) for name in _MORE}


def _text(value: str | int | None) -> str | None:
    return None if value in (None, "") else str(value)


def rules_frame(cards: Iterable[Scorecard]) -> pl.DataFrame:
    """What became of every rule of every card, a row each, in the order of the cards.

    `outcome` is `fails` where `failures` is above 0, `passes` where none of `denominator` fails,
    `not applicable` where there was nothing to look at, and `not assessed` with its `reason`; then
    the counts are null. What fails is named one by one by `findings`.
    """
    return pl.DataFrame([_rule(card, one) for card in cards for one in card.rules], schema=RULES)


def _rule(card: Scorecard, result: RuleResult) -> dict[str, Any]:
    tally = result.tally
    return {
        "provider": card.provider,
        "provider_name": card.provider_name or None,
        "period": card.period.start,
        "rule": result.rule,
        "title": result.title,
        "table": result.table,
        "effect": str(result.effect),
        "basis": str(result.basis),
        "outcome": _outcome(result),
        "failures": tally.failures if tally.assessed else None,
        "denominator": tally.denominator if tally.assessed else None,
        "verified": result.verified,
        "reason": tally.reason or None,
        "fix": result.fix,
    }


def _outcome(result: RuleResult) -> str:
    if not result.tally.assessed:
        return NOT_ASSESSED
    if not result.tally.denominator:
        return NOT_APPLICABLE
    return FAILS if result.tally.failures else PASSES


def findings_frame(cards: Sequence[Scorecard]) -> pl.DataFrame:
    """The findings of every card, as `found.Findings` describes them.

    Raises UsageError where `check` was not asked for them: none at all would look clean.
    """
    frames = [card.findings.frame for card in cards if card.findings is not None]
    if len(frames) < len(cards):
        raise UsageError(
            "The findings of these scorecards were not asked for.",
            hint="Call check with most_findings=None, or use msds_audit.findings.",
        )
    return pl.concat([SCHEMA.to_frame(), *frames])
