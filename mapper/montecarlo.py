"""Areas of snapshots by drawing: every line is displaced, every date and account drawn, and the areas measured again.

Nothing here knows the formula of uncertainty.py, so each checks the other. Vertices, densified to a quarter of the
correlation length, move east and north by two independent Gaussian processes whose correlation fades exponentially
along the line. Each edge moves once, for both its faces, and ends at nodes that its neighbours share: the displaced
faces still tile the land, and the area of a group of faces is the sum of theirs.

Areas are taken by Green's theorem on the plane of Lambert's cylindrical equal-area projection of the ellipsoid, where a
ring that is straight between its vertices encloses its true area. At the steps used here (under 3 km) the difference
between straight in lon/lat and straight on that plane is under 0.2 m to the side, and it drops out: what counts is
how far a draw lies from the undisplaced ring on the same plane.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mapper.area import authalic_metres
from mapper.farm import HERE
from mapper.scenarios import CONTESTED, NO_ROW, rows_in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from mapper.changelog import ChangeLog
    from mapper.farm import Farm
    from mapper.mosaic import Mosaic

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

STEPS_PER_CORRELATION = 4
BLOCK = 50
"""Draws that share a random stream, the block's own child of the seed: who draws which block changes no result."""


# --- the network of lines ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Network:
    """All edges, densified, as courses that errors run along.

    Attributes
    ----------
    x, y, stretch
        Shape (vertices,): position on the equal-area plane, metres, and metres on it per metre east (its inverse per
        metre north).
    edge_start
        Vertices of edge i are ``edge_start[i]:edge_start[i + 1]``; neighbours have copies of the vertex they share.
    source
        Shape (vertices,): the course vertex that each vertex is; copies share one.
    node
        Shape (edges, 2): the vertex that each edge's ends are tied to.
    left, right
        Shape (edges,): the faces geometrically left and right of an edge, -1 for the world outside.
    fade, error
        Shape (course vertices,), course after course: correlation with the vertex before, 0 where a course begins,
        and 1-sigma error, m.
    chunk, since
        Where chunks of the courses begin, and correlation of each course vertex with the first of its chunk.
    """

    x: Floats
    y: Floats
    stretch: Floats
    edge_start: Ints
    source: Ints
    node: Ints
    left: Ints
    right: Ints
    fade: Floats
    error: Floats
    chunk: Ints
    since: Floats


def build_network(mosaic: Mosaic) -> Network:
    """The network of a mosaic's edges."""
    lonlat, edge_start = _densify(mosaic)
    x, y, stretch = authalic_metres(lonlat)
    along = _metres_along(x, y, stretch, edge_start)
    courses = find_courses(mosaic, lonlat, edge_start)
    source, fade, error = _lay_out(mosaic, courses, along, edge_start)
    left, right = _sides(mosaic)
    node = _ties(mosaic, courses, edge_start)
    return Network(x, y, stretch, edge_start, source, node, left, right, fade, error, *_chunks(fade))


