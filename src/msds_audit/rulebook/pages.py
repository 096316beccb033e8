"""Pages for the screen: one rule, measure, indicator, criterion, scheme or base, by its id."""

from __future__ import annotations

from difflib import get_close_matches

from msds_audit.bases import Base, reads
from msds_audit.rule import Criterion, Declared, Family, Rule, Rules, Scheme
from msds_audit.rulebook.indicators import base_says, derived_fields, made_of
from msds_audit.rulebook.layout import WIDTH, field, wrapped
from msds_audit.rulebook.telling import Told, asked_for, origin, told

_ALIKE, _SUGGESTED = 0.6, 3


def page(rules: Rules, id: str, width: int = WIDTH) -> str | None:
    """Everything about what has an id, in any case; None where nothing has it."""
    wanted = id.casefold()
    for declared in rules.declared:
        if wanted in _names(declared):
            return _declared_page(declared, rules, width)
    for declared in rules.declared:
        for former in declared.formerly:
            if former.casefold() == wanted:
                now = f"{former} is now {declared.id}.\n\n"
                return now + _declared_page(declared, rules, width)
    family = [one for one in rules.schemes.values() if one.family.casefold() == wanted]
    named = [one for one in rules.schemes.values() if one.id.casefold() == wanted]
    if named or family:
        return "\n".join(_scheme_page(one, rules, width) for one in named or family)
    for scheme in rules.schemes.values():
        for criterion in scheme.criteria:
            if criterion.id.casefold() == wanted:
                return _criterion_page(criterion, scheme, rules, width)
    bases = [one for one in Base if one.value == wanted]
    return _base_page(bases[0], rules, width) if bases else None


def _names(declared: Declared) -> set[str]:
    names = {declared.id, declared.name} if isinstance(declared, Rule) else {declared.id}
    return {name.casefold() for name in names}


def near(rules: Rules, id: str) -> list[str]:
    """The ids most like one that nothing has, at most three."""
    ids = [*rules.records, *rules.measures, *rules.indicators, *rules.schemes, *Base]
    ids += [former for one in rules.declared for former in one.formerly]
    ids += [criterion.id for scheme in rules.schemes.values() for criterion in scheme.criteria]
    by_name = {one.casefold(): one for one in ids}
    by_name |= {rule.name.casefold(): rule.id for rule in rules.records.values() if rule.file}
    found = get_close_matches(id.casefold(), by_name, _SUGGESTED, _ALIKE)
    return list(dict.fromkeys(by_name[name] for name in found))


# --- pages --------------------------------------------------------------------------------


def _declared_page(declared: Declared, rules: Rules, width: int) -> str:
    return "\n".join(_lines(told(declared, rules), width)) + "\n"


def _lines(found: Told, width: int) -> list[str]:
    lines = wrapped(f"{found.id}  {found.title}{_mark(found.verified)}", width, rest="    ")
    for heading, text in found.parts:
        lines += ["", heading, *wrapped(text, width, first="  ", rest="  ")]
    lines += ["", "For those who read SQL"] if found.sql else []
    for key, text in found.sql:
        lines += [f"  {line}" for line in field(key, text, width - 2, column=9)]
    lines += ["", "  Examples"] if found.examples else []
    for example in found.examples:
        text = f"{example.result}: {example.says}"
        lines += wrapped(text, width, first="    ", rest="        ")
        for record in example.records:
            lines += wrapped(record, width, first="      ", rest="        ")
    if found.history:
        lines += ["", found.history]
    return lines


def _mark(verified: bool) -> str:
    return "" if verified else "*"


def _criterion_page(criterion: Criterion, scheme: Scheme, rules: Rules, width: int) -> str:
    lines = wrapped(
        f"{criterion.id}  {criterion.title}{_mark(criterion.verified)}", width, rest="    "
    )
    for heading, text in (
        ("Scheme", f"{scheme.id}: {scheme.title}"),
        ("Asked for", asked_for(criterion, rules)),
        ("Counted", _counted(criterion, rules)),
        ("Carried by", criterion.carried),
        ("Because", criterion.reason),
        ("Where it comes from", origin(criterion.basis, criterion.source, criterion.verified)),
    ):
        if text:
            lines += ["", heading, *wrapped(text, width, first="  ", rest="  ")]
    for subject in (one for one in rules.declared if one.id == criterion.subject):
        lines += ["", "It rests on", "", *_lines(told(subject, rules), width)]
    return "\n".join(lines) + "\n"


def _counted(criterion: Criterion, rules: Rules) -> str:
    """What a criterion counts that rests on no rule, measure or indicator alone."""
    if criterion.counts:
        return f"{criterion.counts}, of the submission as a whole"
    if criterion.cqims:
        rates = (one.id for one in rules.indicators.values() if one.family is Family.CQIM)
        return f"those that would be published, of {', '.join(rates)}"
    return ""


def _scheme_page(scheme: Scheme, rules: Rules, width: int) -> str:
    lines = wrapped(f"{scheme.id}  {scheme.title}", width, rest="    ")
    lines += ["", *wrapped(scheme.about, width), *field("source", scheme.source, width), ""]
    column = max(16, *(len(one.id) + 2 for one in scheme.criteria))
    for one in scheme.criteria:
        text = f"{one.title}{_mark(one.verified)}: {asked_for(one, rules)}"
        lines += [f"  {line}" for line in field(one.id, text, width - 2, column=column)]
    return "\n".join(lines) + "\n"


def _base_page(base: Base, rules: Rules, width: int) -> str:
    lines = wrapped(f"{base}  A base of national indicators", width, rest="    ")
    lines += ["", *wrapped(base_says(rules.spec, base), width), ""]
    for one in derived_fields(rules.spec, base):
        lines += wrapped(f"{one.name} ({one.format.text})", width, first="  ", rest="    ")
        lines += wrapped(one.element, width, first="    ", rest="    ")
        made = f"Made of {made_of(reads(rules.spec, base, one.name))}."
        lines += wrapped(made, width, first="    ", rest="    ")
    return "\n".join(lines) + "\n"
