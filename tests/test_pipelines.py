"""Tests of what pipelines read: JUnit, annotations of GitHub with the step summary, and SARIF."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import junitparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from msds_audit import __version__, check
from msds_audit.reports import to_github, to_junit, to_markdown, to_sarif
from msds_audit.reports.as_github import MOST_SHOWN, step_summary
from msds_audit.rule import Effect
from msds_audit.scorecard import Outcome, Tally
from msds_audit.scoring import FailOn, fails
from msds_audit.sharing import disclosed
from support import FIXTURES, checked, quick_first

ROOT = Path(__file__).parents[1]
TRUSTS = Path("fixtures/south-west-london")
BROKEN = Path("fixtures/every-rule-broken")
PARTIAL = Path("fixtures/missing-tables")
FORMS = {"junit": to_junit, "github": to_github, "sarif": to_sarif}
OFFICIAL = "MSDS_AUDIT_SARIF_SCHEMA"
"""The environment variable that names the file of OASIS's own schema of SARIF 2.1.0."""


@pytest.fixture(autouse=True)
def in_the_root(monkeypatch):
    """As a pipeline runs it: in the folder that the paths of files are relative to."""
    monkeypatch.chdir(ROOT)


def cards_of(path, *schemes):
    return checked([path], **({"schemes": schemes} if schemes else {}))


@pytest.fixture
def broken():
    return cards_of(BROKEN)


@pytest.fixture
def trusts():
    return cards_of(TRUSTS)


def spoilt(folder):
    """A small extract, one of whose women fails a rule."""
    shutil.copytree(FIXTURES / "missing-tables", folder)
    file = folder / "MSD001MotherDemog.csv"
    heading, first, *others = file.read_text("utf-8").splitlines()
    values = dict(zip(heading.split(","), first.split(","), strict=True))
    values["PersonBirthDateMother"] = "no day"
    file.write_text("\n".join([heading, ",".join(values.values()), *others]), encoding="utf-8")
    return folder


def short():
    """A scorecard with only some of its criteria and rules."""
    [card] = checked([FIXTURES / "missing-tables"])
    failing = [one for one in card.rules if one.tally.failures]
    return replace(card, results=card.results[::4], rules=(*failing, *card.rules[:5]), items=())


def with_title(card, title):
    return replace(card, results=tuple(replace(one, title=title) for one in card.results))


# --- JUnit --------------------------------------------------------------------------------


def suites(text):
    return ElementTree.fromstring(text).findall("testsuite")  # noqa: S314


def kinds(element):
    """How many cases came out how."""
    found = Counter()
    for case in element.iter("testcase"):
        [kind] = [one.tag for one in case if one.tag != "system-out"] or ["passed"]
        found[kind] += 1
    return found


def test_a_suite_is_a_submission_and_a_case_is_a_criterion(trusts):
    found = suites(to_junit(trusts))
    assert [one.get("name") for one in found] == [f"{one.name}, August 2026" for one in trusts]
    for suite, card in zip(found, trusts, strict=True):
        wanted = {
            (f"{card.provider}.2026-08.{one.scheme}", f"{one.criterion} {one.title}")
            for one in card.results
        }
        cases = [(one.get("classname"), one.get("name")) for one in suite.iter("testcase")]
        assert set(cases) == wanted
        assert len(cases) == len(card.results)


@pytest.mark.parametrize("path", [TRUSTS, BROKEN, PARTIAL], ids=str)
def test_the_attributes_of_suites_count_their_cases(path):
    root = ElementTree.fromstring(to_junit(cards_of(path)))  # noqa: S314
    for element in (root, *root):
        found = kinds(element)
        given = {name: int(element.get(name)) for name in ("failures", "errors", "skipped")}
        assert given["failures"] == found["failure"]
        assert given["errors"] == found["error"]
        assert given["skipped"] == found["skipped"]
        assert int(element.get("tests")) == found.total()


@pytest.mark.parametrize("path", [TRUSTS, BROKEN, PARTIAL], ids=str)
def test_cases_fail_err_and_pass_as_the_scorecard_says(path):
    cards = cards_of(path)
    for suite, card in zip(suites(to_junit(cards)), cards, strict=True):
        found = kinds(suite)
        assert found["failure"] == card.count(Outcome.NOT_MET)
        assert found["error"] == card.unjudged
        assert found["passed"] == card.count(Outcome.MET)


