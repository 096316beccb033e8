"""Tests of reading XML: every shape of it gives the same tables, every fault has its line."""

from __future__ import annotations

import subprocess
import sys
import time
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from msds_audit.api import check
from msds_audit.errors import ExtractError
from msds_audit.readers import open_extract
from msds_audit.readers.markup.elements import DEEPEST, LONGEST_VALUE, MOST_FURTHER, RECORDS_HELD
from msds_audit.readers.markup.reading import CHUNK, LONGEST_TAG, MOST_NAMES, read_markup
from msds_audit.readers.source import Source
from msds_audit.reports import to_json
from support import checked, packaged, quick_first, sample

SPEC = packaged().spec
GP, MOTHER, BOOKING = "MSD002GP", "MSD001MotherDemog", "MSD101PregnancyBooking"
SLOW = 5.0
"""No small file may take more seconds than this."""


@dataclass(frozen=True)
class Held(Source):
    """A file that is held in memory."""

    raw: bytes = b""

    @contextmanager
    def opened(self):
        yield self.raw


def contents(content, table=None):
    raw = content.encode() if isinstance(content, str) else content
    named = SPEC.table_named(table) if table else None
    return read_markup(Held("RVR.xml", Path("RVR.xml"), raw=raw), SPEC, named)


def filled(text):
    """The records of a table as they were read, each without what is blank in it."""
    rows = text.frame.collect().rows()
    return [
        {name: value for name, value in zip(text.headings, row, strict=True) if value is not None}
        for row in rows
    ]


def records(content, table=None):
    """The records of every table in a file, by its short name."""
    found = contents(content, table).tables
    return {name[:6]: filled(text) for name, text in found.items()}


def notices(content, table=None):
    found = contents(content, table)
    return [*found.notices, *(one for text in found.tables.values() for one in text.notices)]


def refusal(content, table=None):
    started = time.monotonic()
    with pytest.raises(ExtractError) as caught:
        contents(content, table)
    assert time.monotonic() - started < SLOW
    assert caught.value.hint
    assert caught.value.sentence.startswith("RVR.xml")
    assert caught.value.sentence.count(". ") == 0
    return caught.value.sentence


# --- the same extract in every shape ------------------------------------------------------


@cache
def tables_of(name):
    """The tables of a sample extract as rows of text, in published order."""
    tables = sample(name).tables
    return {table: tables[table].collect().rows(named=True) for table in SPEC.tables}


def items(row, without=()):
    return "".join(
        f"\n      <{name}>{escape(value)}</{name}>"
        for name, value in row.items()
        if value is not None and name not in without
    )


def flat(tables):
    return "".join(f"<{name}>{items(row)}</{name}>\n" for name in tables for row in tables[name])


def wrapped(tables):
    return "".join(
        f"<{name}>{''.join(f'<row>{items(row)}</row>' for row in rows)}</{name}>\n"
        for name, rows in tables.items()
    )


def attributes(tables):
    return "".join(
        f"<{name} {' '.join(f'{k}={quoteattr(v)}' for k, v in row.items() if v is not None)}/>\n"
        for name, rows in tables.items()
        for row in rows
    )


def nested(tables):
    """Each record inside the first that its first key refers to, without that key.

    Every other parent says its own items after the records inside it.
    """
    inside, outermost = {}, []
    for name, rows in tables.items():
        keys = [item for item in SPEC.tables[name].items if item.references]
        for place, row in enumerate(rows):
            parent = next(
                (
                    (keys[0].references[0], number)
                    for number, other in enumerate(tables[keys[0].references[0]] if keys else [])
                    if row[keys[0].name] and other[keys[0].references[1]] == row[keys[0].name]
                ),
                None,
            )
            (inside.setdefault(parent, []) if parent else outermost).append((name, place))

    def written(name, place, is_inside):
        row = tables[name][place]
        keys = [item.name for item in SPEC.tables[name].items if item.references][:1]
        own = items(row, keys if is_inside else ())
        within = "".join(written(*child, True) for child in inside.get((name, place), ()))
        return f"<{name}>{within + own if place % 2 else own + within}</{name}>\n"

    return "".join(written(*one, False) for one in outermost)


