"""The design's invariants 1, 2 and 4 on the packaged data, and golden tables."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from mapper.area import geodesic_areas
from mapper.compose import compose

GOLDEN = Path(__file__).parent / "golden"
CYLINDRICAL = Transformer.from_crs("EPSG:4326", "EPSG:6933", always_xy=True)


def equal_area_m2(polygon: shapely.Geometry) -> float:
    """Area through EPSG:6933, edges densified to 0.005 degree."""
    return float(shapely.transform(shapely.segmentize(polygon, 0.005), CYLINDRICAL.transform, interleaved=False).area)


def test_every_snapshot_is_an_exact_partition(atlas) -> None:
    """Invariant 1: on every change date controllers sum to each state's own rounded area, in whole square metres."""
    faces = atlas.mosaic
    states = atlas.features("states")
    area = dict(zip(states["id"], np.rint(geodesic_areas(states.geometry.to_numpy())).astype(int), strict=True))
    assert shapely.coverage_is_valid(faces.polygons)
    for day in atlas.change_dates:
        snapshot = compose(faces, atlas.log, day, known=atlas.span[1])
        for row in faces.rows_on("states", day):
            inside = faces.member[row]
            held = [faces.area_m2[inside & (snapshot.controller_code == code)].sum() for code in range(6)]
            assert sum(held) == faces.area_m2[inside].sum() == area[faces.versions[row].id], day
        assert (faces.member[faces.rows_on("states", day)].sum(axis=0) == 1).all(), day
        assert (snapshot.row >= 0).all(), day


def test_divisions_partition_the_land(atlas) -> None:
    """Every face lies in one district of each division, in one at most of a partial one, on each change date."""
    for layer in (layer for layer in atlas.mosaic.layers if layer.kind == "division"):
        for day in atlas.change_dates:
            rows = atlas.mosaic.rows_on(layer.id, day, nearest=True)
            count = atlas.mosaic.member[rows].sum(axis=0)
            assert set(count.tolist()) == ({0, 1} if layer.partial else {1}), (layer.id, day)


@pytest.mark.parametrize("mode", ["best", "certain", "possible"])
def test_nothing_changes_between_change_dates(atlas, mode: str) -> None:
    """Invariant 2: over the whole span, a day differs from its eve only on a change date of the mode."""
    dates = set(atlas.change_dates_in(mode))
    first, last = atlas.span
    before = None
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        # Decades without a change are stepped through by their first and last days; crowded years day by day.
        if day.year < 1988 and day not in dates and day - timedelta(1) not in dates and day + timedelta(1) not in dates:
            continue
        snapshot = compose(atlas.mosaic, atlas.log, day, known=last, mode=mode)
        state = (snapshot.controller_code, snapshot.status_code, snapshot.sovereign, snapshot.admissible_bits)
        if before is not None and day not in dates:
            compared = 4 if mode != "best" else 3
            same = zip(state[:compared], before[:compared], strict=True)
            assert all((now == then).all() for now, then in same), day
        before = state


def test_faces_agree_with_an_equal_area_projection(atlas) -> None:
    """Invariant 4: each face within 0.01 % of EPSG:6933, or 20 m2 for the smallest."""
    for face, area in zip(atlas.mosaic.polygons, atlas.mosaic.area_m2, strict=True):
        assert area == pytest.approx(equal_area_m2(face), rel=1e-4, abs=20)


def test_area_does_not_move_with_collinear_vertices(atlas) -> None:
    """Invariant 4: densified faces have the same area."""
    dense = shapely.segmentize(atlas.mosaic.polygons, 0.01)
    assert geodesic_areas(dense) == pytest.approx(geodesic_areas(atlas.mosaic.polygons), rel=1e-9, abs=0.01)


def golden_days() -> list[str]:
    """The days that have a golden table."""
    return sorted(path.stem for path in GOLDEN.glob("*.csv"))


def golden_rows(atlas, day: str) -> list[list[str]]:
    """What a golden table holds: area by sovereign, controller and status in km2, whole square metres."""
    frame = atlas.snapshot(day).areas(by=["sovereign", "controller", "status"])
    return [[r.sovereign, r.controller, r.status, f"{r.area_km2:.6f}"] for r in frame.itertuples()]


@pytest.mark.parametrize("day", golden_days())
def test_golden_table(atlas, day: str) -> None:
    """The areas of a day do not change unnoticed; a table changes only in the commit that says why."""
    with (GOLDEN / f"{day}.csv").open(newline="") as file:
        assert list(csv.reader(file))[1:] == golden_rows(atlas, day)


def test_there_are_eight_golden_days() -> None:
    """From the Soviet period to after 2023."""
    assert len(golden_days()) >= 8


@pytest.mark.parametrize("day", golden_days())
def test_golden_days_agree_with_equal_area_and_raster(atlas, day: str) -> None:
    """Each controller's land within 0.01 % of EPSG:6933, and within 0.2 % of a 100 m raster above 500 km2."""
    from mapper.raster import class_areas

    snapshot = atlas.snapshot(day)
    units = snapshot.units()
    pixels = class_areas(snapshot, 100)
    for key, group in units.groupby("class_key"):
        area = group["area_km2"].sum()
        assert area == pytest.approx(sum(map(equal_area_m2, group.geometry)) / 1e6, rel=1e-4)
        if area > 500:
            assert area == pytest.approx(pixels[key], rel=2e-3)


def test_span_begins_with_the_oblast(atlas) -> None:
    """The first covered day is that of the decree."""
    assert atlas.span[0] == date(1923, 7, 7)
