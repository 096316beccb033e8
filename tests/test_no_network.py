"""Tests that no command reaches for the network, changes an input, or writes outside its place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from every_command import REPORTS, Places, command_of, documented, extract_of, state_of

WATCHING = """
import json, os, sys
reached, written, codes = [], [], {}
CHANGES = ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.chmod")

def watch(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "webbrowser.", "subprocess.", "os.system")):
        reached.append(event)
        raise RuntimeError("not here")
    if event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR):
        if not isinstance(arguments[0], int):
            written.append(os.fspath(arguments[0]))
    if event in CHANGES or event.startswith("tempfile."):
        written.append(os.fspath(arguments[0] or ""))

sys.addaudithook(watch)
from msds_audit.cli import main
runs = json.load(sys.stdin)
for name, words in runs.items():
    sys.argv = ["msds-audit", *words]
    try:
        main()
    except SystemExit as left:
        codes[name] = left.code
open_now = []
for fd in (os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []):
    try:
        open_now.append(os.readlink("/proc/self/fd/" + fd))
    except OSError:
        pass
print(json.dumps({
    "reached": reached,
    "sockets": [one for one in open_now if one.startswith("socket:")],
    "written": sorted(set(written)),
    "codes": codes,
}))
"""


@pytest.fixture(scope="module")
def watched(fixtures, tmp_path_factory):
    """Every command in one process that watches itself; all inputs before and after."""
    folder = tmp_path_factory.mktemp("watched")
    small = fixtures / "missing-tables"
    old = extract_of(small, folder / "old")
    places = Places.made(extract_of(small, folder / "extract"), old, folder)
    around = [folder / name for name in ("temporary", "home", "here")]
    for one in around:
        one.mkdir()
    before = state_of(places.extract, places.other, places.inputs, *around)
    summary = places.out / "summary.md"
    done = subprocess.run(
        [sys.executable, "-B", "-c", WATCHING],
        input=json.dumps(places.runs),
        capture_output=True,
        check=False,
        encoding="utf-8",
        cwd=around[2],
        env={
            **os.environ,
            **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(around[0])),
            **dict.fromkeys(("HOME", "USERPROFILE"), str(around[1])),
            "GITHUB_STEP_SUMMARY": str(summary),
            "PYTHONIOENCODING": "utf-8",
        },
    )
    assert "Traceback" not in done.stderr
    after = state_of(places.extract, places.other, places.inputs, *around)
    return places, json.loads(done.stdout.splitlines()[-1]), before, after


def test_every_documented_command_is_run(watched):
    assert documented() <= {command_of(words) for words in watched[0].runs.values()}


def test_every_command_does_what_it_is_for(watched):
    """A command that failed at once would touch nothing either."""
    places, found, _, _ = watched
    not_met = {"check, every format", "check, github"}
    assert {name for name, code in found["codes"].items() if code == 1} == not_met
    assert {code for name, code in found["codes"].items() if name not in not_met} == {0}
    names = {path.name for path in places.out.iterdir()}
    assert {*REPORTS, "list.xlsx", "list.csv", "compare.json", "vodim.csv", "summary.md"} <= names
    assert {"as-csv", "parquet", "rules", "sample"} <= names


def test_no_command_reaches_for_the_network_or_another_program(watched):
    assert watched[1]["reached"] == []
    assert watched[1]["sockets"] == []


def test_no_command_changes_what_it_reads_or_leaves_anything_beside_it(watched):
    """Temporary files are among these: the time of a folder tells that a file was in it."""
    _, _, before, after = watched
    assert after == before


def test_no_command_writes_outside_the_place_that_it_was_given(watched):
    places, found, _, _ = watched
    below = str(places.out)
    elsewhere = [path for path in found["written"] if not path.startswith(below)]
    assert [path for path in elsewhere if Path(path) != Path(os.devnull)] == []
