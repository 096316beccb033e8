"""Showing text that may identify somebody without showing it."""

from __future__ import annotations

import re

_LONGEST_SHAPE = 16
_LONG_DIGITS = re.compile(r"\d{5,}")
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_ ]{0,39}")


def shape(text: str) -> str:
    """The outline of a value: `Xxxxx 999`. Letters, digits and others are told apart, no more."""
    outline = "".join(_outline(character) for character in text[:_LONGEST_SHAPE])
    return outline + "…" if len(text) > _LONGEST_SHAPE else outline


def _outline(character: str) -> str:
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "X" if character.isupper() else "x"
    return character if character in " -/.,'_:()" else "?"


def heading(text: str) -> str:
    """A column heading, by name where it looks like one, otherwise by its outline."""
    if _PLAIN_NAME.fullmatch(text) and not _LONG_DIGITS.search(text):
        return text
    return shape(text) or "(blank)"


def file_name(text: str) -> str:
    """A file or folder name with any long number in it masked."""
    return _LONG_DIGITS.sub(lambda found: "9" * 5 + "…", text)
