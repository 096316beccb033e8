"""The commands for people who write rules: `rules new` and `rules test`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from msds_audit.cli.options import table_of
from msds_audit.cli.outputs import quoted
from msds_audit.cli.screen import say, show
from msds_audit.errors import ReportError, RuleFileError, UsageError

if TYPE_CHECKING:
    from msds_audit.lint import Outcome, Proof
    from msds_audit.rule import Measure, Rule, Rules

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


# --- new ----------------------------------------------------------------------------------


def rules_new(
    id: Annotated[str, typer.Argument(help="The id of the new rule, such as LOCAL-01.")],
    folder: Annotated[Path, typer.Argument(help="Your folder of rules; made where it is not.")],
    table: Annotated[
        Optional[str], typer.Option("--table", help="The table it is about, as MSD101.")
    ] = None,
    extends: Annotated[
        bool, typer.Option("--extends", help="Change the rule or measure that has this id instead.")
    ] = False,
) -> None:
    """Write a file to begin a rule with, every key explained; nothing is written over.

    Where the file is there already, what to add to it is printed.
    """
    if extends == (table is not None):
        raise UsageError(
            "Give --table for a new rule, or --extends to change one.",
            hint="As: msds-audit rules new LOCAL-01 my-rules --table MSD101",
        )
    from msds_audit import api, rulebook
    from msds_audit.reports.writing import write_new
    from msds_audit.rule import Measure

    rules = api.rules_with(folder)
    if table is None:
        changed = _named(rules, id)
        whole, block = rulebook.change_of(changed)
        is_measure = isinstance(changed, Measure)
        name = f"measures/{changed.id}" if is_measure else f"records/{changed.table}"
    else:
        about = table_of(rules.spec, table)
        _refuse_known(rules, id)
        whole, block = rulebook.new_rule(id, about)
        name = f"records/{about.name}"
    file = folder / f"{name}.toml"
    if not write_new(file, whole):
        show(block)
        raise ReportError(
            f"{name}.toml is there already and was left as it is.",
            hint="Add to it what is printed above.",
        )
    say(f"Wrote {name}.toml. Next: msds-audit rules test {quoted(folder)}")


def _named(rules: Rules, id: str) -> Rule | Measure:
    from msds_audit import rulebook
    from msds_audit.rule import Indicator

    for declared in rules.declared:
        if declared.id.casefold() != id.casefold():
            continue
        if isinstance(declared, Indicator):
            raise UsageError(
                f"{declared.id} is a national indicator, which is not changed by a difference.",
                hint="Write an [[indicator]] of your own in measures/; see rules/README.md.",
            )
        return declared
    near = rulebook.near(rules, id)
    raise UsageError(
        "There is no rule or measure of that id.",
        hint=f"Perhaps: {', '.join(near)}." if near else "See: msds-audit rules list --all",
    )


def _refuse_known(rules: Rules, id: str) -> None:
    hint = "Ids are for ever: take a new one."
    if not _ID.fullmatch(id):
        raise UsageError(
            "An id is letters, digits, hyphens, dots and underscores.", hint="Such as LOCAL-01."
        )
    for declared in rules.declared:
        if declared.id.casefold() == id.casefold():
            raise UsageError(f"There is {declared.id} already.", hint=hint)
        if id.casefold() in {former.casefold() for former in declared.formerly}:
            raise UsageError(f"{id} is what {declared.id} was called before.", hint=hint)


# --- test ---------------------------------------------------------------------------------


def rules_test(
    folder: Annotated[Path, typer.Argument(help="Your folder of rules.")],
) -> None:
    """Run the examples of your own rules, and of those you change; say what came of each rule.

    `rules check` looks at the same things, and prints only what is wrong.
    """
    from msds_audit import api

    proofs, faults = api.proved_rules(folder)
    show("".join(f"{line}\n" for proof in proofs for line in _told(proof)))
    held = sum(proof.holds for proof in proofs)
    counted = f"{held:,} of {len(proofs):,} rules and measures of this folder hold."
    if not proofs:
        counted = "No rule or measure of this folder could be tested."
    if faults or held < len(proofs):
        raise RuleFileError(faults, counted)
    show(f"{counted}\n")


def _told(proof: Proof) -> list[str]:
    number = len(proof.declared.examples)
    examples = "1 example" if number == 1 else f"{number:,} examples"
    result = "PASS" if proof.holds else "FAIL"
    return [
        f"{result}  {proof.declared.id}  {examples}",
        *(f"      {fault.key}: {fault.sentence} {fault.hint}".rstrip() for fault in proof.faults),
        *_failing(proof.outcomes),
    ]


def _failing(outcomes: Sequence[Outcome]) -> list[str]:
    lines = []
    for outcome in outcomes:
        if outcome.trouble:
            lines.append(f"      {outcome.example.says!r} {outcome.trouble}")
        elif not outcome.holds:
            expected, found = outcome.example.result, outcome.found
            lines.append(f"      {outcome.example.says!r}: expected {expected}, found {found}")
    return lines
