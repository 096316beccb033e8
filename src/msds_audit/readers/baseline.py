"""Reads a baseline: the JSON of scorecards that an earlier run wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msds_audit.errors import UsageError
from msds_audit.extract import Period
from msds_audit.gates import SCORECARDS, Baseline, BaselineCard, BaselineLine
from msds_audit.masking import file_name
from msds_audit.scorecard import Outcome

LARGEST = 1 << 28
"""A file of more bytes than this holds no scorecards."""

OUTCOMES = frozenset(map(str, Outcome)) - {str(Outcome.WAIVED)}

_HOW = "Write one with: msds-audit check EXTRACT --out baseline.json"


def read_baseline(path: Path) -> Baseline:
    """The scorecards that `check --format json` wrote.

    A criterion that was waived is taken for what it was without the waiver.

    Raises:
        UsageError: Where it cannot be read, is none, or holds rounded counts.
    """
    shown = file_name(path.name)
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{shown} is too large to be a baseline.", hint=_HOW)
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        sentence = f"The baseline {shown} cannot be read ({type(error).__name__})."
        raise UsageError(sentence, hint=_HOW) from None
    except (ValueError, RecursionError):
        raise UsageError(f"The baseline {shown} is not JSON.", hint=_HOW) from None
    if not isinstance(content, dict) or content.get("schema") != SCORECARDS:
        raise UsageError(f"{shown} does not hold scorecards.", hint=_HOW)
    try:
        return list(_cards(shown, content["scorecards"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        sentence = f"The scorecards in {shown} are not as this version writes them."
        raise UsageError(sentence, hint=_HOW) from None


def _cards(shown: str, cards: list[dict[str, Any]]) -> Iterator[BaselineCard]:
    for card in cards:
        if card["disclosure"]:
            raise UsageError(
                f"The counts in {shown} are rounded, so that nothing can be held against them.",
                hint=f"{_HOW} (without --disclosure)",
            )
        yield BaselineCard(
            provider=str(card["provider"]),
            period=Period.parse(card["period"]),
            fingerprint=str(card["fingerprint"]),
            lines=dict(_lines(card)),
            failures={str(one["rule"]): _number(one["failures"]) or 0 for one in card["rules"]},
        )


def _lines(card: dict[str, Any]) -> Iterator[tuple[tuple[str, str], BaselineLine]]:
    margins = {one["indicator"]: one["margin"] for one in card["indicators"]}
    for one in card["criteria"]:
        outcome = one["waived"]["outcome"] if one["waived"] else one["outcome"]
        if outcome not in OUTCOMES:
            raise ValueError("no outcome")
        yield (
            (one["scheme"], one["criterion"]),
            BaselineLine(
                outcome=outcome,
                is_judged=not one["unjudged"],
                numerator=_number(one["numerator"]),
                denominator=_number(one["denominator"]),
                margin=_number(margins.get(one["indicator"])),
            ),
        )


def _number(value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise ValueError("no number")
