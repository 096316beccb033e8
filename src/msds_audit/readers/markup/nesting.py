"""The elements of an XML file that are open, and the keys that their nesting says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from msds_audit.readers.markup.growing import Growing, Record
from msds_audit.spec import Spec, Table


class State(Enum):
    """What an open element is: outside every table, a wrapper, a record, or not yet known."""

    OUTSIDE = auto()
    UNDECIDED = auto()
    WRAPPER = auto()
    RECORD = auto()


class Waiting(NamedTuple):
    """A record that is to have a key once the record around it has said it."""

    record: Record
    key: Key
    table: str


class Key(NamedTuple):
    """An item that refers to one of another table, each by its place."""

    place: int
    name: str
    of_table: str
    of_place: int


@dataclass(slots=True)
class Open:
    """One open element.

    `growing` is the table it belongs to, if any; `around` the element around it in the same
    table, and `named` tells that it or one of those has the name of the table. `holds` tells
    that there were elements in it. Until it is decided what it is, `attributes` and `pending`
    keep what may be columns or records, each with its `text`, and `kept` counts them
    with all that is in them. `records_named` is what the records in a wrapper are called, in
    lower case.
    """

    name: str
    state: State
    growing: Growing | None = None
    around: Open | None = None
    named: bool = False
    holds: bool = False
    text: str = ""
    kept: int = 0
    records_named: set[str] = field(default_factory=set)
    values: Record = field(default_factory=dict)
    attributes: list[tuple[str, str]] = field(default_factory=list)
    pending: list[Open] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether it stands for its table: by its name, or as the root of a file named after it."""
        return self.growing is not None and self.around is None


class Keys:
    """Gives nested records the keys they leave out because the record around them says them.

    A key may come after the nested record, so a record waits for it until the one around it
    closes; `waiting` counts those that do, and they must be kept until it is nought.
    """

    def __init__(self, spec: Spec) -> None:
        self.waiting = 0
        self._keys = {table.name: _keys(table, spec.tables) for table in spec.tables.values()}
        self._taken: Counter[tuple[str, str]] = Counter()

    def take(self, record: Record, table: Table, around: Sequence[Open]) -> None:
        """Fill the keys that a record leaves out, or let it wait for them.

        `around` are the open elements, the outermost first.
        """
        for key in self._keys[table.name]:
            if key.place in record:
                continue
            outer = next((one for one in reversed(around) if _may_say(one, key)), None)
            if outer is None:
                continue
            waiting = Waiting(record, key, table.name)
            if key.of_place in outer.values:
                self._give(waiting, outer)
            else:
                outer.waiting.append(waiting)
                self.waiting += 1

    def settle(self, outer: Open) -> None:
        """Give the records that wait for an element, which closes now, the keys it has.

        Where it is no record, they wait for the element around it in the same table.
        """
        if outer.state is not State.RECORD and outer.around is not None:
            outer.around.waiting += outer.waiting
            return
        for waiting in outer.waiting:
            self._give(waiting, outer)
        self.waiting -= len(outer.waiting)

    def _give(self, waiting: Waiting, outer: Open) -> None:
        value = outer.values.get(waiting.key.of_place)
        if value is not None:
            waiting.record[waiting.key.place] = value
            self._taken[waiting.table, waiting.key.name] += 1

    def notices(self, table: Table) -> list[str]:
        """For each key of a table that was taken, of how many records."""
        return [
            f"{name} of {_records(count)} of {table.name} was taken from the record around "
            f"{'it' if count == 1 else 'them'}."
            for (of, name), count in self._taken.items()
            if of == table.name
        ]


def _may_say(outer: Open, key: Key) -> bool:
    """Whether an open element is, or may turn out to be, a record of the table a key is of."""
    return (
        outer.growing is not None
        and outer.growing.table.name == key.of_table
        and outer.state in (State.RECORD, State.UNDECIDED)
    )


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"


def _keys(table: Table, tables: Mapping[str, Table]) -> list[Key]:
    found = []
    for place, item in enumerate(table.items):
        if item.references is not None and item.references[0] != table.name:
            of_table, of_item = item.references
            of_place = list(tables[of_table].by_name).index(of_item)
            found.append(Key(place, item.name, of_table, of_place))
    return found
