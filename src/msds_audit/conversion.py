"""Writes the tables of an extract in another form, as they were read and nothing changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import polars as pl

from msds_audit.errors import ReportError
from msds_audit.extract import POLARS_FAILED

OWNER_ALONE = 0o700
_NO_NAME_OF_A_FOLDER = re.compile(r"[^\w.-]+")


class Form(StrEnum):
    """What files a table can be written to."""

    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True)
class Written:
    """One table written: its file, below the folder that was asked for, and its rows."""

    file: Path
    rows: int


@dataclass(frozen=True)
class Tables:
    """The tables read in one place, by published name: text under the headings they had."""

    where: str
    frames: Mapping[str, pl.LazyFrame]


def write_tables(folder: Path, read: Sequence[Tables], form: Form) -> list[Written]:
    """Write every table to a folder that is there.

    Tables of several places go to a folder each. In CSV a blank is an empty field and an empty
    text is `""`.

    Raises ReportError where one cannot be written; what was written before is left.
    """
    try:
        return [
            _write(folder, below / f"{table}.{form}", frame, form)
            for below, tables in zip(_folders(read), read, strict=True)
            for table, frame in tables.frames.items()
        ]
    except (OSError, *POLARS_FAILED) as error:
        raise ReportError(
            f"The tables cannot be written ({type(error).__name__}).",
            hint="Check that there is room, and that you may write there.",
        ) from None


def _folders(read: Sequence[Tables]) -> list[Path]:
    """A folder for each place, none where there is but one; no two alike on any system."""
    if len(read) == 1:
        return [Path()]
    taken: dict[str, Path] = {}
    for tables in read:
        stem = _NO_NAME_OF_A_FOLDER.sub("-", Path(tables.where).stem).strip("-.") or "extract"
        names = (stem, *(f"{stem}-{number}" for number in range(2, len(read) + 2)))
        name = next(one for one in names if one.casefold() not in taken)
        taken[name.casefold()] = Path(name)
    return [*taken.values()]


def _write(root: Path, file: Path, frame: pl.LazyFrame, form: Form) -> Written:
    (root / file).parent.mkdir(mode=OWNER_ALONE, exist_ok=True)
    if form is Form.CSV:
        frame.sink_csv(root / file)
    else:
        frame.sink_parquet(root / file)
    return Written(file, frame.select(pl.len()).collect().item())
