"""What the commands of the command line share: options, the atlas they open, its credits, how errors are shown."""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from mapper.errors import DateError, MapperError
from mapper.tables import TableFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mapper.atlas import Atlas
    from mapper.snapshot import Snapshot


class Commands(TyperGroup):
    """Shows a MapperError as one message on standard error, without a traceback, with exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except MapperError as error:
            message = str(error)
        except BrokenPipeError:  # a pager was closed
            raise typer.Exit(0) from None
        except OSError as error:  # a full disk, a name too long: the system's own words
            message = f"{error.filename or 'the output'}: {error.strerror}; choose another name or folder"
        typer.echo(f"Error: {message}", err=True)
        raise typer.Exit(1)


class Mode(StrEnum):
    """How uncertain days are read."""

    BEST = "best"
    CERTAIN = "certain"
    POSSIBLE = "possible"


class Method(StrEnum):
    """How intervals are found."""

    FORMULA = "formula"
    MONTECARLO = "montecarlo"


class View(StrEnum):
    """What colours a map."""

    DE_FACTO = "de-facto"
    RECOGNISED = "recognised"
    CLAIMED = "claimed"


class Every(StrEnum):
    """Which days of a period are listed."""

    CHANGE = "change"
    D = "D"
    W = "W"
    M = "M"
    Y = "Y"


class ExportFormat(StrEnum):
    """GIS file formats."""

    GEOJSON = "geojson"
    GPKG = "gpkg"
    GEOTIFF = "geotiff"


class CitationFormat(StrEnum):
    """How citations are written: set in a style, for BibTeX, or as CSL-JSON."""

    TEXT = "text"
    BIBTEX = "bibtex"
    CSL = "csl"


class Language(StrEnum):
    """Languages of labels."""

    EN = "en"
    AZ = "az"
    HY = "hy"
    RU = "ru"


DayArgument = Annotated[str, typer.Argument(metavar="DATE", help="A day: 2020-11-10.")]
DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="PATH", help="Use this data folder instead of the packaged one.")
]
DivisionOption = Annotated[str, typer.Option("--division", help="Scheme of districts: rayon, soviet, nkr, economic.")]
ModeOption = Annotated[Mode, typer.Option("--mode", help="How uncertain days are read.")]
KnownOption = Annotated[
    str | None, typer.Option("--known", metavar="DATE", help="Only what was public on this day. [default: all]")
]
AccountOption = Annotated[
    str | None, typer.Option("--account", help="Whose version of disputed changes counts. [default: the record's own]")
]
ViewOption = Annotated[
    View, typer.Option("--view", help="Show who holds, who has title, or who holds with claims hatched over it.")
]
FormatOption = Annotated[TableFormat, typer.Option("--format", help="How to print the table.")]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write.")]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers", metavar="N", min=1, max=1024, help="Worker processes on this machine. [default: none, no Dask]"
    ),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="ADDRESS", help="Use a Dask cluster, for example tcp://10.0.0.1:8786."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")]


@contextmanager
def show_progress(title: str) -> Iterator[Any]:
    """A progress display on standard error, for what may take over a second; shown on a terminal only."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title)
        yield lambda stage: progress.update(task, description=f"{title}: {stage}")


def open_atlas(data: Path | None) -> Atlas:
    """The atlas, with a progress display while its tables are built for the first time."""
    from mapper.atlas import load

    with ExitStack() as shown:
        reports: list[Callable[[str], None]] = []

        def report(stage: str) -> None:
            if not reports:  # only now is it known that there is something to wait for
                reports.append(shown.enter_context(show_progress("Preparing the data, once")))
            reports[0](stage)

        return load(data, progress=report)


def open_snapshot(atlas: Atlas, day: str, mode: Mode, known: str | None, account: str | None, **more: Any) -> Snapshot:
    """The snapshot that the options ask for; DateError when the day is a month or a year."""
    if re.fullmatch(r"[0-9]{4}(-[0-9]{2})?", day):
        msg = f"'{day}' is a period; a map, a point and a comparison ask for one day, for example {day[:4]}-11-10"
        raise DateError(msg)
    return atlas.snapshot(day, mode=mode.value, known=known, account=account, **more)


def name_division(keys: Sequence[str], division: str) -> tuple[str, dict[str, str]]:
    """The words for a title and the columns for programs that name the division of a table with districts."""
    if "district" not in keys:
        return "", {}
    return f", districts of the division '{division}'", {"division": division}


def to_credits(*snapshots: Snapshot, day: str = "date") -> dict[str, Any]:
    """What every output carries, of the snapshots it shows; ``day`` is what their day is called."""
    atlas = snapshots[0].atlas
    assert atlas is not None  # noqa: S101  an atlas made it
    return {
        day: "/".join(snapshot.day.isoformat() for snapshot in snapshots),
        "data_version": atlas.data_version,
        "licence": snapshots[0].licence(),
        "attribution": atlas.attribution(source for snapshot in snapshots for source in snapshot.source_ids()),
    }
