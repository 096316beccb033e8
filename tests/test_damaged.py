"""Tests of damaged CSV, Parquet and zip: read or refused, soon, and never anything else.

The other readers have tests like these beside their own.
"""

from __future__ import annotations

import io
import random
import time
import zipfile

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from msds_audit.errors import ExtractError
from msds_audit.extract import POLARS_FAILED
from msds_audit.readers import open_extract
from support import FIXTURES, packaged

SLOWEST = 5.0
HEADER = b"OrgIDProvider,RPStartDate\nRJ7,2026-08-01\n"
TABLE = (FIXTURES / "access" / "rj7_2026-08_csv" / "MSD001MotherDemog.csv").read_bytes()[:4_000]
TABLE = TABLE[: TABLE.rindex(b"\n") + 1]
TELLING = b'",\n\r\0\t;|\xff\xfe\xef\xbb\xbf\x81 0aE'
"""Bytes that mean something to a reader of CSV."""


def parquet():
    file = io.BytesIO()
    pl.read_csv(TABLE, infer_schema=False).write_parquet(file)
    return file.getvalue()


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("MSD000Header.csv", HEADER)
        archive.writestr("MSD001.csv", TABLE)
    return file.getvalue()


SAMPLES = {
    "MSD001.csv": [TABLE, TABLE.decode().encode("utf-16"), TABLE.replace(b",", b"\t")],
    "MSD001.parquet": [parquet()],
    "RJ7.zip": [zipped()],
}


def damaged(content, chance):
    """The bytes with some of them changed, left out, doubled, moved or cut off."""
    content = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        at, length = chance.randrange(len(content)), chance.choice((1, 1, 2, 8, 200))
        match chance.randrange(5):
            case 0:
                content[at] = chance.choice(TELLING)
            case 1:
                content[at : at + length] = chance.randbytes(length)
            case 2:
                del content[at : at + length]
            case 3:
                content[at:at] = content[at : at + length]
            case 4 if chance.random() < 0.2:
                del content[at:]
        if not content:
            break
    return bytes(content)


def tried(folder, name, content):
    """Read a file; whether it was refused."""
    if name != "RJ7.zip":
        (folder / "MSD000Header.csv").write_bytes(HEADER)
    (folder / name).write_bytes(content)
    start = time.perf_counter()
    refused = False
    try:
        for submission in open_extract([folder], packaged().spec).submissions:
            for frame in submission.tables.values():
                frame.collect()
    except ExtractError as error:
        refused = True
        assert error.hint
    except POLARS_FAILED:  # at the end, where the audit refuses the table
        assert name == "MSD001.parquet"
        refused = True
    assert time.perf_counter() - start < SLOWEST
    return refused


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_is_read_or_refused(name, tmp_path, seed):
    chance = random.Random(seed)
    tried(tmp_path, name, damaged(chance.choice(SAMPLES[name]), chance))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_read_before_they_are_damaged(name, tmp_path_factory):
    for content in SAMPLES[name]:
        assert not tried(tmp_path_factory.mktemp("whole"), name, content)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLES)
def test_many_damaged_files_are_read_or_refused(name, figure, tmp_path):
    chance = random.Random(name)
    refused = 0
    for _ in range(1_000):
        refused += tried(tmp_path, name, damaged(chance.choice(SAMPLES[name]), chance))
    figure(f"{name}: 1,000 damaged files, {refused:,} refused")
    assert 20 < refused < 1_000
