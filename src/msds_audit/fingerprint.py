"""What of the rules judges an extract, and the fingerprint of it.

Two sets of rules with the same fingerprint judge every extract alike. Words that only explain,
examples, comments, file names and the order in which things stand are no part of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from msds_audit.maturity import DqmiItem
from msds_audit.rule import Concept, Criterion, Indicator, Measure, Related, Rule, Scheme
from msds_audit.spec import CodeList, Item, Spec, Table

JUDGING = 2
"""Raised whenever the program itself comes to judge the same rules differently."""

Judged: TypeAlias = dict[str, object]
"""What of one thing judges: by key, in a form that JSON can hold."""

_QUOTED = re.compile(r"""('(?:[^']|'')*'|"[^"]*")""")


def fingerprint(
    spec: Spec,
    records: Mapping[str, Rule],
    measures: Mapping[str, Measure],
    schemes: Mapping[str, Scheme],
    indicators: Mapping[str, Indicator],
    concepts: Mapping[str, Concept],
    dqmi: Mapping[str, DqmiItem],
) -> str:
    """SHA-256 over everything that judges, the meaning the program gives it included."""
    lists = code_lists(spec)
    everything = {
        "judging": JUDGING,
        "version": spec.version,
        "tables": {name: judged_table(table) for name, table in spec.tables.items()},
        "items": {item.path: judged_item(item) for item in spec.items},
        "codes": {name: judged_codes(found) for name, found in lists.items()},
        "rules": {id: judged_rule(rule) for id, rule in records.items()},
        "measures": {id: judged_measure(measure) for id, measure in measures.items()},
        "indicators": {id: judged_indicator(one) for id, one in indicators.items()},
        "concepts": {name: judged_concept(one) for name, one in concepts.items()},
        "dqmi": {uid: judged_dqmi(one) for uid, one in dqmi.items()},
        "schemes": {id: judged_scheme(scheme) for id, scheme in schemes.items()},
        "criteria": {
            f"{id} {one.id}": judged_criterion(one)
            for id, scheme in schemes.items()
            for one in scheme.criteria
        },
    }
    text = json.dumps(everything, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def code_lists(spec: Spec) -> dict[str, CodeList]:
    """Every code list that an item uses, by name."""
    return {item.codes.name: item.codes for item in spec.items if item.codes is not None}


def judged_table(table: Table) -> Judged:
    """What of a table judges; what its records are called in files is how they are found."""
    return {
        "group": table.group,
        "record": table.record,
        "least": table.minimum,
        "most": table.maximum,
        "mandatory": table.mandatory,
        "derived": sorted(table.derived),
    }


def judged_item(item: Item) -> Judged:
    """What of a data item judges; what spreadsheets do to it depends on its full name too."""
    return {
        "uid": item.uid,
        "element": item.element,
        "mandation": str(item.mandation),
        "format": item.format.text,
        "key": item.key,
        "references": ".".join(item.references) if item.references else "",
        "codes": item.codes.name if item.codes is not None else "",
        "shape": item.shape or "",
    }


def judged_codes(codes: CodeList) -> Judged:
    """What of a code list judges. A label does: a value that is one is known for what it means.

    All that is said of one code stands together: an open list may hold it whole and as a prefix.
    """
    said: dict[str, list[list[str]]] = {}
    for code in codes.codes:
        reach = "prefix" if code.prefix else "whole"
        of_code = [str(code.cls), code.group or "", code.label, reach]
        said.setdefault(f"code {code.code}", []).append(of_code)
    missed: dict[str, list[list[str]]] = {}
    for miss in codes.near_misses:
        of_miss = [miss.kind, *sorted(miss.means)]
        missed.setdefault(f"near miss {miss.seen}", []).append(of_miss)
    return {
        "closed": codes.closed,
        "local suffix": codes.local_suffix,
        **{name: sorted(found) for name, found in said.items()},
        **missed,
    }


def judged_rule(rule: Rule) -> Judged:
    """What of a rule judges, how grave it is and how that is known included."""
    occurs = rule.occurs
    return {
        "table": rule.table,
        "applies": plain_sql(rule.applies),
        "passes": plain_sql(rule.passes),
        "unique": sorted(rule.unique),
        "occurs": [occurs.least, occurs.most] if occurs is not None else [],
        "related": _related(rule.related),
        "about": rule.about,
        "damage": str(rule.damage or ""),
        "effect": str(rule.effect),
        "basis": str(rule.basis),
        "verified": rule.verified,
    }


def judged_measure(measure: Measure) -> Judged:
    """What of a measure judges."""
    return {
        "table": measure.table,
        "applies": plain_sql(measure.applies),
        "passes": plain_sql(measure.passes),
        "related": _related(measure.related),
        "distinct": measure.distinct,
        "basis": str(measure.basis),
        "verified": measure.verified,
    }


def judged_indicator(indicator: Indicator) -> Judged:
    """What of an indicator judges."""
    limits = indicator.limits
    return {
        "family": str(indicator.family),
        "base": indicator.table,
        "window": str(indicator.window),
        "applies": plain_sql(indicator.applies),
        "passes": plain_sql(indicator.passes),
        "distinct": indicator.distinct,
        "against": str(indicator.against),
        "lower": _fraction(limits.lower),
        "upper": _fraction(limits.upper),
        "exclusive": limits.exclusive,
        "needs someone": limits.needs_someone,
        "rests on": sorted(indicator.rests_on),
        "submitted": indicator.submitted,
        "per": indicator.per,
        "undefined": bool(indicator.undefined),
        "basis": str(indicator.basis),
        "verified": indicator.verified,
    }


def judged_concept(concept: Concept) -> Judged:
    """What of the codes of a concept judges."""
    return {"codes": sorted(concept.codes)}


def judged_dqmi(item: DqmiItem) -> Judged:
    """What of an item of the Data Quality Maturity Index judges."""
    return {"threshold": _fraction(item.threshold), "verified": item.verified}


def _fraction(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"


def judged_scheme(scheme: Scheme) -> Judged:
    """What of a scheme judges, its criteria apart: whether and by which name it is asked."""
    return {"family": scheme.family, "default": scheme.default}


def judged_criterion(criterion: Criterion) -> Judged:
    """What of a criterion judges."""
    return {
        "subject": criterion.subject,
        "counts": str(criterion.counts or ""),
        "cqims": criterion.cqims,
        "dqmi": criterion.dqmi,
        "unassessed": bool(criterion.unassessed),
        "threshold": _fraction(criterion.threshold),
        "not_collected": criterion.not_collected,
        "watch": ".".join(criterion.watch) if criterion.watch else "",
        "basis": str(criterion.basis),
        "verified": criterion.verified,
    }


def _related(related: tuple[Related, ...]) -> list[list[str]]:
    return sorted(
        [one.name, one.table, one.source, one.on, plain_sql(one.where or "")] for one in related
    )


def plain_sql(sql: str) -> str:
    """SQL on one line, any run of spaces outside quotes as one; as it stands where it has comments.

    A comment ends with its line, so that lines may not be joined there.
    """
    parts = _QUOTED.split(sql.strip())
    outside = parts[::2]
    if any("--" in part or "/*" in part for part in outside):
        return sql.strip()
    parts[::2] = [re.sub(r"\s+", " ", part) for part in outside]
    return "".join(parts)
