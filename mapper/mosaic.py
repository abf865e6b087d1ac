"""The mosaic: the smallest pieces cut by every boundary ever valid, built once per geometry.

Coordinates are handled as whole numbers of 1e-5 degree, the grid of geodata/, so that two lines are one line exactly
when their vertices are equal.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from mapper.area import geodesic_areas, metres_per_degree, whole_square_metres
from mapper.cells import Cut, Division, border_error, cut, find_divisions
from mapper.geodata import Geodata, to_shape
from mapper.grid import OUTSIDE, PER_DEGREE, faces_of, grid_segments, node, sides_of, tidy
from mapper.locator import MIXED, build_grid
from mapper.records import METHODS, POLYGON_KINDS, FeatureVersion, Layer, from_json, to_json
from mapper.zones import Ground

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import ArrayLike, NDArray

    from mapper.locator import Grid

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Precision = tuple[float, float, int]  # precision_m, correlation_m, index into METHODS

#: Raised when what a cache file holds, or how the mosaic is made, changes.
FORMAT = 13
_MANY = 5_000  # points from which on building the locator's grid pays
_ON_COURSE = 1.0  # in units of the grid: as far as rounding puts a vertex off the segment that it was put into


@dataclass(frozen=True, eq=False)
class Mosaic:
    """Faces, edges and which face lies in which feature version; tables only, no geometry is held as objects.

    Attributes
    ----------
    layers, versions
        The layers, and the polygon versions in the order of ``member``'s rows.
    member
        Shape (versions, faces): whether a face lies in a version.
    area_m2
        Shape (faces,): whole m2 on the WGS 84 ellipsoid; a state's faces sum to its own rounded area.
    grounds, cell
        How the ground of each war is divided, and shape (wars, faces): the face's group there, -1 outside the ground.
    base
        Shape (faces,): equal for faces that only cells part.
    edge_left, edge_right
        Shape (edges,): the faces on either side, smaller number left; -1 is the world outside.
    edge_length_m, edge_precision_m, edge_correlation_m
        Shape (edges,): length, 1-sigma error of the best course that made the edge, and that error's reach.
    edge_method
        Shape (edges,): index into ``records.METHODS``: how that course was made.
    edge_lonlat, edge_start
        Positions (n, 2) in degrees, WGS 84, of all edges in a row; edge i holds ``edge_start[i]:edge_start[i + 1]``.
    face_wkb, face_wkb_start
        The faces' polygons as WKB bytes in a row; read by ``polygons``.
    added_nodes
        Shape (n, 2): vertices that noding had to add where courses crossed unshared; empty for conformed data.
    """

    layers: tuple[Layer, ...]
    versions: tuple[FeatureVersion, ...]
    member: NDArray[np.bool_]
    area_m2: Ints
    grounds: tuple[Ground, ...]
    cell: Ints
    base: Ints
    edge_left: Ints
    edge_right: Ints
    edge_length_m: Floats
    edge_precision_m: Floats
    edge_correlation_m: Floats
    edge_method: Ints
    edge_lonlat: Floats
    edge_start: Ints
    face_wkb: NDArray[np.uint8] = field(repr=False)
    face_wkb_start: Ints = field(repr=False)
    added_nodes: Floats = field(repr=False)

    @property
    def face_count(self) -> int:
        """How many faces there are."""
        return len(self.area_m2)

    @cached_property
    def polygons(self) -> NDArray[Any]:
        """The faces as shapely polygons, EPSG:4326, (lon, lat), shape (faces,)."""
        import shapely

        content, start = self.face_wkb.tobytes(), self.face_wkb_start
        return shapely.from_wkb([content[a:b] for a, b in pairwise(start)])

    @cached_property
    def edges(self) -> NDArray[Any]:
        """The edges as shapely lines, EPSG:4326, (lon, lat), shape (edges,)."""
        import shapely

        index = np.repeat(np.arange(len(self.edge_left)), np.diff(self.edge_start))
        return shapely.linestrings(self.edge_lonlat, indices=index)

    @cached_property
    def edge_parts_cells(self) -> NDArray[np.bool_]:
        """Shape (edges,): whether an edge parts two cells and nothing that is drawn."""
        base = np.append(self.base, OUTSIDE)
        parts: NDArray[np.bool_] = base[self.edge_left] == base[self.edge_right]
        return parts

    @cached_property
    def edge_nodes(self) -> Ints:
        """Shape (edges, 2): numbers of the nodes at which each edge starts and ends; edges that meet share one."""
        ends = np.column_stack([self.edge_start[:-1], self.edge_start[1:] - 1])
        grid = np.rint(self.edge_lonlat[ends] * PER_DEGREE).astype(np.int64)
        node = np.unique(grid[..., 0] * (360 * PER_DEGREE) + grid[..., 1], return_inverse=True)[1]
        return node.reshape(ends.shape)

    @cached_property
    def face_edges(self) -> tuple[Ints, Ints]:
        """The edges around each face: face i has ``edges[start[i]:start[i + 1]]`` of the pair (start, edges)."""
        face = np.concatenate([self.edge_left, self.edge_right])
        order = np.argsort(face, kind="stable")
        start = np.searchsorted(face[order], np.arange(self.face_count + 1))
        return start, order % len(self.edge_left)

    def locate(self, lons: ArrayLike, lats: ArrayLike) -> tuple[Ints, NDArray[np.bool_]]:
        """Face under each point, and whether the point lies on a line.

        Parameters
        ----------
        lons, lats
            Degrees, WGS 84, any equal shape.

        Returns
        -------
        face
            Same shape; -1 outside the mosaic and for NaN. A point on a line belongs to the lowest face that touches it.
        on_line
            Same shape.
        """
        lons, lats = np.broadcast_arrays(np.asarray(lons, float), np.asarray(lats, float))
        face, on_line = np.full(lons.size, OUTSIDE, np.int64), np.zeros(lons.size, bool)
        near = np.flatnonzero(np.isfinite(lons).ravel() & np.isfinite(lats).ravel())
        if len(near) > _MANY:
            face[near] = self._grid.look_up(lons.ravel()[near], lats.ravel()[near])
            near = near[face[near] == MIXED]
        face[near], on_line[near] = self._test(lons.ravel()[near], lats.ravel()[near])
        return face.reshape(lons.shape), on_line.reshape(lons.shape)

    @cached_property
    def _grid(self) -> Grid:
        return build_grid(self.polygons)

    def _test(self, lons: Floats, lats: Floats) -> tuple[Ints, NDArray[np.bool_]]:
        """``locate`` by the polygons and lines themselves."""
        import shapely

        tree = shapely.STRtree(shapely.points(lons, lats))  # of the points: each polygon is prepared once for all
        hit, point = tree.query(self.polygons, predicate="intersects")
        hits = np.bincount(point, minlength=len(lons))
        lowest = np.full(len(lons), self.face_count, np.int64)
        np.minimum.at(lowest, point, hit)
        on_line = hits > 1
        on_line[tree.query(self._outline, predicate="intersects")[1]] = True
        return np.where(hits > 0, lowest, OUTSIDE), on_line

    @cached_property
    def _outline(self) -> NDArray[Any]:
        """The lines that have a face on one side only, cut into segments: a long line is slow to ask about points."""
        import shapely

        edge = np.repeat(self.edge_right == OUTSIDE, np.diff(self.edge_start))
        steps = np.flatnonzero(edge)
        steps = steps[~np.isin(steps, self.edge_start[1:] - 1)]
        return shapely.linestrings(np.stack([self.edge_lonlat[steps], self.edge_lonlat[steps + 1]], axis=1))

    def nearest_edge(self, lon: float, lat: float, *, among: NDArray[np.bool_]) -> tuple[int, float] | None:
        """The edge nearest to a point, and its distance in metres; None among no edges.

        Distances are those on the plane that touches the ellipsoid at the point's latitude: good to 1 % within 100 km.

        Parameters
        ----------
        lon, lat
            Degrees, WGS 84.
        among
            Shape (edges,): which edges count.
        """
        edge = np.repeat(np.arange(len(self.edge_left)), np.diff(self.edge_start))
        steps = np.flatnonzero((edge[1:] == edge[:-1]) & among[edge[1:]])
        if not len(steps):
            return None
        plane = (self.edge_lonlat - (lon, lat)) * metres_per_degree(lat)
        start, way = plane[steps], plane[steps + 1] - plane[steps]
        along = np.clip(-(start * way).sum(axis=1) / (way**2).sum(axis=1), 0, 1)
        metres = np.hypot(*(start + along[:, None] * way).T)
        nearest = int(np.argmin(metres))
        return int(edge[steps[nearest]]), float(metres[nearest])

    def rows(self, layer: str) -> Ints:
        """The rows of ``member`` that belong to a layer."""
        return np.array([row for row, version in enumerate(self.versions) if version.layer == layer], np.int64)

    def rows_on(self, layer: str, day: date, *, nearest: bool = False) -> Ints:
        """The rows of ``member`` of a layer's versions valid on a day.

        ``nearest`` moves a day outside the layer's years to its nearest covered day, because a division's outline
        stays in use after its end.
        """
        rows = self.rows(layer)
        if nearest and len(rows):
            day = _clamp(day, [self.versions[row] for row in rows])
        return np.array([row for row in rows if day in self.versions[row].interval], np.int64)

    def feature_codes(self, layer: str, day: date) -> tuple[NDArray[np.str_], Ints]:
        """Feature ids of a partition layer, and for each face its index among them (-1 none), nearest outline."""
        rows = self.rows_on(layer, day, nearest=True)
        names = np.array([self.versions[row].feature for row in rows] or [""])
        code = np.full(self.face_count, OUTSIDE, np.int64)
        for index, row in enumerate(rows):
            code[self.member[row]] = index
        return names, code


def _clamp(day: date, versions: list[FeatureVersion]) -> date:
    from datetime import timedelta

    first = min(version.valid_from for version in versions)
    ends = [version.valid_to for version in versions]
    last = None if None in ends else max(end for end in ends if end) - timedelta(days=1)
    return max(day, first) if last is None else min(max(day, first), last)


# --- building ----------------------------------------------------------------------------------------------------


def build(data: Geodata) -> Mosaic:
    """The mosaic of a data folder's polygons; courses in its line layers give edges precision and method."""
    import shapely

    kinds = {layer.id: layer.kind for layer in data.layers}
    versions = tuple(version for version in data.versions if kinds[version.layer] in POLYGON_KINDS)
    shapes = np.array([to_shape(data.geometries[version.layer, version.id]) for version in versions], dtype=object)
    courses = [version for version in data.versions if kinds[version.layer] == "line"]
    drawn = np.unique(grid_segments(shapely.boundary(shapes))[0], axis=0)
    noded = node(drawn)
    faces = tidy(faces_of(noded))
    member = _membership(faces, shapes)
    state_rows = [row for row, version in enumerate(versions) if kinds[version.layer] == "state"]
    kept = member[state_rows].any(axis=0)
    faces, member = faces[kept], member[:, kept]
    group = np.unique(member[state_rows], axis=1, return_inverse=True)[1]
    area = whole_square_metres(geodesic_areas(faces), group.ravel())
    divisions = find_divisions(data, _Uncut(data.layers, versions, member))
    parts = cut(faces, divisions)
    faces, member = tidy(parts.faces), member[:, parts.base]
    wkb = [shapely.to_wkb(face) for face in faces]
    precision = _Precisions(versions, member, _course_precision(courses, data), divisions, parts)
    return Mosaic(
        layers=data.layers,
        versions=versions,
        member=member,
        area_m2=_shared_out(area, geodesic_areas(faces), parts.base),
        grounds=tuple(division.ground for division in divisions),
        cell=parts.cell,
        base=parts.base,
        **_edges(faces, precision),
        face_wkb=np.frombuffer(b"".join(wkb), np.uint8),
        face_wkb_start=np.concatenate([[0], np.cumsum([len(item) for item in wkb], dtype=np.int64)]),
        added_nodes=_added_nodes(drawn, noded),
    )


