"""What a rule or measure makes of its examples, many at once.

Rows of examples are laid out as the audit would see them; whether a result is the one that was
expected is left to `lint`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import polars as pl

from msds_audit.checks import read_values, row_check
from msds_audit.extract import Period, normalised
from msds_audit.predicates import (
    PERIOD_END,
    PERIOD_START,
    PROVIDER,
    ROWS,
    item_of,
    needs,
    predicate,
)
from msds_audit.relations import KEY, folded_rows
from msds_audit.rule import Declared, Example, Expected, Indicator, Related, Row, Rule, Rules
from msds_audit.spec import Table

ANY_PERIOD = "2026-08"
_ANY_PROVIDER = "RJ7"
_PLACE = "example"


def results_of(declared: Declared, examples: Sequence[Example], rules: Rules) -> list[Expected]:
    """What a rule or measure makes of the row of each example."""
    if isinstance(declared, Rule) and declared.occurs is not None:
        return [_of_table(declared, example) for example in examples]
    if any(example.others for example in examples):
        return [_results(declared, [example], rules)[0] for example in examples]
    return _results(declared, examples, rules) if examples else []


def result_of(declared: Declared, example: Example, rules: Rules) -> Expected:
    """What a rule or measure makes of an example's row."""
    return results_of(declared, [example], rules)[0]


def _of_table(rule: Rule, example: Example) -> Expected:
    filled = sum(any(row.values()) for row in (example.row, *example.others))
    allowed = rule.occurs is not None and rule.occurs.allows(filled)
    return Expected.PASS if allowed else Expected.FAIL


def _results(declared: Declared, examples: Sequence[Example], rules: Rules) -> list[Expected]:
    check = row_check(declared, rules.table_of(declared))
    judged = (
        in_examples(declared, examples, rules)
        .select(check.applies.alias("applies"), check.passes.alias("passes"))
        .head(len(examples))
        .collect(engine="in-memory")
    )
    return [
        (Expected.PASS if passes else Expected.FAIL) if applies else Expected.NOT_APPLICABLE
        for applies, passes in judged.iter_rows()
    ]


def in_examples(declared: Declared, examples: Sequence[Example], rules: Rules) -> pl.LazyFrame:
    """The rows of examples as the audit would see them: values, submission, related rows.

    The row of each example comes first, in their order, then their further rows.
    """
    read = needs(declared)
    table = rules.table_of(declared)
    whose = [*examples, *(example for example in examples for _ in example.others)]
    rows = [example.row for example in examples]
    rows += [other for example in examples for other in example.others]
    places = {id(example): str(place) for place, example in enumerate(examples)}
    periods = [_window(declared, Period.parse(example.period or ANY_PERIOD)) for example in whose]
    frame = _text(rows, table, read.items, [places[id(one)] for one in whose]).with_columns(
        pl.Series(PERIOD_START, [months[0].start for months in periods], dtype=pl.Date),
        pl.Series(PERIOD_END, [months[-1].end for months in periods], dtype=pl.Date),
        pl.Series(PROVIDER, [one.provider or _ANY_PROVIDER for one in whose], dtype=pl.String),
    )
    items = [item for item in table.items if item.name in read.items]
    frame = read_values(frame, items, read.columns)
    for relation in read.related:
        other = rules.spec.tables[relation.table]
        folded = _folded(relation, examples, other, read.fields[relation.name])
        frame = frame.join(folded, left_on=_PLACE, right_on=KEY, how="left", maintain_order="left")
    return frame


def _window(declared: Declared, period: Period) -> list[Period]:
    return declared.window.months(period) if isinstance(declared, Indicator) else [period]


def _folded(
    relation: Related, examples: Sequence[Example], table: Table, fields: frozenset[str]
) -> pl.LazyFrame:
    """The related rows of each example folded into one, with the place of the example."""
    where = predicate(relation.where or "")
    names = {item_of(name) for name in {*fields, *where.meta.root_names()} - {ROWS}}
    rows = [example.related.get(relation.name, ()) for example in examples]
    places = [str(place) for place, found in enumerate(rows) for _ in found]
    tied = _text([row for found in rows for row in found], table, names, places)
    return folded_rows(tied, table, replace(relation, on=_PLACE), fields)


def _text(
    rows: Sequence[Row], table: Table, names: Collection[str], places: Sequence[str]
) -> pl.LazyFrame:
    """Items of rows as trimmed text, and the place of the example that each belongs to."""
    columns = {name: [row.get(name) for row in rows] for name in table.by_name if name in names}
    text = {**columns, _PLACE: list(places)}
    return normalised(pl.LazyFrame(text, schema=dict.fromkeys(text, pl.String)))
