"""Writes files and folders whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from msds_audit.errors import ReportError
from msds_audit.unfinished import unfinished

ANYBODY, OWNER_ALONE = 0o666, 0o600
FOLDER_OF_ANYBODY, FOLDER_OF_OWNER_ALONE = 0o777, 0o700


def write_whole(path: Path, text: str) -> None:
    """Write UTF-8 text with LF line ends beside `path`, then put it in place in one step.

    Raises ReportError, leaving whatever was at `path` as it was.
    """
    write_together({path: text})


def write_together(texts: Mapping[Path, str]) -> None:
    """Write several files: first all of them beside their places, then each into its place.

    Raises ReportError, leaving whatever was at these paths as it was. On a disk without hard
    links those that were put in place before the one that cannot be are left as they are.
    """
    _put({path: text.encode("utf-8") for path, text in texts.items()}, ANYBODY)


def _put(contents: Mapping[Path, bytes], mode: int) -> None:
    """Write files as `write_together` does, with these permissions less those the system masks."""
    beside: dict[Path, Path] = {}
    older: dict[Path, Path | None] = {}
    path = Path()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        try:
            for given, content in contents.items():
                path = given.resolve()
                if path.is_dir():
                    raise ReportError(f"{path.name} is a folder.", hint="Name a file in it.")
                if path.exists() and not path.is_file():
                    raise ReportError(
                        f"{path.name} is a device or a pipe.", hint="Name a file; it is replaced."
                    )
                beside[path] = path.with_name(unfinished(path.name))
                with os.fdopen(os.open(beside[path], flags, mode), "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
            for path in beside if len(beside) > 1 else ():
                _keep(path, older)
            try:
                for path, part in beside.items():
                    part.replace(path)
            except BaseException:
                _put_back(older)
                raise
        finally:
            for part in (*beside.values(), *filter(None, older.values())):
                part.unlink(missing_ok=True)
    except OSError as error:
        raise ReportError(
            f"{path.name} cannot be written ({type(error).__name__}).",
            hint="Check that its folder exists, that you may write there, and that it is not open.",
        ) from None


def _keep(path: Path, older: dict[Path, Path | None]) -> None:
    """Give what is at a path a second name, where the disk can; None stands for nothing there."""
    if not os.path.lexists(path):
        older[path] = None
        return
    kept = path.with_name(unfinished(path.name))
    with suppress(OSError):
        kept.hardlink_to(path)
        older[path] = kept


def _put_back(older: Mapping[Path, Path | None]) -> None:
    for path, kept in older.items():
        with suppress(OSError):
            if kept is None:
                path.unlink(missing_ok=True)
            else:
                kept.replace(path)


@contextmanager
def whole_folder(out: Path, mode: int) -> Iterator[Path]:
    """A new folder to write to, with these permissions; once all is written it becomes `out`.

    Raises ReportError if `out` exists and is not an empty folder, or cannot be written. Then, and
    where anything is raised within, nothing of it is left.
    """
    out = out.resolve()
    beside = out.with_name(unfinished(out.name))
    try:
        _refuse_folder(out)
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            beside.mkdir(mode=mode)
            yield beside
            if out.exists():
                out.rmdir()
            beside.rename(out)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise ReportError(
            f"The folder {out.name} cannot be written ({type(error).__name__}).",
            hint="Check that there is room, and that you may write there.",
        ) from None


def _refuse_folder(out: Path) -> None:
    """Raise ReportError where a folder cannot take the place of what is there."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ReportError(
            f"{out.name} is there already and is not an empty folder.",
            hint="Name a new folder, or empty that one.",
        )
    if out == Path.cwd():
        raise ReportError(
            f"{out.name} is the folder you are in.", hint="Name a new folder within it."
        )


def size_of(path: Path) -> int:
    """How many bytes a file has; 0 where it is not there or cannot be looked at."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def append(path: Path, text: str) -> None:
    """Add UTF-8 text with LF line ends to the end of a file, which need not be there yet.

    Raises ReportError where it cannot be written; then nothing is added.
    """
    left = memoryview(text.encode("utf-8", "replace"))
    try:
        with path.open("ab", buffering=0) as file:
            end = file.seek(0, os.SEEK_END)
            try:
                while left:
                    left = left[file.write(left) :]
            except BaseException:
                with suppress(OSError):
                    file.truncate(end)
                raise
    except OSError as error:
        raise ReportError(
            f"The step summary cannot be written ({type(error).__name__}).",
            hint="Check the file that GITHUB_STEP_SUMMARY names, or unset it.",
        ) from None


def take_away(files: Iterable[Path]) -> int:
    """Delete files that are no longer wanted; how many there were.

    Raises ReportError at the first that cannot be looked at or deleted.
    """
    taken = 0
    try:
        for file in files:
            file.unlink()
            taken += 1
    except OSError as error:
        raise ReportError(
            f"A page that is no longer wanted cannot be taken away ({type(error).__name__}).",
            hint="Check that you may write there, and that it is not open.",
        ) from None
    return taken


def write_private(contents: Mapping[Path, bytes], *, force: bool) -> None:
    """Write people's data for its owner alone, where the system knows such a thing.

    All is written beside its place, then each file put in place in one step. What is there
    already is replaced only by `force`, and only if it is a file.

    Raises ReportError, leaving whatever was at these paths as it was.
    """
    for path in (path.resolve() for path in contents):
        if os.path.lexists(path) and not path.is_file():
            raise ReportError(
                f"{path.name} is no file to write to.", hint="Name a new file on a disk of yours."
            )
        if os.path.lexists(path) and not force:
            raise ReportError(
                f"{path.name} is there already.", hint="Name another file, or use --force."
            )
    _put(contents, OWNER_ALONE)


def write_new(path: Path, text: str) -> bool:
    """Write a file that is not there yet, with its folder; False where it is, left as it was.

    Raises ReportError where it cannot be written.
    """
    if os.path.lexists(path):
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ReportError(
            f"{path.parent.name} is there already and is not a folder.", hint="Name a folder."
        ) from None
    except OSError as error:
        raise ReportError(
            f"{path.name} cannot be written ({type(error).__name__}).",
            hint="Check that you may write there.",
        ) from None
    write_whole(path, text)
    return True
