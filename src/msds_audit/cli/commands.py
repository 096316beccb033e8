"""The commands: what each takes, calls and prints.

Nothing heavy is imported until a command needs it, so that `--help` answers at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from msds_audit import __version__
from msds_audit.cli.screen import progress_bar, say, show, wants_colour
from msds_audit.errors import RuleFileError, UsageError

if TYPE_CHECKING:
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
rules_app = typer.Typer(
    help="Show and check the rules.", rich_markup_mode=None, no_args_is_help=True
)
spec_app = typer.Typer(help="Show the specification.", rich_markup_mode=None, no_args_is_help=True)
app.add_typer(rules_app, name="rules")
app.add_typer(spec_app, name="spec")


class _Choice:
    """Words an option takes, known here so that the modules that use them need not be imported."""

    formats = ("terminal", "json", "csv", "markdown")
    vodim_formats = ("terminal", "csv")
    fail_on = ("not-met", "not-assessed", "never")
    stories = ("south-west-london", "clean", "every-rule-broken", "empty-tables", "missing-tables")


RulesFolder = Annotated[
    Optional[Path],
    typer.Option(
        "--rules", help="A folder of further rules (or, with its own spec/, of all rules)."
    ),
]


Paths = Annotated[
    list[Path],
    typer.Argument(help="Folders of tables, folders of such folders, or zips of either."),
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
    scheme: Annotated[
        Optional[list[str]],
        typer.Option("--scheme", help="A scheme or family of schemes; may be repeated."),
    ] = None,
    format: Annotated[
        Optional[str],
        typer.Option(
            "--format", help="terminal, json, csv or markdown; else by the ending of --out."
        ),
    ] = None,
    out: OutFile = None,
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
    _one_of("--fail-on", fail_on, _Choice.fail_on)
    month = _period(period) if period else None

    from msds_audit import api
    from msds_audit.reports import RENDERERS
    from msds_audit.reports.writing import write_whole
    from msds_audit.scoring import FailOn, fails

    cards = _audited(paths, api.load_rules(rules), scheme or (), provider, month, quiet=quiet)
    if out is not None:
        write_whole(out, RENDERERS[wanted](cards))
        say(f"Wrote {out.name}; scorecards in it: {len(cards)}.", quiet=quiet)
    elif not quiet:
        show(_for_screen(cards, wanted))
    if any(fails(card, FailOn(fail_on)) for card in cards):
        raise typer.Exit(NOT_MET)


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
    _one_of("--format", format, _Choice.vodim_formats)
    month = _period(period) if period else None

    from msds_audit import api
    from msds_audit.reports.vodim import vodim_as_csv, vodim_as_text
    from msds_audit.reports.writing import write_whole

    rules = api.load_rules()
    tables = [found.name for name in table or () if (found := rules.spec.table_named(name))]
    if len(tables) < len(table or ()):
        raise UsageError("There is no table of that name.", hint="Give one such as MSD001.")
    cards = _audited(paths, rules, (), provider, month)
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
    quiet: bool = False,
) -> list[Scorecard]:
    from msds_audit import api

    with progress_bar(quiet) as progress:
        return api.check(
            paths,
            rules=rules,
            schemes=schemes,
            provider=provider.upper() if provider else None,
            period=period,
            on_progress=progress,
        )


def _format(format: str | None, out: Path | None) -> Format:
    endings = {".json": "json", ".csv": "csv", ".md": "markdown", ".txt": "terminal"}
    ending = out.suffix.lower() if out is not None else ""
    if format is None and ending not in ("", *endings):
        raise UsageError(
            f"No format goes with a file that ends in {ending}.",
            hint=f"Use {', '.join(endings)}, or say --format.",
        )
    name = format.lower() if format else endings.get(ending, "terminal")
    _one_of("--format", name, _Choice.formats)

    from msds_audit.reports import Format

    return Format(name)


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(
            f"{option} cannot be {value}.", hint=f"It is one of: {', '.join(allowed)}."
        )


def _for_screen(cards: list[Scorecard], wanted: Format) -> str:
    from msds_audit.reports import RENDERERS, Format, to_terminal

    if wanted is Format.TERMINAL:
        return to_terminal(cards, colour=wants_colour())
    return RENDERERS[wanted](cards)


# --- rules --------------------------------------------------------------------------------


@rules_app.command("list")
def rules_list(
    every: Annotated[
        bool, typer.Option("--all", help="Also the rules that follow from the specification alone.")
    ] = False,
    rules: RulesFolder = None,
) -> None:
    """List rules and measures, a line each."""
    from msds_audit import api, rulebook

    show(rulebook.listing(api.load_rules(rules), generated=every))


@rules_app.command("show")
def rules_show(
    id: Annotated[str, typer.Argument(help="A rule, measure, criterion or scheme.")],
    rules: RulesFolder = None,
) -> None:
    """Show one rule: why, what to do, source, predicates, examples, and who asks for it."""
    from msds_audit import api, rulebook

    text = rulebook.page(api.load_rules(rules), id)
    if text is None:
        raise UsageError(
            "There is no rule, measure, criterion or scheme of that id.",
            hint="See: msds-audit rules list",
        )
    show(text)


@rules_app.command("check")
def rules_check(
    folder: Annotated[
        Optional[Path], typer.Argument(help="A folder of rules; the packaged ones unless given.")
    ] = None,
) -> None:
    """Check rule files and run every example; print all faults at once."""
    from msds_audit import api

    rules, faults = api.checked_rules(folder)
    if faults:
        raise RuleFileError(faults)
    written = sum(bool(rule.file) for rule in rules.records.values())
    show(
        f"No faults: {written} written rules, {len(rules.records) - written} generated, "
        f"{len(rules.measures)} measures, {len(rules.schemes)} schemes.\n"
    )


@rules_app.command("docs")
def rules_docs(
    folder: Annotated[
        Path, typer.Argument(help="The rules folder whose README.md is written.")
    ] = Path("rules"),
) -> None:
    """Write README.md of a rules folder from the rules."""
    from msds_audit import api, rulebook
    from msds_audit.reports.writing import write_whole

    write_whole(folder / "README.md", rulebook.readme(api.load_rules(folder)))
    say(f"Wrote {folder.name}/README.md.")


# --- spec, sample -------------------------------------------------------------------------


@spec_app.command("show")
def spec_show(
    name: Annotated[str, typer.Argument(help="A table, a data item or a UID, in any case.")],
    rules: RulesFolder = None,
) -> None:
    """Show a table with its items, or an item with its codes and their classes."""
    from msds_audit import api, rulebook
    from msds_audit.spec import Table

    spec = api.load_rules(rules).spec
    found = spec.find(name)
    if not found:
        raise UsageError(
            "There is no table, item or UID of that name.", hint="Try: msds-audit spec show MSD001"
        )
    pages = [
        rulebook.table_page(one) if isinstance(one, Table) else rulebook.item_page(one)
        for one in found
    ]
    show("\n".join(pages))


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
    _one_of("--story", story, _Choice.stories)
    month = _period(period)

    from msds_audit import api
    from msds_audit.sample import Story, write_sample

    files = write_sample(out, Story(story), rules=api.load_rules(), seed=seed, period=month)
    say(f"Wrote {len(files)} files. Next: msds-audit check {out}")


def _period(text: str) -> Period:
    from msds_audit.extract import Period

    try:
        return Period.parse(text)
    except ValueError:
        raise UsageError(
            f"--period cannot be {text}.", hint="Give a month, such as 2026-08."
        ) from None
