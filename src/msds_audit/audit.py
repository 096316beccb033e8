"""Counts: every rule, every measure and the VODIM classes of every item, in one pass a table.

Rules that name damage are left to a second pass, over the items that may hold some. It takes a
submission and rules and returns counts; what is enough is left to `scoring`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import polars as pl

from msds_audit.cascade import rejected
from msds_audit.checks import vodim
from msds_audit.errors import ExtractError
from msds_audit.extract import POLARS_FAILED, Submission
from msds_audit.near_misses import Guess, recognise
from msds_audit.plans import FILLED, Plan, hides_damage, plan_of, several_rows
from msds_audit.predicates import ROWS, item_of, needs, predicate
from msds_audit.rejections import Rejected
from msds_audit.relations import in_context
from msds_audit.rule import Declared, Measure, Rule, Rules
from msds_audit.scorecard import Audited, ItemTally, Tally, Unrecognised
from msds_audit.spec import Item, Spec, Table

SMALL = 50_000
"""Where no table has more rows than this, each is read once and held: that is sooner."""


def audit(submission: Submission, rules: Rules) -> Audited:
    """Count everything in one submission.

    Raises ExtractError if a table cannot be read to its end.
    """
    with pl.Config() as settings:
        heights = _heights(submission)
        is_small = len(heights) == len(submission.tables)
        settings.set_engine_affinity("in-memory" if is_small else "streaming")
        empty = {name for name, rows in heights.items() if not rows}
        held = _held(submission) if is_small else submission
        return _audit(held, rules, empty, is_small=is_small)


def _heights(submission: Submission) -> dict[str, int]:
    """The rows of the tables, up to the first that has many or cannot be read."""
    heights: dict[str, int] = {}
    for name, frame in submission.tables.items():
        try:
            rows = frame.select(pl.len()).collect().item()
        except POLARS_FAILED:
            break
        if rows > SMALL:
            break
        heights[name] = rows
    return heights


def _held(submission: Submission) -> Submission:
    """The submission with every table read; one that cannot be is left to the count to tell."""
    tables = {}
    for name, frame in submission.tables.items():
        try:
            tables[name] = frame.collect().lazy()
        except POLARS_FAILED:
            tables[name] = frame
    return replace(submission, tables=tables)


def _audit(
    submission: Submission, rules: Rules, empty: Collection[str], *, is_small: bool
) -> Audited:
    columns = _columns(submission)
    missing = {one.id: _missing(one, columns, rules.spec) for one in rules.declared}
    judged: dict[str, list[Declared]] = {}
    for one in rules.declared:
        if not missing[one.id] and not (isinstance(one, Rule) and one.occurs is not None):
            judged.setdefault(one.table, []).append(one)
    counts = {
        table.name: _nothing(table, columns[table.name])
        if table.name in empty
        else _counted(submission, rules.spec, table, judged.get(table.name, []), apart=not is_small)
        for table in rules.spec.tables.values()
        if table.name in columns
    }
    rows = {table: found.rows for table, found in counts.items()}
    items = {(tally.table, tally.item): tally for found in counts.values() for tally in found.items}

    def tally_of(declared: Declared) -> Tally:
        if isinstance(declared, Rule) and declared.occurs is not None:
            found = counts.get(declared.table)
            return Tally(1, int(declared.occurs.allows(found.filled if found is not None else 0)))
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
        unrecognised=tuple(_unrecognised(submission, rules.spec, items.values())),
        answers=_answers(submission, columns, rules),
        notices=submission.notices,
        rejected=_rejected(submission, rules, tallies, rows),
        files=submission.files,
    )


def _rejected(
    submission: Submission, rules: Rules, tallies: Mapping[str, Tally], rows: Mapping[str, int]
) -> Rejected | str:
    """What would be rejected, or why that could not be worked out."""
    try:
        return rejected(submission, rules, tallies, rows)
    except POLARS_FAILED as error:
        return f"the check itself failed ({type(error).__name__})"


Columns: TypeAlias = Mapping[str, frozenset[str]]
"""The items each table of a submission has."""


def _columns(submission: Submission) -> Columns:
    return {
        name: frozenset(frame.collect_schema().names()) for name, frame in submission.tables.items()
    }


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


# --- one pass a table ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Counts:
    """The counts of one table; `filled` are the rows that are not wholly blank."""

    rows: int
    filled: int
    items: tuple[ItemTally, ...]
    tallies: Mapping[str, Tally]


def _counts(plan: Plan, row: Mapping[str, int], failed: Mapping[str, str]) -> _Counts:
    def tally(id: str) -> Tally:
        if id in failed:
            return Tally(reason=failed[id])
        applies = row[f"{id} applies"]
        if id in plan.rules:
            return Tally(applies, row[f"{id} passes"])
        numerator = applies - row[f"{id} fails"]
        return Tally(applies, numerator, undetermined=row[f"{id} may apply"] - applies)

    return _Counts(
        rows=row[ROWS],
        filled=row[FILLED],
        items=tuple(
            ItemTally(
                item.table,
                item.name,
                item.uid,
                valid=row[f"{item.name} V"],
                other=row[f"{item.name} O"],
                default=row[f"{item.name} D"],
                invalid=row[f"{item.name} I"],
                missing=row[f"{item.name} M"],
            )
            for item in plan.items
        ),
        tallies={id: tally(id) for id in [*plan.rules, *plan.measures]},
    )


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


# --- running ------------------------------------------------------------------------------


def _nothing(table: Table, columns: Collection[str]) -> _Counts:
    """The counts of a table without rows, which is a reason why no rule of it can be judged."""
    items = (item for item in table.items if item.name in columns)
    tallies = tuple(ItemTally(item.table, item.name, item.uid) for item in items)
    return _Counts(rows=0, filled=0, items=tallies, tallies={})


def _counted(
    submission: Submission,
    spec: Spec,
    table: Table,
    declared: Sequence[Declared],
    *,
    apart: bool,
) -> _Counts:
    """Count everything in one table; where that fails, find out which rule is to blame.

    `apart` what reads other tables is counted in a pass of its own, which then carries few items.

    Tables are run one after the other because `collect_all` spends seconds looking for plans
    that they have in common.
    """
    others = [one for one in declared if not isinstance(one, Rule) or one.damage is None]
    beside = [one for one in others if apart and needs(one).related]
    plan, row, failed = _run(submission, spec, table, [one for one in others if one not in beside])
    counts = _counts(plan, row, failed)
    if beside:
        more = _counts(*_run(submission, spec, table, beside, items=False)).tallies
        counts = replace(counts, tallies={**counts.tallies, **more})
    naming_damage = [one for one in declared if isinstance(one, Rule) and one.damage is not None]
    suspect = {
        tally.item for tally in counts.items if tally.invalid or row.get(hides_damage(tally.item))
    }
    recorded = {tally.item: tally.rows - tally.missing for tally in counts.items}
    tallies = {one.id: Tally(recorded[one.about], recorded[one.about]) for one in naming_damage}
    looked_at = [one for one in naming_damage if one.about in suspect]
    if looked_at:
        tallies |= _counts(*_run(submission, spec, table, looked_at, items=False)).tallies
    return replace(counts, tallies={**counts.tallies, **tallies})


def _run(
    submission: Submission,
    spec: Spec,
    table: Table,
    declared: Sequence[Declared],
    *,
    items: bool = True,
) -> tuple[Plan, Mapping[str, int], Mapping[str, str]]:
    """The plan for these rules and measures, its one row, and why any of them failed."""
    present = frozenset(submission.tables[table.name].collect_schema().names())
    plan = plan_of(tuple(declared), table, present, items=items)
    try:
        return plan, _first_row(submission, spec, plan, declared), {}
    except POLARS_FAILED:
        return plan, *_one_by_one(submission, spec, table, declared)


def _first_row(
    submission: Submission, spec: Spec, plan: Plan, declared: Sequence[Declared]
) -> dict[str, int]:
    context = in_context(submission, spec, plan.table.name, declared)
    base = submission.tables[plan.table.name]
    row = plan.counting(base, context).collect().row(0, named=True)
    for key in plan.people:
        if row[several_rows((key,))]:
            more = plan.counting_people(base, context, key).collect().row(0, named=True)
            row |= {name: row[name] + number for name, number in more.items()}
    return row


def _one_by_one(
    submission: Submission, spec: Spec, table: Table, declared: Sequence[Declared]
) -> tuple[Mapping[str, int], Mapping[str, str]]:
    """The text of Polars' own errors may hold a row, so it goes no further than here."""
    present = frozenset(submission.tables[table.name].collect_schema().names())
    failed: dict[str, str] = {}
    try:
        row = _first_row(submission, spec, plan_of((), table, present, items=True), ())
    except POLARS_FAILED as error:
        raise ExtractError(
            f"{table.name} cannot be read to its end ({type(error).__name__}).",
            hint="Export the table again, or open it and look for a damaged line.",
        ) from None
    for one in declared:
        alone = plan_of((one,), table, present, items=False)
        try:
            row |= _first_row(submission, spec, alone, (one,))
        except POLARS_FAILED as error:
            failed[one.id] = f"the check itself failed ({type(error).__name__})"
    return row, failed


