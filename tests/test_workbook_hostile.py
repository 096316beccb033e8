"""Tests of workbooks that are damaged or made to harm: refused soon, in a sentence, or read."""

from __future__ import annotations

import io
import struct
import time
import zipfile

import pytest

from msds_audit.errors import ExtractError
from msds_audit.readers.workbook import biff, grid, markup, package, sheet
from msds_audit.readers.workbook.compound import SIGNATURE
from workbooks import (
    CONTENT_TYPES,
    ITEMS,
    LINKS,
    MAIN,
    RELATIONS,
    SHEET,
    STYLES,
    WORKBOOK,
    heading_row,
    ole,
    read,
    records,
    rows_in,
    stream_of,
    with_parts,
    with_sheet,
    with_strings,
    xls,
    xlsx,
)

SECRET = "Secretname"  # noqa: S105
SHEETS = {"MSD002": [ITEMS, [SECRET, 1], [], ["A"], ["B"]], "Notes": [[SECRET]]}
XLSX, XLS = xlsx(SHEETS), xls(SHEETS)
SLOWEST = 5.0


def refusal(folder, content, **options):
    started = time.perf_counter()
    with pytest.raises(ExtractError) as caught:
        read(folder, content, **options)
    assert time.perf_counter() - started < SLOWEST
    assert caught.value.hint
    assert SECRET not in f"{caught.value.sentence} {caught.value.hint}"
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return caught.value.sentence


def part_of(content, name):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


# --- the zip and its parts ----------------------------------------------------------------


def test_a_part_that_unpacks_to_far_more_than_there_is_of_it_is_refused(tmp_path):
    bomb = with_parts(XLSX, {"xl/media/image1.png": bytes(70 << 20)})
    assert "would unpack to 70 MB" in refusal(tmp_path, bomb)


def test_parts_that_unpack_to_too_much_together_are_refused(tmp_path):
    big = with_parts(XLSX, {f"xl/media/{n}": bytes(30 << 20) for n in range(3)})
    assert "would unpack to 90 MB" in refusal(tmp_path, big)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("part", [SHEET, WORKBOOK, STYLES, LINKS, "_rels/.rels"])
def test_a_document_type_is_refused_wherever_it_is(part, encoding, tmp_path):
    _, root = part_of(XLSX, part).split("<", 1)
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    text = f'<?xml version="1.0"?>{bomb}<{root.rpartition("?>")[2].lstrip("<")}'
    declared = text if root.startswith("?xml") else f"{bomb}<{root}"
    content = (("\ufeff" if encoding == "utf-16-be" else "") + declared).encode(encoding)
    assert "document type" in refusal(tmp_path, with_parts(XLSX, {part: content}))


@pytest.mark.parametrize("part", [CONTENT_TYPES, SHEET, WORKBOOK, STYLES, LINKS, "_rels/.rels"])
def test_a_part_that_is_missing_is_not_passed_over(part, tmp_path):
    refusal(tmp_path, with_parts(XLSX, {part: None}))


def test_links_out_of_the_workbook_are_not_followed(tmp_path):
    links = part_of(XLSX, LINKS)
    outside = f'<Relationship Id="out" Type="{RELATIONS}/externalLink" Target="file:///etc/passwd"'
    for mode in ("", ' TargetMode="External"'):
        more = links.replace("</Relationships>", f"{outside}{mode}/></Relationships>")
        assert len(rows_in(read(tmp_path, with_parts(XLSX, {LINKS: more})))) == 3
    elsewhere = links.replace("/xl/worksheets/sheet1.xml", "/../../../etc/passwd")
    assert elsewhere != links
    refusal(tmp_path, with_parts(XLSX, {LINKS: elsewhere}))


def test_two_sheets_in_one_part_are_refused(tmp_path):
    links = part_of(XLSX, LINKS).replace("sheet2.xml", "sheet1.xml")
    refusal(tmp_path, with_parts(XLSX, {LINKS: links}))


def test_too_many_sheets_are_refused(tmp_path):
    more = '<sheet name="x" sheetId="9" r:id="rId1"/>' * (package.MOST_SHEETS + 1)
    book = part_of(XLSX, WORKBOOK).replace("<sheets>", f'<sheets xmlns:r="{RELATIONS}">{more}')
    assert "sheets" in refusal(tmp_path, with_parts(XLSX, {WORKBOOK: book}))


def test_too_many_styles_are_refused(tmp_path):
    styles = (
        f"<styleSheet {MAIN}><cellXfs>{'<xf/>' * (package.MOST_STYLES + 1)}</cellXfs></styleSheet>"
    )
    assert "styles" in refusal(tmp_path, with_parts(XLSX, {STYLES: styles}))


