"""What the commands of the command line share: their options, and how errors are shown."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from mapper.errors import MapperError
from mapper.tables import TableFormat


class Commands(TyperGroup):
    """Shows a MapperError as one message on standard error, without a traceback, with exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except MapperError as error:
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(1) from None


class Mode(StrEnum):
    """How uncertain days are read."""

    BEST = "best"
    CERTAIN = "certain"
    POSSIBLE = "possible"


class View(StrEnum):
    """What colours a map."""

    DE_FACTO = "de-facto"
    RECOGNISED = "recognised"


class ExportFormat(StrEnum):
    """GIS file formats."""

    GEOJSON = "geojson"
    GPKG = "gpkg"
    GEOTIFF = "geotiff"


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
ModeOption = Annotated[Mode, typer.Option("--mode", help="How uncertain days are read.")]
KnownOption = Annotated[
    str | None, typer.Option("--known", metavar="DATE", help="Only what was public on this day. [default: all]")
]
AccountOption = Annotated[
    str | None, typer.Option("--account", help="Whose version of disputed changes counts. [default: the record's own]")
]
FormatOption = Annotated[TableFormat, typer.Option("--format", help="How to print the table.")]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")]
