"""Tests of the Python API: what is exported, and that its page says and shows what is so."""

from __future__ import annotations

import importlib.util
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import msds_audit
from msds_audit.found import SCHEMA
from msds_audit.frames import rules_frame, scorecards_frame

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "python-api.md"


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_examples_of_the_page_run_and_print_what_it_shows(generator):
    text = PAGE.read_text("utf-8")
    assert text.count("```python\n") == text.count("```text\nshape: ") == 5
    assert text == generator.python_page(text)


def test_the_page_shows_no_value_of_a_record():
    shown = "".join(re.findall(r"```text\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
    assert "failure_case" not in shown
    assert not re.search(r"[A-Z]{1,2}[0-9]{1,2} ?[0-9][A-Z]{2}|[0-9]{4}-[0-9]{2}-", shown)


def test_everything_that_is_exported_is_on_the_page_and_nothing_else():
    table = PAGE.read_text("utf-8").partition("\n## ")[0]
    named = re.findall(r"^\| `(\w+)", table, re.MULTILINE)
    assert sorted(named) == sorted(set(msds_audit.__all__) - {"__version__"})
    for signature in re.findall(r"^\| `(\w+\([^)]*\))`", table, re.MULTILINE):
        name, _, given = signature.rstrip(")").partition("(")
        wanted = list(inspect.signature(getattr(msds_audit, name)).parameters)
        arguments = [one for one in given.split(", ") if one != "..."]
        assert wanted[: len(arguments)] == arguments, signature


def test_every_column_is_on_the_page():
    told = PAGE.read_text("utf-8").partition("\n## The columns\n")[2]
    tables = [
        re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`[^|]*)\|", part, re.MULTILINE)))
        for part in told.split("| column | what |")[1:]
    ]
    frames = (scorecards_frame([]).schema, rules_frame([]).schema, SCHEMA)
    assert [sorted(one) for one in tables] == [sorted(schema.names()) for schema in frames]


def test_no_module_hides_what_is_exported():
    """A module of the same name would stand in its place as soon as it is imported."""
    modules = {one.name for one in pkgutil.iter_modules(msds_audit.__path__)}
    assert modules.isdisjoint(msds_audit.__all__)
    assert all(callable(getattr(msds_audit, name)) for name in msds_audit.__all__ if name[0] != "_")


def test_nothing_heavy_is_imported_before_it_is_used():
    code = "import sys, msds_audit; print({'polars', 'pandera', 'rich'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == "set()\n"
