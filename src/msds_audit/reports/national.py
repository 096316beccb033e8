"""What NHS England will say: the lines about national indicators, in words.

Rates come first, then the measures that withhold them, those that free most first. Lines that
nothing could be said of are gathered by the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msds_audit.reports.wording import count, mark, percent, since
from msds_audit.rule import Against, Indicator
from msds_audit.scorecard import CriterionResult, IndicatorResult, Outcome, Scorecard
from msds_audit.verdicts import HELD_BACK, PER_THOUSAND
from msds_audit.windows import PARTIAL, partial_note

LOW_DQ = "Low DQ"
DID_NOT_SUBMIT = "DNS"
NATIONAL_NOTE = (
    "What NHS England will say: judged by the rounded counts (1 to 7 as 5, others to the nearest "
    "5), of all records, those that would be rejected included. Rates of metrics are as published "
    "(* instead of a rate: fewer than eight). People: how many more (+) or fewer (-) than it takes."
)
WITHHOLDING = "What withholds them, most first"


@dataclass(frozen=True, slots=True)
class NationalLine:
    """One line: the outcome, what it is about, its numbers, and what is told under it.

    `word` says the outcome; of a rate, whether it would be published. `people` is by how many
    people a measure passes (+) or misses (-).
    """

    outcome: Outcome
    word: str
    title: str
    count: str
    rate: str
    asked: str
    people: str
    told: tuple[str, ...]


def is_national(lines: Sequence[Sequence[CriterionResult]]) -> bool:
    """Whether all lines of a section are about national indicators."""
    return all(result.indicator is not None for line in lines for result in line)


def national_lines(results: Sequence[CriterionResult]) -> Iterator[NationalLine]:
    """The lines of a section: those not met first, then met, then what could not be told."""
    judged = [one for one in results if one.outcome is not Outcome.NOT_ASSESSED]
    for result in sorted(judged, key=lambda one: one.outcome is not Outcome.NOT_MET):
        if result.indicator is not None:
            yield _line(result, result.indicator)
    yield from _gathered([one for one in results if one.outcome is Outcome.NOT_ASSESSED])


def withholding(card: Scorecard, results: Sequence[CriterionResult]) -> list[NationalLine]:
    """The measures that withhold rates of a section, those that withhold most first."""
    held: dict[str, list[str]] = {}
    found = [result.indicator for result in results if result.indicator is not None]
    for rate in found:
        for id in rate.withheld_by:
            held.setdefault(id, []).append(short_id(rate.indicator.id))
    known = {one.indicator.id: one for one in card.indicators}
    order = sorted(held, key=lambda one: (-len(held[one]), one))
    return [_withholding(known[id], held[id]) for id in order]


def short_id(id: str) -> str:
    """The id of an indicator as it is shown where there are many."""
    return id.removeprefix("CQIM")


def _line(result: CriterionResult, found: IndicatorResult) -> NationalLine:
    withheld = ", ".join(map(short_id, found.withheld_by))
    missed = result.outcome is Outcome.NOT_MET
    told = (
        result.reason if result.waived is not None else "",
        _other_way(found),
        _mending(result, found) if missed else "",
        partial_note(found.absent),
        since(result),
    )
    return NationalLine(
        outcome=result.outcome,
        word=_word(result.outcome, found),
        title=_title(found.indicator, result.title, result.verified),
        count="" if withheld else count(result),
        rate=LOW_DQ if withheld else shown_rate(found),
        asked=f"by {withheld}" if withheld else _standing(result, found),
        people=_people(found),
        told=tuple(text for text in told if text),
    )


def _withholding(found: IndicatorResult, held: Sequence[str]) -> NationalLine:
    indicator = found.indicator
    mending = f"{_shortfall(found)} {indicator.fix}".strip()
    told = (
        _other_way(found),
        mending,
        f"It withholds {', '.join(held)}.",
        partial_note(found.absent),
    )
    return NationalLine(
        outcome=Outcome.NOT_MET,
        word="",
        title=_title(indicator, indicator.title, indicator.verified)
        + (PARTIAL if found.absent else ""),
        count=f"{found.numerator:,} of {found.denominator:,}",
        rate=shown_rate(found),
        asked=indicator.limits.words.removeprefix("at least "),
        people=_people(found),
        told=tuple(text for text in told if text),
    )


def _word(outcome: Outcome, found: IndicatorResult) -> str:
    """An outcome in a word; what would be held against a trust in capitals."""
    if outcome is Outcome.WAIVED:
        return str(outcome)
    if found.indicator.is_rate and outcome is Outcome.MET:
        return "published"
    if found.indicator.is_rate:
        return "WITHHELD" if found.withheld_by else "NOT SENT"
    return outcome.upper() if outcome is Outcome.NOT_MET else str(outcome)


def _standing(result: CriterionResult, found: IndicatorResult) -> str:
    """What is asked of a measure; of a rate, that the one shown is the one published."""
    if not found.indicator.is_rate:
        return result.asks.removeprefix("at least ")
    if not found.sent:
        return ""
    return "fewer than 8" if found.rate == HELD_BACK else "as published"


def _title(indicator: Indicator, title: str, verified: bool) -> str:
    return f"{short_id(indicator.id)}: {title}{mark(verified)}"


def shown_rate(found: IndicatorResult) -> str:
    """The rate as it is published, with its unit; of measures, as exactly as it takes."""
    if not found.sent:
        return DID_NOT_SUBMIT
    if found.indicator.is_rate:
        unit = "/1,000" if found.indicator.per == PER_THOUSAND else " %"
        return found.rate if found.rate == HELD_BACK else f"{found.rate}{unit}"
    if not found.denominator or found.numerator is None:
        return ""
    return percent(found.numerator, found.denominator, found.indicator.limits.lower)


def _people(found: IndicatorResult) -> str:
    if found.margin is None or not found.sent:
        return ""
    return f"{found.margin:+,}" if found.margin else "0"


def _mending(result: CriterionResult, found: IndicatorResult) -> str:
    if found.withheld_by:
        return ""
    if not found.sent:
        return result.remedy
    return f"{_shortfall(found)} {result.remedy}".strip()


def _shortfall(found: IndicatorResult) -> str:
    """How many people would pass a measure that misses; empty where no number tells."""
    if found.margin is None or found.margin >= 0 or found.indicator.against is Against.ONE:
        return ""
    counted = f"{found.indicator.counted[0].upper()}{found.indicator.counted[1:]}"
    if found.is_too_high:
        return f"{counted}: {-found.margin:,} fewer would pass it; take out nothing that happened."
    return f"{counted}: {-found.margin:,} more would pass it."


def _other_way(found: IndicatorResult) -> str:
    """A remark where the counts themselves give another result than the rounded ones."""
    if found.result is None or found.result is found.rounded_result:
        return ""
    return (
        f"By the counts themselves: {found.result}. NHS England judges by the rounded ones, "
        f"{found.rounded_numerator:,} of {found.rounded_denominator:,}: {found.rounded_result}."
    )


def _gathered(results: Sequence[CriterionResult]) -> Iterator[NationalLine]:
    """Lines that could not be told, one for each reason."""
    reasons: dict[str, list[str]] = {}
    for one in results:
        if one.indicator is not None:
            reasons.setdefault(one.reason, []).append(short_id(one.indicator.indicator.id))
    for reason, ids in reasons.items():
        title = f"{', '.join(ids)}: {reason}"
        yield NationalLine(
            Outcome.NOT_ASSESSED, str(Outcome.NOT_ASSESSED), title, "", "", "", "", ()
        )
