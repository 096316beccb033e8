"""What each trust of the south-west London story habitually gets wrong.

It says which records a slip falls on, by counting, never by chance; the right records come
from `unit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from msds_audit.sample.unit import BIRTH_WEIGHT, Tables


@dataclass(frozen=True, slots=True)
class Habit:
    """A slip on every k-th record of a table.

    `slips` take turns; each maps items to what is written in place of the right value. Only
    records that hold `among` are counted, from the `start`-th on.
    """

    table: str
    every: int
    slips: tuple[Mapping[str, str], ...]
    start: int = 1
    among: Mapping[str, str] = field(default_factory=dict)

    def indulge(self, tables: Tables) -> None:
        """Spoil the records the habit falls on."""
        counted = [
            record
            for record in tables[self.table]
            if all(record.get(item, "") == value for item, value in self.among.items())
        ]
        for turn, record in enumerate(counted[self.start - 1 :: self.every]):
            record.update(self.slips[turn % len(self.slips)])


_MOTHER = "MSD001MotherDemog"
_GP = "MSD002GP"
_BOOKING = "MSD101PregnancyBooking"
_BABY = "MSD401BabyDemographics"
_ACTIVITY = "MSD405CareActivityBaby"
_CIRCUMSTANCE = "MSD003SocPersCircumstances"
_NO_NUMBER = {"NHSNumberMother": "", "NHSNumberStatusMother": "07"}
_WEIGHT = {"ObsCode": BIRTH_WEIGHT}
_NO_FIXED_ABODE = {"Postcode": "ZZ99 3VZ"}


def _blank(table: str, item: str, every: int, start: int) -> Habit:
    return Habit(table, every, ({item: ""},), start)


HABITS: Mapping[str, tuple[Habit, ...]] = {
    "RJ6": (
        Habit(
            _MOTHER,
            2,
            ({"EthnicCategoryMother": "White British"},),
            1,
            {"EthnicCategoryMother": ""},
        ),
        Habit(_MOTHER, 1, ({"EthnicCategoryMother": "b"},), 1, {"EthnicCategoryMother": ""}),
        Habit(
            _BABY, 12, ({"EthnicCategoryBaby": "White British"},), 7, {"EthnicCategoryBaby": "A"}
        ),
        Habit(_BABY, 3, ({"EthnicCategoryBaby": "b"},), 1, {"EthnicCategoryBaby": "B"}),
        Habit(_BABY, 10, ({"EthnicCategoryBaby": "G"},), 4),
        Habit(_MOTHER, 70, (_NO_NUMBER,), 11),
        Habit(_MOTHER, 90, (_NO_FIXED_ABODE, {"Postcode": ""}), 23),
        Habit(_GP, 45, ({"OrgCodeGMPMother": "V81999"}, {"OrgCodeGMPMother": "V81997"}), 5),
        _blank(_BOOKING, "DisabilityIndMother", 14, 3),
        _blank(_BOOKING, "LangCode", 22, 9),
        _blank(_BOOKING, "ComplexSocialFactorsInd", 6, 2),
        _blank(_BOOKING, "EDDMethodAgreed", 50, 17),
        Habit(_BOOKING, 60, ({"PregFirstConDate": ""}, {"PregFirstConDate": "03/04/2026"}), 13),
        Habit(_ACTIVITY, 12, ({"UCUMUnit": ""},), 3, _WEIGHT),
    ),
    "RVR": (
        Habit(_BABY, 13, ({"EthnicCategoryBaby": "Z"}, {"EthnicCategoryBaby": "C"}), 6),
        Habit(_MOTHER, 65, (_NO_NUMBER,), 8),
        Habit(_MOTHER, 110, ({"NHSNumberStatusMother": "1"},), 19),
        Habit(_MOTHER, 80, ({"Postcode": ""}, _NO_FIXED_ABODE, {"Postcode": "SM1-5QV"}), 29),
        Habit(_GP, 60, ({"OrgCodeGMPMother": "V81999"},), 12),
        _blank(_BOOKING, "DisabilityIndMother", 30, 10),
        Habit(_BOOKING, 40, ({"LangCode": "EN"}, {"LangCode": ""}), 4),
        _blank(_BOOKING, "ComplexSocialFactorsInd", 25, 6),
        Habit(_BOOKING, 35, ({"EmploymentStatusMother": "1"}, {"EmploymentStatusMother": ""}), 15),
        _blank(_BOOKING, "EDDMethodAgreed", 75, 21),
        _blank(_BABY, "GestationLengthBirth", 48, 16),
        Habit(_ACTIVITY, 30, ({"UCUMUnit": ""},), 9, _WEIGHT),
    ),
    "RAX": (
        Habit(_BABY, 9, ({"EthnicCategoryBaby": "Z"}, {"EthnicCategoryBaby": ""}), 2),
        Habit(_BABY, 25, ({"EthnicCategoryBaby": "C"},), 6),
        Habit(_MOTHER, 55, (_NO_NUMBER,), 14),
        Habit(_MOTHER, 60, (_NO_FIXED_ABODE, {"Postcode": "NOT KNWN"}), 25),
        Habit(_GP, 50, ({"OrgCodeGMPMother": "V81999"}, {"OrgCodeGMPMother": "V81998"}), 18),
        Habit(_BOOKING, 1, ({"DisabilityIndMother": "N"},)),
        _blank(_BOOKING, "LangCode", 9, 5),
        _blank(_BOOKING, "ComplexSocialFactorsInd", 12, 7),
        _blank(_BOOKING, "EDDMethodAgreed", 28, 3),
        Habit(_BABY, 70, ({"GestationLengthBirth": "39"},), 33),
        Habit(_ACTIVITY, 20, ({"UCUMUnit": ""},), 11, _WEIGHT),
    ),
    "RJ7": (
        Habit(_BABY, 11, ({"EthnicCategoryBaby": "Z"}, {"EthnicCategoryBaby": "F"}), 3),
        Habit(_MOTHER, 45, (_NO_NUMBER,), 20),
        Habit(_MOTHER, 50, (_NO_FIXED_ABODE, {"Postcode": ""}, {"Postcode": "SW170QV1"}), 31),
        Habit(_GP, 30, ({"OrgCodeGMPMother": "V81999"},), 8),
        Habit(_CIRCUMSTANCE, 40, ({"SocPerSNOMED": "160542013"},), 10),
        Habit(_BOOKING, 10, ({"DisabilityIndMother": ""}, {"DisabilityIndMother": "Yes"}), 6),
        _blank(_BOOKING, "LangCode", 18, 12),
        Habit(_BOOKING, 8, ({"ComplexSocialFactorsInd": ""},), 1),
        _blank(_BOOKING, "EDDMethodAgreed", 33, 9),
        Habit(_ACTIVITY, 4, ({"UCUMUnit": ""},), 2, _WEIGHT),
    ),
}
"""Invented, and no statement about the trusts. Only the ethnic categories follow published
figures, which no habit changes but for spelling out some of those that are missing at RJ6."""
