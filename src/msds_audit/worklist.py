"""The records to correct and what correcting them gains, as plain data.

A correction holds local identifiers: it is people's data, and goes into the file that was asked
for and nowhere else. What it gains holds counts and words only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum, StrEnum

from msds_audit.extract import Period
from msds_audit.scorecard import Outcome


class Weight(IntEnum):
    """How much a correction gains, most first."""

    FILE_REJECTED = 1
    OVER_THE_LINE = 2
    REJECTED = 3
    NOT_MET = 4
    NOT_COUNTED = 5
    MET = 6
    WARNING = 7


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
    referral: str = field(default="", repr=False)
    team: str = field(default="", repr=False)
    professional: str = field(default="", repr=False)
    nhs_number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Correction:
    """One record and what is wrong with it.

    `items` are what is to be put right, and `record` is the place of the record in its table as
    it was read in the month it was `sent`, from 1; 0 where it is missing. `criteria` are what it
    counts towards, by id; `needed_for` those of them whose forecast it is part of; and `mends`
    how many things it mends, rules included.
    """

    weight: Weight
    whose: Whose
    sent: Period
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
    """What the same corrections make of other criteria that count the same.

    `title` is that of the first, without its heading; `reason` is why they are not assessed then.
    """

    criteria: tuple[str, ...]
    title: str
    before: Share
    after: Share
    reason: str


@dataclass(frozen=True, slots=True)
class Published:
    """What NHS England makes of a measure: its counts rounded, before corrections and after.

    `passes` is whether it then passes by these. Of the rates that it withholds, by id, `releases`
    are those that are then published, `undecided` those that nothing assessed withholds any more,
    and `withholds` the others.
    """

    before: Share
    after: Share
    passes: bool
    releases: tuple[str, ...]
    undecided: tuple[str, ...]
    withholds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """What corrections make of a criterion that is not met.

    `criteria` are those that ask the same of the same, `unit` is what they count, in the plural,
    and `by_record` whether records are put right, whatever is counted. `correctable` people or
    records are on the list; `needed` of them are corrected to come to `after`, which is over the
    line if `reaches`. `declined` are left out because what is recorded is an answer, `unsure` are
    on the list although it cannot be told what correcting them would make of it. Then
    `undetermined` are those of whom it stays open whether they belong, because one of the items
    `open_by` cannot be read, and `reason` is why it would not be assessed.
    `of_file` where it is about the file as a whole; `published` is set of a national measure, and
    `asks` says what is asked where that is not the threshold.
    """

    criteria: tuple[str, ...]
    title: str
    unit: str
    by_record: bool
    threshold: Decimal
    before: Share
    correctable: int
    needed: int
    after: Share
    undetermined: int
    open_by: tuple[str, ...]
    reason: str
    reaches: bool
    declined: int
    unsure: int
    of_file: bool
    touched: tuple[Touched, ...]
    published: Published | None = None
    asks: str = ""


class Where(StrEnum):
    """By what women and records are told apart, to see where something goes wrong."""

    SITE = "booking site"
    TEAM = "team"
    PROFESSIONAL = "care professional"
    WEEKDAY = "weekday of booking"
    REFERRAL = "source of referral"


class Lack(StrEnum):
    """What is wrong with what is to be put right."""

    BLANK = "blank"
    NOT_KNOWN = "not known"
    NOT_PERMITTED = "not permitted"
    NO_RECORD = "no record"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Group:
    """Those of a criterion who have one booking site, team and so on, as counts.

    `name` is a local code, a day or a national code with its label; empty where the extract does
    not say. Of those `asked`, as many lack something as `lacking` says, each counted once, and
    `left_out` are left alone because what is recorded is an answer. With `held` this is so many
    groups together, because one of them is small; their names are nowhere. It `stands_out` where
    more is lacking than chance would bring.
    """

    where: Where
    name: str = field(repr=False)
    asked: int
    lacking: Mapping[Lack, int]
    left_out: int
    held: int = 0
    stands_out: bool = False

    @property
    def to_put_right(self) -> int:
        """How many lack something."""
        return sum(self.lacking.values())


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Where those come from who are to be put right for a measure or rule.

    `criteria` are all that rest on it, and `title` and `outcome` those of the gravest. Without
    `groups` there are too few in all to tell groups apart.
    """

    criteria: tuple[str, ...]
    title: str
    unit: str
    outcome: Outcome
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """Groups that stand out, without their names: how much of what is lacking comes from them.

    `unrecorded` where one of them is those of whom it is not recorded.
    """

    criteria: tuple[str, ...]
    title: str
    where: Where
    standing_out: int
    groups: int
    from_them: int
    in_all: int
    unrecorded: bool


@dataclass(frozen=True)
class FixList:
    """The corrections of one submission, in the order that gains most, and what they gain.

    `criteria` are the titles of the criteria that corrections count towards, by id, and
    `not_listed` says in words what is not met and is not on the list. `teaching` holds counts by
    local codes, of what is asked for without a threshold too, and `telling` counts only.
    """

    provider: str
    provider_name: str
    period: Period
    corrections: tuple[Correction, ...]
    gains: tuple[Gain, ...]
    criteria: Mapping[str, str]
    not_listed: tuple[str, ...]
    teaching: tuple[Breakdown, ...]
    telling: tuple[Telling, ...]
