"""The records to correct, in the order that gains most, and what correcting them gains.

It goes through the measures and rules that criteria ask for and through the rules that records
fail. What a correction makes of a criterion is left to `gaining`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from msds_audit.acceptance import deciding
from msds_audit.asking import Asked, asked_of, different, subject_of, tally_of, title_of
from msds_audit.audit import audit
from msds_audit.errors import ExtractError
from msds_audit.extract import POLARS_FAILED, Submission
from msds_audit.failing import Finder, Problem, Records, Slot
from msds_audit.gaining import Gains, Goal, goals, is_missed
from msds_audit.owners import Owners
from msds_audit.rule import Count, Effect, Measure, Rule, Rules, Scheme
from msds_audit.scorecard import Audited, Outcome
from msds_audit.teaching import most_telling, where_to_teach
from msds_audit.trying import Failing, tried
from msds_audit.worklist import Correction, FixList, Gain, Weight

_OF_RULES = {
    Effect.REJECTS_FILE: Weight.FILE_REJECTED,
    Effect.REJECTS_PATIENT: Weight.REJECTED,
    Effect.REJECTS_RECORD: Weight.REJECTED,
    Effect.COUNTS_AS_INVALID: Weight.NOT_COUNTED,
    Effect.WARNING: Weight.WARNING,
}
_Order: TypeAlias = tuple[int, int, int, str, int, tuple[str, ...]]
"""By what corrections are put in order."""

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
    broken = _broken(rules, audited)
    failing = _failing([*_resting(asked), *broken], audited, records)
    wanted = [failing[id] for id in _wanted(asked) if id in failing]
    trial = tried(records, wanted, _resting(asked))
    found = _found(asked, failing, broken)
    gains = _gained(goals(asked, failing, trial), Gains(asked, trial, rules), found)
    teaching = where_to_teach(_judged_one_by_one(asked), failing, records, owners)
    return FixList(
        provider=submission.provider,
        provider_name=rules.providers.get(submission.provider, ""),
        period=submission.period,
        corrections=found.corrections(owners),
        gains=tuple(gains),
        criteria={one.id: title_of(one, rules) for one in different(schemes)},
        not_listed=tuple(_not_listed(schemes, rules, asked, audited)),
        teaching=teaching,
        telling=most_telling(teaching),
    )


# --- who fails -----------------------------------------------------------------------------


def _judged_one_by_one(asked: Iterable[Asked]) -> list[Asked]:
    """The criteria that rest on one measure or rule."""
    return [one for one in asked if not one.is_about_acceptance]


def _resting(asked: Iterable[Asked]) -> list[Measure | Rule]:
    """What criteria rest on that are judged one by one."""
    return [declared for one in _judged_one_by_one(asked) for declared in one.rests_on]


def _wanted(asked: Iterable[Asked]) -> list[str]:
    """What the criteria rest on that are not met, by id, once."""
    missed = (one for one in asked if is_missed(one))
    return list(dict.fromkeys(declared.id for one in missed for declared in one.rests_on))


def _failing(
    declared: Iterable[Measure | Rule], audited: Audited, records: Records
) -> dict[str, Failing]:
    """Who fails, of what somebody fails, by id."""
    counted = {**audited.rules, **audited.measures}
    found = {}
    for one in declared:
        if one.id not in found and counted[one.id].assessed and counted[one.id].failures:
            finder = Finder(one, records)
            found[one.id] = Failing(one, finder, finder.failures())
    return found


def _broken(rules: Rules, audited: Audited) -> list[Rule]:
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


# --- corrections --------------------------------------------------------------------------


@dataclass
class _Draft:
    """What is gathered about one slot."""

    problem: Problem
    weight: Weight
    rank: int = sys.maxsize
    wrong: dict[str, None] = field(default_factory=dict)
    to_do: dict[str, None] = field(default_factory=dict)
    criteria: dict[str, None] = field(default_factory=dict)
    needed_for: dict[str, None] = field(default_factory=dict)
    things: set[str] = field(default_factory=set)

    @property
    def order(self) -> _Order:
        """What gains most first."""
        slot = self.problem.slot
        place = slot.row if slot.row is not None else -1
        return int(self.weight), self.rank, -len(self.things), slot.table, place, slot.items


def _found(
    asked: Iterable[Asked], failing: Mapping[str, Failing], broken: Iterable[Rule]
) -> _Found:
    """All that is to be put right."""
    found = _Found()
    decided: dict[str, list[str]] = {}
    for one in asked:
        if one.is_about_acceptance:
            for declared in one.rests_on:
                decided.setdefault(declared.id, []).append(one.criterion.id)
        elif one.criterion.threshold is not None and one.subject in failing:
            found.of_criterion(one, failing[one.subject])
    for rule in broken:
        found.of_rule(rule, failing[rule.id], decided.get(rule.id, ()))
    return found


class _Found:
    """Every slot that is to be put right, with all that it counts towards."""

    def __init__(self) -> None:
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

    def needed(self, slots: Iterable[Slot], gain: Gain, rank: int) -> None:
        """These are what a gain is reckoned with; they come first if it is over the line.

        `rank` is the place of the gain among all.
        """
        for slot in slots:
            draft = self._drafts[slot]
            draft.needed_for |= dict.fromkeys(gain.criteria)
            if gain.reaches:
                draft.weight = min(draft.weight, Weight.OVER_THE_LINE)
                draft.rank = min(draft.rank, rank)

    def corrections(self, owners: Owners) -> tuple[Correction, ...]:
        """Every correction, those about one woman together, those that gain most first."""
        groups: dict[tuple[str, ...], list[tuple[_Order, Correction]]] = {}
        for number, draft in enumerate(self._drafts.values()):
            one = _made(draft, owners)
            named = (one.whose.mother,) if one.whose.mother else (one.whose.baby, str(number))
            groups.setdefault(named, []).append((draft.order, one))
        for group in groups.values():
            group.sort(key=lambda found: found[0])
        ordered = sorted(groups.items(), key=lambda found: (found[1][0][0], found[0]))
        return tuple(one for _, group in ordered for _, one in group)


def _made(draft: _Draft, owners: Owners) -> Correction:
    slot = draft.problem.slot
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


def _gained(wanted: Iterable[Goal], gains: Gains, found: _Found) -> list[Gain]:
    """What is gained: the whole file first, then what takes fewest corrections."""
    counted = [gains.of(goal, found.worth) for goal in wanted]
    counted.sort(key=lambda pair: _gain_first(pair[0]))
    for rank, (gain, slots) in enumerate(counted):
        found.needed(slots, gain, rank)
    return [gain for gain, _ in counted]


def _gain_first(gain: Gain) -> tuple[bool, bool, int, tuple[str, ...]]:
    return not gain.of_file, not gain.reaches, gain.needed, gain.criteria


# --- what is left out ---------------------------------------------------------------------


def _not_listed(
    schemes: Sequence[Scheme], rules: Rules, asked: Iterable[Asked], audited: Audited
) -> list[str]:
    """What is asked for and is not on the list, or not reckoned, and why."""
    told: dict[str, None] = {}
    counted = {one.criterion.id: one for one in asked}
    for criterion in different(schemes):
        if criterion.subject in rules.indicators or criterion.cqims or criterion.dqmi:
            told["National indicators and the maturity index are not on this list."] = None
        elif criterion.threshold is None:
            continue
        elif criterion.id in counted:
            if counted[criterion.id].outcome is Outcome.NOT_ASSESSED:
                told[f"{criterion.id} is not assessed: it is open who belongs to it."] = None
        elif criterion.counts is not None or subject_of(criterion, rules) is not None:
            reason = tally_of(criterion, rules, audited).reason
            told[f"{criterion.id} is not assessed: {reason}."] = None
    told |= dict.fromkeys(_of_tables(asked, rules, audited))
    return list(told)


def _of_tables(asked: Iterable[Asked], rules: Rules, audited: Audited) -> Iterator[str]:
    """Which tables stand in the way of a file as a whole: no record of theirs is on the list."""
    for one in asked:
        if one.criterion.counts is Count.FILE and is_missed(one):
            for rule in deciding(Count.FILE, rules):
                tally = audited.rules[rule.id]
                if rule.occurs is not None and tally.assessed and tally.failures:
                    told = f"{rule.fix.rstrip('.')} ({rule.id} asks: {rule.title})"
                    yield f"{one.criterion.id} takes more than this list. {told}."
