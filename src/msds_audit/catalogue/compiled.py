"""The packaged rules as they were when they were last read whole and checked, in plain data.

To read and check every rule file takes longer than to audit a small extract, and finds the same
each time. So what was found is kept beside the files, with a stamp over them and over the modules
that read them. Wherever any of these is another, nothing here is used and all is read again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from msds_audit.limits import Limits
from msds_audit.maturity import DqmiItem
from msds_audit.packaged import PROVIDERS_FILE, packaged_rules
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

COMPILED, STAMP = "compiled.json", "compiled.sha256"
"""The files of the rules folder that hold the rules as they were read, and the stamp."""

READING = (
    *("bases", "bounds", "damage", "damage_rules", "errors", "extract", "fingerprint"),
    *("item_rules", "limits", "link_rules", "masking", "maturity", "packaged", "rule"),
    *("shape_rules", "spec", "together_rules", "windows"),
    *("catalogue/compiled", "catalogue/files", "catalogue/indicators", "catalogue/maturity"),
    *("catalogue/reading", "catalogue/rulebooks", "catalogue/safe_files", "catalogue/schemes"),
    *("catalogue/shapes", "catalogue/spec_shapes", "catalogue/specification"),
)
"""The modules by which rule files are read and checked. A test proves that none is missing."""

_PROGRAM = Path(__file__).parents[1]

_Plain: TypeAlias = Any
"""What JSON can hold."""

_Made: TypeAlias = Callable[[_Plain], Any]


def compiled_rules() -> Rules | None:
    """The packaged rules as they were read before; None where anything is not as it was then."""
    folder = packaged_rules()
    try:
        stamp = (folder / STAMP).read_bytes()
        text = (folder / COMPILED).read_bytes()
        is_known = stamp.decode("ascii").strip() == _stamp(folder, text)
    except (OSError, ValueError):
        return None
    return _rules(json.loads(text)) if is_known else None


def compiled_documents(rules: Rules, folder: Path) -> dict[str, str]:
    """What is kept of rules that were read and have no fault: texts by their place in the folder.

    It is kept of the packaged rules alone; of another folder there is nothing.
    """
    if folder.resolve() != packaged_rules().resolve():
        return {}
    text = _text(rules)
    return {COMPILED: text, STAMP: f"{_stamp(folder, text.encode())}\n"}


# --- the stamp ----------------------------------------------------------------------------


def _stamp(folder: Path, text: bytes) -> str:
    """SHA-256 over all that is read of a rules folder, what reads it, and what was found."""
    digest = hashlib.sha256()
    program = ((name, (_PROGRAM / f"{name}.py").read_bytes()) for name in READING)
    for name, content in (*program, *sorted(_read(folder)), (COMPILED, text)):
        digest.update(name.encode() + b"\0")
        digest.update(content.replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def _read(folder: Path, place: str = "") -> Iterator[tuple[str, bytes]]:
    """Every file of a rules folder that is read, or told to be in a wrong place, and its bytes.

    What is no plain file, such as a link, stands there empty, which none is that was read.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{place}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from _read(Path(entry), f"{name}/")
            elif name.lower().endswith(".toml") or name == PROVIDERS_FILE:
                is_plain = entry.is_file(follow_symlinks=False)
                yield name, Path(entry).read_bytes() if is_plain else b""


# --- plain data of rules ------------------------------------------------------------------


def _text(rules: Rules) -> str:
    """Rules as JSON, one line for each thing that is declared."""
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
    return "{\n" + ",\n".join(f'"{name}": {_lines(part)}' for name, part in parts.items()) + "\n}\n"


def _lines(things: Any) -> str:  # noqa: ANN401
    lines = [json.dumps(_plain(one), ensure_ascii=False, separators=(",", ":")) for one in things]
    return "[\n" + ",\n".join(lines) + "\n]" if lines else "[]"


