"""Tests of reading delimited text: every value as it stands, every fault with its line."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msds_audit.api import load_rules
from msds_audit.errors import ExtractError
from msds_audit.readers import delimited, open_extract
from msds_audit.readers.source import Source

SPEC = load_rules().spec
HEADER = "OrgIDProvider,RPStartDate\nRVR,2026-08-01\n"
ITEMS = ["LPIDMother", "OrgCodeGMPMother", "StartDateGMPReg", "EndDateGMPReg", "OrgIDGPPrac"]
TWO = "LPIDMother,OrgCodeGMPMother\n"


def opened(folder, content, file="MSD002GP.csv"):
    """The one submission of a folder with a header and one table of these bytes."""
    (folder / "MSD000Header.csv").write_text(HEADER, encoding="utf-8")
    raw = content.encode() if isinstance(content, str) else content
    (folder / file).write_bytes(raw)
    [submission] = open_extract([folder], SPEC).submissions
    return submission


def rows(folder, content):
    return opened(folder, content).tables["MSD002GP"].collect().rows()


def notices(folder, content):
    return [one for one in opened(folder, content).notices if "MSD002GP" in one]


def refusal(folder, content):
    with pytest.raises(ExtractError) as caught:
        opened(folder, content)
    assert caught.value.hint
    assert "MSD002GP.csv" in caught.value.sentence
    return caught.value.sentence


# --- values -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("01", "0", "007", "NA", "NaN", "null", "NULL", "None", "N/A", "-", "#N/A", "#comment"),
        *("1e5", "1.0", "1,5", "+44", "=1+1", "true", "TRUE", "2026-08-01", "12:30:00", "'"),
        *("\\N", "\\", "é", "Zoë", "ﬀ", "👶", "李", "a b", "a\u00a0b", "?", "%s", "{x}", "9" * 40),
    ],
)
def test_a_value_stays_the_text_it_is(text, tmp_path):
    assert rows(tmp_path, f'{TWO}"{text}",B\n') == [(text, "B")]
    if "," not in text:
        assert rows(tmp_path, f"{TWO}{text},B\n") == [(text, "B")]


@pytest.mark.parametrize("written", [" A ", "A  ", "\tA", '" A "', '"\u00a0A\u2003"', "\u3000A"])
def test_a_value_is_trimmed(written, tmp_path):
    assert rows(tmp_path, f"{TWO}{written},B\n") == [("A", "B")]


@pytest.mark.parametrize("written", ["", '""', " ", '"  "', '"\t"', '"\n"', '"\u00a0"'])
def test_a_blank_value_is_null(written, tmp_path):
    assert rows(tmp_path, f"{TWO}{written},B\n") == [(None, "B")]


def test_a_row_of_nothing_but_delimiters_is_a_row(tmp_path):
    assert rows(tmp_path, f'{TWO}A,B\n,\n"",\n') == [
        ("A", "B"),
        (None, None),
        (None, None),
    ]


def test_a_blank_line_does_not_take_rows_of_delimiters_with_it(tmp_path):
    assert rows(tmp_path, f"{TWO}A,B\n\n,\nC,D\n") == [
        ("A", "B"),
        (None, None),
        ("C", "D"),
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"a,b"', "a,b"),
        ('"a\nb"', "a\nb"),
        ('"a\r\nb"', "a\r\nb"),
        ('"a\n\n\nb"', "a\n\n\nb"),
        ('"a""b"', 'a"b'),
        ('""""', '"'),
        ('"""a"""', '"a"'),
        ('"a"",""b"', 'a","b'),
        ('"a""\n""b"', 'a"\n"b'),
        ('","', ","),
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_quoted_values_may_hold_anything(place, written, read, tmp_path):
    line = ["x", "y"]
    line[place] = written
    expected = ["x", "y"]
    expected[place] = read
    text = f"{TWO}A,B\n{','.join(line)}\nC,D"
    assert rows(tmp_path, text) == [("A", "B"), tuple(expected), ("C", "D")]


def test_rows_keep_their_order(tmp_path):
    text = TWO + "".join(f"{number},x\n" for number in range(5000))
    assert [row[0] for row in rows(tmp_path, text)] == [str(one) for one in range(5000)]


