"""Tests of judging values: VODIM classes worked out by hand, predicates, and what null means."""

from __future__ import annotations

import random
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nhs_number.constants import REGION_SCOTLAND
from nhs_number.validate import calculate_checksum, is_valid

from msds_audit.checks import fits, read_values, row_check, vodim
from msds_audit.predicates import PredicateError, needs, predicate
from msds_audit.rule import Rule, Rules
from msds_audit.spec import Item
from support import classes, frame, item, packaged, quick_first

ETHNIC = ("MSD001", "EthnicCategoryMother")
DATE = ("MSD001", "PersonBirthDateMother")
TIME = ("MSD001", "PersonDeathTimeMother")
COUNT = ("MSD101", "PreviousLiveBirths")
DAYS = ("MSD401", "GestationLengthBirth")
POSTCODE = ("MSD001", "Postcode")
PRACTICE = ("MSD002", "OrgCodeGMPMother")
PROVIDER = ("MSD000", "OrgIDProvider")
COMMISSIONER = ("MSD201", "OrgIDComm")
BIRTH_ORDER = ("MSD401", "BirthOrderMaternitySUS")
NHS_NUMBER = ("MSD001", "NHSNumberMother")
SNOMED = ("MSD003", "SocPerSNOMED")
PREGNANCY = ("MSD101", "PregnancyID")
VERSION = ("MSD000", "Version")
STATUS = ("MSD001", "NHSNumberStatusMother")
SEX = ("MSD401", "PersonPhenSex")


