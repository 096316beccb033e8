"""The check digit of NHS numbers, by modulus 11.

The first nine digits are weighted 10 to 2, the tenth counts once; the sum must be a multiple of
11. Source: NHS Data Dictionary, NHS NUMBER.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

TEST_RANGE = "999"
"""NHS numbers that begin so are never given to anybody."""

_TEN_DIGITS = r"^[0-9]{10}$"


def is_right(number: pl.Expr) -> pl.Expr:
    """Whether a text is ten digits of which the last is the right check digit; null where null."""
    digits = (number.str.slice(at, 1).cast(pl.Int32, strict=False) for at in range(10))
    weighted = (digit * weight for weight, digit in zip(range(10, 0, -1), digits, strict=True))
    right = pl.sum_horizontal(*weighted, ignore_nulls=False) % 11 == 0
    return pl.when(number.is_not_null()).then(
        number.str.contains(_TEN_DIGITS) & right.fill_null(False)
    )


def is_mirror(number: str) -> bool:
    """Whether it reads the same from both ends: such a number counts as made up."""
    return number == number[::-1]


def check_digit(nine: str) -> str | None:
    """The modulus 11 check digit of the first nine digits; None where no number has them."""
    total = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), nine, strict=True))
    digit = 11 - total % 11
    return None if digit == 10 else str(digit % 11)


def unused_numbers(taken: Collection[str]) -> Iterator[str]:
    """NHS numbers of the test range, in order, less those that are taken and those that mirror."""
    for number in range(10 ** (9 - len(TEST_RANGE))):
        nine = f"{TEST_RANGE}{number:0{9 - len(TEST_RANGE)}d}"
        digit = check_digit(nine)
        if digit is not None and nine + digit not in taken and not is_mirror(nine + digit):
            yield nine + digit
