"""What every report for the screen is drawn with: its width, columns side by side, and lines."""

from __future__ import annotations

import io
import shutil
import textwrap
from collections.abc import Callable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from msds_audit.reports.wording import UNBROKEN

NARROWEST, WIDEST, WITHOUT_SCREEN = 72, 110, 96
"""How many characters wide a report is, and how many where there is no screen."""


def drawn(draw: Callable[[Console], None], *, colour: bool, width: int | None) -> str:
    """The text of what is drawn; `width` in characters is that of the screen unless given."""
    out = io.StringIO()
    if width is None:
        width = shutil.get_terminal_size((WITHOUT_SCREEN, 24)).columns
    console = Console(
        file=out,
        width=min(max(width, NARROWEST), WIDEST),
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    draw(console)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).rstrip() + "\n"


def unlined() -> Table:
    """Columns side by side without lines or headings."""
    return Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False, expand=True)


def wrapped(console: Console, text: str, style: str = "", *, rest: str = "") -> None:
    """Print a text over as many lines as it takes, `rest` before all but the first."""
    for line in textwrap.wrap(
        text, console.width, subsequent_indent=rest, break_on_hyphens=False, drop_whitespace=True
    ):
        console.print(Text(line.replace(UNBROKEN, " "), style=style))
