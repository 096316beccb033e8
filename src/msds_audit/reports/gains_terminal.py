"""What corrections gain, for the screen. Words carry the meaning and colour repeats it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from msds_audit.reports.drawing import drawn, unlined, wrapped
from msds_audit.reports.gains import (
    A_PART,
    NOTHING_MISSED,
    OUT_OF_REACH,
    UNKNOWN,
    WITHIN_REACH,
    Told,
    heading,
    on_the_list,
    taught,
    told,
)
from msds_audit.worklist import FixList

_WORD = 14
_INDENT = " " * (_WORD + 1)
_STYLES = {WITHIN_REACH: "green", A_PART: "yellow", OUT_OF_REACH: "red", UNKNOWN: "bold yellow"}

NEXT = "msds-audit compare OLD NEW"
NEXT_GIVES = "once the records are corrected and the extract is made again: what that did"


def gains_for_terminal(
    lists: Sequence[FixList], *, colour: bool = False, width: int | None = None
) -> str:
    """What the corrections of all lists gain: counts only.

    Args:
        lists: One of each submission.
        colour: Whether to colour it.
        width: In characters; that of the screen unless given.
    """
    return drawn(lambda console: _all(console, lists), colour=colour, width=width)


def _all(console: Console, lists: Sequence[FixList]) -> None:
    for one in lists:
        console.print(Text(heading(one), style="bold"))
        wrapped(console, on_the_list(one))
        for line in one.not_listed:
            wrapped(console, f"! {line}", "bold yellow", rest="  ")
        if not one.gains:
            wrapped(console, NOTHING_MISSED)
        for gain in one.gains:
            _gain(console, told(gain))
        _taught(console, taught(one, alone=len(lists) == 1))
        console.print()
    if any(one.corrections for one in lists):
        wrapped(console, f"Next: {NEXT} ({NEXT_GIVES})", rest="      ")


def _taught(console: Console, lines: Sequence[str]) -> None:
    if lines:
        console.print()
    for line in lines:
        wrapped(console, line, rest=_INDENT)


def _gain(console: Console, one: Told) -> None:
    console.print()
    grid = unlined()
    grid.add_column(width=_WORD, no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_row(Text(one.reach, style=_STYLES[one.reach]), one.title)
    console.print(grid)
    for line in one.lines:
        wrapped(console, _INDENT + line, rest=_INDENT)
