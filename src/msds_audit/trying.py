"""Tries corrections on a submission in memory, to count what they would make of it.

A value that is put in only has to be right; which one she would give is not for us to know, and
none of them leaves this module.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeAlias

import polars as pl

from msds_audit.checks import vodim
from msds_audit.extract import Submission
from msds_audit.failing import Finder, example_values, targets
from msds_audit.link_rules import PATIENTS
from msds_audit.modulus_11 import unused_numbers
from msds_audit.records import Failure, Place, Problem, Records, Slot
from msds_audit.rule import Declared, Measure, Related, Rule
from msds_audit.spec import Item, Mandation

ATTEMPTS = 3
"""A code, the commonest value and that of an example: who passes with none is left unsure."""

_AS_IN_EXAMPLE = -1
"""The attempt that takes the value of an example, where there is one: it is the last of all."""

_ADDED = "added "
"""How the names of records begin that are added: short enough for every item."""

Who: TypeAlias = str | int
Values: TypeAlias = Mapping[Slot, Mapping[str, str]]


@dataclass(frozen=True)
class Failing:
    """Everybody who fails one measure or rule."""

    declared: Measure | Rule
    finder: Finder
    people: Mapping[Who, Failure]

    @property
    def declined(self) -> int:
        """How many are left alone, because what is recorded is an answer."""
        return sum(one.declined for one in self.people.values())

    @property
    def correctable(self) -> dict[Who, Failure]:
        """The others."""
        return {who: one for who, one in self.people.items() if not one.declined}

    def asked(self) -> Iterator[tuple[Who, Place]]:
        """Everybody it is asked of, row by row, with the record that it is about."""
        for who, row, (table, at) in self.finder.asked():
            yield who, Place(table, at, (self.declared.table, row))


@dataclass(frozen=True)
class Trial:
    """Values for every slot, and who passes once they are put in, by measure or rule."""

    records: Records
    values: Values
    passing: Mapping[str, Collection[Who]]

    def tried(self, slots: Collection[Slot]) -> set[Slot]:
        """Those of the slots for which there is anything to put in."""
        return {slot for slot in slots if self.values.get(slot)}

    def submission(self, slots: Collection[Slot]) -> Submission:
        """The submission with the values of these slots put in."""
        return corrected(self.records, {slot: self.values[slot] for slot in slots})


def tried(records: Records, failing: Sequence[Failing], asked: Iterable[Declared] = ()) -> Trial:
    """Put right everything that can be, with one value after another until it is right.

    Args:
        records: The records.
        failing: Who fails what is to be put right.
        asked: What else is asked of records: those that are added answer that too.
    """
    options = _Options(records, asked)
    level: dict[tuple[str, Who], int] = {}
    for attempt in range(ATTEMPTS):
        values = _values(failing, options, level)
        submission = corrected(records, values)
        left = {one.declared.id: one.finder.still_failing(submission) for one in failing}
        again = [
            (one.declared.id, who)
            for one in failing
            for who in one.correctable
            if who in left[one.declared.id]
        ]
        if not again or attempt == ATTEMPTS - 1:
            break
        level |= dict.fromkeys(again, attempt + 1)
    passing = {one.declared.id: one.correctable.keys() - left[one.declared.id] for one in failing}
    return Trial(records, values, passing)


class _Options:
    """The values that may be right, by what asks for them."""

    def __init__(self, records: Records, asked: Iterable[Declared]) -> None:
        self._records = records
        self._asked = [
            (declared, relation, relation.table if relation is not None else declared.table, items)
            for declared in asked
            for relation, items in targets(declared)
        ]
        self._known: dict[tuple[str, str, str], list[str]] = {}
        self._numbers = unused_numbers(_numbers_in(records))
        self._number_of: dict[tuple[str, str], str] = {}
        self._names = (f"{_ADDED}{number}" for number in count(1))

    def of(self, declared: Declared, problem: Problem, level: int) -> Iterator[tuple[str, str]]:
        """Every item of a slot with the value to try; none where that cannot be known."""
        relation, slot = problem.source, problem.slot
        if problem.open or self._say_whose(slot.table, slot.items):
            return
        if slot.key is not None:
            yield slot.key
        if slot.row is not None:
            yield from self._right(declared, relation, slot, slot.items, level)
            return
        yield from example_values(declared, relation).items()
        items = next(some for one, some in targets(declared) if one is relation)
        yield from self._right(declared, relation, slot, items, level)
        yield from self._needed(declared, relation, slot)

    def _needed(
        self, declared: Declared, relation: Related | None, slot: Slot
    ) -> Iterator[tuple[str, str]]:
        """What a record that is added must have beside what it is added for, and is asked for.

        A name of its own is made up; whose it is, is said by its key.
        """
        for one, beside, asked_of, items in self._asked:
            if asked_of == slot.table and not self._say_whose(slot.table, items):
                yield from self._right(one, beside, slot, items, _AS_IN_EXAMPLE)
        for item in self._records.spec.tables[slot.table].items:
            if item.mandation is Mandation.MANDATORY and item.key:
                yield item.name, next(self._names)
            elif item.mandation is Mandation.MANDATORY and item.references is None:
                yield from self._right(declared, relation, slot, (item.name,), 0)

    def _right(
        self,
        declared: Declared,
        relation: Related | None,
        slot: Slot,
        items: Iterable[str],
        level: int,
    ) -> Iterator[tuple[str, str]]:
        """A value for each of these items that may be right."""
        for name in items:
            item = self._records.item(slot.table, name)
            if item.is_nhs_number and level <= 0:
                yield name, self._number(slot)
                continue
            key = declared.id, relation.name if relation is not None else "", name
            if key not in self._known:
                self._known[key] = _values_to_try(declared, relation, item, self._records)
            found = self._known[key]
            if found:
                yield name, found[min(level, len(found) - 1)]

    def _number(self, slot: Slot) -> str:
        """An NHS number that nobody has; the same for all records of one identifier."""
        keys = [one.name for one in self._records.spec.tables[slot.table].items if one.key]
        whose = slot.key[1] if slot.key is not None else ""
        if slot.row is not None and keys:
            whose = self._records.value(slot.table, slot.row, keys[0])
        if not whose:
            return next(self._numbers)
        if (slot.table, whose) not in self._number_of:
            self._number_of[slot.table, whose] = next(self._numbers)
        return self._number_of[slot.table, whose]

    def _say_whose(self, table: str, names: Iterable[str]) -> bool:
        """Whether any item names its record or the one it belongs to: that is never guessed."""
        return any(self._says_whose(self._records.item(table, name)) for name in names)

    def _says_whose(self, item: Item) -> bool:
        if item.references is None:
            return item.key
        parent = self._records.spec.tables[item.references[0]]
        return parent.name == PATIENTS or any(one.references for one in parent.items)


def _numbers_in(records: Records) -> set[str]:
    """The NHS numbers that stand in any table."""
    places = [(one.table, one.name) for one in records.spec.items if one.is_nhs_number]
    frames = ((records.text(table), name) for table, name in places)
    return {one for frame, name in frames if name in frame.columns for one in frame[name] if one}


def _values_to_try(
    declared: Declared, relation: Related | None, item: Item, records: Records
) -> list[str]:
    """Values that may be right: a code that is an answer, the commonest one, that of an example."""
    return list(dict.fromkeys(_likely(declared, relation, item, records)))


def _likely(
    declared: Declared, relation: Related | None, item: Item, records: Records
) -> Iterator[str]:
    if item.codes is not None and item.codes.closed:
        yield from [code.code for code in item.codes.codes if code.cls == "valid"][:1]
    shown = example_values(declared, relation).get(item.name)
    if shown and isinstance(declared, Measure) and declared.mends:
        yield shown
    frame = records.text(item.table)
    if item.name in frame.columns:
        valid = frame.filter(vodim(item) == "V").group_by(item.name).len()
        commonest = valid.sort(["len", item.name], descending=[True, False])[item.name]
        yield from commonest.to_list()[:1]
    if shown:
        yield shown


def _values(
    failing: Sequence[Failing], options: _Options, level: Mapping[tuple[str, Who], int]
) -> dict[Slot, dict[str, str]]:
    """A value for every item of every slot; where several ask for one, that of the first."""
    values: dict[Slot, dict[str, str]] = {}
    for one in failing:
        for who, failure in one.correctable.items():
            for problem in failure.problems:
                given = values.setdefault(problem.slot, {})
                at = level.get((one.declared.id, who), 0)
                for name, value in options.of(one.declared, problem, at):
                    given.setdefault(name, value)
    return values


def corrected(records: Records, values: Values) -> Submission:
    """The submission with these values put in; records that are missing stand at the end."""
    tables = dict(records.submission.tables)
    for table in {slot.table for slot in values}:
        frame = records.text(table)
        changes: dict[str, dict[int, str]] = {}
        added = []
        for slot, given in values.items():
            if slot.table == table and slot.row is None:
                added.append({name: given.get(name) for name in frame.columns})
            elif slot.table == table and slot.row is not None:
                for item, value in given.items():
                    changes.setdefault(item, {})[slot.row] = value
        for item in changes.keys() & set(frame.columns):
            column = frame[item].to_list()
            for row, value in changes[item].items():
                column[row] = value
            frame = frame.with_columns(pl.Series(item, column, dtype=pl.String))
        text = pl.DataFrame(added, schema=dict.fromkeys(frame.columns, pl.String))
        tables[table] = pl.concat([frame, text]).lazy()
    return replace(records.submission, stored=tables)
