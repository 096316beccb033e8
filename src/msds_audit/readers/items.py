"""The known items of a table as it was read, and what was set aside."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from msds_audit.extract import normalised
from msds_audit.masking import heading
from msds_audit.readers.source import Text
from msds_audit.spec import Table

_APART = re.compile(r"[\s_.-]")

MOST_NAMES = 6
"""How many names a notice lists before it only counts the rest."""


def listed(names: Sequence[str]) -> str:
    """Names in a sentence; of many only the first few and how many more there are."""
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return f"{shown} and {more:,} more" if more > 0 else shown


@dataclass(frozen=True)
class Items:
    """One table: its known items under their published names, as they stand in the file.

    `own` are the columns by which rows say whose they are, named in `frame` as `own X`.
    `derived` are the columns that NHS England adds; those of them that are kept stand in `frame`
    too, and are `kept`. Both are text, trimmed, blank as null. `notices` say what else was set
    aside.
    """

    frame: pl.LazyFrame
    names: tuple[str, ...]
    own: tuple[str, ...]
    derived: tuple[str, ...]
    kept: tuple[str, ...]
    notices: tuple[str, ...]


def items_of(
    text: Text, table: Table, own_columns: Mapping[str, str], keep: Collection[str] = ()
) -> Items:
    """Choose the items of a table by heading, in any case of letters, in published order.

    `own_columns` are, by heading in lower case, the further columns to keep under `own X`;
    where two headings stand for the same, the first of the mapping is taken. `keep` are the
    columns that NHS England adds to keep under their names.
    """
    places = {name.lower(): f"column {place}" for place, name in enumerate(text.headings)}
    chosen = {name: places[name.lower()] for name in table.by_name if name.lower() in places}
    own: dict[str, str] = {}
    for name, meaning in own_columns.items():
        if name in places:
            own.setdefault(meaning, places[name])
    kept = {name: places[name.lower()] for name in keep if name.lower() in places}
    items = {name.lower() for name in table.by_name}
    derived = {name.lower() for name in table.derived}
    beside = [name for name in text.headings if name.lower() not in items]
    unknown = [name for name in beside if name.lower() not in {*derived, *own_columns}]
    absent = [name for name in table.by_name if name not in chosen]
    notices = []
    if unknown:
        names = listed([_called(name, table) for name in unknown])
        notices.append(f"{_columns(unknown)} not in {table.name}, set aside: {names}.")
    if absent:
        notices.append(f"{_columns(absent)} missing: {listed(absent)}.")
    added = {**kept, **{f"own {meaning}": place for meaning, place in own.items()}}
    columns = {**chosen, **added}
    frame = text.frame.select(pl.col(place).alias(name) for name, place in columns.items())
    return Items(
        frame=normalised(frame, list(added)),
        names=tuple(chosen),
        own=tuple(own),
        derived=tuple(name for name in beside if name.lower() in derived - {*own_columns}),
        kept=tuple(kept),
        notices=tuple(notices),
    )


def _called(name: str, table: Table) -> str:
    """A heading that is not known, and the item it probably is: by its UID, or written apart."""
    wanted = _APART.sub("", name).lower()
    for item in table.items:
        if wanted == item.uid.lower():
            return f"{item.uid} (write {item.name})"
        if wanted == item.name.lower():
            return f"{heading(name)} (write {item.name})"
    return heading(name)


def _columns(names: Sequence[str]) -> str:
    return "1 column" if len(names) == 1 else f"{len(names):,} columns"
