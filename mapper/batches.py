"""The commands that make many things at once, on as many workers as wanted; each parses, calls one function, prints."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mapper.options import (
    AccountOption,
    DataOption,
    Every,
    ForceOption,
    FormatOption,
    KnownOption,
    Language,
    Mode,
    ModeOption,
    SchedulerOption,
    View,
    ViewOption,
    WorkersOption,
    open_atlas,
    show_progress,
)
from mapper.tables import Column, TableFormat, print_table

if TYPE_CHECKING:
    from collections.abc import Callable


class FrameFormat(StrEnum):
    """How each map is written."""

    PNG = "png"
    SVG = "svg"
    HTML = "html"


def frames(
    start: Annotated[str, typer.Argument(metavar="FROM", help="First day, month or year.")],
    end: Annotated[str, typer.Argument(metavar="TO", help="Last day, month or year.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FOLDER", help="Where to write. [default: output/frames]")
    ] = None,
    format_: Annotated[FrameFormat, typer.Option("--format", help="How each map is written.")] = FrameFormat.PNG,
    freq: Annotated[Every, typer.Option("--freq", help="Days on which something changes, or every day, week ...")] = (
        Every.CHANGE
    ),
    mode: ModeOption = Mode.BEST,
    view: ViewOption = View.DE_FACTO,
    legend: Annotated[
        str | None, typer.Option("--legend", metavar="PRESET", help="Draw a known legend, for example aftermath-2020.")
    ] = None,
    known: KnownOption = None,
    account: AccountOption = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the labels.")] = Language.EN,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    force: ForceOption = False,
    data: DataOption = None,
) -> None:
    """Write the maps of a period into a folder, a file a day: FOLDER/2020-11-10.png."""
    from mapper.farm import open_farm
    from mapper.frames import Look, choose_frames, render_frames
    from mapper.storage import check_target, write_bytes

    atlas = open_atlas(data)
    days = choose_frames(atlas, atlas.period(start, end), freq.value, mode.value)
    folder = output or Path("output", "frames")
    targets = {day: folder / f"{day}.{format_.value}" for day in days}
    for target in targets.values():
        check_target(target, overwrite=force)
    public = None if known is None else atlas.check_day(known)
    look = Look(format_.value, lang.value, legend, mode.value, view.value, public, account)
    with show_progress("Drawing maps") as report, open_farm(workers, scheduler) as farm:
        for day, content in render_frames(atlas, days, look, farm=farm, report=_counted(report, len(days), "maps")):
            write_bytes(targets[day], content, overwrite=force)
    typer.echo(f"Wrote {len(days)} maps, {days[0]} to {days[-1]}, into {folder}")


def build(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="Data folders.")],
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    format_: FormatOption = TableFormat.TABLE,
) -> None:
    """Build the tables of data folders side by side and keep them, so that no later command waits for them."""
    from mapper.farm import open_farm
    from mapper.regions import build_regions

    with show_progress("Building") as report, open_farm(workers, scheduler) as farm:
        found = build_regions(folders, farm=farm, report=lambda done: report(f"{done} folders"))
    rows = [
        {
            "folder": str(item.folder),
            "state": "broken" if item.error else "found" if item.was_cached else "built",
            "data_version": item.data_version,
            "faces": item.faces,
            "edges": item.edges,
            "changes": item.changes,
        }
        for item in found
    ]
    print_table("Tables of data folders", [Column(key) for key in rows[0]], rows, format_, {}, notes=[])
    broken = [item for item in found if item.error]
    for item in broken:
        typer.echo(f"{item.folder}: {item.error}", err=True)
    if broken:
        raise typer.Exit(1)


def tables(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FOLDER", help="Where to write. [default: output/tables]")
    ] = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    force: ForceOption = False,
    data: DataOption = None,
) -> None:
    """Write faces, edges, memberships, changes and areas as Parquet, those with outlines as GeoParquet."""
    from mapper.farm import open_farm
    from mapper.parquet import SCHEMA, render_tables
    from mapper.storage import check_target, write_bytes

    folder = output or Path("output", "tables")
    for name in SCHEMA:
        check_target(folder / f"{name}.parquet", overwrite=force)
    atlas = open_atlas(data)
    with show_progress("Writing tables") as report, open_farm(workers, scheduler) as farm:
        found = dict(render_tables(atlas, farm=farm, report=_counted(report, len(atlas.change_dates), "days")))
    for name, content in found.items():
        write_bytes(folder / f"{name}.parquet", content, overwrite=force)
        typer.echo(f"Wrote {folder / name}.parquet")


def _counted(report: Callable[[str], Any], count: int, noun: str) -> Callable[[int], None]:
    return lambda done: report(f"{done} of {count} {noun}")
