"""Reads one table from delimited text, after making sure that its lines are whole.

Polars reads a broken file wrongly without a word (short lines become blanks, a stray quotation
mark swallows lines), so the structure is checked first, line by line.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from msds_audit.errors import ExtractError
from msds_audit.extract import Lines
from msds_audit.readers.headings import check_headings
from msds_audit.readers.source import Buffer, Contents, Source, Text
from msds_audit.spec import Spec, Table

DELIMITERS = (b",", b"\t", b";", b"|")
LONGEST_VALUE = 1 << 20
"""A quoted value of more bytes than this is taken for a quotation mark that never closes."""

LONGEST_HEADINGS = 1 << 16
_CHUNK = 1 << 18
_NOT_BLANK = re.compile(rb"(?!\xef\xbb\xbf)[^\s\xbb\xbf]")
_QUOTED = re.compile(rb'"(?:[^"]|"")*"')


def read_delimited(source: Source, spec: Spec, table: Table | None) -> Contents:
    """Read the table a file is named after; nothing where the file has no headings.

    Raises ExtractError with the line of the first fault.
    """
    if table is None:
        return Contents(others=[source.shown])
    with source.opened() as raw:
        encoding = _encoding(raw)
        recoded = None if encoding == "utf-8" else _recoded(source, raw, encoding)
        buffer = raw if recoded is None else recoded
        if buffer.find(b"\0") >= 0:
            line = buffer[: buffer.find(b"\0")].count(b"\n") + 1
            raise _fault(source, line, "holds a NUL byte, so this is not text")
        layout = _layout(source, buffer, table.by_name)
        if layout is None:
            missing = f"{source.shown} has no headings and was treated as missing."
            return Contents(notices=[missing])
        blank_lines, lines = _check_lines(source, buffer, layout)
        if blank_lines:
            recoded = _without_blank_lines(source, buffer, layout)
        unpacked = raw if isinstance(raw, bytes) else None
    notices = []
    if blank_lines:
        many = "1 blank line was" if blank_lines == 1 else f"{blank_lines:,} blank lines were"
        notices.append(f"{source.shown}: {many} skipped.")
    held = unpacked if recoded is None else recoded
    frame = _scan(source.scannable if held is None else held, layout, table)
    known = lines if source.member is None else None
    return Contents({table.name: Text(layout.headings, frame, notices, encoding, known)})


def _fault(source: Source, line: int, what: str) -> ExtractError:
    return ExtractError(
        f"{source.shown}, line {line:,}: {what}.",
        hint="Export the table again; do not mend it in a spreadsheet.",
    )


# --- bytes and encoding -------------------------------------------------------------------


def _encoding(raw: Buffer) -> str:
    if raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    for encoding, zeros in (("utf-16-le", slice(1, 40, 2)), ("utf-16-be", slice(0, 40, 2))):
        if len(raw) > 1 and not any(raw[zeros]) and any(raw[:40]):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(raw), _CHUNK):
            part = raw[start : start + _CHUNK]
            if not part.isascii() or decoder.getstate()[0]:
                decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _recoded(source: Source, raw: Buffer, encoding: str) -> bytes:
    decoder = codecs.getincrementaldecoder(encoding)()
    recoded = io.BytesIO()
    try:
        for start in range(0, len(raw), _CHUNK):
            last = start + _CHUNK >= len(raw)
            recoded.write(decoder.decode(raw[start : start + _CHUNK], last).encode("utf-8"))
    except UnicodeDecodeError:
        raise ExtractError(
            f"{source.shown} is neither UTF-8, UTF-16 nor Windows-1252 text.",
            hint="Export the table again as CSV UTF-8.",
        ) from None
    return recoded.getvalue()


# --- headings -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layout:
    headings: list[str]
    delimiter: bytes


def _layout(source: Source, buffer: Buffer, items: Collection[str]) -> _Layout | None:
    found = _NOT_BLANK.search(buffer)
    if found is None:
        return None
    start, end = buffer.rfind(b"\n", 0, found.start()) + 1, buffer.find(b"\n", found.start())
    first = bytes(buffer[start : end if end >= 0 else len(buffer)])
    first = first.removeprefix(codecs.BOM_UTF8).rstrip(b"\r")
    if len(first) > LONGEST_HEADINGS:
        raise _fault(source, 1, f"has more than {LONGEST_HEADINGS:,} characters of headings")
    if b"\r" in first:
        raise _fault(source, 1, "the lines end in a carriage return alone")
    known = {item.lower() for item in items}
    best = max(
        (_Layout(_split(first, delimiter), delimiter) for delimiter in DELIMITERS),
        key=lambda layout: sum(name.lower() in known for name in layout.headings),
    )
    check_headings(source, best.headings, items)
    return best


def _split(line: bytes, delimiter: bytes) -> list[str]:
    text = line.decode("utf-8", "replace")
    [parts] = csv.reader([text], delimiter=delimiter.decode())
    return [part.strip() for part in parts]


# --- lines --------------------------------------------------------------------------------


def _check_lines(source: Source, buffer: Buffer, layout: _Layout) -> tuple[int, Lines]:
    """Make sure that every line has as many values as there are headings.

    Blank lines are counted, and where records begin is kept.
    """
    delimiter, expected = layout.delimiter, len(layout.headings)
    if _is_regular(buffer, delimiter, expected):
        return 0, Lines(pl.Series([0], dtype=pl.Int64), pl.Series([1], dtype=pl.Int64))
    blank = seen = shift = 0
    starts, shifts = array("q"), array("q")
    for number, line in _records(source, buffer):
        record = line.rstrip(b"\r\n")
        if _is_blank(record, delimiter):
            blank += 1
            continue
        if b'"' in record:
            outside = _QUOTED.sub(b"", record)
            if b'"' in outside or not _quotes_are_whole(record, delimiter):
                raise _fault(source, number, "a quotation mark stands in the middle of a value")
        else:
            outside = record
        values = outside.count(delimiter) + 1
        if values != expected:
            what = "1 value" if values == 1 else f"{values:,} values"
            raise _fault(source, number, f"has {what} where there are {expected:,} headings")
        if number - seen != shift:
            shift = number - seen
            starts.append(seen)
            shifts.append(shift)
        seen += 1
    return blank, Lines(pl.Series(starts, dtype=pl.Int64), pl.Series(shifts, dtype=pl.Int64))


def _is_regular(buffer: Buffer, delimiter: bytes, expected: int) -> bool:
    """Whether every line is a record with so many values, none of them in quotation marks.

    Without its other bytes such a file is one pattern, repeated. Of a single column, blank lines
    have the same.
    """
    if expected == 1 or buffer.find(b'"') >= 0:
        return False
    line = delimiter * (expected - 1) + b"\n"
    others = bytes(set(range(256)) - set(line))
    left = b""
    for start in range(0, len(buffer), _CHUNK):
        left += buffer[start : start + _CHUNK].translate(None, others)
        whole = len(left) // len(line)
        if left[: whole * len(line)] != line * whole:
            return False
        left = left[whole * len(line) :]
    return left == (b"" if buffer[-1:] == b"\n" else line[:-1])


def _is_blank(record: bytes, delimiter: bytes) -> bool:
    return not record.strip() and delimiter not in record


def _without_blank_lines(source: Source, buffer: Buffer, layout: _Layout) -> bytes:
    return b"".join(
        line
        for _, line in _records(source, buffer)
        if not _is_blank(line.rstrip(b"\r\n"), layout.delimiter)
    )


def _records(source: Source, buffer: Buffer) -> Iterator[tuple[int, bytes]]:
    """Line number and bytes of every record with its line end; a quoted value may hold others."""
    lines = io.BytesIO(buffer) if isinstance(buffer, bytes) else buffer
    lines.seek(0)
    pending: list[bytes] = []
    held = started = 0
    for number, line in enumerate(iter(lines.readline, b""), start=1):
        odd = line.count(b'"') % 2
        if pending or odd:
            started = started if pending else number
            pending.append(line)
            held += len(line)
            if held > LONGEST_VALUE:
                break
            if (len(pending) == 1) == bool(odd):
                continue
            line, number, pending, held = b"".join(pending), started, [], 0
        yield number, line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
    if pending:
        raise _fault(source, started, "a quotation mark opens here and never closes")


def _quotes_are_whole(record: bytes, delimiter: bytes) -> bool:
    """Whether every quoted part is a whole value, with a delimiter or an end on either side."""
    for found in _QUOTED.finditer(record):
        before, after = record[: found.start()][-1:], record[found.end() :][:1]
        if before not in (b"", delimiter) or after not in (b"", delimiter):
            return False
    return True


def _scan(held: Path | bytes, layout: _Layout, table: Table) -> pl.LazyFrame:
    """The columns as text; those of items whose values recur, as categories."""
    recurring = {item.name.lower() for item in table.items if item.recurs}
    columns = {f"column {place}": name.lower() for place, name in enumerate(layout.headings)}
    return pl.scan_csv(
        held if isinstance(held, Path) else io.BytesIO(held),
        separator=layout.delimiter.decode(),
        infer_schema=False,
        new_columns=list(columns),
        schema_overrides={
            column: pl.Categorical(pl.Categories.random())
            for column, name in columns.items()
            if name in recurring
        },
        glob=False,
    )
