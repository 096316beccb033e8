"""Tests of the specification: that it is whole, and says what the NHS Data Dictionary says."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from msds_audit.catalogue.reading import spec_digest
from msds_audit.packaged import packaged_rules
from msds_audit.rule import Rules
from msds_audit.spec import CodeClass, Format, Item, Kind, Mandation, Table
from support import item, packaged

DIGEST = "2316760a3018c342f7dec9a15e9741085a2c56af307a572f5142fcaf91d5296d"
"""Changing the specification must be meant: whoever does so changes this line too."""

TABLES = [
    "MSD000Header",
    "MSD001MotherDemog",
    "MSD002GP",
    "MSD003SocPersCircumstances",
    "MSD004OverseasVisChargCat",
    "MSD101PregnancyBooking",
    "MSD102MatCarePlan",
    "MSD103DatingScan",
    "MSD104CodedScoreAssPreg",
    "MSD105ProvDiagnosisPreg",
    "MSD106DiagnosisPreg",
    "MSD107MedHistory",
    "MSD108FamHistBooking",
    "MSD109FindingObsMother",
    "MSD201CareContactPreg",
    "MSD202CareActivityPreg",
    "MSD203CodedScoreAssContact",
    "MSD301LabourDelivery",
    "MSD302CareActivityLabDel",
    "MSD401BabyDemographics",
    "MSD402NeonatalAdmission",
    "MSD403ProvDiagNeonatal",
    "MSD404DiagnosisNeonatal",
    "MSD405CareActivityBaby",
    "MSD406CodedScoreAssBaby",
    "MSD501HospProvSpell",
    "MSD502HospSpellComm",
    "MSD503WardStay",
    "MSD504AssignedCareProf",
    "MSD601AnonSelfAssessment",
    "MSD602AnonFindings",
    "MSD901StaffDetails",
]

DICTIONARY_FORMATS = {
    # text: kind, shortest, longest
    "an1": (Kind.TEXT, 1, 1),
    "an10 CCYY-MM-DD": (Kind.DATE, 10, 10),
    "an12": (Kind.TEXT, 12, 12),
    "an2": (Kind.TEXT, 2, 2),
    "an3": (Kind.TEXT, 3, 3),
    "an5": (Kind.TEXT, 5, 5),
    "an6": (Kind.TEXT, 6, 6),
    "an8 HH:MM:SS": (Kind.TIME, 8, 8),
    "max an10": (Kind.TEXT, 1, 10),
    "max an12": (Kind.TEXT, 1, 12),
    "max an2": (Kind.TEXT, 1, 2),
    "max an20": (Kind.TEXT, 1, 20),
    "max an32": (Kind.TEXT, 1, 32),
    "max an36": (Kind.TEXT, 1, 36),
    "max an5": (Kind.TEXT, 1, 5),
    "max an8": (Kind.TEXT, 1, 8),
    "max n2": (Kind.INTEGER, 1, 2),
    "max n2.max n2": (Kind.TEXT, 1, 5),
    "max n3": (Kind.INTEGER, 1, 3),
    "max n4": (Kind.INTEGER, 1, 4),
    "min an3 max an5": (Kind.TEXT, 3, 5),
    "min an3 max an6": (Kind.TEXT, 3, 6),
    "min an4 max an18": (Kind.TEXT, 4, 18),
    "min an4 max an56": (Kind.TEXT, 4, 56),
    "min an5 max an18": (Kind.TEXT, 5, 18),
    "min an5 max an9": (Kind.TEXT, 5, 9),
    "min n6 max n18": (Kind.TEXT, 6, 18),
    "n10": (Kind.TEXT, 10, 10),
}


# --- tables and items ---------------------------------------------------------------------


def test_there_are_the_32_tables_in_published_order(rules: Rules) -> None:
    assert list(rules.spec.tables) == TABLES


def test_there_are_288_items_of_which_94_mandatory_193_required_1_optional(rules: Rules) -> None:
    items = list(rules.spec.items)
    assert len(items) == 288
    assert Counter(one.mandation for one in items) == {
        Mandation.MANDATORY: 94,
        Mandation.REQUIRED: 193,
        Mandation.OPTIONAL: 1,
    }


def test_every_uid_and_every_path_is_used_once(rules: Rules) -> None:
    assert len({one.uid for one in rules.spec.items}) == 288
    assert len({one.path for one in rules.spec.items}) == 288


def test_every_item_has_its_own_table_named(rules: Rules) -> None:
    for table in rules.spec.tables.values():
        assert {one.table for one in table.items} == {table.name}
        assert len(table.by_name) == len(table.items)


def test_there_are_33_references_and_each_leads_to_an_item_of_another_table(rules: Rules) -> None:
    found = [one for one in rules.spec.items if one.references is not None]
    assert len(found) == 33
    for one in found:
        assert one.references is not None
        table, name = one.references
        assert table != one.table
        parent = rules.spec.tables[table].by_name[name]
        assert (parent.format.minimum, parent.format.maximum) == (
            one.format.minimum,
            one.format.maximum,
        )


@pytest.mark.parametrize(
    ("child", "name", "parent"),
    [
        ("MSD002", "LPIDMother", ("MSD001MotherDemog", "LPIDMother")),
        ("MSD101", "LPIDMother", ("MSD001MotherDemog", "LPIDMother")),
        ("MSD301", "PregnancyID", ("MSD101PregnancyBooking", "PregnancyID")),
        ("MSD401", "LabourDeliveryID", ("MSD301LabourDelivery", "LabourDeliveryID")),
        ("MSD405", "LPIDBaby", ("MSD401BabyDemographics", "LPIDBaby")),
    ],
)
def test_a_child_record_refers_to_its_parent(
    child: str, name: str, parent: tuple[str, str]
) -> None:
    assert item(child, name).references == parent


def test_three_tables_are_mandatory_in_every_submission(rules: Rules) -> None:
    assert [table.name for table in rules.spec.tables.values() if table.mandatory] == [
        "MSD001MotherDemog",
        "MSD002GP",
        "MSD101PregnancyBooking",
    ]


@pytest.mark.parametrize(
    ("table", "minimum", "maximum"),
    [("MSD000", 1, 1), ("MSD001", 1, 1), ("MSD002", 1, None), ("MSD101", 1, 1)],
)
def test_the_groups_a_submission_cannot_do_without_occur_so_often(
    table: str, minimum: int, maximum: int | None, rules: Rules
) -> None:
    found = rules.spec.table_named(table)
    assert found is not None
    assert (found.minimum, found.maximum) == (minimum, maximum)


@pytest.mark.parametrize(
    "table", list(packaged().spec.tables.values()), ids=lambda table: table.number
)
def test_columns_that_nhs_england_derives_are_no_items(table: Table) -> None:
    items = {name.lower() for name in table.by_name}
    derived = [name.lower() for name in table.derived]
    assert derived
    assert len(set(derived)) == len(derived)
    assert items.isdisjoint(derived)


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("MSD001", {"ValidNHSNoFlagMother", "LSOAMother2011", "Rank_IMD_Decile_2015"}),
        ("MSD101", {"AgeAtBookingMother"}),
    ],
)
def test_columns_known_to_be_derived_are_named(table: str, names: set[str], rules: Rules) -> None:
    found = rules.spec.table_named(table)
    assert found is not None
    assert names <= set(found.derived)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("msd001", ["MSD001MotherDemog"]),
        ("MSD001MOTHERDEMOG", ["MSD001MotherDemog"]),
        ("m001070", ["MSD001MotherDemog.EthnicCategoryMother"]),
        ("ethniccategorybaby", ["MSD401BabyDemographics.EthnicCategoryBaby"]),
        ("MSD001MotherDemog.Postcode", ["MSD001MotherDemog.Postcode"]),
        ("Religion", []),
    ],
)
def test_a_person_finds_tables_and_items_by_any_of_their_names(
    name: str, found: list[str], rules: Rules
) -> None:
    shown = [one.name if isinstance(one, Table) else one.path for one in rules.spec.find(name)]
    assert shown == found


# --- digest -------------------------------------------------------------------------------


def test_the_specification_is_the_one_that_was_checked() -> None:
    declared = tomllib.loads(
        (packaged_rules() / "spec" / "msds-2.0" / "spec.toml").read_text(encoding="utf-8")
    )
    assert spec_digest(packaged_rules()) == declared["digest"] == DIGEST


def test_the_digest_ignores_line_endings_and_nothing_else(tmp_path: Path) -> None:
    def folder(name: str, content: bytes) -> Path:
        tables = tmp_path / name / "spec" / "msds-2.0" / "tables"
        tables.mkdir(parents=True)
        (tables / "T.toml").write_bytes(content)
        return tmp_path / name

    unix, windows, other = (
        folder(name, content)
        for name, content in (
            ("unix", b'a = "1"\nb = 2\n'),
            ("windows", b'a = "1"\r\nb = 2\r\n'),
            ("other", b'a = "1"\nb = 3\n'),
        )
    )
    assert spec_digest(unix) == spec_digest(windows) != spec_digest(other)


# --- formats ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", DICTIONARY_FORMATS)
def test_a_dictionary_format_is_read(text: str) -> None:
    found = Format.parse(text)
    assert (found.kind, found.minimum, found.maximum) == DICTIONARY_FORMATS[text]
    assert found.text == text


def test_the_items_use_no_format_but_those_of_the_dictionary(rules: Rules) -> None:
    assert {one.format.text for one in rules.spec.items} <= set(DICTIONARY_FORMATS)


def test_51_dates_19_times_and_11_counts_are_read_as_such(rules: Rules) -> None:
    kinds = Counter(one.format.kind for one in rules.spec.items)
    assert (kinds[Kind.DATE], kinds[Kind.TIME], kinds[Kind.INTEGER]) == (51, 19, 11)


@pytest.mark.parametrize(
    "text", ["", "an", "n", "max", "an5 ", "AN5", "max  an5", "an5 max an3 x", "an10 DD/MM/CCYY"]
)
def test_a_format_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not understood"):
        Format.parse(text)


# --- code lists ---------------------------------------------------------------------------


def of_class(one: Item) -> dict[str, list[str]]:
    assert one.codes is not None
    found: dict[str, list[str]] = {}
    for code in one.codes.codes:
        found.setdefault(str(code.cls), []).append(code.code)
    return found


@pytest.mark.parametrize(
    ("table", "name"), [("MSD001", "EthnicCategoryMother"), ("MSD401", "EthnicCategoryBaby")]
)
def test_ethnic_category_has_16_answers_not_stated_and_not_known(table: str, name: str) -> None:
    one = item(table, name)
    assert one.codes is not None
    assert one.codes.closed
    assert of_class(one) == {"valid": list("ABCDEFGHJKLMNPRS"), "other": ["Z"], "default": ["99"]}
    assert {code.code for code in one.codes.codes if code.broad} == set("CGLPS")


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("White", "ABC"),
        ("Mixed", "DEFG"),
        ("Asian or Asian British", "HJKL"),
        ("Black or Black British", "MNP"),
    ],
)
def test_ethnic_categories_are_grouped_as_in_the_census(group: str, codes: str) -> None:
    found = item("MSD001", "EthnicCategoryMother").codes
    assert found is not None
    assert {code for code, of in found.groups.items() if of == group} == set(codes)


def test_chinese_and_any_other_are_of_one_group_and_non_answers_of_none() -> None:
    found = item("MSD001", "EthnicCategoryMother").codes
    assert found is not None
    assert found.groups["R"] == found.groups["S"]
    assert not {"Z", "99"} & set(found.groups)


@pytest.mark.parametrize(
    ("table", "name", "closed", "expected"),
    [
        ("MSD101", "DisabilityIndMother", True, {"valid": ["Y", "N"]}),
        ("MSD101", "ComplexSocialFactorsInd", True, {"valid": ["Y", "N"]}),
        ("MSD101", "SupportStatusIndMother", True, {"valid": ["Y", "N"], "other": ["Z"]}),
        ("MSD401", "PersonPhenSex", True, {"valid": ["1", "2", "9"], "default": ["X"]}),
        *(
            (
                table,
                name,
                True,
                {"valid": ["01", "02", "03", "04", "05", "06", "07"], "invalid": ["08"]},
            )
            for table, name in (
                ("MSD001", "NHSNumberStatusMother"),
                ("MSD401", "NHSNumberStatusBaby"),
            )
        ),
        # 08 is Retired: the person is, the code is not
        (
            "MSD101",
            "EmploymentStatusMother",
            True,
            {"valid": [f"0{digit}" for digit in range(1, 9)], "other": ["ZZ"]},
        ),
        (
            "MSD101",
            "EmploymentStatusPartner",
            True,
            {"valid": [f"0{digit}" for digit in range(1, 9)], "other": ["ZZ"], "default": ["UU"]},
        ),
        ("MSD002", "OrgCodeGMPMother", False, {"default": ["V81997", "V81998", "V81999"]}),
        ("MSD001", "Postcode", False, {"default": ["ZZ99"]}),
    ],
)
def test_the_codes_of_an_item_are_classed_by_what_they_mean(
    table: str, name: str, closed: bool, expected: dict[str, list[str]]
) -> None:
    one = item(table, name)
    assert one.codes is not None
    assert one.codes.closed is closed
    found = of_class(one)
    assert {cls: sorted(codes) for cls, codes in found.items()} == {
        cls: sorted(codes) for cls, codes in expected.items()
    }


def test_pregnancy_outcomes_of_the_old_data_set_may_not_be_submitted() -> None:
    lists = {one.codes.name: one.codes for one in packaged().spec.items if one.codes is not None}
    refused = lists["pregnancy-outcome"].of_class(CodeClass.INVALID)
    assert sorted(refused) == ["10", "20", "30", "40", "50", "XX"]


def test_a_language_is_two_lower_case_letters_or_a_sign_language() -> None:
    codes = item("MSD101", "LangCode").codes
    assert codes is not None
    assert codes.closed
    assert len(codes.codes) == 189
    assert {code.code for code in codes.codes if code.code.startswith("q")} >= {
        "q1",
        "q2",
        "q3",
        "q4",
        "q5",
    }
    assert {code.cls for code in codes.codes} == {CodeClass.VALID}
    assert all(code.code == code.code.lower() and len(code.code) == 2 for code in codes.codes)


@pytest.mark.parametrize(
    "one",
    [one for one in packaged().spec.items if one.codes is not None],
    ids=lambda one: one.path,
)
def test_every_code_has_the_format_of_its_item(one: Item) -> None:
    assert one.codes is not None
    assert len(one.codes.labels) == len(one.codes.codes)
    for code in one.codes.codes:
        if not code.prefix:
            assert one.format.minimum <= len(code.code) <= one.format.maximum, code.code


@pytest.mark.parametrize(
    "uid",
    ["M001070", "M401060"],
)
def test_what_a_near_miss_may_mean_is_a_permitted_code_and_itself_it_is_none(uid: str) -> None:
    [one] = [one for one in packaged().spec.items if one.uid == uid]
    assert one.codes is not None
    for miss in one.codes.near_misses:
        assert set(miss.means) <= one.codes.permitted, miss.seen
        assert miss.seen not in one.codes.permitted
