"""What msds-audit takes and how it compares: `make bench`, or `python -m bench --quick`."""
