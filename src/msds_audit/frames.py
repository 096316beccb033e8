"""An audit as Polars frames, for analysts who go on from there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from msds_audit.api import OnStep, check
from msds_audit.extract import Period
from msds_audit.reports.as_frame import findings_frame, rules_frame, scorecards_frame
from msds_audit.rule import Rules

__all__ = ["findings", "findings_frame", "rules_frame", "scorecards_frame"]


def findings(
    paths: Sequence[Path],
    *,
    rules: Rules | None = None,
    schemes: Sequence[str] = (),
    provider: str | None = None,
    period: Period | None = None,
    only: Period | None = None,
    on_step: OnStep = lambda step: None,
) -> pl.DataFrame:
    """Every record that fails a rule, or a measure that a criterion rests on, one row each.

    The columns are those of `found.Findings`; there is no value of a record among them. What could
    not be assessed has no row: `rules_frame` and `scorecards_frame` say of the cards that `check`
    returns what that is, and why.

    Args:
        paths: Whatever `check` takes.
        rules: The rules in force; the packaged ones unless given.
        schemes: Ids or families of schemes; the default ones unless given.
        provider: ODS code for submissions without a readable header.
        period: Reporting period for submissions without a readable header.
        only: The only month to look at.
        on_step: Called with what is about to be done, in a few words.

    Raises:
        MsdsAuditError: If rules or extracts cannot be read, or a scheme is not known.
        UsageError: If there is no submission of the only month.
    """
    cards = check(
        paths,
        rules=rules,
        schemes=schemes,
        provider=provider,
        period=period,
        only=only,
        most_findings=None,
        on_step=on_step,
    )
    return findings_frame(sorted(cards, key=lambda card: (card.provider, card.period)))
