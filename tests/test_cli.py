"""The command line as a person uses it: output, messages, exit codes, files."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from mapper.cli import app
from tests.conftest import TOY

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def run(*arguments: str, data: bool = True) -> Result:
    """A command on the toy data."""
    return CliRunner().invoke(app, [*arguments, *(["--data", str(TOY)] if data else [])])


def json_rows(*arguments: str) -> list[dict]:
    """The rows that a command prints as JSON."""
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)["rows"]


def test_area_prints_a_table(toy_atlas) -> None:
    """Title with date, one line a controller, unit, method, credits."""
    result = run("area", "2020-12-02")
    assert result.exit_code == 0
    for text in ("Area on 2020-12-02", "km2", "russian-peacekeepers", "WGS 84 ellipsoid", "CC BY 4.0", "© Toy Survey"):
        assert text in result.stdout


def test_area_equals_the_api(toy_atlas) -> None:
    """JSON and CSV carry the same numbers as Snapshot.areas, to the square metre."""
    frame = toy_atlas.snapshot("2020-12-02").areas(by=["sovereign", "controller", "district"], division="soviet")
    options = ["area", "2020-12-02", "--by", "sovereign,controller,district", "--division", "soviet"]
    expected = [round(value, 6) for value in frame["area_km2"]]
    assert [row["area_km2"] for row in json_rows(*options)] == expected
    rows = list(csv.DictReader(io.StringIO(run(*options, "--format", "csv").stdout)))
    assert [float(row["area_km2"]) for row in rows] == expected
    assert rows[0]["date"] == "2020-12-02"
    assert rows[0]["data_version"] == "0.0.1"
    assert rows[0]["attribution"] == "© Toy Survey"
    assert rows[0]["division"] == "soviet"


def test_area_carries_its_interval(toy_atlas) -> None:
    """Low and high beside each area, to 3 decimals in JSON; people see all three rounded alike; parts on request."""
    plain = toy_atlas.snapshot("2020-11-15").area_table(parts=True)
    rows = json_rows("area", "2020-11-15", "--parts")
    assert [row["low_km2"] for row in rows] == [round(row["low_km2"], 3) for row in plain.rows]
    assert [row["lines_km2"] for row in rows] == [round(row["lines_km2"], 3) for row in plain.rows]
    shown = run("area", "2020-11-15").stdout
    assert "high, km2" in shown
    assert "widened by 1.96 sigma" in shown
    assert "correlated" in run("area", "2020-11-15", "--parts").stdout
    drawn = json_rows("area", "2020-11-15", "--method", "montecarlo", "-n", "200", "--seed", "4")
    assert all(row["low_km2"] <= row["area_km2"] <= row["high_km2"] for row in drawn)
    assert drawn == json_rows("area", "2020-11-15", "--method", "montecarlo", "-n", "200", "--seed", "4")
    assert "95 % of 200 draws" in run("area", "2020-11-15", "--method", "montecarlo", "-n", "200").stdout
    assert run("area", "2020", "--parts").exit_code == 1
    (row, *_) = json_rows("area", "2020")
    assert row["least_low_km2"] <= row["least_km2"] <= row["most_km2"] <= row["most_high_km2"]


def test_district_areas_name_their_division() -> None:
    """An area by district is never printed without its scheme."""
    assert "division 'soviet'" in run("area", "2020-12-02", "--by", "district", "--division", "soviet").stdout


def test_a_year_gives_least_and_most(toy_atlas) -> None:
    """With the days they fall on."""
    rows = {row["controller"]: row for row in json_rows("area", "2020")}
    assert rows["artsakh"]["most_on"] == "2020-01-01"
    assert rows["artsakh"]["least_on"] == "2020-12-01"
    assert rows["artsakh"]["least_km2"] < rows["artsakh"]["most_km2"]


def test_occupied(toy_atlas) -> None:
    """The symmetric measure by rows."""
    rows = json_rows("area", "2020-12-02", "--occupied")
    assert {row["measure"] for row in rows} == {"occupied", "neutral"}
    assert run("area", "2020", "--occupied").exit_code == 1


def test_occupied_within_a_file(tmp_path: Path) -> None:
    """Only the land inside; other keys are refused, not ignored."""
    import geopandas as gpd
    import shapely

    path = tmp_path / "mine.geojson"
    gpd.GeoDataFrame(geometry=[shapely.box(2, 2, 4, 3)], crs="EPSG:4326").to_file(path)
    (row,) = json_rows("area", "2005-01-01", "--occupied", "--within", str(path))
    assert row["area_km2"] == pytest.approx(12_290, rel=0.001)
    assert row["share"] == pytest.approx(0.5, rel=0.001)
    assert run("area", "2005-01-01", "--occupied", "--by", "district").exit_code == 1
    gpd.GeoDataFrame(geometry=[shapely.box(40, 2, 41, 3)], crs="EPSG:4326").to_file(path)
    result = run("area", "2005-01-01", "--within", str(path))
    assert result.exit_code == 1
    assert "no land of either state lies inside" in result.stderr


def test_extremes_follow_the_mode() -> None:
    """In February 1992 the oblast is unknown from the first on, as far as is certain."""
    rows = {row["controller"]: row for row in json_rows("area", "1992", "--mode", "certain")}
    assert rows["unknown"]["most_on"] == "1992-02-01"
    assert rows["unknown"]["least_on"] == "1992-01-01"


@pytest.mark.parametrize(
    "arguments",
    [["who", "gate"], ["who", "gate", "2000-01-01"], ["dates"], ["figures"], ["area", "2000-01-01"], ["area", "2000"]],
)
def test_csv_columns_are_unique(arguments: list[str]) -> None:
    """No column hides another."""
    header = run(*arguments, "--format", "csv").stdout.splitlines()[0].split(",")
    assert len(header) == len(set(header))


def test_a_history_takes_no_options_of_a_day() -> None:
    """They would be ignored."""
    result = run("who", "gate", "--known", "2000-01-01")
    assert result.exit_code == 1
    assert "give a DATE" in result.stderr


def test_force_replaces_files_only(tmp_path: Path) -> None:
    """A named pipe is refused; of a link the file it names is replaced."""
    import os

    pipe = tmp_path / "pipe.geojson"
    os.mkfifo(pipe)
    assert run("export", "2020-12-02", "-o", str(pipe), "--force").exit_code == 1
    assert pipe.is_fifo()
    real, link = tmp_path / "real.geojson", tmp_path / "link.geojson"
    real.write_text("old")
    link.symlink_to(real)
    assert run("export", "2020-12-02", "-o", str(link), "--force").exit_code == 0
    assert link.is_symlink()
    assert real.read_text() != "old"


def test_names_too_long_are_messages(tmp_path: Path) -> None:
    """The system's own words, without a traceback."""
    result = run("export", "2020-12-02", "-o", str(tmp_path / ("x" * 300 + ".geojson")))
    assert result.exit_code == 1
    assert "Error:" in result.stderr
    assert "Traceback" not in result.stderr


