"""The records to correct, in the order that gains most, and what correcting them gains.

It goes through the measures and rules that criteria ask for and through the rules that records
fail. What a correction makes of a criterion is counted by trying it, not by reckoning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from msds_audit.asking import Asked, asked_of, different, subject_of, tally_of, title_of
from msds_audit.audit import audit
from msds_audit.errors import ExtractError
from msds_audit.extract import POLARS_FAILED, Submission
from msds_audit.failing import Finder, Problem, Records, Slot
from msds_audit.owners import Owners
from msds_audit.rule import (
    REJECTING_RECORDS,
    Count,
    Effect,
    Measure,
    Rule,
    Rules,
    Scheme,
)
from msds_audit.scorecard import Audited, Outcome, Tally, short_of
from msds_audit.scoring import outcome_of
from msds_audit.teaching import most_telling, where_to_teach
from msds_audit.trying import Failing, Trial, Who, tried
from msds_audit.worklist import Correction, FixList, Gain, Share, Touched, Weight

_OF_RULES = {
    Effect.REJECTS_PATIENT: Weight.REJECTED,
    Effect.REJECTS_RECORD: Weight.REJECTED,
    Effect.COUNTS_AS_INVALID: Weight.NOT_COUNTED,
    Effect.WARNING: Weight.WARNING,
}
_OF_OUTCOMES = {Outcome.NOT_MET: Weight.NOT_MET, Outcome.MET: Weight.MET}


def fix_list(
    submission: Submission,
    rules: Rules,
    schemes: Sequence[Scheme],
    *,
    nhs_numbers: bool = False,
) -> FixList:
    """What to correct in one submission, and what that gains.

    Args:
        submission: The submission.
        rules: The rules in force.
        schemes: Whose criteria to reach.
        nhs_numbers: Whether the NHS number of the mother is to stand beside her record.

    Raises:
        ExtractError: If a table cannot be read to its end, or the corrections cannot be tried.
    """
    try:
        return _fix_list(submission, rules, schemes, nhs_numbers)
    except POLARS_FAILED as error:
        raise ExtractError(
            f"What to correct in {submission.name} cannot be told ({type(error).__name__}).",
            hint="Audit the extract first: msds-audit check says what is wrong with its tables.",
        ) from None


def _fix_list(
    submission: Submission, rules: Rules, schemes: Sequence[Scheme], nhs_numbers: bool
) -> FixList:
    audited = audit(submission, rules)
    asked = asked_of(schemes, rules, audited)
    records = Records(submission, rules.spec)
    owners = Owners(records, nhs_numbers=nhs_numbers)
    failing = {
        id: _failing(subject, records)
        for id, subject in {one.subject.id: one.subject for one in asked}.items()
        if tally_of(subject, audited).failures
    }
    wanted = {one.subject.id for one in asked if one.outcome is Outcome.NOT_MET}
    trial = tried(records, [one for id, one in failing.items() if id in wanted])
    found = _Found(records)
    for one in asked:
        if one.criterion.threshold is not None and one.subject.id in failing:
            found.of_criterion(one, failing[one.subject.id])
    for rule in _failed(rules, audited):
        found.of_rule(rule, _failing(rule, records), _rejecting(rule, schemes))
    gains = _gains(asked, failing, trial, found, rules)
    teaching = where_to_teach(asked, failing, records, owners)
    return FixList(
        provider=submission.provider,
        provider_name=rules.providers.get(submission.provider, ""),
        period=submission.period,
        corrections=found.corrections(owners),
        gains=tuple(gains),
        criteria={one.id: title_of(one, rules) for one in different(schemes)},
        not_listed=tuple(_not_listed(schemes, rules, audited)),
        teaching=teaching,
        telling=most_telling(teaching),
    )


# --- who fails -----------------------------------------------------------------------------


def _failing(declared: Measure | Rule, records: Records) -> Failing:
    finder = Finder(declared, records)
    return Failing(declared, finder, finder.failures())


def _failed(rules: Rules, audited: Audited) -> list[Rule]:
    """The rules that records fail. What only names damage is about values told otherwise too."""
    return [
        rule
        for rule in rules.records.values()
        if rule.damage is None
        and rule.occurs is None
        and rule.effect in _OF_RULES
        and audited.rules[rule.id].assessed
        and audited.rules[rule.id].failures
    ]


def _rejecting(rule: Rule, schemes: Sequence[Scheme]) -> list[str]:
    """The criteria about acceptance that records failing this rule count against."""
    counts = {Count.RECORDS} if rule.effect in REJECTING_RECORDS else set()
    if rule.effect is Effect.REJECTS_PATIENT:
        counts.add(Count.PATIENTS)
    return [one.id for one in different(schemes) if one.counts in counts]


# --- corrections --------------------------------------------------------------------------


@dataclass
class _Draft:
    """What is gathered about one slot."""

    problem: Problem
    weight: Weight
    wrong: dict[str, None] = field(default_factory=dict)
    to_do: dict[str, None] = field(default_factory=dict)
    criteria: dict[str, None] = field(default_factory=dict)
    needed_for: dict[str, None] = field(default_factory=dict)
    things: set[str] = field(default_factory=set)


class _Found:
    """Every slot that is to be put right, with all that it counts towards."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._drafts: dict[Slot, _Draft] = {}

    def of_criterion(self, asked: Asked, failing: Failing) -> None:
        """Add those who fail what a criterion rests on."""
        weight = _OF_OUTCOMES.get(asked.outcome, Weight.WARNING)
        for failure in failing.correctable.values():
            for problem in failure.problems:
                draft = self._draft(problem, weight, failing.declared)
                draft.criteria[asked.criterion.id] = None
                draft.things.add(failing.declared.id)

    def of_rule(self, rule: Rule, failing: Failing, criteria: Iterable[str]) -> None:
        """Add the records that fail a rule."""
        for failure in failing.people.values():
            for problem in failure.problems:
                draft = self._draft(problem, _OF_RULES[rule.effect], rule)
                draft.criteria |= dict.fromkeys(criteria)
                draft.things.add(rule.id)

    def _draft(self, problem: Problem, weight: Weight, declared: Measure | Rule) -> _Draft:
        draft = self._drafts.setdefault(problem.slot, _Draft(problem, weight))
        draft.weight = min(draft.weight, weight)
        if problem.wrong:
            draft.wrong[problem.wrong] = None
        if isinstance(declared, Rule):
            draft.wrong[f"this should be so and is not: {declared.title}"] = None
        elif not problem.wrong:
            draft.wrong[f"it does not count for: {declared.title}"] = None
        if declared.fix:
            draft.to_do[declared.fix] = None
        return draft

    def worth(self, slots: Iterable[Slot]) -> int:
        """How many things these slots mend."""
        return sum(len(self._drafts[slot].things) for slot in slots)

    def needed(self, slots: Iterable[Slot], gain: Gain) -> None:
        """These are what a gain is reckoned with; they come first if it is over the line."""
        for slot in slots:
            self._drafts[slot].needed_for |= dict.fromkeys(gain.criteria)
            if gain.reaches:
                self._drafts[slot].weight = Weight.OVER_THE_LINE

    def corrections(self, owners: Owners) -> tuple[Correction, ...]:
        """Every correction, those about one woman together, those that gain most first."""
        made = [self._made(slot, draft, owners) for slot, draft in self._drafts.items()]
        groups: dict[tuple[str, ...], list[Correction]] = {}
        for number, one in enumerate(made):
            named = (one.whose.mother,) if one.whose.mother else (one.whose.baby, str(number))
            groups.setdefault(named, []).append(one)
        for group in groups.values():
            group.sort(key=_gain_first)
        ordered = sorted(groups.items(), key=lambda found: (*_gain_first(found[1][0]), found[0]))
        return tuple(one for _, group in ordered for one in group)

    def _made(self, slot: Slot, draft: _Draft, owners: Owners) -> Correction:
        return Correction(
            weight=draft.weight,
            whose=owners.of(slot.table, slot.row, draft.problem.base),
            table=slot.table,
            items=slot.items,
            record=slot.row + 1 if slot.row is not None else 0,
            wrong="; ".join(draft.wrong),
            to_do=" ".join(draft.to_do),
            criteria=tuple(draft.criteria),
            needed_for=tuple(draft.needed_for),
            mends=len(draft.things),
        )


