"""Comparisons in words that every rendering of them shares. It words; it never counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msds_audit.comparison import Change, Compared, Comparison, Movement, RuleChange, Turn
from msds_audit.extract import Period
from msds_audit.limits import as_percent
from msds_audit.reports.wording import (
    EFFECTS,
    UNBROKEN,
    count,
    grouped,
    mark,
    outcome,
    rate,
)
from msds_audit.rule import REJECTING, Count, headed
from msds_audit.scorecard import CriterionResult, Outcome, Scorecard
from msds_audit.windows import named_months

NEXT = "msds-audit fix-list NEW --out worklist.xlsx"
NEXT_GIVES = "the records that are left to correct; none is named here"
_WORDS = {
    Turn.LOST: "no longer met",
    Turn.UNTOLD: "no longer assessed",
    Turn.GAINED: "now met",
    Turn.TOLD: "now assessed",
    Turn.MOVED: "with other numbers",
    Turn.SAME: "unchanged",
}
_LOUD = (Turn.LOST, Turn.UNTOLD)


def title(one: Comparison) -> str:
    """Whose submission it is, and of which month or months."""
    if one.is_same_month:
        return f"{one.now.name}, {one.now.period.name}"
    return f"{one.now.name}, {one.before.period.name} -> {one.now.period.name}"


def alone(found: Compared) -> list[str]:
    """What is told of submissions that only one extract holds, a line for each trust."""
    sides = (
        (found.only_before, "in OLD and not in NEW"),
        (found.only_now, "in NEW and not in OLD"),
    )
    told = []
    for several, where in sides:
        months: dict[str, list[Period]] = {}
        for one in several:
            months.setdefault(f"{one.provider} {one.provider_name}".strip(), []).append(one.period)
        told += [
            f"Not compared: {trust}, {named_months(sorted(periods))}: {where}."
            for trust, periods in months.items()
        ]
    return told


# --- in short -----------------------------------------------------------------------------


def in_short(one: Comparison) -> list[tuple[str, str]]:
    """What became of criteria, findings, records and acceptance: a name and a sentence each."""
    return [
        ("Criteria", _criteria(one)),
        ("Findings", _findings(one.findings)),
        ("Rejected", _rejected(one)),
        ("Records", _records(one)),
    ]


def _criteria(one: Comparison) -> str:
    turns = [line.turn for line in _lines(one)]
    counts = [(turns.count(turn), _WORDS[turn], turn in _LOUD) for turn in Turn]
    told = [
        f"{number:,} {words.upper() if loud else words}" for number, words, loud in counts if number
    ]
    return f"{', '.join(told)}." if told else "none is asked."


def _findings(found: Movement) -> str:
    if not found.before and not found.now:
        return "none before, none now."
    return f"{found.before:,} before, {found.now:,} now: {moved(found)}."


def _records(one: Comparison) -> str:
    found = one.records
    parts = [
        (found.same, "the same"),
        (found.changed, "changed"),
        (found.gone, "no longer there"),
        (found.added, "added"),
    ]
    told = ", ".join(f"{number:,} {words}" for number, words in parts if number)
    if found.untold_before or found.untold_now:
        untold = f"{found.untold_before:,} before and {found.untold_now:,} now cannot be followed"
        told = f"{told}; {untold}" if told else untold
    return f"{found.before:,} before, {found.now:,} now: {told}."


def _rejected(one: Comparison) -> str:
    return (
        "; ".join(
            f"{words} {_gone(one.before, count)} before, {_gone(one.now, count)} now"
            for count, words in ((Count.PATIENTS, "patients"), (Count.RECORDS, "records"))
        )
        + "."
    )


def _gone(card: Scorecard, count: Count) -> str:
    """How many would be rejected: rounded by themselves where counts are."""
    tally, rejected = card.acceptance[count], card.rejected
    if not tally.assessed or isinstance(rejected, str):
        return f"NOT ASSESSED ({tally.reason})"
    if count is Count.PATIENTS:
        return f"{rejected.patients_gone:,} of {rejected.patients:,}"
    return f"{rejected.gone:,} of {rejected.rows:,}"


def moved(found: Movement, *, people: bool = False) -> str:
    """What became of those who failed, and who fails now; what is nil is left out."""
    new = found.new_in_old + found.new_in_added
    added = "not there before" if people else "in added records"
    told = [f"{found.fixed:,} fixed"] if found.fixed else []
    told += _neither(found, people)
    if new:
        of_them = f" ({found.new_in_added:,} {added})" if found.new_in_added else ""
        told.append(f"{new:,} new{of_them}")
    if found.persisting:
        told.append(f"{found.persisting:,} persist{'s' if found.persisting == 1 else ''}")
    return "; ".join(told)


def _neither(found: Movement, people: bool) -> list[str]:
    """Those that are neither fixed nor new, nor persist."""
    told = [f"{found.unasked:,} no longer asked"] if found.unasked else []
    if found.gone:
        told.append(f"{found.gone:,} {'no longer there' if people else 'gone with their records'}")
    if found.untold_before or found.untold_now:
        told.append(f"{found.untold_before:,} before and {found.untold_now:,} now cannot be told")
    return told


# --- criteria -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One criterion and what only breaks it down."""

    change: Change
    parts: tuple[Change, ...]

    @property
    def turn(self) -> Turn:
        """What became of the criterion; other numbers where only its parts have others."""
        if all(one.turn is Turn.SAME for one in self.parts):
            return self.change.turn
        return min(self.change.turn, Turn.MOVED)

    @property
    def is_same(self) -> bool:
        """Whether no number of it changed."""
        return self.turn is Turn.SAME


