"""Rules with one thing changed: a number, a code, a comparison. Each ought to be noticed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from msds_audit.rule import Declared, Indicator, Rule
from msds_audit.windows import Window

COMPARISONS = {
    "<=": ("<", ">="),
    ">=": (">", "<="),
    "<>": ("=",),
    "<": ("<=", ">"),
    ">": (">=", "<"),
    "=": ("<>",),
}
WORDS = {
    "AND": ("OR",),
    "OR": ("AND",),
    "IS NOT NULL": ("IS NULL",),
    "IS NULL": ("IS NOT NULL",),
    "NOT IN": ("IN",),
    "IN": ("NOT IN",),
    "NOT": ("",),
    "TRUE": ("FALSE",),
    "FALSE": ("TRUE",),
}
TOKEN = re.compile(
    r"(?P<string>'(?:[^']|'')*')"
    r"|(?P<comparison><=|>=|<>|<|>|=)"
    r"|(?P<number>(?<![\w.])[0-9]+(?:\.[0-9]+)?(?!\w))"
    r"|(?P<word>\bIS NOT NULL\b|\bIS NULL\b|\bNOT IN\b|\b(?:AND|OR|IN|NOT|TRUE|FALSE)\b)"
)
_NUMBER = re.compile(r"[0-9]+")
_LENGTH = re.compile(r"[0-9]+ [a-z]+")
_PATTERN = re.compile(r"[\^$\[\]{}()*+?|\\]")


@dataclass(frozen=True)
class Mutant:
    """A rule, measure or indicator with one change, and what that is."""

    declared: Declared
    change: str


def mutants(declared: Declared) -> Iterator[Mutant]:
    """Every rule that differs from this one by one number, code, comparison, word or window."""
    for key in ("applies", "passes"):
        for sql, change in _changed(getattr(declared, key)):
            yield Mutant(replace(declared, **{key: sql}), f"{key}: {change}")
    for at, relation in enumerate(declared.related):
        for sql, change in _changed(relation.where or ""):
            others = [*declared.related]
            others[at] = replace(relation, where=sql)
            yield Mutant(replace(declared, related=tuple(others)), f"where: {change}")
    if isinstance(declared, Rule) and len(declared.unique) > 1:
        for item in declared.unique:
            kept = tuple(one for one in declared.unique if one != item)
            yield Mutant(replace(declared, unique=kept), f"unique: without {item}")
    if isinstance(declared, Indicator) and "PeriodStart" in declared.applies + declared.passes:
        for window in set(Window) - {declared.window}:
            yield Mutant(replace(declared, window=window), f"window: {window}")


def _changed(sql: str) -> Iterator[tuple[str, str]]:
    """The SQL with one token changed, each with what the change is."""
    for token in TOKEN.finditer(sql):
        word = token.group()
        if word == "AND" and _is_of_a_between(sql, token.start()):
            continue
        for other in _others(token.lastgroup or "", word):
            changed = sql[: token.start()] + other + sql[token.end() :]
            yield changed, f"{word} -> {other or 'nothing'} at {token.start()}"


def _is_of_a_between(sql: str, at: int) -> bool:
    """Whether an AND stands between the bounds of a BETWEEN."""
    before = re.split(r"\bAND\b", sql[:at])[-1]
    return re.search(r"\bBETWEEN\b", before) is not None


def _others(kind: str, word: str) -> tuple[str, ...]:
    match kind:
        case "comparison":
            return COMPARISONS[word]
        case "word":
            return WORDS[word]
        case "number":
            return _numbers(word)
        case _:
            return tuple(f"'{other}'" for other in _texts(word[1:-1]))


def _numbers(word: str) -> tuple[str, ...]:
    if "." in word:
        return (f"{word}1",)
    return (str(int(word) + 1), str(int(word) - 1)) if int(word) else ("1",)


def _texts(text: str) -> tuple[str, ...]:
    """A length of time a unit longer and shorter; another code; a pattern nothing matches."""
    if _LENGTH.fullmatch(text):
        return tuple(_NUMBER.sub(number, text) for number in _numbers(text.split()[0]))
    if _PATTERN.search(text):
        return ("^~$", *(_with_number(text, found) for found in _NUMBER.finditer(text)))
    return (f"{text}~",)


def _with_number(text: str, found: re.Match[str]) -> str:
    """A pattern in which one number is one more: a digit of a range, or a length."""
    number = int(found.group())
    other = number + 1 if number != 9 else 8
    return text[: found.start()] + str(other) + text[found.end() :]
