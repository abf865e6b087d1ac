"""Tables for people (rich) and for programs (CSV, JSON), each with what every output carries."""

from __future__ import annotations

import csv
import io
import json
import sys
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Decimals of km2 in CSV and JSON: whole square metres.
KM2_DECIMALS = 6


class TableFormat(StrEnum):
    """How a table is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in the rows, what it holds, and whether people see it too (programs always do)."""

    key: str
    kind: Literal["text", "area", "share"] = "text"
    shown: bool = True

    @property
    def title(self) -> str:
        """The heading that people see, with the unit."""
        return self.key.replace("_km2", ", km2").replace("_", " ")

    def format(self, value: Any) -> str:
        """A value as people see it; areas to whole km2 from 100 km2 on, which no line here is good enough to exceed."""
        if self.kind == "area":
            return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"
        return f"{value:.1%}" if self.kind == "share" else _text(value)


def render_table(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[dict[str, Any]],
    format_: TableFormat,
    about: dict[str, Any],
) -> str:
    """The table for programs: JSON with ``about`` beside the rows, else CSV with ``about`` in the last columns."""
    keys = [column.key for column in columns]
    if format_ is TableFormat.JSON:
        listed = [{column.key: _plain(row[column.key], column) for column in columns} for row in rows]
        return json.dumps({"title": title, **about, "rows": listed}, ensure_ascii=False, indent=1) + "\n"
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([*keys, *about])
    for row in rows:
        writer.writerow([*(_plain(row[column.key], column) for column in columns), *about.values()])
    return target.getvalue()


def print_table(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[dict[str, Any]],
    format_: TableFormat,
    about: dict[str, Any],
    *,
    notes: Iterable[str],
    upright: bool = False,
) -> None:
    """Print a table on standard output.

    Parameters
    ----------
    about
        Date, data version, licence, attribution: in a line below the table, or beside the rows.
    notes
        Sentences below the table.
    upright
        Whether people see a single row as a list of its values.
    """
    if format_ is not TableFormat.TABLE:
        sys.stdout.write(render_table(title, columns, rows, format_, about))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table(title=escape(title), title_justify="left", header_style="bold", show_edge=False)
    shown = [column for column in columns if column.shown]
    if upright:
        table = Table(title=escape(title), title_justify="left", show_header=False, show_edge=False)
        for column in shown:
            table.add_row(column.title, escape(column.format(rows[0][column.key])))
    else:
        for column in shown:
            table.add_column(column.title, justify="left" if column.kind == "text" else "right", overflow="fold")
        for row in rows:
            table.add_row(*(escape(column.format(row[column.key])) for column in shown))
    console.print(table)
    for note in notes:
        console.print(escape(note), style="dim")
    if about:
        console.print(escape(f"Data {about['data_version']}, {about['licence']}. {about['attribution']}"), style="dim")


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(value: Any, column: Column) -> Any:
    if column.kind == "area":
        return round(value, KM2_DECIMALS)
    if column.kind == "share":
        return round(value, KM2_DECIMALS)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else _text(value)
