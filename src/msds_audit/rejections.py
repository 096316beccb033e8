"""What of a submission would be rejected, and why, as plain data: counts and ids only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """Why records of a table would be rejected, with how many have it as their first cause.

    Either a `rule` that they fail, or the table whose record they go with (`goes_with`: the
    record they belong to is rejected) or need (`lacks`: none of a mandatory table's records
    about the patient stands).
    """

    records: int
    rule: str = ""
    goes_with: str = ""
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """How many records are wrong themselves, how many go with others, and all of them.

    It is given where counts were rounded, so that they need not add up.
    """

    wrong: int
    taken: int
    all: int


@dataclass(frozen=True, slots=True)
class Rejections:
    """The records of one table that would be rejected, by first cause, most first."""

    table: str
    rows: int
    causes: tuple[Cause, ...]
    total: Gone | None = None

    @property
    def wrong(self) -> int:
        """How many are wrong themselves."""
        if self.total is not None:
            return self.total.wrong
        return sum(cause.records for cause in self.causes if cause.rule)

    @property
    def taken(self) -> int:
        """How many go with another record that is rejected."""
        if self.total is not None:
            return self.total.taken
        return sum(cause.records for cause in self.causes if not cause.rule)

    @property
    def gone(self) -> int:
        """How many would be rejected, for either reason."""
        return self.total.all if self.total is not None else self.wrong + self.taken

    @property
    def is_emptied(self) -> bool:
        """Whether it has records and all of them would be rejected."""
        return bool(self.rows) and self.gone == self.rows


@dataclass(frozen=True, slots=True)
class Rejected:
    """What of a submission would be rejected, patient by patient and record by record.

    `tables` are those found, in published order. `patients` counts different mothers, those
    without an identifier one each and those whom other tables alone name, and `patients_gone`
    those of whom no valid record is left. `emptied` are the tables of every submission that have
    records and no valid one; `of_patients` are all tables of every submission, in which every
    patient must have a valid record.
    """

    patients: int
    patients_gone: int
    tables: tuple[Rejections, ...]
    emptied: tuple[str, ...] = ()
    of_patients: tuple[str, ...] = ()
    total: Gone | None = None

    @property
    def rows(self) -> int:
        """All records looked at."""
        return sum(table.rows for table in self.tables)

    @property
    def wrong(self) -> int:
        """Records that are wrong themselves."""
        if self.total is not None:
            return self.total.wrong
        return sum(table.wrong for table in self.tables)

    @property
    def taken(self) -> int:
        """Records that go with them."""
        if self.total is not None:
            return self.total.taken
        return sum(table.taken for table in self.tables)

    @property
    def gone(self) -> int:
        """Records that would be rejected, for either reason."""
        return self.total.all if self.total is not None else self.wrong + self.taken
