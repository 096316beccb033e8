"""Measures what the README says, prints one table and keeps the figures as JSON.

python -m bench                      everything, as `make bench` does
python -m bench --quick              small data and few rounds: that it works, no verdicts
python -m bench --only women         one case; --out bench/results.json records it beside others
python -m bench --profile FOLDER     where the time of an audit goes
python -m bench --readme             the figures of bench/results.json into the README
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

from bench.cases import CASES, FULL, QUICK, Sizes, measured
from bench.lines import by_table, readme_page, table
from bench.measure import PYTHON, ROOT, machine, run
from bench.results import MixedError, kept, nothing, with_case, write

RESULTS = ROOT / "bench" / "results.json"
README = ROOT / "README.md"
IMPORTED = (
    "import sys",
    "import polars, pandera.polars",
    "from msds_audit.api import check",
    "from msds_audit.reports import to_terminal",
)
BUSY = 0.5
"""A load from which on something else is running."""


def main() -> None:
    """Do what the command line says."""
    asked = _asked()
    if asked.profile is not None:
        _profile(asked)
    elif asked.readme:
        write_readme()
    else:
        try:
            _measure(asked)
        except MixedError as error:
            sys.exit(str(error))


def write_readme() -> None:
    """Put the figures of the results into the README; results that are quick are refused."""
    try:
        found = kept(RESULTS, quick=False)
    except MixedError:
        sys.exit(f"{RESULTS} has quick results, which say nothing: run make bench.")
    text = readme_page(README.read_text("utf-8"), found, list(CASES))
    README.write_text(text, encoding="utf-8", newline="\n")


def _profile(asked: argparse.Namespace) -> None:
    for what in IMPORTED:
        took = run([PYTHON, "-c", what])
        print(f"{what:<58} {took.wall:>8.2f} s")
    said = run([PYTHON, "-m", "bench.profile", asked.profile, asked.month])
    print("\n".join(said.told["lines"]))


def _measure(asked: argparse.Namespace) -> None:
    """Measure the cases asked for, each recorded as soon as it is done; print their table."""
    recorded = kept(asked.out, quick=asked.quick)
    own = nothing(quick=asked.quick)
    for name in asked.only or CASES:
        case = _measured(name, QUICK if asked.quick else FULL)
        own = with_case(own, name, case, list(CASES))
        recorded = with_case(recorded, name, case, list(CASES))
        if asked.out is not None:
            write(asked.out, recorded)
    print(table(own))
    for line in by_table(own):
        print(line)
    if asked.out is not None:
        print(f"Wrote {asked.out}.")


def _measured(name: str, sizes: Sizes) -> dict[str, Any]:
    """One case as it is recorded; that it is under way goes to stderr."""
    found = machine()
    if found["load"] > BUSY:
        print(f"The machine is busy (load {found['load']}): figures differ.", file=sys.stderr)
    print(f"Measuring {name} ...", file=sys.stderr)
    lines = [line.as_json() for line in measured(name, sizes)]
    return {"on": date.today().isoformat(), "machine": found, "lines": lines}


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small data, few rounds")
    parser.add_argument("--only", action="append", choices=list(CASES), help="one case")
    parser.add_argument("--out", type=Path, help="where to record; bench/results.json for all")
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="of what to profile")
    parser.add_argument("--month", default="2026-08", help="of what has no header")
    parser.add_argument("--readme", action="store_true", help="write the README again")
    asked = parser.parse_args()
    if asked.out is None and not (asked.quick or asked.only):
        asked.out = RESULTS
    return asked


if __name__ == "__main__":
    main()
