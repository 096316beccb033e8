"""Every rule and measure counted a second time, row by row in plain Python, and compared.

The package `plain` reads the same files and the same declarations. It shares nothing else with
the program: neither what reads predicates nor what judges values.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import plain
from msds_audit.audit import audit
from msds_audit.extract import Period, Submission
from msds_audit.rule import Damage, Measure, Related, Rule, Rules
from msds_audit.scorecard import Audited, Tally
from plain.judging import Counts, Judge, Obstacles, result_of
from plain.reading import Extract, read_folder
from plain.scrambling import odd_in_every_item, scrambled
from plain.values import vodim
from support import FIXTURES, QUICK, SAMPLES, audited, frame, packaged, quick_first, sample

BROKEN, CLEAN, EMPTY = "every-rule-broken", "clean", "empty-tables"
HIDDEN = (Damage.SWAPPED, Damage.ROUNDED, Damage.SCIENTIFIC, Damage.DATE)
"""Damage of which a value may show signs and have the right format all the same."""

SEEDS = range(2)

# --- what is compared ---------------------------------------------------------------------


@cache
def extract(name: str) -> Extract:
    return read_folder(FIXTURES / name, packaged().spec)


@cache
def judge(name: str) -> Judge:
    return Judge(packaged().spec, extract(name))


@cache
def verdicts(name: str) -> Mapping[str, Counts | Obstacles]:
    """What the second evaluation makes of every rule and measure."""
    return {declared.id: judge(name).judged(declared) for declared in counted_here(packaged())}


def counted_here(rules: Rules) -> list[Rule | Measure]:
    """What an audit counts; national indicators, over many months, are counted elsewhere."""
    return [*rules.records.values(), *rules.measures.values()]


def of_everything(found: Audited) -> Mapping[str, Tally]:
    return {**found.rules, **found.measures}


def as_counts(tallies: Mapping[str, Tally]) -> dict[str, Counts | str]:
    """What the program counted, or why it did not."""
    return {
        id: Counts(one.denominator, one.numerator, one.undetermined) if one.assessed else one.reason
        for id, one in tallies.items()
    }


def expected(
    verdicts: Mapping[str, Counts | Obstacles], tallies: Mapping[str, Tally]
) -> dict[str, Counts | str]:
    """The counts there should be; where there are obstacles, the one that the program names."""
    return {
        id: verdict if isinstance(verdict, Counts) else _one_of(verdict, tallies[id].reason)
        for id, verdict in verdicts.items()
    }


def _one_of(obstacles: Obstacles, named: str) -> str:
    return named if named in obstacles else " or ".join(sorted(obstacles))


def differences(found: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, object]:
    assert found.keys() == wanted.keys()
    return {id: (one, wanted[id]) for id, one in found.items() if one != wanted[id]}


def classes_found(found: Audited) -> dict[str, object]:
    return {
        f"{one.table}.{one.item}": None
        if one.reason
        else {
            "V": one.valid,
            "O": one.other,
            "D": one.default,
            "I": one.invalid,
            "M": one.missing,
        }
        for one in found.items
    }


def classes_expected(judge: Judge) -> dict[str, object]:
    return {item.path: judge.classes(item.table, item.name) for item in packaged().spec.items}


# --- the sample extracts ------------------------------------------------------------------


@pytest.mark.parametrize("name", quick_first(SAMPLES))
def test_every_rule_counts_the_same_row_by_row(name: str, rules: Rules) -> None:
    tallies = audited(name).rules
    assert tallies.keys() == rules.records.keys()
    wanted = expected({id: verdicts(name)[id] for id in rules.records}, tallies)
    assert differences(as_counts(tallies), wanted) == {}


@pytest.mark.parametrize("name", quick_first(SAMPLES))
def test_every_measure_counts_the_same_people_row_by_row(name: str, rules: Rules) -> None:
    tallies = audited(name).measures
    assert tallies.keys() == rules.measures.keys()
    wanted = expected({id: verdicts(name)[id] for id in rules.measures}, tallies)
    assert differences(as_counts(tallies), wanted) == {}


@pytest.mark.parametrize("name", quick_first(SAMPLES))
def test_every_item_has_the_same_classes_value_by_value(name: str) -> None:
    found = classes_found(audited(name))
    assert differences(found, classes_expected(judge(name))) == {}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_extract_is_read(name: str) -> None:
    found, wanted = sample(name), extract(name)
    assert found.provider == wanted.provider
    assert (found.period.start, found.period.end) == (wanted.start, wanted.end)
    rows = {table: one.collect().height for table, one in found.tables.items()}
    assert rows == {table: len(one.rows) for table, one in wanted.sheets.items()}


# --- that it says something ---------------------------------------------------------------


def test_every_rule_fails_somewhere_by_both_accounts(rules: Rules) -> None:
    # a table that must be there cannot be both away and broken: those fail in the other sample
    by_program = {id for name in (BROKEN, EMPTY) for id in _failing(audited(name).rules)}
    assert by_program == rules.records.keys()
    absent = {id for id, rule in rules.records.items() if rule.occurs and not rule.occurs.most}
    for id in rules.records:
        verdict = verdicts(EMPTY if id in absent else BROKEN)[id]
        assert isinstance(verdict, Counts), id
        assert verdict.numerator < verdict.denominator, id
        assert _failing({id: audited(EMPTY if id in absent else BROKEN).rules[id]}) == {id}


def _failing(tallies: Mapping[str, Tally]) -> set[str]:
    return {id for id, tally in tallies.items() if tally.failures}


def test_every_measure_has_people_who_count_and_people_who_do_not(rules: Rules) -> None:
    for measure in rules.measures.values():
        assert any(one.numerator for one in _counts_of(measure)), measure.id
        assert any(one.numerator < one.denominator for one in _counts_of(measure)), measure.id


def _counts_of(measure: Measure) -> Iterator[Counts]:
    """What a measure comes to in one sample after the other."""
    judged = (judge(name).judged(measure) for name in SAMPLES)
    return (one for one in judged if isinstance(one, Counts))


def test_obstacles_are_met_in_the_samples() -> None:
    told = {reason for name in (*QUICK, EMPTY) for reason in _reasons(audited(name))}
    assert {reason for reason in told if "is empty" in reason}
    assert {reason for reason in told if "is not in this extract" in reason}
    assert {reason for reason in told if "has no column" in reason}


def _reasons(found: Audited) -> set[str]:
    return {tally.reason for tally in of_everything(found).values() if not tally.assessed}


def test_the_second_evaluation_shares_only_the_declarations() -> None:
    for module in Path(plain.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for name in names:
                assert name.split(".")[0] not in ("polars", "pandera", "support"), module
                if name.split(".")[0] == "msds_audit":
                    assert name in ("msds_audit.rule", "msds_audit.spec"), module


# --- the examples of the rules ------------------------------------------------------------


def test_every_example_comes_to_the_same_row_by_row(rules: Rules) -> None:
    examples = [(declared, one) for declared in counted_here(rules) for one in declared.examples]
    assert len(examples) > 1_800
    wrong = [
        (declared.id, example.says, str(found))
        for declared, example in examples
        if (found := result_of(declared, example, rules.spec)) is not example.result
    ]
    assert wrong == []


# --- extracts in which much is wrong ------------------------------------------------------


def handed_over(given: Extract) -> Submission:
    """The extract as a reader of the program would hand it over."""
    tables = {name: frame(one.rows, sorted(one.headings)) for name, one in given.sheets.items()}
    return Submission(given.provider, Period(given.start), tables, ())


@cache
def wrong_in_much(seed: int) -> Extract:
    return scrambled(extract(BROKEN), seed)


@pytest.mark.parametrize("seed", quick_first(SEEDS, [0]))
def test_everything_counts_the_same_where_much_is_wrong(seed: int, rules: Rules) -> None:
    compare(wrong_in_much(seed), rules)


def test_everything_counts_the_same_where_every_item_holds_every_oddity(rules: Rules) -> None:
    compare(odd_in_every_item(extract(CLEAN), rules.spec, lambda item, text: True), rules)


@pytest.mark.slow
def test_everything_counts_the_same_where_all_that_is_odd_is_permitted(rules: Rules) -> None:
    given = odd_in_every_item(
        extract(CLEAN), rules.spec, lambda item, text: vodim(item, text) != "I"
    )
    # damage is looked for in few items where nothing is invalid: it is there to be found
    damaging = [rule for rule in rules.records.values() if rule.damage in HIDDEN]
    judging = Judge(rules.spec, given)
    for damage in HIDDEN:
        found = [judging.judged(rule) for rule in damaging if rule.damage is damage]
        assert any(one.denominator > one.numerator for one in found if isinstance(one, Counts))
    compare(given, rules)


def compare(given: Extract, rules: Rules) -> None:
    """Assert that the program counts in an extract what the second evaluation counts."""
    found = audit(handed_over(given), rules)
    judging = Judge(rules.spec, given)
    tallies = of_everything(found)
    wanted = expected({one.id: judging.judged(one) for one in counted_here(rules)}, tallies)
    assert differences(as_counts(tallies), wanted) == {}
    assert differences(classes_found(found), classes_expected(judging)) == {}


# --- the language of rules ----------------------------------------------------------------

LANGUAGE_SEEDS = (None, 8)
BOOKINGS = "MSD101PregnancyBooking"
RELATED = (
    Related("mother", "MSD001MotherDemog", "LPIDMother", "LPIDMother", None),
    Related("twin", BOOKINGS, "LPIDMother", "LPIDMother", None),
    Related("early", BOOKINGS, "LPIDMother", "LPIDMother", "AntenatalAppDate < DATE '2026-08-15'"),
    Related("gp", "MSD002GP", "mother.LPIDMother", "LPIDMother", "StartDateGMPReg IS NOT NULL"),
)
PREDICATES = (
    "AntenatalAppDate > LastMenstrualPeriodDate",
    "AntenatalAppDate > LastMenstrualPeriodDate AND EDDMethodAgreed = '02'",
    "AntenatalAppDate > LastMenstrualPeriodDate OR EDDMethodAgreed = '02' AND LangCode <> 'en'",
    "NOT (EDDMethodAgreed = '02' OR LangCode = 'en')",
    "AntenatalAppDate BETWEEN LastMenstrualPeriodDate AND EDDAgreed",
    "AntenatalAppDate NOT BETWEEN PeriodStart AND PeriodStart + INTERVAL '9 days'",
    "EDDAgreed BETWEEN PeriodStart + INTERVAL '1 month' AND PeriodEnd + INTERVAL '7 months'",
    "EDDAgreed - LastMenstrualPeriodDate = INTERVAL '280 days'",
    "AntenatalAppDate - LastMenstrualPeriodDate < INTERVAL '10 weeks'",
    "AntenatalAppDate - INTERVAL '2 weeks 3 days' > DATE '2026-07-20'",
    "mother.PersonBirthDateMother + INTERVAL '30 years' > AntenatalAppDate",
    "PeriodEnd + INTERVAL '6 months' < EDDAgreed",
    "PeriodEnd + INTERVAL '36 hours' >= AntenatalAppDate + INTERVAL '20 days'",
    "EXTRACT(MONTH FROM EDDAgreed) IN (1, 2, 3) AND EXTRACT(YEAR FROM EDDAgreed) > 2025",
    "EXTRACT(DAY FROM mother.PersonBirthDateMother) <= EXTRACT(MONTH FROM PeriodEnd) + 5",
    "LangCode IN ('en', 'pl')",
    "LangCode NOT IN ('en', 'pl')",
    "LangCode LIKE 'e%' OR LangCode LIKE '_l'",
    "LangCode NOT LIKE '%n'",
    "LangCode_vodim <> 'V'",
    "LangCode_fits IS NULL OR NOT LangCode_fits",
    "AntenatalAppDate_damage IS NULL",
    "CASE WHEN LangCode = 'en' THEN EDDMethodAgreed WHEN LangCode IS NULL THEN 'x' END = '02'",
    "CASE EDDMethodAgreed WHEN '02' THEN TRUE ELSE LangCode = 'pl' END",
    "COALESCE(mother.EthnicCategoryMother, 'Z') <> 'A'",
    "NULLIF(LangCode, 'en') IS NULL",
    "TRY_CAST(EDDMethodAgreed AS INT) * 2 + 1 >= 5",
    "TRY_CAST(EDDMethodAgreed AS DOUBLE) / 4 < 0.6",
    "MOD(TRY_CAST(RIGHT(mother.NHSNumberMother, 4) AS INT), 3) = 0",
    "TRY_CAST(SUBSTR(mother.NHSNumberMother, 4, 3) AS INT) % 2 = 1",
    "SUBSTR(LPIDMother, 0, 4) = LEFT(LPIDMother, 3) AND LENGTH(LPIDMother) > 8",
    "LOWER(LPIDMother) <> LPIDMother AND SUBSTR(LPIDMother, 4, 1) = '0'",
    "STARTS_WITH(mother.Postcode, 'ZZ') OR ENDS_WITH(mother.Postcode, 'M')",
    "REGEXP_LIKE(mother.Postcode, '^[A-Z]+[0-9]+ ')",
    "CHAR_LENGTH(REPLACE(mother.Postcode, ' ', '')) = 6",
    "CONCAT(LangCode, '-', EDDMethodAgreed) = 'en-02'",
    "LangCode || EDDMethodAgreed = 'en02'",
    "GREATEST(AntenatalAppDate, LastMenstrualPeriodDate, PeriodStart) = AntenatalAppDate",
    "LEAST(AntenatalAppDate, PeriodEnd) < PeriodEnd",
    "ABS(2 - TRY_CAST(EDDMethodAgreed AS INT)) = 1 OR -2 + 2 = LENGTH(EDDMethodAgreed) - 2",
    "ROUND(TRY_CAST(EDDMethodAgreed AS DOUBLE) / 4, 1) = 0.5",
    "CEIL(TRY_CAST(EDDMethodAgreed AS DOUBLE) / 4) = FLOOR(LENGTH(LangCode) / 2)",
    "Provider = 'RVR' AND mother IS NOT NULL",
    "mother.rows = 1",
    "mother IS NULL OR mother.EthnicCategoryMother IS NULL",
    "mother.EthnicCategoryMother_vodim = 'V'",
    "mother.NHSNumberMother_damage IS NOT NULL OR mother.NHSNumberMother_fits",
    "mother.EthnicCategoryMother_values > 0",
    "twin.rows > 1",
    "twin.AntenatalAppDate_values > 1",
    "twin.PregnancyID = PregnancyID AND twin.LangCode_values = 1",
    "early IS NULL",
    "early.rows < twin.rows",
    "gp IS NOT NULL AND gp.rows = mother.rows",
)
"""True of some bookings and not of others; among them is every part of the language."""


ASKED = ("{}", "NOT ({})", "({}) IS NULL")


def asking(rules: Rules) -> dict[str, Rule]:
    """For everything that may be said, rules that it is true, that it is false and neither."""
    pattern = next(rule for rule in rules.records.values() if rule.table == BOOKINGS)
    plain_rule = replace(pattern, applies="", unique=(), occurs=None, about="", damage=None)
    said = [way.format(sql) for sql in PREDICATES for way in ASKED]
    return {sql: replace(plain_rule, id=sql, passes=sql, related=RELATED) for sql in said}


@cache
def asked(seed: int | None) -> tuple[Mapping[str, Tally], Mapping[str, Counts | Obstacles]]:
    """What both make of everything that may be said, in the broken extract as it is or worse."""
    given = extract(BROKEN) if seed is None else wrong_in_much(seed)
    rules = replace(packaged(), records=asking(packaged()), measures={})
    judging = Judge(rules.spec, given)
    tallies = audit(handed_over(given), rules).rules
    return tallies, {id: judging.judged(rule) for id, rule in rules.records.items()}


@pytest.mark.parametrize("seed", LANGUAGE_SEEDS)
def test_whatever_rules_may_say_means_the_same_row_by_row(seed: int | None) -> None:
    tallies, verdicts = asked(seed)
    assert differences(as_counts(tallies), expected(verdicts, tallies)) == {}
    assert all(isinstance(one, Counts) for one in verdicts.values())


@pytest.mark.parametrize("sql", PREDICATES)
def test_whatever_rules_may_say_is_true_of_some_rows_and_not_of_others(sql: str) -> None:
    found = [asked(seed)[1][sql] for seed in LANGUAGE_SEEDS]
    counts = [one for one in found if isinstance(one, Counts)]
    assert any(one.numerator for one in counts)
    assert any(one.numerator < one.denominator for one in counts)
