"""Tests of the cells of workbooks: every one as text, as Excel shows dates and codes."""

from __future__ import annotations

import datetime
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlrd
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from msds_audit.readers.source import Source
from msds_audit.readers.workbook import read_workbook
from msds_audit.readers.workbook.cells import plain, shown, style_of
from workbooks import (
    ITEMS,
    MAIN,
    SHEET,
    SPEC,
    WORKBOOK,
    WRITERS,
    heading_row,
    older_book,
    on_disk,
    read,
    rows_in,
    saved,
    with_parts,
    with_sheet,
    with_strings,
    xlsx,
)

BOTH = pytest.mark.parametrize("ending", [".xlsx", ".xls"])


def cell(folder, ending, value, code="General"):
    """What a cell of this value and number format is read as."""
    content = WRITERS[ending]({"MSD002": [ITEMS, ["x", (value, code)]]})
    [(_, found)] = rows_in(read(folder, content, name=f"RJ7{ending}"))
    return found


# --- cells --------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    "text",
    ["01", " A ", "é", "李", "👶", "1E5", "TRUE", "#N/A", "=2", "a\nb", "2026-08-01", "_x41"],
)
def test_text_stays_as_it_is(text, ending, tmp_path):
    assert cell(tmp_path, ending, text) == text


NUMBERS = [
    (0, "0"),
    (7, "7"),
    (-3, "-3"),
    (2.5, "2.5"),
    (0.1, "0.1"),
    (1.1, "1.1"),
    (1e-7, "0.0000001"),
    (9434765919, "9434765919"),
    (123456789012345000, "123456789012345000"),
    (1.5e21, "1500000000000000000000"),
    (-1.25, "-1.25"),
    (536870911, "536870911"),
    (-536870912, "-536870912"),
    (1.23, "1.23"),
]


@BOTH
@pytest.mark.parametrize(("number", "text"), NUMBERS)
def test_a_number_has_all_its_digits(number, text, ending, tmp_path):
    assert cell(tmp_path, ending, number) == text
    assert cell(tmp_path, ending, number, "0.00E+00") == text
    assert cell(tmp_path, ending, number, "#,##0.00") == text


@BOTH
@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (2, "00", "02"),
        (0, "00", "00"),
        (123, "00", "123"),
        (42, "000000", "000042"),
        (7, "0", "7"),
        (5, '"0"0', "05"),
        (5, "\\00", "05"),
        (5, "[$-809]000", "005"),
        (5, "000;-000", "005"),
        (-5, "000", "-005"),
        (2.5, "00", "2.5"),
        (5, "@", "5"),
        (5, "0.0", "5"),
    ],
)
def test_a_number_shown_with_leading_zeros_has_them(number, code, text, ending, tmp_path):
    assert cell(tmp_path, ending, number, code) == text


@BOTH
@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (46235, "dd/mm/yyyy", "2026-08-01"),
        (46235, "mm-dd-yy", "2026-08-01"),
        (46235, "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "2026-08-01"),
        (46235, "mmm", "2026-08-01"),
        (46235.5, "dd/mm/yyyy", "2026-08-01 12:00:00"),
        (46235.5, "d/m/yy h:mm", "2026-08-01 12:00:00"),
        (46235.5, "h:mm", "12:00:00"),
        (0.5, "hh:mm", "12:00:00"),
        (0.999999, "hh:mm:ss", "00:00:00"),
        (0.52087962962963, "h:mm AM/PM", "12:30:04"),
        (0.25, "mm:ss.0", "06:00:00"),
        (1.5, "[h]:mm", "36:00:00"),
        (0, "hh:mm", "00:00:00"),
        (1, "dd/mm/yyyy", "1900-01-01"),
        (59, "dd/mm/yyyy", "1900-02-28"),
        (60, "dd/mm/yyyy", "60"),
        (61, "dd/mm/yyyy", "1900-03-01"),
        (2958465, "dd/mm/yyyy", "9999-12-31"),
        (2958466, "dd/mm/yyyy", "2958466"),
        (1e15, "dd/mm/yyyy", "1000000000000000"),
        (-1, "dd/mm/yyyy", "-1"),
        (0.5, "dd/mm/yyyy", "0.5"),
        (5, '0 "days"', "5"),
        (5, "[Red]0.0", "5"),
        (5, "General", "5"),
    ],
)
def test_dates_and_times_are_told_by_the_number_format(number, code, text, ending, tmp_path):
    assert cell(tmp_path, ending, number, code) == text


