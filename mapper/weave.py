"""The lines of many days woven into one set of shared lines, and the faces they bound.

Each day is snapped onto what the days before have left, so that only lines that are new are kept: what is in memory
grows with what moved, not with the number of days. Positions are whole numbers of 1e-5 degree, as in linework.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import shapely

from mapper.area import geodesic_areas, metres_per_degree
from mapper.errors import MapperError
from mapper.grid import OUTSIDE, PER_DEGREE, components, faces_of, grid_segments, node, sides_of
from mapper.linework import ROUNDING_M, attach, reduced

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from mapper.linework import Line, Position, Segment

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

_NODING_PASSES = 10
_RING = 4  # positions of the smallest ring


@dataclass(frozen=True, slots=True)
class Snapped:
    """A polygon on the shared lines, and what snapping did to it.

    Attributes
    ----------
    shape
        Polygons in degrees, on the grid; empty when nothing is left.
    moved, longest_m
        How many vertices moved further than rounding would, and how far at most.
    dropped_km2
        Area of the parts that collapsed onto a line.
    """

    shape: shapely.Geometry
    moved: int
    longest_m: float
    dropped_km2: float


class Loom:
    """Lines as they are added, each snapped onto those that are there; snapped polygons are kept in ``spool``."""

    def __init__(self, tolerance_m: float, spool: IO[bytes]) -> None:
        self.tolerance_m = tolerance_m
        self._known: set[Segment] = set()
        self._near = _Segments()
        self._corners = _Corners()
        self._spool = spool
        self._seen: dict[bytes, tuple[int, int]] = {}
        # What became of corners and of the ways between them, so that what stays from day to day is snapped once.
        self._went: dict[Position, Position] = {}
        self._ways: dict[Segment, Line] = {}

    def __len__(self) -> int:
        return len(self._known)

    def add(self, polygon: shapely.Geometry) -> Snapped:
        """One polygon snapped; a polygon that was there before comes back as it was then."""
        raw = shapely.to_wkb(polygon)
        key = hashlib.blake2b(raw, digest_size=16).digest()
        if key in self._seen:
            start, length = self._seen[key]
            self._spool.seek(start)
            return Snapped(shapely.from_wkb(self._spool.read(length)), 0, 0.0, 0.0)
        snapped = self._snap(polygon)
        content = shapely.to_wkb(snapped.shape)
        self._seen[key] = (self._spool.seek(0, 2), len(content))
        self._spool.write(content)
        return snapped

    def segments(self) -> Ints:
        """All lines as (n, 4) whole numbers, smaller end first, sorted."""
        return np.array(sorted(self._known), np.int64).reshape(-1, 4)

    def _snap(self, polygon: shapely.Geometry) -> Snapped:
        scale = np.array(metres_per_degree(float(shapely.get_coordinates(polygon)[:, 1].mean()))) / PER_DEGREE
        drawn = [_on_grid(ring) for ring in shapely.get_rings(polygon)]
        corners = sorted(set(chain.from_iterable(drawn)))
        went = {corner: self._went[corner] for corner in corners if corner in self._went}
        went |= self._corners.nearest([one for one in corners if one not in went], scale, self.tolerance_m)
        runs = [self._new_runs(reduced([went.get(corner, corner) for corner in ring])) for ring in drawn]
        lines = [run for found in runs for run in found if isinstance(run, list)]
        spots: dict[Position, Position] = {}
        if lines:
            before = lines
            lines, spots = self._attach(lines, scale)
            for line, after in zip(before, lines, strict=True):
                self._remember(line, after, spots)
        for corner in corners:
            self._went[corner] = spots.get(went.get(corner, corner), went.get(corner, corner))
        moved, longest = _moves(drawn, went, spots, scale)
        following = iter(lines)
        rings = [_joined(run if isinstance(run, tuple) else next(following) for run in found) for found in runs]
        self._keep(lines)
        shape, dropped = _rebuilt(polygon, rings)
        return Snapped(shape, moved, longest, dropped)

    def _attach(self, lines: list[Line], scale: Floats) -> tuple[list[Line], dict[Position, Position]]:
        near = self._near.around(lines, self.tolerance_m / float(scale.min()))
        try:
            return attach(lines, near, scale, self.tolerance_m)
        except MapperError:  # too dense to be noded here: they stay as drawn, and what lies between becomes faces
            return lines, {}

    def _new_runs(self, ring: Line) -> list[Line | tuple[Position, ...]]:
        """The ring as runs of segments that are new, as lists, and of those that are there, as tuples."""
        old = [self._way(a, b) is not None for a, b in pairwise(ring)]
        if not any(old):
            return [ring]
        if all(old):
            return [self._along(ring)]
        start = next(i for i in range(len(old)) if old[i] != old[i - 1])  # where a run begins
        ring = [*ring[start:-1], *ring[: start + 1]]
        old = old[start:] + old[:start]
        ends = [0, *(i for i in range(1, len(old)) if old[i] != old[i - 1]), len(old)]
        return [
            self._along(ring[first : last + 1]) if old[first] else ring[first : last + 1]
            for first, last in pairwise(ends)
        ]

    def _way(self, start: Position, end: Position) -> Line | None:
        """The line between two corners that is there already, in that direction."""
        if (min(start, end), max(start, end)) in self._known:
            return [start, end]
        if (start, end) in self._ways:
            return self._ways[start, end]
        return self._ways[end, start][::-1] if (end, start) in self._ways else None

    def _along(self, ring: Line) -> tuple[Position, ...]:
        """The lines that are there between corners, one after the other."""
        ways = [self._way(a, b) or [a, b] for a, b in pairwise(ring)]
        return tuple(chain(ring[:1], *(way[1:] for way in ways)))

    def _remember(self, before: Line, after: Line, spots: Mapping[Position, Position]) -> None:
        """Keep how the snapped line goes between corners, where it does not go straight."""
        at = 0
        for a, b in pairwise(before):
            start, end = spots.get(a, a), spots.get(b, b)
            try:
                first = after.index(start, at)
                last = after.index(end, first)
            except ValueError:  # a corner that the line did without
                continue
            at = last
            if last - first > 1:
                self._ways[start, end] = after[first : last + 1]

    def _keep(self, lines: Iterable[Line]) -> None:
        fresh = {(min(a, b), max(a, b)) for line in lines for a, b in pairwise(line) if a != b} - self._known
        self._known |= fresh
        segments = np.array(sorted(fresh), np.int64).reshape(-1, 4)
        self._near.add(segments)
        self._corners.add(segments)


def _on_grid(ring: shapely.Geometry) -> Line:
    grid = np.rint(shapely.get_coordinates(ring) * PER_DEGREE).astype(np.int64).tolist()
    return reduced([(x, y) for x, y in grid])


def _joined(runs: Iterable[Line | tuple[Position, ...]]) -> Line:
    return reduced(list(chain.from_iterable(runs)))


def _rebuilt(drawn: shapely.Geometry, rings: list[Line]) -> tuple[shapely.Geometry, float]:
    """The polygon that rings bound, the first of them its outside, and the area in km2 of what collapsed."""
    before = float(geodesic_areas(drawn)[0]) / 1e6
    if len(rings[0]) < _RING:
        return shapely.Polygon(), before
    outer, *holes = [np.array(ring) / PER_DEGREE for ring in rings if len(ring) >= _RING]
    shape = shapely.Polygon(outer, holes)
    if shape.is_valid:
        return shape, 0.0
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shape)))
    kept = [part for part in parts if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(kept), 0.0


def _moves(
    drawn: list[Line], went: Mapping[Position, Position], spots: Mapping[Position, Position], scale: Floats
) -> tuple[int, float]:
    """How many corners moved further than rounding would, and how far at most."""
    start = sorted(set(chain.from_iterable(drawn)))
    end = [spots.get(went.get(corner, corner), went.get(corner, corner)) for corner in start]
    metres = np.hypot(*((np.array(start) - np.array(end)) * scale).T)
    moved = metres[metres > ROUNDING_M]
    return len(moved), float(moved.max(initial=0))


class _Levels:
    """Things that can be searched while more are added: trees of doubling size, so that none is rebuilt often."""

    def __init__(self) -> None:
        self._levels: list[tuple[Ints, shapely.STRtree]] = []

    def _add(self, rows: Ints) -> None:
        if not len(rows):
            return
        while self._levels and len(self._levels[-1][0]) < 2 * len(rows):
            rows = np.vstack([self._levels.pop()[0], rows])
        self._levels.append((rows, shapely.STRtree(self._drawn(rows.astype(float)))))

    @staticmethod
    def _drawn(rows: Floats) -> NDArray[Any]:
        raise NotImplementedError


class _Corners(_Levels):
    """The positions at which lines have a corner."""

    def __init__(self) -> None:
        super().__init__()
        self._known: set[Position] = set()

    @staticmethod
    def _drawn(rows: Floats) -> NDArray[Any]:
        return shapely.points(rows)

    def add(self, segments: Ints) -> None:
        """The ends of more segments, shape (n, 4)."""
        fresh = {(x, y) for x, y in segments.reshape(-1, 2).tolist()} - self._known
        self._known |= fresh
        self._add(np.array(sorted(fresh), np.int64).reshape(-1, 2))

    def nearest(self, positions: list[Position], scale: Floats, tolerance_m: float) -> dict[Position, Position]:
        """For positions that are no corner the nearest one within the tolerance, where there is one."""
        asked = [position for position in positions if position not in self._known]
        best: dict[Position, tuple[float, Position]] = {}
        points = shapely.points(np.array(asked, float).reshape(-1, 2))
        for rows, tree in self._levels:
            one, other = tree.query(points, predicate="dwithin", distance=tolerance_m / float(scale.min()))
            metres = np.hypot(*((np.array(asked).reshape(-1, 2)[one] - rows[other]) * scale).T)
            for number, distance, (x, y) in zip(one.tolist(), metres.tolist(), rows[other].tolist(), strict=True):
                if distance <= tolerance_m:
                    best[asked[number]] = min(best.get(asked[number], (distance, (x, y))), (distance, (x, y)))
        return {position: goal for position, (_, goal) in best.items()}


class _Segments(_Levels):
    """The segments of lines."""

    @staticmethod
    def _drawn(rows: Floats) -> NDArray[Any]:
        return shapely.linestrings(rows.reshape(-1, 2, 2))

    def add(self, segments: Ints) -> None:
        """More segments, shape (n, 4)."""
        self._add(segments)

    def around(self, lines: list[Line], reach: float) -> list[Line]:
        """The segments within a reach of lines, in grid units, sorted."""
        pieces = [pair for line in lines for pair in pairwise(line)]
        if not pieces or not self._levels:
            return []
        asked = shapely.linestrings(np.array(pieces, float))
        found = []
        for segments, tree in self._levels:
            hits = np.unique(tree.query(asked, predicate="dwithin", distance=reach)[1])
            found.append(segments[hits])
        return [[(ax, ay), (bx, by)] for ax, ay, bx, by in np.unique(np.vstack(found), axis=0).tolist()]


# --- faces -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Faces:
    """What the lines bound, after faces narrower than the tolerance have gone to a neighbour.

    Attributes
    ----------
    polygons
        Shape (faces,): in degrees, on the grid; together a coverage.
    points
        Shape (faces,): a point inside each, off the narrow faces it was given.
    area_km2
        Shape (faces,).
    merged, merged_km2
        How many narrow faces went to a neighbour, and their area.
    """

    polygons: NDArray[Any]
    points: NDArray[Any]
    area_km2: Floats
    merged: int
    merged_km2: float


def weave(segments: Ints, tolerance_m: float) -> Faces:
    """The faces between lines, noded on the grid; those narrower than the tolerance go to their longest neighbour."""
    noded = _noded(segments)
    faces = faces_of(noded)
    area = geodesic_areas(faces)
    lines, left, right = sides_of(faces)
    metres = _lengths_m(lines)
    around = np.bincount(left, metres, len(faces))
    inner = right != OUTSIDE
    around += np.bincount(right[inner], metres[inner], len(faces))
    narrow = 2 * area / around < tolerance_m
    goal = _longest_neighbour(left[inner], right[inner], metres[inner], narrow)
    group = components(len(faces), np.arange(len(faces)), goal)
    number = np.unique(group, return_inverse=True)[1].ravel()
    order = np.argsort(number, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(number[order])) + 1)
    polygons = np.array(
        [faces[own[0]] if len(own) == 1 else shapely.coverage_union_all(faces[own]) for own in members], dtype=object
    )
    widest = [int(own[np.argmax(np.where(narrow[own], -1, area[own]))]) for own in members]
    moved = goal != np.arange(len(faces))
    return Faces(
        polygons,
        shapely.point_on_surface(faces[widest]),
        np.bincount(number, area) / 1e6,
        int(moved.sum()),
        float(area[moved].sum()) / 1e6,
    )


def _noded(segments: Ints) -> NDArray[Any]:
    """The lines with all crossings put in; repeated, because rounding one crossing may make another."""
    for _ in range(_NODING_PASSES):
        noded = node(segments)
        after = np.unique(grid_segments(noded)[0], axis=0)
        if len(after) == len(segments) and (after == segments).all():
            break
        segments = after
    return noded


def _lengths_m(segments: Ints) -> Floats:
    """About how long segments are, metres."""
    ends = segments.reshape(-1, 2, 2) / PER_DEGREE
    along, up = (np.array(values) for values in _scales(ends[..., 1].mean(axis=1)))
    step = ends[:, 1] - ends[:, 0]
    return np.hypot(step[:, 0] * along, step[:, 1] * up)


def _scales(lats: Floats) -> tuple[list[float], list[float]]:
    whole = np.rint(lats * 10).astype(int)
    known = {lat: metres_per_degree(lat / 10) for lat in np.unique(whole).tolist()}
    found = [known[lat] for lat in whole.tolist()]
    return [one for one, _ in found], [up for _, up in found]


def _longest_neighbour(one: Ints, other: Ints, metres: Floats, narrow: NDArray[np.bool_]) -> Ints:
    """Shape (faces,): for a narrow face the neighbour it shares most line with, a wide one first; else itself."""
    goal = np.arange(len(narrow))
    pairs = np.concatenate([np.column_stack([one, other]), np.column_stack([other, one])])
    unique, inverse = np.unique(pairs, axis=0, return_inverse=True)
    shared = np.bincount(inverse.ravel(), np.concatenate([metres, metres]), len(unique))
    order = np.lexsort((shared, ~narrow[unique[:, 1]])) if len(unique) else np.zeros(0, np.int64)
    best = unique[order]  # the last one written stays: wide neighbours after narrow ones, the longest last
    goal[best[:, 0]] = best[:, 1]
    return np.where(narrow, goal, np.arange(len(narrow)))
