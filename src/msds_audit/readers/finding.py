"""Finds the tables of an extract: in a folder, in a folder of folders, in a zip of either.

It goes by file names; what is in the files is left to `delimited` and `parquet`.
"""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from msds_audit.errors import ExtractError
from msds_audit.masking import file_name
from msds_audit.spec import Spec

DELIMITED = (".csv", ".txt", ".tsv")
OTHER_EXTRACTS = (".accdb", ".mdb", ".idb", ".xml", ".xlsx", ".xls", ".zip", ".gz", ".7z")
"""Files that may hold a whole extract and that this version cannot read where they are."""

PARQUET = (".parquet",)

_NOT_WORTH_TELLING = ("desktop.ini", "thumbs.db")
_UNPACKING_FAILED = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
)
_NOT_A_LETTER = re.compile(r"[\W_]+")
_NO_TABLES_HINT = (
    "Give a folder (or a zip) of files named after the tables, such as MSD001MotherDemog.csv."
)


@dataclass(frozen=True)
class Source:
    """One file that holds a table, on disk or inside a zip."""

    name: str
    path: Path
    member: str | None = None

    @property
    def suffix(self) -> str:
        """The file's ending in lower case."""
        return (
            PurePosixPath(self.member).suffix.lower() if self.member else self.path.suffix.lower()
        )

    @property
    def shown(self) -> str:
        """The file's name as it may be printed."""
        return file_name(self.name)

    def content(self) -> bytes | None:
        """The bytes of a zip member; None for a file on disk, which is read in place."""
        if self.member is None:
            return None
        try:
            with zipfile.ZipFile(self.path) as archive:
                return archive.read(self.member)
        except _UNPACKING_FAILED as error:
            raise ExtractError(
                f"{self.shown} cannot be unpacked from {file_name(self.path.name)} "
                f"({type(error).__name__}).",
                hint="Make the zip again, without a password, or give the folder instead.",
            ) from None


@dataclass
class Found:
    """The tables of one submission, by table name, and the files that are none.

    `parts` are those among the latter whose names begin with a table's, `whole` those that may
    be whole extracts of a kind that is not read.
    """

    where: str
    tables: dict[str, Source] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)


def find_tables(path: Path, spec: Spec) -> list[Found]:
    """Every folder of tables at or below a path.

    Raises ExtractError where the path does not exist, is no folder or zip, or holds no table.
    """
    shown = file_name(path.resolve().name or str(path))
    if not path.exists():
        raise ExtractError(f"There is no file or folder {shown}.", hint="Check the path.")
    if path.is_dir():
        sources = list(_on_disk(path, spec))
        for zipped in (source for source in sources if source.suffix == ".zip"):
            sources = [*sources, *_in_zip(zipped.path)]
        sources = [source for source in sources if source.suffix != ".zip" or source.member]
    elif zipfile.is_zipfile(path):
        sources = list(_in_zip(path))
    else:
        raise _not_an_extract(path, shown)
    groups = _grouped(sources, spec)
    found = [one for one in groups if one.tables]
    if not found:
        raise ExtractError(f"There is no table of {spec.title} in {shown}.", hint=_NO_TABLES_HINT)
    for elsewhere in (one for one in groups if not one.tables):
        found[0].others += [f"{elsewhere.where}/{name}" for name in elsewhere.others]
    return found


def _not_an_extract(path: Path, shown: str) -> ExtractError:
    if path.suffix.lower() == ".zip":
        return ExtractError(
            f"{shown} cannot be read: it is not a whole zip file.",
            hint="Make the zip again, or give the folder instead.",
        )
    if path.suffix.lower() in (*DELIMITED, *PARQUET):
        return ExtractError(
            f"{shown} is one file; an extract is a folder of them.",
            hint="Give the folder it is in.",
        )
    return ExtractError(
        f"{shown} is not an extract that this version can read.",
        hint="Export its tables to CSV and give their folder.",
    )


def _on_disk(folder: Path, spec: Spec) -> Iterator[Source]:
    """Every file at or below a folder; of hidden folders below it only the tables."""
    for place, folders, names in os.walk(folder, onerror=_unreadable):
        folders.sort()
        hidden = any(part.startswith(".") for part in Path(place).relative_to(folder).parts)
        for name in folders:
            below = Path(place, name)
            if below.is_symlink() or _table_of(Source(name, below), spec) is not None:
                raise ExtractError(
                    f"{file_name(name)} is a link, or a folder named like a table.",
                    hint="Give the folder that it stands for itself, or take it out.",
                )
        for name in sorted(names):
            source = Source(name, Path(place, name))
            table = _table_of(source, spec)
            if table is not None and not source.path.is_file():
                raise ExtractError(f"{source.shown} is no file.", hint="Take it out of the folder.")
            if table is not None or not hidden:
                yield source


def _unreadable(error: OSError) -> None:
    raise ExtractError(
        f"The folder {file_name(Path(str(error.filename)).name)} cannot be looked into "
        f"({type(error).__name__}).",
        hint="Check that you may read it.",
    )


def _in_zip(path: Path) -> Iterator[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(info.filename for info in archive.infolist() if not info.is_dir())
    except (*_UNPACKING_FAILED, ValueError) as error:
        raise ExtractError(
            f"{file_name(path.name)} cannot be read as a zip ({type(error).__name__}).",
            hint="Make the zip again, or give the folder instead.",
        ) from None
    for member in members:
        yield Source(_member_path(member).name, path, member)


def _member_path(member: str) -> PurePosixPath:
    """The path of a zip member; some programs on Windows write backslashes."""
    return PurePosixPath(member.replace("\\", "/"))


def _grouped(sources: Iterable[Source], spec: Spec) -> list[Found]:
    """One group for each folder, in order of their paths."""
    groups: dict[str, Found] = {}
    for source in sources:
        if source.member is None:
            where = str(source.path.resolve().parent)
        else:
            where = str(source.path.resolve() / _member_path(source.member).parent)
        group = groups.setdefault(where, Found(file_name(Path(where).name)))
        table = _table_of(source, spec)
        if table is None:
            if not source.name.startswith(".") and source.name.lower() not in _NOT_WORTH_TELLING:
                group.others.append(source.shown)
                group.parts += [source.shown] if _is_like_a_table(source, spec) else []
                group.whole += [source.shown] if source.suffix in OTHER_EXTRACTS else []
        elif table in group.tables:
            raise ExtractError(
                f"{group.where} holds {table} twice: "
                f"{group.tables[table].shown} and {source.shown}.",
                hint="Keep one of the two files.",
            )
        else:
            group.tables[table] = source
    for group in groups.values():
        if group.parts:
            raise ExtractError(
                f"{group.parts[0]} is named like a table, and is none that can be read.",
                hint="Give each table as one whole file, such as MSD001MotherDemog.csv.",
            )
        if group.whole and not group.tables:
            raise ExtractError(
                f"{group.whole[0]} may be a whole extract, and cannot be read where it is.",
                hint="Export its tables to CSV, or take it out of what you give.",
            )
    return [groups[where] for where in sorted(groups)]


def _table_of(source: Source, spec: Spec) -> str | None:
    if source.suffix not in (*DELIMITED, *PARQUET):
        return None
    table = spec.table_named(PurePosixPath(source.name).stem.strip())
    return table.name if table is not None else None


def _is_like_a_table(source: Source, spec: Spec) -> bool:
    """Whether a file that is no table begins with the name of one, as MSD101_part2.csv."""
    first_word = _NOT_A_LETTER.split(source.name.strip())[0]
    return spec.table_named(first_word) is not None
