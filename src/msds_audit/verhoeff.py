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

_ONCE = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
"""The permutation, applied as often as there are digits to the right."""


def is_right(text: pl.Expr) -> pl.Expr:
    """Whether the check digit is right; null where the text is no identifier.

    Digits are taken two at a time. Where an identifier has none they are 0, which adds what
    `_padding` holds.
    """
    number = text.cast(pl.UInt64, strict=False)
    product = pl.lit(0, dtype=pl.UInt64)
    for place in range(0, _LONGEST, 2):
        pair = number // 10**place % 100
        product = pl.lit(_step(place % 8)).gather(product * 100 + pair)
    length = text.str.len_bytes().clip(upper_bound=_LONGEST)
    right = product == pl.lit(_padding()).gather(length)
    return pl.when(text.str.contains(SCTID)).then(right)


@cache
def _step(place: int) -> pl.Series:
    """For every product so far and every two digits from this place on, the product with them."""
    first, second = _permuted(place), _permuted(place + 1)
    products = [
        _times(_times(before, first[pair % 10]), second[pair // 10])
        for before in range(10)
        for pair in range(100)
    ]
    return pl.Series(products, dtype=pl.UInt64)


@cache
def _padding() -> pl.Series:
    """For every length of a right identifier, the product with zeros in all places left of it."""
    products = []
    for length in range(_LONGEST + 1):
        product = 0
        for place in range(length, _LONGEST):
            product = _times(product, _permuted(place)[0])
        products.append(product)
    return pl.Series(products, dtype=pl.UInt64)


def _permuted(place: int) -> list[int]:
    """What each digit becomes in a place counted from the right; after eight it begins again."""
    permuted = list(range(10))
    for _ in range(place % 8):
        permuted = [_ONCE[digit] for digit in permuted]
    return permuted


def _times(one: int, other: int) -> int:
    """The product in D5: 0 to 4 are turns of a pentagon, 5 to 9 turns of its mirror image."""
    mirrored = one >= 5
    turned = one - other if mirrored else one + other
    return turned % 5 + 5 * (mirrored != (other >= 5))
