"""How quickly, and in how much memory, an Access file is read. Slow: run by make slow."""

from __future__ import annotations

import io
import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from access_files import MOTHER, read
from access_writer import AccessFile, AccessTable

pytestmark = pytest.mark.slow

COLUMNS = [
    *("LPIDMother", "OrgIDLPID", "PersonBirthDateMother", "OrgIDResidenceResp"),
    *("NHSNumberMother", "NHSNumberStatusMother", "Postcode", "EthnicCategoryMother"),
    *("PersonDeathDateMother", "PersonDeathTimeMother", "Ward", "Notes", "Given", "Family", "Team"),
]
ROUNDS = 5
SLOWEST = 1.15
"""How many times as long as mdbtools the reader may take: what two runs of one thing differ by."""


def rows(count):
    return [
        (
            *(f"RJ7M{n:08d}", "RJ7", f"19{n % 60 + 40}-0{n % 9 + 1}-1{n % 10}", "QWE"),
            *(f"999{n:07d}", "01", f"SW{n % 20} {n % 9}QT", "ABCDEFGH"[n % 8], None, None),
            *(f"Ward {n % 30}", "seen and sent home", f"Given {n % 977}", f"Family {n % 1_999}"),
            "North" if n % 3 else None,
        )
        for n in range(count)
    ]


def mothers(path, count, *, squeeze):
    table = AccessTable(MOTHER, [(name, "text") for name in COLUMNS], rows(count), squeeze=squeeze)
    return AccessFile([table]).write(path)


def ours(path):
    return read(path).tables[MOTHER].frame.collect()


def theirs(path):
    with subprocess.Popen(["mdb-export", str(path), MOTHER], stdout=subprocess.PIPE) as export:
        return pl.read_csv(io.BytesIO(export.stdout.read()), infer_schema=False)


def seconds(reading, path):
    start = time.perf_counter()
    assert reading(path).shape == (100_000, len(COLUMNS))
    return time.perf_counter() - start


@pytest.mark.parametrize("squeeze", [True, False], ids=["squeezed", "wide"])
def test_a_large_table_is_read_as_quickly_as_mdbtools_and_polars_do(squeeze, figure, tmp_path):
    """Both in turns, so that whatever else the computer does is in the way of both."""
    if shutil.which("mdb-export") is None:
        pytest.skip("NOT COMPARED WITH MDBTOOLS: mdb-export is not on the path")
    path = mothers(tmp_path / "a.accdb", 100_000, squeeze=squeeze)
    assert ours(path).rows() == theirs(path).rows()
    taken = [(seconds(ours, path), seconds(theirs, path)) for _ in range(ROUNDS)]
    mine, other = (statistics.median(one) for one in zip(*taken, strict=True))
    figure(
        f"100,000 rows of {len(COLUMNS)} columns, {'squeezed' if squeeze else 'wide'}: "
        f"{mine:.2f} s, mdb-export and Polars {other:.2f} s, ratio {mine / other:.2f}"
    )
    assert mine / other <= SLOWEST


PROBE = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from access_files import MOTHER, kilobytes, read
from support import packaged

packaged()
before = kilobytes("VmRSS")
frame = read(Path(sys.argv[2])).tables[MOTHER].frame.collect()
print(json.dumps([frame.height, kilobytes("VmHWM") - before]))
"""


@pytest.mark.parametrize("squeeze", [True, False], ids=["squeezed", "wide"])
def test_a_large_file_is_read_in_less_memory_than_twice_its_size(squeeze, figure, tmp_path):
    """All that Linux counts, the mapped file and the text that is read included."""
    if sys.platform != "linux":
        pytest.skip("MEMORY NOT MEASURED: only Linux says how much a program has used")
    path = mothers(tmp_path / "a.accdb", 700_000 if squeeze else 420_000, squeeze=squeeze)
    size = path.stat().st_size
    assert size > 100 * 1_000_000
    probe = [sys.executable, "-c", PROBE, str(Path(__file__).parent), str(path)]
    done = subprocess.run(probe, capture_output=True, check=True)
    height, kilobytes = json.loads(done.stdout)
    peak = kilobytes * 1024
    figure(
        f"{height:,} rows in {size / 1e6:,.0f} MB, {'squeezed' if squeeze else 'wide'}: "
        f"{peak / 1e6:,.0f} MB at most, {peak / size:.2f} times the file"
    )
    assert peak < 2 * size
