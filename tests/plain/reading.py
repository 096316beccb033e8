"""Reads a folder of comma-separated files: tables as lists of rows, with their headings."""

from __future__ import annotations

import csv
import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from msds_audit.spec import Spec
from plain.values import Texts

HEADER = "MSD000Header"


@dataclass(frozen=True)
class Sheet:
    """One table of an extract: its headings, and its rows in order."""

    headings: frozenset[str]
    rows: list[Texts]


@dataclass(frozen=True)
class Extract:
    """One submission: whose it is, its month, and the tables that are there."""

    provider: str
    start: date
    end: date
    sheets: Mapping[str, Sheet]


def read_folder(folder: Path, spec: Spec) -> Extract:
    """The extract in a folder, whose header says whose it is and of which month."""
    files = {file.stem: file for file in folder.glob("*.csv")}
    sheets = {name: _read_file(files[name]) for name in spec.tables if name in files}
    header = sheets[HEADER].rows
    [provider] = {
        str(row["OrgIDProvider"])
        for row in header
        if re.fullmatch("[A-Z0-9]{3}", row["OrgIDProvider"] or "")
    }
    [month] = {
        str(row["RPStartDate"])[:7]
        for row in header
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", row["RPStartDate"] or "")
    }
    return Extract(provider, *days_of(month), sheets)


def days_of(month: str) -> tuple[date, date]:
    """The first and the last day of a month such as 2026-08."""
    start = date.fromisoformat(f"{month}-01")
    return start, start.replace(day=monthrange(start.year, start.month)[1])


def _read_file(file: Path) -> Sheet:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        headings, *rows = csv.reader(lines)
    names = [heading.strip() for heading in headings]
    return Sheet(
        frozenset(names), [trimmed(dict(zip(names, row, strict=True))) for row in rows if row]
    )


def trimmed(row: Texts) -> Texts:
    """A row without the spaces around its values, and None for what is blank."""
    return {name: (text or "").strip() or None for name, text in row.items()}
