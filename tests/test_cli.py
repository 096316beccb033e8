"""Tests of the command line: exit codes, streams, files, and the facts the README states."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from polars.exceptions import PanicException

from msds_audit import __version__
from msds_audit.cli import main
from msds_audit.packaged import packaged_rules
from msds_audit.reports import to_terminal
from msds_audit.rulebook import page
from support import FIXTURES, Ran, breakable, checked, packaged, quick_first

NO_AUDIT = "No audit was performed."
PRIVATE = "Zqxlyn Quuxley 9434765919"
ESCAPE = "\x1b"
RULE = """
table = "MSD001MotherDemog"

[[rule]]
id       = "{id}"
name     = "mine"
title    = "A rule of our own"
why      = "Because."
fix      = "Mend it."
effect   = "warning"
basis    = "advice"
source   = "Ourselves"
verified = false
applies  = ""
passes   = "{passes}"
{more}
{examples}
"""
EXAMPLE = """
  [[rule.example]]
  says   = "{says}"
  row    = {{ Postcode = "{postcode}" }}
  result = "{result}"
"""
RIGHT = EXAMPLE.format(says="known", postcode="SM1 6EM", result="pass") + EXAMPLE.format(
    says="blank", postcode="", result="fail"
)


def started(*arguments, cwd=None, **environment):
    """Run the command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "msds_audit", *map(str, arguments)],
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )
    err = done.stderr.decode("utf-8")
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    return Ran(done.returncode, done.stdout.decode("utf-8", "replace"), err)


