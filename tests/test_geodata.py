"""Every record of geodata/ is a test; the id of the test is the file or the record."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod

from mapper import canonical, geodata
from mapper.area import geodesic_areas
from mapper.changelog import zone_mask
from mapper.check import MIN_COMPACTNESS, MIN_FACE_KM2, find_problems
from mapper.geodata import Geodata
from mapper.records import LANGUAGES, POLYGON_KINDS
from tests.conftest import GEODATA

FILES = [path.relative_to(GEODATA).as_posix() for path in geodata.data_files(GEODATA)]
FEATURES = [name for name in FILES if name.endswith(".geojson")]


@cache
def data() -> Geodata:
    """The packaged data, parsed once."""
    return geodata.load(GEODATA)


@cache
def problems() -> tuple[list, list]:
    """Errors and warnings of the packaged data."""
    errors, warnings, _, _ = find_problems(data())
    return errors, warnings


def rows(name: str) -> list:
    """The records of a table or list, as test parameters with their ids."""
    return [pytest.param(row, id=row.id) for row in getattr(data(), name)]


@pytest.mark.parametrize("name", FILES)
def test_file_is_canonical(name: str) -> None:
    """dump(load(file)) == file."""
    assert (GEODATA / name).read_bytes() == canonical.dump(data(), name).encode()


def test_dump_reads_back(tmp_path: Path) -> None:
    """load(dump(data)) == data: nothing is lost in either direction."""
    copy = Path(shutil.copytree(GEODATA, tmp_path / "geodata"))
    for name in FILES:
        (copy / name).write_text(canonical.dump(data(), name), encoding="utf-8")
    again = geodata.load(copy)
    assert [getattr(again, name) for name in ("versions", "changes", "places", "sources")] == [
        getattr(data(), name) for name in ("versions", "changes", "places", "sources")
    ]
    assert again.geometries == data().geometries


def test_the_data_has_no_error() -> None:
    """mapper check finds nothing that keeps the data from being used."""
    assert [str(item) for item in problems()[0]] == []


@pytest.mark.parametrize("name", FEATURES)
def test_feature_file(name: str) -> None:
    """Polygons are valid and have land, lie in the region, say how they were made, and have an English name."""
    layer, feature = name.removesuffix(".geojson").split("/")
    kind = {item.id: item.kind for item in data().layers}[layer]
    for version in data().versions:
        if (version.layer, version.feature) != (layer, feature):
            continue
        shape = geodata.to_shape(data().geometries[layer, version.id])
        xmin, ymin, xmax, ymax = shape.bounds
        assert 43.3 <= xmin <= xmax <= 51
        assert 38.2 <= ymin <= ymax <= 42.1
        assert shape.is_valid
        assert version.names.get("en")
        assert set(version.names) <= set(LANGUAGES)
        assert version.precision_m > 0
        assert version.correlation_m > 0
        if kind in POLYGON_KINDS:
            assert geodesic_areas([shape])[0] > 1e5
            assert "traced" not in version.method or version.evidence, "a traced outline names its evidence"


@pytest.mark.parametrize("change", rows("changes"))
def test_change(change, atlas) -> None:
    """The zone holds land, and on a best day the change decides land somewhere, as its own account tells it.

    The best day is its own, or on ground that was swept or held back the day that the rule gave it there.
    """
    faces = zone_mask(atlas.mosaic, change.zone)
    assert faces.any()
    account = None if change.is_default else change.account
    rows = atlas.log.row_change == atlas.log.changes.index(change)
    first = date.fromordinal(int(atlas.log.row_best[rows].min()))
    snapshot = atlas.snapshot(first, account=account, known=max(change.known, atlas.span[0]))
    if change.known_to is None:
        deciding = {atlas.log.changes[index].id for index in snapshot.deciding_changes()[faces].tolist()}
        assert change.id in deciding


@pytest.mark.parametrize("place", rows("places"))
def test_place(place) -> None:
    """Names are trimmed, the point lies in the region, GeoNames points credit GeoNames."""
    for name in (*place.names.values(), *place.other_names):
        assert name == name.strip() != ""
    assert 43 <= place.lon <= 51
    assert 38 <= place.lat <= 42
    assert 1 <= place.rank <= 4
    if place.geonames_id:
        assert "geonames" in place.sources or place.id == "lachin"


@pytest.mark.parametrize("source", rows("sources"))
def test_source(source) -> None:
    """Names its title, citation and licence; addresses are web addresses."""
    assert source.title
    assert source.citation
    assert source.license.name
    for address in (source.url_main, source.url_download, source.license.url):
        assert address is None or address.startswith(("https://", "http://"))


@pytest.mark.parametrize("assertion", rows("assertions"))
def test_assertion(assertion, atlas) -> None:
    """Who held the place on the day."""
    face = atlas.place_face[assertion.place]
    assert face >= 0
    assert atlas.snapshot(assertion.day).controller[face] in assertion.controllers


@pytest.mark.parametrize("figure", rows("figures"))
def test_figure(figure, atlas) -> None:
    """Says what it measures; its query is complete, its zones resolve, its range holds its value."""
    from mapper.extents import mentioned
    from mapper.figures import find_faults

    assert figure.what
    assert find_faults(figure) == []
    for zone in filter(None, (figure.zone, figure.of)):
        assert mentioned(atlas.mosaic, zone).any()
    assert figure.low is None or figure.low <= figure.value
    assert figure.high is None or figure.value <= figure.high


@pytest.mark.parametrize("gap", rows("gaps"))
def test_gap(gap) -> None:
    """A sentence with its days."""
    assert gap.text.endswith(".")
    assert gap.to is None or gap.from_ < gap.to


@pytest.mark.parametrize("correction", rows("corrections"))
def test_correction_is_still_needed(correction) -> None:
    """Upstream's course still leaves the points outside and ours holds them; fails when a newer upstream is recorded.

    The land between the two courses holds the points, and our course is on the outline as stored.
    """
    expect = correction.expect
    layer, feature = correction.feature.split("/")
    version = next(v for v in data().versions if (v.layer, v.feature) == (layer, feature) and v.valid_to is None)
    ours = geodata.to_shape(data().geometries[layer, version.id])
    between = shapely.Polygon([*expect["upstream_course"], *expect["our_course"]]).buffer(0)
    for lon, lat in expect["outside"]:
        assert between.contains(shapely.Point(lon, lat))
        assert ours.contains(shapely.Point(lon, lat))
    assert shapely.distance(ours.boundary, shapely.points(expect["our_course"])).max() < 1e-4
    assert len(expect["upstream_sha256"]) == 64


@cache
def sides() -> dict[str, list[dict[str, str]]]:
    """Places that the facts put inside or outside the land behind a line, by zone."""
    found: dict[str, list[dict[str, str]]] = {}
    with (Path(__file__).parent / "data" / "sides.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["zone"], []).append(row)
    return found


@pytest.mark.parametrize("zone", sides())
def test_places_lie_on_their_side(zone: str, atlas) -> None:
    """Every place that the facts put on one side lies there; a miss names its distance in units of the precision."""
    rows, faces = sides()[zone], zone_mask(atlas.mosaic, zone)
    face, _ = atlas.mosaic.locate([float(row["lon"]) for row in rows], [float(row["lat"]) for row in rows])
    misses = [
        f"{row['place']} ({row['lon']}, {row['lat']}), expected {row['side']}: {distance_text(row, atlas)}"
        for row, inside in zip(rows, faces[face], strict=True)
        if inside != (row["side"] == "inside")
    ]
    assert misses == []


def distance_text(row: dict[str, str], atlas) -> str:
    """How far the place lies from the boundary of the zone, in metres and in units of the boundary's precision."""
    faces = np.append(zone_mask(atlas.mosaic, row["zone"]), False)
    edges = np.flatnonzero(faces[atlas.mosaic.edge_left] != faces[atlas.mosaic.edge_right])
    point = shapely.Point(float(row["lon"]), float(row["lat"]))
    near = shapely.shortest_line(point, atlas.mosaic.edges[edges])
    metres = [Geod(ellps="WGS84").geometry_length(line) for line in near]
    best = int(np.argmin(metres))
    return f"{metres[best]:.0f} m, {metres[best] / atlas.mosaic.edge_precision_m[edges[best]]:.2f} precisions off"


