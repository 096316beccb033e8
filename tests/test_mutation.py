"""Changes a number, a code or a comparison of every written rule, and looks whether that shows."""

from __future__ import annotations

import polars as pl
import pytest

from msds_audit.lint import result_of
from msds_audit.predicates import PredicateError
from msds_audit.rule import Declared, Rules, is_written
from mutants import Mutant, mutants
from support import packaged

SURVIVORS: dict[str, str] = {}
"""Changes that no example notices, by rule and change, each with the reason why that is right."""


def is_noticed(mutant: Mutant, rules: Rules) -> bool:
    """Whether an example of the rule comes out otherwise, or the rule cannot be run any more."""
    for example in mutant.declared.examples:
        try:
            if result_of(mutant.declared, example, rules) is not example.result:
                return True
        except (pl.exceptions.PolarsError, PredicateError):
            return True
    return False


def all_mutants(declared: Declared) -> list[Mutant]:
    return list(mutants(declared))


@pytest.mark.slow
def test_a_changed_rule_is_noticed_by_its_own_examples(rules: Rules, figure) -> None:
    written = [one for one in packaged().declared if is_written(one)]
    survivors, tried = set(), 0
    for declared in written:
        for mutant in all_mutants(declared):
            tried += 1
            if not is_noticed(mutant, rules):
                survivors.add(f"{declared.id} {mutant.change}")
    figure(
        f"{len(written)} written rules and measures, {tried:,} changes, "
        f"{tried - len(survivors):,} noticed, {len(survivors)} survive"
    )
    assert survivors == set(SURVIVORS)
