"""Makes sure that the headings of a table are those of a table, each there once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msds_audit.errors import ExtractError
from msds_audit.masking import heading
from msds_audit.readers.source import Source


def check_headings(source: Source, headings: Sequence[str], items: Collection[str]) -> None:
    """Raise ExtractError where no heading is an item, or one stands there twice."""
    names = [name.lower() for name in headings]
    if not {item.lower() for item in items}.intersection(names):
        raise ExtractError(
            f"{source.shown}: none of the headings in its first line is an item of the table.",
            hint="The first line must hold the item names, such as LPIDMother.",
        )
    twice = [name for name in headings if name and names.count(name.lower()) > 1]
    if twice:
        raise ExtractError(
            f"{source.shown}, line 1: the heading {heading(twice[0])} stands there twice.",
            hint="Keep one of the two columns.",
        )
