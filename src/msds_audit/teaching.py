"""Where what is lacking comes from: by booking site, team, professional, weekday and referral.

It counts everybody that a criterion asks for, and holds small groups back. Whose a record is is
left to `owners`, what is wrong with it to `failing`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from datetime import date
from math import exp, lgamma, log, log1p
from typing import Any, Literal, Protocol, TypeAlias

from msds_audit.asking import Asked
from msds_audit.bases import BOOKING
from msds_audit.disclosure import FEWEST_SHOWN
from msds_audit.extract import Period
from msds_audit.masking import local_code
from msds_audit.owners import Owners
from msds_audit.records import Failure, Place, Records
from msds_audit.scorecard import Outcome
from msds_audit.trying import Failing, Who
from msds_audit.worklist import Breakdown, Group, Lack, Telling, Where

FEWEST_TOGETHER = 2
"""How many groups are held back together at least: one alone would be what the others leave."""

BY_CHANCE = 0.001
"""A group stands out where so much would come by chance more seldom than this.

It is the upper of the 99.8 % limits of a funnel plot: Spiegelhalter, Funnel plots for comparing
institutional performance, Statistics in Medicine 2005; 24: 1185-1202.
"""

NAMELESS = (Where.SITE, Where.WEEKDAY, Where.REFERRAL)
"""What may be told aloud; teams and care professionals are people who work together."""

_LEFT_OUT: Literal["left out"] = "left out"
_Found: TypeAlias = Lack | Literal["left out"] | None

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LACKS = {"M": Lack.BLANK, "D": Lack.NOT_KNOWN, "I": Lack.NOT_PERMITTED}
_GRAVEST = (Outcome.NOT_MET, Outcome.NOT_ASSESSED, Outcome.MET)


class Counted(Protocol):
    """Everybody that something is asked of, and those who fail it."""

    @property
    def people(self) -> Mapping[Any, Failure]:
        """Who fails, by what tells them apart."""

    @property
    def correctable(self) -> Sized:
        """Those of them of whom something is to be put right."""

    def asked(self) -> Iterable[tuple[Any, Place]]:
        """Everybody it is asked of, with the record that it is about."""


@dataclass(frozen=True)
class Taught:
    """Criteria that rest on the same, their outcome, and everybody they are asked of."""

    criteria: tuple[str, ...]
    title: str
    unit: str
    outcome: Outcome
    counted: Counted

    @property
    def gravest_first(self) -> tuple[int, int]:
        """What is not met first, then that of which most is to be put right."""
        return _gravity(self.outcome), -len(self.counted.correctable)


def taught(asked: Sequence[Asked], failing: Mapping[str, Failing]) -> list[Taught]:
    """What there may be to teach about: criteria that rest on the same measure or rule are one.

    Args:
        asked: The criteria.
        failing: Who fails, by the id of the measure or rule.
    """
    alike: dict[str, list[Asked]] = {}
    for one in sorted(asked, key=lambda one: _gravity(one.outcome)):
        if one.subject in failing:
            alike.setdefault(one.subject, []).append(one)
    return [
        Taught(
            criteria=tuple(dict.fromkeys(one.criterion.id for one in same)),
            title=same[0].title,
            unit=same[0].unit,
            outcome=same[0].outcome,
            counted=failing[id],
        )
        for id, same in alike.items()
    ]


def where_to_teach(
    taught: Iterable[Taught],
    records: Mapping[Period, Records],
    owners: Mapping[Period, Owners],
    month: Period,
) -> tuple[Breakdown, ...]:
    """Where those come from who are to be put right: what is not met first, then most first.

    Without anybody to put right there is no breakdown.

    Args:
        taught: What there may be to teach about.
        records: The records that a month sent.
        owners: Whose they are.
        month: The month that is reported.
    """
    groups = _Groups(records, owners, month)
    some = [one for one in taught if len(one.counted.correctable)]
    return tuple(
        Breakdown(one.criteria, one.title, one.unit, one.outcome, tuple(groups.of(one.counted)))
        for one in sorted(some, key=lambda one: one.gravest_first)
    )


def _gravity(outcome: Outcome) -> int:
    return _GRAVEST.index(outcome) if outcome in _GRAVEST else len(_GRAVEST)


def most_telling(breakdowns: Iterable[Breakdown]) -> tuple[Telling, ...]:
    """Where groups stand out most by booking site, weekday or referral: one of each breakdown.

    Those are first from which most comes that would not, if they were as all together are.
    """
    found = []
    for one in breakdowns:
        told = [pair for where in NAMELESS if (pair := _telling(one, where)) is not None]
        found += sorted(told, key=lambda pair: -pair[0])[:1]
    return tuple(telling for _, telling in sorted(found, key=lambda pair: -pair[0]))


def _telling(one: Breakdown, where: Where) -> tuple[float, Telling] | None:
    groups = [group for group in one.groups if group.where is where]
    standing_out = [group for group in groups if group.stands_out]
    if not standing_out:
        return None
    in_all = sum(group.to_put_right for group in groups)
    everybody = sum(group.asked for group in groups)
    from_them = sum(group.to_put_right for group in standing_out)
    expected = in_all * sum(group.asked for group in standing_out) / everybody
    telling = Telling(
        criteria=one.criteria,
        title=one.title,
        where=where,
        standing_out=len(standing_out),
        groups=sum(group.held or 1 for group in groups),
        from_them=from_them,
        in_all=in_all,
        unrecorded=any(not group.name for group in standing_out),
    )
    return from_them - expected, telling


# --- who belongs to which group -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _From:
    """Where a record comes from: the day of its booking, and its group of every kind."""

    booked: str
    names: tuple[str, ...]


class _Groups:
    """Counts the groups of measures and rules, and looks up once whose a record is."""

    def __init__(
        self, records: Mapping[Period, Records], owners: Mapping[Period, Owners], month: Period
    ) -> None:
        self._records = records
        self._owners = owners
        self._month = month
        self._known: dict[Place, _From] = {}
        self._labels: dict[tuple[str, str], str] = {}
        self._weekdays: dict[str, str] = {}

    def of(self, counted: Counted) -> Iterator[Group]:
        """The groups that may be shown, those from which most comes first."""
        places = self._places(counted)
        if len(places) < FEWEST_SHOWN:
            return
        found = [self._lack(counted.people.get(who)) for who in places]
        for at, where in enumerate(Where):
            names = (place.names[at] for place in places.values())
            counts = Counter(zip(names, found, strict=True))
            groups: dict[str, Counter[_Found]] = {}
            for (name, one), number in counts.items():
                groups.setdefault(name, Counter())[one] = number
            yield from small_held_back([_group(where, name, one) for name, one in groups.items()])

    def _places(self, counted: Counted) -> dict[Who, _From]:
        """Everybody who is asked, with where their record comes from.

        Whoever fails is where the list has them; of several records of others, that of the last
        booking tells.
        """
        found: dict[Who, _From] = {}
        for who, failure in counted.people.items():
            for problem in failure.problems[:1]:
                found[who] = self._from(problem.place)
        known = frozenset(found)
        for who, place in counted.asked():
            if who not in known:
                one = self._from(place)
                found[who] = max(found.get(who, one), one, key=lambda each: each.booked)
        return found

    def _from(self, place: Place) -> _From:
        if place not in self._known:
            owners = self._owners[place.sent or self._month]
            whose = owners.of(place.table, place.row, place.base)
            named = {
                Where.SITE: self._labelled("OrgSiteIDBooking", whose.site),
                Where.TEAM: local_code(whose.team),
                Where.PROFESSIONAL: local_code(whose.professional),
                Where.WEEKDAY: self._weekday(whose.booked),
                Where.REFERRAL: self._labelled("SourceRefMat", whose.referral),
            }
            self._known[place] = _From(whose.booked, tuple(named[where] for where in Where))
        return self._known[place]

    def _lack(self, failure: Failure | None) -> _Found:
        """What somebody lacks; the choice not to answer, or None where all is right."""
        if failure is None:
            return None
        if failure.declined:
            return _LEFT_OUT
        lacks = set()
        for slot in (problem.slot for problem in failure.problems):
            if slot.row is None:
                lacks.add(Lack.NO_RECORD)
                continue
            records = self._records[slot.sent or self._month]
            classes = [records.cls(slot.table, slot.row, item) for item in slot.items]
            lacks |= {_LACKS[one] for one in classes if one in _LACKS}
        return next((lack for lack in Lack if lack in lacks), Lack.OTHER)

    def _labelled(self, item: str, value: str) -> str:
        """A value with what it means, where its code list says so."""
        if (item, value) not in self._labels:
            codes = self._records[self._month].item(BOOKING, item).codes
            label = codes.labels.get(value, "") if codes is not None else ""
            self._labels[item, value] = f"{value} {label}" if label else local_code(value)
        return self._labels[item, value]

    def _weekday(self, day: str) -> str:
        """The weekday of a date; empty where there is none that can be read."""
        if day not in self._weekdays:
            try:
                self._weekdays[day] = _DAYS[date.fromisoformat(day).weekday()]
            except ValueError:
                self._weekdays[day] = ""
        return self._weekdays[day]


def _group(where: Where, name: str, counts: Counter[_Found]) -> Group:
    return Group(
        where,
        name,
        asked=counts.total(),
        lacking={lack: counts[lack] for lack in Lack},
        left_out=counts[_LEFT_OUT],
    )


# --- what may be shown --------------------------------------------------------------------


def small_held_back(groups: Sequence[Group]) -> list[Group]:
    """Groups of one kind with the small ones together at the end, so that none can be told.

    Where what is held back would be one group, or small itself, the next smallest goes with it.
    The others stand in order, those from which most comes first, and it is told of each whether
    it stands out.
    """
    smallest_first = sorted(groups, key=lambda one: (one.asked, one.name))
    held = sum(one.asked < FEWEST_SHOWN for one in groups)
    while held and held < len(groups) and _tells_one(smallest_first[:held]):
        held += 1
    in_all = sum(one.to_put_right for one in groups)
    rate = in_all / sum(one.asked for one in groups)
    shown = [
        replace(one, stands_out=chance_of(one.to_put_right, one.asked, rate) < BY_CHANCE)
        for one in smallest_first[held:]
    ]
    shown.sort(key=lambda one: (-one.to_put_right, one.asked, one.name))
    return [*shown, *([_together(smallest_first[:held])] if held else [])]


def _tells_one(held: Sequence[Group]) -> bool:
    return len(held) < FEWEST_TOGETHER or sum(one.asked for one in held) < FEWEST_SHOWN


def _together(groups: Sequence[Group]) -> Group:
    return Group(
        groups[0].where,
        "",
        asked=sum(one.asked for one in groups),
        lacking={lack: sum(one.lacking[lack] for one in groups) for lack in Lack},
        left_out=sum(one.left_out for one in groups),
        held=len(groups),
    )


def chance_of(found: int, of: int, rate: float) -> float:
    """How likely so many or more of a group are, if each is so at this rate.

    It is the tail of a binomial distribution; 1 for no more than are to be expected.
    """
    if found <= of * rate:
        return 1.0
    ways = lgamma(of + 1) - lgamma(found + 1) - lgamma(of - found + 1)
    term = exp(ways + found * log(rate) + (of - found) * log1p(-rate))
    total = 0.0
    for number in range(found, of + 1):
        total += term
        term *= (of - number) / (number + 1) * rate / (1 - rate)
    return total
