"""What a rule, a measure and a scheme are.

It holds declarations only: what applies, what passes, who asks for how much, and how each
is known. Compiling them is left to `checks`, counting to `audit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from msds_audit.bases import base_table
from msds_audit.limits import Limits
from msds_audit.maturity import DqmiItem
from msds_audit.spec import Spec, Table
from msds_audit.windows import Window

Row: TypeAlias = Mapping[str, str]
"""One row of an example: item name to text."""


class Effect(StrEnum):
    """What failing a rule does to the submission."""

    REJECTS_FILE = "rejects-file"
    REJECTS_PATIENT = "rejects-patient"
    REJECTS_RECORD = "rejects-record"
    WARNING = "warning"
    COUNTS_AS_INVALID = "counts-as-invalid"


REJECTING_RECORDS = (Effect.REJECTS_PATIENT, Effect.REJECTS_RECORD)
"""The effects that take away records and leave the file."""

REJECTING = (Effect.REJECTS_FILE, *REJECTING_RECORDS)
"""The effects by which anything is not accepted."""


class Basis(StrEnum):
    """How it is known: published, by analogy with the sister data sets, or our advice."""

    PUBLISHED = "published"
    ANALOGY = "analogy"
    ADVICE = "advice"


class Count(StrEnum):
    """What can be counted of a submission as a whole."""

    FILE = "file-accepted"
    PATIENTS = "patients-accepted"
    RECORDS = "records-accepted"
    WARNED = "values-warned-about"
    INVALID = "values-invalid"
    UNCOUNTED = "values-not-counted"
    ADVISED = "values-to-look-at"


class Damage(StrEnum):
    """What a spreadsheet does to values that pass through it."""

    ZEROS = "zeros"
    SERIAL = "serial"
    SCIENTIFIC = "scientific"
    ROUNDED = "rounded"
    DATE = "date"
    SWAPPED = "swapped"


class Expected(StrEnum):
    """What an example says should happen to its row."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NOT_APPLICABLE = "not applicable"


class Family(StrEnum):
    """The families of indicators, as the published measures file names them."""

    CQIM_DQ = "CQIM_DQ_Measure"
    CQIM = "CQIM_Rate"
    COC_DQ = "COC_DQ_Measure"
    COC = "COC_Rate"


class Against(StrEnum):
    """What a numerator is held against."""

    PEOPLE = "people"
    HES = "hes-deliveries"
    ONE = "one"


@dataclass(frozen=True, slots=True)
class Occurs:
    """How many records a table may have; None means as many as there are."""

    least: int
    most: int | None

    def allows(self, records: int) -> bool:
        """Whether a table may have so many."""
        return self.least <= records and (self.most is None or records <= self.most)


@dataclass(frozen=True, slots=True)
class Related:
    """Rows of another table brought to each row, folded to at most one.

    Rows of `table` that satisfy `where` and whose item `on` equals `source` (an item of the
    base table, or `name.Item` of a related table declared before) are folded into one: each
    item's value where the rows agree, otherwise null.
    """

    name: str
    table: str
    source: str
    on: str
    where: str | None


@dataclass(frozen=True, slots=True)
class Example:
    """One row with the result a rule must give it.

    `others` are further rows of the same table, for rules about several rows; `related` maps
    a related name to the rows of that table that are folded into one. Values are text, as they
    stand in an extract. Where no `period` or `provider` is given, any will do.
    """

    says: str
    row: Row
    others: tuple[Row, ...]
    related: Mapping[str, tuple[Row, ...]]
    period: str
    result: Expected
    provider: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """Something a record must satisfy: a denominator (`applies`) and a numerator (`passes`).

    `unique` names the items whose values no other row may repeat; `occurs` says how many records
    the table as a whole may have, at least and at most. Either stands in place of `passes`. An
    empty `applies` means every row. `generated` rules follow from the specification; `about` is
    the item such a rule is about, and `damage` what it looks for in that item, of the things that
    spreadsheets do. `formerly` are ids the rule had before, and `since` the version it came with.
    """

    id: str
    name: str
    title: str
    why: str
    fix: str
    table: str
    applies: str
    passes: str
    unique: tuple[str, ...]
    related: tuple[Related, ...]
    effect: Effect
    basis: Basis
    source: str
    verified: bool
    examples: Sequence[Example]
    file: str
    since: str
    formerly: tuple[str, ...] = ()
    occurs: Occurs | None = None
    generated: bool = False
    about: str = ""
    damage: Damage | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """A numerator and a denominator over people: distinct values of `distinct`.

    Somebody is in the denominator if `applies` holds on any of their rows, and in the
    numerator if `passes` holds on every such row: one bad row is one to mend. `mends` are the
    items to put right where somebody does not pass, as `Item` or `related.Item`; where it is
    empty they are those that `passes` reads.
    """

    id: str
    title: str
    why: str
    fix: str
    table: str
    applies: str
    passes: str
    related: tuple[Related, ...]
    distinct: str
    unit: str
    basis: Basis
    source: str
    verified: bool
    examples: Sequence[Example]
    file: str
    since: str
    formerly: tuple[str, ...] = ()
    mends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Indicator:
    """A rate as NHS England publishes it, or a measure of data quality that withholds one.

    Somebody is in the denominator if `applies` holds on any of their rows in the window, and in
    the numerator if both hold on any: that is how NHS England counts. `PeriodStart` and
    `PeriodEnd` are the first and the last day of the window. `table` names the base whose rows
    are judged, and `distinct` the column that tells people apart. `rests_on` are the measures
    that withhold a rate; `submitted` the one that tells whether anything was sent; `per` is 100
    or 1,000. `counted` says who is in the numerator, in the plural. Where `undefined` is filled,
    it says why the indicator cannot be counted at all.
    """

    id: str
    family: Family
    title: str
    why: str
    fix: str
    table: str
    window: Window
    applies: str
    passes: str
    distinct: str
    unit: str
    counted: str
    against: Against
    limits: Limits
    rests_on: tuple[str, ...]
    submitted: str
    per: int
    basis: Basis
    source: str
    verified: bool
    note: str
    undefined: str
    examples: Sequence[Example]
    file: str
    since: str
    formerly: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()

    @property
    def is_rate(self) -> bool:
        """Whether it is a rate that is published or withheld, and no measure of data quality."""
        return self.family in (Family.CQIM, Family.COC)


