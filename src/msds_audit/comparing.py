"""Compares two extracts record by record: what is fixed, gone, new, and what persists.

It takes two submissions and what was found in them, and returns counts; which record is which is
left to `following`, and the words to `reports`. Nothing is kept between runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from msds_audit.audit import SMALL
from msds_audit.comparison import Compared, Comparison, Followed, Movement, Unpaired
from msds_audit.engines import Engine
from msds_audit.errors import ExtractError, UsageError
from msds_audit.extract import POLARS_FAILED, Extract, Submission
from msds_audit.failing_rows import ROW, applies_to, fails, judged_rows
from msds_audit.following import HOW, NEW_ROW, OLD_ROW, How, follow, known, marks_of
from msds_audit.rule import Measure, Rule, Rules, Scheme
from msds_audit.scorecard import Audited, Scorecard, Tally
from msds_audit.spec import Table

_MOST_NAMED = 4
_NOW, _THERE, _PERSON = " now", "is there", "person"


# --- which submissions --------------------------------------------------------------------


@dataclass(frozen=True)
class Pairs:
    """The submissions of two extracts that are to be compared, and those of one alone."""

    both: tuple[tuple[Submission, Submission], ...]
    only_before: tuple[Submission, ...]
    only_now: tuple[Submission, ...]


def paired(before: Extract, now: Extract) -> Pairs:
    """The submissions that belong together: of the same provider and month.

    Where each extract has one submission of a provider and they are of different months, these
    belong together too.

    Raises:
        UsageError: If none do.
    """
    of_before, of_now = (
        {(one.provider, one.period): one for one in extract.submissions}
        for extract in (before, now)
    )
    both = [(of_before[key], of_now[key]) for key in of_before if key in of_now]
    alone = [one for key, one in of_before.items() if key not in of_now]
    others = [one for key, one in of_now.items() if key not in of_before]
    for one in alone:
        sole = [
            [each for each in extract.submissions if each.provider == one.provider]
            for extract in (before, now)
        ]
        if all(len(found) == 1 for found in sole):
            both.append((one, sole[1][0]))
    if not both:
        raise UsageError(
            "OLD and NEW hold no submission of the same provider and month.",
            hint=f"OLD holds {_named(alone)}; NEW holds {_named(others)}.",
        )
    chosen = {id(one) for pair in both for one in pair}
    return Pairs(
        tuple(both),
        tuple(one for one in alone if id(one) not in chosen),
        tuple(one for one in others if id(one) not in chosen),
    )


def _named(submissions: Sequence[Submission]) -> str:
    names = ", ".join(one.name for one in submissions[:_MOST_NAMED])
    more = len(submissions) - _MOST_NAMED
    return f"{names} and {more:,} more" if more > 0 else names


def _unpaired(submission: Submission, rules: Rules) -> Unpaired:
    name = rules.providers.get(submission.provider, "")
    return Unpaired(submission.provider, name, submission.period)


# --- one submission before and now --------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """One of two submissions, and what was found in it."""

    submission: Submission
    audited: Audited
    card: Scorecard


def compared(
    pairs: Pairs,
    judging: tuple[Callable[[Submission], Side], Callable[[Submission], Side]],
    rules: Rules,
    schemes: Sequence[Scheme],
    on_step: Callable[[str], None],
) -> Compared:
    """What moved between submissions, those that are worse first, and what was not compared.

    Args:
        pairs: The submissions.
        judging: How to audit and score those of before, and those of now.
        rules: The rules by which both are judged.
        schemes: Whose criteria are told.
        on_step: Called with what is about to be done, in a few words.

    Raises:
        ExtractError: If a table cannot be read to its end.
    """
    found = []
    for old, new in pairs.both:
        on_step(f"Comparing {new.name}")
        found.append(compare(judging[0](old), judging[1](new), rules, schemes))
    found.sort(key=lambda one: (not one.is_worse, one.now.provider, one.now.period))
    return Compared(
        tuple(found),
        tuple(_unpaired(one, rules) for one in pairs.only_before),
        tuple(_unpaired(one, rules) for one in pairs.only_now),
    )


def compare(before: Side, now: Side, rules: Rules, schemes: Sequence[Scheme]) -> Comparison:
    """What moved between two submissions that were judged by the same rules and schemes.

    Raises:
        ExtractError: If a table cannot be read to its end.
    """
    try:
        return _compare(before, now, rules, schemes)
    except POLARS_FAILED as error:
        raise ExtractError(
            f"{now.submission.name} cannot be compared ({type(error).__name__}).",
            hint="Audit both first: msds-audit check says what is wrong with their tables.",
        ) from None


def _compare(before: Side, now: Side, rules: Rules, schemes: Sequence[Scheme]) -> Comparison:
    asked = _asked(schemes, rules)
    failing = [rule for rule in rules.records.values() if _fails(rule, before, now)]
    measures = [one for one in dict.fromkeys(asked.values()) if _fails(one, before, now)]
    judged: dict[str, list[Rule | Measure]] = {}
    for one in (*failing, *measures):
        if not (isinstance(one, Rule) and one.occurs is not None):
            judged.setdefault(one.table, []).append(one)
    records: list[Followed] = []
    moved: dict[str, Movement] = {}
    for table in rules.spec.tables.values():
        if table.name in before.submission.tables or table.name in now.submission.tables:
            both = _Tables(table, before, now, rules)
            records.append(both.followed(judged.get(table.name, ())))
            moved |= both.movements
    moved |= {rule.id: _of_file(rule, before, now) for rule in failing if rule.occurs is not None}
    return Comparison(
        before=before.card,
        now=now.card,
        tables=tuple(records),
        records=sum(records, Followed("", "")),
        people={key: moved[one.id] for key, one in asked.items() if one.id in moved},
        rules={rule.id: moved[rule.id] for rule in failing},
        findings=sum((moved[rule.id] for rule in failing), Movement()),
    )


def _asked(schemes: Iterable[Scheme], rules: Rules) -> dict[tuple[str, str], Rule | Measure]:
    """What criteria rest on, by scheme and id; not those that only break another down."""
    found: dict[tuple[str, str], Rule | Measure] = {}
    for scheme in schemes:
        for one in scheme.criteria:
            subject = rules.measures.get(one.subject) or rules.records.get(one.subject)
            if subject is not None and not one.short:
                found[scheme.id, one.id] = subject
    return found


def _fails(one: Rule | Measure, before: Side, now: Side) -> bool:
    """Whether anybody fails it, before or now."""
    return any(tally.assessed and tally.failures for tally in _tallies(one, before, now))


def _tallies(one: Rule | Measure, *sides: Side) -> list[Tally]:
    counted = (
        side.audited.measures if isinstance(one, Measure) else side.audited.rules for side in sides
    )
    return [tallies[one.id] for tallies in counted]


def _of_file(rule: Rule, before: Side, now: Side) -> Movement:
    """What became of a check of a table as a whole, which the submission itself passes or fails."""
    failed, fails = (bool(tally.failures) for tally in _tallies(rule, before, now))
    return Movement(
        fixed=int(failed and not fails),
        persisting=int(failed and fails),
        new_in_old=int(fails and not failed),
    )


# --- one table before and now -------------------------------------------------------------


class _Tables:
    """One table in both submissions, either of which may lack it."""

    def __init__(self, table: Table, before: Side, now: Side, rules: Rules) -> None:
        self._table = table
        self._sides = (before, now)
        self._spec = rules.spec
        self._marks = marks_of(table, rules.spec, rules.for_table(table.name), self._columns())
        rows = max(side.audited.rows.get(table.name, 0) for side in self._sides)
        self._engine: Engine = "in-memory" if rows <= SMALL else "streaming"
        self.movements: dict[str, Movement] = {}

    def _columns(self) -> set[str]:
        """The items that both have; those of one where the other has no such table."""
        frames = [side.submission.tables.get(self._table.name) for side in self._sides]
        there = [set(frame.collect_schema().names()) for frame in frames if frame is not None]
        return set.intersection(*there)

    def followed(self, judged: Sequence[Rule | Measure]) -> Followed:
        """What became of its records; what became of those who fail is then in `movements`."""
        before, now = (self._looked_at(side, judged) for side in self._sides)
        old, new = self._sides
        marks = [ROW, *self._marks.names]
        trail = follow(
            before.select(marks),
            now.select(marks),
            self._marks,
            (self._text(old), self._text(new)),
            is_same_month=old.submission.period == new.submission.period,
            engine=self._engine,
        )
        before, now = before.drop(marks[1:]), now.drop(marks[1:])
        joined = trail.join(before, left_on=OLD_ROW, right_on=ROW, how="left").join(
            now, left_on=NEW_ROW, right_on=ROW, how="left", suffix=_NOW
        )
        for one in judged:
            rows = self._people(joined, one) if isinstance(one, Measure) else joined
            self.movements[one.id] = _movement(rows, one)
        counts = dict(trail[HOW].value_counts().iter_rows())
        return Followed(
            self._table.name,
            self._marks.key[0] if self._marks.key else "",
            *(counts.get(str(how), 0) for how in How),
        )

    def _text(self, side: Side) -> pl.LazyFrame:
        """The table as text; without rows where it is not there."""
        empty = pl.LazyFrame(schema=dict.fromkeys(self._marks.content, pl.String))
        return side.submission.tables.get(self._table.name, empty)

    def _looked_at(self, side: Side, judged: Sequence[Rule | Measure]) -> pl.DataFrame:
        """Every record with its marks, whose it is, and what applies to it and what it fails."""
        table, submission = self._table.name, side.submission
        if table not in submission.tables:
            submission = replace(submission, stored={table: self._text(side)})
        there = submission.tables[table].collect_schema().names()
        people = {one.distinct for one in judged if isinstance(one, Measure)}
        kept = [
            *self._marks.columns,
            *(known([one] if one in there else []).alias(_whose(one)) for one in sorted(people)),
        ]
        can_be = [one for one in judged if _tallies(one, side)[0].assessed]
        cannot_be = [
            pl.lit(None, pl.Boolean).alias(part)
            for one in judged
            if one not in can_be
            for part in (applies_to(one), fails(one))
        ]
        rows = judged_rows(can_be, submission, self._spec, self._table, kept)
        names = [ROW, *(one.meta.output_name() for one in kept)]
        flags = [part for one in can_be for part in (applies_to(one), fails(one))]
        return rows.select(*names, *flags).with_columns(cannot_be).collect(engine=self._engine)

    def _people(self, joined: pl.DataFrame, measure: Measure) -> pl.DataFrame:
        """What became of the people of a measure, a row each; those without a name by record."""
        whose = _whose(measure.distinct)
        whose_now = f"{whose}{_NOW}"
        before = _by_person(joined, measure, "")
        now = _by_person(joined, measure, _NOW)
        told = measure.distinct in self._marks.content
        people = before.join(now, on=_PERSON, how="full", coalesce=True).with_columns(
            pl.when(pl.col(_THERE) & pl.col(f"{_THERE}{_NOW}"))
            .then(pl.lit(str(How.SAME)))
            .when(pl.col(_THERE))
            .then(pl.lit(str(How.GONE if told else How.UNTOLD_BEFORE)))
            .otherwise(pl.lit(str(How.ADDED if told else How.UNTOLD_NOW)))
            .alias(HOW)
        )
        unnamed = pl.col(OLD_ROW).is_not_null() & pl.col(whose).is_null()
        unnamed_now = pl.col(NEW_ROW).is_not_null() & pl.col(whose_now).is_null()
        others = joined.filter(unnamed | unnamed_now).with_columns(
            pl.when(~_is_both() | (unnamed & unnamed_now))
            .then(HOW)
            .when(unnamed)
            .then(pl.lit(str(How.UNTOLD_BEFORE)))
            .otherwise(pl.lit(str(How.UNTOLD_NOW)))
            .alias(HOW)
        )
        return pl.concat([people, others], how="diagonal")


def _whose(item: str) -> str:
    return f"{item} of whom"


def _by_person(joined: pl.DataFrame, measure: Measure, when: str) -> pl.DataFrame:
    """Of every person whether anything of theirs is so; null where that is not known."""
    whose = pl.col(f"{_whose(measure.distinct)}{when}")
    flags = [f"{part}{when}" for part in (applies_to(measure), fails(measure))]
    return (
        joined.filter(whose.is_not_null())
        .group_by(whose.alias(_PERSON))
        .agg(
            *(pl.col(name).any(ignore_nulls=False) for name in flags),
            pl.lit(True).alias(f"{_THERE}{when}"),
        )
    )


def _is_both() -> pl.Expr:
    """Whether a record is in both extracts."""
    return pl.col(HOW).is_in([str(How.SAME), str(How.CHANGED)])


def _movement(rows: pl.DataFrame, one: Rule | Measure) -> Movement:
    """What became of those who fail: a row for each record or person, before and now."""
    failed, failing = pl.col(fails(one)), pl.col(f"{fails(one)}{_NOW}")
    asked = pl.col(f"{applies_to(one)}{_NOW}")
    how = {kind: pl.col(HOW) == str(kind) for kind in How}
    both = _is_both()
    found = {
        "fixed": both & failed & asked & ~failing,
        "unasked": both & failed & ~asked,
        "gone": how[How.GONE] & failed,
        "untold_before": failed & (how[How.UNTOLD_BEFORE] | (both & failing.is_null())),
        "persisting": both & failed & failing,
        "new_in_old": both & ~failed & failing,
        "new_in_added": how[How.ADDED] & failing,
        "untold_now": failing & (how[How.UNTOLD_NOW] | (both & failed.is_null())),
    }
    sums = rows.select(so.sum().alias(name) for name, so in found.items())
    return Movement(**sums.row(0, named=True))
