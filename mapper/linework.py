"""Lines in whole grid units of 1e-5 degree: noding them on the grid, and snapping new ones onto those that are there.

Positions are whole numbers, as in mosaic.py: two lines are one line exactly when their vertices agree.

Why not a library call alone: ``shapely.snap`` goes to vertices only, leaves some out by heuristic, may fold a ring and
moves again when run again; ``shapely.coverage_clean`` wants one coverage without overlaps and moves its other members
too. So a vertex within the tolerance goes to the nearest line (its vertex if near enough, else the foot on it), and
between two such vertices the drawn segment gives way to the course of the lines that are there, as far as that stays
within the tolerance of the segment. ``shapely.unary_union`` with a grid finds the crossings. Passes are repeated until
one changes nothing, so that a second run is idle. A stretch can only follow between vertices or crossings of the new
line: a long segment that passes along a line without either stays as it was drawn.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import shapely
from pyproj import Geod

from mapper.errors import MapperError
from mapper.grid import PER_DEGREE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

Position: TypeAlias = tuple[int, int]  # lon, lat in 1e-5 degree
Line: TypeAlias = list[Position]
Segment: TypeAlias = tuple[Position, Position]  # smaller end first
Key: TypeAlias = tuple[str, str]  # layer, version id
Outlines: TypeAlias = dict[Key, list[Line]]

_GEOD = Geod(ellps="WGS84")
ROUNDING_M = 0.8  # half the diagonal of a grid cell: what rounding alone can shift
_PIXEL = 0.5 + 1e-6  # half a grid cell, and a hair: a segment that runs along a cell's side counts as touching
_PASSES = 25  # real drawings settle in two to four
#: Passes that start from the lines without the vertices of the pass before, so that none is left that nothing needs;
#: then the vertices stay, because a crossing at a flat angle would else wander along the line with every pass.
_FRESH_PASSES = 3


# --- noding ------------------------------------------------------------------------------------------------------


def segments_of(lines: Iterable[Line]) -> list[Segment]:
    """The segments of lines, each once, smaller end first, sorted."""
    return sorted({(min(a, b), max(a, b)) for line in lines for a, b in pairwise(line) if a != b})


def _node(lines: list[Line], points: Iterable[Position] = ()) -> list[Line]:
    """The lines with every vertex, crossing and extra point put into each line whose grid cell it shares."""
    extra = np.array(sorted(set(points)), float).reshape(-1, 2)
    for _ in range(_PASSES):
        segments = segments_of(lines)
        drawn = shapely.linestrings(np.array(segments, float).reshape(-1, 2, 2))
        crossed = shapely.get_coordinates(shapely.unary_union(drawn, grid_size=1.0))
        inserted = _nodes_inside(segments, drawn, np.unique(np.rint(np.vstack([crossed, extra])), axis=0))
        if not inserted:
            return lines
        lines = [_insert(line, inserted) for line in lines]
    msg = "the lines cannot be noded on the grid; look for vertices less than 2 m apart and run mapper check"
    raise MapperError(msg)


def _nodes_inside(
    segments: list[Segment], drawn: NDArray[Any], nodes: NDArray[np.float64]
) -> dict[Segment, list[Position]]:
    """For each segment the nodes whose cell it crosses other than its ends, in order from its smaller end."""
    cells = shapely.box(*(nodes - _PIXEL).T, *(nodes + _PIXEL).T)
    found: dict[Segment, list[Position]] = {}
    for node, index in shapely.STRtree(drawn).query(cells, predicate="intersects").T.tolist():
        position = (int(nodes[node, 0]), int(nodes[node, 1]))
        if position not in segments[index]:
            found.setdefault(segments[index], []).append(position)
    for ((ax, ay), (bx, by)), inside in found.items():
        inside.sort(key=lambda p: ((p[0] - ax) * (bx - ax) + (p[1] - ay) * (by - ay), p))
    return found


def _insert(line: Line, inserted: Mapping[Segment, list[Position]]) -> Line:
    path = line[:1]
    for a, b in pairwise(line):
        inside = inserted.get((min(a, b), max(a, b)), [])
        path += inside if a < b else inside[::-1]
        path.append(b)
    return reduced(path)


def reduced(path: Line) -> Line:
    """The path without repeated vertices and without ways that turn back on themselves."""
    kept: Line = []
    for position in path:
        if kept and kept[-1] == position:
            continue
        if len(kept) > 1 and kept[-2] == position:
            kept.pop()
        else:
            kept.append(position)
    while len(kept) > 3 and kept[0] == kept[-1] and kept[1] == kept[-2]:
        kept = kept[1:-1]
    return kept


def node_outlines(outlines: Outlines) -> Outlines:
    """The outlines with every crossing and touching vertex put into each line it lies on."""
    noded = iter(_node(list(chain.from_iterable(outlines.values()))))
    return {key: [next(noded) for _ in lines] for key, lines in outlines.items()}


# --- snapping ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Network:
    """The lines that are there, as a graph; ``scale`` is metres per grid unit along (lon, lat)."""

    scale: NDArray[np.float64]
    tolerance_m: float
    positions: list[Position]
    beside: dict[Position, list[Position]]
    tree: shapely.STRtree


def settle(
    before: Outlines, own: list[Key], tolerance_m: float
) -> tuple[Outlines, dict[Key, dict[Position, Position]]]:
    """All lines with the own ones attached and noded, and where each own vertex went."""
    fixed = noded = {key: lines for key, lines in before.items() if key not in own}
    drawn = {key: before[key] for key in own}
    went = {key: {position: position for position in chain.from_iterable(lines)} for key, lines in drawn.items()}
    scale = metre_scale(fixed or before)
    for number in range(_PASSES):
        if number >= _FRESH_PASSES:
            fixed = {key: noded[key] for key in fixed}
        attached: Outlines = {}
        for key in own:  # a later version finds the lines of the earlier ones
            there = chain.from_iterable([*fixed.values(), *attached.values()])
            attached[key], spots = attach(drawn[key], list(there), scale, tolerance_m)
            went[key] = {first: spots.get(now, now) for first, now in went[key].items()}
        noded = node_outlines(fixed | attached)
        if all(noded[key] == drawn[key] for key in own):
            return noded, went
        drawn = {key: noded[key] for key in own}
    msg = f"{'/'.join(own[0])}: the lines do not settle within {_PASSES} passes; use a smaller tolerance or redraw them"
    raise MapperError(msg)


def metre_scale(outlines: Outlines) -> NDArray[np.float64]:
    """Metres per grid unit along (lon, lat), at the middle latitude of the outlines."""
    lats = [lat for lines in outlines.values() for line in lines for _, lat in line]
    lat = (min(lats) + max(lats)) / 2 / PER_DEGREE
    step = 1000 / PER_DEGREE
    along, up = _GEOD.inv([0, 0], [lat, lat], [step, 0], [lat, lat + step])[2]
    return np.array([along, up]) / 1000


def attach(
    lines: list[Line], there: list[Line], scale: NDArray[np.float64], tolerance_m: float
) -> tuple[list[Line], dict[Position, Position]]:
    """One pass: the lines on the lines that are there, and where vertices near those went.

    Parameters
    ----------
    scale
        Metres per grid unit along (lon, lat).
    """
    near = _segments_near(lines, there, tolerance_m / scale)
    if not near:
        return lines, {}
    lines = _node([*near, *lines])[len(near) :]
    spots = _spots(sorted(set(chain.from_iterable(lines))), segments_of(near), scale, tolerance_m)
    segments = segments_of(_node(near, spots.values()))
    network = _network(segments, scale, tolerance_m)
    followed = [_followed(line, spots, network) for line in lines]
    return _without_needless(followed, segments, set(chain.from_iterable(near))), spots


def _segments_near(lines: list[Line], there: list[Line], margin: NDArray[np.float64]) -> list[Line]:
    positions = np.array(list(chain.from_iterable(lines)))
    low, high = positions.min(axis=0) - margin, positions.max(axis=0) + margin
    ends = np.array(segments_of(there)).reshape(-1, 2, 2)
    close = (ends.max(axis=1) >= low).all(axis=1) & (ends.min(axis=1) <= high).all(axis=1)
    return [[(ax, ay), (bx, by)] for (ax, ay), (bx, by) in ends[close].tolist()]


def _spots(
    positions: list[Position], segments: list[Segment], scale: NDArray[np.float64], tolerance_m: float
) -> dict[Position, Position]:
    """Where each position within the tolerance goes: an end of the nearest segment if near enough, else the foot."""
    ends, at = np.array(segments) * scale, np.array(positions) * scale
    tree = shapely.STRtree(shapely.linestrings(ends))
    index, nearest = tree.query_nearest(shapely.points(at), max_distance=tolerance_m, all_matches=False)
    at, (start, end) = at[index], ends[nearest].transpose(1, 0, 2)
    along = ((at - start) * (end - start)).sum(axis=1) / ((end - start) ** 2).sum(axis=1)
    foot = start + np.clip(along, 0, 1)[:, None] * (end - start)
    closer = np.where((along < 0.5)[:, None], start, end)
    is_near = np.hypot(*(closer - at).T) <= tolerance_m
    goal = np.rint(np.where(is_near[:, None], closer, foot) / scale).astype(int).tolist()
    return {positions[i]: (x, y) for i, (x, y) in zip(index.tolist(), goal, strict=True)}


def _network(segments: list[Segment], scale: NDArray[np.float64], tolerance_m: float) -> _Network:
    beside: dict[Position, list[Position]] = {}
    for a, b in segments:
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    tree = shapely.STRtree(shapely.points(np.array(list(beside)) * scale))
    return _Network(scale, tolerance_m, list(beside), beside, tree)


def _followed(line: Line, spots: Mapping[Position, Position], network: _Network) -> Line:
    path = [spots.get(line[0], line[0])]
    for a, b in pairwise(line):
        if a in spots and b in spots:
            path += _way(spots[a], spots[b], (a, b), network)
        path.append(spots.get(b, b))
    return reduced(path)


def _way(start: Position, goal: Position, drawn: Segment, network: _Network) -> Line:
    """The cheapest way between two vertices of the network within the tolerance of a drawn segment; [] without one.

    A metre far from the segment costs up to three times as much, so that of two lines the nearer is taken.
    """
    if start == goal or goal in network.beside[start]:
        return []
    line = shapely.linestrings(np.array(drawn) * network.scale)
    reach = network.tolerance_m + 2 * ROUNDING_M
    close = network.tree.query(line, predicate="dwithin", distance=reach)
    away = dict(
        zip((network.positions[i] for i in close), shapely.distance(network.tree.geometries[close], line), strict=True)
    )
    queue: list[tuple[float, Position, Position]] = [(0.0, start, start)]
    came: dict[Position, Position] = {}
    while queue:
        cost, here, source = heappop(queue)
        if here in came:
            continue
        came[here] = source
        if here == goal:
            break
        for other in network.beside[here]:
            if other in away and other not in came:
                metres = math.hypot(*((other[i] - here[i]) * float(network.scale[i]) for i in (0, 1)))
                price = 1 + (away[here] + away[other]) / reach
                heappush(queue, (cost + metres * price, other, here))
    path: Line = []
    while goal in came and goal != start:
        path.append(goal)
        goal = came[goal]
    return path[::-1]


def _without_needless(lines: list[Line], network: list[Segment], own: set[Position]) -> list[Line]:
    """The lines without vertices that were put into a line that is there although nothing branches off."""
    degree = Counter(chain.from_iterable(segments_of([*lines, *map(list, network)])))
    needless = {position for position in chain.from_iterable(network) if degree[position] == 2} - own
    kept = []
    for line in lines:
        closed = len(line) > 1 and line[0] == line[-1]
        ends = set() if closed else {line[0], line[-1]}
        path = [position for position in line if position not in needless or position in ends]
        kept.append([*path, path[0]] if closed and path[0] != path[-1] else path)
    return kept