@BOTH
@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (5, "[Red]00", "05"),
        (5, "[Color 5]00", "05"),
        (5, "00_-", "05"),
        (5, "_-00", "05"),
        (5, "_(00_)", "05"),
        (5, "#00", "05"),
        (123, "#00", "123"),
        (5, '00" "', "05"),
        (5, "00\\ ", "05"),
        (5, '"M"000000', "M000005"),
        (1234567, '"M"000000', "M1234567"),
        (5, '"RV"00', "RV05"),
        (9990854084, "000 000 0000", "999 085 4084"),
        (54084, "000 000 0000", "000 005 4084"),
        (512, "00-00", "05-12"),
        (-5, "00", "-05"),
        (3200, '0" g"', "3200"),
        (3200, "#,##0", "3200"),
        (0.5, "00", "0.5"),
        (7.831831649946854e17, "General", "783183164994685000"),
        (7.831831649946854e17, "0", "783183164994685000"),
        (0.1 + 0.2, "General", "0.3"),
    ],
)
def test_codes_are_shown_with_the_zeros_and_letters_of_their_format(
    number, code, text, ending, tmp_path
):
    assert cell(tmp_path, ending, number, code) == text


def test_an_emoji_may_be_cut_by_the_end_of_a_record(tmp_path):
    texts = [f"{'x' * n}{'👶' * 4_000}" for n in range(6)]
    older = xlwt.Workbook()
    sheet = older.add_sheet("MSD002")
    sheet.write(0, 0, "LPIDMother")
    for row, text in enumerate(texts, start=1):
        sheet.write(row, 0, text)
    assert [row[0] for row in rows_in(read(tmp_path, saved(older)))] == texts


@BOTH
def test_what_another_program_writes_is_read_as_it_shows_it(ending):
    """Made by LibreOffice, which cuts long texts, also between the halves of an emoji."""
    path = Path(__file__).parent / "samples" / f"libreoffice{ending}"
    text = read_workbook(Source(path.name, path), SPEC, None).tables["MSD002GP"]
    assert text.frame.collect().rows() == [
        ("y" * 9_000, "👶" * 4_001, "2026-08-03", "09:45:00", "02"),
        ("ab", "2", "2026-08-03 09:45:00", "09:45:00", "M000005"),
        ("#N/A", "TRUE", "2026-08-03", "36:00:00", "ŵ é 👶"),
        ("783183164994685000", "160543012", None, "02", " 7 "),
        *(("x" * (n % 3) + "👶" * 3_000 + str(n), None, None, None, None) for n in range(6, 14)),
    ]
    assert text.notices == ["MSD002: 1 cell holds an Excel error, such as #N/A."]


def test_days_may_be_counted_from_1904(tmp_path):
    given = xlsx({"MSD002": [ITEMS, [(44773, "dd/mm/yyyy"), (0.5, "hh:mm")]]})
    book = zipfile.ZipFile(on_disk(tmp_path, given)).read(WORKBOOK).decode()
    since = re.sub("<workbookPr[^>]*>", '<workbookPr date1904="1"/>', book)
    assert rows_in(read(tmp_path, with_parts(given, {WORKBOOK: since}))) == [
        ("2026-08-01", "12:00:00")
    ]
    older = older_book()
    older.dates_1904 = True
    style = xlwt.easyxf(num_format_str="dd/mm/yyyy")
    older.get_sheet(1).write(2, 0, 44773, style)
    older.get_sheet(1).write(2, 1, 0, style)
    assert rows_in(read(tmp_path, saved(older)))[1] == ("2026-08-01", "1904-01-01")


@BOTH
def test_booleans_are_written_as_excel_shows_them(ending, tmp_path):
    assert [cell(tmp_path, ending, value) for value in (True, False)] == ["TRUE", "FALSE"]


def test_errors_are_read_as_text_and_told(tmp_path):
    rows = [ITEMS, ["#N/A", "B"], ["#DIV/0!", "#REF!"]]
    book = openpyxl.load_workbook(on_disk(tmp_path, xlsx({"MSD002": rows})))
    for place in ("A2", "A3", "B3"):
        book["MSD002"][place].data_type = "e"
    text = read(tmp_path, saved(book)).tables["MSD002GP"]
    assert text.frame.collect().rows() == [("#N/A", "B"), ("#DIV/0!", "#REF!")]
    assert text.notices == ["MSD002: 3 cells hold an Excel error, such as #N/A."]
    older = older_book()
    older.get_sheet(1).row(2).set_cell_error(0, 0x2A)
    text = read(tmp_path, saved(older)).tables["MSD002GP"]
    assert text.frame.collect().rows()[1] == ("#N/A", None)
    assert text.notices == ["MSD002: 1 cell holds an Excel error, such as #N/A."]


def test_a_formula_without_a_value_is_blank_and_told(tmp_path):
    text = read(tmp_path, xlsx({"MSD002": [ITEMS, ["=1+1", "B"], ["=1+2", None]]}))
    assert rows_in(text) == [(None, "B"), (None, None)]
    assert text.tables["MSD002GP"].notices == [
        "MSD002: 2 formulas have no value: open the workbook in Excel and save it."
    ]


