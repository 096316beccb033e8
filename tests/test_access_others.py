"""Tests of the reader of Access files against other programs, and files that those wrote.

mdbtools is a second reader, where `mdb-export` is on the path; further files are read where
MSDS_AUDIT_ACCESS_SAMPLES names their folder. What is not there is said at the end of the run.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from access_files import MOTHER, mother, read, refused, spec_of, table, written
from access_writer import AccessTable

SAMPLES = "MSDS_AUDIT_ACCESS_SAMPLES"
NULL = "<null>"


@pytest.fixture(scope="module")
def exported():
    """What mdb-export makes of a table: headings, and rows of text or None."""
    if shutil.which("mdb-export") is None:
        pytest.skip("NOT COMPARED WITH MDBTOOLS: mdb-export is not on the path")

    def exporting(file, name):
        options = ("-0", NULL, "-T", "%Y-%m-%d %H:%M:%S", "-D", "%Y-%m-%d %H:%M:%S")
        done = subprocess.run(
            ["mdb-export", *options, str(file), name], capture_output=True, check=True
        )
        headings, *rows = csv.reader(io.StringIO(done.stdout.decode("utf-8"), newline=""))
        return headings, [[None if value == NULL else value for value in row] for row in rows]

    return exporting


@pytest.fixture
def sample():
    """A file of other people, by name."""
    folder = os.environ.get(SAMPLES)
    if not folder:
        pytest.skip(f"NOT READ: FILES OF OTHER PROGRAMS; {SAMPLES} does not name their folder")

    def finding(name):
        path = Path(folder, name)
        if not path.exists():
            pytest.skip(f"NOT READ: {name} is not in the folder that {SAMPLES} names")
        return path

    return finding


def read_as(path, name, *items):
    """A table that is none of the data set, read as if it were: headings and rows."""
    text = read(path, spec_of(name, *items)).tables[name]
    return text.headings, text.frame.collect().rows()


# --- what the writer writes ---------------------------------------------------------------

TEXTS = [
    *(
        "plain",
        "Zoë Ŵyn",
        "Café",
        "Żółć",
        "مريم",
        'a "quote"',
        "two\nlines",
        "a,b\tc",
        " x ",
    ),
    *("A", "x" * 255, "ŵ" * 255, None),
]
DATES = [date(1899, 12, 31), date(2026, 8, 3), datetime(2026, 8, 3, 14, 30, 1), time(6, 0), None]
GUID = "{12345678-90AB-CDEF-1234-567890ABCDEF}"


def date_as_exported(value):
    if isinstance(value, time):
        return datetime.combine(date(1899, 12, 30), value).isoformat(" ")
    return value.isoformat(" ") if isinstance(value, datetime) else f"{value} 00:00:00"


def without_dashes(guid):
    """mdbtools leaves out the last dash of a GUID."""
    return guid.replace("-", "")


KINDS = {
    "text": (TEXTS, str),
    "memo": ([*TEXTS, "m" * 900, "ŵ" * 1_400, "n" * 9_000, "o" * 40_000], str),
    "byte": ([0, 1, 255, None], str),
    "integer": ([0, -32_768, 32_767, None], str),
    "long": ([0, -(2**31), 2**31 - 1, None], str),
    "double": ([0.0, 0.1, -1.5, 9_434_765_919.0, None], float),
    "single": ([0.0, 0.5, -1.5, 65_536.0, None], float),
    "currency": (["0", "-12.3456", "922337203685477.5807", "0.0001", None], Decimal),
    "numeric": (["0", "-12.3456", "123456789012345678901234.5678", "-0.0001"], Decimal),
    "boolean": ([True, False, True, True], str),
    "guid": ([GUID, None], without_dashes),
    "datetime": (DATES, str),
}
"""Values of a kind, and what two texts of one are compared as.

