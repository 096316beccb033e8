"""Breaks every rule: one further record for each, built from the rule itself.

A rule is broken by its own first failing example; the right records it is put into come from
the clean story.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from msds_audit.extract import Period
from msds_audit.modulus_11 import check_digit, is_mirror
from msds_audit.predicates import ROWS, item_of, needs
from msds_audit.rule import Example, Expected, Row, Rule, Rules
from msds_audit.sample.unit import Record, Tables, Unit
from msds_audit.spec import Item, Kind, Spec, Table

_NHS_NUMBER = re.compile(r"[0-9]{10}")
_FRESH = "X"
"""The letter of the identifiers given here, which the clean records do not use."""

_WHEN = "MSD000Header.RPStartDate"
"""The item that says of which month a submission is: with two months it cannot be opened."""


def break_every_rule(unit: Unit, rules: Rules) -> Tables:
    """Add to a clean unit, for every rule, records on which it fails.

    Raises AssertionError if a rule has no example that fails, so that it cannot be broken.
    """
    right = {table: [dict(row) for row in rows] for table, rows in unit.tables.items()}
    for rule in rules.records.values():
        _Breakage(rule, unit=unit, right=right, spec=rules.spec).add()
    return unit.tables


class _Breakage:
    """The records that break one rule, with identifiers of their own.

    Identifiers in examples are short and repeat from rule to rule; renaming them keeps one
    rule's records from being taken for another's parents.
    """

    def __init__(self, rule: Rule, *, unit: Unit, right: Tables, spec: Spec) -> None:
        self._rule = rule
        self._unit = unit
        self._right = right
        self._spec = spec
        self._table = spec.tables[rule.table]
        self._renamed: dict[str, str] = {}

    def add(self) -> None:
        """Add the records to the unit."""
        example = _failing(self._rule)
        if self._rule.about:
            items = self._table.by_name
            values = example.row.items()
            self._put(
                self._table,
                {name: self._in_period(items[name], text, example) for name, text in values},
            )
            return
        read = needs(self._rule)
        row = dict.fromkeys(read.items, "") | self._adapted(self._table, example.row, example)
        self._add_related(row, example)
        self._put(self._table, row)
        for other in example.others:
            self._put(self._table, row | self._adapted(self._table, other, example))

    # --- records

    def _put(self, table: Table, changes: Row) -> None:
        """A clean record with new keys, then with these changes."""
        record: Record = dict(self._right[table.name][0])
        for item in table.items:
            if item.key:
                record[item.name] = self._unit.new_id(_FRESH)
            elif item.is_nhs_number:
                record[item.name] = self._unit.numbers.next()
        self._unit.tables[table.name].append(record | dict(changes))

    def _add_related(self, row: Record, example: Example) -> None:
        """Add the related records of the example and tie the row, or one another, to them.

        A relation the example does not give is tied to nothing, as it is in the example.
        """
        read = needs(self._rule)
        found: dict[str, list[Record]] = {}
        for relation in self._rule.related:
            owner, _, link = relation.source.rpartition(".")
            near = row if not owner else next(iter(found.get(owner, ())), None)
            if near is None:
                continue
            table = self._spec.tables[relation.table]
            given = example.related.get(relation.name, ())
            items = {item_of(name) for name in read.fields[relation.name] - {ROWS}}
            blank = dict.fromkeys(items, "") if given else {}
            far = [blank | self._adapted(table, one, example) for one in given]
            if near is row and table is self._table and link == relation.on:
                itself = _place_of(example.row, given)
                row |= far.pop(itself) | row if itself is not None else {}
            tie = near.get(link) or _first(far, relation.on) or self._unit.new_id(_FRESH)
            near[link] = tie
            found[relation.name] = [one | {relation.on: tie} for one in far]
        for relation in self._rule.related:
            for one in found.get(relation.name, ()):
                self._put(self._spec.tables[relation.table], one)

    # --- values

    def _adapted(self, table: Table, row: Row, example: Example) -> Record:
        """An example's row with identifiers and NHS numbers of its own, in the unit's period."""
        return {name: self._adapt(table.by_name[name], text, example) for name, text in row.items()}

    def _adapt(self, item: Item, text: str, example: Example) -> str:
        if not text:
            return text
        if item.key or item.references is not None:
            return self._renamed.setdefault(text, self._unit.new_id(_FRESH))
        if item.is_nhs_number and _is_valid_number(text) and not is_mirror(text):
            return self._renamed.setdefault(text, self._unit.numbers.next())
        if item.path == _WHEN:
            return _in_month(text, self._unit.period)
        return self._in_period(item, text, example)

    def _in_period(self, item: Item, text: str, example: Example) -> str:
        """A value as it stands, or a date where it stands to the end of the unit's period."""
        if item.format.kind is Kind.DATE and example.period and needs(self._rule).context:
            return _moved(text, Period.parse(example.period), self._unit.period)
        return text


def _failing(rule: Rule) -> Example:
    for example in rule.examples:
        if example.result is Expected.FAIL:
            return example
    raise AssertionError(f"rule {rule.id} has no example that fails, so no sample can break it")


def _place_of(row: Row, records: Iterable[Row]) -> int | None:
    """Which of the records that share its key the row may be itself: it says nothing else."""
    agreeing = (
        at
        for at, record in enumerate(records)
        if all(row[item] == text for item, text in record.items() if item in row)
    )
    return next(agreeing, None)


def _first(records: Iterable[Record], item: str) -> str:
    return next((text for one in records if (text := one.get(item))), "")


def _is_valid_number(text: str) -> bool:
    return bool(_NHS_NUMBER.fullmatch(text)) and check_digit(text[:9]) == text[9]


def _moved(text: str, written: Period, period: Period) -> str:
    """A date as far from the end of the unit's period as it was from the example's."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return str(day + (period.end - written.end))


def _in_month(text: str, period: Period) -> str:
    """The same day of the unit's month."""
    try:
        day = date.fromisoformat(text).day
    except ValueError:
        return text
    return str(period.start.replace(day=min(day, period.end.day)))
