"""What a map of a snapshot consists of, before any renderer: pieces of land, lines between them, labels, legend rows.

Geometry here is for drawing only: simplified as a coverage and rounded, so that neighbours still share their vertices.
Areas come from the unsimplified faces.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import shapely

from mapper.errors import MapperError
from mapper.grouping import Key, face_key, sum_areas
from mapper.labels import REMOTE, Label, draw_labels
from mapper.markings import all_sources, find_legend, find_markings, legend_classes, legend_lines, mark_codes
from mapper.style import LANGUAGES, LEGEND_CLASSES, ROADS, Tone, classes_of, map_class, tone_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mapper.atlas import Atlas
    from mapper.markings import Marking
    from mapper.parties import Parties
    from mapper.records import Change, Legend, RoadState
    from mapper.scenarios import Holders
    from mapper.snapshot import Snapshot

Bounds = tuple[float, float, float, float]
EdgeKind = Literal["district", "class", "oblast", "state", "front"]
"""Kinds of lines in the order they are drawn, the last one on top."""

TOLERANCE_DEG: Final = 0.0015
"""Triangles smaller than this side squared are cut off for drawing; about 150 m, half a pixel at the first zoom."""
DECIMALS: Final = 4
"""Decimals of drawn coordinates, degrees; about 10 m."""
_REST: Final = "rest-of-"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of land that is one thing to a reader: one class, one district, one deciding change.

    Attributes
    ----------
    class_key, tone
        What it looks like; see ``style``.
    controller, status, sovereign, side
        As in the snapshot.
    state, district, oblast
        Ids of the features it lies in; "" for none, oblast "outside" for none.
    since
        Since when it has had its controller.
    change
        The change that decides it; None when none does.
    marks
        Bit set over the drawing's markings that cover it.
    geometry
        Polygon or MultiPolygon, EPSG:4326, (lon, lat), simplified and rounded.
    """

    class_key: str
    tone: Tone
    controller: str
    status: str
    sovereign: str
    side: str
    state: str
    district: str
    oblast: str
    since: date
    change: Change | None
    marks: int
    geometry: shapely.Geometry


