"""Tests of reading the LSOAs of postcodes from a directory that the user names."""

from __future__ import annotations

import io
import zipfile

import polars as pl
import pytest

from msds_audit.areas import plain_postcode
from msds_audit.errors import ExtractError
from msds_audit.readers import postcodes
from msds_audit.readers.postcodes import read_postcodes

ONSPD = (
    "pcd,pcd2,pcds,dointr,doterm,oa11,lsoa11,msoa11,oa21,lsoa21,msoa21\n"
    '"ZQ1 1XA","ZQ1  1XA","ZQ1 1XA","198001","","E00000001","E01000001","","","E01000001",""\n'
    '"ZQ1 1XB","ZQ1  1XB","ZQ1 1XB","198001","","E00000002","E01000002","","","E01000005",""\n'
    '"ZQ1 1XC","ZQ1  1XC","ZQ1 1XC","198001","","S00000003","S01006514","","","",""\n'
    '"ZQ1 1XD","ZQ1  1XD","ZQ1 1XD","198001","199606","","","","","",""\n'
)
"""In the layout of the ONS Postcode Directory; the postcodes are made up."""

NSPL = (
    "pcd7,pcd8,pcds,dointr,doterm,usrtypind,oa21cd,lsoa21cd,msoa21cd\n"
    '"ZQ1 1XA","ZQ1  1XA","ZQ1 1XA","198001","","0","E00000001","E01000001",""\n'
)
NHSPD = '"ZQ1 1XA","ZQ1  1XA","198001","","E92000001","E01000001"\n'
"""Rows of a directory without headings, as the NHS Postcode Directory is delivered."""

WANTED = ("ZQ11XA", "ZQ11XB", "ZQ11XC", "ZQ11XD", "ZQ99XX")


def directory(folder, text=ONSPD, name="directory.csv"):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def zipped(folder, members, name="directory.zip"):
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return folder / name


def parquet(frame):
    held = io.BytesIO()
    frame.write_parquet(held)
    return held.getvalue()


def frame_of(text):
    return pl.read_csv(text.encode(), infer_schema=False)


def read(file, wanted=WANTED):
    lookup = read_postcodes(file, pl.Series(wanted, dtype=pl.String))
    return lookup.census, dict(lookup.lsoas.iter_rows())


def refusal(file):
    with pytest.raises(ExtractError) as caught:
        read(file)
    said = f"{caught.value.sentence} {caught.value.hint}"
    assert caught.value.hint
    assert "1X" not in said
    assert caught.value.__cause__ is None
    return said


FOUND = {"ZQ11XA": "E01000001", "ZQ11XB": "E01000002", "ZQ11XC": "S01006514", "ZQ11XD": None}


def test_the_lsoas_of_2011_are_taken_where_a_directory_has_both(tmp_path):
    assert read(directory(tmp_path)) == (2011, FOUND)


def test_what_was_found_does_not_show_itself(tmp_path):
    lookup = read_postcodes(directory(tmp_path), pl.Series(WANTED))
    assert repr(lookup) == "PostcodeLookup(census=2011)"


def test_only_the_postcodes_asked_for_are_kept(tmp_path):
    assert read(directory(tmp_path), ["ZQ11XB"]) == (2011, {"ZQ11XB": "E01000002"})
    assert read(directory(tmp_path), []) == (2011, {})


def test_the_postcode_lookup_with_lsoas_of_2021_is_read(tmp_path):
    assert read(directory(tmp_path, NSPL)) == (2021, {"ZQ11XA": "E01000001"})


@pytest.mark.parametrize("heading", ["pcds", "PCD", "PCD2", "pcd7", "Pcd8", "postcode"])
@pytest.mark.parametrize("lsoa", ["lsoa11", "LSOA11", "lsoa11cd", "lsoa21", "LSOA21CD"])
def test_headings_are_known_in_any_case(heading, lsoa, tmp_path):
    census, found = read(directory(tmp_path, f"{heading},{lsoa}\nzq1 1xa,e01000001\n"))
    assert found == {"ZQ11XA": "E01000001"}
    assert str(census)[2:] in lsoa


def test_a_mark_at_the_beginning_and_windows_line_ends_do_no_harm(tmp_path):
    text = "\ufeff" + ONSPD.replace("\n", "\r\n")
    file = tmp_path / "directory.csv"
    file.write_bytes(text.encode())
    assert read(file) == (2011, FOUND)
    assert read(zipped(tmp_path, {"directory.csv": text.encode()})) == (2011, FOUND)


def test_names_that_are_not_utf_8_beside_the_codes_do_no_harm(tmp_path):
    file = tmp_path / "lookup.csv"
    file.write_bytes("pcds,lsoa11cd,ladnmw\nZQ1 1XA,E01000001,Ynys Môn\n".encode("cp1252"))
    assert read(file) == (2011, {"ZQ11XA": "E01000001"})


