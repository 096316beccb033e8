"""Reads TOML files of rule folders, gathering faults instead of stopping at the first."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from msds_audit.catalogue.shapes import RuleFile
from msds_audit.errors import Fault, RuleFileError
from msds_audit.spec import Spec

FileModel = TypeVar("FileModel", bound=RuleFile)


class Files:
    """The rule folders in force, the first one holding the specification."""

    def __init__(self, folders: list[Path]) -> None:
        self.folders = folders
        self.faults: list[Fault] = []
        self.own: set[str] = set()

    def stop_at_faults(self) -> None:
        """Raise RuleFileError if anything was wrong so far."""
        if self.faults:
            raise RuleFileError(self.faults)

    def fault(self, file: Path | str, rule: str, key: str, sentence: str, hint: str = "") -> None:
        """Note one thing that is wrong."""
        self.faults.append(Fault(self.shown(file), rule, key, sentence, hint))

    def shown(self, file: Path | str) -> str:
        """A file's name relative to its rules folder."""
        for folder in self.folders:
            if isinstance(file, Path) and file.is_relative_to(folder):
                return file.relative_to(folder).as_posix()
        return str(file)

    def written(self, file: Path, id: str) -> None:
        """Note what a file writes or changes, if it is one of the folder given last."""
        if file.is_relative_to(self.folders[-1]):
            self.own.add(id)

    def files(self, pattern: str) -> Iterator[Path]:
        """The files that match a pattern in every folder, in a fixed order."""
        for folder in self.folders:
            yield from sorted(folder.glob(pattern))

    def read(self, file: Path, model: type[FileModel]) -> FileModel | None:
        """Read one TOML file into its shape; None, with faults noted, where that fails."""
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8-sig"), parse_float=Decimal)
        except (OSError, UnicodeDecodeError) as error:
            self.fault(
                file, "", "", f"cannot be read ({type(error).__name__}).", "Save it as UTF-8."
            )
            return None
        except tomllib.TOMLDecodeError as error:
            self.fault(file, "", "", f"is not TOML: {error}.", "Look at that line.")
            return None
        return self.shaped(file, content, model)

    def shaped(
        self, file: Path, content: dict[str, Any], model: type[FileModel]
    ) -> FileModel | None:
        """Content of a file in its shape; None, with faults noted, where it does not fit."""
        try:
            return model.model_validate(content)
        except ValidationError as error:
            for found in error.errors(include_url=False, include_context=False):
                self._shape_fault(file, content, found)
            return None

    def _shape_fault(self, file: Path, content: Mapping[str, Any], found: ErrorDetails) -> None:
        path = list(found["loc"])
        entry: Any = content
        rule = str(content.get("id", ""))
        for step in path:
            entry = entry[step] if _holds(entry, step) else None
            if isinstance(entry, dict):
                rule = str(entry.get("id", entry.get("uid", entry.get("name", rule))))
        key = ".".join(str(step) for step in path if not isinstance(step, int))
        match found["type"]:
            case "extra_forbidden":
                sentence, hint = (
                    "is not a key that msds-audit knows.",
                    "Mend its spelling or take it out.",
                )
            case "missing":
                sentence, hint = "is missing.", "Add it."
            case _:
                sentence, hint = f"{found['msg'][0].lower()}{found['msg'][1:]}.", ""
        self.fault(file, rule, key, sentence, hint)

    def known_item(
        self, spec: Spec, file: Path, rule: str, key: str, table: str, item: str
    ) -> bool:
        """Whether the table and the item exist; a fault is noted where they do not."""
        if table not in spec.tables:
            self.fault(file, rule, key, f"there is no table {table!r}.", "Give its full name.")
        elif item not in spec.tables[table].by_name:
            self.fault(file, rule, key, f"{table} has no item {item!r}.")
        else:
            return True
        return False


def _holds(entry: object, step: object) -> bool:
    if isinstance(entry, dict):
        return step in entry
    return isinstance(entry, list) and isinstance(step, int) and step < len(entry)
