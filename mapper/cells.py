"""Cells: the ground of a war divided among the places whose fate is known, each getting the land nearer to it.

The cells are derived when the mosaic is built and cut nothing but the faces of their war's ground, so that one added
place rewrites no file. Places that the same rows name, or none, have one history and get one cell together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mapper.area import geodesic_areas, metres_per_degree
from mapper.grid import (
    MIN_COMPACTNESS,
    MIN_FACE_KM2,
    OUTSIDE,
    PER_DEGREE,
    components,
    face_at,
    grid_segments,
    in_order,
    node,
    sides_of,
)
from mapper.zones import CELL, Ground, find_atoms, group_cells, parse_zone, zone_mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from mapper.geodata import Geodata
    from mapper.records import Change, Place, War
    from mapper.zones import Outlines

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Division:
    """The ground of one war and the seeds that divide it.

    Attributes
    ----------
    ground
        The war and its groups of places.
    names
        Ids of the seeds, sorted.
    mask
        Shape (faces,): which faces, not yet cut, are its ground.
    lonlat
        Shape (seeds, 2): where the seeds lie, degrees, WGS 84.
    group
        Shape (seeds,): index into ``ground.groups``.
    weight
        Shape (seeds,): what distances to each are divided by.
    """

    ground: Ground
    names: tuple[str, ...]
    mask: Mask
    lonlat: Floats
    group: Ints
    weight: Floats

    @property
    def scale(self) -> Floats:
        """Metres per degree of (lon, lat) on the plane on which distances are measured, at the seeds' middle."""
        middle = (self.lonlat[:, 1].min() + self.lonlat[:, 1].max()) / 2
        return np.array(metres_per_degree(float(middle)))


@dataclass(frozen=True, eq=False)
class Cut:
    """Faces cut into cells.

    Attributes
    ----------
    faces
        Polygons, degrees; they tile what the faces did that were cut.
    base
        Shape (faces,): the face each was cut from.
    cell
        Shape (wars, faces): index into the war's groups, -1 outside its ground.
    """

    faces: NDArray[Any]
    base: Ints
    cell: Ints


# --- who shares a cell -------------------------------------------------------------------------------------------


def find_divisions(data: Geodata, outlines: Outlines) -> tuple[Division, ...]:
    """The grounds of all wars on faces that are not cut yet, in the order of their ids.

    What cannot be used (unknown places, a zone that cannot be resolved) is left out here; ``check.py`` names it.
    """
    wars = sorted(data.wars, key=lambda war: war.id)
    found = (find_division(war, data.places, data.changes, outlines) for war in wars)
    return tuple(division for division in found if division)


def find_division(war: War, places: Iterable[Place], changes: Iterable[Change], outlines: Outlines) -> Division | None:
    """The ground of one war on the faces of outlines; None for a war without seeds."""
    spots = {place.id: (place.lon, place.lat) for place in places}
    one_each = {spots[place]: place for place in sorted(war.places, reverse=True) if place in spots}
    seeds = sorted(one_each.values())
    if not seeds:
        return None
    rows = group_cells((change.id, change.zone) for change in changes)
    history = {seed: rows.get(f"{war.id}/{seed}", ()) for seed in seeds}
    groups = sorted(tuple(seed for seed in seeds if history[seed] == shared) for shared in set(history.values()))
    number = {seed: index for index, group in enumerate(groups) for seed in group}
    return Division(
        Ground(war.id, tuple(groups)),
        tuple(seeds),
        ground_mask(outlines, war),
        np.array([spots[seed] for seed in seeds], float),
        np.array([number[seed] for seed in seeds], np.int64),
        np.array([weight if (weight := war.weights.get(seed, 1.0)) > 0 else 1.0 for seed in seeds]),
    )


def ground_mask(outlines: Outlines, war: War) -> Mask:
    """Shape (faces,): the faces of a war's zone, none when it cannot be resolved or itself names cells."""
    from mapper.errors import ZoneError

    try:
        if any(atom.kind == CELL for atom in find_atoms(parse_zone(war.zone))):
            return np.zeros(outlines.member.shape[1], bool)
        return zone_mask(outlines, war.zone)
    except ZoneError:
        return np.zeros(outlines.member.shape[1], bool)


# --- cutting -----------------------------------------------------------------------------------------------------


