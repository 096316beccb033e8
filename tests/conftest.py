"""Fixtures shared by every test."""

from __future__ import annotations

import gc
import pickle
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

from msds_audit.api import load_rules
from msds_audit.catalogue import reading, rulebooks
from msds_audit.catalogue.files import Files
from msds_audit.catalogue.specification import read_spec
from msds_audit.cli import main
from msds_audit.packaged import packaged_rules
from msds_audit.rule import Rule, Rules
from msds_audit.spec import Spec
from support import Ran, checked


@pytest.fixture(scope="session", autouse=True)
def garbage_collected_seldom() -> Iterator[None]:
    """Thousands of collected tests and the rules are not gone through again and again.

    Nothing here leaves much behind, so it can wait.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    yield
    gc.set_threshold(*before)


@pytest.fixture(scope="session", autouse=True)
def toml_parsed_once() -> Iterator[None]:
    """The same text of TOML is parsed once, and every caller is given a copy of its own.

    The packaged rules are read again wherever a folder is added to them.
    """
    parse = tomllib.loads

    @cache
    def parsed(text: str, parse_float: Callable[[str], Any]) -> bytes:
        return pickle.dumps(parse(text, parse_float=parse_float))

    def loads(text: str, *, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
        return pickle.loads(parsed(text, parse_float))  # noqa: S301

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tomllib, "loads", loads)
        yield


@pytest.fixture(scope="session", autouse=True)
def specification_read_once() -> Iterator[None]:
    """The packaged specification, and the rules that follow from it, are made once."""
    spec = reading.read_rules().spec
    makers = rulebooks.GENERATED
    generated = [rule for made in makers for rule in made(spec)]

    def read(files: Files) -> Spec:
        return spec if files.folders[0] == packaged_rules() else read_spec(files)

    def made_of(other: Spec) -> list[Rule]:
        if other is spec:
            return generated
        return [rule for made in makers for rule in made(other)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "read_spec", read)
        patch.setattr(rulebooks, "GENERATED", (made_of,))
        yield


@pytest.fixture(scope="session", autouse=True)
def commands_built_once() -> Iterator[None]:
    """Typer makes the commands of their functions once, not at every run within this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_workflow() -> Iterator[None]:
    """The step of a workflow that runs the tests, if one does, is not taken for what they try."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GITHUB_STEP_SUMMARY", raising=False)
        patch.delenv("GITHUB_WORKSPACE", raising=False)
        yield


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


@pytest.fixture
def audited_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands audit the same paths once; they do everything else every time.

    Only for tests that change no extract after it was audited.
    """
    monkeypatch.setattr("msds_audit.api.check", checked)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run the command in this process."""

    def running(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["msds-audit", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Ran(int(caught.value.code or 0), said.out, said.err)

    return running
