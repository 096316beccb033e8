"""Who keeps national indicators from passing, and what is to be put right in their records.

It goes by the rows that NHS England counts, of every month that an indicator reads. Only what is
recorded of somebody can be put right here: records that are missing altogether, rates that are
too high and shares that look odd cannot, and that is told. What it gains is left to
`national_gaining`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from msds_audit.bases import BABY, BOOKING, CONTACT, LABOUR, Base, base_table
from msds_audit.extract import Period
from msds_audit.failing import targets
from msds_audit.failing_rows import places_failing
from msds_audit.history import SENT
from msds_audit.national import passes
from msds_audit.national_rows import NationalRows
from msds_audit.predicates import needs
from msds_audit.records import Failure, Place, Problem, Records, Slot
from msds_audit.rule import Against, Criterion, Family, Indicator, Rules, headed
from msds_audit.scorecard import IndicatorResult

_RECORDS: Mapping[Base, tuple[str, str]] = {
    Base.BOOKINGS: (BOOKING, "PregnancyID"),
    Base.BIRTHS: (BABY, "LPIDBaby"),
    Base.PREGNANCIES: (BOOKING, "PregnancyID"),
    Base.EARLIER_PREGNANCIES: (BOOKING, "PregnancyID"),
    Base.EARLIER_CONTACTS: (CONTACT, "CareConID"),
}
"""The record that a row of a base is about, and the item by which it is found."""

_BESIDE_A_BIRTH = {LABOUR: "LabourDeliveryID", BOOKING: "PregnancyID"}
"""The items by which the records are found that stand beside a birth."""


@dataclass(frozen=True)
class NationalGoal:
    """A measure that NHS England would not pass, with everybody who fails it.

    `criteria` ask for it or for a rate that it withholds; of these the rates are `withheld`.
    `everybody` it counts has a record that it is about.
    """

    indicator: Indicator
    criteria: tuple[Criterion, ...]
    withheld: tuple[str, ...]
    people: Mapping[str, Failure]
    everybody: Mapping[str, Place]

    @property
    def correctable(self) -> list[str]:
        """Those of whom something is to be put right."""
        return [who for who, failure in self.people.items() if not failure.declined]

    @property
    def title(self) -> str:
        """Its title under the heading of the first criterion, with its id where none has that."""
        own = self.indicator
        is_named = any(one.id == own.id for one in self.criteria)
        named = own.title if is_named else f"{own.id}, {own.title}"
        return headed(self.criteria[0].section, named)

    def asked(self) -> Iterator[tuple[str, Place]]:
        """Everybody it is asked of, with the record that it is about."""
        yield from self.everybody.items()

    def slots(self, people: Iterable[str]) -> set[Slot]:
        """What is to be put right for these."""
        return {problem.slot for who in people for problem in self.people[who].problems}


class NationalGoals:
    """Finds who keeps indicators from passing, in every month of one provider."""

    def __init__(
        self,
        asked: Sequence[Criterion],
        records: Mapping[Period, Records],
        reporting: Period,
        rules: Rules,
        results: Mapping[str, IndicatorResult],
    ) -> None:
        self.asked = asked
        self._records = records
        self._history = {month: one.submission for month, one in records.items()}
        self._reporting = reporting
        self.rules = rules
        self.results = results
        self._rows: dict[tuple[str, str], NationalRows] = {}
        self._odd: dict[tuple[Period, str, str], frozenset[int]] = {}

    @cached_property
    def goals(self) -> list[NationalGoal]:
        """The measures that can be put right record by record, of those that are not passed."""
        return [
            self._goal(id, criteria)
            for id, criteria in self.failing().items()
            if self.is_mended_by_records(id)
        ]

    def others(self) -> Iterator[str]:
        """What is not passed or could not be assessed, and is nothing to put right, in words."""
        for id in self.failing():
            if not self.is_mended_by_records(id):
                own = self.rules.indicators[id]
                yield f"{id}, {own.title}: not by correcting records of this list. {own.fix}"
        for goal in self.goals:
            if not goal.correctable:
                own = goal.indicator
                nobody = "nobody can be put right" if goal.everybody else "nobody counts for it"
                yield f"{own.id}, {own.title}: {nobody}. {own.fix}"
        reasons: dict[str, dict[str, None]] = {}
        for one in self.asked:
            for reason in self._open(one):
                reasons.setdefault(reason, {})[one.id] = None
        for reason, ids in reasons.items():
            yield f"Not assessed: {', '.join(ids)}: {reason}."

    def _open(self, criterion: Criterion) -> Iterator[str]:
        """Why it cannot be told whether a criterion is met, where that is so."""
        result = self.results.get(criterion.subject)
        if not self.results and (criterion.cqims or criterion.subject in self.rules.indicators):
            yield "national figures were not counted"
        if result is None or result.indicator.undefined or result.withheld_by:
            return
        for one in (result, *(self.results[id] for id in result.undecided_by)):
            if one.reason:
                yield one.reason

    # --- which measures

    def failing(self) -> dict[str, list[Criterion]]:
        """The measures that fail, with the criteria that ask for them or are withheld by them."""
        found: dict[str, list[Criterion]] = {}
        for one in self.asked:
            for id in self._against(one):
                found.setdefault(id, []).append(one)
        return found

    def _against(self, criterion: Criterion) -> list[str]:
        """The measures that keep a criterion from being met."""
        if criterion.cqims:
            rates = [one for one in self.results.values() if one.indicator.family is Family.CQIM]
            return list(dict.fromkeys(id for one in rates for id in one.withheld_by))
        result = self.results.get(criterion.subject)
        if result is None:
            return []
        if result.indicator.is_rate:
            return list(result.withheld_by)
        return [criterion.subject] if passes(result) is False else []

    def is_mended_by_records(self, id: str) -> bool:
        """Whether what is recorded of somebody can be put right, so that they pass.

        Not where records are missing, where fewer would pass, or where what applies and what
        passes is the same value: that is a share of people who are as they are.
        """
        result = self.results[id]
        own = result.indicator
        reads = {name for _, names in targets(own) for name in names}
        is_share = reads <= needs(replace(own, passes="")).columns
        of_people = own.against is Against.PEOPLE and not own.is_rate
        return of_people and not (result.is_too_high or is_share)

    # --- who fails them

    def _goal(self, id: str, criteria: Sequence[Criterion]) -> NationalGoal:
        own = self.rules.indicators[id]
        people = {}
        for who, rows in self.rows_of(own).failing(own).items():
            places = [(row, *found) for row in rows if (found := self._place(own, row))]
            problems = {one.slot: one for place in places for one in self._problems(own, *place)}
            if places:
                people[who] = Failure(tuple(problems.values()), declined=not problems)
        rates = [one.indicator.id for one in self.results.values() if id in one.withheld_by]
        return NationalGoal(own, tuple(criteria), tuple(rates), people, self._everybody(own))

    def _everybody(self, own: Indicator) -> dict[str, Place]:
        table, _ = _RECORDS[Base(own.table)]
        found = {}
        for who, row in self.rows_of(own).asked(own).items():
            place = self._place(own, row)
            if place is not None:
                month, at = place
                sent = month if month != self._reporting else None
                found[who] = Place(table, at, (table, at), sent)
        return found

    def rows_of(self, like: Indicator) -> NationalRows:
        """The rows that an indicator, and any of its base and window, is counted on."""
        key = like.table, like.window
        if key not in self._rows:
            self._rows[key] = NationalRows(like, self._history, self._reporting, self.rules)
        return self._rows[key]

    def _place(self, own: Indicator, row: Mapping[str, Any]) -> tuple[Period, int] | None:
        """Where the record stands that a row is about: in the month that sent it, or the last."""
        table, key = _RECORDS[Base(own.table)]
        months = sorted((one for one in self._records if one <= self._reporting), reverse=True)
        if SENT in row:
            months = [one for one in months if one.start == row[SENT]]
        for month in months:
            places = self._records[month].places(table, key, row[key] or "")
            if places:
                return month, places[-1]
        return None

    def _is_answer(self, month: Period, table: str, row: int, item: str) -> bool:
        """Whether a value is an answer and breaks no rule about it, as 39 days of gestation do."""
        records = self._records[month]
        if not records.is_answer(table, row, item):
            return False
        if (month, table, item) not in self._odd:
            rules = [
                one
                for one in self.rules.for_table(table)
                if one.occurs is None and not one.unique and one.damage is None
                if needs(one).only_its_table and needs(one).items == {item}
            ]
            found = places_failing(rules, records.submission, self.rules.spec) if rules else None
            places = found["places"].explode() if found is not None else ()
            self._odd[month, table, item] = frozenset(places)
        return row not in self._odd[month, table, item]

    def _problems(
        self, own: Indicator, row: Mapping[str, Any], month: Period, at: int
    ) -> Iterator[Problem]:
        """What is to be put right in the records that a row is made of; nothing where answered."""
        base, records = base_table(self.rules.spec, own.table), self._records[month]
        sent = month if month != self._reporting else None
        main, _ = _RECORDS[Base(own.table)]
        by_table: dict[str, list[str]] = {}
        for name in (name for _, names in targets(own) for name in names):
            by_table.setdefault(base.by_name[name].table, []).append(name)
        for table, names in by_table.items():
            if table == own.table:
                yield Problem(Slot(main, at, (), sent=sent), "", (main, at), None)
                continue
            key = _BESIDE_A_BIRTH.get(table, "")
            places = [at] if table == main else records.places(table, key, row[key] or "")
            for place in places[:1]:
                lacking = [one for one in names if not self._is_answer(month, table, place, one)]
                told = [word for name in lacking if (word := records.words(table, place, name))]
                slot = Slot(table, place, tuple(lacking), sent=sent)
                if lacking:
                    yield Problem(slot, "; ".join(told), (table, place), None)
