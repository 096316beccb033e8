"""Writes a report to a file whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from msds_audit.errors import ReportError


def write_whole(path: Path, text: str) -> None:
    """Write UTF-8 text with LF line ends beside `path`, then put it in place in one step.

    Raises ReportError, leaving whatever was at `path` as it was.
    """
    path = path.resolve()
    if path.is_dir():
        raise ReportError(f"{path.name} is a folder.", hint="Name a file in it.")
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with beside.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise ReportError(
            f"{path.name} cannot be written ({type(error).__name__}).",
            hint="Check that its folder exists, that you may write there, and that it is not open.",
        ) from None
