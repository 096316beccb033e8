"""Tests of writing an extract in another form: everything that was read, and nothing else."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from functools import cache

import polars as pl
import pytest

from msds_audit.api import check, convert
from msds_audit.conversion import Form, Tables, write_tables
from msds_audit.errors import ExtractError, ReportError, UsageError
from msds_audit.readers import open_extract
from msds_audit.reports import to_json
from support import checked, packaged, quick_first

HEADER = "OrgIDProvider,RPStartDate\nRJ7,2026-08-01\n"


def extract(folder, **tables):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"MSD000Header": HEADER, **tables}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    return folder


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def hashes(folder):
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat()) for path in found}


@pytest.fixture(scope="module")
def converted(fixtures, tmp_path_factory):
    """A database as a folder of CSV, and what was told of it."""
    out = tmp_path_factory.mktemp("converted") / "out"
    return out, convert([fixtures / "access" / "rj7_2026-08.accdb"], out, Form.CSV)


@cache
def tables_of(path):
    [found] = open_extract([path], packaged().spec).submissions
    return {name: frame.collect() for name, frame in found.tables.items()}


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize(
    "given",
    quick_first(["rj7_2026-08.accdb", "rj7_2026-08_typed.mdb"], ["rj7_2026-08.accdb"]),
)
def test_a_database_is_the_same_extract_in_another_form(given, form, fixtures, tmp_path):
    convert([fixtures / "access" / given], tmp_path / "out", form)
    one, other = tables_of(fixtures / "access" / given), tables_of(tmp_path / "out")
    assert one.keys() == other.keys()
    for name in one:
        assert one[name].equals(other[name]), name


def test_what_is_converted_has_the_same_scorecard(rules, fixtures, converted):
    out, _ = converted
    as_csv = checked([fixtures / "access" / "rj7_2026-08_csv"], rules=rules)
    assert to_json(check([out], rules=rules)) == to_json(as_csv)


@pytest.mark.parametrize("form", list(Form))
def test_values_and_columns_stay_as_they_are(form, tmp_path):
    text = 'LPIDMother,Column 1,,OrgIDLPID\r\n" a ",,,""\r\n"two\nlines","say ""yes"", now",x,ŵ\r\n'
    convert([extract(tmp_path / "in", MSD001=text)], tmp_path / "out", form)
    file = tmp_path / "out" / f"MSD001MotherDemog.{form}"
    read = pl.read_csv(file, infer_schema=False) if form is Form.CSV else pl.read_parquet(file)
    assert read.columns == ["LPIDMother", "Column 1", "column 2", "OrgIDLPID"]
    assert read.rows() == [(" a ", None, None, ""), ("two\nlines", 'say "yes", now', "x", "ŵ")]


def test_converting_there_and_back_changes_nothing(rules, fixtures, tmp_path):
    convert([fixtures / "clean"], tmp_path / "parquet", Form.PARQUET)
    convert([tmp_path / "parquet"], tmp_path / "csv", Form.CSV)
    for file in sorted((fixtures / "clean").glob("*.csv")):
        assert (tmp_path / "csv" / file.name).read_text("utf-8") == file.read_text("utf-8")


def test_every_table_and_row_is_counted(converted):
    out, done = converted
    lines = {
        table.file.name: (out / table.file).read_bytes().count(b"\n") - 1 for table in done.written
    }
    assert len(lines) == 32
    assert lines == {table.file.name: table.rows for table in done.written}


def test_several_extracts_go_to_a_folder_each(fixtures, tmp_path):
    given = [fixtures / "south-west-london", fixtures / "clean", extract(tmp_path / "clean")]
    convert(given, tmp_path / "out", Form.CSV)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "RAX",
        "RJ6",
        "RJ7",
        "RVR",
        "clean",
        "clean-2",
    ]


@pytest.mark.parametrize(
    ("names", "folders"),
    [
        (["MSDS-2", "MSDS", "MSDS"], ["MSDS-2", "MSDS", "MSDS-3"]),
        (["MSDS", "MSDS", "MSDS-2"], ["MSDS", "MSDS-2", "MSDS-2-2"]),
        (["MSDS", "msds"], ["MSDS", "msds-2"]),
        (["a", "a"], ["a", "a-2"]),
    ],
)
def test_no_extract_is_written_over_another_whatever_they_are_called(names, folders, tmp_path):
    tables = {"MSD001MotherDemog": pl.LazyFrame({"LPIDMother": ["a"]})}
    written = write_tables(tmp_path, [Tables(name, tables) for name in names], Form.CSV)
    assert [one.file.parent.name for one in written] == folders


def test_what_is_not_read_is_told(tmp_path):
    folder = extract(tmp_path / "in", MSD001="LPIDMother\na\n", notes="x\n")
    done = convert([folder], tmp_path / "out", Form.CSV)
    assert any("notes.csv" in notice for notice in done.notices)
    assert files(tmp_path / "out") == ["MSD000Header.csv", "MSD001MotherDemog.csv"]


def test_a_folder_with_something_in_it_is_left_alone(fixtures, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "kept.txt").write_text("kept")
    with pytest.raises(ReportError, match="not an empty folder"):
        convert([fixtures / "clean"], tmp_path / "out", Form.CSV)
    assert files(tmp_path) == ["out/kept.txt"]


def test_an_empty_folder_is_filled(fixtures, tmp_path):
    (tmp_path / "out").mkdir()
    convert([fixtures / "clean"], tmp_path / "out", Form.CSV)
    assert len(files(tmp_path / "out")) == 32


@pytest.mark.parametrize("below", ["", "out", "deep/out"])
def test_nothing_is_written_into_the_extract(below, tmp_path):
    folder = extract(tmp_path / "in")
    before = hashes(folder)
    with pytest.raises(UsageError, match="lies in the extract"):
        convert([folder], folder / below, Form.CSV)
    assert hashes(folder) == before


def test_where_reading_fails_nothing_is_written(tmp_path):
    folder = extract(tmp_path / "in", MSD001="LPIDMother,OrgIDLPID\na,b\nc\n")
    with pytest.raises(ExtractError, match="line 3"):
        convert([folder], tmp_path / "out", Form.CSV)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_where_writing_fails_nothing_is_left_behind(monkeypatch, fixtures, tmp_path):
    def fail(*_, **__):
        raise pl.exceptions.ComputeError("9991907483")

    monkeypatch.setattr(pl.LazyFrame, "sink_csv", fail)
    with pytest.raises(ReportError) as caught:
        convert([fixtures / "clean"], tmp_path / "out", Form.CSV)
    assert "999" not in caught.value.sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such thing there")
def test_what_is_written_is_for_its_owner_alone(fixtures, tmp_path):
    old = os.umask(0)
    try:
        convert([fixtures / "clean"], tmp_path / "out", Form.CSV)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


def test_the_extract_is_not_changed(fixtures, tmp_path):
    before = hashes(fixtures / "access")
    convert([fixtures / "access" / "rj7_2026-08.accdb"], tmp_path / "out", Form.CSV)
    assert {path: found[0] for path, found in hashes(fixtures / "access").items()} == {
        path: found[0] for path, found in before.items()
    }
