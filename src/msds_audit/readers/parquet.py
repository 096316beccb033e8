"""Reads one table from Parquet, every value as text."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from msds_audit.errors import ExtractError
from msds_audit.extract import POLARS_FAILED
from msds_audit.masking import heading
from msds_audit.readers.headings import check_headings
from msds_audit.readers.parquet_pages import DamagedPagesError, check_pages
from msds_audit.readers.source import Contents, Source, Text
from msds_audit.spec import Spec, Table

UNREADABLE = (*POLARS_FAILED, OSError)


def read_parquet(source: Source, spec: Spec, table: Table | None) -> Contents:
    """Read the table a file is named after; columns that are not text are told.

    Raises ExtractError where the file is not whole or is not such a table.
    """
    if table is None:
        return Contents(others=[source.shown])
    try:
        with source.opened() as raw:
            check_pages(raw)
            held = raw if isinstance(raw, bytes) else source.scannable
        frame = pl.scan_parquet(held if isinstance(held, Path) else io.BytesIO(held), glob=False)
        schema = frame.collect_schema()
        frame.head(1).collect()
    except (*UNREADABLE, DamagedPagesError) as error:
        raise ExtractError(
            f"{source.shown} cannot be read as Parquet ({type(error).__name__}).",
            hint="Write the file again, or give the table as CSV.",
        ) from None
    headings = [name.strip() for name in schema]
    check_headings(source, headings, table.by_name)
    nested = [name for name, dtype in schema.items() if dtype.is_nested()]
    if nested:
        raise ExtractError(
            f"{source.shown} holds a column of lists or records, {heading(nested[0])}.",
            hint="Write every item as a column of text.",
        )
    typed = [name for name, dtype in schema.items() if dtype.is_numeric() or dtype == pl.Boolean]
    notices = []
    if typed:
        columns = "1 column was" if len(typed) == 1 else f"{len(typed):,} columns were"
        notices.append(f"{source.shown}: {columns} numbers, not text; leading zeros may be gone.")
    text = frame.select(
        _as_text(pl.col(name), dtype).alias(f"column {place}")
        for place, (name, dtype) in enumerate(schema.items())
    )
    return Contents({table.name: Text(headings, text, notices)})


def _as_text(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Dates as CCYY-MM-DD, also those with midnight beside them; times as HH:MM:SS."""
    if isinstance(dtype, pl.Datetime):
        is_midnight = column.dt.time() == pl.time(0, 0, 0)
        whole = column.dt.strftime("%Y-%m-%d %H:%M:%S")
        return pl.when(is_midnight).then(column.dt.strftime("%Y-%m-%d")).otherwise(whole)
    if dtype == pl.Time:
        return column.dt.strftime("%H:%M:%S")
    return column.cast(pl.String, strict=False)
