"""What corrections did to an extract, as plain data: two scorecards and what moved between them.

Counts, ids and words only: nothing here may hold a value that could identify somebody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from msds_audit.extract import Period
from msds_audit.rule import REJECTING, Count, Effect
from msds_audit.scorecard import CriterionResult, Outcome, RuleResult, Scorecard

_ACCEPTED = (Count.FILE, Count.PATIENTS, Count.RECORDS)

MOST_LOST = 2
"""Where not one in so many records is found again, identifiers were probably changed."""


@dataclass(frozen=True, slots=True)
class Movement:
    """What became of those who fail one rule or measure: records, or people.

    Of those who failed before, `fixed` pass now, `unasked` are there and it is no longer asked of
    them, `gone` are no longer there, and `persisting` fail still. Of those who fail now,
    `new_in_old` were there before and did not fail, and `new_in_added` were not there. Of the
    `untold` it cannot be told: nobody knows which record they are in the other extract, or the
    rule could not be judged there. `total` are all who failed and all who fail where counts were
    rounded, so that they need not add up.
    """

    fixed: int = 0
    unasked: int = 0
    gone: int = 0
    untold_before: int = 0
    persisting: int = 0
    new_in_old: int = 0
    new_in_added: int = 0
    untold_now: int = 0
    total: tuple[int, int] | None = None

    @property
    def before(self) -> int:
        """All who failed before."""
        if self.total is not None:
            return self.total[0]
        return self.fixed + self.unasked + self.gone + self.untold_before + self.persisting

    @property
    def now(self) -> int:
        """All who fail now."""
        if self.total is not None:
            return self.total[1]
        return self.persisting + self.new_in_old + self.new_in_added + self.untold_now

    @property
    def has_new(self) -> bool:
        """Whether anybody fails who did not fail before, as far as can be told."""
        return bool(self.new_in_old or self.new_in_added or self.untold_now > self.untold_before)

    @property
    def is_still(self) -> bool:
        """Whether the same fail as before."""
        parts = (self.fixed, self.unasked, self.gone, self.untold_before)
        return not any((*parts, self.new_in_old, self.new_in_added, self.untold_now))

    def __add__(self, other: Movement) -> Movement:
        return Movement(*(getattr(self, name) + getattr(other, name) for name in _MOVED))


_MOVED = (
    *("fixed", "unasked", "gone", "untold_before"),
    *("persisting", "new_in_old", "new_in_added", "untold_now"),
)


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of the records of one table, or of all.

    `same` are in both extracts as they were, `changed` in both with another value, `gone` and
    `added` in one alone. The `untold` cannot be followed. `key` is the item that tells them apart;
    empty where there is none. `total` are all that there were and all that there are where counts
    were rounded.
    """

    table: str
    key: str
    same: int = 0
    changed: int = 0
    gone: int = 0
    untold_before: int = 0
    added: int = 0
    untold_now: int = 0
    total: tuple[int, int] | None = None

    @property
    def before(self) -> int:
        """The records that there were."""
        if self.total is not None:
            return self.total[0]
        return self.same + self.changed + self.gone + self.untold_before

    @property
    def now(self) -> int:
        """The records that there are."""
        if self.total is not None:
            return self.total[1]
        return self.same + self.changed + self.added + self.untold_now

    @property
    def is_lost(self) -> bool:
        """Whether so few are found again that their identifiers were probably changed."""
        found = self.same + self.changed
        return bool(self.key) and found * MOST_LOST < min(self.before, self.now)

    def __add__(self, other: Followed) -> Followed:
        return Followed(
            self.table,
            self.key,
            *(getattr(self, name) + getattr(other, name) for name in _FOLLOWED),
        )


_FOLLOWED = ("same", "changed", "gone", "untold_before", "added", "untold_now")


class Turn(IntEnum):
    """What became of a criterion, in the order in which it is told."""

    LOST = 1
    UNTOLD = 2
    GAINED = 3
    TOLD = 4
    MOVED = 5
    SAME = 6


