"""The tables behind every answer as Parquet files for other engines; those with a geometry are GeoParquet.

Numbers of faces and edges are those of one build of the data: they agree between the files of one folder, and change
when an outline does. Days are days, valid from their first to the day before their ``_to``, which is empty as long as
there is none. Areas are whole square metres on the WGS 84 ellipsoid with edges straight in lon/lat. Geometries are WKB
in EPSG:4326, longitude first.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from mapper.farm import HERE, ignore
from mapper.parcel import Parcel
from mapper.records import METHODS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from mapper.atlas import Atlas
    from mapper.farm import Farm
    from mapper.mosaic import Mosaic
    from mapper.records import FeatureVersion

    Rows = list[dict[str, Any]]
    Day = date

AREA_METHOD = "whole m2 on the WGS 84 ellipsoid, edges straight in lon/lat"
_GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its name, its type in the words of pyarrow, its unit, whether it may be empty, what it says."""

    name: str
    type: str
    unit: str
    text: str
    nullable: bool = False


def _day(name: str, text: str, *, nullable: bool = False) -> Field:
    return Field(name, "date32", "day", text, nullable)


#: The tables by name, and their columns in order.
SCHEMA: dict[str, tuple[Field, ...]] = {
    "faces": (
        Field("face", "int32", "", "number of the smallest piece that no outline ever cut"),
        Field("area_m2", "int64", "m2", "its area; a state's faces sum to the state's"),
        Field(_GEOMETRY, "binary", "degrees", "Polygon"),
    ),
    "edges": (
        Field("edge", "int32", "", "number of the line between two faces"),
        Field("face_one", "int32", "", "a face that it bounds, the smaller number of the two"),
        Field("face_other", "int32", "", "the other one; empty: the world outside", nullable=True),
        Field("length_m", "double", "m", "geodesic length"),
        Field("precision_m", "double", "m", "1-sigma error of the best course that made the line"),
        Field("correlation_m", "double", "m", "how far along the line that error stays the same"),
        Field("method", "string", "", f"how that course was made: {', '.join(METHODS)}"),
        Field("parts_cells", "bool", "", "whether it parts two cells of a war's ground and nothing that is drawn"),
        Field(_GEOMETRY, "binary", "degrees", "LineString"),
    ),
    "memberships": (
        Field("face", "int32", "", "a face"),
        Field("layer", "string", "", "the theme that it lies in an outline of; a division's id for districts"),
        Field("kind", "string", "", "kind of the layer: state, division, oblast, area, corridor, shape"),
        Field("feature", "string", "", "id of the state, district or other feature"),
        Field("version", "int32", "", "number of the version of its outline"),
        Field("name", "string", "", "its name in English; its id where there is none"),
        Field("sovereign", "string", "", "of a state: who has recognised title", nullable=True),
        _day("valid_from", "first day on which the outline is valid"),
        _day("valid_to", "first day on which it no longer is", nullable=True),
        _day(
            "used_from", "the same as answers read it: a division's outlines serve before its first day", nullable=True
        ),
        _day("used_to", "and after its last day; see valid_to", nullable=True),
    ),
    "changes": (
        Field("face", "int32", "", "a face that the change reaches; a row for each"),
        Field("rank", "int32", "", "place among the face's rows: of those that count and have come the last decides"),
        Field("change", "string", "", "id of the change"),
        Field("controller", "string", "", "who holds from then on"),
        Field("status", "string", "", "how: held, contested, besieged, to-be-transferred"),
        Field("kind", "string", "", "what happened: capture, hand-over ..."),
        _day("best", "best day on this face, after the rule of swept areas"),
        _day("earliest", "first possible day on this face"),
        _day("latest", "last possible day on this face"),
        _day("stated_best", "best day of the change itself"),
        _day("stated_earliest", "first possible day of the change itself"),
        _day("stated_latest", "last possible day of the change itself"),
        Field("swept_with", "string", "", "the change that the rule moved this face up to", nullable=True),
        _day("known", "day on which the change became public"),
        _day("known_to", "day on which that account was dropped", nullable=True),
        Field("alternative_of", "string", "", "id of the set of versions that exclude each other", nullable=True),
        Field("account", "string", "", "whose version it is", nullable=True),
        Field("is_default", "bool", "", "whether it counts when no account is chosen"),
        Field("bounds", "string", "", "whether the possible days rest on evidence or on a rule"),
        Field("confidence", "string", "", "high, medium, low"),
        Field("one_sided", "string", "", "the party on whose word alone it rests", nullable=True),
        Field("zone", "string", "", "where, as a zone expression"),
        Field("sources", "string", "", "ids of the sources, joined by ;"),
    ),
    "areas": (
        _day("day_from", "the areas are those of this day and of all until day_to; low and high those of this day"),
        _day("day_to", "the day before the next change date, or the data's last day"),
        Field("division", "string", "", "scheme of districts; choose one before summing"),
        Field("district", "string", "", 'id of the district, "" outside all'),
        Field("sovereign", "string", "", "who has recognised title"),
        Field("controller", "string", "", "who holds"),
        Field("status", "string", "", 'how, "" where that is not known'),
        Field("area_m2", "int64", "m2", "area by the record's own account, everything known"),
        Field("low_m2", "double", "m2", "least over dates, accounts and contested land, less 1.96 sigma of the lines"),
        Field("high_m2", "double", "m2", "most over the same, plus 1.96 sigma of the lines"),
    ),
}


