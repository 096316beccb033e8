"""Writes the data that is measured: synthetic extracts of any size, the same for the same seed.

The clean story of `msds-audit sample` is laid side by side as often as is needed, with other
identifiers, mothers' birth dates and postcodes each time, so that there are as many different ones
as among as many women; one row in twenty then has one fault, in an item chosen by the number of
the row. Rows are written in batches, so memory stays the same whatever the size.

NHS numbers are of the 999 range. It has some 909,000 with a right check digit; women beyond
those have no number.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import polars as pl

from msds_audit.api import load_rules
from msds_audit.extract import Period
from msds_audit.rule import Rules
from msds_audit.sample import Story, write_sample
from msds_audit.spec import CodeClass, Item, Kind, Table

SEED = 2026
BATCH = 200_000
ONE_IN = 20
"""How many rows there are for each that has a fault."""

HEADER, MOTHER, BOOKING = "MSD000Header", "MSD001MotherDemog", "MSD101PregnancyBooking"
NUMBERS = {"NHSNumberMother": "NHSNumberStatusMother", "NHSNumberBaby": "NHSNumberStatusBaby"}
REGISTRATION = "ProfRegID"
YOUNGER_OR_OLDER = 1_000
"""Days by which a birth date is moved at most, so that all are of an age to give birth."""

IN_POSTCODES = list("ABDEFGHJLNPQRSTUWXYZ")
"""The letters that stand in the second half of a postcode."""

PRESENT, ABSENT = "01", "07"
UNREADABLE = {Kind.DATE: ("2026-02-30", "2027-12-01"), Kind.TIME: ("25:00:00",)}
"""What is wrong with a date or a time; a day to come is, in what is past."""

UNIT_WOMEN = 40
"""How many women the clean story has."""

UNIT_TRUST = "RVR"
NATIONAL_COPIES = {"MSD201CareContactPreg": 24, "MSD202CareActivityPreg": 56}
"""How often more each of these rows stands in a national year than in the clean story."""


@dataclass(frozen=True)
class Recipe:
    """What to write.

    `units` is how often the clean story is repeated, `tables` which of its tables (all unless
    any is named), `copies` how often more the rows of a table stand in each. With `providers`
    over 0 there is no header: every table has a column `OrgIDProvider` with so many of them.
    """

    name: str
    units: int
    tables: tuple[str, ...] = ()
    copies: Mapping[str, int] = field(default_factory=dict)
    providers: int = 0
    provider: str = UNIT_TRUST
    period: str = "2026-08"
    seed: int = SEED


def mothers_and_bookings(women: int) -> Recipe:
    """The mother and the booking table, a row each for every woman."""
    return Recipe(f"women-{women}", women // UNIT_WOMEN, (HEADER, MOTHER, BOOKING))


def trust_month(rows: int = 50_000) -> Recipe:
    """All tables of one trust and month, in about so many rows."""
    return Recipe(f"trust-{rows}", max(1, round(rows / 571)))


def trust_months(count: int, rows: int) -> list[Recipe]:
    """So many submissions of about so many rows: trusts by months, each in a folder of its own."""
    trusts = list(load_rules().providers)
    return [
        Recipe(
            f"{trusts[number // 12]}-2026-{number % 12 + 1:02}",
            max(1, round(rows / 571)),
            provider=trusts[number // 12],
            period=f"2026-{number % 12 + 1:02}",
            seed=SEED + number,
        )
        for number in range(count)
    ]


def national(bookings: int, providers: int) -> Recipe:
    """All tables of so many bookings, with 16.8 care activities to each."""
    name = f"national-{bookings}-of-{providers}"
    return Recipe(name, bookings // UNIT_WOMEN, (), NATIONAL_COPIES, providers)


# --- where it goes ------------------------------------------------------------------------


def prepared(recipes: list[Recipe], cache: Path, name: str = "") -> Path:
    """The folder of what the recipes say, written unless it is there: of several, one of each.

    What is written whole has its name; a run that is broken off leaves nothing under it.
    """
    said = json.dumps([asdict(recipe) for recipe in recipes], sort_keys=True)
    source = Path(__file__).read_bytes() + load_rules().fingerprint.encode()
    digest = hashlib.sha256(said.encode() + source).hexdigest()[:10]
    folder = cache / f"{name or recipes[0].name}-{digest}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="unfinished-") as unfinished:
            for recipe in recipes:
                write(recipe, Path(unfinished, recipe.name if name else ""))
            shutil.move(unfinished, folder)
            Path(unfinished).mkdir()
    return folder


def write(recipe: Recipe, out: Path) -> None:
    """Write what a recipe says as a folder of CSV files, a file for each table."""
    rules = load_rules()
    period = Period.parse(recipe.period)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as sample:
        unit = Path(sample, "unit")
        write_sample(unit, Story.CLEAN, rules=rules, seed=recipe.seed, period=period)
        base = {
            table.name: pl.read_csv(unit / f"{table.name}.csv", infer_schema=False)
            for table in rules.spec.tables.values()
            if not recipe.tables or table.name in recipe.tables
        }
    writing = _Writing(recipe, rules, base)
    for name, rows in base.items():
        if name == HEADER:
            if not recipe.providers:
                own = rows.with_columns(pl.all().str.replace(f"^{UNIT_TRUST}", recipe.provider))
                own.write_csv(out / f"{name}.csv")
            continue
        writing.table(rules.spec.tables[name], out / f"{name}.csv")


# --- one table ----------------------------------------------------------------------------


class _Writing:
    """The tables of one recipe; every row follows from its number alone."""

    def __init__(self, recipe: Recipe, rules: Rules, base: Mapping[str, pl.DataFrame]) -> None:
        self._recipe = recipe
        self._base = base
        self._numbers = nhs_numbers()
        codes = [code for code in rules.providers if len(code) == len(UNIT_TRUST)]
        self._providers = pl.Series(codes[: recipe.providers] or [recipe.provider])
        self._referred = {item.references for item in rules.spec.items if item.references}

    def table(self, table: Table, file: Path) -> None:
        """Write one table, batch by batch."""
        size = self._base[table.name].height * self._copies(table.name) * self._recipe.units
        with file.open("wb") as out:
            for start in range(0, size, BATCH):
                rows = self._rows(table, start, min(size, start + BATCH))
                rows.write_csv(out, include_header=start == 0)

    def _copies(self, table: str) -> int:
        return self._recipe.copies.get(table, 1)

    def _rows(self, table: Table, start: int, stop: int) -> pl.DataFrame:
        base, copies = self._base[table.name], self._copies(table.name)
        number = pl.int_range(start, stop, dtype=pl.UInt64, eager=True).alias("number")
        rows = base[(number % base.height)].with_columns(
            number,
            (number // (base.height * copies)).alias("unit"),
            (number // base.height % copies).alias("copy"),
        )
        rows = rows.with_columns(self._provider())
        rows = rows.with_columns(*self._identifiers(table), *self._organisations(base))
        rows = rows.with_columns(*self._nhs_numbers(table), *self._registrations(table))
        rows = rows.with_columns(*self._people(table))
        rows = rows.with_columns(self._faults(table))
        own = [pl.col("provider").alias("OrgIDProvider")] if self._recipe.providers else []
        return rows.select(*own, *base.columns)

    def _provider(self) -> pl.Expr:
        many = len(self._providers)
        place = (pl.col("unit") * many // self._recipe.units).cast(pl.UInt32)
        return pl.lit(self._providers).gather(place).alias("provider")

    def _organisations(self, base: pl.DataFrame) -> list[pl.Expr]:
        """The trust and its sites, under the code of the provider."""
        return [
            pl.when(pl.col(name).str.starts_with(UNIT_TRUST))
            .then(pl.col("provider") + pl.col(name).str.slice(len(UNIT_TRUST)))
            .otherwise(pl.col(name))
            .alias(name)
            for name in base.columns
            if base[name].str.contains(f"^{UNIT_TRUST}[0-9]{{0,2}}$").any()
        ]

    def _identifiers(self, table: Table) -> list[pl.Expr]:
        return [
            self._identifier(item, item.references or (table.name, item.name))
            for item in table.items
            if item.references or (table.name, item.name) in self._referred
        ]

    def _identifier(self, item: Item, owner: tuple[str, str]) -> pl.Expr:
        """The identifier of the base with a number of its own in every unit and copy."""
        table, key = owner
        if table not in self._base:
            return pl.col(item.name)
        known = self._base[table][key]
        stride = int(known.str.extract(r"([0-9]+)$").cast(pl.Int64).max() or 0) + 1
        copies = self._copies(table)
        place = pl.col("unit") * copies + pl.col("copy") % copies
        number = pl.col(item.name).str.extract(r"([0-9]+)$").cast(pl.UInt64) + place * stride
        letters = pl.col(item.name).str.extract(r"^([A-Z]+)")
        letters = letters.str.replace(f"^{UNIT_TRUST}", "")
        kind = pl.when(pl.col(item.name).str.starts_with(UNIT_TRUST))
        before = kind.then(pl.col("provider")).otherwise(pl.lit(""))
        padded = number.cast(pl.String).str.zfill(8)
        return pl.concat_str(before, letters, padded).alias(item.name)

    def _nhs_numbers(self, table: Table) -> list[pl.Expr]:
        """A number for every person; from the end of the range for babies."""
        found = []
        for name, status in NUMBERS.items():
            if name in table.by_name:
                place = pl.col("number")
                last = len(self._numbers) - 1
                has = place <= last
                place = pl.when(has).then(place if "Mother" in name else last - place)
                numbers = pl.lit(self._numbers).gather(place.cast(pl.UInt32))
                found += [
                    numbers.alias(name),
                    pl.when(has).then(pl.lit(PRESENT)).otherwise(pl.lit(ABSENT)).alias(status),
                ]
        return found

    def _registrations(self, table: Table) -> list[pl.Expr]:
        """A professional registration for every member of staff, as 12A0345E."""
        if REGISTRATION not in table.by_name:
            return []
        number = pl.col("number")
        body = (number // 10_000 % 100).cast(pl.String).str.zfill(2)
        own = (number % 10_000).cast(pl.String).str.zfill(4)
        return [pl.format("{}A{}E", body, own).alias(REGISTRATION)]

    def _people(self, table: Table) -> list[pl.Expr]:
        """Birth dates some years about that of the story, and postcodes of the same area."""
        if table.name != MOTHER:
            return []
        drawn = _drawn(pl.col("number"), self._recipe.seed + 1)
        days = drawn.cast(pl.Int64) % (2 * YOUNGER_OR_OLDER) - YOUNGER_OR_OLDER
        born = pl.col("PersonBirthDateMother").str.to_date() + pl.duration(days=days)
        area, district = pl.col("Postcode").str.extract("^([A-Z]+)"), drawn // 4_000 % 28 + 1
        letters = pl.lit(pl.Series(IN_POSTCODES))
        first, second = (letters.gather(drawn // size % 20) for size in (10, 200))
        postcode = pl.format("{}{} {}{}{}", area, district, drawn % 10, first, second)
        return [born.cast(pl.String).alias("PersonBirthDateMother"), postcode.alias("Postcode")]

    # --- faults

    def _faults(self, table: Table) -> list[pl.Expr]:
        """One row in `ONE_IN` has one fault; which, and in which item, follows from its number."""
        drawn = _drawn(pl.col("number"), self._recipe.seed)
        faulty = drawn % ONE_IN == 0
        which, how = drawn // ONE_IN % len(table.items), drawn // ONE_IN // len(table.items)
        found = []
        for place, item in enumerate(table.items):
            faults = _faults_of(item, is_key=(table.name, item.name) in self._referred)
            value = pl.col(item.name)
            for number, fault in enumerate(faults):
                chosen = faulty & (which == place) & (how % len(faults) == number)
                value = pl.when(chosen).then(fault).otherwise(value)
            found.append(value.alias(item.name))
        return found


def _drawn(number: pl.Expr, seed: int) -> pl.Expr:
    """A number below 2 to the 31st that looks drawn, and follows from another."""
    drawn = number + seed
    for _ in range(2):
        drawn = (drawn * 1_103_515_245 + 12_345) % (1 << 31)
        drawn = drawn ^ (drawn // (1 << 15))
    return drawn


def _faults_of(item: Item, *, is_key: bool) -> list[pl.Expr]:
    """What may be wrong with an item: nothing there, and values that it should not hold."""
    text, blank = pl.col(item.name), pl.lit(None, pl.String)
    if is_key:
        return [blank, text.shift(1).fill_null(text)]
    if item.references is not None:
        return [blank, pl.format("NOBODY{}", pl.col("number"))]
    if item.name in NUMBERS:
        last = (text.str.slice(9).cast(pl.UInt8) + 1) % 10
        return [blank, text.str.head(9), text.str.head(9) + last.cast(pl.String)]
    if item.format.kind in UNREADABLE:
        return [blank, *map(pl.lit, UNREADABLE[item.format.kind])]
    if item.codes is None or not item.codes.closed:
        return [blank, pl.lit("x" * (item.format.maximum + 1))]
    answers = [
        pl.lit(code)
        for cls in (CodeClass.OTHER, CodeClass.DEFAULT)
        for code in item.codes.of_class(cls)[:1]
    ]
    return [blank, pl.lit("?" * item.format.minimum), text.str.strip_chars_start("0"), *answers]


def nhs_numbers() -> pl.Series:
    """Every NHS number of the 999 range with a right check digit, in an order without pattern."""
    nine = (999_000_000 + pl.int_range(1_000_000, dtype=pl.UInt64) * 7_919 % 1_000_000).alias("n")
    digits = [pl.col("n") // 10 ** (8 - place) % 10 * (10 - place) for place in range(9)]
    check = (11 - pl.sum_horizontal(digits) % 11) % 11
    numbers = pl.select(nine).with_columns(check.alias("check")).filter(pl.col("check") < 10)
    return numbers.select(pl.format("{}{}", "n", "check")).to_series()


def access_file(mothers: int, cache: Path) -> Path:
    """An Access file with a mother table, written by what the tests write Access files with."""
    tests = Path(__file__).parents[1] / "tests"
    sys.path.insert(0, str(tests))
    from access_writer import AccessFile, AccessTable

    folder = prepared([mothers_and_bookings(mothers)], cache)
    file = folder.with_suffix(".accdb")
    if not file.exists():
        frame = pl.read_csv(folder / f"{MOTHER}.csv", infer_schema=False)
        columns = [(name, "text") for name in frame.columns]
        unfinished = file.with_suffix(".unfinished")
        AccessFile([AccessTable(MOTHER, columns, frame.rows(), squeeze=True)]).write(unfinished)
        unfinished.rename(file)
    return file


# --- as a program -------------------------------------------------------------------------


def main() -> None:
    """Prepare what is named and print its folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("women", "trust", "months", "national", "access"))
    parser.add_argument("size", type=int)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path(".bench"))
    asked = parser.parse_args()
    match asked.what:
        case "women":
            folder = prepared([mothers_and_bookings(asked.size)], asked.cache)
        case "trust":
            folder = prepared([trust_month(asked.size)], asked.cache)
        case "months":
            name = f"months-{asked.count}-of-{asked.size}"
            folder = prepared(trust_months(asked.count, asked.size), asked.cache, name)
        case "access":
            folder = access_file(asked.size, asked.cache)
        case _:
            folder = prepared([national(asked.size, asked.count)], asked.cache)
    print(folder.resolve())


if __name__ == "__main__":
    main()
