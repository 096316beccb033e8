"""Tests of counting the women booked by dimension and group.

The published counts of one trust and year come out again from bookings made to have them.
"""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annual import (
    AGE,
    ANNUAL_NOT_REPORTED,
    ANY_CAESAREAN,
    CAESAREANS,
    DEPRIVATION,
    ETHNICITY,
    FIRST,
    FOLIC_ACID,
    GESTATION,
    LIVE_BIRTHS,
    MISSING,
    NO_CAESAREAN,
    OUTSIDE,
    SMOKING,
    SOCIAL,
    as_in_the_annual_file,
    before,
    possible_totals,
    published_counts,
    rounded,
    spread,
    women_with,
)
from msds_audit.areas import DEPRIVATION_GROUPS
from msds_audit.dimensions import DIMENSIONS, dimension_counts
from msds_audit.published import AVERAGE_OVER_WOMEN, NOT_REPORTED, WOMEN, DimensionCount
from support import quick_first

COLUMNS = {
    "LPIDMother": pl.String,
    "AgeAtBooking": pl.Int64,
    "ComplexSocialFactorsInd": pl.String,
    "Deprivation": pl.String,
    "EthnicCategoryMother": pl.String,
    "GestAgeBooking": pl.Int64,
    "SmokingStatusBooking": pl.String,
    "FolicAcidSupplement": pl.String,
    "PreviousCaesareanSections": pl.Int64,
    "PreviousLiveBirths": pl.Int64,
    "PreviousStillBirths": pl.Int64,
}


def bookings(*rows):
    """Bookings of women called 0, 1, 2 ... unless they are named; what is left out is blank."""
    full = [{"LPIDMother": str(place), **row} for place, row in enumerate(rows)]
    return pl.LazyFrame(full, schema=COLUMNS)


def groups_of(dimension, *rows):
    """The groups of a dimension with anybody in them, and how many women."""
    return {
        one.measure: one.value
        for one in dimension_counts(bookings(*rows))
        if one.dimension == dimension and one.value
    }


def group_of(dimension, **items):
    [group] = groups_of(dimension, items)
    return group


def only(rows, dimension):
    [one] = [one for one in dimension_counts(bookings(*rows)) if one.dimension == dimension]
    return one


# --- groups -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "group"),
    [
        (None, MISSING),
        (-1, OUTSIDE),
        (0, OUTSIDE),
        (10, OUTSIDE),
        (11, "Under 20"),
        (19, "Under 20"),
        (20, "20 to 24"),
        (24, "20 to 24"),
        (25, "25 to 29"),
        (29, "25 to 29"),
        (30, "30 to 34"),
        (34, "30 to 34"),
        (35, "35 to 39"),
        (39, "35 to 39"),
        (40, "40 to 44"),
        (44, "40 to 44"),
        (45, "45 or Over"),
        (60, "45 or Over"),
        (61, OUTSIDE),
    ],
)
def test_ages_are_grouped_by_five_years_from_11_to_60(age, group):
    assert group_of(AGE, AgeAtBooking=age) == group


@pytest.mark.parametrize(
    ("code", "group"),
    [("Y", "Y"), ("y", "Y"), ("N", "N"), ("n", "N"), (None, MISSING), ("X", OUTSIDE)],
)
def test_complex_social_factors_are_yes_no_missing_or_something_else(code, group):
    assert group_of(SOCIAL, ComplexSocialFactorsInd=code) == group


@pytest.mark.parametrize("label", DEPRIVATION_GROUPS)
def test_deprivation_is_the_label_that_is_given(label):
    assert group_of(DEPRIVATION, Deprivation=label) == label


@pytest.mark.parametrize("label", [None, "1", "11", "01"])
def test_deprivation_without_a_label_is_not_reported(label):
    assert group_of(DEPRIVATION, Deprivation=label) == NOT_REPORTED


@pytest.mark.parametrize(
    ("codes", "group"),
    [
        ("ABCabc", "White"),
        ("DEFGdefg", "Mixed"),
        ("HJKLhjkl", "Asian or Asian British"),
        ("MNPmnp", "Black or Black British"),
        ("RSrs", "Any other ethnic group"),
        ("Zz", "Not Stated"),
        (["99"], "Not known"),
        ([None, "I", "O", "Q", "T", "9", "A1", "ZZ"], NOT_REPORTED),
    ],
)
def test_ethnic_categories_are_grouped_by_their_letter_in_any_case(codes, group):
    rows = [{"EthnicCategoryMother": code} for code in codes]
    assert groups_of(ETHNICITY, *rows) == {group: len(rows)}


