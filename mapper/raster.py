"""A snapshot as a raster: a GeoTIFF of class codes, and areas counted in pixels as a check on the exact ones.

Pixels are drawn where their middle lies. The default grid is equal-area, so every pixel counts the same.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from pyproj import Transformer
from rasterio import Affine
from rasterio.crs import CRS
from rasterio.errors import CRSError
from rasterio.features import rasterize
from rasterio.io import MemoryFile
from rasterio.windows import Window

from mapper.errors import MapperError
from mapper.export import describe
from mapper.style import RASTER_CODES, classes_of, map_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from mapper.parties import Parties
    from mapper.snapshot import Snapshot

    Codes = NDArray[np.uint8]

#: Lambert azimuthal equal-area about 40 N 47 E. No registered CRS fits: UTM 38N ends at 48 E and is 0.5 % out in area
#: at the Caspian, and the global equal-area grid stretches shapes by a fifth at this latitude.
EQUAL_AREA: Final = "+proj=laea +lat_0=40 +lon_0=47 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
RESOLUTION_M: Final = 100.0
"""Pixel size of a GeoTIFF, metres: finer than most lines are known."""
NODATA: Final = 0
_MOST_CODES: Final = 255  # what a byte holds beside no data
MAX_PIXELS: Final = 400_000_000
_TILE: Final = 256
_STRIP_ROWS: Final = 2 * _TILE  # rows that are in memory at a time
_STEP_DEG: Final = 0.01  # edges are straight in lon/lat, so they are cut before they are projected; leaves under 1 m


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the pixels are: upper left corner (metres) on a multiple of the resolution, so that all days share them."""

    crs: CRS
    resolution_m: float
    left: float
    top: float
    width: int
    height: int

    def transform(self, row: int = 0) -> Affine:
        """From (column, row counted from the given one) to metres."""
        return Affine(self.resolution_m, 0.0, self.left, 0.0, -self.resolution_m, self.top - row * self.resolution_m)

    def strips(self) -> Iterator[Window]:
        """Windows over the full width, top to bottom, together the whole grid."""
        for row in range(0, self.height, _STRIP_ROWS):
            yield Window(0, row, self.width, min(_STRIP_ROWS, self.height - row))


def render_geotiff(snapshot: Snapshot, *, resolution_m: float = RESOLUTION_M, crs: str = EQUAL_AREA) -> bytes:
    """A GeoTIFF of class codes (uint8, 0 outside both states) with colour table and tags; same input, same bytes.

    Parameters
    ----------
    resolution_m
        Side of a pixel, metres.
    crs
        Any projected CRS in metres, as PROJ text, WKT or ``EPSG:code``; equal-area by default.

    Raises
    ------
    MapperError
        When the resolution is not positive or asks for more than `MAX_PIXELS`, or the CRS cannot be used.
    """
    grid, polygons = _plan(snapshot, resolution_m, crs)
    if grid.width * grid.height > MAX_PIXELS:
        msg = f"{resolution_m:g} m makes {grid.width} x {grid.height} pixels, over {MAX_PIXELS:,}; choose a coarser one"
        raise MapperError(msg)
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=grid.width,
            height=grid.height,
            count=1,
            dtype="uint8",
            crs=grid.crs,
            transform=grid.transform(),
            nodata=NODATA,
            photometric="PALETTE",
            tiled=True,
            blockxsize=_TILE,
            blockysize=_TILE,
            compress="DEFLATE",
            zlevel=9,
            num_threads=1,
        ) as target:
            target.write_colormap(1, _colour_table(snapshot.log.parties))
            target.set_band_description(1, "class of control")
            target.update_tags(**_tags(snapshot, grid))
            for window, codes in _burn(grid, polygons, _face_codes(snapshot)):
                target.write(codes, 1, window=window)
        return bytes(memory.read())


def class_areas(snapshot: Snapshot, resolution_m: float = 100.0) -> dict[str, float]:
    """Area of each class in km2 by counting pixels of the equal-area grid, largest first.

    Independent of ``area.py``; memory does not grow with the number of pixels.
    """
    grid, polygons = _plan(snapshot, resolution_m, EQUAL_AREA)
    count = np.zeros(256, np.int64)
    for _, codes in _burn(grid, polygons, _face_codes(snapshot)):
        count += np.bincount(codes.ravel(), minlength=256)
    pixel_km2 = resolution_m**2 / 1e6
    counted = [code for code in np.argsort(-count, kind="stable").tolist() if code != NODATA and count[code]]
    names = _raster_codes(snapshot.log.parties)
    return {names[code]: int(count[code]) * pixel_km2 for code in counted}