def render_tables(
    atlas: Atlas, *, farm: Farm = HERE, report: Callable[[int], None] = ignore
) -> Iterator[tuple[str, bytes]]:
    """Each table's name with its Parquet file; the same data, libraries and any farm give the same bytes.

    Parameters
    ----------
    report
        Called with the number of days whose areas are done, of ``len(atlas.change_dates)``.
    """
    mosaic = atlas.mosaic
    yield "faces", _with_geometry(atlas, "faces", _faces(mosaic), mosaic.polygons)
    yield "edges", _with_geometry(atlas, "edges", _edges(mosaic), mosaic.edges)
    yield "memberships", _to_parquet(atlas, "memberships", _memberships(mosaic))
    yield "changes", _to_parquet(atlas, "changes", _changes(atlas))
    yield "areas", _to_parquet(atlas, "areas", _areas(atlas, farm, report))


# --- rows ----------------------------------------------------------------------------------------------------------


def _faces(mosaic: Mosaic) -> dict[str, Any]:
    return {"face": np.arange(mosaic.face_count), "area_m2": mosaic.area_m2}


def _edges(mosaic: Mosaic) -> dict[str, Any]:
    return {
        "edge": np.arange(len(mosaic.edge_left)),
        "face_one": mosaic.edge_left,
        "face_other": [face if face >= 0 else None for face in mosaic.edge_right.tolist()],
        "length_m": mosaic.edge_length_m,
        "precision_m": mosaic.edge_precision_m,
        "correlation_m": mosaic.edge_correlation_m,
        "method": [METHODS[code] for code in mosaic.edge_method.tolist()],
        "parts_cells": mosaic.edge_parts_cells,
    }


def _memberships(mosaic: Mosaic) -> Rows:
    kinds = {layer.id: layer.kind for layer in mosaic.layers}
    rows = []
    for number, version in enumerate(mosaic.versions):
        used_from, used_to = _used(mosaic, version, kinds[version.layer])
        own = {
            "layer": version.layer,
            "kind": kinds[version.layer],
            "feature": version.feature,
            "version": version.number,
            "name": version.name("en"),
            "sovereign": version.sovereign,
            "valid_from": version.valid_from,
            "valid_to": version.valid_to,
            "used_from": used_from,
            "used_to": used_to,
        }
        rows += [{"face": face, **own} for face in np.flatnonzero(mosaic.member[number]).tolist()]
    return sorted(rows, key=lambda row: (row["face"], row["layer"], row["feature"], row["version"]))


def _used(mosaic: Mosaic, version: FeatureVersion, kind: str) -> tuple[Day | None, Day | None]:
    """The days on which an outline is the one that answers use, None for no end; see ``Mosaic.rows_on``."""
    if kind not in {"division", "oblast"}:
        return version.valid_from, version.valid_to
    others = [mosaic.versions[row] for row in mosaic.rows(version.layer)]
    ends = [other.valid_to for other in others]
    is_first = version.valid_from == min(other.valid_from for other in others)
    is_last = None not in ends and version.valid_to == max(end for end in ends if end)
    return None if is_first else version.valid_from, None if is_last else version.valid_to


