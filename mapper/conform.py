"""New geometry onto the lines that are there: snapped, noded on both sides, every move measured, or refused."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Geod

from mapper import canonical, geodata
from mapper.area import polygon_km2
from mapper.check import find_shape_problems
from mapper.errors import DataError, Finding, MapperError
from mapper.geodata import Geodata, to_shape
from mapper.grid import MIN_COMPACTNESS, MIN_FACE_KM2, PER_DEGREE
from mapper.linework import ROUNDING_M, metre_scale, node_outlines, segments_of, settle
from mapper.records import POLYGON_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mapper.linework import Key, Line, Outlines, Position


_GEOD = Geod(ellps="WGS84")
#: Layers whose lines are shared: those that cut land, and the courses that give edges their precision.
#: Roads and the base drawing bound nothing; a vertex where one crosses a border would only bend the border.
SHARED_KINDS = {*POLYGON_KINDS, "line"}


@dataclass(frozen=True, slots=True)
class Move:
    """A vertex of the new geometry that was moved, or the shift of its line where a vertex was put in.

    Attributes
    ----------
    start, end
        (lon, lat) before and after, degrees, WGS 84.
    metres
        The distance between them on the ellipsoid.
    """

    record: str
    start: tuple[float, float]
    end: tuple[float, float]
    metres: float


@dataclass(frozen=True, slots=True)
class AreaChange:
    """The area of a rewritten polygon before and after, km2."""

    file: str
    record: str
    before_km2: float
    after_km2: float

    @property
    def share(self) -> float:
        """The change as a share of the area before, signed."""
        return (self.after_km2 - self.before_km2) / self.before_km2


@dataclass(frozen=True, slots=True)
class ThinFace:
    """A face along the new geometry that is below the gate; ``known`` when it was there before or is listed."""

    lon: float
    lat: float
    area_km2: float
    compactness: float
    known: bool


@dataclass(frozen=True, slots=True)
class Conformed:
    """What conforming one feature file comes to; nothing is written yet.

    Attributes
    ----------
    name
        The feature's own file, relative to the data folder.
    files
        Name to canonical text: the feature's file, and each neighbour that shares a new vertex.
    """

    name: str
    moves: tuple[Move, ...]
    area_changes: tuple[AreaChange, ...]
    slivers: tuple[ThinFace, ...]
    files: dict[str, str]

    @property
    def mean_move_m(self) -> float:
        """The mean of the moves in metres, 0 without any."""
        return sum(move.metres for move in self.moves) / max(len(self.moves), 1)

    @property
    def max_move_m(self) -> float:
        """The longest move in metres, 0 without any."""
        return max((move.metres for move in self.moves), default=0.0)

    @property
    def neighbours(self) -> tuple[str, ...]:
        """The other files that have to be rewritten."""
        return tuple(name for name in self.files if name != self.name)


def conform(
    data: Geodata,
    layer: str,
    text: str,
    feature: str,
    *,
    tolerance_m: float,
    limit_m: float,
    max_area_share: float = 0.02,
) -> Conformed:
    """A new or changed feature file made to share the lines that are there.

    Parameters
    ----------
    data
        The data folder; what it holds of the feature itself is replaced.
    layer, feature, text
        The layer's id, the file's stem, and what the file holds.
    tolerance_m
        Vertices and stretches this close to a line that is there go onto it. Judged in metres of the data's middle
        latitude, within 3 % of the truth at its ends; reported moves are geodesic.
    limit_m
        The longest move allowed.
    max_area_share
        The largest change of a polygon's area allowed, as a share of it.

    Raises
    ------
    DataError
        With every objection: the file cannot be read, a move exceeds the limit, a part collapses or becomes invalid, an
        area changes too much, or a new sliver remains.
    MapperError
        When the layer shares no lines, or the drawing does not settle.
    """
    _check_layer(data, layer)
    if not 0 <= tolerance_m < math.inf:
        msg = f"the tolerance is {tolerance_m} m, expected metres from 0 up"
        raise MapperError(msg)
    drawn = geodata.parse_features(layer, feature, text)
    own = [(layer, version.id) for version, _ in drawn]
    kept = [version for version in data.versions if (version.layer, version.feature) != (layer, feature)]
    given = replace(
        data,
        versions=(*kept, *(version for version, _ in drawn)),
        geometries={(version.layer, version.id): data.geometries[version.layer, version.id] for version in kept}
        | {(layer, version.id): geometry for version, geometry in drawn},
    )
    _refuse(find_shape_problems(_only(given, own)))
    before = _outlines(given)
    after, went = settle(before, own, tolerance_m)
    changed = [key for key in before if key in own or after[key] != before[key]]
    result = _rebuilt(given, {key: after[key] for key in changed})
    conformed = Conformed(
        _file(own[0]),
        tuple(move for key in own for move in _moves(key[1], before[key], after[key], went[key])),
        tuple(_area_changes(given, result, changed)),
        tuple(_find_thin_faces(result, after, own)),
        _dump(result, [own[0], *changed]),
    )
    _refuse(_objections(conformed, limit_m, max_area_share))
    return conformed


def node_all(data: Geodata) -> dict[str, str]:
    """Name to canonical text of the files that change when the folder's lines are noded on the grid, all together."""
    before = _outlines(data)
    noded = node_outlines(before)
    changed = {key: lines for key, lines in noded.items() if lines != before[key]}
    return _dump(_rebuilt(data, changed), changed)