def test_parquet_is_read_as_csv_is(tmp_path):
    frame_of(ONSPD).write_parquet(tmp_path / "directory.parquet")
    assert read(tmp_path / "directory.parquet") == (2011, FOUND)


@pytest.mark.parametrize("content", [ONSPD.encode(), parquet(frame_of(ONSPD))])
def test_the_largest_file_of_a_zip_with_these_headings_is_read(content, tmp_path):
    name = "Data/ONSPD_MAY_2026_UK.csv" if content.startswith(b"pcd,") else "Data/all.parquet"
    part = "pcds,lsoa11\nZQ1 1XA,E01000009\n"
    larger = "code,name\n" + "E06000001,Hartlepool\n" * 1000
    members = {
        "Data/multi_csv/ONSPD_MAY_2026_UK_ZQ.csv": part,
        "Documents/LAD names.csv": larger,
        name: content,
        "User Guide/guide.pdf": b"%PDF" * 5000,
    }
    assert read(zipped(tmp_path, members)) == (2011, FOUND)


def test_a_zip_is_read_a_part_at_a_time_without_losing_a_line(monkeypatch, tmp_path):
    monkeypatch.setattr(postcodes, "_CHUNK", 100)
    assert read(zipped(tmp_path, {"directory.csv": ONSPD})) == (2011, FOUND)


def test_a_zip_with_a_broken_directory_is_refused_in_one_sentence(tmp_path):
    whole = zipped(tmp_path, {"directory.csv": ONSPD})
    content = bytearray(whole.read_bytes())
    content[content.rindex(b"PK\x01\x02")] = 0
    whole.write_bytes(content)
    with pytest.raises(ExtractError, match=r"directory\.zip"):
        read(whole)


def test_a_zip_of_headings_alone_has_no_postcode(tmp_path):
    assert read(zipped(tmp_path, {"a.csv": "pcds,lsoa21\n"})) == (2021, {})


def test_a_postcode_that_is_there_twice_has_the_first_lsoa(tmp_path):
    text = "pcds,lsoa11\nZQ1 1XA,E01000001\nZQ11XA,E01000002\n"
    assert read(directory(tmp_path, text))[1] == {"ZQ11XA": "E01000001"}


def test_postcodes_are_compared_in_capitals_without_spaces():
    given = pl.Series("p", ["zq1 1xa", "ZQ1  1XA", " ZQ11XA ", "", " ", None])
    plain = given.to_frame().select(plain_postcode(pl.col("p")))["p"].to_list()
    assert plain == ["ZQ11XA"] * 3 + [None] * 3


def test_a_directory_without_headings_is_refused_and_told_which_are_looked_for(tmp_path):
    for file in (
        directory(tmp_path, NHSPD, "gridall.csv"),
        zipped(tmp_path, {"gridall.csv": NHSPD}),
    ):
        said = refusal(file)
        assert "gridall.csv has no heading of postcodes (pcds, pcd8" in said
        assert "(lsoa11, lsoa11cd, lsoa21, lsoa21cd)" in said
        assert "NHS Postcode Directory comes without headings" in said


@pytest.mark.parametrize("text", ["", "\n", "pcds,oa11\nZQ1 1XA,E0\n", "lsoa11\nE01000001\n"])
def test_a_directory_with_one_heading_or_none_is_refused(text, tmp_path):
    assert "no heading" in refusal(directory(tmp_path, text))


def test_a_zip_without_a_directory_is_refused(tmp_path):
    assert "No CSV or Parquet in it has" in refusal(zipped(tmp_path, {"readme.pdf": b""}))


def test_what_is_no_file_and_what_is_no_directory_is_refused(tmp_path):
    assert "There is no file" in refusal(tmp_path / "nowhere.csv")
    assert "There is no file" in refusal(tmp_path)
    assert "that this version can read" in refusal(directory(tmp_path, name="directory.accdb"))
    assert "that this version can read" in refusal(directory(tmp_path, name="directory.zip"))


def test_a_name_that_holds_a_postcode_is_masked(tmp_path):
    assert "XX9 9XX.csv" in refusal(directory(tmp_path, NHSPD, "ZQ1 1XA.csv"))


def test_a_file_that_breaks_off_or_breaks_up_is_told_without_its_rows(tmp_path):
    text = "pcds,lsoa11\nZQ1 1XA,E01000001,ZQ1 1XB,E01000002\n"
    assert "cannot be read to its end" in refusal(directory(tmp_path, text))
    whole = parquet(frame_of(ONSPD))
    (tmp_path / "broken.parquet").write_bytes(whole[: len(whole) // 2])
    assert "cannot be read to its end" in refusal(tmp_path / "broken.parquet")
    archive = zipped(tmp_path, {"directory.csv": ONSPD})
    content = bytearray(archive.read_bytes())
    content[60:80] = bytes(20)
    archive.write_bytes(content)
    assert "cannot be read to its end" in refusal(archive)
