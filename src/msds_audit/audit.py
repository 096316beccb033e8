"""Counts: every rule, every measure and the VODIM classes of every item of a submission.

Each table is read once and held. Rules that name damage to keys are left to a second pass, over
those that may hold some. It takes a submission and rules and returns counts; what is enough is
left to `scoring`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import polars as pl

from msds_audit.cascade import rejected
from msds_audit.checks import vodim
from msds_audit.counting import Rejecting, counted, failed
from msds_audit.engines import by_engine
from msds_audit.extract import POLARS_FAILED, Submission
from msds_audit.holding import HeldSubmission, HeldTable, held, times_of
from msds_audit.near_misses import Guess, recognise
from msds_audit.predicates import ROWS, item_of, needs, predicate
from msds_audit.rejections import Rejected
from msds_audit.rule import Declared, Measure, Rule, Rules
from msds_audit.scorecard import Audited, ItemTally, Tally, Unrecognised
from msds_audit.spec import Item, Spec

SMALL = 50_000
"""Where no table has more rows than this, Polars is sooner done without streaming."""

SMALL_IN_ALL = 5 * SMALL
"""With no more rows than this in all of its tables, a submission is audited in some seconds."""

_Tables: TypeAlias = Mapping[str, HeldTable]


def audit(submission: Submission, rules: Rules) -> Audited:
    """Count everything in one submission.

    Raises ExtractError if a table cannot be read to its end.
    """
    with by_engine("in-memory" if _is_small(submission) else "streaming"):
        return _audit(held(submission, rules.spec), rules)


def takes_little(submission: Submission) -> bool:
    """Whether a submission takes so little memory and time that others may be audited beside it."""
    return sum(submission.rows.values()) <= SMALL_IN_ALL


def _is_small(submission: Submission) -> bool:
    """Whether no table has many rows."""
    return all(rows <= SMALL for rows in submission.rows.values())


def _audit(whole: HeldSubmission, rules: Rules) -> Audited:
    submission, tables = whole.given, whole.tables
    columns = _columns(tables)
    missing = {one.id: _missing(one, columns, rules.spec) for one in rules.declared}
    judged: dict[str, list[Declared]] = {}
    for one in rules.declared:
        if not missing[one.id] and not (isinstance(one, Rule) and one.occurs is not None):
            judged.setdefault(one.table, []).append(one)
    found = {
        name: counted(whole, rules.spec, table, judged.get(name, []))
        for name, table in rules.spec.tables.items()
        if name in tables
    }
    counts = {name: counts for name, (counts, _) in found.items()}
    rejecting = {name: failing for name, (_, failing) in found.items()}
    rows = {table: one.rows for table, one in counts.items()}
    items = {(tally.table, tally.item): tally for one in counts.values() for tally in one.items}

    def tally_of(declared: Declared) -> Tally:
        if isinstance(declared, Rule) and declared.occurs is not None:
            filled = counts[declared.table].filled if declared.table in counts else 0
            return Tally(1, int(declared.occurs.allows(filled)))
        if declared.table in rows and not rows[declared.table]:
            return Tally(reason=f"{declared.table} is empty")
        obstacle = missing[declared.id]
        if obstacle:
            return Tally(reason=obstacle)
        return _unless_by_want(declared, counts[declared.table].tallies[declared.id], rows)

    tallies = {rule.id: tally_of(rule) for rule in rules.records.values()}
    return Audited(
        provider=submission.provider,
        period=submission.period,
        rows=rows,
        items=tuple(_item_tally(item, items, rows) for item in rules.spec.items),
        rules=tallies,
        measures={measure.id: tally_of(measure) for measure in rules.measures.values()},
        unrecognised=tuple(_unrecognised(tables, rules.spec, items.values())),
        answers=_answers(tables, columns, rules),
        notices=submission.notices,
        rejected=_rejected(whole, rules, rejecting),
        files=submission.files,
    )


def _rejected(
    whole: HeldSubmission, rules: Rules, rejecting: Mapping[str, Rejecting]
) -> Rejected | str:
    """What would be rejected, or why that could not be worked out."""
    frames = {name: one for name, one in rejecting.items() if not isinstance(one, str)}
    reasons = [one for one in rejecting.values() if isinstance(one, str)]
    if reasons:
        return reasons[0]
    try:
        return rejected(whole, rules, frames)
    except POLARS_FAILED as error:
        return failed(error)


Columns: TypeAlias = Mapping[str, frozenset[str]]
"""The items each table of a submission has."""


def _columns(tables: _Tables) -> Columns:
    return {name: frozenset(table.items) for name, table in tables.items()}


# --- what stands in the way ---------------------------------------------------------------


def _missing(declared: Declared, columns: Columns, spec: Spec) -> str:
    """The first table or item a rule reads that is not in the submission; empty when none."""
    read = needs(declared)
    wanted: list[tuple[str, set[str]]] = [(declared.table, set(read.items))]
    for relation in read.related:
        fields = {item_of(field) for field in read.fields[relation.name]} - {ROWS}
        where = predicate(relation.where or "").meta.root_names()
        wanted.append((relation.table, fields | {item_of(name) for name in where} | {relation.on}))
    for table, names in wanted:
        if table not in columns:
            return f"{table} is not in this extract"
        absent = names - columns[table]
        for item in spec.tables[table].items:
            if item.name in absent:
                return f"{table} has no column {item.name}"
    return ""


def _unless_by_want(declared: Declared, tally: Tally, rows: Mapping[str, int]) -> Tally:
    """The tally; of a rule that nothing fails beside an empty table, that nothing was compared.

    Measures stay as they are: women without any record of what is asked are a true count.
    """
    if isinstance(declared, Measure) or not tally.denominator or tally.failures:
        return tally
    empty = [one.table for one in needs(declared).related if not rows.get(one.table)]
    return Tally(reason=f"{empty[0]} is empty") if empty else tally


def _item_tally(
    item: Item, found: Mapping[tuple[str, str], ItemTally], rows: Mapping[str, int]
) -> ItemTally:
    tally = found.get((item.table, item.name))
    if tally is not None:
        return tally
    if item.table in rows:
        reason = f"{item.table} has no column {item.name}"
    else:
        reason = f"{item.table} is not in this extract"
    return ItemTally(item.table, item.name, item.uid, reason=reason)


# --- second look at coded items -----------------------------------------------------------


def _unrecognised(
    tables: _Tables, spec: Spec, tallies: Iterable[ItemTally]
) -> Iterator[Unrecognised]:
    """The invalid values of coded items, by what they probably meant."""
    for tally in tallies:
        item = spec.tables[tally.table].by_name[tally.item]
        if not tally.invalid or item.codes is None or not item.codes.closed:
            continue
        guesses: Counter[Guess] = Counter()
        for text, count in _words(tables[tally.table], item, ["I"]):
            guesses[recognise(item.codes, text)] += count
        for guess, count in sorted(guesses.items(), key=lambda one: (-one[1], one[0])):
            yield Unrecognised(tally.table, item.name, *guess, rows=count)


def _answers(
    tables: _Tables, columns: Columns, rules: Rules
) -> Mapping[tuple[str, str], Mapping[str, int]]:
    """How often each permitted code stands in the items that criteria watch."""
    watched = {
        criterion.watch
        for scheme in rules.schemes.values()
        for criterion in scheme.criteria
        if criterion.watch is not None
    }
    return {
        (table, name): dict(
            _words(tables[table], rules.spec.tables[table].by_name[name], ["V", "O", "D"])
        )
        for table, name in sorted(watched)
        if name in columns.get(table, ())
    }


def _words(table: HeldTable, item: Item, classes: Sequence[str]) -> list[tuple[str, int]]:
    """The values of these classes that stand in a coded item, and how often each does."""
    found = table.words.lazy().filter(
        vodim(item).is_in(list(classes)), pl.col(times_of(item.name)) > 0
    )
    return sorted(found.select(item.name, times_of(item.name)).collect().iter_rows())
