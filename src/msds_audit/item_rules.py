"""The rules that follow from the specification alone: blank, format and code of each item.

They are ordinary rules, written by a program instead of a person; judging them is the same.
"""

from __future__ import annotations

from msds_audit.rule import Basis, Damage, Effect, Example, Expected, Rule
from msds_audit.spec import ONLY_DIGITS, Format, Item, Kind, Spec

SINCE = "0.1.0"
"""The version with which the generated rules came."""

HEADER = "MSD000Header"

_DICTIONARY = "NHS Data Dictionary, October 2020 release"


def item_rules(spec: Spec) -> list[Rule]:
    """Every generated rule: `UID-blank` for mandatory items, `UID-format`, `UID-code`."""
    return [rule for item in spec.items for rule in _rules_of(item)]


def item_rule_id(item: Item, suffix: str) -> str:
    """The id of a generated rule: `blank`, `format` or `code` of an item."""
    return f"{item.uid}-{suffix}"


def _rules_of(item: Item) -> list[Rule]:
    rules = [_format_rule(item)]
    if item.is_mandatory:
        rules.insert(0, _blank_rule(item))
    if has_code_rule(item):
        rules.append(_code_rule(item))
    return rules


def has_code_rule(item: Item) -> bool:
    """Whether a value of the right format can still be one the item may not hold."""
    if item.codes is None:
        return item.shape is not None
    return item.codes.closed or item.shape is not None or bool(item.codes.refused)


def _gone_with(item: Item) -> Effect:
    """What goes with an item that is blank or cannot be read: its record; of the header, all."""
    return Effect.REJECTS_FILE if item.table == HEADER else Effect.REJECTS_RECORD


def _blank_rule(item: Item) -> Rule:
    return item_rule(
        item,
        "blank",
        title=f"{item.element} is present",
        why="The item is mandatory: its record cannot flow without it.",
        fix="Record it in the maternity system, or find out why the extract drops it.",
        applies="",
        passes=f"{item.name}_vodim <> 'M'",
        effect=_gone_with(item),
        basis=Basis.ANALOGY,
        source=f"{_DICTIONARY}: mandation M; effect by analogy with IAPT and MHSDS",
        examples=_examples(item, "blank"),
    )


def _format_rule(item: Item) -> Rule:
    return item_rule(
        item,
        "format",
        title=f"{item.element} has the format {item.format.text}",
        why="A value in another format cannot be read, and counts as invalid.",
        fix=_fix_of_format(item),
        applies=f"{item.name}_vodim <> 'M'",
        passes=f"{item.name}_fits",
        effect=_gone_with(item),
        basis=Basis.ANALOGY,
        source=f"{_DICTIONARY}: format; effect by analogy with IAPT and MHSDS",
        examples=_examples(item, "format"),
    )


def _code_rule(item: Item) -> Rule:
    why = "It is probably accepted with a warning, and then counts as invalid in national data."
    fix = _map_it(item)
    if item.codes is not None and item.codes.closed:
        title = f"{item.element} is a code of its list"
        source = item.codes.source
        verified = item.codes.verified
        basis = Basis.ANALOGY
    elif item.shape is not None:
        title = f"{item.element} has a shape that can be looked up"
        source, verified, basis = item.shape_source, False, Basis.ADVICE
        why = "What cannot be looked up is left out of every figure that rests on it."
        fix = "Correct the value in the maternity system."
    else:
        title = f"{item.element} is not a retired code"
        source = item.codes.source if item.codes is not None else _DICTIONARY
        verified = item.codes.verified if item.codes is not None else True
        basis = Basis.ANALOGY
    return item_rule(
        item,
        "code",
        title=title,
        why=why,
        fix=fix,
        applies=f"{item.name}_fits",
        passes=f"{item.name}_vodim <> 'I'",
        effect=Effect.COUNTS_AS_INVALID,
        basis=basis,
        source=source,
        examples=_examples(item, "code"),
        verified=verified,
    )


def _fix_of_format(item: Item) -> str:
    """What to send, in words that need no key to the formats of the dictionary."""
    if item.codes is not None and item.codes.closed:
        return _map_it(item)
    match item.format.kind:
        case Kind.DATE:
            return "Send a real date, as 2026-08-31."
        case Kind.TIME:
            return "Send a time of day, as 09:30:00."
    if item.format.pattern is None:
        return f"Send it in {_length(item.format)} characters."
    if item.format.pattern == ONLY_DIGITS:
        return f"Send it as {_length(item.format)} digits, and nothing else."
    return "Send it as digits with a point, as 2.00."


def _length(format: Format) -> str:
    """How many characters or digits a value may have."""
    if format.minimum == format.maximum:
        return f"{format.maximum}"
    return f"{format.minimum} to {format.maximum}"


def _map_it(item: Item) -> str:
    return f"Map the local value to a permitted one: msds-audit spec show {item.uid}"


def item_rule(
    item: Item,
    suffix: str,
    *,
    title: str,
    why: str,
    fix: str,
    applies: str,
    passes: str,
    effect: Effect,
    basis: Basis,
    source: str,
    examples: tuple[Example, ...],
    verified: bool = True,
    damage: Damage | None = None,
) -> Rule:
    """A rule about one item; where it does not apply to a blank, that is an example too."""
    if applies and all(one.result is not Expected.NOT_APPLICABLE for one in examples):
        period = examples[0].period
        blank = Example("blank", {item.name: ""}, (), {}, period, Expected.NOT_APPLICABLE)
        examples = (*examples, blank)
    return Rule(
        id=item_rule_id(item, suffix),
        name=f"{item.name}-{suffix}",
        title=title,
        why=why,
        fix=fix,
        table=item.table,
        applies=applies,
        passes=passes,
        unique=(),
        related=(),
        effect=effect,
        basis=basis,
        source=source,
        verified=verified,
        examples=examples,
        file="",
        since=SINCE,
        generated=True,
        about=item.name,
        damage=damage,
    )


def item_examples(item: Item, right: str, wrong: str, period: str = "") -> tuple[Example, ...]:
    """One value that passes and one that fails."""
    values = (
        ("a value the item may hold", right, Expected.PASS),
        ("a value it may not", wrong, Expected.FAIL),
    )
    return tuple(
        Example(says, {item.name: text}, (), {}, period, result) for says, text, result in values
    )


def _examples(item: Item, suffix: str) -> tuple[Example, ...]:
    return item_examples(item, good_value(item), _bad_value(item, suffix))


def good_value(item: Item) -> str:
    """A value of the right format that the item may hold; the same every time."""
    if item.codes is not None and item.codes.closed:
        return min(item.codes.permitted)
    if item.shape is not None:
        return "AA1 1AA"
    match item.format.kind:
        case Kind.DATE:
            return "2026-08-14"
        case Kind.TIME:
            return "09:30:00"
        case _:
            return "1" * item.format.minimum


def _bad_value(item: Item, suffix: str) -> str:
    """A value that breaks the generated rule of this suffix and, but for `code`, no other."""
    if suffix == "blank":
        return ""
    if suffix == "format":
        return "#" * (item.format.maximum + 1)
    if item.codes is not None and item.codes.refused:
        return item.codes.refused[0]
    return "#" * item.format.minimum
