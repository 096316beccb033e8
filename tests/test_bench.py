"""What measures: its data, its table, what it asks for, and that it times what is there."""

import importlib
import json
import subprocess
from pathlib import Path

import nhs_number
import pytest
from bench import cases, data, measure, profile
from bench.__main__ import RESULTS
from bench.checks import CHECKS
from bench.lines import Line, readme_block, readme_page, table
from bench.probes.ours import compared_rules, failures

from msds_audit.audit import audit
from msds_audit.readers import open_extract

ROOT = Path(__file__).parents[1]
MACHINE = {
    **{"processors": 2, "memory_gib": 24, "system": "Linux", "python": "3.11.7", "load": 0.1},
    **{"polars": "2.1.0", "pandera": "0.35.0"},
}


def written(recipe, folder):
    data.write(recipe, folder)
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


# --- data ---------------------------------------------------------------------------------


def test_the_same_seed_writes_the_same_bytes_and_another_other_people(tmp_path):
    recipe = data.Recipe("a", units=2, copies={"MSD202CareActivityPreg": 3})
    first = written(recipe, tmp_path / "a")
    assert first == written(recipe, tmp_path / "b")
    other = written(data.Recipe("a", units=2, seed=7), tmp_path / "c")
    assert set(first) == set(other)
    assert first["MSD001MotherDemog.csv"] != other["MSD001MotherDemog.csv"]
    assert len(first) == 32


def test_how_large_a_batch_is_changes_no_row(tmp_path, monkeypatch):
    recipe = data.Recipe("a", units=3, tables=("MSD002GP",))
    whole = written(recipe, tmp_path / "a")
    monkeypatch.setattr(data, "BATCH", 50)
    assert written(recipe, tmp_path / "b") == whole


