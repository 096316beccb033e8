"""Renderings of scorecards. A renderer words and lays out; it never counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import TypeAlias

from msds_audit.reports.as_csv import to_csv
from msds_audit.reports.as_github import to_github
from msds_audit.reports.as_json import to_json
from msds_audit.reports.as_junit import to_junit
from msds_audit.reports.as_markdown import to_markdown
from msds_audit.reports.as_sarif import to_sarif
from msds_audit.reports.terminal import WITHOUT_SCREEN, to_terminal
from msds_audit.scorecard import Scorecard


class Format(StrEnum):
    """How scorecards are written."""

    TERMINAL = "terminal"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    GITHUB = "github"
    SARIF = "sarif"


Renderer: TypeAlias = Callable[[Sequence[Scorecard]], str]

RENDERERS: Mapping[Format, Renderer] = {
    Format.TERMINAL: partial(to_terminal, width=WITHOUT_SCREEN),
    Format.JSON: to_json,
    Format.CSV: to_csv,
    Format.MARKDOWN: to_markdown,
    Format.JUNIT: to_junit,
    Format.GITHUB: to_github,
    Format.SARIF: to_sarif,
}
"""Each form as it is written to a file: the same cards give the same text, whatever the screen."""

__all__ = [
    "RENDERERS",
    "Format",
    "to_csv",
    "to_github",
    "to_json",
    "to_junit",
    "to_markdown",
    "to_sarif",
    "to_terminal",
]
