"""Scorecards written in the layouts of the files that NHS England publishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from msds_audit.cli.screen import say, show

if TYPE_CHECKING:
    from msds_audit.scorecard import Scorecard


def publish(
    cards: Sequence[Scorecard], kind: str, out: Path | None, *, disclosure: bool, quiet: bool
) -> None:
    """Write a file in a published layout with the note that goes with it, or show both.

    In a folder the file has the name under which NHS England publishes it. On a screen the note
    goes to standard error.

    Raises ReportError where the cards are of several months, or a file cannot be written.
    """
    from msds_audit.reports.as_published import LAYOUTS, Layout
    from msds_audit.reports.published_notes import companion_note, published_name
    from msds_audit.reports.writing import write_together
    from msds_audit.sharing import shared_remarks

    name = published_name(kind, cards)
    text = LAYOUTS[Layout(kind)](cards, disclosure)
    if disclosure:
        cards = [replace(card, on_dimensions=shared_remarks(card)) for card in cards]
    note = companion_note(kind, cards, disclosure)
    if out is None:
        say(note, quiet=quiet)
        if not quiet:
            show(text)
        return
    file = out / name if out.is_dir() else out
    beside = file.with_suffix(".note.txt")
    write_together({file: text, beside: note})
    say(f"Wrote {file.name} and {beside.name}.", quiet=quiet)
