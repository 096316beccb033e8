"""Pages of the specification for the screen: one table, one data item."""

from __future__ import annotations

from msds_audit.spec import Item, Table

_WIDTH = 13


def _field(name: str, text: str) -> str:
    return f"{name:<{_WIDTH}}{text}"


def table_page(table: Table) -> str:
    """A table with its items."""
    most = "" if table.maximum is None else f" to {table.maximum}"
    per = f" per {table.per}" if table.per else ""
    lines = [
        f"{table.name}  {table.group}",
        "",
        _field("occurs", f"{table.minimum}{most or ' or more'}{per}"),
    ]
    lines.append(_field("mandatory", "in every submission" if table.mandatory else "no"))
    lines.append("")
    widest = max(len(item.name) for item in table.items)
    for item in table.items:
        key = " key" if item.key else ""
        to = f" -> {'.'.join(item.references)}" if item.references else ""
        codes = f" [{item.codes.name}]" if item.codes else ""
        lines.append(
            f"  {item.uid}  {item.mandation}  {item.name:<{widest}}  "
            f"{item.format.text}{key}{to}{codes}"
        )
    return "\n".join(lines) + "\n"


def item_page(item: Item) -> str:
    """An item with its codes, each with its class."""
    lines = [f"{item.uid}  {item.path}", "", _field("element", item.element)]
    lines.append(_field("mandation", str(item.mandation)))
    lines.append(_field("format", item.format.text))
    if item.references:
        lines.append(_field("refers to", ".".join(item.references)))
    if item.equality:
        lines.append(_field("bears on", ", ".join(item.equality)))
    lines += [_field("note", note) for note in item.notes]
    if item.codes is not None:
        closed = (
            "any other value is invalid"
            if item.codes.closed
            else "other values are judged by the format"
        )
        lines += [
            _field("codes", f"{item.codes.title}; {closed}"),
            _field("source", item.codes.source),
        ]
        if not item.codes.verified:
            lines.append(_field("verified", f"NO. {item.codes.caution}"))
        lines.append("")
        for code in item.codes.codes:
            more = "..." if code.prefix else ""
            note = f" ({code.note})" if code.note else ""
            lines.append(f"  {code.code + more:<20}{code.cls:<9}{code.label}{note}")
    return "\n".join(lines) + "\n"
