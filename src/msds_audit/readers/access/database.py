"""Reads the tables of a Microsoft Access database: Access 2000 to 2019, on any computer.

The Intermediate Database in which MSDS is submitted is such a file. It is mapped read-only and
let go of once its tables are text; what a table links to elsewhere is never followed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import polars as pl

from msds_audit.errors import ExtractError
from msds_audit.extract import POLARS_FAILED
from msds_audit.masking import file_name, heading
from msds_audit.readers.access.definition import Definition, Kind, read_definition
from msds_audit.readers.access.long_values import LongValues
from msds_audit.readers.access.pages import PAGE_SIZE, DamagedError, Pages
from msds_audit.readers.access.rows import rows_of
from msds_audit.readers.access.values import decoded
from msds_audit.readers.finding import looks_like_a_table
from msds_audit.readers.headings import check_headings
from msds_audit.readers.source import Buffer, Contents, Source, Text
from msds_audit.spec import Kind as ItemKind
from msds_audit.spec import Spec, Table

CATALOGUE_PAGE = 2
_MAGIC = b"\0\1\0\0Standard "
_PRODUCTS = (b"Jet DB\0", b"ACE DB\0")
_VERSION_AT, _KEY_AT = 0x14, 0x3E
_ACCESS_97, _LATEST = 0, 6
_NO_KEY = bytes.fromhex("fb8abc4e")
"""What an unencrypted file has for its key, which is never stored in the clear."""

_CATALOGUE = {"Id": Kind.LONG, "Name": Kind.TEXT, "Type": Kind.INTEGER, "Flags": Kind.LONG}
_TABLE, _QUERY, _LINKS = "1", "5", ("4", "6")
_SYSTEM = 0x80000002
_PAGE_OF_ID = 0x00FFFFFF


def read_database(source: Source, spec: Spec, table: Table | None = None) -> Contents:
    """Read every table of the data set in an Access file; the names of others are told.

    Raises ExtractError where the file is encrypted, too old, not whole, or links to the table.
    """
    with source.opened() as buffer:
        _check_header(source, buffer)
        pages = Pages(buffer)
        try:
            return _contents(source, pages, spec)
        except (DamagedError, *POLARS_FAILED) as error:
            where = error if isinstance(error, DamagedError) else "its rows cannot be taken apart"
            raise ExtractError(
                f"{source.shown} is damaged or not whole: {where}.",
                hint="Copy it again, or use Compact and Repair Database in Access on a copy.",
            ) from None


def _check_header(source: Source, buffer: Buffer) -> None:
    head = bytes(buffer[:PAGE_SIZE])
    if not head.startswith(_MAGIC) or not head[len(_MAGIC) :].startswith(_PRODUCTS):
        raise ExtractError(
            f"{source.shown} is not an Access database, whatever its name ends in.",
            hint="Give the file as it was before it was renamed, or export it again.",
        )
    if len(buffer) % PAGE_SIZE or len(buffer) <= CATALOGUE_PAGE * PAGE_SIZE:
        raise ExtractError(
            f"{source.shown} is not whole: it ends within a page.",
            hint="Copy it again; the copying was probably cut short.",
        )
    version = head[_VERSION_AT]
    if version == _ACCESS_97:
        raise ExtractError(
            f"{source.shown} is of Access 97 or older.",
            hint="Open it in Access and save it as .accdb.",
        )
    if version > _LATEST:
        raise ExtractError(
            f"{source.shown} is of a later Access than is known.",
            hint="Save it in the format of Access 2007-2016.",
        )
    if head[_KEY_AT : _KEY_AT + len(_NO_KEY)] != _NO_KEY:
        raise ExtractError(
            f"{source.shown} is encrypted with a password.",
            hint="Open it in Access and save a copy without a password where it is safe.",
        )


@dataclass(frozen=True)
class _Entry:
    name: str
    page: int
    kind: str


def _contents(source: Source, pages: Pages, spec: Spec) -> Contents:
    tables: dict[str, Text] = {}
    others: list[str] = []
    for entry in _catalogue(pages):
        table = spec.table_named(entry.name.strip())
        if table is None:
            if entry.kind != _QUERY:
                _refuse_part(source, entry, spec)
                others.append(f"{file_name(entry.name)} in {source.shown}")
        elif entry.kind in _LINKS:
            raise ExtractError(
                f"{table.name} in {source.shown} is a link to another file.",
                hint="Give the file it links to; links are not followed.",
            )
        elif entry.kind == _QUERY:
            if table.name not in tables:
                raise ExtractError(
                    f"{table.name} in {source.shown} is a query, not a table.",
                    hint="Make a table of what it shows, in a copy; queries are not run.",
                )
        elif table.name in tables:
            raise ExtractError(
                f"{source.shown} holds {table.name} twice.", hint="Keep one of the two tables."
            )
        else:
            tables[table.name] = _table(source, pages, entry.page, table)
    return Contents(tables, others)


def _refuse_part(source: Source, entry: _Entry, spec: Spec) -> None:
    """Raise ExtractError for a table with the number of one of the data set in its name.

    Tables of the errors of an import are what Access makes beside those of the data set.
    """
    if looks_like_a_table(entry.name, spec) and "error" not in entry.name.lower():
        raise ExtractError(
            f"{file_name(entry.name)} in {source.shown} is named like a table, and is none.",
            hint="Give each table whole, under its own name; delete copies, in a copy of the file.",
        )


def _catalogue(pages: Pages) -> list[_Entry]:
    """The user's tables, links and queries, in order of their names, queries last."""
    definition = read_definition(pages, CATALOGUE_PAGE)
    found = [(one.name, one.kind) for one in definition.columns if one.name in _CATALOGUE]
    if sorted(found) != sorted(_CATALOGUE.items()):
        raise DamagedError("its list of tables cannot be read")
    listing = _read(pages, CATALOGUE_PAGE, definition, _CATALOGUE)
    listing.columns = [name for name, _ in found]
    entries = []
    for id, name, kind, flags in listing.select(*_CATALOGUE).iter_rows():
        if name is None or id is None or kind not in (_TABLE, _QUERY, *_LINKS):
            continue
        if not int(flags or 0) & _SYSTEM:
            entries.append(_Entry(name, int(id) & _PAGE_OF_ID, kind))
    return sorted(entries, key=lambda entry: (entry.kind == _QUERY, entry.name))


