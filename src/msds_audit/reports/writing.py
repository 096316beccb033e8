"""Writes reports to files whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msds_audit.errors import ReportError

ANYBODY, OWNER_ALONE = 0o666, 0o600


def write_whole(path: Path, text: str) -> None:
    """Write UTF-8 text with LF line ends beside `path`, then put it in place in one step.

    Raises ReportError, leaving whatever was at `path` as it was.
    """
    write_together({path: text})


def write_together(texts: Mapping[Path, str]) -> None:
    """Write several files: first all of them beside their places, then each into its place.

    Raises ReportError; where one cannot be written beside its place, all are left as they were.
    """
    _put({path: text.encode("utf-8") for path, text in texts.items()}, ANYBODY)


def _put(contents: Mapping[Path, bytes], mode: int) -> None:
    """Write files as `write_together` does, with these permissions less those the system masks."""
    beside: dict[Path, Path] = {}
    path = Path()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        try:
            for given, content in contents.items():
                path = given.resolve()
                if path.is_dir():
                    raise ReportError(f"{path.name} is a folder.", hint="Name a file in it.")
                beside[path] = path.with_name(f".{path.name}.{os.getpid()}.part")
                with os.fdopen(os.open(beside[path], flags, mode), "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
            for path, part in beside.items():
                part.replace(path)
        finally:
            for part in beside.values():
                part.unlink(missing_ok=True)
    except OSError as error:
        raise ReportError(
            f"{path.name} cannot be written ({type(error).__name__}).",
            hint="Check that its folder exists, that you may write there, and that it is not open.",
        ) from None


def size_of(path: Path) -> int:
    """How many bytes a file has; 0 where it is not there or cannot be looked at."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def append(path: Path, text: str) -> None:
    """Add UTF-8 text with LF line ends to the end of a file, which need not be there yet.

    Raises ReportError where it cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise ReportError(
            f"The step summary cannot be written ({type(error).__name__}).",
            hint="Check the file that GITHUB_STEP_SUMMARY names, or unset it.",
        ) from None


def write_private(contents: Mapping[Path, bytes], *, force: bool) -> None:
    """Write people's data for its owner alone, where the system knows such a thing.

    All is written beside its place, then each file put in place in one step. What is there
    already is replaced only by `force`, and only if it is a file.

    Raises ReportError, leaving whatever was at these paths as it was.
    """
    for path in (path.resolve() for path in contents):
        if path.exists() and not path.is_file():
            raise ReportError(
                f"{path.name} is no file to write to.", hint="Name a new file on a disk of yours."
            )
        if path.exists() and not force:
            raise ReportError(
                f"{path.name} is there already.", hint="Name another file, or use --force."
            )
    _put(contents, OWNER_ALONE)


def write_new(path: Path, text: str) -> bool:
    """Write a file that is not there yet, with its folder; False where it is, left as it was.

    Raises ReportError where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        if path.parent.is_dir():
            return False
        raise ReportError(
            f"{path.parent.name} is there already and is not a folder.", hint="Name a folder."
        ) from None
    except OSError as error:
        raise ReportError(
            f"{path.name} cannot be written ({type(error).__name__}).",
            hint="Check that you may write there.",
        ) from None
    return True
