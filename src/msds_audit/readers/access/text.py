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
    for chosen, decode in ((raw.is_not_null() & ~squeezed, _wide), (squeezed & ~plain, _mixed)):
        if chosen.any():
            result = result.scatter(chosen.arg_true(), decode(raw.filter(chosen).to_list()))
    return result


def _plain(raw: pl.Series, squeezed: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The text of the squeezed values that are ASCII throughout, and which these are."""
    if not squeezed.any():
        return pl.Series([None], dtype=pl.String).extend_constant(None, raw.len() - 1), squeezed
    text = raw.bin.slice(len(SQUEEZED)).cast(pl.String, strict=False)
    is_ascii = text.str.len_bytes() == text.str.len_chars()
    plain = squeezed & is_ascii.fill_null(False) & ~text.str.contains(_BETWEEN, literal=True)
    return pl.select(pl.when(plain).then(text)).to_series(), plain.fill_null(False)


def _wide(values: list[bytes]) -> list[str]:
    """Decoded all at once, set apart by a character that text does not hold."""
    if all(len(value) % 2 == 0 for value in values):
        try:
            found = b"\0\0".join(values).decode(_UTF_16).split(_BETWEEN)
        except UnicodeDecodeError:
            found = []
        if len(found) == len(values):
            return found
    return [value.decode(_UTF_16, "replace") for value in values]


def _mixed(values: list[bytes]) -> list[str]:
    return [_unsqueezed(value) for value in values]


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
