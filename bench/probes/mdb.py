"""The mother table of an Access file written as text by mdb-export, and its lines counted."""

from __future__ import annotations

import subprocess
import sys

from bench.checks import MOTHER
from bench.probes.telling import told


def main() -> None:
    """Export the table from the file that is named."""

    def work() -> dict[str, int]:
        done = subprocess.run(
            ["mdb-export", sys.argv[1], MOTHER], stdout=subprocess.PIPE, check=True
        )
        return {"rows": done.stdout.count(b"\n") - 1}

    told(work)


if __name__ == "__main__":
    main()
