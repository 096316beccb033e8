"""Tests of scorecards that may be shared: no count, in numbers or words, is left as it is."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from itertools import count

import pytest

from msds_audit.disclosure import rounded
from msds_audit.extract import Period
from msds_audit.gates import Change
from msds_audit.national_lines import METRICS
from msds_audit.published import DimensionCount
from msds_audit.rejections import Cause, Rejected, Rejections
from msds_audit.reports import RENDERERS, Format, to_terminal
from msds_audit.reports.vodim import vodim_as_csv, vodim_as_text
from msds_audit.reports.wording import DISCLOSURE_NOTE, to_do
from msds_audit.rule import Count
from msds_audit.scorecard import (
    Audited,
    IndicatorResult,
    ItemTally,
    Outcome,
    Scorecard,
    Since,
    Tally,
    Unrecognised,
)
from msds_audit.scoring import score
from msds_audit.sharing import disclosed, shared_text
from msds_audit.verdicts import Verdict, margin, rounded_verdict, verdict
from support import packaged

STATED = "mother-ethnicity-stated"
WATCHED = ("MSD101PregnancyBooking", "DisabilityIndMother")
EMPTY = Audited("RJ7", Period.parse("2026-08"), {}, (), {}, {}, (), {}, (), Rejected(0, 0, ()))


def small(tally: Tally, *, threshold: str | None = "0.90", **changes: object) -> Scorecard:
    """A card with one criterion."""
    scheme = packaged().schemes["ethnicity"]
    limit = None if threshold is None else Decimal(threshold)
    asked = replace(scheme, criteria=(replace(scheme.criteria[0], threshold=limit),))
    found = replace(EMPTY, measures={STATED: tally}, **changes)
    return score(found, replace(packaged(), records={}), [asked])


def indicator(id: str, numerator: int, denominator: int) -> IndicatorResult:
    """A measure of data quality that was counted."""
    one = packaged().indicators[id]
    return IndicatorResult(
        one,
        numerator,
        denominator,
        rounded(numerator),
        rounded(denominator),
        verdict(numerator, denominator, one.limits),
        rounded_verdict(numerator, denominator, one.limits),
        margin=margin(numerator, denominator, one.limits, of_people=True),
    )


def renderings(card: Scorecard) -> dict[str, str]:
    """The card in every format."""
    texts = {str(kind): render([card]) for kind, render in RENDERERS.items()}
    return {**texts, "vodim": vodim_as_text([card]), "vodim csv": vodim_as_csv([card])}


# --- a card with planted counts -----------------------------------------------------------


@pytest.fixture(scope="module")
def planted() -> Scorecard:
    """A card on which every count is above 1,000 and none is a multiple of 5, in every scheme."""
    rules, fresh = packaged(), count(31_001, 10)

    def tally() -> Tally:
        failures = next(fresh)
        return Tally(failures * 2 + 2, failures + 2, undetermined=next(fresh))

    def rejections(table: str) -> Rejections:
        of_table = next(rule.id for rule in rules.records.values() if rule.table == table)
        causes = (Cause(next(fresh), of_table), Cause(next(fresh), goes_with="MSD001MotherDemog"))
        return Rejections(table, sum(one.records for one in causes) + 1, causes)

    items = {(one.table, one.name): one for one in rules.spec.items}
    found = replace(
        EMPTY,
        rows={table: next(fresh) for table in rules.spec.tables},
        items=tuple(
            ItemTally(table, item, one.uid, *(next(fresh) for _ in range(5)))
            for (table, item), one in items.items()
        ),
        rules={id: tally() for id in rules.records},
        measures={id: tally() for id in rules.measures},
        unrecognised=tuple(
            Unrecognised(*WATCHED, "Yes", "a word", ("Y",), next(fresh)) for _ in range(7)
        ),
        answers={WATCHED: {"Y": 31_003, "N": 3}},
        notices=(
            "MSD001.csv: 31,004 blank lines were skipped.",
            "LPIDMother of 31,006 records of MSD101 was taken from the record around them.",
        ),
        rejected=Rejected(
            2_062_003, 31_002, tuple(map(rejections, ("MSD101PregnancyBooking", "MSD002GP")))
        ),
    )
    schemes = [one for one in rules.schemes.values() if one.id != "conformance"]
    national = {id: indicator(id, 9_872, 10_013) for id in rules.indicators}
    several = score(found, rules, schemes, national)
    asked = score(found, rules, [rules.schemes["conformance"]], national)
    return replace(
        several,
        schemes={**several.schemes, **asked.schemes},
        results=(*several.results, *asked.results),
        dimensions=(DimensionCount("AgeAtBookingMotherGroup", "Under 20", "Women", 31_007),),
    )


_OF_RULES = re.compile(r"(?:[\d,]+ of )?[\d,]+ (?:more )?(?:rules|reasons)")
_GROUPED = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?!\w|,\d)")


def unrounded(text: str) -> list[str]:
    """Numbers with thousands set apart, as counts are, that are not multiples of 5."""
    found = _GROUPED.findall(_OF_RULES.sub("", text))
    return [number for number in found if int(number.replace(",", "")) % 5]


def test_the_planted_card_shows_counts_as_they_are_in_every_format(planted):
    texts = renderings(planted)
    for kind in (Format.TERMINAL, Format.MARKDOWN, Format.JSON):
        assert unrounded(texts[kind]), kind
    said = " ".join([*planted.notices, *(f"{one.reason} {one.note}" for one in planted.results)])
    for words in ("more may belong to", "Always the same", "would be rejected", "A spreadsheet"):
        assert words in said


def test_no_format_shows_an_unrounded_count_with_thousands(planted):
    for kind, text in renderings(disclosed(planted)).items():
        assert unrounded(text) == [], kind


def test_no_number_in_json_or_csv_is_an_unrounded_count(planted):
    card = disclosed(planted)
    [found] = json.loads(RENDERERS[Format.JSON]([card]))["scorecards"]
    del found["acceptance"]["counts"][Count.FILE]
    nobody = ("checks of the file", METRICS)
    found["criteria"] = [one for one in found["criteria"] if one["unit"] not in nobody]

    def counts(node: object) -> list[int]:
        if isinstance(node, dict):
            node = list(node.values())
        if isinstance(node, list):
            return [number for one in node for number in counts(one)]
        return [node] if isinstance(node, int) and not isinstance(node, bool) else []

    assert len(counts(found)) > 1000
    assert [number for number in counts(found) if number % 5] == []
    for line in vodim_as_csv([card]).splitlines()[1:]:
        assert [int(cell) % 5 for cell in line.split(",")[5:11]] == [0] * 6


def test_every_count_is_rounded_by_itself_and_parts_need_not_add_up():
    rejected = Rejected(11, 3, (Rejections("T", 16, (Cause(8, "R"), Cause(8, goes_with="S"))),))
    card = replace(
        small(Tally(11, 7)),
        items=(ItemTally("T", "I", "U", 3, 3, 3, 3, 4),),
        rejected=rejected,
        rows={"T": 16},
        unrecognised=(Unrecognised("T", "I", "x", "", (), 3),),
        dimensions=(
            DimensionCount("D", "G", "Women", 3),
            DimensionCount("A", "", "Average", 31.4, 8),
        ),
    )
    found = disclosed(card)
    assert (found.rows["T"], found.unrecognised[0].rows) == (15, 5)
    [item] = found.items
    assert (item.valid, item.missing, item.rows) == (5, 5, 15)
    [table] = found.rejected.tables
    assert (table.wrong, table.taken, table.gone, table.rows) == (10, 10, 15, 15)
    assert (found.rejected.wrong, found.rejected.gone, found.rejected.patients_gone) == (10, 15, 5)
    assert [one.value for one in found.dimensions] == [5, 31]


# --- small numbers ------------------------------------------------------------------------

_ALONE = re.compile(r"(?<![\w.-])(?:3|4|7|8|11)(?![\w-]|\.\d|,\d{3})|\b63\.6|0\.6363|\b36\.4")


def test_three_and_seven_of_eleven_are_nowhere_to_be_found():
    notices = ("MSD001.csv: 3 blank lines were skipped.", "MSD000Header has 7 rows; one is right.")
    card = small(
        Tally(11, 7, undetermined=3),
        notices=notices,
        rows={"MSD001MotherDemog": 11},
        items=(ItemTally("MSD001MotherDemog", "I", "U", 7, 0, 0, 3, 1),),
    )
    before, after = renderings(card), renderings(disclosed(card))
    for kind, text in after.items():
        assert _ALONE.search(before[kind]), kind
        told = " ".join(text.split()).replace(DISCLOSURE_NOTE, "")
        assert _ALONE.findall(told) == [], kind


@pytest.mark.parametrize(
    ("text", "shared"),
    [
        ("a.csv: 1 blank line was skipped.", "a.csv: 5 blank lines were skipped."),
        ("a.csv: 1,003 blank lines were skipped.", "a.csv: 1,005 blank lines were skipped."),
        ("sheet: 1 blank row was skipped.", "sheet: 5 blank rows were skipped."),
        ("sheet: 1 cell holds an Excel error.", "sheet: 5 cells hold an Excel error."),
        ("sheet: 3 formulas have no value.", "sheet: 5 formulas have no value."),
        ("MSD000Header has 12 rows; one.", "MSD000Header has 10 rows; one."),
        (
            "LPIDMother of 1 record of MSD101 was taken from the record around it.",
            "LPIDMother of 5 records of MSD101 was taken from the record around them.",
        ),
        (
            "Always the same: SexCode is 1 in 623 of the 624 answers in MSD401. Is it?",
            "Always the same: SexCode is 1 in 625 of the 625 answers in MSD401. Is it?",
        ),
        (
            "3 of 1,234 patients would be rejected: msds-audit check --scheme conformance",
            "5 of 1,235 patients would be rejected: msds-audit check --scheme conformance",
        ),
        (
            "3 of 36 checks of the file fail, so that it would be rejected: do this",
            "3 of 36 checks of the file fail, so that it would be rejected: do this",
        ),
        (
            "A spreadsheet may have changed this extract: 1 value (leading zeros lost 1). Again.",
            "A spreadsheet may have changed this extract: 5 values (leading zeros lost 5). Again.",
        ),
        (
            "A spreadsheet may have changed this extract: 1,004 values (scientific notation 993, "
            "numbers turned into dates 11). Again.",
            "A spreadsheet may have changed this extract: 1,005 values (scientific notation 995, "
            "numbers turned into dates 10). Again.",
        ),
        (
            "7 more may belong to the women booked: AntenatalAppDate is blank there.",
            "5 more may belong to the women booked: AntenatalAppDate is blank there.",
        ),
        (
            "Deciles of deprivation come from the extract; of the 624 women in MSD001MotherDemog, "
            "3 have none.",
            "Deciles of deprivation come from the extract; of the 625 women in MSD001MotherDemog, "
            "5 have none.",
        ),
        ("MSD101 has no column EDDAgreed", "MSD101 has no column EDDAgreed"),
        ("needs June and July 2026", "needs June and July 2026"),
        ("3 columns missing: A, B, C.", "3 columns missing: A, B, C."),
        ("Judged without 3 rules: M1, M2, M3.", "Judged without 3 rules: M1, M2, M3."),
    ],
)
def test_counts_in_words_are_rounded_and_nothing_else_is(text, shared):
    assert shared_text(text) == shared
    assert shared_text(shared) == shared


# --- what stays, and what follows ---------------------------------------------------------


@pytest.mark.parametrize(
    ("numerator", "denominator"), [(73, 82), (88, 98), (87, 100), (90, 100), (27, 30), (9, 10)]
)
def test_the_outcome_is_that_of_the_counts_before_rounding(numerator, denominator):
    [before] = small(Tally(denominator, numerator)).results
    [after] = disclosed(small(Tally(denominator, numerator))).results
    assert after.outcome is before.outcome
    assert (after.numerator, after.denominator) == (rounded(numerator), rounded(denominator))


def test_how_many_more_it_takes_is_rounded_from_the_true_number():
    [before] = small(Tally(82, 73)).results
    [after] = disclosed(small(Tally(82, 73))).results
    assert (before.outcome, before.short_of) == (Outcome.NOT_MET, 1)
    assert (after.numerator, after.denominator) == (75, 80)
    assert to_do([after]).startswith("5 more would reach 90 %")


def test_a_rule_that_few_records_break_is_still_seen_to_be_broken():
    [rule, *_] = packaged().records.values()
    found = replace(EMPTY, rules={rule.id: Tally(626, 624)})
    only = replace(packaged(), records={rule.id: rule})
    [after] = disclosed(score(found, only, [])).rules
    assert (after.tally.denominator, after.tally.failures) == (625, 5)


def test_a_national_indicator_keeps_its_results_and_loses_its_margin():
    one = indicator("CQIMDQ03", 30, 101)
    scheme = packaged().schemes["cqim-dq"]
    line = next(one for one in scheme.criteria if one.subject == "CQIMDQ03")
    only = replace(scheme, criteria=(line,))
    card = score(EMPTY, replace(packaged(), records={}), [only], {"CQIMDQ03": one})
    before, after = to_terminal([card]), to_terminal([disclosed(card)])
    assert one.rounded_result is Verdict.FAIL
    assert re.search(r"\b\d+ more ", before)
    assert re.search(r"\d+ more ", after) is None
    assert [line.outcome for line in disclosed(card).results] == [Outcome.NOT_MET]
    [found] = [one for one in disclosed(card).indicators if one.indicator.id == "CQIMDQ03"]
    assert (found.numerator, found.denominator, found.margin) == (30, 100, None)
    assert (found.result, found.rounded_result) == (None, one.rounded_result)
    assert disclosed(card).results[0].indicator == found


def test_checks_and_metrics_are_nobody_and_stay():
    rules = replace(packaged(), records={})
    schemes = [rules.schemes[id] for id in ("conformance", "cnst-sa2-y4")]
    every = [one for scheme in schemes for one in scheme.criteria]
    lines = [one for one in every if one.cqims or one.counts is Count.FILE]
    national = {id: indicator(id, 98, 101) for id in rules.indicators}
    card = score(EMPTY, rules, [replace(schemes[0], criteria=tuple(lines))], national)
    after = disclosed(card)
    assert after.acceptance[Count.FILE] == card.acceptance[Count.FILE]
    assert {one.unit for one in card.results} == {"checks of the file", METRICS}
    assert after.results == card.results


def test_what_checks_were_last_time_stays_as_it_is_too():
    [line, *_] = small(Tally(82, 73)).results
    then = Since(Period.parse("2026-07"), Outcome.NOT_MET, 33, 36, Change.BETTER)
    counts, checks = replace(line, since=then), replace(line, since=then, counts=Count.FILE)
    card = replace(small(Tally(82, 73)), results=(counts, checks))
    assert [(one.since.numerator, one.since.denominator) for one in disclosed(card).results] == [
        (35, 35),
        (33, 36),
    ]


def test_a_card_that_is_rounded_stays_as_it_is():
    card = disclosed(small(Tally(82, 73)))
    assert disclosed(card) is card


def test_what_could_not_be_counted_stays_so():
    card = disclosed(replace(small(Tally(reason="not there")), rejected="it failed"))
    [result] = card.results
    assert (result.numerator, result.denominator, result.reason) == (None, None, "not there")
    assert card.rejected == "it failed"


@pytest.mark.parametrize("kind", [Format.TERMINAL, Format.MARKDOWN])
def test_a_rounded_card_says_so(kind):
    card = small(Tally(11, 7))
    words = "Counts rounded as published: 1 to 7 as 5"
    assert words not in RENDERERS[kind]([card])
    assert words in RENDERERS[kind]([disclosed(card)])


def test_json_says_whether_counts_are_rounded():
    for card, said in ((small(Tally(11, 7)), False), (disclosed(small(Tally(11, 7))), True)):
        assert json.loads(RENDERERS[Format.JSON]([card]))["scorecards"][0]["disclosure"] is said
