"""The commands: what each takes, calls and prints.

Nothing heavy is imported until a command needs it, so that `--help` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from msds_audit import __version__
from msds_audit.cli.checking import check
from msds_audit.cli.comparing import compare
from msds_audit.cli.configured import in_force
from msds_audit.cli.fixing import fix_list
from msds_audit.cli.options import (
    ConfigFile,
    NoConfig,
    OptionalPaths,
    OutFile,
    Paths,
    PeriodOption,
    Provider,
    month,
    month_if_given,
    one_of,
    table_of,
)
from msds_audit.cli.outputs import quoted, spare_inputs
from msds_audit.cli.rulebook import rules_app, spec_app
from msds_audit.cli.screen import say, show, steps
from msds_audit.packaged import FINGERPRINT, packaged_rules

app = typer.Typer(
    name="msds-audit",
    help="Tells a maternity team, before they submit, what is wrong with their MSDS extract.",
    epilog="Exit codes: 0 all met; 1 something not met or not assessed; 2 usage; 3 a rule file is "
    "wrong; 4 an extract cannot be read; 5 a report cannot be written; 70 a bug; 130 interrupted.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    no_args_is_help=True,
)
app.add_typer(rules_app, name="rules")
app.add_typer(spec_app, name="spec")


class _Choice:
    """Words an option takes, known here so that the modules that use them need not be imported."""

    vodim_formats = ("terminal", "csv")
    forms = ("csv", "parquet")
    stories = (
        "south-west-london",
        "clean",
        "every-rule-broken",
        "empty-tables",
        "missing-tables",
        "year",
    )


def say_version() -> None:
    """Print the version, and the fingerprint of the packaged rules."""
    fingerprint = (packaged_rules() / FINGERPRINT).read_text(encoding="ascii").strip()
    show(f"msds-audit {__version__}\nrules {fingerprint}\n")


@app.callback(invoke_without_command=True)
def _start(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and the rules' fingerprint, and stop.",
        ),
    ] = False,
) -> None:
    if version:
        say_version()
        raise typer.Exit


app.command("check")(check)
app.command("fix-list")(fix_list)
app.command("compare")(compare)


@app.command()
def vodim(
    paths: OptionalPaths = None,
    table: Annotated[
        Optional[list[str]],
        typer.Option("--table", help="Only this table, as MSD001; may be repeated."),
    ] = None,
    format: Annotated[str, typer.Option("--format", help="terminal or csv.")] = "terminal",
    out: OutFile = None,
    provider: Provider = None,
    period: PeriodOption = None,
    config: ConfigFile = None,
    no_config: NoConfig = False,
) -> None:
    """Count what every data item holds.

    Valid, other (a legitimate non-answer), default (not known), invalid and missing values.
    """
    one_of("--format", format, _Choice.vodim_formats)
    asked = in_force(config, no_config=no_config, extracts=paths)
    spare_inputs(out, [*asked.extracts, asked.settings.file])
    of_month = month_if_given(period)

    from msds_audit import api
    from msds_audit.reports.vodim import vodim_as_csv, vodim_as_text
    from msds_audit.reports.writing import write_whole

    rules = api.load_rules()
    tables = [table_of(rules.spec, name).name for name in table or ()]
    with steps(quiet=False) as on_step:
        cards = api.check(
            asked.extracts,
            rules=rules,
            provider=provider.upper() if provider else None,
            period=of_month,
            on_step=on_step,
        )
    render = vodim_as_csv if format == "csv" else vodim_as_text
    text = render(cards, tables=tables)
    if out is not None:
        write_whole(out, text)
        say(f"Wrote {out.name}.")
    else:
        show(text)


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
    say(f"Next: msds-audit check {quoted(out)}")


@app.command()
def sample(
    out: Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty.")],
    story: Annotated[
        str,
        typer.Option(
            "--story",
            help=f"One of: {', '.join(_Choice.stories)}.",
            autocompletion=lambda: list(_Choice.stories),
        ),
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
    from msds_audit.reports.writing import FOLDER_OF_ANYBODY, whole_folder
    from msds_audit.sample import Story, write_sample

    rules = api.load_rules()
    with whole_folder(out, FOLDER_OF_ANYBODY) as folder:
        files = write_sample(folder, Story(story), rules=rules, seed=seed, period=of_month)
    say(f"Wrote {len(files)} files. Next: msds-audit check {quoted(out)}")
