"""Tests of numbers in words: a rate never looks better or worse than it is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msds_audit.extract import Period
from msds_audit.limits import as_percent
from msds_audit.rejections import Rejected
from msds_audit.reports.wording import grouped, percent, to_do
from msds_audit.scorecard import Audited, Tally
from msds_audit.scoring import score
from support import packaged

NINETY = Decimal("0.90")


@pytest.mark.parametrize(
    ("numerator", "denominator", "threshold", "shown"),
    [
        (281, 316, NINETY, "88.9 %"),
        (9, 10, NINETY, "90.0 %"),
        (899, 1000, NINETY, "89.9 %"),
        (2699, 3000, NINETY, "89.97 %"),
        (8999, 10000, NINETY, "89.99 %"),
        (89_999, 100_000, NINETY, "89.999 %"),
        (89_999, 100_000, None, "90.0 %"),
        (1999, 2000, None, "99.95 %"),
        (2999, 3000, None, "99.97 %"),
        (9_999, 10_000, None, "99.99 %"),
        (99_999, 100_000, None, "99.999 %"),
        (1, 2001, None, "0.05 %"),
        (1, 10_000, None, "0.01 %"),
        (0, 10, None, "0.0 %"),
        (10, 10, Decimal(1), "100.0 %"),
        (1, 3, None, "33.3 %"),
        (1, 8, None, "12.5 %"),
        (2, 3, None, "66.7 %"),
    ],
)
def test_a_rate_is_shown_as(
    numerator: int, denominator: int, threshold: Decimal | None, shown: str
) -> None:
    assert percent(numerator, denominator, threshold) == shown


def value(shown: str) -> Decimal:
    return Decimal(shown.removesuffix(" %").replace(",", "").lstrip("<>≥≤ "))


@given(
    st.integers(1, 100_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))),
    st.sampled_from([None, *(Decimal(text) for text in ("0.05", "0.80", "0.90", "0.95", "1"))]),
)
def test_a_rate_never_looks_as_if_it_were_on_the_other_side(
    counted: tuple[int, int], threshold: Decimal | None
) -> None:
    numerator, denominator = counted
    shown = value(percent(numerator, denominator, threshold))
    assert (shown == 100) == (numerator == denominator)
    assert (shown == 0) == (numerator == 0)
    if threshold is not None:
        assert (shown >= threshold * 100) == (numerator >= threshold * denominator)
    assert abs(shown - Decimal(numerator) * 100 / denominator) <= Decimal("0.05")


@pytest.mark.parametrize(
    ("numerator", "denominator", "threshold"),
    [
        (899_999, 999_999, NINETY),
        (8_999_999, 10_000_000, NINETY),
        (1_999_999, 2_000_000, None),
        (99_999_999, 100_000_000, None),
        (1, 100_000_000, None),
    ],
)
def test_nor_does_it_where_there_are_millions(
    numerator: int, denominator: int, threshold: Decimal | None
) -> None:
    shown = value(percent(numerator, denominator, threshold))
    assert 0 < shown < (threshold * 100 if threshold else 100)


@pytest.mark.parametrize(
    ("threshold", "shown"),
    [("0.90", "90 %"), ("1.00", "100 %"), ("0.955", "95.5 %"), ("0.05", "5 %"), ("0.1", "10 %")],
)
def test_a_threshold_is_shown_without_needless_decimals(threshold: str, shown: str) -> None:
    assert as_percent(Decimal(threshold)) == shown


# --- what to do ---------------------------------------------------------------------------


def told(numerator: int, *parts: tuple[str, int, str], of: int = 100) -> str:
    """What to do about a criterion of 90 % with these parts: short name, number, remedy."""
    first = packaged().schemes["ethnicity"]
    measures = {"mother-ethnicity-stated": Tally(of, numerator)}
    criteria = [first.criteria[0]]
    names = [name for name in packaged().measures if name not in measures]
    for name, (short, number, remedy) in zip(names, parts, strict=False):
        measures[name] = Tally(of, number)
        criteria.append(replace(first.criteria[1], id=name, subject=name, short=short, fix=remedy))
    none = Rejected(0, 0, ())
    nothing = Audited("RJ7", Period.parse("2026-08"), {}, (), {}, {}, (), {}, (), none)
    scheme = replace(first, criteria=tuple(criteria))
    card = score(replace(nothing, measures=measures), replace(packaged(), records={}), [scheme])
    [(_, [line])] = list(grouped(card))
    return to_do(line)


def test_a_criterion_that_is_met_needs_nothing() -> None:
    assert told(90) == ""


def test_what_would_be_enough_is_said() -> None:
    assert (
        told(85, ("blank", 15, "Ask."))
        == "5 more would reach 90 %; 15 can be mended. blank 15: Ask."
    )


def test_only_what_is_there_is_to_be_mended_the_most_of_it_first() -> None:
    parts = (("99", 2, "Ask."), ("blank", 0, "Look."), ("not a code", 9, "Map."))
    assert told(89, *parts).endswith("11 can be mended. not a code 9: Map. 99 2: Ask.")


def test_where_mending_is_not_enough_that_is_said() -> None:
    found = told(60, ("Z", 38, ""), ("99", 2, "Ask."))
    assert found == (
        "30 more would reach 90 %; 2 can be mended. 99 2: Ask. "
        "That is not enough; were these asked: Z 38?"
    )
