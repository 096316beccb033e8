"""Brings rows of other tables beside the rows of a table that is held, by looking them up.

Most keys stand in one row of the related table, which is looked up as it stands there. Only rows
that share a key are folded, and are put below those of the table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from msds_audit.checks import looked_up, read_values, values_of
from msds_audit.holding import HeldSubmission, HeldTable, known_at, place_of
from msds_audit.keys import FIRST, PLACE, PLACES, Keys
from msds_audit.predicates import ROWS, VALUES_SUFFIX, item_of, predicate
from msds_audit.relations import agreed, different, followed, items_of, of_submission
from msds_audit.rule import Declared, Related
from msds_audit.spec import Item, Spec, Table, told_apart


def beside_held(
    held: HeldSubmission, spec: Spec, table: str, declared: Iterable[Declared]
) -> pl.LazyFrame:
    """As `relations.in_context`, of a submission that is held: the table is coded besides."""
    own = held.tables[table]
    frame = own.frame
    beside: list[pl.Expr] = []
    sources: dict[str, pl.Expr] = {}
    for relation, fields, links in followed(declared):
        of, on = relation.table, relation.on
        found = _Found(held.tables[of], spec.tables[of], relation, fields)
        if relation.source in sources:
            texts = frame.select(sources[relation.source].cast(pl.String)).to_series()
            firsts = found.keys.find(texts)
        else:
            firsts = held.firsts(table, relation.source, of, on)
        row = f"row of {relation.name}"
        frame = frame.with_columns(found.places.gather(firsts).alias(row))
        beside.append(found.fields(pl.col(row)).alias(relation.name))
        for link in links:
            sources[f"{relation.name}.{link}"] = found.text(link, pl.col(row))
    return own.coded(frame).with_columns(of_submission(held.given) + beside)


@dataclass(frozen=True)
class _Found:
    """The rows of a related table by their keys, and what is asked of them."""

    of: HeldTable
    table: Table
    relation: Related
    asked: frozenset[str]

    # --- by key

    @property
    def keys(self) -> Keys:
        """The keys of all rows of the table."""
        return self.of.keys(self.relation.on)

    @cached_property
    def places(self) -> pl.Series:
        """The place in `_rows` of what the key of each row leads to, where it is the first.

        Null where it leads to no row.
        """
        if self._sharing.is_empty():
            return self._standing
        folded = self._folded.with_row_index(PLACE, offset=self.of.frame.height)
        places = self._standing.clone()  # scatter writes where it stands
        places.scatter(self.keys.sharing[FIRST], None)
        return places.scatter(folded[FIRST], folded[PLACE])

    @cached_property
    def _standing(self) -> pl.Series:
        """Of each row that there is to be found, the place of the first that has its key."""
        if not self.relation.where:
            return self.keys.own
        tested = frozenset(self._where.meta.root_names())
        coded, others = told_apart(items_of(self.table, tested))
        rows = self.of.coded(self.of.frame).with_columns(
            *looked_up(self._known, coded, tested), *values_of(others, tested), self.keys.own
        )
        return rows.select(pl.when(self._where).then(FIRST).alias(PLACE)).collect().to_series()

    @property
    def _where(self) -> pl.Expr:
        return predicate(self.relation.where or "")

    @cached_property
    def _sharing(self) -> pl.DataFrame:
        """The rows that there are to be found, of those that share their keys."""
        sharing = self.keys.sharing
        return sharing.filter(self._standing.gather(sharing[PLACE]).is_not_null())

    # --- by place

    def fields(self, row: pl.Expr) -> pl.Expr:
        """All that is asked of a row, as a struct; null where there is no row."""
        asked = sorted(self.asked - {ROWS})
        fields = (self._field(field, row).alias(field) for field in asked)
        return pl.when(row.is_not_null()).then(
            pl.struct(known_at(self._rows[ROWS], row).alias(ROWS), *fields)
        )

    def text(self, item: str, row: pl.Expr) -> pl.Expr:
        """The text of an item in a row."""
        if item in self.of.blanks:
            return pl.lit(self.of.words[item]).gather(self._place(item, row))
        return pl.lit(self._rows[item]).gather(row)

    def _field(self, field: str, row: pl.Expr) -> pl.Expr:
        item = item_of(field)
        if item in self.of.blanks and not field.endswith(VALUES_SUFFIX):
            return known_at(self._known[field], self._place(item, row))
        return known_at(self._values[field], row)

    def _place(self, item: str, row: pl.Expr) -> pl.Expr:
        return pl.lit(self._rows[place_of(item)]).gather(row)

    @cached_property
    def _known(self) -> pl.DataFrame:
        """The words of the table with what is asked of them."""
        asked = self.asked.union(self._where.meta.root_names())
        coded, _ = told_apart(items_of(self.table, asked))
        known = read_values(self.of.words.lazy(), coded, asked)
        return known.collect() if coded else self.of.words

    @cached_property
    def _values(self) -> pl.DataFrame:
        """The rows with the values of what has no words."""
        _, others = self._items
        values = read_values(self._rows.lazy(), others, self.asked)
        return values.collect() if others else self._rows

    # --- rows

    @cached_property
    def _rows(self) -> pl.DataFrame:
        """Every row of the table, as if it shared its key with none, and those that are folded."""
        frame = self.of.frame
        coded, others = self._items
        rows = pl.DataFrame(
            [
                pl.Series(ROWS, [1], dtype=PLACES).new_from_index(0, frame.height),
                *(frame[place_of(item.name)] for item in coded),
                *(frame[item.name] for item in others),
                *(
                    frame.select(self._told(name).is_not_null().cast(PLACES)).to_series()
                    for name in self._numbers
                ),
            ]
        )
        if self._sharing.is_empty():
            return rows
        return pl.concat([rows, self._folded.select(rows.columns)], rechunk=True)

    @cached_property
    def _folded(self) -> pl.DataFrame:
        """One row for each key that several rows share, of what all of them agree in."""
        rows = self._sharing
        coded, others = self._items
        folded = [pl.len().alias(ROWS)]
        folded += [
            agreed(pl.col(place_of(item.name))).fill_null(self.of.blanks[item.name])
            for item in coded
        ]
        folded += [agreed(pl.col(item.name)) for item in others]
        folded += [different(self._told(name)) for name in self._numbers]
        shared = self.of.coded(self.of.frame[rows[PLACE]]).with_columns(rows[FIRST])
        return shared.group_by(FIRST).agg(folded).collect()

    def _told(self, name: str) -> pl.Expr:
        """The item of which a field has the number of different values, null where it is blank."""
        item = item_of(name)
        if item not in self.of.blanks:
            return pl.col(item).alias(name)
        place = pl.col(place_of(item))
        return pl.when(place != self.of.blanks[item]).then(place).alias(name)

    @property
    def _items(self) -> tuple[list[Item], list[Item]]:
        return told_apart(items_of(self.table, self.asked))

    @property
    def _numbers(self) -> list[str]:
        return [field for field in self.asked if field.endswith(VALUES_SUFFIX)]
