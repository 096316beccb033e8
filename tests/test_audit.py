"""Tests of the audit against a second evaluation in plain Python, and of what it cannot judge.

The second evaluation was written from the NHS Data Dictionary and the wording of the measures, not
from the engine: the csv module, dictionaries and regular expressions, no Polars.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl
import pytest

from msds_audit.audit import audit
from msds_audit.errors import ExtractError
from msds_audit.packaged import packaged_rules
from msds_audit.rejections import Rejected
from msds_audit.rule import Rules
from msds_audit.scorecard import Tally
from msds_audit.spec import Item
from support import FIXTURES, SAMPLES, audited, packaged, quick_first, sample, submission, without

JUDGED_TWICE = (
    "every-rule-broken",
    "clean",
    "south-west-london/RAX",
    "south-west-london/RJ6",
    "south-west-london/RJ7",
    "south-west-london/RVR",
)
TWICE_QUICK = ("every-rule-broken", "clean", "south-west-london/RAX")
AUGUST = (date(2026, 8, 1), date(2026, 8, 31))
STATED = frozenset("ABCDEFGHJKLMNPRS")
BROAD = frozenset("CGLPS")

Row: TypeAlias = dict[str, str | None]


# --- the second evaluation: items ---------------------------------------------------------


@cache
def dictionary() -> dict[str, list[dict[str, Any]]]:
    """Table to items, as the specification files have them."""
    folder = packaged_rules() / "spec" / "msds-2.0" / "tables"
    contents = [tomllib.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.toml"))]
    return {content["table"]: content["item"] for content in contents}


@cache
def code_lists() -> dict[str, dict[str, Any]]:
    folder = packaged_rules() / "spec" / "msds-2.0" / "codes"
    contents = [tomllib.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.toml"))]
    return {content["name"]: content for content in contents}


def a_date(text: str | None) -> date | None:
    if text is None or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date(*map(int, text.split("-")))
    except ValueError:
        return None


def a_time(text: str) -> bool:
    if not re.fullmatch("[0-9]{2}:[0-9]{2}:[0-9]{2}", text):
        return False
    hours, minutes, seconds = map(int, text.split(":"))
    return hours < 24 and minutes < 60 and seconds < 60


def has_format(form: str, text: str) -> bool:
    if "CCYY" in form:
        return a_date(text) is not None
    if "HH" in form:
        return a_time(text)
    if form == "max n2.max n2":
        return all(
            part.isascii() and part.isdigit() and len(part) <= 2 for part in text.split(".", 1)
        )
    parts = form.split()
    sizes = {
        parts[n - 1] if n and parts[n - 1] in ("min", "max") else "exactly": part
        for n, part in enumerate(parts)
        if part not in ("min", "max")
    }
    for bound, size in sizes.items():
        digits_only, length = not size.startswith("an"), int(size.lstrip("an"))
        if digits_only and not (text.isascii() and text.isdigit()):
            return False
        if bound == "exactly" and len(text) != length:
            return False
        if (bound == "max" and len(text) > length) or (bound == "min" and len(text) < length):
            return False
    return True


def is_postcode(text: str) -> bool:
    outward, inward = text.upper()[:-3].rstrip(" "), text.upper()[-3:]
    gap = len(text) - len(outward) - 3
    return (
        gap <= 3
        and re.fullmatch("[0-9][A-Z][A-Z]", inward) is not None
        and re.fullmatch(
            "[A-Z][0-9]|[A-Z][0-9][0-9A-Z]|[A-Z]{2}[0-9]|[A-Z]{2}[0-9][0-9A-Z]", outward
        )
        is not None
    )


def class_of(entry: dict[str, Any], text: str | None) -> str:
    """V, O, D, I or M, from the dictionary's words."""
    if text is None:
        return "M"
    listed = code_lists().get(entry.get("codes", ""), {"closed": False, "code": []})
    for code in listed["code"]:
        if text == code["code"] or (code.get("prefix") and text.startswith(code["code"])):
            kind = code["class"]
            return {"valid": "V", "other": "O", "default": "D", "invalid": "I"}[kind]
    if listed["closed"] or not has_format(entry.get("constraint", entry["format"]), text):
        return "I"
    if "shape" in entry:
        assert entry["name"] == "Postcode"
        return "V" if is_postcode(text) else "I"
    return "V"


