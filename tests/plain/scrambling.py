"""Makes extracts in which much is wrong, the same ones every time.

Values change places, lose characters, go missing, or give way to things that files hold.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle

from msds_audit.spec import Item, Spec
from plain.reading import HEADER, Extract, Sheet, days_of, trimmed
from plain.values import Texts

MONTHS = ("2026-08", "2026-12", "2024-02")
NUMBERS = ("0", "00", "1", "02", "7", "99", "-1", "0.0", "3.", ".5", "3.5", "10.10", "1_000", "nan")
DATES = ("2026-08-01", "2026-08-31", "2026-08-32", "2026-02-30", "2024-02-29", "2026-09-01")
ODD_DATES = ("2026-09-08", "2025-12-31", "0999-01-01", "2026-8-1", "20260801", "07/10/2026")
TIMES = ("09:30:00", "24:00:00", "23:59:60", "12:30", "09:30:00.5", "0.4", "46237.5")
DAMAGED = ("07-Oct", "Oct-07", "Oct-2007", "7-Oct-2026", "7/10/26", "June-20", "SEPT-30", "5-mAy")
SERIALS = ("10958", "10959", "10958.9", "65745.9", "65746", "0.0001", "1.0", "-0.5")
LONG = ("46237", "4.6E4", "9.1E+10", "9E+00", "9.00e+123", "1.E+10", "+46237", "inf", "1e4")
ROUNDED = ("160543012345679000", "900007100000000000", "1605430123456790", "16054301234567900")
DIGITS = ("9991914567", "9991910000", "9991930000", *ROUNDED)
CODES = ("Y", "n", "z", "kg", "KG", "Kilograms", "364589006", "0364589006", "zz99 3vz", "ZZ99")
POSTCODES = ("sw1a 1aa", "SW1A1AA", "SW1A    1AA", "SW1A     1AA", "ZZ993VZ")
TEXTS = ("é", "é" * 20, "a" * 36, "x'y", "%", "_", "a\tb", "\u00a0", "\u3000x", "ß")
ODD = (
    *(*NUMBERS, *DATES, *ODD_DATES, *TIMES, *DAMAGED),
    *(*SERIALS, *LONG, *DIGITS, *CODES, *POSTCODES, *TEXTS),
)


def odd_in_every_item(
    extract: Extract, spec: Spec, fitting: Callable[[Item, str], bool]
) -> Extract:
    """An extract with as many rows as it takes for every item to hold every odd value.

    Only those that fit; what is left of the longer columns is as it was.
    """
    sheets = {}
    for name, sheet in extract.sheets.items():
        items = spec.tables[name].items
        odd = {item.name: [one for one in _odd_for(item) if fitting(item, one)] for item in items}
        sheets[name] = Sheet(
            sheet.headings,
            [
                {
                    item: values[place] if place < len(values) else row[item]
                    for item, values in odd.items()
                }
                for place, row in zip(range(max(map(len, odd.values()))), cycle(sheet.rows))
            ],
        )
    return replace(extract, sheets=sheets)


def _odd_for(item: Item) -> list[str]:
    """Odd values, and the item's codes as they are and as they become."""
    codes = [one.code for one in item.codes.codes] if item.codes is not None else []
    changed = [way(code) for code in codes for way in (str.lower, str.upper, _without_zeros)]
    found = [trimmed({"": one})[""] for one in (*ODD, *codes, *changed)]
    return sorted({one for one in found if one is not None})


def _without_zeros(code: str) -> str:
    return code.lstrip("0") or "0"


def scrambled(extract: Extract, seed: int) -> Extract:
    """An extract with values, rows, columns and tables changed or lost by the throw of a die."""
    dice = random.Random(seed)
    share = dice.choice((0.02, 0.1, 0.4))
    sheets = {name: _scrambled_sheet(sheet, share, dice) for name, sheet in extract.sheets.items()}
    start, end = days_of(dice.choice(MONTHS))
    for name in dice.sample(sorted(sheets.keys() - {HEADER}), dice.choice((0, 0, 0, 3))):
        del sheets[name]
    return replace(extract, start=start, end=end, sheets=sheets)


def _scrambled_sheet(sheet: Sheet, share: float, dice: random.Random) -> Sheet:
    kept = sheet.rows[: dice.choice((0, 1, 5))] if dice.random() < 0.1 else sheet.rows
    rows = [_scrambled_row(row, sheet.rows, share, dice) for row in kept]
    dice.shuffle(rows)
    lost = set(dice.sample(sorted(sheet.headings), 1)) if dice.random() < 0.1 else set()
    return Sheet(
        sheet.headings - lost,
        [{name: text for name, text in row.items() if name not in lost} for row in rows],
    )


def _scrambled_row(row: Texts, rows: list[Texts], share: float, dice: random.Random) -> Texts:
    found = dict(row)
    for name, text in row.items():
        if dice.random() < share:
            ways = (
                dice.choice(rows)[name],
                dice.choice(list(row.values())),
                dice.choice(ODD),
                None,
                _mangled(text or "", dice),
            )
            found[name] = dice.choice(ways)
    return trimmed(found)


def _mangled(text: str, dice: random.Random) -> str:
    """A value that something careless was done to."""
    ways = (
        *(text.lower(), text.upper(), text.swapcase()),
        *(text.lstrip("0"), f"0{text}", f"{text}0", f"{text}x", text[:-1], text[1:]),
        f"{text[:5]}{text[8:10]}{text[4:7]}{text[10:]}",
    )
    return dice.choice(ways)
