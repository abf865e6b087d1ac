"""Lengths of lines at a vertex spacing, widths and distances: the finer a front is measured, the longer it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mapper.area import metres_per_degree, step_metres

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mapper.mosaic import Mosaic

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

FINE_KM, COARSE_KM = 0.1, 5.0
"""Between these vertex spacings lie the lengths that anybody might measure on a map."""


def edges_between(mosaic: Mosaic, one: Mask, other: Mask) -> Ints:
    """The edges with one side in one set of faces and the other side in another."""
    here, there = np.append(one, False), np.append(other, False)
    left, right = mosaic.edge_left, mosaic.edge_right
    return np.flatnonzero((here[left] & there[right]) | (here[right] & there[left]))


def join_lines(mosaic: Mosaic, edges: Ints) -> list[Floats]:
    """Edges joined into lines where exactly two of them meet; positions (n, 2), degrees, (lon, lat)."""
    ends: dict[int, list[tuple[int, int]]] = {}
    for edge in edges.tolist():
        for side, node in enumerate(mosaic.edge_nodes[edge].tolist()):
            ends.setdefault(node, []).append((edge, side))
    partner = {}
    for meeting in ends.values():
        if len(meeting) == 2:
            partner[meeting[0]], partner[meeting[1]] = meeting[1], meeting[0]
    left = set(edges.tolist())
    every = [(edge, side) for edge in edges.tolist() for side in (0, 1)]
    lines = []
    for start in [*(end for end in every if end not in partner), *every]:  # rings last: they start anywhere
        here, parts = start, []
        while here[0] in left:
            left.remove(here[0])
            own = mosaic.edge_lonlat[mosaic.edge_start[here[0]] : mosaic.edge_start[here[0] + 1]]
            parts.append(own[::-1] if here[1] else own)
            far = here[0], 1 - here[1]
            here = partner.get(far, far)
        if parts:
            lines.append(np.concatenate([parts[0], *(part[1:] for part in parts[1:])]))
    return lines


def length_km(lines: list[Floats], spacing_km: float | None = None) -> float:
    """Length of lines, km, as they are or between points a spacing apart along each."""
    return sum(_length(line, spacing_km) for line in lines) / 1000


def _length(line: Floats, spacing_km: float | None) -> float:
    steps = np.hypot(*step_metres(line).T)
    if spacing_km is None:
        return float(steps.sum())
    along = np.concatenate([[0.0], np.cumsum(steps)])
    places = np.append(np.arange(0, along[-1], spacing_km * 1000), along[-1])
    coarse = np.column_stack([np.interp(places, along, line[:, axis]) for axis in (0, 1)])
    return float(np.hypot(*step_metres(coarse).T).sum())


def mean_width_km(area_km2: float, outline_km: float) -> float:
    """The width of the rectangle that has this area and outline: a strip's, wherever it bends."""
    half = outline_km / 2
    return half / 2 - math.sqrt(max(half**2 / 4 - area_km2, 0.0))


def gap_km(mosaic: Mosaic, one: Mask, other: Mask) -> tuple[float, float]:
    """The shortest distance between two sets of faces, and its 1-sigma error from the lines at both ends; km."""
    import shapely

    land = [shapely.union_all(mosaic.polygons[faces]) for faces in (one, other)]
    scale = np.array(metres_per_degree(float(shapely.centroid(shapely.union_all(land)).y)))
    flat = [shapely.transform(shape, lambda lonlat: lonlat * scale) for shape in land]
    ends = shapely.get_coordinates(shapely.shortest_line(*flat)) / scale
    errors = []
    for end, faces in zip(ends.tolist(), (one, other), strict=True):
        found = mosaic.nearest_edge(*end, among=_outline(mosaic, faces))
        errors.append(float(mosaic.edge_precision_m[found[0]]) if found else 0.0)
    return float(np.hypot(*step_metres(ends).T)[0]) / 1000, math.hypot(*errors) / 1000


def _outline(mosaic: Mosaic, faces: Mask) -> Mask:
    inside = np.append(faces, False)
    found: Mask = inside[mosaic.edge_left] != inside[mosaic.edge_right]
    return found


def outline_km(mosaic: Mosaic, faces: Mask) -> float:
    """Length of the outline of a set of faces, km."""
    return float(mosaic.edge_length_m[_outline(mosaic, faces)].sum()) / 1000
