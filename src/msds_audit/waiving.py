"""Sets aside what somebody waived, of scorecards that are judged: never as met, and told each time.

A waiver of a rule sets aside, beside the rule, the criteria that rest on it alone, and those about
acceptance if every rule that fails into them is waived.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from msds_audit.gates import Waiver, named_day
from msds_audit.rule import REJECTING_RECORDS, Count, Effect
from msds_audit.scorecard import CriterionResult, Outcome, RuleResult, Scorecard, Waived


def waived(cards: Sequence[Scorecard], waivers: Sequence[Waiver], today: date) -> list[Scorecard]:
    """The cards with what these waivers set aside; each says which, until when, by whom and why.

    Of a submission that was not given nothing is set aside. A waiver that sets nothing aside is
    told on the first card it may be about; one past its day, on every card where what it names
    fails, which makes the run fail.
    """
    used: set[Waiver] = set()
    found = [_Card(card, waivers, today).waived(used) for card in cards]
    for one in dict.fromkeys(waivers):
        if one not in used:
            about = [at for at, card in enumerate(found) if _about(one, card)]
            at = next((at for at in about if found[at].rows), (*about, 0)[0])
            found[at : at + 1] = [_told(card, _unused(one, today)) for card in found[at : at + 1]]
    return found


def _about(waiver: Waiver, card: Scorecard) -> bool:
    return waiver.provider in ("", card.provider)


def _told(card: Scorecard, notice: str) -> Scorecard:
    return replace(card, notices=(notice, *card.notices))


class _Card:
    """One card and the waivers that may be about it."""

    def __init__(self, card: Scorecard, waivers: Sequence[Waiver], today: date) -> None:
        self._card = card
        self._waivers = [one for one in waivers if _about(one, card) and card.rows]
        self._today = today
        self._rules = {one.rule: one for one in card.rules}

    def waived(self, used: set[Waiver]) -> Scorecard:
        """The card with what holds set aside and what does not told. Adds to those `used`."""
        rules = {id: self._rule(one) for id, one in self._rules.items()}
        results = tuple(self._result(one, rules) for one in self._card.results)
        used |= {one.waiver for one in rules.values() if one.waiver is not None}
        used |= {waiver for one in results if one.waived for waiver in one.waived.waivers}
        expired = tuple(one for one in self._waivers if self._is_expired(one) and self._bites(one))
        exceeded = [
            one for one in self._waivers if not self._is_expired(one) and self._is_exceeded(one)
        ]
        used |= {*expired, *exceeded}
        notices = (*map(_expired, expired), *map(_exceeded, exceeded), *self._card.notices)
        return replace(
            self._card,
            rules=tuple(rules.values()),
            results=results,
            expired=expired,
            notices=notices,
        )

    # --- what fails, and what a waiver is about

    def _bites(self, waiver: Waiver) -> bool:
        """Whether what it names fails on this card."""
        return any(True for _ in self._failing(waiver))

    def _failing(self, waiver: Waiver) -> Iterator[int | None]:
        """How many fail in everything that it names and that fails; None where it is not known."""
        if waiver.rule:
            rule = self._rules.get(waiver.rule)
            if rule is not None and rule.tally.failures:
                yield rule.tally.failures
            return
        for result in self._named(waiver):
            yield _failures(result)

    def _named(self, waiver: Waiver) -> Iterator[CriterionResult]:
        for result in self._card.results:
            if _names(waiver, result) and result.is_failing:
                yield result

    def _is_expired(self, waiver: Waiver) -> bool:
        return waiver.until < self._today

    def _is_exceeded(self, waiver: Waiver) -> bool:
        """Whether more fail than it is for, or what it is for could not be judged."""
        most = waiver.at_most
        failing = (one for one in self._failing(waiver) if one is not None)
        more = most is not None and any(one > most for one in failing)
        unjudged = any(result.is_unjudged for result in self._named(waiver))
        return more or (unjudged and not waiver.unjudged)

    def _holds(self, waiver: Waiver) -> bool:
        return not self._is_expired(waiver) and not self._is_exceeded(waiver)

    # --- setting aside

    def _rule(self, result: RuleResult) -> RuleResult:
        if not result.tally.failures:
            return result
        named = (one for one in self._waivers if one.rule == result.rule and self._holds(one))
        return replace(result, waiver=next(named, None))

    def _result(self, result: CriterionResult, rules: Mapping[str, RuleResult]) -> CriterionResult:
        if not result.is_failing:
            return result
        named = [one for one in self._waivers if _names(one, result) and self._holds(one)][:1]
        waivers = named or self._by_rules(result, rules)
        if not waivers:
            return result
        before = f"{result.outcome} ({result.reason})" if result.reason else str(result.outcome)
        said = "; ".join(_standing(one) for one in waivers)
        return replace(
            result,
            outcome=Outcome.WAIVED,
            reason=f"{before}; {said}",
            waived=Waived(result.outcome, tuple(waivers)),
        )

    def _by_rules(self, result: CriterionResult, rules: Mapping[str, RuleResult]) -> list[Waiver]:
        """The waivers of all rules that fail into a criterion; none where one is not waived."""
        if result.outcome is not Outcome.NOT_MET:
            return []
        subject = rules.get(result.subject)
        failing = [subject] if subject is not None else self._into(result.counts, rules)
        waivers = [one.waiver for one in failing if one.waiver is not None]
        return list(dict.fromkeys(waivers)) if len(waivers) == len(failing) else []

    def _into(self, count: Count | None, rules: Mapping[str, RuleResult]) -> list[RuleResult]:
        """The failing rules that reject what is counted, and with it all that goes with that."""
        rejected = self._card.rejected
        if count not in (Count.FILE, Count.PATIENTS, Count.RECORDS) or isinstance(rejected, str):
            return []
        effects = {Effect.REJECTS_FILE} if count is Count.FILE else set(REJECTING_RECORDS)
        if count is Count.FILE and rejected.emptied:
            effects |= set(REJECTING_RECORDS)
        tables = rejected.of_patients if count is Count.PATIENTS else None
        return [
            one
            for one in rules.values()
            if one.effect in effects
            and one.tally.failures
            and (tables is None or one.table in tables)
        ]


def _failures(result: CriterionResult) -> int | None:
    """How many fail: of a measure that counts more than it should, those that it counts."""
    if result.is_unjudged or result.numerator is None or result.denominator is None:
        return None
    if result.indicator is not None and result.indicator.is_too_high:
        return result.numerator
    return result.denominator - result.numerator


def _names(waiver: Waiver, result: CriterionResult) -> bool:
    return waiver.criterion == result.criterion and waiver.scheme in ("", result.scheme)


# --- words --------------------------------------------------------------------------------


def _standing(waiver: Waiver) -> str:
    by_rule = f"{waiver.rule} " if waiver.rule else ""
    return f"{by_rule}waived until {waiver.said}"


def _expired(waiver: Waiver) -> str:
    return (
        f"WAIVER EXPIRED on {named_day(waiver.until)}: {waiver.subject}, set aside by "
        f"{waiver.owner} ({waiver.reason}). It sets nothing aside any more."
    )


def _exceeded(waiver: Waiver) -> str:
    most = "" if waiver.at_most is None else f" where at most {waiver.at_most:,} fail"
    more = "more do, or " if most else ""
    return (
        f"WAIVER DOES NOT HOLD: {waiver.subject}, set aside by {waiver.owner}{most} "
        f"({waiver.reason}); {more}it could not be judged, which a waiver is for only with "
        "unjudged = true."
    )


def _unused(waiver: Waiver, today: date) -> str:
    expired = f" It expired on {named_day(waiver.until)}." if waiver.until < today else ""
    return (
        f"Waiver not used: {waiver.subject}, by {waiver.owner} ({waiver.reason}). Nothing that it "
        f"names fails here, or was asked for.{expired} Take it out once it is not needed."
    )
