"""The rows that national indicators are counted on, with some of them corrected.

It holds the rows of one base and window, and counts indicators on them as they are or as they
would be. Whose they are and what is to be put right is left to `national_gaining`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import polars as pl

from msds_audit.bases import Base, base_table
from msds_audit.checks import read_values, row_check
from msds_audit.extract import Period, normalised
from msds_audit.failing import example_values, targets
from msds_audit.history import SENT, History
from msds_audit.national import rows_in_window, totals
from msds_audit.rule import Indicator, Rules
from msds_audit.worklist import Share

_IDENTITY: Mapping[Base, tuple[str, ...]] = {
    Base.BOOKINGS: ("PregnancyID", "AntenatalAppDate", SENT),
    Base.BIRTHS: ("LPIDBaby", "LabourDeliveryID", SENT),
    Base.LABOUR_ACTIVITIES: (),
    Base.PREGNANCIES: ("PregnancyID",),
    Base.EARLIER_PREGNANCIES: ("PregnancyID",),
    Base.EARLIER_CONTACTS: ("Contact",),
}
"""By what a row of a base is known in another window."""


class NationalRows:
    """The rows of one base that a window of months has."""

    def __init__(self, like: Indicator, history: History, reporting: Period, rules: Rules) -> None:
        self._rules = rules
        self._base = Base(like.table)
        self._rows = rows_in_window(like, history, rules, reporting).collect()

    def failing(self, indicator: Indicator) -> dict[str, list[dict[str, Any]]]:
        """Everybody whom an indicator counts and who passes on none of their rows, with those."""
        judged = _judged(indicator, self._rows, self._rules).filter("applies")
        passing = judged.filter("passes")["who"].unique().implode()
        found: dict[str, list[dict[str, Any]]] = {}
        for row in judged.filter(~pl.col("who").is_in(passing)).iter_rows(named=True):
            found.setdefault(row["who"], []).append(row)
        return dict(sorted(found.items()))

    def asked(self, indicator: Indicator) -> dict[str, dict[str, Any]]:
        """Everybody whom an indicator counts, with the last of their rows."""
        judged = _judged(indicator, self._rows, self._rules).filter("applies")
        return {row["who"]: row for row in judged.iter_rows(named=True)}

    def identities(self, indicator: Indicator, people: Collection[str]) -> pl.DataFrame:
        """By what the rows of these people are known, of those that an indicator counts."""
        judged = _judged(indicator, self._rows, self._rules).filter("applies")
        mine = judged.filter(pl.col("who").is_in(list(people)))
        return mine.select(_IDENTITY[self._base]).unique()

    def corrected(self, indicator: Indicator, identities: pl.DataFrame) -> pl.DataFrame:
        """The rows, with what an example that passes has in those that are known so."""
        names = _IDENTITY[self._base]
        known = identities.with_columns(pl.lit(True).alias("known"))
        marked = self._rows.join(
            known, on=names, how="left", nulls_equal=True, maintain_order="left"
        )
        right = _example(indicator, self._rules)
        return marked.with_columns(
            pl.when(pl.col("known").fill_null(False))
            .then(pl.lit(value).cast(self._rows.schema[name]))
            .otherwise(pl.col(name))
            .alias(name)
            for name, value in right.items()
        ).drop("known")

    def still_failing(self, indicator: Indicator, people: Collection[str]) -> set[str]:
        """Who of these would not pass once all of them are corrected."""
        corrected = self.corrected(indicator, self.identities(indicator, people))
        judged = _judged(indicator, corrected, self._rules)
        passing = judged.filter(pl.col("applies") & pl.col("passes"))["who"]
        return set(people) - set(passing)

    def counted(self, indicators: Iterable[Indicator], rows: pl.DataFrame) -> dict[str, Share]:
        """What is counted of indicators on such rows, by id."""
        indicators = list(indicators)
        [row] = rows.select(
            total for one in indicators for total in totals(one, self._rules)
        ).to_dicts()
        return {
            one.id: Share(row[f"{one.id} passes"], row[f"{one.id} applies"]) for one in indicators
        }


def _judged(indicator: Indicator, rows: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The rows of people who can be told apart: who it is, whether it applies and passes."""
    check = row_check(indicator, rules.table_of(indicator))
    return rows.with_columns(
        pl.col(indicator.distinct).alias("who"),
        check.applies.alias("applies"),
        check.passes.alias("passes"),
    ).filter(pl.col("who").is_not_null())


def _example(indicator: Indicator, rules: Rules) -> dict[str, Any]:
    """What stands in an example that passes, of the columns that are to be put right."""
    shown = example_values(indicator, None)
    names = [name for _, some in targets(indicator) for name in some if shown.get(name)]
    table = base_table(rules.spec, indicator.table)
    text = pl.LazyFrame(
        {name: [shown[name]] for name in names}, schema=dict.fromkeys(names, pl.String)
    )
    items = [table.by_name[name] for name in names]
    [values] = read_values(normalised(text), items, ()).select(names).collect().to_dicts()
    return values
