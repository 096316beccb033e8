"""What the national indicators make of the lines of a scheme."""

from __future__ import annotations

from collections.abc import Mapping

from msds_audit.national import is_published, passes
from msds_audit.rule import Criterion, Family, Indicator, Rules, Scheme
from msds_audit.scorecard import CriterionResult, IndicatorResult, Outcome

_DNS = "Nothing was sent that counts here; NHS England shows DNS (did not submit)."
_NONE = "Nobody counts here; NHS England shows 0 of 0, and Fail."
_NOTHING_SENT = {
    Family.CQIM: _DNS,
    Family.CQIM_DQ: _DNS,
    Family.COC: _NONE,
    Family.COC_DQ: _NONE,
}
_JUDGED = {True: Outcome.MET, False: Outcome.NOT_MET, None: Outcome.NOT_ASSESSED}


def rests_on_indicators(criterion: Criterion, rules: Rules) -> bool:
    """Whether a line is about a national indicator, or about how many of them are published."""
    return bool(criterion.cqims) or criterion.subject in rules.indicators


def asks_for_indicators(schemes: list[Scheme], rules: Rules) -> bool:
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
        reason=_reason(result) if outcome is Outcome.NOT_ASSESSED else "",
        note=_note(result),
        indicator=result,
    )


def _of_published(
    scheme: Scheme, criterion: Criterion, results: Mapping[str, IndicatorResult]
) -> CriterionResult:
    """How many of the Clinical Quality Improvement Metrics would be published."""
    rates = [one for one in results.values() if one.indicator.family is Family.CQIM]
    said = [is_published(one) for one in rates]
    published, open_ = said.count(True), said.count(None)
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
        unit="metrics",
        asks=f"{criterion.cqims} of {len(rates)}",
        reason=f"{open_} of {len(rates)} metrics could not be assessed"
        if outcome is Outcome.NOT_ASSESSED
        else "",
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
    indicator: IndicatorResult | None = None,
) -> CriterionResult:
    return CriterionResult(
        scheme=scheme.id,
        criterion=criterion.id,
        section=criterion.section,
        title=criterion.title,
        short=criterion.short,
        counts=None,
        collected=True,
        carried=criterion.carried,
        outcome=outcome,
        numerator=numerator,
        denominator=denominator,
        undetermined=0,
        unit=unit,
        threshold=None,
        headline=criterion.headline,
        basis=criterion.basis,
        source=criterion.source,
        verified=criterion.verified,
        reason=reason,
        remedy=_remedy(indicator) or criterion.fix if outcome is Outcome.NOT_MET else "",
        note=note,
        asks=asks,
        indicator=indicator,
    )


def _reason(result: IndicatorResult) -> str:
    if result.reason:
        return result.reason
    return f"not assessed: {', '.join(result.undecided_by)}"


def _note(result: IndicatorResult) -> str:
    """What is odd about a line: months that it leaves out, and what its definition departs from."""
    absent = f"Partial: counted without {', '.join(result.absent)}." if result.absent else ""
    note = "" if result.indicator.undefined else result.indicator.note
    return " ".join(part for part in (absent, note) if part)


def _remedy(result: IndicatorResult | None) -> str:
    """What would mend a measure or a rate that is not met; empty where there is nothing to say."""
    if result is None:
        return ""
    if not result.sent:
        return _NOTHING_SENT[result.indicator.family]
    if result.withheld_by:
        return f"Low DQ, withheld by {', '.join(result.withheld_by)}."
    return " ".join(part for part in (shortfall(result), result.indicator.fix) if part)


def shortfall(result: IndicatorResult) -> str:
    """By how many people a measure passes or misses, in words; empty where no number tells."""
    if result.margin is None or result.numerator is None:
        return ""
    indicator = result.indicator
    if result.margin >= 0:
        return f"{result.margin:,} to spare" if result.margin else "none to spare"
    missing = -result.margin
    too_many = _is_too_high(result, indicator)
    word = "fewer" if too_many else "more"
    return f"{missing:,} {word} {indicator.counted} would pass it."


def _is_too_high(result: IndicatorResult, indicator: Indicator) -> bool:
    upper = indicator.limits.upper
    if upper is None or not result.denominator or result.rounded_numerator is None:
        return False
    lower = indicator.limits.lower
    return lower is None or result.rounded_numerator > lower * (result.rounded_denominator or 0)
