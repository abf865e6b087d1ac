"""The only reader of geodata/: parses every file and collects every finding."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from mapper import records
from mapper.errors import DataError, Finding, MapperError
from mapper.parties import BUILT_IN, Parties, parties_of
from mapper.records import (
    Assertion,
    Change,
    Claim,
    Controller,
    Correction,
    Event,
    FeatureVersion,
    Figure,
    Gap,
    Layer,
    Legend,
    Overlay,
    Place,
    RoadState,
    Sliver,
    Source,
    War,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    import shapely

T = TypeVar("T")

#: What the data go out under where a folder says nothing else.
LICENCE = "CC BY 4.0"
DECIMALS = 5  # about 1 m, RFC 7946 section 11.2
GRID_DEG = 10.0**-DECIMALS
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")

#: The tables, in the order their rows are kept.
TABLES: dict[str, tuple[type, Callable[[Any], Any]]] = {
    "changes.csv": (Change, lambda row: (row.best, row.seq or 0, row.id)),
    "events.csv": (Event, lambda row: (row.best, row.id)),
    "overlays.csv": (Overlay, lambda row: (row.from_, row.id)),
    "claims.csv": (Claim, lambda row: (row.from_, row.id)),
    "roads.csv": (RoadState, lambda row: (row.best, row.id)),
    "places.csv": (Place, lambda row: row.id),
    "figures.csv": (Figure, lambda row: row.id),
    "assertions.csv": (Assertion, lambda row: (row.day, row.id)),
}
#: The lists kept as JSON: file name to member name and record.
LISTS: dict[str, tuple[str, type]] = {
    "sources.json": ("sources", Source),
    "legends.json": ("legends", Legend),
    "gaps.json": ("gaps", Gap),
    "corrections.json": ("corrections", Correction),
    "slivers.json": ("slivers", Sliver),
    "cells.json": ("wars", War),
}


@dataclass(frozen=True, slots=True)
class Geodata:
    """Everything a data folder holds, parsed; geometries are GeoJSON objects keyed by (layer, version id)."""

    folder: Path
    version: str
    span: tuple[date, date]
    layers: tuple[Layer, ...]
    versions: tuple[FeatureVersion, ...]
    geometries: dict[tuple[str, str], dict[str, Any]]
    changes: tuple[Change, ...] = ()
    events: tuple[Event, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    claims: tuple[Claim, ...] = ()
    legends: tuple[Legend, ...] = ()
    roads: tuple[RoadState, ...] = ()
    places: tuple[Place, ...] = ()
    sources: tuple[Source, ...] = ()
    figures: tuple[Figure, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    gaps: tuple[Gap, ...] = ()
    corrections: tuple[Correction, ...] = ()
    slivers: tuple[Sliver, ...] = ()
    wars: tuple[War, ...] = ()
    parties: Parties = BUILT_IN
    licence: str = LICENCE
    findings: tuple[Finding, ...] = field(default=(), compare=False)


def default_folder() -> Path:
    """The data folder that travels with the package: inside the wheel, or beside the source tree."""
    package = Path(__file__).resolve().parent
    inside = package / "geodata"
    return inside if inside.is_dir() else package.parent / "geodata"


def data_files(folder: Path) -> list[Path]:
    """The files that make the data, sorted; documents, licences and pictures are not among them.

    Raises
    ------
    MapperError
        When the folder does not exist or holds no layers.json.
    """
    if not (folder / "layers.json").is_file():
        msg = f"{folder} is no data folder: it holds no layers.json; give --data the path of a geodata folder"
        raise MapperError(msg)
    tables = [folder / name for name in ("VERSION", "layers.json", *TABLES, *LISTS)]
    return sorted([path for path in tables if path.is_file()] + list(folder.glob("*/*.geojson")))


def load(folder: Path) -> Geodata:
    """The data folder, parsed.

    Raises
    ------
    DataError
        With every finding, when any file or record cannot be read.
    """
    data = read(folder)
    if data.findings:
        raise DataError(data.findings)
    return data


def read_version(folder: Path) -> tuple[str, str]:
    """The data's version and its last covered day, as text."""
    data_files(folder)
    span = json.loads((folder / "layers.json").read_bytes())["span"]
    return (folder / "VERSION").read_text(encoding="utf-8").strip(), str(span["as_of"])


