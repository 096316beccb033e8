"""Tests of waivers, baselines and stricter thresholds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import jsonschema
import pytest

from msds_audit.api import gated
from msds_audit.errors import UsageError
from msds_audit.gates import Change, Waiver
from msds_audit.readers.baseline import read_baseline
from msds_audit.reports import to_github, to_json, to_junit, to_markdown, to_sarif, to_terminal
from msds_audit.rule import Count, Effect
from msds_audit.scorecard import IndicatorResult, Outcome
from msds_audit.scoring import FailOn, fails
from msds_audit.sharing import disclosed
from msds_audit.stricter import stricter
from msds_audit.verdicts import Verdict
from support import FIXTURES, checked, packaged

TODAY = date(2026, 11, 22)
LATER, YESTERDAY = date(2026, 12, 31), date(2026, 11, 21)
RAX = FIXTURES / "south-west-london" / "RAX"
BROKEN = FIXTURES / "every-rule-broken"
SCHEMA = json.loads((FIXTURES.parent / "docs" / "scorecard.schema.json").read_text("utf-8"))


def card_of(path=RAX, *schemes):
    [card] = checked([path], schemes=schemes or ("ethnicity",))
    return card


def waiver(**given):
    told = {"reason": "the new system comes in January", "owner": "the data team", "until": LATER}
    return Waiver(**{**told, **given})


def with_waivers(card, *waivers, today=TODAY):
    [found] = gated([card], waivers=waivers, today=today)
    return found


def line(card, criterion):
    [found] = [one for one in card.results if one.criterion == criterion]
    return found


def not_met(card):
    return {one.criterion for one in card.results if one.outcome is Outcome.NOT_MET}


# --- waivers ------------------------------------------------------------------------------


def test_what_is_waived_is_set_aside_with_its_counts_and_never_met():
    card = card_of()
    assert not_met(card) == {"ETH-01"}
    found = with_waivers(card, waiver(criterion="ETH-01"))
    aside = line(found, "ETH-01")
    assert (aside.outcome, aside.numerator, aside.denominator) == (Outcome.WAIVED, 274, 312)
    assert aside.reason == (
        "not met; waived until 31 December 2026 by the data team: the new system comes in January"
    )
    assert found.count(Outcome.MET) == card.count(Outcome.MET)
    assert fails(card, FailOn.NOT_ASSESSED)
    assert not fails(found, FailOn.NOT_ASSESSED)


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        ({"criterion": "ETH-01", "provider": "RAX"}, True),
        ({"criterion": "ETH-01", "provider": "RJ7"}, False),
        ({"criterion": "ETH-01", "scheme": "ethnicity"}, True),
        ({"criterion": "ETH-01", "scheme": "cnst-sa2-y7"}, False),
        ({"criterion": "ETH-01", "until": TODAY}, True),
        ({"criterion": "ETH-01", "until": YESTERDAY}, False),
        ({"criterion": "ETH-01", "at_most": 38}, True),
        ({"criterion": "ETH-01", "at_most": 37}, False),
        ({"criterion": "ETH-02"}, False),
    ],
)
def test_a_waiver_holds_for_what_it_names_up_to_its_day_and_its_number(given, holds):
    found = with_waivers(card_of(), waiver(**given))
    assert (line(found, "ETH-01").outcome is Outcome.WAIVED) is holds
    assert fails(found, FailOn.NOT_ASSESSED) is not holds


def test_an_expired_waiver_of_what_fails_is_told_at_the_top_and_fails_the_run():
    found = with_waivers(card_of(), waiver(criterion="ETH-01", until=YESTERDAY))
    assert found.notices[0].startswith("WAIVER EXPIRED on 21 November 2026: ETH-01, set aside by")
    assert found.expired == (waiver(criterion="ETH-01", until=YESTERDAY),)
    assert fails(found, FailOn.NOT_MET)
    assert not fails(found, FailOn.NEVER)


def test_an_expired_waiver_of_what_could_not_be_judged_fails_a_run_that_asks_only_what_is_met():
    card = card_of(FIXTURES / "missing-tables")
    unjudged = next(one for one in card.results if one.is_unjudged)
    alone = replace(card, results=(unjudged,))
    assert not fails(with_waivers(alone), FailOn.NOT_MET)
    late = waiver(criterion=unjudged.criterion, until=YESTERDAY)
    assert fails(with_waivers(alone, late), FailOn.NOT_MET)


def test_what_could_not_be_judged_is_waived_only_by_a_waiver_for_that():
    card = card_of(FIXTURES / "missing-tables")
    unjudged = next(one for one in card.results if one.is_unjudged)
    alone = with_waivers(card, waiver(criterion=unjudged.criterion))
    assert line(alone, unjudged.criterion).waived is None
    assert alone.notices[0].endswith("which a waiver is for only with unjudged = true.")
    given = waiver(criterion=unjudged.criterion, unjudged=True)
    found = line(with_waivers(card, given), unjudged.criterion)
    assert found.waived.outcome is unjudged.outcome
    assert found.reason.startswith(f"{unjudged.outcome} ({unjudged.reason}); waived until ")


def test_a_rate_that_is_withheld_without_numbers_is_not_met_and_may_be_waived_as_that():
    card = with_line(card_of(), "ETH-01", numerator=None, denominator=None)
    assert line(card, "ETH-01").outcome is Outcome.NOT_MET
    found = with_waivers(card, waiver(criterion="ETH-01"))
    assert line(found, "ETH-01").outcome is Outcome.WAIVED


@pytest.mark.parametrize(
    ("id", "numerator", "at_most", "holds"),
    [
        ("CQIMDQ20", 30, 30, True),  # of 40 women 30 have a tear, where few should
        ("CQIMDQ20", 30, 29, False),
        ("CQIMDQ03", 30, 10, True),  # of 40 women 30 have what all should have
        ("CQIMDQ03", 30, 9, False),
    ],
)
def test_those_who_fail_a_measure_are_those_it_counts_where_few_should(
    id, numerator, at_most, holds
):
    one = packaged().indicators[id]
    assert (one.limits.upper is not None) is (id == "CQIMDQ20")
    counts = {"numerator": numerator, "denominator": 40}
    found = IndicatorResult(one, numerator, 40, numerator, 40, rounded_result=Verdict.FAIL)
    card = with_line(card_of(), "ETH-01", indicator=found, **counts)
    given = with_waivers(card, waiver(criterion="ETH-01", at_most=at_most))
    assert (line(given, "ETH-01").outcome is Outcome.WAIVED) is holds


def test_a_waiver_that_more_fail_than_is_told_and_not_called_unused():
    found = with_waivers(card_of(), waiver(criterion="ETH-01", at_most=2))
    [told] = [one for one in found.notices if "WAIVER" in one.upper()]
    assert told.startswith("WAIVER DOES NOT HOLD: ETH-01, set aside by the data team where at most")


@pytest.mark.parametrize("day", [LATER, YESTERDAY])
def test_an_unused_waiver_is_told_and_fails_nothing(day):
    card = card_of(FIXTURES / "clean")
    found = with_waivers(card, waiver(criterion="ETH-01", until=day))
    assert found.notices[0].startswith("Waiver not used: ETH-01, by the data team")
    assert ("It expired on 21 November 2026." in found.notices[0]) is (day is YESTERDAY)
    assert not fails(found, FailOn.NOT_ASSESSED)


def test_an_unused_waiver_is_told_once_on_a_card_it_may_be_about():
    cards = checked([FIXTURES / "south-west-london"], schemes=("ethnicity",))
    found = gated(cards, waivers=[waiver(criterion="ETH-02", provider="RVR")], today=TODAY)
    told = [card.provider for card in found if card.notices[:1] and "not used" in card.notices[0]]
    assert told == ["RVR"]


def test_nothing_is_waived_of_a_submission_that_was_not_given():
    card = replace(card_of(FIXTURES / "missing-tables"), rows={})
    assert with_waivers(card, waiver(criterion="ETH-01")).results == card.results


def test_a_rule_that_is_waived_is_told_so_and_no_criterion_is_met_by_it():
    card = card_of(RAX, "conformance")
    [failing] = [one for one in card.rules if one.rule == "MSD101-04"]
    found = with_waivers(card, waiver(rule="MSD101-04"))
    [aside] = [one for one in found.rules if one.rule == "MSD101-04"]
    assert aside.waiver == waiver(rule="MSD101-04")
    assert aside.tally == failing.tally
    assert found.results == card.results


def rejecting(card, effects):
    return [one.rule for one in card.rules if one.tally.failures and one.effect in effects]


def test_acceptance_is_waived_only_if_every_rule_that_rejects_is():
    card = card_of(BROKEN, "conformance")
    rules = rejecting(card, {Effect.REJECTS_RECORD, Effect.REJECTS_PATIENT})
    assert len(rules) > 1
    every = with_waivers(card, *(waiver(rule=one) for one in rules))
    some = with_waivers(card, *(waiver(rule=one) for one in rules[1:]))
    of_records = {Count.PATIENTS, Count.RECORDS}
    assert {one.outcome for one in every.results if one.counts in of_records} == {Outcome.WAIVED}
    assert {one.outcome for one in some.results if one.counts in of_records} == {Outcome.NOT_MET}


def test_patients_are_set_aside_by_what_rejects_them_and_by_no_other_rule():
    """At St George's 36 women go for one code of the booking; 5 circumstances reject nobody."""
    card = card_of(FIXTURES / "south-west-london" / "RJ7", "conformance")
    found = with_waivers(card, waiver(rule="M101130-format"))
    patients, records = (
        next(one for one in found.results if one.counts is count)
        for count in (Count.PATIENTS, Count.RECORDS)
    )
    assert (patients.outcome, patients.numerator) == (Outcome.WAIVED, 682)
    assert [one.rule for one in patients.waived.waivers] == ["M101130-format"]
    assert records.outcome is Outcome.NOT_MET


