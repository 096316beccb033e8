"""The whole program in one place: rules, extract, audit, score. Used by the command line too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msds_audit.later import names_of

if TYPE_CHECKING:
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
    from msds_audit.api.proving import (
        checked_rules,
        compiled_documents,
        proved_rules,
        rule_documents,
        rules_with,
        unproved_rules,
    )
    from msds_audit.api.rules import chosen_schemes, configured_rules, load_rules

_HOMES = {
    "Converted": "auditing",
    "National": "auditing",
    "OnStep": "auditing",
    "check": "auditing",
    "checked_rules": "proving",
    "chosen_schemes": "rules",
    "compare": "auditing",
    "compiled_documents": "proving",
    "configured_rules": "rules",
    "convert": "auditing",
    "fix_list": "auditing",
    "gated": "auditing",
    "load_rules": "rules",
    "proved_rules": "proving",
    "rule_documents": "proving",
    "rules_with": "proving",
    "unproved_rules": "proving",
}

__all__ = [
    "Converted",
    "National",
    "OnStep",
    "check",
    "checked_rules",
    "chosen_schemes",
    "compare",
    "compiled_documents",
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

__getattr__ = names_of(__name__, _HOMES)
