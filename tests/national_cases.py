"""Women and babies made by hand, each with what counts her or keeps her out, for every indicator.

The reporting month is August 2026, so that `three-months` are June to August, `month-before` is
July, `three-months-before` are May to July and `six-months-before` February to July.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Row = dict[str, str | None]
Sent = Mapping[str, Mapping[str, list[Row]]]
"""Rows by month and table."""

IN, DENOMINATOR, OUT = "in both", "in the denominator alone", "in neither"

SMOKES, STOPPED, NEVER_SAID = "77176002", "8517006", "266927001"
CIGARETTES, MONOXIDE = "230056004", "251900003"
BLOOD, TEAR, REPAIR = "119891000119105", "10217006", "236992007"
INCIDENT = "33211000"


@dataclass(frozen=True)
class Case:
    """An indicator, the people it is asked of, and what comes out.

    `result` is by the counts themselves and `rounded` by those as they are published; for a rate
    `rate` is what is published.
    """

    id: str
    people: tuple[tuple[str, str, Sent], ...]
    numerator: int
    denominator: int
    result: str = ""
    rounded: str = ""
    rate: str = ""
    annual: int | None = None

    @property
    def sent(self) -> Sent:
        return together(sent for _, _, sent in self.people)


def together(parts: Iterable[Sent]) -> Sent:
    """What several people sent, in one."""
    found: dict[str, dict[str, list[Row]]] = {}
    for part in parts:
        for month, tables in part.items():
            for table, rows in tables.items():
                found.setdefault(month, {}).setdefault(table, []).extend(rows)
    return found


def both(*parts: Sent) -> Sent:
    return together(parts)


def booked(who: str, on: str = "2026-08-10", month: str = "", **items: str | None) -> Sent:
    row: Row = {"PregnancyID": f"P-{who}", "LPIDMother": who, "AntenatalAppDate": on, **items}
    return {month or on[:7]: {"MSD101": [row]}}


def seen(who: str, on: str, month: str = "", **activity: str | None) -> Sent:
    """A contact of hers and what was recorded at it."""
    id = f"C-{who}-{on}"
    contact: Row = {
        "CareConID": id,
        "PregnancyID": f"P-{who}",
        "CContactDate": on,
        "AttendCode": "5",
    }
    return {
        month or on[:7]: {"MSD201": [contact], "MSD202": [{"CareConID": id, **activity}]},
    }


def birth(
    who: str,
    on: str = "2026-08-10",
    month: str = "",
    *,
    booking: Row | None = None,
    labour: Row | None = None,
    **baby: str | None,
) -> Sent:
    """A baby of hers, with labour and booking, sent in the month of birth or in another."""
    return {
        month or on[:7]: {
            "MSD101": [{"PregnancyID": f"P-{who}", "LPIDMother": who, **(booking or {})}],
            "MSD301": [
                {"LabourDeliveryID": f"L-{who}", "PregnancyID": f"P-{who}", **(labour or {})}
            ],
            "MSD401": [
                {
                    "LPIDBaby": f"B-{who}",
                    "LabourDeliveryID": f"L-{who}",
                    "PersonBirthDateBaby": on,
                    "PregOutcome": "01",
                    **baby,
                }
            ],
        }
    }


def twin(who: str, on: str = "2026-08-10", **baby: str | None) -> Sent:
    """A second baby of the same labour."""
    return {on[:7]: {"MSD401": birth(who, on, LPIDBaby=f"T-{who}", **baby)[on[:7]]["MSD401"]}}


def in_labour(who: str, on: str, month: str = "", **items: str | None) -> Sent:
    row: Row = {"LabourDeliveryID": f"L-{who}", "ClinInterDateMother": on, **items}
    return {month or on[:7]: {"MSD302": [row]}}


def lost(who: str, on: str, amount: str, month: str = "", code: str = BLOOD) -> Sent:
    return in_labour(who, on, month, ObsScheme="03", ObsCode=code, ObsValue=amount)


def torn(who: str, on: str, month: str = "") -> Sent:
    return in_labour(who, on, month, FindingScheme="04", FindingCode=TEAR)


def scored(who: str, score: str, month: str = "2026-08") -> Sent:
    """An Apgar score at five minutes."""
    row: Row = {"LPIDBaby": f"B-{who}", "ObsScheme": "03", "ObsCode": "169909004"}
    return {month: {"MSD405": [{**row, "ObsValue": score}]}}


# --- smoking ------------------------------------------------------------------------------

SMOKING = (
    Case(
        "CQIMDQ02",
        (
            (IN, "live born on the first of July", birth("Ann", "2026-07-01")),
            (IN, "stillborn on the last of July", birth("Bea", "2026-07-31", PregOutcome="04")),
            (OUT, "neither live nor stillborn", birth("Cat", "2026-07-09", PregOutcome="05")),
            (OUT, "born the day before", birth("Dot", "2026-06-30", "2026-07")),
            (OUT, "born the day after", birth("Eve", "2026-08-01", "2026-07")),
            (OUT, "born in July, sent in August", birth("Fay", "2026-07-20", "2026-08")),
        ),
        2,
        10,  # 120 a year, of which July has 31 of 365 days: 10.2
        "Fail",
        "Fail",
        annual=120,
    ),
    Case(
        "CQIMDQ03",
        (
            (IN, "booked on the first", booked("Ann", "2026-08-01")),
            (IN, "booked on the last", booked("Bea", "2026-08-31")),
            (OUT, "booked the day before", booked("Cat", "2026-07-31", "2026-08")),
            (OUT, "booked the day after", booked("Dot", "2026-09-01", "2026-08")),
            (OUT, "booked in August by what July sent", booked("Eve", "2026-08-03", "2026-07")),
            (OUT, "nobody", booked("Fay", LPIDMother=None)),
        ),
        2,
        4,  # 48 a year, 4.08 in August
        "Pass",
        "Pass",
        annual=48,
    ),
    Case(
        "CQIMDQ04",
        (
            (IN, "smokes", both(booked("Ann"), seen("Ann", "2026-08-10", FindingCode=SMOKES))),
            (
                IN,
                "had stopped, three days before",
                both(booked("Bea"), seen("Bea", "2026-08-07", FindingCode=STOPPED)),
            ),
            (
                IN,
                "no cigarettes, by what July sent of the last day of it",
                both(
                    booked("Cat", "2026-08-01"),
                    seen("Cat", "2026-07-31", ObsScheme="03", ObsCode=CIGARETTES, ObsValue="0"),
                ),
            ),
            (
                DENOMINATOR,
                "smokes, four days later",
                both(booked("Dot"), seen("Dot", "2026-08-14", FindingCode=SMOKES)),
            ),
            (
                DENOMINATOR,
                "not known",
                both(booked("Eve"), seen("Eve", "2026-08-11", FindingCode=NEVER_SAID)),
            ),
            (
                DENOMINATOR,
                "cigarettes that are no number",
                both(
                    booked("Fay"),
                    seen("Fay", "2026-08-10", ObsScheme="03", ObsCode=CIGARETTES, ObsValue="nan"),
                ),
            ),
        ),
        3,
        6,
        "Fail",  # 50.0 %
        "Pass",  # 5 of 5
    ),
    Case(
        "CQIMDQ05",
        (
            (
                IN,
                "4 parts per million",
                both(
                    booked("Ann"),
                    seen("Ann", "2026-08-10", ObsScheme="03", ObsCode=MONOXIDE, ObsValue="4"),
                ),
            ),
            (
                DENOMINATOR,
                "had stopped on the day, smokes two days later",
                both(
                    booked("Bea"),
                    seen("Bea", "2026-08-10", FindingCode=STOPPED),
                    seen("Bea", "2026-08-12", FindingCode=SMOKES),
                ),
            ),
            (
                DENOMINATOR,
                "3 parts per million",
                both(
                    booked("Cat"),
                    seen("Cat", "2026-08-10", ObsScheme="03", ObsCode=MONOXIDE, ObsValue="3"),
                ),
            ),
            (
                OUT,
                "4 parts per million in a scheme that is not SNOMED CT",
                both(
                    booked("Dot"),
                    seen("Dot", "2026-08-10", ObsScheme="02", ObsCode=MONOXIDE, ObsValue="4"),
                ),
            ),
        ),
        1,
        3,
        "Pass",  # 33.3 %
        "Fail",  # 5 of 5
    ),
    Case(
        "CQIMDQ06",
        (
            (
                IN,
                "smokes, said on the day labour began",
                both(
                    birth("Ann", "2026-07-10", labour={"LabourOnsetDate": "2026-07-09"}),
                    in_labour("Ann", "2026-07-09", FindingCode=SMOKES),
                ),
            ),
            (
                IN,
                "had stopped, said three days before the caesarean",
                both(
                    birth("Bea", "2026-07-10", labour={"CaesareanDate": "2026-07-10"}),
                    seen("Bea", "2026-07-07", FindingCode=STOPPED),
                ),
            ),
            (
                IN,
                "3 ppm, sent in August",
                both(
                    birth("Cat", "2026-07-31", labour={"LabourOnsetDate": "2026-07-31"}),
                    in_labour(
                        "Cat",
                        "2026-08-01",
                        "2026-08",
                        ObsScheme="03",
                        ObsCode=MONOXIDE,
                        ObsValue="3",
                        UCUMUnit="ppm",
                    ),
                ),
            ),
            (
                DENOMINATOR,
                "carbon monoxide in another unit",
                both(
                    birth("Dot", "2026-07-10", labour={"LabourOnsetDate": "2026-07-10"}),
                    in_labour("Dot", "2026-07-10", ObsScheme="03", ObsCode=MONOXIDE, ObsValue="9"),
                ),
            ),
            (
                IN,
                "smokes, by what June sent",
                both(
                    birth("Hal", "2026-07-01", labour={"LabourOnsetDate": "2026-07-01"}),
                    seen("Hal", "2026-06-29", FindingCode=SMOKES),
                ),
            ),
            (DENOMINATOR, "not asked", birth("Eve", "2026-07-31")),
            (OUT, "no outcome of those", birth("Fay", "2026-07-31", PregOutcome="98")),
        ),
        4,
        6,
        "Fail",  # 66.7 %
        "Pass",  # 5 of 5
    ),
)

AT_DELIVERY = (
    (
        IN,
        "smokes",
        both(
            birth("Ann", "2026-07-10", labour={"LabourOnsetDate": "2026-07-09"}),
            seen("Ann", "2026-07-12", FindingCode=SMOKES),
        ),
    ),
    (
        DENOMINATOR,
        "stopped",
        both(
            birth("Bea", "2026-07-10", labour={"CaesareanDate": "2026-07-09"}),
            in_labour("Bea", "2026-07-09", ObsCode="160625004"),
        ),
    ),
    (
        OUT,
        "not known",
        both(
            birth("Cat", "2026-07-10", labour={"LabourOnsetDate": "2026-07-09"}),
            in_labour("Cat", "2026-07-09", FindingCode=NEVER_SAID),
        ),
    ),
)

# --- blood and tears ----------------------------------------------------------------------

HAEMORRHAGE = (
    (
        IN,
        "1,500 ml on the first day of May",
        both(birth("Ann", "2026-05-01"), lost("Ann", "2026-05-01", "1500")),
    ),
    (
        IN,
        "1,500 ml, recorded by a later month of the window",
        both(birth("Bea", "2026-05-31"), lost("Bea", "2026-05-31", "1500", "2026-07")),
    ),
    (
        DENOMINATOR,
        "1,499 ml",
        both(birth("Cat", "2026-07-31"), lost("Cat", "2026-07-31", "1499")),
    ),
    (
        DENOMINATOR,
        "1,500 ml on a day after the window",
        both(birth("Dot", "2026-07-31"), lost("Dot", "2026-08-01", "1500", "2026-07")),
    ),
    (
        DENOMINATOR,
        "1,500 ml sent after the window",
        both(birth("Eve", "2026-07-31"), lost("Eve", "2026-07-31", "1500", "2026-08")),
    ),
    (
        OUT,
        "1,500 ml after a birth of no such outcome",
        both(birth("Fay", "2026-06-10", PregOutcome="05"), lost("Fay", "2026-06-10", "1500")),
    ),
)

OF_INCIDENT = (
    IN,
    "a critical incident, sent in August",
    both(
        birth("Gil", "2026-07-31"),
        in_labour("Gil", "2026-08-02", FindingScheme="04", FindingCode=INCIDENT),
    ),
)

TERM = {"GestationLengthBirth": "280", "DeliveryMethodCode": "0"}

TORN = (
    (
        IN,
        "a fourth degree tear, on the first day of June, at 259 days",
        both(
            birth("Ann", "2026-06-01", GestationLengthBirth="259", DeliveryMethodCode="0"),
            torn("Ann", "2026-06-01"),
        ),
    ),
    (
        DENOMINATOR,
        "a tear that a repair hides, at 315 days",
        both(
            birth("Bea", "2026-08-31", GestationLengthBirth="315", DeliveryMethodCode="4"),
            in_labour(
                "Bea",
                "2026-08-31",
                FindingScheme="04",
                FindingCode=TEAR,
                ProcedureScheme="06",
                ProcedureCode=REPAIR,
            ),
        ),
    ),
    (
        DENOMINATOR,
        "a tear that another submission records",
        both(birth("Cat", "2026-07-10", **TERM), torn("Cat", "2026-07-10", "2026-08")),
    ),
    (OUT, "at 258 days", birth("Dot", GestationLengthBirth="258", DeliveryMethodCode="0")),
    (OUT, "at 316 days", birth("Eve", GestationLengthBirth="316", DeliveryMethodCode="0")),
    (OUT, "a caesarean", birth("Fay", GestationLengthBirth="280", DeliveryMethodCode="7")),
    (OUT, "twins", both(birth("Gil", **TERM), twin("Gil", **TERM))),
    (OUT, "of no such outcome", birth("Hal", **TERM, PregOutcome="05")),
)

ANY_BLOOD = (
    (IN, "on the last day of July, whatever the amount", lost("Ann", "2026-07-31", "20")),
    (OUT, "on the first of August", lost("Bea", "2026-08-01", "900", "2026-07")),
)
ANY_TEAR = (
    (IN, "on the first day of February", torn("Ann", "2026-02-01")),
    (OUT, "in January", torn("Bea", "2026-01-31", "2026-02")),
)

BLEEDING = (
    Case(
        "CQIMDQ10",
        (
            (IN, "on the first of May", birth("Ann", "2026-05-01")),
            (IN, "on the last of July", birth("Bea", "2026-07-31")),
            (IN, "sent a month later", birth("Cat", "2026-05-02", "2026-06")),
            (OUT, "on the last of April", birth("Dot", "2026-04-30", "2026-05")),
            (OUT, "on the first of August", birth("Eve", "2026-08-01", "2026-07")),
            (OUT, "of no such outcome", birth("Fay", "2026-07-01", PregOutcome="05")),
        ),
        3,
        4,  # 16 a year, 4.03 in the 92 days of May to July
        "Pass",
        "Pass",
        annual=16,
    ),
    Case(
        "CQIMDQ11",
        (
            (
                IN,
                "500 ml",
                both(birth("Ann", "2026-06-01"), lost("Ann", "2026-06-01", "500")),
            ),
            (
                DENOMINATOR,
                "499 ml",
                both(birth("Bea", "2026-06-01"), lost("Bea", "2026-06-01", "499")),
            ),
            (
                DENOMINATOR,
                "500 ml the day before the window",
                both(birth("Cat", "2026-05-01"), lost("Cat", "2026-04-30", "500", "2026-05")),
            ),
            OF_INCIDENT,
        ),
        2,
        4,
        "Pass",  # 50 %
        "Fail",  # 5 of 5
    ),
    Case("CQIMDQ12", (*HAEMORRHAGE, OF_INCIDENT), 3, 6, "Fail", "Fail"),
    Case("CQIMPPH", HAEMORRHAGE, 2, 5, rate="*"),
    Case("CQIMDQ13", ANY_BLOOD, 1, 1, "Pass", "Pass"),
    Case(
        "CQIMDQ13",
        (
            (OUT, "before the window", lost("Ann", "2026-01-31", "900", "2026-02")),
            (OUT, "another observation", lost("Cat", "2026-07-01", "900", code="169909004")),
        ),
        0,
        1,
        "Fail",
        "Fail",
    ),
    Case(
        "CQIMDQ13",
        ((IN, "an amount that is no number", lost("Bea", "2026-07-01", "much")),),
        1,
        1,
        "Pass",
        "Pass",
    ),
    Case("CQIMDQ21", ANY_TEAR, 1, 1, "Pass", "Pass"),
    Case("CQIMDQ20", TORN, 1, 3, "Fail", "Fail"),
    Case("CQIMTears", TORN, 1, 3, rate="*"),
)

# --- babies of the month ------------------------------------------------------------------


def gestations(
    of: Mapping[str, str], on: str = "2026-08-10", **items: str
) -> tuple[tuple[str, str, Sent], ...]:
    """Babies by days of gestation, and whether each counts."""
    return tuple(
        (counts, f"at {days or 'a blank number of'} days", birth(days or "-", on, **born))
        for days, counts in of.items()
        for born in [{**items, "GestationLengthBirth": days or None}]
    )


FED = (
    (IN, "its mother's milk", birth("Ann", "2026-08-01", BabyFirstFeedIndCode="01")),
    (IN, "milk of a donor", birth("Bea", "2026-08-31", BabyFirstFeedIndCode="02")),
)

OF_MONTH = (
    Case(
        "CQIMDQ08",
        (
            *FED,
            (IN, "other milk, of twins", birth("Cat", BabyFirstFeedIndCode="03")),
            (DENOMINATOR, "not told, of twins", twin("Cat")),
            (DENOMINATOR, "no such code", birth("Dot", BabyFirstFeedIndCode="04")),
            (OUT, "born in July", birth("Eve", "2026-07-31", BabyFirstFeedIndCode="01")),
        ),
        3,
        5,
        "Fail",
        "Pass",
    ),
    Case(
        "CQIMBreastfeeding",
        (
            *FED,
            (DENOMINATOR, "other milk", birth("Cat", BabyFirstFeedIndCode="03")),
            (OUT, "not told", birth("Dot")),
        ),
        2,
        3,
        rate="100",
    ),
    Case(
        "CQIMDQ09",
        (
            (IN, "of any outcome", birth("Ann", "2026-08-01", PregOutcome="05")),
            (IN, "mother of twins, once", both(birth("Bea", "2026-08-31"), twin("Bea"))),
            (OUT, "born in July", birth("Cat", "2026-07-31", "2026-08")),
            (OUT, "of nobody", birth("Dot", booking={"LPIDMother": None})),
        ),
        2,
        3,  # 36 a year, 3.06 in August
        "Fail",
        "Pass",
        annual=36,
    ),
    Case(
        "CQIMDQ22",
        (
            *gestations(
                {"153": DENOMINATOR, "154": IN, "315": IN, "316": DENOMINATOR, "": DENOMINATOR}
            ),
            (OUT, "twins", both(birth("T", GestationLengthBirth="280"), twin("T"))),
        ),
        2,
        5,
        "Fail",
        "Pass",
    ),
    Case(
        "CQIMDQ23",
        gestations({"258": DENOMINATOR, "259": IN, "315": IN, "316": DENOMINATOR}),
        2,
        4,
        "Fail",
        "Pass",
    ),
    Case(
        "CQIMPreterm",
        (
            *gestations({"153": OUT, "154": IN, "258": IN, "259": DENOMINATOR, "315": DENOMINATOR}),
            (OUT, "stillborn", birth("S", GestationLengthBirth="200", PregOutcome="02")),
        ),
        2,
        4,
        rate="*",
    ),
    Case(
        "CQIMDQ25",
        (
            (IN, "head first", birth("Ann", FetusPresentation="01")),
            (IN, "of another kind", birth("Bea", FetusPresentation="04")),
            (IN, "not to be told", birth("Cat", FetusPresentation="XX")),
            (DENOMINATOR, "no such code", birth("Dot", FetusPresentation="05")),
            (DENOMINATOR, "blank, a twin", twin("Dot")),
        ),
        3,
        5,
        "Fail",
        "Pass",
    ),
    Case(
        "CQIMDQ29",
        (
            (IN, "method 0, on the first", birth("Ann", "2026-08-01", DeliveryMethodCode="0")),
            (IN, "method 9, on the last", birth("Bea", "2026-08-31", DeliveryMethodCode="9")),
            (DENOMINATOR, "of no such method", birth("Cat", DeliveryMethodCode="X")),
            (OUT, "twins", both(birth("Dot", DeliveryMethodCode="0"), twin("Dot"))),
        ),
        2,
        3,
        "Fail",
        "Pass",
    ),
)

# --- babies of three months ---------------------------------------------------------------

METHODS = (
    (IN, "method 0 in June", birth("Ann", "2026-06-01", DeliveryMethodCode="0")),
    (IN, "method 4 in August", birth("Bea", "2026-08-31", DeliveryMethodCode="4")),
    (DENOMINATOR, "method 5", birth("Cat", DeliveryMethodCode="5")),
    (DENOMINATOR, "method 9", birth("Dot", DeliveryMethodCode="9")),
    (OUT, "of no method", birth("Eve", DeliveryMethodCode=None)),
    (OUT, "in May", birth("Fay", "2026-05-31", "2026-06", DeliveryMethodCode="0")),
)

SCORED = (
    (IN, "6", both(birth("Ann", **TERM), scored("Ann", "6"))),
    (DENOMINATOR, "7", both(birth("Bea", **TERM), scored("Bea", "7"))),
    (DENOMINATOR, "between 6 and 7", both(birth("Cat", **TERM), scored("Cat", "6.5"))),
    (DENOMINATOR, "10", both(birth("Dot", **TERM), scored("Dot", "10"))),
)
NOT_SCORED = (
    ("11", both(birth("Eve", **TERM), scored("Eve", "11"))),
    ("by another submission", both(birth("Fay", "2026-07-10", **TERM), scored("Fay", "5"))),
)
PRETERM = (
    OUT,
    "5, at 258 days",
    both(birth("Gil", GestationLengthBirth="258"), scored("Gil", "5")),
)

OF_THREE_MONTHS = (
    Case(
        "CQIMDQ14",
        (
            (IN, "on the first of June", birth("Ann", "2026-06-01")),
            (IN, "on the last of August", birth("Bea", "2026-08-31")),
            (OUT, "on the last of May", birth("Cat", "2026-05-31", "2026-06")),
            (OUT, "of no such outcome", birth("Dot", PregOutcome="05")),
        ),
        2,
        2,  # 8 a year, 2.02 in the 92 days of June to August
        "Pass",
        "Pass",
        annual=8,
    ),
    Case(
        "CQIMDQ30",
        (
            (IN, "of any outcome", birth("Ann", "2026-06-01", PregOutcome="05")),
            (IN, "on the last of August", birth("Bea", "2026-08-31")),
            (OUT, "the day before", birth("Cat", "2026-05-31", "2026-06")),
        ),
        2,
        0,  # 3 a year, 0.8
        "Pass",  # somebody, of nobody expected
        "Pass",
        annual=3,
    ),
    Case(
        "CQIMDQ15",
        gestations({"153": DENOMINATOR, "154": IN, "315": IN, "316": DENOMINATOR}, "2026-06-01"),
        2,
        4,
        "Fail",
        "Pass",
    ),
    Case(
        "CQIMDQ16",
        gestations({"153": OUT, "154": DENOMINATOR, "258": DENOMINATOR, "259": IN, "315": IN}),
        2,
        4,
        "Fail",
        "Pass",
    ),
    Case(
        "CQIMDQ18",
        (*METHODS, (OUT, "twins", both(birth("T", **TERM), twin("T")))),
        2,
        4,
        "Pass",
        "Pass",
    ),
    Case(
        "CQIMDQ24",
        (
            *((IN, *one[1:]) for one in SCORED),
            *((DENOMINATOR, *one) for one in NOT_SCORED),
            PRETERM,
        ),
        4,
        6,
        "Fail",
        "Pass",
    ),
    Case("CQIMApgar", (*SCORED, *((OUT, *one) for one in NOT_SCORED), PRETERM), 1, 4, rate="*"),
    Case(
        "CQIMDQ26",
        (
            (IN, "method 0", birth("Ann", "2026-06-01", DeliveryMethodCode="0")),
            (DENOMINATOR, "blank", birth("Bea", "2026-08-31")),
            (OUT, "twins", both(birth("Cat", **TERM), twin("Cat"))),
        ),
        1,
        2,
        "Fail",
        "Pass",
    ),
    Case(
        "CQIMDQ31",
        (
            *gestations({"140": DENOMINATOR, "141": IN, "315": IN, "316": DENOMINATOR}),
            (DENOMINATOR, "a twin", twin("141")),
        ),
        2,
        5,
        "Fail",
        "Pass",
    ),
    Case(
        "CQIMDQ32",
        gestations({"140": OUT, "141": DENOMINATOR, "258": DENOMINATOR, "259": IN, "315": IN}),
        2,
        4,
        "Fail",
        "Pass",
    ),
    Case(
        "CQIMDQ33",
        (
            (IN, "method 9, of twins", birth("Ann", "2026-06-01", DeliveryMethodCode="9")),
            (DENOMINATOR, "blank, of twins", twin("Ann", "2026-06-01")),
        ),
        1,
        2,
        "Fail",
        "Pass",
    ),
    Case("CQIMDQ34", METHODS, 2, 4, "Pass", "Pass"),
    Case(
        "CQIMDQ38",
        (
            (IN, "head first in June", birth("Ann", "2026-06-01", FetusPresentation="01")),
            (DENOMINATOR, "not told", birth("Bea", "2026-08-31")),
        ),
        1,
        2,
        "Fail",
        "Pass",
    ),
)

# --- earlier births, and the groups of Robson ---------------------------------------------


def counts(live: str | None, still: str | None, caesareans: str | None = None) -> Row:
    return {
        "PreviousLiveBirths": live,
        "PreviousStillBirths": still,
        "PreviousCaesareanSections": caesareans,
    }


FIRST = counts("0", "0", "0")
HEAD = {"FetusPresentation": "01", "GestationLengthBirth": "280"}
SPONTANEOUS: Row = {"LabourOnsetMethod": "1", "LabourOnsetDate": "2026-08-10"}
TOLD = (
    (IN, "first births", birth("Ann", "2026-06-01", booking=counts("0", "0"))),
    (IN, "caesareans alone", birth("Bea", "2026-08-31", booking=counts(None, None, "0"))),
)

ROBSON = (
    Case(
        "CQIMDQ27",
        (
            (IN, "20 and 0", booked("Ann", "2026-06-01", **counts("20", "0"))),
            (IN, "0 and 0", booked("Bea", "2026-08-31", **counts("0", "0"))),
            (DENOMINATOR, "21", booked("Cat", **counts("21", "0"))),
            (DENOMINATOR, "one of them blank", booked("Dot", **counts("1", None))),
            (OUT, "booked in May", booked("Eve", "2026-05-31", "2026-06", **counts("0", "0"))),
        ),
        2,
        4,
        "Fail",
        "Pass",
    ),
    Case(
        "CQIMDQ28",
        (
            (IN, "0 and 0", booked("Ann", **counts("0", "0"))),
            (DENOMINATOR, "1 and 0", booked("Bea", **counts("1", "0"))),
            (OUT, "0 and blank", booked("Cat", **counts("0", None))),
        ),
        1,
        2,
        "Pass",
        "Fail",
    ),
    Case(
        "CQIMDQ36",
        (
            *TOLD,
            (IN, "twenty", birth("Cat", booking=counts("20", "1", "20"))),
            (DENOMINATOR, "21 of one", birth("Dot", booking=counts("0", "0", "21"))),
            (DENOMINATOR, "none told", birth("Eve")),
        ),
        3,
        5,
        "Fail",
        "Pass",
    ),
    Case(
        "CQIMDQ37",
        (
            *TOLD,
            (DENOMINATOR, "a caesarean", birth("Cat", booking=counts("0", "0", "1"))),
            (OUT, "none told", birth("Dot")),
        ),
        2,
        3,
        "Pass",
        "Fail",
    ),
    Case(
        "CQIMDQ39",
        (
            (IN, "by itself", birth("Ann", "2026-06-01", labour={"LabourOnsetMethod": "1"})),
            (IN, "induced", birth("Bea", "2026-08-31", labour={"LabourOnsetMethod": "5"})),
            (DENOMINATOR, "no such method", birth("Cat", labour={"LabourOnsetMethod": "6"})),
        ),
        2,
        3,
        "Fail",
        "Pass",
    ),
    Case(
        "CQIMVBAC",
        (
            (IN, "born as others are", birth("Ann", **TERM, booking=counts("1", "0", "1"))),
            (
                IN,
                "as another booking of the window tells",
                both(
                    birth("Bea", "2026-08-31", **TERM),
                    booked("Bea", "2026-06-10", **counts(None, "1", "1")),
                ),
            ),
            (
                DENOMINATOR,
                "by caesarean",
                birth(
                    "Cat",
                    booking=counts("1", "0", "1"),
                    GestationLengthBirth="259",
                    DeliveryMethodCode="7",
                ),
            ),
            (OUT, "two before", birth("Dot", **TERM, booking=counts("2", "0", "1"))),
            (OUT, "two caesareans", birth("Eve", **TERM, booking=counts("1", "0", "2"))),
            (
                OUT,
                "as a booking before the window tells",
                both(
                    birth("Fay", **TERM),
                    booked("Fay", "2026-05-10", **counts("1", "0", "1")),
                ),
            ),
        ),
        2,
        3,
        rate="100",
    ),
    Case(
        "CQIMRobson01",
        (
            (
                IN,
                "a caesarean the day after labour began",
                birth(
                    "Ann",
                    **HEAD,
                    DeliveryMethodCode="8",
                    booking=FIRST,
                    labour={**SPONTANEOUS, "CaesareanDate": "2026-08-11"},
                ),
            ),
            (
                DENOMINATOR,
                "no caesarean",
                birth("Bea", **HEAD, booking=counts("0", None), labour=SPONTANEOUS),
            ),
            (
                OUT,
                "a caesarean on the day labour began",
                birth(
                    "Cat",
                    **HEAD,
                    booking=FIRST,
                    labour={**SPONTANEOUS, "CaesareanDate": "2026-08-10"},
                ),
            ),
            (
                OUT,
                "induced",
                birth(
                    "Dot", **HEAD, booking=FIRST, labour={**SPONTANEOUS, "LabourOnsetMethod": "3"}
                ),
            ),
            (
                OUT,
                "not her first",
                birth("Eve", **HEAD, booking=counts("1", "0"), labour=SPONTANEOUS),
            ),
            (OUT, "no count told", birth("Fay", **HEAD, labour=SPONTANEOUS)),
            (
                OUT,
                "a day that cannot be read",
                birth(
                    "Gil",
                    **HEAD,
                    booking=FIRST,
                    labour={**SPONTANEOUS, "LabourOnsetDate": "10/08/26"},
                ),
            ),
        ),
        1,
        2,
        rate="100",
    ),
    Case(
        "CQIMRobson02",
        (
            (
                IN,
                "a caesarean before labour",
                birth(
                    "Ann",
                    **HEAD,
                    DeliveryMethodCode="7",
                    booking=FIRST,
                    labour={"CaesareanDate": "2026-08-10"},
                ),
            ),
            (
                DENOMINATOR,
                "induced",
                birth("Bea", **HEAD, booking=FIRST, labour={"LabourOnsetMethod": "5"}),
            ),
            (
                OUT,
                "a caesarean after labour began by itself",
                birth(
                    "Cat",
                    **HEAD,
                    booking=FIRST,
                    labour={**SPONTANEOUS, "CaesareanDate": "2026-08-11"},
                ),
            ),
        ),
        1,
        2,
        rate="100",
    ),
    Case(
        "CQIMRobson05",
        (
            (
                IN,
                "a caesarean after one",
                birth("Ann", **HEAD, DeliveryMethodCode="7", booking=counts("1", "0", "1")),
            ),
            (
                DENOMINATOR,
                "none after twenty",
                birth("Bea", **HEAD, booking=counts(None, None, "20")),
            ),
            (OUT, "after 21", birth("Cat", **HEAD, booking=counts("1", "0", "21"))),
            (OUT, "after none", birth("Dot", **HEAD, booking=counts("1", "0", "0"))),
            (
                OUT,
                "feet first",
                birth("Eve", booking=counts("1", "0", "1"), FetusPresentation="02"),
            ),
        ),
        1,
        2,
        rate="100",
    ),
)

SMOKING_RATES = (
    Case("CQIMDQ07", AT_DELIVERY, 1, 2, "Pass", "Fail"),
    Case("CQIMSmokingDelivery", AT_DELIVERY, 1, 2, rate="100"),
    Case(
        "CQIMSmokingBooking",
        (
            (IN, "smokes", both(booked("Ann"), seen("Ann", "2026-08-10", FindingCode=SMOKES))),
            (
                DENOMINATOR,
                "not known, the day after",
                both(booked("Bea"), seen("Bea", "2026-08-11", FindingCode=NEVER_SAID)),
            ),
            (OUT, "not asked", booked("Cat")),
            (
                OUT,
                "not known, on the day itself",
                both(booked("Dot"), seen("Dot", "2026-08-10", FindingCode=NEVER_SAID)),
            ),
        ),
        1,
        2,
        rate="100",
    ),
)
