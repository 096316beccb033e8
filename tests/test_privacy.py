"""Tests that nothing in an extract that could tell who somebody is ever comes out again.

Distinctive markers stand in every item of every table; no output, on any path, may hold one.
"""

from __future__ import annotations

import csv
import datetime
import json
import re
import sys
from dataclasses import replace
from itertools import count, pairwise
from random import Random
from xml.sax.saxutils import escape

import polars as pl
import pytest
from polars.exceptions import ComputeError, InvalidOperationError, PanicException, ShapeError

from access_writer import AccessFile, AccessTable
from msds_audit.api import check, compare
from msds_audit.cli import main
from msds_audit.frames import findings_frame, rules_frame, scorecards_frame
from msds_audit.reports import to_sarif
from msds_audit.reports.compared_json import compared_to_json
from msds_audit.reports.compared_markdown import compared_to_markdown
from msds_audit.reports.compared_terminal import compared_for_terminal
from support import quick_first
from workbooks import xls, xlsx

FORMATS = ("terminal", "json", "csv", "markdown", "junit", "github", "sarif")
SEEN_MOST = ("terminal", "json")
OF_PIPELINES = ("junit", "github", "sarif")
"""They say what the others say, and are tried once where the others are tried on every path."""
HEADER = "MSD000Header"
READABLE = ("OrgIDProvider", "RPStartDate")
"""What has to stay as it is in the header, so that the audit runs."""

KINDS = (
    lambda n: f"ZQX{n:05d}",
    lambda n: f"{7_000_000_000 + n * 37}",
    lambda n: f"700 {n // 10_000:03d} {n % 10_000:04d}",
    lambda n: f"ZQ{n % 90 + 10} {n % 10}{'ABDEFGHJ'[n % 8]}{'LNPQRSTU'[n // 8 % 8]}",
    lambda n: f"Zqxlyn Quuxley-{n}",
    lambda n: str(datetime.date(1901, 1, 1) + datetime.timedelta(days=n % 7000)),
    lambda n: f"q{n}",
)
"""Made-up words, NHS numbers with and without spaces, postcodes, names, dates, and short values."""

SOME_AND_ALL = quick_first(["MSD[01]0[01]*", "*"], ["MSD[01]0[01]*"])
"""Which tables an extract has: the header, women and bookings, or with the slow tests all."""

LIKE_DATA = ["9434765919", "943 476 5919", "1901-05-06", "Zqxlyn O'Quux", "ZQ11 4XX"]
"""What in the place of a heading is plainly a value."""


def rows_of(file):
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


