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
from msds_audit.schemas import checks_of
from msds_audit.spec import Item, Table

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

    def counting(self, context: pl.LazyFrame) -> pl.LazyFrame:
        """One row with every count, each under a name of its own.

        `context` is the table as `relations.in_context` makes it for these rules and measures.
        """
        return context.with_columns(self.values).with_columns(self._flags).select(self._totals)

    @cached_property
    def _flags(self) -> list[pl.Expr]:
        """What holds of each row, under the names that are summed."""
        flags = []
        for id, check in self.rules.items():
            flags += [
                check.applies.alias(f"{id} applies"),
                (check.applies & check.passes).alias(f"{id} passes"),
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
            parts = ("applies", "fails", "may apply")
            totals += [_distinct(measure.distinct, f"{id} {part}") for part in parts]
        return totals


def hides_damage(item: str) -> str:
    """The name of the count that says whether an item may hold damage."""
    return f"{item} hides damage"


def _distinct(key: str, chosen: str) -> pl.Expr:
    """How many different keys the chosen rows have; rows without one count one each."""
    known = pl.col(key).filter(pl.col(chosen)).drop_nulls().n_unique()
    unknown = (pl.col(chosen) & pl.col(key).is_null()).sum()
    return (known + unknown).alias(chosen)


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
    rules = checks_of([one for one in declared if isinstance(one, Rule)], table, present)
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
    )