# --- how waivers are told -----------------------------------------------------------------


@pytest.fixture(scope="module")
def aside():
    return with_waivers(
        card_of(RAX, "ethnicity", "conformance"),
        waiver(criterion="ETH-01"),
        waiver(rule="MSD101-04", reason="the field is new"),
    )


@pytest.mark.parametrize("render", [to_terminal, to_markdown, to_junit, to_github])
def test_every_form_says_that_it_is_waived_until_when_by_whom_and_why(aside, render):
    text = " ".join(render([aside]).split())
    assert "waived until 31 December 2026 by the data team: the new system comes in" in text
    assert "1 waived" in text


def test_the_screen_says_under_a_waived_rule_why(aside):
    text = " ".join(to_terminal([aside]).split())
    assert "Waived until 31 December 2026 by the data team: the field is new" in text


def test_json_says_what_it_would_be_and_keeps_to_its_schema(aside):
    content = json.loads(to_json([aside]))
    jsonschema.validate(content, SCHEMA)
    [card] = content["scorecards"]
    [found] = [one for one in card["criteria"] if one["criterion"] == "ETH-01"]
    assert (found["outcome"], found["waived"]["outcome"]) == ("waived", "not met")
    assert found["waived"]["waivers"][0]["until"] == "2026-12-31"


