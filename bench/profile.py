"""Where the time of an audit goes: `python -m bench --profile FOLDER`.

A profiler of Python sees nothing of what Polars does, so the steps of the program are timed where
they are called, and each table is then counted again by kinds of rules, each kind on its own.
"""

from __future__ import annotations

import functools
import importlib
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msds_audit import audit as auditing
from msds_audit.api import load_rules
from msds_audit.counting import counted
from msds_audit.extract import Period
from msds_audit.holding import HeldSubmission, HeldTable, held
from msds_audit.plans import word_of
from msds_audit.predicates import needs
from msds_audit.readers import open_extract
from msds_audit.reports import to_terminal
from msds_audit.rule import Declared, Rule, Rules
from msds_audit.scoring import score

STEPS = {
    "opened: what the text is encoded in": "readers.delimited._encoding",
    "opened: the structure of lines": "readers.delimited._check_lines",
    "whether all is small": "audit._is_small",
    "read and held": "holding.held_table",
    "counted": "audit.counted",
    "invalid codes, looked at again": "audit._unrecognised",
    "answers that are watched": "audit._answers",
    "cascade of rejections": "audit._rejected",
}
"""Steps by the function that takes each; one that is not there any more is left out, and said."""


class Clock:
    """Seconds of the wall and of the processors, by name."""

    def __init__(self) -> None:
        self.wall: dict[str, float] = defaultdict(float)
        self.cpu: dict[str, float] = defaultdict(float)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Count what is done meanwhile under a name."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall[name] += time.perf_counter() - wall
        self.cpu[name] += time.process_time() - cpu

    def lines(self) -> list[str]:
        """A line for each name."""
        return [
            f"{name:<58} {wall:>8.2f} s {self.cpu[name]:>8.2f} s of CPU"
            for name, wall in self.wall.items()
        ]


def profile(folder: Path, provider: str | None, period: Period | None) -> list[str]:
    """The lines that say where the time of auditing a folder goes."""
    clock = Clock()
    with clock.of("rules read"):
        rules = load_rules()
    absent = timed_steps(clock)
    with clock.of("= opened"):
        extract = open_extract([folder], rules.spec, provider=provider, period=period)
    cards = []
    for submission in extract.submissions:
        with clock.of("= audited"):
            audited = auditing.audit(submission, rules)
        with clock.of("= scored"):
            cards.append(score(audited, rules, list(rules.schemes.values())))
    with clock.of("= shown"):
        to_terminal(cards)
    [first, *_] = extract.submissions
    whole = held(first, rules.spec)
    parts = [line for name in whole.tables for line in _parts(whole, rules, name)]
    return [*clock.lines(), *absent, "", *parts]


def timed_steps(clock: Clock) -> list[str]:
    """Have every step of the program timed from now on; returns those that are not there."""
    absent = []
    for name, place in STEPS.items():
        path, _, function = place.rpartition(".")
        module = importlib.import_module(f"msds_audit.{path}")
        step = getattr(module, function, None)
        if step is None:
            absent.append(f"{name}: {place} is not there any more")
            continue
        setattr(module, function, _timed(step, name, clock))
    return absent


def _timed(step: Callable[..., object], name: str, clock: Clock) -> Callable[..., object]:
    @functools.wraps(step)
    def timed(*given: object, **named: object) -> object:
        table = next((f" {one.name}" for one in given if type(one).__name__ == "Table"), "")
        with clock.of(f"{name}{table}"):
            found = step(*given, **named)
            return list(found) if isinstance(found, Iterator) else found

    return timed


# --- one table ----------------------------------------------------------------------------


def _parts(whole: HeldSubmission, rules: Rules, name: str) -> list[str]:
    """The time of counting a table that is held by kinds of rules, each with what all share."""
    table = rules.spec.tables[name]
    clock = Clock()
    with clock.of("classes of items, which is in every line below"):
        counted(whole, rules.spec, table, [])
    for kind, declared in _kinds(whole.tables, rules, name).items():
        with clock.of(f"{kind} ({len(declared)})"):
            counted(whole, rules.spec, table, declared)
    return [f"{name}: {line}" for line in clock.lines()]


def _kinds(tables: Mapping[str, HeldTable], rules: Rules, table: str) -> dict[str, list[Declared]]:
    found: dict[str, list[Declared]] = defaultdict(list)
    columns = auditing._columns(tables)
    for one in rules.declared:
        if one.table != table or auditing._missing(one, columns, rules.spec):
            continue
        if not isinstance(one, Rule):
            found["measures"].append(one)
        elif one.occurs is not None:
            continue
        elif word_of(one, rules.spec.tables[table]):
            found["rules that words are enough for"].append(one)
        elif one.damage is not None:
            found["damage to keys"].append(one)
        elif one.unique:
            found["keys that are unique"].append(one)
        elif needs(one).related:
            found["rules beside other tables"].append(one)
        elif one.generated:
            found["rules of the specification"].append(one)
        else:
            found["written rules of the row"].append(one)
    return found


def main() -> None:
    """Print the lines, as JSON, of the folder and the month that are named."""
    lines = profile(Path(sys.argv[1]), None, Period.parse(sys.argv[2]))
    print(json.dumps({"lines": lines}))


if __name__ == "__main__":
    main()
