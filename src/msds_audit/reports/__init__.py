"""Renderings of scorecards. A renderer words and lays out; it never counts.

Each is imported only where it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from msds_audit.later import names_of
from msds_audit.scorecard import Scorecard

if TYPE_CHECKING:
    from msds_audit.reports.as_csv import to_csv
    from msds_audit.reports.as_github import to_github
    from msds_audit.reports.as_json import to_json
    from msds_audit.reports.as_junit import to_junit
    from msds_audit.reports.as_markdown import to_markdown
    from msds_audit.reports.as_sarif import to_sarif
    from msds_audit.reports.terminal import to_terminal, to_text


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

_HOMES = {
    "to_csv": "as_csv",
    "to_github": "as_github",
    "to_json": "as_json",
    "to_junit": "as_junit",
    "to_markdown": "as_markdown",
    "to_sarif": "as_sarif",
    "to_terminal": "terminal",
    "to_text": "terminal",
}

__getattr__ = names_of(__name__, _HOMES)


def _renderer(name: str) -> Renderer:
    def rendered(cards: Sequence[Scorecard]) -> str:
        renderer: Renderer = __getattr__(name)
        return renderer(cards)

    return rendered


RENDERERS: Mapping[Format, Renderer] = {
    Format.TERMINAL: _renderer("to_text"),
    Format.JSON: _renderer("to_json"),
    Format.CSV: _renderer("to_csv"),
    Format.MARKDOWN: _renderer("to_markdown"),
    Format.JUNIT: _renderer("to_junit"),
    Format.GITHUB: _renderer("to_github"),
    Format.SARIF: _renderer("to_sarif"),
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
    "to_text",
]
