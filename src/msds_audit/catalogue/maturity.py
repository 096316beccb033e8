"""Reads which data items count towards the Data Quality Maturity Index, and their thresholds."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from msds_audit.catalogue.files import Files
from msds_audit.catalogue.shapes import RuleFile, Source, Text, Verified
from msds_audit.maturity import DqmiItem
from msds_audit.spec import Spec

DQMI_FILE = "dqmi.toml"


class DqmiEntry(RuleFile):
    """A data item of the index."""

    uid: Annotated[Text, Field(description="Its unique identifier, as M001070.")]
    threshold: Annotated[
        Decimal | None,
        Field(
            ge=0,
            le=1,
            description="The share of records that may hold a default code, as 0.05; left out "
            "where it is not published.",
        ),
    ] = None


class DqmiFile(RuleFile):
    """The data items of the Data Quality Maturity Index."""

    source: Source
    verified: Verified
    item: Annotated[tuple[DqmiEntry, ...], Field(description="Each of them.")]


def read_dqmi(files: Files, spec: Spec) -> dict[str, DqmiItem]:
    """The items by unique identifier; those of a later folder stand in place of an earlier's."""
    known = {item.uid for item in spec.items}
    found: dict[str, DqmiItem] = {}
    for file in files.files(DQMI_FILE):
        content = files.read(file, DqmiFile)
        for entry in content.item if content is not None else ():
            if entry.uid not in known:
                files.fault(file, entry.uid, "uid", "is that of no data item.")
            elif content is not None:
                found[entry.uid] = DqmiItem(
                    entry.uid, entry.threshold, content.source, content.verified
                )
    return found
