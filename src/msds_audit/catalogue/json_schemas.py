"""JSON Schemas of the rule files, for editors that complete keys and show what they are for."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from msds_audit.catalogue.shapes import (
    ConceptsFile,
    IndicatorEntry,
    MeasureChange,
    MeasureEntry,
    MeasuresFile,
    RecordsFile,
    RelatedFile,
    RuleChange,
    RuleEntry,
    RuleFile,
    SchemeFile,
)

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_KINDS: dict[str, tuple[type[RuleFile], dict[str, tuple[type[BaseModel], ...]]]] = {
    "records": (RecordsFile, {"rule": (RuleEntry, RuleChange)}),
    "measures": (
        MeasuresFile,
        {"measure": (MeasureEntry, MeasureChange), "indicator": (IndicatorEntry,)},
    ),
    "schemes": (SchemeFile, {}),
    "related": (RelatedFile, {}),
    "concepts": (ConceptsFile, {}),
}
"""The shape of each kind of file; and, where entries are read one by one, their keys and shapes."""


def json_schemas() -> dict[str, str]:
    """The text of the schema of every kind of rule file, by the name of that kind."""
    return {kind: json.dumps(_schema(kind), indent=2) + "\n" for kind in _KINDS}


def _schema(kind: str) -> dict[str, Any]:
    shape, keys = _KINDS[kind]
    entries = [entry for found in keys.values() for entry in found]
    models = [(one, "validation") for one in (shape, *entries)]
    _, made = models_json_schema(models, ref_template="#/$defs/{model}")  # type: ignore[arg-type]
    defined = made["$defs"]
    whole = defined.pop(shape.__name__)
    for key, found in keys.items():
        refs = [{"$ref": f"#/$defs/{one.__name__}"} for one in found]
        whole["properties"][key]["items"] = {"anyOf": refs} if len(refs) > 1 else refs[0]
    title = f"A file of {kind}, as msds-audit reads it"
    schema = {"$schema": _DIALECT, **whole, "title": title, "$defs": defined}
    tidy: dict[str, Any] = _tidied(schema)
    return tidy


def _tidied(node: Any) -> Any:  # noqa: ANN401
    """A schema without what TOML has not (null), and without titles that only repeat names."""
    if isinstance(node, list):
        return [_tidied(one) for one in node]
    if not isinstance(node, dict):
        return node
    tidy: dict[str, Any] = {
        key: _properties(value) if key == "properties" else _tidied(value)
        for key, value in node.items()
        if key != "default"
    }
    choices = [one for one in tidy.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1:
        del tidy["anyOf"]
        return {**choices[0], **tidy}
    return tidy


def _properties(node: dict[str, Any]) -> dict[str, Any]:
    """The keys of a file, whose names mean nothing to JSON Schema."""
    named = {name: _tidied(one) for name, one in node.items()}
    return {
        name: {key: value for key, value in one.items() if key != "title"}
        for name, one in named.items()
    }
