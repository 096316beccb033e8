"""Reads the XML inside a workbook piece by piece, and refuses what would not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Protocol
from xml.parsers import expat

from msds_audit.readers.workbook.book import BrokenError

_PIECE = 1 << 16
_LONGEST_TAG = 1 << 20
"""A tag or a comment of more bytes than this is refused; the parser would keep all of it."""

_DEEPEST = 64
"""Elements within elements; a workbook needs about ten."""

_MOST_NAMES = 4_096
"""Different names of elements and attributes in one part, which the parser keeps."""

Attributes = dict[str, str]


class Listener(Protocol):
    """Is told of what stands in a part, in the order in which it stands there."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """A piece of text."""


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def walk(part: IO[bytes], listener: Listener) -> Iterator[None]:
    """Tell a listener of a part, one piece at each step.

    Raises BrokenError for a document type, which can make much of little, and for what no
    workbook has; expat.ExpatError for what is no XML.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = listener.start
    parser.EndElementHandler = listener.end
    parser.CharacterDataHandler = listener.text
    read = 0
    while piece := part.read(_PIECE):
        parser.Parse(piece, False)
        read += len(piece)
        if read - parser.CurrentByteIndex > _LONGEST_TAG:
            raise BrokenError("a tag in it is too long")
        if len(parser.intern) > _MOST_NAMES:
            raise BrokenError("it has too many kinds of elements")
        yield
    parser.Parse(b"", True)
    yield


def _refuse_doctype(*_: object) -> None:
    raise BrokenError("it declares a document type, which no workbook does")


def deeper(depth: int) -> int:
    """One level further down. Raises BrokenError where that is too deep."""
    if depth >= _DEEPEST:
        raise BrokenError("its elements are nested too deep")
    return depth + 1


class _Starts:
    def __init__(self) -> None:
        self.found: list[tuple[str, Attributes]] = []
        self.depth = 0

    def start(self, name: str, attributes: Attributes) -> None:
        self.depth = deeper(self.depth)
        self.found.append((local(name), {local(key): value for key, value in attributes.items()}))

    def end(self, name: str) -> None:
        self.depth -= 1

    def text(self, text: str) -> None:
        """Text is of no account."""


def elements(part: IO[bytes]) -> Iterator[tuple[str, Attributes]]:
    """The elements of a part in the order of their starts, names without prefixes.

    Raises as `walk` does.
    """
    starts = _Starts()
    for _ in walk(part, starts):
        yield from starts.found
        starts.found.clear()
