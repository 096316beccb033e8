"""Reads the specification: tables, data items, formats and code lists."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msds_audit.catalogue.files import Files
from msds_audit.catalogue.spec_shapes import CodesFile, SpecFile, TableFile
from msds_audit.errors import RuleFileError
from msds_audit.spec import Code, CodeList, Format, Item, NearMiss, Spec, Table

SPEC_FOLDER = "spec/msds-2.0"


def read_spec(files: Files) -> Spec:
    """The specification. Raises RuleFileError with every fault found."""
    root = files.folders[0] / SPEC_FOLDER
    head = files.read(root / "spec.toml", SpecFile)
    lists = _code_lists(files, root)
    tables = {}
    for file in sorted((root / "tables").glob("*.toml")):
        content = files.read(file, TableFile)
        if content is not None:
            tables[content.table] = _table(files, file, content, lists)
    files.stop_at_faults()
    if head is None:
        raise RuleFileError(files.faults)
    items = sum(len(table.items) for table in tables.values())
    if (len(tables), items) != (head.tables, head.items):
        files.fault(
            root / "spec.toml",
            "",
            "tables, items",
            f"the folder has {len(tables)} tables and {items} items, "
            f"not {head.tables} and {head.items}.",
            "Restore the missing files.",
        )
    return Spec(head.version, head.title, head.standard, head.source, head.licence, tables)


def _code_lists(files: Files, root: Path) -> dict[str, CodeList]:
    lists = {}
    for file in sorted((root / "codes").glob("*.toml")):
        content = files.read(file, CodesFile)
        if content is None:
            continue
        codes = tuple(
            Code(c.code, c.label, c.cls, c.group, c.broad, c.note, c.prefix) for c in content.code
        )
        lists[content.name] = CodeList(
            name=content.name,
            title=content.title,
            closed=content.closed,
            codes=codes,
            near_misses=tuple(NearMiss(n.seen, n.kind, n.means) for n in content.near_miss),
            local_suffix=content.local_suffix,
            source=content.source,
            verified=content.verified,
            caution=content.caution,
        )
    return lists


def _table(files: Files, file: Path, content: TableFile, lists: Mapping[str, CodeList]) -> Table:
    items = []
    for entry in content.item:
        if entry.codes is not None and entry.codes not in lists:
            files.fault(file, entry.uid, "codes", f"there is no code list {entry.codes!r}.")
            continue
        try:
            form = Format.parse(entry.constraint or entry.format)
        except ValueError as error:
            files.fault(file, entry.uid, "format", f"{error}.")
            continue
        owner, _, referred = (entry.references or "").rpartition(".")
        items.append(
            Item(
                table=content.table,
                name=entry.name,
                uid=entry.uid,
                element=entry.element,
                mandation=entry.mandation,
                format=form,
                key=entry.key,
                references=(owner, referred) if owner else None,
                codes=lists[entry.codes] if entry.codes is not None else None,
                shape=entry.shape,
                shape_source=entry.shape_source,
                equality=entry.equality,
                notes=entry.notes,
            )
        )
    return Table(
        name=content.table,
        group=content.group,
        record=content.record,
        section=content.section,
        minimum=content.occurs.min,
        maximum=content.occurs.max,
        per=content.occurs.per,
        mandatory=content.mandatory,
        derived=content.derived,
        items=tuple(items),
    )
