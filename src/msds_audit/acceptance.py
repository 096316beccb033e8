"""What would become of a submission as a whole: the file, its patients, records and values.

It takes counts and returns counts; which records go with others is worked out in `cascade`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msds_audit.item_rules import HEADER
from msds_audit.rule import REJECTING_RECORDS, Basis, Count, Effect, Rule, Rules
from msds_audit.scorecard import Audited, Tally


def acceptance(audited: Audited, rules: Rules) -> Mapping[Count, Tally]:
    """The counts of a submission as a whole.

    The numerator is what is right, for what would be accepted; and what is named, for values:
    those warned about, invalid, not counted, or to be looked at.
    """
    records = [rule for rule in rules.records.values() if rule.damage is None]
    counts: dict[Count, Tally] = {
        Count.FILE: _file(audited, rules),
        Count.PATIENTS: _patients(audited, rules),
        Count.RECORDS: _records(audited, rules),
        Count.INVALID: _invalid(audited),
    }
    for count, chosen in _VALUES.items():
        counts[count] = _failing(audited, (rule for rule in records if chosen(rule)))
    return counts


def _is_warned_about(rule: Rule) -> bool:
    """Whether NHS England's pipeline probably warns: also of a code that is not in its list."""
    kept = rule.generated and rule.effect is Effect.COUNTS_AS_INVALID
    return rule.basis is not Basis.ADVICE and (rule.effect is Effect.WARNING or kept)


def _is_not_counted(rule: Rule) -> bool:
    """Whether it names values that may be sent and yet do not count."""
    permitted = not rule.about or not rule.id.endswith("-code")
    return permitted and rule.effect is Effect.COUNTS_AS_INVALID


def _is_advice(rule: Rule) -> bool:
    return rule.basis is Basis.ADVICE and rule.effect is Effect.WARNING


_VALUES: Mapping[Count, Callable[[Rule], bool]] = {
    Count.WARNED: _is_warned_about,
    Count.UNCOUNTED: _is_not_counted,
    Count.ADVISED: _is_advice,
}


# --- accepted or rejected -----------------------------------------------------------------


def deciding(count: Count, rules: Rules) -> list[Rule]:
    """The rules whose failures get the file, patients or records rejected; none for values.

    Only what stands in the tables that every patient must have can reject one.
    """
    if count is Count.FILE:
        return [one for one in rules.records.values() if one.effect is Effect.REJECTS_FILE]
    rejecting = [one for one in rules.records.values() if one.effect in REJECTING_RECORDS]
    if count is Count.PATIENTS:
        tables = {table.name for table in rules.spec.in_every_submission}
        return [one for one in rejecting if one.table in tables]
    return rejecting if count is Count.RECORDS else []


def _file(audited: Audited, rules: Rules) -> Tally:
    """Of the checks of the file as a whole that could be made, those that found nothing.

    One more for each table of every submission: by analogy it must have a valid record left.
    """
    of_file = deciding(Count.FILE, rules)
    made = [audited.rules[rule.id] for rule in of_file if audited.rules[rule.id].assessed]
    passed = sum(not tally.failures for tally in made)
    if isinstance(audited.rejected, str):
        return _unless_clean(Tally(len(made), passed), audited, of_file)
    left = [table.name for table in rules.spec.in_every_submission if audited.rows.get(table.name)]
    passed += len(left) - len(audited.rejected.emptied)
    return _unless_clean(Tally(len(made) + len(left), passed), audited, of_file)


def _patients(audited: Audited, rules: Rules) -> Tally:
    """Of the patients, those of whom a valid record is left."""
    if isinstance(audited.rejected, str):
        return Tally(reason=audited.rejected)
    patients, gone = audited.rejected.patients, audited.rejected.patients_gone
    of_patients = deciding(Count.PATIENTS, rules)
    return _unless_clean(Tally(patients, patients - gone), audited, of_patients)


def _records(audited: Audited, rules: Rules) -> Tally:
    """Of all records, those that would be accepted."""
    if isinstance(audited.rejected, str):
        return Tally(reason=audited.rejected)
    records = audited.rejected.rows
    gone = audited.rejected.gone
    if records == audited.rows.get(HEADER, 0):
        return Tally(reason="there is no record but that of the header")
    return _unless_clean(Tally(records, records - gone), audited, deciding(Count.RECORDS, rules))


def _unless_clean(tally: Tally, audited: Audited, rules: Iterable[Rule]) -> Tally:
    """The tally; but where nothing was found and not all was looked at, why it says nothing."""
    reasons = list(dict.fromkeys(_not_looked_at(audited, rules)))
    if tally.failures or not reasons:
        return tally
    more = len(reasons) - 1
    others = f", and {more:,} more reason{'' if more == 1 else 's'}" if more else ""
    return Tally(reason=f"{reasons[0]}{others}")


def _not_looked_at(audited: Audited, rules: Iterable[Rule]) -> Iterator[str]:
    """Why checks could not be made; not that a table is empty: it has nothing to reject."""
    for rule in rules:
        reason = audited.rules[rule.id].reason
        if reason and audited.rows.get(rule.table) != 0:
            yield reason


# --- values -------------------------------------------------------------------------------


def _invalid(audited: Audited) -> Tally:
    """Of the values recorded, those that are invalid."""
    recorded = sum(item.rows - item.missing for item in audited.items)
    return Tally(recorded, sum(item.invalid for item in audited.items))


def _failing(audited: Audited, rules: Iterable[Rule]) -> Tally:
    """Of the checks these rules make, those that fail."""
    tallies = [audited.rules[rule.id] for rule in rules]
    return Tally(
        sum(tally.denominator for tally in tallies), sum(tally.failures for tally in tallies)
    )
