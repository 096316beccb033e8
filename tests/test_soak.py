"""The long run of odd inputs, for ten seconds: it ends by itself, finds nothing, and can find."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

import soak
import soak_areas
from msds_audit.errors import UsageError

PROGRAM = Path(soak.__file__)


@pytest.mark.slow
def test_a_short_run_ends_by_itself_and_finds_nothing(tmp_path: Path) -> None:
    out = tmp_path / "soak.json"
    command = [sys.executable, str(PROGRAM), "--seconds", "10", "--seed", "3", "--out", str(out)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    areas = json.loads(out.read_text("utf-8"))["areas"]
    assert set(areas) == set(soak_areas.AREAS)
    assert all(one["inputs"] and not one["failures"] for one in areas.values()), areas


def _refuses(chance: random.Random, folder: Path) -> None:
    raise UsageError("No.", hint="No.")


def _breaks(chance: random.Random, folder: Path) -> None:
    raise KeyError("broken")


def _ends(chance: random.Random, folder: Path) -> None:
    os._exit(9)


def _hangs(chance: random.Random, folder: Path) -> None:
    time.sleep(60)


def test_what_is_refused_is_no_failure_and_anything_else_that_is_raised_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    areas = {"refuses": (_refuses, 1), "breaks": (_breaks, 1)}
    monkeypatch.setattr(soak_areas, "AREAS", areas)
    assert soak.once("refuses", 0, 1) == "refused"
    assert soak.once("breaks", 0, 1).startswith("KeyError at test_soak.py:")


@pytest.mark.slow
@pytest.mark.parametrize(("area", "words"), ((_ends, "ended with 9"), (_hangs, "it hangs")))
def test_a_process_that_ends_or_hangs_is_a_failure_and_is_replaced(
    area: soak_areas.Area, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soak, "LONGEST", -4.0)
    monkeypatch.setattr(soak, "worker", broken_worker)
    process = soak.Process(1)
    try:
        assert words in process.tried(area.__name__, 0)
        assert process.tried("quick", 0) == ""
    finally:
        process.end()


def broken_worker(pipe: soak.Connection, seed: int) -> None:
    pipe.send("")
    while given := pipe.recv():
        if given[0] != "quick":
            globals()[given[0]](random.Random(seed), Path())
        pipe.send("")