def read(folder: Path) -> Geodata:
    """The data folder as far as it can be parsed; what cannot be is in ``findings``."""
    data_files(folder)
    findings: list[Finding] = []
    layers, span, parties = _read_layers(folder, findings)
    versions: list[FeatureVersion] = []
    geometries: dict[tuple[str, str], dict[str, Any]] = {}
    for layer in layers:
        for path in sorted((folder / layer.id).glob("*.geojson")):
            content = _read_json(path, findings)
            for version, geometry in _parse_features(path, layer.id, content, findings):
                versions.append(version)
                geometries[layer.id, version.id] = geometry
    tables: dict[str, list[Any]] = {
        Path(name).stem: _read_table(folder / name, kind, findings) for name, (kind, _) in TABLES.items()
    }
    lists: dict[str, list[Any]] = {
        member: _read_list(folder / name, member, kind, findings) for name, (member, kind) in LISTS.items()
    }
    data_version = _read_text(folder / "VERSION", findings) or ""
    return Geodata(
        folder,
        data_version.strip(),
        span,
        tuple(layers),
        tuple(versions),
        geometries,
        **{name: tuple(rows) for name, rows in (tables | lists).items()},
        parties=parties,
        licence=_read_licence(folder),
        findings=tuple(findings),
    )


def read_layer(folder: Path, layer: str) -> list[tuple[FeatureVersion, shapely.Geometry]]:
    """The versions of one layer with their shapely geometries, of a folder that has been checked."""
    paths = sorted((folder / layer).glob("*.geojson"))
    found = [item for path in paths for item in _parse_features(path, layer, _read_json(path, []), [])]
    return [(version, to_shape(geometry)) for version, geometry in found]


def read_text(path: Path) -> str:
    """The text of a UTF-8 file; MapperError when it is none."""
    findings: list[Finding] = []
    text = _read_text(path, findings)
    if text is None:
        raise DataError(findings)
    return text


def _read_text(path: Path, findings: list[Finding]) -> str | None:
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        findings.append(_finding(path, "", "the file is missing; add it, with its header if it has no rows"))
        return None
    except OSError as error:
        findings.append(_finding(path, "", f"cannot be read ({error.strerror}); it must be a readable file"))
        return None
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8; save the file as UTF-8"
        findings.append(_finding(path, "", message))
        return None
    if not text.strip():
        findings.append(_finding(path, "", "the file is empty; restore it from version control"))
        return None
    return text


def _read_json(path: Path, findings: list[Finding]) -> Any:
    text = _read_text(path, findings)
    return None if text is None else _parse_json(path, text, findings)


def _parse_json(path: Path, text: str, findings: list[Finding]) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        findings.append(_finding(path, f"line {error.lineno}", f"not JSON ({error.msg}); correct it there"))
    except RecursionError:
        findings.append(_finding(path, "", "is nested too deeply to be read; flatten it"))
    return None


def _read_layers(folder: Path, findings: list[Finding]) -> tuple[list[Layer], tuple[date, date], Parties]:
    from datetime import date

    path = folder / "layers.json"
    content = _read_json(path, findings)
    nowhere = (date(1923, 7, 7), date(1923, 7, 7))
    if not isinstance(content, dict):
        findings.append(_finding(path, "", "expected an object with 'span' and 'layers'; restore the file"))
        return [], nowhere, BUILT_IN
    listed = content.get("layers")
    if not isinstance(listed, list):
        findings.append(_finding(path, "", "expected a list 'layers'; restore the file"))
        listed = []
    layers = [layer for item in listed if (layer := _parse(path, Layer, item, findings))]
    ids = [layer.id for layer in layers]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    strays = sorted({file.parent.name for file in folder.glob("*/*.geojson")} - set(ids))
    findings += [_finding(path, name, "the id occurs twice; a layer is one folder") for name in twice]
    findings += [_finding(path, name, "holds features but is no layer; list it or remove it") for name in strays]
    span = _parse(path, records.Span, content.get("span"), findings, record="span")
    return layers, (span.from_, span.as_of) if span else nowhere, _read_parties(path, content, findings)


