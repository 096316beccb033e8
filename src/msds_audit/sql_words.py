"""The words of a predicate: what may stand in one at all, looked at before Polars reads it.

Whatever is not known here is refused, so that a predicate can name nothing but the row: no query,
no file, no clock; and so that it ends soon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msds_audit.bounds import (
    DEEPEST_PREDICATE,
    LONGEST_TEXT,
    MOST_PATTERNS,
    MOST_WORDS,
    pattern_refused,
)

KEYWORDS = frozenset(
    (
        *("AND", "AS", "BETWEEN", "CASE", "DISTINCT", "ELSE", "END", "FALSE", "FROM", "ILIKE"),
        *("IN", "IS", "LIKE", "NOT", "NULL", "OR", "THEN", "TRUE", "WHEN"),
    )
)
_BEFORE_A_TEXT = frozenset(("DATE", "INTERVAL", "TIME", "TIMESTAMP"))
"""Words that say what the text after them is; anywhere else they are names."""

_TYPES = frozenset(
    (
        *("BIGINT", "BOOLEAN", "DATE", "DOUBLE", "FLOAT", "INT", "INTEGER", "REAL", "SMALLINT"),
        *("STRING", "TEXT", "TIME", "TIMESTAMP", "VARCHAR"),
    )
)
_PATTERNS = frozenset(("LIKE", "ILIKE"))
_WITH_PATTERNS = _PATTERNS | {"REGEXP_LIKE"}
_OF_TEXTS = frozenset(("REGEXP_LIKE", "REPLACE"))
"""Functions whose arguments, but for the first, are texts in quotes."""

_WORD = re.compile(
    r"""\s*(?:
      (?P<comment> --|/\*)
    | (?P<number>  [0-9]+(?:\.[0-9]+)?)
    | (?P<text>    '(?:[^']|'')*')
    | (?P<name>    [A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?)
    | (?P<sign>    <=|>=|<>|!=|\|\||[-+*/%(),<>=])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a predicate: a number, text, name, keyword or sign. Keywords are in capitals."""

    kind: str
    text: str


_END = Word("end", "")


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a predicate.

    `columns` are the names that can only be columns; `refused` says why it cannot be used, as a
    sentence, and is empty where it can.
    """

    columns: frozenset[str]
    refused: str


def read_words(sql: str) -> Reading:
    """Look at every word of a predicate."""
    if len(sql) > LONGEST_TEXT:
        return Reading(
            frozenset(), f"it has {len(sql):,} characters; {LONGEST_TEXT:,} are the most."
        )
    words, unread = _words(sql)
    if unread:
        return Reading(frozenset(), unread)
    refused = next(_refusals(words), "")
    return Reading(frozenset(_columns(words)), refused)


def _words(sql: str) -> tuple[list[Word], str]:
    """The words of a predicate; and, where one is not understood, a sentence that says so."""
    found: list[Word] = []
    place, sql = 0, sql.rstrip()
    while place < len(sql):
        match = _WORD.match(sql, place)
        if match is None or match.lastgroup is None:
            return found, f"{sql[place:].lstrip()[:1]!a} means nothing in a predicate."
        kind, word, place = match.lastgroup, match[match.lastgroup], match.end()
        if kind == "comment":
            return found, "a predicate has no comments."
        if kind == "name" and word.upper() in KEYWORDS:
            kind, word = "keyword", word.upper()
        if kind == "name" and sql[place : place + 1] == "'":
            return found, f"{word} stands right before a quote."
        found.append(Word(kind, word))
    return found, ""


def _refusals(words: Sequence[Word]) -> Iterator[str]:
    """Every reason why these words are not used as a predicate, gravest first."""
    counted = sum(word.kind in ("name", "keyword", "sign") and word.text != "," for word in words)
    if counted > MOST_WORDS:
        yield (
            f"it has {counted:,} words and signs; {MOST_WORDS:,} are the most, besides texts, "
            "numbers and commas."
        )
    patterns = sum(word.text.upper() in _WITH_PATTERNS for word in words)
    if patterns > MOST_PATTERNS:
        yield f"it has {patterns:,} patterns; {MOST_PATTERNS:,} are the most."
    if _depth(words) > DEEPEST_PREDICATE:
        yield f"its brackets stand more than {DEEPEST_PREDICATE} deep in one another."
    padded = [_END, _END, *words, _END]
    for at in range(2, len(padded) - 1):
        yield from _out_of_place(padded, at)


def _depth(words: Sequence[Word]) -> int:
    depth = deepest = 0
    for word in words:
        if word.text in ("(", "CASE"):
            depth += 1
        elif word.text in (")", "END"):
            depth -= 1
        deepest = max(deepest, depth)
    return deepest


def _out_of_place(words: Sequence[Word], at: int) -> Iterator[str]:
    """What is wrong with one word, by those around it."""
    before, word, after = words[at - 1], words[at], words[at + 1]
    if word.text == "FROM" and before.text != "DISTINCT" and not _in_extract(words, at):
        yield "FROM stands only in EXTRACT(... FROM ...) or after IS DISTINCT."
    elif word.text == "DISTINCT" and before.text not in ("IS", "NOT"):
        yield "DISTINCT stands only in IS DISTINCT FROM."
    elif before.text == "AS" and word.text.upper() not in _TYPES:
        yield f"{word.text} is no type to cast to; there are {', '.join(sorted(_TYPES))}."
    elif word.kind == "keyword" and word.text in _PATTERNS:
        if after.kind != "text":
            yield f"{word.text} takes a text in quotes."
        elif refused := pattern_refused(_unquoted(after)):
            yield refused
    elif word.kind == "name" and word.text.upper() in _OF_TEXTS and after.text == "(":
        yield from _of_texts(word.text.upper(), words, at + 2)


def _in_extract(words: Sequence[Word], at: int) -> bool:
    return at > 3 and words[at - 3].text.upper() == "EXTRACT" and words[at - 2].text == "("


def _of_texts(function: str, words: Sequence[Word], start: int) -> Iterator[str]:
    """What is wrong with the arguments of a function that takes texts after the first."""
    texts = []
    for argument in list(_arguments(words, start))[1:]:
        if len(argument) != 1 or argument[0].kind != "text":
            yield f"{function} takes texts in quotes after its first argument."
            return
        texts.append(_unquoted(argument[0]))
    if function == "REPLACE":
        if len(texts) != 2 or not texts[0] or len(texts[1]) > len(texts[0]):
            yield "REPLACE puts a text in place of one that is no shorter."
    else:
        yield from filter(None, map(pattern_refused, texts))


def _arguments(words: Sequence[Word], start: int) -> Iterator[list[Word]]:
    """The arguments of a function, from the word after its bracket on."""
    depth = 0
    argument: list[Word] = []
    for word in words[start:]:
        depth += (word.text == "(") - (word.text == ")")
        if depth < 0 or word is _END:
            break
        if word.text == "," and depth == 0:
            yield argument
            argument = []
        else:
            argument.append(word)
    yield argument


def _columns(words: Sequence[Word]) -> Iterator[str]:
    """The names that are neither functions nor units nor types, without the field after a dot."""
    padded = [_END, _END, *words, _END]
    for at in range(2, len(padded) - 1):
        before, word, after = padded[at - 1], padded[at], padded[at + 1]
        if word.kind != "name" or after.text == "(" or before.text == "AS":
            continue
        is_unit = after.text == "FROM" and padded[at - 2].text.upper() == "EXTRACT"
        says_what = after.kind == "text" and word.text.upper() in _BEFORE_A_TEXT
        if not is_unit and not says_what:
            yield word.text.partition(".")[0]


def _unquoted(word: Word) -> str:
    return word.text[1:-1].replace("''", "'")
