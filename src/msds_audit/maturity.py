"""The Data Quality Maturity Index of NHS England: what is declared of its items, and scores."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

TOTAL = "total"
"""What a line of a scheme names that is about the index and no single item."""


@dataclass(frozen=True, slots=True)
class DqmiItem:
    """A data item that counts towards the index.

    `threshold` is the share of its records, as a fraction, that may hold a default code before
    more of them count against it; None where it is not published.
    """

    uid: str
    threshold: Decimal | None
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and the highest that a score can be; the same where it is known."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class ItemScore:
    """How one data item scores, as a fraction, or why it is left out of the index.

    `valid_and_complete` are the records with a valid, other or default code, `defaults` those of
    them with a default code.
    """

    uid: str
    valid_and_complete: int = 0
    defaults: int = 0
    records: int = 0
    threshold: Decimal | None = None
    score: Bounds | None = None
    reason: str = ""

    @property
    def was_sent(self) -> bool:
        """Whether there is any record of it."""
        return self.records > 0


@dataclass(frozen=True, slots=True)
class MaturityIndex:
    """The index of one submission, from 0 to 100, over the items that score; None without any."""

    items: tuple[ItemScore, ...]
    index: Bounds | None
