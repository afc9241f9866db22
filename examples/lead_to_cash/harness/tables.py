"""Tables for terminals: columns line up with Chinese text, numbers stand right."""
from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any, Sequence


def width(text: str) -> int:
    """Cells that a text takes on a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def show(value: Any, format: str = "") -> str:
    if value is None:
        return "–"
    if format == "money":
        return f"{Decimal(value):,.2f}"
    if format == "percent":
        return f"{Decimal(value) * 100:.1f} %"
    if isinstance(value, bool):
        return "✓" if value else ""
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], formats: Sequence[str] = ()) -> str:
    formats = list(formats) + [""] * (len(columns) - len(formats))
    cells = [[show(value, format) for value, format in zip(row, formats)] for row in rows]
    right = [any(isinstance(row[i], (int, Decimal)) and not isinstance(row[i], bool) for row in rows) for i in range(len(columns))]
    widths = [max([width(name)] + [width(row[i]) for row in cells]) for i, name in enumerate(columns)]

    def line(row: Sequence[str]) -> str:
        padded = (" " * (w - width(text)) + text if is_right else text + " " * (w - width(text)) for text, w, is_right in zip(row, widths, right))
        return ("  " + "  ".join(padded)).rstrip()

    return "\n".join([title, line(columns), "  " + "  ".join("─" * w for w in widths), *map(line, cells), ""])


def of_report(report: Any) -> str:
    """A report of the engine. What it groups by are names, also where they are numbers, such as years."""
    columns = report["columns"]
    formats = [column.get("format", "") for column in columns]
    rows = [[_cell(row[column["name"]], column) for column in columns] for row in report["rows"]]
    return table(report["title"], [column["title"] or column["name"] for column in columns], rows, formats)


def _cell(value: Any, column: Any) -> Any:
    if value is None:
        return None
    if not column.get("measure", True):
        return str(value)
    return Decimal(value) if column.get("format") in ("money", "percent") else value