# --- the second evaluation: measures ------------------------------------------------------


@dataclass(eq=False)
class Extract:
    """The tables of a submission as lists of dictionaries, trimmed, blank as None."""

    folder: Path

    def rows(self, table: str) -> list[Row]:
        [file] = self.folder.glob(f"{table}*.csv")
        with file.open(encoding="utf-8", newline="") as lines:
            return [
                {name: (text or "").strip() or None for name, text in row.items()}
                for row in csv.DictReader(lines)
            ]

    def by(self, table: str, key: str) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.rows(table):
            if row[key] is not None:
                found.setdefault(str(row[key]), []).append(row)
        return found

    @cached_property
    def mothers(self) -> dict[str, list[Row]]:
        return self.by("MSD001", "LPIDMother")

    @cached_property
    def bookings(self) -> dict[str, list[Row]]:
        return self.by("MSD101", "PregnancyID")

    @cached_property
    def labours(self) -> dict[str, list[Row]]:
        return self.by("MSD301", "LabourDeliveryID")

    @cached_property
    def circumstances(self) -> dict[str, list[Row]]:
        return self.by("MSD003", "LPIDMother")

    @cached_property
    def activities(self) -> dict[str, list[Row]]:
        return self.by("MSD405", "LPIDBaby")

    @cached_property
    def staff(self) -> set[str]:
        keys = [row["CareProfLID"] or "" for row in self.rows("MSD901")]
        return {key for key in keys if 0 < len(key) <= 20}

    def answer(self, key: str | None, item: str) -> str | None:
        """A mother's answer: none where she is missing or where her rows disagree."""
        answers = {row[item] for row in self.mothers.get(key or "", [])}
        return answers.pop() if len(answers) == 1 else None

    def mother_of(self, baby: Row) -> str | None:
        pregnancies = {
            row["PregnancyID"] for row in self.labours.get(baby["LabourDeliveryID"] or "", [])
        }
        if len(pregnancies) != 1:
            return None
        mothers = {row["LPIDMother"] for row in self.bookings.get(pregnancies.pop() or "", [])}
        return mothers.pop() if len(mothers) == 1 else None


def in_august(row: Row, item: str) -> bool:
    found = a_date(row[item])
    return found is not None and AUGUST[0] <= found <= AUGUST[1]


def age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def is_nhs_number(text: str | None) -> bool:
    if text is None or not re.fullmatch("[0-9]{10}", text):
        return False
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(text[:9])) % 11
    return (11 - remainder) % 11 == int(text[9])


def group_of(concept: str | None) -> str | None:
    for code in code_lists()["social-circumstance"]["code"]:
        if code["code"] == concept:
            return code.get("group")
    return None


def is_weight(row: Row) -> bool:
    """A birth weight above nought, in a unit that NHS England's code knows."""
    if (row["ObsScheme"], row["ObsCode"]) != ("03", "364589006"):
        return False
    number = re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", row["ObsValue"] or "")
    return (
        number is not None
        and float(number[0]) > 0
        and (row["UCUMUnit"] or "").upper() in ("G", "KG", "KILOGRAMS")
    )


def postcode_class(text: str | None) -> str:
    [entry] = [one for one in dictionary()["MSD001MotherDemog"] if one["name"] == "Postcode"]
    return class_of(entry, text)


def language_codes() -> set[str]:
    return {code["code"] for code in code_lists()["language"]["code"]}


def ethnic_class(text: str | None) -> str:
    if text is None:
        return "M"
    return "V" if text in STATED else {"Z": "O", "99": "D"}.get(text, "I")


Test: TypeAlias = Callable[[Extract, Row], bool]


def _of_mother(item: str, test: Callable[[str | None], bool]) -> Test:
    return lambda extract, row: test(extract.answer(row["LPIDMother"], item))


def _is_ethnic(*wanted: str) -> Test:
    return _of_mother("EthnicCategoryMother", lambda text: ethnic_class(text) in wanted)


