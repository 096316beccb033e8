"""The file of what was measured: each case with its own day, machine and load.

A case is recorded as soon as it is measured, in place of what stood there of it; the others stay.
What is quick and what is not are never in one file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

MIXED = "{file} has {there} results, and {asked} ones never stand beside them: name another --out."
KINDS = {True: "quick", False: "full"}


class MixedError(Exception):
    """Quick results were to stand beside full ones; the text says where."""


def nothing(*, quick: bool) -> dict[str, Any]:
    """Results of no case."""
    return {"quick": quick, "cases": {}}


def kept(file: Path | None, *, quick: bool) -> dict[str, Any]:
    """The results that a file has already; none without a file.

    Raises MixedError where they are full ones and quick ones are to be added, or the other way.
    """
    if file is None or not file.exists():
        return nothing(quick=quick)
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    if found["quick"] != quick:
        raise MixedError(MIXED.format(file=file, there=KINDS[found["quick"]], asked=KINDS[quick]))
    return found


def with_case(
    results: Mapping[str, Any], name: str, recorded: Mapping[str, Any], order: Sequence[str]
) -> dict[str, Any]:
    """The results with one case measured anew; `order` is that of all cases."""
    cases = {**results["cases"], name: dict(recorded)}
    return {**results, "cases": {one: cases[one] for one in order if one in cases}}


def write(file: Path, results: Mapping[str, Any]) -> None:
    """Put the results in place of what the file has, whole."""
    unfinished = file.with_suffix(".unfinished")
    text = json.dumps(results, indent=2) + "\n"
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    unfinished.replace(file)
