"""Cells: the ground of a war divided among places, on the toy's one-degree boxes.

The toy's war has three seeds at (0.5, 1.5), (1.5, 2.5) and (2.5, 1.5) on seven boxes; by hand the borders meet at
(1.5, 1.5) and run to (1.5, 0), (1, 2) and (3, 3), so that the cells have 1.875, 1.75 and 3.375 boxes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mapper import cells, mosaic
from mapper.area import geodesic_areas
from mapper.atlas import load
from mapper.changelog import compile_log
from mapper.errors import ZoneError
from mapper.fingerprint import hash_folder
from mapper.geodata import Geodata
from mapper.grid import components
from mapper.records import METHODS
from mapper.zones import Ground, group_cells, zone_mask

if TYPE_CHECKING:
    from pathlib import Path

    from mapper.mosaic import Mosaic

BOX = 12_300  # km2 of a one-degree box near the equator, to 0.2 %
SEEDS = ("centre", "gate", "newtown-east")


def with_rows(data: Geodata, **days: str) -> Geodata:
    """The data with a row for each place, giving its cell to Azerbaijan on a day; underscores stand for hyphens."""
    pattern = next(change for change in data.changes if change.id == "war-2020")
    rows = [
        replace(
            pattern,
            id=f"w20-{name}",
            zone=f"cell:war-2020/{name}",
            date=day,
            best=pattern.best.fromisoformat(day),
            known=pattern.best.fromisoformat(day),
        )
        for name, day in ((key.replace("_", "-"), day) for key, day in days.items())
    ]
    return replace(data, changes=(*data.changes, *rows))


@pytest.fixture(scope="module")
def divided(toy_atlas) -> tuple[Geodata, Mosaic]:
    """The toy with a row of its own for each of the three seeds."""
    data = with_rows(toy_atlas.data, centre="2020-10-01", gate="2020-10-02", newtown_east="2020-10-03")
    return data, mosaic.build(data)


def boxes(faces: Mosaic, zone: str) -> float:
    """The area of a zone, in boxes."""
    return float(faces.area_m2[zone_mask(faces, zone)].sum()) / 1e6 / BOX


@pytest.mark.parametrize(("name", "expected"), [("gate", 1.875), ("centre", 1.75), ("newtown-east", 3.375)])
def test_each_place_gets_the_land_nearer_to_it(divided, name: str, expected: float) -> None:
    """Areas by hand; a degree of latitude is a little shorter than one of longitude, hence the tolerance."""
    assert boxes(divided[1], f"cell:war-2020/{name}") == pytest.approx(expected, rel=0.01)


def test_every_point_is_in_the_cell_of_its_nearest_seed(divided) -> None:
    """A thousand points at random, but those that a metre would move to another cell."""
    data, faces = divided
    division = cells.find_divisions(data, faces)[0]
    points = np.random.default_rng(1923).uniform((0, 0), (3, 3), (1000, 2))
    face = faces.locate(*points.T)[0]
    away = np.sort(cells.costs(division, points), axis=1)
    clear = (faces.cell[0, face] >= 0) & (away[:, 1] - away[:, 0] > 10)
    expected = division.group[cells.nearest_seed(division, points)]
    assert clear.sum() > 500
    assert (faces.cell[0, face[clear]] == expected[clear]).all()


def test_cells_tile_the_ground_and_leave_areas_alone(toy_atlas, divided) -> None:
    """Together they are the war's zone to the square metre; no drawn outline has another area than without cells."""
    _, faces = divided
    union = np.any([zone_mask(faces, f"cell:war-2020/{name}") for name in SEEDS], axis=0)
    assert (union == zone_mask(faces, "area:held-1994@1")).all()
    whole = toy_atlas.mosaic
    assert faces.face_count > whole.face_count
    assert (faces.member @ faces.area_m2 == whole.member @ whole.area_m2).all()
    assert shapely.coverage_is_valid(faces.polygons)
    assert shapely.is_valid(faces.polygons).all()


def test_a_snapshot_is_still_an_exact_partition(divided) -> None:
    """Every face has one holder on every day of the war, and the states keep their rounded areas."""
    from mapper.compose import compose

    data, faces = divided
    log = compile_log(faces, data.changes, data.wars)
    for day in (data.wars[0].from_, *(change.best for change in data.changes)):
        snapshot = compose(faces, log, day, known=data.span[1])
        assert (snapshot.row >= 0).all()
        assert snapshot.area_table().rows[0]["area_km2"] > 0
        assert sum(row["area_km2"] for row in snapshot.area_table().rows) == pytest.approx(faces.area_m2.sum() / 1e6)


@given(st.permutations(SEEDS))
@settings(max_examples=6, deadline=None)
def test_the_order_of_seeds_does_not_matter(divided, order: list[str]) -> None:
    """The same faces and cells from the places in any order."""
    data, faces = divided
    shuffled = replace(data, wars=(replace(data.wars[0], places=tuple(order)),), places=data.places[::-1])
    again = mosaic.build(shuffled)
    assert (again.area_m2 == faces.area_m2).all()
    assert (again.cell == faces.cell).all()
    assert again.grounds == faces.grounds


