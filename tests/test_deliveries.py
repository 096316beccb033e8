"""Tests of reading annual deliveries by provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from msds_audit.errors import ExtractError
from msds_audit.readers.deliveries import LARGEST, read_deliveries


@pytest.fixture
def given(tmp_path: Path):
    """Write a file and read it."""

    def reading(content: str | bytes) -> dict[str, int]:
        file = tmp_path / "hes.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_deliveries(file)

    return reading


@pytest.mark.parametrize(
    "headings",
    [
        "provider,annual_deliveries",
        "Provider,Annual_Deliveries",
        "Org_Code,TotalDeliveries_HES",
        "OrgCodeProvider,deliveries",
        "ORG_CODE,DELIVERIES",
        '"provider","annual_deliveries"',
        " provider , annual_deliveries ",
    ],
)
def test_columns_are_found_by_any_of_their_names_in_any_case(given, headings):
    assert given(f"{headings}\nRJ7,4120\nRAX,5010\n") == {"RJ7": 4120, "RAX": 5010}


def test_columns_may_stand_in_any_order_among_others(given):
    text = "year,deliveries,name,provider\n2024-25,4120,St George's,RJ7\n"
    assert given(text) == {"RJ7": 4120}


def test_several_rows_of_one_provider_are_added_up(given):
    assert given("provider,deliveries\nRJ7,4000\nRAX,5\nrj7,120\n") == {"RJ7": 4120, "RAX": 5}


def test_thousands_may_be_set_apart(given):
    assert given('provider,deliveries\nRJ7,"4,120"\n') == {"RJ7": 4120}
    assert given("provider;deliveries\nRJ7;4,120\n") == {"RJ7": 4120}


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfprovider,deliveries,name\r\nRJ7,12,St George\xe2\x80\x99s\r\n",
        b"provider;deliveries;name\r\nRJ7;12;St George\x92s\r\n",
        b"\n\nprovider,deliveries,name\n\nRJ7,12,\n,,\n",
    ],
    ids=["UTF-8 with a mark", "Windows-1252 and semicolons", "blank lines"],
)
def test_text_is_read_as_spreadsheets_save_it(given, content):
    assert given(content) == {"RJ7": 12}


NOT_A_NUMBER = "hes.csv, line 3: the deliveries are no whole number, such as 1680 or 1,680."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "hes.csv is empty."),
        (" \n\n", "hes.csv is empty."),
        ("provider,deliveries\n", "hes.csv has headings and no line below them."),
        (
            "trust,deliveries\nRJ7,5\n",
            "hes.csv has no column provider or Org_Code or OrgCodeProvider.",
        ),
        (
            "provider,births\nRJ7,5\n",
            "hes.csv has no column annual_deliveries or TotalDeliveries_HES or deliveries.",
        ),
        (
            "provider,deliveries,Deliveries\nRJ7,5,6\n",
            "hes.csv has 2 columns of those called annual_deliveries or TotalDeliveries_HES "
            "or deliveries.",
        ),
        ("provider,deliveries\nRJ7,5\nRAX,about 5010\n", NOT_A_NUMBER),
        ("provider,deliveries\nRJ7,5\nRAX,-5010\n", NOT_A_NUMBER),
        ("provider,deliveries\nRJ7,5\nRAX,\n", NOT_A_NUMBER),
        ("provider,deliveries\nRJ7,5\nRAX,5010.5\n", NOT_A_NUMBER),
        ('provider,deliveries\nRJ7,5\nRAX,"50,10"\n', NOT_A_NUMBER),
        ("provider,deliveries\nRJ7,5\nRAX,٤\n", NOT_A_NUMBER),
        (
            "provider,deliveries\nRJ7,4,120\n",
            "hes.csv, line 2: has 3 values where there are 2 headings.",
        ),
        (
            "provider,deliveries\nRJ7,0\n",
            "hes.csv, line 2: 0 deliveries a year; leave out a trust that is not known.",
        ),
        (
            "provider,deliveries\nRJ7,5\nRAX,5\nRJ7,5\n",
            "hes.csv, line 4: says the same as a line before it.",
        ),
        ("provider,deliveries\n,4120\n", "hes.csv, line 2: names no provider."),
        (
            'provider,deliveries\nRJ7,"4120\n',
            "hes.csv, line 2: a quotation mark is out of place.",
        ),
        (b"PK\x03\x04\0\0", "hes.csv is no list of deliveries as text."),
        (b"x" * (LARGEST + 1), "hes.csv is no list of deliveries as text."),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence_and_a_hint(given, content, sentence):
    with pytest.raises(ExtractError) as caught:
        given(content)
    assert caught.value.sentence == sentence
    assert caught.value.hint
    assert "5010" not in caught.value.sentence + caught.value.hint


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ExtractError, match=r"^There is no file hes\.csv\.$"):
        read_deliveries(tmp_path / "hes.csv")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ExtractError, match="cannot be read"):
        read_deliveries(tmp_path)