def _read_licence(folder: Path) -> str:
    """The licence that the folder states; an unreadable file is among the findings already."""
    content = _read_json(folder / "layers.json", [])
    return str(content.get("licence", LICENCE)) if isinstance(content, dict) else LICENCE


def _read_parties(path: Path, content: dict[str, Any], findings: list[Finding]) -> Parties:
    """The controllers that the folder lists; the built-in ones where it lists none."""
    listed = content.get("controllers", [])
    if not isinstance(listed, list):
        findings.append(_finding(path, "", "'controllers' is no list; list objects with id, side, names and colour"))
        return BUILT_IN
    found = [one for item in listed if (one := _parse(path, Controller, item, findings))]
    ids = [one.id for one in found]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    findings += [_finding(path, name, "the controller is listed twice; list it once") for name in twice]
    for one in found:
        if one.colour is not None and not re.fullmatch(r"#[0-9a-f]{6}", one.colour):
            findings.append(_finding(path, one.id, f"colour: got '{one.colour}', expected #rrggbb in small letters"))
    return parties_of(found)


def parse_features(layer: str, feature: str, text: str) -> list[tuple[FeatureVersion, dict[str, Any]]]:
    """The versions and GeoJSON geometries in the text of a feature file.

    Raises
    ------
    DataError
        With every finding, when the text or a record cannot be read.
    """
    findings: list[Finding] = []
    path = Path(layer) / f"{feature}.geojson"
    found = _parse_features(path, layer, _parse_json(path, text, findings), findings)
    if findings:
        raise DataError(findings)
    return found


def _parse_features(
    path: Path, layer: str, content: Any, findings: list[Finding]
) -> list[tuple[FeatureVersion, dict[str, Any]]]:
    if content is None:
        return []
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection" or not _members(content):
        findings.append(_finding(path, "", "not a GeoJSON FeatureCollection with at least one feature version"))
        return []
    if "crs" in content:
        message = f"has a crs member ({_crs_name(content['crs'])}); reproject to lon/lat WGS 84 and drop it (RFC 7946)"
        findings.append(_finding(path, "", message))
        return []
    found: list[tuple[FeatureVersion, dict[str, Any]]] = []
    for item in content["features"]:
        version = _parse_version(path, layer, item, findings)
        if version is None:
            continue
        if fault := _geometry_fault(item.get("geometry")):
            findings.append(_finding(path, version.id, fault))
        elif any(other.id == version.id for other, _ in found):
            findings.append(_finding(path, version.id, "the id occurs twice; renumber one"))
        else:
            found.append((version, item["geometry"]))
    return found


def _members(collection: dict[str, Any]) -> list[Any]:
    members = collection.get("features")
    return members if isinstance(members, list) else []


def _crs_name(crs: Any) -> str:
    return str(crs.get("properties", {}).get("name", crs)) if isinstance(crs, dict) else str(crs)


def _parse_version(path: Path, layer: str, item: Any, findings: list[Finding]) -> FeatureVersion | None:
    if not isinstance(item, dict) or not isinstance(item.get("properties"), dict):
        findings.append(_finding(path, "", "a member of features is no GeoJSON Feature with properties"))
        return None
    name = str(item.get("id"))
    match = re.fullmatch(rf"{re.escape(path.stem)}/([1-9][0-9]*)", name)
    if match is None or not _SLUG.fullmatch(path.stem):
        message = f"got id '{name}', expected '{path.stem}/<number>' (the file's stem, a-z, 0-9 and - only)"
        findings.append(_finding(path, name, message))
        return None
    own = {"layer": layer, "feature": path.stem, "number": int(match[1])}
    return _parse(path, FeatureVersion, {**item["properties"], **own}, findings, record=name)


