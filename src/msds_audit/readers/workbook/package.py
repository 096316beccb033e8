"""Finds the sheets of .xlsx and .xlsm, and what they share, in the zip that these are."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from typing import IO

from msds_audit.readers.source import refuse_bomb
from msds_audit.readers.workbook.book import BrokenError, Row, Sheet, Tally
from msds_audit.readers.workbook.cells import BUILT_IN, GENERAL, Style, style_of
from msds_audit.readers.workbook.markup import elements
from msds_audit.readers.workbook.sheet import Shared, rows_of, strings_of

MOST_SHEETS, MOST_LINKS, MOST_STYLES = 1 << 10, 1 << 16, 1 << 17
"""More sheets, links or styles than these are refused; Excel has half as many styles at most."""

_IN_STYLES = ("numFmts", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs")
"""The parts of the styles of a workbook between which number formats must be told apart."""


@dataclass(frozen=True)
class _Link:
    kind: str
    target: str


class Package:
    """The parts of a workbook."""

    def __init__(self, archive: zipfile.ZipFile, shown: str) -> None:
        """Look at what the zip holds. Raises ExtractError where it would unpack to too much."""
        self._archive = archive
        self._parts = {_path(info.filename): info for info in archive.infolist()}
        for part in self._parts.values():
            refuse_bomb(part, shown)
        whole = zipfile.ZipInfo()
        whole.file_size = sum(info.file_size for info in self._parts.values())
        whole.compress_size = sum(info.compress_size for info in self._parts.values())
        refuse_bomb(whole, shown)

    def holds(self, name: str) -> bool:
        """Whether there is a part of this name, in any case of letters."""
        return name.lower() in self._parts

    def sheets(self) -> list[Sheet]:
        """The worksheets in their order; sheets that are charts or macros are left out.

        Raises BrokenError or anything else where the workbook is damaged.
        """
        links = self._links("")
        workbook = _only(links, "officeDocument") or "xl/workbook.xml"
        links = self._links(workbook)
        named, since_1904 = self._workbook(workbook)
        strings, styles = _only(links, "sharedStrings"), _only(links, "styles")
        shared = Shared(
            strings=self._strings(strings) if strings else [],
            styles=self._styles(styles) if styles else [GENERAL],
            since_1904=since_1904,
        )
        sheets = [(name, links[which]) for name, which in named]
        worksheets = [(name, link.target) for name, link in sheets if link.kind == "worksheet"]
        targets = {target for _, target in worksheets}
        if len(targets) < len(worksheets) or not all(self.holds(one) for one in targets):
            raise BrokenError("a sheet of it is not there")
        return [self._sheet(name, target, shared) for name, target in worksheets]

    def _links(self, path: str) -> Mapping[str, _Link]:
        """What a part refers to within the workbook, by identifier; links out of it are not."""
        folder, name = dirname(path), path.rpartition("/")[2]
        links = {}
        with self._part(join(folder, "_rels", f"{name}.rels")) as part:
            for element, attributes in elements(part):
                if element == "Relationship" and attributes.get("TargetMode") != "External":
                    kind = attributes["Type"].rpartition("/")[2]
                    target = _path(normpath(join("/", folder, attributes["Target"])))
                    links[attributes["Id"]] = _Link(kind, target)
                if len(links) > MOST_LINKS:
                    raise BrokenError(f"it has more than {MOST_LINKS:,} links")
        return links

    def _workbook(self, path: str) -> tuple[list[tuple[str, str]], bool]:
        """The names of the sheets with their identifiers, and whether days count from 1904."""
        sheets, since_1904 = [], False
        with self._part(path) as part:
            for element, attributes in elements(part):
                if element == "sheet":
                    sheets.append((attributes["name"], attributes["id"]))
                elif element == "workbookPr":
                    since_1904 = attributes.get("date1904") in ("1", "true")
                if len(sheets) > MOST_SHEETS:
                    raise BrokenError(f"it has more than {MOST_SHEETS:,} sheets")
        return sheets, since_1904

    def _strings(self, path: str) -> list[str]:
        with self._part(path) as part:
            return strings_of(part)

    def _styles(self, path: str) -> list[Style]:
        formats: dict[int, Style] = dict(BUILT_IN)
        styles: list[Style] = []
        within = ""
        with self._part(path) as part:
            for element, attributes in elements(part):
                if element in _IN_STYLES:
                    within = element
                elif (within, element) == ("numFmts", "numFmt"):
                    formats[int(attributes["numFmtId"])] = style_of(attributes["formatCode"])
                elif (within, element) == ("cellXfs", "xf"):
                    styles.append(formats.get(int(attributes.get("numFmtId", 0)), GENERAL))
                if len(styles) + len(formats) > MOST_STYLES:
                    raise BrokenError(f"it has more than {MOST_STYLES:,} styles")
        return styles or [GENERAL]

    def _sheet(self, name: str, path: str, shared: Shared) -> Sheet:
        def rows(tally: Tally) -> Iterator[Row]:
            with self._part(path) as part:
                yield from rows_of(part, shared, tally)

        return Sheet(name, rows)

    def _part(self, path: str) -> IO[bytes]:
        info = self._parts.get(path.lower())
        if info is None:
            raise BrokenError("a part of it is not there")
        return self._archive.open(info)


def _path(name: str) -> str:
    """The name of a part as it is looked up; some programs write backslashes or capitals."""
    return name.replace("\\", "/").lstrip("/").lower()


def _only(links: Mapping[str, _Link], kind: str) -> str | None:
    return next((link.target for link in links.values() if link.kind == kind), None)
