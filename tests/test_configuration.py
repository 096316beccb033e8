"""Tests of the configuration file: found, read, checked, and in force behind the command line."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tomllib

import pytest

from support import FIXTURES

RAX = FIXTURES / "south-west-london" / "RAX"
CLEAN = FIXTURES / "clean"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder in which RAX has one criterion of ethnicity that is not met."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    return tmp_path


@pytest.fixture
def configured(folder):
    def writing(text, name="msds-audit.toml"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return writing


BASE = f"""
extracts = ["{RAX.as_posix()}"]
schemes = ["ethnicity"]
"""
WAIVER = """
[[waiver]]
criterion = "ETH-01"
until = 2026-12-31
owner = "the data team"
reason = "the new system comes in January"
"""


# --- found --------------------------------------------------------------------------------


def test_a_run_without_arguments_takes_all_from_the_file(run, configured, audited_once):
    configured(BASE)
    ran = run("check")
    assert ran.code == 1
    assert "RAX Kingston" in ran.out
    assert "Ethnic category of the mother" in ran.out
    assert "Will it be accepted?" not in ran.out
    assert ran.err == ""


def test_the_command_line_comes_before_the_file(run, configured, audited_once):
    configured(BASE)
    ran = run("check", CLEAN, "--scheme", "conformance")
    assert ran.code == 0
    assert "RAX" not in ran.out
    assert "Ethnic category of the mother" not in ran.out


def test_a_file_of_a_folder_above_is_found_and_told(run, configured, folder, monkeypatch):
    configured(BASE + WAIVER)
    below = folder / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    ran = run("check", "--quiet", "--as-of", "2026-12-31")
    assert ran.code == 0
    assert ran.err.startswith("Using msds-audit.toml of a folder above this one")


def test_the_table_of_a_pyproject_is_read_alike(run, configured, audited_once):
    text = f'[project]\nname = "x"\n[tool.msds-audit]\n{BASE}'
    configured(text + WAIVER.replace("[[waiver]]", "[[tool.msds-audit.waiver]]"), "pyproject.toml")
    assert run("check", "--quiet", "--as-of", "2026-12-31").code == 0


def test_a_pyproject_without_our_table_is_passed_by(run, configured, audited_once):
    configured('[project]\nname = "x"\n', "pyproject.toml")
    assert run("check", RAX, "--quiet", "--scheme", "ethnicity").code == 1
    assert run("check").last == (
        "Hint: Name one, as: msds-audit check EXTRACT; or extracts in msds-audit.toml."
    )


def test_the_own_file_comes_before_a_pyproject(run, configured, audited_once):
    configured("[tool.msds-audit]\nnonsense = 1\n", "pyproject.toml")
    configured(BASE)
    assert run("check", "--quiet").code == 1


def test_no_config_goes_without(run, configured):
    configured("nonsense = 1\n")
    assert run("check", "--no-config").err.startswith("Error: No extract is named.")


def test_config_names_another_file(run, configured, audited_once):
    configured("nonsense = 1\n")
    other = configured(BASE + WAIVER, "ours/other.toml")
    assert run("check", "--quiet", "--config", other, "--as-of", "2026-12-01").code == 0
    assert run("check", "--config", "none.toml").err.startswith("Error: There is no configuration")
    assert run("check", "--config", other, "--no-config").code == 2


def test_paths_are_below_the_folder_of_the_file(run, configured, folder, monkeypatch):
    shutil.copytree(CLEAN, folder / "ours" / "extract")
    file = configured('extracts = ["extract"]\n', "ours/msds-audit.toml")
    assert run("check", "--quiet", "--config", file).code == 0


def test_vodim_takes_its_extracts_from_the_file_too(run, configured, audited_once):
    configured(BASE)
    assert "MSD101PregnancyBooking" in run("vodim", "--table", "MSD101").out


def test_the_fix_list_takes_extracts_schemes_and_thresholds_from_the_file(run, configured):
    configured(BASE + "[thresholds]\n'ETH-01' = 0.95\n")
    ran = run("fix-list", "--out", "list.csv")
    assert ran.code == 0
    assert "own threshold; the scheme asks 90 %" in " ".join(ran.out.split())
    assert "Ethnic category" in ran.out
    assert "conformance" not in ran.out


def test_a_comparison_takes_schemes_and_thresholds_from_the_file(run, configured):
    configured(BASE + "[thresholds]\n'ETH-01' = 0.95\n")
    ran = run("compare", RAX, RAX, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    assert "own threshold; the scheme asks 90 %" in ran.out
    assert "CONF-01" not in ran.out


@pytest.mark.parametrize("words", [("fix-list", "--out", "list.csv"), ("compare", RAX, RAX)])
def test_other_commands_say_that_they_set_nothing_aside(words, run, configured):
    configured(BASE + WAIVER)
    ran = run(*words)
    assert ran.code == 0
    assert "Waivers are for check" in ran.err
    assert "waived" not in ran.out


# --- faults -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("extract = []", "extract: is not a key that msds-audit knows."),
        ("fail_on = 'never'", "fail_on: is not a key that msds-audit knows."),
        ("fail-on = 'sometimes'", "fail-on: is none of 'not-met', 'not-assessed' or 'never'."),
        ("extracts = 'x'", "extracts: is not a list."),
        ("[thresholds]\n'ETH-01' = 95", "thresholds.ETH-01: is not right: it should be less than"),
        ("[thresholds]\n'ETH-01' = 0.85", "thresholds › ETH-01: is laxer than"),
        ("[thresholds]\n'ETH-99' = 0.95", "thresholds › ETH-99: there is no such criterion."),
        ("[thresholds]\n'PC-01' = 0.95", "thresholds › PC-01: "),
        (WAIVER.replace("reason", "# reason"), "waiver.reason: is missing"),
        (WAIVER.replace("criterion", "# criterion"), "about either a criterion or a rule"),
        (WAIVER + "rule = 'MSD101-04'", "about either a criterion or a rule"),
        (WAIVER.replace("2026-12-31", "2026"), "a day, as 2026-12-31"),
        (WAIVER.replace("2026-12-31", "'soon'"), "waiver 1 › waiver.until: is not right"),
        (WAIVER + "scheme = 'nhs'", "waiver 1 › scheme: there is no such scheme."),
        (WAIVER.replace("ETH-01", "ETH-1"), "waiver 1 › criterion: there is no criterion ETH-1."),
        (WAIVER + WAIVER.replace('criterion = "ETH', 'rule = "X'), "rule: there is no rule X-01."),
        (WAIVER.replace("criterion", "rule").replace("ETH-01", "MSD001-07"), " is called M001"),
        (WAIVER + "at-most = -1", "waiver.at-most: is not right"),
        ("[[output]]\nformat = 'json'", "output 1 › output.file: is missing."),
        ("trusts = ['RAX', 'rax']", "a list of different trusts"),
        ("= 1", "is not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_file_is_said_with_its_place(run, configured, text, told):
    configured(text)
    ran = run("check", RAX)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("msds-audit.toml › ") or ran.err.startswith("msds-audit.toml: ")
    assert told in ran.err
    assert "Error: 1 fault in the configuration file." in ran.err


def test_all_faults_are_told_at_once(run, configured):
    configured("extract = 1\nscheme = 2\n" + WAIVER.replace("owner", "owned-by"))
    assert "Error: 4 faults in the configuration file." in run("check").err


def test_a_file_that_is_not_utf_8_is_a_fault(run, folder):
    (folder / "msds-audit.toml").write_bytes(b'schemes = ["\xe9"]')
    assert "msds-audit.toml: is not UTF-8." in run("check").err


# --- in force -----------------------------------------------------------------------------


def test_show_config_says_what_is_in_force_and_where_it_comes_from(run, configured):
    configured(BASE + "fail-on = 'never'\n" + WAIVER)
    ran = run("check", "--show-config", "--scheme", "conformance")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert 'schemes = ["conformance"]  # command line' in lines
    assert 'fail-on = "never"  # msds-audit.toml' in lines
    assert "# rules: none given" in lines
    assert 'fail-on = "not-assessed"  # default' in run("check", "--show-config", "--no-config").out


def test_what_show_config_prints_is_a_configuration_that_shows_the_same(run, configured):
    text = f"""{BASE}
        baseline = "before.json"
        trusts = ["RAX"]
        thresholds."ETH-01" = 0.95
        [[output]]
        file = "cards \\"1\\".json"
        disclosure = true
        {WAIVER}
        at-most = 40
        """
    configured(text)
    first = run("check", "--show-config").out
    assert tomllib.loads(first) == {**tomllib.loads(text), "fail-on": "not-assessed"}
    configured(first)
    assert run("check", "--show-config").out.replace("# msds-audit.toml", "# default") == (
        first.replace("# msds-audit.toml", "# default")
    )


def test_outputs_are_written_beside_the_screen(run, configured, folder, audited_once):
    configured(
        BASE
        + '[[output]]\nfile = "cards.json"\n'
        + '[[output]]\nfile = "shared.md"\ndisclosure = true\n'
    )
    ran = run("check", "--fail-on", "never")
    assert "RAX Kingston" in ran.out
    content = json.loads((folder / "cards.json").read_text("utf-8"))
    assert [one["disclosure"] for one in content["scorecards"]] == [False]
    assert "Counts rounded as published" in (folder / "shared.md").read_text("utf-8")
    (folder / "cards.json").unlink()
    assert run("check", "--fail-on", "never", "--out", "only.csv").out == ""
    assert (folder / "only.csv").exists()
    assert not (folder / "cards.json").exists()


@pytest.mark.parametrize(
    "given", [(CLEAN,), ("--scheme", "conformance"), ("--rules", FIXTURES / "none")]
)
def test_what_is_configured_is_not_written_over_by_a_run_of_something_else(
    run, configured, folder, audited_once, given
):
    configured(BASE + '[[output]]\nfile = "cards.json"\n')
    run("check", "--quiet", *given)
    assert not (folder / "cards.json").exists()
    run("check", "--quiet", "--fail-on", "never")
    assert (folder / "cards.json").exists()


@pytest.mark.parametrize("file", ["msds-audit.toml", "before.json"])
def test_no_output_goes_over_what_is_read(run, configured, folder, file):
    configured(f'{BASE}baseline = "before.json"\n[[output]]\nfile = "{file}"\nformat = "json"\n')
    (folder / "before.json").write_text("{}", encoding="utf-8")
    ran = run("check")
    assert ran.code == 2
    assert "is, or lies in, what is read." in ran.err
    assert (folder / "before.json").read_text("utf-8") == "{}"


def test_two_reports_into_one_file_are_refused(run, configured):
    twice = '[[output]]\nfile = "cards.json"\n' * 2
    configured(BASE + twice)
    assert "Two reports would go into one file." in run("check").err


def test_a_trust_that_is_missing_has_a_card_on_which_nothing_is_assessed(
    run, configured, audited_once
):
    configured(BASE + 'trusts = ["RAX", "RJ7"]\n' + WAIVER)
    ran = run("check", "--as-of", "2026-12-01", "--format", "json")
    assert ran.code == 1
    first, second = json.loads(ran.out)["scorecards"]
    assert (first["provider"], second["provider"]) == ("RJ7", "RAX")
    assert "NOT GIVEN: no submission of RJ7 2026-08 was found." in first["notices"]
    assert {one["outcome"] for one in first["criteria"]} <= {"not assessed", "not applicable"}
    assert "waived" in {one["outcome"] for one in second["criteria"]}


def test_national_figures_of_a_missing_trust_are_not_assessed(run, configured, audited_once):
    configured(f'extracts = ["{RAX.as_posix()}"]\ntrusts = ["RAX", "RJ7"]\n')
    ran = run("check", "--scheme", "cqim-dq", "--format", "csv")
    rows = [row for row in csv.DictReader(io.StringIO(ran.out)) if row["provider"] == "RJ7"]
    assert rows
    assert {row["outcome"] for row in rows} == {"not assessed"}


def test_a_trust_that_is_none_of_ours_is_told(run, configured, audited_once):
    configured(BASE + 'trusts = ["RJ7"]\n')
    assert "! RAX is not among your trusts." in run("check").out


def test_the_configuration_that_the_documentation_shows_is_one(run, configured):
    page = (FIXTURES.parent / "docs" / "configuration.md").read_text("utf-8")
    [shown] = re.findall(r"```toml\n(.*?)```", page, re.S)
    configured(shown)
    ran = run("check", "--show-config")
    assert (ran.code, ran.err) == (0, "")
    assert tomllib.loads(ran.out) == tomllib.loads(shown)


# --- the day ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "epoch", "code"),
    [
        (("--as-of", "2026-12-31"), None, 0),
        (("--as-of", "2027-01-01"), None, 1),
        ((), "1798675200", 0),  # 31 December 2026
        ((), "1798761600", 1),  # the day after
        (("--as-of", "2026-12-31"), "1798761600", 0),
        (("--as-of", "tomorrow"), None, 2),
        (("--as-of", ""), None, 2),
        ((), "tomorrow", 2),
        ((), "9" * 30, 2),
    ],
)
def test_a_waiver_holds_up_to_its_day(
    run, configured, audited_once, monkeypatch, options, epoch, code
):
    configured(BASE + WAIVER)
    if epoch is not None:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert run("check", "--quiet", *options).code == code


def test_a_run_against_its_own_report_passes(run, configured, folder, audited_once):
    configured(BASE)
    assert run("check", "--out", "before.json").code == 1
    ran = run("check", "--baseline", "before.json")
    assert ran.code == 0
    assert "Since the baseline, August 2026: 0 worse, 0 better; 1 not met" in ran.out
