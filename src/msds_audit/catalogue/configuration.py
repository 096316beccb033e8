"""Finds and reads the configuration file: `msds-audit.toml`, or a table of `pyproject.toml`.

Unknown keys are errors. Whether the criteria and rules it names exist is left to `stricter`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from msds_audit.catalogue.files import Files
from msds_audit.catalogue.shapes import RuleFile, Text
from msds_audit.errors import ConfigurationError, UsageError
from msds_audit.gates import Waiver
from msds_audit.settings import OWN_FILE, SHARED_FILE, Output, Settings

TABLE = ("tool", "msds-audit")


def _key(name: str) -> str:
    return name.replace("_", "-")


class _Shape(RuleFile):
    model_config = ConfigDict(alias_generator=_key)


class _Output(_Shape):
    file: Text
    format: Text | None = None
    disclosure: bool | None = None


class _Waiver(_Shape):
    criterion: str = ""
    rule: str = ""
    scheme: str = ""
    provider: str = ""
    reason: Text
    owner: Text
    until: date
    at_most: Annotated[int, Field(ge=0, strict=True)] | None = None
    unjudged: bool = False

    @field_validator("until", mode="before")
    @classmethod
    def _is_a_day(cls, value: object) -> object:
        if isinstance(value, date | str):
            return value
        raise ValueError("a day, as 2026-12-31")

    @model_validator(mode="after")
    def _names_one(self) -> _Waiver:
        if bool(self.criterion) == bool(self.rule):
            raise ValueError("about either a criterion or a rule")
        if self.rule and self.scheme:
            raise ValueError("without a scheme where it is about a rule")
        return self


class _Configuration(_Shape):
    extracts: tuple[Text, ...] = ()
    schemes: tuple[Text, ...] = ()
    rules: Text | None = None
    fail_on: Literal["not-met", "not-assessed", "never"] | None = None
    baseline: Text | None = None
    hes_deliveries: Text | None = None
    postcode_lookup: Text | None = None
    trusts: tuple[Text, ...] = ()
    output: tuple[_Output, ...] = ()
    thresholds: dict[str, Annotated[Decimal, Field(gt=0, le=1)]] = Field(default_factory=dict)
    waiver: tuple[_Waiver, ...] = ()

    @field_validator("trusts")
    @classmethod
    def _different(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if len(set(map(str.upper, value))) != len(value):
            raise ValueError("a list of different trusts")
        return value


def find_configuration(start: Path) -> Path | None:
    """The configuration file of a folder or of the nearest one above it; None without any."""
    for folder in (start, *start.parents):
        for file in (folder / OWN_FILE, folder / SHARED_FILE):
            if file.is_file() and (file.name == OWN_FILE or _has_table(file)):
                return file
    return None


def read_configuration(file: Path) -> Settings:
    """What a configuration file sets; paths in it are below its own folder.

    Raises:
        UsageError: Where there is no such file.
        ConfigurationError: With every fault found in it.
    """
    if not file.is_file():
        raise UsageError(
            f"There is no configuration file {file.name}.", hint="Name one with --config."
        )
    files = Files([file.parent])
    shape = _shape(files, file)
    if shape is None:
        raise ConfigurationError(files.faults)
    return _settings(file, shape)


def _shape(files: Files, file: Path) -> _Configuration | None:
    if file.name != SHARED_FILE:
        return files.read(file, _Configuration)
    content = files.content(file)
    return None if content is None else files.shaped(file, _table(content), _Configuration)


def _table(content: dict[str, Any]) -> dict[str, Any]:
    for name in TABLE:
        found = content.get(name)
        content = found if isinstance(found, dict) else {}
    return content


def _has_table(file: Path) -> bool:
    """Whether a file that others use too has a table of ours, or may have one it cannot show."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        return TABLE[1] in tomllib.loads(text).get(TABLE[0], {})
    except (OSError, UnicodeDecodeError):
        return False
    except tomllib.TOMLDecodeError:
        return f"{TABLE[0]}.{TABLE[1]}" in text


def _settings(file: Path, shape: _Configuration) -> Settings:
    folder = file.parent

    def path(text: str | None) -> Path | None:
        return None if text is None else folder / text

    return Settings(
        file=file,
        extracts=tuple(folder / one for one in shape.extracts),
        schemes=shape.schemes,
        rules=path(shape.rules),
        fail_on=shape.fail_on or "",
        baseline=path(shape.baseline),
        hes_deliveries=path(shape.hes_deliveries),
        postcode_lookup=path(shape.postcode_lookup),
        trusts=tuple(one.upper() for one in shape.trusts),
        outputs=tuple(
            Output(folder / one.file, one.format or "", one.disclosure) for one in shape.output
        ),
        thresholds=shape.thresholds,
        waivers=tuple(_waivers(shape)),
    )


def _waivers(shape: _Configuration) -> Iterator[Waiver]:
    for one in shape.waiver:
        yield Waiver(
            reason=one.reason,
            owner=one.owner,
            until=one.until,
            criterion=one.criterion,
            rule=one.rule,
            scheme=one.scheme,
            provider=one.provider.upper(),
            at_most=one.at_most,
            unjudged=one.unjudged,
        )
