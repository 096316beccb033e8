"""Compares counts with what each scheme asks for: one outcome a criterion, always with a reason.

It takes counts and returns scorecards; how they look is left to `reports`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum

from msds_audit.rule import Criterion, Measure, Rule, Rules, Scheme
from msds_audit.scorecard import (
    Audited,
    CriterionResult,
    Outcome,
    RuleResult,
    Scorecard,
    Tally,
)

FEWEST_ANSWERS_TO_WATCH = 10
"""Below this many answers, the same answer every time says nothing. Our own choice."""

ALWAYS_THE_SAME = Decimal("0.999")
"""NHS England has published trusts at 99.9 to 100 % of one answer (Maternity Services Monthly
Statistics, September 2020 and February 2025; NHS Maternity Statistics 2021-22 to 2023-24)."""


class FailOn(StrEnum):
    """What makes a run fail."""

    NOT_MET = "not-met"
    NOT_ASSESSED = "not-assessed"
    NEVER = "never"


def score(audited: Audited, rules: Rules, schemes: Sequence[Scheme]) -> Scorecard:
    """Judge one submission by these schemes."""
    return Scorecard(
        provider=audited.provider,
        provider_name=rules.providers.get(audited.provider, ""),
        period=audited.period,
        schemes={scheme.id: scheme.title for scheme in schemes},
        results=tuple(
            _result(scheme, criterion, audited, rules)
            for scheme in schemes
            for criterion in scheme.criteria
        ),
        rules=tuple(_rule_result(rule, audited) for rule in rules.records.values()),
        items=audited.items,
        unrecognised=audited.unrecognised,
        rows=audited.rows,
        notices=(*audited.notices, *_empty(audited, rules)),
        spec=rules.spec.title,
        fingerprint=rules.fingerprint,
    )


def worst_first(cards: Iterable[Scorecard]) -> list[Scorecard]:
    """Most criteria not met first, then most not assessed, then by provider and period."""
    return sorted(
        cards,
        key=lambda card: (
            -card.count(Outcome.NOT_MET),
            -card.count(Outcome.NOT_ASSESSED),
            card.provider,
            card.period,
        ),
    )


def fails(card: Scorecard, fail_on: FailOn) -> bool:
    """Whether a scorecard is to make the run fail.

    A scheme in which no criterion could be judged counts as not assessed, whatever the reason.
    """
    if fail_on is FailOn.NEVER:
        return False
    if card.count(Outcome.NOT_MET):
        return True
    unjudged = card.count(Outcome.NOT_ASSESSED) or any(
        not judged(card, scheme) for scheme in card.schemes
    )
    return fail_on is FailOn.NOT_ASSESSED and bool(unjudged)


def judged(card: Scorecard, scheme: str) -> bool:
    """Whether at least one criterion of a scheme came out met or not met."""
    return any(
        result.outcome in (Outcome.MET, Outcome.NOT_MET)
        for result in card.results
        if result.scheme == scheme
    )


def _empty(audited: Audited, rules: Rules) -> list[str]:
    """Say loudly which tables that every submission must hold are missing or empty."""
    notices = []
    for table in rules.spec.tables.values():
        if not table.minimum or audited.rows.get(table.name):
            continue
        state = "empty" if table.name in audited.rows else "missing"
        need = "the submission would be rejected" if table.mandatory else "every submission has one"
        notices.append(f"{table.name} is {state}: {need}.")
    return notices


# --- criteria -----------------------------------------------------------------------------


def _result(
    scheme: Scheme, criterion: Criterion, audited: Audited, rules: Rules
) -> CriterionResult:
    subject = rules.measures.get(criterion.subject) or rules.records.get(criterion.subject)
    tally = _tally(criterion, audited)
    outcome = _outcome(criterion, tally)
    counted = tally is not None and tally.assessed
    return CriterionResult(
        scheme=scheme.id,
        criterion=criterion.id,
        section=criterion.section,
        title=criterion.title,
        short=criterion.short,
        collected=not criterion.not_collected,
        carried=criterion.carried,
        outcome=outcome,
        numerator=tally.numerator if tally is not None and counted else None,
        denominator=tally.denominator if tally is not None and counted else None,
        unit=_unit(subject),
        threshold=criterion.threshold,
        headline=criterion.headline,
        basis=criterion.basis,
        source=criterion.source,
        verified=criterion.verified,
        reason=_reason(criterion, tally, outcome, _unit(subject), audited),
        remedy=criterion.fix if outcome is Outcome.NOT_MET else "",
        note=_always_the_same(criterion, audited),
    )


def _tally(criterion: Criterion, audited: Audited) -> Tally | None:
    return audited.measures.get(criterion.subject) or audited.rules.get(criterion.subject)


def _unit(subject: Measure | Rule | None) -> str:
    if isinstance(subject, Measure):
        return subject.unit
    return "records" if subject is not None else ""


def _outcome(criterion: Criterion, tally: Tally | None) -> Outcome:
    if criterion.not_collected:
        return Outcome.NOT_APPLICABLE
    if tally is None or not tally.assessed:
        return Outcome.NOT_ASSESSED
    if not tally.denominator:
        return Outcome.NOT_APPLICABLE
    if criterion.threshold is None:
        return Outcome.INFORMATION
    reached = tally.numerator >= criterion.threshold * tally.denominator
    return Outcome.MET if reached else Outcome.NOT_MET


def _reason(
    criterion: Criterion, tally: Tally | None, outcome: Outcome, unit: str, audited: Audited
) -> str:
    if criterion.not_collected:
        if tally is not None and not tally.assessed:
            return f"{criterion.reason} ({tally.reason})"
        return criterion.reason
    if outcome is Outcome.NOT_ASSESSED:
        return tally.reason if tally is not None else "nothing counts it"
    if outcome is Outcome.NOT_APPLICABLE:
        return f"no {unit} in {audited.period.name} in this extract"
    return ""


def _always_the_same(criterion: Criterion, audited: Audited) -> str:
    """A remark where all but one in a thousand answers of a watched item are one code."""
    if criterion.watch is None:
        return ""
    table, item = criterion.watch
    answers = audited.answers.get((table, item), {})
    total = sum(answers.values())
    if total < FEWEST_ANSWERS_TO_WATCH:
        return ""
    code, commonest = max(answers.items(), key=lambda answer: answer[1])
    if commonest < ALWAYS_THE_SAME * total:
        return ""
    return (
        f"Always the same: {item} is {code} in {commonest:,} of {total:,} answers. "
        "Is the question asked, or does the system fill it in?"
    )


# --- rules --------------------------------------------------------------------------------


def _rule_result(rule: Rule, audited: Audited) -> RuleResult:
    return RuleResult(
        rule=rule.id,
        table=rule.table,
        title=rule.title,
        fix=rule.fix,
        effect=rule.effect,
        basis=rule.basis,
        verified=rule.verified,
        tally=audited.rules[rule.id],
    )
