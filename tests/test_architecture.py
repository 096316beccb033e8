"""Tests of how the program is put together: what knows of what, and who touches the world."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import msds_audit

ROOT = Path(msds_audit.__file__).parent

LEVELS = (
    {"errors", "later"},
    {
        "areas",
        "masking",
        "published",
        "spec",
        "rule",
        "extract",
        "scorecard",
        "item_rules",
        "link_rules",
        "shape_rules",
        "together_rules",
        "damage",
        "damage_rules",
        "modulus_11",
        "verhoeff",
        "near_misses",
        "bounds",
        "predicates",
        "sql_words",
        "fingerprint",
        "rule_changes",
        "bases",
        "limits",
        "windows",
        "disclosure",
        "verdicts",
        "maturity",
        "worklist",
        "rejections",
        "gates",
        "settings",
        "packaged",
        "found",
        "unfinished",
        "comparison",
    },
    {
        "checks",
        "engines",
        "continuity",
        "deprivation",
        "dimensions",
        "booked",
        "examples",
        "beside",
        "relations",
        "schemas",
        "keys",
        "holding",
        "plans",
        "counting",
        "cascade",
        "audit",
        "acceptance",
        "scoring",
        "lint",
        "history",
        "gestation",
        "smoking",
        "base_frames",
        "national",
        "lines",
        "national_lines",
        "national_remarks",
        "sharing",
        "dqmi",
        "failing",
        "failing_rows",
        "row_findings",
        "trying",
        "owners",
        "asking",
        "teaching",
        "gaining",
        "records",
        "gathering",
        "national_gaining",
        "national_goals",
        "national_rows",
        "fixing",
        "waiving",
        "progress",
        "stricter",
        "following",
        "comparing",
    },
    {"catalogue", "readers", "reports", "rulebook", "sample", "conversion"},
    {"api", "frames", "cli", "__main__"},
)
"""A part may know only of its own level and of those before it."""

ENGINE, EDGES = LEVELS[2], LEVELS[3]
LEVEL = {part: level for level, parts in enumerate(LEVELS) for part in parts}

MODULES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))
PARTS = [path for path in MODULES if path != Path("__init__.py")]

OPENING = {
    "open",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "read_csv",
    "scan_csv",
    "read_parquet",
    "scan_parquet",
    "write_csv",
    "sink_csv",
    "mkdir",
    "unlink",
    "rename",
}


@cache
def tree(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def part(module: Path) -> str:
    """The part of the program a module belongs to: a file or a folder of the package."""
    return module.parts[0].removesuffix(".py")


def imported(module: Path) -> set[str]:
    """The parts that a module imports, wherever in the module it does so."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            names = (node.module or "").split(".")
            if names[0] == "msds_audit":
                found |= {names[1]} if len(names) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                names = alias.name.split(".")
                if names[0] == "msds_audit":
                    found.add(names[1] if len(names) > 1 else "__init__")
    return found - {"__version__"}


def test_every_part_has_its_level() -> None:
    assert {part(module) for module in PARTS} == set(LEVEL)


@pytest.mark.parametrize("module", PARTS, ids=str)
def test_a_module_knows_only_of_its_own_level_and_those_below(module: Path) -> None:
    own = LEVEL[part(module)]
    assert {name for name in imported(module) if LEVEL[name] > own} == set()


@pytest.mark.parametrize("module", [one for one in PARTS if part(one) in EDGES], ids=str)
def test_an_edge_knows_neither_the_engine_nor_another_edge(module: Path) -> None:
    assert imported(module) & (ENGINE | EDGES) <= {part(module)}


@pytest.mark.parametrize("module", [one for one in PARTS if part(one) in ENGINE], ids=str)
def test_the_engine_knows_no_edge(module: Path) -> None:
    assert imported(module).isdisjoint(EDGES)


def test_within_a_level_imports_go_round_in_no_circle() -> None:
    knows: dict[str, set[str]] = {}
    for module in PARTS:
        knows.setdefault(part(module), set()).update(imported(module) - {part(module)})
    settled: set[str] = set()
    while ready := {one for one, others in knows.items() if others <= settled} - settled:
        settled |= ready
    assert set(knows) - settled == set()


@pytest.mark.parametrize("module", [one for one in MODULES if part(one) != "cli"], ids=str)
def test_only_the_command_line_prints_and_exits(module: Path) -> None:
    calls = {
        ast.unparse(node.func) for node in ast.walk(tree(module)) if isinstance(node, ast.Call)
    }
    assert calls.isdisjoint({"print", "input", "exit", "quit", "sys.exit", "os._exit"})


@pytest.mark.parametrize(
    "module", [one for one in MODULES if part(one) not in {*EDGES, "cli"}], ids=str
)
def test_only_the_edges_and_the_command_line_open_files(module: Path) -> None:
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call)
    }
    assert called.isdisjoint(OPENING)
    assert "os" not in {
        alias.name
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Import)
        for alias in node.names
    }


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_nothing_is_taken_from_the_network(module: Path) -> None:
    found = {
        name.split(".")[0]
        for node in ast.walk(tree(module))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert found.isdisjoint({"socket", "urllib", "http", "requests", "httpx", "ssl", "ftplib"})


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_says_what_it_is_for(module: Path) -> None:
    assert ast.get_docstring(tree(module))
