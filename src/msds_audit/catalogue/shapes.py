"""The shape of every kind of rule file, as Pydantic models: unknown keys are errors.

What each key is for stands beside it, for people who write rules in an editor that shows it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from msds_audit.bases import Base
from msds_audit.rule import Against, Basis, Count, Effect, Expected, Family
from msds_audit.windows import Window

Text = Annotated[str, Field(min_length=1)]


class RuleFile(BaseModel):
    """Anything read from a rule file: unknown keys are errors, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, str_strip_whitespace=True)


# --- keys that several shapes have --------------------------------------------------------

Id = Annotated[Text, Field(description="The id: for ever, never reused, never given to another.")]
TableName = Annotated[Text, Field(description="The full name of a table: MSD101PregnancyBooking.")]
Title = Annotated[Text, Field(description="What must hold, in one sentence without a full stop.")]
Why = Annotated[Text, Field(description="Why it matters, for a midwife: one or two sentences.")]
Fix = Annotated[str, Field(description="What to do in the maternity system about what fails.")]
Applies = Annotated[str, Field(description="SQL: the rows judged. Left out, every row is.")]
Passes = Annotated[
    str, Field(description="SQL: what must be true of a row that is judged. Null is not true.")
]
BasisKey = Annotated[
    Basis,
    Field(
        description="How it is known: published (for MSDS), analogy (the sister data sets IAPT and "
        "MHSDS), advice (our own)."
    ),
]
Source = Annotated[Text, Field(description="Where it was read, exactly enough to find it again.")]
Verified = Annotated[
    bool, Field(description="Whether the source itself was read. If not, the line is marked *.")
]
Since = Annotated[str, Field(description="The version it came with, or a date of your own.")]
Formerly = Annotated[
    tuple[Text, ...], Field(description="Ids it had before; nothing else may have them again.")
]
Mends = Annotated[
    tuple[Text, ...],
    Field(description="What to put right, as Item or related.Item; else what `passes` reads."),
]
RuleName = Annotated[
    Text, Field(description="A short name: lower case, words joined by hyphens. Found by it too.")
]
EffectKey = Annotated[
    Effect,
    Field(
        description="What becomes of what fails: rejects-file, rejects-patient (rules of MSD001 "
        "only), rejects-record, warning, or counts-as-invalid (accepted, and not counted)."
    ),
]
Extends = Annotated[
    Text, Field(description="The id of what is changed; only the keys given here are different.")
]
Drop = Annotated[tuple[Text, ...], Field(description="Ids that stand before, to be left out.")]
RowOf = Annotated[dict[str, str], Field(description="Items and values, all as text in quotes.")]


# --- examples -----------------------------------------------------------------------------


class ExampleEntry(RuleFile):
    """A row and what must come of it; it is run whenever rules are checked."""

    says: Annotated[Text, Field(description="What the example is, in a few words.")]
    row: Annotated[
        dict[str, str],
        Field(description="Items of the row and their values, as text; items left out are blank."),
    ]
    others: Annotated[
        tuple[RowOf, ...],
        Field(description="Further rows of the same table, for `unique` and `occurs`."),
    ] = ()
    related: Annotated[
        dict[str, RowOf | tuple[RowOf, ...]],
        Field(description="Rows of other tables by the name that predicates give them: mother."),
    ] = {}
    period: Annotated[str, Field(description="The reporting month, as 2026-08.")] = ""
    provider: Annotated[str, Field(description="The code of the trust, as RJ7.")] = ""
    result: Annotated[Expected, Field(description="pass, fail, or not applicable.")]


Examples = Annotated[
    tuple[ExampleEntry, ...],
    Field(description="Rows that show what it does; at least one passes and one fails."),
]


# --- rules --------------------------------------------------------------------------------


class RelatedEntry(RuleFile):
    """Rows of another table that predicates may name beside the rows of a table."""

    beside: Annotated[Text, Field(description="The table whose rules may name it, in full.")]
    name: Annotated[Text, Field(description="What predicates call it, as `mother`.")]
    table: Annotated[Text, Field(description="The table that its rows come from, in full.")]
    on: Annotated[Text, Field(description="The item of that table by which rows are found.")]
    source: Annotated[
        str,
        Field(description="The item beside it that must be equal, or name.Item; else as `on`."),
    ] = ""
    where: Annotated[
        str | None, Field(description="SQL: which rows of that table count; else all do.")
    ] = None


class RelatedFile(RuleFile):
    """Rows of other tables that rules may name."""

    related: Annotated[
        tuple[RelatedEntry, ...], Field(description="Each name, beside one table; in order.")
    ]


