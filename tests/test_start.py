"""What a command does before and after its work: as little as that work needs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

CHECKING = """
import atexit, gc, json, sys

def tell():
    said = {"modules": [*sys.modules], "frozen": gc.get_freeze_count(), "every": gc.get_threshold()}
    print(json.dumps(said))

atexit.register(tell)
from msds_audit.cli import main
main()
"""


@pytest.fixture(scope="module")
def checked(fixtures):
    """What is told at the very end of a check whose scorecard goes to the screen."""
    command = ["check", fixtures / "clean", "--no-config", "--fail-on", "never"]
    finished = subprocess.run(
        [sys.executable, "-c", CHECKING, *command],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return json.loads(finished.stdout.splitlines()[-1])


def test_a_check_for_the_screen_imports_no_other_report_and_no_reader_of_other_files(checked):
    reports = {"as_csv", "as_github", "as_json", "as_junit", "as_markdown", "as_sarif", "vodim"}
    readers = {"access", "markup", "workbook"}
    others = {f"msds_audit.reports.{name}" for name in reports}
    others |= {f"msds_audit.readers.{name}" for name in readers}
    assert {"msds_audit.reports.terminal", "msds_audit.readers.delimited"} <= {*checked["modules"]}
    assert others.isdisjoint(checked["modules"])


def test_what_reads_proves_and_words_rules_is_not_imported_for_rules_that_are_known(checked):
    others = {"catalogue.reading", "catalogue.shapes", "api.proving", "lint", "rulebook"}
    assert "msds_audit.catalogue.compiled" in checked["modules"]
    assert {f"msds_audit.{name}" for name in others}.isdisjoint(checked["modules"])
    assert "tomllib" not in checked["modules"]


def test_memory_is_looked_through_seldom_and_not_when_the_program_ends(checked):
    assert checked["every"][0] > 100_000
    assert checked["frozen"] > 10_000
