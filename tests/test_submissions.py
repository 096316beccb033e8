"""Tests of telling submissions apart where one table holds those of several trusts and months."""

from __future__ import annotations

import polars as pl
import pytest

from msds_audit.errors import ExtractError
from msds_audit.extract import Period
from msds_audit.readers import open_extract

HEADER = "OrgIDProvider,RPStartDate,OrgCodeProvider,UniqSubmissionID"
THREE = f"{HEADER}\nRJ7,2026-08-01,RJ7,11\nRAX,2026-08-01,RAX,12\nRJ7,2026-07-01,RJ7,13\n"


def extract(folder, **tables):
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def opened(folder, rules, **options):
    submissions = open_extract([folder], rules.spec, **options).submissions
    return {one.name: one for one in submissions}


def mothers(submission):
    return submission.tables["MSD001MotherDemog"].collect()["LPIDMother"].to_list()


def refusal(folder, rules, **options):
    with pytest.raises(ExtractError) as caught:
        open_extract([folder], rules.spec, **options)
    assert caught.value.hint
    return caught.value.sentence


def test_rows_that_name_provider_and_month_are_told_apart_by_them(rules, tmp_path):
    text = (
        "LPIDMother,OrgIDProvider,RPStartDate\n"
        "a,RJ7,2026-08-01\nb,RAX,2026-08-01\nc,rj7,2026-08-01\nd,RJ7,2026-07-01\n"
    )
    found = opened(extract(tmp_path, MSD001=text), rules)
    assert {name: mothers(one) for name, one in found.items()} == {
        "RAX 2026-08": ["b"],
        "RJ7 2026-07": ["d"],
        "RJ7 2026-08": ["a", "c"],
    }


def test_rows_that_name_their_submission_are_told_apart_through_the_header(rules, tmp_path):
    text = "LPIDMother,OrgCodeProvider,UniqSubmissionID\na,RJ7,11\nb,RAX,12\nc,RJ7,13\nd,RJ7,11\n"
    found = opened(extract(tmp_path, MSD000Header=THREE, MSD001=text), rules)
    assert {name: mothers(one) for name, one in found.items()} == {
        "RAX 2026-08": ["b"],
        "RJ7 2026-07": ["c"],
        "RJ7 2026-08": ["a", "d"],
    }
    for name, one in found.items():
        header = one.tables["MSD000Header"].collect()
        assert header.height == 1
        assert name.startswith(header["OrgIDProvider"].item())


def test_provider_alone_is_enough_where_each_has_one_month(rules, tmp_path):
    header = f"{HEADER}\nRJ7,2026-08-01,RJ7,11\nRAX,2026-07-01,RAX,12\n"
    text = "LPIDMother,OrgCodeProvider\na,RJ7\nb,RAX\n"
    found = opened(extract(tmp_path, MSD000Header=header, MSD001=text), rules)
    assert {name: mothers(one) for name, one in found.items()} == {
        "RAX 2026-07": ["b"],
        "RJ7 2026-08": ["a"],
    }


def test_provider_alone_is_not_enough_where_one_has_two_months(rules, tmp_path):
    text = "LPIDMother,OrgCodeProvider\na,RJ7\nb,RAX\n"
    folder = extract(tmp_path, MSD000Header=THREE, MSD001=text)
    assert "MSD001MotherDemog has rows that do not say" in refusal(folder, rules)


def test_a_table_that_says_nothing_is_not_shared_out(rules, tmp_path):
    text = "LPIDMother,OrgIDProvider,RPStartDate\na,RJ7,2026-08-01\nb,RAX,2026-08-01\n"
    folder = extract(tmp_path, MSD001=text, MSD002="LPIDMother\na\n")
    assert "MSD002GP has rows that do not say" in refusal(folder, rules)


def test_an_empty_table_that_says_nothing_is_there_for_all(rules, tmp_path):
    text = "LPIDMother,OrgIDProvider,RPStartDate\na,RJ7,2026-08-01\nb,RAX,2026-08-01\n"
    found = opened(extract(tmp_path, MSD001=text, MSD002="LPIDMother\n"), rules)
    assert [one.tables["MSD002GP"].collect().height for one in found.values()] == [0, 0]


