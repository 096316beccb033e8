"""Numbers and outcomes in the words that every rendering shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from msds_audit.gates import Change
from msds_audit.limits import as_percent
from msds_audit.rule import Basis, Effect
from msds_audit.scorecard import CriterionResult, Outcome, RuleResult, Scorecard, Unrecognised

NOT_VERIFIED = "*"
NOT_VERIFIED_NOTE = (
    "* not verified: recalled, or not published for MSDS; read the source before relying on it"
)
NOT_COLLECTED_NOTE = (
    "Not collected: MSDS v2.0 has no coded item about the mother for this; a count there is of "
    "women with a SNOMED CT concept for it in MSD003*"
)
DISCLOSURE_NOTE = (
    "Counts rounded as published: 1 to 7 as 5, others to the nearest 5; percentages are of the "
    "rounded counts, outcomes of the counts before rounding, but for national figures"
)
MISSED = "!"
SET_ASIDE = "~"
MOST_DECIMALS = 12
UNBROKEN = "\u00a0"
"""A space at which no line is broken."""


def percent(numerator: int, denominator: int, threshold: Decimal | None = None) -> str:
    """A rate as a percentage with one decimal, or with as many as it takes not to mislead.

    A rate below its threshold, or below 100 %, or above 0 %, never looks as if it were not.
    """
    rate = Decimal(numerator) * 100 / Decimal(denominator)
    limits = [Decimal(0), Decimal(100)]
    if threshold is not None:
        limits.append(threshold * 100)
    for decimals in range(1, MOST_DECIMALS + 1):
        shown = rate.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        if all((shown >= limit) == (rate >= limit) for limit in limits) and (shown == 0) == (
            rate == 0
        ):
            break
    return f"{shown} %"


def outcome(result: CriterionResult) -> str:
    """The outcome of a line, in words."""
    return str(result.outcome) if result.collected else "not collected"


def count(result: CriterionResult) -> str:
    """Numerator and denominator, `281 of 316`; empty where nothing was counted."""
    if result.numerator is None or result.denominator is None:
        return ""
    return f"{result.numerator:,} of {result.denominator:,}"


def rate(result: CriterionResult) -> str:
    """The rate of a line; empty where there is none."""
    if result.numerator is None or not result.denominator:
        return ""
    return percent(result.numerator, result.denominator, result.threshold)


def to_do(line: Sequence[CriterionResult]) -> str:
    """What to do about the first criterion of a line that is not met; empty otherwise.

    Where others break it down, the remedy is theirs: of those that can be mended, most first.
    """
    whole, *others = line
    if whole.asks:
        return whole.remedy
    if not whole.short_of or whole.threshold is None:
        return ""
    if whole.counts is not None:
        return whole.remedy
    wanted = f"{whole.short_of:,} more would reach {as_percent(whole.threshold)}"
    found = [one for one in others if one.denominator == whole.denominator and one.numerator]
    if not found:
        return f"{wanted}. {whole.remedy}"
    found.sort(key=lambda one: -(one.numerator or 0))
    mendable = sum(one.numerator or 0 for one in found if one.remedy)
    steps = [f"{one.short} {one.numerator:,}: {one.remedy}" for one in found if one.remedy]
    if mendable < whole.short_of:
        rest = ", ".join(f"{one.short} {one.numerator:,}" for one in found if not one.remedy)
        steps.append(f"That is not enough; were these asked: {rest}?")
    return f"{wanted}; {mendable:,} can be mended. {' '.join(steps)}".rstrip()


def mark(verified: bool) -> str:
    """The mark of what is not verified."""
    return "" if verified else NOT_VERIFIED


def verdict(card: Scorecard) -> str:
    """One sentence: how many criteria came out how."""
    unjudged = [one.outcome for one in card.results if one.is_unjudged]
    unassessed = unjudged.count(Outcome.NOT_ASSESSED)
    counts = [(card.count(Outcome.MET), "met"), (card.count(Outcome.NOT_MET), "not met")]
    if unassessed:
        counts.append((unassessed, "NOT ASSESSED"))
    if len(unjudged) > unassessed:
        counts.append((len(unjudged) - unassessed, "WITH NOTHING TO COUNT"))
    if card.count(Outcome.WAIVED):
        counts.append((card.count(Outcome.WAIVED), "waived"))
    if not any(number for number, _ in counts):
        told = card.count(Outcome.INFORMATION)
        return "For information: no threshold is asked" if told else "Nothing could be judged"
    said = ", ".join(f"{number:,} {words}" for number, words in counts)
    return f"{said}{_standing(card)}"


def _standing(card: Scorecard) -> str:
    """How many criteria are worse or better than in a baseline; empty without one."""
    since = [(one, one.since) for one in card.results if one.since is not None]
    if not since:
        return ""
    changes = [found.change for _, found in since]
    tolerated = sum(one.is_failing and not one.is_against for one, _ in since)
    known = f"; {tolerated:,} not met or unjudged, but no worse" if tolerated else ""
    return (
        f". Since the baseline, {since[0][1].period.name}: "
        f"{changes.count(Change.WORSE):,} worse, {changes.count(Change.BETTER):,} better{known}"
    )


def since(result: CriterionResult) -> str:
    """What a criterion was in the baseline; empty where it is neither better, worse nor failing."""
    then = result.since
    if then is None:
        return ""
    if then.change is Change.SAME:
        return f"No worse than in {then.period.name}." if result.is_failing else ""
    was = str(then.outcome)
    if then.numerator is not None and then.denominator:
        share = percent(then.numerator, then.denominator, result.threshold)
        was = f"{was}, {then.numerator:,} of {then.denominator:,}, {share}"
    return f"{str(then.change).capitalize()} than in {then.period.name}: {was}."


def grouped(card: Scorecard) -> Iterator[tuple[str, list[list[CriterionResult]]]]:
    """The lines of a card under their headings.

    Each line is a list: the criterion, followed by those that only break it down.
    """
    headings: dict[tuple[str, str], list[list[CriterionResult]]] = {}
    for result in card.results:
        lines = headings.setdefault((result.scheme, result.section), [])
        if result.short and lines and _breaks_down(result, lines[-1][0]):
            lines[-1].append(result)
        else:
            lines.append([result])
    for (scheme, section), lines in headings.items():
        title = card.schemes[scheme]
        yield (title if title.startswith(section) else section), lines


def _breaks_down(result: CriterionResult, whole: CriterionResult) -> bool:
    """Whether a line may stand under another: it has no verdict, and no reason of its own."""
    if result.outcome in (Outcome.INFORMATION, Outcome.NOT_APPLICABLE):
        return True
    return (result.outcome, result.reason) == (whole.outcome, whole.reason)


def parts(line: Sequence[CriterionResult]) -> str:
    """What breaks the first criterion of a line down; empty where nothing does."""
    whole, *others = line
    counted = [_part(one, whole) for one in others if one.outcome is Outcome.INFORMATION]
    counted += [f"{one.short}: none" for one in others if one.outcome is Outcome.NOT_APPLICABLE]
    kept = [one.replace(" ", UNBROKEN) for one in counted]
    unjudged = [
        one.short.replace(" ", UNBROKEN) for one in others if one.outcome is Outcome.NOT_ASSESSED
    ]
    if unjudged:
        kept.append(f"nor: {', '.join(unjudged)}")
    return " · ".join(kept)


def _part(result: CriterionResult, whole: CriterionResult) -> str:
    """One of them: `not known (99) 12 (3.8 %)`."""
    number = f"{result.numerator:,}"
    if result.denominator != whole.denominator:
        number = count(result)
    return f"{result.short} {number} ({rate(result)})"


def failing_rules(card: Scorecard) -> list[RuleResult]:
    """The rules that some record fails: the gravest effect first, then most records.

    What names damage to an item stands before what else is wrong with the same item, because it
    is the more likely to say why.
    """
    failing = sorted((result for result in card.rules if result.tally.failures), key=_gravity)
    explained: dict[tuple[str, str], list[RuleResult]] = {}
    for result in failing:
        if result.damage is not None:
            explained.setdefault((result.table, result.about), []).append(result)
    ordered: dict[str, RuleResult] = {}
    for result in failing:
        reasons = explained.get((result.table, result.about), ()) if result.about else ()
        for one in (*reasons, result):
            ordered.setdefault(one.rule, one)
    return list(ordered.values())


def _gravity(result: RuleResult) -> tuple[int, int, str]:
    return (list(Effect).index(result.effect), -result.tally.failures, result.rule)


EFFECTS = {
    Effect.REJECTS_FILE: "file rejected",
    Effect.REJECTS_PATIENT: "patient rejected",
    Effect.REJECTS_RECORD: "record rejected",
    Effect.WARNING: "warning",
    Effect.COUNTS_AS_INVALID: "not counted",
}


def effect(result: RuleResult) -> str:
    """What failing a rule probably does, marked where NHS England has not published it."""
    return EFFECTS[result.effect] + mark(result.basis is Basis.PUBLISHED and result.verified)


def effect_now(result: RuleResult) -> str:
    """What failing a rule probably does, or that it is waived."""
    return effect(result) if result.waiver is None else str(Outcome.WAIVED)


def set_aside(result: RuleResult) -> str:
    """Until when a rule is waived, by whom and why; empty where it is not."""
    waiver = result.waiver
    return "" if waiver is None else f"Waived until {waiver.said}"


def unjudged_rules(card: Scorecard) -> dict[str, int]:
    """Why rules were not judged, with how many rules each reason holds back."""
    reasons: dict[str, int] = {}
    for result in card.rules:
        if not result.tally.assessed:
            reasons[result.tally.reason] = reasons.get(result.tally.reason, 0) + 1
    return reasons


def guess(found: Unrecognised) -> str:
    """What a value that is not a code probably meant."""
    if not found.means:
        return (
            f"{found.kind}; nothing certain meant" if found.kind else "not recognised (shape shown)"
        )
    return f"{found.kind}: probably {' or '.join(found.means)}"


_MARKS = {Outcome.NOT_MET: MISSED, Outcome.WAIVED: SET_ASIDE}


def marks_note(cards: Sequence[Scorecard]) -> str:
    """What the marks in a comparison mean; of what is waived only where something is."""
    waived = any(card.count(Outcome.WAIVED) for card in cards)
    return f"{MISSED} not met" + (f"; {SET_ASIDE} waived: not met, and set aside" if waived else "")


def standing_columns(cards: Sequence[Scorecard]) -> dict[str, list[str]]:
    """How many criteria of each card are not met, not assessed and, where any is, waived."""
    found = {
        "Not met": [f"{card.count(Outcome.NOT_MET):,}" for card in cards],
        "Not assessed": [f"{card.unjudged:,}" for card in cards],
    }
    if any(card.count(Outcome.WAIVED) for card in cards):
        found["Waived"] = [f"{card.count(Outcome.WAIVED):,}" for card in cards]
    return found


def columns(cards: Sequence[Scorecard]) -> list[str]:
    """The short names of the criteria that trusts are compared by, those with a threshold first."""
    headed = [result for card in cards for result in card.results if result.headline]
    judged = [result.headline for result in headed if result.threshold is not None]
    return list(dict.fromkeys([*judged, *(result.headline for result in headed)]))


def cell(card: Scorecard, headline: str) -> str:
    """A trust's rate under a column of the comparison, marked where it is not met or waived."""
    for result in card.results:
        if result.headline == headline:
            mark_of = _MARKS.get(result.outcome, "")
            return f"{rate(result)} {mark_of}".rstrip() if rate(result) else outcome(result)
    return "not asked"
