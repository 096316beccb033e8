"""Tests that an Access file made or damaged to do harm is refused, soon and in little memory."""

from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access_files import DEFINITION, HEADER, MOTHER, Damaged, damaged, mother, read
from access_writer import ELSEWHERE, PAGE, AccessTable, Raw, data_page
from msds_audit.errors import ExtractError
from support import FIXTURES, packaged

SECONDS = 5
MEGABYTE = 1 << 20
OWNER = struct.pack("<I", DEFINITION)


def usual(rows=20):
    columns = [("n", "long"), ("t", "text"), ("m", "memo")]
    return damaged(mother(columns, [(n, f"text {n}", "memo " * 30) for n in range(rows)]))


def usage_map(file):
    """The page, and where on it, of the map of the pages of the table."""
    pointer = file.get(DEFINITION, 55, "I")
    return pointer >> 8, file.record(pointer >> 8, pointer & 0xFF)


def with_usage_map(file, record):
    page = file.add_page(data_page([record], b"\0\0\0\0"))
    return file.put(DEFINITION, 55, "I", page << 8)


def map_beyond_the_end():
    file = usual()
    page, at = usage_map(file)
    return file.put(page, at + 1, "I", 500_000)


def map_of_two_gigabytes():
    file = usual()
    bitmap = file.add_page(b"\5\1\0\0" + b"\xff" * (PAGE - 4))
    return with_usage_map(file, b"\1" + struct.pack("<17I", *[bitmap] * 17))


def map_of_a_hundred_gigabytes():
    file = usual()
    bitmap = file.add_page(b"\5\1\0\0" + b"\xff" * (PAGE - 4))
    return with_usage_map(file, b"\1" + struct.pack("<1000I", *[bitmap] * 1_000))


def map_of_no_kind():
    return with_usage_map(usual(), b"\7" + bytes(64))


def empty_map():
    return with_usage_map(usual(), b"")


def map_of_itself():
    file = usual()
    page, _ = usage_map(file)
    return with_usage_map(file, b"\1" + struct.pack("<I", page))


def definition_that_goes_round():
    return usual().put(DEFINITION, 4, "I", DEFINITION)


def definition_on_very_many_pages():
    file = usual()
    first = len(file)
    for number in range(2_000):
        file.add_page(b"\2\1\0\0" + struct.pack("<I", first + number + 1))
    return file.put(len(file) - 1, 4, "I", 0).put(DEFINITION, 4, "I", first)


def long_value_that_goes_round():
    file = damaged(mother([("m", "memo")], [("x" * 9_000,)], squeeze=False))
    page = file.pages(b"LVAL")[-1]
    return file.put(page, file.record(page, 0), "I", page << 8)


def long_values_in_one_place():
    file = damaged(mother([("m", "memo")], [("x" * 2_000,), ("y" * 2_000,)]))
    [page] = file.pages(DEFINITION)
    for slot in range(2):
        file.put(page, file.record(page, slot) + 2 + 4, "I", file.pages(b"LVAL")[0] << 8)
    return file


def long_value_longer_than_it_is():
    value = struct.pack("<III", 0x3FFFFFFF | 0x80000000, 0, 0) + b"x" * 50
    return damaged(mother([("m", "memo")], [(Raw(value),)]))


def long_value_without_a_beginning():
    return damaged(mother([("m", "memo")], [(Raw(b"x" * 11),)]))


