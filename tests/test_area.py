"""Areas on the ellipsoid: two ways agree, and areas add."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from mapper.area import authalic_metres, edge_areas, geodesic_areas, metres_per_degree, polygon_km2, whole_square_metres
from tests.strategies import boxes

CYLINDRICAL = Transformer.from_crs("EPSG:4326", "EPSG:6933", always_xy=True)


def equal_area_m2(polygon: shapely.Geometry) -> float:
    """Area through the equal-area projection EPSG:6933, edges densified."""
    dense = shapely.segmentize(polygon, 0.01)
    return float(shapely.transform(dense, CYLINDRICAL.transform, interleaved=False).area)


def test_the_whole_ellipsoid_has_its_published_area() -> None:
    """510,065,621.724 km2 (GRS 80/WGS 84, Moritz 2000), from 90 south to 90 north in four lunes."""
    lunes = [shapely.box(lon, -90, lon + 90, 90) for lon in (-180, -90, 0, 90)]
    lunes = shapely.segmentize(np.array(lunes), 1.0)
    assert geodesic_areas(lunes).sum() / 1e6 == pytest.approx(510_065_621.7, rel=1e-9)


@given(boxes())
def test_agrees_with_equal_area_projection(box: shapely.Polygon) -> None:
    """Within 0.01 % of EPSG:6933, densified."""
    assert geodesic_areas([box])[0] == pytest.approx(equal_area_m2(box), rel=1e-4)


def test_agrees_with_geodesics_for_short_edges() -> None:
    """With edges of 0.01 degree, straight in lon/lat and geodesic are the same line to 1e-6 of the area."""
    ring = shapely.segmentize(shapely.Point(46.7, 39.8).buffer(0.5), 0.01).exterior
    reference = abs(Geod(ellps="WGS84").polygon_area_perimeter(*ring.xy)[0])
    assert geodesic_areas([shapely.Polygon(ring)])[0] == pytest.approx(reference, rel=1e-6)


@given(boxes(), st.integers(0, 3), st.booleans())
def test_ignores_direction_start_and_collinear_vertices(box: shapely.Polygon, start: int, reverse: bool) -> None:
    """The same land has the same area however its ring is written."""
    ring = list(box.exterior.coords)[:-1]
    ring = ring[start:] + ring[:start]
    ring = ring[::-1] if reverse else ring
    dense = shapely.segmentize(shapely.Polygon(ring), 0.3)
    plain, same = geodesic_areas([box, dense])
    assert same == pytest.approx(plain, rel=1e-12)


@given(boxes(), st.integers(1, 4), st.integers(1, 4))
def test_parts_sum_to_the_whole(box: shapely.Polygon, columns: int, rows: int) -> None:
    """Cut into a grid, the pieces add up."""
    xmin, ymin, xmax, ymax = box.bounds
    x, y = np.linspace(xmin, xmax, columns + 1), np.linspace(ymin, ymax, rows + 1)
    parts = [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for i in range(columns) for j in range(rows)]
    assert geodesic_areas(parts).sum() == pytest.approx(geodesic_areas([box])[0], rel=1e-12)


def test_holes_are_subtracted_and_parts_added() -> None:
    """A ring of eight boxes around an empty one, and two boxes apart."""
    outer, inner = shapely.box(0, 0, 3, 3), shapely.box(1, 1, 2, 2)
    ring = shapely.Polygon(outer.exterior, [inner.exterior.coords[::-1]])
    two = shapely.MultiPolygon([shapely.box(5, 0, 6, 1), shapely.box(7, 0, 8, 1)])
    areas = geodesic_areas([outer, inner, ring, two, shapely.box(5, 0, 6, 1)])
    assert areas[2] == pytest.approx(areas[0] - areas[1], rel=1e-12)
    assert areas[3] == pytest.approx(2 * areas[4], rel=1e-12)
    assert geodesic_areas([shapely.Polygon()])[0] == 0
    assert polygon_km2(inner) == pytest.approx(areas[1] / 1e6)


def test_edges_run_west_positive() -> None:
    """A counter-clockwise square at the equator has a positive sum."""
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], float)
    expected = equal_area_m2(shapely.box(0, 0, 1, 1))
    assert edge_areas(square).sum() == pytest.approx(expected, rel=1e-9)
    assert edge_areas(square[::-1]).sum() == pytest.approx(-expected, rel=1e-9)


@given(st.lists(st.tuples(st.floats(0.1, 1e9), st.integers(0, 2)), min_size=1, max_size=40))
def test_whole_metres_keep_every_groups_sum(items: list[tuple[float, int]]) -> None:
    """Each group sums to its own rounded total, each area moves by no more than 1 m2."""
    areas, group = np.array([item[0] for item in items]), np.array([item[1] for item in items])
    whole = whole_square_metres(areas, group)
    assert (np.abs(whole - areas) <= 1 + 1e-6).all()
    for value in np.unique(group):
        assert abs(whole[group == value].sum() - areas[group == value].sum()) <= 0.5 + 1e-6


@given(boxes())
def test_the_equal_area_plane_keeps_areas(box: shapely.Polygon) -> None:
    """Densified, a ring encloses on it what it encloses on the ellipsoid; east and north stretch as is said."""
    ring = np.array(shapely.segmentize(box, 0.01).exterior.coords)
    x, y, stretch = authalic_metres(ring)
    shoelace = (x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2
    assert abs(shoelace) == pytest.approx(geodesic_areas([box])[0], rel=1e-6)
    tiny = 1e-6
    along, up = metres_per_degree(float(ring[0, 1]))
    moved_x, moved_y, _ = authalic_metres(ring[:1] + tiny)
    assert moved_x[0] - x[0] == pytest.approx(tiny * along * stretch[0], rel=1e-4)
    assert moved_y[0] - y[0] == pytest.approx(tiny * up / stretch[0], rel=1e-4)
