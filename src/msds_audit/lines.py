"""A line of a scheme before anything is counted; whatever counts puts its numbers in."""

from __future__ import annotations

from msds_audit.rule import Criterion, Scheme
from msds_audit.scorecard import CriterionResult, Outcome


def line_of(scheme: Scheme, criterion: Criterion, outcome: Outcome) -> CriterionResult:
    """A line with what the criterion declares of it, and nothing counted yet."""
    return CriterionResult(
        scheme=scheme.id,
        criterion=criterion.id,
        section=criterion.section,
        title=criterion.title,
        short=criterion.short,
        counts=None,
        collected=True,
        carried=criterion.carried,
        outcome=outcome,
        numerator=None,
        denominator=None,
        undetermined=0,
        unit="",
        threshold=None,
        headline=criterion.headline,
        basis=criterion.basis,
        source=criterion.source,
        verified=criterion.verified,
        subject=criterion.subject,
    )
