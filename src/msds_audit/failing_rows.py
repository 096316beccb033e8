"""Which rows of a table fail a rule or a measure.

It says where they are; what is to be put right in them is left to `failing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import polars as pl

from msds_audit.checks import read_values, row_check
from msds_audit.extract import Submission
from msds_audit.keys import PLACES
from msds_audit.relations import in_context, source_key
from msds_audit.rule import Measure, Related, Rule
from msds_audit.spec import Spec, Table

if TYPE_CHECKING:
    from polars._typing import EngineType

ROW, WHO, FAILS = "row of table", "who", "fails"


def failing_rows(declared: Measure | Rule, submission: Submission, spec: Spec) -> pl.LazyFrame:
    """The rows that a rule or measure applies to and that do not pass, in the order of the table.

    `ROW` is the place of a row in its table, from 0. `WHO` is what tells people apart where a
    measure counts them, null of a rule; and there is, for each related name, the column `key_of`
    it, by which related rows are found. Both are people's data.

    Args:
        declared: The rule or measure. One about how often a table occurs is about no row.
        submission: A submission that has every table and item it reads: one in which an audit
            could assess it.
        spec: The specification that names tables and items.
    """
    return asked_rows(declared, submission, spec).filter(FAILS).drop(FAILS)


def asked_rows(declared: Measure | Rule, submission: Submission, spec: Spec) -> pl.LazyFrame:
    """As `failing_rows`, but every row it applies to, with whether it fails (`FAILS`)."""
    who = pl.col(declared.distinct) if isinstance(declared, Measure) else pl.lit(None)
    keys = [key_of(one) for one in declared.related]
    judged = _keyed([declared], submission, spec).filter(applies_to(declared))
    return judged.select(ROW, who.alias(WHO), pl.col(fails(declared)).alias(FAILS), *keys)


def places_failing(
    declared: Sequence[Measure | Rule],
    submission: Submission,
    spec: Spec,
    *,
    most: int | None = None,
    engine: EngineType = "auto",
) -> pl.DataFrame:
    """Where the rows are that fail, of several rules and measures of one table in one pass.

    A row for each of them: its `id`, the `places` of the first rows that fail, from 0, and the
    `number` of all that do.

    Args:
        declared: Rules and measures of one table, as `failing_rows` takes them; at least one.
        submission: The submission.
        spec: The specification.
        most: How many places to list of each; None lists all.
        engine: Which engine of Polars is to run it.
    """
    places = [pl.col(ROW).filter(pl.col(fails(one))) for one in declared]
    listed = places if most is None else [found.head(most) for found in places]
    query = _keyed(declared, submission, spec).select(
        *(found.implode().alias(f"places {at}") for at, found in enumerate(listed)),
        *(found.len().alias(f"number {at}") for at, found in enumerate(places)),
    )
    row = query.collect(engine=engine).row(0)
    return pl.DataFrame(
        {
            "id": [one.id for one in declared],
            "places": row[: len(declared)],
            "number": row[len(declared) :],
        },
        schema={"id": pl.String(), "places": pl.List(PLACES), "number": pl.Int64()},
    )


def key_of(relation: Related) -> str:
    """The column that holds the key by which the rows of a relation are found."""
    return f"{relation.name} key"


def fails(declared: Measure | Rule) -> str:
    """The column of `judged_rows` that says whether a row fails this."""
    return f"{declared.id} fails"


def applies_to(declared: Measure | Rule) -> str:
    """The column of `judged_rows` that says whether this applies to a row."""
    return f"{declared.id} applies"


def judged_rows(
    declared: Sequence[Measure | Rule],
    submission: Submission,
    spec: Spec,
    table: Table,
    kept: Iterable[pl.Expr] = (),
) -> pl.LazyFrame:
    """Every row of a table with its values and its place: what applies to it and what it fails.

    Args:
        declared: Rules and measures of this table that can be judged in the submission.
        submission: The submission.
        spec: The specification.
        table: The table.
        kept: Columns to add that are read from the text of a row, before it becomes values.
    """
    checks = [(one, row_check(one, table)) for one in declared]
    wanted = {name for _, check in checks for name in check.wanted}
    read = {item.name for _, check in checks for item in check.items}
    rows = in_context(submission, spec, table.name, declared).with_row_index(ROW)
    items = [item for item in table.items if item.name in read]
    return read_values(rows.with_columns(kept), items, wanted).with_columns(
        flag
        for one, check in checks
        for flag in (
            check.applies.alias(applies_to(one)),
            (check.applies & ~check.passes).alias(fails(one)),
        )
    )


def _keyed(declared: Sequence[Measure | Rule], submission: Submission, spec: Spec) -> pl.LazyFrame:
    """The rows judged, with the keys by which related rows are found."""
    relations = {relation.name: relation for one in declared for relation in one.related}
    keys = (source_key(one).alias(key_of(one)) for one in relations.values())
    return judged_rows(declared, submission, spec, spec.tables[declared[0].table], keys)