def test_area_within_a_file(tmp_path: Path) -> None:
    """Only the land inside."""
    import geopandas as gpd
    import shapely

    path = tmp_path / "mine.geojson"
    gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4326").to_file(path)
    rows = json_rows("area", "2000-01-01", "--within", str(path))
    assert [row["controller"] for row in rows] == ["azerbaijan"]
    assert 12_300 < rows[0]["area_km2"] < 12_310


def test_who_on_a_day() -> None:
    """Controller, since when, by which sources, who else is admissible."""
    (row,) = json_rows("who", "Qapı", "2020-11-20")
    assert row["place"] == "Gate"
    assert (row["controller"], row["since"], row["sources"]) == ("artsakh", "1993-04-03", "toy-chronicle")
    assert row["admissible"] == "artsakh;russian-peacekeepers"


def test_who_at_a_point() -> None:
    """Longitude first; outside is an error."""
    assert json_rows("who", "3.5,3.5", "2000-01-01")[0]["controller"] == "azerbaijan"
    result = run("who", "50,3.5")
    assert result.exit_code == 1
    assert "outside Azerbaijan and Armenia" in result.stderr


def test_a_history_says_which_account_was_dropped() -> None:
    """Shosh was announced on 9 November 2020 and never held; gate has no such row, and no column for it."""
    told = run("who", "shosh", data=False)
    assert "2020-11-20" in told.stdout
    assert "known to: the day the account was publicly dropped" in told.stdout
    assert "known to" not in run("who", "gate").stdout


def test_who_without_a_day_is_the_whole_history() -> None:
    """Every change with its sources, alternatives marked."""
    rows = json_rows("who", "newtown-east")
    assert [row["change"] for row in rows][:2] == ["soviet-start", "azerbaijan-1992"]
    alternatives = {row["change"]: row["account"] for row in rows if row["account"]}
    assert alternatives == {"east-1993": "armenia", "east-1993-azerbaijan": "azerbaijan (not the default)"}
    assert all(row["sources"] for row in rows)


def test_homonyms_are_listed_not_guessed() -> None:
    """With their districts; the id chooses."""
    result = run("who", "Newtown", "2000-01-01")
    assert result.exit_code == 1
    assert "2 places are called 'Newtown'" in result.stderr
    assert "newtown-east: village in south" in result.stderr
    assert "newtown-west: village in north" in result.stderr


