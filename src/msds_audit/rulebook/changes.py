"""The differences between two sets of rules in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msds_audit.rule import Rules
from msds_audit.rule_changes import Change, KeyChange, Kind, Sort
from msds_audit.rulebook.layout import WIDTH, wrapped

_LONGEST = 200
"""Characters of a value that are shown; the rules themselves hold the rest."""


def changes_page(
    names: tuple[str, str], old: Rules, new: Rules, changes: Iterable[Change], width: int = WIDTH
) -> str:
    """What was added, dropped, renamed and changed, with what can change judgement first."""
    found = list(changes)
    before, after = names
    marks = f"{before} ({old.fingerprint[:12]})", f"{after} ({new.fingerprint[:12]})"
    lines = wrapped(f"From {marks[0]} to {marks[1]}: {_verdict(found)}.", width)
    judging = [one for one in found if one.judges]
    explaining = [one for one in found if not one.judges]
    for heading, several in (
        ("Judgement can change", judging),
        ("Words only: nothing is judged differently", explaining),
    ):
        if several:
            lines += ["", heading, *(line for one in several for line in _lines(one, width))]
    if found:
        lines += ["", f"{_counts(found)}."]
    return "\n".join(lines) + "\n"


def _verdict(found: list[Change]) -> str:
    if not found:
        return "no differences"
    if any(one.judges for one in found):
        return "judgement can change"
    return "words differ, judgement does not"


def _lines(change: Change, width: int) -> Iterator[str]:
    what = " ".join(part for part in (change.sort, change.id) if part)
    now = f"{change.sort} {change.was} is now {change.id}"
    says = now if change.kind is Kind.RENAMED else f"{what} {change.kind}"
    yield from wrapped(f"{says}: {change.title}", width, first="  ", rest="    ")
    for key in change.keys:
        yield from wrapped(_key(key, change.judges), width, first="    ", rest="      ")


def _key(key: KeyChange, among_judging: bool) -> str:
    words = " (words)" if among_judging and not key.judges else ""
    if key.key == "rows of examples":
        return f"rows of examples: other ones{words}"
    start = _where_they_part(key.old, key.new) if max(len(key.old), len(key.new)) > _LONGEST else 0
    return f"{key.key}: {_short(key.old, start)} -> {_short(key.new, start)}{words}"


def _where_they_part(old: str, new: str) -> int:
    """Where the word begins in which two long texts first differ."""
    pairs = enumerate(zip(old, new, strict=False))
    alike = next((place for place, (one, other) in pairs if one != other), min(len(old), len(new)))
    return old.rfind(" ", 0, alike) + 1


def _short(text: str, start: int) -> str:
    before, after = "... " if start else "", " ..." if len(text) > start + _LONGEST else ""
    return f"{before}{text[start : start + _LONGEST].strip()}{after}"


def _counts(found: list[Change]) -> str:
    parts = []
    for kind in Kind:
        of_kind = [one for one in found if one.kind is kind]
        sorts = ((sort, sum(one.sort is sort for one in of_kind)) for sort in Sort)
        told = ", ".join(f"{_plural(sort, number)}" for sort, number in sorts if number)
        if told:
            parts.append(f"{kind}: {told}")
    return "; ".join(parts).capitalize()


def _plural(sort: Sort, number: int) -> str:
    if sort is Sort.CRITERION:
        return f"{number:,} {'criterion' if number == 1 else 'criteria'}"
    if sort is Sort.SPECIFICATION:
        return "the specification"
    return f"{number:,} {sort}{'' if number == 1 else 's'}"
