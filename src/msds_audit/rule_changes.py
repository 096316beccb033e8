"""What differs between two sets of rules, and whether judgement can change by it.

It compares what rules mean, not their files; wording the differences is left to `rulebook`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from msds_audit.fingerprint import (
    Judged,
    code_lists,
    judged_codes,
    judged_concept,
    judged_criterion,
    judged_dqmi,
    judged_indicator,
    judged_item,
    judged_measure,
    judged_rule,
    judged_scheme,
    judged_table,
)
from msds_audit.maturity import DqmiItem
from msds_audit.rule import Concept, Criterion, Declared, Indicator, Rule, Rules, Scheme
from msds_audit.spec import CodeList, Item, Spec, Table


class Sort(StrEnum):
    """What sort of thing differs, in the order in which differences are told."""

    SPECIFICATION = "specification"
    TABLE = "table"
    ITEM = "item"
    CODES = "code list"
    RULE = "rule"
    MEASURE = "measure"
    INDICATOR = "indicator"
    CONCEPT = "concept"
    DQMI = "item of the DQMI"
    SCHEME = "scheme"
    CRITERION = "criterion"


class Kind(StrEnum):
    """What became of it."""

    ADDED = "added"
    DROPPED = "dropped"
    RENAMED = "renamed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One key that says something else; `judges` where judgement can change by it."""

    key: str
    old: str
    new: str
    judges: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. `was` is the id it had, where it was given another."""

    sort: Sort
    kind: Kind
    id: str
    title: str
    keys: tuple[KeyChange, ...] = ()
    was: str = ""

    @property
    def judges(self) -> bool:
        """Whether some extract may now be judged otherwise, or told of by another id."""
        return self.kind is not Kind.CHANGED or any(key.judges for key in self.keys)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What one thing says: what of it judges, what only explains, and the ids it had."""

    title: str
    judged: Judged
    words: Judged
    formerly: tuple[str, ...] = ()


def differences(old: Rules, new: Rules) -> list[Change]:
    """Everything that differs, sorted: the specification first, then rules, then who asks."""
    before, after = _facts(old), _facts(new)
    return [change for sort in Sort for change in _compared(sort, before[sort], after[sort])]


def _compared(sort: Sort, old: Mapping[str, _Facts], new: Mapping[str, _Facts]) -> Iterator[Change]:
    now = {was: id for id, facts in new.items() for was in facts.formerly}
    renamed = {was: now[was] for was in sorted(old) if was in now and was not in new}
    for id in sorted(old.keys() | new.keys()):
        for was in (was for was, successor in renamed.items() if successor == id):
            yield Change(sort, Kind.RENAMED, id, new[id].title, _keys(old[was], new[id]), was)
        if id in old and id in new:
            if keys := _keys(old[id], new[id]):
                yield Change(sort, Kind.CHANGED, id, new[id].title, keys)
        elif id in new and id not in renamed.values():
            yield Change(sort, Kind.ADDED, id, new[id].title)
        elif id in old and id not in renamed:
            yield Change(sort, Kind.DROPPED, id, old[id].title)


def _keys(old: _Facts, new: _Facts) -> tuple[KeyChange, ...]:
    return tuple(
        KeyChange(key, _said(before.get(key)), _said(after.get(key)), judges)
        for before, after, judges in ((old.judged, new.judged, True), (old.words, new.words, False))
        for key in dict.fromkeys((*before, *after))
        if before.get(key) != after.get(key)
    )