SHAPES = {"flat": flat, "wrapped": wrapped, "nested": nested, "attributes": attributes}


@pytest.mark.parametrize("name", quick_first(["clean", "south-west-london/RJ7"]))
@pytest.mark.parametrize("shape", SHAPES)
def test_an_extract_as_xml_is_the_same_as_a_folder_of_csv(shape, name, tmp_path):
    file = tmp_path / "extract.xml"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<MSDS>{SHAPES[shape](tables_of(name))}</MSDS>'
    file.write_text(text, encoding="utf-8")
    [read] = open_extract([file], SPEC).submissions
    given = sample(name)
    assert read.name == given.name
    present = {table for table, frame in given.tables.items() if frame.collect().height}
    assert set(read.tables) == (set(given.tables) if shape == "wrapped" else present)
    for table in read.tables:
        wanted, found = given.tables[table].collect(), read.tables[table].collect()
        assert_frame_equal(found, wanted, check_row_order=shape != "nested")


@pytest.mark.parametrize(
    "name", quick_first(["clean", "south-west-london/RJ7"], ["south-west-london/RJ7"])
)
def test_the_scorecard_of_xml_is_that_of_csv_to_the_byte(name, fixtures, tmp_path):
    file = tmp_path / "extract.xml"
    file.write_text(f"<MSDS>{wrapped(tables_of(name))}</MSDS>", encoding="utf-8")
    assert to_json(check([file])) == to_json(checked([fixtures / name]))


def test_files_named_after_tables_are_a_folder_of_tables(tmp_path):
    tables = tables_of("clean")
    for name, rows in tables.items():
        text = f"<dataroot>{wrapped({name: rows}) if name < 'MSD2' else flat({name: rows})}"
        (tmp_path / f"{name}.xml").write_text(f"{text}</dataroot>", encoding="utf-8")
    [read] = open_extract([tmp_path], SPEC).submissions
    for name, frame in sample("clean").tables.items():
        assert_frame_equal(read.tables[name].collect(), frame.collect())


def test_xml_in_a_zip_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "RVR.zip", "w") as archive:
        archive.writestr("RVR.xml", f"<MSDS>{flat(tables_of('clean'))}</MSDS>")
    [read] = open_extract([tmp_path / "RVR.zip"], SPEC).submissions
    assert read.name == sample("clean").name


def test_records_of_more_than_one_frame_stay_in_order():
    count = 2 * RECORDS_HELD + 3
    text = "".join(f"<{GP} LPIDMother='{number}'/>" for number in range(count))
    read = records(f"<a>{text}<{GP}><LPIDMother>x</LPIDMother><More>y</More></{GP}></a>")
    assert [row["LPIDMother"] for row in read["MSD002"]] == [*map(str, range(count)), "x"]
    assert read["MSD002"][-1]["More"] == "y"


# --- shapes -------------------------------------------------------------------------------

ONE = {"MSD002": [{"LPIDMother": "1"}]}
ITEM = "<LPIDMother>1</LPIDMother>"
FOO = f"<MSD002>{ITEM}<Foo>{{}}</Foo></MSD002>"


