"""Showing text that may identify somebody without showing it."""

from __future__ import annotations

import re

_LONGEST_SHAPE = 16
_LONGEST_NAME = 60
_LOOKS_LIKE_DATA = re.compile(
    r"[0-9]{5,}"  # an identifier
    r"|[0-9]{3}[ ._-][0-9]{3}[ ._-][0-9]{4}"  # an NHS number as it is spoken
    r"|[0-9]{4}[ ._-][0-9]{2}[ ._-][0-9]{2}|[0-9]{2}[ ._-][0-9]{2}[ ._-][0-9]{4}"  # a date
    r"|(?<![A-Za-z0-9])[A-Za-z]{1,2}[0-9][A-Za-z0-9]?[ ._-]{0,3}[0-9][A-Za-z]{2}(?![A-Za-z0-9])"
)
"""Identifiers, NHS numbers, dates and postcodes, however they are set apart."""

_LONG_NUMBER = 10
"""Digits alone are a local code up to here: so many may be an NHS number."""

_LOCAL_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,19}|")
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
    if _PLAIN_NAME.fullmatch(text) and not _LOOKS_LIKE_DATA.search(text):
        return text
    return shape(text) or "(blank)"


def local_code(text: str) -> str:
    """A local code as it may be shown: itself where it looks like one, otherwise its outline."""
    looks = _LOOKS_LIKE_DATA.search(text) if not text.isdigit() else len(text) >= _LONG_NUMBER
    return shape(text) if looks or not _LOCAL_CODE.fullmatch(text) else text


def file_name(text: str) -> str:
    """A file or folder name as it may be printed: one line, with what looks like data masked."""
    plain = "".join(character if character.isprintable() else "?" for character in text)
    masked = _LOOKS_LIKE_DATA.sub(lambda found: shape(found[0]), plain)
    return masked if len(masked) <= _LONGEST_NAME else masked[:_LONGEST_NAME] + "…"
