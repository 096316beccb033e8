"""The rules in force, and the schemes that are asked.

What reads and proves rule files is imported only where there are any that are not known already.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from msds_audit.catalogue.compiled import compiled_rules
from msds_audit.errors import ConfigurationError, RuleFileError, UsageError
from msds_audit.rule import Rules, Scheme
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
    from msds_audit.api.proving import checked_rules

    rules, faults = checked_rules(folder)
    if faults:
        raise RuleFileError(faults)
    return rules


@cache
def _packaged_rules() -> Rules:
    """Read once: they do not change while the program runs, nor does anything change them."""
    known = compiled_rules()
    if known is not None:
        return known
    from msds_audit.catalogue.reading import read_rules

    return read_rules()


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
