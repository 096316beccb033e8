"""The marks that spreadsheets leave in the text of a value, and the check digit of SNOMED CT."""

from __future__ import annotations

import re
from collections.abc import Callable

from msds_audit.spec import CodeClass, CodeList, Item, Kind
from plain.functions import decimal

# --- which mark an item can have ----------------------------------------------------------

_SNOMED = ("(SNOMED CT)", "(CODED CLINICAL ENTRY)", "(CLINICAL TERMINOLOGY)")
_IDENTIFIERS = ("IDENTIFIER", "SPELL NUMBER")
_NUMBERS_AND_RANGES = ("PERSON SCORE", "OBSERVATION VALUE", "FETAL ORDER", "BIRTH ORDER")


def is_snomed(item: Item) -> bool:
    """Whether an item may hold a SNOMED CT identifier."""
    return any(name in item.element for name in _SNOMED)


def mark_of(item: Item) -> str | None:
    """The one kind of damage that shows in the text of an item; None where none does."""
    form = item.format
    is_identifier = any(name in item.element for name in _IDENTIFIERS)
    if item.codes is not None and item.codes.closed:
        return "zeros" if numbers_for_codes(item.codes) else None
    if form.kind in (Kind.DATE, Kind.TIME):
        return "serial"
    if is_identifier or is_snomed(item) or form.text == "n10":
        return "scientific"
    if form.kind is Kind.INTEGER or any(name in item.element for name in _NUMBERS_AND_RANGES):
        return "date"
    return None


def numbers_for_codes(codes: CodeList) -> set[str]:
    """What codes such as 02 are once they were read as numbers, unless that is a code too."""
    permitted = {one.code for one in codes.codes if one.cls is not CodeClass.INVALID}
    return {
        str(int(code))
        for code in permitted
        if re.fullmatch("[0-9]+", code) and str(int(code)) not in permitted
    }


# --- how it shows -------------------------------------------------------------------------

_FIRST_DAY, _AFTER_THE_LAST = 10959, 65746
"""1 January 1930 and 1 January 2080 as spreadsheets count days."""

_MONTH = "(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)"
_DAY_AND_MONTH = re.compile(f"[0-9]{{1,2}}-{_MONTH}|{_MONTH}-[0-9]{{2}}", re.IGNORECASE)
_MONTH_AND_YEAR = re.compile(f"{_MONTH}-[0-9]{{4}}", re.IGNORECASE)
_DATE_AND_PERHAPS_A_TIME = (
    re.compile(f"[0-9]{{1,2}}-{_MONTH}-.*", re.IGNORECASE | re.DOTALL),
    re.compile("[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}.*", re.DOTALL),
    re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}.*", re.DOTALL),
)
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+[0-9]{2,3}")


def looking_for_marks(item: Item) -> Callable[[str | None], str | None]:
    """What tells the kind of damage that a value of an item shows, None where it shows none."""
    mark = mark_of(item)
    numbers = numbers_for_codes(item.codes) if item.codes is not None else set()
    if mark is None:
        raise KeyError(f"{item.name} has no mark")

    def shows(text: str) -> bool:
        match mark:
            case "zeros":
                return text in numbers
            case "serial":
                return _serial(item, text)
            case "scientific":
                return _SCIENTIFIC.fullmatch(text) is not None
            case _:
                return _date(item, text)

    return lambda text: mark if text is not None and shows(text) else None


def _serial(item: Item, text: str) -> bool:
    number = decimal(text)
    if number is None:
        return False
    if item.format.kind is Kind.TIME and 0 < number < 1:
        return True
    return _FIRST_DAY <= number < _AFTER_THE_LAST


def _date(item: Item, text: str) -> bool:
    """Part of a date; or a whole one where the item is too short for any, or holds digits."""
    if _DAY_AND_MONTH.fullmatch(text):
        return True
    if item.format.pattern is None and item.format.maximum >= len("7/10/26"):
        return False
    whole = (_MONTH_AND_YEAR, *_DATE_AND_PERHAPS_A_TIME)
    return any(pattern.fullmatch(text) for pattern in whole)


# --- the check digit of Verhoeff ----------------------------------------------------------

_PRODUCTS = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
"""The table of the dihedral group of the pentagon: SNOMED CT Release File Specifications, 6.4.2."""

_PERMUTED = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)
"""What a digit becomes in each place, counted from the right; after eight it begins again."""


def has_right_check_digit(text: str | None) -> bool | None:
    """Whether the check digit is right; None unless it is 6 to 18 digits, the first not 0."""
    if text is None or not re.fullmatch("[1-9][0-9]{5,17}", text):
        return None
    product = "0"
    for place, digit in enumerate(reversed(text)):
        product = _PRODUCTS[int(product)][int(_PERMUTED[place % 8][int(digit)])]
    return product == "0"
