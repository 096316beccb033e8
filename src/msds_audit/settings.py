"""What a configuration file sets, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from msds_audit.gates import Waiver

OWN_FILE, SHARED_FILE = "msds-audit.toml", "pyproject.toml"
"""What a configuration file is called."""


@dataclass(frozen=True, slots=True)
class Output:
    """A file to write scorecards to, in a format (empty: by its ending), rounded or not."""

    file: Path
    format: str = ""
    disclosure: bool | None = None


@dataclass(frozen=True)
class Settings:
    """What is set for all runs; what is empty or None is not set.

    `file` is the configuration file it comes from, None where there is none. `thresholds` are
    fractions by criterion, as `ETH-01` or `scheme/ETH-01`. `trusts` are the providers of whom a
    submission is expected for every month that is looked at.
    """

    file: Path | None = None
    extracts: tuple[Path, ...] = ()
    schemes: tuple[str, ...] = ()
    rules: Path | None = None
    fail_on: str = ""
    baseline: Path | None = None
    hes_deliveries: Path | None = None
    postcode_lookup: Path | None = None
    trusts: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()
    thresholds: Mapping[str, Decimal] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