@pytest.mark.parametrize("row", ["c,,2026-08-01", "c,RJ7,", "c,,", "c,R J7,2026-08-01"])
def test_a_row_that_does_not_say_is_not_left_out(row, rules, tmp_path):
    text = f"LPIDMother,OrgIDProvider,RPStartDate\na,RJ7,2026-08-01\nb,RAX,2026-08-01\n{row}\n"
    said = refusal(extract(tmp_path, MSD001=text), rules)
    assert "rows that do not say" in said
    assert "R J7" not in said


def test_no_row_is_lost_or_counted_twice(rules, tmp_path):
    rows = [(f"m{i}", ("RJ7", "RAX", "RVR")[i % 3], f"2026-0{7 + i % 2}-01") for i in range(60)]
    text = "LPIDMother,OrgIDProvider,RPStartDate\n" + "".join(f"{','.join(row)}\n" for row in rows)
    found = opened(extract(tmp_path, MSD001=text), rules)
    assert len(found) == 6
    assert sorted(name for one in found.values() for name in mothers(one)) == sorted(
        row[0] for row in rows
    )


def test_rows_are_as_they_stand_in_the_file_with_their_lines_and_nothing_is_read_again(
    rules, tmp_path
):
    rows = [
        (f"m{i}", ("RJ7", "RAX")[i % 3 == 0], f"RJ7{i % 7}", "" if i % 4 else "2026-08-0x")
        for i in range(40)
    ]
    text = "LPIDMother,OrgIDProvider,OrgIDLPID,PersonBirthDateMother,LSOAMother2011\n"
    text += "".join(f"{','.join(row)},E010{row[0]}\n" for row in rows)
    found = opened(extract(tmp_path, MSD001=text), rules, period=Period.parse("2026-08"))
    (tmp_path / "MSD001.csv").unlink()
    for provider in ("RAX", "RJ7"):
        one = found[f"{provider} 2026-08"]
        own = [(place, row) for place, row in enumerate(rows) if row[1] == provider]
        frame = one.tables["MSD001MotherDemog"].collect()
        assert set(frame.dtypes) == {pl.String}
        assert frame.rows() == [(id, org, born or None) for _, (id, _, org, born) in own]
        lines = one.lines["MSD001MotherDemog"].of(pl.Series(range(len(own))))
        assert lines.to_list() == [place + 2 for place, _ in own]
        areas = one.areas.collect().rows()
        assert areas == [(id, f"E010{id}") for _, (id, *_) in own]


def test_one_submission_alone_is_left_in_its_file(rules, tmp_path):
    text = "LPIDMother,OrgIDProvider,RPStartDate\na,RJ7,2026-08-01\nb,RJ7,2026-08-01\n"
    [found] = opened(extract(tmp_path, MSD001=text), rules).values()
    assert "Csv SCAN" in found.tables["MSD001MotherDemog"].explain()
    assert mothers(found) == ["a", "b"]
    assert found.lines["MSD001MotherDemog"].of(pl.Series([0, 1])).to_list() == [2, 3]


def test_a_table_without_a_row_of_a_submission_is_empty_there(rules, tmp_path):
    one = "LPIDMother,OrgIDProvider,RPStartDate\na,RJ7,2026-08-01\nb,RAX,2026-08-01\n"
    two = "LPIDMother,OrgIDProvider,RPStartDate\na,RJ7,2026-08-01\n"
    found = opened(extract(tmp_path, MSD001=one, MSD002=two), rules)
    assert found["RAX 2026-08"].tables["MSD002GP"].collect().is_empty()
    assert found["RJ7 2026-08"].tables["MSD002GP"].collect().height == 1


def test_a_submission_that_only_rows_name_has_no_header(rules, tmp_path):
    header = "OrgIDProvider,RPStartDate\nRJ7,2026-08-01\n"
    text = "LPIDMother,OrgIDProvider,RPStartDate\na,RJ7,2026-08-01\nb,RAX,2026-08-01\n"
    found = opened(extract(tmp_path, MSD000Header=header, MSD001=text), rules)
    assert found["RAX 2026-08"].tables["MSD000Header"].collect().is_empty()


