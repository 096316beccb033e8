"""SQL predicates over one row: compiling them, and telling what they read.

It knows the language of rules; what values they see is left to `checks`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import polars as pl

from msds_audit.extract import POLARS_FAILED
from msds_audit.rule import Declared, Related, Rule
from msds_audit.sql_words import read_words

PERIOD_START, PERIOD_END, PROVIDER = "PeriodStart", "PeriodEnd", "Provider"
CONTEXT = (PERIOD_START, PERIOD_END, PROVIDER)
"""What the submission says of itself, beside the items of every row."""

ROWS = "rows"
"""Beside its fields a related row has the number of rows it was folded from."""

FITS_SUFFIX = "_fits"
CLASS_SUFFIX = "_vodim"
GROUP_SUFFIX = "_group"
DAMAGE_SUFFIX = "_damage"
VALUES_SUFFIX = "_values"
"""On a related item: how many different values the rows have that were folded into one."""
VERHOEFF_SUFFIX = "_verhoeff"
MODULUS_11_SUFFIX = "_modulus11"
_SUFFIXES = (
    FITS_SUFFIX,
    CLASS_SUFFIX,
    GROUP_SUFFIX,
    DAMAGE_SUFFIX,
    VERHOEFF_SUFFIX,
    MODULUS_11_SUFFIX,
    VALUES_SUFFIX,
)

_STRING = re.compile(r"'(?:[^']|'')*'")
_CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_FIELD = re.compile(r"\b([A-Za-z_]\w*)\.([A-Za-z_]\w*)\b")
_IS_TRUE = re.compile(r"\bIS\s+(?:NOT\s+)?(?:TRUE|FALSE)\b", re.IGNORECASE)
_UNSAFE_CAST = re.compile(r"(?<!TRY_)\bCAST\s*\(|::", re.IGNORECASE)
_LONGEST_REASON = 200


class PredicateError(ValueError):
    """A predicate that cannot be used; the text says why and never holds data."""


FUNCTIONS = frozenset(
    (
        *("ABS", "CEIL", "FLOOR", "MOD", "ROUND", "TRY_CAST"),
        *("COALESCE", "GREATEST", "LEAST", "NULLIF", "EXTRACT"),
        *("CHAR_LENGTH", "CONCAT", "LEFT", "LENGTH", "LOWER", "LTRIM", "REPLACE", "RIGHT"),
        *("RTRIM", "SUBSTR", "TRIM", "UPPER"),
        *("ENDS_WITH", "REGEXP_LIKE", "STARTS_WITH"),
    )
)
"""The functions rules may use: each looks at one row and none stops at an odd value."""

_BEFORE_A_BRACKET = frozenset(
    ("AND", "BETWEEN", "CASE", "ELSE", "IN", "LIKE", "NOT", "OR", "THEN", "WHEN")
)


def functions_refused(sql: str) -> list[str]:
    """The functions (and windows) of a predicate that rules may not use."""
    called = {name.upper() for name in _CALL.findall(_STRING.sub("''", sql))}
    return sorted(called - FUNCTIONS - _BEFORE_A_BRACKET)


@cache
def predicate(sql: str) -> pl.Expr:
    """Compile an SQL predicate over one row; empty means every row.

    Raises PredicateError where Polars cannot read it, where it holds a cast that would stop the
    audit at the first value it cannot convert, where Polars departs from SQL, or where it may
    name anything but the row or is not sure to end soon.
    """
    if not sql.strip():
        return pl.lit(True)
    words = _STRING.sub("''", sql)
    if _UNSAFE_CAST.search(words):
        raise PredicateError("CAST stops at the first unreadable value; use TRY_CAST.")
    if _IS_TRUE.search(words):
        raise PredicateError(
            "IS TRUE and IS FALSE leave a blank open here; use = TRUE or COALESCE."
        )
    read = read_words(sql)
    if read.refused:
        raise PredicateError(read.refused)
    try:
        compiled = pl.sql_expr(sql)
    except (*POLARS_FAILED, TypeError) as error:
        reason = str(error)[:_LONGEST_REASON]
        raise PredicateError(f"this is not an SQL predicate that Polars reads: {reason}") from None
    strange = read.columns ^ set(compiled.meta.root_names())
    if strange:
        raise PredicateError(f"{min(strange)} is neither a column nor a word that rules may use.")
    return compiled


def item_of(column: str) -> str:
    """The item a column belongs to: itself, or the item a companion stands beside."""
    for suffix in _SUFFIXES:
        if column.endswith(suffix):
            return column.removesuffix(suffix)
    return column


@dataclass(frozen=True)
class Needs:
    """What a rule reads.

    `columns` are those of its own table, companions included; `fields` are, for each related
    name, the columns read from it; `context` is what it reads of the submission itself.
    """

    columns: frozenset[str]
    related: tuple[Related, ...]
    fields: Mapping[str, frozenset[str]]
    context: frozenset[str]

    @cached_property
    def items(self) -> frozenset[str]:
        """The items of its own table that the rule reads."""
        return frozenset(item_of(column) for column in self.columns)

    @property
    def only_its_table(self) -> bool:
        """Whether the table alone is enough to judge the rule."""
        return not self.related and not self.context


@cache
def needs(declared: Declared) -> Needs:
    """Everything a rule or measure reads. Raises PredicateError for an unusable predicate."""
    names = [relation.name for relation in declared.related]
    columns: set[str] = set()
    fields: dict[str, set[str]] = {name: set() for name in names}
    for sql in (declared.applies, declared.passes):
        columns |= set(predicate(sql).meta.root_names())
        for owner, found in fields_named(sql).items():
            if owner in fields:
                fields[owner] |= found
    columns |= set(declared.unique if isinstance(declared, Rule) else (declared.distinct,))
    for relation in declared.related:
        owner, _, field = relation.source.rpartition(".")
        if owner in fields:
            fields[owner].add(field)
        else:
            columns.add(relation.source)
    return Needs(
        columns=frozenset(columns - {"", *names, *CONTEXT}),
        related=declared.related,
        fields={name: frozenset(found) for name, found in fields.items()},
        context=frozenset(columns & set(CONTEXT)),
    )


def fields_named(sql: str) -> dict[str, set[str]]:
    """Owner and field of every `owner.field` outside quotes."""
    fields: dict[str, set[str]] = {}
    for owner, field in _FIELD.findall(_STRING.sub("''", sql)):
        fields.setdefault(owner, set()).add(field)
    return fields
