"""What a file of a rules folder may be and hold at all: a file of that folder, text, and bounded.

A rules folder may come from anywhere. What its keys mean is left to the shapes.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from msds_audit.bounds import (
    DEEPEST_FILE,
    LARGEST_FILE,
    LARGEST_NUMBER,
    LONGEST_LINE,
    LONGEST_TEXT,
    LONGEST_TITLE,
    SMALLEST_NUMBER,
)

_IN_LINES = ("applies", "passes", "where")
"""Keys whose text may go over several lines."""

_OF_A_LINE = (
    "id",
    "uid",
    "name",
    "title",
    "short",
    "section",
    "unit",
    "headline",
    "family",
    "says",
)
"""Keys whose text stands on a line of its own, or in one."""

_SEEN = ("Zs",)
"""Blanks of other widths: they are no signs that steer a screen, though Python prints none."""


class UnfitError(ValueError):
    """A file that is not taken; `sentence` and `hint` say why, without anything it holds."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint


def text_of(file: Path, folder: Path) -> str:
    """The text of a file in a rules folder.

    Raises UnfitError for one that is no plain file of that folder, that is too large, or that
    cannot be read.
    """
    try:
        if not file.resolve().is_relative_to(folder.resolve()):
            raise UnfitError("leads out of its folder.", "Put the file itself there.")
        if not file.is_file():
            raise UnfitError("is no file.", "Put a file there, or take it away.")
        with file.open("rb") as stream:
            raw = stream.read(LARGEST_FILE + 1)
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnfitError("is not UTF-8.", "Save it so.") from None
    except (OSError, RuntimeError) as error:
        sentence = f"cannot be read ({type(error).__name__})."
        raise UnfitError(sentence, "May you read it?") from None
    if len(raw) > LARGEST_FILE:
        raise UnfitError(f"has more than {LARGEST_FILE:,} bytes.", "Make several files of it.")
    return text


def toml_of(text: str) -> dict[str, Any]:
    """What a text in TOML holds. Raises UnfitError where it is none, or cannot be taken apart."""
    if any(len(line) > LONGEST_LINE for line in text.splitlines()):
        sentence = f"has a line of more than {LONGEST_LINE:,} characters."
        raise UnfitError(sentence, "Make several lines of it.")
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise UnfitError(f"is not TOML: {error}.", "Look at that line.") from None
    except (ValueError, ArithmeticError):
        raise UnfitError("holds a number that nobody can read.", "Write a shorter one.") from None
    except RecursionError:
        raise UnfitError("holds lists or tables too deep in one another.") from None


Oddity = tuple[tuple[str | int, ...], str, str]
"""Where something stands in a file, what is wrong with it, and what to do about it."""


def oddities(content: object, place: tuple[str | int, ...] = ()) -> Iterator[Oddity]:
    """Everything in a file that no key may hold, whatever it means."""
    if len(place) > DEEPEST_FILE:
        yield place, f"stands more than {DEEPEST_FILE} deep.", ""
    elif isinstance(content, dict):
        for name, value in content.items():
            if not is_plain(name) or len(name) > LONGEST_TITLE:
                yield place, "has a key that cannot be shown.", "Mend or take out its name."
            else:
                yield from oddities(value, (*place, name))
    elif isinstance(content, list):
        for at, value in enumerate(content):
            yield from oddities(value, (*place, at))
    elif isinstance(content, str):
        yield from _of_text(content, place)
    elif isinstance(content, int | Decimal) and not _is_sane(content):
        yield place, "is a number out of all bounds.", ""


def _of_text(text: str, place: tuple[str | int, ...]) -> Iterator[Oddity]:
    key = next((name for name in reversed(place) if isinstance(name, str)), "")
    most = LONGEST_TITLE if key in _OF_A_LINE else LONGEST_TEXT
    if len(text) > most:
        yield place, f"has {len(text):,} characters; {most:,} are the most.", ""
    if not is_plain(text, lines=key in _IN_LINES):
        yield place, "holds a line break or another sign that does not show.", "Take it out."


def is_plain(text: str, *, lines: bool = False) -> bool:
    """Whether every sign of a text shows, so that none steers a screen; `lines` may be broken."""
    stripped = text.strip()
    return stripped.isprintable() or all(
        one.isprintable() or unicodedata.category(one) in _SEEN or (lines and one in "\r\n\t")
        for one in stripped
    )


def _is_sane(number: int | Decimal) -> bool:
    if isinstance(number, Decimal) and not number.is_finite():
        return False
    return number == 0 or SMALLEST_NUMBER <= Decimal(number).copy_abs() <= LARGEST_NUMBER
