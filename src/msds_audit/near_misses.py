"""What a value that is not a code was probably meant to be.

It only suggests: nothing is ever recoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from msds_audit.masking import shape
from msds_audit.spec import CodeList

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
    if text in codes.refused:
        return Guess(text, "not permitted", ())
    words = _plain(text)
    for miss in codes.near_misses:
        if words == _plain(miss.seen):
            return Guess(miss.seen, miss.kind, miss.means)
    same_letters = _matching(codes, (code for code in codes.permitted if code.lower() == text.lower()))
    if same_letters:
        return Guess(text, "letter case", same_letters)
    same_label = _matching(
        codes, (code for code, label in codes.labels.items() if _plain(label) == words)
    )
    if same_label:
        return Guess(codes.labels[same_label[0]], "label", same_label)
    yes_no = _matching(codes, (code for code in codes.permitted if words in ("yes", "no") and code == text[0].upper()))
    if yes_no:
        return Guess(words, "label", yes_no)
    unpadded = _matching(
        codes, (code for code in codes.permitted if text.isdigit() and code.startswith("0") and code.lstrip("0") == text)
    )
    if unpadded:
        return Guess(text, "leading zero lost", unpadded)
    if codes.local_suffix and len(text) == 2 and text[0] in codes.permitted:
        return Guess(text, "local code", (text[0],))
    return Guess(shape(text), "", ())


def _matching(codes: CodeList, found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(code for code in found if code in codes.permitted))


def _plain(text: str) -> str:
    """Lower case, with any run of punctuation or space as one space."""
    return _BETWEEN_WORDS.sub(" ", text).strip().casefold()
