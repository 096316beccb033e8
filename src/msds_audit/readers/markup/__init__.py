"""Reads extracts written as XML, whatever their layout."""

from msds_audit.readers.markup.reading import read_markup

__all__ = ["read_markup"]
