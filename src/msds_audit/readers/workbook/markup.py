"""Reads the XML inside a workbook piece by piece, and refuses what would not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from msds_audit.readers.workbook.book import BrokenError

_PIECE = 1 << 16
_LONGEST_TAG = 1 << 20
"""A tag or a comment of more bytes than this is refused; the parser would keep all of it."""

_DEEPEST = 64
"""Elements within elements; a workbook needs about ten."""

_MOST_NAMES = 4_096
"""Different names of elements and attributes in one part, which the parser keeps."""

_MOST_IDLE, _ELEMENTS_EACH = 1 << 22, 8
"""Elements that a part may have, and how many more for each value in it."""

Attributes = dict[str, str]


class Listener:
    """Is told of what stands in a part, in the order in which it stands there."""

    def __init__(self) -> None:
        """Begin with nothing; `found` is to count the values that the elements are there for."""
        self.depth = self.elements = self.found = 0

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """A piece of text."""

    def enter(self) -> None:
        """Count an element. Raises BrokenError where it is too deep within others."""
        self.elements += 1
        self.depth += 1
        if self.depth > _DEEPEST:
            raise BrokenError("its elements are nested too deep")


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
        if listener.elements > _MOST_IDLE + _ELEMENTS_EACH * listener.found:
            raise BrokenError("it holds hardly anything but empty cells")
        yield
    parser.Parse(b"", True)
    yield


def _refuse_doctype(*_: object) -> None:
    raise BrokenError("it declares a document type, which no workbook does")


class _Starts(Listener):
    def __init__(self) -> None:
        super().__init__()
        self.started: list[tuple[str, Attributes]] = []

    def start(self, name: str, attributes: Attributes) -> None:
        self.enter()
        self.started.append((local(name), {local(key): value for key, value in attributes.items()}))

    def end(self, name: str) -> None:
        self.depth -= 1


def elements(part: IO[bytes]) -> Iterator[tuple[str, Attributes]]:
    """The elements of a part in the order of their starts, names without prefixes.

    Raises as `walk` does.
    """
    starts = _Starts()
    for _ in walk(part, starts):
        yield from starts.started
        starts.started.clear()
