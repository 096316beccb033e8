"""Asks whether a vulnerability is known of a locked package: `make audit-dependencies`.

It runs pip-audit, installed into a folder of its own, over requirements.lock. pip-audit calls it
clean when it could look nothing up; here only a package that was looked up is clean. Exit codes:
0 every package was looked up and none is known to be vulnerable; 1 some are; 2 SKIPPED: nothing
can be said of at least one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from dependencies import LOCK, locked

CLEAN, VULNERABLE, SKIPPED = 0, 1, 2
PIP_AUDIT = "pip-audit==2.10.1"
_PATIENCE = 300
"""Seconds that installing or asking may take."""


def verdict(names: Sequence[str], answer: str) -> tuple[int, list[str]]:
    """The exit code and what is told, from the JSON that pip-audit printed.

    Args:
        names: The packages that should have been looked up.
        answer: What pip-audit printed; anything but JSON is no answer.
    """
    try:
        found = {one["name"].lower(): one for one in json.loads(answer)["dependencies"]}
    except (ValueError, KeyError, TypeError, AttributeError):
        return SKIPPED, ["SKIPPED: pip-audit gave no answer. Nothing is known of any package."]
    unknown = [name for name in names if "vulns" not in found.get(name, {})]
    bad = [
        f"{name} {one.get('version', '')}: {vulnerability['id']}"
        for name, one in sorted(found.items())
        for vulnerability in one.get("vulns", ())
    ]
    told = [f"VULNERABLE: {line}" for line in bad]
    if unknown:
        told.append(f"SKIPPED: {len(unknown)} of {len(names)} could not be looked up:")
        told.append(f"  {', '.join(unknown)}. This is no clean result.")
    if bad:
        return VULNERABLE, told
    if unknown:
        return SKIPPED, told
    return CLEAN, [f"No vulnerability is known of the {len(names)} packages."]


def answer(folder: Path) -> str:
    """What pip-audit prints of the lock; empty where it cannot be had or does not answer."""
    try:
        if not (folder / "pyvenv.cfg").is_file():
            venv.create(folder, with_pip=True)
        python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        quietly = ("--quiet", "--disable-pip-version-check")
        install = [str(python), "-m", "pip", "install", *quietly, PIP_AUDIT]
        subprocess.run(install, check=True, capture_output=True, timeout=_PATIENCE)
        asking = [str(python), "-m", "pip_audit", "--require-hashes", "--disable-pip"]
        asking += ["-r", str(LOCK), "--progress-spinner", "off", "--format", "json"]
        asked = subprocess.run(asking, check=False, capture_output=True, timeout=_PATIENCE)
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout.decode("utf-8", "replace")


def main(folder: Path) -> int:
    """Ask, tell, and return the exit code. What is for another system only is looked up there."""
    here = [one.name for one in locked() if not one.marker]
    code, told = verdict(here, answer(folder))
    sys.stdout.write("\n".join(told) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
