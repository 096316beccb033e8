"""Scorecards as Markdown, for a wiki, an issue or a step summary."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msds_audit.limits import as_percent
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
    NOT_COLLECTED_NOTE,
    NOT_VERIFIED_NOTE,
    UNBROKEN,
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
    rate,
    set_aside,
    since,
    standing_columns,
    to_do,
    unjudged_rules,
    verdict,
)
from msds_audit.rule import Count
from msds_audit.scorecard import CriterionResult, Scorecard

_BREAK = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+\s*")


def to_markdown(cards: Sequence[Scorecard]) -> str:
    """A comparison where there are several cards, then each card whole."""
    parts = [_comparison(cards)] if len(cards) > 1 else []
    parts += [_card(card) for card in cards]
    return "\n".join(parts)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under their headings."""
    lines = [_line(heads), _line(["---"] * len(heads)), *(_line(row) for row in rows)]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    """A text that stays in its cell: on one line, without what would end the cell."""
    return plain(_BREAK.sub(" ", text)).replace("|", "\\|")


def plain(text: str) -> str:
    """A text of which nothing is read as HTML, a link or a picture; code stays as it is."""
    if text.startswith("`"):
        return text
    return text.replace("<", "\\<").replace("[", "\\[")


def _comparison(cards: Sequence[Scorecard]) -> str:
    names, standing = columns(cards), standing_columns(cards)
    rows = [
        [
            card.name,
            str(card.period),
            *(numbers[at] for numbers in standing.values()),
            *(cell(card, name) for name in names),
        ]
        for at, card in enumerate(cards)
    ]
    heads = ["Trust", "Period", *standing, *names]
    return f"# Trusts side by side, worst first\n\n{table(heads, rows)}\n{marks_note(cards)}\n"


def _card(card: Scorecard) -> str:
    parts = [f"# {plain(card.name)}, {card.period.name}\n", f"{verdict(card)}.\n"]
    if card.disclosure:
        parts.append(f"{DISCLOSURE_NOTE}.\n")
    if card.notices:
        parts.append("\n".join(f"- **Note:** {plain(notice)}" for notice in card.notices) + "\n")
    for heading, lines in grouped(card):
        if is_national(lines):
            parts.append(_national(card, heading, [one for line in lines for one in line]))
            continue
        rows = [_row(card, line[at:]) for line in lines for at in range(len(line))]
        heads = ["Outcome", "Criterion", "Count", "Rate", "Asked for", "Notes"]
        parts.append(f"## {plain(heading)}\n\n{table(heads, rows)}")
        counts = {result.counts for line in lines for result in line}
        parts += _preview(card) if Count.RECORDS in counts else []
    if card.unrecognised:
        rows = [
            [found.table, found.item, f"`{found.seen}`", f"{found.rows:,}", guess(found)]
            for found in card.unrecognised
        ]
        heads = ["Table", "Item", "Seen", "Rows", "Probably"]
        parts.append(f"## Values that are not codes\n\n{table(heads, rows)}")
    parts += [_rules(card), f"{NOT_VERIFIED_NOTE.replace('*', chr(92) + '*', 1)}\n"]
    parts.append(f"{NOT_COLLECTED_NOTE.replace('*', chr(92) + '*')}\n")
    parts.append(f"Judged by {card.spec}; rules {card.fingerprint[:12]}.\n")
    return "\n".join(parts)


def _national(card: Scorecard, heading: str, results: Sequence[CriterionResult]) -> str:
    """A section about national indicators: the lines, then what withholds any of them."""
    heads = ["Outcome", "Indicator", "Counted", "Rate", "Asked for", "People", "Notes"]
    text = f"## {plain(heading)}\n\n{table(heads, [*map(_national_row, national_lines(results))])}"
    held = withholding(card, results)
    if held:
        text += f"\n{WITHHOLDING}:\n\n{table(heads, [*map(_national_row, held)])}"
    return f"{text}\n{NATIONAL_NOTE}\n"


def _national_row(line: NationalLine) -> list[str]:
    title = line.title.replace("*", "\\*")
    numbers = (line.count, line.rate, line.asked, line.people)
    return [line.word, title, *numbers, " ".join(line.told)]


def _row(card: Scorecard, line: Sequence[CriterionResult]) -> list[str]:
    """The first criterion of what is left of a line."""
    result = line[0]
    asked_for = result.asks or ("" if result.threshold is None else as_percent(result.threshold))
    title = result.title + mark(result.verified).replace("*", "\\*")
    told = (
        _known(card, result),
        _carried(result),
        result.reason,
        to_do(line),
        result.note,
        since(result),
    )
    do = " ".join(text for text in told if text)
    return [outcome(result), title, count(result), rate(result), asked_for, do]


def _known(card: Scorecard, result: CriterionResult) -> str:
    return f"Known: {known(card, result)}." if result.counts is not None else ""


def _preview(card: Scorecard) -> list[str]:
    """Which records would be rejected, why, and what goes with them."""
    heads = ["Records", "Table", "Rule", "What is asked", "How it is known", "What to do"]
    parts = []
    of_file = ("The file would be rejected", file_faults(card))
    for title, causes in (of_file, (summary(card), wrong_records(card))):
        rows = [
            [
                f"{one.records:,}",
                one.rule.table,
                one.rule.rule,
                one.rule.title,
                one.known,
                one.rule.fix,
            ]
            for one in causes
        ]
        if rows:
            parts.append(f"{title.rstrip('.')}:\n\n{table(heads, rows)}")
    texts = (*emptied(card), *going_with(card), by_table(card))
    taken = [text.replace(UNBROKEN, " ") for text in texts if text]
    if taken:
        parts.append("\n".join(f"- {text}" for text in taken) + "\n")
    return [*parts, f"{PREVIEW_NOTE}.\n"]


def _carried(result: CriterionResult) -> str:
    return f"Carried by {result.carried}." if result.carried else ""


def _rules(card: Scorecard) -> str:
    rows = [
        [
            result.rule,
            result.table,
            result.title,
            effect_now(result),
            f"{result.tally.failures:,}",
            f"{result.tally.denominator:,}",
            f"{result.fix} {set_aside(result)}".rstrip(),
        ]
        for result in failing_rules(card)
    ]
    parts = ["## Records to mend\n"]
    if rows:
        heads = ["Rule", "Table", "What is asked", "Effect", "Failing", "Of", "What to do"]
        parts.append(table(heads, rows))
    else:
        parts.append("No record breaks a rule.\n")
    unjudged = unjudged_rules(card)
    if unjudged:
        parts.append(f"{sum(unjudged.values()):,} rules were not assessed:\n")
        parts.append(
            "\n".join(f"- {reason}: {rules:,} rules" for reason, rules in unjudged.items()) + "\n"
        )
    return "\n".join(parts)
