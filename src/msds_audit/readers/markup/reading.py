"""Reads the tables of an extract from XML, as a stream: no tree of the file is held.

Nothing outside the file is ever opened: document types and entities of its own are refused.
"""

from __future__ import annotations

import codecs
import re
from xml.parsers import expat

from msds_audit.errors import ExtractError
from msds_audit.readers.items import listed
from msds_audit.readers.markup.elements import Elements
from msds_audit.readers.source import Buffer, Contents, Source
from msds_audit.spec import Spec, Table

CHUNK = 1 << 18
"""The file is given to the parser in pieces of so many bytes."""

LONGEST_PIECE = 1 << 16
"""Text comes from the parser in pieces of up to so many bytes."""

LONGEST_TAG = 1 << 20
"""A tag or a comment of more bytes than this, and a piece, is refused: the parser would hold it."""

MOST_NAMES = 20_000
"""A file with more different names of elements and attributes than this is refused."""

_ENCODINGS = re.compile(
    r"utf-?8|utf-16(le|be)?|(us-)?ascii|iso-8859-[0-9]{1,2}|latin-?1|(windows-|cp)125[0-9]",
    re.IGNORECASE,
)

_ENDS_EARLY = "the XML ends before it is whole"
_BAD_ENCODING = "the XML is not in the encoding that it declares"
_FAULTS = {
    expat.errors.XML_ERROR_NO_ELEMENTS: _ENDS_EARLY,
    expat.errors.XML_ERROR_UNCLOSED_TOKEN: _ENDS_EARLY,
    expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION: _ENDS_EARLY,
    expat.errors.XML_ERROR_PARTIAL_CHAR: _ENDS_EARLY,
    expat.errors.XML_ERROR_INVALID_TOKEN: "there is a character that may not stand there in XML "
    "or is not in the encoding of the file",
    expat.errors.XML_ERROR_TAG_MISMATCH: "an element is closed by the tag of another",
    expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE: "an attribute stands twice in one tag",
    expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: "there is more after the end of the XML",
    expat.errors.XML_ERROR_UNDEFINED_ENTITY: "an entity is used that XML does not know",
    expat.errors.XML_ERROR_UNKNOWN_ENCODING: _BAD_ENCODING,
    expat.errors.XML_ERROR_INCORRECT_ENCODING: _BAD_ENCODING,
}
"""What is said of the faults that the parser finds; its own words are not passed on."""


def read_markup(source: Source, spec: Spec, table: Table | None) -> Contents:
    """Read every table in a file, or the one that it is named after.

    Raises ExtractError, with the line where there is one, for a file that is not whole XML, that
    is larger in some way than an extract can be, or whose elements cannot be told apart.
    """
    with source.opened() as raw:
        elements = _parsed(source, raw, spec, table)
    texts, aside = elements.texts(), elements.aside()
    notices = []
    if aside:
        notices.append(f"{source.shown}: not read, because in no record: {listed(aside)}.")
    if not texts:
        return Contents(others=[source.shown], notices=notices)
    if table is not None and elements.left_out and elements.tables[table.name].is_empty:
        raise ExtractError(
            f"{source.shown}: none of its elements is an item of {table.name}.",
            hint="The elements of a record must have the item names, such as LPIDMother.",
        )
    return Contents(texts, notices=notices)


def _parsed(source: Source, raw: Buffer, spec: Spec, table: Table | None) -> Elements:
    if not raw:
        raise ExtractError(f"{source.shown} is empty.", hint="Export the extract again.")
    parser = expat.ParserCreate()
    elements = Elements(source.shown, spec, table, line=lambda: parser.CurrentLineNumber)
    parser.buffer_text, parser.buffer_size = True, LONGEST_PIECE
    parser.StartElementHandler = elements.start
    parser.EndElementHandler = elements.end
    parser.CharacterDataHandler = elements.text
    _guard(parser, elements)
    try:
        for start in range(0, len(raw), CHUNK):
            parser.Parse(raw[start : start + CHUNK], False)
            _check_size(parser, elements, start + CHUNK)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        words = _FAULTS.get(expat.errors.messages[error.code], "the file is not well-formed XML")
        raise elements.fault(words) from None
    except UnicodeError:
        raise elements.fault(_BAD_ENCODING) from None
    return elements


def _guard(parser: expat.XMLParserType, elements: Elements) -> None:
    """Have the parser refuse what may open other files, or grow, or be read in several ways."""

    def refuse_type(name: str, system: str | None, public: str | None, internal: bool) -> None:
        raise elements.fault(
            "there is a document type (DOCTYPE), which is not read",
            hint="Export the extract again without one; it needs no entities.",
        )

    def refuse_encoding(version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and not _is_known(encoding):
            raise elements.fault("the encoding that it declares cannot be read")

    parser.StartDoctypeDeclHandler = refuse_type
    parser.XmlDeclHandler = refuse_encoding


def _is_known(encoding: str) -> bool:
    if not _ENCODINGS.fullmatch(encoding):
        return False
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True


def _check_size(parser: expat.XMLParserType, elements: Elements, given: int) -> None:
    """Make sure that the parser does not hold more and more of the file back."""
    if given - parser.CurrentByteIndex > LONGEST_TAG + CHUNK:
        raise elements.fault(f"a tag or a comment has more than {LONGEST_TAG:,} bytes")
    if len(parser.intern) > MOST_NAMES:
        raise elements.fault(f"there are more than {MOST_NAMES:,} different names")
