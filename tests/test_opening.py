"""Tests of opening an extract: whose it is, which columns are items, and Parquet."""

from __future__ import annotations

import datetime
import random
import re
import shutil
import zipfile

import polars as pl
import pytest

from msds_audit.api import check
from msds_audit.errors import ExtractError
from msds_audit.extract import Period
from msds_audit.masking import file_name, heading
from msds_audit.readers import open_extract
from msds_audit.reports import to_json
from support import checked

HEADER = "OrgIDProvider,RPStartDate\nRVR,2026-08-01\n"
AUGUST = Period.parse("2026-08")
ITEMS = ["LPIDMother", "OrgCodeGMPMother", "StartDateGMPReg", "EndDateGMPReg", "OrgIDGPPrac"]


def extract(folder, header=HEADER, **tables):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"MSD000Header": header, **tables}.items():
        if text is not None:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def with_parquet(folder, frame, name="MSD002GP", header=HEADER):
    extract(folder, header)
    frame.write_parquet(folder / f"{name}.parquet")
    return folder


def opened(folder, rules, **options):
    [submission] = open_extract([folder], rules.spec, **options).submissions
    return submission


def refusal(paths, rules, **options):
    paths = paths if isinstance(paths, list) else [paths]
    with pytest.raises(ExtractError) as caught:
        open_extract(paths, rules.spec, **options)
    assert caught.value.hint
    return caught.value.sentence


def told(submission):
    return " ".join(submission.notices)


# --- whose, and of when -------------------------------------------------------------------


def test_the_header_says_whose_it_is_and_of_which_month(rules, tmp_path):
    submission = opened(extract(tmp_path), rules)
    assert (submission.provider, submission.period) == ("RVR", AUGUST)


@pytest.mark.parametrize("code", ["rvr", " RVR ", '"RVR"', "Rvr"])
def test_a_provider_code_is_read_in_any_case(code, rules, tmp_path):
    header = f"OrgIDProvider,RPStartDate\n{code},2026-08-01\n"
    assert opened(extract(tmp_path, header), rules).provider == "RVR"


UNREADABLE = [
    None,
    "",
    "OrgIDProvider,RPStartDate\n",
    "OrgIDProvider,RPStartDate\n,\n",
    "OrgIDProvider,RPStartDate\nSt George's,August\n",
    "OrgIDProvider,RPStartDate\n?,2026-13-01\n",
    "Version,PrimSystemInUse\n2.0,X\n",
]
HALF_READABLE = [
    "OrgIDProvider\nRVR\n",
    "RPStartDate\n2026-08-01\n",
    "OrgIDProvider,RPStartDate\nRVR,01/08/2026\n",
    "OrgIDProvider,RPStartDate\nSt George's,2026-08-01\n",
]


@pytest.mark.parametrize("header", UNREADABLE + HALF_READABLE)
def test_without_a_readable_header_the_options_are_asked_for(header, rules, tmp_path):
    folder = extract(tmp_path, header, MSD002GP="LPIDMother\nA\n")
    with pytest.raises(ExtractError) as caught:
        open_extract([folder], rules.spec)
    assert "MSD000Header" in caught.value.sentence
    assert ("--provider" in caught.value.hint) == ("RVR" not in (header or ""))
    assert ("--period" in caught.value.hint) == ("2026-08-01" not in (header or ""))


@pytest.mark.parametrize(
    ("header", "state"),
    [
        (None, "MSD000Header is missing"),
        ("OrgIDProvider,RPStartDate\n", "MSD000Header is empty"),
        ("OrgIDProvider,RPStartDate\nRVR,01/08/2026\n", "no readable RPStartDate"),
        ("OrgIDProvider,RPStartDate\nSt George's,2026-08-01\n", "no readable OrgIDProvider"),
    ],
)
def test_what_is_wrong_with_the_header_is_said(header, state, rules, tmp_path):
    folder = extract(tmp_path, header, MSD002GP="LPIDMother\nA\n")
    with pytest.raises(ExtractError) as caught:
        open_extract([folder], rules.spec)
    assert state in caught.value.sentence


