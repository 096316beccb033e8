"""How values are read and judged: formats, code lists, VODIM classes and SQL predicates.

Everything here builds Polars expressions over one table; running them is left to `audit`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import polars as pl

from msds_audit.rule import Declared, Related, Rule
from msds_audit.spec import CodeClass, Item, Kind, Table

PERIOD_COLUMNS = ("PeriodStart", "PeriodEnd")
"""The reporting period of the submission, beside the items of every row."""

VODIM = ("V", "O", "D", "I", "M")
"""Valid, other, default, invalid, missing."""

ROWS = "rows"
"""Beside its fields a related row has the number of rows it was folded from."""

FITS_SUFFIX = "_fits"
CLASS_SUFFIX = "_vodim"
GROUP_SUFFIX = "_group"

_STRING = re.compile(r"'(?:[^']|'')*'")
_FIELD = re.compile(r"\b([A-Za-z_]\w*)\.([A-Za-z_]\w*)\b")
_UNSAFE_CAST = re.compile(r"(?<!TRY_)\bCAST\s*\(|::", re.IGNORECASE)


# --- values -------------------------------------------------------------------------------


def fits(item: Item) -> pl.Expr:
    """Whether the text has the format of its item; null where it is missing."""
    text = pl.col(item.name)
    form = item.format
    if form.kind in (Kind.DATE, Kind.TIME):
        readable = pl.when(text.is_not_null()).then(_read(item).is_not_null())
        return readable & text.str.contains(str(form.pattern))
    fitting = text.str.len_chars().is_between(form.minimum, form.maximum)
    return fitting if form.pattern is None else fitting & text.str.contains(form.pattern)


def _read(item: Item) -> pl.Expr:
    """The value in its own type, null where it cannot be read as that."""
    text = pl.col(item.name)
    match item.format.kind:
        case Kind.DATE:
            return text.str.to_date("%Y-%m-%d", strict=False, cache=False)
        case Kind.TIME:
            return text.str.to_time("%H:%M:%S", strict=False, cache=False)
        case Kind.INTEGER:
            return text.cast(pl.Int64, strict=False)
        case Kind.TEXT:
            return text


def _is_coded(item: Item, cls: CodeClass) -> pl.Expr | None:
    """Whether the value is a code of this class; None where the item has no such code."""
    if item.codes is None:
        return None
    text = pl.col(item.name)
    whole = item.codes.of_class(cls)
    tests = [text.is_in(list(whole))] if whole else []
    tests += [text.str.starts_with(prefix) for prefix in item.codes.prefixes_of_class(cls)]
    return pl.any_horizontal(tests) if tests else None


def is_permitted(item: Item) -> pl.Expr:
    """Whether the value is one the item may hold, given that its format is right."""
    if item.codes is not None and item.codes.closed:
        return pl.col(item.name).is_in(sorted(item.codes.permitted))
    permitted = pl.lit(True)
    if item.shape is not None:
        permitted = pl.col(item.name).str.contains(item.shape)
        for cls in (CodeClass.VALID, CodeClass.OTHER, CodeClass.DEFAULT):
            special = _is_coded(item, cls)
            if special is not None:
                permitted = permitted | special
    refused = _is_coded(item, CodeClass.INVALID)
    return permitted if refused is None else permitted & ~refused


def vodim(item: Item) -> pl.Expr:
    """The class of every value of an item: exactly one of V, O, D, I, M.

    Missing, then default, then other, then valid, else invalid, as the specification has it.
    """
    tested = pl.when(pl.col(item.name).is_null()).then(pl.lit("M"))
    for letter, cls in (("D", CodeClass.DEFAULT), ("O", CodeClass.OTHER)):
        coded = _is_coded(item, cls)
        if coded is not None:
            tested = tested.when(coded).then(pl.lit(letter))
    valid = fits(item) & is_permitted(item)
    return tested.when(valid).then(pl.lit("V")).otherwise(pl.lit("I"))


def value(item: Item) -> pl.Expr:
    """The value as rules see it: in its own type, null where its format is wrong."""
    return pl.when(fits(item)).then(_read(item))


def group(item: Item) -> pl.Expr:
    """The group of the code in its code list, null where it has none."""
    groups = item.codes.groups if item.codes is not None else {}
    return pl.col(item.name).replace_strict(
        list(groups), list(groups.values()), default=None, return_dtype=pl.String
    )


def companions(item: Item) -> dict[str, pl.Expr]:
    """The columns that rules may name beside an item.

    `Item_fits` is whether the text has the item's format (null where it is missing),
    `Item_vodim` its class, and `Item_group` the group of its code where its codes have groups.
    """
    beside = {
        f"{item.name}{FITS_SUFFIX}": fits(item),
        f"{item.name}{CLASS_SUFFIX}": vodim(item),
    }
    if item.codes is not None and item.codes.groups:
        beside[f"{item.name}{GROUP_SUFFIX}"] = group(item)
    return beside


def read_values(frame: pl.LazyFrame, items: Iterable[Item], wanted: Iterable[str]) -> pl.LazyFrame:
    """Replace the text of each item by its value, adding the companions named in `wanted`.

    `frame` has one text column per item; other columns are kept as they are.
    """
    items = list(items)
    names = set(wanted)
    beside = [
        expression.alias(name)
        for item in items
        for name, expression in companions(item).items()
        if name in names
    ]
    return frame.with_columns(*beside, *(value(item).alias(item.name) for item in items))


# --- predicates ---------------------------------------------------------------------------


class PredicateError(ValueError):
    """A predicate that cannot be used; the text says why and never holds data."""


@cache
def predicate(sql: str) -> pl.Expr:
    """Compile an SQL predicate over one row; empty means every row.

    Raises PredicateError where Polars cannot read it, or where it holds a cast that would
    stop the audit at the first value it cannot convert.
    """
    if not sql.strip():
        return pl.lit(True)
    if _UNSAFE_CAST.search(_STRING.sub("''", sql)):
        raise PredicateError("CAST stops at the first unreadable value; use TRY_CAST.")
    try:
        return pl.sql_expr(sql)
    except (pl.exceptions.PolarsError, TypeError) as error:
        raise PredicateError(f"this is not an SQL predicate that Polars reads: {error}") from None


def item_of(column: str) -> str:
    """The item a column belongs to: itself, or the item a companion stands beside."""
    for suffix in (FITS_SUFFIX, CLASS_SUFFIX, GROUP_SUFFIX):
        if column.endswith(suffix):
            return column.removesuffix(suffix)
    return column


@dataclass(frozen=True)
class Needs:
    """What a rule reads.

    `columns` are those of its own table, companions included; `fields` are, for each related
    name, the columns read from it; `period` is whether it looks at the reporting period.
    """

    columns: frozenset[str]
    related: tuple[Related, ...]
    fields: Mapping[str, frozenset[str]]
    period: bool

    @property
    def items(self) -> frozenset[str]:
        """The items of its own table that the rule reads."""
        return frozenset(item_of(column) for column in self.columns)

    @property
    def only_its_table(self) -> bool:
        """Whether the table alone is enough to judge the rule."""
        return not self.related and not self.period


def needs(declared: Declared) -> Needs:
    """Everything a rule or measure reads. Raises PredicateError for an unusable predicate."""
    names = [relation.name for relation in declared.related]
    columns: set[str] = set()
    fields: dict[str, set[str]] = {name: set() for name in names}
    for sql in (declared.applies, declared.passes):
        columns |= set(predicate(sql).meta.root_names())
        for owner, found in _fields_named(sql).items():
            if owner in fields:
                fields[owner] |= found
    columns |= set(declared.unique) if isinstance(declared, Rule) else {declared.distinct}
    for relation in declared.related:
        owner, _, field = relation.source.rpartition(".")
        if owner in fields:
            fields[owner].add(field)
        else:
            columns.add(relation.source)
    return Needs(
        columns=frozenset(columns - set(names) - set(PERIOD_COLUMNS)),
        related=declared.related,
        fields={name: frozenset(found) for name, found in fields.items()},
        period=not columns.isdisjoint(PERIOD_COLUMNS),
    )


def _fields_named(sql: str) -> dict[str, set[str]]:
    """Owner and field of every `owner.field` outside quotes."""
    fields: dict[str, set[str]] = {}
    for owner, field in _FIELD.findall(_STRING.sub("''", sql)):
        fields.setdefault(owner, set()).add(field)
    return fields


# --- checks -------------------------------------------------------------------------------


class PanderaData(Protocol):
    """What Pandera hands to a check."""

    @property
    def lazyframe(self) -> pl.LazyFrame:
        """The frame being validated."""


@dataclass(frozen=True)
class RowCheck:
    """A rule compiled. Called by Pandera with the frame it validates.

    `applies` and `passes` are over the values of a record; `items` and `wanted` say what has
    to be read from its text first.
    """

    applies: pl.Expr
    passes: pl.Expr
    items: tuple[Item, ...]
    wanted: frozenset[str]

    def __deepcopy__(self, memo: object) -> RowCheck:
        """Itself: it never changes, and Pandera copies every check it is given."""
        return self

    @property
    def holds(self) -> pl.Expr:
        """True where the rule does not apply or passes; never null."""
        return ~self.applies | self.passes

    def __call__(self, data: PanderaData) -> pl.LazyFrame:
        """One boolean column, true where the row is right."""
        return read_values(data.lazyframe, self.items, self.wanted).select(self.holds.alias("holds"))


def row_check(declared: Declared, table: Table) -> RowCheck:
    """Compile a rule or measure whose base is this table.

    Where `applies` is null the rule does not apply; where `passes` is null it does not pass.
    """
    read = needs(declared)
    applies = predicate(declared.applies)
    passes = predicate(declared.passes)
    if isinstance(declared, Rule) and declared.unique:
        keys = [pl.col(name) for name in declared.unique]
        applies = applies & pl.all_horizontal(key.is_not_null() for key in keys)
        passes = pl.struct(keys).is_unique() if len(keys) > 1 else keys[0].is_unique()
    return RowCheck(
        applies=applies.fill_null(False),
        passes=passes.fill_null(False),
        items=tuple(item for item in table.items if item.name in read.items),
        wanted=read.columns,
    )
