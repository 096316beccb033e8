"""The whole program in one place: rules, extract, audit, score. Used by the command line too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import polars as pl

from msds_audit.areas import PostcodeLookup
from msds_audit.audit import audit
from msds_audit.booked import MOTHER, Booked, booked_women
from msds_audit.catalogue import has_rules, read_rules, read_with_faults
from msds_audit.catalogue.areas import read_deciles
from msds_audit.catalogue.json_schemas import json_schemas
from msds_audit.conversion import Form, Tables, Written, write_tables
from msds_audit.deprivation import postcodes_needed
from msds_audit.errors import Fault, RuleFileError, UsageError
from msds_audit.extract import Extract, Period, Submission
from msds_audit.fixing import fix_list as corrections
from msds_audit.lint import Proof, faults_in, proof, reused_ids
from msds_audit.national import national as national_indicators
from msds_audit.national_lines import asks_for_indicators
from msds_audit.national_remarks import remarks
from msds_audit.readers import open_extract, read_path
from msds_audit.readers.postcodes import read_postcodes
from msds_audit.rule import Rules, Scheme
from msds_audit.rulebook import readme, sheets
from msds_audit.scorecard import IndicatorResult, Scorecard
from msds_audit.scoring import score, worst_first
from msds_audit.windows import named_months
from msds_audit.worklist import FixList

OnStep = Callable[[str], None]
"""Told what is about to be done, in a few words that hold no value."""


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
    return {"README.md": readme(rules), **sheets(rules), **schemas}


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
    only: Period | None = None,
    national: National | None = None,
    on_step: OnStep = lambda step: None,
) -> list[Scorecard]:
    """Audit every submission at or below the paths and score it, worst first.

    Args:
        paths: Access databases, XML files, workbooks, folders of tables, folders of any of
            these, or zips of them.
        rules: The rules in force; the packaged ones unless given.
        schemes: Ids or families of schemes; the default ones unless given.
        provider: ODS code for submissions without a readable header.
        period: Reporting period for submissions without a readable header.
        only: Report this month alone; the others are read where a national indicator looks back.
        national: What the national indicators need beside the extracts. Where it is given they
            are counted, asked for by a scheme or not.
        on_step: Called with what is about to be done, in a few words.

    Raises:
        MsdsAuditError: If rules or extracts cannot be read, or a scheme is not known.
        UsageError: If there is no submission of the only month.
    """
    rules = rules if rules is not None else load_rules()
    wanted = chosen_schemes(rules, schemes)
    extract = _opened(paths, rules, provider, period, on_step)
    reported = _reported(extract, only)
    counts = national is not None or asks_for_indicators(wanted, rules)
    counting = _counting(extract, reported, rules, national or National()) if counts else None
    cards = []
    for number, submission in enumerate(reported, start=1):
        on_step(f"Auditing {submission.name} ({number:,} of {len(reported):,})")
        found = counting(submission) if counting is not None else _Found()
        card = score(audit(submission, rules), rules, wanted, found.indicators)
        cards.append(_with(card, found))
    return worst_first(cards)


def fix_list(
    paths: Sequence[Path],
    *,
    rules: Rules | None = None,
    schemes: Sequence[str] = (),
    provider: str | None = None,
    period: Period | None = None,
    only: Period | None = None,
    nhs_numbers: bool = False,
    on_step: OnStep = lambda step: None,
) -> list[FixList]:
    """The records to correct in every submission at or below the paths, and what that gains.

    What it returns is people's data.

    Args:
        paths: Whatever `check` takes.
        rules: The rules in force; the packaged ones unless given.
        schemes: Ids or families of schemes; the default ones unless given.
        provider: ODS code for submissions without a readable header.
        period: Reporting period for submissions without a readable header.
        only: The only month to list.
        nhs_numbers: Whether the NHS numbers of mothers are to stand on the list.
        on_step: Called with what is about to be done, in a few words.

    Raises:
        MsdsAuditError: If rules or extracts cannot be read, or a scheme is not known.
        UsageError: If there is no submission of the only month.
    """
    rules = rules if rules is not None else load_rules()
    wanted = chosen_schemes(rules, schemes)
    extract = _opened(paths, rules, provider, period, on_step)
    lists = []
    for submission in _reported(extract, only):
        on_step(f"Looking for what to correct in {submission.name}")
        lists.append(corrections(submission, rules, wanted, nhs_numbers=nhs_numbers))
    return lists


def _opened(
    paths: Sequence[Path],
    rules: Rules,
    provider: str | None,
    period: Period | None,
    on_step: OnStep,
) -> Extract:
    """What lies at or below the paths, each file told as it is read."""
    return open_extract(
        paths,
        rules.spec,
        provider=provider,
        period=period,
        on_read=lambda name: on_step(f"Reading {name}"),
    )


def _reported(extract: Extract, only: Period | None) -> list[Submission]:
    """The submissions of the only month, or all. Raises UsageError where there is none."""
    reported = [one for one in extract.submissions if only in (None, one.period)]
    if not reported:
        raise UsageError(
            f"There is no submission of {only} among those given.",
            hint=f"Given are {named_months(sorted({one.period for one in extract.submissions}))}.",
        )
    return reported


# --- national figures ---------------------------------------------------------------------


@dataclass(frozen=True)
class National:
    """What national figures need beside the extracts.

    `deliveries` are those of a year by provider, as hospital statistics (HES) know them; with
    `partial`, a window of which months are missing is counted from those that are there.
    `postcode_lookup` is a postcode directory, for deciles of deprivation.
    """

    deliveries: Mapping[str, int] | None = None
    partial: bool = False
    postcode_lookup: Path | None = None


@dataclass(frozen=True)
class _Found:
    """What was counted of a submission beside what an audit counts; nothing unless asked."""

    indicators: Mapping[str, IndicatorResult] = field(default_factory=dict)
    booked: Booked = field(default_factory=lambda: Booked((), ()))
    remarks: tuple[str, ...] = ()


def _with(card: Scorecard, found: _Found) -> Scorecard:
    """A card with the women booked, and with what must be known of national figures."""
    return replace(
        card,
        dimensions=found.booked.counts,
        on_dimensions=found.booked.remarks,
        notices=(*found.remarks, *card.notices),
    )


def _counting(
    extract: Extract, reported: Sequence[Submission], rules: Rules, asked: National
) -> Callable[[Submission], _Found]:
    """How to count the national figures of a submission, what all need being read once."""
    deciles = read_deciles()
    lookup = _lookup(reported, asked.postcode_lookup)

    def counted(submission: Submission) -> _Found:
        history = {
            one.period: one for one in extract.submissions if one.provider == submission.provider
        }
        indicators = national_indicators(
            history,
            submission.period,
            rules,
            deliveries=asked.deliveries,
            partial=asked.partial,
        )
        return _Found(
            indicators,
            booked_women(history, submission.period, rules, deciles, lookup),
            remarks(history, submission.period, rules.spec, indicators),
        )

    return counted


def _lookup(reported: Sequence[Submission], directory: Path | None) -> PostcodeLookup | None:
    """The LSOAs of the postcodes that need one, by a directory; None without one."""
    if directory is None:
        return None
    needed = [
        postcodes_needed(one.tables[MOTHER], one.areas) for one in reported if MOTHER in one.tables
    ]
    return read_postcodes(directory, pl.concat(needed).unique()) if needed else None


@dataclass(frozen=True)
class Converted:
    """What was written, and what was not read or looks wrong."""

    written: list[Written]
    notices: list[str]


def convert(
    paths: Sequence[Path], out: Path, form: Form, *, on_step: OnStep = lambda step: None
) -> Converted:
    """Write the tables of extracts in another form: every column and every value as it was read.

    Args:
        paths: Whatever `check` takes.
        out: A folder that does not exist yet, or is empty, outside the extracts.
        form: What to write.
        on_step: Called with what is about to be done, in a few words.

    Raises:
        MsdsAuditError: If extracts cannot be read or the folder cannot be written.
    """
    if any(out.resolve().is_relative_to(path.resolve()) for path in paths):
        raise UsageError("The folder to write to lies in the extract.", hint="Name one outside it.")
    spec = load_rules().spec
    read, notices = [], []
    for path in paths:
        for where, contents in read_path(path, spec, lambda name: on_step(f"Reading {name}")):
            frames = {name: text.with_headings for name, text in contents.tables.items()}
            read.append(Tables(where, frames))
            notices += [f"Not read: {other}." for other in contents.others]
            notices += contents.notices
            notices += [notice for text in contents.tables.values() for notice in text.notices]
    on_step(f"Writing {out.name}")
    return Converted(write_tables(out, read, form), notices)
