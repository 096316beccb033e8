"""Sets of rules that differ from the packaged ones in one thing: in what judges, or in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from msds_audit.fingerprint import fingerprint
from msds_audit.rule import Basis, Count, Damage, Effect, Occurs, Rules
from msds_audit.spec import CodeClass, CodeList, Format, Mandation, NearMiss, Spec

TABLE, RULE, MEASURE, SCHEME = (
    "MSD101PregnancyBooking",
    "MSD101-03",
    "mother-ethnicity-stated",
    "ethnicity",
)


def of(rules: Rules) -> str:
    return fingerprint(rules.spec, rules.records, rules.measures, rules.schemes)


def with_rule(rules: Rules, **changes: Any) -> Rules:
    changed = replace(rules.records[RULE], **changes)
    return replace(rules, records={**rules.records, RULE: changed})


def with_measure(rules: Rules, **changes: Any) -> Rules:
    changed = replace(rules.measures[MEASURE], **changes)
    return replace(rules, measures={**rules.measures, MEASURE: changed})


def with_scheme(rules: Rules, **changes: Any) -> Rules:
    changed = replace(rules.schemes[SCHEME], **changes)
    return replace(rules, schemes={**rules.schemes, SCHEME: changed})


def with_criterion(rules: Rules, **changes: Any) -> Rules:
    first, *others = rules.schemes[SCHEME].criteria
    return with_scheme(rules, criteria=(replace(first, **changes), *others))


def with_spec(rules: Rules, **changes: Any) -> Rules:
    return replace(rules, spec=replace(rules.spec, **changes))


def with_table(rules: Rules, **changes: Any) -> Rules:
    spec: Spec = rules.spec
    tables = {**spec.tables, TABLE: replace(spec.tables[TABLE], **changes)}
    return with_spec(rules, tables=tables)


def with_item(rules: Rules, **changes: Any) -> Rules:
    items = rules.spec.tables[TABLE].items
    place = next(place for place, item in enumerate(items) if item.codes is not None)
    changed = (*items[:place], replace(items[place], **changes), *items[place + 1 :])
    return with_table(rules, items=changed)


def with_codes(rules: Rules, change: Callable[[CodeList], CodeList]) -> Rules:
    """Rules with one code list changed wherever it is used."""
    items = rules.spec.tables[TABLE].items
    codes = next(item.codes for item in items if item.codes is not None)
    changed = change(codes)
    tables = {
        name: replace(
            table,
            items=tuple(
                replace(item, codes=changed) if item.codes == codes else item
                for item in table.items
            ),
        )
        for name, table in rules.spec.tables.items()
    }
    return with_spec(rules, tables=tables)


def with_code(rules: Rules, **changes: Any) -> Rules:
    def changed(codes: CodeList) -> CodeList:
        first, *others = codes.codes
        return replace(codes, codes=(replace(first, **changes), *others))

    return with_codes(rules, changed)


JUDGING: dict[str, Callable[[Rules], Rules]] = {
    "no rule": lambda r: replace(r, records={k: v for k, v in r.records.items() if k != RULE}),
    "another id": lambda r: replace(r, records={**r.records, "NEW-01": r.records[RULE]}),
    "table": lambda r: with_rule(r, table="MSD001MotherDemog"),
    "applies": lambda r: with_rule(r, applies="AntenatalAppDate IS NULL"),
    "passes": lambda r: with_rule(r, passes="AntenatalAppDate IS NULL"),
    "unique": lambda r: with_rule(r, unique=("PregnancyID",)),
    "occurs": lambda r: with_rule(r, occurs=Occurs(0, 3)),
    "related": lambda r: with_rule(r, related=()),
    "what is related": lambda r: with_rule(
        r, related=(replace(r.records[RULE].related[0], where="NHSNumberMother IS NULL"),)
    ),
    "effect": lambda r: with_rule(r, effect=Effect.WARNING),
    "basis": lambda r: with_rule(r, basis=Basis.ADVICE),
    "verified": lambda r: with_rule(r, verified=False),
    "damage": lambda r: with_rule(r, damage=Damage.ZEROS),
    "about": lambda r: with_rule(r, about="PregnancyID"),
    "text in quotes": lambda r: with_rule(r, passes=f"{r.records[RULE].passes} AND 'a  b' = 'a b'"),
    "measure's table": lambda r: with_measure(r, table="MSD001MotherDemog"),
    "measure's applies": lambda r: with_measure(r, applies=""),
    "measure's passes": lambda r: with_measure(r, passes="TRUE"),
    "measure's related": lambda r: with_measure(r, related=()),
    "measure's distinct": lambda r: with_measure(r, distinct="PregnancyID"),
    "measure's basis": lambda r: with_measure(r, basis=Basis.ADVICE),
    "measure's verified": lambda r: with_measure(r, verified=not r.measures[MEASURE].verified),
    "no scheme": lambda r: replace(r, schemes={}),
    "scheme's family": lambda r: with_scheme(r, family="other"),
    "scheme asked by default": lambda r: with_scheme(r, default=False),
    "no criteria": lambda r: with_scheme(r, criteria=()),
    "criterion's id": lambda r: with_criterion(r, id="ETH-99"),
    "criterion's subject": lambda r: with_criterion(r, subject="nhs-number-right"),
    "criterion's count": lambda r: with_criterion(r, counts=Count.RECORDS),
    "threshold": lambda r: with_criterion(r, threshold=Decimal("0.91")),
    "no threshold": lambda r: with_criterion(r, threshold=None),
    "not collected": lambda r: with_criterion(r, not_collected=True),
    "watch": lambda r: with_criterion(r, watch=("MSD101PregnancyBooking", "DisabilityIndMother")),
    "criterion's basis": lambda r: with_criterion(r, basis=Basis.ANALOGY),
    "criterion's verified": lambda r: with_criterion(
        r, verified=not r.schemes[SCHEME].criteria[0].verified
    ),
    "version": lambda r: with_spec(r, version="2.1"),
    "no table": lambda r: with_spec(r, tables={}),
    "table's group": lambda r: with_table(r, group="Booking"),
    "table's record": lambda r: with_table(r, record="gravidity"),
    "table's least": lambda r: with_table(r, minimum=7),
    "table's most": lambda r: with_table(r, maximum=7),
    "table's mandatory": lambda r: with_table(r, mandatory=not r.spec.tables[TABLE].mandatory),
    "table's derived": lambda r: with_table(r, derived=("Something",)),
    "item's name": lambda r: with_item(r, name="Renamed"),
    "item's uid": lambda r: with_item(r, uid="M999999"),
    "item's element": lambda r: with_item(r, element="ORGANISATION CODE"),
    "item's mandation": lambda r: with_item(r, mandation=Mandation.PILOT),
    "item's format": lambda r: with_item(r, format=Format.parse("max an20")),
    "item's key": lambda r: with_item(r, key=True),
    "item's references": lambda r: with_item(r, references=("MSD001MotherDemog", "LPIDMother")),
    "item's shape": lambda r: with_item(r, shape="^X$"),
    "item's codes": lambda r: with_item(r, codes=None),
    "codes closed": lambda r: with_codes(r, lambda c: replace(c, closed=not c.closed)),
    "local suffix": lambda r: with_codes(r, lambda c: replace(c, local_suffix=True)),
    "near misses": lambda r: with_codes(
        r, lambda c: replace(c, near_misses=(NearMiss("x", "old code", ()),))
    ),
    "one code fewer": lambda r: with_codes(r, lambda c: replace(c, codes=c.codes[1:])),
    "code": lambda r: with_code(r, code="%"),
    "code's class": lambda r: with_code(r, cls=CodeClass.INVALID),
    "code's group": lambda r: with_code(r, group="a group"),
    "code's label": lambda r: with_code(r, label="a label that a trust may send"),
    "code's prefix": lambda r: with_code(r, prefix=True),
}

EXPLAINING: dict[str, Callable[[Rules], Rules]] = {
    "rule": lambda r: with_rule(
        r,
        name="n",
        title="t",
        why="w",
        fix="f",
        source="s",
        examples=(),
        file="f.toml",
        since="9",
        formerly=("OLD-01",),
    ),
    "measure": lambda r: with_measure(
        r, title="t", why="w", fix="f", source="s", unit="u", examples=(), file="f", since="9"
    ),
    "scheme": lambda r: with_scheme(r, title="t", about="a", source="s", file="f"),
    "criterion": lambda r: with_criterion(
        r, title="t", short="s", section="x", headline="h", reason="r", carried="c", fix="f"
    ),
    "order of criteria": lambda r: with_scheme(r, criteria=r.schemes[SCHEME].criteria[::-1]),
    "order of rules": lambda r: replace(r, records=dict(reversed(r.records.items()))),
    "order of tables": lambda r: with_spec(r, tables=dict(reversed(r.spec.tables.items()))),
    "order of items": lambda r: with_table(r, items=r.spec.tables[TABLE].items[::-1]),
    "order of codes": lambda r: with_codes(r, lambda c: replace(c, codes=c.codes[::-1])),
    "zeros of a threshold": lambda r: with_criterion(r, threshold=Decimal("0.9000")),
    "spec": lambda r: with_spec(r, title="t", source="s", licence="l"),
    "table": lambda r: with_table(r, section="s", per="p"),
    "item": lambda r: with_item(r, shape_source="s", equality=("e",), notes=("n",)),
    "codes": lambda r: with_codes(
        r, lambda c: replace(c, title="t", source="s", verified=not c.verified, caution="c")
    ),
    "code": lambda r: with_code(r, note="n"),
    "spaces in SQL": lambda r: with_rule(
        r, passes=f"\n  {r.records[RULE].passes.replace(' <=', chr(10) + '   <=')}  "
    ),
    "providers": lambda r: replace(r, providers={}),
}
