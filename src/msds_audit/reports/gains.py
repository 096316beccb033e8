"""What corrections gain, in words without people's data: for the screen and for what goes with
the list.

It words; it never counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from msds_audit.limits import as_percent
from msds_audit.reports.teaching import MOST_TOLD, teaching_lines
from msds_audit.reports.wording import percent
from msds_audit.worklist import FixList, Gain, Published, Share, Touched, Weight

WITHIN_REACH, A_PART, OUT_OF_REACH = "within reach", "a part of it", "out of reach"
UNKNOWN = "cannot tell"

_WEIGHTS = {
    Weight.FILE_REJECTED: "so that the file is accepted",
    Weight.OVER_THE_LINE: "to bring a criterion over the line",
    Weight.REJECTED: "so that a record is accepted",
    Weight.NOT_MET: "for a criterion that is not known to be met",
    Weight.NOT_COUNTED: "so that a value counts",
    Weight.MET: "for a criterion that is met already",
    Weight.WARNING: "on warnings or advice",
}

NOTHING_MISSED = "No criterion that was looked at is assessed as not met."


@dataclass(frozen=True)
class Told:
    """What corrections make of one criterion: how far it is, its title, and lines about it."""

    reach: str
    title: str
    lines: tuple[str, ...]


def heading(one: FixList) -> str:
    """Whose list it is."""
    return f"{one.provider} {one.provider_name}".strip() + f", {one.period.name}"


def on_the_list(one: FixList) -> str:
    """How many corrections there are, about how many women, and what they are for."""
    if not one.corrections:
        return "No corrections: nothing here can be mended record by record."
    number, women = (
        len(one.corrections),
        len({each.whose.mother for each in one.corrections} - {""}),
    )
    about = f" about {women:,} {'woman' if women == 1 else 'women'}" if women else ""
    weights = Counter(each.weight for each in one.corrections)
    some = [f"{weights[weight]:,} {words}" for weight, words in _WEIGHTS.items() if weights[weight]]
    return f"{number:,} correction{'' if number == 1 else 's'}{about}: {'; '.join(some)}."


def told(gain: Gain) -> Told:
    """What it takes to meet one criterion, and what that makes of others."""
    before = f"{_share(gain.before)} {gain.unit}, {_rate(gain.before, gain)}"
    lines = [f"{before}{_published(gain, now=False)}; {_taken(gain)}."]
    if gain.published is not None:
        lines += _withheld(gain.published)
    if gain.undetermined:
        lines.append(_open(gain))
    if gain.declined:
        lines.append(
            f"Left out: {gain.declined:,}, because what is recorded is an answer: she was asked "
            "and chose not to say, or it is valid as it is."
        )
    if gain.unsure:
        lines.append(
            f"On the list and not reckoned with: {gain.unsure:,}, because what correcting them "
            "would make of it cannot be told."
        )
    lines += [f"Also: {_touched(one)}." for one in gain.touched]
    return Told(_reach(gain), f"{', '.join(gain.criteria)}, {gain.title}", tuple(lines))


def gain_lines(lists: Sequence[FixList]) -> list[str]:
    """What the corrections gain, a line for each criterion not met, and where to teach.

    Counts only.
    """
    lines = []
    for one in lists:
        lines += [heading(one), on_the_list(one)]
        for each in map(told, one.gains):
            lines.append(f"{each.reach.capitalize()}: {each.title}: {' '.join(each.lines)}")
        if not one.gains:
            lines.append(NOTHING_MISSED)
        lines += one.not_listed
        lines += taught(one, alone=len(lists) == 1)
    return lines


def taught(one: FixList, *, alone: bool) -> list[str]:
    """Where to teach: the most telling lines, or only one where there are several lists."""
    return teaching_lines(one, MOST_TOLD if alone else 1)


def _reach(gain: Gain) -> str:
    if gain.reaches:
        return WITHIN_REACH
    if gain.published is not None and gain.published.passes:
        return A_PART
    return UNKNOWN if gain.reason or gain.unsure or gain.undetermined else OUT_OF_REACH


def _taken(gain: Gain) -> str:
    wanted = gain.asks or as_percent(gain.threshold)
    arrives = gain.reaches or (gain.published is not None and gain.published.passes)
    if not gain.needed:
        return f"nothing on this list is known to bring it nearer to {wanted}"
    if gain.reason:
        return f"correct {_which(gain)}: then none is found, but it is not assessed: {gain.reason}"
    after = f"{_share(gain.after)}, {_rate(gain.after, gain)}{_published(gain, now=True)}"
    if arrives:
        return f"correct {_which(gain)} to reach {wanted}: {after}"
    if gain.undetermined and gain.after.numerator >= gain.threshold * gain.after.denominator:
        return f"correct {_which(gain)}: {after}; enough of those who are known to belong"
    return f"correct {_which(gain)}: {after}; that does not reach {wanted}"


def _open(gain: Gain) -> str:
    """Of how many it is open whether they belong, and what to mend so that it is not."""
    if not gain.open_by:
        return f"Of {gain.undetermined:,} more it is open whether they are published."
    unread = f"{' or '.join(gain.open_by)} is blank or cannot be read"
    return (
        f"Of {gain.undetermined:,} more it is open whether they belong, because {unread}: mend "
        "that first."
    )


def _published(gain: Gain, *, now: bool) -> str:
    """The counts as NHS England publishes them, by which it judges; nothing of other criteria."""
    if gain.published is None:
        return ""
    return f", published as {_share(gain.published.after if now else gain.published.before)}"


def _withheld(published: Published) -> list[str]:
    """What becomes of the rates that a measure withholds."""
    told = []
    if published.releases:
        told.append(f"Then no measure withholds {', '.join(published.releases)} any more.")
    if published.undecided:
        rates = ", ".join(published.undecided)
        told.append(f"Then nothing that could be assessed withholds {rates} any more.")
    if published.withholds:
        told.append(f"Still withheld: {', '.join(published.withholds)}.")
    return told


def _which(gain: Gain) -> str:
    """How many of how many to correct; that they are records where something else is counted."""
    number, of = gain.needed, gain.correctable
    noun = (" record" if of == 1 else " records") if gain.by_record else ""
    if number < of:
        return f"{number:,} of these {of:,}{noun}"
    return f"this one{noun}" if number == 1 else f"these {number:,}{noun}"


def _touched(one: Touched) -> str:
    if one.reason:
        change = f"{_share(one.before)}, then not assessed: {one.reason}"
    elif one.before.denominator == one.after.denominator:
        change = f"{one.before.numerator:,} to {_share(one.after)}"
    else:
        change = f"{_share(one.before)} to {_share(one.after)}"
    return f"{', '.join(one.criteria)}, {one.title}: {change}"


def _share(share: Share) -> str:
    return f"{share.numerator:,} of {share.denominator:,}"


def _rate(share: Share, gain: Gain) -> str:
    if not share.denominator:
        return "nobody"
    return percent(share.numerator, share.denominator, gain.threshold)
