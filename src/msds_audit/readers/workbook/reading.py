"""Reads a workbook: tells which format it is in, and which of its sheets are tables."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from xml.parsers import expat

from msds_audit.errors import ExtractError
from msds_audit.masking import file_name
from msds_audit.readers.source import Buffer, Contents, Source, Text
from msds_audit.readers.workbook.biff import sheets_of
from msds_audit.readers.workbook.book import BrokenError, ProtectedError, Sheet, Tally, is_blank
from msds_audit.readers.workbook.compound import SIGNATURE, Compound
from msds_audit.readers.workbook.grid import Room, read_sheet
from msds_audit.readers.workbook.package import Package
from msds_audit.spec import Spec, Table

_ZIP = b"PK"
_BIFF = (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")
"""How files begin that Excel wrote before it put its records into a compound file."""

_TEXT_SEEN = 1 << 12
"""So many bytes at the beginning of a file are looked at to tell whether it is text."""

_CUT = (struct.error, zlib.error, zipfile.BadZipFile, EOFError, expat.ExpatError)
"""What is raised where a file is damaged, whose names say less than that word."""

_NOT_A_LETTER = re.compile(r"[\W_]+")
_SAVE_AGAIN = "Open it in Excel and save it as an Excel workbook (.xlsx)."


def read_workbook(source: Source, spec: Spec, table: Table | None) -> Contents:
    """Read the sheets of a workbook that are tables, each named after its table.

    Where the workbook is named after a table, its only sheet may have any name.
    Raises ExtractError where it is no workbook, is protected or damaged, or where it cannot be
    told which sheet is which table.
    """
    try:
        with source.opened() as raw, _sheets(source, raw) as sheets:
            return _contents(source, sheets, spec, table)
    except ExtractError:
        raise
    except ProtectedError:
        raise ExtractError(
            f"{source.shown} is protected with a password.", hint="Save a copy without a password."
        ) from None
    except BrokenError as error:
        raise ExtractError(
            f"{source.shown} cannot be read as an Excel workbook: {error}.", hint=_SAVE_AGAIN
        ) from None
    except Exception as error:
        what = "damaged" if isinstance(error, _CUT) else type(error).__name__
        raise ExtractError(
            f"{source.shown} cannot be read as an Excel workbook ({what}).", hint=_SAVE_AGAIN
        ) from None


# --- which format -------------------------------------------------------------------------


@contextmanager
def _sheets(source: Source, raw: Buffer) -> Iterator[list[Sheet]]:
    """The worksheets, whichever the format; it is told by the content and not by the name."""
    if raw[: len(SIGNATURE)] == SIGNATURE:
        compound = Compound(raw)
        if "EncryptedPackage" in compound:
            raise ProtectedError
        if "Workbook" not in compound:
            raise BrokenError(
                "it was written by a version of Excel before 97"
                if "Book" in compound
                else "it is a document of another program"
            )
        yield sheets_of(compound.stream("Workbook"))
    elif raw[: len(_ZIP)] == _ZIP:
        with _file(source, raw) as file, zipfile.ZipFile(file) as archive:
            yield _package(source, archive).sheets()
    else:
        raise _no_workbook(source, raw)


@contextmanager
def _file(source: Source, raw: Buffer) -> Iterator[io.BufferedIOBase]:
    """The file as what a zip is read from."""
    if isinstance(raw, bytes):
        yield io.BytesIO(raw)
    else:
        with source.path.open("rb") as file:
            yield file


def _package(source: Source, archive: zipfile.ZipFile) -> Package:
    package = Package(archive, source.shown)
    if package.holds("xl/workbook.bin"):
        raise ExtractError(f"{source.shown} is an Excel binary workbook.", hint=_SAVE_AGAIN)
    if package.holds("content.xml"):
        raise ExtractError(f"{source.shown} is an OpenDocument file.", hint=_SAVE_AGAIN)
    if not package.holds("[Content_Types].xml"):
        raise ExtractError(
            f"{source.shown} is a zip and no Excel workbook.",
            hint="Give it the ending .zip if it holds an extract.",
        )
    return package


def _no_workbook(source: Source, raw: Buffer) -> ExtractError:
    beginning = bytes(raw[:_TEXT_SEEN])
    plain = beginning.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not plain:
        return ExtractError(f"{source.shown} is empty.", hint="Export the workbook again.")
    if beginning.startswith(_BIFF):
        return ExtractError(
            f"{source.shown} was written by a version of Excel before 97.", hint=_SAVE_AGAIN
        )
    if plain.startswith(b"<"):
        return ExtractError(
            f"{source.shown} is a web page or XML named like an Excel workbook.", hint=_SAVE_AGAIN
        )
    if b"\0" in beginning and not beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ExtractError(
            f"{source.shown} is no Excel workbook.", hint="Export the workbook again."
        )
    return ExtractError(
        f"{source.shown} is text named like an Excel workbook.",
        hint="Give it the ending .csv, and the name of its table.",
    )


# --- which sheets -------------------------------------------------------------------------


def _contents(source: Source, sheets: Sequence[Sheet], spec: Spec, table: Table | None) -> Contents:
    filled = [sheet for sheet in sheets if not _is_empty(sheet)]
    chosen = _chosen(source, filled, spec) if table is None else _one(source, filled, spec, table)
    room = Room(source.shown)
    tables: dict[str, Text] = {}
    for name, sheet in chosen.items():
        found = spec.tables[name]
        named = _named(sheet, spec) is found
        label = file_name(sheet.name.strip()) if named else source.shown
        text = read_sheet(sheet, _within(source, sheet), label, found, room)
        if text is not None:
            tables[name] = text
    others = [_within(source, sheet).shown for sheet in filled if sheet not in chosen.values()]
    return Contents(tables, others, _missing(source, sheets, spec, table, tables))


def _is_empty(sheet: Sheet) -> bool:
    return all(is_blank(cells) for _, cells in sheet.rows(Tally()))


def _named(sheet: Sheet, spec: Spec) -> Table | None:
    return spec.table_named(sheet.name.strip())


def _within(source: Source, sheet: Sheet) -> Source:
    """The sheet as if it were a file, for its name."""
    return replace(source, name=f"{sheet.name.strip()} in {source.name}")


def _chosen(source: Source, filled: Sequence[Sheet], spec: Spec) -> dict[str, Sheet]:
    """The sheets that are tables, by the names of these."""
    chosen: dict[str, Sheet] = {}
    for sheet in filled:
        table = _named(sheet, spec)
        if table is None:
            _refuse_part(source, sheet, spec)
        elif table.name in chosen:
            raise ExtractError(
                f"{source.shown} holds {table.name} on two sheets.", hint="Keep one of the two."
            )
        else:
            chosen[table.name] = sheet
    return chosen


def _one(source: Source, filled: Sequence[Sheet], spec: Spec, table: Table) -> dict[str, Sheet]:
    """The sheet that is the table after which the workbook is named."""
    if len(filled) == 1 and _named(filled[0], spec) is None:
        return {table.name: filled[0]}
    chosen = _chosen(source, filled, spec)
    beside = [name for name in chosen if name != table.name]
    if beside:
        raise ExtractError(
            f"{source.shown} is named after {table.name} and holds {beside[0]}.",
            hint="Give the workbook another name, such as that of the provider.",
        )
    if filled and not chosen:
        raise ExtractError(
            f"{source.shown} has {len(filled):,} sheets that are not empty, and none is named "
            f"{table.number}.",
            hint=f"Name the sheet that is the table {table.number}.",
        )
    return chosen


def _refuse_part(source: Source, sheet: Sheet, spec: Spec) -> None:
    """Raise ExtractError for a sheet that begins with the name of a table: MSD101 part 2."""
    first_word = _NOT_A_LETTER.split(sheet.name.strip())[0]
    if spec.table_named(first_word) is not None:
        raise ExtractError(
            f"{_within(source, sheet).shown} is named like a table, and is none.",
            hint="Give each table on one whole sheet, named such as MSD001.",
        )


def _missing(
    source: Source,
    sheets: Sequence[Sheet],
    spec: Spec,
    table: Table | None,
    tables: dict[str, Text],
) -> list[str]:
    """What is to be told of tables that have a sheet, or a workbook, and nothing on it."""
    if table is not None:
        empty = [] if tables else [source.shown]
    else:
        named = [sheet for sheet in sheets if _named(sheet, spec)]
        empty = [
            _within(source, sheet).shown
            for sheet in named
            if (found := _named(sheet, spec)) and found.name not in tables
        ]
    return [f"{shown} has no headings and was treated as missing." for shown in empty]
