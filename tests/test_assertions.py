"""Statements of who held a place: the toy by hand, the packaged data against another way to measure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from pyproj import Geod

from mapper.assertions import compare, find_comparisons, nearest_to_a_line


def comparisons(atlas):
    """All assertions of an atlas beside its record."""
    return find_comparisons(atlas.snapshot, atlas.assertions, atlas.places, atlas.place_face)


def test_the_nearest_line_is_half_a_box_away(toy_atlas) -> None:
    """Centre lies in the middle of a box of the held land's north; the line of precision 1 km is half a degree off."""
    centre, gate = comparisons(toy_atlas)
    assert (centre.controller, centre.admissible, centre.agrees) == ("artsakh", ("artsakh",), True)
    assert centre.line_m == pytest.approx(55_288, abs=20)  # half a degree of the meridian, at 2.5 degrees north
    assert centre.line_precisions == pytest.approx(55.3, abs=0.1)
    assert (gate.controller, gate.agrees) == ("russian-peacekeepers", True)


def test_what_the_record_does_not_bear_out(toy_atlas) -> None:
    """Another holder disagrees; a place outside both states is held by nobody."""
    row, place = toy_atlas.assertions[0], toy_atlas.places[1]
    wrong = replace(row, controllers=("azerbaijan",))
    assert not compare(toy_atlas.snapshot(row.day), wrong, place, toy_atlas.place_face[place.id]).agrees
    outside = compare(toy_atlas.snapshot(row.day), row, place, -1)
    assert (outside.controller, outside.admissible, outside.agrees) == ("outside", (), False)


def test_a_day_without_a_line_has_no_distance(toy_atlas) -> None:
    """In 1960 one controller holds everything; such rows are never the nearest."""
    row, place = replace(toy_atlas.assertions[0], day=date(1960, 1, 1)), toy_atlas.places[1]
    found = compare(toy_atlas.snapshot(row.day), row, place, toy_atlas.place_face[place.id])
    assert (found.line_m, found.line_precisions) == (None, None)
    assert nearest_to_a_line([found], 5) == []


def test_the_nearest_come_first(atlas) -> None:
    """As many as asked for, in order, none nearer left out."""
    found = comparisons(atlas)
    nearest = nearest_to_a_line(found, 30)
    distances = [item.line_m for item in nearest]
    assert len(nearest) == 30
    assert distances == sorted(distances)
    assert sum(item.line_m is not None and item.line_m < distances[-1] for item in found) == 29


def test_every_assertion_holds(atlas) -> None:
    """Of the packaged data."""
    assert [item.assertion.id for item in comparisons(atlas) if not item.agrees] == []


def test_distances_agree_with_geodesic_ones(atlas) -> None:
    """Within 1 % of the nearest of points every 100 m along the lines, measured on the ellipsoid."""
    snapshot, faces = atlas.snapshot("2020-11-10"), atlas.mosaic
    lines = (faces.edge_right >= 0) & (snapshot.controller[faces.edge_left] != snapshot.controller[faces.edge_right])
    lons, lats = shapely.get_coordinates(shapely.segmentize(faces.edges[lines], 0.001)).T
    for place in atlas.places[::100]:
        edge, metres = faces.nearest_edge(place.lon, place.lat, among=lines)
        assert lines[edge]
        here = np.full_like(lons, place.lon), np.full_like(lats, place.lat)
        expected = Geod(ellps="WGS84").inv(*here, lons, lats)[2].min()
        if expected < 100_000:
            assert metres == pytest.approx(expected, rel=0.01, abs=2)
    assert faces.nearest_edge(46, 40, among=np.zeros_like(lines)) is None