@pytest.mark.parametrize(
    ("outcome", "threshold", "kind"),
    [
        (Outcome.MET, 1, "passed"),
        (Outcome.NOT_MET, 1, "failure"),
        (Outcome.NOT_ASSESSED, 1, "error"),
        (Outcome.NOT_ASSESSED, None, "error"),
        (Outcome.NOT_APPLICABLE, 1, "error"),
        (Outcome.NOT_APPLICABLE, None, "skipped"),
        (Outcome.INFORMATION, None, "skipped"),
    ],
)
def test_only_what_is_met_passes(outcome, threshold, kind, broken):
    [card] = broken
    [line] = [one for one in card.results if one.criterion == "ETH-01"]
    line = replace(line, outcome=outcome, threshold=line.threshold if threshold else None)
    met = replace(line, criterion="ETH-00", outcome=Outcome.MET)
    alone = replace(card, results=(met, line), schemes={"ethnicity": "Ethnic category"})
    found = kinds(suites(to_junit([alone]))[0])
    assert found == Counter({"passed": 1}) + Counter({kind: 1})


def test_a_failure_says_the_numbers_and_what_to_do(trusts):
    [card] = [one for one in trusts if one.provider == "RAX"]
    [suite] = suites(to_junit([card]))
    [case] = [one for one in suite.iter("testcase") if one.get("name").startswith("ETH-01 ")]
    [failure] = case
    assert failure.get("message") == "not met: 274 of 312, 87.8 %, asked 90 %"
    assert failure.get("type") == "not met"
    assert "7 more would reach 90 %" in failure.text
    assert "Ask them at the next contact." in failure.text
    assert "Not verified" in failure.text


def test_a_metric_that_is_withheld_says_what_withholds_it(run):
    deliveries = ("--hes-deliveries", "fixtures/year-hes-deliveries.csv")
    year = ("fixtures/year", "--month", "2026-08", "--scheme", "cqim", *deliveries)
    [suite] = suites(run("check", *year, "--format", "junit").out)
    told = {one.get("name").split()[0]: one for one in suite.iter("testcase")}
    assert told["CQIMSmokingBooking"][0].get("message") == "withheld: Low DQ, by DQ04"
    assert "DQ04: Smoking status known at booking: 11 of 14" in told["CQIMSmokingBooking"][0].text
    assert told["CQIMApgar"][0].text == "published: 2 of 33, fewer than 8"


def test_a_scheme_in_which_nothing_was_judged_is_an_error_as_for_the_exit_code():
    [card, *_] = cards_of(PARTIAL)
    [scheme, *_] = card.schemes
    silent = replace(card, results=(), schemes={scheme: card.schemes[scheme]})
    assert fails(silent, FailOn.NOT_ASSESSED)
    [suite] = suites(FORMS["junit"]([silent]))
    assert kinds(suite)["error"] == 1
    assert "Nothing in this scheme could be judged" in FORMS["junit"]([silent])
    assert "nothing judged::" in FORMS["github"]([silent])


@pytest.mark.parametrize("path", [TRUSTS, BROKEN, PARTIAL], ids=str)
def test_junitparser_reads_the_same_numbers(path):
    text = to_junit(cards_of(path))
    read = junitparser.JUnitXml.fromstring(text.encode("utf-8"))
    said = (read.tests, read.failures, read.errors, read.skipped)
    each = [(one.name, one.tests, one.failures, one.errors, one.skipped) for one in read]
    for suite in read:
        suite.update_statistics()
    read.update_statistics()
    assert said == (read.tests, read.failures, read.errors, read.skipped)
    assert each == [(one.name, one.tests, one.failures, one.errors, one.skipped) for one in read]
    assert all(case.classname and case.name for suite in read for case in suite)


@given(st.text())
def test_no_text_can_spoil_the_xml(text):
    card = short()
    card = replace(with_title(card, text), provider_name=text, notices=(text,))
    card = replace(card, results=tuple(replace(one, reason=text) for one in card.results))
    written = to_junit([card])
    written.encode("ascii")
    assert len(list(suites(written)[0].iter("testcase"))) >= len(card.results)


def test_what_xml_cannot_hold_is_replaced_and_the_rest_is_kept(broken):
    hostile = "a\x00b\x0bc\x1bd\ud800e\ufffef <&> \"'  ]]> é – 😀"
    text = to_junit([with_title(broken[0], hostile)])
    name = next(suites(text)[0].iter("testcase")).get("name")
    assert name.endswith("a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf <&> \"'  ]]> é – 😀")


# --- annotations of GitHub ----------------------------------------------------------------

COMMAND = re.compile(r"::(error|warning|notice) ([^:\r\n]*)::([^\r\n]*)")
"""A command as the runner reads it: properties hold neither colon nor comma."""


