"""The documents say what the program does: generated parts, examples and the JSON schema."""

import importlib.util
import json
import re
import runpy
import sys
from pathlib import Path

import jsonschema
import pytest

from msds_audit import rulebook
from msds_audit.api import check, load_rules, rule_documents
from msds_audit.reports import to_json
from support import checked

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def printed(generator, run, monkeypatch):
    """What the generator prints, by commands that are run in this process."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys.modules["__main__"], "__package__", "", raising=False)
    for name, value in generator.SCREEN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(generator, "output_of", lambda *arguments: run(*arguments).out)
    return generator


def test_the_generator_prints_what_the_command_does(generator, run, request):
    alone = generator.output_of("check", "--help")
    request.getfixturevalue("printed")
    assert alone == run("check", "--help").out


def test_the_commands_page_is_what_help_prints(printed):
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == printed.commands_page()


def test_the_scorecard_in_the_readme_is_what_check_prints(printed):
    text = (ROOT / "README.md").read_text("utf-8")
    assert "NOT MET" in text
    assert text == printed.readme_page(text)


def test_every_generated_page_and_schema_is_what_the_rules_say(rules):
    found = {
        file.relative_to(ROOT / "rules").as_posix(): file.read_text("utf-8")
        for pattern in ("README.md", "fingerprint.txt", "pages/*", "schema/*")
        for file in (ROOT / "rules").glob(pattern)
    }
    wanted = rule_documents(rules)
    assert sorted(found) == sorted(wanted)
    assert [name for name, text in wanted.items() if found[name] != text] == []


def test_every_rule_measure_and_indicator_has_its_place_on_a_page(rules):
    pages = rulebook.sheets(rules)
    for one in rules.declared:
        if one.id in rules.records:
            page = pages[f"pages/{rules.spec.tables[one.table].number}.md"]
        else:
            page = pages[f"pages/{'measures' if one.id in rules.measures else 'indicators'}.md"]
        assert page.count(f"## {one.id}\n") + page.count(f'<a id="{one.id.lower()}">') == 1, one.id


def test_every_link_within_the_pages_leads_somewhere(rules):
    pages = {**rulebook.sheets(rules), "README.md": rulebook.readme(rules)}
    anchors = {
        name: {
            *(one.lower().replace(" ", "-") for one in re.findall(r"^#+ (.*)$", text, re.M)),
            *re.findall(r'<a id="([^"]+)">', text),
        }
        for name, text in pages.items()
    }
    for name, text in pages.items():
        for target, anchor in re.findall(r"\]\(([^)#]*)#([^)]+)\)", text):
            assert anchor in anchors[target or name], (name, target, anchor)


def test_the_python_example_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    [example] = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    (tmp_path / "example.py").write_text(example, encoding="utf-8")
    monkeypatch.chdir(ROOT)
    runpy.run_path(str(tmp_path / "example.py"))
    assert capsys.readouterr().out.startswith("Epsom and St Helier")


def test_the_rule_that_the_rulebook_shows_works(fixtures, tmp_path):
    [example] = re.findall(
        r"```toml\n(.*?)```", (ROOT / "rules" / "README.md").read_text("utf-8"), re.S
    )
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "MSD101PregnancyBooking.toml").write_text(example, encoding="utf-8")
    [card] = check([fixtures / "clean"], rules=load_rules(tmp_path))
    [own] = [one for one in card.rules if one.rule == "LOCAL-01"]
    assert own.tally.denominator > 0


def test_the_way_of_adding_a_rule_that_contributing_shows_works(run, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Adding a rule")[2]
    [own, packaged] = re.findall(r"```sh\n(.*?)```", text, re.S)
    said = []
    for line in own.splitlines():
        _, *arguments = line.replace("my-rules", str(tmp_path / "my-rules")).split()
        ran = run(*arguments)
        assert ran.code == 0
        said.append(ran.out + ran.err)
    assert [file.name for file in tmp_path.glob("my-rules/**/*.toml")] == [
        "MSD101PregnancyBooking.toml"
    ]
    assert "Wrote records/MSD101PregnancyBooking.toml" in said[0]
    assert "PASS  LOCAL-01  2 examples" in said[1]
    assert "rule LOCAL-01 added" in said[2]
    assert "No record breaks a rule." in said[3]
    assert packaged.splitlines() == ["msds-audit rules check", "make docs", "make test"]


def test_every_file_a_document_links_to_is_there():
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("rules/**/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8")):
            assert target.startswith("http") or (document.parent / target).exists(), target


@pytest.mark.parametrize("story", ["clean", "every-rule-broken", "empty-tables", "missing-tables"])
def test_json_fits_its_published_schema(fixtures, rules, story):
    schema = json.loads((ROOT / "docs" / "scorecard.schema.json").read_text("utf-8"))
    cards = checked([fixtures / story], rules=rules)
    jsonschema.Draft202012Validator(schema).validate(json.loads(to_json(cards)))