def test_too_many_texts_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "MOST_STRINGS", 10)
    assert "different texts" in refusal(tmp_path, with_strings("", ["<t>x</t>"] * 11))


# --- the XML of a sheet -------------------------------------------------------------------

HEADINGS = heading_row()


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="999999999999"><c><v>1</v></c></row>',
        '<row r="1048577"><c><v>1</v></c></row>',
        '<row r="-5"><c><v>1</v></c></row>',
        '<row r="x"><c><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="2"><c r="A999999999999"><v>1</v></c></row>',
        '<row r="2"><c r="XFE2"><v>1</v></c></row>',
        '<row r="2"><c r="ZZZZZZ2"><v>1</v></c></row>',
        '<row r="2"><c r="2"><v>1</v></c></row>',
        '<row r="2"><c r="a2"><v>1</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>1</v></c></row>',
        '<row r="2"><c r="A2" t="s"><v>0</v></c></row>',
        '<row r="2"><c r="A2" t="s"><v>-1</v></c></row>',
        '<row r="2"><c r="A2" t="s"><v>9999999999999999999999</v></c></row>',
        '<row r="2"><c r="A2" t="s"><v>Secretname</v></c></row>',
        '<row r="2"><c r="A2" t="z"><v>1</v></c></row>',
        '<row r="2"><c r="A2" s="99"><v>1</v></c></row>',
        '<row r="2"><c r="A2" s="-1"><v>1</v></c></row>',
        '<row r="2"><c r="A2" s="Secretname"><v>1</v></c></row>',
        '<row r="2"><c r="A2"><v>Secretname</v></c></row>',
        '<row r="2"><c r="A2"><v>nan</v></c></row>',
        '<row r="2"><c r="A2"><v>1e999</v></c></row>',
        '<row r="2"><c r="A2"><v>1_0</v></c></row>',
        f'<row r="2"><c r="A2" t="str"><v>{"x" * 70_000}</v></c></row>',
        '<row r="2"><c r="A2">',
        "&undeclared;",
        "<deep>" * 1_000,
        "<" + "x" * (2 << 20),
        "<!--" + "x" * (2 << 20),
        "".join(f"<x{n}/>" for n in range(20_000)),
        '<c r="A1"><v>1</v></c>' + '<row r="2"><c r="A2"><v>1</v></c></row>',
    ],
)
def test_a_sheet_that_is_not_as_excel_writes_it_is_refused(cells, tmp_path):
    refusal(tmp_path, with_sheet(HEADINGS + cells))


def test_a_million_rows_that_each_have_a_cell_in_the_last_column_are_refused_at_once(tmp_path):
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 300_000))
    sentence = refusal(tmp_path, with_sheet(HEADINGS + rows))
    assert "row 2: there is a value where there is no heading" in sentence


def test_empty_cells_in_the_last_column_cost_nothing(tmp_path):
    rows = "".join(f'<row r="{n}"><c r="XFD{n}" s="0"/></row>' for n in range(2, 100_000))
    started = time.perf_counter()
    assert rows_in(read(tmp_path, with_sheet(HEADINGS + rows))) == []
    assert time.perf_counter() - started < SLOWEST


def test_more_empty_cells_than_anybody_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(markup, "_MOST_IDLE", 1 << 16)
    rows = f"<row>{'<c/>' * 16_000}</row>" * 9
    assert "hardly anything but empty" in refusal(tmp_path, with_sheet(HEADINGS + rows))


def test_a_row_far_below_the_others_costs_nothing(tmp_path):
    far = '<row r="1048576"><c r="B1048576"><v>1</v></c></row>'
    contents = read(tmp_path, with_sheet(HEADINGS + far))
    assert rows_in(contents) == [(None, "1")]
    assert contents.tables["MSD002GP"].notices == ["MSD002: 1,048,574 blank rows were skipped."]


@pytest.mark.parametrize("reference", ["A1:XFD1048576", "A1", "", "B5:A1", "nonsense"])
def test_the_size_that_a_sheet_claims_is_of_no_account(reference, tmp_path):
    given = with_sheet(HEADINGS + '<row r="2"><c r="A2"><v>1</v></c></row>')
    claimed = part_of(given, SHEET).replace(
        "<sheetData>", f'<dimension ref="{reference}"/><sheetData>'
    )
    assert rows_in(read(tmp_path, with_parts(given, {SHEET: claimed}))) == [("1", None)]


