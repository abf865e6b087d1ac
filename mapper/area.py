"""Areas on the WGS 84 ellipsoid, exact for edges that are straight in lon/lat, and tables of them.

The area between an edge and the equator depends on that edge alone, so areas add: whatever a set of rings is cut
into, the parts sum to the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import shapely
    from numpy.typing import ArrayLike, NDArray

_SEMI_MAJOR_M = 6_378_137.0
_ECCENTRICITY_2 = 0.006_694_379_990_141_316  # WGS 84: 2f - f^2 with 1/f = 298.257223563
_ECCENTRICITY = _ECCENTRICITY_2**0.5
SQUARE_METRES_PER_KM2 = 1_000_000


@cache
def _quadrature() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Eight Gauss-Legendre nodes and weights: the area under an edge of one degree to a relative 1e-15."""
    nodes, weights = np.polynomial.legendre.leggauss(8)  # not at import: it loads what a look-up never needs
    return nodes, weights


def edge_areas(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed areas in m2 between consecutive positions and the equator, positive for edges that run west.

    Parameters
    ----------
    lonlat
        Positions, shape (n, 2), degrees, WGS 84, (lon, lat); edges are straight in lon/lat.

    Returns
    -------
    ndarray
        Shape (n - 1,). The sum over a closed ring is its area, positive when counter-clockwise.

    References
    ----------
    Snyder (1987), Map Projections: A Working Manual, USGS PP 1395, eq. 3-12 (the authalic function q).
    """
    lon, lat = np.radians(np.asarray(lonlat, dtype=float)).T
    middle, half = (lat[1:] + lat[:-1]) / 2, (lat[1:] - lat[:-1]) / 2
    nodes, weights = _quadrature()
    sine = np.sin(middle[:, None] + half[:, None] * nodes)
    mean_q = (_authalic_q(sine) @ weights) / 2
    areas: NDArray[np.float64] = -(_SEMI_MAJOR_M**2 / 2) * (lon[1:] - lon[:-1]) * mean_q
    return areas


def _authalic_q(sine: NDArray[np.float64]) -> NDArray[np.float64]:
    es = _ECCENTRICITY * sine
    q: NDArray[np.float64] = (1 - _ECCENTRICITY_2) * (sine / (1 - es**2) + np.arctanh(es) / _ECCENTRICITY)
    return q


def authalic_metres(lonlat: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Positions on Lambert's cylindrical equal-area projection of the ellipsoid, and how far it stretches east.

    Parameters
    ----------
    lonlat
        Positions, shape (n, 2), degrees, WGS 84, (lon, lat).

    Returns
    -------
    x, y, stretch
        Metres, and metres on the plane per metre east; a metre north becomes its inverse.

    References
    ----------
    Snyder (1987), Map Projections: A Working Manual, USGS PP 1395, eq. 10-14 and 10-15, true at the equator.
    """
    lon, lat = np.radians(np.asarray(lonlat, dtype=float)).T
    sine = np.sin(lat)
    stretch = np.sqrt(1 - _ECCENTRICITY_2 * sine**2) / np.cos(lat)
    return _SEMI_MAJOR_M * lon, _SEMI_MAJOR_M / 2 * _authalic_q(sine), stretch


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Metres on the WGS 84 ellipsoid of one degree along the parallel and along the meridian at a latitude in degrees.

    References
    ----------
    Snyder (1987), Map Projections: A Working Manual, USGS PP 1395, eq. 4-18 and 4-20.
    """
    phi = np.radians(lat)
    root = np.sqrt(1 - _ECCENTRICITY_2 * np.sin(phi) ** 2)
    along = _SEMI_MAJOR_M * np.cos(phi) / root
    up = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_2) / root**3
    return float(np.radians(along)), float(np.radians(up))


def step_metres(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres east and north of each step between consecutive positions, shape (n - 1, 2); good to 1e-5 up to 20 km.

    Parameters
    ----------
    lonlat
        Positions, shape (n, 2), degrees, WGS 84, (lon, lat).
    """
    phi = np.radians((lonlat[1:, 1] + lonlat[:-1, 1]) / 2)
    root = np.sqrt(1 - _ECCENTRICITY_2 * np.sin(phi) ** 2)
    east, north = _SEMI_MAJOR_M * np.cos(phi) / root, _SEMI_MAJOR_M * (1 - _ECCENTRICITY_2) / root**3
    metres: NDArray[np.float64] = np.radians(np.diff(lonlat, axis=0)) * np.column_stack([east, north])
    return metres


def geodesic_areas(polygons: ArrayLike) -> NDArray[np.float64]:
    """Areas in m2 of polygons on the WGS 84 ellipsoid, whatever the direction of their rings.

    Parameters
    ----------
    polygons
        Polygons or multipolygons in EPSG:4326, (lon, lat), shape (n,); holes are subtracted.
    """
    import shapely

    polygons = np.atleast_1d(np.asarray(polygons, dtype=object))
    parts, owner = shapely.get_parts(polygons, return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return np.zeros(len(polygons))
    lonlat, ring_of = shapely.get_coordinates(rings, return_index=True)
    between = ring_of[1:] == ring_of[:-1]
    ring_area = np.abs(np.bincount(ring_of[1:][between], edge_areas(lonlat)[between], len(rings)))
    is_hole = np.concatenate([[False], part_of[1:] == part_of[:-1]])  # get_rings gives each exterior first
    signed: NDArray[np.float64] = np.where(is_hole, -ring_area, ring_area)
    return np.bincount(owner[part_of], signed, len(polygons)).astype(float)


def whole_square_metres(areas_m2: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Areas rounded to whole m2 so that every group sums to its own rounded total; each moves by less than 1 m2.

    Parameters
    ----------
    areas_m2, group
        Shape (n,): the areas, and the group (the state) that each belongs to.
    """
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=group[order][:1] - 1))
    running = np.empty(len(areas_m2))
    for start, end in pairwise([*starts.tolist(), len(order)]):
        running[start:end] = np.rint(np.cumsum(areas_m2[order[start:end]]))
    before = np.concatenate([[0.0], running[:-1]])
    before[starts] = 0.0
    whole = np.empty(len(areas_m2), np.int64)
    whole[order] = (running - before).astype(np.int64)
    return whole


def polygon_km2(polygon: shapely.Geometry) -> float:
    """Area of one polygon in EPSG:4326, km2."""
    return float(geodesic_areas([polygon])[0]) / SQUARE_METRES_PER_KM2


@dataclass(frozen=True, slots=True)
class AreaTable:
    """Areas by keys: ``rows`` hold the keys' values, then the ``measures``.

    These are ``area_km2``, its interval ``low_km2`` and ``high_km2``, and ``share`` of the table's sum (0 to 1).
    """

    keys: tuple[str, ...]
    measures: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in order."""
        return (*self.keys, *self.measures)

    def to_dataframe(self) -> pd.DataFrame:
        """The table with the keys as columns."""
        import pandas as pd

        return pd.DataFrame({name: [row[name] for row in self.rows] for name in self.columns})