class Planted:
    """An extract full of markers, and the markers."""

    def __init__(self, source, folder, tables="*"):
        self.folder = folder
        self.markers = set()
        self._numbers = count(1)
        folder.mkdir()
        for file in sorted(source.glob(f"{tables}.csv")):
            self.write(file.stem, self._planted(file.stem, rows_of(file)))

    def marker(self, kind):
        text = KINDS[kind % len(KINDS)](next(self._numbers))
        self.markers.add(text)
        return text

    def _planted(self, table, rows):
        """The rows, one of markers alone for each kind, and one a row and an item."""
        items = [item for item in rows[0] if table != HEADER or item not in READABLE]
        alone = [
            {**rows[0], **{item: self.marker(kind) for item in items}} for kind in range(len(KINDS))
        ]
        strays = [
            {**rows[place % len(rows)], item: self.marker(place + kind)}
            for place, item in enumerate(items)
            for kind in range(2)
        ]
        return [*rows, *alone, *strays]

    def write(self, table, rows):
        with (self.folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def shown_in(self, text):
        """The markers found in a text; short ones only where nothing is written against them."""
        text = text.lower()
        words = set(text.replace(",", " ").replace("`", " ").replace('"', " ").split())
        beginnings = {marker[:4].lower() for marker in self.markers}
        begun = {beginning for beginning in beginnings if beginning in text}

        def is_shown(marker):
            if len(marker) > 6:
                return marker[:4] in begun and marker in text
            return marker in words

        return sorted(marker for marker in self.markers if is_shown(marker.lower()))


@pytest.fixture(scope="module")
def planted(fixtures, tmp_path_factory):
    return Planted(fixtures / "clean", tmp_path_factory.mktemp("privacy") / "extract")


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command in this process; return its exit code and all it said."""

    def running(*arguments):
        monkeypatch.setattr(sys, "argv", ["msds-audit", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main()
        said = capsys.readouterr()
        text = said.out + said.err
        assert "Traceback" not in text
        return int(caught.value.code or 0), text

    return running


# --- an audit that succeeds ---------------------------------------------------------------


def test_the_markers_are_in_every_item_of_every_table(planted, rules):
    for table in rules.spec.tables.values():
        rows = rows_of(planted.folder / f"{table.name}.csv")
        for item in table.by_name:
            if table.name != HEADER or item not in READABLE:
                assert any(row[item] in planted.markers for row in rows), f"{table.name}.{item}"


@pytest.mark.parametrize("form", quick_first(FORMATS, (*SEEN_MOST, *OF_PIPELINES)))
@pytest.mark.usefixtures("audited_once")
def test_no_marker_is_printed_or_written(form, planted, run, tmp_path):
    code, said = run("check", planted.folder, "--format", form)
    assert code == 1
    assert "RVR" in said
    assert planted.shown_in(said) == []
    out = tmp_path / "report"
    code, said = run("check", planted.folder, "--format", form, "--out", out)
    assert code == 1
    assert planted.shown_in(said) == []
    assert planted.shown_in(out.read_text(encoding="utf-8")) == []


def test_no_marker_is_among_findings(planted):
    """Thousands of records fail, each named by its place."""
    [card] = check([planted.folder], most_findings=None)
    text = to_sarif([card])
    assert text.count("failing in record") > 1000
    assert planted.shown_in(text) == []
    for frame in (findings_frame([card]), scorecards_frame([card]), rules_frame([card])):
        assert planted.shown_in(frame.write_csv()) == []


def test_no_marker_is_told_by_a_comparison(planted, fixtures, rules):
    found = compare(fixtures / "clean", planted.folder, rules=rules)
    assert found.comparisons[0].findings.now > 500
    for render in (compared_for_terminal, compared_to_json, compared_to_markdown, repr):
        assert planted.shown_in(render(found)) == []


LAYOUTS = ("dq-csv", "measures-csv", "data-csv")
BUT_OF_PIPELINES = [form for form in (*FORMATS, *LAYOUTS) if form not in OF_PIPELINES]


@pytest.fixture(scope="module")
def lookup(planted, tmp_path_factory):
    """A postcode directory that has every postcode of the extract."""
    lookup = tmp_path_factory.mktemp("lookup") / "postcodes.csv"
    postcodes = [row["Postcode"] for row in rows_of(planted.folder / "MSD001MotherDemog.csv")]
    lines = [f'"{one}",E01000001' for one in dict.fromkeys(postcodes) if '"' not in one]
    lookup.write_text("\n".join(["pcds,lsoa11", *lines]), encoding="utf-8")
    return lookup


@pytest.mark.parametrize("form", quick_first((*FORMATS, *LAYOUTS), ("terminal", *LAYOUTS)))
@pytest.mark.usefixtures("audited_once")
def test_no_marker_is_among_national_figures(form, planted, lookup, run, tmp_path):
    asked = ("--scheme", "national", "--scheme", "dqmi", "--partial", "--postcode-lookup", lookup)
    code, said = run("check", planted.folder, *asked, "--format", form)
    assert code == 1
    assert planted.shown_in(said) == []
    out = tmp_path / "out"
    out.mkdir()
    run("check", planted.folder, *asked, "--format", form, "--out", out / "file")
    written = [file.read_text(encoding="utf-8") for file in sorted(out.iterdir())]
    assert written
    assert planted.shown_in("\n".join(written)) == []


@pytest.mark.parametrize(
    ("option", "heading"),
    [("--hes-deliveries", "provider,annual_deliveries"), ("--postcode-lookup", "pcds,lsoa11")],
)
def test_a_file_named_by_mistake_is_not_shown(option, heading, planted, run, tmp_path):
    """Somebody's list of women, in the place of a file of figures."""
    wrong = tmp_path / "wrong.csv"
    people = [
        ",".join(list(row.values())[:2])
        for row in rows_of(planted.folder / "MSD001MotherDemog.csv")
    ]
    for first in (heading, people[0]):
        wrong.write_text("\n".join([first, *people]), encoding="utf-8")
        _, said = run("check", planted.folder, "--scheme", "national", option, wrong)
        assert planted.shown_in(said) == []


@pytest.mark.usefixtures("audited_once")
def test_quiet_prints_no_marker(planted, run):
    assert run("check", planted.folder, "--quiet") == (1, "")


@pytest.mark.parametrize("form", ["terminal", "csv"])
@pytest.mark.usefixtures("audited_once")
def test_no_marker_is_counted_by_name_among_vodim_classes(form, planted, run):
    code, said = run("vodim", planted.folder, "--format", form)
    assert code == 0
    assert planted.shown_in(said) == []


@pytest.mark.parametrize("kind", quick_first(range(len(KINDS)), range(0, len(KINDS), 4)))
@pytest.mark.usefixtures("audited_once")
def test_the_same_marker_everywhere_is_not_shown_as_the_usual_answer(kind, fixtures, run, tmp_path):
    """A note may name the answer that an item always has, but only where it is a code."""
    extract = Planted(fixtures / "clean", tmp_path / "extract")
    extract.markers = {constant := KINDS[kind](4321)}
    for file in sorted((fixtures / "clean").glob("*.csv")):
        if file.stem != HEADER:
            kept = ("LPIDMother", "LPIDBaby", "PregnancyID", "LabourDeliveryID", "AntenatalAppDate")
            extract.write(
                file.stem,
                [
                    {item: row[item] if item in kept else constant for item in row}
                    for row in rows_of(file)
                ],
            )
    for form in ("json", "terminal"):
        code, said = run("check", extract.folder, "--format", form)
        assert code == 1
        assert extract.shown_in(said) == []


@pytest.mark.parametrize("value", LIKE_DATA)
@pytest.mark.usefixtures("audited_once")
def test_a_value_in_the_place_of_a_heading_is_not_shown(value, fixtures, run, tmp_path):
    for file in (fixtures / "missing-tables").glob("*.csv"):
        heading, *lines = file.read_text(encoding="utf-8").splitlines()
        text = "\n".join([f"{heading},{value}", *(f"{line},x" for line in lines)])
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    for form in FORMATS:
        code, said = run("check", tmp_path, "--format", form)
        assert code == 1
        assert value not in said, form


@pytest.mark.parametrize("value", ["9434765919", "943 476 5919"])
@pytest.mark.usefixtures("audited_once")
def test_an_nhs_number_in_a_file_name_is_not_shown(value, fixtures, run, tmp_path):
    for file in (fixtures / "missing-tables").glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / f"letter to {value}.csv").write_text("x", encoding="utf-8")
    for form in FORMATS:
        _, said = run("check", tmp_path, "--format", form)
        assert value not in said, form