def _geometry_fault(geometry: Any) -> str | None:
    """What keeps a GeoJSON geometry from being used, in words; None when nothing does."""
    if not isinstance(geometry, dict) or not geometry.get("coordinates"):
        return "has no geometry; draw one or remove the version"
    if geometry.get("type") not in {"Polygon", "MultiPolygon", "LineString", "MultiLineString"}:
        return f"got a {geometry.get('type')}, expected a (Multi)Polygon or (Multi)LineString"
    if fault := _position_fault(geometry["coordinates"]):
        return fault
    from shapely.errors import ShapelyError

    try:
        to_shape(geometry)
    except (ShapelyError, ValueError, TypeError) as error:
        return f"is no usable {geometry['type']} ({error}); close its rings and nest its positions as RFC 7946 says"
    return None


def _position_fault(coordinates: Any) -> str | None:
    import numpy as np

    try:
        lonlat = np.array(list(_positions(coordinates)), dtype=float)
    except (TypeError, ValueError):
        return "has positions that are not two numbers (lon, lat)"
    if lonlat.ndim != 2 or lonlat.shape[1] != 2 or not np.isfinite(lonlat).all():
        return "has positions that are not two finite numbers (lon, lat)"
    if (np.abs(lonlat) > (180, 90)).any():
        far = lonlat[(np.abs(lonlat) > (180, 90)).any(axis=1)][0]
        return f"position {far.tolist()} is not lon/lat in degrees; reproject the file to WGS 84"
    return None


def _positions(coordinates: Any) -> Iterable[Any]:
    if not (coordinates and isinstance(coordinates[0], list)):
        yield coordinates
        return
    for item in coordinates:
        yield from _positions(item)


def _read_table(path: Path, kind: type[T], findings: list[Finding]) -> list[T]:
    text = _read_text(path, findings)
    if text is None:
        return []
    reader = csv.DictReader(io.StringIO(text), strict=True)
    expected = list(field_names(kind))
    if reader.fieldnames != expected:
        findings.append(_finding(path, "header", f"got {reader.fieldnames}, expected {expected}"))
        return []
    rows: list[T] = []
    try:
        for row in reader:
            record = f"line {reader.line_num}, {row.get('id')}"
            if None in row or None in row.values():
                findings.append(_finding(path, record, f"expected {len(expected)} values; quote those with commas"))
            elif parsed := _parse(path, kind, _cells(kind, row), findings, record=record):
                rows.append(parsed)
    except csv.Error as error:
        findings.append(_finding(path, f"line {reader.line_num}", f"not CSV ({error})"))
    return rows


def _cells(kind: type, row: Mapping[str, str]) -> dict[str, Any]:
    hints = _hints(kind)
    values: dict[str, Any] = {}
    for name, hint in hints.items():
        cell = row[column_name(name)]
        if str(hint).startswith("tuple"):
            values[name] = tuple(cell.split(";")) if cell else ()
        else:
            values[name] = None if cell == "" and hint is not str else cell
    return values


def _read_list(path: Path, member: str, kind: type[T], findings: list[Finding]) -> list[T]:
    content = _read_json(path, findings)
    if content is None:
        return []
    if not isinstance(content, dict) or not isinstance(content.get(member), list):
        findings.append(_finding(path, "", f"expected an object with the list '{member}'"))
        return []
    return [record for item in content[member] if (record := _parse(path, kind, item, findings))]


def column_name(name: str) -> str:
    """A field's name in a file: ``from`` is a Python keyword, the field is ``from_``."""
    return name.rstrip("_")