def test_dates_lists_changes() -> None:
    """Every change date with what happened."""
    rows = json_rows("dates")
    assert {"date": "1993-04-03", "changes": "held-1993"} in rows


def test_conform_reports_and_writes_only_when_told(toy_folder: Path, tmp_path: Path) -> None:
    """A box a hundred metres off its neighbours falls onto their corners; every move is listed."""
    folder = tmp_path / "areas"
    folder.mkdir()
    off = folder / "new.geojson"
    text = (toy_folder / "corridors" / "lachin.geojson").read_text().replace("lachin/1", "new/1")
    off.write_text(text.replace("[1, 2]", "[1.001, 2.001]"))
    arguments = ["conform", str(off), "--data", str(toy_folder)]
    result = run(*arguments, data=False)
    assert result.exit_code == 0, result.stderr
    assert "1 moves" in result.stdout
    assert "new/1" in result.stdout
    assert not (toy_folder / "areas" / "new.geojson").exists()
    assert run(*arguments, "--write", data=False).exit_code == 0
    assert "[1, 2]" in (toy_folder / "areas" / "new.geojson").read_text()
    refused = run(*arguments, "--limit", "10", data=False)
    assert refused.exit_code == 1
    assert "new/1" in refused.stderr
    assert run("conform", str(tmp_path / "none.geojson"), "--data", str(toy_folder), data=False).exit_code == 1


def test_conform_without_a_file_nodes_the_folder(toy_folder: Path) -> None:
    """Nothing is left to do in the toy; a tolerance below zero is a usage error."""
    result = run("conform", "--data", str(toy_folder), data=False)
    assert result.exit_code == 0
    assert "would write nothing" in result.stdout
    assert run("conform", "--tolerance=-5", data=False).exit_code == 2
    assert run("conform", "--tolerance=nan", str(toy_folder / "shapes" / "karki.geojson"), data=False).exit_code != 0


def test_figures_stand_beside_ours(toy_atlas) -> None:
    """Published, ours with its interval, the difference as a share, verdict and why; one by its id."""
    (row,) = json_rows("figures")
    assert row["published_value"] == 49500
    assert row["value"] == pytest.approx(4 * 12_300, rel=0.001)
    assert row["low"] < row["value"] < row["high"]
    assert row["difference"] == pytest.approx(row["value"] / 49500 - 1, abs=1e-4)
    assert row["verdict"] == "disagrees"
    assert row["why"] == "Ours is 1% less, and our interval does not reach what is published."
    assert "within-range: overlaps" in run("figures", "oblast-area").stdout
    assert "mapper figures lists them" in run("figures", "nothing").stderr


def test_settlements_are_counted(toy_atlas) -> None:
    """By holder and district, with the scheme named."""
    rows = json_rows("settlements", "2000-01-01", "--by", "controller,district", "--division", "soviet")
    assert sum(row["settlements"] for row in rows) == 5
    shown = run("settlements", "2000-01-01").stdout
    assert "Settlements on 2000-01-01" in shown
    assert "not all there are" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["area", "2020-11-31"], "'2020-11-31' is not a date"),
        (["area", "yesterday"], "write a day (2020-11-10), a month (2020-11) or a year (2020)"),
        (["area", "1949-01-01"], "1950-01-01 to 2025-12-31"),
        (["area", "1900"], "1950-01-01 to 2025-12-31"),
        (["map", "2020-11"], "ask for one day"),
        (["map", "2020-11-10", "-o", "map.gif"], "a map is written as .html, .png or .svg"),
        (["who", "Centr"], "did you mean Centre?"),
        (["area", "2000-01-01", "--by", "colour"], "choose from controller"),
        (["area", "2000-01-01", "--division", "okrug"], "choose from soviet, rayon"),
        (["area", "2000-01-01", "--within", "no.geojson"], "no.geojson cannot be read"),
        (["area", "2000-01-01", "--account", "nobody"], "choose from armenia, azerbaijan"),
        (["area", "2000-01-01", "--known", "1900-01-01"], "1950-01-01 to 2025-12-31"),
    ],
)
def test_errors_are_messages(arguments: list[str], message: str) -> None:
    """One message on standard error, exit code 1, no traceback, nothing on standard output."""
    result = run(*arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("arguments", [["area"], ["nonsense"], ["area", "2020", "--mode", "often"], ["map", "--by"]])
def test_usage_errors_exit_with_2(arguments: list[str]) -> None:
    """Wrong use is told from wrong input."""
    assert run(*arguments, data=False).exit_code == 2


def test_a_folder_that_is_none() -> None:
    """--data of a folder without data."""
    result = run("area", "2020-01-01", "--data", "/nonexistent", data=False)
    assert result.exit_code == 1
    assert "is no data folder" in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["map", "2020-12-02", "-o", "{}.html"],
        ["map", "2020-12-02", "-o", "{}.png"],
        ["map", "2020-12-02", "-o", "{}.svg"],
        ["export", "2020-12-02", "-o", "{}.geojson"],
        ["export", "2020-12-02", "-o", "{}.gpkg", "--format", "gpkg"],
        ["export", "2020-12-02", "-o", "{}.tif", "--format", "geotiff"],
    ],
)
def test_outputs_are_written_whole_and_never_over_another(tmp_path: Path, command: list[str]) -> None:
    """A new file is written, an existing one refused unless forced, and no other file is left behind."""
    arguments = [part.format(tmp_path / "out") for part in command]
    target = tmp_path / arguments[3].rsplit("/", maxsplit=1)[1]
    assert run(*arguments).exit_code == 0
    first = target.read_bytes()
    assert first
    result = run(*arguments)
    assert result.exit_code == 1
    assert "exists already" in result.stderr
    assert run(*arguments, "--force").exit_code == 0
    assert target.read_bytes() == first
    assert list(tmp_path.iterdir()) == [target]