def _is_baby_ethnic(*wanted: str) -> Test:
    return lambda extract, row: ethnic_class(row["EthnicCategoryBaby"]) in wanted


def _plausible(extract: Extract, row: Row) -> bool:
    born = a_date(extract.answer(row["LPIDMother"], "PersonBirthDateMother"))
    booked = a_date(row["AntenatalAppDate"])
    return born is not None and booked is not None and 11 <= age(born, booked) <= 60


def _has_circumstance(group: str) -> Test:
    return lambda extract, row: any(
        group_of(one["SocPerSNOMED"]) == group
        for one in extract.circumstances.get(row["LPIDMother"] or "", [])
    )


def _both_stated(extract: Extract, row: Row) -> bool:
    of_mother = extract.answer(extract.mother_of(row), "EthnicCategoryMother")
    return row["EthnicCategoryBaby"] in STATED and of_mother in STATED


def _is_postcode(wanted: str) -> Test:
    return _of_mother("Postcode", lambda text: postcode_class(text) == wanted)


def _always(extract: Extract, row: Row) -> bool:
    return True


OF_WOMEN: dict[str, tuple[Test, Test]] = {
    # measure: who is looked at of the women booked in the month, and who of them counts
    "mother-ethnicity-stated": (_always, _is_ethnic("V")),
    "mother-ethnicity-not-stated": (_always, _is_ethnic("O")),
    "mother-ethnicity-not-known": (_always, _is_ethnic("D")),
    "mother-ethnicity-blank": (_always, _is_ethnic("M")),
    "mother-ethnicity-invalid": (_always, _is_ethnic("I")),
    "mother-ethnicity-broad": (
        _is_ethnic("V"),
        _of_mother("EthnicCategoryMother", lambda text: text in BROAD),
    ),
    "mother-ethnicity-permitted": (_is_ethnic("V", "O", "D", "I"), _is_ethnic("V", "O", "D")),
    "birth-date-plausible": (_always, _plausible),
    "disability-answered": (_always, lambda _, row: row["DisabilityIndMother"] in ("Y", "N")),
    "pregnancy-dated": (_always, lambda _, row: a_date(row["EDDAgreed"]) is not None),
    "belief-in-circumstances": (_always, _has_circumstance("religion or belief")),
    "orientation-in-circumstances": (_always, _has_circumstance("sexual orientation")),
    "postcode-usable": (_always, _is_postcode("V")),
    "postcode-pseudo": (_always, _is_postcode("D")),
    "postcode-blank": (_always, _is_postcode("M")),
    "postcode-malformed": (_always, _is_postcode("I")),
    "language-coded": (_always, lambda _, row: row["LangCode"] in language_codes()),
    "social-factors-answered": (
        _always,
        lambda _, row: row["ComplexSocialFactorsInd"] in ("Y", "N"),
    ),
    "nhs-number-right": (_always, _of_mother("NHSNumberMother", is_nhs_number)),
    "nhs-number-verified": (
        _always,
        _of_mother("NHSNumberStatusMother", lambda text: text == "01"),
    ),
}
OF_BABIES: dict[str, tuple[Test, Test]] = {
    "baby-ethnicity-stated": (_always, _is_baby_ethnic("V")),
    "baby-ethnicity-not-stated": (_always, _is_baby_ethnic("O")),
    "baby-ethnicity-not-known": (_always, _is_baby_ethnic("D")),
    "baby-ethnicity-blank": (_always, _is_baby_ethnic("M")),
    "baby-ethnicity-invalid": (_always, _is_baby_ethnic("I")),
    "baby-ethnicity-broad": (
        _is_baby_ethnic("V"),
        lambda _, row: row["EthnicCategoryBaby"] in BROAD,
    ),
    "baby-ethnicity-permitted": (
        _is_baby_ethnic("V", "O", "D", "I"),
        _is_baby_ethnic("V", "O", "D"),
    ),
    "mother-baby-ethnicity-differs": (
        _both_stated,
        lambda extract, row: (
            row["EthnicCategoryBaby"]
            != extract.answer(extract.mother_of(row), "EthnicCategoryMother")
        ),
    ),
    "baby-sex-recorded": (_always, lambda _, row: row["PersonPhenSex"] in ("1", "2", "9")),
    "birthweight-with-unit": (
        _always,
        lambda extract, row: any(map(is_weight, extract.activities.get(row["LPIDBaby"] or "", []))),
    ),
}
OF_ACTIVITIES = {
    "contact-activity-professional": ("MSD202", "CareActIDMother"),
    "labour-activity-professional": ("MSD302", "LabourDeliveryID"),
}
"""Whose activities, in which table; each names somebody of the staff or does not."""


