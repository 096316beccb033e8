"""How much a rule folder may ask for. Rules may come from anywhere; they are data, and bounded.

All bounds stand here. A test measures what the worst predicate within them takes.
"""

from __future__ import annotations

import re
from decimal import Decimal

MOST_FILES = 500
"""TOML files in one rules folder."""

LARGEST_FILE = 1 << 20
"""Bytes of one rule file; the largest packaged one has an eighth of it."""

LONGEST_LINE = 20_000
"""Characters of one line of a rule file."""

LONGEST_TEXT = 10_000
"""Characters of any one text in a rule file, predicates among them."""

LONGEST_TITLE = 500
"""Characters of a text that is shown on a line of its own, such as a title."""

DEEPEST_FILE = 12
"""How deeply tables and lists of a rule file may stand in one another."""

LARGEST_NUMBER, SMALLEST_NUMBER = Decimal("1e12"), Decimal("1e-12")
"""Between these, or 0, is every number of a rule file."""

MOST_WORDS = 300
"""Words and signs of a predicate, texts, numbers and commas apart: lists of codes may be long."""

DEEPEST_PREDICATE = 20
"""How deeply brackets and CASE may stand in one another in a predicate."""

LONGEST_PATTERN = 200
"""Characters of a regular expression, or of what stands after LIKE."""

MOST_PATTERNS = 20
"""Regular expressions, LIKE included, in one predicate."""

MOST_REPEATS = 1_000
"""How often all counted repetitions of a regular expression, as `{15}`, may repeat together."""

_COUNTED = re.compile(r"\{([^{}]*)\}")
_NUMBER = re.compile(r"[0-9]+")


def pattern_refused(pattern: str) -> str:
    """Why a regular expression is not used, as a sentence; empty where it is.

    Regular expressions take time in proportion to the text they look at and to their own size,
    so that only their size is bounded: in characters, and once counted repetitions are written out.
    """
    if len(pattern) > LONGEST_PATTERN:
        return f"a pattern has at most {LONGEST_PATTERN:,} characters."
    repeats = 1
    for counts in _COUNTED.findall(pattern):
        numbers = [int(number[:9]) for number in _NUMBER.findall(counts)]
        repeats *= max([1, *numbers])
    if repeats > MOST_REPEATS:
        return f"a pattern's counts, multiplied, are at most {MOST_REPEATS:,}."
    return ""
