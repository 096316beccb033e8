"""Tells which elements of an XML file are tables, records and items, as they come.

The schema of an MSDS submission is not published, so the shape is found out:

- an element named after a table, with items in it, is a record of it;
- where another element in it has the items, that one is the record and the first a wrapper;
  the further elements of the same name in a wrapper are records too, even empty ones;
- where there is nothing in it, it is a wrapper without records: the table is there, and empty;
- where there is nothing but columns that are no items, it is a record.

Items are elements or attributes. Tables may be inside the records of others. Everything else is
refused with its line, or told by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from msds_audit.errors import ExtractError
from msds_audit.masking import heading
from msds_audit.readers.markup.growing import Growing, Record
from msds_audit.readers.markup.names import (
    TableNames,
    is_of_xml,
    says_something,
    without_prefix,
)
from msds_audit.readers.markup.nesting import Keys, Open, State
from msds_audit.readers.source import Text
from msds_audit.spec import Spec, Table

DEEPEST = 64
"""Elements inside more elements than this are refused; an extract needs five or six."""

LONGEST_VALUE = 1 << 20
"""A value of more characters than this is taken for an element that never closes."""

LONGEST_NAME = 1_000
MOST_FURTHER = 1_000
"""A table with more columns than this that are no items is refused, and so is one that has more
elements than this in it before the first item."""

RECORDS_HELD = 1 << 14
"""So many records are held one by one before they are put into frames."""

EXPORT_AGAIN = "Export the extract again; do not mend it by hand."

_NO_PLACES: Mapping[str, int] = {}


class Elements:
    """What an XML parser calls for each tag and text, and the tables that come of it.

    `table` is the table that the file is named after, if any; `line` tells the line that the
    parser is at. Each call raises ExtractError where the file is none that can be told apart.
    """

    def __init__(
        self, shown: str, spec: Spec, table: Table | None, line: Callable[[], int]
    ) -> None:
        self.tables: dict[str, Growing] = {}
        self.left_out = False  # whether an element of a table was in no record of it
        self._shown, self._spec, self._table, self._line = shown, spec, table, line
        self._names = TableNames(spec)
        self._keys = Keys(spec)
        self._aside: dict[str, str] = {}
        self._held = 0
        self._stack: list[Open] = []
        self._text = ""
        self._place: int | None = None  # of the open column, in the innermost record
        self._resume()

    def fault(self, what: str, hint: str = EXPORT_AGAIN) -> ExtractError:
        """An error about the line that the parser is at."""
        return ExtractError(f"{self._shown}, line {self._line():,}: {what}.", hint=hint)

    # --- what the parser calls ------------------------------------------------------------

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A tag opens."""
        if self._text:
            if not self._text.isspace():
                self._between()
            self._text = ""
        if self._place is None:
            self._place = self._spelt.get(name)
            if self._place is not None:
                if attributes:
                    self._set_aside(attributes.items())
                return
        self._open(name, attributes)

    def end(self, name: str) -> None:
        """A tag closes."""
        place = self._place
        if place is None:
            self._close()
            return
        self._put(self._values, place, name, self._text)
        self._text = ""
        self._place = None

    def text(self, text: str) -> None:
        """A piece of text between two tags."""
        if not self._text:
            self._text = text
            return
        self._text += text
        if len(self._text) > LONGEST_VALUE:
            raise self.fault(f"there are more than {LONGEST_VALUE:,} characters without a tag")

    # --- what came of it ------------------------------------------------------------------

    def texts(self) -> dict[str, Text]:
        """The tables by name, in published order."""
        return {
            name: self.tables[name].text(self._keys.notices(table))
            for name, table in self._spec.tables.items()
            if name in self.tables
        }

    def aside(self) -> list[str]:
        """The names of elements and attributes that hold something and were not read."""
        return list(dict.fromkeys(self._aside.values()))

    # --- tags that open -------------------------------------------------------------------

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        """An element that is no column already seen in the open record."""
        if self._place is not None:
            self._open_column()
        local = self._local(name)
        if len(self._stack) >= DEEPEST:
            raise self.fault(f"there are more than {DEEPEST} elements inside one another")
        around = self._stack[-1] if self._stack else None
        if around is not None:
            around.holds = True
        table = self._names.table(local)
        growing = around.growing if around is not None else None
        if around is None or growing is None or not _is_inside(table, around):
            opened = self._outermost(local, table)
        elif table is None and growing.knows(local):
            self._make_record(around)
            growing.spelt[name] = self._place = growing.place(local)
            self._set_aside(attributes.items())
            return
        else:
            opened = self._inside(around, local, table)
        self._stack.append(opened)
        self._resume()
        self._give_attributes(opened, attributes)

    def _open_column(self) -> None:
        """There is an element in what was thought to be a column. Refused where it is an item."""
        record = self._stack[-1]
        if record.growing is None or self._place is None:
            return
        name = record.growing.headings[self._place]
        if record.growing.is_item(self._place):
            raise self.fault(f"the item {name} holds elements instead of a value")
        self._stack.append(self._inside(record, name, None))
        self._place = None

    def _outermost(self, local: str, table: Table | None) -> Open:
        """An element that is named after a table, or outside all."""
        whole = table or (self._table if not self._stack else None)
        if whole is None:
            return Open(local, State.OUTSIDE)
        if self._table is not None and whole is not self._table:
            raise ExtractError(
                f"{self._shown} is named after one table, and {whole.name} is in it too.",
                hint="Give each table in a file of its own, or name the file otherwise.",
            )
        if whole.name not in self.tables:
            self.tables[whole.name] = Growing(whole)
        growing = self.tables[whole.name]
        return Open(local, State.UNDECIDED, growing, named=table is not None)

    def _inside(self, around: Open, local: str, table: Table | None) -> Open:
        """An element inside one of the same table, and no item of it."""
        if table is not None and around.state is State.RECORD:
            raise self.fault(f"a record of {table.name} is inside another")
        is_record = around.state is State.WRAPPER and local.lower() in around.records_named
        state = State.RECORD if is_record else State.UNDECIDED
        return Open(local, state, around.growing, around, named=around.named)

    def _give_attributes(self, opened: Open, attributes: dict[str, str]) -> None:
        for name, value in attributes.items():
            if self._spelt.get(name) is not None:
                self._put(opened.values, self._spelt[name], name, value)
                continue
            if is_of_xml(name):
                continue
            local = self._local(name)
            if opened.growing is None:
                self._tell(local, value)
            elif opened.growing.knows(local):
                self._make_record(opened)
                self._give(opened, local, value)
            elif opened.state is State.RECORD:
                self._give(opened, local, value)
            else:
                opened.attributes.append((local, value))

    def _local(self, name: str) -> str:
        local = without_prefix(name)
        if len(local) > LONGEST_NAME:
            raise self.fault(f"a name has more than {LONGEST_NAME:,} characters")
        return local

    # --- tags that close ------------------------------------------------------------------

    def _close(self) -> None:
        """An element closes that is no column of the open record."""
        top = self._stack[-1]
        if self._text and (top.holds or top.is_whole or top.state in (State.RECORD, State.WRAPPER)):
            self._between()
            self._text = ""
        top.text, self._text = self._text, ""
        self._stack.pop()
        if top.state is State.UNDECIDED:
            self._close_undecided(top)
        if top.state is State.OUTSIDE:
            self._tell(top.name, top.text)
        elif top.state is State.RECORD:
            self._add(top)
        self._keys.settle(top)
        self._resume()
        if self._held >= RECORDS_HELD and not self._keys.waiting:
            for growing in self.tables.values():
                growing.flush()
            self._held = 0

    def _close_undecided(self, top: Open) -> None:
        """An element of a table closes in which there was no item."""
        if top.is_whole and top.named:
            self._close_whole(top)
        elif top.around is not None and top.around.state is State.UNDECIDED:
            top.around.pending.append(top)
            top.around.kept += 1 + top.kept
            if top.around.kept > MOST_FURTHER:
                raise self._too_many(top.around)
        elif top.around is not None and top.around.state is State.RECORD and not top.holds:
            self._give_pending(top.around, top)
        else:
            self._leave(top)

    def _close_whole(self, top: Open) -> None:
        """An element named after a table closes in which there was no item."""
        names = [one.name.lower() for one in top.pending if one.pending]
        if not names:
            counts = Counter(one.name.lower() for one in top.pending if not one.holds)
            names = [name for name, count in counts.items() if count > 1]
            if counts and not names:
                self._make_record(top)
                return
        if names:
            self._make_wrapper(top, names[0])
        self._leave(top)

    def _resume(self) -> None:
        """Make ready for what comes next in the innermost open element."""
        top = self._stack[-1] if self._stack else None
        if top is not None and top.growing is not None and top.state is State.RECORD:
            self._spelt: Mapping[str, int] = top.growing.spelt
            self._values = top.values
        else:
            self._spelt, self._values = _NO_PLACES, {}

    # --- what an element turns out to be --------------------------------------------------

    def _make_record(self, top: Open) -> None:
        """An element turns out to be a record, and those around it in the table its wrappers."""
        if top.state is State.RECORD:
            return
        if top.state is State.WRAPPER:
            raise self.fault(f"there are items in {heading(top.name)}, beside records of its table")
        if top.around is not None:
            self._make_wrapper(top.around, top.name.lower())
        top.state = State.RECORD
        for local, value in top.attributes:
            self._give(top, local, value)
        for one in top.pending:
            if one.holds:
                self._leave(one)
            else:
                self._give_pending(top, one)
        top.attributes.clear()
        top.pending.clear()
        self._resume()

    def _make_wrapper(self, outer: Open, records_named: str) -> None:
        """An element turns out to be a wrapper of records of this name, and so do those around."""
        if outer.state is State.RECORD:
            raise self.fault("there are items in an element inside a record of the same table")
        outer.records_named.add(records_named)
        if outer.state is State.WRAPPER:
            return
        outer.state = State.WRAPPER
        if outer.around is not None:
            self._make_wrapper(outer.around, "")
        self._set_aside(outer.attributes)
        pending, outer.pending = outer.pending, []
        for one in pending:
            if one.name.lower() != records_named:
                self._leave(one)
                continue
            if says_something(one.text):
                raise self._misplaced_text(one)
            self._make_record(one)
            self._add(one)

    def _add(self, record: Open) -> None:
        if record.growing is not None:
            self._keys.take(record.values, record.growing.table, self._stack)
            record.growing.records.append(record.values)
            self._held += 1

    def _give_pending(self, record: Open, element: Open) -> None:
        """Give a record the value of an element that turns out to be a column of it."""
        self._set_aside(element.attributes)
        if says_something(element.text):
            self._give(record, element.name, element.text)

    def _give(self, record: Open, local: str, value: str) -> None:
        """Give a record the value of a column by name."""
        growing = record.growing
        if growing is None:
            return
        place = growing.place(local)
        if growing.further > MOST_FURTHER:
            raise self._too_many(record)
        self._put(record.values, place, local, value)

    def _put(self, values: Record, place: int, name: str, value: str) -> None:
        """Put a value into a record; an empty one is blank."""
        if place in values:
            raise self.fault(f"{heading(without_prefix(name))} stands twice in one record")
        if len(value) > LONGEST_VALUE:
            raise self.fault(f"a value has more than {LONGEST_VALUE:,} characters")
        values[place] = value or None

    # --- what is not read -----------------------------------------------------------------

    def _between(self) -> None:
        """Make sure that text that is no value is blank: the space between two tags."""
        if self._text.isspace():
            return
        if self._place is not None:
            self._open_column()
        text, top = self._text, self._stack[-1]
        if top.state is not State.OUTSIDE:
            raise self._misplaced_text(top)
        self._tell(top.name, text)

    def _misplaced_text(self, where: Open) -> ExtractError:
        return self.fault(f"there is text in {heading(where.name)} that is in no item")

    def _too_many(self, where: Open) -> ExtractError:
        table = where.growing.table.name if where.growing is not None else where.name
        return self.fault(f"{table} has more than {MOST_FURTHER:,} columns that are no items of it")

    def _leave(self, element: Open) -> None:
        """Tell the names of what is in an element that belongs to no record."""
        self.left_out = self.left_out or says_something(element.text)
        self._tell(element.name, element.text)
        self._set_aside(element.attributes)
        for one in element.pending:
            self._leave(one)

    def _set_aside(self, attributes: Iterable[tuple[str, str]]) -> None:
        for name, value in attributes:
            if not is_of_xml(name):
                self._tell(without_prefix(name), value)

    def _tell(self, name: str, text: str) -> None:
        if says_something(text) and name not in self._aside:
            self._aside[name] = heading(name)


def _is_inside(table: Table | None, around: Open) -> bool:
    """Whether an element, of this table by its name if of any, is a part of the one around it."""
    if table is None:
        return True
    return around.named and around.growing is not None and around.growing.table is table
