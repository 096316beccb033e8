"""`python -m msds_audit`, the same as the installed command."""

from msds_audit.cli import main

if __name__ == "__main__":
    main()