def field_names(kind: Any) -> dict[str, str]:
    """Names of a record's fields in a file and in Python, in order."""
    names: list[str] = [item.name for item in fields(kind)]
    return {column_name(name): name for name in names}


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _parse(path: Path, kind: type[T], values: Any, findings: list[Finding], *, record: str = "") -> T | None:
    """A record, or None and its faults among the findings."""
    from pydantic import ValidationError

    if not isinstance(values, dict):
        findings.append(_finding(path, record, f"expected an object with the fields of a {kind.__name__}"))
        return None
    record = record or str(values.get("id", ""))
    names = field_names(kind)
    own: dict[str, Any] = {str(names.get(key, key)): value for key, value in values.items()}
    if unknown := sorted(set(own) - set(names.values())):
        findings.append(_finding(path, record, f"has unknown fields {unknown}; expected some of {sorted(names)}"))
        return None
    try:
        parsed: T = _adapter(kind).validate_python(own)  # type: ignore[arg-type]  # a class is hashable
    except ValidationError as error:
        for fault in error.errors():
            where = column_name(".".join(str(part) for part in fault["loc"]))
            got = "nothing" if fault["type"].startswith("missing") else repr(fault["input"])
            findings.append(_finding(path, record, f"{where}: got {got}; {fault['msg'].lower()}"))
        return None
    identity = getattr(parsed, "id", None)
    if isinstance(identity, str) and kind is not FeatureVersion and not _ID.fullmatch(identity):
        findings.append(_finding(path, record, f"id '{identity}' is not made of a-z, 0-9, - and _ only"))
        return None
    return parsed


def _finding(path: Path, record: str, message: str) -> Finding:
    inside = path.parent.name if path.suffix == ".geojson" else ""
    return Finding(f"{inside}/{path.name}" if inside else path.name, record, message)


# --- geometry ----------------------------------------------------------------------------------------------------


def to_shape(geometry: dict[str, Any]) -> shapely.Geometry:
    """The shapely geometry of a GeoJSON object."""
    import shapely

    return shapely.from_geojson(json.dumps(geometry))


def read_polygon(source: shapely.Geometry | str | Path) -> shapely.Geometry:
    """One valid (multi)polygon in EPSG:4326 from a geometry, or from all polygons of a vector file in any CRS.

    Raises
    ------
    MapperError
        When the file cannot be read, has no CRS, or holds no polygon; or the geometry is no valid polygon.
    """
    import shapely

    shape, name = (source, "the polygon") if isinstance(source, shapely.Geometry) else (_read_union(source), source)
    if shape.is_empty or not shape.geom_type.endswith("Polygon"):
        msg = f"{name} holds a {shape.geom_type}, expected polygons with an area"
        raise MapperError(msg)
    if not shape.is_valid:
        msg = f"{name} is not a valid polygon ({shapely.is_valid_reason(shape)}); repair it, for example by make_valid"
        raise MapperError(msg)
    return shape


def _read_union(path: str | Path) -> shapely.Geometry:
    import geopandas as gpd
    import shapely
    from pyogrio.errors import DataLayerError, DataSourceError
    from shapely.errors import ShapelyError

    try:
        frame = gpd.read_file(path)
    except (DataSourceError, DataLayerError, ShapelyError, OSError) as error:
        msg = f"{path} cannot be read as a vector file ({str(error).splitlines()[0]}); give a GeoJSON or GeoPackage"
        raise MapperError(msg) from None
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        msg = f"{path} has no coordinate reference system; save it with one, for example EPSG:4326"
        raise MapperError(msg)
    shapes = frame.to_crs("EPSG:4326").geometry
    broken = [str(index) for index, shape in enumerate(shapes) if shape is None or not shape.is_valid]
    if broken:
        msg = f"{path}: feature {', '.join(broken)} is not a valid polygon; repair it, for example by make_valid"
        raise MapperError(msg)
    return shapely.union_all(shapes.to_numpy())
