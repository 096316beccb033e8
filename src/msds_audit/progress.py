"""Holds scorecards against a baseline: what is worse than then, and what got better.

It takes cards and what an earlier run said; a criterion that is met is never worse, and one that
fails is worse unless it failed likewise before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from msds_audit.gates import Baseline, BaselineCard, BaselineLine, Change
from msds_audit.scorecard import CriterionResult, Outcome, Scorecard, Since

_JUDGED, _UNJUDGED, _NOT_MET = "judged", "unjudged", "not met"


def held_against(cards: Sequence[Scorecard], baseline: Baseline) -> list[Scorecard]:
    """The cards, each line with how it stands against the last card of that trust till then.

    A trust without any is told, and judged as if there were no baseline; so is a criterion that
    the baseline does not know.
    """
    return [_held(card, baseline) for card in cards]


def _held(card: Scorecard, baseline: Baseline) -> Scorecard:
    earlier = [
        one for one in baseline if one.provider == card.provider and one.period <= card.period
    ]
    if not earlier:
        notice = f"The baseline holds no {card.provider} up to {card.period.name}: judged without."
        return replace(card, notices=(notice, *card.notices))
    last = max(earlier, key=lambda one: one.period)
    results = tuple(_result(result, last) for result in card.results)
    rules = tuple(
        replace(one, is_as_before=one.tally.failures <= last.failures.get(one.rule, 0))
        for one in card.rules
    )
    notices = (*_other_rules(card, last), *_unknown(results), *card.notices)
    return replace(card, results=results, rules=rules, notices=notices)


def _other_rules(card: Scorecard, last: BaselineCard) -> list[str]:
    if card.fingerprint == last.fingerprint:
        return []
    return ["The baseline was judged by other rules: what changed may be the rules, not the data."]


def _unknown(results: Sequence[CriterionResult]) -> list[str]:
    """That criteria which fail are not in the baseline, so that they are judged without."""
    unknown = [one for one in results if one.since is None and one.is_against]
    if not unknown:
        return []
    return [f"Not in the baseline, and judged without it: {len(unknown):,} criteria that fail."]


def _result(result: CriterionResult, last: BaselineCard) -> CriterionResult:
    line = last.lines.get((result.scheme, result.criterion))
    if line is None:
        return result
    since = Since(
        last.period,
        Outcome(line.outcome),
        line.numerator,
        line.denominator,
        _change(result, line),
    )
    return replace(result, since=since)


def _change(result: CriterionResult, line: BaselineLine) -> Change:
    bare = result.without_waiver
    now = _standing(bare.outcome, is_judged=not bare.is_unjudged)
    then = _standing(Outcome(line.outcome), is_judged=line.is_judged)
    if now != then:
        return Change.BETTER if now == _JUDGED else Change.WORSE
    if now != _NOT_MET:
        return Change.SAME
    failing_now, failing_then = _misses(result, line)
    if failing_now == failing_then:
        return Change.SAME
    return Change.WORSE if failing_now > failing_then else Change.BETTER


def _standing(outcome: Outcome, *, is_judged: bool) -> str:
    """Not met, unjudged, or neither. What cannot be told any more may be worse than not met."""
    if outcome is Outcome.NOT_MET:
        return _NOT_MET
    return _JUDGED if is_judged else _UNJUDGED


def _misses(result: CriterionResult, line: BaselineLine) -> tuple[int, int]:
    """By how much a criterion misses now and then, in numbers that can be compared.

    Of national measures in people, by the margin; otherwise by the share that fails. Equal where
    one of them is not known.
    """
    found = result.indicator
    if found is not None:
        margins = found.margin, line.margin
        return (0, 0) if None in margins else (-(margins[0] or 0), -(margins[1] or 0))
    now, then = (result.numerator, result.denominator), (line.numerator, line.denominator)
    if None in (*now, *then):
        return 0, 0
    failing_now, failing_then = (now[1] or 0) - (now[0] or 0), (then[1] or 0) - (then[0] or 0)
    return failing_now * (then[1] or 0), failing_then * (now[1] or 0)
