"""Which record of one extract is which of another, whatever order they stand in.

Records are told apart by what they hold: all of it, the item that identifies them, what the rules
say no two may share, and last all but one item. What became of them is left to `comparing`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from msds_audit.engines import Engine
from msds_audit.failing_rows import ROW
from msds_audit.rule import Rule
from msds_audit.spec import Item, Spec, Table

OLD_ROW, NEW_ROW, HOW = "row before", "row now", "how"
_CONTENT, _KEY, _PARENT = "all it holds", "its key", "its parent"
_NTH, _MARK = "nth alike", "its mark"
_NOW = " now"


SEED = 20_260_801
"""Of the hashes that stand for values: the same in every run."""


class How(StrEnum):
    """What became of a record. `UNTOLD_BEFORE` and `UNTOLD_NOW` cannot be followed."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    UNTOLD_BEFORE = "untold before"
    ADDED = "added"
    UNTOLD_NOW = "untold now"


@dataclass(frozen=True)
class Marks:
    """The items by which records of a table are told apart, of those that both extracts have.

    `key` identifies a record, `parent` is the record it belongs to, and each of `unlike` are items
    that no two records may share; all of these may be empty.
    """

    content: tuple[str, ...]
    key: tuple[str, ...]
    parent: tuple[str, ...]
    unlike: tuple[tuple[str, ...], ...]
    is_one: bool

    @property
    def columns(self) -> list[pl.Expr]:
        """One hash each, null where any of its items is blank."""
        return [
            hashed(self.content).alias(_CONTENT),
            known(self.key).alias(_KEY),
            (pl.lit(0, pl.UInt64) if self.is_one else known(self.parent)).alias(_PARENT),
            *(known(names).alias(_of(at)) for at, names in enumerate(self.unlike)),
        ]

    @property
    def names(self) -> list[str]:
        """The names of these."""
        return [one.meta.output_name() for one in self.columns]


def marks_of(table: Table, spec: Spec, rules: Iterable[Rule], columns: Collection[str]) -> Marks:
    """How records of a table are told apart.

    Args:
        table: The table.
        spec: The specification, which says what other tables refer to.
        rules: The rules of the table; what must be unique tells records apart.
        columns: The items that both extracts have.
    """
    key = [item.name for item in table.items if item.key] or _referred_to(table, spec)
    parent = [item.name for item in table.items if _belongs(item, spec)][:1]
    unlike = [rule.unique for rule in rules if rule.unique and list(rule.unique) != key]

    def if_there(names: Iterable[str]) -> tuple[str, ...]:
        found = tuple(names)
        return found if set(found) <= set(columns) else ()

    return Marks(
        content=tuple(item.name for item in table.items if item.name in columns),
        key=if_there(key),
        parent=if_there(parent),
        unlike=tuple(names for names in map(if_there, unlike) if names),
        is_one=table.maximum == 1 and not key,
    )


def _referred_to(table: Table, spec: Spec) -> list[str]:
    """The items of a table without a key of its own by which others refer to it."""
    references = (item.references for item in spec.items if item.references is not None)
    names = (name for referred_to, name in references if referred_to == table.name)
    return list(dict.fromkeys(names))


def _belongs(item: Item, spec: Spec) -> bool:
    """Whether an item says which record its own belongs to, and not only who saw to it."""
    if item.references is None:
        return False
    table, name = item.references
    return spec.tables[table].by_name[name].key


def hashed(names: Iterable[str]) -> pl.Expr:
    """A number that stands for what these items hold, blank or not; null without any."""
    columns = list(names)
    return pl.struct(columns).hash(SEED) if columns else pl.lit(None, pl.UInt64)


def known(names: Collection[str]) -> pl.Expr:
    """The same, and null where any of them is blank too."""
    filled = (pl.col(name).is_not_null() for name in names)
    return pl.when(pl.all_horizontal(*filled)).then(hashed(names)) if names else hashed(names)


def _of(at: int) -> str:
    return f"{_MARK} {at}"


def follow(
    before: pl.DataFrame,
    now: pl.DataFrame,
    marks: Marks,
    texts: tuple[pl.LazyFrame, pl.LazyFrame],
    *,
    is_same_month: bool,
    engine: Engine,
) -> pl.DataFrame:
    """What became of every record: `row before`, `row now` (null where there is none) and `how`.

    Args:
        before: The rows of the table with `Marks.columns` of each, numbered by `row of table`.
        now: The same of the other extract.
        marks: How the records are told apart.
        texts: The table in both extracts, as text.
        is_same_month: Whether records are the same by nature, so that what is alike but for one
            item, or all that is left of a pregnancy on either side, is one record.
        engine: What runs queries over the texts.
    """
    rest = _Rest(before, now)
    rest.alike()
    rest.alone(_KEY)
    for at, _ in enumerate(marks.unlike):
        rest.alone(_of(at), guarded=True)
    if is_same_month and len(marks.content) > 1 and rest.may_be_guessed(bool(marks.key)):
        rest.all_but_one(texts, marks.content, engine)
        rest.alone(_PARENT, guarded=True)
    return rest.told(is_open=is_same_month or bool(marks.key))


