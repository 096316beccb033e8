"""The records to correct and what correcting them gains, as plain data.

A correction holds local identifiers: it is people's data, and goes into the file that was asked
for and nowhere else. What it gains holds counts and words only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum

from msds_audit.extract import Period


class Weight(IntEnum):
    """How much a correction gains, most first."""

    OVER_THE_LINE = 1
    NOT_MET = 2
    REJECTED = 3
    NOT_COUNTED = 4
    MET = 5
    WARNING = 6


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose record it is, as the maternity system knows her; empty where the extract does not say.

    None of it is shown where this is printed.
    """

    mother: str = field(default="", repr=False)
    pregnancy: str = field(default="", repr=False)
    baby: str = field(default="", repr=False)
    booked: str = field(default="", repr=False)
    site: str = field(default="", repr=False)
    team: str = field(default="", repr=False)
    professional: str = field(default="", repr=False)
    nhs_number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Correction:
    """One record and what is wrong with it.

    `items` are what is to be put right, and `record` is the place of the record in its table as
    it was read, from 1; 0 where it is missing. `criteria` are what it counts towards, by id;
    `needed_for` those of them whose forecast it is part of; and `mends` how many things it mends,
    rules included.
    """

    weight: Weight
    whose: Whose
    table: str
    items: tuple[str, ...]
    record: int
    wrong: str
    to_do: str
    criteria: tuple[str, ...]
    needed_for: tuple[str, ...]
    mends: int


@dataclass(frozen=True, slots=True)
class Share:
    """A count of those that pass, and of all."""

    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Touched:
    """What the same corrections make of another criterion."""

    criterion: str
    title: str
    before: Share
    after: Share


@dataclass(frozen=True, slots=True)
class Gain:
    """What corrections make of a criterion that is not met.

    `criteria` are those that ask the same of the same. `correctable` people or records are on the
    list; `needed` of them are corrected to come to `after`, which is over the line if `reaches`.
    `declined` are left out because what is recorded is an answer, `unsure` are on the list
    although it cannot be told what correcting them would make of it. Then `undetermined` are
    those of whom it stays open whether they belong.
    """

    criteria: tuple[str, ...]
    title: str
    unit: str
    threshold: Decimal
    before: Share
    correctable: int
    needed: int
    after: Share
    undetermined: int
    reaches: bool
    declined: int
    unsure: int
    touched: tuple[Touched, ...]


@dataclass(frozen=True)
class FixList:
    """The corrections of one submission, in the order that gains most, and what they gain.

    `criteria` are the titles of the criteria that corrections count towards, by id, and
    `not_listed` says in words what is not met and is not on the list.
    """

    provider: str
    provider_name: str
    period: Period
    corrections: tuple[Correction, ...]
    gains: tuple[Gain, ...]
    criteria: Mapping[str, str]
    not_listed: tuple[str, ...]
