"""The shape of every kind of rule file, as Pydantic models: unknown keys are errors."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from msds_audit.rule import Basis, Count, Effect, Expected
from msds_audit.spec import CodeClass, Mandation

Text = Annotated[str, Field(min_length=1)]


class RuleFile(BaseModel):
    """Anything read from a rule file: unknown keys are errors, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, str_strip_whitespace=True)


# --- the specification --------------------------------------------------------------------


class SpecFile(RuleFile):
    version: Text
    standard: Text
    title: Text
    tables: int
    items: int
    digest: Text
    source: Text
    licence: Text


class CodeEntry(RuleFile):
    code: Text
    label: Text
    cls: CodeClass = Field(alias="class")
    group: str | None = None
    broad: bool = False
    note: str = ""
    prefix: bool = False


class NearMissEntry(RuleFile):
    seen: Text
    kind: Literal["label", "old code", "2021 label", "local code"]
    means: tuple[Text, ...]


class CodesFile(RuleFile):
    name: Text
    title: Text
    closed: bool
    source: Text
    verified: bool
    caution: str = ""
    local_suffix: bool = False
    code: tuple[CodeEntry, ...]
    near_miss: tuple[NearMissEntry, ...] = ()


class Occurs(RuleFile):
    min: int
    max: int | None = None
    per: str | None = None


class ItemEntry(RuleFile):
    name: Text
    uid: Text
    element: Text
    mandation: Mandation
    format: Text
    key: bool = False
    references: str | None = None
    codes: str | None = None
    constraint: str | None = None
    shape: str | None = None
    shape_source: str = ""
    equality: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class TableFile(RuleFile):
    table: Text
    group: Text
    record: str = ""
    section: str
    occurs: Occurs
    mandatory: bool
    derived: tuple[str, ...] = ()
    item: tuple[ItemEntry, ...]


# --- rules --------------------------------------------------------------------------------


class RelatedEntry(RuleFile):
    beside: Text
    name: Text
    table: Text
    on: Text
    source: str = ""
    where: str | None = None


class RelatedFile(RuleFile):
    related: tuple[RelatedEntry, ...]


class ExampleEntry(RuleFile):
    says: Text
    row: dict[str, str]
    others: tuple[dict[str, str], ...] = ()
    related: dict[str, dict[str, str] | tuple[dict[str, str], ...]] = {}
    period: str = ""
    provider: str = ""
    result: Expected


class OccursEntry(RuleFile):
    least: int = Field(default=0, ge=0)
    most: int | None = Field(default=None, ge=0)


class RuleEntry(RuleFile):
    id: Text
    name: Text
    title: Text
    why: Text
    fix: Text
    effect: Effect
    basis: Basis
    source: Text
    verified: bool
    applies: str = ""
    passes: str = ""
    unique: tuple[Text, ...] = ()
    occurs: OccursEntry | None = None
    since: str = ""
    formerly: tuple[Text, ...] = ()
    example: tuple[ExampleEntry, ...]


class RuleChange(RuleFile):
    """What is to be different in a rule that stands elsewhere: the keys that are given."""

    extends: Text
    name: Text = ""
    title: Text = ""
    why: Text = ""
    fix: Text = ""
    effect: Effect | None = None
    basis: Basis | None = None
    source: Text = ""
    verified: bool = False
    applies: str = ""
    passes: Text = ""
    since: Text = ""
    formerly: tuple[Text, ...] = ()
    example: tuple[ExampleEntry, ...] = ()


class RecordsFile(RuleFile):
    table: Text
    drop: tuple[Text, ...] = ()
    rule: tuple[dict[str, Any], ...] = ()


class MeasureEntry(RuleFile):
    id: Text
    title: Text
    why: Text
    fix: str = ""
    table: Text
    applies: str = ""
    passes: Text
    distinct: Text
    unit: Text
    basis: Basis
    source: Text
    verified: bool
    since: str = ""
    formerly: tuple[Text, ...] = ()
    example: tuple[ExampleEntry, ...]


class MeasureChange(RuleFile):
    """What is to be different in a measure that stands elsewhere: the keys that are given."""

    extends: Text
    title: Text = ""
    why: Text = ""
    fix: str = ""
    applies: str = ""
    passes: Text = ""
    basis: Basis | None = None
    source: Text = ""
    verified: bool = False
    since: Text = ""
    formerly: tuple[Text, ...] = ()
    example: tuple[ExampleEntry, ...] = ()


class MeasuresFile(RuleFile):
    drop: tuple[Text, ...] = ()
    measure: tuple[dict[str, Any], ...] = ()


class CriterionEntry(RuleFile):
    id: Text
    section: Text
    title: str = ""
    short: str = ""
    measure: str = ""
    rule: str = ""
    counts: Count | None = None
    threshold: Decimal | None = Field(default=None, gt=0, le=1)
    headline: str = ""
    not_collected: bool = False
    reason: str = ""
    watch: str = ""
    carried: str = ""
    basis: Basis | None = None
    source: str = ""
    verified: bool | None = None
    fix: str = ""


class SchemeFile(RuleFile):
    id: Text
    family: Text
    title: Text
    about: Text
    source: Text
    order: int
    default: bool
    extends: str = ""
    drop: tuple[Text, ...] = ()
    criterion: tuple[CriterionEntry, ...] = ()