@pytest.mark.parametrize(
    ("days", "group"),
    [
        (None, NOT_REPORTED),
        (-1, NOT_REPORTED),
        (0, "0 to 70 days"),
        (70, "0 to 70 days"),
        (71, "71 to 90 days"),
        (90, "71 to 90 days"),
        (91, "91 to 140 days"),
        (140, "91 to 140 days"),
        (141, "141+ days"),
        (999, "141+ days"),
        (1000, NOT_REPORTED),
    ],
)
def test_gestation_at_booking_is_grouped_from_0_to_999_days(days, group):
    assert group_of(GESTATION, GestAgeBooking=days) == group


@pytest.mark.parametrize("status", ["Smoker", "Non-Smoker / Ex-Smoker", "Unknown", None])
def test_smoking_at_booking_is_the_status_that_is_given(status):
    assert group_of(SMOKING, SmokingStatusBooking=status) == (status or NOT_REPORTED)


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("01", "Has been taking prior to becoming pregnant"),
        ("02", "Started taking once pregnancy confirmed"),
        ("03", "Not taking folic acid supplement"),
        ("ZZ", "Not Stated (Person asked but declined to provide a response)"),
        ("zz", "Not Stated (Person asked but declined to provide a response)"),
        ("1", NOT_REPORTED),
        ("04", NOT_REPORTED),
        (None, NOT_REPORTED),
    ],
)
def test_folic_acid_is_told_by_its_code(code, group):
    assert group_of(FOLIC_ACID, FolicAcidSupplement=code) == group


@pytest.mark.parametrize(
    ("caesareans", "live", "still", "group"),
    [
        (1, 1, 0, ANY_CAESAREAN),
        (1, 0, 0, ANY_CAESAREAN),
        (2, None, None, ANY_CAESAREAN),
        (0, 1, 0, NO_CAESAREAN),
        (0, 0, 1, NO_CAESAREAN),
        (0, None, 1, NO_CAESAREAN),
        (0, 1, None, NO_CAESAREAN),
        (0, 0, 0, FIRST),
        (None, None, None, FIRST),
        (None, 0, None, FIRST),
        (0, None, None, FIRST),
        (None, 1, 0, NOT_REPORTED),
        (None, None, 1, NOT_REPORTED),
        (-1, 1, 0, NOT_REPORTED),
        (0, -1, 0, NOT_REPORTED),
    ],
)
def test_previous_caesareans_are_told_together_with_previous_births(caesareans, live, still, group):
    items = {
        "PreviousCaesareanSections": caesareans,
        "PreviousLiveBirths": live,
        "PreviousStillBirths": still,
    }
    assert group_of(CAESAREANS, **items) == group


@pytest.mark.parametrize(
    ("births", "group"),
    [
        (None, NOT_REPORTED),
        (-1, NOT_REPORTED),
        (0, "No previous live births"),
        (1, "1"),
        (2, "2"),
        (3, "3"),
        (4, "4"),
        (5, "5+"),
        (20, "5+"),
    ],
)
def test_previous_live_births_are_counted_to_five(births, group):
    assert group_of(LIVE_BIRTHS, PreviousLiveBirths=births) == group


# --- counts -------------------------------------------------------------------------------


def test_a_woman_booked_twice_with_the_same_answers_counts_once():
    twice = {"LPIDMother": "a", "AgeAtBooking": 30}
    assert groups_of(AGE, twice, twice) == {"30 to 34": 1}
    assert only([twice, twice], "TotalBookings").value == 1


def test_a_woman_booked_twice_with_different_answers_counts_once_in_each_group():
    rows = [
        {"LPIDMother": "a", "AgeAtBooking": 29, "EthnicCategoryMother": "A"},
        {"LPIDMother": "a", "AgeAtBooking": 30, "EthnicCategoryMother": "B"},
        {"LPIDMother": "b", "AgeAtBooking": 30, "EthnicCategoryMother": "S"},
    ]
    assert groups_of(AGE, *rows) == {"25 to 29": 1, "30 to 34": 2}
    assert groups_of(ETHNICITY, *rows) == {"White": 1, "Any other ethnic group": 1}
    assert only(rows, "TotalBookings").value == 2


def test_the_average_age_is_over_women_whose_age_is_known_and_not_rounded():
    rows = [
        {"LPIDMother": "a", "AgeAtBooking": 20},
        {"LPIDMother": "a", "AgeAtBooking": 20},
        {"LPIDMother": "b", "AgeAtBooking": 31},
        {"LPIDMother": "c", "AgeAtBooking": 33},
        {"LPIDMother": "d"},
    ]
    assert only(rows, "AgeAtBookingMotherAvg") == DimensionCount(
        "AgeAtBookingMotherAvg", "", AVERAGE_OVER_WOMEN, 28.0, 3
    )
    assert only(rows[:-2], "AgeAtBookingMotherAvg").value == 25.5


def test_the_average_age_is_left_out_where_no_age_is_known():
    dimensions = [one.dimension for one in dimension_counts(bookings({}))]
    assert "AgeAtBookingMotherAvg" not in dimensions


