"""The findings of a submission, one row each: which record fails what, and where it stands.

No value of a record is among them, nor whose it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

RULE, MEASURE = "rule", "measure"
"""What a finding may be about, in the column `kind`."""

SCHEMA = pl.Schema(
    {
        "provider": pl.String(),
        "period": pl.Date(),
        "kind": pl.String(),
        "rule": pl.String(),
        "title": pl.String(),
        "effect": pl.String(),
        "table": pl.String(),
        "items": pl.String(),
        "record": pl.Int64(),
        "file": pl.String(),
        "line": pl.Int64(),
    }
)
"""The columns of findings."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: in its table and, where that is known, on which line of its file."""

    record: int
    line: int | None


@dataclass(frozen=True)
class Findings:
    """Records that fail rules or measures.

    `frame` has the columns of `SCHEMA`. `kind` is `rule` or `measure`, and `rule` the id of
    either; `effect` is null of a measure. `items` names the items it is about, with commas between
    them, those of other tables as `table.item`. `record` is the place of the record among those of
    the submission in its table, from 1; null where a rule is about a table as a whole. `file` and
    `line` are null where they are not known. The records that fail a rule stand together, the
    first of them first. `left_out` says, by rule, how many more there are than in the frame.
    `to_mend` says, by measure, in which table the first record stands that is to be put right,
    and where: that need not be the one that fails, but what is beside it.
    """

    frame: pl.DataFrame
    left_out: Mapping[str, int]
    to_mend: Mapping[str, tuple[str, Place]] = field(default_factory=dict)

    @cached_property
    def first(self) -> Mapping[str, Place]:
        """The place of the first record that fails each rule or measure."""
        rows = self.of_each_the_first().frame.select("rule", "record", "line").iter_rows()
        return {rule: Place(record, line) for rule, record, line in rows if record is not None}

    def of_each_the_first(self) -> Findings:
        """The first finding of each rule or measure, and no word of how many more there are."""
        first = self.frame.unique("rule", keep="first", maintain_order=True)
        return Findings(first, {}, self.to_mend)
