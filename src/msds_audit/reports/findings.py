"""Criteria and failing rules in the words of the forms that pipelines read.

JUnit, annotations of GitHub and SARIF say the same of a line; only how they write it differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from msds_audit.found import Place
from msds_audit.limits import as_percent
from msds_audit.reports.national import national_lines, withholding
from msds_audit.reports.wording import UNBROKEN, count, grouped, outcome, rate, since, to_do
from msds_audit.scorecard import CriterionResult, Outcome, RuleResult, Scorecard

NOT_VERIFIED = "Not verified: recalled, or not published for MSDS; read the source."
HEADER = "MSD000Header"
NOTHING_JUDGED = "Nothing in this scheme could be judged"


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion of a card: its outcome and numbers in words, and what is told of it.

    `word` is the outcome; `numbers` are `274 of 312, 87.8 %, asked 90 %`, empty where nothing was
    counted; `told` are the reason, what to do and what looks odd, a sentence or more each.
    """

    result: CriterionResult
    word: str
    numbers: str
    told: tuple[str, ...]

    @property
    def summary(self) -> str:
        """The outcome with its numbers; without any, with the reason."""
        said = self.numbers or self.result.reason.removeprefix(f"{self.word}: ")
        return f"{self.word}: {said}" if said else self.word


def findings(card: Scorecard) -> Iterator[Finding]:
    """Every criterion of a card, in the order in which every report shows them."""
    for _, lines in grouped(card):
        for line in lines:
            for at, result in enumerate(line):
                if result.indicator is None:
                    yield _finding(result, to_do(line[at:]))
                else:
                    yield _national(card, result)


def silent_schemes(card: Scorecard) -> list[str]:
    """The titles of the schemes in which nothing was judged, and no criterion says that.

    They make a run fail, as criteria that could not be assessed do.
    """
    told = {one.scheme for one in card.results if one.tells or one.is_unjudged or one.since}
    return [title for scheme, title in card.schemes.items() if scheme not in told]


def failing_text(result: RuleResult) -> str:
    """How many records fail a rule: `failing 16 of 317`."""
    return f"failing {result.tally.failures:,} of {result.tally.denominator:,}"


def first_failing(card: Scorecard, id: str) -> Place | None:
    """Where the first record stands that fails a rule or measure; None where it was not looked for.

    It is not where a rule is about a table as a whole, or nothing fails it.
    """
    return card.findings.first.get(id) if card.findings is not None else None


def where(place: Place | None) -> str:
    """`line 12` where the line is known, otherwise `record 11`; empty where there is no place."""
    if place is None:
        return ""
    return f"record {place.record:,}" if place.line is None else f"line {place.line:,}"


def file_of(card: Scorecard, table: str) -> str:
    """The file a table was read from, as it may be printed; empty where that is not known."""
    return card.files.get(table, "")


def any_file_of(card: Scorecard, table: str) -> str:
    """As `file_of`, or the file of the header, or the first known: where the submission is."""
    first = next((card.files[name] for name in sorted(card.files)), "")
    return file_of(card, table) or file_of(card, HEADER) or first


def clean(text: str) -> str:
    """A text without characters that XML 1.0 cannot hold or that would steer a screen.

    Lines are kept, however they end; in the place of each other such character stands U+FFFD.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace(UNBROKEN, " ")
    return _NOT_PLAIN.sub("\ufffd", lines)


_PLANES = range(0, 0x110000, 0x10000)
_NOT_PLAIN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in _PLANES)
    + "]"
)
"""The controls but tabs and ends of lines, the surrogates and the non-characters."""


def _finding(result: CriterionResult, do: str) -> Finding:
    threshold = "" if result.threshold is None else as_percent(result.threshold)
    wanted = result.asks or threshold
    numbers = (count(result), rate(result), f"asked {wanted}" if wanted else "")
    carried = f"Carried by {result.carried}." if result.carried else ""
    reason = "" if result.numerator is None else result.reason
    return Finding(
        result,
        outcome(result),
        ", ".join(part for part in numbers if part) if numbers[0] else "",
        _told(result, reason, carried, do, result.note, since(result)),
    )


def _national(card: Scorecard, result: CriterionResult) -> Finding:
    """A line about a national indicator, as its section words it, with what withholds it."""
    [line] = national_lines([result])
    if result.outcome is Outcome.NOT_ASSESSED:
        return Finding(result, str(result.outcome), "", _told(result))
    shown = line.rate if any(one.isalnum() for one in line.rate) else ""
    judged = result.indicator is not None and not result.indicator.indicator.is_rate
    wanted = f"asked {result.asks}" if judged and result.asks else line.asked
    numbers = ", ".join(part for part in (line.count, shown, wanted) if part)
    held = [
        f"{one.title}: {one.count}, {one.rate}, asked {one.asked}. {' '.join(one.told[:-1])}"
        for one in withholding(card, [result])
    ]
    return Finding(result, line.word.lower(), numbers, _told(result, *line.told, *held))


def _told(result: CriterionResult, *texts: str) -> tuple[str, ...]:
    doubt = "" if result.verified else NOT_VERIFIED
    return tuple(text for text in (*texts, doubt) if text)
