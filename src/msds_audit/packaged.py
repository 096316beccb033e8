"""Where the rules are that belong to this copy of msds-audit."""

from __future__ import annotations

from pathlib import Path

FINGERPRINT = "fingerprint.txt"
"""The file of the rules folder that holds their fingerprint, so that it is known at once."""

PROVIDERS_FILE = "reference/nhs-trusts.csv"
"""The file of a rules folder that names the trusts."""


def packaged_rules() -> Path:
    """The rules folder that belongs to this copy of msds-audit, installed or checked out."""
    package = Path(__file__).parent
    installed = package / "rules"
    return installed if installed.is_dir() else package.parents[1] / "rules"