def unescaped(text, *, is_property):
    codes = {"%0D": "\r", "%0A": "\n", **({"%3A": ":", "%2C": ","} if is_property else {})}
    for code, character in codes.items():
        text = text.replace(code, character)
    return text.replace("%25", "%")


def commands(text):
    """The annotations: kind, properties and message, as the runner would understand them."""
    found = []
    for line in text.splitlines():
        if not line.startswith("::"):
            continue
        kind, given, message = COMMAND.fullmatch(line).groups()
        named = dict(one.split("=", 1) for one in given.split(","))
        properties = {name: unescaped(one, is_property=True) for name, one in named.items()}
        found.append((kind, properties, unescaped(message, is_property=False)))
    return found


def test_every_criterion_not_met_or_not_assessed_has_an_annotation():
    [card] = cards_of(TRUSTS / "RAX")
    titles = [(kind, given["title"]) for kind, given, _ in commands(to_github([card]))]
    for result in card.results:
        title = f"RAX 2026-08: {result.criterion} ({result.scheme})"
        kind = "error" if result.outcome is Outcome.NOT_MET else "warning"
        wanted = result.outcome is Outcome.NOT_MET or result.is_unjudged
        assert ((kind, title) in titles) == wanted


def test_rules_that_fail_are_annotated_by_what_they_do(broken):
    [card] = broken
    effects = {
        Effect.REJECTS_FILE: "error",
        Effect.REJECTS_PATIENT: "error",
        Effect.REJECTS_RECORD: "error",
        Effect.WARNING: "warning",
        Effect.COUNTS_AS_INVALID: "notice",
    }
    for effect, kind in effects.items():
        [one, *_] = [one for one in card.rules if one.effect is effect and one.tally.failures]
        alone = replace(card, results=(), rules=(one,), schemes={})
        [(found, given, message)] = commands(to_github([alone]))
        assert (found, given["title"]) == (kind, f"RVR 2026-08: {one.rule}")
        assert f"failing {one.tally.failures:,} of {one.tally.denominator:,}" in message
        assert one.fix in message


def test_the_file_is_that_of_the_table_and_is_there(broken):
    files = [given["file"] for _, given, _ in commands(to_github(broken)) if "file" in given]
    assert "fixtures/every-rule-broken/MSD001MotherDemog.csv" in files
    assert all((ROOT / file).is_file() for file in files)


def test_without_files_below_the_current_folder_none_is_named(monkeypatch, tmp_path):
    extract = spoilt(tmp_path / "extract")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    cards = checked([extract])
    assert commands(to_github(cards))
    assert all("file" not in given for _, given, _ in commands(to_github(cards)))
    assert "physicalLocation" not in to_sarif(cards)
    assert str(tmp_path) not in to_github(cards) + to_sarif(cards) + to_junit(cards)


def test_in_a_workflow_files_are_below_the_root_of_the_repository(monkeypatch, tmp_path):
    repository = tmp_path / "repository"
    shutil.copytree(FIXTURES / "missing-tables", repository / "sub" / "extract")
    shutil.copytree(FIXTURES / "missing-tables", tmp_path / "elsewhere")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(repository))
    for folder, path in (("sub", "extract"), (".", "sub/extract")):
        monkeypatch.chdir(repository / folder)
        [card] = check([Path(path)])
        assert set(card.files.values()) == {
            f"sub/extract/{file.name}" for file in (FIXTURES / "missing-tables").glob("*.csv")
        }
    monkeypatch.chdir(tmp_path)
    [card] = check([Path("elsewhere")])
    assert card.files == {}
    monkeypatch.setenv("GITHUB_WORKSPACE", "")
    [card] = check([Path("elsewhere")])
    assert card.files["MSD000Header"] == "elsewhere/MSD000Header.csv"


