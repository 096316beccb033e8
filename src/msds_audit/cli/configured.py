"""What is in force for one run: the command line before the configuration file before defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from msds_audit.cli.screen import say
from msds_audit.errors import UsageError
from msds_audit.settings import OWN_FILE, SHARED_FILE, Settings

if TYPE_CHECKING:
    from msds_audit.api import National
    from msds_audit.gates import Waiver

DEFAULT_FAIL_ON = "not-assessed"
COMMAND_LINE, DEFAULT = "command line", "default"


@dataclass(frozen=True)
class InForce:
    """The settings of one run, and the keys of those that the command line gave."""

    settings: Settings
    given: frozenset[str]

    @property
    def extracts(self) -> list[Path]:
        """What to read. Raises UsageError where neither names any."""
        if not self.settings.extracts:
            raise UsageError(
                "No extract is named.",
                hint="Name one, as: msds-audit check EXTRACT; or extracts in msds-audit.toml.",
            )
        return list(self.settings.extracts)

    @property
    def fail_on(self) -> str:
        """What makes exit code 1."""
        return self.settings.fail_on or DEFAULT_FAIL_ON

    def origin(self, key: str) -> str:
        """Where the value of a key comes from."""
        if key in self.given:
            return COMMAND_LINE
        file = self.settings.file
        return file.name if file is not None and getattr(self.settings, key) else DEFAULT


def in_force(config: Path | None, *, no_config: bool, **given: object) -> InForce:
    """The configuration file, if there is any, with what the command line gave instead.

    `given` are values by field of `Settings`; None and empty ones were not given.

    Raises:
        UsageError: Where both a file and none is asked for, or it is not there.
        ConfigurationError: With every fault of the file.
    """
    if config is not None and no_config:
        raise UsageError("--config and --no-config exclude each other.", hint="Leave one out.")
    settings = Settings() if no_config else _read(config)
    values = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in given.items()
        if value not in (None, [], "")
    }
    return InForce(replace(settings, **values), frozenset(values))  # type: ignore[arg-type]


def _read(config: Path | None) -> Settings:
    """The settings of a file, or of the one of this folder; pydantic is imported for these only."""
    if config is None and not _may_exist(Path.cwd()):
        return Settings()
    from msds_audit.catalogue.configuration import find_configuration, read_configuration

    file = config if config is not None else find_configuration(Path.cwd())
    if file is None:
        return Settings()
    settings = read_configuration(file)
    if config is None and file.parent != Path.cwd():
        say(f"Using {file.name} of a folder above this one; --no-config goes without.")
    return settings


def _may_exist(start: Path) -> bool:
    return any(
        (folder / name).is_file()
        for folder in (start, *start.parents)
        for name in (OWN_FILE, SHARED_FILE)
    )


def national_of(asked: InForce, *, partial: bool) -> National:
    """What national figures need beside the extracts; the file of deliveries is read."""
    from msds_audit import api
    from msds_audit.readers.deliveries import read_deliveries

    deliveries = asked.settings.hes_deliveries
    known = read_deliveries(deliveries) if deliveries is not None else None
    return api.National(known, partial, asked.settings.postcode_lookup)


# --- shown --------------------------------------------------------------------------------


def as_toml(asked: InForce) -> str:
    """What is in force as a configuration file, with where each value comes from as a comment."""
    settings = asked.settings
    file = settings.file
    lines = ["# Nothing is configured." if file is None else f"# From {file.name}."]
    values: Mapping[str, object] = {
        "extracts": settings.extracts,
        "schemes": settings.schemes,
        "rules": settings.rules,
        "fail_on": asked.fail_on,
        "baseline": settings.baseline,
        "hes_deliveries": settings.hes_deliveries,
        "postcode_lookup": settings.postcode_lookup,
        "trusts": settings.trusts,
    }
    for key, value in values.items():
        lines.append(_line(key, value, asked.origin(key), _base(asked, key)))
    for output in settings.outputs:
        lines += ["", f"# {asked.origin('outputs')}"]
        fields = {
            "file": _shown(output.file, _base(asked, "outputs")),
            "format": output.format or None,
            "disclosure": output.disclosure,
        }
        lines += ["[[output]]", *_fields(fields)]
    if settings.thresholds:
        lines += ["", f"# {asked.origin('thresholds')}", "[thresholds]"]
        lines += [f"{_value(name)} = {_value(own)}" for name, own in settings.thresholds.items()]
    for waiver in settings.waivers:
        lines += ["", f"# {asked.origin('waivers')}", "[[waiver]]", *_fields(_of_waiver(waiver))]
    return "\n".join(lines) + "\n"


def _base(asked: InForce, key: str) -> Path:
    """The folder below which paths of a key are shown: they are written so in the file."""
    file = asked.settings.file
    return Path.cwd() if file is None or key in asked.given else file.parent


def _line(key: str, value: object, origin: str, base: Path) -> str:
    name = key.replace("_", "-")
    if value in (None, (), ""):
        return f"# {name}: none given"
    if isinstance(value, tuple):
        value = [_shown(one, base) if isinstance(one, Path) else one for one in value]
    elif isinstance(value, Path):
        value = _shown(value, base)
    return f"{name} = {_value(value)}  # {origin}"


def _shown(path: Path, base: Path) -> str:
    return (path.relative_to(base) if path.is_relative_to(base) else path).as_posix()


def _fields(fields: Mapping[str, object]) -> Iterator[str]:
    for key, value in fields.items():
        if value not in (None, ""):
            yield f"{key} = {_value(value)}"


def _of_waiver(waiver: Waiver) -> dict[str, object]:
    return {
        "criterion": waiver.criterion,
        "rule": waiver.rule,
        "scheme": waiver.scheme,
        "provider": waiver.provider,
        "until": waiver.until,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "at-most": waiver.at_most,
        "unjudged": waiver.unjudged or None,
    }


def _value(value: object) -> str:
    """A value in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal | date):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_value, value))}]"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    """A basic string: JSON's escapes are TOML's too."""
    import json

    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
