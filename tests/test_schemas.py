"""Tests of the Pandera schemas: declared from the same rules, they find the same failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache

import pandera.errors
import pandera.polars as pa
import polars as pl
import pytest

import msds_audit
from msds_audit.predicates import needs
from msds_audit.relations import in_context
from msds_audit.rule import Rule, Rules
from msds_audit.schemas import table_schema
from msds_audit.spec import Table
from support import FIXTURES, SAMPLES, audited, frame, of_rows, packaged, quick_first, sample


@pytest.fixture(autouse=True)
def in_memory() -> Iterator[None]:
    """Pandera runs a query for each check; small frames are sooner done in memory."""
    with pl.Config() as settings:
        settings.set_engine_affinity("in-memory")
        yield


MOTHER = {
    "LPIDMother": "1",
    "OrgIDLPID": "RJ7",
    "PersonBirthDateMother": "1998-10-16",
    "EthnicCategoryMother": "A",
}


def mothers(*changes: dict[str, str | None], drop: str = "") -> pl.DataFrame:
    """Rows of MSD001 as plain text, the first right in every respect."""
    found = packaged().spec.table_named("MSD001")
    assert found is not None
    rows = [{**MOTHER, "LPIDMother": str(n), **change} for n, change in enumerate(changes)]
    whole = frame(rows, found.by_name).collect()
    return whole.drop(drop) if drop else whole


def failures(schema: pa.DataFrameSchema, given: pl.DataFrame, table: Table) -> dict[str, int]:
    """How many rows fail each rule, as Pandera itself counts them."""
    try:
        schema.validate(given, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
    else:
        return {}
    found: Counter[str] = Counter()
    for column, check in cases.select("column", "check").iter_rows():
        if check == "not_nullable":
            found[f"{table.by_name[column].uid}-blank"] += 1
        else:
            found[check] += 1
    return dict(found)


def declared_in(schema: pa.DataFrameSchema, table: Table) -> set[str]:
    """The rules that a schema declares; a mandatory item is one that may not be null."""
    checks = [*schema.checks, *(check for one in schema.columns.values() for check in one.checks)]
    mandatory = [name for name, column in schema.columns.items() if not column.nullable]
    blank = [f"{table.by_name[name].uid}-blank" for name in mandatory]
    return {*(str(check.name) for check in checks), *blank}


@cache
def by_pandera(name: str, table: Table) -> tuple[Collection[str], int, dict[str, int]]:
    """The rules that a table of a sample is judged by, its rows, and how many fail each rule."""
    submission, found, rules = sample(name), audited(name), packaged()
    judged = [
        rule
        for rule in of_rows(rules)
        if rule.table == table.name
        and (found.rules[rule.id].assessed or not found.rows[table.name])
    ]
    present = submission.tables[table.name].collect_schema().names()
    only = {rule.id: rule for rule in judged if not _lacks_a_table(name, rule.id)}
    schema = table_schema(
        _with_rules(rules, table, only), table.name, columns=present, in_submission=True
    )
    given = in_context(submission, rules.spec, table.name, only.values()).collect()
    return only.keys(), len(given), failures(schema, given, table)


@pytest.mark.parametrize(
    "table", list(packaged().spec.tables.values()), ids=lambda table: table.number
)
@pytest.mark.parametrize("name", quick_first(SAMPLES, ("every-rule-broken", "missing-tables")))
def test_pandera_finds_as_many_failures_of_every_rule_as_the_audit(name: str, table: Table) -> None:
    found = audited(name)
    if table.name not in sample(name).tables:
        assert table.name not in found.rows
        return
    judged, rows, failed = by_pandera(name, table)
    assert rows == found.rows[table.name]
    assert failed == {
        rule: found.rules[rule].failures
        for rule in judged
        if found.rules[rule].assessed and found.rules[rule].failures
    }


def _lacks_a_table(name: str, rule: str) -> bool:
    return "is not in this extract" in audited(name).rules[rule].reason


def _with_rules(rules: Rules, table: Table, kept: Mapping[str, Rule]) -> Rules:
    others = {id: rule for id, rule in rules.records.items() if rule.table != table.name}
    return replace(rules, records={**others, **kept})


def test_every_rule_fails_under_pandera_on_the_extract_that_breaks_them_all(rules: Rules) -> None:
    tables = rules.spec.tables.values()
    failing = {id for table in tables for id in by_pandera("every-rule-broken", table)[2]}
    assert failing == {rule.id for rule in of_rows(rules)}


# --- by itself ----------------------------------------------------------------------------


TABLES = list(packaged().spec.tables.values())
SOME_TABLES = quick_first(TABLES, TABLES[::4])
"""Every fourth table; by themselves the others are tried with the slow tests."""


@pytest.mark.parametrize("table", SOME_TABLES, ids=lambda table: table.number)
def test_a_table_of_the_clean_extract_passes_its_schema_alone(table: Table, rules: Rules) -> None:
    given = pl.read_csv(FIXTURES / "clean" / f"{table.name}.csv", infer_schema=False)
    assert given.height
    validated = table_schema(rules, table.name).validate(given, lazy=True)
    assert validated.equals(given)


@pytest.mark.parametrize("table", SOME_TABLES, ids=lambda table: table.number)
def test_a_table_of_the_extract_that_breaks_every_rule_does_not(table: Table, rules: Rules) -> None:
    given = pl.read_csv(FIXTURES / "every-rule-broken" / f"{table.name}.csv", infer_schema=False)
    with pytest.raises(pandera.errors.SchemaErrors):
        table_schema(rules, table.name).validate(given, lazy=True)


def test_a_schema_is_had_from_the_package_itself_by_full_or_short_name() -> None:
    schema = msds_audit.table_schema(msds_audit.load_rules(), "msd001")
    assert schema.name == "MSD001MotherDemog"
    schema.validate(mothers({}, {}))


def test_a_lazy_frame_will_do_too(rules: Rules) -> None:
    found = table_schema(rules, "MSD001").validate(mothers({}, {}).lazy())
    assert found.collect().height == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"EthnicCategoryMother": "White British"}, {"M001070-format": 1}),
        ({"EthnicCategoryMother": "X"}, {"M001070-code": 1}),
        ({"EthnicCategoryMother": None}, {}),
        ({"PersonBirthDateMother": None}, {"M001020-blank": 1}),
        ({"PersonBirthDateMother": "16/10/1998"}, {"M001020-format": 1}),
        ({"LPIDMother": "0"}, {"M001901-repeated": 2}),
        ({"NHSNumberMother": "9991907484", "NHSNumberStatusMother": "01"}, {"MSD001-02": 1}),
        ({"NHSNumberStatusMother": "08"}, {"M001050-code": 1}),
    ],
)
def test_a_schema_names_the_rules_a_row_breaks(
    changes: dict[str, str | None], expected: dict[str, int], rules: Rules
) -> None:
    table = rules.spec.tables["MSD001MotherDemog"]
    assert failures(table_schema(rules, table.name), mothers({}, changes), table) == expected


def test_a_schema_says_what_a_column_is_and_how_a_rule_is_known(rules: Rules) -> None:
    schema = table_schema(rules, "MSD001")
    column = schema.columns["EthnicCategoryMother"]
    assert column.nullable
    assert column.description == "M001070, max an2, mandation R"
    assert not schema.columns["PersonBirthDateMother"].nullable
    [check] = [one for one in column.checks if one.name == "M001070-code"]
    assert check.statistics["effect"] == "counts-as-invalid"
    assert check.title == rules.records["M001070-code"].title


def test_rules_that_need_other_tables_or_the_period_are_left_out_of_a_schema_alone(
    rules: Rules,
) -> None:
    table = rules.spec.tables["MSD101PregnancyBooking"]
    alone = declared_in(table_schema(rules, table.name), table)
    within = declared_in(table_schema(rules, table.name, in_submission=True), table)
    both = {"M101901-orphan", "MSD101-03", "M101020-swapped", "M101020-future"}
    assert both <= within - alone
    assert within - alone == {
        rule.id
        for rule in of_rows(rules)
        if rule.table == table.name and not needs(rule).only_its_table
    }
    assert within == {rule.id for rule in of_rows(rules) if rule.table == table.name}


def test_rules_about_a_column_that_is_not_there_are_left_out(rules: Rules) -> None:
    given = mothers({}, {}, drop="NHSNumberMother")
    schema = table_schema(rules, "MSD001", columns=given.columns)
    table = rules.spec.tables["MSD001MotherDemog"]
    assert {"MSD001-02", "MSD001-03", "M001040-format"}.isdisjoint(declared_in(schema, table))
    schema.validate(given, lazy=True)


def test_a_column_that_is_missing_is_an_error_unless_said_so(rules: Rules) -> None:
    with pytest.raises(pandera.errors.SchemaErrors):
        table_schema(rules, "MSD001").validate(mothers({}, drop="Postcode"), lazy=True)


def test_a_column_that_is_no_text_is_an_error(rules: Rules) -> None:
    given = mothers({}).with_columns(pl.col("PersonBirthDateMother").str.to_date())
    with pytest.raises(pandera.errors.SchemaErrors):
        table_schema(rules, "MSD001").validate(given, lazy=True)


@pytest.mark.parametrize("name", ["MSD999", "", "MotherDemog"])
def test_there_is_no_schema_of_a_table_that_is_none(name: str, rules: Rules) -> None:
    with pytest.raises(KeyError):
        table_schema(rules, name)
