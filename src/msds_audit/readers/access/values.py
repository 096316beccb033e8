"""The values in the rows of an Access table, as text.

Dates come out as `CCYY-MM-DD`, times of day as `HH:MM:SS`, both as `CCYY-MM-DD HH:MM:SS`;
numbers without needless zeros; yes and no as 1 and 0.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import polars as pl

from msds_audit.readers.access.definition import (
    MOST_COLUMNS,
    WIDTHS,
    Column,
    Definition,
    Kind,
)
from msds_audit.readers.access.long_values import LongValues
from msds_audit.readers.access.pages import DamagedError
from msds_audit.readers.access.rows import u16
from msds_audit.readers.access.text import texts

_NUMBERS = {
    Kind.BYTE: pl.UInt8,
    Kind.INTEGER: pl.Int16,
    Kind.LONG: pl.Int32,
    Kind.SINGLE: pl.Float32,
    Kind.DOUBLE: pl.Float64,
    Kind.DATE_TIME: pl.Float64,
    Kind.BIG_INTEGER: pl.Int64,
}
_CURRENCY_DIGITS = 4
_DAY = 86_400
_EPOCH = 25_569
"""Days from 30 December 1899, where Access begins to count, to 1 January 1970."""

_FIRST_DAY, _LAST_DAY = -657_434, 2_958_465
"""1 January 100 and 31 December 9999: Access has no other dates."""

_LARGEST_WHOLE = 2.0**53
_AT = "at"
"""Where a row stands, beside its columns, which go by their numbers."""


def decoded(
    rows: pl.Series, definition: Definition, long_values: LongValues, times: Collection[str]
) -> pl.DataFrame:
    """The columns of a table as text, under their numbers; all must be readable.

    `times` are the columns that hold a time of day: there nought is midnight, and elsewhere the
    day at which Access begins to count. Raises DamagedError where a row contradicts itself.
    """
    columns = {str(column.number): column for column in definition.columns}
    parts = [pl.DataFrame(schema={_AT: pl.UInt32} | dict.fromkeys(columns, pl.String))]
    alike = _shapes(rows, definition).partition_by("count", "variable", as_dict=True)
    if len(alike) > MOST_COLUMNS:
        raise DamagedError("its rows were written in too many ways")
    for (count, variable), part in alike.items():
        raw = _raw(part, columns, int(count), int(variable))
        text = [
            _as_text(raw[name], one, long_values, times).alias(name)
            for name, one in columns.items()
        ]
        parts.append(pl.DataFrame([raw[_AT], *text]))
    whole = pl.concat(parts)
    return (whole if len(alike) <= 1 else whole.sort(_AT)).drop(_AT)


def _shapes(rows: pl.Series, definition: Definition) -> pl.DataFrame:
    """Each row with the number of columns, and of values of variable length, it was written with.

    Rows from before a column was added have fewer. One from before there was any column of
    variable length does not even tell their number, which is -1 here.
    """
    row, count, variable = pl.col("row"), pl.col("count"), pl.col("variable")
    size, mask = row.bin.size().cast(pl.Int32), (count + 7) // 8
    first = min((one.number for one in definition.columns if not one.fixed), default=MOST_COLUMNS)
    frame = pl.DataFrame({"row": rows}).with_row_index(_AT)
    frame = frame.with_columns(count=u16(row.bin.slice(0, 2)))
    _make_sure(frame, count.is_between(1, MOST_COLUMNS) & (size >= mask + 2))
    told = u16(row.bin.slice(size - mask - 2, 2))
    frame = frame.with_columns(variable=pl.when(count > first).then(told).otherwise(-1))
    behind = mask + pl.when(variable >= 0).then(2 * variable + 4).otherwise(0)
    _make_sure(frame, (variable <= count) & (size >= 2 + behind))
    return frame


def _make_sure(frame: pl.DataFrame, sound: pl.Expr) -> None:
    if not frame.select(sound.fill_null(False).all()).item():
        raise DamagedError("the values of a row overlap")


def _raw(
    part: pl.DataFrame, columns: Mapping[str, Column], count: int, variable: int
) -> pl.DataFrame:
    """The bytes of every value; null where the row has none.

    All rows of `part` have `count` columns and `variable` values of variable length.
    """
    frame = _with_tail(part, count, variable)
    row = pl.col("row")

    def there(column: Column) -> pl.Expr:
        return pl.col(f".mask {column.number // 8}") & (1 << column.number % 8) != 0

    def value(column: Column) -> pl.Expr:
        if column.number >= count or (not column.fixed and column.place >= variable):
            return pl.lit(None, dtype=pl.Binary)
        is_there = there(column)
        if column.kind is Kind.BOOLEAN:
            return pl.when(is_there).then(pl.lit(b"\1"))
        start, width = pl.lit(2 + column.place), pl.lit(_width(column))
        if not column.fixed:
            start = pl.col(f".begin {column.place}")
            width = pl.col(f".begin {column.place + 1}") - start
        return pl.when(is_there).then(row.bin.slice(start, width))

    written = [column for column in columns.values() if column.number < count]
    fixed = [column for column in written if column.fixed]
    lost = [column for column in written if not column.fixed and column.place >= variable]
    first = 2 + max((column.place + _width(column) for column in fixed), default=0)
    begins = [pl.col(name) for name in frame.columns if name.startswith(".begin")]
    places = [pl.lit(first), *begins[::-1], pl.col(".end")]
    in_order = [before <= after for before, after in pairwise(places)]
    _make_sure(frame, pl.all_horizontal(*in_order, *(~there(column) for column in lost)))
    return frame.select(pl.col(_AT), *(value(one).alias(name) for name, one in columns.items()))


def _with_tail(part: pl.DataFrame, count: int, variable: int) -> pl.DataFrame:
    """Adds what stands behind the values of each row.

    That is where the last value of variable length ends and each begins, the last one first
    (`.begin 0` ...), their number, and the null mask (`.mask 0` ...). `.end` is where it starts.
    """
    row = pl.col("row")
    mask = (count + 7) // 8
    masks = [f".mask {i}" for i in range(mask)]
    begins = [f".begin {i}" for i in reversed(range(variable + 1))]
    behind = mask + (2 * len(begins) + 2 if begins else 0)
    bits = row.bin.slice(-mask, mask).bin.reinterpret(dtype=pl.Array(pl.UInt8, mask))
    frame = part.with_columns(
        (row.bin.size().cast(pl.Int32) - behind).alias(".end"),
        bits.arr.to_struct(masks).alias(".masks"),
    )
    if begins:
        words = row.bin.slice(-behind, 2 * len(begins)).bin.reinterpret(
            dtype=pl.Array(pl.UInt16, len(begins)), endianness="little"
        )
        frame = frame.with_columns(
            words.cast(pl.Array(pl.Int32, len(begins))).arr.to_struct(begins).alias(".begins")
        ).unnest(".begins")
    return frame.unnest(".masks")


def _width(column: Column) -> int:
    if column.kind is Kind.BOOLEAN:
        return 0
    return WIDTHS.get(column.kind, column.length)


# --- bytes to text ------------------------------------------------------------------------


def _as_text(
    raw: pl.Series, column: Column, long_values: LongValues, times: Collection[str]
) -> pl.Series:
    match column.kind:
        case Kind.TEXT:
            text = texts(raw)
        case Kind.MEMO:
            text = texts(long_values.of(raw))
        case Kind.BOOLEAN:
            text = _booleans(raw)
        case Kind.GUID:
            text = _each(raw, _guid, 16)
        case Kind.NUMERIC:
            text = _each(raw, lambda value: _numeric(value, column.scale), 17)
        case Kind.DATE_TIME:
            text = _dates(_numbers(raw, column.kind), of_day=column.name in times)
        case Kind.CURRENCY:
            text = _each(raw, _currency, 8)
        case _:
            text = _numbers_as_text(_numbers(raw, column.kind))
    return text


def _booleans(raw: pl.Series) -> pl.Series:
    """Yes as 1, no as 0; there is no blank."""
    return raw.is_not_null().cast(pl.Int8).cast(pl.String)


def _each(raw: pl.Series, convert: Callable[[bytes], str], width: int) -> pl.Series:
    _all_of_width(raw, width)
    return pl.Series([None if value is None else convert(value) for value in raw], dtype=pl.String)


def _all_of_width(raw: pl.Series, width: int) -> None:
    if not (raw.bin.size().drop_nulls() == width).all():
        raise DamagedError("a value has the wrong length")


def _numeric(value: bytes, scale: int) -> str:
    """A sign, and sixteen bytes as four numbers of which the first counts most."""
    digits = 0
    for part in struct.unpack_from("<4I", value, 1):
        digits = digits << 32 | part
    return _decimal(-digits if value[0] else digits, scale)


def _currency(value: bytes) -> str:
    return _decimal(int.from_bytes(value, "little", signed=True), _CURRENCY_DIGITS)


def _guid(value: bytes) -> str:
    return f"{{{UUID(bytes_le=value)}}}".upper()


def _decimal(digits: int, scale: int) -> str:
    text = f"{Decimal(digits).scaleb(-scale):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _numbers(raw: pl.Series, kind: Kind) -> pl.Series:
    _all_of_width(raw, WIDTHS[kind])
    return raw.bin.reinterpret(dtype=_NUMBERS[kind], endianness="little")


def _numbers_as_text(numbers: pl.Series) -> pl.Series:
    """Whole numbers without a decimal point, others with as few digits as tell them apart."""
    text = numbers.cast(pl.String)
    if numbers.dtype.is_integer():
        return text
    whole = (numbers == numbers.round()) & (numbers.abs() < _LARGEST_WHOLE)
    digits = numbers.cast(pl.Int64, strict=False).cast(pl.String)
    return pl.select(pl.when(whole).then(digits).otherwise(text)).to_series()


def _dates(days: pl.Series, *, of_day: bool) -> pl.Series:
    """Whole days since 30 December 1899 and the time of day as a fraction, also before that day.

    A number without whole days is a time of day, one without a fraction a date; nought is a
    time where the column is `of_day`.
    """
    if not days.drop_nulls().is_between(_FIRST_DAY - 1, _LAST_DAY + 1, closed="none").all():
        raise DamagedError("a date is none")
    value, day, seconds = pl.col("value"), pl.col("day"), pl.col("seconds")
    date = (day - _EPOCH).cast(pl.Int32).cast(pl.Date).dt.strftime("%Y-%m-%d")
    time = (seconds * 1_000_000_000).cast(pl.Time).dt.strftime("%H:%M:%S")
    is_time = (day == 0) & ((seconds != 0) | pl.lit(of_day))
    return (
        days.to_frame("value")
        .lazy()
        .with_columns(day=value.cast(pl.Int64))
        .with_columns(seconds=((value - day).abs() * _DAY).round().cast(pl.Int64))
        .with_columns(day=day + seconds // _DAY, seconds=seconds % _DAY)
        .select(
            pl.when(is_time)
            .then(time)
            .when(seconds == 0)
            .then(date)
            .otherwise(pl.concat_str(date, time, separator=" "))
        )
        .collect()
        .to_series()
    )
