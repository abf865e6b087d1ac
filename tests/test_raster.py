"""GeoTIFF of class codes, and areas counted in pixels against the exact ones."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pyproj import Transformer
from rasterio.crs import CRS
from rasterio.io import MemoryFile

from mapper.errors import MapperError
from mapper.raster import EQUAL_AREA, NODATA, class_areas, render_geotiff
from mapper.style import CLASSES, RASTER_CODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rasterio.io import DatasetReader

DAY = "2020-11-12"
REAL_DAYS = ("1992-07-01", "2005-01-01", "2020-11-10", "2020-12-02", "2023-10-01")


@contextmanager
def opened(content: bytes) -> Iterator[DatasetReader]:
    with MemoryFile(content) as memory, memory.open() as dataset:
        yield dataset


def vector_areas(snapshot) -> dict[str, float]:
    return {row["class"]: row["area_km2"] for row in snapshot.area_table(["class"]).rows}


def test_tags_say_what_it_is(toy_atlas) -> None:
    """Date, version, credits, licence, mode, view and the legend are in the file."""
    with opened(render_geotiff(toy_atlas.snapshot(DAY, mode="possible"), resolution_m=2000)) as dataset:
        tags = dataset.tags()
        assert tags["date"] == DAY
        assert tags["data_version"] == toy_atlas.data_version
        assert tags["attribution"] == "© Toy Survey"
        assert tags["licence"] == "CC BY 4.0"
        assert (tags["mode"], tags["view"], tags["account"]) == ("possible", "de-facto", "default")
        assert tags["known"] == toy_atlas.span[1].isoformat()
        assert tags["TIFFTAG_COPYRIGHT"] == "CC BY 4.0; © Toy Survey"
        assert "TIFFTAG_DATETIME" not in tags
        legend = json.loads(tags["classes"])
        assert {int(code): item["class"] for code, item in legend.items()} == dict(RASTER_CODES)
        assert legend["33"]["label"].endswith("to be transferred (agreed, not yet handed over)")
        assert dataset.descriptions == ("class of control",)


def test_codes_and_colours(toy_atlas) -> None:
    """uint8 palette: 0 is no data, each class of the day occurs under its own code and colour."""
    snapshot = toy_atlas.snapshot(DAY)
    with opened(render_geotiff(snapshot, resolution_m=2000)) as dataset:
        assert dataset.dtypes == ("uint8",)
        assert dataset.nodata == NODATA
        assert dataset.colorinterp[0].name == "palette"
        found = {RASTER_CODES[code] for code in np.unique(dataset.read(1)).tolist() if code != NODATA}
        assert found == set(vector_areas(snapshot))
        table = dataset.colormap(1)
        for key, look in CLASSES.items():
            assert "#{:02x}{:02x}{:02x}".format(*table[look.code][:3]) == look.colour, key


def test_points_have_the_class_of_their_face(toy_atlas) -> None:
    """Looked up through the file's own CRS and transform."""
    snapshot = toy_atlas.snapshot(DAY)
    points = {
        (3.5, 3.5): "azerbaijan",
        (-2.5, 3.5): "armenia",
        (-1.5, 1.5): "armenia",
        (1.5, 2.5): "artsakh",
        (2.5, 2.5): "artsakh/contested",
        (1.5, 0.5): "artsakh/to-be-transferred",
        (4.5, 2.0): None,
    }
    with opened(render_geotiff(snapshot, resolution_m=2000)) as dataset:
        to_grid = Transformer.from_crs("EPSG:4326", dataset.crs.to_wkt(), always_xy=True)
        for (lon, lat), expected in points.items():
            (value,) = next(dataset.sample([to_grid.transform(lon, lat)]))
            assert value == (CLASSES[expected].code if expected else NODATA), (lon, lat)


def test_recognised_view(toy_atlas) -> None:
    """Sovereigns only."""
    with opened(render_geotiff(toy_atlas.snapshot(DAY, view="recognised"), resolution_m=5000)) as dataset:
        assert set(np.unique(dataset.read(1)).tolist()) == {NODATA, 1, 2}
        assert dataset.tags()["view"] == "recognised"


def test_pixels_agree_with_vectors(toy_atlas) -> None:
    """Within 0.2 % for every class: two independent ways to an area."""
    snapshot = toy_atlas.snapshot(DAY)
    assert class_areas(snapshot, 500) == pytest.approx(vector_areas(snapshot), rel=2e-3)


