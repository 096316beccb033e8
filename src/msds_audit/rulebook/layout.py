"""How text stands on a screen: lines no wider than it is."""

from __future__ import annotations

import textwrap

WIDTH = 80
"""Of a screen that does not tell how wide it is."""


def wrapped(text: str, width: int = WIDTH, *, first: str = "", rest: str = "") -> list[str]:
    """Text as lines of this width, the first and the others beginning as given."""
    found = textwrap.wrap(
        text,
        max(width, len(rest) + 20),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return found or ([first.rstrip()] if first.strip() else [])


def field(name: str, text: str, width: int = WIDTH, *, column: int = 13) -> list[str]:
    """A name and what it is, the lines of the latter below one another."""
    return wrapped(text, width, first=f"{name:<{column}}", rest=" " * column)
