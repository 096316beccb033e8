"""Makes a scorecard fit to be shared: no count on it is left as it is.

Counts of people and of their records are rounded as NHS England publishes them, in words too.
How many checks, rules, months or metrics there are is left as it is: they are nobody.
"""

from __future__ import annotations

import re
from dataclasses import replace

from msds_audit.comparison import Compared, Comparison, Followed, Movement
from msds_audit.disclosure import rounded, shared_figures
from msds_audit.dqmi import dqmi_note, rounded_maturity
from msds_audit.maturity import MaturityIndex
from msds_audit.national_lines import METRICS
from msds_audit.rejections import Gone, Rejected, Rejections
from msds_audit.rule import Count
from msds_audit.scorecard import (
    CriterionResult,
    IndicatorResult,
    ItemTally,
    RuleResult,
    Scorecard,
    Tally,
)

_NUMBER = re.compile(r"(?<![\w,.])\d+(?:,\d{3})*(?!\w|,\d)")

_ALWAYS_THE_SAME = re.compile(r" in [\d,]+ of the [\d,]+ answers in ")
_WOULD_BE_REJECTED = re.compile(r"^[\d,]+ of [\d,]+ (?:patients|records) would be rejected: ")
_OPEN_QUESTION = re.compile(r"[\d,]+ more may belong to the ")
_DAMAGE = re.compile(r"^A spreadsheet may have changed this extract: .*?\)\.")
_READ = re.compile(r"\b[\d,]+ (?:records|blank lines|blank rows|cells|formulas|rows;)")
_WITHOUT_DECILE = re.compile(r"of the [\d,]+ women in \w+, [\d,]+ have none")
_COUNTED_IN = (
    *(_ALWAYS_THE_SAME, _WOULD_BE_REJECTED, _OPEN_QUESTION, _DAMAGE, _READ),
    _WITHOUT_DECILE,
)
"""The parts of sentences that hold counts, as `scoring`, `booked` and `readers` word them."""

_OF_ONE = {
    r"\b1 value \(": "1 values (",
    r"\b1 blank line was\b": "1 blank lines were",
    r"\b1 blank row was\b": "1 blank rows were",
    r"\b1 cell holds\b": "1 cells hold",
    r"\b1 formula has\b": "1 formulas have",
    r"\b1 record of (\w+) was taken from the record around it\.": (
        r"1 records of \1 was taken from the record around them."
    ),
}
"""Sentences about one thing, which is five once it is rounded."""


def disclosed(card: Scorecard) -> Scorecard:
    """The card with every count rounded as published, so that it may be shared.

    Each count is rounded by itself, so that parts need not add up to the whole; percentages
    follow from the rounded counts. Outcomes stay those of the counts before rounding. By how many
    people a national indicator passes, and whether it would before rounding, is left out. Of the
    records that fail each rule, the first is still named and no other. Rates
    per thousand are as published. A card that is rounded already stays as it is.
    """
    if card.disclosure:
        return card
    dqmi = None if card.dqmi is None else rounded_maturity(card.dqmi)
    return replace(
        card,
        results=tuple(_criterion(result, dqmi) for result in card.results),
        acceptance={
            count: tally if count is Count.FILE else _tally(tally)
            for count, tally in card.acceptance.items()
        },
        rejected=_rejected(card.rejected),
        rules=tuple(_rule(result) for result in card.rules),
        items=tuple(_item(tally) for tally in card.items),
        unrecognised=tuple(replace(one, rows=rounded(one.rows)) for one in card.unrecognised),
        rows={table: rounded(rows) for table, rows in card.rows.items()},
        notices=tuple(shared_text(notice) for notice in card.notices),
        indicators=tuple(_indicator(one) for one in card.indicators),
        dimensions=tuple(shared_figures(card.dimensions)),
        on_dimensions=shared_remarks(card),
        disclosure=True,
        dqmi=dqmi,
        findings=None if card.findings is None else card.findings.of_each_the_first(),
    )


def shared_remarks(card: Scorecard) -> tuple[str, ...]:
    """What is said of the groups of a card, rounded as published."""
    return tuple(map(shared_text, card.on_dimensions))


def shared_text(text: str) -> str:
    """A sentence of a scorecard with the counts of people and records in it rounded."""
    for one, several in _OF_ONE.items():
        text = re.sub(one, several, text)
    for part in _COUNTED_IN:
        text = part.sub(lambda found: _NUMBER.sub(_rounded_number, found[0]), text)
    return text


def _rounded_number(found: re.Match[str]) -> str:
    return f"{rounded(int(found[0].replace(',', ''))):,}"


