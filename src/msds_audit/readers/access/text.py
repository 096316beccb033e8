"""Text as Access stores it: UTF-16, or squeezed so that Latin letters take one byte each."""

from __future__ import annotations

import polars as pl

SQUEEZED = b"\xff\xfe"
_BETWEEN = "\0"
_UTF_16 = "utf-16-le"


def texts(raw: pl.Series) -> pl.Series:
    """The text of each value; null stays null, and a value of no bytes is an empty text."""
    squeezed = raw.bin.starts_with(SQUEEZED).fill_null(False)
    result, plain = _plain(raw, squeezed)
    is_wide = ~squeezed & (raw.bin.size() % 2 == 0)
    is_cut = ~squeezed & ~is_wide
    ways = ((is_wide, _wide), (is_cut, _one_by_one), (squeezed & ~plain, _mixed))
    for chosen, decode in ways:
        if chosen.any():
            result = result.scatter(chosen.arg_true(), decode(raw.filter(chosen).to_list()))
    return result


def _plain(raw: pl.Series, squeezed: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The text of the squeezed values that are ASCII throughout, and which these are."""
    if not squeezed.any():
        return pl.repeat(None, raw.len(), dtype=pl.String, eager=True), squeezed
    text = raw.bin.slice(len(SQUEEZED)).cast(pl.String, strict=False)
    is_ascii = text.str.len_bytes() == text.str.len_chars()
    plain = squeezed & is_ascii.fill_null(False) & ~text.str.contains(_BETWEEN, literal=True)
    return pl.select(pl.when(plain).then(text)).to_series(), plain.fill_null(False)


def _wide(values: list[bytes]) -> pl.Series:
    """Decoded all at once, set apart by a character that text does not hold."""
    try:
        whole = b"\0\0".join(values).decode(_UTF_16)
    except UnicodeDecodeError:
        return _one_by_one(values)
    found = pl.Series([whole]).str.split(_BETWEEN).explode()
    return found if found.len() == len(values) else _one_by_one(values)


def _one_by_one(values: list[bytes]) -> pl.Series:
    return pl.Series([value.decode(_UTF_16, "replace") for value in values], dtype=pl.String)


def _mixed(values: list[bytes]) -> pl.Series:
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
