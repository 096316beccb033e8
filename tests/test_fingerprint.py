"""The fingerprint of the rules changes exactly when what they judge can change."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from msds_audit import fingerprint as module
from msds_audit.catalogue.reading import read_rules
from msds_audit.fingerprint import judged_concept, judged_indicator, plain_sql
from msds_audit.packaged import packaged_rules
from msds_audit.rule import Rules
from rule_variants import CONCEPT, EXPLAINING, INDICATOR, JUDGING, TABLE, few, of


@pytest.fixture(scope="module")
def written(rules: Rules) -> Rules:
    return few(rules)


@pytest.mark.parametrize("key", JUDGING)
def test_what_judges_changes_the_fingerprint(key: str, written: Rules) -> None:
    assert of(JUDGING[key](written)) != written.fingerprint


@pytest.mark.parametrize("key", EXPLAINING)
def test_what_only_explains_does_not_change_it(key: str, written: Rules) -> None:
    assert of(EXPLAINING[key](written)) == written.fingerprint


@pytest.mark.slow
def test_no_two_changes_give_the_same_fingerprint(rules: Rules) -> None:
    assert len({of(change(rules)) for change in JUDGING.values()}) == len(JUDGING)


def test_every_key_of_an_indicator_or_concept_that_judges_is_changed_above(rules: Rules) -> None:
    others = [change(rules) for change in JUDGING.values()]
    changed = {
        key
        for other in others
        for id, one in other.indicators.items()
        if one is not rules.indicators[id]
        for key, value in judged_indicator(one).items()
        if value != judged_indicator(rules.indicators[id])[key]
    }
    assert changed == set(judged_indicator(rules.indicators[INDICATOR]))
    assert list(judged_concept(rules.concepts[CONCEPT])) == ["codes"]


def test_a_program_that_judges_differently_has_another_fingerprint(
    rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "JUDGING", module.JUDGING + 1)
    assert of(rules) != rules.fingerprint


# --- files --------------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return shutil.copytree(packaged_rules(), tmp_path / "rules")


def test_line_endings_comments_and_byte_order_marks_do_not_change_it(
    copied: Path, rules: Rules
) -> None:
    for file in copied.rglob("*.toml"):
        text = "# A remark.\n" + file.read_text("utf-8") + "\n# Another.\n"
        file.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert read_rules(copied).fingerprint == rules.fingerprint


def test_words_and_examples_in_files_do_not_change_it(copied: Path, rules: Rules) -> None:
    for file in [*copied.glob("records/*.toml"), *copied.glob("measures/*.toml")]:
        text = re.sub(
            r'^(title|why|fix|counted|note)( *= )".*"$',
            r'\1\2"Other."',
            file.read_text("utf-8"),
            flags=re.M,
        )
        file.write_text(text, encoding="utf-8")
    assert read_rules(copied).fingerprint == rules.fingerprint


def test_a_file_of_another_name_or_split_in_two_does_not_change_it(
    copied: Path, rules: Rules
) -> None:
    file = copied / "records" / f"{TABLE}.toml"
    head, *parts = re.split(r"^(?=\[\[rule\]\])", file.read_text("utf-8"), flags=re.MULTILINE)
    file.unlink()
    for place, part in enumerate(reversed(parts)):
        (copied / "records" / f"part{place}.toml").write_text(head + part, encoding="utf-8")
    assert read_rules(copied).fingerprint == rules.fingerprint


def test_what_is_no_rule_does_not_change_it(copied: Path, rules: Rules) -> None:
    shutil.rmtree(copied / "reference")
    (copied / "notes.md").write_text("notes", encoding="utf-8")
    assert read_rules(copied).fingerprint == rules.fingerprint


def test_one_digit_of_a_threshold_in_a_file_changes_it(copied: Path, rules: Rules) -> None:
    file = copied / "schemes" / "cnst-sa2-y4.toml"
    text = file.read_text("utf-8")
    assert "0.90" in text
    file.write_text(text.replace("0.90", "0.91"), encoding="utf-8")
    assert read_rules(copied).fingerprint != rules.fingerprint


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("measures/cqim-data-quality.toml", "lower     = 0.005", "lower     = 0.006"),
        ("measures/continuity.toml", "exclusive = true", "exclusive = false"),
        ("measures/cqim.toml", "per       = 1000", "per       = 100"),
        ("concepts.toml", '"8517006"', '"8517007"'),
    ],
)
def test_one_key_of_an_indicator_or_concept_in_a_file_changes_it(
    file: str, old: str, new: str, copied: Path, rules: Rules
) -> None:
    text = (copied / file).read_text("utf-8")
    assert old in text
    (copied / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert read_rules(copied).fingerprint != rules.fingerprint


@pytest.mark.parametrize(
    ("sql", "plain"),
    [
        ("  a  =\n\t1 ", "a = 1"),
        ("a = 'x  y'  OR  b", "a = 'x  y' OR b"),
        ("a = 'it''s  so'  OR  b", "a = 'it''s  so' OR b"),
        ("a -- not\n AND b", "a -- not\n AND b"),
        ("a = '--'  AND  b", "a = '--' AND b"),
        ("", ""),
    ],
)
def test_only_spaces_that_mean_nothing_are_taken_from_sql(sql: str, plain: str) -> None:
    assert plain_sql(sql) == plain
