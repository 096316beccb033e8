"""What corrections make of national measures and of the rates that they withhold.

It is counted by changing the rows that NHS England counts and counting again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from msds_audit.disclosure import rounded
from msds_audit.national import is_published
from msds_audit.national_goals import NationalGoal, NationalGoals
from msds_audit.records import Slot
from msds_audit.rule import Against, Criterion, Family, Indicator, headed
from msds_audit.scorecard import IndicatorResult
from msds_audit.verdicts import Verdict, rounded_verdict
from msds_audit.worklist import Gain, Published, Share, Touched


class NationalGains:
    """Counts what corrections make of national measures."""

    def __init__(self, goals: NationalGoals) -> None:
        self._goals = goals
        self._results = goals.results

    def of(
        self, goal: NationalGoal, worth: Callable[[Collection[Slot]], int]
    ) -> tuple[Gain, set[Slot]]:
        """What is gained, and the slots that do it: as few people as it takes.

        Args:
            goal: What to reach.
            worth: How many things some slots mend.
        """
        own, rows = goal.indicator, self._goals.rows_of(goal.indicator)
        unsure = rows.still_failing(own, goal.correctable)
        order = sorted(
            set(goal.correctable) - unsure, key=lambda who: (-worth(goal.slots([who])), who)
        )
        before = after = self._share(own.id)
        needed = max(0, min(len(order), -(self._results[own.id].margin or 0)) - 1)
        while needed < len(order) and not _passes(own, after):
            needed += 1
            corrected = rows.corrected(own, rows.identities(own, order[:needed]))
            after = rows.counted([own], corrected)[own.id]
        now = self._now(goal, order[:needed])
        published = self._published(goal, before, after, now)
        gain = Gain(
            criteria=tuple(dict.fromkeys(one.id for one in goal.criteria)),
            title=goal.title,
            unit=own.unit,
            by_record=False,
            threshold=own.limits.lower or Decimal(0),
            before=before,
            correctable=len(goal.correctable),
            needed=needed,
            after=after,
            undetermined=0,
            open_by=(),
            reason="",
            reaches=any(self._is_met(one, own.id, published) for one in goal.criteria),
            declined=len(goal.people) - len(goal.correctable),
            unsure=len(unsure),
            of_file=False,
            touched=self._touched(goal, now),
            published=published,
        )
        return gain, goal.slots(order[:needed])

    def together(
        self, gained: Sequence[tuple[Gain, set[Slot]]]
    ) -> Iterator[tuple[Gain, set[Slot]]]:
        """What is gained where so many metrics are to be published: those that take fewest first.

        Args:
            gained: What `of` made of every goal, in their order.
        """
        for criterion in self._goals.asked:
            missing = criterion.cqims - self._published_now
            if not (criterion.cqims and self._rates) or missing <= 0:
                continue
            mended = {
                goal.indicator.id: slots
                for goal, (gain, slots) in zip(self._goals.goals, gained, strict=True)
                if gain.published is not None and gain.published.passes
            }
            free = [
                set().union(*(mended[id] for id in one.withheld_by))
                for one in self._rates
                if one.withheld_by
                and not one.undecided_by
                and mended.keys() >= set(one.withheld_by)
            ]
            chosen = sorted(free, key=len)[:missing]
            slots: set[Slot] = set().union(*chosen)
            yield self._of_metrics(criterion, len(chosen), slots), slots

    def _of_metrics(self, criterion: Criterion, released: int, slots: Collection[Slot]) -> Gain:
        """What is gained where so many metrics are published besides."""
        before, in_all = self._published_now, len(self._rates)
        return Gain(
            criteria=(criterion.id,),
            title=headed(criterion.section, criterion.title),
            unit="metrics published",
            by_record=True,
            threshold=Decimal(criterion.cqims) / in_all,
            before=Share(before, in_all),
            correctable=len(slots),
            needed=len(slots),
            after=Share(before + released, in_all),
            undetermined=sum(bool(one.undecided_by) and not one.withheld_by for one in self._rates),
            open_by=(),
            reason="",
            reaches=before + released >= criterion.cqims,
            declined=0,
            unsure=0,
            of_file=False,
            touched=(),
            asks=f"{criterion.cqims} of {in_all}",
        )

    @property
    def _rates(self) -> list[IndicatorResult]:
        """The metrics of which so many are to be published."""
        return [one for one in self._results.values() if one.indicator.family is Family.CQIM]

    @property
    def _published_now(self) -> int:
        return sum(is_published(one) is True for one in self._rates)

    def _is_met(self, criterion: Criterion, id: str, published: Published) -> bool:
        """Whether a criterion is met once a measure is corrected."""
        if criterion.cqims:
            return self._published_now + len(published.releases) >= criterion.cqims
        return (
            published.passes if criterion.subject == id else criterion.subject in published.releases
        )

    def _now(self, goal: NationalGoal, people: Collection[str]) -> dict[str, Share]:
        """What is then counted of every measure on the same base, whatever its window."""
        own = goal.indicator
        identities = self._goals.rows_of(own).identities(own, people)
        alike: dict[str, list[Indicator]] = {}
        for result in self._results.values():
            one = result.indicator
            if one.table == own.table and not result.reason and one.against is Against.PEOPLE:
                alike.setdefault(one.window, []).append(one)
        found: dict[str, Share] = {}
        for some in alike.values():
            rows = self._goals.rows_of(some[0])
            found |= rows.counted(some, rows.corrected(own, identities))
        return found

    def _touched(self, goal: NationalGoal, now: Mapping[str, Share]) -> tuple[Touched, ...]:
        """Other measures that are asked for; not shares, which depend on what is answered."""
        asked = {one.subject for one in self._goals.asked} | set(self._goals.failing())
        return tuple(
            Touched((id,), self._results[id].indicator.title, self._share(id), after, "")
            for id, after in now.items()
            if id in asked and id != goal.indicator.id and self._goals.is_mended_by_records(id)
            if after != self._share(id)
        )

    def _published(
        self, goal: NationalGoal, before: Share, after: Share, now: Mapping[str, Share]
    ) -> Published:
        passed = {
            id
            for id, one in now.items()
            if self._goals.is_mended_by_records(id) and _passes(self._results[id].indicator, one)
        }
        free = [id for id in goal.withheld if set(self._results[id].withheld_by) <= passed]
        return Published(
            Share(rounded(before.numerator), rounded(before.denominator)),
            Share(rounded(after.numerator), rounded(after.denominator)),
            passes=_passes(goal.indicator, after),
            releases=tuple(id for id in free if not self._results[id].undecided_by),
            undecided=tuple(id for id in free if self._results[id].undecided_by),
            withholds=tuple(id for id in goal.withheld if id not in free),
        )

    def _share(self, id: str) -> Share:
        result = self._results[id]
        return Share(result.numerator or 0, result.denominator or 0)


def _passes(indicator: Indicator, counted: Share) -> bool:
    found = rounded_verdict(counted.numerator, counted.denominator, indicator.limits)
    return found is Verdict.PASS
