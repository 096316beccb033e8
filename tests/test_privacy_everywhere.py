"""Tests that marked people come out of no command, on no path, whatever goes wrong.

tests/test_privacy.py looks closely at the outputs of an audit; this goes over every command, every
file that may be given by mistake, and what libraries say or keep of their own accord.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import polars as pl
import pytest

from every_command import Places, command_of, documented
from msds_audit.cli.streams import settle_libraries
from support import quick_first
from test_privacy import FORMS, LINE, SAID, Planted, rows_of

MOTHERS = "MSD001MotherDemog"
OF_PEOPLE = ("list.csv", "list.xlsx", "as-csv", "parquet")
"""What holds people's data and says so: the list of corrections, and tables in another form."""


@pytest.fixture(
    scope="module", params=quick_first(("missing-tables", "clean"), ("missing-tables",))
)
def whole(request, fixtures, tmp_path_factory):
    """Markers in every item of the tables of a sample: of a few, and with the slow tests of all."""
    return Planted(fixtures / request.param, tmp_path_factory.mktemp("everywhere") / "extract")


@pytest.fixture(scope="module")
def planted(fixtures, tmp_path_factory):
    """Markers in every item of a few tables."""
    return Planted(fixtures / "missing-tables", tmp_path_factory.mktemp("a few") / "extract")


@pytest.fixture(scope="module")
def places(whole, fixtures, tmp_path_factory):
    return Places.made(whole.folder, fixtures / "missing-tables", tmp_path_factory.mktemp("places"))


def texts_below(folder):
    """What stands in the files below a folder, those for people's data left out."""
    return "\n".join(
        path.read_text("utf-8", "replace")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in OF_PEOPLE
    )


# --- every command ------------------------------------------------------------------------

NAMES = list(Places(Path(), Path(), Path(), Path()).runs)
SLOW = [name for name in NAMES if name.startswith(("rules", "spec", "sample", "fix-list, w"))]


def test_every_documented_command_is_tried(places):
    assert documented() <= {command_of(words) for words in places.runs.values()}


@pytest.mark.parametrize("name", quick_first(NAMES, [one for one in NAMES if one not in SLOW]))
@pytest.mark.usefixtures("audited_once")
def test_no_command_prints_or_writes_a_marker(name, places, whole, run, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(places.out / "summary.md"))
    ran = run(*places.runs[name])
    assert ran.code in (0, 1)
    assert whole.shown_in(ran.out + ran.err) == []
    assert whole.shown_in(texts_below(places.out)) == []


def test_the_fix_list_and_converted_tables_are_all_that_holds_markers(places, whole, run):
    """Otherwise nothing would be proved by not finding them elsewhere."""
    for name in ("fix-list, csv", "convert, csv"):
        if not (places.out / places.runs[name][-1]).exists():
            run(*places.runs[name])
    assert whole.shown_in((places.out / "list.csv").read_text("utf-8"))
    tables = "".join(path.read_text("utf-8") for path in (places.out / "as-csv").iterdir())
    assert set(whole.shown_in(tables)) == whole.markers


# --- files given by mistake ---------------------------------------------------------------


def kinds_of(planted, folder):
    """The mothers of an extract in every form, each as a file, and the folder of all tables."""
    folder.mkdir()
    rows = rows_of(planted.folder / f"{MOTHERS}.csv")[-40:]
    text = "\n".join(",".join(row.values()) for row in [{item: item for item in rows[0]}, *rows])
    (folder / "people.csv").write_text(text, "utf-8")
    (folder / "people.toml").write_text(text, "utf-8")
    (folder / "people.json").write_text(json.dumps(rows), "utf-8")
    (folder / "values.json").write_text(
        json.dumps({"schema": "msds-audit/scorecards/1", "scorecards": rows}), "utf-8"
    )
    for name, write in FORMS.items():
        write({MOTHERS: rows}, folder / name)
    with zipfile.ZipFile(folder / "people.zip", "w") as archive:
        archive.write(folder / "people.csv", "people.csv")
    pl.DataFrame(rows).write_parquet(folder / "people.parquet")
    (folder / "records").mkdir()
    (folder / "records" / f"{MOTHERS}.toml").write_text(text, "utf-8")
    return [path for path in sorted(folder.iterdir()) if path.is_file()] + [folder]


