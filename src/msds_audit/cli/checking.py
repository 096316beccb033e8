"""The command that audits extracts and reports scorecards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from msds_audit.cli.configured import InForce, as_toml, in_force, national_of
from msds_audit.cli.options import (
    AsOf,
    ConfigFile,
    Disclosure,
    Findings,
    HesFile,
    Month,
    NoConfig,
    OptionalPaths,
    OutFile,
    Partial,
    PeriodOption,
    PostcodeFile,
    Provider,
    RulesFolder,
    SchemeNames,
    month_if_given,
    one_of,
    today,
)
from msds_audit.cli.outputs import format_of, spare_inputs
from msds_audit.cli.publishing import publish
from msds_audit.cli.screen import say, show, steps, wants_colour
from msds_audit.cli.workflow import most_findings, say_left_out, summarise
from msds_audit.errors import UsageError
from msds_audit.settings import Output

if TYPE_CHECKING:
    from msds_audit.api import National
    from msds_audit.reports import Format
    from msds_audit.scorecard import Scorecard

NOT_MET = 1
LAYOUTS = ("dq-csv", "measures-csv", "data-csv")
FORMATS = ("terminal", "json", "csv", "markdown", "junit", "github", "sarif", *LAYOUTS)
FAIL_ON = ("not-met", "not-assessed", "never")
_OTHER_SUBJECT = frozenset({"extracts", "schemes", "rules"})
"""What the command line may give so that a run is not the one that is configured."""

ENDINGS = {
    ".json": "json",
    ".csv": "csv",
    ".md": "markdown",
    ".txt": "terminal",
    ".sarif": "sarif",
}
"""The formats that go with endings of files. Words alone, so that nothing need be imported."""


def check(
    paths: OptionalPaths = None,
    scheme: SchemeNames = None,
    format: Annotated[
        Optional[str],
        typer.Option(
            "--format",
            help="terminal, json, csv, markdown or sarif, else by the ending of --out; junit; "
            "github, annotations of a workflow; or dq-csv, measures-csv, data-csv, laid out as "
            "NHS England publishes them.",
            autocompletion=lambda: list(FORMATS),
        ),
    ] = None,
    out: OutFile = None,
    only: Month = None,
    hes_deliveries: HesFile = None,
    postcode_lookup: PostcodeFile = None,
    partial: Partial = False,
    disclosure: Disclosure = None,
    findings: Findings = False,
    provider: Provider = None,
    period: PeriodOption = None,
    fail_on: Annotated[
        Optional[str],
        typer.Option(
            "--fail-on",
            help="What makes exit code 1: not-met, not-assessed (and not met; so unless given), "
            "never.",
            autocompletion=lambda: list(FAIL_ON),
        ),
    ] = None,
    baseline: Annotated[
        Optional[Path],
        typer.Option(
            "--baseline",
            help="The JSON of an earlier run: fail only on what is worse, and say what is better.",
        ),
    ] = None,
    rules: RulesFolder = None,
    as_of: AsOf = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print no scorecards; the exit code tells.")
    ] = False,
    config: ConfigFile = None,
    no_config: NoConfig = False,
    show_config: Annotated[
        bool,
        typer.Option("--show-config", help="Print what is set and where it comes from, and stop."),
    ] = False,
) -> None:
    """Audit extracts and print one scorecard a trust, worst first."""
    asked = in_force(
        config,
        no_config=no_config,
        extracts=paths,
        schemes=scheme,
        rules=rules,
        fail_on=fail_on,
        baseline=baseline,
        hes_deliveries=hes_deliveries,
        postcode_lookup=postcode_lookup,
        outputs=[] if out is None else [Output(out, format or "", disclosure)],
    )
    one_of("--fail-on", asked.fail_on, FAIL_ON)
    outputs = _outputs(format, disclosure, asked)
    if show_config:
        show(as_toml(asked))
        return
    most = most_findings([(one.format, bool(one.disclosure)) for one in outputs], asked=findings)
    _spare(asked, outputs)
    of_month = month_if_given(period)
    only_month = month_if_given(only, "--month")
    on_day = today(as_of)

    from msds_audit import api
    from msds_audit.readers.baseline import read_baseline
    from msds_audit.scoring import FailOn, fails

    settings = asked.settings
    earlier = read_baseline(settings.baseline) if settings.baseline is not None else None
    with steps(quiet) as on_step:
        audited = api.check(
            asked.extracts,
            rules=api.configured_rules(settings),
            schemes=settings.schemes or _schemes_of(outputs),
            provider=provider.upper() if provider else None,
            period=of_month,
            only=only_month,
            trusts=settings.trusts,
            national=_national(asked, outputs, partial),
            most_findings=most,
            on_step=on_step,
        )
    cards = api.gated(audited, waivers=settings.waivers, today=on_day, baseline=earlier)
    for output in outputs:
        _report(cards, output, quiet=quiet)
    say_left_out(cards, asked=findings)
    if any(fails(card, FailOn(asked.fail_on)) for card in cards):
        raise typer.Exit(NOT_MET)


# --- what is asked ------------------------------------------------------------------------


class _Report:
    """Where a report goes and how it looks; on the screen where there is no file."""

    def __init__(self, format: str | None, file: Path | None, disclosure: bool | None) -> None:
        self.format = format_of(format, file, ENDINGS, FORMATS)
        self.file = file
        self.disclosure = disclosure

    @property
    def is_published(self) -> bool:
        """Whether it has the layout of a file that NHS England publishes."""
        return self.format in LAYOUTS


def _outputs(format: str | None, disclosure: bool | None, asked: InForce) -> list[_Report]:
    """What to write: the file that the command line names, else the screen and those configured.

    The configured files are of what is configured: they are left alone where the command line names
    other extracts, schemes or rules.
    """
    files = [_in_file(one, disclosure) for one in asked.settings.outputs]
    if "outputs" in asked.given:
        return files
    screen = _Report(format, None, disclosure)
    return [screen] if asked.given & _OTHER_SUBJECT else [screen, *files]


def _in_file(output: Output, disclosure: bool | None) -> _Report:
    rounded = output.disclosure if disclosure is None else disclosure
    return _Report(output.format or None, output.file, rounded)


def _spare(asked: InForce, outputs: Sequence[_Report]) -> None:
    """Raise UsageError where a report would go over, or into, what is read; or two into one."""
    settings = asked.settings
    read = [
        *asked.extracts,
        settings.file,
        settings.rules,
        settings.hes_deliveries,
        settings.postcode_lookup,
        settings.baseline,
    ]
    files = [output.file for output in outputs if output.file is not None]
    for file in files:
        spare_inputs(file, read)
    if len({file.resolve() for file in files}) < len(files):
        raise UsageError("Two reports would go into one file.", hint="Give each its own.")


def _schemes_of(outputs: Sequence[_Report]) -> tuple[str, ...]:
    """The schemes that a format asks for by itself, where none is named."""
    return ("national",) if [one.format for one in outputs] == ["measures-csv"] else ()


def _national(asked: InForce, outputs: Sequence[_Report], partial: bool) -> National | None:
    """What national figures need, where any of it was given or a format holds them."""
    deliveries, postcodes = asked.settings.hes_deliveries, asked.settings.postcode_lookup
    holding = any(one.format in LAYOUTS[1:] for one in outputs)
    if not (deliveries or postcodes or partial or holding):
        return None
    return national_of(asked, partial=partial)


# --- reports ------------------------------------------------------------------------------


def _report(cards: Sequence[Scorecard], output: _Report, *, quiet: bool) -> None:
    """Write scorecards to a file or show them; counts rounded as published where asked."""
    if output.is_published:
        disclosure = output.disclosure is not False
        publish(cards, output.format, output.file, disclosure=disclosure, quiet=quiet)
        return
    from msds_audit.reports import RENDERERS, Format
    from msds_audit.reports.writing import write_whole

    wanted = Format(output.format)
    shown = _shared(cards) if output.disclosure else cards
    if output.file is not None:
        write_whole(output.file, RENDERERS[wanted](shown))
        say(f"Wrote {output.file.name}; scorecards in it: {len(cards)}.", quiet=quiet)
    elif not quiet:
        show(_for_screen(shown, wanted))
    if wanted is Format.GITHUB:
        summarise(shown)


def _shared(cards: Sequence[Scorecard]) -> list[Scorecard]:
    from msds_audit.sharing import disclosed

    return [disclosed(card) for card in cards]


def _for_screen(cards: Sequence[Scorecard], wanted: Format) -> str:
    from msds_audit.reports import RENDERERS, Format, to_terminal

    if wanted is Format.TERMINAL:
        return to_terminal(cards, colour=wants_colour())
    return RENDERERS[wanted](cards)
