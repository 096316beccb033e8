"""The national indicators of one provider counted a second time, with loops over rows.

Rows are those of every month that was sent, each value in its own type and null where its format
is wrong. Somebody counts if any of her rows qualifies.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeAlias

from msds_audit.spec import Spec
from plain.functions import decimal
from plain.values import Texts, value

Row: TypeAlias = dict[str, Any]
Month: TypeAlias = date
"""The first day of a month."""

Sent: TypeAlias = Mapping[Month, Mapping[str, list[Row]]]
"""Rows by month and by the first six letters of their table."""

Counted: TypeAlias = tuple[int, int]
"""Numerator and denominator."""

TABLES = ("MSD101", "MSD102", "MSD201", "MSD202", "MSD301", "MSD302", "MSD401", "MSD405", "MSD901")
KNOWN = ("Smoker", "Non-Smoker")


def typed(spec: Spec, texts: Mapping[Month, Mapping[str, Iterable[Texts]]]) -> Sent:
    """Rows of texts as rows of values, the way all items are read."""
    return {
        month: {short: _rows(spec, short, tables.get(short, ())) for short in TABLES}
        for month, tables in texts.items()
    }


def _rows(spec: Spec, short: str, texts: Iterable[Texts]) -> list[Row]:
    table = spec.table_named(short)
    assert table is not None
    return [
        {one.name: value(one, (row.get(one.name) or "").strip() or None) for one in table.items}
        for row in texts
    ]


# --- months -------------------------------------------------------------------------------


def moved(month: Month, by: int) -> Month:
    """The month so many later, or earlier where it is below 0."""
    while by > 0:
        month, by = (month + timedelta(days=31)).replace(day=1), by - 1
    while by < 0:
        month, by = (month - timedelta(days=1)).replace(day=1), by + 1
    return month


@dataclass(frozen=True)
class Window:
    """Months one after another, by the first of each."""

    months: tuple[Month, ...]

    @property
    def days(self) -> int:
        return (moved(self.months[-1], 1) - self.months[0]).days

    def has(self, day: date | None) -> bool:
        return day is not None and self.months[0] <= day < moved(self.months[-1], 1)


def window(reporting: Month, first: int, last: int) -> Window:
    """From so many months after the reporting month to so many; below 0 before it."""
    return Window(tuple(moved(reporting, by) for by in range(first, last + 1)))


# --- what one row says --------------------------------------------------------------------


def observed(row: Row, codes: Collection[str], scheme: str | None = None) -> float | None:
    """The number that is observed by one of these codes."""
    if row["ObsCode"] not in codes or row["ObsValue"] is None:
        return None
    if scheme is not None and row["ObsScheme"] != scheme:
        return None
    return decimal(row["ObsValue"])


def severe_tear(row: Row, codes: Mapping[str, Collection[str]]) -> bool:
    """A severe tear is found, and no procedure on a lesion hides it."""
    if row["ProcedureScheme"] == "06" and row["ProcedureCode"] in codes["lesion-procedure"]:
        return False
    return row["FindingScheme"] == "04" and row["FindingCode"] in codes["severe-tear"]


def critical_incident(row: Row, codes: Mapping[str, Collection[str]]) -> bool:
    procedure = row["ProcedureScheme"] == "06"
    finding = row["FindingScheme"] == "04"
    return (procedure and row["ProcedureCode"] in codes["critical-incident-procedure"]) or (
        finding and row["FindingCode"] in codes["critical-incident-finding"]
    )


def smoking_of(row: Row, codes: Mapping[str, Collection[str]], *, delivery: bool) -> str | None:
    """What an activity says of smoking."""
    if delivery:
        cigarettes = observed(row, codes["cigarettes-a-day-at-delivery"])
        monoxide = observed(row, codes["carbon-monoxide-at-delivery"])
        if "PPM" not in (row["UCUMUnit"] or "").upper():
            monoxide = None
    else:
        cigarettes = observed(row, codes["cigarettes-a-day"], "03")
        monoxide = observed(row, codes["carbon-monoxide"], "03")
    if row["FindingCode"] in codes["smoker"]:
        return "Smoker"
    if (cigarettes is not None and cigarettes > 0) or (monoxide is not None and monoxide >= 4):
        return "Smoker"
    if row["FindingCode"] in codes["non-smoker"] or row["ObsCode"] in codes["stopped-smoking"]:
        return "Non-Smoker"
    if cigarettes == 0 or (monoxide is not None and monoxide < 4):
        return "Non-Smoker"
    return "Unknown" if row["FindingCode"] in codes["smoking-unknown"] else None


def smoking_about(days: Collection[date], said: Iterable[tuple[date, str]], last: str) -> str:
    """What counts of all that was said on these days or within three days of one of them."""
    near = (
        {(min(abs((on - day).days) for day in days), status) for on, status in said}
        if days
        else set()
    )
    same = {status for distance, status in near if distance == 0}
    other = {status for distance, status in near if 0 < distance <= 3}
    for statuses in (same, other):
        for status in KNOWN:
            if status in statuses:
                return status
    if "Unknown" in other or ("Unknown" in same and last == "Unknown"):
        return "Unknown"
    return ""


# --- the indicators -----------------------------------------------------------------------


@dataclass(frozen=True)
class Birth:
    """A baby, how many were born in the labour, and the labour and booking where there are."""

    baby: Row
    births: int
    labour: Row
    booking: Row
    beside: list[Row]
    apgars: list[float]
    sent: Month


Condition: TypeAlias = Callable[[Any], bool]


class National:
    """The indicators of a reporting month."""

    def __init__(
        self,
        sent: Sent,
        codes: Mapping[str, Collection[str]],
        reporting: Month,
        annual: int | None,
    ) -> None:
        self.sent = {month: tables for month, tables in sent.items() if month <= reporting}
        self.codes = codes
        self.reporting = reporting
        self.annual = annual

    def rows(self, table: str, months: Iterable[Month]) -> list[Row]:
        return [row for month in months if month in self.sent for row in self.sent[month][table]]

    # --- who there is

    def babies(self, over: Window) -> list[Birth]:
        """Every record of a baby born in the window and sent in it."""
        found = []
        for month in over.months:
            for baby in self.sent[month]["MSD401"] if month in self.sent else ():
                if over.has(baby["PersonBirthDateBaby"]):
                    found.append(self._birth(baby, month))
        return found

    def _birth(self, baby: Row, month: Month) -> Birth:
        tables, labour = self.sent[month], baby["LabourDeliveryID"]
        births = sum(
            labour is not None and one["LabourDeliveryID"] == labour for one in tables["MSD401"]
        )
        apgars = [
            score
            for one in tables["MSD405"]
            if baby["LPIDBaby"] is not None
            and one["LPIDBaby"] == baby["LPIDBaby"]
            and (score := observed(one, self.codes["apgar-at-five-minutes"], "03")) is not None
        ]
        beside = matching(tables["MSD302"], "LabourDeliveryID", labour)
        return Birth(baby, births, {}, {}, beside, apgars, month)

    def mothers(self, over: Window) -> list[Birth]:
        """The same with the labour and the booking, as often as there are both."""
        found = []
        for one in self.babies(over):
            tables, baby = self.sent[one.sent], one.baby
            for labour in matching(tables["MSD301"], "LabourDeliveryID", baby["LabourDeliveryID"]):
                for booking in matching(tables["MSD101"], "PregnancyID", labour["PregnancyID"]):
                    found.append(replace(one, labour=labour, booking=booking))
        return found

    def booked(self, over: Window) -> list[Row]:
        rows = self.rows("MSD101", over.months)
        return [row for row in rows if over.has(row["AntenatalAppDate"])]

    def expected(self, over: Window) -> int:
        return 0 if self.annual is None else self.annual * over.days // 365

    # --- smoking

    def contacts(self, pregnancy: str | None, months: Iterable[Month]) -> list[tuple[date, Row]]:
        """Activities of the contacts of a pregnancy, with the dates of these."""
        found = []
        for month in months:
            tables = self.sent.get(month)
            for contact in matching(tables["MSD201"], "PregnancyID", pregnancy) if tables else ():
                if contact["CContactDate"] is not None:
                    for one in matching(tables["MSD202"], "CareConID", contact["CareConID"]):
                        found.append((contact["CContactDate"], one))
        return found

    def smoking_at_booking(self, booking: Row) -> str:
        months = window(self.reporting, -1, 0).months
        said = [
            (on, status)
            for on, one in self.contacts(booking["PregnancyID"], months)
            if (status := smoking_of(one, self.codes, delivery=False)) is not None
        ]
        return smoking_about([booking["AntenatalAppDate"]], said, "")

    def smoking_at_delivery(self, labour: Row) -> str:
        months = window(self.reporting, -2, 0).months
        labours = matching(self.rows("MSD301", self.sent), "PregnancyID", labour["PregnancyID"])
        ids = {one["LabourDeliveryID"] for one in labours} - {None}
        activities = self.contacts(labour["PregnancyID"], months) + [
            (one["ClinInterDateMother"], one)
            for one in self.rows("MSD302", months)
            if one["LabourDeliveryID"] in ids and one["ClinInterDateMother"] is not None
        ]
        said = [
            (on, status)
            for on, one in activities
            if (status := smoking_of(one, self.codes, delivery=True)) is not None
        ]
        days = {one[item] for one in labours for item in ("LabourOnsetDate", "CaesareanDate")}
        return smoking_about(days - {None}, said, "Unknown")

    # --- blood and tears

    def lost(self, over: Window, least: float, codes: str) -> set[str]:
        """Labours of which such a loss was recorded in the window and sent in it."""
        return {
            row["LabourDeliveryID"]
            for row in self.rows("MSD302", over.months)
            if over.has(row["ClinInterDateMother"])
            and (loss := observed(row, self.codes[codes], "03")) is not None
            and loss >= least
        }

    def incidents(self) -> set[str]:
        """Labours with a critical incident in any month there is."""
        return {
            row["LabourDeliveryID"]
            for row in self.rows("MSD302", self.sent)
            if critical_incident(row, self.codes)
        }

    def torn(self, one: Birth) -> bool:
        return any(severe_tear(row, self.codes) for row in one.beside)

    # --- counting

    def counts(self) -> dict[str, Counted]:
        """Numerator and denominator of every indicator."""
        return {
            **self._smoking(),
            **self._bleeding(),
            **self._month(),
            **self._three_months(),
            **self._bookings(),
            **self._of_groups(),
            **self._rates(),
        }

    def _smoking(self) -> dict[str, Counted]:
        month, before = window(self.reporting, 0, 0), window(self.reporting, -1, -1)
        booked = [(row, self.smoking_at_booking(row)) for row in self.booked(month)]
        women = {row["LPIDMother"] for row, _ in booked} - {None}
        status = {
            name: {row["LPIDMother"] for row, said in booked if said == name} - {None}
            for name in (*KNOWN, "Unknown")
        }
        known = status["Smoker"] | status["Non-Smoker"]
        births = [
            (one, self.smoking_at_delivery(one.labour))
            for one in self.mothers(before)
            if is_outcome(one)
        ]
        delivered = people(births, lambda one: True)
        delivered_known = people(births, lambda one: one[1] in KNOWN)
        delivered_smoker = people(births, lambda one: one[1] == "Smoker")
        at_delivery = (len(delivered_smoker), len(delivered_known))
        return {
            "CQIMDQ02": (len(delivered), self.expected(before)),
            "CQIMDQ03": (len(women), self.expected(month)),
            "CQIMDQ04": (len(known), len(women)),
            "CQIMDQ05": (len(status["Smoker"]), len(known)),
            "CQIMDQ06": (len(delivered_known), len(delivered)),
            "CQIMDQ07": at_delivery,
            "CQIMSmokingDelivery": at_delivery,
            "CQIMSmokingBooking": (len(status["Smoker"]), len(known | status["Unknown"])),
        }

    def _bleeding(self) -> dict[str, Counted]:
        three, six = window(self.reporting, -3, -1), window(self.reporting, -6, -1)
        births = [one for one in self.mothers(three) if is_outcome(one)]
        incidents = self.incidents()

        def with_loss(least: float, codes: str, also: set[str]) -> int:
            labours = self.lost(three, least, codes) | also
            return len(people(births, lambda one: one.labour["LabourDeliveryID"] in labours))

        total = len(people(births, lambda one: True))
        dated = [
            row for row in self.rows("MSD302", six.months) if six.has(row["ClinInterDateMother"])
        ]
        blood = any(
            row["ObsScheme"] == "03" and row["ObsCode"] in self.codes["blood-loss"] for row in dated
        )
        tears = any(severe_tear(row, self.codes) for row in dated)
        return {
            "CQIMDQ10": (total, self.expected(three)),
            "CQIMDQ11": (with_loss(500, "blood-loss", incidents), total),
            "CQIMDQ12": (with_loss(1500, "blood-loss", incidents), total),
            "CQIMDQ13": (int(blood), 1),
            "CQIMDQ21": (int(tears), 1),
            "CQIMPPH": (with_loss(1500, "blood-loss-of-rate", set()), total),
        }

    def _month(self) -> dict[str, Counted]:
        month = window(self.reporting, 0, 0)
        babies = self.babies(month)
        mothers = people(self.mothers(month), lambda one: True)
        fed = ("01", "02", "03")
        return {
            "CQIMDQ08": ratio(babies, lambda one: True, lambda one: feed(one) in fed),
            "CQIMDQ09": (len(mothers), self.expected(month)),
            "CQIMDQ22": ratio(babies, is_single, gestation(154, 315)),
            "CQIMDQ23": ratio(babies, is_single, gestation(259, 315)),
            "CQIMDQ25": ratio(babies, lambda one: True, presents),
            "CQIMDQ29": ratio(babies, is_single, method("0123456789")),
            "CQIMBreastfeeding": ratio(
                babies, lambda one: feed(one) in fed, lambda one: feed(one) in ("01", "02")
            ),
            "CQIMPreterm": ratio(
                babies,
                both(is_single, gestation(154, 315), lambda one: one.baby["PregOutcome"] == "01"),
                gestation(154, 258),
            ),
        }

    def _three_months(self) -> dict[str, Counted]:
        three = window(self.reporting, -2, 0)
        babies, births = self.babies(three), self.mothers(three)
        term = gestation(259, 315)
        low = both(is_single, is_outcome, term)
        apgar = ratio(
            babies,
            both(low, lambda one: any(0 <= score <= 10 for score in one.apgars)),
            lambda one: any(0 <= score <= 6 for score in one.apgars),
        )
        tears = both(low, method("01234"))
        return {
            "CQIMDQ14": (
                len(people(births, is_outcome)),
                self.expected(three),
            ),
            "CQIMDQ15": ratio(babies, is_single, gestation(154, 315)),
            "CQIMDQ16": ratio(babies, both(is_single, gestation(154, 315)), term),
            "CQIMDQ18": ratio(babies, both(is_single, method("0123456789")), method("01234")),
            "CQIMDQ20": ratio(babies, tears, self.torn),
            "CQIMTears": ratio(births, tears, self.torn),
            "CQIMDQ24": (apgar[1], ratio(babies, low, low)[1]),
            "CQIMApgar": apgar,
            "CQIMDQ26": ratio(babies, is_single, method("0123456789")),
            "CQIMDQ30": (len(people(births, lambda one: True)), self.expected(three)),
            "CQIMDQ31": ratio(babies, lambda one: True, gestation(141, 315)),
            "CQIMDQ32": ratio(babies, gestation(141, 315), term),
            "CQIMDQ33": ratio(babies, lambda one: True, method("0123456789")),
            "CQIMDQ34": ratio(babies, method("0123456789"), method("01234")),
            "CQIMDQ38": ratio(babies, lambda one: True, presents),
        }

    def _bookings(self) -> dict[str, Counted]:
        booked = self.booked(window(self.reporting, -2, 0))
        women = {row["LPIDMother"] for row in booked} - {None}
        told = {row["LPIDMother"] for row in booked if within(row, 20)} - {None}
        none = {row["LPIDMother"] for row in booked if within(row, 0)} - {None}
        return {"CQIMDQ27": (len(told), len(women)), "CQIMDQ28": (len(none), len(told))}

    def _of_groups(self) -> dict[str, Counted]:
        births = self.mothers(window(self.reporting, -2, 0))
        anyone: Condition = lambda one: True  # noqa: E731
        return {
            "CQIMDQ36": ratio(births, anyone, lambda one: counts_within(one.booking, 20)),
            "CQIMDQ37": ratio(
                births,
                lambda one: counts_within(one.booking, 20),
                lambda one: counts_within(one.booking, 0),
            ),
            "CQIMDQ39": ratio(births, anyone, onset("12345")),
        }

    def _rates(self) -> dict[str, Counted]:
        three = window(self.reporting, -2, 0)
        births = self.mothers(three)
        once = {
            row["PregnancyID"]
            for row in self.rows("MSD101", three.months)
            if 1 in (row["PreviousLiveBirths"], row["PreviousStillBirths"])
            and row["PreviousCaesareanSections"] == 1
        }
        term, caesarean = gestation(259, 315), method("78")
        head: Condition = lambda one: one.baby["FetusPresentation"] == "01"  # noqa: E731
        first = both(head, term, lambda one: counts_within(one.booking, 0))
        return {
            "CQIMVBAC": ratio(
                births,
                both(
                    is_single,
                    term,
                    method("0123456789"),
                    lambda one: one.labour["PregnancyID"] in once,
                ),
                method("01234"),
            ),
            "CQIMRobson01": ratio(births, both(first, onset("1"), laboured), caesarean),
            "CQIMRobson02": ratio(births, both(first, not_by_itself), caesarean),
            "CQIMRobson05": ratio(
                births,
                both(
                    head, term, lambda one: one.booking["PreviousCaesareanSections"] in range(1, 21)
                ),
                caesarean,
            ),
        }


# --- conditions ---------------------------------------------------------------------------


def matching(rows: Iterable[Row], item: str, wanted: object) -> list[Row]:
    """The rows that have a value in an item; nothing matches a blank."""
    return [] if wanted is None else [row for row in rows if row[item] == wanted]


def person(one: Any) -> str | None:
    """The mother where the booking is known, else the baby."""
    birth: Birth = one[0] if isinstance(one, tuple) else one
    return birth.booking["LPIDMother"] if birth.booking else birth.baby["LPIDBaby"]


def people(births: Iterable[Any], condition: Condition) -> set[str]:
    return {id for one in births if condition(one) and (id := person(one)) is not None}


def ratio(births: Iterable[Birth], applies: Condition, passes: Condition) -> Counted:
    births = list(births)
    return len(people(births, both(applies, passes))), len(people(births, applies))


def both(*conditions: Condition) -> Condition:
    return lambda one: all(condition(one) for condition in conditions)


def is_single(one: Birth) -> bool:
    return one.births == 1


def is_outcome(one: Birth) -> bool:
    return one.baby["PregOutcome"] in ("01", "02", "03", "04")


def gestation(least: int, most: int) -> Condition:
    return lambda one: (
        one.baby["GestationLengthBirth"] is not None
        and least <= one.baby["GestationLengthBirth"] <= most
    )


def method(codes: str) -> Condition:
    return lambda one: one.baby["DeliveryMethodCode"] in tuple(codes)


def onset(codes: str) -> Condition:
    return lambda one: one.labour["LabourOnsetMethod"] in tuple(codes)


def feed(one: Birth) -> str | None:
    code: str | None = one.baby["BabyFirstFeedIndCode"]
    return code


def presents(one: Birth) -> bool:
    return one.baby["FetusPresentation"] in ("01", "02", "03", "04", "XX")


def laboured(one: Birth) -> bool:
    """Labour began, and not after or on the day of a caesarean."""
    began, caesarean = one.labour["LabourOnsetDate"], one.labour["CaesareanDate"]
    return began is not None and (caesarean is None or caesarean > began)


def not_by_itself(one: Birth) -> bool:
    if onset("2345")(one):
        return True
    return one.labour["CaesareanDate"] is not None and one.labour["LabourOnsetDate"] is None


def within(booking: Row, most: int) -> bool:
    """Both counts of earlier births are told and not above this."""
    told = (booking["PreviousLiveBirths"], booking["PreviousStillBirths"])
    return all(one is not None and 0 <= one <= most for one in told)


def counts_within(booking: Row, most: int) -> bool:
    """Of the three counts one is told at least, and none told is above this."""
    items = ("PreviousLiveBirths", "PreviousStillBirths", "PreviousCaesareanSections")
    told = [booking[item] for item in items if booking[item] is not None]
    return bool(told) and all(0 <= one <= most for one in told)
