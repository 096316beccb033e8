"""Tests of tables that are held: nothing is lost, and every value leads to its word."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msds_audit.errors import ExtractError
from msds_audit.extract import normalised
from msds_audit.holding import HeldTable, held, held_table, place_of, times_of
from msds_audit.rule import Rules
from msds_audit.spec import Table
from support import frame, packaged, sample

MOTHERS = packaged().spec.tables["MSD001MotherDemog"]
RECURRING, KEY, NUMBER = "EthnicCategoryMother", "LPIDMother", "NHSNumberMother"
TEXTS = st.none() | st.sampled_from(["A", "Z", "01", "Ünknown", "a,b"]) | st.text(min_size=1)
ROWS = st.lists(
    st.fixed_dictionaries(dict.fromkeys((KEY, RECURRING, "Postcode", NUMBER), TEXTS)),
    max_size=30,
)


def holding(rows: list[dict[str, str | None]], table: Table = MOTHERS) -> HeldTable:
    return held_table(frame(rows, (KEY, RECURRING, "Postcode", NUMBER)), table)


@given(ROWS)
def test_a_table_that_is_held_has_the_same_text_in_the_same_order(rows) -> None:
    given = frame(rows, (KEY, RECURRING, "Postcode", NUMBER)).collect()
    found = holding(rows)
    assert found.text.collect().equals(given)
    assert found.coded(found.frame).select(given.columns).collect().equals(given)


@given(ROWS)
def test_every_value_leads_to_its_word_and_stands_as_often_as_is_said(rows) -> None:
    found = holding(rows)
    for item in (RECURRING, "Postcode"):
        known = found.words.head(found.blanks[item] + 1)
        words, times = known[item], known[times_of(item)]
        values = found.text.collect()[item].to_list()
        places = found.coded(found.frame).select(place_of(item)).collect().to_series()
        assert words.gather(places).to_list() == values
        assert dict(zip(words, times, strict=True)).items() >= {
            (value, values.count(value)) for value in values
        }
        assert found.words[times_of(item)].sum() == len(rows)
        assert words[-1] is None
        assert words.is_unique().all()


@given(ROWS)
def test_rows_that_are_wholly_blank_are_not_filled(rows) -> None:
    found = holding(rows)
    assert found.filled == sum(any(row) for row in found.text.collect().iter_rows())


@given(st.lists(st.none() | st.text(" \t\u00a0AB", max_size=3), max_size=12), st.booleans())
def test_what_is_stored_untrimmed_is_held_trimmed_as_text_or_as_categories(texts, coded) -> None:
    columns = {KEY: texts, RECURRING: texts, "Postcode": [f"{at}" for at in range(len(texts))]}
    stored = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).lazy()
    if coded:
        stored = stored.with_columns(pl.col(RECURRING).cast(pl.Categorical))
    found = held_table(stored, MOTHERS)
    assert found.text.collect().equals(normalised(stored).collect())
    assert found.words[RECURRING].drop_nulls().is_unique().all()
    assert found.filled == len(texts)


def test_codes_that_other_rows_have_brought_in_are_no_places() -> None:
    stored = pl.LazyFrame({RECURRING: ["A", "B", "C", None]}).cast(pl.Categorical).tail(2)
    found = held_table(stored, MOTHERS)
    assert found.text.collect()[RECURRING].to_list() == ["C", None]
    assert found.words[RECURRING].drop_nulls().to_list() == ["C"]


def test_places_are_of_the_smallest_kind_that_holds_them_all() -> None:
    for several, kind in ((255, pl.UInt8), (256, pl.UInt16), (65_536, pl.UInt32)):
        stored = pl.LazyFrame({RECURRING: [f"{at}" for at in range(several)]})
        found = held_table(stored, MOTHERS)
        assert found.frame[place_of(RECURRING)].dtype == kind
        assert found.text.collect().equals(stored.collect())


def test_keys_references_and_nhs_numbers_are_not_taken_for_words() -> None:
    found = holding([{KEY: "1", RECURRING: "A", NUMBER: "9991907484"}])
    assert set(found.blanks) == {RECURRING, "Postcode"}
    booking = packaged().spec.tables["MSD101PregnancyBooking"]
    assert not booking.by_name["LPIDMother"].recurs
    assert booking.by_name["AntenatalAppDate"].recurs


def test_every_table_of_a_submission_is_held(rules: Rules) -> None:
    given = sample("clean")
    found = held(given, rules.spec)
    assert list(found.tables) == list(given.tables)
    for name, table in given.tables.items():
        assert found.tables[name].text.collect().equals(table.collect())


def test_a_table_that_cannot_be_read_to_its_end_is_named_and_nothing_of_it_is_told(
    rules: Rules, tmp_path
) -> None:
    torn = tmp_path / "torn.csv"
    torn.write_text('LPIDMother,EthnicCategoryMother\nSECRET1,A\n"SECRET2,A\n', "utf-8")
    given = sample("clean")
    stored = {**given.stored, MOTHERS.name: pl.scan_csv(torn, infer_schema=False)}
    with pytest.raises(ExtractError, match=r"MSD001MotherDemog cannot be read") as caught:
        held(replace(given, stored=stored), rules.spec)
    assert "SECRET" not in str(caught.value)
