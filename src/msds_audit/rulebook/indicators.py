"""What is to be told of national indicators, of their bases and of the codes behind those."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msds_audit.bases import Base, base_table, merged, months_before, reads
from msds_audit.extract import Period
from msds_audit.fingerprint import plain_sql
from msds_audit.predicates import needs
from msds_audit.rule import Against, Family, Indicator, Rules
from msds_audit.spec import Item, Spec
from msds_audit.windows import Window, named_months

_FAMILIES = {
    Family.CQIM_DQ: "A measure of data quality for the Clinical Quality Improvement Metrics",
    Family.CQIM: "A Clinical Quality Improvement Metric, which is a rate",
    Family.COC_DQ: "A measure of data quality for continuity of carer",
    Family.COC: "A rate of continuity of carer",
}
_EXAMPLE = Period.parse("2026-08")
_FEW = 3
"""Months that are named one by one; of more, the first and the last."""

Part = tuple[str, str]
"""A heading and text."""


def indicator_parts(indicator: Indicator, rules: Rules) -> Iterator[Part]:
    """How an indicator is counted and judged, for anybody; a part may be empty."""
    if indicator.undefined:
        yield "Why it is not counted", f"{_sentence(indicator.undefined)} It is never a pass."
        return
    yield "Which months it reads", f"{window_words(indicator.window)}{_looks_back(indicator)}"
    yield "Who is counted", _counted(indicator)
    yield "Against what", _against(indicator)
    yield "Its limits", _limits(indicator)
    yield "What it reads", made_of(_read(indicator, rules.spec))
    yield "Fields that are derived", _derived(indicator, rules.spec)
    yield "What withholds it", _withheld(indicator, rules)
    yield "What it withholds", _withholds(indicator, rules)
    yield "Where nobody counts", _teller(indicator)
    yield "What is odd about it", indicator.note


def indicator_kind(indicator: Indicator) -> str:
    """What sort of thing an indicator is."""
    per = f", for every {indicator.per:,}" if indicator.is_rate else ""
    base = "" if indicator.undefined else f" It is taken from the base {indicator.table}."
    return f"{_FAMILIES[indicator.family]} ({indicator.family}){per}.{base}"


def indicator_sql(indicator: Indicator) -> Iterator[Part]:
    """An indicator for those who read SQL, by key; nothing of one that is not defined."""
    if indicator.undefined:
        return
    yield "base", indicator.table
    yield "window", indicator.window
    yield "applies", plain_sql(indicator.applies) or "every row"
    yield "passes", plain_sql(indicator.passes)
    yield "counts", f"distinct {indicator.distinct} of rows where both hold"
    yield "against", _held(indicator)


def asked_of(indicator: Indicator) -> str:
    """How much is asked of an indicator: its limits, or that nothing withholds it."""
    if indicator.undefined:
        return f"not assessed: {indicator.undefined}"
    if not indicator.is_rate:
        return indicator.limits.words
    if not indicator.rests_on:
        return "published"
    return f"published unless withheld by {', '.join(indicator.rests_on)}"


def cqims_asked(number: int, rules: Rules) -> str:
    """How many of the Clinical Quality Improvement Metrics must be published."""
    known = sum(one.family is Family.CQIM for one in rules.indicators.values())
    return f"at least {number} of {known}"


def window_words(window: Window) -> str:
    """The months of a window in words, with those of an example."""
    months = window.months(_EXAMPLE)
    named = named_months(months) if len(months) <= _FEW else f"{months[0]} to {months[-1]}"
    return f"{_sentence(window.words)} Reported for {_EXAMPLE} it reads {named}."


def _looks_back(indicator: Indicator) -> str:
    """That something it counts by is also looked for before the window; empty where nothing is."""
    if not months_before(indicator.table, needs(indicator).columns):
        return ""
    return " What it counts by is also looked for in the month before these."


# --- parts --------------------------------------------------------------------------------


def _counted(indicator: Indicator) -> str:
    who = _sentence(indicator.counted)
    return f"{who} Each {indicator.distinct} once, if any of its rows is such."


def _against(indicator: Indicator) -> str:
    match indicator.against:
        case Against.HES:
            return (
                "Deliveries expected by hospital statistics (HES): those of a year, shared out to "
                "the days of these months and rounded down (--hes-deliveries)."
            )
        case Against.ONE:
            return "One: either there is any, and the rate is 100 %, or there is none."
        case _:
            return f"{_sentence(indicator.unit)} Each {indicator.distinct} once."


def _held(indicator: Indicator) -> str:
    if indicator.against is Against.PEOPLE:
        return f"distinct {indicator.distinct} of rows where it applies"
    return indicator.against.value


def _limits(indicator: Indicator) -> str:
    if indicator.is_rate:
        return ""
    somebody = " With nobody in the numerator it fails." if indicator.limits.needs_someone else ""
    return (
        f"It passes where the rate is {indicator.limits.words}, by the counts as they are rounded "
        f"for publication.{somebody}"
    )


def _read(indicator: Indicator, spec: Spec) -> Mapping[str, tuple[str, ...]]:
    columns = needs(indicator).columns
    return merged(*(reads(spec, indicator.table, column) for column in sorted(columns)))


def _derived(indicator: Indicator, spec: Spec) -> str:
    columns = needs(indicator).columns
    fields = [one for one in derived_fields(spec, indicator.table) if one.name in columns]
    return " ".join(f"{field.name}: {field.element}" for field in fields)


def _withheld(indicator: Indicator, rules: Rules) -> str:
    if not indicator.is_rate:
        return ""
    if not indicator.rests_on:
        return "Nothing."
    names = "; ".join(f"{id} ({_told(id, rules)})" for id in indicator.rests_on)
    return f"It is published as Low DQ where any of these fails: {names}."


def _told(id: str, rules: Rules) -> str:
    measure = rules.indicators[id]
    return f"{measure.title}, {asked_of(measure)}"


def _withholds(indicator: Indicator, rules: Rules) -> str:
    if indicator.is_rate:
        return ""
    rates = [one.id for one in rules.indicators.values() if indicator.id in one.rests_on]
    return f"{', '.join(rates)}." if rates else "No rate rests on it."


def _teller(indicator: Indicator) -> str:
    if not indicator.submitted or indicator.submitted == indicator.id:
        return ""
    return (
        f"The numerator of {indicator.submitted} tells whether anything was sent; where that is 0 "
        "too, NHS England shows DNS (did not submit)."
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


# --- bases --------------------------------------------------------------------------------


def derived_fields(spec: Spec, base: str) -> list[Item]:
    """The fields of a base that are worked out; the others are items of the data set."""
    return [item for item in base_table(spec, base).items if not item.uid]


def base_says(spec: Spec, base: Base) -> str:
    """Whose rows a base has, and which items of the data set stand in them."""
    table = base_table(spec, base)
    found: dict[str, list[str]] = {}
    for item in table.items:
        if item.uid:
            found.setdefault(item.table, []).append(item.name)
    columns = [
        f"every item of {name}"
        if len(names) == len(spec.tables[name].items)
        else f"of {name} {', '.join(names)}"
        for name, names in found.items()
    ]
    return f"{table.group} Its columns are {'; '.join([*columns, 'the fields below'])}."


def made_of(wanted: Mapping[str, tuple[str, ...]]) -> str:
    """Tables and the items of them that something is made of."""
    return "; ".join(f"{table}: {', '.join(items)}" for table, items in wanted.items())
