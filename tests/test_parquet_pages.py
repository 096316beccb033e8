"""Tests of the look at a Parquet file's pages: what would end the process is refused before."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from msds_audit.readers.parquet_pages import DamagedPagesError, check_pages

ROWS = pl.DataFrame(
    {
        "LPIDMother": [f"M{at % 7}" for at in range(60)],
        "OrgCodeGMPMother": [None, *("H85609",) * 59],
        "StartDateGMPReg": [None] * 60,
        "more": [[at] * (at % 3) for at in range(60)],
    },
    schema_overrides={"StartDateGMPReg": pl.String},
)

EVERY_FLIP = """
import sys
from pathlib import Path

from msds_audit.api import load_rules
from msds_audit.errors import MsdsAuditError
from msds_audit.extract import Period
from msds_audit.readers import open_extract

spec, file, month = load_rules().spec, Path(sys.argv[1]), Period.parse("2026-08")
whole = file.read_bytes()
refused = read = 0
for at in range(len(whole)):
    for bit in (0, 7):
        changed = bytearray(whole)
        changed[at] ^= 1 << bit
        file.write_bytes(changed)
        try:
            [one] = open_extract([file.parent], spec, provider="RJ7", period=month).submissions
            one.tables["MSD002GP"].collect()
            read += 1
        except MsdsAuditError:
            refused += 1
        except BaseException as error:
            if type(error).__module__.split(".")[0] not in ("polars", "pyo3_runtime"):
                raise
print(refused, read)
"""


def written(rows: pl.DataFrame = ROWS, **options: object) -> bytes:
    file = io.BytesIO()
    rows.write_parquet(file, **options)
    return file.getvalue()


@pytest.mark.parametrize("compression", ["uncompressed", "snappy", "zstd"])
@pytest.mark.parametrize("rows", [7, None], ids=["many groups", "one group"])
@pytest.mark.parametrize("page", [50, None], ids=["many pages", "one page"])
def test_a_whole_file_passes_however_it_is_written(compression, rows, page) -> None:
    check_pages(
        written(
            compression=compression, row_group_size=rows, data_page_size=page, statistics="full"
        )
    )


def test_a_file_without_rows_or_columns_passes() -> None:
    check_pages(written(ROWS.clear()))
    check_pages(written(pl.DataFrame()))


def test_a_page_that_holds_fewer_values_than_none_is_refused() -> None:
    """The lowest bit of a number is its sign: some byte of the first page makes it negative."""
    whole = written(ROWS.select("LPIDMother"), compression="uncompressed")
    refused = []
    for at in range(4, 40):
        changed = bytearray(whole)
        changed[at] ^= 1
        try:
            check_pages(bytes(changed))
        except DamagedPagesError as error:
            refused.append(str(error))
    assert "page" in refused


@pytest.mark.parametrize("end", [0, 3, 8, 11, -1, -9])
def test_what_is_cut_off_is_refused(end: int) -> None:
    with pytest.raises(DamagedPagesError):
        check_pages(written()[:end])


def test_records_within_records_without_end_are_refused() -> None:
    """A footer of opening bytes alone would be read deeper and deeper."""
    for opening in (b"\x1c", b"\x19\x1c"):
        footer = opening * 5_000
        file = b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1"
        with pytest.raises(DamagedPagesError):
            check_pages(file)


def test_no_single_change_of_a_sign_ends_the_process(tmp_path: Path) -> None:
    file = tmp_path / "MSD002GP.parquet"
    rows = ROWS.select("LPIDMother", "OrgCodeGMPMother").head(5)
    file.write_bytes(written(rows, statistics=False, compression="uncompressed"))
    ran = subprocess.run(
        [sys.executable, "-c", EVERY_FLIP, str(file)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-300:]
    refused, read = map(int, ran.stdout.split())
    assert refused > 100
    assert read > 100
