"""Tests of how a woman gets her decile of deprivation, and of the deciles that come along."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msds_audit.areas import (
    AREA_COLUMNS,
    DECILES,
    DEPRIVATION_GROUPS,
    ELSEWHERE,
    PSEUDO_POSTCODE,
    DecileSource,
    PostcodeLookup,
)
from msds_audit.catalogue.areas import read_deciles
from msds_audit.deprivation import postcodes_needed, with_deprivation
from msds_audit.published import NOT_REPORTED
from msds_audit.readers import open_extract

DECILE, LSOA, DISTRICT = AREA_COLUMNS
ALL = read_deciles()
MOST, LEAST = DECILES[0], DECILES[-1]
NINTH, LSOA_OF_NINTH = "09", "E01000001"


def frame(rows, *columns):
    """Rows of women called 0, 1, 2 ... unless they are named; what is left out is blank."""
    full = [{"LPIDMother": str(place), **row} for place, row in enumerate(rows)]
    return pl.LazyFrame(full, schema=dict.fromkeys(("LPIDMother", *columns), pl.String))


def deprived(rows, *columns, lookup=None):
    """The deprivation of women whose MSD001 has these columns beside LPIDMother."""
    mothers = frame(rows, "Postcode")
    areas = frame(rows, *columns) if columns else None
    return with_deprivation(mothers, areas, ALL, lookup)


def labels(found):
    return found.mothers.collect()["Deprivation"].to_list()


def lookup_of(census, **lsoas):
    schema = {"Postcode": pl.String, "LSOA": pl.String}
    return PostcodeLookup(pl.DataFrame(list(lsoas.items()), schema=schema, orient="row"), census)


# --- the deciles that come along ----------------------------------------------------------


@pytest.mark.parametrize(
    ("census", "lsoa", "decile"),
    [
        (2011, "E01000001", 9),
        (2011, "E01000005", 3),
        (2011, "E01021988", 1),
        (2021, "E01000001", 8),
        (2021, "E01000005", 5),
        (2021, "E01021988", 1),
    ],
)
def test_the_deciles_of_some_lsoas_are_those_published(census, lsoa, decile):
    assert ALL[census].filter(pl.col("LSOA") == lsoa)["Decile"].to_list() == [decile]


@pytest.mark.parametrize(("census", "lsoas"), [(2011, 32_844), (2021, 33_755)])
def test_every_lsoa_of_england_is_there_once_and_in_a_tenth_of_them(census, lsoas):
    deciles = ALL[census]
    assert deciles.height == deciles["LSOA"].n_unique() == lsoas
    assert deciles["LSOA"].str.contains(r"^E01\d{6}$").all()
    sizes = deciles.group_by("Decile").len().sort("Decile")
    assert sizes["Decile"].to_list() == list(range(1, 11))
    assert sizes["len"].is_between(lsoas // 10, lsoas // 10 + 1).all()


# --- the order of the published groups ----------------------------------------------------


@pytest.mark.parametrize("number", range(1, 11))
def test_a_decile_may_be_written_with_or_without_a_zero_or_as_it_is_published(number):
    label = DECILES[number - 1]
    rows = [{DECILE: written} for written in (f"{number}", f"{number:02}", label)]
    found = deprived(rows, DECILE)
    assert labels(found) == [label] * 3
    assert (found.source, found.women, found.without) == (DecileSource.EXTRACT, 3, 0)


def test_decile_then_lsoa_then_pseudo_postcode_then_nothing():
    known = {DECILE: "1", LSOA: "W01000001", DISTRICT: "ZZ99"}
    rows = [known, {**known, DECILE: None}, {DISTRICT: "ZZ99"}, {DISTRICT: "ZQ1"}, {}]
    found = deprived(rows, *AREA_COLUMNS)
    assert labels(found) == [MOST, ELSEWHERE, PSEUDO_POSTCODE, NOT_REPORTED, NOT_REPORTED]
    assert (found.source, found.women, found.without) == (DecileSource.EXTRACT, 5, 4)


def test_an_lsoa_that_is_none_tells_no_country():
    """Those of England all have a decile, so that one without it is no LSOA of England."""
    found = deprived([{LSOA: "banana"}, {LSOA: "E01999999"}, {LSOA: "S01006506"}], LSOA)
    assert labels(found) == [NOT_REPORTED, NOT_REPORTED, ELSEWHERE]


@pytest.mark.parametrize("decile", ["0", "11", "-1", "1.0", "one", "01 - most deprived"])
def test_a_decile_that_is_none_is_outside_reporting_parameters(decile):
    rows = [{DECILE: decile, LSOA: LSOA_OF_NINTH, DISTRICT: "ZZ99"}]
    found = deprived(rows, *AREA_COLUMNS)
    assert labels(found) == [NOT_REPORTED]
    assert (found.source, found.without) == (DecileSource.EXTRACT, 1)


def test_without_deciles_the_lsoa_of_2011_tells_the_decile_of_2019():
    rows = [
        {LSOA: LSOA_OF_NINTH},
        {LSOA: LSOA_OF_NINTH.lower()},
        {LSOA: "S01006514", DISTRICT: "ZZ99"},
        {DISTRICT: "ZZ99"},
        {},
    ]
    expected = [NINTH, NINTH, ELSEWHERE, PSEUDO_POSTCODE, NOT_REPORTED]
    for columns in ((LSOA, DISTRICT), AREA_COLUMNS):
        found = deprived(rows, *columns, lookup=lookup_of(2021))
        assert labels(found) == expected
        assert (found.source, found.women, found.without) == (DecileSource.LSOA_2011, 5, 3)


def test_without_either_the_postcode_tells_the_lsoa():
    rows = [
        {"Postcode": "ZQ1 1XA"},
        {"Postcode": "zq11xa"},
        {"Postcode": "ZQ1 1XS"},
        {"Postcode": "ZQ1 1XN"},
        {"Postcode": "zz99 3vz"},
        {"Postcode": None},
    ]
    lsoas = {"ZQ11XA": LSOA_OF_NINTH, "ZQ11XS": "S01006514", "ZQ11XN": None}
    in_2011 = deprived(rows, lookup=lookup_of(2011, **lsoas))
    rest = [ELSEWHERE, NOT_REPORTED, PSEUDO_POSTCODE, NOT_REPORTED]
    assert labels(in_2011) == [NINTH, NINTH, *rest]
    assert (in_2011.source, in_2011.without) == (DecileSource.POSTCODE_2011, 4)
    in_2021 = deprived(rows, *AREA_COLUMNS, lookup=lookup_of(2021, **lsoas))
    assert labels(in_2021) == ["08", "08", *rest]
    assert (in_2021.source, in_2021.without) == (DecileSource.POSTCODE_2021, 4)


def test_without_anything_only_pseudo_postcodes_are_known():
    rows = [{"Postcode": "ZQ1 1XA"}, {"Postcode": "ZZ993VZ"}]
    found = deprived(rows)
    assert labels(found) == [NOT_REPORTED, PSEUDO_POSTCODE]
    assert (found.source, found.women, found.without) == (DecileSource.NOTHING, 2, 2)


def test_a_pseudo_postcode_lies_nowhere_whatever_a_directory_says():
    found = deprived([{"Postcode": "ZZ99 3VZ"}], lookup=lookup_of(2011, ZZ993VZ=LSOA_OF_NINTH))
    assert labels(found) == [PSEUDO_POSTCODE]


# --- women and rows -----------------------------------------------------------------------


def test_of_a_woman_with_several_rows_the_last_is_taken_and_she_counts_once():
    rows = [
        {"LPIDMother": "a", DECILE: "1"},
        {"LPIDMother": "b"},
        {"LPIDMother": "a", DECILE: "10"},
    ]
    found = deprived(rows, *AREA_COLUMNS)
    assert labels(found) == [LEAST, NOT_REPORTED, LEAST]
    assert (found.women, found.without) == (2, 1)


def test_rows_that_name_no_woman_stay_without_a_label():
    rows = [{"LPIDMother": None, DECILE: "1"}, {"LPIDMother": "a", DECILE: "1"}]
    found = deprived(rows, *AREA_COLUMNS)
    assert labels(found) == [None, MOST]
    assert found.women == 1


def test_the_frame_given_keeps_its_rows_and_columns():
    mothers = pl.LazyFrame({"LPIDMother": ["b", "a"], "EthnicCategoryMother": ["A", "B"]})
    areas = frame([{"LPIDMother": "a", DECILE: "2"}], DECILE)
    found = with_deprivation(mothers, areas, ALL).mothers.collect()
    assert found.drop("Deprivation").equals(mothers.collect())
    assert found["Deprivation"].to_list() == [NOT_REPORTED, "02"]


def test_postcodes_are_needed_only_where_the_extract_has_nothing_else():
    rows = [{"Postcode": "zq1 1xa"}, {"Postcode": "ZQ11XA"}, {"Postcode": "ZZ99 3VZ"}, {}]
    mothers = frame(rows, "Postcode")
    assert postcodes_needed(mothers, None).to_list() == ["ZQ11XA"]
    assert postcodes_needed(mothers, frame(rows, *AREA_COLUMNS)).to_list() == ["ZQ11XA"]
    assert postcodes_needed(mothers.select("LPIDMother"), None).is_empty()
    for column in (DECILE, LSOA):
        areas = frame([{column: "1"}], column)
        assert postcodes_needed(mothers, areas).is_empty()


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                DECILE: st.sampled_from([None, "3", "11"]),
                LSOA: st.sampled_from([None, LSOA_OF_NINTH, "W01000001"]),
                DISTRICT: st.sampled_from([None, "ZZ99", "ZQ1"]),
                "Postcode": st.sampled_from([None, "ZQ1 1XA", "ZZ99 3VZ"]),
            }
        ),
        max_size=6,
    ),
    st.sampled_from([None, lookup_of(2011, ZQ11XA="E01000005")]),
    st.sampled_from([(), (DECILE,), (LSOA,), (DISTRICT,), AREA_COLUMNS]),
)
def test_every_woman_has_one_published_group(rows, lookup, columns):
    found = deprived(rows, *columns, lookup=lookup)
    assert len(labels(found)) == found.women == len(rows)
    assert set(labels(found)) <= set(DEPRIVATION_GROUPS)
    assert found.without == sum(label not in DECILES for label in labels(found))


# --- what the readers hand over -----------------------------------------------------------

HEADER = "OrgIDProvider,RPStartDate\nRJ7,2026-08-01\n"
MOTHERS = f"LPIDMother,Postcode,rank_imd_decile_2015,{DISTRICT},RecordNumber\na,ZQ1 1XA, 3 ,ZQ1,1\n"


def opened(folder, rules, text, name="MSD001.csv"):
    (folder / "MSD000.csv").write_text(HEADER, encoding="utf-8")
    (folder / name).write_text(text, encoding="utf-8")
    return open_extract([folder], rules.spec).submissions


def test_the_columns_of_areas_are_kept_beside_the_items(rules, tmp_path):
    [submission] = opened(tmp_path, rules, MOTHERS)
    assert submission.areas.collect().to_dicts() == [
        {"LPIDMother": "a", DECILE: "3", DISTRICT: "ZQ1"}
    ]
    assert submission.tables["MSD001MotherDemog"].collect().columns == ["LPIDMother", "Postcode"]
    [notice] = [one for one in submission.notices if "NHS England derives" in one]
    assert DECILE in notice or "rank_imd_decile_2015" in notice


def test_an_extract_without_such_columns_has_no_areas(rules, tmp_path):
    [submission] = opened(tmp_path, rules, "LPIDMother,Postcode,RecordNumber\na,ZQ1 1XA,1\n")
    assert submission.areas is None


def test_such_columns_help_nobody_without_lpidmother(rules, tmp_path):
    [submission] = opened(tmp_path, rules, f"Postcode,{DECILE}\nZQ1 1XA,1\n")
    assert submission.areas is None


def test_each_of_several_submissions_has_its_own_areas(rules, tmp_path):
    text = (
        f"LPIDMother,{LSOA},OrgIDProvider,RPStartDate\n"
        "a,E01000001,RJ7,2026-08-01\nb,E01000002,RAX,2026-08-01\nc,,RJ7,2026-08-01\n"
    )
    (tmp_path / "MSD001.csv").write_text(text, encoding="utf-8")
    found = open_extract([tmp_path], rules.spec).submissions
    assert {one.provider: one.areas.collect().rows() for one in found} == {
        "RAX": [("b", "E01000002")],
        "RJ7": [("a", "E01000001"), ("c", None)],
    }


XML = (
    "<MSDS><MSD000><OrgIDProvider>RJ7</OrgIDProvider><RPStartDate>2026-08-01</RPStartDate></MSD000>"
    f"<MSD001><LPIDMother>a</LPIDMother><{DECILE}>3</{DECILE}></MSD001></MSDS>"
)


def test_other_forms_keep_them_too(rules, tmp_path):
    (tmp_path / "extract.xml").write_text(XML, encoding="utf-8")
    (tmp_path / "parquet").mkdir()
    pl.DataFrame({"LPIDMother": ["a"], DECILE: [3]}).write_parquet(
        tmp_path / "parquet" / "MSD001.parquet"
    )
    (tmp_path / "parquet" / "MSD000.csv").write_text(HEADER, encoding="utf-8")
    for path in (tmp_path / "extract.xml", tmp_path / "parquet"):
        [submission] = open_extract([path], rules.spec).submissions
        assert submission.areas.collect().to_dicts() == [{"LPIDMother": "a", DECILE: "3"}]
