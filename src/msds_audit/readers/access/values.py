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

from msds_audit.readers.access.definition import WIDTHS, Column, Definition, Kind
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
_AT = ".at"
"""Where a row stands, beside its columns, none of which Access lets have a full stop."""


def decoded(
    rows: pl.Series, definition: Definition, long_values: LongValues, times: Collection[str]
) -> pl.DataFrame:
    """The columns of a table as text, under their names; all must be readable.

    `times` are the columns that hold a time of day: there nought is midnight, and elsewhere the
    day at which Access begins to count. Raises DamagedError where a row contradicts itself.
    """
    columns = {column.name: column for column in definition.columns}
    parts = [pl.DataFrame(schema={_AT: pl.UInt32} | dict.fromkeys(columns, pl.String))]
    shaped = _shapes(rows, definition)
    for (count, variable), part in shaped.partition_by("count", "variable", as_dict=True).items():
        raw = _raw(part, definition, columns, int(count), int(variable))
        text = [
            _as_text(raw[name], one, long_values, times).alias(name)
            for name, one in columns.items()
        ]
        parts.append(pl.DataFrame([raw[_AT], *text]))
    return pl.concat(parts).sort(_AT).drop(_AT)


def _shapes(rows: pl.Series, definition: Definition) -> pl.DataFrame:
    """Each row with the number of columns, and of values of variable length, it was written with.

    Rows from before a column was added have fewer.
    """
    row = pl.col("row")
    frame = pl.DataFrame({"row": rows}).with_row_index(_AT)
    frame = frame.with_columns(count=u16(row.bin.slice(0, 2)))
    if not definition.has_variable:
        return frame.with_columns(variable=pl.lit(0))
    behind = row.bin.size().cast(pl.Int32) - (pl.col("count") + 7) // 8 - 2
    if not frame.select((behind >= 2).fill_null(False).all()).item():
        raise DamagedError("a row is too short")
    return frame.with_columns(variable=u16(row.bin.slice(behind, 2)))


def _raw(
    part: pl.DataFrame,
    definition: Definition,
    columns: Mapping[str, Column],
    count: int,
    variable: int,
) -> pl.DataFrame:
    """The bytes of every value; null where the row has none.

    All rows of `part` have `count` columns and `variable` values of variable length. Behind the
    values stand where each of the latter begins (the last one first, before it where it ends),
    their number, and the null mask.
    """
    row = pl.col("row")
    mask = (count + 7) // 8
    begins: list[pl.Expr] = []
    if definition.has_variable:
        begins = [u16(row.bin.slice(-(mask + 4 + 2 * i), 2)) for i in range(variable + 1)]
    there = [column for column in columns.values() if column.number < count]
    fixed = [column.place + _width(column) for column in there if column.fixed]
    _check(part, begins, first=2 + max(fixed, default=0), behind=mask + 2 * len(begins) + 2)

    def value(column: Column) -> pl.Expr:
        if column.number >= count:
            return pl.lit(None, dtype=pl.Binary)
        byte = row.bin.slice(-mask + column.number // 8, 1).bin.reinterpret(dtype=pl.UInt8)
        is_there = byte & (1 << column.number % 8) != 0
        if column.kind is Kind.BOOLEAN:
            return pl.when(is_there).then(pl.lit(b"\1"))
        if column.fixed:
            return pl.when(is_there).then(row.bin.slice(2 + column.place, _width(column)))
        if column.place >= variable:
            return pl.lit(None, dtype=pl.Binary)
        start, end = begins[column.place], begins[column.place + 1]
        return pl.when(is_there).then(row.bin.slice(start, end - start))

    return part.select(pl.col(_AT), *(value(one).alias(name) for name, one in columns.items()))


def _width(column: Column) -> int:
    if column.kind is Kind.BOOLEAN:
        return 0
    return WIDTHS.get(column.kind, column.length)


def _check(part: pl.DataFrame, begins: list[pl.Expr], *, first: int, behind: int) -> None:
    """Make sure that the values of every row stand within it, one behind the other."""
    end = pl.col("row").bin.size().cast(pl.Int32) - (behind if begins else behind - 2)
    places = [pl.lit(first), *begins[:1], *begins, end]
    in_order = [before <= after for before, after in pairwise(places)]
    if not part.select(pl.all_horizontal(in_order).fill_null(False).all()).item():
        raise DamagedError("the values of a row overlap")


# --- bytes to text ------------------------------------------------------------------------


def _as_text(
    raw: pl.Series, column: Column, long_values: LongValues, times: Collection[str]
) -> pl.Series:
    match column.kind:
        case Kind.TEXT:
            return texts(raw)
        case Kind.MEMO:
            return texts(long_values.of(raw))
        case Kind.BOOLEAN:
            return _booleans(raw)
        case Kind.GUID:
            return _each(raw, lambda value: "{" + str(UUID(bytes_le=value)).upper() + "}", 16)
        case Kind.NUMERIC:
            return _each(raw, lambda value: _numeric(value, column.scale), 17)
        case Kind.DATE_TIME:
            return _dates(_numbers(raw, column.kind), of_day=column.name in times)
        case Kind.CURRENCY:
            return _each(raw, lambda value: _decimal(_integer(value), _CURRENCY_DIGITS), 8)
        case _:
            return _numbers_as_text(_numbers(raw, column.kind))


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


def _integer(value: bytes) -> int:
    return int.from_bytes(value, "little", signed=True)


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
    if not days.drop_nulls().is_between(_FIRST_DAY, _LAST_DAY + 1, closed="left").all():
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
