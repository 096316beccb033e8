"""What is measured: every case with its data, its rounds and what is asked of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.checks import CHECKS
from bench.lines import Line
from bench.measure import (
    PYTHON,
    NotMeasuredError,
    Run,
    TooLongError,
    data,
    in_turns,
    median,
    peer,
    probe,
    rows,
    run,
    size,
)


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    rounds: int
    women: tuple[int, int]
    growth: tuple[int, int]
    peers: tuple[int, int]
    slow_peer: int
    national: tuple[int, int]
    trust: int
    months: tuple[int, int, int]
    access: int
    most_hours: float


FULL = Sizes(
    rounds=5,
    women=(100_000, 1_000_000),
    growth=(1_000_000, 2_000_000),
    peers=(100_000, 1_000_000),
    slow_peer=100_000,
    national=(600_000, 120),
    trust=50_000,
    months=(15, 60, 50_000),
    access=100_000,
    most_hours=2,
)
QUICK = Sizes(
    rounds=2,
    women=(4_000, 20_000),
    growth=(20_000, 40_000),
    peers=(4_000, 20_000),
    slow_peer=400,
    national=(600, 3),
    trust=5_000,
    months=(2, 4, 600),
    access=4_000,
    most_hours=0.05,
)
MONTH = "2026-08"
PROBES = {
    "with_pandera": "Pandera, validate(lazy=True)",
    "with_dataframely": "dataframely",
    "with_pointblank": "pointblank",
    "sql_in_duckdb": "DuckDB, SQL written by hand",
}
SLOW_PROBE = "with_frictionless"


def _work(one: Run) -> float:
    return one.work


def _cpu(one: Run) -> float:
    return one.work_cpu


def _wall(one: Run) -> float:
    return one.wall


def _peak(one: Run) -> float:
    return one.peak


def _ratio(ours: Sequence[Run], theirs: Sequence[Run], of: Callable[[Run], float]) -> float:
    return median(ours, of) / median(theirs, of)


def _samples(runs: Mapping[str, Sequence[Run]]) -> dict[str, dict[str, list[float]]]:
    """What every run took, by what ran: kept beside the figures."""
    return {
        name: {
            "work_s": [round(one.work, 4) for one in some],
            "work_cpu_s": [round(one.work_cpu, 4) for one in some],
            "process_s": [round(one.wall, 4) for one in some],
            "peak_mb": [round(one.peak, 1) for one in some],
        }
        for name, some in runs.items()
    }


# --- the mother and the booking table -----------------------------------------------------


def women(sizes: Sizes) -> Iterator[Line]:
    """The time of an audit by that of parsing the same files, and its memory."""
    peaks = {}
    for many in sizes.women:
        folder = data("women", many)
        runs = in_turns(
            {"audit": probe("audited", folder), "floor": probe("floor", folder)}, sizes.rounds
        )
        peaks[many] = median(runs["audit"], _peak), size(folder) / 1e6, runs["audit"]
        by_wall = _ratio(runs["audit"], runs["floor"], _work)
        by_cpu = _ratio(runs["audit"], runs["floor"], _cpu)
        seconds = median(runs["audit"], _work)
        yield Line(
            "women",
            f"Audit of mothers and bookings, {many:,} women, by parsing alone",
            by_wall,
            f"{by_wall:.2f} times ({seconds:.2f} s; {by_cpu:.2f} times in CPU)",
            "at most 2.0 times",
            2.0,
            measured=_samples(runs),
        )
    for many in sizes.growth:
        if many in peaks:
            continue
        folder = data("women", many)
        runs = in_turns({"audit": probe("audited", folder)}, sizes.rounds, warm=False)
        peaks[many] = median(runs["audit"], _peak), size(folder) / 1e6, runs["audit"]
    at, then = sizes.growth
    (low, small, runs), (high, large, more) = peaks[at], peaks[then]
    yield Line(
        "women",
        f"Memory at most, {at:,} women",
        low,
        f"{low:,.0f} MB (files of {small:,.0f} MB)",
        "at most 600 MB",
        600.0,
        measured=_samples({"audit": runs}),
    )
    growth = (high - low) / (large - small)
    yield Line(
        "women",
        f"Growth of memory by growth of the files, {at:,} to {then:,} women",
        growth,
        f"{growth:.2f} ({high:,.0f} MB)",
        "less than 0.5",
        0.5,
        measured=_samples({"audit": more}),
    )


# --- all tables of a year of the country --------------------------------------------------


def national(sizes: Sizes) -> Iterator[Line]:
    """All tables of the country, once: that it completes, how fast, in how much memory."""
    bookings, providers = sizes.national
    folder = data("national", bookings, "--count", providers)
    counts = rows(folder)
    what = (
        f"All tables, {providers} trusts, {bookings:,} bookings, "
        f"{counts['MSD202CareActivityPreg']:,} care activities"
    )
    target = "completes in 24 GiB"
    try:
        once = run(probe("by_table", folder, MONTH), most_seconds=sizes.most_hours * 3600)
    except TooLongError:
        said = f"not complete after {sizes.most_hours:g} hours"
        yield Line("national", what, None, said, target, has_failed=True, how="run once.")
        return
    seconds = once.work
    tables = {
        name: {"rows": counts[name], "seconds": round(took, 3)}
        for name, took in once.told["tables"].items()
    }
    total = sum(counts.values())
    yield Line(
        "national",
        what,
        once.peak / 1024,
        f"{total:,} rows in {seconds:,.0f} s, {total / seconds:,.0f} a second; "
        f"{once.peak / 1024:.1f} GiB",
        target,
        24.0,
        how="run once; the rows per second of each table stand in bench/results.json.",
        measured={"tables": tables, **_samples({"audit": [once]})},
    )


# --- other tools --------------------------------------------------------------------------


def peers(sizes: Sizes) -> Iterator[Line]:
    """The same checks of the same data in other tools, in turns with ours."""
    for many in sizes.peers:
        folder = data("women", many)
        commands = {"ours": probe("ours", folder)}
        commands |= {name: peer(name, folder) for name in PROBES}
        runs = in_turns(commands, sizes.rounds)
        yield _own(runs["ours"], many)
        for name, title in PROBES.items():
            yield _beside(runs, name, f"{title}, {many:,} women", name != "sql_in_duckdb")
    folder = data("women", sizes.slow_peer)
    slow = {"ours": probe("ours", folder), SLOW_PROBE: peer(SLOW_PROBE, folder)}
    runs = in_turns(slow, 1, warm=False)
    yield _beside(runs, SLOW_PROBE, f"frictionless, {sizes.slow_peer:,} women", True, "run once.")


def _own(ours: Sequence[Run], women: int) -> Line:
    """What the checks take us, with the classes of every item beside."""
    seconds = median(ours, _work)
    return Line(
        "peers",
        f"msds-audit, the same checks, {women:,} women",
        seconds,
        f"{seconds:.2f} s; {median(ours, _peak):,.0f} MB; {len(CHECKS)} of {len(CHECKS)} checks",
        measured=_samples({"ours": ours}),
    )


def _beside(
    runs: Mapping[str, Sequence[Run]], name: str, title: str, ahead: bool, how: str = ""
) -> Line:
    """How long another tool takes by what we take. Its counts must be ours."""
    ours, theirs = runs["ours"], runs[name]
    counts = theirs[0].told["counts"]
    wrong = [id for id, count in counts.items() if ours[0].told["counts"][id] != count]
    if wrong:
        raise NotMeasuredError(f"{title} counts otherwise than we do: {', '.join(wrong)}")
    ratio, by_cpu = _ratio(theirs, ours, _work), _ratio(theirs, ours, _cpu)
    return Line(
        "peers",
        title,
        ratio,
        f"{ratio:.2f} times ours ({by_cpu:.2f} in CPU); {median(theirs, _peak):,.0f} MB; "
        f"{len(counts)} of {len(CHECKS)} checks",
        "more than 1.0" if ahead else "",
        1.0 if ahead else None,
        at_least=True,
        how=how,
        measured=_samples({"ours": ours, name: theirs}),
    )


# --- from a cold process ------------------------------------------------------------------


def start(sizes: Sizes) -> Iterator[Line]:
    """A trust's month from the command line, and how soon help is there."""
    folder = data("trust", sizes.trust)
    total = sum(rows(folder).values())
    program = [PYTHON, "-m", "msds_audit"]
    commands = {
        "check": [*program, "check", folder, "--no-config", "--fail-on", "never"],
        "import": [PYTHON, "-c", "import polars, pandera.polars"],
        "help": [*program, "--help"],
        "version": [*program, "--version"],
        "nothing": [PYTHON, "-c", "pass"],
    }
    runs = in_turns(commands, max(sizes.rounds, 2 * sizes.rounds - 1))
    ratio = _ratio(runs["check"], runs["import"], _wall)
    seconds = median(runs["check"], _wall)
    yield Line(
        "start",
        f"A trust's month, {total:,} rows in all tables, by importing Polars and Pandera",
        ratio,
        f"{ratio:.2f} times ({seconds:.2f} s)",
        "at most 1.3 times",
        1.3,
        measured=_samples({name: runs[name] for name in ("check", "import")}),
    )
    for name in ("help", "version"):
        more = median(runs[name], _wall) - median(runs["nothing"], _wall)
        yield Line(
            "start",
            f"--{name}, more than python -c pass",
            more,
            f"{more:.2f} s",
            "at most 0.15 s",
            0.15,
            measured=_samples({one: runs[one] for one in (name, "nothing")}),
        )