@dataclass(frozen=True, slots=True)
class _Uncut:
    """What the zones of wars are resolved on: faces before they are cut into cells; see ``zones.Outlines``."""

    layers: tuple[Layer, ...]
    versions: tuple[FeatureVersion, ...]
    member: NDArray[np.bool_]

    @property
    def grounds(self) -> tuple[Ground, ...]:
        return ()

    @property
    def cell(self) -> Ints:
        return np.zeros((0, self.member.shape[1]), np.int64)


def _shared_out(whole: Ints, areas_m2: Floats, base: Ints) -> Ints:
    """Shape (faces,): whole m2 of pieces; those of one face sum to it, however the cuts were rounded to the grid."""
    exact = areas_m2 * (whole / np.bincount(base, areas_m2, len(whole)))[base]
    return whole_square_metres(exact, base)


def _membership(faces: NDArray[Any], shapes: NDArray[Any]) -> NDArray[np.bool_]:
    import shapely

    points = shapely.point_on_surface(faces)
    member = np.zeros((len(shapes), len(faces)), bool)
    row, face = shapely.STRtree(points).query(shapes, predicate="contains")
    member[row, face] = True
    return member


def _added_nodes(drawn: Ints, noded: NDArray[Any]) -> Floats:
    import shapely

    before = np.unique(drawn.reshape(-1, 2), axis=0)
    after = np.unique(np.rint(shapely.get_coordinates(noded) * PER_DEGREE).astype(np.int64), axis=0)
    known = {tuple(node) for node in before.tolist()}
    added = np.array([node for node in after.tolist() if tuple(node) not in known], dtype=float)
    return added.reshape(-1, 2) / PER_DEGREE


