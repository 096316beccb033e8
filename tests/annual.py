"""Published counts of a year, and women who have them.

The counts are those of one trust, by the nine dimensions of bookings. Which counts lie behind the
rounded ones is chosen here, and proved in `test_dimensions`.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from msds_audit.areas import DEPRIVATION_GROUPS
from msds_audit.published import NOT_REPORTED

AGE, SOCIAL = "AgeAtBookingMotherGroup", "ComplexSocialFactorsInd"
DEPRIVATION, ETHNICITY = "DeprivationDecileAtBooking", "EthnicCategoryMotherGroup"
GESTATION, SMOKING = "GestAgeFormalAntenatalBookingGroup", "SmokingStatusGroupBooking"
FOLIC_ACID, LIVE_BIRTHS = "FolicAcidSupplement", "PreviousLiveBirthsGroup"
CAESAREANS = "PreviousCaesareanSectionsGroup"
MISSING, OUTSIDE = "Missing Value", "Value outside reporting parameters"
ANY_CAESAREAN = "At least one Caesarean"
NO_CAESAREAN, FIRST = "At least one Previous Birth, zero Caesareans", "Zero Previous Births"

PUBLISHED = Path(__file__).parent / "published" / "bookings-RAX-2022-23.csv"
ANNUAL_NOT_REPORTED = "Missing value / Value outside reporting parameters"
SHOWS = {
    AGE: {
        "Under 20": {"AgeAtBooking": 19},
        "20 to 24": {"AgeAtBooking": 20},
        "25 to 29": {"AgeAtBooking": 29},
        "30 to 34": {"AgeAtBooking": 30},
        "35 to 39": {"AgeAtBooking": 39},
        "40 to 44": {"AgeAtBooking": 40},
        "45 or Over": {"AgeAtBooking": 45},
    },
    SOCIAL: {"Y": {SOCIAL: "Y"}, "N": {SOCIAL: "N"}},
    DEPRIVATION: {group: {"Deprivation": group} for group in DEPRIVATION_GROUPS[:-1]},
    ETHNICITY: {
        "White": {"EthnicCategoryMother": "A"},
        "Mixed": {"EthnicCategoryMother": "G"},
        "Asian or Asian British": {"EthnicCategoryMother": "H"},
        "Black or Black British": {"EthnicCategoryMother": "P"},
        "Any other ethnic group": {"EthnicCategoryMother": "R"},
        "Not Stated": {"EthnicCategoryMother": "Z"},
        "Not known": {"EthnicCategoryMother": "99"},
    },
    GESTATION: {
        "0 to 70 days": {"GestAgeBooking": 70},
        "71 to 90 days": {"GestAgeBooking": 71},
        "91 to 140 days": {"GestAgeBooking": 140},
        "141+ days": {"GestAgeBooking": 141},
    },
    SMOKING: {
        status: {"SmokingStatusBooking": status}
        for status in ("Smoker", "Non-Smoker / Ex-Smoker", "Unknown")
    },
    FOLIC_ACID: {
        "Has been taking prior to becoming pregnant": {FOLIC_ACID: "01"},
        "Started taking once pregnancy confirmed": {FOLIC_ACID: "02"},
        "Not taking folic acid supplement": {FOLIC_ACID: "03"},
        "Not Stated (Person asked but declined to provide a response)": {FOLIC_ACID: "ZZ"},
    },
}
"""What shows that a woman is in a group; nothing at all shows that she is in the last one."""

LIVE = {
    "No previous live births": 0,
    **{"1": 1, "2": 2, "3": 3, "4": 4, "5+": 5},
    ANNUAL_NOT_REPORTED: None,
}
CAESAREAN = {FIRST: 0, NO_CAESAREAN: 0, ANY_CAESAREAN: 1, ANNUAL_NOT_REPORTED: None}
"""Live births and caesareans of a woman in a group, in an order in which the two go together."""


def births(caesareans, live):
    """The previous births of a woman in a group of caesareans and in one of live births."""
    return {
        "PreviousCaesareanSections": CAESAREAN[caesareans],
        "PreviousLiveBirths": LIVE[live],
        "PreviousStillBirths": 0 if caesareans == FIRST or LIVE[live] else 1,
    }


def rounded(count):
    """A count as it is published: 1 to 7 as 5, more to the nearest 5."""
    if count == 0:
        return 0
    return 5 if count <= 7 else 5 * ((count + 2) // 5)


def spread(published, total):
    """Counts that add up to `total`, of which each is published as given; None if there are none.

    It begins with the least that each may be and adds to the first that can take more.
    """
    least = {group: min(before(value)) for group, value in published.items()}
    left = total - sum(least.values())
    counts = {}
    for group, value in published.items():
        more = max(0, min(left, max(before(value)) - least[group]))
        counts[group], left = least[group] + more, left - more
    return counts if left == 0 else None


@cache
def before(value):
    """The counts that are published as `value`."""
    return [count for count in range(value + 8) if rounded(count) == value]


def published_counts():
    """The published counts by dimension and group."""
    found = {}
    with PUBLISHED.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(line for line in lines if not line.startswith("#")):
            found.setdefault(row["Dimension"], {})[row["Measure"]] = int(row["Value"])
    return found


def possible_totals(published):
    """The numbers of women with which every dimension has counts that are published as given."""
    most = max(
        sum(max(before(value)) for value in groups.values()) for groups in published.values()
    )
    return [
        total
        for total in range(most + 1)
        if all(spread(groups, total) is not None for groups in published.values())
    ]


def each(counts, order):
    """A group for each woman, as many as there are in each, in the order given."""
    return [group for group in order if group in counts for _ in range(counts[group])]


def women_with(counts):
    """Bookings of women who are in the groups of each dimension as often as they are counted."""
    shown = {
        dimension: [SHOWS[dimension].get(group, {}) for group in each(counts[dimension], groups)]
        for dimension, groups in counts.items()
        if dimension in SHOWS
    }
    both = zip(each(counts[CAESAREANS], CAESAREAN), each(counts[LIVE_BIRTHS], LIVE), strict=True)
    previous = [births(caesareans, live) for caesareans, live in both]
    alike = zip(*shown.values(), previous, strict=True)
    return [{key: value for part in parts for key, value in part.items()} for parts in alike]


def as_in_the_annual_file(counts):
    """Counts by dimension and group under the names of the annual file, rounded as there."""
    missing = {MISSING, OUTSIDE, NOT_REPORTED}
    found = {}
    for one in counts:
        groups = found.setdefault(one.dimension, {})
        group = ANNUAL_NOT_REPORTED if one.measure in missing else one.measure
        groups[group] = groups.get(group, 0) + one.value
    return {
        dimension: {group: rounded(count) for group, count in groups.items()}
        for dimension, groups in found.items()
    }
