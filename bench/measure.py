"""Runs what is measured, each time in a process of its own, and says what it took.

Nothing large is imported here: a process begins with the memory of the one that starts it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".bench"
PYTHON = sys.executable
PEERS = CACHE / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"


class NotMeasuredError(Exception):
    """Something is missing that a measurement needs; the text says what."""


@dataclass(frozen=True)
class Run:
    """What one process took: seconds of the wall and of the processors, and MB at most.

    `told` is what it said of itself in JSON, on the last line that it printed.
    """

    wall: float
    cpu: float
    peak: float
    told: Mapping[str, Any]

    @property
    def work(self) -> float:
        """The seconds of its work as it tells: without starting, importing and reading rules."""
        return float(self.told.get("wall", self.wall))

    @property
    def work_cpu(self) -> float:
        """The same, of the processors."""
        return float(self.told.get("cpu", self.cpu))


class TooLongError(Exception):
    """Something did not end in the time it was given."""


def run(command: Sequence[str | Path], *, most_seconds: float = 6 * 3600) -> Run:
    """Run a command to its end.

    Raises NotMeasuredError where it fails, and TooLongError where it was stopped for taking longer
    than it may.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env=_environment(),
            stdout=out,
            stderr=errors,
        )
        stopping = threading.Timer(most_seconds, process.kill)
        stopping.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        stopping.cancel()
        process.returncode = code = os.waitstatus_to_exitcode(status)
        if wall >= most_seconds:
            raise TooLongError
        if code:
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace").strip().splitlines()[-3:]
            shown = " ".join(str(part) for part in command[:4])
            raise NotMeasuredError(f"{shown} ... left with {code}: {' / '.join(said)}")
        out.seek(max(0, out.seek(0, os.SEEK_END) - (1 << 20)))
        last = out.read().decode("utf-8", "replace").strip().splitlines()[-1:]
    told = json.loads(last[0]) if last and last[0].startswith("{") else {}
    in_mb = used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)
    return Run(wall, used.ru_utime + used.ru_stime, in_mb, told)


def _environment() -> dict[str, str]:
    """What a process of the bench finds set; modules stay compiled, as they are once installed."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "NO_COLOR": "1"}


def in_turns(
    commands: Mapping[str, Sequence[str | Path]], rounds: int, *, warm: bool = True
) -> dict[str, list[Run]]:
    """Every command so many times, in turns, so that what else is going on is in the way of all.

    Unless told otherwise each runs once before, which is not counted: files are then in memory.
    """
    if warm:
        for command in commands.values():
            run(command)
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(run(command))
    return runs


def median(runs: Sequence[Run], of: Callable[[Run], float]) -> float:
    """The median of some figure."""
    return statistics.median(of(one) for one in runs)


def data(*arguments: str | int) -> Path:
    """The folder of data that `bench.data` prepares."""
    command = [PYTHON, "-m", "bench.data", *map(str, arguments), "--cache", str(CACHE)]
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(), capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise NotMeasuredError(f"the data was not written: {done.stderr.strip().splitlines()[-1:]}")
    return Path(done.stdout.strip().splitlines()[-1])


def probe(name: str, *arguments: str | Path) -> list[str | Path]:
    """The command that runs a probe."""
    return [PYTHON, "-m", f"bench.probes.{name}", *arguments]


def peer(name: str, folder: Path) -> list[str | Path]:
    """The command that runs the checks in another tool.

    Raises NotMeasuredError where the environment of the other tools is not there.
    """
    python = Path(PYTHON) if name == "with_pandera" else PEERS
    if not python.exists():
        raise NotMeasuredError("the other tools are not installed: make bench does that")
    return [python, "-W", "ignore", "-m", f"bench.peers.{name}", folder]


def size(folder: Path) -> int:
    """The bytes of all tables below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*.csv"))


def rows(folder: Path) -> dict[str, int]:
    """The rows of every table of a folder."""
    counts = {}
    for file in sorted(folder.glob("*.csv")):
        with file.open("rb") as lines:
            counts[file.stem] = sum(
                part.count(b"\n") for part in iter(lambda: lines.read(1 << 24), b"")
            )
    return {name: count - 1 for name, count in counts.items()}


def load(seconds: float = 2.0) -> float:
    """How many processors other things keep busy while nothing of ours runs.

    The load that the system tells is of the minute before, and of our own last case too; it is
    only what is told where there is nothing better.
    """
    stat = Path("/proc/stat")
    if not stat.exists():
        return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0
    before = _used(stat)
    time.sleep(seconds)
    return round((_used(stat) - before) / seconds, 2)


def _used(stat: Path) -> float:
    """The seconds that processors were at work since the system started."""
    user, nice, system, _, _, *others = map(int, stat.read_text().split()[1:9])
    return (user + nice + system + sum(others)) / os.sysconf("SC_CLK_TCK")


def machine() -> dict[str, str | int | float]:
    """What it is measured on, and how busy that is with other things."""
    versions = subprocess.run(
        [PYTHON, "-c", "import polars, pandera; print(polars.__version__, pandera.__version__)"],
        env=_environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    polars, pandera = versions.stdout.split()
    return {
        "system": os.uname().sysname if hasattr(os, "uname") else sys.platform,
        "processors": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
        if hasattr(os, "sysconf")
        else 0,
        "python": sys.version.split()[0],
        "polars": polars,
        "pandera": pandera,
        "load": load(),
    }
