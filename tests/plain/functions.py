"""The functions that predicates may call, and turning values into other types."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, time

from plain.logic import SqlError, compare, number, remainder

Function = Callable[..., object]


def call(name: str, values: list[object]) -> object:
    """The result of a function; null where a value is, unless the function is about nulls."""
    if name in _ABOUT_NULLS:
        return _ABOUT_NULLS[name](*values)
    if any(value is None for value in values):
        return None
    return _ON_VALUES[name](*values)


def is_known(name: str) -> bool:
    """Whether there is a function of this name."""
    return name in _ABOUT_NULLS or name in _ON_VALUES


# --- about nulls --------------------------------------------------------------------------


def _coalesce(*values: object) -> object:
    return next((value for value in values if value is not None), None)


def _furthest(symbol: str) -> Function:
    """The greatest or least of the values that are not null."""

    def chosen(*values: object) -> object:
        best = None
        for value in values:
            if value is not None and (best is None or compare(symbol, value, best)):
                best = value
        return best

    return chosen


def _nullif(value: object, other: object) -> object:
    return None if compare("=", value, other) else value


def _concat(*values: object) -> object:
    return "".join(str(value) for value in values if value is not None)


_ABOUT_NULLS: Mapping[str, Function] = {
    "COALESCE": _coalesce,
    "GREATEST": _furthest(">"),
    "LEAST": _furthest("<"),
    "NULLIF": _nullif,
    "CONCAT": _concat,
}


# --- on values ----------------------------------------------------------------------------


def _substr(text: str, start: int, length: int | None = None) -> str:
    """Characters counted from 1; those before the first are counted and not there."""
    end = len(text) if length is None else start - 1 + length
    return text[max(start - 1, 0) : max(end, 0)]


def _left(text: str, length: int) -> str:
    return text[:length]


def _right(text: str, length: int) -> str:
    if length < 0:
        return text[-length:]
    return text[max(len(text) - length, 0) :]


def _round(value: float, digits: int = 0) -> float:
    return round(number(value), digits)


_ON_VALUES: Mapping[str, Function] = {
    "ABS": lambda value: abs(number(value)),
    "CEIL": lambda value: math.ceil(number(value)),
    "FLOOR": lambda value: math.floor(number(value)),
    "MOD": lambda one, other: remainder(number(one), number(other)),
    "ROUND": _round,
    "CHAR_LENGTH": len,
    "LENGTH": len,
    "LEFT": _left,
    "RIGHT": _right,
    "LOWER": str.lower,
    "UPPER": str.upper,
    "TRIM": str.strip,
    "LTRIM": str.lstrip,
    "RTRIM": str.rstrip,
    "REPLACE": str.replace,
    "SUBSTR": _substr,
    "STARTS_WITH": str.startswith,
    "ENDS_WITH": str.endswith,
    "REGEXP_LIKE": lambda text, pattern: re.search(pattern, text) is not None,
}


# --- types and parts ----------------------------------------------------------------------

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_BITS = {"SMALLINT": 16, "INT": 32, "INTEGER": 32, "BIGINT": 64}
_DECIMALS = ("DOUBLE", "FLOAT", "REAL")
_TEXTS = ("VARCHAR", "TEXT", "STRING", "CHAR")


def cast(value: object, type_name: str) -> object:
    """TRY_CAST: the value in another type, null where it cannot be."""
    if value is None:
        return None
    if type_name in _BITS:
        return _integer(value, _BITS[type_name])
    if type_name in _DECIMALS:
        return decimal(value) if isinstance(value, str) else float(number(value))
    if type_name in _TEXTS and isinstance(value, str | int | date | time):
        return str(value)
    raise SqlError(f"TRY_CAST of {type(value).__name__} to {type_name} is not understood")


def _integer(value: object, bits: int) -> int | None:
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value):
            return None
        found = int(value)
    else:
        found = int(number(value))
    return found if -(2 ** (bits - 1)) <= found < 2 ** (bits - 1) else None


def decimal(text: str) -> float | None:
    """The number a text stands for; null where it is none."""
    return float(text) if _DECIMAL.fullmatch(text) else None


def part_of(field: str, value: object) -> int | None:
    """EXTRACT: a part of a date or a time."""
    if value is None:
        return None
    kinds = {date: ("YEAR", "MONTH", "DAY"), time: ("HOUR", "MINUTE", "SECOND")}
    if field not in kinds.get(type(value), ()):
        raise SqlError(f"{type(value).__name__} has no {field}")
    return int(getattr(value, field.lower()))
