"""Reads schemes: who asks for how much, a scheme perhaps being a difference on another."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from msds_audit.catalogue.files import Files
from msds_audit.catalogue.shapes import CriterionEntry, SchemeFile
from msds_audit.maturity import TOTAL
from msds_audit.rule import Basis, Criterion, Declared, Indicator, Scheme
from msds_audit.spec import Spec


def read_schemes(
    files: Files, spec: Spec, subjects: Mapping[str, Declared], dqmi: Collection[str] = ()
) -> dict[str, Scheme]:
    """Every scheme by id, in the order in which they are shown.

    `subjects` are what it may name, and `dqmi` the items of the Data Quality Maturity Index.
    """
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
                if (criterion := _criterion(files, file, spec, entry, subjects))
                and _dqmi_is_known(files, file, entry, dqmi)
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
    if content.extends not in found:
        files.fault(file, id, "extends", f"there is no scheme {content.extends!r} to build on.")
        return list(content.criterion)
    if content.extends in (*seen, id):
        sentence = f"leads back to {content.extends}, round in a circle."
        files.fault(file, id, "extends", sentence, "One scheme must stand by itself.")
        return list(content.criterion)
    inherited = _inherited(files, content.extends, found, (*seen, id))
    for dropped in set(content.drop) - {entry.id for entry in inherited}:
        files.fault(file, dropped, "drop", f"is no criterion of {content.extends}.")
    kept = [entry for entry in inherited if entry.id not in content.drop]
    return [*kept, *content.criterion]


def _subject(entry: CriterionEntry, subjects: Mapping[str, Declared]) -> Declared | None:
    """What a line rests on: an indicator where it names one, else a measure or a rule."""
    subject = subjects.get(entry.measure or entry.rule or entry.indicator)
    return subject if isinstance(subject, Indicator) == bool(entry.indicator) else None


def _subject_fault(files: Files, file: Path, entry: CriterionEntry, named: int) -> None:
    if named == 1:
        key = "measure" if entry.measure else "rule" if entry.rule else "indicator"
        sentence, hint = f"there is no {key} {getattr(entry, key)!r}.", "See: msds-audit rules list"
        files.fault(file, entry.id, key, sentence, hint)
        return
    keys = "measure, rule, indicator, counts, cqims, dqmi, unassessed"
    sentence = "names several of them." if named else "names none of them."
    files.fault(file, entry.id, keys, sentence, "Give one of them.")


def _watched(files: Files, file: Path, spec: Spec, entry: CriterionEntry) -> tuple[str, str] | None:
    """The item that a line watches, if any; a fault is noted where it tells who somebody is."""
    if not entry.watch:
        return None
    table, _, item = entry.watch.rpartition(".")
    if files.known_item(spec, file, entry.id, "watch", table, item):
        codes = spec.tables[table].by_name[item].codes
        if codes is None or not codes.closed:
            sentence = f"{item} has no closed code list, so its values may tell who somebody is."
            files.fault(file, entry.id, "watch", sentence, "Watch a coded item.")
    return table, item


def _criterion(
    files: Files,
    file: Path,
    spec: Spec,
    entry: CriterionEntry,
    subjects: Mapping[str, Declared],
) -> Criterion | None:
    subject = _subject(entry, subjects)
    standing = (entry.counts, entry.cqims, entry.dqmi, entry.unassessed)
    named = sum(map(bool, (entry.measure, entry.rule, entry.indicator, *standing)))
    nothing = subject is None and not (any(standing) or (entry.not_collected and not named))
    if named > 1 or nothing:
        _subject_fault(files, file, entry, named)
        return None
    own = (entry.basis, entry.verified, entry.source or None)
    if entry.threshold is not None and isinstance(subject, Indicator):
        sentence = "does not go with an indicator, which has limits of its own."
        files.fault(file, entry.id, "threshold", sentence, "Take it out.")
    elif entry.threshold is not None and None in own:
        files.fault(file, entry.id, "threshold", "needs a basis, source and verified of its own.")
    said = entry.reason or any(standing)
    if subject is None and not (entry.title and entry.source and said):
        files.fault(file, entry.id, "", "needs a title, a source and a reason of its own.")
    return Criterion(
        id=entry.id,
        title=entry.title or (subject.title if subject else ""),
        short=entry.short,
        section=entry.section,
        subject=subject.id if subject else "",
        counts=entry.counts,
        cqims=entry.cqims,
        dqmi=entry.dqmi,
        unassessed=entry.unassessed,
        threshold=entry.threshold,
        headline=entry.headline,
        not_collected=entry.not_collected,
        reason=entry.reason,
        carried=entry.carried,
        watch=_watched(files, file, spec, entry),
        basis=entry.basis or (subject.basis if subject else Basis.PUBLISHED),
        source=entry.source or (subject.source if subject else ""),
        verified=entry.verified if entry.verified is not None else not subject or subject.verified,
        fix=entry.fix or (subject.fix if subject else ""),
    )


def _dqmi_is_known(files: Files, file: Path, entry: CriterionEntry, dqmi: Collection[str]) -> bool:
    """Whether a line names an item of the index, its total, or nothing of it; a fault otherwise."""
    if entry.dqmi and entry.threshold is not None:
        sentence = "does not go with the Data Quality Maturity Index, for which none is asked."
        files.fault(file, entry.id, "threshold", sentence, "Take it out.")
    if entry.dqmi in ("", TOTAL, *dqmi):
        return True
    sentence = f"{entry.dqmi!r} is no item of the Data Quality Maturity Index."
    files.fault(file, entry.id, "dqmi", sentence, f"Name one of dqmi.toml, or {TOTAL}.")
    return False
