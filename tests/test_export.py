"""GeoJSON and GeoPackage: what they say about themselves, geometry and areas, same bytes."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pyogrio
import pytest
import shapely

import mapper
from mapper.area import geodesic_areas
from mapper.errors import MapperError
from mapper.export import describe, to_geojson, to_gpkg

if TYPE_CHECKING:
    from pathlib import Path

DAY = "2020-11-12"
REAL_DAYS = ("1992-07-01", "2005-01-01", "2020-11-12", "2023-10-01")


def save(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_geojson_says_what_it_is(toy_atlas) -> None:
    """Date, version, credits and licence stand at the top; no crs member, which RFC 7946 forbids."""
    content = json.loads(to_geojson(toy_atlas.snapshot(DAY, mode="certain")))
    assert content["type"] == "FeatureCollection"
    assert "crs" not in content
    assert content["date"] == DAY
    assert content["mode"] == "certain"
    assert content["data_version"] == toy_atlas.data_version
    assert content["attribution"] == "© Toy Survey"
    assert content["licence"] == "CC BY 4.0"
    assert content["sources"] == "toy-chronicle;toy-gazette;toy-herald;toy-survey"
    assert content["bbox"] == [-3, 0, 4, 4]


def test_geojson_names_the_gaps_of_the_day(toy_atlas) -> None:
    """What the edition lacks travels with the file."""
    assert json.loads(to_geojson(toy_atlas.snapshot("2023-01-01")))["gaps"] == "Heights are not in this edition."
    assert json.loads(to_geojson(toy_atlas.snapshot(DAY)))["gaps"] == ""


def test_geojson_units_are_those_of_the_snapshot(toy_atlas) -> None:
    """One feature a unit, with class, label, day, sources and area."""
    snapshot = toy_atlas.snapshot(DAY)
    features = json.loads(to_geojson(snapshot))["features"]
    assert len(features) == len(snapshot.units())
    (handed,) = [f["properties"] for f in features if f["properties"]["class_key"] == "artsakh/to-be-transferred"]
    assert handed["controller"] == "artsakh"
    assert handed["status"] == "to-be-transferred"
    assert handed["sovereign"] == "azerbaijan"
    assert handed["since"] == "1993-04-03"
    assert handed["change"] == "west-agreed-2020"
    assert handed["kind"] == "agreement"
    assert handed["sources"] == "toy-chronicle"
    assert "to be transferred" in handed["label"]
    (contested,) = [f["properties"] for f in features if f["properties"]["status"] == "contested"]
    assert contested["one_sided"] == "armenia"


def check_areas(frame: gpd.GeoDataFrame, column: str = "area_km2", *, within_km2: float = 2e-4) -> None:
    """The geometry read back is valid and has the area that its row states."""
    assert frame.crs == "EPSG:4326"
    assert frame.geometry.is_valid.all()
    measured = geodesic_areas(frame.geometry.to_numpy()) / 1e6
    assert measured.tolist() == pytest.approx(frame[column].tolist(), abs=within_km2, rel=1e-9)


def test_geojson_reopens_with_the_same_areas(toy_atlas) -> None:
    """Geometry and stated areas agree, and together they are the land of both states."""
    snapshot = toy_atlas.snapshot(DAY)
    frame = gpd.read_file(io.BytesIO(to_geojson(snapshot)))
    check_areas(frame)
    assert frame["area_km2"].sum() == pytest.approx(snapshot.mosaic.area_m2.sum() / 1e6, abs=1e-5)


def test_geojson_geometry_is_canonical(toy_atlas) -> None:
    """MultiPolygons, exteriors counter-clockwise, holes clockwise."""
    for feature in json.loads(to_geojson(toy_atlas.snapshot(DAY)))["features"]:
        assert feature["geometry"]["type"] == "MultiPolygon"
        for rings in feature["geometry"]["coordinates"]:
            ccw = [shapely.is_ccw(shapely.LinearRing(ring)) for ring in rings]
            assert ccw == [True] + [False] * (len(rings) - 1)


def test_gpkg_layers_and_about(toy_atlas, tmp_path: Path) -> None:
    """The layers control and districts, and a table that says what the file is."""
    path = save(tmp_path / "x.gpkg", to_gpkg(toy_atlas.snapshot(DAY)))
    assert [name for name, _ in pyogrio.list_layers(path)] == ["control", "districts", "about"]
    about = dict(pyogrio.read_dataframe(path, layer="about").itertuples(index=False, name=None))
    assert about["date"] == DAY
    assert about["data_version"] == toy_atlas.data_version
    assert about["licence"] == "CC BY 4.0"
    assert about["attribution"] == "© Toy Survey"


def test_gpkg_reopens_with_the_same_areas(toy_atlas, tmp_path: Path) -> None:
    """Both layers: stated and measured areas agree; each division covers both states."""
    snapshot = toy_atlas.snapshot(DAY)
    path = save(tmp_path / "x.gpkg", to_gpkg(snapshot))
    total = snapshot.mosaic.area_m2.sum() / 1e6
    control, districts = (gpd.read_file(path, layer=name) for name in ("control", "districts"))
    check_areas(control)
    check_areas(districts)
    assert control["area_km2"].sum() == pytest.approx(total)
    by_division = districts.groupby("division")["area_km2"].sum()
    assert by_division.to_dict() == pytest.approx({"rayon": total, "soviet": total})
    assert set(districts["district"]) == {"east", "west", "rest-of-armenia", "north", "south", "province"}


def test_exports_are_byte_identical(toy_atlas) -> None:
    """Nothing of the clock is in a file: the GeoPackage's own stamps are the data's last day."""
    snapshot = toy_atlas.snapshot(DAY)
    assert to_geojson(snapshot) == to_geojson(toy_atlas.snapshot(DAY))
    assert to_gpkg(snapshot) == to_gpkg(toy_atlas.snapshot(DAY))


def test_gpkg_is_stamped_with_the_last_day_of_the_data(toy_atlas, tmp_path: Path) -> None:
    """And the clock of GDAL is given back."""
    path = save(tmp_path / "x.gpkg", to_gpkg(toy_atlas.snapshot(DAY)))
    with closing(sqlite3.connect(path)) as base:
        stamps = {stamp for (stamp,) in base.execute("SELECT last_change FROM gpkg_contents")}
    assert stamps == {f"{toy_atlas.span[1]}T00:00:00.000Z"}
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_gpkg_leaves_a_clock_that_was_set(toy_atlas) -> None:
    """A caller's own setting survives."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2001-01-01T00:00:00.000Z"})
    try:
        to_gpkg(toy_atlas.snapshot(DAY))
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == "2001-01-01T00:00:00.000Z"
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def test_credits_are_computed_from_the_sources(toy_atlas) -> None:
    """A source that is only named for something else drawn is credited too, once."""
    snapshot = toy_atlas.snapshot(DAY)
    assert describe(snapshot)["attribution"] == snapshot.attribution()
    assert describe(snapshot, also=["toy-survey"]) == describe(snapshot)


