"""Judges rules and measures row by row, and counts.

What it counts has the meaning that the words of the rules give it; nothing is shared with the
engine but what is declared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple, TypeAlias

from msds_audit.rule import Declared, Example, Expected, Occurs, Related, Rule
from msds_audit.spec import Spec
from plain.reading import Extract, days_of, trimmed
from plain.rows import ROWS, VALUES, Beside, Finder, Folded, finder, folded
from plain.sql import predicate
from plain.values import Columns, vodim

CONTEXT = ("PeriodStart", "PeriodEnd", "Provider")


class Counts(NamedTuple):
    """What a rule or a measure came to."""

    denominator: int
    numerator: int
    undetermined: int = 0


Obstacles: TypeAlias = frozenset[str]
"""Every reason why something cannot be counted."""


class Judge:
    """Judges one extract by the specification it follows."""

    def __init__(self, spec: Spec, extract: Extract) -> None:
        self._spec = spec
        self._extract = extract
        self._columns = {name: Columns(table) for name, table in spec.tables.items()}
        said = (extract.start, extract.end, extract.provider)
        self._context = dict(zip(CONTEXT, said, strict=True))
        self._finders: dict[tuple[object, ...], Finder] = {}
        self._rows: dict[tuple[str, tuple[Related, ...]], list[Beside]] = {}

    def judged(self, declared: Declared) -> Counts | Obstacles:
        """The counts of a rule or a measure, or everything that stands in the way of it."""
        if isinstance(declared, Rule) and declared.occurs is not None:
            return Counts(1, int(_is_right_number(declared.occurs, self._filled(declared.table))))
        obstacles = self._obstacles(declared)
        if obstacles:
            return obstacles
        rows = self._beside(declared)
        if isinstance(declared, Rule):
            return _counts_of_rows(declared, rows)
        return _counts_of_people(declared, rows)

    def classes(self, table: str, item: str) -> Mapping[str, int] | None:
        """How many values of an item are V, O, D, I and M; None where it is not there."""
        sheet = self._extract.sheets.get(table)
        if sheet is None or item not in sheet.headings:
            return None
        about = self._spec.tables[table].by_name[item]
        texts = Counter(row[item] for row in sheet.rows)
        found = Counter(dict.fromkeys("VODIM", 0))
        for text, count in texts.items():
            found[vodim(about, text)] += count
        return found

    def _filled(self, table: str) -> int:
        """How many rows of a table hold anything at all; none where it is absent."""
        sheet = self._extract.sheets.get(table)
        return 0 if sheet is None else sum(any(row.values()) for row in sheet.rows)

    # --- what stands in the way

    def _obstacles(self, declared: Declared) -> Obstacles:
        sheet = self._extract.sheets.get(declared.table)
        if sheet is not None and not sheet.rows:
            return frozenset([f"{declared.table} is empty"])
        found = set()
        for table, items in self._wanted(declared):
            there = self._extract.sheets.get(table)
            if there is None:
                found.add(f"{table} is not in this extract")
            else:
                found |= {f"{table} has no column {item}" for item in items - there.headings}
        return frozenset(found)

    def _wanted(self, declared: Declared) -> list[tuple[str, set[str]]]:
        """Every table that is read, with the items that are read of it."""
        relations = {relation.name: relation for relation in declared.related}
        names = {*predicate(declared.applies).names, *predicate(declared.passes).names}
        names |= set(declared.unique) if isinstance(declared, Rule) else {declared.distinct}
        names |= {relation.source for relation in declared.related}
        names -= {*relations, *CONTEXT}
        wanted = [(declared.table, {name for name in names if "." not in name})]
        for relation in declared.related:
            own = {name for name in names if name.startswith(f"{relation.name}.")}
            fields = {name.partition(".")[2].removesuffix(VALUES) for name in own} - {ROWS}
            where = set(predicate(relation.where or "").names)
            wanted.append((relation.table, fields | where | {relation.on}))
        return [(table, self._items(table, columns)) for table, columns in wanted]

    def _items(self, table: str, columns: Iterable[str]) -> set[str]:
        return {self._columns[table].item(column).name for column in columns}

    # --- rows

    def _beside(self, declared: Declared) -> list[Beside]:
        """The rows of a table with all that stands beside them."""
        key = (declared.table, declared.related)
        if key not in self._rows:
            related = {relation.name: self._finder(relation) for relation in declared.related}
            columns = self._columns[declared.table]
            self._rows[key] = [
                Beside(row, columns, self._context, related)
                for row in self._extract.sheets[declared.table].rows
            ]
        return self._rows[key]

    def _finder(self, relation: Related) -> Finder:
        key = (relation.table, relation.on, relation.source, relation.where)
        if key not in self._finders:
            rows = self._extract.sheets[relation.table].rows
            self._finders[key] = finder(rows, self._columns[relation.table], relation)
        return self._finders[key]


# --- counting -----------------------------------------------------------------------------


def _is_right_number(occurs: Occurs, rows: int) -> bool:
    return occurs.least <= rows and (occurs.most is None or rows <= occurs.most)


def _counts_of_rows(rule: Rule, rows: list[Beside]) -> Counts:
    results = _results(rule, rows)
    passing = sum(result is Expected.PASS for result in results)
    return Counts(len(results) - results.count(Expected.NOT_APPLICABLE), passing)


def _results(declared: Declared, rows: list[Beside]) -> list[Expected]:
    """What each row comes to; null neither applies nor passes."""
    applies, passes = predicate(declared.applies), predicate(declared.passes)
    unique = declared.unique if isinstance(declared, Rule) else ()
    keys = [tuple([row[name] for name in unique]) for row in rows] if unique else [()] * len(rows)
    often = Counter(keys)
    results = []
    for row, key in zip(rows, keys, strict=True):
        if applies(row) is not True or None in key:
            results.append(Expected.NOT_APPLICABLE)
        elif often[key] == 1 if unique else passes(row) is True:
            results.append(Expected.PASS)
        else:
            results.append(Expected.FAIL)
    return results


def _counts_of_people(measure: Declared, rows: list[Beside]) -> Counts:
    """Somebody is in the numerator who is in the denominator and has no row that fails.

    Whoever cannot be told apart for want of a key is one person to each row.
    """
    applies = predicate(measure.applies)
    people: set[object] = set()
    perhaps: set[object] = set()
    failing: set[object] = set()
    for number, (row, result) in enumerate(zip(rows, _results(measure, rows), strict=True)):
        key = row[measure.distinct]
        person = ("row", number) if key is None else ("person", key)
        if applies(row) is not False:
            perhaps.add(person)
        if result is not Expected.NOT_APPLICABLE:
            people.add(person)
        if result is Expected.FAIL:
            failing.add(person)
    return Counts(len(people), len(people - failing), len(perhaps - people))


# --- examples -----------------------------------------------------------------------------


def result_of(declared: Declared, example: Example, spec: Spec) -> Expected:
    """What a rule or measure makes of the row of an example."""
    texts = [trimmed(row) for row in (example.row, *example.others)]
    if isinstance(declared, Rule) and declared.occurs is not None:
        right = _is_right_number(declared.occurs, sum(any(row.values()) for row in texts))
        return Expected.PASS if right else Expected.FAIL
    context = dict(zip(CONTEXT, _said_by(example), strict=True))
    related = {
        relation.name: _always(_given(relation, example, spec)) for relation in declared.related
    }
    columns = Columns(spec.tables[declared.table])
    return _results(declared, [Beside(row, columns, context, related) for row in texts])[0]


def _said_by(example: Example) -> tuple[date, date, str]:
    """The period and the provider of an example; any where it gives none."""
    return *days_of((example.period or "2026-08")[:7]), example.provider or "RJ7"


def _given(relation: Related, example: Example, spec: Spec) -> Folded | None:
    """The related rows of an example as one: they share a key, whether it is given or not."""
    rows = [trimmed(row) for row in example.related.get(relation.name, ())]
    keys = [row[relation.on] for row in rows if row.get(relation.on)]
    key = keys[0] if keys else "1"
    sharing = [{**row, relation.on: key} for row in rows]
    return folded(sharing, Columns(spec.tables[relation.table]), relation)


def _always(row: Folded | None) -> Finder:
    return lambda _: row
