"""Reads relations, record rules, measures and schemes, checking the names in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from msds_audit.catalogue.files import Files
from msds_audit.catalogue.shapes import (
    CriterionEntry,
    ExampleEntry,
    MeasureEntry,
    MeasuresFile,
    RecordsFile,
    RelatedFile,
    RuleEntry,
    SchemeFile,
)
from msds_audit.damage_rules import damage_rules
from msds_audit.item_rules import item_rules
from msds_audit.rule import Basis, Criterion, Example, Measure, Related, Rule, Scheme
from msds_audit.spec import Spec

RELATED_FILE = "related.toml"


def read_related(files: Files, spec: Spec) -> dict[tuple[str, str], Related]:
    """What may be named beside each table: base table and name to relation."""
    related: dict[tuple[str, str], Related] = {}
    for file in files.files(RELATED_FILE):
        content = files.read(file, RelatedFile)
        for entry in content.related if content is not None else ():
            key = (entry.beside, entry.name)
            if key in related:
                files.fault(file, entry.name, "name", f"is declared twice beside {entry.beside}.")
            source = entry.source or entry.on
            known = files.known_item(spec, file, entry.name, "on", entry.table, entry.on)
            if "." not in source:
                known &= files.known_item(spec, file, entry.name, "source", entry.beside, source)
            elif (entry.beside, source.partition(".")[0]) not in related:
                files.fault(file, entry.name, "source", f"{source!r} is not related yet.")
                known = False
            if known:
                related[key] = Related(entry.name, entry.table, source, entry.on, entry.where)
    return related


def read_records(
    files: Files, spec: Spec, related: dict[tuple[str, str], Related]
) -> dict[str, Rule]:
    """Every record rule by id, those generated from the specification included."""
    records = {rule.id: rule for rule in (*item_rules(spec), *damage_rules(spec))}
    for file in files.files("records/*.toml"):
        content = files.read(file, RecordsFile)
        if content is None:
            continue
        if content.table not in spec.tables:
            files.fault(
                file,
                "",
                "table",
                f"there is no table {content.table!r}.",
                "Give its full name.",
            )
            continue
        for raw in content.rule:
            entry = files.shaped(file, raw, RuleEntry)
            if entry is None:
                continue
            if entry.id in records:
                files.fault(
                    file, entry.id, "id", "is used twice.", "Ids are for ever: take a new one."
                )
            if bool(entry.passes) == bool(entry.unique):
                files.fault(file, entry.id, "passes", "give either `passes` or `unique`.")
            for item in entry.unique:
                files.known_item(spec, file, entry.id, "unique", content.table, item)
            records[entry.id] = _rule(entry, content.table, related, files.shown(file))
    return dict(sorted(records.items()))


def _rule(entry: RuleEntry, table: str, related: dict[tuple[str, str], Related], file: str) -> Rule:
    return Rule(
        id=entry.id,
        name=entry.name,
        title=entry.title,
        why=entry.why,
        fix=entry.fix,
        table=table,
        applies=entry.applies,
        passes=entry.passes,
        unique=entry.unique,
        related=_mentioned(table, related, entry.applies, entry.passes),
        effect=entry.effect,
        basis=entry.basis,
        source=entry.source,
        verified=entry.verified,
        examples=tuple(_example(one) for one in entry.example),
        file=file,
    )


def read_measures(
    files: Files, spec: Spec, related: dict[tuple[str, str], Related]
) -> dict[str, Measure]:
    """Every measure by id."""
    measures: dict[str, Measure] = {}
    for file in files.files("measures/*.toml"):
        content = files.read(file, MeasuresFile)
        for raw in content.measure if content is not None else ():
            entry = files.shaped(file, raw, MeasureEntry)
            if entry is None:
                continue
            if entry.id in measures:
                files.fault(
                    file, entry.id, "id", "is used twice.", "Ids are for ever: take a new one."
                )
            files.known_item(spec, file, entry.id, "distinct", entry.table, entry.distinct)
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
                file=files.shown(file),
            )
    return measures


def read_schemes(
    files: Files, spec: Spec, records: Mapping[str, Rule], measures: Mapping[str, Measure]
) -> dict[str, Scheme]:
    """Every scheme by id, in the order in which they are shown."""
    found: dict[str, tuple[Path, SchemeFile]] = {}
    for file in files.files("schemes/*.toml"):
        content = files.read(file, SchemeFile)
        if content is None:
            continue
        if content.id in found:
            files.fault(file, content.id, "id", "is used twice.")
        ids = [entry.id for entry in content.criterion]
        for id in dict.fromkeys(id for id in ids if ids.count(id) > 1):
            files.fault(file, id, "id", "is used twice in this scheme.")
        found[content.id] = (file, content)
    schemes = {}
    for id, (file, content) in sorted(found.items(), key=lambda one: (one[1][1].order, one[0])):
        entries = {entry.id: entry for entry in _inherited(files, id, found)}
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
                if (criterion := _criterion(files, file, spec, entry, {**records, **measures}))
            ),
            file=files.shown(file),
        )
    return schemes


def _inherited(
    files: Files, id: str, found: Mapping[str, tuple[Path, SchemeFile]], seen: tuple[str, ...] = ()
) -> list[CriterionEntry]:
    file, content = found[id]
    if not content.extends:
        return list(content.criterion)
    if content.extends not in found or content.extends in (*seen, id):
        files.fault(file, id, "extends", f"there is no scheme {content.extends!r} to build on.")
        return list(content.criterion)
    return [*_inherited(files, content.extends, found, (*seen, id)), *content.criterion]


def _criterion(
    files: Files,
    file: Path,
    spec: Spec,
    entry: CriterionEntry,
    subjects: Mapping[str, Rule | Measure],
) -> Criterion | None:
    subject = subjects.get(entry.measure or entry.rule)
    named = bool(entry.measure) + bool(entry.rule)
    if named > 1 or (subject is None and (named or not entry.not_collected)):
        sentence = "names no measure and no rule that exists."
        files.fault(file, entry.id, "measure, rule", sentence, "Give one of the two.")
        return None
    own = (entry.basis, entry.verified, entry.source or None)
    if entry.threshold is not None and None in own:
        files.fault(file, entry.id, "threshold", "needs a basis, source and verified of its own.")
    if subject is None and not (entry.title and entry.source and entry.reason):
        files.fault(file, entry.id, "", "needs a title, a source and a reason of its own.")
    table, _, item = entry.watch.rpartition(".")
    if entry.watch:
        known = files.known_item(spec, file, entry.id, "watch", table, item)
        codes = spec.tables[table].by_name[item].codes if known else None
        if known and (codes is None or not codes.closed):
            sentence = f"{item} has no closed code list, so its values may tell who somebody is."
            files.fault(file, entry.id, "watch", sentence, "Watch a coded item.")
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
        carried=entry.carried,
        watch=(table, item) if entry.watch else None,
        basis=entry.basis or (subject.basis if subject else Basis.PUBLISHED),
        source=entry.source or (subject.source if subject else ""),
        verified=entry.verified if entry.verified is not None else not subject or subject.verified,
        fix=entry.fix or (subject.fix if subject else ""),
    )


def _mentioned(
    table: str, related: dict[tuple[str, str], Related], *predicates: str
) -> tuple[Related, ...]:
    """The relations beside a table that predicates name, and those they are reached through."""
    words = {word for sql in predicates for word in re.findall(r"[A-Za-z_]\w*", sql)}
    wanted = {name for beside, name in related if beside == table and name in words}
    for beside, name in reversed(related):
        owner = related[beside, name].source.rpartition(".")[0]
        if beside == table and name in wanted and owner:
            wanted.add(owner)
    return tuple(
        one for (beside, name), one in related.items() if beside == table and name in wanted
    )


def _example(entry: ExampleEntry) -> Example:
    return Example(entry.says, entry.row, entry.others, entry.related, entry.period, entry.result)
