"""Every kind of broken rule file has a sentence of its own that says where and what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from msds_audit.bases import CONCEPTS
from msds_audit.packaged import packaged_rules
from support import Ran, quick_first

HINT = "Hint: rules/README.md of msds-audit says how a rule is written."
NO_AUDIT = "No audit was performed."

MOTHERS = "records/MSD001MotherDemog.toml"
KEYS = {
    "id": '"OURS-01"',
    "name": '"mine"',
    "title": '"A rule of our own"',
    "why": '"Because."',
    "fix": '"Mend it."',
    "effect": '"warning"',
    "basis": '"advice"',
    "source": '"Ourselves"',
    "verified": "false",
    "passes": '"Postcode IS NOT NULL"',
}
PASSING = """
  [[rule.example]]
  says   = "known"
  row    = { Postcode = "SM1 6EM" }
  result = "pass"
"""
FAILING = """
  [[rule.example]]
  says   = "blank"
  row    = { Postcode = "" }
  result = "fail"
"""


def rule(*left_out: str, table: str = "MSD001MotherDemog", more: str = "", **keys: str) -> str:
    """A whole file with one right rule but for the keys given or left out."""
    written = {name: value for name, value in {**KEYS, **keys}.items() if name not in left_out}
    lines = [f"{name} = {value}" for name, value in written.items() if name != "example"]
    examples = keys.get("example", PASSING + FAILING)
    return f'table = "{table}"\n{more}\n[[rule]]\n' + "\n".join(lines) + "\n" + examples


def scheme(
    *, id: str = "ours", more: str = "", criterion: str = 'measure = "pregnancy-dated"'
) -> str:
    """A whole file with one right scheme of one line."""
    head = f'id = "{id}"\nfamily = "{id}"\ntitle = "t"\nabout = "a"\nsource = "s"\n'
    line = f'[[criterion]]\nid = "OUR-1"\nsection = "s"\n{criterion}\n'
    return f"{head}order = 9\ndefault = false\n{more}\n{line}"


MEASURE = """
[[measure]]
id       = "ours"
title    = "t"
why      = "w"
table    = "MSD001MotherDemog"
passes   = "Postcode IS NOT NULL"
distinct = "LPIDMother"
unit     = "women"
basis    = "advice"
source   = "s"
verified = false
""" + (PASSING + FAILING).replace("rule.example", "measure.example")
RELATED = """
[[related]]
beside = "MSD001MotherDemog"
name   = "practice"
table  = "MSD002GP"
on     = "LPIDMother"
"""
INDICATORS = "measures/i.toml"
OF_INDICATOR = {
    "id": '"OURS-I1"',
    "family": '"CQIM_DQ_Measure"',
    "title": '"Births with an outcome"',
    "why": '"Because."',
    "base": '"births"',
    "window": '"month"',
    "applies": '"PersonBirthDateBaby BETWEEN PeriodStart AND PeriodEnd"',
    "passes": '"PregOutcome IS NOT NULL"',
    "distinct": '"LPIDBaby"',
    "counted": '"babies with an outcome"',
    "lower": "0.70",
    "basis": '"advice"',
    "source": '"Ourselves"',
    "verified": "false",
}
COUNTED = """
  [[indicator.example]]
  says   = "live"
  row    = { PersonBirthDateBaby = "2026-08-10", PregOutcome = "01" }
  period = "2026-08"
  result = "pass"
"""
UNCOUNTED = """
  [[indicator.example]]
  says   = "blank"
  row    = { PersonBirthDateBaby = "2026-08-10" }
  period = "2026-08"
  result = "fail"
