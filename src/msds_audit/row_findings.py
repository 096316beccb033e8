"""Names the records that fail: rules, and the measures that criteria rest on.

It goes by what an audit has counted, and looks only for what has failures there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from msds_audit.audit import SMALL
from msds_audit.errors import ExtractError
from msds_audit.extract import ENGINE, POLARS_FAILED, Submission
from msds_audit.failing import Finder, targets
from msds_audit.failing_rows import places_failing
from msds_audit.found import MEASURE, RULE, SCHEMA, Findings, Place
from msds_audit.keys import PLACES
from msds_audit.records import Records
from msds_audit.rule import Measure, Rule, Rules, Scheme
from msds_audit.scorecard import Audited

_PLACES = pl.Schema({name: SCHEMA[name] for name in ("rule", "record", "line")})
_ABOUT = pl.Schema({name: SCHEMA[name] for name in SCHEMA if name not in ("record", "line")})
"""What differs from one finding of a rule to the next, and what does not."""


def findings(
    submission: Submission,
    audited: Audited,
    rules: Rules,
    schemes: Sequence[Scheme],
    most: int | None = None,
) -> Findings:
    """Every record that fails a rule, whatever its effect, and then those that fail a measure.

    Of measures it looks at those that criteria of these schemes rest on, but for lines that only
    break another down or are about what the standard does not collect. What could not be assessed
    has no finding: the audit says why. A rule about how often a table occurs has one finding
    without a record.

    Args:
        submission: The submission.
        audited: What an audit has counted in it.
        rules: The rules in force.
        schemes: Whose criteria are asked.
        most: How many findings of each rule or measure to name, the first; None names all.

    Raises:
        ExtractError: If a table cannot be read to its end.
    """
    failing = _failing(audited, rules, schemes)
    by_table: dict[str, list[Rule | Measure]] = {}
    for one in failing:
        if not _is_of_table(one):
            by_table.setdefault(one.table, []).append(one)
    parts = [_of_tables([one for one in failing if _is_of_table(one)])]
    left_out: dict[str, int] = {}
    try:
        for table, declared in by_table.items():
            part, left = _of_records(table, declared, submission, audited, rules, most)
            parts.append(part)
            left_out |= left
        to_mend = _to_mend(failing, submission, rules)
    except POLARS_FAILED as error:
        raise ExtractError(
            f"Which records of {submission.name} fail cannot be told ({type(error).__name__}).",
            hint="Export the tables again, or open them and look for a damaged line.",
        ) from None
    named = pl.concat(parts).join(_about(failing, audited), on="rule", how="left")
    frame = named.sort("order", "record").select(SCHEMA.names()).cast(SCHEMA)
    return Findings(frame, left_out, to_mend)


def _failing(audited: Audited, rules: Rules, schemes: Iterable[Scheme]) -> list[Rule | Measure]:
    """The rules and measures that something fails."""
    asked = {
        criterion.subject
        for scheme in schemes
        for criterion in scheme.criteria
        if not criterion.short and not criterion.not_collected
    }
    measures = [one for id, one in rules.measures.items() if id in asked]
    return [
        *(one for id, one in rules.records.items() if audited.rules[id].failures),
        *(one for one in measures if audited.measures[one.id].failures),
    ]


def _to_mend(
    failing: Iterable[Rule | Measure], submission: Submission, rules: Rules
) -> dict[str, tuple[str, Place]]:
    """Where the first record stands that is to be put right for each measure, if any is."""
    records = Records(submission, rules.spec)
    found = {}
    for one in failing:
        if isinstance(one, Measure):
            people = Finder(one, records).failures().values()
            slots = (each.slot for who in people if not who.declined for each in who.problems)
            places = sorted((slot.table, slot.row) for slot in slots if slot.row is not None)
            for table, row in places[:1]:
                lines = submission.lines.get(table)
                line = lines.of(pl.Series([row], dtype=PLACES))[0] if lines is not None else None
                found[one.id] = table, Place(row + 1, line)
    return found


def _is_of_table(declared: Rule | Measure) -> bool:
    """Whether it is about a table as a whole, and no record of it."""
    return isinstance(declared, Rule) and declared.occurs is not None


def _about(failing: Sequence[Rule | Measure], audited: Audited) -> pl.DataFrame:
    """What is the same of every finding of a rule or measure, and where these stand."""
    return pl.DataFrame(
        [
            {
                "order": order,
                "provider": audited.provider,
                "period": audited.period.start,
                "kind": RULE if isinstance(one, Rule) else MEASURE,
                "rule": one.id,
                "title": one.title,
                "effect": str(one.effect) if isinstance(one, Rule) else None,
                "table": one.table,
                "items": _items(one),
                "file": audited.files.get(one.table),
            }
            for order, one in enumerate(failing)
        ],
        schema={"order": pl.Int64(), **_ABOUT},
    )


def _items(declared: Rule | Measure) -> str | None:
    """The items to look at in a record that fails."""
    named = [
        name if relation is None else f"{relation.table}.{name}".rstrip(".")
        for relation, items in targets(declared)
        for name in items or ("",)
    ]
    return ", ".join(named) or None


def _of_tables(declared: Iterable[Rule | Measure]) -> pl.DataFrame:
    return pl.DataFrame([{"rule": one.id} for one in declared], schema=_PLACES)


def _of_records(
    table: str,
    declared: Sequence[Rule | Measure],
    submission: Submission,
    audited: Audited,
    rules: Rules,
    most: int | None,
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Where the records of a table are that fail, and how many more there are."""
    is_small = max(audited.rows.values()) <= SMALL
    found = places_failing(
        declared,
        submission,
        rules.spec,
        most=most,
        engine=ENGINE if is_small else "streaming",
    )
    rows = found.explode("places", empty_as_null=False)
    lines = submission.lines.get(table)
    at = lines.of(rows["places"]) if lines is not None else pl.lit(None)
    more = found.select("id", pl.col("number") - pl.col("places").list.len())
    return (
        rows.select(
            pl.col("id").alias("rule"), pl.col("places").alias("record") + 1, at.alias("line")
        ).cast(_PLACES),
        {id: left for id, left in more.iter_rows() if left},
    )
