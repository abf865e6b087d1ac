"""Faces under very many points: a grid whose cells mostly lie in one face answers for all but those near a line.

A cell that no line comes near lies in one face, whichever point of it is asked for; only the points of the other
cells are tested against the polygons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

#: Cells along the longer side; finer, and building the grid takes longer than it saves on a million points.
SIDE = 2048
#: Value of a cell that a line crosses or comes near.
MIXED = -2
_OUTSIDE = -1
_HAIR = 1e-6  # of a cell: far more than what rounding moves a point, far less than a cell


@dataclass(frozen=True, eq=False)
class Grid:
    """Which face each cell lies in.

    Attributes
    ----------
    west, south, step
        The corner of the first cell and the side of a cell, degrees.
    face
        Shape (rows, columns), from the south and the west: the face, -1 outside, ``MIXED`` near a line.
    """

    west: float
    south: float
    step: float
    face: NDArray[np.int32]

    def look_up(self, lons: Floats, lats: Floats) -> Ints:
        """Shape (n,): the face of each point, -1 outside, ``MIXED`` where only the polygons can tell."""
        rows, columns = self.face.shape
        row = np.floor((lats - self.south) / self.step)
        column = np.floor((lons - self.west) / self.step)
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        found = np.full(len(lons), _OUTSIDE, np.int64)
        found[inside] = self.face[row[inside].astype(np.int64), column[inside].astype(np.int64)]
        return found


def build_grid(polygons: NDArray[Any]) -> Grid:
    """The grid of a coverage of polygons, EPSG:4326, (lon, lat), shape (faces,)."""
    import shapely

    rings, owner = shapely.get_rings(polygons, return_index=True)
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    (west, south), (east, north) = lonlat.min(axis=0), lonlat.max(axis=0)
    step = max(east - west, north - south) / (SIDE - 4)
    west, south = west - 2 * step, south - 2 * step  # no line lies in the outermost cells
    shape = int((north - south) / step) + 3, int((east - west) / step) + 3
    plane = (lonlat - (west, south)) / step
    same = ring[1:] == ring[:-1]
    start, end, face = plane[:-1][same], plane[1:][same], owner[ring[1:][same]]
    cells = _fill(start, end, face, shape)
    _mark(cells, start, end)
    return Grid(west, south, step, cells)


def _fill(start: Floats, end: Floats, face: Ints, shape: tuple[int, int]) -> NDArray[np.int32]:
    """Each cell's face at the cell's middle: along a row the outline of a face is crossed inwards, outwards, ..."""
    low, high = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    first = np.ceil(low - 0.5).astype(np.int64)  # rows whose middle lies in [low, high)
    count = np.ceil(high - 0.5).astype(np.int64) - first
    segment = np.repeat(np.arange(len(face)), count)
    row = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count) + first[segment]
    way = end[segment] - start[segment]
    crossing = start[segment, 0] + way[:, 0] * (row + 0.5 - start[segment, 1]) / way[:, 1]
    order = np.lexsort((crossing, face[segment], row))
    inward, outward = order[::2], order[1::2]
    columns = np.ceil(crossing - 0.5).astype(np.int64)
    length = columns[outward] - columns[inward]
    at = np.repeat(row[inward] * shape[1] + columns[inward], length)
    at += np.arange(len(at)) - np.repeat(np.cumsum(length) - length, length)
    cells = np.full(shape, _OUTSIDE, np.int32)
    cells.ravel()[at] = np.repeat(face[segment][inward], length)
    return cells


def _mark(cells: NDArray[np.int32], start: Floats, end: Floats) -> None:
    """Mark every cell that a segment touches or comes within a hair of, and few more.

    Between points on it that lie half a cell from each other, a segment stays in the two by two cells around them.
    """
    count = np.maximum(np.ceil(2 * np.abs(end - start).max(axis=1)).astype(np.int64), 1)
    segment = np.repeat(np.arange(len(start)), count)
    step = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    way = (end - start)[segment]
    here = start[segment] + way * (step / count[segment])[:, None]
    there = start[segment] + way * ((step + 1) / count[segment])[:, None]
    low = np.floor(np.minimum(here, there) - _HAIR).astype(np.int64)
    high = np.floor(np.maximum(here, there) + _HAIR).astype(np.int64)
    for column in (low[:, 0], high[:, 0]):
        for row in (low[:, 1], high[:, 1]):
            cells[row, column] = MIXED