def people(rows: Iterable[Row], key: str) -> int:
    """How many different people; a row that does not say who counts as one."""
    keys = [row[key] if len(row[key] or "") <= 20 else None for row in rows]
    return len({one for one in keys if one is not None}) + keys.count(None)


def second_opinion(extract: Extract, measure: str) -> tuple[int, int]:
    """Numerator and denominator of a measure."""
    if measure in OF_ACTIVITIES:
        table, key = OF_ACTIVITIES[measure]
        done = extract.rows(table)
        nobody = [row for row in done if row["CareProfLID"] not in extract.staff]
        return people(done, key) - people(nobody, key), people(done, key)
    if measure in OF_WOMEN:
        table, when, key = "MSD101", "AntenatalAppDate", "LPIDMother"
        applies, passes = OF_WOMEN[measure]
    else:
        table, when, key = "MSD401", "PersonBirthDateBaby", "LPIDBaby"
        applies, passes = OF_BABIES[measure]
    looked_at = [
        row for row in extract.rows(table) if in_august(row, when) and applies(extract, row)
    ]
    missed = [row for row in looked_at if not passes(extract, row)]
    return people(looked_at, key) - people(missed, key), people(looked_at, key)


@cache
def plain(name: str) -> Extract:
    return Extract(FIXTURES / name)


# --- both evaluations ---------------------------------------------------------------------


@pytest.mark.parametrize("name", quick_first(JUDGED_TWICE, TWICE_QUICK))
def test_every_item_has_the_classes_that_a_second_evaluation_gives_it(name: str) -> None:
    wrong = []
    for tally in audited(name).items:
        [entry] = [one for one in dictionary()[tally.table] if one["uid"] == tally.uid]
        expected = Counter(
            class_of(entry, row[tally.item]) for row in plain(name).rows(tally.table[:6])
        )
        found = (tally.valid, tally.other, tally.default, tally.invalid, tally.missing)
        if found != tuple(expected[letter] for letter in "VODIM"):
            wrong.append((tally.table, tally.item, found, dict(expected)))
    assert wrong == []


def test_the_second_evaluation_knows_every_measure() -> None:
    assert {*OF_WOMEN, *OF_BABIES, *OF_ACTIVITIES} == set(packaged().measures)


@pytest.mark.parametrize("measure", packaged().measures)
@pytest.mark.parametrize("name", quick_first(JUDGED_TWICE, TWICE_QUICK))
def test_a_measure_comes_out_as_in_a_second_evaluation(name: str, measure: str) -> None:
    found = audited(name).measures[measure]
    assert found.assessed
    assert (found.numerator, found.denominator) == second_opinion(plain(name), measure)


@pytest.mark.parametrize("name", quick_first(SAMPLES))
def test_the_classes_of_an_item_add_up_to_the_rows_of_its_table(name: str) -> None:
    found = audited(name)
    for tally in found.items:
        if not tally.reason:
            assert tally.rows == found.rows[tally.table], tally.item


@pytest.mark.parametrize("name", quick_first(SAMPLES, TWICE_QUICK))
def test_women_booked_are_each_in_one_class_of_ethnic_category(name: str) -> None:
    measures = audited(name).measures
    stated = measures["mother-ethnicity-stated"]
    if stated.assessed:
        parts = [
            measures[f"mother-ethnicity-{part}"].numerator
            for part in ("stated", "not-stated", "not-known", "blank", "invalid")
        ]
        assert sum(parts) == stated.denominator
        assert measures["mother-ethnicity-broad"].denominator == stated.numerator


# --- what stands in the way ---------------------------------------------------------------


def reasons(tallies: dict[str, Tally]) -> Iterator[tuple[str, str]]:
    return ((id, tally.reason) for id, tally in tallies.items() if not tally.assessed)