def records(folder, *rules, name="mine"):
    """A folder of rules with one file."""
    (folder / "records").mkdir(parents=True, exist_ok=True)
    first, *others = rules
    text = first + "".join(rule.split("\n", 3)[3] for rule in others)
    (folder / "records" / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def small(fixtures):
    """An extract of four tables, quick to audit; it exits 1 because most is missing."""
    return fixtures / "missing-tables"


def rule(id="OURS-01", passes="Postcode IS NOT NULL", more="", examples=RIGHT):
    return RULE.format(id=id, passes=passes, more=more, examples=examples)


# --- exit codes and streams ---------------------------------------------------------------


def test_a_clean_extract_exits_0_with_results_on_standard_output(fixtures):
    ran = started("check", fixtures / "clean")
    assert (ran.code, ran.err) == (0, "")
    assert "RVR" in ran.out
    assert "August 2026" in ran.out


@pytest.mark.usefixtures("audited_once")
def test_something_not_met_exits_1(run, fixtures):
    ran = run("check", fixtures / "south-west-london" / "RAX", "--format", "csv")
    assert (ran.code, ran.err) == (1, "")
    assert "not met" in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("check",),
        ("check", "SMALL", "--format", "pdf"),
        ("check", "SMALL", "--fail-on", "sometimes"),
        ("check", "SMALL", "--period", "August"),
        ("check", "SMALL", "--period", "2026-13"),
        ("check", "SMALL", "--scheme", "no-such-scheme"),
        ("check", "SMALL", "--no-such-option"),
        ("no-such-command",),
        ("rules", "show", "no-such-rule"),
        ("rules", "show"),
        ("spec", "show", "MSD999"),
        ("sample", "OUT", "--story", "no-such-story"),
        ("sample", "OUT", "--period", "2026-00"),
        ("sample", "OUT", "--seed", "many"),
        ("vodim", "SMALL", "--table", "MSD999"),
        ("vodim", "SMALL", "--format", "json"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_exits_2_and_says_what_is_wrong(arguments, run, small, tmp_path):
    places = {"SMALL": small, "OUT": tmp_path / "out"}
    ran = run(*(places.get(word, word) for word in arguments))
    assert ran.code == 2
    assert ran.out + ran.err
    assert NO_AUDIT not in ran.err
    assert not (tmp_path / "out").exists()
    if arguments and len(arguments) > 2:
        assert ran.out == ""


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (3, ("check", "SMALL", "--rules", "MISSING")),
        (3, ("check", "SMALL", "--rules", "FAULTY")),
        (3, ("rules", "check", "FAULTY")),
        (3, ("rules", "list", "--rules", "FAULTY")),
        (4, ("check", "MISSING")),
        (4, ("check", "SMALL", "MISSING")),
        (4, ("check", "SMALL", "SMALL")),
        (4, ("check", "SMALL", "--provider", "RJ7")),
        (4, ("check", "SMALL", "--period", "2026-07")),
        (4, ("vodim", "MISSING")),
        (5, ("check", "SMALL", "--out", "MISSING/report.json")),
        (5, ("check", "SMALL", "--out", "FAULTY")),
        (5, ("vodim", "SMALL", "--out", "FAULTY")),
        (5, ("sample", "FAULTY")),
        (5, ("rules", "docs", "MISSING")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_a_failure_has_its_code_a_sentence_and_a_hint(code, arguments, run, small, tmp_path):
    places = {
        "SMALL": small,
        "MISSING": tmp_path / "missing",
        "MISSING/report.json": tmp_path / "missing" / "report.json",
        "FAULTY": records(tmp_path / "faulty", "not TOML\n"),
    }
    ran = run(*(places.get(word, word) for word in arguments))
    if arguments[:2] == ("rules", "docs"):
        code = 3
    assert (ran.code, ran.out) == (code, "")
    assert "Error:" in ran.err
    assert "Hint:" in ran.err
    assert (ran.last == NO_AUDIT) == (code in (3, 4))
    assert ran.err.count(NO_AUDIT) == (code in (3, 4))


@pytest.mark.parametrize("error", [ValueError, KeyError, AssertionError, MemoryError, SystemError])
def test_a_bug_exits_70_and_keeps_its_message_to_itself(error, run, small, monkeypatch):
    def broken(*_, **__):
        raise error(PRIVATE)

    monkeypatch.setattr("msds_audit.api.check", broken)
    ran = run("check", small)
    assert (ran.code, ran.out, ran.last) == (70, "", NO_AUDIT)
    assert error.__name__ in ran.err
    assert "Zqxlyn" not in ran.err
    assert "9434765919" not in ran.err


def test_a_panic_inside_polars_exits_70_too(run, small, monkeypatch):
    """It is no Exception in Python's eyes, only a BaseException."""

    def broken(*_, **__):
        raise PanicException(PRIVATE)

    monkeypatch.setattr("msds_audit.api.check", broken)
    ran = run("check", small)
    assert (ran.code, ran.last) == (70, NO_AUDIT)
    assert "Zqxlyn" not in ran.err


def test_an_interrupted_run_does_not_look_like_a_verdict(run, small, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("msds_audit.api.check", interrupted)
    assert run("check", small).code not in (0, 1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_behind_standard_output_is_no_bug(small):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "msds_audit", "check", small],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 5
    assert b"bug" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes close differently there")
def test_a_pipe_that_closes_early_leaves_no_traceback(small):
    with subprocess.Popen(
        [sys.executable, "-m", "msds_audit", "check", small, "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        err = process.stderr.read()
    assert b"Traceback" not in err
    assert b"Exception ignored" not in err
    assert b"bug" not in err


# --- options ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extract", "fail_on", "code"),
    [
        ("clean", "not-assessed", 0),
        ("clean", "not-met", 0),
        ("clean", "never", 0),
        ("south-west-london/RAX", "not-assessed", 1),
        ("south-west-london/RAX", "not-met", 1),
        ("south-west-london/RAX", "never", 0),
        ("empty-tables", "not-assessed", 1),
        ("empty-tables", "not-met", 1),
        ("empty-tables", "never", 0),
    ],
)
@pytest.mark.usefixtures("audited_once")
def test_fail_on_says_what_makes_a_run_fail(extract, fail_on, code, run, fixtures):
    assert run("check", fixtures / extract, "--fail-on", fail_on, "--quiet").code == code


@pytest.mark.parametrize(
    ("wanted", "schemes"),
    [
        ((), {"conformance", "ethnicity", "protected-characteristics", "cnst-sa2-y7"}),
        (("ethnicity",), {"ethnicity"}),
        (("cnst-sa2-y4",), {"cnst-sa2-y4"}),
        (("cnst-sa2",), {"cnst-sa2-y4", "cnst-sa2-y5", "cnst-sa2-y6", "cnst-sa2-y7"}),
        (("cnst-sa2-y5", "ethnicity"), {"cnst-sa2-y5", "ethnicity"}),
    ],
)
def test_schemes_are_chosen_by_id_or_family(wanted, schemes, run, small):
    options = [word for scheme in wanted for word in ("--scheme", scheme)]
    ran = run("check", small, "--format", "json", *options)
    [card] = json.loads(ran.out)["scorecards"]
    assert set(card["schemes"]) == schemes
    assert {line["scheme"] for line in card["criteria"]} == schemes


def test_an_unknown_scheme_is_answered_with_those_there_are(run, small):
    ran = run("check", small, "--scheme", "cnst")
    assert "cnst-sa2" in ran.err
    assert "ethnicity" in ran.err


FORMATS = {
    "terminal": lambda text: "RVR Epsom and St Helier" in text,
    "json": lambda text: json.loads(text)["schema"].startswith("msds-audit/scorecards/"),
    "csv": lambda text: text.startswith("provider,"),
    "markdown": lambda text: text.startswith("# RVR Epsom and St Helier"),
    "junit": lambda text: "RVR Epsom" in ElementTree.fromstring(text)[0].get("name"),  # noqa: S314
    "github": lambda text: text.startswith("RVR Epsom and St Helier"),
    "sarif": lambda text: json.loads(text)["version"] == "2.1.0",
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.usefixtures("audited_once")
def test_every_format_goes_to_standard_output(form, run, small):
    ran = run("check", small, "--format", form)
    assert (ran.code, ran.err) == (1, "")
    assert FORMATS[form](ran.out)
    assert ran.out.endswith("\n")


@pytest.mark.parametrize(
    ("name", "options", "form"),
    [
        ("report.json", (), "json"),
        ("report.JSON", (), "json"),
        ("report.csv", (), "csv"),
        ("report.md", (), "markdown"),
        ("report.txt", (), "terminal"),
        ("report.sarif", (), "sarif"),
        ("report.xml", ("--format", "junit"), "junit"),
        ("report", (), "terminal"),
        ("report.txt", ("--format", "json"), "json"),
        ("report.json", ("--format", "csv"), "csv"),
    ],
)
@pytest.mark.usefixtures("audited_once")
def test_out_writes_the_format_of_its_ending_unless_told(name, options, form, run, small, tmp_path):
    ran = run("check", small, "--out", tmp_path / name, *options)
    assert (ran.code, ran.out) == (1, "")
    assert name in ran.err
    content = (tmp_path / name).read_bytes()
    assert FORMATS[form](content.decode("utf-8"))
    assert b"\r" not in content
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.usefixtures("audited_once")
def test_out_and_standard_output_hold_the_same(form, run, small, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "96")
    printed = run("check", small, "--format", form).out
    run("check", small, "--format", form, "--out", tmp_path / "report")
    assert (tmp_path / "report").read_text(encoding="utf-8") == printed


def test_out_takes_the_place_of_an_older_report(run, small, tmp_path):
    (tmp_path / "report.json").write_text("old", encoding="utf-8")
    assert run("check", small, "--out", tmp_path / "report.json").code == 1
    assert FORMATS["json"]((tmp_path / "report.json").read_text(encoding="utf-8"))


def test_out_is_written_even_where_the_exit_code_is_1(run, small, tmp_path):
    ran = run("check", small, "--out", tmp_path / "report.json")
    assert ran.code == 1
    assert FORMATS["json"]((tmp_path / "report.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [".", "..", "folder", "folder/", "missing/report.json"])
def test_out_that_cannot_be_written_exits_5_and_leaves_nothing(
    name, run, small, tmp_path, monkeypatch
):
    inside = tmp_path / "inside"
    (inside / "folder").mkdir(parents=True)
    (inside / "folder" / "kept").write_text("kept", encoding="utf-8")
    monkeypatch.chdir(inside)
    ran = run("check", small, "--out", name)
    assert (ran.code, ran.out) == (5, "")
    assert "bug" not in ran.err
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["folder", "inside", "kept"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write it all")
def test_out_in_a_folder_that_may_not_be_written_exits_5(run, small, tmp_path):
    tmp_path.chmod(0o500)
    assert run("check", small, "--out", tmp_path / "report.json").code == 5
    assert list(tmp_path.iterdir()) == []


def test_an_audit_that_fails_leaves_an_older_report_alone(run, tmp_path):
    (tmp_path / "report.json").write_text("old", encoding="utf-8")
    ran = run("check", tmp_path / "missing", "--out", tmp_path / "report.json")
    assert ran.code == 4
    assert (tmp_path / "report.json").read_text(encoding="utf-8") == "old"


@pytest.mark.skipif(sys.platform == "win32", reason="file sizes cannot be limited there")
def test_a_disk_that_fills_up_half_way_leaves_an_older_report_alone(small, tmp_path):
    (tmp_path / "report.json").write_text("old", encoding="utf-8")
    code = (
        "import resource, sys; from msds_audit.cli import main;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); main()"
    )
    out = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, "check", small, "--out", out],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 5
    assert out.read_text(encoding="utf-8") == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.skipif(sys.platform != "linux", reason="such names can only be made on Linux")
@pytest.mark.parametrize("form", FORMATS)
def test_a_file_name_that_is_no_unicode_does_not_stop_a_report(form, run, small, tmp_path):
    folder = shutil.copytree(small, tmp_path / "extract")
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.csv")).touch()
    assert run("check", folder, "--format", form, "--out", tmp_path / "report").code == 1
    assert FORMATS[form]((tmp_path / "report").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("extract", "code"), [("clean", 0), ("empty-tables", 1)])
@pytest.mark.usefixtures("audited_once")
def test_quiet_says_nothing_but_the_exit_code(extract, code, run, fixtures, tmp_path):
    assert run("check", fixtures / extract, "--quiet") == Ran(code, "", "")
    out = tmp_path / "report.json"
    assert run("check", fixtures / extract, "-q", "--out", out) == Ran(code, "", "")
    assert out.exists()


def test_quiet_still_says_what_went_wrong(run, tmp_path):
    ran = run("check", tmp_path / "missing", "--quiet")
    assert (ran.code, ran.last) == (4, NO_AUDIT)


def test_provider_and_period_stand_in_for_a_missing_header(run, small, tmp_path):
    folder = shutil.copytree(small, tmp_path / "extract")
    (folder / "MSD000Header.csv").unlink()
    ran = run("check", folder)
    assert ran.code == 4
    assert "--provider" in ran.err
    options = ("--provider", "rj7", "--period", "2026-08")
    [card] = json.loads(run("check", folder, "--format", "json", *options).out)["scorecards"]
    assert (card["provider"], card["period"]) == ("RJ7", "2026-08")


# --- the screen ---------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["terminal", "markdown"])
def test_nothing_that_is_piped_holds_an_escape_code(form, run, small, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    ran = run("check", small, "--format", form)
    assert ESCAPE not in ran.out + ran.err


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_a_screen_gets_colour_unless_it_asks_for_none(
    environment, coloured, run, small, monkeypatch
):
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in {"TERM": "xterm", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    ran = run("check", small)
    assert ran.code == 1
    assert (ESCAPE in ran.out) == coloured
    assert "RVR" in ran.out


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals there")
def test_a_pseudo_terminal_gets_colour(small):
    import pty

    plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "msds_audit", "check", small],
        stdout=theirs,
        stderr=subprocess.PIPE,
        env={**plain, "TERM": "xterm"},
    ) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    assert process.returncode == 1
    assert ESCAPE.encode() in shown
    assert b"RVR" in shown


def _read(descriptor):
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so when the other end has closed
        return b""


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be made there")
@pytest.mark.parametrize("form", FORMATS)
def test_a_file_name_cannot_bring_escape_codes_or_lines_of_its_own(form, run, small, tmp_path):
    folder = shutil.copytree(small, tmp_path / "extract")
    (folder / f"a{ESCAPE}[31m\nZQX\x07.csv").touch()
    ran = run("check", folder, "--format", form)
    assert ran.code == 1
    assert not set(ran.out) & {ESCAPE, "\x07"}
    assert "\nZQX" not in ran.out


@pytest.mark.parametrize("encoding", quick_first(["ascii", "cp1252"], ["ascii"]))
@pytest.mark.parametrize(
    "arguments",
    [("check", "SMALL"), ("rules", "list", "--all"), ("spec", "show", "MSD001")]
    + [("check", "SMALL", "--format", form) for form in ("json", "markdown")],
    ids=" ".join,
)
def test_a_narrow_encoding_of_the_screen_does_not_stop_the_output(
    arguments, encoding, run, small, monkeypatch
):
    shown, said = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setattr(sys, "stderr", said)
    assert run(*(small if word == "SMALL" else word for word in arguments)).code in (0, 1)
    shown.flush()
    said.flush()
    assert shown.buffer.getvalue()
    assert said.buffer.getvalue() == b""


def test_a_narrow_encoding_of_the_screen_does_not_stop_a_process(small):
    ran = started("check", small, PYTHONIOENCODING="ascii")
    assert (ran.code, ran.err) == (1, "")
    assert ran.out


# --- help ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--help",), ["check", "rules", "spec", "sample", "70"]),
        (("check", "--help"), ["--format", "--out", "--fail-on", "--scheme", "--provider"]),
        (("rules", "--help"), ["list", "show", "check", "docs"]),
        (("sample", "--help"), ["--story", "south-west-london", "every-rule-broken"]),
    ],
)
def test_help_names_what_there_is(arguments, words, run):
    ran = run(*arguments)
    assert (ran.code, ran.err) == (0, "")
    assert all(word in ran.out for word in words)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("check", "--format", "j"), {"json", "junit"}),
        (("check", "--scheme", "conf"), {"conformance"}),
        (("check", "--scheme", "nat"), {"national"}),
        (("conv",), {"convert"}),
    ],
)
def test_a_shell_is_told_how_words_go_on(words, offered):
    completing = {
        **os.environ,
        "_MSDS_AUDIT_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("msds-audit", *words)),
        "COMP_CWORD": str(len(words)),
    }
    code = "from msds_audit.cli.commands import app; app(prog_name='msds-audit')"
    done = subprocess.run(
        [sys.executable, "-c", code], env=completing, capture_output=True, text=True, check=False
    )
    assert (set(done.stdout.split()), done.stderr) == (offered, "")


def test_the_version_is_printed_with_the_fingerprint_of_the_packaged_rules(run, rules):
    told = f"msds-audit {__version__}\nrules {rules.fingerprint}\n"
    assert run("--version") == Ran(0, told, "")


def test_help_needs_nothing_heavy():
    code = (
        "import sys; sys.argv = ['msds-audit', '--help']; from msds_audit.cli import main\n"
        "try: main()\n"
        "except SystemExit: print('loaded:', *sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "msds_audit" in loaded
    assert not loaded & {"polars", "pandera", "rich", "pydantic"}


def test_help_takes_little_longer_than_what_it_is_made_with():
    """The best of three of each by turns, of the processor's time where that is known."""

    def took(*command):
        start, before = time.perf_counter(), os.times()
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0
        spent = sum(os.times()[2:4]) - sum(before[2:4])
        return spent or time.perf_counter() - start

    bare = (sys.executable, "-c", "import typer.main, typer.core")
    ours = (sys.executable, "-m", "msds_audit", "--help")
    pairs = [(took(*ours), took(*bare)) for _ in range(3)]
    assert min(mine for mine, _ in pairs) < 3 * min(floor for _, floor in pairs)


# --- rules, spec, sample ------------------------------------------------------------------


def test_rules_list_has_a_line_for_every_written_rule_and_measure(run, rules):
    ran = run("rules", "list")
    assert (ran.code, ran.err) == (0, "")
    written = {rule.id for rule in rules.records.values() if rule.file}
    assert all(re.search(rf"^\s*{re.escape(id)}\b", ran.out, re.M) for id in written)
    assert all(measure in ran.out for measure in rules.measures)
    generated = set(rules.records) - written
    assert not any(id in ran.out for id in generated)
    every = run("rules", "list", "--all").out
    assert all(id in every for id in rules.records)


def ids_listed(ran):
    """The ids at the beginning of the lines before the foot."""
    return [line.split()[0] for line in ran.out.partition("\n\n")[0].splitlines()]


SAFETY_ACTION_2 = (
    *("mother-ethnicity-stated", "birthweight-with-unit", "social-factors-answered"),
    *("contact-activity-professional", "labour-activity-professional", "COC_DQ04", "COC_DQ05"),
)


def count(rules):
    written = sum(bool(rule.file) for rule in rules.records.values())
    generated = len(rules.records) - written
    total = f"{len(rules.declared):,}"
    of_people = f"{len(rules.measures):,} measures, {len(rules.indicators):,} indicators."
    return f"of {total}: {written:,} written, {generated:,} generated, {of_people}"


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--table", "MSD101"], lambda one: one.table == "MSD101PregnancyBooking"),
        (["--table", "msd101pregnancybooking"], lambda one: one.table == "MSD101PregnancyBooking"),
        (["--effect", "rejects-file"], lambda one: getattr(one, "effect", "") == "rejects-file"),
        (["--basis", "advice"], lambda one: one.basis == "advice"),
        (["--select", "m0010"], lambda one: one.id.startswith("M0010")),
        (
            ["--select", "MSD101-", "--select", "baby-"],
            lambda one: one.id.startswith(("MSD101-", "baby-")),
        ),
        (
            ["--scheme", "cnst-sa2"],
            lambda one: one.id in SAFETY_ACTION_2 or getattr(one, "family", "") == "CQIM_Rate",
        ),
        (
            ["--table", "MSD001", "--effect", "warning", "--basis", "analogy"],
            lambda one: (
                (one.table, getattr(one, "effect", ""), one.basis)
                == ("MSD001MotherDemog", "warning", "analogy")
            ),
        ),
        (["--all"], lambda one: True),
    ],
)
def test_rules_list_has_what_its_options_choose_and_nothing_else(options, wanted, run, rules):
    ran = run("rules", "list", *options)
    assert (ran.code, ran.err) == (0, "")
    ids = {one.id for one in rules.declared if wanted(one)}
    assert sorted(ids_listed(ran)) == sorted(ids)
    assert f"{len(ids):,} shown {count(rules)}" in ran.out


def test_rules_list_says_how_many_rules_there_are_that_it_does_not_show(run, rules):
    ran = run("rules", "list")
    assert count(rules) in ran.out
    assert "add --all" in ran.out
    assert "add --all" not in run("rules", "list", "--all").out


def test_rules_list_of_nothing_says_so(run, rules):
    ran = run("rules", "list", "--select", "nothing-is-called-this")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"0 shown {count(rules)}")
    assert "Nothing is so." in ran.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--table", "MSD999"], "There is no table of that name."),
        (["--effect", "rejects"], "--effect cannot be rejects."),
        (["--basis", "hearsay"], "--basis cannot be hearsay."),
        (["--scheme", "cnst"], "There is no scheme cnst."),
    ],
)
def test_rules_list_refuses_words_that_mean_nothing(options, said, run):
    ran = run("rules", "list", *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("MSD000-01", ["reporting period starts", "EXTRACT(DAY", "the second of August"]),
        ("mother-ethnicity-stated", ["women booked", "lower case is not a code", "ETH-01"]),
        ("ETH-01", ["90 %", "mother-ethnicity-stated"]),
        ("SA2-ethnicity", ["90 %", "mother-ethnicity-stated"]),
        ("cnst-sa2-y7", ["SA2-ethnicity"]),
        ("ethnicity", ["ETH-01", "ETH-06"]),
        ("M000010-blank", ["DATA SET VERSION NUMBER"]),
        ("CQIMDQ04", ["at least 70 %", "CQIMSmokingBooking", "MSD202CareActivityPreg"]),
        ("births", ["BirthsInLabour", "MSD301LabourDelivery"]),
    ],
)
def test_rules_show_explains_whatever_has_an_id(id, words, run):
    ran = run("rules", "show", id)
    assert (ran.code, ran.err) == (0, "")
    assert all(word in ran.out for word in words)


