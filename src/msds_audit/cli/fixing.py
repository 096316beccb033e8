"""The command that writes a list of records to correct. It prints counts only."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from msds_audit.cli.options import (
    Month,
    Paths,
    PeriodOption,
    Provider,
    RulesFolder,
    SchemeNames,
    month_if_given,
)
from msds_audit.cli.outputs import spare_inputs
from msds_audit.cli.screen import say, show, steps, width
from msds_audit.errors import UsageError

_ENDINGS = (".xlsx", ".csv")


def fix_list(
    paths: Paths,
    out: Annotated[
        Path, typer.Option("--out", help="The file to write: .xlsx, or .csv without explanations.")
    ],
    scheme: SchemeNames = None,
    only: Month = None,
    with_nhs_numbers: Annotated[
        bool, typer.Option("--with-nhs-numbers", help="Put the NHS number beside each mother.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file where it is there already.")
    ] = False,
    provider: Provider = None,
    period: PeriodOption = None,
    rules: RulesFolder = None,
) -> None:
    """Write the records to correct, those that gain most first, and print what they gain.

    The file holds people's data and is for its owner alone. Several trusts and months go into one
    file, with columns that tell them apart.
    """
    ending = _ending(out)
    _refuse(paths, out, force=force)
    of_month = month_if_given(period)
    only_month = month_if_given(only, "--month")

    from msds_audit import api
    from msds_audit.reports.fix_list import fix_list_as_csv, fix_list_as_workbook, gain_lines
    from msds_audit.reports.writing import write_private

    with steps(quiet=False) as on_step:
        lists = api.fix_list(
            paths,
            rules=api.load_rules(rules),
            schemes=scheme or (),
            provider=provider.upper() if provider else None,
            period=of_month,
            only=only_month,
            nhs_numbers=with_nhs_numbers,
            on_step=on_step,
        )
        on_step("Writing the list")
        made = fix_list_as_csv if ending == ".csv" else fix_list_as_workbook
        write_private(out, made(lists, nhs_numbers=with_nhs_numbers), force=force)
    _tell(gain_lines(lists), sum(len(one.corrections) for one in lists))


def _tell(lines: Sequence[str], number: int) -> None:
    """Print what the corrections gain, and how many there are."""
    wrapped = (textwrap.fill(line, width(), subsequent_indent="  ") for line in lines)
    show("".join(f"{line}\n" for line in wrapped))
    say(f"Wrote {number:,} corrections. They are people's data: keep them so.")


def _ending(out: Path) -> str:
    ending = out.suffix.lower()
    if ending not in _ENDINGS:
        raise UsageError(
            "The list is written to a file that ends in .xlsx or .csv.",
            hint="It holds people's data: it is never printed. Name one with --out.",
        )
    return ending


def _refuse(paths: Sequence[Path], out: Path, *, force: bool) -> None:
    """Raise UsageError where the list would go to a screen, into the extract, or over a file."""
    if _is_output(out):
        raise UsageError(
            "The list holds people's data: it is never printed.", hint="Name a file with --out."
        )
    spare_inputs(out, paths)
    if out.exists() and not force:
        raise UsageError("That file is there already.", hint="Name another, or use --force.")


def _is_output(out: Path) -> bool:
    """Whether a file is where standard output or standard error go."""
    try:
        there = out.stat()
    except OSError:
        return False
    for stream in (sys.__stdout__, sys.__stderr__):
        try:
            if stream is not None and os.path.samestat(os.fstat(stream.fileno()), there):
                return True
        except (OSError, ValueError):
            continue
    return False
