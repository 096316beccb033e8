"""The same checks as SQL written for DuckDB: one query a table, straight from the file."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from bench.checks import BOOKING, MOTHER, Check, Kind, of
from bench.probes.telling import told


def fails(check: Check) -> str:
    """The condition that a row fails a check by."""
    among = ", ".join(f"'{one}'" for one in check.among)
    match check.kind:
        case Kind.PRESENT:
            return f"{check.item} IS NULL"
        case Kind.MATCHES:
            return f"NOT regexp_full_match({check.item}, '{check.among[0]}')"
        case Kind.IS_DATE:
            return f"{check.item} IS NOT NULL AND TRY_CAST({check.item} AS DATE) IS NULL"
        case Kind.NOT_AFTER:
            return f"TRY_CAST({check.item} AS DATE) > DATE {among}"
        case Kind.ONE_OF:
            return f"{check.item} NOT IN ({among})"
        case Kind.NONE_OF:
            return f"{check.item} IN ({among})"
        case Kind.WITH:
            return f"{check.other} IN ({among}) AND {check.item} IS NULL"
        case Kind.EXISTS:
            return f"{check.item} IS NOT NULL AND {check.item} NOT IN (SELECT key FROM others)"
        case Kind.UNIQUE:
            raise AssertionError(check.kind)


def query(table: str, folder: Path) -> str:
    """One row with the failures of every check of a table, keys aside."""
    [other] = {MOTHER, BOOKING} - {table}
    counts = ", ".join(
        f'count(*) FILTER (WHERE {fails(check)}) AS "{check.id}"'
        for check in of(table)
        if check.kind is not Kind.UNIQUE
    )
    return f"""
        WITH others AS (
            SELECT DISTINCT LPIDMother AS key FROM {_file(other, folder)}
            WHERE LPIDMother IS NOT NULL
        )
        SELECT {counts} FROM {_file(table, folder)}
    """


def repeated(check: Check, folder: Path) -> str:
    """The rows whose key another row has too."""
    return f"""
        SELECT coalesce(sum(rows), 0) FROM (
            SELECT count(*) AS rows FROM {_file(check.table, folder)}
            WHERE {check.item} IS NOT NULL GROUP BY {check.item} HAVING count(*) > 1
        )
    """


def _file(table: str, folder: Path) -> str:
    return f"read_csv('{folder}/{table}.csv', all_varchar = true, header = true, delim = ',')"


def main() -> None:
    """Count the failures of every check in the folder that is named."""
    folder = Path(sys.argv[1])

    def work() -> dict[str, dict[str, int]]:
        counts: dict[str, int] = {}
        with duckdb.connect() as connection:
            for table in (MOTHER, BOOKING):
                found = connection.execute(query(table, folder))
                names = [column[0] for column in found.description]
                counts |= dict(zip(names, found.fetchone(), strict=True))
                for check in of(table):
                    if check.kind is Kind.UNIQUE:
                        counts[check.id] = connection.execute(repeated(check, folder)).fetchone()[0]
        return {"counts": {name: int(count) for name, count in counts.items()}}

    told(work)


if __name__ == "__main__":
    main()
