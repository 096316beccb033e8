"""Tests of reading Excel workbooks: which sheet is which table, every cell as text."""

from __future__ import annotations

import csv
import datetime
import re
import zipfile

import openpyxl
import pytest

from msds_audit.api import check
from msds_audit.errors import ExtractError
from msds_audit.readers import open_extract
from msds_audit.reports import to_json
from support import checked, quick_first, sample
from workbooks import (
    HEADER,
    ITEMS,
    WRITERS,
    older_book,
    on_disk,
    read,
    rows_in,
    saved,
    xls,
    xlsx,
)

BOTH = pytest.mark.parametrize("ending", [".xlsx", ".xls"])
TWO = [ITEMS, ["A", "B"]]


def refusal(folder, content, **options):
    with pytest.raises(ExtractError) as caught:
        read(folder, content, **options)
    assert caught.value.hint
    return caught.value.sentence


# --- the same extract as CSV and as a workbook --------------------------------------------

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
ISO_TIME = re.compile(r"\d{2}:\d{2}:\d{2}")


def typed(text):
    """A value as somebody would have it in Excel: real dates and times, codes as numbers."""
    if ISO_DATE.fullmatch(text):
        return datetime.date.fromisoformat(text), "dd/mm/yyyy"
    if ISO_TIME.fullmatch(text):
        return datetime.time.fromisoformat(text), "hh:mm:ss"
    if text.isdigit() and text.isascii():
        return int(text), "0" * len(text)
    return text


