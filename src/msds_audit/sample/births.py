"""The births of a year: how they began and ended, and what was measured and found.

What national measures look for in a few months is dealt, so that it is there; the labour itself
comes from `unit`.
"""

from __future__ import annotations

from datetime import timedelta

from msds_audit.extract import Period
from msds_audit.sample.course import (
    SMOKER,
    Course,
    MonthlyUnit,
    Told,
    found,
    month_after,
    observed,
    smoking,
    some,
    team_of,
)
from msds_audit.sample.draws import Deck
from msds_audit.sample.unit import APGAR, Record

SMOKING_AT_DELIVERY_KNOWN = 12
"""Of 20 women who do not smoke; of those who do it is always known. Together that is less than
the 70 % of women for which national figures ask, on purpose."""

FIRST_FEED_RECORDED = 17
"""Of 20 babies born alive."""

APGAR_RECORDED = 18
"""Of 20 babies."""

BLOOD_LOSS = "719051004"
THIRD_DEGREE_TEAR = "10217006"

TEARS_MONTHS_AGO = (8, 1)
"""The first vaginal birth of each of these months, counted back from the last, has a tear."""

STILLBIRTH_MONTHS_AGO = 2
"""The first birth of one baby in this month is a stillbirth."""

SPONTANEOUS, PLANNED, INDUCED = "1", "2", "4"
VERTEX, FORCEPS, VENTOUSE, ELECTIVE, EMERGENCY = "0", "2", "4", "7", "8"
CAESAREANS = (ELECTIVE, EMERGENCY)

_FIRST_BIRTH = (
    *((SPONTANEOUS, VERTEX),) * 3,
    *((INDUCED, VERTEX),) * 2,
    (SPONTANEOUS, VENTOUSE),
    (SPONTANEOUS, EMERGENCY),
    *((INDUCED, EMERGENCY),) * 2,
    (PLANNED, ELECTIVE),
)
_LATER_BIRTH = (
    *((SPONTANEOUS, VERTEX),) * 5,
    *((INDUCED, VERTEX), (INDUCED, FORCEPS)),
    *((SPONTANEOUS, EMERGENCY), (INDUCED, EMERGENCY)),
    (PLANNED, ELECTIVE),
)
_SECOND_AFTER_CAESAREAN = ((SPONTANEOUS, VERTEX), (PLANNED, ELECTIVE))
_AFTER_CAESAREAN = (
    *((SPONTANEOUS, VERTEX), (SPONTANEOUS, VENTOUSE)),
    *((PLANNED, ELECTIVE),) * 2,
    (SPONTANEOUS, EMERGENCY),
)
_USUAL_LOSS, _MORE, _SEVERE = (200, 450), (520, 980), (1600, 2100)
_NO_FEED = {"BabyFirstFeedDate": "", "BabyFirstFeedTime": "", "BabyFirstFeedIndCode": ""}
_NO_CAESAREAN = {
    "CaesareanDate": "",
    "CaesareanTime": "",
    "DecisionToDeliverDate": "",
    "DecisionToDeliverTime": "",
}
_STILLBORN = {
    "PregOutcome": "02",
    "NHSNumberBaby": "",
    "NHSNumberStatusBaby": "07",
    "SkinToSkinContact1HourInd": "",
} | _NO_FEED
_SMOKING = (
    *((Told.FINDING, True),) * 7,
    (Told.CIGARETTES, True),
    (Told.BREATH, True),
    *((Told.FINDING, False),) * 3,
)
"""How it is told whether a woman smokes, and whether during the labour or at a contact before."""

_KILOGRAMS_EVERY = 40
_DECIDED_BEFORE = timedelta(days=14)


