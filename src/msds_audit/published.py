"""What the published figures of NHS England are made of: a dimension, a group, how many.

It knows the shape of a figure; what is counted is left to the engine, rounding and files to the
reports.
"""

from __future__ import annotations

from dataclasses import dataclass

NOT_REPORTED = "Missing Value / Value outside reporting parameters"
"""The group of those who are in no other, as the monthly data file writes it."""

WOMEN, AVERAGE_OVER_WOMEN = "Women", "Average over women"
"""What a figure of the monthly data file counts, in its words."""


@dataclass(frozen=True, slots=True)
class DimensionCount:
    """One figure of a dimension, before it is rounded for publication.

    `measure` is the group, empty for a dimension that has none; `count_of` says of what `value`
    is the number or the average, and an average is `over` so many people.
    """

    dimension: str
    measure: str
    count_of: str
    value: int | float
    over: int | None = None
