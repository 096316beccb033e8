"""Access files for the tests: written, damaged on purpose, and read."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

from access_writer import PAGE, AccessFile, AccessTable
from msds_audit.errors import ExtractError
from msds_audit.readers.access import read_database
from msds_audit.readers.source import Source
from support import packaged

MOTHER = "MSD001MotherDemog"
DEFINITION = 3
"""The page that defines the first table of a file that AccessFile writes."""

HEADER = AccessTable(
    "MSD000Header", [("OrgIDProvider", "text"), ("RPStartDate", "text")], [("RJ7", "2026-08-01")]
)


def mother(columns, rows, **options):
    """A mother table; it always has the item LPIDMother, as its last column."""
    rows = [
        (*row, f"L{place}") if len(row) == len(columns) else row for place, row in enumerate(rows)
    ]
    return AccessTable(MOTHER, [*columns, ("LPIDMother", "text")], rows, **options)


def written(path, *tables, ace=True):
    return AccessFile(tables, ace=ace).write(path)


def read(path, spec=None):
    """What the reader makes of a file: every table, or those of another specification."""
    return read_database(Source(path.name, path), spec or packaged().spec)


def table(path, name=MOTHER):
    """One table as the reader sees it, under its own headings."""
    text = read(path).tables[name]
    return text.frame.collect().rename(
        dict(zip(text.frame.collect_schema(), text.headings, strict=True))
    )


def column(path, name, of=MOTHER):
    return table(path, of)[name].to_list()


def values(path, kind, given, **options):
    """What is read where a column of this kind holds what is given."""
    written(path, mother([("value", kind)], [(value,) for value in given], **options))
    return column(path, "value")


def spec_of(name, *items):
    """A specification of one table with these items, for files of other people."""
    spec = packaged().spec
    model = spec.tables[MOTHER]
    items = tuple(replace(model.items[0], table=name, name=item) for item in items)
    return replace(spec, tables={name: replace(model, name=name, items=items)})


def refused(path, spec=None):
    """The sentence with which a file is refused."""
    try:
        read(path, spec)
    except ExtractError as error:
        assert error.hint.endswith(".")
        assert error.sentence.endswith(".")
        return error.sentence
    raise AssertionError("it was read")


class Damaged:
    """The bytes of a file, to be changed by page and offset."""

    def __init__(self, content):
        self.content = bytearray(content)

    def __len__(self):
        return len(self.content) // PAGE

    def put(self, page, at, form, *numbers):
        struct.pack_into(f"<{form}", self.content, page * PAGE + at, *numbers)
        return self

    def get(self, page, at, form):
        return struct.unpack_from(f"<{form}", self.content, page * PAGE + at)[0]

    def put_page(self, page, content):
        self.content[page * PAGE : (page + 1) * PAGE] = content.ljust(PAGE, b"\0")
        return self

    def add_page(self, content):
        self.content += content.ljust(PAGE, b"\0")
        return len(self) - 1

    def pages(self, owner):
        """The data pages of the table defined on this page, or of long values (LVAL)."""
        owner = owner if isinstance(owner, bytes) else struct.pack("<I", owner)
        return [
            page
            for page in range(1, len(self))
            if self.get(page, 0, "B") == 1 and self.content[page * PAGE + 4 :][:4] == owner
        ]

    def record(self, page, slot):
        """Where on its page a record begins."""
        return self.get(page, 14 + 2 * slot, "H") & 0x1FFF

    def write(self, path):
        path.write_bytes(self.content)
        return path


def damaged(*tables):
    return Damaged(AccessFile(tables).content())


def kilobytes(what):
    """What Linux says of this process, such as `VmHWM`: the most memory that it has used."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1])
    return None
