"""Pale shaded relief of an elevation grid, in Web Mercator so that it lies still under vectors in that projection."""

from __future__ import annotations

import base64
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import rasterio
from rasterio.io import MemoryFile
from rasterio.transform import array_bounds
from rasterio.warp import Resampling, calculate_default_transform, reproject, transform_bounds

from mapper.cells import Heights
from mapper.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

    from affine import Affine
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WEB_MERCATOR: Final = "EPSG:3857"
MAX_BYTES: Final = 110_000
"""Largest image, bytes; as base64 in a page it is a third larger, so 150 KB hold there too."""
MAX_SIDE: Final = 1400
"""Longest side of the image, pixels."""
SMALL_BYTES: Final = 45_000
SMALL_SIDE: Final = 960
"""The same for a page that also carries a whole record."""
_QUALITIES: Final = (85, 78, 70, 62, 54, 46, 38, 30, 22, 14)

# Light from the north-west, as maps have it, with weaker side lights so that no slope drowns in shadow.
_LIGHTS: Final = ((315.0, 0.6), (270.0, 0.2), (360.0, 0.2))
_ALTITUDE_DEG: Final = 45.0
_EXAGGERATION: Final = 2.6
_CONTRAST: Final = 0.5
_DEAD_ZONE: Final = 0.03
"""Darkness left white: in the plains it is only the steps of whole metres and the seams of survey sheets."""
_FADE: Final = 0.06
"""Width of the border over which the relief fades into the paper, as a share of the longer side."""


@dataclass(frozen=True, slots=True)
class Relief:
    """A shaded relief as an image to be multiplied onto a map.

    Attributes
    ----------
    image
        Bytes of a grey JPEG; white changes nothing.
    bounds
        (xmin, ymin, xmax, ymax) of the image's outer edges, degrees; the image itself is in Web Mercator.
    """

    image: bytes
    bounds: tuple[float, float, float, float]

    @property
    def data_uri(self) -> str:
        """The image as a data URI."""
        return "data:image/jpeg;base64," + base64.b64encode(self.image).decode("ascii")


@lru_cache(maxsize=4)
def shaded_relief(path: Path, *, max_bytes: int = MAX_BYTES, max_side: int = MAX_SIDE) -> Relief:
    """Shaded relief of an elevation file (metres, any CRS), at most so many bytes long and pixels wide or high.

    The same file gives the same bytes.

    Raises
    ------
    OutputError
        When the file cannot be read as a grid with a CRS.
    """
    with warnings.catch_warnings():
        # rasterio 1.4 multiplies transforms in a way that affine 3 is about to give up; nothing here can change that.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        try:
            metres, transform = _warp(path, max_side)
        except (rasterio.errors.RasterioError, rasterio.errors.CRSError, OSError) as error:
            msg = f"{path}: cannot be read as an elevation grid ({error}); write it as a GeoTIFF with its CRS"
            raise OutputError(msg) from error
        grey = _fade_out(shade(metres, transform))
        height, width = grey.shape
        bounds = transform_bounds(WEB_MERCATOR, "EPSG:4326", *array_bounds(height, width, transform), densify_pts=2)
        return Relief(image=_encode(grey, transform, max_bytes), bounds=tuple(round(value, 6) for value in bounds))


def read_heights(path: Path) -> Heights:
    """The elevation grid itself, metres.

    Raises
    ------
    OutputError
        When the file cannot be read.
    """
    try:
        with rasterio.open(path) as source:
            step, _, west, _, _, north = source.transform[:6]
            return Heights(source.read(1).astype(float), (west, north), step)
    except (rasterio.errors.RasterioError, OSError) as error:
        msg = f"{path} cannot be read as an elevation grid ({error}); restore it from version control"
        raise OutputError(msg) from None


