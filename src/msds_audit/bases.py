"""The bases of national indicators: whose rows are judged, and which columns they have.

A base has items of the data set and fields that NHS England derives from them, each with the
items it is made of. How the fields are worked out is left to the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from msds_audit.spec import Format, Item, Mandation, Spec, Table

BOOKING, PLAN = "MSD101PregnancyBooking", "MSD102MatCarePlan"
CONTACT, ACTIVITY = "MSD201CareContactPreg", "MSD202CareActivityPreg"
LABOUR, LABOUR_ACTIVITY = "MSD301LabourDelivery", "MSD302CareActivityLabDel"
BABY, BABY_ACTIVITY = "MSD401BabyDemographics", "MSD405CareActivityBaby"
STAFF = "MSD901StaffDetails"


class Base(StrEnum):
    """What an indicator may be about."""

    BOOKINGS = "bookings"
    BIRTHS = "births"
    LABOUR_ACTIVITIES = "labour-activities"
    PREGNANCIES = "pregnancies-at-29-weeks"
    EARLIER_PREGNANCIES = "pregnancies-four-months-earlier"
    EARLIER_CONTACTS = "contacts-four-months-earlier"


_SAYS = {
    Base.BOOKINGS: "Booking records.",
    Base.BIRTHS: "Records of babies, with their labour and booking of the same submission.",
    Base.LABOUR_ACTIVITIES: "Care activities in labour and delivery.",
    Base.PREGNANCIES: "Pregnancies that reach 29 weeks (203 days) in the month and go on.",
    Base.EARLIER_PREGNANCIES: "Pregnancies that reached 29 weeks four months earlier and went on.",
    Base.EARLIER_CONTACTS: "Contacts of those of them placed on a continuity of carer pathway.",
}

_YES, _DATE, _DAYS, _NUMBER = "an1", "an10 CCYY-MM-DD", "max n3", "max n4"
_ID, _WORDS = "max an36", "max an40"


CONCEPTS = (
    *("smoker", "non-smoker", "smoking-unknown", "stopped-smoking"),
    *("cigarettes-a-day", "cigarettes-a-day-at-delivery"),
    *("carbon-monoxide", "carbon-monoxide-at-delivery", "apgar-at-five-minutes"),
    *("blood-loss", "blood-loss-of-rate"),
    *("critical-incident-procedure", "critical-incident-finding"),
    *("lesion-procedure", "severe-tear"),
)
"""The concepts by whose codes fields are worked out; none may be missing."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is worked out: its format, what it says, and the items it is made of.

    `reads` maps tables to items; a field can only be worked out where all of them are there.
    `before` is how many months before the window it looks at as well.
    """

    name: str
    format: str
    says: str
    reads: Mapping[str, tuple[str, ...]]
    before: int = 0


_MOTHER = {LABOUR: ("LabourDeliveryID", "PregnancyID"), BOOKING: ("PregnancyID", "LPIDMother")}
_TO_LABOUR = {BABY: ("LabourDeliveryID",), LABOUR: ("LabourDeliveryID",)}
_TO_BOOKING = {BABY: ("LabourDeliveryID",), **_MOTHER}
_FINDING = ("FindingScheme", "FindingCode")
_PROCEDURE = ("ProcedureScheme", "ProcedureCode")
_OBSERVED = ("ObsScheme", "ObsCode", "ObsValue")
_SMOKING = ("FindingCode", *_OBSERVED)
_GESTATION = ("EDDAgreed", "LastMenstrualPeriodDate", "AntenatalAppDate")
_TO_ACTIVITY = {
    BABY: ("LabourDeliveryID",),
    LABOUR: ("LabourDeliveryID", "PregnancyID"),
    LABOUR_ACTIVITY: ("LabourDeliveryID", "ClinInterDateMother"),
}
_CONTACTS = {
    CONTACT: ("CareConID", "PregnancyID", "CContactDate"),
    ACTIVITY: ("CareConID", *_SMOKING),
}
_TEAR = {LABOUR_ACTIVITY: (*_PROCEDURE, *_FINDING)}

_BOOKING_FIELDS = (
    Field(
        "SmokingStatusBooking",
        _WORDS,
        "Smoker, Non-Smoker / Ex-Smoker or Unknown, by what was recorded on the day of booking, "
        "else within three days of it.",
        {BOOKING: ("PregnancyID", "AntenatalAppDate"), **_CONTACTS},
        before=1,
    ),
    Field(
        "GestAgeBooking",
        _DAYS,
        "Days of gestation at booking, by the agreed date of delivery, else by the last period.",
        {BOOKING: _GESTATION},
    ),
)

_BIRTH_FIELDS = (
    Field("Mother", _ID, "Her local patient identifier, by labour and booking.", _TO_BOOKING),
    Field(
        "BirthsInLabour",
        _DAYS,
        "How many babies the labour has in the same submission; 1 is a singleton.",
        {BABY: ("LPIDBaby", "LabourDeliveryID")},
    ),
    Field(
        "ApgarLowest",
        _DAYS,
        "The lowest Apgar score at five minutes (SNOMED CT 169909004) from 0 to 10, rounded up.",
        {BABY: ("LPIDBaby",), BABY_ACTIVITY: ("LPIDBaby", *_OBSERVED)},
    ),
    Field(
        "BloodLoss",
        _NUMBER,
        "The most blood lost (ml) that an activity of the labour in the window records.",
        {**_TO_ACTIVITY, LABOUR_ACTIVITY: (*_TO_ACTIVITY[LABOUR_ACTIVITY], *_OBSERVED)},
    ),
    Field(
        "BloodLossOfRate",
        _NUMBER,
        "The most blood lost (ml) by the codes of the rate, one of which differs.",
        {**_TO_ACTIVITY, LABOUR_ACTIVITY: (*_TO_ACTIVITY[LABOUR_ACTIVITY], *_OBSERVED)},
    ),
    Field(
        "CriticalIncident",
        _YES,
        "Y where an activity of the labour is a maternal critical incident.",
        {**_TO_ACTIVITY, LABOUR_ACTIVITY: ("LabourDeliveryID", *_PROCEDURE, *_FINDING)},
    ),
    Field(
        "SevereTear",
        _YES,
        "Y where an activity of the labour in the same submission is a third or fourth degree "
        "tear.",
        {**_TO_LABOUR, LABOUR_ACTIVITY: ("LabourDeliveryID", *_TEAR[LABOUR_ACTIVITY])},
    ),
    Field(
        "SmokingStatusDelivery",
        _WORDS,
        "Smoker, Non-Smoker / Ex-Smoker or Unknown, by what was recorded on the day labour began "
        "or of the caesarean, else within three days of it.",
        {
            BABY: ("LabourDeliveryID",),
            LABOUR: ("LabourDeliveryID", "PregnancyID", "LabourOnsetDate", "CaesareanDate"),
            **_CONTACTS,
            ACTIVITY: (*_CONTACTS[ACTIVITY], "UCUMUnit"),
            LABOUR_ACTIVITY: ("LabourDeliveryID", "ClinInterDateMother", *_SMOKING, "UCUMUnit"),
        },
        before=1,
    ),
    Field(
        "OneBirthOneCaesarean",
        _YES,
        "Y where a booking sent in the window has one previous birth and one caesarean.",
        {
            **_TO_BOOKING,
            BOOKING: (
                "PregnancyID",
                "PreviousLiveBirths",
                "PreviousStillBirths",
                "PreviousCaesareanSections",
            ),
        },
    ),
)

_ACTIVITY_FIELDS = (
    Field("SevereTear", _YES, "Y where it is a third or fourth degree tear.", _TEAR),
    Field(
        "IsBloodLoss",
        _YES,
        "Y where it records blood lost, whatever the amount, or without one.",
        {LABOUR_ACTIVITY: ("ObsScheme", "ObsCode")},
    ),
)

_PLANNED = {
    BOOKING: (
        *("PregnancyID", "LPIDMother", "AntenatalAppDate", "EDDAgreed"),
        *("LastMenstrualPeriodDate", "DischargeDateMatService"),
    ),
    PLAN: (
        *("PregnancyID", "CarePlanDate", "CarePlanType", "ContCarePathInd"),
        *("CareProfLID", "TeamLocalID"),
    ),
}
_SEEN = {CONTACT: ("CareConID", "PregnancyID", "CContactDate", "AttendCode")}
_BY_WHOM = {
    **_SEEN,
    ACTIVITY: ("CareConID", "CareProfLID", "TeamLocalID"),
    STAFF: ("CareProfLID", "StaffGroup"),
}
_AT_BIRTH = {
    LABOUR: ("LabourDeliveryID", "PregnancyID"),
    LABOUR_ACTIVITY: ("LabourDeliveryID", "CareProfLID", "TeamLocalID"),
}

_COHORT_FIELDS = (
    Field("PregnancyID", _ID, "The local identifier of the pregnancy.", _PLANNED),
    Field("AnyPlan", _YES, "Y where there is an antenatal care plan by 29 weeks.", _PLANNED),
    Field("PathwayStated", _YES, "Y where such a plan has the pathway indicator.", _PLANNED),
    Field("ContCarePathInd", _YES, "The indicator on the latest such plan.", _PLANNED),
    Field("CareProfLID", _ID, "The professional on the latest such plan.", _PLANNED),
    Field("TeamLocalID", _ID, "The team on the latest such plan.", _PLANNED),
)
_FOLLOWED_FIELDS = (
    *_COHORT_FIELDS,
    Field("DischargedOn", _DATE, "The latest discharge on or after the plan's day.", _PLANNED),
    Field("Contacts", _DAYS, "Contacts from the plan's day to discharge.", {**_PLANNED, **_SEEN}),
    Field("Labour", _YES, "Y where a labour is recorded.", {**_PLANNED, LABOUR: ("PregnancyID",)}),
    Field(
        "LabourProfessional",
        _YES,
        "Y where an activity of that labour names a professional.",
        {**_PLANNED, **_AT_BIRTH},
    ),
    Field(
        "MidwifeContacts",
        _DAYS,
        "Attended contacts with a midwife, from the plan's day to discharge.",
        {**_PLANNED, **_BY_WHOM},
    ),
    Field(
        "NamedContacts",
        _DAYS,
        "Those of MidwifeContacts with the professional or the team of the plan.",
        {**_PLANNED, **_BY_WHOM},
    ),
    Field(
        "NamedAtBirth",
        _YES,
        "Y where an activity in labour is by the professional or the team of the plan.",
        {**_PLANNED, **_AT_BIRTH},
    ),
)
_CONTACT_FIELDS = (
    Field("Contact", _ID, "Pregnancy and contact.", {**_PLANNED, **_SEEN}),
    Field("AttendCode", _YES, "Whether it was attended.", {**_PLANNED, **_SEEN}),
    Field(
        "Professional",
        _YES,
        "Y where an activity of it is by a known member of staff of a clinical group.",
        {**_PLANNED, **_BY_WHOM},
    ),
)

_FIELDS: Mapping[Base, tuple[Field, ...]] = {
    Base.BOOKINGS: _BOOKING_FIELDS,
    Base.BIRTHS: _BIRTH_FIELDS,
    Base.LABOUR_ACTIVITIES: _ACTIVITY_FIELDS,
    Base.PREGNANCIES: _COHORT_FIELDS,
    Base.EARLIER_PREGNANCIES: _FOLLOWED_FIELDS,
    Base.EARLIER_CONTACTS: _CONTACT_FIELDS,
}

_ITEMS_OF = {
    Base.BOOKINGS: ((BOOKING, None),),
    Base.BIRTHS: (
        (BABY, None),
        (LABOUR, ("LabourOnsetMethod", "LabourOnsetDate", "CaesareanDate")),
        (BOOKING, ("PreviousLiveBirths", "PreviousStillBirths", "PreviousCaesareanSections")),
    ),
    Base.LABOUR_ACTIVITIES: ((LABOUR_ACTIVITY, None),),
}
"""The items of the data set that a base has: all of a table, or some."""

LINKS: Mapping[str, Mapping[str, tuple[str, ...]]] = {LABOUR: _TO_LABOUR, BOOKING: _TO_BOOKING}
"""The items by which a birth finds its labour and its booking."""


def base_table(spec: Spec, base: str) -> Table:
    """A base as a table: its items, then its fields as items without a place in the data set."""
    kind = Base(base)
    items = [
        item
        for table, names in _ITEMS_OF.get(kind, ())
        for item in spec.tables[table].items
        if names is None or item.name in names
    ]
    return Table(
        name=kind.value,
        group=_SAYS[kind],
        record="",
        section="",
        minimum=0,
        maximum=None,
        per=None,
        mandatory=False,
        derived=(),
        items=(*items, *(_item(kind, field) for field in _FIELDS[kind])),
    )


def _item(base: Base, field: Field) -> Item:
    return Item(
        table=base.value,
        name=field.name,
        uid="",
        element=field.says,
        mandation=Mandation.OPTIONAL,
        format=Format.parse(field.format),
        key=False,
        references=None,
        codes=None,
        shape=None,
        shape_source="",
        equality=(),
        notes=(),
    )


def months_before(base: str, columns: Iterable[str]) -> int:
    """How many months before a window some columns of a base look at."""
    fields = {field.name: field for field in _FIELDS[Base(base)]}
    return max((fields[name].before for name in columns if name in fields), default=0)


def reads(spec: Spec, base: str, column: str) -> Mapping[str, tuple[str, ...]]:
    """The tables and items that a column of a base is made of."""
    kind = Base(base)
    field = next((one for one in _FIELDS[kind] if one.name == column), None)
    if field is not None:
        return field.reads
    item = base_table(spec, base).by_name[column]
    own = {item.table: (item.name,)}
    if kind is Base.BIRTHS and item.table in LINKS:
        return merged(LINKS[item.table], own)
    return own


def merged(*several: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Tables with all the items that any of several name, in order and once."""
    found: dict[str, tuple[str, ...]] = {}
    for one in several:
        for table, items in one.items():
            found[table] = tuple(dict.fromkeys((*found.get(table, ()), *items)))
    return found