@pytest.mark.parametrize(
    "text",
    [
        f"<a><MSD002GP>{ITEM}</MSD002GP></a>",
        f"<MSD002GP>{ITEM}</MSD002GP>",
        f"<a><msd002gp>{ITEM}</msd002gp></a>",
        f"<a><MSD002>{ITEM}</MSD002></a>",
        f"<a><GPPracticeRegistration>{ITEM}</GPPracticeRegistration></a>",
        f"<a><GP_Practice-Registration>{ITEM}</GP_Practice-Registration></a>",
        "<a><MSD002GP><lpidmother>1</lpidmother></MSD002GP></a>",
        "<a><MSD002GP LPIDMother='1'/></a>",
        "<a><MSD002GP lpidmother='1'></MSD002GP></a>",
        "<a><x:MSD002GP x:LPIDMother='1'/></a>",
        "<a xmlns='u' xmlns:x='v'><x:MSD002><x:LPIDMother>1</x:LPIDMother></x:MSD002></a>",
        f"<a><MSD002GP><row>{ITEM}</row></MSD002GP></a>",
        f"<a><MSD002GP><MSD002>{ITEM}</MSD002></MSD002GP></a>",
        f"<a><MSD002GP><MSD002GP><record>{ITEM}</record></MSD002GP></MSD002GP></a>",
        f"<a><MSD002GP><rows><row>{ITEM}</row></rows></MSD002GP></a>",
        "<a><MSD002GP><row LPIDMother='1'/></MSD002GP></a>",
        f"<a><b><c><MSD002GP>{ITEM}</MSD002GP></c></b></a>",
        f"<a><MSD002GP>{ITEM}<OrgCodeGMPMother/></MSD002GP></a>",
        f"<a><MSD002GP>{ITEM}<OrgCodeGMPMother></OrgCodeGMPMother></MSD002GP></a>",
        f"<a><MSD002GP>{ITEM}<OrgCodeGMPMother xsi:nil='true'/></MSD002GP></a>",
        "<a><MSD002GP LPIDMother='1' OrgCodeGMPMother=''/></a>",
        f"<a><!-- b --><MSD002GP><?b c?>{ITEM}<!-- d --></MSD002GP></a><!-- e -->",
        "<a><MSD002GP><LPIDMother><![CDATA[1]]></LPIDMother></MSD002GP></a>",
        "<a><MSD002GP><LPIDMother><!-- b -->1<!-- c --></LPIDMother></MSD002GP></a>",
    ],
)
def test_a_record_is_found_in_every_shape(text):
    assert records(text) == ONE
    assert notices(text) == []


@pytest.mark.parametrize("table", ["MSD002GP", "msd002"])
@pytest.mark.parametrize(
    "text",
    [
        f"<dataroot><MSD002GP>{ITEM}</MSD002GP></dataroot>",
        f"<dataroot><row>{ITEM}</row></dataroot>",
        f"<a><b><row>{ITEM}</row></b></a>",
        f"<row>{ITEM}</row>",
        "<a><row LPIDMother='1'/></a>",
        f"<MSD002GP><row>{ITEM}</row></MSD002GP>",
        f"<MSD002GP>{ITEM}</MSD002GP>",
        f"<a><MSD002GP/><MSD002GP>{ITEM}</MSD002GP></a>",
        f"<a><row>{ITEM}</row><b/></a>",
    ],
)
def test_the_root_of_a_file_named_after_a_table_may_be_anything(text, table):
    assert records(text, table) == ONE


@pytest.mark.parametrize(
    "text",
    [
        *("<a><MSD004/></a>", "<a><MSD004>\n </MSD004></a>", "<MSD004 n='0'/>"),
        "<dataroot generated='2026-09-01'><MSD004/></dataroot>",
    ],
)
def test_an_empty_element_of_a_table_is_a_table_without_records(text):
    assert records(text) == {"MSD004": []}
    assert records(text, "MSD004") == {"MSD004": []}


def test_a_file_named_after_a_table_may_be_empty_of_records():
    assert records("<dataroot generated='2026-09-01'/>", "MSD004") == {"MSD004": []}


def test_an_empty_element_in_a_wrapper_of_records_is_an_empty_record():
    row = f"<row>{ITEM}</row>"
    for text in (f"{row}<row/>", f"{row}<row></row>", f"{row}<row xsi:nil='1'/>"):
        assert records(f"<MSD002>{text}</MSD002>") == {"MSD002": [{"LPIDMother": "1"}, {}]}
    assert records(f"<MSD002><row/>{row}</MSD002>") == {"MSD002": [{}, {"LPIDMother": "1"}]}
    assert records("<MSD002><row/><row/></MSD002>") == {"MSD002": [{}, {}]}
    assert records("<MSD002><row/></MSD002>") == {"MSD002": [{}]}


def test_shapes_may_be_mixed():
    text = f"<a><MSD002>{ITEM}</MSD002><MSD002><r LPIDMother='2'/><s>{ITEM}</s></MSD002></a>"
    assert [row["LPIDMother"] for row in records(text)["MSD002"]] == ["1", "2", "1"]


