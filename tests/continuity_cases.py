"""Women made by hand for every indicator of continuity of carer, reported for August 2026.

Whoever is due from 17 October to 16 November reaches 29 weeks, 77 days before, in August; and
whoever is due from 17 June to 16 July in April, four months earlier.
"""

from __future__ import annotations

from national_cases import DENOMINATOR, IN, OUT, Case, Sent, both, in_labour, seen

MIDWIFE, OTHER, PORTER, TEAM = "CP1", "CP2", "CP3", "T1"
STAFF: Sent = {
    "2026-05": {
        "MSD901": [
            {"CareProfLID": MIDWIFE, "StaffGroup": "05"},
            {"CareProfLID": OTHER, "StaffGroup": "07"},
            {"CareProfLID": PORTER, "StaffGroup": "99"},
        ]
    }
}


def expecting(who: str, due: str, on: str = "2026-03-10", **items: str | None) -> Sent:
    row = {
        "PregnancyID": f"P-{who}",
        "LPIDMother": who,
        "AntenatalAppDate": on,
        "EDDAgreed": due,
        **items,
    }
    return {on[:7]: {"MSD101": [row]}}


def planned(who: str, on: str, says: str | None = "Y", **items: str | None) -> Sent:
    row = {
        "PregnancyID": f"P-{who}",
        "CarePlanDate": on,
        "CarePlanType": "05",
        "ContCarePathInd": says,
        "CareProfLID": MIDWIFE,
        "TeamLocalID": TEAM,
        **items,
    }
    return {on[:7]: {"MSD102": [row]}}


def placed(who: str, **items: str | None) -> Sent:
    """On a pathway since 1 March, due on 1 July."""
    return both(expecting(who, "2026-07-01", "2025-12-01", **items), planned(who, "2026-03-01"))


def discharged(who: str, on: str, month: str = "2026-08") -> Sent:
    row = {"PregnancyID": f"P-{who}", "LPIDMother": who, "DischargeDateMatService": on}
    return {month: {"MSD101": [row]}}


def met(who: str, days: int, by: str | None, team: str | None = None, first: int = 1) -> Sent:
    """Contacts on so many days of May."""
    return both(
        *(
            seen(who, f"2026-05-{day:02}", CareProfLID=by, TeamLocalID=team)
            for day in range(first, first + days)
        )
    )


def laboured(who: str, by: str | None, team: str | None = None) -> Sent:
    labour = {"LabourDeliveryID": f"L-{who}", "PregnancyID": f"P-{who}"}
    return both(
        {"2026-07": {"MSD301": [labour]}},
        in_labour(who, "2026-07-01", CareProfLID=by, TeamLocalID=team),
    )


def not_attended(who: str, on: str) -> Sent:
    contact = {
        "CareConID": f"C-{who}-{on}",
        "PregnancyID": f"P-{who}",
        "CContactDate": on,
        "AttendCode": "7",
    }
    return {on[:7]: {"MSD201": [contact]}}


PLANS = (
    (
        IN,
        "reaches them on the first of August, planned on that day",
        both(expecting("Ann", "2026-10-17"), planned("Ann", "2026-08-01")),
    ),
    (
        DENOMINATOR,
        "no team on the latest plan",
        both(
            expecting("Bea", "2026-11-16"),
            planned("Bea", "2026-04-01"),
            planned("Bea", "2026-05-01", TeamLocalID=None),
        ),
    ),
)

