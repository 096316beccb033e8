"""The limits of national indicators and what withholds each rate, typed in a second time.

Source: NHS England maternity statistics code (CQIM, continuity of carer), read November 2026, held
against the results published for April 2025.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

import msds_audit
from msds_audit.bases import CONCEPTS
from msds_audit.limits import Limits
from msds_audit.rule import Against, Family, Indicator, Rules
from msds_audit.windows import Window

AT_LEAST = {
    **dict.fromkeys(("02", "04", "06", "08", "09", "10", "14", "15", "16"), "0.70"),
    **dict.fromkeys(("22", "23", "24", "25", "26", "27"), "0.70"),
    **dict.fromkeys(("29", "30", "31", "32", "33", "36", "38", "39"), "0.70"),
    "03": "0.50",
}
AT_MOST = {"11": "0.6", "12": "0.2", "20": "0.1"}
ABOVE = {"18": "0.4", "34": "0.4"}
BETWEEN = {
    **dict.fromkeys(("05", "07"), ("0.005", "0.5")),
    **dict.fromkeys(("13", "21"), ("1", "1")),
    **dict.fromkeys(("28", "37"), ("0.2", "0.7")),
}
UNDEFINED = ("43", "44", "45", "46", "47", "48", "49", "50")
OF_CONTINUITY = Limits(lower=Decimal("0.05"), exclusive=True, needs_someone=True)

ROBSON = ("30", "31", "32", "33", "34", "36", "37", "38", "39")
RESTS_ON = {
    "Apgar": ("14", "15", "16", "24"),
    "Breastfeeding": ("08", "09"),
    "PPH": ("10", "11", "12", "13"),
    "Preterm": ("09", "22", "23"),
    "SmokingBooking": ("03", "04", "05"),
    "SmokingDelivery": ("02", "06", "07"),
    "Tears": ("14", "15", "16", "18", "20", "21"),
    "VBAC": ("14", "15", "16", "26", "18", "27", "28"),
    "Robson01": ROBSON,
    "Robson02": ROBSON,
    "Robson05": ROBSON,
}
PER_THOUSAND = {"Apgar", "PPH", "Preterm", "Tears"}
COC_RESTS_ON = {
    "COC_by_28weeks": ("COC_DQ04", "COC_DQ05"),
    "COC_receiving_ongoing": ("COC_DQ06", "COC_DQ07", "COC_DQ08", "COC_DQ09"),
}
AGAINST_HES = {"02", "03", "09", "10", "14", "30"}
AGAINST_ONE = {"13", "21"}


def limits() -> dict[str, Limits]:
    """Every measure of data quality of the quality metrics, by the end of its id."""
    return {
        **{id: Limits(lower=Decimal(one)) for id, one in AT_LEAST.items()},
        **{id: Limits(upper=Decimal(one)) for id, one in AT_MOST.items()},
        **{id: Limits(lower=Decimal(one), exclusive=True) for id, one in ABOVE.items()},
        **{id: Limits(Decimal(low), Decimal(high)) for id, (low, high) in BETWEEN.items()},
    }


def of(rules: Rules, family: Family) -> dict[str, Indicator]:
    return {one.id: one for one in rules.indicators.values() if one.family is family}


def test_the_limits_of_the_quality_metrics_are_those_of_the_definitions(rules: Rules) -> None:
    known = of(rules, Family.CQIM_DQ)
    counted = {id: one.limits for id, one in known.items() if not one.undefined}
    assert len(counted) == 35
    assert counted == {f"CQIMDQ{id}": one for id, one in limits().items()}
    assert known.keys() - counted.keys() == {f"CQIMDQ{id}" for id in UNDEFINED}


def test_continuity_of_carer_asks_for_more_than_a_twentieth_and_for_somebody(rules: Rules) -> None:
    found = {id: one.limits for id, one in of(rules, Family.COC_DQ).items()}
    assert found == {f"COC_DQ{number:02}": OF_CONTINUITY for number in range(4, 10)}


def test_each_quality_metric_rests_on_the_measures_of_its_definition(rules: Rules) -> None:
    found = {id: sorted(one.rests_on) for id, one in of(rules, Family.CQIM).items()}
    assert found == {
        f"CQIM{name}": sorted(f"CQIMDQ{id}" for id in ids) for name, ids in RESTS_ON.items()
    }


def test_each_rate_of_continuity_rests_on_the_measures_of_its_definition(rules: Rules) -> None:
    found = {id: one.rests_on for id, one in of(rules, Family.COC).items()}
    assert found == COC_RESTS_ON


def test_four_of_the_quality_metrics_are_rates_per_thousand(rules: Rules) -> None:
    found = {one.id for one in rules.indicators.values() if one.per != 100}
    assert found == {f"CQIM{name}" for name in PER_THOUSAND}
    assert {one.per for one in rules.indicators.values()} == {100, 1000}


def test_six_measures_are_held_against_deliveries_and_two_against_one(rules: Rules) -> None:
    found = {id: one.against for id, one in rules.indicators.items()}
    for against, ids in ((Against.HES, AGAINST_HES), (Against.ONE, AGAINST_ONE)):
        assert {id for id, one in found.items() if one is against} == {f"CQIMDQ{id}" for id in ids}


@pytest.mark.parametrize("id", RESTS_ON)
def test_a_metric_and_most_measures_it_rests_on_read_the_same_months(id: str, rules: Rules) -> None:
    """But for those that look for any record at all in the six months before."""
    rate = rules.indicators[f"CQIM{id}"]
    windows = {rules.indicators[one].window for one in rate.rests_on}
    assert windows - {Window.SIX_BEFORE} == {rate.window}


def test_every_concept_has_codes_and_some_field_is_derived_by_it(rules: Rules) -> None:
    assert list(rules.concepts) == list(CONCEPTS)
    assert all(one.codes for one in rules.concepts.values())
    engine = "".join(
        (Path(msds_audit.__file__).parent / name).read_text("utf-8")
        for name in ("smoking.py", "base_frames.py")
    )
    assert set(CONCEPTS) <= set(re.findall(r'"([a-z-]+)"', engine))


def test_no_code_stands_twice_in_a_concept(rules: Rules) -> None:
    for one in rules.concepts.values():
        assert len(set(one.codes)) == len(one.codes), one.name
    smoker, other = rules.concepts["smoker"].codes, rules.concepts["non-smoker"].codes
    assert not set(smoker) & set(other)
