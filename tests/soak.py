"""A long run of odd inputs, `make soak`: it ends by itself and says what was tried and what failed.

    python tests/soak.py [--seconds 300] [--seed 1] [--out soak.json] [--one "AREA:NUMBER"]

Inputs follow from the seed, so that `--one` tries a failure again. A failure is anything raised but
MsdsAuditError, an invariant that is broken, an input that takes longer than 20 seconds, or the end
of the process. Inputs run in a process of their own, which is replaced when it ends or hangs.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
import traceback
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

LONGEST = 20.0
"""Seconds that one input may take."""

_STARTING = 120.0
"""Seconds that the process may take to import and to read the rules."""

MOST_TOLD = 20
"""So many failures of one area are kept in words."""


@dataclass
class Tried:
    """What came of one area."""

    inputs: int = 0
    refused: int = 0
    failures: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    told: list[str] = field(default_factory=list)


def once(area: str, number: int, seed: int) -> str:
    """Try one input: empty where it was taken, `refused`, or a failure in words."""
    from msds_audit.errors import MsdsAuditError
    from soak_areas import AREAS

    chance = random.Random(f"{seed}:{area}:{number}")
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        try:
            AREAS[area][0](chance, Path(folder))
        except MsdsAuditError as error:
            return "refused" if error.exit_code != 70 else f"exit code 70: {error.sentence}"
        except BaseException as error:  # a panic inside Polars is no Exception
            if isinstance(error, KeyboardInterrupt):
                raise
            last = traceback.extract_tb(error.__traceback__)[-1]
            words = " ".join(str(error).split())[:300]
            return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}: {words}"
    return ""


def worker(pipe: Connection, seed: int) -> None:
    """Try what is sent, one after another, and send back what came of each."""
    from soak_areas import parse_once
    from support import packaged

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where Polars tells of its panics
    parse_once()
    packaged()
    pipe.send("")
    while (given := pipe.recv()) is not None:
        pipe.send(once(*given, seed))


class Process:
    """The process that inputs run in, started again where it ended or hangs."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=worker, args=(theirs, self._seed), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(_STARTING):
            raise SystemExit("The process that tries inputs does not start.")
        self._pipe.recv()

    def tried(self, area: str, number: int) -> str:
        """What came of one input."""
        try:
            self._pipe.send((area, number))
            if self._pipe.poll(LONGEST + 5):
                return str(self._pipe.recv())
            found = "it hangs"
        except (EOFError, OSError):
            self._process.join(5)
            found = f"the process ended with {self._process.exitcode}"
        self.end()
        self._start()
        return found

    def end(self) -> None:
        """End the process, and nothing else."""
        self._process.kill()
        self._process.join(10)
        self._pipe.close()


def soak(seconds: float, seed: int) -> dict[str, Tried]:
    """Try inputs of every area, by its share, until time is up; one of each at least."""
    from soak_areas import AREAS

    found = {area: Tried() for area in AREAS}
    process = Process(seed)
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end or not all(one.inputs for one in found.values()):
            area = min(found, key=lambda name: found[name].seconds / AREAS[name][1])
            one = found[area]
            began = time.monotonic()
            what = process.tried(area, one.inputs)
            took = time.monotonic() - began
            if what in ("", "refused") and took > LONGEST:
                what = f"it took {took:.0f} s"
            _note(one, what, took)
    finally:
        process.end()
    return found


def _note(one: Tried, what: str, took: float) -> None:
    if what == "refused":
        one.refused += 1
    elif what:
        one.failures += 1
        if len(one.told) < MOST_TOLD:
            one.told.append(f"{one.inputs}: {what}")
    one.inputs += 1
    one.seconds += took
    one.slowest = max(one.slowest, took)


def table(found: dict[str, Tried]) -> str:
    """What was tried, a line for each area, and what failed."""
    head = f"{'area':<20}{'inputs':>9}{'refused':>9}{'failures':>10}{'seconds':>9}{'slowest':>9}"
    lines = [head]
    total = Tried()
    for area, one in found.items():
        lines.append(_line(area, one))
        total.inputs += one.inputs
        total.refused += one.refused
        total.failures += one.failures
        total.seconds += one.seconds
        total.slowest = max(total.slowest, one.slowest)
    lines.append(_line("together", total))
    lines += [f"{area}:{text}" for area, one in found.items() for text in one.told]
    return "\n".join(lines) + "\n"


def _line(area: str, one: Tried) -> str:
    counts = f"{one.inputs:>9,}{one.refused:>9,}{one.failures:>10,}"
    return f"{area:<20}{counts}{one.seconds:>9.0f}{one.slowest:>9.1f}"


def main() -> int:
    """Soak, print the table and write the JSON; 1 where anything failed."""
    options = argparse.ArgumentParser(description="Try odd inputs until time is up.")
    options.add_argument("--seconds", type=float, default=300)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--out", type=Path)
    options.add_argument("--one", help='One input alone, as "zip:17".')
    given = options.parse_args()
    if given.one:
        from soak_areas import AREAS

        area, _, number = given.one.rpartition(":")
        AREAS[area][0](
            random.Random(f"{given.seed}:{area}:{number}"), Path(tempfile.mkdtemp(prefix="soak-"))
        )
        return 0
    found = soak(given.seconds, given.seed)
    sys.stdout.write(f"Seed {given.seed}, {given.seconds:.0f} seconds.\n{table(found)}")
    if given.out is not None:
        content = {"seed": given.seed, "areas": {name: asdict(one) for name, one in found.items()}}
        given.out.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return int(any(one.failures for one in found.values()))


if __name__ == "__main__":
    sys.exit(main())