TAKING_FILES = {
    "config": ("check", "SMALL", "--config", "FILE"),
    "baseline": ("check", "SMALL", "--baseline", "FILE"),
    "deliveries": ("check", "SMALL", "--scheme", "cqim", "--hes-deliveries", "FILE"),
    "postcodes": ("check", "SMALL", "--scheme", "national", "--postcode-lookup", "FILE"),
    "rules": ("check", "SMALL", "--rules", "FILE"),
    "extract": ("check", "FILE"),
    "header": ("vodim", "FILE"),
    "list": ("fix-list", "FILE", "--out", "OUT/list.csv"),
    "compared": ("compare", "SMALL", "FILE"),
    "converted": ("convert", "FILE", "OUT/tables"),
    "rules list": ("rules", "list", "--rules", "FILE"),
    "rules show": ("rules", "show", "ETH-01", "--rules", "FILE"),
    "rules check": ("rules", "check", "FILE"),
    "rules test": ("rules", "test", "FILE"),
    "rules new": ("rules", "new", "OURS-1", "FILE", "--table", "MSD101"),
    "rules docs": ("rules", "docs", "FILE"),
    "rules diff": ("rules", "diff", "FILE"),
    "spec show": ("spec", "show", "MSD001", "--rules", "FILE"),
    "sample": ("sample", "FILE"),
}
"""Every place of a command line where a file or a folder is named."""

SOON_REFUSED = ("config", "baseline", "deliveries", "extract", "converted", "sample")


@pytest.mark.parametrize("place", quick_first(TAKING_FILES, SOON_REFUSED))
@pytest.mark.usefixtures("audited_once")
def test_an_extract_in_the_place_of_another_file_is_not_shown(
    place, planted, fixtures, run, tmp_path
):
    (tmp_path / "out").mkdir()
    codes = set()
    for file in kinds_of(planted, tmp_path / "wrong"):
        words = {"SMALL": str(fixtures / "missing-tables"), "FILE": str(file)}
        named = [
            words.get(one, one).replace("OUT", str(tmp_path / "out")) for one in TAKING_FILES[place]
        ]
        ran = run(*named)
        codes.add(ran.code)
        assert planted.shown_in(ran.out + ran.err) == [], file.name
    assert 70 not in codes
    assert codes - {0, 1}


@pytest.mark.parametrize("option", ["--provider", "--period", "--month", "--scheme", "--as-of"])
def test_a_marker_is_not_taken_from_the_extract_into_an_answer(option, planted, run):
    """What is asked for is wrong; the answer may name what is there, and no value."""
    ran = run("check", planted.folder, option, {"--scheme": "none"}.get(option, "2001-01"))
    assert ran.code in (1, 2, 4)
    assert planted.shown_in(ran.out + ran.err) == []


# --- bugs, libraries, and the environment -------------------------------------------------

TALKATIVE = {
    "POLARS_VERBOSE": "1",
    "POLARS_VERBOSE_SENSITIVE": "1",
    "POLARS_PANIC_ON_ERR": "1",
    "POLARS_BACKTRACE_IN_ERR": "1",
    "POLARS_LOG_METRICS": "1",
    "RUST_BACKTRACE": "full",
    "RUST_LOG": "trace",
    "PYTHONDEVMODE": "1",
    "PYTHONFAULTHANDLER": "1",
    "PYTHONWARNINGS": "always",
    "_TYPER_STANDARD_TRACEBACK": "1",
    "TYPER_STANDARD_TRACEBACK": "1",
    "DEBUG": "1",
    "CI": "true",
}
"""What makes Polars, Rust, Python or Typer say more."""

BUGS = """
import importlib, os, sys, warnings
from msds_audit.cli import main
words, line, places = sys.argv[1:3], sys.argv[3], sys.argv[4:]

def ran():
    sys.argv = ["msds-audit", *words]
    try:
        main()
    except SystemExit as left:
        print("left with", left.code, file=sys.stderr, flush=True)

def broken(*_, **__):
    os.write(2, line.encode())
    warnings.warn(line)
    value = line
    try:
        raise ValueError(line)
    except ValueError as error:
        raise RuntimeError(line) from error

ran()
for place in places:
    module, name = place.rsplit(".", 1)
    module = importlib.import_module(module)
    real = getattr(module, name)
    setattr(module, name, broken)
    ran()
    setattr(module, name, real)
"""
PLACES = (
    "msds_audit.readers.opening.read_path",
    "msds_audit.readers.submissions._identity",
    "msds_audit.audit.counted",
    "msds_audit.api.auditing.score",
    "msds_audit.api.gated",
)
"""A reader, the engine, what joins them, and a report."""