def test_places_of_one_history_share_a_cell(toy_atlas) -> None:
    """No row names gate and newtown-east: they are one cell; a row over two cells makes them one too."""
    data = with_rows(toy_atlas.data, centre="2020-10-01")
    faces = mosaic.build(data)
    assert faces.grounds == (Ground("war-2020", (("centre",), ("gate", "newtown-east"))),)
    assert boxes(faces, "cell:war-2020/gate") == pytest.approx(5.25, rel=0.01)
    assert boxes(faces, "cell:war-2020/gate - cell:war-2020/newtown-east") == 0
    row = replace(data.changes[-1], zone="cell:war-2020/gate | cell:war-2020/centre")
    faces = mosaic.build(replace(data, changes=(*data.changes[:-1], row)))
    assert faces.grounds[0].groups == (("centre", "gate"), ("newtown-east",))


def test_without_rows_nothing_is_cut(toy_atlas) -> None:
    """The toy as it is: one group, as many faces as its outlines make, all of them bases."""
    faces = toy_atlas.mosaic
    assert faces.grounds == (Ground("war-2020", (SEEDS,)),)
    assert (faces.base == np.arange(faces.face_count)).all()
    assert not faces.edge_parts_cells.any()
    assert (zone_mask(faces, "cell:war-2020/gate") == zone_mask(faces, "area:held-1994@1")).all()


def test_a_war_without_places_is_ground_only(toy_atlas) -> None:
    """It divides nothing; its cells cannot be named."""
    data = replace(toy_atlas.data, wars=(replace(toy_atlas.data.wars[0], places=()),))
    faces = mosaic.build(data)
    assert faces.grounds == ()
    assert faces.face_count == toy_atlas.mosaic.face_count
    with pytest.raises(ZoneError, match="there is no war 'war-2020' whose ground is divided; known are none"):
        zone_mask(faces, "cell:war-2020/gate")


def test_unknown_cells_say_what_is_known(toy_atlas) -> None:
    """A place that is no seed, and a war that is none."""
    with pytest.raises(ZoneError, match="'capital' is no seed of war-2020; add it to the places of that war"):
        zone_mask(toy_atlas.mosaic, "cell:war-2020/capital")
    with pytest.raises(ZoneError, match="no war 'war-1992' whose ground is divided; known are war-2020"):
        zone_mask(toy_atlas.mosaic, "cell:war-1992/gate")


def test_the_error_of_a_border_follows_from_the_distance_of_its_seeds(divided) -> None:
    """A uniform error over their distance; it reaches as far as seeds lie apart. Drawn lines keep their own."""
    _, faces = divided
    parts = faces.edge_parts_cells
    assert parts.any()
    assert set(faces.edge_method[parts]) == {METHODS.index("interpolated")}
    expected = [156_900 / 12**0.5, 222_600 / 12**0.5]  # a degree each way, and two degrees of longitude
    assert sorted(set(faces.edge_precision_m[parts])) == pytest.approx(expected, rel=0.01)
    assert faces.edge_correlation_m[parts] == pytest.approx(156_900, rel=0.01)
    contact = shapely.covers(shapely.LineString([(3, 0), (3, 3)]), faces.edges)
    assert faces.edge_length_m[contact].sum() == pytest.approx(331_730, rel=1e-4)
    assert set(faces.edge_precision_m[contact]) == {200.0}


def test_a_weight_widens_a_cell(toy_atlas) -> None:
    """Of two seeds two degrees apart the one of weight 3 leaves the other a disc about 0.75 degrees in radius."""
    data = with_rows(toy_atlas.data, gate="2020-10-01")
    war = replace(data.wars[0], places=("gate", "newtown-east"), weights={"newtown-east": 3.0})
    faces = mosaic.build(replace(data, wars=(war,)))
    gate = shapely.union_all(faces.polygons[zone_mask(faces, "cell:war-2020/gate")])
    disc = shapely.Point(0.25, 1.5).buffer(0.75, quad_segs=90)
    ground = shapely.union_all(faces.polygons[zone_mask(faces, "area:held-1994@1")])
    expected = geodesic_areas([shapely.intersection(disc, ground)])[0]
    assert geodesic_areas([gate])[0] == pytest.approx(expected, rel=0.05)
    assert shapely.coverage_is_valid(faces.polygons)


def test_a_ridge_makes_a_distance_longer() -> None:
    """A wall of 1 km between a point and one of two seeds counts; the same wall behind it does not."""
    metres = np.zeros((100, 100))
    metres[:, 55] = 1000.0
    heights = cells.Heights(metres, (0.0, 1.0), 0.01)
    division = cells.Division(
        Ground("war", (("east",), ("west",))),
        ("east", "west"),
        np.ones(1, bool),
        np.array([[0.6, 0.5], [0.4, 0.5]]),
        np.array([0, 1]),
        np.ones(2),
    )
    point = np.array([[0.52, 0.5]])
    plain, rough = cells.costs(division, point), cells.costs(division, point, heights)
    assert rough[0, 0] == pytest.approx(plain[0, 0] * (1 + cells.RISE_PER_KM))
    assert rough[0, 1] == plain[0, 1]
    assert plain[0, 0] < plain[0, 1] < rough[0, 0]


