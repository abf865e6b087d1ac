"""Shapes as arcs: each course once, put together again exactly."""

from __future__ import annotations

import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapper.topology import OUTSIDE, Topology, build_topology


def rebuild(topology: Topology, shape: int) -> shapely.Geometry:
    """A shape from its arcs."""
    unit = 10.0**-topology.decimals
    polygons = []
    for rings in topology.shapes[shape]:
        lines = [[point for ref in ring for point in walk(topology, ref)[:-1]] for ring in rings]
        rounded = [[(lon * unit, lat * unit) for lon, lat in line] for line in lines]
        polygons.append(shapely.Polygon(rounded[0], rounded[1:]))
    return shapely.MultiPolygon(polygons)


def walk(topology: Topology, ref: int) -> tuple[tuple[int, int], ...]:
    return topology.arcs[~ref][::-1] if ref < 0 else topology.arcs[ref]


def test_two_neighbours_share_one_arc() -> None:
    """Two boxes side by side have three arcs; the middle one has both beside it."""
    found = build_topology([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], 2)
    assert len(found.arcs) == 3
    assert sorted(zip(found.left, found.right, strict=True)) == [(0, OUTSIDE), (0, 1), (1, OUTSIDE)]


def test_a_hole_is_the_outline_of_what_fills_it() -> None:
    """An enclave and the hole around it are the same single arc."""
    around = shapely.Polygon(shapely.box(0, 0, 3, 3).exterior, [shapely.box(1, 1, 2, 2).exterior])
    found = build_topology([around, shapely.box(1, 1, 2, 2)], 2)
    assert len(found.arcs) == 2
    assert (0, 1) in zip(found.left, found.right, strict=True)


def test_what_collapses_when_rounded_is_left_out() -> None:
    """A sliver thinner than the last decimal has no ring, its neighbour stays."""
    found = build_topology([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 1.001, 1)], 2)
    assert [len(rings) for rings in found.shapes] == [1, 0]


@given(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1), st.integers(1, 4))
def test_shapes_come_back_whole(cells: set[tuple[int, int]], count: int) -> None:
    """Any shapes made of unit squares are rebuilt exactly, and their order does not change the set of arcs."""
    parts: list[list[shapely.Geometry]] = [[] for _ in range(count)]
    for x, y in sorted(cells):
        parts[(x * 7 + y * 3) % count].append(shapely.box(x, y, x + 1, y + 1))
    shapes = [shapely.union_all(own, grid_size=1) for own in parts if own]
    # A coverage has the vertices of its neighbours on its own lines.
    grid = shapely.MultiPoint([(x, y) for x in range(6) for y in range(6)])
    shapes = [shapely.union(shapely.snap(shapely.segmentize(one, 1), grid, 1e-9), shapely.Polygon()) for one in shapes]
    shapes = [shapely.segmentize(one, 1) for one in shapes]
    found = build_topology(shapes, 1)
    for number, shape in enumerate(shapes):
        assert rebuild(found, number).equals(shape)
    assert set(build_topology(shapes[::-1], 1).arcs) == set(found.arcs)


def test_the_json_is_topojson() -> None:
    """Arcs begin at the transform's corner and go on in steps."""
    value = build_topology([shapely.box(44.5, 39, 45, 39.5)], 1).to_json()
    assert value["type"] == "Topology"
    assert value["transform"] == {"scale": [0.1, 0.1], "translate": [44.5, 39.0]}
    (arc,) = value["arcs"]
    assert [sum(step[axis] for step in arc) for axis in (0, 1)] == arc[0]  # a ring ends where it began
    assert value["objects"]["land"]["geometries"][0]["arcs"] in ([[[0]]], [[[-1]]])
