"""Scorecards as SARIF 2.1.0: one run, a result for each failing rule and criterion not met.

Such a result says how many and not which: locations are the files of tables, or tables and items.
A criterion that could not be assessed is a result of the kind `open`. Where a card has findings,
each that there is room for is a result too, on the line of its record where that is known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from msds_audit import __version__
from msds_audit.gates import Change, Waiver
from msds_audit.reports.findings import (
    NOT_VERIFIED,
    NOTHING_JUDGED,
    Finding,
    any_file_of,
    clean,
    failing_text,
    file_of,
    findings,
    silent_schemes,
)
from msds_audit.reports.preview import HOW_KNOWN
from msds_audit.reports.room import Chosen, chosen, missed
from msds_audit.reports.wording import DISCLOSURE_NOTE, effect, failing_rules
from msds_audit.rule import REJECTING, Effect
from msds_audit.scorecard import CriterionResult, Outcome, RuleResult, Scorecard

VERSION = "2.1.0"
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
MOST_RESULTS = 25_000
"""GitHub takes no run of more results, and shows the 5,000 gravest."""

_STANDING = ("suppressions", "baselineState")
"""What a result about a record has of the result about all of them."""

ERROR, WARNING, NOTE, NONE = "error", "warning", "note", "none"


@dataclass(frozen=True, slots=True)
class _Result:
    """One result and the descriptor of what it is about."""

    descriptor: dict[str, Any]
    content: dict[str, Any]


def to_sarif(cards: Sequence[Scorecard]) -> str:
    """All cards as one run, in ASCII. Without times: the same cards give the same text."""
    results = [one for card in cards for one in _of_card(card)]
    named = chosen(cards, MOST_RESULTS - len(results))
    results += _records(cards, named)
    descriptors = {one.descriptor["id"]: one.descriptor for one in results}
    places = {id: place for place, id in enumerate(descriptors)}
    fingerprints = sorted({card.fingerprint for card in cards})
    driver = {
        "name": "msds-audit",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": list(descriptors.values()),
        "properties": {"rulesFingerprints": fingerprints},
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(cards, named)],
        "results": [{**one.content, "ruleIndex": places[one.content["ruleId"]]} for one in results],
        "properties": {"submissions": [_submission(card) for card in cards]},
    }
    return json.dumps({"$schema": SCHEMA, "version": VERSION, "runs": [run]}, indent=2) + "\n"


def left_out(cards: Sequence[Scorecard]) -> str:
    """Says which findings of the cards `to_sarif` has no room for; empty where it has for all."""
    return chosen(cards, MOST_RESULTS - sum(1 for card in cards for _ in _of_card(card))).said


def _invocation(cards: Sequence[Scorecard], named: Chosen) -> dict[str, Any]:
    """What must be known of the submissions as a whole, as notifications."""
    told = [(card, NOTE, notice) for card in cards for notice in card.notices]
    told += [
        (card, WARNING, f"{title}: {NOTHING_JUDGED.lower()}.")
        for card in cards
        for title in silent_schemes(card)
    ]
    told += [
        (card, ERROR, f"Waiver expired on {one.until}: {one.subject}, {one.owner}: {one.reason}")
        for card in cards
        for one in card.expired
    ]
    told += [(card, NOTE, f"{DISCLOSURE_NOTE}.") for card in cards if card.disclosure]
    said = [(level, f"{_name(card)}: {text}") for card, level, text in told]
    said += [(WARNING, named.said)] if named.said else []
    return {
        "executionSuccessful": True,
        "toolExecutionNotifications": [
            {"level": level, "message": {"text": clean(text)}} for level, text in said
        ],
    }


def _submission(card: Scorecard) -> dict[str, Any]:
    return {
        "provider": card.provider,
        "providerName": clean(card.provider_name),
        "period": str(card.period),
        "spec": clean(card.spec),
        "disclosure": card.disclosure,
        "met": card.count(Outcome.MET),
        "notMet": card.count(Outcome.NOT_MET),
        "notAssessed": card.unjudged,
    }


def _name(card: Scorecard) -> str:
    return f"{card.provider} {card.period}"


def _of_card(card: Scorecard) -> Iterator[_Result]:
    for found in findings(card):
        if found.result.without_waiver.is_failing:
            yield _criterion(card, found)
    for result in failing_rules(card):
        yield _rule(card, result)


# --- criteria -----------------------------------------------------------------------------


def _criterion(card: Scorecard, found: Finding) -> _Result:
    result = found.result
    id = f"{result.scheme}/{result.criterion}"
    missed = result.without_waiver.outcome is Outcome.NOT_MET
    doubt = "" if result.verified else NOT_VERIFIED
    asked = f"{result.title} ({card.schemes[result.scheme]})."
    title = f"{result.criterion}: {result.title}"
    descriptor = _descriptor(id, title, asked, (f"Source: {result.source}.", doubt), ERROR)
    text = " ".join((f"{_name(card)}: {result.title}: {found.summary.rstrip('.')}.", *found.told))
    content = {
        "ruleId": id,
        **({"kind": "fail", "level": ERROR} if missed else {"kind": "open", "level": NONE}),
        "message": {"text": clean(text)},
        "locations": [_location(card, result.table, "")],
        "partialFingerprints": _fingerprints(card, id),
        **_suppressed(result.waived.waivers if result.waived is not None else ()),
        **_against_baseline(card, result),
        "properties": {
            "provider": card.provider,
            "period": str(card.period),
            "outcome": str(result.outcome),
            "numerator": result.numerator,
            "denominator": result.denominator,
            "threshold": None if result.threshold is None else str(result.threshold),
        },
    }
    return _Result(descriptor, content)


# --- rules --------------------------------------------------------------------------------


def _rule(card: Scorecard, result: RuleResult) -> _Result:
    level = _level(result)
    known = HOW_KNOWN[result.basis]
    does = f"What it does: {effect(result).rstrip('*')} ({known})."
    more = (f"What to do: {result.fix}", does, "" if result.verified else NOT_VERIFIED)
    title = f"{result.rule}: {result.title}"
    descriptor = _descriptor(result.rule, title, result.why or f"{result.title}.", more, level)
    text = f"{_name(card)}: {result.title}: {failing_text(result)}. {result.fix}"
    content = {
        "ruleId": result.rule,
        "kind": "fail",
        "level": level,
        "message": {"text": clean(text)},
        "locations": [_location(card, result.table, result.about)],
        "partialFingerprints": _fingerprints(card, result.rule),
        **_suppressed(() if result.waiver is None else (result.waiver,)),
        **_against_baseline(card, result),
        "properties": {
            "provider": card.provider,
            "period": str(card.period),
            "effect": str(result.effect),
            "basis": str(result.basis),
            "failures": result.tally.failures,
            "denominator": result.tally.denominator,
        },
    }
    return _Result(descriptor, content)


def _level(result: RuleResult) -> str:
    if result.effect in REJECTING:
        return ERROR
    return WARNING if result.effect is Effect.WARNING else NOTE


# --- records ------------------------------------------------------------------------------


def _records(cards: Sequence[Scorecard], named: Chosen) -> Iterator[_Result]:
    """A result for each record that fails, worded after the result of what it fails."""
    whole: dict[tuple[str, str], _Whole] = {}
    for card, row in named.of_cards(cards):
        key = _name(card), row["rule"]
        if key not in whole:
            whole |= _wholes(card)
        yield _record(card, row, whole[key])


@dataclass(frozen=True, slots=True)
class _Whole:
    """What the results about the records that fail one rule or criterion share."""

    result: _Result
    level: str
    title: str
    to_do: str
    item: str


def _wholes(card: Scorecard) -> dict[tuple[str, str], _Whole]:
    """By submission and by rule or measure."""
    found: dict[tuple[str, str], _Whole] = {}
    lines = {(one.result.scheme, one.result.criterion): one for one in findings(card)}
    for measure, line in missed(card).items():
        result = lines[line].result
        told = clean(result.title), clean(result.remedy)
        found[_name(card), measure] = _Whole(_criterion(card, lines[line]), NOTE, *told, "")
    for one in failing_rules(card):
        told = clean(one.title), clean(one.fix)
        found[_name(card), one.rule] = _Whole(_rule(card, one), _level(one), *told, one.about)
    return found


def _record(card: Scorecard, row: Mapping[str, Any], whole: _Whole) -> _Result:
    """One record by its place: never a value of it, nor whose it is."""
    id, table, record = whole.result.content["ruleId"], row["table"], row["record"]
    text = f"{_name(card)}: {whole.title}: failing in record {record:,} of {table}. {whole.to_do}"
    told = {name: row[name] for name in ("effect", "table", "items", "record") if row[name]}
    content = {
        "ruleId": id,
        "kind": "fail",
        "level": whole.level,
        "message": {"text": text.rstrip()},
        "locations": [_location(card, table, whole.item, row["line"])],
        "partialFingerprints": _fingerprints(card, id, record),
        **{key: one for key, one in whole.result.content.items() if key in _STANDING},
        "properties": {"provider": card.provider, "period": str(card.period), **told},
    }
    return _Result(whole.result.descriptor, content)


# --- what both have -----------------------------------------------------------------------


def _descriptor(id: str, title: str, why: str, more: Sequence[str], level: str) -> dict[str, Any]:
    """What a rule or criterion is: its title, why there is it, and what to do, as help."""
    shown = f"msds-audit rules show {id.rpartition('/')[2]}"
    told = [text for text in more if text]
    return {
        "id": id,
        "shortDescription": {"text": clean(title)},
        "fullDescription": {"text": clean(why)},
        "help": {
            "text": clean("\n".join((title, why, *told, f"More: {shown}"))),
            "markdown": clean("\n\n".join((f"**{title}**", why, *told, f"More: `{shown}`"))),
        },
        "defaultConfiguration": {"level": level},
    }


def _location(card: Scorecard, table: str, item: str, line: int | None = None) -> dict[str, Any]:
    """Where a result is: in the file of the table, or else of the submission; and of what item."""
    names = [name for name in (table, item) if name] or [_name(card)]
    kind = "item" if item else "table" if table else "submission"
    logical = {"name": names[-1], "fullyQualifiedName": ".".join(names), "kind": kind}
    file = any_file_of(card, table)
    if not file:
        return {"logicalLocations": [logical]}
    uri = PurePosixPath("/", file).as_uri().removeprefix("file:///")
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}
    if line is not None and file_of(card, table):
        physical["region"] = {"startLine": line}
    return {"physicalLocation": physical, "logicalLocations": [logical]}


def _suppressed(waivers: Sequence[Waiver]) -> dict[str, Any]:
    """That somebody set a result aside, and why; nothing where nobody did."""
    if not waivers:
        return {}
    told = (f"Waived until {one.until} by {one.owner}: {one.reason}" for one in waivers)
    return {
        "suppressions": [
            {"kind": "external", "status": "accepted", "justification": clean(text)}
            for text in told
        ]
    }


def _against_baseline(card: Scorecard, result: CriterionResult | RuleResult) -> dict[str, str]:
    """Whether a result was there in the baseline; nothing without one, which some line knows."""
    if not any(one.since is not None for one in card.results):
        return {}
    if isinstance(result, RuleResult):
        return {"baselineState": "unchanged" if result.is_as_before else "updated"}
    if result.since is None:
        return {"baselineState": "new"}
    return {"baselineState": "unchanged" if result.since.change is Change.SAME else "updated"}


def _fingerprints(card: Scorecard, id: str, record: int = 0) -> dict[str, str]:
    """The same for a rule and a submission however often it is audited, whatever is found.

    That of a record goes by its place in the table.
    """
    told = f"{card.provider} {card.period} {id}{f' {record}' if record else ''}"
    return {"msdsAuditFinding/v1": hashlib.sha256(told.encode("utf-8")).hexdigest()}
