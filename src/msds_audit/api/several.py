"""Several small submissions audited at once, so that all processors are busy.

One small audit is mostly Python and the planning of queries, by one processor. A large one keeps
all of them busy, and its memory to itself, so nothing runs beside it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

import polars as pl

from msds_audit.audit import takes_little
from msds_audit.extract import Submission

MOST_AT_ONCE = 4
"""Beyond so many, Python itself is what they wait for, and they only take memory."""

AHEAD = 2
"""How many submissions for each thread are begun before what is found of the first is asked for."""

_A_MOMENT = 0.2
"""After so many seconds of waiting it is seen whether somebody pressed Ctrl-C: Windows asks."""

Found = TypeVar("Found")


def in_order(
    submissions: Sequence[Submission], work: Callable[[Submission], Found]
) -> Generator[Found, None, None]:
    """What the work finds of each submission, in their order, several small ones at once.

    What it raises for one is raised in its turn. Closing it waits for what has begun, which is a
    matter of seconds, and begins nothing more.
    """
    threads = min(MOST_AT_ONCE, pl.thread_pool_size())
    if threads == 1 or len(submissions) == 1:
        yield from map(work, submissions)
        return
    pool = ThreadPoolExecutor(threads)
    begun: deque[Future[Found]] = deque()
    try:
        for submission in submissions:
            if takes_little(submission):
                begun.append(pool.submit(work, submission))
                if len(begun) > AHEAD * threads:
                    yield _ended(begun.popleft())
                continue
            while begun:
                yield _ended(begun.popleft())
            yield work(submission)
        while begun:
            yield _ended(begun.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _ended(future: Future[Found]) -> Found:
    while not future.done():
        wait([future], _A_MOMENT)
    return future.result()
