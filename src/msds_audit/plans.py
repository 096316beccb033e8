"""What is to be counted in one table: every rule, every measure and the classes of every item.

What depends on one item whose values recur is judged once for each of its different values, the
words, and counted by how often they stand; the rest is judged row by row, where what is known of
a word is looked up. A plan depends on the rules and on which columns there are, never on what
stands in them. It is compiled once and serves every submission that has the same columns;
running it is left to `counting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import polars as pl

from msds_audit.checks import VODIM, RowCheck, looked_up, row_check, values_of
from msds_audit.damage import hides_in
from msds_audit.failing_rows import fails
from msds_audit.holding import known_of, times_of
from msds_audit.predicates import CLASS_SUFFIX, PERIOD_END, needs
from msds_audit.rule import Declared, Measure, Rule
from msds_audit.spec import Item, Table, told_apart

PEOPLE = ("applies", "fails", "may apply")
"""What is counted of people, by the name it has after the id of a measure."""


@dataclass(frozen=True)
class Plan:
    """What is to be counted in one table.

    `items` are those whose classes are counted. `rules` and `measures` are judged row by row,
    `of_words` for each word of the item that is named with them. `hidden` says of an item
    whether a value that is not invalid may be damaged; `unique` names keys.
    """

    table: Table
    present: frozenset[str]
    items: tuple[Item, ...]
    of_words: Mapping[str, tuple[RowCheck, str]]
    rules: Mapping[str, RowCheck]
    measures: Mapping[str, tuple[RowCheck, Measure]]
    hidden: Mapping[str, pl.Expr]
    unique: Mapping[str, tuple[str, ...]]

    # --- by words

    @property
    def needs_words(self) -> bool:
        """Whether anything is counted by words."""
        return bool(self.of_words) or any(item.recurs for item in self.items)

    def judging_words(self, words: pl.LazyFrame) -> pl.LazyFrame:
        """The words of a table with what is known of each and how often it stands.

        `words` are those of a table that is held, beside what the submission says of itself.
        """
        return words.with_columns(self._word_values).with_columns(self._word_flags)

    def counting_words(self, judged: pl.LazyFrame) -> pl.LazyFrame:
        """One row with every count that words are enough for, each under a name of its own."""
        return judged.select(self._word_totals)

    @cached_property
    def _word_values(self) -> list[pl.Expr]:
        return values_of(self._recurring, self._wanted)

    @cached_property
    def _word_flags(self) -> list[pl.Expr]:
        return [
            flag
            for id, (check, _) in self.of_words.items()
            for flag in (
                check.applies.alias(f"{id} applies"),
                (check.applies & check.passes).alias(f"{id} passes"),
            )
        ]

    @cached_property
    def _word_totals(self) -> list[pl.Expr]:
        totals = []
        for item in self.items:
            if item.recurs:
                times, classes = pl.col(times_of(item.name)), pl.col(f"{item.name}{CLASS_SUFFIX}")
                for letter in VODIM:
                    found = times.filter(classes == letter).sum()
                    totals.append(found.alias(f"{item.name} {letter}"))
        for id, (_, word) in self.of_words.items():
            for flag in (f"{id} applies", f"{id} passes"):
                totals.append(pl.col(times_of(word)).filter(flag).sum().alias(flag))
        return totals

    # --- by rows

    @property
    def needs_rows(self) -> bool:
        """Whether anything is counted by rows."""
        return bool(self.rules or self.measures) or not all(item.recurs for item in self.items)

    def repeated(self, text: pl.LazyFrame, keys: tuple[str, ...]) -> pl.LazyFrame:
        """The values of these keys that stand in several rows of a table; `text` is all of it."""
        read = [item for item in self.table.items if item.name in keys]
        return (
            text.select(keys)
            .with_columns(values_of(read, ()))
            .drop_nulls()
            .group_by(keys)
            .len("rows")
            .filter(pl.col("rows") > 1)
            .select(keys)
        )

    def judging_rows(
        self,
        rows: pl.LazyFrame,
        words: pl.DataFrame,
        several: Mapping[tuple[str, ...], pl.DataFrame],
    ) -> pl.LazyFrame:
        """What holds of each row of a table, and the items by which people are told apart.

        Args:
            rows: The table as `beside.beside_held` makes it for the rules and measures that words
                are not enough for.
            words: Its words as `judging_words` has them.
            several: The values of each of `keys` that stand in several rows.
        """
        among = [_is_among(keys, found) for keys, found in several.items()]
        values = looked_up(words, self._recurring, self._wanted_of_rows)
        judged = rows.with_columns(*values, *self._row_values).with_columns(among)
        return judged.with_columns(self._flags).select(self._judged)

    def counting_rows(self, judged: pl.LazyFrame) -> pl.LazyFrame:
        """One row with every count that words are not enough for."""
        return judged.select(self._totals)

    def counting_people(self, judged: pl.LazyFrame, key: str) -> pl.LazyFrame:
        """One row with how many people each measure of this key counts that stand in several rows.

        Only such rows are looked at.
        """
        chosen = [
            f"{id} {part}"
            for id, (_, measure) in self.measures.items()
            for part in PEOPLE
            if measure.distinct == key
        ]
        found = judged.filter(several_rows((key,)))
        return found.select(pl.col(key).filter(one).n_unique().alias(one) for one in chosen)

    def failing(self, rules: Iterable[Rule], words: pl.DataFrame) -> list[pl.Expr]:
        """The rows that fail each of these rules, of a table that is held with what is judged."""
        return [self._fails(rule.id, words).alias(fails(rule)) for rule in rules]

    def _fails(self, id: str, words: pl.DataFrame) -> pl.Expr:
        applies, passes = f"{id} applies", f"{id} passes"
        if id not in self.of_words:
            return pl.col(applies) & ~pl.col(passes)
        _, word = self.of_words[id]
        return known_of(words[applies] & ~words[passes], word)

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
        for item in self.items:
            if not item.recurs:
                classes = pl.col(f"{item.name}{CLASS_SUFFIX}")
                flags += [(classes == letter).alias(f"{item.name} {letter}") for letter in VODIM]
        flags += [sign.alias(hides_damage(name)) for name, sign in self.hidden.items()]
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
    def _judged(self) -> list[str]:
        """The columns of what is judged of rows."""
        flags = [flag.meta.output_name() for flag in self._flags]
        return [*flags, *self.people, *(several_rows((key,)) for key in self.people)]

    @cached_property
    def _totals(self) -> list[pl.Expr]:
        others = (item.name for item in self.items if not item.recurs)
        totals = [pl.col(f"{name} {letter}").sum() for name in others for letter in VODIM]
        totals += [pl.col(hides_damage(name)).any() for name in self.hidden]
        for id in self.rules:
            totals += [pl.col(f"{id} {part}").sum() for part in ("applies", "passes")]
        for id, (_, measure) in self.measures.items():
            alone = ~pl.col(several_rows((measure.distinct,)))
            totals += [(pl.col(f"{id} {part}") & alone).sum() for part in PEOPLE]
        totals += [pl.col(several_rows((key,))).any() for key in self.people]
        return totals

    # --- what is read

    @cached_property
    def _row_values(self) -> list[pl.Expr]:
        return values_of(self._others, self._wanted)

    @cached_property
    def _told_apart(self) -> tuple[list[Item], list[Item]]:
        return told_apart(item for item in self.table.items if item.name in self.present)

    @property
    def _recurring(self) -> list[Item]:
        return self._told_apart[0]

    @property
    def _others(self) -> list[Item]:
        return self._told_apart[1]

    @cached_property
    def _wanted_of_rows(self) -> frozenset[str]:
        checks = [*self.rules.values(), *(check for check, _ in self.measures.values())]
        return frozenset(name for check in checks for name in check.wanted)

    @cached_property
    def _wanted(self) -> frozenset[str]:
        of_words = (name for check, _ in self.of_words.values() for name in check.wanted)
        classes = (f"{item.name}{CLASS_SUFFIX}" for item in self.items)
        return frozenset((*self._wanted_of_rows, *of_words, *classes))


def _is_among(keys: tuple[str, ...], found: pl.DataFrame) -> pl.Expr:
    """Whether the values of these keys are among those found, as the column `several_rows`."""
    key, among = pl.col(*keys), found.to_series()
    if len(keys) > 1:
        key, among = pl.struct(keys), found.to_struct()
    return key.is_in(among.implode()).fill_null(False).alias(several_rows(keys))


def several_rows(keys: tuple[str, ...]) -> str:
    """The name of the column that says whether these values stand in several rows."""
    return f"{', '.join(keys)} in several rows"


def hides_damage(item: str) -> str:
    """The name of the count that says whether an item may hold damage."""
    return f"{item} hides damage"


def word_of(declared: Declared, table: Table) -> str:
    """The item whose words are enough to judge this; empty where rows are needed."""
    read = needs(declared)
    if not isinstance(declared, Rule) or declared.unique or read.related or len(read.items) != 1:
        return ""
    [item] = read.items
    return item if table.by_name[item].recurs else ""


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
    checks = {one.id: (row_check(one, table), one) for one in declared}
    word = {one.id: word_of(one, table) for one in declared}
    counted = tuple(item for item in table.items if items and item.name in present)
    hidden = {item.name: hides_in(item, PERIOD_END) for item in counted if not item.recurs}
    return Plan(
        table,
        present,
        counted,
        {id: (check, word[id]) for id, (check, _) in checks.items() if word[id]},
        {
            id: check
            for id, (check, one) in checks.items()
            if isinstance(one, Rule) and not word[id]
        },
        {id: (check, one) for id, (check, one) in checks.items() if isinstance(one, Measure)},
        {name: sign for name, sign in hidden.items() if sign is not None},
        {one.id: one.unique for one in declared if isinstance(one, Rule) and one.unique},
    )
