"""Tests of lint: every example of every rule holds, and each kind of fault in a rule is caught."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from msds_audit.audit import audit
from msds_audit.errors import Fault
from msds_audit.lint import faults_in
from msds_audit.rule import Declared, Example, Expected, Indicator, Measure, Rule, Rules
from support import SAMPLES, audited, packaged, quick_first, submission


def test_there_is_a_passing_and_a_failing_example_of_everything(rules: Rules) -> None:
    for declared in rules.declared:
        if isinstance(declared, Indicator) and declared.undefined:
            assert not declared.examples
            continue
        results = {example.result for example in declared.examples}
        assert results >= {Expected.PASS, Expected.FAIL}, declared.id
        assert Expected.NOT_APPLICABLE in results or not declared.applies, declared.id
        assert declared.since, declared.id


def test_lint_finds_nothing_wrong_with_the_packaged_rules(rules: Rules) -> None:
    """The generated ones included: their examples are run here, all in one test."""
    assert faults_in(rules, generated=True) == []


def test_every_item_has_a_format_rule_and_every_mandatory_one_a_blank_rule(rules: Rules) -> None:
    generated = {rule.id for rule in rules.records.values() if rule.about}
    for one in rules.spec.items:
        assert f"{one.uid}-format" in generated
        assert (f"{one.uid}-blank" in generated) == (str(one.mandation) == "M")
        if one.codes is not None and one.codes.closed:
            assert f"{one.uid}-code" in generated
    assert sum(id.endswith("-blank") for id in generated) == 94
    assert sum(id.endswith("-format") for id in generated) == 288


@pytest.mark.parametrize("name", quick_first(SAMPLES))
def test_a_numerator_is_at_most_its_denominator_and_that_at_most_the_rows(name: str) -> None:
    found = audited(name)
    tables = {**packaged().records, **packaged().measures}
    for id, tally in {**found.rules, **found.measures}.items():
        if id in tables and getattr(tables[id], "occurs", None) is not None:
            assert (tally.denominator, tally.numerator) in ((1, 0), (1, 1)), id
        elif tally.assessed:
            rows = found.rows[tables[id].table]
            assert 0 <= tally.numerator <= tally.denominator <= rows, id
        else:
            assert (tally.numerator, tally.denominator) == (0, 0), id


# --- faults -------------------------------------------------------------------------------


def example(result: Expected = Expected.PASS, **changes: Any) -> Example:
    plain = Example("an example", {"GestationLengthBirth": "280"}, (), {}, "", result)
    return replace(plain, **changes)


RIGHT_EXAMPLES = (example(), example(Expected.FAIL, row={"GestationLengthBirth": "39"}))


def faults(rules: Rules, **changes: Any) -> list[Fault]:
    """What lint says of a right rule, changed so."""
    right = replace(rules.records["MSD401-10"], examples=RIGHT_EXAMPLES)
    return faults_in(
        replace(rules, records={"X": replace(right, **changes)}, measures={}, indicators={})
    )


def test_the_rule_that_is_broken_below_is_right_to_begin_with(rules: Rules) -> None:
    assert faults(rules) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"table": "MSD999Nothing"}, "there is no table"),
        ({"passes": "GestationLengthBrith > 140"}, "has no item 'GestationLengthBrith'"),
        ({"applies": "Postcode IS NOT NULL"}, "has no item 'Postcode'"),
        ({"passes": "mother.Postcode IS NOT NULL"}, "has no item 'mother'"),
        ({"passes": "GestationLengthBirth >"}, "is not an SQL predicate"),
        ({"passes": "CAST(LPIDBaby AS INT) > 0"}, "TRY_CAST"),
        ({"passes": "LPIDBaby::INT > 0"}, "TRY_CAST"),
        ({"passes": "COUNT(*) > 0"}, "row by row"),
        ({"passes": "MAX(GestationLengthBirth) > 140"}, "row by row"),
        ({"passes": "GestationLengthBirth"}, "row by row"),
        ({"passes": "'yes'"}, "row by row"),
        ({"passes": "GestationLengthBirth > 'long'"}, "does not work"),
        ({"examples": ()}, "no example with the result pass"),
        ({"examples": (example(),)}, "no example with the result fail"),
        ({"passes": "GestationLengthBirth > 300"}, "should be pass and is fail"),
        ({"passes": "GestationLengthBirth > 30"}, "should be fail and is pass"),
        ({"applies": "GestationLengthBirth > 300"}, "should be pass and is not applicable"),
    ],
)
def test_lint_catches(changes: dict[str, Any], words: str, rules: Rules) -> None:
    found = faults(rules, **changes)
    assert any(words in fault.sentence for fault in found), [str(fault) for fault in found]


def test_lint_catches_an_example_that_names_no_item(rules: Rules) -> None:
    examples = (
        example(row={"GestationLengthBirth": "280", "Gestation": "40"}),
        example(Expected.FAIL, row={"GestationLengthBirth": "39"}),
    )
    [fault] = faults(rules, examples=examples)
    assert "'Gestation'" in fault.sentence


@pytest.mark.parametrize(
    "sql",
    [
        "GestationLengthBirth >= AVG(GestationLengthBirth)",
        "GestationLengthBirth = MAX(GestationLengthBirth)",
        "GestationLengthBirth >= 141 AND COUNT(*) >= 1",
        "SUM(GestationLengthBirth) OVER () = GestationLengthBirth",
    ],
)
def test_lint_catches_an_aggregate_even_beside_the_items_of_the_row(sql: str, rules: Rules) -> None:
    """Examples have one row, so that what such a predicate says of many is never shown."""
    found = faults(
        rules,
        passes=sql,
        examples=(example(), example(Expected.FAIL, row={"GestationLengthBirth": ""})),
    )
    assert any("row by row" in fault.sentence for fault in found)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"related": {"mohter": {"EthnicCategoryMother": "A"}}}, id="no such relation"),
        pytest.param({"related": {"mother": {"EthnicCategory": "A"}}}, id="no such item there"),
        pytest.param({"others": ({"EthnicCategory": "A"},)}, id="no such item in another row"),
        pytest.param({"period": "August 2026"}, id="no such month"),
    ],
)
def test_lint_catches_an_example_that_is_right_only_because_of_a_slip(
    changes: dict[str, Any], rules: Rules
) -> None:
    """It fails as it says, but not for the reason that its author meant."""
    right = rules.measures["mother-ethnicity-stated"]
    slip = replace(right.examples[0], result=Expected.FAIL, **{"related": {}, **changes})
    measure = replace(right, examples=(*right.examples, slip))
    found = faults_in(replace(rules, records={}, measures={measure.id: measure}, indicators={}))
    assert found


def test_lint_catches_a_related_field_that_is_no_item(rules: Rules) -> None:
    right = rules.measures["mother-ethnicity-stated"]
    measure = replace(right, passes="mother.EthnicCategory = 'A'")
    [fault] = faults_in(replace(rules, records={}, measures={"X": measure}, indicators={}))
    assert "'EthnicCategory'" in fault.sentence


def test_lint_catches_a_relation_whose_condition_names_no_item(rules: Rules) -> None:
    right = rules.measures["birthweight-with-unit"]
    relation = replace(right.related[0], where="Weight > 0")
    measure = replace(right, related=(relation,))
    found = faults_in(replace(rules, records={}, measures={"X": measure}, indicators={}))
    assert any("'Weight'" in fault.sentence for fault in found)


def test_lint_catches_a_relation_whose_condition_is_an_aggregate(rules: Rules) -> None:
    right = rules.measures["birthweight-with-unit"]
    relation = replace(right.related[0], where="COUNT(*) > 1")
    examples = (right.examples[0], right.examples[4])
    measure = replace(right, related=(relation,), examples=examples)
    found = faults_in(replace(rules, records={}, measures={"X": measure}, indicators={}))
    assert any("row by row" in fault.sentence for fault in found), [str(one) for one in found]


def test_generated_rules_are_looked_at_only_when_asked_for(rules: Rules) -> None:
    id = "M401050-format"
    broken = replace(rules.records[id], passes="FALSE")
    only = replace(rules, records={id: broken}, measures={}, indicators={})
    assert faults_in(only) == []
    assert faults_in(only, generated=True)


def test_a_condition_that_stops_while_it_runs_fails_its_own_rules_and_no_table(
    rules: Rules,
) -> None:
    """A relation is part of the rules that use it: the table itself can be read well enough."""
    right = rules.measures["birthweight-with-unit"]
    relation = replace(right.related[0], where="DATE(ObsValue) > DATE('2020-01-01')")
    measure = replace(right, related=(relation,))
    given = submission(
        rules.spec,
        {
            "MSD401": [{"LPIDBaby": "1", "PersonBirthDateBaby": "2026-08-03"}],
            "MSD405": [{"LPIDBaby": "1", "ObsValue": "3200"}],
        },
    )
    found = audit(given, replace(rules, measures={measure.id: measure}))
    assert not found.measures[measure.id].assessed
    assert found.rows["MSD401BabyDemographics"] == 1


# --- ids ----------------------------------------------------------------------------------


def of_ids(rules: Rules, *declared: Declared) -> list[str]:
    """What lint says of the ids of some rules and measures, and of nothing else."""
    records = {f"{place}": one for place, one in enumerate(declared) if isinstance(one, Rule)}
    measures = {f"{place}": one for place, one in enumerate(declared) if isinstance(one, Measure)}
    given = replace(rules, records=records, measures=measures, indicators={})
    return [str(fault) for fault in faults_in(given) if fault.key in ("id", "formerly")]


def test_an_id_that_another_rule_had_before_is_not_given_again(rules: Rules) -> None:
    bearer = replace(rules.records["MSD401-10"], id="msd101-02")
    [said] = of_ids(rules, rules.records["M101901-orphan"], bearer)
    assert said.endswith(
        "msd101-02 › id: is what M101901-orphan was called before. "
        "Ids are for ever: take a new one."
    )


def test_two_rules_were_not_called_the_same(rules: Rules) -> None:
    other = replace(rules.records["MSD401-10"], formerly=("MSD101-02",))
    [said] = of_ids(rules, rules.records["M101901-orphan"], other)
    assert said.endswith(
        "MSD401-10 › formerly: M101901-orphan was MSD101-02 before. Only one can have had that id."
    )


def test_a_rule_was_not_called_what_another_is_called_still(rules: Rules) -> None:
    other = replace(rules.records["MSD401-10"], formerly=("M401050-format",))
    [said] = of_ids(rules, rules.records["M401050-format"], other)
    assert said.endswith("MSD401-10 › formerly: M401050-format is a rule still. Take it out.")


def test_a_rule_was_not_called_what_it_is_called(rules: Rules) -> None:
    [said] = of_ids(rules, replace(rules.records["MSD401-10"], formerly=("MSD401-10",)))
    assert said.endswith("MSD401-10 › formerly: names its own id. Take it out.")


def test_a_measure_does_not_have_the_id_of_a_rule(rules: Rules) -> None:
    measure = replace(rules.measures["pregnancy-dated"], id="MSD401-10")
    [said] = of_ids(rules, rules.records["MSD401-10"], measure)
    assert said.endswith(
        "MSD401-10 › id: is also the id of a rule. Ids are for ever: take a new one."
    )


def test_ids_differ_in_more_than_capitals(rules: Rules) -> None:
    right = rules.records["MSD401-10"]
    [said] = of_ids(rules, right, replace(right, id="msd401-10"))
    assert "is also the id of a rule" in said