@dataclass(frozen=True, slots=True)
class LegendRow:
    """A class in a tone that occurs on the map, and its area in km2, unsimplified, with its interval."""

    class_key: str
    tone: Tone
    area_km2: float
    low_km2: float
    high_km2: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything on a map of a snapshot; geometry EPSG:4326, (lon, lat), simplified and rounded for drawing.

    Attributes
    ----------
    division
        The scheme of districts drawn.
    pieces
        The land; they tile both states.
    lines
        Courses by kind: the edge kinds, ``road-<state>`` for the roads in each state, and ``interpolated`` for the
        stretches of the front that lie between two cells, which are then not among ``front``.
    roads
        The state of each road and stretch.
    waters
        Rivers (lines) and lakes (polygons).
    labels
        Names, best first.
    legend
        Classes on the map with their areas; of a preset those of its land and of the land around.
    markings
        Overlays, claims and links over the land.
    preset
        The preset legend that the map is drawn by, if any.
    home, extent
        (xmin, ymin, xmax, ymax) of the conflict's districts and of all land.
    relief
        The elevation grid, None when the data has none.
    sources
        Ids of the sources of all that is drawn, sorted: land, outlines, roads, waters, places, relief.
    parties
        Who can hold land: their colours and names.
    """

    division: str
    pieces: tuple[Piece, ...]
    lines: Mapping[str, shapely.Geometry]
    roads: tuple[RoadState, ...]
    waters: tuple[shapely.Geometry, ...]
    labels: tuple[Label, ...]
    legend: tuple[LegendRow, ...]
    markings: tuple[Marking, ...]
    preset: Legend | None
    home: Bounds
    extent: Bounds
    relief: Path | None
    sources: tuple[str, ...]
    parties: Parties


def draw(snapshot: Snapshot, *, legend: str | None = None, division: str | None = None) -> Drawing:
    """The drawing of a snapshot, by class of control or by a preset legend.

    Districts are those of the division in force when none is named.

    Raises
    ------
    MapperError
        When the snapshot has no atlas, or there is no such legend for its day.
    """
    atlas_of(snapshot)
    division = division_on(snapshot) if division is None else division
    preset = None if legend is None else find_legend(snapshot, legend)
    classes = snapshot.map_class if preset is None else legend_classes(snapshot, preset)
    markings = find_markings(snapshot, preset)
    pieces = draw_pieces(snapshot, division=division, classes=classes, markings=markings)
    lines: dict[str, shapely.Geometry] = {str(kind): line for kind, line in draw_edges(pieces).items()}
    if "front" in lines and preset is None:
        lines |= _split_front(lines.pop("front"), snapshot)
    cited: list[Iterable[str]] = [all_sources(markings)]
    roads: tuple[RoadState, ...] = ()
    if preset is None:
        courses = _features(snapshot, "road", day=snapshot.day)
        roads = snapshot.roads()
        lines |= draw_roads(roads, dict(zip(courses["feature"], courses.geometry, strict=True)))
        cited += [*courses["sources"], *(state.sources for state in roads)]
    else:
        lines.pop("front", None)  # a preset names its lines itself
        for kind, (course, sources) in legend_lines(snapshot, preset).items():
            lines[kind] = _course([course])
            cited.append(sources)
        cited.append(preset.sources)
    waters = _features(snapshot, "base")
    home = home_bounds(snapshot)
    return Drawing(
        division=division,
        pieces=pieces,
        lines=lines,
        roads=roads,
        waters=tuple(_rounded(shape) for shape in waters.geometry),
        labels=draw_labels(snapshot, pieces, waters, home=home),
        legend=legend_rows(snapshot, None if preset is None else classes),
        markings=tuple(_outlined(marking, bit, pieces) for bit, marking in enumerate(markings)),
        preset=preset,
        home=home,
        extent=all_bounds(snapshot),
        relief=relief_path(snapshot),
        sources=_sources(snapshot, division, [*cited, *waters["sources"]]),
        parties=snapshot.log.parties,
    )


def _course(shapes: Iterable[shapely.Geometry]) -> shapely.Geometry:
    return shapely.normalize(shapely.union_all([_rounded(shape) for shape in shapes]))


def _outlined(marking: Marking, bit: int, pieces: Sequence[Piece]) -> Marking:
    """The marking with the land that its faces have become in the drawing."""
    covered = [piece.geometry for piece in pieces if piece.marks >> bit & 1]
    return replace(marking, shape=shapely.union_all(covered, grid_size=10**-DECIMALS)) if covered else marking


def draw_roads(states: Iterable[RoadState], courses: Mapping[str, shapely.Geometry]) -> dict[str, shapely.Geometry]:
    """Roads by ``road-<state>``; a stretch with a state of its own is cut out of its road.

    Parameters
    ----------
    states
        In force on the day.
    courses
        Lines by feature, EPSG:4326; a stretch shares its vertices with its road.
    """
    states = list(states)
    found: dict[str, list[shapely.Geometry]] = {}
    for state in states:
        parts = [courses[other.course] for other in states if other.stretch and other.road == state.course]
        rest = shapely.difference(courses[state.course], shapely.union_all(parts)) if parts else courses[state.course]
        if not rest.is_empty:
            found.setdefault(f"road-{state.state}", []).append(_rounded(rest))
    kinds = [f"road-{name}" for name in ROADS]
    return {kind: shapely.normalize(shapely.union_all(found[kind])) for kind in kinds if kind in found}


RELIEF_FILE: Final = "elevation.tif"
RELIEF_SOURCE: Final = "noaa-globe"


def relief_path(snapshot: Snapshot) -> Path | None:
    """The elevation grid of the data folder, None when it has none."""
    try:
        return atlas_of(snapshot).base_path(RELIEF_FILE)
    except MapperError:
        return None


def _sources(snapshot: Snapshot, division: str, base: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Ids of the sources of everything drawn, sorted."""
    atlas, mosaic = atlas_of(snapshot), snapshot.mosaic
    found = {*snapshot.source_ids(), *(source for sources in base for source in sources)}
    outlines = [layer.id for layer in mosaic.layers if layer.kind == "oblast" or layer.id == division]
    for layer in outlines:
        for row in mosaic.rows_on(layer, snapshot.day, nearest=True):
            found.update(mosaic.versions[row].sources)
    found.update(source for place in atlas.places for source in place.sources)
    if relief_path(snapshot) is not None:
        found.add(RELIEF_SOURCE)
    return tuple(sorted(found & set(atlas.sources)))


