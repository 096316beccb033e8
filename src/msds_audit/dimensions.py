"""The women booked in a month by dimension and group, as the monthly data file counts them.

Dimensions, groups and what makes a woman of a group are those of the NHS England maternity
statistics code (public notebooks), read November 2026. Rounding is left to whoever publishes.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from msds_audit.areas import DEPRIVATION_GROUPS
from msds_audit.extract import ENGINE
from msds_audit.published import AVERAGE_OVER_WOMEN, NOT_REPORTED, WOMEN, DimensionCount

TOTAL, AVERAGE_AGE = "TotalBookings", "AgeAtBookingMotherAvg"
"""The dimensions without groups: how many women, and how old they are on average in years."""

_WOMAN, _AGE = pl.col("LPIDMother"), pl.col("AgeAtBooking")
_SOCIAL = pl.col("ComplexSocialFactorsInd")
_DEPRIVATION = pl.col("Deprivation")
_ETHNICITY = pl.col("EthnicCategoryMother").str.to_uppercase()
_GESTATION = pl.col("GestAgeBooking")
_SMOKING = pl.col("SmokingStatusBooking")
_FOLIC_ACID = pl.col("FolicAcidSupplement").str.to_uppercase()
_CAESAREANS = pl.col("PreviousCaesareanSections")
_LIVE, _STILL = pl.col("PreviousLiveBirths"), pl.col("PreviousStillBirths")

_MISSING, _OUTSIDE = "Missing Value", "Value outside reporting parameters"

Rule = tuple[str, pl.Expr]
"""A group, and which bookings are in it."""


@dataclass(frozen=True)
class Dimension:
    """One way in which the women booked are put in groups.

    `rules` are the groups in published order; a booking is in the first whose rule holds, and
    in `otherwise`, the last group, where none does.
    """

    id: str
    rules: tuple[Rule, ...]
    otherwise: str = NOT_REPORTED

    @property
    def groups(self) -> tuple[str, ...]:
        """Every group in published order."""
        return (*(group for group, _ in self.rules), self.otherwise)

    @property
    def group(self) -> pl.Expr:
        """The group of a booking, in a column named after the dimension."""
        chosen = pl.lit(self.otherwise)
        for group, holds in reversed(self.rules):
            chosen = pl.when(holds).then(pl.lit(group)).otherwise(chosen)
        return chosen.alias(self.id)


def _is_zero_or_blank(column: pl.Expr) -> pl.Expr:
    return column.is_null() | (column == 0)


DIMENSIONS = (
    Dimension(
        "AgeAtBookingMotherGroup",
        (
            ("Under 20", _AGE.is_between(11, 19)),
            ("20 to 24", _AGE.is_between(20, 24)),
            ("25 to 29", _AGE.is_between(25, 29)),
            ("30 to 34", _AGE.is_between(30, 34)),
            ("35 to 39", _AGE.is_between(35, 39)),
            ("40 to 44", _AGE.is_between(40, 44)),
            ("45 or Over", _AGE.is_between(45, 60)),
            (_MISSING, _AGE.is_null()),
        ),
        _OUTSIDE,
    ),
    Dimension(
        "ComplexSocialFactorsInd",
        (
            ("Y", _SOCIAL.str.to_uppercase() == "Y"),
            ("N", _SOCIAL.str.to_uppercase() == "N"),
            (_MISSING, _SOCIAL.is_null()),
        ),
        _OUTSIDE,
    ),
    Dimension(
        "DeprivationDecileAtBooking",
        tuple((group, _DEPRIVATION.eq(group)) for group in DEPRIVATION_GROUPS[:-1]),
        DEPRIVATION_GROUPS[-1],
    ),
    Dimension(
        "EthnicCategoryMotherGroup",
        (
            ("White", _ETHNICITY.is_in(["A", "B", "C"])),
            ("Mixed", _ETHNICITY.is_in(["D", "E", "F", "G"])),
            ("Asian or Asian British", _ETHNICITY.is_in(["H", "J", "K", "L"])),
            ("Black or Black British", _ETHNICITY.is_in(["M", "N", "P"])),
            ("Any other ethnic group", _ETHNICITY.is_in(["R", "S"])),
            ("Not Stated", _ETHNICITY == "Z"),
            ("Not known", _ETHNICITY == "99"),
        ),
    ),
    Dimension(
        "GestAgeFormalAntenatalBookingGroup",
        (
            ("0 to 70 days", _GESTATION.is_between(0, 70)),
            ("71 to 90 days", _GESTATION.is_between(71, 90)),
            ("91 to 140 days", _GESTATION.is_between(91, 140)),
            ("141+ days", _GESTATION.is_between(141, 999)),
        ),
    ),
    Dimension(
        "SmokingStatusGroupBooking",
        (
            ("Smoker", _SMOKING == "Smoker"),
            ("Non-Smoker / Ex-Smoker", _SMOKING == "Non-Smoker / Ex-Smoker"),
            ("Unknown", _SMOKING == "Unknown"),
        ),
    ),
    Dimension(
        "FolicAcidSupplement",
        (
            ("Has been taking prior to becoming pregnant", _FOLIC_ACID == "01"),
            ("Started taking once pregnancy confirmed", _FOLIC_ACID == "02"),
            ("Not taking folic acid supplement", _FOLIC_ACID == "03"),
            ("Not Stated (Person asked but declined to provide a response)", _FOLIC_ACID == "ZZ"),
        ),
    ),
    Dimension(
        "PreviousCaesareanSectionsGroup",
        (
            ("At least one Caesarean", _CAESAREANS >= 1),
            (
                "At least one Previous Birth, zero Caesareans",
                ((_LIVE > 0) | (_STILL > 0)) & (_CAESAREANS == 0),
            ),
            (
                "Zero Previous Births",
                _is_zero_or_blank(_CAESAREANS)
                & _is_zero_or_blank(_LIVE)
                & _is_zero_or_blank(_STILL),
            ),
        ),
    ),
    Dimension(
        "PreviousLiveBirthsGroup",
        (
            ("1", _LIVE == 1),
            ("2", _LIVE == 2),
            ("3", _LIVE == 3),
            ("4", _LIVE == 4),
            ("5+", _LIVE >= 5),
            ("No previous live births", _LIVE == 0),
        ),
    ),
)
"""The dimensions with groups that the monthly data file has about bookings."""


def dimension_counts(bookings: pl.LazyFrame) -> tuple[DimensionCount, ...]:
    """How many different women there are in each group of each dimension.

    A woman with several booking records is counted once in every group that one of them is in.
    The average age is over women, each with the mean of her ages; it is left out where no age
    is known. NHS England takes it over records joined to contacts and activities, so that women
    with more of these weigh more there.

    Args:
        bookings: One row for each booking record of the women booked in the month: LPIDMother,
            ComplexSocialFactorsInd, Deprivation (one of `DEPRIVATION_GROUPS`),
            EthnicCategoryMother, SmokingStatusBooking (Smoker, Non-Smoker / Ex-Smoker or
            Unknown) and FolicAcidSupplement as text; AgeAtBooking in whole years,
            GestAgeBooking in days, PreviousCaesareanSections, PreviousLiveBirths and
            PreviousStillBirths as whole numbers. Rows without LPIDMother are nobody's.

    Returns:
        The number of women, their average age, then every group of `DIMENSIONS` in their order,
        also those with nobody. Nothing is rounded.
    """
    known = bookings.filter(_WOMAN.is_not_null())
    women, age, over = (
        known.group_by(_WOMAN)
        .agg(_AGE.mean())
        .select(pl.len().alias("women"), _AGE.mean(), _AGE.count().alias("over"))
        .collect(engine=ENGINE)
        .row(0)
    )
    average = DimensionCount(AVERAGE_AGE, "", AVERAGE_OVER_WOMEN, age, over)
    found = _women_in_groups(known)
    return (
        DimensionCount(TOTAL, "", WOMEN, women),
        *([average] if over else []),
        *(
            DimensionCount(dimension.id, group, WOMEN, found.get((dimension.id, group), 0))
            for dimension in DIMENSIONS
            for group in dimension.groups
        ),
    )


def _women_in_groups(bookings: pl.LazyFrame) -> dict[tuple[str, str], int]:
    """How many different women are in a group, by dimension and group; none is left out."""
    counted = (
        bookings.select(_WOMAN, *(dimension.group for dimension in DIMENSIONS))
        .unpivot(index="LPIDMother", variable_name="dimension", value_name="group")
        .group_by("dimension", "group")
        .agg(_WOMAN.n_unique().alias("women"))
        .collect(engine=ENGINE)
    )
    return {(dimension, group): women for dimension, group, women in counted.iter_rows()}
