"""What the rulebook tells of national indicators: on the screen and on its page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from msds_audit.bases import Base, base_table
from msds_audit.rule import Rules
from msds_audit.rulebook import Wanted, listing, near, page, readme, sheets
from msds_audit.rulebook.indicators import window_words
from msds_audit.rulebook.telling import asked_for
from msds_audit.windows import Window
from support import Ran

COUNTED = ("CQIMDQ04", "CQIMDQ13", "CQIMDQ18", "CQIMPPH", "COC_DQ08", "COC_receiving_ongoing")


def shown(id: str, rules: Rules) -> str:
    """The page of an id, its lines joined."""
    found = page(rules, id)
    assert found is not None
    return " ".join(found.split())


# --- rules list ---------------------------------------------------------------------------


def test_indicators_are_listed_after_measures_and_counted_in_the_foot(rules: Rules) -> None:
    lines = listing(rules, Wanted()).splitlines()
    ids = [line.split()[0] for line in lines if line]
    places = [ids.index(id) for id in (*rules.measures, *rules.indicators)]
    assert places == sorted(places)
    assert any(line.endswith(f" {len(rules.indicators)} indicators.") for line in lines)


def test_those_that_are_undefined_are_marked_as_such(rules: Rules) -> None:
    text = listing(rules, Wanted())
    marked = {line.split()[0] for line in text.splitlines() if line.endswith("* (undefined)")}
    assert marked == {one.id for one in rules.indicators.values() if one.undefined}


def test_the_indicators_of_a_scheme_are_listed_alone(rules: Rules, run: Callable[..., Ran]) -> None:
    ran = run("rules", "list", "--scheme", "cqim")
    found = {line.split()[0] for line in ran.out.splitlines() if line.startswith("CQIM")}
    assert found == {one.subject for one in rules.schemes["cqim"].criteria}


# --- rules show ---------------------------------------------------------------------------


def test_a_measure_of_data_quality_is_told_whole(rules: Rules) -> None:
    text = shown("cqimdq04", rules)
    for said in (
        "A measure of data quality for the Clinical Quality Improvement Metrics (CQIM_DQ_Measure).",
        "It is taken from the base bookings.",
        "Why it matters Unless it is known for seven in ten women, the smoking rate is withheld.",
        "What to do in the maternity system Record smoking status at the booking appointment",
        "Which months it reads The month. Reported for 2026-08 it reads 2026-08.",
        "Who is counted Bookings with a known smoking status. Each LPIDMother once",
        "Against what Women booked. Each LPIDMother once.",
        "It passes where the rate is at least 70 %, by the counts as they are rounded",
        "MSD101PregnancyBooking: AntenatalAppDate, LPIDMother, PregnancyID;",
        "MSD202CareActivityPreg: CareConID, FindingCode, ObsScheme, ObsCode, ObsValue",
        "SmokingStatusBooking: Smoker, Non-Smoker / Ex-Smoker or Unknown",
        "What it withholds CQIMSmokingBooking.",
        "The numerator of CQIMDQ03 tells whether anything was sent",
        "Nothing: an indicator counts people and rejects no record.",
        "Who asks for it CQIMDQ04 of cqim-dq: at least 70 %.",
        "base bookings window month applies AntenatalAppDate BETWEEN PeriodStart AND PeriodEnd",
        "counts distinct LPIDMother of rows where both hold",
        "fails: unknown whether she smokes",
    ):
        assert said in text, said


def test_a_rate_tells_what_withholds_it_and_what_is_odd_about_it(rules: Rules) -> None:
    text = shown("CQIMPPH", rules)
    for said in (
        "A Clinical Quality Improvement Metric, which is a rate (CQIM_Rate), for every 1,000.",
        "The three months before. Reported for 2026-08 it reads 2026-05, 2026-06, 2026-07.",
        "It is published as Low DQ where any of these fails: CQIMDQ10 (Births of the three months",
        "critical incident, at most 20 %); CQIMDQ13 (A blood loss recorded in the six months "
        "before, 100 %).",
        "What is odd about it One code of blood loss differs from that of CQIMDQ11 to 13",
        "SA2-cqim of cnst-sa2-y4: at least 9 of 11*",
        "CQIMPPH of cqim: published unless withheld by CQIMDQ10, CQIMDQ11, CQIMDQ12, CQIMDQ13.",
    ):
        assert said in text, said
    assert "Its limits" not in text
    assert "What it withholds" not in text


def test_what_a_numerator_is_held_against_is_told(rules: Rules) -> None:
    assert "Deliveries expected by hospital statistics (HES)" in shown("CQIMDQ02", rules)
    assert "either there is any, and the rate is 100 %, or there is none" in shown(
        "CQIMDQ21", rules
    )
    assert "above 5 %, by the counts as they are rounded for publication. With nobody in the " in (
        shown("COC_DQ07", rules)
    )


def test_a_measure_on_which_nothing_rests_says_so(rules: Rules) -> None:
    assert "What it withholds No rate rests on it." in shown("CQIMDQ25", rules)


def test_one_that_is_undefined_says_why_and_shows_no_sql(rules: Rules) -> None:
    text = shown("CQIMDQ43", rules)
    assert "Why it is not counted Definition not published. It is never a pass." in text
    assert "Who asks for it CQIMDQ43 of cqim-dq: not assessed: definition not published*." in text
    for unsaid in ("Who is counted", "For those who read SQL", "months", "at least"):
        assert unsaid not in text


@pytest.mark.parametrize("id", COUNTED)
def test_every_table_that_an_indicator_reads_stands_on_its_page(id: str, rules: Rules) -> None:
    text = shown(id, rules).partition("What it reads ")[2].partition("What")[0]
    tables = re.findall(r"(MSD\d{3}\w+): ", text)
    assert tables
    assert set(tables) <= set(rules.spec.tables)
    for table, items in re.findall(r"(MSD\d{3}\w+): ([\w, ]+)", text.partition(" Fields")[0]):
        assert set(items.split(", ")) <= set(rules.spec.tables[table].by_name), table


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window.MONTH, "The month. Reported for 2026-08 it reads 2026-08."),
        (Window.MONTH_BEFORE, "The month before. Reported for 2026-08 it reads 2026-07."),
        (
            Window.THREE_MONTHS,
            "The month and the two before it. Reported for 2026-08 it reads 2026-06, 2026-07, "
            "2026-08.",
        ),
        (
            Window.THREE_BEFORE,
            "The three months before. Reported for 2026-08 it reads 2026-05, 2026-06, 2026-07.",
        ),
        (
            Window.SIX_BEFORE,
            "The six months before. Reported for 2026-08 it reads 2026-02 to 2026-07.",
        ),
        (
            Window.SINCE_BOOKING,
            "The month and the seven before it. Reported for 2026-08 it reads 2026-01 to 2026-08.",
        ),
        (
            Window.YEAR,
            "The month and the eleven before it. Reported for 2026-08 it reads 2025-09 to 2026-08.",
        ),
    ],
)
def test_a_window_is_told_with_the_months_of_an_example(window: Window, words: str) -> None:
    assert window_words(window) == words


def test_a_base_is_shown_with_its_fields_and_what_they_are_made_of(rules: Rules) -> None:
    for base in Base:
        text = shown(base.upper(), rules)
        assert text.startswith(f"{base} A base of national indicators")
        fields = [item for item in base_table(rules.spec, base).items if not item.uid]
        assert fields
        for field in fields:
            assert f"{field.name} ({field.format.text}) {field.element} Made of MSD" in text


@pytest.mark.parametrize("id", [*COUNTED, "cqim", "cqim-dq", "cnst-sa2-y4", "SA2-cqim", *Base])
def test_no_line_is_wider_than_the_screen_unless_a_word_is(id: str, rules: Rules) -> None:
    found = page(rules, id, 80)
    assert found is not None
    assert max(map(len, found.splitlines())) <= 80


# --- schemes ------------------------------------------------------------------------------


def test_no_line_about_an_indicator_is_said_to_be_for_information(rules: Rules) -> None:
    for id in ("cqim", "cqim-dq", "continuity", "cnst-sa2-y4", "cnst-sa2-y5"):
        assert "for information" not in shown(id, rules)


def test_what_a_scheme_asks_of_indicators_is_told(rules: Rules) -> None:
    said = {
        f"{scheme.id} {one.id}": asked_for(one, rules)
        for scheme in rules.schemes.values()
        for one in scheme.criteria
    }
    assert said["cqim CQIMBreastfeeding"] == "published unless withheld by CQIMDQ08, CQIMDQ09"
    assert said["cqim-dq CQIMDQ18"] == "above 40 %"
    assert said["cqim-dq CQIMDQ05"] == "0.5 % to 50 %"
    assert said["cnst-sa2-y4 SA2-cqim"] == "at least 9 of 11*"
    assert said["cnst-sa2-y5 SA2-cqim"] == "at least 10 of 11*"
    assert said["cnst-sa2-y4 SA2-continuity-i"] == "above 5 %*"
    assert said["cnst-sa2-y4 SA2-bmi"] == "not assessed: How it is counted was not read"


def test_a_line_about_the_metrics_names_those_that_it_counts(rules: Rules) -> None:
    text = shown("SA2-cqim", rules)
    assert "Asked for at least 10 of 11*" in text
    for rate in rules.schemes["cqim"].criteria:
        assert rate.id in text


def test_a_line_about_an_indicator_shows_what_it_rests_on(rules: Rules) -> None:
    assert "It rests on COC_DQ05 Professional and team recorded" in shown(
        "SA2-continuity-ii", rules
    )


def test_a_slip_in_the_id_of_an_indicator_finds_it(rules: Rules, run: Callable[..., Ran]) -> None:
    assert near(rules, "cqimapga")[0] == "CQIMApgar"
    assert "labour-activities" in near(rules, "labour-activites")
    ran = run("rules", "show", "CQIMSmokingBookings")
    assert ran.code == 2
    assert "CQIMSmokingBooking" in ran.err


# --- the page -----------------------------------------------------------------------------


def test_the_page_begins_with_bases_and_concepts(rules: Rules) -> None:
    text = sheets(rules)["pages/indicators.md"]
    headings = re.findall(r"^##+ (.*)$", text, re.MULTILINE)
    assert headings == ["Bases", *Base, "Concepts", "Indicators", *rules.indicators]
    for concept in rules.concepts.values():
        row = f"| `{concept.name}` | {concept.says} | {len(concept.codes)} | {concept.source} |"
        assert row in text


def test_the_page_says_what_is_not_verified(rules: Rules) -> None:
    concept = replace(rules.concepts["smoker"], verified=False)
    changed = replace(rules, concepts={**rules.concepts, "smoker": concept})
    assert f"{concept.says} \\* |" in sheets(changed)["pages/indicators.md"]


def test_a_changed_limit_or_window_is_noticed_by_the_pages_that_are_compared(rules: Rules) -> None:
    for id in ("CQIMDQ04", "COC_DQ07"):
        one = rules.indicators[id]
        for changed in (
            replace(one, limits=replace(one.limits, lower=None, upper=one.limits.lower)),
            replace(one, window=Window.SIX_BEFORE),
        ):
            other = replace(rules, indicators={**rules.indicators, id: changed})
            assert readme(other) != readme(rules)
            assert sheets(other) != sheets(rules)