def test_a_workflow_is_told_of_what_is_waived_as_a_notice(aside):
    lines = to_github([aside]).splitlines()
    assert [one for one in lines if "ETH-01" in one and not one.startswith("::notice")] == []
    assert any(one.startswith("::notice") and "ETH-01" in one for one in lines)
    assert [one for one in lines if one.startswith("::warning") and "MSD101-04" in one] == []


def test_a_workflow_is_told_of_an_expired_waiver_as_an_error():
    found = with_waivers(card_of(), waiver(criterion="ETH-01", until=YESTERDAY))
    text = to_github([found])
    assert "::error title=RAX 2026-08%3A waiver expired::ETH-01: expired on 2026-11-21." in text


def test_sarif_keeps_what_is_waived_as_suppressed(aside):
    [run] = json.loads(to_sarif([aside]))["runs"]
    suppressed = {one["ruleId"]: one for one in run["results"] if "suppressions" in one}
    assert set(suppressed) == {"ethnicity/ETH-01", "MSD101-04"}
    [why] = suppressed["MSD101-04"]["suppressions"]
    assert why["justification"] == "Waived until 2026-12-31 by the data team: the field is new"


# --- baseline -----------------------------------------------------------------------------


def baseline_of(tmp_path, *cards):
    path = tmp_path / "baseline.json"
    path.write_text(to_json(cards), encoding="utf-8")
    return read_baseline(path)


def against(card, baseline):
    [found] = gated([card], today=TODAY, baseline=baseline)
    return found


