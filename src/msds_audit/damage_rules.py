"""The rules that name what a spreadsheet did to an extract, generated for each item.

They are ordinary rules beside those of `item_rules`: of the values recorded, those that
show no such damage. What shows it is known to `damage`.
"""

from __future__ import annotations

import re

from msds_audit.damage import may_befall
from msds_audit.item_rules import good_value, item_examples, item_rule
from msds_audit.rule import Basis, Damage, Effect, Rule
from msds_audit.spec import Item, Kind, Spec

AGAIN = (
    "Export the table again and do not open it in a spreadsheet, or import every column as text."
)

_LOST = f"What is lost cannot be worked out. {AGAIN}"
_DIGITS = "Microsoft Support, article 269370: 15 digits of a number are kept, the others become 0"
_CHECK_DIGIT = "SNOMED CT Release File Specifications, 6.4: the check digit is that of Verhoeff"
_NUMBERS = "Microsoft Office help, About dates and date systems: a date is kept as a number"
_READ_AS_NUMBERS = "Microsoft Office help, Keep leading zeros: digits are read as a number"
_OURS = "Our own advice"
_PERIOD = "2026-08"

_SERIAL_OF_A_DATE = "46237"
_SERIAL_OF_A_TIME = "0.40625"
_GENUINE_WITH_ZEROS, _ROUNDED = "900007100000000000", "160543012345679000"
_GENUINE_NUMBER, _ROUNDED_NUMBER = "9991930000", "9991910000"


def damage_rules(spec: Spec) -> list[Rule]:
    """For every item and damage that can befall it, a rule `UID-zeros`, `UID-serial` ..."""
    makers = {
        Damage.ZEROS: _zeros,
        Damage.SERIAL: _serial,
        Damage.SCIENTIFIC: _scientific,
        Damage.ROUNDED: _rounded,
        Damage.DATE: _date,
        Damage.SWAPPED: _swapped,
    }
    return [makers[damage](item) for item in spec.items for damage in may_befall(item)]


def _zeros(item: Item) -> Rule:
    numbers = item.codes.without_zeros if item.codes is not None else {}
    number, (code, *_) = next(iter(numbers.items()))
    return _rule(
        item,
        Damage.ZEROS,
        title=f"{item.element} has kept its leading zeros",
        why=f"A spreadsheet reads {code} as the number {number}, which is no code and not counted.",
        fix=AGAIN,
        source=f"{_READ_AS_NUMBERS}; the codes are those of the item's list",
        wrong=number,
    )


def _serial(item: Item) -> Rule:
    if item.format.kind is Kind.DATE:
        what, wrong = "date", _SERIAL_OF_A_DATE
        why = f"A spreadsheet keeps 3 August 2026 as {wrong}, the days since 1900."
    else:
        what, wrong = "time", _SERIAL_OF_A_TIME
        why = f"A spreadsheet keeps 09:45:00 as {wrong}, a part of a day."
    return _rule(
        item,
        Damage.SERIAL,
        title=f"{item.element} is not a spreadsheet's number for a {what}",
        why=why,
        fix=AGAIN,
        source=_NUMBERS,
        wrong=wrong,
    )


def _scientific(item: Item) -> Rule:
    if item.is_nhs_number:
        number, wrong = "9991914567", "9.99191E+09"
    elif item.element.startswith("ORGANISATION"):
        number, wrong = "09E00", "9.00E+00"
    else:
        number, wrong = "160543012345678017", "1.60543E+17"
    return _rule(
        item,
        Damage.SCIENTIFIC,
        title=f"{item.element} is not in scientific notation",
        why=f"A spreadsheet reads {number} as a number and shows {wrong}: it links to nothing.",
        fix=_LOST,
        source=f"{_READ_AS_NUMBERS}, shown in scientific notation where it is long",
        wrong=wrong,
    )


def _rounded(item: Item) -> Rule:
    if item.is_nhs_number:
        right, wrong = _GENUINE_NUMBER, _ROUNDED_NUMBER
        why = "Shown as 9.99191E+09 and read again, a number ends in zeros; its check digit tells."
        passes = f"NOT ENDS_WITH({item.name}, '0000') OR {item.name}_modulus11"
        source = f"{_OURS}; check digit: NHS Data Dictionary, NHS NUMBER, modulus 11"
    else:
        right, wrong = _GENUINE_WITH_ZEROS, _ROUNDED
        why = "A spreadsheet turns all digits after the 15th into zeros; the check digit tells."
        passes = f"{item.name}_verhoeff OR NOT REGEXP_LIKE({item.name}, '^[0-9]{{15}}0{{1,3}}$')"
        source = f"{_DIGITS}; {_CHECK_DIGIT}"
    return _rule(
        item,
        Damage.ROUNDED,
        title=f"{item.element} has kept its last digits",
        why=why,
        fix=_LOST,
        source=source,
        right=right,
        wrong=wrong,
        passes=f"COALESCE({passes}, TRUE)",
    )


def _date(item: Item) -> Rule:
    return _rule(
        item,
        Damage.DATE,
        title=f"{item.element} has not been turned into a date",
        why="A spreadsheet reads 7-10 as 7 October and shows 07-Oct.",
        fix=_LOST,
        source=f"{_OURS}: what looks like a day and a month is read as a date",
        wrong="07-Oct",
    )


def _swapped(item: Item) -> Rule:
    return _rule(
        item,
        Damage.SWAPPED,
        title=f"{item.element} is not after the month: day and month may have been swapped",
        why="It should have happened by then. Read the American way, 9 August becomes 8 September.",
        fix=f"Compare the date with the maternity system. {AGAIN}",
        source=f"{_OURS}: the date lies after the month, and with day and month swapped does not",
        wrong="2026-09-01",
        passes=f"COALESCE(NOT ({_lies_after_and_swapped_does_not(item)}), TRUE)",
        period=_PERIOD,
    )


def _lies_after_and_swapped_does_not(item: Item) -> str:
    """In the same year, and its day is a month that had come by then.

    That is all: its month is later than that of the period, so that its day is another number.
    In December no swapped date can be told in this way.
    """
    return (
        f"{item.name} > PeriodEnd"
        f" AND EXTRACT(YEAR FROM {item.name}) = EXTRACT(YEAR FROM PeriodEnd)"
        f" AND EXTRACT(DAY FROM {item.name}) <= EXTRACT(MONTH FROM PeriodEnd)"
    )


def _rule(
    item: Item,
    damage: Damage,
    *,
    title: str,
    why: str,
    fix: str,
    source: str,
    wrong: str,
    right: str = "",
    passes: str = "",
    period: str = "",
) -> Rule:
    """A rule of our own advice about the values recorded; unless told, one that shows in them."""
    return item_rule(
        item,
        str(damage),
        title=title,
        why=why,
        fix=fix,
        applies=f"{item.name}_vodim <> 'M'",
        passes=passes or f"{item.name}_damage IS NULL",
        effect=Effect.COUNTS_AS_INVALID if _is_invalid(item, wrong) else Effect.WARNING,
        basis=Basis.ADVICE,
        source=source,
        examples=item_examples(item, right or good_value(item), wrong, period),
        damage=damage,
    )


def _is_invalid(item: Item, wrong: str) -> bool:
    """Whether a damaged value is one the item may not hold."""
    form = item.format
    fits = form.minimum <= len(wrong) <= form.maximum
    if form.pattern is not None:
        fits = fits and re.search(form.pattern, wrong) is not None
    return not fits or (item.codes is not None and item.codes.closed)
