"""What the names of elements and attributes in an XML file stand for."""

from __future__ import annotations

import re
from collections import Counter

from msds_audit.spec import Spec, Table

_OF_XML = ("xmlns", "xml")
_OF_SCHEMAS = ("nil", "type", "schemaLocation", "noNamespaceSchemaLocation")
"""Attributes that belong to XML itself: by their prefix, or by their name where they have one."""

_NOT_A_LETTER = re.compile(r"[\W_]+")


def without_prefix(name: str) -> str:
    """A name without its namespace prefix."""
    return name.rpartition(":")[2]


def is_of_xml(name: str) -> bool:
    """Whether an attribute is of XML and its schemas, such as xmlns and xsi:nil, and so no data."""
    prefix, _, local = name.rpartition(":")
    return prefix in _OF_XML or local in _OF_XML or (bool(prefix) and local in _OF_SCHEMAS)


def says_something(text: str) -> bool:
    """Whether text is more than blanks."""
    return bool(text) and not text.isspace()


class TableNames:
    """Tables by every name they go by in XML.

    These are the long and the short name in any case of letters, and the name in the
    dictionary by its letters and digits alone: `PregnancyAndBookingDetails`.
    """

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        counts = Counter(_letters(table.group) for table in spec.tables.values())
        self._groups = {
            _letters(table.group): table
            for table in spec.tables.values()
            if counts[_letters(table.group)] == 1
        }
        self._found: dict[str, Table | None] = {}

    def table(self, name: str) -> Table | None:
        """The table of this name without prefix; None where it is none's."""
        if name not in self._found:
            table = self._spec.table_named(name)
            self._found[name] = table or self._groups.get(_letters(name))
        return self._found[name]


def _letters(name: str) -> str:
    return _NOT_A_LETTER.sub("", name).lower()
