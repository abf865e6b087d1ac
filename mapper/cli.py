"""The command line: each command parses, calls one function, prints; no geometry and no rule lives here."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mapper import batches, comparisons, enquiries, imports, periods, publishing
from mapper.errors import MapperError
from mapper.options import (
    AccountOption,
    Commands,
    DataOption,
    DayArgument,
    DivisionOption,
    ExportFormat,
    ForceOption,
    FormatOption,
    KnownOption,
    Language,
    Method,
    Mode,
    ModeOption,
    OutputOption,
    SchedulerOption,
    View,
    ViewOption,
    WorkersOption,
    name_division,
    open_atlas,
    open_snapshot,
    show_progress,
    to_credits,
)
from mapper.tables import INTERVAL_NOTE, PARTS_NOTE, Column, TableFormat, print_table, table_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from mapper.atlas import Atlas
    from mapper.changelog import ChangeLog
    from mapper.conform import Conformed
    from mapper.snapshot import Snapshot


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Who controlled what, on which day, how much land was that, and who says so.",
)


def _print_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        from mapper import geodata

        folder = geodata.default_folder()
        text, as_of = geodata.read_version(folder)
        typer.echo(f"mapper {version('mapper')}, data {text}, as of {as_of}")
        raise typer.Exit


@app.callback()
def main_options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print code and data version, as_of."),
    ] = False,
) -> None:
    """Who controlled what, on which day, how much land was that, and who says so."""


@app.command("map")
def map_command(
    day: DayArgument,
    output: OutputOption = None,
    mode: ModeOption = Mode.BEST,
    view: ViewOption = View.DE_FACTO,
    legend: Annotated[
        str | None, typer.Option("--legend", metavar="PRESET", help="Draw a known legend, for example aftermath-2020.")
    ] = None,
    known: KnownOption = None,
    account: AccountOption = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the labels.")] = Language.EN,
    force: ForceOption = False,
    data: DataOption = None,
) -> None:
    """Write the map of a day: .html (interactive, one file), .png or .svg by the ending of FILE."""
    target = output or Path("output", "map", f"{day}.html")
    kind = target.suffix.lower().lstrip(".")
    if kind not in {"html", "png", "svg"}:
        msg = f"{target} has the ending '{target.suffix}'; a map is written as .html, .png or .svg"
        raise MapperError(msg)
    snapshot = open_snapshot(open_atlas(data), day, mode, known, account, view=view.value)
    _refuse_existing(target, force)
    with show_progress("Drawing the map"):
        if kind == "html":
            snapshot.to_html(target, lang=lang.value, legend=legend, overwrite=force)
        else:
            snapshot.to_print(target, lang=lang.value, legend=legend, overwrite=force)
    typer.echo(f"Wrote {target}")


@app.command()
def area(
    day: Annotated[str, typer.Argument(metavar="DATE", help="A day, a month (2020-11) or a year (2020).")],
    by: Annotated[
        str,
        typer.Option(
            "--by", help="Comma-separated: controller,status,side,sovereign,district,oblast,class,overlay:peacekeepers."
        ),
    ] = "controller",
    division: DivisionOption = "rayon",
    within: Annotated[Path | None, typer.Option("--within", metavar="FILE", help="Only inside these polygons.")] = None,
    occupied: Annotated[bool, typer.Option("--occupied", help="Only land not held by its own sovereign.")] = False,
    mode: ModeOption = Mode.BEST,
    known: KnownOption = None,
    account: AccountOption = None,
    parts: Annotated[bool, typer.Option("--parts", help="How much of the interval is lines, dates, classes.")] = False,
    method: Annotated[Method, typer.Option("--method", help="How intervals are found.")] = Method.FORMULA,
    draws: Annotated[int, typer.Option("-n", metavar="N", min=100, help="Draws of the method montecarlo.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the draws: the same gives the same.")] = 0,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    format_: FormatOption = TableFormat.TABLE,
    data: DataOption = None,
) -> None:
    """Print areas in km2 on a day, with intervals; over a month or a year, the least and the most with their days."""
    from mapper.interval import parse_range

    period = parse_range(day)
    how: dict[str, Any] = {"parts": parts}
    if method is Method.MONTECARLO:
        how |= {"method": method.value, "draws": draws, "seed": seed}
    elif workers or scheduler:
        msg = "--workers and --scheduler share out draws; add --method montecarlo, or leave them away"
        raise MapperError(msg)
    if occupied and by != "controller":
        msg = "--occupied has rows of its own, by sovereign and controller; leave --by away"
        raise MapperError(msg)
    atlas = open_atlas(data)
    keys = tuple(key.strip() for key in by.split(",") if key.strip())
    options: dict[str, Any] = {"mode": mode.value, "known": known, "account": account}
    if period.is_day:
        snapshot = atlas.snapshot(period.first, **options)
        with _farm(how, workers, scheduler):
            _print_day(snapshot, keys, division, within, occupied, how, format_)
        return
    if parts or method is not Method.FORMULA:
        msg = "--parts and --method ask for one day; a period shows the least and the most, each with its bound"
        raise MapperError(msg)
    if occupied:
        msg = "--occupied asks for one day; for a period use --by sovereign,side"
        raise MapperError(msg)
    from mapper.timeline import find_extremes

    period = atlas.check_period(period)
    days = set(atlas.change_dates_in(mode.value))
    if any(key.startswith("overlay:") for key in keys):
        days |= set(atlas.overlay_dates)
    found = find_extremes(
        lambda on: atlas.snapshot(on, **options),
        period,
        days,
        keys,
        division=division,
        within=within,
    )
    rows = [
        {
            **item.keys,
            "least_km2": item.least_km2,
            "least_low_km2": item.least_low_km2,
            "least_on": item.least_on,
            "most_km2": item.most_km2,
            "most_high_km2": item.most_high_km2,
            "most_on": item.most_on,
        }
        for item in found
    ]
    least, most = ("least_km2", "least_low_km2", "least_km2"), ("most_km2", "most_km2", "most_high_km2")
    columns = [Column(key) for key in keys] + [
        *(Column(key, "area", interval=least) for key in least[:2]),
        Column("least_on"),
        *(Column(key, "area", interval=most) for key in most[1:]),
        Column("most_on"),
    ]
    scheme, named = name_division(keys, division)
    about = named | to_credits(atlas.snapshot(period.last, **options)) | {"date": f"{period.first}/{period.last}"}
    title = f"Least and most area, {period.first} to {period.last}{scheme}"
    print_table(title, columns, rows, format_, about, notes=_area_notes(within, {}))


@contextmanager
def _farm(how: dict[str, Any], workers: int | None, scheduler: str | None) -> Iterator[None]:
    """Until the block ends, where draws are made, if there are any."""
    if "draws" not in how:
        yield
        return
    from mapper.farm import open_farm

    with open_farm(workers, scheduler) as how["farm"]:
        yield


def _print_day(
    snapshot: Snapshot,
    keys: Sequence[str],
    division: str,
    within: Path | None,
    occupied: bool,
    how: dict[str, Any],
    format_: TableFormat,
) -> None:
    scheme, named = name_division(keys, division)
    with show_progress("Drawing") if "draws" in how else nullcontext() as report:
        if report:
            how = {**how, "report": report}
        if occupied:
            table = snapshot.occupied_table(within=within, **how)
            title = f"Land not held by its own sovereign on {snapshot.day}"
        else:
            table = snapshot.area_table(keys, division=division, within=within, **how)
            title = f"Area on {snapshot.day}{scheme}"
    notes = [*_area_notes(within, how), *snapshot.gaps()]
    print_table(title, table_columns(table), list(table.rows), format_, named | to_credits(snapshot), notes=notes)


def _area_notes(within: Path | None, how: dict[str, Any]) -> list[str]:
    inside = f", inside {within}" if within else ""
    notes = [f"km2 on the WGS 84 ellipsoid{inside}. {INTERVAL_NOTE}"]
    if "draws" in how:
        drawn = f"95 % of {how['draws']} draws of lines, dates and accounts, seed {how['seed']}"
        notes = [f"km2 on the WGS 84 ellipsoid. low and high: {drawn}."]
    if how.get("parts"):
        notes.append(PARTS_NOTE)
    return notes


@app.command()
def who(
    place: Annotated[str, typer.Argument(metavar="PLACE|LON,LAT", help="A place by any of its names, or a point.")],
    day: Annotated[str | None, typer.Argument(metavar="[DATE]", help="A day; without it the whole history.")] = None,
    mode: ModeOption = Mode.BEST,
    known: KnownOption = None,
    account: AccountOption = None,
    division: DivisionOption = "rayon",
    format_: FormatOption = TableFormat.TABLE,
    data: DataOption = None,
) -> None:
    """Print who held a place on a day, or its whole history, with sources."""
    atlas = open_atlas(data)
    name, face = atlas.face_of(place)
    if day is None:
        if known or account or mode is not Mode.BEST:
            msg = "the whole history shows every mode and account; give a DATE with --mode, --known or --account"
            raise MapperError(msg)
        _print_history(atlas, name, face, format_)
        return
    snapshot = open_snapshot(atlas, day, mode, known, account)
    deciding = int(snapshot.row[face])
    change = atlas.log.changes[atlas.log.row_change[deciding]] if deciding >= 0 else None
    moved = atlas.log.moved_by(deciding) if deciding >= 0 else ""
    from datetime import date

    row = {
        "place": name,
        "controller": str(snapshot.controller[face]),
        "status": str(snapshot.status[face]),
        "sovereign": str(snapshot.sovereign[face]),
        "district": str(snapshot.district(division)[face]),
        "since": date.fromordinal(int(snapshot.since_ordinal[face])),
        "admissible": ";".join(snapshot.admissible_names(face)),
        "change": change.id if change else "",
        "moved": moved,
        "sources": ";".join(change.sources) if change else "",
    }
    scheme, named = name_division(list(row), division)
    print_table(
        f"{name} on {snapshot.day}{scheme}",
        [Column(key) for key in row],
        [row],
        format_,
        named | to_credits(snapshot),
        notes=snapshot.gaps(),
        upright=True,
    )


def _print_history(atlas: Atlas, name: str, face: int, format_: TableFormat) -> None:
    rows = [_history_row(atlas.log, row) for row in atlas.log.rows_of(face)]
    shown = ["date", "controller", "status", "kind", "account", "confidence", "sources"]
    shown += [key for key in ("moved", "known_to") if any(row[key] for row in rows)]
    columns = [Column(key, shown=key in shown) for key in rows[0]] if rows else []
    about = to_credits(atlas.snapshot(atlas.span[1]), day="as_of")
    dropped = "known to: the day the account was publicly dropped; the row counts only with an earlier --known."
    notes = [dropped] if any(row["known_to"] for row in rows) else []
    print_table(f"Who held {name}, {atlas.span[0]} to {atlas.span[1]}", columns, rows, format_, about, notes=notes)


def _history_row(log: ChangeLog, row: int) -> dict[str, Any]:
    from datetime import date

    change = log.changes[log.row_change[row]]
    return {
        "date": change.date,
        "best": date.fromordinal(int(log.row_best[row])),
        "controller": change.controller,
        "status": change.status,
        "kind": change.kind,
        "account": (change.account or "") + ("" if change.is_default else " (not the default)"),
        "known": change.known,
        "known_to": change.known_to or "",
        "confidence": change.confidence,
        "one_sided": change.one_sided or "",
        "sources": ";".join(change.sources),
        "note": change.note,
        "change": change.id,
        "moved": log.moved_by(row),
    }


@app.command()
def dates(format_: FormatOption = TableFormat.TABLE, data: DataOption = None) -> None:
    """Print every day on which the map can differ from the day before, with the changes of that day."""
    from datetime import date

    atlas = open_atlas(data)
    on: dict[date, list[str]] = {day: [] for day in atlas.change_dates}
    log = atlas.log
    for day, change in sorted(set(zip(log.row_best.tolist(), log.row_change.tolist(), strict=True))):
        if log.changes[change].is_default:
            on[date.fromordinal(day)].append(log.changes[change].id)
    rows = [{"date": day, "changes": ";".join(sorted(changes))} for day, changes in on.items()]
    about = to_credits(atlas.snapshot(atlas.span[1]), day="as_of")
    title = f"Change dates, {atlas.span[0]} to {atlas.span[1]}"
    notes = ["Days without a change are those on which an outline begins or ends."]
    print_table(title, [Column("date"), Column("changes")], rows, format_, about, notes=notes)


@app.command()
def export(
    day: DayArgument,
    format_: Annotated[ExportFormat, typer.Option("--format", help="GIS file format.")] = ExportFormat.GEOJSON,
    output: OutputOption = None,
    mode: ModeOption = Mode.BEST,
    view: ViewOption = View.DE_FACTO,
    known: KnownOption = None,
    account: AccountOption = None,
    force: ForceOption = False,
    data: DataOption = None,
) -> None:
    """Write the state of a day as a GIS file."""
    ending = {"geotiff": "tif"}.get(format_.value, format_.value)
    target = output or Path("output", format_.value, f"{day}.{ending}")
    snapshot = open_snapshot(open_atlas(data), day, mode, known, account, view=view.value)
    _refuse_existing(target, force)
    with show_progress("Writing"):
        snapshot.to_file(target, format_.value, overwrite=force)
    typer.echo(f"Wrote {target}")


def _refuse_existing(target: Path, force: bool) -> None:
    """Fail before the work is done, not after it."""
    from mapper.storage import check_target

    check_target(target, overwrite=force)


@app.command()
def check(data: DataOption = None, format_: FormatOption = TableFormat.TABLE) -> None:
    """Check every rule of a data folder; name all findings in one run."""
    from mapper import geodata
    from mapper.check import find_problems

    folder = data or geodata.default_folder()
    with show_progress("Checking") as report:
        errors, warnings, mosaic, _ = find_problems(geodata.read(folder), progress=report)
    rows = [
        {"level": level, "file": item.file, "record": item.record, "finding": item.message}
        for level, items in (("error", errors), ("warning", warnings))
        for item in sorted(set(items))
    ]
    if rows or format_ is not TableFormat.TABLE:
        columns = [Column(key) for key in ("level", "file", "record", "finding")]
        print_table(f"Findings in {folder}", columns, rows, format_, {}, notes=[])
    faces = f"{mosaic.face_count} faces" if mosaic else "no mosaic"
    typer.echo(f"{len(errors)} errors, {len(warnings)} warnings, {faces}", err=format_ is not TableFormat.TABLE)
    if errors:
        raise typer.Exit(1)


@app.command()
def fmt(
    data: DataOption = None,
    check_only: Annotated[bool, typer.Option("--check", help="Change nothing; fail if a file would change.")] = False,
) -> None:
    """Rewrite the files of a data folder in canonical form."""
    from mapper import canonical, geodata, storage

    folder = data or geodata.default_folder()
    with show_progress("Formatting"):
        changed = canonical.find_unformatted(geodata.load(folder))
        if not check_only:
            for name, text in changed:
                storage.write_text(folder / name, text)
    for name, _ in changed:
        typer.echo(f"{'Not canonical' if check_only else 'Rewrote'}: {name}")
    typer.echo(f"{len(changed)} files {'would change' if check_only else 'changed'}")
    if check_only and changed:
        raise typer.Exit(1)


@app.command()
def conform(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A feature file, new or of the data folder; without it, node all files."),
    ] = None,
    layer: Annotated[
        str | None, typer.Option("--layer", help="Its layer. [default: the name of FILE's folder]")
    ] = None,
    tolerance: Annotated[
        float, typer.Option("--tolerance", metavar="M", min=0.0, max=1e5, help="Snap lines this near, metres.")
    ] = 300.0,
    limit: Annotated[float, typer.Option("--limit", metavar="M", min=0.0, help="Refuse longer moves, metres.")] = 500.0,
    max_area_change: Annotated[
        float, typer.Option("--max-area-change", metavar="SHARE", help="Refuse larger changes of a polygon's area.")
    ] = 0.02,
    write: Annotated[bool, typer.Option("--write", help="Write FILE and its neighbours into the data folder.")] = False,
    format_: FormatOption = TableFormat.TABLE,
    data: DataOption = None,
) -> None:
    """Make new geometry share the lines that are there; report every move and change of area."""
    from mapper import geodata
    from mapper.conform import conform as fit
    from mapper.conform import node_all

    if file is not None and not file.is_file():
        msg = f"{file} is no file; give a GeoJSON feature file, <feature>.geojson"
        raise MapperError(msg)
    folder = data or geodata.default_folder()
    with show_progress("Conforming"):
        if file is None:
            files = node_all(geodata.load(folder))
        else:
            fitted = fit(
                geodata.load(folder),
                layer or file.resolve().parent.name,
                geodata.read_text(file),
                file.stem,
                tolerance_m=tolerance,
                limit_m=limit,
                max_area_share=max_area_change,
            )
            files = fitted.files
    if file is not None:
        _print_fitted(fitted, format_)
    _write_files(folder, files, write, quiet=format_ is not TableFormat.TABLE)


def _print_fitted(fitted: Conformed, format_: TableFormat) -> None:
    moves = [
        {"record": item.record, "from": "{:.5f},{:.5f}".format(*item.start), "to": "{:.5f},{:.5f}".format(*item.end)}
        | {"metres": round(item.metres, 1)}
        for item in fitted.moves
    ]
    print_table("Moves", [Column(key) for key in ("record", "from", "to", "metres")], moves, format_, {}, notes=[])
    quiet = format_ is not TableFormat.TABLE
    for change in fitted.area_changes:
        if change.share:
            text = f"{change.file}, {change.record}: {change.before_km2:.4f} to {change.after_km2:.4f} km2"
            typer.echo(f"{text} ({change.share:+.4%})", err=quiet)
    for sliver in fitted.slivers:
        typer.echo(f"sliver at {sliver.lon:.5f},{sliver.lat:.5f}, {sliver.area_km2:.4f} km2, accepted", err=quiet)
    summary = f"{len(moves)} moves, mean {fitted.mean_move_m:.1f} m, longest {fitted.max_move_m:.1f} m"
    typer.echo(f"{summary}; {len(fitted.neighbours)} other files share new vertices", err=quiet)


def _write_files(folder: Path, files: dict[str, str], write: bool, *, quiet: bool) -> None:
    from mapper import storage

    if write:
        for name, text in files.items():
            storage.write_text(folder / name, text)
    done = "Wrote" if write else "With --write would write"
    typer.echo(f"{done} {', '.join(files) or 'nothing'}", err=quiet)


for command in (
    batches.build,
    batches.frames,
    batches.tables,
    enquiries.diff,
    enquiries.explain,
    enquiries.road,
    comparisons.figures,
    comparisons.assertions,
    comparisons.settlements,
    enquiries.cells,
    enquiries.stats,
    enquiries.sources,
    periods.timeline,
    publishing.cite,
    publishing.commons,
    publishing.serve,
    publishing.site,
):
    app.command()(command)
app.command()(publishing.page)
app.command()(publishing.embed)
app.command()(publishing.translations)
app.command("import")(imports.import_)


def main() -> None:
    """Entry point of the command ``mapper``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 shows names escaped
    app()
