"""A year as NHS England published it comes out of an extract that has it, by the command itself."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from annual import (
    ANNUAL_NOT_REPORTED,
    MISSING,
    OUTSIDE,
    possible_totals,
    published_counts,
    spread,
    women_with,
)
from msds_audit.areas import DECILES, ELSEWHERE
from msds_audit.published import NOT_REPORTED

BOOKED = date(2022, 7, 15)
TERM = 280
FINDINGS = {"Smoker": "77176002", "Non-Smoker / Ex-Smoker": "8517006"}
ITEMS = (
    *("ComplexSocialFactorsInd", "FolicAcidSupplement", "PreviousCaesareanSections"),
    *("PreviousLiveBirths", "PreviousStillBirths"),
)


def records_of(who, woman):
    """The records of a woman: her demographics, her booking, and what was said of smoking."""
    place = woman.get("Deprivation")
    mother = {
        "LPIDMother": who,
        "PersonBirthDateMother": BOOKED.replace(year=BOOKED.year - woman["AgeAtBooking"]),
        "EthnicCategoryMother": woman.get("EthnicCategoryMother"),
        "Rank_IMD_Decile_2015": place if place in DECILES else None,
        "LSOAMother2011": "W01000001" if place == ELSEWHERE else None,
    }
    days = woman.get("GestAgeBooking")
    booking = {
        "PregnancyID": who,
        "LPIDMother": who,
        "AntenatalAppDate": BOOKED,
        "EDDAgreed": None if days is None else BOOKED + timedelta(days=TERM - days),
        **{item: woman.get(item) for item in ITEMS},
    }
    contact = {"CareConID": who, "PregnancyID": who, "CContactDate": BOOKED}
    activity = {
        "CareActIDMother": who,
        "CareConID": who,
        "FindingScheme": "04",
        "FindingCode": FINDINGS.get(woman.get("SmokingStatusBooking")),
    }
    return mother, booking, contact, activity


def write_table(folder, name, rows):
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    """An extract of one month with as many women in each group as one trust had in a year."""
    folder = tmp_path_factory.mktemp("year of one trust")
    published = published_counts()
    total = possible_totals(published)[0]
    counts = {dimension: spread(groups, total) for dimension, groups in published.items()}
    found = [records_of(f"M{number}", woman) for number, woman in enumerate(women_with(counts))]
    names = (
        *("MSD001MotherDemog", "MSD101PregnancyBooking"),
        *("MSD201CareContactPreg", "MSD202CareActivityPreg"),
    )
    for name, rows in zip(names, zip(*found, strict=True), strict=True):
        write_table(folder, name, rows)
    header = {"OrgIDProvider": "RAX", "RPStartDate": "2022-07-01", "RPEndDate": "2022-07-31"}
    write_table(folder, "MSD000Header", [header])
    return folder


def groups_in(text):
    """The counts of a data file by dimension and group, under the names of the annual file."""
    found = {}
    for row in csv.DictReader(text.splitlines()):
        is_missing = row["Measure"] in (MISSING, OUTSIDE, NOT_REPORTED)
        group = ANNUAL_NOT_REPORTED if is_missing else row["Measure"]
        groups = found.setdefault(row["Dimension"], {})
        groups[group] = groups.get(group, 0) + float(row["Final_value"])
    return found


def test_the_published_counts_of_a_year_are_what_the_data_file_prints(
    extract: Path, run, tmp_path: Path
) -> None:
    file = tmp_path / "figures.csv"
    ran = run("check", extract, "--format", "data-csv", "--disclosure", "--out", file)
    assert ran.code in (0, 1), ran.err
    found = groups_in(file.read_text("utf-8"))
    for dimension, groups in published_counts().items():
        shown = {group: count for group, count in groups.items() if count}
        assert found[dimension] == shown
    assert found["TotalBookings"] == {"": 3950}
