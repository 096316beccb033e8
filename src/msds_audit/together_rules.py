"""The rules about items that mean something only together: a code and its scheme, for one.

They follow from the specification, and are ordinary rules beside those of `item_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msds_audit.item_rules import good_value, item_rule
from msds_audit.rule import Basis, Effect, Example, Expected, Rule
from msds_audit.spec import Item, Kind, Spec, Table

_OURS = "Our own advice: follows from the meaning of the two items"


class Scheme(NamedTuple):
    """An item that says in which scheme the code in another is."""

    item: Item
    code: Item


class _Needed(NamedTuple):
    """What an item needs beside it, and what it is without it."""

    item: Item
    other: Item
    why: str
    effect: Effect


def schemes_of(table: Table) -> list[Scheme]:
    """The scheme items of a table, each with the item of its codes, which follows it."""
    return [
        Scheme(item, code)
        for item, code in zip(table.items, table.items[1:], strict=False)
        if item.element.endswith("SCHEME IN USE")
    ]


def together_rules(spec: Spec) -> list[Rule]:
    """`UID-alone` for each item that needs another one beside it which may be blank."""
    needed = [one for table in spec.tables.values() for one in _needed_in(table)]
    return [_alone(one) for one in needed if not one.other.is_mandatory]


def _needed_in(table: Table) -> Iterator[_Needed]:
    for scheme, code in schemes_of(table):
        unreadable = "Nobody can tell what a code means without its scheme; it is not counted."
        yield _Needed(code, scheme, unreadable, Effect.COUNTS_AS_INVALID)
        yield _Needed(scheme, code, "A scheme without a code says nothing.", Effect.WARNING)
    for item in table.items:
        if item.format.kind is Kind.TIME:
            date = table.by_name[item.name.replace("Time", "Date")]
            yield _Needed(item, date, "A time without its date cannot be placed.", Effect.WARNING)
    if "ObsValue" in table.by_name:
        value, unit = table.by_name["ObsValue"], table.by_name["UCUMUnit"]
        unknown = "Nobody can tell what was measured; it is not counted."
        yield _Needed(value, table.by_name["ObsCode"], unknown, Effect.COUNTS_AS_INVALID)
        yield _Needed(unit, value, "A unit without a value says nothing.", Effect.WARNING)


def _alone(needed: _Needed) -> Rule:
    item, other = needed.item, needed.other
    value, beside = good_value(item), good_value(other)
    rows = (
        ("both", {item.name: value, other.name: beside}, Expected.PASS),
        ("alone", {item.name: value, other.name: ""}, Expected.FAIL),
        ("neither", {item.name: "", other.name: ""}, Expected.NOT_APPLICABLE),
    )
    return item_rule(
        item,
        "alone",
        title=f"{item.name} comes with {other.name}",
        why=needed.why,
        fix=f"Send {other.name} too, or take {item.name} out where it was not meant.",
        applies=f"{item.name}_vodim <> 'M'",
        passes=f"{other.name}_vodim <> 'M'",
        effect=needed.effect,
        basis=Basis.ADVICE,
        source=_OURS,
        examples=tuple(Example(says, row, (), {}, "", result) for says, row, result in rows),
    )
