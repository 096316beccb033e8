"""Tests of findings: which records fail, and the frames in which they and scorecards are taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from msds_audit import row_findings
from msds_audit.api import check, chosen_schemes
from msds_audit.audit import audit
from msds_audit.errors import ExtractError, UsageError
from msds_audit.failing_rows import ROW, WHO, failing_rows
from msds_audit.found import SCHEMA
from msds_audit.frames import findings, findings_frame, rules_frame, scorecards_frame
from msds_audit.reports.as_csv import COLUMNS
from msds_audit.row_findings import findings as findings_in
from msds_audit.scorecard import Outcome
from msds_audit.sharing import disclosed
from support import FIXTURES, audited, checked, packaged, quick_first, sample, submission

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def in_the_root(monkeypatch):
    """Where the paths of files are relative to."""
    monkeypatch.chdir(ROOT)


@cache
def found_in(name, most=None):
    schemes = chosen_schemes(packaged(), ())
    return findings_in(sample(name), audited(name), packaged(), schemes, most)


def mothers(rules, *rows):
    """The findings of a submission of these mothers."""
    given = submission(rules.spec, {"MSD001": rows})
    return findings_in(given, audit(given, rules), rules, chosen_schemes(rules, ()))


# --- which records ------------------------------------------------------------------------


def test_each_record_that_fails_is_one_finding_with_its_place_and_nothing_is_said_of_others(rules):
    rows = [{"LPIDMother": "a"}, {"LPIDMother": "b", "EthnicCategoryMother": "A"}, {}]
    frame = mothers(rules, *rows, {"LPIDMother": "a", "EthnicCategoryMother": "Q"}).frame
    [*same] = frame.filter(rule="M001901-blank").iter_rows(named=True)
    assert same == [
        {
            "provider": "RJ7",
            "period": date(2026, 8, 1),
            "kind": "rule",
            "rule": "M001901-blank",
            "title": rules.records["M001901-blank"].title,
            "effect": "rejects-record",
            "table": "MSD001MotherDemog",
            "items": "LPIDMother",
            "record": 3,
            "file": None,
            "line": None,
        }
    ]
    assert frame.filter(rule="M001070-code")["record"].to_list() == [4]
    unique = frame.filter(rule="M001901-repeated")
    assert (unique["record"].to_list(), set(unique["items"])) == ([1, 4], {"LPIDMother"})


@pytest.mark.parametrize("name", quick_first(("every-rule-broken", "clean", "missing-tables")))
def test_every_failure_that_an_audit_counts_is_a_finding_and_nothing_else_is(name):
    frame = found_in(name).frame
    rules = frame.filter(kind="rule").group_by("rule").len()
    counted = {id: one.failures for id, one in audited(name).rules.items() if one.failures}
    assert dict(rules.iter_rows()) == counted
    whole = frame.filter(pl.col("record").is_null())["rule"]
    assert set(whole) == {id for id in counted if packaged().records[id].occurs is not None}


def test_of_measures_the_records_are_those_of_the_people_who_fail():
    name = "every-rule-broken"
    of_measures = found_in(name).frame.filter(kind="measure")
    assert of_measures["effect"].null_count() == of_measures.height > 0
    for (id,), rows in of_measures.group_by("rule"):
        measure = packaged().measures[id]
        table = sample(name).tables[measure.table].collect()
        who = table[rows["record"] - 1][measure.distinct]
        people = who.drop_nulls().n_unique() + who.null_count()
        assert people == audited(name).measures[id].failures, id
    asked = {
        one.subject
        for scheme in chosen_schemes(packaged(), ())
        for one in scheme.criteria
        if one.subject in packaged().measures and not one.short and not one.not_collected
    }
    assert set(of_measures["rule"]) == {id for id in asked if audited(name).measures[id].failures}


def test_the_rows_of_one_rule_are_asked_for_by_themselves(rules):
    rows = [{"LPIDMother": "a"}, {}, {"LPIDMother": "b", "EthnicCategoryMother": "Q"}]
    given = submission(rules.spec, {"MSD001": rows})
    found = failing_rows(rules.records["M001070-code"], given, rules.spec).collect()
    assert found.rows() == [(2, None)]
    assert found.columns == [ROW, WHO]
    booked = {"LPIDMother": "b", "AntenatalAppDate": "2026-08-21"}
    given = submission(rules.spec, {"MSD001": rows, "MSD101": [{}, booked]})
    permitted = rules.measures["mother-ethnicity-permitted"]
    found = failing_rows(permitted, given, rules.spec).collect()
    assert found.to_dicts() == [{ROW: 1, WHO: "b", "mother key": "b"}]


def test_large_tables_give_the_same_findings(monkeypatch):
    wanted = found_in("every-rule-broken")
    monkeypatch.setattr(row_findings, "SMALL", 0)
    assert found_in.__wrapped__("every-rule-broken").frame.equals(wanted.frame)


def test_the_first_of_each_are_named_and_the_others_counted():
    whole, some = found_in("every-rule-broken"), found_in("every-rule-broken", 2)
    for (id,), rows in whole.frame.group_by("rule", maintain_order=True):
        kept = some.frame.filter(rule=id)
        assert kept.equals(rows.head(2))
        assert some.left_out.get(id, 0) == max(0, rows.height - 2)
    assert whole.left_out == {}
    assert {id: place.record for id, place in some.first.items()} == dict(
        whole.frame.drop_nulls("record").group_by("rule").agg(pl.col("record").min()).iter_rows()
    )


def test_the_file_and_the_line_are_those_of_the_record(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    header = (FIXTURES / "clean" / "MSD000Header.csv").read_bytes()
    Path("august").mkdir()
    Path("august/MSD000Header.csv").write_bytes(header)
    text = 'LPIDMother,EthnicCategoryMother\na,A\n\n"b\n",A\nc,Q\n'
    Path("august/MSD001.csv").write_text(text, encoding="utf-8")
    [row] = findings([Path("august")]).filter(rule="M001070-code").iter_rows(named=True)
    assert (row["record"], row["line"], row["file"]) == (3, 6, "august/MSD001.csv")


def test_a_table_that_cannot_be_read_to_its_end_is_an_error_without_a_value(rules):
    rows = [{"LPIDMother": "a"}, {"LPIDMother": "secret"}]
    given = submission(rules.spec, {"MSD001": rows})
    counted = audit(given, rules)
    broken = given.tables["MSD001MotherDemog"].filter(pl.col("LPIDMother").cast(pl.Int64) > 0)
    with pytest.raises(ExtractError) as caught:
        findings_in(replace(given, stored={"MSD001MotherDemog": broken}), counted, rules, ())
    assert "secret" not in f"{caught.value.sentence} {caught.value.hint}"
    assert caught.value.__cause__ is None


# --- nothing of a person ------------------------------------------------------------------


def test_findings_hold_words_of_the_rules_and_places_and_no_value():
    """Every text in them stands in the rules, or is the path of a file."""
    frame = found_in("every-rule-broken").frame
    declared = [*packaged().records.values(), *packaged().measures.values()]
    names = {one.name for one in packaged().spec.items} | {
        one.path for one in packaged().spec.items
    }
    known = {
        "provider": {"RVR"},
        "kind": {"rule", "measure"},
        "rule": {one.id for one in declared},
        "title": {one.title for one in declared},
        "effect": {str(one.effect) for one in packaged().records.values()} | {None},
        "table": set(packaged().spec.tables),
        "file": {f"fixtures/every-rule-broken/{name}.csv" for name in packaged().spec.tables},
    }
    assert {name for name, kind in SCHEMA.items() if kind == pl.String} == {*known, "items"}
    for name, words in known.items():
        assert set(frame[name]) <= words, name
    for told in frame["items"].drop_nulls().unique():
        assert set(told.split(", ")) <= names | set(packaged().spec.tables), told


def test_what_is_shared_names_the_first_of_each_alone():
    [card] = check([FIXTURES / "every-rule-broken"], rules=packaged(), most_findings=None)
    shared = disclosed(card).findings
    assert shared.frame.height == card.findings.frame["rule"].n_unique()
    assert shared.left_out == {}
    assert shared.first == card.findings.first


def test_nothing_is_looked_for_unless_it_is_asked_for(monkeypatch):
    monkeypatch.setattr("msds_audit.api.auditing.row_findings", None)
    [card] = check([FIXTURES / "missing-tables"], rules=packaged())
    assert card.findings is None
    with pytest.raises(UsageError, match="were not asked for"):
        findings_frame([card])
    assert findings_frame([]).schema == SCHEMA


# --- frames -------------------------------------------------------------------------------


@pytest.fixture
def cards():
    return [
        card
        for name in ("every-rule-broken", "missing-tables")
        for card in checked([FIXTURES / name])
    ]


def test_every_criterion_of_every_card_is_one_row(cards):
    frame = scorecards_frame(cards)
    assert frame.columns[: len(COLUMNS)] == list(COLUMNS)
    lines = [(card, one) for card in cards for one in card.results]
    assert frame.height == len(lines)
    for row, (card, one) in zip(frame.iter_rows(named=True), lines, strict=True):
        assert (row["provider"], row["period"]) == (card.provider, card.period.start)
        assert (row["scheme"], row["criterion"], row["outcome"]) == (
            one.scheme,
            one.criterion,
            str(one.outcome),
        )
        assert (row["numerator"], row["denominator"]) == (one.numerator, one.denominator)
        assert row["threshold"] == (None if one.threshold is None else str(one.threshold))
        assert one.threshold in (None, Decimal(row["threshold"] or 0))
        assert row["verified"] == one.verified
        assert (row["reason"] or "", row["remedy"] or "") == (one.reason, one.remedy)
        assert (row["unit"] or "", row["subject"] or "") == (one.unit, one.subject)
        assert row["undetermined"] == one.undetermined
    kinds = {"period": pl.Date, "numerator": pl.Int64, "rate": pl.Float64, "verified": pl.Boolean}
    assert {name: frame.schema[name] for name in kinds} == kinds
    assert scorecards_frame([]).schema == frame.schema


def test_every_rule_of_every_card_is_one_row_and_says_why_where_it_was_not_assessed(cards):
    frame = rules_frame(cards)
    assert frame.height == sum(len(card.rules) for card in cards)
    for row, one in zip(
        frame.iter_rows(named=True), [one for card in cards for one in card.rules], strict=True
    ):
        assert row["rule"] == one.rule
        assert row["failures"] == (one.tally.failures if one.tally.assessed else None)
        assert (row["outcome"] == "not assessed") == bool(row["reason"]) == bool(one.tally.reason)
        assert (row["outcome"] == "fails") == bool(row["failures"])
        assert (row["outcome"] == "not applicable") == (row["denominator"] == 0)
    assert set(frame["outcome"]) == {"fails", "passes", "not applicable", "not assessed"}
    assert rules_frame([]).schema == frame.schema


def test_findings_and_the_frame_of_rules_agree():
    paths = [Path("fixtures/missing-tables")]
    frame = findings(paths).filter(kind="rule").group_by("provider", "rule").len("failures")
    counted = rules_frame(checked(paths)).filter(outcome="fails")
    assert sorted(frame.iter_rows()) == sorted(counted["provider", "rule", "failures"].iter_rows())


def test_several_submissions_stand_in_order_of_provider_and_month():
    paths = [Path("fixtures/south-west-london", one) for one in ("RVR", "RAX")]
    frame = findings(paths, schemes=("cnst-sa2-y7",))
    assert frame["provider"].unique(maintain_order=True).to_list() == ["RAX", "RVR"]
    measures = frame.filter(kind="measure")
    assert set(measures["rule"]) == {"mother-ethnicity-stated", "birthweight-with-unit"}
    missed = [
        (card.provider, one.subject)
        for card in checked(paths)
        for one in card.results
        if one.scheme == "cnst-sa2-y7" and one.outcome is Outcome.NOT_MET
    ]
    assert set(missed) <= set(measures["provider", "rule"].iter_rows())
