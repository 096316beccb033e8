"""The packaged rules as they are kept: they are those of the files, or they are not used."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import msds_audit
from msds_audit.catalogue import compiled
from msds_audit.catalogue.reading import read_rules
from msds_audit.packaged import packaged_rules

ROOT = Path(msds_audit.__file__).parent


@pytest.fixture(scope="module")
def read():
    return read_rules()


@pytest.fixture
def own_copy(tmp_path, monkeypatch):
    """A copy of the packaged rules in their place, which may be changed."""
    without = shutil.ignore_patterns("pages", "schema")
    folder = shutil.copytree(packaged_rules(), tmp_path / "rules", ignore=without)
    monkeypatch.setattr(compiled, "packaged_rules", lambda: folder)
    return folder


def test_what_is_kept_is_what_is_read_of_the_files(read):
    """Where this fails, `make docs` writes it again."""
    for name, text in compiled.compiled_documents(read, packaged_rules()).items():
        assert (packaged_rules() / name).read_text("utf-8") == text, name


def test_the_rules_made_of_what_is_kept_are_those_that_are_read(read):
    known = compiled.compiled_rules()
    assert (known.own, known.dropped) == (read.own, read.dropped)
    without_order = {"own": frozenset(), "dropped": frozenset()}
    assert repr(replace(known, **without_order)) == repr(replace(read, **without_order))


def test_examples_are_the_same_ones_whenever_they_are_looked_at(read):
    known = compiled.compiled_rules()
    for one, other in zip(known.declared, read.declared, strict=True):
        assert one.examples == other.examples
        assert [*map(id, one.examples)] == [*map(id, one.examples)]


def test_items_of_one_code_list_share_it():
    known = compiled.compiled_rules()
    shared = {item.codes.name: item.codes for item in known.spec.items if item.codes is not None}
    assert all(item.codes is shared[item.codes.name] for item in known.spec.items if item.codes)


def test_the_stamp_is_over_every_module_that_reads_rule_files():
    seen, waiting = set(), {"catalogue/reading", "catalogue/compiled"}
    while waiting:
        module = waiting.pop()
        seen.add(module)
        waiting |= imported(module) - seen
    assert seen == set(compiled.READING)


def imported(module):
    """The modules of the program that a module imports from, their packages apart."""
    names = {
        node.module.removeprefix("msds_audit.").replace(".", "/")
        for node in ast.walk(ast.parse((ROOT / f"{module}.py").read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module.startswith("msds_audit")
    }
    return {name for name in names if (ROOT / f"{name}.py").is_file()}


def change(file, old, new):
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


DIFFERENT = {
    "a rule": lambda own: change(own / "records" / "MSD101PregnancyBooking.toml", "title", "titel"),
    "a code list": lambda own: next(own.glob("spec/*/codes/*.toml")).unlink(),
    "a further file": lambda own: (own / "measures" / "ours.toml").write_text(""),
    "a file in a wrong place": lambda own: (own / "Ours.TOML").write_text(""),
    "the names of trusts": lambda own: change(own / "reference" / "nhs-trusts.csv", "Trust", "T"),
    "what is kept": lambda own: change(own / compiled.COMPILED, '"0.95"', '"0.05"'),
    "no stamp": lambda own: (own / compiled.STAMP).unlink(),
    "a stamp that is none": lambda own: (own / compiled.STAMP).write_bytes(b"\xff"),
    "examples that are kept": lambda own: change(own / compiled.EXAMPLES, '"pass"', '"fail"'),
    "nothing kept": lambda own: (own / compiled.COMPILED).unlink(),
}


@pytest.mark.parametrize("differ", DIFFERENT.values(), ids=DIFFERENT)
def test_nothing_that_is_kept_is_used_where_anything_is_another(own_copy, differ):
    assert compiled.compiled_rules() is not None
    differ(own_copy)
    assert compiled.compiled_rules() is None


def test_a_link_is_no_file_that_is_known(own_copy, tmp_path):
    file = own_copy / "related.toml"
    try:
        (tmp_path / "link").symlink_to(file)
    except OSError:
        pytest.skip("links cannot be made here")
    elsewhere = shutil.move(file, tmp_path / "related.toml")
    file.symlink_to(elsewhere)
    assert compiled.compiled_rules() is None


def test_nothing_that_is_kept_is_used_where_a_module_that_reads_is_another(
    own_copy, tmp_path, monkeypatch
):
    program = shutil.copytree(ROOT, tmp_path / "program", ignore=shutil.ignore_patterns("sample"))
    monkeypatch.setattr(compiled, "_PROGRAM", program)
    assert compiled.compiled_rules() is not None
    change(program / "item_rules.py", "is present", "is there")
    assert compiled.compiled_rules() is None


def test_line_endings_make_no_difference(own_copy):
    for file in (
        *own_copy.rglob("*.toml"),
        own_copy / compiled.COMPILED,
        own_copy / compiled.STAMP,
    ):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert compiled.compiled_rules() is not None


def test_nothing_is_kept_of_a_folder_of_ones_own(read, tmp_path):
    assert compiled.compiled_documents(read, tmp_path) == {}