def _plain(thing: Any) -> _Plain:  # noqa: ANN401
    """Something declared as the values of its fields; a code list of an item as its name."""
    match thing:
        case Item():
            plain = _values(thing)
            plain[_PLACE_OF_CODES] = thing.codes.name if thing.codes is not None else None
            return plain
        case Decimal():
            return str(thing)
        case tuple() | list():
            return [_plain(one) for one in thing]
        case Mapping():
            return {name: _plain(one) for name, one in thing.items()}
        case _:
            return _values(thing) if hasattr(thing, "__dataclass_fields__") else thing


def _values(thing: Any) -> list[_Plain]:  # noqa: ANN401
    return [_plain(getattr(thing, one.name)) for one in fields(thing)]


# --- rules of plain data ------------------------------------------------------------------


def _made_of(kind: type, /, **parts: _Made) -> _Made:
    """What makes one of a kind of the values of its fields; `parts` make those that are not plain.

    None stays None.
    """
    names = [one.name for one in fields(kind)]
    making = [(names.index(name), part) for name, part in parts.items()]

    def made(values: _Plain) -> Any:  # noqa: ANN401
        for place, part in making:
            if values[place] is not None:
                values[place] = part(values[place])
        return kind(*values)

    return made


def _each(made: _Made) -> _Made:
    return lambda values: tuple(map(made, values))


def _rows(named: _Plain) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(rows) for name, rows in named.items()}


_OF_SPEC = ("version", "title", "standard", "source", "licence")
_PLACE_OF_CODES = [one.name for one in fields(Item)].index("codes")

_RELATED = _each(_made_of(Related))
_EXAMPLES = _each(_made_of(Example, others=tuple, related=_rows, result=Expected))
_LIMITS = _made_of(Limits, lower=Decimal, upper=Decimal)
_CODES = _made_of(
    CodeList,
    codes=_each(_made_of(Code, cls=CodeClass)),
    near_misses=_each(_made_of(NearMiss, means=tuple)),
)
_FORMAT = _made_of(Format, kind=Kind)
_CRITERIA = _each(_made_of(Criterion, counts=Count, threshold=Decimal, watch=tuple, basis=Basis))
_DECLARED: Mapping[str, _Made] = {
    "records": _made_of(
        Rule,
        unique=tuple,
        related=_RELATED,
        effect=Effect,
        basis=Basis,
        examples=_EXAMPLES,
        formerly=tuple,
        occurs=_made_of(Occurs),
        damage=Damage,
    ),
    "measures": _made_of(
        Measure,
        related=_RELATED,
        basis=Basis,
        examples=_EXAMPLES,
        formerly=tuple,
        mends=tuple,
    ),
    "schemes": _made_of(Scheme, criteria=_CRITERIA),
    "indicators": _made_of(
        Indicator,
        family=Family,
        window=Window,
        against=Against,
        limits=_LIMITS,
        rests_on=tuple,
        basis=Basis,
        examples=_EXAMPLES,
        formerly=tuple,
        related=_RELATED,
    ),
    "concepts": _made_of(Concept, codes=tuple),
    "dqmi": _made_of(DqmiItem, threshold=Decimal),
}
"""What makes each thing that is declared, by the field of `Rules` that holds such things."""


def _rules(plain: Mapping[str, _Plain]) -> Rules:
    """Rules of the plain data of `_text`."""
    declared = {
        name: {id: made(values) for id, values in plain[name]} for name, made in _DECLARED.items()
    }
    return Rules(
        spec=_spec(plain),
        providers=dict(plain["providers"]),
        fingerprint=plain["fingerprint"][0],
        own=frozenset(plain["own"]),
        dropped=frozenset(plain["dropped"]),
        **declared,
    )


def _spec(plain: Mapping[str, _Plain]) -> Spec:
    lists = {one.name: one for one in map(_CODES, plain["codes"])}
    items = _made_of(
        Item,
        mandation=Mandation,
        format=_FORMAT,
        references=tuple,
        codes=lists.__getitem__,
        equality=tuple,
        notes=tuple,
    )
    tables = map(_made_of(Table, derived=tuple, items=_each(items)), plain["tables"])
    return Spec(
        **dict(zip(_OF_SPEC, plain["spec"], strict=True)), tables={t.name: t for t in tables}
    )
