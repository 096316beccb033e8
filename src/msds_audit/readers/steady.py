"""Makes sure that what is read is the same from the first look at it to the last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msds_audit.errors import ExtractError
from msds_audit.masking import file_name
from msds_audit.readers.finding import files_to_read
from msds_audit.spec import Spec

State = tuple[int, int]
"""The size of a file, and the time at which it was written last."""


@contextmanager
def steady(paths: Iterable[Path], spec: Spec) -> Iterator[None]:
    """Refuses what is found within where a file at or below the paths changed meanwhile.

    Tables are read several times, some of them a part at a time: of a file that grows, is cut
    short or taken away, what is counted would be half of one state and half of another.

    Raises ExtractError for the first file that is not as it was, in place of anything that was
    raised within because of it; or where a file cannot be read to its end.
    """
    paths = list(paths)
    before = _states(paths, spec)
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic inside Polars is no Exception
        _refuse_change(before, _states(paths, spec))
        if isinstance(error, OSError):
            raise ExtractError(
                f"A file cannot be read to its end ({type(error).__name__}).",
                hint="Check that the disk or share it is on is still there, and run again.",
            ) from None
        raise
    _refuse_change(before, _states(paths, spec))


def _states(paths: Iterable[Path], spec: Spec) -> dict[Path, State]:
    """The state of every file that may be read; a file that cannot be looked at has none."""
    states = {}
    for path in paths:
        for file in files_to_read(path, spec):
            try:
                found = file.stat()
            except OSError:
                continue
            states[file] = (found.st_size, found.st_mtime_ns)
    return states


def _refuse_change(before: Mapping[Path, State], after: Mapping[Path, State]) -> None:
    changed = [file for file in {**before, **after} if before.get(file) != after.get(file)]
    if not changed:
        return
    if changed[0] not in after:
        what = "was taken away"
    elif changed[0] not in before:
        what = "was added"
    else:
        what = "was changed"
    raise ExtractError(
        f"{file_name(changed[0].name)} {what} while the extract was read.",
        hint="Run again once nothing writes to the extract any more.",
    )
