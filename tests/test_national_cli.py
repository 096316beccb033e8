"""The national scorecards by the command itself, on a year of one trust."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from support import Ran

Run = Callable[..., Ran]

YEAR = ("check", "year", "--month", "2026-08", "--scheme", "national")
HES = ("--hes-deliveries", "year-hes-deliveries.csv")
UNDEFINED = {f"CQIMDQ{number}" for number in range(43, 51)}
METRICS = {
    *("CQIMApgar", "CQIMBreastfeeding", "CQIMPPH", "CQIMPreterm", "CQIMRobson01"),
    *("CQIMRobson02", "CQIMRobson05", "CQIMSmokingBooking", "CQIMSmokingDelivery"),
    *("CQIMTears", "CQIMVBAC"),
}
LAYOUTS = {
    "dq-csv": "msds-aug2026-exp-dq.csv",
    "measures-csv": "msds-aug2026-exp-measures.csv",
    "data-csv": "msds-aug2026-exp-data.csv",
}
TELLING = (
    *("LPIDMother", "PregnancyID", "LPIDBaby", "NHSNumberMother", "NHSNumberBaby"),
    *("CareConID", "CareActIDMother", "LabourDeliveryID", "Postcode"),
)


pytestmark = pytest.mark.usefixtures("audited_once")


@pytest.fixture(autouse=True)
def among_fixtures(fixtures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fixtures)


def card(ran: Ran) -> dict[str, object]:
    [found] = json.loads(ran.out)["scorecards"]
    return found


def test_one_command_counts_every_indicator_whose_definition_is_known(run: Run) -> None:
    found = card(run(*YEAR, *HES, "--format", "json"))
    reasons = {one["indicator"]: one["reason"] for one in found["indicators"]}
    assert len(reasons) == 62
    assert {id for id, reason in reasons.items() if reason} == UNDEFINED
    assert {reasons[id] for id in UNDEFINED} == {"definition not published"}
    assert all(one["denominator"] for one in found["indicators"] if not one["reason"])


def test_each_metric_is_published_or_withheld_by_named_measures(run: Run) -> None:
    found = card(run(*YEAR, *HES, "--format", "json"))
    outcomes = {
        one["criterion"]: one["outcome"] for one in found["criteria"] if one["scheme"] == "cqim"
    }
    withheld = {one["indicator"]: one["withheld_by"] for one in found["indicators"]}
    assert set(outcomes) == METRICS
    assert {id for id, outcome in outcomes.items() if outcome == "not met"} == {
        id for id in METRICS if withheld[id]
    }
    assert withheld["CQIMSmokingDelivery"] == ["CQIMDQ06"]


def test_without_the_hes_file_what_needs_it_is_not_assessed(run: Run) -> None:
    found = card(run(*YEAR, "--format", "json"))
    waiting = {
        one["indicator"]
        for one in found["indicators"]
        if one["reason"] == "needs a file of annual HES deliveries (--hes-deliveries)"
    }
    assert waiting == {f"CQIMDQ{number:02}" for number in (2, 3, 9, 10, 14, 30)}


def test_a_trust_that_the_hes_file_leaves_out_is_told(run: Run, tmp_path: Path) -> None:
    hes = tmp_path / "hes.csv"
    hes.write_text("provider,annual_deliveries\nRAX,4000\n", encoding="utf-8")
    found = card(run(*YEAR, "--hes-deliveries", hes, "--format", "json"))
    reasons = {one["reason"] for one in found["indicators"] if one["indicator"] == "CQIMDQ03"}
    assert reasons == {"the file of HES deliveries has no row for RJ7"}


# --- months that were not given -----------------------------------------------------------


def test_a_month_that_was_not_given_is_named(run: Run) -> None:
    ran = run("check", "year/2026-08", "--scheme", "national", *HES, "--format", "json")
    reasons = {one["indicator"]: one["reason"] for one in card(ran)["indicators"]}
    assert reasons["CQIMDQ06"] == "needs 2026-06, 2026-07"
    assert reasons["CQIMDQ14"] == "needs 2026-06, 2026-07"
    assert reasons["CQIMDQ10"] == "needs 2026-05, 2026-06, 2026-07"
    assert reasons["CQIMDQ04"] == "needs 2026-07"
    assert reasons["CQIMDQ08"] == ""
    assert ran.code == 1


def test_partial_counts_what_there_is_and_says_so_on_every_such_line(run: Run) -> None:
    ran = run(
        "check", "year/2026-08", "--scheme", "national", *HES, "--partial", "--format", "json"
    )
    found = card(ran)
    absent = {one["indicator"]: one["absent"] for one in found["indicators"]}
    assert absent["CQIMDQ14"] == ["2026-06", "2026-07"]
    assert absent["CQIMDQ04"] == ["2026-07"]
    assert absent["CQIMDQ08"] == []
    for line in found["criteria"]:
        is_partial = bool(absent.get(line["indicator"]))
        assert line["title"].endswith(" (partial)") is is_partial
        assert line["note"].startswith("Partial: counted without") is is_partial
    shown = run("check", "year/2026-08", "--scheme", "national", *HES, "--partial").out
    partial = sum(map(bool, absent.values()))
    withholding = shown.count("It withholds ")
    assert partial <= shown.count("(partial)") <= partial + withholding


def test_a_window_without_any_of_its_months_is_not_counted_even_in_part(run: Run) -> None:
    ran = run("check", "year/2026-08", "--scheme", "national", "--partial", "--format", "json")
    reasons = {one["indicator"]: one["reason"] for one in card(ran)["indicators"]}
    assert reasons["CQIMDQ07"] == "needs 2026-06, 2026-07"
    assert reasons["CQIMDQ21"].startswith("needs 2026-02, ")


def test_a_month_to_report_that_was_not_given_is_an_error(run: Run) -> None:
    ran = run("check", "year", "--month", "2027-01")
    assert ran.code == 2
    assert "There is no submission of 2027-01 among those given." in ran.err
    assert "2025-09, 2025-10" in ran.err


def test_only_the_month_asked_for_is_reported(run: Run) -> None:
    found = card(run("check", "year", "--month", "2026-03", "--format", "json"))
    assert found["period"] == "2026-03"
    assert found["indicators"] == []


def test_the_same_month_given_twice_is_refused(run: Run) -> None:
    ran = run("check", "year/2026-08", "year", "--month", "2026-08")
    assert ran.code == 4
    assert "RJ7 2026-08 is there twice" in ran.err


# --- the published layouts ----------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_folder_gets_the_published_name_and_a_note(layout: str, run: Run, tmp_path: Path) -> None:
    ran = run(*YEAR, *HES, "--format", layout, "--out", tmp_path)
    assert ran.code == 1
    file = tmp_path / LAYOUTS[layout]
    note = file.with_suffix(".note.txt")
    assert sorted(tmp_path.iterdir()) == sorted([file, note])
    assert "RJ7" in file.read_text("utf-8")
    assert "Counts are rounded as published" in note.read_text("utf-8")
    assert ran.out == ""


def test_every_count_of_the_published_files_is_rounded_unless_asked_otherwise(
    run: Run, tmp_path: Path
) -> None:
    columns = {"dq-csv": "Denominator", "measures-csv": "Value", "data-csv": "Final_value"}
    for layout, column in columns.items():
        for option, is_rounded in (("--disclosure", True), ("--no-disclosure", False)):
            out = tmp_path / f"{layout}{option}.csv"
            run(*YEAR, *HES, "--format", layout, option, "--out", out)
            rows = csv.DictReader(out.read_text("utf-8").splitlines())
            counts = [
                int(row[column])
                for row in rows
                if row[column].isdecimal()
                and row.get("Currency", "") != "Rate"
                and not row.get("Count_Of", "").startswith("Average")
            ]
            assert counts
            assert all(count % 5 == 0 for count in counts) is is_rounded


@pytest.mark.parametrize(("option", "women"), [("--disclosure", "625"), ("--no-disclosure", "624")])
def test_the_note_beside_a_file_that_is_rounded_is_rounded(
    option: str, women: str, run: Run, fixtures: Path, tmp_path: Path
) -> None:
    kingston = fixtures / "south-west-london" / "RAX"
    lookup = tmp_path / "postcodes.csv"
    lookup.write_text("pcds,lsoa21\nZQ1 1XA,E01000001\n", encoding="utf-8")
    asked = ("--format", "data-csv", option, "--postcode-lookup", lookup)
    run("check", kingston, *asked, "--out", tmp_path / "data.csv")
    note = (tmp_path / "data.note.txt").read_text("utf-8")
    told = re.search(r"of the ([\d,]+) women in MSD001MotherDemog, ([\d,]+) have none", note)
    assert told is not None
    assert told.group(1) == women


def test_several_months_make_no_published_file(run: Run, tmp_path: Path) -> None:
    months = ("year/2026-07", "year/2026-08")
    ran = run("check", *months, "--format", "dq-csv", "--out", tmp_path / "dq.csv")
    assert ran.code == 5
    assert "--month" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_piped_the_file_goes_out_and_its_note_beside_it(run: Run) -> None:
    ran = run(*YEAR, *HES, "--format", "measures-csv")
    assert ran.out.startswith("Org_Code,Org_Name,Org_Level,RPStartDate,RPEndDate,")
    assert "CQIMDQ43: definition not published." in ran.err


# --- people's data ------------------------------------------------------------------------


def test_no_national_output_shows_who_is_in_it(run: Run, fixtures: Path) -> None:
    known = {
        row[item]
        for file in (fixtures / "year" / "2026-08").glob("*.csv")
        for row in csv.DictReader(file.read_text("utf-8").splitlines())
        for item in TELLING
        if row.get(item)
    }
    assert len(known) > 50
    for form in ("terminal", "json", "markdown", "csv", *LAYOUTS):
        ran = run(*YEAR, *HES, "--format", form)
        assert [one for one in known if one in ran.out + ran.err] == []
