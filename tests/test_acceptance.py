"""Tests of what would be rejected and what goes with it, against counts worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from msds_audit.api import chosen_schemes, load_rules
from msds_audit.audit import audit
from msds_audit.cascade import rejected
from msds_audit.extract import Submission
from msds_audit.failing_rows import ROW, places_failing
from msds_audit.holding import held
from msds_audit.item_rules import good_value
from msds_audit.rejections import Cause, Rejected
from msds_audit.reports import to_json, to_terminal
from msds_audit.reports.preview import going_with, summary, wrong_records
from msds_audit.reports.wording import UNBROKEN
from msds_audit.rule import REJECTING_RECORDS, Basis, Count, Effect, Rules
from msds_audit.scorecard import Audited, Outcome, Scorecard, Tally
from msds_audit.scoring import score
from msds_audit.spec import Item
from support import SAMPLES, Records, audited, packaged, quick_first, sample, submission, without

MOTHER, BOOKING = "MSD001MotherDemog", "MSD101PregnancyBooking"


def right(table: str, **changes: str) -> dict[str, str | None]:
    """The first record of a table of the clean extract, with changes."""
    [record] = sample("clean").tables[table].head(1).collect().to_dicts()
    return record | changes


def mother(id: str, **changes: str) -> dict[str, str | None]:
    """A mother without an NHS number, so that no two have the same."""
    unknown = {"NHSNumberMother": "", "NHSNumberStatusMother": "07"}
    return right(MOTHER, LPIDMother=id, **unknown, **changes)


def booking(id: str, of: str, **changes: str) -> dict[str, str | None]:
    """A booking without an agreed date of delivery, so that it goes with any birth."""
    return right(
        BOOKING,
        **{"PregnancyID": id, "LPIDMother": of, "EDDAgreed": "", "EDDMethodAgreed": "", **changes},
    )


def contact(id: str, of: str) -> dict[str, str | None]:
    return right("MSD201CareContactPreg", CareConID=id, PregnancyID=of)


def baby(id: str, of: str, order: str) -> dict[str, str | None]:
    unknown = {"NHSNumberBaby": "", "NHSNumberStatusBaby": "07", "LocalFetalID": ""}
    return right(
        "MSD401BabyDemographics",
        LPIDBaby=id,
        LabourDeliveryID=of,
        BirthOrderMaternitySUS=order,
        **unknown,
    )


def whole(tables: dict[str, Records]) -> Submission:
    """A submission with these records and with every other table there and empty."""
    spec = packaged().spec
    empty = {table.number: [] for table in spec.tables.values()}
    header = [right("MSD000Header")]
    given = submission(spec, {**empty, "MSD000": header, **tables})
    return replace(given, provider=sample("clean").provider)


# --- the five faults ----------------------------------------------------------------------

FIVE_FAULTS: dict[str, Records] = {
    # M1 is right. M2 is there twice. The birth date of M3 cannot be read. The booking of M4 has
    # no date. The ethnic category of M5 is no code. And P9 is the booking of M9, of whom nothing
    # else is known.
    "MSD001": [
        mother("M1"),
        mother("M2"),
        mother("M2"),
        mother("M3", PersonBirthDateMother="31/12/1990"),
        mother("M4"),
        mother("M5", EthnicCategoryMother="I"),
    ],
    "MSD002": [right("MSD002GP", LPIDMother=f"M{number}") for number in (1, 2, 3, 4, 5)],
    "MSD101": [
        booking("P1", "M1"),
        booking("P2", "M2"),
        booking("P3", "M3"),
        booking("P4", "M4", AntenatalAppDate=""),
        booking("P5", "M5"),
        booking("P9", "M9"),
    ],
    "MSD103": [right("MSD103DatingScan", PregnancyID="P3")],
    "MSD201": [contact("C1", "P1"), contact("C2", "P2"), contact("C4", "P4"), contact("C9", "P9")],
    "MSD202": [
        right("MSD202CareActivityPreg", CareActIDMother=f"A{of}", CareConID=of, CareProfLID="")
        for of in ("C1", "C9")
    ],
    "MSD301": [
        right("MSD301LabourDelivery", LabourDeliveryID=f"L{number}", PregnancyID=f"P{number}")
        for number in (1, 3)
    ],
    "MSD401": [
        {**one, "CareProfLIDDel": ""}
        for one in (baby("B1", "L1", "1"), baby("B2", "L3", "1"), baby("B3", "L3", "2"))
    ],
    "MSD405": [
        right("MSD405CareActivityBaby", CareActIDBaby=f"A{of}", LPIDBaby=of, CareProfLID="")
        for of in ("B1", "B2", "B3")
    ],
}


@pytest.fixture(scope="module")
def five_faults() -> Scorecard:
    rules = packaged()
    return score(audit(whole(FIVE_FAULTS), rules), rules, chosen_schemes(rules, ["conformance"]))


def test_exactly_the_five_faults_are_named_with_what_they_do(five_faults: Scorecard) -> None:
    assert {
        (one.rule, one.tally.failures, one.effect, one.basis)
        for one in five_faults.rules
        if one.tally.failures and one.damage is None
    } == {
        ("M101901-orphan", 1, Effect.REJECTS_RECORD, Basis.PUBLISHED),
        ("M001901-repeated", 2, Effect.REJECTS_RECORD, Basis.ANALOGY),
        ("M001020-format", 1, Effect.REJECTS_RECORD, Basis.ANALOGY),
        ("M101020-blank", 1, Effect.REJECTS_RECORD, Basis.ANALOGY),
        ("M001070-code", 1, Effect.COUNTS_AS_INVALID, Basis.ANALOGY),
    }


def test_the_causes_of_every_table_are_those_worked_out_by_hand(five_faults: Scorecard) -> None:
    """M2 (both records), M3 and, with her only booking, M4: with them goes all they have."""
    assert isinstance(five_faults.rejected, Rejected)
    found = {one.table[:6]: set(one.causes) for one in five_faults.rejected.tables if one.causes}
    assert found == {
        "MSD001": {
            Cause(2, rule="M001901-repeated"),
            Cause(1, rule="M001020-format"),
            Cause(1, lacks=BOOKING),
        },
        "MSD002": {Cause(3, goes_with=MOTHER)},
        "MSD101": {
            Cause(1, rule="M101901-orphan"),
            Cause(1, rule="M101020-blank"),
            Cause(2, goes_with=MOTHER),
        },
        "MSD103": {Cause(1, goes_with=BOOKING)},
        "MSD201": {Cause(3, goes_with=BOOKING)},
        "MSD202": {Cause(1, goes_with="MSD201CareContactPreg")},
        "MSD301": {Cause(1, goes_with=BOOKING)},
        "MSD401": {Cause(2, goes_with="MSD301LabourDelivery")},
        "MSD405": {Cause(2, goes_with="MSD401BabyDemographics")},
    }
    assert (five_faults.rejected.wrong, five_faults.rejected.taken) == (5, 16)


def test_the_counts_of_the_whole_submission_are_those_worked_out_by_hand(
    five_faults: Scorecard,
) -> None:
    """Of the header and 32 more records 21 would go; of six women, M2, M3, M4 and M9."""
    records = 1 + sum(len(rows) for rows in FIVE_FAULTS.values())
    assert records == 33
    assert five_faults.acceptance[Count.RECORDS] == Tally(records, records - 21)
    assert five_faults.acceptance[Count.PATIENTS] == Tally(6, 2)
    assert five_faults.acceptance[Count.FILE].failures == 0
    assert five_faults.acceptance[Count.WARNED].numerator == 1
    assert five_faults.acceptance[Count.INVALID].numerator == 2
    assert five_faults.acceptance[Count.UNCOUNTED].numerator == 0
    assert five_faults.acceptance[Count.ADVISED].numerator == 0


def test_the_block_says_it_in_words_each_with_how_it_is_known(five_faults: Scorecard) -> None:
    assert summary(five_faults) == "5 records are wrong; 16 go with them."
    assert [(one.records, one.rule.rule, one.known) for one in wrong_records(five_faults)] == [
        (2, "M001901-repeated", "by analogy"),
        (1, "M001020-format", "by analogy"),
        (1, "M101020-blank", "by analogy"),
        (1, "M101901-orphan", "published"),
    ]
    assert [text.replace(UNBROKEN, " ") for text in going_with(five_faults)[:2]] == [
        "Whose every record in MSD101PregnancyBooking is rejected (by analogy): MSD001 1",
        "With their record in MSD001MotherDemog (published): MSD002 3 · MSD101 2",
    ]
    shown = to_terminal([five_faults], width=110)
    for line in ("2 of 6", "12 of 33", "5 records are wrong; 16 go with them.", "MSD401 2 of 3"):
        assert line in shown
    assert "M001901-repeated" in to_json([five_faults])


def test_the_verdict_is_that_of_the_file_the_patients_and_the_records(
    five_faults: Scorecard,
) -> None:
    assert {one.criterion: one.outcome for one in five_faults.results} == {
        "CONF-01": Outcome.MET,
        "CONF-02": Outcome.NOT_MET,
        "CONF-03": Outcome.NOT_MET,
        "CONF-04": Outcome.INFORMATION,
        "CONF-05": Outcome.INFORMATION,
        "CONF-06": Outcome.INFORMATION,
        "CONF-07": Outcome.INFORMATION,
    }


# --- every relationship -------------------------------------------------------------------

REFERENCES = [item for item in packaged().spec.items if item.references is not None]


def test_there_are_as_many_relationships_as_were_published() -> None:
    assert len(REFERENCES) == 33


def made_up(table: str, **keys: str) -> dict[str, str | None]:
    """A record with what is mandatory, its identifiers those given or blank."""
    items = packaged().spec.tables[table].items
    needed = {item.name: good_value(item) for item in items if item.is_mandatory}
    other = {item.name: None for item in items if item.references is not None}
    return {**needed, **other, **keys}


@pytest.mark.parametrize("item", REFERENCES, ids=lambda item: item.uid)
def test_a_rejected_record_takes_with_it_what_belongs_to_it(item: Item, rules: Rules) -> None:
    """Of two parents one has a mandatory item in a wrong format: it goes, and its child with it."""
    parent, key = item.references or ("", "")
    unlike = next(one for one in rules.spec.tables[parent].items if one.name != key)
    bad = {unlike.name: "#" * 99}
    given = submission(
        rules.spec,
        {
            parent[:6]: [made_up(parent, **{key: "K1"}), made_up(parent, **{key: "K2"}) | bad],
            item.table[:6]: [made_up(item.table, **{item.name: id}) for id in ("K1", "K2", "K2")],
        },
    )
    wrong = {f"{unlike.uid}-format", f"{item.uid}-orphan"}
    wrong |= {rule.id for rule in rules.records.values() if rule.effect is Effect.REJECTS_FILE}
    kept = {id: rule for id, rule in rules.records.items() if id in wrong}
    found = audit(given, replace(rules, records=kept)).rejected
    assert isinstance(found, Rejected)
    causes = {one.table: set(one.causes) for one in found.tables}
    assert Cause(1, rule=f"{unlike.uid}-format") in causes[parent]
    assert Cause(2, goes_with=parent) in causes[item.table]
    assert sum(one.records for one in causes[item.table]) == 2


def test_a_record_goes_only_if_no_valid_parent_is_left(rules: Rules) -> None:
    """Two rows of one member of staff: while one is valid, what they did stays."""
    staff, plan = "MSD901StaffDetails", "MSD102MatCarePlan"
    good = made_up(staff, CareProfLID="S1")
    bad = good | {"ProfRegCode": "#####"}
    plans = [made_up(plan, PregnancyID="P1", CareProfLID="S1")]
    for rows, gone in (([good, bad], 0), ([bad, bad], 1)):
        given = submission(rules.spec, {"MSD901": rows, "MSD102": plans})
        found = audit(given, rules).rejected
        assert isinstance(found, Rejected)
        [taken] = [one.taken for one in found.tables if one.table == plan]
        assert taken == gone


def test_a_mother_stays_while_one_of_her_bookings_is_valid(rules: Rules) -> None:
    tables = {
        "MSD001": [mother("M1")],
        "MSD002": [right("MSD002GP", LPIDMother="M1")],
        "MSD101": [
            booking("P1", "M1", AntenatalAppDate=""),
            booking("P2", "M1"),
        ],
    }
    found = audit(whole(tables), rules).rejected
    assert isinstance(found, Rejected)
    assert (found.wrong, found.taken, found.patients, found.patients_gone) == (1, 0, 1, 0)


def test_a_mother_without_an_identifier_is_a_patient_of_her_own(rules: Rules) -> None:
    tables = {"MSD001": [mother(""), mother(""), mother("M1")]}
    found = audit(whole(tables), rules).rejected
    assert isinstance(found, Rejected)
    assert found.patients == 3
    assert found.patients_gone >= 2


# --- never a false clean ------------------------------------------------------------------


def conformance(given: Submission) -> Scorecard:
    return judged(audit(given, packaged()))


def judged(found: Audited) -> Scorecard:
    rules = packaged()
    return score(found, rules, chosen_schemes(rules, ["conformance"]))


def test_the_clean_extract_would_be_accepted() -> None:
    card = judged(audited("clean"))
    assert card.count(Outcome.MET) == 3
    assert summary(card) == ""


@pytest.mark.parametrize(
    "table", ["MSD103DatingScan", "MSD901StaffDetails", "MSD401BabyDemographics"]
)
def test_with_a_table_missing_nothing_is_said_to_be_accepted(table: str) -> None:
    whole = sample("clean")
    given = replace(whole, stored={k: v for k, v in whole.tables.items() if k != table})
    card = conformance(given)
    records = next(one for one in card.results if one.criterion == "CONF-03")
    assert records.outcome is not Outcome.MET
    file = next(one for one in card.results if one.criterion == "CONF-01")
    assert file.outcome is not Outcome.MET or table != "MSD401BabyDemographics"


def test_with_a_column_missing_nothing_is_said_to_be_accepted() -> None:
    card = conformance(without(sample("clean"), MOTHER, "Postcode"))
    records = next(one for one in card.results if one.criterion == "CONF-03")
    assert records.outcome is Outcome.NOT_ASSESSED
    assert "Postcode" in records.reason


@pytest.mark.parametrize("table", quick_first(["MSD001", "MSD002", "MSD101"], ["MSD002"]))
def test_a_mandatory_table_that_is_missing_empty_or_blank_rejects_the_file(table: str) -> None:
    clean = sample("clean")
    name = next(one for one in clean.tables if one.startswith(table))
    blank = dict.fromkeys(packaged().spec.tables[name].by_name, None)
    nothing = submission(packaged().spec, {table: [blank, blank]}).tables[name]
    rest = {k: v for k, v in clean.tables.items() if k != name}
    for tables in (rest, {**rest, name: clean.tables[name].clear()}, {**rest, name: nothing}):
        card = conformance(replace(clean, stored=tables))
        file = next(one for one in card.results if one.criterion == "CONF-01")
        assert file.outcome is Outcome.NOT_MET
        failing = {one.rule for one in card.rules if one.tally.failures}
        assert f"{table}-present" in failing


def test_what_cannot_be_worked_out_is_not_assessed(rules: Rules) -> None:
    found = replace(audited("clean"), rejected="the check itself failed (PanicException)")
    card = score(found, rules, chosen_schemes(rules, ["conformance"]))
    assert card.acceptance[Count.RECORDS].reason
    assert {one.outcome for one in card.results if one.criterion in ("CONF-02", "CONF-03")} == {
        Outcome.NOT_ASSESSED
    }
    assert to_terminal([card])
    assert '"tables": null' in to_json([card])


@pytest.mark.parametrize("name", quick_first(SAMPLES, ("every-rule-broken", "clean")))
def test_in_every_table_each_record_that_fails_a_rejecting_rule_is_rejected(
    name: str, rules: Rules
) -> None:
    """Looked for by themselves, rule by rule; of tables that are tied to no other too."""
    found = audited(name)
    assert isinstance(found.rejected, Rejected)
    for rejections in found.rejected.tables:
        failing = [
            rule
            for rule in rules.for_table(rejections.table)
            if rule.effect in REJECTING_RECORDS and found.rules[rule.id].failures
        ]
        places = places_failing(failing, sample(name), rules.spec) if failing else None
        wrong = set() if places is None else set(places["places"].explode())
        own = sum(cause.records for cause in rejections.causes if cause.rule)
        assert (rejections.table, own) == (rejections.table, len(wrong))


def test_nothing_is_rejected_where_no_record_fails_a_rule_that_rejects_it(rules: Rules) -> None:
    found = audited("clean")
    nothing = {table: pl.DataFrame(schema={ROW: pl.UInt32()}) for table in found.rows}
    quiet = rejected(held(sample("clean"), rules.spec), rules, nothing)
    assert not quiet.wrong
    assert quiet.rows == sum(found.rows.values())


# --- who is a patient ---------------------------------------------------------------------


def test_whom_other_tables_name_and_that_of_mothers_does_not_is_a_patient_who_is_lost(
    rules: Rules,
) -> None:
    """Of 40 women the records of 20 mothers are taken out: 20 of 40 are left, not 20 of 20."""
    clean = sample("clean")
    mothers = clean.tables[MOTHER]
    found = audit(replace(clean, stored={**clean.tables, MOTHER: mothers.head(20)}), rules)
    assert isinstance(found.rejected, Rejected)
    assert (found.rejected.patients, found.rejected.patients_gone) == (40, 20)
    unnamed = replace(clean, stored={**clean.tables, MOTHER: mothers.clear()})
    nobody = audit(unnamed, rules).rejected
    assert isinstance(nobody, Rejected)
    assert (nobody.patients, nobody.patients_gone) == (40, 40)


def test_an_extract_with_a_header_alone_meets_nothing() -> None:
    card = score(audited("empty-tables"), packaged(), chosen_schemes(packaged(), []))
    assert not card.count(Outcome.MET)
    records = next(one for one in card.results if one.counts is Count.RECORDS)
    assert records.outcome is Outcome.NOT_ASSESSED
    assert records.reason == "there is no record but that of the header"


# --- the file as a whole ------------------------------------------------------------------


def changed(table: str, **texts: str) -> Submission:
    """The clean extract with an item of every record of a table changed."""
    clean = sample("clean")
    name = next(one for one in clean.tables if one.startswith(table))
    columns = [pl.lit(text or None, pl.String).alias(item) for item, text in texts.items()]
    return replace(clean, stored={**clean.tables, name: clean.tables[name].with_columns(columns)})


@pytest.mark.parametrize(
    ("table", "texts"),
    [
        ("MSD002", {"OrgCodeGMPMother": ""}),
        ("MSD101", {"AntenatalAppDate": "x"}),
        ("MSD001", {"PersonBirthDateMother": ""}),
    ],
)
def test_a_mandatory_table_without_a_valid_record_rejects_the_file(
    table: str, texts: dict[str, str]
) -> None:
    card = conformance(changed(table, **texts))
    assert {one.outcome for one in card.results if one.criterion < "CONF-04"} == {Outcome.NOT_MET}
    assert isinstance(card.rejected, Rejected)
    assert {MOTHER, BOOKING, "MSD002GP"} == set(card.rejected.emptied)
    assert "Every record of MSD002GP would be rejected (by analogy)." in to_terminal([card])


@pytest.mark.parametrize("text", ["", "2026-08-32"])
def test_a_header_that_cannot_be_read_rejects_the_file(text: str) -> None:
    card = conformance(changed("MSD000", RPEndDate=text))
    file = next(one for one in card.results if one.criterion == "CONF-01")
    assert file.outcome is Outcome.NOT_MET


def test_no_number_is_broken_at_the_end_of_a_line() -> None:
    card = conformance(changed("MSD101", AntenatalAppDate="x"))
    for width in range(72, 111):
        shown = to_terminal([card], width=width)
        assert not any(line.strip().isdecimal() for line in shown.splitlines()), width


def test_rules_that_a_folder_drops_are_told(tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "ours.toml").write_text(
        'table = "MSD001MotherDemog"\ndrop = ["MSD001-12", "M002010-blank"]\n', encoding="utf-8"
    )
    rules = load_rules(tmp_path)
    card = score(audit(sample("clean"), rules), rules, chosen_schemes(rules, ["conformance"]))
    assert card.notices[0] == (
        "Judged without 2 rules that your rules folder drops: M002010-blank, MSD001-12."
    )
    assert not any("drops" in one for one in judged(audited("clean")).notices)
