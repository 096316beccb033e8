"""What is to be counted in one table: every rule, every measure and the classes of every item.

A plan depends on the rules and on which columns there are, never on what stands in them. It is
compiled once and serves every submission that has the same columns; running it is left to
`audit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import polars as pl

from msds_audit.checks import VODIM, RowCheck, row_check, values_of
from msds_audit.damage import hides_in
from msds_audit.predicates import CLASS_SUFFIX, PERIOD_END, ROWS
from msds_audit.rule import Declared, Measure, Rule
from msds_audit.spec import Item, Table

PEOPLE = ("applies", "fails", "may apply")
"""What is counted of people, by the name it has after the id of a measure."""

FILLED = "filled"
"""The name of the count of rows that are not wholly blank."""


@dataclass(frozen=True)
class Plan:
    """What is to be counted in one table.

    `values` are the columns that are read from its text before anything is counted. `hidden`
    says of an item whether a value that is not invalid may be damaged.
    """

    table: Table
    items: tuple[Item, ...]
    values: tuple[pl.Expr, ...]
    rules: Mapping[str, RowCheck]
    measures: Mapping[str, tuple[RowCheck, Measure]]
    hidden: Mapping[str, pl.Expr]
    unique: Mapping[str, tuple[str, ...]]

    def counting(self, base: pl.LazyFrame, context: pl.LazyFrame) -> pl.LazyFrame:
        """One row with every count, each under a name of its own.

        `base` is the table itself, and `context` the same as `relations.in_context` makes it for
        these rules and measures.
        """
        return self._flagged(base, context).select(self._totals)

    def counting_people(self, base: pl.LazyFrame, context: pl.LazyFrame, key: str) -> pl.LazyFrame:
        """One row with how many people each measure of this key counts that stand in several rows.

        The arguments are those of `counting`, of which only such rows are looked at.
        """
        chosen = [
            f"{id} {part}"
            for id, (_, measure) in self.measures.items()
            for part in PEOPLE
            if measure.distinct == key
        ]
        found = self._flagged(base, context).filter(several_rows((key,)))
        return found.select(pl.col(key).filter(one).n_unique().alias(one) for one in chosen)

    def _flagged(self, base: pl.LazyFrame, context: pl.LazyFrame) -> pl.LazyFrame:
        """The table with what holds of each row."""
        frame = context.with_columns(self.values)
        for keys in self.keys:
            name = several_rows(keys)
            several = self._several(base, keys).with_columns(pl.lit(True).alias(name))
            frame = frame.join(several, on=keys, how="left", maintain_order="left")
            frame = frame.with_columns(pl.col(name).fill_null(False))
        return frame.with_columns(self._flags)

    def _several(self, base: pl.LazyFrame, keys: tuple[str, ...]) -> pl.LazyFrame:
        """The keys that stand in several rows."""
        read = [item for item in self.table.items if item.name in keys]
        return (
            base.select(keys)
            .with_columns(values_of(read, ()))
            .drop_nulls()
            .group_by(keys)
            .len("rows")
            .filter(pl.col("rows") > 1)
            .select(keys)
        )

    @cached_property
    def people(self) -> list[str]:
        """The items by which measures tell people apart."""
        return list(dict.fromkeys(measure.distinct for _, measure in self.measures.values()))

    @cached_property
    def keys(self) -> list[tuple[str, ...]]:
        """The items whose values are looked at for standing in several rows, each by its rows."""
        return list(dict.fromkeys([*self.unique.values(), *((key,) for key in self.people)]))

    @cached_property
    def _flags(self) -> list[pl.Expr]:
        """What holds of each row, under the names that are summed."""
        flags = []
        for id, check in self.rules.items():
            passes = ~pl.col(several_rows(self.unique[id])) if id in self.unique else check.passes
            flags += [
                check.applies.alias(f"{id} applies"),
                (check.applies & passes).alias(f"{id} passes"),
            ]
        for id, (check, _) in self.measures.items():
            flags += [
                check.applies.alias(f"{id} applies"),
                (check.applies & ~check.passes).alias(f"{id} fails"),
                check.may_apply.alias(f"{id} may apply"),
            ]
        return flags

    @cached_property
    def _totals(self) -> list[pl.Expr]:
        present = [pl.col(f"{item.name}{CLASS_SUFFIX}") != "M" for item in self.items]
        filled = pl.any_horizontal(present).sum() if present else pl.lit(0)
        totals = [pl.len().alias(ROWS), filled.alias(FILLED)]
        for item in self.items:
            classes = pl.col(f"{item.name}{CLASS_SUFFIX}")
            totals += [(classes == letter).sum().alias(f"{item.name} {letter}") for letter in VODIM]
            if item.name in self.hidden:
                totals.append(self.hidden[item.name].any().alias(hides_damage(item.name)))
        for id in self.rules:
            totals += [pl.col(f"{id} {part}").sum() for part in ("applies", "passes")]
        for id, (_, measure) in self.measures.items():
            alone = ~pl.col(several_rows((measure.distinct,)))
            totals += [(pl.col(f"{id} {part}") & alone).sum() for part in PEOPLE]
        totals += [pl.col(several_rows((key,))).any() for key in self.people]
        return totals


def several_rows(keys: tuple[str, ...]) -> str:
    """The name of the column that says whether these values stand in several rows."""
    return f"{', '.join(keys)} in several rows"


def hides_damage(item: str) -> str:
    """The name of the count that says whether an item may hold damage."""
    return f"{item} hides damage"


@lru_cache(maxsize=512)
def plan_of(
    declared: tuple[Declared, ...], table: Table, present: frozenset[str], *, items: bool
) -> Plan:
    """How to count these rules and measures, all of which can be judged, in one table.

    Args:
        declared: The rules and measures.
        table: The table that all of them are about.
        present: The columns it has in the submission.
        items: Whether to count the classes of its items too.
    """
    rules = {one.id: row_check(one, table) for one in declared if isinstance(one, Rule)}
    measures = {
        one.id: (row_check(one, table), one) for one in declared if isinstance(one, Measure)
    }
    read = tuple(item for item in table.items if item.name in present)
    counted = read if items else ()
    compiled = [*rules.values(), *(check for check, _ in measures.values())]
    wanted = {name for check in compiled for name in check.wanted}
    wanted |= {f"{item.name}{CLASS_SUFFIX}" for item in counted}
    hidden = {item.name: hides_in(item, PERIOD_END) for item in counted}
    return Plan(
        table,
        counted,
        tuple(values_of(read, wanted)),
        rules,
        measures,
        {name: sign for name, sign in hidden.items() if sign is not None},
        {one.id: one.unique for one in declared if isinstance(one, Rule) and one.unique},
    )
