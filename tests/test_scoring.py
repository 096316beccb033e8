"""Tests of comparing counts with what is asked for: outcomes, reasons, remarks, exit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msds_audit.api import check, chosen_schemes
from msds_audit.audit import audit
from msds_audit.errors import UsageError
from msds_audit.extract import Period
from msds_audit.rejections import Rejected
from msds_audit.reports import to_json, to_terminal
from msds_audit.reports.terminal import MOST_CAUSES
from msds_audit.rule import Criterion, Effect, Rules, Scheme
from msds_audit.scorecard import Audited, CriterionResult, Outcome, Scorecard, Tally
from msds_audit.scoring import FailOn, fails, judged, score, worst_first
from support import FIXTURES, audited, breakable, packaged, sample, without

ROWS = {"MSD000Header": 1}
NOTHING = Audited("RJ7", Period.parse("2026-08"), ROWS, (), {}, {}, (), {}, (), Rejected(0, 0, ()))
STATED = "mother-ethnicity-stated"
ITEM = ("MSD101PregnancyBooking", "DisabilityIndMother")


def criterion(**changes: object) -> Criterion:
    """A criterion that asks for 90 % of women stated."""
    ethnicity = packaged().schemes["ethnicity"].criteria[0]
    assert ethnicity.subject == STATED
    return replace(ethnicity, **changes)


def scheme(*criteria: Criterion, id: str = "mine") -> Scheme:
    return replace(packaged().schemes["ethnicity"], id=id, criteria=criteria)


def card(
    measures: Mapping[str, Tally],
    *criteria: Criterion,
    answers: Mapping[str, int] | None = None,
    **changes: object,
) -> Scorecard:
    rules = replace(packaged(), records={})
    found = replace(NOTHING, measures=measures, answers={ITEM: answers or {}}, **changes)
    return score(found, rules, [scheme(*criteria)])


def result(tally: Tally, **changes: object) -> CriterionResult:
    [found] = card({STATED: tally}, criterion(**changes)).results
    return found


# --- thresholds ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numerator", "denominator", "threshold", "expected"),
    [
        (9, 10, "0.90", Outcome.MET),
        (899, 1000, "0.90", Outcome.NOT_MET),
        (900, 1000, "0.90", Outcome.MET),
        (2699, 3000, "0.90", Outcome.NOT_MET),
        (2700, 3000, "0.90", Outcome.MET),
        (8999, 10_000, "0.90", Outcome.NOT_MET),
        (0, 1, "0.90", Outcome.NOT_MET),
        (1, 1, "1.00", Outcome.MET),
        (99_999, 100_000, "1.00", Outcome.NOT_MET),
        (7, 10, "0.7", Outcome.MET),
        (29, 100, "0.29", Outcome.MET),  # 0.29 * 100 is 28.999… in binary
        (57, 100, "0.57", Outcome.MET),
        (1, 3, "0.3333", Outcome.MET),
        (1, 3, "0.3334", Outcome.NOT_MET),
        (10**17 - 1, 10**17, "1.00", Outcome.NOT_MET),
    ],
)
def test_a_rate_is_compared_with_its_threshold_without_rounding(
    numerator: int, denominator: int, threshold: str, expected: Outcome
) -> None:
    found = result(Tally(denominator, numerator), threshold=Decimal(threshold))
    assert found.outcome is expected


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_ninety_percent_is_nine_in_ten(counted: tuple[int, int]) -> None:
    numerator, denominator = counted
    found = result(Tally(denominator, numerator), threshold=Decimal("0.90"))
    assert (found.outcome is Outcome.MET) == (10 * numerator >= 9 * denominator)


# --- outcomes -----------------------------------------------------------------------------


def test_a_criterion_that_is_met_has_no_reason_and_no_remedy() -> None:
    found = result(Tally(10, 9))
    assert (found.outcome, found.numerator, found.denominator) == (Outcome.MET, 9, 10)
    assert (found.reason, found.remedy, found.note) == ("", "", "")


def test_a_criterion_that_is_not_met_says_what_to_do() -> None:
    found = result(Tally(10, 8))
    assert found.outcome is Outcome.NOT_MET
    assert found.remedy == packaged().measures[STATED].fix


def test_a_line_without_a_threshold_is_information() -> None:
    found = result(Tally(10, 1), threshold=None)
    assert (found.outcome, found.remedy) == (Outcome.INFORMATION, "")


def test_nobody_to_count_is_not_applicable_and_says_so() -> None:
    found = result(Tally(0, 0))
    assert found.outcome is Outcome.NOT_APPLICABLE
    assert found.reason == "no women booked in August 2026 in this extract"


def test_what_was_not_counted_is_not_assessed_and_shows_no_number() -> None:
    found = result(Tally(reason="MSD101PregnancyBooking is empty"))
    assert found.outcome is Outcome.NOT_ASSESSED
    assert found.reason == "MSD101PregnancyBooking is empty"
    assert (found.numerator, found.denominator) == (None, None)


def test_what_nothing_counts_is_not_assessed() -> None:
    [found] = card({}, criterion()).results
    assert found.outcome is Outcome.NOT_ASSESSED
    assert found.reason


@pytest.mark.parametrize(
    ("tally", "numbers"),
    [
        (Tally(10, 3), (3, 10)),
        (Tally(0, 0), (0, 0)),
        (Tally(reason="MSD003 is gone"), (None, None)),
    ],
)
def test_what_the_standard_does_not_collect_is_never_missing(
    tally: Tally, numbers: tuple[int | None, int | None]
) -> None:
    found = result(tally, not_collected=True, reason="Not collected", threshold=None)
    assert found.outcome is Outcome.NOT_APPLICABLE
    assert not found.collected
    assert found.reason.startswith("Not collected")
    assert tally.reason in found.reason
    assert (found.numerator, found.denominator) == numbers


@pytest.mark.parametrize("id", ["PC-03", "PC-04", "PC-07", "PC-08", "PC-10"])
def test_five_of_the_nine_characteristics_are_not_collected_of_the_mother(
    id: str, rules: Rules
) -> None:
    [found] = [
        one
        for one in score(audited("clean"), rules, list(rules.schemes.values())).results
        if one.criterion == id
    ]
    assert not found.collected
    assert found.outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("table", "items", "reason"),
    [
        ("MSD101PregnancyBooking", (), "MSD101PregnancyBooking is not in this extract"),
        ("MSD001MotherDemog", (), "MSD001MotherDemog is not in this extract"),
        (
            "MSD001MotherDemog",
            ("EthnicCategoryMother",),
            "MSD001MotherDemog has no column EthnicCategoryMother",
        ),
    ],
)
def test_a_criterion_whose_table_or_column_is_missing_is_not_assessed(
    table: str, items: tuple[str, ...], reason: str, rules: Rules
) -> None:
    rules = replace(rules, records={})
    given = audit(without(sample("clean"), table, *items), rules)
    found = score(given, rules, [rules.schemes["ethnicity"]])
    assert found.results[0].outcome is Outcome.NOT_ASSESSED
    assert found.results[0].reason == reason
    assert fails(found, FailOn.NOT_ASSESSED)


def test_a_criterion_whose_table_is_empty_is_not_assessed(rules: Rules) -> None:
    found = score(audited("empty-tables"), rules, [rules.schemes["ethnicity"]])
    assert {one.outcome for one in found.results} == {Outcome.NOT_ASSESSED}
    assert found.results[0].reason == "MSD101PregnancyBooking is empty"
    assert any(notice.startswith("MSD001MotherDemog is empty: ") for notice in found.notices)


def test_a_criterion_whose_check_fails_is_not_assessed(rules: Rules) -> None:
    broken = replace(rules.measures[STATED], passes="DATE(LPIDMother) > PeriodStart")
    changed = replace(rules, records={}, measures={**rules.measures, STATED: broken})
    found = score(audit(sample("clean"), changed), changed, [rules.schemes["ethnicity"]])
    assert found.results[0].outcome is Outcome.NOT_ASSESSED
    assert found.results[0].reason.startswith("the check itself failed")
    assert found.results[1].outcome is Outcome.INFORMATION


def test_missing_mandatory_tables_are_said_loudly(rules: Rules) -> None:
    given = audit(without(sample("clean"), "MSD002GP"), rules)
    found = score(given, rules, [])
    assert any(notice.startswith("MSD002GP is missing: ") for notice in found.notices)
    assert not any("MSD003" in notice for notice in found.notices)


def test_a_criterion_may_rest_on_a_rule(rules: Rules) -> None:
    on_rule = criterion(subject="M001901-repeated", threshold=Decimal(1))
    found = score(audited("clean"), rules, [scheme(on_rule)]).results[0]
    assert (found.outcome, found.unit) == (Outcome.MET, "records")
    found = score(audited("every-rule-broken"), rules, [scheme(on_rule)]).results[0]
    assert found.outcome is Outcome.NOT_MET


# --- always the same ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "remarked"),
    [
        ({"N": 999, "Y": 1}, True),  # exactly 99.9 %
        ({"N": 1998, "Y": 2}, True),
        ({"N": 998, "Y": 1}, False),  # 99.8999 %
        ({"N": 1997, "Y": 2}, False),
        ({"N": 998, "Y": 2}, False),
        ({"N": 10}, True),
        ({"Y": 10}, True),
        ({"N": 9}, False),  # too few to say
        ({"N": 10, "Y": 1}, False),
        ({"N": 500, "Y": 500}, False),
        ({}, False),
    ],
)
def test_one_answer_all_the_time_is_remarked_upon(answers: dict[str, int], remarked: bool) -> None:
    tallies = {STATED: Tally(10, 10)}
    [found] = card(tallies, criterion(watch=ITEM), answers=answers).results
    assert bool(found.note) is remarked
    assert found.outcome is Outcome.MET
    if remarked:
        code = max(answers, key=lambda one: answers[one])
        assert (
            f"{ITEM[1]} is {code} in {answers[code]:,} of the {sum(answers.values()):,}"
            in found.note
        )


def test_an_item_that_nobody_watches_is_not_remarked_upon() -> None:
    [found] = card({STATED: Tally(10, 10)}, criterion(watch=None), answers={"N": 1000}).results
    assert found.note == ""


# --- what fails a run ---------------------------------------------------------------------

MET, MISSED, BLIND, NOBODY = Tally(10, 10), Tally(10, 1), Tally(reason="gone"), Tally()


def run(*tallies: Tally) -> Scorecard:
    names = list(packaged().measures)[: len(tallies)]
    criteria = [criterion(id=name, subject=name) for name in names]
    return card(dict(zip(names, tallies, strict=True)), *criteria)


@pytest.mark.parametrize(
    ("tallies", "on_not_met", "on_not_assessed"),
    [
        ([MET], False, False),
        ([MET, NOBODY], False, True),  # asked for, and nothing to count
        ([MISSED], True, True),
        ([MET, MISSED], True, True),
        ([MET, BLIND], False, True),
        ([MISSED, BLIND], True, True),
        ([BLIND], False, True),
        ([NOBODY], False, True),  # nothing could be judged
        ([NOBODY, NOBODY], False, True),
        ([], False, True),
    ],
)
def test_a_run_fails_when_it_was_told_to(
    tallies: list[Tally], on_not_met: bool, on_not_assessed: bool
) -> None:
    found = run(*tallies)
    assert fails(found, FailOn.NOT_MET) is on_not_met
    assert fails(found, FailOn.NOT_ASSESSED) is on_not_assessed
    assert fails(found, FailOn.NEVER) is False


def test_one_scheme_that_could_not_be_judged_is_not_hidden_by_another() -> None:
    tallies = {STATED: MET, "birthweight-with-unit": NOBODY}
    found = score(
        replace(NOTHING, measures=tallies),
        replace(packaged(), records={}),
        [
            scheme(criterion(), id="one"),
            scheme(criterion(subject="birthweight-with-unit"), id="other"),
        ],
    )
    assert judged(found, "one")
    assert not judged(found, "other")
    assert fails(found, FailOn.NOT_ASSESSED)
    assert not fails(found, FailOn.NOT_MET)


def test_a_scheme_that_asks_for_nothing_tells_and_fails_nothing() -> None:
    found = card({STATED: MET}, criterion(threshold=None))
    assert judged(found, "mine")
    assert not fails(found, FailOn.NOT_ASSESSED)


def test_a_scheme_that_asks_for_nothing_and_has_nothing_to_tell_fails() -> None:
    found = card({STATED: BLIND}, criterion(threshold=None))
    assert not judged(found, "mine")
    assert fails(found, FailOn.NOT_ASSESSED)


@pytest.mark.parametrize("name", ["empty-tables", "missing-tables"])
def test_an_extract_in_which_there_is_nothing_to_judge_fails(name: str, rules: Rules) -> None:
    found = score(audited(name), rules, chosen_schemes(rules, ()))
    assert fails(found, FailOn.NOT_ASSESSED)


# --- order --------------------------------------------------------------------------------


def test_the_worst_come_first_then_those_not_assessed_then_by_name_and_month() -> None:
    def named(provider: str, period: str, *tallies: Tally) -> Scorecard:
        return replace(run(*tallies), provider=provider, period=Period.parse(period))

    cards = [
        named("A", "2026-08", MET, MET, MET),
        named("B", "2026-08", MET, MET, BLIND),
        named("C", "2026-08", MISSED, MET, MET),
        named("D", "2026-08", MISSED, BLIND, MET),
        named("E", "2026-08", MISSED, MISSED, MET),
        named("F", "2026-09", MISSED, BLIND, MET),
        named("F", "2026-08", MISSED, BLIND, MET),
    ]
    order = [(card.provider, str(card.period)) for card in worst_first(cards)]
    assert order == [
        ("E", "2026-08"),
        ("D", "2026-08"),
        ("F", "2026-08"),
        ("F", "2026-09"),
        ("C", "2026-08"),
        ("B", "2026-08"),
        ("A", "2026-08"),
    ]
    assert worst_first(reversed(cards)) == worst_first(cards)


def test_kingston_misses_its_ethnicity_criterion_and_the_others_meet_it(rules: Rules) -> None:
    measured = replace(rules, records={})
    cards = check([FIXTURES / "south-west-london"], rules=measured, schemes=["ethnicity"])
    first = {card.provider: card.results[0] for card in cards}
    assert {provider: found.outcome for provider, found in first.items()} == {
        "RAX": Outcome.NOT_MET,
        "RJ6": Outcome.MET,
        "RJ7": Outcome.MET,
        "RVR": Outcome.MET,
    }
    assert [card.count(Outcome.NOT_MET) for card in cards] == sorted(
        (card.count(Outcome.NOT_MET) for card in cards), reverse=True
    )


# --- schemes ------------------------------------------------------------------------------


def test_the_default_schemes_are_the_ones_an_audit_is_for(rules: Rules) -> None:
    assert [one.id for one in chosen_schemes(rules, ())] == [
        "conformance",
        "ethnicity",
        "protected-characteristics",
        "cnst-sa2-y7",
    ]


def test_a_family_is_all_its_editions(rules: Rules) -> None:
    assert {one.id for one in chosen_schemes(rules, ["cnst-sa2"])} == {
        f"cnst-sa2-y{year}" for year in (4, 5, 6, 7)
    }


def test_a_scheme_that_is_none_is_refused_with_what_there_is(rules: Rules) -> None:
    with pytest.raises(UsageError) as caught:
        chosen_schemes(rules, ["ethnicity", "cnst"])
    assert "cnst" in caught.value.sentence
    assert "cnst-sa2-y7" in caught.value.hint


@pytest.mark.parametrize(
    ("id", "asked"),
    [
        (
            "cnst-sa2-y4",
            {
                STATED: "0.90",
                "social-factors-answered": "0.95",
                "contact-activity-professional": "0.70",
                "labour-activity-professional": "0.70",
            },
        ),
        ("cnst-sa2-y5", {STATED: "0.90"}),
        ("cnst-sa2-y6", {STATED: "0.90", "birthweight-with-unit": "0.80"}),
        ("cnst-sa2-y7", {STATED: "0.90", "birthweight-with-unit": "0.80"}),
    ],
)
def test_thresholds_that_were_recalled_are_marked_as_not_verified(
    id: str, asked: dict[str, str], rules: Rules
) -> None:
    criteria = rules.schemes[id].criteria
    assert {one.subject: one.threshold for one in criteria if one.threshold is not None} == {
        subject: Decimal(threshold) for subject, threshold in asked.items()
    }
    assert not any(one.verified for one in criteria)


@pytest.mark.parametrize(
    ("id", "metrics", "continuity"),
    [
        ("cnst-sa2-y4", [9], ["COC_DQ04", "COC_DQ05"]),
        ("cnst-sa2-y5", [10], ["COC_DQ04", "COC_DQ05"]),
        ("cnst-sa2-y6", [], []),
        ("cnst-sa2-y7", [], []),
    ],
)
def test_each_year_of_safety_action_2_asks_for_its_metrics_and_its_continuity(
    id: str, metrics: list[int], continuity: list[str], rules: Rules
) -> None:
    criteria = rules.schemes[id].criteria
    assert [one.cqims for one in criteria if one.cqims] == metrics
    assert [one.subject for one in criteria if one.subject in rules.indicators] == continuity


def test_a_scheme_whose_indicators_were_not_counted_says_so(rules: Rules) -> None:
    found = score(NOTHING, replace(rules, records={}), [rules.schemes["cnst-sa2-y5"]])
    metrics = next(one for one in found.results if one.criterion == "SA2-cqim")
    assert metrics.outcome is Outcome.NOT_ASSESSED
    assert metrics.reason == "11 of 11 metrics could not be assessed (--scheme cqim)"
    lines = [one for one in found.results if one.indicator is not None]
    assert {(one.outcome, one.reason) for one in lines} == {
        (Outcome.NOT_ASSESSED, "was not counted")
    }


# --- who cannot be placed -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("tally", "threshold", "outcome"),
    [
        (Tally(10, 9, undetermined=0), "0.90", Outcome.MET),
        (Tally(10, 9, undetermined=1), "0.90", Outcome.NOT_ASSESSED),  # 9 or 10 of 11
        (Tally(10, 10, undetermined=1), "0.90", Outcome.MET),  # at least 10 of 11
        (Tally(10, 7, undetermined=1), "0.90", Outcome.NOT_MET),  # at most 8 of 11
        (Tally(274, 274, undetermined=38), "0.90", Outcome.NOT_ASSESSED),
        (Tally(0, 0, undetermined=624), "0.90", Outcome.NOT_ASSESSED),
        (Tally(0, 0, undetermined=1), None, Outcome.NOT_ASSESSED),
        (Tally(10, 9, undetermined=1), None, Outcome.INFORMATION),
    ],
)
def test_a_verdict_holds_whoever_of_the_undetermined_belongs(
    tally: Tally, threshold: str | None, outcome: Outcome
) -> None:
    found = result(tally, threshold=None if threshold is None else Decimal(threshold))
    assert found.outcome is outcome
    if tally.undetermined:
        said = found.reason if outcome is Outcome.NOT_ASSESSED else found.note
        assert f"{tally.undetermined:,} more may belong" in said
        assert "AntenatalAppDate" in said


@pytest.mark.parametrize(("undetermined", "more"), [(0, 10), (5, 15), (1, 11)])
def test_as_many_more_as_are_said_do_meet_the_threshold(undetermined: int, more: int) -> None:
    """80 of 100: 10 more are 90 %, and where 5 may belong too 95 of 105 are needed."""
    found = result(Tally(100, 80, undetermined=undetermined), threshold=Decimal("0.90"))
    assert (found.outcome, found.short_of) == (Outcome.NOT_MET, more)
    mended = result(Tally(100, 80 + more, undetermined=undetermined), threshold=Decimal("0.90"))
    assert mended.outcome is Outcome.MET
    almost = result(Tally(100, 79 + more, undetermined=undetermined), threshold=Decimal("0.90"))
    assert almost.outcome is not Outcome.MET


def test_a_trust_that_could_not_be_judged_does_not_stand_below_one_that_was() -> None:
    judged_worse = replace(run(MISSED, MET, MET), provider="A")
    unjudged = replace(run(BLIND, NOBODY, MET), provider="B")
    fine = replace(run(MET, MET, MET), provider="C")
    found = worst_first([fine, judged_worse, unjudged])
    assert [one.provider for one in found] == ["B", "A", "C"]


def test_a_provider_that_is_in_no_list_is_pointed_out() -> None:
    assert not any("list of trusts" in one for one in card({}, provider="RJ7").notices)
    assert any("XYZ is not in the list" in one for one in card({}, provider="XYZ").notices)


def test_a_rule_that_rejects_the_file_is_said_at_the_top(rules: Rules) -> None:
    found = score(audited("every-rule-broken"), rules, chosen_schemes(rules, []))
    gravest = [one for one in rules.records.values() if one.effect is Effect.REJECTS_FILE]
    assert gravest
    [content] = json.loads(to_json([found]))["scorecards"]
    failing = {rule.id for rule in gravest} & breakable(rules)
    assert set(content["acceptance"]["rejects_file"]) == failing
    shown = to_terminal([found], width=200)
    assert sum(id in shown for id in failing) >= MOST_CAUSES - 1
    assert shown.index("Will it be accepted?") < shown.index("Ethnic category of the mother")
    assert "file" not in " ".join(found.notices)
    alone = score(audited("every-rule-broken"), rules, chosen_schemes(rules, ["ethnicity"]))
    assert any("checks of the file fail, so that it would be" in one for one in alone.notices)
    assert not any("rejected" in one for one in audited_card(rules, "clean").notices)


def audited_card(rules: Rules, name: str) -> Scorecard:
    return score(audited(name), rules, chosen_schemes(rules, []))
