"""Comparisons as Markdown, for a wiki, an issue or a step summary."""

from __future__ import annotations

from msds_audit.comparison import Compared, Comparison
from msds_audit.reports.as_markdown import plain, table
from msds_audit.reports.compared import (
    NEXT,
    NEXT_GIVES,
    alone,
    changed,
    details,
    has_left,
    in_short,
    marks_any,
    moved_rules,
    name,
    numbers,
    on_rule,
    rule_counts,
    still_rules,
    title,
    unchanged,
    word,
)
from msds_audit.reports.compared_warnings import warnings
from msds_audit.reports.wording import DISCLOSURE_NOTE, NOT_VERIFIED_NOTE, UNBROKEN, effect


def compared_to_markdown(found: Compared) -> str:
    """What was not compared, then each comparison whole."""
    lost = "\n".join(f"- **Note:** {plain(line)}" for line in alone(found))
    parts = [f"{lost}\n"] if lost else []
    parts += [_comparison(one) for one in found.comparisons]
    if any(one.now.disclosure for one in found.comparisons):
        parts.append(f"{DISCLOSURE_NOTE}.\n")
    last = found.comparisons[-1].now
    if marks_any(found):
        parts.append(f"{NOT_VERIFIED_NOTE.replace('*', chr(92) + '*', 1)}\n")
    parts.append(f"Both judged by {last.spec}; rules {last.fingerprint[:12]}.\n")
    if has_left(found.comparisons):
        parts.append(f"Next: `{NEXT}` ({NEXT_GIVES}).\n")
    return "\n".join(parts)


def _comparison(one: Comparison) -> str:
    parts = [f"# {plain(title(one))}\n", table(("", "Before and now"), in_short(one))]
    told = "\n".join(f"- **Note:** {plain(line)}" for line in warnings(one))
    parts += [f"{told}\n"] if told else []
    rows = [
        (
            word(line.change),
            name(line.change),
            numbers(line.change).replace(UNBROKEN, " "),
            " ".join(details(line)).replace(UNBROKEN, " "),
        )
        for line in changed(one)
    ]
    heads = ("Now", "Criterion", "Before -> now", "Notes")
    parts += ["## What became of the criteria\n", table(heads, rows)] if rows else []
    parts += [f"{unchanged(one)}\n"] if unchanged(one) else []
    return "\n".join([*parts, _rules(one)])


def _rules(one: Comparison) -> str:
    rows = [
        (
            change.now.rule,
            change.now.title,
            effect(change.now),
            *rule_counts(change),
            on_rule(change),
        )
        for change in moved_rules(one)
    ]
    heads = ("Rule", "What", "Effect", "Before", "Fixed", "New", "Now", "Notes")
    parts = ["## What became of findings, by rule\n", table(heads, rows)] if rows else []
    still = still_rules(one) or ("" if rows else "No record broke a rule, and none does.")
    return "\n".join([*parts, f"{still}\n"] if still else parts)
