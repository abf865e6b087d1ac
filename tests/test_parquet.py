"""The tables as Parquet: what they hold is what the record holds, and SQL over them gives our own answers."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from typer.testing import CliRunner

from mapper.cli import app
from mapper.parquet import SCHEMA, render_tables
from mapper.series import calendar_days, to_rows
from tests.conftest import GEODATA, TOY

if TYPE_CHECKING:
    from mapper import Atlas

BENCH = Path(__file__).parent / "bench"
DAYS = ["1985-01-01", "1992-01-01", "1992-10-01", "1994-05-12", "2005-01-01", "2020-11-10", "2020-12-02", "2023-10-01"]
BY = ["district", "controller"]


@pytest.fixture(scope="module")
def toy_tables(toy_atlas) -> dict[str, bytes]:
    """The files of the toy data."""
    return dict(render_tables(toy_atlas))


@pytest.fixture(scope="module")
def database(atlas, tmp_path_factory) -> duckdb.DuckDBPyConnection:
    """The files of the packaged data, read by DuckDB without any extension of it."""
    folder = tmp_path_factory.mktemp("tables")
    settings = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    connection = duckdb.connect(config=settings)
    for name, content in render_tables(atlas):
        (folder / f"{name}.parquet").write_bytes(content)
        connection.read_parquet(str(folder / f"{name}.parquet")).create_view(name)
    return connection


def read(content: bytes) -> Any:
    return pq.read_table(io.BytesIO(content))


# --- what the files hold -------------------------------------------------------------------------------------------


def test_every_column_is_as_the_schema_says(toy_atlas, toy_tables) -> None:
    """Names, types, what may be empty; each column brings its meaning and its unit, each file its credits."""
    assert list(toy_tables) == list(SCHEMA)
    for name, content in toy_tables.items():
        table = read(content)
        assert table.schema.names == [field.name for field in SCHEMA[name]]
        for field, column in zip(SCHEMA[name], table.schema, strict=True):
            assert column.metadata[b"description"].decode() == field.text
            assert column.metadata.get(b"unit", b"").decode() == field.unit
            assert column.nullable == field.nullable
            assert field.nullable or table.column(field.name).null_count == 0
        about = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
        assert about["data_version"] == "0.0.1"
        assert about["attribution"] == "© Toy Survey"
        assert about["span"] == "/".join(day.isoformat() for day in toy_atlas.span)
        assert about["licence"] == "CC BY 4.0"


def test_the_same_data_gives_the_same_bytes(toy_atlas, toy_tables) -> None:
    """Every file."""
    assert dict(render_tables(toy_atlas)) == toy_tables


def test_geometries_are_those_of_the_mosaic(toy_atlas, toy_tables) -> None:
    """Read by geopandas: longitude first, exteriors counter-clockwise, areas and lengths beside them."""
    mosaic = toy_atlas.mosaic
    faces, edges = (gpd.read_parquet(io.BytesIO(toy_tables[name])) for name in ("faces", "edges"))
    assert faces.crs == edges.crs == "EPSG:4326"
    assert shapely.equals(faces.geometry.to_numpy(), mosaic.polygons).all()
    assert shapely.is_ccw(shapely.get_exterior_ring(faces.geometry.to_numpy())).all()
    assert (faces["area_m2"].to_numpy() == mosaic.area_m2).all()
    assert shapely.equals(edges.geometry.to_numpy(), mosaic.edges).all()
    for number, side in enumerate(("face_one", "face_other")):
        expected = (mosaic.edge_left, mosaic.edge_right)[number]
        assert edges[side].fillna(-1).astype(int).tolist() == expected.tolist()
    assert edges["face_other"].isna().any()


def test_memberships_are_those_of_the_mosaic(toy_atlas, toy_tables) -> None:
    """A row for each version that a face lies in; outlines of divisions serve outside their years."""
    mosaic = toy_atlas.mosaic
    rows = read(toy_tables["memberships"]).to_pylist()
    found = {(row["face"], row["layer"], f"{row['feature']}/{row['version']}") for row in rows}
    member = zip(*np.nonzero(mosaic.member), strict=True)
    assert found == {(face, mosaic.versions[row].layer, mosaic.versions[row].id) for row, face in member}
    assert len(found) == len(rows)
    for day in (toy_atlas.span[0], date(2005, 1, 1), toy_atlas.span[1]):
        for division in toy_atlas.divisions:
            expected = toy_atlas.snapshot(day).district(division)
            district = {row["face"]: row["feature"] for row in rows if row["layer"] == division and is_used(row, day)}
            assert [district.get(face, "") for face in range(mosaic.face_count)] == expected.tolist()


def is_used(row: dict[str, Any], day: date) -> bool:
    """Whether an outline is the one that answers use on a day."""
    return (row["used_from"] or date.min) <= day < (row["used_to"] or date.max)


def test_changes_have_the_days_of_each_face(atlas) -> None:
    """After the rule of swept areas, beside the days that the change itself states."""
    rows = read(dict(render_without_areas(atlas))["changes"]).to_pylist()
    log = atlas.log
    assert [row["face"] for row in rows] == log.row_face.tolist()
    assert [row["best"].toordinal() for row in rows] == log.row_best.tolist()
    moved = [row for row in rows if row["best"] != row["stated_best"]]
    assert len(moved) == log.row_moved.sum() > 0
    assert all(row["earliest"] <= row["best"] <= row["latest"] for row in rows)
    ranks = {(row["face"], row["rank"]) for row in rows}
    assert len(ranks) == len(rows)
    assert all(rank == 0 or (face, rank - 1) in ranks for face, rank in ranks)


def render_without_areas(atlas: Atlas) -> list[tuple[str, bytes]]:
    """The first four tables; the last one takes seconds."""
    tables = render_tables(atlas)
    return [next(tables) for _ in range(4)]


def test_areas_are_ours_with_their_intervals(toy_atlas, toy_tables) -> None:
    """In every division on every change date, and runs of days cover the span."""
    rows = read(toy_tables["areas"]).to_pylist()
    starts = sorted({row["day_from"] for row in rows})
    ends = sorted({row["day_to"] for row in rows})
    assert starts == sorted({toy_atlas.span[0], *toy_atlas.change_dates})
    assert ends == [*(day - timedelta(days=1) for day in starts[1:]), toy_atlas.span[1]]
    total = toy_atlas.mosaic.area_m2.sum()
    for day in starts:
        for division in toy_atlas.divisions:
            own = [row for row in rows if (row["day_from"], row["division"]) == (day, division)]
            assert sum(row["area_m2"] for row in own) == total
            table = toy_atlas.snapshot(day).area_table([*BY, "sovereign", "status"], division=division)
            expected = {
                (row["district"], row["controller"], row["sovereign"], row["status"]): row for row in table.rows
            }
            assert len(own) == len(expected)
            for row in own:
                match = expected[row["district"], row["controller"], row["sovereign"], row["status"]]
                assert row["low_m2"] == match["low_km2"] * 1e6 <= row["area_m2"] <= row["high_m2"] + 1
    assert all(row["low_m2"] <= row["area_m2"] + 1 for row in rows)


def test_the_readme_names_every_table_and_column() -> None:
    """So that nobody has to open a file to know what it holds."""
    readme = (GEODATA.parent / "README.md").read_text()
    missing = [field.name for fields in SCHEMA.values() for field in fields if f"`{field.name}`" not in readme]
    missing += [name for name in SCHEMA if f"`{name}.parquet`" not in readme]
    assert missing == []


def test_the_command_writes_them_all(tmp_path: Path, toy_tables) -> None:
    """Into one folder; files that are there stay unless forced."""
    options = ["tables", "-o", str(tmp_path / "out"), "--data", str(TOY)]
    assert CliRunner().invoke(app, options).exit_code == 0
    assert {path.stem: path.read_bytes() for path in (tmp_path / "out").iterdir()} == toy_tables
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 1
    assert "--force" in result.stderr
    assert CliRunner().invoke(app, [*options, "--force"]).exit_code == 0


# --- SQL -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS)
def test_sql_gives_our_areas_of_a_day(atlas, database, day: str) -> None:
    """By district and controller, in every division, to the square metre."""
    query = (BENCH / "areas_on_a_day.sql").read_text()
    for division in atlas.divisions:
        table = atlas.snapshot(day).area_table(BY, division=division, intervals=False)
        asked = {"day": date.fromisoformat(day), "known": atlas.span[1], "division": division}
        expected = sorted((row["district"], row["controller"], round(row["area_km2"] * 1e6)) for row in table.rows)
        assert database.execute(query, asked).fetchall() == expected


def test_sql_follows_what_was_known(atlas, database) -> None:
    """Only what was public on a day counts."""
    day, known = date(2020, 11, 10), date(2020, 11, 8)
    query = (BENCH / "areas_on_a_day.sql").read_text()
    found = database.execute(query, {"day": day, "known": known, "division": "rayon"}).fetchall()
    table = atlas.snapshot(day, known=known).area_table(BY, intervals=False)
    assert found == sorted((row["district"], row["controller"], round(row["area_km2"] * 1e6)) for row in table.rows)
    assert found != database.execute(query, {"day": day, "known": atlas.span[1], "division": "rayon"}).fetchall()


@pytest.mark.parametrize("division", ["rayon", "nkr"])
def test_sql_gives_our_daily_series(atlas, database, division: str) -> None:
    """Every day from 1988 on, by district and controller, to the square metre."""
    period = atlas.period("1988", None)
    database.execute("CREATE OR REPLACE TABLE days (day DATE)")
    every_day = "INSERT INTO days SELECT CAST(unnest(generate_series($first, $last, INTERVAL 1 DAY)) AS DATE)"
    ends = {"first": period.first, "last": period.last}
    database.execute(every_day, ends)
    query = (BENCH / "daily_areas.sql").read_text()
    found = database.execute(query, {**ends, "known": atlas.span[1], "division": division}).fetchall()
    rows = to_rows(atlas.series(period, by=BY, division=division), calendar_days(period, "D"))
    assert len(found) == len(rows) > 100_000
    expected = [(row["day"], row["district"], row["controller"], round(row["area_km2"] * 1e6)) for row in rows]
    assert found == expected
