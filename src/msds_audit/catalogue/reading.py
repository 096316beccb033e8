"""Reads the rules folder: the specification, rules, measures and schemes, all as TOML.

It checks the shape of every file and the names in it, and reports all faults at once. Whether
predicates compile and examples hold is left to `lint`.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from msds_audit.bounds import LONGEST_TITLE
from msds_audit.catalogue.files import Files
from msds_audit.catalogue.indicators import CONCEPTS_FILE, read_concepts, read_indicators
from msds_audit.catalogue.maturity import DQMI_FILE, read_dqmi
from msds_audit.catalogue.rulebooks import (
    read_measures,
    read_records,
    read_related,
)
from msds_audit.catalogue.safe_files import UnfitError, is_plain, text_of
from msds_audit.catalogue.schemes import read_schemes
from msds_audit.catalogue.specification import SPEC_FOLDER, read_spec
from msds_audit.errors import Fault, RuleFileError
from msds_audit.fingerprint import fingerprint
from msds_audit.masking import file_name
from msds_audit.packaged import PROVIDERS_FILE, packaged_rules
from msds_audit.rule import Rules

_WHERE = (
    "Rules are read from records/*.toml, measures/*.toml, schemes/*.toml, related.toml, "
    "concepts.toml and dqmi.toml."
)
RULE_PATTERNS = (
    "related.toml",
    CONCEPTS_FILE,
    DQMI_FILE,
    "records/*.toml",
    "measures/*.toml",
    "schemes/*.toml",
)


def read_rules(folder: Path | None = None) -> Rules:
    """Read every rule file. Arguments as for `read_with_faults`.

    Raises:
        RuleFileError: With every fault found.
    """
    rules, faults = read_with_faults(folder)
    if faults:
        raise RuleFileError(faults)
    return rules


def read_with_faults(folder: Path | None = None) -> tuple[Rules, list[Fault]]:
    """Read what can be read of the rule files, and say what is wrong with the rest.

    Args:
        folder: A folder of further rules, laid out as the packaged one; they are added to it.
            A folder with its own `spec/` stands in place of the packaged one. None: packaged only.

    Raises:
        RuleFileError: If there is no such folder, or the specification itself is at fault.
    """
    folders = _folders(folder)
    files = Files(folders)
    spec = read_spec(files)
    related = read_related(files, spec)
    records = read_records(files, spec, related)
    indicators = read_indicators(files, spec)
    concepts = read_concepts(files, indicators)
    measures = read_measures(files, spec, related, indicators)
    dqmi = read_dqmi(files, spec)
    schemes = read_schemes(files, spec, {**indicators, **records, **measures}, dqmi)
    for file in _misplaced(folders):
        files.fault(file, "", "", "is not where rule files are read.", _WHERE)
    rules = Rules(
        spec=spec,
        records=records,
        measures=measures,
        schemes=schemes,
        providers=_providers(files),
        fingerprint=fingerprint(spec, records, measures, schemes, indicators, concepts, dqmi),
        indicators=indicators,
        concepts=concepts,
        dqmi=dqmi,
        own=frozenset(files.own),
        dropped=frozenset(files.dropped),
    )
    return rules, files.faults


def _folders(folder: Path | None) -> list[Path]:
    packaged = packaged_rules()
    if folder is None or folder.resolve() == packaged.resolve():
        return [packaged]
    if not folder.is_dir():
        raise RuleFileError([_no_folder(folder, "there is no such folder.")])
    if (folder / "spec").is_dir():
        return [folder]
    if not has_rules(folder):
        raise RuleFileError([_no_folder(folder, "there is no rule file in this folder.")])
    return [packaged, folder]


def has_rules(folder: Path) -> bool:
    """Whether there is any rule file in a folder."""
    return any(True for pattern in RULE_PATTERNS for _ in folder.glob(pattern))


def _misplaced(folders: Iterable[Path]) -> Iterator[Path]:
    """TOML files that nobody reads: in a wrong folder, or with a wrong ending."""
    for folder in folders:
        read = {file for pattern in RULE_PATTERNS for file in folder.glob(pattern)}
        for file in sorted(folder.rglob("*")):
            is_spec = file.relative_to(folder).parts[0] == "spec"
            if file.suffix.lower() == ".toml" and not is_spec and file not in read:
                yield file


def _no_folder(folder: Path, sentence: str) -> Fault:
    return Fault(file_name(folder.resolve().name), "", "", sentence, _WHERE)


def spec_digest(folder: Path) -> str:
    """SHA-256 over the table and code list files of a rules folder, line endings apart."""
    spec = folder / SPEC_FOLDER
    digest = hashlib.sha256()
    for file in (*sorted(spec.glob("tables/*.toml")), *sorted(spec.glob("codes/*.toml"))):
        digest.update(file.relative_to(spec).as_posix().encode() + b"\0")
        digest.update(file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def _providers(files: Files) -> dict[str, str]:
    """Names of trusts by their codes; faults are noted where a folder has a list that is none."""
    names: dict[str, str] = {}
    for folder in files.folders:
        file = folder / PROVIDERS_FILE
        if not file.exists():
            continue
        try:
            rows = list(csv.DictReader(text_of(file, folder).splitlines()))
            named = {row["ods_code"]: row["name"] for row in rows}
        except UnfitError as error:
            files.fault(file, "", "", error.sentence, error.hint)
        except (csv.Error, KeyError):
            files.fault(file, "", "", "is no CSV of ods_code and name.")
        else:
            if all(
                isinstance(one, str) and _is_name(one) for pair in named.items() for one in pair
            ):
                names |= named
            else:
                files.fault(file, "", "", "holds a name that cannot be shown.", "Mend it.")
    return names


def _is_name(text: str) -> bool:
    return is_plain(text) and len(text) <= LONGEST_TITLE
