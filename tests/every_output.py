"""Every output of every command, written to a folder: run as a program, once for each setting.

`python every_output.py OUT EXTRACT OLD YEAR DELIVERIES` writes the files and, as NAME.printed, what
was printed. Commands run in one process, so that a setting costs one start of Python.
"""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

ENDINGS = {
    "terminal": "txt",
    "json": "json",
    "csv": "csv",
    "markdown": "md",
    "junit": "xml",
    "github": "log",
    "sarif": "sarif",
}
PUBLISHED = ("dq-csv", "measures-csv", "data-csv")
PRINTED = ".printed"
FINDINGS, WORKLIST = "findings.sarif", "worklist.xlsx"


def commands(out: Path, extract: str, old: str, year: str, deliveries: str) -> dict[str, list[str]]:
    """The arguments of each command by the name of what it prints."""
    named = {ending: out / f"check.{ending}" for ending in ENDINGS.values()}
    configured = "".join(
        f'[[output]]\nfile = "{named[ending].name}"\nformat = "{form}"\n'
        for form, ending in ENDINGS.items()
    )
    (out / "every.toml").write_text(
        f'extracts = ["{Path(extract).resolve().as_posix()}"]\n{configured}'
        '[[output]]\nfile = "shared.json"\ndisclosure = true\n',
        encoding="utf-8",
    )
    national = "".join(f'[[output]]\nfile = "{one}.csv"\nformat = "{one}"\n' for one in PUBLISHED)
    of_year = f'extracts = ["{Path(year).resolve().as_posix()}"]\n'
    (out / "national.toml").write_text(f"{of_year}{national}", encoding="utf-8")
    check = ["check", extract, "--fail-on", "never"]
    national_of = ["check", "--hes-deliveries", deliveries, "--month", "2026-08"]
    return {
        "screen": ["check", "--config", str(out / "every.toml"), "--fail-on", "never"],
        "findings": [*check, "--format", "sarif", "--findings", "--out", str(out / FINDINGS)],
        "national": [*national_of, "--config", str(out / "national.toml"), "--fail-on", "never"],
        "compare": ["compare", old, extract, "--fail-on", "never"],
        "compare-json": ["compare", old, extract, "--format", "json", "--fail-on", "never"],
        "compare-file": [
            "compare",
            old,
            extract,
            "--out",
            str(out / "compared.txt"),
            "--fail-on",
            "never",
        ],
        "compare-markdown": ["compare", old, extract, "--format", "markdown", "--fail-on", "never"],
        "fix-list": ["fix-list", extract, "--out", str(out / WORKLIST)],
        "fix-list-csv": ["fix-list", extract, "--out", str(out / "worklist.csv")],
        "vodim": ["vodim", extract],
        "vodim-csv": ["vodim", extract, "--format", "csv"],
        "convert": ["convert", extract, str(out / "csv"), "--to", "csv"],
        "convert-parquet": ["convert", extract, str(out / "parquet"), "--to", "parquet"],
        "sample": ["sample", str(out / "sample")],
        "rules-list": ["rules", "list", "--all"],
        "rules-show": ["rules", "show", "ETH-01"],
        "rules-docs": ["rules", "docs", str(out / "rules")],
        "rules-schema": ["rules", "schema"],
        "spec-show": ["spec", "show", "MSD101"],
    }


def write_all(out: Path, given: list[str], chosen: tuple[str, ...] = ()) -> None:
    """Run every command, or those chosen, and keep what each prints."""
    from msds_audit.cli import main

    out.mkdir(parents=True)
    for name, arguments in commands(out, *given).items():
        if chosen and name not in chosen:
            continue
        if name == "rules-docs":
            from shutil import copytree

            from msds_audit.packaged import packaged_rules

            copytree(packaged_rules(), out / "rules")
        said, asides = io.StringIO(), io.StringIO()
        sys.argv = ["msds-audit", *arguments]
        code: object = 0
        with redirect_stdout(said), redirect_stderr(asides):
            try:
                main()
            except SystemExit as left:
                code = left.code
        text = f"{code or 0}\n{said.getvalue()}\n{asides.getvalue()}"
        (out / f"{name}{PRINTED}").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_all(Path(sys.argv[1]), sys.argv[2:])
