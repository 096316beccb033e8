"""Turns the files of an extract into submissions of normalised tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from msds_audit.errors import ExtractError, UsageError
from msds_audit.extract import Extract, Period, Submission, normalised
from msds_audit.masking import heading
from msds_audit.readers.delimited import Text, read_delimited
from msds_audit.readers.finding import PARQUET, Found, Source, find_tables
from msds_audit.readers.parquet import UNREADABLE, read_parquet
from msds_audit.spec import Spec, Table

HEADER = "MSD000Header"
_ODS_CODE = re.compile(r"[A-Z0-9]{3,6}")
MOST_NAMES = 6
"""How many names a notice lists before it only counts the rest."""


def open_extract(
    paths: Sequence[Path],
    spec: Spec,
    *,
    provider: str | None = None,
    period: Period | None = None,
) -> Extract:
    """Open every submission at or below the paths given.

    Args:
        paths: Folders, folders of folders, or zips of either.
        spec: The specification that names tables and items.
        provider: ODS code for submissions without a readable header.
        period: Reporting period for submissions without a readable header.

    Raises:
        UsageError: If `provider` is not an ODS code.
        ExtractError: If something cannot be read, is damaged, or cannot be told apart.
    """
    if provider is not None and not _ODS_CODE.fullmatch(provider):
        raise UsageError("The provider given is not an ODS code.", hint="Give one such as RJ7.")
    submissions: dict[str, Submission] = {}
    for path in paths:
        for found in find_tables(path, spec):
            submission = _submission(found, spec, provider, period)
            if submission.name in submissions:
                raise ExtractError(
                    f"{submission.name} is there twice, the second time in {found.where}.",
                    hint="Give each provider and period once.",
                )
            submissions[submission.name] = submission
    opened = list(submissions.values())
    if opened and not any(_as_given(one, provider, period) for one in opened):
        raise ExtractError(
            f"The header says {opened[0].name}, not what was asked for.",
            hint="Leave out --provider and --period, or correct them.",
        )
    return Extract(tuple(submissions[name] for name in sorted(submissions)))


def _as_given(submission: Submission, provider: str | None, period: Period | None) -> bool:
    """Whether a submission is of the provider and period asked for, if any was."""
    same_provider = provider in (None, submission.provider)
    return same_provider and period in (None, submission.period)


def _submission(
    found: Found, spec: Spec, provider: str | None, period: Period | None
) -> Submission:
    tables: dict[str, pl.LazyFrame] = {}
    notices = [_others(found)] if found.others else []
    for name, source in sorted(found.tables.items()):
        table = spec.tables[name]
        text = _read(source, table)
        if text is None:
            notices.append(f"{source.shown} has no headings and was treated as missing.")
            continue
        frame, set_aside = _items_of(text, table)
        notices += [*text.notices, *(f"{source.shown}: {notice}" for notice in set_aside)]
        tables[name] = frame
    header = _header(found, tables)
    if header is not None and header.height > 1:
        notices.append(f"{HEADER} has {header.height:,} rows; a submission has one.")
    found_provider, found_period = _identity(found, header, provider, period)
    return Submission(found_provider, found_period, tables, tuple(notices))


def _read(source: Source, table: Table) -> Text | None:
    if source.suffix in PARQUET:
        return read_parquet(source, table.by_name)
    return read_delimited(source, table.by_name)


def _others(found: Found) -> str:
    return f"Not read, because not named after a table: {_listed(found.others)}."


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return f"{shown} and {more:,} more" if more > 0 else shown


def _items_of(text: Text, table: Table) -> tuple[pl.LazyFrame, list[str]]:
    """The known items of a table under their published names, and what was set aside."""
    items = {name.lower(): name for name in table.by_name}
    derived = {name.lower() for name in table.derived}
    chosen, unknown, ignored = {}, [], 0
    for place, name in enumerate(text.headings):
        if name.lower() in items:
            chosen[items[name.lower()]] = f"column {place}"
        elif name.lower() in derived:
            ignored += 1
        else:
            unknown.append(heading(name))
    notices = []
    if unknown:
        notices.append(f"{_columns(unknown)} not in {table.name}, set aside: {_listed(unknown)}.")
    if ignored:
        notices.append(f"{ignored:,} columns that NHS England derives were set aside.")
    absent = [name for name in table.by_name if name not in chosen]
    if absent:
        notices.append(f"{_columns(absent)} missing: {_listed(absent)}.")
    in_order = [pl.col(chosen[name]).alias(name) for name in table.by_name if name in chosen]
    return normalised(text.frame.select(in_order)), notices


def _columns(names: Sequence[str]) -> str:
    return "1 column" if len(names) == 1 else f"{len(names):,} columns"


# --- whose, and of when -------------------------------------------------------------------


def _identity(
    found: Found, header: pl.DataFrame | None, provider: str | None, period: Period | None
) -> tuple[str, Period]:
    codes = {code.upper() for code in _values(header, "OrgIDProvider")}
    providers = {code for code in codes if _ODS_CODE.fullmatch(code)}
    starts = _values(header, "RPStartDate")
    periods = {parsed for start in starts if (parsed := _period(start)) is not None}
    for what, several in (("providers", providers), ("reporting periods", periods)):
        if len(several) > 1:
            raise ExtractError(
                f"The header in {found.where} names {len(several)} {what}; a submission has one.",
                hint="Give each submission in a folder of its own.",
            )
    whose = next(iter(providers), None) or provider
    when = next(iter(periods), None) or period
    if whose is None or when is None:
        needed = [] if whose else ["--provider RJ7"]
        needed += [] if when else ["--period 2026-08"]
        raise ExtractError(
            f"{found.where} does not say whose it is and of which month: "
            f"{_state_of(header, whose)}.",
            hint=f"Add {' '.join(needed)} (with your own), or mend the header.",
        )
    return whose, when


def _state_of(header: pl.DataFrame | None, whose: str | None) -> str:
    if header is None:
        return f"{HEADER} is missing"
    if header.is_empty():
        return f"{HEADER} is empty"
    return f"{HEADER} has no readable {'RPStartDate' if whose else 'OrgIDProvider'}"


def _values(header: pl.DataFrame | None, item: str) -> set[str]:
    if header is None or item not in header.columns:
        return set()
    return set(header[item].drop_nulls())


def _header(found: Found, tables: Mapping[str, pl.LazyFrame]) -> pl.DataFrame | None:
    """The header table, read once; None where there is none."""
    if HEADER not in tables:
        return None
    try:
        return tables[HEADER].collect()
    except UNREADABLE as error:
        raise ExtractError(
            f"{found.tables[HEADER].shown} cannot be read to its end ({type(error).__name__}).",
            hint="Write the file again.",
        ) from None


def _period(start: str) -> Period | None:
    try:
        return Period(date.fromisoformat(start).replace(day=1)) if len(start) == 10 else None
    except ValueError:
        return None
