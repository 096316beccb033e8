"""Writing rules of one's own: a file to begin with, and what came of every example."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from msds_audit.api import checked_rules, load_rules, proved_rules
from msds_audit.catalogue.shapes import ExampleEntry, RuleEntry
from msds_audit.rule import Rules
from msds_audit.rulebook import change_of, new_rule
from support import Ran, packaged
from test_rule_schemas import validator

NO_AUDIT = "No audit was performed."
BOOKINGS = "records/MSD101PregnancyBooking.toml"

Run = Callable[..., Ran]


# --- rules new ----------------------------------------------------------------------------


def test_a_new_rule_holds_as_it_stands_whatever_table_it_is_about(
    rules: Rules, tmp_path: Path
) -> None:
    (tmp_path / "records").mkdir()
    for table in rules.spec.tables.values():
        whole, _ = new_rule(f"OURS-{table.number}", table)
        validator("records").validate(tomllib.loads(whole))
        (tmp_path / "records" / f"{table.name}.toml").write_text(whole, encoding="utf-8")
    found, faults = checked_rules(tmp_path)
    assert faults == []
    assert found.own == {f"OURS-{table.number}" for table in rules.spec.tables.values()}


def test_every_key_stands_in_a_new_rule_with_a_remark_before_it(rules: Rules) -> None:
    _, block = new_rule("OURS-01", rules.spec.tables["MSD101PregnancyBooking"])
    lines = [line.strip() for line in block.splitlines()]
    for key in {*RuleEntry.model_fields, *ExampleEntry.model_fields} - {"example"}:
        places = [
            place
            for place, line in enumerate(lines)
            if line.removeprefix("# ").split(" ")[0] == key and "=" in line
        ]
        assert places, key
        assert lines[places[0] - 1].startswith("# "), key
    assert "REPLACE" in block


@pytest.mark.parametrize(
    "id", ["MSD101-03", "M101901-orphan", "M001010-format", "MSD001-present", "nhs-number-right"]
)
def test_a_change_as_it_is_begun_changes_nothing(id: str, rules: Rules, tmp_path: Path) -> None:
    declared = rules.records.get(id) or rules.measures[id]
    whole, _ = change_of(declared)
    kind = "records" if id in rules.records else "measures"
    validator(kind).validate(tomllib.loads(whole))
    (tmp_path / kind).mkdir()
    (tmp_path / kind / "ours.toml").write_text(whole, encoding="utf-8")
    changed = load_rules(tmp_path)
    assert changed.own == {id}
    assert changed.fingerprint == rules.fingerprint


@pytest.mark.slow
def test_a_change_may_have_every_key_that_its_remarks_offer(rules: Rules, tmp_path: Path) -> None:
    for one in [*rules.records.values(), *rules.measures.values()]:
        if one.file:
            whole, _ = change_of(one)
            offered = "\n".join(
                line.removeprefix("# ") if " = " in line.partition('"')[0] else line
                for line in whole.splitlines()
            )
            kind = "records" if one.id in rules.records else "measures"
            validator(kind).validate(tomllib.loads(offered))


def test_rules_new_writes_a_file_that_can_be_tested(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    ran = run("rules", "new", "LOCAL-01", folder, "--table", "msd101")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"Wrote {BOOKINGS}. Next: msds-audit rules test {folder}\n"
    assert run("rules", "check", folder).code == 0
    assert run("rules", "test", folder).out.startswith("PASS  LOCAL-01  2 examples\n")


def test_rules_new_leaves_a_file_as_it_is_and_prints_what_to_add(run: Run, tmp_path: Path) -> None:
    run("rules", "new", "LOCAL-01", tmp_path, "--table", "MSD101")
    before = (tmp_path / BOOKINGS).read_bytes()
    ran = run("rules", "new", "LOCAL-02", tmp_path, "--table", "MSD101")
    assert ran.code == 5
    assert f"{BOOKINGS} is there already and was left as it is." in ran.err
    assert (tmp_path / BOOKINGS).read_bytes() == before
    assert ran.out.startswith("[[rule]]\n")
    (tmp_path / BOOKINGS).write_bytes(before + b"\n" + ran.out.encode())
    assert run("rules", "test", tmp_path).out.count("PASS") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["MSD101-03", "--table", "MSD101"], "There is MSD101-03 already."),
        (["msd101-03", "--table", "MSD101"], "There is MSD101-03 already."),
        (["M101901-orphan", "--table", "MSD101"], "There is M101901-orphan already."),
        (["pregnancy-dated", "--table", "MSD101"], "There is pregnancy-dated already."),
        (["MSD101-02", "--table", "MSD101"], "MSD101-02 is what M101901-orphan was called before."),
        (["cqimdq04", "--table", "MSD101"], "There is CQIMDQ04 already."),
        (
            ["cqimdq04", "--extends"],
            "CQIMDQ04 is a national indicator, which is not changed by a difference.",
        ),
        (["OURS-01", "--table", "MSD999"], "There is no table of that name."),
        (["OURS-01"], "Give --table for a new rule, or --extends to change one."),
        (["OURS-01", "--table", "MSD101", "--extends"], "Give --table for a new rule"),
        (["MSD101-33", "--extends"], "There is no rule or measure of that id."),
        (['a"b', "--table", "MSD101"], "An id is letters, digits, hyphens, dots and underscores."),
    ],
)
def test_rules_new_refuses_what_cannot_be(
    arguments: list[str], said: str, run: Run, tmp_path: Path
) -> None:
    id, *options = arguments
    ran = run("rules", "new", id, tmp_path / "ours", *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert not (tmp_path / "ours").exists()


def test_rules_new_refuses_an_id_of_ones_own(run: Run, tmp_path: Path) -> None:
    run("rules", "new", "LOCAL-01", tmp_path, "--table", "MSD101")
    ran = run("rules", "new", "LOCAL-01", tmp_path, "--table", "MSD102")
    assert (ran.code, ran.out) == (2, "")
    assert "There is LOCAL-01 already." in ran.err


def test_rules_new_begins_a_change_of_a_rule_or_measure(run: Run, tmp_path: Path) -> None:
    for id, file in (
        ("m101901-ORPHAN", BOOKINGS),
        ("nhs-number-right", "measures/nhs-number-right.toml"),
    ):
        ran = run("rules", "new", id, tmp_path, "--extends")
        assert (ran.code, ran.out) == (0, "")
        assert (tmp_path / file).is_file()
    out = run("rules", "test", tmp_path).out
    assert "PASS  M101901-orphan  3 examples\n" in out
    assert "PASS  nhs-number-right  " in out


def test_rules_new_says_so_where_no_folder_can_be_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "records").write_text("a file")
    ran = run("rules", "new", "OURS-01", tmp_path, "--table", "MSD101")
    assert (ran.code, ran.out) == (5, "")
    assert "records is there already and is not a folder." in ran.err


# --- rules test ---------------------------------------------------------------------------


@pytest.fixture
def ours(run: Run, tmp_path: Path) -> Path:
    """A folder with one rule of our own."""
    run("rules", "new", "LOCAL-01", tmp_path, "--table", "MSD101")
    return tmp_path


def change(folder: Path, old: str, new: str) -> None:
    file = folder / BOOKINGS
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_rules_test_tells_of_own_rules_and_no_others(run: Run, ours: Path) -> None:
    ran = run("rules", "test", ours)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "PASS  LOCAL-01  2 examples\n1 of 1 rules and measures of this folder hold.\n"
    )


def test_rules_test_tells_what_was_expected_and_what_was_found(run: Run, ours: Path) -> None:
    change(ours, 'passes   = "OrgIDComm_fits"', "passes   = \"OrgIDComm = '112'\"")
    ran = run("rules", "test", ours)
    assert (ran.code, ran.last) == (3, NO_AUDIT)
    assert ran.out == (
        "FAIL  LOCAL-01  2 examples\n"
        "      'REPLACE: a record that passes': expected pass, found fail\n"
    )
    assert "Error: 0 of 1 rules and measures of this folder hold.\n" in ran.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"OrgIDComm_fits"', '"OrgID_fits"', "applies, passes: MSD101PregnancyBooking has no item"),
        ('result = "fail"', 'result = "pass"', "example: has no example with the result fail."),
        ('"OrgIDComm_fits"', '"COUNT(*) > 1"', "passes: COUNT may not be used"),
        ("row    = { OrgIDComm = ", "row    = { Org = ", "passes' names 'Org', which is no item"),
    ],
)
def test_rules_test_tells_why_a_rule_cannot_hold(
    old: str, new: str, said: str, run: Run, ours: Path
) -> None:
    change(ours, old, new)
    ran = run("rules", "test", ours)
    assert (ran.code, ran.last) == (3, NO_AUDIT)
    assert ran.out.startswith("FAIL  LOCAL-01  2 examples\n")
    assert said in ran.out


def test_rules_test_tells_what_is_wrong_with_files_too(run: Run, ours: Path) -> None:
    change(ours, 'effect   = "warning"', 'effect   = "alarm"')
    ran = run("rules", "test", ours)
    assert (ran.code, ran.out) == (3, "")
    assert "LOCAL-01 › effect: is none of 'rejects-file'" in ran.err
    assert "Error: No rule or measure of this folder could be tested.\n" in ran.err


def test_rules_test_and_rules_check_agree(run: Run, ours: Path) -> None:
    for old, new in (("x", "x"), ("_fits", "_fit"), ("_fit", "_vodim = 'V' OR TRUE OR Org")):
        change(ours, old, new)
        assert run("rules", "test", ours).code == run("rules", "check", ours).code


@pytest.mark.parametrize("changes", ['why = "Other."', 'effect = "warning"'])
def test_a_rule_that_is_changed_counts_as_ones_own(changes: str, tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    text = f'table = "MSD101PregnancyBooking"\n[[rule]]\nextends = "MSD101-03"\n{changes}\n'
    (tmp_path / "records" / "x.toml").write_text(text, encoding="utf-8")
    [proof], faults = proved_rules(tmp_path)
    assert faults == []
    assert proof.declared.id == "MSD101-03"
    assert len(proof.outcomes) == len(packaged().records["MSD101-03"].examples)


def test_the_packaged_rules_are_their_own(rules: Rules) -> None:
    assert rules.own == {one.id for one in rules.declared if one.file}
