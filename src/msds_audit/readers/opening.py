"""Turns the files of an extract into submissions of normalised tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from msds_audit.errors import ExtractError, UsageError
from msds_audit.extract import Extract, Period, Submission
from msds_audit.readers.contents import OnRead, read_path
from msds_audit.readers.submissions import ODS_CODE, Fallback, submissions_in
from msds_audit.spec import Spec


def open_extract(
    paths: Sequence[Path],
    spec: Spec,
    *,
    provider: str | None = None,
    period: Period | None = None,
    on_read: OnRead = lambda name: None,
) -> Extract:
    """Open every submission at or below the paths given.

    Args:
        paths: Access databases, XML files, workbooks, folders of tables, folders of any of
            these, or zips of them.
        spec: The specification that names tables and items.
        provider: ODS code for submissions without a readable header.
        period: Reporting period for submissions without a readable header.
        on_read: Called with the name of each file before it is read.

    Raises:
        UsageError: If `provider` is not an ODS code.
        ExtractError: If something cannot be read, is damaged, or cannot be told apart.
    """
    if provider is not None and not ODS_CODE.fullmatch(provider):
        raise UsageError("The provider given is not an ODS code.", hint="Give one such as RJ7.")
    submissions: dict[str, Submission] = {}
    for path in paths:
        for where, contents in read_path(path, spec, on_read):
            for one in submissions_in(where, contents, spec, Fallback(provider, period)):
                if one.name in submissions:
                    raise ExtractError(
                        f"{one.name} is there twice, the second time in {where}.",
                        hint="Give each provider and period once.",
                    )
                submissions[one.name] = replace(one, files=contents.files)
    opened = list(submissions.values())
    if opened and not any(_as_given(one, provider, period) for one in opened):
        raise ExtractError(
            f"The header says {opened[0].name}, not what was asked for.",
            hint="Leave out --provider and --period, or correct them.",
        )
    return Extract(tuple(submissions[name] for name in sorted(submissions)))


def _as_given(submission: Submission, provider: str | None, period: Period | None) -> bool:
    """Whether a submission is of the provider and period asked for, if any was."""
    same_provider = provider in (None, submission.provider)
    return same_provider and period in (None, submission.period)
