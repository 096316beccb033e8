"""The same input gives the same bytes, whatever the machine, day, folder or order of rows.

By nature some outputs are about where records stand, and so about the order of rows: `convert`
keeps it; SARIF, annotations and the list of what to fix tell the place of what fails, and the list
goes by it where nothing else puts one record before another. What they say beside that is the same.
What is shown on a screen fits its width; in a file it has always the same.
"""

from __future__ import annotations

import csv
import io
import os
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from every_output import PRINTED, write_all
from msds_audit import api
from msds_audit.reports import RENDERERS, Format
from msds_audit.reports.fix_list import fix_list_as_workbook
from support import FIXTURES, checked

PROGRAM = Path(__file__).with_name("every_output.py")
EXTRACT = FIXTURES / "south-west-london" / "RVR"
GIVEN = [str(EXTRACT), str(FIXTURES / "clean")]
YEAR = [str(FIXTURES / "year"), str(FIXTURES / "year-hes-deliveries.csv")]

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "as it is": {"POLARS_MAX_THREADS": "2", "PYTHONHASHSEED": "0", "TZ": "UTC"},
    "one thread, Turkish, far east": {
        "POLARS_MAX_THREADS": "1",
        "PYTHONHASHSEED": "1",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "tr_TR.UTF-8",
        "TZ": "Pacific/Kiritimati",
        "PYTHONUTF8": "0",
    },
    "four threads, plain C, far west": {
        "POLARS_MAX_THREADS": "4",
        "PYTHONHASHSEED": "4242",
        "LC_ALL": "C",
        "TZ": "Pacific/Pago_Pago",
        "PYTHONUTF8": "1",
        "SOURCE_DATE_EPOCH": "1000000000",
    },
}
OF_ROW_ORDER = ("findings.sarif", "check.sarif", "check.log", "worklist.csv", "worklist.xlsx")
"""What tells where records stand, or keeps them where they stood."""


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but for the configuration that it is written by."""
    files = sorted(one for one in folder.rglob("*") if one.is_file() and one.suffix != ".toml")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def shuffled(folder: Path, into: Path) -> Path:
    """A copy of an extract in which the rows of every table stand in another order."""
    dice = random.Random(26)
    into.mkdir()
    for file in folder.glob("*.csv"):
        head, *rows = file.read_bytes().splitlines(keepends=True)
        rows = [row if row.endswith(b"\n") else row + b"\n" for row in rows]
        dice.shuffle(rows)
        (into / file.name).write_bytes(b"".join([head, *rows]))
    return into


@pytest.mark.slow
def test_every_output_is_the_same_in_every_setting(tmp_path: Path) -> None:
    def made(setting: str) -> dict[str, bytes]:
        home = tmp_path / setting
        home.mkdir()
        given = [sys.executable, str(PROGRAM), "out", *GIVEN, *YEAR]
        environment = {**os.environ, **SETTINGS[setting]}
        subprocess.run(given, cwd=home, env=environment, check=True)
        return contents(home / "out")

    with ThreadPoolExecutor(max_workers=2) as pool:
        first, *others = pool.map(made, SETTINGS)
    printed = {name: text for name, text in first.items() if name.endswith(PRINTED)}
    assert len(printed) > 15
    assert {name: text[:2] for name, text in printed.items() if text[:2] != b"0\n"} == {}
    for other in others:
        assert set(other) == set(first)
        assert [name for name in first if first[name] != other[name]] == []


@pytest.mark.slow
def test_the_order_of_rows_changes_nothing_but_where_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = ("screen", "findings", "compare", "compare-json", "fix-list", "fix-list-csv", "vodim")
    found = []
    for home in (tmp_path / "as it stands", tmp_path / "shuffled"):
        home.mkdir()
        extract, old = EXTRACT, FIXTURES / "clean"
        if home.name == "shuffled":
            extract, old = shuffled(extract, tmp_path / "RVR"), shuffled(old, tmp_path / "clean")
        monkeypatch.chdir(home)
        write_all(Path("out"), [str(extract), str(old), *YEAR], chosen)
        found.append(contents(home / "out"))
    first, other = found
    assert set(first) == set(other)
    differing = [name for name in first if first[name] != other[name]]
    assert [name for name in differing if not name.startswith(OF_ROW_ORDER)] == []
    assert annotations(first) == annotations(other)
    assert corrections(first) == corrections(other)


def annotations(found: Mapping[str, bytes]) -> list[bytes]:
    """What is annotated, without files and lines."""
    without = re.sub(rb"file=[^,:]*|,line=[0-9]+", b"", found["check.log"])
    return sorted(re.sub(rb"at line [0-9,]+", b"at a line", without).splitlines())


def corrections(found: Mapping[str, bytes]) -> list[list[str]]:
    """What is to be corrected, without its place in the list or in the table."""
    rows = csv.DictReader(io.StringIO(found["worklist.csv"].decode()))
    return sorted([text for name, text in row.items() if name not in PLACES] for row in rows)


PLACES = ("Order", "Record")


def test_the_order_of_rows_changes_no_scorecard(tmp_path: Path) -> None:
    [card], [other] = (
        checked([FIXTURES / "clean"]),
        api.check([shuffled(FIXTURES / "clean", tmp_path / "clean")]),
    )
    for form in (Format.JSON, Format.CSV, Format.MARKDOWN, Format.TERMINAL, Format.JUNIT):
        assert RENDERERS[form]([card]) == RENDERERS[form]([other]), form


def test_a_workbook_bears_no_day_of_making() -> None:
    lists = api.fix_list([FIXTURES / "missing-tables"])
    book = fix_list_as_workbook(lists, nhs_numbers=True)
    assert fix_list_as_workbook(lists, nhs_numbers=True) == book
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        days = re.findall(rb"20[0-9]{2}-[0-9]{2}-[0-9]{2}", parts.read("docProps/core.xml"))
    assert set(days) == {b"2000-01-01"}


def test_a_file_is_as_wide_whatever_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = checked([FIXTURES / "clean"])
    texts = set()
    for columns in ("72", "110"):
        monkeypatch.setenv("COLUMNS", columns)
        texts.add(RENDERERS[Format.TERMINAL](cards))
    assert len(texts) == 1