def test_no_face_is_a_sliver(atlas) -> None:
    """Every face passes the gate of size and compactness or is listed with a reason; cells pass that of size."""
    faces = atlas.mosaic
    uncut = [shapely.coverage_union_all(faces.polygons[faces.base == base]) for base in range(faces.base.max() + 1)]
    perimeter = np.array([Geod(ellps="WGS84").geometry_length(shapely.boundary(face)) for face in uncut])
    area = np.bincount(faces.base, faces.area_m2)
    compactness = 4 * np.pi * area / perimeter**2
    failing = np.flatnonzero((area < MIN_FACE_KM2 * 1e6) | (compactness < MIN_COMPACTNESS))
    accepted = {int(faces.base[faces.locate(row.lon, row.lat)[0]]) for row in data().slivers}
    assert set(failing.tolist()) == accepted
    small = np.flatnonzero(faces.area_m2 < MIN_FACE_KM2 * 1e6)
    assert set(faces.base[small].tolist()) <= accepted


def test_credits_stand_in_the_licence_file() -> None:
    """Every source that asks for credit is credited in geodata/LICENSE."""
    text = (GEODATA / "LICENSE").read_text(encoding="utf-8")
    missing = [source.id for source in data().sources if source.credit and source.credit not in text]
    assert missing == []