def with_line(card, criterion, **changes):
    results = (
        replace(one, **changes) if one.criterion == criterion else one for one in card.results
    )
    return replace(card, results=tuple(results))


def test_a_run_as_bad_as_its_baseline_passes(tmp_path):
    card = card_of()
    found = against(card, baseline_of(tmp_path, card))
    assert {one.since.change for one in found.results} == {Change.SAME}
    assert not_met(found) == {"ETH-01"}
    assert fails(card, FailOn.NOT_MET)
    assert not fails(found, FailOn.NOT_ASSESSED)


@pytest.mark.parametrize(
    ("then", "change"),
    [
        ({"numerator": 273}, Change.BETTER),  # 273 of 312 then, 274 of 312 now
        ({"numerator": 275}, Change.WORSE),
        ({"numerator": 137, "denominator": 156}, Change.SAME),  # the same share of others
        ({"numerator": 138, "denominator": 156}, Change.WORSE),
        ({"outcome": Outcome.MET, "numerator": 300}, Change.WORSE),
        ({"outcome": Outcome.NOT_ASSESSED, "numerator": None, "denominator": None}, Change.WORSE),
        ({"outcome": Outcome.INFORMATION}, Change.WORSE),
    ],
)
def test_a_criterion_that_is_not_met_is_worse_by_its_share(tmp_path, then, change):
    card = card_of()
    found = against(card, baseline_of(tmp_path, with_line(card, "ETH-01", **then)))
    assert line(found, "ETH-01").since.change is change
    assert fails(found, FailOn.NOT_ASSESSED) is (change is Change.WORSE)


def test_a_criterion_that_is_met_is_never_worse_and_may_be_better(tmp_path):
    card = card_of(FIXTURES / "clean")
    [met] = [one.criterion for one in card.results if one.criterion == "ETH-01"]
    higher = with_line(card, met, numerator=10**6, denominator=10**6)
    lower = with_line(card, met, outcome=Outcome.NOT_MET, numerator=0)
    assert line(against(card, baseline_of(tmp_path, higher)), met).since.change is Change.SAME
    assert line(against(card, baseline_of(tmp_path, lower)), met).since.change is Change.BETTER


def test_what_was_waived_in_a_baseline_is_taken_for_what_it_was(tmp_path):
    card = card_of()
    baseline = baseline_of(tmp_path, with_waivers(card, waiver(criterion="ETH-01")))
    assert not fails(against(card, baseline), FailOn.NOT_ASSESSED)


def test_the_last_card_of_a_trust_that_is_not_later_is_the_baseline(tmp_path):
    card = card_of()
    earlier = with_line(replace(card, period=card.period.before(3)), "ETH-01", numerator=200)
    last = with_line(replace(card, period=card.period.before(1)), "ETH-01", numerator=260)
    later = replace(card, period=card.period.before(-1))
    found = against(card, baseline_of(tmp_path, last, earlier, later))
    assert line(found, "ETH-01").since.numerator == 260


def test_a_trust_or_criterion_that_a_baseline_does_not_know_is_judged_without(tmp_path):
    card = card_of()
    other = baseline_of(tmp_path, replace(card, provider="RJ7"))
    found = against(card, other)
    assert found.notices[0] == "The baseline holds no RAX up to August 2026: judged without."
    assert fails(found, FailOn.NOT_MET)
    partly = replace(card, results=tuple(r for r in card.results if r.criterion != "ETH-01"))
    assert fails(against(card, baseline_of(tmp_path, partly)), FailOn.NOT_MET)


def test_a_baseline_of_other_rules_is_told(tmp_path):
    card = card_of()
    found = against(card, baseline_of(tmp_path, replace(card, fingerprint="0" * 64)))
    assert found.notices[0].startswith("The baseline was judged by other rules")


def test_what_was_not_met_and_cannot_be_told_any_more_is_worse(tmp_path):
    then = card_of()
    lost = with_line(then, "ETH-01", outcome=Outcome.NOT_ASSESSED, numerator=None, denominator=None)
    found = against(lost, baseline_of(tmp_path, then))
    assert line(found, "ETH-01").since.change is Change.WORSE
    assert fails(found, FailOn.NOT_ASSESSED)
    assert "<error" in to_junit([found])
    assert not fails(against(lost, baseline_of(tmp_path, lost)), FailOn.NOT_ASSESSED)


