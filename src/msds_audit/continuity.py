"""The frames on which continuity of carer is counted, from many months of one provider.

The steps are the cohort (pregnancies that reach 29 weeks in a month), the latest care plan of
each, the discharge that ends the pathway, the contacts between the two, and the birth. What is
counted in them, and what is enough, is left to others.

Source: NHS England maternity statistics code (public notebooks), read November 2026. That any
plan is the denominator of plans that say whether there is a pathway was inferred and not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from msds_audit.bases import ACTIVITY, BOOKING, CONTACT, LABOUR, LABOUR_ACTIVITY, PLAN, STAFF
from msds_audit.extract import ENGINE, Period
from msds_audit.gestation import gestation
from msds_audit.history import ROW, SENT, History, values
from msds_audit.spec import Spec

DAYS_AT_COHORT = 203
"""29 weeks and 0 days: the day on which a pregnancy joins the cohort of its month."""

ANTENATAL_PLAN = "05"
"""The CarePlanType of a plan that may set out continuity of carer."""

ON_PATHWAY = "Y"
ATTENDED = ("5", "6")
MIDWIVES = ("05", "06", "07")
"""StaffGroup of those who are midwives: of the NHS, of a contractor, independent."""

PROFESSIONALS = (*(f"{group:02}" for group in range(1, 17)), "98")
"""StaffGroup of those whose profession is known, or is another than those listed."""

_PREGNANCY, _CONTACT_ID, _LABOUR_ID = "PregnancyID", "CareConID", "LabourDeliveryID"
_PROFESSIONAL, _TEAM = "CareProfLID", "TeamLocalID"
_OF_ACTIVITY = " of activity"
_IS_PROFESSIONAL, _IS_MIDWIFE, _IS_NAMED = "is professional", "is midwife", "is named"

_PLAN_COLUMNS = ("CarePlanDate", "ContCarePathInd", _PROFESSIONAL, _TEAM)


def pregnancies(history: History, spec: Spec, cohort: Period, until: Period) -> pl.LazyFrame:
    """The pregnancies that reach 29 weeks in a month, one row each, in order of PregnancyID.

    A pregnancy is judged by its latest booking record: the latest AntenatalAppDate, of these the
    latest submission, of these the last row. Its gestation at that appointment, by EDDAgreed or
    else by LastMenstrualPeriodDate, is above 0, its 203rd day is in the month, and
    DischargeDateMatService is blank or after that day. A value whose format is wrong is as good
    as blank.

    From submissions up to `cohort`:
        PregnancyID, LPIDMother (String), AntenatalAppDate (Date): of that booking record.
        Day203 (Date): the day on which she reaches 203 days, 29 weeks exactly.
        AnyPlan (String): Y where a plan of CarePlanType 05 is dated on or before Day203.
        PathwayStated (String): Y where such a plan has a ContCarePathInd that is not blank.
        CarePlanDate (Date), ContCarePathInd, CareProfLID, TeamLocalID (String): of the latest
            plan with PathwayStated; ties are settled as for bookings.

    From submissions up to `until`:
        DischargedOn (Date): the latest DischargeDateMatService of any booking record of the
            pregnancy that is on or after CarePlanDate.
        Contacts (Int64): different CareConID with a CContactDate from CarePlanDate to
            DischargedOn, or from CarePlanDate on.
        Labour (String): Y where there is a labour.
        LabourProfessional (String): Y where an activity of a labour, in the same submission,
            has a CareProfLID.
        MidwifeContacts (Int64): of those contacts, by CareConID and date, the ones with an
            AttendCode of 5 or 6 that have, in the same submission, an activity of a midwife.
        NamedContacts (Int64): of MidwifeContacts, the ones that have an activity of a midwife
            who is the professional, or of the team, that the plan names.
        NamedAtBirth (String): Y where an activity of a labour is of either of these.

    What is Y is null otherwise. Without a CarePlanDate the three numbers are null. Bookings and
    plans are read when this is called, the other tables when the frame is collected; what Polars
    raises in reading them is passed on.

    Args:
        history: The submissions of one provider. A table or an item that one of them lacks is
            taken as empty or blank there: whether enough is there is for the caller to see.
        spec: The specification by which values are read.
        cohort: The month in which pregnancies reach 203 days.
        until: The reporting month, not before `cohort`.
    """
    records = _Records(history, spec)
    pathways = _pathways(records, cohort, until)
    found = _contacts_of(records, pathways, until)
    on_pathway = pl.col("CarePlanDate").is_not_null()
    numbers = ("Contacts", "MidwifeContacts", "NamedContacts")
    return (
        pathways.join(_contacts_counted(found), on=_PREGNANCY, how="left")
        .join(_births(records, pathways, until), on=_PREGNANCY, how="left")
        .join(_midwife_contacts(records, found, until), on=_PREGNANCY, how="left")
        .with_columns(pl.when(on_pathway).then(pl.col(numbers).fill_null(0)))
        .select(
            *(
                _PREGNANCY,
                "LPIDMother",
                "AntenatalAppDate",
                "Day203",
                "AnyPlan",
                "PathwayStated",
            ),
            *(*_PLAN_COLUMNS, "DischargedOn", "Contacts", "Labour", "LabourProfessional"),
            *("MidwifeContacts", "NamedContacts", "NamedAtBirth"),
        )
        .sort(_PREGNANCY)
    )


def contacts(history: History, spec: Spec, cohort: Period, until: Period) -> pl.LazyFrame:
    """The contacts of the women placed on a pathway, in order of PregnancyID and CareConID.

    Placed are the `pregnancies` of the cohort whose latest plan has ContCarePathInd Y, a
    CareProfLID and a TeamLocalID. There is one row for each PregnancyID and CareConID sent up to
    `until` with a CContactDate from CarePlanDate to DischargedOn, or from CarePlanDate on:

        PregnancyID, CareConID (String), CContactDate (Date), AttendCode (String): where a
            contact was sent more than once, of the latest CContactDate in that time, of these of
            the latest submission, of these of the last row.
        Professional (String): Y where an activity of any record of the contact in that time, in
            the same submission as the record, has a CareProfLID that any MSD901StaffDetails up
            to `until` has with a StaffGroup of 01 to 16 or 98; null otherwise.

    The arguments are those of `pregnancies`.
    """
    records = _Records(history, spec)
    placed = _pathways(records, cohort, until).filter(
        pl.col("ContCarePathInd") == ON_PATHWAY,
        pl.col(_PROFESSIONAL).is_not_null(),
        pl.col(_TEAM).is_not_null(),
    )
    found = _contacts_of(records, placed, until)
    with_professional = (
        _with_activities(records, found, until)
        .filter(_IS_PROFESSIONAL)
        .select(_PREGNANCY, _CONTACT_ID, pl.lit("Y").alias("Professional"))
        .unique()
    )
    return (
        _latest(found, (_PREGNANCY, _CONTACT_ID), "CContactDate")
        .join(with_professional, on=(_PREGNANCY, _CONTACT_ID), how="left")
        .select(_PREGNANCY, _CONTACT_ID, "CContactDate", "AttendCode", "Professional")
        .sort(_PREGNANCY, _CONTACT_ID)
    )


# --- records of many submissions ----------------------------------------------------------


@dataclass(frozen=True)
class _Records:
    """The records of all submissions of one provider, read."""

    history: History
    spec: Spec

    def sent(self, table: str, names: Sequence[str], until: Period) -> pl.LazyFrame:
        """The items named of the records of a table sent up to a month.

        Each has the month of its submission and its row there, as `values` names them.
        """
        months = [month for month in sorted(self.history) if month <= until]
        return values(self.history, self.spec, table, names, months, numbered=True)


def _latest(frame: pl.LazyFrame, keys: Sequence[str], day: str) -> pl.LazyFrame:
    """The record of each key with the latest day, of these of the latest submission and row."""
    return frame.sort(day, SENT, ROW).unique(keys, keep="last", maintain_order=True)


def _yes(test: pl.Expr) -> pl.Expr:
    """Y where a test holds for any row of a group, else null."""
    return pl.when(test.any()).then(pl.lit("Y"))


# --- the cohort ---------------------------------------------------------------------------


def _cohort(records: _Records, month: Period) -> pl.LazyFrame:
    """The pregnancies that reach 203 days in a month and are not discharged by then."""
    day = pl.col("Day203")
    discharged = pl.col("DischargeDateMatService")
    bookings = records.sent(
        BOOKING,
        (
            *(_PREGNANCY, "LPIDMother", "AntenatalAppDate", "EDDAgreed"),
            *("LastMenstrualPeriodDate", "DischargeDateMatService"),
        ),
        month,
    ).filter(pl.col(_PREGNANCY).is_not_null())
    until_day_203 = pl.duration(days=DAYS_AT_COHORT - gestation("AntenatalAppDate"))
    return (
        _latest(bookings, (_PREGNANCY,), "AntenatalAppDate")
        .filter(gestation("AntenatalAppDate") > 0)
        .with_columns((pl.col("AntenatalAppDate") + until_day_203).alias("Day203"))
        .filter(day.is_between(month.start, month.end), discharged.is_null() | (discharged > day))
        .select(_PREGNANCY, "LPIDMother", "AntenatalAppDate", "Day203")
    )


# --- plan and discharge -------------------------------------------------------------------


def _pathways(records: _Records, cohort: Period, until: Period) -> pl.LazyFrame:
    """The cohort of a month, with the plans known by then and the discharge known by `until`.

    It is small and every later step looks it up, so that it is worked out here, once.
    """
    members = _cohort(records, cohort).collect(engine=ENGINE).lazy()
    plans = _plans(records, members, cohort)
    anybody = plans.select(_PREGNANCY, pl.lit("Y").alias("AnyPlan")).unique()
    stated = plans.filter(pl.col("ContCarePathInd").is_not_null())
    latest = _latest(stated, (_PREGNANCY,), "CarePlanDate").select(
        _PREGNANCY, pl.lit("Y").alias("PathwayStated"), *_PLAN_COLUMNS
    )
    planned = members.join(anybody, on=_PREGNANCY, how="left").join(
        latest, on=_PREGNANCY, how="left"
    )
    discharges = _discharges(records, planned, until)
    return planned.join(discharges, on=_PREGNANCY, how="left").collect(engine=ENGINE).lazy()


def _plans(records: _Records, members: pl.LazyFrame, month: Period) -> pl.LazyFrame:
    """The antenatal plans of members of the cohort, dated on or before their 203rd day."""
    names = (_PREGNANCY, "CarePlanType", *_PLAN_COLUMNS)
    return (
        records.sent(PLAN, names, month)
        .filter(pl.col("CarePlanType") == ANTENATAL_PLAN)
        .join(members.select(_PREGNANCY, "Day203"), on=_PREGNANCY)
        .filter(pl.col("CarePlanDate") <= pl.col("Day203"))
    )


def _discharges(records: _Records, planned: pl.LazyFrame, until: Period) -> pl.LazyFrame:
    """For each pregnancy the latest discharge on or after the day of its plan."""
    return (
        records.sent(BOOKING, (_PREGNANCY, "DischargeDateMatService"), until)
        .join(planned.select(_PREGNANCY, "CarePlanDate"), on=_PREGNANCY)
        .filter(pl.col("DischargeDateMatService") >= pl.col("CarePlanDate"))
        .group_by(_PREGNANCY)
        .agg(pl.col("DischargeDateMatService").max().alias("DischargedOn"))
    )


# --- contacts -----------------------------------------------------------------------------


def _contacts_of(records: _Records, pathways: pl.LazyFrame, until: Period) -> pl.LazyFrame:
    """Every record of a contact from the day of the plan to the discharge, both included.

    Beside it stand the professional and the team that the plan names.
    """
    on = pl.col("CContactDate")
    end = pl.col("DischargedOn")
    names = (_PREGNANCY, _CONTACT_ID, "CContactDate", "AttendCode")
    return (
        records.sent(CONTACT, names, until)
        .filter(pl.col(_CONTACT_ID).is_not_null())
        .join(
            pathways.select(_PREGNANCY, "CarePlanDate", "DischargedOn", _PROFESSIONAL, _TEAM),
            on=_PREGNANCY,
        )
        .filter(on >= pl.col("CarePlanDate"), end.is_null() | (on <= end))
    )


def _contacts_counted(found: pl.LazyFrame) -> pl.LazyFrame:
    """For each pregnancy how many different contacts there are."""
    return found.group_by(_PREGNANCY).agg(
        pl.col(_CONTACT_ID).n_unique().cast(pl.Int64).alias("Contacts")
    )


def _midwife_contacts(records: _Records, found: pl.LazyFrame, until: Period) -> pl.LazyFrame:
    """For each pregnancy the attended contacts with a midwife, and with whom the plan names."""
    attended = found.filter(pl.col("AttendCode").is_in(ATTENDED))
    return (
        _with_activities(records, attended, until)
        .group_by(_PREGNANCY, _CONTACT_ID, "CContactDate")
        .agg(
            pl.col(_IS_MIDWIFE).any(),
            (pl.col(_IS_MIDWIFE) & pl.col(_IS_NAMED)).any().alias(_IS_NAMED),
        )
        .filter(_IS_MIDWIFE)
        .group_by(_PREGNANCY)
        .agg(
            pl.len().cast(pl.Int64).alias("MidwifeContacts"),
            pl.col(_IS_NAMED).sum().cast(pl.Int64).alias("NamedContacts"),
        )
    )


def _with_activities(records: _Records, found: pl.LazyFrame, until: Period) -> pl.LazyFrame:
    """A row for each record of a contact and each activity of it in the same submission."""
    activities = records.sent(ACTIVITY, (_CONTACT_ID, _PROFESSIONAL, _TEAM), until).join(
        _staff(records, until), on=_PROFESSIONAL, how="left"
    )
    return found.join(activities, on=(SENT, _CONTACT_ID), suffix=_OF_ACTIVITY).with_columns(
        _is_named().alias(_IS_NAMED)
    )


def _staff(records: _Records, until: Period) -> pl.LazyFrame:
    """Everybody in the staff details of any submission, with what they are in any of them."""
    group = pl.col("StaffGroup")
    return (
        records.sent(STAFF, (_PROFESSIONAL, "StaffGroup"), until)
        .group_by(_PROFESSIONAL)
        .agg(
            group.is_in(PROFESSIONALS).any().alias(_IS_PROFESSIONAL),
            group.is_in(MIDWIVES).any().alias(_IS_MIDWIFE),
        )
    )


def _is_named() -> pl.Expr:
    """Whether an activity is of the professional or of the team that the plan names."""
    same = [pl.col(name) == pl.col(f"{name}{_OF_ACTIVITY}") for name in (_PROFESSIONAL, _TEAM)]
    return pl.any_horizontal(same).fill_null(False)


# --- birth --------------------------------------------------------------------------------


def _births(records: _Records, pathways: pl.LazyFrame, until: Period) -> pl.LazyFrame:
    """For each pregnancy with a labour whether it, and who gave care in it, is recorded."""
    labours = records.sent(LABOUR, (_LABOUR_ID, _PREGNANCY), until).join(
        pathways.select(_PREGNANCY, _PROFESSIONAL, _TEAM), on=_PREGNANCY
    )
    activities = records.sent(LABOUR_ACTIVITY, (_LABOUR_ID, _PROFESSIONAL, _TEAM), until)
    return (
        labours.join(activities, on=(SENT, _LABOUR_ID), how="left", suffix=_OF_ACTIVITY)
        .group_by(_PREGNANCY)
        .agg(
            pl.lit("Y").alias("Labour"),
            _yes(pl.col(f"{_PROFESSIONAL}{_OF_ACTIVITY}").is_not_null()).alias(
                "LabourProfessional"
            ),
            _yes(_is_named()).alias("NamedAtBirth"),
        )
    )
