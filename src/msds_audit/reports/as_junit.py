"""Scorecards as JUnit XML, which every build server shows as tests.

A suite is a submission, a case a criterion. Only what is met passes: what nobody set a threshold
for and what does not apply is skipped, and what a verdict was asked for and none could be given is
an error, as it is for the exit code. So is a scheme in which nothing at all could be judged: it has
a case of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from msds_audit import __version__
from msds_audit.reports.findings import NOTHING_JUDGED, Finding, clean, findings, silent_schemes
from msds_audit.reports.wording import DISCLOSURE_NOTE, verdict
from msds_audit.scorecard import Outcome, Scorecard

FAILURE, ERROR, SKIPPED = "failure", "error", "skipped"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_COUNTED = {"failures": FAILURE, "errors": ERROR, "skipped": SKIPPED}


def to_junit(cards: Sequence[Scorecard]) -> str:
    """All cards as `testsuites`, in ASCII so that no encoding of a screen can spoil it.

    There are no times in it: the same cards give the same text.
    """
    root = Element("testsuites", name="msds-audit")
    for card in cards:
        root.append(_suite(card))
    _count(root)
    indent(root)
    text: bytes = tostring(root, encoding="us-ascii", xml_declaration=False)
    return f"{_DECLARATION}{text.decode()}\n"


def _suite(card: Scorecard) -> Element:
    suite = Element("testsuite", name=clean(f"{card.name}, {card.period.name}"))
    properties = SubElement(suite, "properties")
    known = {
        "provider": card.provider,
        "period": str(card.period),
        "msds_audit": __version__,
        "spec": card.spec,
        "rules": card.fingerprint,
        "disclosure": "true" if card.disclosure else "false",
    }
    for name, value in known.items():
        SubElement(properties, "property", name=name, value=clean(value))
    for found in findings(card):
        suite.append(_case(card, found))
    for title in silent_schemes(card):
        case = SubElement(suite, "testcase", classname=_class(card, ""), name=clean(title))
        SubElement(case, ERROR, message=NOTHING_JUDGED, type=str(Outcome.NOT_ASSESSED))
    said = [f"{verdict(card)}.", *card.notices]
    said += [f"{DISCLOSURE_NOTE}."] if card.disclosure else []
    SubElement(suite, "system-out").text = clean("\n".join(said))
    _count(suite)
    return suite


def _case(card: Scorecard, found: Finding) -> Element:
    result = found.result
    case = Element(
        "testcase",
        classname=_class(card, result.scheme),
        name=clean(f"{result.criterion} {result.title}"),
    )
    kind = _kind(found)
    text = clean("\n".join((found.summary, *found.told)))
    if not kind:
        SubElement(case, "system-out").text = text
        return case
    inside = SubElement(case, kind, message=clean(found.summary).replace("\n", " "))
    if kind != SKIPPED:
        inside.set("type", str(result.outcome))
    inside.text = text
    return case


def _class(card: Scorecard, scheme: str) -> str:
    return clean(f"{card.provider}.{card.period}.{scheme}".rstrip("."))


def _kind(found: Finding) -> str:
    """The element that says what became of a criterion; empty where it is met.

    What is waived, or no worse than in a baseline, is skipped.
    """
    if found.result.is_against:
        return FAILURE if found.result.outcome is Outcome.NOT_MET else ERROR
    return "" if found.result.outcome is Outcome.MET else SKIPPED


def _count(element: Element) -> None:
    """Set how many cases there are in a suite, or in all of them, and how many of each kind."""
    element.set("tests", str(len(list(element.iter("testcase")))))
    for name, kind in _COUNTED.items():
        element.set(name, str(len(list(element.iter(kind)))))
