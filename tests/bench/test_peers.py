"""Areas of one day and of every day since 1988, by district and controller: ours and other tools', the same areas."""

from __future__ import annotations

import itertools
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mapper.interval import DayRange
from mapper.parties import BUILT_IN
from tests.bench import peers, postgis
from tests.bench.conftest import ROUNDS
from tests.bench.peers import BY, FIRST, Areas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mapper import Atlas
    from mapper.series import Series
    from tests.bench.conftest import Clock
    from tests.bench.measured import Measured
    from tests.bench.peers import Drawn, Held

    Ints = NDArray[np.int64]

DAY = date(2020, 11, 10)
SAMPLE = 10  # dates from which what overlays take for all days is extrapolated
_PLANAR = 1e-9  # square degrees: what noding may move; all land is some 12


@pytest.fixture(scope="module")
def series(atlas: Atlas) -> Series:
    """Ours."""
    return atlas.series(DayRange(FIRST, atlas.span[1]), by=BY)


@pytest.fixture(scope="module")
def days(atlas: Atlas) -> Ints:
    """Ordinals of all days asked for."""
    return np.arange(FIRST.toordinal(), atlas.span[1].toordinal() + 1)


@pytest.fixture(scope="module")
def held(atlas: Atlas) -> Held:
    """The table that peers get."""
    return peers.make_held(atlas)


@pytest.fixture(scope="module")
def drawn(atlas: Atlas, measured: Measured, days: Ints) -> list[Drawn]:
    """The polygons that overlays get, of dates spread evenly over the change dates."""
    dates = [day for day in atlas.change_dates if day >= FIRST]
    chosen = np.linspace(0, len(dates) - 1, SAMPLE).round().astype(int)
    measured.words["days"] = str(len(days))
    return [peers.draw_day(atlas, dates[index]) for index in chosen.tolist()]


@pytest.fixture(scope="module")
def server(measured: Measured, held: Held, drawn: list[Drawn]) -> Iterator[Any]:
    """A connection to PostGIS that holds the tables."""
    try:
        with postgis.serve() as connection:
            version = connection.execute("SELECT current_setting('server_version'), postgis_lib_version()").fetchone()
            measured.words["PostGIS version"] = "PostgreSQL {}, PostGIS {}".format(*version)
            postgis.load_held(connection, held)
            postgis.load_drawn(connection, drawn)
            yield connection
    except postgis.MissingPostgisError as error:
        measured.words["PostGIS"] = str(error)
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def duck(measured: Measured, held: Held) -> Any:
    """DuckDB in memory that holds the table."""
    try:
        return peers.duckdb_connection(held)
    except ImportError:
        measured.words["DuckDB"] = "duckdb is not installed; pip install -e .[bench]"
        pytest.skip(measured.words["DuckDB"])


# --- ours ------------------------------------------------------------------------------------------------------------


def test_our_day_looked_up(clock: Clock, atlas: Atlas, series: Series) -> None:
    """A in a series that is already there, against the area table of the day's snapshot."""
    clock("A", series.on, DAY)
    rows = atlas.snapshot(DAY).area_table(BY, intervals=False).rows
    expected = {tuple(row[key] for key in BY): round(row["area_km2"] * 1e6) for row in rows}
    assert peers.series_areas(series, DAY) == expected


def test_our_day_from_runs(clock: Clock, atlas: Atlas, series: Series) -> None:
    """A from the runs of deciding rows, which are to us what the table of faces is to the others."""
    names, district = np.unique(atlas.snapshot(DAY).key("district"), return_inverse=True)
    runs = peers.find_runs(atlas.mosaic, atlas.log, atlas.span[1], district)
    found = clock("A from runs", runs.day, DAY)
    areas = peers.series_areas(series, DAY)
    wanted = [areas.get((name, held), 0) for name in names.tolist() for held in BUILT_IN.names]
    assert wanted[: len(found)] == found.tolist()


def test_our_day_from_the_log(clock: Clock, atlas: Atlas, series: Series) -> None:
    """A without a series: the log's rows are resolved and summed for that day alone."""
    found = clock("A from the log", lambda: atlas.series(DayRange(DAY, DAY), by=BY))
    assert peers.series_areas(found, DAY) == peers.series_areas(series, DAY)


def test_our_change_dates(clock: Clock, atlas: Atlas, series: Series) -> None:
    """B on change dates, from the log."""
    found = clock("B change dates", lambda: atlas.series(DayRange(FIRST, atlas.span[1]), by=BY))
    assert found.groups == series.groups
    assert (found.area_m2 == series.area_m2).all()


def test_our_days(clock: Clock, atlas: Atlas, series: Series, days: Ints) -> None:
    """B on every day, from the log."""
    found = clock("B", lambda: atlas.series(DayRange(FIRST, atlas.span[1]), by=BY).expanded(days))
    assert found.shape == (len(days), len(series.groups))
    assert (found.sum(axis=1) == atlas.mosaic.area_m2.sum()).all()


