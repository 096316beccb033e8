"""Tests of what spreadsheets do to values: named where it happened, and nowhere else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

import msds_audit.counting
from msds_audit.audit import audit
from msds_audit.checks import read_values, row_check, vodim
from msds_audit.damage import hides_in, may_befall, seen_in, sign_of
from msds_audit.examples import result_of
from msds_audit.relations import in_context
from msds_audit.reports import to_json
from msds_audit.reports.wording import failing_rules
from msds_audit.rule import Damage, Effect, Expected, Rule, Rules
from msds_audit.scorecard import Audited, Scorecard, Tally
from msds_audit.scoring import score
from msds_audit.spec import Item, Kind
from support import (
    QUICK,
    SAMPLES,
    audited,
    breakable,
    frame,
    item,
    packaged,
    quick_first,
    sample,
    submission,
)

STATUS = item("MSD001", "NHSNumberStatusMother")
JOB = item("MSD901", "JobRoleCode")
DELIVERY = item("MSD401", "DeliveryMethodCode")
BORN = item("MSD001", "PersonBirthDateMother")
BORN_AT = item("MSD401", "PersonBirthTimeBaby")
NHS_NUMBER = item("MSD001", "NHSNumberMother")
MOTHER = item("MSD002", "LPIDMother")
COMMISSIONER = item("MSD101", "OrgIDComm")
SITE = item("MSD101", "OrgSiteIDBooking")
PRACTICE = item("MSD002", "OrgCodeGMPMother")
TOOL = item("MSD104", "ToolTypeSNOMED")
DIAGNOSIS = item("MSD106", "Diag")
PROCEDURE = item("MSD202", "ProcedureCode")
SCORE = item("MSD104", "Score")
OBSERVED = item("MSD109", "ObsValue")
WEEKS = item("MSD103", "GestationDatingUltrasound")
ORDER = item("MSD401", "BirthOrderMaternitySUS")
POSTCODE = item("MSD001", "Postcode")

DAMAGED = {
    Damage.ZEROS: [(STATUS, "1"), (STATUS, "7"), (JOB, "1000")],
    Damage.SERIAL: [
        (BORN, "10959"),
        (BORN, "46237"),
        (BORN, "46237.40625"),
        (BORN, "65745"),
        (BORN_AT, "0.40625"),
        (BORN_AT, ".5"),
        (BORN_AT, "46237.40625"),
    ],
    Damage.SCIENTIFIC: [
        (NHS_NUMBER, "9.99191E+09"),
        (NHS_NUMBER, "1E+10"),
        (MOTHER, "1.60543E+17"),
        (MOTHER, "1.60543e+17"),
        (TOOL, "7.20433E+08"),
        (DIAGNOSIS, "1.60543E+17"),
        (PROCEDURE, "1.6E+07"),
        (COMMISSIONER, "9.00E+00"),
        (COMMISSIONER, "9E+00"),
        (SITE, "9.00E+00"),
    ],
    Damage.DATE: [
        (SCORE, "07-Oct"),
        (SCORE, "7-Oct"),
        (SCORE, "Oct-10"),
        (SCORE, "07/10/2026"),
        (SCORE, "2026-10-07"),
        (OBSERVED, "10-Jul"),
        (OBSERVED, "Oct-10"),
        (OBSERVED, "OCT-10"),
        (WEEKS, "Dec-40"),
        (WEEKS, "07-Oct-26"),
        (WEEKS, "2026-10-07 00:00:00"),
        (ORDER, "01-Feb"),
    ],
}

UNHARMED = [
    (STATUS, "01"),
    (STATUS, "9"),
    (STATUS, "001"),
    (STATUS, "x"),
    (JOB, "10000"),
    (DELIVERY, "0"),
    (DELIVERY, "00"),
    (BORN, "1998-10-16"),
    (BORN, "16/10/1998"),
    (BORN, "19981016"),
    (BORN, "1998"),
    (BORN, "10958"),
    (BORN, "65746"),
    (BORN, "nan"),
    (BORN, "inf"),
    (BORN, "-46237"),
    (BORN_AT, "09:45:00"),
    (BORN_AT, "9:45"),
    (BORN_AT, "0"),
    (BORN_AT, "1"),
    (BORN_AT, "0945"),
    (NHS_NUMBER, "9991907483"),
    (NHS_NUMBER, "999 190 7483"),
    (MOTHER, "12E+3"),
    (MOTHER, "E+17"),
    (MOTHER, "1.60543E17"),
    (COMMISSIONER, "09E00"),
    (PRACTICE, "9.00E+00"),
    (POSTCODE, "9.00E+00"),
    (PROCEDURE, "16310003:408730004=443390004+1"),
    (SCORE, "7-10"),
    (SCORE, "9/10"),
    (SCORE, "-2"),
    (OBSERVED, "120/80"),
    (OBSERVED, "3/5"),
    (OBSERVED, "07/10/2026"),
    (OBSERVED, "2026-10-07"),
    (OBSERVED, "7-Oct-26"),
    (OBSERVED, "-3"),
    (WEEKS, "84"),
    (WEEKS, "12+3"),
    (ORDER, "UU"),
]


def named(of: Item, text: str | None) -> str | None:
    found = frame([{of.name: text}], [of.name]).select(seen_in(of)).collect().item()
    assert found is None or isinstance(found, str)
    return found


def damage_rules(rules: Rules, *kinds: Damage) -> list[Rule]:
    return [one for one in rules.records.values() if one.damage in (kinds or tuple(Damage))]


def found_in(counted: Audited, rules: Rules) -> dict[str, int]:
    """Failures of the rules that name damage, where there are any."""
    tallies = {one.id: counted.rules[one.id] for one in damage_rules(rules)}
    return {id: tally.failures for id, tally in tallies.items() if tally.failures}


def extract(rules: Rules, values: Iterable[tuple[Item, str]], **given: str) -> Audited:
    """The audit of rows that hold one value each and are blank otherwise."""
    tables: dict[str, list[dict[str, str | None]]] = {}
    for of, text in values:
        tables.setdefault(of.table, []).append({of.name: text})
    return audit(submission(rules.spec, tables, **given), rules)


# --- which values -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", DAMAGED)
def test_damage_that_shows_in_a_value_is_named(kind: Damage) -> None:
    for of, text in DAMAGED[kind]:
        assert named(of, text) == str(kind), f"{of.name} {text}"


def test_what_only_looks_alike_is_not_named() -> None:
    for of, text in UNHARMED:
        assert named(of, text) is None, f"{of.name} {text}"
        assert named(of, None) is None


def test_a_damaged_value_is_always_looked_at() -> None:
    """It is invalid, or the quick look of the first pass says that it may be damaged."""
    for kind, values in DAMAGED.items():
        for of, text in values:
            row = read_values(frame([{of.name: text}], [of.name]), [of], [f"{of.name}_vodim"])
            sign = hides_in(of, "PeriodEnd")
            quick = pl.lit(False) if sign is None else sign.fill_null(False)
            end = pl.lit("2026-08-31").str.to_date().alias("PeriodEnd")
            seen = row.with_columns(end).select(quick | (pl.col(f"{of.name}_vodim") == "I"))
            assert seen.collect().item(), f"{kind}: {of.name} {text}"


@pytest.mark.parametrize(
    ("of", "text", "rounded"),
    [
        (TOOL, "160543012345679000", True),
        (TOOL, "160543012345678000", False),  # its check digit is right
        (TOOL, "160543012345679100", False),
        (TOOL, "1605430123456780", True),
        (TOOL, "1605430123456787", False),
        (TOOL, "160543012345670", False),  # 15 digits are kept
        (TOOL, "O244", False),
        (DIAGNOSIS, "16054301234567900", True),
        (PROCEDURE, "16054301234567900", True),
        (PROCEDURE, "16054301234567900:408730004=1", False),
        (NHS_NUMBER, "9991910000", True),
        (NHS_NUMBER, "9991930000", False),  # its check digit is right
        (NHS_NUMBER, "9991911000", False),
        (NHS_NUMBER, "999191000", False),
    ],
)
def test_last_digits_are_lost_only_where_the_check_digit_is_wrong(
    of: Item, text: str, rounded: bool, rules: Rules
) -> None:
    assert found_in(extract(rules, [(of, text)]), rules) == (
        {f"{of.uid}-rounded": 1} if rounded else {}
    )


@pytest.mark.parametrize(
    ("text", "period", "swapped"),
    [
        ("2026-09-08", "2026-08", True),
        ("2026-12-01", "2026-08", True),
        ("2026-09-09", "2026-08", False),  # 9 September either way
        ("2026-09-13", "2026-08", False),  # there is no month 13
        ("2026-10-09", "2026-08", False),  # 10 September is after the month as well
        ("2026-08-31", "2026-08", False),
        ("2026-08-05", "2026-08", False),
        ("2027-02-01", "2026-08", False),  # another year either way
        ("2025-10-07", "2026-08", False),
        ("2026-02-01", "2026-01", True),
        ("2027-01-02", "2026-12", False),
        ("not a date", "2026-08", False),
    ],
)
def test_day_and_month_may_be_swapped_where_that_alone_puts_a_date_after_the_month(
    text: str, period: str, swapped: bool, rules: Rules
) -> None:
    held = item("MSD201", "CContactDate")
    found = found_in(extract(rules, [(held, text)], period=period), rules)
    assert found == ({"M201010-swapped": 1} if swapped else {})


# --- which items --------------------------------------------------------------------------


def test_codes_that_zeros_can_be_lost_from() -> None:
    assert STATUS.codes is not None
    assert STATUS.codes.without_zeros["1"] == ("01",)
    both = replace(STATUS.codes.codes[0], code="0")
    codes = [replace(both, code=code) for code in ("00", "0", "02", "002", "1", "01", "0A", "10")]
    assert replace(STATUS.codes, codes=tuple(codes)).without_zeros == {"2": ("002", "02")}


def test_every_item_of_a_kind_has_the_rules_of_that_kind(rules: Rules) -> None:
    of_item: dict[str, set[Damage | None]] = {}
    for rule in damage_rules(rules):
        of_item.setdefault(f"{rule.table}.{rule.about}", set()).add(rule.damage)
    for one in rules.spec.items:
        kinds = of_item.get(one.path, set())
        assert kinds == set(may_befall(one))
        assert (Damage.SERIAL in kinds) == (one.format.kind in (Kind.DATE, Kind.TIME))
        assert (Damage.DATE in kinds) >= (one.format.kind is Kind.INTEGER)
        assert (Damage.SCIENTIFIC in kinds) >= (one.key or one.references is not None)
        assert (Damage.ROUNDED in kinds) >= one.name.endswith("SNOMED")
        assert not kinds or one.name not in ("Postcode", "OrgCodeGMPMother", "UCUMUnit")
    assert Counter(rule.damage for rule in damage_rules(rules)) == {
        Damage.ZEROS: 46,
        Damage.SERIAL: 70,
        Damage.SCIENTIFIC: 103,
        Damage.ROUNDED: 25,
        Damage.DATE: 26,
        Damage.SWAPPED: 31,
    }


def test_a_date_that_may_rightly_be_later_is_not_taken_for_swapped() -> None:
    later = {
        *("EDDAgreed", "ReplApptDate", "ReplApptOffDate", "EndDateGMPReg", "FileCreationDate"),
        *("RPStartDate", "RPEndDate", "DischDateHospProvSpell", "PersonDeathDateMother"),
        *("DischargeDateMatService", "BabyFirstFeedDate", "EndDateWardStay"),
        *("ProcedureDateDatingUltrasound", "OvsVisChCatAppDate", "EndDateOrgCodeComm"),
    }
    dates = [one for one in packaged().spec.items if one.format.kind is Kind.DATE]
    swapped = {one.name for one in dates if Damage.SWAPPED in may_befall(one)}
    assert later < {one.name for one in dates}
    assert swapped.isdisjoint(later)
    assert {"CContactDate", "PersonBirthDateBaby", "AntenatalAppDate", "SocPerDate"} < swapped


def test_damage_is_our_advice_and_not_counted_only_where_the_value_is_invalid(
    rules: Rules,
) -> None:
    for rule in damage_rules(rules):
        of = rules.spec.tables[rule.table].by_name[rule.about]
        [wrong] = [one.row[of.name] for one in rule.examples if one.result is Expected.FAIL]
        invalid = frame([{of.name: wrong}], [of.name]).select(vodim(of) == "I").collect().item()
        assert str(rule.basis) == "advice"
        assert rule.effect is (Effect.COUNTS_AS_INVALID if invalid else Effect.WARNING), rule.id


# --- counting -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Damage))
def test_every_rule_finds_its_damage_where_nothing_else_is_wrong_with_the_item(
    kind: Damage, rules: Rules
) -> None:
    """One extract a kind: what another kind makes of an item would draw attention to it."""
    wanted = damage_rules(rules, kind)
    values = [
        (rules.spec.tables[rule.table].by_name[rule.about], one.row[rule.about])
        for rule in wanted
        for one in rule.examples
    ]
    counted = extract(rules, values)
    for rule in wanted:
        assert counted.rules[rule.id] == Tally(2, 1), rule.id
    assert set(found_in(counted, rules)) == {rule.id for rule in wanted}


@pytest.mark.parametrize("name", quick_first(SAMPLES, (*QUICK, "south-west-london/RVR")))
def test_what_was_not_looked_at_counts_as_if_it_had_been(name: str, rules: Rules) -> None:
    given, counted = sample(name), audited(name)
    for table in rules.spec.tables.values():
        judged = [
            rule
            for rule in damage_rules(rules)
            if rule.table == table.name and counted.rules[rule.id].assessed
        ]
        if not judged:
            continue
        checks = {rule.id: row_check(rule, table) for rule in judged}
        wanted = {name for check in checks.values() for name in check.wanted}
        context = in_context(given, rules.spec, table.name, judged)
        present = [one for one in table.items if one.name in context.collect_schema().names()]
        totals = [
            expression.sum().alias(f"{id} {part}")
            for id, check in checks.items()
            for part, expression in (
                ("denominator", check.applies),
                ("numerator", check.applies & check.passes),
            )
        ]
        row = read_values(context, present, wanted).select(totals).collect().row(0, named=True)
        for id in checks:
            assert counted.rules[id] == Tally(row[f"{id} denominator"], row[f"{id} numerator"]), id


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_but_the_zeros_sown_in_one_trust_is_found_in_the_samples(
    name: str, rules: Rules
) -> None:
    found = found_in(audited(name), rules)
    if name == "every-rule-broken":
        assert set(found) == {rule.id for rule in damage_rules(rules)}
    elif name == "south-west-london/RVR":
        assert found == {"M001050-zeros": 6, "M101170-zeros": 8}
    else:
        assert found == {}


def test_an_extract_without_a_suspicion_is_looked_at_once(
    rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []
    run = msds_audit.counting._OneTable.run

    def watched(*given: Any, items: bool) -> Any:
        looks.append(items)
        return run(*given, items=items)

    monkeypatch.setattr(msds_audit.counting._OneTable, "run", watched)
    audit(sample("clean"), rules)
    assert looks == [True] * 32
    audit(sample("every-rule-broken"), rules)
    assert False in looks


def test_a_check_that_fails_in_the_second_pass_takes_no_other_with_it(rules: Rules) -> None:
    """DATE stops at the first text that is no date; nothing before the run can tell."""
    id, name = "M001050-zeros", "south-west-london/RVR"
    broken = replace(rules.records[id], passes="DATE(NHSNumberStatusMother) > DATE('2020-01-01')")
    found = audit(sample(name), replace(rules, records={**rules.records, id: broken}))
    assert found.rules[id].reason.startswith("the check itself failed (")
    whole = dict(audited(name).rules)
    assert {**found.rules, id: None} == {**whole, id: None}


def test_an_item_that_is_not_there_is_a_reason(rules: Rules) -> None:
    tallies = audited("missing-tables").rules
    assert tallies["M101060-zeros"].reason == "MSD101PregnancyBooking is not in this extract"
    assert audited("empty-tables").rules["M101060-zeros"].reason.endswith("is empty")


# --- saying -------------------------------------------------------------------------------


def card(rules: Rules, *values: tuple[Item, str]) -> Scorecard:
    return score(extract(rules, values), rules, [])


def test_the_card_says_first_what_a_spreadsheet_did_and_how_often(rules: Rules) -> None:
    shown = card(
        rules,
        *[(STATUS, "1"), (STATUS, "2"), (BORN, "46237"), (TOOL, "160543012345679000")],
        (POSTCODE, "nowhere"),
    )
    assert shown.notices[0] == (
        "A spreadsheet may have changed this extract: 4 values (leading zeros lost 2, dates or "
        "times turned into numbers 1, last digits turned into zeros 1). Export it again from the "
        "maternity system and do not open it in a spreadsheet."
    )
    assert "1 value (leading zeros lost 1)" in card(rules, (STATUS, "1")).notices[0]


def test_no_word_of_spreadsheets_where_none_shows(rules: Rules) -> None:
    for name in ("clean", "south-west-london/RAX", "missing-tables"):
        assert not any("spreadsheet" in one for one in score(audited(name), rules, []).notices)
    assert not any("spreadsheet" in one for one in card(rules, (STATUS, "x")).notices)
    later = card(rules, (item("MSD201", "CContactDate"), "2026-09-08"))
    assert [one.rule for one in failing_rules(later) if one.damage] == ["M201010-swapped"]
    assert not any("spreadsheet" in one for one in later.notices)


def test_what_explains_a_wrong_value_stands_before_it_and_drops_nothing(rules: Rules) -> None:
    shown = card(rules, (STATUS, "1"), (STATUS, "2"), (BORN, "46237"), (BORN, "x"), (BORN, "y"))
    failing = [
        one.rule for one in failing_rules(shown) if one.rule.startswith(("M00105", "M00102"))
    ]
    assert failing[:4] == ["M001020-serial", "M001020-format", "M001020-blank", "M001050-zeros"]
    whole = failing_rules(score(audited("every-rule-broken"), rules, []))
    assert len(whole) == len({one.rule for one in whole}) == len(breakable(rules))
    place = {one.rule: at for at, one in enumerate(whole)}
    for rule in damage_rules(rules):
        for suffix in ("format", "code"):
            other = rule.id.replace(str(rule.damage), suffix)
            assert other not in place or place[rule.id] < place[other]


def test_json_names_the_damage(rules: Rules) -> None:
    [content] = json.loads(to_json([card(rules, (STATUS, "1"))]))["scorecards"]
    damage = {one["rule"]: one["damage"] for one in content["rules"]}
    assert damage["M001050-zeros"] == "zeros"
    assert damage["M001050-format"] is None


def test_an_example_of_every_rule_that_passes_is_a_value_the_item_may_hold(rules: Rules) -> None:
    for rule in damage_rules(rules):
        of = rules.spec.tables[rule.table].by_name[rule.about]
        [right] = [one for one in rule.examples if one.result is Expected.PASS]
        classes = frame([right.row], [of.name]).select(vodim(of)).collect().to_series()
        assert classes.to_list() != ["I"], rule.id
        assert result_of(rule, right, rules) is Expected.PASS
        assert sign_of(of) is not None
