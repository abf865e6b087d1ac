"""The sheet of a print map: projection, relief, and a pen for land, lines and text, in points of the page, y down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

import matplotlib as mpl
import numpy as np
import rasterio
import shapely
from matplotlib import patheffects
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.textpath import TextToPath
from pyproj import CRS, Transformer
from rasterio import Affine
from rasterio.warp import Resampling, reproject

from mapper.drawing import DECIMALS
from mapper.errors import OutputError
from mapper.parties import BUILT_IN, Parties
from mapper.relief import WEB_MERCATOR, shade
from mapper.style import BASE, PATTERNS, map_class

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from mapper.drawing import Bounds
    from mapper.style import Tone

    Floats = NDArray[np.float64]

FONT: Final = "DejaVu Sans"  # travels with matplotlib and has Latin, Armenian and Cyrillic letters
Slant = Literal["normal", "italic"]
LINE_HEIGHT: Final = 1.3  # of the font's size
HALO_WIDTH: Final = 2.2
MAX_TEXT: Final = 2000
"""Longest text of the data that is printed, characters."""
HALO_ID: Final = "halo-"
_STEP_DEG: Final = 0.05  # edges are straight in lon/lat; cut this fine, their curve on the page is kept to 0.01 mm
RELIEF_STRENGTH: Final = 0.7  # paper takes less shade than a screen before names drown in it
_PATTERN_SCALE: Final = 0.5  # strokes of the shared patterns, which are for screens, on paper


# --- text --------------------------------------------------------------------------------------------------------


def plain_text(text: str) -> str:
    """Text from the data on one line, without characters that cannot be printed or that turn the writing direction.

    What is longer than `MAX_TEXT` is cut, with an ellipsis.
    """
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"


@lru_cache(maxsize=8192)
def text_width(text: str, size: float, weight: str = "normal", slant: Slant = "normal") -> float:
    """Width of a line of text, points."""
    font = FontProperties(family=FONT, size=size, weight=weight, style=slant)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width)


def wrap_text(text: str, width: float, size: float) -> list[str]:
    """Text in lines no wider than a width in points; a word that is wider is cut."""
    lines = [""]
    for word in text.split():
        for piece in _cut(word, width, size):
            longer = f"{lines[-1]} {piece}".strip()
            if text_width(longer, size) <= width:
                lines[-1] = longer
            else:
                lines.append(piece)
    return [line for line in lines if line]


def _cut(word: str, width: float, size: float) -> list[str]:
    pieces = [word]
    while text_width(pieces[-1], size) > width and len(pieces[-1]) > 1:
        last = pieces.pop()
        fit = next((at for at in range(len(last) - 1, 1, -1) if text_width(last[:at], size) <= width), 1)
        pieces += [last[:fit], last[fit:]]
    return pieces


# --- frame -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Frame:
    """The rectangle of a map on the page.

    The projection is Lambert's conformal conic, tangent at the middle latitude: scale is true all along that
    parallel, shapes and angles are kept, and 145 km north or south of it scale is 0.03 % too large.

    Attributes
    ----------
    bounds
        (xmin, ymin, xmax, ymax) that the map must show, degrees.
    left, top, width
        Of the rectangle on the page, points.
    """

    bounds: Bounds
    left: float
    top: float
    width: float

    @cached_property
    def middle(self) -> tuple[float, float]:
        """The middle of the map, (lon, lat)."""
        west, south, east, north = self.bounds
        return (west + east) / 2, (south + north) / 2

    @cached_property
    def crs(self) -> CRS:
        """The projection, metres."""
        lon, lat = self.middle
        # On the equator the cone is a cylinder.
        cone = f"+proj=lcc +lat_1={lat} +lat_0={lat}" if abs(lat) > 0.01 else "+proj=merc"
        return CRS.from_string(f"{cone} +lon_0={lon} +datum=WGS84 +units=m +no_defs")

    @cached_property
    def _transformer(self) -> Transformer:
        return Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)

    @cached_property
    def metres(self) -> Bounds:
        """(xmin, ymin, xmax, ymax) in the projection."""
        xmin, ymin, xmax, ymax = self._transformer.transform_bounds(*self.bounds, densify_pts=21)
        return float(xmin), float(ymin), float(xmax), float(ymax)

    @cached_property
    def points_per_km(self) -> float:
        """Scale on the page, true at the middle latitude."""
        xmin, _, xmax, _ = self.metres
        return 1000 * self.width / (xmax - xmin)

    @cached_property
    def height(self) -> float:
        """Height on the page, points."""
        _, ymin, _, ymax = self.metres
        return (ymax - ymin) / 1000 * self.points_per_km

    @cached_property
    def corners(self) -> Bounds:
        """(left, top, right, bottom) on the page."""
        return self.left, self.top, self.left + self.width, self.top + self.height

    @cached_property
    def box(self) -> shapely.Polygon:
        """The rectangle on the page."""
        return shapely.box(*self.corners)

    @cached_property
    def zoom(self) -> float:
        """Zoom of a web map of the same scale."""
        west, _, east, _ = self.bounds
        return math.log2(360 / (east - west) * self.width / 0.75 / 256)

    def to_page(self, shapes: Iterable[Any]) -> NDArray[Any]:
        """Geometries in EPSG:4326 as they lie on the page, cut off at the rectangle's edge."""
        fine = shapely.segmentize(np.array(list(shapes), dtype=object), _STEP_DEG)
        found: NDArray[Any] = shapely.intersection(shapely.transform(fine, self._lonlat_to_page), self.box)
        return found

    def merge(self, shapes: Sequence[Any]) -> Any:
        """Drawn pieces of land as one geometry on the page.

        Not as a coverage: rounding for drawing can leave that without a node here and there.
        """
        return self.to_page([shapely.union_all(shapes, grid_size=10**-DECIMALS)])[0]

    def _lonlat_to_page(self, lonlat: Floats) -> Floats:
        x, y = self._transformer.transform(*lonlat.T)
        xmin, _, _, ymax = self.metres
        scale = self.points_per_km / 1000
        return np.column_stack([self.left + (x - xmin) * scale, self.top + (ymax - y) * scale])