def test_a_snapshot_without_atlas_has_no_export(toy_atlas) -> None:
    """It has no sources to credit, and says so."""
    bare = replace(toy_atlas.snapshot(DAY), atlas=None)
    for render in (to_geojson, to_gpkg):
        with pytest.raises(MapperError, match="needs a snapshot of an atlas"):
            render(bare)


HOSTILE = "\"><script>alert(1)</script>'; DROP TABLE control; --\u202e{{7*7}}"


def test_hostile_text_stays_text(toy_folder: Path, tmp_path: Path) -> None:
    """Quotes, markup, SQL and control characters in names and credits reach the files as they are."""
    east = toy_folder / "soviet" / "east.geojson"
    content = json.loads(east.read_text())
    content["features"][0]["properties"]["names"]["en"] = HOSTILE
    east.write_text(json.dumps(content))
    sources = toy_folder / "sources.json"
    listed = json.loads(sources.read_text())
    for source in listed["sources"]:
        source["credit"] = HOSTILE
    sources.write_text(json.dumps(listed))
    snapshot = mapper.load(toy_folder).snapshot(DAY)
    assert json.loads(to_geojson(snapshot))["attribution"] == HOSTILE
    path = save(tmp_path / "x.gpkg", to_gpkg(snapshot))
    districts = gpd.read_file(path, layer="districts").set_index("district")
    assert districts.loc["east", "name_en"] == HOSTILE
    about = dict(pyogrio.read_dataframe(path, layer="about").itertuples(index=False, name=None))
    assert about["attribution"] == HOSTILE


def test_recognised_view_is_by_sovereign(toy_atlas) -> None:
    """The class is the sovereign, whoever holds the land."""
    frame = gpd.read_file(io.BytesIO(to_geojson(toy_atlas.snapshot(DAY, view="recognised"))))
    assert set(frame["class_key"]) == {"azerbaijan", "armenia"}
    assert (frame["class_key"] == frame["sovereign"]).all()


@pytest.mark.parametrize("day", REAL_DAYS)
def test_packaged_data_reopens_with_the_same_areas(atlas, day: str, tmp_path: Path) -> None:
    """On real lines: areas, disjoint units, every source known, five decimals.

    Where a cell ends on a drawn line, its corner is rounded to the grid of the files and bends the line by up to half a
    metre; areas stay those of the line as drawn.
    """
    snapshot = atlas.snapshot(day)
    content = to_geojson(snapshot)
    frame = gpd.read_file(io.BytesIO(content))
    check_areas(frame, within_km2=2e-3)
    assert frame.geometry.is_valid_coverage()
    assert set(json.loads(content)["sources"].split(";")) <= set(atlas.sources)
    lonlat = shapely.get_coordinates(frame.geometry)
    assert (lonlat == lonlat.round(5)).all()
    path = save(tmp_path / "x.gpkg", to_gpkg(snapshot))
    check_areas(gpd.read_file(path, layer="control"), within_km2=2e-3)
    check_areas(gpd.read_file(path, layer="districts"), within_km2=2e-3)