def long_values_that_overlap():
    """255 pieces, each the whole page but for its slots: every second slot says it is empty."""
    values = [(Raw(struct.pack("<III", 3_000 | 0x40000000, 0, 0)),)] * 127
    file = damaged(mother([("m", "memo")], values))
    page = bytearray(PAGE)
    page[:2], page[4:8] = b"\1\1", b"LVAL"
    struct.pack_into("<H", page, 12, 256)
    struct.pack_into("<256H", page, 14, *[PAGE, 600] * 128)
    for pointer in range(1, 255, 2):
        [rows] = file.pages(DEFINITION)
        at = file.record(rows, pointer // 2) + 2 + 4
        file.put(rows, at, "I", len(file) << 8 | pointer)
    file.add_page(bytes(page))
    return file


def rows_that_all_point_to_one():
    file = usual()
    target = file.add_page(data_page([b"x" * 100], OWNER))
    pointers = [struct.pack("<I", target << 8)] * 200
    return file.put_page(file.pages(DEFINITION)[0], data_page(pointers, OWNER, [ELSEWHERE] * 200))


def row_that_points_to_itself():
    file = usual()
    page = file.pages(DEFINITION)[0]
    pointer = struct.pack("<I", page << 8)
    return file.put_page(page, data_page([pointer], OWNER, [ELSEWHERE]))


def row_that_points_nowhere():
    file = usual()
    page = file.pages(DEFINITION)[0]
    return file.put_page(page, data_page([b"\1"], OWNER, [ELSEWHERE]))


def page_of_65535_records():
    file = usual()
    return file.put(file.pages(DEFINITION)[0], 12, "H", 0xFFFF)


def rows_that_overlap():
    file = usual()
    page = file.pages(DEFINITION)[0]
    return file.put(page, 16, "H", file.record(page, 0) + 5)


def rows_over_their_own_slots():
    file = usual()
    page = file.pages(DEFINITION)[0]
    return file.put(page, 14 + 2 * 19, "H", 20)


def row_of_nothing():
    file = usual()
    return file.put_page(file.pages(DEFINITION)[0], data_page([b""] * 20, OWNER))


def row_of_one_byte():
    file = usual()
    return file.put_page(file.pages(DEFINITION)[0], data_page([b"\4"] * 20, OWNER))


def row_of_65535_columns():
    file = usual()
    page = file.pages(DEFINITION)[0]
    return file.put(page, file.record(page, 0), "H", 0xFFFF)


def row_of_30000_columns():
    file = usual()
    row = struct.pack("<H", 30_000) + bytes(4_000)
    return file.put_page(file.pages(DEFINITION)[0], data_page([row], OWNER))


def values_out_of_order():
    """The second of the three values of variable length begins behind the third."""
    file = usual()
    page = file.pages(DEFINITION)[0]
    return file.put(page, PAGE - 1 - 2 - 2 * 2, "H", PAGE - 1)


def values_more_than_columns():
    file = usual()
    return file.put(file.pages(DEFINITION)[0], PAGE - 1 - 2, "H", 0x7FFF)


def values_fewer_than_the_row_has():
    """The row says it has two values of variable length, and its mask that the third is there."""
    file = usual()
    return file.put(file.pages(DEFINITION)[0], PAGE - 1 - 2, "H", 2)


def definition_of_65535_columns():
    return usual().put(DEFINITION, 45, "H", 0xFFFF)


def definition_of_256_columns():
    return usual().put(DEFINITION, 45, "H", 256)


def definition_of_very_many_indexes():
    return usual().put(DEFINITION, 51, "I", 0xFFFFFFFF)


def name_that_is_no_text():
    return usual().put(DEFINITION, 63 + 25 * 4 + 2, "H", 0xD800)


def name_without_end():
    return usual().put(DEFINITION, 63 + 25 * 4, "H", 0xFFFE)


def column_of_no_kind():
    return usual().put(DEFINITION, 63, "B", 99)


def columns_with_one_number():
    return usual().put(DEFINITION, 63 + 5, "H", 1)


def column_with_a_number_too_high():
    return usual().put(DEFINITION, 63 + 5, "H", 200)


def columns_in_one_place():
    return usual().put(DEFINITION, 63 + 25 + 7, "H", 1)


def number_of_another_length():
    """A long is declared a double: it would reach into the text."""
    return usual().put(DEFINITION, 63, "B", 7)


def number_of_variable_length():
    file = usual()
    return file.put(DEFINITION, 63 + 25, "B", 4)


def catalogue_of_text():
    return usual().put(2, 63, "B", 10)


def catalogue_without_names():
    return usual().put(2, 63 + 50, "B", 12)


def catalogue_that_points_to_itself():
    file = usual()
    [page] = file.pages(2)
    return file.put(page, file.record(page, 0) + 2, "I", 2)


def catalogue_that_points_nowhere():
    file = usual()
    [page] = file.pages(2)
    return file.put(page, file.record(page, 0) + 2, "I", 0x00FFFFFF)


def nothing_but_a_beginning():
    file = usual()
    file.content = file.content[:PAGE] + random.Random(1).randbytes(200 * PAGE)
    return file


def pages_of_noise_that_look_like_a_definition():
    file = usual()
    chance = random.Random(2)
    for page in range(2, len(file)):
        file.put_page(page, b"\2\1\0\0" + bytes(4) + chance.randbytes(PAGE - 8))
    return file


HOSTILE = [
    *(map_beyond_the_end, map_of_two_gigabytes, map_of_a_hundred_gigabytes, map_of_no_kind),
    *(empty_map, map_of_itself, definition_that_goes_round, definition_on_very_many_pages),
    *(long_value_that_goes_round, long_values_in_one_place, long_value_longer_than_it_is),
    *(long_value_without_a_beginning, long_values_that_overlap, rows_that_all_point_to_one),
    *(row_that_points_to_itself, row_that_points_nowhere, page_of_65535_records),
    *(rows_that_overlap, rows_over_their_own_slots, row_of_nothing, row_of_one_byte),
    *(row_of_65535_columns, row_of_30000_columns, values_out_of_order, values_more_than_columns),
    *(values_fewer_than_the_row_has, definition_of_65535_columns, definition_of_256_columns),
    *(definition_of_very_many_indexes, name_that_is_no_text, name_without_end, column_of_no_kind),
    *(columns_with_one_number, column_with_a_number_too_high, columns_in_one_place),
    *(number_of_another_length, number_of_variable_length, catalogue_of_text),
    *(catalogue_without_names, catalogue_that_points_to_itself, catalogue_that_points_nowhere),
    *(nothing_but_a_beginning, pages_of_noise_that_look_like_a_definition),
]


def tried(path, spec=None):
    """Whether a file is read or refused, and how long that took; anything else is raised."""
    start = time.perf_counter()
    try:
        for text in read(path, spec).tables.values():
            text.frame.collect()
        outcome = "read"
    except ExtractError as error:
        outcome = error.sentence
    return outcome, time.perf_counter() - start


def test_the_file_that_is_damaged_below_is_read_while_it_is_whole(tmp_path):
    assert tried(usual().write(tmp_path / "a.accdb"))[0] == "read"


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda one: one.__name__)
def test_a_file_that_contradicts_itself_is_refused_soon(hostile, tmp_path):
    outcome, seconds = tried(hostile().write(tmp_path / "a.accdb"))
    if hostile is not catalogue_that_points_to_itself:  # it reads the catalogue as the table
        assert outcome.startswith("a.accdb is damaged or not whole: ")
    assert outcome.count(".") == 2  # of the name, and of the sentence
    assert seconds < SECONDS