def test_in_a_whole_extract_nothing_stands_in_the_way() -> None:
    found = audited("clean")
    assert list(reasons({**found.rules, **found.measures})) == []


NOT_THERE = [
    (
        "MSD101PregnancyBooking",
        (),
        "mother-ethnicity-stated",
        "MSD101PregnancyBooking is not in this extract",
    ),
    (
        "MSD001MotherDemog",
        (),
        "mother-ethnicity-stated",
        "MSD001MotherDemog is not in this extract",
    ),
    (
        "MSD001MotherDemog",
        ("EthnicCategoryMother",),
        "mother-ethnicity-stated",
        "MSD001MotherDemog has no column EthnicCategoryMother",
    ),
    (
        "MSD001MotherDemog",
        ("LPIDMother",),
        "mother-ethnicity-stated",
        "MSD001MotherDemog has no column LPIDMother",
    ),
    (
        "MSD101PregnancyBooking",
        ("LPIDMother",),
        "mother-ethnicity-stated",
        "MSD101PregnancyBooking has no column LPIDMother",
    ),
    (
        "MSD101PregnancyBooking",
        ("AntenatalAppDate",),
        "disability-answered",
        "MSD101PregnancyBooking has no column AntenatalAppDate",
    ),
    (
        "MSD101PregnancyBooking",
        ("PregnancyID",),
        "mother-baby-ethnicity-differs",
        "MSD101PregnancyBooking has no column PregnancyID",
    ),
    (
        "MSD301LabourDelivery",
        (),
        "mother-baby-ethnicity-differs",
        "MSD301LabourDelivery is not in this extract",
    ),
    (
        "MSD405CareActivityBaby",
        ("UCUMUnit",),
        "birthweight-with-unit",
        "MSD405CareActivityBaby has no column UCUMUnit",
    ),
    (
        "MSD003SocPersCircumstances",
        ("SocPerSNOMED",),
        "belief-in-circumstances",
        "MSD003SocPersCircumstances has no column SocPerSNOMED",
    ),
]


@pytest.mark.parametrize(
    ("table", "items", "subject", "reason"),
    [
        one if place in (0, 1, 2, 5) else pytest.param(*one, marks=pytest.mark.slow)
        for place, one in enumerate(NOT_THERE)
    ],
)
def test_what_is_not_there_is_a_reason_and_never_a_nought(
    table: str, items: tuple[str, ...], subject: str, reason: str, rules: Rules
) -> None:
    found = audit(without(sample("clean"), table, *items), rules)
    assert found.measures[subject] == Tally(reason=reason)
    others = {**audited("clean").rules, **audited("clean").measures}
    for id, tally in {**found.rules, **found.measures}.items():
        if id != f"{table[:6]}-present":
            assert tally == others[id] or tally.reason.startswith(table), id


def test_an_empty_table_is_a_reason(rules: Rules) -> None:
    found = audited("empty-tables")
    assert found.measures["mother-ethnicity-stated"].reason == "MSD101PregnancyBooking is empty"
    assert found.rules["M001070-code"].reason == "MSD001MotherDemog is empty"
    assert found.rules["MSD000-01"].assessed


def test_an_item_that_was_not_counted_says_why(rules: Rules) -> None:
    found = {(one.table, one.item): one for one in audited("missing-tables").items}
    assert len(found) == 288
    assert (
        found["MSD001MotherDemog", "EthnicCategoryMother"].reason
        == "MSD001MotherDemog has no column EthnicCategoryMother"
    )
    assert (
        found["MSD101PregnancyBooking", "LangCode"].reason
        == "MSD101PregnancyBooking is not in this extract"
    )
    assert not found["MSD001MotherDemog", "Postcode"].reason


def test_a_check_that_fails_while_it_runs_takes_no_other_with_it(rules: Rules) -> None:
    """DATE stops at the first text that is no date; nothing before the run can tell."""
    broken = replace(rules.records["MSD405-03"], passes="DATE(ObsValue) > DATE('2020-01-01')")
    found = audit(sample("clean"), replace(rules, records={**rules.records, "MSD405-03": broken}))
    assert found.rules["MSD405-03"].reason.startswith("the check itself failed (")
    whole = audited("clean")
    assert {id: tally for id, tally in found.rules.items() if id != "MSD405-03"} == {
        id: tally for id, tally in whole.rules.items() if id != "MSD405-03"
    }
    assert found.measures == whole.measures
    assert found.items == whole.items


