"""The stories: what each sample extract records, table by table.

It puts units, habits and breakages together; writing files is left to the package itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from msds_audit.extract import Period
from msds_audit.sample.draws import Draws, NhsNumbers
from msds_audit.sample.figures import TRUSTS, Trust, ethnic_codes, month_of, trust
from msds_audit.sample.full import complete
from msds_audit.sample.habits import HABITS
from msds_audit.sample.unit import Pregnancy, Tables, Unit
from msds_audit.spec import CodeClass, Spec

CLEAN_TRUST = "RVR"
CLEAN_BOOKINGS = 12
CLEAN_LABOURS = 28
_TWINS_EVERY = 60
_KILOGRAMS_EVERY = 40
_ORIENTATION_EVERY = {"RJ6": 3, "RVR": 2, "RAX": 12, "RJ7": 5}
_BELIEF_EVERY = {"RJ6": 2, "RVR": 4, "RAX": 7, "RJ7": 3}
_FIRST_ANSWERS = 40


def empty_tables(spec: Spec) -> Tables:
    """Every table, with nothing recorded."""
    return {table: [] for table in spec.tables}


def new_unit(spec: Spec, code: str, period: Period, *, draws: Draws, numbers: NhsNumbers) -> Unit:
    """A trust's month with only the header and the staff recorded."""
    unit = Unit(trust(code), period, draws=draws, numbers=numbers, tables=empty_tables(spec))
    unit.header()
    return unit


# --- south-west London --------------------------------------------------------------------


def south_west_london(spec: Spec, seed: int, period: Period) -> Iterator[tuple[str, Tables]]:
    """A month at each of the four trusts, by trust."""
    numbers = NhsNumbers(Draws(seed, "NHS numbers"))
    for one in TRUSTS:
        unit = new_unit(spec, one.code, period, draws=Draws(seed, one.code), numbers=numbers)
        _busy_month(unit, one, spec)
        for habit in HABITS[one.code]:
            habit.indulge(unit.tables)
        yield one.code, unit.tables


def _busy_month(unit: Unit, one: Trust, spec: Spec) -> None:
    """As many bookings and as many labours as a twelfth of the published year."""
    women = month_of(one.deliveries)
    for ethnic in unit.draws.shuffled(ethnic_codes(women, one.deliveries)):
        _booked_this_month(unit, ethnic)
    _circumstances(unit, spec, one.code)
    for number, ethnic in enumerate(
        unit.draws.shuffled(ethnic_codes(women, one.deliveries)), start=1
    ):
        born = unit.draws.day(unit.period.start, unit.period.end)
        unit.labour(
            _booked_before(unit, ethnic, born),
            born,
            babies=2 if number % _TWINS_EVERY == 0 else 1,
            in_kg=number % _KILOGRAMS_EVERY == 0,
        )


def _booked_this_month(unit: Unit, ethnic: str) -> Pregnancy:
    booked = unit.draws.day(unit.period.start, unit.period.end)
    lmp = booked - timedelta(days=unit.draws.between(45, 92))
    return unit.pregnancy(ethnic, booked=booked, lmp=lmp)


def _booked_before(unit: Unit, ethnic: str, born: date) -> Pregnancy:
    lmp = born - timedelta(days=unit.draws.between(256, 291))
    return unit.pregnancy(ethnic, booked=lmp + timedelta(days=unit.draws.between(45, 92)), lmp=lmp)


def _circumstances(unit: Unit, spec: Spec, code: str) -> None:
    """Sexual orientation and religion or belief of some of the women who booked so far."""
    bookings = unit.tables["MSD101PregnancyBooking"]
    orientations = concepts(spec, "sexual orientation")
    # Most women give the first answer of the list, so that the others stay rare.
    orientations = [orientations[0]] * _FIRST_ANSWERS + orientations[1:]
    for every, answers in (
        (_ORIENTATION_EVERY[code], orientations),
        (_BELIEF_EVERY[code], concepts(spec, "religion or belief")),
    ):
        for turn, booking in enumerate(bookings[every - 1 :: every]):
            unit.circumstance(
                booking["LPIDMother"], answers[turn % len(answers)], booking["AntenatalAppDate"]
            )


def concepts(spec: Spec, topic: str) -> list[str]:
    """The concepts that answer a question about the mother, in the order of the code list."""
    codes = spec.tables["MSD003SocPersCircumstances"].by_name["SocPerSNOMED"].codes
    assert codes is not None, "the social circumstances have a code list"
    return [c.code for c in codes.codes if c.group == topic and c.cls is CodeClass.VALID]


# --- clean and its relatives --------------------------------------------------------------


def clean_unit(spec: Spec, seed: int, period: Period) -> Unit:
    """A small month that is right in every respect, with rows in every table."""
    draws = Draws(seed, "clean")
    unit = new_unit(spec, CLEAN_TRUST, period, draws=draws, numbers=NhsNumbers(draws))
    ethnic = spec.tables["MSD001MotherDemog"].by_name["EthnicCategoryMother"].codes
    assert ethnic is not None, "the ethnic category has a code list"
    stated = ethnic.of_class(CodeClass.VALID)
    for number in range(CLEAN_BOOKINGS):
        _booked_this_month(unit, stated[number % len(stated)])
    for number in range(CLEAN_LABOURS):
        born = unit.draws.day(period.start, period.end)
        pregnancy = _booked_before(unit, stated[(CLEAN_BOOKINGS + number) % len(stated)], born)
        unit.labour(pregnancy, born, babies=1 + (number % 14 == 13), in_kg=number % 10 == 9)
    for topic in ("sexual orientation", "religion or belief"):
        chosen = concepts(spec, topic)
        for number, booking in enumerate(unit.tables["MSD101PregnancyBooking"]):
            unit.circumstance(
                booking["LPIDMother"], chosen[number % len(chosen)], booking["AntenatalAppDate"]
            )
    complete(unit)
    return unit


def header_only(spec: Spec, seed: int, period: Period) -> Tables:
    """A header and nothing else."""
    draws = Draws(seed, "clean")
    tables = new_unit(spec, CLEAN_TRUST, period, draws=draws, numbers=NhsNumbers(draws)).tables
    return {table: rows if table == "MSD000Header" else [] for table, rows in tables.items()}
