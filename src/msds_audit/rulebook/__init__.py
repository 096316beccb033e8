"""The rules in words: pages for the screen and the generated rules/README.md.

It words what rules, measures, schemes and the specification say; it judges nothing.
"""

from msds_audit.rulebook.changes import changes_page
from msds_audit.rulebook.pages import item_page, listing, page, table_page
from msds_audit.rulebook.readme import readme

__all__ = ["changes_page", "item_page", "listing", "page", "readme", "table_page"]
