"""Printing: results on standard output, all else on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from msds_audit.errors import ReportError


def show(text: str) -> None:
    """Print a result. Raises ReportError where there is no room for it."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ReportError(
            f"The output cannot be written ({type(error).__name__}).",
            hint="Check that there is room where it goes.",
        ) from None


def say(text: str, *, quiet: bool = False) -> None:
    """Say what was done, unless quiet is wanted."""
    if not quiet:
        print(text, file=sys.stderr)


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while several submissions are audited, on a screen only."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, of: None
        return

    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Auditing", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def wants_colour() -> bool:
    """Whether standard output is a screen whose owner has not asked for plain text."""
    return (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )
