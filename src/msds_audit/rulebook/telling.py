"""What is to be told of a rule, measure or criterion, in order, and by whom it is asked for.

How that stands on a screen is left to `pages`, and on a page of Markdown to `sheets`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msds_audit.fingerprint import plain_sql
from msds_audit.limits import as_percent
from msds_audit.rule import (
    Basis,
    Criterion,
    Declared,
    Effect,
    Example,
    Expected,
    Family,
    Indicator,
    Measure,
    Occurs,
    Related,
    Row,
    Rule,
    Rules,
)
from msds_audit.rulebook.indicators import (
    asked_of,
    cqims_asked,
    indicator_kind,
    indicator_parts,
    indicator_sql,
)

EFFECTS = {
    Effect.REJECTS_FILE: "The whole file would be rejected.",
    Effect.REJECTS_PATIENT: "Everything about the woman would be rejected: her record, and all "
    "that belongs to it.",
    Effect.REJECTS_RECORD: "The record would be rejected, and with it what belongs to it.",
    Effect.WARNING: "It is accepted, probably with a warning.",
    Effect.COUNTS_AS_INVALID: "It is accepted, and counts as invalid or missing in national data.",
}
_KNOWN = {
    Basis.PUBLISHED: "This is published: see the source.",
    Basis.ANALOGY: "This is known by analogy with the sister data sets IAPT and MHSDS; it is not "
    "published for MSDS.",
    Basis.ADVICE: "This is our advice; it is not a rule of NHS England.",
}
_UNREAD = "NOT verified: recalled, or not published for MSDS. Read the source before relying on it."
RESULTS = {
    Expected.PASS: "passes",
    Expected.FAIL: "fails",
    Expected.NOT_APPLICABLE: "does not apply",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An example: what comes of it, what it is, and its records, a line each."""

    result: str
    says: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """All that is told: `parts` for anybody, the others for those who read SQL.

    Parts and `sql` are pairs of a heading, or a key, and text.
    """

    id: str
    title: str
    verified: bool
    parts: tuple[tuple[str, str], ...]
    sql: tuple[tuple[str, str], ...]
    examples: tuple[Shown, ...]
    history: str


def told(declared: Declared, rules: Rules) -> Told:
    """What is to be told of a rule, measure or indicator."""
    return Told(
        id=declared.id,
        title=declared.title,
        verified=declared.verified,
        parts=tuple(part for part in _parts(declared, rules) if part[1]),
        sql=tuple(_sql(declared)),
        examples=tuple(_shown(example) for example in declared.examples),
        history=_history(declared),
    )


def asked_for(criterion: Criterion, rules: Rules) -> str:
    """How much a criterion asks for, in words; `*` follows what was not verified."""
    star = "" if criterion.verified else "*"
    if criterion.not_collected:
        return "not collected by the standard"
    if criterion.unassessed:
        return f"not assessed: {criterion.unassessed.rstrip('.')}"
    if criterion.cqims:
        return f"{cqims_asked(criterion.cqims, rules)}{star}"
    if criterion.subject in rules.indicators:
        return f"{asked_of(rules.indicators[criterion.subject])}{star}"
    if criterion.threshold is None:
        return "for information"
    return f"at least {as_percent(criterion.threshold)}{star}"


def origin(basis: Basis, source: str, verified: bool) -> str:
    """Where something comes from, and whether that was read."""
    read = "Verified: the source was read." if verified else _UNREAD
    return f"{source.rstrip('.')}. Basis: {basis}. {read}"


# --- for anybody --------------------------------------------------------------------------


def _parts(declared: Declared, rules: Rules) -> Iterator[tuple[str, str]]:
    yield "What it is", _what(declared, rules)
    yield "Why it matters", declared.why
    yield "What to do in the maternity system", declared.fix
    if isinstance(declared, Indicator):
        yield from indicator_parts(declared, rules)
    yield "What happens to a record that fails", _fate(declared)
    yield (
        "Where it comes from",
        origin(declared.basis, declared.source, declared.verified),
    )
    yield "Who asks for it", _askers(declared, rules)


