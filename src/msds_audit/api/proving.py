"""Rules that are proved before anybody judges by them, and what is written of rules."""

from __future__ import annotations

from pathlib import Path

from msds_audit.catalogue.compiled import compiled_documents
from msds_audit.catalogue.json_schemas import json_schemas
from msds_audit.catalogue.reading import has_rules, read_rules, read_with_faults
from msds_audit.errors import Fault
from msds_audit.lint import Proof, faults_in, proof, reused_ids
from msds_audit.packaged import FINGERPRINT
from msds_audit.rule import Rules
from msds_audit.rulebook import readme, sheets

__all__ = [
    "checked_rules",
    "compiled_documents",
    "proved_rules",
    "rule_documents",
    "rules_with",
    "unproved_rules",
]


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