class Births:
    """Records births, best in the order in which they happen.

    Args:
        unit: Where they happen.
        last: The month that tears and the stillbirth are counted back from.
    """

    def __init__(self, unit: MonthlyUnit, last: Period) -> None:
        draws = unit.draws
        self.unit = unit
        self._number = 0
        self._tears = {str(month_after(last, -count)) for count in TEARS_MONTHS_AGO}
        self._stillbirths = {str(month_after(last, -STILLBIRTH_MONTHS_AGO))}
        self._first = Deck(draws, _FIRST_BIRTH)
        self._later = Deck(draws, _LATER_BIRTH)
        self._second_after_caesarean = Deck(draws, _SECOND_AFTER_CAESAREAN)
        self._after_caesarean = Deck(draws, _AFTER_CAESAREAN)
        self._breech = Deck(draws, some(1, 25))
        self._loss = Deck(draws, ((), *(_USUAL_LOSS,) * 22, *(_MORE,) * 4, _SEVERE))
        self._smoking = Deck(draws, (*_SMOKING, *(None,) * (20 - SMOKING_AT_DELIVERY_KNOWN)))
        self._smoking_of_smokers = Deck(draws, _SMOKING)
        self._fed = Deck(draws, some(FIRST_FEED_RECORDED, 20))
        self._scored = Deck(draws, some(APGAR_RECORDED, 20))
        self._low_score = Deck(draws, some(1, 20))
        self._by_team = Deck(draws, some(4, 5))

    def record(self, course: Course) -> None:
        """Record a labour with its babies, and what was measured and found around it."""
        unit, self._number = self.unit, self._number + 1
        unit.on(course, course.born)
        labour = unit.labour(
            course.pregnancy,
            course.born,
            babies=course.babies,
            in_kg=self._number % _KILOGRAMS_EVERY == 0,
        )
        activity = unit.tables["MSD302CareActivityLabDel"][-1]
        babies = unit.tables["MSD401BabyDemographics"][-course.babies :]
        self._manner(course, labour, babies)
        for baby in babies:
            self._newborn(course, baby)
        self._attended(course, activity)
        self._found_at_labour(course, activity, babies)

    def _manner(self, course: Course, labour: Record, babies: list[Record]) -> None:
        """How the labour began and the babies were born, in place of what the unit drew."""
        breech = self._breech.deal()
        onset, method = (PLANNED, ELECTIVE) if breech else self._manners(course).deal()
        labour |= _NO_CAESAREAN | {"LabourOnsetMethod": onset}
        if onset == PLANNED:
            labour |= {"LabourOnsetDate": "", "LabourOnsetTime": ""}
        if method in CAESAREANS:
            hour = int(babies[0]["PersonBirthTimeBaby"][:2])
            decided = course.born - _DECIDED_BEFORE if method == ELECTIVE else course.born
            labour |= {
                "CaesareanDate": str(course.born),
                "CaesareanTime": f"{hour:02d}:05:00",
                "DecisionToDeliverDate": str(decided),
                "DecisionToDeliverTime": f"{hour - 1:02d}:25:00",
            }
        for baby in babies:
            baby |= {
                "DeliveryMethodCode": method,
                "FetusPresentation": "02" if breech else "01",
            }

    def _manners(self, course: Course) -> Deck[tuple[str, str]]:
        if course.caesareans:
            return self._second_after_caesarean if course.births == 1 else self._after_caesarean
        return self._later if course.births else self._first

    def _newborn(self, course: Course, baby: Record) -> None:
        """What of a baby is recorded; a stillborn baby has neither score nor feed."""
        month = str(course.born)[:7]
        stillborn = month in self._stillbirths and course.babies == 1
        if stillborn:
            self._stillbirths.remove(month)
            baby |= _STILLBORN
        elif not self._fed.deal():
            baby |= _NO_FEED
        activities = self.unit.tables["MSD405CareActivityBaby"]
        score = next(
            one
            for one in activities
            if one["LPIDBaby"] == baby["LPIDBaby"] and one["ObsCode"] == APGAR
        )
        if self._low_score.deal():
            score["ObsValue"] = "6"
        if stillborn or not self._scored.deal():
            activities.remove(score)

    def _attended(self, course: Course, activity: Record) -> None:
        """Who attended the labour: mostly the named midwife or her team, where there is one."""
        if course.named and self._by_team.deal():
            professional = self.unit.draws.pick((course.named, self.unit.of_team(course.named)))
        else:
            professional = activity["CareProfLID"]
        activity |= {"CareProfLID": professional, "TeamLocalID": team_of(professional)}

    def _found_at_labour(self, course: Course, activity: Record, babies: list[Record]) -> None:
        unit, month = self.unit, str(course.born)[:7]
        loss = self._loss.deal()
        if loss:
            activity |= observed(BLOOD_LOSS, str(unit.draws.between(*loss)), "mL")
        if month in self._tears and babies[0]["DeliveryMethodCode"] not in CAESAREANS:
            self._tears.remove(month)
            activity |= found(THIRD_DEGREE_TEAR)
        self._smoking_at_delivery(course, activity)

    def _smoking_at_delivery(self, course: Course, attended: Record) -> None:
        """Whether she smokes, told during the labour or at a contact up to three days before."""
        unit = self.unit
        smokes = course.smokes == SMOKER
        dealt = self._smoking_of_smokers.deal() if smokes else self._smoking.deal()
        if dealt is None:
            return
        told, during = dealt
        if during:
            unit.add(
                "MSD302CareActivityLabDel",
                LabourDeliveryID=attended["LabourDeliveryID"],
                ClinInterDateMother=course.born,
                ClinInterTimeMother="03:00:00",
                ActivityDuration=10,
                CareProfLID=attended["CareProfLID"],
                TeamLocalID=attended["TeamLocalID"],
                **smoking(course.smokes, told),
            )
        else:
            day = course.born - timedelta(days=unit.draws.between(1, 3))
            unit.on(course, day)
            contact = unit.contact(course.pregnancy, day, consultation="02")
            midwife = unit.midwife()
            unit.activity(contact, midwife, team_of(midwife), **smoking(course.smokes, told))
