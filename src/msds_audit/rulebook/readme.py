"""The text of rules/README.md, generated from the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from msds_audit.bases import Base
from msds_audit.bounds import (
    DEEPEST_PREDICATE,
    LARGEST_FILE,
    LONGEST_PATTERN,
    LONGEST_TEXT,
    MOST_PATTERNS,
    MOST_REPEATS,
    MOST_WORDS,
)
from msds_audit.damage import WORDS
from msds_audit.predicates import FUNCTIONS
from msds_audit.rule import (
    Against,
    Basis,
    Criterion,
    Damage,
    Effect,
    Expected,
    Family,
    Rule,
    Rules,
    is_written,
)
from msds_audit.rulebook.indicators import asked_of
from msds_audit.rulebook.sheets import (
    GENERATED,
    INDICATORS_PAGE,
    escaped,
    link,
    markdown_table,
    page_of,
    star,
)
from msds_audit.rulebook.telling import asked_for
from msds_audit.windows import Window

_INTRODUCTION = """\
# The rules of msds-audit

GENERATED

- [How to add a rule](#how-to-add-a-rule)
- [Schemes](#schemes)
- [Measures](#measures)
- [Indicators](#indicators)
- [Written rules](#written-rules)
- [Generated rules](#generated-rules)
- [Words](#words)

## How to add a rule

1. `msds-audit rules new LOCAL-01 DIR --table MSD101` writes `DIR/records/TABLE.toml` with a rule
   that holds as it stands, every key explained; `--extends` begins a change to one there is.
2. Give it an `id`: ids are for ever, never reused and never renumbered. One that it had before
   stands under `formerly`.
3. Say in SQL which rows it `applies` to (leave it out for every row) and what `passes`. Name the
   table's items; beside them stand `PeriodStart` and `PeriodEnd`, `Item_vodim` (V, O, D, I or M),
   `Item_fits` (whether the text has the item's format), `Item_group` (the group of its code),
   `Item_damage` (what a spreadsheet did to it), `Item_verhoeff` (whether the check digit of a
   SNOMED CT identifier is right), the record it belongs to, as `spec show TABLE` names it, and
   the rows of other tables named in `related.toml`:
   `mother.Postcode` or `mother IS NOT NULL`; `Provider` is the code of the trust.
   Where `applies` is null the rule does not apply; where `passes` is null it does not pass.
   An unreadable value is null. Or give `unique`, the items that no two rows may share.
4. Say `why`, how to `fix` it, its `effect`, on what `basis` that is known, the `source`, and
   whether the source was read (`verified`).
5. Give an `[[rule.example]]` that passes and one that fails. They are run.
6. `msds-audit rules test DIR` says what came of each example, `msds-audit rules check DIR` what
   else is wrong, `msds-audit rules diff packaged DIR` whether judgement can change. Then
   `msds-audit check EXTRACT --rules DIR`.

A folder without `spec/` adds to the packaged rules; one with its own `spec/` stands in their place.

A whole file, `records/MSD101PregnancyBooking.toml`:

```toml
table = "MSD101PregnancyBooking"

[[rule]]
id       = "LOCAL-01"
name     = "booked-in-time"
title    = "The booking appointment is within ten weeks of the last menstrual period"
why      = "Early booking is what the service aims for."
fix      = "Look at how referrals reach the team."
effect   = "warning"
basis    = "advice"
source   = "Our own aim"
verified = true
applies  = "AntenatalAppDate IS NOT NULL AND LastMenstrualPeriodDate IS NOT NULL"
passes   = "AntenatalAppDate <= LastMenstrualPeriodDate + INTERVAL '70 days'"

  [[rule.example]]
  says   = "nine weeks later"
  row    = { LastMenstrualPeriodDate = "2026-06-14", AntenatalAppDate = "2026-08-16" }
  result = "pass"

  [[rule.example]]
  says   = "a day too late"
  row    = { LastMenstrualPeriodDate = "2026-06-14", AntenatalAppDate = "2026-08-24" }
  result = "fail"
```

The SQL is that of Polars. Dates and times are compared as such; add to a date with
`INTERVAL '70 days'`, `'11 years'`. Small numbers (`max n2` and the like) are numbers, all else is
text; turn text into a number with `TRY_CAST(ObsValue AS DOUBLE)`. Functions: FUNCTIONS.

Rules may come from anywhere, so a predicate can name nothing but the row: no query, comment,
quoted name or other word than those above and AND, OR, NOT, IN, IS, LIKE, ILIKE, BETWEEN, CASE. It
has at most MOST_CHARACTERS characters, MOST_WORDS words and signs besides texts, numbers and
commas, MOST_PATTERNS patterns, and brackets MOST_DEPTH deep. The pattern of REGEXP_LIKE and LIKE is
a text in quotes of at most MOST_PATTERN characters, whose counts (`{15}`) make at most MOST_REPEATS
when multiplied; REPLACE puts a text in quotes in place of one that is no shorter. A rule file has
at most MOST_BYTES bytes. Its words hold nothing that does not show, and titles stand on one line.

| key | one of |
| --- | --- |
| `effect` | EFFECTS |
| `basis` | BASES |
| `result` | RESULTS |

Measures (`measures/*.toml`) and schemes (`schemes/*.toml`) are written the same way: read the
packaged ones. `[[rule]] extends = "ID"` changes the keys given of a rule that stands before,
`drop = ["ID"]` at the top of a file leaves one out. A measure whose `passes` reads
no item says what is put right where somebody does not pass, for `msds-audit fix-list`:
`mends = ["weight.UCUMUnit"]`.

A national indicator is an `[[indicator]]` of a file of measures. In place of a table it has a
`base`, whose rows `applies` and `passes` judge, and a `window`, the months it reads; `PeriodStart`
and `PeriodEnd` are the first and last day of those. Whoever has a row that qualifies counts, once
for each `distinct`. A measure of data quality has limits (`lower`, `upper`, `exclusive`,
`needs_someone`); a rate has none and `rests_on` the measures that withhold it. None is changed or
dropped: write one of your own, and name it in a scheme (`indicator = "ID"`). `concepts.toml` holds
the codes by which fields are derived; a concept of yours stands in place of that of the same name.
[The page of the indicators](INDICATORS) has the bases with their columns.

| key | one of |
| --- | --- |
| `family` | FAMILIES |
| `base` | BASE_NAMES |
| `window` | WINDOWS |
| `against` | HELD_AGAINST |

Editors that know TOML complete keys and show what they are for, once the first line of a file is
`#:schema` and the path of one of `schema/` (`msds-audit rules schema` prints it).
"""
_WORDS = """\
## Words

| word | meaning |
|---|---|
| table, data item | as in the specification: `MSD001MotherDemog`, `EthnicCategoryMother` |
| mandation | M mandatory, R required, O optional |
| extract; submission | what you hand over; one provider and one reporting period |
| rule | what a record must satisfy: a denominator (applies) and a numerator (passes) |
| measure | a denominator and numerator over people; all rows of one must pass to count |
| indicator | a rate, or a measure behind one, as NHS England counts it: any row is enough |
| base, field | whose rows an indicator judges; a column of it that is worked out from items |
| window | the months that an indicator reads, counted from the month that is reported |
| concept | the codes by which fields are derived |
| scheme, criterion | who asks for how much; one line of it |
| VODIM | valid, other, default, invalid, missing: every value is exactly one |
| effect | what failing a rule does to the submission |
| damage | what a spreadsheet did to a value; the value is never repaired |
| basis | published, by analogy with IAPT and MHSDS, or our advice |
| not verified (\\*) | recalled or not published for MSDS; read the source before relying on it |
| met, not met | at or above the threshold, compared on the counts and not on rounded rates |
| not applicable | nothing to count, or the standard does not collect it |
| not assessed | a table or item is missing or empty, or the check failed; never a pass |
| information | nobody has set a threshold |
"""
_FOLLOWING = (
    "follow from the specification alone: `UID-blank` for every mandatory item, `UID-format` for "
    "every item, `UID-code` for every item whose values can be told right from wrong, "
    "`UID-repeated` for keys, `UID-orphan` for items that refer to a record of another table, "
    "`UID-alone` for items that need another, `UID-future` for dates, `UID-ods`, `UID-snomed` and "
    "`UID-term` for the shape of codes, `TABLE-present` for the tables that every submission has "
    "and `TABLE-once` for the header. The others name what a spreadsheet did to an item that "
    "it can happen to"
)
_CHOICES: Mapping[str, type[StrEnum]] = {
    "EFFECTS": Effect,
    "BASES": Basis,
    "RESULTS": Expected,
    "FAMILIES": Family,
    "BASE_NAMES": Base,
    "WINDOWS": Window,
    "HELD_AGAINST": Against,
}
_BOUNDS: Mapping[str, int] = {
    "MOST_CHARACTERS": LONGEST_TEXT,
    "MOST_WORDS": MOST_WORDS,
    "MOST_PATTERNS": MOST_PATTERNS,
    "MOST_DEPTH": DEEPEST_PREDICATE,
    "MOST_PATTERN": LONGEST_PATTERN,
    "MOST_REPEATS": MOST_REPEATS,
    "MOST_BYTES": LARGEST_FILE,
}
_SUFFIXES = (
    *("blank", "format", "code", "repeated", "orphan"),
    *("alone", "future", "ods", "snomed", "term", "present", "once"),
    *WORDS,
)


def readme(rules: Rules) -> str:
    """The text of rules/README.md."""
    return (
        "\n".join(
            [
                _introduction(),
                *_schemes(rules),
                *_measures(rules),
                *_indicators(rules),
                *_written(rules),
                *_generated(rules),
                _WORDS,
                f"{rules.spec.title} ({rules.spec.standard}). {rules.spec.source}. "
                f"{rules.spec.licence}\n",
            ]
        ).rstrip()
        + "\n"
    )


def _introduction() -> str:
    """How to add a rule, with the words that keys may hold taken from the program."""
    text = _INTRODUCTION.replace("FUNCTIONS", ", ".join(f"`{one}`" for one in sorted(FUNCTIONS)))
    for name, words in _CHOICES.items():
        text = text.replace(name, ", ".join(f"`{word}`" for word in words))
    for name in sorted(_BOUNDS, reverse=True):
        text = text.replace(name, f"{_BOUNDS[name]:,}")
    return text.replace("GENERATED", GENERATED).replace("INDICATORS", INDICATORS_PAGE)


def _schemes(rules: Rules) -> Iterator[str]:
    yield "## Schemes\n"
    for scheme in rules.schemes.values():
        default = "" if scheme.default else " (with `--scheme`)"
        about, source = escaped(scheme.about), escaped(scheme.source)
        yield f"### `{scheme.id}`{default}\n\n{about} Source: {source}.\n"
        yield markdown_table(
            ("criterion", "what", "asked for", "rests on"),
            (
                (
                    one.id,
                    escaped(one.title) + star(one.verified),
                    asked_for(one, rules).replace("*", ""),
                    _rests_on(one),
                )
                for one in scheme.criteria
            ),
        )


def _rests_on(criterion: Criterion) -> str:
    if criterion.cqims:
        return "the rates of CQIM"
    subject = criterion.subject or criterion.counts
    return f"`{subject}`" if subject else ""


def _measures(rules: Rules) -> Iterator[str]:
    yield "## Measures\n"
    yield markdown_table(
        ("measure", "what", "counts", "why"),
        (
            (link(one, rules), escaped(one.title) + star(one.verified), one.unit, escaped(one.why))
            for one in rules.measures.values()
        ),
    )


def _indicators(rules: Rules) -> Iterator[str]:
    yield "## Indicators\n"
    yield (
        f"What NHS England publishes by trust and month. [Their page]({INDICATORS_PAGE}) tells how "
        "each is counted.\n"
    )
    yield markdown_table(
        ("indicator", "what", "base", "window", "asked of it"),
        (
            (
                link(one, rules),
                escaped(one.title) + star(one.verified),
                "" if one.undefined else f"`{one.table}`",
                "" if one.undefined else f"`{one.window}`",
                asked_of(one),
            )
            for one in rules.indicators.values()
        ),
    )


def _written(rules: Rules) -> Iterator[str]:
    written = [rule for rule in rules.records.values() if is_written(rule)]
    reworded = sum(rule.generated for rule in written)
    yield (
        f"## Written rules\n\n{len(written)} rules; {reworded} of them put one that follows from "
        "the specification into words of their own.\n"
    )
    for table in rules.spec.tables.values():
        of_table = [rule for rule in written if rule.table == table.name]
        if of_table:
            yield f"### {table.name}\n"
            yield markdown_table(
                ("rule", "what", "effect", "basis"),
                (
                    (
                        link(rule, rules),
                        escaped(rule.title) + star(rule.verified),
                        str(rule.effect),
                        str(rule.basis),
                    )
                    for rule in of_table
                ),
            )


def _generated(rules: Rules) -> Iterator[str]:
    generated = [rule for rule in rules.records.values() if not is_written(rule)]
    yield f"## Generated rules\n\n{len(generated)} rules {_FOLLOWING}:\n"
    damaging: dict[Damage, list[Rule]] = {}
    for rule in generated:
        if rule.damage is not None:
            damaging.setdefault(rule.damage, []).append(rule)
    yield markdown_table(
        ("rule", "names", "in items", "for example"),
        (
            (f"`UID-{damage}`", words, str(len(found)), f"`{_damaged(found[-1])}`")
            for damage, words in WORDS.items()
            if (found := damaging.get(damage))
        ),
    )
    further = {rule.id.rpartition("-")[2] for rule in generated} - set(_SUFFIXES)
    suffixes = (*_SUFFIXES, *sorted(further))
    yield markdown_table(
        ("table", *suffixes),
        (
            (
                f"[{table.name}]({page_of(table)})",
                *(str(number) for number in _numbers(generated, table.name, suffixes)),
            )
            for table in rules.spec.tables.values()
        ),
    )


def _damaged(rule: Rule) -> str:
    """The value of an example that fails."""
    [failing] = (one for one in rule.examples if one.result is Expected.FAIL)
    return failing.row[rule.about]


def _numbers(generated: Iterable[Rule], table: str, suffixes: Iterable[str]) -> list[int]:
    """How many generated rules of a table end in each suffix."""
    found = Counter(rule.id.rpartition("-")[2] for rule in generated if rule.table == table)
    return [found[suffix] for suffix in suffixes]
