"""Writes Access files for the tests: Jet 4, as plain as Access itself still opens them.

It exists so that the reader can be tried at sizes and on faults that no sample has. It knows the
format from the same public descriptions; mdbtools reads what it writes, which a test makes sure of.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from uuid import UUID

PAGE = 4096
TYPES = {
    "boolean": (1, True, 1),
    "byte": (2, True, 1),
    "integer": (3, True, 2),
    "long": (4, True, 4),
    "currency": (5, True, 8),
    "single": (6, True, 4),
    "double": (7, True, 8),
    "datetime": (8, True, 8),
    "binary": (9, False, 510),
    "text": (10, False, 510),
    "ole": (11, False, 0),
    "memo": (12, False, 0),
    "guid": (15, True, 16),
    "numeric": (16, True, 17),
    "list": (18, True, 4),
    "bigint": (19, True, 8),
    "exact time": (20, True, 42),
    "fixed text": (10, True, 24),
    "calculated": (10, False, 510),
}
"""By name: the number in the file, whether of fixed length, and the length."""

SCALE = 4
EPOCH = date(1899, 12, 30)
TABLE, QUERY, ODBC_LINK, LINK = 1, 5, 4, 6
DELETED, ELSEWHERE = 0x8000, 0x4000
"""Marks of a record. A deleted row has both, one that another points to only the first."""


@dataclass(frozen=True)
class Raw:
    """A value given as the bytes that stand for it in a row."""

    content: bytes


@dataclass
class AccessTable:
    """A table to be written: `columns` as name and type, rows of Python values.

    A row that is shorter than the columns was written before the others were added. Columns that
    are `dropped` still have their place in the rows. Rows are `deleted`, or `moved` to another
    page, by their number.
    """

    name: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[object]]
    squeeze: bool = True
    kind: int = TABLE
    claims: int | None = None
    """How many rows the definition says there are, where that is not the truth."""

    dropped: Collection[str] = ()
    deleted: Collection[int] = ()
    moved: Collection[int] = ()


@dataclass
class AccessFile:
    """Builds the pages of a file; give `tables` and call `content`."""

    tables: Sequence[AccessTable]
    ace: bool = True
    pages: list[bytearray] = field(default_factory=list)

    def content(self) -> bytes:
        """The bytes of the file."""
        self.pages = [self._header(), bytearray(PAGE), bytearray(PAGE)]
        listed = []
        for number, table in enumerate(self.tables):
            page = self._table(table) if table.kind == TABLE else 0x0F000000 + number
            listed.append((page, 0x0F000001, table.name, table.kind, 0, None))
        columns = (("Id", "long"), ("ParentId", "long"), ("Name", "text"))
        columns += (("Type", "integer"), ("Flags", "long"), ("LvProp", "ole"))
        listed.append((2, 0x0F000001, "MSysObjects", 1, -0x80000000, None))
        self._table(AccessTable("MSysObjects", columns, listed), at=2)
        self.pages[1][0:2] = b"\1\1"
        return b"".join(map(bytes, self.pages))

    def write(self, path: Path) -> Path:
        """Write the file."""
        path.write_bytes(self.content())
        return path

    # --- pages ----------------------------------------------------------------------------

    def _header(self) -> bytearray:
        page = bytearray(PAGE)
        product = b"Standard ACE DB\0" if self.ace else b"Standard Jet DB\0"
        page[0:20] = b"\0\1\0\0" + product
        page[0x14] = 2 if self.ace else 1
        plain = bytearray(128)
        plain[0x3C - 0x18 : 0x3E - 0x18] = struct.pack("<H", 1252)
        page[0x18 : 0x18 + 128] = rc4(bytes.fromhex("c7da396b"), bytes(plain))
        return page

    def _new(self, content: bytes) -> int:
        assert len(content) <= PAGE
        self.pages.append(bytearray(content.ljust(PAGE, b"\0")))
        return len(self.pages) - 1

    def _records(
        self, records: Sequence[bytes], owner: bytes, flags: Sequence[int] = ()
    ) -> list[int]:
        """Write records on as many pages as they need; pointers to them, in order."""
        pointers, waiting, room = [], [], PAGE - 14
        for record in [*records, None]:
            if record is None or len(record) + 2 > room or len(waiting) == 255:
                if waiting:
                    number = self._new(data_page(waiting, owner, flags[len(pointers) :]))
                    pointers += [number << 8 | slot for slot in range(len(waiting))]
                waiting, room = [], PAGE - 14
            if record is not None:
                waiting.append(record)
                room -= len(record) + 2
        return pointers

    # --- tables ---------------------------------------------------------------------------

    def _table(self, table: AccessTable, at: int | None = None) -> int:
        number = at if at is not None else self._new(b"")
        owner = struct.pack("<I", number)
        records = [self._row(table, row) for row in table.rows]
        marks = DELETED | ELSEWHERE
        flags = [marks * (number in table.deleted) for number in range(len(records))]
        moved = sorted(table.moved)
        places = self._records([records[one] for one in moved], owner, [DELETED] * len(moved))
        for one, place in zip(moved, places, strict=True):
            records[one], flags[one] = struct.pack("<I", place), ELSEWHERE
        places += self._records(records, owner, flags)
        owned = sorted({place >> 8 for place in places})
        [usage] = self._records([self._usage(owned)], b"\0\0\0\0")
        [free] = self._records([b"\0" + bytes(68)], b"\0\0\0\0")
        there = len(records) - len(table.deleted)
        claims = there if table.claims is None else table.claims
        definition = self._definition(table, claims, usage, free)
        first, rest = definition[:PAGE], definition[PAGE:]
        self.pages[number][: len(first)] = first
        last = number
        while rest:
            more = self._new(b"\2\1\0\0" + bytes(4) + rest[: PAGE - 8])
            self.pages[last][4:8] = struct.pack("<I", more)
            last, rest = more, rest[PAGE - 8 :]
        return number

    def _usage(self, owned: list[int]) -> bytes:
        if not owned or owned[-1] - owned[0] < 512:
            bits = bytearray(64)
            for page in owned:
                place = page - owned[0]
                bits[place // 8] |= 1 << place % 8
            return b"\0" + struct.pack("<I", owned[0] if owned else 0) + bytes(bits)
        width = (PAGE - 4) * 8
        pointers = []
        for place in range(17):
            bits = bytearray(PAGE - 4)
            here = [page - place * width for page in owned if page // width == place]
            for page in here:
                bits[page // 8] |= 1 << page % 8
            pointers.append(self._new(b"\5\1\0\0" + bytes(bits)) if here else 0)
        return b"\1" + struct.pack("<17I", *pointers)

    def _definition(self, table: AccessTable, claims: int, usage: int, free: int) -> bytes:
        described, names, fixed_at, variable_at = [], [], 0, 0
        for number, (name, kind) in enumerate(table.columns):
            code, fixed, width = TYPES[kind]
            one = bytearray(25)
            one[0] = code
            struct.pack_into("<H", one, 5, number)
            struct.pack_into("<H", one, 7, variable_at)
            struct.pack_into("<H", one, 9, number)
            if kind == "numeric":
                one[11], one[12] = 28, SCALE
            one[15] = 0x02 | (0x01 if fixed else 0)
            one[16] = {"text": 1, "memo": 1, "calculated": 0xC0}.get(kind, 0)
            struct.pack_into("<H", one, 21, fixed_at if fixed else 0)
            struct.pack_into("<H", one, 23, width)
            fixed_at += width if fixed and kind != "boolean" else 0
            variable_at += 0 if fixed else 1
            if name not in table.dropped:
                described.append(bytes(one))
                names.append(struct.pack("<H", 2 * len(name)) + name.encode("utf-16-le"))
        head = bytearray(63)
        head[0:4] = b"\2\1\0\0"
        struct.pack_into("<I", head, 16, claims)
        head[40] = ord("N")
        struct.pack_into("<HHH", head, 41, len(table.columns), variable_at, len(described))
        struct.pack_into("<II", head, 55, usage, free)
        whole = bytes(head) + b"".join(described + names) + b"\xff\xff"
        return whole[:8] + struct.pack("<I", len(whole)) + whole[12:]

    def _row(self, table: AccessTable, row: Sequence[object]) -> bytes:
        fixed, variable, mask = b"", [], 0
        for number, ((_, kind), value) in enumerate(zip(table.columns, row, strict=False)):
            _, is_fixed, width = TYPES[kind]
            if kind == "boolean":
                mask |= bool(value) << number
                continue
            mask |= (value is not None) << number
            stored = b"" if value is None else self._stored(kind, value, table.squeeze)
            if is_fixed:
                fixed += stored.ljust(width, b"\0")
            else:
                variable.append(stored)
        begins, at = [], 2 + len(fixed)
        for stored in variable:
            begins.append(at)
            at += len(stored)
        tail = b""
        if variable:
            places = [at, *reversed(begins), len(variable)]
            tail = struct.pack(f"<{len(places)}H", *places)
        count = len(row)
        null_mask = mask.to_bytes((count + 7) // 8, "little")
        return struct.pack("<H", count) + fixed + b"".join(variable) + tail + null_mask

    def _stored(self, kind: str, value: object, squeeze: bool) -> bytes:
        if isinstance(value, Raw):
            return value.content
        match kind:
            case "text":
                return text_bytes(str(value), squeeze=squeeze)
            case "fixed text":
                return str(value).ljust(12).encode("utf-16-le")
            case "memo" | "ole":
                whole = text_bytes(str(value), squeeze=squeeze) if kind == "memo" else bytes(value)
                return self._long_value(whole)
            case "binary":
                return bytes(value)
            case "datetime":
                return struct.pack("<d", as_days(value))
            case "currency":
                return struct.pack("<q", int(Decimal(str(value)) * 10_000))
            case "numeric":
                digits = int(Decimal(str(value)).scaleb(SCALE))
                parts = abs(digits).to_bytes(16, "big")
                swapped = b"".join(parts[i : i + 4][::-1] for i in range(0, 16, 4))
                return bytes([0x80 if digits < 0 else 0]) + swapped
            case "guid":
                return UUID(str(value)).bytes_le
            case _:
                code = {"byte": "B", "integer": "h", "long": "i", "list": "i", "bigint": "q"}
                code |= {"single": "f", "double": "d"}
                return struct.pack(f"<{code[kind]}", value)

    def _long_value(self, whole: bytes) -> bytes:
        """In the row, on one page, or in a chain over several, by length."""
        if len(whole) <= 64:
            return struct.pack("<III", len(whole) | 0x80000000, 0, 0) + whole
        if len(whole) <= 3_000:
            [pointer] = self._records([whole], b"LVAL")
            return struct.pack("<III", len(whole) | 0x40000000, pointer, 0)
        following = 0
        for start in reversed(range(0, len(whole), 4_000)):
            piece = struct.pack("<I", following) + whole[start : start + 4_000]
            [following] = self._records([piece], b"LVAL")
        return struct.pack("<III", len(whole), following, 0)


def data_page(records: Sequence[bytes], owner: bytes, flags: Sequence[int] = ()) -> bytes:
    """A page of records, each with its flags (0x8000 deleted, 0x4000 elsewhere)."""
    page = bytearray(PAGE)
    page[0:2], page[4:8] = b"\1\1", owner
    struct.pack_into("<H", page, 12, len(records))
    end = PAGE
    for slot, record in enumerate(records):
        end -= len(record)
        page[end : end + len(record)] = record
        flag = flags[slot] if slot < len(flags) else 0
        struct.pack_into("<H", page, 14 + 2 * slot, end | flag)
    return bytes(page)


def text_bytes(text: str, *, squeeze: bool) -> bytes:
    """UTF-16, or one byte a letter where that is asked for and possible."""
    if squeeze and len(text) > 2 and all(0 < ord(letter) < 256 for letter in text):
        return b"\xff\xfe" + text.encode("latin-1")
    return text.encode("utf-16-le")


def as_days(value: object) -> float:
    """Days since 30 December 1899; before it the time of day still counts upwards."""
    if isinstance(value, time):
        value = datetime.combine(EPOCH, value)
    days = (date(value.year, value.month, value.day) - EPOCH).days
    seconds = 0
    if isinstance(value, datetime):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
    return days - seconds / 86_400 if days < 0 else days + seconds / 86_400


def rc4(key: bytes, plain: bytes) -> bytes:
    """The cipher that hides part of the first page."""
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in plain:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
