"""The rounding by which NHS England publishes counts of MSDS, at every level.

Source: NHS England, Maternity and Neonatal Equalities dashboard (2026), appendices: zero stays
zero, 1 to 7 become 5, all others go to the nearest 5, and percentages are taken of the rounded
counts. The maternity statistics code does the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from msds_audit.published import DimensionCount

FEWEST_SHOWN = 8
"""The lowest count that is not made 5; rates per 1,000 below it are not shown."""

STEP = 5


def rounded(count: int) -> int:
    """A count as it is published. Raises ValueError for one below zero."""
    if count < 0:
        raise ValueError("a count is never below zero")
    if count == 0:
        return 0
    if count < FEWEST_SHOWN:
        return STEP
    return (count + STEP // 2) // STEP * STEP


def shared_figures(figures: Iterable[DimensionCount]) -> list[DimensionCount]:
    """Figures as they may be shared: numbers rounded, averages in whole units.

    An exact average tells how many people it is over; one over fewer than eight is left out.
    """
    return [
        replace(one, value=rounded(int(one.value)) if one.over is None else round(one.value))
        for one in figures
        if one.over is None or one.over >= FEWEST_SHOWN
    ]
