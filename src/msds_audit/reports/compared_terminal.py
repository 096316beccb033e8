"""Comparisons for the screen. Words carry the meaning and colour repeats it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from msds_audit.comparison import Compared, Comparison, RuleChange, Turn
from msds_audit.reports.compared import (
    NEXT,
    NEXT_GIVES,
    Line,
    alone,
    changed,
    details,
    has_left,
    in_short,
    marks_any,
    moved_rules,
    name,
    numbers,
    on_rule,
    rule_counts,
    still_rules,
    title,
    unchanged,
    word,
)
from msds_audit.reports.compared_warnings import warnings
from msds_audit.reports.drawing import drawn, unlined, wrapped
from msds_audit.reports.wording import DISCLOSURE_NOTE, NOT_VERIFIED_NOTE
from msds_audit.scorecard import Outcome

MOST_RULES = 12
MOST_WARNINGS = 8
_WORD, _NUMBER = 14, 7
_INDENT = " " * (_WORD + 1)
_TURNS = {
    Turn.LOST: "bold red",
    Turn.UNTOLD: "bold yellow",
    Turn.GAINED: "green",
    Turn.TOLD: "",
}
_STILL = {Outcome.NOT_MET: "red"}


def compared_for_terminal(
    found: Compared, *, colour: bool = False, width: int | None = None
) -> str:
    """The text of all comparisons; `width` in characters is that of the screen unless given."""
    return drawn(lambda console: _all(console, found), colour=colour, width=width)


def _all(console: Console, found: Compared) -> None:
    for line in alone(found):
        wrapped(console, f"! {line}", "bold yellow", rest="  ")
    for at, one in enumerate(found.comparisons):
        if at or alone(found):
            console.print()
        _comparison(console, one)
    console.print()
    if any(one.now.disclosure for one in found.comparisons):
        console.print(Text(DISCLOSURE_NOTE))
    last = found.comparisons[-1].now
    if marks_any(found):
        console.print(Text(NOT_VERIFIED_NOTE, style="dim"))
    judged = f"Both judged by {last.spec}; rules {last.fingerprint[:12]}"
    console.print(Text(judged, style="dim"))
    if has_left(found.comparisons):
        console.print(f"Next: {NEXT}\n      ({NEXT_GIVES})")


def _comparison(console: Console, one: Comparison) -> None:
    console.print(Text(title(one), style="bold"))
    for heading, sentence in in_short(one):
        wrapped(console, f"{heading:<{_WORD}} {sentence}", rest=_INDENT)
    told = warnings(one)
    for line in told[:MOST_WARNINGS]:
        wrapped(console, f"! {line}", "bold yellow", rest="  ")
    if len(told) > MOST_WARNINGS:
        console.print(f"  showing {MOST_WARNINGS:,} of {len(told):,}; all with --format json")
    lines = changed(one)
    if lines:
        _heading(console, "What became of the criteria")
    for criterion in lines:
        _line(console, criterion)
    if unchanged(one):
        wrapped(console, unchanged(one))
    _rules(console, one)


def _line(console: Console, line: Line) -> None:
    style = _TURNS.get(line.change.turn, _STILL.get(line.change.now.outcome, ""))
    grid = unlined()
    grid.add_column(width=_WORD, no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_row(Text(word(line.change), style=style), name(line.change))
    console.print(grid)
    for text in (numbers(line.change), *details(line)):
        wrapped(console, _INDENT + text, rest=_INDENT)


def _rules(console: Console, one: Comparison) -> None:
    moved = moved_rules(one)
    if moved:
        _heading(console, "What became of findings, by rule")
        _row(console, ("", "", "before", "fixed", "new", "now"), "dim")
    for change in moved[:MOST_RULES]:
        _rule(console, change)
    if len(moved) > MOST_RULES:
        console.print(f"  showing {MOST_RULES:,} of {len(moved):,} rules; all with --format json")
    still = still_rules(one)
    if still or not moved:
        console.print(still or "No record broke a rule, and none does.")


def _rule(console: Console, change: RuleChange) -> None:
    _row(console, (change.now.rule, change.now.title, *rule_counts(change)))
    if on_rule(change):
        wrapped(console, f"{_INDENT}> {on_rule(change)}", rest=_INDENT)


def _row(console: Console, cells: Sequence[str], style: str = "") -> None:
    grid = unlined()
    grid.add_column(min_width=_WORD, max_width=18, no_wrap=True)
    grid.add_column(ratio=1)
    for _ in cells[2:]:
        grid.add_column(width=_NUMBER, justify="right", no_wrap=True)
    grid.add_row(*(Text(cell, style=style) for cell in cells))
    console.print(grid)


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold underline"))
