"""A file to be read, on disk or inside a zip, and what reading one gives.

Inputs are opened for reading only, and are let go of before anything is audited.
"""

from __future__ import annotations

import io
import mmap
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Protocol

import polars as pl

from msds_audit.errors import ExtractError
from msds_audit.extract import Lines
from msds_audit.masking import file_name
from msds_audit.spec import Spec, Table

try:
    from lzma import LZMAError
except ImportError:  # a Python built without it refuses such zips by itself
    LZMAError = zipfile.BadZipFile  # type: ignore[misc, assignment]

Buffer = bytes | mmap.mmap

WORKSPACE = "GITHUB_WORKSPACE"
"""The environment variable that names the root of the repository in a workflow of GitHub."""

LARGEST_UNPACKED = 1 << 30
"""A file in a zip that unpacks to more bytes than this is refused: it would be held in memory."""

MOST_REPETITIVE, SMALL_UNPACKED = 200, 1 << 26
"""How many times its packed size a file may unpack to, once it is not small."""

_ENCRYPTED = 1
"""The mark of a zip member that needs a password."""

UNPACKING_FAILED = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    IndexError,
    struct.error,
    LZMAError,
)
"""What taking a damaged zip apart may raise."""


@dataclass(frozen=True)
class Source:
    """One file, on disk or inside a zip that is open."""

    name: str
    path: Path
    member: str | None = None
    archive: zipfile.ZipFile | None = field(default=None, repr=False, compare=False)

    @property
    def suffix(self) -> str:
        """The file's ending in lower case."""
        return PurePosixPath(self.member or self.path.name).suffix.lower()

    @property
    def scannable(self) -> Path | bytes:
        """What Polars is to read: the path, or the bytes of a file whose path is no Unicode."""
        try:
            str(self.path).encode("utf-8")
        except UnicodeEncodeError:
            return self.path.read_bytes()
        return self.path

    @property
    def shown(self) -> str:
        """The file's name as it may be printed."""
        return file_name(self.name)

    @property
    def below(self) -> str:
        """The path of the file, or of the zip it is in, below the current folder; with slashes.

        In a workflow of GitHub it is below the root of the repository, wherever a step runs.
        Empty where it lies elsewhere, or where a name in it may not be printed as it is.
        """
        try:
            root = Path(os.environ.get(WORKSPACE) or Path.cwd())
            parts = self.path.resolve().relative_to(root.resolve()).parts
        except (OSError, ValueError):
            return ""
        return "/".join(parts) if all(file_name(part) == part for part in parts) else ""

    def content(self) -> bytes | None:
        """The bytes of a zip member; None for a file on disk, which is read in place.

        Raises ExtractError where the member cannot be unpacked or is too large to be.
        """
        if self.member is None or self.archive is None:
            return None
        try:
            packed = self.archive.getinfo(self.member)
            refuse_bomb(packed, self.shown)
            if packed.flag_bits & _ENCRYPTED:
                raise ExtractError(
                    f"{self.shown} in {file_name(self.path.name)} is protected with a password.",
                    hint="Make the zip again without one, or give the folder instead.",
                )
            return self.archive.read(packed)
        except UNPACKING_FAILED as error:
            raise ExtractError(
                f"{self.shown} cannot be unpacked from {file_name(self.path.name)} "
                f"({type(error).__name__}).",
                hint="Make the zip again, without a password, or give the folder instead.",
            ) from None

    @contextmanager
    def opened(self) -> Iterator[Buffer]:
        """The bytes of the file: mapped where it is on disk, unpacked where it is in a zip.

        Raises ExtractError where it cannot be opened.
        """
        content = self.content()
        if content is not None:
            yield content
            return
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise self._unopened(error) from None
        with file:
            if not file.seek(0, io.SEEK_END):
                yield b""
                return
            try:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except (OSError, ValueError) as error:
                raise self._unopened(error) from None
            with mapped:
                yield mapped

    def _unopened(self, error: Exception) -> ExtractError:
        return ExtractError(
            f"{self.shown} cannot be opened ({type(error).__name__}).",
            hint="Close it in other programs and check that you may read it.",
        )


def refuse_bomb(member: zipfile.ZipInfo, shown: str) -> None:
    """Raise ExtractError for a zip member that unpacks to far more than there is of it."""
    repetitive = member.file_size > MOST_REPETITIVE * max(1, member.compress_size)
    if member.file_size > LARGEST_UNPACKED or (repetitive and member.file_size > SMALL_UNPACKED):
        raise ExtractError(
            f"{shown} would unpack to {member.file_size / (1 << 20):,.0f} MB.",
            hint="If that is right, unpack it yourself and give the folder instead.",
        )


@dataclass(frozen=True)
class Text:
    """A table as it was read: its headings, and the frame of its columns as text or categories.

    The columns of `frame` are named `column 0`, `column 1` ... in the order of the headings.
    Values are neither trimmed nor otherwise changed. `notices` carry no value. `encoding` is
    what was assumed of a text file that does not say, and `lines` where its records are in it.
    """

    headings: list[str]
    frame: pl.LazyFrame
    notices: list[str] = field(default_factory=list)
    encoding: str = "utf-8"
    lines: Lines | None = None

    @property
    def with_headings(self) -> pl.LazyFrame:
        """The columns as text under their headings; those without one are numbered."""
        taken = {name.lower() for name in self.headings}
        free = (name for name in map("column {}".format, count(1)) if name not in taken)
        names = [name or next(free) for name in self.headings]
        return self.frame.select(
            pl.col(f"column {place}").cast(pl.String).alias(name)
            for place, name in enumerate(names)
        )


@dataclass(frozen=True)
class Contents:
    """What a file or a folder holds: tables by their published names, and what is none.

    `others` are the names of what was not read because it is no table, as they may be printed.
    `files` are the paths of the files that tables were read from, where they are known and may be
    printed.
    """

    tables: Mapping[str, Text] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    files: Mapping[str, str] = field(default_factory=dict)


class Reader(Protocol):
    """Reads one file.

    `table` is the table the file is named after; None where its parts must say what they are.
    Raises ExtractError where the file cannot be read whole.
    """

    def __call__(self, source: Source, spec: Spec, table: Table | None) -> Contents:
        """The tables in the file."""
