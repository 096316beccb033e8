"""What is tried by the long run of `soak`: for every area, one odd input drawn by chance.

Each function takes the source of chance and an empty folder. It ends, or raises MsdsAuditError;
anything else that is raised is a failure, as is an assertion about what came of the input.
"""

from __future__ import annotations

import csv
import json
import pickle
import random
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import Any
from xml.etree.ElementTree import fromstring
from xml.sax.saxutils import escape

import jsonschema
import polars as pl

from msds_audit import api
from msds_audit.catalogue.configuration import read_configuration
from msds_audit.errors import UsageError
from msds_audit.extract import POLARS_FAILED
from msds_audit.packaged import packaged_rules
from msds_audit.predicates import FUNCTIONS, PredicateError, predicate
from msds_audit.readers import open_extract
from msds_audit.readers.baseline import read_baseline
from msds_audit.reports import RENDERERS, Format
from msds_audit.reports.as_published import LAYOUTS
from msds_audit.reports.compared_json import compared_to_json
from msds_audit.reports.compared_markdown import compared_to_markdown
from msds_audit.reports.compared_terminal import compared_for_terminal
from msds_audit.reports.fix_list import fix_list_as_csv, fix_list_as_workbook
from msds_audit.reports.gains import gain_lines
from msds_audit.reports.vodim import vodim_as_csv
from msds_audit.scorecard import Scorecard
from msds_audit.sharing import disclosed
from msds_audit.sql_words import KEYWORDS
from support import FIXTURES, packaged
from test_access_hostile import tried_mutated
from test_damaged import SAMPLES, TABLE, damaged, tried
from test_rule_faults import CONCEPT, INDICATORS, MEASURE, MOTHERS, RELATED, indicator, rule, scheme
from test_workbook_fuzz import SHARED, STYLES, XLS, XLSX, changed, part_changed, stream_changed
from test_workbook_fuzz import survives as read_or_refused
from workbooks import SHEET, STRINGS

ROOT = Path(__file__).parents[1]
CLEAN = FIXTURES / "clean"

Area = Callable[[random.Random, Path], None]


# --- readers ------------------------------------------------------------------------------


def delimited(chance: random.Random, folder: Path) -> None:
    """A CSV with anything done to its bytes, in several encodings, or no CSV at all."""
    if chance.random() < 0.2:
        content = chance.randbytes(chance.choice((0, 1, 3, 100, 5_000)))
    else:
        text = TABLE.decode()
        text = text.replace(",", chance.choice((",", "\t", ";", "|")))
        encoding = chance.choice(("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"))
        content = damaged(text.encode(encoding, "replace"), chance)
    tried(folder, "MSD001.csv", content)


def zipped(chance: random.Random, folder: Path) -> None:
    tried(folder, "RJ7.zip", damaged(SAMPLES["RJ7.zip"][0], chance))


def parquet(chance: random.Random, folder: Path) -> None:
    tried(folder, "MSD001.parquet", damaged(SAMPLES["MSD001.parquet"][0], chance))


def workbook(chance: random.Random, folder: Path) -> None:
    """A workbook, or one part of it, changed anywhere."""
    changes = [
        (chance.randrange(1 << 16), chance.randrange(4), chance.randbytes(chance.randint(1, 6)))
        for _ in range(chance.randint(1, 8))
    ]
    run, sample = chance.choice(
        (
            (changed, XLSX),
            (changed, XLS),
            (stream_changed, XLS),
            (part_changed(SHEET), XLSX),
            (part_changed(STYLES), XLSX),
            (part_changed(STRINGS), SHARED),
        )
    )
    read_or_refused(folder, run(sample, changes))


