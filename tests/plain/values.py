"""One value at a time: whether it has its format, what it is, and which class it belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from functools import partial

from msds_audit.spec import CodeClass, Item, Kind, Table
from plain.marks import has_right_check_digit, is_snomed, looking_for_marks

Texts = Mapping[str, str | None]
"""One row as it stands in the file: trimmed, blank as None."""


def fits(item: Item, text: str | None) -> bool | None:
    """Whether a text has the format of its item; None where it is missing."""
    if text is None:
        return None
    form = item.format
    if not form.minimum <= len(text) <= form.maximum:
        return False
    if form.pattern is not None and not re.fullmatch(form.pattern, text):
        return False
    return _typed(item, text) is not None


def _typed(item: Item, text: str) -> object:
    """A text of the right pattern in its own type; None for the 30th of February."""
    try:
        match item.format.kind:
            case Kind.DATE:
                return date.fromisoformat(text)
            case Kind.TIME:
                return time.fromisoformat(text)
            case Kind.INTEGER:
                return int(text)
            case Kind.TEXT:
                return text
    except ValueError:
        return None


def value(item: Item, text: str | None) -> object:
    """A value as rules see it: in its own type, None where its format is wrong."""
    return _typed(item, text) if text is not None and fits(item, text) else None


def vodim(item: Item, text: str | None) -> str:
    """The class of a value: V, O, D, I or M."""
    if text is None:
        return "M"
    if _is_code(item, text, CodeClass.DEFAULT):
        return "D"
    if _is_code(item, text, CodeClass.OTHER):
        return "O"
    return "V" if fits(item, text) and _may_stand(item, text) else "I"


def _is_code(item: Item, text: str, *classes: CodeClass) -> bool:
    """Whether a value is a code of one of these classes, or begins with one that is a prefix.

    Codes are as they are written; only what stands for many values is so in any case.
    """
    listed = item.codes.codes if item.codes is not None else ()
    return any(
        text.upper().startswith(one.code) if one.prefix else text == one.code
        for one in listed
        if one.cls in classes
    )


def _may_stand(item: Item, text: str) -> bool:
    """Whether an item may hold a value that has its format."""
    if _is_code(item, text, CodeClass.INVALID):
        return False
    is_code = _is_code(item, text, CodeClass.VALID, CodeClass.OTHER, CodeClass.DEFAULT)
    if item.codes is not None and item.codes.closed:
        return is_code
    return is_code or item.shape is None or re.fullmatch(item.shape, text) is not None


def group(item: Item, text: str | None) -> str | None:
    """The group of a code in its list, None where it has none."""
    listed = item.codes.codes if item.codes is not None else ()
    return next((one.group for one in listed if one.code == text), None)


class Columns:
    """The columns of a table that rules may name: its items, and what stands beside each."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._known: dict[tuple[str, str | None], object] = {}
        self._items: dict[str, Item] = {}
        self._ways: dict[str, Callable[[str | None], object]] = {}

    def item(self, column: str) -> Item:
        """The item a column belongs to. Raises KeyError where there is none."""
        if column not in self._items:
            self._items[column] = self._parted(column)[0]
        return self._items[column]

    def value(self, column: str, text: str | None) -> object:
        """The value in a column where this is the text of its item."""
        key = (column, text)
        if key not in self._known:
            if column not in self._ways:
                self._ways[column] = _way(*self._parted(column))
            self._known[key] = self._ways[column](text)
        return self._known[key]

    def _parted(self, column: str) -> tuple[Item, str]:
        if column in self.table.by_name:
            return self.table.by_name[column], ""
        name, _, suffix = column.rpartition("_")
        return self.table.by_name[name], suffix


def has_right_last_digit(text: str | None) -> bool | None:
    """Whether ten digits end in what 11 less the weighted others leave, as the dictionary says."""
    if text is None:
        return None
    if not re.fullmatch("[0-9]{10}", text):
        return False
    remainder = sum(int(digit) * (10 - at) for at, digit in enumerate(text[:9])) % 11
    wanted = (11 - remainder) % 11
    return wanted != 10 and wanted == int(text[9])


def _way(item: Item, suffix: str) -> Callable[[str | None], object]:
    """How what stands beside an item is told from its text."""
    match suffix:
        case "":
            return partial(value, item)
        case "fits":
            return partial(fits, item)
        case "vodim":
            return partial(vodim, item)
        case "group":
            return partial(group, item)
        case "damage":
            return looking_for_marks(item)
        case "verhoeff" if is_snomed(item):
            return has_right_check_digit
        case "modulus11" if item.format.text == "n10":
            return has_right_last_digit
    raise KeyError(f"{item.name}_{suffix}")
