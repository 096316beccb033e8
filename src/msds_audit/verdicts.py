"""Whether a count passes, by how many people, and what of a rate is published.

It works on counts alone. Source: NHS England's maternity statistics code, read November 2026;
held against the published results of April 2025 (provisional).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from msds_audit.disclosure import FEWEST_SHOWN, rounded
from msds_audit.limits import Limits

PER_THOUSAND = 1000
COMPARED_DECIMALS = 3
HELD_BACK = "*"


class Verdict(StrEnum):
    """Result of an indicator, as published."""

    PASS = "Pass"  # noqa: S105
    FAIL = "Fail"


def verdict(numerator: int, denominator: int, limits: Limits) -> Verdict:
    """Whether a rate keeps to its limits.

    The rate is rounded half up, to three decimal places, before it is compared. Without a
    denominator it passes if there is a numerator and no upper limit.
    """
    if limits.needs_someone and not numerator:
        return Verdict.FAIL
    if not denominator:
        return Verdict.PASS if numerator and limits.upper is None else Verdict.FAIL
    rate = _quotient(numerator, denominator, COMPARED_DECIMALS)
    over = limits.lower is None or _clears(rate, limits.lower, limits)
    under = limits.upper is None or _clears(limits.upper, rate, limits)
    return Verdict.PASS if over and under else Verdict.FAIL


def rounded_verdict(numerator: int, denominator: int, limits: Limits) -> Verdict:
    """The same of the counts as they are rounded for publication: this one decides."""
    return verdict(rounded(numerator), rounded(denominator), limits)


def _clears(more: Decimal, less: Decimal, limits: Limits) -> bool:
    return more > less if limits.exclusive else more >= less


def _quotient(numerator: int, denominator: int, decimals: int) -> Decimal:
    exact = Decimal(numerator) / Decimal(denominator)
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def margin(numerator: int, denominator: int, limits: Limits, *, of_people: bool) -> int | None:
    """By how many people the rounded result passes, or misses (below 0).

    Missing by -14 means: 14 more in the numerator pass it, or 14 fewer where the rate is too
    high. Passing by 14 means: 14 could be lost, or added where that is nearer, and it still
    passes. None where no number of people changes the result. With `of_people` nobody can be in
    the numerator who is not in the denominator.
    """
    result = rounded_verdict(numerator, denominator, limits)
    most = denominator if of_people else max(denominator, numerator) * 2 + FEWEST_SHOWN
    found = [
        moved
        for step in (1, -1)
        if (moved := _until_other(numerator, denominator, limits, step, most, result)) is not None
    ]
    if not found:
        return None
    return min(found) - 1 if result is Verdict.PASS else -min(found)


def _until_other(
    numerator: int, denominator: int, limits: Limits, step: int, most: int, result: Verdict
) -> int | None:
    """How many people one way it takes until the result is another."""
    for moved in range(1, (most - numerator if step > 0 else numerator) + 1):
        if rounded_verdict(numerator + step * moved, denominator, limits) is not result:
            return moved
    return None


# --- as published -------------------------------------------------------------------------


def published_rate(numerator: int, denominator: int, per: int) -> str:
    """A rate as the measures file has it, by the counts before they are rounded.

    A percentage is taken of the rounded counts, to one decimal place. A rate per 1,000 is taken
    of the counts themselves, without decimal places, and shown as `*` where fewer than eight are
    in the numerator.
    """
    if per != PER_THOUSAND:
        return percentage(rounded(numerator), rounded(denominator))
    if denominator and 0 < rounded(numerator) < FEWEST_SHOWN:
        return HELD_BACK
    return plain_rate(numerator, denominator, per)


def plain_rate(numerator: int, denominator: int, per: int) -> str:
    """A rate as the measures file would have it if no count were rounded and none hidden."""
    if per != PER_THOUSAND:
        return percentage(numerator, denominator)
    if not numerator or not denominator:
        return "0"
    return f"{_quotient(numerator * per, denominator, 0)}"


def percentage(numerator: int, denominator: int) -> str:
    """A percentage to one decimal place, without one that is 0; `0` without a denominator."""
    if not denominator:
        return "0"
    return f"{_quotient(numerator * 100, denominator, 1):f}".removesuffix(".0")


def withheld_by(results: Iterable[tuple[str, Verdict | None]]) -> tuple[str, ...]:
    """The measures that withhold a rate: those whose rounded result is Fail."""
    return tuple(id for id, result in results if result is Verdict.FAIL)
