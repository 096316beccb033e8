"""Tests of Markdown by a public renderer: tables are tables, and every cell is where it belongs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

from markdown_it import MarkdownIt

from msds_audit.api import gated
from msds_audit.gates import Waiver
from msds_audit.reports import to_markdown
from msds_audit.reports.wording import count, outcome
from support import FIXTURES, checked

RENDERER = MarkdownIt("commonmark", {"html": False}).enable("table")


class _Tables(HTMLParser):
    """The cells of every table, row by row, and the headings of the page."""

    def __init__(self, html):
        super().__init__()
        self.tables, self.headings = [], []
        self._into = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._into = self.tables[-1][-1]
        elif tag in ("h1", "h2"):
            self.headings.append("")
            self._into = self.headings

    def handle_endtag(self, tag):
        if tag in ("td", "th", "h1", "h2"):
            self._into = None

    def handle_data(self, data):
        if self._into is not None:
            self._into[-1] += data


def rendered(cards):
    return _Tables(RENDERER.render(to_markdown(cards)))


def of_criteria(page):
    """The rows of the tables of criteria, which all have the same headings."""
    heads = ["Outcome", "Criterion", "Count", "Rate", "Asked for", "Notes"]
    return [row for table in page.tables if table[0] == heads for row in table[1:]]


def test_every_criterion_is_a_row_with_its_outcome_and_count():
    cards = checked([FIXTURES / "south-west-london"], schemes=("ethnicity", "conformance"))
    shown = [(row[0], row[2]) for row in of_criteria(rendered(cards))]
    wanted = [(outcome(one), count(one)) for card in cards for one in card.results]
    assert sorted(shown) == sorted(wanted)


def test_every_trust_and_section_has_its_heading():
    cards = checked([FIXTURES / "south-west-london"], schemes=("ethnicity",))
    page = rendered(cards)
    for card in cards:
        assert f"{card.name}, {card.period.name}" in page.headings
    assert page.headings.count("Ethnic category of the mother") == len(cards)


def test_what_somebody_writes_in_a_waiver_breaks_no_table():
    [card] = checked([FIXTURES / "south-west-london" / "RAX"], schemes=("ethnicity",))
    written = "a | b <img src=x> `c` [d](javascript:1)"
    waiver = Waiver(reason=written, owner="us", until=date(2026, 12, 31), criterion="ETH-01")
    held = gated([card], waivers=[waiver], today=date(2026, 11, 22))
    page = rendered(held)
    assert len(of_criteria(page)) == len(card.results)
    [row] = [row for row in of_criteria(page) if row[0] == "waived"]
    assert "waived until 31 December 2026 by us: a | b <img src=x>" in row[5]
    html = RENDERER.render(to_markdown(held))
    assert "<img" not in html
    assert 'href="javascript' not in html


def test_a_title_with_a_line_break_stays_in_its_cell():
    [card] = checked([FIXTURES / "clean"])
    broken = tuple(replace(one, title="one\n| two | three") for one in card.results)
    rows = of_criteria(rendered([replace(card, results=broken)]))
    assert [row[1].replace("*", "") for row in rows] == ["one | two | three"] * len(broken)