"""


def indicator(*left_out: str, **keys: str) -> str:
    """One right indicator but for the keys given or left out."""
    written = {name: one for name, one in {**OF_INDICATOR, **keys}.items() if name not in left_out}
    lines = [f"{name} = {value}" for name, value in written.items() if name != "example"]
    examples = keys.get("example", COUNTED + UNCOUNTED)
    return "\n[[indicator]]\n" + "\n".join(lines) + "\n" + examples


CONCEPT = """
[[concept]]
name     = "smoker"
says     = "s"
codes    = ["77176002"]
source   = "s"
verified = false
"""
CIRCLE = {
    f"schemes/{one}.toml": scheme(id=one, more=f'extends = "{other}"').partition("[[")[0]
    for one, other in (("a", "b"), ("b", "a"))
}

BROKEN: dict[str, tuple[dict[str, str | bytes], str]] = {
    "no TOML": (
        {MOTHERS: "table = \n"},
        "records/MSD001MotherDemog.toml: is not TOML: Invalid value (at line 1, column 9). "
        "Look at that line.",
    ),
    "a key given twice": (
        {MOTHERS: rule() + "\nsays = 1"},
        "records/MSD001MotherDemog.toml: is not TOML: Cannot overwrite a value (at end of "
        "document). Look at that line.",
    ),
    "not UTF-8": (
        {MOTHERS: rule().encode() + b"# \xe9"},
        "records/MSD001MotherDemog.toml: is not UTF-8. Save it so.",
    ),
    "a key that nobody knows": (
        {MOTHERS: rule(colour='"red"')},
        "records/MSD001MotherDemog.toml › OURS-01 › colour: is not a key that msds-audit "
        "knows. Mend its spelling or take it out.",
    ),
    "a key left out": (
        {MOTHERS: rule("why")},
        "records/MSD001MotherDemog.toml › OURS-01 › why: is missing. Add it.",
    ),
    "an empty key": (
        {MOTHERS: rule(why='""')},
        "records/MSD001MotherDemog.toml › OURS-01 › why: is empty. Fill it in, or take it out.",
    ),
    "an unknown effect": (
        {MOTHERS: rule(effect='"rejects"')},
        "records/MSD001MotherDemog.toml › OURS-01 › effect: is none of 'rejects-file', "
        "'rejects-patient', 'rejects-record', 'warning' or 'counts-as-invalid'. Mend its "
        "spelling.",
    ),
    "an unknown basis": (
        {MOTHERS: rule(basis='"hearsay"')},
        "records/MSD001MotherDemog.toml › OURS-01 › basis: is none of 'published', 'analogy' "
        "or 'advice'. Mend its spelling.",
    ),
    "neither true nor false": (
        {MOTHERS: rule(verified='"maybe"')},
        "records/MSD001MotherDemog.toml › OURS-01 › verified: is neither true nor false. "
        "Write one of them, without quotes.",
    ),
    "an unknown table": (
        {MOTHERS: rule(table="MSD001Mum")},
        "records/MSD001MotherDemog.toml › table: there is no table 'MSD001Mum'. Give its "
        "full name.",
    ),
    "an unknown item": (
        {MOTHERS: rule(passes='"Postcodes IS NOT NULL"')},
        "records/MSD001MotherDemog.toml › OURS-01 › applies, passes: MSD001MotherDemog has "
        "no item 'Postcodes', and nothing related is called that. See: msds-audit spec show "
        "MSD001",
    ),
    "an unknown item of a related record": (
        {
            "records/x.toml": rule(
                table="MSD101PregnancyBooking", passes='"mother.Postcodes IS NOT NULL"'
            )
        },
        "records/x.toml › OURS-01 › applies, passes: mother (MSD001MotherDemog) has no item "
        "'Postcodes'.",
    ),
    "an aggregate": (
        {MOTHERS: rule(passes='"COUNT(*) > 1"')},
        "records/MSD001MotherDemog.toml › OURS-01 › passes: COUNT may not be used: a "
        "predicate judges row by row. Use the items of the row and what is related to it.",
    ),
    "an unknown function": (
        {MOTHERS: rule(passes="\"SOUNDEX(Postcode) = 'x'\"")},
        "records/MSD001MotherDemog.toml › OURS-01 › applies, passes: this is not an SQL "
        "predicate that Polars reads: unsupported function 'soundex'",
    ),
    "CAST": (
        {MOTHERS: rule(passes='"CAST(Postcode AS INT) = 1"')},
        "records/MSD001MotherDemog.toml › OURS-01 › applies, passes: CAST stops at the first "
        "unreadable value; use TRY_CAST.",
    ),
    "no SQL": (
        {MOTHERS: rule(passes='"Postcode IS IS NULL"')},
        "records/MSD001MotherDemog.toml › OURS-01 › applies, passes: this is not an SQL "
        "predicate that Polars reads: unable to parse 'Postcode IS IS NULL' as Expr",
    ),
    "no yes or no": (
        {MOTHERS: rule(passes='"Postcode"')},
        "records/MSD001MotherDemog.toml › OURS-01 › passes: does not say yes or no row by row.",
    ),
    "an example that disagrees": (
        {MOTHERS: rule(passes='"Postcode IS NULL OR Postcode IS NOT NULL"')},
        "records/MSD001MotherDemog.toml › OURS-01 › example: 'blank' should be fail and is "
        "pass. Mend the predicate or the example.",
    ),
    "no failing example": (
        {MOTHERS: rule(example=PASSING)},
        "records/MSD001MotherDemog.toml › OURS-01 › example: has no example with the result "
        "fail. Add one.",
    ),
    "an unknown result": (
        {MOTHERS: rule(example=PASSING.replace('"pass"', '"maybe"'))},
        "records/MSD001MotherDemog.toml › OURS-01 › example.result: is none of 'pass', "
        "'fail' or 'not applicable'. Mend its spelling.",
    ),
    "a number for text": (
        {MOTHERS: rule(example=PASSING.replace('"SM1 6EM"', "1") + FAILING)},
        "records/MSD001MotherDemog.toml › OURS-01 › example.row.Postcode: is not text. Put "
        "it in quotes.",
    ),
    "an example of an unknown item": (
        {MOTHERS: rule(example=PASSING.replace("Postcode", "Post") + FAILING)},
        "records/MSD001MotherDemog.toml › OURS-01 › example: 'known' names 'Post', which is "
        "no item of MSD001MotherDemog.",
    ),
    "an example of an unknown month": (
        {MOTHERS: rule(example=PASSING + 'period = "August"\n' + FAILING)},
        "records/MSD001MotherDemog.toml › OURS-01 › example: 'known' has a period that is no "
        "month, such as 2026-08.",
    ),
    "an example of an unknown record": (
        {MOTHERS: rule(example=PASSING + 'related = { gp = { LPIDMother = "1" } }\n' + FAILING)},
        "records/MSD001MotherDemog.toml › OURS-01 › example: 'known' brings 'gp', which the "
        "rule does not name.",
    ),
    "an id that is taken": (
        {MOTHERS: rule(id='"MSD001-02"')},
        "records/MSD001MotherDemog.toml › MSD001-02 › id: is used twice. Ids are for ever: "
        "take a new one.",
    ),
    "an id that was another's": (
        {MOTHERS: rule(id='"MSD001-01"')},
        "records/MSD001MotherDemog.toml › MSD001-01 › id: is what M001901-repeated was "
        "called before. Ids are for ever: take a new one.",
    ),
    "a former id that was another's": (
        {MOTHERS: rule(formerly='["MSD001-01"]')},
        "records/MSD001MotherDemog.toml › OURS-01 › formerly: M001901-repeated was MSD001-01 "
        "before. Only one can have had that id.",
    ),
    "a former id that is another's": (
        {MOTHERS: rule(formerly='["M001010-blank"]')},
        "records/MSD001MotherDemog.toml › OURS-01 › formerly: M001010-blank is a rule still. "
        "Take it out.",
    ),
    "a change of nothing": (
        {MOTHERS: 'table = "MSD001MotherDemog"\n[[rule]]\nextends = "MSD001-99"\nwhy="w"\n'},
        "records/MSD001MotherDemog.toml › MSD001-99 › extends: names nothing that stands "
        "before. See: msds-audit rules list --all",
    ),
    "a change in the file of another table": (
        {MOTHERS: 'table = "MSD001MotherDemog"\n[[rule]]\nextends = "MSD101-03"\nwhy="w"\n'},
        "records/MSD001MotherDemog.toml › MSD101-03 › extends: is a rule of "
        "MSD101PregnancyBooking, not of MSD001MotherDemog. Change it in a file of that table.",
    ),
    "occurs with applies": (
        {
            MOTHERS: rule(
                "passes",
                effect='"rejects-file"',
                basis='"analogy"',
                occurs="{ least = 1 }",
                applies='"Postcode IS NULL"',
            )
        },
        "records/MSD001MotherDemog.toml › OURS-01 › applies: does not go with `occurs`, "
        "which counts all records. Take it out.",
    ),
    "occurs that only warns": (
        {MOTHERS: rule("passes", occurs="{ least = 1 }")},
        "records/MSD001MotherDemog.toml › OURS-01 › effect: a rule about how often a table "
        "occurs can only reject the file.",
    ),
    "occurs fewer times than none": (
        {MOTHERS: rule("passes", effect='"rejects-file"', occurs="{ least = -1 }")},
        "records/MSD001MotherDemog.toml › OURS-01 › occurs.least: is not right: it should be "
        "greater than or equal to 0.",
    ),
    "occurs at least more than at most": (
        {MOTHERS: rule("passes", effect='"rejects-file"', occurs="{ least = 3, most = 1 }")},
        "records/MSD001MotherDemog.toml › OURS-01 › occurs: asks for more at least than at most.",
    ),
    "rejected on advice": (
        {MOTHERS: rule(effect='"rejects-record"')},
        "records/MSD001MotherDemog.toml › OURS-01 › effect, basis: nothing is rejected on our own "
        "advice. Say how it is known, or warn.",
    ),
    "rejects-patient elsewhere": (
        {
            "records/x.toml": rule(
                table="MSD002GP",
                effect='"rejects-patient"',
                basis='"analogy"',
                passes='"LPIDMother IS NOT NULL"',
                example=(PASSING + FAILING).replace("Postcode", "LPIDMother"),
            )
        },
        "records/x.toml › OURS-01 › effect: only a rule of MSD001MotherDemog can reject a "
        "patient. Use rejects-record, or move the rule.",
    ),
    "two kinds at once": (
        {MOTHERS: rule(unique='["Postcode"]')},
        "records/MSD001MotherDemog.toml › OURS-01: gives two or three of `passes`, `unique` "
        "and `occurs`. Give one.",
    ),
    "no kind at all": (
        {MOTHERS: rule("passes")},
        "records/MSD001MotherDemog.toml › OURS-01: gives none of `passes`, `unique` and "
        "`occurs`. Give one.",
    ),
    "unique of an unknown item": (
        {MOTHERS: rule("passes", unique='["Postcodes"]')},
        "records/MSD001MotherDemog.toml › OURS-01 › unique: MSD001MotherDemog has no item "
        "'Postcodes'.",
    ),
    "a criterion of no rule": (
        {"schemes/x.toml": scheme(criterion='measure = "nothing"')},
        "schemes/x.toml › OUR-1 › measure: there is no measure 'nothing'. See: msds-audit rules "
        "list",
    ),
    "a criterion of nothing": (
        {"schemes/x.toml": scheme(criterion="")},
        "schemes/x.toml › OUR-1 › measure, rule, indicator, counts, cqims, dqmi, unassessed: "
        "names none of them. Give one of them.",
    ),
    "a criterion of two things": (
        {"schemes/x.toml": scheme(criterion='measure = "pregnancy-dated"\ncqims = 9')},
        "schemes/x.toml › OUR-1 › measure, rule, indicator, counts, cqims, dqmi, unassessed: names "
        "several of them. Give one of them.",
    ),
    "a criterion of no indicator": (
        {"schemes/x.toml": scheme(criterion='indicator = "CQIMDQ99"')},
        "schemes/x.toml › OUR-1 › indicator: there is no indicator 'CQIMDQ99'. See: msds-audit "
        "rules list",
    ),
    "an indicator called a measure": (
        {"schemes/x.toml": scheme(criterion='measure = "CQIMDQ04"')},
        "schemes/x.toml › OUR-1 › measure: there is no measure 'CQIMDQ04'. See: msds-audit rules "
        "list",
    ),
    "an indicator with a threshold": (
        {"schemes/x.toml": scheme(criterion='indicator = "CQIMDQ04"\nthreshold = 0.5')},
        "schemes/x.toml › OUR-1 › threshold: does not go with an indicator, which has limits of "
        "its own. Take it out.",
    ),
    "an indicator that is changed": (
        {INDICATORS: '[[indicator]]\nextends = "CQIMDQ04"\nlower = 0.5\n'},
        "measures/i.toml › CQIMDQ04 › extends: a national indicator is not changed by a "
        "difference. Write one of your own, with an id and every key.",
    ),
    "an indicator that is changed as a measure": (
        {INDICATORS: '[[measure]]\nextends = "CQIMDQ04"\nwhy = "w"\n'},
        "measures/i.toml › CQIMDQ04 › extends: is a national indicator; those are neither "
        "changed nor dropped. Write one of your own, or leave it out of a scheme.",
    ),
    "an unknown base": (
        {INDICATORS: indicator(base='"mothers"')},
        "measures/i.toml › OURS-I1 › base: is none of 'bookings', 'births', 'labour-activities', "
        "'pregnancies-at-29-weeks', 'pregnancies-four-months-earlier' or "
        "'contacts-four-months-earlier'. Mend its spelling.",
    ),
    "an unknown window": (
        {INDICATORS: indicator(window='"fortnight"')},
        "measures/i.toml › OURS-I1 › window: is none of 'month', 'month-before', 'three-months', "
        "'three-months-before', 'six-months-before', 'since-booking' or 'twelve-months'. Mend "
        "its spelling.",
    ),
    "an unknown family": (
        {INDICATORS: indicator(family='"CQIM"')},
        "measures/i.toml › OURS-I1 › family: is none of 'CQIM_DQ_Measure', 'CQIM_Rate', "
        "'COC_DQ_Measure' or 'COC_Rate'. Mend its spelling.",
    ),
    "held against what is unknown": (
        {INDICATORS: indicator(against='"births"')},
        "measures/i.toml › OURS-I1 › against: is none of 'people', 'hes-deliveries' or 'one'. "
        "Mend its spelling.",
    ),
    "a rate per ten": (
        {INDICATORS: indicator(per="10")},
        "measures/i.toml › OURS-I1 › per: is none of 100 or 1000. Mend its spelling.",
    ),
    "distinct that is no column": (
        {INDICATORS: indicator(distinct='"LPIDMother"')},
        "measures/i.toml › OURS-I1 › distinct: births has no column 'LPIDMother'. See: "
        "msds-audit rules show births",
    ),
    "a column that a base has not": (
        {INDICATORS: indicator(passes='"Postcode IS NOT NULL"')},
        "measures/i.toml › OURS-I1 › applies, passes: births has no column 'Postcode'. See: "
        "msds-audit rules show births",
    ),
    "limits on a rate": (
        {INDICATORS: indicator(family='"CQIM_Rate"')},
        "measures/i.toml › OURS-I1 › lower, upper: a rate has no limits of its own. Give them to "
        "the measures that it rests on.",
    ),
    "a measure of data quality without limits": (
        {INDICATORS: indicator("lower")},
        "measures/i.toml › OURS-I1 › lower, upper: a measure of data quality has a limit. Give "
        "one of them, or both.",
    ),
    "limits the wrong way round": (
        {INDICATORS: indicator(upper="0.5")},
        "measures/i.toml › OURS-I1 › lower, upper: no rate lies between them. Look which is which.",
    ),
    "a measure that is withheld": (
        {INDICATORS: indicator(rests_on='["CQIMDQ04"]')},
        "measures/i.toml › OURS-I1 › rests_on: nothing withholds a measure of data quality. Take "
        "it out.",
    ),
    "withheld by a rate": (
        {INDICATORS: indicator("lower", family='"CQIM_Rate"', rests_on='["CQIMApgar"]')},
        "measures/i.toml › OURS-I1 › rests_on: CQIMApgar is a rate, and only measures of data "
        "quality withhold one.",
    ),
    "withheld by nothing there is": (
        {INDICATORS: indicator("lower", family='"CQIM_Rate"', rests_on='["CQIMDQ98"]')},
        "measures/i.toml › OURS-I1 › rests_on: there is no indicator 'CQIMDQ98'.",
    ),
    "held against deliveries, of some": (
        {INDICATORS: indicator(against='"hes-deliveries"')},
        "measures/i.toml › OURS-I1 › applies: goes with people only: else there is no "
        "denominator to take them from. Say it in `passes`.",
    ),
    "an example of an indicator that disagrees": (
        {INDICATORS: indicator(passes="\"PregOutcome = '02'\"")},
        "measures/i.toml › OURS-I1 › example: 'live' should be pass and is fail. Mend the "
        "predicate or the example.",
    ),
    "an example of a column that a base has not": (
        {INDICATORS: indicator(example=COUNTED.replace("PregOutcome", "Outcome") + UNCOUNTED)},
        "measures/i.toml › OURS-I1 › example: 'live' names 'Outcome', which is no item of births.",
    ),
    "an indicator with the id of a measure": (
        {INDICATORS: indicator(id='"pregnancy-dated"')},
        "measures/i.toml › pregnancy-dated › id: is also the id of a measure. Ids are for ever: "
        "take a new one.",
    ),
    "a concept twice": (
        {"concepts.toml": CONCEPT + CONCEPT},
        "concepts.toml › smoker › name: is declared twice. Put its codes together.",
    ),
    "a concept of no field": (
        {"concepts.toml": CONCEPT.replace('"smoker"', '"smokers"')},
        "concepts.toml › smokers › name: no field is derived by codes of that name. "
        f"There are: {', '.join(CONCEPTS)}.",
    ),
    "a threshold above one": (
        {"schemes/x.toml": scheme(criterion='measure = "pregnancy-dated"\nthreshold = 1.5')},
        "schemes/x.toml › OUR-1 › criterion.threshold: is not right: it should be less than "
        "or equal to 1.",
    ),
    "a threshold without a source": (
        {"schemes/x.toml": scheme(criterion='measure = "pregnancy-dated"\nthreshold = 0.5')},
        "schemes/x.toml › OUR-1 › threshold: needs a basis, source and verified of its own.",
    ),
    "a scheme on no scheme": (
        {"schemes/x.toml": scheme(more='extends = "none"')},
        "schemes/x.toml › ours › extends: there is no scheme 'none' to build on.",
    ),
    "a scheme that drops no criterion": (
        {"schemes/x.toml": scheme(more='extends = "ethnicity"\ndrop=["ETH-99"]')},
        "schemes/x.toml › ETH-99 › drop: is no criterion of ethnicity.",
    ),
    "a scheme that is there": (
        {"schemes/x.toml": scheme(id="ethnicity")},
        "schemes/x.toml › ethnicity › id: is used twice.",
    ),
    "a line twice": (
        {
            "schemes/x.toml": scheme(
                criterion='measure = "pregnancy-dated"\n[[criterion]]\nid = "OUR-1"\n'
                'section = "s"\nmeasure = "pregnancy-dated"\n'
            )
        },
        "schemes/x.toml › OUR-1 › id: is used twice in this scheme.",
    ),
    "a watched postcode": (
        {
            "schemes/x.toml": scheme(
                criterion='measure = "pregnancy-dated"\nwatch="MSD001MotherDemog.Postcode"'
            )
        },
        "schemes/x.toml › OUR-1 › watch: Postcode has no closed code list, so its values may "
        "tell who somebody is. Watch a coded item.",
    ),
    "not collected without a reason": (
        {"schemes/x.toml": scheme(criterion="not_collected = true")},
        "schemes/x.toml › OUR-1: needs a title, a source and a reason of its own.",
    ),
    "a measure with the id of a rule": (
        {"measures/x.toml": MEASURE.replace('"ours"', '"MSD001-02"')},
        "measures/x.toml › MSD001-02 › id: is also the id of a rule. Ids are for ever: take "
        "a new one.",
    ),
    "a relation twice": (
        {"related.toml": RELATED + RELATED},
        "related.toml › practice › name: is declared twice beside MSD001MotherDemog.",
    ),
    "a relation through nothing": (
        {"related.toml": RELATED + 'source = "none.LPIDMother"'},
        "related.toml › practice › source: 'none.LPIDMother' is not related yet.",
    ),
    "a file in a wrong folder": (
        {MOTHERS: rule(), "rules/x.toml": rule()},
        "rules/x.toml: is not where rule files are read. Rules are read from records/*.toml, "
        "measures/*.toml, schemes/*.toml, related.toml, concepts.toml and dqmi.toml.",
    ),
    "one bracket too few": (
        {MOTHERS: 'table = "MSD001MotherDemog"\n[rule]\nid="x"\n'},
        "records/MSD001MotherDemog.toml › x › rule: is not a list. Write it in brackets, as "
        '["one"]; tables of a list in double ones, as [[rule]].',
    ),
}
"""Files, and the one line that is said of them: where, what, and what to do."""


def written(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def sentence(line: str) -> str:
    return line.partition(": ")[2]


def test_what_is_broken_below_is_right_to_begin_with(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    right = {
        MOTHERS: rule(),
        "schemes/s.toml": scheme(),
        "measures/m.toml": MEASURE,
        "related.toml": RELATED,
        INDICATORS: indicator(),
        "concepts.toml": CONCEPT,
    }
    ran = run("rules", "check", written(tmp_path, right))
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("kind", quick_first(BROKEN, list(BROKEN)[::3]))
def test_a_broken_rule_file_is_told_in_one_line(
    kind: str, run: Callable[..., Ran], tmp_path: Path
) -> None:
    files, line = BROKEN[kind]
    ran = run("rules", "check", written(tmp_path, files))
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.splitlines() == [line, "Error: 1 fault in the rule files.", HINT, NO_AUDIT]


@pytest.mark.parametrize("kind", ["a key left out", "an example that disagrees"])
def test_no_audit_is_performed_with_broken_rules(
    kind: str, run: Callable[..., Ran], fixtures: Path, tmp_path: Path
) -> None:
    folder = written(tmp_path, BROKEN[kind][0])
    ran = run("check", fixtures / "clean", "--rules", folder)
    assert (ran.code, ran.out, ran.last) == (3, "", NO_AUDIT)


def test_no_two_kinds_of_fault_are_told_in_the_same_words() -> None:
    sentences = [sentence(line) for _, line in BROKEN.values()]
    assert len(sentences) >= 20
    assert sorted(set(sentences)) == sorted(sentences)


def test_faults_of_all_kinds_are_told_together(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Each in a file of its own; ids differ, so that none is used twice."""
    wanted = []
    for place, (files, line) in enumerate(BROKEN.values()):
        if len(files) > 1 or not next(iter(files)).startswith("records/"):
            continue
        [(name, text)] = files.items()
        own = text if isinstance(text, str) else text.decode("cp1252")
        own = own.replace("OURS-01", f"OURS-{place}")
        whole: str | bytes = own if isinstance(text, str) else own.encode("cp1252")
        written(tmp_path, {f"records/f{place}.toml": whole})
        wanted.append(
            line.replace(name, f"records/f{place}.toml").replace("OURS-01", f"OURS-{place}")
        )
    ran = run("rules", "check", tmp_path)
    assert (ran.code, ran.out, ran.last) == (3, "", NO_AUDIT)
    told = ran.err.splitlines()
    assert [line for line in wanted if line not in told and "before" not in line] == []


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        (
            {MOTHERS: 'table = "MSD001MotherDemog"\ndrop = ["MSD001-99"]\n'},
            [
                f"{MOTHERS} › MSD001-99 › drop: names nothing that stands before. "
                "See: msds-audit rules list --all"
            ],
        ),
        (
            CIRCLE,
            [
                "schemes/b.toml › b › extends: leads back to a, round in a circle. "
                "One scheme must stand by itself.",
                "schemes/a.toml › a › extends: leads back to b, round in a circle. "
                "One scheme must stand by itself.",
            ],
        ),
        ({MOTHERS: rule("id")}, [f"{MOTHERS} › id: is missing. Add it."]),
        (
            {MOTHERS: 'table = "MSD001MotherDemog"\n[[rule]]\nextends = "MSD001-02"\nid = "X"\n'},
            [
                f"{MOTHERS} › X › id: is not a key that msds-audit knows. "
                "Mend its spelling or take it out."
            ],
        ),
        (
            {"measures/m.toml": MEASURE.replace('"LPIDMother"', '"LPID"')},
            ["measures/m.toml › ours › distinct: MSD001MotherDemog has no item 'LPID'."],
        ),
        (
            {INDICATORS: 'drop = ["CQIMDQ04"]\n'},
            [
                "measures/i.toml › CQIMDQ04 › drop: is a national indicator; those are neither "
                "changed nor dropped. Write one of your own, or leave it out of a scheme."
            ],
        ),
        *(
            ({INDICATORS: indicator(key)}, [f"{INDICATORS} › OURS-I1 › {key}: is missing. Add it."])
            for key in ("passes", "distinct", "counted", "family")
        ),
        (
            {INDICATORS: indicator(colour='"red"')},
            [
                f"{INDICATORS} › OURS-I1 › colour: is not a key that msds-audit knows. "
                "Mend its spelling or take it out."
            ],
        ),
        (
            {INDICATORS: indicator(against='"one"')},
            [
                f"{INDICATORS} › OURS-I1 › applies: goes with people only: else there is no "
                "denominator to take them from. Say it in `passes`."
            ],
        ),
        (
            {INDICATORS: indicator(submitted='"CQIMDQ97"')},
            [f"{INDICATORS} › OURS-I1 › submitted: there is no indicator 'CQIMDQ97'."],
        ),
        (
            {INDICATORS: indicator() + indicator()},
            [f"{INDICATORS} › OURS-I1 › id: is used twice. Ids are for ever: take a new one."],
        ),
        (
            {INDICATORS: indicator(id='"CQIMDQ04"')},
            [f"{INDICATORS} › CQIMDQ04 › id: is used twice. Ids are for ever: take a new one."],
        ),
        (
            {INDICATORS: indicator(id='"MSD001-02"')},
            [
                f"{INDICATORS} › MSD001-02 › id: is also the id of a rule. "
                "Ids are for ever: take a new one."
            ],
        ),
        (
            {INDICATORS: indicator(example=COUNTED)},
            [f"{INDICATORS} › OURS-I1 › example: has no example with the result fail. Add one."],
        ),
        (
            {INDICATORS: "measure = \n"},
            [
                f"{INDICATORS}: is not TOML: Invalid value (at line 1, column 11). "
                "Look at that line."
            ],
        ),
        (
            {INDICATORS: MEASURE + indicator("why")},
            [f"{INDICATORS} › OURS-I1 › why: is missing. Add it."],
        ),
        (
            {"concepts.toml": CONCEPT + 'colour = "red"\n'},
            [
                "concepts.toml › smoker › concept.colour: is not a key that msds-audit knows. "
                "Mend its spelling or take it out."
            ],
        ),
        (
            {"schemes/x.toml": scheme(criterion="cqims = -1")},
            [
                "schemes/x.toml › OUR-1 › criterion.cqims: is not right: it should be greater "
                "than or equal to 0."
            ],
        ),
        (
            {INDICATORS: indicator(lower="70")},
            [
                f"{INDICATORS} › OURS-I1 › lower: is not right: it should be less than or equal "
                "to 1."
            ],
        ),
        (
            {"related.toml": RELATED.replace("MSD002GP", "MSD002")},
            ["related.toml › practice › on: there is no table 'MSD002'. Give its full name."],
        ),
    ],
)
def test_the_same_faults_are_told_wherever_they_are(
    files: dict[str, str | bytes], lines: list[str], run: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = run("rules", "check", written(tmp_path, files))
    assert ran.code == 3
    assert ran.err.splitlines()[: len(lines)] == lines
    assert len(ran.err.splitlines()) == len(lines) + 3


def test_indicators_beside_a_specification_of_ones_own_need_every_concept(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    """Such a folder stands in place of the packaged rules, concepts included."""
    shutil.copytree(packaged_rules() / "spec", tmp_path / "spec")
    written(tmp_path, {INDICATORS: indicator(undefined='"not known"')})
    assert run("rules", "check", tmp_path).code == 0
    written(tmp_path, {INDICATORS: indicator(), "concepts.toml": CONCEPT})
    ran = run("rules", "check", tmp_path)
    assert ran.code == 3
    assert ran.err.splitlines()[0] == (
        "concepts.toml: has not all concepts by which fields are derived: "
        f"{', '.join(name for name in CONCEPTS if name != 'smoker')}. Add them."
    )


def test_a_folder_without_rules_and_no_folder_say_so(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    where = (
        "Rules are read from records/*.toml, measures/*.toml, schemes/*.toml, related.toml, "
        "concepts.toml and dqmi.toml."
    )
    (tmp_path / "empty").mkdir()
    for name, said in (
        ("empty", "there is no rule file in this folder."),
        ("none", "there is no such folder."),
    ):
        ran = run("rules", "check", tmp_path / name)
        assert (ran.code, ran.out) == (3, "")
        assert ran.err.splitlines() == [
            f"{name}: {said} {where}",
            "Error: 1 fault in the rule files.",
            HINT,
            NO_AUDIT,
        ]
