"""Brings the reporting period and rows of other tables beside the rows of a table.

Of a submission that is held, `beside` does the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import polars as pl

from msds_audit.checks import read_values
from msds_audit.extract import Submission
from msds_audit.predicates import (
    PERIOD_END,
    PERIOD_START,
    PROVIDER,
    ROWS,
    VALUES_SUFFIX,
    item_of,
    needs,
    predicate,
)
from msds_audit.rule import Declared, Related
from msds_audit.spec import Item, Spec, Table

KEY = "related key"
"""The column by which folded rows are found."""


def in_context(
    submission: Submission, spec: Spec, table: str, declared: Iterable[Declared]
) -> pl.LazyFrame:
    """A table of the submission with the period and the related rows that rules need beside it.

    The columns are the items as text, `PeriodStart` and `PeriodEnd` as dates, `Provider` as text,
    and one struct column per related name. Rows keep their order.
    """
    frame = submission.tables[table].with_columns(of_submission(submission))
    for relation, fields, links in followed(declared):
        of = relation.table
        folded = folded_rows(submission.tables[of], spec.tables[of], relation, fields, links)
        frame = frame.join(
            folded, left_on=source_key(relation), right_on=KEY, how="left", maintain_order="left"
        )
    return frame


def of_submission(submission: Submission) -> list[pl.Expr]:
    """What the submission says of itself, as the same columns beside every row."""
    return [
        pl.lit(submission.period.start).alias(PERIOD_START),
        pl.lit(submission.period.end).alias(PERIOD_END),
        pl.lit(submission.provider).alias(PROVIDER),
    ]


def followed(
    declared: Iterable[Declared],
) -> Iterator[tuple[Related, frozenset[str], Collection[str]]]:
    """What rules and measures read beside their table, each after what it is found by.

    With each come the fields that are read, and those by which others are found.
    """
    relations: dict[str, Related] = {}
    fields: dict[str, set[str]] = {}
    links: dict[str, set[str]] = {}
    for one in declared:
        read = needs(one)
        for relation in read.related:
            relations[relation.name] = relation
            fields.setdefault(relation.name, set()).update(read.fields[relation.name])
            owner, _, link = relation.source.rpartition(".")
            links.setdefault(owner, set()).add(link)
    for name, relation in relations.items():
        yield relation, frozenset(fields[name]), links.get(name, ())


def source_key(relation: Related) -> pl.Expr:
    """The key of related rows, as text at every step: what is unreadable links all the same."""
    owner, _, field = relation.source.rpartition(".")
    return pl.col(owner).struct.field(as_text(field)) if owner else pl.col(field)


def folded_rows(
    frame: pl.LazyFrame,
    table: Table,
    relation: Related,
    fields: Collection[str],
    links: Collection[str] = (),
) -> pl.LazyFrame:
    """The rows of a related table, one per key: a key column and a struct named by the relation.

    Where several rows share a key, each item is kept only where all of them have the same, so
    that the result does not depend on their order; `rows` says how many there were, and a field
    that ends in `_values` how many different values its item has in them. The items by which
    further rows are found, `links`, are kept as text too.
    """
    where = predicate(relation.where or "")
    fields = frozenset(fields) - {ROWS}
    items = items_of(table, {*fields, *links})
    kept = [pl.col(item.name).alias(as_text(item.name)) for item in items]
    tested = frozenset(where.meta.root_names())
    folded = (
        read_values(
            frame.with_columns(pl.col(relation.on).alias(KEY), *kept),
            items_of(table, tested),
            tested,
        )
        .filter(where & pl.col(KEY).is_not_null())
        .group_by(KEY)
        .agg(
            pl.len().alias(ROWS),
            *(agreed(pl.col(as_text(item.name))).alias(item.name) for item in items),
            *(
                different(pl.col(as_text(item_of(name)))).alias(name)
                for name in fields
                if name.endswith(VALUES_SUFFIX)
            ),
        )
    )
    texts = [pl.col(link).alias(as_text(link)) for link in sorted(links)]
    named = [ROWS, *sorted(fields), *map(as_text, sorted(links))]
    found = read_values(folded.with_columns(texts), items, fields)
    return found.select(KEY, pl.struct(named).alias(relation.name))


def as_text(item: str) -> str:
    """The column in which the text of an item is kept while the item holds its value."""
    return f"{item} as text"


def items_of(table: Table, columns: Collection[str]) -> list[Item]:
    """The items that these columns are, or stand beside."""
    names = {item_of(column) for column in columns}
    return [item for item in table.items if item.name in names]


def agreed(values: pl.Expr) -> pl.Expr:
    """The value in rows that share a key, null unless all rows have the same."""
    same = (values.null_count() == 0) & (values.min() == values.max())
    return pl.when(same).then(values.min())


def different(values: pl.Expr) -> pl.Expr:
    """How many different values there are in rows that share a key, blanks left out."""
    return values.drop_nulls().n_unique()