@pytest.mark.parametrize("tables", SOME_AND_ALL)
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_list_of_corrections_shows_no_marker_on_a_screen(ending, tables, fixtures, run, tmp_path):
    planted = Planted(fixtures / "clean", tmp_path / "extract", tables)
    out = tmp_path / f"worklist.{ending}"
    code, said = run("fix-list", planted.folder, "--out", out)
    assert code == 0
    assert planted.shown_in(said) == []
    if ending == "csv":
        assert planted.shown_in(out.read_text(encoding="utf-8")) != []
        for beside in (".where-to-teach.csv", ".note.txt"):
            assert planted.shown_in(out.with_suffix(beside).read_text(encoding="utf-8")) == []
    code, said = run("fix-list", planted.folder, "--out", out)
    assert code == 2
    assert planted.shown_in(said) == []


@pytest.mark.parametrize(
    "place",
    quick_first(
        [
            "msds_audit.api.auditing.open_extract",
            "msds_audit.fixing.audit",
            "msds_audit.fixing.tried",
            "msds_audit.reports.fix_list.fix_list_as_workbook",
            "msds_audit.reports.writing.write_private",
            "polars.DataFrame.filter",
        ],
        ["msds_audit.fixing.tried", "polars.DataFrame.filter"],
    ),
)
def test_a_failure_while_corrections_are_listed_shows_no_value(
    place, run, fixtures, monkeypatch, tmp_path
):
    def broken(*_, **__):
        raise ComputeError(f"could not parse `{LINE}` as dtype `i64` at row 7")

    monkeypatch.setattr(place, broken)
    extract = fixtures / "south-west-london" / "RAX"
    code, said = run("fix-list", extract, "--out", tmp_path / "list.xlsx")
    assert code in (4, 70)
    assert not [value for value in SAID if value.lower() in said.lower()]
    assert list(tmp_path.iterdir()) == []


