"""Dated polygons of others become a data folder that composes to what they say."""

from __future__ import annotations

import itertools
import json
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import mapper
from mapper.cli import app
from mapper.dailies import Reading, open_source
from mapper.errors import DataError, MapperError
from mapper.geodata import read
from mapper.importing import About, Report, import_days
from mapper.style import map_class
from tests.conftest import TOY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mapper import Atlas

FIRST = date(2022, 3, 1)
TOLERANCE = 50.0
BOX_KM2 = 12_309  # one degree square at the equator
NORTH, SOUTH = shapely.box(0, 1, 2, 2), shapely.box(0, 0, 2, 1)


def write_day(folder: Path, day: date, held: Mapping[str, shapely.Geometry]) -> Path:
    """A GeoJSON file of one day."""
    features = [
        {"type": "Feature", "properties": {"holder": name}, "geometry": json.loads(shapely.to_geojson(shape))}
        for name, shape in held.items()
        if not shape.is_empty
    ]
    path = folder / f"{day}.geojson"
    folder.mkdir(exist_ok=True)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def imported(source: Path, target: Path, **options: Any) -> tuple[Atlas, Report]:
    """The atlas and the report of an import."""
    report = import_days(open_source(source, Reading(**options), TOLERANCE), target, About("Days of others"))
    return mapper.load(target), report


def areas(atlas: Atlas, day: str | date) -> dict[str, float]:
    """Area by controller, in boxes."""
    table = atlas.snapshot(day).area_table(intervals=False)
    return {row["controller"]: round(row["area_km2"] / BOX_KM2, 2) for row in table.rows}


@pytest.fixture
def days(tmp_path: Path) -> Path:
    """North holds two boxes of four, takes the south-western one on the third day, and gives it up on the fifth."""
    folder = tmp_path / "days"
    taken = shapely.box(0, 0, 1, 1)
    more = {"North": NORTH.union(taken), "South": SOUTH.difference(taken)}
    write_day(folder, FIRST, {"North": NORTH, "South": SOUTH})
    write_day(folder, date(2022, 3, 2), {"North": NORTH, "South": SOUTH})
    write_day(folder, date(2022, 3, 3), more)
    write_day(folder, date(2022, 3, 5), {"North": NORTH, "South": SOUTH.difference(taken)})
    return folder


def test_days_become_a_log_of_changes(days: Path, tmp_path: Path) -> None:
    """Areas by head; a day that repeats the one before is no change; a day that is left out widens the date."""
    atlas, report = imported(days, tmp_path / "out")
    assert areas(atlas, "2022-03-02") == {"north": 2, "south": 2}
    assert areas(atlas, "2022-03-03") == {"north": 3, "south": 1}
    assert areas(atlas, "2022-03-05") == {"north": 2, "south": 1, "unknown": 1}
    assert [(row.id, row.kind, row.date, row.from_) for row in atlas.log.changes] == [
        ("north-2022-03-01", "start", "2022-03-01", ()),
        ("south-2022-03-01", "start", "2022-03-01", ()),
        ("north-2022-03-03", "observed", "2022-03-03", ("south",)),
        ("unknown-2022-03-05", "observed", "2022-03-04/2022-03-05", ("north",)),
    ]
    assert atlas.mosaic.face_count == report.faces == 3
    assert max(item.error_km2 for item in report.accounts) < 1e-3


def test_holders_are_the_datas_own(days: Path, tmp_path: Path) -> None:
    """Each holder has its name, a side of its own, and a look of its own."""
    atlas, _ = imported(days, tmp_path / "out")
    parties = atlas.log.parties
    assert parties.names == ("north", "south", "unknown")
    assert parties.side == {"north": "north", "south": "south", "unknown": None}
    looks = [map_class(name, parties) for name in parties.names]
    assert [look.label["en"] for look in looks] == ["North", "South", "Not known"]
    assert len({(look.colour, look.pattern) for look in looks}) == 3
    with pytest.raises(MapperError, match="unknown class of control 'artsakh'; known are north"):
        map_class("artsakh", parties)


