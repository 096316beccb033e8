"""Finds the files of an extract: in a folder, in a folder of folders, in a zip of either.

It goes by file names; what is in the files is left to the readers.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from msds_audit.errors import ExtractError
from msds_audit.masking import file_name
from msds_audit.readers.source import UNPACKING_FAILED, Source
from msds_audit.spec import Spec, Table
from msds_audit.unfinished import is_unfinished

ONE_TABLE = (".csv", ".txt", ".tsv", ".parquet")
"""Files that hold the table they are named after."""

WORKBOOKS = (".xlsx", ".xlsm", ".xls")
MARKUP = (".xml",)
DATABASES = (".accdb", ".mdb", ".idb")
MANY_TABLES = (*WORKBOOKS, *MARKUP, *DATABASES)
"""Files that may hold a whole extract, or one table where they are named after it."""

UNREAD_EXTRACTS = (".zip", ".gz", ".7z", ".rar", ".xlsb", ".ods", ".accde", ".mde")
"""Files that may hold an extract and that cannot be read where they are."""

_NO_ZIP_OF_FILES = {*ONE_TABLE, *MANY_TABLES, *UNREAD_EXTRACTS} - {".zip"}
"""Endings of files that are not looked into as a zip, though some are one inside."""

MOST_MEMBERS = 10_000
"""A zip of more files than this is refused: it is more than 300 submissions of a file a table."""

_NOT_WORTH_TELLING = ("desktop.ini", "thumbs.db")
_BESIDE_A_FILE = ("~$", "._")
"""How the names of files begin that Excel and macOS keep beside those of the user."""

_NUMBER_OF_A_TABLE = re.compile(r"MSD[0-9]{3}", re.IGNORECASE)


@dataclass
class Found:
    """What may be one submission or several: a folder of tables, or one file of many tables.

    `tables` are the files of a folder that are named after tables, by table name; `whole` is a
    file that says itself which tables it holds. `others` are the names of files that are none
    of these, as they may be printed.
    """

    where: str
    tables: dict[str, Source] = field(default_factory=dict)
    whole: Source | None = None
    others: list[str] = field(default_factory=list)


def find_files(path: Path, spec: Spec, archives: ExitStack) -> list[Found]:
    """Everything at or below a path that may hold tables, in order of their paths.

    Zips stay open until `archives` is closed.
    Raises ExtractError where the path does not exist, cannot be looked into or is passed over.
    """
    shown = file_name(path.resolve().name or str(path))
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError):
        sentence = f"There is no file or folder {shown} that can be looked at."
        raise ExtractError(sentence, hint="Check the path, and that you may read it.") from None
    if is_folder:
        sources = list(_on_disk(path, spec))
        for zipped in (source for source in sources if source.suffix == ".zip"):
            sources = [*sources, *_in_zip(zipped.path, archives)]
        sources = [source for source in sources if source.suffix != ".zip" or source.member]
        return _grouped(sources, spec)
    alone = Source(path.name, path)
    if alone.suffix in MANY_TABLES and table_of(alone, spec) is None:
        return [Found(shown, whole=alone)]
    if alone.suffix not in _NO_ZIP_OF_FILES and zipfile.is_zipfile(path):
        return _grouped(_in_zip(path, archives), spec)
    raise _not_an_extract(alone)


def files_to_read(path: Path, spec: Spec) -> Iterator[Path]:
    """The files at or below a path that may be read, in no order. Nothing is opened."""
    if not path.is_dir():
        yield path
        return
    for place, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not is_unfinished(name)]
        for name in names:
            source = Source(name, Path(place, name))
            if source.suffix == ".zip" or _may_hold_tables(source, spec):
                yield source.path


def table_of(source: Source, spec: Spec) -> Table | None:
    """The table a file is named after; None where it is named after none."""
    if source.suffix not in (*ONE_TABLE, *WORKBOOKS, *MARKUP):
        return None
    return spec.table_named(PurePosixPath(source.name).stem.strip())


def looks_like_a_table(name: str, spec: Spec) -> bool:
    """Whether the number of a table stands in a name, as in `MSD101 part 2`."""
    numbers = _NUMBER_OF_A_TABLE.findall(name)
    return any(spec.table_named(number) is not None for number in numbers)


def _not_an_extract(alone: Source) -> ExtractError:
    if alone.suffix == ".zip":
        return ExtractError(
            f"{alone.shown} cannot be read: it is not a whole zip file.",
            hint="Make the zip again, or give the folder instead.",
        )
    if alone.suffix in (*ONE_TABLE, *MANY_TABLES):
        return ExtractError(
            f"{alone.shown} is one file; an extract is a folder of them.",
            hint="Give the folder it is in.",
        )
    return ExtractError(
        f"{alone.shown} is not an extract that this version can read.",
        hint="Give an Access database, XML, an Excel workbook, or a folder of tables as CSV.",
    )


def _on_disk(folder: Path, spec: Spec) -> Iterator[Source]:
    """Every file at or below a folder; of hidden folders below it only the tables.

    A folder that was being written when a run was killed is named, and not looked into.
    """
    for place, folders, names in os.walk(folder, onerror=_unreadable):
        yield from (Source(name, Path(place, name)) for name in folders if is_unfinished(name))
        folders[:] = sorted(name for name in folders if not is_unfinished(name))
        hidden = any(part.startswith(".") for part in Path(place).relative_to(folder).parts)
        for name in folders:
            below = Path(place, name)
            if below.is_symlink() or _may_hold_tables(Source(name, below), spec):
                raise ExtractError(
                    f"{file_name(name)} is a link, or a folder named like a table.",
                    hint="Give the folder that it stands for itself, or take it out.",
                )
        for name in sorted(names):
            source = Source(name, Path(place, name))
            wanted = _may_hold_tables(source, spec)
            if wanted and not source.path.is_file():
                raise ExtractError(f"{source.shown} is no file.", hint="Take it out of the folder.")
            if wanted or not hidden:
                yield source


def _may_hold_tables(source: Source, spec: Spec) -> bool:
    if source.name.startswith(_BESIDE_A_FILE):
        return False
    return source.suffix in MANY_TABLES or table_of(source, spec) is not None


def _unreadable(error: OSError) -> None:
    raise ExtractError(
        f"The folder {file_name(Path(str(error.filename)).name)} cannot be looked into "
        f"({type(error).__name__}).",
        hint="Check that you may read it.",
    )


def _in_zip(path: Path, archives: ExitStack) -> Iterator[Source]:
    shown = file_name(path.name)
    try:
        archive = archives.enter_context(zipfile.ZipFile(path))
        names = [info.filename for info in archive.infolist()]
    except UNPACKING_FAILED as error:
        raise ExtractError(
            f"{shown} cannot be read as a zip ({type(error).__name__}).",
            hint="Make the zip again, or give the folder instead.",
        ) from None
    if not all(names):
        raise ExtractError(
            f"{shown} holds a file without a name.", hint="Make the zip again, or give the folder."
        )
    members = sorted(name for name in names if not name.endswith("/"))
    if len(members) > MOST_MEMBERS:
        raise ExtractError(
            f"{shown} holds {len(members):,} files, more than extracts have.",
            hint="Make a zip of the extracts alone.",
        )
    for member in members:
        yield Source(_member_path(member).name, path, member, archive)


def _member_path(member: str) -> PurePosixPath:
    """The path of a zip member; some programs on Windows write backslashes."""
    return PurePosixPath(member.replace("\\", "/"))


def _grouped(sources: Iterable[Source], spec: Spec) -> list[Found]:
    """One group for each folder and for each file of many tables, in order of their paths."""
    groups: dict[str, Found] = {}
    for source in sources:
        place = _place(source)
        table = table_of(source, spec)
        if table is None and _may_hold_tables(source, spec):
            _refuse_part(source, spec)
            if str(place) in groups:
                raise ExtractError(f"{source.shown} is there twice.", hint="Keep one of the two.")
            groups[str(place)] = Found(source.shown, whole=source)
            continue
        group = groups.setdefault(str(place.parent), Found(file_name(place.parent.name)))
        if table is None:
            _set_aside(group, source, spec)
        elif table.name in group.tables:
            raise ExtractError(
                f"{group.where} holds {table.name} twice: "
                f"{group.tables[table.name].shown} and {source.shown}.",
                hint="Keep one of the two files.",
            )
        else:
            group.tables[table.name] = source
    return [groups[place] for place in sorted(groups)]


def _place(source: Source) -> Path:
    """Where a file is; those in a zip are below it."""
    if source.member is None:
        return source.path.parent.resolve() / source.name
    return source.path.resolve() / _member_path(source.member)


def _set_aside(group: Found, source: Source, spec: Spec) -> None:
    """Remember a file that is not read. Raises ExtractError where it seems part of a table."""
    name = source.name.lower()
    if is_unfinished(name) and source.path.is_dir():
        group.others.append(f"{source.shown} (left by a run that was stopped)")
        return
    if name.startswith((".", *_BESIDE_A_FILE)) or name in _NOT_WORTH_TELLING:
        return
    _refuse_part(source, spec)
    if source.suffix in UNREAD_EXTRACTS:
        raise ExtractError(
            f"{source.shown} may be a whole extract, and cannot be read where it is.",
            hint="Unpack it or save it in another form, or take it out of what you give.",
        )
    group.others.append(source.shown)


def _refuse_part(source: Source, spec: Spec) -> None:
    """Raise ExtractError for a file with the name of a table in its own: MSD101_part2.csv."""
    if looks_like_a_table(source.name, spec):
        raise ExtractError(
            f"{source.shown} is named like a table, and is none that can be read.",
            hint="Give each table as one whole file, such as MSD001MotherDemog.csv.",
        )
