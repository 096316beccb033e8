"""Pages for the screen: a list of rules, one rule, one table, one data item."""

from __future__ import annotations

from msds_audit.rule import (
    Criterion,
    Declared,
    Example,
    Measure,
    Occurs,
    Row,
    Rule,
    Rules,
    Scheme,
    is_written,
)
from msds_audit.spec import Item, Table

_WIDTH = 13
_EFFECTS = {
    "rejects-file": "the whole file would be rejected",
    "rejects-patient": "everything about the patient would be rejected",
    "rejects-record": "the record would be rejected",
    "warning": "accepted, probably with a warning",
    "counts-as-invalid": "accepted, and counted as invalid or missing",
}
_BASES = {
    "published": "see the source",
    "analogy": "by analogy with the sister data sets IAPT and MHSDS; not published for MSDS",
    "advice": "our advice; not a rule of NHS England",
}


# --- pages --------------------------------------------------------------------------------


def listing(rules: Rules, *, generated: bool) -> str:
    """One line a rule and measure; the generated ones only on request."""
    shown = [one for one in rules.declared if generated or is_written(one)]
    widest = max(len(one.id) for one in shown)
    lines = [f"{one.id:<{widest}}  {one.title}{_mark(one.verified)}" for one in shown]
    hidden = len(rules.declared) - len(shown)
    lines.append("")
    lines.append(f"{len(shown):,} shown. Schemes: {', '.join(rules.schemes)}.")
    if hidden:
        lines.append(f"{hidden:,} more follow from the specification: add --all.")
    lines.append("* not verified. Next: msds-audit rules show ID")
    return "\n".join(lines) + "\n"


def page(rules: Rules, id: str) -> str | None:
    """Everything about a rule, measure, criterion or scheme; None where nothing has that id."""
    wanted = id.lower()
    for declared in rules.declared:
        if declared.id.lower() == wanted or (
            isinstance(declared, Rule) and declared.name.lower() == wanted
        ):
            return _declared_page(declared, rules)
    family = [one for one in rules.schemes.values() if one.family.lower() == wanted]
    named = [one for one in rules.schemes.values() if one.id.lower() == wanted]
    if named or family:
        return "\n".join(_scheme_page(one) for one in named or family)
    for scheme in rules.schemes.values():
        for criterion in scheme.criteria:
            if criterion.id.lower() == wanted:
                return _criterion_page(criterion, scheme, rules)
    return None


def _field(name: str, text: str) -> str:
    return f"{name:<{_WIDTH}}{text}"


def _mark(verified: bool) -> str:
    return "" if verified else "*"


def _declared_page(declared: Declared, rules: Rules) -> str:
    lines = [f"{declared.id}  {declared.title}", ""]
    lines.append(_field("why", declared.why))
    if declared.fix:
        lines.append(_field("what to do", declared.fix))
    if isinstance(declared, Rule):
        lines.append(_field("effect", f"{declared.effect}: {_EFFECTS[declared.effect]}"))
    lines += _provenance(str(declared.basis), declared.source, declared.verified)
    lines.append(_field("table", declared.table))
    lines.append(_field("applies", _one_line(declared.applies) or "every row"))
    if isinstance(declared, Rule) and declared.occurs is not None:
        lines.append(_field("passes", _times(declared.occurs)))
    elif isinstance(declared, Rule) and declared.unique:
        lines.append(_field("passes", f"no other row has the same {', '.join(declared.unique)}"))
    else:
        lines.append(_field("passes", _one_line(declared.passes)))
    if isinstance(declared, Measure):
        lines.append(_field("counts", f"distinct {declared.distinct}: {declared.unit}"))
    for relation in declared.related:
        lines.append(
            _field(
                "related",
                f"{relation.name} is {relation.table} by {relation.on} = {relation.source}",
            )
        )
        if relation.where:
            lines.append(_field("", f"where {_one_line(relation.where)}"))
    lines += ["", "Examples"]
    lines += [
        f"  {example.result!s:<15}{example.says}: {_shown(example)}"
        for example in declared.examples
    ]
    lines += ["", *_askers(declared, rules)]
    return "\n".join(lines) + "\n"


def _times(occurs: Occurs) -> str:
    most = "" if occurs.most is None else f", at most {occurs.most:,}"
    return f"the table has at least {occurs.least:,} records{most}"


def _provenance(basis: str, source: str, verified: bool) -> list[str]:
    return [
        _field("basis", f"{basis}: {_BASES[basis]}{'' if verified else ' (which was not read)'}"),
        _field("source", source),
        _field(
            "verified",
            "yes" if verified else "NO: recalled or not published; read the source first",
        ),
    ]