def test_a_workbook_that_would_fill_the_memory_is_refused():
    grid.Room("RJ7.xlsx", cells=4, characters=4).take([["a", None], ["b", "cd"]])
    for room in (grid.Room("RJ7.xlsx", cells=3), grid.Room("RJ7.xlsx", characters=3)):
        with pytest.raises(ExtractError, match="more than can be read"):
            room.take([["a", None], ["b", "cd"]])


def wide(headings, rows):
    """A sheet of so many headings, over rows of one value each."""
    names = "".join(f'<c t="str"><v>{n or ITEMS[0]}</v></c>' for n in range(headings))
    return with_sheet(f"<row>{names}</row>{'<row><c><v>1</v></c></row>' * rows}")


def test_more_headings_than_any_table_has_are_refused(tmp_path):
    assert "more than 1,024 headings" in refusal(tmp_path, wide(16_384, 1))


@pytest.mark.slow
def test_many_headings_over_many_rows_are_refused(tmp_path):
    with pytest.raises(ExtractError, match="more than can be read"):
        read(tmp_path, wide(grid.MOST_HEADINGS, 40_000))


# --- the older format ---------------------------------------------------------------------

BOF = (0x0809, struct.pack("<HH", 0x0600, 5) + bytes(12))
END = (0x000A, b"")


def book(*globals_, cells=(), at=None):
    """An .xls of one sheet, MSD002, with these records."""
    beginning = records(BOF, *globals_)
    name = b"\x06\x00MSD002"
    start = len(beginning) + 4 + 6 + len(name) + 4
    place = struct.pack("<IBB", start if at is None else at, 0, 0) + name
    return ole({"Workbook": beginning + records((0x85, place), END, BOF, *cells, END)})


def label(row, column, text):
    return (0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 0) + text.encode())


def number(row, column, value):
    return (0x0203, struct.pack("<HHHd", row, column, 0, value))


FORMAT = (0x00E0, bytes(20))
NAMED = (label(0, 0, ITEMS[0]), label(0, 1, ITEMS[1]))


def test_records_made_by_hand_are_read(tmp_path):
    formula = struct.pack("<HHH", 2, 0, 0)
    cells = (
        *NAMED,
        number(1, 0, 1.5),
        (0x027E, struct.pack("<HHHI", 1, 1, 0, (123 << 2) | 3)),
        (0x0006, formula + b"\0\0\0\0\0\0\xff\xff" + bytes(8)),
        (0x0207, struct.pack("<HB", 1, 0) + b"x"),
        (0x00BD, struct.pack("<HHHIHIH", 3, 0, 0, (7 << 2) | 2, 0, 0x3FF00000, 1)),
        (0x0809, BOF[1]),
        number(0, 0, 9.0),
        END,
        (0x0006, struct.pack("<HHH", 4, 0, 0) + b"\1\0\1\0\0\0\xff\xff" + bytes(8)),
        (0x0006, struct.pack("<HHH", 4, 1, 0) + b"\2\0\x2a\0\0\0\xff\xff" + bytes(8)),
        (0x0006, struct.pack("<HHH", 5, 0, 0) + b"\3\0\0\0\0\0\xff\xff" + bytes(8)),
        (0x0006, struct.pack("<HHH", 5, 1, 0) + b"\0\0\0\0\0\0\xff\xff" + bytes(8)),
    )
    contents = read(tmp_path, book(FORMAT, cells=cells))
    assert rows_in(contents) == [
        ("1.5", "1.23"),
        ("x", None),
        ("7", "1"),
        ("TRUE", "#N/A"),
        ("", None),
    ]
    assert [notice[:18] for notice in contents.tables["MSD002GP"].notices] == [
        "MSD002: 1 cell hol",
        "MSD002: 1 formula ",
    ]


def test_a_text_may_go_on_in_the_next_record(tmp_path):
    strings = struct.pack("<II", 3, 3) + struct.pack("<HB", 10, 0) + b"LPIDM"
    more = b"\1" + "other".encode("utf-16-le") + struct.pack("<HBHI", 1, 12, 1, 3) + b"a" + bytes(4)
    last = bytes(3) + struct.pack("<HB", 2, 1) + "é李".encode("utf-16-le")
    given = ((0xFC, strings), (0x3C, more), (0x3C, last), FORMAT)
    cells = [(0xFD, struct.pack("<HHHI", row, 0, 0, n)) for row, n in enumerate((0, 1, 2))]
    assert rows_in(read(tmp_path, book(*given, cells=cells))) == [("a",), ("é李",)]


