"""The shaded relief lies where the land lies, is small, and is the same every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.io import MemoryFile
from rasterio.transform import from_bounds

from mapper.errors import OutputError
from mapper.relief import MAX_BYTES, Relief, shaded_relief

if TYPE_CHECKING:
    from pathlib import Path

# rasterio 1.4 multiplies affine 3's transforms the old way
pytestmark = pytest.mark.filterwarnings("ignore:Use .@. matmul:PendingDeprecationWarning")

WEST, SOUTH, EAST, NORTH = 45.0, 38.0, 48.0, 41.0


def write_grid(path: Path, metres: np.ndarray, *, crs: str | None = "EPSG:4326") -> Path:
    """An elevation file over the test's square."""
    height, width = metres.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=width,
        height=height,
        count=1,
        dtype="int16",
        crs=crs,
        transform=from_bounds(WEST, SOUTH, EAST, NORTH, width, height),
    ) as file:
        file.write(metres.astype("int16"), 1)
    return path


def pixels(relief: Relief) -> np.ndarray:
    with MemoryFile(relief.image) as memory, memory.open() as image:
        assert image.driver == "JPEG"
        return image.read(1)


def mercator(lat: float) -> float:
    """Northing of Web Mercator as a share of the radius."""
    return float(np.arctanh(np.sin(np.radians(lat))))


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("lat", [38.75, 39.5, 40.25])
def test_a_ridge_lies_at_its_latitude_in_web_mercator(tmp_path: Path, lat: float) -> None:
    """The dark side of an east-west ridge appears south of it, at most a source cell away: no slide against vectors."""
    cells = 360
    lats = NORTH - (np.arange(cells) + 0.5) / cells * (NORTH - SOUTH)
    metres = np.repeat(np.maximum(0, 3000 - 60_000 * abs(lats - lat))[:, np.newaxis], cells, axis=1)
    relief = shaded_relief(write_grid(tmp_path / f"ridge-{lat}.tif", metres))
    west, south, east, north = relief.bounds
    assert (west, south, east, north) == pytest.approx((WEST, SOUTH, EAST, NORTH), abs=0.01)
    grey = pixels(relief)[:, grey_middle(relief)]
    dark = np.flatnonzero(grey < grey.min() + 15)
    share = (dark.mean() + 0.5) / len(grey)
    found = mercator(north) - share * (mercator(north) - mercator(south))
    # The lit slope faces north-west; the shadow lies on the south slope, within the ridge's half width of 0.05 degrees.
    assert mercator(lat - 0.06) < found < mercator(lat)


def grey_middle(relief: Relief) -> int:
    return pixels(relief).shape[1] // 2


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_flat_land_is_white(tmp_path: Path) -> None:
    """White multiplied onto a colour leaves it as it is."""
    relief = shaded_relief(write_grid(tmp_path / "flat.tif", np.full((60, 60), 500)))
    assert pixels(relief).min() >= 250


def test_the_image_is_small_and_the_same_every_time(tmp_path: Path) -> None:
    """Even of the roughest ground."""
    rough = np.random.default_rng(7).integers(0, 4000, (500, 500))
    path = write_grid(tmp_path / "rough.tif", rough)
    first = shaded_relief(path)
    shaded_relief.cache_clear()
    assert shaded_relief(path).image == first.image
    assert len(first.image) <= MAX_BYTES
    assert first.data_uri.startswith("data:image/jpeg;base64,")


def test_what_is_no_grid_is_refused(tmp_path: Path) -> None:
    """A text file, and a grid without a CRS."""
    text = tmp_path / "text.tif"
    text.write_text("no grid", encoding="utf-8")
    with pytest.raises(OutputError, match="elevation grid"):
        shaded_relief(text)


def test_the_shipped_grid_lies_under_the_shipped_lakes(atlas) -> None:
    """A lake is level: the elevations inside Lake Sevan differ by metres, not by mountains; a shifted grid fails."""
    waters = atlas.features("base")
    lake = waters[waters["name_en"] == "Lake Sevan"].geometry.iloc[0].buffer(-0.02)  # off the shore, about two cells
    with rasterio.open(atlas.base_path("elevation.tif")) as grid:
        metres = grid.read(1)
        rows, columns = np.indices(metres.shape)
        lons = grid.transform.c + (columns + 0.5) * grid.transform.a
        lats = grid.transform.f + (rows + 0.5) * grid.transform.e
    inside = metres[shapely.contains_xy(lake, lons, lats)]
    assert inside.size > 500
    assert inside.std() < 20
    assert 1_850 < inside.mean() < 1_950


def test_no_place_lies_in_a_lake_or_reservoir(atlas) -> None:
    """The shores against the places, which come from another source."""
    waters = atlas.features("base")
    lakes = [shape for shape in waters.geometry if shape.area > 0]
    wet = [place.id for place in atlas.places if shapely.contains_xy(lakes, place.lon, place.lat).any()]
    assert len(lakes) == 2
    assert wet == []
