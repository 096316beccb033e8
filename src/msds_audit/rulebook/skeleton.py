"""Files to begin a rule of one's own with: every key, explained; it holds as it stands."""

from __future__ import annotations

import json

from msds_audit.item_rules import good_value
from msds_audit.rule import Basis, Effect, Measure, Rule
from msds_audit.spec import Item, Table

REPLACE = "REPLACE"
"""What stands wherever words of one's own belong."""

_NEW = """\
[[rule]]
# The id: for ever. It is never given to another rule, nor changed when the rule is.
id       = {id}
# A short name: lower case, words joined by hyphens.
name     = {name}
# What must hold, in one sentence without a full stop.
title    = "REPLACE: what must hold"
# Why it matters, for a midwife.
why      = "REPLACE: why it matters."
# What to do in the maternity system about a record that fails.
fix      = "REPLACE: what to do in the maternity system."
# What becomes of a record that fails, one of:
# {effects}
effect   = "warning"
# How that is known: published (for MSDS), analogy (the sister data sets), advice (your own).
basis    = "advice"
# Where it was read, exactly enough to find it again.
source   = "REPLACE: where it was read"
# Whether the source itself was read; if not, the rule is marked *.
verified = false
# The version or month it came with.
# since    = "2026-11"
# Ids it had before.
# formerly = ["{old}"]
# SQL: the records that are judged. Take it out to judge every record.
# The items are those of: msds-audit spec show {number}
applies  = "{item}_vodim <> 'M'"
# SQL: what must be true of them. Null is not true.
passes   = "{item}_fits"
# In place of passes: the items that no two records may share.
# unique   = ["{item}"]
# In place of applies and passes: how many records the table has (effect: rejects-file).
# occurs   = {{ least = 1, most = 1 }}

  # Records that show what the rule does. They are run: msds-audit rules test DIR
  [[rule.example]]
  # What the example is, in a few words.
  says   = "REPLACE: a record that passes"
  # Its items, all as text; the others are blank.
  row    = {{ {item} = {right} }}
  # Further records of the table, for unique and occurs.
  # others = [{{ {item} = {right} }}]
  # Records of other tables, by the name that the rule gives them.
  # related = {{ mother = {{ Postcode = "SM1 6EM" }} }}
  # The reporting month, and the trust, where the rule asks for them.
  # period = "2026-08"
  # provider = "RJ7"
  # pass, fail, or not applicable.
  result = "pass"

  [[rule.example]]
  says   = "REPLACE: a record that fails"
  row    = {{ {item} = {wrong} }}
  result = "fail"
"""

_HEAD = """\
# {what}. Then: msds-audit rules test DIR
# How rules are written: rules/README.md of msds-audit; keys: msds-audit rules schema
"""


def new_rule(id: str, table: Table) -> tuple[str, str]:
    """A file with one new rule of a table, and the rule alone for a file that is there already."""
    item = _an_item(table)
    block = _NEW.format(
        id=_toml(id),
        name=_toml(id.lower()),
        old=f"{id}-BEFORE",
        effects=", ".join(Effect),
        number=table.number,
        item=item.name,
        right=_toml(good_value(item)),
        wrong=_toml("#" * (item.format.maximum + 1)),
    )
    head = _HEAD.format(what=f"Rules of our own about {table.name}: replace what says {REPLACE}")
    return f"{head}table = {_toml(table.name)}\n\n{block}", block


def change_of(declared: Rule | Measure) -> tuple[str, str]:
    """A file that changes one rule or measure, and the change alone."""
    key = "measure" if isinstance(declared, Measure) else "rule"
    lines = [
        f"[[{key}]]",
        "# The id of what is changed. Only the keys given below are different; the others stay.",
        f"extends  = {_toml(declared.id)}",
    ]
    for name, comment in _changeable(declared):
        value = getattr(declared, name)
        active = "" if name == ("effect" if isinstance(declared, Rule) else "why") else "# "
        lines += [f"# {comment}", f"{active}{name:<8} = {_toml(value)}"]
    lines += [
        f"# If it now judges otherwise, give examples of its own: they stand in place of all {key}",
        f"# examples it has. One passes and one fails: [[{key}.example]]; see rules/README.md",
    ]
    block = "\n".join(lines) + "\n"
    head = _HEAD.format(what=f"A change to {declared.id}, which stays as it is but for this")
    table = f"table = {_toml(declared.table)}\n" if isinstance(declared, Rule) else ""
    return f"{head}{table}\n{block}", block


def _changeable(declared: Rule | Measure) -> list[tuple[str, str]]:
    effect = [("effect", f"What becomes of a record that fails: {', '.join(Effect)}.")]
    predicates = [
        ("applies", "SQL: the records that are judged; empty for every one."),
        ("passes", "SQL: what must be true of them."),
    ]
    return [
        *(effect if isinstance(declared, Rule) else []),
        ("title", "What must hold, in one sentence."),
        ("why", "Why it matters, for a midwife."),
        ("fix", "What to do in the maternity system."),
        ("basis", f"How it is known: {', '.join(Basis)}."),
        ("source", "Where it was read."),
        ("verified", "Whether the source itself was read."),
        *(predicates if declared.passes else []),
    ]


def _an_item(table: Table) -> Item:
    """The first item that says something of its own, and no other record's."""
    own = (item for item in table.items if not item.key and item.references is None)
    return next(own, table.items[0])


def _toml(value: object) -> str:
    """A value as TOML has it, which for text and yes or no is as JSON has it."""
    return json.dumps(value, ensure_ascii=False)