def _densify(mosaic: Mosaic) -> tuple[Floats, Ints]:
    """Positions of all edges with further ones between, straight in lon/lat, and where each edge starts."""
    edge = np.repeat(np.arange(len(mosaic.edge_left)), np.diff(mosaic.edge_start))
    ends = mosaic.edge_start[1:] - 1
    x, y, stretch = authalic_metres(mosaic.edge_lonlat)
    metres = np.hypot(np.diff(x) / stretch[:-1], np.diff(y) * stretch[:-1])
    reach = mosaic.edge_correlation_m[edge[:-1]]
    wanted = np.where(reach > 0, metres * STEPS_PER_CORRELATION / np.where(reach > 0, reach, 1.0), 1.0)
    pieces = np.maximum(np.ceil(wanted * (1 + 1e-6)), 1).astype(np.int64)  # a hair more: stretch varies along a segment
    pieces = np.append(pieces, 1)
    pieces[ends] = 1
    of = np.repeat(np.arange(len(pieces)), pieces)
    part = (np.arange(len(of)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[of]
    step = np.vstack([np.diff(mosaic.edge_lonlat, axis=0), np.zeros((1, 2))])
    step[ends] = 0.0
    start = np.concatenate([[0], np.cumsum(np.bincount(edge, pieces, len(ends)).astype(np.int64))])
    return mosaic.edge_lonlat[of] + part[:, None] * step[of], start


def _metres_along(x: Floats, y: Floats, stretch: Floats, edge_start: Ints) -> Floats:
    """Metres from each vertex to the one before it on its edge, 0 for the first."""
    metres = np.hypot(np.diff(x, prepend=x[:1]) / stretch, np.diff(y, prepend=y[:1]) * stretch)
    metres[edge_start[:-1]] = 0.0
    return metres


Course = list[tuple[int, bool]]  # edges in order, and whether each is walked backwards


def find_courses(mosaic: Mosaic, lonlat: Floats, edge_start: Ints) -> list[Course]:
    """Edges joined into courses: at each node those of one precision, the straightest pair first."""
    partner = _find_partners(mosaic, lonlat, edge_start)
    left = set(range(len(mosaic.edge_left)))
    ends = [(edge, side) for edge in sorted(left) for side in (0, 1)]
    courses = []
    for start in [*(end for end in ends if end not in partner), *ends]:  # rings last: they start anywhere
        here, course = start, []
        while here[0] in left:
            left.remove(here[0])
            course.append((here[0], here[1] == 1))
            far = here[0], 1 - here[1]
            here = partner.get(far, far)
        if course:
            courses.append(course)
    return courses


def _find_partners(mosaic: Mosaic, lonlat: Floats, edge_start: Ints) -> dict[tuple[int, int], tuple[int, int]]:
    """For each end of an edge that continues, the end of the edge that continues it."""
    meeting: dict[tuple[int, float, float], list[tuple[int, int]]] = {}
    for edge, nodes in enumerate(mosaic.edge_nodes.tolist()):
        own = float(mosaic.edge_precision_m[edge]), float(mosaic.edge_correlation_m[edge])
        for side, node in enumerate(nodes):
            meeting.setdefault((node, *own), []).append((edge, side))
    partner = {}
    for ends in meeting.values():
        away = [_direction(lonlat, edge_start, *end) for end in ends]
        pairs = [(float(away[i] @ away[j]), ends[i], ends[j]) for i in range(len(ends)) for j in range(i)]
        for _, one, other in sorted(pairs):
            if one not in partner and other not in partner:
                partner[one], partner[other] = other, one
    return partner


def _direction(lonlat: Floats, edge_start: Ints, edge: int, side: int) -> Floats:
    first, last = edge_start[edge], edge_start[edge + 1] - 1
    here, there = (first, first + 1) if side == 0 else (last, last - 1)
    way = (lonlat[there] - lonlat[here]) * (math.cos(math.radians(lonlat[here, 1])), 1.0)
    found: Floats = way / np.hypot(*way)
    return found


def _lay_out(mosaic: Mosaic, courses: list[Course], along: Floats, edge_start: Ints) -> tuple[Ints, Floats, Floats]:
    """``source, fade, error`` of the network."""
    source = np.zeros(len(along), np.int64)
    fades, errors, count = [], [], 0
    for course in courses:
        vertices, positions, gaps = _walk(course, along, edge_start)
        source[vertices] = count + positions
        edge = course[0][0]
        reach = mosaic.edge_correlation_m[edge]
        fade = np.exp(-gaps / reach) if reach > 0 else np.zeros(len(gaps))
        fade[0] = 0.0
        fades.append(fade)
        errors.append(np.full(len(gaps), mosaic.edge_precision_m[edge]))
        count += len(gaps)
    return source, np.concatenate(fades), np.concatenate(errors)


_DEEPEST = 30.0  # correlation lengths in a chunk: exp(30) is far from what a float cannot hold


def _chunks(fade: Floats) -> tuple[Ints, Floats]:
    """``chunk, since`` of the network."""
    fresh = fade <= 0
    depth = np.cumsum(-np.log(np.where(fresh, 1.0, fade)))
    starts = np.flatnonzero(fresh | (np.diff(depth // _DEEPEST, prepend=-1.0) > 0))
    lengths = np.diff(starts, append=len(fade))
    return starts, np.exp(np.repeat(depth[starts], lengths) - depth)


def _walk(course: Course, along: Floats, edge_start: Ints) -> tuple[Ints, Ints, Floats]:
    """The vertices on a course with their positions on it, and metres from each position to the one before."""
    vertices, positions, gaps = [], [], [np.zeros(1)]
    last = 0
    for edge, backwards in course:
        own = np.arange(edge_start[edge], edge_start[edge + 1])
        metres = along[own[1:]]
        vertices.append(own[::-1] if backwards else own)
        positions.append(last + np.arange(len(own)))
        gaps.append(metres[::-1] if backwards else metres)
        last += len(own) - 1
    return np.concatenate(vertices), np.concatenate(positions), np.concatenate(gaps)


def _ties(mosaic: Mosaic, courses: list[Course], edge_start: Ints) -> Ints:
    """Shape (edges, 2): for each end of an edge the vertex that its node goes with: of the most precise course there.

    A course that runs through is preferred to one that ends.
    """
    through = set()
    for course in courses:
        for edge, backwards in course[1:]:
            through.add((edge, 1 if backwards else 0))
        for edge, backwards in course[:-1]:
            through.add((edge, 0 if backwards else 1))
    chosen: dict[int, tuple[float, bool, int, int]] = {}
    for edge, nodes in enumerate(mosaic.edge_nodes.tolist()):
        for side, node in enumerate(nodes):
            own = float(mosaic.edge_precision_m[edge]), (edge, side) not in through, edge, side
            chosen[node] = min(chosen.get(node, own), own)
    vertex = {
        node: int(edge_start[edge + side] - side)  # the first vertex, or the one before the next edge's first
        for node, (_, _, edge, side) in chosen.items()
    }
    return np.array([[vertex[node] for node in nodes] for nodes in mosaic.edge_nodes.tolist()], np.int64).reshape(-1, 2)


def _sides(mosaic: Mosaic) -> tuple[Ints, Ints]:
    """The faces geometrically left and right of each edge, -1 for the world outside."""
    import shapely

    rings, face = shapely.get_rings(mosaic.polygons, return_index=True)  # counter-clockwise around the land
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    number = _numbers(np.vstack([lonlat, mosaic.edge_lonlat]))
    own, edges = number[: len(lonlat)], number[len(lonlat) :]
    step = np.flatnonzero(ring[1:] == ring[:-1])
    base = int(number.max(initial=0)) + 1
    code = own[step] * base + own[step + 1]
    order = np.argsort(code)
    first, second = edges[mosaic.edge_start[:-1]], edges[mosaic.edge_start[:-1] + 1]
    found = []
    for wanted in (first * base + second, second * base + first):
        place = np.minimum(np.searchsorted(code[order], wanted), len(code) - 1)
        hit = code[order][place] == wanted
        found.append(np.where(hit, face[ring[step]][order][place], -1))
    return found[0], found[1]


def _numbers(lonlat: Floats) -> Ints:
    """A number for each position, equal for equal positions."""
    whole = np.rint(lonlat * 1e5).astype(np.int64)
    return np.unique(whole[:, 0] * 36_000_001 + whole[:, 1], return_inverse=True)[1].ravel()


# --- drawing lines -------------------------------------------------------------------------------------------------


def draw_face_areas(network: Network, face_count: int, count: int, random: np.random.Generator) -> Floats:
    """Shape (count, faces): how much larger each face is than undisplaced in each draw, m2."""
    east, north = (_displace(network, count, random)[:, network.source] for _ in range(2))
    x, y = network.x + east * network.stretch, network.y + north / network.stretch
    change = _signed(network, x, y) - _signed(network, network.x[None], network.y[None])
    found = np.zeros((count, face_count))
    for face, sign in ((network.left, 1.0), (network.right, -1.0)):
        order = np.argsort(face, kind="stable")[np.count_nonzero(face < 0) :]
        if len(order):
            first = np.flatnonzero(np.diff(face[order], prepend=-1))
            found[:, face[order][first]] += sign * np.add.reduceat(change[:, order], first, axis=1)
    return found


def _displace(network: Network, count: int, random: np.random.Generator) -> Floats:
    """Shape (count, course vertices): one component of the displacements, m; stationary along each course.

    Each is what remains of the one before, ``fade`` of it, and something fresh. Within a chunk that recursion is a
    running sum of the fresh parts, each taken back to the chunk's beginning.
    """
    moved = random.standard_normal((len(network.fade), count))
    moved *= np.sqrt(1 - network.fade**2)[:, None]
    ends = np.append(network.chunk, len(network.fade))
    for start, end in pairwise(ends.tolist()):
        if start:
            moved[start] += network.fade[start] * moved[start - 1]
        since = network.since[start:end, None]
        moved[start:end] = np.cumsum(moved[start:end] / since, axis=0) * since
    return (moved * network.error[:, None]).T


def _signed(network: Network, x: Floats, y: Floats) -> Floats:
    """Shape (draws, edges): the area between each edge's way and the origin, m2, by Green's theorem.

    An edge's way runs from its node through its own vertices to its other node.
    """
    start, end = network.edge_start[:-1], network.edge_start[1:] - 1
    cross = x[:, :-1] * y[:, 1:] - x[:, 1:] * y[:, :-1]
    cross[:, end[:-1]] = 0.0  # between two edges
    whole = np.add.reduceat(cross, start, axis=1)
    first, last = network.node.T
    whole += x[:, first] * y[:, start] - x[:, start] * y[:, first]
    whole += x[:, end] * y[:, last] - x[:, last] * y[:, end]
    found: Floats = whole / 2
    return found


# --- drawing dates and accounts ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What an account says: rows in force sorted by face, and the group of each, as it is and where contested."""

    row: Ints
    change: Ints
    first: Ints
    faces: Ints
    group: Ints
    other: Ints


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a day: the groups that faces fall into by the row of the log that decides them.

    Attributes
    ----------
    row_group
        Shape (rows,): the group of a row's face when that row decides.
    contested_group
        Shape (rows,): the group of a row's face when its land is contested and counts for that row's holder.
    nobody
        Shape (faces,): the group where no row decides.
    """

    log: ChangeLog
    day: date
    known: date
    accounts: tuple[str | None, ...]
    row_group: Ints
    contested_group: Ints
    nobody: Ints
    group_count: int


def tell(question: Question, account: str | None) -> Told:
    """What an account says."""
    rows = rows_in_force(question.log, known=question.known, account=account)
    first = np.flatnonzero(np.diff(rows.face, prepend=-1))
    group = question.row_group[rows.row]
    before = np.maximum(np.arange(len(rows.row)) - 1, 0)
    is_contested = question.log.status[rows.change] == CONTESTED
    is_contested &= rows.face[before] == rows.face
    other = np.where(is_contested, question.contested_group[rows.row[before]], group)
    return Told(rows.row, rows.change, first, rows.face[first], group, other)


def draw_groups(question: Question, told: Sequence[Told], count: int, random: np.random.Generator) -> Ints:
    """Shape (count, faces): the group of each face in each draw.

    Each change falls on a day drawn evenly between its earliest and latest one, at the same share of the way on every
    face; each draw follows one account, and contested land falls to either of its parties.
    """
    log, ordinal = question.log, question.day.toordinal()
    size = (count, len(log.changes))
    share = random.random(size)
    coin = random.integers(0, 2, size).astype(bool)
    account = random.integers(0, len(told), count)
    found = np.repeat(question.nobody[None], count, axis=0)
    for number, says in enumerate(told):
        draws = np.flatnonzero(account == number)
        if not len(draws) or not len(says.change):
            continue
        days = log.row_latest[says.row] - log.row_earliest[says.row] + 1
        happened = log.row_earliest[says.row] + np.floor(share[draws][:, says.change] * days) <= ordinal
        place = np.where(happened, np.arange(len(says.change)), NO_ROW)
        last = np.maximum.reduceat(place, says.first, axis=1)
        own = np.take_along_axis(coin[draws], says.change[last], axis=1)
        group = np.where(own, says.group[last], says.other[last])
        found[np.ix_(draws, says.faces)] = np.where(last >= 0, group, question.nobody[says.faces])
    return found


@dataclass(frozen=True, slots=True)
class Urn:
    """What all blocks of draws draw from: the faces' areas in m2, the lines, and what each account says."""

    area_m2: Ints
    network: Network
    question: Question
    told: tuple[Told, ...]


def draw_areas(
    mosaic: Mosaic,
    question: Question,
    count: int,
    seed: int,
    *,
    report: Callable[[str], None] = lambda _: None,
    farm: Farm = HERE,
) -> Floats:
    """Shape (count, groups): the area of each group in each draw, m2.

    The same seed gives the same draws, on any farm; draws are made in blocks of ``BLOCK``, each with a random stream
    of its own.
    """
    told = tuple(tell(question, account) for account in question.accounts)
    urn = Urn(mosaic.area_m2, build_network(mosaic), question, told)
    streams = np.random.SeedSequence(seed).spawn(-(-count // BLOCK))
    blocks = farm.run(draw_block, streams, urn, report=lambda done: report(f"{done * BLOCK} of {count} draws"))
    return np.concatenate(list(blocks))[:count]


def draw_block(urn: Urn, stream: np.random.SeedSequence) -> Floats:
    """Shape (``BLOCK``, groups): areas of one block of draws, m2."""
    random, groups = np.random.default_rng(stream), urn.question.group_count
    area = urn.area_m2 + draw_face_areas(urn.network, len(urn.area_m2), BLOCK, random)
    group = draw_groups(urn.question, urn.told, BLOCK, random) + groups * np.arange(BLOCK)[:, None]
    sums = np.bincount(group.ravel(), area.ravel(), BLOCK * groups).astype(float)
    return sums.reshape(BLOCK, groups)
