"""Reads Microsoft Access databases without Access, drivers or Java."""

from msds_audit.readers.access.database import read_database

__all__ = ["read_database"]
