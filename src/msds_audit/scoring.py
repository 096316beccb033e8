"""Compares counts with what each scheme asks for: one outcome a criterion, always with a reason.

It takes counts and returns scorecards; how they look is left to `reports`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum

from msds_audit.acceptance import acceptance
from msds_audit.damage import WORDS
from msds_audit.dqmi import asks_for_maturity, dqmi_line, maturity
from msds_audit.lines import line_of
from msds_audit.national_lines import asks_for_indicators, national_line, rests_on_indicators
from msds_audit.predicates import item_of, needs, predicate
from msds_audit.rule import Count, Criterion, Damage, Measure, Rule, Rules, Scheme
from msds_audit.scorecard import (
    Audited,
    CriterionResult,
    IndicatorResult,
    Outcome,
    RuleResult,
    Scorecard,
    Tally,
)

MOST_DROPPED = 5
FEWEST_ANSWERS_TO_WATCH = 10
"""Below this many answers, the same answer every time says nothing. Our own choice."""

ALWAYS_THE_SAME = Decimal("0.999")
"""NHS England has published trusts at 99.9 to 100 % of one answer (Maternity Services Monthly
Statistics, September 2020 and February 2025; NHS Maternity Statistics 2021-22 to 2023-24)."""


UNITS = {
    Count.FILE: "checks of the file",
    Count.PATIENTS: "patients",
    Count.RECORDS: "records",
    Count.WARNED: "values checked",
    Count.INVALID: "values recorded",
    Count.UNCOUNTED: "values checked",
    Count.ADVISED: "values checked",
}
"""What is counted of a submission as a whole, in the plural."""


class FailOn(StrEnum):
    """What makes a run fail."""

    NOT_MET = "not-met"
    NOT_ASSESSED = "not-assessed"
    NEVER = "never"


def score(
    audited: Audited,
    rules: Rules,
    schemes: Sequence[Scheme],
    indicators: Mapping[str, IndicatorResult] | None = None,
) -> Scorecard:
    """Judge one submission by these schemes.

    `indicators` are what `national` counted. Where a scheme rests on some that were not, they are
    not assessed.
    """
    national = dict(indicators or {})
    if asks_for_indicators(schemes, rules):
        for id, one in rules.indicators.items():
            national.setdefault(id, IndicatorResult(one, reason="was not counted"))
    counts = acceptance(audited, rules)
    dqmi = maturity(audited.items, rules.dqmi)
    return Scorecard(
        provider=audited.provider,
        provider_name=rules.providers.get(audited.provider, ""),
        period=audited.period,
        schemes={scheme.id: scheme.title for scheme in schemes},
        results=tuple(
            dqmi_line(scheme, criterion, dqmi, rules)
            if criterion.dqmi
            else national_line(scheme, criterion, national)
            if rests_on_indicators(criterion, rules)
            else _result(scheme, criterion, audited, rules, counts)
            for scheme in schemes
            for criterion in scheme.criteria
        ),
        acceptance=counts,
        rejected=audited.rejected,
        rules=tuple(_rule_result(rule, audited) for rule in rules.records.values()),
        items=audited.items,
        unrecognised=audited.unrecognised,
        rows=audited.rows,
        notices=_told(audited, rules, schemes, counts),
        spec=rules.spec.title,
        fingerprint=rules.fingerprint,
        indicators=tuple(national.values()),
        dqmi=dqmi if asks_for_maturity(schemes) else None,
        files=audited.files,
    )


def _told(
    audited: Audited, rules: Rules, schemes: Sequence[Scheme], counts: Mapping[Count, Tally]
) -> tuple[str, ...]:
    """What stands at the top of a scorecard."""
    return (
        *_dropped(rules),
        *_damage(audited, rules),
        *_unasked(schemes, counts),
        *audited.notices,
        *_notices(audited, rules),
    )


def worst_first(cards: Iterable[Scorecard]) -> list[Scorecard]:
    """Most criteria not known to be met first, then most not met, then by provider and period."""
    return sorted(
        cards,
        key=lambda card: (
            -(card.count(Outcome.NOT_MET) + card.unjudged),
            -card.count(Outcome.NOT_MET),
            card.provider,
            card.period,
        ),
    )


def fails(card: Scorecard, fail_on: FailOn) -> bool:
    """Whether a scorecard is to make the run fail.

    A criterion with a threshold and nothing to count, and a scheme in which no criterion could
    be judged, count as not assessed. What is waived, or no worse than in a baseline, does not
    count; a waiver past its day does, and so does a submission that was expected and not given.
    """
    if fail_on is FailOn.NEVER:
        return False
    if not card.rows:
        return True
    against = [result for result in card.results if result.is_against]
    if card.expired or any(result.outcome is Outcome.NOT_MET for result in against):
        return True
    unjudged = any(not judged(card, scheme) for scheme in card.schemes)
    return fail_on is FailOn.NOT_ASSESSED and bool(against or unjudged or not card.schemes)


def judged(card: Scorecard, scheme: str) -> bool:
    """Whether a criterion of a scheme came out met or not met, or one that asks nothing tells.

    Against a baseline it is enough that there was none then either.
    """
    own = [result for result in card.results if result.scheme == scheme]
    as_before = own and all(one.since is not None and not one.is_against for one in own)
    return bool(as_before) or any(result.tells for result in own)


def _damage(audited: Audited, rules: Rules) -> list[str]:
    """One sentence where values look as if a spreadsheet had changed them: how many, and how.

    A date that may be swapped is no sign of it by itself: where an extract runs into the next
    month, its dates look the same.
    """
    values: Counter[Damage] = Counter()
    for rule in rules.records.values():
        if rule.damage not in (None, Damage.SWAPPED):
            values[rule.damage] += audited.rules[rule.id].failures
    found = ", ".join(
        f"{WORDS[kind]} {number:,}" for kind, number in values.most_common() if number
    )
    if not found:
        return []
    return [
        f"A spreadsheet may have changed this extract: {_values(values.total())} ({found}). "
        "Export it again from the maternity system and do not open it in a spreadsheet."
    ]


def _values(number: int) -> str:
    return f"{number:,} value{'' if number == 1 else 's'}"


def _dropped(rules: Rules) -> list[str]:
    """What is not judged because rules of one's own take it away."""
    number = len(rules.dropped)
    if not number:
        return []
    some = ", ".join(sorted(rules.dropped)[:MOST_DROPPED])
    more = f" and {number - MOST_DROPPED:,} more" if number > MOST_DROPPED else ""
    return [f"Judged without {number:,} rules that your rules folder drops: {some}{more}."]


