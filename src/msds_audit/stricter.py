"""The rules with thresholds made stricter, and whether what a configuration names is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from msds_audit.errors import Fault
from msds_audit.fingerprint import fingerprint
from msds_audit.gates import Waiver
from msds_audit.limits import as_percent
from msds_audit.rule import Criterion, Rules, Scheme, called_now
from msds_audit.settings import Settings


def stricter(rules: Rules, thresholds: Mapping[str, Decimal]) -> Rules:
    """The rules with these thresholds, fractions by `criterion` or `scheme/criterion`.

    A criterion says in its title that the threshold is one's own, and what the scheme asks. The
    fingerprint is that of the rules as they judge then.
    """
    if not thresholds:
        return rules
    schemes = {id: _scheme(scheme, thresholds) for id, scheme in rules.schemes.items()}
    judged = fingerprint(
        rules.spec,
        rules.records,
        rules.measures,
        schemes,
        rules.indicators,
        rules.concepts,
        rules.dqmi,
    )
    return replace(rules, schemes=schemes, fingerprint=judged)


def _scheme(scheme: Scheme, thresholds: Mapping[str, Decimal]) -> Scheme:
    criteria = tuple(_criterion(scheme, one, thresholds) for one in scheme.criteria)
    return replace(scheme, criteria=criteria)


def _criterion(
    scheme: Scheme, criterion: Criterion, thresholds: Mapping[str, Decimal]
) -> Criterion:
    own = thresholds.get(f"{scheme.id}/{criterion.id}", thresholds.get(criterion.id))
    if own is None or criterion.threshold is None or own == criterion.threshold:
        return criterion
    title = f"{criterion.title} (own threshold; the scheme asks {as_percent(criterion.threshold)})"
    return replace(criterion, threshold=own, title=title)


# --- faults -------------------------------------------------------------------------------


def faults_beside(rules: Rules, settings: Settings) -> list[Fault]:
    """What a configuration names that the rules do not have, and thresholds that are laxer."""
    file = settings.file.name if settings.file is not None else ""
    found = [*_of_thresholds(rules, settings.thresholds)]
    for number, waiver in enumerate(settings.waivers, start=1):
        found += [(f"waiver {number}", *fault) for fault in _of_waiver(rules, waiver)]
    return [Fault(file, *fault) for fault in found]


def _of_thresholds(
    rules: Rules, thresholds: Mapping[str, Decimal]
) -> Iterator[tuple[str, str, str, str]]:
    for name, own in thresholds.items():
        scheme, _, id = name.rpartition("/")
        criteria = _criteria(rules, scheme, id)
        if not criteria:
            yield "thresholds", name, "there is no such criterion.", "--format csv shows their ids."
        for one in criteria:
            if one.threshold is None:
                sentence = f"nothing is asked of {id}, so that it cannot be stricter."
                yield "thresholds", name, sentence, "Write a scheme of your own; see CONTRIBUTING."
            elif own < one.threshold:
                sentence = f"is laxer than what is asked, {as_percent(one.threshold)}."
                hint = "Only stricter ones are taken; scheme/ID names that of one scheme."
                yield "thresholds", name, sentence, hint


def _of_waiver(rules: Rules, waiver: Waiver) -> Iterator[tuple[str, str, str]]:
    if waiver.scheme and waiver.scheme not in rules.schemes:
        yield (
            "scheme",
            "there is no such scheme.",
            f"There are: {', '.join(sorted(rules.schemes))}.",
        )
    elif waiver.criterion and not _criteria(rules, waiver.scheme, waiver.criterion):
        sentence = f"there is no criterion {waiver.criterion}."
        yield "criterion", sentence, "--format csv shows their ids."
    if waiver.rule and waiver.rule not in rules.records:
        now = called_now(waiver.rule, rules.records.values())
        if now:
            yield "rule", f"{waiver.rule} is called {now} now.", "Write that."
        else:
            yield "rule", f"there is no rule {waiver.rule}.", "See: msds-audit rules list."


def _criteria(rules: Rules, scheme: str, id: str) -> list[Criterion]:
    return [
        one
        for each in rules.schemes.values()
        if scheme in ("", each.id)
        for one in each.criteria
        if one.id == id
    ]
