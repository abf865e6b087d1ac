"""The grid that answers for most of very many points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapper import mosaic
from mapper.locator import MIXED, build_grid

if TYPE_CHECKING:
    from mapper import Atlas


def test_cells_away_from_lines_know_their_face() -> None:
    """Two boxes and a hole: the middle of each is certain, a line is not, and around them is outside."""
    frame = shapely.box(0, 0, 9, 9) - shapely.box(3, 3, 6, 6)
    grid = build_grid(np.array([frame, shapely.box(3, 3, 6, 6)]))
    lons, lats = np.array([1.0, 4.5, 3.0, 9.0, -0.5, 50.0]), np.array([1.0, 4.5, 4.0, 9.0, 4.0, 4.0])
    assert grid.look_up(lons, lats).tolist() == [0, 1, MIXED, MIXED, -1, -1]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=3, max_size=12, unique=True))
def test_certain_cells_agree_with_the_polygon(corners: list[tuple[int, int]]) -> None:
    """Whatever the polygon: a convex hull cut by a triangle."""
    hull = shapely.MultiPoint(corners).convex_hull
    parts = shapely.get_parts(shapely.difference(hull, shapely.Polygon([(10, 5), (30, 20), (15, 45)])))
    polygons = np.array([part for part in parts if part.geom_type == "Polygon"], dtype=object)
    if not len(polygons):
        return
    points = np.random.default_rng(7).uniform(-5, 55, (400, 2))
    found = build_grid(polygons).look_up(*points.T)
    for face, polygon in enumerate(polygons):
        inside = shapely.intersects_xy(polygon, *points.T)
        assert (inside[found == face]).all()
        assert not inside[(found != face) & (found != MIXED)].any()


@pytest.mark.parametrize("name", ["toy_atlas", "atlas"])
def test_many_points_are_found_as_few_are(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Random points, vertices of the lines (on a line, all of them), points outside and NaN."""
    faces = request.getfixturevalue(name).mosaic
    random = np.random.default_rng(1923)
    west, south, east, north = shapely.total_bounds(faces.polygons)
    points = random.uniform((west - 1, south - 1), (east + 1, north + 1), (8_000, 2))
    points = np.vstack([points, faces.edge_lonlat[::7], [[np.nan, 40.0], [46.0, np.inf]]])
    wanted = [faces.locate(*part.T) for part in np.array_split(points, 4)]
    monkeypatch.setattr(mosaic, "_MANY", 100)
    face, on_line = faces.locate(*points.T)
    assert (face == np.concatenate([part[0] for part in wanted])).all()
    assert (on_line == np.concatenate([part[1] for part in wanted])).all()


def test_the_packaged_data_answers_a_grid_of_points(atlas: Atlas) -> None:
    """Shapes are kept."""
    lons, lats = np.meshgrid(np.linspace(45, 48, 120), np.linspace(38.8, 41, 90))
    face, on_line = atlas.mosaic.locate(lons, lats)
    assert face.shape == on_line.shape == (90, 120)
    assert (face >= 0).any()