# --- relief ------------------------------------------------------------------------------------------------------


def relief_darkness(frame: Frame, path: Path, width: int) -> Floats:
    """Shade of the relief, 0 (none) to 1, on pixels over the frame, rows from the north; fades out at the grid's edge.

    Raises
    ------
    OutputError
        When the file cannot be read as a grid with a CRS.
    """
    xmin, ymin, xmax, ymax = frame.metres
    height = round(width * frame.height / frame.width)
    own = Affine((xmax - xmin) / width, 0, xmin, 0, -(ymax - ymin) / height, ymax)
    west, south, east, north = Transformer.from_crs(frame.crs, WEB_MERCATOR, always_xy=True).transform_bounds(
        *frame.metres, densify_pts=21
    )
    cell = (east - west) / width
    shape = (round((north - south) / cell), width)
    mercator = Affine(cell, 0, west, 0, -cell, north)
    try:
        metres, cover = _elevation(path, shape, mercator)
    except (rasterio.errors.RasterioError, rasterio.errors.CRSError, OSError) as error:
        msg = f"{path}: cannot be read as an elevation grid ({error}); write it as a GeoTIFF with its CRS"
        raise OutputError(msg) from error
    dark = np.zeros((height, width))
    shades = (1.0 - shade(metres, mercator)) * cover
    reproject(
        shades,
        dark,
        src_transform=mercator,
        src_crs=WEB_MERCATOR,
        dst_transform=own,
        dst_crs=frame.crs.to_wkt(),
        resampling=Resampling.bilinear,
        num_threads=1,
    )
    return np.clip(dark * RELIEF_STRENGTH, 0.0, 1.0)


def _elevation(path: Path, shape: tuple[int, int], transform: Affine) -> tuple[Floats, Floats]:
    """Elevation in Web Mercator, metres, and how far (0 to 1) each pixel lies inside the grid's faded edge."""
    found = np.zeros((2, *shape))
    with rasterio.open(path) as source:
        if source.crs is None:
            msg = "it has no CRS"
            raise rasterio.errors.CRSError(msg)
        metres = source.read(1).astype(np.float64)
        if source.nodata is not None:
            metres[metres == source.nodata] = 0.0
        rows, columns = (np.minimum(np.arange(n), np.arange(n)[::-1]) for n in metres.shape)
        inside = np.clip(np.minimum(rows[:, np.newaxis], columns) / (0.05 * max(metres.shape)), 0.0, 1.0)
        for number, band in enumerate((np.maximum(metres, -30.0), inside)):  # -30: the Caspian; less is a fill value
            reproject(
                band,
                found[number],
                src_transform=source.transform,
                src_crs=source.crs,
                dst_transform=transform,
                dst_crs=WEB_MERCATOR,
                resampling=Resampling.cubic_spline,
                num_threads=1,
            )
    return found[0], np.clip(found[1], 0.0, 1.0)


