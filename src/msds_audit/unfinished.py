"""The names of what is being written, which is left behind where a run is killed."""

from __future__ import annotations

import re
import secrets

_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{8}\.part")


def unfinished(name: str) -> str:
    """A name for what will be called `name` once it is whole; hidden, and no two alike."""
    return f".{name}.{secrets.token_hex(4)}.part"


def is_unfinished(name: str) -> bool:
    """Whether a file or folder of this name was never finished."""
    return _UNFINISHED.fullmatch(name) is not None
