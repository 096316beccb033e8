"""Scorecards for the screen: one a trust, and a comparison first where there are several.

Words carry the meaning and colour repeats it, so that nothing is lost without colour.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from msds_audit.limits import as_percent
from msds_audit.reports.drawing import WITHOUT_SCREEN, drawn, unlined, wrapped
from msds_audit.reports.national import (
    NATIONAL_NOTE,
    WITHHOLDING,
    NationalLine,
    is_national,
    national_lines,
    withholding,
)
from msds_audit.reports.preview import (
    PREVIEW_NOTE,
    WrongRecords,
    by_table,
    emptied,
    file_faults,
    going_with,
    known,
    summary,
    wrong_records,
)
from msds_audit.reports.wording import (
    DISCLOSURE_NOTE,
    MISSED,
    NOT_COLLECTED_NOTE,
    NOT_VERIFIED_NOTE,
    cell,
    columns,
    count,
    effect_now,
    failing_rules,
    grouped,
    guess,
    mark,
    marks_note,
    outcome,
    parts,
    rate,
    set_aside,
    since,
    standing_columns,
    to_do,
    unjudged_rules,
    verdict,
)
from msds_audit.rule import Count
from msds_audit.scorecard import CriterionResult, Outcome, Scorecard, Unrecognised

MOST_RULES = 5
MOST_CAUSES = 6
MOST_VALUES = 5
MOST_NOTICES = 8
MOST_TABLES = 6
TRUST_WIDTH, COLUMN_WIDTH = 24, 11
INDENT = " " * 15

_STYLES = {
    Outcome.MET: "green",
    Outcome.NOT_MET: "bold red",
    Outcome.NOT_ASSESSED: "bold yellow",
    Outcome.NOT_APPLICABLE: "dim",
    Outcome.INFORMATION: "",
    Outcome.WAIVED: "bold magenta",
}


def to_terminal(
    cards: Sequence[Scorecard], *, colour: bool = False, width: int | None = None
) -> str:
    """The text of all cards; `width` in characters is that of the screen unless given."""
    return drawn(lambda console: _cards(console, cards), colour=colour, width=width)


def to_text(cards: Sequence[Scorecard]) -> str:
    """The text of all cards as it is written to a file, the same whatever the screen."""
    return to_terminal(cards, width=WITHOUT_SCREEN)


def _cards(console: Console, cards: Sequence[Scorecard]) -> None:
    if len(cards) > 1:
        _comparison(console, cards)
    for card in cards:
        if len(cards) > 1:
            console.rule(style="dim", characters="-")
        _card(console, card)
        console.print()


def _how_many(cards: Sequence[Scorecard]) -> str:
    """How many trusts, or months of one or several, are compared."""
    trusts = len({card.provider for card in cards})
    if trusts == len(cards):
        return f"{trusts:,} trusts"
    return f"{len(cards):,} submissions of {trusts:,} trust{'s' if trusts > 1 else ''}"


def _comparison(console: Console, cards: Sequence[Scorecard]) -> None:
    console.print(Text(f"{_how_many(cards)} side by side, worst first", style="bold underline"))
    several_periods = len({card.period for card in cards}) > 1
    every = columns(cards)
    standing = standing_columns(cards)
    room = (console.width - TRUST_WIDTH - 10 * several_periods) // COLUMN_WIDTH - len(standing)
    names, left_out = every[:room], every[room:]
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold", expand=True)
    table.add_column("Trust", ratio=1, no_wrap=True, overflow="ellipsis")
    if several_periods:
        table.add_column("Month", no_wrap=True)
    for name in (*standing, *names):
        table.add_column(name, justify="right", width=COLUMN_WIDTH - 1)
    for at, card in enumerate(cards):
        numbers = [numbers[at] for numbers in standing.values()]
        month = [str(card.period)] if several_periods else []
        cells = [cell(card, name) for name in names]
        table.add_row(
            card.name,
            *month,
            *numbers,
            *(Text(text, style="bold red" if text.endswith(MISSED) else "") for text in cells),
        )
    console.print(table)
    more = f"; in --format csv also: {', '.join(left_out)}" if left_out else ""
    console.print(f"{marks_note(cards)}{more}")
    console.print()


def _card(console: Console, card: Scorecard) -> None:
    console.print(Text(f"{card.name}, {card.period.name}", style="bold"))
    console.print(f"{verdict(card)}.")
    if card.disclosure:
        console.print(Text(f"{DISCLOSURE_NOTE}."))
    _listed(console, [f"! {notice}" for notice in card.notices], MOST_NOTICES, "bold yellow")
    said: set[str] = set()
    for heading, lines in grouped(card):
        console.print()
        console.print(Text(heading, style="bold underline"))
        if is_national(lines):
            _national(console, card, [result for line in lines for result in line], said)
            continue
        for line in lines:
            _line(console, card, line, said)
    _values(console, card.unrecognised)
    _rules(console, card)
    console.print()
    _foot(console, card)


def _national(
    console: Console, card: Scorecard, results: Sequence[CriterionResult], said: set[str]
) -> None:
    """A section about national indicators: the lines, then what withholds any of them."""
    _national_row(console, ("", "", "Counted", "Rate", "Asked", "People"), "dim")
    for line in national_lines(results):
        _national_line(console, line, said)
    held = withholding(card, results)
    if held:
        console.print(f"{INDENT}{WITHHOLDING}:")
    for line in held:
        _national_line(console, line, said)


def _national_line(console: Console, line: NationalLine, said: set[str]) -> None:
    """One line; what was `said` of the same measure is not said again."""
    cells = (line.word, line.title, line.count, line.rate, line.asked, line.people)
    _national_row(console, cells, _STYLES[line.outcome])
    for text in line.told:
        if f"{line.title} {text}" not in said:
            _under(console, f"> {text}")
            said.add(f"{line.title} {text}")


def _national_row(console: Console, cells: Sequence[str], style: str) -> None:
    """One row of a section; without numbers its text has the width of the screen."""
    word, title, *numbers = cells
    grid = unlined()
    grid.add_column(width=len(INDENT) - 1, no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    if any(numbers):
        grid.add_column(justify="right", width=14, no_wrap=True)
        grid.add_column(justify="right", width=8, no_wrap=True)
        grid.add_column(width=14)
        grid.add_column(justify="right", width=7, no_wrap=True)
    grid.add_row(Text(word, style=style), title, *(numbers if any(numbers) else ()))
    console.print(grid)


def _line(
    console: Console, card: Scorecard, line: Sequence[CriterionResult], said: set[str]
) -> None:
    """One criterion with what breaks it down; nothing that was `said` before is said again."""
    result = line[0]
    grid = unlined()
    grid.add_column(width=14, no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_column(justify="right", min_width=14, no_wrap=True)
    grid.add_column(justify="right", width=8, no_wrap=True)
    grid.add_column(width=14 if result.asks else 11, no_wrap=True)
    shown = "" if result.outcome is Outcome.INFORMATION else outcome(result)
    grid.add_row(
        Text(
            shown.upper() if result.outcome is Outcome.NOT_MET else shown,
            style=_STYLES[result.outcome],
        ),
        result.title + mark(result.verified),
        count(result),
        rate(result),
        _asked(card, result),
    )
    console.print(grid)
    _details(console, card, result)
    unjudged = result.reason if result.collected else ""
    told = (unjudged, ""), (to_do(line), ""), (result.note, "yellow"), (since(result), "")
    for text, style in told:
        if text and text not in said:
            _under(console, f"> {text}", style)
            said.add(text)
    if len(line) > 1:
        _under(console, parts(line))


def _asked(card: Scorecard, result: CriterionResult) -> str:
    """The threshold of a line; of one about the whole submission, how it is known."""
    if result.counts is not None:
        return known(card, result)
    if result.asks:
        return f"asked {result.asks.replace('above ', '> ')}"
    return "" if result.threshold is None else f"asked {as_percent(result.threshold)}"


def _details(console: Console, card: Scorecard, result: CriterionResult) -> None:
    """What would be rejected and why, under the line that counts it."""
    if result.counts is Count.FILE:
        faults, without = file_faults(card), emptied(card)
        _causes(console, faults)
        for text in without:
            _under(console, text)
        if faults or without:
            _under(console, "What follows holds once the file itself is accepted.")
    if result.counts is Count.RECORDS and summary(card):
        _under(console, summary(card))
        _causes(console, wrong_records(card))
        for text in (*going_with(card), by_table(card)):
            _under(console, text)


def _causes(console: Console, causes: Sequence[WrongRecords]) -> None:
    for one in causes[:MOST_CAUSES]:
        grid = unlined()
        grid.add_column(width=14, justify="right", no_wrap=True)
        grid.add_column(width=6, no_wrap=True)
        grid.add_column(min_width=15, max_width=18, no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_column(width=11, no_wrap=True)
        rule = one.rule
        grid.add_row(f"{one.records:,}", rule.table[:6], rule.rule, rule.title, one.known)
        console.print(grid)
    if len(causes) > MOST_CAUSES:
        console.print(f"{INDENT}showing {MOST_CAUSES:,} of {len(causes):,}; all with --format json")


def _under(console: Console, text: str, style: str = "") -> None:
    wrapped(console, INDENT + text, style, rest=INDENT)


def _listed(console: Console, lines: Sequence[str], most: int, style: str = "") -> None:
    for line in lines[:most]:
        console.print(Text(line, style=style))
    if len(lines) > most:
        console.print(f"  showing {most:,} of {len(lines):,}; all with --format json")


def _values(console: Console, found: Sequence[Unrecognised]) -> None:
    if not found:
        return
    console.print()
    console.print(Text("Values that are not codes", style="bold underline"))
    lines = [
        f"{one.rows:>7,}  {one.table[:6]} {one.item}  {one.seen!r}  {guess(one)}" for one in found
    ]
    _listed(console, lines, MOST_VALUES)


def _rules(console: Console, card: Scorecard) -> None:
    failing = failing_rules(card)
    console.print()
    console.print(Text("Records to mend", style="bold underline"))
    if not failing:
        console.print("No record breaks a rule. (A blank breaks none where the item may be blank.)")
    for result in failing[:MOST_RULES]:
        grid = unlined()
        grid.add_column(width=14, justify="right", no_wrap=True)
        grid.add_column(min_width=14, max_width=18, no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_column(width=16, no_wrap=True)
        tally = result.tally
        grid.add_row(
            f"{tally.failures:,} of {tally.denominator:,}",
            result.rule,
            result.title,
            effect_now(result),
        )
        console.print(grid)
        if result.waiver is not None:
            _under(console, f"> {set_aside(result)}")
    if len(failing) > MOST_RULES:
        console.print(f"  showing {MOST_RULES:,} of {len(failing):,} rules; all with --format json")
    unjudged = unjudged_rules(card)
    if unjudged:
        console.print(
            f"Not assessed: {sum(unjudged.values()):,} of {len(card.rules):,} rules; "
            f"{_because(unjudged)}."
        )


def _because(unjudged: dict[str, int]) -> str:
    """The reasons of rules that were not judged, the empty and missing tables gathered."""
    empty = sorted(reason[:6] for reason in unjudged if reason.endswith(" is empty"))
    missing = sorted(reason[:6] for reason in unjudged if reason.endswith("not in this extract"))
    others = [reason for reason in unjudged if reason[:6] not in (*empty, *missing)]
    reasons = [f"no rows in {_some(empty)}"] if empty else []
    reasons += [f"not in this extract: {_some(missing)}"] if missing else []
    return "; ".join([*reasons, *others])


def _some(names: Sequence[str]) -> str:
    shown, more = names[:MOST_TABLES], len(names) - MOST_TABLES
    return ", ".join(shown) + (f" and {more:,} more tables" if more > 0 else "")


def _foot(console: Console, card: Scorecard) -> None:
    if any(result.counts is not None for result in card.results):
        console.print(Text(PREVIEW_NOTE, style="dim"))
    if any(result.indicator is not None for result in card.results):
        console.print(Text(NATIONAL_NOTE, style="dim"))
    if any(not result.collected for result in card.results):
        console.print(Text(NOT_COLLECTED_NOTE, style="dim"))
    if any(not result.verified for result in card.results):
        console.print(Text(NOT_VERIFIED_NOTE, style="dim"))
    console.print(Text(f"Judged by {card.spec}; rules {card.fingerprint[:12]}", style="dim"))
    worth_reading = _worth_reading(card)
    steps = []
    if worth_reading:
        steps.append(f"msds-audit rules show {worth_reading}")
        steps.append("(--format csv gives the id of every line)")
    if not card.indicators:
        steps.append("what NHS England will publish: add --scheme national")
    for number, step in enumerate(steps):
        console.print(f"{'      ' if number else 'Next: '}{step}")


def _worth_reading(card: Scorecard) -> str:
    """What to read about first; where records would be rejected, the gravest rule that fails."""
    not_met = [result for result in card.results if result.outcome is Outcome.NOT_MET]
    rules = [result.rule for result in failing_rules(card)]
    if not_met and (not_met[0].counts is None or not rules):
        return not_met[0].criterion
    return rules[0] if rules else ""