def test_class_areas_count_the_pixels_of_the_file(toy_atlas) -> None:
    """The strips of the count are those of the file, also where the last one is shorter."""
    snapshot = toy_atlas.snapshot(DAY)
    with opened(render_geotiff(snapshot, resolution_m=1000)) as dataset:
        assert dataset.height > 512
        assert dataset.height % 512
        codes, counts = np.unique(dataset.read(1), return_counts=True)
    counted = {RASTER_CODES[c]: float(n) for c, n in zip(codes.tolist(), counts.tolist(), strict=True) if c}
    assert class_areas(snapshot, 1000) == counted


def test_grids_of_all_days_match(toy_atlas) -> None:
    """Corners lie on multiples of the resolution, so that files of two days can be compared pixel by pixel."""
    with (
        opened(render_geotiff(toy_atlas.snapshot(DAY), resolution_m=3000)) as one,
        opened(render_geotiff(toy_atlas.snapshot("1955-01-01"), resolution_m=3000)) as other,
    ):
        assert (one.transform, one.shape, one.crs) == (other.transform, other.shape, other.crs)
        assert one.transform.c % 3000 == 0
        assert one.transform.f % 3000 == 0
        assert set(np.unique(other.read(1)).tolist()) == {NODATA, CLASSES["soviet-union"].code}


def test_default_grid_is_equal_area(toy_atlas) -> None:
    """The CRS is the documented one, north up, square pixels."""
    with opened(render_geotiff(toy_atlas.snapshot(DAY), resolution_m=5000)) as dataset:
        assert dataset.crs == CRS.from_user_input(EQUAL_AREA)
        assert dataset.res == (5000, 5000)
        assert dataset.transform.e < 0 < dataset.transform.a


def test_another_crs(toy_atlas) -> None:
    """Any projected CRS in metres will do."""
    with opened(render_geotiff(toy_atlas.snapshot(DAY), resolution_m=5000, crs="EPSG:6933")) as dataset:
        assert dataset.crs.to_epsg() == 6933


@pytest.mark.parametrize("resolution", [0, -5, float("nan"), float("inf")])
def test_resolution_is_a_positive_number(toy_atlas, resolution: float) -> None:
    """Else the error names what was got."""
    with pytest.raises(MapperError, match="expected a positive number of metres"):
        render_geotiff(toy_atlas.snapshot(DAY), resolution_m=resolution)


def test_a_resolution_that_asks_for_too_much(toy_atlas) -> None:
    """Refused before any memory is taken."""
    with pytest.raises(MapperError, match="choose a coarser one"):
        render_geotiff(toy_atlas.snapshot(DAY), resolution_m=1)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2263", "nonsense", "EPSG:999999"])
def test_a_crs_without_metres_or_sense(toy_atlas, crs: str) -> None:
    """Degrees, feet and nonsense are refused with a next step."""
    with pytest.raises(MapperError, match=r"give PROJ text|choose one that is"):
        render_geotiff(toy_atlas.snapshot(DAY), crs=crs)


def test_same_bytes(toy_atlas) -> None:
    """Two renders are one file."""
    one = render_geotiff(toy_atlas.snapshot(DAY), resolution_m=2000)
    assert one == render_geotiff(toy_atlas.snapshot(DAY), resolution_m=2000)


def test_a_snapshot_without_atlas(toy_atlas) -> None:
    """It has no credits, so there is no file; its pixels can be counted all the same."""
    bare = replace(toy_atlas.snapshot(DAY), atlas=None)
    with pytest.raises(MapperError, match="needs a snapshot of an atlas"):
        render_geotiff(bare, resolution_m=5000)
    assert set(class_areas(bare, 5000)) == set(vector_areas(bare))


@pytest.mark.parametrize("day", REAL_DAYS)
def test_packaged_data_agrees_with_a_raster_of_100_m(atlas, day: str) -> None:
    """Invariant 4: within 0.2 % for areas over 500 km2, and the whole within 0.01 %."""
    snapshot = atlas.snapshot(day)
    exact, counted = vector_areas(snapshot), class_areas(snapshot, 100)
    large = {key for key, km2 in exact.items() if km2 > 500}
    assert {key: counted[key] for key in large} == pytest.approx({key: exact[key] for key in large}, rel=2e-3)
    assert sum(counted.values()) == pytest.approx(sum(exact.values()), rel=1e-4)