# --- classes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "text", "expected"),
    [
        *((ETHNIC, code, "V") for code in "ABCDEFGHJKLMNPRS"),
        (ETHNIC, "Z", "O"),
        (ETHNIC, "99", "D"),
        *((ETHNIC, text, "I") for text in ("I", "O", "Q", "T", "X", "9", "a", "z", "A1", "99 9")),
        *((ETHNIC, text, "I") for text in ("White British", "-", "N/A", "null", "0", "AA", "A\tB")),
        *((ETHNIC, text, "M") for text in (None, "", " ", "   ", "\t", "\r\n", "\u00a0")),
        *((ETHNIC, text, "V") for text in (" A", "A ", "\tA\n", "\u00a0A")),
        (ETHNIC, " 99 ", "D"),
        # dates: CCYY-MM-DD, and a day that exists
        *((DATE, text, "V") for text in ("2026-08-14", "2024-02-29", "1900-01-01", "9999-12-31")),
        *((DATE, text, "I") for text in ("2026-02-30", "2025-02-29", "2026-13-01", "2026-04-31")),
        *((DATE, text, "I") for text in ("2026-2-3", "26-02-03", "20260814", "2026/08/14")),
        *((DATE, text, "I") for text in ("14/08/2026", "2026-08-14 00:00:00", "2026-08-14T00:00")),
        *((DATE, text, "I") for text in ("0000-00-00", "2026-00-10", "2026-08-00", "45660")),
        *((DATE, text, "I") for text in ("2026-08", "+2026-08-1", "2026-08-1x", "２０２６-08-14")),
        (DATE, " 2026-08-14 ", "V"),
        (DATE, "  ", "M"),
        # times: HH:MM:SS on a clock of 24 hours
        *((TIME, text, "V") for text in ("00:00:00", "09:30:00", "23:59:59")),
        *((TIME, text, "I") for text in ("24:00:00", "23:60:00", "9:30:00", "09:30", "09.30.00")),
        *((TIME, text, "I") for text in ("09:30:00.000", "09:30:00Z", "9:30:00 AM", "-1:00:00")),
        (TIME, "", "M"),
        # counts: at most two (or three) digits and nothing else
        *((COUNT, text, "V") for text in ("0", "1", "00", "07", "99")),
        *((COUNT, text, "I") for text in ("100", "-1", "1.0", "+1", "1e1", "1,", "x", "²", "٣")),
        *((COUNT, text, "M") for text in ("", " ")),
        *((DAYS, text, "V") for text in ("0", "39", "280", "999")),
        *((DAYS, text, "I") for text in ("1000", "280.0", "39+2")),
        # postcodes
        *((POSTCODE, text, "V") for text in ("SM5 1AA", "M1 1AA", "SW1A 1AA", "EC1A 1BB")),
        *((POSTCODE, text, "V") for text in ("M1   1AA", "M11AA", "SM51AA", "SM5  1AA")),
        *((POSTCODE, text, "V") for text in ("sm5 1aa", "Sw1a 1aA")),
        *(
            (POSTCODE, text, "D")
            for text in ("ZZ99 3VZ", "ZZ99 3WZ", "ZZ993VZ", "ZZ99", "ZZ99 6CZ")
        ),
        *((POSTCODE, text, "I") for text in ("SM5", "SM5 1A", "SM5 AAA", "1AA SM5", "SM5-1AA")),
        *(
            (POSTCODE, text, "I")
            for text in ("SM5    1AA", "M1    1AA", "SM51 11AA", "NFA", "ABCDE")
        ),
        (POSTCODE, "", "M"),
        # open lists: only the special values are classed, the format judges the rest
        *((PRACTICE, text, "V") for text in ("H85001", "XXXXXX", "V81996")),
        *((PRACTICE, text, "D") for text in ("V81997", "V81998", "V81999")),
        *((PRACTICE, text, "I") for text in ("H8500", "H850011", "V8199")),
        *((PROVIDER, text, "V") for text in ("RJ7", "RJ700", "89997", "89999")),
        *((PROVIDER, text, "I") for text in ("RJ", "RJ70000")),
        *((COMMISSIONER, text, "V") for text in ("36L", "VPP00", "XMD00")),
        (COMMISSIONER, "YDD82", "I"),
        (BIRTH_ORDER, "1", "V"),
        (BIRTH_ORDER, "UU", "D"),
        (BIRTH_ORDER, "UUU", "I"),
        # closed lists beside ethnic category
        *((STATUS, f"0{digit}", "V") for digit in range(1, 8)),
        *((STATUS, text, "I") for text in ("08", "1", "1 ", "00", "10")),
        (SEX, "9", "V"),
        (SEX, "X", "D"),
        *((SEX, text, "I") for text in ("F", "x", "0", "02")),
        # identifiers
        *((NHS_NUMBER, text, "V") for text in ("9991907483", "9991907484", "0000000000")),
        *((NHS_NUMBER, text, "I") for text in ("999190748", "99919074833", "999 190 7483")),
        *((NHS_NUMBER, text, "I") for text in ("999-190-74", "9.99E+09", "99919O7483")),
        *((SNOMED, text, "V") for text in ("160542002", "900000000000000000")),
        *((SNOMED, text, "I") for text in ("16054", "9000000000000000000", "16054200a")),
        (PREGNANCY, "P" * 36, "V"),
        (PREGNANCY, "P" * 37, "I"),
        (PREGNANCY, "é" * 36, "V"),  # characters are counted, not bytes
        *((VERSION, text, "V") for text in ("2.0", "2", "12.25")),
        *((VERSION, text, "I") for text in ("2.", ".0", "2.0.25", "v2.0", "2,0", "123.4")),
    ],
)
def test_a_value_has_its_class(of: tuple[str, str], text: str | None, expected: str) -> None:
    assert classes(item(*of), [text]) == [expected]


@pytest.mark.parametrize("text", ["zz99 3vz", "Zz99 3WZ", "zz993cz"])
def test_a_pseudo_postcode_in_small_letters_is_no_usable_postcode(text: str) -> None:
    """Small letters are taken for a postcode, so they must be for a pseudo postcode too."""
    assert classes(item(*POSTCODE), [text]) != ["V"]


@pytest.mark.parametrize("text", ["12:00:60", "00:00:60", "09:30:60"])
def test_no_minute_has_a_61st_second(text: str) -> None:
    assert classes(item(*TIME), [text]) == ["I"]


