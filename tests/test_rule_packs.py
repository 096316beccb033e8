"""A rules folder may come from anywhere: it is data, can do no more than judge rows, and ends."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from time import process_time
from xml.etree.ElementTree import fromstring

import polars as pl
import pytest

from msds_audit import bounds
from msds_audit.api import check, load_rules
from msds_audit.catalogue.files import Files
from msds_audit.errors import Fault
from msds_audit.predicates import PredicateError, predicate
from msds_audit.reports import to_csv, to_github, to_junit, to_markdown, to_terminal
from msds_audit.rule import Rules
from support import FIXTURES, Ran
from test_rule_faults import KEYS, MOTHERS, rule, scheme

MOST_SECONDS = 10.0
"""CPU that the worst predicate found may take on one row; measured: 2.4 s, in text of 10,000."""


def refused(sql: str) -> str:
    with pytest.raises(PredicateError) as caught:
        predicate(sql)
    return str(caught.value)


@pytest.mark.parametrize(
    "sql",
    (
        "(SELECT 1)",
        "(SELECT -1)",
        "EXISTS (SELECT 1)",
        "a IN (SELECT * FROM read_csv('/etc/passwd'))",
        "a IN (SELECT * FROM '/etc/passwd')",
        "a IN (TABLE t)",
        "a IN (FROM t)",
        "a = (WITH t AS (SELECT 1) SELECT 1)",
        "read_csv('/etc/passwd')",
        "SUBSTRING(a FROM 1 FOR 2) = 'x'",
        "a = 'x' FROM t",
        "a = 'x'; DROP TABLE t",
        "a = CURRENT_DATE",
        "a = CURRENT_TIMESTAMP",
        "* = 1",
    ),
)
def test_a_predicate_names_no_query_file_or_clock(sql: str) -> None:
    assert refused(sql)


@pytest.mark.parametrize(
    "sql",
    (
        "a = 'x' -- AND b",
        "/* ' */ a = 'x' /* ' */",
        "\"a' OR b\" = 'x'",
        "`a` = 'x'",
        "a = $$x'$$",
        r"a = E'\'' OR b = ''",
        "a = N'x'",
        "a = X'41'",
        "'''a' = a'''",
        "a[1] = 'x'",
        "a = 'x' OR é",
        "a = \x00'x'",
        "a RLIKE 'x'",
        "a ~ 'x'",
        "$1 = a",
        "a = ?",
    ),
)
def test_nothing_that_may_be_read_in_two_ways_is_read_at_all(sql: str) -> None:
    assert refused(sql)


@pytest.mark.parametrize("function", ("NOW", "LPAD", "EXISTS", "COLUMNS"))
def test_a_rule_with_a_function_of_no_row_is_a_fault(
    function: str, tmp_path: Path, run: Callable[..., Ran]
) -> None:
    sql = f"\"{function}('.*') = 'x'\""
    assert said_of(rule(passes=sql), tmp_path, run).code == 3


@pytest.mark.parametrize(
    ("sql", "why"),
    (
        ("a = '" + "x" * bounds.LONGEST_TEXT + "'", "characters"),
        (" OR ".join(["a"] * 200), "words and signs"),
        ("(" * 21 + "a" + ")" * 21, "deep"),
        ("CASE WHEN " * 21 + "a" + " THEN a END" * 21, "deep"),
        (" OR ".join(f"REGEXP_LIKE(a, '{n}')" for n in range(21)), "patterns"),
        ("REGEXP_LIKE(a, a)", "texts in quotes"),
        ("REGEXP_LIKE(a, CONCAT('x', a))", "texts in quotes"),
        ("REGEXP_LIKE(a, '((a{1000}){1000}){1000}')", "multiplied"),
        ("REGEXP_LIKE(a, 'a{0,999999999999999999999}')", "multiplied"),
        ("REGEXP_LIKE(a, '" + "x" * 201 + "')", "pattern has at most"),
        ("a LIKE '" + "%" * 201 + "'", "pattern has at most"),
        ("a LIKE b", "text in quotes"),
        ("REPLACE(a, 'x', 'xx') = ''", "no shorter"),
        ("REPLACE(a, '', 'x') = ''", "no shorter"),
        ("REPLACE(a, 'x', a) = ''", "texts in quotes"),
        ("REPLACE(REPLACE(a, 'x', 'y'), 'y', a) = ''", "texts in quotes"),
        ("TRY_CAST(a AS DECIMAL(38, 38)) = 1", "no type"),
    ),
)
def test_what_might_not_end_soon_is_refused_with_a_reason(sql: str, why: str) -> None:
    assert why in refused(sql)


@pytest.mark.parametrize(
    "text", ("(", "NOT ", "- ", "CASE WHEN ", "COALESCE(", "a IN (", "'", "1+")
)
def test_a_million_of_the_same_ends_neither_the_program_nor_its_patience(text: str) -> None:
    before = process_time()
    assert refused(text * 1_000_000)
    assert process_time() - before < 2


def test_every_packaged_predicate_is_within_half_of_every_bound(rules: Rules) -> None:
    texts = {sql for one in rules.declared for sql in (one.applies, one.passes)}
    assert max(map(len, texts)) < bounds.LONGEST_TEXT / 2
    assert all(predicate(sql) is not None for sql in texts)


def within(sql: Callable[[int], str], joined: str) -> pl.Expr:
    """As many of the same kind as the bounds allow, joined."""
    found = predicate(sql(0))
    for most in range(2, bounds.MOST_WORDS):
        try:
            found = predicate(joined.join(map(sql, range(most))))
        except PredicateError:
            break
    return found


WORST: dict[str, tuple[Callable[[int], str], str]] = {
    "a choice of many": (lambda n: "b", " OR "),
    "many that must hold": (lambda n: f"a <> '{n}'", " AND "),
    "comparisons of comparisons": (lambda n: "b = b", " = "),
    "letters of all scripts": (lambda n: rf"REGEXP_LIKE(a, '^b{n}|(\w?){{150}}$')", " OR "),
    "scripts, repeated": (lambda n: rf"REGEXP_LIKE(a, '^b{n}|\w{{90}}$')", " OR "),
    "a window of many": (lambda n: f"REGEXP_LIKE(a, '^b{n}|(.{{990}})$')", " OR "),
    "repetition in repetition": (lambda n: f"REGEXP_LIKE(a, '^b{n}|((a?){{30}}){{30}}$')", " OR "),
    "a text that grows": (lambda n: "REPLACE(a, 'a', '\U0001f600') = 'x'", " OR "),
    "a text beside itself": (lambda n: f"CONCAT({','.join(['a'] * 90)}) = 'x{n}'", " OR "),
    "far away days": (lambda n: f"d + INTERVAL '{n} years' < d", " OR "),
    "far too large a pattern": (lambda n: rf"REGEXP_LIKE(a, '{n}(\w|\d){{999}}')", " OR "),
}


@pytest.mark.slow
def test_the_worst_predicate_within_the_bounds_ends_soon_on_a_row(
    figure: Callable[[str], None],
) -> None:
    row = {"a": ["a" * 10_000], "b": [True], "d": [date(2026, 8, 1)]}
    took = {}
    for name, (sql, joined) in WORST.items():
        compiled = within(sql, joined)
        before = process_time()
        with suppress(pl.exceptions.PolarsError):
            pl.DataFrame(row).lazy().select(compiled).collect()
        took[name] = process_time() - before
    worst = max(took, key=lambda name: took[name])
    figure(f"The worst predicate on one row ({worst}): {took[worst]:.1f} s of CPU.")
    assert took[worst] < MOST_SECONDS, took


# --- files --------------------------------------------------------------------------------


def faults_of(text: str | bytes, folder: Path) -> str:
    """What is wrong with a file of rules before its keys are looked at, as it is printed."""
    file = folder / "rules.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    files = Files([folder])
    assert files.content(file) is None or not files.faults
    return "\n".join(map(str, files.faults))


def said_of(text: str | bytes, folder: Path, run: Callable[..., Ran], place: str = MOTHERS) -> Ran:
    """What `rules check` says of a folder with this one file."""
    file = folder / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return run("rules", "check", folder)


@pytest.mark.parametrize(
    ("text", "why"),
    (
        ("x = " + "[" * 15_000 + "]" * 4_000, "too deep"),
        ("x = " + "[" * 15 + "]" * 15, "deep"),
        (".".join(["x"] * 500) + " = 1", "deep"),
        (".".join(["x"] * 500_000) + " = 1", "line of more than"),
        ("x = 1" + "0" * 5_000, "number"),
        ("x = 1e999999999", "out of all bounds"),
        ("x = 1e-999999999", "out of all bounds"),
        ("x = nan", "out of all bounds"),
        ("# " + "\n#" * bounds.LARGEST_FILE, "more than 1,048,576 bytes"),
        (rule(title='"' + "x" * 501 + '"'), "501 characters"),
        (rule(why='"' + "x" * 10_001 + '"'), "10,001 characters"),
        (b"\xff\xfe", "is not UTF-8"),
    ),
)
def test_a_file_that_nobody_should_read_whole_is_a_fault(
    text: str | bytes, why: str, tmp_path: Path
) -> None:
    before = process_time()
    assert why in faults_of(text, tmp_path)
    assert process_time() - before < 5


SIGNS = ("\x1b[2J\x1b[31m", "\x07", "\x9b31m", "\r", "\n", "\u2028", "\u202e", "\u200b", "\ue000")


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
@pytest.mark.parametrize("key", ("title", "why", "fix", "source", "id"))
def test_no_word_of_a_rule_steers_a_screen(sign: str, key: str, tmp_path: Path) -> None:
    spelt = "".join(f"\\U{ord(one):08x}" for one in sign)
    found = faults_of(rule(**{key: f'"of{spelt}ours"'}), tmp_path)
    assert "does not show" in found
    assert found.isprintable()


def test_a_key_that_steers_a_screen_is_told_without_it(
    tmp_path: Path, run: Callable[..., Ran]
) -> None:
    ran = said_of('"\\u001b[2J" = 1\n', tmp_path, run)
    assert (ran.code, "\x1b" in ran.err) == (3, False)
    assert "has a key that cannot be shown" in ran.err


def test_a_fault_is_one_line_whatever_it_tells_of() -> None:
    fault = Fault("a\nb.toml", "\x1b[2J", "k", "is\r\nwrong.", "")
    assert str(fault).isprintable()


def test_predicates_alone_go_over_several_lines(tmp_path: Path) -> None:
    assert not faults_of(rule(passes='"""\nPostcode\n\tIS NOT NULL"""'), tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="links need leave there")
@pytest.mark.parametrize("target", ("/dev/zero", "/etc/passwd", "records"))
def test_a_link_out_of_the_folder_is_not_followed(
    target: str, tmp_path: Path, run: Callable[..., Ran]
) -> None:
    folder = tmp_path / "rules"
    (folder / "records").mkdir(parents=True)
    (folder / MOTHERS).symlink_to(target if target.startswith("/") else folder / target)
    ran = run("rules", "check", folder)
    assert ran.code == 3
    assert "leads out of its folder" in ran.err or "is no file" in ran.err
    assert "root" not in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path, run: Callable[..., Ran]) -> None:
    (tmp_path / "records").mkdir()
    os.mkfifo(tmp_path / MOTHERS)
    ran = run("rules", "check", tmp_path)
    assert (ran.code, "is no file" in ran.err) == (3, True)


@pytest.mark.parametrize(
    "text",
    (
        b"ods_code,name\nRJ7,\x1b[2JNHS\n",
        b"ods_code,name\nRJ7\n",
        b"code,name\nRJ7,Trust\n",
        b"ods_code,name\nRJ7,\xff\n",
        b"ods_code,name\nRJ7," + b"x" * 501,
    ),
)
def test_names_of_trusts_are_looked_at_too(
    text: bytes, tmp_path: Path, run: Callable[..., Ran]
) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "nhs-trusts.csv").write_bytes(text)
    ran = said_of(rule(), tmp_path, run)
    assert (ran.code, "reference/nhs-trusts.csv" in ran.err) == (3, True)


def test_five_hundred_files_are_enough(tmp_path: Path, run: Callable[..., Ran]) -> None:
    (tmp_path / "schemes").mkdir()
    for number in range(bounds.MOST_FILES + 1):
        (tmp_path / "schemes" / f"{number}.toml").write_bytes(b"")
    ran = said_of(rule(), tmp_path, run)
    assert (ran.code, "more than 500 files" in ran.err) == (3, True)


# --- what is printed ----------------------------------------------------------------------

EVIL = (
    "=HYPERLINK(1) ::error::x ##[error] <script>alert(1)</script> ![x](http://x) | [bold]x[/bold] "
    "met 100 of 100 100.0 % ]]> &amp;"
)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of rules and a scheme whose every word means something to some program."""
    folder = tmp_path_factory.mktemp("pack")
    words = dict.fromkeys(("title", "why", "fix", "source"), f"'{EVIL}'")
    line = f"measure = \"pregnancy-dated\"\ntitle = '{EVIL}'"
    files = {
        MOTHERS: rule(**{**KEYS, **words, "passes": "\"Postcode = 'x'\""}).replace(
            PASSES, PASSES.replace("SM1 6EM", "x")
        ),
        "schemes/ours.toml": scheme(criterion=line).replace('title = "t"', f"title = '{EVIL}'"),
        "reference/nhs-trusts.csv": f'ods_code,name\nRJ7,"{EVIL}"\n',
    }
    for place, text in files.items():
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")
    return folder


