"""Reads one table from Parquet, every value as text."""

from __future__ import annotations

import io

import polars as pl

from msds_audit.errors import ExtractError
from msds_audit.readers.delimited import Text
from msds_audit.readers.finding import Source


def read_parquet(source: Source) -> Text:
    """Read a Parquet file; columns that are not text are turned into it and told.

    Raises ExtractError where the file is not whole.
    """
    content = source.content()
    try:
        frame = pl.scan_parquet(source.path if content is None else io.BytesIO(content), glob=False)
        schema = frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ExtractError(
            f"{source.shown} cannot be read as Parquet ({type(error).__name__}).",
            hint="Write the file again, or give the table as CSV.",
        ) from None
    typed = [name for name, dtype in schema.items() if dtype != pl.String]
    notices = []
    if typed:
        notices.append(
            f"{source.shown}: {len(typed):,} columns were not text; leading zeros may be gone."
        )
    names = {name: f"column {place}" for place, name in enumerate(schema)}
    text = frame.select(
        pl.col(name).cast(pl.String, strict=False).alias(place) for name, place in names.items()
    )
    return Text([name.strip() for name in schema], text, notices)
