"""The rules about what a value can be, beyond its format: clinical terms, organisations, dates.

They follow from the specification, and are ordinary rules beside those of `item_rules`.
"""

from __future__ import annotations

from msds_audit.damage import has_happened, holds_snomed
from msds_audit.item_rules import item_examples, item_rule
from msds_audit.rule import Basis, Effect, Example, Expected, Row, Rule
from msds_audit.spec import Format, Item, Spec
from msds_audit.together_rules import Scheme, schemes_of

_GLOSSARY = "NHS England, technical guidance for data sets, glossary"
_ANALOGY = "effect by analogy with IAPT v2 and MHSDS v6, which run on the same pipeline"
_ORGANISATIONS = "ORGANISATION", "GENERAL MEDICAL PRACTICE CODE"
_PERIOD = "2026-08"

_SNOMED = "[01]0[0-9]$"
"""A partition of 00 or 10 before the check digit. Of 6 to 18 digits without a leading zero the
check digit can be right; of anything else it cannot."""

_PLACE = "408730004|363589002"
"""The attributes of a post-coordinated procedure that NHS England's code knows."""

_QUALIFIED = f"^[1-9][0-9]{{2,14}}[01]0[0-9]:({_PLACE})=[1-9][0-9]{{5,17}}$"
_SHAPES = {
    "ICD -10": "^[A-Z][0-9]{2}[0-9A-Z.]{1,3}$",
    "OPCS-4": "^[A-Z][0-9]{3}$",
    "Read": "^[0-9A-Za-z.]{5}([0-9A-Za-z.]{2})?$",
}
_RIGHT = {
    "ICD -10": ("O24.4", "O244"),
    "OPCS-4": ("R171",),
    "Read": ("L1808", "XE2xQ", "L180800"),
    "SNOMED": ("364589006", "900007100000000000", "999003081000000103", "100004009"),
}
_WRONG = {
    "ICD -10": ("0O24", "O2A4", "O24.444", "o244"),
    "OPCS-4": ("1711", "R17A"),
    "Read": ("L180-", "L18080"),
    "SNOMED": ("364589007", "0364589006", "364589026", "364589116", "36458900A"),
}
_QUALIFIED_RIGHT = ("236974004:363589002=118480009", "236974004:408730004=118480009")
_QUALIFIED_WRONG = ("236974004:363589003=118480009", "236974004:363589002=", "236974004:=118480009")


def shape_rules(spec: Spec) -> list[Rule]:
    """`UID-snomed`, `UID-term`, `UID-ods` and `UID-future`."""
    pairs = [pair for table in spec.tables.values() for pair in schemes_of(table)]
    coded = {pair.code.path for pair in pairs}
    rules = [_snomed(item) for item in spec.items if holds_snomed(item) and item.path not in coded]
    rules += [_term(pair) for pair in pairs]
    rules += [_ods(item) for item in spec.items if item.element.startswith(_ORGANISATIONS)]
    rules += [_future(item) for item in spec.items if has_happened(item)]
    return rules


# --- clinical terms -----------------------------------------------------------------------


def _is_snomed(item: Item) -> str:
    return f"REGEXP_LIKE({item.name}, '{_SNOMED}') AND {item.name}_verhoeff"


def _snomed(item: Item) -> Rule:
    return item_rule(
        item,
        "snomed",
        title=f"{item.element} is the identifier of a SNOMED CT concept",
        why="A number that is no identifier means nothing; its check digit shows a mistyped one.",
        fix="Choose the concept again in the maternity system; never type or cut its number.",
        applies=f"{item.name}_fits",
        passes=_is_snomed(item),
        effect=Effect.REJECTS_RECORD,
        basis=Basis.ANALOGY,
        source=f"{_GLOSSARY}: 6 to 18 digits, partition 00 or 10, check digit; {_ANALOGY}",
        examples=tuple(
            Example(_says(result), {item.name: text}, (), {}, "", result)
            for result, texts in (
                (Expected.FAIL, [text for text in _WRONG["SNOMED"] if text.isdecimal()]),
                (Expected.PASS, _RIGHT["SNOMED"]),
                (Expected.NOT_APPLICABLE, [""]),
            )
            for text in texts
        ),
    )


def _says(result: Expected) -> str:
    return {Expected.PASS: "of that shape", Expected.FAIL: "not of that shape"}.get(result, "none")


