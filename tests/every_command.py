"""Every command once or more, for tests of what must hold of all of them."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
REPORTS = {
    "json.json": "json",
    "lines.csv": "csv",
    "page.md": "markdown",
    "screen.txt": "terminal",
    "junit.xml": "junit",
    "github.log": "github",
    "found.sarif": "sarif",
    "dq.csv": "dq-csv",
    "measures.csv": "measures-csv",
    "data.csv": "data-csv",
}
"""A report of every format, by the file it goes to."""

RULE = """
table = "MSD001MotherDemog"

[[rule]]
id       = "OURS-01"
name     = "known-postcode"
title    = "The postcode is known"
why      = "To have a rule of our own."
fix      = "Fill it in."
effect   = "warning"
basis    = "advice"
source   = "Ourselves"
verified = false
passes   = "Postcode IS NOT NULL"

  [[rule.example]]
  says   = "known"
  row    = { Postcode = "SM1 6EM" }
  result = "pass"

  [[rule.example]]
  says   = "blank"
  row    = { Postcode = "" }
  result = "fail"
"""


@dataclass(frozen=True)
class Places:
    """Where the commands read, where they write, and a configuration with every format."""

    extract: Path
    other: Path
    out: Path
    inputs: Path

    @classmethod
    def made(cls, extract: Path, other: Path, folder: Path) -> Places:
        """Write what is needed beside the extracts: figures, postcodes, rules, configuration."""
        inputs, out = folder / "inputs", folder / "out"
        (inputs / "rules" / "records").mkdir(parents=True)
        out.mkdir()
        (inputs / "rules" / "records" / "ours.toml").write_text(RULE, "utf-8")
        (inputs / "hes.csv").write_text("provider,annual_deliveries\nRVR,168\n", "utf-8")
        (inputs / "postcodes.csv").write_text("pcds,lsoa11\nSM1 1AA,E01000001\n", "utf-8")
        outputs = "".join(
            f'[[output]]\nfile = "{(out / name).as_posix()}"\nformat = "{form}"\n'
            for name, form in REPORTS.items()
        )
        (inputs / "all.toml").write_text(
            f'extracts = ["{extract.as_posix()}"]\nhes-deliveries = "hes.csv"\n'
            f'postcode-lookup = "postcodes.csv"\nschemes = ["national", "ethnicity"]\n{outputs}',
            "utf-8",
        )
        return cls(extract, other, out, inputs)

    @property
    def runs(self) -> dict[str, tuple[str, ...]]:
        """What to run, by a name; the commands that write write into `out` alone."""
        extract, out = str(self.extract), self.out
        config, rules = str(self.inputs / "all.toml"), str(self.inputs / "rules")
        said = {
            "version": ("--version",),
            "help": ("--help",),
            "check, every format": ("check", "--config", config, "--partial", "--findings"),
            "check, shown": ("check", "--config", config, "--show-config"),
            "check, github": ("check", extract, "--format", "github", "--quiet"),
            "fix-list, workbook": ("fix-list", extract, "--out", f"{out / 'list.xlsx'}"),
            "fix-list, csv": (
                *("fix-list", extract, "--scheme", "national", "--scheme", "conformance"),
                *("--scheme", "ethnicity", "--partial", "--out", f"{out / 'list.csv'}"),
            ),
            "compare": ("compare", str(self.other), extract, "--out", f"{out / 'compare.json'}"),
            "vodim": ("vodim", extract, "--format", "csv", "--out", f"{out / 'vodim.csv'}"),
            "convert, csv": ("convert", extract, str(out / "as-csv")),
            "convert, parquet": ("convert", extract, str(out / "parquet"), "--to", "parquet"),
            "rules list": ("rules", "list", "--table", "MSD101", "--rules", rules),
            "rules show": ("rules", "show", "ETH-01"),
            "rules check": ("rules", "check", rules),
            "rules test": ("rules", "test", rules),
            "rules new": ("rules", "new", "OURS-9", str(out / "rules"), "--table", "MSD101"),
            "rules diff": ("rules", "diff", rules),
            "rules docs": ("rules", "docs", str(out / "rules")),
            "rules schema": ("rules", "schema"),
            "spec show": ("spec", "show", "MSD001"),
            "sample": ("sample", str(out / "sample"), "--story", "empty-tables"),
        }
        return {name: tuple(words) for name, words in said.items()}


def documented() -> set[str]:
    """The commands that docs/commands.md has, less those that only hold others."""
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    names = re.findall(r"^## msds-audit (.+)$", page, re.MULTILINE)
    return {name for name in names if not any(one.startswith(f"{name} ") for one in names)}


def command_of(words: tuple[str, ...]) -> str:
    """The command that words run: one or two of them."""
    return " ".join(words[: 2 if words[0] in ("rules", "spec") else 1])


def state_of(*folders: Path) -> dict[Path, tuple[int, bytes]]:
    """Names, times and bytes of everything below these folders."""
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for folder in folders
        for path in (folder, *sorted(folder.rglob("*")))
    }


def extract_of(source: Path, place: Path) -> Path:
    """A copy of an extract."""
    return Path(shutil.copytree(source, place))