@pytest.mark.parametrize(
    "folder", ["letter to 943 476 5919", "9434765919", "SM1 6EM", "1901-05-06"]
)
@pytest.mark.parametrize("form", ["github", "sarif"])
def test_a_path_that_holds_what_looks_like_data_is_not_shown(folder, form, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    spoilt(tmp_path / folder / "extract")
    text = FORMS[form](checked([Path(folder, "extract")]))
    assert folder not in text
    assert folder.replace(" ", "%20") not in text
    assert "MSD001MotherDemog.csv" not in text
    spoilt(tmp_path / "plain")
    assert "plain/MSD001MotherDemog.csv" in FORMS[form](checked([Path("plain")]))


@pytest.mark.parametrize("form", FORMS)
def test_a_file_name_cannot_bring_lines_of_its_own(form, monkeypatch, tmp_path):
    if sys.platform == "win32":
        pytest.skip("such names cannot be made there")
    monkeypatch.chdir(tmp_path)
    hostile = tmp_path / "a\n::error::planted,b=c:%0A"
    text = FORMS[form](checked([spoilt(hostile)]))
    assert "\n::error::planted" not in text
    assert "planted" not in "".join(str(given) for _, given, _ in commands(text))


def test_a_file_name_with_signs_of_the_syntax_comes_out_as_it_is(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    spoilt(tmp_path / "a, b=c %25 é")
    cards = checked([Path("a, b=c %25 é")])
    files = {given.get("file") for _, given, _ in commands(to_github(cards))} - {None}
    assert "a, b=c %25 é/MSD001MotherDemog.csv" in files
    [run] = json.loads(to_sarif(cards))["runs"]
    uris = {uri_of(result) for result in run["results"]}
    assert "a%2C%20b%3Dc%20%2525%20%C3%A9/MSD001MotherDemog.csv" in uris


@given(st.text())
def test_no_text_can_make_a_command_of_its_own(text):
    card = short()
    card = replace(with_title(card, text), provider_name=text)
    card = replace(card, results=tuple(replace(one, reason=text) for one in card.results))
    plain = replace(with_title(card, "x"), provider_name="x")
    written, wanted = to_github([card]), to_github([plain])
    assert len(written.splitlines()) == len(wanted.splitlines())
    assert [one[0] for one in commands(written)] == [one[0] for one in commands(wanted)]
    files = [[given.get("file") for _, given, _ in commands(one)] for one in (written, wanted)]
    assert files[0] == files[1]


def test_no_more_of_a_kind_than_github_shows_and_the_last_says_how_many_more(broken, trusts):
    [card] = broken
    shown = commands(to_github([card, *trusts]))
    assert Counter(kind for kind, _, _ in shown) == dict.fromkeys(
        ("error", "warning", "notice"), MOST_SHOWN
    )
    whole = Counter(
        "error" if "rejects" in one.effect else "warning" if one.effect == "warning" else "notice"
        for of in (card, *trusts)
        for one in of.rules
        if one.tally.failures
    )
    whole["error"] += sum(of.count(Outcome.NOT_MET) for of in (card, *trusts))
    whole["warning"] += sum(of.unjudged for of in (card, *trusts))
    last = {kind: message for kind, given, message in shown if given["title"] == "msds-audit"}
    for kind, message in last.items():
        assert message.startswith(f"{whole[kind] - MOST_SHOWN + 1:,} more of this kind.")
    assert set(last) == {"error", "warning", "notice"}


def test_exactly_as_many_as_github_shows_are_all_shown(broken):
    [card] = broken
    rules = tuple(one for one in card.rules if one.effect is Effect.WARNING and one.tally.failures)
    for number in (MOST_SHOWN - 1, MOST_SHOWN, MOST_SHOWN + 1):
        found = commands(to_github([replace(card, results=(), schemes={}, rules=rules[:number])]))
        assert len(found) == min(number, MOST_SHOWN)
        assert ("2 more" in found[-1][2]) == (number > MOST_SHOWN)


def test_a_clean_extract_has_no_annotation_but_says_so(run):
    ran = run("check", "fixtures/clean", "--format", "github")
    assert ran.code == 0
    assert commands(ran.out) == []
    assert "August 2026: " in ran.out
    assert " met." in ran.out


# --- the step summary ---------------------------------------------------------------------


@pytest.fixture
def summary(monkeypatch, tmp_path):
    file = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    return file


@pytest.mark.usefixtures("audited_once")
def test_the_markdown_is_added_to_what_the_step_summary_holds(run, summary):
    summary.write_text("before\n", encoding="utf-8")
    run("check", PARTIAL, "--format", "github")
    once = summary.read_text(encoding="utf-8")
    assert once == "before\n" + to_markdown(cards_of(PARTIAL))
    run("check", PARTIAL, "--format", "github", "--quiet")
    twice = summary.read_text(encoding="utf-8")
    assert twice == once + to_markdown(cards_of(PARTIAL))


@pytest.mark.usefixtures("audited_once")
def test_the_summary_is_written_beside_a_file_and_rounded_where_asked(run, summary, tmp_path):
    out = tmp_path / "annotations.txt"
    run("check", PARTIAL, "--format", "github", "--disclosure", "--out", out)
    cards = [disclosed(card) for card in cards_of(PARTIAL)]
    assert summary.read_text(encoding="utf-8") == to_markdown(cards)
    assert out.read_text(encoding="utf-8") == to_github(cards)


@pytest.mark.usefixtures("audited_once")
@pytest.mark.parametrize("form", ["junit", "sarif", "markdown"])
def test_no_other_format_touches_the_step_summary(form, run, summary):
    run("check", PARTIAL, "--format", form)
    assert not summary.exists()


@pytest.mark.usefixtures("audited_once")
@pytest.mark.parametrize("value", [None, ""])
def test_without_a_step_summary_nothing_is_written(value, run, monkeypatch, tmp_path):
    if value is not None:
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", value)
    ran = run("check", ROOT / PARTIAL, "--format", "github")
    assert (ran.code, ran.err) == (1, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("audited_once")
def test_a_summary_that_cannot_be_written_exits_5_with_one_sentence(run, monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    ran = run("check", PARTIAL, "--format", "github")
    assert ran.code == 5
    sentence, hint = ran.err.splitlines()
    assert re.fullmatch(r"Error: The step summary cannot be written \(\w+\)\.", sentence)
    assert hint.startswith("Hint: ")
    assert len(commands(ran.out)) > 0


def test_a_step_summary_is_never_larger_than_github_takes(broken, trusts):
    cards = [*(card for card in trusts if card.provider != "RVR"), *broken]
    whole = to_markdown(cards)
    assert step_summary(cards) == whole
    size = len(whole.encode())
    assert step_summary(cards, size) == whole
    for room in (size - 1, size // 2, 2000, 60, 1, 0, -1):
        text = step_summary(cards, room)
        assert len(text.encode()) <= max(room, 0)
        if room >= 60:
            kept = sum(f"# {card.name}, August 2026\n" in text for card in cards)
            assert f"Of {len(cards) - kept} more there is no room" in text


# --- SARIF --------------------------------------------------------------------------------

TEXT = {"type": "string", "minLength": 1}
MESSAGE = {
    "type": "object",
    "properties": {"text": TEXT, "markdown": TEXT},
    "required": ["text"],
    "additionalProperties": False,
}


def closed(properties, *optional):
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


LEVELS = {"enum": ["none", "note", "warning", "error"]}
RUN = closed(
    {
        "tool": closed(
            {
                "driver": closed(
                    {
                        "name": TEXT,
                        "version": TEXT,
                        "semanticVersion": TEXT,
                        "rules": {
                            "type": "array",
                            "uniqueItems": True,
                            "items": closed(
                                {
                                    "id": TEXT,
                                    "shortDescription": MESSAGE,
                                    "fullDescription": MESSAGE,
                                    "help": MESSAGE,
                                    "defaultConfiguration": closed({"level": LEVELS}),
                                }
                            ),
                        },
                        "properties": {"type": "object"},
                    }
                )
            }
        ),
        "invocations": {
            "type": "array",
            "items": closed(
                {
                    "executionSuccessful": {"type": "boolean"},
                    "toolExecutionNotifications": {
                        "type": "array",
                        "items": closed({"level": LEVELS, "message": MESSAGE}),
                    },
                }
            ),
        },
        "results": {
            "type": "array",
            "items": closed(
                {
                    "ruleId": TEXT,
                    "ruleIndex": {"type": "integer", "minimum": 0},
                    "kind": {"enum": ["fail", "open"]},
                    "level": LEVELS,
                    "message": MESSAGE,
                    "locations": {
                        "type": "array",
                        "minItems": 1,
                        "items": closed(
                            {
                                "physicalLocation": closed(
                                    {
                                        "artifactLocation": closed(
                                            {"uri": TEXT, "uriBaseId": TEXT}
                                        ),
                                        "region": closed(
                                            {"startLine": {"type": "integer", "minimum": 1}}
                                        ),
                                    },
                                    "region",
                                ),
                                "logicalLocations": {
                                    "type": "array",
                                    "items": closed(
                                        {"name": TEXT, "fullyQualifiedName": TEXT, "kind": TEXT}
                                    ),
                                },
                            },
                            "physicalLocation",
                        ),
                    },
                    "partialFingerprints": {
                        "type": "object",
                        "additionalProperties": TEXT,
                    },
                    "properties": {"type": "object"},
                }
            ),
        },
        "properties": {"type": "object"},
    }
)
PARTS_USED = closed(
    {
        "$schema": TEXT,
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "minItems": 1, "items": RUN},
    }
)
"""The parts of SARIF 2.1.0 that are written, by the words of the standard and nothing else.

It is ours: the schema of OASIS is not carried, because it does not say clearly that it may be.
"""


def uri_of(result):
    [location] = result["locations"]
    return location.get("physicalLocation", {}).get("artifactLocation", {}).get("uri")


def sarif(path, *schemes):
    [run] = json.loads(to_sarif(cards_of(path, *schemes)))["runs"]
    return run


PATHS = (TRUSTS, BROKEN, PARTIAL, Path("fixtures/clean"))


@pytest.mark.parametrize("path", quick_first(PATHS, set(PATHS) - {BROKEN}), ids=str)
def test_sarif_holds_the_parts_it_should_and_no_others(path):
    jsonschema.validate(json.loads(to_sarif(cards_of(path))), PARTS_USED)


@pytest.mark.parametrize("key", ["kind", "level", "message", "locations", "ruleId"])
def test_the_schema_of_the_parts_refuses_what_is_wrong(key):
    content = json.loads(to_sarif(cards_of(PARTIAL)))
    content["runs"][0]["results"][0][key] = 7
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, PARTS_USED)


@pytest.mark.skipif(
    not os.environ.get(OFFICIAL),
    reason=f"the schema of SARIF 2.1.0 is not carried; {OFFICIAL} may name the file of it",
)
@pytest.mark.parametrize("path", quick_first(PATHS, set(PATHS) - {BROKEN}), ids=str)
def test_sarif_fits_the_schema_of_the_standard(path):
    schema = json.loads(Path(os.environ[OFFICIAL]).read_text(encoding="utf-8-sig"))
    jsonschema.validate(json.loads(to_sarif(cards_of(path))), schema)
    jsonschema.validate(json.loads(to_sarif([disclosed(one) for one in cards_of(path)])), schema)


def test_every_failing_rule_and_criterion_of_every_submission_is_one_result(trusts, broken):
    cards = [*broken, *(card for card in trusts if card.provider != "RVR")]
    [run] = json.loads(to_sarif(cards))["runs"]
    wanted = Counter(
        (card.provider, one.rule) for card in cards for one in card.rules if one.tally.failures
    )
    wanted.update(
        (card.provider, f"{one.scheme}/{one.criterion}")
        for card in cards
        for one in card.results
        if one.outcome is Outcome.NOT_MET or one.is_unjudged
    )
    found = Counter((one["properties"]["provider"], one["ruleId"]) for one in run["results"])
    assert found == wanted
    assert set(found.values()) == {1}
    rules = [one["id"] for one in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert {one["ruleId"] for one in run["results"]} == set(rules)
    assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in run["results"])


def test_a_result_says_how_many_and_never_which(broken):
    [card] = broken
    results = {one["ruleId"]: one for one in sarif(BROKEN)["results"]}
    for one in card.rules:
        if one.tally.failures:
            text = results[one.rule]["message"]["text"]
            assert f"failing {one.tally.failures:,} of {one.tally.denominator:,}. " in text
            assert text.startswith("RVR 2026-08: ")


def test_the_level_follows_from_what_a_rule_does(broken):
    [card] = broken
    levels = {one["ruleId"]: one["level"] for one in sarif(BROKEN)["results"]}
    for one in card.rules:
        if one.tally.failures:
            rejects = one.effect.value.startswith("rejects")
            other = "warning" if one.effect is Effect.WARNING else "note"
            assert levels[one.rule] == ("error" if rejects else other)


def test_what_could_not_be_assessed_is_open_and_not_left_out():
    [card] = cards_of(PARTIAL)
    opened = [one for one in sarif(PARTIAL)["results"] if one["kind"] == "open"]
    assert len(opened) == card.unjudged > 0
    assert {one["level"] for one in opened} == {"none"}


def test_help_says_why_and_what_to_do(broken, rules):
    told = {one["id"]: one for one in sarif(BROKEN)["tool"]["driver"]["rules"]}
    for one in broken[0].rules:
        if one.tally.failures:
            found, rule = told[one.rule], rules.records[one.rule]
            assert found["fullDescription"]["text"] == rule.why
            for words in found["help"].values():
                assert rule.title in words
                assert rule.why in words
                assert rule.fix in words


def test_the_version_and_the_fingerprint_of_the_rules_are_told(broken):
    driver = sarif(BROKEN)["tool"]["driver"]
    assert driver["version"] == __version__
    assert driver["properties"]["rulesFingerprints"] == [broken[0].fingerprint]


def test_a_result_is_in_the_file_of_its_table_or_else_of_the_submission(broken):
    tables = {one.rule: one.table for one in broken[0].rules}
    for one in sarif(BROKEN)["results"]:
        table = tables.get(one["ruleId"])
        if table is not None:
            assert uri_of(one) == f"fixtures/every-rule-broken/{table}.csv"
            [logical] = one["locations"][0]["logicalLocations"]
            assert logical["fullyQualifiedName"].split(".")[0] == table
    for one in sarif(PARTIAL)["results"]:
        assert uri_of(one).startswith("fixtures/missing-tables/MSD")
        assert (ROOT / uri_of(one)).is_file()


def test_tables_in_a_zip_are_in_the_zip(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("august.zip", "w") as archive:
        for file in (FIXTURES / "missing-tables").glob("*.csv"):
            archive.write(file, file.name)
    [run] = json.loads(to_sarif(checked([Path("august.zip")])))["runs"]
    assert {uri_of(one) for one in run["results"]} == {"august.zip"}


def test_fingerprints_tell_results_apart_and_outlast_what_was_mended(trusts, broken):
    def prints(cards):
        [run] = json.loads(to_sarif(cards))["runs"]
        return {
            (one["properties"]["provider"], one["ruleId"]): one["partialFingerprints"]
            for one in run["results"]
        }

    found = prints(trusts)
    assert len({tuple(one.values()) for one in found.values()}) == len(found)
    [card] = broken
    better = tuple(
        replace(one, tally=Tally(one.tally.denominator + 1, one.tally.numerator))
        for one in card.rules
        if one.tally.failures
    )
    before, after = prints([card]), prints([replace(card, rules=better, files={})])
    assert before == after


@given(st.text())
def test_sarif_holds_any_text(text):
    card = short()
    written = to_sarif([replace(with_title(card, text), provider_name=text, notices=(text,))])
    written.encode("ascii")
    assert "\\ud800\\u" not in written.replace("\\ud800\\udc", "")
    json.loads(written)


# --- all three ----------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.usefixtures("audited_once")
def test_counts_are_rounded_where_they_are_to_be_shared(form, run):
    cards = checked([BROKEN], most_findings=1 if form == "github" else 0)
    wanted = FORMS[form]([disclosed(card) for card in cards])
    printed = run("check", BROKEN, "--format", form, "--disclosure").out
    assert printed == wanted != run("check", BROKEN, "--format", form).out
    assert "rounded as published" in printed
    counts = re.findall(r"failing ([\d,]+) of ([\d,]+)", printed)
    assert (form == "junit") == (not counts)
    for pair in counts:
        assert all(int(one.replace(",", "")) % 5 == 0 for one in pair)


SCRIPT = """
from pathlib import Path

from msds_audit import check
from msds_audit.reports import to_github, to_junit, to_sarif

cards = check([Path("fixtures/missing-tables")])
print(to_junit(cards), to_github(cards), to_sarif(cards))
"""


@pytest.mark.slow
def test_the_same_extract_gives_the_same_bytes_without_a_time():
    first, second = (
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    )
    assert first == second
    assert b"testsuite" in first
    assert not re.search(rb"\d\d:\d\d:\d\d|timestamp|time=", first)


@pytest.mark.parametrize("form", FORMS)
def test_no_cards_are_a_report_too(form):
    assert FORMS[form]([]).endswith("\n")


# --- what the documents and the files for pipelines show ---------------------------------


def loaded(text):
    return YAML(typ="safe", pure=True).load(text)


def shown(document):
    """The YAML that a document shows."""
    [block] = re.findall(r"```yaml\n(.*?)```", (ROOT / document).read_text("utf-8"), re.DOTALL)
    return loaded(block)


def program(folder):
    """The command as a virtual environment would hold it, in `folder`."""
    folder.mkdir(parents=True)
    file = folder / "msds-audit"
    code = "import sys; from msds_audit.cli import main; sys.exit(main())"
    file.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n', encoding="utf-8")
    file.chmod(0o755)
    return file


def in_bash(script, folder, **environment):
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def checkout(tmp_path):
    """A repository with the command in its virtual environment."""
    folder = tmp_path / "repository"
    program(folder / ".venv" / "bin")
    shutil.copytree(ROOT / TRUSTS / "RAX", folder / TRUSTS / "RAX")
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a shell of Unix")
def test_the_workflow_of_the_readme_does_what_the_readme_says(checkout, tmp_path):
    # YAML 1.1 reads the key `on` as true
    steps = shown("README.md")["jobs"]["audit"]["steps"]
    installing, annotating, alerting = (step["run"] for step in steps[1:])
    summary = tmp_path / "summary.md"
    ran = in_bash(annotating, checkout, GITHUB_STEP_SUMMARY=str(summary))
    assert ran.returncode == 1, ran.stderr
    given = [properties for _, properties, _ in commands(ran.stdout)]
    files = {one["file"] for one in given if "file" in one}
    assert files
    assert all((checkout / file).is_file() for file in files)
    assert summary.read_text("utf-8").startswith("# RAX Kingston and Richmond")
    ran = in_bash(alerting, checkout)
    assert ran.returncode == 0, ran.stderr
    content = json.loads((checkout / "msds.sarif").read_text("utf-8"))
    jsonschema.validate(content, PARTS_USED)
    assert installing.splitlines() == [
        "python3 -m venv .venv",
        ".venv/bin/python -m pip install --require-hashes -r requirements.lock",
        ".venv/bin/python -m pip install --no-deps .",
    ]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a shell of Unix")
def test_the_job_for_gitlab_writes_the_report_that_it_names(checkout):
    job = shown("docs/pipelines.md")["audit"]
    ran = in_bash(job["script"][-1], checkout)
    assert ran.returncode == 1, ran.stderr
    [suite] = suites((checkout / job["artifacts"]["reports"]["junit"]).read_text("utf-8"))
    assert kinds(suite)["failure"] == 2
    assert job["artifacts"]["when"] == "always"


def action_step(number, **given):
    """A step of the action: its script, and its environment by inputs given and by default."""
    action = loaded((ROOT / "action.yml").read_text("utf-8"))
    inputs = {name: one.get("default", "") for name, one in action["inputs"].items()} | given
    assert set(inputs) == set(action["inputs"])
    assert [name for name, one in action["inputs"].items() if one.get("required")] == ["extract"]
    step = action["runs"]["steps"][number]
    assert step["shell"] == "bash"
    environment = {
        name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: inputs[found[1]], value)
        for name, value in step.get("env", {}).items()
    }
    assert "${{" not in step["run"]
    return step["run"], environment


@pytest.fixture
def on_runner(checkout, tmp_path):
    """Runs the second step of the action, with the command where the first installs it."""
    program(tmp_path / "temp" / "msds-audit" / "bin")

    def running(**given):
        script, environment = action_step(1, **given)
        temp = str(tmp_path / "temp")
        return in_bash(script, checkout, RUNNER_TEMP=temp, **environment)

    return running


@pytest.mark.skipif(sys.platform == "win32", reason="the action is for a shell of Unix")
def test_the_action_annotates_and_judges(on_runner):
    ran = on_runner(extract=str(TRUSTS))
    assert ran.returncode == 1, ran.stderr
    assert "rounded as published" in ran.stdout
    assert {kind for kind, _, _ in commands(ran.stdout)} == {"error", "warning", "notice"}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the action is for a shell of Unix")
def test_the_inputs_of_the_action_are_options_of_check(on_runner, checkout):
    given = {"scheme": "ethnicity cnst-sa2-y7", "out": "a b.xml", "disclosure": "false"}
    ran = on_runner(extract=str(TRUSTS), format="junit", **given, **{"fail-on": "never"})
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    [suite] = suites((checkout / "a b.xml").read_text("utf-8"))
    classes = {case.get("classname") for case in suite.iter("testcase")}
    assert classes == {"RAX.2026-08.ethnicity", "RAX.2026-08.cnst-sa2-y7"}
    assert "274 of 312" in (checkout / "a b.xml").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the action is for a shell of Unix")
@pytest.mark.parametrize("text", ["$(touch planted);`touch planted`", "--help"])
def test_no_input_of_the_action_is_run(text, on_runner, checkout):
    assert on_runner(extract=text).returncode == 4
    assert on_runner(extract=str(TRUSTS), scheme=text).returncode == 2
    assert not (checkout / "planted").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the action is for a shell of Unix")
def test_the_action_installs_what_it_runs(checkout, tmp_path):
    places = {"RUNNER_TEMP": str(tmp_path / "runner"), "GITHUB_ACTION_PATH": str(ROOT)}
    places["PYTHONPATH"] = ""
    script, environment = action_step(0)
    ran = in_bash(script, checkout, **places, **environment)
    assert ran.returncode == 0, ran.stderr
    script, environment = action_step(1, extract=str(TRUSTS))
    assert in_bash(script, checkout, **places, **environment).returncode == 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the command is for a shell of Unix")
def test_the_hook_of_pre_commit_audits_the_folders_it_is_given(checkout, monkeypatch):
    [hook] = loaded((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("msds-audit", "python", False)
    path = f"{checkout / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    for scheme, code in (("ethnicity", 1), ("conformance", 0)):
        ran = in_bash(f"{hook['entry']} {TRUSTS} --scheme {scheme}", checkout, PATH=path)
        assert ran.returncode == code, ran.stderr
        assert "RAX Kingston and Richmond" in ran.stdout


def test_the_hook_of_pre_commit_runs_at_every_commit():
    """What is deleted is no file that changes, and no file name tells every form of an extract."""
    [hook] = loaded((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["always_run"]
    assert "files" not in hook
