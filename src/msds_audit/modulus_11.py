"""The check digit of NHS numbers, by modulus 11.

The first nine digits are weighted 10 to 2, the tenth counts once; the sum must be a multiple of
11. Source: NHS Data Dictionary, NHS NUMBER.
"""

from __future__ import annotations

import polars as pl

_TEN_DIGITS = r"^[0-9]{10}$"


def is_right(number: pl.Expr) -> pl.Expr:
    """Whether a text is ten digits of which the last is the right check digit; null where null."""
    digits = (number.str.slice(at, 1).cast(pl.Int32, strict=False) for at in range(10))
    weighted = (digit * weight for weight, digit in zip(range(10, 0, -1), digits, strict=True))
    right = pl.sum_horizontal(*weighted, ignore_nulls=False) % 11 == 0
    return pl.when(number.is_not_null()).then(
        number.str.contains(_TEN_DIGITS) & right.fill_null(False)
    )
