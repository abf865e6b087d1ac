"""Small worlds for tests: two districts of one state and the straight line between them."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import shapely
from shapely.geometry import mapping

from mapper import mosaic
from mapper.geodata import Geodata
from mapper.records import FeatureVersion, Layer

if TYPE_CHECKING:
    from mapper.mosaic import Mosaic


def two_districts(precision_m: float, correlation_m: float, *, nodes: tuple[float, ...] = ()) -> Mosaic:
    """A state of two degrees by one at the equator; the line down its middle, 110.6 km long, alone has an error.

    Parameters
    ----------
    nodes
        Latitudes at which a further line reaches the middle one from the west and cuts the edge there.
    """
    west, east = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    lats = [0.0, *nodes, 1.0]
    shapes = {("states", "land"): shapely.box(0, 0, 2, 1), ("soviet", "west"): west, ("soviet", "east"): east}
    strips = [shapely.box(0, low, 1, high) for low, high in itertools.pairwise(lats)]
    shapes |= {("areas", f"strip-{number}"): strip for number, strip in enumerate(strips)}
    kinds = {"states": "state", "soviet": "division", "areas": "area", "lines": "line"}
    versions = [_version(layer, name, 0.0, correlation_m) for layer, name in shapes]
    shapes["lines", "middle"] = shapely.LineString([(1, lat) for lat in lats])
    versions.append(_version("lines", "middle", precision_m, correlation_m))
    layers = tuple(Layer(name, kind, name) for name, kind in kinds.items())
    geometries = {(layer, f"{name}/1"): mapping(shape) for (layer, name), shape in shapes.items()}
    span = (date(2000, 1, 1), date(2020, 12, 31))
    return mosaic.build(Geodata(Path(), "0", span, layers, tuple(versions), geometries))


def _version(layer: str, name: str, precision_m: float, correlation_m: float) -> FeatureVersion:
    sovereign = "azerbaijan" if layer == "states" else None
    first = date(2000, 1, 1)
    return FeatureVersion(
        layer, name, 1, first, None, precision_m, correlation_m, "derived", ("toy",), {}, sovereign=sovereign
    )
