"""What would become of a submission as a whole: the file, its patients, records and values.

It takes counts and returns counts; which records go with others is worked out in `cascade`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msds_audit.rule import Basis, Count, Effect, Rule, Rules
from msds_audit.scorecard import Audited, Rejected, Tally


def acceptance(audited: Audited, rules: Rules) -> Mapping[Count, Tally]:
    """The counts of a submission as a whole.

    The numerator is what is right, for what would be accepted; and what is named, for values:
    those warned about, invalid, not counted, or to be looked at.
    """
    records = [rule for rule in rules.records.values() if rule.damage is None]
    counts: dict[Count, Tally] = {
        Count.FILE: _file(audited, rules),
        Count.PATIENTS: _accepted(audited, rules, lambda it: (it.patients, it.patients_gone)),
        Count.RECORDS: _accepted(audited, rules, lambda it: (it.rows, it.wrong + it.taken)),
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


def _file(audited: Audited, rules: Rules) -> Tally:
    """Of the checks of the file as a whole that could be made, those that found nothing."""
    of_file = [rule for rule in rules.records.values() if rule.effect is Effect.REJECTS_FILE]
    made = [audited.rules[rule.id] for rule in of_file if audited.rules[rule.id].assessed]
    passed = sum(not tally.failures for tally in made)
    return _unless_clean(Tally(len(made), passed), audited, of_file)


def _accepted(
    audited: Audited, rules: Rules, numbers: Callable[[Rejected], tuple[int, int]]
) -> Tally:
    if isinstance(audited.rejected, str):
        return Tally(reason=audited.rejected)
    everything, gone = numbers(audited.rejected)
    rejecting = (Effect.REJECTS_PATIENT, Effect.REJECTS_RECORD)
    of_records = [rule for rule in rules.records.values() if rule.effect in rejecting]
    return _unless_clean(Tally(everything, everything - gone), audited, of_records)


def _unless_clean(tally: Tally, audited: Audited, rules: Iterable[Rule]) -> Tally:
    """The tally; but where nothing was found and not all was looked at, why it says nothing."""
    unmade = not_looked_at(audited.rows, ((rule.table, audited.rules[rule.id]) for rule in rules))
    if tally.failures or not unmade:
        return tally
    more = f" and {len(unmade) - 1:,} more reasons" if len(unmade) > 1 else ""
    return Tally(reason=f"{next(iter(unmade))}{more}")


def not_looked_at(
    rows: Mapping[str, int], tallies: Iterable[tuple[str, Tally]]
) -> Mapping[str, int]:
    """Why checks could not be made, with how many each reason holds back.

    An empty table is no such reason: there is nothing in it to reject.
    """
    reasons: dict[str, int] = {}
    for table, tally in tallies:
        if not tally.assessed and rows.get(table) != 0:
            reasons[tally.reason] = reasons.get(tally.reason, 0) + 1
    return reasons


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
