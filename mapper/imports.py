"""The command that makes a data folder of dated polygons; as in cli.py it parses, calls one function, prints."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mapper.errors import MapperError
from mapper.options import FormatOption
from mapper.tables import Column, TableFormat, print_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mapper.importing import Report


def import_(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="A folder with a file a day, or a table with columns from and to.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="The data folder to make.")],
    holder: Annotated[str, typer.Option("--holder", metavar="COLUMN", help="Who holds a polygon.")] = "holder",
    held_by: Annotated[
        str | None, typer.Option("--held-by", metavar="NAME", help="Who holds all of it, where no column says so.")
    ] = None,
    date: Annotated[
        str | None, typer.Option("--date", metavar="COLUMN", help="The day of a file. [default: in the file's name]")
    ] = None,
    from_: Annotated[str, typer.Option("--from", metavar="COLUMN", help="First day of a row of a table.")] = "from",
    to: Annotated[str, typer.Option("--to", metavar="COLUMN", help="The day a row of a table is over.")] = "to",
    inclusive: Annotated[bool, typer.Option("--inclusive", help="The day in the column to still counts.")] = False,
    tolerance: Annotated[
        float, typer.Option("--tolerance", metavar="M", min=2.0, max=1e5, help="Lines this near become one, metres.")
    ] = 50.0,
    precision: Annotated[
        float | None, typer.Option("--precision", metavar="M", help="1-sigma error of lines. [default: the tolerance]")
    ] = None,
    correlation: Annotated[
        float, typer.Option("--correlation", metavar="M", min=1.0, help="How far along a line its error reaches.")
    ] = 1000.0,
    side: Annotated[
        list[str] | None, typer.Option("--side", metavar="HOLDER=SIDE", help="Whose side a holder is on; repeatable.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="The source's title. [default: SOURCE]")] = None,
    producer: Annotated[str | None, typer.Option("--producer", help="Who publishes the source.")] = None,
    url: Annotated[str | None, typer.Option("--url", help="Where the source is found.")] = None,
    licence: Annotated[str, typer.Option("--licence", help="The licence of the source.")] = "CC BY 4.0",
    language: Annotated[str, typer.Option("--language", help="Its language, an ISO 639 code.")] = "und",
    force: Annotated[bool, typer.Option("--force", help="Replace the data folder if it exists.")] = False,
    format_: FormatOption = TableFormat.TABLE,
) -> None:
    """Make a data folder of a folder of dated polygons or of a table, with shared lines and a change log."""
    from mapper.dailies import Reading, open_source
    from mapper.importing import About, import_days

    reading = Reading(holder, held_by, date, from_, to, inclusive)
    about = About(
        title=title or source.stem,
        producer=producer,
        url=url,
        licence=licence,
        language=language,
        tolerance_m=tolerance,
        precision_m=tolerance if precision is None else precision,
        correlation_m=correlation,
        sides=tuple(_side(text) for text in side or ()),
    )
    with _show_days() as report:
        days = open_source(source, reading, tolerance, lambda done, count: report("Checking", done, count))
        found = import_days(days, output, about, overwrite=force, progress=report)
    _print_report(found, output, tolerance, format_)


def _side(text: str) -> tuple[str, str]:
    holder, equals, side = text.partition("=")
    if not (holder and equals and side):
        msg = f"--side {text} is not HOLDER=SIDE; write for example --side 'Northern forces=north'"
        raise MapperError(msg)
    return holder, side


@contextmanager
def _show_days() -> Iterator[Any]:
    """A bar on standard error of the days that are done; shown on a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Import", total=None)
        yield lambda stage, done, count: progress.update(task, description=stage, completed=done, total=count)


def _print_report(report: Report, folder: Path, tolerance: float, format_: TableFormat) -> None:
    areas = ("imported_km2", "composed_km2", "error_km2", "dropped_km2", "overlap_km2", "gap_km2")
    rows = [
        {
            "date": item.day,
            "holder": item.holder,
            **{key: getattr(item, key) for key in areas[:3]},
            "moved": item.moved,
            "longest_m": round(item.longest_m, 1),
            **{key: getattr(item, key) for key in areas[3:]},
        }
        for item in report.accounts
    ]
    columns = [Column(key, "area" if key in areas else "text") for key in rows[0]] if rows else []
    note = (
        f"km2 on the WGS 84 ellipsoid. moved: vertices that went onto a line within {tolerance:g} m, longest_m the "
        "furthest. error: composed less imported, without its sign. overlap and gap (of the day): wider than that."
    )
    print_table(f"What was imported into {folder}", columns, rows, format_, {}, notes=[note])
    summary = (
        f"{report.days} days, {report.changes} changes, {report.faces} faces; {report.merged} faces narrower than "
        f"{tolerance:g} m went to a neighbour ({report.merged_km2:.3f} km2)"
    )
    typer.echo(summary, err=format_ is not TableFormat.TABLE)