@pytest.mark.parametrize(("name", "intervals"), [("A DataFrame", False), ("A DataFrame, intervals", True)])
def test_our_day_as_a_frame(clock: Clock, atlas: Atlas, series: Series, name: str, intervals: bool) -> None:
    """A as a person asks for it, the snapshot composed anew."""
    frame = clock(name, lambda: atlas.snapshot(DAY).areas(BY, intervals=intervals))
    areas = zip(zip(*(frame[key] for key in BY), strict=True), frame["area_km2"], strict=True)
    assert {pair: round(area * 1e6) for pair, area in areas} == peers.series_areas(series, DAY)


def test_our_days_as_a_frame(clock: Clock, atlas: Atlas, series: Series, days: Ints) -> None:
    """B as a person asks for it: a row a day and group."""
    frame = clock("B DataFrame", lambda: atlas.timeline(FIRST, None, by=BY), rounds=ROUNDS)
    frame["m2"] = (frame["area_km2"] * 1e6).round()
    assert (peers.daily(frame, series, days) == series.expanded(days)).all()


# --- tables of our faces ---------------------------------------------------------------------------------------------


def test_pandas_day(clock: Clock, held: Held, series: Series) -> None:
    """A in pandas."""
    found = clock("pandas A", peers.pandas_day, held.frame, DAY)
    assert dict(found.items()) == peers.series_areas(series, DAY)


def test_pandas_daily(clock: Clock, atlas: Atlas, held: Held, series: Series, days: Ints) -> None:
    """B in pandas."""
    found = clock("pandas B", peers.pandas_daily, held.frame, atlas.span[1])
    assert (found[list(series.groups)].to_numpy() == series.expanded(days)).all()


def test_duckdb_day(clock: Clock, duck: Any, series: Series) -> None:
    """A in DuckDB."""
    found = clock("DuckDB A", lambda: duck.execute(peers.SQL_DAY, {"day": DAY}).fetchall())
    assert _areas(found) == peers.series_areas(series, DAY)


@pytest.mark.parametrize("way", ["join", "deltas"])
def test_duckdb_daily(clock: Clock, atlas: Atlas, duck: Any, series: Series, days: Ints, way: str) -> None:
    """B in DuckDB; only the number of rows and their sum leave it while the clock runs, which is to its favour."""
    query = {"join": peers.SQL_DAILY_JOIN, "deltas": peers.SQL_DAILY_DELTAS}[way]
    given = {"first": FIRST, "last": atlas.span[1]} if way == "join" else {"last": atlas.span[1]}
    clock(
        f"DuckDB B, {way}",
        lambda: duck.sql(query, params=given).aggregate("count(*), sum(m2)").fetchall(),
        rounds=ROUNDS,
    )
    assert (peers.daily(duck.execute(query, given).df(), series, days) == series.expanded(days)).all()


def test_postgis_day(clock: Clock, server: Any, series: Series) -> None:
    """A in PostGIS with our table of faces."""
    found = clock("PostGIS A", lambda: server.execute(postgis.SQL_DAY, {"day": DAY}).fetchall())
    assert _areas(found) == peers.series_areas(series, DAY)


@pytest.mark.parametrize("way", ["join", "deltas"])
def test_postgis_daily(clock: Clock, atlas: Atlas, server: Any, series: Series, days: Ints, way: str) -> None:
    """B in PostGIS with our table of faces; the rows stay in the server while the clock runs."""
    query = {"join": postgis.SQL_DAILY_JOIN, "deltas": postgis.SQL_DAILY_DELTAS}[way]
    clock(f"PostGIS B, {way}", postgis.summed, server, query, atlas.span[1], rounds=ROUNDS, warm=False)
    rows = server.execute(query, {"first": FIRST, "last": atlas.span[1]}).fetchall()
    frame = pd.DataFrame(rows, columns=["day", *BY, "m2"])
    assert (peers.daily(frame, series, days) == series.expanded(days)).all()


def _areas(rows: list[tuple[str, str, int]]) -> Areas:
    return {(district, controller): float(area) for district, controller, area in rows}


# --- overlays --------------------------------------------------------------------------------------------------------


def test_geopandas_overlay(clock: Clock, drawn: list[Drawn]) -> None:
    """A in geopandas by overlay and dissolve, the dates in turn."""
    turn = itertools.cycle(drawn)
    clock("geopandas overlay A", lambda: peers.overlay_day(next(turn)), rounds=SAMPLE)
    for item in drawn:
        assert peers.overlay_day(item) == pytest.approx(item.planar, abs=_PLANAR)


def test_postgis_overlay(clock: Clock, server: Any, drawn: list[Drawn]) -> None:
    """A in PostGIS by overlay and union, the dates in turn."""
    turn = itertools.cycle(drawn)
    clock("PostGIS overlay A", lambda: postgis.overlay_day(server, next(turn).day), rounds=SAMPLE)
    for item in drawn:
        assert postgis.overlay_day(server, item.day) == pytest.approx(item.planar, abs=_PLANAR)
