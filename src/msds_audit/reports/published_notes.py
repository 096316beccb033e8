"""What goes with a file in a published layout: its name, and a note of what it leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msds_audit import __version__
from msds_audit.errors import ReportError
from msds_audit.reports.as_published import Layout, why_left_out
from msds_audit.scorecard import Scorecard

LICENCE = (
    "Contains public sector information licensed under the Open Government Licence v3.0.",
    "Layout and definitions: NHS England, Maternity Services Monthly Statistics; NHS Data "
    "Dictionary, Maternity Services Data Set.",
)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FILES: Mapping[Layout, tuple[str, str]] = {
    Layout.DQ: ("dq", "the data quality of every data item"),
    Layout.MEASURES: ("measures", "quality metrics, their data quality, and continuity of carer"),
    Layout.DATA: ("data", "people by group"),
}
"""How the published file is called, and what it holds."""

_NOT_MADE = (
    "Rows about the submission of whole tables (DataItem ending in Submission): they are not made "
    "here."
)
_ROUNDED = (
    "Counts are rounded as published: 0 stays 0, 1 to 7 become 5, all others go to the nearest 5. "
    "Percentages are taken of the rounded counts."
)
_NOT_ROUNDED = (
    "Counts are as they are and percentages are taken of them: this file is not rounded for "
    "disclosure, so keep it within the trust."
)


def published_name(kind: str, cards: Sequence[Scorecard]) -> str:
    """The name of a file as NHS England publishes it, such as `msds-aug2026-exp-dq.csv`.

    Raises ReportError where the cards are not of one month; ValueError for a kind that is no
    layout.
    """
    file, _ = _FILES[Layout(kind)]
    periods = sorted({card.period for card in cards})
    if len(periods) != 1:
        raise ReportError(
            f"A file as published is of one month, and there are {len(periods):,}.",
            hint="Choose one with --month.",
        )
    day = periods[0].start
    return f"msds-{_MONTHS[day.month - 1]}{day.year}-exp-{file}.csv"


def companion_note(kind: str, cards: Sequence[Scorecard], disclosure: bool = True) -> str:
    """What a file in a published layout is, how it was made, and what it leaves out and why.

    Raises ValueError for a kind that is no layout.
    """
    layout = Layout(kind)
    file, holds = _FILES[layout]
    made = [
        f"Layout: the {file} file of the Maternity Services Monthly Statistics ({holds}).",
        *(f"Source: the extract of {card.name}, {card.period.name}." for card in cards),
        f"Made by msds-audit {__version__}{_judged_by(cards)}.",
        "These figures were made before submission, from the trust's own extract. They are not "
        "NHS England's.",
        "Records that would be rejected are counted too.",
        _ROUNDED if disclosure else _NOT_ROUNDED,
        *_OF_LAYOUT[layout](disclosure),
    ]
    left_out = list(_left_out(layout, cards))
    return "\n".join(
        [
            *_listed("What this file is", made),
            "",
            *_listed("What is left out, and why", left_out),
            "",
            *LICENCE,
            "",
        ]
    )


def _listed(heading: str, lines: Iterable[str]) -> Iterator[str]:
    yield heading
    yield ""
    yield from (f"- {line}" for line in lines)


def _judged_by(cards: Sequence[Scorecard]) -> str:
    """The specification and the rules; empty without a card."""
    return f", judged by {cards[0].spec}; rules {cards[0].fingerprint[:12]}" if cards else ""


# --- how each is made ---------------------------------------------------------------------


def _about_dq(disclosure: bool) -> list[str]:
    together = "before rounding " if disclosure else ""
    return [
        f"Valid, Default, Invalid and Missing {together}add up to the Denominator, the records of "
        "the table.",
        "A national code that is no answer, such as Z (not stated), is counted as Valid: MSDS has "
        "no column for such codes, and whether NHS England counts them as Valid or as Default is "
        "not known.",
    ]


def _about_measures(disclosure: bool) -> list[str]:
    hidden = (
        "Rates per thousand are taken of the counts before rounding; * stands for one of 1 to 7 "
        "people."
    )
    return [
        "Indicators that look back over several months were counted from the extracts of those "
        "months too.",
        *([hidden] if disclosure else []),
        "Result: for a measure of data quality whether its rounded counts pass; for a rate whether "
        "it would be published.",
        "DNS (did not submit): nothing was sent that counts. Low DQ: a measure of data quality "
        "that the rate rests on fails.",
    ]


def _about_data(disclosure: bool) -> list[str]:
    shared = "Averages are in whole years; one over fewer than eight women is left out."
    return [shared] if disclosure else []


_OF_LAYOUT = {
    Layout.DQ: _about_dq,
    Layout.MEASURES: _about_measures,
    Layout.DATA: _about_data,
}


# --- what is left out ---------------------------------------------------------------------


def _left_out(layout: Layout, cards: Sequence[Scorecard]) -> Iterator[str]:
    yield _NOT_MADE if layout is Layout.DQ else "Every level other than Provider."
    for card in cards:
        for line in _OUT_OF[layout](card):
            yield f"{card.provider} {card.period}: {line}"


def _items_left_out(card: Scorecard) -> Iterator[str]:
    """Why items were not counted, with those that each reason holds back."""
    reasons: dict[str, list[str]] = {}
    for tally in card.items:
        if tally.reason:
            reasons.setdefault(tally.reason, []).append(tally.uid)
    for reason, uids in reasons.items():
        yield f"{reason} ({', '.join(uids)})."


def _indicators_left_out(card: Scorecard) -> Iterator[str]:
    """Why indicators have no rows; and those that were counted without some of their months."""
    if not card.indicators:
        yield "every indicator: none was counted."
    for one in card.indicators:
        why = why_left_out(one)
        if why:
            yield f"{one.indicator.id}: {why}."
        elif one.absent:
            yield f"{one.indicator.id} is counted without {', '.join(one.absent)}."


def _groups_left_out(card: Scorecard) -> Iterator[str]:
    """That groups without anybody have no row, and which dimensions there are."""
    yield from card.on_dimensions
    if not card.dimensions:
        yield "every dimension: none was counted."
        return
    names = sorted({one.dimension for one in card.dimensions}, key=str.lower)
    yield f"groups with nobody in them; every dimension other than {', '.join(names)}."


_OUT_OF = {
    Layout.DQ: _items_left_out,
    Layout.MEASURES: _indicators_left_out,
    Layout.DATA: _groups_left_out,
}