class OccursEntry(RuleFile):
    """How many records a table may have."""

    least: int = Field(default=0, ge=0, description="At least so many records.")
    most: int | None = Field(default=None, ge=0, description="At most so many; else any number.")


class RuleEntry(RuleFile):
    """A new rule about the records of the table. Give one of passes, unique and occurs."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [key]} for key in ("passes", "unique", "occurs")]}
    )

    id: Id
    name: RuleName
    title: Title
    why: Why
    fix: Annotated[Fix, Field(min_length=1)]
    effect: EffectKey
    basis: BasisKey
    source: Source
    verified: Verified
    applies: Applies = ""
    passes: Passes = ""
    unique: Annotated[
        tuple[Text, ...],
        Field(description="In place of `passes`: the items that no two rows may share."),
    ] = ()
    occurs: Annotated[
        OccursEntry | None,
        Field(description="In place of `passes`: how many records the table may have."),
    ] = None
    since: Since = ""
    formerly: Formerly = ()
    example: Examples


class RuleChange(RuleFile):
    """What is to be different in a rule that stands elsewhere: the keys that are given."""

    extends: Extends
    name: RuleName = ""
    title: Title = ""
    why: Why = ""
    fix: Annotated[Fix, Field(min_length=1)] = ""
    effect: EffectKey | None = None
    basis: BasisKey | None = None
    source: Source = ""
    verified: Verified = False
    applies: Applies = ""
    passes: Annotated[Passes, Field(min_length=1)] = ""
    since: Annotated[Since, Field(min_length=1)] = ""
    formerly: Formerly = ()
    example: Examples = ()


class RecordsFile(RuleFile):
    """Rules about the records of one table."""

    table: TableName
    drop: Drop = ()
    rule: Annotated[
        tuple[dict[str, Any], ...],
        Field(description="A rule: a new one with an `id`, or a change with `extends`."),
    ] = ()


# --- measures -----------------------------------------------------------------------------


class MeasureEntry(RuleFile):
    """A new measure: a share of people. All rows of one must pass for them to count."""

    id: Id
    title: Title
    why: Why
    fix: Fix = ""
    table: TableName
    applies: Applies = ""
    passes: Annotated[Passes, Field(min_length=1)]
    distinct: Annotated[
        Text, Field(description="The item that tells people apart: LPIDMother, LPIDBaby.")
    ]
    unit: Annotated[Text, Field(description="Who is counted, in the plural: women booked.")]
    basis: BasisKey
    source: Source
    verified: Verified
    since: Since = ""
    formerly: Formerly = ()
    mends: Mends = ()
    example: Examples


class MeasureChange(RuleFile):
    """What is to be different in a measure that stands elsewhere: the keys that are given."""

    extends: Extends
    title: Title = ""
    why: Why = ""
    fix: Fix = ""
    applies: Applies = ""
    passes: Annotated[Passes, Field(min_length=1)] = ""
    basis: BasisKey | None = None
    source: Source = ""
    verified: Verified = False
    since: Annotated[Since, Field(min_length=1)] = ""
    formerly: Formerly = ()
    mends: Mends = ()
    example: Examples = ()


Limit = Annotated[
    Decimal | None,
    Field(ge=0, le=1, description="A rate, as 0.70; left out where there is no such limit."),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]


class IndicatorEntry(RuleFile):
    """A national indicator: a rate over people and months. Any row that qualifies counts."""

    id: Id
    family: Annotated[Family, Field(description="Its family in the published measures file.")]
    title: Title
    why: Why
    fix: Fix = ""
    base: Annotated[Base, Field(description="Whose rows are judged.")] = Base.BIRTHS
    window: Annotated[Window, Field(description="The months it reads.")] = Window.MONTH
    applies: Applies = ""
    passes: Passes = ""
    distinct: Annotated[
        str, Field(description="The column that tells people apart: LPIDMother, Mother, LPIDBaby.")
    ] = ""
    unit: Annotated[str, Field(description="Who is in the denominator, in the plural.")] = "people"
    counted: Annotated[str, Field(description="Who is in the numerator, in the plural.")] = ""
    against: Annotated[
        Against,
        Field(description="What the numerator is held against: people, hes-deliveries, or one."),
    ] = Against.PEOPLE
    lower: Limit = None
    upper: Limit = None
    exclusive: Annotated[bool, Field(description="Whether a rate equal to a limit fails it.")] = (
        False
    )
    needs_someone: Annotated[
        bool, Field(description="Whether nobody in the numerator fails it.")
    ] = False
    rests_on: Annotated[
        tuple[Text, ...], Field(description="The measures that withhold it where they fail.")
    ] = ()
    submitted: Annotated[
        str, Field(description="The measure that tells whether anything was sent at all.")
    ] = ""
    per: Annotated[
        Literal[100, 1000], Field(description="100, or 1000 for a rate per thousand.")
    ] = 100
    note: Annotated[str, Field(description="What is odd about its definition.")] = ""
    undefined: Annotated[
        str, Field(description="Why it cannot be counted, where its definition is not known.")
    ] = ""
    basis: BasisKey
    source: Source
    verified: Verified
    since: Since = ""
    formerly: Formerly = ()
    example: Examples = ()


class MeasuresFile(RuleFile):
    """Measures: shares of people; and national indicators."""

    drop: Drop = ()
    measure: Annotated[
        tuple[dict[str, Any], ...],
        Field(description="A measure: a new one with an `id`, or a change with `extends`."),
    ] = ()
    indicator: Annotated[
        tuple[dict[str, Any], ...],
        Field(description="A national indicator: a new one with an `id`; none is changed."),
    ] = ()


class ConceptEntry(RuleFile):
    """Codes that stand for one thing in the fields that are derived."""

    name: Annotated[Text, Field(description="What the fields call it, as `smoker`.")]
    says: Annotated[Text, Field(description="What has one of these codes.")]
    codes: Annotated[tuple[Text, ...], Field(description="The codes.")]
    source: Source
    verified: Verified


class ConceptsFile(RuleFile):
    """Codes by which fields are derived."""

    concept: Annotated[tuple[ConceptEntry, ...], Field(description="Each with its codes.")]


# --- schemes ------------------------------------------------------------------------------


class CriterionEntry(RuleFile):
    """A line of a scheme: a measure or a rule, and how much of it is asked for."""

    id: Annotated[Text, Field(description="The id of the line, once within its scheme.")]
    section: Annotated[Text, Field(description="The heading under which the line is shown.")]
    title: Annotated[str, Field(description="The line in words; else that of what it names.")] = ""
    short: Annotated[
        str, Field(description="A few words, where the line only breaks down the one before it.")
    ] = ""
    measure: Annotated[str, Field(description="The id of the measure it rests on.")] = ""
    rule: Annotated[str, Field(description="In place of `measure`: the id of a rule.")] = ""
    indicator: Annotated[
        str, Field(description="In place of `measure`: the id of a national indicator.")
    ] = ""
    counts: Annotated[
        Count | None,
        Field(description="In place of both: what is counted of the submission as a whole."),
    ] = None
    cqims: Annotated[
        int, Field(ge=0, description="In place of all: how many of the CQIMs must be published.")
    ] = 0
    dqmi: Annotated[
        str, Field(description="In place of all: the UID of an item of the DQMI, or total.")
    ] = ""
    unassessed: Annotated[
        str, Field(description="In place of all: why no extract tells whether it is met.")
    ] = ""
    threshold: Annotated[
        Decimal | None,
        Field(gt=0, le=1, description="The share asked for, as 0.90; else for information."),
        WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 1}),
    ] = None
    headline: Annotated[
        str, Field(description="The short name of its column where trusts are compared.")
    ] = ""
    not_collected: Annotated[
        bool, Field(description="Whether the standard has no item for this.")
    ] = False
    reason: Annotated[str, Field(description="Why it is not collected.")] = ""
    watch: Annotated[
        str, Field(description="TABLE.Item whose answers are looked at for being all the same.")
    ] = ""
    carried: Annotated[
        str, Field(description="What carries it, where it is not collected by an item of its own.")
    ] = ""
    basis: BasisKey | None = None
    source: Annotated[str, Field(description="Who asks for it; needed with a threshold.")] = ""
    verified: Verified | None = None
    fix: Fix = ""


class SchemeFile(RuleFile):
    """Who asks for how much: a list of criteria, perhaps a difference on another scheme."""

    id: Annotated[Text, Field(description="The id, as --scheme takes it.")]
    family: Annotated[Text, Field(description="What its editions are called together.")]
    title: Annotated[Text, Field(description="The name of the scheme.")]
    about: Annotated[Text, Field(description="What it asks, in a sentence.")]
    source: Source
    order: Annotated[int, Field(description="Its place among the schemes; lower comes first.")]
    default: Annotated[bool, Field(description="Whether it is asked where none is named.")]
    extends: Annotated[str, Field(description="The id of the scheme it is a difference on.")] = ""
    drop: Annotated[
        tuple[Text, ...], Field(description="Criteria of that scheme that are left out.")
    ] = ()
    criterion: Annotated[
        tuple[CriterionEntry, ...],
        Field(description="Its lines. One with the id of an inherited line stands in its place."),
    ] = ()
