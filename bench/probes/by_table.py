"""An audit of everything, with how long each table took to be read and counted."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from bench.probes.telling import told
from bench.profile import Clock, timed_steps
from msds_audit.api import check, load_rules
from msds_audit.extract import Period

STEPS = ("read and held ", "counted ")


def main() -> None:
    """Audit the folder that is named, of the month that is named."""
    rules = load_rules()
    clock = Clock()
    timed_steps(clock)

    def work() -> dict[str, object]:
        cards = check([Path(sys.argv[1])], rules=rules, period=Period.parse(sys.argv[2]))
        tables: dict[str, float] = defaultdict(float)
        for name, seconds in clock.wall.items():
            for step in STEPS:
                if name.startswith(step):
                    tables[name.removeprefix(step)] += seconds
        return {"submissions": len(cards), "tables": tables}

    told(work)


if __name__ == "__main__":
    main()
