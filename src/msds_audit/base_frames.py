"""The rows of the bases on which national indicators are counted, with their derived fields.

What each field means stands in `bases`; here is how it is worked out. Sources: NHS England
maternity statistics code, read November 2026, and its Data Processing Services for the fields it
derives on receipt. Where NHS England links by its own person and pregnancy, the local identifiers
of mother and pregnancy stand in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from msds_audit import smoking
from msds_audit.bases import (
    ACTIVITY,
    BABY,
    BABY_ACTIVITY,
    BOOKING,
    CONTACT,
    LABOUR,
    LABOUR_ACTIVITY,
    Base,
)
from msds_audit.continuity import contacts, pregnancies
from msds_audit.extract import Period
from msds_audit.gestation import gestation
from msds_audit.history import SENT, History, values
from msds_audit.rule import Concept, Rules
from msds_audit.spec import Spec

PARITY = ("PreviousLiveBirths", "PreviousStillBirths", "PreviousCaesareanSections")
LABOUR_ITEMS = ("LabourOnsetMethod", "LabourOnsetDate", "CaesareanDate")
SNOMED_FINDING, SNOMED_PROCEDURE = "04", "06"
FOUR_MONTHS = 4
_YES = "Y"
_CONTACT_MONTHS, _DELIVERY_MONTHS = 2, 3


def base_rows(
    base: Base, history: History, rules: Rules, reporting: Period, window: Sequence[Period]
) -> pl.LazyFrame:
    """The rows of a base in a window, with every column of it.

    Args:
        base: Which one.
        history: The provider's submissions by month; those after the reporting month are not
            looked at.
        rules: They bring the specification and the codes of derived fields.
        reporting: The reporting month.
        window: The months whose submissions are read.
    """
    spec, concepts = rules.spec, rules.concepts
    known = {month: one for month, one in history.items() if month <= reporting}
    earlier = reporting.before(FOUR_MONTHS)
    match base:
        case Base.BOOKINGS:
            return bookings(known, spec, concepts, window)
        case Base.BIRTHS:
            return births(known, spec, concepts, reporting, window)
        case Base.LABOUR_ACTIVITIES:
            return labour_activities(known, spec, concepts, window)
        case Base.PREGNANCIES:
            return pregnancies(known, spec, reporting, reporting)
        case Base.EARLIER_PREGNANCIES:
            return pregnancies(known, spec, earlier, reporting)
        case Base.EARLIER_CONTACTS:
            both = pl.concat_str("PregnancyID", "CareConID", separator=" ")
            return contacts(known, spec, earlier, reporting).with_columns(both.alias("Contact"))


# --- bookings -----------------------------------------------------------------------------


def bookings(
    history: History, spec: Spec, concepts: Mapping[str, Concept], window: Sequence[Period]
) -> pl.LazyFrame:
    """Every booking record sent in the window, with smoking status and gestation at booking."""
    names = [item.name for item in spec.tables[BOOKING].items]
    booked = values(history, spec, BOOKING, names, window)
    return booked.join(
        _smoking_at_booking(history, spec, concepts, window),
        on=["PregnancyID", "AntenatalAppDate", SENT],
        how="left",
    ).with_columns(gestation("AntenatalAppDate").alias("GestAgeBooking"))


def _smoking_at_booking(
    history: History, spec: Spec, concepts: Mapping[str, Concept], window: Sequence[Period]
) -> pl.LazyFrame:
    """Pregnancy, day of booking and month, with the status that counts."""
    months = sorted({month for one in window for month in _back(one, _CONTACT_MONTHS)})
    recorded = _contact_statuses(history, spec, months, smoking.at_booking(concepts))
    booked = values(history, spec, BOOKING, ["PregnancyID", "AntenatalAppDate"], window)
    booking_key = ("PregnancyID", "AntenatalAppDate", SENT)
    booking = pl.struct(booking_key).alias("booking")
    held_against = (
        booked.drop_nulls()
        .unique()
        .join(recorded, on="PregnancyID", how="inner", suffix=" of contact")
        .filter(_sent_within(_CONTACT_MONTHS))
        .with_columns(booking, pl.col("AntenatalAppDate").alias(smoking.DAY))
    )
    found = smoking.nearest(held_against, "booking", unknown_counts_on_the_day=False)
    return found.unnest("booking").select(
        *booking_key, pl.col(smoking.STATUS).alias("SmokingStatusBooking")
    )


def _back(month: Period, length: int) -> list[Period]:
    return [month.before(number) for number in range(length)]


def _sent_within(months: int) -> pl.Expr:
    """Whether a contact was sent in the month of a booking or in so many up to it."""
    latest, sent = pl.col(SENT), pl.col(f"{SENT} of contact")
    earliest = latest.dt.offset_by(f"-{months - 1}mo")
    return sent.is_between(earliest, latest)


def _contact_statuses(
    history: History, spec: Spec, months: Sequence[Period], status: pl.Expr
) -> pl.LazyFrame:
    """What contacts record of smoking: pregnancy, day, status, month."""
    seen = values(history, spec, CONTACT, ["CareConID", "PregnancyID", "CContactDate"], months)
    done = values(
        history,
        spec,
        ACTIVITY,
        ["CareConID", "FindingCode", "ObsScheme", "ObsCode", "ObsValue", "UCUMUnit"],
        months,
    )
    return (
        seen.join(done, on=["CareConID", SENT], how="inner")
        .select(
            "PregnancyID",
            SENT,
            pl.col("CContactDate").alias(smoking.RECORDED),
            status.alias(smoking.STATUS),
        )
        .drop_nulls()
    )


# --- births -------------------------------------------------------------------------------


def births(
    history: History,
    spec: Spec,
    concepts: Mapping[str, Concept],
    reporting: Period,
    window: Sequence[Period],
) -> pl.LazyFrame:
    """Every record of a baby sent in the window, with labour, booking and derived fields."""
    names = [item.name for item in spec.tables[BABY].items]
    babies = values(history, spec, BABY, names, window)
    labours = values(
        history, spec, LABOUR, ["LabourDeliveryID", "PregnancyID", *LABOUR_ITEMS], window
    )
    booked = values(history, spec, BOOKING, ["PregnancyID", "LPIDMother", *PARITY], window)
    activities = labour_activities(history, spec, concepts, window)
    every = labour_activities(history, spec, concepts, sorted(history))
    to_labour = ["LabourDeliveryID", SENT]
    return (
        babies.join(_babies(babies), on=to_labour, how="left")
        .join(labours, on=to_labour, how="left")
        .join(_mothers(booked), on=["PregnancyID", SENT], how="left")
        .join(_apgar(history, spec, concepts, window), on=["LPIDBaby", SENT], how="left")
        .join(_tears(activities), on=to_labour, how="left")
        .join(_losses(activities, window), on="LabourDeliveryID", how="left")
        .join(_incidents(every), on="LabourDeliveryID", how="left")
        .join(_one_and_one(booked), on="PregnancyID", how="left")
        .join(
            _smoking_at_delivery(history, spec, concepts, reporting),
            on="PregnancyID",
            how="left",
        )
    )


def _mothers(booked: pl.LazyFrame) -> pl.LazyFrame:
    """Bookings with the mother under the name she has beside a birth."""
    return booked.with_columns(pl.col("LPIDMother").alias("Mother")).drop("LPIDMother")


def _babies(babies: pl.LazyFrame) -> pl.LazyFrame:
    """How many babies each labour has in each submission."""
    return (
        babies.filter(pl.col("LabourDeliveryID").is_not_null())
        .group_by("LabourDeliveryID", SENT)
        .agg(pl.len().cast(pl.Int64).alias("BirthsInLabour"))
    )


def _apgar(
    history: History, spec: Spec, concepts: Mapping[str, Concept], window: Sequence[Period]
) -> pl.LazyFrame:
    names = ["LPIDBaby", "ObsScheme", "ObsCode", "ObsValue"]
    score = smoking.number_observed()
    coded = (pl.col("ObsScheme") == smoking.SNOMED) & _coded(
        concepts["apgar-at-five-minutes"], "ObsCode"
    )
    return (
        values(history, spec, BABY_ACTIVITY, names, window)
        .filter(coded & score.is_between(0, 10) & pl.col("LPIDBaby").is_not_null())
        .group_by("LPIDBaby", SENT)
        .agg(score.min().ceil().cast(pl.Int64).alias("ApgarLowest"))
    )


def _tears(activities: pl.LazyFrame) -> pl.LazyFrame:
    return (
        activities.filter((pl.col("SevereTear") == _YES) & pl.col("LabourDeliveryID").is_not_null())
        .select("LabourDeliveryID", SENT, "SevereTear")
        .unique()
    )


def _losses(activities: pl.LazyFrame, window: Sequence[Period]) -> pl.LazyFrame:
    """The most blood lost in each labour on a day of the window."""
    first, last = _days(window)
    return (
        activities.filter(pl.col("ClinInterDateMother").is_between(first, last))
        .filter(pl.col("LabourDeliveryID").is_not_null())
        .group_by("LabourDeliveryID")
        .agg(pl.col("BloodLoss").max(), pl.col("BloodLossOfRate").max())
    )


def _days(window: Sequence[Period]) -> tuple[date, date]:
    return window[0].start, window[-1].end


def _incidents(activities: pl.LazyFrame) -> pl.LazyFrame:
    return (
        activities.filter(pl.col("CriticalIncident") == _YES)
        .filter(pl.col("LabourDeliveryID").is_not_null())
        .select("LabourDeliveryID", "CriticalIncident")
        .unique()
    )


def _one_and_one(booked: pl.LazyFrame) -> pl.LazyFrame:
    """Pregnancies with one birth and one caesarean before, by any booking record sent."""
    lived, still, caesareans = (pl.col(name) for name in PARITY)
    return (
        booked.filter(((lived == 1) | (still == 1)) & (caesareans == 1))
        .filter(pl.col("PregnancyID").is_not_null())
        .select("PregnancyID", pl.lit(_YES).alias("OneBirthOneCaesarean"))
        .unique()
    )


def _smoking_at_delivery(
    history: History, spec: Spec, concepts: Mapping[str, Concept], reporting: Period
) -> pl.LazyFrame:
    """Pregnancy and status, by what contacts and labours of three months record."""
    months = _back(reporting, _DELIVERY_MONTHS)
    status = smoking.at_delivery(concepts)
    names = ["LabourDeliveryID", "PregnancyID", "LabourOnsetDate", "CaesareanDate"]
    labours = values(history, spec, LABOUR, names, sorted(history)).drop(SENT).unique()
    in_labour = (
        values(
            history,
            spec,
            LABOUR_ACTIVITY,
            [
                *("LabourDeliveryID", "ClinInterDateMother", "FindingCode"),
                *("ObsScheme", "ObsCode", "ObsValue", "UCUMUnit"),
            ],
            months,
        )
        .with_columns(
            status.alias(smoking.STATUS),
            pl.col("ClinInterDateMother").alias(smoking.RECORDED),
        )
        .join(labours, on="LabourDeliveryID", how="inner")
        .select("PregnancyID", smoking.RECORDED, smoking.STATUS)
    )
    recorded = pl.concat(
        [
            _contact_statuses(history, spec, months, status).drop(SENT),
            in_labour.drop_nulls(),
        ],
        how="diagonal",
    )
    days = labours.unpivot(
        ["LabourOnsetDate", "CaesareanDate"], index="PregnancyID", value_name=smoking.DAY
    ).drop_nulls()
    held_against = days.drop("variable").unique().join(recorded, on="PregnancyID", how="inner")
    found = smoking.nearest(held_against, "PregnancyID", unknown_counts_on_the_day=True)
    return found.select("PregnancyID", pl.col(smoking.STATUS).alias("SmokingStatusDelivery"))


# --- activities in labour -----------------------------------------------------------------


def labour_activities(
    history: History, spec: Spec, concepts: Mapping[str, Concept], window: Sequence[Period]
) -> pl.LazyFrame:
    """Every activity in labour sent in the window, with what it records of blood and tears."""
    names = [item.name for item in spec.tables[LABOUR_ACTIVITY].items]
    number = smoking.number_observed().floor().cast(pl.Int64, strict=False)
    losses, of_rate = (
        (pl.col("ObsScheme") == smoking.SNOMED) & _coded(concepts[name], "ObsCode")
        for name in ("blood-loss", "blood-loss-of-rate")
    )
    finding = pl.col("FindingScheme") == SNOMED_FINDING
    procedure = pl.col("ProcedureScheme") == SNOMED_PROCEDURE
    hides = procedure & _coded(concepts["lesion-procedure"], "ProcedureCode")
    tear = finding & _coded(concepts["severe-tear"], "FindingCode") & ~hides.fill_null(False)
    incident = (procedure & _coded(concepts["critical-incident-procedure"], "ProcedureCode")).or_(
        finding & _coded(concepts["critical-incident-finding"], "FindingCode")
    )
    return values(history, spec, LABOUR_ACTIVITY, names, window).with_columns(
        pl.when(losses).then(number).alias("BloodLoss"),
        pl.when(of_rate).then(number).alias("BloodLossOfRate"),
        pl.when(losses).then(pl.lit(_YES)).alias("IsBloodLoss"),
        pl.when(tear).then(pl.lit(_YES)).alias("SevereTear"),
        pl.when(incident).then(pl.lit(_YES)).alias("CriticalIncident"),
    )


def _coded(concept: Concept, item: str) -> pl.Expr:
    return pl.col(item).is_in(list(concept.codes))
