"""What would be rejected, in the words that every rendering shares, each with how it is known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msds_audit.rejections import Rejected
from msds_audit.reports.wording import UNBROKEN
from msds_audit.rule import Basis, Count, Effect
from msds_audit.scorecard import CriterionResult, RuleResult, Scorecard

HOW_KNOWN = {
    Basis.PUBLISHED: "published",
    Basis.ANALOGY: "by analogy",
    Basis.ADVICE: "our advice",
}
MIXED = "mixed"
PREVIEW_NOTE = (
    "How it is known: NHS England has not published the validation rules of MSDS. By analogy: what "
    "the sister data sets IAPT and MHSDS do on the same pipeline. Our advice: not theirs. Mixed: "
    "several of these"
)


BELONGS, LACKS = Basis.PUBLISHED, Basis.ANALOGY
"""How it is known that a record goes with the one it belongs to, and that a patient goes who has
no valid record left in a table that every patient must have."""


class WrongRecords(NamedTuple):
    """Records that fail a rule: by which they go, as their first cause, or the whole file."""

    records: int
    rule: RuleResult

    @property
    def known(self) -> str:
        """How it is known what that does."""
        return how_known([self.rule.basis])


def how_known(bases: Iterable[Basis]) -> str:
    """How something is known that rests on rules of these bases."""
    words = {HOW_KNOWN[basis] for basis in bases}
    return words.pop() if len(words) == 1 else MIXED


def known(card: Scorecard, result: CriterionResult) -> str:
    """How the count of a line about the whole submission is known, by what it rests on."""
    if result.counts is Count.FILE:
        of_file = [one for one in card.rules if one.effect is Effect.REJECTS_FILE]
        failing = [one.rule for one in file_faults(card)]
        made = (one for one in of_file if one.tally.assessed)
        return how_known(one.basis for one in failing or made)
    if result.counts in (Count.INVALID, Count.UNCOUNTED):
        return MIXED
    if result.counts in (Count.PATIENTS, Count.RECORDS):
        bases = [one.rule.basis for one in wrong_records(card)]
        return how_known(bases or [Basis.PUBLISHED, Basis.ANALOGY])
    return HOW_KNOWN[result.basis]


def file_faults(card: Scorecard) -> list[WrongRecords]:
    """What fails the rules by which the whole file would be rejected."""
    return [
        WrongRecords(one.tally.failures, one)
        for one in card.rules
        if one.effect is Effect.REJECTS_FILE and one.tally.failures
    ]


def emptied(card: Scorecard) -> list[str]:
    """The tables of every submission in which no valid record is left; by analogy."""
    tables = card.rejected.emptied if isinstance(card.rejected, Rejected) else ()
    known = HOW_KNOWN[Basis.ANALOGY]
    return [f"Every record of {table} would be rejected ({known})." for table in tables]


def wrong_records(card: Scorecard) -> list[WrongRecords]:
    """What is wrong with the records that are wrong themselves, most first."""
    if not isinstance(card.rejected, Rejected):
        return []
    rules = {one.rule: one for one in card.rules}
    found = [
        WrongRecords(cause.records, rules[cause.rule])
        for table in card.rejected.tables
        for cause in table.causes
        if cause.rule
    ]
    return sorted(found, key=lambda one: (-one.records, one.rule.rule))


def summary(card: Scorecard) -> str:
    """`3 records are wrong; 41 go with them`; empty where none is."""
    if not isinstance(card.rejected, Rejected) or not card.rejected.wrong:
        return ""
    wrong, taken = card.rejected.wrong, card.rejected.taken
    are = "record is" if wrong == 1 else "records are"
    them = "it" if wrong == 1 else "them"
    go = "none goes" if not taken else f"{taken:,} go{'es' if taken == 1 else ''}"
    return f"{wrong:,} {are} wrong; {go} with {them}."


def going_with(card: Scorecard) -> list[str]:
    """Which records go with others, a line for each table whose records they go with."""
    if not isinstance(card.rejected, Rejected):
        return []
    taken: dict[str, list[str]] = {}
    for table in card.rejected.tables:
        for cause in table.causes:
            number = f"{table.table[:6]}{UNBROKEN}{cause.records:,}"
            if cause.goes_with:
                parent = f"With their record in {cause.goes_with} ({HOW_KNOWN[BELONGS]})"
                taken.setdefault(parent, []).append(number)
            elif cause.lacks:
                lacking = f"Whose every record in {cause.lacks} is rejected"
                taken.setdefault(f"{lacking} ({HOW_KNOWN[LACKS]})", []).append(number)
    return [f"{words}: {' · '.join(numbers)}" for words, numbers in taken.items()]


def by_table(card: Scorecard) -> str:
    """How many records of each table would be rejected; empty where none would be."""
    if not isinstance(card.rejected, Rejected):
        return ""
    found = [
        f"{table.table[:6]} {table.gone:,} of {table.rows:,}".replace(" ", UNBROKEN)
        for table in card.rejected.tables
        if table.causes
    ]
    return f"Rejected in all: {' · '.join(found)}" if found else ""
