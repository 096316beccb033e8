"""Reads the deciles of deprivation that come with msds-audit."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from msds_audit.packaged import packaged_rules

_FILES = {
    2011: ("imd2019_by_lsoa11.parquet", "lsoa11", "imd2019_decile"),
    2021: ("imd2025_by_lsoa21.parquet", "lsoa21", "imd2025_decile"),
}
"""By the census year of the LSOAs: the file, its column of LSOAs and its column of deciles."""


def read_deciles() -> Mapping[int, pl.DataFrame]:
    """Deciles of deprivation by the census year of the LSOAs, 2011 and 2021.

    Columns LSOA (text) and Decile (1 is the most deprived). LSOAs of 2011 have the English
    indices of deprivation 2019, those of 2021 have the indices of 2025; rules/reference says
    where they come from.
    """
    folder = packaged_rules() / "reference"
    return {
        census: pl.read_parquet(folder / name).select(
            pl.col(lsoa).alias("LSOA"), pl.col(decile).cast(pl.Int64).alias("Decile")
        )
        for census, (name, lsoa, decile) in _FILES.items()
    }