def test_pieces_too_small_go_to_their_neighbour(toy_atlas) -> None:
    """A seed 30 m from the edge of a box would have a strip of it beyond: the strip goes to what it borders on."""
    data = with_rows(toy_atlas.data, gate="2020-10-01", newtown_east="2020-10-02")
    places = [replace(place, lon=2.0 - 0.5) if place.id == "gate" else place for place in data.places]
    places = [replace(place, lon=2.5006) if place.id == "newtown-east" else place for place in places]
    war = replace(data.wars[0], places=("gate", "newtown-east"))
    faces = mosaic.build(replace(data, places=tuple(places), wars=(war,)))
    assert faces.cell[0, faces.locate(2.0001, 1.5)[0]] != faces.cell[0, faces.locate(1.9, 1.5)[0]]
    assert faces.area_m2.min() > 50_000
    slim = faces.area_m2 < 0.001 * BOX * 1e6
    assert not slim.any()


def test_connected_parts_are_numbered_by_their_lowest() -> None:
    """Two chains and one that stands alone."""
    assert components(6, np.array([5, 1, 2]), np.array([1, 3, 4])).tolist() == [0, 1, 2, 1, 2, 1]


def test_cells_in_expressions_are_found() -> None:
    """By every row that names them, however the expression is made."""
    zones = [("a", "cell:war/x | cell:war/y-1 - area:z@1"), ("b", "(cell:war/x)&district:d@e")]
    assert group_cells(zones) == {"war/x": ("a", "b"), "war/y-1": ("a",)}


# --- the cache ---------------------------------------------------------------------------------------------------


def add_rows(folder: Path, **days: str) -> None:
    """Rows for cells, appended to the table of changes."""
    line = "w20-{0},cell:war-2020/{0},azerbaijan,held,{1},{1},evidence,capture,artsakh,,,,{1},,high,,toy-chronicle,\n"
    with (folder / "changes.csv").open("a", encoding="utf-8") as target:
        target.writelines(line.format(name, day) for name, day in days.items())


def test_a_changed_date_builds_no_geometry(toy_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it keeps who shares a cell: then the mosaic comes from the cache."""
    add_rows(toy_folder, gate="2020-10-01", centre="2020-10-02")
    before = load(toy_folder)
    text = (toy_folder / "changes.csv").read_text()
    (toy_folder / "changes.csv").write_text(text.replace("2020-10-01", "2020-10-05"))

    def refuse(*_: object) -> None:
        pytest.fail("the geometry was built again")

    monkeypatch.setattr(mosaic, "cut", refuse)
    after = load(toy_folder)
    assert (after.mosaic.cell == before.mosaic.cell).all()
    face = after.place_face["gate"]
    assert str(before.snapshot("2020-10-03").controller[face]) == "azerbaijan"
    assert str(after.snapshot("2020-10-03").controller[face]) == "artsakh"


@pytest.mark.parametrize(
    ("name", "old", "new", "geometry"),
    [
        ("cells.json", '"note": "', '"note": "Now ', False),
        ("cells.json", "2020-09-27", "2020-09-28", False),
        ("cells.json", '"newtown-east"\n', '"newtown-east",\n    "capital"\n', True),
        ("cells.json", "area:held-1994@1", "area:left-2020@1", True),
        ("places.csv", ",0.5,1.5,", ",0.4,1.5,", True),
        ("places.csv", "Ворота", "Врата", False),
        ("changes.csv", "w20-gate,", "w20-door,", False),
        ("changes.csv", "cell:war-2020/gate", "cell:war-2020/gate | cell:war-2020/centre", True),
    ],
)
def test_what_the_geometry_depends_on(toy_folder: Path, name: str, old: str, new: str, geometry: bool) -> None:
    """Seeds, their positions, the ground and who shares a cell; nothing else of the tables."""
    add_rows(toy_folder, gate="2020-10-01")
    before = hash_folder(toy_folder)
    text = (toy_folder / name).read_text(encoding="utf-8")
    assert old in text
    (toy_folder / name).write_text(text.replace(old, new), encoding="utf-8")
    after = hash_folder(toy_folder)
    assert (after[0] != before[0]) is geometry
    assert after[1] != before[1]


@pytest.mark.parametrize("name", ["cells.json", "places.csv", "changes.csv"])
def test_broken_files_can_be_hashed(toy_folder: Path, name: str) -> None:
    """What is wrong with them is for the check to say."""
    before = hash_folder(toy_folder)
    (toy_folder / name).write_bytes(b'\xff"')
    after = hash_folder(toy_folder)
    assert after[0] != before[0]
    assert after[1] != before[1]
