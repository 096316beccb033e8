"""An audit, from files to a scorecard, with every rule and every class of every item."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.probes.telling import told
from msds_audit.api import check, load_rules
from msds_audit.extract import Period


def main() -> None:
    """Audit the folder that is named, of the month that is named where it does not say."""
    rules = load_rules()
    folder = Path(sys.argv[1])
    period = Period.parse(sys.argv[2]) if len(sys.argv) > 2 else None

    def work() -> dict[str, int]:
        cards = check([folder], rules=rules, period=period)
        return {
            "submissions": len(cards),
            "rules": sum(not one.tally.reason for card in cards for one in card.rules),
        }

    told(work)


if __name__ == "__main__":
    main()
