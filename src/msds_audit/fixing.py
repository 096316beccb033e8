"""The records to correct, in the order that gains most, and what correcting them gains.

It goes through the measures and rules that criteria ask for, through the rules that records fail
and through national measures. What corrections make of criteria is left to `gaining` and
`national_gaining`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from msds_audit.acceptance import deciding
from msds_audit.asking import Asked, asked_of, different, subject_of, tally_of, title_of
from msds_audit.audit import audit
from msds_audit.errors import ExtractError
from msds_audit.extract import POLARS_FAILED, Period, Submission
from msds_audit.failing import Finder
from msds_audit.gaining import Gains, goals, is_missed
from msds_audit.gathering import OF_RULES, Gathered, gathered
from msds_audit.history import History
from msds_audit.national_gaining import NationalGains
from msds_audit.national_goals import NationalGoal, NationalGoals
from msds_audit.owners import Owners
from msds_audit.records import Records, Slot
from msds_audit.rule import Count, Measure, Rule, Rules, Scheme
from msds_audit.scorecard import Audited, IndicatorResult, Outcome
from msds_audit.teaching import Taught, most_telling, taught, where_to_teach
from msds_audit.trying import Failing, tried
from msds_audit.worklist import FixList, Gain


@dataclass(frozen=True)
class National:
    """What was counted of national indicators, and the submissions that they were counted in."""

    history: History
    results: Mapping[str, IndicatorResult]


def fix_list(
    submission: Submission,
    rules: Rules,
    schemes: Sequence[Scheme],
    *,
    national: National | None = None,
    nhs_numbers: bool = False,
) -> FixList:
    """What to correct in one submission, and what that gains.

    Args:
        submission: The submission.
        rules: The rules in force.
        schemes: Whose criteria to reach.
        national: The national indicators, where any scheme rests on them.
        nhs_numbers: Whether the NHS number of the mother is to stand beside her record.

    Raises:
        ExtractError: If a table cannot be read to its end, or the corrections cannot be tried.
    """
    try:
        return _fix_list(submission, rules, schemes, national, nhs_numbers)
    except POLARS_FAILED as error:
        raise ExtractError(
            f"What to correct in {submission.name} cannot be told ({type(error).__name__}).",
            hint="Audit the extract first: msds-audit check says what is wrong with its tables.",
        ) from None


def _fix_list(
    submission: Submission,
    rules: Rules,
    schemes: Sequence[Scheme],
    national: National | None,
    nhs_numbers: bool,
) -> FixList:
    audited = audit(submission, rules)
    asked = asked_of(schemes, rules, audited)
    months = _months(submission, national, rules)
    records = months[submission.period]
    owners = {month: Owners(one, nhs_numbers=nhs_numbers) for month, one in months.items()}
    broken = _broken(rules, audited)
    failing = _failing([*_resting(asked), *broken], audited, records)
    trial = tried(records, [failing[id] for id in _wanted(asked, failing)], _resting(asked))
    results = national.results if national is not None else {}
    figures = NationalGoals(different(schemes), months, submission.period, rules, results)
    found = gathered(asked, failing, broken, figures.goals)
    gains = Gains(asked, trial, rules)
    gained = [gains.of(goal, found.worth) for goal in goals(asked, failing, trial)]
    national_gains = NationalGains(figures)
    of_figures = [national_gains.of(goal, found.worth) for goal in figures.goals]
    gained += [*of_figures, *national_gains.together(of_figures)]
    told = _gains(gained, found)
    to_teach = [*taught(_judged_one_by_one(asked), failing), *map(_of_figures, figures.goals)]
    teaching = where_to_teach(to_teach, months, owners, submission.period)
    return FixList(
        provider=submission.provider,
        provider_name=rules.providers.get(submission.provider, ""),
        period=submission.period,
        corrections=found.corrections(owners, submission.period),
        gains=tuple(told),
        criteria={one.id: title_of(one, rules) for one in different(schemes)},
        not_listed=(*_not_listed(schemes, rules, asked, audited), *figures.others()),
        teaching=teaching,
        telling=most_telling(teaching),
    )


def _months(
    submission: Submission, national: National | None, rules: Rules
) -> dict[Period, Records]:
    """The records of the month that is reported, and of those that national figures look at."""
    found = {submission.period: Records(submission, rules.spec)}
    for month, one in (national.history if national is not None else {}).items():
        found.setdefault(month, Records(one, rules.spec))
    return found


def _of_figures(goal: NationalGoal) -> Taught:
    criteria = tuple(dict.fromkeys(one.id for one in goal.criteria))
    return Taught(criteria, goal.title, goal.indicator.unit, Outcome.NOT_MET, goal)


def _gains(counted: list[tuple[Gain, set[Slot]]], found: Gathered) -> list[Gain]:
    """What is gained: the whole file first, then what takes fewest corrections."""
    counted.sort(key=lambda pair: _gain_first(pair[0]))
    for rank, (gain, slots) in enumerate(counted):
        found.needed(slots, gain, rank)
    return [gain for gain, _ in counted]


def _gain_first(gain: Gain) -> tuple[bool, bool, int, tuple[str, ...]]:
    return not gain.of_file, not gain.reaches, gain.needed, gain.criteria


# --- who fails -----------------------------------------------------------------------------


def _judged_one_by_one(asked: Iterable[Asked]) -> list[Asked]:
    """The criteria that rest on one measure or rule."""
    return [one for one in asked if not one.is_about_acceptance]


def _resting(asked: Iterable[Asked]) -> list[Measure | Rule]:
    """What criteria rest on that are judged one by one."""
    return [declared for one in _judged_one_by_one(asked) for declared in one.rests_on]


def _wanted(asked: Iterable[Asked], failing: Mapping[str, Failing]) -> list[str]:
    """What the criteria rest on that are not met and that somebody fails, by id, once."""
    missed = (one for one in asked if is_missed(one))
    ids = dict.fromkeys(declared.id for one in missed for declared in one.rests_on)
    return [id for id in ids if id in failing]


def _failing(
    declared: Iterable[Measure | Rule], audited: Audited, records: Records
) -> dict[str, Failing]:
    """Who fails, of what somebody fails, by id."""
    counted = {**audited.rules, **audited.measures}
    found = {}
    for one in declared:
        if one.id not in found and counted[one.id].assessed and counted[one.id].failures:
            finder = Finder(one, records)
            found[one.id] = Failing(one, finder, finder.failures())
    return found


def _broken(rules: Rules, audited: Audited) -> list[Rule]:
    """The rules that records fail. What only names damage is about values told otherwise too."""
    return [
        rule
        for rule in rules.records.values()
        if rule.damage is None
        and rule.occurs is None
        and rule.effect in OF_RULES
        and audited.rules[rule.id].assessed
        and audited.rules[rule.id].failures
    ]


# --- what is left out ---------------------------------------------------------------------


def _not_listed(
    schemes: Sequence[Scheme], rules: Rules, asked: Iterable[Asked], audited: Audited
) -> list[str]:
    """What is asked for and is not on the list, or not reckoned, and why."""
    told: dict[str, None] = {}
    counted = {one.criterion.id: one for one in asked}
    for criterion in different(schemes):
        if criterion.dqmi:
            told["The Data Quality Maturity Index is not on this list: msds-audit vodim."] = None
        elif criterion.threshold is None:
            continue
        elif criterion.id in counted:
            one = counted[criterion.id]
            if one.outcome is Outcome.NOT_ASSESSED:
                unread = " or ".join(one.open_by)
                told[
                    f"{criterion.id} is not assessed: of {one.tally.undetermined:,} it is open "
                    f"whether they belong, because {unread} is blank or cannot be read: mend that "
                    "first."
                ] = None
            elif one.outcome is Outcome.NOT_APPLICABLE:
                told[f"{criterion.id} has nothing to count: there are no {one.unit}."] = None
        elif criterion.counts is not None or subject_of(criterion, rules) is not None:
            reason = tally_of(criterion, rules, audited).reason
            told[f"{criterion.id} is not assessed: {reason}."] = None
    told |= dict.fromkeys(_of_tables(asked, rules, audited))
    return list(told)


def _of_tables(asked: Iterable[Asked], rules: Rules, audited: Audited) -> Iterator[str]:
    """Which tables stand in the way of a file as a whole: no record of theirs is on the list."""
    for one in asked:
        if one.criterion.counts is Count.FILE and is_missed(one):
            for rule in deciding(Count.FILE, rules):
                tally = audited.rules[rule.id]
                if rule.occurs is not None and tally.assessed and tally.failures:
                    told = f"{rule.fix.rstrip('.')} ({rule.id} asks: {rule.title})"
                    yield f"{one.criterion.id} takes more than this list. {told}."
