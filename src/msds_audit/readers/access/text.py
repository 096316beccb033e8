"""Text as Access stores it: UTF-16, or squeezed so that Latin letters take one byte each."""

from __future__ import annotations

import polars as pl

SQUEEZED = b"\xff\xfe"
_SWITCH, _BETWEEN = b"\0", "\0"
_UTF_16 = "utf-16-le"


def texts(raw: pl.Series) -> pl.Series:
    """The text of each value; null stays null, and a value of no bytes is an empty text."""
    squeezed = raw.bin.starts_with(SQUEEZED).fill_null(False)
    mixed = squeezed & raw.bin.contains(_SWITCH).fill_null(False)
    narrow = squeezed & ~mixed
    is_wide = ~squeezed & (raw.bin.size() % 2 == 0)
    is_cut = ~squeezed & ~is_wide
    result = pl.repeat(None, raw.len(), dtype=pl.String, eager=True)
    ways = ((narrow, _narrow), (is_wide, _wide), (is_cut, _one_by_one), (mixed, _mixed))
    for chosen, decode in ways:
        if chosen.any():
            result = result.scatter(chosen.arg_true(), decode(raw.filter(chosen)))
    return result


def _narrow(values: pl.Series) -> pl.Series:
    """One byte a letter throughout; all at once where every letter is ASCII."""
    letters = values.bin.slice(len(SQUEEZED))
    try:
        text = letters.cast(pl.String)
    except pl.exceptions.PolarsError:
        text = None
    if text is not None and text.str.len_bytes().equals(text.str.len_chars()):
        return text
    return _split(_SWITCH.join(letters).decode("latin-1"))


def _wide(values: pl.Series) -> pl.Series:
    """Decoded all at once, set apart by a character that text does not hold."""
    try:
        found = _split(b"\0\0".join(values).decode(_UTF_16))
    except UnicodeDecodeError:
        return _one_by_one(values)
    return found if found.len() == values.len() else _one_by_one(values)


def _split(whole: str) -> pl.Series:
    return pl.Series([whole]).str.split(_BETWEEN).explode()


def _one_by_one(values: pl.Series) -> pl.Series:
    return pl.Series([value.decode(_UTF_16, "replace") for value in values], dtype=pl.String)


def _mixed(values: pl.Series) -> pl.Series:
    return pl.Series([_unsqueezed(value) for value in values], dtype=pl.String)


def _unsqueezed(value: bytes) -> str:
    """A zero byte changes between one byte a letter, which it begins with, and UTF-16."""
    text, at, narrow = [], len(SQUEEZED), True
    while at < len(value):
        if value[at] == 0:
            narrow = not narrow
            at += 1
            continue
        width = 1 if narrow else 2
        text.append(value[at : at + width] + (b"\0" if narrow else b""))
        at += width
    return b"".join(text).decode(_UTF_16, "replace")