def test_a_formula_has_the_value_that_was_stored(tmp_path):
    cells = (
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c>'
        '<c r="B2" t="str"><f>"a"</f><v>a</v></c></row>'
        '<row r="3"><c r="A3" t="str"><f>""</f><v></v></c>'
        '<c r="B3" t="b"><f>1</f><v>1</v></c></row>'
        '<row r="4"><c r="A4" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B4"><f>1</f><v/></c></row>'
    )
    contents = read(tmp_path, with_sheet(heading_row() + cells))
    assert rows_in(contents) == [("2", "a"), (None, "TRUE"), ("#DIV/0!", None)]
    assert [notice[:20] for notice in contents.tables["MSD002GP"].notices] == [
        "MSD002: 1 cell holds",
        "MSD002: 1 formula ha",
    ]


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ('t="inlineStr"><is><r><t>a</t></r><r><t> b</t></r></is>', "a b"),
        ('t="inlineStr"><is><t>a</t><rPh sb="0" eb="1"><t>spoken</t></rPh></is>', "a"),
        ('t="inlineStr"><is><t>a_x000D_b_x005F_x000D_</t></is>', "a\rb_x000D_"),
        ('t="d"><v>2026-08-01</v>', "2026-08-01"),
        ('t="d"><v>2026-08-01T12:30:00</v>', "2026-08-01 12:30:00"),
        ('t="d"><v>2026-08-01T00:00:00Z</v>', "2026-08-01"),
        ("><v>1.23456789012345E+17</v>", "123456789012345000"),
        ("><v>007</v>", "7"),
        ("><v>1.1000000000000001</v>", "1.1"),
        ("><v>123456789012345678</v>", "123456789012345678"),
    ],
)
def test_a_cell_may_be_written_in_other_ways(xml, text, tmp_path):
    cells = f'<row r="2"><c r="A2" {xml}</c></row>'
    assert rows_in(read(tmp_path, with_sheet(heading_row() + cells))) == [(text, None)]


def test_rows_and_cells_need_not_say_where_they_are(tmp_path):
    cells = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c/><c><v>4</v></c></row>"
    contents = read(tmp_path, with_sheet(heading_row() + cells))
    assert rows_in(contents) == [("1", "2"), (None, "4")]


def test_elements_may_bear_a_prefix(tmp_path):
    sheet = (
        f"<x:worksheet {MAIN.replace('xmlns=', 'xmlns:x=')}><x:sheetData>"
        + re.sub("<(/?)", r"<\1x:", heading_row() + '<row r="2"><c r="A2"><v>1</v></c></row>')
        + "</x:sheetData></x:worksheet>"
    )
    given = xlsx({"MSD002": [ITEMS]})
    assert rows_in(read(tmp_path, with_parts(given, {SHEET: sheet}))) == [("1", None)]


def test_texts_may_be_shared_between_cells(tmp_path):
    strings = [
        *(f"<t>{item}</t>" for item in ITEMS),
        "<t> a_x000A_ </t>",
        "<r><t>b</t></r><r><rPr/><t>c</t></r><rPh sb='0' eb='1'><t>spoken</t></rPh>",
        "",
    ]
    cells = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>{a}</v></c><c r="B{row}" t="s"><v>{b}</v></c></row>'
        for row, (a, b) in enumerate([(0, 1), (2, 3), (3, 4)], start=1)
    )
    contents = read(tmp_path, with_strings(cells, strings))
    assert rows_in(contents) == [(" a\n ", "bc"), ("bc", "")]


@BOTH
def test_long_texts_are_what_other_readers_find(ending, tmp_path):
    rows = [ITEMS, *([f"é{n}" * (n % 40), f"李{n}" * (n % 50 + 1)] for n in range(1, 400))]
    content = WRITERS[ending]({"MSD002": rows})
    found = rows_in(read(tmp_path, content))
    if ending == ".xls":
        sheet = xlrd.open_workbook(file_contents=content).sheet_by_index(0)
        expected = [tuple(sheet.row_values(row)) for row in range(1, sheet.nrows)]
    else:
        sheet = openpyxl.load_workbook(on_disk(tmp_path, content)).active
        expected = [*sheet.iter_rows(min_row=2, values_only=True)]
    assert [tuple(t or None for t in row) for row in found] == [
        tuple(t or None for t in row) for row in expected
    ]


# --- rendering ----------------------------------------------------------------------------


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_text_has_the_fifteen_digits_that_excel_keeps(number):
    text = plain(number)
    assert float(text) == float(f"{number:.15g}")
    assert len(re.sub(r"[-.]", "", text).strip("0")) <= 15
    assert "e" not in text.lower()
    assert not text.endswith(".0")


@given(st.dates(datetime.date(1900, 3, 1)), st.integers(0, 86399), st.booleans())
def test_every_moment_comes_back(day, second, since_1904):
    epoch = datetime.date(1904, 1, 1) if since_1904 else datetime.date(1899, 12, 30)
    serial = (day - epoch).days + second / 86400
    text = shown(plain(serial), serial, style_of("d/m/yy h:mm"), since_1904=since_1904)
    moment = datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(seconds=second)
    expected = str(moment) if second else str(day)
    assert text == (plain(serial) if serial < 0 else expected)


@settings(max_examples=300)
@given(st.text('dmyhs0#"\\[]$;@-/: GeneralAMP_*.é', max_size=20))
def test_any_number_format_is_understood_somehow(code):
    assert shown("5", 5.0, style_of(code), since_1904=False)