def _rounded(shape: shapely.Geometry) -> shapely.Geometry:
    simple = shapely.simplify(shape, TOLERANCE_DEG / 2)
    return shapely.transform(simple, lambda lonlat: np.round(lonlat, DECIMALS))


def division_on(snapshot: Snapshot) -> str:
    """The division of all land with most districts in force on the day, the later one when equal; "" for none."""
    mosaic = snapshot.mosaic
    layers = [layer.id for layer in mosaic.layers if layer.kind == "division" and not layer.partial]
    counts = [len(mosaic.rows_on(layer, snapshot.day)) for layer in layers]
    return max(zip(counts, range(len(layers)), layers, strict=True), default=(0, 0, ""))[2]


def draw_pieces(
    snapshot: Snapshot,
    *,
    division: str | None = None,
    classes: NDArray[np.str_] | None = None,
    markings: Sequence[Marking] = (),
) -> tuple[Piece, ...]:
    """The land as pieces that tile it, sorted, each wholly inside or outside of each marking.

    Districts are those of the division in force when none is named, classes those of control when none are given.
    """
    if division is None:
        division = division_on(snapshot)
    classes = snapshot.map_class if classes is None else classes
    groups = _group(_face_keys(snapshot, division, classes, mark_codes(markings, snapshot.mosaic.face_count)))
    polygons = snapshot.mosaic.polygons
    whole = np.array([shapely.coverage_union_all(polygons[faces]) for faces in groups.values()], dtype=object)
    shapes = _simplify(whole)
    return tuple(
        replace(_piece(key, snapshot), geometry=shape)
        for key, shape in zip(groups, shapes, strict=True)
        if not shape.is_empty
    )


_Key = tuple[str, str, str, str, str, str, str, str, int, int, int]


def _face_keys(snapshot: Snapshot, division: str, classes: NDArray[np.str_], marks: NDArray[np.int64]) -> list[_Key]:
    """For each face all that makes it differ from its neighbours."""
    count = snapshot.mosaic.face_count
    district = snapshot.district(division) if division else np.full(count, "")
    columns: list[NDArray[Any]] = [
        classes,
        snapshot.controller,
        snapshot.status,
        snapshot.sovereign,
        snapshot.side,
        state_of(snapshot),
        district,
        snapshot.key("oblast"),
        snapshot.since_ordinal,
        snapshot.deciding_changes(),
        marks,
    ]
    return list(zip(*(column.tolist() for column in columns), strict=True))


def state_of(snapshot: Snapshot) -> NDArray[np.str_]:
    """Shape (faces,): the feature of the state layer on the day; the Soviet republics are features too."""
    mosaic = snapshot.mosaic
    state = np.full(mosaic.face_count, "", dtype="U64")
    for layer in mosaic.layers:
        if layer.kind == "state":
            for row in mosaic.rows_on(layer.id, snapshot.day):
                state[mosaic.member[row]] = mosaic.versions[row].feature
    return state


def _group(keys: Sequence[_Key]) -> dict[_Key, NDArray[np.int64]]:
    """Face numbers by key, keys sorted."""
    faces: dict[_Key, list[int]] = {}
    for face, key in enumerate(keys):
        faces.setdefault(key, []).append(face)
    return {key: np.array(faces[key], np.int64) for key in sorted(faces)}


def _simplify(shapes: NDArray[Any]) -> NDArray[Any]:
    """Coverage with fewer vertices, rounded; neighbours keep identical vertices."""
    if not len(shapes):
        return shapes
    simple = shapely.coverage_simplify(shapes, TOLERANCE_DEG)
    rounded: NDArray[Any] = shapely.transform(simple, lambda lonlat: np.round(lonlat, DECIMALS))
    return rounded


def _piece(key: _Key, snapshot: Snapshot) -> Piece:
    class_key, controller, status, sovereign, side, state, district, oblast, since, change, marks = key
    return Piece(
        class_key=class_key,
        tone=tone_of(class_key, sovereign),
        controller=controller,
        status=status,
        sovereign=sovereign,
        side=side,
        state=state,
        district=district,
        oblast=oblast,
        since=date.fromordinal(since),
        change=snapshot.log.changes[change] if change >= 0 else None,
        marks=marks,
        geometry=shapely.Point(),
    )


