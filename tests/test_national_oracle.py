"""The national indicators counted a second time, with loops over rows, and compared.

`plain.national` and `plain.continuity` were written from the definitions of the indicators,
without a look at the program or at how its rules declare them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from msds_audit.extract import Period, Submission
from msds_audit.national import national
from msds_audit.rule import Rules
from plain.continuity import Continuity
from plain.histories import History
from plain.national import TABLES, Counted, National, typed
from support import frame, packaged, quick_first

PROVIDER, ANNUAL = "RJ7", 250
REPORTING = ("2026-08", "2028-03", "2027-01", "2028-02", "2026-12")
COUNTED, QUICK, SLOW = 4, 8, 200

OF_ANYTHING = ("CQIMDQ13", "CQIMDQ21")
"""Those that ask whether anything at all was recorded, in six months."""


@cache
def months_of(seed: int) -> History:
    """A history; the reporting months take turns, so that leap days and new years are met."""
    codes = {name: one.codes for name, one in packaged().concepts.items()}
    return History(seed, reporting(seed).start, codes)


def reporting(seed: int) -> Period:
    return Period.parse(REPORTING[seed % len(REPORTING)])


def expected(seed: int, rules: Rules) -> dict[str, Counted]:
    sent = typed(rules.spec, months_of(seed).sent)
    codes = {name: set(one.codes) for name, one in rules.concepts.items()}
    month = reporting(seed).start
    return {
        **National(sent, codes, month, ANNUAL).counts(),
        **Continuity(sent, month).counts(),
    }


def found(seed: int, rules: Rules) -> dict[str, Counted | str]:
    tables = {short: rules.spec.table_named(short) for short in TABLES}
    history = {
        Period(month): Submission(
            PROVIDER,
            Period(month),
            {
                table.name: frame(sent[short], table.by_name)
                for short, table in tables.items()
                if table is not None
            },
            (),
        )
        for month, sent in months_of(seed).sent.items()
    }
    results = national(history, reporting(seed), rules, deliveries={PROVIDER: ANNUAL})
    return {
        id: (one.numerator, one.denominator)
        if one.numerator is not None and one.denominator is not None
        else one.reason
        for id, one in results.items()
        if not one.indicator.undefined
    }


def differences(
    counted: Mapping[str, Counted | str], wanted: Mapping[str, Counted]
) -> dict[str, object]:
    assert counted.keys() == wanted.keys()
    return {id: (counted[id], wanted[id]) for id in wanted if counted[id] != wanted[id]}


@pytest.mark.parametrize(
    "seed",
    quick_first(range(SLOW), range(COUNTED)),
)
def test_every_indicator_counts_the_same_people_row_by_row(seed: int, rules: Rules) -> None:
    assert differences(found(seed, rules), expected(seed, rules)) == {}


def test_the_histories_have_somebody_in_every_indicator_and_somebody_not(rules: Rules) -> None:
    every = [expected(seed, rules) for seed in range(QUICK)]
    for id in every[0]:
        assert any(one[id][0] for one in every), id
        if id not in OF_ANYTHING:
            assert any(one[id][0] < one[id][1] for one in every), id
