"""Changes a number, a code or a comparison of every written rule, and looks whether that shows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from msds_audit.examples import results_of
from msds_audit.packaged import packaged_rules
from msds_audit.predicates import PredicateError
from msds_audit.rule import Declared, Rules
from msds_audit.rulebook import readme
from mutants import Mutant, mutants

_TERM = "whoever is in the denominator was born between 154, or 141, and 315 days"
_COUNTED_AS_NONE = "a blank number is plausible whether it counts as 0 or as 1"
SURVIVORS: dict[str, str] = {
    "CQIMDQ16 passes: 315 -> 316 at 37": _TERM,
    "CQIMDQ32 passes: 315 -> 316 at 37": _TERM,
    "CQIMPreterm passes: 154 -> 153 at 29": _TERM,
    "CQIMDQ36 passes: 0 -> 1 at 146": _COUNTED_AS_NONE,
    "CQIMDQ36 passes: 0 -> 1 at 204": _COUNTED_AS_NONE,
    "CQIMDQ36 passes: 0 -> 1 at 268": _COUNTED_AS_NONE,
    "CQIMDQ37 applies: 0 -> 1 at 208": _COUNTED_AS_NONE,
    "CQIMDQ37 applies: 0 -> 1 at 266": _COUNTED_AS_NONE,
    "CQIMDQ37 applies: 0 -> 1 at 330": _COUNTED_AS_NONE,
}
"""Changes that no example notices, by rule and change, each with the reason why that is right."""


def is_noticed(mutant: Mutant, rules: Rules) -> bool:
    """Whether an example of the rule comes out otherwise, or the rule cannot be run any more."""
    examples = mutant.declared.examples
    try:
        found = results_of(mutant.declared, examples, rules)
    except (pl.exceptions.PolarsError, PredicateError):
        return True
    return found != [example.result for example in examples]


def surviving(several: list[Declared], rules: Rules) -> tuple[int, set[str]]:
    """How many changes were tried, and those that no example noticed."""
    tried = [mutant for declared in several for mutant in mutants(declared)]
    survivors = {
        f"{mutant.declared.id} {mutant.change}" for mutant in tried if not is_noticed(mutant, rules)
    }
    return len(tried), survivors


@pytest.mark.slow
def test_a_changed_rule_is_noticed_by_its_own_examples(rules: Rules, figure) -> None:
    written = [one for one in [*rules.records.values(), *rules.measures.values()] if one.file]
    tried, survivors = surviving(written, rules)
    figure(
        f"{len(written)} written rules and measures, {tried:,} changes, "
        f"{tried - len(survivors):,} noticed, {len(survivors)} survive"
    )
    assert survivors == {one for one in SURVIVORS if one.partition(" ")[0] not in rules.indicators}


def test_a_changed_indicator_is_noticed_by_its_own_examples(rules: Rules, figure) -> None:
    """Limits are compared with a table of their own: see test_indicator_definitions."""
    counted: list[Declared] = [one for one in rules.indicators.values() if not one.undefined]
    tried, survivors = surviving(counted, rules)
    figure(
        f"{len(counted)} indicators, {tried:,} changes, {tried - len(survivors):,} noticed, "
        f"{len(survivors)} survive"
    )
    assert survivors == {one for one in SURVIVORS if one.partition(" ")[0] in rules.indicators}


def test_a_changed_threshold_is_noticed_by_the_page_that_is_compared(rules: Rules) -> None:
    """Codes and formats of the specification are under the digest that another test compares."""
    page = (packaged_rules() / "README.md").read_text(encoding="utf-8")
    assert readme(rules) == page
    for id, scheme in rules.schemes.items():
        for at, criterion in enumerate(scheme.criteria):
            if criterion.threshold is None:
                continue
            criteria = [*scheme.criteria]
            criteria[at] = replace(criterion, threshold=criterion.threshold - Decimal("0.01"))
            changed = {**rules.schemes, id: replace(scheme, criteria=tuple(criteria))}
            assert readme(replace(rules, schemes=changed)) != page, criterion.id
