"""A row as rules see it, with the rows of other tables that belong to it.

Each value is worked out when it is first asked for, and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from msds_audit.rule import Related
from plain.sql import predicate
from plain.values import Columns, Texts

ROWS, VALUES = "rows", "_values"


class Folded(dict[str, object]):
    """Several rows as one: each item where all of them have the same, otherwise null.

    `rows` is how many there are, and `Item_values` how many different values an item has.
    """

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __init__(self, rows: list[Texts], columns: Columns) -> None:
        super().__init__({ROWS: len(rows)})
        self._rows = rows
        self._columns = columns

    def text(self, item: str) -> str | None:
        """The text that all rows have in an item, None where they differ."""
        texts = {row.get(item) for row in self._rows}
        return texts.pop() if len(texts) == 1 else None

    def __missing__(self, column: str) -> object:
        """The value in a column that was not asked for before."""
        if column.endswith(VALUES):
            item = self._columns.item(column.removesuffix(VALUES)).name
            found: object = len({row.get(item) for row in self._rows} - {None})
        else:
            found = self._columns.value(column, self.text(self._columns.item(column).name))
        self[column] = found
        return found


Finder: TypeAlias = Callable[["Beside"], Folded | None]


class Beside(dict[str, object]):
    """A row with what stands beside it: the context of the submission and related rows."""

    def __init__(
        self,
        texts: Texts,
        columns: Columns,
        context: Mapping[str, object],
        related: Mapping[str, Finder],
    ) -> None:
        super().__init__(context)
        self._texts = texts
        self._columns = columns
        self._related = related

    def text(self, item: str) -> str | None:
        """The text of an item, or of `name.Item`; None where there is no such row."""
        owner, _, field = item.rpartition(".")
        if not owner:
            return self._texts.get(item)
        row = self[owner]
        return row.text(field) if isinstance(row, Folded) else None

    def __missing__(self, name: str) -> object:
        """What a name stands for that was not asked for before."""
        found: object
        if "." in name:
            owner, _, field = name.partition(".")
            row = self[owner]
            found = row[field] if isinstance(row, Folded) else None
        elif name in self._related:
            found = self._related[name](self)
        else:
            found = self._columns.value(name, self._texts.get(self._columns.item(name).name))
        self[name] = found
        return found


def folded(rows: Iterable[Texts], columns: Columns, relation: Related) -> Folded | None:
    """The rows that satisfy the relation's condition as one; None where none does."""
    where = predicate(relation.where or "")
    kept = [row for row in rows if where(Beside(row, columns, {}, {}))]
    return Folded(kept, columns) if kept else None


def finder(rows: Iterable[Texts], columns: Columns, relation: Related) -> Finder:
    """Finds what is related to a row among the rows of a table."""
    by_key: dict[str, list[Texts]] = {}
    for row in rows:
        key = row.get(relation.on)
        if key is not None:
            by_key.setdefault(key, []).append(row)
    known = {key: folded(sharing, columns, relation) for key, sharing in by_key.items()}

    def found(row: Beside) -> Folded | None:
        key = row.text(relation.source)
        return None if key is None else known.get(key)

    return found