# --- encodings, line ends, delimiters -----------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_an_encoding_is_recognised(ends, quote, encoding, tmp_path):
    lines = [["LPIDMother", "OrgCodeGMPMother"], ["Zoë", "B"], ["C", "D"]]
    text = "".join(",".join(f"{quote}{v}{quote}" for v in line) + ends for line in lines)
    assert rows(tmp_path, text.encode(encoding)) == [("Zoë", "B"), ("C", "D")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_in_either_byte_order(encoding, tmp_path):
    content = f"\ufeff{TWO}Zoë,B\n".encode(encoding)
    assert rows(tmp_path, content) == [("Zoë", "B")]
    assert any("utf-16" in one for one in notices(tmp_path, content))


def test_windows_1252_is_a_guess_and_told(tmp_path):
    content = f"{TWO}Zoë,B\n".encode("cp1252")
    assert any("cp1252" in one for one in notices(tmp_path, content))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_expected_and_not_told(encoding, tmp_path):
    told = notices(tmp_path, f"{','.join(ITEMS)}\nZoë,B,,,\n".encode(encoding))
    assert told == []


def test_a_letter_that_straddles_two_chunks_of_reading_is_still_utf_8(tmp_path):
    """Files are looked at 16 MiB at a time; this one has an é over the border."""
    border = 1 << 24
    row = "x" * 998 + ",\n"
    text = TWO + row * ((border - len(TWO)) // len(row) - 1)
    text += "y" * (border - 1 - len(text)) + "é,B\n"
    assert text.encode()[border - 1 : border + 1] == "é".encode()
    assert not any("cp1252" in one for one in notices(tmp_path, text))


@pytest.mark.parametrize("after", [b"z", b""])
def test_half_a_letter_at_the_end_of_what_is_read_at_once_is_no_utf_8(after, monkeypatch):
    """What follows it is plain letters, or nothing."""
    monkeypatch.setattr(delimited, "_CHUNK", 4)
    assert delimited._encoding(b"abc\xc3" + after * 4) == "cp1252"
    assert delimited._encoding(b"abc\xc3\xa9" + after * 4) == "utf-8"


def test_bytes_of_no_known_encoding_are_refused(tmp_path):
    assert "UTF-8" in refusal(tmp_path, TWO.encode() + b"\x81\x8d,B\n")


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("file", ["MSD002GP.csv", "MSD002GP.txt", "MSD002GP.tsv"])
def test_the_delimiter_is_found_from_the_headings(file, ends, delimiter, tmp_path):
    lines = [delimiter.join(line) for line in (ITEMS[:3], ["A", "", "x"])]
    submission = opened(tmp_path, ends.join(lines), file)
    assert submission.tables["MSD002GP"].collect().rows() == [("A", None, "x")]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_other_delimiters_are_plain_characters(delimiter, tmp_path):
    others = "".join({",", ";", "|"} - {delimiter})
    text = f"LPIDMother{delimiter}OrgCodeGMPMother\nA{others}A{delimiter}B\n"
    assert rows(tmp_path, text) == [(f"A{others}A", "B")]


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_last_line_may_end_or_not(ending, tmp_path):
    assert rows(tmp_path, f"{TWO}A,B{ending}") == [("A", "B")]


def test_line_ends_may_be_mixed(tmp_path):
    assert rows(tmp_path, f"{TWO}A,B\r\nC,D\n") == [("A", "B"), ("C", "D")]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("blank", ["", "   ", "\t"])
def test_blank_lines_are_skipped_and_told(blank, ends, tmp_path):
    text = ends.join(["LPIDMother,OrgCodeGMPMother", blank, "A,B", blank, "C,D", blank, ""])
    assert rows(tmp_path, text) == [("A", "B"), ("C", "D")]
    assert any("3 blank lines" in one for one in notices(tmp_path, text))


def test_blank_lines_in_a_table_of_one_column_are_skipped_and_told(tmp_path):
    text = 'LPIDMother\n\nA\n""\nB\n'
    assert rows(tmp_path, text) == [("A",), (None,), ("B",)]
    assert any("blank line" in one for one in notices(tmp_path, text))


def test_one_blank_line_is_told_in_the_singular(tmp_path):
    told = " ".join(notices(tmp_path, f"{TWO}\nA,B\n"))
    assert "1 blank line " in told


# --- little or nothing in it --------------------------------------------------------------


@pytest.mark.parametrize("text", [TWO, TWO.strip(), TWO.replace("\n", "\r\n"), TWO + "\n\n"])
def test_headings_alone_are_an_empty_table(text, tmp_path):
    frame = opened(tmp_path, text).tables["MSD002GP"].collect()
    assert frame.columns == ITEMS[:2]
    assert frame.height == 0


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n", b"   \n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_a_file_without_headings_counts_as_missing_and_is_told(content, tmp_path):
    submission = opened(tmp_path, content)
    assert "MSD002GP" not in submission.tables
    assert any("no headings" in one for one in submission.notices)


# --- faults, with their lines -------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        (f"{TWO}A,B\nC\n", 3, "1 value"),
        (f"{TWO}A,B\nC,D\nE,F,G\n", 4, "3 values"),
        (f"{TWO}A,B\nC\n".replace("\n", "\r\n"), 3, "1 value"),
        (f"{TWO}A,B\n\n\nC\n", 5, "1 value"),
        (f'{TWO}"a\nb\nc",B\nC\n', 5, "1 value"),
        (f'{TWO}A,"a,b"\n"c,d"\n', 3, "1 value"),
        (f'{TWO}A,B\n"C,D\nE,F\n', 3, "never closes"),
        (f'{TWO}A,B\nC,"D\n', 3, "never closes"),
        (f'{TWO}A,B\nC,D"\nE,F\n', 3, "quotation mark"),
        (f'{TWO}A,B\nC"x,D\nE,F\n', 3, "quotation mark"),
        (f'{TWO}A,B\nC"x"y,D\n', 3, "middle"),
        (f'{TWO}A,B\n"C"x,D\n', 3, "middle"),
        (f'{TWO}A,B\n "C",D\n', 3, "middle"),
        (f'{TWO}A,B\nC"x,D\nE,F"y\n', 3, "middle"),
        (f'{TWO}"a\nb",B\n"C"x,D\n', 4, "middle"),
        ("LPIDMother,OrgCodeGMPMother,LPIDMother\nA,B,C\n", 1, "twice"),
        ("LPIDMother,OrgCodeGMPMother,lpidmother \nA,B,C\n", 1, "twice"),
        ("LPIDMother,notes,Notes\nA,B,C\n", 1, "twice"),
        (f"{TWO}A,B\nC,\0D\n", 3, "NUL"),
        (f"{TWO}A,B\n".replace("\n", "\r"), 1, "carriage return"),
        (f"{TWO}A,B\rC,D\r", 2, "values"),
    ],
)
def test_a_fault_is_told_with_its_line(text, line, word, tmp_path):
    sentence = refusal(tmp_path, text)
    assert re.search(rf"\bline {line}\b", sentence), sentence
    assert word in sentence


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_line_of_a_fault_does_not_depend_on_the_encoding(encoding, tmp_path):
    assert "line 4" in refusal(tmp_path, f"{TWO}é,B\nC,D\nE\n".encode(encoding))


