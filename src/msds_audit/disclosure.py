"""The rounding by which NHS England publishes counts of MSDS, at every level.

Source: NHS England, Maternity and Neonatal Equalities dashboard (2026), appendices: zero stays
zero, 1 to 7 become 5, all others go to the nearest 5, and percentages are taken of the rounded
counts. The maternity statistics code does the same.
"""

from __future__ import annotations

FEWEST_SHOWN = 8
"""The lowest count that is not made 5; rates per 1,000 below it are not shown."""

STEP = 5

AVERAGE = "Average"
"""How what is counted begins where a value of the data file is an average."""


def rounded(count: int) -> int:
    """A count as it is published. Raises ValueError for one below zero."""
    if count < 0:
        raise ValueError("a count is never below zero")
    if count == 0:
        return 0
    if count < FEWEST_SHOWN:
        return STEP
    return (count + STEP // 2) // STEP * STEP


def rounded_value(value: int | float, count_of: str) -> int | float:
    """A value of the data file as it is published: a count rounded, an average as it is."""
    if isinstance(value, float) or count_of.startswith(AVERAGE):
        return value
    return rounded(value)