def _unasked(schemes: Sequence[Scheme], counts: Mapping[Count, Tally]) -> list[str]:
    """What would be rejected, where no scheme asks for that."""
    asked = {criterion.counts for scheme in schemes for criterion in scheme.criteria}
    return [
        f"{counts[count].failures:,} of {counts[count].denominator:,} {words}: "
        "add --scheme conformance"
        for count, words in (
            (Count.FILE, "checks of the file fail, so that it would be rejected"),
            (Count.PATIENTS, "patients would be rejected"),
            (Count.RECORDS, "records would be rejected"),
        )
        if count not in asked and counts[count].failures
    ] + _untold(counts[Count.RECORDS], Count.RECORDS in asked)


def _untold(records: Tally, asked: bool) -> list[str]:
    if asked or not records.reason:
        return []
    return [f"Whether records would be rejected could not be told: {records.reason}."]


def _notices(audited: Audited, rules: Rules) -> list[str]:
    """What looks wrong about a submission as a whole, loud enough to stand at the top."""
    notices = []
    if audited.provider not in rules.providers:
        notices.append(f"{audited.provider} is not in the list of trusts: is the code right?")
    for table in rules.spec.tables.values():
        if table.minimum and not audited.rows.get(table.name):
            state = "empty" if table.name in audited.rows else "missing"
            notices.append(f"{table.name} is {state}: every submission has one.")
    return notices


# --- criteria -----------------------------------------------------------------------------