def _table(source: Source, pages: Pages, page: int, table: Table) -> Text:
    definition = read_definition(pages, page)
    columns = definition.columns
    unread = [column.name for column in columns if not column.readable]
    headings = [column.name for column in columns if column.readable]
    check_headings(replace(source, name=f"{table.name} in {source.name}"), headings, table.by_name)
    of_day = {item.name.lower() for item in table.items if item.format.kind is ItemKind.TIME}
    times = [name for name in headings if name.lower() in of_day]
    frame = _read(pages, page, definition, headings, times)
    notices = []
    if unread:
        names = ", ".join(heading(name) for name in unread)
        notices.append(
            f"{table.name}: columns that are calculated or hold no text were set aside: {names}."
        )
    numbers = [column for column in columns if column.is_number]
    if numbers:
        columns_are = (
            "1 column is a number" if len(numbers) == 1 else f"{len(numbers):,} columns are numbers"
        )
        notices.append(f"{table.name}: {columns_are}, not text; leading zeros may be gone.")
    frame.columns = [f"column {place}" for place in range(len(headings))]
    return Text(headings, frame.lazy(), notices)


def _read(
    pages: Pages,
    page: int,
    whole: Definition,
    names: Collection[str],
    times: Collection[str] = (),
) -> pl.DataFrame:
    """The columns with these names of the table whose whole definition is on a page, as text.

    They come in the order of the definition, and under other names.
    """
    wanted = tuple(one for one in whole.columns if one.readable and one.name in names)
    definition = replace(whole, columns=wanted)
    long_values = LongValues(pages)
    parts = [
        decoded(rows, definition, long_values, times) for rows in rows_of(pages, page, definition)
    ]
    found = sum(part.height for part in parts)
    if found < definition.rows:
        raise DamagedError(f"a table of {definition.rows:,} rows has only {found:,}")
    return pl.concat(
        [pl.DataFrame(schema=dict.fromkeys((str(c.number) for c in wanted), pl.String)), *parts]
    )