def cut(faces: NDArray[Any], divisions: Sequence[Division]) -> Cut:
    """The faces cut into the cells of all wars.

    A piece below the gate of size and compactness goes to the piece of the same face with which it shares the longest
    border, so that no cell is a sliver.
    """
    import shapely

    if not any(division.mask.any() for division in divisions):
        cell = np.array([np.where(division.mask, 0, OUTSIDE) for division in divisions], np.int64)
        return Cut(faces, np.arange(len(faces)), cell.reshape(len(divisions), len(faces)))
    lines = [_borders(division, faces) for division in divisions if division.mask.any()]
    drawn = np.vstack([grid_segments(shapely.boundary(faces))[0], *lines])
    pieces = shapely.get_parts(shapely.polygonize(node(np.unique(drawn, axis=0))))
    points = shapely.point_on_surface(pieces)
    base = face_at(faces, points)
    pieces, points, base = pieces[base >= 0], points[base >= 0], base[base >= 0]
    lonlat = shapely.get_coordinates(points)
    cell = np.array([_cell_of(division, lonlat, base) for division in divisions], np.int64)
    cell, joined = _joined(pieces, base, cell, float(divisions[0].scale.prod()))
    order = np.argsort(joined, kind="stable")
    first = np.unique(joined[order], return_index=True)[1]
    whole = np.array(
        [shapely.coverage_union_all(pieces[members]) for members in np.split(order, first[1:])], dtype=object
    )
    one = order[first]
    kept = in_order(whole)
    return Cut(whole[kept], base[one][kept], cell[:, one][:, kept])


@dataclass(frozen=True, eq=False)
class Heights:
    """A grid of heights in metres, row 0 in the north; ``origin`` is its north-western corner, ``step`` its degrees."""

    metres: Floats
    origin: tuple[float, float]
    step: float

    def at(self, lonlat: Floats) -> Floats:
        """Heights at positions, shape (..., 2); outside the grid those of its edge."""
        column, row = ((lonlat - self.origin) / (self.step, -self.step)).astype(int).reshape(-1, 2).T
        rows, columns = self.metres.shape
        found: Floats = self.metres[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)]
        return found.reshape(lonlat.shape[:-1])


#: By how much a distance grows for each km that the ground on the way rises above its higher end.
RISE_PER_KM = 5.0
_ON_THE_WAY = np.linspace(0, 1, 21)


def costs(division: Division, lonlat: Floats, heights: Heights | None = None) -> Floats:
    """Shape (n, seeds): how far each position is from each seed, metres on the division's plane, divided by weights.

    With heights a distance counts more where a ridge lies across it; see ``RISE_PER_KM``.
    """
    seeds, points = division.lonlat * division.scale, lonlat * division.scale
    away = np.hypot(points[:, None, 0] - seeds[:, 0], points[:, None, 1] - seeds[:, 1]) / division.weight
    if heights is None:
        return away
    rise = np.empty_like(away)
    for number, end in enumerate(division.lonlat):
        on_the_way = heights.at(lonlat[:, None] + _ON_THE_WAY[:, None] * (end - lonlat)[:, None])
        rise[:, number] = on_the_way.max(axis=1) - np.maximum(on_the_way[:, 0], on_the_way[:, -1])
    return away * (1 + RISE_PER_KM * rise / 1000)


def nearest_seed(division: Division, lonlat: Floats) -> Ints:
    """Shape (n,): the seed whose cell each position lies in."""
    blocks = np.array_split(lonlat, max(1, len(lonlat) // 4096))
    return np.concatenate([costs(division, block).argmin(axis=1) for block in blocks])


def _cell_of(division: Division, lonlat: Floats, base: Ints) -> Ints:
    inside = division.mask[base]
    cell = np.full(len(base), OUTSIDE, np.int64)
    cell[inside] = division.group[nearest_seed(division, lonlat[inside])]
    return cell


def _borders(division: Division, faces: NDArray[Any]) -> Ints:
    """Segments on the grid between the cells of different groups, inside the ground."""
    import shapely

    area = shapely.coverage_union_all(faces[division.mask])
    if (division.weight == 1).all():
        cells = _voronoi(division, area)
        groups = [shapely.coverage_union_all(cells[division.group == group]) for group in np.unique(division.group)]
        segments, _, right = sides_of(np.array(groups, dtype=object))
        borders = shapely.linestrings(segments[right >= 0].reshape(-1, 2, 2) / PER_DEGREE)
    else:
        borders = _weighted_borders(division, area.bounds)
    clipped = shapely.get_parts(shapely.intersection(borders, area))
    return grid_segments(clipped[shapely.get_dimensions(clipped) == 1])[0]


def _weighted_borders(division: Division, bounds: tuple[float, float, float, float]) -> NDArray[Any]:
    """Lines between the cells of different groups where weights bend them, from squares of a twentieth of the spacing.

    The steps between squares are smoothed away by less than a square's diagonal.
    """
    import shapely

    spacing_deg = _spacing(division.lonlat * division.scale) / division.scale.min()
    step = max(int(spacing_deg * PER_DEGREE / 20), 1)
    west, south, east, north = (np.array(bounds) * PER_DEGREE / step).astype(int).tolist()
    column, row = np.meshgrid(np.arange(west - 1, east + 2), np.arange(south - 1, north + 2))
    middle = np.column_stack([column.ravel() + 0.5, row.ravel() + 0.5]) * step / PER_DEGREE
    group = division.group[nearest_seed(division, middle)].reshape(row.shape)
    below, beside = group[1:] != group[:-1], group[:, 1:] != group[:, :-1]
    x, y = column[1:][below], row[1:][below]
    flat = np.column_stack([x, y, x + 1, y])
    x, y = column[:, 1:][beside], row[:, 1:][beside]
    steps = np.vstack([flat, np.column_stack([x, y, x, y + 1])]) * step
    lines = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(steps.reshape(-1, 2, 2))))
    smooth = shapely.simplify(shapely.get_parts(lines), step)
    return shapely.transform(smooth, lambda units: units / PER_DEGREE)