def test_evidence_is_frozen() -> None:
    """Evidence that was measured against carries the hash of the file it was measured on."""
    for version in data().versions:
        for item in version.evidence:
            if item.mean_m is not None:
                assert item.sha256 is not None, version.id
                assert len(item.sha256) == 64
                assert item.max_m is not None
                assert item.mean_m <= item.max_m


def test_json_files_hold_no_duplicate_keys() -> None:
    """json.loads keeps the last of two equal keys without a word."""

    def unique(pairs: list[tuple[str, object]]) -> dict:
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys))
        return dict(pairs)

    for name in FILES:
        if name.endswith("json"):
            json.loads((GEODATA / name).read_text(encoding="utf-8"), object_pairs_hook=unique)


def test_figures_in_the_readme_are_those_computed(atlas) -> None:
    """The README's table of published figures is what the record gives now."""
    from mapper.comparisons import write_ours, write_published
    from mapper.figures import evaluate_all

    text = (GEODATA.parent / "README.md").read_text(encoding="utf-8")
    for item in evaluate_all(atlas, atlas.figures):
        figure = item.figure
        cells = [figure.id, figure.what, str(figure.day or ""), write_published(figure), write_ours(item)]
        assert f"| {' | '.join(cells)} | {figure.unit} | {item.verdict} | {figure.said_by} |" in text
    shares = {item.figure.id: item for item in evaluate_all(atlas, atlas.figures)}
    assert f"the land held, {shares['share-20'].value:.1f} %" in text
    assert f"the record gives {shares['share-20-districts'].value:.1f} %" in text


def test_areas_in_the_readme_are_those_computed(atlas) -> None:
    """The README's table for 10 November 2020, and the land to be handed over."""
    from mapper.rounding import format_interval

    text = (GEODATA.parent / "README.md").read_text(encoding="utf-8")
    snapshot = atlas.snapshot("2020-11-10")
    for row in snapshot.area_table().rows:
        area, low, high = format_interval(row["area_km2"], row["low_km2"], row["high_km2"])
        assert f"| {row['controller']} | {area} | {low} | {high} | {row['share']:.1%} |" in text
    agreed = [row for row in snapshot.area_table(["status"]).rows if row["status"] == "to-be-transferred"]
    area, low, high = format_interval(*(agreed[0][name] for name in ("area_km2", "low_km2", "high_km2")))
    assert f"{area} ({low} to {high}) of its km²" in text