def whole(one: Comparison) -> list[Change]:
    """The criteria without those that only break another down."""
    return [line.change for line in _lines(one)]


def _lines(one: Comparison) -> list[Line]:
    changes = {(each.now.scheme, each.now.criterion): each for each in one.changes}
    lines = []
    for _, several in grouped(one.now):
        for line in several:
            first, *parts = (changes[result.scheme, result.criterion] for result in line)
            lines.append(Line(first, tuple(parts)))
    return lines


def changed(one: Comparison) -> list[Line]:
    """The criteria that changed, what is worse first; of other numbers, what is not met first."""
    return sorted((line for line in _lines(one) if not line.is_same), key=_first)


def _first(line: Line) -> tuple[int, bool, bool]:
    now = line.change.now
    return line.turn, now.outcome is not Outcome.NOT_MET, now.threshold is None


def unchanged(one: Comparison) -> str:
    """How many criteria did not change, and how they stand; empty where all changed."""
    same = [line.change.now for line in _lines(one) if line.is_same]
    if not same:
        return ""
    outcomes = [one.outcome for one in same]
    loud = (Outcome.NOT_MET, Outcome.NOT_ASSESSED)
    counts = [
        (outcomes.count(each), str(each).upper() if each in loud else str(each)) for each in Outcome
    ]
    told = ", ".join(f"{number:,} {words}" for number, words in counts if number)
    number = "1 criterion is" if len(same) == 1 else f"{len(same):,} criteria are"
    return f"{number} unchanged: {told}."


def word(change: Change) -> str:
    """What became of a criterion, in a few words."""
    if change.turn is Turn.UNTOLD:
        nothing = change.now.outcome is Outcome.NOT_APPLICABLE
        return "NONE TO COUNT" if nothing else "NOT ASSESSED"
    if change.turn in (Turn.MOVED, Turn.SAME):
        tells = change.now.outcome in (Outcome.MET, Outcome.NOT_MET)
        return f"still {change.now.outcome}" if tells else ""
    words = _WORDS[change.turn]
    return words.upper() if change.turn in _LOUD else words


def name(change: Change) -> str:
    """Id and title of a criterion, with its heading where the title does not say it."""
    result = change.now
    return f"{result.criterion}, {headed(result.section, result.title)}{mark(result.verified)}"


