"""The whole program in one place: rules, extract, audit, score. Used by the command line too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from msds_audit.audit import audit
from msds_audit.catalogue import read_rules, read_with_faults
from msds_audit.errors import Fault, RuleFileError, UsageError
from msds_audit.extract import Period
from msds_audit.lint import faults_in
from msds_audit.readers import open_extract
from msds_audit.rule import Rules, Scheme
from msds_audit.scorecard import Scorecard
from msds_audit.scoring import score, worst_first


def load_rules(folder: Path | None = None) -> Rules:
    """The packaged rules, with those of a folder added or in their place.

    Rules from a folder must prove themselves first: every example is run.

    Raises:
        RuleFileError: With every fault found.
    """
    if folder is None:
        return read_rules()
    rules, faults = checked_rules(folder)
    if faults:
        raise RuleFileError(faults)
    return rules


def checked_rules(folder: Path | None) -> tuple[Rules, list[Fault]]:
    """The rules, and everything that is wrong with them: files, names, predicates, examples.

    The rules generated from the specification are proved too where no folder is given.

    Raises:
        RuleFileError: If the specification itself cannot be read.
    """
    rules, faults = read_with_faults(folder)
    return rules, [*faults, *faults_in(rules, generated=folder is None)]


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


def check(
    paths: Sequence[Path],
    *,
    rules: Rules | None = None,
    schemes: Sequence[str] = (),
    provider: str | None = None,
    period: Period | None = None,
    on_progress: Callable[[int, int], None] = lambda done, of: None,
) -> list[Scorecard]:
    """Audit every submission at or below the paths and score it, worst first.

    Args:
        paths: Folders of tables, folders of such folders, or zips of either.
        rules: The rules in force; the packaged ones unless given.
        schemes: Ids or families of schemes; the default ones unless given.
        provider: ODS code for submissions without a readable header.
        period: Reporting period for submissions without a readable header.
        on_progress: Called with the number of submissions done and their total.

    Raises:
        MsdsAuditError: If rules or extracts cannot be read, or a scheme is not known.
    """
    rules = rules if rules is not None else load_rules()
    wanted = chosen_schemes(rules, schemes)
    extract = open_extract(paths, rules.spec, provider=provider, period=period)
    cards = []
    for done, submission in enumerate(extract.submissions):
        on_progress(done, len(extract.submissions))
        cards.append(score(audit(submission, rules), rules, wanted))
    on_progress(len(cards), len(cards))
    return worst_first(cards)
