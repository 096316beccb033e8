"""Tests of the line on which each record begins in the file it was read from."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msds_audit.readers import open_extract
from support import packaged

HEADER = "OrgIDProvider,RPStartDate\nRVR,2026-08-01\n"
ITEMS = ["LPIDMother", "OrgCodeGMPMother", "StartDateGMPReg", "EndDateGMPReg"]
TWO = "LPIDMother,OrgCodeGMPMother\n"


def lines_in(folder, content, file="MSD002GP.csv"):
    """The line of every record of one table of these bytes."""
    (folder / "MSD000Header.csv").write_text(HEADER, encoding="utf-8")
    (folder / file).write_bytes(content.encode() if isinstance(content, str) else content)
    [submission] = open_extract([folder], packaged().spec).submissions
    return lines_of(submission, "MSD002GP")


def lines_of(submission, table):
    height = submission.tables[table].collect().height
    return submission.lines[table].of(pl.Series(range(height), dtype=pl.UInt32)).to_list()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"{TWO}A,B\nC,D\n", [2, 3]),
        (f"{TWO}A,B\nC,D", [2, 3]),
        (TWO, []),
        (f"{TWO}A,B\r\nC,D\n".replace("Mother\n", "Mother\r\n"), [2, 3]),
        (f"{TWO}\nA,B\n\n \t\nC,D\n\n", [3, 6]),
        (f"\n\n{TWO}A,B\n", [4]),
        (f'{TWO}"A\nA\r\n\nA",B\nC,D\nE,"\n"\nF,G\n', [2, 6, 7, 9]),
        (f'{TWO}"A\rA",B\nC,D\n', [2, 3]),
        (f'{TWO}"A","\n\n"\n\n,\n"""\n""","""\n"\n', [2, 6, 7]),
        ('LPIDMother\n\nA\n""\n"\n"\nB\n', [3, 4, 5, 7]),
        ('LPIDMother,"a note\non two lines"\nA,B\nC,D\n', [3, 4]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_record_is_on_the_line_on_which_it_begins(text, lines, encoding, tmp_path):
    assert lines_in(tmp_path, text.encode(encoding)) == lines


def test_windows_1252_has_the_same_lines(tmp_path):
    text = f'{TWO}Zoë,B\n\n"Zoë\n…",D\nE,F\n'
    assert lines_in(tmp_path, text.encode("cp1252")) == [2, 4, 6]


def test_what_only_some_programs_take_for_a_line_end_is_none(tmp_path):
    assert lines_in(tmp_path, f"{TWO}A\u2028B\x0b,\x85C\x0c\nD,E\n") == [2, 3]


# --- what Python says ---------------------------------------------------------------------

ENDS = st.sampled_from(["\n", "\r\n"])
PLAIN = st.characters(codec="cp1252", exclude_categories=("Cc",))
AWKWARD = st.sampled_from(['"', '""', ",", ";", "\t", "\n", "\n\n", "\r\n", " ", "'"])
CELL = st.lists(st.one_of(PLAIN, AWKWARD), max_size=5).map("".join)
BLANK = st.lists(st.sampled_from(["", "", " ", "   "]), max_size=2)
WIDE = st.integers(2, len(ITEMS)).flatmap(
    lambda width: st.lists(
        st.tuples(st.lists(CELL, min_size=width, max_size=width), BLANK, ENDS), max_size=8
    )
)


def by_python(text, delimiter):
    """The line on which each record begins, by the `line_num` of Python's csv; headings too."""
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter)
    found, begins = [], 1
    for row in reader:
        if len(row) > 1:
            found.append(begins)
        begins = reader.line_num + 1
    return found


@settings(deadline=None, max_examples=40)
@given(
    table=WIDE,
    before=BLANK,
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    delimiter=st.sampled_from([",", "\t", ";", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_lines_are_those_that_python_counts(table, before, quoting, delimiter, encoding):
    out = io.StringIO(newline="")
    width = len(table[0][0]) if table else 2
    for row, blank, end in [(ITEMS[:width], before, "\n"), *table]:
        out.write("".join(f"{one}{end}" for one in blank))
        csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end).writerow(row)
    text = out.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        found = lines_in(Path(folder), text.encode(encoding))
    assert found == by_python(text, delimiter)[1:]
    assert len(found) == len(table)


# --- several submissions in one file, and files without lines -----------------------------


@pytest.mark.parametrize("whose", [("RJ7", "RAX", "RVR"), ("RJ7",)])
def test_rows_that_are_told_apart_keep_their_lines(whose, tmp_path):
    """The identifier of each mother is the line on which her record stands."""
    line, text = 2, "LPIDMother,OrgCodeGMPMother,OrgIDProvider,RPStartDate\n"
    for number in range(200):
        rest = '"\n"' if number % 7 == 0 else "B"
        text += f"{line},{rest},{whose[number % len(whose)]},2026-08-01\n"
        line += 2 if number % 7 == 0 else 1
        if number % 11 == 0:
            text += "\n"
            line += 1
    (tmp_path / "MSD002GP.csv").write_text(text, encoding="utf-8")
    submissions = open_extract([tmp_path], packaged().spec).submissions
    assert {one.provider for one in submissions} == set(whose)
    for one in submissions:
        mothers = one.tables["MSD002GP"].collect()["LPIDMother"].cast(pl.Int64).to_list()
        assert lines_of(one, "MSD002GP") == mothers
        assert mothers == sorted(mothers)


def test_records_in_a_zip_or_of_other_forms_have_no_lines(tmp_path):
    path = tmp_path / "extract.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("MSD000Header.csv", HEADER)
        archive.writestr("MSD002GP.csv", f"{TWO}A,B\n")
    [submission] = open_extract([path], packaged().spec).submissions
    assert set(submission.tables) == {"MSD000Header", "MSD002GP"}
    assert submission.lines == {}
    path.unlink()
    pl.DataFrame({"LPIDMother": ["A"]}).write_parquet(tmp_path / "MSD002GP.parquet")
    (tmp_path / "MSD000Header.csv").write_text(HEADER, encoding="utf-8")
    [submission] = open_extract([tmp_path], packaged().spec).submissions
    assert set(submission.tables) == {"MSD000Header", "MSD002GP"}
    assert set(submission.lines) == {"MSD000Header"}


def test_what_is_kept_of_an_ordinary_file_is_one_number_however_long_it_is(tmp_path):
    (tmp_path / "MSD000Header.csv").write_text(HEADER, encoding="utf-8")
    (tmp_path / "MSD002GP.csv").write_text(TWO + "A,B\n" * 20_000, encoding="utf-8")
    [submission] = open_extract([tmp_path], packaged().spec).submissions
    assert len(submission.lines["MSD002GP"].starts) == 1
    assert submission.lines["MSD002GP"].of(pl.Series([19_999])).item() == 20_001
