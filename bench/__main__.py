"""Measures what the README says, prints one table and keeps the figures as JSON.

python -m bench                      everything, as `make bench` does
python -m bench --quick              small data and few rounds: that it works, no verdicts
python -m bench --only women         one case
python -m bench --profile FOLDER     where the time of an audit goes
python -m bench --readme             the figures of bench/results.json into the README
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from bench.cases import CASES, FULL, QUICK, measured
from bench.lines import by_table, readme_page, table
from bench.measure import PYTHON, ROOT, machine, run

RESULTS = ROOT / "bench" / "results.json"
README = ROOT / "README.md"
IMPORTED = ("sys", "polars, pandera.polars", "msds_audit.api", "msds_audit.reports")
BUSY = 0.5
"""A load from which on something else is running."""


def main() -> None:
    """Do what the command line says."""
    asked = _asked()
    if asked.profile is not None:
        for what in IMPORTED:
            took = run([PYTHON, "-c", f"import {what}"])
            print(f"{f'a process that imports {what}':<58} {took.wall:>8.2f} s")
        said = run([PYTHON, "-m", "bench.profile", asked.profile, asked.month])
        print("\n".join(said.told["lines"]))
        return
    if asked.readme:
        text = readme_page(README.read_text("utf-8"), json.loads(RESULTS.read_text("utf-8")))
        README.write_text(text, encoding="utf-8", newline="\n")
        return
    results = _measured(asked)
    print(table(results))
    for line in by_table(results):
        print(line)
    if asked.out is not None:
        asked.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8", newline="\n")
        print(f"Wrote {asked.out}.")


def _measured(asked: argparse.Namespace) -> dict[str, Any]:
    found = machine()
    if found["load"] > BUSY:
        print(f"The machine is busy (load {found['load']}): figures differ.", file=sys.stderr)
    lines = []
    for case in asked.only or CASES:
        print(f"Measuring {case} ...", file=sys.stderr)
        lines += [line.as_json() for line in measured(case, QUICK if asked.quick else FULL)]
    return {
        "on": date.today().isoformat(),
        "quick": asked.quick,
        "cases": list(asked.only or CASES),
        "machine": found,
        "lines": lines,
    }


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small data, few rounds")
    parser.add_argument("--only", action="append", choices=list(CASES), help="one case")
    parser.add_argument("--out", type=Path, help="bench/results.json, if everything is measured")
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="of what to profile")
    parser.add_argument("--month", default="2026-08", help="of what has no header")
    parser.add_argument("--readme", action="store_true", help="write the README again")
    asked = parser.parse_args()
    if asked.out is None and not (asked.quick or asked.only):
        asked.out = RESULTS
    return asked


if __name__ == "__main__":
    main()