# --- pen ---------------------------------------------------------------------------------------------------------


@dataclass
class Pen:
    """Draws on axes that count in points of the page; what is drawn later lies on top.

    Shapes are added as plain artists: the limits of the axes are fixed, and matplotlib need not work them out.
    """

    axes: Axes
    is_svg: bool
    parties: Parties = BUILT_IN
    strokes: int = 0

    def text(self, x: float, y: float, text: str, size: float, *, halo: bool = False, **look: Any) -> None:
        """One line of text, y its baseline; dollars are dollars."""
        own: dict[str, Any] = {"color": BASE.text, "va": "baseline", "zorder": self._next(), **look}
        if halo and self.is_svg:
            own["gid"] = f"{HALO_ID}{self.strokes}"  # the SVG's style sheet draws it, so that text stays text
        elif halo:
            own["path_effects"] = [patheffects.withStroke(linewidth=HALO_WIDTH, foreground=BASE.halo)]
        self.axes.text(x, y, text, fontsize=size, parse_math=False, **own)

    def paragraph(self, x: float, y: float, lines: Iterable[str], size: float, **look: Any) -> None:
        """Lines of text below each other, the first one's top at y."""
        for number, line in enumerate(lines):
            self.text(x, y + size * (1 + LINE_HEIGHT * number), line, size, **look)

    def area(self, shape: Any, **look: Any) -> None:
        """A polygon or several; without a line unless one is asked for."""
        outline = _outline(shape)
        if outline is not None:
            self.axes.add_artist(PathPatch(outline, zorder=self._next(), **{"linewidth": 0, **look}))

    def line(self, shape: Any, *, dashes: tuple[float, ...] = (), **look: Any) -> None:
        """A line or several, dashes in points."""
        own = {"solid_capstyle": "round", "solid_joinstyle": "round", "zorder": self._next(), **look}
        if dashes:
            own["linestyle"] = (0, tuple(dash / look["linewidth"] for dash in dashes))
        for part in shapely.get_parts(shape):
            if part.geom_type == "LineString":
                self.axes.add_artist(Line2D(*shapely.get_coordinates(part).T, **own))

    def strokes_of(self, shape: Any, **look: Any) -> None:
        """Many lines as one artist."""
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "LineString" and not part.is_empty]
        if parts:
            outline = Outline.make_compound_path(*(Outline(shapely.get_coordinates(part)) for part in parts))
            self.axes.add_artist(PathPatch(outline, zorder=self._next(), facecolor="none", **look))

    def fill(self, shape: Any, class_key: str, tone: Tone) -> None:
        """The colour of a class."""
        self.area(shape, facecolor=map_class(class_key, self.parties).fill(tone), edgecolor="none")

    def hatch(self, shape: Any, class_key: str, tone: Tone) -> None:
        """The pattern of a class."""
        look = map_class(class_key, self.parties)
        if look.hatch:
            stroke = _PATTERN_SCALE * (PATTERNS[look.pattern].stroke or 1.2)
            with mpl.rc_context({"hatch.linewidth": stroke}):  # a patch takes it from there when it is made
                self.area(shape, facecolor="none", edgecolor=look.mark(tone), hatch=look.hatch)

    def image(self, pixels: NDArray[np.uint8], corners: Bounds) -> None:
        """Pixels of red, green, blue and opacity between (left, top, right, bottom)."""
        left, top, right, bottom = corners
        limits = self.axes.get_xlim(), self.axes.get_ylim()
        how = "none" if self.is_svg else "antialiased"  # an SVG keeps the pixels as they are
        where = (left, right, bottom, top)
        self.axes.imshow(pixels, extent=where, aspect="auto", interpolation=how, zorder=self._next())
        self.axes.set(xlim=limits[0], ylim=limits[1])

    def _next(self) -> int:
        self.strokes += 1
        return self.strokes


def _outline(shape: Any) -> Outline | None:
    """The path of all polygons in a geometry; None when there is none."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]
    if not parts:
        return None
    rings = shapely.get_rings(shapely.orient_polygons(np.array(parts, dtype=object)))
    return Outline.make_compound_path(*(Outline(shapely.get_coordinates(ring), closed=True) for ring in rings))