PARTS = [
    "What it is",
    "Why it matters",
    "What to do in the maternity system",
    "What happens to a record that fails",
    "Where it comes from",
    "Who asks for it",
    "For those who read SQL",
    "Since",
]


@pytest.mark.parametrize(
    "id", ["MSD101-03", "mother-ethnicity-stated", "M001010-blank", "CQIMDQ04", "CQIMPPH"]
)
def test_a_page_says_what_matters_to_a_midwife_first_and_sql_last(id, run):
    lines = run("rules", "show", id).out.splitlines()
    places = [[line.startswith(part) for line in lines].index(True) for part in PARTS]
    assert places == sorted(places)


def test_a_page_says_what_happens_to_a_record_in_words_and_how_that_is_known(run):
    text = " ".join(run("rules", "show", "MSD101-05").out.split())
    assert "The record would be rejected, and with it what belongs to it (rejects-record)." in text
    assert "This is known by analogy with the sister data sets IAPT and MHSDS" in text


def test_a_rule_is_found_by_the_id_it_had_before(run, rules):
    assert rules.records["M101901-orphan"].formerly == ("MSD101-02",)
    ran = run("rules", "show", "msd101-02")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("MSD101-02 is now M101901-orphan.\n\nM101901-orphan  ")
    assert "Its id was MSD101-02 before." in ran.out


