"""Which engine of Polars runs the queries of an audit, also where several run at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Condition
from typing import Literal

import polars as pl

Engine = Literal["in-memory", "streaming"]


class _Chosen:
    """The engine of the process, which is one for all its threads, and how many count on it."""

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._users = 0
        self._as_before = ExitStack()
        self._changed = Condition()

    def begin(self, engine: Engine) -> None:
        """Have queries run by an engine, once nobody counts on the other."""
        with self._changed:
            self._changed.wait_for(lambda: self._engine in (None, engine))
            if not self._users:
                self._as_before.enter_context(pl.Config()).set_engine_affinity(engine)
                self._engine = engine
            self._users += 1

    def end(self) -> None:
        """Count on it no more; the last to do so leaves Polars as it was."""
        with self._changed:
            self._users -= 1
            if not self._users:
                self._as_before.close()
                self._engine = None
                self._changed.notify_all()


_CHOSEN = _Chosen()


@contextmanager
def by_engine(engine: Engine) -> Iterator[None]:
    """Queries within that name no engine are run by this one.

    Any number of threads may be within by the same engine; for another they wait.
    """
    _CHOSEN.begin(engine)
    try:
        yield
    finally:
        _CHOSEN.end()
