"""Tests of the records that pipelines are told of: the line of the first, and each one in SARIF."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import jsonschema
import polars as pl
import pytest

from msds_audit import check
from msds_audit.found import Findings
from msds_audit.reports import to_github, to_sarif
from msds_audit.reports.as_sarif import left_out
from msds_audit.rule import Effect
from msds_audit.scorecard import Outcome
from msds_audit.sharing import disclosed
from support import FIXTURES, packaged, quick_first
from test_pipelines import OFFICIAL, PARTS_USED, commands, uri_of

ROOT = Path(__file__).parents[1]
BROKEN = Path("fixtures/every-rule-broken")
RAX = Path("fixtures/south-west-london/RAX")


@pytest.fixture(autouse=True)
def in_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def broken():
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        [card] = check([BROKEN], rules=packaged(), most_findings=None)
    return card


@pytest.fixture(scope="module")
def some(broken):
    """The card with some of its rules, of every effect, which are enough for SARIF."""
    rules = broken.rules[::12]
    wanted = {*(one.rule for one in rules), *(one.subject for one in broken.results)}
    frame = broken.findings.frame.filter(pl.col("rule").is_in(list(wanted)))
    assert {str(one.effect) for one in rules} | {None} == set(frame["effect"])
    return only(replace(broken, rules=rules), frame)


def only(card, frame):
    """A card that has these findings alone."""
    return replace(card, findings=Findings(frame, {}))


# --- the story: somebody breaks one record ------------------------------------------------


def git(folder, *arguments):
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    done = subprocess.run(
        ["git", *who, "-c", "core.autocrlf=false", *arguments],
        cwd=folder,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def committed(repository, words):
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", words)


WAIVER = """
[[waiver]]
rule    = "M001020-format"
until   = 2026-12-31
owner   = "the data team"
reason  = "dates by hand, until the new system comes"
at-most = 1
"""


@pytest.mark.skipif(shutil.which("git") is None, reason="the story is about a commit")
@pytest.mark.parametrize("folder", quick_first([".", "extracts"], ("extracts",)))
def test_a_commit_that_breaks_a_record_fails_with_its_file_and_its_line(
    folder, run, monkeypatch, tmp_path
):
    """A pipeline checks a repository in its root, or in a folder of it that a step works in."""
    repository = tmp_path / "repository"
    shutil.copytree(FIXTURES / "clean", repository / "extracts" / "august")
    git(repository, "init", "--quiet")
    committed(repository, "The extract of August")
    monkeypatch.chdir(repository / folder)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(repository))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    asked = ("check", Path("extracts/august").relative_to(folder), "--format", "github")
    ran = run(*asked)
    assert (ran.code, commands(ran.out)) == (0, [])

    table = repository / "extracts" / "august" / "MSD001MotherDemog.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    mother, provider, born, *rest = lines[16].split(",")
    lines[16] = ",".join([mother, provider, "11/07/1996", *rest])
    table.write_text("".join(lines), encoding="utf-8", newline="")
    committed(repository, "Dates as they are written by hand")
    changed = git(repository, "diff", "--unified=0", "HEAD~1", "HEAD")
    [line] = re.findall(r"^@@ -(\d+) \+\1 @@", changed, re.MULTILINE)
    assert line == "17"

    ran = run(*asked)
    assert ran.code == 1
    told = {given["title"].split()[2]: (kind, given) for kind, given, _ in commands(ran.out)}
    kind, given = told["M001020-format"]
    assert kind == "error"
    assert given["file"] == "extracts/august/MSD001MotherDemog.csv"
    assert given["line"] == line
    messages = [message for _, given, message in commands(ran.out) if "M001020" in given["title"]]
    assert any(re.search(r"failing 1 of \d+, first at line 17 ", one) for one in messages)
    kind, given = told["CONF-03"]
    assert (kind, given["file"], given["line"]) == ("error", given["file"], line)
    assert "NOT MET" in (tmp_path / "summary.md").read_text(encoding="utf-8").upper()
    for secret in (mother, born, "11/07/1996"):
        assert secret not in ran.out + ran.err

    (repository / "msds-audit.toml").write_text(WAIVER, encoding="utf-8")
    committed(repository, "Dates by hand are known, and set aside until the year ends")
    held = run(*asked, "--as-of", "2026-12-31")
    assert held.code == 0
    assert {kind for kind, _, _ in commands(held.out)} == {"notice"}
    assert "waived until 31 December 2026 by the data team: dates by hand" in held.out
    late = run(*asked, "--as-of", "2027-01-01")
    assert late.code == 1
    [(kind, given, _)] = [one for one in commands(late.out) if "expired" in one[1]["title"]]
    assert (kind, given["title"]) == ("error", "RVR 2026-08: waiver expired")


# --- annotations --------------------------------------------------------------------------


def test_every_annotation_about_failing_records_has_the_line_of_the_first(broken):
    first = broken.findings.first
    failing = [one for one in broken.rules if one.tally.failures]
    for one in failing:
        alone = replace(broken, results=(), rules=(one,), schemes={})
        [(_, given, message)] = commands(to_github([alone]))
        place = first.get(one.rule)
        if place is None:
            assert "line" not in given
            assert " first " not in message.splitlines()[0]
        else:
            assert given["line"] == str(place.line)
            many = f"failing {one.tally.failures:,} of {one.tally.denominator:,}"
            assert f": {many}, first at line {place.line:,} (" in message
    for one in broken.results:
        alone = replace(broken, results=(one,), rules=(), schemes={one.scheme: "x"})
        for _, given, message in commands(to_github([alone])):
            beside = broken.findings.to_mend.get(one.subject)
            place = beside[1] if beside is not None else first.get(one.subject)
            assert given.get("line") == (str(place.line) if place is not None else None)
            if place is not None:
                what = "first to put right" if beside is not None else "first that fails"
                assert f"{what} at line {place.line:,}" in message


def test_a_criterion_about_mothers_is_on_the_line_of_the_mother_who_can_be_asked(
    run, monkeypatch, tmp_path
):
    """The bookings that count are in another table and order; who declined is passed over."""
    shutil.copytree(FIXTURES / "clean", tmp_path / "extract")
    monkeypatch.chdir(tmp_path)
    [bookings, mothers] = [
        Path("extract") / f"{name}.csv" for name in ("MSD101PregnancyBooking", "MSD001MotherDemog")
    ]
    booked = [
        line.split(",")[1]
        for line in bookings.read_text(encoding="utf-8").splitlines()[1:]
        if line.split(",")[3].startswith("2026-08")
    ]
    header, *rows = mothers.read_text(encoding="utf-8").splitlines()
    at = header.split(",").index("EthnicCategoryMother")
    rows = [row.split(",") for row in reversed(rows)]
    lines = [number for number, row in enumerate(rows, start=2) if row[0] in booked]
    for number, value in zip(lines[:4], ("Z", "", "", "Z"), strict=True):
        rows[number - 2][at] = value
    text = "\n".join([header, *(",".join(row) for row in rows)])
    mothers.write_text(text, encoding="utf-8")
    ran = run("check", "extract", "--scheme", "ethnicity", "--format", "github")
    told = {given["title"].split()[2]: given for _, given, _ in commands(ran.out)}
    assert (told["ETH-01"]["file"], told["ETH-01"]["line"]) == (
        "extract/MSD001MotherDemog.csv",
        str(lines[1]),
    )


def test_without_a_file_that_can_be_shown_the_place_is_in_the_words_alone(broken):
    frame = broken.findings.frame.with_columns(pl.lit(None, pl.Int64).alias("line"))
    for card in (replace(broken, files={}), only(broken, frame)):
        shown = commands(to_github([card]))
        assert all("line" not in given for _, given, _ in shown)
        assert any(re.search("first at (line|record) [0-9]", message) for _, _, message in shown)


def test_a_card_without_findings_has_annotations_without_lines(broken):
    shown = commands(to_github([replace(broken, findings=None)]))
    assert all("line" not in given for _, given, _ in shown)
    assert " first " not in "".join(message.splitlines()[0] for _, _, message in shown)


def test_rounded_counts_stand_beside_the_line_of_the_first(run, broken):
    out = run("check", BROKEN, "--format", "github", "--disclosure").out
    assert out == to_github([disclosed(broken)])
    assert "line=" in out


# --- SARIF --------------------------------------------------------------------------------


def run_of(cards):
    content = json.loads(to_sarif(cards))
    jsonschema.validate(content, PARTS_USED)
    if os.environ.get(OFFICIAL):
        schema = json.loads(Path(os.environ[OFFICIAL]).read_text(encoding="utf-8-sig"))
        jsonschema.validate(content, schema)
    [run] = content["runs"]
    return run


def records(run):
    return [one for one in run["results"] if "record" in one["properties"]]


def line_of(result):
    return result["locations"][0].get("physicalLocation", {}).get("region", {}).get("startLine")


def test_each_finding_is_a_result_on_its_line_and_what_is_said_otherwise_stays(run):
    [card] = check([RAX], rules=packaged(), most_findings=None)
    [given] = json.loads(run("check", RAX, "--format", "sarif", "--findings").out)["runs"]
    assert given == run_of([card])
    whole = run_of([replace(card, findings=None)])
    assert records(whole) == []
    assert all(line_of(one) is None for one in whole["results"])
    others = [one for one in given["results"] if one not in records(given)]
    assert others == whole["results"]
    assert given["tool"] == whole["tool"]

    frame = card.findings.frame.filter(kind="rule").drop_nulls("record")
    found = Counter((one["ruleId"], uri_of(one), line_of(one)) for one in records(given))
    wanted = Counter(frame["rule", "file", "line"].iter_rows())
    assert wanted <= found
    rules = [one["id"] for one in given["tool"]["driver"]["rules"]]
    assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in records(given))


def test_records_count_against_the_criteria_that_are_not_met(some):
    missed = {}
    for one in some.results:
        if one.outcome is Outcome.NOT_MET and one.subject:
            missed.setdefault(one.subject, f"{one.scheme}/{one.criterion}")
    measures = some.findings.frame.filter(kind="measure")
    wanted = Counter(
        (missed[rule], line)
        for rule, line in measures["rule", "line"].iter_rows()
        if rule in missed
    )
    found = [one for one in records(run_of([some])) if "effect" not in one["properties"]]
    assert Counter((one["ruleId"], line_of(one)) for one in found) == wanted
    assert {one["level"] for one in found} == {"note"}


def test_a_record_has_the_level_of_its_rule_and_a_fingerprint_of_its_own(some):
    given = run_of([some])
    effects = {one.rule: one.effect for one in some.rules}
    for one in records(given):
        if "effect" in one["properties"]:
            effect = effects[one["ruleId"]]
            other = "warning" if effect is Effect.WARNING else "note"
            assert one["level"] == ("error" if effect.value.startswith("rejects") else other)
    prints = [one["partialFingerprints"]["msdsAuditFinding/v1"] for one in given["results"]]
    assert len(set(prints)) == len(prints)
    moved = run_of([only(some, some.findings.frame.with_columns(pl.col("line") + 1))])
    assert [one["partialFingerprints"]["msdsAuditFinding/v1"] for one in moved["results"]] == prints


def test_a_result_says_the_rule_and_the_place_of_the_record_and_nothing_else_of_it(some):
    told = {one.rule: (one.title, one.fix) for one in some.rules}
    told |= {f"{one.scheme}/{one.criterion}": (one.title, one.remedy) for one in some.results}
    for one in records(run_of([some])):
        properties = one["properties"]
        record, table = properties["record"], properties["table"]
        title, fix = told[one["ruleId"]]
        wanted = f"RVR 2026-08: {title}: failing in record {record:,} of {table}. {fix}".rstrip()
        assert one["message"] == {"text": wanted}
        known = {"provider", "period", "effect", "table", "items", "record"}
        assert set(properties) <= known


def test_records_that_stand_in_no_file_are_named_by_their_place(some, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = shutil.make_archive("extract", "zip", ROOT / "fixtures" / "missing-tables")
    (tmp_path / "elsewhere").mkdir()
    frame = some.findings.frame.head(40).with_columns(pl.lit(None, pl.Int64).alias("line"))
    card = replace(only(some, frame), files={})
    assert all("physicalLocation" not in one["locations"][0] for one in run_of([card])["results"])
    zipped = replace(only(some, frame), files=dict.fromkeys(some.files, Path(name).name))
    found = records(run_of([zipped]))
    assert len(found) == frame["record"].drop_nulls().len()
    assert {(uri_of(one), line_of(one)) for one in found} == {("extract.zip", None)}
    assert f"failing in record {frame['record'].drop_nulls()[0]}" in found[0]["message"]["text"]


def test_what_there_is_no_room_for_is_said_aloud(some, run, monkeypatch):
    every = records(run_of([some]))
    whole = len(run_of([replace(some, findings=None)])["results"])
    assert left_out([some]) == ""
    monkeypatch.setattr("msds_audit.reports.as_sarif.MOST_RESULTS", whole + 100)
    given = run_of([some])
    kept = records(given)
    assert len(given["results"]) == whole + 100
    assert kept == sorted(every, key=gravity)[:100]
    last = given["invocations"][0]["toolExecutionNotifications"][-1]
    assert last["level"] == "warning"
    left = len(every) - 100
    assert f"100 are named, and {left:,} are not, for want of room" in last["message"]["text"]
    assert last["message"]["text"] == left_out([some])
    monkeypatch.setattr("msds_audit.reports.as_sarif.MOST_RESULTS", 10)
    ran = run("check", RAX, "--format", "sarif", "--findings", "--quiet")
    monkeypatch.setattr("msds_audit.reports.as_sarif.MOST_RESULTS", whole + 100)
    assert "not, for want of room" in ran.err
    cut = replace(some, findings=replace(some.findings, left_out={kept[0]["ruleId"]: 7}))
    assert f"{left + 7:,} are not" in left_out([cut])


def gravity(result):
    levels = {"error": 0, "warning": 1, "note": 2}
    effect = result["properties"].get("effect", "x")
    grave = [*(str(one) for one in Effect if one is not Effect.COUNTS_AS_INVALID), "x"]
    return levels[result["level"]], grave.index(effect) if effect in grave else len(grave)


@pytest.mark.parametrize("form", ["terminal", "json", "csv", "markdown", "junit", "github"])
def test_other_forms_refuse_to_name_records(form, run):
    ran = run("check", BROKEN, "--format", form, "--findings")
    assert ran.code == 2
    assert "sarif" in ran.err


def test_findings_are_not_shared_with_rounded_counts(run):
    ran = run("check", BROKEN, "--format", "sarif", "--findings", "--disclosure")
    assert ran.code == 2
    assert "--disclosure" in ran.err