# --- memory -------------------------------------------------------------------------------

PROBE = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from access_files import kilobytes, read
from msds_audit.errors import ExtractError

def reading(path):
    try:
        tables = read(Path(path)).tables
        return "read"
    except ExtractError as error:
        return error.sentence

reading(sys.argv[2])
before, start = kilobytes("VmRSS"), time.perf_counter()
outcome = reading(sys.argv[3])
print(json.dumps([outcome, kilobytes("VmHWM") - before, time.perf_counter() - start]))
"""
"""Reads a small file, then another; prints what became of it, by how many kilobytes the peak of
memory rose, and the seconds. The peak is that of Linux for this program alone."""


def probed(path, folder):
    if sys.platform != "linux":
        pytest.skip("MEMORY NOT MEASURED: only Linux says how much a program has used")
    small = usual().write(folder / "small.accdb")
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(Path(__file__).parent), str(small), str(path)],
        capture_output=True,
        check=True,
        env={**os.environ, "POLARS_MAX_THREADS": "2"},
    )
    outcome, kilobytes, seconds = json.loads(done.stdout)
    return outcome, kilobytes / 1024, seconds


def many_pages(count, page):
    """A table of very many pages that are all alike, in a map by reference."""
    file = usual()
    file.put(DEFINITION, 16, "I", 0)
    first = len(file)
    bits = bytearray(PAGE - 4)
    for number in range(first + 1, first + 1 + count * len(page) // PAGE):
        bits[number // 8] |= 1 << number % 8
    bitmap = file.add_page(b"\5\1\0\0" + bytes(bits))
    file.content += page * count
    return with_usage_map(file, b"\1" + struct.pack("<I", bitmap))


def pages_of_deleted_nothing():
    page = bytearray(data_page([b""] * 2_000, OWNER, [0xC000] * 2_000))
    return many_pages(10_000, bytes(page))


def pages_of_256_deleted():
    return many_pages(10_000, data_page([b""] * 256, OWNER, [0xC000] * 256))


def pages_of_rows_written_in_250_ways():
    """Sound rows, but hardly two together that were written with as many columns."""

    def row(count):
        values = struct.pack("<HIHH", count, 0, 6, 0) if count > 1 else struct.pack("<HI", 1, 0)
        return values + bytes((count + 7) // 8)

    ways = (range(1, 101), range(101, 176), range(176, 251))
    pages = [data_page([row(n) for n in some], OWNER) for some in ways]
    return many_pages(700, b"".join(pages))


def chained_long_values():
    """Every row claims a value of a gigabyte, in a chain over all pages of long values."""
    value = struct.pack("<III", 0x3FFFFFFF, 0, 0)
    file = damaged(mother([("m", "memo")], [(Raw(value),)] * 200))
    first = len(file)
    for number in range(5_000):
        following = (first + number + 1) << 8
        file.add_page(data_page([struct.pack("<I", following) + b"x" * 4_000], b"LVAL"))
    for page in file.pages(DEFINITION):
        for slot in range(file.get(page, 12, "H")):
            file.put(page, file.record(page, slot) + 2 + 4, "I", first << 8)
    return file


@pytest.mark.parametrize(
    "hostile",
    [
        *(map_of_two_gigabytes, map_of_a_hundred_gigabytes, long_values_that_overlap),
        *(pages_of_deleted_nothing, pages_of_256_deleted, pages_of_rows_written_in_250_ways),
        *(chained_long_values, definition_on_very_many_pages),
    ],
    ids=lambda one: one.__name__,
)
@pytest.mark.slow
def test_a_file_that_would_fill_memory_does_not(hostile, figure, tmp_path):
    file = hostile().write(tmp_path / "a.accdb")
    size = file.stat().st_size / MEGABYTE
    outcome, megabytes, seconds = probed(file, tmp_path)
    figure(
        f"{hostile.__name__}: {size:,.0f} MB; {megabytes:,.0f} MB more, {seconds:.2f} s; {outcome}"
    )
    assert seconds < SECONDS
    assert megabytes < 2 * size + 250
    if hostile not in (pages_of_256_deleted, pages_of_rows_written_in_250_ways):
        assert "damaged or not whole" in outcome


# --- whatever happens to a file -----------------------------------------------------------


@cache
def bases():
    """Small files to be damaged, and the specification that reads little of each."""
    spec = packaged().spec
    few = replace(spec, tables={name: spec.tables[name] for name in (HEADER.name, MOTHER)})
    kinds = ["text", "memo", "long", "datetime", "numeric", "currency", "boolean", "guid", "double"]
    value = {"guid": "12345678-90AB-CDEF-1234-567890ABCDEF", "text": "Zoë ŵ", "memo": "m" * 200}
    rows = [tuple(value.get(kind, n % 7) for kind in kinds) for n in range(12)]
    rows = [
        tuple(
            Raw(struct.pack("<d", 46_237.5)) if kind == "datetime" else one
            for kind, one in zip(kinds, row, strict=True)
        )
        for row in rows
    ]
    every = mother([(kind, kind) for kind in kinds], rows, moved=(3,), deleted=(5,))
    long = mother([("m", "memo"), ("t", "text")], [("n" * 9_000, "plain"), ("short", None)])
    older = AccessTable(MOTHER, [("LPIDMother", "text"), ("b", "text")], [("A",), ("B", "C")])
    fixtures = [FIXTURES / "access" / f"rj7_2026-08{end}" for end in (".accdb", "_typed.mdb")]
    return few, [
        *(bytes(damaged(HEADER, one).content) for one in (every, long, older)),
        *(file.read_bytes() for file in fixtures),
    ]


NUMBERS = (0, 1, 2, 13, 14, 0xFF, 0x100, 0xFFE, 0xFFF, 0x1000, 0x1FFF, 0x4000, 0x8000, 0xFFFF)
"""Numbers that mean something at one place or another."""


def mutated(chance):
    """A base with a few things wrong, and a word for each of them."""
    _, files = bases()
    which = chance.choice([0, 0, 0, 1, 1, 2, 3, 4])
    file = Damaged(files[which])
    done = []
    for _ in range(chance.choice([1, 1, 2, 4])):
        page, other = chance.randrange(len(file)), chance.randrange(len(file))
        if chance.random() < 0.5 and which > 2:
            page = chance.choice([2, *file.pages(2)])
        at = chance.randrange(chance.choice([64, 320, PAGE - 4]))
        at = chance.choice([at, at, PAGE - 4 - at % 60])
        what = chance.choice(["flip", "word"] * 6 + ["swap", "copy", "zero", "cut", "noise"])
        done.append(f"{what} {page} {at}")
        whole = bytes(file.content[other * PAGE : (other + 1) * PAGE])
        mine = bytes(file.content[page * PAGE : (page + 1) * PAGE])
        match what:
            case "flip":
                file.put(page, at, "B", file.get(page, at, "B") ^ 1 << chance.randrange(8))
            case "word":
                file.put(page, at, "H", chance.choice(NUMBERS))
            case "swap":
                file.put_page(page, whole).put_page(other, mine)
            case "copy":
                file.put_page(page, whole)
            case "zero":
                file.put_page(page, b"")
            case "noise":
                file.put(page, at, "4s", chance.randbytes(4))
            case "cut":
                file.content = file.content[: max(3, page) * PAGE]
    return file, f"file {which}: {', '.join(done)}"


def tried_mutated(chance, folder):
    file, done = mutated(chance)
    spec, _ = bases()
    path = file.write(folder / "a.accdb")
    try:
        outcome, seconds = tried(path, spec)
    except BaseException as error:
        error.add_note(done)
        raise
    assert seconds < SECONDS, done
    return outcome, seconds


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("mutated")


@given(seed=st.integers(0, 2**32))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_file_is_read_or_refused_and_nothing_else(scratch, seed):
    tried_mutated(random.Random(seed), scratch)


@pytest.mark.slow
def test_a_thousand_damaged_files_are_read_or_refused(figure, scratch):
    chance = random.Random("msds-audit")
    outcomes, slowest = {"read": 0, "refused": 0}, 0.0
    for _ in range(1_000):
        outcome, seconds = tried_mutated(chance, scratch)
        outcomes["read" if outcome == "read" else "refused"] += 1
        slowest = max(slowest, seconds)
    figure(f"{sum(outcomes.values()):,} damaged files: {outcomes}, the slowest {slowest:.2f} s")
    assert min(outcomes.values()) > 20
