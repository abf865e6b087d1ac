"""The mosaic: faces, edges, precision, points, cache."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from mapper import changelog, mosaic
from mapper.area import geodesic_areas
from mapper.records import METHODS


def test_faces_tile_each_state_to_the_square_metre(toy_atlas) -> None:
    """Every state's faces sum to the state's own rounded area."""
    faces = toy_atlas.mosaic
    for row in faces.rows("states"):
        version = faces.versions[row]
        shape = toy_atlas.features("states").set_index("id").geometry[version.id]
        assert faces.area_m2[faces.member[row]].sum() == round(geodesic_areas([shape])[0])


def test_faces_are_a_valid_coverage(toy_atlas) -> None:
    """No overlaps, no gaps, shared vertices."""
    assert shapely.coverage_is_valid(toy_atlas.mosaic.polygons)
    assert shapely.is_valid(toy_atlas.mosaic.polygons).all()


def test_every_edge_lies_between_its_faces(toy_atlas) -> None:
    """The edges of a face, on either side, make up its whole boundary."""
    faces = toy_atlas.mosaic
    for face in range(faces.face_count):
        own = faces.edges[(faces.edge_left == face) | (faces.edge_right == face)]
        assert shapely.equals(shapely.union_all(own), shapely.boundary(faces.polygons[face]))


def test_edge_precision_comes_from_the_best_course(toy_atlas) -> None:
    """Where the line of contact is drawn its own precision holds, elsewhere that of the polygons."""
    faces = toy_atlas.mosaic
    contact = shapely.LineString([(3, 0), (3, 3)])
    on_line = shapely.covers(contact, faces.edges)
    assert on_line.any()
    assert set(faces.edge_precision_m[on_line]) == {200.0}
    assert set(faces.edge_correlation_m[on_line]) == {2000.0}
    assert set(faces.edge_precision_m[~on_line]) == {1000.0}


def test_edge_method_is_that_of_the_best_course(toy_atlas) -> None:
    """The line of contact, were it traced, is so along its whole course and nowhere else."""
    from dataclasses import replace

    data = toy_atlas.data
    versions = [replace(item, method="traced") if item.layer == "lines" else item for item in data.versions]
    faces = mosaic.build(replace(data, versions=tuple(versions)))
    on_line = shapely.covers(shapely.LineString([(3, 0), (3, 3)]), faces.edges)
    assert set(faces.edge_method[on_line]) == {METHODS.index("traced")}
    assert set(faces.edge_method[~on_line]) == {METHODS.index("interpolated")}


def test_edge_lengths_are_metres_on_the_ellipsoid(toy_atlas) -> None:
    """Three degrees of a meridian from the equator; the outer border has a face on one side only."""
    faces = toy_atlas.mosaic
    contact = shapely.covers(shapely.LineString([(3, 0), (3, 3)]), faces.edges)
    assert faces.edge_length_m[contact].sum() == pytest.approx(331_730, rel=1e-4)
    outer = shapely.covers(shapely.boundary(shapely.box(-3, 0, 4, 4)), faces.edges)
    assert (outer == (faces.edge_right == mosaic.OUTSIDE)).all()


def test_points_on_lines_belong_to_the_lowest_face(toy_atlas) -> None:
    """A node of four faces, the outer border, a point inside, and outside."""
    face, on_line = toy_atlas.mosaic.locate([2.0, 4.0, 2.5, 9.0], [2.0, 1.0, 2.5, 9.0])
    touching = np.flatnonzero(shapely.intersects(toy_atlas.mosaic.polygons, shapely.Point(2, 2)))
    assert face[0] == touching.min()
    assert len(touching) == 4
    assert on_line.tolist() == [True, True, False, False]
    assert face[3] == mosaic.OUTSIDE


def test_file_order_does_not_matter(toy_atlas) -> None:
    """The same versions in another order give the same faces and areas."""
    from dataclasses import replace

    data = toy_atlas.data
    shuffled = mosaic.build(replace(data, versions=tuple(reversed(data.versions))))
    assert shapely.equals(shuffled.polygons, toy_atlas.mosaic.polygons).all()
    assert (shuffled.area_m2 == toy_atlas.mosaic.area_m2).all()


def test_cache_reads_back(toy_atlas) -> None:
    """Mosaic and log survive their bytes; the same input gives the same bytes."""
    content = mosaic.to_bytes(toy_atlas.mosaic)
    again = mosaic.from_bytes(content)
    assert mosaic.to_bytes(again) == content
    assert again.versions == toy_atlas.mosaic.versions
    assert (again.member == toy_atlas.mosaic.member).all()
    log, extra = changelog.from_bytes(changelog.to_bytes(toy_atlas.log, {"a": 1}))
    assert log.changes == toy_atlas.log.changes
    assert extra == {"a": 1}
