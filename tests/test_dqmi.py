"""Tests of the Data Quality Maturity Index: its formula, its range, and its lines."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from msds_audit.catalogue.reading import read_rules
from msds_audit.dqmi import index_of, item_score, maturity
from msds_audit.errors import RuleFileError
from msds_audit.extract import Period
from msds_audit.maturity import Bounds, DqmiItem
from msds_audit.rejections import Rejected
from msds_audit.reports import to_json, to_markdown, to_terminal
from msds_audit.rule_changes import differences
from msds_audit.scorecard import Audited, ItemTally, Outcome, Scorecard
from msds_audit.scoring import score
from msds_audit.sharing import disclosed
from support import packaged

ITEMS = ("M001020", "M001040", "M001050", "M001060", "M001070", "M002010", "M101040")


def declared(*thresholds: str | None) -> dict[str, DqmiItem]:
    """The first items of the index, with these thresholds."""
    limits = [None if one is None else Decimal(one) for one in thresholds]
    return {
        uid: DqmiItem(uid, limit, "somebody", True)
        for uid, limit in zip(ITEMS, limits, strict=False)
    }


def tally(uid: str = ITEMS[0], **classes: int) -> ItemTally:
    return ItemTally("MSD001MotherDemog", uid, uid, **classes)


def tallies(**classes: int) -> tuple[ItemTally, ...]:
    return tuple(tally(uid, **classes) for uid in ITEMS)


def card(*items: ItemTally) -> Scorecard:
    """A card on which the index is asked for."""
    empty = Audited("RJ7", Period.parse("2026-08"), {}, (), {}, {}, (), {}, (), Rejected(0, 0, ()))
    rules = replace(packaged(), records={})
    return score(replace(empty, items=items), rules, [rules.schemes["dqmi"]])


def exactly(number: str) -> Bounds:
    return Bounds(Decimal(number), Decimal(number))


# --- the formula --------------------------------------------------------------------------


def test_the_worked_check_of_the_methodology():
    scores = [Decimal("0.8")] * 11 + [Decimal("0.9")]
    assert sum(scores) == Decimal("9.7")
    coverages = [Decimal(1)] * 7 + [Decimal(0)] * 5
    assert round(index_of(scores, coverages), 1) == Decimal("47.2")


@pytest.mark.parametrize(
    ("valid_and_complete", "defaults", "records", "threshold", "score"),
    [
        (90, 0, 100, "0.05", "0.90"),
        (90, 5, 100, "0.05", "0.90"),
        (90, 6, 100, "0.05", "0.89"),
        (90, 90, 100, "0", "0"),
        (90, 90, 100, "1", "0.90"),
        (100, 10, 100, "0.025", "0.925"),
        (0, 0, 100, "0.05", "0"),
    ],
)
def test_defaults_beyond_the_threshold_count_against_an_item(
    valid_and_complete, defaults, records, threshold, score
):
    found = item_score(valid_and_complete, defaults, records, Decimal(threshold))
    assert found == exactly(score)


def test_without_a_threshold_a_score_lies_between_no_default_and_every_default_allowed():
    assert item_score(90, 6, 100) == Bounds(Decimal("0.84"), Decimal("0.90"))
    assert item_score(90, 0, 100) == exactly("0.90")


def test_nothing_has_no_score():
    with pytest.raises(ValueError, match="without records"):
        item_score(0, 0, 0)
    with pytest.raises(ValueError, match="of nothing"):
        index_of([], [])


# --- of a submission ----------------------------------------------------------------------


def test_other_and_default_codes_are_valid_and_complete():
    [item] = maturity(
        [tally(valid=70, other=10, default=5, invalid=5, missing=10)], declared(None)
    ).items
    assert (item.valid_and_complete, item.defaults, item.records) == (85, 5, 100)
    assert item.score == Bounds(Decimal("0.80"), Decimal("0.85"))


def test_the_index_is_the_mean_over_the_items_that_score():
    items = [tally(ITEMS[0], valid=90, missing=10), tally(ITEMS[1], valid=40, default=10)]
    found = maturity(items, declared(None, None))
    assert found.index == Bounds(Decimal(85), Decimal(95))
    assert maturity(items, declared(None, "0.2")).index == exactly("95")


@pytest.mark.parametrize(("records", "is_left_out"), [(24, True), (25, False)])
def test_an_item_with_fewer_than_25_records_is_left_out(records, is_left_out):
    items = [tally(ITEMS[0], missing=records), tally(ITEMS[1], valid=100)]
    found = maturity(items, declared("0", "0"))
    assert (found.items[0].score is None) == is_left_out
    assert found.index == exactly("100" if is_left_out else "50")


def test_an_item_that_was_not_sent_is_left_out():
    missing = replace(tally(ITEMS[0]), reason="it is not in this extract")
    found = maturity([missing, tally(ITEMS[1], valid=100)], declared("0", "0"))
    assert found.items[0].reason == "it is not in this extract"
    assert found.index == exactly("100")


def test_where_no_item_scores_there_is_no_index():
    found = maturity([tally(valid=3)], declared(None, None))
    assert found.index is None
    assert [one.score for one in found.items] == [None, None]


# --- what is declared ---------------------------------------------------------------------


def test_the_seven_items_of_msds_are_declared_and_no_threshold_is(rules):
    assert tuple(rules.dqmi) == ITEMS
    assert {one.threshold for one in rules.dqmi.values()} == {None}
    lines = [one.dqmi for one in rules.schemes["dqmi"].criteria]
    assert lines == ["total", *ITEMS]


def of_folder(folder, text):
    (folder / "dqmi.toml").write_text(text, encoding="utf-8")
    return read_rules(folder)


def test_a_folder_of_ones_own_sets_a_threshold_and_that_judges(rules, tmp_path):
    text = 'source = "us"\nverified = false\n[[item]]\nuid = "M001070"\nthreshold = 0.05\n'
    own = of_folder(tmp_path, text)
    assert tuple(own.dqmi) == ITEMS
    assert own.dqmi["M001070"] == DqmiItem("M001070", Decimal("0.05"), "us", False)
    assert own.fingerprint != rules.fingerprint
    [change] = differences(rules, own)
    assert (change.id, change.judges) == ("M001070", True)


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ('uid = "M999999"', "is that of no data item."),
        ('uid = "M001070"\nthreshold = 5', "is not right"),
        ('uid = "M001070"\nlimit = 0.05', "is not a key"),
    ],
)
def test_what_is_wrong_in_the_file_is_a_fault(tmp_path, item, sentence):
    with pytest.raises(RuleFileError) as caught:
        of_folder(tmp_path, f'source = "us"\nverified = false\n[[item]]\n{item}\n')
    assert any(sentence in str(fault) for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("line", "key"),
    [('dqmi = "M001010"', "dqmi"), ('dqmi = "total"\nthreshold = 0.9', "threshold")],
)
def test_a_line_names_an_item_of_the_index_and_no_threshold(tmp_path, line, key):
    (tmp_path / "schemes").mkdir()
    text = (
        'id = "mine"\nfamily = "mine"\ntitle = "Mine"\nabout = "Mine."\nsource = "us"\norder = 99\n'
        'default = false\n[[criterion]]\nid = "A"\nsection = "S"\ntitle = "T"\nsource = "us"\n'
        f"{line}\n"
    )
    (tmp_path / "schemes" / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RuleFileError) as caught:
        read_rules(tmp_path)
    assert key in {fault.key for fault in caught.value.faults}


# --- lines, and how they look -------------------------------------------------------------


def test_lines_show_counts_and_the_range_of_each_score():
    items = tallies(valid=95, missing=5)
    some = replace(items[4], valid=80, other=10, default=6, missing=4)
    few = tally("M101040", valid=20)
    away = replace(tally("M002010"), reason="MSD002GP is not in this extract")
    total, *lines = card(*items[:4], some, away, few).results
    assert total.outcome is Outcome.INFORMATION
    assert total.note == "94.0 to 95.2 of 100, over 5 of 7 items and this month alone."
    by_item = {one.dqmi: one for one in lines}
    ethnicity = by_item["M001070"]
    assert (ethnicity.numerator, ethnicity.denominator) == (96, 100)
    assert ethnicity.note == (
        "Scores 90.0 to 96.0 of 100: how many default codes may be sent is not published."
    )
    assert (by_item["M001020"].outcome, by_item["M001020"].note) == (Outcome.INFORMATION, "")
    assert by_item["M101040"].outcome is Outcome.NOT_APPLICABLE
    assert by_item["M101040"].reason == "fewer than 25 records"
    assert by_item["M002010"].outcome is Outcome.NOT_ASSESSED
    assert by_item["M002010"].reason == "MSD002GP is not in this extract"


def test_a_known_threshold_that_is_passed_is_told():
    rules = replace(packaged(), records={}, dqmi=declared("0.02"))
    scheme = rules.schemes["dqmi"]
    asked = replace(scheme, criteria=scheme.criteria[:2])
    found = Audited("RJ7", Period.parse("2026-08"), {}, (), {}, {}, (), {}, (), "not looked at")
    audited = replace(found, items=(tally(valid=90, default=10),))
    _, line = score(audited, rules, [asked]).results
    assert line.note == "Scores 92.0 of 100: more default codes than may be sent."


def test_without_any_item_the_index_is_not_assessed():
    total, *_ = card(*tallies(valid=3)).results
    assert (total.outcome, total.reason) == (Outcome.NOT_ASSESSED, "no item has 25 records")


@pytest.mark.parametrize("render", [to_terminal, to_markdown])
def test_the_index_has_a_section_of_its_own(render):
    text = render([card(*tallies(valid=95, default=5))])
    assert "Data Quality Maturity Index (MSDS items)" in text
    assert "95.0 to 100.0 of 100, over 7 of 7 items and this month alone." in text


def test_json_holds_the_index_where_it_was_asked_for():
    asked = card(*tallies(valid=95, default=5))
    [found] = json.loads(to_json([asked]))["scorecards"]
    assert found["dqmi"]["index"] == {"low": "95.000000", "high": "100.000000"}
    assert found["dqmi"]["items"][0] == {
        "uid": "M001020",
        "valid_and_complete": 100,
        "defaults": 5,
        "records": 100,
        "threshold": None,
        "score": {"low": "0.950000", "high": "1.000000"},
        "reason": "",
    }
    [other] = json.loads(to_json([replace(asked, dqmi=None)]))["scorecards"]
    assert other["dqmi"] is None


def test_a_card_that_is_shared_scores_by_its_rounded_counts():
    one = disclosed(card(*tallies(valid=91, default=3, missing=8)))
    total, first, *_ = one.results
    assert (first.numerator, first.denominator) == (95, 100)
    assert first.note.startswith("Scores 90.0 to 95.0 of 100")
    assert total.note.startswith("90.0 to 95.0 of 100")
    assert one.dqmi.items[0].defaults == 5
