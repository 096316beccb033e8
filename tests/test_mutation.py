"""Changes a number, a code or a comparison of every written rule, and looks whether that shows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from msds_audit.catalogue import packaged_rules
from msds_audit.examples import results_of
from msds_audit.predicates import PredicateError
from msds_audit.rule import Rules, is_written
from msds_audit.rulebook import readme
from mutants import Mutant, mutants

SURVIVORS: dict[str, str] = {}
"""Changes that no example notices, by rule and change, each with the reason why that is right."""


def is_noticed(mutant: Mutant, rules: Rules) -> bool:
    """Whether an example of the rule comes out otherwise, or the rule cannot be run any more."""
    examples = mutant.declared.examples
    try:
        found = results_of(mutant.declared, examples, rules)
    except (pl.exceptions.PolarsError, PredicateError):
        return True
    return found != [example.result for example in examples]


@pytest.mark.slow
def test_a_changed_rule_is_noticed_by_its_own_examples(rules: Rules, figure) -> None:
    written = [one for one in rules.declared if is_written(one)]
    survivors, tried = set(), 0
    for declared in written:
        for mutant in mutants(declared):
            tried += 1
            if not is_noticed(mutant, rules):
                survivors.add(f"{declared.id} {mutant.change}")
    figure(
        f"{len(written)} written rules and measures, {tried:,} changes, "
        f"{tried - len(survivors):,} noticed, {len(survivors)} survive"
    )
    assert survivors == set(SURVIVORS)


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