def _what(declared: Declared, rules: Rules) -> str:
    if isinstance(declared, Indicator):
        return indicator_kind(declared)
    table = rules.spec.tables[declared.table]
    place = f"{table.name} ({table.group})"
    if not isinstance(declared, Rule):
        return f"A measure: it counts {declared.unit}, from {place}."
    about = table.by_name.get(declared.about)
    made = " It follows from the specification." if declared.generated else ""
    if about is not None:
        return f"A rule about {about.name} ({about.uid}) in {place}.{made}"
    return f"A rule about {place}.{made}"


def _fate(declared: Declared) -> str:
    known = _KNOWN[declared.basis]
    if isinstance(declared, Rule):
        return f"{EFFECTS[declared.effect].rstrip('.')} ({declared.effect}). {known}"
    kind = "an indicator" if isinstance(declared, Indicator) else "a measure"
    return f"Nothing: {kind} counts people and rejects no record. {known}"


def _askers(declared: Declared, rules: Rules) -> str:
    is_cqim = isinstance(declared, Indicator) and declared.family is Family.CQIM
    asking = [
        (scheme, criterion)
        for scheme in rules.schemes.values()
        for criterion in scheme.criteria
        if criterion.subject == declared.id or (criterion.cqims and is_cqim)
    ]
    askers = [
        f"{criterion.id} of {scheme.id}: {asked_for(criterion, rules)}"
        for scheme, criterion in asking
    ]
    if askers:
        return f"{'; '.join(askers)}."
    if isinstance(declared, Rule):
        return (
            "It counts in `conformance`, by what happens to the record, and in no other scheme; "
            "records that fail are listed under Records to mend."
        )
    return "No scheme."


# --- for those who read SQL ---------------------------------------------------------------


def _sql(declared: Declared) -> Iterator[tuple[str, str]]:
    if isinstance(declared, Indicator):
        yield from indicator_sql(declared)
        return
    yield "table", declared.table
    yield "applies", plain_sql(declared.applies) or "every row"
    if isinstance(declared, Rule) and declared.occurs is not None:
        yield "passes", _times(declared.occurs)
    elif isinstance(declared, Rule) and declared.unique:
        yield "passes", f"no other row has the same {', '.join(declared.unique)}"
    else:
        yield "passes", plain_sql(declared.passes)
    if not isinstance(declared, Rule):
        yield "counts", f"distinct {declared.distinct}: {declared.unit}"
    if isinstance(declared, Measure) and declared.mends:
        yield "mends", ", ".join(declared.mends)
    for relation in declared.related:
        yield "related", _relation(relation)


def _relation(relation: Related) -> str:
    where = f" where {plain_sql(relation.where)}" if relation.where else ""
    return f"{relation.name} is {relation.table} by {relation.on} = {relation.source}{where}"


def _times(occurs: Occurs) -> str:
    most = "" if occurs.most is None else f", at most {occurs.most:,}"
    return f"the table has at least {occurs.least:,} records{most}"


def _shown(example: Example) -> Shown:
    records = [_record("record", example.row)]
    records += [_record("beside it", other) for other in example.others]
    for name, rows in example.related.items():
        records += [_record(name, row) for row in rows]
    if example.period:
        records.append(f"period: {example.period}")
    if example.provider:
        records.append(f"provider: {example.provider}")
    return Shown(RESULTS[example.result], example.says, tuple(records))


def _record(name: str, row: Row) -> str:
    values = ", ".join(f"{item} = {text or '(blank)'}" for item, text in row.items())
    return f"{name}: {values or '(all blank)'}"


def _history(declared: Declared) -> str:
    since = f"Since {declared.since}." if declared.since else ""
    before = f"Its id was {', '.join(declared.formerly)} before." if declared.formerly else ""
    return " ".join(part for part in (since, before) if part)
