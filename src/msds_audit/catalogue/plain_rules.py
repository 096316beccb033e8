"""Rules as plain data, in JSON, and the same rules made of it again.

Everything is written as the values of its fields, in their order. Examples are written apart from
what they are of: only who proves or shows a rule looks at them, and they are most of the data.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeAlias

from msds_audit.limits import Limits
from msds_audit.maturity import DqmiItem
from msds_audit.rule import (
    Against,
    Basis,
    Concept,
    Count,
    Criterion,
    Damage,
    Effect,
    Example,
    Expected,
    Family,
    Indicator,
    Measure,
    Occurs,
    Related,
    Rule,
    Rules,
    Scheme,
)
from msds_audit.spec import (
    Code,
    CodeClass,
    CodeList,
    Format,
    Item,
    Kind,
    Mandation,
    NearMiss,
    Spec,
    Table,
)
from msds_audit.windows import Window

Plain: TypeAlias = Any
"""What JSON can hold."""

_Made: TypeAlias = Callable[[Plain], Any]


# --- plain data of rules ------------------------------------------------------------------


def rules_text(rules: Rules) -> str:
    """Rules without their examples as JSON, a line for each thing that is declared."""
    spec = rules.spec
    lists = {item.codes.name: item.codes for item in spec.items if item.codes is not None}
    parts = {
        "codes": lists.values(),
        "spec": [getattr(spec, name) for name in _OF_SPEC],
        "tables": spec.tables.values(),
        **{name: getattr(rules, name).items() for name in _DECLARED},
        "providers": rules.providers.items(),
        "fingerprint": [rules.fingerprint],
        "own": sorted(rules.own),
        "dropped": sorted(rules.dropped),
    }
    texts = [f'"{name}": [\n{_lines(map(_plain, part))}\n]' for name, part in parts.items()]
    return "{\n" + ",\n".join(texts) + "\n}\n"


def examples_text(rules: Rules) -> str:
    """The examples of rules as JSON, a line for each thing that has any: its id, then they."""
    having = [one for one in rules.declared if one.examples]
    return f"[\n{_lines([one.id, _plain(tuple(one.examples))] for one in having)}\n]\n"


def _lines(plain: Iterable[Plain]) -> str:
    return ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in plain)


def _plain(thing: Any) -> Plain:  # noqa: ANN401
    """Something declared as the values of its fields; a name for what is written elsewhere."""
    match thing:
        case Item():
            return _values(thing, codes=thing.codes.name if thing.codes is not None else None)
        case Rule() | Measure() | Indicator():
            return _values(thing, examples=thing.id)
        case Decimal():
            return str(thing)
        case tuple() | list():
            return [_plain(one) for one in thing]
        case Mapping():
            return {name: _plain(one) for name, one in thing.items()}
        case _:
            return _values(thing) if is_dataclass(thing) else thing


def _values(thing: Any, **instead: Plain) -> list[Plain]:  # noqa: ANN401
    """The values of all fields; `instead` are those that stand in place of some."""
    names = [one.name for one in fields(thing)]
    return [instead[one] if one in instead else _plain(getattr(thing, one)) for one in names]


# --- rules of plain data ------------------------------------------------------------------


def _made_of(kind: type, /, **parts: _Made) -> _Made:
    """What makes one of a kind of the values of its fields; `parts` make those that are not plain.

    None stays None.
    """
    names = [one.name for one in fields(kind)]
    making = [(names.index(name), part) for name, part in parts.items()]

    def made(values: Plain) -> Any:  # noqa: ANN401
        for place, part in making:
            if values[place] is not None:
                values[place] = part(values[place])
        return kind(*values)

    return made


def _each(made: _Made) -> _Made:
    return lambda values: tuple(map(made, values))


def _rows(named: Plain) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(rows) for name, rows in named.items()}


class _Kept:
    """The examples of all that is declared, made when any of them is first looked at."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    @cached_property
    def by_id(self) -> Mapping[str, tuple[Example, ...]]:
        """All of them, by the id of what they are of."""
        return {id: _EXAMPLES(values) for id, values in json.loads(self._text)}

    def of(self, id: str) -> Sequence[Example]:
        """Those of one thing."""
        return _Examples(self, id)


class _Examples(Sequence[Example]):
    """The examples of one thing that is declared: in all but time the tuple that they are."""

    def __init__(self, kept: _Kept, id: str) -> None:
        self._kept = kept
        self._id = id

    def _tuple(self) -> tuple[Example, ...]:
        return self._kept.by_id.get(self._id, ())

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401
        return self._tuple()[at]

    def __len__(self) -> int:
        return len(self._tuple())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._tuple() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._tuple())

    def __repr__(self) -> str:
        return repr(self._tuple())


_OF_SPEC = ("version", "title", "standard", "source", "licence")
_DECLARED = ("records", "measures", "indicators", "schemes", "concepts", "dqmi")
"""The fields of `Rules` that hold what is declared, by id or name."""

_RELATED = _each(_made_of(Related))
_EXAMPLES = _each(_made_of(Example, others=tuple, related=_rows, result=Expected))
_CODES = _made_of(
    CodeList,
    codes=_each(_made_of(Code, cls=CodeClass)),
    near_misses=_each(_made_of(NearMiss, means=tuple)),
)


def rules_of(text: bytes, examples: bytes) -> Rules:
    """The rules of the texts that `rules_text` and `examples_text` gave."""
    plain = json.loads(text)
    declared = {
        name: {id: made(values) for id, values in plain[name]}
        for name, made in _makers(_Kept(examples)).items()
    }
    return Rules(
        spec=_spec(plain),
        providers=dict(plain["providers"]),
        fingerprint=plain["fingerprint"][0],
        own=frozenset(plain["own"]),
        dropped=frozenset(plain["dropped"]),
        **declared,
    )


def _makers(kept: _Kept) -> dict[str, _Made]:
    """What makes each thing that is declared, by the field of `Rules` that holds such things."""
    known = {"basis": Basis, "examples": kept.of, "formerly": tuple, "related": _RELATED}
    criterion = _made_of(Criterion, counts=Count, threshold=Decimal, watch=tuple, basis=Basis)
    return {
        "records": _made_of(
            Rule, unique=tuple, effect=Effect, occurs=_made_of(Occurs), damage=Damage, **known
        ),
        "measures": _made_of(Measure, mends=tuple, **known),
        "indicators": _made_of(
            Indicator,
            family=Family,
            window=Window,
            against=Against,
            limits=_made_of(Limits, lower=Decimal, upper=Decimal),
            rests_on=tuple,
            **known,
        ),
        "schemes": _made_of(Scheme, criteria=_each(criterion)),
        "concepts": _made_of(Concept, codes=tuple),
        "dqmi": _made_of(DqmiItem, threshold=Decimal),
    }


def _spec(plain: Mapping[str, Plain]) -> Spec:
    lists = {one.name: one for one in map(_CODES, plain["codes"])}
    item = _made_of(
        Item,
        mandation=Mandation,
        format=_made_of(Format, kind=Kind),
        references=tuple,
        codes=lists.__getitem__,
        equality=tuple,
        notes=tuple,
    )
    tables = map(_made_of(Table, derived=tuple, items=_each(item)), plain["tables"])
    head = dict(zip(_OF_SPEC, plain["spec"], strict=True))
    return Spec(**head, tables={table.name: table for table in tables})
