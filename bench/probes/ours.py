"""The checks that are compared, by msds-audit: its own rules, and all classes of all items."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from bench.checks import CHECKS, OURS, Check
from bench.probes.telling import told
from msds_audit.api import load_rules
from msds_audit.audit import audit
from msds_audit.readers import open_extract
from msds_audit.rule import Rules
from msds_audit.scorecard import Audited, ItemTally

LETTERS = {"V": "valid", "O": "other", "D": "default", "I": "invalid", "M": "missing"}


def compared_rules() -> Rules:
    """The packaged rules without all that are not compared."""
    rules = load_rules()
    records = {id: rule for id, rule in rules.records.items() if id in OURS}
    if set(records) != OURS:
        raise SystemExit(f"There is no rule {', '.join(sorted(OURS - set(records)))} any more.")
    return replace(rules, records=records, measures={}, indicators={}, schemes={})


def failures(check: Check, audited: Audited, items: dict[tuple[str, str], ItemTally]) -> int:
    """How many rows fail a check."""
    if check.letter:
        return int(getattr(items[check.table, check.item], LETTERS[check.letter]))
    return sum(audited.rules[rule].failures for rule in check.rules)


def main() -> None:
    """Count the failures of every check in the folder that is named."""
    rules = compared_rules()
    folder = Path(sys.argv[1])

    def work() -> dict[str, dict[str, int]]:
        [submission] = open_extract([folder], rules.spec).submissions
        audited = audit(submission, rules)
        items = {(tally.table, tally.item): tally for tally in audited.items}
        return {"counts": {check.id: failures(check, audited, items) for check in CHECKS}}

    told(work)


if __name__ == "__main__":
    main()
