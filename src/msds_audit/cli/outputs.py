"""Where a command may write: never over what it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msds_audit.cli.options import one_of
from msds_audit.errors import UsageError

REPORTS = (".json", ".md", ".sarif")
"""Endings that no file of an extract has: such a report may lie in the folder that is read."""


def spare_inputs(out: Path | None, inputs: Iterable[Path | None]) -> None:
    """Raise UsageError where writing to `out` would replace an input, or be read as part of one.

    Args:
        out: The file to write, or the folder to write into; None where nothing is written.
        inputs: What is read: files and folders, None for those that were not given.
    """
    if out is None:
        return
    target = out.resolve()
    for given in inputs:
        if given is None:
            continue
        read = given.resolve()
        is_report = not target.is_dir() and target.suffix.lower() in REPORTS
        if target == read or (read in target.parents and not is_report):
            raise UsageError(
                f"{out.name or 'The folder to write to'} is, or lies in, what is read.",
                hint="Name a file outside it with --out; what is read is never written to.",
            )


def quoted(path: Path) -> str:
    """A path as it can be typed in a command, on Windows too."""
    text = str(path)
    return f'"{text}"' if any(one.isspace() for one in text) else text


def format_of(
    format: str | None, out: Path | None, endings: Mapping[str, str], formats: tuple[str, ...]
) -> str:
    """The name of the format asked for, or that goes with the ending of the file.

    That of a screen where nothing says otherwise.

    Raises UsageError where there is no such format, or none goes with the ending.
    """
    ending = out.suffix.lower() if out is not None else ""
    if format is None and ending not in ("", *endings):
        raise UsageError(
            f"No format goes with a file that ends in {ending}.",
            hint=f"Use {', '.join(endings)}, or say --format.",
        )
    name = format.lower() if format else endings.get(ending, "terminal")
    one_of("--format", name, formats)
    return name
