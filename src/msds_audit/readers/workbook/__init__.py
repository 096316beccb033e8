"""Reads the tables of an Excel workbook, of either format, every cell as text."""

from msds_audit.readers.workbook.reading import read_workbook

__all__ = ["read_workbook"]
