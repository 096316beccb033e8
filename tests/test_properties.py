"""Tests of what must hold of any extract, whatever is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from msds_audit.audit import audit
from msds_audit.extract import Submission
from msds_audit.item_rules import good_value
from msds_audit.predicates import PROVIDER, needs
from msds_audit.rule import Rules
from msds_audit.scorecard import Audited, Tally
from support import Records, audited, packaged, quick_first, sample, submission

SOUTH_WEST_LONDON = tuple(f"south-west-london/{code}" for code in ("RAX", "RJ6", "RJ7", "RVR"))

IDS = st.sampled_from(["1", "2", "3", "4", "", "x" * 21])
DATES = st.sampled_from(
    ["2026-08-01", "2026-08-14", "2026-08-31", "2026-07-31", "2026-09-01", "31/08/2026", ""]
)
BIRTHS = st.sampled_from(["1998-10-16", "2020-01-01", "1998-02-30", ""])
ETHNIC = st.sampled_from(["A", "C", "H", "Z", "99", "a", "British", ""]) | st.text(max_size=3)


def rows(**items: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, str]]]:
    return st.lists(st.fixed_dictionaries(items), max_size=6)


EXTRACTS = st.fixed_dictionaries(
    {
        "MSD001": rows(
            LPIDMother=IDS,
            EthnicCategoryMother=ETHNIC,
            PersonBirthDateMother=BIRTHS,
            Postcode=st.sampled_from(["SM5 1AA", "ZZ99 3VZ", "SM5", ""]),
            NHSNumberMother=st.sampled_from(["9991907483", "9991907484", "123", ""]),
            NHSNumberStatusMother=st.sampled_from(["01", "07", "08", ""]),
        ),
        "MSD003": rows(
            LPIDMother=IDS,
            SocPerSNOMED=st.sampled_from(["160542002", "20430005", "1", ""]),
            SocPerDate=DATES,
        ),
        "MSD101": rows(
            LPIDMother=IDS,
            PregnancyID=IDS,
            AntenatalAppDate=DATES,
            DisabilityIndMother=st.sampled_from(["Y", "N", "n", ""]),
            EDDAgreed=DATES,
            LangCode=st.sampled_from(["en", "EN", ""]),
        ),
        "MSD301": rows(LabourDeliveryID=IDS, PregnancyID=IDS),
        "MSD401": rows(
            LPIDBaby=IDS,
            LabourDeliveryID=IDS,
            PersonBirthDateBaby=DATES,
            EthnicCategoryBaby=ETHNIC,
            PersonPhenSex=st.sampled_from(["1", "X", "F", ""]),
            GestationLengthBirth=st.sampled_from(["280", "39", "1000", "39+2", ""]),
        ),
        "MSD405": rows(
            LPIDBaby=IDS,
            ObsScheme=st.sampled_from(["03", "02", ""]),
            ObsCode=st.sampled_from(["364589006", "169909004", ""]),
            ObsValue=st.sampled_from(["3200", "3.2", "0", "x", "nan", ""]),
            UCUMUnit=st.sampled_from(["g", "KG", "lb", ""]),
        ),
    }
)

RIGHT: dict[str, dict[str, str]] = {
    "MSD001": {
        "LPIDMother": "right",
        "OrgIDLPID": "RJ7",
        "PersonBirthDateMother": "1998-10-16",
        "EthnicCategoryMother": "B",
        "Postcode": "M1 1AA",
        "NHSNumberMother": "9998969352",
        "NHSNumberStatusMother": "01",
    },
    "MSD003": {"LPIDMother": "right", "SocPerSNOMED": "160542002", "SocPerDate": "2026-08-14"},
    "MSD101": {
        "LPIDMother": "right",
        "PregnancyID": "right",
        "AntenatalAppDate": "2026-08-03",
        "ReasonLateBooking": "02",
        "LastMenstrualPeriodDate": "2025-11-07",
        "EDDAgreed": "2026-08-14",
        "EDDMethodAgreed": "02",
        "DisabilityIndMother": "N",
        "LangCode": "en",
    },
    "MSD301": {"LabourDeliveryID": "right", "PregnancyID": "right"},
    "MSD401": {
        "LPIDBaby": "her baby",
        "OrgIDLocalPatientIdBaby": "RJ7",
        "LabourDeliveryID": "right",
        "PersonBirthDateBaby": "2026-08-14",
        "EthnicCategoryBaby": "B",
        "PersonPhenSex": "2",
        "GestationLengthBirth": "280",
    },
    "MSD405": {
        "LPIDBaby": "her baby",
        "ObsScheme": "03",
        "ObsCode": "364589006",
        "ObsValue": "3200",
        "UCUMUnit": "g",
    },
}


def right(table: str) -> dict[str, str]:
    """Her row of a table, with everything that is mandatory in it."""
    found = packaged().spec.table_named(table)
    assert found is not None
    mandatory = {one.name: good_value(one) for one in found.items if one.is_mandatory}
    return {**mandatory, **RIGHT[table]}


def counts(found: Audited) -> dict[str, Any]:
    """Everything that was counted."""
    return {name: getattr(found, name) for name in Audited.__dataclass_fields__}


def shuffled(given: Submission, seed: int) -> Submission:
    tables = {
        name: frame.collect().sample(fraction=1, shuffle=True, seed=seed).lazy()
        for name, frame in given.tables.items()
    }
    return replace(given, stored=tables)


def tallies(found: Audited) -> Mapping[str, Tally]:
    return {**found.rules, **found.measures}


def sane(found: Audited) -> None:
    declared = {**packaged().records, **packaged().measures}
    for id, tally in tallies(found).items():
        if getattr(declared[id], "occurs", None) is not None:
            assert tally in (Tally(1, 0), Tally(1, 1)), id
        elif tally.assessed:
            assert 0 <= tally.numerator <= tally.denominator <= found.rows[declared[id].table], id
    for item in found.items:
        if not item.reason:
            assert item.rows == found.rows[item.table], item.item
    parts = ("stated", "not-stated", "not-known", "blank", "invalid")
    by_part = [found.measures[f"mother-ethnicity-{part}"] for part in parts]
    assert sum(tally.numerator for tally in by_part) == by_part[0].denominator


@settings(max_examples=4, phases=[Phase.generate])
@given(EXTRACTS, st.integers(0, 1000))
def test_any_extract_is_counted_sanely_and_whatever_the_order_of_its_rows(
    tables: dict[str, Records], seed: int
) -> None:
    given = submission(packaged().spec, tables)
    found = audit(given, packaged())
    sane(found)
    assert counts(audit(shuffled(given, seed), packaged())) == counts(found)


@settings(max_examples=4, phases=[Phase.generate])
@given(EXTRACTS)
def test_adding_a_woman_who_is_right_in_every_respect_never_lowers_a_count(
    tables: dict[str, Records],
) -> None:
    before = audit(submission(packaged().spec, tables), packaged())
    more = {name: [*rows, right(name)] for name, rows in tables.items()}
    after = audit(submission(packaged().spec, more), packaged())
    for id, tally in tallies(before).items():
        if tally.assessed:
            now = tallies(after)[id]
            assert now.numerator >= tally.numerator, id
            assert now.denominator >= tally.denominator, id
            assert now.failures <= tally.failures or id in packaged().measures, id


def test_the_woman_who_is_right_in_every_respect_breaks_no_rule(
    rules: Rules,
) -> None:
    found = audit(submission(rules.spec, {name: [right(name)] for name in RIGHT}), rules)
    not_given = {"MSD000-once", "MSD002-present"}
    failing = {id for id, tally in found.rules.items() if tally.assessed and tally.failures}
    assert failing == not_given
    shown = {
        id for id, tally in found.measures.items() if tally.denominator and not tally.numerator
    }
    assert not shown & {
        "mother-ethnicity-stated",
        "baby-ethnicity-stated",
        "birthweight-with-unit",
        "birth-date-plausible",
        "disability-answered",
        "postcode-usable",
        "nhs-number-right",
        "nhs-number-verified",
        "language-coded",
    }


@pytest.mark.parametrize(
    "name", quick_first(["south-west-london/RAX", "every-rule-broken"], ["south-west-london/RAX"])
)
def test_shuffling_the_rows_of_a_sample_changes_nothing(name: str, rules: Rules) -> None:
    assert counts(audit(shuffled(sample(name), 7), rules)) == counts(audited(name))


def test_reading_an_extract_twice_gives_the_same(rules: Rules) -> None:
    assert counts(audit(sample("every-rule-broken"), rules)) == counts(audited("every-rule-broken"))


@pytest.mark.parametrize(
    "names",
    quick_first([SOUTH_WEST_LONDON[:2], SOUTH_WEST_LONDON], [SOUTH_WEST_LONDON[:2]]),
    ids=len,
)
def test_what_trusts_count_apart_adds_up_to_what_they_count_together(
    names: tuple[str, ...], rules: Rules
) -> None:
    apart = [audited(name) for name in names]
    tables = {
        table: pl.concat([sample(name).tables[table] for name in names])
        for table in rules.spec.tables
    }
    together = audit(replace(sample(names[0]), stored=tables), rules)
    for table, rows in together.rows.items():
        assert rows == sum(one.rows[table] for one in apart)
    for place, item in enumerate(together.items):
        parts = [one.items[place] for one in apart]
        for part in ("valid", "other", "default", "invalid", "missing"):
            assert getattr(item, part) == sum(getattr(one, part) for one in parts), item.item
    not_of_rows_alone = {"MSD901-04"} | {  # staff of the samples are the same at every trust
        rule.id
        for rule in rules.records.values()
        if rule.occurs is not None or PROVIDER in needs(rule).context
    }
    for id, tally in tallies(together).items():
        if id in not_of_rows_alone:
            continue
        assessed = [tallies(one)[id] for one in apart if tallies(one)[id].assessed]
        assert tally.denominator == sum(one.denominator for one in assessed), id
        assert tally.numerator == sum(one.numerator for one in assessed), id


@pytest.mark.parametrize("place", quick_first(range(8), (0, 3)))
def test_tables_without_rows_or_without_columns_are_no_accident(place: int, rules: Rules) -> None:
    whole = sample("clean")
    chosen = list(rules.spec.tables)[place::8]
    empty = {table: whole.tables[table].clear() for table in chosen}
    found = audit(replace(whole, stored={**whole.tables, **empty}), rules)
    assert [found.rows[table] for table in chosen] == [0] * len(chosen)
    first = {table: next(iter(rules.spec.tables[table].by_name)) for table in chosen}
    narrow = {table: whole.tables[table].select(first[table]) for table in chosen}
    found = audit(replace(whole, stored={**whole.tables, **narrow}), rules)
    assert found.rows == audited("clean").rows