def test_the_options_name_one_trust_of_several_and_leave_the_others_alone(rules, tmp_path):
    extract(tmp_path / "a", None, MSD002GP="LPIDMother\nA\n")
    extract(tmp_path / "b", "OrgIDProvider,RPStartDate\nRJ6,2026-08-01\n")
    found = open_extract([tmp_path], rules.spec, provider="RVR", period=AUGUST)
    assert [one.name for one in found.submissions] == ["RJ6 2026-08", "RVR 2026-08"]


@pytest.mark.parametrize("part", ["MSD002GP_2.csv", "msd002 (2).csv", "MSD002-late.csv"])
def test_a_part_of_a_table_beside_it_is_refused(part, rules, tmp_path):
    folder = extract(tmp_path, MSD002GP="LPIDMother\nA\n")
    (folder / part).write_text("LPIDMother\nB\n", encoding="utf-8")
    with pytest.raises(ExtractError, match="named like a table"):
        open_extract([folder], rules.spec)


@pytest.mark.parametrize("header", UNREADABLE + HALF_READABLE)
def test_the_options_stand_in_for_what_the_header_does_not_say(header, rules, tmp_path):
    folder = extract(tmp_path, header, MSD002GP="LPIDMother\nA\n")
    submission = opened(folder, rules, provider="RVR", period=AUGUST)
    assert submission.name == "RVR 2026-08"


@pytest.mark.parametrize("options", [{"provider": "RVR"}, {"period": AUGUST}])
def test_one_option_is_not_enough_where_both_are_missing(options, rules, tmp_path):
    folder = extract(tmp_path, None, MSD002GP="LPIDMother\nA\n")
    assert "MSD000Header" in refusal(folder, rules, **options)


@pytest.mark.parametrize("options", [{"provider": "RVR"}, {"period": AUGUST}, {}])
def test_options_that_agree_with_the_header_change_nothing(options, rules, tmp_path):
    assert opened(extract(tmp_path), rules, **options).name == "RVR 2026-08"


@pytest.mark.parametrize("options", [{"provider": "RJ7"}, {"period": Period.parse("2026-07")}])
def test_options_that_the_header_contradicts_are_refused(options, rules, tmp_path):
    assert "RVR 2026-08" in refusal(extract(tmp_path), rules, **options)


@pytest.mark.parametrize(
    ("second", "what"), [("RJ7,2026-08-01", "providers"), ("RVR,2026-07-01", "reporting periods")]
)
def test_a_header_that_names_two_of_either_is_refused(second, what, rules, tmp_path):
    assert f"2 {what}" in refusal(extract(tmp_path, f"{HEADER}{second}\n"), rules)


def test_a_header_that_says_the_same_twice_is_one_submission(rules, tmp_path):
    assert opened(extract(tmp_path, f"{HEADER}RVR,2026-08-01\n"), rules).name == "RVR 2026-08"


def test_the_same_submission_twice_is_refused(rules, tmp_path):
    extract(tmp_path / "first")
    extract(tmp_path / "second")
    sentence = refusal(tmp_path, rules)
    assert "RVR 2026-08" in sentence
    assert "twice" in sentence
    assert "twice" in refusal([tmp_path / "first", tmp_path / "first"], rules)


def test_two_months_of_one_provider_are_two_submissions(rules, tmp_path):
    extract(tmp_path / "one")
    extract(tmp_path / "two", HEADER.replace("-08-", "-07-"))
    found = open_extract([tmp_path], rules.spec).submissions
    assert [submission.name for submission in found] == ["RVR 2026-07", "RVR 2026-08"]


# --- columns ------------------------------------------------------------------------------


