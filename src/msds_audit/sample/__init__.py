"""Writes synthetic extracts that tell a story: published figures, a clean month, a year, failures.

It writes files and knows which stories there are; what is in them is left to `stories`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from msds_audit.errors import ReportError
from msds_audit.extract import Period
from msds_audit.rule import Rules
from msds_audit.sample import stories
from msds_audit.sample.broken import break_every_rule
from msds_audit.sample.unit import Record, Tables
from msds_audit.sample.year import year
from msds_audit.spec import Table

DEFAULT_SEED = 2026
DEFAULT_PERIOD = Period.parse("2026-08")

_KEPT_TABLES = (
    "MSD000Header",
    "MSD001MotherDemog",
    "MSD002GP",
    "MSD401BabyDemographics",
)
_DROPPED_COLUMNS = {
    "MSD001MotherDemog": "EthnicCategoryMother",
    "MSD401BabyDemographics": "PersonPhenSex",
}


class Story(StrEnum):
    """What a sample extract is about."""

    SOUTH_WEST_LONDON = "south-west-london"
    CLEAN = "clean"
    EVERY_RULE_BROKEN = "every-rule-broken"
    EMPTY_TABLES = "empty-tables"
    MISSING_TABLES = "missing-tables"
    YEAR = "year"


def write_sample(
    out: Path,
    story: Story,
    *,
    rules: Rules,
    seed: int = DEFAULT_SEED,
    period: Period = DEFAULT_PERIOD,
) -> list[Path]:
    """Write a story as folders of CSV files, the same bytes for the same seed everywhere.

    Args:
        out: A folder that does not exist yet, or is empty.
        story: What to write.
        rules: The rules in force: they name the tables, and say what breaks them.
        seed: Another seed makes other people of the same story.
        period: The month that the extract is about; a year ends with it.

    Returns:
        The files written, in the order of writing.

    Raises:
        ReportError: If the folder is not empty or cannot be written.
        AssertionError: If the story breaks every rule, and one has no example that fails.
    """
    content = list(_content(story, rules, seed, period))
    try:
        _make_folder(out)
        return [
            _write(out / folder, table, records, _columns(story, table))
            for folder, tables in content
            for table, records in _kept(story, tables, rules.spec.tables)
        ]
    except OSError as error:
        raise ReportError(
            f"The sample cannot be written ({type(error).__name__}).",
            hint="Name a folder that you may write to.",
        ) from None


def _content(story: Story, rules: Rules, seed: int, period: Period) -> Iterator[tuple[str, Tables]]:
    """Every submission of a story with the sub folder it goes to."""
    match story:
        case Story.SOUTH_WEST_LONDON:
            yield from stories.south_west_london(rules.spec, seed, period)
        case Story.YEAR:
            yield from year(rules.spec, seed, period)
        case Story.EVERY_RULE_BROKEN:
            yield "", break_every_rule(stories.clean_unit(rules.spec, seed, period), rules)
        case Story.EMPTY_TABLES:
            yield "", stories.header_only(rules.spec, seed, period)
        case Story.CLEAN | Story.MISSING_TABLES:
            yield "", stories.clean_unit(rules.spec, seed, period).tables


def _kept(
    story: Story, tables: Tables, known: Mapping[str, Table]
) -> Iterator[tuple[Table, list[Record]]]:
    for name, records in tables.items():
        if story is not Story.MISSING_TABLES or name in _KEPT_TABLES:
            yield known[name], records


def _columns(story: Story, table: Table) -> list[str]:
    dropped = _DROPPED_COLUMNS.get(table.name) if story is Story.MISSING_TABLES else None
    return [item.name for item in table.items if item.name != dropped]


def _make_folder(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ReportError(
            f"{out} is there already and is not an empty folder.",
            hint="Name a new folder, or empty that one.",
        )
    out.mkdir(parents=True, exist_ok=True)


def _write(folder: Path, table: Table, records: list[Record], columns: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"{table.name}.csv"
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([record.get(column, "") for column in columns] for record in records)
    return file
