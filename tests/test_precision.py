"""The stated error of the lines of contact against the places that are known on either side of them."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely

from mapper.area import metres_per_degree
from mapper.changelog import zone_mask

SIDES = Path(__file__).parent / "data" / "sides.csv"
STEP_M = 1000


def measured_m(atlas, zone: str, precision_m: float) -> float:
    """Root mean square of the gap between the nearest places of both sides over the square root of 12, in metres.

    A line that can lie anywhere in a gap has that standard deviation. Taken every kilometre along the zone's boundary
    where its stated precision is ``precision_m``.
    """
    faces = atlas.mosaic
    scale = np.array(metres_per_degree(39.8))
    inside = np.append(zone_mask(faces, zone), False)
    chosen = np.flatnonzero(
        (inside[faces.edge_left] != inside[faces.edge_right]) & (faces.edge_precision_m == precision_m)
    )
    spans = list(pairwise(faces.edge_start))
    lines = [shapely.linestrings(faces.edge_lonlat[slice(*spans[edge])] * scale) for edge in chosen]
    on_line = np.array(
        [
            (point.x, point.y)
            for line in lines
            for point in shapely.line_interpolate_point(line, np.arange(STEP_M / 2, line.length, STEP_M))
        ]
    )
    with SIDES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["zone"] == zone]
    gap = np.zeros(len(on_line))
    for side in ("inside", "outside"):
        places = np.array([(float(row["lon"]), float(row["lat"])) for row in rows if row["side"] == side]) * scale
        gap += np.hypot(*(on_line[:, None] - places).transpose(2, 0, 1)).min(axis=1)
    return float(np.sqrt((gap**2).mean() / 12))


@pytest.mark.parametrize(
    ("zone", "precision_m"),
    [
        ("area:held-1994@1", 2600),
        ("area:held-1994@1", 6500),
        ("area:left-2020@1", 2600),
        ("area:left-2020@1", 6000),
    ],
)
def test_the_stated_error_is_the_one_measured(atlas, zone: str, precision_m: float) -> None:
    """Within 15 %, stretch by stretch."""
    assert measured_m(atlas, zone, precision_m) == pytest.approx(precision_m, rel=0.15)