PASSES = 'row    = { Postcode = "SM1 6EM" }'


def test_words_mean_nothing_to_markdown_csv_xml_or_a_workflow(pack: Path) -> None:
    rules = load_rules(pack)
    cards = check([FIXTURES / "clean"], rules=rules, schemes=["ours"])
    markdown = to_markdown(cards)
    assert markdown.count("<script>") == markdown.count("\\<script>") > 0
    assert "](" not in markdown.replace("\\[x](", "")
    assert not [cell for cell in to_csv(cards).split(",") if cell.startswith(("=", '"='))]
    fromstring(to_junit(cards))  # noqa: S314
    told, *commands = to_github(cards).splitlines()
    assert "::" not in told
    assert "##[" not in told
    assert all(one.startswith(("::error ", "::warning ", "::notice ")) for one in commands)
    screen = to_terminal(cards)
    assert "[bold]" in screen
    assert screen.replace("\n", "").isprintable()


# --- all together -------------------------------------------------------------------------


@pytest.mark.slow
def test_thousands_of_rules_are_read_and_proved_in_bounded_time_and_memory(tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    one = rule().partition("[[rule]]")[2]
    many = "".join("[[rule]]" + one.replace("OURS-01", f"OURS-{n:04}") for n in range(1_500))
    (tmp_path / MOTHERS).write_text(f'table = "MSD001MotherDemog"\n{many}', encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(
        [sys.executable, "-m", "msds_audit", "rules", "check", str(tmp_path)],
        capture_output=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ran.returncode == 0, ran.stderr
    assert after.ru_utime - before.ru_utime < 60