def test_a_file_named_after_a_table_must_not_hold_another():
    sentence = refusal(f"<a><MSD002>{ITEM}</MSD002><MSD003/></a>", "MSD002")
    assert (
        sentence == "RVR.xml is named after one table, and MSD003SocPersCircumstances is in it too."
    )


def test_a_file_named_after_a_table_must_have_items_of_it():
    assert "none of its elements" in refusal("<html><body>Error</body></html>", "MSD002")


def test_xml_without_a_table_is_told():
    found = contents("<a><b>c</b></a>")
    assert (found.tables, found.others) == ({}, ["RVR.xml"])


def test_the_headings_are_the_items_and_then_what_else_was_seen():
    text = "<a><MSD002><RPStartDate>b</RPStartDate><Foo>c</Foo><LPIDMother>1</LPIDMother></MSD002>"
    found = contents(f"{text}<MSD002 FOO='d' OrgCodeProvider='e'/></a>").tables[GP]
    own = list(SPEC.tables[GP].by_name)
    assert found.headings[: len(own)] == own
    assert sorted(found.headings[len(own) :]) == ["Foo", "OrgCodeProvider", "RPStartDate"]
    assert [row["Foo"] for row in filled(found)] == ["c", "d"]
    assert found.frame.collect_schema().names() == [f"column {n}" for n in range(len(own) + 3)]


def test_rows_that_say_whose_they_are_are_split(tmp_path):
    text = "".join(
        f"<MSD002><LPIDMother>1</LPIDMother><OrgCodeProvider>{whose}</OrgCodeProvider>"
        "<RPStartDate>2026-08-01</RPStartDate></MSD002>"
        for whose in ("RVR", "RJ7")
    )
    (tmp_path / "all.xml").write_text(f"<a>{text}</a>", encoding="utf-8")
    found = open_extract([tmp_path / "all.xml"], SPEC).submissions
    assert [one.name for one in found] == ["RJ7 2026-08", "RVR 2026-08"]


def test_a_record_with_nothing_but_unknown_columns_is_a_record():
    assert records("<a><MSD002><Foo>1</Foo></MSD002></a>") == {"MSD002": [{"Foo": "1"}]}
    text = "<a><MSD002><row><Foo>1</Foo></row><row><Foo>2</Foo></row></MSD002></a>"
    assert records(text) == {"MSD002": [{"Foo": "1"}, {"Foo": "2"}]}


def test_an_element_that_was_a_column_may_hold_a_table_elsewhere():
    text = (
        f"<a><MSD002>{ITEM}<More>1</More></MSD002><MSD002>{ITEM}<More><MSD004/></More></MSD002></a>"
    )
    assert records(text)["MSD004"] == []


# --- nested -------------------------------------------------------------------------------


def test_a_nested_record_takes_its_key_from_the_one_around_it():
    booking = f"<{BOOKING}><PregnancyID>P</PregnancyID></{BOOKING}>"
    for around in (
        f"<LPIDMother>M</LPIDMother>{booking}",
        f"{booking}<LPIDMother>M</LPIDMother>",
        f"<Bookings>{booking}</Bookings><LPIDMother>M</LPIDMother>",
    ):
        text = f"<a><{MOTHER}>{around}</{MOTHER}></a>"
        assert records(text)["MSD101"] == [{"LPIDMother": "M", "PregnancyID": "P"}]
        told = f"LPIDMother of 1 record of {BOOKING} was taken from the record around it."
        assert notices(text) == [told]


def test_a_nested_record_keeps_a_key_of_its_own_even_a_blank_one():
    text = "<MSD001><LPIDMother>M</LPIDMother><MSD002 LPIDMother='{}'/></MSD001>"
    assert records(text.format("N"))["MSD002"] == [{"LPIDMother": "N"}]
    assert records(text.format(""))["MSD002"] == [{}]


