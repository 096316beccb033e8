"""What must be known of a comparison before anything in it is believed."""

from __future__ import annotations

from msds_audit.comparison import Change, Comparison, Movement, Turn
from msds_audit.reports.compared import number_of, whole

MOST_TABLES = 6


def warnings(one: Comparison) -> list[str]:
    """What must be known before anything is believed, loudest first."""
    told = []
    if not one.is_same_month:
        told.append(
            f"OLD is of {one.before.period.name}, NEW of {one.now.period.name}: most records "
            "differ by nature, and what is gone or new need be neither corrected nor wrong."
        )
    told += [
        f"Of {table.before:,} records of {table.table[:6]} only {table.same + table.changed:,} "
        f"are found again by {table.key}: were identifiers changed? Then what is called gone and "
        "new may be the same."
        for table in one.tables
        if table.is_lost and one.is_same_month
    ]
    if one.is_same_month:
        told += _went(one)
    if one.findings.untold_before or one.findings.untold_now:
        told.append(
            f"Of {one.findings.untold_before:,} findings before and {one.findings.untold_now:,} "
            "now it cannot be told whether they are the same: nothing says which record is which "
            "(the identifier is blank or repeated, or there is none), or the rule was judged in "
            "one extract alone."
        )
    unjudged = _not_judged(one)
    told += unjudged
    if is_unchanged(one) and not unjudged:
        told.append("Every record is the same in both: is NEW the corrected extract?")
    return told + _notices(one)


def _not_judged(one: Comparison) -> list[str]:
    """That rules were judged in one extract alone, and the first reason why."""
    before = {result.rule: result.tally.reason for result in one.before.rules}
    now = {result.rule: result.tally.reason for result in one.now.rules}
    lost = [reason for rule, reason in now.items() if reason and not before[rule]]
    found = [before[rule] for rule, reason in now.items() if before[rule] and not reason]
    told = []
    if lost:
        told.append(
            f"{_rules(len(lost))} judged before and not now, so that nothing is found by them: "
            f"{_first(lost)}."
        )
    if found:
        told.append(
            f"{_rules(len(found))} judged now and not before, so that what they find may be old: "
            f"{_first(found)}."
        )
    return told


def _rules(number: int) -> str:
    return f"{number_of(number, 'rule')} {'was' if number == 1 else 'were'}"


def _first(reasons: list[str]) -> str:
    others = len(set(reasons)) - 1
    more = f", and {number_of(others, 'more reason')}" if others else ""
    return f"{reasons[0]}{more}"


def _went(one: Comparison) -> list[str]:
    """What is better, or seems to be, because it is no longer there."""
    emptied = [table for table in one.tables if table.before and not table.now]
    told = []
    if emptied:
        named = ", ".join(
            f"{table.table[:6]} ({table.before:,})" for table in emptied[:MOST_TABLES]
        )
        more = len(emptied) - MOST_TABLES
        others = f" and {more:,} more tables" if more > 0 else ""
        told.append(f"Tables that had records and have none now: {named}{others}.")
    if one.findings.gone:
        went = number_of(one.findings.gone, "finding")
        told.append(
            f"{went} went with records that are no longer there: deleting corrects nothing."
        )
    if one.findings.unasked:
        went = number_of(one.findings.unasked, "finding")
        told.append(
            f"{went} went because the rule no longer applies: what it rests on is blank or other "
            "now."
        )
    return told + [_reached(change) for change in whole(one) if _is_reached_by_loss(change)]


def _is_reached_by_loss(change: Change) -> bool:
    people = change.people
    return change.turn is Turn.GAINED and people is not None and bool(people.gone + people.unasked)


def _reached(change: Change) -> str:
    """What is told of a criterion that is now met although not all who failed it were corrected."""
    people = change.people or Movement()
    told = [f"{people.fixed:,} fixed"]
    told += [f"{people.gone:,} no longer there"] if people.gone else []
    told += [f"{people.unasked:,} no longer counted"] if people.unasked else []
    return f"{change.now.criterion} is now met. Of those who failed it: {', '.join(told)}."


def is_unchanged(one: Comparison) -> bool:
    """Whether every record is in both as it is."""
    found = one.records
    others = (found.changed, found.gone, found.added, found.untold_before, found.untold_now)
    return bool(found.same) and not any(others)


def _notices(one: Comparison) -> list[str]:
    """What is told of either extract; of what is told of both only how much that is."""
    before, now = one.before.notices, one.now.notices
    told = [f"Now: {notice}" for notice in now if notice not in before]
    told += [f"Before: {notice}" for notice in before if notice not in now]
    both = sum(notice in before for notice in now)
    if both:
        told.append(
            f"Not repeated here: {number_of(both, 'notice')} about both (msds-audit check NEW)."
        )
    return told
