"""Whose record it is: mother, pregnancy and baby, booking, referral, team and professional."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msds_audit.bases import BOOKING, PLAN
from msds_audit.link_rules import PATIENTS
from msds_audit.records import Records
from msds_audit.worklist import Whose

_NAMES = {
    "LPIDMother": "mother",
    "PregnancyID": "pregnancy",
    "LPIDBaby": "baby",
    "AntenatalAppDate": "booked",
    "OrgSiteIDBooking": "site",
    "SourceRefMat": "referral",
    "TeamLocalID": "team",
    "CareProfLID": "professional",
}


@dataclass(frozen=True, slots=True)
class _Links:
    """What a table says of whose its records are, and by which items they belong to others."""

    says: tuple[tuple[str, str], ...]
    upwards: tuple[tuple[str, str, str], ...]


class Owners:
    """Finds whose records are, by the relationships of the specification."""

    def __init__(self, records: Records, *, nhs_numbers: bool) -> None:
        self._records = records
        self._nhs_numbers = nhs_numbers
        self._links: dict[str, _Links] = {}

    def of(self, table: str, row: int | None, base: tuple[str, int]) -> Whose:
        """Whose a record is. `base` is the record by which it was found to be wrong.

        Team and professional are those of the record, or else of the last care plan. A woman who
        is known by her own record alone has her last booking beside her.
        """
        found: dict[str, str] = {}
        for start in ((table, row), base):
            if start[1] is not None:
                self._gather(start[0], start[1], found)
        if found.get("mother") and not found.get("pregnancy"):
            booking = self._last(BOOKING, "LPIDMother", found["mother"], "AntenatalAppDate")
            if booking is not None:
                self._gather(BOOKING, booking, found)
        if found.get("pregnancy") and not (found.get("team") and found.get("professional")):
            plan = self._last(PLAN, "PregnancyID", found["pregnancy"], "CarePlanDate")
            if plan is not None:
                self._gather(PLAN, plan, found)
        if self._nhs_numbers and found.get("mother"):
            found["nhs_number"] = self._number(found["mother"])
        return Whose(**found)

    def _gather(self, table: str, row: int, found: dict[str, str]) -> None:
        for one, at in self._upwards(table, row):
            for item, name in self._links_of(one).says:
                if not found.get(name):
                    found[name] = self._records.value(one, at, item)

    def _upwards(self, table: str, row: int) -> Iterator[tuple[str, int]]:
        """A record, the record it belongs to, and so on."""
        seen = {table}
        waiting = [(table, row)]
        while waiting:
            table, row = waiting.pop(0)
            yield table, row
            for item, parent, key in self._links_of(table).upwards:
                value = self._records.value(table, row, item) if parent not in seen else ""
                places = self._records.places(parent, key, value) if value else []
                if places:
                    seen.add(parent)
                    waiting.append((parent, places[0]))

    def _links_of(self, table: str) -> _Links:
        if table not in self._links:
            items = self._records.spec.tables[table].items
            self._links[table] = _Links(
                tuple((one.name, _NAMES[one.name]) for one in items if one.name in _NAMES),
                tuple((one.name, *one.references) for one in items if one.references is not None),
            )
        return self._links[table]

    def _last(self, table: str, item: str, value: str, by: str) -> int | None:
        places = self._records.places(table, item, value)
        return max(places, key=lambda row: self._records.value(table, row, by), default=None)

    def _number(self, mother: str) -> str:
        places = self._records.places(PATIENTS, "LPIDMother", mother)
        return self._records.value(PATIENTS, places[0], "NHSNumberMother") if places else ""