CONTINUITY = (
    Case(
        "COC_DQ04",
        (
            *((IN, says, sent) for _, says, sent in PLANS),
            (
                DENOMINATOR,
                "a plan that does not say",
                both(expecting("Cat", "2026-11-01"), planned("Cat", "2026-05-01", None)),
            ),
            (
                DENOMINATOR,
                "a plan that says what has a wrong format",
                both(expecting("Dot", "2026-11-01"), planned("Dot", "2026-05-01", "Yes")),
            ),
            (
                OUT,
                "planned the day after",
                both(expecting("Eve", "2026-10-17"), planned("Eve", "2026-08-02")),
            ),
            (
                OUT,
                "reached them on the last of July",
                both(expecting("Fay", "2026-10-16"), planned("Fay", "2026-05-01")),
            ),
            (
                OUT,
                "discharged on the day",
                both(
                    expecting("Gil", "2026-10-17", DischargeDateMatService="2026-08-01"),
                    planned("Gil", "2026-05-01"),
                ),
            ),
            (
                OUT,
                "another kind of plan",
                both(
                    expecting("Hal", "2026-11-01"),
                    planned("Hal", "2026-05-01", CarePlanType="06"),
                ),
            ),
        ),
        2,
        4,
        "Pass",
        "Pass",
    ),
    Case(
        "COC_DQ05",
        (
            *PLANS,
            (
                OUT,
                "no longer on one",
                both(
                    expecting("Cat", "2026-11-01"),
                    planned("Cat", "2026-05-01"),
                    planned("Cat", "2026-06-01", "N"),
                ),
            ),
        ),
        1,
        2,
        "Pass",
        "Pass",
    ),
    Case(
        "COC_by_28weeks",
        (
            *PLANS,
            (DENOMINATOR, "no plan", expecting("Cat", "2026-11-01")),
            (OUT, "reaches them in September", expecting("Dot", "2026-11-17")),
            (OUT, "booked 280 days before", expecting("Eve", "2026-11-01", "2026-01-25")),
        ),
        1,
        3,
        rate="100",
    ),
    Case(
        "COC_DQ06",
        (
            (
                IN,
                "discharged on the day of the plan, as was known later",
                both(placed("Ann"), discharged("Ann", "2026-03-01")),
            ),
            (
                DENOMINATOR,
                "discharged before the plan",
                both(placed("Bea"), discharged("Bea", "2026-02-28")),
            ),
            (DENOMINATOR, "not discharged", placed("Cat")),
            (OUT, "not placed", expecting("Dot", "2026-07-01", "2025-12-01")),
        ),
        1,
        3,
        "Pass",
        "Pass",
    ),
    Case(
        "COC_DQ07",
        (
            (IN, "three contacts", both(placed("Ann"), met("Ann", 3, None))),
            (DENOMINATOR, "two", both(placed("Bea"), met("Bea", 2, None))),
            (
                DENOMINATOR,
                "the third of them after the discharge",
                both(placed("Cat"), met("Cat", 3, None), discharged("Cat", "2026-05-02")),
            ),
            (
                DENOMINATOR,
                "the first of them before the plan",
                both(placed("Dot"), met("Dot", 2, None), seen("Dot", "2026-02-28")),
            ),
        ),
        1,
        4,
        "Pass",
        "Pass",
    ),
    Case(
        "COC_DQ08",
        (
            (IN, "with a midwife", both(STAFF, placed("Ann"), met("Ann", 1, MIDWIFE))),
            (DENOMINATOR, "with a porter", met("Ann", 1, PORTER, first=2)),
            (DENOMINATOR, "with somebody who is not on the staff", met("Ann", 1, "CP9", first=3)),
            (DENOMINATOR, "not attended", not_attended("Ann", "2026-05-20")),
            (OUT, "before the plan", seen("Ann", "2026-02-28", CareProfLID=MIDWIFE)),
        ),
        1,
        4,
        "Pass",
        "Pass",
    ),
    Case(
        "COC_DQ09",
        (
            (IN, "somebody named in labour", both(placed("Ann"), laboured("Ann", PORTER))),
            (DENOMINATOR, "nobody named", both(placed("Bea"), laboured("Bea", None, TEAM))),
            (OUT, "no labour known", placed("Cat")),
        ),
        1,
        2,
        "Pass",
        "Pass",
    ),
    Case(
        "COC_receiving_ongoing",
        (
            (
                IN,
                "seven of ten by the midwife of the plan, no labour known",
                both(
                    STAFF,
                    placed("Ann"),
                    met("Ann", 7, MIDWIFE),
                    met("Ann", 3, OTHER, first=8),
                    discharged("Ann", "2026-07-20"),
                ),
            ),
            (
                IN,
                "all by the team, and the labour too",
                both(
                    placed("Bea"),
                    met("Bea", 3, OTHER, TEAM),
                    laboured("Bea", None, TEAM),
                    discharged("Bea", "2026-07-20"),
                ),
            ),
            (
                DENOMINATOR,
                "two of three",
                both(
                    placed("Cat"),
                    met("Cat", 2, MIDWIFE),
                    met("Cat", 1, OTHER, first=3),
                    discharged("Cat", "2026-07-20"),
                ),
            ),
            (
                DENOMINATOR,
                "a labour with others",
                both(
                    placed("Dot"),
                    met("Dot", 3, MIDWIFE),
                    laboured("Dot", OTHER),
                    discharged("Dot", "2026-07-20"),
                ),
            ),
            (DENOMINATOR, "not discharged", both(placed("Eve"), met("Eve", 3, MIDWIFE))),
            (
                DENOMINATOR,
                "no contact with a midwife",
                both(placed("Fay"), met("Fay", 3, PORTER, TEAM), discharged("Fay", "2026-07-20")),
            ),
            (DENOMINATOR, "no plan", expecting("Gil", "2026-07-16", "2025-12-01")),
            (OUT, "due a day later", expecting("Hal", "2026-07-17", "2025-12-01")),
        ),
        2,
        7,
        rate="100",
    ),
)
