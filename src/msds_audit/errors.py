"""The errors msds-audit raises on purpose: one sentence, a hint, an exit code.

It knows nothing of what went wrong where; whoever raises an error says so in words
that carry no value from the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NO_AUDIT = "No audit was performed."


class MsdsAuditError(Exception):
    """A failure the user can act on."""

    exit_code = 70
    faults: Sequence[Fault] = ()

    def __init__(self, sentence: str, *, hint: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint


class UsageError(MsdsAuditError):
    """The command was asked for something it does not offer."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a rule file or in a configuration file.

    `file` is relative to its folder; `rule` and `key` are empty where the fault is not about one
    rule or one key. As text it is one line, in which nothing steers a screen.
    """

    file: str
    rule: str
    key: str
    sentence: str
    hint: str

    def __str__(self) -> str:
        where = " › ".join(part for part in (self.file, self.rule, self.key) if part)
        text = f"{where}: {self.sentence} {self.hint}".rstrip()
        return "".join(one if one.isprintable() else "?" for one in text)


class RuleFileError(MsdsAuditError):
    """Rule files are wrong; carries every fault found that was not told before."""

    exit_code = 3

    def __init__(self, faults: list[Fault], sentence: str = "") -> None:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(
            sentence or f"{count} in the rule files.",
            hint="rules/README.md of msds-audit says how a rule is written.",
        )
        self.faults = faults


class ConfigurationError(UsageError):
    """A configuration file is wrong; carries every fault found in it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(
            f"{count} in the configuration file.",
            hint="docs/configuration.md of msds-audit says what it may hold; --no-config goes "
            "without.",
        )
        self.faults = faults


class ExtractError(MsdsAuditError):
    """An extract cannot be read."""

    exit_code = 4


class ReportError(MsdsAuditError):
    """A report cannot be written."""

    exit_code = 5
