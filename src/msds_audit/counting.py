"""Counts everything in one table that is held: rules, measures and the classes of its items.

And it finds the rows that are rejected, while what is needed for that is at hand. What is to be
counted, and how, is said by a plan; here it is run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeGuard

import polars as pl

from msds_audit.beside import beside_held
from msds_audit.extract import POLARS_FAILED
from msds_audit.failing_rows import ROW, fails
from msds_audit.holding import HeldSubmission, HeldTable, unreadable
from msds_audit.keys import PLACE, PLACES
from msds_audit.plans import Plan, hides_damage, plan_of, several_rows, word_of
from msds_audit.relations import of_submission
from msds_audit.rule import REJECTING_RECORDS, Declared, Rule
from msds_audit.scorecard import ItemTally, Tally
from msds_audit.spec import Spec, Table


@dataclass(frozen=True)
class Counts:
    """The counts of one table; `filled` are the rows that are not wholly blank."""

    rows: int
    filled: int
    items: tuple[ItemTally, ...]
    tallies: Mapping[str, Tally]


Rejecting: TypeAlias = pl.DataFrame | str
"""The rows of a table that fail a rule that rejects them, with a column `fails` of each such rule
that some row fails, and their places (`ROW`) in order; or why that could not be worked out."""


def counted(
    held: HeldSubmission, spec: Spec, table: Table, declared: Sequence[Declared]
) -> tuple[Counts, Rejecting]:
    """Count everything in one table. A rule or measure whose check fails is told as such.

    Rules that name damage to what words are not enough for are left to a second pass, over the
    items that may hold some.

    Args:
        held: The submission.
        spec: The specification.
        table: The table.
        declared: Rules about its rows, and measures, all of which can be judged.

    Raises:
        ExtractError: If its items cannot be classed.
    """
    present = held.tables[table.name].items
    if held.tables[table.name].frame.is_empty():
        items = (item for item in table.items if item.name in present)
        nothing = tuple(ItemTally(item.table, item.name, item.uid) for item in items)
        return Counts(rows=0, filled=0, items=nothing, tallies={}), _NONE
    one = _OneTable(held, spec, table)
    later = {
        rule.id: rule
        for rule in declared
        if isinstance(rule, Rule) and rule.damage is not None and not word_of(rule, table)
    }
    now = [rule for rule in declared if rule.id not in later]
    ran = one.run(now, items=True)
    counts, row = one.counts(ran), ran.row
    suspect = {
        tally.item for tally in counts.items if tally.invalid or row.get(hides_damage(tally.item))
    }
    recorded = {tally.item: tally.rows - tally.missing for tally in counts.items}
    tallies = {id: Tally(recorded[rule.about], recorded[rule.about]) for id, rule in later.items()}
    looked_at = [rule for rule in later.values() if rule.about in suspect]
    if looked_at:
        tallies |= one.counts(one.run(looked_at, items=False)).tallies
    rejecting = one.rejecting(ran, [rule for rule in now if _rejects(rule, counts.tallies)])
    return replace(counts, tallies={**counts.tallies, **tallies}), rejecting


_NONE = pl.DataFrame(schema={ROW: PLACES})


def _rejects(declared: Declared, tallies: Mapping[str, Tally]) -> TypeGuard[Rule]:
    """Whether this is a rule that rejects records, and rejects some."""
    is_rejecting = isinstance(declared, Rule) and declared.effect in REJECTING_RECORDS
    return is_rejecting and bool(tallies[declared.id].failures)


@dataclass(frozen=True)
class _Judged:
    """What holds of the words and of the rows of a table, as its plan has them."""

    words: pl.DataFrame
    rows: pl.DataFrame


@dataclass(frozen=True)
class _Run:
    """The one row of a plan and why any rule failed; `judged` unless one of them did."""

    plan: Plan
    row: Mapping[str, int]
    failed: Mapping[str, str]
    judged: _Judged | None


@dataclass(frozen=True)
class _OneTable:
    whole: HeldSubmission
    spec: Spec
    table: Table

    @property
    def held(self) -> HeldTable:
        """The table."""
        return self.whole.tables[self.table.name]

    def counts(self, ran: _Run) -> Counts:
        """What the row of a plan says."""
        plan, row = ran.plan, ran.row

        def tally(id: str) -> Tally:
            if id in ran.failed:
                return Tally(reason=ran.failed[id])
            applies = row[f"{id} applies"]
            if id not in plan.measures:
                return Tally(applies, row[f"{id} passes"])
            numerator = applies - row[f"{id} fails"]
            return Tally(applies, numerator, undetermined=row[f"{id} may apply"] - applies)

        return Counts(
            rows=self.held.frame.height,
            filled=self.held.filled,
            items=tuple(
                ItemTally(
                    item.table,
                    item.name,
                    item.uid,
                    valid=row[f"{item.name} V"],
                    other=row[f"{item.name} O"],
                    default=row[f"{item.name} D"],
                    invalid=row[f"{item.name} I"],
                    missing=row[f"{item.name} M"],
                )
                for item in plan.items
            ),
            tallies={id: tally(id) for id in [*plan.of_words, *plan.rules, *plan.measures]},
        )

    def run(self, declared: Sequence[Declared], *, items: bool) -> _Run:
        """Count these rules and measures; where that fails, each by itself, to tell which does."""
        plan = self._plan(declared, items=items)
        try:
            judged = self._judged(plan, declared)
            return _Run(plan, self._row(plan, judged), {}, judged)
        except POLARS_FAILED:
            return _Run(plan, *self._one_by_one(declared), None)

    def rejecting(self, ran: _Run, rules: Sequence[Rule]) -> Rejecting:
        """The rows that fail any of these rules, which have been run."""
        if not rules:
            return _NONE
        try:
            plan, judged = ran.plan, ran.judged
            if judged is None:
                plan = self._plan(rules, items=False)
                judged = self._judged(plan, rules)
            rows = self.held.frame.with_columns(judged.rows.get_columns()).lazy()
            failing = rows.select(plan.failing(rules, judged.words)).with_row_index(ROW)
            return failing.filter(pl.any_horizontal(map(fails, rules))).collect()
        except POLARS_FAILED as error:
            return failed(error)

    def _plan(self, declared: Sequence[Declared], *, items: bool) -> Plan:
        present = frozenset(self.held.items)
        return plan_of(tuple(declared), self.table, present, items=items)

    def _judged(self, plan: Plan, declared: Sequence[Declared]) -> _Judged:
        given = self.held.words.lazy().with_columns(of_submission(self.whole.given))
        words = plan.judging_words(given).collect()
        if not plan.needs_rows:
            return _Judged(words, pl.DataFrame())
        by_rows = [one for one in declared if one.id not in plan.of_words]
        rows = beside_held(self.whole, self.spec, self.table.name, by_rows)
        several = {
            keys: plan.repeated(self._alike(plan, keys), keys).collect() for keys in plan.keys
        }
        return _Judged(words, plan.judging_rows(rows, words, several).collect())

    def _alike(self, plan: Plan, keys: tuple[str, ...]) -> pl.LazyFrame:
        """The text of rows among which are all that have the same of these keys as others."""
        text = self.held.text.select(keys)
        for key in keys:
            if (key,) in plan.keys:
                return text.select(pl.all().gather(self.held.keys(key).sharing[PLACE]))
        return text

    def _row(self, plan: Plan, judged: _Judged) -> dict[str, int]:
        row: dict[str, int] = {}
        if plan.needs_words:
            row |= plan.counting_words(judged.words.lazy()).collect().row(0, named=True)
        if plan.needs_rows:
            row |= plan.counting_rows(judged.rows.lazy()).collect().row(0, named=True)
        for key in plan.people:
            if row[several_rows((key,))]:
                people = plan.counting_people(judged.rows.lazy(), key).collect()
                more = people.row(0, named=True)
                row |= {name: row[name] + number for name, number in more.items()}
        return row

    def _one_by_one(
        self, declared: Sequence[Declared]
    ) -> tuple[Mapping[str, int], Mapping[str, str]]:
        """The text of Polars' own errors may hold a row, so it goes no further than here."""
        reasons: dict[str, str] = {}
        try:
            row = self._alone((), items=True)
        except POLARS_FAILED as error:
            raise unreadable(self.table, error) from None
        for one in declared:
            try:
                row |= self._alone((one,), items=False)
            except POLARS_FAILED as error:
                reasons[one.id] = failed(error)
        return row, reasons

    def _alone(self, declared: Sequence[Declared], *, items: bool) -> dict[str, int]:
        plan = self._plan(declared, items=items)
        return self._row(plan, self._judged(plan, declared))


def failed(error: BaseException) -> str:
    """What is said where a check itself fails."""
    return f"the check itself failed ({type(error).__name__})"
