"""Tests that one extract is the same extract in every form that trusts and analysts have it in."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from dataclasses import replace
from datetime import date, time
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl
import pytest

from access_writer import AccessFile, AccessTable
from msds_audit.api import chosen_schemes
from msds_audit.audit import audit
from msds_audit.extract import Submission
from msds_audit.readers import open_extract
from msds_audit.scorecard import Scorecard
from msds_audit.scoring import score
from support import FIXTURES, packaged, quick_first
from workbooks import xls, xlsx

CSV = FIXTURES / "access" / "rj7_2026-08_csv"
SPEC = packaged().spec
DAYS = {item.name for item in SPEC.items if item.format.text.endswith("CCYY-MM-DD")}
TIMES = {item.name for item in SPEC.items if item.format.text.endswith("HH:MM:SS")}


def frames() -> dict[str, pl.DataFrame]:
    return {path.stem: pl.read_csv(path, infer_schema=False) for path in sorted(CSV.glob("*.csv"))}


def typed(name: str, text: str | None) -> object:
    """A date or a time of day as a spreadsheet or a database keeps it."""
    if text is None or name not in DAYS | TIMES:
        return text
    return date.fromisoformat(text) if name in DAYS else time.fromisoformat(text)


def rows(frame: pl.DataFrame, *, as_types: bool = False) -> list[list[object]]:
    found = [[*row] for row in frame.iter_rows()]
    if as_types:
        found = [[typed(*one) for one in zip(frame.columns, row, strict=True)] for row in found]
    return found


def folder_of(folder: Path, ending: str, write) -> Path:
    folder.mkdir()
    for name, frame in frames().items():
        write(frame, folder / f"{name}{ending}")
    return folder


def zipped(target: Path, files: list[Path]) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return target


def sheets(*, as_types: bool = False) -> dict[str, list[list[object]]]:
    return {
        name: [frame.columns, *rows(frame, as_types=as_types)] for name, frame in frames().items()
    }


def formatted(given: dict[str, list[list[object]]]) -> dict[str, list[list[object]]]:
    """Dates and times with the formats that Excel gives them here; codes like 01 as numbers."""

    def cell(value: object) -> object:
        if isinstance(value, date):
            return value, "dd/mm/yyyy"
        if isinstance(value, time):
            return value, "hh:mm:ss"
        if isinstance(value, str) and len(value) == 2 and value.isdigit():
            return int(value), "00"
        return value

    return {
        name: [[cell(value) for value in row] for row in found] for name, found in given.items()
    }


def markup() -> str:
    def record(name: str, frame: pl.DataFrame, row: tuple[str | None, ...]) -> str:
        values = zip(frame.columns, row, strict=True)
        return "".join(f"<{item}>{escape(text or '')}</{item}>" for item, text in values)

    tables = (
        f"<{name}>{''.join(f'<row>{record(name, frame, row)}</row>' for row in frame.iter_rows())}"
        f"</{name}>"
        for name, frame in frames().items()
    )
    return f"<?xml version='1.0'?><ns:MSDS xmlns:ns='urn:x'>{''.join(tables)}</ns:MSDS>"


def database(target: Path, *, as_types: bool, squeeze: bool) -> Path:
    def kind(item: str) -> str:
        return "datetime" if as_types and item in DAYS | TIMES else "text"

    tables = [
        AccessTable(name, [(item, kind(item)) for item in frame.columns], found, squeeze=squeeze)
        for name, frame in frames().items()
        for found in [rows(frame, as_types=as_types)]
    ]
    return AccessFile(tables).write(target)


def delimited(folder: Path, encoding: str, separator: str, end: str) -> Path:
    def write(frame: pl.DataFrame, file: Path) -> None:
        text = frame.write_csv(separator=separator, line_terminator=end)
        file.write_bytes(text.encode(encoding))

    return folder_of(folder, ".csv", write)


def written(target: Path, content: bytes) -> Path:
    target.write_bytes(content)
    return target


FORMS = {
    "Access": lambda to: FIXTURES / "access" / "rj7_2026-08.accdb",
    "Access with dates": lambda to: FIXTURES / "access" / "rj7_2026-08_typed.mdb",
    "Access by its other name": lambda to: shutil.copy(
        FIXTURES / "access" / "rj7_2026-08.accdb", to / "RJ7.idb"
    ),
    "Access, UTF-16": lambda to: database(to / "RJ7.accdb", as_types=False, squeeze=False),
    "Access, dates, squeezed": lambda to: database(to / "RJ7.mdb", as_types=True, squeeze=True),
    "Access in a zip": lambda to: zipped(
        to / "RJ7.zip", [FIXTURES / "access" / "rj7_2026-08.accdb"]
    ),
    "Access in a folder": lambda to: (
        Path(shutil.copy(FIXTURES / "access" / "rj7_2026-08.accdb", to)).parent
    ),
    "CSV in a zip": lambda to: zipped(to / "RJ7.zip", sorted(CSV.glob("*.csv"))),
    "CSV, tabs, UTF-8 with a mark, CRLF": lambda to: delimited(
        to / "RJ7", "utf-8-sig", "\t", "\r\n"
    ),
    "CSV, semicolons": lambda to: delimited(to / "RJ7", "utf-8", ";", "\n"),
    "Parquet": lambda to: folder_of(to / "RJ7", ".parquet", pl.DataFrame.write_parquet),
    "Excel": lambda to: written(to / "RJ7.xlsx", xlsx(sheets())),
    "Excel, dates and codes as numbers": lambda to: written(
        to / "RJ7.xlsx", xlsx(formatted(sheets(as_types=True)))
    ),
    "Excel, a workbook for each table": lambda to: folder_of(
        to / "RJ7",
        ".xlsx",
        lambda frame, file: file.write_bytes(xlsx({"Sheet1": [frame.columns, *rows(frame)]})),
    ),
    "old Excel": lambda to: written(to / "RJ7.xls", xls(sheets())),
    "old Excel, dates and codes as numbers": lambda to: written(
        to / "RJ7.xls", xls(formatted(sheets(as_types=True)))
    ),
    "XML": lambda to: written(to / "RJ7.xml", markup().encode()),
    "XML in a zip": lambda to: zipped(
        to / "RJ7.zip", [written(to / "RJ7.xml", markup().encode("utf-16"))]
    ),
}


def the_submission(path: Path) -> Submission:
    [found] = open_extract([path], SPEC).submissions
    return found


def hashes(path: Path) -> dict[Path, str]:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(files)}


@cache
def as_csv() -> tuple[Submission, Scorecard]:
    """The folder of CSV, and its scorecard."""
    found = the_submission(CSV)
    return found, card_of(found)


def card_of(given: Submission) -> Scorecard:
    """The scorecard of a submission, whatever files it came in."""
    rules = packaged()
    return replace(score(audit(given, rules), rules, chosen_schemes(rules, ())), files={})


QUICK_FORMS = (
    "Access with dates",
    "Excel, a workbook for each table",
)
"""Forms that stand for all; the tests of each reader try the others, and so do the slow tests."""


@pytest.mark.parametrize("form", quick_first(FORMS, QUICK_FORMS))
def test_the_same_extract_in_another_form_is_equal_and_has_the_same_scorecard(form, tmp_path):
    path = Path(FORMS[form](tmp_path))
    before = hashes(path)
    (one, card), other = as_csv(), the_submission(path)
    assert (other.name, other.notices) == (one.name, one.notices)
    assert other.tables.keys() == one.tables.keys()
    for name in one.tables:
        assert other.tables[name].collect().equals(one.tables[name].collect()), name
    assert card_of(other) == card
    assert hashes(path) == before