@cache
def _xml() -> bytes:
    with (CLEAN / "MSD001MotherDemog.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))[:20]
    records = "".join(
        "<MSD001MotherDemog>"
        + "".join(f"<{name}>{escape(text)}</{name}>" for name, text in row.items())
        + "</MSD001MotherDemog>"
        for row in rows
    )
    head = "<MSD000Header><OrgIDProvider>RVR</OrgIDProvider><RPStartDate>2026-08-01</RPStartDate>"
    return f'<?xml version="1.0"?>\n<MSDS>{head}</MSD000Header>{records}</MSDS>'.encode()


PIECES = (
    *("<a/", "<![CDATA[x]]", "&amp;</a", "<!-- x --", "<!DOCTYPE a", "<?p x?", "&#0;", "&x;"),
    *(
        "<MSD001MotherDemog",
        "</MSD001MotherDemog",
        '<a xmlns="x" b="c"',
        "<a:b",
        "\u2028",
        "</MSDS",
    ),
)


def markup(chance: random.Random, folder: Path) -> None:
    content = _xml()
    if chance.random() < 0.7:
        pieces = content.decode().split(">")
        closing = [at for at, piece in enumerate(pieces) if piece.find("</") > 0]
        for at in chance.choices(closing, k=chance.choice((1, 3, 9))):
            tag = pieces[at].partition("<")[2]
            pieces[at] = f"{escape(chance.choice(CELLS))}<{tag}"
        if chance.random() < 0.3:
            pieces[chance.choice(closing)] = chance.choice(PIECES)
        content = ">".join(pieces).encode()
    else:
        content = damaged(content, chance)
    (folder / "RVR.xml").write_bytes(content)
    for submission in open_extract([folder], packaged().spec).submissions:
        for frame in submission.tables.values():
            frame.collect()


def access(chance: random.Random, folder: Path) -> None:
    tried_mutated(chance, folder)


# --- files of rules and settings ----------------------------------------------------------

VALUES = (
    *('""', '"x"', '"Postcode"', '"ETH-01"', '"pass"', "0", "1", "-1", "0.5", "9" * 20, "nan"),
    *("true", "[]", '["x"]', "{}", "2026-12-31", "12:00:00", "1e-9", '"a OR b"', '"\\n"'),
)
ODD = ("\x1b[2J", "''", '"""', "[[rule]]", "= nan", "1e9999", "\u2028", "{", "]" * 9, "a.b.c = 1\n")


def _mangled(text: str, chance: random.Random) -> bytes:
    """A text with other values, lines left out or doubled, odd pieces put in, or bytes damaged."""
    lines = text.splitlines(keepends=True)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(len(lines))
        match chance.choice((0, 1, 2, 3, 4, 4, 4, 4)):
            case 4 if "= " in lines[at]:
                lines[at] = f"{lines[at].partition('= ')[0]}= {chance.choice(VALUES)}\n"
            case 0 if len(lines) > 1:
                del lines[at]
            case 1:
                lines.insert(at, chance.choice(lines))
            case 2:
                place = chance.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:place] + chance.choice(ODD) + lines[at][place:]
            case 3:
                lines[at] = lines[at][::-1]
    content = "".join(lines).encode("utf-8", "replace")
    return damaged(content, chance) if chance.random() < 0.2 else content


CONFIGURATION = """extracts = ["a"]
schemes = ["ethnicity"]
fail-on = "never"
baseline = "b.json"
trusts = ["RJ7"]
[thresholds]
"ETH-01" = 0.95
[[output]]
file = "o.json"
[[waiver]]
criterion = "ETH-01"
reason = "r"
owner = "o"
until = 2026-12-31
at-most = 3
"""


def configuration(chance: random.Random, folder: Path) -> None:
    file = folder / "msds-audit.toml"
    file.write_bytes(_mangled(CONFIGURATION, chance))
    api.configured_rules(read_configuration(file))


@cache
def _cards() -> list[Scorecard]:
    return api.check([CLEAN], rules=packaged())


def baseline(chance: random.Random, folder: Path) -> None:
    """The JSON of an earlier run with anything in the place of anything."""
    text = RENDERERS[Format.JSON](_cards())
    if chance.random() < 0.5:
        content = json.loads(text)
        for _ in range(chance.choice((1, 3, 9))):
            _replaced(content, chance)
        raw = json.dumps(content).encode()
    else:
        raw = damaged(text.encode(), chance)
    file = folder / "baseline.json"
    file.write_bytes(raw)
    earlier = read_baseline(file)
    for card in api.gated(_cards(), today=date(2026, 9, 1), baseline=earlier):
        assert RENDERERS[Format.TERMINAL]([card])


def _replaced(content: Any, chance: random.Random) -> None:
    """Put something else in one place of what JSON holds."""
    while isinstance(content, dict | list) and content:
        key = chance.choice(list(content) if isinstance(content, dict) else range(len(content)))
        inner = content[key]
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.2:
            content[key] = chance.choice((None, -1, 1e300, 10**40, "", "x", [], {}, True, [[]]))
            return
        content = inner


