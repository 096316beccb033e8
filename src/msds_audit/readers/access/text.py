"""Text as Access stores it: UTF-16, or squeezed so that Latin letters take one byte each."""

from __future__ import annotations

import re

import polars as pl

SQUEEZED = b"\xff\xfe"
_SWITCH, _BETWEEN = b"\0", "\0"
_LATIN_1, _UTF_16 = "latin-1", "utf-16-le"
_RUNS = re.compile(rb"([^\0]*)\0?((?:[^\0].?)*)\0?", re.DOTALL)


def texts(raw: pl.Series) -> pl.Series:
    """The text of each value; null stays null, and a value of no bytes is an empty text."""
    known = raw.drop_nulls()
    squeezed = known.bin.starts_with(SQUEEZED)
    if squeezed.all():
        text = _squeezed(known)
    elif not squeezed.any():
        text = _wide(known)
    else:
        text = pl.repeat("", known.len(), eager=True)
        for chosen, decode in ((squeezed, _squeezed), (~squeezed, _wide)):
            text = text.scatter(chosen.arg_true(), decode(known.filter(chosen)))
    if known.len() == raw.len():
        return text + ""  # a copy, which lets go of what was decoded
    blank = pl.repeat(None, raw.len(), dtype=pl.String, eager=True)
    return blank.scatter(raw.is_not_null().arg_true(), text)


def _squeezed(values: pl.Series) -> pl.Series:
    """All at once where every letter of every value is ASCII, or at least takes one byte."""
    if values.bin.contains(_SWITCH).any():
        return pl.Series([_unsqueezed(value) for value in values.to_list()])
    letters = values.bin.slice(len(SQUEEZED))
    try:
        text = letters.cast(pl.String)
    except pl.exceptions.PolarsError:
        text = None
    if text is not None and text.str.len_bytes().equals(text.str.len_chars()):
        return text
    return _split(_SWITCH.join(letters.to_list()).decode(_LATIN_1))


def _unsqueezed(value: bytes) -> str:
    """A zero byte changes between one byte a letter, which it begins with, and UTF-16."""
    return "".join(
        narrow.decode(_LATIN_1) + wide.decode(_UTF_16, "replace")
        for narrow, wide in _RUNS.findall(value, len(SQUEEZED))
    )


def _wide(values: pl.Series) -> pl.Series:
    """Decoded all at once, set apart by a character that text does not hold."""
    listed = values.to_list()
    try:
        found = _split(b"\0\0".join(listed).decode(_UTF_16))
    except UnicodeDecodeError:
        found = None
    if found is not None and found.len() == len(listed) and (values.bin.size() % 2 == 0).all():
        return found
    return pl.Series([value.decode(_UTF_16, "replace") for value in listed])


def _split(whole: str) -> pl.Series:
    return pl.Series([whole]).str.split(_BETWEEN).explode()