def test_every_nhs_number_is_of_the_999_range_and_right():
    numbers = data.nhs_numbers()
    assert len(numbers) == numbers.n_unique() == 909_091
    assert numbers.str.starts_with("999").all()
    assert all(nhs_number.is_valid(number) for number in numbers[:: len(numbers) // 500])


def test_in_the_data_every_check_that_is_compared_fails_somewhere(tmp_path):
    rules = compared_rules()
    data.write(data.mothers_and_bookings(30_000), tmp_path)
    [submission] = open_extract([tmp_path], rules.spec).submissions
    audited = audit(submission, rules)
    items = {(tally.table, tally.item): tally for tally in audited.items}
    found = {check.id: failures(check, audited, items) for check in CHECKS}
    assert len(found) == len(CHECKS) == 56
    assert {id for id, count in found.items() if not count} == {
        "MSD001 LPIDMother MATCHES",
    }
    assert sum(found.values()) - found["MSD101 DischReason M"] < 30_000 / 20 * 2


# --- measuring ----------------------------------------------------------------------------


def test_a_process_is_measured_and_what_fails_or_lasts_too_long_is_told():
    one = measure.run([measure.PYTHON, "-c", 'print("hello"); print(\'{"wall": 0.5}\')'])
    assert one.work == 0.5
    assert one.wall > 0
    assert one.peak > 1
    with pytest.raises(measure.NotMeasuredError, match="left with 3: no such thing"):
        measure.run(
            [
                measure.PYTHON,
                "-c",
                "import sys; print('no such thing', file=sys.stderr); sys.exit(3)",
            ]
        )
    with pytest.raises(measure.TooLongError):
        measure.run([measure.PYTHON, "-c", "import time; time.sleep(60)"], most_seconds=0.3)


def test_what_starts_the_processes_is_small_because_they_begin_with_its_memory():
    script = "import sys, bench.__main__; assert not {'polars', 'msds_audit'} & set(sys.modules)"
    subprocess.run([measure.PYTHON, "-c", script], cwd=ROOT, check=True)


def test_every_step_that_is_timed_is_there():
    for place in profile.STEPS.values():
        path, _, function = place.rpartition(".")
        assert hasattr(importlib.import_module(f"msds_audit.{path}"), function), place


@pytest.fixture
def unmeasured(monkeypatch):
    """Everything takes a second and 100 MB, so that cases can be asked what they ask for."""
    counts = {check.id: 0 for check in CHECKS}
    told = {"wall": 1.0, "cpu": 1.5, "counts": counts, "rows": 1, "tables": {}}
    run = measure.Run(2.0, 2.0, 100.0, told)
    sizes = iter(range(1, 100))
    fakes = {
        "data": lambda *asked: Path(*map(str, asked)),
        "rows": lambda folder: {"MSD202CareActivityPreg": 10_080_000},
        "run": lambda command, **limits: run,
        "in_turns": lambda commands, rounds, **how: dict.fromkeys(commands, [run] * rounds),
        "size": lambda folder: next(sizes) * 1e6,
        "peer": lambda name, folder: [name],
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(cases, name, fake)
    monkeypatch.setattr(cases.shutil, "which", lambda name: name)
    monkeypatch.setattr(Path, "iterdir", lambda folder: iter([folder]))


def test_what_is_asked_for_is_what_was_required(unmeasured):
    lines = [line for case in cases.CASES for line in cases.measured(case, cases.FULL)]
    assert [(line.case, line.target, line.asked) for line in lines if line.target] == [
        ("women", "at most 2.0 times", 2.0),
        ("women", "at most 2.0 times", 2.0),
        ("women", "at most 600 MB", 600.0),
        ("women", "less than 0.5", 0.5),
        ("national", "completes in 24 GiB", 24.0),
        *[("peers", "more than 1.0", 1.0)] * 7,
        ("start", "at most 1.3 times", 1.3),
        ("start", "at most 0.15 s", 0.15),
        ("start", "at most 0.15 s", 0.15),
        ("months", "at most 1.1 times", 1.1),
        ("months", "at least 1.5", 1.5),
    ]
    assert [line.what for line in lines if not line.target] == [
        "msds-audit, the same checks, 100,000 women",
        "DuckDB, SQL written by hand, 100,000 women",
        "msds-audit, the same checks, 1,000,000 women",
        "DuckDB, SQL written by hand, 1,000,000 women",
        "Access, 100,000 mothers read, by mdb-export of the same file",
    ]
    assert cases.FULL.rounds >= 5


def test_what_takes_too_long_is_a_miss_and_what_cannot_be_measured_is_told(unmeasured, monkeypatch):
    def never(command, **limits):
        raise measure.TooLongError

    monkeypatch.setattr(cases, "run", never)
    monkeypatch.setattr(cases.shutil, "which", lambda name: None)
    [line] = cases.measured("national", cases.FULL)
    assert (line.verdict, line.shown) == ("missed", "not complete after 2 hours")
    [line] = cases.measured("access", cases.FULL)
    assert (line.verdict, line.how) == ("not measured", "mdb-export is not on the path.")


def test_another_tool_that_counts_otherwise_is_not_compared(unmeasured, monkeypatch):
    def turns(commands, rounds, **how):
        return {
            name: [measure.Run(1.0, 1.0, 1.0, {"counts": {"a": len(name)}})] for name in commands
        }

    monkeypatch.setattr(cases, "in_turns", turns)
    assert "counts otherwise than we do: a" in cases.measured("peers", cases.FULL)[-1].how


# --- the table ----------------------------------------------------------------------------


def results(*, quick):
    lines = [
        Line("women", "Audit", 1.9, "1.90 times", "at most 2.0 times", 2.0),
        Line("start", "A month", 1.4, "1.40 times", "at most 1.3 times", 1.3, how="run once."),
        Line("months", "Processors", 1.7, "1.70 of 2", "at least 1.5", 1.5, at_least=True),
        Line("peers", "DuckDB", 0.9, "0.90 times ours"),
    ]
    return {"quick": quick, "machine": MACHINE, "lines": [line.as_json() for line in lines]}


def test_the_table_says_what_figure_target_and_verdict():
    assert table(results(quick=False)).splitlines() == [
        "what        figure           target             verdict",
        "Audit       1.90 times       at most 2.0 times  met",
        "A month     1.40 times       at most 1.3 times  missed",
        "Processors  1.70 of 2        at least 1.5       met",
        "DuckDB      0.90 times ours                     told",
        "",
        "A month: run once.",
        "Measured on 2 processors and 24 GiB, Linux, Python 3.11.7, Polars 2.1.0, Pandera 0.35.0; "
        "load at the start 0.1.",
    ]


def test_quick_figures_come_without_verdicts_and_never_into_the_readme():
    shown = table(results(quick=True))
    assert shown.endswith("Quick: small data and few rounds. No figure here is a verdict.")
    assert not {"met", "missed", "told"} & set(shown.split())
    with pytest.raises(ValueError, match="Quick results"):
        readme_block(results(quick=True))


def test_the_block_of_the_readme_has_a_command_for_every_figure():
    block = readme_block(results(quick=False))
    assert "| A month | 1.40 times | at most 1.3 times | missed | `--only start` |" in block
    assert readme_page(f"a\n{readme_block(None)}\nb\n", results(quick=False)) == f"a\n{block}\nb\n"


def test_the_figures_in_the_readme_are_those_of_the_last_run():
    text = (ROOT / "README.md").read_text("utf-8")
    found = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else None
    assert text == readme_page(text, found)
    if found is not None:
        assert found["cases"] == list(cases.CASES)
