"""Tests of the measures on small extracts made by hand, with figures worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from msds_audit.audit import audit
from msds_audit.readers import open_extract
from msds_audit.rule import Rules
from support import Records, submission

NUMBER = "9991907483"

STATED = "mother-ethnicity-stated"


def measured(rules: Rules, tables: Mapping[str, Records], *names: str) -> list[tuple[int, int]]:
    """Numerator and denominator of the measures named."""
    only = replace(rules, records={}, measures={name: rules.measures[name] for name in names})
    found = audit(submission(rules.spec, tables), only)
    for name in names:
        assert found.measures[name].assessed, found.measures[name].reason
    return [(found.measures[name].numerator, found.measures[name].denominator) for name in names]


def booking(
    mother: str | None, on: str | None = "2026-08-14", **items: str
) -> dict[str, str | None]:
    return {"LPIDMother": mother, "AntenatalAppDate": on, **items}


def mother(id: str | None, ethnic: str | None = "A", **items: str) -> dict[str, str | None]:
    return {"LPIDMother": id, "EthnicCategoryMother": ethnic, **items}


def baby(id: str | None, born: str = "2026-08-03", **items: str) -> dict[str, str | None]:
    return {"LPIDBaby": id, "PersonBirthDateBaby": born, **items}


def weight(
    baby: str | None, value: str | None, unit: str | None, **items: str
) -> dict[str, str | None]:
    return {
        "LPIDBaby": baby,
        "ObsScheme": "03",
        "ObsCode": "364589006",
        "ObsValue": value,
        "UCUMUnit": unit,
        **items,
    }


# --- who counts ---------------------------------------------------------------------------


def test_a_woman_booked_twice_in_the_month_counts_once(rules: Rules) -> None:
    tables = {"MSD001": [mother("1")], "MSD101": [booking("1", "2026-08-02"), booking("1")]}
    assert measured(rules, tables, "mother-ethnicity-stated") == [(1, 1)]


def test_she_counts_only_if_all_her_bookings_in_the_month_have_the_answer(rules: Rules) -> None:
    tables = {
        "MSD101": [
            booking("1", DisabilityIndMother=""),
            booking("1", DisabilityIndMother="N"),
            booking("2", DisabilityIndMother="Y"),
            booking("2", "2026-07-14", DisabilityIndMother=""),
        ]
    }
    assert measured(rules, tables, "disability-answered") == [(1, 2)]


@pytest.mark.parametrize("second", ["Banana", "qq", "a"])
def test_a_copy_of_a_baby_does_not_hide_a_value_that_is_no_code(second: str, rules: Rules) -> None:
    babies = [baby("1", EthnicCategoryBaby="A"), baby("1", EthnicCategoryBaby=second)]
    tables = {"MSD401": babies}
    assert measured(rules, tables, "baby-ethnicity-permitted") == [(0, 1)]


def test_a_copy_of_a_mother_does_not_hide_a_value_that_is_no_code(rules: Rules) -> None:
    tables = {
        "MSD001": [mother("1"), mother("1", "Banana"), mother("2"), mother("2"), mother("3")],
        "MSD101": [booking("1"), booking("2"), booking("3")],
    }
    assert measured(rules, tables, "mother-ethnicity-permitted") == [(2, 3)]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2026-07-31", (0, 0)),
        ("2026-08-01", (1, 1)),
        ("2026-08-31", (1, 1)),
        ("2026-09-01", (0, 0)),
        ("2025-08-14", (0, 0)),
        ("14/08/2026", (0, 0)),
        (None, (0, 0)),
    ],
)
def test_the_month_goes_from_its_first_day_to_its_last(
    on: str | None, expected: tuple[int, int], rules: Rules
) -> None:
    tables = {"MSD001": [mother("1")], "MSD101": [booking("1", on)]}
    assert measured(rules, tables, "mother-ethnicity-stated") == [expected]
    babies = {"MSD401": [{"LPIDBaby": "1", "PersonBirthDateBaby": on, "PersonPhenSex": "1"}]}
    assert measured(rules, babies, "baby-sex-recorded") == [expected]


def test_the_month_is_that_of_the_submission(rules: Rules) -> None:
    tables = {"MSD101": [booking("1", "2024-02-29", DisabilityIndMother="N"), booking("2")]}
    found = audit(submission(rules.spec, tables, period="2024-02"), rules)
    tally = found.measures["disability-answered"]
    assert (tally.numerator, tally.denominator) == (1, 1)


def test_women_without_an_identifier_count_one_each(rules: Rules) -> None:
    tables = {
        "MSD001": [mother(None), mother("1")],
        "MSD101": [
            booking(None, LangCode="en"),
            booking(None, LangCode="en"),
            booking("", LangCode=""),
            booking("1", LangCode="en"),
            booking("1", LangCode="en"),
        ],
    }
    assert measured(rules, tables, "language-coded", "mother-ethnicity-blank") == [(3, 4), (3, 4)]


def test_identifiers_differ_by_case_and_by_leading_noughts(rules: Rules) -> None:
    tables = {
        "MSD001": [mother("ab1"), mother("7")],
        "MSD101": [booking("ab1"), booking("AB1"), booking("7"), booking("007")],
    }
    assert measured(rules, tables, "mother-ethnicity-stated") == [(2, 4)]


def test_space_around_an_identifier_is_no_part_of_it(rules: Rules) -> None:
    tables = {"MSD001": [mother(" 1 ")], "MSD101": [booking("1"), booking("1  ")]}
    assert measured(rules, tables, "mother-ethnicity-stated") == [(1, 1)]


# --- ethnic category ----------------------------------------------------------------------

ETHNIC_PARTS = tuple(
    f"mother-ethnicity-{part}"
    for part in ("stated", "not-stated", "not-known", "blank", "invalid", "broad", "permitted")
)


def test_ethnic_categories_of_ten_women_by_hand(rules: Rules) -> None:
    texts = ["A", "C", "L", "Z", "99", None, "a", "White British", "H"]
    tables = {
        "MSD001": [mother(str(n), text) for n, text in enumerate(texts)],
        "MSD101": [*(booking(str(n)) for n in range(10)), booking("11", "2026-07-01")],
    }
    # 9 has no record at all
    assert measured(rules, tables, *ETHNIC_PARTS) == [
        (4, 10),  # A C L H
        (1, 10),  # Z
        (1, 10),  # 99
        (2, 10),  # blank, no record
        (2, 10),  # a, White British
        (2, 4),  # C and L, of the four stated
        (6, 8),  # of the eight recorded, all but two are codes
    ]


def test_a_woman_with_two_records_that_agree_keeps_her_answer(rules: Rules) -> None:
    tables = {"MSD001": [mother("1", "A"), mother("1", "A")], "MSD101": [booking("1")]}
    assert measured(rules, tables, *ETHNIC_PARTS[:5]) == [(1, 1), (0, 1), (0, 1), (0, 1), (0, 1)]


@pytest.mark.parametrize(
    ("one", "other"),
    [("A", "Z"), ("A", "99"), ("A", None), ("A", "x"), ("Z", "99"), ("A", "B"), ("x", "y")],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_a_woman_with_two_records_that_differ_counts_as_missing(
    one: str, other: str | None, backwards: bool, rules: Rules
) -> None:
    """A and B are both stated, but which of them she stated nobody can tell."""
    records = [mother("1", one), mother("1", other)]
    tables = {"MSD001": records[::-1] if backwards else records, "MSD101": [booking("1")]}
    assert measured(rules, tables, *ETHNIC_PARTS[:5]) == [(0, 1), (0, 1), (0, 1), (1, 1), (0, 1)]


def test_records_that_differ_elsewhere_leave_the_answer_alone(rules: Rules) -> None:
    tables = {
        "MSD001": [mother("1", "A", Postcode="SM5 1AA"), mother("1", "A", Postcode="M1 1AA")],
        "MSD101": [booking("1")],
    }
    assert measured(rules, tables, "mother-ethnicity-stated") == [(1, 1)]


def test_a_woman_with_two_postcodes_has_no_usable_one(rules: Rules) -> None:
    tables = {
        "MSD001": [mother("1", Postcode="SM5 1AA"), mother("1", Postcode="M1 1AA")],
        "MSD101": [booking("1")],
    }
    assert measured(rules, tables, "postcode-usable", "postcode-blank") == [(0, 1), (1, 1)]


def test_a_number_in_one_record_and_none_in_the_other_is_a_difference_too(rules: Rules) -> None:
    """As it is for ethnic category: a blank does not agree with an answer."""
    tables = {
        "MSD001": [
            mother("1", NHSNumberMother=NUMBER, NHSNumberStatusMother="01"),
            mother("1"),
        ],
        "MSD101": [booking("1")],
    }
    assert measured(rules, tables, "nhs-number-right", "nhs-number-verified") == [(0, 1), (0, 1)]


BABY_PARTS = tuple(name.replace("mother", "baby", 1) for name in ETHNIC_PARTS)


def test_ethnic_categories_of_eight_babies_by_hand(rules: Rules) -> None:
    texts = ["A", "S", "Z", "99", None, "British", "A1"]
    babies = [baby(str(n), EthnicCategoryBaby=text or "") for n, text in enumerate(texts)]
    tables = {"MSD401": [*babies, baby("8", "2026-07-31", EthnicCategoryBaby="A")]}
    assert measured(rules, tables, *BABY_PARTS) == [
        (2, 7),
        (1, 7),
        (1, 7),
        (1, 7),
        (2, 7),
        (1, 2),
        (4, 6),
    ]


def family(**changes: Records) -> dict[str, Records]:
    """A baby whose mother is found through the labour and the booking."""
    tables: dict[str, Records] = {
        "MSD001": [mother("1", "A")],
        "MSD101": [booking("1", "2026-01-05", PregnancyID="P1")],
        "MSD301": [{"LabourDeliveryID": "L1", "PregnancyID": "P1"}],
        "MSD401": [baby("B1", LabourDeliveryID="L1", EthnicCategoryBaby="F")],
    }
    return {**tables, **changes}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (1, 1)),
        ({"MSD001": [mother("1", "F")]}, (0, 1)),
        ({"MSD001": [mother("1", "Z")]}, (0, 0)),
        ({"MSD001": [mother("1", None)]}, (0, 0)),
        ({"MSD001": [mother("2", "A")]}, (0, 0)),  # the pregnancy's mother is not there
        ({"MSD001": []}, (0, 0)),
        ({"MSD101": []}, (0, 0)),
        ({"MSD101": [booking(None, PregnancyID="P1")]}, (0, 0)),
        ({"MSD101": [booking("1", PregnancyID="P2")]}, (0, 0)),
        ({"MSD301": []}, (0, 0)),
        ({"MSD301": [{"LabourDeliveryID": "L1"}]}, (0, 0)),
        ({"MSD301": [{"LabourDeliveryID": "L1", "PregnancyID": "P9"}]}, (0, 0)),
        ({"MSD301": [{"LabourDeliveryID": "L2", "PregnancyID": "P1"}]}, (0, 0)),
        ({"MSD401": [baby("B1", EthnicCategoryBaby="F")]}, (0, 0)),
        ({"MSD401": [baby("B1", LabourDeliveryID="L1", EthnicCategoryBaby="99")]}, (0, 0)),
        (
            {"MSD401": [baby("B1", "2026-07-31", LabourDeliveryID="L1", EthnicCategoryBaby="F")]},
            (0, 0),
        ),
        (  # two rows of the labour that agree
            {"MSD301": [{"LabourDeliveryID": "L1", "PregnancyID": "P1"}] * 2},
            (1, 1),
        ),
        (  # and two that do not
            {
                "MSD101": [booking("1", PregnancyID="P1"), booking("2", PregnancyID="P2")],
                "MSD301": [
                    {"LabourDeliveryID": "L1", "PregnancyID": "P1"},
                    {"LabourDeliveryID": "L1", "PregnancyID": "P2"},
                ],
            },
            (0, 0),
        ),
        ({"MSD001": [mother("1", "A"), mother("1", "B")]}, (0, 0)),
        (  # twins: one the same, one not
            {
                "MSD401": [
                    baby("B1", LabourDeliveryID="L1", EthnicCategoryBaby="F"),
                    baby("B2", LabourDeliveryID="L1", EthnicCategoryBaby="A"),
                ]
            },
            (1, 2),
        ),
    ],
)
def test_a_baby_is_compared_with_the_mother_who_gave_birth_to_it(
    changes: dict[str, Records], expected: tuple[int, int], rules: Rules
) -> None:
    assert measured(rules, family(**changes), "mother-baby-ethnicity-differs") == [expected]


# --- birth weight -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("3200", "g", 1),
        ("3200", "G", 1),
        ("3.2", "kg", 1),
        ("3.2", "KG", 1),
        ("3.2", "Kg", 1),
        ("3.25", "kilograms", 1),
        ("3.25", "KILOGRAMS", 1),
        ("0.4", "kg", 1),
        ("3200.0", "g", 1),
        ("7", "lb", 0),
        ("7", "[lb_av]", 0),
        ("3200", "grams", 0),  # of the units that NHS England's code knows, this is none
        ("3200", "gm", 0),
        ("3200", None, 0),
        ("3200", " ", 0),
        ("3200g", "g", 0),
        ("3,2", "kg", 0),
        ("3 200", "g", 0),
        ("heavy", "g", 0),
        (None, "g", 0),
        ("0", "g", 0),
        ("0.0", "kg", 0),
        ("-3200", "g", 0),
        ("+3200", "g", 0),
        ("nan", "g", 0),
        ("NaN", "kg", 0),
        ("inf", "g", 0),
        ("Infinity", "g", 0),
        ("1e3", "g", 0),
        ("3.", "kg", 0),
        (".5", "kg", 0),
        ("٣", "kg", 0),
        ("99999999999", "g", 0),  # too long for the item
    ],
)
def test_a_weight_is_a_number_above_nought_in_a_unit_that_is_known(
    value: str | None, unit: str | None, expected: int, rules: Rules
) -> None:
    tables = {"MSD401": [baby("1")], "MSD405": [weight("1", value, unit)]}
    assert measured(rules, tables, "birthweight-with-unit") == [(expected, 1)]


@pytest.mark.parametrize(
    ("activities", "expected"),
    [
        pytest.param([], 0, id="none"),
        pytest.param([weight("1", "3200", None), weight("1", "3200", "g")], 1, id="one of two"),
        pytest.param([weight("1", "3200", "g"), weight("1", "3300", "g")], 1, id="two that differ"),
        pytest.param([weight("1", "x", "g"), weight("1", "3200", None)], 0, id="neither"),
        pytest.param([weight("2", "3200", "g")], 0, id="of another baby"),
        pytest.param([weight(None, "3200", "g")], 0, id="of nobody"),
        pytest.param([weight("1", "3200", "g", ObsCode="27113001")], 0, id="not at birth"),
        pytest.param([weight("1", "3200", "g", ObsScheme="02")], 0, id="another scheme"),
        pytest.param([weight("1", "9", "g", ObsCode="169909004")], 0, id="an Apgar score"),
        pytest.param(
            [weight("1", "9", None, ObsCode="169909004"), weight("1", "3.2", "kg")],
            1,
            id="beside an Apgar score",
        ),
    ],
)
def test_one_right_weight_is_enough(activities: Records, expected: int, rules: Rules) -> None:
    tables: dict[str, Records] = {"MSD401": [baby("1")], "MSD405": activities}
    assert measured(rules, tables, "birthweight-with-unit") == [(expected, 1)]


def test_babies_without_an_identifier_count_one_each_and_have_no_weight(rules: Rules) -> None:
    tables = {
        "MSD401": [baby(None), baby(None), baby("1"), baby("1"), baby("2", "2026-07-01")],
        "MSD405": [weight(None, "3200", "g"), weight("1", "3200", "g"), weight("2", "3", "kg")],
    }
    assert measured(rules, tables, "birthweight-with-unit") == [(1, 3)]


# --- protected characteristics ------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "booked", "expected"),
    [
        ("1998-10-16", "2026-08-14", 1),
        ("2015-08-14", "2026-08-14", 1),  # 11 on the day
        ("2015-08-15", "2026-08-14", 0),  # 10
        ("1965-08-15", "2026-08-14", 1),  # 60, 61 tomorrow
        ("1965-08-14", "2026-08-14", 0),  # 61 on the day
        ("1066-10-14", "2026-08-14", 0),
        ("2027-01-01", "2026-08-14", 0),
        ("16/10/1998", "2026-08-14", 0),
        ("1998-02-30", "2026-08-14", 0),
        ("2004-02-29", "2026-08-14", 1),
        (None, "2026-08-14", 0),
    ],
)
def test_an_age_of_11_to_60_at_booking_is_plausible(
    born: str | None, booked: str, expected: int, rules: Rules
) -> None:
    tables = {
        "MSD001": [{"LPIDMother": "1", "PersonBirthDateMother": born}],
        "MSD101": [booking("1", booked)],
    }
    assert measured(rules, tables, "birth-date-plausible") == [(expected, 1)]


@pytest.mark.parametrize("measure", ["disability-answered", "social-factors-answered"])
def test_yes_and_no_are_answers_and_nothing_else_is(measure: str, rules: Rules) -> None:
    name = {
        "disability-answered": "DisabilityIndMother",
        "social-factors-answered": "ComplexSocialFactorsInd",
    }[measure]
    texts = ["Y", "N", "y", "Z", "", "Yes", "1", "0", "99"]
    tables = {"MSD101": [booking(str(n), **{name: text}) for n, text in enumerate(texts)]}
    assert measured(rules, tables, measure) == [(2, 9)]


def test_a_due_date_is_a_date(rules: Rules) -> None:
    texts = ["2027-03-21", "", "21/03/2027", "2027-02-30"]
    tables = {"MSD101": [booking(str(n), EDDAgreed=text) for n, text in enumerate(texts)]}
    assert measured(rules, tables, "pregnancy-dated") == [(1, 4)]


def test_the_sex_of_a_baby_may_be_indeterminate_but_not_unknown(rules: Rules) -> None:
    texts = ["1", "2", "9", "X", "", "F", "0"]
    tables = {"MSD401": [baby(str(n), PersonPhenSex=text) for n, text in enumerate(texts)]}
    assert measured(rules, tables, "baby-sex-recorded") == [(3, 7)]


def test_a_language_is_a_code_in_small_letters(rules: Rules) -> None:
    texts = ["en", "q4", "pl", "EN", "English", "", "xx", "eng"]
    tables = {"MSD101": [booking(str(n), LangCode=text) for n, text in enumerate(texts)]}
    assert measured(rules, tables, "language-coded") == [(3, 8)]


def test_every_woman_is_in_one_class_of_postcode(rules: Rules) -> None:
    texts = ["SM5 1AA", "m1 1aa", "ZZ99 3VZ", "ZZ99 3WZ", "SM5", "n/a", "", None]
    tables = {
        "MSD001": [mother(str(n), Postcode=text or "") for n, text in enumerate(texts)],
        "MSD101": [booking(str(n)) for n in range(9)],  # the ninth has no record
    }
    assert measured(
        rules, tables, "postcode-usable", "postcode-pseudo", "postcode-malformed", "postcode-blank"
    ) == [(2, 9), (2, 9), (2, 9), (3, 9)]


def test_nhs_numbers_of_women_booked_by_hand(rules: Rules) -> None:
    records = [
        mother("0", NHSNumberMother=NUMBER, NHSNumberStatusMother="01"),
        mother("1", NHSNumberMother="9991907484", NHSNumberStatusMother="01"),  # last digit wrong
        mother("2", NHSNumberMother="999 190 7483", NHSNumberStatusMother="1"),
        mother("3", NHSNumberMother="", NHSNumberStatusMother="07"),
        mother("4", NHSNumberMother="9998969352", NHSNumberStatusMother="02"),
    ]
    tables = {"MSD001": records, "MSD101": [booking(str(n)) for n in range(6)]}
    assert measured(rules, tables, "nhs-number-right", "nhs-number-verified") == [(2, 6), (2, 6)]


def test_a_woman_has_a_circumstance_of_a_topic_or_has_none(rules: Rules) -> None:
    def circumstance(of: str | None, concept: str) -> dict[str, str | None]:
        return {"LPIDMother": of, "SocPerSNOMED": concept, "SocPerDate": "2026-08-14"}

    tables = {
        "MSD003": [
            circumstance("0", "160542002"),
            circumstance("0", "20430005"),
            circumstance("1", "20430005"),
            circumstance("1", "20430005"),
            circumstance("2", "73211009"),  # neither topic
            circumstance("3", "160542001"),  # no such concept
            circumstance(None, "160542002"),
            circumstance("9", "160542002"),  # not booked
        ],
        "MSD101": [booking(str(n)) for n in range(5)],
    }
    assert measured(rules, tables, "belief-in-circumstances", "orientation-in-circumstances") == [
        (1, 5),
        (2, 5),
    ]


def test_without_anybody_booked_in_the_month_there_is_nobody_to_count(rules: Rules) -> None:
    tables = {"MSD001": [mother("1")], "MSD101": [booking("1", "2026-07-01")]}
    assert measured(rules, tables, *ETHNIC_PARTS) == [(0, 0)] * 7


def test_a_table_of_nobody_is_told_from_a_table_that_is_not_there(rules: Rules) -> None:
    tables: dict[str, Records] = {"MSD001": [], "MSD101": [booking("1")]}
    assert measured(rules, tables, "mother-ethnicity-blank") == [(1, 1)]


# --- who cannot be placed in the month ----------------------------------------------------


@pytest.mark.parametrize("on", ["14/08/2026", "2026-08-14 00:00:00", "2026-02-30", None])
def test_a_woman_whose_booking_date_cannot_be_read_is_not_dropped_without_a_word(
    on: str | None, rules: Rules
) -> None:
    tables = {
        "MSD001": [mother("1"), mother("2", "Z")],
        "MSD101": [booking("1"), booking("2", on)],
    }
    only = replace(rules, records={}, measures={STATED: rules.measures[STATED]})
    found = audit(submission(rules.spec, tables), only).measures[STATED]
    assert (found.numerator, found.denominator, found.undetermined) == (1, 1, 1)


def test_a_woman_placed_by_one_booking_is_not_undetermined_by_another(rules: Rules) -> None:
    tables = {"MSD001": [mother("1")], "MSD101": [booking("1"), booking("1", None)]}
    only = replace(rules, records={}, measures={STATED: rules.measures[STATED]})
    found = audit(submission(rules.spec, tables), only).measures[STATED]
    assert (found.denominator, found.undetermined) == (1, 0)


def test_nobody_is_undetermined_where_every_date_can_be_read(fixtures: Path, rules: Rules) -> None:
    for given in open_extract([fixtures / "south-west-london"], rules.spec).submissions:
        found = audit(given, replace(rules, records={}))
        assert not any(one.undetermined for one in found.measures.values())
