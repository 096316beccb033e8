"""Extracts through the whole program: opened, audited, scored, listed, converted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import polars as pl

from msds_audit.api.rules import chosen_schemes, load_rules
from msds_audit.api.several import in_order
from msds_audit.areas import PostcodeLookup
from msds_audit.audit import audit
from msds_audit.booked import Booked, booked_women
from msds_audit.catalogue.areas import read_deciles
from msds_audit.comparing import Side, compared, paired
from msds_audit.comparison import Compared
from msds_audit.conversion import Form, Tables, Written, write_tables
from msds_audit.deprivation import postcodes_needed
from msds_audit.errors import UsageError
from msds_audit.extract import Extract, Period, Submission
from msds_audit.fixing import National as Figures
from msds_audit.fixing import fix_list as corrections
from msds_audit.gates import Baseline, Waiver
from msds_audit.history import History
from msds_audit.link_rules import PATIENTS
from msds_audit.national import national as national_indicators
from msds_audit.national_lines import asks_for_indicators
from msds_audit.national_remarks import remarks
from msds_audit.progress import held_against
from msds_audit.readers import open_extract, read_path, steady
from msds_audit.readers.postcodes import read_postcodes
from msds_audit.reports.writing import FOLDER_OF_OWNER_ALONE, whole_folder
from msds_audit.row_findings import findings as row_findings
from msds_audit.rule import Rules, Scheme
from msds_audit.scorecard import Audited, IndicatorResult, Scorecard
from msds_audit.scoring import score, worst_first
from msds_audit.waiving import waived
from msds_audit.windows import named_months
from msds_audit.worklist import FixList

OnStep = Callable[[str], None]
"""Told what is about to be done, in a few words that hold no value."""


def gated(
    cards: Sequence[Scorecard],
    *,
    waivers: Sequence[Waiver] = (),
    today: date,
    baseline: Baseline | None = None,
) -> list[Scorecard]:
    """The cards with what is waived set aside, held against a baseline; worst first.

    Args:
        cards: What `check` returned.
        waivers: What is set aside, up to which day.
        today: The day by which waivers expire.
        baseline: What an earlier run said; none is held against unless given.
    """
    held = held_against(cards, baseline) if baseline is not None else list(cards)
    return worst_first(waived(held, waivers, today))


def check(
    paths: Sequence[Path],
    *,
    rules: Rules | None = None,
    schemes: Sequence[str] = (),
    provider: str | None = None,
    period: Period | None = None,
    only: Period | None = None,
    trusts: Sequence[str] = (),
    national: National | None = None,
    most_findings: int | None = 0,
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
        trusts: Providers of whom a submission is expected for every month that is reported: of
            one that is missing there is a scorecard too, on which nothing is assessed.
        national: What the national indicators need beside the extracts. Where it is given they
            are counted, asked for by a scheme or not.
        most_findings: How many of the records that fail each rule or measure to name on the
            scorecard, the first; None names all.
        on_step: Called with what is about to be done, in a few words.

    Raises:
        MsdsAuditError: If rules or extracts cannot be read, or a scheme is not known.
        UsageError: If there is no submission of the only month.
    """
    rules = rules if rules is not None else load_rules()
    wanted = chosen_schemes(rules, schemes)
    lookup = national.postcode_lookup if national is not None else None
    cards = []
    with steady([*paths, *([lookup] if lookup is not None else [])], rules.spec):
        extract = _expecting(_opened(paths, rules, provider, period, on_step), trusts, only)
        reported = _reported(extract, only)
        judged = _judging(extract, reported, rules, wanted, national)
        with closing(in_order(reported, lambda one: audit(one, rules))) as audits:
            for number, submission in enumerate(reported, start=1):
                on_step(f"Auditing {submission.name} ({number:,} of {len(reported):,})")
                side = judged(submission, next(audits))
                card = side.card
                if most_findings != 0:
                    named = row_findings(submission, side.audited, rules, wanted, most_findings)
                    card = replace(card, findings=named)
                cards.append(card)
    return worst_first(cards)


def _judging(
    extract: Extract,
    reported: Sequence[Submission],
    rules: Rules,
    schemes: Sequence[Scheme],
    national: National | None = None,
) -> Callable[[Submission, Audited], Side]:
    """How to score a submission that is audited, what all need being read once."""
    counts = national is not None or asks_for_indicators(schemes, rules)
    counting = _counting(extract, reported, rules, national or National()) if counts else None

    def judged(submission: Submission, audited: Audited) -> Side:
        found = counting(submission) if counting is not None else _Found()
        card = score(audited, rules, schemes, found.indicators)
        return Side(submission, audited, _with(card, found))

    return judged


