"""What a value that is not a code was probably meant to be.

It only suggests: nothing is ever recoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from string import digits
from typing import NamedTuple

from msds_audit.masking import shape
from msds_audit.spec import CodeList

_NOTHING = ("null", "none", "nil", "nan", "na", "n a", "blank", "empty")
_BETWEEN_WORDS = re.compile(r"[\W_]+")


class Guess(NamedTuple):
    """How to show a value, what kind of slip it is, and the codes it may stand for."""

    seen: str
    kind: str
    means: tuple[str, ...]


def recognise(codes: CodeList, text: str) -> Guess:
    """Guess what was meant by a value that is not a permitted code of this list.

    The value itself is shown only where it is a known near miss; anything else by its outline.
    """
    guesses = (
        _refused,
        _known,
        _letter_case,
        _label,
        _yes_or_no,
        _leading_zero,
        _local_code,
        _placeholder,
    )
    found = (guess(codes, text) for guess in guesses)
    return next((guess for guess in found if guess is not None), Guess(shape(text), "", ()))


def _refused(codes: CodeList, text: str) -> Guess | None:
    return Guess(text, "not permitted", ()) if text in codes.refused else None


def _known(codes: CodeList, text: str) -> Guess | None:
    for miss in codes.near_misses:
        if _plain(text) == _plain(miss.seen):
            return Guess(_as_written(text, miss.seen), miss.kind, miss.means)
    return None


def _letter_case(codes: CodeList, text: str) -> Guess | None:
    means = _among(codes, (code for code in codes.permitted if code.lower() == text.lower()))
    return Guess(text, "letter case", means) if means else None


def _label(codes: CodeList, text: str) -> Guess | None:
    labels = codes.labels.items()
    means = _among(codes, (code for code, label in labels if _plain(label) == _plain(text)))
    return Guess(_as_written(text, codes.labels[means[0]]), "label", means) if means else None


def _yes_or_no(codes: CodeList, text: str) -> Guess | None:
    word = _plain(text)
    means = _among(codes, [word[0].upper()] if word in ("yes", "no") else [])
    return Guess(_as_written(text, word), "label", means) if means else None


def _leading_zero(codes: CodeList, text: str) -> Guess | None:
    means = codes.without_zeros.get(text, ())
    return Guess(text, "leading zero lost", means) if means else None


def _local_code(codes: CodeList, text: str) -> Guess | None:
    """A permitted code and one digit: the second character is for local use in general."""
    local = codes.local_suffix and len(text) == 2 and text[0] in codes.permitted
    return Guess(text, "local code", (text[0],)) if local and text[1] in digits else None


def _placeholder(codes: CodeList, text: str) -> Guess | None:
    """What databases and spreadsheets write for nothing."""
    word = _plain(text)
    return Guess(_as_written(text, word), "nothing, written out", ()) if word in _NOTHING else None


def _as_written(text: str, known: str) -> str:
    """A value that says the same as a known one: as it stands, unless that is no plain text."""
    return text if text.isprintable() and len(text) <= 2 * len(known) else known


def _among(codes: CodeList, found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(code for code in found if code in codes.permitted))


def _plain(text: str) -> str:
    """Lower case, with any run of punctuation or space as one space."""
    return _BETWEEN_WORDS.sub(" ", text).strip().casefold()
