"""The rules in words: pages for the screen and the generated pages of the rules folder.

It words what rules, measures, indicators, schemes and the specification say; it judges nothing.
"""

from msds_audit.rulebook.changes import changes_page
from msds_audit.rulebook.listing import Wanted, listing, rested_on
from msds_audit.rulebook.pages import near, page
from msds_audit.rulebook.readme import readme
from msds_audit.rulebook.sheets import GENERATED, sheets
from msds_audit.rulebook.skeleton import change_of, new_rule
from msds_audit.rulebook.spec_pages import item_page, table_page

__all__ = [
    "GENERATED",
    "Wanted",
    "change_of",
    "changes_page",
    "item_page",
    "listing",
    "near",
    "new_rule",
    "page",
    "readme",
    "rested_on",
    "sheets",
    "table_page",
]
