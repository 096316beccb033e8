"""How values are read and judged: formats, code lists, VODIM classes and compiled rules.

Everything here builds Polars expressions over one table; running them is left to `counting`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from msds_audit import modulus_11, verhoeff
from msds_audit.damage import holds_snomed, seen_in, sign_of
from msds_audit.holding import known_of
from msds_audit.predicates import (
    CLASS_SUFFIX,
    DAMAGE_SUFFIX,
    FITS_SUFFIX,
    GROUP_SUFFIX,
    MODULUS_11_SUFFIX,
    VERHOEFF_SUFFIX,
    needs,
    predicate,
)
from msds_audit.rule import Declared, Rule
from msds_audit.spec import CodeClass, Item, Kind, Table

VODIM = ("V", "O", "D", "I", "M")
"""Valid, other, default, invalid, missing."""


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
    prefixes = item.codes.prefixes_of_class(cls)
    tests += [text.str.to_uppercase().str.starts_with(prefix) for prefix in prefixes]
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
    text = pl.col(item.name)
    valid = fits(item) & is_permitted(item)
    judged = pl.when(valid).then(pl.lit("V")).otherwise(pl.lit("I"))
    for letter, cls in (("O", CodeClass.OTHER), ("D", CodeClass.DEFAULT)):
        coded = _is_coded(item, cls)
        if coded is not None:
            judged = pl.when(coded).then(pl.lit(letter)).otherwise(judged)
    return pl.when(text.is_null()).then(pl.lit("M")).otherwise(judged)


def value(item: Item) -> pl.Expr:
    """The value as rules see it: in its own type, null where its format is wrong."""
    return pl.when(fits(item)).then(_read(item))


def group(item: Item) -> pl.Expr:
    """The group of the code in its code list, null where it has none."""
    codes: dict[str, list[str]] = {}
    for code, name in (item.codes.groups if item.codes is not None else {}).items():
        codes.setdefault(name, []).append(code)
    text = pl.col(item.name)
    return pl.coalesce(pl.when(text.is_in(some)).then(pl.lit(name)) for name, some in codes.items())


def companions(item: Item) -> Mapping[str, Callable[[Item], pl.Expr]]:
    """The columns that rules may name beside an item, with how each is made.

    `Item_fits` is whether the text has the item's format (null where it is missing),
    `Item_vodim` its class, `Item_group` the group of its code where its codes have groups,
    `Item_damage` what a spreadsheet did to it where that shows in the text alone,
    `Item_verhoeff` whether its check digit is right where it may be a SNOMED CT identifier, and
    `Item_modulus11` where it is an NHS number.
    """
    beside = {FITS_SUFFIX: fits, CLASS_SUFFIX: vodim}
    if item.codes is not None and item.codes.groups:
        beside[GROUP_SUFFIX] = group
    if sign_of(item) is not None:
        beside[DAMAGE_SUFFIX] = seen_in
    if holds_snomed(item):
        beside[VERHOEFF_SUFFIX] = _verhoeff
    if item.is_nhs_number:
        beside[MODULUS_11_SUFFIX] = _modulus_11
    return {f"{item.name}{suffix}": made for suffix, made in beside.items()}


def _verhoeff(item: Item) -> pl.Expr:
    return verhoeff.is_right(pl.col(item.name))


def _modulus_11(item: Item) -> pl.Expr:
    return modulus_11.is_right(pl.col(item.name))


def read_values(frame: pl.LazyFrame, items: Iterable[Item], wanted: Iterable[str]) -> pl.LazyFrame:
    """Replace the text of each item by its value, adding the companions named in `wanted`.

    `frame` has one text column per item; other columns are kept as they are.
    """
    return frame.with_columns(values_of(items, wanted))


def values_of(items: Iterable[Item], wanted: Iterable[str]) -> list[pl.Expr]:
    """The columns that `read_values` makes, each under its name."""
    items = list(items)
    names = set(wanted)
    beside = [
        made(item).alias(name)
        for item in items
        for name, made in companions(item).items()
        if name in names
    ]
    return [*beside, *(value(item).alias(item.name) for item in items)]


def looked_up(known: pl.DataFrame, items: Iterable[Item], wanted: Iterable[str]) -> list[pl.Expr]:
    """As `values_of`, for rows of a table that is held, of items whose values recur.

    `known` are the words of the table with what `values_of` makes of them.
    """
    names = set(wanted)
    return [
        known_of(known[name], item.name).alias(name)
        for item in items
        for name in (item.name, *companions(item))
        if name in names
    ]


# --- checks -------------------------------------------------------------------------------


class PanderaData(Protocol):
    """What Pandera hands to a check."""

    @property
    def lazyframe(self) -> pl.LazyFrame:
        """The frame being validated."""


@dataclass(frozen=True)
class RowCheck:
    """A rule compiled. Called by Pandera with the frame it validates.

    `applies` and `passes` are over the values of a record; `may_apply` is true as well where a
    blank or unreadable value leaves it open whether the rule applies. `items` and `wanted` say
    what has to be read from its text first.
    """

    applies: pl.Expr
    passes: pl.Expr
    may_apply: pl.Expr
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
        return read_values(data.lazyframe, self.items, self.wanted).select(
            self.holds.alias("holds")
        )


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
        may_apply=applies.fill_null(True),
        items=tuple(item for item in table.items if item.name in read.items),
        wanted=read.columns,
    )