def test_a_measure_that_fails_while_it_runs_takes_no_other_with_it(rules: Rules) -> None:
    id = "disability-answered"
    broken = replace(rules.measures[id], passes="DATE(LPIDMother) > PeriodStart")
    found = audit(sample("clean"), replace(rules, measures={**rules.measures, id: broken}))
    assert found.measures[id].reason.startswith("the check itself failed (")
    whole = audited("clean")
    assert {**found.rules, "MSD101-present": None} == {**whole.rules, "MSD101-present": None}
    assert {**found.measures, id: None} == {**whole.measures, id: None}


def test_why_a_check_failed_is_said_without_a_value_of_the_data(rules: Rules) -> None:
    broken = replace(rules.records["MSD405-03"], passes="DATE(ObsValue) > DATE('2020-01-01')")
    weight = {"ObsScheme": "03", "ObsCode": "364589006", "ObsValue": "Jane Doe"}
    given = submission(rules.spec, {"MSD405": [weight]})
    found = audit(given, replace(rules, records={"MSD405-03": broken}, measures={}))
    assert found.rules["MSD405-03"].reason
    assert "Jane" not in found.rules["MSD405-03"].reason


def test_a_table_that_cannot_be_read_to_its_end_is_an_error_without_a_value(rules: Rules) -> None:
    whole = sample("clean")
    table = "MSD001MotherDemog"
    damaged = whole.tables[table].with_columns(
        pl.col("Postcode").str.to_date("%Y", strict=True).cast(pl.String)
    )
    with pytest.raises(ExtractError) as caught:
        audit(replace(whole, stored={**whole.tables, table: damaged}), rules)
    assert table in caught.value.sentence
    assert caught.value.hint
    postcodes = [str(row["Postcode"]) for row in plain("clean").rows("MSD001")]
    assert not any(postcode in str(caught.value) for postcode in postcodes)


def test_answers_of_watched_items_are_counted_by_code(rules: Rules) -> None:
    rows = [{"DisabilityIndMother": text} for text in ("N", "N", "Y", "n", "x", None)]
    found = audit(submission(rules.spec, {"MSD101": rows}), rules)
    assert found.answers["MSD101PregnancyBooking", "DisabilityIndMother"] == {"N": 2, "Y": 1}
    assert ("MSD401BabyDemographics", "PersonPhenSex") not in found.answers


@pytest.mark.parametrize(
    "name",
    quick_first(SAMPLES),
)
def test_small_and_large_submissions_are_counted_alike(name, rules, monkeypatch):
    monkeypatch.setattr("msds_audit.audit.SMALL", 0)
    assert audit(sample(name), rules) == audited(name)


@pytest.mark.parametrize(
    "blank", quick_first(["every item", "the odd items", "the even items"], ("the odd items",))
)
def test_no_check_fails_for_items_that_are_blank_in_every_row(blank: str, rules: Rules) -> None:
    """Keys stay, so that records are tied to one another."""
    clean = sample("clean")
    chosen = {"every item": (0, 1), "the odd items": (1,), "the even items": (0,)}[blank]
    tables = {}
    for name, frame in clean.tables.items():
        items = [one for one in frame.collect_schema().names() if item_of(rules, name, one).recurs]
        emptied = [one for at, one in enumerate(items) if at % 2 in chosen]
        tables[name] = frame.with_columns(pl.lit(None, pl.String).alias(one) for one in emptied)
    tables["MSD000Header"] = clean.tables["MSD000Header"]
    found = audit(replace(clean, stored=tables), rules)
    tallies = {**found.rules, **found.measures}
    assert {id for id, tally in tallies.items() if "itself failed" in tally.reason} == set()
    assert isinstance(found.rejected, Rejected)


def item_of(rules: Rules, table: str, name: str) -> Item:
    return rules.spec.tables[table].by_name[name]
