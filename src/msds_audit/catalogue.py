"""Reads the rules folder: the specification, rules, measures and schemes, all as TOML.

It checks the shape of every file and the names in it, and reports all faults at once. Whether
predicates compile and examples hold is left to `lint`.
"""

from __future__ import annotations

import csv
import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from msds_audit.errors import Fault, RuleFileError
from msds_audit.item_rules import item_rules
from msds_audit.rule import (
    Basis,
    Criterion,
    Effect,
    Example,
    Expected,
    Measure,
    Related,
    Rule,
    Rules,
    Scheme,
)
from msds_audit.spec import Code, CodeClass, CodeList, Format, Item, Mandation, NearMiss, Spec, Table

SPEC_FOLDER = "spec/msds-2.0"
RELATED_FILE = "related.toml"
PROVIDERS_FILE = "reference/nhs-trusts.csv"

Text = Annotated[str, Field(min_length=1)]
FileModel = TypeVar("FileModel", bound="_File")


class _File(BaseModel):
    """Anything read from a rule file: unknown keys are errors, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, str_strip_whitespace=True)


# --- the specification --------------------------------------------------------------------


class _SpecFile(_File):
    version: Text
    standard: Text
    title: Text
    tables: int
    items: int
    digest: Text
    source: Text
    licence: Text


class _CodeEntry(_File):
    code: Text
    label: Text
    cls: CodeClass = Field(alias="class")
    group: str | None = None
    broad: bool = False
    note: str = ""
    prefix: bool = False


class _NearMissEntry(_File):
    seen: Text
    kind: Literal["label", "old code", "2021 label", "local code"]
    means: tuple[Text, ...]


class _CodesFile(_File):
    name: Text
    title: Text
    closed: bool
    source: Text
    verified: bool
    caution: str = ""
    local_suffix: bool = False
    code: tuple[_CodeEntry, ...]
    near_miss: tuple[_NearMissEntry, ...] = ()


class _Occurs(_File):
    min: int
    max: int | None = None
    per: str | None = None


class _ItemEntry(_File):
    name: Text
    uid: Text
    element: Text
    mandation: Mandation
    format: Text
    key: bool = False
    references: str | None = None
    codes: str | None = None
    constraint: str | None = None
    shape: str | None = None
    shape_source: str = ""
    equality: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class _TableFile(_File):
    table: Text
    group: Text
    section: str
    occurs: _Occurs
    mandatory: bool
    derived: tuple[str, ...] = ()
    item: tuple[_ItemEntry, ...]


# --- rules --------------------------------------------------------------------------------


class _RelatedEntry(_File):
    beside: Text
    name: Text
    table: Text
    on: Text
    source: str = ""
    where: str | None = None


class _RelatedFile(_File):
    related: tuple[_RelatedEntry, ...]


class _ExampleEntry(_File):
    says: Text
    row: dict[str, str]
    others: tuple[dict[str, str], ...] = ()
    related: dict[str, dict[str, str]] = {}
    period: str = ""
    result: Expected


class _RuleEntry(_File):
    id: Text
    name: Text
    title: Text
    why: Text
    fix: Text
    effect: Effect
    basis: Basis
    source: Text
    verified: bool
    applies: str = ""
    passes: str = ""
    unique: tuple[Text, ...] = ()
    example: tuple[_ExampleEntry, ...]


class _RecordsFile(_File):
    table: Text
    rule: tuple[_RuleEntry, ...]


class _MeasureEntry(_File):
    id: Text
    title: Text
    why: Text
    fix: str = ""
    table: Text
    applies: str = ""
    passes: Text
    distinct: Text
    unit: Text
    basis: Basis
    source: Text
    verified: bool
    example: tuple[_ExampleEntry, ...]


class _MeasuresFile(_File):
    measure: tuple[_MeasureEntry, ...]


class _CriterionEntry(_File):
    id: Text
    section: Text
    title: str = ""
    short: str = ""
    measure: str = ""
    rule: str = ""
    threshold: Decimal | None = Field(default=None, gt=0, le=1)
    headline: str = ""
    not_collected: bool = False
    reason: str = ""
    watch: str = ""
    basis: Basis | None = None
    source: str = ""
    verified: bool | None = None
    fix: str = ""


class _SchemeFile(_File):
    id: Text
    family: Text
    title: Text
    about: Text
    source: Text
    order: int
    default: bool
    extends: str = ""
    criterion: tuple[_CriterionEntry, ...]


# --- reading ------------------------------------------------------------------------------


def packaged_rules() -> Path:
    """The rules folder that belongs to this copy of msds-audit, installed or checked out."""
    installed = Path(__file__).with_name("rules")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "rules"


def read_rules(folder: Path | None = None) -> Rules:
    """Read every rule file.

    Args:
        folder: A folder of further rules, laid out as the packaged one; they are added to it.
            A folder with its own `spec/` stands in place of the packaged one. None: packaged only.

    Raises:
        RuleFileError: With every fault found.
    """
    if folder is not None and not folder.is_dir():
        raise RuleFileError(
            [Fault(str(folder), "", "", "there is no such folder.", "Give the folder of rule files.")]
        )
    if folder is None or folder.resolve() == packaged_rules().resolve():
        folders = [packaged_rules()]
    elif (folder / "spec").is_dir():
        folders = [folder]
    else:
        folders = [packaged_rules(), folder]
    return _Reader(folders).rules()


def rule_files(folder: Path) -> list[Path]:
    """Every rule file of a rules folder, in a fixed order."""
    return sorted(folder.rglob("*.toml"))


def spec_digest(folder: Path) -> str:
    """SHA-256 over the table and code list files of a rules folder, line endings apart."""
    spec = folder / SPEC_FOLDER
    return _digest(spec, [*sorted((spec / "tables").glob("*.toml")), *sorted((spec / "codes").glob("*.toml"))])


def _digest(root: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(root).as_posix().encode() + b"\0")
        digest.update(file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


class _Reader:
    """Reads rule folders, gathering faults instead of stopping at the first."""

    def __init__(self, folders: list[Path]) -> None:
        self.folders = folders
        self.faults: list[Fault] = []

    def rules(self) -> Rules:
        """Everything, or RuleFileError."""
        spec = self._spec()
        self._stop_at_faults()
        related = self._related(spec)
        records = self._records(spec, related)
        measures = self._measures(spec, related)
        schemes = self._schemes(spec, records, measures)
        self._stop_at_faults()
        return Rules(
            spec=spec,
            records=records,
            measures=measures,
            schemes=schemes,
            providers=self._providers(),
            fingerprint=hashlib.sha256(
                "".join(_digest(folder, rule_files(folder)) for folder in self.folders).encode()
            ).hexdigest(),
        )

    def _stop_at_faults(self) -> None:
        if self.faults:
            raise RuleFileError(self.faults)

    def _fault(self, file: Path | str, rule: str, key: str, sentence: str, hint: str = "") -> None:
        self.faults.append(Fault(self._shown(file), rule, key, sentence, hint))

    def _shown(self, file: Path | str) -> str:
        for folder in self.folders:
            if isinstance(file, Path) and file.is_relative_to(folder):
                return file.relative_to(folder).as_posix()
        return str(file)

    def _files(self, pattern: str) -> Iterator[Path]:
        for folder in self.folders:
            yield from sorted(folder.glob(pattern))

    def _read(self, file: Path, model: type[FileModel]) -> FileModel | None:
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8-sig"), parse_float=Decimal)
        except (OSError, UnicodeDecodeError) as error:
            self._fault(file, "", "", f"cannot be read ({type(error).__name__}).", "Save it as UTF-8.")
            return None
        except tomllib.TOMLDecodeError as error:
            self._fault(file, "", "", f"is not TOML: {error}.", "Look at that line.")
            return None
        try:
            return model.model_validate(content)
        except ValidationError as error:
            for found in error.errors(include_url=False, include_context=False):
                self._shape_fault(file, content, found)
            return None

    def _shape_fault(self, file: Path, content: Mapping[str, Any], found: Any) -> None:
        path = list(found["loc"])
        entry: Any = content
        rule = ""
        for step in path:
            entry = entry[step] if _holds(entry, step) else None
            if isinstance(entry, dict):
                rule = str(entry.get("id", entry.get("uid", entry.get("name", rule))))
        key = ".".join(str(step) for step in path if not isinstance(step, int))
        match found["type"]:
            case "extra_forbidden":
                sentence, hint = "is not a key that msds-audit knows.", "Mend its spelling or take it out."
            case "missing":
                sentence, hint = "is missing.", "Add it."
            case _:
                sentence, hint = f"{found['msg'][0].lower()}{found['msg'][1:]}.", ""
        self._fault(file, rule, key, sentence, hint)

    # specification

    def _spec(self) -> Spec:
        root = self.folders[0] / SPEC_FOLDER
        head = self._read(root / "spec.toml", _SpecFile)
        lists = self._code_lists(root)
        tables = {}
        for file in sorted((root / "tables").glob("*.toml")):
            content = self._read(file, _TableFile)
            if content is not None:
                tables[content.table] = self._table(file, content, lists)
        self._stop_at_faults()
        assert head is not None
        items = sum(len(table.items) for table in tables.values())
        if (len(tables), items) != (head.tables, head.items):
            self._fault(
                root / "spec.toml",
                "",
                "tables, items",
                f"the folder has {len(tables)} tables and {items} items, not {head.tables} and {head.items}.",
                "Restore the missing files.",
            )
        return Spec(head.version, head.title, head.standard, head.source, head.licence, tables)

    def _code_lists(self, root: Path) -> dict[str, CodeList]:
        lists = {}
        for file in sorted((root / "codes").glob("*.toml")):
            content = self._read(file, _CodesFile)
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

    def _table(self, file: Path, content: _TableFile, lists: Mapping[str, CodeList]) -> Table:
        items = []
        for entry in content.item:
            if entry.codes is not None and entry.codes not in lists:
                self._fault(file, entry.uid, "codes", f"there is no code list {entry.codes!r}.")
                continue
            try:
                form = Format.parse(entry.constraint or entry.format)
            except ValueError as error:
                self._fault(file, entry.uid, "format", f"{error}.")
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
            section=content.section,
            minimum=content.occurs.min,
            maximum=content.occurs.max,
            per=content.occurs.per,
            mandatory=content.mandatory,
            derived=content.derived,
            items=tuple(items),
        )

    # rules

    def _related(self, spec: Spec) -> dict[tuple[str, str], Related]:
        related: dict[tuple[str, str], Related] = {}
        for file in self._files(RELATED_FILE):
            content = self._read(file, _RelatedFile)
            for entry in content.related if content is not None else ():
                key = (entry.beside, entry.name)
                if key in related:
                    self._fault(file, entry.name, "name", f"is declared twice beside {entry.beside}.")
                self._known_item(spec, file, entry.name, "on", entry.table, entry.on)
                source = entry.source or entry.on
                if "." not in source:
                    self._known_item(spec, file, entry.name, "source", entry.beside, source)
                related[key] = Related(entry.name, entry.table, source, entry.on, entry.where)
        return related

    def _known_item(
        self, spec: Spec, file: Path, rule: str, key: str, table: str, item: str
    ) -> None:
        if table not in spec.tables:
            self._fault(file, rule, key, f"there is no table {table!r}.", "Give its full name.")
        elif item not in spec.tables[table].by_name:
            self._fault(file, rule, key, f"{table} has no item {item!r}.")

    def _records(
        self, spec: Spec, related: Mapping[tuple[str, str], Related]
    ) -> dict[str, Rule]:
        records = {rule.id: rule for rule in item_rules(spec)}
        for file in self._files("records/*.toml"):
            content = self._read(file, _RecordsFile)
            if content is None:
                continue
            if content.table not in spec.tables:
                self._fault(file, "", "table", f"there is no table {content.table!r}.", "Give its full name.")
                continue
            for entry in content.rule:
                if entry.id in records:
                    self._fault(file, entry.id, "id", "is used twice.", "Ids are for ever: take a new one.")
                if bool(entry.passes) == bool(entry.unique):
                    self._fault(file, entry.id, "passes", "give either `passes` or `unique`.")
                for item in entry.unique:
                    self._known_item(spec, file, entry.id, "unique", content.table, item)
                records[entry.id] = Rule(
                    id=entry.id,
                    name=entry.name,
                    title=entry.title,
                    why=entry.why,
                    fix=entry.fix,
                    table=content.table,
                    applies=entry.applies,
                    passes=entry.passes,
                    unique=entry.unique,
                    related=_mentioned(content.table, related, entry.applies, entry.passes),
                    effect=entry.effect,
                    basis=entry.basis,
                    source=entry.source,
                    verified=entry.verified,
                    examples=tuple(_example(one) for one in entry.example),
                    file=self._shown(file),
                )
        return dict(sorted(records.items()))

    def _measures(
        self, spec: Spec, related: Mapping[tuple[str, str], Related]
    ) -> dict[str, Measure]:
        measures: dict[str, Measure] = {}
        for file in self._files("measures/*.toml"):
            content = self._read(file, _MeasuresFile)
            for entry in content.measure if content is not None else ():
                if entry.id in measures:
                    self._fault(file, entry.id, "id", "is used twice.", "Ids are for ever: take a new one.")
                self._known_item(spec, file, entry.id, "distinct", entry.table, entry.distinct)
                measures[entry.id] = Measure(
                    id=entry.id,
                    title=entry.title,
                    why=entry.why,
                    fix=entry.fix,
                    table=entry.table,
                    applies=entry.applies,
                    passes=entry.passes,
                    related=_mentioned(entry.table, related, entry.applies, entry.passes),
                    distinct=entry.distinct,
                    unit=entry.unit,
                    basis=entry.basis,
                    source=entry.source,
                    verified=entry.verified,
                    examples=tuple(_example(one) for one in entry.example),
                    file=self._shown(file),
                )
        return measures

    def _schemes(
        self, spec: Spec, records: Mapping[str, Rule], measures: Mapping[str, Measure]
    ) -> dict[str, Scheme]:
        found: dict[str, tuple[Path, _SchemeFile]] = {}
        for file in self._files("schemes/*.toml"):
            content = self._read(file, _SchemeFile)
            if content is None:
                continue
            if content.id in found:
                self._fault(file, content.id, "id", "is used twice.")
            found[content.id] = (file, content)
        schemes = {}
        for id, (file, content) in sorted(found.items(), key=lambda one: (one[1][1].order, one[0])):
            entries = {entry.id: entry for entry in self._inherited(id, found)}
            schemes[id] = Scheme(
                id=id,
                family=content.family,
                title=content.title,
                about=content.about,
                source=content.source,
                default=content.default,
                criteria=tuple(
                    criterion
                    for entry in entries.values()
                    if (criterion := self._criterion(file, spec, entry, {**records, **measures}))
                ),
                file=self._shown(file),
            )
        return schemes

    def _inherited(
        self, id: str, found: Mapping[str, tuple[Path, _SchemeFile]], seen: tuple[str, ...] = ()
    ) -> list[_CriterionEntry]:
        file, content = found[id]
        if not content.extends:
            return list(content.criterion)
        if content.extends not in found or content.extends in (*seen, id):
            self._fault(file, id, "extends", f"there is no scheme {content.extends!r} to build on.")
            return list(content.criterion)
        return [*self._inherited(content.extends, found, (*seen, id)), *content.criterion]

    def _criterion(
        self, file: Path, spec: Spec, entry: _CriterionEntry, subjects: Mapping[str, Rule | Measure]
    ) -> Criterion | None:
        subject = subjects.get(entry.measure or entry.rule)
        named = bool(entry.measure) + bool(entry.rule)
        if named > 1 or (subject is None and (named or not entry.not_collected)):
            self._fault(
                file,
                entry.id,
                "measure, rule",
                "names no measure and no rule that exists.",
                "Give one of the two.",
            )
            return None
        if entry.threshold is not None and None in (entry.basis, entry.verified, entry.source or None):
            self._fault(file, entry.id, "threshold", "needs a basis, source and verified of its own.")
        if subject is None and not (entry.title and entry.source and entry.reason):
            self._fault(file, entry.id, "", "needs a title, a source and a reason of its own.")
        table, _, item = entry.watch.rpartition(".")
        if entry.watch:
            self._known_item(spec, file, entry.id, "watch", table, item)
        return Criterion(
            id=entry.id,
            title=entry.title or (subject.title if subject else ""),
            short=entry.short,
            section=entry.section,
            subject=subject.id if subject else "",
            threshold=entry.threshold,
            headline=entry.headline,
            not_collected=entry.not_collected,
            reason=entry.reason,
            watch=(table, item) if entry.watch else None,
            basis=entry.basis or (subject.basis if subject else Basis.PUBLISHED),
            source=entry.source or (subject.source if subject else ""),
            verified=entry.verified if entry.verified is not None else not subject or subject.verified,
            fix=entry.fix or (subject.fix if subject else ""),
        )

    def _providers(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for folder in self.folders:
            file = folder / PROVIDERS_FILE
            if file.is_file():
                with file.open(encoding="utf-8", newline="") as lines:
                    names |= {row["ods_code"]: row["name"] for row in csv.DictReader(lines)}
        return names


def _holds(entry: object, step: object) -> bool:
    if isinstance(entry, dict):
        return step in entry
    return isinstance(entry, list) and isinstance(step, int) and step < len(entry)


def _mentioned(
    table: str, related: Mapping[tuple[str, str], Related], *predicates: str
) -> tuple[Related, ...]:
    """The relations beside a table that predicates name, and those they are reached through."""
    words = {word for sql in predicates for word in re.findall(r"[A-Za-z_]\w*", sql)}
    wanted = {name for beside, name in related if beside == table and name in words}
    for beside, name in reversed(related):
        owner = related[beside, name].source.rpartition(".")[0]
        if beside == table and name in wanted and owner:
            wanted.add(owner)
    return tuple(one for (beside, name), one in related.items() if beside == table and name in wanted)


def _example(entry: _ExampleEntry) -> Example:
    return Example(entry.says, entry.row, entry.others, entry.related, entry.period, entry.result)
