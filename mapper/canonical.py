"""The canonical form of the files of geodata/: fixed order, one position a line, 5 decimals."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mapper import records
from mapper.errors import MapperError
from mapper.geodata import DECIMALS, LICENCE, LISTS, TABLES, Geodata, column_name, data_files, field_names
from mapper.records import War

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mapper.records import Controller, FeatureVersion, Layer


def dump(data: Geodata, name: str) -> str:
    """Canonical text of one file of the data folder; ``name`` is relative to it, POSIX style."""
    if name == "VERSION":
        return data.version + "\n"
    if name == "layers.json":
        span = {"from": data.span[0].isoformat(), "as_of": data.span[1].isoformat()}
        listed = [] if data.parties.is_built_in else [_controller(item) for item in data.parties.controllers]
        controllers = {"controllers": listed} if listed else {}
        licence = {} if data.licence == LICENCE else {"licence": data.licence}
        return _json({"span": span, **licence, **controllers, "layers": [_layer(layer) for layer in data.layers]})
    if name in TABLES:
        kind, order = TABLES[name]
        return _dump_table(kind, sorted(getattr(data, Path(name).stem), key=order))
    if name in LISTS:
        member, _ = LISTS[name]
        return _json({member: [_member(row) for row in sorted(getattr(data, member), key=lambda row: row.id)]})
    layer, feature = name.removesuffix(".geojson").split("/")
    versions = [version for version in data.versions if (version.layer, version.feature) == (layer, feature)]
    if not versions:
        msg = f"{name} holds no feature version of a layer; nothing is written in its place"
        raise MapperError(msg)
    return dump_features(
        (version, data.geometries[layer, version.id])
        for version in sorted(versions, key=lambda version: (version.valid_from, version.number))
    )


def dump_features(features: Iterable[tuple[FeatureVersion, dict[str, Any]]]) -> str:
    """Canonical GeoJSON text of a feature's versions: fixed key order, one position a line, 5 decimals."""
    members = []
    for version, geometry in features:
        own = {key: value for key, value in _object(version).items() if key not in {"layer", "feature", "number"}}
        optional = {"sovereign", "evidence", "note", "other_names"}
        properties = {key: value for key, value in own.items() if key not in optional or value}
        canonical = canonical_geometry(geometry)
        members.append(
            f'{{"type": "Feature", "id": {json.dumps(version.id)}, "properties": '
            f"{json.dumps(properties, ensure_ascii=False, indent=1)},\n"
            f'"geometry": {{"type": "{canonical["type"]}", "coordinates": {_lines(canonical["coordinates"])}}}}}'
        )
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(members) + "\n]}\n"


def canonical_geometry(geometry: dict[str, Any]) -> dict[str, Any]:
    """The geometry as it is stored: rounded, exteriors counter-clockwise, a fixed order of parts and first vertex."""
    import shapely

    shape = shapely.from_geojson(json.dumps(geometry))
    rounded = shapely.transform(shape, lambda lonlat: lonlat.round(DECIMALS) + 0.0)
    ordered = shapely.orient_polygons(shapely.normalize(rounded))
    if ordered.geom_type.startswith("Multi") and shapely.get_num_geometries(ordered) == 1:
        ordered = shapely.get_geometry(ordered, 0)
    content: dict[str, Any] = json.loads(shapely.to_geojson(ordered))
    return content


def _lines(coordinates: Any) -> str:
    if isinstance(coordinates[0], (int, float)):
        return f"[{_number(coordinates[0])}, {_number(coordinates[1])}]"
    return "[\n" + ",\n".join(_lines(item) for item in coordinates) + "\n]"


def _number(value: float) -> str:
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")


def _object(record: Any) -> dict[str, Any]:
    return {column_name(key): value for key, value in records.to_json(record).items()}


def _layer(layer: Layer) -> dict[str, Any]:
    return {key: value for key, value in _object(layer).items() if key not in {"sources", "partial"} or value}


def _controller(controller: Controller) -> dict[str, Any]:
    return {key: value for key, value in _object(controller).items() if key in {"id", "side"} or value}


def _member(record: Any) -> dict[str, Any]:
    if isinstance(record, War):
        places, pockets = tuple(sorted(record.places)), tuple(sorted(record.pockets))
        record = replace(record, places=places, weights=dict(sorted(record.weights.items())), pockets=pockets)
    return _object(record)


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _dump_table(kind: type, rows: Iterable[Any]) -> str:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    names = field_names(kind)
    writer.writerow(names)
    for row in rows:
        writer.writerow(_cell(getattr(row, name)) for name in names.values())
    return target.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, float):
        return _number(value)
    return str(value)


def find_unformatted(data: Geodata) -> list[tuple[str, str]]:
    """Files whose text differs from their canonical form: (name, canonical text) each."""
    names = [path.relative_to(data.folder).as_posix() for path in data_files(data.folder)]
    texts = ((name, dump(data, name)) for name in names)
    return [(name, text) for name, text in texts if (data.folder / name).read_bytes() != text.encode()]