def test_columns_may_stand_in_any_order_and_case(rules, tmp_path):
    headings = ["orgidgpprac", "LPIDMOTHER", " EndDateGMPReg ", '"OrgCodeGMPMother"', ITEMS[2]]
    text = f"{','.join(headings)}\n5,1,4,2,3\n"
    submission = opened(extract(tmp_path, MSD002GP=text), rules)
    frame = submission.tables["MSD002GP"].collect()
    assert frame.rows(named=True) == [dict(zip(ITEMS, "12345", strict=True))]
    assert not any("MSD002GP" in notice for notice in submission.notices)


def test_a_column_that_is_no_item_is_set_aside_and_told(rules, tmp_path):
    text = f"{','.join(ITEMS)},Ward_Notes\n1,2,3,4,5,6\n"
    submission = opened(extract(tmp_path, MSD002GP=text), rules)
    assert submission.tables["MSD002GP"].collect().columns == ITEMS
    assert any("Ward_Notes" in n and "MSD002GP" in n for n in submission.notices)


def test_a_column_that_is_missing_is_told(rules, tmp_path):
    submission = opened(extract(tmp_path, MSD002GP="LPIDMother,OrgIDGPPrac\n1,2\n"), rules)
    [notice] = [one for one in submission.notices if "MSD002GP" in one]
    assert "3 columns missing" in notice
    assert all(item in notice for item in ITEMS[1:4])


def test_columns_that_are_derived_are_set_aside_and_listed_once(rules, tmp_path):
    derived = rules.spec.tables["MSD002GP"].derived[:3]
    text = f"{','.join([*ITEMS, *derived])}\n{','.join('12345678')}\n"
    submission = opened(extract(tmp_path, MSD002GP=text), rules)
    [notice] = [one for one in submission.notices if derived[0] in one]
    assert "NHS England derives" in notice
    assert all(notice.count(name) == 1 for name in derived)


@pytest.mark.parametrize(
    ("heading", "told_as"),
    [
        ("M002010", "M002010 (write OrgCodeGMPMother)"),
        ("m002010", "M002010 (write OrgCodeGMPMother)"),
        ("Org Code GMP Mother", "Org Code GMP Mother (write OrgCodeGMPMother)"),
        ("Org_Code_GMP_Mother", "Org_Code_GMP_Mother (write OrgCodeGMPMother)"),
    ],
)
def test_a_heading_that_is_an_item_written_otherwise_says_which(heading, told_as, rules, tmp_path):
    folder = extract(tmp_path, MSD002GP=f"LPIDMother,{heading}\n1,2\n")
    assert f"1 column not in MSD002GP, set aside: {told_as}." in told(opened(folder, rules))


@pytest.mark.parametrize(
    "heading",
    [
        "9434765919",
        "943 476 5919",
        "NHS 943 476 5919",
        "NHSNumber9434765919",
        "1990-04-01",
        "01/04/1990",
        "SM1 6EM",
        "KT191JM",
        "Smith; Zoë",
        "O'Brien",
        "j.smith@example.org",
        "12 High Street",
        "x" * 60,
    ],
)
@pytest.mark.parametrize("kind", ["unknown", "twice"])
def test_a_heading_that_looks_like_data_is_shown_by_its_outline(kind, heading, rules, tmp_path):
    if kind == "unknown":
        folder = extract(tmp_path, MSD002GP=f"{','.join(ITEMS)},{heading}\n1,2,3,4,5,6\n")
        text = told(opened(folder, rules))
        assert "1 column not in MSD002GP" in text
    else:
        folder = extract(tmp_path, MSD002GP=f"LPIDMother,{heading},{heading}\n1,2,3\n")
        text = refusal(folder, rules)
        assert "line 1" in text
    assert heading not in text


@pytest.mark.parametrize("heading", ["Ward", "Local_Notes", "Extra column 2", "FY26"])
def test_a_heading_that_looks_like_a_name_of_a_column_is_shown(heading, rules, tmp_path):
    folder = extract(tmp_path, MSD002GP=f"LPIDMother,{heading}\n1,2\n")
    assert heading in told(opened(folder, rules))


# --- Parquet ------------------------------------------------------------------------------