def _askers(declared: Declared, rules: Rules) -> list[str]:
    askers = rules.asked_by(declared.id)
    if not askers:
        return ["No scheme asks for it; failing records are listed under Records to mend."]
    lines = ["Asked for by"]
    for scheme, criterion in askers:
        lines.append(f"  {scheme.id:<26}{criterion.id:<16}{asked_for(criterion)}")
    return lines


def asked_for(criterion: Criterion) -> str:
    """How much a criterion asks for, in words."""
    if criterion.not_collected:
        return "not collected by the standard"
    if criterion.threshold is None:
        return "for information"
    return f"at least {(criterion.threshold * 100).normalize():f} %{_mark(criterion.verified)}"


def _one_line(sql: str) -> str:
    return " ".join(sql.split())


def _shown(example: Example) -> str:
    rows = [_row(example.row), *(f"beside {_row(other)}" for other in example.others)]
    rows += [f"{name}: {_row(row)}" for name, found in example.related.items() for row in found]
    return "; ".join(row for row in rows if row) or "no items"


def _row(row: Row) -> str:
    return ", ".join(f"{item} {text!r}" for item, text in row.items())


def _criterion_page(criterion: Criterion, scheme: Scheme, rules: Rules) -> str:
    lines = [
        f"{criterion.id}  {criterion.title}",
        "",
        _field("scheme", f"{scheme.id}: {scheme.title}"),
    ]
    lines.append(_field("asked for", asked_for(criterion)))
    if criterion.carried:
        lines.append(_field("carried by", criterion.carried))
    if criterion.reason:
        lines.append(_field("because", criterion.reason))
    lines += _provenance(str(criterion.basis), criterion.source, criterion.verified)
    subject = rules.measures.get(criterion.subject) or rules.records.get(criterion.subject)
    if subject is not None:
        lines += ["", "It rests on", "", _declared_page(subject, rules)]
    return "\n".join(lines).rstrip() + "\n"


def _scheme_page(scheme: Scheme) -> str:
    lines = [f"{scheme.id}  {scheme.title}", "", scheme.about, _field("source", scheme.source), ""]
    lines += [
        f"  {one.id:<16}{one.title}{_mark(one.verified)}: {asked_for(one)}"
        for one in scheme.criteria
    ]
    return "\n".join(lines) + "\n"


# --- specification ------------------------------------------------------------------------


def table_page(table: Table) -> str:
    """A table with its items."""
    most = "" if table.maximum is None else f" to {table.maximum}"
    per = f" per {table.per}" if table.per else ""
    lines = [
        f"{table.name}  {table.group}",
        "",
        _field("occurs", f"{table.minimum}{most or ' or more'}{per}"),
    ]
    lines.append(_field("mandatory", "in every submission" if table.mandatory else "no"))
    lines.append("")
    widest = max(len(item.name) for item in table.items)
    for item in table.items:
        key = " key" if item.key else ""
        to = f" -> {'.'.join(item.references)}" if item.references else ""
        codes = f" [{item.codes.name}]" if item.codes else ""
        lines.append(
            f"  {item.uid}  {item.mandation}  {item.name:<{widest}}  "
            f"{item.format.text}{key}{to}{codes}"
        )
    return "\n".join(lines) + "\n"


def item_page(item: Item) -> str:
    """An item with its codes, each with its class."""
    lines = [f"{item.uid}  {item.path}", "", _field("element", item.element)]
    lines.append(_field("mandation", str(item.mandation)))
    lines.append(_field("format", item.format.text))
    if item.references:
        lines.append(_field("refers to", ".".join(item.references)))
    if item.equality:
        lines.append(_field("bears on", ", ".join(item.equality)))
    lines += [_field("note", note) for note in item.notes]
    if item.codes is not None:
        closed = (
            "any other value is invalid"
            if item.codes.closed
            else "other values are judged by the format"
        )
        lines += [
            _field("codes", f"{item.codes.title}; {closed}"),
            _field("source", item.codes.source),
        ]
        if not item.codes.verified:
            lines.append(_field("verified", f"NO. {item.codes.caution}"))
        lines.append("")
        for code in item.codes.codes:
            more = "..." if code.prefix else ""
            note = f" ({code.note})" if code.note else ""
            lines.append(f"  {code.code + more:<20}{code.cls:<9}{code.label}{note}")
    return "\n".join(lines) + "\n"
