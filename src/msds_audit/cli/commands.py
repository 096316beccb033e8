"""The commands: what each takes, calls and prints.

Nothing heavy is imported until a command needs it, so that `--help` answers at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from msds_audit import __version__
from msds_audit.cli.fixing import fix_list
from msds_audit.cli.options import (
    Disclosure,
    HesFile,
    Month,
    OutFile,
    Partial,
    Paths,
    PeriodOption,
    PostcodeFile,
    Provider,
    RulesFolder,
    SchemeNames,
    month,
    month_if_given,
    one_of,
    table_of,
)
from msds_audit.cli.outputs import spare_inputs
from msds_audit.cli.publishing import publish
from msds_audit.cli.rulebook import rules_app, spec_app
from msds_audit.cli.screen import say, show, steps, wants_colour
from msds_audit.cli.workflow import summarise
from msds_audit.errors import UsageError

if TYPE_CHECKING:
    from msds_audit.api import National
    from msds_audit.extract import Period
    from msds_audit.reports import Format
    from msds_audit.rule import Rules
    from msds_audit.scorecard import Scorecard

NOT_MET = 1

app = typer.Typer(
    name="msds-audit",
    help="Tells a maternity team, before they submit, what is wrong with their MSDS extract.",
    epilog="Exit codes: 0 all met; 1 something not met or not assessed; 2 usage; 3 a rule file is "
    "wrong; 4 an extract cannot be read; 5 a report cannot be written; 70 a bug.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    no_args_is_help=True,
)
app.add_typer(rules_app, name="rules")
app.add_typer(spec_app, name="spec")


class _Choice:
    """Words an option takes, known here so that the modules that use them need not be imported."""

    layouts = ("dq-csv", "measures-csv", "data-csv")
    formats = ("terminal", "json", "csv", "markdown", "junit", "github", "sarif", *layouts)
    vodim_formats = ("terminal", "csv")
    forms = ("csv", "parquet")
    fail_on = ("not-met", "not-assessed", "never")
    stories = (
        "south-west-london",
        "clean",
        "every-rule-broken",
        "empty-tables",
        "missing-tables",
        "year",
    )


@app.callback(invoke_without_command=True)
def _start(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        print(f"msds-audit {__version__}")
        raise typer.Exit


# --- check --------------------------------------------------------------------------------


@app.command()
def check(
    paths: Paths,
    scheme: SchemeNames = None,
    format: Annotated[
        Optional[str],
        typer.Option(
            "--format",
            help="terminal, json, csv, markdown or sarif, else by the ending of --out; junit; "
            "github, annotations of a workflow; or dq-csv, measures-csv, data-csv, laid out as "
            "NHS England publishes them.",
        ),
    ] = None,
    out: OutFile = None,
    only: Month = None,
    hes_deliveries: HesFile = None,
    postcode_lookup: PostcodeFile = None,
    partial: Partial = False,
    disclosure: Disclosure = None,
    provider: Provider = None,
    period: PeriodOption = None,
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on", help="What makes exit code 1: not-met, not-assessed (and not met), never."
        ),
    ] = "not-assessed",
    rules: RulesFolder = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print no scorecards; the exit code tells.")
    ] = False,
) -> None:
    """Audit extracts and print one scorecard a trust, worst first."""
    wanted = _format(format, out)
    spare_inputs(out, [*paths, rules, hes_deliveries, postcode_lookup])
    one_of("--fail-on", fail_on, _Choice.fail_on)
    of_month = month_if_given(period)
    only_month = month_if_given(only, "--month")

    from msds_audit import api
    from msds_audit.scoring import FailOn, fails

    cards = _audited(
        paths,
        api.load_rules(rules),
        scheme or (("national",) if wanted == "measures-csv" else ()),
        provider,
        of_month,
        only=only_month,
        national=_national(wanted, hes_deliveries, postcode_lookup, partial),
        quiet=quiet,
    )
    _report(cards, wanted, out, disclosure, quiet=quiet)
    if any(fails(card, FailOn(fail_on)) for card in cards):
        raise typer.Exit(NOT_MET)


def _national(
    wanted: str, deliveries: Path | None, postcodes: Path | None, partial: bool
) -> National | None:
    """What national figures need, where any of it was given or a format holds them."""
    if not (deliveries or postcodes or partial or wanted in _Choice.layouts[1:]):
        return None
    from msds_audit import api
    from msds_audit.readers.deliveries import read_deliveries

    known = read_deliveries(deliveries) if deliveries is not None else None
    return api.National(known, partial, postcodes)


def _report(
    cards: list[Scorecard], wanted: str, out: Path | None, disclosure: bool | None, *, quiet: bool
) -> None:
    """Write scorecards to a file or show them; counts rounded as published where asked."""
    if wanted in _Choice.layouts:
        publish(cards, wanted, out, disclosure=disclosure is not False, quiet=quiet)
        return
    from msds_audit.reports import RENDERERS, Format
    from msds_audit.reports.writing import write_whole

    shown = _shared(cards) if disclosure else cards
    if out is not None:
        write_whole(out, RENDERERS[Format(wanted)](shown))
        say(f"Wrote {out.name}; scorecards in it: {len(cards)}.", quiet=quiet)
    elif not quiet:
        show(_for_screen(shown, Format(wanted)))
    if Format(wanted) is Format.GITHUB:
        summarise(shown)


app.command("fix-list")(fix_list)


@app.command()
def vodim(
    paths: Paths,
    table: Annotated[
        Optional[list[str]],
        typer.Option("--table", help="Only this table, as MSD001; may be repeated."),
    ] = None,
    format: Annotated[str, typer.Option("--format", help="terminal or csv.")] = "terminal",
    out: OutFile = None,
    provider: Provider = None,
    period: PeriodOption = None,
) -> None:
    """Count what every data item holds.

    Valid, other (a legitimate non-answer), default (not known), invalid and missing values.
    """
    one_of("--format", format, _Choice.vodim_formats)
    spare_inputs(out, paths)
    of_month = month_if_given(period)

    from msds_audit import api
    from msds_audit.reports.vodim import vodim_as_csv, vodim_as_text
    from msds_audit.reports.writing import write_whole

    rules = api.load_rules()
    tables = [table_of(rules.spec, name).name for name in table or ()]
    cards = _audited(paths, rules, (), provider, of_month)
    render = vodim_as_csv if format == "csv" else vodim_as_text
    text = render(cards, tables=tables)
    if out is not None:
        write_whole(out, text)
        say(f"Wrote {out.name}.")
    else:
        show(text)


def _audited(
    paths: list[Path],
    rules: Rules,
    schemes: Sequence[str],
    provider: str | None,
    period: Period | None,
    *,
    only: Period | None = None,
    national: National | None = None,
    quiet: bool = False,
) -> list[Scorecard]:
    from msds_audit import api

    with steps(quiet) as on_step:
        return api.check(
            paths,
            rules=rules,
            schemes=schemes,
            provider=provider.upper() if provider else None,
            period=period,
            only=only,
            national=national,
            on_step=on_step,
        )


def _format(format: str | None, out: Path | None) -> str:
    """The name of the format asked for, or that goes with the ending of the file."""
    endings = {
        ".json": "json",
        ".csv": "csv",
        ".md": "markdown",
        ".txt": "terminal",
        ".sarif": "sarif",
    }
    ending = out.suffix.lower() if out is not None else ""
    if format is None and ending not in ("", *endings):
        raise UsageError(
            f"No format goes with a file that ends in {ending}.",
            hint=f"Use {', '.join(endings)}, or say --format.",
        )
    name = format.lower() if format else endings.get(ending, "terminal")
    one_of("--format", name, _Choice.formats)
    return name


def _shared(cards: list[Scorecard]) -> list[Scorecard]:
    from msds_audit.sharing import disclosed

    return [disclosed(card) for card in cards]


def _for_screen(cards: list[Scorecard], wanted: Format) -> str:
    from msds_audit.reports import RENDERERS, Format, to_terminal

    if wanted is Format.TERMINAL:
        return to_terminal(cards, colour=wants_colour())
    return RENDERERS[wanted](cards)


@app.command()
def convert(
    paths: Paths,
    out: Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty.")],
    to: Annotated[str, typer.Option("--to", help="csv or parquet.")] = "csv",
) -> None:
    """Write the tables of an extract as CSV or Parquet, every value as it is.

    An Access database can so be opened anywhere. What is written holds people's data, as the
    extract does.
    """
    one_of("--to", to, _Choice.forms)

    from msds_audit import api
    from msds_audit.conversion import Form

    with steps(quiet=False) as on_step:
        done = api.convert(paths, out, Form(to), on_step=on_step)
    for notice in done.notices:
        say(notice)
    rows = sum(table.rows for table in done.written)
    say(f"Wrote {len(done.written):,} tables, {rows:,} rows. They are people's data: keep them so.")
    say(f"Next: msds-audit check {out}")


@app.command()
def sample(
    out: Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty.")],
    story: Annotated[
        str, typer.Option("--story", help=f"One of: {', '.join(_Choice.stories)}.")
    ] = "south-west-london",
    seed: Annotated[
        int, typer.Option("--seed", help="The same seed gives the same people.")
    ] = 2026,
    period: Annotated[
        str, typer.Option("--period", help="The reporting month, as 2026-08.")
    ] = "2026-08",
) -> None:
    """Write a sample extract of synthetic people."""
    one_of("--story", story, _Choice.stories)
    of_month = month(period)

    from msds_audit import api
    from msds_audit.sample import Story, write_sample

    files = write_sample(out, Story(story), rules=api.load_rules(), seed=seed, period=of_month)
    say(f"Wrote {len(files)} files. Next: msds-audit check {out}")
