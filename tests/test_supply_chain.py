"""What msds-audit is built on is locked, hashed, licensed, listed and declared, and no more."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest
from referencing import Registry, Resource

import msds_audit

ROOT = Path(__file__).parents[1]
SOURCE = Path(msds_audit.__file__).parent
SCHEMAS = os.environ.get("MSDS_AUDIT_CYCLONEDX_SCHEMAS", "")


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


dependencies = tool("dependencies")
auditing = tool("audit_dependencies")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def named(requirement: str) -> str:
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower()  # type: ignore[index]


# --- locked, licensed, listed -------------------------------------------------------------


@pytest.mark.parametrize("lock", ("requirements.lock", "requirements-dev.lock"))
def test_every_locked_package_has_one_version_and_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    packages = dependencies.locked(ROOT / lock)
    assert len(packages) == len(re.findall(r"(?m)^[A-Za-z0-9]", text)) > 20
    assert [one.name for one in packages if not one.hashes] == []
    assert sum(len(one.hashes) for one in packages) == text.count("--hash=")
    assert "--index-url" not in text


def test_everything_that_is_declared_is_locked_and_all_that_is_locked_is_needed() -> None:
    packages = dependencies.locked()
    by_us = {one.name for one in packages if PROJECT["project"]["name"] in one.via}
    assert by_us == {named(one) for one in PROJECT["project"]["dependencies"]}
    assert [one.name for one in packages if not one.via] == []


def test_every_licence_is_one_of_those_that_may_be() -> None:
    found = {one.name: dependencies.licence(one.name) for one in dependencies.locked()}
    refused = {
        name: licence
        for name, licence in found.items()
        if not set(licence.split(" OR ")) & dependencies.ALLOWED
    }
    assert refused == {}


def test_the_page_of_dependencies_is_what_the_lock_and_the_packages_say() -> None:
    def but_for_sizes(text: str) -> str:
        return re.sub(r"\| *[0-9.]* \|$|about [0-9]+ MB", "", text, flags=re.MULTILINE)

    assert set(dependencies.WHAT_FOR) == {one.name for one in dependencies.locked()}
    written = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    assert but_for_sizes(written) == but_for_sizes(dependencies.page())
    assert int(re.search(r"about ([0-9]+) MB", written)[1]) < 300  # type: ignore[index]


# --- the bill of materials ----------------------------------------------------------------


def test_the_bill_of_materials_names_all_that_is_locked_and_is_the_same_every_time() -> None:
    text = dependencies.sbom()
    assert text == dependencies.sbom()
    bill = json.loads(text)
    packages = dependencies.locked()
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert [one["name"] for one in bill["components"]] == [one.name for one in packages]
    for one, locked in zip(bill["components"], packages, strict=True):
        given = [hash for part in one["externalReferences"] for hash in part["hashes"]]
        assert {hash["content"] for hash in given} == set(locked.hashes)
    references = {one["bom-ref"] for one in bill["components"]}
    own = bill["metadata"]["component"]["bom-ref"]
    brought = {ref for one in bill["dependencies"] for ref in one["dependsOn"]}
    assert {one["ref"] for one in bill["dependencies"]} == references | {own}
    assert brought == references
    assert str(Path.home()) not in text


@pytest.mark.skipif(
    not SCHEMAS, reason="CycloneDX's schemas are not carried; MSDS_AUDIT_CYCLONEDX_SCHEMAS may name"
)
def test_the_bill_of_materials_is_cyclonedx() -> None:
    def schema(name: str) -> dict[str, object]:
        found: dict[str, object] = json.loads((Path(SCHEMAS) / name).read_text("utf-8"))
        return found

    others = ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json")
    known = [
        (f"http://cyclonedx.org/schema/{name}", Resource.from_contents(schema(name)))
        for name in others
    ]
    whole = schema("bom-1.6.SNAPSHOT.schema.json")
    jsonschema.Draft7Validator(whole, registry=Registry().with_resources(known)).validate(
        json.loads(dependencies.sbom())
    )


# --- known vulnerabilities ----------------------------------------------------------------


def answer(*found: dict[str, object]) -> str:
    return json.dumps({"dependencies": list(found), "fixes": []})


CLEAN = {"name": "polars", "version": "2.1.0", "vulns": []}
SKIPPED = {"name": "rich", "skip_reason": "Dependency not found on PyPI"}
BAD = {"name": "rich", "version": "15.0.0", "vulns": [{"id": "PYSEC-2026-1"}]}


@pytest.mark.parametrize(
    ("said", "code", "words"),
    (
        (answer(CLEAN, {**CLEAN, "name": "rich"}), auditing.CLEAN, "No vulnerability is known"),
        (answer(CLEAN, BAD), auditing.VULNERABLE, "VULNERABLE: rich 15.0.0: PYSEC-2026-1"),
        (answer(CLEAN, SKIPPED), auditing.SKIPPED, "no clean result"),
        (answer(CLEAN), auditing.SKIPPED, "1 of 2 could not be looked up"),
        (answer(SKIPPED, {**SKIPPED, "name": "polars"}), auditing.SKIPPED, "2 of 2"),
        (answer(BAD), auditing.VULNERABLE, "SKIPPED: 1 of 2"),
        ("", auditing.SKIPPED, "Nothing is known"),
        ("No known vulnerabilities found", auditing.SKIPPED, "Nothing is known"),
        ("[]", auditing.SKIPPED, "Nothing is known"),
        ('{"dependencies": [1]}', auditing.SKIPPED, "Nothing is known"),
    ),
)
def test_only_what_was_looked_up_is_clean(said: str, code: int, words: str) -> None:
    found, told = auditing.verdict(["polars", "rich"], said)
    assert found == code
    assert words in "\n".join(told)


# --- declared -----------------------------------------------------------------------------


def imported() -> Iterator[str]:
    """The packages, other than our own and Python's, that the program imports."""
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (one.name.partition(".")[0] for one in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield (node.module or "").partition(".")[0]


def test_every_package_that_is_imported_is_declared_and_none_is_declared_in_vain() -> None:
    others = set(imported()) - set(sys.stdlib_module_names) - {"msds_audit"}
    owners = packages_distributions()
    used = {named(owner) for module in others for owner in owners.get(module, [module])}
    behind = {"pydantic-core", "-typeshed"}
    """Comes with Pydantic, in the one version that Pydantic takes; and with type checkers."""
    declared = {named(one) for one in PROJECT["project"]["dependencies"]}
    assert {one.replace("_", "-") for one in used} - behind == declared