def test_bookings_of_nobody_count_for_nobody():
    counts = dimension_counts(bookings({"LPIDMother": None, "AgeAtBooking": 30}))
    assert {one.value for one in counts} == {0}


def test_groups_with_nobody_are_there_with_none_in_published_order():
    counts = dimension_counts(bookings())
    assert counts[0] == DimensionCount("TotalBookings", "", WOMEN, 0)
    assert [(one.dimension, one.measure) for one in counts[1:]] == [
        (dimension.id, group) for dimension in DIMENSIONS for group in dimension.groups
    ]
    assert {(one.count_of, one.value) for one in counts} == {(WOMEN, 0)}


def test_no_group_is_in_a_dimension_twice():
    for dimension in DIMENSIONS:
        assert len(set(dimension.groups)) == len(dimension.groups)


NUMBERS = st.none() | st.integers(-3, 70) | st.integers(-(2**40), 2**40)
CODES = st.none() | st.sampled_from(["Y", "n", "A", "z", "99", "01", "zz", *DEPRIVATION_GROUPS])
BOOKINGS = st.lists(
    st.fixed_dictionaries(
        {
            name: (NUMBERS if dtype == pl.Int64 else CODES | st.text(max_size=3))
            for name, dtype in COLUMNS.items()
            if name != "LPIDMother"
        }
    ),
    max_size=8,
)


@given(BOOKINGS)
def test_every_booking_is_in_exactly_one_group_of_each_dimension(rows):
    counts = dimension_counts(bookings(*rows))
    for dimension in DIMENSIONS:
        found = {one.measure: one.value for one in counts if one.dimension == dimension.id}
        assert sum(found.values()) == len(rows)
        assert tuple(found) == dimension.groups


@given(BOOKINGS, st.lists(st.sampled_from("ab"), min_size=8, max_size=8))
def test_no_group_has_more_women_than_there_are(rows, names):
    named = [{**row, "LPIDMother": name} for row, name in zip(rows, names, strict=False)]
    counts = [one for one in dimension_counts(bookings(*named)) if one.count_of == WOMEN]
    total, *groups = counts
    assert total.value == len(set(names[: len(rows)]))
    assert all(one.value <= total.value for one in groups)


# --- published counts ---------------------------------------------------------------------


def test_counts_are_rounded_as_they_are_published():
    counts = (0, 1, 7, 8, 12, 13, 17, 18, 3952, 3953)
    assert [rounded(count) for count in counts] == [0, 5, 5, 10, 10, 15, 15, 20, 3950, 3955]
    assert before(0) == [0]
    assert before(5) == [1, 2, 3, 4, 5, 6, 7]
    assert before(3950) == [3948, 3949, 3950, 3951, 3952]


@given(st.lists(st.integers(0, 300), min_size=1, max_size=12))
def test_counts_are_chosen_wherever_there_are_any(counts):
    published = {group: rounded(count) for group, count in enumerate(counts)}
    found = spread(published, sum(counts))
    assert found is not None
    assert sum(found.values()) == sum(counts)
    assert {group: rounded(count) for group, count in found.items()} == published


@given(st.lists(st.integers(0, 60).map(lambda n: 5 * n), min_size=1, max_size=12))
def test_no_counts_are_chosen_where_there_are_none(values):
    published = dict(enumerate(values))
    least = sum(min(before(value)) for value in values)
    most = sum(max(before(value)) for value in values)
    assert spread(published, least - 1) is None
    assert spread(published, most + 1) is None
    assert spread(published, least) is not None
    assert spread(published, most) is not None


def test_the_published_counts_name_the_nine_dimensions_and_their_groups():
    published = published_counts()
    assert sorted(published) == sorted(dimension.id for dimension in DIMENSIONS)
    for dimension in DIMENSIONS:
        known = {*dimension.groups, ANNUAL_NOT_REPORTED}
        assert set(published[dimension.id]) <= known
    assert {sum(groups.values()) for groups in published.values()} == {3950, 3955}


def test_there_are_few_numbers_of_women_who_come_to_the_published_counts():
    assert possible_totals(published_counts()) == list(range(3951, 3959))


@pytest.mark.parametrize("total", quick_first([3951, 3958], [3951]))
def test_the_published_counts_of_a_year_come_out_of_bookings_that_have_them(total):
    published = published_counts()
    counts = {dimension: spread(groups, total) for dimension, groups in published.items()}
    found = dimension_counts(bookings(*women_with(counts)))
    assert found[0] == DimensionCount("TotalBookings", "", WOMEN, total)
    annual = as_in_the_annual_file(found)
    for dimension, groups in published.items():
        assert {group: annual[dimension].get(group) for group in groups} == groups
        others = set(annual[dimension]) - set(groups)
        assert {annual[dimension][group] for group in others} <= {0}