# --- second look at coded items -----------------------------------------------------------


def _unrecognised(
    submission: Submission, spec: Spec, tallies: Iterable[ItemTally]
) -> Iterator[Unrecognised]:
    """The invalid values of coded items, by what they probably meant."""
    coded: dict[str, list[Item]] = {}
    for tally in tallies:
        item = spec.tables[tally.table].by_name[tally.item]
        if tally.invalid and item.codes is not None and item.codes.closed:
            coded.setdefault(tally.table, []).append(item)
    for table, items in coded.items():
        counts = _value_counts(submission.tables[table], items, ["I"])
        for item in items:
            guesses: Counter[Guess] = Counter()
            for text, count in counts[item.name]:
                if item.codes is not None:
                    guesses[recognise(item.codes, text)] += count
            for guess, count in sorted(guesses.items(), key=lambda one: (-one[1], one[0])):
                yield Unrecognised(table, item.name, *guess, rows=count)


def _answers(
    submission: Submission, columns: Columns, rules: Rules
) -> Mapping[tuple[str, str], Mapping[str, int]]:
    """How often each permitted code stands in the items that criteria watch."""
    watched = {
        criterion.watch
        for scheme in rules.schemes.values()
        for criterion in scheme.criteria
        if criterion.watch is not None
    }
    answers: dict[tuple[str, str], Mapping[str, int]] = {}
    for table in sorted({table for table, _ in watched}):
        names = sorted(name for one, name in watched if one == table)
        present = [name for name in names if name in columns.get(table, ())]
        items = [rules.spec.tables[table].by_name[name] for name in present]
        if items:
            counts = _value_counts(submission.tables[table], items, ["V", "O", "D"])
            answers |= {(table, name): dict(counts[name]) for name in present}
    return answers


def _value_counts(
    frame: pl.LazyFrame, items: Sequence[Item], classes: Sequence[str]
) -> Mapping[str, list[tuple[str, int]]]:
    """How often each value of these classes stands in each of some items, in one pass."""
    chosen = (pl.col(item.name).filter(vodim(item).is_in(list(classes))) for item in items)
    counts = frame.select(one.value_counts().implode() for one in chosen).collect()
    return {
        item.name: sorted(tuple(one.values()) for one in counts[item.name][0]) for item in items
    }
