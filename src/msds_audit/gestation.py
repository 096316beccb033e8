"""How far a pregnancy has come, by what its booking says."""

from __future__ import annotations

import polars as pl

TERM = 280
"""Days from the last menstrual period to the estimated date of delivery."""


def gestation(day: str) -> pl.Expr:
    """Days of gestation on the day of a column, null where neither date tells.

    By EDDAgreed, else by LastMenstrualPeriodDate, both as dates beside it. Source: NHS England
    Data Processing Services, which derive GestAgeBooking so.
    """
    by_due_date = TERM - (pl.col("EDDAgreed") - pl.col(day)).dt.total_days()
    by_last_period = (pl.col(day) - pl.col("LastMenstrualPeriodDate")).dt.total_days()
    return pl.coalesce(by_due_date, by_last_period)
