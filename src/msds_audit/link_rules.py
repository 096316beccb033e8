"""The rules that follow from how tables are tied: keys, parents, and how often a table occurs.

They are ordinary rules beside those of `item_rules`; their words can be changed in rule files.
"""

from __future__ import annotations

from msds_audit.item_rules import HEADER, SINCE, item_rule_id
from msds_audit.rule import Basis, Effect, Example, Expected, Occurs, Related, Row, Rule
from msds_audit.spec import Item, Spec, Table

PATIENTS = "MSD001MotherDemog"

_DICTIONARY = "NHS Data Dictionary, Maternity Services Data Set"
_PIPELINE = "NHS England data processing code for MSDS"
_STATEMENT = "NHS England, NHS Maternity Statistics 2023-24, data quality statement"


def link_rules(spec: Spec) -> list[Rule]:
    """`UID-repeated` for keys, `UID-orphan` for references, `TABLE-present`, `TABLE-once`."""
    rules = [_repeated(spec.tables[item.table], item) for item in spec.items if item.key]
    rules += [_orphan(spec, item) for item in spec.items if item.references is not None]
    rules += [_present(table) for table in spec.in_every_submission]
    rules.append(_once(spec.tables[HEADER]))
    return rules


def parents(spec: Spec) -> dict[tuple[str, str], Related]:
    """What each table's records belong to, by table and the name of the record there."""
    return {
        (item.table, spec.tables[item.references[0]].record): _parent(spec, item)
        for item in spec.items
        if item.references is not None
    }


def _parent(spec: Spec, item: Item) -> Related:
    table, on = item.references or ("", "")
    return Related(spec.tables[table].record, table, item.name, on, None)


def _repeated(table: Table, item: Item) -> Rule:
    return _rule(
        item_rule_id(item, "repeated"),
        table,
        title=f"No two records have the same {item.element}",
        why="It tells records apart. Of two that share it nobody knows which is right.",
        fix="Find out why the extract repeats it; keep one record.",
        unique=(item.name,),
        effect=Effect.REJECTS_RECORD,
        basis=Basis.ANALOGY,
        source=f"{_DICTIONARY}: {item.name} is the key of {table.name}; effect by analogy",
        examples=(
            _example("its own", {item.name: "1"}, Expected.PASS, others=({item.name: "2"},)),
            _example("shared", {item.name: "1"}, Expected.FAIL, others=({item.name: "1"},)),
            _example("blank", {item.name: ""}, Expected.NOT_APPLICABLE),
        ),
    )


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _orphan(spec: Spec, item: Item) -> Rule:
    parent = _parent(spec, item)
    record = {parent.on: "1"}
    return _rule(
        item_rule_id(item, "orphan"),
        spec.tables[item.table],
        title=f"{item.name} is that of {_a(parent.name)} in {parent.table}",
        why=f"A record flows only with the {parent.name} it belongs to.",
        fix=f"Add the {parent.name} to the extract, or correct {item.name} here.",
        applies=f"{item.name} IS NOT NULL",
        passes=f"{parent.name} IS NOT NULL",
        related=(parent,),
        effect=Effect.REJECTS_RECORD,
        basis=Basis.PUBLISHED,
        source=f"{_PIPELINE}: referential integrity against valid parent records",
        examples=(
            _example(
                f"the {parent.name} is there",
                {item.name: "1"},
                Expected.PASS,
                related={parent.name: (record,)},
            ),
            _example(f"no such {parent.name}", {item.name: "1"}, Expected.FAIL),
            _example("blank", {item.name: ""}, Expected.NOT_APPLICABLE),
        ),
    )


def _present(table: Table) -> Rule:
    first = table.items[0].name
    return _rule(
        f"{table.number}-present",
        table,
        title=f"{table.name} is there and has a record",
        why="A submission without it is rejected whole.",
        fix="Find out why the extract leaves the table out, or empty.",
        occurs=Occurs(1, None),
        effect=Effect.REJECTS_FILE,
        basis=Basis.PUBLISHED,
        source=f"{_STATEMENT}: mandatory in every submission; {_PIPELINE}: a row that is not blank",
        examples=(
            _example("one record", {first: "1"}, Expected.PASS),
            _example("a record in which all is blank", {first: ""}, Expected.FAIL),
        ),
    )


def _once(table: Table) -> Rule:
    first = table.items[0].name
    return _rule(
        f"{table.number}-once",
        table,
        title=f"{table.name} has one record",
        why="The header says whose the submission is and of which month: once.",
        fix="Send one header, for the provider and month of this submission.",
        occurs=Occurs(1, 1),
        effect=Effect.REJECTS_FILE,
        basis=Basis.ANALOGY,
        source=f"{_DICTIONARY}: one occurrence; effect by analogy with IAPT v2 and MHSDS v6",
        examples=(
            _example("one record", {first: "2.0"}, Expected.PASS),
            _example("none", {first: ""}, Expected.FAIL),
            _example("two", {first: "2.0"}, Expected.FAIL, others=({first: "2.0"},)),
        ),
    )


def _example(
    says: str,
    row: Row,
    result: Expected,
    *,
    others: tuple[Row, ...] = (),
    related: dict[str, tuple[Row, ...]] | None = None,
) -> Example:
    return Example(says, row, others, related or {}, "", result)


def _rule(
    id: str,
    table: Table,
    *,
    title: str,
    why: str,
    fix: str,
    effect: Effect,
    basis: Basis,
    source: str,
    examples: tuple[Example, ...],
    applies: str = "",
    passes: str = "",
    unique: tuple[str, ...] = (),
    occurs: Occurs | None = None,
    related: tuple[Related, ...] = (),
) -> Rule:
    return Rule(
        id=id,
        name=id.lower(),
        title=title,
        why=why,
        fix=fix,
        table=table.name,
        applies=applies,
        passes=passes,
        unique=unique,
        occurs=occurs,
        related=related,
        effect=effect,
        basis=basis,
        source=source,
        verified=True,
        examples=examples,
        file="",
        since=SINCE,
        generated=True,
    )
