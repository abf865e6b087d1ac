"""The commands that ask the record what changed, why, and who says so; as in cli.py each parses, calls, prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mapper.errors import MapperError
from mapper.options import (
    AccountOption,
    DataOption,
    DayArgument,
    DivisionOption,
    FormatOption,
    KnownOption,
    Mode,
    ModeOption,
    name_division,
    open_atlas,
    open_snapshot,
    to_credits,
)
from mapper.records import to_json
from mapper.rounding import format_interval
from mapper.tables import TableFormat, area_columns, list_columns, print_table
from mapper.zones import group_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mapper.atlas import Atlas
    from mapper.cells import Heights
    from mapper.leaveout import LeaveOut, Trial


def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="The earlier day: 2020-09-26.")],
    last: Annotated[str, typer.Argument(metavar="B", help="The later day: 2020-11-10.")],
    by: Annotated[str, typer.Option("--by", help="Comma-separated: district,oblast,sovereign.")] = "district",
    division: DivisionOption = "rayon",
    mode: ModeOption = Mode.BEST,
    known: KnownOption = None,
    account: AccountOption = None,
    format_: FormatOption = TableFormat.TABLE,
    data: DataOption = None,
) -> None:
    """Print what changed hands between two days, with areas in km2 and the changes that did it."""
    from mapper.difference import changed_interval, find_differences

    atlas = open_atlas(data)
    before, after = (open_snapshot(atlas, day, mode, known, account) for day in (first, last))
    keys = tuple(key.strip() for key in by.split(",") if key.strip())
    rows = [
        {
            **item.keys,
            "from_controller": item.from_controller,
            "from_status": item.from_status,
            "to_controller": item.to_controller,
            "to_status": item.to_status,
            "area_km2": item.area_km2,
            "low_km2": item.low_km2,
            "high_km2": item.high_km2,
            "changes": ";".join(change.id for change in item.changes),
            "sources": ";".join(item.sources),
        }
        for item in find_differences(before, after, by=keys, division=division)
    ]
    names = (*keys, "from_controller", "from_status", "to_controller", "to_status")
    scheme, named = name_division(keys, division)
    total, taken = (_written(changed_interval(before, after, status=status)) for status in (True, False))
    notes = [
        f"{total} in all, {taken} of them with another controller; on the WGS 84 ellipsoid.",
        "low and high: 1.96 sigma of the lines around the land that changed hands; a line that did not move adds none.",
    ]
    print_table(
        f"Changed hands between {before.day} and {after.day}{scheme}",
        [*list_columns(names), *area_columns(), *list_columns(("changes", "sources"))],
        rows,
        format_,
        named | to_credits(before, after),
        notes=[*notes, *dict.fromkeys([*before.gaps(), *after.gaps()])],
    )


def _written(interval: tuple[float, float, float]) -> str:
    area, low, high = format_interval(*interval)
    return f"{area} km2 ({low} to {high})"


def explain(
    day: DayArgument,
    place: Annotated[str, typer.Argument(metavar="PLACE|LON,LAT", help="A place by any of its names, or a point.")],
    mode: ModeOption = Mode.BEST,
    known: KnownOption = None,
    account: AccountOption = None,
    format_: FormatOption = TableFormat.TABLE,
    data: DataOption = None,
) -> None:
    """Print why a place is what it is on a day: each change that reaches it, which decides, why others do not."""
    from mapper.explanation import explain as find_reasons

    atlas = open_atlas(data)
    name, face = atlas.face_of(place)
    snapshot = open_snapshot(atlas, day, mode, known, account)
    found = find_reasons(snapshot, face)
    rows = [
        {
            "change": step.change.id,
            "controller": step.change.controller,
            "status": step.change.status,
            "in_force": "yes" if step.in_force else "no",
            "outcome": "DECIDES" if step.outcome == "decides" else step.outcome,
            "why": f"{step.why}; {step.moved}" if step.moved else step.why,
            "earliest": step.earliest,
            "best": step.best,
            "latest": step.latest,
            "moved": step.moved,
            "decides_in": ";".join(step.decides_in),
            "account": step.change.account or "",
            "known": step.change.known,
            "known_to": step.change.known_to or "",
            "sources": ";".join(step.change.sources),
        }
        for step in found.steps
    ]
    names = ("change", "controller", "status", "in_force", "outcome", "why", "earliest", "best", "latest")
    more = ("decides_in", "moved", "account", "known", "known_to", "sources")
    says = {mode: f"{holder.controller}/{holder.status}".rstrip("/") for mode, holder in found.holders.items()}
    told = [f"Mode {mode}: {text}." for mode, text in says.items()]
    about = {"place": name, "admissible": ";".join(found.admissible)} | {f"mode_{key}": says[key] for key in says}
    print_table(
        f"Why {name} is {says[snapshot.mode]} on {snapshot.day}, mode {snapshot.mode}",
        list_columns((*names, *more), hidden=more[1:]),
        rows,
        format_,
        about | to_credits(snapshot),
        notes=[*told, f"The dates admit: {', '.join(found.admissible)}.", *snapshot.gaps()],
    )


def road(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A road by its id or any name, whole or in part.")],
    day: Annotated[str | None, typer.Argument(metavar="[DATE]", help="A day; without it the whole history.")] = None,
    known: KnownOption = None,
    format_: FormatOption = TableFormat.TABLE,
    data: DataOption = None,
) -> None:
    """Print whether a road let traffic pass on a day, since when and whose posts stood on it, or its whole history."""
    atlas = open_atlas(data)
    found = atlas.road_history(name)
    about = to_credits(atlas.snapshot(day or atlas.span[1], known=known), day="date" if day else "as_of")
    if day is None:
        if known is not None:
            msg = "the whole history shows when each state became known; give a DATE with --known"
            raise MapperError(msg)
        title = f"Roads called '{name}', {found[0].best} to {atlas.span[1]}"
    else:
        asked, title = {row.course for row in found}, f"Roads called '{name}' on {day}"
        states = [row for row in atlas.road_states(day, known=known, ended=True) if row.course in asked]
        if not states:
            first = min(found, key=lambda row: row.best)
            msg = f"no road called '{name}' has a state on {day}; the first, of {first.course}, is of {first.best}"
            raise MapperError(msg)
        found = tuple([row for row in states if row.state != "ended"] or states)
    names = {version.feature: version.name("en") for version in atlas.road_versions}
    rows = [
        {
            "road": row.road,
            "stretch": row.stretch or "",
            "name": names[row.course],
            "state": row.state,
            "since": row.best,
            "dated": row.date,
            "operators": ";".join(row.operators),
            "known": row.known,
            "confidence": row.confidence,
            "one_sided": row.one_sided or "",
            "sources": ";".join(row.sources),
            "note": row.note,
        }
        for row in found
    ]
    whole = () if any(row["stretch"] for row in rows) else ("stretch",)
    columns = list_columns(tuple(rows[0]), hidden=(*whole, "name", "dated", "known", "confidence", "one_sided"))
    cited = dict.fromkeys(source for row in found for source in row.sources)
    notes = [f"{key}: {atlas.sources[key].label}" for key in cited]
    print_table(title, columns, rows, format_, about, notes=notes)


def cells(
    war: Annotated[str | None, typer.Argument(metavar="[WAR]", help="One war, seed by seed; without it all.")] = None,
    format_: FormatOption = TableFormat.TABLE,
    data: DataOption = None,
) -> None:
    """Print how the ground of the wars is divided among places, and how far that can be trusted: leave one out."""
    from mapper.leaveout import leave_out

    atlas = open_atlas(data)
    if war is not None:
        _print_seeds(atlas, war, format_)
        return
    heights = _heights(atlas)
    rows = []
    for name, item in atlas.wars.items():
        found = {"plain": atlas.leave_out[name]}
        if heights is not None:
            found["ridges count"] = leave_out(atlas.mosaic, atlas.log, item, atlas.places, heights=heights)[0]
        rows += [{"distance": distance, **_rounded(error)} for distance, error in found.items()]
    names = ("war", "seeds", "dated", "distance", "days", "share", "median_km", "rms_km", "median_days")
    columns = list_columns(names, share="share")
    meaning = (
        "share: of the dated seeds, on the mean of the days on which something changes, those that would be on the "
        "wrong side if nothing were known of them; km: from there to the nearest ground of their true side."
    )
    made = "The cells are made with plain distances. With ridges a distance grows as the ground on the way rises."
    about = to_credits(atlas.snapshot(atlas.span[1]))
    print_table("Cells and their errors", columns, rows, format_, about, notes=[meaning, made])


def _rounded(error: LeaveOut) -> dict[str, Any]:
    """The fields of an error, kilometres to a tenth, shares to a tenth of a percent."""
    found = to_json(error)
    return found | {key: round(found[key], 1) for key in ("median_km", "rms_km")} | {"share": round(error.share, 3)}


def _heights(atlas: Atlas) -> Heights | None:
    """The elevation grid of the data, None when it has none."""
    from mapper.relief import read_heights

    try:
        return read_heights(atlas.base_path("elevation.tif"))
    except MapperError:
        return None


def _print_seeds(atlas: Atlas, name: str, format_: TableFormat) -> None:
    from mapper.leaveout import leave_out

    if name not in atlas.wars:
        msg = f"there is no war '{name}'; choose from {', '.join(atlas.wars) or 'none (cells.json names none)'}"
        raise MapperError(msg)
    war = atlas.wars[name]
    error, trials = leave_out(atlas.mosaic, atlas.log, war, atlas.places)
    tried = {trial.place: trial for trial in trials}
    named = group_cells((change.id, change.zone) for change in atlas.log.changes)
    rows = [_seed_row(atlas, place, named.get(f"{name}/{place}", ()), tried.get(place)) for place in war.places]
    names = ("place", "rows", "best", "moved", "falls_to", "days", "wrong_days", "distance_km")
    summary = (
        f"{error.dated} of {error.seeds} seeds have rows of their own. Left out, {error.share:.1%} of them fall on the "
        f"wrong side on the mean of {error.days} days; median {error.median_km:.1f} km, {error.median_days:g} days."
    )
    title = f"Seeds of {name}, {war.from_} to {war.to}"
    columns = list_columns(names)
    print_table(title, columns, rows, format_, to_credits(atlas.snapshot(atlas.span[1])), notes=[summary])


def _seed_row(atlas: Atlas, place: str, named_by: Sequence[str], trial: Trial | None) -> dict[str, Any]:
    """A seed, the changes that name its cell, and what becomes of it when it is left out."""
    log = atlas.log
    rows = [row for row in log.rows_of(atlas.place_face[place]) if log.changes[log.row_change[row]].id in named_by]
    return {
        "place": place,
        "rows": ";".join(log.changes[log.row_change[row]].id for row in rows),
        "best": ";".join(str(log.changes[log.row_change[row]].best) for row in rows),
        "moved": ";".join(text for row in rows if (text := log.moved_by(row))),
        "falls_to": trial.falls_to if trial else "",
        "days": trial.days if trial else "",
        "wrong_days": trial.wrong if trial else "",
        "distance_km": round(trial.distance_km, 1) if trial else "",
    }


def stats(
    by_district: Annotated[
        bool, typer.Option("--by-district", help="How many changes rest on one party's word, by district.")
    ] = False,
    division: DivisionOption = "rayon",
    format_: FormatOption = TableFormat.TABLE,
    data: DataOption = None,
) -> None:
    """Print what the record holds: by layer, decade, sources, confidence, side, bounds, accounts, method."""
    from mapper.tally import count_records

    atlas = open_atlas(data)
    if by_district:
        _print_testimony(atlas, division, format_)
        return
    rows = [
        {
            "measure": item.measure,
            "value": item.value,
            "amount": round(item.amount),
            "unit": item.unit,
            "share": item.share,
        }
        for item in count_records(atlas.data, atlas.mosaic)
    ]
    columns = list_columns(("measure", "value", "amount", "unit", "share"), share="share")
    notes = ["share: of the measure's sum. Edges: every line between two faces or around them, each once."]
    about = to_credits(atlas.snapshot(atlas.span[1]))
    print_table(f"What data {atlas.data_version} holds", columns, rows, format_, about, notes=notes)


def _print_testimony(atlas: Atlas, division: str, format_: TableFormat) -> None:
    from mapper.testimony import weigh_record

    latest = atlas.snapshot(atlas.span[1])
    latest.district(division)  # an unknown division is an error
    rows = [
        {
            "district": item.unit,
            "changes": item.changes,
            "one_sided": item.one_sided,
            "share": item.one_sided / item.changes,
            "parties": ";".join(f"{party} {number}" for party, number in item.parties),
            "one_sided_km2": item.one_sided_km2,
        }
        for item in weigh_record(atlas.log, atlas.mosaic, division, latest.day)
    ]
    columns = list_columns(tuple(rows[0]), share="share", one_sided_km2="area") if rows else []
    scheme, named = name_division(["district"], division)
    title = f"Changes that rest on one party's word{scheme}"
    notes = [
        "All changes that ever reach a district, alternatives included; one_sided_km2: its land that these concern."
    ]
    print_table(title, columns, rows, format_, named | to_credits(latest), notes=notes)


def sources(
    name: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A source; without it all, the most cited first.")
    ] = None,
    format_: FormatOption = TableFormat.TABLE,
    data: DataOption = None,
) -> None:
    """Print all sources with the number of records that cite each, or one with every record that cites it."""
    from mapper.citations import count_citations

    atlas = open_atlas(data)
    if name is not None:
        _print_source(atlas, name, format_)
        return
    rows = [
        {
            "source": source.id,
            "title": source.title,
            "producer": source.producer or "",
            "source_licence": source.license.name,
            "language": source.language or "",
            "leaning": source.leaning or "",
            "published": source.date_published or "",
            "url": source.url_main or "",
            "records": count,
        }
        for source, count in count_citations(atlas.data)
    ]
    names = ("source", "title", "producer", "source_licence", "language", "leaning", "published", "url", "records")
    columns = list_columns(names, hidden=("producer", "published", "url"))
    about = to_credits(atlas.snapshot(atlas.span[1]))
    notes = ["records: how many of the data's records cite it, versions of features included."]
    print_table(f"Sources of data {atlas.data_version}", columns, rows, format_, about, notes=notes)


def _print_source(atlas: Atlas, name: str, format_: TableFormat) -> None:
    from mapper.citations import find_source

    source, citations = find_source(atlas.data, name)
    rows = [{"file": item.file, "record": item.record, "one_sided": item.one_sided or ""} for item in citations]
    about = {
        "source": source.id,
        "source_title": source.title,
        "producer": source.producer or "",
        "published": source.date_published or "",
        "citation": source.citation,
        "url": source.url_main or "",
        "source_licence": source.license.name,
        "source_licence_url": source.license.url or "",
        "language": source.language or "",
        "leaning": source.leaning or "none evident",
    }
    notes = [f"{key.replace('_', ' ')}: {value}" for key, value in about.items() if value]
    more = to_credits(atlas.snapshot(atlas.span[1]))
    columns = list_columns(("file", "record", "one_sided"))
    print_table(f"Cited by {len(rows)} records", columns, rows, format_, about | more, notes=notes)