def test_the_same_month_submitted_twice_is_refused(rules, tmp_path):
    header = f"{HEADER}\nRJ7,2026-08-01,RJ7,11\nRJ7,2026-08-01,RJ7,12\n"
    text = "LPIDMother,UniqSubmissionID\na,11\na,12\n"
    folder = extract(tmp_path, MSD000Header=header, MSD001=text)
    assert "RJ7 2026-08 as it was submitted 2 times" in refusal(folder, rules)


@pytest.mark.parametrize("start", ["01/08/2026", "2026-08", "2026-08-01 00:00:00", "8"])
def test_a_period_that_is_written_otherwise_is_told_as_that(rules, start, tmp_path):
    text = (
        f"LPIDMother,OrgIDProvider,RPStartDate\na,RJ7,2026-08-01\nb,RAX,2026-08-01\nc,RJ7,{start}\n"
    )
    told = refusal(extract(tmp_path, MSD001=text), rules)
    assert "MSD001MotherDemog has rows whose RPStartDate is filled and no day" in told


@pytest.mark.parametrize("other", ["RAX,2026-08-01", "RJ7,2026-09-01"])
def test_one_identifier_for_two_submissions_is_refused(rules, other, tmp_path):
    text = (
        f"LPIDMother,OrgIDProvider,RPStartDate,UniqSubmissionID\na,RJ7,2026-08-01,9\nb,{other},9\n"
    )
    told = refusal(extract(tmp_path, MSD001=text), rules)
    assert "gives one UniqSubmissionID for the rows of two trusts or months" in told


def test_columns_blank_throughout_say_nothing_and_the_header_does(rules, tmp_path):
    header = "OrgIDProvider,RPStartDate\nRJ7,2026-08-01\n"
    text = "LPIDMother,OrgCodeProvider,UniqSubmissionID\na,,\nb,,\n"
    [one] = opened(extract(tmp_path, MSD000Header=header, MSD001=text), rules).values()
    assert one.name == "RJ7 2026-08"
    assert mothers(one) == ["a", "b"]


def test_rows_of_another_trust_than_the_header_names_are_not_taken_for_its_own(rules, tmp_path):
    header = "OrgIDProvider,RPStartDate\nRJ7,2026-08-01\n"
    text = "LPIDMother,OrgCodeProvider\na,RJ7\nb,RAX\n"
    folder = extract(tmp_path, MSD000Header=header, MSD001=text)
    assert "MSD001MotherDemog has rows that do not say" in refusal(folder, rules)


def test_what_the_rows_leave_open_can_be_given(rules, tmp_path):
    folder = extract(tmp_path, MSD001="LPIDMother,OrgCodeProvider\na,RJ7\nb,RAX\n")
    assert "do not say whose" in refusal(folder, rules)
    found = opened(folder, rules, period=Period.parse("2026-08"))
    assert sorted(found) == ["RAX 2026-08", "RJ7 2026-08"]


def test_each_submission_says_that_it_is_one_of_several(rules, tmp_path):
    text = "LPIDMother,OrgIDProvider,RPStartDate\na,RJ7,2026-08-01\nb,RAX,2026-08-01\n"
    for one in opened(extract(tmp_path, MSD001=text), rules).values():
        assert any("One of 2 submissions" in notice for notice in one.notices)


def test_derived_columns_are_listed_once_for_all_tables(rules, tmp_path):
    header = f"{HEADER}\nRJ7,2026-08-01,RJ7,11\n"
    columns = "LPIDMother,OrgCodeProvider,UniqSubmissionID,RecordNumber"
    texts = dict.fromkeys(("MSD001", "MSD002", "MSD003"), f"{columns}\na,RJ7,11,1\n")
    [one] = opened(extract(tmp_path, MSD000Header=header, **texts), rules).values()
    assert [notice.count("RecordNumber") for notice in one.notices if "RecordNumber" in notice] == [
        1
    ]
