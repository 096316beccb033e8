"""The command that writes a list of records to correct. It prints counts only."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from msds_audit.cli.configured import InForce, in_force, national_of
from msds_audit.cli.options import (
    ConfigFile,
    HesFile,
    Month,
    NoConfig,
    OptionalPaths,
    Partial,
    PeriodOption,
    Provider,
    RulesFolder,
    SchemeNames,
    month_if_given,
)
from msds_audit.cli.outputs import spare_inputs
from msds_audit.cli.screen import say, show, steps, wants_colour
from msds_audit.errors import UsageError

if TYPE_CHECKING:
    from msds_audit.worklist import FixList

_ENDINGS = {".xlsx": (), ".csv": (".where-to-teach.csv", ".note.txt")}
"""How a list may end, and the endings of what goes with it."""


def fix_list(
    out: Annotated[
        Path,
        typer.Option("--out", help="The file to write: .xlsx, or .csv with two more beside it."),
    ],
    paths: OptionalPaths = None,
    scheme: SchemeNames = None,
    only: Month = None,
    hes_deliveries: HesFile = None,
    partial: Partial = False,
    with_nhs_numbers: Annotated[
        bool, typer.Option("--with-nhs-numbers", help="Put the NHS number beside each mother.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that are there already.")
    ] = False,
    provider: Provider = None,
    period: PeriodOption = None,
    rules: RulesFolder = None,
    config: ConfigFile = None,
    no_config: NoConfig = False,
) -> None:
    """Write the records to correct, those that gain most first, and print what they gain.

    The file holds people's data and is for its owner alone. Several trusts and months go into one
    file, with columns that tell them apart. Where to teach, counts by site, team and so on, is a
    sheet of the workbook, or a file beside the CSV as its explanation is.
    """
    ending = _ending(out)
    files = _files(out)
    asked = in_force(
        config,
        no_config=no_config,
        extracts=paths,
        schemes=scheme,
        rules=rules,
        hes_deliveries=hes_deliveries,
    )
    for file in files:
        _refuse(asked, file, force=force)
    of_month = month_if_given(period)
    only_month = month_if_given(only, "--month")

    from msds_audit import api
    from msds_audit.reports.gains_terminal import gains_for_terminal
    from msds_audit.reports.writing import write_private

    with steps(quiet=False) as on_step:
        lists = api.fix_list(
            asked.extracts,
            rules=api.configured_rules(asked.settings),
            schemes=asked.settings.schemes,
            provider=provider.upper() if provider else None,
            period=of_month,
            only=only_month,
            national=national_of(asked, partial=partial),
            nhs_numbers=with_nhs_numbers,
            on_step=on_step,
        )
        on_step("Writing the list")
        made = _made(lists, ending, nhs_numbers=with_nhs_numbers)
        write_private(dict(zip(files, made, strict=True)), force=force)
    if asked.settings.waivers:
        say("Waivers are for check: what they set aside there is on this list.")
    show(gains_for_terminal(lists, colour=wants_colour()))
    say(f"Wrote {_written(files)}. It holds people's data: keep it so.")


def _written(files: Sequence[Path]) -> str:
    """The list that was written, and what stands beside it."""
    beside = " and ".join(file.name for file in files[1:])
    return f"{files[0].name}, and beside it {beside}" if beside else files[0].name


def _files(out: Path) -> list[Path]:
    """Every file that is written: the list, and what goes with it."""
    return [out, *(out.with_suffix(ending) for ending in _ENDINGS[_ending(out)])]


def _made(lists: Sequence[FixList], ending: str, *, nhs_numbers: bool) -> list[bytes]:
    """The content of every file that is written, in the order of `_files`."""
    from msds_audit.reports import fix_list as report

    if ending == ".xlsx":
        return [report.fix_list_as_workbook(lists, nhs_numbers=nhs_numbers)]
    return [
        report.fix_list_as_csv(lists, nhs_numbers=nhs_numbers),
        report.teaching_as_csv(lists),
        report.note(lists, nhs_numbers=nhs_numbers),
    ]


def _ending(out: Path) -> str:
    ending = out.suffix.lower()
    if ending not in _ENDINGS:
        raise UsageError(
            "The list is written to a file that ends in .xlsx or .csv.",
            hint="It holds people's data: it is never printed. Name one with --out.",
        )
    return ending


def _refuse(asked: InForce, out: Path, *, force: bool) -> None:
    """Raise UsageError where the list would go to a screen, into the extract, or over a file."""
    if _is_output(out):
        raise UsageError(
            "The list holds people's data: it is never printed.", hint="Name a file with --out."
        )
    spare_inputs(out, _read(asked))
    if os.path.lexists(out) and not force:
        raise UsageError(
            f"{out.name} is there already.", hint="Name another with --out, or use --force."
        )


def _read(asked: InForce) -> list[Path | None]:
    """Everything that is read."""
    settings = asked.settings
    return [*asked.extracts, settings.file, settings.rules, settings.hes_deliveries]


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
