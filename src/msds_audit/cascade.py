"""Which records would be rejected: those that are wrong, and those that go with them.

A record is wrong where it fails a rule that rejects it. A rejected record takes with it the
records of other tables that belong to it, over all relationships of the specification, because
the pipeline checks references against valid records only. And a patient goes who has no valid
record left in a table that every patient must have. What that makes of the submission as a
whole is left to `scoring`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain

import polars as pl

from msds_audit.failing_rows import ROW, fails
from msds_audit.holding import HeldSubmission
from msds_audit.keys import PLACES, Keys
from msds_audit.link_rules import PATIENTS
from msds_audit.rejections import Cause, Rejected, Rejections
from msds_audit.rule import Rule, Rules
from msds_audit.spec import Item, Spec, Table

_PATIENT = "LPIDMother"
_CAUSE, _WITH, _LACKS = "cause", "goes with", "lacks"

_Wrong = pl.DataFrame
"""Rejected records of one table: its linking items as text, and three columns for the cause."""


def rejected(held: HeldSubmission, rules: Rules, rejecting: Mapping[str, pl.DataFrame]) -> Rejected:
    """Everything in a submission that would be rejected.

    Args:
        held: The submission.
        rules: The rules in force.
        rejecting: Of each table there is, the rows that fail a rule that rejects them, as
            `counting.counted` finds them.
    """
    cascade, tables = _Cascade(held, rules, rejecting), held.tables
    found = {table.name: cascade.rejected_in(table) for table in _parents_first(rules.spec)}
    rejections = [
        Rejections(name, tables[name].frame.height, _causes(found[name]))
        for name in rules.spec.tables
        if name in tables
    ]
    of_patients = tuple(table.name for table in rules.spec.in_every_submission)
    emptied = (one.table for one in rejections if one.table in of_patients and one.is_emptied)
    return Rejected(
        patients=cascade.patients(),
        patients_gone=cascade.patients_gone(found),
        tables=tuple(rejections),
        emptied=tuple(emptied),
        of_patients=of_patients,
    )


def _parents_first(spec: Spec) -> list[Table]:
    """The tables, each after those its records belong to."""
    ordered: dict[str, Table] = {}

    def place(table: Table) -> None:
        for item in table.items:
            if item.references is not None:
                place(spec.tables[item.references[0]])
        ordered.setdefault(table.name, table)

    for table in spec.tables.values():
        place(table)
    return list(ordered.values())


# --- the cascade --------------------------------------------------------------------------


class _Cascade:
    """Goes through the tables, parents first, keeping which keys no valid record has."""

    def __init__(
        self,
        held: HeldSubmission,
        rules: Rules,
        rejecting: Mapping[str, pl.DataFrame],
    ) -> None:
        self._held = held
        self._tables = held.tables
        self._rules = rules
        self._rejecting = rejecting
        self._gone: dict[tuple[str, str], pl.Series] = {}
        self._wrong: dict[str, pl.DataFrame] = {}

    def rejected_in(self, table: Table) -> _Wrong | None:
        """The rejected records of a table; None where there is none."""
        if table.name not in self._tables:
            return None
        lacking = self._lacking() if table.name == PATIENTS else {}
        own = self._own(table)
        taken = self._taken(table, lacking).filter(~pl.col(ROW).is_in(own[ROW].implode()))
        wrong = pl.concat([own, taken], how="diagonal").drop(ROW)
        if wrong.is_empty():
            return None
        for key in self._keys_of(table):
            self._gone[table.name, key] = self._without_a_valid_row(table, wrong, key)
        return wrong

    def _taken(self, table: Table, lacking: Mapping[str, pl.Series]) -> pl.DataFrame:
        """The records that go with another, or lack one: place, linking items and why."""
        linked = self._linked(table)
        with_parent = [
            (pl.col(item.name).is_in(self._gone[item.references].implode()), item.references[0])
            for item in table.items
            if item.references in self._gone and item.name in linked.columns
        ]
        without = [(pl.col(_PATIENT).is_in(keys.implode()), name) for name, keys in lacking.items()]
        if not (with_parent or without):
            linked = linked.clear()
        found = linked.lazy().with_columns(
            _first(with_parent).alias(_WITH), _first(without).alias(_LACKS)
        )
        return found.filter(pl.col(_WITH).is_not_null() | pl.col(_LACKS).is_not_null()).collect()

    def _linked(self, table: Table) -> pl.DataFrame:
        """The place and the linking items of every record, as text."""
        held = self._tables[table.name]
        places = pl.int_range(held.frame.height, dtype=PLACES, eager=True).alias(ROW)
        links = [name for name in self._links(table) if name in held.items]
        return pl.DataFrame([places, *(held.texts(name).alias(name) for name in links)])

    def _own(self, table: Table) -> pl.DataFrame:
        """The records that are wrong themselves: place, linking items, first rule that they fail.

        Kept, because it is asked for twice of tables that every patient must have.
        """
        if table.name not in self._wrong:
            rows = self._rejecting[table.name]
            cause = _first([(pl.col(fails(rule)), rule.id) for rule in self._failing(table)])
            linked = self._linked(table)[rows[ROW]]
            causes = rows.with_columns(cause.alias(_CAUSE))[_CAUSE]
            self._wrong[table.name] = linked.with_columns(causes)
        return self._wrong[table.name]

    def _failing(self, table: Table) -> list[Rule]:
        """The rejecting rules that some record fails: of the specification first, then written.

        The items of a record come in published order, so that the first cause is the first item
        that is wrong.
        """
        order = {item.uid: at for at, item in enumerate(table.items)}
        found = self._rejecting[table.name].columns
        failing = [rule for rule in self._rules.for_table(table.name) if fails(rule) in found]
        return sorted(
            failing, key=lambda rule: (order.get(rule.id.partition("-")[0], len(order)), rule.id)
        )

    # --- patients

    def patients(self) -> int:
        """How many different patients there are, those without an identifier one each.

        Who is named by another table alone is one as well.
        """
        keys = self._known_patients
        if keys is None:
            return 0
        return len(keys.firsts) + keys.texts.null_count() + len(self._named_elsewhere)

    def patients_gone(self, found: Mapping[str, _Wrong | None]) -> int:
        """How many of them have no valid record, by what was found rejected in each table."""
        wrong = found[PATIENTS]
        gone = 0
        if wrong is not None and _PATIENT in wrong.columns:
            gone = len(self._gone[PATIENTS, _PATIENT]) + wrong[_PATIENT].null_count()
        wrong_of = ((found[table], item) for table, item in self._naming())
        rejected = chain(*(one[item] for one, item in wrong_of if one is not None))
        return gone + len(self._named_elsewhere.intersection(rejected))

    @property
    def _known_patients(self) -> Keys | None:
        """The patients of their own table; None where it, or what tells them apart, is missing."""
        held = self._tables.get(PATIENTS)
        return held.keys(_PATIENT) if held is not None and _PATIENT in held.items else None

    @cached_property
    def _named_elsewhere(self) -> set[str]:
        """The patients of whom other tables have records and the table of patients has none."""
        named: set[str] = set()
        if self._known_patients is None:
            return named
        for table, item in self._naming():
            firsts = self._held.firsts(table, item, PATIENTS, _PATIENT)
            named.update(self._tables[table].texts(item).filter(firsts.is_null()).drop_nulls())
        return named

    def _naming(self) -> Iterator[tuple[str, str]]:
        """The items by which tables name patients, each after its table."""
        for item in self._rules.spec.items:
            held = self._tables.get(item.table)
            if item.references == (PATIENTS, _PATIENT) and held and item.name in held.items:
                yield item.table, item.name

    # --- keys

    def _keys_of(self, table: Table) -> list[str]:
        """The items of a table that others refer to."""
        referred = {
            item.references[1]
            for item in self._rules.spec.items
            if item.references is not None and item.references[0] == table.name
        }
        return sorted(referred)

    def _links(self, table: Table) -> list[str]:
        """The items that tie the records of a table to others."""
        keys = self._keys_of(table)
        return [item.name for item in table.items if item.references or item.name in keys]

    def _lacking(self) -> Mapping[str, pl.Series]:
        """For each table that every patient must have: the patients of whom none there is valid.

        Only those who have a record in it: having none at all is a rule of its own.
        """
        lacking: dict[str, pl.Series] = {}
        for table, item in _of_every_patient(self._rules.spec):
            if table.name not in self._rejecting or not self._failing(table):
                continue
            lacking[table.name] = self._without_a_valid_row(table, self._own(table), item.name)
        return lacking

    def _without_a_valid_row(self, table: Table, wrong: _Wrong, key: str) -> pl.Series:
        """The keys that only rejected records have: as many of those as there are in all."""
        if key not in wrong.columns:
            return pl.Series(key, [], dtype=pl.String)
        rejected = wrong.select(key).drop_nulls().group_by(key).len("rejected")
        of_them = pl.col(key).is_in(rejected[key].implode())
        everywhere = self._tables[table.name].texts(key).alias(key).to_frame().lazy()
        every = everywhere.filter(of_them).group_by(key).len("all").collect()
        return rejected.join(every, on=key).filter(pl.col("rejected") == pl.col("all"))[key]


def _of_every_patient(spec: Spec) -> Iterator[tuple[Table, Item]]:
    for table in spec.in_every_submission:
        for item in table.items:
            if item.references is not None and item.references[0] == PATIENTS:
                yield table, item


def _first(tests: Sequence[tuple[pl.Expr, str]]) -> pl.Expr:
    """The word of the first test that holds; null where none does."""
    words = [pl.when(test).then(pl.lit(word)) for test, word in tests]
    return pl.coalesce(*words, pl.lit(None, pl.String))


# --- counting -----------------------------------------------------------------------------


def _causes(wrong: _Wrong | None) -> tuple[Cause, ...]:
    if wrong is None:
        return ()
    counts = wrong.group_by(_CAUSE, _WITH, _LACKS).len()
    causes = [
        Cause(records, rule or "", goes_with or "", lacks or "" if not goes_with else "")
        for rule, goes_with, lacks, records in counts.iter_rows()
    ]
    return tuple(sorted(causes, key=lambda one: (-one.records, one.rule, one.goes_with, one.lacks)))
