"""The standard streams, and what libraries would write to them, or to a disk, of their own accord.

A stream that is full or closed must not change an exit code, and what a library says of its own
failures may hold a row: it is not shown.
"""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STANDARD_ERROR = 2
_OF_LIBRARIES, _KEPT = ("POLARS_", "RUST_"), ("POLARS_MAX_THREADS",)
_WITHOUT_SPILLING = {"POLARS_OOC_MEMORY_BUDGET_FRACTION": "1000"}
"""Polars puts rows on disk where memory runs short, unless it may use so many times all of it."""


def settle_libraries() -> None:
    """Have Polars neither tell what it does nor put rows on disk, whatever the environment says.

    It must be called before Polars is imported.
    """
    for name in list(os.environ):
        if name.startswith(_OF_LIBRARIES) and name not in _KEPT:
            del os.environ[name]
    os.environ.update(_WITHOUT_SPILLING)


class _Unfailing(io.FileIO):
    """A file that takes whatever is written, though it be full or closed."""

    def write(self, data: ReadableBuffer) -> int:
        try:
            return super().write(data) or 0
        except OSError:
            return memoryview(data).nbytes


@contextmanager
def own_standard_error() -> Iterator[None]:
    """Standard error is written to by this program alone; what libraries write there is lost.

    Warnings are lost with it, whatever is set: they too may hold a value.

    Where standard error is no file of the system, as in a test, it is left as it is.
    """
    before = sys.stderr, sys.__stderr__
    if not _is_the_standard_one(sys.stderr):
        yield
        return
    encoding = "utf-8" if sys.stderr is None else sys.stderr.encoding
    null = os.open(os.devnull, os.O_WRONLY)
    told = os.dup(STANDARD_ERROR) if sys.stderr is not None else os.dup(null)
    os.dup2(null, STANDARD_ERROR)
    stream = io.TextIOWrapper(
        io.BufferedWriter(_Unfailing(told, "w")), encoding, "replace", line_buffering=True
    )
    sys.stderr = sys.__stderr__ = stream  # type: ignore[misc]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        stream.flush()
        os.dup2(told, STANDARD_ERROR)
        sys.stderr, sys.__stderr__ = before  # type: ignore[misc]
        stream.close()
        if null != STANDARD_ERROR:
            os.close(null)


def _is_the_standard_one(stream: TextIO | None) -> bool:
    try:
        return stream is None or stream.fileno() == STANDARD_ERROR
    except (OSError, ValueError):
        return False
