"""Shapes that share lines as arcs, each course once: quantised TopoJSON for a page.

The shapes are a coverage already (see ``drawing``), so an arc is a run of vertices between two places where more than
two courses meet. The PyPI package ``topojson`` searches geometry for shared courses, which here are known to be equal
vertex by vertex; that search, and its dependence on the order of its input, is all that it would add.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OUTSIDE: Final = -1
Point = tuple[int, int]
Chain = tuple[Point, ...]
Rings = list[list[list[int]]]
"""Polygons, each a list of rings, each a list of arcs: ``i`` is arc i, ``~i`` the same arc backwards."""


@dataclass(frozen=True, slots=True)
class Topology:
    """Arcs and the shapes made of them.

    Attributes
    ----------
    decimals
        Positions are whole units of the last of these decimals of a degree.
    arcs
        Each a run of positions (lon, lat).
    shapes
        For each shape its rings; see ``Rings``.
    left, right
        For each arc the shapes on its two sides, the smaller number left; -1 is the world outside.
    """

    decimals: int
    arcs: tuple[Chain, ...]
    shapes: tuple[Rings, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """The shapes as a TopoJSON object called ``land``; a geometry's id is the shape's number."""
        west = min((lon for arc in self.arcs for lon, _ in arc), default=0)
        south = min((lat for arc in self.arcs for _, lat in arc), default=0)
        unit = 10.0**-self.decimals
        geometries = [{"type": "MultiPolygon", "id": number, "arcs": rings} for number, rings in enumerate(self.shapes)]
        return {
            "type": "Topology",
            "transform": {
                "scale": [unit, unit],
                "translate": [round(west * unit, self.decimals), round(south * unit, self.decimals)],
            },
            "arcs": [_steps(arc, (west, south)) for arc in self.arcs],
            "objects": {"land": {"type": "GeometryCollection", "geometries": geometries}},
        }


def _steps(arc: Chain, origin: Point) -> list[list[int]]:
    """The start of an arc and then its steps."""
    return [[b[0] - a[0], b[1] - a[1]] for a, b in pairwise((origin, *arc))]


def build_topology(shapes: Sequence[shapely.Geometry], decimals: int) -> Topology:
    """The topology of polygons that share their vertices, rounded to a number of decimals of a degree.

    The same shapes give the same arcs, whatever the start of their rings.
    """
    rings = [
        [[_ring(ring, decimals) for ring in shapely.get_rings(part)] for part in _polygons(shape)] for shape in shapes
    ]
    nodes = _find_nodes(ring for parts in rings for part in parts for ring in part)
    numbers: dict[Chain, int] = {}
    users: list[list[int]] = []
    found: list[Rings] = []
    for shape, parts in enumerate(rings):
        found.append([])
        for part in parts:
            kept = [ring for ring in part if len(set(ring)) > 2]
            if kept and kept[0] is part[0]:  # a polygon whose outline has collapsed takes its holes with it
                found[-1].append([_refer(_cut(ring, nodes), shape, numbers, users) for ring in kept])
    return Topology(
        decimals,
        tuple(numbers),
        tuple(found),
        tuple(min(own) for own in users),
        tuple(max(own) if len(set(own)) > 1 else OUTSIDE for own in users),
    )


def _polygons(shape: shapely.Geometry) -> list[shapely.Geometry]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]


def _rings(polygon: shapely.Geometry, decimals: int) -> list[Chain]:
    return [_ring(ring, decimals) for ring in shapely.get_rings(polygon)]


def _ring(ring: shapely.Geometry, decimals: int) -> Chain:
    """A ring as whole units, open and without repeats."""
    units = np.rint(shapely.get_coordinates(ring) * 10**decimals).astype(int)
    points = [(int(lon), int(lat)) for lon, lat in units]
    kept = [point for before, point in pairwise(points) if point != before]
    return tuple(kept)


def _find_nodes(rings: Iterable[Chain]) -> set[Point]:
    """Where not exactly two courses meet."""
    beside: dict[Point, set[Point]] = {}
    for ring in rings:
        for before, point in pairwise((*ring[-1:], *ring)):
            beside.setdefault(before, set()).add(point)
            beside.setdefault(point, set()).add(before)
    return {point for point, others in beside.items() if len(others) != 2}


def _cut(ring: Chain, nodes: set[Point]) -> list[Chain]:
    """The ring as chains from node to node; one without a node is one chain that starts at its smallest vertex."""
    starts = [index for index, point in enumerate(ring) if point in nodes]
    first = starts[0] if starts else ring.index(min(ring))
    turned = (*ring[first:], *ring[: first + 1])
    cuts = [index - first for index in starts] or [0]
    return [turned[a : b + 1] for a, b in pairwise([*cuts, len(ring)])]


def _refer(chains: list[Chain], shape: int, numbers: dict[Chain, int], users: list[list[int]]) -> list[int]:
    """The arcs of chains, new ones added; a chain that is known backwards is the same arc."""
    found = []
    for chain in chains:
        backwards = chain[::-1]
        forwards = chain <= backwards
        key = chain if forwards else backwards
        number = numbers.setdefault(key, len(numbers))
        if number == len(users):
            users.append([])
        users[number].append(shape)
        found.append(number if forwards else ~number)
    return found
