"""Reads national indicators, and the codes by which their fields are derived."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msds_audit.bases import base_table
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
        for entry in content.indicator if content is not None else ():
            if entry.id in found:
                sentence = "is used twice."
                files.fault(file, entry.id, "id", sentence, "Ids are for ever: take a new one.")
            if _is_whole(files, file, entry, spec):
                found[entry.id] = _indicator(entry, files.shown(file))
                files.written(file, entry.id)
    _check_rests(files, found)
    return found


def _is_whole(files: Files, file: Path, entry: IndicatorEntry, spec: Spec) -> bool:
    """Whether an indicator says all that it takes to count it; faults where not."""
    if entry.undefined:
        return True
    needed = {"passes": entry.passes, "distinct": entry.distinct, "counted": entry.counted}
    for key, text in needed.items():
        if not text:
            files.fault(file, entry.id, key, "is missing.", "Add it.")
    columns = base_table(spec, entry.base).by_name
    if entry.distinct and entry.distinct not in columns:
        sentence = f"{entry.base} has no column {entry.distinct!r}."
        files.fault(file, entry.id, "distinct", sentence)
        return False
    has_limits = entry.lower is not None or entry.upper is not None
    is_rate = entry.family in (Family.CQIM, Family.COC)
    if has_limits == is_rate:
        sentence = "goes with a measure of data quality, and every one of those has a limit."
        files.fault(file, entry.id, "lower, upper", sentence, "A rate rests on such measures.")
    if entry.against is not Against.PEOPLE and entry.applies:
        sentence = "goes with people only: else there is no denominator to take them from."
        files.fault(file, entry.id, "applies", sentence, "Say it in `passes`.")
    return all(needed.values())


def _check_rests(files: Files, found: Mapping[str, Indicator]) -> None:
    for one in found.values():
        for key, ids in (("rests_on", one.rests_on), ("submitted", (one.submitted,))):
            for id in ids:
                if id and id not in found:
                    files.fault(one.file, one.id, key, f"there is no indicator {id!r}.")


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


def read_concepts(files: Files) -> dict[str, Concept]:
    """The codes of every concept by its name; a later folder's stand in place of an earlier's."""
    return {
        entry.name: Concept(entry.name, entry.says, entry.codes, entry.source, entry.verified)
        for file in files.files(CONCEPTS_FILE)
        if (content := files.read(file, ConceptsFile)) is not None
        for entry in content.concept
    }