def test_there_is_no_year_nought() -> None:
    assert classes(item(*DATE), ["0000-01-01"]) == ["I"]


ITEMS_OF_EVERY_KIND = [
    item(*of)
    for of in (
        ETHNIC,
        DATE,
        TIME,
        COUNT,
        POSTCODE,
        PRACTICE,
        COMMISSIONER,
        BIRTH_ORDER,
        NHS_NUMBER,
        SNOMED,
        VERSION,
        SEX,
    )
]


@settings(max_examples=40)
@given(
    texts=st.lists(
        st.none()
        | st.text(max_size=12)
        | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True)
        | st.from_regex(r"[0-9]{2}:[0-9]{2}:[0-9]{2}", fullmatch=True)
        | st.from_regex(r"[0-9]{1,11}", fullmatch=True)
        | st.sampled_from(["A", "Z", "99", "ZZ99 3VZ", "SM5 1AA", "V81999", "UU", "YDD82", " "]),
        min_size=1,
        max_size=50,
    )
)
def test_any_text_whatever_has_exactly_one_class_in_every_kind_of_item(
    texts: list[str | None],
) -> None:
    for one in ITEMS_OF_EVERY_KIND:
        found = classes(one, texts)
        assert len(found) == len(texts)
        assert set(found) <= set("VODIM")


@given(st.text(max_size=12))
def test_a_value_is_missing_exactly_when_nothing_is_left_of_it(text: str) -> None:
    [found] = classes(item(*ETHNIC), [text])
    trimmed = frame([{"EthnicCategoryMother": text}], ["EthnicCategoryMother"]).collect().item()
    assert (found == "M") == (trimmed is None)


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(
            st.text(alphabet=st.characters(codec="ascii"), max_size=40),
            st.sampled_from([" ", "  ", "\t", "\n", "\r\n", "\u00a0"]),
        ),
        min_size=1,
        max_size=50,
    )
)
def test_space_around_a_value_changes_nothing(given: list[tuple[str, str]]) -> None:
    texts, spaced = [text for text, _ in given], [f"{by}{text}{by}" for text, by in given]
    for one in ITEMS_OF_EVERY_KIND:
        assert classes(one, texts) == classes(one, spaced)


@pytest.mark.parametrize("one", list(packaged().spec.items), ids=lambda one: one.path)
def test_what_is_valid_fits_and_what_does_not_fit_is_invalid_or_a_special_value(
    one: Item,
) -> None:
    texts = ["A", "1", "01", "Y", "99", "UU", "ZZ99 3VZ", "2026-08-14", "09:30:00", "RJ7", "#" * 60]
    given = frame([{one.name: text} for text in texts], [one.name])
    both = given.select(fits(one).alias("fits"), vodim(one).alias("class")).collect()
    for fitting, cls in both.iter_rows():
        assert fitting or cls in "IDO"
        assert not (cls == "V" and not fitting)


# --- values -------------------------------------------------------------------------------


def test_a_value_in_another_format_is_null_to_rules_but_not_missing() -> None:
    one = item(*DAYS)
    name = one.name
    given = frame([{name: text} for text in ("280", "1000", "40 weeks", None)], [name])
    found = read_values(given, [one], {f"{name}_vodim", f"{name}_fits"}).collect()
    assert found[name].to_list() == [280, None, None, None]
    assert found[f"{name}_vodim"].to_list() == ["V", "I", "I", "M"]
    assert found[f"{name}_fits"].to_list() == [True, False, False, None]


def test_a_code_that_may_not_be_sent_is_still_seen_by_rules() -> None:
    one = item(*STATUS)
    found = read_values(frame([{one.name: "08"}], [one.name]), [one], ()).collect()
    assert found[one.name].to_list() == ["08"]


def test_a_group_stands_beside_a_code_that_has_one() -> None:
    one = item(*ETHNIC)
    name = one.name
    given = frame([{name: text} for text in ("A", "H", "Z", "99", "x", None)], [name])
    found = read_values(given, [one], {f"{name}_group"}).collect()[f"{name}_group"].to_list()
    assert found[0] == "White"
    assert found[1] == "Asian or Asian British"
    assert found[2:] == [None, None, None, None]