def _tally(tally: Tally) -> Tally:
    return replace(
        tally,
        denominator=rounded(tally.denominator),
        numerator=rounded(tally.numerator),
        undetermined=rounded(tally.undetermined),
    )


def _criterion(result: CriterionResult, dqmi: MaturityIndex | None) -> CriterionResult:
    """A line with rounded counts, unless it counts checks or metrics; and its texts."""
    told = replace(
        result,
        reason=shared_text(result.reason),
        note=dqmi_note(dqmi, result.dqmi) if dqmi and result.dqmi else shared_text(result.note),
        indicator=None if result.indicator is None else _indicator(result.indicator),
    )
    if result.counts is Count.FILE or result.unit == METRICS:
        return told
    if result.since is not None:
        since = result.since
        then = _if_any(since.numerator), _if_any(since.denominator)
        told = replace(told, since=replace(since, numerator=then[0], denominator=then[1]))
    return replace(
        told,
        numerator=_if_any(result.numerator),
        denominator=_if_any(result.denominator),
        undetermined=rounded(result.undetermined),
        shortfall=rounded(result.short_of) if result.short_of else None,
    )


def _if_any(count: int | None) -> int | None:
    return None if count is None else rounded(count)


def _indicator(one: IndicatorResult) -> IndicatorResult:
    return replace(
        one,
        numerator=one.rounded_numerator,
        denominator=one.rounded_denominator,
        result=None,
        margin=None,
    )


def _rule(result: RuleResult) -> RuleResult:
    """A rule whose failures are rounded by themselves, so that none of them is rounded away."""
    tally = result.tally
    denominator = rounded(tally.denominator)
    return replace(
        result,
        tally=replace(
            tally,
            denominator=denominator,
            numerator=denominator - rounded(tally.failures),
            undetermined=rounded(tally.undetermined),
        ),
    )


def _item(tally: ItemTally) -> ItemTally:
    return replace(
        tally,
        valid=rounded(tally.valid),
        other=rounded(tally.other),
        default=rounded(tally.default),
        invalid=rounded(tally.invalid),
        missing=rounded(tally.missing),
        total=rounded(tally.rows),
    )


def _rejected(rejected: Rejected | str) -> Rejected | str:
    if isinstance(rejected, str):
        return rejected
    return replace(
        rejected,
        patients=rounded(rejected.patients),
        patients_gone=rounded(rejected.patients_gone),
        tables=tuple(
            replace(
                table,
                rows=rounded(table.rows),
                causes=tuple(replace(one, records=rounded(one.records)) for one in table.causes),
                total=_gone(table),
            )
            for table in rejected.tables
        ),
        total=_gone(rejected),
    )


def _gone(found: Rejected | Rejections) -> Gone:
    return Gone(rounded(found.wrong), rounded(found.taken), rounded(found.gone))


# --- what moved between two cards ---------------------------------------------------------


def disclosed_comparisons(found: Compared) -> Compared:
    """The comparisons with both cards and every count of what moved rounded as published.

    What is then told to have changed is what changed once it is rounded.
    """
    return replace(found, comparisons=tuple(_comparison(one) for one in found.comparisons))


def _comparison(comparison: Comparison) -> Comparison:
    return replace(
        comparison,
        before=disclosed(comparison.before),
        now=disclosed(comparison.now),
        tables=tuple(_followed(one) for one in comparison.tables),
        records=_followed(comparison.records),
        people={key: _moved(one) for key, one in comparison.people.items()},
        rules={id: _moved(one) for id, one in comparison.rules.items()},
        findings=_moved(comparison.findings),
        was_worse=comparison.is_worse,
    )


def _moved(one: Movement) -> Movement:
    return Movement(
        fixed=rounded(one.fixed),
        unasked=rounded(one.unasked),
        gone=rounded(one.gone),
        untold_before=rounded(one.untold_before),
        persisting=rounded(one.persisting),
        new_in_old=rounded(one.new_in_old),
        new_in_added=rounded(one.new_in_added),
        untold_now=rounded(one.untold_now),
        total=(rounded(one.before), rounded(one.now)),
    )


def _followed(one: Followed) -> Followed:
    return Followed(
        one.table,
        one.key,
        same=rounded(one.same),
        changed=rounded(one.changed),
        gone=rounded(one.gone),
        untold_before=rounded(one.untold_before),
        added=rounded(one.added),
        untold_now=rounded(one.untold_now),
        total=(rounded(one.before), rounded(one.now)),
    )
