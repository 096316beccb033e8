"""The Data Quality Maturity Index (DQMI) over the data items of MSDS, of one month.

Source: NHS England, Data Quality Maturity Index: methodology, and appendix 1 (the data items). That
default and other codes are valid and complete is as the sister data sets count them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from msds_audit.disclosure import rounded
from msds_audit.lines import line_of
from msds_audit.maturity import TOTAL, Bounds, DqmiItem, ItemScore, MaturityIndex
from msds_audit.rule import Criterion, Rules, Scheme
from msds_audit.scorecard import CriterionResult, ItemTally, Outcome

FEWEST_RECORDS = 25
"""An item with fewer records is left out of the index."""

COVERAGE = Decimal(1)
"""Of one month: what there is of it was sent."""

NONE, ALL = Decimal(0), Decimal(1)


# --- the formula --------------------------------------------------------------------------


def item_score(
    valid_and_complete: int, defaults: int, records: int, threshold: Decimal | None = None
) -> Bounds:
    """The score of one item, as a fraction: valid and complete records less defaults in excess.

    Defaults are in excess beyond the threshold, a fraction of the records. Where none is published
    the score lies between that of 0 (every default counts as invalid) and of 1 (as valid).

    Raises ValueError without records.
    """
    if records <= 0:
        raise ValueError("an item without records has no score")
    low, high = (NONE, ALL) if threshold is None else (threshold, threshold)
    return Bounds(
        _score(valid_and_complete, defaults, records, low),
        _score(valid_and_complete, defaults, records, high),
    )


def _score(valid_and_complete: int, defaults: int, records: int, threshold: Decimal) -> Decimal:
    excess = max(Decimal(0), defaults - threshold * records)
    return (valid_and_complete - excess) / Decimal(records)


def index_of(scores: Sequence[Decimal], coverages: Sequence[Decimal]) -> Decimal:
    """The index, from 0 to 100: the mean score times the mean coverage, both of fractions.

    Raises ValueError without a score or without a coverage.
    """
    if not scores or not coverages:
        raise ValueError("there is no index of nothing")
    return _mean(scores) * _mean(coverages) * 100


def _mean(numbers: Sequence[Decimal]) -> Decimal:
    return sum(numbers, Decimal(0)) / len(numbers)


# --- of a submission ----------------------------------------------------------------------


def maturity(items: Iterable[ItemTally], declared: Mapping[str, DqmiItem]) -> MaturityIndex:
    """The index of one submission; items that were not sent, or hardly, are left out of it."""
    tallies = {tally.uid: tally for tally in items}
    return _index([_item(one, tallies.get(one.uid)) for one in declared.values()])


def _index(items: Sequence[ItemScore]) -> MaturityIndex:
    scores = [one.score for one in items if one.score is not None]
    if not scores:
        return MaturityIndex(tuple(items), None)
    coverages = [COVERAGE] * len(scores)
    low = index_of([score.low for score in scores], coverages)
    high = index_of([score.high for score in scores], coverages)
    return MaturityIndex(tuple(items), Bounds(low, high))


def _item(declared: DqmiItem, tally: ItemTally | None) -> ItemScore:
    if tally is None or tally.reason:
        why = tally.reason if tally is not None else "not counted"
        return ItemScore(declared.uid, threshold=declared.threshold, reason=why)
    return _scored(
        ItemScore(
            declared.uid,
            valid_and_complete=tally.valid + tally.other + tally.default,
            defaults=tally.default,
            records=tally.rows,
            threshold=declared.threshold,
            reason=f"fewer than {FEWEST_RECORDS} records" if tally.rows < FEWEST_RECORDS else "",
        )
    )


def _scored(one: ItemScore) -> ItemScore:
    """An item with its score, unless something stands in the way."""
    if one.reason:
        return one
    score = item_score(one.valid_and_complete, one.defaults, one.records, one.threshold)
    return replace(one, score=score)


def rounded_maturity(found: MaturityIndex) -> MaturityIndex:
    """The index of counts that are rounded as published; which items are left out stays."""
    return _index(
        [
            _scored(
                replace(
                    one,
                    valid_and_complete=rounded(one.valid_and_complete),
                    defaults=rounded(one.defaults),
                    records=rounded(one.records),
                )
            )
            for one in found.items
        ]
    )


# --- in words -----------------------------------------------------------------------------


def in_words(bounds: Bounds) -> str:
    """A score of 0 to 100 with one decimal place: `97.1`, or `97.1 to 99.0` where it is open."""
    low, high = (
        f"{number.quantize(Decimal('0.1'), ROUND_HALF_UP)}" for number in (bounds.low, bounds.high)
    )
    return low if low == high else f"{low} to {high}"


def dqmi_note(found: MaturityIndex, name: str) -> str:
    """The index for its total; for the identifier of an item how that scores, if not as counted."""
    if name == TOTAL:
        return _index_note(found)
    return next(_item_note(one) for one in found.items if one.uid == name)


def _item_note(one: ItemScore) -> str:
    """How an item scores, where that is not its share of valid and complete records."""
    if one.score is None or one.score.low == Decimal(one.valid_and_complete) / one.records:
        return ""
    said = f"Scores {in_words(Bounds(one.score.low * 100, one.score.high * 100))} of 100"
    if one.threshold is None:
        return f"{said}: how many default codes may be sent is not published."
    return f"{said}: more default codes than may be sent."


def _index_note(found: MaturityIndex) -> str:
    if found.index is None:
        return ""
    number = sum(one.score is not None for one in found.items)
    return (
        f"{in_words(found.index)} of 100, over {number} of {len(found.items)} items and this month "
        "alone."
    )


# --- lines of a scheme --------------------------------------------------------------------


def asks_for_maturity(schemes: Iterable[Scheme]) -> bool:
    """Whether any line of some schemes is about the index."""
    return any(one.dqmi for scheme in schemes for one in scheme.criteria)


def dqmi_line(
    scheme: Scheme, criterion: Criterion, found: MaturityIndex, rules: Rules
) -> CriterionResult:
    """One line of a scheme about an item of the index, or about the index itself."""
    if criterion.dqmi == TOTAL:
        reason = "" if found.index else f"no item has {FEWEST_RECORDS} records"
        outcome = Outcome.NOT_ASSESSED if reason else Outcome.INFORMATION
        return _line(scheme, criterion, outcome, found, reason=reason)
    [item] = [one for one in found.items if one.uid == criterion.dqmi]
    verified = rules.dqmi[item.uid].verified
    outcome = _outcome(item)
    return _line(
        scheme, criterion, outcome, found, reason=item.reason, item=item, verified=verified
    )


def _outcome(item: ItemScore) -> Outcome:
    if item.score is not None:
        return Outcome.INFORMATION
    return Outcome.NOT_APPLICABLE if item.was_sent else Outcome.NOT_ASSESSED


def _line(
    scheme: Scheme,
    criterion: Criterion,
    outcome: Outcome,
    found: MaturityIndex,
    *,
    reason: str,
    item: ItemScore | None = None,
    verified: bool = True,
) -> CriterionResult:
    counted = item if item is not None and item.was_sent else None
    return replace(
        line_of(scheme, criterion, outcome),
        numerator=counted.valid_and_complete if counted is not None else None,
        denominator=counted.records if counted is not None else None,
        unit="records" if item is not None else "",
        verified=criterion.verified and verified,
        reason=reason,
        note=dqmi_note(found, criterion.dqmi),
        dqmi=criterion.dqmi,
    )
