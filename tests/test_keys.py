"""Tests of where the values of a key stand, against looking at every row."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from msds_audit.holding import HeldSubmission, HeldTable, held
from msds_audit.keys import FIRST, PLACE, Keys
from support import packaged, sample

TEXTS = st.lists(st.none() | st.sampled_from(["A", "B", "a", "Ä", ""]) | st.text(max_size=2))


def column(texts: list[str | None]) -> pl.Series:
    return pl.Series(texts, dtype=pl.String)


@given(TEXTS)
def test_a_row_is_led_to_the_first_that_has_its_key(texts) -> None:
    firsts = [None if text is None else texts.index(text) for text in texts]
    keys = Keys.of(column(texts))
    assert keys.own.to_list() == firsts
    assert sorted(keys.firsts) == sorted({first for first in firsts if first is not None})


@given(TEXTS)
def test_only_rows_that_share_a_key_are_said_to(texts) -> None:
    sharing = Keys.of(column(texts)).sharing
    assert sorted(sharing.select(PLACE, FIRST).iter_rows()) == [
        (place, texts.index(text))
        for place, text in enumerate(texts)
        if text is not None and texts.count(text) > 1
    ]


@given(TEXTS, TEXTS)
def test_a_text_is_led_to_the_first_row_that_has_it(texts, sought) -> None:
    found = Keys.of(column(texts)).find(column(sought))
    assert found.to_list() == [
        texts.index(text) if text is not None and text in texts else None for text in sought
    ]


def whole() -> HeldSubmission:
    return held(sample("every-rule-broken"), packaged().spec)


def test_every_reference_of_the_specification_is_followed_both_ways() -> None:
    submission = whole()
    followed = 0
    for item in packaged().spec.items:
        if item.references is None or {item.table, item.references[0]} - {*submission.tables}:
            continue
        table, key = item.references
        for way in ((item.table, item.name, table, key), (table, key, item.table, item.name)):
            assert submission.firsts(*way).to_list() == looked_for(submission, *way)
            followed += 1
    assert followed > 50


def looked_for(submission: HeldSubmission, table: str, item: str, of: str, on: str) -> list:
    """The same, with a dictionary."""
    where: dict[str, int] = {}
    for place, text in enumerate(text_of(submission.tables[of], on)):
        where.setdefault(text, place)
    where.pop(None, None)
    return [where.get(text) for text in text_of(submission.tables[table], item)]


def text_of(table: HeldTable, item: str) -> list[str | None]:
    return table.text.select(item).collect().to_series().to_list()


def test_the_text_of_one_item_is_that_of_the_table() -> None:
    for table in whole().tables.values():
        for item in table.items:
            assert table.texts(item).to_list() == text_of(table, item)