def test_the_line_of_a_fault_far_down_is_right(tmp_path):
    text = TWO + "A,B\n" * 12_344 + "C\n"
    assert "line 12,346" in refusal(tmp_path, text)


def test_a_quotation_mark_that_swallows_a_megabyte_is_a_fault(tmp_path):
    text = f'{TWO}A,B\n"C,D\n' + "E,F\n" * 300_000 + '",G\n'
    assert "line 3" in refusal(tmp_path, text)


@pytest.mark.parametrize("first", ["Surname,Forename", "A,B", "1,2", "LPID Mother;x", '"', '""'])
def test_a_first_line_without_a_known_item_is_refused(first, tmp_path):
    sentence = refusal(tmp_path, f"{first}\nA,B\n")
    assert "first line" in sentence or "line 1" in sentence


def test_headings_may_be_quoted_and_hold_delimiters(tmp_path):
    text = '"LPIDMother","a, b","OrgCodeGMPMother"\nA,x,B\n'
    assert rows(tmp_path, text) == [("A", "B")]


def test_several_columns_without_a_heading_are_no_duplicates(tmp_path):
    text = "LPIDMother,,OrgCodeGMPMother,\nA,x,B,y\n"
    assert rows(tmp_path, text) == [("A", "B")]
    assert any("(blank)" in one for one in notices(tmp_path, text))


