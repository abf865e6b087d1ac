"""Synthetic worlds of any size, seeded: rows and columns of a jittered lattice whose crossings are the faces.

A world of n faces needs only some 2 * sqrt(n) outlines, as districts and lines of contact do in the packaged data;
neighbours share every vertex, so it is a coverage by construction.
"""

from __future__ import annotations

import gc
import itertools
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mapper.changelog import ChangeLog, plain_log
from mapper.geodata import Geodata
from mapper.records import Change, FeatureVersion, Layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

SPAN = (date(1988, 1, 1), date(2026, 2, 11))
HOLDERS = ("azerbaijan", "artsakh", "unknown")
_DISTRICTS = 40  # about as many as the packaged divisions have
_LAYERS = (
    Layer("states", "state", "State"),
    Layer("rayon", "division", "Districts"),
    Layer("areas", "area", "Rows and columns"),
)


def make_geography(faces: int, seed: int = 1923) -> Geodata:
    """A world of about ``faces`` faces: a state, districts of whole rows, and the rows and columns of the lattice."""
    side = max(2, round(faces**0.5))
    lattice = _lattice(side, seed)
    outline = _ring(lattice, 0, side, 0, side)
    shapes = {("states", "state/1"): outline}
    edges = np.unique(np.linspace(0, side, min(side, _DISTRICTS) + 1).round().astype(int))
    for number, (low, high) in enumerate(itertools.pairwise(edges)):
        shapes["rayon", f"district-{number}/1"] = _ring(lattice, low, high, 0, side)
    for number in range(side):
        shapes["areas", f"row-{number}/1"] = _ring(lattice, number, number + 1, 0, side)
        shapes["areas", f"column-{number}/1"] = _ring(lattice, 0, side, number, number + 1)
    versions = tuple(_version(layer, name) for layer, name in sorted(shapes))
    geometries: dict[tuple[str, str], dict[str, Any]] = {
        key: {"type": "Polygon", "coordinates": [ring.tolist()]} for key, ring in shapes.items()
    }
    return Geodata(Path(), "synthetic", SPAN, _LAYERS, versions, geometries)


def _lattice(side: int, seed: int) -> NDArray[np.float64]:
    """Shape (side + 1, side + 1, 2): corners in degrees on the grid of geodata, each moved by up to a quarter step."""
    step = 4.0 / side
    corner = np.stack(np.meshgrid(np.arange(side + 1), np.arange(side + 1), indexing="ij"), axis=-1)[..., ::-1]
    jitter = np.random.default_rng(seed).uniform(-0.25, 0.25, corner.shape)
    return np.round((corner + jitter) * step + (44.0, 38.0), 5)


def _ring(lattice: NDArray[np.float64], south: int, north: int, west: int, east: int) -> NDArray[np.float64]:
    """Counter-clockwise outline of a block of the lattice, every corner on its way a vertex."""
    return np.vstack(
        [
            lattice[south, west : east + 1],
            lattice[south + 1 : north + 1, east],
            lattice[north, west:east][::-1],
            lattice[south:north, west][::-1],
        ]
    )


def _version(layer: str, name: str) -> FeatureVersion:
    feature, _, number = name.partition("/")
    sovereign = "azerbaijan" if layer == "states" else None
    return FeatureVersion(
        layer, feature, int(number), SPAN[0], None, 1000.0, 5000.0, "derived", ("synthetic",), {}, sovereign
    )


def make_log(faces: int, changes: int, *, faces_per_change: int = 1, seed: int = 1923) -> ChangeLog:
    """Changes on random days, each of a run of neighbouring faces, after a first one that gives every face a holder."""
    rows = _changes(changes, seed)
    random = np.random.default_rng([seed, faces])
    first = random.integers(0, faces, changes)
    face = (first[:, None] + np.arange(faces_per_change)) % faces
    row_face = np.concatenate([np.arange(faces), face.ravel()])
    row_change = np.concatenate([np.zeros(faces, np.int64), np.repeat(np.arange(1, changes + 1), faces_per_change)])
    return plain_log(rows, row_face, row_change)


@lru_cache(maxsize=1)  # logs that differ in faces share them: a million take longer to make than anything measured
def _changes(count: int, seed: int) -> tuple[Change, ...]:
    random = np.random.default_rng(seed)
    offset = np.concatenate([[0], np.sort(random.integers(1, (SPAN[1] - SPAN[0]).days, count))])
    holder = np.concatenate([[0], random.integers(0, len(HOLDERS), count)])
    gc.disable()  # none of them is garbage, and each look for some goes through all
    try:
        dated = enumerate(zip(offset.tolist(), holder.tolist(), strict=True))
        return tuple(_change(number, SPAN[0] + timedelta(day), HOLDERS[code]) for number, (day, code) in dated)
    finally:
        gc.enable()


def _change(number: int, day: date, holder: Any) -> Change:
    return Change(
        id=f"change-{number}",
        zone="state:state@1",
        controller=holder,
        status="held",
        date=day.isoformat(),
        best=day,
        bounds="evidence",
        kind="start" if number == 0 else "capture",
        from_=(),
        seq=number,
        alternative_of=None,
        account=None,
        known=SPAN[0],
        known_to=None,
        confidence="high",
        one_sided=None,
        sources=("synthetic",),
        note="",
    )