def test_parquet_of_text_reads_as_csv_does(rules, tmp_path):
    frame = pl.DataFrame({"lpidmother": ["01", " A ", "  ", "", None, "NA"], "Orgidgpprac": "x"})
    submission = opened(with_parquet(tmp_path, frame), rules)
    rows = submission.tables["MSD002GP"].collect().rows()
    assert [row[0] for row in rows] == ["01", "A", None, None, None, "NA"]
    assert "not text" not in told(submission)
    assert "3 columns missing" in told(submission)


def test_typed_columns_of_parquet_become_text_and_are_told(rules, tmp_path):
    frame = pl.DataFrame(
        {
            "LPIDMother": [1, None],
            "OrgCodeGMPMother": pl.Series(["A", None], dtype=pl.Categorical),
            "StartDateGMPReg": [datetime.date(2026, 8, 1), None],
            "EndDateGMPReg": pl.Series([None, None]),
            "OrgIDGPPrac": ["x", None],
        }
    )
    submission = opened(with_parquet(tmp_path, frame), rules)
    rows = submission.tables["MSD002GP"].collect().rows()
    assert rows == [("1", "A", "2026-08-01", None, "x"), (None,) * 5]
    [notice] = [one for one in submission.notices if "MSD002GP" in one]
    assert "1 column was numbers, not text" in notice


def test_moments_of_parquet_become_dates_and_times_of_day(rules, tmp_path):
    midnight, nine = datetime.datetime(2026, 8, 1), datetime.datetime(2026, 8, 1, 9, 30)
    frame = pl.DataFrame(
        {
            "LPIDMother": ["A", "B", "C"],
            "StartDateGMPReg": [midnight, nine, None],
            "EndDateGMPReg": [datetime.time(9, 30), datetime.time(0), None],
        }
    )
    submission = opened(with_parquet(tmp_path, frame), rules)
    assert submission.tables["MSD002GP"].collect().rows() == [
        ("A", "2026-08-01", "09:30:00"),
        ("B", "2026-08-01 09:30:00", "00:00:00"),
        ("C", None, None),
    ]


@pytest.mark.parametrize("code", ["SMITH", "SM16EM", "M12345", "123456", "SE1 7", "KT1 9X", "Ann"])
def test_what_is_no_code_of_an_organisation_is_neither_taken_for_one_nor_shown(
    code, rules, tmp_path
):
    folder = extract(tmp_path, f"OrgIDProvider,RPStartDate\n{code},2026-08-01\n", MSD002=None)
    if code == "Ann":
        assert opened(folder, rules).provider == "ANN"
    else:
        assert code not in refusal(folder, rules)


@pytest.mark.parametrize("code", ["RJ7", "8HN02", "NLX01", "X26A1"])
def test_codes_of_organisations_are_taken(code, rules, tmp_path):
    folder = extract(tmp_path, f"OrgIDProvider,RPStartDate\n{code},2026-08-01\n")
    assert opened(folder, rules).provider == code


def test_what_was_assumed_of_many_files_is_told_once(rules, tmp_path):
    extract(tmp_path)
    for name in ("MSD001", "MSD002", "MSD003"):
        (tmp_path / f"{name}.csv").write_text("LPIDMother\nA\n", encoding="utf-16")
    notices = [one for one in opened(tmp_path, rules).notices if "utf-16" in one]
    assert notices == ["Read as utf-16: MSD001MotherDemog, MSD002GP, MSD003SocPersCircumstances."]


def test_an_unknown_column_of_parquet_is_told_by_its_outline(rules, tmp_path):
    frame = pl.DataFrame({"LPIDMother": ["A"], "9434765919": ["x"], "Ward": ["y"]})
    text = told(opened(with_parquet(tmp_path, frame), rules))
    assert "Ward" in text
    assert "9434765919" not in text


def test_parquet_without_a_known_item_is_refused(rules, tmp_path):
    assert "MSD002GP.parquet" in refusal(
        with_parquet(tmp_path, pl.DataFrame({"Surname": ["A"]})), rules
    )


