"""What an audit found and what a scheme makes of it, as plain data.

Counts, ids and words only: nothing here may hold a value that could identify somebody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from math import ceil

from msds_audit.extract import Period
from msds_audit.found import Findings
from msds_audit.gates import Change, Waiver
from msds_audit.maturity import MaturityIndex
from msds_audit.published import DimensionCount
from msds_audit.rejections import Rejected
from msds_audit.rule import Basis, Count, Damage, Effect, Indicator
from msds_audit.verdicts import Verdict


class Outcome(StrEnum):
    """What became of one criterion.

    `information` is a line nobody has set a threshold for; `waived` is one that is not met or
    could not be judged, and that somebody has set aside.
    """

    MET = "met"
    NOT_MET = "not met"
    NOT_ASSESSED = "not assessed"
    NOT_APPLICABLE = "not applicable"
    INFORMATION = "information"
    WAIVED = "waived"


_TELLING = (Outcome.MET, Outcome.NOT_MET, Outcome.INFORMATION, Outcome.WAIVED)


@dataclass(frozen=True, slots=True)
class Tally:
    """A denominator and its numerator, or the reason why they could not be counted.

    `undetermined` is how many more may belong to the denominator: whether a measure applies to
    them cannot be told.
    """

    denominator: int = 0
    numerator: int = 0
    reason: str = ""
    undetermined: int = 0

    @property
    def assessed(self) -> bool:
        """Whether it was counted at all."""
        return not self.reason

    @property
    def failures(self) -> int:
        """What applies and does not pass."""
        return self.denominator - self.numerator


def short_of(threshold: Decimal, numerator: int, denominator: int, undetermined: int) -> int:
    """How many more in the numerator meet a threshold, whoever of the undetermined belong."""
    return ceil(threshold * (denominator + undetermined)) - numerator


@dataclass(frozen=True, slots=True)
class ItemTally:
    """The VODIM classes of one data item: V + O + D + I + M = rows, or why it was not counted.

    `total` are the rows where classes were rounded, so that they need not add up to them.
    """

    table: str
    item: str
    uid: str
    valid: int = 0
    other: int = 0
    default: int = 0
    invalid: int = 0
    missing: int = 0
    reason: str = ""
    total: int | None = None

    @property
    def rows(self) -> int:
        """The rows of the table."""
        if self.total is not None:
            return self.total
        return self.valid + self.other + self.default + self.invalid + self.missing


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """Values of a coded item that are not codes.

    `seen` is the value itself where it is a known near miss, otherwise only its shape.
    """

    table: str
    item: str
    seen: str
    kind: str
    means: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Audited:
    """Everything counted in one submission.

    `rows` holds the number of rows of each table found. `answers` holds, for the items that
    criteria watch, how many rows hold each permitted code. `files` are the files that tables
    were read from, where they are known and may be printed.
    """

    provider: str
    period: Period
    rows: Mapping[str, int]
    items: tuple[ItemTally, ...]
    rules: Mapping[str, Tally]
    measures: Mapping[str, Tally]
    unrecognised: tuple[Unrecognised, ...]
    answers: Mapping[tuple[str, str], Mapping[str, int]]
    notices: tuple[str, ...]
    rejected: Rejected | str
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """What NHS England would publish of one indicator, or why that cannot be told.

    `numerator` and `denominator` are counts of people as they are, null where nothing was counted;
    `rounded_numerator` and `rounded_denominator` as they are published. Of measures, `result` is
    judged by the former and `rounded_result` by the latter, which decides; `margin` is by how many
    people the rounded result passes, or misses (below 0). Of rates, `withheld_by` are the measures
    that withhold it, `undecided_by` those that could not be assessed, and `rate` is what is
    published. `sent` is false where nothing at all was sent (`DNS`). `absent` are months of the
    window that were not given, where it was counted all the same.
    """

    indicator: Indicator
    numerator: int | None = None
    denominator: int | None = None
    rounded_numerator: int | None = None
    rounded_denominator: int | None = None
    result: Verdict | None = None
    rounded_result: Verdict | None = None
    rate: str = ""
    margin: int | None = None
    withheld_by: tuple[str, ...] = ()
    undecided_by: tuple[str, ...] = ()
    sent: bool = True
    absent: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_too_high(self) -> bool:
        """Whether the rounded rate is above its upper limit, so that fewer would pass."""
        upper = self.indicator.limits.upper
        if upper is None or self.rounded_numerator is None or self.rounded_denominator is None:
            return False
        return self.rounded_numerator > upper * self.rounded_denominator


@dataclass(frozen=True, slots=True)
class Waived:
    """What set a criterion aside: the outcome it would have, and the waivers that hold."""

    outcome: Outcome
    waivers: tuple[Waiver, ...]


@dataclass(frozen=True, slots=True)
class Since:
    """How a criterion stands against a baseline: what it was then, and whether that was better.

    `numerator` and `denominator` are null where nothing was counted.
    """

    period: Period
    outcome: Outcome
    numerator: int | None
    denominator: int | None
    change: Change


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One line of a scheme for one submission.

    `numerator` and `denominator` are null where nothing was counted; `undetermined` is how many
    more may belong to the denominator. `threshold` is a fraction, null where none is set. `short`
    is set on lines that only break the one before them down, `counts` on those about the submission
    as a whole; `collected` is false where the
    standard has no item for this. `reason` says why there is no verdict, `carried` which data item
    carries the subject, `remedy` what to do next, `note` what looks odd. `asks` says in words what
    is asked for where no single threshold does. `indicator` is what a line about a national
    indicator rests on. `shortfall` is how many more would meet the threshold where counts were
    rounded, so that it does not follow from them. `dqmi` is the item of the Data Quality Maturity
    Index that a line is about, or its total. `table` is the table whose rows are counted, and
    `subject` the measure or rule by which, where there is one. `waived` is what set the line
    aside, and `since` how it stands against a baseline, where there is one that knows it.
    """

    scheme: str
    criterion: str
    section: str
    title: str
    short: str
    counts: Count | None
    collected: bool
    carried: str
    outcome: Outcome
    numerator: int | None
    denominator: int | None
    undetermined: int
    unit: str
    threshold: Decimal | None
    headline: str
    basis: Basis
    source: str
    verified: bool
    reason: str = ""
    remedy: str = ""
    note: str = ""
    asks: str = ""
    indicator: IndicatorResult | None = None
    shortfall: int | None = None
    dqmi: str = ""
    table: str = ""
    waived: Waived | None = None
    since: Since | None = None
    subject: str = ""

    @property
    def short_of(self) -> int:
        """How many more in the numerator would meet the threshold; 0 where it is met or not set."""
        if self.outcome is not Outcome.NOT_MET or self.threshold is None:
            return 0
        if self.shortfall is not None:
            return self.shortfall
        counted = self.numerator or 0, self.denominator or 0
        return short_of(self.threshold, *counted, self.undetermined)

    @property
    def tells(self) -> bool:
        """Whether it came out met, not met or waived, or says numbers of which nothing is asked."""
        return self.outcome in _TELLING

    @property
    def is_unjudged(self) -> bool:
        """Whether a verdict was asked for, or numbers, and none could be given.

        A measure that nobody has defined is listed, and nothing is asked of it.
        """
        if self.indicator is not None and self.indicator.indicator.undefined:
            return False
        nothing_to_count = self.outcome is Outcome.NOT_APPLICABLE and self.threshold is not None
        return self.outcome is Outcome.NOT_ASSESSED or nothing_to_count

    @property
    def is_failing(self) -> bool:
        """Whether it is not met, or could not be judged."""
        return self.outcome is Outcome.NOT_MET or self.is_unjudged

    @property
    def is_against(self) -> bool:
        """Whether it stands against a submission: not met or unjudged, and worse than before.

        What no baseline knows is as bad as what is worse. What is waived does not.
        """
        as_before = self.since is not None and self.since.change is not Change.WORSE
        return not as_before and self.is_failing

    @property
    def without_waiver(self) -> CriterionResult:
        """The line as if nothing set it aside."""
        return self if self.waived is None else replace(self, outcome=self.waived.outcome)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How one rule fared in one submission.

    `about` is the item of a generated rule, and `damage` what it looks for, of the things that
    spreadsheets do. `why` says what the rule is for, `waiver` what sets it aside, and
    `is_as_before` that no more records fail it than did in a baseline.
    """

    rule: str
    table: str
    title: str
    fix: str
    effect: Effect
    basis: Basis
    verified: bool
    tally: Tally
    about: str = ""
    damage: Damage | None = None
    why: str = ""
    waiver: Waiver | None = None
    is_as_before: bool = False


@dataclass(frozen=True)
class Scorecard:
    """The outcomes of one provider and period, with what they rest on.

    `acceptance` counts what would become of the submission as a whole, and `rejected` is what
    that rests on, or why it could not be worked out. `indicators` are the national indicators,
    where any was asked for, and `dimensions` the people of each published group, where counted;
    `on_dimensions` says what must be known of these. `dqmi` is the Data Quality Maturity Index,
    where it was asked for. With `disclosure` every count was rounded as published; outcomes are of
    the counts before that. `files` are the files that tables were read from, by table, where they
    are known and may be printed, and `findings` the records that fail, where they were asked for.
    `expired` are the waivers that would set something aside here and are past their day: they make
    a run fail.
    """

    provider: str
    provider_name: str
    period: Period
    schemes: Mapping[str, str]
    results: tuple[CriterionResult, ...]
    acceptance: Mapping[Count, Tally]
    rejected: Rejected | str
    rules: tuple[RuleResult, ...]
    items: tuple[ItemTally, ...]
    unrecognised: tuple[Unrecognised, ...]
    rows: Mapping[str, int]
    notices: tuple[str, ...]
    spec: str
    fingerprint: str
    indicators: tuple[IndicatorResult, ...] = ()
    dimensions: tuple[DimensionCount, ...] = ()
    on_dimensions: tuple[str, ...] = ()
    disclosure: bool = False
    dqmi: MaturityIndex | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    expired: tuple[Waiver, ...] = ()
    findings: Findings | None = field(default=None, repr=False, compare=False)

    def count(self, outcome: Outcome) -> int:
        """How many criteria came out so."""
        return sum(result.outcome is outcome for result in self.results)

    @property
    def unjudged(self) -> int:
        """How many criteria were not assessed, or had a threshold and nothing to count."""
        return sum(result.is_unjudged for result in self.results)

    @property
    def name(self) -> str:
        """Code and name of the provider."""
        return f"{self.provider} {self.provider_name}".strip()
