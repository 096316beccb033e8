"""The VODIM class of every value of every data item: tables for the screen, or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from msds_audit.reports.wording import DISCLOSURE_NOTE, percent
from msds_audit.scorecard import ItemTally, Scorecard

COLUMNS = (
    "provider",
    "period",
    "table",
    "uid",
    "item",
    "rows",
    "valid",
    "other",
    "default",
    "invalid",
    "missing",
    "reason",
)
_WIDEST_ITEM = 38


def vodim_as_text(cards: Sequence[Scorecard], *, tables: Sequence[str] = ()) -> str:
    """A table for each table of each card, narrow enough for a screen; all unless named."""
    return "\n".join(line for card in cards for line in _card(card, tables)) + "\n"


def _card(card: Scorecard, tables: Sequence[str]) -> Iterator[str]:
    yield f"{card.name}, {card.period.name}"
    yield from (f"! {notice}" for notice in card.notices)
    yield "V valid, O other (a legitimate non-answer), D default (not known), I invalid, M missing"
    found: dict[str, list[ItemTally]] = {}
    for tally in _chosen(card, tables):
        found.setdefault(tally.table, []).append(tally)
    absent = [table for table, tallies in found.items() if table not in card.rows]
    for table, tallies in found.items():
        if table in absent:
            continue
        yield ""
        yield f"{table}, {card.rows[table]:,} rows"
        yield f"  {'':<{_WIDEST_ITEM}}{'V':>8}{'O':>8}{'D':>8}{'I':>8}{'M':>8}   valid"
        yield from (_item(tally) for tally in tallies)
    if absent:
        yield ""
        yield f"NOT ASSESSED, because not in this extract: {', '.join(absent)}"
    if card.disclosure:
        yield ""
        yield DISCLOSURE_NOTE
    yield ""


def _item(tally: ItemTally) -> str:
    if tally.reason:
        return f"  {tally.item:<{_WIDEST_ITEM}}NOT ASSESSED: {tally.reason}"
    counts = (tally.valid, tally.other, tally.default, tally.invalid, tally.missing)
    numbers = "".join(f"{number:>8,}" for number in counts)
    valid = percent(tally.valid, tally.rows) if tally.rows else "no rows"
    return f"  {tally.item:<{_WIDEST_ITEM}}{numbers}{valid:>9}"


def _chosen(card: Scorecard, tables: Sequence[str]) -> Iterable[ItemTally]:
    return (tally for tally in card.items if not tables or tally.table in tables)


def vodim_as_csv(cards: Sequence[Scorecard], *, tables: Sequence[str] = ()) -> str:
    """A row for each item of each card; counts are blank where `reason` says why."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for card in cards:
        for tally in _chosen(card, tables):
            counts = (
                tally.rows,
                tally.valid,
                tally.other,
                tally.default,
                tally.invalid,
                tally.missing,
            )
            writer.writerow(
                [
                    card.provider,
                    str(card.period),
                    tally.table,
                    tally.uid,
                    tally.item,
                    *((None,) * len(counts) if tally.reason else counts),
                    tally.reason,
                ]
            )
    return out.getvalue()