@pytest.fixture(scope="module")
def clean(fixtures):
    tables = {}
    for path in sorted((fixtures / "clean").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = [*csv.reader(file)]
    return tables


@BOTH
@pytest.mark.parametrize("convert", quick_first([str, typed], (typed,)))
def test_the_same_extract_reads_the_same_from_csv_and_from_excel(
    convert, ending, clean, rules, fixtures, tmp_path
):
    sheets = {
        name: [rows[0], *([convert(text) if text else None for text in row] for row in rows[1:])]
        for name, rows in clean.items()
    }
    workbook = tmp_path / f"RJ7{ending}"
    workbook.write_bytes(WRITERS[ending](sheets))
    expected = sample("clean")
    [found] = open_extract([workbook], rules.spec).submissions
    assert found.name == expected.name
    assert found.notices == expected.notices
    assert set(found.tables) == set(expected.tables)
    for name, table in expected.tables.items():
        assert found.tables[name].collect().equals(table.collect()), name
    of_csv = checked([fixtures / "clean"], rules=rules)
    assert to_json(check([workbook], rules=rules)) == to_json(of_csv)


@BOTH
def test_a_folder_may_hold_one_workbook_for_each_table(ending, rules, tmp_path):
    write = WRITERS[ending]
    (tmp_path / f"MSD000Header{ending}").write_bytes(write({"Sheet1": HEADER, "Sheet2": []}))
    (tmp_path / f"msd002{ending}").write_bytes(write({"Sheet1": TWO}))
    [found] = open_extract([tmp_path], rules.spec).submissions
    assert found.name == "RVR 2026-08"
    assert found.tables["MSD002GP"].collect().rows() == [("A", "B")]


@BOTH
def test_a_workbook_is_read_inside_a_zip(ending, rules, tmp_path):
    content = WRITERS[ending]({"MSD000": HEADER, "MSD002": TWO})
    with zipfile.ZipFile(tmp_path / "given.zip", "w") as archive:
        archive.writestr(f"RJ7{ending}", content)
    [found] = open_extract([tmp_path / "given.zip"], rules.spec).submissions
    assert found.tables["MSD002GP"].collect().rows() == [("A", "B")]


# --- sheets -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["MSD002", "msd002", "MSD002GP", " msd002gp "])
@BOTH
def test_a_sheet_is_named_after_its_table(ending, name, tmp_path):
    contents = read(tmp_path, WRITERS[ending]({name: TWO}))
    assert rows_in(contents) == [("A", "B")]
    assert contents.tables["MSD002GP"].headings == ITEMS


@BOTH
def test_sheets_that_are_no_table_are_told_and_empty_ones_are_not(ending, tmp_path):
    sheets = {"MSD002": TWO, "Notes": [["x"]], "Sheet3": [], "9434765919": [["x"]]}
    assert read(tmp_path, WRITERS[ending](sheets)).others == [
        "Notes in RJ7.xlsx",
        "9999999999 in RJ7.xlsx",
    ]


@BOTH
def test_a_workbook_without_a_table_has_none_and_says_what_it_has(ending, tmp_path):
    contents = read(tmp_path, WRITERS[ending]({"Sheet1": TWO}))
    assert (contents.tables, contents.others) == ({}, ["Sheet1 in RJ7.xlsx"])


@BOTH
@pytest.mark.parametrize("rows", [[], [[" ", None]]])
def test_a_table_whose_sheet_is_empty_is_missing_and_told(rows, ending, tmp_path):
    contents = read(tmp_path, WRITERS[ending]({"MSD002": rows, "MSD000": HEADER}))
    assert list(contents.tables) == ["MSD000Header"]
    assert contents.notices == ["MSD002 in RJ7.xlsx has no headings and was treated as missing."]


@BOTH
def test_two_sheets_for_one_table_are_refused(ending, tmp_path):
    content = WRITERS[ending]({"MSD002": TWO, "MSD002GP": TWO})
    assert refusal(tmp_path, content) == "RJ7.xlsx holds MSD002GP on two sheets."


@pytest.mark.parametrize("name", ["MSD002 part 2", "MSD002 (2)", "msd002_2", "MSD002GP old"])
@BOTH
def test_a_sheet_that_seems_part_of_a_table_is_refused(ending, name, tmp_path):
    sentence = refusal(tmp_path, WRITERS[ending]({"MSD002": TWO, name: TWO}))
    assert sentence == f"{name} in RJ7.xlsx is named like a table, and is none."
    assert read(tmp_path, WRITERS[ending]({"MSD002": TWO, name: []})).others == []


@BOTH
def test_hidden_sheets_are_read_like_others(ending, tmp_path):
    if ending == ".xlsx":
        book = openpyxl.load_workbook(on_disk(tmp_path, xlsx({"Notes": [], "MSD002": TWO})))
        book["MSD002"].sheet_state = "veryHidden"
    else:
        book = older_book()
        book.get_sheet(1).visibility = 2
    assert rows_in(read(tmp_path, saved(book))) == [("A", "B")]


def test_sheets_that_are_charts_are_passed_over(tmp_path):
    book = openpyxl.load_workbook(on_disk(tmp_path, xlsx({"MSD002": TWO})))
    book.create_chartsheet("MSD001")
    contents = read(tmp_path, saved(book))
    assert (list(contents.tables), contents.others) == (["MSD002GP"], [])


@BOTH
def test_a_workbook_named_after_a_table_has_it_on_its_only_sheet(ending, tmp_path):
    content = WRITERS[ending]({"Sheet1": [], "Data": TWO})
    assert rows_in(read(tmp_path, content, name="MSD002.xlsx", table="MSD002")) == [("A", "B")]


@BOTH
def test_a_workbook_named_after_a_table_prefers_the_sheet_of_its_name(ending, tmp_path):
    content = WRITERS[ending]({"Notes": [["x"]], "MSD002": TWO})
    contents = read(tmp_path, content, name="MSD002.xlsx", table="MSD002")
    assert rows_in(contents) == [("A", "B")]
    assert contents.others == ["Notes in MSD002.xlsx"]


@BOTH
def test_a_workbook_named_after_a_table_with_several_nameless_sheets_is_refused(ending, tmp_path):
    content = WRITERS[ending]({"Sheet1": TWO, "Sheet2": TWO})
    assert refusal(tmp_path, content, name="MSD002.xlsx", table="MSD002") == (
        "MSD002.xlsx has 2 sheets that are not empty, and none is named MSD002."
    )


@BOTH
def test_a_workbook_named_after_a_table_that_holds_another_is_refused(ending, tmp_path):
    content = WRITERS[ending]({"MSD002": TWO, "MSD000": HEADER})
    assert refusal(tmp_path, content, name="MSD002.xlsx", table="MSD002") == (
        "MSD002.xlsx is named after MSD002GP and holds MSD000Header."
    )


@BOTH
def test_a_workbook_named_after_a_table_that_is_empty_is_told(ending, tmp_path):
    contents = read(tmp_path, WRITERS[ending]({"Sheet1": []}), name="MSD002.xlsx", table="MSD002")
    assert contents.notices == ["MSD002.xlsx has no headings and was treated as missing."]


# --- headings and rows --------------------------------------------------------------------


@BOTH
def test_the_first_row_that_is_not_blank_has_the_headings(ending, tmp_path):
    rows = [[], [" "], [" LPIDMother ", None, "OrgCodeGMPMother", None], [], ["A", None, " B "]]
    text = read(tmp_path, WRITERS[ending]({"MSD002": rows})).tables["MSD002GP"]
    assert text.headings == ITEMS
    assert text.frame.collect().rows() == [("A", " B ")]
    assert text.notices == ["MSD002: 3 blank rows were skipped."]


@BOTH
def test_blank_rows_after_the_last_are_not_told(ending, tmp_path):
    text = read(tmp_path, WRITERS[ending]({"MSD002": [*TWO, [""], [" "]]})).tables["MSD002GP"]
    assert (text.frame.collect().height, text.notices) == (1, [])


@BOTH
def test_a_sheet_of_headings_alone_is_a_table_without_rows(ending, tmp_path):
    text = read(tmp_path, WRITERS[ending]({"MSD002": [ITEMS]})).tables["MSD002GP"]
    assert text.frame.collect().columns == ["column 0", "column 1"]
    assert text.frame.collect().height == 0


@BOTH
def test_headings_that_are_no_items_are_refused_by_sheet(ending, tmp_path):
    sentence = refusal(tmp_path, WRITERS[ending]({"MSD002": [["SECRET"], ["x"]]}))
    assert sentence.startswith("MSD002 in RJ7.xlsx: none of the headings")
    twice = [["LPIDMother", "lpidmother"], ["x", "y"]]
    sentence = refusal(tmp_path, WRITERS[ending]({"MSD002": twice}))
    assert sentence.endswith("the heading LPIDMother stands there twice.")


@BOTH
@pytest.mark.parametrize(
    "rows",
    [
        [ITEMS, ["A", "B"], [], ["A", "B", "SECRET"]],
        [["LPIDMother", None, "OrgCodeGMPMother"], ["A", None, "B"], [], ["A", "SECRET", "B"]],
        [[None, *ITEMS], [None, "A"], [], ["SECRET", "A", "B"]],
    ],
)
def test_a_value_without_a_heading_is_refused_with_its_row(rows, ending, tmp_path):
    assert refusal(tmp_path, WRITERS[ending]({"MSD002": rows})) == (
        "MSD002 in RJ7.xlsx, row 4: there is a value where there is no heading."
    )


@BOTH
def test_many_rows_keep_their_order_and_their_gaps(ending, tmp_path, monkeypatch):
    monkeypatch.setattr("msds_audit.readers.workbook.grid._CELLS_AT_ONCE", 100)
    rows = [[f"{n}" if n % 3 else None, f"{n % 7}" if n % 5 else None] for n in range(1, 1500)]
    contents = read(tmp_path, WRITERS[ending]({"MSD002": [ITEMS, *rows]}))
    assert rows_in(contents) == [tuple(row) for row in rows if any(row)]


# --- what is no workbook ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["RJ7.xlsx", "RJ7.xls", "RJ7.xlsm"])
def test_the_format_is_told_by_the_content(name, tmp_path):
    for write in (xlsx, xls):
        assert rows_in(read(tmp_path, write({"MSD002": TWO}), name=name)) == [("A", "B")]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"LPIDMother,X\nA,B\n", "is text named like an Excel workbook"),
        ("LPIDMother,X\n".encode("utf-16"), "is text named like an Excel workbook"),
        (b"<html><table>", "is a web page or XML"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "is a web page or XML"),
        (b"\x09\x08\x10\x00\x00\x06", "before 97"),
        (b"%PDF\0\1", "is no Excel workbook"),
    ],
)
def test_what_is_no_workbook_is_called_what_it_is(content, what, tmp_path):
    assert what in refusal(tmp_path, content, name="RJ7.xls")


@pytest.mark.parametrize(
    ("part", "what"),
    [
        ("xl/workbook.bin", "Excel binary workbook"),
        ("content.xml", "OpenDocument"),
        ("", "no Excel workbook"),
    ],
)
def test_a_zip_of_something_else_is_called_what_it_is(part, what, tmp_path):
    path = tmp_path / "made.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part or "x.csv", "x")
    assert what in refusal(tmp_path, path.read_bytes())


def test_the_file_is_left_as_it_was_and_may_be_moved(tmp_path):
    for name, write in (("a.xlsx", xlsx), ("b.xls", xls)):
        content = write({"MSD002": TWO})
        contents = read(tmp_path, content, name=name)
        assert (tmp_path / name).read_bytes() == content
        (tmp_path / name).rename(tmp_path / "moved")
        assert rows_in(contents) == [("A", "B")]