def _plan(snapshot: Snapshot, resolution_m: float, crs: str) -> tuple[Grid, NDArray[Any]]:
    """The grid over all land, and the faces in its CRS."""
    if not (math.isfinite(resolution_m) and resolution_m > 0):
        msg = f"got a resolution of {resolution_m} m, expected a positive number of metres"
        raise MapperError(msg)
    target = _metric_crs(crs)
    polygons = _project(snapshot.mosaic.polygons, target)
    xmin, ymin, xmax, ymax = shapely.total_bounds(polygons).tolist()
    if not math.isfinite(xmax - xmin + ymax - ymin):
        msg = f"the CRS '{crs}' cannot show the land between {_bounds_text(snapshot)}; choose another"
        raise MapperError(msg)
    left, top = math.floor(xmin / resolution_m), math.ceil(ymax / resolution_m)
    width = math.ceil(xmax / resolution_m) - left
    height = top - math.floor(ymin / resolution_m)
    return Grid(target, resolution_m, left * resolution_m, top * resolution_m, width, height), polygons


def _bounds_text(snapshot: Snapshot) -> str:
    west, south, east, north = shapely.total_bounds(snapshot.mosaic.polygons).tolist()
    return f"{west:.1f} and {east:.1f} E, {south:.1f} and {north:.1f} N"


def _metric_crs(crs: str) -> CRS:
    try:
        target = CRS.from_user_input(crs)
    except CRSError as error:
        msg = f"the CRS '{crs}' cannot be read ({error}); give PROJ text, WKT or EPSG:code"
        raise MapperError(msg) from None
    if not target.is_projected or target.linear_units_factor[1] != 1.0:
        msg = f"the CRS '{crs}' is not projected in metres, as resolutions are; choose one that is: EPSG:32638"
        raise MapperError(msg)
    return target


def _project(polygons: NDArray[Any], crs: CRS) -> NDArray[Any]:
    """The polygons, EPSG:4326, in another CRS; neighbours keep identical vertices."""
    transformer = Transformer.from_crs("EPSG:4326", crs.to_wkt(), always_xy=True)
    fine = shapely.segmentize(polygons, _STEP_DEG)
    projected: NDArray[Any] = shapely.transform(fine, lambda lonlat: np.column_stack(transformer.transform(*lonlat.T)))
    return projected


def _face_codes(snapshot: Snapshot) -> Codes:
    """Shape (faces,): the raster code of each face's class."""
    keys, inverse = np.unique(snapshot.map_class, return_inverse=True)
    codes = [map_class(key, snapshot.log.parties).code for key in keys.tolist()]
    if max(codes, default=0) > _MOST_CODES:
        msg = f"a GeoTIFF tells {_MOST_CODES} classes apart and the data have more; export geojson or gpkg"
        raise MapperError(msg)
    return np.array(codes, np.uint8)[inverse]


def _raster_codes(parties: Parties) -> Mapping[int, str]:
    """Class key by code; only classes that a byte can tell apart."""
    if parties.is_built_in:
        return RASTER_CODES
    return {one.code: one.key for one in classes_of(parties).values() if one.code <= _MOST_CODES}


def _burn(grid: Grid, polygons: NDArray[Any], codes: Codes) -> Iterator[tuple[Window, Codes]]:
    """Strip after strip of codes."""
    tree = shapely.STRtree(polygons)
    for window in grid.strips():
        transform = grid.transform(window.row_off)
        north, south = transform.f, transform.f - window.height * grid.resolution_m
        east = grid.left + grid.width * grid.resolution_m
        here = np.sort(tree.query(shapely.box(grid.left, south, east, north)))
        strip = np.zeros((window.height, window.width), np.uint8)
        if len(here):
            shapes = zip(polygons[here], codes[here].tolist(), strict=True)
            rasterize(shapes, out=strip, transform=transform)
        yield window, strip


def _colour_table(parties: Parties) -> dict[int, tuple[int, int, int, int]]:
    """Colour by code; no data is transparent."""
    table = {NODATA: (0, 0, 0, 0)}
    for code, key in _raster_codes(parties).items():
        red, green, blue = bytes.fromhex(map_class(key, parties).colour.removeprefix("#"))
        table[code] = (red, green, blue, 255)
    return table


def _tags(snapshot: Snapshot, grid: Grid) -> dict[str, str]:
    """Metadata of the file; the legend is JSON from code to class, the standard TIFF fields serve other readers."""
    about = describe(snapshot)
    parties = snapshot.log.parties
    legend = {
        code: {"class": key, "label": map_class(key, parties).label["en"]}
        for code, key in _raster_codes(parties).items()
    }
    return {
        **about,
        "classes": json.dumps(legend),
        "resolution_m": f"{grid.resolution_m:g}",
        "TIFFTAG_IMAGEDESCRIPTION": f"{about['title']} (data {about['data_version']})",
        "TIFFTAG_COPYRIGHT": f"{about['licence']}; {about['attribution']}",
    }
