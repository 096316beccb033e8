"""Every rule and measure is walked: without its table, rows or items it is never met.

What each reads is told here from the words of its predicates, not by asking the program.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest

from msds_audit.audit import audit
from msds_audit.national import national
from msds_audit.rule import Indicator, Measure, Rule
from msds_audit.scorecard import Outcome
from msds_audit.scoring import score
from msds_audit.verdicts import Verdict
from support import packaged, quick_first, sample, without

WHOLE = "every-rule-broken"
"""The fixture that has rows in every table, so that nothing stands in the way by itself."""

SPEC = packaged().spec
TABLES = [table.name for table in SPEC.tables.values()]
ROUNDS = max(len(table.items) for table in SPEC.tables.values())
_STRING = re.compile(r"'(?:[^']|'')*'")
_WORD = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?")
_BESIDE = re.compile(r"_(?:fits|vodim|group|damage|verhoeff|modulus11|values)$")
OF_BLANKS = {"postcode-blank", "mother-ethnicity-blank"}
"""The measures that count what is blank, which all of it is where there is no record."""

UNJUDGED = {Outcome.NOT_ASSESSED, Outcome.NOT_APPLICABLE}


@cache
def read_by(declared: Rule | Measure) -> frozenset[tuple[str, str]]:
    """The table and item of everything that is named in a rule or measure."""
    beside = {one.name: one for one in declared.related}
    found = {(declared.table, "")}
    found |= {(one.table, "") for one in declared.related}
    keys = (
        *declared.related,
        *(declared.unique if isinstance(declared, Rule) else (declared.distinct,)),
    )
    sources = [one.source for one in declared.related]
    texts = [declared.applies, declared.passes, *sources, *(k for k in keys if isinstance(k, str))]
    for word in _WORD.findall(_STRING.sub("''", " ".join(texts))):
        owner, _, name = word.rpartition(".")
        table = beside[owner].table if owner in beside else declared.table
        if owner in ("", *beside):
            found.add((table, _BESIDE.sub("", name)))
    for one in declared.related:
        for name in (one.on, *_WORD.findall(_STRING.sub("''", one.where or ""))):
            found.add((one.table, _BESIDE.sub("", name)))
    return frozenset((t, name) for t, name in found if not name or name in SPEC.tables[t].by_name)


def counted(declared: Rule | Measure) -> bool:
    """Whether it is counted over rows; how many records a table has is another question."""
    return not (isinstance(declared, Rule) and declared.occurs is not None)


DECLARED = [one for one in packaged().declared if not isinstance(one, Indicator) and counted(one)]


def tallies(submission):
    found = audit(submission, packaged())
    return found, {**found.rules, **found.measures}


def never_met(found, affected):
    """No criterion that rests on what is affected is met, nor says a number of it."""
    rules = packaged()
    schemes = list(rules.schemes.values())
    card = score(found, rules, schemes)
    subjects = {(scheme.id, one.id): one.subject for scheme in schemes for one in scheme.criteria}
    resting = [one for one in card.results if subjects[one.scheme, one.criterion] in affected]
    return {
        (one.scheme, one.criterion, one.outcome)
        for one in resting
        if one.outcome not in UNJUDGED and one.collected
    }


def test_every_rule_and_measure_reads_something_here():
    assert all(len(read_by(one)) > 1 for one in DECLARED)


def test_whole_every_rule_and_measure_is_judged():
    _, found = tallies(sample(WHOLE))
    assert [one.id for one in DECLARED if not found[one.id].assessed] == []


@pytest.mark.parametrize("table", quick_first(TABLES, TABLES[1:2]))
def test_without_its_table_nothing_is_judged_or_met(table):
    found, by_id = tallies(without(sample(WHOLE), table))
    affected = {one.id for one in DECLARED if (table, "") in read_by(one)}
    assert affected
    assert [id for id in affected if by_id[id].assessed] == []
    assert {by_id[id].reason for id in affected} == {f"{table} is not in this extract"}
    assert never_met(found, affected) == set()


@pytest.mark.parametrize("table", quick_first(TABLES, TABLES[1:2]))
def test_of_an_empty_table_nothing_is_judged_or_met(table):
    given = sample(WHOLE)
    emptied = replace(given, stored={**given.tables, table: given.tables[table].clear()})
    found, by_id = tallies(emptied)
    affected = {one.id for one in DECLARED if one.table == table}
    assert affected
    assert {by_id[id].reason for id in affected} == {f"{table} is empty"}
    assert never_met(found, affected) == set()


@pytest.mark.parametrize("table", quick_first(TABLES, TABLES[1:2]))
def test_nothing_that_reads_an_empty_table_is_without_failures(table):
    given = sample(WHOLE)
    cleared = replace(given, stored={**given.tables, table: given.tables[table].clear()})
    _, by_id = tallies(cleared)
    clean = {
        one.id
        for one in DECLARED
        if (table, "") in read_by(one) and by_id[one.id].denominator and not by_id[one.id].failures
    }
    assert clean <= OF_BLANKS


@pytest.mark.parametrize("place", quick_first(range(ROUNDS), (4,)))
def test_without_its_item_nothing_is_judged_or_met(place):
    """The item at this place is called otherwise, in every table that has one there."""
    given = sample(WHOLE)
    renamed = {}
    gone = set()
    for table in SPEC.tables.values():
        if place < len(table.items):
            name = table.items[place].name
            gone.add((table.name, name))
            renamed[table.name] = given.tables[table.name].rename({name: f"{name}X"})
    found, by_id = tallies(replace(given, stored={**given.tables, **renamed}))
    affected = {one.id for one in DECLARED if gone & read_by(one)}
    assert affected
    assert [id for id in affected if by_id[id].assessed] == []
    assert [id for id in affected if " has no column " not in by_id[id].reason] == []
    uncounted = {(one.table, one.item) for one in found.items if one.reason}
    assert uncounted == gone
    assert never_met(found, affected) == set()


@pytest.mark.parametrize("name", quick_first(("clean", "south-west-london/RAX"), ("clean",)))
def test_of_a_submission_of_a_header_alone_nothing_is_met(name):
    given = sample(name)
    alone = replace(given, stored={"MSD000Header": given.tables["MSD000Header"]})
    found = audit(alone, packaged())
    card = score(found, packaged(), list(packaged().schemes.values()))
    assert card.count(Outcome.MET) == 0


def year(*, change):
    months = {one.period: one for one in sample_year()}
    return {period: change(one) for period, one in months.items()}, max(months)


@cache
def sample_year():
    from msds_audit.readers import open_extract
    from support import FIXTURES

    return open_extract([FIXTURES / "year"], SPEC).submissions


def taken(table):
    def change(given):
        return without(given, table) if table in given.tables else given

    return change


def emptied(table):
    def change(given):
        if table not in given.tables:
            return given
        return replace(given, stored={**given.tables, table: given.tables[table].clear()})

    return change


READ_BY_INDICATORS = ("MSD001MotherDemog", "MSD101PregnancyBooking", "MSD301LabourDelivery",
                      "MSD401BabyDemographics", "MSD405CareActivityBaby", "MSD102MatCarePlan",
                      "MSD201CareContactPreg", "MSD202CareActivityPreg",
                      "MSD302CareActivityLabDel")  # fmt: skip


@pytest.mark.parametrize("change", quick_first([taken, emptied], (taken,)))
@pytest.mark.parametrize("table", quick_first(READ_BY_INDICATORS, READ_BY_INDICATORS[:1]))
def test_no_indicator_passes_that_did_not_for_want_of_a_table(table, change):
    """Less is sent, so less may pass: what did not pass or was not published is neither now."""
    history, month = year(change=lambda one: one)
    before = national(history, month, packaged())
    now = national(year(change=change(table))[0], month, packaged())

    def passing(found):
        return {
            id
            for id, one in found.items()
            if one.rounded_result is Verdict.PASS and not one.is_too_high
        }

    gained = {id for id in passing(now) - passing(before) if now[id].indicator.limits.upper is None}
    assert gained == set()
