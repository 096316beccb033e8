"""Who fails a measure or rule, and which items of which records are to be put right for them.

What they count towards is left to `fixing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import Any, TypeAlias

import polars as pl

from msds_audit.extract import Submission
from msds_audit.failing_rows import FAILS, ROW, WHO, asked_rows, key_of
from msds_audit.predicates import CONTEXT, ROWS, fields_named, item_of, predicate
from msds_audit.records import Failure, Problem, Records, Slot
from msds_audit.rule import Declared, Expected, Measure, Related, Rule

Target: TypeAlias = tuple[Related | None, tuple[str, ...]]
"""Items to put right: of the table itself, or of one that is beside it."""


def targets(declared: Declared) -> list[Target]:
    """What is to be put right where this does not pass.

    What a measure says it mends, what a generated rule is about, or else the items that `passes`
    reads and `applies` does not. A related record of which no item is read is one to add.
    """
    if isinstance(declared, Rule) and (declared.unique or declared.about):
        return [(None, declared.unique or (declared.about,))]
    beside = {one.name: one for one in declared.related}
    names = declared.mends if isinstance(declared, Measure) else ()
    read = names or _read(declared.passes, beside)
    if not names:
        read = [one for one in read if one not in _read(declared.applies, beside)] or read
    found: dict[str, list[str]] = {}
    for name in read:
        owner, _, item = name.rpartition(".")
        found.setdefault(owner, []).append(item)
    if not found:
        named = set(predicate(declared.passes).meta.root_names())
        found = {name: [] for name in beside if name in named}
    return [(beside.get(owner), tuple(items)) for owner, items in found.items()]


def _read(sql: str, beside: Mapping[str, Related]) -> list[str]:
    own = set(predicate(sql).meta.root_names()) - set(beside) - set(CONTEXT)
    fields = [
        f"{owner}.{item_of(name)}"
        for owner, names in fields_named(sql).items()
        if owner in beside
        for name in sorted(names - {ROWS})
    ]
    return list(dict.fromkeys([*(item_of(name) for name in sorted(own)), *fields]))


def _who(row: Mapping[str, Any]) -> str | int:
    """Whom a judged row is about: what tells her apart, or else its place."""
    who: str | int | None = row[WHO]
    place: int = row[ROW]
    return place if who is None else who


def example_values(declared: Declared, relation: Related | None) -> Mapping[str, str]:
    """What stands in the first example that passes and has such a record."""
    for example in declared.examples:
        rows = (example.row,) if relation is None else example.related.get(relation.name, ())
        if example.result is Expected.PASS and rows:
            return rows[0]
    return {}


class Finder:
    """Finds who fails one measure or rule in one submission, and what is to be put right.

    A finder is of one measure or rule, and of a submission in which it can be judged.
    """

    def __init__(self, declared: Measure | Rule, records: Records) -> None:
        self._declared = declared
        self._records = records
        self._table = records.spec.tables[declared.table]
        self._targets = targets(declared)
        self._suited: dict[str, list[tuple[tuple[str, ...], set[int]]]] = {}
        self._as_is: dict[str, set[int]] = {}

    def asked(self) -> Iterator[tuple[str | int, int, tuple[str, int]]]:
        """Everybody it is asked of, row by row: who it is, the row, and the record it is about.

        That is the row itself, or the record beside it that is to be put right where it is wrong.
        Rows without what tells them apart are one each, told by their place.
        """
        for row in self._asked.iter_rows(named=True):
            yield _who(row), row[ROW], self._about(row)

    def _about(self, row: Mapping[str, Any]) -> tuple[str, int]:
        relation = self._targets[0][0] if self._targets else None
        key = row[key_of(relation)] if relation is not None else None
        if relation is None or key is None:
            return self._table.name, row[ROW]
        beside = self._records.places(relation.table, relation.on, key)
        suited = self._suited_as_is(relation)
        found = next((one for one in beside if suited is None or one in suited), None)
        return (relation.table, found) if found is not None else (self._table.name, row[ROW])

    def failures(self) -> dict[str | int, Failure]:
        """Everybody who fails, by what tells them apart; rows without that one each."""
        found: dict[str | int, list[tuple[list[Problem], bool]]] = {}
        for row in self._asked.filter(FAILS).iter_rows(named=True):
            keys = {one.name: row[key_of(one)] for one in self._declared.related}
            found.setdefault(_who(row), []).append(self._of_row(row[ROW], keys))
        return {
            who: Failure(
                tuple({one.slot: one for problems, _ in rows for one in problems}.values()),
                declined=any(declined for _, declined in rows),
            )
            for who, rows in found.items()
        }

    def still_failing(self, submission: Submission) -> set[str | int]:
        """Who fails in another submission of the same rows, the first rows of each table."""
        other = Finder(self._declared, Records(submission, self._records.spec))
        rows = other._asked.filter(FAILS).iter_rows(named=True)
        return set(map(_who, rows))

    @cached_property
    def _asked(self) -> pl.DataFrame:
        """The rows that it is asked of: whose they are, whether they fail, keys of related rows."""
        return asked_rows(self._declared, self._records.submission, self._records.spec).collect()

    # --- one row that fails

    def _of_row(self, row: int, keys: Mapping[str, str | None]) -> tuple[list[Problem], bool]:
        """Its problems, and whether what it holds is an answer all the same."""
        found = [
            self._beside(row, relation, items, keys[relation.name])
            if relation is not None
            else self._own(row, items)
            for relation, items in self._targets
        ]
        wrong = [problem for problems, _ in found for problem in problems if problem.wrong]
        every = [problem for problems, _ in found for problem in problems]
        return wrong or every, any(declined for _, declined in found)

    def _own(self, row: int, items: tuple[str, ...]) -> tuple[list[Problem], bool]:
        table = self._table.name
        words = [self._records.words(table, row, item) for item in items]
        declined = len(items) == 1 and self._is_answer(table, row, items[0])
        wrong = "; ".join(word for word in words if word)
        return [Problem(Slot(table, row, items), wrong, (table, row), None)], declined

    def _beside(
        self, row: int, relation: Related, items: tuple[str, ...], key: str | None
    ) -> tuple[list[Problem], bool]:
        base = (self._table.name, row)
        if key is None:
            source = relation.source
            link = (relation.on,) if "." in source else (source,)
            wrong = f"does not say which record of {relation.table[:6]} goes with it"
            return [Problem(Slot(*base, link), wrong, base, None, open=True)], False
        if isinstance(self._declared, Measure) and self._declared.mends and relation.where:
            return [self._suiting(base, relation, key)], False
        rows = self._records.places(relation.table, relation.on, key)
        suited = self._suited_as_is(relation)
        if suited is not None:
            rows = [one for one in rows if one in suited]
        if not rows:
            return [self._missing(base, relation, key)], False
        if self._is_linked_by_a_value(relation, items):
            return self._own(row, (relation.source,))
        return self._of_rows(base, relation, items, rows)

    def _is_linked_by_a_value(self, relation: Related, items: Iterable[str]) -> bool:
        """Whether it is the value by which others are found that is wrong, such as an NHS number.

        So it is where that does not say whose its record is, and what is read of the others does.
        """
        source = self._table.by_name.get(relation.source)
        if source is None or (not source.recurs and not source.is_nhs_number):
            return False
        return not any(self._records.item(relation.table, name).recurs for name in items)

    def _of_rows(
        self,
        base: tuple[str, int],
        relation: Related,
        items: tuple[str, ...],
        rows: Sequence[int],
    ) -> tuple[list[Problem], bool]:
        table = relation.table
        values = {tuple(self._records.value(table, one, item) for item in items) for one in rows}
        differ = len(values) > 1
        declined = (
            not differ
            and len(items) == 1
            and all(self._is_answer(table, one, items[0]) for one in rows)
        )
        problems = []
        for one in rows:
            words = [word for item in items if (word := self._records.words(table, one, item))]
            if differ:
                words = [f"differs from another of its {len(rows)} records", *words]
            problems.append(Problem(Slot(table, one, items), "; ".join(words), base, relation))
        return problems, declined

    def _missing(self, base: tuple[str, int], relation: Related, key: str) -> Problem:
        wrong = f"there is no such record in {relation.table[:6]}"
        slot = Slot(relation.table, None, (), (relation.on, key))
        return Problem(slot, wrong, base, relation, open=self._may_be_misnamed(relation))

    def _may_be_misnamed(self, relation: Related) -> bool:
        """Whether a rule misses the record that its own belongs to: the identifier may be wrong."""
        item = self._table.by_name.get(relation.source)
        belongs = item is not None and item.references == (relation.table, relation.on)
        return belongs and isinstance(self._declared, Rule)

    def _suiting(self, base: tuple[str, int], relation: Related, key: str) -> Problem:
        """The record that comes nearest to what is asked, with the fewest items to put right."""
        items = next(items for one, items in self._targets if one is relation)
        if relation.name not in self._suited:
            self._suited[relation.name] = [
                (some, self._satisfying(relation, some))
                for number in range(1, len(items) + 1)
                for some in combinations(items, number)
            ]
        rows = self._records.places(relation.table, relation.on, key)
        for some, suited in self._suited[relation.name]:
            for row in rows:
                if row in suited:
                    words = [self._records.words(relation.table, row, item) for item in some]
                    told = "; ".join(
                        word or f"{item} is not such as is asked"
                        for item, word in zip(some, words, strict=True)
                    )
                    return Problem(Slot(relation.table, row, some), told, base, relation)
        return self._missing(base, relation, key)

    def _suited_as_is(self, relation: Related) -> set[int] | None:
        """The related rows that are such as is asked; None where every row is."""
        if not relation.where:
            return None
        if relation.name not in self._as_is:
            self._as_is[relation.name] = self._satisfying(relation, ())
        return self._as_is[relation.name]

    def _satisfying(self, relation: Related, items: Iterable[str]) -> set[int]:
        shown = example_values(self._declared, relation)
        return self._records.satisfying(relation, {one: shown.get(one, "") for one in items})

    def _is_answer(self, table: str, row: int, name: str) -> bool:
        item = self._records.item(table, name)
        coded = item.codes is not None and item.codes.closed
        asked = isinstance(self._declared, Measure)
        return asked and coded and self._records.is_answer(table, row, name)