# --- lines -------------------------------------------------------------------------------------------------------


def draw_edges(pieces: Sequence[Piece]) -> dict[EdgeKind, shapely.Geometry]:
    """The lines between pieces by kind, each course once; a kind without a line is left out.

    ``front`` parts the sides, ``class`` other classes, ``state`` is the recognised border or the border of the
    republics and the outer border; two pale neighbours have no front, only their state border.
    """
    ends, left, right = _shared_segments([piece.geometry for piece in pieces])
    lines: dict[EdgeKind, shapely.Geometry] = {}
    for kind, chosen in _edge_masks(pieces, left, right).items():
        if chosen.any():
            lines[kind] = _merge(ends[chosen])
    return lines


def _edge_masks(
    pieces: Sequence[Piece], left: NDArray[np.int64], right: NDArray[np.int64]
) -> dict[EdgeKind, NDArray[np.bool_]]:
    """Which segments belong to each kind."""
    inner = right >= 0

    def differ(values: Iterable[str]) -> NDArray[np.bool_]:
        array = np.array([*values, ""])
        found: NDArray[np.bool_] = inner & (array[left] != array[right])
        return found

    side = np.array([*(piece.side for piece in pieces), ""])
    strong = np.array([*(piece.tone == "strong" for piece in pieces), False])
    marked = strong[left] | strong[right]
    state = differ(piece.state for piece in pieces)
    two_sides = differ(piece.side for piece in pieces) & (side[left] != "") & (side[right] != "")
    front = two_sides & marked
    by_class = differ(piece.class_key for piece in pieces) & ~front
    return {
        "district": differ(piece.district for piece in pieces),
        "class": by_class & (marked | ~state),
        "state": state | ~inner,
        "oblast": differ(piece.oblast for piece in pieces),
        "front": front,
    }


