"""How text stands on a screen: lines no wider than it is."""

from __future__ import annotations

import re
import textwrap

WIDTH = 80
"""Of a screen that does not tell how wide it is."""

_QUOTED = re.compile(r"'[^' ]+( [^' ]+){1,3}'")
_SPACE = "\0"


def wrapped(text: str, width: int = WIDTH, *, first: str = "", rest: str = "") -> list[str]:
    """Text as lines of this width, the first and the others beginning as given.

    What stands in single quotes stays together, as `'61 years'` in SQL.
    """
    found = textwrap.wrap(
        _QUOTED.sub(lambda quoted: quoted[0].replace(" ", _SPACE), text),
        max(width, len(rest) + 20),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    if found:
        return [line.replace(_SPACE, " ") for line in found]
    return [first.rstrip()] if first.strip() else []


def field(name: str, text: str, width: int = WIDTH, *, column: int = 13) -> list[str]:
    """A name and what it is, the lines of the latter below one another."""
    return wrapped(text, width, first=f"{name:<{column}}", rest=" " * column)