def test_a_key_is_not_taken_from_a_neighbour():
    one = (
        "<row><LPIDMother>{}</LPIDMother><MSD002><r><OrgIDGPPrac>g</OrgIDGPPrac></r></MSD002></row>"
    )
    text = f"<{MOTHER}>{one.format(1)}{one.format('')}{one.format(3)}</{MOTHER}>"
    read = [row.get("LPIDMother") for row in records(text)["MSD002"]]
    assert read == ["1", None, "3"]
    outside = f"<a><{MOTHER} LPIDMother='1'/><MSD002 OrgIDGPPrac='g'/></a>"
    assert records(outside)["MSD002"] == [{"OrgIDGPPrac": "g"}]


def test_keys_come_from_several_levels_up():
    text = (
        f"<{MOTHER}><{BOOKING}><MSD002 OrgIDGPPrac='g'/><MSD301><MSD401 LPIDBaby='B'/>"
        f"<LabourDeliveryID>L</LabourDeliveryID></MSD301><PregnancyID>P</PregnancyID></{BOOKING}>"
        f"<LPIDMother>M</LPIDMother></{MOTHER}>"
    )
    read = records(text)
    assert read["MSD002"][0]["LPIDMother"] == "M"
    assert read["MSD401"] == [{"LPIDBaby": "B", "LabourDeliveryID": "L"}]
    assert read["MSD301"] == [{"PregnancyID": "P", "LabourDeliveryID": "L"}]


def test_many_records_may_wait_for_the_key_of_the_one_around_them():
    count = RECORDS_HELD + 10
    inner = "<MSD002 OrgIDGPPrac='g'/>" * count
    text = f"<a><{MOTHER}>{inner}<LPIDMother>M</LPIDMother></{MOTHER}></a>"
    assert {row["LPIDMother"] for row in records(text)["MSD002"]} == {"M"}
    assert f"{count:,} records" in notices(text)[0]


# --- values -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *((" A ", " A "), ("\n A\t", "\n A\t"), ("  ", "  "), ("&lt;b&gt;", "<b>")),
        *(("a\r\nb", "a\nb"), ("a&#13;b", "a\rb"), ("é李👶", "é李👶"), ("&#233;", "é")),
        *(("<![CDATA[<b>&]]>", "<b>&"), ("a<![CDATA[b]]>c", "abc"), ("01", "01"), ("null", "null")),
        ("x" * 100_000, "x" * 100_000),
        ("&amp;" * 100_000, "&" * 100_000),
    ],
)
def test_a_value_stays_the_text_it_is(written, value):
    text = f"<a><MSD002>{ITEM}</MSD002><MSD002><LPIDMother>{written}</LPIDMother></MSD002></a>"
    assert records(text)["MSD002"][1] == {"LPIDMother": value}


@pytest.mark.parametrize("shift", range(12))
def test_a_value_may_lie_across_two_pieces_of_the_file(shift):
    text = f"<a>{' ' * (CHUNK - 40 + shift)}<MSD002><LPIDMother>één</LPIDMother></MSD002></a>"
    assert records(text)["MSD002"] == [{"LPIDMother": "één"}]


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        *((None, "utf-8"), (None, "utf-8-sig"), ("UTF-8", "utf-8-sig"), (None, "utf-16")),
        *(("utf-16", "utf-16"), ("windows-1252", "cp1252"), ("ISO-8859-1", "latin-1")),
        *(("cp1252", "cp1252"), ("ISO-8859-15", "iso-8859-15")),
    ],
)
def test_an_encoding_is_taken_as_declared(declared, encoding):
    said = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = f"{said}<a><MSD002><LPIDMother>Zoë</LPIDMother></MSD002></a>"
    assert records(text.encode(encoding))["MSD002"] == [{"LPIDMother": "Zoë"}]


# --- what is told -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<a><Generated>2026</Generated><MSD004/></a>", "Generated"),
        ("<a Generated='2026'><MSD004/></a>", "Generated"),
        ("<a><b>1</b><MSD004 Count='0'/></a>", "b, Count"),
        ("<a>text<MSD004/></a>", "a"),
        (f"<a><MSD002>{ITEM}<Address><Line>1</Line></Address></MSD002></a>", "Line"),
        (f"<a><MSD002><count>1</count><row>{ITEM}</row></MSD002></a>", "count"),
        ("<a><MSD002><LPIDMother status='x'>1</LPIDMother></MSD002></a>", "status"),
    ],
)
def test_what_is_in_no_record_is_told_by_name(text, name):
    assert notices(text) == [f"RVR.xml: not read, because in no record: {name}."]