def rule_files(chance: random.Random, folder: Path) -> None:
    texts = {
        MOTHERS: rule(),
        "measures/m.toml": MEASURE,
        INDICATORS: indicator(),
        "schemes/s.toml": scheme(),
        "related.toml": RELATED,
        "concepts.toml": CONCEPT,
    }
    place = chance.choice(list(texts))
    text = texts[place]
    if chance.random() < 0.3:
        file = chance.choice(sorted(packaged_rules().glob("[mrs][ec][che]*/*.toml")))
        place, text = f"{file.parent.name}/{file.name}", file.read_text("utf-8")
    (folder / place).parent.mkdir(exist_ok=True)
    (folder / place).write_bytes(_mangled(text, chance))
    api.load_rules(folder)


# --- predicates ---------------------------------------------------------------------------

COLUMNS = {
    "a": ["xX", "", None, "a" * 300, "\U0001f600ß"],
    "n": [1, 0, None, -(2**63), 2**63 - 1],
    "d": [date(2026, 8, 1), date(1, 1, 1), None, date(9999, 12, 31), date(2024, 2, 29)],
    "b": [True, False, None, True, False],
}
WORDS = (
    *(*COLUMNS, *COLUMNS, *COLUMNS),
    *sorted(KEYWORDS),
    *sorted(f"{one}(" for one in FUNCTIONS),
    *("(", ")", ")", ",", "+", "-", "*", "/", "%", "=", "<", ">", "<=", "<>", "||", "!="),
    *("'x'", "''", "'2026-08-01'", "'(a|b){9}'", "'%a_'", "1", "0", "2.5", "99999999999999999999"),
    *("INTERVAL '9 days'", "INTERVAL '99999 years'", "DATE '2026-08-01'", "YEAR FROM d)"),
    *("TRY_CAST(a AS DOUBLE)", "TRY_CAST(n AS VARCHAR)", "SELECT", "é", '"', "--", "\x00", "a.b"),
)


@cache
def _sentences() -> Sequence[str]:
    declared = packaged().declared
    return sorted({sql for one in declared for sql in (one.applies, one.passes) if sql})


def predicates(chance: random.Random, folder: Path) -> None:
    """Words in any order, or a predicate of ours with some of them elsewhere."""
    del folder
    if chance.random() < 0.5:
        sql = " ".join(chance.choices(WORDS, k=chance.choice((2, 4, 8, 16, 60))))
    else:
        words = chance.choice(_sentences()).split(" ")
        for _ in range(chance.choice((1, 2, 5))):
            words[chance.randrange(len(words))] = chance.choice((*WORDS, *words))
        sql = " ".join(words)
    try:
        compiled = predicate(sql)
    except PredicateError:
        raise UsageError("Refused.", hint="As it should be.") from None
    finally:
        predicate.cache_clear()
    known = {name: COLUMNS.get(name, COLUMNS["a"]) for name in compiled.meta.root_names()}
    with suppress(*POLARS_FAILED):  # as `lint` and `audit` expect it to
        pl.DataFrame({**COLUMNS, **known}).lazy().select(compiled).collect()


# --- whole audits -------------------------------------------------------------------------

CELLS = (
    *("", " ", "x", "0", "-1", "99", "Z", "1.5", "1E+05", "46235", "2026-02-30", "9999-12-31"),
    *("1900-01-01", "2026-08-01", "24:00:00", "=1+1", "ZZ99 3VZ", "\u00e9", "9" * 40, "NULL"),
)


def _spoilt(chance: random.Random, folder: Path) -> Path:
    """The clean extract with cells, rows, columns or tables of it changed, or its bytes."""
    extract = folder / "RVR"
    copytree(CLEAN, extract)
    files = sorted(extract.iterdir())
    for file in chance.sample(files, chance.choice((1, 2, 5, 12))):
        if chance.random() < 0.1:
            file.unlink()
        elif chance.random() < 0.05:
            file.write_bytes(damaged(file.read_bytes(), chance))
        else:
            _spoil(file, chance)
    return extract


