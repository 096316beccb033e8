"""Writes workbooks for the tests, of both formats, and takes those of .xlsx apart."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache

import xlwt
from openpyxl import Workbook

from msds_audit.api import load_rules
from msds_audit.readers.source import Source
from msds_audit.readers.workbook import read_workbook
from msds_audit.readers.workbook.compound import SIGNATURE, Compound

SPEC = load_rules().spec
HEADER = [["OrgIDProvider", "RPStartDate"], ["RVR", "2026-08-01"]]
ITEMS = ["LPIDMother", "OrgCodeGMPMother"]
CONTENT_TYPES = "[Content_Types].xml"
SHEET, WORKBOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
STYLES, STRINGS = "xl/styles.xml", "xl/sharedStrings.xml"
LINKS = "xl/_rels/workbook.xml.rels"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'

Sheets = Mapping[str, Sequence[Sequence[object]]]


def xlsx(sheets: Sheets) -> bytes:
    """A workbook of these sheets; `(value, number format)` is a cell with a format.

    Text that begins with =1 is a formula; all other stays text.
    """
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(number, column)
                if isinstance(value, tuple):
                    value, cell.number_format = value
                cell.value = value
                if isinstance(value, str) and not value.startswith("=1"):
                    cell.data_type = "s"
    return saved(book)


def saved(book: Workbook | xlwt.Workbook) -> bytes:
    """The bytes of a workbook."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def xls(sheets: Sheets) -> bytes:
    """As `xlsx`, in the older format; text that begins with =1 is a formula."""
    book = xlwt.Workbook()
    styles = cache(lambda code: xlwt.easyxf(num_format_str=code))
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                value, code = value if isinstance(value, tuple) else (value, "General")
                if isinstance(value, str) and value.startswith("=1"):
                    value = xlwt.Formula(value[1:])
                if value is not None:
                    sheet.write(number, column, value, styles(code))
    return saved(book)


WRITERS = {".xlsx": xlsx, ".xls": xls}


def with_parts(content: bytes, parts: Mapping[str, str | bytes | None]) -> bytes:
    """An .xlsx with some of its parts replaced, or left out."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as given,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in dict.fromkeys([*given.namelist(), *parts]):
            part = parts[name] if name in parts else given.read(name)
            if part is not None:
                made.writestr(name, part)
    return file.getvalue()


def with_sheet(cells: str, after: str = "") -> bytes:
    """An .xlsx whose only sheet, MSD002, has this for its rows."""
    sheet = f"<worksheet {MAIN}><sheetData>{cells}</sheetData>{after}</worksheet>"
    return with_parts(xlsx({"MSD002": [ITEMS]}), {SHEET: sheet})


def with_strings(cells: str, strings: Sequence[str]) -> bytes:
    """As `with_sheet`, with a table of texts that cells name by number."""
    items = "".join(f"<si>{text}</si>" for text in strings)
    given = with_sheet(cells)
    with zipfile.ZipFile(io.BytesIO(given)) as archive:
        links = archive.read(LINKS).decode()
    link = f'<Relationship Id="strings" Type="{RELATIONS}/sharedStrings" Target="{STRINGS[3:]}"/>'
    ended = links.replace("</Relationships>", f"{link}</Relationships>")
    return with_parts(given, {STRINGS: f"<sst {MAIN}>{items}</sst>", LINKS: ended})


def heading_row(number: int = 1) -> str:
    """The XML of a row of headings."""
    cells = "".join(
        f'<c r="{letter}{number}" t="inlineStr"><is><t>{item}</t></is></c>'
        for letter, item in zip("AB", ITEMS, strict=True)
    )
    return f'<row r="{number}">{cells}</row>'


def read(folder, content, *, name="RJ7.xlsx", table=None):
    """What the reader makes of a file with this content."""
    path = folder / name
    path.write_bytes(content)
    named = None if table is None else SPEC.table_named(table)
    return read_workbook(Source(name, path), SPEC, named)


def rows_in(contents, table="MSD002GP"):
    """The rows of a table."""
    return contents.tables[table].frame.collect().rows()


def on_disk(folder, content):
    """A file with this content."""
    path = folder / "given.xlsx"
    path.write_bytes(content)
    return path


def older_book():
    """A workbook of the older format as xlwt holds it: Notes, and MSD002 with one row."""
    book = xlwt.Workbook()
    book.add_sheet("Notes")
    sheet = book.add_sheet("MSD002")
    for row, values in enumerate([ITEMS, ["A", "B"]]):
        for column, value in enumerate(values):
            sheet.write(row, column, value)
    return book


def ole(streams: Mapping[str, bytes]) -> bytes:
    """A compound file of these streams, all of them long enough to have sectors of their own."""
    none, end = 0xFFFFFFFF, 0xFFFFFFFE
    contents = [content.ljust(4096, b"\0") for content in streams.values()]
    table, starts = [0xFFFFFFFD, end], []
    for content in contents:
        starts.append(len(table))
        count = -(-len(content) // 512)
        table += [*range(len(table) + 1, len(table) + count), end]
    assert len(table) <= 128, "one sector of the allocation table"
    entries = [_entry("Root Entry", 5, none, 1, end, 0)]
    for place, name in enumerate(streams, start=1):
        right = place + 1 if place < len(streams) else none
        entries.append(_entry(name, 2, right, none, starts[place - 1], len(contents[place - 1])))
    header = struct.pack("<8s16xHHHHH6x", SIGNATURE, 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[none] * 108)
    sectors = struct.pack("<128I", *table, *[none] * (128 - len(table)))
    sectors += b"".join(entries).ljust(512, b"\0")
    padded = [content.ljust(-(-len(content) // 512) * 512, b"\0") for content in contents]
    return header + sectors + b"".join(padded)


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    encoded = f"{name}\0".encode("utf-16-le")
    fields = (encoded, len(encoded), kind, 1, 0xFFFFFFFF, right, child, start, size)
    return struct.pack("<64sHBBIII36xIQ", *fields)


def records(*given: tuple[int, bytes]) -> bytes:
    """Records of BIFF one after another."""
    return b"".join(struct.pack("<HH", code, len(data)) + data for code, data in given)


def stream_of(content: bytes) -> bytes:
    """The records of an .xls."""
    return Compound(content).stream("Workbook")