@pytest.mark.parametrize(
    ("id", "near"),
    [
        ("MSD101-33", "MSD101-[0-9]3"),
        ("mother-etnicity-stated", "mother-ethnicity-stated"),
        ("ethnicty", "ethnicity"),
        ("SA2-etnicity", "SA2-ethnicity"),
        ("age-at-boking-plausible", "MSD101-03"),
    ],
)
def test_an_id_that_nothing_has_brings_those_that_are_like_it(id, near, run):
    ran = run("rules", "show", id)
    assert (ran.code, ran.out) == (2, "")
    assert re.search(rf"^Hint: Perhaps: .*\b{near}\b", ran.err, re.M)


def test_an_id_that_nothing_is_like_brings_the_list(run):
    ran = run("rules", "show", "%%%")
    assert (ran.code, ran.out) == (2, "")
    assert "Hint: See: msds-audit rules list" in ran.err


@cache
def shown(id):
    return page(packaged(), id)


def test_no_page_is_wider_than_a_screen_of_80_columns(rules):
    wide = [
        (one.id, line)
        for one in rules.declared
        for line in shown(one.id).splitlines()
        if len(line) > 80 and " " in line.strip() and "'" not in line
    ]
    assert wide == []


def test_what_sql_has_in_quotes_stays_on_one_line(rules):
    assert "INTERVAL\n           '61 years'" in page(rules, "MSD101-03")