def _spoil(file: Path, chance: random.Random) -> None:
    with file.open(encoding="utf-8", newline="") as lines:
        head, *rows = list(csv.reader(lines))
    for _ in range(chance.choice((1, 3, 20))):
        match chance.randrange(9):
            case 0 if rows:
                rows.append(list(chance.choice(rows)))
            case 1 if rows:
                del rows[chance.randrange(len(rows))]
            case 2:
                head[chance.randrange(len(head))] = f"Item{chance.randrange(1_000)}"
            case _ if rows:
                row = chance.choice(rows)
                row[chance.randrange(len(row))] = chance.choice(CELLS)
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([head, *rows])


@cache
def _schema(name: str) -> jsonschema.protocols.Validator:
    whole = json.loads((ROOT / "docs" / f"{name}.schema.json").read_text("utf-8"))
    made: jsonschema.protocols.Validator = jsonschema.Draft202012Validator(whole)
    return made


def audits(chance: random.Random, folder: Path) -> None:
    """Spoilt extract, audited, scored, rendered in every form; and its list of what to fix."""
    extract = _spoilt(chance, folder)
    national = api.National() if chance.random() < 0.5 else None
    schemes = chance.choice(((), (), tuple(packaged().schemes)))
    most = chance.choice((0, 5))
    cards = api.check(
        [extract], rules=packaged(), schemes=schemes, national=national, most_findings=most
    )
    for card in cards:
        sane(card)
    for shown in (cards, [disclosed(card) for card in cards]):
        texts = {form: render(shown) for form, render in RENDERERS.items()}
        _schema("scorecard").validate(json.loads(texts[Format.JSON]))
        json.loads(texts[Format.SARIF])
        fromstring(texts[Format.JUNIT])  # noqa: S314
        assert len({len(row) for row in csv.reader(texts[Format.CSV].splitlines())}) == 1
        if national is not None:
            for layout in LAYOUTS.values():
                assert layout(shown, True)
    assert vodim_as_csv(cards)
    if chance.random() < 0.3:
        lists = api.fix_list([extract], rules=packaged(), schemes=schemes)
        assert fix_list_as_csv(lists, nhs_numbers=False)
        assert fix_list_as_workbook(lists, nhs_numbers=True)
        assert gain_lines(lists)


def sane(card: Scorecard) -> None:
    """What must hold of every scorecard."""
    sizes: dict[str, set[int]] = {}
    for item in card.items:
        counts = (item.valid, item.other, item.default, item.invalid, item.missing)
        assert min(counts) >= 0, item.item
        if not item.reason:
            sizes.setdefault(item.table, set()).add(sum(counts))
    assert [table for table, rows in sizes.items() if len(rows) > 1] == []
    for one in card.rules:
        assert 0 <= one.tally.numerator <= one.tally.denominator, one.rule
    for result in card.results:
        if result.indicator is None and result.numerator is not None:
            assert 0 <= result.numerator <= (result.denominator or 0), result.criterion


def comparisons(chance: random.Random, folder: Path) -> None:
    """The clean extract beside a spoilt copy, either way round."""
    extract = _spoilt(chance, folder)
    old, new = (CLEAN, extract) if chance.random() < 0.5 else (extract, CLEAN)
    found = api.compare(old, new, rules=packaged())
    _schema("comparison").validate(json.loads(compared_to_json(found)))
    assert compared_to_markdown(found)
    assert compared_for_terminal(found)


AREAS: Mapping[str, tuple[Area, int]] = {
    "delimited text": (delimited, 1),
    "zip": (zipped, 1),
    "Parquet": (parquet, 1),
    "workbooks": (workbook, 1),
    "XML": (markup, 1),
    "Access": (access, 1),
    "configuration": (configuration, 1),
    "baselines": (baseline, 1),
    "rule files": (rule_files, 2),
    "predicates": (predicates, 1),
    "audits and reports": (audits, 4),
    "comparisons": (comparisons, 2),
}
"""Every area, and its share of the time."""


def parse_once() -> None:
    """Parse the same TOML once: the packaged rules are read again for every rules folder."""
    parse = tomllib.loads
    known: dict[str, bytes] = {}

    def loads(text: str, *, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
        if text not in known:
            parsed = parse(text, parse_float=parse_float)
            if len(known) > 500:
                return parsed
            known[text] = pickle.dumps(parsed)
        found: dict[str, Any] = pickle.loads(known[text])  # noqa: S301
        return found

    tomllib.loads = loads
