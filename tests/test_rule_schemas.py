"""The JSON Schemas for editors: the packaged files fit them, broken ones do not."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest

from msds_audit.catalogue.json_schemas import json_schemas
from msds_audit.packaged import packaged_rules

PATTERNS = {
    "records": "records/*.toml",
    "measures": "measures/*.toml",
    "schemes": "schemes/*.toml",
    "related": "related.toml",
    "concepts": "concepts.toml",
}
FILES = [(kind, file) for kind, one in PATTERNS.items() for file in packaged_rules().glob(one)]


@cache
def validator(kind: str) -> jsonschema.Draft202012Validator:
    schema = json.loads(json_schemas()[kind])
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(("kind", "file"), FILES, ids=lambda one: getattr(one, "name", one))
def test_a_packaged_file_fits_its_schema(kind: str, file: Any) -> None:
    content = tomllib.loads(file.read_text("utf-8"))
    assert [error.message for error in validator(kind).iter_errors(content)] == []


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(one)


@pytest.mark.parametrize("kind", PATTERNS)
def test_every_key_says_what_it_is_for_and_null_is_no_value(kind: str) -> None:
    schema = json.loads(json_schemas()[kind])
    keys = [
        (name, one) for node in nodes(schema) for name, one in node.get("properties", {}).items()
    ]
    assert keys
    assert [name for name, one in keys if not one.get("description")] == []
    assert not any(node.get("type") == "null" for node in nodes(schema))


RULE = {
    "id": "X-01",
    "name": "n",
    "title": "t",
    "why": "w",
    "fix": "f",
    "effect": "warning",
    "basis": "advice",
    "source": "s",
    "verified": True,
    "passes": "TRUE",
    "example": [{"says": "s", "row": {"A": "1"}, "result": "pass"}],
}
EXAMPLE = RULE["example"][0]
RECORDS: dict[str, Callable[[], dict[str, Any]]] = {
    "no table": lambda: {"rule": [RULE]},
    "key of a file": lambda: {"table": "T", "rules": [RULE]},
    "key of a rule": lambda: {"table": "T", "rule": [{**RULE, "colour": "red"}]},
    "a rule without a key": lambda: {
        "table": "T",
        "rule": [{key: value for key, value in RULE.items() if key != "why"}],
    },
    "unknown effect": lambda: {"table": "T", "rule": [{**RULE, "effect": "rejects"}]},
    "unknown basis": lambda: {"table": "T", "rule": [{**RULE, "basis": "hearsay"}]},
    "empty title": lambda: {"table": "T", "rule": [{**RULE, "title": ""}]},
    "verified as text": lambda: {"table": "T", "rule": [{**RULE, "verified": "yes"}]},
    "two of three": lambda: {"table": "T", "rule": [{**RULE, "unique": ["A"]}]},
    "none of three": lambda: {
        "table": "T",
        "rule": [{key: value for key, value in RULE.items() if key != "passes"}],
    },
    "a number for text": lambda: {
        "table": "T",
        "rule": [{**RULE, "example": [{**EXAMPLE, "row": {"A": 1}}]}],
    },
    "unknown result": lambda: {
        "table": "T",
        "rule": [{**RULE, "example": [{**EXAMPLE, "result": "maybe"}]}],
    },
    "a change with a new id": lambda: {"table": "T", "rule": [{"extends": "Y", "id": "X"}]},
    "fewer than none": lambda: {
        "table": "T",
        "rule": [
            {**{k: v for k, v in RULE.items() if k != "passes"}, "occurs": {"least": -1}},
        ],
    },
}


def test_the_rule_that_is_broken_below_is_right_to_begin_with() -> None:
    validator("records").validate({"table": "T", "rule": [RULE, {"extends": "Y", "why": "w"}]})


@pytest.mark.parametrize("fault", RECORDS)
def test_a_wrong_file_of_records_does_not_fit(fault: str) -> None:
    assert not validator("records").is_valid(RECORDS[fault]())


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("measures", {"measure": [{"id": "x"}]}),
        ("measures", {"measure": [{"extends": "x", "colour": "red"}]}),
        ("related", {"related": [{"beside": "T"}]}),
        ("related", {}),
        ("concepts", {}),
        ("concepts", {"concept": [{"name": "smoker"}]}),
        ("measures", {"indicator": [{"id": "x"}]}),
        ("measures", {"indicator": [{"extends": "CQIMDQ04", "why": "w"}]}),
        ("schemes", {"id": "s"}),
    ],
)
def test_other_wrong_files_do_not_fit(kind: str, content: dict[str, Any]) -> None:
    assert not validator(kind).is_valid(content)


INDICATOR = {
    **dict.fromkeys(("id", "title", "why", "passes", "distinct", "counted", "source"), "x"),
    "family": "CQIM_DQ_Measure",
    "base": "births",
    "window": "month",
    "lower": 0.7,
    "basis": "published",
    "verified": True,
}


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({}, True),
        ({"upper": 1, "per": 1000, "rests_on": ["CQIMDQ04"], "against": "one"}, True),
        ({"undefined": "definition not published"}, True),
        ({"family": "CQIM"}, False),
        ({"base": "mothers"}, False),
        ({"window": "fortnight"}, False),
        ({"against": "two"}, False),
        ({"lower": 70}, False),
        ({"upper": "0.7"}, False),
        ({"per": 10}, False),
        ({"colour": "red"}, False),
        ({"example": [{"says": "s", "row": {"A": 1}, "result": "pass"}]}, False),
    ],
)
def test_an_indicator_fits_or_not(changes: dict[str, Any], right: bool) -> None:
    assert validator("measures").is_valid({"indicator": [{**INDICATOR, **changes}]}) == right


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({}, True),
        ({"measure": "", "cqims": 9, "threshold": 1}, True),
        ({"cqims": -1}, False),
        ({"unassessed": True}, False),
        ({"indicator": 5}, False),
        ({"threshold": 1}, True),
        ({"threshold": 1.5}, False),
        ({"threshold": 0}, False),
        ({"threshold": "0.9"}, False),
        ({"basis": "hearsay"}, False),
    ],
)
def test_a_criterion_fits_or_not(changes: dict[str, Any], right: bool) -> None:
    head = dict.fromkeys(("id", "family", "title", "about", "source"), "x")
    criterion = {"id": "c", "section": "s", "measure": "m", "threshold": 0.9, **changes}
    scheme = {**head, "order": 1, "default": False, "criterion": [criterion]}
    assert validator("schemes").is_valid(scheme) == right
