"""The whole program in one place: rules, extract, audit, score. Used by the command line too."""

from msds_audit.api.auditing import (
    Converted,
    National,
    OnStep,
    check,
    compare,
    convert,
    fix_list,
    gated,
)
from msds_audit.api.rules import (
    checked_rules,
    chosen_schemes,
    configured_rules,
    load_rules,
    proved_rules,
    rule_documents,
    rules_with,
    unproved_rules,
)

__all__ = [
    "Converted",
    "National",
    "OnStep",
    "check",
    "checked_rules",
    "chosen_schemes",
    "compare",
    "configured_rules",
    "convert",
    "fix_list",
    "gated",
    "load_rules",
    "proved_rules",
    "rule_documents",
    "rules_with",
    "unproved_rules",
]