def _gain_first(one: Correction) -> tuple[int, int, str, int, tuple[str, ...]]:
    return int(one.weight), -one.mends, one.table, one.record, one.items


# --- gains --------------------------------------------------------------------------------


def _gains(
    asked: Sequence[Asked],
    failing: Mapping[str, Failing],
    trial: Trial,
    found: _Found,
    rules: Rules,
) -> list[Gain]:
    """What corrections make of every criterion that is not met; those that ask the same, once."""
    alike: dict[tuple[str, Decimal], list[Asked]] = {}
    for one in asked:
        if one.outcome is Outcome.NOT_MET and one.criterion.threshold is not None:
            alike.setdefault((one.subject.id, one.criterion.threshold), []).append(one)
    reckoned = _reckoned_by(asked, rules)
    gains = []
    for (id, _), same in alike.items():
        gain, slots = _gain(same, failing[id], trial, found, asked, reckoned)
        gains.append(gain)
        found.needed(slots, gain)
    return sorted(gains, key=lambda gain: (not gain.reaches, gain.needed, gain.criteria))


def _reckoned_by(asked: Sequence[Asked], rules: Rules) -> Rules:
    """The rules without those that no criterion asks for: all that a trial has to count."""
    ids = {one.subject.id for one in asked}
    return replace(
        rules,
        records={id: one for id, one in rules.records.items() if id in ids},
        measures={id: one for id, one in rules.measures.items() if id in ids},
        schemes={},
        indicators={},
    )


