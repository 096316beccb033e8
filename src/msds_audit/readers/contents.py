"""Reads what was found: the tables of a folder or of one file, as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from msds_audit.errors import ExtractError
from msds_audit.later import names_of
from msds_audit.masking import file_name
from msds_audit.readers.finding import Found, find_files, table_of
from msds_audit.readers.items import listed
from msds_audit.readers.source import Contents, Reader, Text
from msds_audit.spec import Spec

_READERS = {
    ".csv": "read_delimited",
    ".txt": "read_delimited",
    ".tsv": "read_delimited",
    ".parquet": "read_parquet",
    ".accdb": "read_database",
    ".mdb": "read_database",
    ".idb": "read_database",
    ".xml": "read_markup",
    ".xlsx": "read_workbook",
    ".xlsm": "read_workbook",
    ".xls": "read_workbook",
}
"""What reads a file, by its ending."""

_HOMES = {
    "read_database": "access",
    "read_delimited": "delimited",
    "read_markup": "markup",
    "read_parquet": "parquet",
    "read_workbook": "workbook",
}

_reader: Callable[[str], Reader] = names_of("msds_audit.readers", _HOMES)
"""A reader by its name, imported for the first file that it reads."""

OnRead = Callable[[str], None]
"""Called with the name of a file, as it may be printed, before it is read."""


def read_path(path: Path, spec: Spec, on_read: OnRead) -> Iterator[tuple[str, Contents]]:
    """Every folder of tables and every file of tables at or below a path, with its name.

    What holds no table at all is told in the notices of the first that does.
    Raises ExtractError where something cannot be read, or where there is no table.
    """
    with ExitStack() as archives:
        found = find_files(path, spec, archives)
        read = [(one.where, _contents(one, spec, on_read)) for one in found]
    holding = [(where, contents) for where, contents in read if contents.tables]
    if not holding:
        raise _nothing_read(path, spec, [contents for _, contents in read])
    aside = [
        other if other == where else f"{where}/{other}"
        for where, contents in read
        if not contents.tables
        for other in contents.others
    ]
    holding[0][1].others.extend(aside)
    return iter(holding)


def _contents(found: Found, spec: Spec, on_read: OnRead) -> Contents:
    files = [found.whole] if found.whole else [source for _, source in sorted(found.tables.items())]
    tables: dict[str, Text] = {}
    places: dict[str, str] = {}
    others, notices = list(found.others), []
    for source in files:
        on_read(source.shown)
        contents = _reader(_READERS[source.suffix])(source, spec, table_of(source, spec))
        tables.update(contents.tables)
        if source.below:
            places |= dict.fromkeys(contents.tables, source.below)
        others += contents.others
        notices += contents.notices
    notices += _encodings(tables)
    if found.whole and not tables:
        others = [found.whole.shown]
    return Contents(tables, others, notices, places)


def _encodings(tables: Mapping[str, Text]) -> list[str]:
    """Which tables were read as what, where they are not in UTF-8."""
    by_encoding: dict[str, list[str]] = {}
    for name, text in tables.items():
        by_encoding.setdefault(text.encoding, []).append(name)
    return [
        f"Read as {encoding}: {listed(names)}."
        for encoding, names in by_encoding.items()
        if encoding != "utf-8"
    ]


def _nothing_read(path: Path, spec: Spec, read: Sequence[Contents]) -> ExtractError:
    shown = file_name(path.resolve().name or str(path))
    why = [notice for contents in read for notice in contents.notices][:1]
    others = [other for contents in read for other in contents.others if other != shown]
    if others and not why:
        why = [f"There is {listed(others)}."]
    return ExtractError(
        " ".join([f"There is no table of {spec.title} in {shown}.", *why]),
        hint="Give an Access database, XML or workbook of the extract, or a folder (or a zip) of "
        "files named after the tables, such as MSD001MotherDemog.csv.",
    )
