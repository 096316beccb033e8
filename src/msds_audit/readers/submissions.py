"""Tells whose the tables are and of which month, and splits those of several submissions.

A submission as it is handed in says so once, in its header. Extracts that come back from NHS
England hold many submissions in one table; there each row says it, or names its submission.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from msds_audit.areas import AREA_COLUMNS
from msds_audit.errors import ExtractError
from msds_audit.extract import Lines, Period, Submission, normalised
from msds_audit.readers.items import Items, items_of, listed
from msds_audit.readers.parquet import UNREADABLE
from msds_audit.readers.parted import Part, compact, parted
from msds_audit.readers.source import Contents
from msds_audit.spec import Spec

HEADER, MOTHERS, MOTHER = "MSD000Header", "MSD001MotherDemog", "LPIDMother"
ODS_CODE = re.compile(
    r"[A-Z0-9]{3}|(?=.*[0-9])(?!.*[0-9]{4})(?![A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}$)[A-Z0-9]{4,6}"
)
"""Three characters, as trusts have, or up to six with a digit: no name, number or postcode."""

WHOSE, WHEN, WHICH = "OrgIDProvider", "RPStartDate", "UniqSubmissionID"
OWN_COLUMNS = {
    "orgidprovider": WHOSE,
    "orgcodeprovider": WHOSE,
    "rpstartdate": WHEN,
    "uniqsubmissionid": WHICH,
}
"""The columns by which a row says which submission it belongs to, by heading in lower case."""

_KEPT = {MOTHERS: AREA_COLUMNS}
"""The columns that NHS England adds to a table and that are kept beside its items."""

Identity = tuple[str, Period]
Row = Mapping[str, str | None]


@dataclass(frozen=True)
class Fallback:
    """Whose and of when an extract is where it does not say so itself."""

    provider: str | None
    period: Period | None


def submissions_in(
    where: str, contents: Contents, spec: Spec, fallback: Fallback
) -> list[Submission]:
    """The submissions in what was read from one place.

    Raises ExtractError where it cannot be told which submission a row belongs to.
    """
    tables = {
        name: items_of(text, spec.tables[name], OWN_COLUMNS, _KEPT.get(name, ()))
        for name, text in contents.tables.items()
    }
    notices = _notices(contents, tables)
    lines = {name: text.lines for name, text in contents.tables.items() if text.lines is not None}
    if any(items.own for name, items in tables.items() if name != HEADER):
        return _split(where, tables, lines, notices, fallback, spec)
    header = _collected(HEADER, normalised(tables[HEADER].frame)) if HEADER in tables else None
    if header is not None and header.height > 1:
        notices.append(f"{HEADER} has {header.height:,} rows; a submission has one.")
    frames = {name: items.frame for name, items in tables.items()}
    return [_submission(_identity(where, header, fallback), tables, frames, lines, notices)]


def _submission(
    identity: Identity,
    tables: Mapping[str, Items],
    frames: Mapping[str, pl.LazyFrame],
    lines: Mapping[str, Lines],
    notices: Iterable[str],
) -> Submission:
    """The submission whose rows of each table are `frames`."""
    items = {name: frame.select(tables[name].names) for name, frame in frames.items()}
    areas = None
    if MOTHERS in tables and tables[MOTHERS].kept and MOTHER in tables[MOTHERS].names:
        areas = normalised(frames[MOTHERS].select(MOTHER, *tables[MOTHERS].kept))
    return Submission(*identity, items, tuple(notices), areas, lines=lines)


def _notices(contents: Contents, tables: Mapping[str, Items]) -> list[str]:
    notices = list(contents.notices)
    if contents.others:
        notices.insert(0, f"Not read, because no table of the data set: {listed(contents.others)}.")
    for name, items in tables.items():
        told = [*contents.tables[name].notices, *(f"{name}: {told}" for told in items.notices)]
        notices += told
    derived = sorted({name for items in tables.values() for name in items.derived})
    if derived:
        notices.append(f"Columns that NHS England derives were set aside: {listed(derived)}.")
    return notices


def _collected(name: str, frame: pl.LazyFrame) -> pl.DataFrame:
    try:
        return frame.collect()
    except UNREADABLE as error:
        raise ExtractError(
            f"{name} cannot be read to its end ({type(error).__name__}).",
            hint="Write the file again.",
        ) from None


# --- one submission: its header says ------------------------------------------------------


def _identity(where: str, header: pl.DataFrame | None, fallback: Fallback) -> tuple[str, Period]:
    providers = {code for code in map(_provider, _values(header, WHOSE)) if code is not None}
    periods = {start for start in map(_period, _values(header, WHEN)) if start is not None}
    for what, several in (("providers", providers), ("reporting periods", periods)):
        if len(several) > 1:
            raise ExtractError(
                f"The header in {where} names {len(several)} {what}; a submission has one.",
                hint=f"Give each submission in a folder of its own, or {WHOSE} and {WHEN} "
                "as columns of every table.",
            )
    whose = next(iter(providers), fallback.provider)
    when = next(iter(periods), fallback.period)
    if whose is None or when is None:
        needed = [] if whose else ["--provider RJ7"]
        needed += [] if when else ["--period 2026-08"]
        raise ExtractError(
            f"{where} does not say whose it is and of which month: {_state_of(header, whose)}.",
            hint=f"Add {' '.join(needed)} (with your own), or mend the header.",
        )
    return whose, when


def _state_of(header: pl.DataFrame | None, whose: str | None) -> str:
    if header is None:
        return f"{HEADER} is missing"
    if header.is_empty():
        return f"{HEADER} is empty"
    return f"{HEADER} has no readable {WHEN if whose else WHOSE}"


def _values(header: pl.DataFrame | None, item: str) -> list[str]:
    if header is None or item not in header.columns:
        return []
    return header[item].drop_nulls().unique(maintain_order=True).to_list()


def _provider(code: str) -> str | None:
    return code.upper() if ODS_CODE.fullmatch(code.upper()) else None


def _period(start: str) -> Period | None:
    try:
        return Period(date.fromisoformat(start).replace(day=1)) if len(start) == 10 else None
    except ValueError:
        return None


# --- several submissions: the rows say ----------------------------------------------------


@dataclass(frozen=True)
class _Known:
    """The submissions that some row names in full, and the identifiers they go by."""

    identities: frozenset[Identity]
    by_id: Mapping[str, Identity]

    def of(self, row: Row) -> Identity | None:
        """The one submission a row can belong to; None where it may be none or several."""
        if row.get(WHICH) in self.by_id:
            return self.by_id[str(row[WHICH])]
        if None in row.values():
            return None
        matching = [one for one in self.identities if _matches(row, one)]
        return matching[0] if len(matching) == 1 else None


def _matches(row: Row, identity: Identity) -> bool:
    provider, period = identity
    same_provider = WHOSE not in row or _provider(row[WHOSE] or "") == provider
    return same_provider and (WHEN not in row or _period(row[WHEN] or "") == period)


def _split(
    where: str,
    tables: Mapping[str, Items],
    lines: Mapping[str, Lines],
    notices: Sequence[str],
    fallback: Fallback,
    spec: Spec,
) -> list[Submission]:
    keys = {name: _keys(name, items) for name, items in tables.items()}
    known = _known(where, keys.values(), fallback)
    placed = {name: _placed(name, rows, known) for name, rows in keys.items()}
    [first, *others] = sorted(known.identities)
    if not others:
        frames = {name: items.frame for name, items in tables.items()}
        return [_submission(first, tables, frames, lines, notices)]
    parts: dict[Identity, dict[str, Part]] = {identity: {} for identity in (first, *others)}
    for name, items in tables.items():
        held = _collected(name, compact(items.frame, spec.tables[name]))
        for identity, part in zip(parts, parted(held, _columns(placed[name], parts)), strict=True):
            parts[identity][name] = part
    told = [*notices, f"One of {len(parts):,} submissions in {where}; its rows say so."]
    return [
        _submission(
            identity,
            tables,
            {name: part.rows for name, part in own.items()},
            {name: replace(found, places=own[name].places) for name, found in lines.items()},
            told,
        )
        for identity, own in parts.items()
    ]


def _columns(
    placed: Mapping[Identity, Sequence[Row]], identities: Iterable[Identity]
) -> list[list[Row]]:
    """The ways in which the rows of each submission say so, by the columns they stand in."""
    return [
        [{f"own {field}": said for field, said in row.items()} for row in placed[identity]]
        for identity in identities
    ]


def _keys(name: str, items: Items) -> list[Row]:
    """The different ways in which the rows of a table say whose they are; none if it is empty.

    Their fields are as in `OWN_COLUMNS`; one that is blank in every row is left out.
    """
    columns = [pl.col(f"own {field}").alias(field) for field in items.own]
    if columns:
        distinct = _collected(name, items.frame.select(columns).unique())
    else:
        distinct = _collected(name, items.frame.select(pl.first()).head(1))
    said = [distinct[field] for field in items.own]
    filled = [one for one in said if one.null_count() < distinct.height]
    if not filled:
        return [{}] if distinct.height else []
    return list(pl.DataFrame(filled).unique().sort(pl.all()).iter_rows(named=True))


def _known(where: str, keys: Iterable[Sequence[Row]], fallback: Fallback) -> _Known:
    rows = [row for some in keys for row in some]
    named = [(row, _named(row, Fallback(None, None))) for row in rows]
    if not any(identity for _, identity in named):
        named = [(row, _named(row, fallback)) for row in rows]
    by_id: dict[str, Identity] = {}
    ids: dict[Identity, set[str]] = {identity: set() for _, identity in named if identity}
    for row, identity in named:
        if identity is not None and row.get(WHICH) is not None:
            if by_id.setdefault(str(row[WHICH]), identity) != identity:
                raise ExtractError(
                    f"{where} gives one {WHICH} for the rows of two trusts or months.",
                    hint=f"Correct {WHICH}, {WHOSE} or {WHEN}: each submission has its own.",
                )
            ids[identity].add(str(row[WHICH]))
    for (provider, period), several in ids.items():
        if len(several) > 1:
            raise ExtractError(
                f"{where} holds {provider} {period} as it was submitted {len(several)} times.",
                hint=f"Keep the rows of its last {WHICH} alone.",
            )
    if not ids:
        raise ExtractError(
            f"The rows in {where} do not say whose they are and of which month.",
            hint=f"Fill {WHOSE} (as RJ7) and {WHEN} (as 2026-08-01), or give --provider and "
            "--period.",
        )
    return _Known(frozenset(ids), by_id)


def _named(row: Row, fallback: Fallback) -> Identity | None:
    whose = _provider(row[WHOSE] or "") if WHOSE in row else fallback.provider
    when = _period(row[WHEN] or "") if WHEN in row else fallback.period
    return None if whose is None or when is None else (whose, when)


def _placed(name: str, keys: Sequence[Row], known: _Known) -> Mapping[Identity, list[Row]]:
    """For each submission, the ways in which its rows in one table say so."""
    placed: dict[Identity, list[Row]] = {identity: [] for identity in known.identities}
    for row in keys:
        owner = known.of(row)
        if owner is None:
            raise _unplaced(name, row)
        placed[owner].append(row)
    return placed


def _unplaced(name: str, row: Row) -> ExtractError:
    """What is said of rows that belong to none of the submissions, or to several."""
    start = row.get(WHEN)
    if start is not None and _period(start) is None:
        return ExtractError(
            f"{name} has rows whose {WHEN} is filled and no day such as 2026-08-01.",
            hint="Write it so in every row: the year, the month and the day alone.",
        )
    return ExtractError(
        f"{name} has rows that do not say to which of the submissions they belong.",
        hint=f"Fill {WHOSE} (as RJ7) and {WHEN} (as 2026-08-01) in every row of it.",
    )