@pytest.mark.parametrize("second", ["lpidmother", " LPIDMother "])
def test_parquet_with_a_heading_twice_is_refused(second, rules, tmp_path):
    frame = pl.DataFrame({"LPIDMother": ["A"], second: ["B"]})
    assert "twice" in refusal(with_parquet(tmp_path, frame), rules)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"LPIDMother\nA\n", bytes(range(256))])
def test_bytes_that_are_no_parquet_are_refused(content, rules, tmp_path):
    (extract(tmp_path) / "MSD002GP.parquet").write_bytes(content)
    assert "MSD002GP.parquet" in refusal(tmp_path, rules)


def test_parquet_that_is_cut_short_is_refused(rules, tmp_path):
    with_parquet(tmp_path, pl.DataFrame({"LPIDMother": ["A"] * 1000}))
    file = tmp_path / "MSD002GP.parquet"
    file.write_bytes(file.read_bytes()[:-20])
    assert "MSD002GP.parquet" in refusal(tmp_path, rules)


@pytest.mark.parametrize(
    "values", [[["A"], ["B"]], [b"\xff\xfe", b"B"]], ids=["lists", "bytes that are no text"]
)
def test_parquet_whose_values_are_no_text_is_refused(values, rules, tmp_path):
    """Either when it is opened or when it is counted, but as an extract that cannot be read."""
    with_parquet(tmp_path, pl.DataFrame({"LPIDMother": values}))
    with pytest.raises(ExtractError, match="MSD002GP"):
        check([tmp_path], rules=rules)


def test_a_parquet_header_with_damaged_pages_is_refused(rules, tmp_path):
    header = pl.DataFrame({"OrgIDProvider": ["RVR"] * 100, "RPStartDate": ["2026-08-01"] * 100})
    with_parquet(tmp_path, header, "MSD000Header", None)
    file = tmp_path / "MSD000Header.parquet"
    content = bytearray(file.read_bytes())
    start = re.search(rb"\x28\xb5\x2f\xfd", content).start()  # the first zstd frame
    content[start : start + 4] = b"\0\0\0\0"
    file.write_bytes(content)
    assert "MSD000Header.parquet" in refusal(tmp_path, rules)


def test_a_parquet_table_with_damaged_pages_is_refused(rules, tmp_path):
    with_parquet(tmp_path, pl.DataFrame({"LPIDMother": ["A"] * 100}))
    file = tmp_path / "MSD002GP.parquet"
    content = bytearray(file.read_bytes())
    start = re.search(rb"\x28\xb5\x2f\xfd", content).start()
    content[start : start + 4] = b"\0\0\0\0"
    file.write_bytes(content)
    with pytest.raises(ExtractError, match="MSD002GP"):
        check([tmp_path], rules=rules)


@pytest.mark.parametrize("seed", range(4))
def test_parquet_with_flipped_bits_is_read_or_refused(seed, rules, tmp_path):
    """Polars panics on some damaged files; that must not reach the user either."""
    with_parquet(
        tmp_path,
        pl.DataFrame({"OrgIDProvider": ["RVR"] * 1000, "RPStartDate": ["2026-08-01"] * 1000}),
        "MSD000Header",
        None,
    )
    file = tmp_path / "MSD000Header.parquet"
    whole = file.read_bytes()
    chance = random.Random(seed)
    for _ in range(100):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            content[chance.randrange(4, len(content) - 8)] ^= 1 << chance.randrange(8)
        file.write_bytes(content)
        try:
            open_extract([tmp_path], rules.spec, provider="RVR", period=AUGUST)
        except ExtractError as error:
            assert error.hint


# --- one extract, several ways ------------------------------------------------------------


@pytest.fixture(scope="module")
def as_csv(rules, fixtures):
    return to_json(checked([fixtures / "every-rule-broken"], rules=rules))


