"""Lines on the grid of geodata/, 1e-5 degree: as segments of whole numbers, noded, and the faces they bound.

On the grid two lines are one line exactly when their vertices are equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mapper.geodata import DECIMALS, GRID_DEG

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

OUTSIDE = -1
PER_DEGREE = 10**DECIMALS  # dividing whole numbers by it gives the very floats that the files' decimals are read as
MIN_FACE_KM2 = 0.05
MIN_COMPACTNESS = 0.02  # 4 pi A / P^2: a face thinner than this is a sliver between two tracings of one line


def grid_segments(lines: NDArray[Any]) -> tuple[Ints, Ints]:
    """Segments on the grid as (n, 4) whole numbers, smaller end first, and the line each came from."""
    import shapely

    parts, owner = shapely.get_parts(lines, return_index=True)
    lonlat, part = shapely.get_coordinates(parts, return_index=True)
    grid = np.rint(lonlat * PER_DEGREE).astype(np.int64)
    between = part[1:] == part[:-1]
    start, end = grid[:-1][between], grid[1:][between]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    segments = np.where(swap[:, None], np.hstack([end, start]), np.hstack([start, end]))
    owners = owner[part[1:][between]]
    real = (segments[:, :2] != segments[:, 2:]).any(axis=1)
    return segments[real], owners[real]


def sides_of(polygons: NDArray[Any]) -> tuple[Ints, Ints, Ints]:
    """The segments that bound polygons, each once, and the polygons on either side, smaller number left.

    On the right ``OUTSIDE`` where there is but one.
    """
    import shapely

    segments, owner = grid_segments(shapely.boundary(polygons))
    unique, inverse = np.unique(segments, axis=0, return_inverse=True)
    left = np.full(len(unique), len(polygons), np.int64)
    right = np.full(len(unique), OUTSIDE, np.int64)
    np.minimum.at(left, inverse.ravel(), owner)
    np.maximum.at(right, inverse.ravel(), owner)
    right[left == right] = OUTSIDE
    return unique, left, right


def node(segments: Ints) -> NDArray[Any]:
    """The segments as lines in degrees, with every crossing on the grid put into each line it lies on."""
    import shapely

    lines = shapely.linestrings(segments.reshape(-1, 2, 2) / PER_DEGREE)
    noded = shapely.unary_union(lines, grid_size=GRID_DEG)
    return shapely.get_parts(shapely.transform(noded, lambda lonlat: np.rint(lonlat * PER_DEGREE) / PER_DEGREE))


def faces_of(noded: NDArray[Any]) -> NDArray[Any]:
    """The polygons that noded lines bound, in the order of ``in_order``."""
    import shapely

    faces = shapely.get_parts(shapely.polygonize(noded))
    return faces[in_order(faces)]


def in_order(faces: NDArray[Any]) -> Ints:
    """The order in which faces are kept: by a point of theirs, whatever they were made from."""
    import shapely

    points = shapely.get_coordinates(shapely.point_on_surface(tidy(faces)))
    return np.lexsort(points.T)


def tidy(faces: NDArray[Any]) -> NDArray[Any]:
    """The faces with their rings in one order and direction, exteriors counter-clockwise."""
    import shapely

    return shapely.orient_polygons(shapely.normalize(faces))


def face_at(faces: NDArray[Any], points: NDArray[Any]) -> Ints:
    """The face each point lies inside, ``OUTSIDE`` for none."""
    import shapely

    face = np.full(len(points), OUTSIDE, np.int64)
    row, point = shapely.STRtree(points).query(faces, predicate="contains")
    face[point] = row
    return face


def components(count: int, one: Ints, other: Ints) -> Ints:
    """Shape (count,): the smallest number among all that are joined to each, directly or not."""
    label = np.arange(count)
    while True:
        low = np.minimum(label[one], label[other])
        lower = label.copy()
        np.minimum.at(lower, one, low)
        np.minimum.at(lower, other, low)
        lower = lower[lower]
        if (lower == label).all():
            return label
        label = lower
