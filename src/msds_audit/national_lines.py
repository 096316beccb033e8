"""What the national indicators make of the lines of a scheme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from msds_audit.lines import line_of
from msds_audit.national import is_published, passes
from msds_audit.rule import Criterion, Family, Rules, Scheme
from msds_audit.scorecard import CriterionResult, IndicatorResult, Outcome
from msds_audit.windows import PARTIAL, partial_note

_NOTHING_SENT = "Nothing was sent that counts here; NHS England shows DNS (did not submit)."
_NOBODY = "Nobody counts here; NHS England shows 0 of 0, and Fail."
METRICS = "metrics"
"""The unit of a line that counts metrics, and nobody."""
_JUDGED = {True: Outcome.MET, False: Outcome.NOT_MET, None: Outcome.NOT_ASSESSED}


def rests_on_indicators(criterion: Criterion, rules: Rules) -> bool:
    """Whether a line is about a national indicator, or about how many of them are published."""
    return bool(criterion.cqims) or criterion.subject in rules.indicators


def asks_for_indicators(schemes: Iterable[Scheme], rules: Rules) -> bool:
    """Whether any line of some schemes rests on national indicators."""
    return any(rests_on_indicators(one, rules) for scheme in schemes for one in scheme.criteria)


def national_line(
    scheme: Scheme, criterion: Criterion, results: Mapping[str, IndicatorResult]
) -> CriterionResult:
    """One line of a scheme about national indicators."""
    if criterion.cqims:
        return _of_published(scheme, criterion, results)
    result = results[criterion.subject]
    indicator = result.indicator
    outcome = _JUDGED[is_published(result) if indicator.is_rate else passes(result)]
    return _line(
        scheme,
        criterion,
        outcome,
        numerator=result.numerator,
        denominator=result.denominator,
        unit=indicator.unit,
        asks="" if indicator.is_rate else indicator.limits.words,
        reason=_reason(result, results) if outcome is Outcome.NOT_ASSESSED else "",
        note=partial_note(result.absent),
        is_partial=bool(result.absent),
        indicator=result,
    )


def _of_published(
    scheme: Scheme, criterion: Criterion, results: Mapping[str, IndicatorResult]
) -> CriterionResult:
    """How many of the Clinical Quality Improvement Metrics would be published."""
    rates = [one for one in results.values() if one.indicator.family is Family.CQIM]
    said = [is_published(one) for one in rates]
    published, open_ = said.count(True), said.count(None)
    unassessed = f"{open_} of {len(rates)} metrics could not be assessed (--scheme cqim)"
    outcome = Outcome.NOT_ASSESSED
    if published >= criterion.cqims:
        outcome = Outcome.MET
    elif published + open_ < criterion.cqims:
        outcome = Outcome.NOT_MET
    return _line(
        scheme,
        criterion,
        outcome,
        numerator=published,
        denominator=len(rates),
        unit=METRICS,
        asks=f"{criterion.cqims} of {len(rates)}",
        reason=unassessed if outcome is Outcome.NOT_ASSESSED else "",
        note=partial_note(sorted({month for one in rates for month in one.absent}))
        or (f"{unassessed}." if open_ and outcome is not Outcome.NOT_ASSESSED else ""),
        is_partial=any(one.absent for one in rates),
    )


def _line(
    scheme: Scheme,
    criterion: Criterion,
    outcome: Outcome,
    *,
    numerator: int | None,
    denominator: int | None,
    unit: str,
    asks: str,
    reason: str,
    note: str = "",
    is_partial: bool = False,
    indicator: IndicatorResult | None = None,
) -> CriterionResult:
    return replace(
        line_of(scheme, criterion, outcome),
        title=f"{criterion.title}{PARTIAL if is_partial else ''}",
        numerator=numerator,
        denominator=denominator,
        unit=unit,
        reason=reason,
        remedy=_remedy(indicator) or criterion.fix if outcome is Outcome.NOT_MET else "",
        note=note,
        asks=asks,
        indicator=indicator,
    )


def _reason(result: IndicatorResult, results: Mapping[str, IndicatorResult]) -> str:
    """Why there is no verdict: its own reason, else those of the measures it rests on."""
    if result.reason:
        return result.reason
    reasons: dict[str, list[str]] = {}
    for id in result.undecided_by:
        reasons.setdefault(results[id].reason, []).append(id)
    return "; ".join(f"rests on {', '.join(ids)}: {why}" for why, ids in reasons.items())


def _remedy(result: IndicatorResult | None) -> str:
    """What would mend a measure or a rate that is not met; empty where there is nothing to say."""
    if result is None:
        return ""
    if not result.sent:
        return _NOTHING_SENT
    if not result.denominator and not result.numerator:
        return _NOBODY
    if result.withheld_by:
        return f"Low DQ, withheld by {', '.join(result.withheld_by)}."
    return result.indicator.fix
