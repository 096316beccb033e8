"""What spreadsheets do to values: which items it can happen to, and how it shows.

Values are looked at as they stand in the extract. Nothing is ever repaired.
"""

from __future__ import annotations

import polars as pl

from msds_audit.rule import Damage
from msds_audit.spec import Item, Kind

WORDS = {
    Damage.ZEROS: "leading zeros lost",
    Damage.SERIAL: "dates or times turned into numbers",
    Damage.SCIENTIFIC: "scientific notation",
    Damage.ROUNDED: "last digits turned into zeros",
    Damage.DATE: "numbers turned into dates",
    Damage.SWAPPED: "day and month perhaps swapped",
}
"""What the damage is, for people."""

FIRST_SERIAL, LAST_SERIAL = 10959, 65745
"""The numbers that spreadsheets keep for 1 January 1930 and 31 December 2079."""

_SCIENTIFIC = r"^[0-9](\.[0-9]+)?[Ee]\+[0-9]{2,3}$"
_SHORTEST_SCIENTIFIC = len("9E+00")
_MONTH = r"(?i:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)"
_PART_OF_A_DATE = rf"^([0-9]{{1,2}}-{_MONTH}|{_MONTH}-[0-9]{{2}})$"
_WHOLE_DATE = (
    rf"^([0-9]{{1,2}}-{_MONTH}-|{_MONTH}-[0-9]{{4}}$|[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{2}}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2})"
)
_SHORTEST_WHOLE_DATE = len("7/10/26")

_SNOMED = ("(SNOMED CT)", "(CODED CLINICAL ENTRY)", "(CLINICAL TERMINOLOGY)")
_IDENTIFIERS = ("IDENTIFIER", "SPELL NUMBER")
_SCORES = ("PERSON SCORE", "OBSERVATION VALUE")
_ORDERS = ("FETAL ORDER", "BIRTH ORDER")
_MAY_BE_LATER = (
    "ESTIMATED DATE",
    "REPLACEMENT APPOINTMENT",
    "END DATE",
    "DISCHARGE DATE",
    "DEATH DATE",
    "FIRST FEED DATE",
    "APPLICABLE DATE",
    "COMMISSIONER ASSIGNMENT",
    "PROCEDURE DATE (DATING",
    "CREATED DATE",
    "REPORTING PERIOD",
)
"""Dates that may rightly lie after the reporting period: those that are planned or end
something, and those of what can follow the event that a record is about, in an extract taken
weeks after the month (the death, the discharge, the first feed, the scan that was offered)."""


# --- which items --------------------------------------------------------------------------


def may_befall(item: Item) -> tuple[Damage, ...]:
    """What spreadsheets can do to the values of an item."""
    sign = sign_of(item)
    kinds = [] if sign is None else [sign]
    if holds_snomed(item) or item.is_nhs_number:
        kinds.append(Damage.ROUNDED)
    if has_happened(item):
        kinds.append(Damage.SWAPPED)
    return tuple(kinds)


def sign_of(item: Item) -> Damage | None:
    """The damage to an item that shows in the text of a value alone; at most one.

    Codes of a closed list lose zeros. Dates and times become numbers. Identifiers that may be
    a long number, or digits with an E among them (09E00), become scientific notation; a GP
    practice code begins with a letter and cannot. What holds a number or a range (7-10, 1/2
    for the first of two, 12/40 for weeks) becomes a date.
    """
    if item.codes is not None and item.codes.closed:
        return Damage.ZEROS if item.codes.without_zeros else None
    if item.format.kind in (Kind.DATE, Kind.TIME):
        return Damage.SERIAL
    if _is_called(item, *_IDENTIFIERS) or item.is_nhs_number or holds_snomed(item):
        return Damage.SCIENTIFIC
    if item.format.kind is Kind.INTEGER or _is_called(item, *_SCORES, *_ORDERS):
        return Damage.DATE
    return None


def holds_snomed(item: Item) -> bool:
    """Whether an item may hold a SNOMED CT identifier."""
    return _is_called(item, *_SNOMED)


def has_happened(item: Item) -> bool:
    """Whether an item is the date of something that happened by the end of the month."""
    return item.format.kind is Kind.DATE and not _is_called(item, *_MAY_BE_LATER)


def _is_called(item: Item, *names: str) -> bool:
    return any(name in item.element for name in names)


# --- how it shows -------------------------------------------------------------------------


def seen_in(item: Item) -> pl.Expr:
    """What a spreadsheet did to a value, as the name of the damage; null where nothing shows."""
    sign = sign_of(item)
    return pl.when(_shows(item, sign)).then(pl.lit(None if sign is None else str(sign)))


def _shows(item: Item, sign: Damage | None) -> pl.Expr:
    text = pl.col(item.name)
    match sign:
        case Damage.ZEROS if item.codes is not None:
            return text.is_in(list(item.codes.without_zeros))
        case Damage.SERIAL:
            return _is_serial(text, item.format.kind)
        case Damage.SCIENTIFIC:
            return text.str.contains("+", literal=True) & text.str.contains(_SCIENTIFIC)
        case Damage.DATE:
            return _is_date(text, item)
        case _:
            return pl.lit(False)


def _is_serial(text: pl.Expr, kind: Kind) -> pl.Expr:
    """A number of days, whole or not; a time may also be the fraction of a day alone."""
    number = text.cast(pl.Float64, strict=False)
    day = number.is_between(FIRST_SERIAL, LAST_SERIAL + 1, closed="left")
    return day if kind is Kind.DATE else day | number.is_between(0, 1, closed="none")


def _is_date(text: pl.Expr, item: Item) -> pl.Expr:
    """Part of a date, such as 07-Oct; or a whole one in an item that has no room for it.

    Where there is room a whole date may be what was observed.
    """
    part = text.str.contains(_PART_OF_A_DATE)
    return part if _has_room_for_a_date(item) else part | text.str.contains(_WHOLE_DATE)


def _has_room_for_a_date(item: Item) -> bool:
    return item.format.pattern is None and item.format.maximum >= _SHORTEST_WHOLE_DATE


# --- whether to look ----------------------------------------------------------------------


def hides_in(item: Item, period_end: str) -> pl.Expr | None:
    """Whether a value of the right format may be damaged; None where none ever is.

    It looks at values as rules see them, beside a column with the end of the reporting period;
    it is quick, and may be true of values that are not damaged.
    """
    seen = pl.col(item.name)
    loose = item.format.pattern is None
    signs = []
    if has_happened(item):
        signs.append(seen > pl.col(period_end))
    if item.is_nhs_number:
        signs.append(seen.str.ends_with("0000"))
    if holds_snomed(item):
        signs.append(seen.str.ends_with("0") & (seen.str.len_bytes() > 15))
    if loose and item.format.maximum >= _SHORTEST_SCIENTIFIC:
        if sign_of(item) is Damage.SCIENTIFIC:
            signs.append(seen.str.contains("+", literal=True))
        elif sign_of(item) is Damage.DATE:
            signs.append(seen.str.contains("-", literal=True))
    return pl.any_horizontal(signs) if signs else None
