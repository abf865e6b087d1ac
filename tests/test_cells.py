"""Cells: the ground of a war divided among places, on the toy's one-degree boxes.

The toy's war has three seeds at (0.5, 1.5), (1.5, 2.5) and (2.5, 1.5) on seven boxes; by hand the borders meet at
(1.5, 1.5) and run to (1.5, 0), (1, 2) and (3, 3), so that the cells have 1.875, 1.75 and 3.375 boxes.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from mapper import cells, mosaic
from mapper.area import geodesic_areas
from mapper.atlas import load
from mapper.changelog import ChangeLog, compile_log
from mapper.cli import app
from mapper.compose import compose
from mapper.difference import find_differences
from mapper.drawing import draw
from mapper.errors import OutputError, ZoneError
from mapper.explanation import explain
from mapper.fingerprint import hash_folder
from mapper.geodata import Geodata
from mapper.grid import components
from mapper.language import format_number, word
from mapper.leaveout import leave_out
from mapper.notes import interpolated_wars, map_notes
from mapper.records import METHODS
from mapper.relief import read_heights
from mapper.timeline import change_dates
from mapper.webmap import render_html
from mapper.zones import Ground, group_cells, zone_mask
from tests.conftest import TOY
from tests.test_sweep import FIRST, SPAN, STEP, around, lattice, row_of, taken

if TYPE_CHECKING:
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


# --- what people see ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy's folder with gate and newtown-east taken a month before the rest of the ground."""
    folder = Path(shutil.copytree(TOY, tmp_path_factory.mktemp("dated") / "toy"))
    add_rows(folder, **{"gate": "2020-10-01", "newtown-east": "2020-10-02"})
    return folder


