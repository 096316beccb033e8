"""What the four maternity trusts of south-west London published about ethnic category.

It holds the figures and shares whole numbers out by them; making people of them is left to
`unit` and `stories`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SOURCE = "NHS England, NHS Maternity Statistics, England, 2023-24: deliveries by ethnic category"
LICENCE = (
    "Contains public sector information licensed under the Open Government Licence v3.0. "
    "Counts are rounded to 5 by NHS England."
)

NOT_STATED = "Not Stated"
NOT_KNOWN = "Not known"
MISSING = "Missing value / Value outside reporting parameters"

CODES: Mapping[str, Mapping[str, int]] = {
    "White": {"A": 55, "B": 4, "C": 41},
    "Mixed": {"D": 24, "E": 14, "F": 26, "G": 36},
    "Asian or Asian British": {"H": 34, "J": 20, "K": 8, "L": 38},
    "Black or Black British": {"M": 22, "N": 58, "P": 20},
    "Any other ethnic group": {"R": 18, "S": 82},
    NOT_STATED: {"Z": 1},
    NOT_KNOWN: {"99": 1},
    MISSING: {"": 1},
}
"""The codes of each published group. The groups are published, the weights within are ours."""


@dataclass(frozen=True, slots=True)
class Trust:
    """One trust: a year of deliveries by published group, and what is local about it."""

    code: str
    deliveries: Mapping[str, int]
    districts: tuple[str, ...]
    surgeries: str


def _deliveries(*counts: int) -> Mapping[str, int]:
    return dict(zip(CODES, counts, strict=True))


TRUSTS: tuple[Trust, ...] = (
    Trust(
        "RJ6", _deliveries(1220, 180, 815, 720, 240, 5, 5, 5), ("CR0", "CR2", "CR7", "SE25"), "H83"
    ),
    Trust(
        "RVR",
        _deliveries(2270, 140, 605, 210, 165, 40, 0, 0),
        ("SM1", "SM5", "KT17", "KT19"),
        "H85",
    ),
    Trust(
        "RAX", _deliveries(2245, 85, 365, 90, 500, 435, 20, 0), ("KT1", "KT2", "TW1", "TW9"), "H84"
    ),
    Trust(
        "RJ7",
        _deliveries(2080, 185, 805, 500, 390, 340, 10, 0),
        ("SW17", "SW18", "SW16", "CR4"),
        "H85",
    ),
)


def trust(code: str) -> Trust:
    """The trust with this code. Raises KeyError where there is none."""
    return {one.code: one for one in TRUSTS}[code]


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Share a total out in proportion to whole weights, by largest remainder.

    The shares add up to the total. Ties go to the later weight, so that the few unusable
    values, which are published last, do not all vanish in a small month.
    """
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda place: (total * weights[place] % whole, place), reverse=True
    )
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares


def month_of(deliveries: Mapping[str, int]) -> int:
    """A twelfth of a year of deliveries, to the nearest whole number."""
    return (sum(deliveries.values()) + 6) // 12


def ethnic_codes(total: int, deliveries: Mapping[str, int]) -> list[str]:
    """As many ethnic category codes as asked for, in the published proportions, grouped."""
    codes: list[str] = []
    for group, count in zip(deliveries, apportion(total, list(deliveries.values())), strict=True):
        within = CODES[group]
        for code, share in zip(within, apportion(count, list(within.values())), strict=True):
            codes += [code] * share
    return codes
