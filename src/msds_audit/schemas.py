"""One Pandera schema per table: the public, declarative form of every record rule.

Its checks are the rules as `row_check` compiles them, which is what the audit runs too: all in one
pass, because Pandera's own `validate` runs one query per check, and without a schema around them,
because importing Pandera takes longer than auditing a trust's month.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pandera.polars as pa
import polars as pl

from msds_audit.checks import row_check
from msds_audit.item_rules import item_rule_id
from msds_audit.predicates import needs
from msds_audit.rule import Rule, Rules
from msds_audit.spec import Item, Table


def table_schema(
    rules: Rules,
    table: str,
    *,
    columns: Collection[str] | None = None,
    in_submission: bool = False,
) -> pa.DataFrameSchema:
    """The schema of a table: text columns, nullability by mandation, a check per rule.

    Each check is named by its rule's id and carries the rule's title and remedy. A blank
    mandatory item is Pandera's own `not_nullable` failure.

    Args:
        rules: The rules in force.
        table: The full or short name of a table.
        columns: The items the frame has; None means all of the table. Rules that need an item
            the frame does not have are left out.
        in_submission: Also declare the rules that need other tables or the reporting period;
            the frame must then come from `relations.in_context`. Rules about how often a table
            occurs are not about its rows, and are never declared.

    Raises:
        KeyError: If the specification has no such table.
    """
    found = rules.spec.table_named(table)
    if found is None:
        raise KeyError(table)
    present = set(found.by_name if columns is None else columns)
    declared = [
        rule
        for rule in rules.for_table(found.name)
        if rule.occurs is None
        and needs(rule).items <= present
        and (in_submission or needs(rule).only_its_table)
    ]
    return _schema(declared, found, present)


def _schema(declared: Iterable[Rule], table: Table, present: Collection[str]) -> pa.DataFrameSchema:
    about: dict[str, list[Rule]] = {}
    for rule in declared:
        about.setdefault(rule.about, []).append(rule)
    return pa.DataFrameSchema(
        {
            item.name: _column(item, about.get(item.name, []), table)
            for item in table.items
            if item.name in present
        },
        checks=[_check(rule, table) for rule in about.get("", [])],
        name=table.name,
        title=table.group,
        strict=False,
    )


def _column(item: Item, declared: list[Rule], table: Table) -> pa.Column:
    blank = item_rule_id(item, "blank")
    return pa.Column(
        pl.String,
        nullable=not item.is_mandatory,
        checks=[_check(rule, table) for rule in declared if rule.id != blank],
        title=item.element,
        description=f"{item.uid}, {item.format.text}, mandation {item.mandation}",
    )


def _check(rule: Rule, table: Table) -> pa.Check:
    return pa.Check(
        row_check(rule, table),
        name=rule.id,
        title=rule.title,
        description=f"{rule.why} {rule.fix}",
        statistics={"effect": str(rule.effect), "basis": str(rule.basis), "source": rule.source},
    )