def numbers(change: Change) -> str:
    """`273 of 364, 75.0 %, not met -> 292 of 364, 80.2 %, met; asked 80 %`."""
    threshold = change.now.threshold
    wanted = change.now.asks or ("" if threshold is None else as_percent(threshold))
    told = f"{_result(change.before)} -> {_result(change.now)}"
    return f"{told}; {f'asked {wanted}'.replace(' ', UNBROKEN)}" if wanted else told


def _result(result: CriterionResult) -> str:
    shown = "" if result.outcome is Outcome.INFORMATION else outcome(result)
    parts = (count(result), rate(result), shown)
    return ", ".join(part.replace(" ", UNBROKEN) for part in parts if part)


def details(line: Line) -> list[str]:
    """What stands under a criterion: whose doing it was, what broke it down, and why not."""
    change = line.change
    told = []
    if change.people is not None and not (change.people.is_still and change.turn is Turn.SAME):
        told.append(f"{moved(change.people, people=True)}.")
    parts = [text.replace(" ", UNBROKEN) for part in line.parts if (text := _part(part))]
    if parts:
        told.append(" · ".join(parts))
    if not change.now.collected:
        return told
    if not change.now.tells and change.now.reason:
        told.append(f"Now: {change.now.reason}.")
    elif not change.before.tells and change.before.reason:
        told.append(f"Before: {change.before.reason}.")
    return told


def _part(part: Change) -> str:
    """`blank 3 -> 1` of what breaks a line down; of how many, where only that is another."""
    before, now = part.before, part.now
    if before.numerator is None or now.numerator is None:
        return ""
    if before.numerator != now.numerator:
        return f"{now.short} {before.numerator:,} -> {now.numerator:,}"
    if before.denominator == now.denominator:
        return ""
    of_before, of_now = (f"{one.numerator:,} of {one.denominator:,}" for one in (before, now))
    return f"{now.short} {of_before} -> {of_now}"


# --- rules --------------------------------------------------------------------------------


def number_of(number: int, of: str) -> str:
    """A number of things, such as `1 finding`."""
    return f"{number:,} {of}{'' if number == 1 else 's'}"


def moved_rules(one: Comparison) -> list[RuleChange]:
    """The rules whose findings are no longer the same, gravest effect first."""
    return [change for change in one.rule_changes if not change.records.is_still]


def still_rules(one: Comparison) -> str:
    """How many findings of which nothing changed; empty where there is none."""
    still = [change.records for change in one.rule_changes if change.records.is_still]
    if not still:
        return ""
    rules = number_of(len(still), "rule")
    if one.now.disclosure:
        return f"Unchanged: the findings of {rules}."
    number = sum(found.persisting for found in still)
    return f"Unchanged: {number_of(number, 'finding')} of {rules}."


def rule_counts(change: RuleChange) -> list[str]:
    """How many failed, are fixed, are new and fail; `-` where it was not judged."""
    found = change.records
    judged = change.before.tally.assessed, change.now.tally.assessed
    return [
        f"{found.before:,}" if judged[0] or found.before else "-",
        f"{found.fixed:,}",
        f"{found.new_in_old + found.new_in_added:,}",
        f"{found.now:,}" if judged[1] or found.now else "-",
    ]


def on_rule(change: RuleChange) -> str:
    """What stands under a rule beside its numbers; empty where they say it all."""
    found = change.records
    told = [EFFECTS[change.now.effect]] if change.now.effect in REJECTING else []
    told += _neither(found, people=False)
    if found.new_in_added:
        told.append(f"{found.new_in_added:,} of the new in added records")
    told += [
        f"not judged {when}: {result.tally.reason}"
        for when, result in (("before", change.before), ("now", change.now))
        if not result.tally.assessed
    ]
    return "; ".join(told)


def marks_any(found: Compared) -> bool:
    """Whether anything is marked as not verified."""
    lines = (line for one in found.comparisons for line in changed(one))
    return any(not line.change.now.verified for line in lines)


def has_left(found: Sequence[Comparison]) -> bool:
    """Whether anything is left to correct."""
    return any(one.findings.now or one.now.count(Outcome.NOT_MET) for one in found)
