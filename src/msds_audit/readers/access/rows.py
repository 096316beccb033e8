"""The rows of a table in an Access file, as bytes, many pages at a time."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import polars as pl

from msds_audit.readers.access.definition import Definition
from msds_audit.readers.access.pages import (
    DATA_PAGE,
    DELETED,
    ELSEWHERE,
    FIRST_SLOT_AT,
    MOST_RECORDS,
    OFFSET,
    PAGE_SIZE,
    RECORD_COUNT_AT,
    DamagedError,
    Pages,
)

PAGES_AT_ONCE = 1024
"""4 MB of pages: enough to be quick, little enough not to hold the file twice."""


def u16(binary: pl.Expr) -> pl.Expr:
    """Two bytes as a number."""
    return binary.bin.reinterpret(dtype=pl.UInt16, endianness="little").cast(pl.Int32)


def rows_of(pages: Pages, number: int, definition: Definition) -> Iterator[pl.Series]:
    """The rows of the table defined on page `number`, as series of bytes.

    Raises DamagedError where a row is not where it should be.
    """
    owned = pages.owned(definition.owned)
    followed: set[int] = set()
    for start in range(0, len(owned), PAGES_AT_ONCE):
        some = [pages.page(one) for one in owned[start : start + PAGES_AT_ONCE]]
        pages.let_go()
        stored = _rows_on([page for page in some if _belongs(page, number)])
        yield _with_those_elsewhere(stored, pages, followed)


def _belongs(page: bytes, number: int) -> bool:
    return page[0] == DATA_PAGE and struct.unpack_from("<I", page, 4)[0] == number


def _rows_on(some: list[bytes]) -> pl.DataFrame:
    """The records of these pages that are not deleted: `row`, and whether it is `elsewhere`."""
    page, slot, start, end = (pl.col(name) for name in ("page", "slot", "start", "end"))
    counted = pl.DataFrame({"page": some}, schema={"page": pl.Binary}).with_columns(
        count=u16(page.bin.slice(RECORD_COUNT_AT, 2))
    )
    first = FIRST_SLOT_AT + 2 * pl.col("count")
    _make_sure(counted, pl.col("count") <= MOST_RECORDS)
    before = u16(page.bin.slice(FIRST_SLOT_AT - 2 + 2 * slot, 2)) & OFFSET
    found = (
        counted.with_columns(slot=pl.int_ranges(0, pl.col("count")))
        .explode("slot", empty_as_null=False)
        .with_columns(
            found=u16(page.bin.slice(FIRST_SLOT_AT + 2 * slot, 2)),
            end=pl.when(slot > 0).then(before).otherwise(PAGE_SIZE),
        )
        .with_columns(start=pl.col("found") & OFFSET)
    )
    _make_sure(found, (first <= start) & (start <= end) & (end <= PAGE_SIZE))
    return found.filter(pl.col("found") & DELETED == 0).select(
        row=page.bin.slice(start, end - start), elsewhere=pl.col("found") & ELSEWHERE != 0
    )


def _make_sure(frame: pl.DataFrame, sound: pl.Expr) -> None:
    if not frame.select(sound.fill_null(False).all()).item():
        raise DamagedError("the rows of a page overlap")


def _with_those_elsewhere(rows: pl.DataFrame, pages: Pages, followed: set[int]) -> pl.Series:
    """The rows, with each that only points elsewhere replaced by what it points to.

    A row that has grown moves to another page and leaves four bytes behind.
    """
    if not rows["elsewhere"].any():
        return rows["row"]
    moved = [
        _followed(pages, row, followed) if elsewhere else None
        for row, elsewhere in rows.iter_rows()
    ]
    return pl.select(pl.coalesce(pl.Series(moved, dtype=pl.Binary), rows["row"])).to_series()


def _followed(pages: Pages, row: bytes, followed: set[int]) -> bytes:
    elsewhere = True
    while elsewhere:
        if len(row) < 4:
            raise DamagedError("a row points nowhere")
        [pointer] = struct.unpack_from("<I", row)
        if pointer in followed:
            raise DamagedError("two rows point to the same place")
        followed.add(pointer)
        row, elsewhere = pages.record(pointer)
    return row
