"""Three-valued logic, comparison and arithmetic of SQL; null is None.

It is strict where the dialects of SQL differ or a rule makes no sense: a comparison of things
of different kinds is an error and not a guess.
"""

from __future__ import annotations

import operator
import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


class SqlError(ValueError):
    """A predicate that is not understood, or that asks for something without a meaning."""


# --- true, false and null -----------------------------------------------------------------


def truth(value: object) -> bool | None:
    """A value as true, false or null; anything else is an error."""
    if value is None or isinstance(value, bool):
        return value
    raise SqlError(f"{type(value).__name__} is neither true nor false")


def both(one: object, other: object) -> bool | None:
    """AND: false as soon as one is false, otherwise null where one is null."""
    one, other = truth(one), truth(other)
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def either(one: object, other: object) -> bool | None:
    """OR: true as soon as one is true, otherwise null where one is null."""
    one, other = truth(one), truth(other)
    if one is True or other is True:
        return True
    return None if one is None or other is None else False


def opposite(value: object) -> bool | None:
    """NOT: null stays null."""
    found = truth(value)
    return None if found is None else not found


# --- comparison ---------------------------------------------------------------------------

ORDER: Mapping[str, Callable[[object, object], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(symbol: str, one: object, other: object) -> bool | None:
    """Two values of one kind compared; null where either is."""
    if one is None or other is None:
        return None
    if type(one) is type(other) and type(one) in (str, date):  # the usual case, sooner
        return ORDER[symbol](one, other)
    one, other = fixed(one), fixed(other)
    if kind(one) is not kind(other):
        raise SqlError(f"{type(one).__name__} compared with {type(other).__name__}")
    return ORDER[symbol](one, other)


def kind(value: object) -> type:
    """What a value is compared and calculated as."""
    if isinstance(value, bool):
        return bool
    if isinstance(value, int | float):
        return float
    if type(value) in (str, date, time, timedelta):
        return type(value)
    raise SqlError(f"{type(value).__name__} is no value")


def is_one_of(value: object, listed: list[object]) -> bool | None:
    """IN: true where one is equal, otherwise null where a null may have been."""
    found: bool | None = False
    for one in listed:
        found = either(found, compare("=", value, one))
    return found


def is_between(value: object, low: object, high: object) -> bool | None:
    """BETWEEN: both ends belong to it."""
    return both(compare(">=", value, low), compare("<=", value, high))


def is_like(value: object, pattern: object) -> bool | None:
    """LIKE: % stands for any characters and _ for one."""
    if value is None or pattern is None:
        return None
    parts = {"%": ".*", "_": "."}
    regex = "".join(parts.get(char, re.escape(char)) for char in str(pattern))
    return re.fullmatch(regex, str(value), re.DOTALL) is not None


# --- intervals ----------------------------------------------------------------------------

_PART = re.compile(r"\s*([+-]?[0-9]+)\s*([A-Za-z]+)\s*,?")
_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_DAYS = {"week": 7, "day": 1}
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}


@dataclass(frozen=True)
class Interval:
    """Some months, and a time beyond them that is always as long."""

    months: int
    beyond: timedelta

    @classmethod
    def parse(cls, text: str) -> Interval:
        """Read `11 years` or `2 weeks 3 days`."""
        months, beyond, place = 0, timedelta(), 0
        while place < len(text):
            found = _PART.match(text, place)
            if found is None:
                raise SqlError(f"interval {text!r} is not understood")
            count, unit, place = int(found[1]), found[2].lower().rstrip("s"), found.end()
            if unit in _MONTHS:
                months += count * _MONTHS[unit]
            elif unit in _DAYS:
                beyond += count * timedelta(days=_DAYS[unit])
            elif unit in _SECONDS:
                beyond += count * timedelta(seconds=_SECONDS[unit])
            else:
                raise SqlError(f"interval {text!r} is not understood")
        return cls(months, beyond)


def fixed(value: object) -> object:
    """An interval as the time it lasts, where that is always the same; all else unchanged."""
    if not isinstance(value, Interval):
        return value
    if value.months:
        raise SqlError("months are not always as long as each other")
    return value.beyond


def moved(day: date, by: Interval, sign: int) -> date:
    """A date some months and days later, on the last day of a month that is too short.

    A date stays a date: part of a day beyond it is dropped.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + sign * by.months, 12)
    there = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return (datetime.combine(there, time()) + sign * by.beyond).date()


# --- arithmetic ---------------------------------------------------------------------------


def calculate(symbol: str, one: object, other: object) -> object:
    """The four kinds of arithmetic, with dates in them as well; null where either is null."""
    if one is None or other is None:
        return None
    if isinstance(one, timedelta):
        one = Interval(0, one)
    if isinstance(other, timedelta):
        other = Interval(0, other)
    if type(one) is date and isinstance(other, Interval) and symbol in ("+", "-"):
        return moved(one, other, 1 if symbol == "+" else -1)
    if isinstance(one, Interval) and type(other) is date and symbol == "+":
        return moved(other, one, 1)
    if type(one) is date and type(other) is date and symbol == "-":
        return one - other
    if isinstance(other, Interval) and symbol == "*":
        times = number(one)
        return Interval(int(times * other.months), times * other.beyond)
    return _of_numbers(symbol, one, other)


def _of_numbers(symbol: str, one: object, other: object) -> int | float:
    left, right = number(one), number(other)
    match symbol:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" if right:
            return left / right
        case "%" if right:
            return remainder(left, right)
    raise SqlError(f"{symbol} with {right} has no result that all dialects agree on")


def remainder(one: int | float, other: int | float) -> int | float:
    """What is left over; it has the sign of the first number."""
    left = abs(one) % abs(other)
    return -left if one < 0 else left


def number(value: object) -> int | float:
    """A value that must be a number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise SqlError(f"{type(value).__name__} is no number")