Left to hand-worked tests, because mdbtools is wrong there: dates before 30 December 1899 (it has
none), a blank in a numeric column (it says 0), an empty text (it says it is blank), and letters
that take two places in UTF-16 (it shows question marks).
"""


@pytest.mark.parametrize("squeeze", [True, False])
@pytest.mark.parametrize("ace", [True, False])
def test_mdbtools_reads_what_the_writer_writes_as_the_reader_does(ace, squeeze, exported, tmp_path):
    longest = max(len(given) for given, _ in KINDS.values())
    rows = [
        tuple(given[place % len(given)] for given, _ in KINDS.values()) for place in range(longest)
    ]
    columns = [(f"c {kind}", kind) for kind in KINDS]
    file = written(tmp_path / "a.accdb", mother(columns, rows, squeeze=squeeze), ace=ace)
    headings, theirs = exported(file, MOTHER)
    ours = table(file)
    assert headings == ours.columns
    assert len(theirs) == ours.height
    for place, (kind, (given, compared)) in enumerate(KINDS.items()):
        mine, other = ours[f"c {kind}"].to_list(), [row[place] for row in theirs]
        written_there = [given[row % len(given)] for row in range(longest)]
        if kind == "datetime":
            mine = [value and date_as_exported(value) for value in written_there]
        as_compared = [[value and compared(value) for value in one] for one in (mine, other)]
        assert as_compared[0] == as_compared[1], kind
        assert [value is None for value in other] == [value is None for value in written_there]


def test_mdbtools_finds_as_many_rows_on_many_pages(exported, tmp_path):
    rows = [(n, "x" * 250) for n in range(9_000)]
    file = written(tmp_path / "a.mdb", mother([("n", "long"), ("t", "text")], rows, squeeze=False))
    _, theirs = exported(file, MOTHER)
    assert [tuple(row) for row in theirs] == table(file).rows()


def test_mdbtools_finds_a_table_without_rows(exported, tmp_path):
    file = written(tmp_path / "a.mdb", mother([("n", "long")], []))
    assert exported(file, MOTHER) == (["n", "LPIDMother"], [])
    assert table(file).height == 0


def test_mdbtools_reads_a_definition_over_several_pages(exported, tmp_path):
    names = [f"{n:03d} {'x' * 56}" for n in range(200)]
    file = written(
        tmp_path / "a.mdb", mother([(n, "text") for n in names], [tuple(n[:3] for n in names)])
    )
    headings, theirs = exported(file, MOTHER)
    assert headings == table(file).columns
    assert [tuple(row) for row in theirs] == table(file).rows()


def test_mdbtools_agrees_about_deleted_moved_and_older_rows_and_deleted_columns(exported, tmp_path):
    """It does not follow a row that has moved, but comes upon it where it went."""
    columns = [("LPIDMother", "text"), ("a", "long"), ("b", "text"), ("c", "text")]
    rows = [("L0",), ("L1", 1), ("L2", 2, "x"), ("L3", 3, "y", "z"), ("L4", None, None, "w")]
    file = written(
        tmp_path / "a.mdb",
        AccessTable(MOTHER, columns, rows, deleted=(1,), moved=(3,), dropped=("b",)),
    )
    headings, theirs = exported(file, MOTHER)
    assert headings == table(file).columns
    assert sorted(theirs) == [list(row) for row in table(file).rows()]
    assert len(theirs) == 4


# --- files of other programs --------------------------------------------------------------


def test_dates_are_as_the_file_says_them_in_text(sample):
    """mdbtools has no dates before 30 December 1899, nor 9999-12-31; the file has them in words."""
    headings, rows = read_as(sample("dates.accdb"), "D", "s")
    assert headings == ["s", "d"]
    assert len(rows) == 17
    for said, found in rows:
        said = said.replace("T", " ")
        assert found == (f"{said}:00" if len(said) == 16 else said)


def test_mdbtools_agrees_about_dates_from_1899_on(sample, exported):
    _, theirs = exported(sample("dates.accdb"), "D")
    _, ours = read_as(sample("dates.accdb"), "D", "s")
    later = [place for place, (said, _) in enumerate(ours) if "1899-12-30" <= said < "9999"]
    assert len(later) == 10
    for place in later:
        date_and_time = ours[place][1] if " " in ours[place][1] else f"{ours[place][1]} 00:00:00"
        assert theirs[place] == [ours[place][0], date_and_time]


def test_dates_from_before_the_calendar_changed_are_read(sample):
    """Made with Jackcess, which says these four; mdbtools shows the first of January of no year."""
    _, rows = read_as(sample("oldDatesV2007.accdb"), "Table1", "ID")
    assert rows == [
        ("1", "1582-10-15"),
        ("2", "1582-10-14"),
        ("3", "1492-01-10"),
        ("4", "1392-01-10"),
    ]


@pytest.mark.parametrize(
    ("name", "item"), [("delColV2003.mdb", "data"), ("overflowV2010.accdb", "data1")]
)
def test_deleted_columns_and_rows_that_moved_are_as_mdbtools_has_them(name, item, sample, exported):
    headings, theirs = exported(sample(name), "Table1")
    mine, ours = read_as(sample(name), "Table1", item)
    assert mine == headings
    assert ours == [tuple(row) for row in theirs]
    assert ours


def test_beside_calculated_columns_the_others_are_as_mdbtools_has_them(sample, exported):
    """mdbtools does not know calculated columns and shows what is not there; they are set aside.

    It writes numbers with all their decimal places.
    """
    headings, theirs = exported(sample("calcFieldV2010.accdb"), "Table1")
    contents = read(sample("calcFieldV2010.accdb"), spec_of("Table1", "FirstName"))
    text = contents.tables["Table1"]
    assert text.headings == ["ID", "FirstName", "LastName", "City", "Salary", "Popularity"]
    ours = text.frame.collect().rows()
    places = [headings.index(name) for name in text.headings]
    theirs = [[row[place] for place in places] for row in theirs]
    assert [row[:4] for row in ours] == [tuple(row[:4]) for row in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        assert [Decimal(value) for value in mine[4:]] == [Decimal(value) for value in other[4:]]
    [notice] = [one for one in text.notices if "calculated" in one]
    calculated = [name for name in headings if name not in text.headings]
    assert len(calculated) == 11
    assert all(name in notice for name in calculated)


def test_a_file_of_access_97_is_refused_by_that_name(sample):
    assert "Access 97" in refused(sample("overflowV1997.mdb"), spec_of("Table1", "a"))


def test_every_sample_is_used_or_refused_in_a_sentence(sample):
    """So that a file added to the folder is at least opened."""
    folder = sample(".")
    files = [one for one in folder.iterdir() if one.suffix in (".accdb", ".mdb")]
    assert files
    for file in files:
        if file.name != "overflowV1997.mdb":
            contents = read(file)
            assert contents.tables or contents.others


@pytest.mark.parametrize("name", ["rj7_2026-08.accdb", "rj7_2026-08_typed.mdb"])
def test_mdbtools_reads_the_sample_extract_as_the_reader_does(name, fixtures, exported):
    """The typed one differs in how mdbtools writes dates and times."""
    file = fixtures / "access" / name
    contents = read(file)
    assert len(contents.tables) == 32
    for each, text in contents.tables.items():
        headings, theirs = exported(file, each)
        assert headings == text.headings
        ours = text.frame.collect().rows()
        assert len(ours) == len(theirs)
        for mine, other in zip(ours, theirs, strict=True):
            for one, another in zip(mine, other, strict=True):
                if another and another.endswith(" 00:00:00") and one != another:
                    assert f"{one} 00:00:00" == another
                elif another and another.startswith("1899-12-30 "):
                    assert another == f"1899-12-30 {one}"
                else:
                    assert (one or None) == another
