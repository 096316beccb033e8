"""Which findings there is room for in a report that takes only so many, the gravest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from msds_audit.found import MEASURE, RULE
from msds_audit.rule import Effect
from msds_audit.scorecard import Outcome, Scorecard

MOST_NAMED = 6
"""How many rules a sentence about what is left out names."""

_CARD, _GRAVITY = "card", "gravity"
_AFTER_WARNINGS = list(Effect).index(Effect.WARNING) + 0.5
"""Where records that count against a criterion stand among the effects of rules."""


@dataclass(frozen=True)
class Chosen:
    """The findings about a record that there is room for, and how many others each rule has."""

    rows: pl.DataFrame
    left_out: Mapping[str, int]

    def of_cards(self, cards: Sequence[Scorecard]) -> Iterator[tuple[Scorecard, dict[str, Any]]]:
        """Each finding with its card, the gravest first."""
        for row in self.rows.iter_rows(named=True):
            yield cards[row[_CARD]], row

    @property
    def said(self) -> str:
        """That some are left out, and of which rules most; empty where none is."""
        left = Counter(self.left_out)
        if not left.total():
            return ""
        most = [f"{id} {number:,}" for id, number in left.most_common(MOST_NAMED)]
        most += [f"{len(left) - MOST_NAMED:,} more rules"] if len(left) > MOST_NAMED else []
        return (
            f"Of the records that fail {self.rows.height:,} are named, and "
            f"{left.total():,} are not, for want of room: {', '.join(most)}."
        )


def chosen(cards: Sequence[Scorecard], room: int) -> Chosen:
    """The findings to write: of rules, and of measures that criteria rest on which are not met."""
    parts, more = [], Counter[str]()
    for at, card in enumerate(cards):
        if card.findings is not None:
            frame = card.findings.frame
            asked = (pl.col("kind") == RULE) | pl.col("rule").is_in(list(missed(card)))
            parts.append(
                frame.filter(asked & pl.col("record").is_not_null()).with_columns(
                    pl.lit(at).alias(_CARD), _gravity().alias(_GRAVITY)
                )
            )
            wanted = set(parts[-1]["rule"])
            more.update({id: left for id, left in card.findings.left_out.items() if id in wanted})
    if not parts:
        return Chosen(pl.DataFrame(), {})
    every = pl.concat(parts).sort(_GRAVITY, maintain_order=True)
    more.update(dict(every[max(room, 0) :].group_by("rule").len().sort("rule").iter_rows()))
    return Chosen(every.head(max(room, 0)), more)


def missed(card: Scorecard) -> Mapping[str, tuple[str, str]]:
    """By measure, the first criterion that is not met and rests on it: its scheme and id."""
    found: dict[str, tuple[str, str]] = {}
    for one in card.results:
        if one.outcome is Outcome.NOT_MET and one.subject:
            found.setdefault(one.subject, (one.scheme, one.criterion))
    return found


def _gravity() -> pl.Expr:
    order = {str(effect): float(place) for place, effect in enumerate(Effect)}
    of_rules = pl.col("effect").replace_strict(order, default=None, return_dtype=pl.Float64)
    return pl.when(pl.col("kind") == MEASURE).then(_AFTER_WARNINGS).otherwise(of_rules)
