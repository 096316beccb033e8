"""Comparisons as JSON, in a documented and versioned shape (docs/comparison.schema.json)."""

from __future__ import annotations

import json
from typing import Any

from msds_audit import __version__
from msds_audit.comparison import (
    Change,
    Compared,
    Comparison,
    Followed,
    Movement,
    RuleChange,
    Turn,
    Unpaired,
)
from msds_audit.reports.compared_warnings import warnings
from msds_audit.scorecard import CriterionResult, Scorecard, Tally

SCHEMA = "msds-audit/comparison/1"
"""Raised when a key changes its meaning or goes away; new keys do not raise it."""

_TURNS = {
    Turn.LOST: "no longer met",
    Turn.UNTOLD: "no longer assessed",
    Turn.GAINED: "now met",
    Turn.TOLD: "now assessed",
    Turn.MOVED: "numbers",
    Turn.SAME: "none",
}


def compared_to_json(found: Compared) -> str:
    """Everything that moved. Thresholds are fractions as text; rates are left to divide."""
    content = {
        "schema": SCHEMA,
        "msds_audit": __version__,
        "only_before": [_unpaired(one) for one in found.only_before],
        "only_now": [_unpaired(one) for one in found.only_now],
        "comparisons": [_comparison(one) for one in found.comparisons],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _unpaired(one: Unpaired) -> dict[str, Any]:
    return {
        "provider": one.provider,
        "provider_name": one.provider_name,
        "period": str(one.period),
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "provider": one.now.provider,
        "provider_name": one.now.provider_name,
        "period_before": str(one.before.period),
        "period_now": str(one.now.period),
        "spec": one.now.spec,
        "fingerprint": one.now.fingerprint,
        "disclosure": one.now.disclosure,
        "worse": one.is_worse,
        "warnings": warnings(one),
        "notices_before": list(one.before.notices),
        "notices_now": list(one.now.notices),
        "schemes": dict(one.now.schemes),
        "acceptance_before": _acceptance(one.before),
        "acceptance_now": _acceptance(one.now),
        "criteria": [_criterion(change) for change in one.changes],
        "findings": _movement(one.findings),
        "rules": [_rule(change) for change in one.rule_changes],
        "records": _followed(one.records),
        "tables": [
            {"table": table.table, "key": table.key, "records": _followed(table)}
            for table in one.tables
        ],
    }


def _acceptance(card: Scorecard) -> dict[str, Any]:
    return {str(count): _tally(tally) for count, tally in card.acceptance.items()}


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "numerator": tally.numerator if tally.assessed else None,
        "denominator": tally.denominator if tally.assessed else None,
        "reason": tally.reason,
    }


def _criterion(change: Change) -> dict[str, Any]:
    now = change.now
    return {
        "scheme": now.scheme,
        "criterion": now.criterion,
        "section": now.section,
        "title": now.title,
        "short": now.short,
        "unit": now.unit,
        "threshold": None if now.threshold is None else str(now.threshold),
        "verified": now.verified,
        "change": _TURNS[change.turn],
        "before": _result(change.before),
        "now": _result(now),
        "people": None if change.people is None else _movement(change.people),
    }


def _result(result: CriterionResult) -> dict[str, Any]:
    return {
        "outcome": str(result.outcome),
        "numerator": result.numerator,
        "denominator": result.denominator,
        "undetermined": result.undetermined,
        "reason": result.reason,
    }


def _rule(change: RuleChange) -> dict[str, Any]:
    now = change.now
    return {
        "rule": now.rule,
        "table": now.table,
        "title": now.title,
        "effect": str(now.effect),
        "basis": str(now.basis),
        "verified": now.verified,
        "reason_before": change.before.tally.reason,
        "reason_now": now.tally.reason,
        "findings": _movement(change.records),
    }


def _movement(found: Movement) -> dict[str, int]:
    return {
        "before": found.before,
        "fixed": found.fixed,
        "no_longer_asked": found.unasked,
        "gone": found.gone,
        "untold_before": found.untold_before,
        "persisting": found.persisting,
        "new_in_old_records": found.new_in_old,
        "new_in_added_records": found.new_in_added,
        "untold_now": found.untold_now,
        "now": found.now,
    }


def _followed(table: Followed) -> dict[str, Any]:
    return {
        "before": table.before,
        "same": table.same,
        "changed": table.changed,
        "gone": table.gone,
        "untold_before": table.untold_before,
        "added": table.added,
        "untold_now": table.untold_now,
        "now": table.now,
    }