def test_many_names_are_told_briefly_and_never_as_they_are_where_they_look_like_data():
    text = "".join(f"<n9991907483.{number}>1</n9991907483.{number}>" for number in range(30))
    text += "".join(f"<n{letter}>1</n{letter}>" for letter in "abcdefgh")
    [told] = notices(f"<a>{text}<MSD004/></a>")
    assert "9991907483" not in told
    assert "more" in told


# --- what is refused ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<MSD002>\n<LPIDMother>1</LPIDMother>\n<LPIDMother/></MSD002>", "LPIDMother stands twice"),
        (f"<MSD002\nLPIDMother='1'\n>{ITEM}</MSD002>", "LPIDMother stands twice"),
        ("<a>\n\n<MSD002 LPIDMother='1' lpidmother='2'/></a>", "stands twice"),
        ("<MSD002>\n\n<Foo>1</Foo><Foo>2</Foo></MSD002>", "text in Foo"),
        (f"<MSD002>{ITEM}\n\n<Foo>1</Foo><Foo>2</Foo></MSD002>", "Foo stands twice"),
        ("<MSD002>\n\n<LPIDMother><b/></LPIDMother></MSD002>", "holds elements"),
        ("<MSD002>\n\n<LPIDMother>1<b/></LPIDMother></MSD002>", "holds elements"),
        (f"<a>\n\n{FOO.format(1)}{FOO.format('zq<b/>')}</a>", "text in Foo"),
        (f"<MSD002>{ITEM}\n\nzq<OrgIDGPPrac/></MSD002>", "text in MSD002"),
        (f"<MSD002>{ITEM}\n\nzq</MSD002>", "text in MSD002"),
        (f"<MSD002><row>{ITEM}</row>\n\nzq</MSD002>", "text in MSD002"),
        (f"<MSD002><row>{ITEM}</row>\n\n<row>zq</row></MSD002>", "text in row"),
        (f"<MSD002>\n\n<row>zq</row><row>{ITEM}</row></MSD002>", "text in row"),
        ("<MSD002>\n\nzq</MSD002>", "text in MSD002"),
        (f"<MSD002><row>{ITEM}</row>\n\n{ITEM}</MSD002>", "beside records"),
        (f"<MSD002>{ITEM}\n\n<row>{ITEM}</row></MSD002>", "inside a record"),
        (f"<MSD002>{ITEM}\n\n<MSD002>{ITEM}</MSD002></MSD002>", "inside another"),
    ],
)
def test_what_cannot_be_told_apart_is_refused_with_its_line(text, what):
    sentence = refusal(text)
    assert sentence.startswith("RVR.xml, line 3: ")
    assert what in sentence
    assert "zq" not in sentence


LAUGHS = "<!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;'>]><a>&d;</a>"


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        "<!DOCTYPE a PUBLIC 'b' 'http://localhost/c.dtd'><a/>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY % b SYSTEM 'file:///etc/passwd'> %b;]><a/>",
    ],
)
def test_a_document_type_is_refused_at_first_sight(text, monkeypatch):
    for name in ("open", "read_text", "read_bytes"):
        monkeypatch.setattr(Path, name, None)
    sentence = refusal(text)
    assert sentence == "RVR.xml, line 1: there is a document type (DOCTYPE), which is not read."


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b" ", b"\n\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"<", b"<a", b"<a>", b"</a>"),
        *(b"a,b\n1,2\n", b"PK\x03\x04", b"<a></b>", b"<a/><b/>", b"<a/>x", b"<a b='1' b='2'/>"),
        *(b"<a>&b;</a>", b"<a>&#0;</a>", b"<a>&#xD800;</a>", b"<a>\0</a>", b"<a>\x01</a>"),
        *(b"<a>\xe9</a>", b"<a>\xc3</a>", b"<a>\xed\xa0\x80</a>", b"<a b=1/>", b"<a><![CDATA[x"),
        *(b"<a><!--", b"<a><?b", b"<a>&", b" <?xml version='1.0'?>"),
        b"<?xml version='1.0' encoding='utf-16'?><a/>",
        "<?xml version='1.0' encoding='utf-8'?><a/>".encode("utf-16"),
        "<a/>".encode("utf-32"),
        b"<?xml version='1.0' encoding='windows-1252'?><a>\x81</a>",
        b"<?xml version='1.0' encoding='us-ascii'?><a>\xe9</a>",
    ],
)
def test_what_is_not_whole_xml_is_refused(raw):
    assert refusal(raw)