def _gain(
    same: Sequence[Asked],
    failing: Failing,
    trial: Trial,
    found: _Found,
    asked: Sequence[Asked],
    rules: Rules,
) -> tuple[Gain, set[Slot]]:
    """What is gained, and the slots that do it: as few people as it takes, the best first."""
    one = same[0]
    threshold = one.criterion.threshold or Decimal(0)
    order = _in_order(failing, trial, found)
    needed, tally = 0, one.tally
    after: Audited | None = None
    slots: set[Slot] = set()
    while _short_of(tally, threshold) > 0 and needed < len(order):
        needed = min(len(order), needed + _short_of(tally, threshold))
        slots = {slot for who in order[:needed] for slot in _slots(failing, who)}
        after = audit(trial.submission(slots), rules)
        tally = tally_of(one.subject, after)
    gain = Gain(
        criteria=tuple(dict.fromkeys(other.criterion.id for other in same)),
        title=one.title,
        unit=one.unit,
        threshold=threshold,
        before=_share(one.tally),
        correctable=len(failing.correctable),
        needed=needed,
        after=_share(tally),
        undetermined=tally.undetermined,
        reaches=outcome_of(one.criterion, tally) is Outcome.MET,
        declined=failing.declined,
        unsure=len(failing.correctable) - len(order),
        touched=_touched(same, asked, after) if after is not None else (),
    )
    return gain, slots


def _in_order(failing: Failing, trial: Trial, found: _Found) -> list[Who]:
    """Those who pass once corrected: who takes fewest corrections that mend most first."""
    passing = trial.passing[failing.declared.id]

    def key(who: Who) -> tuple[int, int, str]:
        slots = _slots(failing, who)
        return len(slots), -found.worth(slots), str(who)

    return sorted(passing, key=key)


def _slots(failing: Failing, who: Who) -> list[Slot]:
    return [problem.slot for problem in failing.people[who].problems]


def _short_of(tally: Tally, threshold: Decimal) -> int:
    return short_of(threshold, tally.numerator, tally.denominator, tally.undetermined)


def _share(tally: Tally) -> Share:
    return Share(tally.numerator, tally.denominator)


def _touched(same: Sequence[Asked], asked: Sequence[Asked], after: Audited) -> tuple[Touched, ...]:
    own = {one.criterion.id for one in same}
    found = []
    for one in asked:
        before, now = _share(one.tally), _share(tally_of(one.subject, after))
        if one.criterion.id not in own and before != now:
            found.append(Touched(one.criterion.id, one.title, before, now))
    return tuple(found)


def _not_listed(schemes: Sequence[Scheme], rules: Rules, audited: Audited) -> list[str]:
    """What is asked for and is not on the list, or not reckoned, and why."""
    told: dict[str, None] = {}
    rejecting = any(rule.effect in REJECTING_RECORDS for rule in _failed(rules, audited))
    for one in different(schemes):
        subject = subject_of(one, rules)
        if one.counts is not None and one.threshold is not None:
            if rejecting:
                told[
                    "Acceptance: records that would be rejected are on the list; what correcting "
                    "them makes of the whole is not forecast."
                ] = None
        elif one.subject in rules.indicators or one.cqims or one.dqmi:
            told["National indicators and the maturity index are not on this list."] = None
        elif subject is not None and one.threshold is not None:
            tally = tally_of(subject, audited)
            if not tally.assessed:
                told[f"{one.id} is not assessed: {tally.reason}."] = None
            elif outcome_of(one, tally) is Outcome.NOT_ASSESSED:
                told[f"{one.id} is not assessed: it is open who belongs to it."] = None
    return list(told)
