"""The command that tells what corrections did. It prints counts only, and keeps nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from msds_audit.cli.configured import in_force
from msds_audit.cli.options import (
    ConfigFile,
    NoConfig,
    OutFile,
    PeriodOption,
    Provider,
    RulesFolder,
    SchemeNames,
    month_if_given,
    one_of,
)
from msds_audit.cli.outputs import format_of, spare_inputs
from msds_audit.cli.screen import say, show, steps, wants_colour

if TYPE_CHECKING:
    from msds_audit.comparison import Compared

WORSE = 1
_FORMATS = ("terminal", "json", "markdown")
_ENDINGS = {".json": "json", ".md": "markdown", ".txt": "terminal"}
_FAIL_ON = ("worse", "never")


def compare(
    old: Annotated[Path, typer.Argument(help="The extract before: whatever check takes.")],
    new: Annotated[Path, typer.Argument(help="The extract now, once it was corrected.")],
    scheme: SchemeNames = None,
    format: Annotated[
        Optional[str],
        typer.Option("--format", help="terminal, json or markdown, else by the ending of --out."),
    ] = None,
    out: OutFile = None,
    disclosure: Annotated[
        bool,
        typer.Option(
            "--disclosure", help="Round counts as published: 1 to 7 as 5, others to the nearest 5."
        ),
    ] = False,
    provider: Provider = None,
    period: PeriodOption = None,
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on",
            help="What makes exit code 1: worse (a criterion no longer met, or that or acceptance "
            "or a rule no longer assessed; a new finding that rejects a file, patient or record; a "
            "submission that one extract lacks), never.",
        ),
    ] = "worse",
    rules: RulesFolder = None,
    config: ConfigFile = None,
    no_config: NoConfig = False,
) -> None:
    """Tell what corrections did: what is fixed, new and left, and what became of each criterion.

    Records are followed by their identifiers, in whatever order they stand, and never shown. A
    finding that went with its record is not called fixed. Both extracts are judged now, by the
    same rules; nothing is kept. What is compared are submissions of the same trust and month, or
    of different months where each extract has one of that trust.
    """
    wanted = format_of(format, out, _ENDINGS, _FORMATS)
    one_of("--fail-on", fail_on, _FAIL_ON)
    asked = in_force(config, no_config=no_config, schemes=scheme, rules=rules)
    settings = asked.settings
    spare_inputs(out, [old, new, settings.rules, settings.file])
    of_month = month_if_given(period)

    from msds_audit import api

    with steps(quiet=False) as on_step:
        found = api.compare(
            old,
            new,
            rules=api.configured_rules(settings),
            schemes=settings.schemes,
            provider=provider.upper() if provider else None,
            period=of_month,
            on_step=on_step,
        )
    if settings.waivers:
        say("Waivers are for check: nothing is set aside here.")
    _report(found, wanted, out, disclosure=disclosure)
    if fail_on == "worse" and found.is_worse:
        raise typer.Exit(WORSE)


def _report(found: Compared, wanted: str, out: Path | None, *, disclosure: bool) -> None:
    """Write what was found to a file or show it; counts rounded as published where asked."""
    from msds_audit.reports.compared_json import compared_to_json
    from msds_audit.reports.compared_markdown import compared_to_markdown
    from msds_audit.reports.compared_terminal import compared_for_terminal
    from msds_audit.reports.drawing import WITHOUT_SCREEN
    from msds_audit.reports.writing import write_whole

    if disclosure:
        from msds_audit.sharing import disclosed_comparisons

        found = disclosed_comparisons(found)
    if wanted == "json":
        text = compared_to_json(found)
    elif wanted == "markdown":
        text = compared_to_markdown(found)
    else:
        of_file = WITHOUT_SCREEN if out is not None else None
        text = compared_for_terminal(found, colour=out is None and wants_colour(), width=of_file)
    if out is None:
        show(text)
    else:
        write_whole(out, text)
        say(f"Wrote {out.name}; comparisons in it: {len(found.comparisons)}.")
