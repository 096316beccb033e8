"""The limits that a rate must keep to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Limits:
    """Between which rates a measure passes; fractions, None where there is no limit.

    `exclusive` limits are not kept to by a rate that is equal to them; and where `needs_someone`,
    a numerator of 0 fails.
    """

    lower: Decimal | None = None
    upper: Decimal | None = None
    exclusive: bool = False
    needs_someone: bool = False

    @property
    def words(self) -> str:
        """The limits in words, as percentages."""
        lower, upper = (
            None if one is None else as_percent(one) for one in (self.lower, self.upper)
        )
        if lower is not None and upper is not None:
            return lower if lower == upper else f"{lower} to {upper}"
        if lower is None and upper is None:
            return ""
        if upper is not None:
            return f"below {upper}" if self.exclusive else f"at most {upper}"
        return f"above {lower}" if self.exclusive else f"at least {lower}"


def as_percent(fraction: Decimal) -> str:
    """A fraction as a percentage without needless decimals."""
    return f"{(fraction * 100).normalize():f} %"
