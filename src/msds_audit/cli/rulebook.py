"""The commands that show rules and specification: `rules list` and its like, `spec show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from msds_audit.cli.options import RulesFolder
from msds_audit.cli.screen import say, show, width
from msds_audit.errors import RuleFileError, UsageError

_PACKAGED = "packaged"

rules_app = typer.Typer(
    help="Show and check the rules.", rich_markup_mode=None, no_args_is_help=True
)
spec_app = typer.Typer(help="Show the specification.", rich_markup_mode=None, no_args_is_help=True)


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
    written = sum(not rule.generated for rule in rules.records.values())
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


@rules_app.command("diff")
def rules_diff(
    old: Annotated[str, typer.Argument(help="A folder of rules, or the word packaged.")],
    new: Annotated[str, typer.Argument(help="Another one.")] = _PACKAGED,
) -> None:
    """Tell what differs between two sets of rules, and whether judgement can change by it.

    A folder called packaged is meant by ./packaged.
    """
    from msds_audit import api, rulebook
    from msds_audit.rule_changes import differences

    before, after = (
        api.unproved_rules(None if one == _PACKAGED else Path(one)) for one in (old, new)
    )
    changes = differences(before, after)
    show(rulebook.changes_page((old, new), before, after, changes, width()))


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