@pytest.mark.parametrize(
    "name",
    [
        *("shift_jis", "utf-7", "utf-32", "rot13", "hex", "zlib", "idna", "punycode", "undefined"),
        *("unicode_escape", "raw_unicode_escape", "cp037", "iso-8859-12", "windows-1259", "no"),
        *("mbcs", "x" * 5000),
    ],
)
def test_an_encoding_that_cannot_be_read_is_refused(name):
    sentence = refusal(f"<?xml version='1.0' encoding='{name}'?><a/>")
    assert sentence == "RVR.xml, line 1: the encoding that it declares cannot be read."


LARGE = 1 << 22
"""More bytes than any bound on one part of a file."""


@pytest.mark.parametrize(
    "raw",
    [
        *(b"<a><!--" + b"x" * LARGE, b"<a b='" + b"x" * LARGE, b"<a><![CDATA[" + b"x" * LARGE),
        *(b"<" + b"x" * LARGE, b"<a><?b " + b"x" * LARGE, b"<a>&" + b"x" * LARGE),
        *(b"<a>" + b"x" * LARGE, b"<a>" + b" " * LARGE, b"<a>" + b"&lt;" * LARGE),
        *(b"<a " + b"b='1' " * LARGE, b"<!DOCTYPE a SYSTEM '" + b"x" * LARGE, b" " * LARGE),
        *(b"\0" * LARGE, b"x" * LARGE, b"<a>" * LARGE, b"<MSD002>" * LARGE, b"<row>" * LARGE),
        b"<?xml version='1.0' " + b" " * LARGE,
        b"<a><MSD002 LPIDMother='" + b"x" * (LONGEST_TAG + 9) + b"'/></a>",
        b"<a><MSD002><LPIDMother>" + b"x" * (LONGEST_VALUE + 1) + b"</LPIDMother></MSD002></a>",
        b"<a><" + b"x" * 2000 + b"/></a>",
        b"<MSD002>" + b"<row/>" * 2 * MOST_FURTHER,
        b"<MSD002>" + (b"<b>" + b"<c/>" * 40 + b"</b>") * 40,
    ],
    ids=lambda raw: raw[:24].decode(),
)
def test_a_file_without_end_is_refused_before_it_is_all_read(raw):
    assert refusal(raw)


def test_more_different_names_than_an_extract_can_have_are_refused():
    names = "".join(f"<n{number}/>" for number in range(2 * MOST_NAMES))
    assert "different names" in refusal(f"<a>{names}</a>")


@pytest.mark.parametrize("form", ["<n{}>1</n{}>", "<row><LPIDMother/><n{}>1</n{}></row>"])
def test_more_columns_than_a_table_can_have_are_refused(form):
    columns = "".join(form.format(number, number) for number in range(MOST_FURTHER + 1))
    assert "columns that are no items" in refusal(f"<MSD002>{columns}</MSD002>")


def test_elements_may_be_as_deep_as_the_bound_and_no_deeper():
    def deep(levels):
        return f"{'<a>' * levels}<MSD004/>{'</a>' * levels}"

    assert records(deep(DEEPEST - 1)) == {"MSD004": []}
    assert "inside one another" in refusal(deep(DEEPEST))


# --- damage -------------------------------------------------------------------------------