def test_a_submission_that_was_expected_and_not_given_fails_whatever_was_before(tmp_path):
    card = replace(card_of(FIXTURES / "missing-tables"), rows={})
    found = against(card, baseline_of(tmp_path, card))
    assert fails(found, FailOn.NOT_MET)
    assert not fails(found, FailOn.NEVER)


def test_side_by_side_what_is_waived_is_marked_and_counted(aside):
    for render in (to_terminal, to_markdown):
        text = render([aside, aside])
        assert "87.8 % ~" in text
        assert "~ waived: not met, and set aside" in text
        assert "Waived" in text
    assert "Waived" not in to_terminal([card_of(), card_of()])


def test_an_extract_without_its_tables_is_worse_than_it_was(tmp_path):
    then = replace(card_of(FIXTURES / "clean"), provider="RAX")
    now = replace(card_of(FIXTURES / "missing-tables"), provider="RAX")
    found = against(now, baseline_of(tmp_path, then))
    assert any(one.since.change is Change.WORSE for one in found.results)
    assert fails(found, FailOn.NOT_ASSESSED)


def test_every_form_says_what_is_worse_and_what_is_better(tmp_path):
    card = card_of()
    then = with_line(card, "ETH-01", outcome=Outcome.MET, numerator=290)
    found = against(card, baseline_of(tmp_path, then))
    for render in (to_terminal, to_markdown, to_junit, to_github):
        text = " ".join(render([found]).split())
        assert "Since the baseline, August 2026: 1 worse, 0 better" in text
        assert "Worse than in August 2026: met, 290 of 312, 92.9 %" in text
    jsonschema.validate(json.loads(to_json([found])), SCHEMA)


def test_pipelines_do_not_fail_what_is_no_worse(tmp_path):
    card = card_of(RAX, "ethnicity", "conformance")
    found = against(card, baseline_of(tmp_path, card))
    assert "<failure" not in to_junit([found])
    assert [one for one in to_github([found]).splitlines() if one.startswith("::error")] == []
    [run] = json.loads(to_sarif([found]))["runs"]
    assert {one["baselineState"] for one in run["results"]} == {"unchanged"}


def test_counts_of_a_baseline_are_rounded_where_a_card_is_shared(tmp_path):
    card = card_of()
    then = with_line(card, "ETH-01", outcome=Outcome.MET, numerator=291)
    shown = disclosed(against(card, baseline_of(tmp_path, then)))
    assert line(shown, "ETH-01").since.numerator == 290
    assert "291" not in to_terminal([shown])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "does not hold scorecards"),
        ('{"schema": "msds-audit/scorecards/2", "scorecards": []}', "does not hold scorecards"),
        ('{"schema": "msds-audit/scorecards/1", "scorecards": [{}]}', "not as this version"),
        ('{"schema": "msds-audit/scorecards/1", "scorecards": 1}', "not as this version"),
    ],
)
def test_what_is_no_baseline_is_refused_in_one_sentence(tmp_path, text, told):
    path = tmp_path / "baseline.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=told):
        read_baseline(path)


def test_rounded_counts_are_refused_as_a_baseline(tmp_path):
    with pytest.raises(UsageError, match="rounded"):
        baseline_of(tmp_path, disclosed(card_of()))


def test_a_baseline_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_baseline(tmp_path / "none.json")


# --- stricter thresholds ------------------------------------------------------------------


def test_a_stricter_threshold_says_so_and_changes_the_fingerprint(rules):
    found = stricter(rules, {"ETH-01": Decimal("0.95")})
    [changed] = [one for one in found.schemes["ethnicity"].criteria if one.id == "ETH-01"]
    assert changed.threshold == Decimal("0.95")
    assert changed.title.endswith("(own threshold; the scheme asks 90 %)")
    assert found.fingerprint != rules.fingerprint
    assert stricter(rules, {}) is rules


def test_the_threshold_that_is_asked_already_changes_nothing(rules):
    found = stricter(rules, {"ETH-01": Decimal("0.9")})
    assert (found.schemes, found.fingerprint) == (rules.schemes, rules.fingerprint)


def test_a_threshold_may_be_of_one_scheme_alone(rules):
    found = stricter(rules, {"cnst-sa2-y7/ETH-01": Decimal("0.95")})
    assert found.schemes["ethnicity"] == rules.schemes["ethnicity"]
