"""Tests of what is shown while a command lasts."""

from __future__ import annotations

import io
import sys
import time

import pytest

from msds_audit.cli import screen


class Screen(io.StringIO):
    """Standard error that says it is a terminal."""

    def isatty(self):
        return True


def on_terminal(monkeypatch):
    """Within a test: between fixture and test pytest puts its own standard error in place."""
    shown = Screen()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(screen, "PATIENCE", 0.05)
    monkeypatch.setenv("TERM", "xterm")
    return shown


def test_a_step_that_lasts_is_shown(monkeypatch):
    terminal = on_terminal(monkeypatch)
    with screen.steps(quiet=False) as on_step:
        on_step("Reading RJ7.accdb")
        time.sleep(0.5)
    assert "Reading RJ7.accdb" in terminal.getvalue()


def test_brackets_in_a_name_are_shown_as_they_are(monkeypatch):
    terminal = on_terminal(monkeypatch)
    with screen.steps(quiet=False) as on_step:
        on_step("Reading [red]RJ7[/red].accdb")
        time.sleep(0.5)
    assert "[red]RJ7[/red].accdb" in terminal.getvalue()


def test_what_is_soon_done_shows_nothing(monkeypatch):
    terminal = on_terminal(monkeypatch)
    monkeypatch.setattr(screen, "PATIENCE", 30)
    with screen.steps(quiet=False) as on_step:
        on_step("Reading RJ7.accdb")
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("quiet", [True, False])
def test_nothing_is_shown_where_it_is_not_wanted(quiet, monkeypatch):
    terminal = on_terminal(monkeypatch)
    if not quiet:
        monkeypatch.setenv("TERM", "dumb")
    with screen.steps(quiet=quiet) as on_step:
        on_step("Reading RJ7.accdb")
        time.sleep(0.2)
    assert terminal.getvalue() == ""


def test_a_failure_while_it_is_shown_leaves_the_screen_in_order(monkeypatch):
    terminal = on_terminal(monkeypatch)
    with pytest.raises(ZeroDivisionError), screen.steps(quiet=False) as on_step:
        on_step("Reading RJ7.accdb")
        time.sleep(0.3)
        raise ZeroDivisionError
    assert terminal.getvalue().endswith("\x1b[2K") or "\x1b[?25h" in terminal.getvalue()