def test_unwritable_output(tmp_path: Path) -> None:
    """A folder that is a file, and a target that is a folder."""
    (tmp_path / "file").write_text("")
    for target, message in ((tmp_path / "file" / "x.html", "cannot be written"), (tmp_path, "ending")):
        result = run("map", "2020-12-02", "-o", str(target))
        assert result.exit_code == 1
        assert message in result.stderr
    folder = tmp_path / "folder.html"
    folder.mkdir()
    assert "is a folder" in run("map", "2020-12-02", "-o", str(folder)).stderr


def test_default_output_path(tmp_path: Path, monkeypatch) -> None:
    """output/<kind>/<date>.<ending> below the current folder."""
    monkeypatch.chdir(tmp_path)
    assert run("export", "2020-12-02").exit_code == 0
    assert (tmp_path / "output" / "geojson" / "2020-12-02.geojson").is_file()


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_the_warm_path_imports_neither_pandas_nor_shapely(toy_atlas) -> None:
    """Commands that print a table, from the cache, looked at in sys.modules of a fresh process."""
    commands = [["area", "2020-12-02", "--by", "controller,district"], ["dates"], ["who", "gate"], ["area", "2020"]]
    commands += [["diff", "2020-09-26", "2020-12-02"], ["explain", "2020-12-02", "gate"], ["assertions"]]
    commands += [["road", "lachin"], ["road", "lachin", "2022-12-31"]]
    for command in commands:
        code = (
            "import sys; from typer.testing import CliRunner; from mapper.cli import app\n"
            f"result = CliRunner().invoke(app, {[*command, '--data', str(TOY)]!r})\n"
            "assert result.exit_code == 0, result.output\n"
            "heavy = {'pandas', 'shapely', 'geopandas', 'pydantic', 'folium', 'matplotlib', 'rasterio', 'pyproj'}\n"
            "heavy |= {'dask', 'distributed', 'pyarrow'}\n"
            "print(sorted(heavy & set(sys.modules)))"
        )
        assert python(code).strip() == "[]", command


def test_help_imports_nothing_heavy() -> None:
    """Not even numpy."""
    code = (
        "import sys; from typer.testing import CliRunner; from mapper.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        "print(sorted({'numpy', 'pandas', 'shapely', 'dask', 'pyarrow'} & set(sys.modules)))"
    )
    assert python(code).strip() == "[]"


def test_version_names_code_data_and_as_of() -> None:
    """In one line."""
    result = run("--version", data=False)
    assert result.exit_code == 0
    assert result.stdout.startswith("mapper ")
    assert "data " in result.stdout
    assert "as of " in result.stdout


def test_every_command_and_field_is_documented() -> None:
    """Each command stands in README.md, each column of each table in geodata/README.md."""
    from dataclasses import fields

    import typer

    from mapper import geodata
    from tests.conftest import GEODATA

    readme = (GEODATA.parent / "README.md").read_text()
    missing = [name for name in typer.main.get_command(app).commands if f"mapper {name}" not in readme]
    assert missing == []
    data_readme = (GEODATA / "README.md").read_text()
    columns = {geodata.column_name(f.name) for kind, _ in geodata.TABLES.values() for f in fields(kind)}
    assert sorted(column for column in columns if f"`{column}`" not in data_readme) == []
