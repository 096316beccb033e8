"""What the criteria that rest on a measure or rule ask for, and what was counted of it.

Criteria about acceptance, national indicators and the maturity index rest on neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from msds_audit.rule import Criterion, Measure, Rule, Rules, Scheme
from msds_audit.scorecard import Audited, Outcome, Tally
from msds_audit.scoring import outcome_of


@dataclass(frozen=True)
class Asked:
    """A criterion, what it rests on, what was counted, and its title under its heading."""

    criterion: Criterion
    subject: Measure | Rule
    tally: Tally
    title: str

    @property
    def outcome(self) -> Outcome:
        """What becomes of the criterion."""
        return outcome_of(self.criterion, self.tally)

    @property
    def unit(self) -> str:
        """Whom or what it counts, in the plural."""
        return self.subject.unit if isinstance(self.subject, Measure) else "records"


def asked_of(schemes: Sequence[Scheme], rules: Rules, audited: Audited) -> list[Asked]:
    """Every criterion that rests on a measure or rule and was counted."""
    return [
        Asked(criterion, subject, tally, title_of(criterion, rules))
        for criterion in different(schemes)
        if (subject := subject_of(criterion, rules)) is not None
        and (tally := tally_of(subject, audited)).assessed
    ]


def different(schemes: Sequence[Scheme]) -> list[Criterion]:
    """The criteria of schemes; those that several editions share once."""
    found: dict[tuple[str, str, Decimal | None], Criterion] = {}
    for scheme in schemes:
        for one in scheme.criteria:
            found.setdefault((one.id, one.subject, one.threshold), one)
    return list(found.values())


def subject_of(criterion: Criterion, rules: Rules) -> Measure | Rule | None:
    """The measure or rule whose failures count against a criterion; None where none does.

    A criterion that only breaks another down may count what is wrong: its failures say nothing.
    """
    if criterion.not_collected or criterion.short or criterion.dqmi or criterion.unassessed:
        return None
    subject = rules.measures.get(criterion.subject) or rules.records.get(criterion.subject)
    return None if isinstance(subject, Rule) and subject.occurs is not None else subject


def tally_of(subject: Measure | Rule, audited: Audited) -> Tally:
    """What was counted of a measure or rule."""
    counted = audited.measures if isinstance(subject, Measure) else audited.rules
    return counted[subject.id]


def title_of(criterion: Criterion, rules: Rules) -> str:
    """The title of a criterion under its heading."""
    subject = rules.measures.get(criterion.subject) or rules.records.get(criterion.subject)
    title = criterion.title or (subject.title if subject is not None else criterion.id)
    return title if criterion.section in title else f"{criterion.section}: {title}"