def test_every_id_there_is_can_be_shown(rules):
    ids = [*rules.records, *rules.measures, *rules.schemes]
    ids += [criterion.id for scheme in rules.schemes.values() for criterion in scheme.criteria]
    assert [id for id in ids if id not in (shown(id) or "")] == []


def test_the_packaged_rules_have_no_faults(run, rules, monkeypatch):
    """Those generated are looked at too; that nothing is wrong with any, the tests of lint say."""
    looked_at = []
    monkeypatch.setattr(
        "msds_audit.api.proving.faults_in",
        lambda _, *, generated: looked_at.append(generated) or [],
    )
    ran = run("rules", "check")
    assert looked_at == [True]
    assert (ran.code, ran.err) == (0, "")
    assert "No faults" in ran.out
    assert f"{sum(bool(rule.file) for rule in rules.records.values())} written" in ran.out


def test_a_rule_of_ones_own_is_added_and_judged(run, fixtures, tmp_path):
    folder = records(tmp_path, rule())
    assert run("rules", "check", folder).code == 0
    assert "A rule of our own" in run("rules", "show", "OURS-01", "--rules", folder).out
    ran = run("check", fixtures / "clean", "--rules", folder, "--format", "json")
    [card] = json.loads(ran.out)["scorecards"]
    [judged] = [one for one in card["rules"] if one["rule"] == "OURS-01"]
    assert (judged["numerator"], judged["denominator"]) == (40, 40)


def test_an_id_used_twice_in_ones_own_files_is_a_fault(run, tmp_path):
    ran = run("rules", "check", records(tmp_path, rule("OURS-01"), rule("OURS-01")))
    assert ran.code == 3
    assert "OURS-01" in ran.err
    assert "twice" in ran.err


@pytest.fixture
def own_copy(tmp_path):
    """A copy of the packaged rules, whose pages may be written."""
    return shutil.copytree(packaged_rules(), tmp_path / "rules")


