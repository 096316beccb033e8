"""One line of what was measured: a figure beside its target. Nothing is measured here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MET, MISSED, TOLD, NOT_MEASURED = "met", "missed", "told", "not measured"


@dataclass(frozen=True)
class Line:
    """A figure: of which case, what it is, how it is shown, and what is asked of it.

    `asked` is what it must be at most, or at least where it is a floor; None asks for nothing.
    `how` says how it was measured where that is not as the others, and `measured` holds what
    it was worked out from. With `has_failed` it did not come to a figure, and that is a miss.
    """

    case: str
    what: str
    figure: float | None
    shown: str
    target: str = ""
    asked: float | None = None
    at_least: bool = False
    has_failed: bool = False
    how: str = ""
    measured: Mapping[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """Met or missed; told where nothing is asked."""
        if self.has_failed:
            return MISSED
        if self.figure is None:
            return NOT_MEASURED
        if self.asked is None:
            return TOLD
        enough = self.figure >= self.asked if self.at_least else self.figure <= self.asked
        return MET if enough else MISSED

    def as_json(self) -> dict[str, Any]:
        """The line as it stands in the results."""
        return {
            "case": self.case,
            "what": self.what,
            "figure": self.figure,
            "shown": self.shown,
            "target": self.target,
            "verdict": self.verdict,
            "how": self.how,
            "measured": dict(self.measured),
        }


def table(results: Mapping[str, Any]) -> str:
    """The results as one plain table. What is quick has no verdicts."""
    is_quick = results["quick"]
    heads = ("what", "figure", "target", "" if is_quick else "verdict")
    measured = lines_of(results)
    rows = [
        (one["what"], one["shown"], one["target"], "" if is_quick else one["verdict"])
        for one in measured
    ]
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (heads, *rows)
    ]
    said = [f"{one['what']}: {one['how']}" for one in measured if one["how"]]
    quick = ["Quick: small data and few rounds. No figure here is a verdict."] if is_quick else []
    return "\n".join([*lines, "", *said, *about(results), *quick])


def lines_of(results: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The lines of every case that was measured."""
    return [line for case in results["cases"].values() for line in case["lines"]]


def about(results: Mapping[str, Any]) -> list[str]:
    """When and on what the cases were measured: a sentence for those of one day and machine."""
    loads: dict[str, list[str]] = {}
    for name, case in results["cases"].items():
        machine = case["machine"]
        where = (
            f"Measured on {case['on']}, on {machine['processors']} processors and "
            f"{machine['memory_gib']} GiB, {machine['system']}, Python {machine['python']}, "
            f"Polars {machine['polars']}, Pandera {machine['pandera']}"
        )
        loads.setdefault(where, []).append(f"{name} {machine['load']}")
    return [f"{where}; other load before: {', '.join(some)}." for where, some in loads.items()]


# --- in the README ------------------------------------------------------------------------

MARK, END = "<!-- bench -->", "<!-- end -->"
UNMEASURED = (
    "Not measured yet: `make bench` measures, and `python -m bench --readme` writes it here."
)


def readme_block(results: Mapping[str, Any] | None, cases: Sequence[str]) -> str:
    """What stands between the marks of the README; `cases` are all, measured or not."""
    if results is None or not results["cases"]:
        return f"{MARK}\n{UNMEASURED}\n{END}"
    rows = [
        f"| {one['what']} | {one['shown']} | {one['target']} | {one['verdict']} "
        f"| `--only {one['case']}` |"
        for one in lines_of(results)
    ]
    said = [f"- {one['what']}: {one['how']}" for one in lines_of(results) if one["how"]]
    absent = [name for name in cases if name not in results["cases"]]
    said += [f"- Not measured yet: {', '.join(absent)}."] if absent else []
    parts = [
        *(MARK, "| what | figure | target | | `python -m bench` |", "|---|---|---|---|---|"),
        *(*rows, "", *said, *([""] if said else []), *about(results), END),
    ]
    return "\n".join(parts)


def readme_page(text: str, results: Mapping[str, Any] | None, cases: Sequence[str]) -> str:
    """The README with the block in its place. Raises ValueError where it has no such place."""
    before, mark, rest = text.partition(MARK)
    _, end, after = rest.partition(END)
    if not (mark and end):
        raise ValueError(f"The README has no {MARK} with an end.")
    return f"{before}{readme_block(results, cases)}{after}"


def by_table(results: Mapping[str, Any]) -> Sequence[str]:
    """The rows per second of every table of the national year, where they were measured."""
    return [
        f"{name:<28} {int(one['rows']):>12,} rows {one['seconds']:>9.2f} s "
        f"{int(one['rows'] / max(one['seconds'], 1e-9)):>12,} a second"
        for line in lines_of(results)
        for name, one in line["measured"].get("tables", {}).items()
    ]