# --- reading and writing -----------------------------------------------------------------------------------------


def _check_layer(data: Geodata, layer: str) -> None:
    kinds = {item.id: item.kind for item in data.layers}
    if layer not in kinds:
        msg = f"unknown layer '{layer}', expected one of {', '.join(kinds)}; give a file in a layer's folder"
        raise MapperError(msg)
    if kinds[layer] not in SHARED_KINDS:
        msg = f"layer '{layer}' ({kinds[layer]}) bounds no land and shares no lines; run mapper fmt instead"
        raise MapperError(msg)


def _refuse(findings: Iterable[Finding]) -> None:
    if listed := list(findings):
        raise DataError(listed)


def _only(data: Geodata, keys: Iterable[Key]) -> Geodata:
    wanted = set(keys)
    return replace(data, versions=tuple(item for item in data.versions if (item.layer, item.id) in wanted))


def _outlines(data: Geodata) -> Outlines:
    """The lines of every version that shares its lines, in whole grid units."""
    shared = {layer.id for layer in data.layers if layer.kind in SHARED_KINDS}
    return {key: list(_flat(geometry["coordinates"])) for key, geometry in data.geometries.items() if key[0] in shared}


def _flat(coordinates: Any) -> Iterator[Line]:
    if isinstance(coordinates[0][0], (int, float)):
        yield [(round(lon * PER_DEGREE), round(lat * PER_DEGREE)) for lon, lat in coordinates]
        return
    for item in coordinates:
        yield from _flat(item)


def _restored(coordinates: Any, lines: Iterator[Line]) -> Any:
    """The nested coordinates with each line replaced by the next of ``lines``, in degrees."""
    if isinstance(coordinates[0][0], (int, float)):
        return [[x / PER_DEGREE, y / PER_DEGREE] for x, y in next(lines)]
    return [_restored(item, lines) for item in coordinates]


def _rebuilt(data: Geodata, outlines: Outlines) -> Geodata:
    """The data with some geometries made of new lines; raises DataError when one of them breaks."""
    _refuse(_find_collapsed(data, outlines))
    geometries = dict(data.geometries)
    for key, lines in outlines.items():
        geometries[key] = geometries[key] | {"coordinates": _restored(geometries[key]["coordinates"], iter(lines))}
    _refuse(_find_invalid({key: geometries[key] for key in outlines}))
    return replace(data, geometries=geometries)


def _file(key: Key) -> str:
    return f"{key[0]}/{key[1].split('/')[0]}.geojson"


def _dump(data: Geodata, keys: Iterable[Key]) -> dict[str, str]:
    return {name: canonical.dump(data, name) for name in dict.fromkeys(_file(key) for key in keys)}


# --- report ------------------------------------------------------------------------------------------------------


def _moves(record: str, drawn: list[Line], now: list[Line], went: Mapping[Position, Position]) -> Iterator[Move]:
    pairs = [(start, end) for start, end in went.items() if start != end]
    inserted = sorted(set(chain.from_iterable(now)) - set(went.values()))
    if inserted:
        scale = metre_scale({("", ""): drawn})
        outline = shapely.multilinestrings([shapely.linestrings(np.array(line) * scale) for line in drawn])
        feet = shapely.get_coordinates(shapely.shortest_line(outline, shapely.points(np.array(inserted) * scale)))[::2]
        pairs += [((x, y), end) for (x, y), end in zip((feet / scale).tolist(), inserted, strict=True)]
    ends = np.array(pairs, float).reshape(-1, 4) / PER_DEGREE
    metres = _GEOD.inv(*ends.T)[2] if len(ends) else []
    for (ax, ay, bx, by), length in zip(ends.round(7).tolist(), metres, strict=True):
        if length > ROUNDING_M:
            yield Move(record, (ax, ay), (bx, by), float(length))