@pytest.mark.parametrize("value", ["9434765919", "1990-04-01", "SM1 6EM", "Zqxlyn"])
@pytest.mark.parametrize(
    "broken", ["{0},B,C", "{0}", '"{0},B', 'x"{0},B', '{0}"x"{0},B', "{0},B\0", '"{0}"{0},B']
)
def test_no_fault_shows_a_value(broken, value, tmp_path):
    assert value not in refusal(tmp_path, f"{TWO}{broken.format(value)}\n")


# --- whatever it is, it comes back --------------------------------------------------------

PRINTABLE = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
AWKWARD = st.sampled_from(['"', '""', ",", ";", "|", "\t", "\n", "\r\n", " ", "\ufeff", "'", "#"])
CELL = st.lists(st.one_of(PRINTABLE, AWKWARD), max_size=8).map("".join)
TABLE = st.integers(2, len(ITEMS)).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=8)
)


WAYS = {
    "table": TABLE,
    "quoting": st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    "delimiter": st.sampled_from([",", "\t", ";", "|"]),
    "ends": st.sampled_from(["\n", "\r\n"]),
    "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    "in_zip": st.booleans(),
}


@settings(max_examples=40)
@given(**WAYS)
def test_any_text_written_as_csv_reads_back(**way):
    reads_back(**way)


@pytest.mark.slow
@settings(max_examples=500)
@given(**WAYS)
def test_many_texts_written_as_csv_read_back(**way):
    reads_back(**way)


def reads_back(table, quoting, delimiter, ends, encoding, in_zip):
    width = len(table[0]) if table else 2
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=ends)
    writer.writerows([ITEMS[:width], *table])
    content = out.getvalue().encode(encoding)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place)
        if in_zip:
            path = path / "extract.zip"
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("MSD000Header.csv", HEADER)
                archive.writestr("MSD002GP.csv", content)
        else:
            (path / "MSD000Header.csv").write_text(HEADER, encoding="utf-8")
            (path / "MSD002GP.csv").write_bytes(content)
        [submission] = open_extract([path], SPEC).submissions
        read = submission.tables["MSD002GP"].collect().rows()
    assert read == [tuple(cell.strip() or None for cell in row) for row in table]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b"\n\n  \n", b" \r\n\r\n"])
def test_blank_lines_before_the_headings_do_not_hide_the_table(blank, mark, tmp_path):
    content = mark + blank + b"LPIDMother,OrgCodeGMPMother\nA,B\n"
    assert rows(tmp_path, content) == rows(tmp_path, b"LPIDMother,OrgCodeGMPMother\nA,B\n")
    assert "skipped" in " ".join(notices(tmp_path, content))


def test_tabs_before_the_first_heading_are_blank_headings(tmp_path):
    assert rows(tmp_path, b"\n\tLPIDMother\n\tA\n") == rows(tmp_path, b"LPIDMother\nA\n")


@given(st.lists(st.sampled_from([b"a", b",", b",b\n", b"\n", b"\r\n", b'"', b"\xc3\xa9", b" "])))
def test_what_is_taken_for_regular_at_a_glance_is_so_line_by_line(parts):
    buffer = b"x,y\n" + b"".join(parts)
    if delimited._is_regular(buffer, b",", 2):
        layout = delimited._Layout(["x", "y"], b",")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delimited, "_is_regular", lambda *_: False)
            blank, lines = delimited._check_lines(Source("x.csv", Path("x.csv")), buffer, layout)
        assert blank == 0
        assert (lines.starts.to_list(), lines.shifts.to_list()) == ([0], [1])


def test_a_plain_file_is_regular_and_one_with_a_short_and_a_long_line_is_not():
    def is_regular(text):
        return delimited._is_regular(text, b",", 3)

    assert is_regular(b"a,b,c\r\n1,2,3\r\n,,\r\n")
    assert is_regular(b"a,b,c\n1,2,3")
    assert not is_regular(b"a,b,c\n1,2\n1,2,3,4\n")
    assert not is_regular(b"a,b,c\n\n1,2,3\n")
    assert not is_regular(b'a,b,c\n1,"2",3\n')
    assert not is_regular(b"a,b,c\n1,2,3\n1")


@pytest.mark.skipif(os.name == "nt", reason="there every path is Unicode")
def test_a_folder_whose_name_is_no_unicode_is_read(tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    given = opened(folder, f"{TWO}M1,H85609\n")
    assert given.tables["MSD002GP"].collect().rows() == [("M1", "H85609")]
