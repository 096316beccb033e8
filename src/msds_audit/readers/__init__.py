"""Opens what the user hands over, read-only, and says what it could not make sense of."""

from msds_audit.readers.contents import read_path
from msds_audit.readers.opening import open_extract
from msds_audit.readers.steady import steady

__all__ = ["open_extract", "read_path", "steady"]