def run(folder: Path, *arguments: str) -> str:
    """What a command prints."""
    done = CliRunner().invoke(app, [*arguments, "--data", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_prints_the_errors_of_the_wars(dated: Path) -> None:
    """Two of three seeds are dated; each falls to the centre, which nobody took before the last day."""
    rows = list(csv.DictReader(io.StringIO(run(dated, "cells", "--format", "csv"))))
    assert [(row["war"], row["seeds"], row["dated"], row["distance"]) for row in rows] == [
        ("war-2020", "3", "2", "plain")
    ]
    assert rows[0]["days"] == "3"
    assert "with ridges" in run(dated, "cells").lower()


def test_the_command_prints_the_seeds_of_a_war(dated: Path) -> None:
    """With their rows, and where they would fall."""
    rows = {
        row["place"]: row for row in csv.DictReader(io.StringIO(run(dated, "cells", "war-2020", "--format", "csv")))
    }
    assert rows["gate"]["rows"] == "w20-gate"
    assert rows["gate"]["best"] == "2020-10-01"
    assert rows["centre"]["rows"] == rows["centre"]["falls_to"] == ""
    assert rows["newtown-east"]["falls_to"] in {"centre", "gate"}
    done = CliRunner().invoke(app, ["cells", "war-1992", "--data", str(dated)])
    assert done.exit_code == 1
    assert "there is no war 'war-1992'; choose from war-2020" in done.stderr


def test_interpolated_lines_are_drawn_and_said_to_be(dated: Path) -> None:
    """On 15 October the line between gate's cell and the centre's is dashed; before the war there is none."""
    atlas = load(dated)
    snapshot = atlas.snapshot("2020-10-15")
    assert interpolated_wars(snapshot) == ("war-2020",)
    lines = draw(snapshot).lines
    dashed = lines["interpolated"]
    assert shapely.covers(dashed.buffer(0.01), shapely.LineString([(1.45, 1.54), (1.05, 1.94)]))
    assert not shapely.intersects(dashed, lines["front"].buffer(-0.001))
    left = shapely.union_all([piece.geometry for piece in draw(snapshot).pieces if piece.controller == "artsakh"])
    assert lines["front"].length + dashed.length == pytest.approx(left.boundary.length)
    for lang, words in (("en", "too few here (2)"), ("az", "azdır (2)"), ("hy", "քիչ են (2)"), ("ru", "мало (2)")):
        assert words in map_notes(snapshot, lang)[0]
        assert words in render_html(snapshot, lang=lang)
        assert word("interpolated", lang) in render_html(snapshot, lang=lang)
    assert "interpolated" not in draw(atlas.snapshot("2020-09-26")).lines
    assert map_notes(atlas.snapshot("2020-09-26"), "en") == list(atlas.snapshot("2020-09-26").gaps())
    assert map_notes(atlas.snapshot("2020-10-15", view="recognised"), "en") == list(snapshot.gaps())


def test_the_printed_error_is_the_measured_one(dated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The note's share and distance are those of the leave-one-out run at the build; of two places none is printed."""
    atlas = load(dated)
    error = atlas.leave_out["war-2020"]
    again, _ = leave_out(atlas.mosaic, atlas.log, atlas.wars["war-2020"], atlas.places)
    assert error == again
    assert "%" not in map_notes(atlas.snapshot("2020-10-15"), "en")[0]
    monkeypatch.setattr("mapper.notes.MIN_DATED", 2)
    note = map_notes(atlas.snapshot("2020-10-15"), "en")[0]
    assert f"{format_number(100 * error.share, 'en')} % of them" in note
    assert f"more than {format_number(error.median_km, 'en')} km" in note
    for lang, words in (("en", "left out in turn"), ("az", "növbə ilə"), ("hy", "մեկ առ մեկ"), ("ru", "по одному")):
        assert words in map_notes(atlas.snapshot("2020-10-15"), lang)[0]


@pytest.mark.parametrize(
    ("day", "wars"),
    [
        ("1992-07-05", ("war-1992",)),
        ("2020-10-17", ("war-2020",)),
        ("2020-11-09", ()),
        ("2022-09-01", ("kept-2020",)),
    ],
)
def test_only_the_war_that_draws_a_line_is_spoken_of(day: str, wars: tuple[str, ...], atlas) -> None:
    """Cells of other wars have borders on the same land; they draw nothing that day."""
    assert interpolated_wars(atlas.snapshot(day)) == wars


def test_swept_ground_says_so() -> None:
    """explain and its steps carry the days of the face and with what it was swept."""
    inside = {(2, 2), (3, 2)}
    log, _ = taken(dict.fromkeys(around(inside), 5) | dict.fromkeys(inside, 9))
    face = int(lattice().locate(2.5 * STEP, 2.5 * STEP)[0])
    snapshot = compose(lattice(), log, FIRST + timedelta(6), known=FIRST + timedelta(99))
    step = explain(snapshot, face).steps[-1]
    assert (step.change.id, step.outcome, step.best) == ("w22", "decides", FIRST + timedelta(5))
    assert step.moved == log.moved_by(row_of(log, "w22")) != ""
    assert change_dates(lattice(), log) == (SPAN[0], SPAN[0] + timedelta(1), *days_of(log))
    before = compose(lattice(), log, FIRST + timedelta(4), known=FIRST + timedelta(99))
    told = {change.id for item in find_differences(before, snapshot, by=()) for change in item.changes}
    assert told == {f"w{x}{y}" for x, y in inside | around(inside)}


def days_of(log: ChangeLog) -> list[date]:
    """The days of the war on which something changes, sorted."""
    return sorted({date.fromordinal(day) for day in log.row_best.tolist() if day >= FIRST.toordinal()})


def test_the_sources_of_a_war_are_on_its_map(dated: Path) -> None:
    """As soon as a cell decides; a bare composition knows only those of rows and outlines."""
    atlas = load(dated)
    text = (dated / "cells.json").read_text()
    assert '"toy-survey"' in text
    snapshot = atlas.snapshot("2020-10-15")
    assert "toy-survey" in snapshot.source_ids()
    bare = compose(atlas.mosaic, atlas.log, snapshot.day, known=atlas.span[1])
    assert set(bare.source_ids()) <= set(snapshot.source_ids())


def test_people_read_what_was_moved(dated: Path) -> None:
    """Where nothing was moved the column is empty, and days are the rows' own."""
    history = json.loads(run(dated, "who", "gate", "--format", "json"))["rows"]
    assert {row["moved"] for row in history} == {""}
    steps = json.loads(run(dated, "explain", "2020-10-20", "gate", "--format", "json"))["rows"]
    assert [row["best"] for row in steps if row["outcome"] == "DECIDES"] == ["2020-10-01"]
    assert json.loads(run(dated, "who", "gate", "2020-10-20", "--format", "json"))["rows"][0]["moved"] == ""
    dates = {row["date"]: row["changes"] for row in json.loads(run(dated, "dates", "--format", "json"))["rows"]}
    assert dates["2020-10-01"] == "w20-gate"


def test_a_broken_elevation_grid_is_named(tmp_path: Path) -> None:
    """Its file, and what to do."""
    path = tmp_path / "elevation.tif"
    path.write_text("none")
    with pytest.raises(OutputError, match=r"elevation.tif cannot be read as an elevation grid"):
        read_heights(path)


def test_the_elevation_grid_is_read_where_it_lies(atlas) -> None:
    """Heights in metres: Lake Sevan near 1,900 m, the Araks at Horadiz low, the summit of Aragats high."""
    heights = read_heights(atlas.base_path("elevation.tif"))
    sevan, araks, aragats = heights.at(np.array([[45.3, 40.35], [47.2, 39.4], [44.2, 40.52]]))
    assert 1850 < sevan < 1950
    assert 50 < araks < 350
    assert aragats > 3000
