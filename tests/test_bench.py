"""What measures: its data, its table, what it asks for, and that it times what is there."""

import importlib
import json
import subprocess
from pathlib import Path

import nhs_number
import pytest
from bench import __main__ as command
from bench import cases, data, measure, profile
from bench.__main__ import RESULTS
from bench.checks import CHECKS
from bench.lines import Line, readme_block, readme_page, table
from bench.probes.ours import compared_rules, failures
from bench.results import kept, nothing, with_case

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


@pytest.mark.slow
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


def test_without_faults_the_data_are_right_and_as_varied_as_people_are(
    rules, tmp_path, monkeypatch
):
    monkeypatch.setattr(data, "ONE_IN", 1 << 40)
    data.write(data.mothers_and_bookings(4_000), tmp_path)
    [submission] = open_extract([tmp_path], rules.spec).submissions
    audited = audit(submission, rules)
    assert {id for id, one in audited.rules.items() if one.failures} == {"MSD002-present"}
    mothers = submission.tables[data.MOTHER].collect()
    assert mothers["Postcode"].n_unique() > 3_900
    assert mothers["PersonBirthDateMother"].n_unique() > 2_000


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
    found = nothing(quick=quick)
    for name in dict.fromkeys(line.case for line in lines):
        own = [line.as_json() for line in lines if line.case == name]
        case = {"on": "2026-10-01", "machine": MACHINE, "lines": own}
        found = with_case(found, name, case, list(cases.CASES))
    return found


def test_the_table_says_what_figure_target_and_verdict():
    assert table(results(quick=False)).splitlines() == [
        "what        figure           target             verdict",
        "Audit       1.90 times       at most 2.0 times  met",
        "DuckDB      0.90 times ours                     told",
        "A month     1.40 times       at most 1.3 times  missed",
        "Processors  1.70 of 2        at least 1.5       met",
        "",
        "A month: run once.",
        "Measured on 2026-10-01, on 2 processors and 24 GiB, Linux, Python 3.11.7, Polars 2.1.0, "
        "Pandera 0.35.0; other load before: women 0.1, peers 0.1, start 0.1, months 0.1.",
    ]


def test_quick_figures_come_without_verdicts_and_never_into_the_readme():
    shown = table(results(quick=True))
    assert shown.endswith("Quick: small data and few rounds. No figure here is a verdict.")
    assert not {"met", "missed", "told"} & set(shown.split())


def test_the_block_of_the_readme_has_a_command_for_every_figure():
    block = readme_block(results(quick=False), list(cases.CASES))
    assert "| A month | 1.40 times | at most 1.3 times | missed | `--only start` |" in block
    assert "- Not measured yet: national, access." in block
    before = f"a\n{readme_block(None, [])}\nb\n"
    assert readme_page(before, results(quick=False), list(cases.CASES)) == f"a\n{block}\nb\n"


def test_the_block_of_the_readme_says_which_cases_were_measured_on_another_day_or_machine():
    found = results(quick=False)
    found["cases"]["peers"] |= {"on": "2026-10-02", "machine": {**MACHINE, "load": 0.7}}
    block = readme_block(found, list(found["cases"]))
    assert [line.split(",")[0] for line in block.splitlines() if "load" in line] == [
        "Measured on 2026-10-01",
        "Measured on 2026-10-02",
    ]
    assert "; other load before: women 0.1, start 0.1, months 0.1." in block
    assert "; other load before: peers 0.7." in block
    assert "Not measured yet" not in block


def test_the_figures_in_the_readme_are_those_of_the_last_run():
    text = (ROOT / "README.md").read_text("utf-8")
    assert text == readme_page(text, kept(RESULTS, quick=False), list(cases.CASES))


# --- the command --------------------------------------------------------------------------


def bench(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["bench", *map(str, arguments)])
    command.main()


@pytest.fixture
def figures(monkeypatch):
    """What each case is measured to take, without measuring."""
    found = dict.fromkeys(cases.CASES, 1.0)

    def measured(name, sizes):
        return [Line(name, f"The case {name}", found[name], f"{found[name]} times")]

    monkeypatch.setattr(command, "measured", measured)
    monkeypatch.setattr(command, "machine", lambda: MACHINE)
    return found


def test_a_case_is_measured_again_and_the_others_stay(figures, tmp_path, monkeypatch, capsys):
    out = tmp_path / "results.json"
    bench(monkeypatch, "--out", out)
    figures["peers"] = figures["women"] = 2.0
    capsys.readouterr()
    bench(monkeypatch, "--only", "peers", "--out", out)
    shown = capsys.readouterr()
    found = json.loads(out.read_text("utf-8"))["cases"]
    assert list(found) == list(cases.CASES)
    assert {name: one["lines"][0]["figure"] for name, one in found.items()} == {
        **dict.fromkeys(cases.CASES, 1.0),
        "peers": 2.0,
    }
    assert "The case women" not in shown.out
    assert "Measuring" not in shown.out
    assert shown.err == "Measuring peers ...\n"


def test_a_bench_that_is_broken_off_keeps_what_it_has_measured(figures, tmp_path, monkeypatch):
    out = tmp_path / "results.json"
    del figures["peers"]
    with pytest.raises(KeyError):
        bench(monkeypatch, "--out", out)
    assert list(kept(out, quick=False)["cases"]) == ["women", "national"]


@pytest.mark.parametrize("first", [["--quick"], []])
def test_quick_results_and_full_ones_are_never_in_one_file(figures, first, tmp_path, monkeypatch):
    out = tmp_path / "results.json"
    bench(monkeypatch, *first, "--only", "women", "--out", out)
    before = out.read_bytes()
    second = [] if first else ["--quick"]
    with pytest.raises(SystemExit, match=r"never stand beside them: name another --out\.$"):
        bench(monkeypatch, *second, "--only", "start", "--out", out)
    assert out.read_bytes() == before


def test_quick_results_never_come_into_the_readme(figures, tmp_path, monkeypatch):
    readme = tmp_path / "README.md"
    monkeypatch.setattr(command, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(command, "README", readme)
    readme.write_text(readme_block(None, []), encoding="utf-8")
    bench(monkeypatch, "--readme")
    assert readme.read_text("utf-8") == readme_block(None, [])
    bench(monkeypatch, "--quick", "--out", command.RESULTS)
    with pytest.raises(SystemExit, match="quick results, which say nothing"):
        bench(monkeypatch, "--readme")
    assert readme.read_text("utf-8") == readme_block(None, [])


def test_where_the_time_of_an_audit_goes_is_told(tmp_path, monkeypatch, capsys):
    data.write(data.Recipe("a", units=1, tables=(data.HEADER, data.MOTHER)), tmp_path)
    for place in profile.STEPS.values():
        path, _, function = place.rpartition(".")
        module = importlib.import_module(f"msds_audit.{path}")
        monkeypatch.setattr(module, function, getattr(module, function))

    def run_here(asked):
        if asked[1] == "-c":
            return measure.Run(0.1, 0.1, 10.0, {})
        monkeypatch.setattr("sys.argv", list(map(str, asked[2:])))
        profile.main()
        return measure.Run(0.1, 0.1, 10.0, json.loads(capsys.readouterr().out.splitlines()[-1]))

    monkeypatch.setattr(command, "run", run_here)
    bench(monkeypatch, "--profile", tmp_path)
    shown = capsys.readouterr().out
    for step in ["rules read", "= audited", f"{data.MOTHER}: rules of the specification ("]:
        assert any(line.startswith(step) for line in shown.splitlines()), step
    assert "not there any more" not in shown