def fix_list(
    paths: Sequence[Path],
    *,
    rules: Rules | None = None,
    schemes: Sequence[str] = (),
    provider: str | None = None,
    period: Period | None = None,
    only: Period | None = None,
    national: National | None = None,
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
        only: The only month to list; the others are read where a national indicator looks back.
        national: What the national indicators need beside the extracts, where a scheme rests on
            any.
        nhs_numbers: Whether the NHS numbers of mothers are to stand on the list.
        on_step: Called with what is about to be done, in a few words.

    Raises:
        MsdsAuditError: If rules or extracts cannot be read, or a scheme is not known.
        UsageError: If there is no submission of the only month.
    """
    rules = rules if rules is not None else load_rules()
    wanted = chosen_schemes(rules, schemes)
    lists = []
    with steady(paths, rules.spec):
        extract = _opened(paths, rules, provider, period, on_step)
        for submission in _reported(extract, only):
            on_step(f"Looking for what to correct in {submission.name}")
            figures = None
            if asks_for_indicators(wanted, rules):
                history = _history(extract, submission.provider)
                counted = _indicators(history, submission, rules, national or National())
                figures = Figures(history, counted)
            found = corrections(
                submission, rules, wanted, national=figures, nhs_numbers=nhs_numbers
            )
            lists.append(found)
    return lists


def compare(
    old: Path,
    new: Path,
    *,
    rules: Rules | None = None,
    schemes: Sequence[str] = (),
    provider: str | None = None,
    period: Period | None = None,
    on_step: OnStep = lambda step: None,
) -> Compared:
    """What is fixed, what is new and what persists between two extracts, record by record.

    `old` and `new` are whatever `check` takes, as are the other arguments. Both are judged here
    and now, by the same rules. Nothing is kept for another time.

    Raises:
        MsdsAuditError: If rules or extracts cannot be read, or a scheme is not known.
        UsageError: If the extracts have no submission in common.
    """
    rules = rules if rules is not None else load_rules()
    wanted = chosen_schemes(rules, schemes)
    with steady([old, new], rules.spec):
        extracts = [_opened([path], rules, provider, period, on_step) for path in (old, new)]
        pairs = paired(*extracts)
        both = zip(extracts, zip(*pairs.both, strict=True), strict=True)
        before, now = (_judging(extract, given, rules, wanted) for extract, given in both)
        judging = (
            lambda one: before(one, audit(one, rules)),
            lambda one: now(one, audit(one, rules)),
        )
        return compared(pairs, judging, rules, wanted, on_step)


def _opened(
    paths: Sequence[Path],
    rules: Rules,
    provider: str | None,
    period: Period | None,
    on_step: OnStep,
) -> Extract:
    """What lies at or below the paths, each file told as it is read."""
    if not paths:
        raise UsageError("No extract is named.", hint="Give the path of one.")
    return open_extract(
        [Path(path) for path in paths],
        rules.spec,
        provider=provider,
        period=period,
        on_read=lambda name: on_step(f"Reading {name}"),
    )


def _expecting(extract: Extract, trusts: Sequence[str], only: Period | None) -> Extract:
    """The extract with a submission without tables for every trust and month that is missing."""
    if not trusts:
        return extract
    given = {(one.provider, one.period) for one in extract.submissions}
    months = sorted({one.period for one in _reported(extract, only)})
    missing = [
        Submission(trust, month, {}, (f"NOT GIVEN: no submission of {trust} {month} was found.",))
        for trust in trusts
        for month in months
        if (trust, month) not in given
    ]
    known = [
        one
        if one.provider in trusts
        else replace(one, notices=(f"{one.provider} is not among your trusts.", *one.notices))
        for one in extract.submissions
    ]
    return Extract(tuple(sorted([*known, *missing], key=lambda one: (one.provider, one.period))))


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
        history = _history(extract, submission.provider)
        indicators = _indicators(history, submission, rules, asked)
        return _Found(
            indicators,
            booked_women(history, submission.period, rules, deciles, lookup),
            remarks(history, submission.period, rules.spec, indicators),
        )

    return counted


def _history(extract: Extract, provider: str) -> History:
    """All months of one provider."""
    return {one.period: one for one in extract.submissions if one.provider == provider}


def _indicators(
    history: History, submission: Submission, rules: Rules, asked: National
) -> dict[str, IndicatorResult]:
    return national_indicators(
        history, submission.period, rules, deliveries=asked.deliveries, partial=asked.partial
    )


def _lookup(reported: Sequence[Submission], directory: Path | None) -> PostcodeLookup | None:
    """The LSOAs of the postcodes that need one, by a directory; None without one."""
    if directory is None:
        return None
    needed = [
        postcodes_needed(one.tables[PATIENTS], one.areas)
        for one in reported
        if PATIENTS in one.tables
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
        out: A folder that does not exist yet, or is empty, outside the extracts. It is written
            whole or not at all, and is for its owner alone where the system knows such a thing.
        form: What to write.
        on_step: Called with what is about to be done, in a few words.

    Raises:
        MsdsAuditError: If extracts cannot be read or the folder cannot be written.
    """
    if any(out.resolve().is_relative_to(path.resolve()) for path in paths):
        raise UsageError("The folder to write to lies in the extract.", hint="Name one outside it.")
    spec = load_rules().spec
    read, notices = [], []
    with whole_folder(out, FOLDER_OF_OWNER_ALONE) as folder, steady(paths, spec):
        for path in paths:
            for where, contents in read_path(path, spec, lambda name: on_step(f"Reading {name}")):
                frames = {name: text.with_headings for name, text in contents.tables.items()}
                read.append(Tables(where, frames))
                notices += [f"Not read: {other}." for other in contents.others]
                notices += contents.notices
                notices += [notice for text in contents.tables.values() for notice in text.notices]
        on_step(f"Writing {out.name}")
        written = write_tables(folder, read, form)
    return Converted(written, notices)