def _precision(version: FeatureVersion) -> Precision:
    return version.precision_m, version.correlation_m, METHODS.index(version.method)


def _course_precision(courses: list[FeatureVersion], data: Geodata) -> dict[tuple[int, ...], Precision]:
    """Precision by segment, from the best course that holds the segment."""
    best: dict[tuple[int, ...], Precision] = {}
    for version in courses:
        own = _precision(version)
        line = np.array([to_shape(data.geometries[version.layer, version.id])], dtype=object)
        for segment in map(tuple, grid_segments(line)[0].tolist()):
            best[segment] = min(best.get(segment, own), own)
    return best


@dataclass(frozen=True, eq=False)
class _Precisions:
    """What the precision of an edge follows from."""

    versions: tuple[FeatureVersion, ...]
    member: NDArray[np.bool_]
    course: dict[tuple[int, ...], Precision]
    divisions: tuple[Division, ...]
    parts: Cut


def _edges(faces: NDArray[Any], given: _Precisions) -> dict[str, Any]:
    import shapely
    from pyproj import Geod

    unique, left, right = sides_of(faces)
    precision = _segment_precision(unique, left, right, given)
    keys = np.column_stack([left, right, precision])
    groups, group = np.unique(keys, axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    lines = shapely.linestrings(unique[order].reshape(-1, 2, 2) / PER_DEGREE)
    merged = shapely.line_merge(shapely.multilinestrings(lines, indices=group.ravel()[order]))
    parts, of_group = shapely.get_parts(merged, return_index=True)
    lonlat, part = shapely.get_coordinates(parts, return_index=True)
    steps = np.flatnonzero(part[1:] == part[:-1])
    metres = Geod(ellps="WGS84").inv(*lonlat[steps].T, *lonlat[steps + 1].T)[2]
    return {
        "edge_left": groups[of_group, 0].astype(np.int64),
        "edge_right": groups[of_group, 1].astype(np.int64),
        "edge_length_m": np.bincount(part[steps], metres, len(parts)),
        "edge_precision_m": groups[of_group, 2],
        "edge_correlation_m": groups[of_group, 3],
        "edge_method": groups[of_group, 4].astype(np.int64),
        "edge_lonlat": lonlat,
        "edge_start": np.searchsorted(part, np.arange(len(parts) + 1)),
    }


def _segment_precision(segments: Ints, left: Ints, right: Ints, given: _Precisions) -> Floats:
    """(n, 3): from the course drawn there, else from the most precise version that has exactly one of both faces.

    Between two cells of one face it is that of the cells.
    """
    pairs, inverse = np.unique(np.column_stack([left, right]), axis=0, return_inverse=True)
    outside = np.zeros((len(given.versions), 1), bool)
    inside = np.hstack([given.member, outside])  # face -1 is the last column: in no version
    own = np.array([_precision(version) for version in given.versions], float)
    order = np.lexsort(own.T[::-1])
    best = np.empty((len(pairs), own.shape[1]))
    for index, (one, other) in enumerate(pairs):
        made_by = order[(inside[:, one] != inside[:, other])[order]]
        best[index] = own[made_by[0]] if len(made_by) else own.max(axis=0)
    precision = best[inverse.ravel()]
    base = np.append(given.parts.base, OUTSIDE)
    between_cells = base[left] == base[right]
    precision[between_cells] = _cell_precision(segments[between_cells], left, right, between_cells, given)
    drawn = np.flatnonzero(~between_cells)
    for index, known in zip(drawn.tolist(), _courses_of(segments[drawn], given), strict=True):
        if known is not None:
            precision[index] = known
    return precision


def _cell_precision(segments: Ints, left: Ints, right: Ints, chosen: NDArray[np.bool_], given: _Precisions) -> Floats:
    """(n, 3): of segments between two cells of one face."""
    middle = (segments[:, :2] + segments[:, 2:]) / 2 / PER_DEGREE
    sigma, reach = border_error(
        given.divisions, middle, given.parts.cell[:, left[chosen]], given.parts.cell[:, right[chosen]]
    )
    return np.column_stack([sigma, reach, np.full(len(sigma), float(METHODS.index("interpolated")))])


def _courses_of(segments: Ints, given: _Precisions) -> list[Precision | None]:
    """The course that each segment is drawn along, whole or, where a cell's border meets it, a part of it."""
    import shapely

    found = [given.course.get(segment) for segment in map(tuple, segments.tolist())]
    drawn = list(given.course)
    if not given.divisions or not drawn:
        return found
    lines = shapely.linestrings(np.array(drawn).reshape(-1, 2, 2))
    parts = np.array([index for index, known in enumerate(found) if known is None], np.int64)
    ends = shapely.points(segments[parts].reshape(-1, 2).astype(float))
    part, line = shapely.STRtree(lines).query(ends, predicate="dwithin", distance=_ON_COURSE)
    on_course: dict[int, set[int]] = {}
    for end, index in zip(part.tolist(), line.tolist(), strict=True):
        on_course.setdefault(end, set()).add(index)
    for number, index in enumerate(parts.tolist()):
        both = on_course.get(2 * number, set()) & on_course.get(2 * number + 1, set())
        if both:
            found[index] = min(given.course[drawn[line]] for line in both)
    return found


# --- cache -------------------------------------------------------------------------------------------------------


def to_bytes(mosaic: Mosaic) -> bytes:
    """The mosaic as the bytes of an .npz archive."""
    arrays = {
        name: getattr(mosaic, name)
        for name in Mosaic.__dataclass_fields__
        if name not in {"layers", "versions", "grounds", "member"}
    }
    lists = {name: [to_json(item) for item in getattr(mosaic, name)] for name in ("layers", "versions", "grounds")}
    text = json.dumps(lists)
    target = io.BytesIO()
    np.savez(
        target,
        records=np.frombuffer(text.encode(), np.uint8),
        member=np.packbits(mosaic.member, axis=1),
        **arrays,
    )
    return target.getvalue()


def from_bytes(content: bytes) -> Mosaic:
    """The mosaic from ``to_bytes``; raises ValueError, KeyError or zipfile.BadZipFile for anything else."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    listed = json.loads(arrays.pop("records").tobytes())
    member = np.unpackbits(arrays.pop("member"), axis=1, count=len(arrays["area_m2"])).astype(bool)
    return Mosaic(
        layers=tuple(from_json(Layer, item) for item in listed["layers"]),
        versions=tuple(from_json(FeatureVersion, item) for item in listed["versions"]),
        grounds=tuple(Ground(item["war"], tuple(map(tuple, item["groups"]))) for item in listed["grounds"]),
        member=member,
        **arrays,
    )