class _Rest:
    """The records of both extracts that have not been followed yet."""

    def __init__(self, before: pl.DataFrame, now: pl.DataFrame) -> None:
        self._before = before
        self._now = now
        self._found: list[pl.DataFrame] = []

    def alike(self) -> None:
        """Follow records that hold the same; where several do, as many as both sides have."""
        nth = pl.int_range(pl.len()).over(_CONTENT).alias(_NTH)
        self._take(
            self._before.with_columns(nth).join(
                self._now.with_columns(nth), on=[_CONTENT, _NTH], suffix=_NOW
            ),
            How.SAME,
        )

    def alone(self, mark: str, *, guarded: bool = False) -> None:
        """Follow records that are the only ones left with this mark on either side.

        `guarded` where it is no proof: what is identified otherwise is then left.
        """
        before, now = (
            side.filter(pl.col(mark).is_not_null() & pl.col(mark).is_unique())
            for side in (self._before, self._now)
        )
        pairs = before.join(now, on=mark, suffix=_NOW, coalesce=False)
        self._take(
            pairs.filter(_may_be(_KEY) & _may_be(_PARENT)) if guarded else pairs, How.CHANGED
        )

    def may_be_guessed(self, keyed: bool) -> bool:
        """Whether records are left on both sides that nothing identifies."""
        if self._before.is_empty() or self._now.is_empty():
            return False
        blank = self._before[_KEY].null_count() + self._now[_KEY].null_count()
        return not keyed or bool(blank)

    def all_but_one(
        self, texts: tuple[pl.LazyFrame, pl.LazyFrame], names: tuple[str, ...], engine: Engine
    ) -> None:
        """Follow records that hold the same but for one item."""
        left = [
            text.select(names)
            .with_row_index(ROW)
            .join(side.lazy().select(ROW), on=ROW, how="semi")
            .collect(engine=engine)
            for text, side in zip(texts, (self._before, self._now), strict=True)
        ]
        for name in names:
            mark = hashed([one for one in names if one != name]).alias(_MARK)
            self._before, self._now = (
                side.join(text.select(ROW, mark), on=ROW, how="left")
                for side, text in zip((self._before, self._now), left, strict=True)
            )
            self.alone(_MARK, guarded=True)
            self._before, self._now = self._before.drop(_MARK), self._now.drop(_MARK)

    def told(self, *, is_open: bool) -> pl.DataFrame:
        """What became of every record, now that no more can be followed.

        `is_open` where one that nothing identifies may be any that belongs to the same.
        """
        sides = (
            (self._before, self._now, OLD_ROW, How.GONE, How.UNTOLD_BEFORE),
            (self._now, self._before, NEW_ROW, How.ADDED, How.UNTOLD_NOW),
        )
        empty = pl.DataFrame(
            schema={OLD_ROW: pl.get_index_type(), NEW_ROW: pl.get_index_type(), HOW: pl.String}
        )
        rest = [
            side.select(
                pl.col(ROW).alias(name),
                pl.when(_may_be_in(other, is_open))
                .then(pl.lit(str(untold)))
                .otherwise(pl.lit(str(alone)))
                .alias(HOW),
            )
            for side, other, name, alone, untold in sides
        ]
        return pl.concat([empty, *self._found, *rest], how="diagonal")

    def _take(self, pairs: pl.DataFrame, how: How) -> None:
        found = pairs.select(
            pl.col(ROW).alias(OLD_ROW),
            pl.col(f"{ROW}{_NOW}").alias(NEW_ROW),
            pl.lit(str(how)).alias(HOW),
        )
        self._found.append(found)
        self._before = self._before.join(found, left_on=ROW, right_on=OLD_ROW, how="anti")
        self._now = self._now.join(found, left_on=ROW, right_on=NEW_ROW, how="anti")


def _may_be(mark: str) -> pl.Expr:
    """Whether a mark is the same on both sides, or blank on either."""
    same = pl.col(mark) == pl.col(f"{mark}{_NOW}")
    return same.fill_null(True)


def _may_be_in(other: pl.DataFrame, is_open: bool) -> pl.Expr:
    """Whether a record that was not followed may be one of these.

    One that is identified is there by its identifier or not at all; of the others it is open as
    long as a record is left that belongs to the same.
    """
    by_key = pl.col(_KEY).is_in(other[_KEY].drop_nulls().implode())
    by_parent = pl.col(_PARENT).is_in(other[_PARENT].drop_nulls().implode()) | (
        pl.col(_PARENT).is_null() & pl.lit(bool(other[_PARENT].null_count()))
    )
    unidentified = by_parent.fill_null(False) & is_open
    return pl.when(pl.col(_KEY).is_not_null()).then(by_key).otherwise(unidentified)
