"""How deprived the area is that each woman lives in: her decile, or why she has none.

The deciles are those of the extract where it has them; else they follow from its LSOAs; else
from postcodes and their LSOAs. The groups and their order are those of the monthly data file of
NHS England (its maternity statistics code, public notebooks, read November 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from msds_audit.areas import (
    DECILE,
    DECILES,
    DISTRICT,
    ELSEWHERE,
    LSOA,
    PSEUDO_DISTRICT,
    PSEUDO_POSTCODE,
    DecileSource,
    PostcodeLookup,
    plain_postcode,
)
from msds_audit.extract import ENGINE
from msds_audit.published import NOT_REPORTED

_WOMAN, _POSTCODE, _LABEL = "LPIDMother", "Postcode", "Deprivation"
_WRITTEN = {
    written: label
    for number, label in enumerate(DECILES, start=1)
    for written in (str(number), f"{number:02}", label)
}
"""What stands in a column of deciles, with the label it is published under."""


@dataclass(frozen=True)
class Deprived:
    """Mothers with their deprivation, and what it was taken from.

    `mothers` is the frame given with one more column, Deprivation; null in rows that name no
    woman. `without` of the `women`, each counted once, got no decile.
    """

    mothers: pl.LazyFrame
    source: DecileSource
    women: int
    without: int


def with_deprivation(
    mothers: pl.LazyFrame,
    areas: pl.LazyFrame | None,
    deciles: Mapping[int, pl.DataFrame],
    lookup: PostcodeLookup | None = None,
) -> Deprived:
    """Add the published group of deprivation to mothers.

    One way is taken for all: a column of deciles, else one of LSOAs, if it has any value; else
    the postcodes, if there is a lookup. A woman has her decile; else she lives elsewhere in the
    United Kingdom, the Channel Islands or the Isle of Man if her LSOA is of another country (it
    has a number and does not begin with E); else she has a pseudo postcode if her district is
    ZZ99; else nothing is known. A decile that is none, such as 11, is outside reporting
    parameters. Of a woman with several rows the last is taken.

    Args:
        mothers: Rows of MSD001: LPIDMother and, where the extract has it, Postcode, as text.
        areas: LPIDMother and any of `AREA_COLUMNS` as text, or None where there is none.
        deciles: Deciles (1 is the most deprived) by the census year of their LSOAs, 2011 and
            2021: columns LSOA (text) and Decile (whole number).
        lookup: The LSOAs of at least the postcodes that `postcodes_needed` names.
    """
    women = _women(mothers, areas)
    source = _source(women, lookup)
    labelled = _with_decile(women, source, deciles, lookup).select(_WOMAN, _group())
    joined = mothers.join(labelled.lazy(), on=_WOMAN, how="left", maintain_order="left")
    without = labelled.filter(~pl.col(_LABEL).is_in(DECILES)).height
    return Deprived(joined, source, labelled.height, without)


def postcodes_needed(mothers: pl.LazyFrame, areas: pl.LazyFrame | None) -> pl.Series:
    """The postcodes whose LSOAs `with_deprivation` needs, as `plain_postcode` makes them.

    There is none where the extract has deciles or LSOAs itself. Pseudo postcodes are left out.
    Arguments as for `with_deprivation`.
    """
    women = _women(mothers, areas)
    needed = women[_POSTCODE].drop_nulls().unique(maintain_order=True)
    return needed if _own_source(women) is None else needed.clear()


def _women(mothers: pl.LazyFrame, areas: pl.LazyFrame | None) -> pl.DataFrame:
    """A row for each woman: deciles, LSOA, district and postcode, null where there is none."""
    known = _last_of_each(mothers, (_POSTCODE,))
    if areas is None:
        beside = known.select(_WOMAN, **dict.fromkeys((DECILE, LSOA, DISTRICT), _NO_TEXT))
    else:
        beside = _last_of_each(areas, (DECILE, LSOA, DISTRICT))
    postcode = plain_postcode(pl.col(_POSTCODE))
    is_pseudo = postcode.str.starts_with(PSEUDO_DISTRICT)
    pseudo = pl.when(is_pseudo).then(pl.lit(PSEUDO_DISTRICT))
    return (
        known.join(beside, on=_WOMAN, how="left", maintain_order="left")
        .with_columns(
            pl.when(~is_pseudo).then(postcode).alias(_POSTCODE),
            pl.col(LSOA).str.to_uppercase(),
            pl.coalesce(pl.col(DISTRICT).str.to_uppercase(), pseudo).alias(DISTRICT),
        )
        .collect(engine=ENGINE)
    )


_NO_TEXT = pl.lit(None, pl.String)


def _last_of_each(frame: pl.LazyFrame, columns: tuple[str, ...]) -> pl.LazyFrame:
    """The last row of each woman: LPIDMother and these columns, null where the frame lacks one."""
    present = frame.collect_schema().names()
    chosen = {name: pl.col(name) if name in present else _NO_TEXT for name in columns}
    named = frame.filter(pl.col(_WOMAN).is_not_null()).select(_WOMAN, **chosen)
    return named.unique(_WOMAN, keep="last", maintain_order=True)


def _own_source(women: pl.DataFrame) -> DecileSource | None:
    """What the extract has itself to tell deciles by; None where it has nothing."""
    if women[DECILE].count():
        return DecileSource.EXTRACT
    return DecileSource.LSOA_2011 if women[LSOA].count() else None


def _source(women: pl.DataFrame, lookup: PostcodeLookup | None) -> DecileSource:
    own = _own_source(women)
    if own is not None:
        return own
    if lookup is None:
        return DecileSource.NOTHING
    by_census = {2011: DecileSource.POSTCODE_2011, 2021: DecileSource.POSTCODE_2021}
    return by_census[lookup.census]


def _with_decile(
    women: pl.DataFrame,
    source: DecileSource,
    deciles: Mapping[int, pl.DataFrame],
    lookup: PostcodeLookup | None,
) -> pl.DataFrame:
    """The women with a column for the label of their decile, and the LSOA it was found by."""
    if source is DecileSource.EXTRACT:
        label = pl.col(DECILE).replace_strict(_WRITTEN, default=None, return_dtype=pl.String)
        return women.with_columns(label.alias(_LABEL))
    if source is DecileSource.NOTHING:
        return women.with_columns(_NO_TEXT.alias(_LABEL))
    census = 2011
    if lookup is not None and source is not DecileSource.LSOA_2011:
        census = lookup.census
        by_postcode = lookup.lsoas.select(_POSTCODE, pl.col("LSOA").alias(LSOA))
        women = women.drop(LSOA).join(by_postcode, on=_POSTCODE, how="left")
    label = pl.col("Decile").replace_strict(dict(enumerate(DECILES, start=1)), default=None)
    by_lsoa = deciles[census].select(pl.col("LSOA").alias(LSOA), label.alias(_LABEL))
    return women.join(by_lsoa, on=LSOA, how="left")


def _is_elsewhere() -> pl.Expr:
    """Whether an LSOA without a decile is one of another country; those of England all have one."""
    lsoa = pl.col(LSOA)
    return lsoa.str.contains("[0-9]") & ~lsoa.str.starts_with("E")


def _group() -> pl.Expr:
    """The published group of a woman, of whom the label of her decile is known or null."""
    is_no_decile = pl.col(DECILE).is_not_null()
    return (
        pl.when(pl.col(_LABEL).is_not_null())
        .then(pl.col(_LABEL))
        .when(is_no_decile)
        .then(pl.lit(NOT_REPORTED))
        .when(_is_elsewhere())
        .then(pl.lit(ELSEWHERE))
        .when(pl.col(DISTRICT) == PSEUDO_DISTRICT)
        .then(pl.lit(PSEUDO_POSTCODE))
        .otherwise(pl.lit(NOT_REPORTED))
        .alias(_LABEL)
    )
