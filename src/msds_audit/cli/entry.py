"""Runs a command and turns whatever happens into the exit code that the README promises."""

from __future__ import annotations

import atexit
import errno
import gc
import io
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from msds_audit.cli.commands import app, say_version
from msds_audit.cli.screen import unwritten
from msds_audit.cli.streams import own_standard_error, settle_libraries
from msds_audit.errors import NO_AUDIT, MsdsAuditError, UsageError

MET, BUG, INTERRUPTED = 0, 70, 130
WITHOUT_AUDIT = (3, 4, BUG)
VERSION = "--version"
"""Asked for alone it is told at once: to call a command, Typer imports Pydantic first."""

SELDOM = 200_000
"""So many more objects there must be before Python looks for those that only hold each other."""


def main() -> NoReturn:
    """Run the command and leave with the exit code that the README promises."""
    _leave_memory_be()
    settle_libraries()
    with own_standard_error():
        _run()


def _leave_memory_be() -> None:
    """Look seldom through the objects in memory, and not at all when the program ends.

    Rules and results live until then. To look through them again and again finds nothing, and
    took a fifth of the time of a small audit.
    """
    gc.set_threshold(SELDOM)
    atexit.register(gc.freeze)


def _run() -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        _refuse_empty(sys.argv[1:])
        if sys.argv[1:] == [VERSION]:
            say_version()
        else:
            app()
    except MsdsAuditError as error:
        _leave(error)
    except SystemExit:
        raise
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except BaseException as error:  # a panic inside Polars is no Exception
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            _leave(unwritten(error))
        place = traceback.extract_tb(error.__traceback__)[-1]
        _leave(
            MsdsAuditError(
                f"msds-audit has a bug: {type(error).__name__} in {Path(place.filename).name}, "
                f"line {place.lineno}.",
                hint="Please report it with the command you ran, and without any data.",
            )
        )
    raise SystemExit(MET)


def _refuse_empty(arguments: Sequence[str]) -> None:
    """Raise UsageError for an empty path: it would be the current folder.

    What is given to an option is left to the option.
    """
    before = ("--", *arguments)
    if any(
        not one and (last == "--" or not last.startswith("-"))
        for last, one in zip(before, arguments, strict=False)
    ):
        raise UsageError("A path is empty.", hint="In a script: is a variable not set?")


def _leave(error: MsdsAuditError) -> NoReturn:
    for fault in error.faults:
        print(fault, file=sys.stderr)
    print(f"Error: {error.sentence}", file=sys.stderr)
    print(f"Hint: {error.hint}", file=sys.stderr)
    if error.exit_code in WITHOUT_AUDIT:
        print(NO_AUDIT, file=sys.stderr)
    raise SystemExit(error.exit_code)
