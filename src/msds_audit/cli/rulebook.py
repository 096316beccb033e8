"""The commands that show rules and specification: `rules list` and its like, `spec show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from msds_audit.cli.authoring import rules_new, rules_test
from msds_audit.cli.options import RulesFolder, one_of, table_of
from msds_audit.cli.screen import say, show, width
from msds_audit.errors import ReportError, RuleFileError, UsageError

_PACKAGED = "packaged"
_KINDS = ("records", "measures", "schemes", "related", "concepts")

rules_app = typer.Typer(
    help="Show and check the rules.", rich_markup_mode=None, no_args_is_help=True
)
rules_app.command("test")(rules_test)
rules_app.command("new")(rules_new)
spec_app = typer.Typer(help="Show the specification.", rich_markup_mode=None, no_args_is_help=True)


@rules_app.command("list")
def rules_list(
    table: Annotated[
        Optional[str], typer.Option("--table", help="Only those of this table, as MSD101.")
    ] = None,
    effect: Annotated[
        Optional[str], typer.Option("--effect", help="Only rules of this effect, as warning.")
    ] = None,
    basis: Annotated[
        Optional[str],
        typer.Option("--basis", help="Only those known so: published, analogy, advice."),
    ] = None,
    scheme: Annotated[
        Optional[str], typer.Option("--scheme", help="Only what this scheme or family rests on.")
    ] = None,
    select: Annotated[
        Optional[list[str]],
        typer.Option("--select", help="Only ids that begin so, in any case; may be repeated."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also the rules that follow from the specification alone.")
    ] = False,
    rules: RulesFolder = None,
) -> None:
    """List rules, measures and indicators, a line each.

    Those that follow from the specification are listed with --all, or where an option chooses them.
    """
    from msds_audit import api, rulebook
    from msds_audit.rule import Basis, Effect

    if effect is not None:
        one_of("--effect", effect, tuple(Effect))
    if basis is not None:
        one_of("--basis", basis, tuple(Basis))
    found = api.load_rules(rules)
    schemes = api.chosen_schemes(found, [scheme]) if scheme is not None else []
    wanted = rulebook.Wanted(
        table=table_of(found.spec, table).name if table is not None else "",
        effect=effect or "",
        basis=basis or "",
        subjects=rulebook.rested_on(schemes, found) if scheme else None,
        prefixes=tuple(select or ()),
        every=every,
    )
    show(rulebook.listing(found, wanted))


@rules_app.command("show")
def rules_show(
    id: Annotated[
        str, typer.Argument(help="A rule, measure, indicator, criterion, scheme or base.")
    ],
    rules: RulesFolder = None,
) -> None:
    """Show one rule: why, what to do, what happens, source, examples, and who asks for it.

    A rule is found by its id, its name, or an id it had before. A base is what indicators judge.
    """
    from msds_audit import api, rulebook

    found = api.load_rules(rules)
    text = rulebook.page(found, id, width())
    if text is None:
        near = rulebook.near(found, id)
        raise UsageError(
            "There is no rule, measure, indicator, criterion, scheme or base of that id.",
            hint=(f"Perhaps: {', '.join(near)}." if near else "See: msds-audit rules list.")
            + ("" if rules else " One of your own is shown with --rules and its folder."),
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
    from msds_audit.rule import is_written

    rules, faults = api.checked_rules(folder)
    if faults:
        raise RuleFileError(faults)
    written = sum(map(is_written, rules.records.values()))
    reworded = sum(rule.generated and is_written(rule) for rule in rules.records.values())
    show(
        f"No faults: {written} written rules ({reworded} of them generated and reworded), "
        f"{len(rules.records) - written} generated, "
        f"{len(rules.measures)} measures, {len(rules.indicators)} indicators, "
        f"{len(rules.schemes)} schemes.\n"
    )


@rules_app.command("docs")
def rules_docs(
    folder: Annotated[
        Path, typer.Argument(help="The rules folder whose pages and schemas are written.")
    ] = Path("rules"),
) -> None:
    """Write what is generated in a rules folder: README.md, a page a table, and the schemas.

    Generated pages that no longer belong are taken away.
    """
    from msds_audit import api
    from msds_audit.reports.writing import take_away, write_together
    from msds_audit.rulebook import GENERATED

    rules = api.load_rules(folder)
    texts = api.rule_documents(rules)
    for name in ("pages", "schema"):
        _make_folder(folder / name)
    written = {**texts, **api.compiled_documents(rules, folder)}
    write_together({folder / place: text for place, text in written.items()})
    others = [page for page in folder.glob("pages/*.md") if f"pages/{page.name}" not in texts]
    stale = take_away(page for page in others if GENERATED in page.read_text("utf-8", "replace"))
    gone = f", took {stale} away" if stale else ""
    say(f"Wrote {folder.name}/README.md, {len(texts) - 1} pages and schemas{gone}.")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportError(
            f"The folder {folder.name} cannot be made ({type(error).__name__}).",
            hint="Check that you may write there.",
        ) from None


@rules_app.command("schema")
def rules_schema(
    kind: Annotated[str, typer.Option("--kind", help=f"One of: {', '.join(_KINDS)}.")] = "records",
) -> None:
    """Print the JSON Schema of a kind of rule file, for editors that complete keys by it."""
    one_of("--kind", kind, _KINDS)

    from msds_audit.catalogue.json_schemas import json_schemas

    show(json_schemas()[kind])


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
