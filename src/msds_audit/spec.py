"""The specification of a data set: tables, data items, formats and code lists.

It knows what a value may look like and what a code means; it leaves reading files to
`catalogue` and judging values to `checks`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Mandation(StrEnum):
    """How firmly the standard asks for a data item."""

    MANDATORY = "M"
    REQUIRED = "R"
    OPTIONAL = "O"
    PILOT = "P"


class CodeClass(StrEnum):
    """What a code says: an answer, a legitimate non-answer, not known, or not permitted."""

    VALID = "valid"
    OTHER = "other"
    DEFAULT = "default"
    INVALID = "invalid"


class Kind(StrEnum):
    """What a value is read as, once its format is right."""

    TEXT = "text"
    DATE = "date"
    TIME = "time"
    INTEGER = "integer"


DATE_PATTERN = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$"
TIME_PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
ONLY_DIGITS = r"^[0-9]+$"
LONGEST_INTEGER = 4
"""Numbers of up to this many digits are counts; longer ones are identifiers and stay text."""

_BOUND = re.compile(
    r"(?:min (?:an|n)(?P<minimum>\d+) )?(?P<max>max )?(?P<type>an|n)(?P<maximum>\d+)"
)


@dataclass(frozen=True, slots=True)
class Format:
    """A format of the NHS Data Dictionary, such as `max an20`.

    `minimum` and `maximum` are lengths in characters; `pattern` is a regular expression that
    the whole value matches, or None where any characters will do.
    """

    text: str
    kind: Kind
    minimum: int
    maximum: int
    pattern: str | None

    @classmethod
    def parse(cls, text: str) -> Format:
        """Read a dictionary format. Raises ValueError for one that is not understood."""
        if text == "an10 CCYY-MM-DD":
            return cls(text, Kind.DATE, 10, 10, DATE_PATTERN)
        if text == "an8 HH:MM:SS":
            return cls(text, Kind.TIME, 8, 8, TIME_PATTERN)
        if text == "max n2.max n2":
            return cls(text, Kind.TEXT, 1, 5, r"^[0-9]{1,2}(\.[0-9]{1,2})?$")
        found = _BOUND.fullmatch(text)
        if found is None:
            raise ValueError(f"format {text!r} is not understood")
        maximum = int(found["maximum"])
        if found["minimum"]:
            minimum = int(found["minimum"])
        else:
            minimum = 1 if found["max"] else maximum
        if found["type"] == "an":
            return cls(text, Kind.TEXT, minimum, maximum, None)
        kind = Kind.INTEGER if maximum <= LONGEST_INTEGER else Kind.TEXT
        return cls(text, kind, minimum, maximum, ONLY_DIGITS)


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a list; `prefix` codes stand for every value that begins with them."""

    code: str
    label: str
    cls: CodeClass
    group: str | None = None
    broad: bool = False
    note: str = ""
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A value seen in real extracts that is not a code, with the codes it may stand for."""

    seen: str
    kind: str
    means: tuple[str, ...]


@dataclass(frozen=True)
class CodeList:
    """The codes of a data item.

    A `closed` list is complete: any other value is invalid. An open one only classes some
    special values (such as organisation defaults); the format judges the others.
    """

    name: str
    title: str
    closed: bool
    codes: tuple[Code, ...]
    near_misses: tuple[NearMiss, ...]
    local_suffix: bool
    source: str
    verified: bool
    caution: str

    def of_class(self, cls: CodeClass) -> tuple[str, ...]:
        """The whole-value codes of one class, in list order."""
        return tuple(code.code for code in self.codes if code.cls is cls and not code.prefix)

    def prefixes_of_class(self, cls: CodeClass) -> tuple[str, ...]:
        """The codes of one class that stand for every value beginning with them."""
        return tuple(code.code for code in self.codes if code.cls is cls and code.prefix)

    @cached_property
    def permitted(self) -> frozenset[str]:
        """The whole-value codes that may be submitted."""
        return frozenset(
            c.code for c in self.codes if c.cls is not CodeClass.INVALID and not c.prefix
        )

    @cached_property
    def without_zeros(self) -> Mapping[str, tuple[str, ...]]:
        """What codes such as 02 become when they are read as numbers, with those codes.

        Numbers that are codes themselves are left out.
        """
        numbers: dict[str, tuple[str, ...]] = {}
        for code in sorted(self.permitted):
            number = code.lstrip("0") or "0"
            if code.isdecimal() and number != code and number not in self.permitted:
                numbers[number] = (*numbers.get(number, ()), code)
        return numbers

    @property
    def refused(self) -> tuple[str, ...]:
        """Codes that stand in the dictionary but may not be submitted."""
        return self.of_class(CodeClass.INVALID)

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """Code to group, for the codes that have one."""
        return {code.code: code.group for code in self.codes if code.group is not None}

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Code to label."""
        return {code.code: code.label for code in self.codes}


