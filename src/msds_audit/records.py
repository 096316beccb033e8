"""The records of a submission as text, and what is to be put right in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from msds_audit.checks import read_values, vodim
from msds_audit.extract import Period, Submission
from msds_audit.failing_rows import ROW
from msds_audit.near_misses import recognise
from msds_audit.predicates import item_of, predicate
from msds_audit.rule import Related
from msds_audit.spec import Item, Spec

_ANSWERS = ("V", "O")
"""The classes of codes that are an answer, or the choice not to give one."""

_WORDS = {"M": "is blank", "D": "says not known", "I": "holds what is not permitted"}


@dataclass(frozen=True, slots=True)
class Slot:
    """What is to be put right: items of one record, or a record that is missing.

    `row` is its place in the table; None where it is missing, and then `key` is what ties it to
    the record that asks for it. `sent` is the month of its submission, where that is another one
    than the month that is reported.
    """

    table: str
    row: int | None
    items: tuple[str, ...]
    key: tuple[str, str] | None = field(default=None, repr=False)
    sent: Period | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A record that something is about, the row by which it was found, and the month it was sent.

    The month is None where it is the one that is reported, and `row` where the record is missing.
    """

    table: str
    row: int | None
    base: tuple[str, int]
    sent: Period | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One slot and what is wrong with it.

    `base` is the row that fails, and `source` the relation by which the slot was found. `open`
    where only the maternity system knows what is right: whose record it is.
    """

    slot: Slot
    wrong: str
    base: tuple[str, int]
    source: Related | None
    open: bool = False

    @property
    def place(self) -> Place:
        """The record in which something is to be put right."""
        return Place(self.slot.table, self.slot.row, self.base, self.slot.sent)


@dataclass(frozen=True, slots=True)
class Failure:
    """Somebody who fails: all of these problems mended, they pass.

    `declined` where what a measure asks for is recorded as an answer all the same, so that nothing
    is to be mended. No rule is declined.
    """

    problems: tuple[Problem, ...]
    declined: bool


class Records:
    """The records of a submission, each table read once."""

    def __init__(self, submission: Submission, spec: Spec) -> None:
        self.submission = submission
        self.spec = spec
        self._texts: dict[str, pl.DataFrame] = {}
        self._values: dict[tuple[str, str], list[str | None]] = {}
        self._places: dict[tuple[str, str], dict[str, list[int]]] = {}
        self._classes: dict[tuple[str, str], pl.Series] = {}

    def text(self, table: str) -> pl.DataFrame:
        """All of a table as text; without rows where it is not there."""
        if table not in self._texts:
            frame = self.submission.tables.get(table)
            empty = pl.DataFrame(schema=dict.fromkeys(self.spec.tables[table].by_name, pl.String))
            self._texts[table] = frame.collect() if frame is not None else empty
        return self._texts[table]

    def value(self, table: str, row: int, item: str) -> str:
        """One value as text; empty where it is blank or there is no such column."""
        if (table, item) not in self._values:
            frame = self.text(table)
            there = item in frame.columns
            self._values[table, item] = frame[item].to_list() if there else [None] * frame.height
        return self._values[table, item][row] or ""

    def places(self, table: str, item: str, value: str) -> list[int]:
        """The rows of a table that hold this value."""
        if (table, item) not in self._places:
            found: dict[str, list[int]] = {}
            frame = self.text(table)
            for row, one in enumerate(frame[item] if item in frame.columns else ()):
                if one is not None:
                    found.setdefault(one, []).append(row)
            self._places[table, item] = found
        return self._places[table, item].get(value, [])

    def cls(self, table: str, row: int, item: str) -> str:
        """The VODIM class of one value."""
        if (table, item) not in self._classes:
            frame = self.text(table)
            known = self.spec.tables[table].by_name[item]
            if item in frame.columns:
                self._classes[table, item] = frame.select(vodim(known)).to_series()
            else:
                self._classes[table, item] = pl.Series(["M"] * frame.height, dtype=pl.String)
        return str(self._classes[table, item][row])

    def words(self, table: str, row: int, item: str) -> str:
        """What is wrong with one value by its class; empty where nothing is."""
        word = _WORDS.get(self.cls(table, row, item), "")
        return f"{item} {word}{self._probably(table, row, item)}" if word else ""

    def _probably(self, table: str, row: int, item: str) -> str:
        """The codes that a value probably stands for that is none; empty where nothing says so."""
        codes = self.item(table, item).codes
        text = self.value(table, row, item)
        if codes is None or not codes.closed or self.cls(table, row, item) != "I":
            return ""
        means = recognise(codes, text).means
        return f", probably {' or '.join(means)}" if means else ""

    def is_answer(self, table: str, row: int, item: str) -> bool:
        """Whether one value is an answer, or the choice not to give one."""
        return self.cls(table, row, item) in _ANSWERS

    def item(self, table: str, name: str) -> Item:
        """An item of a table."""
        return self.spec.tables[table].by_name[name]

    def satisfying(self, relation: Related, changes: Mapping[str, str]) -> set[int]:
        """The rows of a related table that are such as is asked, once these items are changed."""
        frame = self.text(relation.table).lazy()
        where = predicate(relation.where or "")
        tested = frozenset(where.meta.root_names())
        table = self.spec.tables[relation.table]
        items = [item for item in table.items if item.name in {item_of(one) for one in tested}]
        changed = frame.with_columns(
            pl.lit(value, pl.String).alias(name) for name, value in changes.items()
        )
        values = read_values(changed.with_row_index(ROW), items, tested)
        return set(values.filter(where).select(ROW).collect()[ROW].to_list())
