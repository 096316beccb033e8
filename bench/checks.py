"""The checks that are compared: what each of them is, and which rules of ours are the same.

A well-defined part of what is asked of the mother and the booking table: 26 rules of a row, two
keys, the relationship between the two tables both ways, and how often each of twelve coded items is
missing, not known or not stated. A blank value fails the checks of presence alone. It knows no
library, so that the environment of the other tools can read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MOTHER, BOOKING = "MSD001MotherDemog", "MSD101PregnancyBooking"
PERIOD_END = "2026-08-31"


class Kind(StrEnum):
    """What a check asks of an item."""

    PRESENT = "is there"
    MATCHES = "matches a pattern"
    IS_DATE = "is a date"
    NOT_AFTER = "is not after a day"
    ONE_OF = "is one of some codes"
    NONE_OF = "is none of some codes"
    WITH = "is there where another item is one of some codes"
    UNIQUE = "stands once in the table"
    EXISTS = "stands in the other table"


@dataclass(frozen=True)
class Check:
    """One check of one item.

    `among` are the pattern, the day or the codes; `other` is the other item of a condition.
    `rules` are the ids of ours whose failures together are those of the check, and `letter` the
    class of the item whose rows they are where the check counts one of VODIM.
    """

    table: str
    item: str
    kind: Kind
    among: tuple[str, ...] = ()
    other: str = ""
    rules: tuple[str, ...] = ()
    letter: str = ""

    @property
    def id(self) -> str:
        """Its name, the same in every tool."""
        return f"{self.table[:6]} {self.item} {self.letter or self.kind.name}"


def _codes(*ranges: int, more: str = "") -> tuple[str, ...]:
    return (*(f"{code:02}" for code in range(1, ranges[0] + 1)), *more.split())


@dataclass(frozen=True)
class _Coded:
    table: str
    item: str
    uid: str
    valid: tuple[str, ...]
    other: tuple[str, ...] = ()
    default: tuple[str, ...] = ()
    is_rule: bool = False


_YES_NO = ("Y", "N")
_CODED = (
    _Coded(MOTHER, "NHSNumberStatusMother", "M001050", _codes(7), is_rule=True),
    _Coded(
        MOTHER,
        "EthnicCategoryMother",
        "M001070",
        tuple("ABCDEFGHJKLMNPRS"),
        ("Z",),
        ("99",),
        is_rule=True,
    ),
    _Coded(BOOKING, "EDDMethodAgreed", "M101060", _codes(4), is_rule=True),
    _Coded(BOOKING, "DisabilityIndMother", "M101130", _YES_NO, is_rule=True),
    _Coded(BOOKING, "ComplexSocialFactorsInd", "M101160", _YES_NO, is_rule=True),
    _Coded(BOOKING, "FolicAcidSupplement", "M101240", _codes(3), ("ZZ",)),
    _Coded(BOOKING, "EmploymentStatusMother", "M101170", _codes(8), ("ZZ",)),
    _Coded(BOOKING, "EmploymentStatusPartner", "M101190", _codes(8), ("ZZ",), ("UU",)),
    _Coded(BOOKING, "SupportStatusIndMother", "M101180", _YES_NO, ("Z",)),
    _Coded(BOOKING, "MHPredictionDetectionIndMother", "M101150", _YES_NO),
    _Coded(BOOKING, "SourceRefMat", "M101070", _codes(9, more="98")),
    _Coded(BOOKING, "DischReason", "M101260", _codes(7)),
)


def _coded(one: _Coded) -> list[Check]:
    """The checks that count the classes of one item; valid are the rows that are left."""
    permitted = (*one.valid, *one.other, *one.default)
    rules = (f"{one.uid}-format", f"{one.uid}-code") if one.is_rule else ()
    found = [
        Check(one.table, one.item, Kind.ONE_OF, permitted, rules=rules, letter="I"),
        Check(one.table, one.item, Kind.PRESENT, letter="M"),
    ]
    for letter, codes in (("O", one.other), ("D", one.default)):
        if codes:
            found.append(Check(one.table, one.item, Kind.NONE_OF, codes, letter=letter))
    return found


def _row(table: str, item: str, kind: Kind, rule: str, *among: str, other: str = "") -> Check:
    return Check(table, item, kind, among, other, (rule,))


CHECKS = (
    _row(MOTHER, "LPIDMother", Kind.PRESENT, "M001901-blank"),
    _row(MOTHER, "OrgIDLPID", Kind.PRESENT, "M001010-blank"),
    _row(MOTHER, "PersonBirthDateMother", Kind.PRESENT, "M001020-blank"),
    _row(BOOKING, "PregnancyID", Kind.PRESENT, "M101902-blank"),
    _row(BOOKING, "LPIDMother", Kind.PRESENT, "M101901-blank"),
    _row(BOOKING, "OrgIDComm", Kind.PRESENT, "M101010-blank"),
    _row(BOOKING, "AntenatalAppDate", Kind.PRESENT, "M101020-blank"),
    _row(MOTHER, "LPIDMother", Kind.MATCHES, "M001901-format", "^.{1,20}$"),
    _row(MOTHER, "OrgIDLPID", Kind.MATCHES, "M001010-format", "^.{3,5}$"),
    _row(MOTHER, "OrgIDResidenceResp", Kind.MATCHES, "M001030-format", "^.{3,5}$"),
    _row(MOTHER, "NHSNumberMother", Kind.MATCHES, "M001040-format", "^[0-9]{10}$"),
    _row(MOTHER, "Postcode", Kind.MATCHES, "M001060-format", "^.{1,8}$"),
    _row(BOOKING, "OrgIDComm", Kind.MATCHES, "M101010-format", "^.{3,5}$"),
    _row(BOOKING, "PreviousCaesareanSections", Kind.MATCHES, "M101200-format", "^[0-9]{1,2}$"),
    _row(MOTHER, "PersonBirthDateMother", Kind.IS_DATE, "M001020-format"),
    _row(MOTHER, "PersonDeathDateMother", Kind.IS_DATE, "M001080-format"),
    _row(BOOKING, "AntenatalAppDate", Kind.IS_DATE, "M101020-format"),
    _row(BOOKING, "EDDAgreed", Kind.IS_DATE, "M101040-format"),
    _row(MOTHER, "PersonBirthDateMother", Kind.NOT_AFTER, "M001020-future", PERIOD_END),
    _row(BOOKING, "AntenatalAppDate", Kind.NOT_AFTER, "M101020-future", PERIOD_END),
    _row(
        MOTHER,
        "NHSNumberMother",
        Kind.WITH,
        "MSD001-03",
        "01",
        "02",
        other="NHSNumberStatusMother",
    ),
    _row(MOTHER, "LPIDMother", Kind.UNIQUE, "M001901-repeated"),
    _row(BOOKING, "PregnancyID", Kind.UNIQUE, "M101902-repeated"),
    _row(MOTHER, "LPIDMother", Kind.EXISTS, "MSD001-13", BOOKING, other="LPIDMother"),
    _row(BOOKING, "LPIDMother", Kind.EXISTS, "M101901-orphan", MOTHER, other="LPIDMother"),
    *(check for one in _CODED for check in _coded(one)),
)

OURS = frozenset(rule for check in CHECKS for rule in check.rules)
"""The rules of ours that are compared."""


def of(table: str) -> list[Check]:
    """The checks of one table."""
    return [check for check in CHECKS if check.table == table]
