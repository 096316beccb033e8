"""What the criteria whose failures can be put right ask for, and what was counted of it.

Those are the criteria that rest on a measure or rule, and those about acceptance. National
indicators and the maturity index are neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from msds_audit.acceptance import acceptance, deciding
from msds_audit.rejections import Rejected
from msds_audit.rule import Count, Criterion, Measure, Rule, Rules, Scheme, headed
from msds_audit.scorecard import Audited, Outcome, Tally
from msds_audit.scoring import UNITS, outcome_of, tells_who_belongs


@dataclass(frozen=True)
class Asked:
    """A criterion, what it rests on, what was counted, and its title with its heading and without.

    `rests_on` is its measure or rule; of one about acceptance, the rules that reject. `unit` is
    whom or what it counts, in the plural.
    """

    criterion: Criterion
    rests_on: tuple[Measure | Rule, ...]
    tally: Tally
    title: str
    short_title: str
    unit: str

    @property
    def subject(self) -> str:
        """The id of its measure or rule; of one about acceptance, what it counts."""
        counts = self.criterion.counts
        return self.criterion.subject if counts is None else str(counts)

    @property
    def outcome(self) -> Outcome:
        """What becomes of the criterion."""
        return outcome_of(self.criterion, self.tally)

    @property
    def open_by(self) -> tuple[str, ...]:
        """The items that cannot be read where it is open who belongs to it."""
        if not self.tally.undetermined:
            return ()
        return tuple(item for one in self.rests_on for item in tells_who_belongs(one))

    @property
    def is_about_acceptance(self) -> bool:
        """Whether it asks what would be rejected."""
        return self.criterion.counts is not None


def asked_of(schemes: Sequence[Scheme], rules: Rules, audited: Audited) -> list[Asked]:
    """Every criterion that rests on a measure or rule, or is about acceptance, and was counted."""
    return [
        Asked(
            criterion,
            rests_on,
            tally,
            title_of(criterion, rules),
            _short_title(criterion, rules),
            _unit(criterion, rests_on),
        )
        for criterion in different(schemes)
        if (rests_on := _rests_on(criterion, rules, audited))
        and (tally := tally_of(criterion, rules, audited)).assessed
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


def tally_of(criterion: Criterion, rules: Rules, audited: Audited) -> Tally:
    """What was counted of a criterion that rests on a measure or rule, or is about acceptance."""
    if criterion.counts is not None:
        return acceptance(audited, rules)[criterion.counts]
    counted = audited.measures if criterion.subject in audited.measures else audited.rules
    return counted[criterion.subject]


def title_of(criterion: Criterion, rules: Rules) -> str:
    """The title of a criterion under its heading."""
    return headed(criterion.section, _short_title(criterion, rules))


def _short_title(criterion: Criterion, rules: Rules) -> str:
    subject = rules.measures.get(criterion.subject) or rules.records.get(criterion.subject)
    return criterion.title or (subject.title if subject is not None else criterion.id)


def _rests_on(criterion: Criterion, rules: Rules, audited: Audited) -> tuple[Measure | Rule, ...]:
    """The measure or rule of a criterion, or the rules that decide on acceptance.

    The file is rejected too where no record of a table that must have one would be left.
    """
    if criterion.counts is None:
        subject = subject_of(criterion, rules)
        return (subject,) if subject is not None else ()
    found = deciding(criterion.counts, rules)
    if criterion.counts is Count.FILE and isinstance(audited.rejected, Rejected):
        emptied = audited.rejected.emptied
        found += [one for one in deciding(Count.PATIENTS, rules) if one.table in emptied]
    return tuple(found)


def _unit(criterion: Criterion, rests_on: Sequence[Measure | Rule]) -> str:
    if criterion.counts is not None:
        return UNITS[criterion.counts]
    [subject] = rests_on
    return subject.unit if isinstance(subject, Measure) else "records"