def _voronoi(division: Division, area: Any) -> NDArray[Any]:
    """The part of the plane nearer to each seed than to any other, on the grid, in the order of the seeds."""
    import shapely

    scale = division.scale
    if len(division.lonlat) == 1:
        return np.array([shapely.box(*area.bounds)], dtype=object)
    seeds = shapely.multipoints(division.lonlat * scale)
    extent = shapely.transform(shapely.box(*area.bounds), lambda lonlat: lonlat * scale)
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=extent, ordered=True))
    return shapely.transform(cells, lambda metres: np.rint(metres / scale * PER_DEGREE) / PER_DEGREE)


def border_error(divisions: Sequence[Division], middle: Floats, one: Ints, other: Ints) -> tuple[Floats, Floats]:
    """1-sigma error of borders between cells and how far along them it stays the same, metres.

    A front between two places can lie anywhere between them: the error of a uniform distribution over their distance.
    It stays the same from one seed to the next.

    Parameters
    ----------
    middle
        Shape (n, 2): the middle of each stretch of border, degrees.
    one, other
        Shape (wars, n): the cells on either side.
    """
    sigma, reach = np.zeros(len(middle)), np.zeros(len(middle))
    for number, division in enumerate(divisions):
        here = np.flatnonzero(one[number] != other[number])
        if not len(here):
            continue
        seeds, points = division.lonlat * division.scale, middle[here] * division.scale
        away = np.hypot(points[:, None, 0] - seeds[:, 0], points[:, None, 1] - seeds[:, 1])
        ends = [
            seeds[np.where(division.group == side[number, here][:, None], away, np.inf).argmin(axis=1)]
            for side in (one, other)
        ]
        error = np.hypot(*(ends[0] - ends[1]).T) / np.sqrt(12)
        further = error > sigma[here]
        sigma[here[further]] = error[further]
        reach[here[further]] = _spacing(seeds)
    return np.maximum(sigma.round(-1), 10.0), np.maximum(reach.round(-2), 100.0)


def _spacing(seeds: Floats) -> float:
    """The median distance of a seed to its nearest neighbour, metres."""
    away = np.hypot(seeds[:, None, 0] - seeds[:, 0], seeds[:, None, 1] - seeds[:, 1])
    np.fill_diagonal(away, np.inf)
    return float(np.median(away.min(axis=1)))


# --- pieces too small --------------------------------------------------------------------------------------------


def _joined(pieces: NDArray[Any], base: Ints, cell: Ints, metres2: float) -> tuple[Ints, Ints]:
    """The cell of each piece once none is too small, and the number of the face it becomes part of."""
    segments, left, right = sides_of(pieces)
    lon, lat = (segments[:, 2:] - segments[:, :2]).T / PER_DEGREE
    middle = np.radians(segments[:, 1::2].mean(axis=1) / PER_DEGREE)
    root = np.sqrt(metres2 / np.cos(middle).mean())
    length = np.hypot(lon * np.cos(middle), lat) * root
    inner = (right >= 0) & (base[left] == base[right])
    shared: list[dict[int, float]] = [{} for _ in pieces]
    for one, other, metres in zip(left[inner].tolist(), right[inner].tolist(), length[inner].tolist(), strict=True):
        shared[one][other] = shared[one].get(other, 0.0) + metres
        shared[other][one] = shared[one][other]
    perimeter = np.bincount(left, length, len(pieces))
    perimeter += np.bincount(right[right >= 0], length[right >= 0], len(pieces))
    whole = _absorb(geodesic_areas(pieces), perimeter, shared)
    cell = cell[:, whole]
    same = inner & (cell[:, left] == cell[:, right]).all(axis=0)
    return cell, components(len(pieces), left[same], right[same])


def _absorb(area: Floats, perimeter: NDArray[Any], shared: list[dict[int, float]]) -> Ints:
    """For each piece the one whose cell it takes: itself, unless it is too small."""
    into = np.arange(len(area))
    waiting = set(np.flatnonzero(_too_small(area, perimeter)).tolist())
    while waiting:
        one = min(waiting, key=lambda it: (area[it], it))
        waiting.remove(one)
        if not shared[one]:
            continue
        other = max(shared[one], key=lambda it: (shared[one][it], area[it], -it))
        into[into == one] = other
        for third, metres in shared[one].items():
            del shared[third][one]
            if third != other:
                shared[other][third] = shared[third][other] = shared[other].get(third, 0.0) + metres
        area[other] += area[one]
        perimeter[other] += perimeter[one] - 2 * shared[one][other]
        if _too_small(area[other], perimeter[other]):
            waiting.add(other)
    return into


def _too_small(area: Any, perimeter: Any) -> Any:
    return (area < MIN_FACE_KM2 * 1e6) | (4 * np.pi * area / perimeter**2 < MIN_COMPACTNESS)