def contents(folder):
    return {file: file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_rules_docs_writes_a_page_with_every_written_rule(run, rules, own_copy):
    before = contents(own_copy)
    for name in ("pages", "schema"):
        shutil.rmtree(own_copy / name)
    (own_copy / "README.md").unlink()
    ran = run("rules", "docs", own_copy)
    assert (ran.code, ran.out) == (0, "")
    assert contents(own_copy) == before
    text = (own_copy / "README.md").read_text(encoding="utf-8")
    assert all(rule.id in text for rule in rules.records.values() if not rule.generated)
    assert all(id in text for id in [*rules.measures, *rules.schemes])


@pytest.fixture
def read_already(monkeypatch, rules):
    """What is in a folder is read already, as the packaged rules are."""
    monkeypatch.setattr("msds_audit.api.load_rules", lambda folder: rules)


@pytest.mark.usefixtures("read_already")
def test_rules_docs_takes_away_its_own_old_pages_and_no_others(run, own_copy):
    before = contents(own_copy)
    old, ours = own_copy / "pages" / "MSD999.md", own_copy / "pages" / "notes.md"
    old.write_bytes((own_copy / "pages" / "MSD101.md").read_bytes())
    ours.write_text("Our own notes.", encoding="utf-8")
    ran = run("rules", "docs", own_copy)
    assert (ran.code, ran.out) == (0, "")
    assert "took 1 away" in ran.err
    assert contents(own_copy) == {**before, ours: b"Our own notes."}


@pytest.mark.usefixtures("read_already")
def test_rules_docs_writes_nothing_where_one_page_cannot_be_written(run, own_copy):
    shutil.rmtree(own_copy / "pages")
    (own_copy / "pages" / "MSD901.md").mkdir(parents=True)
    before = contents(own_copy)
    ran = run("rules", "docs", own_copy)
    assert (ran.code, ran.out) == (5, "")
    assert "MSD901.md is a folder." in ran.err
    assert contents(own_copy) == before


@pytest.mark.parametrize("kind", ["records", "measures", "schemes", "related", "concepts"])
def test_rules_schema_prints_a_schema(kind, run):
    ran = run("rules", "schema", "--kind", kind)
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)["$schema"].endswith("2020-12/schema")
    assert run("rules", "schema").out == run("rules", "schema", "--kind", "records").out


def test_rules_schema_of_no_kind_of_file_says_which_there_are(run):
    ran = run("rules", "schema", "--kind", "codes")
    assert (ran.code, ran.out) == (2, "")
    assert "records, measures, schemes, related" in ran.err


@pytest.mark.parametrize("name", ["MSD001MotherDemog", "msd001motherdemog", "MSD001", "msd001"])
def test_spec_show_finds_a_table(name, run, rules):
    ran = run("spec", "show", name)
    assert (ran.code, ran.err) == (0, "")
    assert all(item in ran.out for item in rules.spec.tables["MSD001MotherDemog"].by_name)


def test_spec_show_finds_an_item_by_name_or_uid(run, rules):
    item = rules.spec.tables["MSD001MotherDemog"].by_name["EthnicCategoryMother"]
    for name in (item.name, item.name.lower(), item.uid, item.uid.lower(), item.path):
        ran = run("spec", "show", name)
        assert (ran.code, ran.err) == (0, "")
        assert item.uid in ran.out
        assert all(code in ran.out for code in item.codes.permitted)


def test_spec_show_shows_every_item_of_a_name(run, rules):
    ran = run("spec", "show", "LPIDMother")
    uids = [item.uid for item in rules.spec.items if item.name == "LPIDMother"]
    assert len(uids) > 1
    assert all(uid in ran.out for uid in uids)


def test_a_sample_can_be_checked(run, tmp_path):
    ran = run("sample", tmp_path / "out", "--story", "clean", "--period", "2025-12")
    assert (ran.code, ran.out) == (0, "")
    assert "msds-audit check" in ran.err
    assert run("check", tmp_path / "out", "-q").code == 0


def test_a_sample_is_not_written_over_files(run, tmp_path):
    (tmp_path / "kept.csv").write_text("kept", encoding="utf-8")
    ran = run("sample", tmp_path)
    assert (ran.code, ran.out) == (5, "")
    assert NO_AUDIT not in ran.err
    assert [file.name for file in tmp_path.iterdir()] == ["kept.csv"]


# --- documented facts ---------------------------------------------------------------------

PUBLISHED = {
    "RJ6": (240 + 815 + 720 + 180 + 1220) / 3190,
    "RVR": (165 + 605 + 210 + 140 + 2270) / 3430,
    "RAX": (500 + 365 + 90 + 85 + 2245) / 3740,
    "RJ7": (390 + 805 + 500 + 185 + 2080) / 4310,
}
"""NHS Maternity Statistics 2023-24: deliveries by Asian, Black, mixed, other and white over all,
those not known, not stated and missing included. Counts are rounded to 5."""


def scorecards(run, extract):
    ran = run("check", extract, "--format", "json")
    return ran.code, json.loads(ran.out)["scorecards"]


@pytest.fixture(scope="module")
def four_trusts(fixtures):
    asked = ["msds-audit", "check", str(fixtures / "south-west-london"), "--format", "json"]
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(io.StringIO()) as out,
        pytest.raises(SystemExit) as left,
    ):
        patch.setattr("msds_audit.api.check", checked)
        patch.setattr(sys, "argv", asked)
        main()
    return left.value.code, json.loads(out.getvalue())["scorecards"]


def outcomes(card):
    return {(line["scheme"], line["criterion"]): line["outcome"] for line in card["criteria"]}


@pytest.mark.usefixtures("audited_once")
def test_the_clean_extract_meets_everything(run, fixtures):
    code, [card] = scorecards(run, fixtures / "clean")
    assert code == 0
    assert card["notices"] == []
    assert "not met" not in outcomes(card).values()
    assert "not assessed" not in outcomes(card).values()
    assert sum(rule["failures"] for rule in card["rules"]) == 0
    assert card["unrecognised"] == []


