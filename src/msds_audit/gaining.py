"""What corrections make of the criteria that are not met, counted by trying them.

A goal is what several criteria ask alike; a gain is what the corrections make of it and of the
other criteria.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from msds_audit.acceptance import deciding
from msds_audit.asking import Asked, tally_of
from msds_audit.audit import audit
from msds_audit.records import Failure, Problem, Slot
from msds_audit.rule import Count, Rules
from msds_audit.scorecard import Audited, Outcome, Tally, short_of
from msds_audit.scoring import outcome_of
from msds_audit.trying import Failing, Trial, Who
from msds_audit.worklist import Gain, Share, Touched


@dataclass(frozen=True)
class Goal:
    """Criteria that are not met and ask the same of the same, with everybody who fails them.

    `people` are told apart as what they rest on tells them; of acceptance each is a record.
    `passing` are those of them who pass once they are corrected.
    """

    same: Sequence[Asked]
    people: Mapping[Who, Failure]
    passing: Collection[Who]

    @cached_property
    def correctable(self) -> Collection[Who]:
        """Everybody of whom something is to be put right."""
        return [who for who, failure in self.people.items() if not failure.declined]

    def slots(self, people: Iterable[Who]) -> set[Slot]:
        """What is to be put right for these."""
        return {problem.slot for who in people for problem in self.people[who].problems}


def goals(asked: Sequence[Asked], failing: Mapping[str, Failing], trial: Trial) -> list[Goal]:
    """What corrections are to reach.

    Args:
        asked: Every criterion.
        failing: Who fails, by the id of the measure or rule.
        trial: All corrections, tried.
    """
    alike: dict[tuple[str, Decimal], list[Asked]] = {}
    for one in asked:
        if is_missed(one):
            threshold = one.criterion.threshold or Decimal(0)
            alike.setdefault((one.subject, threshold), []).append(one)
    return [_goal(same, failing, trial) for same in alike.values()]


def is_missed(one: Asked) -> bool:
    """Whether a criterion has a threshold and is not met."""
    return one.outcome is Outcome.NOT_MET and one.criterion.threshold is not None


def _goal(same: Sequence[Asked], failing: Mapping[str, Failing], trial: Trial) -> Goal:
    some = [failing[one.id] for one in same[0].rests_on if one.id in failing]
    if same[0].is_about_acceptance:
        return Goal(same, *_records(some, trial))
    [one] = some
    return Goal(same, one.people, trial.passing[one.declared.id])


def _records(some: Sequence[Failing], trial: Trial) -> tuple[dict[Who, Failure], set[Who]]:
    """The records that fail any of some rules, and those that fail none once corrected."""
    found: dict[Who, dict[Slot, None]] = {}
    left: set[Who] = set()
    problems: dict[Slot, Problem] = {}
    for one in some:
        for who, failure in one.people.items():
            record = f"{one.declared.table} {who}"
            problems |= {problem.slot: problem for problem in failure.problems}
            found.setdefault(record, {}).update(dict.fromkeys(one.slot for one in failure.problems))
            if who not in trial.passing[one.declared.id]:
                left.add(record)
    people: dict[Who, Failure] = {
        record: Failure(tuple(problems[slot] for slot in slots), declined=False)
        for record, slots in found.items()
    }
    return people, people.keys() - left


class Gains:
    """Counts what corrections make of goals and of every other criterion."""

    def __init__(self, asked: Sequence[Asked], trial: Trial, rules: Rules) -> None:
        self._asked = asked
        self._trial = trial
        self._rules = _reckoned_by(asked, rules)

    def of(self, goal: Goal, worth: Callable[[Collection[Slot]], int]) -> tuple[Gain, set[Slot]]:
        """What is gained, and the slots that do it.

        It takes as few people as it can, who take fewest corrections that mend most first; of
        acceptance, where a correction may save many records, it may take more than it must to
        reach a threshold below all.

        Args:
            goal: What to reach.
            worth: How many things some slots mend.
        """
        one = goal.same[0]
        threshold = one.criterion.threshold or Decimal(0)
        order = _in_order(goal, worth)
        needed, tally, after = 0, one.tally, None
        slots: set[Slot] = set()
        while tally.assessed and _short_of(tally, threshold) > 0 and needed < len(order):
            more = len(order) if threshold == 1 else _short_of(tally, threshold)
            needed = min(len(order), needed + more)
            slots = self._trial.tried(goal.slots(order[:needed]))
            after = audit(self._trial.submission(slots), self._rules)
            tally = tally_of(one.criterion, self._rules, after)
        gain = Gain(
            criteria=tuple(dict.fromkeys(other.criterion.id for other in goal.same)),
            title=one.title,
            unit=one.unit,
            by_record=one.is_about_acceptance,
            threshold=threshold,
            before=_share(one.tally),
            correctable=len(goal.correctable),
            needed=needed,
            after=_share(tally),
            undetermined=tally.undetermined,
            open_by=one.open_by,
            reason=tally.reason,
            reaches=outcome_of(one.criterion, tally) is Outcome.MET,
            declined=len(goal.people) - len(goal.correctable),
            unsure=len(goal.correctable) - len(order),
            of_file=one.criterion.counts is Count.FILE,
            touched=self._touched(goal, after) if after is not None else (),
        )
        return gain, slots

    def _touched(self, goal: Goal, after: Audited) -> tuple[Touched, ...]:
        own = {one.criterion.id for one in goal.same}
        alike: dict[str, list[Asked]] = {}
        for one in self._asked:
            if one.criterion.id not in own:
                alike.setdefault(one.subject, []).append(one)
        found = []
        for one, *others in alike.values():
            now = tally_of(one.criterion, self._rules, after)
            if _share(one.tally) != _share(now):
                criteria = dict.fromkeys(each.criterion.id for each in (one, *others))
                shares = _share(one.tally), _share(now)
                found.append(Touched(tuple(criteria), one.short_title, *shares, now.reason))
        return tuple(found)


def _reckoned_by(asked: Sequence[Asked], rules: Rules) -> Rules:
    """The rules without those that no criterion asks for: all that a trial has to count."""
    ids = {declared.id for one in asked for declared in one.rests_on}
    if any(one.is_about_acceptance for one in asked):
        ids |= {rule.id for count in (Count.FILE, Count.RECORDS) for rule in deciding(count, rules)}
    return replace(
        rules,
        records={id: one for id, one in rules.records.items() if id in ids},
        measures={id: one for id, one in rules.measures.items() if id in ids},
        schemes={},
        indicators={},
    )


def _in_order(goal: Goal, worth: Callable[[Collection[Slot]], int]) -> list[Who]:
    """Those who pass once corrected: who takes fewest corrections that mend most first."""

    def key(who: Who) -> tuple[int, int, str]:
        slots = goal.slots([who])
        return len(slots), -worth(slots), str(who)

    return sorted(set(goal.passing) & set(goal.correctable), key=key)


def _short_of(tally: Tally, threshold: Decimal) -> int:
    return short_of(threshold, tally.numerator, tally.denominator, tally.undetermined)


def _share(tally: Tally) -> Share:
    return Share(tally.numerator, tally.denominator)
