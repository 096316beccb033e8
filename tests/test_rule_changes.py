"""What differs between two sets of rules is told, with whether judgement can change by it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from msds_audit.api import unproved_rules
from msds_audit.packaged import packaged_rules
from msds_audit.rule import Basis, Effect, Rules
from msds_audit.rule_changes import Change, Kind, Sort, differences
from msds_audit.rulebook import changes_page
from rule_variants import (
    CONCEPT,
    EXPLAINING,
    INDICATOR,
    JUDGING,
    RULE,
    few,
    of,
    with_concept,
    with_limits,
    with_rule,
)
from support import packaged, quick_first

UNTOLD = {"order of", "spaces in SQL", "zeros of", "providers"}
"""Beginnings of variants that say the same in another way."""


@pytest.fixture(scope="module")
def rules(rules: Rules) -> Rules:
    return few(rules)


def page(old: Rules, new: Rules, found: list[Change] | None = None) -> str:
    return changes_page(("old", "new"), old, new, found or differences(old, new))


def test_the_same_rules_do_not_differ(rules: Rules) -> None:
    assert differences(rules, rules) == []
    assert page(rules, rules).endswith("no differences.\n")


@pytest.mark.parametrize(
    "key",
    quick_first(JUDGING, list(JUDGING)[::3]),
)
def test_judgement_can_change_wherever_the_fingerprint_does(key: str, rules: Rules) -> None:
    other = JUDGING[key](rules)
    there, back = differences(rules, other), differences(other, rules)
    assert any(change.judges for change in there)
    assert any(change.judges for change in back)
    assert "judgement can change" in page(rules, replace(other, fingerprint=of(other)), there)


@pytest.mark.parametrize("key", EXPLAINING)
def test_words_alone_are_told_as_words(key: str, rules: Rules) -> None:
    found = differences(rules, EXPLAINING[key](rules))
    assert not any(change.judges for change in found)
    assert bool(found) != any(key.startswith(beginning) for beginning in UNTOLD)


def test_the_old_and_the_new_effect_stand_in_the_difference(rules: Rules) -> None:
    new = with_rule(rules, effect=Effect.WARNING, title="Another title")
    [change] = differences(rules, new)
    assert (change.sort, change.kind, change.id) == (Sort.RULE, Kind.CHANGED, RULE)
    told = [(key.key, key.old, key.new, key.judges) for key in change.keys]
    assert told[0] == ("effect", "counts-as-invalid", "warning", True)
    assert [key[0] for key in told] == ["effect", "title"]
    assert "    effect: counts-as-invalid -> warning\n" in page(rules, new)
    assert "-> Another title (words)\n" in page(rules, new)


def test_a_limit_of_an_indicator_and_a_code_of_a_concept_stand_in_the_difference(
    rules: Rules,
) -> None:
    new = with_concept(with_limits(rules, lower=Decimal("0.01")), codes=("8517006",))
    of_indicator, of_concept = differences(rules, new)
    assert (of_indicator.sort, of_indicator.id) == (Sort.INDICATOR, INDICATOR)
    assert (of_concept.sort, of_concept.id) == (Sort.CONCEPT, CONCEPT)
    assert [(key.key, key.old, key.new) for key in of_indicator.keys] == [
        ("lower", "0.005", "0.01")
    ]
    told = page(rules, new)
    assert f"  indicator {INDICATOR} changed: Smokers among those known at booking\n" in told
    assert f"  concept {CONCEPT} changed: findings of somebody who smokes" in told
    assert told.endswith("Changed: 1 indicator, 1 concept.\n")


def named(change: Change) -> tuple[str, str, str]:
    return str(change.kind), change.was, change.id


def test_a_rule_with_another_id_is_renamed_and_not_dropped_and_added(rules: Rules) -> None:
    records = {id: rule for id, rule in rules.records.items() if id != RULE}
    renamed = replace(rules.records[RULE], id="NEW-01", formerly=(RULE,), basis=Basis.ADVICE)
    new = replace(rules, records={**records, "NEW-01": renamed})
    [change] = differences(rules, new)
    assert named(change) == ("renamed", RULE, "NEW-01")
    assert [key.key for key in change.keys] == ["basis", "formerly"]
    assert f"rule {RULE} is now NEW-01" in page(rules, new)
    assert sorted(map(named, differences(new, rules))) == [
        ("added", "", RULE),
        ("dropped", "", "NEW-01"),
    ]


def test_a_rule_that_takes_the_place_of_another_which_goes_is_told(rules: Rules) -> None:
    """Both stood before; one of them is now what both were."""
    heir = replace(rules.records["MSD101-04"], formerly=(RULE,))
    records = {id: rule for id, rule in rules.records.items() if id != RULE}
    new = replace(rules, records={**records, "MSD101-04": heir})
    assert sorted(map(named, differences(rules, new))) == [
        ("changed", "", "MSD101-04"),
        ("renamed", RULE, "MSD101-04"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("change", [*JUDGING.values(), *EXPLAINING.values()])
def test_differences_are_sorted_and_the_same_every_time(
    change: Callable[[Rules], Rules], rules: Rules
) -> None:
    found = differences(rules, change(rules))
    places = [(list(Sort).index(one.sort), one.id) for one in found]
    assert places == sorted(places)
    assert found == differences(rules, change(rules))


def test_a_difference_far_into_a_long_text_is_shown(rules: Rules) -> None:
    long = "word " * 200
    old, new = with_rule(rules, why=f"{long}this end"), with_rule(rules, why=f"{long}that end")
    assert "... this end -> ... that end" in " ".join(page(old, new).split())


def test_no_line_is_wider_than_the_screen(rules: Rules) -> None:
    text = page(rules, JUDGING["no scheme"](JUDGING["no rule"](rules)))
    assert max(map(len, text.splitlines())) <= 80


def test_a_folder_is_compared_with_the_packaged_rules(rules: Rules, tmp_path: Path) -> None:
    copied = shutil.copytree(packaged_rules(), tmp_path / "rules")
    file = copied / "schemes" / "cnst-sa2-y4.toml"
    file.write_text(file.read_text("utf-8").replace("0.90", "0.95"), encoding="utf-8")
    found = differences(unproved_rules(copied), packaged())
    assert [(change.sort, change.id) for change in found] == [
        (Sort.CRITERION, f"cnst-sa2-y{year} SA2-ethnicity") for year in (4, 5, 6, 7)
    ]