def _shared_segments(
    shapes: Sequence[shapely.Geometry],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Segments as whole units of the last decimal (n, 2, 2), the shape on one side and on the other (-1 outside)."""
    polygons, shape = shapely.get_parts(np.array(shapes, dtype=object), return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    owner = shape[polygon]
    points = np.round(lonlat * 10**DECIMALS).astype(np.int64)
    joined = ring[1:] == ring[:-1]
    starts, ends = points[:-1][joined], points[1:][joined]
    of = owner[ring[:-1][joined]]
    real = (starts != ends).any(axis=1)
    starts, ends, of = starts[real], ends[real], of[real]
    swap = (starts[:, 0] > ends[:, 0]) | ((starts[:, 0] == ends[:, 0]) & (starts[:, 1] > ends[:, 1]))
    starts[swap], ends[swap] = ends[swap], starts[swap].copy()
    unique, inverse = np.unique(np.hstack([starts, ends]), axis=0, return_inverse=True)
    inverse = inverse.ravel()
    left = np.full(len(unique), len(shapes), np.int64)
    right = np.full(len(unique), -1, np.int64)
    np.minimum.at(left, inverse, of)
    np.maximum.at(right, inverse, of)
    right[right == left] = -1  # one shape only: the world outside
    return unique.reshape(-1, 2, 2), left, right


def _split_front(front: shapely.Geometry, snapshot: Snapshot) -> dict[str, shapely.Geometry]:
    """The front as what is drawn in the data, and what is interpolated between cells."""
    mosaic = snapshot.mosaic
    side = np.append(snapshot.side, "")
    between = np.flatnonzero(side[mosaic.edge_left] != side[mosaic.edge_right])
    interpolated = mosaic.edge_parts_cells[between]
    if not interpolated.any():
        return {"front": front}
    lonlat, line = shapely.get_coordinates(shapely.get_parts(front), return_index=True)
    joined = np.flatnonzero(line[1:] == line[:-1])
    ends = np.stack([lonlat[joined], lonlat[joined + 1]], axis=1)
    nearest = shapely.STRtree(mosaic.edges[between]).nearest(shapely.points(ends.mean(axis=1)))
    chosen = interpolated[nearest]
    steps = np.round(ends * 10**DECIMALS).astype(np.int64)
    kinds = {"front": ~chosen, "interpolated": chosen}
    return {kind: _merge(steps[mask]) for kind, mask in kinds.items() if mask.any()}


def _merge(ends: NDArray[np.int64]) -> shapely.Geometry:
    """The segments joined into lines, degrees, in a fixed order."""
    segments = shapely.linestrings(np.round(ends / 10**DECIMALS, DECIMALS))
    return shapely.normalize(shapely.line_merge(shapely.multilinestrings(segments)))


# --- legend and bounds -------------------------------------------------------------------------------------------


def legend_rows(snapshot: Snapshot, classes: NDArray[np.str_] | None = None) -> tuple[LegendRow, ...]:
    """The classes on the map with their areas: land in the strong tone first, of its controllers the largest first.

    ``classes``, shape (faces,), are those of a preset; None means those of control.
    """
    parties = snapshot.log.parties
    found = sum_areas(snapshot, lambda held: _legend_keys(snapshot, held, classes)).rows
    total: dict[tuple[str, Tone], float] = {}
    for row in found:
        holder = (_controller(row["class_key"]), row["tone"])
        total[holder] = total.get(holder, 0.0) + row["area_km2"]
    order = {
        key: number for number, key in enumerate([*classes_of(parties), *(one.key for one in LEGEND_CLASSES.values())])
    }
    ranked = sorted(
        found,
        key=lambda row: (
            row["tone"] == "pale",
            -total[_controller(row["class_key"]), row["tone"]],
            order[map_class(row["class_key"], parties).key],
        ),
    )
    names = ("class_key", "tone", "area_km2", "low_km2", "high_km2")
    return tuple(LegendRow(**{name: row[name] for name in names}) for row in ranked)


def _legend_keys(snapshot: Snapshot, held: Holders, classes: NDArray[np.str_] | None) -> dict[str, Key]:
    """Class and tone of land if it is held so; the land of a preset is that of its zones, whoever holds it."""
    land = snapshot.key_of("class", held) if classes is None else face_key(classes, held)
    title = snapshot.key_of("sovereign", held)
    tones = np.array([[tone_of(key, name) for name in title.values.tolist()] for key in land.values.tolist()])
    return {"class_key": land, "tone": Key(tones.ravel(), land.code * len(title.values) + title.code)}


def _controller(class_key: str) -> str:
    return class_key.partition("/")[0]


def home_bounds(snapshot: Snapshot) -> Bounds:
    """(xmin, ymin, xmax, ymax) of the districts of the conflict: those that are not the far rest of a state."""
    mosaic = snapshot.mosaic
    for layer in mosaic.layers:
        if layer.kind != "division":
            continue
        near = [row for row in mosaic.rows(layer.id) if not _is_far(mosaic.versions[row].feature)]
        faces = mosaic.member[near].any(axis=0)
        if faces.any():
            return _bounds(mosaic.polygons[faces])
    return all_bounds(snapshot)


def _is_far(district: str) -> bool:
    return district.startswith(_REST) or district in REMOTE


def all_bounds(snapshot: Snapshot) -> Bounds:
    """(xmin, ymin, xmax, ymax) of all land."""
    return _bounds(snapshot.mosaic.polygons)


def _bounds(shapes: NDArray[Any]) -> Bounds:
    xmin, ymin, xmax, ymax = (round(float(value), DECIMALS) for value in shapely.total_bounds(shapes))
    return xmin, ymin, xmax, ymax


def _features(snapshot: Snapshot, kind: str, *, day: date | None = None) -> Any:
    """The features of the layer of a kind as a GeoDataFrame, on a day if given; empty when there is no such layer."""
    import geopandas as gpd

    columns: dict[str, list[Any]] = {**{f"name_{lang}": [] for lang in LANGUAGES}, "feature": [], "sources": []}
    none = gpd.GeoDataFrame(columns, geometry=[], crs="EPSG:4326")
    layers = [layer.id for layer in snapshot.mosaic.layers if layer.kind == kind]
    return atlas_of(snapshot).features(layers[0], day) if layers else none


def atlas_of(snapshot: Snapshot) -> Atlas:
    """The atlas of a snapshot; MapperError when it has none."""
    if snapshot.atlas is None:
        msg = "a map needs a snapshot of an atlas (its places and sources); use mapper.load().snapshot(day)"
        raise MapperError(msg)
    return snapshot.atlas