def _term(pair: Scheme) -> Rule:
    """A code has the shape of the scheme it is said to be in, whichever that is."""
    scheme, item = pair
    codes = {code: _kind(label) for code, label in _labels(scheme).items() if _kind(label)}
    if "procedure" in (scheme.codes.name if scheme.codes is not None else ""):
        snomed = f"({_is_snomed(item)} OR REGEXP_LIKE({item.name}, '{_QUALIFIED}'))"
        qualified = {True: _QUALIFIED_RIGHT, False: _QUALIFIED_WRONG}
    else:
        snomed, qualified = f"({_is_snomed(item)})", {True: (), False: ()}
    cases = [
        f"WHEN '{code}' THEN {snomed if kind == 'SNOMED' else _matches(item, _SHAPES[kind])}"
        for code, kind in codes.items()
    ]
    known = ", ".join(f"'{code}'" for code in codes)
    rows: list[tuple[Expected, Row]] = []
    for code, kind in codes.items():
        more = qualified if kind == "SNOMED" else {True: (), False: ()}
        for text in (*_WRONG[kind], *more[False]):
            rows.append((Expected.FAIL, {scheme.name: code, item.name: text}))
        for text in (*_RIGHT[kind], *more[True]):
            rows.append((Expected.PASS, {scheme.name: code, item.name: text}))
    rows.append((Expected.NOT_APPLICABLE, {scheme.name: "", item.name: "O244"}))
    return item_rule(
        item,
        "term",
        title=f"{item.name} has the shape of a code of the scheme in {scheme.name}",
        why="A code in another scheme than the one named means something else, or nothing.",
        fix="Send the scheme that the maternity system uses for this code, and the code whole.",
        applies=f"{item.name} IS NOT NULL AND {scheme.name} IN ({known})",
        passes=f"CASE {scheme.name} {' '.join(cases)} END",
        effect=Effect.COUNTS_AS_INVALID,
        basis=Basis.ADVICE,
        source=f"Our own advice; {_GLOSSARY}: ICD-10 an4 to an6, OPCS-4 an4, Read an5 or an7, "
        "SNOMED CT 6 to 18 digits with partition and check digit",
        examples=tuple(
            Example(_says(result), row, (), {}, "", result)
            for result, row in rows
            if _fits(item.format, row[item.name])
        ),
    )


def _labels(scheme: Item) -> dict[str, str]:
    return dict(scheme.codes.labels) if scheme.codes is not None else {}


def _kind(label: str) -> str:
    """Which of the shapes a scheme's label stands for; empty where its codes have none known."""
    kinds = ("ICD -10", "OPCS-4", "SNOMED")
    read = "Read" if label.startswith("Read Coded") else ""
    return next((kind for kind in kinds if label.startswith(kind)), read)


def _matches(item: Item, pattern: str) -> str:
    return f"REGEXP_LIKE({item.name}, '{pattern}')"


def _fits(form: Format, text: str) -> bool:
    return form.minimum <= len(text) <= form.maximum


# --- organisations and dates --------------------------------------------------------------


def _ods(item: Item) -> Rule:
    if "PRACTICE" in item.element.partition("(")[0]:
        shape, said = "^[A-Z][0-9]{5}$", "a letter and five digits"
        right, wrong = "G85001", "85001G"
    else:
        shape, said = "^[A-Z0-9]+$", "capital letters and digits"
        right, wrong = "RJ701"[: item.format.minimum], "rj-01"[: item.format.minimum]
    return item_rule(
        item,
        "ods",
        title=f"{item.element} can be an ODS code: {said}",
        why="A code that no organisation can have gets a warning and links to nobody.",
        fix="Look the code up in the Organisation Data Service, and send it as it stands there.",
        applies=f"{item.name} IS NOT NULL",
        passes=_matches(item, shape),
        effect=Effect.WARNING,
        basis=Basis.ANALOGY,
        source="Our own advice on the shape; that a code which is not live gets a warning is by "
        "analogy with IAPT v2, which runs on the same pipeline",
        verified=False,
        examples=item_examples(item, right, wrong),
    )


def _future(item: Item) -> Rule:
    effect = Effect.REJECTS_RECORD if item.is_mandatory else Effect.WARNING
    return item_rule(
        item,
        "future",
        title=f"{item.element} is not after the reporting period",
        why="What has not happened by the end of the period cannot be part of it.",
        fix="Correct the date, or send the record with the month it belongs to.",
        applies=f"{item.name} IS NOT NULL",
        passes=f"{item.name} <= PeriodEnd",
        effect=effect,
        basis=Basis.ANALOGY,
        source="By analogy with IAPT v2 and MHSDS v6, which run on the same pipeline",
        examples=(
            *item_examples(item, "2026-08-31", "2026-09-01", _PERIOD),
            Example("no date", {item.name: ""}, (), {}, _PERIOD, Expected.NOT_APPLICABLE),
        ),
    )