@pytest.mark.usefixtures("audited_once")
def test_the_broken_extract_breaks_every_rule(run, fixtures, rules):
    code, [card] = scorecards(run, fixtures / "every-rule-broken")
    assert code == 1
    assert {rule["rule"] for rule in card["rules"] if rule["failures"]} == breakable(rules)


@pytest.mark.parametrize("extract", ["empty-tables", "missing-tables"])
def test_nothing_that_was_not_looked_at_is_met(extract, run, fixtures, rules):
    code, [card] = scorecards(run, fixtures / extract)
    assert code == 1
    assert "not assessed" in outcomes(card).values()
    for line in card["criteria"]:
        if line["outcome"] == "met":
            assert line["denominator"], line["criterion"]
        if line["outcome"] == "not assessed":
            assert line["reason"]
    for judged in card["rules"]:
        if not card["tables"].get(judged["table"]) and rules.records[judged["rule"]].occurs is None:
            assert judged["denominator"] is None, judged["rule"]
            assert judged["reason"]


@pytest.mark.usefixtures("audited_once")
def test_empty_tables_are_told_and_missing_ones_too(run, fixtures):
    empty = run("check", fixtures / "empty-tables").out
    assert "MSD101" in empty
    assert "empty" in empty or "no rows" in empty
    missing = run("check", fixtures / "missing-tables").out
    assert "MSD101" in missing
    assert "not in this extract" in missing
    assert "NOT ASSESSED" in empty.upper()
    assert "NOT ASSESSED" in missing.upper()


def test_south_west_london_is_four_cards_worst_first(four_trusts):
    code, cards = four_trusts
    assert code == 1
    assert {card["provider"] for card in cards} == set(PUBLISHED)
    assert {card["period"] for card in cards} == {"2026-08"}
    not_met = [list(outcomes(card).values()).count("not met") for card in cards]
    assert not_met == sorted(not_met, reverse=True)


@pytest.mark.usefixtures("audited_once")
def test_the_terminal_has_the_four_trusts_in_the_same_order(four_trusts, run, fixtures):
    out = run("check", fixtures / "south-west-london").out
    places = [out.index(card["provider"]) for card in four_trusts[1]]
    assert places == sorted(places)
    assert "87.8 %" in out


def test_kingston_alone_misses_nine_in_ten_ethnic_categories(four_trusts):
    for card in four_trusts[1]:
        found = outcomes(card)
        wanted = "not met" if card["provider"] == "RAX" else "met"
        assert found["ethnicity", "ETH-01"] == wanted
        assert found["cnst-sa2-y7", "SA2-ethnicity"] == wanted


@pytest.mark.parametrize("code", PUBLISHED)
def test_the_stated_rate_is_within_a_point_of_the_published_one(code, four_trusts):
    [card] = [card for card in four_trusts[1] if card["provider"] == code]
    [line] = [line for line in card["criteria"] if line["criterion"] == "ETH-01"]
    rate = line["numerator"] / line["denominator"]
    assert rate == pytest.approx(PUBLISHED[code], abs=0.01)
    assert line["outcome"] == ("met" if PUBLISHED[code] >= 0.9 else "not met")


@pytest.mark.usefixtures("audited_once")
def test_the_columns_of_csv_are_as_documented(run, fixtures):
    out = run("check", fixtures / "south-west-london", "--format", "csv").out
    assert out.splitlines()[0] == (
        "provider,provider_name,period,scheme,criterion,title,outcome,"
        "numerator,denominator,rate,threshold,verified,reason,asks,margin"
    )
    lines = list(csv.DictReader(io.StringIO(out)))
    assert {line["provider"] for line in lines} == set(PUBLISHED)
    assert all(None not in line and None not in line.values() for line in lines)
    for line in lines:
        if line["rate"]:
            assert 0 <= float(line["rate"]) <= 1
            wanted = int(line["numerator"]) / int(line["denominator"])
            assert float(line["rate"]) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.usefixtures("audited_once")
def test_the_same_extract_gives_the_same_bytes_every_time(run, fixtures):
    asked = ("check", fixtures / "every-rule-broken", "--format", "json")
    assert started(*asked, PYTHONHASHSEED="1") == run(*asked)


# --- rules of one's own that would weaken the audit ---------------------------------------

SCHEME = """
id = "loc"
family = "loc"
title = "t"
about = "a"
source = "s"
order = 9
default = false
"""
WATCHING = """
[[criterion]]
id = "L1"
section = "s"
measure = "disability-answered"
watch = "{item}"
"""


def overlay(folder, **files):
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("item", ["Postcode", "NHSNumberMother", "LPIDMother"])
def test_an_item_that_tells_who_somebody_is_cannot_be_watched(item, run, tmp_path):
    scheme = SCHEME + WATCHING.format(item=f"MSD001MotherDemog.{item}")
    ran = run("rules", "check", overlay(tmp_path, schemes__l=scheme))
    assert ran.code == 3
    assert "no closed code list" in ran.err


def test_a_criterion_cannot_be_replaced_within_its_scheme(run, tmp_path):
    twice = WATCHING.format(item="MSD101PregnancyBooking.DisabilityIndMother") * 2
    ran = run("rules", "check", overlay(tmp_path, schemes__l=SCHEME + twice))
    assert ran.code == 3
    assert "used twice" in ran.err


def test_a_rule_file_in_a_wrong_place_is_told(run, rules, tmp_path):
    good = WATCHING.format(item="MSD101PregnancyBooking.DisabilityIndMother")
    folder = overlay(tmp_path, schemes__l=SCHEME + good, scheme__m="x = 1", schemes__sub__n="x = 1")
    ran = run("check", tmp_path, "--rules", folder)
    assert ran.code == 3
    assert ran.err.count("not where rule files are read") == 2


