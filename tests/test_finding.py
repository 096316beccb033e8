"""Tests of finding tables: in folders, folders of folders and zips, by file name alone."""

from __future__ import annotations

import os
import shutil
import sys
import time
import zipfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from msds_audit.errors import ExtractError
from msds_audit.readers import open_extract
from msds_audit.readers.finding import find_files

HEADER = "OrgIDProvider,RPStartDate\n{provider},2026-08-01\n"
GP = "LPIDMother,OrgCodeGMPMother\nA,B\n"


def extract(folder, provider="RVR", **tables):
    """Write a header and further tables, by file name without its ending."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "MSD000Header.csv").write_text(HEADER.format(provider=provider), encoding="utf-8")
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def zipped(target, folder, compression=zipfile.ZIP_DEFLATED):
    """Zip a folder, paths relative to it."""
    with zipfile.ZipFile(target, "w", compression) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return target


def names(paths, rules):
    return [submission.name for submission in open_extract(paths, rules.spec).submissions]


def refusal(path, rules):
    with pytest.raises(ExtractError) as caught:
        open_extract([path], rules.spec)
    assert caught.value.hint
    return caught.value.sentence


# --- folders ------------------------------------------------------------------------------


def test_a_folder_of_tables_is_one_submission(rules, tmp_path):
    [found] = find_files(extract(tmp_path, MSD002GP=GP), rules.spec, ExitStack())
    assert sorted(found.tables) == ["MSD000Header", "MSD002GP"]


def test_a_folder_of_folders_is_a_submission_each(rules, tmp_path):
    for provider in ("RJ6", "RAX"):
        extract(tmp_path / provider, provider)
    assert names([tmp_path], rules) == ["RAX 2026-08", "RJ6 2026-08"]


def test_tables_are_found_four_folders_down(rules, tmp_path):
    extract(tmp_path / "a" / "b" / "c" / "d")
    assert names([tmp_path], rules) == ["RVR 2026-08"]


def test_tables_deeper_than_is_looked_are_not_left_out_without_a_word(rules, tmp_path):
    extract(tmp_path / "RAX", "RAX")
    deep = extract(tmp_path / "a" / "b" / "c" / "d" / "e" / "f", "RJ6")
    try:
        submissions = open_extract([tmp_path], rules.spec).submissions
    except ExtractError:
        return
    told = " ".join(notice for submission in submissions for notice in submission.notices)
    assert len(submissions) == 2 or deep.name in told or "deep" in told


def test_several_paths_are_opened_together(rules, tmp_path):
    paths = [extract(tmp_path / provider, provider) for provider in ("RJ7", "RVR", "RAX")]
    assert names(paths, rules) == ["RAX 2026-08", "RJ7 2026-08", "RVR 2026-08"]


@pytest.mark.parametrize(
    "file",
    [
        "MSD002GP.csv",
        "msd002gp.csv",
        "MSD002GP.CSV",
        "MSD002.csv",
        "msd002.CSV",
        "Msd002Gp.Txt",
        "MSD002.tsv",
        " MSD002GP .csv",
    ],
)
def test_a_table_goes_by_its_long_or_short_name_in_any_case(file, rules, tmp_path):
    extract(tmp_path)
    (tmp_path / file).write_text(GP, encoding="utf-8")
    [found] = find_files(tmp_path, rules.spec, ExitStack())
    assert found.tables["MSD002GP"].name == file


@pytest.mark.parametrize("file", ["notes.csv", "MSD999.csv", "notes.docx", "a.sql"])
def test_a_file_that_is_no_table_is_told(file, rules, tmp_path):
    extract(tmp_path)
    (tmp_path / file).write_text("x", encoding="utf-8")
    [submission] = open_extract([tmp_path], rules.spec).submissions
    assert any(file in notice for notice in submission.notices)


def test_a_file_beside_folders_of_tables_is_told_too(rules, tmp_path):
    extract(tmp_path / "RVR")
    (tmp_path / "late.csv").write_text(GP, encoding="utf-8")
    [submission] = open_extract([tmp_path], rules.spec).submissions
    assert any("late.csv" in notice for notice in submission.notices)


@pytest.mark.parametrize(
    "file",
    [
        *("MSD002GP-late.csv", "MSD002GP_RJ7.csv", "msd002.csv.gz", "MSD002GP.xlsx", "MSD002GP"),
        *("RJ7.xlsx", "RJ7.accdb", "RJ7.mdb", "RJ7.xml"),
    ],
)
def test_a_trust_that_cannot_be_read_is_not_passed_over(file, rules, tmp_path):
    extract(tmp_path / "RVR")
    (tmp_path / "RJ7").mkdir()
    (tmp_path / "RJ7" / file).write_text(GP, encoding="utf-8")
    assert file in refusal(tmp_path, rules)


@pytest.mark.parametrize(
    "file",
    [
        *("MSD002GP2.csv", "Copy of MSD002GP.csv", "RJ7 MSD002GP.csv", "MSD002 (2).xlsx"),
        *("RJ7 August.xlsb", "RJ7.ods", "RJ7.7z", "RJ7.csv.gz", "export of msd001 and msd002.xml"),
    ],
)
def test_part_of_an_extract_beside_its_tables_is_not_passed_over(file, rules, tmp_path):
    extract(tmp_path, MSD002GP=GP)
    (tmp_path / file).write_text(GP, encoding="utf-8")
    assert file in refusal(tmp_path, rules)


def test_a_zip_beside_the_tables_in_a_zip_is_not_passed_over(rules, tmp_path):
    with zipfile.ZipFile(tmp_path / "RVR.zip", "w") as archive:
        archive.writestr("MSD000Header.csv", HEADER.format(provider="RVR"))
        archive.writestr("RAX.zip", b"PK")
    assert "RAX.zip may be a whole extract" in refusal(tmp_path / "RVR.zip", rules)


@pytest.mark.parametrize("file", ["RJ7.ods", "RJ7.xlsb"])
def test_a_zip_by_another_name_is_no_extract(file, rules, tmp_path):
    with zipfile.ZipFile(tmp_path / file, "w") as archive:
        archive.writestr("content.xml", "<a>x</a>")
    assert f"{file} is not an extract" in refusal(tmp_path / file, rules)


def test_a_zip_with_a_file_without_a_name_is_refused(rules, tmp_path):
    file = zipped(tmp_path / "RVR.zip", extract(tmp_path / "RVR", MSD002=GP))
    file.write_bytes(file.read_bytes().replace(b"MSD002.csv", b"\0SD002.csv"))
    assert "RVR.zip holds a file without a name" in refusal(file, rules)


def test_one_workbook_twice_in_a_zip_is_refused(rules, tmp_path):
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(tmp_path / "RVR.zip", "w") as archive,
    ):
        archive.writestr("RVR.xml", "<a/>")
        archive.writestr("RVR.xml", "<b/>")
    assert "RVR.xml is there twice" in refusal(tmp_path / "RVR.zip", rules)


def test_a_zip_of_more_files_than_extracts_have_is_refused_soon(rules, tmp_path):
    with zipfile.ZipFile(tmp_path / "RVR.zip", "w") as archive:
        for number in range(10_001):
            archive.writestr(f"{number}/MSD002.csv", GP)
    start = time.perf_counter()
    assert "holds 10,001 files" in refusal(tmp_path / "RVR.zip", rules)
    assert time.perf_counter() - start < 5


def test_many_submissions_in_a_zip_are_read_in_a_time_that_grows_with_them(rules, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for number in range(200):
            header = f"OrgIDProvider,RPStartDate\nR{number // 20:02},20{number % 20 + 10}-08-01\n"
            archive.writestr(f"{number}/MSD000Header.csv", header)
            archive.writestr(f"{number}/MSD002.csv", GP)
    start = time.perf_counter()
    assert len(names([tmp_path / "all.zip"], rules)) == 200
    assert time.perf_counter() - start < 10


def test_a_zip_inside_a_zip_is_not_passed_over(rules, tmp_path):
    inner = zipped(tmp_path / "RVR.zip", extract(tmp_path / "RVR", MSD002GP=GP))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("RJ6/MSD000Header.csv", HEADER.format(provider="RJ6"))
        archive.writestr("RVR/RVR.zip", inner.read_bytes())
    assert "RVR.zip" in refusal(tmp_path / "all.zip", rules)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_linked_folder_is_not_passed_over(rules, tmp_path):
    extract(tmp_path / "elsewhere" / "RJ7")
    extract(tmp_path / "given" / "RVR")
    (tmp_path / "given" / "RJ7").symlink_to(tmp_path / "elsewhere" / "RJ7")
    assert "RJ7 is a link" in refusal(tmp_path / "given", rules)


def test_a_hidden_folder_of_tables_is_read(rules, tmp_path):
    extract(tmp_path / ".RVR")
    assert names([tmp_path], rules) == ["RVR 2026-08"]


def test_a_folder_named_like_a_table_is_refused(rules, tmp_path):
    extract(tmp_path)
    (tmp_path / "MSD002GP.csv").mkdir()
    assert "MSD002GP.csv" in refusal(tmp_path, rules)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_named_like_a_table_does_not_hang(rules, tmp_path):
    extract(tmp_path)
    os.mkfifo(tmp_path / "MSD002GP.csv")
    assert "MSD002GP.csv is no file" in refusal(tmp_path, rules)


def test_a_zip_of_a_kind_not_known_is_refused(rules, tmp_path):
    """Its directory asks for a version of the format that there is not."""
    archive = zipped(tmp_path / "RVR.zip", extract(tmp_path / "RVR"))
    content = bytearray(archive.read_bytes())
    start = content.index(b"PK\x01\x02")
    content[start + 6 : start + 8] = b"\x63\x00"
    archive.write_bytes(content)
    assert "RVR.zip" in refusal(archive, rules)


@pytest.mark.parametrize("file", [".DS_Store", "desktop.ini", "Thumbs.db", "._MSD002GP.csv"])
def test_files_that_systems_leave_behind_are_not_worth_telling(file, rules, tmp_path):
    extract(tmp_path)
    (tmp_path / file).write_text("x", encoding="utf-8")
    [found] = find_files(tmp_path, rules.spec, ExitStack())
    assert found.others == []


def test_many_other_files_are_listed_briefly_and_counted(rules, tmp_path):
    extract(tmp_path)
    for number in range(20):
        (tmp_path / f"note {number:02}.txt").write_text("x", encoding="utf-8")
    [submission] = open_extract([tmp_path], rules.spec).submissions
    [notice] = [notice for notice in submission.notices if "note 00.txt" in notice]
    assert "14 more" in notice


@pytest.mark.parametrize("second", ["MSD002.csv", "msd002gp.TXT", "MSD002GP.parquet"])
def test_a_table_that_is_there_twice_is_refused(second, rules, tmp_path):
    extract(tmp_path, MSD002GP=GP)
    (tmp_path / second).write_text(GP, encoding="utf-8")
    sentence = refusal(tmp_path, rules)
    assert "MSD002GP twice" in sentence
    assert second in sentence


def test_nothing_is_written_beside_the_extract(rules, tmp_path):
    extract(tmp_path, MSD002GP=GP)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    [submission] = open_extract([tmp_path], rules.spec).submissions
    submission.tables["MSD002GP"].collect()
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


# --- zips ---------------------------------------------------------------------------------


def test_a_zip_of_tables_is_one_submission(rules, tmp_path):
    archive = zipped(tmp_path / "RVR.zip", extract(tmp_path / "RVR", MSD002GP=GP))
    [submission] = open_extract([archive], rules.spec).submissions
    assert submission.tables["MSD002GP"].collect().rows() == [("A", "B")]


def test_a_zip_of_folders_is_a_submission_each(rules, tmp_path):
    for provider in ("RJ6", "RAX"):
        extract(tmp_path / "all" / provider, provider)
    archive = zipped(tmp_path / "all.ZIP", tmp_path / "all")
    assert names([archive], rules) == ["RAX 2026-08", "RJ6 2026-08"]


def test_a_zip_inside_a_folder_is_opened(rules, tmp_path):
    extract(tmp_path / "in" / "RAX", "RAX")
    zipped(tmp_path / "in" / "RJ6.zip", extract(tmp_path / "elsewhere", "RJ6"))
    assert names([tmp_path / "in"], rules) == ["RAX 2026-08", "RJ6 2026-08"]


def test_a_zip_made_on_a_mac_is_read_past_its_resource_forks(rules, tmp_path):
    archive = zipped(tmp_path / "RVR.zip", extract(tmp_path / "RVR"))
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr("__MACOSX/._MSD000Header.csv", b"\x00\x05\x16\x07")
    [submission] = open_extract([archive], rules.spec).submissions
    assert not any("_MSD000" in notice for notice in submission.notices)


def test_a_zip_made_on_windows_with_backslashes_is_read(rules, tmp_path):
    with zipfile.ZipFile(tmp_path / "RVR.zip", "w") as archive:
        archive.writestr("RVR\\MSD000Header.csv", HEADER.format(provider="RVR"))
    assert names([tmp_path / "RVR.zip"], rules) == ["RVR 2026-08"]


def test_a_zip_that_holds_a_table_twice_is_refused(rules, tmp_path):
    archive = zipped(tmp_path / "RVR.zip", extract(tmp_path / "RVR", MSD002GP=GP))
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr("msd002.csv", GP)
    assert "MSD002GP twice" in refusal(archive, rules)


def test_a_zip_that_is_cut_short_is_refused(rules, tmp_path):
    archive = zipped(tmp_path / "RVR.zip", extract(tmp_path / "RVR", MSD002GP=GP))
    archive.write_bytes(archive.read_bytes()[:-40])
    assert "RVR.zip" in refusal(archive, rules)


def test_random_bytes_named_zip_are_refused(rules, tmp_path):
    (tmp_path / "RVR.zip").write_bytes(os.urandom(300))
    assert "RVR.zip" in refusal(tmp_path / "RVR.zip", rules)
    assert "RVR.zip" in refusal(tmp_path, rules)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_whose_content_is_damaged_is_refused(compression, rules, tmp_path):
    folder = extract(tmp_path / "RVR", MSD002GP="LPIDMother\n" + "".join(map(str, range(5000))))
    archive = zipped(tmp_path / "RVR.zip", folder, compression)
    with zipfile.ZipFile(archive) as whole:
        member = whole.getinfo("MSD002GP.csv")
    damaged = bytearray(archive.read_bytes())
    start = member.header_offset + 30 + len(member.filename)
    for place in range(start + 40, start + 80):
        damaged[place] ^= 0xFF
    archive.write_bytes(damaged)
    assert "MSD002GP.csv cannot be unpacked from RVR.zip" in refusal(archive, rules)


def test_a_zip_with_a_password_is_refused(rules, tmp_path):
    """The standard library cannot encrypt, so the flag that says so is set by hand."""
    archive = zipped(tmp_path / "RVR.zip", extract(tmp_path / "RVR"), zipfile.ZIP_STORED)
    content = bytearray(archive.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    archive.write_bytes(content)
    sentence = refusal(archive, rules)
    assert "MSD000Header.csv in RVR.zip is protected with a password" in sentence


def test_a_zip_packed_in_a_way_that_is_not_known_is_refused(rules, tmp_path):
    archive = zipped(tmp_path / "RVR.zip", extract(tmp_path / "RVR"), zipfile.ZIP_STORED)
    content = bytearray(archive.read_bytes())
    for signature, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(signature) + method] = 99
    archive.write_bytes(content)
    assert "MSD000Header.csv cannot be unpacked" in refusal(archive, rules)


# --- what is no extract -------------------------------------------------------------------


def test_a_path_that_is_not_there_is_refused(rules, tmp_path):
    assert "no-such-folder" in refusal(tmp_path / "no-such-folder", rules)


def test_an_empty_folder_is_refused(rules, tmp_path):
    assert "no table" in refusal(tmp_path, rules)


def test_a_folder_without_tables_is_refused(rules, tmp_path):
    (tmp_path / "notes.csv").write_text("a,b\n", encoding="utf-8")
    assert "no table" in refusal(tmp_path, rules)


def test_an_empty_zip_is_refused(rules, tmp_path):
    with zipfile.ZipFile(tmp_path / "none.zip", "w"):
        pass
    assert "no table" in refusal(tmp_path / "none.zip", rules)


@pytest.mark.parametrize("file", ["MSD002GP.csv", "MSD002GP.parquet", "MSD002GP.TXT"])
def test_a_single_table_is_not_an_extract(file, rules, tmp_path):
    (tmp_path / file).write_text(GP, encoding="utf-8")
    assert "one file" in refusal(tmp_path / file, rules)


@pytest.mark.parametrize("file", ["RVR.mdb", "RVR.xlsx", "RVR"])
def test_a_file_of_another_kind_is_not_an_extract(file, rules, tmp_path):
    (tmp_path / file).write_bytes(b"\x00\x01Standard Jet DB")
    assert file in refusal(tmp_path / file, rules)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read it all")
def test_a_table_that_may_not_be_read_is_refused(rules, tmp_path):
    extract(tmp_path, MSD002GP=GP)
    (tmp_path / "MSD002GP.csv").chmod(0)
    assert "MSD002GP.csv cannot be opened" in refusal(tmp_path, rules)


@pytest.mark.parametrize("number", ["9434765919", "943 476 5919", "943-476-5919"])
@pytest.mark.parametrize("place", ["file", "folder", "missing"])
def test_an_nhs_number_in_a_name_is_masked(place, number, rules, tmp_path):
    folder = tmp_path / (f"extract {number}" if place == "folder" else "extract")
    extract(folder)
    if place == "file":
        (folder / f"letter {number}.csv").write_text("x", encoding="utf-8")
        [submission] = open_extract([folder], rules.spec).submissions
        told = " ".join(submission.notices)
        assert "letter" in told
    elif place == "folder":
        shutil.copy(folder / "MSD000Header.csv", folder / "MSD000.csv")
        told = refusal(folder, rules)
    else:
        told = refusal(tmp_path / f"letter {number}", rules)
    assert number not in told


def test_the_folder_one_stands_in_has_a_name_in_messages(rules, tmp_path, monkeypatch):
    extract(tmp_path, MSD002GP=GP)
    (tmp_path / "MSD000Header.csv").unlink()
    monkeypatch.chdir(tmp_path)
    sentence = refusal(Path(), rules)
    assert not sentence.startswith(" ")


def test_an_extract_under_a_hidden_folder_is_looked_at_like_any_other(rules, tmp_path):
    folder = extract(tmp_path / ".data" / "RVR")
    (folder / "late.csv").write_text(GP, encoding="utf-8")
    [submission] = open_extract([folder], rules.spec).submissions
    assert any("late.csv" in notice for notice in submission.notices)
    (folder / "MSD002GP_2.csv").write_text(GP, encoding="utf-8")
    assert "MSD002GP_2.csv" in refusal(folder, rules)


def test_what_stands_in_a_hidden_folder_below_is_no_concern(rules, tmp_path):
    extract(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "packed.gz").write_text("x", encoding="utf-8")
    [submission] = open_extract([tmp_path], rules.spec).submissions
    assert submission.notices == () or not any("packed" in one for one in submission.notices)


# --- zips made to harm --------------------------------------------------------------------


def zip_of(target, members):
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return target


def test_a_zip_that_unpacks_to_far_more_than_there_is_of_it_is_refused(rules, tmp_path):
    bomb = zip_of(tmp_path / "RVR.zip", [("MSD001.csv", b"\n" * (65 << 20))])
    assert bomb.stat().st_size < 1 << 20
    assert "MSD001.csv would unpack to 65 MB" in refusal(bomb, rules)


def test_a_zip_whose_size_is_a_lie_is_refused(rules, tmp_path):
    members = [("MSD000Header.csv", HEADER.format(provider="RVR")), ("MSD001.csv", GP * 2_000)]
    given = zip_of(tmp_path / "RVR.zip", members)
    content = given.read_bytes()
    true = (len(GP) * 2_000).to_bytes(4, "little")
    assert content.count(true) == 2
    given.write_bytes(content.replace(true, (100).to_bytes(4, "little")))
    assert "cannot be unpacked" in refusal(given, rules)


@pytest.mark.parametrize("outside", ["../../", "/", "C:\\", "..\\..\\"])
def test_a_zip_that_points_outside_itself_is_read_where_it_is(outside, rules, tmp_path):
    (tmp_path / "in" / "zip").mkdir(parents=True)
    members = [(f"{outside}MSD000Header.csv", HEADER.format(provider="RVR"))]
    before = sorted(tmp_path.rglob("*"))
    given = zip_of(tmp_path / "in" / "zip" / "RVR.zip", [*members, (f"{outside}MSD002.csv", GP)])
    assert names([given], rules) == ["RVR 2026-08"]
    assert sorted(tmp_path.rglob("*")) == sorted([*before, given])


def test_a_link_in_a_zip_is_not_followed(rules, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text(GP, encoding="utf-8")
    link = zipfile.ZipInfo("MSD002.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "RVR.zip", "w") as archive:
        archive.writestr("MSD000Header.csv", HEADER.format(provider="RVR"))
        archive.writestr(link, str(secret))
    assert "MSD002.csv" in refusal(tmp_path / "RVR.zip", rules)


def test_one_name_twice_in_a_zip_is_refused(rules, tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        given = zip_of(tmp_path / "RVR.zip", [("MSD002.csv", GP), ("MSD002.csv", GP * 2)])
    assert "MSD002GP twice" in refusal(given, rules)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_in_a_circle_are_refused(rules, tmp_path):
    extract(tmp_path / "RVR")
    (tmp_path / "RVR" / "again").symlink_to(tmp_path)
    assert "again is a link" in refusal(tmp_path, rules)