def _said(value: object) -> str:
    """A value in words: lists with commas, nothing as nothing."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(_said(one) for one in value) or "nothing"
        case None | "":
            return "nothing"
        case _:
            return str(value)


# --- what each thing says -----------------------------------------------------------------


def _facts(rules: Rules) -> dict[Sort, dict[str, _Facts]]:
    spec = rules.spec
    criteria = [(scheme, one) for scheme in rules.schemes.values() for one in scheme.criteria]
    return {
        Sort.SPECIFICATION: {"": _of_spec(spec)},
        Sort.TABLE: {name: _of_table(table) for name, table in spec.tables.items()},
        Sort.ITEM: {item.path: _of_item(item) for item in spec.items},
        Sort.CODES: {name: _of_codes(codes) for name, codes in code_lists(spec).items()},
        Sort.RULE: {id: _of_declared(rule) for id, rule in rules.records.items()},
        Sort.MEASURE: {id: _of_declared(one) for id, one in rules.measures.items()},
        Sort.INDICATOR: {id: _of_declared(one) for id, one in rules.indicators.items()},
        Sort.CONCEPT: {name: _of_concept(one) for name, one in rules.concepts.items()},
        Sort.DQMI: {uid: _of_dqmi(one) for uid, one in rules.dqmi.items()},
        Sort.SCHEME: {id: _of_scheme(scheme) for id, scheme in rules.schemes.items()},
        Sort.CRITERION: {f"{scheme.id} {one.id}": _of_criterion(one) for scheme, one in criteria},
    }


def _of_spec(spec: Spec) -> _Facts:
    words = {"title": spec.title, "standard": spec.standard, "source": spec.source}
    return _Facts(spec.title, {"version": spec.version}, {**words, "licence": spec.licence})


def _of_table(table: Table) -> _Facts:
    return _Facts(
        table.group, judged_table(table), {"section": table.section, "per": table.per or ""}
    )


def _of_item(item: Item) -> _Facts:
    words: Judged = {"shape_source": item.shape_source, "equality": item.equality}
    return _Facts(item.element, judged_item(item), {**words, "notes": item.notes})


def _of_codes(codes: CodeList) -> _Facts:
    words: Judged = {
        "title": codes.title,
        "source": codes.source,
        "verified": codes.verified,
        "caution": codes.caution,
        "notes": sorted(f"{code.code}: {code.note}" for code in codes.codes if code.note),
    }
    return _Facts(codes.title, judged_codes(codes), words)


def _of_declared(declared: Declared) -> _Facts:
    words: Judged = {
        "title": declared.title,
        "why": declared.why,
        "fix": declared.fix,
        "source": declared.source,
        "since": declared.since,
        "formerly": declared.formerly,
        "examples": [f"{one.says} ({one.result})" for one in declared.examples],
        "rows of examples": [
            f"{dict(one.row)} {one.others} {dict(one.related)} {one.period} {one.provider}"
            for one in declared.examples
        ],
    }
    if isinstance(declared, Rule):
        words["name"] = declared.name
        return _Facts(declared.title, judged_rule(declared), words, declared.formerly)
    words["unit"] = declared.unit
    if isinstance(declared, Indicator):
        words |= {"counted": declared.counted, "note": declared.note}
        words["why undefined"] = declared.undefined
        return _Facts(declared.title, judged_indicator(declared), words, declared.formerly)
    words["mends"] = declared.mends
    return _Facts(declared.title, judged_measure(declared), words, declared.formerly)


def _of_concept(concept: Concept) -> _Facts:
    words: Judged = {
        "says": concept.says,
        "source": concept.source,
        "verified": concept.verified,
    }
    return _Facts(concept.says, judged_concept(concept), words)


def _of_dqmi(item: DqmiItem) -> _Facts:
    return _Facts(item.uid, judged_dqmi(item), {"source": item.source})


def _of_scheme(scheme: Scheme) -> _Facts:
    words: Judged = {"title": scheme.title, "about": scheme.about, "source": scheme.source}
    return _Facts(scheme.title, judged_scheme(scheme), words)


def _of_criterion(criterion: Criterion) -> _Facts:
    names = ("title", "short", "section", "headline", "reason", "carried", "source", "fix")
    words: Judged = {name: getattr(criterion, name) for name in names}
    words["why unassessed"] = criterion.unassessed
    return _Facts(criterion.title, judged_criterion(criterion), words)