def test_rules_that_ask_for_nothing_are_no_pass(run, fixtures, tmp_path):
    shutil.copytree(packaged_rules() / "spec", tmp_path / "spec")
    ran = run("check", fixtures / "every-rule-broken", "--rules", tmp_path, "-q")
    assert ran.code == 2
    assert "--scheme" in ran.err


# --- convert ------------------------------------------------------------------------------


def test_a_database_is_converted_and_what_comes_next_is_said(run, fixtures, tmp_path):
    ran = run("convert", fixtures / "access" / "rj7_2026-08.accdb", tmp_path / "out")
    assert (ran.code, ran.out) == (0, "")
    assert "32 tables, 892 rows" in ran.err
    assert "people's data" in ran.err
    assert f"msds-audit check {tmp_path / 'out'}" in ran.last
    assert len(list((tmp_path / "out").glob("*.csv"))) == 32


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--to", "xlsx"], 2, "--to cannot be xlsx"),
        ([], 5, "not an empty folder"),
    ],
)
def test_a_conversion_that_cannot_be_made_says_why(arguments, code, said, run, fixtures, tmp_path):
    (tmp_path / "kept.csv").write_text("kept")
    ran = run("convert", fixtures / "clean", tmp_path, *arguments)
    assert ran.code == code
    assert said in ran.err
    assert [file.name for file in tmp_path.iterdir()] == ["kept.csv"]


def test_what_cannot_be_read_is_not_converted(run, tmp_path):
    (tmp_path / "RJ7.accdb").write_bytes(b"")
    ran = run("convert", tmp_path / "RJ7.accdb", tmp_path / "out")
    assert ran.code == 4
    assert "RJ7.accdb is not an Access database" in ran.err
    assert not (tmp_path / "out").exists()


# --- rules diff ---------------------------------------------------------------------------


def test_rules_diff_tells_what_a_folder_adds_to_the_packaged_rules(run, tmp_path):
    ran = run("rules", "diff", "packaged", records(tmp_path, rule()))
    assert (ran.code, ran.err) == (0, "")
    assert "judgement can" in ran.out
    assert "  rule OURS-01 added: A rule of our own\n" in ran.out
    assert "Added: 1 rule." in ran.out


def test_rules_diff_compares_with_the_packaged_rules_unless_told(run):
    ran = run("rules", "diff", "packaged")
    assert (ran.code, ran.err) == (0, "")
    assert "no differences" in ran.out


def test_rules_diff_of_no_folder_says_so(run, tmp_path):
    ran = run("rules", "diff", tmp_path / "none")
    assert (ran.code, ran.out, ran.last) == (3, "", NO_AUDIT)
    assert "there is no such folder." in ran.err


# --- outputs and inputs -------------------------------------------------------------------


@pytest.mark.parametrize(
    "out",
    [
        "extract/MSD000Header.csv",
        "extract/new.csv",
        "extract",
        "hes.csv",
        "rules/records/x.toml",
    ],
)
def test_nothing_is_written_over_what_is_read(out, run, fixtures, tmp_path, monkeypatch):
    shutil.copytree(fixtures / "missing-tables", tmp_path / "extract")
    (tmp_path / "rules" / "records").mkdir(parents=True)
    (tmp_path / "hes.csv").write_text("provider,annual_deliveries\nRJ7,168\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    asked = ("--hes-deliveries", "hes.csv", "--rules", "rules", "--format", "dq-csv")
    ran = run("check", "extract", *asked, "--out", out)
    assert ran.code == 2
    assert "is, or lies in, what is read." in ran.err
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before
    assert run("vodim", "extract", "--out", "extract/vodim.csv").code == 2


def test_a_report_that_would_be_read_as_a_table_does_not_go_into_the_extract(
    run, fixtures, tmp_path
):
    shutil.copytree(fixtures / "missing-tables", tmp_path / "extract")
    out = tmp_path / "extract" / "MSD101PregnancyBooking.txt"
    assert run("check", tmp_path / "extract", "--format", "markdown", "--out", out).code == 2
    assert not out.exists()


def test_a_report_that_no_extract_could_hold_may_lie_beside_its_tables(run, fixtures, tmp_path):
    shutil.copytree(fixtures / "missing-tables", tmp_path / "extract")
    ran = run("check", tmp_path / "extract", "--out", tmp_path / "extract" / "card.json")
    assert ran.code == 1
    assert json.loads((tmp_path / "extract" / "card.json").read_text("utf-8"))["scorecards"]


@pytest.mark.parametrize("words", [("check", ""), ("fix-list", "--out", "list.csv", "--", "")])
def test_a_path_left_empty_is_not_the_current_folder(words, run, fixtures, monkeypatch):
    monkeypatch.chdir(fixtures / "clean")
    ran = run(*words)
    assert (ran.code, ran.err.splitlines()[0]) == (2, "Error: A path is empty.")


@pytest.mark.parametrize("option", ["--month", "--period"])
def test_a_month_left_empty_is_no_month(option, run, fixtures):
    ran = run("check", fixtures / "clean", option, "")
    assert ran.code == 2
    assert f"{option} cannot be empty." in ran.err


# --- what to do next ----------------------------------------------------------------------


def test_a_folder_with_spaces_can_be_pasted_into_the_next_command(run, tmp_path):
    ran = run("sample", tmp_path / "a b", "--story", "clean")
    assert ran.err.rstrip().endswith(f'msds-audit check "{tmp_path / "a b"}"')


def test_where_patients_would_be_rejected_the_next_command_shows_the_rule_that_does_it():
    [card] = checked([FIXTURES / "south-west-london" / "RJ7"])
    assert "Next: msds-audit rules show M101130-format" in to_terminal([card])


def test_a_rule_that_is_not_known_may_be_one_of_a_folder(run):
    ran = run("rules", "show", "LOCAL-01")
    assert ran.code == 2
    assert "One of your own is shown with --rules and its folder." in ran.err
