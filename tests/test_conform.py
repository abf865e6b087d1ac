"""Conforming: new lines onto those that are there, on boxes of one degree (0.001 degree is about 111 m)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mapper import canonical, geodata, mosaic
from mapper.conform import Conformed, conform, node_all
from mapper.errors import DataError, MapperError
from mapper.records import FeatureVersion, Sliver
from tests.conftest import TOY

if TYPE_CHECKING:
    from mapper.geodata import Geodata

DATA = geodata.load(TOY)
KINDS = {layer.id: layer.kind for layer in DATA.layers}
SHARED = sorted({(item.layer, item.feature) for item in DATA.versions if KINDS[item.layer] != "road"})
BOX = [(1, 1), (2, 1), (2, 2), (1, 2)]
FIRST = FeatureVersion("areas", "new", 1, date(1994, 5, 12), date(2000, 1, 1), 500, 2000, "traced", ("toy-survey",), {})
SECOND = replace(FIRST, number=2, valid_from=date(2000, 1, 1), valid_to=None)


def polygon(*corners: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in (*corners, corners[0])]]}


def text_of(*geometries: dict[str, Any]) -> str:
    return canonical.dump_features(zip((FIRST, SECOND), geometries, strict=False))


def conformed(geometry: dict[str, Any], *, data: Geodata = DATA, layer: str = "areas", **options: Any) -> Conformed:
    limits = {"tolerance_m": 1000, "limit_m": 2000} | options
    return conform(data, layer, text_of(geometry), "new", **limits)


def shapes_of(text: str) -> list[dict[str, Any]]:
    return [item["geometry"] for item in json.loads(text)["features"]]


def own_shape(result: Conformed) -> dict[str, Any]:
    return shapes_of(result.files[result.name])[0]


def applied(data: Geodata, result: Conformed) -> Geodata:
    """The data as if the files had been written."""
    geometries = dict(data.geometries)
    for name, text in result.files.items():
        layer = name.split("/")[0]
        geometries |= {(layer, item["id"]): item["geometry"] for item in json.loads(text)["features"]}
    layer, stem = result.name.removesuffix(".geojson").split("/")
    new = replace(FIRST, layer=layer, feature=stem)
    there = any((item.layer, item.id) == (new.layer, new.id) for item in data.versions)
    return replace(data, versions=data.versions if there else (*data.versions, new), geometries=geometries)


# --- what is conformed already stays -----------------------------------------------------------------------------


def test_the_toy_folder_needs_no_noding() -> None:
    """A folder whose lines share their vertices keeps every file."""
    assert node_all(DATA) == {}


@pytest.mark.parametrize(("layer", "feature"), SHARED, ids="/".join)
def test_a_conformed_file_does_not_move(layer: str, feature: str) -> None:
    """Conforming what shares its lines already gives the canonical text and nothing else."""
    name = f"{layer}/{feature}.geojson"
    result = conform(DATA, layer, (TOY / name).read_text(), feature, tolerance_m=1000, limit_m=1)
    assert result.files == {name: canonical.dump(DATA, name)}
    assert (result.moves, result.neighbours, result.mean_move_m, result.max_move_m) == ((), (), 0, 0)
    assert all(change.share == 0 for change in result.area_changes)


def test_the_data_given_is_not_changed() -> None:
    """The function is pure: the data it gets is the data on disk afterwards."""
    conformed(polygon((0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5)))
    assert geodata.load(TOY) == DATA


# --- snapping ----------------------------------------------------------------------------------------------------


def test_an_offset_box_falls_onto_the_corners_that_are_there() -> None:
    """A box drawn 0.004 degree too far east is moved back by about 445 m, and no neighbour is rewritten."""
    result = conformed(polygon(*((x + 0.004, y) for x, y in BOX)))
    assert own_shape(result) == polygon(*BOX)
    assert result.neighbours == ()
    assert [move.metres for move in result.moves] == pytest.approx([445] * 4, abs=1)
    assert {(move.start, move.end) for move in result.moves} == {((x + 0.004, y), (x, y)) for x, y in BOX}
    assert result.max_move_m == pytest.approx(445, abs=1)


def test_a_stretch_follows_every_vertex_of_the_line() -> None:
    """Beside a line, one long drawn segment takes over the vertices in between; where it crosses it gets one."""
    result = conformed(polygon((3.003, 0.002), (3.5, 1.5), (2.998, 2.997)))
    assert own_shape(result) == polygon((3, 0), (3.5, 1.5), (3.33233, 2), (3, 3), (3, 2), (3, 1))
    move = {move.end: move.metres for move in result.moves}
    assert move[3, 1] == pytest.approx(0.00133 * 111_300, rel=0.02)  # the drawn line passes at 3.00133


def test_a_zigzag_along_a_line_leaves_no_vertices_in_it() -> None:
    """Vertices drawn along a straight line that is there vanish; only the two where the outline leaves it stay."""
    zigzag = [(1.2, 1.004), (1.4, 0.996), (1.5, 0.997), (1.6, 1.003)]
    result = conformed(polygon((1, 1), *zigzag, (1.5, 1.7)))
    assert own_shape(result) == polygon((1, 1), (1.6, 1), (1.5, 1.7))
    assert result.neighbours == ("oblast/nkao.geojson",)
    assert [1.6, 1] in shapes_of(result.files["oblast/nkao.geojson"])[0]["coordinates"][0]


def test_a_line_ends_on_the_segment_it_nearly_reaches() -> None:
    """The end of a course that stops short of a border is put onto it, and both districts get the vertex."""
    result = conformed({"type": "LineString", "coordinates": [[1.2, 3.4], [1.995, 3.5]]}, layer="lines")
    assert own_shape(result)["coordinates"][-1] == [2, 3.5]
    assert result.neighbours == ("soviet/east.geojson", "soviet/west.geojson")
    for name in result.neighbours:
        assert [2, 3.5] in np.vstack([*_rings(shapes_of(result.files[name])[0])]).tolist()
    assert result.area_changes[0].share == 0


def _rings(geometry: dict[str, Any]) -> list[Any]:
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [ring for part in parts for ring in part]


def test_two_versions_share_their_own_line() -> None:
    """A later version goes onto the lines of the earlier one where nothing else is near."""
    one, other = polygon((3.2, 2.5), (3.8, 2.5), (3.8, 3.5)), polygon((3.203, 2.5), (3.8, 2.503), (3.797, 3.5))
    result = conform(DATA, "areas", text_of(one, other), "new", tolerance_m=1000, limit_m=2000)
    assert shapes_of(result.files[result.name]) == [one, one]
    assert {move.record for move in result.moves} == {"new/2"}


def test_the_own_former_lines_do_not_attract() -> None:
    """A changed feature replaces its old outline instead of falling back onto it."""
    data = applied(DATA, conformed(polygon((3.2, 2.5), (3.8, 2.5), (3.8, 3.5))))
    moved = polygon((3.203, 2.5), (3.8, 2.5), (3.8, 3.5))
    assert own_shape(conformed(moved, data=data)) == moved


# --- noding ------------------------------------------------------------------------------------------------------


def test_crossings_are_noded_on_both_sides() -> None:
    """Lines that a new outline crosses get the shared vertex; no area changes."""
    result = conformed(polygon((0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5)))
    assert own_shape(result) == polygon(
        (0.5, 0.5), (1, 0.5), (1.5, 0.5), (1.5, 1), (1.5, 1.5), (1, 1.5), (0.5, 1.5), (0.5, 1)
    )
    assert result.moves == ()
    assert set(result.neighbours) == {
        f"{name}.geojson" for name in ("oblast/nkao", "areas/held-1994", "corridors/lachin")
    }
    assert [1, 1.5] in shapes_of(result.files["corridors/lachin.geojson"])[0]["coordinates"][0]
    assert all(change.after_km2 == pytest.approx(change.before_km2, abs=1e-6) for change in result.area_changes)


def test_node_all_puts_missing_vertices_into_both_files() -> None:
    """Layers drawn apart are noded together; files that need nothing are not returned."""
    geometry = polygon((3.5, 1), (3.8, 1), (3.8, 2.5), (3.5, 2.5))
    data = replace(DATA, versions=(*DATA.versions, FIRST), geometries=DATA.geometries | {("areas", "new/1"): geometry})
    files = node_all(data)
    assert sorted(files) == ["areas/new.geojson", "rayon/north.geojson", "rayon/south.geojson"]
    assert {(3.5, 2), (3.8, 2)} <= set(map(tuple, shapes_of(files["areas/new.geojson"])[0]["coordinates"][0]))
    geometries = {
        (name.split("/")[0], item["id"]): item["geometry"]
        for name, text in files.items()
        for item in json.loads(text)["features"]
    }
    assert node_all(replace(data, geometries=data.geometries | geometries)) == {}


# --- refusing ----------------------------------------------------------------------------------------------------

SHIFTED = polygon(*((x + 0.004, y) for x, y in BOX))
REFUSED = {
    "move": (
        SHIFTED,
        {"limit_m": 400},
        r"areas/new.geojson, new/1: 4 moves exceed .* got 445 m, expected at most 400 m",
    ),
    "collapse": (polygon((1, 0.998), (2, 1.001), (2, 0.999)), {}, r"new/1: the part at .* collapses onto one line"),
    "pinch": (
        polygon((1.2, 1.4), (1.5, 1.003), (1.8, 1.4), (2.5, 1.6), (1.5, 0.4), (1.6, 1.002), (1.5, 1.001), (1.4, 0.99)),
        {},
        r"new/1: (conformed, )?the geometry is not valid",
    ),
    "area": (
        polygon((1.1, 1.1), (1.9, 1.1), (1.9, 1.9), (1.1, 1.9)),
        {"tolerance_m": 16_000, "limit_m": 20_000},
        r"new/1: the area goes from .* got \+56\.\d\d %, expected at most 2 %; use a smaller tolerance",
    ),
    "sliver": (
        polygon((1, 1.003), (2, 1.003), (2, 2), (1, 2)),
        {"tolerance_m": 100},
        r"a sliver remains near \(1.*0.02",
    ),
    "type": (
        {"type": "LineString", "coordinates": [[1, 1], [2, 1]]},
        {},
        r"new/1: got a LineString, expected a Polygon",
    ),
    "crossed": (polygon((1, 1), (2, 2), (2, 1), (1, 2)), {}, r"new/1: the geometry is not valid"),
    "unknown layer": (SHIFTED, {"layer": "area"}, r"unknown layer 'area', expected one of states, oblast"),
    "road": (SHIFTED, {"layer": "roads"}, r"layer 'roads' \(road\) bounds no land and shares no lines; run mapper fmt"),
}


@pytest.mark.parametrize(("geometry", "options", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(geometry: dict[str, Any], options: dict[str, Any], message: str) -> None:
    """Every refusal names the file, the record, what was got and expected, and the next step."""
    with pytest.raises(MapperError, match=message):
        conformed(geometry, **options)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"areas/new.geojson, line 1: not JSON"),
        ("[]", r"not a GeoJSON FeatureCollection"),
        (
            '{"features": [], "crs": {}}',
            r"not a GeoJSON FeatureCollection",
        ),
        (text_of(SHIFTED).replace("new/1", "old/1"), r"got id 'old/1', expected 'new/<number>'"),
        (text_of(SHIFTED, SHIFTED).replace("new/2", "new/1"), r"new/1: the id occurs twice"),
        (text_of(SHIFTED).replace("1.004, 1]", "1.004]"), r"new/1: has positions that are not two numbers"),
    ],
)
def test_unreadable_files_are_refused(text: str, message: str) -> None:
    """What cannot be read is named like any other fault in the data."""
    with pytest.raises(DataError, match=message):
        conform(DATA, "areas", text, "new", tolerance_m=1000, limit_m=2000)


def test_a_listed_sliver_is_reported_but_accepted() -> None:
    """A thin face that slivers.json explains does not stop the file."""
    data = replace(DATA, slivers=(Sliver("strip", 1.5, 1.001, "a strip on purpose"),))
    result = conformed(polygon((1, 1.003), (2, 1.003), (2, 2), (1, 2)), data=data, tolerance_m=100)
    assert [face.known for face in result.slivers] == [True]
    assert result.slivers[0].area_km2 == pytest.approx(0.003 * 12_300, rel=0.01)


# --- properties --------------------------------------------------------------------------------------------------


def _offsets() -> st.SearchStrategy[tuple[float, float]]:
    """An offset of a vertex by up to 943 m."""
    part = st.integers(-600, 600).map(lambda units: units / 100_000)
    return st.tuples(part, part)


@settings(deadline=None, max_examples=40)
@given(data=st.data(), source=st.sampled_from(["areas/held-1994", "oblast/nkao", "corridors/lachin", "rayon/north"]))
def test_offsets_within_the_tolerance_are_removed(data: st.DataObject, source: str) -> None:
    """An outline redrawn by an unsteady hand becomes the outline that is there, to the last vertex."""
    layer, feature = source.split("/")
    there = DATA.geometries[layer, f"{feature}/1"]
    corners = there["coordinates"][0][:-1]
    moved = [(x + dx, y + dy) for x, y in corners for dx, dy in [data.draw(_offsets())]]
    drawn = canonical.canonical_geometry(polygon(*moved))
    assume(geodata.to_shape(drawn).is_valid)
    result = conformed(drawn)
    assert own_shape(result) == canonical.canonical_geometry(there)
    assert result.neighbours == ()


def _triangles() -> st.SearchStrategy[dict[str, Any]]:
    """A triangle on the land of the toy states that is not too thin."""
    corner = st.tuples(st.integers(-290_000, 390_000), st.integers(10_000, 390_000))
    drawn = st.lists(corner.map(lambda c: (c[0] / 100_000, c[1] / 100_000)), min_size=3, max_size=3)
    return drawn.map(lambda corners: polygon(*corners)).filter(lambda shape: geodata.to_shape(shape).area > 0.2)


@settings(deadline=None, max_examples=40)
@given(first=_triangles(), second=_triangles())
def test_conformed_lines_are_shared_and_stay(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Afterwards nothing crosses unshared, a second run is idle, and neighbours keep their areas."""
    data = DATA
    for stem, drawn in (("new", first), ("newer", second)):
        text = text_of(drawn).replace("new/1", f"{stem}/1")
        options = {"tolerance_m": 1000, "limit_m": 3000, "max_area_share": 0.1}
        try:
            result = conform(data, "areas", text, stem, **options)
        except DataError as error:  # an honest refusal: what is left is thinner than the gate
            assume("sliver" not in str(error))
            raise
        data = applied(data, result)
        again = conform(data, "areas", result.files[result.name], stem, **options)
        assert (again.moves, again.files) == ((), {result.name: result.files[result.name]})
        for change in result.area_changes:
            if change.file != result.name:
                assert change.after_km2 == pytest.approx(change.before_km2, abs=_rounding_km2(data, change))
    assert node_all(data) == {}
    assert len(mosaic.build(data).added_nodes) == 0


def _rounding_km2(data: Geodata, change: Any) -> float:
    """What moving every edge by half the diagonal of a grid cell could change, km2."""
    shape = geodata.to_shape(data.geometries[change.file.split("/")[0], change.record])
    rings = shapely.get_coordinates(shapely.boundary(shape))
    return sum(np.hypot(*(np.subtract(b, a))) for a, b in pairwise(rings)) * 111.4 * 0.0008
