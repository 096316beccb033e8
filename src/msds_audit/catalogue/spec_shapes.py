"""The shape of the files of the specification, as Pydantic models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from msds_audit.bounds import pattern_refused
from msds_audit.catalogue.shapes import RuleFile, Text
from msds_audit.spec import CodeClass, Mandation

Name = Annotated[str, Field(pattern="^[A-Za-z][A-Za-z0-9_]*$")]
"""What a predicate can name."""


def _bounded(pattern: str) -> str:
    if refused := pattern_refused(pattern):
        raise ValueError(f"smaller: {refused.rstrip('.')}")
    return pattern


Pattern = Annotated[str, AfterValidator(_bounded)]
"""A regular expression that is not too large."""


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
    name: Name
    uid: Text
    element: Text
    mandation: Mandation
    format: Text
    key: bool = False
    references: str | None = None
    codes: str | None = None
    constraint: str | None = None
    shape: Pattern | None = None
    shape_source: str = ""
    equality: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class TableFile(RuleFile):
    table: Name
    group: Text
    record: str = ""
    section: str
    occurs: Occurs
    mandatory: bool
    derived: tuple[str, ...] = ()
    item: tuple[ItemEntry, ...]
