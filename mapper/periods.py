"""The commands over periods; as in cli.py each parses, calls one function, prints."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mapper.errors import MapperError
from mapper.options import (
    AccountOption,
    DataOption,
    DivisionOption,
    Every,
    ForceOption,
    KnownOption,
    Language,
    Mode,
    ModeOption,
    OutputOption,
    name_division,
    open_atlas,
    show_progress,
    to_credits,
)
from mapper.tables import Column, TableFormat, area_columns, print_table, render_table

if TYPE_CHECKING:
    from mapper.atlas import Atlas
    from mapper.interval import DayRange
    from mapper.series import Series


class SeriesFormat(StrEnum):
    """How a series is given out."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    PNG = "png"
    SVG = "svg"


_TEXT = {SeriesFormat.TABLE, SeriesFormat.CSV, SeriesFormat.JSON}


def timeline(
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="First day, month or year. [default: the first covered day]"),
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last day, month or year. [default: as_of]")
    ] = None,
    freq: Annotated[Every, typer.Option("--freq", help="Days on which something changes, or every day, week ...")] = (
        Every.CHANGE
    ),
    by: Annotated[
        str,
        typer.Option("--by", help="Comma-separated: controller,status,side,sovereign,district,oblast,class,measure."),
    ] = "controller",
    division: DivisionOption = "rayon",
    mode: ModeOption = Mode.BEST,
    known: KnownOption = None,
    account: AccountOption = None,
    intervals: Annotated[
        bool, typer.Option("--intervals", help="With low and high, also on the days on which only they change.")
    ] = False,
    format_: Annotated[
        SeriesFormat, typer.Option("--format", help="A table to print, or a file to write: parquet, png, svg.")
    ] = SeriesFormat.TABLE,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the chart.")] = Language.EN,
    output: OutputOption = None,
    force: ForceOption = False,
    data: DataOption = None,
) -> None:
    """Print areas in km2 over a period, or draw its chart: land not held by its own state, by who holds it."""
    atlas = open_atlas(data)
    period = atlas.period(start, end)
    options: dict[str, Any] = {"mode": mode.value, "known": known, "account": account}
    if format_ in {SeriesFormat.PNG, SeriesFormat.SVG}:
        from mapper.chart import render_chart

        series = atlas.series(period, by=("measure", "controller"), **options)
        content = render_chart(atlas, period, series, format_.value, lang=lang.value)
        _write(output or _default(period, format_.value), content, force)
        return
    keys = tuple(key.strip() for key in by.split(",") if key.strip())
    with show_progress("Summing"):
        series = atlas.series(period, by=keys, division=division, intervals=intervals, **options)
    if format_ is SeriesFormat.PARQUET:
        _write(output or _default(period, "parquet"), _to_parquet(atlas, series, period, freq, division), force)
        return
    _print(atlas, series, period, freq, TableFormat(format_.value), division, output, force)


def _default(period: DayRange, ending: str) -> Path:
    return Path("output", "timeline", f"{period.first}_{period.last}.{ending}")


def _write(target: Path, content: bytes, force: bool) -> None:
    from mapper.storage import write_bytes

    write_bytes(target, content, overwrite=force)
    typer.echo(f"Wrote {target}")


def _to_parquet(atlas: Atlas, series: Series, period: DayRange, freq: Every, division: str) -> bytes:
    import io

    from mapper.series import choose_days, to_dataframe

    frame = to_dataframe(series, choose_days(series, period, freq.value))
    _, named = name_division(series.keys, division)
    frame.attrs = named | to_credits(atlas.snapshot(period.last)) | {"date": f"{period.first}/{period.last}"}
    target = io.BytesIO()
    frame.to_parquet(target, index=False)
    return target.getvalue()


def _print(
    atlas: Atlas,
    series: Series,
    period: DayRange,
    freq: Every,
    format_: TableFormat,
    division: str,
    output: Path | None,
    force: bool,
) -> None:
    from mapper.series import choose_days, to_rows

    rows = to_rows(series, choose_days(series, period, freq.value))
    columns = [
        Column("day"),
        *(Column(key) for key in series.keys),
        *(area_columns() if series.low_km2 is not None else [Column("area_km2", "area")]),
        Column("share", "share"),
        Column("series_break"),
    ]
    scheme, named = name_division(series.keys, division)
    title = f"Areas from {period.first} to {period.last}{scheme}"
    about = named | to_credits(atlas.snapshot(period.last)) | {"date": f"{period.first}/{period.last}"}
    if output is not None:
        if format_ is TableFormat.TABLE:
            msg = f"{output}: a table is printed; give --format csv, json or parquet to write a file"
            raise MapperError(msg)
        _write(output, render_table(title, columns, rows, format_, about).encode(), force)
        return
    notes = [
        "Areas in km2 on the WGS 84 ellipsoid; each row stands from its day to the next one of its keys.",
        "series break: borders or districts change that day, so areas may move although nobody took or gave land.",
    ]
    print_table(title, columns, rows, format_, about, notes=notes)
