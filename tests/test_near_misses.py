"""Tests of guessing what a value was meant to be, without showing who it belongs to."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msds_audit.audit import audit
from msds_audit.masking import shape
from msds_audit.near_misses import Guess, recognise
from msds_audit.rule import Rules
from msds_audit.spec import CodeList
from support import item, submission


def words(text: str) -> str:
    """The letters and digits of a text, whatever stands between them."""
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def codes(table: str, name: str) -> CodeList:
    found = item(table, name).codes
    assert found is not None
    return found


ETHNIC = codes("MSD001", "EthnicCategoryMother")
STATUS = codes("MSD001", "NHSNumberStatusMother")
DISABILITY = codes("MSD101", "DisabilityIndMother")
SEX = codes("MSD401", "PersonPhenSex")
LANGUAGE = codes("MSD101", "LangCode")
EMPLOYMENT = codes("MSD101", "EmploymentStatusMother")


@pytest.mark.parametrize(
    ("among", "text", "kind", "means"),
    [
        # a label, however it is written
        (ETHNIC, "British", "label", ("A",)),
        (ETHNIC, "WHITE - BRITISH", "label", ("A",)),
        (ETHNIC, "white  british", "label", ("A",)),
        (ETHNIC, "White and Black Caribbean", "label", ("D",)),
        (SEX, "Female", "label", ("2",)),
        (EMPLOYMENT, "retired", "label", ("08",)),
        (DISABILITY, "Yes", "label", ("Y",)),
        (DISABILITY, "no", "label", ("N",)),
        (DISABILITY, "NO.", "label", ("N",)),
        (DISABILITY, "(yes)", "label", ("Y",)),
        # a code in the wrong case
        (ETHNIC, "a", "letter case", ("A",)),
        (ETHNIC, "z", "letter case", ("Z",)),
        (DISABILITY, "y", "letter case", ("Y",)),
        (LANGUAGE, "EN", "letter case", ("en",)),
        (LANGUAGE, "Q4", "letter case", ("q4",)),
        # a number that lost its zero
        (STATUS, "1", "leading zero lost", ("01",)),
        (STATUS, "7", "leading zero lost", ("07",)),
        (EMPLOYMENT, "8", "leading zero lost", ("08",)),
        # a local second character
        (ETHNIC, "A1", "local code", ("A",)),
        (ETHNIC, "Z9", "local code", ("Z",)),
        # in the dictionary, and not for this data set
        (STATUS, "08", "not permitted", ()),
    ],
)
def test_a_slip_is_recognised(
    among: CodeList, text: str, kind: str, means: tuple[str, ...]
) -> None:
    found = recognise(among, text)
    assert (found.kind, found.means) == (kind, means)


@pytest.mark.parametrize(
    ("among", "text", "outline"),
    [
        (ETHNIC, "Mrs Smith", "Xxx Xxxxx"),
        (ETHNIC, "9991907483", "9999999999"),
        (ETHNIC, "12/03/1991", "99/99/9999"),
        (ETHNIC, "W1", "X9"),  # not a code, so no local form of one
        (ETHNIC, "QX", "XX"),
        (ETHNIC, "A!", "X?"),
        (ETHNIC, "A11", "X99"),
        (STATUS, "8", "9"),  # 08 itself may not be sent
        (STATUS, "0", "9"),
        (STATUS, "²", "9"),
        (DISABILITY, "maybe", "xxxxx"),
        (SEX, "nope", "xxxx"),
        (ETHNIC, "@#~", "???"),
        (ETHNIC, "-", "-"),
        (ETHNIC, "Long Name Of Somebody", "Xxxx Xxxx Xx Xxx…"),
    ],
)
def test_anything_else_is_shown_by_its_outline_alone(
    among: CodeList, text: str, outline: str
) -> None:
    assert recognise(among, text) == Guess(outline, "", ())


def test_every_known_near_miss_is_recognised_as_what_it_is() -> None:
    kinds = set()
    for miss in ETHNIC.near_misses:
        found = recognise(ETHNIC, miss.seen)
        assert (found.kind, found.means) == (miss.kind, miss.means), miss.seen
        kinds.add(found.kind)
    assert kinds == {"label", "old code", "2021 label"}


@pytest.mark.parametrize("among", [ETHNIC, STATUS, DISABILITY, SEX, LANGUAGE])
@given(st.text(min_size=1, max_size=24).filter(lambda text: text.strip() == text))
def test_a_value_is_never_shown_unless_it_is_a_known_slip(among: CodeList, text: str) -> None:
    if text in among.permitted:
        return
    found = recognise(among, text)
    assert set(found.means) <= among.permitted
    if found.kind:
        public = {*among.labels, *among.labels.values(), *(one.seen for one in among.near_misses)}
        public |= {"null", "none", "nil", "nan", "na", "n a", "blank", "empty"}
        public |= {"yes", "no", *(code.lstrip("0") for code in among.permitted)}
        if among.local_suffix:
            public |= {f"{code}{digit}" for code in among.permitted for digit in range(10)}
        assert words(found.seen) in {words(known) for known in public}
    else:
        assert found == Guess(shape(text), "", ())


@given(st.text(max_size=60))
def test_an_outline_keeps_no_letter_and_no_digit(text: str) -> None:
    found = shape(text)
    assert set(found) <= set("Xx9? -/.,'_:()…")
    assert len(found) <= 17


@pytest.mark.parametrize(
    ("text", "outline"),
    [
        ("RJ7/123 (old)", "XX9/999 (xxx)"),
        ("Zoë", "Xxx"),
        ("٣", "9"),
        ("💬", "?"),
        ("", ""),
        ("1234567890123456", "9" * 16),
        ("12345678901234567", "9" * 16 + "…"),
    ],
)
def test_an_outline_tells_letters_digits_and_others_apart(text: str, outline: str) -> None:
    assert shape(text) == outline


def test_the_audit_counts_slips_by_how_they_are_written_most_first(rules: Rules) -> None:
    texts = ["a", "British", "British", "British", "white-british", "Jane Doe", "Mary Lee", "A1"]
    rows = [{"EthnicCategoryMother": text} for text in (*texts, "A", "99", None)]
    found = audit(submission(rules.spec, {"MSD001": rows}), rules)
    seen = [
        (one.seen, one.kind, one.means, one.rows)
        for one in found.unrecognised
        if one.item == "EthnicCategoryMother"
    ]
    assert seen == [
        ("British", "label", ("A",), 3),
        ("Xxxx Xxx", "", (), 2),  # two names of one shape
        ("A1", "local code", ("A",), 1),
        ("a", "letter case", ("A",), 1),
        ("white-british", "label", ("A",), 1),
    ]


def test_items_whose_list_is_open_are_not_guessed_at(rules: Rules) -> None:
    found = audit(submission(rules.spec, {"MSD001": [{"Postcode": "Jane Doe"}]}), rules)
    assert found.unrecognised == ()


@pytest.mark.parametrize("text", ["NULL", "null", "N/A", "#N/A", "NaN", "None", "[blank]"])
def test_nothing_written_out_is_named(text: str) -> None:
    assert recognise(ETHNIC, text) == Guess(text, "nothing, written out", ())
