"""What several test modules need: the rules, the sample extracts, and extracts made by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import settings

from msds_audit.api import auditing, check, load_rules
from msds_audit.audit import audit
from msds_audit.checks import vodim
from msds_audit.extract import Period, Submission, normalised
from msds_audit.readers import open_extract
from msds_audit.rule import Rule, Rules
from msds_audit.scorecard import Audited, Scorecard
from msds_audit.spec import Item, Spec

settings.register_profile("msds-audit", deadline=None, derandomize=True)
settings.load_profile("msds-audit")

FIXTURES = Path(__file__).parents[1] / "fixtures"
SAMPLES = (
    "clean",
    "empty-tables",
    "every-rule-broken",
    "missing-tables",
    "south-west-london/RAX",
    "south-west-london/RJ6",
    "south-west-london/RJ7",
    "south-west-london/RVR",
)
"""Every submission among the sample extracts."""

QUICK = ("clean", "every-rule-broken", "missing-tables")
"""Those that stand for all where a test is slow; the others are tried with the slow tests."""


def quick_first(values: Iterable[Any], quick: Collection[Any] = QUICK) -> list[Any]:
    """All of these for parametrising; those that are not quick run with the slow tests."""
    return [one if one in quick else pytest.param(one, marks=pytest.mark.slow) for one in values]


Records = Sequence[Mapping[str, str | None]]


@dataclass(frozen=True)
class Ran:
    """How a run of the command ended."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line of standard error."""
        return self.err.splitlines()[-1] if self.err else ""


@cache
def packaged() -> Rules:
    """The packaged rules, for parametrising; tests themselves take the fixture."""
    return load_rules()


@cache
def sample(name: str) -> Submission:
    """One submission of the sample extracts, its tables read once and held."""
    [found] = open_extract([FIXTURES / name], packaged().spec).submissions
    return replace(found, stored={k: v.collect().lazy() for k, v in found.tables.items()})


@cache
def audited(name: str) -> Audited:
    """The audit of one submission of the sample extracts."""
    return audit(sample(name), packaged())


_CHECKED: dict[str, list[Scorecard]] = {}
"""What was found, by what it was looked for in and how."""


def checked(paths: Sequence[Path], *, rules: Rules | None = None, **others: Any) -> list[Scorecard]:
    """What `check` finds; the same paths are audited once by the packaged rules.

    Only for extracts that no test changes.
    """
    others.pop("on_step", None)
    if rules is not None and rules is not packaged():
        return check(paths, rules=rules, **others)
    given = sorted((name, value) for name, value in others.items() if value)
    asked = repr((Path.cwd(), list(paths), given))
    if asked not in _CHECKED:
        read = repr((Path.cwd(), list(paths), others.get("provider"), others.get("period")))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(auditing, "audit", partial(_audited_once, read))
            _CHECKED[asked] = check(paths, rules=packaged(), **others)
    return list(_CHECKED[asked])


_AUDITED: dict[tuple[str, str], Audited] = {}


def _audited_once(read: str, submission: Submission, rules: Rules) -> Audited:
    """As `audit`; what was read the same way is audited once, whatever it is scored by."""
    if (read, submission.name) not in _AUDITED:
        _AUDITED[read, submission.name] = audit(submission, rules)
    return _AUDITED[read, submission.name]


def frame(rows: Records, columns: Iterable[str]) -> pl.LazyFrame:
    """Rows as a frame of text, trimmed and with blanks as null, as a reader would hand it over."""
    columns = list(columns)
    for row in rows:
        assert set(row) <= set(columns), f"{sorted(set(row) - set(columns))} are no items"
    text = {name: [row.get(name) for row in rows] for name in columns}
    return normalised(pl.DataFrame(text, schema=dict.fromkeys(columns, pl.String)).lazy())


def submission(
    spec: Spec, tables: Mapping[str, Records], *, provider: str = "RJ7", period: str = "2026-08"
) -> Submission:
    """A submission of rows made by hand: tables by short name, items left out are blank."""
    found = {}
    for name, rows in tables.items():
        table = spec.table_named(name)
        assert table is not None, name
        found[table.name] = frame(rows, table.by_name)
    return Submission(provider, Period.parse(period), found, ())


def without(given: Submission, table: str, *items: str) -> Submission:
    """A submission less these columns of a table, or less the whole table where none is named."""
    tables = dict(given.tables)
    if items:
        tables[table] = tables[table].drop(*items)
    else:
        del tables[table]
    return Submission(given.provider, given.period, tables, given.notices)


def item(table: str, name: str) -> Item:
    """An item by the short name of its table."""
    found = packaged().spec.table_named(table)
    assert found is not None
    return found.by_name[name]


def classes(of: Item, values: Sequence[str | None]) -> list[str]:
    """The VODIM class of each value, read as a column of an extract."""
    rows = [{of.name: value} for value in values]
    return frame(rows, [of.name]).select(vodim(of)).collect().to_series().to_list()


def of_rows(rules: Rules) -> list[Rule]:
    """The rules about records; the others are about how often a table occurs."""
    return [rule for rule in rules.records.values() if rule.occurs is None]


def breakable(rules: Rules) -> set[str]:
    """The rules that records can break; the others are broken where there is none."""
    return {
        rule.id
        for rule in rules.records.values()
        if rule.occurs is None or rule.occurs.most is not None
    }
