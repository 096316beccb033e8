"""Scorecards as JSON, in a documented and versioned shape (docs/scorecard.schema.json)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from msds_audit import __version__
from msds_audit.gates import SCORECARDS, Waiver
from msds_audit.maturity import Bounds, MaturityIndex
from msds_audit.rejections import Cause
from msds_audit.reports.preview import BELONGS, LACKS, file_faults
from msds_audit.rule import Basis
from msds_audit.scorecard import (
    CriterionResult,
    IndicatorResult,
    ItemTally,
    RuleResult,
    Scorecard,
    Since,
    Unrecognised,
    Waived,
)


def to_json(cards: Sequence[Scorecard]) -> str:
    """Everything the cards hold. Thresholds are fractions as text; rates are left to divide."""
    content = {
        "schema": SCORECARDS,
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
        "disclosure": card.disclosure,
        "notices": list(card.notices),
        "schemes": dict(card.schemes),
        "acceptance": _acceptance(card),
        "criteria": [_criterion(result) for result in card.results],
        "indicators": [_indicator(found) for found in card.indicators],
        "tables": dict(card.rows),
        "rules": [_rule(result) for result in card.rules],
        "items": [_item(tally) for tally in card.items],
        "dqmi": None if card.dqmi is None else _dqmi(card.dqmi),
        "unrecognised": [_unrecognised(found) for found in card.unrecognised],
        "expired": [_waiver(one) for one in card.expired],
    }


def _acceptance(card: Scorecard) -> dict[str, Any]:
    """What would become of the submission as a whole."""
    rejected = card.rejected
    bases = {one.rule: one.basis for one in card.rules}
    return {
        "counts": {
            str(count): {
                "numerator": tally.numerator if tally.assessed else None,
                "denominator": tally.denominator if tally.assessed else None,
                "reason": tally.reason,
            }
            for count, tally in card.acceptance.items()
        },
        "rejects_file": [one.rule.rule for one in file_faults(card)],
        "emptied": [] if isinstance(rejected, str) else list(rejected.emptied),
        "tables": None
        if isinstance(rejected, str)
        else [
            {
                "table": table.table,
                "records": table.rows,
                "wrong": table.wrong,
                "taken": table.taken,
                "causes": [_cause(cause, bases) for cause in table.causes],
            }
            for table in rejected.tables
        ],
    }


def _cause(cause: Cause, bases: Mapping[str, Basis]) -> dict[str, Any]:
    known = bases[cause.rule] if cause.rule else BELONGS if cause.goes_with else LACKS
    return {
        "records": cause.records,
        "rule": cause.rule,
        "goes_with": cause.goes_with,
        "lacks": cause.lacks,
        "basis": str(known),
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
        "asks": result.asks,
        "indicator": result.indicator.indicator.id if result.indicator is not None else None,
        "unjudged": result.without_waiver.is_unjudged,
        "waived": None if result.waived is None else _waived(result.waived),
        "since": None if result.since is None else _since(result.since),
    }


def _waived(waived: Waived) -> dict[str, Any]:
    return {
        "outcome": str(waived.outcome),
        "waivers": [_waiver(one) for one in waived.waivers],
    }


def _waiver(waiver: Waiver) -> dict[str, Any]:
    return {
        "criterion": waiver.criterion,
        "rule": waiver.rule,
        "scheme": waiver.scheme,
        "provider": waiver.provider,
        "reason": waiver.reason,
        "owner": waiver.owner,
        "until": str(waiver.until),
        "at_most": waiver.at_most,
        "unjudged": waiver.unjudged,
    }


def _since(since: Since) -> dict[str, Any]:
    return {
        "period": str(since.period),
        "outcome": str(since.outcome),
        "numerator": since.numerator,
        "denominator": since.denominator,
        "change": str(since.change),
    }


def _indicator(found: IndicatorResult) -> dict[str, Any]:
    indicator = found.indicator
    limits = indicator.limits
    return {
        "indicator": indicator.id,
        "family": str(indicator.family),
        "title": indicator.title,
        "window": str(indicator.window),
        "unit": indicator.unit,
        "numerator": found.numerator,
        "denominator": found.denominator,
        "rounded_numerator": found.rounded_numerator,
        "rounded_denominator": found.rounded_denominator,
        "lower": None if limits.lower is None else str(limits.lower),
        "upper": None if limits.upper is None else str(limits.upper),
        "exclusive": limits.exclusive,
        "result": None if found.result is None else str(found.result),
        "rounded_result": None if found.rounded_result is None else str(found.rounded_result),
        "margin": found.margin,
        "rate": found.rate if found.numerator is not None else None,
        "per": indicator.per,
        "withheld_by": list(found.withheld_by),
        "undecided_by": list(found.undecided_by),
        "sent": found.sent,
        "absent": list(found.absent),
        "verified": indicator.verified,
        "source": indicator.source,
        "note": indicator.note,
        "reason": found.reason,
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
        "waiver": None if result.waiver is None else _waiver(result.waiver),
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


def _dqmi(found: MaturityIndex) -> dict[str, Any]:
    return {
        "index": _bounds(found.index),
        "items": [
            {
                "uid": one.uid,
                "valid_and_complete": one.valid_and_complete if one.was_sent else None,
                "defaults": one.defaults if one.was_sent else None,
                "records": one.records if one.was_sent else None,
                "threshold": None if one.threshold is None else str(one.threshold),
                "score": _bounds(one.score),
                "reason": one.reason,
            }
            for one in found.items
        ],
    }


def _bounds(found: Bounds | None) -> dict[str, str] | None:
    if found is None:
        return None
    return {"low": str(round(found.low, 6)), "high": str(round(found.high, 6))}


def _unrecognised(found: Unrecognised) -> dict[str, Any]:
    return {
        "table": found.table,
        "item": found.item,
        "seen": found.seen,
        "kind": found.kind,
        "means": list(found.means),
        "rows": found.rows,
    }