def _result(
    scheme: Scheme,
    criterion: Criterion,
    audited: Audited,
    rules: Rules,
    counts: Mapping[Count, Tally],
) -> CriterionResult:
    subject = rules.measures.get(criterion.subject) or rules.records.get(criterion.subject)
    tally = counts[criterion.counts] if criterion.counts else _tally(criterion, audited)
    unit = UNITS[criterion.counts] if criterion.counts else _unit(subject)
    outcome = outcome_of(criterion, tally)
    counted = tally if tally is not None and tally.assessed else None
    open_question = _open_question(subject, tally)
    unjudged = outcome is Outcome.NOT_ASSESSED
    return replace(
        line_of(scheme, criterion, outcome),
        counts=criterion.counts,
        collected=not criterion.not_collected,
        numerator=counted.numerator if counted is not None else None,
        denominator=counted.denominator if counted is not None else None,
        undetermined=counted.undetermined if counted is not None else 0,
        unit=unit,
        threshold=criterion.threshold,
        reason=_reason(criterion, tally, outcome, unit, audited)
        or (open_question if unjudged else ""),
        remedy=criterion.fix if _needs_mending(criterion, tally, outcome) else "",
        note=" ".join(
            remark
            for remark in (_always_the_same(criterion, audited), "" if unjudged else open_question)
            if remark
        ),
        table=subject.table if subject is not None else "",
    )


def _needs_mending(criterion: Criterion, tally: Tally | None, outcome: Outcome) -> bool:
    """A criterion that is not met; or a part of one, about something to mend, that has some."""
    if outcome is Outcome.NOT_MET:
        return True
    part = outcome is Outcome.INFORMATION and criterion.short
    return bool(part and tally is not None and tally.numerator)


def _tally(criterion: Criterion, audited: Audited) -> Tally | None:
    return audited.measures.get(criterion.subject) or audited.rules.get(criterion.subject)


def _unit(subject: Measure | Rule | None) -> str:
    if isinstance(subject, Measure):
        return subject.unit
    return "records" if subject is not None else ""


def outcome_of(criterion: Criterion, tally: Tally | None) -> Outcome:
    """What becomes of a criterion that rests on a count; None where nothing counts it."""
    if criterion.not_collected:
        return Outcome.NOT_APPLICABLE
    if tally is None or not tally.assessed:
        return Outcome.NOT_ASSESSED
    if not tally.denominator:
        return Outcome.NOT_ASSESSED if tally.undetermined else Outcome.NOT_APPLICABLE
    if criterion.threshold is None:
        return Outcome.INFORMATION
    return _verdict(tally, criterion.threshold)


def _verdict(tally: Tally, threshold: Decimal) -> Outcome:
    """Met or not met if it is so whoever of the undetermined belongs and passes."""
    possible = tally.denominator + tally.undetermined
    if tally.numerator >= threshold * possible:
        return Outcome.MET
    if tally.numerator + tally.undetermined < threshold * possible:
        return Outcome.NOT_MET
    return Outcome.NOT_ASSESSED


def _open_question(subject: Measure | Rule | None, tally: Tally | None) -> str:
    """Why it cannot be told who belongs to a measure; empty where it can of everybody."""
    if subject is None or tally is None or not tally.undetermined:
        return ""
    return (
        f"{tally.undetermined:,} more may belong to the {_unit(subject)}: "
        f"{' or '.join(tells_who_belongs(subject))} is blank or unreadable there."
    )


def tells_who_belongs(subject: Measure | Rule) -> tuple[str, ...]:
    """The items of its table by which it is told whether a measure or rule applies."""
    own = needs(subject).columns
    read = (name for name in predicate(subject.applies).meta.root_names() if name in own)
    return tuple(dict.fromkeys(item_of(name) for name in read))


def _reason(
    criterion: Criterion, tally: Tally | None, outcome: Outcome, unit: str, audited: Audited
) -> str:
    if criterion.not_collected:
        if tally is not None and not tally.assessed:
            return f"{criterion.reason} ({tally.reason})"
        return criterion.reason
    if criterion.unassessed:
        return criterion.unassessed
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
        f"Always the same: {item} is {code} in {commonest:,} of the {total:,} answers in {table}. "
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
        about=rule.about,
        damage=rule.damage,
        why=rule.why,
    )