def shade(metres: Floats, transform: Affine) -> Floats:
    """Brightness of a surface in Web Mercator, 0 (black) to 1 (flat ground or lit slope).

    Ground distances shrink towards the equator's scale by the cosine of the latitude, which the slopes allow for.
    """
    rows = np.arange(metres.shape[0]) + 0.5
    north = transform.f + transform.e * rows
    # Of Web Mercator's formulas: the scale factor is the hyperbolic cosine of y over the radius.
    scale = 1.0 / np.cosh(north / 6378137.0)
    cell = transform.a * scale[:, np.newaxis]
    down, right = np.gradient(metres)
    east_slope = _EXAGGERATION * right / cell
    north_slope = -_EXAGGERATION * down / cell
    flat = np.sin(np.radians(_ALTITUDE_DEG))
    light = np.zeros_like(metres)
    for azimuth, weight in _LIGHTS:
        light += weight * _lambert(east_slope, north_slope, azimuth)
    darkness = np.maximum(1.0 - light / flat - _DEAD_ZONE, 0.0)
    grey: Floats = np.clip(1.0 - _CONTRAST * darkness, 0.0, 1.0)
    return grey


def _lambert(east_slope: Floats, north_slope: Floats, azimuth: float) -> Floats:
    """Cosine of the angle between the surface's normal and one light."""
    turn, height = np.radians(azimuth), np.radians(_ALTITUDE_DEG)
    towards = -(east_slope * np.sin(turn) + north_slope * np.cos(turn)) * np.cos(height) + np.sin(height)
    cosine: Floats = np.maximum(towards / np.sqrt(1.0 + east_slope**2 + north_slope**2), 0.0)
    return cosine


def _warp(path: Path, max_side: int) -> tuple[Floats, Affine]:
    """Elevation in Web Mercator, metres, and its transform."""
    with rasterio.open(path) as source:
        if source.crs is None:
            msg = "it has no CRS"
            raise rasterio.errors.CRSError(msg)
        transform, width, height = calculate_default_transform(
            source.crs, WEB_MERCATOR, source.width, source.height, *source.bounds
        )
        factor = min(max_side / max(width, height), 2.0)
        transform, width, height = calculate_default_transform(
            source.crs,
            WEB_MERCATOR,
            source.width,
            source.height,
            *source.bounds,
            dst_width=round(width * factor),
            dst_height=round(height * factor),
        )
        metres = np.zeros((height, width), dtype=np.float64)
        elevation = source.read(1).astype(np.float64)
        if source.nodata is not None:
            elevation[elevation == source.nodata] = 0.0
        reproject(
            np.maximum(elevation, -30.0),  # the Caspian's shore; deeper values are fill
            metres,
            src_transform=source.transform,
            src_crs=source.crs,
            dst_transform=transform,
            dst_crs=WEB_MERCATOR,
            resampling=Resampling.cubic_spline,
            num_threads=1,
        )
    return metres, transform


def _fade_out(grey: Floats) -> Floats:
    """The shades, paler towards the edges of the grid so that none of them shows."""
    reach = max(1.0, _FADE * max(grey.shape))
    down = np.minimum(np.arange(grey.shape[0]), np.arange(grey.shape[0])[::-1])[:, np.newaxis]
    across = np.minimum(np.arange(grey.shape[1]), np.arange(grey.shape[1])[::-1])[np.newaxis, :]
    inside = np.clip(np.minimum(down, across) / reach, 0.0, 1.0)
    faded: Floats = 1.0 - (1.0 - grey) * inside * inside * (3.0 - 2.0 * inside)
    return faded


def _encode(grey: Floats, transform: Affine, max_bytes: int) -> bytes:
    """JPEG of the shades, at the best quality that fits."""
    pixels = np.round(grey * 255.0).astype(np.uint8)
    data = b""
    for quality in _QUALITIES:
        data = _jpeg(pixels, transform, quality)
        if len(data) <= max_bytes:
            break
    return data


def _jpeg(pixels: NDArray[np.uint8], transform: Affine, quality: int) -> bytes:
    """JPEG of one band."""
    height, width = pixels.shape
    with MemoryFile() as memory:
        # A JPEG has no place for a transform: GDAL keeps it in a side file of the memory, and warns when there is none.
        with memory.open(
            driver="JPEG",
            width=width,
            height=height,
            count=1,
            dtype="uint8",
            transform=transform,
            quality=quality,
            progressive=True,
        ) as image:
            image.write(pixels, 1)
        return bytes(memory.read())
