"""The command line: reads arguments, calls the program, prints, and chooses the exit code."""

from msds_audit.cli.entry import main

__all__ = ["main"]
