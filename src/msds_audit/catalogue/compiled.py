"""The packaged rules as they were when they were last read whole and checked, in plain data.

To read and check every rule file takes longer than to audit a small extract, and finds the same
each time. So what was found is kept beside the files, with a stamp over them and over the modules
that read them. Wherever any of these is another, nothing here is used and all is read again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from msds_audit.catalogue.plain_rules import examples_text, rules_of, rules_text
from msds_audit.packaged import PROVIDERS_FILE, packaged_rules
from msds_audit.rule import Rules

COMPILED, EXAMPLES, STAMP = "compiled.json", "compiled-examples.json", "compiled.sha256"
"""The files of the rules folder that hold the rules, their examples, and the stamp over both."""

READING = (
    *("bases", "bounds", "damage", "damage_rules", "errors", "extract", "fingerprint"),
    *("item_rules", "limits", "link_rules", "masking", "maturity", "packaged", "rule"),
    *("shape_rules", "spec", "together_rules", "windows"),
    *("catalogue/compiled", "catalogue/files", "catalogue/indicators", "catalogue/maturity"),
    "catalogue/plain_rules",
    *("catalogue/reading", "catalogue/rulebooks", "catalogue/safe_files", "catalogue/schemes"),
    *("catalogue/shapes", "catalogue/spec_shapes", "catalogue/specification"),
)
"""The modules by which rule files are read and checked. A test proves that none is missing."""

_PROGRAM = Path(__file__).parents[1]


def compiled_rules() -> Rules | None:
    """The packaged rules as they were read before; None where anything is not as it was then."""
    folder = packaged_rules()
    try:
        stamp = (folder / STAMP).read_bytes()
        kept = {name: (folder / name).read_bytes() for name in (COMPILED, EXAMPLES)}
        is_known = stamp.strip() == _stamp(folder, kept).encode()
    except OSError:
        return None
    return rules_of(kept[COMPILED], kept[EXAMPLES]) if is_known else None


def compiled_documents(rules: Rules, folder: Path) -> dict[str, str]:
    """What is kept of rules that were read and have no fault: texts by their place in the folder.

    It is kept of the packaged rules alone; of another folder there is nothing.
    """
    if folder.resolve() != packaged_rules().resolve():
        return {}
    texts = {COMPILED: rules_text(rules), EXAMPLES: examples_text(rules)}
    stamp = _stamp(folder, {name: text.encode() for name, text in texts.items()})
    return {**texts, STAMP: f"{stamp}\n"}


# --- the stamp ----------------------------------------------------------------------------


def _stamp(folder: Path, kept: Mapping[str, bytes]) -> str:
    """SHA-256 over all that is read of a rules folder, what reads it, and what is kept of it."""
    digest = hashlib.sha256()
    program = ((name, (_PROGRAM / f"{name}.py").read_bytes()) for name in READING)
    for name, content in (*program, *sorted(_read(folder)), *kept.items()):
        digest.update(os.fsencode(name) + b"\0")
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
