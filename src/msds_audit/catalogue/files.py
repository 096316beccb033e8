"""Reads TOML files of rule folders, gathering faults instead of stopping at the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from msds_audit.bounds import MOST_FILES
from msds_audit.catalogue.safe_files import UnfitError, oddities, text_of, toml_of
from msds_audit.catalogue.shapes import RuleFile
from msds_audit.errors import Fault, RuleFileError
from msds_audit.spec import Spec

FileModel = TypeVar("FileModel", bound=RuleFile)

_MOST_ODDITIES = 20
"""So many things that no file may hold are told of one file."""


class Files:
    """The rule folders in force, the first one holding the specification."""

    def __init__(self, folders: list[Path]) -> None:
        self.folders = folders
        self.faults: list[Fault] = []
        self.own: set[str] = set()
        self.dropped: set[str] = set()
        self._known: dict[tuple[Path, type[RuleFile]], RuleFile | None] = {}

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

    def drops(self, file: Path, id: str) -> None:
        """Note what a file takes away, if it is one of the folder given last."""
        if file.is_relative_to(self.folders[-1]):
            self.dropped.add(id)

    def files(self, pattern: str) -> Iterator[Path]:
        """The files that match a pattern in every folder, in a fixed order."""
        for folder in self.folders:
            found = sorted(islice(folder.glob(pattern), MOST_FILES + 1))
            if len(found) > MOST_FILES:
                sentence = f"stands for more than {MOST_FILES:,} files."
                self.fault(pattern, "", "", sentence, "Put their rules together.")
            yield from found[:MOST_FILES]

    def read(self, file: Path, model: type[FileModel]) -> FileModel | None:
        """Read one TOML file into its shape; None, with faults noted once, where that fails."""
        if (file, model) not in self._known:
            self._known[file, model] = self._read(file, model)
        return self._known[file, model]  # type: ignore[return-value]

    def _read(self, file: Path, model: type[FileModel]) -> FileModel | None:
        content = self.content(file)
        return None if content is None else self.shaped(file, content, model)

    def content(self, file: Path) -> dict[str, Any] | None:
        """What a TOML file holds; None, with a fault noted, where it cannot be read."""
        try:
            content = toml_of(text_of(file, self._folder_of(file)))
        except UnfitError as error:
            self.fault(file, "", "", error.sentence, error.hint)
            return None
        odd = list(islice(oddities(content), _MOST_ODDITIES))
        for place, sentence, hint in odd:
            self._fault_at(file, content, place, sentence, hint)
        return None if odd else content

    def _folder_of(self, file: Path) -> Path:
        return next((one for one in self.folders if file.is_relative_to(one)), file.parent)

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
        sentence, hint = _in_words(found)
        self._fault_at(file, content, found["loc"], sentence, hint)

    def _fault_at(
        self,
        file: Path,
        content: Mapping[str, Any],
        path: Sequence[str | int],
        sentence: str,
        hint: str,
    ) -> None:
        """Note what is wrong at a place of a file, with the id of the entry it stands in."""
        entry: Any = content
        rule = str(content.get("id", ""))
        for step in path:
            entry = entry[step] if _holds(entry, step) else None
            if isinstance(entry, dict):
                rule = str(entry.get("id", entry.get("uid", entry.get("name", rule))))
            if isinstance(step, int) and not rule:
                rule = f"{path[0]} {step + 1}"
        key = ".".join(str(step) for step in path if not isinstance(step, int))
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


_IN_WORDS = {
    "extra_forbidden": (
        "is not a key that msds-audit knows.",
        "Mend its spelling or take it out.",
    ),
    "missing": ("is missing.", "Add it."),
    "string_too_short": ("is empty.", "Fill it in, or take it out."),
    "string_type": ("is not text.", "Put it in quotes."),
    "bool_type": ("is neither true nor false.", "Write one of them, without quotes."),
    "bool_parsing": ("is neither true nor false.", "Write one of them, without quotes."),
    "tuple_type": (
        "is not a list.",
        'Write it in brackets, as ["one"]; tables of a list in double ones, as [[rule]].',
    ),
}


def _in_words(found: ErrorDetails) -> tuple[str, str]:
    """What is wrong with the shape of a value, and what to do about it."""
    wanted = found["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    if found["type"] in ("enum", "literal_error"):
        return f"is none of {wanted}.", "Mend its spelling."
    return _IN_WORDS.get(found["type"], (f"is not right: it should be {wanted}.", ""))


def _holds(entry: object, step: object) -> bool:
    if isinstance(entry, dict):
        return step in entry
    return isinstance(entry, list) and isinstance(step, int) and step < len(entry)