# --- predicates ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "CAST(ObsValue AS DOUBLE) > 0",
        "cast (ObsValue AS DOUBLE) > 0",
        "ObsValue::DOUBLE > 0",
        "ObsValue = 'a' AND CAST(ObsValue AS INT) = 1",
        "TRY_CAST(ObsValue AS INT) = 1 AND ObsValue :: INT = 1",
    ],
)
def test_a_cast_that_stops_at_the_first_bad_value_is_refused(sql: str) -> None:
    with pytest.raises(PredicateError, match="TRY_CAST"):
        predicate(sql)


@pytest.mark.parametrize(
    "sql", ["TRY_CAST(ObsValue AS DOUBLE) > 0", "ObsValue = 'CAST(x)'", "ObsValue = 'a::b''::c'"]
)
def test_a_cast_that_gives_null_and_a_cast_in_quotes_are_not(sql: str) -> None:
    predicate(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "Postcode =",
        "SELECT 1",
        "'",
        "Postcode IN (SELECT Postcode FROM MSD001MotherDemog)",
        "NO_SUCH_FUNCTION(Postcode) = 1",
        "Postcode = 'a'; DROP TABLE x",
        "*",
        "Postcode ==== 1",
    ],
)
def test_what_is_no_predicate_over_one_row_is_refused(sql: str) -> None:
    with pytest.raises(PredicateError):
        predicate(sql)


@pytest.mark.parametrize("sql", ["", "   ", "\n"])
def test_no_predicate_means_every_row(sql: str) -> None:
    assert pl.select(predicate(sql)).item() is True


def test_what_a_rule_reads_is_told_from_its_predicates(rules: Rules) -> None:
    read = needs(rules.records["MSD101-03"])
    assert read.items == {"AntenatalAppDate", "LPIDMother"}
    assert read.fields == {"mother": {"PersonBirthDateMother"}}
    assert not read.context
    assert not read.only_its_table


def test_a_rule_that_looks_at_the_period_needs_more_than_its_table(rules: Rules) -> None:
    read = needs(rules.records["M101020-future"])
    assert read.context == {"PeriodEnd"}
    assert read.items == {"AntenatalAppDate"}
    assert not read.only_its_table


def test_what_a_mother_is_reached_through_is_needed_too(rules: Rules) -> None:
    read = needs(rules.measures["mother-baby-ethnicity-differs"])
    assert read.fields["labour"] == {"PregnancyID"}
    assert read.fields["booking"] == {"LPIDMother"}
    assert read.items >= {"LabourDeliveryID", "EthnicCategoryBaby", "PersonBirthDateBaby"}


# --- null ---------------------------------------------------------------------------------


def a_rule(rules: Rules, applies: str, passes: str) -> Rule:
    return replace(rules.records["MSD401-10"], applies=applies, passes=passes)


@pytest.mark.parametrize(
    ("applies", "passes", "expected"),
    [
        # rows: 280, 39, not readable, blank
        ("", "GestationLengthBirth > 100", [(1, 1), (1, 0), (1, 0), (1, 0)]),
        ("GestationLengthBirth > 100", "", [(1, 1), (0, 1), (0, 1), (0, 1)]),
        (
            "GestationLengthBirth > 0",
            "GestationLengthBirth > 100",
            [(1, 1), (1, 0), (0, 0), (0, 0)],
        ),
        ("GestationLengthBirth IS NULL", "FALSE", [(0, 0), (0, 0), (1, 0), (1, 0)]),
        ("", "GestationLengthBirth_vodim <> 'M'", [(1, 1), (1, 1), (1, 1), (1, 0)]),
        ("NULL", "NULL", [(0, 0), (0, 0), (0, 0), (0, 0)]),
    ],
)
def test_where_applies_is_null_a_rule_does_not_apply_and_where_passes_is_null_it_does_not_pass(
    applies: str, passes: str, expected: list[tuple[int, int]], rules: Rules
) -> None:
    table = rules.spec.tables["MSD401BabyDemographics"]
    check = row_check(a_rule(rules, applies, passes), table)
    given = frame(
        [{"GestationLengthBirth": text} for text in ("280", "39", "40+1", "")],
        ["GestationLengthBirth"],
    )
    found = (
        read_values(given, check.items, check.wanted)
        .with_columns(
            check.applies.alias("applies"), check.passes.alias("passes"), check.holds.alias("holds")
        )
        .collect()
    )
    assert found["applies"].to_list() == [bool(one) for one, _ in expected]
    assert found["passes"].to_list() == [bool(one) for _, one in expected]
    assert found["holds"].to_list() == [not one or bool(other) for one, other in expected]


