"""Smoking status at booking and at delivery, as NHS England derives it from care activities.

Source: NHS England maternity statistics code (fields that are derived), read November 2026. A
status recorded on the day goes before one recorded within three days of it, and a smoker before a
non-smoker. What is said of a pregnancy is looked for in its contacts and, at delivery, in the
activities of labour too.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from msds_audit.rule import Concept

SMOKER, NON_SMOKER, UNKNOWN = "Smoker", "Non-Smoker / Ex-Smoker", "Unknown"
DAYS_NEAR = 3
SNOMED = "03"
"""The observation scheme of SNOMED CT."""

LEAST_OF_A_SMOKER = 4
"""Carbon monoxide in parts per million from which somebody counts as a smoker."""

RECORDED, STATUS, DAY = "recorded on", "status", "day"
"""The columns of what was recorded, and of the day it is held against."""

_RANK = "rank"


def at_booking(concepts: Mapping[str, Concept]) -> pl.Expr:
    """The status an activity records, as it is read at booking; null where it says nothing."""
    coded = pl.col("ObsScheme") == SNOMED
    cigarettes = _observed(concepts["cigarettes-a-day"], coded)
    monoxide = _observed(concepts["carbon-monoxide"], coded)
    return _status(concepts, cigarettes, monoxide)


def at_delivery(concepts: Mapping[str, Concept]) -> pl.Expr:
    """The same as it is read at delivery: codes of any scheme, carbon monoxide in a unit of ppm."""
    in_ppm = pl.col("UCUMUnit").str.replace_all(" ", "").str.to_uppercase().str.contains("PPM")
    cigarettes = _observed(concepts["cigarettes-a-day-at-delivery"], pl.lit(True))
    monoxide = _observed(concepts["carbon-monoxide-at-delivery"], in_ppm)
    return _status(concepts, cigarettes, monoxide)


def number_observed() -> pl.Expr:
    """ObsValue as a number; null where it is none, such as `nan` or `inf`."""
    number = pl.col("ObsValue").cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _observed(concept: Concept, holds: pl.Expr) -> pl.Expr:
    """The number observed; null where something else was, or where it is no number."""
    return pl.when(pl.col("ObsCode").is_in(list(concept.codes)) & holds).then(number_observed())


def _status(concepts: Mapping[str, Concept], cigarettes: pl.Expr, monoxide: pl.Expr) -> pl.Expr:
    def found(name: str, item: str = "FindingCode") -> pl.Expr:
        return pl.col(item).is_in(list(concepts[name].codes)).fill_null(False)

    smokes = found("smoker") | (cigarettes > 0).fill_null(False)
    smokes |= (monoxide >= LEAST_OF_A_SMOKER).fill_null(False)
    does_not = found("non-smoker") | found("stopped-smoking", "ObsCode")
    does_not |= (cigarettes == 0).fill_null(False)
    does_not |= (monoxide < LEAST_OF_A_SMOKER).fill_null(False)
    return (
        pl.when(smokes)
        .then(pl.lit(SMOKER))
        .when(does_not)
        .then(pl.lit(NON_SMOKER))
        .when(found("smoking-unknown"))
        .then(pl.lit(UNKNOWN))
    )


def nearest(recorded: pl.LazyFrame, key: str, *, unknown_counts_on_the_day: bool) -> pl.LazyFrame:
    """The status that counts for each key.

    Args:
        recorded: One row for each thing recorded and day it may be held against: the key,
            `recorded on` and `day` (dates), `status`.
        key: The column of the pregnancy or booking.
        unknown_counts_on_the_day: Whether `Unknown` counts where it was recorded on the day
            itself; within three days it always does.

    Returns:
        The key and `status`; keys of which nothing was recorded are left out.
    """
    apart = (pl.col(RECORDED) - pl.col(DAY)).dt.total_days().abs()
    on_the_day, status = apart == 0, pl.col(STATUS)
    unknown = status == UNKNOWN
    if not unknown_counts_on_the_day:
        unknown &= ~on_the_day
    ranked = (
        pl.when(on_the_day & (status == SMOKER))
        .then(1)
        .when(on_the_day & (status == NON_SMOKER))
        .then(2)
        .when(status == SMOKER)
        .then(3)
        .when(status == NON_SMOKER)
        .then(4)
        .when(unknown)
        .then(5)
    )
    said = {1: SMOKER, 2: NON_SMOKER, 3: SMOKER, 4: NON_SMOKER, 5: UNKNOWN}
    return (
        recorded.filter(apart <= DAYS_NEAR)
        .with_columns(ranked.alias(_RANK))
        .filter(pl.col(_RANK).is_not_null())
        .group_by(key)
        .agg(pl.col(_RANK).min())
        .select(key, pl.col(_RANK).replace_strict(said, return_dtype=pl.String).alias(STATUS))
    )
