"""The women booked in a month, by the groups in which NHS England publishes them.

It brings a booking and its mother together; the groups themselves are those of `dimensions`, and
where a woman lives is left to `deprivation`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from msds_audit.areas import DecileSource, PostcodeLookup
from msds_audit.base_frames import PARITY, bookings
from msds_audit.bases import BOOKING
from msds_audit.deprivation import Deprived, with_deprivation
from msds_audit.dimensions import dimension_counts
from msds_audit.extract import POLARS_FAILED, Period
from msds_audit.history import SENT, History, values
from msds_audit.link_rules import PATIENTS
from msds_audit.published import DimensionCount
from msds_audit.rule import Rules

_WOMAN = "LPIDMother"
_NEEDED = {
    PATIENTS: ("PersonBirthDateMother", "EthnicCategoryMother"),
    BOOKING: ("ComplexSocialFactorsInd", "FolicAcidSupplement", "EDDAgreed", *PARITY),
}


@dataclass(frozen=True)
class Booked:
    """Women booked by dimension and group, and what is to be said beside the figures.

    `counts` are empty, with the reason in `remarks`, where they could not be made.
    """

    counts: tuple[DimensionCount, ...]
    remarks: tuple[str, ...]


def booked_women(
    history: History,
    reporting: Period,
    rules: Rules,
    deciles: Mapping[int, pl.DataFrame],
    lookup: PostcodeLookup | None,
) -> Booked:
    """Count the women booked in a month by every published dimension.

    Args:
        history: The provider's submissions by month; smoking status at booking reads the month
            before too.
        reporting: The reporting month; it must be among them.
        rules: They bring the specification and the codes of derived fields.
        deciles: As `with_deprivation` takes them.
        lookup: As `with_deprivation` takes it.
    """
    submission = history[reporting]
    for table in (PATIENTS, BOOKING):
        if table not in submission.tables:
            return Booked((), (f"Women booked were not counted: {table} is missing.",))
    remarks = [
        f"{table} has no column {name}: nobody's is known."
        for table, names in _NEEDED.items()
        for name in names
        if name not in submission.tables[table].collect_schema().names()
    ]
    try:
        deprived = with_deprivation(submission.tables[PATIENTS], submission.areas, deciles, lookup)
        living = deprived.mothers.select(_WOMAN, "Deprivation").unique(_WOMAN, keep="last")
        counts = dimension_counts(_women(history, reporting, rules, living))
    except POLARS_FAILED as error:
        return Booked((), (f"Women booked were not counted ({type(error).__name__}).",))
    return Booked(counts, (*remarks, _on_deciles(deprived)))


def _on_deciles(deprived: Deprived) -> str:
    if deprived.source is DecileSource.NOTHING:
        return (
            "Nobody has a decile of deprivation: the extract has neither a decile nor an LSOA, and "
            "no postcode lookup was given."
        )
    return (
        f"Deciles of deprivation come from {deprived.source}; of the {deprived.women:,} women in "
        f"{PATIENTS}, {deprived.without:,} have none."
    )


def _women(history: History, reporting: Period, rules: Rules, living: pl.LazyFrame) -> pl.LazyFrame:
    """A row for each booking record of the month whose mother is in the same submission."""
    names = [_WOMAN, "PersonBirthDateMother", "EthnicCategoryMother"]
    mothers = values(history, rules.spec, PATIENTS, names, [reporting]).drop(SENT)
    booked = pl.col("AntenatalAppDate").is_between(reporting.start, reporting.end)
    return (
        bookings(history, rules.spec, rules.concepts, [reporting])
        .filter(booked)
        .join(mothers, on=_WOMAN, how="inner")
        .join(living, on=_WOMAN, how="left")
        .with_columns(_age("PersonBirthDateMother", "AntenatalAppDate").alias("AgeAtBooking"))
    )


def _age(born: str, day: str) -> pl.Expr:
    """Whole years from one date to another."""
    first, last = pl.col(born), pl.col(day)
    not_yet = (last.dt.month() * 100 + last.dt.day()) < (first.dt.month() * 100 + first.dt.day())
    years = last.dt.year().cast(pl.Int64) - first.dt.year().cast(pl.Int64)
    return years - not_yet.cast(pl.Int64)