@pytest.mark.parametrize(
    "content",
    [
        book(FORMAT, cells=[*NAMED, number(5, 0, 1.0), number(4, 0, 1.0)]),
        book(FORMAT, cells=[*NAMED, number(1, 0, 1.0), number(1, 0, 1.0)]),
        book(FORMAT, cells=[*NAMED, number(1, 60_000, 1.0)]),
        book(FORMAT, cells=[*NAMED, number(1, 0, float("nan"))]),
        book(cells=[*NAMED, number(1, 0, 1.0)]),
        book(FORMAT, cells=[*NAMED, (0xFD, struct.pack("<HHHI", 1, 0, 0, 9))]),
        book(FORMAT, cells=[*NAMED, (0x0203, b"\1")]),
        book(FORMAT, cells=[*NAMED, (0x0204, struct.pack("<HHHHB", 1, 0, 0, 9, 0))]),
        book((0xFC, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF)), cells=NAMED),
        book((0xFC, struct.pack("<IIHBI", 1, 1, 1, 4, 0xFFFFFFFF)), cells=NAMED),
        book(FORMAT, cells=NAMED, at=1 << 31),
        book(FORMAT, cells=NAMED, at=20),
        ole({"Workbook": records((0x0809, struct.pack("<HH", 0x0500, 5)))}),
        ole({"Workbook": b""}),
        ole({"Workbook": records(BOF)}),
        SIGNATURE,
        SIGNATURE + b"\xff" * 2_000,
    ],
)
def test_records_that_are_not_as_excel_writes_them_are_refused(content, tmp_path):
    refusal(tmp_path, content, name="RJ7.xls")


def test_a_workbook_of_a_version_before_97_is_called_that(tmp_path):
    older = records((0x0809, struct.pack("<HH", 0x0500, 5)), END)
    for content in (ole({"Book": older}), ole({"Workbook": older})):
        assert "before 97" in refusal(tmp_path, content, name="RJ7.xls")
    other = refusal(tmp_path, ole({"WordDocument": b"x"}), name="RJ7.xls")
    assert "a document of another program" in other


@pytest.mark.parametrize(
    "content",
    [ole({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}), book((0x2F, bytes(54)), FORMAT)],
)
@pytest.mark.parametrize("name", ["RJ7.xlsx", "RJ7.xls"])
def test_a_workbook_with_a_password_is_called_protected(name, content, tmp_path):
    assert refusal(tmp_path, content, name=name) == f"{name} is protected with a password."


def test_a_sheet_that_is_there_twice_is_refused(tmp_path):
    given = stream_of(xls({"MSD002": [ITEMS], "Notes": [["x"]]}))
    places = [at for at in range(len(given)) if given[at : at + 2] == b"\x85\0"][:2]
    first = given[places[0] + 4 : places[0] + 8]
    twice = given[: places[1] + 4] + first + given[places[1] + 8 :]
    assert "two of its sheets are the same" in refusal(tmp_path, ole({"Workbook": twice}))


@pytest.mark.parametrize("sector", range(40))
def test_sectors_that_go_round_in_a_circle_are_refused_or_left_alone(sector, tmp_path):
    for place in (512, 76, 68, 60):
        looped = bytearray(XLS)
        struct.pack_into("<I", looped, place + 4 * sector if place == 512 else place, sector)
        started = time.perf_counter()
        try:
            read(tmp_path, bytes(looped), name="RJ7.xls")
        except ExtractError as error:
            assert SECRET not in str(error)
        assert time.perf_counter() - started < SLOWEST


def test_small_streams_that_go_round_in_a_circle_are_refused(tmp_path):
    small = bytearray(ole({"a": b"x", "Workbook": records(BOF, END)}))
    struct.pack_into("<I", small, 60, 2)
    struct.pack_into("<III", small, 1024 + 116, 2, 4096, 0)
    struct.pack_into("<II", small, 1024 + 2 * 128 + 116, 0, 4000)
    small[1536:2048] = bytes(512)
    refusal(tmp_path, bytes(small), name="RJ7.xls")


def test_whatever_a_parser_raises_becomes_a_sentence_without_its_text(tmp_path, monkeypatch):
    for error in (MemoryError, RecursionError, AssertionError, KeyError):
        monkeypatch.setattr(biff, "_rk", _raising(error))
        cells = [*NAMED, (0x027E, struct.pack("<HHHI", 1, 1, 0, 0))]
        sentence = refusal(tmp_path, book(FORMAT, cells=cells))
        assert sentence.endswith(f"({error.__name__}).")


def _raising(error):
    def fails(*_):
        raise error(SECRET)

    return fails