def test_a_key_with_a_blank_part_repeats_nothing(rules: Rules) -> None:
    check = row_check(rules.records["MSD003-04"], rules.spec.tables["MSD003SocPersCircumstances"])
    rows = [
        {"LPIDMother": "1", "SocPerSNOMED": "160542002", "SocPerDate": "2026-08-01"},
        {"LPIDMother": "1", "SocPerSNOMED": "160542002", "SocPerDate": None},
        {"LPIDMother": "1", "SocPerSNOMED": "160542002", "SocPerDate": None},
        {"LPIDMother": "1", "SocPerSNOMED": "160542002", "SocPerDate": "2026-08-01"},
        {"LPIDMother": "2", "SocPerSNOMED": "160542002", "SocPerDate": "2026-08-01"},
    ]
    given = frame(rows, ["LPIDMother", "SocPerSNOMED", "SocPerDate"])
    found = (
        read_values(given, check.items, check.wanted)
        .select(check.applies.alias("applies"), check.holds.alias("holds"))
        .collect()
    )
    assert found["applies"].to_list() == [True, False, False, True, True]
    assert found["holds"].to_list() == [False, True, True, False, True]


# --- NHS numbers, against another implementation ------------------------------------------


def nhs_numbers(count: int) -> list[str]:
    """Right ones, ones a digit off, random ones, and nine digits that no check digit fits.

    Not Scottish ones, of which the other implementation asks that they start with a day, nor
    ones that read the same backwards, which it takes.
    """
    random_ = random.Random(2026)
    found: list[str] = []
    while len(found) < count:
        nine = f"{random_.randrange(10**9):09d}"
        if REGION_SCOTLAND.contains_number(nine + "0"):
            continue
        right = calculate_checksum(nine)
        last = random_.randrange(10)
        if right is not None and right < 10 and random_.random() < 0.6:
            last = right
        number = f"{nine}{last}"
        if number != number[::-1]:
            found.append(number)
    return found


@pytest.mark.parametrize("amount", quick_first([20_000, 100_000], [20_000]))
@pytest.mark.parametrize(
    ("rule", "table", "name"),
    [
        ("MSD001-02", "MSD001MotherDemog", "NHSNumberMother"),
        ("MSD401-03", "MSD401BabyDemographics", "NHSNumberBaby"),
    ],
)
def test_check_digits_are_judged_as_another_implementation_judges_them(
    rule: str, table: str, name: str, amount: int, rules: Rules
) -> None:
    numbers = nhs_numbers(amount)
    right = [is_valid(number) for number in numbers]
    unusable = [number for number in numbers if calculate_checksum(number[:9]) == 10]
    assert 0.4 < sum(right) / amount < 0.8
    assert len(unusable) > amount / 20
    check = row_check(rules.records[rule], rules.spec.tables[table])
    found = (
        read_values(
            frame([{name: number} for number in numbers], [name]), check.items, check.wanted
        )
        .select(check.applies.alias("applies"), check.holds.alias("holds"))
        .collect()
    )
    assert found["applies"].all()
    wrong = [
        number
        for number, ours, theirs in zip(numbers, found["holds"], right, strict=True)
        if ours != theirs
    ]
    assert wrong == []