def copied(fixtures, folder):
    return shutil.copytree(fixtures / "every-rule-broken", folder)


def test_a_zip_gives_the_same_bytes_of_json(rules, fixtures, tmp_path):
    folder = fixtures / "south-west-london" / "RJ6"
    as_csv = to_json(checked([folder], rules=rules))
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.glob("*.csv")):
            archive.write(file, f"extract/{file.name}")
    assert to_json(check([tmp_path / "all.zip"], rules=rules)) == as_csv
    assert to_json(check([tmp_path], rules=rules)) == as_csv


def test_parquet_gives_the_same_bytes_of_json(as_csv, rules, fixtures, tmp_path):
    for file in (fixtures / "every-rule-broken").glob("*.csv"):
        frame = pl.read_csv(file, infer_schema=False)
        frame.write_parquet(tmp_path / f"{file.stem}.parquet")
    assert to_json(check([tmp_path], rules=rules)) == as_csv


def test_other_names_line_ends_and_encodings_give_the_same_bytes_of_json(
    as_csv, rules, fixtures, tmp_path
):
    for place, file in enumerate(sorted((fixtures / "every-rule-broken").glob("*.csv"))):
        text = file.read_text(encoding="utf-8")
        content = text.replace("\n", "\r\n").encode("utf-8-sig" if place % 2 else "utf-8")
        (tmp_path / f"{file.name[:6].lower()}.CSV").write_bytes(content)
    assert to_json(check([tmp_path], rules=rules)) == as_csv


def test_the_order_of_rows_does_not_matter(as_csv, rules, fixtures, tmp_path):
    folder = copied(fixtures, tmp_path / "extract")
    for file in folder.glob("*.csv"):
        heading, *lines = file.read_text(encoding="utf-8").splitlines()
        random.Random(file.name).shuffle(lines)
        file.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
    assert to_json(check([folder], rules=rules)) == as_csv


@pytest.mark.parametrize("start", ["2026-08xx", "2026-08", "2026-08-1", "20260801", "2026-08-32"])
def test_a_period_that_is_no_date_is_not_mended(start, rules, tmp_path):
    folder = extract(tmp_path, f"OrgIDProvider,RPStartDate\nRVR,{start}\n")
    with pytest.raises(ExtractError, match="no readable RPStartDate"):
        open_extract([folder], rules.spec)


def test_several_header_rows_are_told(rules, tmp_path):
    header = "OrgIDProvider,RPStartDate\nRVR,2026-08-01\nRJ7 X,01/09/2026\n"
    [submission] = open_extract([extract(tmp_path, header)], rules.spec).submissions
    assert any("has 2 rows" in notice for notice in submission.notices)


def test_headings_without_an_end_are_refused(rules, tmp_path):
    folder = extract(tmp_path, MSD002GP="LPIDMother," + "x" * 200_000)
    with pytest.raises(ExtractError, match="line 1"):
        open_extract([folder], rules.spec)


def test_parquet_of_records_is_refused(rules, tmp_path):
    frame = pl.DataFrame({"LPIDMother": [{"a": "b"}]})
    with pytest.raises(ExtractError, match="lists or records"):
        open_extract([with_parquet(tmp_path, frame)], rules.spec)


@pytest.mark.parametrize(
    "name",
    [
        *("999.085.4084", "999_085_4084", "DOB 1990-04-01", "born 01.04.1990", "DOB_1990_04_01"),
        *("KT19_1JM Mary", "SM1_6EM", "Smith_SM16EM", "x_SM16EM"),
    ],
)
def test_what_looks_like_data_is_masked_however_it_is_set_apart(name):
    for shown in (file_name(name), heading(name)):
        assert not any(one in shown for one in ("085", "1990", "1JM", "6EM", "16EM"))


@pytest.mark.parametrize("name", ["2026-08", "RVR_2026-08", "MSD001MotherDemog.csv", "Rank_IMD"])
def test_ordinary_names_are_shown_as_they_are(name):
    assert file_name(name) == name
