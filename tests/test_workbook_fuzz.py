"""Tests of workbooks cut short or changed anywhere: read or refused, soon, without a value."""

from __future__ import annotations

import io
import random
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import support  # noqa: F401  (the profile of Hypothesis)
from msds_audit.errors import ExtractError
from workbooks import (
    ITEMS,
    SHEET,
    STRINGS,
    STYLES,
    ole,
    read,
    stream_of,
    with_parts,
    with_strings,
    xls,
    xlsx,
)

SECRET = "Secretname"  # noqa: S105
SHEETS = {
    "MSD002": [ITEMS, [SECRET, (46235.5, "dd/mm/yyyy")], [], [(2, "00"), True], ["é", 1.5]],
    "Notes": [[SECRET]],
}
XLSX, XLS = xlsx(SHEETS), xls(SHEETS)
SHARED = with_strings(
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    f'<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="str"><f>1</f><v>{SECRET}</v></c></row>',
    [*(f"<t>{item}</t>" for item in ITEMS), f"<r><t>{SECRET}</t></r>"],
)
SLOWEST = 5.0
"""Seconds that any file of a few kilobytes may take."""


@pytest.mark.parametrize("content", [XLSX, XLS, SHARED], ids=["xlsx", "xls", "shared"])
def test_a_file_that_was_cut_short_is_refused(content, tmp_path):
    chosen = random.Random(1).sample(range(8, len(content) - 600), 60)
    for length in (8, 512, len(content) // 2, *chosen):
        with pytest.raises(ExtractError):
            read(tmp_path, content[:length])


def survives(folder, content):
    """Read anything: it is read or refused, soon, and no value is told."""
    started = time.perf_counter()
    try:
        for text in read(folder, content).tables.values():
            text.frame.collect()
    except ExtractError as error:
        assert SECRET not in f"{error.sentence} {error.hint}"
    assert time.perf_counter() - started < SLOWEST


changes = st.lists(
    st.tuples(st.integers(0, 1 << 16), st.integers(0, 3), st.binary(min_size=1, max_size=6)),
    min_size=1,
    max_size=8,
)


def changed(content, given):
    """Bytes overwritten, put in, taken out or repeated at these places."""
    found = bytearray(content)
    for place, how, piece in given:
        at = place % max(1, len(found))
        if how == 0:
            found[at : at + len(piece)] = piece
        elif how == 1:
            found[at:at] = piece
        elif how == 2:
            del found[at : at + len(piece) ** 3]
        else:
            found[at:at] = found[at : at + 16] * len(piece)
    return bytes(found)


FUZZ = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
FUZZ_LONG = settings(FUZZ, max_examples=1_000)


def fuzz(sample, run):
    """A test of anything that comes of a sample: a short one, and a long one marked slow."""

    @FUZZ
    @given(given_changes=changes)
    def short(tmp_path, given_changes):
        survives(tmp_path, run(sample, given_changes))

    @pytest.mark.slow
    @FUZZ_LONG
    @given(given_changes=changes)
    def long(tmp_path, given_changes):
        survives(tmp_path, run(sample, given_changes))

    return short, long


def part_changed(name):
    """Changes one part, and zips it again."""

    def run(content, given_changes):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            part = archive.read(name)
        return with_parts(content, {name: changed(part, given_changes)})

    return run


def stream_changed(content, given_changes):
    """Changes the records of an .xls, in a container that is whole."""
    return ole({"Workbook": changed(stream_of(content), given_changes)})


test_a_changed_xlsx_is_read_or_refused, test_many_changed_xlsx = fuzz(XLSX, changed)
test_a_changed_sheet_is_read_or_refused, test_many_changed_sheets = fuzz(XLSX, part_changed(SHEET))
test_changed_shared_texts_are_read_or_refused, test_many_changed_shared_texts = fuzz(
    SHARED, part_changed(STRINGS)
)
test_changed_styles_are_read_or_refused, test_many_changed_styles = fuzz(XLSX, part_changed(STYLES))
test_a_changed_xls_is_read_or_refused, test_many_changed_xls = fuzz(XLS, changed)
test_changed_records_are_read_or_refused, test_many_changed_records = fuzz(XLS, stream_changed)
