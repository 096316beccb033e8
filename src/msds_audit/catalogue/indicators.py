"""Reads national indicators, and the codes by which their fields are derived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msds_audit.bases import CONCEPTS, base_table
from msds_audit.catalogue.files import Files
from msds_audit.catalogue.rulebooks import example_of
from msds_audit.catalogue.shapes import ConceptsFile, IndicatorEntry, MeasuresFile
from msds_audit.limits import Limits
from msds_audit.rule import Against, Concept, Family, Indicator
from msds_audit.spec import Spec

CONCEPTS_FILE = "concepts.toml"


def read_indicators(files: Files, spec: Spec) -> dict[str, Indicator]:
    """Every indicator by id, in the order of the files."""
    found: dict[str, Indicator] = {}
    for file in files.files("measures/*.toml"):
        content = files.read(file, MeasuresFile)
        for raw in content.indicator if content is not None else ():
            entry = _entry(files, file, raw)
            if entry is None:
                continue
            if entry.id in found:
                sentence = "is used twice."
                files.fault(file, entry.id, "id", sentence, "Ids are for ever: take a new one.")
            if _is_whole(files, file, entry, spec):
                found[entry.id] = _indicator(entry, files.shown(file))
                files.written(file, entry.id)
    _check_rests(files, found)
    return found


def _entry(files: Files, file: Path, raw: dict[str, Any]) -> IndicatorEntry | None:
    """An indicator in its shape; None, with faults noted, where it is none."""
    if "extends" in raw:
        sentence = "a national indicator is not changed by a difference."
        hint = "Write one of your own, with an id and every key."
        files.fault(file, str(raw["extends"]), "extends", sentence, hint)
        return None
    return files.shaped(file, raw, IndicatorEntry)


def _is_whole(files: Files, file: Path, entry: IndicatorEntry, spec: Spec) -> bool:
    """Whether an indicator says all that it takes to count it; faults where not."""
    if entry.undefined:
        return True
    needed = {"passes": entry.passes, "distinct": entry.distinct, "counted": entry.counted}
    wrong = [(key, "is missing.", "Add it.") for key, text in needed.items() if not text]
    wrong += _wrong_column(entry, spec)
    wrong += _wrong_limits(entry)
    if entry.against is not Against.PEOPLE and entry.applies:
        sentence = "goes with people only: else there is no denominator to take them from."
        wrong.append(("applies", sentence, "Say it in `passes`."))
    for key, sentence, hint in wrong:
        files.fault(file, entry.id, key, sentence, hint)
    return not wrong


def _wrong_column(entry: IndicatorEntry, spec: Spec) -> Iterator[tuple[str, str, str]]:
    if entry.distinct and entry.distinct not in base_table(spec, entry.base).by_name:
        sentence = f"{entry.base} has no column {entry.distinct!r}."
        yield "distinct", sentence, f"See: msds-audit rules show {entry.base}"


def _wrong_limits(entry: IndicatorEntry) -> Iterator[tuple[str, str, str]]:
    has_limits = entry.lower is not None or entry.upper is not None
    is_rate = entry.family in (Family.CQIM, Family.COC)
    if has_limits and is_rate:
        sentence = "a rate has no limits of its own."
        yield "lower, upper", sentence, "Give them to the measures that it rests on."
    if not has_limits and not is_rate:
        sentence = "a measure of data quality has a limit."
        yield "lower, upper", sentence, "Give one of them, or both."
    if entry.lower is not None and entry.upper is not None and entry.lower > entry.upper:
        yield "lower, upper", "no rate lies between them.", "Look which is which."
    if entry.rests_on and not is_rate:
        yield "rests_on", "nothing withholds a measure of data quality.", "Take it out."


def _check_rests(files: Files, found: Mapping[str, Indicator]) -> None:
    for one in found.values():
        for key, ids in (("rests_on", one.rests_on), ("submitted", (one.submitted,))):
            for id in ids:
                if id and id not in found:
                    files.fault(one.file, one.id, key, f"there is no indicator {id!r}.")
        for id in one.rests_on:
            if id in found and found[id].is_rate:
                sentence = f"{id} is a rate, and only measures of data quality withhold one."
                files.fault(one.file, one.id, "rests_on", sentence)


def _indicator(entry: IndicatorEntry, file: str) -> Indicator:
    return Indicator(
        id=entry.id,
        family=entry.family,
        title=entry.title,
        why=entry.why,
        fix=entry.fix,
        table=entry.base.value,
        window=entry.window,
        applies=entry.applies,
        passes=entry.passes,
        distinct=entry.distinct,
        unit=entry.unit,
        counted=entry.counted,
        against=entry.against,
        limits=Limits(entry.lower, entry.upper, entry.exclusive, entry.needs_someone),
        rests_on=entry.rests_on,
        submitted=entry.submitted,
        per=entry.per,
        basis=entry.basis,
        source=entry.source,
        verified=entry.verified,
        note=entry.note,
        undefined=entry.undefined,
        examples=tuple(example_of(one) for one in entry.example),
        file=file,
        since=entry.since,
        formerly=entry.formerly,
    )


# --- concepts -----------------------------------------------------------------------------


def read_concepts(files: Files, indicators: Mapping[str, Indicator]) -> dict[str, Concept]:
    """The codes of every concept by its name; a later folder's stand in place of an earlier's.

    Where any of the `indicators` is counted, no concept may be missing.
    """
    found: dict[str, Concept] = {}
    for file in files.files(CONCEPTS_FILE):
        content = files.read(file, ConceptsFile)
        concepts = [
            Concept(one.name, one.says, one.codes, one.source, one.verified)
            for one in (content.concept if content is not None else ())
        ]
        names = [one.name for one in concepts]
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            files.fault(file, name, "name", "is declared twice.", "Put its codes together.")
        for name in dict.fromkeys(names):
            if name not in CONCEPTS:
                sentence = "no field is derived by codes of that name."
                files.fault(file, name, "name", sentence, f"There are: {', '.join(CONCEPTS)}.")
        found |= {one.name: one for one in concepts}
    missing = [name for name in CONCEPTS if name not in found]
    if missing and not files.faults and not all(one.undefined for one in indicators.values()):
        sentence = f"has not all concepts by which fields are derived: {', '.join(missing)}."
        files.fault(CONCEPTS_FILE, "", "", sentence, "Add them.")
    return found
