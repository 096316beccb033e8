"""Sets of rules that differ from the packaged ones in one thing: in what judges, or in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from msds_audit.fingerprint import fingerprint
from msds_audit.limits import Limits
from msds_audit.rule import Against, Basis, Count, Damage, Effect, Family, Occurs, Rules
from msds_audit.spec import CodeClass, CodeList, Format, Mandation, NearMiss, Spec
from msds_audit.windows import Window

TABLE, RULE, MEASURE, SCHEME = (
    "MSD101PregnancyBooking",
    "MSD101-03",
    "mother-ethnicity-stated",
    "ethnicity",
)
INDICATOR, RATE, CONCEPT = "CQIMDQ05", "CQIMSmokingBooking", "smoker"


def of(rules: Rules) -> str:
    return fingerprint(
        rules.spec,
        rules.records,
        rules.measures,
        rules.schemes,
        rules.indicators,
        rules.concepts,
        rules.dqmi,
    )


def few(rules: Rules) -> Rules:
    """These rules without those that follow from the specification, and their fingerprint.

    There is enough left to change one thing of, and less to compare.
    """
    written = {id: rule for id, rule in rules.records.items() if not rule.generated}
    found = replace(rules, records=written)
    return replace(found, fingerprint=of(found))


def with_rule(rules: Rules, **changes: Any) -> Rules:
    changed = replace(rules.records[RULE], **changes)
    return replace(rules, records={**rules.records, RULE: changed})


def with_measure(rules: Rules, **changes: Any) -> Rules:
    changed = replace(rules.measures[MEASURE], **changes)
    return replace(rules, measures={**rules.measures, MEASURE: changed})


def with_indicator(rules: Rules, id: str = INDICATOR, **changes: Any) -> Rules:
    changed = replace(rules.indicators[id], **changes)
    return replace(rules, indicators={**rules.indicators, id: changed})


def with_limits(rules: Rules, **changes: Any) -> Rules:
    limits: Limits = rules.indicators[INDICATOR].limits
    return with_indicator(rules, limits=replace(limits, **changes))


def with_concept(rules: Rules, **changes: Any) -> Rules:
    changed = replace(rules.concepts[CONCEPT], **changes)
    return replace(rules, concepts={**rules.concepts, CONCEPT: changed})


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
    "no indicator": lambda r: replace(
        r, indicators={k: v for k, v in r.indicators.items() if k != INDICATOR}
    ),
    "indicator's family": lambda r: with_indicator(r, family=Family.COC_DQ),
    "indicator's base": lambda r: with_indicator(r, table="births"),
    "indicator's window": lambda r: with_indicator(r, window=Window.MONTH_BEFORE),
    "indicator's applies": lambda r: with_indicator(r, applies=""),
    "indicator's passes": lambda r: with_indicator(r, passes="TRUE"),
    "indicator's distinct": lambda r: with_indicator(r, distinct="PregnancyID"),
    "indicator's against": lambda r: with_indicator(r, against=Against.HES),
    "indicator's lower limit": lambda r: with_limits(r, lower=Decimal("0.006")),
    "no lower limit": lambda r: with_limits(r, lower=None),
    "indicator's upper limit": lambda r: with_limits(r, upper=Decimal("0.6")),
    "no upper limit": lambda r: with_limits(r, upper=None),
    "exclusive": lambda r: with_limits(r, exclusive=True),
    "needs someone": lambda r: with_limits(r, needs_someone=True),
    "indicator's submitted": lambda r: with_indicator(r, submitted=""),
    "indicator's per": lambda r: with_indicator(r, per=1000),
    "undefined": lambda r: with_indicator(r, undefined="not known"),
    "indicator's basis": lambda r: with_indicator(r, basis=Basis.ADVICE),
    "indicator's verified": lambda r: with_indicator(r, verified=False),
    "rests on": lambda r: with_indicator(r, RATE, rests_on=("CQIMDQ03", "CQIMDQ04")),
    "no concept": lambda r: replace(
        r, concepts={k: v for k, v in r.concepts.items() if k != CONCEPT}
    ),
    "one code of a concept fewer": lambda r: with_concept(r, codes=r.concepts[CONCEPT].codes[1:]),
    "a code of a concept more": lambda r: with_concept(
        r, codes=(*r.concepts[CONCEPT].codes, "8517006")
    ),
    "no scheme": lambda r: replace(r, schemes={}),
    "scheme's family": lambda r: with_scheme(r, family="other"),
    "scheme asked by default": lambda r: with_scheme(r, default=False),
    "no criteria": lambda r: with_scheme(r, criteria=()),
    "criterion's id": lambda r: with_criterion(r, id="ETH-99"),
    "criterion's subject": lambda r: with_criterion(r, subject="nhs-number-right"),
    "criterion's count": lambda r: with_criterion(r, counts=Count.RECORDS),
    "criterion's metrics": lambda r: with_criterion(r, cqims=9),
    "unassessed": lambda r: with_criterion(r, unassessed="Nobody can tell."),
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
    "indicator": lambda r: with_indicator(
        r,
        title="t",
        why="w",
        fix="f",
        unit="u",
        counted="c",
        source="s",
        note="n",
        examples=(),
        file="f",
        since="9",
        formerly=("OLD-01",),
    ),
    "why an indicator is undefined": lambda r: with_indicator(
        r, "CQIMDQ43", undefined="Other words."
    ),
    "concept": lambda r: with_concept(r, says="s", source="s", verified=False),
    "why a criterion is unassessed": lambda r: replace(
        r,
        schemes={
            **r.schemes,
            "cnst-sa2-y4": replace(
                r.schemes["cnst-sa2-y4"],
                criteria=(
                    replace(r.schemes["cnst-sa2-y4"].criteria[0], unassessed="Other words."),
                    *r.schemes["cnst-sa2-y4"].criteria[1:],
                ),
            ),
        },
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
    "order of indicators": lambda r: replace(r, indicators=dict(reversed(r.indicators.items()))),
    "order of concepts": lambda r: replace(r, concepts=dict(reversed(r.concepts.items()))),
    "order of codes of a concept": lambda r: with_concept(r, codes=r.concepts[CONCEPT].codes[::-1]),
    "order of what withholds": lambda r: with_indicator(
        r, RATE, rests_on=r.indicators[RATE].rests_on[::-1]
    ),
    "zeros of a limit": lambda r: with_limits(r, lower=Decimal("0.00500"), upper=Decimal("0.50")),
    "spaces in SQL of an indicator": lambda r: with_indicator(
        r, applies=r.indicators[INDICATOR].applies.replace(" AND ", "\n      AND ")
    ),
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
