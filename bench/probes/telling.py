"""How a probe says what it took: one line of JSON, the last that it prints."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any


def told(work: Callable[[], Mapping[str, Any]]) -> None:
    """Do the work and print how long it took and what it found.

    Importing libraries and reading rules come before, and do not count.
    """
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    print(json.dumps({**took, **found}))
