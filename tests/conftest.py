"""Fixtures shared by every test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from msds_audit.api import load_rules
from msds_audit.rule import Rules


@pytest.fixture(scope="session")
def rules() -> Rules:
    """The packaged rules."""
    return load_rules()


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of sample extracts."""
    return Path(__file__).parents[1] / "fixtures"


@pytest.fixture
def figure(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints what a test has measured, also where its output is captured."""

    def printing(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}")  # noqa: T201

    return printing
