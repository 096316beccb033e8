"""The rules in force: read, proved, documented, and chosen from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from msds_audit.catalogue import has_rules, read_rules, read_with_faults
from msds_audit.catalogue.json_schemas import json_schemas
from msds_audit.errors import ConfigurationError, Fault, RuleFileError, UsageError
from msds_audit.lint import Proof, faults_in, proof, reused_ids
from msds_audit.packaged import FINGERPRINT
from msds_audit.rule import Rules, Scheme
from msds_audit.rulebook import readme, sheets
from msds_audit.settings import Settings
from msds_audit.stricter import faults_beside, stricter


def load_rules(folder: Path | None = None) -> Rules:
    """The packaged rules, with those of a folder added or in their place.

    Rules from a folder must prove themselves first: every example is run.

    Raises:
        RuleFileError: With every fault found.
    """
    if folder is None:
        return _packaged_rules()
    rules, faults = checked_rules(folder)
    if faults:
        raise RuleFileError(faults)
    return rules


@cache
def _packaged_rules() -> Rules:
    """Read once: they do not change while the program runs, nor does anything change them."""
    return read_rules()


def unproved_rules(folder: Path | None) -> Rules:
    """As `load_rules`, but without running the examples: rules to look at, not to judge by.

    Raises:
        RuleFileError: With every fault found.
    """
    return read_rules(folder)


def checked_rules(folder: Path | None) -> tuple[Rules, list[Fault]]:
    """The rules, and everything that is wrong with them: files, names, predicates, examples.

    The rules generated from the specification are proved too where no folder is given.

    Raises:
        RuleFileError: If the specification itself cannot be read.
    """
    rules, faults = read_with_faults(folder)
    return rules, [*faults, *faults_in(rules, generated=folder is None)]


def rules_with(folder: Path) -> Rules:
    """The packaged rules with those of a folder, which need not be there yet or hold any.

    Raises:
        RuleFileError: With every fault found.
    """
    return read_rules(folder if has_rules(folder) else None)


def proved_rules(folder: Path) -> tuple[list[Proof], list[Fault]]:
    """A proof of every rule and measure that a folder writes or changes.

    What is wrong with its files otherwise comes with them.

    Raises:
        RuleFileError: If the specification itself cannot be read.
    """
    rules, faults = read_with_faults(folder)
    proofs = [proof(declared, rules) for declared in rules.declared if declared.id in rules.own]
    return proofs, [*faults, *reused_ids(rules)]


def rule_documents(rules: Rules) -> dict[str, str]:
    """What is generated in a rules folder: the text of every file by its place in it."""
    schemas = {f"schema/{kind}.schema.json": text for kind, text in json_schemas().items()}
    judged = {FINGERPRINT: f"{rules.fingerprint}\n"}
    return {"README.md": readme(rules), **judged, **sheets(rules), **schemas}


def chosen_schemes(rules: Rules, names: Sequence[str]) -> list[Scheme]:
    """The schemes with these ids or of these families; the default ones where none is named.

    Raises UsageError for a name that is neither, or where nothing would be asked.
    """
    if not names:
        default = [scheme for scheme in rules.schemes.values() if scheme.default]
        if not default:
            raise UsageError(
                "None of the schemes in force is asked by default.", hint="Name one with --scheme."
            )
        return default
    known = {name for scheme in rules.schemes.values() for name in (scheme.id, scheme.family)}
    for name in names:
        if name not in known:
            raise UsageError(
                f"There is no scheme {name}.", hint=f"There are: {', '.join(sorted(known))}."
            )
    return [scheme for scheme in rules.schemes.values() if {scheme.id, scheme.family} & set(names)]


def configured_rules(settings: Settings) -> Rules:
    """The rules that a configuration asks for, with the thresholds that it makes stricter.

    Raises:
        RuleFileError: If the rules themselves are wrong.
        ConfigurationError: If it names what is not there, or a threshold that is laxer.
    """
    rules = load_rules(settings.rules)
    faults = faults_beside(rules, settings)
    if faults:
        raise ConfigurationError(faults)
    return stricter(rules, settings.thresholds)