def test_a_bug_shows_one_line_and_no_value_however_much_was_asked_to_be_said(fixtures, tmp_path):
    """The file lies in a folder whose name holds an NHS number, which libraries would print."""
    extract = tmp_path / "letter 9434765919"
    extract.mkdir()
    for file in (fixtures / "missing-tables").glob("*.csv"):
        (extract / file.name).write_bytes(file.read_bytes())
    words = ("check", str(extract))
    places = [place for place in PLACES if "json" not in place]
    done = subprocess.run(
        [sys.executable, "-c", BUGS, *words, LINE, *places],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, **TALKATIVE, "PYTHONIOENCODING": "utf-8"},
    )
    said = done.stdout + done.stderr
    assert [value for value in SAID if value.lower() in said.lower()] == []
    assert "Traceback" not in said
    codes = [line for line in done.stderr.splitlines() if line.startswith("left with")]
    assert codes == ["left with 1", *["left with 70"] * len(places)]
    assert done.stderr.count("msds-audit has a bug: RuntimeError in ") == len(places)


def test_polars_is_told_to_keep_nothing_on_disk_and_to_say_nothing(monkeypatch):
    monkeypatch.setattr(os, "environ", {**TALKATIVE, "POLARS_MAX_THREADS": "2", "PATH": "kept"})
    settle_libraries()
    libraries = {name: value for name, value in os.environ.items() if "_" in name[4:7]}
    assert os.environ["PATH"] == "kept"
    assert {name for name in libraries if name.startswith(("POLARS_", "RUST_"))} == {
        "POLARS_MAX_THREADS",
        "POLARS_OOC_MEMORY_BUDGET_FRACTION",
    }


SPILLING = """
import os, sys
from msds_audit.cli.streams import settle_libraries
if sys.argv[1] == "settled":
    settle_libraries()
os.environ |= {"POLARS_OVERRIDE_TOTAL_MEMORY_MB": "50", "POLARS_OOC_SPILL_DIR": os.getcwd()}
import polars as pl
numbers = pl.LazyFrame({"a": [str(one) for one in range(1_000_000)]})
numbers.with_columns(b=pl.col.a + "x" * 160).sort("b").collect(engine="streaming")
"""


@pytest.mark.slow
@pytest.mark.parametrize(("how", "some"), [("settled", False), ("as it is", True)])
def test_polars_puts_no_rows_on_disk_where_memory_runs_short(how, some, tmp_path):
    """It does so by itself, as the second case shows: the folder of its files stays behind."""
    fresh = {name: text for name, text in os.environ.items() if not name.startswith("POLARS_")}
    subprocess.run([sys.executable, "-c", SPILLING, how], check=True, cwd=tmp_path, env=fresh)
    assert any(tmp_path.iterdir()) == some


# --- temporary files ----------------------------------------------------------------------


def as_zip(tables, file):
    with zipfile.ZipFile(file, "w") as archive:
        for name, rows in tables.items():
            pl.DataFrame(rows).write_csv(text := io.BytesIO())
            archive.writestr(f"{name}.csv", text.getvalue())


@pytest.mark.parametrize("name", [*FORMS, "RVR.zip"])
def test_no_form_of_an_extract_is_unpacked_to_a_temporary_file(
    name, planted, run, tmp_path, monkeypatch
):
    """The time of a folder tells whether any file was in it, though it be gone."""
    kept = ("MSD000Header", MOTHERS)
    tables = {table: rows_of(planted.folder / f"{table}.csv") for table in kept}
    {**FORMS, "RVR.zip": as_zip}[name](tables, tmp_path / name)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for variable in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(variable, str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    before = temporary.stat().st_mtime_ns
    assert run("check", tmp_path / name, "-q").code == 1
    assert run("convert", tmp_path / name, tmp_path / "out").code == 0
    assert run("fix-list", tmp_path / name, "--out", tmp_path / "list.xlsx").code == 0
    assert (list(temporary.iterdir()), temporary.stat().st_mtime_ns) == ([], before)
