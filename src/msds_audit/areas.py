"""Where women live, as far as statistics go: postcodes, LSOAs and deciles of deprivation.

It knows the names of these things and how each is written; which of them an extract has, and
what follows for a woman, is left to `deprivation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from msds_audit.published import NOT_REPORTED

DECILE, LSOA, DISTRICT = "Rank_IMD_Decile_2015", "LSOAMother2011", "PostcodeDistrictMother"
AREA_COLUMNS = (DECILE, LSOA, DISTRICT)
"""The columns about where a woman lives that NHS England adds to MSD001."""

DECILES = (
    "01 - Most deprived",
    "02",
    "03",
    "04",
    "05",
    "06",
    "07",
    "08",
    "09",
    "10 - Least deprived",
)
"""The deciles of the Index of Multiple Deprivation as they are published, from 1 to 10."""

ELSEWHERE = "Resident Elsewhere in UK, Channel Islands or Isle of Man"
PSEUDO_POSTCODE = "Pseudo postcode recorded (includes no fixed abode or resident overseas)"
DEPRIVATION_GROUPS = (*DECILES, ELSEWHERE, PSEUDO_POSTCODE, NOT_REPORTED)
"""The groups of deprivation at booking as they are published."""

PSEUDO_DISTRICT = "ZZ99"
"""The district of postcodes that stand for no place."""


class DecileSource(StrEnum):
    """What the deciles of a submission were taken from, in words for a report."""

    EXTRACT = f"{DECILE} of the extract"
    LSOA_2011 = f"{LSOA} of the extract and the English indices of deprivation 2019"
    POSTCODE_2011 = "postcodes, their LSOAs of 2011 and the English indices of deprivation 2019"
    POSTCODE_2021 = "postcodes, their LSOAs of 2021 and the English indices of deprivation 2025"
    NOTHING = "nothing, as there is neither a decile nor an LSOA"


@dataclass(frozen=True)
class PostcodeLookup:
    """The LSOAs of some postcodes.

    `lsoas` has a row for each postcode found, with columns Postcode (as `plain_postcode` makes
    it) and LSOA (null where the directory has none). `census` is the year of the census that
    drew the LSOAs, 2011 or 2021.
    """

    lsoas: pl.DataFrame = field(repr=False)
    census: int


def plain_postcode(column: pl.Expr) -> pl.Expr:
    """Postcodes as they are compared: in capitals, without spaces, blank as null."""
    return column.str.to_uppercase().str.replace_all(r"\s", "").replace("", None)
