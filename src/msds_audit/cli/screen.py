"""Printing: results on standard output, all else on standard error."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

from msds_audit.errors import ReportError

PATIENCE = 1.0
"""Seconds that a command may last before it shows what it is doing."""


def show(text: str) -> None:
    """Print a result. Raises ReportError where there is no room for it, or nowhere to print it.

    Where nobody reads on, it leaves with the exit code of that error and says nothing.
    """
    if sys.stdout is None:
        raise ReportError("Standard output is closed.", hint="Open it, or name a file with --out.")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        with Path(os.devnull).open("w") as null:
            os.dup2(null.fileno(), sys.stdout.fileno())
        raise SystemExit(ReportError.exit_code) from None
    except OSError as error:
        raise unwritten(error) from None


def unwritten(error: OSError) -> ReportError:
    """That standard output cannot be written."""
    return ReportError(
        f"The output cannot be written ({type(error).__name__}).",
        hint="Check that there is room where it goes.",
    )


def width() -> int:
    """How many characters fit on a line of standard output; 80 where it is no screen."""
    if sys.stdout is None or not sys.stdout.isatty():
        return 80
    return max(40, min(120, shutil.get_terminal_size((80, 24)).columns))


def say(text: str, *, quiet: bool = False) -> None:
    """Say what was done, unless quiet is wanted."""
    if not quiet:
        print(text, file=sys.stderr)


@contextmanager
def steps(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Shows on standard error what is being done once it lasts, on a screen only.

    What is yielded takes each step before it is begun.
    """
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda step: None
        return

    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
    shown = Progress(*columns, console=Console(stderr=True), transient=True)
    task = shown.add_task("Starting")
    patience = Timer(PATIENCE, shown.start)
    patience.daemon = True
    patience.start()
    try:
        yield lambda step: shown.update(task, description=step)
    finally:
        patience.cancel()
        patience.join()
        shown.stop()


def wants_colour() -> bool:
    """Whether standard output is a screen whose owner has not asked for plain text."""
    return (
        sys.stdout is not None
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )
