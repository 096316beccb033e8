"""Brings the reporting period and rows of other tables beside the rows of a table.

What is then counted in them is left to `counting`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import polars as pl

from msds_audit.checks import looked_up, read_values
from msds_audit.extract import Submission
from msds_audit.holding import HeldSubmission, HeldTable, place_of, recurs
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
    for relation, fields, links in _followed(declared):
        of = relation.table
        folded = folded_rows(submission.tables[of], spec.tables[of], relation, fields, links)
        frame = frame.join(
            folded, left_on=source_key(relation), right_on=KEY, how="left", maintain_order="left"
        )
    return frame


def beside_held(
    held: HeldSubmission, spec: Spec, table: str, declared: Iterable[Declared]
) -> pl.LazyFrame:
    """As `in_context`, of a submission that is held: the table is coded, related rows looked up.

    Each relation is followed once and by itself, which takes less room than joining them all.
    """
    frame = held.tables[table].frame
    beside: list[pl.Expr] = []
    for relation, fields, links in _followed(declared):
        of = held.tables[relation.table]
        coded, related = of.coded(of.frame), spec.tables[relation.table]
        folded = folded_rows(coded, related, relation, fields, links, of).collect()
        row = f"row of {relation.name}"
        found = (
            frame.lazy()
            .with_columns(beside)
            .select(source_key(relation).cast(pl.String).alias(KEY))
            .join(
                folded.lazy().select(KEY).with_row_index(row),
                on=KEY,
                how="left",
                maintain_order="left",
            )
        )
        frame = frame.with_columns(found.select(row).collect())
        beside.append(pl.lit(folded[relation.name]).gather(pl.col(row)).alias(relation.name))
    return held.tables[table].coded(frame).with_columns(of_submission(held.texts) + beside)


def of_submission(submission: Submission) -> list[pl.Expr]:
    """What the submission says of itself, as the same columns beside every row."""
    return [
        pl.lit(submission.period.start).alias(PERIOD_START),
        pl.lit(submission.period.end).alias(PERIOD_END),
        pl.lit(submission.provider).alias(PROVIDER),
    ]


def _followed(
    declared: Iterable[Declared],
) -> Iterator[tuple[Related, Collection[str], Collection[str]]]:
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
        yield relation, fields[name], links.get(name, ())


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
    held: HeldTable | None = None,
) -> pl.LazyFrame:
    """The rows of a related table, one per key: a key column and a struct named by the relation.

    Where several rows share a key, each item is kept only where all of them have the same, so
    that the result does not depend on their order; `rows` says how many there were, and a field
    that ends in `_values` how many different values its item has in them. The items by which
    further rows are found, `links`, are kept as text too.

    Of a table that is held, `frame` is coded; what recurs in it is then compared by its place
    among the words, and looked up there.
    """
    where = predicate(relation.where or "")
    fields = frozenset(fields) - {ROWS}
    items = _items_of(table, {*fields, *links})
    coded = [item for item in items if held and recurs(item) and item.name not in links]
    others = [item for item in items if item not in coded]
    kept = [pl.col(item.name).alias(as_text(item.name)) for item in items]
    tested = frozenset(where.meta.root_names())
    folded = (
        read_values(
            frame.with_columns(pl.col(relation.on).alias(KEY), *kept),
            _items_of(table, tested),
            tested,
        )
        .filter(where & pl.col(KEY).is_not_null())
        .group_by(KEY)
        .agg(
            pl.len().alias(ROWS),
            *(_agreed(item) for item in others),
            *(_agreed_place(item, held) for item in coded if held),
            *(_values(name) for name in fields if name.endswith(VALUES_SUFFIX)),
        )
    )
    texts = [pl.col(link).alias(as_text(link)) for link in sorted(links)]
    named = [ROWS, *sorted(fields), *map(as_text, sorted(links))]
    found = read_values(folded.with_columns(texts), others, fields)
    if held:
        known = read_values(held.words.lazy(), coded, fields).collect()
        found = found.with_columns(looked_up(known, coded, fields))
    return found.select(KEY, pl.struct(named).alias(relation.name))


def as_text(item: str) -> str:
    """The column in which the text of an item is kept while the item holds its value."""
    return f"{item} as text"


def _items_of(table: Table, columns: Collection[str]) -> list[Item]:
    names = {item_of(column) for column in columns}
    return [item for item in table.items if item.name in names]


def _values(name: str) -> pl.Expr:
    return pl.col(as_text(item_of(name))).drop_nulls().n_unique().alias(name)


def _agreed(item: Item) -> pl.Expr:
    """The text of an item in rows that share a key, null unless all rows have the same."""
    text = pl.col(as_text(item.name))
    same = (text.null_count() == 0) & (text.min() == text.max())
    return pl.when(same).then(text.min()).alias(item.name)


def _agreed_place(item: Item, held: HeldTable) -> pl.Expr:
    """The place of the word of an item, that of a blank unless all rows have the same."""
    place = pl.col(place_of(item.name))
    same = pl.when(place.min() == place.max()).then(place.min())
    return same.otherwise(held.blanks[item.name]).alias(place_of(item.name))
