"""Scorecards as workflow commands of GitHub: annotations beside the files they are about.

Criteria that are not met and rules that reject are errors; what could not be assessed and rules
that warn are warnings; what would not be counted are notices, and so is what is waived or no
worse than in a baseline.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from msds_audit.found import Place
from msds_audit.reports.as_markdown import to_markdown
from msds_audit.reports.findings import (
    NOTHING_JUDGED,
    Finding,
    clean,
    failing_text,
    file_of,
    findings,
    first_failing,
    silent_schemes,
    where,
)
from msds_audit.reports.wording import (
    DISCLOSURE_NOTE,
    effect_now,
    failing_rules,
    set_aside,
    verdict,
)
from msds_audit.rule import REJECTING, REJECTING_RECORDS, Count, Effect
from msds_audit.scorecard import CriterionResult, Outcome, RuleResult, Scorecard

MOST_SHOWN = 10
"""GitHub shows so many errors, warnings and notices each of one step, and drops the others."""

LARGEST_SUMMARY = 1 << 20
"""GitHub takes no step summary of more bytes than this."""

ERROR, WARNING, NOTICE = "error", "warning", "notice"
_KINDS = (ERROR, WARNING, NOTICE)

_REJECTING: Mapping[Count | None, Sequence[Effect]] = {
    Count.FILE: (Effect.REJECTS_FILE,),
    Count.PATIENTS: (Effect.REJECTS_PATIENT,),
    Count.RECORDS: REJECTING_RECORDS,
}
"""The rules that fail where a criterion about acceptance is not met."""


_FAILS = "first that fails"


@dataclass(frozen=True, slots=True)
class _Annotation:
    kind: str
    title: str
    file: str
    message: str
    line: int | None = None


def to_github(cards: Sequence[Scorecard]) -> str:
    """A line of plain text for each card, then annotations: criteria first, then gravest rules.

    Of each kind no more than GitHub shows; the last of them says how many more there are. The
    file is given where a table was read from one below the current folder or the root of the
    repository, and the line where the first record that fails is known.
    """
    lines = [_told(card) for card in cards]
    wanted = [one for card in cards for one in _criteria(card)]
    wanted += [one for card in cards for one in _rules(card)]
    for kind in _KINDS:
        lines += [_command(one) for one in _bounded(kind, wanted)]
    return "\n".join(lines) + "\n"


def step_summary(cards: Sequence[Scorecard], room: int = LARGEST_SUMMARY) -> str:
    """The Markdown of the cards for a step summary: of as many as there is room for, in bytes.

    How many there was none for is said; the text is empty where there is no room at all.
    """

    def of(kept: int) -> str:
        left = len(cards) - kept
        more = f"Of {left:,} more there is no room in a step summary.\n" if left else ""
        return "\n".join(part for part in (to_markdown(cards[:kept]), more) if part)

    def size(kept: int) -> int:
        return len(of(kept).encode("utf-8", "replace"))

    fitting = bisect_right(range(len(cards) + 1), room, key=size)
    return of(fitting - 1) if fitting else ""


def _told(card: Scorecard) -> str:
    """A line about a card, in which no name is read as a command."""
    note = f" {DISCLOSURE_NOTE}." if card.disclosure else ""
    text = clean(f"{card.name}, {card.period.name}: {verdict(card)}.{note}")
    return text.replace("\n", " ").replace("::", ": :").replace("##[", "# #[")


def _criteria(card: Scorecard) -> Iterator[_Annotation]:
    for found in findings(card):
        result = found.result
        missed = result.outcome is Outcome.NOT_MET
        if result.is_against:
            yield _of_criterion(card, found, ERROR if missed else WARNING)
        elif result.is_failing or result.waived is not None:
            yield _of_criterion(card, found, NOTICE)
    for waiver in card.expired:
        name = f"{card.provider} {card.period}: waiver expired"
        text = f"{waiver.subject}: expired on {waiver.until}. {waiver.owner}: {waiver.reason}"
        yield _Annotation(ERROR, name, "", text)
    for title in silent_schemes(card):
        name = f"{card.provider} {card.period}: nothing judged"
        yield _Annotation(WARNING, name, "", f"{title}: {NOTHING_JUDGED.lower()}.")


def _of_criterion(card: Scorecard, found: Finding, kind: str) -> _Annotation:
    result = found.result
    table, first, what = _about(card, result)
    rounded = ", rounded" if card.disclosure and found.numbers else ""
    return _Annotation(
        kind,
        f"{card.provider} {card.period}: {result.criterion} ({result.scheme})",
        file_of(card, table),
        "\n".join(
            (
                f"{result.title}: {found.summary}{rounded}{_begins(first, what)}",
                *found.told,
            )
        ),
        first.line if first is not None else None,
    )


def _about(card: Scorecard, result: CriterionResult) -> tuple[str, Place | None, str]:
    """The table that a criterion is about, where the first record is, and what it is in words.

    One that counts what would be rejected is about the gravest rule that rejects it.
    """
    effects = _REJECTING.get(result.counts, ())
    for one in failing_rules(card):
        if one.effect in effects:
            return one.table, first_failing(card, one.rule), _FAILS
    mend = card.findings.to_mend.get(result.subject) if card.findings is not None else None
    if mend is not None:
        return *mend, "first to put right"
    return result.table, first_failing(card, result.subject), _FAILS


def _rules(card: Scorecard) -> Iterator[_Annotation]:
    for result in failing_rules(card):
        first = first_failing(card, result.rule)
        many = f"{failing_text(result)}{_begins(first)}"
        yield _Annotation(
            _kind(result),
            f"{card.provider} {card.period}: {result.rule}",
            file_of(card, result.table),
            f"{result.title}: {many} ({effect_now(result)})\n"
            f"{result.fix} {set_aside(result)}".rstrip(),
            first.line if first is not None else None,
        )


def _begins(first: Place | None, what: str = "first") -> str:
    """Where the first record is that fails: `, first at line 12`."""
    return f", {what} at {where(first)}" if first is not None else ""


def _kind(result: RuleResult) -> str:
    if result.waiver is not None or result.is_as_before:
        return NOTICE
    if result.effect in REJECTING:
        return ERROR
    return WARNING if result.effect is Effect.WARNING else NOTICE


def _bounded(kind: str, wanted: Sequence[_Annotation]) -> list[_Annotation]:
    """Those of one kind that GitHub shows, the last in the place of those it does not."""
    found = [one for one in wanted if one.kind == kind]
    if len(found) <= MOST_SHOWN:
        return found
    shown = found[: MOST_SHOWN - 1]
    left = len(found) - len(shown)
    message = f"{left:,} more of this kind. The step summary, or --format markdown, has them all."
    return [*shown, _Annotation(kind, "msds-audit", "", message)]


# --- the syntax of commands ---------------------------------------------------------------


def _command(one: _Annotation) -> str:
    """`::error title=..,file=..,line=..::message`, on one line."""
    line = "" if one.line is None or not one.file else str(one.line)
    named = {"title": one.title, "file": one.file, "line": line}
    given = ",".join(f"{name}={_property(value)}" for name, value in named.items() if value)
    return f"::{one.kind} {given}::{_data(one.message)}"


def _data(text: str) -> str:
    escaped = clean(text.strip()).replace("%", "%25")
    return escaped.replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
