"""Reads relations, record rules and measures, checking the names in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from msds_audit.catalogue.files import Files
from msds_audit.catalogue.shapes import (
    ExampleEntry,
    MeasureChange,
    MeasureEntry,
    MeasuresFile,
    OccursEntry,
    RecordsFile,
    RelatedFile,
    RuleChange,
    RuleEntry,
)
from msds_audit.damage_rules import damage_rules
from msds_audit.item_rules import item_rules
from msds_audit.link_rules import PATIENTS, link_rules, parents
from msds_audit.rule import (
    REJECTING_RECORDS,
    Basis,
    Effect,
    Example,
    Measure,
    Occurs,
    Related,
    Rule,
    called_now,
)
from msds_audit.shape_rules import shape_rules
from msds_audit.spec import Spec
from msds_audit.together_rules import together_rules

RELATED_FILE = "related.toml"

GENERATED = (item_rules, together_rules, shape_rules, link_rules, damage_rules)
"""What makes rules of the specification."""

Relations = Mapping[tuple[str, str], Related]
"""What may be named beside each table: base table and name to relation."""

One = TypeVar("One", Rule, Measure)


def read_related(files: Files, spec: Spec) -> Relations:
    """What a record belongs to, by the specification, and what rule files bring beside it."""
    related = parents(spec)
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


# --- rules --------------------------------------------------------------------------------


def read_records(files: Files, spec: Spec, related: Relations) -> dict[str, Rule]:
    """Every record rule by id, those generated from the specification included.

    Files are taken in order: what one changes or drops must stand before it.
    """
    records = {rule.id: rule for made in GENERATED for rule in made(spec)}
    for file in files.files("records/*.toml"):
        content = files.read(file, RecordsFile)
        if content is None:
            continue
        if content.table not in spec.tables:
            sentence = f"there is no table {content.table!r}."
            files.fault(file, "", "table", sentence, "Give its full name.")
            continue
        for raw in content.rule:
            if "extends" in raw:
                rule = _changed_rule(files, file, raw, content.table, records, related)
            else:
                rule = _new_rule(files, file, raw, content.table, spec, records, related)
            if rule is not None:
                records[rule.id] = rule
                files.written(file, rule.id)
        _drop(files, file, content.drop, records)
    return dict(sorted(records.items()))


def _new_rule(
    files: Files,
    file: Path,
    raw: dict[str, Any],
    table: str,
    spec: Spec,
    known: Collection[str],
    related: Relations,
) -> Rule | None:
    entry = files.shaped(file, raw, RuleEntry)
    if entry is None:
        return None
    _new_id(files, file, entry.id, known)
    if not _is_of_one_kind(files, file, entry, spec, table):
        return None
    rule = Rule(
        id=entry.id,
        name=entry.name,
        title=entry.title,
        why=entry.why,
        fix=entry.fix,
        table=table,
        applies=entry.applies,
        passes=entry.passes,
        unique=entry.unique,
        occurs=Occurs(entry.occurs.least, entry.occurs.most) if entry.occurs else None,
        related=_mentioned(table, related, entry.applies, entry.passes),
        effect=entry.effect,
        basis=entry.basis,
        source=entry.source,
        verified=entry.verified,
        examples=tuple(example_of(one) for one in entry.example),
        file=files.shown(file),
        since=entry.since,
        formerly=entry.formerly,
    )
    _check_effect(files, file, rule)
    return rule


def _is_of_one_kind(files: Files, file: Path, entry: RuleEntry, spec: Spec, table: str) -> bool:
    """Whether a rule says what passes, or what is unique, or what occurs; faults where not."""
    kinds = bool(entry.passes), bool(entry.unique), entry.occurs is not None
    if sum(kinds) != 1:
        count = "two or three" if any(kinds) else "none"
        sentence = f"gives {count} of `passes`, `unique` and `occurs`."
        files.fault(file, entry.id, "", sentence, "Give one.")
        return False
    if entry.occurs is not None and entry.applies:
        sentence = "does not go with `occurs`, which counts all records."
        files.fault(file, entry.id, "applies", sentence, "Take it out.")
    if entry.occurs is not None and not _possible(entry.occurs):
        files.fault(file, entry.id, "occurs", "asks for more at least than at most.")
        return False
    known = [files.known_item(spec, file, entry.id, "unique", table, item) for item in entry.unique]
    return all(known)


def _possible(occurs: OccursEntry) -> bool:
    return occurs.most is None or occurs.least <= occurs.most


def _changed_rule(
    files: Files,
    file: Path,
    raw: dict[str, Any],
    table: str,
    records: Mapping[str, Rule],
    related: Relations,
) -> Rule | None:
    change = files.shaped(file, raw, RuleChange)
    if change is None or not _stands(files, file, change.extends, "extends", records):
        return None
    if records[change.extends].table != table:
        sentence = f"is a rule of {records[change.extends].table}, not of {table}."
        files.fault(file, change.extends, "extends", sentence, "Change it in a file of that table.")
        return None
    changed = _changed(records[change.extends], change, related, files.shown(file))
    if not changed.passes and "passes" in change.model_fields_set:
        files.fault(file, changed.id, "passes", "is empty.")
    _check_effect(files, file, changed)
    return changed


def _check_effect(files: Files, file: Path, rule: Rule) -> None:
    if rule.effect is Effect.REJECTS_PATIENT and rule.table != PATIENTS:
        sentence = f"only a rule of {PATIENTS} can reject a patient."
        files.fault(file, rule.id, "effect", sentence, "Use rejects-record, or move the rule.")
    rejecting = rule.effect in (Effect.REJECTS_FILE, *REJECTING_RECORDS)
    if rejecting and rule.basis is Basis.ADVICE:
        sentence = "nothing is rejected on our own advice."
        files.fault(file, rule.id, "effect, basis", sentence, "Say how it is known, or warn.")
    if rule.occurs is not None and rule.effect is not Effect.REJECTS_FILE:
        sentence = "a rule about how often a table occurs can only reject the file."
        files.fault(file, rule.id, "effect", sentence)


# --- measures -----------------------------------------------------------------------------


def read_measures(
    files: Files, spec: Spec, related: Relations, indicators: Collection[str]
) -> dict[str, Measure]:
    """Every measure by id; `indicators` are the ids that no file may change or drop."""
    measures: dict[str, Measure] = {}
    for file in files.files("measures/*.toml"):
        content = files.read(file, MeasuresFile)
        if content is None:
            continue
        for raw in content.measure:
            if "extends" in raw:
                measure = _changed_measure(files, file, raw, spec, measures, related, indicators)
            else:
                measure = _new_measure(files, file, raw, spec, measures, related)
            if measure is not None:
                measures[measure.id] = measure
                files.written(file, measure.id)
        _drop(files, file, content.drop, measures, indicators)
    return measures


def _changed_measure(
    files: Files,
    file: Path,
    raw: dict[str, Any],
    spec: Spec,
    measures: Mapping[str, Measure],
    related: Relations,
    indicators: Collection[str],
) -> Measure | None:
    change = files.shaped(file, raw, MeasureChange)
    if change is None:
        return None
    if not _stands(files, file, change.extends, "extends", measures, indicators):
        return None
    changed = _changed(measures[change.extends], change, related, files.shown(file))
    return changed if _mends_what_it_reads(files, file, changed, spec) else None


def _new_measure(
    files: Files,
    file: Path,
    raw: dict[str, Any],
    spec: Spec,
    known: Collection[str],
    related: Relations,
) -> Measure | None:
    entry = files.shaped(file, raw, MeasureEntry)
    if entry is None:
        return None
    _new_id(files, file, entry.id, known)
    if not files.known_item(spec, file, entry.id, "distinct", entry.table, entry.distinct):
        return None
    measure = Measure(
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
        examples=tuple(example_of(one) for one in entry.example),
        file=files.shown(file),
        since=entry.since,
        formerly=entry.formerly,
        mends=entry.mends,
    )
    return measure if _mends_what_it_reads(files, file, measure, spec) else None


def _mends_what_it_reads(files: Files, file: Path, measure: Measure, spec: Spec) -> bool:
    """Whether `mends` names items of the table or of what is beside it; faults where not."""
    beside = {one.name: one.table for one in measure.related}
    known = True
    for name in measure.mends:
        owner, _, item = name.rpartition(".")
        if owner and owner not in beside:
            sentence = f"{owner!r} is not named in `applies` or `passes`."
            files.fault(file, measure.id, "mends", sentence)
            known = False
        else:
            table = beside.get(owner, measure.table)
            known &= files.known_item(spec, file, measure.id, "mends", table, item)
    return known


# --- adding, changing, dropping -----------------------------------------------------------


def _new_id(files: Files, file: Path, id: str, known: Collection[str]) -> None:
    if id in known:
        files.fault(file, id, "id", "is used twice.", "Ids are for ever: take a new one.")


def _stands(
    files: Files,
    file: Path,
    id: str,
    key: str,
    known: Mapping[str, One],
    indicators: Collection[str] = (),
) -> bool:
    """Whether there is something of this id to change or drop; a fault is noted where not."""
    if id in known:
        return True
    now = called_now(id, known.values())
    if id in indicators:
        sentence = "is a national indicator; those are neither changed nor dropped."
        files.fault(file, id, key, sentence, "Write one of your own, or leave it out of a scheme.")
    elif now:
        files.fault(file, id, key, f"is called {now} now.", "Write that.")
    else:
        sentence = "names nothing that stands before."
        files.fault(file, id, key, sentence, "See: msds-audit rules list --all")
    return False


def _changed(one: One, change: RuleChange | MeasureChange, related: Relations, file: str) -> One:
    """A rule or measure with the keys that a change gives, and the relations they name."""
    given = {name: getattr(change, name) for name in change.model_fields_set - {"extends"}}
    examples = given.pop("example", None)
    if examples is not None:
        given["examples"] = tuple(example_of(entry) for entry in examples)
    changed = replace(one, **given, file=file)
    if not given.keys() & {"applies", "passes"}:
        return changed
    named = _mentioned(one.table, related, changed.applies, changed.passes)
    return replace(changed, related=named)


def _drop(
    files: Files,
    file: Path,
    ids: Collection[str],
    known: dict[str, One],
    indicators: Collection[str] = (),
) -> None:
    for id in ids:
        if not _stands(files, file, id, "drop", known, indicators):
            continue
        if known[id].file == files.shown(file):
            files.fault(file, id, "drop", "is written or changed in this very file.", "Do one.")
        del known[id]
        files.drops(file, id)


def _mentioned(table: str, related: Relations, *predicates: str) -> tuple[Related, ...]:
    """The relations beside a table that predicates name, and those they are reached through."""
    words = {word for sql in predicates for word in re.findall(r"[A-Za-z_]\w*", sql)}
    wanted = {name for beside, name in related if beside == table and name in words}
    for beside, name in reversed(list(related)):
        owner = related[beside, name].source.rpartition(".")[0]
        if beside == table and name in wanted and owner:
            wanted.add(owner)
    return tuple(
        one for (beside, name), one in related.items() if beside == table and name in wanted
    )


def example_of(entry: ExampleEntry) -> Example:
    """An example as rules have it."""
    related = {
        name: rows if isinstance(rows, tuple) else (rows,) for name, rows in entry.related.items()
    }
    return Example(
        says=entry.says,
        row=entry.row,
        others=entry.others,
        related=related,
        period=entry.period,
        result=entry.result,
        provider=entry.provider,
    )
