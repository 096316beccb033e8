"""Gathers what is to be put right, each item of a record once with all that it counts towards."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from msds_audit.asking import Asked
from msds_audit.extract import Period
from msds_audit.national_goals import NationalGoal
from msds_audit.owners import Owners
from msds_audit.records import Problem, Slot
from msds_audit.rule import Declared, Effect, Rule
from msds_audit.scorecard import Outcome
from msds_audit.trying import Failing
from msds_audit.worklist import Correction, Gain, Weight

OF_RULES = {
    Effect.REJECTS_FILE: Weight.FILE_REJECTED,
    Effect.REJECTS_PATIENT: Weight.REJECTED,
    Effect.REJECTS_RECORD: Weight.REJECTED,
    Effect.COUNTS_AS_INVALID: Weight.NOT_COUNTED,
    Effect.WARNING: Weight.WARNING,
}
"""How much it gains to mend what fails a rule."""

_OF_OUTCOMES = {
    Outcome.NOT_MET: Weight.NOT_MET,
    Outcome.NOT_ASSESSED: Weight.NOT_MET,
    Outcome.MET: Weight.MET,
}

_Order: TypeAlias = tuple[int, int, int, str, int, tuple[str, ...]]
"""By what corrections are put in order."""


@dataclass
class _Draft:
    """What is gathered about one slot."""

    problem: Problem
    weight: Weight
    rank: int = sys.maxsize
    wrong: dict[str, None] = field(default_factory=dict)
    broken: dict[str, None] = field(default_factory=dict)
    missed_by: dict[tuple[str, int], None] = field(default_factory=dict)
    to_do: dict[str, None] = field(default_factory=dict)
    criteria: dict[str, None] = field(default_factory=dict)
    needed_for: dict[str, None] = field(default_factory=dict)
    things: set[str] = field(default_factory=set)

    @property
    def told(self) -> str:
        """What is wrong: with the values, who misses a record, and which rules are broken."""
        return "; ".join([*self.wrong, *self._missed, *self._rules])

    @property
    def _missed(self) -> list[str]:
        """The records that miss this one, the first by its place."""
        if not self.missed_by:
            return []
        table, row = next(iter(self.missed_by))
        more = len(self.missed_by) - 1
        others = f" and {more:,} more record{'' if more == 1 else 's'}" if more else ""
        return [f"it is missed by record {row + 1:,} of {table[:6]}{others}"]

    @property
    def _rules(self) -> list[str]:
        """The rules that are broken, so that none can be read the other way round."""
        if not self.broken:
            return []
        so = (
            "this should be so and is not"
            if len(self.broken) == 1
            else "these should be so and are not"
        )
        return [f"{so}: {'; '.join(self.broken)}"]

    @property
    def order(self) -> _Order:
        """What gains most first."""
        slot = self.problem.slot
        place = slot.row if slot.row is not None else -1
        return int(self.weight), self.rank, -len(self.things), slot.table, place, slot.items


def gathered(
    asked: Sequence[Asked],
    failing: Mapping[str, Failing],
    broken: Iterable[Rule],
    national: Iterable[NationalGoal],
) -> Gathered:
    """All that is to be put right.

    Args:
        asked: Every criterion.
        failing: Who fails, by the id of the measure or rule.
        broken: The rules that records fail.
        national: The national measures that are not passed.
    """
    found = Gathered()
    decided: dict[str, list[str]] = {}
    for one in asked:
        if one.is_about_acceptance:
            for declared in one.rests_on:
                decided.setdefault(declared.id, []).append(one.criterion.id)
        elif one.criterion.threshold is not None and one.subject in failing:
            found.of_criterion(one, failing[one.subject])
    for rule in broken:
        found.of_rule(rule, failing[rule.id], decided.get(rule.id, ()))
    for goal in national:
        found.of_measure(goal)
    for one in asked:
        if one.criterion.threshold is not None and one.open_by:
            found.of_open(one)
    return found


class Gathered:
    """Every slot that is to be put right, with all that it counts towards."""

    def __init__(self) -> None:
        self._drafts: dict[Slot, _Draft] = {}

    def of_criterion(self, asked: Asked, failing: Failing) -> None:
        """Add those who fail what a criterion rests on."""
        weight = _OF_OUTCOMES[asked.outcome]
        for failure in failing.correctable.values():
            for problem in failure.problems:
                draft = self._draft(problem, weight, failing.declared)
                draft.criteria[asked.criterion.id] = None
                draft.things.add(failing.declared.id)

    def of_open(self, asked: Asked) -> None:
        """Let those count towards a criterion too of whom it is open whether they belong."""
        weight = _OF_OUTCOMES[asked.outcome]
        tables = {one.table for one in asked.rests_on}
        for slot, draft in self._drafts.items():
            unread = [word for word in draft.wrong if word.split()[0] in asked.open_by]
            if slot.table in tables and slot.sent is None and unread:
                draft.criteria[asked.criterion.id] = None
                draft.weight = min(draft.weight, weight)

    def of_measure(self, goal: NationalGoal) -> None:
        """Add those who fail a national measure."""
        for failure in goal.people.values():
            for problem in failure.problems:
                draft = self._draft(problem, Weight.NOT_MET, goal.indicator)
                draft.criteria |= dict.fromkeys(one.id for one in goal.criteria)
                draft.things.add(goal.indicator.id)

    def of_rule(self, rule: Rule, failing: Failing, criteria: Iterable[str]) -> None:
        """Add the records that fail a rule."""
        for failure in failing.people.values():
            for problem in failure.problems:
                draft = self._draft(problem, OF_RULES[rule.effect], rule)
                draft.criteria |= dict.fromkeys(criteria)
                draft.things.add(rule.id)

    def _draft(self, problem: Problem, weight: Weight, declared: Declared) -> _Draft:
        draft = self._drafts.setdefault(problem.slot, _Draft(problem, weight))
        draft.weight = min(draft.weight, weight)
        if problem.wrong:
            draft.wrong[problem.wrong] = None
        if problem.slot.row is None:
            draft.missed_by[problem.base] = None
        if isinstance(declared, Rule):
            draft.broken[declared.title] = None
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

    def corrections(self, owners: Mapping[Period, Owners], month: Period) -> tuple[Correction, ...]:
        """Every correction, those about one woman together, those that gain most first.

        Args:
            owners: Whose the records are that a month sent.
            month: The month that is reported.
        """
        groups: dict[tuple[str, ...], list[tuple[_Order, Correction]]] = {}
        for number, draft in enumerate(self._drafts.values()):
            one = _made(draft, owners, month)
            named = (one.whose.mother,) if one.whose.mother else (one.whose.baby, str(number))
            groups.setdefault(named, []).append((draft.order, one))
        for group in groups.values():
            group.sort(key=lambda found: found[0])
        ordered = sorted(groups.items(), key=lambda found: (found[1][0][0], found[0]))
        return tuple(one for _, group in ordered for _, one in group)


def _made(draft: _Draft, owners: Mapping[Period, Owners], month: Period) -> Correction:
    slot = draft.problem.slot
    sent = slot.sent or month
    return Correction(
        weight=draft.weight,
        whose=owners[sent].of(slot.table, slot.row, draft.problem.base),
        sent=sent,
        table=slot.table,
        items=slot.items,
        record=slot.row + 1 if slot.row is not None else 0,
        wrong=draft.told,
        to_do=" ".join(draft.to_do),
        criteria=tuple(draft.criteria),
        needed_for=tuple(draft.needed_for),
        mends=len(draft.things),
    )
