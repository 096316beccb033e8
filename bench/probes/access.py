"""An Access file read by msds-audit, to frames of text."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.probes.telling import told
from msds_audit.api import load_rules
from msds_audit.readers import read_path


def main() -> None:
    """Read every table of the file that is named."""
    spec = load_rules().spec

    def work() -> dict[str, int]:
        found = read_path(Path(sys.argv[1]), spec, lambda name: None)
        frames = [text.frame.collect() for _, read in found for text in read.tables.values()]
        return {"rows": sum(frame.height for frame in frames)}

    told(work)


if __name__ == "__main__":
    main()
