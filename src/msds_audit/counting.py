"""Counts everything in one table that is held: rules, measures and the classes of its items.

What is to be counted, and how, is said by a plan; here it is run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from msds_audit.extract import POLARS_FAILED
from msds_audit.holding import HeldSubmission, HeldTable, unreadable
from msds_audit.plans import Plan, hides_damage, plan_of, several_rows, word_of
from msds_audit.relations import beside_held, of_submission
from msds_audit.rule import Declared, Rule
from msds_audit.scorecard import ItemTally, Tally
from msds_audit.spec import Spec, Table


@dataclass(frozen=True)
class Counts:
    """The counts of one table; `filled` are the rows that are not wholly blank."""

    rows: int
    filled: int
    items: tuple[ItemTally, ...]
    tallies: Mapping[str, Tally]


def counted(held: HeldSubmission, spec: Spec, table: Table, declared: Sequence[Declared]) -> Counts:
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
    frame = held.tables[table.name].frame
    if frame.is_empty():
        items = (item for item in table.items if item.name in frame.columns)
        nothing = tuple(ItemTally(item.table, item.name, item.uid) for item in items)
        return Counts(rows=0, filled=0, items=nothing, tallies={})
    one = _OneTable(held, spec, table)
    later = {
        rule.id: rule
        for rule in declared
        if isinstance(rule, Rule) and rule.damage is not None and not word_of(rule, table)
    }
    plan, row, failed = one.run([rule for rule in declared if rule.id not in later], items=True)
    counts = one.counts(plan, row, failed)
    suspect = {
        tally.item for tally in counts.items if tally.invalid or row.get(hides_damage(tally.item))
    }
    recorded = {tally.item: tally.rows - tally.missing for tally in counts.items}
    tallies = {id: Tally(recorded[rule.about], recorded[rule.about]) for id, rule in later.items()}
    looked_at = [rule for rule in later.values() if rule.about in suspect]
    if looked_at:
        tallies |= one.counts(*one.run(looked_at, items=False)).tallies
    return replace(counts, tallies={**counts.tallies, **tallies})


def rows_failing(
    held: HeldSubmission,
    spec: Spec,
    table: Table,
    rules: Sequence[Rule],
    kept: Iterable[pl.Expr],
) -> pl.LazyFrame:
    """Every row of a table in its order, with a column `fails` of each rule.

    The arguments are those of `counted`; `kept` are columns to add that are read from the text of
    a row, before it becomes values.
    """
    return _OneTable(held, spec, table).failing(rules, kept)


@dataclass(frozen=True)
class _OneTable:
    whole: HeldSubmission
    spec: Spec
    table: Table

    @property
    def held(self) -> HeldTable:
        """The table."""
        return self.whole.tables[self.table.name]

    def counts(self, plan: Plan, row: Mapping[str, int], failed: Mapping[str, str]) -> Counts:
        """What the row of a plan says."""

        def tally(id: str) -> Tally:
            if id in failed:
                return Tally(reason=failed[id])
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

    def run(
        self, declared: Sequence[Declared], *, items: bool
    ) -> tuple[Plan, Mapping[str, int], Mapping[str, str]]:
        """The plan for these rules and measures, its one row, and why any of them failed.

        Where that fails, each is run by itself to find out which is to blame.
        """
        plan = self._plan(declared, items=items)
        try:
            return plan, self._row(plan, declared), {}
        except POLARS_FAILED:
            return plan, *self._one_by_one(declared)

    def _plan(self, declared: Sequence[Declared], *, items: bool) -> Plan:
        present = frozenset(self.held.frame.columns)
        return plan_of(tuple(declared), self.table, present, items=items)

    def failing(self, rules: Sequence[Rule], kept: Iterable[pl.Expr]) -> pl.LazyFrame:
        """Every row with what is kept of its text, and whether it fails each of these rules."""
        plan = self._plan(rules, items=False)
        context = self._context(plan, rules).with_columns(kept)
        return plan.failing(self.held.text, context, self._judged(plan))

    def _judged(self, plan: Plan) -> pl.DataFrame:
        words = self.held.words.lazy().with_columns(of_submission(self.whole.texts))
        return plan.judging(words).collect()

    def _context(self, plan: Plan, declared: Sequence[Declared]) -> pl.LazyFrame:
        by_rows = [one for one in declared if one.id not in plan.of_words]
        return beside_held(self.whole, self.spec, self.table.name, by_rows)

    def _row(self, plan: Plan, declared: Sequence[Declared]) -> dict[str, int]:
        judged = self._judged(plan)
        row = plan.counting_words(judged.lazy()).collect().row(0, named=True)
        if not plan.needs_rows:
            return row
        context = self._context(plan, declared)
        base = self.held.text
        row |= plan.counting(base, context, judged).collect().row(0, named=True)
        for key in plan.people:
            if row[several_rows((key,))]:
                people = plan.counting_people(base, context, judged, key)
                more = people.collect().row(0, named=True)
                row |= {name: row[name] + number for name, number in more.items()}
        return row

    def _one_by_one(
        self, declared: Sequence[Declared]
    ) -> tuple[Mapping[str, int], Mapping[str, str]]:
        """The text of Polars' own errors may hold a row, so it goes no further than here."""
        failed: dict[str, str] = {}
        try:
            row = self._row(self._plan((), items=True), ())
        except POLARS_FAILED as error:
            raise unreadable(self.table, error) from None
        for one in declared:
            try:
                row |= self._row(self._plan((one,), items=False), (one,))
            except POLARS_FAILED as error:
                failed[one.id] = f"the check itself failed ({type(error).__name__})"
        return row, failed
