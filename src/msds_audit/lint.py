"""Proves that rules do what they say, before any data is read: names, predicates, examples.

It takes rules that were read and returns faults; the shape of their files is `catalogue`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from msds_audit.checks import companions
from msds_audit.errors import Fault
from msds_audit.examples import ANY_PERIOD, in_examples, result_of, results_of
from msds_audit.extract import POLARS_FAILED, Period
from msds_audit.predicates import (
    ROWS,
    VALUES_SUFFIX,
    PredicateError,
    functions_refused,
    needs,
    predicate,
)
from msds_audit.rule import Declared, Example, Expected, Indicator, Rules, is_written
from msds_audit.spec import Table


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an example: a result, or why there is none (`trouble`)."""

    example: Example
    found: Expected | None
    trouble: str = ""

    @property
    def holds(self) -> bool:
        """Whether it came out as it says."""
        return self.found is self.example.result


@dataclass(frozen=True, slots=True)
class Proof:
    """What is wrong with a rule or measure itself; and, where nothing is, what examples gave."""

    declared: Declared
    faults: tuple[Fault, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.faults and all(outcome.holds for outcome in self.outcomes)


def faults_in(rules: Rules, *, generated: bool = False) -> list[Fault]:
    """What is wrong with names, predicates and examples of the rules of the folder given last.

    Those before it were proved when they were written. With `generated`, of every rule, also of
    those that follow from the specification alone.
    """
    found = reused_ids(rules)
    for declared in rules.declared:
        if generated or declared.id in rules.own:
            proved = proof(declared, rules)
            found += proved.faults
            found += (_of_example(declared, one) for one in proved.outcomes if not one.holds)
    return found


def proof(declared: Declared, rules: Rules) -> Proof:
    """Look at the names and predicates of a rule or measure, and run its examples."""
    if isinstance(declared, Indicator) and declared.undefined:
        return Proof(declared, (), ())
    if not isinstance(declared, Indicator) and declared.table not in rules.spec.tables:
        fault = _fault(declared, "table", f"there is no table {declared.table!r}.")
        return Proof(declared, (fault,), ())
    table = rules.table_of(declared)
    try:
        wrong = list(_unknown_names(declared, table, rules))
        if wrong:
            return Proof(declared, tuple(wrong), ())
        faults = tuple(_not_row_by_row(declared, rules)) if is_written(declared) else ()
        if faults:
            return Proof(declared, faults, ())
        faults = tuple(_missing_examples(declared))
        outcomes = _outcomes(declared, table, rules)
    except PredicateError as error:
        return Proof(declared, (_fault(declared, "applies, passes", str(error)),), ())
    return Proof(declared, faults, outcomes)


def _fault(declared: Declared, key: str, sentence: str, hint: str = "") -> Fault:
    return Fault(declared.file, declared.id, key, sentence, hint)


# --- ids ----------------------------------------------------------------------------------


_NEW_ID = "Ids are for ever: take a new one."


def reused_ids(rules: Rules) -> list[Fault]:
    """Every id that something else has or had: ids are for ever."""
    return list(_reused(rules))


def _reused(rules: Rules) -> Iterator[Fault]:
    named = _by_id((one.id, one) for one in rules.declared)
    former = _by_id((id, one) for one in rules.declared for id in dict.fromkeys(one.formerly))
    for first, *others in named.values():
        for other in others:
            yield _fault(other, "id", f"is also the id of a {_kind(first)}.", _NEW_ID)
    for id, (first, *others) in former.items():
        for other in others:
            sentence = f"{first.id} was {_as_spelt(id, first)} before."
            yield _fault(other, "formerly", sentence, "Only one can have had that id.")
        for bearer in named.get(id, ()):
            if bearer is first:
                yield _fault(first, "formerly", "names its own id.", "Take it out.")
            elif bearer.file:
                sentence = f"is what {first.id} was called before."
                yield _fault(bearer, "id", sentence, _NEW_ID)
            else:
                yield _fault(first, "formerly", f"{bearer.id} is a rule still.", "Take it out.")


def _by_id(pairs: Iterable[tuple[str, Declared]]) -> dict[str, list[Declared]]:
    """What has each id, whether it is written in capitals or not."""
    found: dict[str, list[Declared]] = {}
    for id, declared in pairs:
        found.setdefault(id.casefold(), []).append(declared)
    return found


def _kind(declared: Declared) -> str:
    return type(declared).__name__.lower()


def _as_spelt(id: str, declared: Declared) -> str:
    return next(former for former in declared.formerly if former.casefold() == id)


# --- names --------------------------------------------------------------------------------


def _unknown_names(declared: Declared, table: Table, rules: Rules) -> Iterator[Fault]:
    read = needs(declared)
    for name in sorted(read.columns - _columns_of(table)):
        if isinstance(declared, Indicator):
            sentence = f"{table.name} has no column {name!r}."
            hint = f"See: msds-audit rules show {table.name}"
        else:
            sentence = f"{table.name} has no item {name!r}, and nothing related is called that."
            hint = f"See: msds-audit spec show {table.number}"
        yield _fault(declared, "applies, passes", sentence, hint)
    for relation in read.related:
        other = rules.spec.tables[relation.table]
        counts = {f"{item.name}{VALUES_SUFFIX}" for item in other.items}
        known = _columns_of(other) | counts | {ROWS}
        where = set(predicate(relation.where or "").meta.root_names())
        for name in sorted((read.fields[relation.name] | where) - known):
            yield _fault(
                declared, "applies, passes", f"{relation.name} ({other.name}) has no item {name!r}."
            )


def _columns_of(table: Table) -> set[str]:
    return {name for item in table.items for name in (item.name, *companions(item))}


# --- predicates ---------------------------------------------------------------------------


def _not_row_by_row(declared: Declared, rules: Rules) -> Iterator[Fault]:
    """A predicate must give one true or false a row: no rows in, no rows out."""
    refused = list(_refused_functions(declared))
    if refused:
        yield from refused
        return
    nothing = Example("", {}, (), {}, "", Expected.PASS)
    frame = in_examples(declared, [nothing], rules).collect_schema().to_frame()
    for key, sql in (("applies", declared.applies), ("passes", declared.passes)):
        if not sql.strip():
            continue
        try:
            result = frame.select(predicate(sql)).to_series()
        except POLARS_FAILED as error:
            yield _fault(
                declared, key, f"does not work on this table: {type(error).__name__}: {error}"
            )
            continue
        if len(result) or result.dtype not in (pl.Boolean, pl.Null):
            yield _fault(declared, key, "does not say yes or no row by row.")


def _refused_functions(declared: Declared) -> Iterator[Fault]:
    where = [("where", relation.where or "") for relation in declared.related]
    for key, sql in (("applies", declared.applies), ("passes", declared.passes), *where):
        for function in functions_refused(sql):
            yield _fault(
                declared,
                key,
                f"{function} may not be used: a predicate judges row by row.",
                "Use the items of the row and what is related to it.",
            )


# --- examples -----------------------------------------------------------------------------


def _missing_examples(declared: Declared) -> Iterator[Fault]:
    results = {example.result for example in declared.examples}
    for needed in (Expected.PASS, Expected.FAIL):
        if needed not in results:
            yield _fault(
                declared, "example", f"has no example with the result {needed!s}.", "Add one."
            )


def _outcomes(declared: Declared, table: Table, rules: Rules) -> tuple[Outcome, ...]:
    """What came of every example; where one stops, each is run by itself to tell which."""
    slips = {id(one): _slip(declared, table, one, rules) for one in declared.examples}
    sound = [one for one in declared.examples if not slips[id(one)]]
    try:
        found = dict(zip(map(id, sound), results_of(declared, sound, rules), strict=True))
    except POLARS_FAILED:
        found = {}
    return tuple(
        Outcome(one, None, slips[id(one)])
        if slips[id(one)]
        else Outcome(one, found[id(one)])
        if id(one) in found
        else _alone(declared, one, rules)
        for one in declared.examples
    )


def _alone(declared: Declared, example: Example, rules: Rules) -> Outcome:
    try:
        return Outcome(example, result_of(declared, example, rules))
    except POLARS_FAILED as error:
        return Outcome(example, None, f"stops with {type(error).__name__}.")


def _of_example(declared: Declared, outcome: Outcome) -> Fault:
    says = repr(outcome.example.says)
    if outcome.trouble:
        return _fault(declared, "example", f"{says} {outcome.trouble}")
    return _fault(
        declared,
        "example",
        f"{says} should be {outcome.example.result!s} and is {outcome.found!s}.",
        "Mend the predicate or the example.",
    )


def _slip(declared: Declared, table: Table, example: Example, rules: Rules) -> str:
    """The first name in an example that means nothing; empty where all do."""
    tables = {relation.name: relation.table for relation in declared.related}
    rows = [(table, row) for row in (example.row, *example.others)]
    for name, related in example.related.items():
        if name not in tables:
            return f"brings {name!r}, which the rule does not name."
        rows += [(rules.spec.tables[tables[name]], row) for row in related]
    for owner, row in rows:
        for item in sorted(set(row) - set(owner.by_name)):
            return f"names {item!r}, which is no item of {owner.name}."
    try:
        Period.parse(example.period or ANY_PERIOD)
    except ValueError:
        return "has a period that is no month, such as 2026-08."
    return ""