# --- other forms --------------------------------------------------------------------------


def as_database(tables, file):
    made = [
        AccessTable(
            name, [(item, "text") for item in rows[0]], [list(one.values()) for one in rows]
        )
        for name, rows in tables.items()
    ]
    AccessFile(made).write(file)


def as_workbook(tables, file):
    write = xls if file.suffix == ".xls" else xlsx
    sheets = {
        name: [[*rows[0]], *([*one.values()] for one in rows)] for name, rows in tables.items()
    }
    file.write_bytes(write(sheets))


def as_markup(tables, file):
    def record(values):
        return "".join(f"<{item}>{escape(text)}</{item}>" for item, text in values.items())

    records = (f"<{name}>{record(one)}</{name}>" for name, rows in tables.items() for one in rows)
    file.write_text(f"<MSDS>{''.join(records)}</MSDS>", encoding="utf-8")


FORMS = {
    "RVR.accdb": as_database,
    "RVR.xlsx": as_workbook,
    "RVR.xls": as_workbook,
    "RVR.xml": as_markup,
}


@pytest.mark.parametrize("tables", SOME_AND_ALL)
@pytest.mark.parametrize("name", quick_first(FORMS, FORMS.keys() - {"RVR.xls"}))
def test_no_form_of_an_extract_shows_a_marker(name, tables, fixtures, run, tmp_path):
    planted = Planted(fixtures / "clean", tmp_path / "extract", tables)
    tables = {file.stem: rows_of(file) for file in sorted(planted.folder.glob("*.csv"))}
    FORMS[name](tables, tmp_path / name)
    code, said = run("check", tmp_path / name, "--format", "json")
    assert code == 1
    assert json.loads(said)
    assert planted.shown_in(said) == []
    code, said = run("convert", tmp_path / name, tmp_path / "out")
    assert code == 0
    assert planted.shown_in(said) == []
    written = "".join(file.read_text("utf-8") for file in (tmp_path / "out").glob("*.csv"))
    assert set(planted.shown_in(written)) == planted.markers


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("chance", range(3))
def test_no_damaged_form_of_an_extract_shows_a_marker(name, chance, planted, run, tmp_path):
    """Bytes among the values are changed, so that what is said of them is said near them."""
    kept = ("MSD000Header", "MSD001MotherDemog")
    tables = {table: rows_of(planted.folder / f"{table}.csv") for table in kept}
    FORMS[name](tables, tmp_path / name)
    content = bytearray((tmp_path / name).read_bytes())
    random = Random(chance)
    for _ in range(3):
        content[random.randrange(len(content) // 3, len(content))] = random.randrange(256)
    (tmp_path / name).write_bytes(content)
    code, said = run("check", tmp_path / name)
    assert code in (1, 4)
    assert planted.shown_in(said) == []


# --- errors -------------------------------------------------------------------------------

SAID = ["Zqxlyn Quuxley", "9434765919", "ZQ11 4XX", "1901-05-06", "ZQX00001"]
LINE = ",".join(SAID)
HEADINGS = "LPIDMother,OrgIDLPID,PersonBirthDateMother,NHSNumberMother,Postcode\n"
GOOD_HEADER = "OrgIDProvider,RPStartDate\nRVR,2026-08-01\n"
BROKEN = {
    "a short row": {"MSD001.csv": f"{HEADINGS}{','.join(SAID[:4])}\n"},
    "a long row": {"MSD001.csv": f"{HEADINGS}{LINE},{LINE}\n"},
    "an open quotation mark": {"MSD001.csv": f'{HEADINGS}"{LINE}\n'},
    "a quotation mark in a value": {"MSD001.csv": f'{HEADINGS}x"y"{LINE}\n'},
    "a NUL byte": {"MSD001.csv": f"{HEADINGS}{LINE}\0\n"},
    "carriage returns": {"MSD001.csv": f"{HEADINGS}{LINE}\n".replace("\n", "\r")},
    "no headings": {"MSD001.csv": f"{LINE}\n{LINE}\n"},
    "an NHS number as heading twice": {"MSD001.csv": f"LPIDMother,{SAID[1]},{SAID[1]}\nA,B,C\n"},
    "a postcode as heading twice": {"MSD001.csv": f"LPIDMother,{SAID[2]},{SAID[2]}\nA,B,C\n"},
    "a date as heading twice": {"MSD001.csv": f"LPIDMother,{SAID[3]},{SAID[3]}\nA,B,C\n"},
    "not text": {"MSD001.csv": HEADINGS.encode() + b"\x81\x8d" + LINE.encode()},
    "no Parquet": {"MSD001.parquet": f"{HEADINGS}{LINE}\n"},
    "a broken zip": {"all.zip": f"PK\x03\x04{LINE}"},
    "two providers": {"MSD000Header.csv": "OrgIDProvider,RPStartDate\nZQX1,\nZQX2,\n"},
    "two months": {"MSD000Header.csv": f"{GOOD_HEADER}RVR,{SAID[3]}\n"},
    "no provider": {"MSD000Header.csv": f"OrgIDProvider,RPStartDate\n{SAID[0]},{SAID[0]}\n"},
    "an NHS number for a provider": {
        "MSD000Header.csv": f"OrgIDProvider,RPStartDate\n{SAID[1]},{SAID[1]}\n"
    },
}


@pytest.mark.parametrize("fault", BROKEN)
def test_an_extract_that_cannot_be_read_shows_no_value(fault, run, tmp_path):
    for name, content in {"MSD000Header.csv": GOOD_HEADER, **BROKEN[fault]}.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(raw)
    code, said = run("check", tmp_path)
    assert code == 4
    assert not [value for value in [*SAID, "ZQX1", "ZQX2"] if value.lower() in said.lower()]


@pytest.mark.parametrize(
    "error", [ComputeError, InvalidOperationError, ShapeError, ValueError, KeyError, PanicException]
)
@pytest.mark.parametrize(
    "place",
    [
        "msds_audit.api.auditing.open_extract",
        "msds_audit.api.auditing.audit",
        "msds_audit.api.auditing.score",
        "polars.LazyFrame.collect",
        "polars.LazyFrame.collect_schema",
    ],
)
def test_a_failure_inside_the_audit_shows_no_value(
    place, error, run, fixtures, monkeypatch, tmp_path
):
    """Polars puts whole rows into its messages."""

    def broken(*_, **__):
        raise error(f"could not parse `{LINE}` as dtype `i64` at row 7") from ValueError(LINE)

    monkeypatch.setattr(place, broken)
    code, said = run("check", fixtures / "missing-tables", "--out", tmp_path / "report.json")
    assert code in (4, 70)
    assert not [value for value in SAID if value.lower() in said.lower()]
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_fails_half_way_shows_no_value(run, fixtures, monkeypatch):
    """The first time is the header, so that the failure comes in the midst of counting."""
    real, calls = pl.LazyFrame.collect, count()

    def broken(frame, *arguments, **options):
        if next(calls) > 4:
            raise ComputeError(f"found more fields than defined: {LINE}")
        return real(frame, *arguments, **options)

    monkeypatch.setattr(pl.LazyFrame, "collect", broken)
    code, said = run("check", fixtures / "missing-tables")
    assert code in (1, 4, 70)
    assert not [value for value in SAID if value.lower() in said.lower()]


@pytest.mark.parametrize("form", quick_first(FORMATS, BUT_OF_PIPELINES))
def test_a_rule_that_fails_at_run_time_shows_no_value(
    form, run, fixtures, tmp_path, rules, monkeypatch
):
    """A postcode is no date, and Polars says which; rules of a folder may not ask for dates so."""
    broken = replace(rules.records["M001060-code"], passes="DATE(Postcode) > DATE('2020-01-01')")
    judged = replace(rules, records={**rules.records, broken.id: broken})
    monkeypatch.setattr("msds_audit.api.configured_rules", lambda settings: judged)
    extract = tmp_path / "extract"
    extract.mkdir()
    for file in (fixtures / "missing-tables").glob("*.csv"):
        content = re.sub(r",SM[0-9] [0-9][A-Z]{2},", ",ZQX(SM1,", file.read_text(encoding="utf-8"))
        (extract / file.name).write_text(content, encoding="utf-8")
    code, said = run("check", extract, "--format", form)
    assert code == 1
    assert "ZQX" not in said
    if form == "json":
        assert "the check itself failed" in said


@pytest.mark.parametrize("command", ["check", "vodim"])
@pytest.mark.parametrize("name", ["letter 9434765919", "letter 9434765919.csv"])
def test_an_nhs_number_in_a_path_is_not_repeated(name, command, run, tmp_path):
    code, said = run(command, tmp_path / name)
    assert code == 4
    assert "9434765919" not in said


# --- the sample extracts ------------------------------------------------------------------


def identifying(item):
    return (
        item.startswith(("LPID", "Postcode", "PersonBirthDate"))
        or "BirthDate" in item
        or ("NHSNumber" in item and "Status" not in item)
    )


def raw_values(folder):
    """What identifies somebody in the tables below a folder; values too short to tell left out."""
    return {
        text.lower()
        for file in folder.rglob("*.csv")
        for row in rows_of(file)
        for item, text in row.items()
        if identifying(item) and len(text) >= 5
    }


def pieces(text):
    """Every word of a text, and every two that follow each other, as in a postcode."""
    words = re.findall(r"[a-z0-9-]+", text.lower())
    return {*words, *(f"{one} {two}" for one, two in pairwise(words))}


@pytest.fixture(scope="module")
def own_words(rules):
    """What the rules themselves say."""
    return {
        piece
        for declared in [*rules.records.values(), *rules.measures.values()]
        for piece in pieces(f"{declared.title} {declared.why} {declared.fix}")
    }


@pytest.mark.parametrize("form", quick_first(FORMATS, SEEN_MOST))
@pytest.mark.parametrize(
    "extract",
    ["clean", "every-rule-broken", "empty-tables", "missing-tables", "south-west-london"],
)
@pytest.mark.usefixtures("audited_once")
def test_no_sample_shows_who_is_in_it(extract, form, run, fixtures, own_words):
    """Dates that rules themselves name as examples are nobody's."""
    values = raw_values(fixtures / extract)
    assert bool(values) == (extract != "empty-tables")
    assert len(own_words & values) <= 3
    _, said = run("check", fixtures / extract, "--format", form)
    assert sorted(values & pieces(said) - own_words) == []