@pytest.mark.parametrize(
    "command",
    [
        "area 2022-03-03",
        "area 2022-03 --by side",
        "timeline --freq change",
        "who 0.5,0.5",
        "who 0.5,0.5 2022-03-03",
        "explain 2022-03-05 0.5,0.5",
        "diff 2022-03-01 2022-03-05",
        "dates",
        "check",
        "fmt --check",
        "sources",
        "map 2022-03-05 -o map.html",
        "map 2022-03-05 -o map.svg",
        "export 2022-03-05 -o state.geojson",
        "export 2022-03-05 --format geotiff -o state.tif",
        "timeline --format png -o chart.png",
        "page -o page.html",
        "page --static -o static.html",
        "site public",
        "cite 2022-03-03",
        "stats",
        "frames 2022-03 2022-03 -o frames",
        "tables -o tables",
    ],
)
def test_every_command_reads_it(days: Path, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A foreign folder works with each command as our own does."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    made = runner.invoke(app, ["import", str(days), "-o", "out"], catch_exceptions=False)
    assert made.exit_code == 0, made.output
    result = runner.invoke(app, [*command.split(), "--data", "out"], catch_exceptions=False)
    assert result.exit_code == 0, result.output


def test_the_report_is_a_table_for_programs(days: Path, tmp_path: Path) -> None:
    """A row a day and holder, with the area error."""
    result = CliRunner().invoke(app, ["import", str(days), "-o", str(tmp_path / "out"), "--format", "json"])
    rows = json.loads(result.stdout)["rows"]
    assert [(row["date"], row["holder"]) for row in rows[:3]] == [
        ("2022-03-01", "north"),
        ("2022-03-01", "south"),
        ("2022-03-02", "north"),
    ]
    assert all(row["error_km2"] == pytest.approx(abs(row["imported_km2"] - row["composed_km2"])) for row in rows)
    assert "4 days, 4 changes, 3 faces" in result.stderr


def test_lines_within_the_tolerance_become_one(tmp_path: Path) -> None:
    """Corners that lie 20 m off from day to day and from holder to holder leave no sliver."""
    rng = np.random.default_rng(1)

    def shaken(shape: shapely.Geometry) -> shapely.Geometry:
        fine = shapely.segmentize(shape, 0.25)
        return shapely.transform(
            fine, lambda xy: xy + np.vstack([s := rng.uniform(-1e-4, 1e-4, (len(xy) - 1, 2)), s[:1]])
        )

    for number in range(6):
        day = FIRST + timedelta(number)
        write_day(tmp_path / "days", day, {"North": shaken(NORTH), "South": shaken(SOUTH)})
    atlas, report = imported(tmp_path / "days", tmp_path / "out")
    assert atlas.mosaic.face_count == 2
    assert report.changes == 2
    assert 5 < max(item.longest_m for item in report.accounts) <= TOLERANCE
    assert 0 < max(item.error_km2 for item in report.accounts) < 800 * 0.02  # perimeter times how far it is off


def test_gaps_and_overlaps_are_reported(tmp_path: Path) -> None:
    """A strip of 0.01 degrees given to both counts for the first; land enclosed by both is of nobody."""
    south = shapely.box(0, 0, 2, 1.01).difference(shapely.box(0.5, 0.25, 1.5, 0.75))
    write_day(tmp_path / "days", FIRST, {"North": NORTH, "South": south})
    atlas, report = imported(tmp_path / "days", tmp_path / "out")
    north, other = report.accounts
    assert north.overlap_km2 == other.overlap_km2 == pytest.approx(0.02 * BOX_KM2, rel=0.01)
    assert north.gap_km2 == pytest.approx(0.5 * BOX_KM2, rel=0.01)
    assert other.error_km2 == pytest.approx(0.02 * BOX_KM2, rel=0.01)
    assert areas(atlas, FIRST) == {"north": 2, "south": 1.5}


HOLDERS = ("A", "B", "C", "")
WIDE, HIGH = 3, 2


@settings(deadline=None, max_examples=12)
@given(
    st.lists(st.lists(st.sampled_from(HOLDERS), min_size=WIDE * HIGH, max_size=WIDE * HIGH), min_size=1, max_size=4),
    st.lists(st.tuples(st.floats(0.01, WIDE - 0.01), st.floats(0.01, HIGH - 0.01)), min_size=5, max_size=5),
)
def test_composing_gives_back_each_holder(grids: list[list[str]], points: list[tuple[float, float]]) -> None:
    """Whoever holds a point in the file of a day holds it in the snapshot of the day."""
    boxes = [shapely.box(x, y, x + 1, y + 1) for x, y in itertools.product(range(WIDE), range(HIGH))]
    grids = [grid for grid in grids if any(grid)] or [["A"] * len(boxes)]
    near_line = [abs(x - round(x)) < 1e-3 or abs(y - round(y)) < 1e-3 for x, y in points]
    with TemporaryDirectory() as name:
        folder = Path(name)
        for number, grid in enumerate(grids):
            held = {
                holder: shapely.union_all([box for box, who in zip(boxes, grid, strict=True) if who == holder])
                for holder in HOLDERS[:-1]
            }
            write_day(folder / "days", FIRST + timedelta(number), held)
        atlas, _ = imported(folder / "days", folder / "out")
        for number, grid in enumerate(grids):
            snapshot = atlas.snapshot(FIRST + timedelta(number))
            found = snapshot.locate(*np.array(points).T)["controller"].tolist()
            for (x, y), controller, skipped in zip(points, found, near_line, strict=True):
                expected = grid[int(x) * HIGH + int(y)].lower()
                assert skipped or ((controller in {"a", "b", "c"} and controller) or "") == expected


def test_our_own_data_survive_the_way_out_and_in(toy_atlas: Atlas, tmp_path: Path) -> None:
    """Each change date exported and all of them imported: the same areas on every one of them."""
    (tmp_path / "days").mkdir()
    for day in toy_atlas.change_dates:
        toy_atlas.snapshot(day).to_file(tmp_path / "days" / f"{day}.geojson", "geojson")
    atlas, report = imported(tmp_path / "days", tmp_path / "out", holder="controller")
    for day in toy_atlas.change_dates:
        ours = toy_atlas.snapshot(day).area_table(intervals=False).rows
        theirs = {row["controller"]: row["area_km2"] for row in atlas.snapshot(day).area_table(intervals=False).rows}
        assert theirs == pytest.approx({row["controller"]: row["area_km2"] for row in ours}, rel=1e-6)
    assert max(item.error_km2 for item in report.accounts) < 0.1
    assert read(tmp_path / "out").parties.names[:2] != read(TOY).parties.names[:2]


def test_a_table_of_states_with_columns_from_and_to(tmp_path: Path) -> None:
    """Two states of two boxes; one box goes over in 1920; from and to may be years."""
    rows = [
        ("Old Realm", 1900, 1919, shapely.box(0, 0, 2, 1)),
        ("Old Realm", 1920, None, shapely.box(0, 0, 1, 1)),
        ("New Realm", 1900, 1919, shapely.box(2, 0, 4, 1)),
        ("New Realm", 1920, None, shapely.box(1, 0, 4, 1)),
    ]
    frame = gpd.GeoDataFrame(
        {"state": [row[0] for row in rows], "begin": [row[1] for row in rows], "end": [row[2] for row in rows]},
        geometry=[row[3] for row in rows],
        crs="EPSG:4326",
    ).to_crs("EPSG:3395")
    frame.to_file(tmp_path / "states.gpkg")
    atlas, _ = imported(
        tmp_path / "states.gpkg", tmp_path / "out", holder="state", from_="begin", to="end", inclusive=True
    )
    assert atlas.span == (date(1900, 1, 1), date(1920, 1, 1))
    assert areas(atlas, "1919-12-31") == {"old-realm": 2, "new-realm": 2}
    assert areas(atlas, "1920-01-01") == {"new-realm": 3, "old-realm": 1}


def test_a_folder_that_is_there_stays(days: Path, tmp_path: Path) -> None:
    """Nothing is replaced unasked, and never a folder of other things."""
    imported(days, tmp_path / "out")
    source = open_source(days, Reading(), TOLERANCE)
    with pytest.raises(MapperError, match="exists already"):
        import_days(source, tmp_path / "out", About("Again"))
    assert import_days(source, tmp_path / "out", About("Again"), overwrite=True).days == 4
    with pytest.raises(MapperError, match="holds other things"):
        import_days(source, days, About("Again"), overwrite=True)


# --- what is refused ---------------------------------------------------------------------------------------------

BOW = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "invalid": (lambda f: write_day(f, FIRST, {"A": BOW}), r"feature 1: is not valid \(Self-intersection"),
    "overlap": (
        lambda f: write_day(f, FIRST, {"A": shapely.box(0, 0, 1, 1), "A ": shapely.box(0.5, 0, 1.5, 1)}),
        r"polygons 1 and 2 of A overlap by 6\d{3}\.\d+ km2",
    ),
    "no date": (lambda f: write_day(f, FIRST, {"A": NORTH}).rename(f / "day.geojson"), "names no day"),
    "no such date": (
        lambda f: write_day(f, FIRST, {"A": NORTH}).rename(f / "2022-02-30.geojson"),
        "'2022-02-30' is not a date",
    ),
    "date twice": (
        lambda f: [
            write_day(f, FIRST, {"A": NORTH}).rename(f / "20220301.geojson"),
            write_day(f, FIRST, {"A": NORTH}),
        ],
        "is of 2022-03-01, as 2022-03-01.geojson is|is of 2022-03-01, as 20220301.geojson is",
    ),
    "empty": (lambda f: write_day(f, FIRST, {}), "holds no polygon"),
    "no holder": (lambda f: write_day(f, FIRST, {"": NORTH}), "says nothing in the column holder"),
    "no polygon": (lambda f: write_day(f, FIRST, {"A": shapely.Point(1, 1)}), "is a Point, expected a polygon"),
    "swapped": (
        lambda f: (
            [write_day(f, FIRST + timedelta(n), {"A": shapely.box(46, 39, 47, 40)}) for n in range(3)]
            + [write_day(f, FIRST + timedelta(3), {"A": shapely.box(39, 46, 40, 47)})]
        ),
        r"2022-03-04\.geojson: lies apart from the others and among them once swapped",
    ),
    "off the earth": (
        lambda f: write_day(f, FIRST, {"A": shapely.box(0, 100, 1, 101)}),
        "is not longitude, latitude in degrees; latitude and longitude look swapped",
    ),
    "metres": (
        lambda f: write_day(f, FIRST, {"A": shapely.box(5e5, 4e6, 6e5, 5e6)}),
        "is not longitude, latitude in degrees; declare its coordinate reference system",
    ),
    "no json": (lambda f: (f / "2022-03-01.geojson").write_text("{"), "cannot be read as a vector file"),
    "no crs": (
        lambda f: [
            gpd.GeoDataFrame({"holder": ["A"]}, geometry=[NORTH], crs="EPSG:4326").to_file(f / "2022-03-01.shp"),
            (f / "2022-03-01.prj").unlink(),
        ],
        "does not say its coordinate reference system",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_broken_days_are_refused(name: str, tmp_path: Path) -> None:
    """Each fault is named with its file; nothing is imported."""
    breaks, message = FAULTS[name]
    breaks(tmp_path)
    with pytest.raises(DataError, match=message):
        open_source(tmp_path, Reading(), TOLERANCE)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    """Three broken files, three findings."""
    write_day(tmp_path, FIRST, {"A": BOW})
    write_day(tmp_path, date(2022, 3, 2), {})
    write_day(tmp_path, date(2022, 3, 3), {"": NORTH})
    with pytest.raises(DataError) as raised:
        open_source(tmp_path, Reading(), TOLERANCE)
    assert [item.file for item in raised.value.findings] == [f"2022-03-0{n}.geojson" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("begins", "ends", "message"),
    [
        ("1920-01-01", "1919-01-01", "from 1920-01-01 lies after or on to 1919-01-01"),
        ("", "1919-01-01", "says nothing in the column from"),
        ("lately", "1919-01-01", "from: 'lately' is not a date"),
    ],
)
def test_broken_rows_of_a_table_are_refused(tmp_path: Path, begins: str, ends: str, message: str) -> None:
    """Days that are missing, unreadable or the wrong way round."""
    frame = gpd.GeoDataFrame({"holder": ["A"], "from": [begins], "to": [ends]}, geometry=[NORTH], crs="EPSG:4326")
    frame.to_file(tmp_path / "table.geojson")
    with pytest.raises(DataError, match=message):
        open_source(tmp_path / "table.geojson", Reading(), TOLERANCE)


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ({}, "'controllers' is no list"),
        ([{"id": "north"}, {"id": "north"}], "the controller is listed twice"),
        ([{"id": "north", "colour": "red"}], "colour: got 'red', expected #rrggbb"),
        ([{"id": "north", "colour": "#aabbcc"}], "controller: got 'azerbaijan', expected one of north, unknown"),
    ],
)
def test_broken_lists_of_controllers_are_found(toy_folder: Path, listed: Any, message: str) -> None:
    """A list that is none, a double, a colour that is none, and rows whose controller is not listed."""
    path = toy_folder / "layers.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "controllers": listed}), encoding="utf-8")
    with pytest.raises(DataError) as raised:
        mapper.load(toy_folder)
    assert any(message in str(finding) for finding in raised.value.findings)


def test_the_article_page_of_foreign_land_names_its_own_parties(days: Path, tmp_path: Path) -> None:
    """Neither this conflict's name nor its holders stand on it."""
    from mapper.article import make_article

    atlas, _ = imported(days, tmp_path / "out")
    article = make_article(atlas)
    words, style = (article.to_json()[key] for key in ("words", "style"))
    labels = {map_class(name, atlas.log.parties).label["en"] for name in atlas.log.parties.names}
    assert {words["en"][f"short-{name}"] for name in style["controllers"] if name != "unknown"} <= labels
    assert "Nagorno-Karabakh" not in article.to_html().partition('<script type="application/json"')[0]
