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

from mapper.rounding import format_interval, format_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mapper.area import AreaTable

#: Decimals of km2 in CSV and JSON: whole square metres.
KM2_DECIMALS = 6
#: Decimals of km2 of the bounds of an interval and its parts, which are estimates.
BOUND_DECIMALS = 3

INTERVAL_NOTE = (
    "low and high: the extremes over the bounds of the dates, the accounts and contested land, widened by 1.96 sigma "
    "of the lines around; areas are rounded as their interval allows."
)
PARTS_NOTE = (
    "lines: 1.96 sigma of the lines around, errors fading along each line; correlated: the same if every line were off "
    "to one side all along. dates, classes: how much less or more at the extremes of the dates alone, and of accounts "
    "and contested land alone."
)


class TableFormat(StrEnum):
    """How a table is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in the rows, what it holds, and whether people see it too (programs always do).

    ``interval`` names the columns of a value, its low and its high: the area is shown rounded as these allow.
    """

    key: str
    kind: Literal["text", "area", "share"] = "text"
    shown: bool = True
    interval: tuple[str, str, str] | None = None

    @property
    def title(self) -> str:
        """The heading that people see, with the unit."""
        return self.key.replace("_km2", ", km2").replace("_", " ")

    def cell(self, row: dict[str, Any]) -> str:
        """A row's value as people see it."""
        if self.interval is None:
            return self.format(row[self.key])
        triple = [row[name] for name in self.interval]
        rounded = format_interval(*triple)
        names = list(self.interval)
        return rounded[names.index(self.key)] if self.key in names else format_part(row[self.key], *triple)

    def format(self, value: Any) -> str:
        """A value as people see it; areas without an interval to whole km2 from 100 km2 on."""
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
            table.add_row(column.title, escape(column.cell(rows[0])))
    else:
        for column in shown:
            table.add_column(column.title, justify="left" if column.kind == "text" else "right", overflow="fold")
        for row in rows:
            table.add_row(*(escape(column.cell(row)) for column in shown))
    console.print(table)
    for note in notes:
        console.print(escape(note), style="dim")
    if about:
        console.print(escape(f"Data {about['data_version']}, {about['licence']}. {about['attribution']}"), style="dim")


def area_columns(*more: str) -> list[Column]:
    """Columns of an area with its interval, and of further areas rounded as that allows."""
    interval = ("area_km2", "low_km2", "high_km2")
    return [Column(key, "area", interval=interval) for key in (*interval, *more)]


def list_columns(names: Sequence[str], hidden: Sequence[str] = (), **kinds: Any) -> list[Column]:
    """Columns by name, of kind text unless said otherwise, the hidden ones for programs alone."""
    return [Column(name, kinds.get(name, "text"), name not in hidden) for name in names]


def table_columns(table: AreaTable) -> list[Column]:
    """The columns of a table of areas with intervals: keys, area, low, high, share, parts."""
    more = [name for name in table.measures if name not in {"area_km2", "low_km2", "high_km2", "share"}]
    areas = area_columns(*more)
    return [*(Column(key) for key in table.keys), *areas[:3], Column("share", "share"), *areas[3:]]


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(value: Any, column: Column) -> Any:
    if column.kind == "area":
        is_measured = column.interval is None or column.key == column.interval[0]
        return round(value, KM2_DECIMALS if is_measured else BOUND_DECIMALS)
    if column.kind == "share":
        return round(value, KM2_DECIMALS)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else _text(value)
