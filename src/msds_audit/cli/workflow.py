"""What a pipeline is told of records, and a workflow beside what the command prints."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msds_audit.cli.screen import say
from msds_audit.errors import UsageError

if TYPE_CHECKING:
    from msds_audit.scorecard import Scorecard

SUMMARY = "GITHUB_STEP_SUMMARY"
"""The environment variable that names the file of a step's summary."""


def most_findings(reports: Sequence[tuple[str, bool]], *, asked: bool) -> int:
    """How many records that fail each rule are named: the first, all there is room for, or none.

    Args:
        reports: The format of each report, and whether its counts are rounded.
        asked: Whether records are to be named.

    Raises UsageError where they are asked for and cannot be named.
    """
    if not asked:
        return int(any(wanted == "github" for wanted, _ in reports))
    rounded = [disclosure for wanted, disclosure in reports if wanted == "sarif"]
    if not rounded:
        raise UsageError(
            "--findings goes with the format sarif alone.",
            hint="Add --format sarif; from Python, msds_audit.findings gives them as a frame.",
        )
    if any(rounded):
        raise UsageError(
            "--findings and --disclosure do not go together: who names records counts them.",
            hint="Leave one of the two out.",
        )
    from msds_audit.reports.as_sarif import MOST_RESULTS

    return MOST_RESULTS


def say_left_out(cards: Sequence[Scorecard], *, asked: bool) -> None:
    """Say which findings the report had no room for, if any were asked for and left out."""
    if not asked:
        return
    from msds_audit.reports.as_sarif import left_out

    told = left_out(cards)
    if told:
        say(told)


def summarise(cards: Sequence[Scorecard]) -> None:
    """Add the scorecards as Markdown to the summary of the step, where there is one.

    Raises ReportError where it cannot be written.
    """
    named = os.environ.get(SUMMARY)
    if not named:
        return
    from msds_audit.reports.as_github import LARGEST_SUMMARY, step_summary
    from msds_audit.reports.writing import append, size_of

    path = Path(named)
    text = step_summary(cards, LARGEST_SUMMARY - size_of(path))
    if text:
        append(path, text)