# --- Access, and many submissions ---------------------------------------------------------


def access(sizes: Sizes) -> Iterator[Line]:
    """An Access file read, by what mdb-export takes to write the same table as text."""
    if shutil.which("mdb-export") is None:
        raise NotMeasuredError("mdb-export is not on the path")
    file = data("access", sizes.access)
    runs = in_turns({"ours": probe("access", file), "mdb-export": probe("mdb", file)}, sizes.rounds)
    found = {name: some[0].told["rows"] for name, some in runs.items()}
    if len(set(found.values())) != 1:
        raise NotMeasuredError(f"rows differ: {found}")
    ratio = _ratio(runs["ours"], runs["mdb-export"], _work)
    yield Line(
        "access",
        f"Access, {sizes.access:,} mothers read, by mdb-export of the same file",
        ratio,
        f"{ratio:.2f} times",
        measured=_samples(runs),
    )


def months(sizes: Sizes) -> Iterator[Line]:
    """Many submissions in one command: that time grows with them, and all processors work."""
    few, many, each = sizes.months
    folders: dict[str, Path] = {
        str(count): data("months", each, "--count", count) for count in (few, many)
    }
    commands = {name: probe("audited", one) for name, one in folders.items()}
    runs = in_turns(commands, sizes.rounds, warm=False)
    linear = _ratio(runs[str(many)], runs[str(few)], _work) * few / many
    total = sum(sum(rows(one).values()) for one in folders[str(many)].iterdir())
    yield Line(
        "months",
        f"{many} trust-months in one command, the time of each by that with {few}",
        linear,
        f"{linear:.2f} times ({total:,} rows in {median(runs[str(many)], _work):.1f} s)",
        "at most 1.1 times",
        1.1,
        measured=_samples(runs),
    )
    busy = median(runs[str(many)], lambda one: one.work_cpu / one.work)
    yield Line(
        "months",
        f"{many} trust-months in one command, processors at work",
        busy,
        f"{busy:.2f} of 2",
        "at least 1.5",
        1.5,
        at_least=True,
        measured=_samples({str(many): runs[str(many)]}),
    )


CASES: Mapping[str, Callable[[Sizes], Iterator[Line]]] = {
    "women": women,
    "national": national,
    "peers": peers,
    "start": start,
    "access": access,
    "months": months,
}


def measured(case: str, sizes: Sizes) -> list[Line]:
    """The lines of a case; where it cannot be measured, one that says why."""
    lines: list[Line] = []
    try:
        lines.extend(CASES[case](sizes))
    except NotMeasuredError as error:
        lines.append(Line(case, f"The case {case}", None, "not measured", how=f"{error}."))
    return lines
