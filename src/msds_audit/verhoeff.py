"""The check digit of SNOMED CT identifiers, as one Polars expression.

Verhoeff's scheme multiplies the digits, each permuted by its place from the right, in the
dihedral group D5; a right identifier comes out as the neutral element.
"""

from __future__ import annotations

from functools import cache

import polars as pl

SCTID = r"^[1-9][0-9]{5,17}$"
"""An identifier: 6 to 18 digits, of which the first is not 0."""

_LONGEST = 18
_NOTHING = 10
"""Stands for the digit where an identifier has none as far left; it changes nothing."""

_ONCE = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
"""The permutation, applied as often as there are digits to the right."""


def is_right(text: pl.Expr) -> pl.Expr:
    """Whether the check digit is right; null where the text is no identifier."""
    number = pl.when(text.str.contains(SCTID)).then(text).cast(pl.Int64, strict=False)
    product = pl.lit(0, dtype=pl.Int64)
    for place in range(_LONGEST):
        unit = 10**place
        digit = pl.when(number >= unit).then(number // unit % 10).otherwise(_NOTHING)
        product = pl.lit(_step(place % 8)).gather(product * (_NOTHING + 1) + digit)
    return pl.when(number.is_not_null()).then(product == 0)


@cache
def _step(place: int) -> pl.Series:
    """For every product so far and every digit in this place, the product with it."""
    permuted = list(range(10))
    for _ in range(place):
        permuted = [_ONCE[digit] for digit in permuted]
    products = [
        before if digit == _NOTHING else _times(before, permuted[digit])
        for before in range(10)
        for digit in range(_NOTHING + 1)
    ]
    return pl.Series(products, dtype=pl.Int64)


def _times(one: int, other: int) -> int:
    """The product in D5: 0 to 4 are turns of a pentagon, 5 to 9 turns of its mirror image."""
    mirrored = one >= 5
    turned = one - other if mirrored else one + other
    return turned % 5 + 5 * (mirrored != (other >= 5))
