"""What a workflow of GitHub is told beside what the command prints."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from msds_audit.scorecard import Scorecard

SUMMARY = "GITHUB_STEP_SUMMARY"
"""The environment variable that names the file of a step's summary."""


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