def _changes(atlas: Atlas) -> Rows:
    log = atlas.log
    days = zip(log.row_best.tolist(), log.row_earliest.tolist(), log.row_latest.tolist(), strict=True)
    faces, owners, swept = (column.tolist() for column in (log.row_face, log.row_change, log.row_swept_with))
    rows: Rows = []
    for face, owner, (best, earliest, latest), cause in zip(faces, owners, days, swept, strict=True):
        change = log.changes[owner]
        same_face = bool(rows) and rows[-1]["face"] == face
        row = {
            "face": face,
            "rank": rows[-1]["rank"] + 1 if same_face else 0,
            "change": change.id,
            "best": date.fromordinal(best),
            "earliest": date.fromordinal(earliest),
            "latest": date.fromordinal(latest),
            **{f"stated_{name}": getattr(change, name) for name in ("best", "earliest", "latest")},
            "swept_with": log.changes[cause].id if cause >= 0 else None,
            "sources": ";".join(change.sources),
        }
        rest = {field.name: getattr(change, field.name) for field in SCHEMA["changes"] if field.name not in row}
        rows.append(row | rest)
    return rows


_AREA_KEYS = ("district", "sovereign", "controller", "status")


def _areas(atlas: Atlas, farm: Farm, report: Callable[[int], None]) -> Rows:
    first, last = atlas.span
    starts = sorted({first, *atlas.change_dates})
    ends = [day - timedelta(days=1) for day in starts[1:]] + [last]
    rows: Rows = []
    for start, end, found in zip(starts, ends, farm.run(_areas_on, starts, Parcel(atlas), report=report), strict=True):
        rows += [{"day_from": start, "day_to": end, **row} for row in found]
    return rows


def _areas_on(parcel: Parcel, day: Day) -> Rows:
    """The rows of one day, in every division, by the keys."""
    snapshot = parcel.atlas.snapshot(day)
    rows: Rows = []
    for division in sorted(parcel.atlas.divisions):
        table = snapshot.area_table(_AREA_KEYS, division=division)
        for row in sorted(table.rows, key=lambda row: [row[key] for key in _AREA_KEYS]):
            areas = {f"{name}_m2": row[f"{name}_km2"] * 1e6 for name in ("area", "low", "high")}
            areas["area_m2"] = round(areas["area_m2"])
            rows.append({"division": division, **{key: row[key] for key in _AREA_KEYS}, **areas})
    return rows


# --- files ---------------------------------------------------------------------------------------------------------


def _to_parquet(atlas: Atlas, name: str, rows: Rows) -> bytes:
    columns = {field.name: [row[field.name] for row in rows] for field in SCHEMA[name]}
    return _write(_arrow(name, columns), _about(atlas, name))


def _with_geometry(atlas: Atlas, name: str, columns: dict[str, Any], shapes: Any) -> bytes:
    """GeoParquet: as geopandas writes it, with the types and words of our own schema."""
    import geopandas as gpd
    import pyarrow.parquet as pq
    import shapely

    if name == "faces":
        shapes = shapely.orient_polygons(shapes)
    plain = gpd.GeoDataFrame({"row": np.arange(len(shapes))}, geometry=shapes, crs="EPSG:4326")
    target = io.BytesIO()
    plain.to_parquet(target, index=False)
    written = pq.read_table(io.BytesIO(target.getvalue()))
    columns[_GEOMETRY] = written.column(_GEOMETRY).combine_chunks()
    return _write(_arrow(name, columns), _about(atlas, name) | {b"geo": written.schema.metadata[b"geo"]})


def _arrow(name: str, columns: dict[str, Any]) -> pa.Table:
    import pyarrow as pa

    fields = []
    for field in SCHEMA[name]:
        about = {"description": field.text} | ({"unit": field.unit} if field.unit else {})
        kind = pa.type_for_alias(field.type)
        fields.append(pa.field(field.name, kind, nullable=field.nullable, metadata=about))
    schema = pa.schema(fields)
    arrays = [pa.array(columns[field.name], type=field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _about(atlas: Atlas, name: str) -> dict[bytes, bytes]:
    """What every file says about itself."""
    sources = [source.id for source in atlas.sources.values()]
    about = {
        "title": f"{name} of the mapper's record",
        "span": "/".join(day.isoformat() for day in atlas.span),
        "data_version": atlas.data_version,
        "licence": atlas.snapshot(atlas.span[1]).licence(),
        "attribution": atlas.attribution(sources),
        "area_method": AREA_METHOD,
        "crs": "EPSG:4326, longitude first",
    }
    return {key.encode(): value.encode() for key, value in about.items()}


def _write(table: pa.Table, about: dict[bytes, bytes]) -> bytes:
    import pyarrow.parquet as pq

    target = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(about), target, compression="zstd")
    return target.getvalue()