Declared: TypeAlias = Rule | Measure | Indicator


def is_written(declared: Declared) -> bool:
    """Whether somebody wrote it; the others follow from the specification."""
    return bool(declared.file)


@dataclass(frozen=True, slots=True)
class Concept:
    """Codes that stand for one thing, such as a smoker, in the fields that are derived."""

    name: str
    says: str
    codes: tuple[str, ...]
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of a scheme: a measure, a rule or a count, and how much of it is asked for.

    `counts` names what is counted of the submission as a whole, in place of a `subject`; `cqims`
    how many of the Clinical Quality Improvement Metrics must be published; `dqmi` an item of the
    Data Quality Maturity Index, or its total; and `unassessed` says why a line that a scheme asks
    for cannot be told from an extract.

    `short` names a line that only breaks the one before it down, and may be shown beside it.
    `threshold` is a fraction; None means the line is shown for information. `headline` is the
    short name of the column it takes in a comparison of trusts. `not_collected` says that the
    standard has no item for this, so that it can never be missing; `carried` says which item
    carries it. `watch` names the data item
    whose answers are looked at for being always the same.
    """

    id: str
    title: str
    short: str
    section: str
    subject: str
    counts: Count | None
    cqims: int
    unassessed: str
    threshold: Decimal | None
    headline: str
    not_collected: bool
    reason: str
    carried: str
    watch: tuple[str, str] | None
    basis: Basis
    source: str
    verified: bool
    fix: str
    dqmi: str = ""


@dataclass(frozen=True, slots=True)
class Scheme:
    """Who asks for how much. `family` groups editions; `default` ones run when none is named."""

    id: str
    family: str
    title: str
    about: str
    source: str
    default: bool
    criteria: tuple[Criterion, ...]
    file: str


@dataclass(frozen=True)
class Rules:
    """Everything that judges an extract, and the fingerprint of it.

    `own` are the ids of rules and measures that the folder given last writes or changes, and
    `dropped` those that it takes away.
    """

    spec: Spec
    records: Mapping[str, Rule]
    measures: Mapping[str, Measure]
    schemes: Mapping[str, Scheme]
    providers: Mapping[str, str]
    fingerprint: str
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    concepts: Mapping[str, Concept] = field(default_factory=dict)
    dqmi: Mapping[str, DqmiItem] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()

    @property
    def declared(self) -> list[Declared]:
        """Every record rule, every measure and every indicator."""
        return [*self.records.values(), *self.measures.values(), *self.indicators.values()]

    def table_of(self, declared: Declared) -> Table:
        """The table or base whose rows something judges. Raises KeyError where there is none."""
        if isinstance(declared, Indicator):
            return base_table(self.spec, declared.table)
        return self.spec.tables[declared.table]

    def for_table(self, table: str) -> list[Rule]:
        """The record rules of one table, in order of their ids."""
        return [rule for rule in self.records.values() if rule.table == table]


def called_now(id: str, among: Iterable[Declared]) -> str:
    """The id that one of these has now, which had this id before; empty where none had it."""
    return next((one.id for one in among if id in one.formerly), "")


def headed(section: str, title: str) -> str:
    """The title of a criterion with its heading before it, unless it says that already."""
    if section in title:
        return title
    return f"{section} {title}" if section.endswith("?") else f"{section}: {title}"
