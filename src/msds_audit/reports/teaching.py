"""Where to teach, as rows of counts by group and as lines that name no group.

It words and lays out; it never counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msds_audit.disclosure import FEWEST_SHOWN
from msds_audit.reports.worksheets import Line, Row
from msds_audit.worklist import Breakdown, FixList, Group, Lack, Telling

SHEET = "Where to teach"
FOOT = f"Groups of fewer than {FEWEST_SHOWN} are held back. Counts are not rounded: not to publish"

WIDTHS = {
    "Provider": 9,
    "Month": 9,
    "Criteria": 16,
    "What is asked": 46,
    "Outcome": 12,
    "By": 18,
    "Group": 30,
    "Asked of": 9,
    "To put right": 9,
    "Per cent": 9,
    "Stands out": 9,
    "Blank": 8,
    "Not known": 8,
    "Not permitted": 10,
    "No record": 8,
    "Other": 8,
    "Answered: left out": 10,
}
"""The headings, with how many characters wide each column is."""

MOST_TOLD = 3
"""How many lines are told of one trust and month; of several, one each."""

NOT_RECORDED = "not recorded"

_LACKS = {
    Lack.BLANK: "Blank",
    Lack.NOT_KNOWN: "Not known",
    Lack.NOT_PERMITTED: "Not permitted",
    Lack.NO_RECORD: "No record",
    Lack.OTHER: "Other",
}


def teaching_rows(lists: Sequence[FixList]) -> list[Row]:
    """A row for every group that may be shown, by the headings of `WIDTHS`."""
    return [
        {"Provider": one.provider, "Month": str(one.period), **row}
        for one in lists
        for breakdown in one.teaching
        for row in _rows(breakdown)
    ]


def teaching_lines(one: FixList, most: int = MOST_TOLD) -> list[str]:
    """The groups from which most comes, as counts without their names; nothing where none."""
    if not any(breakdown.groups for breakdown in one.teaching):
        return []
    told = [f"Where to teach: {_told(telling)}." for telling in one.telling[:most]]
    return told or ["Where to teach: no booking site, weekday or source of referral stands out."]


def teaching_explained() -> list[Line]:
    """How to read the rows."""
    told = (
        "Where blanks, not known and wrong values come from, so that training goes where it is "
        "needed: for every criterion, of how many women, babies or records it is asked and for "
        "how many something is to be put right, by booking site, team and care professional "
        "(local codes), weekday of the booking appointment and source of referral. Criteria that "
        "are not met come first. Those without a threshold are here too, though the records "
        "behind them are not on the list. Those about acceptance are not broken down.",
        "Everybody counts once: in one group of each kind, and under the first that fits of Blank, "
        "Not known, Not permitted, No record and Other. Whoever is in neither To put right nor "
        "Answered is right. Answered: she chose not to say, or the value is valid as it is. There "
        "is nothing to teach about those, unless there are so many in a group that you wonder "
        "whether they were asked.",
        "Site, weekday and source of referral are those of the booking. Team and care "
        "professional, each by itself, are those of the record or of what it belongs to, else of "
        "the last care plan: that need not be who asked her. Not recorded: the extract does not "
        "say, or it cannot be read.",
        f"Groups of fewer than {FEWEST_SHOWN} are held back and counted together, always two "
        f"groups and {FEWEST_SHOWN} people at least; the next smallest goes with them where that "
        f"takes it. ({FEWEST_SHOWN} is the lowest count that NHS England, when it rounds, does not "
        "publish as 5.) What is shown is not rounded: it is for team leads, not for publication. "
        "Whoever knows who works in which team may still work out a small group.",
        "Stands out: by chance alone so many would be seen less than once in 1,000 times (the "
        "upper 99.8 % limit of a funnel plot). It says where to look first, not who is at fault; "
        "among very many groups one may stand out by chance.",
        "No woman is named here. Hand it on as a file of its own, never with the list of records. "
        "Local codes of care professionals are data about staff.",
    )
    return [(True, SHEET), *((False, line) for line in told)]


def _rows(one: Breakdown) -> Iterator[Row]:
    about: dict[str, str | int | float] = {
        "Criteria": ", ".join(one.criteria),
        "What is asked": one.title,
        "Outcome": str(one.outcome),
    }
    for group in one.groups:
        yield about | {
            "By": str(group.where),
            "Group": _name(group),
            "Asked of": group.asked,
            "To put right": group.to_put_right,
            "Per cent": round(100 * group.to_put_right / group.asked, 1),
            "Stands out": "yes" if group.stands_out else "",
            **{heading: group.lacking[lack] for lack, heading in _LACKS.items()},
            "Answered: left out": group.left_out,
        }
    if not one.groups:
        held = {"By": "all", "Group": f"held back: fewer than {FEWEST_SHOWN} {one.unit} in all"}
        yield dict.fromkeys(WIDTHS, "") | about | held


def _name(group: Group) -> str:
    if group.held:
        return f"held back: {group.held:,} groups"
    return group.name or NOT_RECORDED


def _told(one: Telling) -> str:
    come = f"{one.from_them:,} of the {one.in_all:,} to put right come from"
    groups = f"{one.standing_out:,} of {one.groups:,} groups by {one.where}"
    unrecorded = f", {NOT_RECORDED} among them" if one.unrecorded else ""
    return f"{', '.join(one.criteria)}, {one.title}: {come} {groups}{unrecorded}"
