"""Reads the LSOAs of postcodes from a postcode directory that the user names.

It reads the ONS Postcode Directory, the National Statistics Postcode Lookup and whatever else
has their headings. Of its millions of postcodes only those asked for are kept in memory.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from msds_audit.areas import PostcodeLookup, plain_postcode
from msds_audit.errors import ExtractError
from msds_audit.masking import file_name
from msds_audit.readers.parquet import UNREADABLE
from msds_audit.readers.source import UNPACKING_FAILED, Source

POSTCODE_HEADINGS = ("pcds", "pcd8", "pcd7", "pcd2", "pcd", "postcode")
"""What a column of postcodes may be called, in any case; the first that is there is read."""

LSOA_HEADINGS = {"lsoa11": 2011, "lsoa11cd": 2011, "lsoa21": 2021, "lsoa21cd": 2021}
"""What a column of LSOAs may be called, with the census that drew them; the first is read."""

_TEXT, _PARQUET, _ZIP = (".csv", ".txt"), ".parquet", ".zip"
_LONGEST_HEADINGS = 1 << 16
_CHUNK = 1 << 26
_NONE_FOUND = pl.DataFrame(schema={"Postcode": pl.String, "LSOA": pl.String})


@dataclass(frozen=True)
class _Layout:
    """How many columns there are, which hold postcodes and LSOAs, and of what census."""

    columns: tuple[str, ...]
    postcode: str
    lsoa: str
    census: int


def read_postcodes(path: Path, needed: pl.Series) -> PostcodeLookup:
    """The LSOAs of postcodes, from a directory as CSV or Parquet, or in a zip.

    Of a zip the largest file with the right headings is read. Where there are LSOAs of 2011 and
    of 2021, those of 2011 are taken, as NHS England does. A postcode that stands there twice
    has the LSOA that comes first.

    Args:
        path: The directory. Its first line must hold the headings.
        needed: The postcodes to look for, as `plain_postcode` makes them.

    Raises:
        ExtractError: If it cannot be read or has not the headings looked for.
    """
    with ExitStack() as archives:
        source, layout = _chosen(_candidates(path, archives))
        try:
            parts = [_of(needed, rows, layout) for rows in _rows(source, layout)]
        except (*UNREADABLE, *UNPACKING_FAILED) as error:
            raise _broken(source, error) from None
    found = pl.concat([_NONE_FOUND, *parts])
    return PostcodeLookup(
        found.unique("Postcode", keep="first", maintain_order=True), layout.census
    )


def _of(needed: pl.Series, rows: pl.LazyFrame, layout: _Layout) -> pl.DataFrame:
    lsoa = pl.col(layout.lsoa).str.strip_chars().str.to_uppercase().replace("", None)
    return (
        rows.select(plain_postcode(pl.col(layout.postcode)).alias("Postcode"), lsoa.alias("LSOA"))
        .filter(pl.col("Postcode").is_in(needed.implode()))
        .collect(engine="streaming")
    )


# --- which file ---------------------------------------------------------------------------


def _candidates(path: Path, archives: ExitStack) -> list[Source]:
    """The file itself, or of a zip those that may be a directory, the largest first."""
    alone = Source(path.name, path)
    if not path.is_file():
        raise ExtractError(f"There is no file {alone.shown}.", hint="Check the path.")
    if alone.suffix in (*_TEXT, _PARQUET):
        return [alone]
    if alone.suffix != _ZIP or not zipfile.is_zipfile(path):
        raise ExtractError(
            f"{alone.shown} is no postcode directory that this version can read.",
            hint="Give it as CSV or Parquet, or the zip that one is in.",
        )
    try:
        archive = archives.enter_context(zipfile.ZipFile(path))
    except UNPACKING_FAILED as error:
        raise _broken(alone, error) from None
    members = sorted(archive.infolist(), key=lambda member: member.file_size, reverse=True)
    sources = [Source(one.filename, path, one.filename, archive) for one in members]
    return [source for source in sources if source.suffix in (*_TEXT, _PARQUET)]


def _chosen(candidates: Sequence[Source]) -> tuple[Source, _Layout]:
    for source in candidates:
        layout = _layout(_headings(source))
        if layout is not None:
            return source, layout
    what = f"{candidates[0].shown} has" if len(candidates) == 1 else "No CSV or Parquet in it has"
    raise ExtractError(
        f"{what} no heading of postcodes ({', '.join(POSTCODE_HEADINGS)}) beside one of LSOAs "
        f"({', '.join(LSOA_HEADINGS)}).",
        hint="Give the ONS Postcode Directory or the National Statistics Postcode Lookup. The NHS "
        "Postcode Directory comes without headings: write its own above it.",
    )


def _layout(headings: Sequence[str]) -> _Layout | None:
    names = [name.strip().lower() for name in headings]
    postcodes = [name for name in POSTCODE_HEADINGS if name in names]
    lsoas = [name for name in LSOA_HEADINGS if name in names]
    if not postcodes or not lsoas:
        return None
    columns = tuple(f"column {place}" for place in range(len(names)))
    return _Layout(
        columns=columns,
        postcode=columns[names.index(postcodes[0])],
        lsoa=columns[names.index(lsoas[0])],
        census=LSOA_HEADINGS[lsoas[0]],
    )


def _headings(source: Source) -> list[str]:
    try:
        if source.suffix == _PARQUET:
            return _parquet(source).collect_schema().names()
        if source.archive is None or source.member is None:
            with source.path.open("rb") as file:
                first = file.readline(_LONGEST_HEADINGS)
        else:
            with source.archive.open(source.member) as member:
                first = member.readline(_LONGEST_HEADINGS)
        return next(csv.reader([first.decode("utf-8-sig", "replace")]), [])
    except (*UNREADABLE, *UNPACKING_FAILED, csv.Error) as error:
        raise _broken(source, error) from None


def _broken(source: Source, error: BaseException) -> ExtractError:
    return ExtractError(
        f"{file_name(source.path.name)} cannot be read to its end ({type(error).__name__}).",
        hint="Fetch the postcode directory again; a zip must have no password.",
    )


# --- its rows -----------------------------------------------------------------------------


def _rows(source: Source, layout: _Layout) -> Iterator[pl.LazyFrame]:
    """The rows, with columns as the layout names them; those of a zip a part at a time."""
    if source.suffix == _PARQUET:
        frame = _parquet(source)
        names = frame.collect_schema().names()
        renamed = zip(layout.columns, names, strict=True)
        yield frame.select(pl.col(name).cast(pl.String).alias(to) for to, name in renamed)
    elif source.archive is None or source.member is None:
        yield _scan(source.path, layout, has_header=True)
    else:
        with source.archive.open(source.member) as member:
            member.readline()
            while part := member.read(_CHUNK) + member.readline():
                yield _scan(io.BytesIO(part), layout, has_header=False)


def _parquet(source: Source) -> pl.LazyFrame:
    content = source.content()
    return pl.scan_parquet(source.path if content is None else io.BytesIO(content), glob=False)


def _scan(held: Path | io.BytesIO, layout: _Layout, *, has_header: bool) -> pl.LazyFrame:
    return pl.scan_csv(
        held,
        has_header=has_header,
        infer_schema=False,
        new_columns=layout.columns,
        encoding="utf8-lossy",
        glob=False,
    )