SAMPLES = [
    f"<?xml version='1.0' encoding='utf-8'?>\n<a><MSD002>{ITEM}<Foo>ë</Foo></MSD002><MSD004/></a>",
    f"<a g='1'><MSD002><row>{ITEM}</row><row/><row>{ITEM}</row></MSD002><b>1</b></a>",
    f"<m:a xmlns:m='u'><m:{MOTHER}><MSD101><PregnancyID>P</PregnancyID><MSD102 CarePlanType='x'/>"
    f"</MSD101><LPIDMother>M</LPIDMother></m:{MOTHER}></m:a>",
    "<a><MSD002 LPIDMother='1' xsi:nil='0'/><MSD003><r SocPerDate='d'/><r/></MSD003></a>",
    LAUGHS,
    "<?xml version='1.0' encoding='cp1252'?>"
    "<MSD002><![CDATA[ ]]><LPIDMother>&lt;</LPIDMother></MSD002>",
]
PIECES = [
    *(
        b"<",
        b">",
        b"/",
        b"'",
        b"=",
        b"&",
        b";",
        b"\0",
        b"\xff",
        b"\xe9",
        b" ",
        b"x",
        b"<a>",
        b"</a>",
    ),
    *(b"<row>", b"</row>", b"<row/>", b"<MSD002>", b"</MSD002>", b"<MSD001/>", b"<!--", b"-->"),
    *(b"<![CDATA[", b"]]>", b"<?", b"?>", b"<LPIDMother>1</LPIDMother>", b" LPIDMother='1'"),
    *(b"<!DOCTYPE a>", b"&#0;", b"&b;", b"utf-16", b"hex", b"\xff\xfe", b"\xef\xbb\xbf"),
]
EDITS = st.lists(
    st.tuples(
        st.integers(0, 400), st.integers(0, 12), st.sampled_from(PIECES) | st.binary(max_size=3)
    ),
    max_size=5,
)
DAMAGED = {
    "text": st.sampled_from(SAMPLES),
    "edits": EDITS,
    "end": st.none() | st.integers(0, 400),
    "encoding": st.sampled_from(["utf-8", "utf-8", "utf-16", "cp1252"]),
    "table": st.sampled_from([None, None, "MSD002", "MSD001"]),
}


def damage(text, edits, end, encoding, table):
    """Read a damaged file: it is read or refused, soon, and nothing else is raised."""
    raw = text.encode(encoding)
    for place, length, piece in edits:
        raw = raw[:place] + piece + raw[place + length :]
    started = time.monotonic()
    try:
        records(raw[:end], table)
    except ExtractError as error:
        assert error.hint
    assert time.monotonic() - started < SLOW


@settings(max_examples=150)
@given(**DAMAGED)
def test_a_damaged_file_is_read_or_refused(text, edits, end, encoding, table):
    damage(text, edits, end, encoding, table)


@pytest.mark.slow
@settings(max_examples=5_000)
@given(**DAMAGED)
def test_many_damaged_files_are_read_or_refused(text, edits, end, encoding, table):
    damage(text, edits, end, encoding, table)


@pytest.mark.parametrize("text", SAMPLES)
def test_a_file_cut_short_anywhere_is_refused(text):
    whole = text.encode()
    for end in range(len(whole) - 1):
        refusal(whole[:end])


# --- size ---------------------------------------------------------------------------------

MEASURE = """
import resource, sys
from pathlib import Path
from msds_audit.api import load_rules
from msds_audit.readers.markup import read_markup
from msds_audit.readers.source import Source
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
spec, file = load_rules().spec, Path(sys.argv[1])
before = peak()
text = read_markup(Source(file.name, file), spec, None).tables["MSD202CareActivityPreg"]
assert text.frame.collect().height == 100_000
print((peak() - before) * (1 if sys.platform == "darwin" else 1024))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the peak is not told there")
def test_memory_is_the_data_and_not_the_markup(tmp_path):
    names = list(SPEC.tables["MSD202CareActivityPreg"].by_name)
    file = tmp_path / "large.xml"
    with file.open("w", encoding="utf-8") as out:
        out.write("<a>")
        for number in range(100_000):
            row = "".join(f"<{name}>{number:010}</{name}>\n" for name in names)
            out.write(f"<MSD202CareActivityPreg>\n{row}</MSD202CareActivityPreg>\n")
        out.write("</a>")
    command = [sys.executable, "-c", MEASURE, str(file)]
    peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert peak < file.stat().st_size + 120_000_000
