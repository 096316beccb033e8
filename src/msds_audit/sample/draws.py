"""Chance that is the same everywhere: draws, NHS numbers of the test range and postcodes.

It knows how to draw; what the draws mean is left to `unit`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Generic, TypeVar

from msds_audit.modulus_11 import TEST_RANGE, check_digit, is_mirror

Value = TypeVar("Value")

_FIRST_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_NEVER_LAST = "CIKMOV"
"""Letters that the second half of a postcode never has, so that no postcode here is real."""


class Draws:
    """A stream of draws.

    Only `random()` is used of the standard generator: it alone is promised to give the same
    numbers for a seed in every version of Python.
    """

    def __init__(self, *seed: object) -> None:
        self._random = random.Random("/".join(str(part) for part in seed))

    def below(self, limit: int) -> int:
        """A whole number from 0 up to, not including, the limit."""
        return int(self._random.random() * limit)

    def between(self, least: int, most: int) -> int:
        """A whole number from least to most, both included."""
        return least + self.below(most - least + 1)

    def pick(self, values: Sequence[Value]) -> Value:
        """One of the values; put a value in twice to have it twice as often."""
        return values[self.below(len(values))]

    def shuffled(self, values: Sequence[Value]) -> list[Value]:
        """The values in another order."""
        deck = list(values)
        for last in range(len(deck) - 1, 0, -1):
            other = self.below(last + 1)
            deck[last], deck[other] = deck[other], deck[last]
        return deck

    def day(self, first: date, last: date) -> date:
        """A day from first to last, both included."""
        return first + timedelta(days=self.below((last - first).days + 1))

    def postcode(self, districts: Sequence[str]) -> str:
        """A postcode of one of these districts that no address has."""
        ending = f"{self.below(10)}{self.pick(_FIRST_LETTERS)}{self.pick(_NEVER_LAST)}"
        return f"{self.pick(districts)} {ending}"


class Deck(Generic[Value]):
    """Deals values in shuffled rounds, each of which holds every value once.

    What must come up in any few months, and not only in the long run, is dealt and not drawn.
    """

    def __init__(self, draws: Draws, values: Sequence[Value]) -> None:
        self._draws = draws
        self._values = values
        self._left: list[Value] = []

    def deal(self) -> Value:
        """The next value; a round that is over is followed by another."""
        if not self._left:
            self._left = self._draws.shuffled(self._values)
        return self._left.pop()


class NhsNumbers:
    """Hands out NHS numbers of the test range, none of them twice."""

    def __init__(self, draws: Draws) -> None:
        self._draws = draws
        self._given: set[str] = set()

    def next(self) -> str:
        """A number that was not given before, and does not read the same from both ends."""
        while True:
            nine = f"{TEST_RANGE}{self._draws.below(1_000_000):06d}"
            digit = check_digit(nine)
            if digit is None or nine in self._given or is_mirror(nine + digit):
                continue
            self._given.add(nine)
            return nine + digit