@dataclass(frozen=True)
class Item:
    """One data item of a table."""

    table: str
    name: str
    uid: str
    element: str
    mandation: Mandation
    format: Format
    key: bool
    references: tuple[str, str] | None
    codes: CodeList | None
    shape: str | None
    shape_source: str
    equality: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def is_mandatory(self) -> bool:
        """Whether the group cannot flow without this item."""
        return self.mandation is Mandation.MANDATORY

    @property
    def is_nhs_number(self) -> bool:
        """Whether it holds an NHS number."""
        return self.format.text == "n10"

    @property
    def recurs(self) -> bool:
        """Whether the same values stand in many rows, unlike those of a key."""
        return not (self.key or self.references is not None or self.is_nhs_number)

    @property
    def path(self) -> str:
        """`table.item`, as rule files name it."""
        return f"{self.table}.{self.name}"


def told_apart(items: Iterable[Item]) -> tuple[list[Item], list[Item]]:
    """The items whose values recur, and the others."""
    items = list(items)
    return [item for item in items if item.recurs], [item for item in items if not item.recurs]


@dataclass(frozen=True)
class Table:
    """One table (a group of the dictionary) with its items in published order.

    `record` is what rules of other tables call the record of this one that theirs belongs to;
    empty where no table refers to it.
    """

    name: str
    group: str
    record: str
    section: str
    minimum: int
    maximum: int | None
    per: str | None
    mandatory: bool
    derived: tuple[str, ...]
    items: tuple[Item, ...]

    def __hash__(self) -> int:
        """By name: the items are many, and tables of one name are seldom of two specifications."""
        return hash(self.name)

    @property
    def number(self) -> str:
        """The short name, `MSD001`."""
        return self.name[:6]

    @cached_property
    def by_name(self) -> Mapping[str, Item]:
        """Items by name."""
        return {item.name: item for item in self.items}


@dataclass(frozen=True)
class Spec:
    """A version of the data set."""

    version: str
    title: str
    standard: str
    source: str
    licence: str
    tables: Mapping[str, Table]

    @property
    def items(self) -> Iterator[Item]:
        """Every item of every table, in published order."""
        return (item for table in self.tables.values() for item in table.items)

    @property
    def in_every_submission(self) -> list[Table]:
        """The tables without which a submission is rejected."""
        return [table for table in self.tables.values() if table.mandatory]

    @cached_property
    def _by_any_name(self) -> Mapping[str, Table]:
        names = {}
        for table in self.tables.values():
            names[table.name.lower()] = table
            names[table.number.lower()] = table
        return names

    def table_named(self, name: str) -> Table | None:
        """The table with this full or short name, in any case."""
        return self._by_any_name.get(name.lower())

    def find(self, name: str) -> list[Table | Item]:
        """What a person may mean by a name: a table, an item, a UID or `table.item`.

        Compared without regard to case; empty when nothing has that name.
        """
        wanted = name.lower()
        table = self.table_named(name)
        if table is not None:
            return [table]
        return [
            item
            for item in self.items
            if wanted in (item.name.lower(), item.uid.lower(), item.path.lower())
        ]
