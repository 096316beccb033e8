"""Tests of reading Access databases: what comes out, and what is refused."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import sys
import zipfile
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import pytest

from access_files import (
    DEFINITION,
    HEADER,
    MOTHER,
    column,
    damaged,
    mother,
    read,
    refused,
    table,
    values,
    written,
)
from access_writer import DELETED, LINK, ODBC_LINK, PAGE, QUERY, AccessTable, Raw, data_page
from msds_audit.api import check
from msds_audit.cli import main
from msds_audit.readers import open_extract
from msds_audit.readers.access import database
from msds_audit.reports import to_json

TEXT_DATES, REAL_DATES, AS_CSV = "rj7_2026-08.accdb", "rj7_2026-08_typed.mdb", "rj7_2026-08_csv"


# --- one extract, several ways ------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(fixtures):
    return fixtures / "access"


@pytest.fixture(scope="module")
def as_csv(rules, samples):
    [submission] = open_extract([samples / AS_CSV], rules.spec).submissions
    tables = {name: frame.collect().lazy() for name, frame in submission.tables.items()}
    held = replace(submission, stored=tables)
    return held, to_json(check([samples / AS_CSV], rules=rules))


def zipped(file, folder):
    target = folder / "extract.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(file, f"august/{file.name}")
    return target


@pytest.mark.parametrize("way", [TEXT_DATES, REAL_DATES, ".idb", ".MDB", "zip", "folder"])
def test_an_access_file_gives_what_its_csv_gives(way, as_csv, rules, samples, tmp_path):
    path = samples / way
    if way == "zip":
        path = zipped(samples / TEXT_DATES, tmp_path)
    elif not path.exists():
        path = shutil.copy(
            samples / TEXT_DATES, tmp_path / f"copy{way.replace('folder', '.accdb')}"
        )
        path = tmp_path if way == "folder" else path
    expected, _ = as_csv
    [submission] = open_extract([path], rules.spec).submissions
    assert submission.name == expected.name
    assert list(submission.tables) == list(expected.tables)
    for name, frame in submission.tables.items():
        assert frame.collect().equals(expected.tables[name].collect()), name
    assert any(frame.collect().height > 100 for frame in submission.tables.values())


@pytest.mark.parametrize("name", [TEXT_DATES, REAL_DATES])
def test_an_access_file_gives_the_same_bytes_of_json(name, as_csv, rules, samples):
    assert to_json(check([samples / name], rules=rules)) == as_csv[1]


@pytest.mark.parametrize("name", [TEXT_DATES, REAL_DATES])
def test_reading_changes_neither_the_file_nor_its_time_nor_its_folder(
    name, rules, samples, tmp_path
):
    file = tmp_path / name
    shutil.copy(samples / name, file)
    file.chmod(0o400)
    os.utime(file, (1_000_000_000, 1_000_000_000))
    before = (
        hashlib.sha256(file.read_bytes()).digest(),
        file.stat().st_mtime_ns,
        file.stat().st_mode,
    )
    open_extract([file], rules.spec)
    assert [one.name for one in tmp_path.iterdir()] == [name]
    assert before == (
        hashlib.sha256(file.read_bytes()).digest(),
        file.stat().st_mtime_ns,
        file.stat().st_mode,
    )


def held():
    """The handles that this process has on the sample, and what it has mapped of it."""
    handles = [one for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
    mapped = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    return (
        [one.name for one in handles if one.readlink().name == TEXT_DATES],
        [line for line in mapped if line.endswith(TEXT_DATES)],
    )


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_file_is_held_for_reading_alone_unlocked_and_let_go_of(monkeypatch, rules, samples):
    seen = []

    def looking(source, buffer):
        handles, mapped = held()
        seen.extend(Path(f"/proc/self/fdinfo/{one}").read_text("utf-8") for one in handles)
        seen.extend(mapped)
        return checked(source, buffer)

    checked = database._check_header
    monkeypatch.setattr(database, "_check_header", looking)
    open_extract([samples / TEXT_DATES], rules.spec)
    infos = [info for info in seen if "flags:" in info]
    maps = [line for line in seen if line not in infos]
    assert infos
    assert maps
    for info in infos:
        [flags] = [int(line.split()[1], 8) for line in info.splitlines() if "flags:" in line]
        assert flags & os.O_ACCMODE == os.O_RDONLY
        assert "lock:" not in info
    assert all(line.split()[1].startswith("r--") for line in maps)
    assert held() == ([], [])


# --- values -------------------------------------------------------------------------------

GUID = "{12345678-90AB-CDEF-1234-567890ABCDEF}"
NUMBERS = {
    "byte": [(0, "0"), (255, "255"), (None, None)],
    "integer": [(-32_768, "-32768"), (32_767, "32767"), (0, "0"), (None, None)],
    "long": [(-(2**31), "-2147483648"), (2**31 - 1, "2147483647"), (7, "7"), (None, None)],
    "bigint": [(-(2**63), "-9223372036854775808"), (9434765919, "9434765919"), (None, None)],
    "single": [(0.1, "0.1"), (-2.5, "-2.5"), (3.0, "3"), (None, None)],
    "double": [
        *((0.1, "0.1"), (-0.5, "-0.5"), (9434765919.0, "9434765919"), (-0.0, "0"), (None, None)),
        *((3.25, "3.25"), (2.0**53 - 1, "9007199254740991")),
    ],
    "currency": [
        *((1, "1"), ("-12.3456", "-12.3456"), ("0.0001", "0.0001"), ("-0.0001", "-0.0001")),
        *((100, "100"), ("922337203685477.5807", "922337203685477.5807"), (0, "0"), (None, None)),
    ],
    "numeric": [
        *((1, "1"), ("-1234.5", "-1234.5"), ("0.0001", "0.0001"), ("-0.0001", "-0.0001")),
        *((100, "100"), ("123456789012345678901234.5678", "123456789012345678901234.5678")),
        *(("-4294967296", "-4294967296"), ("429496.7296", "429496.7296"), (None, None)),
    ],
    "boolean": [(True, "1"), (False, "0"), (True, "1")],
    "guid": [(GUID, GUID), (GUID.lower(), GUID), (None, None)],
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_come_out_as_they_are_written_by_hand(kind, tmp_path):
    given, expected = zip(*NUMBERS[kind], strict=True)
    assert values(tmp_path / "a.accdb", kind, given) == list(expected)


DATES = [
    (date(2026, 8, 3), "2026-08-03"),
    (datetime(2026, 8, 3, 14, 30, 1), "2026-08-03 14:30:01"),
    (datetime(2026, 8, 3, 23, 59, 59), "2026-08-03 23:59:59"),
    (date(1899, 12, 31), "1899-12-31"),
    (date(1899, 12, 30), "1899-12-30"),
    (date(1899, 12, 29), "1899-12-29"),
    (datetime(1899, 12, 29, 6, 0, 0), "1899-12-29 06:00:00"),
    (datetime(1899, 12, 28, 18, 15, 30), "1899-12-28 18:15:30"),
    (datetime(1800, 2, 28, 23, 59, 59), "1800-02-28 23:59:59"),
    (date(100, 1, 1), "0100-01-01"),
    (datetime(100, 1, 1, 12), "0100-01-01 12:00:00"),
    (date(1582, 10, 4), "1582-10-04"),
    (datetime(9999, 12, 31, 23, 59, 59), "9999-12-31 23:59:59"),
    (date(2024, 2, 29), "2024-02-29"),
    (time(14, 30), "14:30:00"),
    (time(0, 0, 1), "00:00:01"),
    (None, None),
]


def days(number):
    return Raw(struct.pack("<d", number))


ROUNDED = [
    (days(46_237 + 1.499 / 86_400), "2026-08-03 00:00:01"),
    (days(46_237 + 1.501 / 86_400), "2026-08-03 00:00:02"),
    (days(46_237 - 0.4 / 86_400), "2026-08-03"),
    (days(46_237 - 0.6 / 86_400), "2026-08-02 23:59:59"),
    (days(46_237 + 0.1 / 86_400), "2026-08-03"),
    (days(0.75), "18:00:00"),
    (days(-0.75), "18:00:00"),
    (days(-1.75), "1899-12-29 18:00:00"),
    (days(-1 - 86_399.7 / 86_400), "1899-12-30"),
    (days(0.1 + 0.2), "07:12:00"),
]


@pytest.mark.parametrize("given", [DATES, ROUNDED], ids=["by hand", "rounded"])
def test_dates_come_out_as_they_are_written_by_hand(given, tmp_path):
    given, expected = zip(*given, strict=True)
    assert values(tmp_path / "a.accdb", "datetime", given) == list(expected)


def test_nought_is_midnight_in_an_item_of_time_and_a_day_in_one_of_date(tmp_path):
    columns = [("PersonDeathDateMother", "datetime"), ("persondeathtimemother", "datetime")]
    rows = [(date(1899, 12, 30), time(0)), (date(2026, 8, 3), time(23, 59, 59)), (None, None)]
    written(tmp_path / "a.accdb", mother(columns, rows))
    assert column(tmp_path / "a.accdb", columns[0][0]) == ["1899-12-30", "2026-08-03", None]
    assert column(tmp_path / "a.accdb", columns[1][0]) == ["00:00:00", "23:59:59", None]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -657_435.0, 2_958_466.0, 1e300])
def test_a_number_that_is_no_date_of_access_is_refused(number, tmp_path):
    written(tmp_path / "a.accdb", mother([("value", "datetime")], [(days(number),)]))
    assert "a date is none" in refused(tmp_path / "a.accdb")


TEXTS = [
    "plain",
    "Cafés à Zürich",
    "Ã©, bytes that would be UTF-8",
    "Llanfŵr Ŷ ŵ",
    "Zażółć gęślą jaźń",
    "مريم الحسيني",
    "李小龍",
    "baby 👶🏽 and 𝔘𝔫𝔦",
    "two\nlines\r\nand more",
    "quoted \"so\" and 'so'",
    "comma, semicolon; tab\tpipe|",
    " leading and trailing  ",
    "  ",
    "",
    "A",
    "é",
    "NULL",
    "x" * 255,
    "ÿþ begins like a mark",
    None,
]


@pytest.mark.parametrize("kind", ["text", "memo"])
@pytest.mark.parametrize("squeeze", [True, False])
def test_text_comes_out_unchanged(squeeze, kind, tmp_path):
    assert values(tmp_path / "a.accdb", kind, TEXTS, squeeze=squeeze) == TEXTS


def test_text_without_any_switch_between_widths_is_read_alone_too(tmp_path):
    for text in filter(None, TEXTS):
        assert values(tmp_path / "a.accdb", "text", [text]) == [text]


SQUEEZED_BY_HAND = [
    (b"\xff\xfe", ""),
    (b"\xff\xfeabc", "abc"),
    (b"\xff\xfecaf\xe9", "café"),
    (b"\xff\xfe\xc3\xa9", "Ã©"),
    (b"\xff\xfe\x80\x9f", "\x80\x9f"),
    (b"\xff\xfeab\0\x75\x01\x77\x01", "abŵŷ"),
    (b"\xff\xfeab\0\x75\x01\0cd", "abŵcd"),
    (b"\xff\xfe\0\x75\x01\x77\x01\0 x\0\x44\x06", "ŵŷ xل"),
    (b"\xff\xfex\0" + "👶".encode("utf-16-le") + b"\0y", "x👶y"),
    (b"\xff\xfeab\0\0cd", "abcd"),
    (b"\xff\xfeab\0", "ab"),
]


@pytest.mark.parametrize("kind", ["text", "memo"])
def test_squeezed_text_may_change_to_utf_16_and_back(kind, tmp_path):
    given, expected = zip(*SQUEEZED_BY_HAND, strict=True)
    mark = struct.Struct("<III")
    if kind == "memo":
        given = [mark.pack(len(one) | 0x80000000, 0, 0) + one for one in given]
    assert values(tmp_path / "a.accdb", kind, map(Raw, given)) == list(expected)


def test_text_that_ends_within_a_letter_does_not_disturb_the_others(tmp_path):
    given = ["before", Raw(b"a\0b"), "between", Raw(b"c\0d"), "behind", Raw(b"\0\0")]
    found = values(tmp_path / "a.accdb", "text", given, squeeze=False)
    assert found == ["before", "a\ufffd", "between", "c\ufffd", "behind", "\0"]


def test_memos_are_read_from_the_row_from_one_page_and_from_a_chain(tmp_path):
    given = ["", "short", "ŵ" * 32, "x" * 33, "m" * 2_999, "ŵ" * 1_500, "n" * 3_001, "ŵ" * 20_000]
    given += ["o" * 70_000, None]
    for squeeze in (True, False):
        assert values(tmp_path / "a.accdb", "memo", given, squeeze=squeeze) == given


def test_text_of_fixed_length_keeps_the_blanks_it_is_filled_with(tmp_path):
    found = values(tmp_path / "a.accdb", "fixed text", ["SM1 6EM", None, "ŵ"])
    assert found == ["SM1 6EM     ", None, "ŵ           "]


# --- rows ---------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 254, 255, 256, 3_000])
def test_every_row_is_read_in_order(count, tmp_path):
    written(tmp_path / "a.accdb", mother([("n", "long")], [(n,) for n in range(count)]))
    assert column(tmp_path / "a.accdb", "n") == [str(n) for n in range(count)]
    assert column(tmp_path / "a.accdb", "LPIDMother") == [f"L{n}" for n in range(count)]


def test_a_table_on_more_pages_than_one_map_shows_is_read_whole(tmp_path):
    rows = [(n, "x" * 250) for n in range(9_000)]
    file = written(
        tmp_path / "a.accdb", mother([("n", "long"), ("t", "text")], rows, squeeze=False)
    )
    assert file.stat().st_size > 600 * PAGE
    assert column(file, "n") == [str(n) for n in range(9_000)]


def test_pages_of_another_table_stay_out_whatever_the_map_says(tmp_path):
    other = AccessTable("MSD002GP", [("n", "long"), ("LPIDMother", "text")], [(2, "other")])
    file = damaged(mother([("n", "long")], [(1,)]), other)
    pointer = file.get(DEFINITION, 55, "I")
    at = file.record(pointer >> 8, pointer & 0xFF)
    file.put(pointer >> 8, at + 5, "Q", 2**64 - 1 >> 64 - (len(file) - 4))
    assert column(file.write(tmp_path / "a.accdb"), "n") == ["1"]


@pytest.mark.slow
def test_a_table_beyond_the_first_map_page_is_read(tmp_path):
    """A map page shows 32,736 pages; this table has its rows behind them."""
    file = damaged(mother([("n", "long")], [(1,)]))
    [page] = file.pages(DEFINITION)
    rows = bytes(file.content[page * PAGE : (page + 1) * PAGE])
    bitmap = file.add_page(b"\5\1\0\0\0\1")  # bit 8 of the second map page
    usage = file.add_page(data_page([b"\1" + struct.pack("<2I", 0, bitmap)], bytes(4)))
    file.content += bytes((32_736 + 8 - len(file)) * PAGE)
    assert file.add_page(rows) == 32_744
    file.put(DEFINITION, 55, "I", usage << 8).write(tmp_path / "a.accdb")
    assert column(tmp_path / "a.accdb", "n") == ["1"]


def test_deleted_rows_stay_out(tmp_path):
    rows = [(n,) for n in range(500)]
    written(tmp_path / "a.accdb", mother([("n", "long")], rows, deleted=range(0, 500, 3)))
    assert column(tmp_path / "a.accdb", "n") == [str(n) for n in range(500) if n % 3]


def test_a_moved_row_that_nothing_points_to_any_more_stays_out(tmp_path):
    """The row was deleted where it had been; where it had moved to it bears one mark alone."""
    file = damaged(mother([("n", "long")], [(n,) for n in range(3)], claims=2))
    [page] = file.pages(DEFINITION)
    file.put(page, 16, "H", file.get(page, 16, "H") | DELETED)
    assert column(file.write(tmp_path / "a.accdb"), "n") == ["0", "2"]


def test_rows_that_have_moved_to_another_page_are_read_once_and_in_their_place(tmp_path):
    rows = [(n,) for n in range(500)]
    written(
        tmp_path / "a.accdb",
        mother([("n", "long")], rows, moved=range(0, 500, 7), deleted=(8, 9)),
    )
    expected = [str(n) for n in range(500) if n not in (8, 9)]
    assert column(tmp_path / "a.accdb", "n") == expected


def test_columns_that_were_deleted_leave_the_others_in_their_place(tmp_path):
    columns = [("a", "long"), ("b", "text"), ("c", "long"), ("d", "text"), ("e", "boolean")]
    rows = [(1, "one", 2, "two", True), (3, None, None, "four", False), (None,) * 4 + (True,)]
    written(tmp_path / "a.accdb", mother(columns, rows, dropped=("a", "b")))
    found = table(tmp_path / "a.accdb")
    assert found.columns == ["c", "d", "e", "LPIDMother"]
    assert found.rows() == [
        ("2", "two", "1", "L0"),
        (None, "four", "0", "L1"),
        (None, None, "1", "L2"),
    ]


def test_rows_from_before_columns_were_added_are_blank_there(tmp_path):
    columns = [
        ("LPIDMother", "text"),
        ("a", "text"),
        ("b", "long"),
        ("c", "text"),
        ("d", "boolean"),
    ]
    rows = [("L0", None, 9, "v", True), ("L1",), ("L2", "y", 7), ("L3",), ("L4", "z", 8, "w")]
    rows += [("L5", "x"), ("L6", None, None, None, False)]
    written(tmp_path / "a.accdb", AccessTable(MOTHER, columns, rows))
    assert table(tmp_path / "a.accdb").rows() == [
        ("L0", None, "9", "v", "1"),
        ("L1", None, None, None, "0"),
        ("L2", "y", "7", None, "0"),
        ("L3", None, None, None, "0"),
        ("L4", "z", "8", "w", "0"),
        ("L5", "x", None, None, "0"),
        ("L6", None, None, None, "0"),
    ]


@pytest.mark.parametrize("added", [3, 20])
def test_what_the_mask_of_an_older_row_says_of_columns_it_has_not_is_not_believed(added, tmp_path):
    columns = [("LPIDMother", "text"), *((f"n{n}", "long") for n in range(added))]
    file = damaged(AccessTable(MOTHER, [*columns, ("b", "boolean")], [("L0",)]))
    file.put(file.pages(DEFINITION)[0], PAGE - 1, "B", 0xFF).write(tmp_path / "a.accdb")
    assert table(tmp_path / "a.accdb").rows() == [("L0", *[None] * added, "0")]


def test_rows_from_before_there_was_any_text_are_read(tmp_path):
    """Such rows do not tell how many values of variable length they have, as Access writes them."""
    columns = [("a", "long"), ("b", "integer"), ("LPIDMother", "text")]
    rows = [(1, 2), (65_536 * 3 + 5, 0), (4, None), (5, 6, "L3")]
    written(tmp_path / "a.accdb", AccessTable(MOTHER, columns, rows))
    assert table(tmp_path / "a.accdb").rows() == [
        ("1", "2", None),
        ("196613", "0", None),
        ("4", None, None),
        ("5", "6", "L3"),
    ]


def test_a_table_without_any_text_is_read(tmp_path):
    written(
        tmp_path / "a.accdb",
        AccessTable(MOTHER, [("LPIDMother", "long"), ("b", "boolean")], [(1, True), (None, False)]),
    )
    assert table(tmp_path / "a.accdb").rows() == [("1", "1"), (None, "0")]


def test_a_table_that_has_more_rows_than_it_counts_is_read_whole(tmp_path):
    """Access itself does not keep the count right: one of its files in the wild is one short."""
    written(tmp_path / "a.accdb", mother([("n", "long")], [(1,), (2,), (3,)], claims=2))
    assert column(tmp_path / "a.accdb", "n") == ["1", "2", "3"]


@pytest.mark.parametrize("name_length", [1, 60])
def test_a_definition_may_go_on_over_several_pages(name_length, tmp_path):
    names = [f"{n:03d}".ljust(name_length, "x") for n in range(254)]
    short = [name[:3] for name in names]
    written(tmp_path / "a.accdb", mother([(name, "text") for name in names], [tuple(short)]))
    found = table(tmp_path / "a.accdb")
    assert found.columns == [*names, "LPIDMother"]
    assert found.row(0) == (*short, "L0")


# --- tables and columns -------------------------------------------------------------------


def noticed(path, rules):
    [submission] = open_extract([path], rules.spec).submissions
    return " ".join(submission.notices)


def test_columns_that_hold_no_text_are_set_aside_and_told(rules, tmp_path):
    columns = [("Scan", "ole"), ("Key", "binary"), ("Several", "list"), ("Sum", "calculated")]
    columns += [("Exact", "exact time"), ("Postcode", "text")]
    exact = Raw(bytes(42))
    rows = [(b"picture", b"\1\2", 5, Raw(b"x" * 30), exact, "SM1 6EM"), (None,) * 6]
    written(tmp_path / "a.accdb", HEADER, mother(columns, rows))
    found = table(tmp_path / "a.accdb")
    assert found.columns == ["Postcode", "LPIDMother"]
    assert found.rows() == [("SM1 6EM", "L0"), (None, "L1")]
    notices = noticed(tmp_path / "a.accdb", rules)
    for name, _ in columns[:5]:
        assert name in notices


def test_a_column_that_holds_no_text_does_not_stand_in_for_one_of_its_name_that_does(tmp_path):
    columns = [("Postcode", "text"), ("Postcode", "ole")]
    written(tmp_path / "a.accdb", mother(columns, [("SM1 6EM", b"picture")]))
    assert table(tmp_path / "a.accdb").row(0) == ("SM1 6EM", "L0")


def test_columns_that_are_no_items_are_set_aside_and_told(rules, tmp_path):
    columns = [("Ward_Notes", "text"), ("9434765919", "text"), ("postcode", "text")]
    written(tmp_path / "a.accdb", HEADER, mother(columns, [("n", "m", "SM1 6EM")]))
    [submission] = open_extract([tmp_path / "a.accdb"], rules.spec).submissions
    assert submission.tables[MOTHER].collect()["Postcode"].to_list() == ["SM1 6EM"]
    notices = " ".join(submission.notices)
    assert "Ward_Notes" in notices
    assert "9434765919" not in notices


@pytest.mark.parametrize("name", ["*", "^.*$", "^Postcode$", ".at", ".begin 0", "", "row", "count"])
def test_a_column_with_a_name_that_means_something_to_a_program_is_only_a_column(name, tmp_path):
    written(
        tmp_path / "a.accdb", mother([(name, "text"), ("Postcode", "text")], [("a", "SM1 6EM")])
    )
    found = table(tmp_path / "a.accdb")
    assert found.columns == [name, "Postcode", "LPIDMother"]
    assert found.rows() == [("a", "SM1 6EM", "L0")]


def test_other_tables_are_told_by_name_and_queries_are_not(rules, tmp_path):
    other = AccessTable("Lookups", [("a", "long")], [(1,)])
    number = AccessTable("Notes 9434765919", [("a", "long")], [(1,)])
    query = AccessTable("Monthly figures", (), (), kind=QUERY)
    written(tmp_path / "a.accdb", HEADER, mother([], [()]), other, number, query)
    notices = noticed(tmp_path / "a.accdb", rules)
    assert "Lookups in a.accdb" in notices
    assert "Notes" in notices
    assert "9434765919" not in notices
    assert "Monthly" not in notices


@pytest.mark.parametrize("name", ["MSD001", "msd001motherdemog", " MSD001MotherDemog "])
def test_a_table_goes_by_its_short_name_and_in_any_case(name, tmp_path):
    written(tmp_path / "a.accdb", AccessTable(name, [("LPIDMother", "text")], [("A",)]))
    assert column(tmp_path / "a.accdb", "LPIDMother") == ["A"]


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ([AccessTable("MSD001", (), (), kind=LINK)], "link"),
        ([AccessTable(MOTHER, (), (), kind=ODBC_LINK)], "link"),
        ([AccessTable("MSD001", (), (), kind=QUERY)], "query"),
        ([mother([], [()]), AccessTable("MSD001", [("LPIDMother", "text")], [])], "twice"),
        ([mother([], [()]), AccessTable("MSD001", (), (), kind=LINK)], "link"),
        ([AccessTable(MOTHER, [("Surname", "text")], [])], "none of the headings"),
        ([mother([("lpidMOTHER", "text")], [("a",)])], "twice"),
        ([AccessTable(MOTHER, [("LPIDMother", "ole")], [])], "none of the headings"),
    ],
)
def test_a_table_that_cannot_be_had_is_refused(others, said, tmp_path):
    sentence = refused(written(tmp_path / "a.accdb", HEADER, *others))
    assert MOTHER in sentence
    assert said in sentence


def test_a_query_beside_the_table_it_is_named_after_is_passed_over(tmp_path):
    query = AccessTable("MSD001", (), (), kind=QUERY)
    written(tmp_path / "a.accdb", query, mother([], [()]))
    assert column(tmp_path / "a.accdb", "LPIDMother") == ["L0"]


# --- refusals, through the command line ---------------------------------------------------

MARKERS = ["ZQX00017", "9434765919", "Zqxlyn Quuxley", "ZQ17 4XX", "1901-05-06"]
"""Distinctive made-up values: none may come out, whatever happens."""


@pytest.fixture
def outcome(monkeypatch, capsys):
    """The exit code of the command and all that it printed."""

    def running(path):
        monkeypatch.setattr(
            sys,
            "argv",
            ["msds-audit", "check", str(path), "--provider", "RJ7", "--period", "2026-08"],
        )
        with pytest.raises(SystemExit) as caught:
            main()
        said = capsys.readouterr()
        return int(caught.value.code or 0), said.out, said.err

    return running


def with_markers():
    columns = [(f"c{n}", "text") for n in range(4)] + [("m", "memo"), ("Postcode", "text")]
    rows = [(*MARKERS, f"{MARKERS[2]} {n}") for n in range(200)]
    return damaged(HEADER, mother(columns, rows))


def cut(content):
    """Cut short in the rows of the mother table, at the end of a page."""
    content.content = content.content[: content.pages(7)[2] * PAGE]
    return content


def without_end(content):
    content.content = content.content[:-100]
    return content


def a_row_missing(content):
    """The definition counts a row that no page has."""
    return content.put(7, 16, "I", 201)


def a_row_beyond(content):
    return content.put(content.pages(7)[0], 14, "H", 5)


def without_catalogue(content):
    return content.put_page(2, b"\1")


def a_value_beyond(content):
    """Where the first value of the first row begins, in front of their number and the mask."""
    return content.put(content.pages(7)[0], PAGE - 1 - 2 - 2, "H", 0x7FFF)


def encrypted(content):
    return content.put(0, 0x3E, "I", 0x12345678)


WRONG = {
    "Access 97": (lambda content: content.put(0, 0x14, "B", 0), "Access 97"),
    "later": (lambda content: content.put(0, 0x14, "B", 7), "later Access"),
    "encrypted": (encrypted, "encrypted"),
    "cut in a page": (without_end, "ends within a page"),
    "cut at a page": (cut, "damaged or not whole"),
    "a row missing": (a_row_missing, "201 rows has only 200"),
    "a row beyond": (a_row_beyond, "overlap"),
    "a value beyond": (a_value_beyond, "damaged or not whole"),
    "no catalogue": (without_catalogue, "defines no table"),
}


def test_the_markers_can_be_read_where_nothing_is_wrong(tmp_path):
    """Otherwise the tests below would prove nothing."""
    found = table(with_markers().write(tmp_path / "a.accdb"))
    assert found.height == 200
    assert set(MARKERS) == set(found.row(0)[:5])


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("ending", ["accdb", "zip"])
def test_a_file_that_cannot_be_read_ends_with_code_4_and_says_why(what, ending, outcome, tmp_path):
    damage, said = WRONG[what]
    path = damage(with_markers()).write(tmp_path / "a.accdb")
    if ending == "zip":
        path = zipped(path, tmp_path)
        path.with_name("a.accdb").unlink()
    code, out, err = outcome(path)
    assert (code, out) == (4, "")
    assert said in err
    assert "a.accdb" in err
    assert "Traceback" not in err
    assert not any(marker in err for marker in MARKERS)
    assert len(err.strip().splitlines()) <= 3


NOT_ACCESS = {
    "empty": b"",
    "three bytes": b"\0\1\0",
    "text": b"LPIDMother,Postcode\nZQX00017,ZQ17 4XX\n" * 400,
    "zip": b"PK\3\4" + bytes(8_192),
    "zeros": bytes(16_384),
    "only the beginning": b"\0\1\0\0Standard ACE DB\0",
    "of Money": b"\0\1\0\0MSISAM Database\0" + bytes(16_384),
}


@pytest.mark.parametrize("what", NOT_ACCESS)
@pytest.mark.parametrize("ending", ["accdb", "mdb", "idb"])
def test_what_is_no_access_file_is_refused_whatever_its_name_ends_in(
    what, ending, outcome, tmp_path
):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(NOT_ACCESS[what])
    code, out, err = outcome(path)
    assert (code, out) == (4, "")
    assert f"a.{ending}" in err
    assert "Traceback" not in err
    assert not any(marker in err for marker in MARKERS)


def test_a_file_without_a_table_of_the_data_set_is_refused(outcome, tmp_path):
    written(tmp_path / "a.accdb", AccessTable("Lookups", [("a", "long")], [(1,)]))
    assert not read(tmp_path / "a.accdb").tables
    code, _, err = outcome(tmp_path / "a.accdb")
    assert code == 4
    assert "no table" in err


@pytest.mark.parametrize("version", range(1, 7))
@pytest.mark.parametrize("ace", [True, False])
def test_every_version_from_access_2000_is_read(version, ace, tmp_path):
    file = written(tmp_path / "a.accdb", mother([], [()]), ace=ace)
    content = bytearray(file.read_bytes())
    content[0x14] = version
    file.write_bytes(content)
    assert column(file, "LPIDMother") == ["L0"]


@pytest.mark.parametrize("name", ["MSD001MotherDemog1", "Copy of MSD001MotherDemog", "MSD101_old"])
def test_part_of_a_table_is_not_passed_over(name, tmp_path):
    other = AccessTable(name, [("LPIDMother", "text")], [("A",)])
    path = written(tmp_path / "RJ7.accdb", HEADER, mother([], [()]), other)
    assert f"{name} in RJ7.accdb is named like a table" in refused(path)


def test_what_access_keeps_of_the_errors_of_an_import_is_told(tmp_path):
    other = AccessTable("MSD001MotherDemog_ImportErrors", [("Error", "text")], [("A",)])
    path = written(tmp_path / "RJ7.accdb", HEADER, mother([], [()]), other)
    assert read(path).others == ["MSD001MotherDemog_ImportErrors in RJ7.accdb"]


def test_codes_kept_as_numbers_are_told(tmp_path):
    path = written(tmp_path / "a.accdb", mother([("NHSNumberStatusMother", "integer")], [(1,)]))
    assert read(path).tables[MOTHER].notices == [
        "MSD001MotherDemog: 1 column is a number, not text; leading zeros may be gone."
    ]
