"""Scorecards as JSON, in a documented and versioned shape (docs/scorecard.schema.json)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from msds_audit import __version__
from msds_audit.scorecard import (
    CriterionResult,
    ItemTally,
    RuleResult,
    Scorecard,
    Unrecognised,
)

SCHEMA = "msds-audit/scorecards/1"
"""Raised when a key changes its meaning or goes away; new keys do not raise it."""


def to_json(cards: Sequence[Scorecard]) -> str:
    """Everything the cards hold. Thresholds are fractions as text; rates are left to divide."""
    content = {
        "schema": SCHEMA,
        "msds_audit": __version__,
        "scorecards": [_card(card) for card in cards],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _card(card: Scorecard) -> dict[str, Any]:
    return {
        "provider": card.provider,
        "provider_name": card.provider_name,
        "period": str(card.period),
        "spec": card.spec,
        "fingerprint": card.fingerprint,
        "notices": list(card.notices),
        "schemes": dict(card.schemes),
        "criteria": [_criterion(result) for result in card.results],
        "tables": dict(card.rows),
        "rules": [_rule(result) for result in card.rules],
        "items": [_item(tally) for tally in card.items],
        "unrecognised": [_unrecognised(found) for found in card.unrecognised],
    }


def _criterion(result: CriterionResult) -> dict[str, Any]:
    return {
        "scheme": result.scheme,
        "criterion": result.criterion,
        "section": result.section,
        "title": result.title,
        "outcome": str(result.outcome),
        "collected": result.collected,
        "carried": result.carried,
        "numerator": result.numerator,
        "denominator": result.denominator,
        "undetermined": result.undetermined,
        "unit": result.unit,
        "threshold": None if result.threshold is None else str(result.threshold),
        "basis": str(result.basis),
        "source": result.source,
        "verified": result.verified,
        "reason": result.reason,
        "remedy": result.remedy,
        "note": result.note,
    }


def _rule(result: RuleResult) -> dict[str, Any]:
    assessed = result.tally.assessed
    return {
        "rule": result.rule,
        "table": result.table,
        "title": result.title,
        "damage": None if result.damage is None else str(result.damage),
        "effect": str(result.effect),
        "basis": str(result.basis),
        "verified": result.verified,
        "denominator": result.tally.denominator if assessed else None,
        "numerator": result.tally.numerator if assessed else None,
        "failures": result.tally.failures if assessed else None,
        "reason": result.tally.reason,
    }


def _item(tally: ItemTally) -> dict[str, Any]:
    assessed = not tally.reason
    return {
        "table": tally.table,
        "item": tally.item,
        "uid": tally.uid,
        "rows": tally.rows if assessed else None,
        "valid": tally.valid if assessed else None,
        "other": tally.other if assessed else None,
        "default": tally.default if assessed else None,
        "invalid": tally.invalid if assessed else None,
        "missing": tally.missing if assessed else None,
        "reason": tally.reason,
    }


def _unrecognised(found: Unrecognised) -> dict[str, Any]:
    return {
        "table": found.table,
        "item": found.item,
        "seen": found.seen,
        "kind": found.kind,
        "means": list(found.means),
        "rows": found.rows,
    }