def turn_of(before: CriterionResult, now: CriterionResult) -> Turn:
    """What became of a criterion: met or told no longer, now met or told, or other numbers."""
    if before.outcome is now.outcome:
        return Turn.SAME if _numbers(before) == _numbers(now) else Turn.MOVED
    if now.outcome is Outcome.MET:
        return Turn.GAINED
    if before.tells and not now.tells:
        return Turn.UNTOLD
    if before.outcome is Outcome.MET:
        return Turn.LOST
    return Turn.TOLD if now.tells else Turn.MOVED


def _numbers(result: CriterionResult) -> tuple[object, ...]:
    """The numbers that a criterion is about; of values named, not how many were looked at."""
    if result.counts is not None and result.threshold is None:
        return (result.numerator,)
    counted = (result.numerator, result.denominator, result.undetermined)
    return (*counted, result.indicator.rate if result.indicator is not None else "")


@dataclass(frozen=True, slots=True)
class Change:
    """A criterion before and now. `people` is what became of those who fail it, where known."""

    before: CriterionResult
    now: CriterionResult
    people: Movement | None

    @property
    def turn(self) -> Turn:
        """What became of it."""
        return turn_of(self.before, self.now)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that some record fails, before or now."""

    before: RuleResult
    now: RuleResult
    records: Movement


@dataclass(frozen=True)
class Comparison:
    """One submission before and now.

    Both cards were judged by the same rules and schemes. `records` are those of all `tables`.
    `people` are by criterion (scheme and id), `rules` by id: those that some record fails, before
    or now. `findings` are those of all rules: one record failing one rule. `was_worse` is whether
    it was worse before counts were rounded.
    """

    before: Scorecard
    now: Scorecard
    tables: tuple[Followed, ...]
    records: Followed
    people: Mapping[tuple[str, str], Movement]
    rules: Mapping[str, Movement]
    findings: Movement
    was_worse: bool | None = None

    @property
    def is_same_month(self) -> bool:
        """Whether both are of one month, so that records are the same by nature."""
        return self.before.period == self.now.period

    @property
    def changes(self) -> list[Change]:
        """Every criterion, as the schemes have them."""
        before = {(one.scheme, one.criterion): one for one in self.before.results}
        return [
            Change(before[key], now, self.people.get(key))
            for now in self.now.results
            if (key := (now.scheme, now.criterion)) in before
        ]

    @property
    def rule_changes(self) -> list[RuleChange]:
        """Every rule that some record fails: the gravest effect first, most new, most fixed."""
        before = {one.rule: one for one in self.before.rules}
        found = [
            RuleChange(before[now.rule], now, self.rules[now.rule])
            for now in self.now.rules
            if now.rule in self.rules
        ]
        return sorted(found, key=_gravity)

    @property
    def is_worse(self) -> bool:
        """Whether a criterion is no longer met or told, or something new would be rejected.

        So it is where it can no longer be told what would be rejected, or a rule that was judged
        is not judged any more.
        """
        if self.was_worse is not None:
            return self.was_worse
        if any(one.turn in (Turn.LOST, Turn.UNTOLD) for one in self.changes):
            return True
        before, now = self.before.acceptance, self.now.acceptance
        if any(before[count].assessed and not now[count].assessed for count in _ACCEPTED):
            return True
        judged = {one.rule for one in self.before.rules if one.tally.assessed}
        if any(one.rule in judged and not one.tally.assessed for one in self.now.rules):
            return True
        return any(one.records.has_new for one in self.rule_changes if one.now.effect in REJECTING)


def _gravity(one: RuleChange) -> tuple[int, int, int, str]:
    moved = one.records
    new = moved.new_in_old + moved.new_in_added
    return list(Effect).index(one.now.effect), -new, -moved.fixed, one.now.rule


@dataclass(frozen=True, slots=True)
class Unpaired:
    """A submission that only one of two extracts holds."""

    provider: str
    provider_name: str
    period: Period


@dataclass(frozen=True)
class Compared:
    """Two extracts, submission by submission: those in both, worst first, and the others."""

    comparisons: tuple[Comparison, ...]
    only_before: tuple[Unpaired, ...]
    only_now: tuple[Unpaired, ...]

    @property
    def is_worse(self) -> bool:
        """Whether anything is worse, or could not be compared."""
        alone = self.only_before or self.only_now
        return bool(alone) or any(one.is_worse for one in self.comparisons)
