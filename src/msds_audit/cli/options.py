"""The options that several commands take, and what they may be."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from msds_audit.errors import UsageError
from msds_audit.packaged import packaged_rules

if TYPE_CHECKING:
    from msds_audit.extract import Period
    from msds_audit.spec import Spec, Table


def packaged_schemes() -> list[str]:
    """The ids of the packaged schemes, which are the names of their files, and their families."""
    import tomllib

    files = list(packaged_rules().glob("schemes/*.toml"))
    families = (tomllib.loads(file.read_text(encoding="utf-8")).get("family") for file in files)
    return sorted({file.stem for file in files} | {one for one in families if one})


RulesFolder = Annotated[
    Optional[Path],
    typer.Option(
        "--rules", help="A folder of further rules (or, with its own spec/, of all rules)."
    ),
]


_PATHS = "An Access database, XML, a workbook, a folder of tables, or a folder or zip of these."
Paths = Annotated[list[Path], typer.Argument(help=_PATHS)]
OptionalPaths = Annotated[
    Optional[list[Path]],
    typer.Argument(help=f"{_PATHS} Those of the configuration file unless given."),
]
ConfigFile = Annotated[
    Optional[Path],
    typer.Option(
        "--config",
        help="The configuration file; msds-audit.toml of this folder or one above, or "
        "[tool.msds-audit] of pyproject.toml, unless given.",
    ),
]
NoConfig = Annotated[bool, typer.Option("--no-config", help="Go without a configuration file.")]
AsOf = Annotated[
    Optional[str],
    typer.Option(
        "--as-of",
        help="The day by which waivers expire, as 2026-08-31; that of SOURCE_DATE_EPOCH, or "
        "today, unless given.",
    ),
]
SchemeNames = Annotated[
    Optional[list[str]],
    typer.Option(
        "--scheme",
        help="A scheme or family of schemes; may be repeated.",
        autocompletion=packaged_schemes,
    ),
]
OutFile = Annotated[
    Optional[Path], typer.Option("--out", help="Write to this file, whole or not at all.")
]
Provider = Annotated[
    Optional[str], typer.Option("--provider", help="ODS code, where there is no header.")
]
PeriodOption = Annotated[
    Optional[str], typer.Option("--period", help="Month as 2026-08, where there is no header.")
]


HesFile = Annotated[
    Optional[Path],
    typer.Option(
        "--hes-deliveries",
        help="A file of annual HES deliveries (provider, annual_deliveries), for the CQIMs.",
    ),
]
PostcodeFile = Annotated[
    Optional[Path],
    typer.Option(
        "--postcode-lookup",
        help="A postcode directory (ONS or NHS layout), for deciles of deprivation.",
    ),
]
Month = Annotated[
    Optional[str],
    typer.Option("--month", help="Report this month only, as 2026-08; others are looked back at."),
]
Partial = Annotated[
    bool,
    typer.Option("--partial", help="Count a window of months though some were not given."),
]
Disclosure = Annotated[
    Optional[bool],
    typer.Option(
        "--disclosure/--no-disclosure",
        help="Round counts as published: 1 to 7 as 5, others to the nearest 5. "
        "On in dq-csv, measures-csv and data-csv, else off.",
    ),
]
Findings = Annotated[
    bool,
    typer.Option(
        "--findings",
        help="In sarif, name each record that fails by its line or place, never by a value.",
    ),
]


def one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    """Raise UsageError unless an option has one of its values."""
    if value not in allowed:
        raise UsageError(
            f"{option} cannot be {value}.", hint=f"It is one of: {', '.join(allowed)}."
        )


def table_of(spec: Spec, name: str) -> Table:
    """The table of this full or short name. Raises UsageError where there is none."""
    table = spec.table_named(name)
    if table is None:
        raise UsageError("There is no table of that name.", hint="Give one such as MSD001.")
    return table


def today(as_of: str | None) -> date:
    """The day that counts as today.

    Raises UsageError where the option, or SOURCE_DATE_EPOCH, is no day.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        if as_of is not None:
            return date.fromisoformat(as_of)
        if epoch:
            return datetime.fromtimestamp(int(epoch), UTC).date()
    except (ValueError, OverflowError, OSError):
        where = "--as-of" if as_of is not None else "SOURCE_DATE_EPOCH"
        wanted = "a day, such as 2026-08-31" if as_of is not None else "seconds since 1970"
        raise UsageError(f"{where} is not what it must be.", hint=f"Give {wanted}.") from None
    return date.today()


def month_if_given(text: str | None, option: str = "--period") -> Period | None:
    """As `month`, and None where the option was not given."""
    return None if text is None else month(text, option)


def month(text: str, option: str = "--period") -> Period:
    """The reporting period an option gives. Raises UsageError where it is no month."""
    from msds_audit.extract import Period

    try:
        return Period.parse(text)
    except ValueError:
        raise UsageError(
            f"{option} cannot be {text or 'empty'}.", hint="Give a month, such as 2026-08."
        ) from None
