"""Twelve months of a small maternity service, drawn at random and in much wrong.

Nobody in it is real. Dates lie on the edges of months more often than by chance, records are sent
again in later months, twice in one, or not at all, and values are blank, odd or of a wrong format.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random

from plain.national import TABLES, Month, moved

Text = dict[str, str | None]
Tables = dict[str, list[Text]]

MONTHS = 12
PREGNANCIES = 150
ODD = ("x", "0", "00", "99", "-1", "1e2", "2026-02-30", "20260801", "Y", "05", "9" * 40, " ", "ï")

OUTCOMES = ("01", "01", "01", "02", "03", "04", "05", "98", "1")
METHODS = (*"0123456789", "7", "8", "7", "8", "0", "0", "0", "X")
GESTATIONS = (
    *("140", "141", "153", "154", "200", "258", "259", "315", "316", "999"),
    *("280", "280", "280", "280", "280", "281", "282", "283", "284", "285"),
)
PRESENTATIONS = (*("01",) * 9, "02", "03", "04", "XX", "99")
COUNTS = (*("0",) * 9, "1", "1", "1", "2", "20", "21", None)
FEEDS = ("01", "02", "03", "98")
BLOOD = (
    "499",
    "499.5",
    "500",
    "1499",
    "1500",
    "1500.0",
    "0",
    "-5",
    "much",
    "+600",
    "2E3",
    "600ml",
    "NaN",
    "inf",
)
SCORES = ("-1", "0", "6", "6.5", "7", "7.0", "10", "11", "ten", "nan")
SAID = ("0", "0", "1", "3", "3.9", "4", "20", "-1", "none", "nan", "inf", None)
UNITS = ("ppm", "PPM", "[ppm]", "mL", None)
STAFF = ("CP1", "CP2", "CP3", "CP4", "CP5")
TEAMS = ("T1", "T2")
GROUPS = ("05", "06", "07", "01", "16", "17", "98", "99")


class History:
    """The months of one provider as they were sent, up to the one after the reporting month."""

    def __init__(self, seed: int, reporting: Month, codes: Mapping[str, Sequence[str]]) -> None:
        self.random = Random(seed)
        self.codes = codes
        self.months = [moved(reporting, by) for by in range(1 - MONTHS, 2)]
        self.sent: dict[Month, Tables] = {
            month: {short: [] for short in TABLES} for month in self.months
        }
        self.number, self.named = 0, ""
        for pregnancy in range(PREGNANCIES):
            self._pregnancy(f"P{pregnancy}", f"M{pregnancy - (pregnancy % 9 == 1)}")
        self._staff()
        for tables in self.sent.values():
            for short, rows in tables.items():
                tables[short] = self._spoiled(rows)

    # --- chance

    def chance(self, of_a_hundred: float) -> bool:
        return self.random.random() * 100 < of_a_hundred

    def any_of(self, choices: Sequence[str | None]) -> str | None:
        return self.random.choice(choices)

    def day(self, near: date, apart: int) -> date:
        """A day so near to another, often the first or last of a month."""
        found = near + timedelta(days=self.random.randint(-apart, apart))
        if self.chance(35):
            first = found.replace(day=1)
            found = self.random.choice((first, first - timedelta(days=1), moved(first, 1)))
        return found

    def next(self, letters: str) -> str:
        self.number += 1
        return f"{letters}{self.number}"

    def send(self, on: date, short: str, row: Text, again: float = 25) -> list[Month]:
        """Send a record in the month of a day, sometimes later and sometimes again."""
        month = on.replace(day=1)
        if self.chance(6):
            month = moved(month, 1)
        months = [month]
        while self.chance(again):
            months.append(moved(months[-1], 1))
        for one in months:
            if one in self.sent and not self.chance(2):
                self.sent[one][short].append(dict(row))
        return months

    # --- one pregnancy

    def _pregnancy(self, pregnancy: str, mother: str) -> None:
        self.named = self.random.choice(STAFF)
        begun = self.day(moved(self.months[-1], self.random.choice((-11, -7))), 110)
        booked = self.day(begun + timedelta(days=self.random.choice((0, 50, 60, 90, 200))), 12)
        born = self.day(begun + timedelta(days=self.random.choice((200, 265, 280, 285))), 8)
        booking = self._booking(pregnancy, mother, begun, booked)
        if self.chance(65):
            booking["DischargeDateMatService"] = str(self.day(born + timedelta(days=10), 30))
        self.send(booked, "MSD101", booking, again=55)
        if self.chance(20):
            moved_on = {**booking, "AntenatalAppDate": str(self.day(booked, 40))}
            self.send(booked, "MSD101", {**moved_on, "LPIDMother": mother})
        self._plans(pregnancy, begun)
        # the first contacts lie about the booking, the others anywhere in the pregnancy
        for number in range(self.random.randint(0, 9)):
            about = booked if number < 3 else begun + timedelta(days=40 * number)
            self._contact(pregnancy, about, 5 if number < 3 else 30)
        if self.chance(85):
            self._labour(pregnancy, booking, born)

    def _booking(self, pregnancy: str, mother: str, begun: date, booked: date) -> Text:
        due = None if self.chance(20) else str(begun + timedelta(days=280))
        return {
            "PregnancyID": pregnancy,
            "LPIDMother": mother,
            "AntenatalAppDate": str(booked),
            "EDDAgreed": due,
            "LastMenstrualPeriodDate": None if self.chance(20) else str(self.day(begun, 2)),
            "PreviousCaesareanSections": self.any_of(COUNTS),
            "PreviousLiveBirths": self.any_of(COUNTS),
            "PreviousStillBirths": self.any_of(COUNTS),
        }

    def _plans(self, pregnancy: str, begun: date) -> None:
        taken = set()
        for _ in range(self.random.randint(0, 4)):
            on = self.day(begun + timedelta(days=self.random.choice((100, 150, 200, 203, 204))), 3)
            if on in taken:
                continue
            taken.add(on)
            row: Text = {
                "PregnancyID": pregnancy,
                "CarePlanDate": str(on),
                "CarePlanType": self.any_of(("05", "05", "05", "05", "01")),
                "ContCarePathInd": self.any_of(("Y", "Y", "Y", "Y", "Y", "Y", "Y", "N", None)),
                **self._by_whom(),
            }
            self.send(on, "MSD102", row)

    def _contact(self, pregnancy: str, about: date, apart: int) -> None:
        on, id = self.day(about, apart), self.next("C")
        contact: Text = {
            "CareConID": id,
            "PregnancyID": pregnancy,
            "CContactDate": str(on),
            "AttendCode": self.any_of(("5", "5", "5", "6", "3", "7")),
        }
        months = self.send(on, "MSD201", contact)
        if self.chance(8):
            self.send(on, "MSD201", {**contact, "CContactDate": str(self.day(on, 9))})
        for _ in range(self.random.randint(0, 3)):
            row: Text = {
                "CareActIDMother": self.next("A"),
                "CareConID": id,
                **self._by_whom(),
                **self._of_smoking(),
            }
            for month in months:
                if month in self.sent and self.chance(92):
                    self.sent[month]["MSD202"].append(dict(row))

    def _by_whom(self) -> Text:
        if self.chance(60):
            return {"CareProfLID": self.named, "TeamLocalID": TEAMS[0]}
        return {
            "CareProfLID": self.any_of((*STAFF, "CP9", None)),
            "TeamLocalID": self.any_of((*TEAMS, None)),
        }

    def _of_smoking(self) -> Text:
        """What an activity says of smoking, if it does."""
        found: Text = {}
        if self.chance(40):
            names = ("smoker", "non-smoker", "smoking-unknown", "smoking-unknown")
            found["FindingCode"] = self.any_of(self.codes[self.random.choice(names)])
            found["FindingScheme"] = self.any_of(("04", "04", "04", "02", None))
        if self.chance(35):
            names = ("cigarettes-a-day-at-delivery", "carbon-monoxide-at-delivery")
            name = self.random.choice((*names, "stopped-smoking"))
            found["ObsCode"] = self.any_of((self.codes[name][0], *self.codes[name]))
            found["ObsScheme"] = self.any_of(("03", "03", "03", "03", "02", None))
            found["ObsValue"] = self.any_of(SAID)
            found["UCUMUnit"] = self.any_of(UNITS)
        return found

    # --- labour

    def _labour(self, pregnancy: str, booking: Text, born: date) -> None:
        id = self.next("L")
        labour: Text = {
            "LabourDeliveryID": id,
            "PregnancyID": pregnancy,
            "LabourOnsetMethod": self.any_of(
                ("1", "1", "1", "1", "1", "2", "3", "4", "5", "6", "9", None)
            ),
            "LabourOnsetDate": None if self.chance(25) else str(self.day(born, 2)),
            "CaesareanDate": str(self.day(born, 2)) if self.chance(40) else None,
        }
        rows = [("MSD301", labour)]
        rows += [("MSD302", self._beside(id, born)) for _ in range(self.random.randint(0, 4))]
        for _ in range(2 if self.chance(10) else 1):
            rows += self._baby(id, born)
        if not self.chance(4):
            rows.append(("MSD101", booking))
        months = [born.replace(day=1)]
        if self.chance(6):
            months = [moved(months[0], 1)]
        while self.chance(25):
            months.append(moved(months[-1], 1))
        for number, month in enumerate(months):
            for short, row in rows:
                if month in self.sent and not self.chance(3):
                    changed = self._changed(short, row) if number and self.chance(30) else row
                    self.sent[month][short].append(dict(changed))
        if self.chance(6):
            self.send(moved(born.replace(day=1), 1), "MSD302", self._beside(id, born))

    def _changed(self, short: str, row: Text) -> Text:
        """A record as it is sent again with something else in it."""
        if short == "MSD401":
            return {**row, "DeliveryMethodCode": self.any_of(METHODS), "PregOutcome": "01"}
        if short == "MSD101":
            return {**row, "PreviousLiveBirths": self.any_of(COUNTS)}
        return row

    def _beside(self, labour: str, born: date) -> Text:
        row: Text = {
            "LabourDeliveryID": labour,
            "ClinInterDateMother": str(self.day(born, 4)),
            **self._by_whom(),
            **self._of_smoking(),
        }
        if self.chance(45):
            row["ObsScheme"] = self.any_of(("03", "03", "03", "02", None))
            lists = (self.codes["blood-loss"], self.codes["blood-loss-of-rate"])
            row["ObsCode"] = self.any_of(self.random.choice(lists))
            row["ObsValue"] = self.any_of(BLOOD)
        if self.chance(25):
            row["FindingScheme"] = self.any_of(("04", "04", "04", "02", None))
            name = self.random.choice(("severe-tear", "severe-tear", "critical-incident-finding"))
            row["FindingCode"] = self.any_of(self.codes[name])
        if self.chance(15):
            row["ProcedureScheme"] = self.any_of(("06", "06", "06", "02", None))
            name = self.random.choice(("lesion-procedure", "critical-incident-procedure"))
            row["ProcedureCode"] = self.any_of(self.codes[name])
        return row

    def _baby(self, labour: str, born: date) -> list[tuple[str, Text]]:
        id = self.next("B")
        baby: Text = {
            "LPIDBaby": id,
            "LabourDeliveryID": labour,
            "PersonBirthDateBaby": str(born),
            "PregOutcome": self.any_of(OUTCOMES),
            "FetusPresentation": self.any_of(PRESENTATIONS),
            "GestationLengthBirth": self.any_of(GESTATIONS),
            "DeliveryMethodCode": self.any_of(METHODS),
            "BabyFirstFeedIndCode": self.any_of(FEEDS),
        }
        apgars = [
            {
                "CareActIDBaby": self.next("D"),
                "LPIDBaby": id,
                "ObsScheme": self.any_of(("03", "03", "03", "03", "02", None)),
                "ObsCode": self.any_of((*self.codes["apgar-at-five-minutes"] * 5, "169895004")),
                "ObsValue": self.any_of(SCORES),
            }
            for _ in range(self.random.randint(0, 2))
        ]
        return [("MSD401", baby), *(("MSD405", one) for one in apgars)]

    # --- what is wrong

    def _staff(self) -> None:
        for id in STAFF:
            row: Text = {
                "CareProfLID": id,
                "StaffGroup": self.any_of((*GROUPS, *("05", "06", "07") * 4)),
            }
            for month in self.months:
                if self.chance(30):
                    self.sent[month]["MSD901"].append(dict(row))

    def _spoiled(self, rows: list[Text]) -> list[Text]:
        """Rows of which some are there twice and some values are blank, odd or padded."""
        if self.chance(3):
            return []
        found = []
        for row in rows:
            found += [self._odd(row) for _ in range(2 if self.chance(3) else 1)]
        self.random.shuffle(found)
        return found

    def _odd(self, row: Text) -> Text:
        return {item: self._other(text) for item, text in row.items()}

    def _other(self, text: str | None) -> str | None:
        if self.chance(1.5):
            return None
        if self.chance(1.2):
            return self.any_of(ODD)
        return f" {text} " if text is not None and self.chance(1) else text
