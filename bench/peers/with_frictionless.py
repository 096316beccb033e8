"""The same checks by frictionless: a schema of constraints, foreign keys both ways, row checks.

It names of rows that share a key all but the first, with the row before; both are counted here.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from frictionless import Checklist, Package, Resource, Schema, checks, system

from bench.checks import BOOKING, MOTHER, Check, Kind, of
from bench.probes.telling import told

MOST_ERRORS = 100_000_000
NAMES = {MOTHER: "mothers", BOOKING: "bookings"}
CONSTRAINT = re.compile(r'constraint "(\w+)" is')
BEFORE = re.compile(r"position (\d+)")
CONSTRAINTS = {
    Kind.PRESENT: "required",
    Kind.MATCHES: "pattern",
    Kind.ONE_OF: "enum",
    Kind.NOT_AFTER: "maximum",
}


def field(table: str, name: str) -> dict[str, object]:
    """What a schema says of one item."""
    about = [check for check in of(table) if check.item == name]
    kinds = {check.kind: check for check in about}
    constraints: dict[str, object] = {}
    if Kind.PRESENT in kinds:
        constraints["required"] = True
    if Kind.MATCHES in kinds:
        constraints["pattern"] = kinds[Kind.MATCHES].among[0].strip("^$")
    if Kind.ONE_OF in kinds:
        constraints["enum"] = list(kinds[Kind.ONE_OF].among)
    if Kind.NOT_AFTER in kinds:
        constraints["maximum"] = kinds[Kind.NOT_AFTER].among[0]
    if Kind.UNIQUE in kinds:
        constraints["unique"] = True
    kind = "date" if Kind.IS_DATE in kinds else "string"
    return {"name": name, "type": kind, "constraints": constraints}


def resource(table: str, folder: Path) -> Resource:
    """A table with its schema."""
    with (folder / f"{table}.csv").open(encoding="utf-8") as lines:
        names = next(lines).strip().split(",")
    [key] = [check for check in of(table) if check.kind is Kind.EXISTS]
    other = {"resource": NAMES[key.among[0]], "fields": [key.other]}
    described = {
        "fields": [field(table, name) for name in names],
        "foreignKeys": [{"fields": [key.item], "reference": other}],
    }
    schema = Schema.from_descriptor(described)
    return Resource(name=NAMES[table], path=str(folder / f"{table}.csv"), schema=schema)


def row_checks(table: str) -> dict[str, Check]:
    """The checks that are formulas about a row, by formula."""
    found = {}
    for check in of(table):
        if check.kind is Kind.NONE_OF:
            found[f"{check.item} not in {check.among!r}"] = check
        elif check.kind is Kind.WITH:
            found[f"{check.other} not in {check.among!r} or {check.item} is not None"] = check
    return found


def failures(package: Package, table: str) -> dict[str, int]:
    """The failures of every check of a table."""
    formulas = row_checks(table)
    own = Checklist(checks=[checks.row_constraint(formula=formula) for formula in formulas])
    report = package.get_resource(NAMES[table]).validate(own, limit_errors=MOST_ERRORS)
    found: Counter[str] = Counter()
    repeated: set[int] = set()
    by_kind = {(check.item, CONSTRAINTS.get(check.kind)): check for check in of(table)}
    for error in report.tasks[0].errors:
        match error.type:
            case "constraint-error":
                found[by_kind[error.field_name, CONSTRAINT.search(error.note)[1]].id] += 1
            case "unique-error":
                repeated |= {error.row_number, int(BEFORE.search(error.note)[1])}
            case "row-constraint":
                found[formulas[re.search('is "(.*)"$', error.note)[1]].id] += 1
            case "type-error":
                found[f"{error.field_name} type"] += 1
            case "foreign-key":
                found["foreign key"] += 1
    return {check.id: _count(check, found, repeated) for check in of(table)}


def _count(check: Check, found: Counter[str], repeated: set[int]) -> int:
    if check.kind is Kind.UNIQUE:
        return len(repeated)
    if check.kind is Kind.EXISTS:
        return found["foreign key"]
    return found[f"{check.item} type" if check.kind is Kind.IS_DATE else check.id]


def main() -> None:
    """Count the failures of every check in the folder that is named."""
    folder = Path(sys.argv[1])

    def work() -> dict[str, dict[str, int]]:
        with system.use_context(trusted=True):
            package = Package(resources=[resource(table, folder) for table in (MOTHER, BOOKING)])
            return {"counts": failures(package, MOTHER) | failures(package, BOOKING)}

    told(work)


if __name__ == "__main__":
    main()