def _area_changes(given: Geodata, result: Geodata, keys: Iterable[Key]) -> Iterator[AreaChange]:
    for key in keys:
        if result.geometries[key]["type"].endswith("Polygon"):
            before, after = (polygon_km2(to_shape(data.geometries[key])) for data in (given, result))
            yield AreaChange(_file(key), key[1], before, after)


def _find_collapsed(data: Geodata, outlines: Outlines) -> Iterator[Finding]:
    for key, lines in outlines.items():
        least = 4 if data.geometries[key]["type"].endswith("Polygon") else 2
        for before, after in zip(_flat(data.geometries[key]["coordinates"]), lines, strict=True):
            if len(after) < least:
                where = tuple(value / PER_DEGREE for value in before[0])
                message = f"the part at {where} collapses onto one line; use a smaller tolerance or leave the part out"
                yield Finding(_file(key), key[1], message)


def _find_invalid(geometries: Mapping[Key, dict[str, Any]]) -> Iterator[Finding]:
    for key, geometry in geometries.items():
        shape = to_shape(geometry)
        if not shape.is_valid:
            message = (
                f"conformed, the geometry is not valid ({shapely.is_valid_reason(shape)}); "
                "use a smaller tolerance, or widen the narrow place there"
            )
            yield Finding(_file(key), key[1], message)


def _find_thin_faces(data: Geodata, outlines: Outlines, own: list[Key]) -> Iterator[ThinFace]:
    """Faces along the own outlines, on the land of a state, that are below the gate of ``mapper check``."""
    kinds = {layer.id: layer.kind for layer in data.layers}
    cuts = {key: lines for key, lines in outlines.items() if kinds[key[0]] in POLYGON_KINDS}
    near = [line for key in own for line in cuts.get(key, [])]
    if not near:
        return
    faces = _thin(chain.from_iterable(cuts.values()), near)
    there = _thin(chain.from_iterable(lines for key, lines in cuts.items() if key not in own), near)
    land = [to_shape(data.geometries[key]) for key in cuts if kinds[key[0]] == "state"]
    listed = [shapely.Point(row.lon, row.lat) for row in data.slivers]
    for face, (km2, compactness) in faces.items():
        point = shapely.point_on_surface(face)
        if any(shapely.contains(land, point)):
            known = any(shapely.contains(list(there), point)) or any(shapely.intersects(face, listed))
            yield ThinFace(round(point.x, 5), round(point.y, 5), km2, compactness, known)


def _thin(lines: Iterable[Line], near: list[Line]) -> dict[shapely.Polygon, tuple[float, float]]:
    """The faces that touch ``near`` and are below the gate, with area (km2) and compactness."""
    faces = shapely.get_parts(shapely.polygonize(shapely.linestrings(np.array(segments_of(lines)) / PER_DEGREE)))
    courses = [shapely.linestrings(np.array(line) / PER_DEGREE) for line in near]
    thin = {}
    for index in np.unique(shapely.STRtree(faces).query(courses, predicate="intersects")[1]).tolist():
        km2, length = polygon_km2(faces[index]), _GEOD.geometry_length(faces[index].boundary)
        compactness = 4 * math.pi * km2 * 1e6 / length**2
        if km2 < MIN_FACE_KM2 or compactness < MIN_COMPACTNESS:
            thin[faces[index]] = (km2, compactness)
    return thin


def _objections(conformed: Conformed, limit_m: float, max_area_share: float) -> Iterator[Finding]:
    for record in dict.fromkeys(move.record for move in conformed.moves):
        far = [move for move in conformed.moves if move.record == record and move.metres > limit_m]
        if far:
            worst = max(far, key=lambda move: move.metres)
            message = (
                f"{len(far)} moves exceed the limit, the longest from {worst.start} to {worst.end}: got "
                f"{worst.metres:.0f} m, expected at most {limit_m:g} m; redraw the line there or raise the limit"
            )
            yield Finding(conformed.name, record, message)
    for change in conformed.area_changes:
        if abs(change.share) > max_area_share:
            message = (
                f"the area goes from {change.before_km2:.2f} to {change.after_km2:.2f} km2: got "
                f"{100 * change.share:+.2f} %, expected at most {100 * max_area_share:g} %; use a smaller tolerance "
                "or redraw the outline"
            )
            yield Finding(change.file, change.record, message)
    for face in conformed.slivers:
        if not face.known:
            message = (
                f"a sliver remains near ({face.lon}, {face.lat}): got {face.area_km2:.4f} km2, compactness "
                f"{face.compactness:.4f}, expected at least {MIN_FACE_KM2} and {MIN_COMPACTNESS}; raise the tolerance, "
                "put a vertex into the stretch there, or list it in slivers.json with a reason"
            )
            yield Finding(conformed.name, "", message)
