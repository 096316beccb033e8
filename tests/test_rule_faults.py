"""Every kind of broken rule file has a sentence of its own that says where and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support import Ran

HINT = "Hint: rules/README.md of msds-audit says how a rule is written."
NO_AUDIT = "No audit was performed."

MOTHERS = "records/MSD001MotherDemog.toml"
KEYS = {
    "id": '"OURS-01"',
    "name": '"mine"',
    "title": '"A rule of our own"',
    "why": '"Because."',
    "fix": '"Mend it."',
    "effect": '"warning"',
    "basis": '"advice"',
    "source": '"Ourselves"',
    "verified": "false",
    "passes": '"Postcode IS NOT NULL"',
}
PASSING = """
  [[rule.example]]
  says   = "known"
  row    = { Postcode = "SM1 6EM" }
  result = "pass"
"""
FAILING = """
  [[rule.example]]
  says   = "blank"
  row    = { Postcode = "" }
  result = "fail"
"""


def rule(*left_out: str, table: str = "MSD001MotherDemog", more: str = "", **keys: str) -> str:
    """A whole file with one right rule but for the keys given or left out."""
    written = {name: value for name, value in {**KEYS, **keys}.items() if name not in left_out}
    lines = [f"{name} = {value}" for name, value in written.items() if name != "example"]
    examples = keys.get("example", PASSING + FAILING)
    return f'table = "{table}"\n{more}\n[[rule]]\n' + "\n".join(lines) + "\n" + examples


def scheme(*, id: str = "ours", more: str = "", criterion: str = 'measure = "pregnancy-dated"') -> str:
    """A whole file with one right scheme of one line."""
    head = f'id = "{id}"\nfamily = "{id}"\ntitle = "t"\nabout = "a"\nsource = "s"\n'
    line = f'[[criterion]]\nid = "OUR-1"\nsection = "s"\n{criterion}\n'
    return f"{head}order = 9\ndefault = false\n{more}\n{line}"


MEASURE = """
[[measure]]
id       = "ours"
title    = "t"
why      = "w"
table    = "MSD001MotherDemog"
passes   = "Postcode IS NOT NULL"
distinct = "LPIDMother"
unit     = "women"
basis    = "advice"
source   = "s"
verified = false
""" + (PASSING + FAILING).replace("rule.example", "measure.example")
RELATED = """
[[related]]
beside = "MSD001MotherDemog"
name   = "practice"
table  = "MSD002GP"
on     = "LPIDMother"
"""
CIRCLE = {
    f"schemes/{one}.toml": scheme(id=one, more=f'extends = "{other}"').partition("[[")[0]
    for one, other in (("a", "b"), ("b", "a"))
}

BROKEN: dict[str, tuple[dict[str, str | bytes], str]] = {}
