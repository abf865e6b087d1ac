"""The same two questions put to other tools: areas of one day by district and controller (A), and of every day (B).

All of them get one table made from our faces, ``Held``: the unbroken runs of one district and one controller on each
face, read off the snapshots of all change dates. Tools that overlay get the polygons of the districts and of the land
that each change decides on a date, as a folder of dated files would hold them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapper.parties import BUILT_IN
from mapper.spells import find_spells

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    from mapper import Atlas
    from mapper.changelog import ChangeLog
    from mapper.mosaic import Mosaic
    from mapper.series import Series
    from mapper.spells import Spells

    Ints = NDArray[np.int64]

BY = ["district", "controller"]
FIRST = date(1988, 1, 1)
Areas = dict[tuple[str, str], float]
"""Areas by district and controller, of one day."""


@dataclass(frozen=True)
class Held:
    """Who held each face from when to when; ``start`` counts, ``end`` does not. Ordinals, and whole square metres."""

    face: Ints
    district: NDArray[np.str_]
    controller: NDArray[np.str_]
    area_m2: Ints
    start: Ints
    end: Ints

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The table with days as timestamps, words as categories: what a user of pandas would make of it."""
        columns = {name: getattr(self, name) for name in ("face", "area_m2")}
        words = {name: pd.Categorical(getattr(self, name)) for name in BY}
        days = {name: to_timestamps(getattr(self, name)) for name in ("start", "end")}
        return pd.DataFrame(columns | words | days)


def to_timestamps(ordinals: Ints) -> NDArray[np.datetime64]:
    """Days as numpy's, in the unit of pandas."""
    return (ordinals - date(1970, 1, 1).toordinal()).astype("datetime64[D]").astype("datetime64[s]")


def make_held(atlas: Atlas) -> Held:
    """The table of all faces from 1988 to the last day of the data."""
    days = [day for day in atlas.change_dates if day > FIRST]
    snapshots = [atlas.snapshot(day) for day in (FIRST, *days)]
    pairs = [[found.key(name) for found in snapshots] for name in BY]
    bounds = np.array([day.toordinal() for day in (FIRST, *days)] + [atlas.span[1].toordinal() + 1])
    district, controller = (np.array(values).T for values in pairs)  # shape (faces, days)
    fresh = np.ones(district.shape, bool)
    fresh[:, 1:] = (district[:, 1:] != district[:, :-1]) | (controller[:, 1:] != controller[:, :-1])
    face, column = np.nonzero(fresh)
    last = np.append(face[1:] != face[:-1], True)
    end = np.where(last, len(snapshots), np.append(column[1:], 0))
    return Held(face, district[fresh], controller[fresh], atlas.mosaic.area_m2[face], bounds[column], bounds[end])


# --- our own ---------------------------------------------------------------------------------------------------------


def series_areas(series: Series, day: date) -> Areas:
    """A day of a series of ours."""
    return {group: float(area) for group, area in zip(series.groups, series.on(day).tolist(), strict=True) if area}


@dataclass(frozen=True)
class Runs:
    """What is ours and matches ``Held``: runs of one deciding row a face, with codes of districts and controllers."""

    spells: Spells
    controller: Ints
    ground: Ints
    area_m2: Ints

    def day(self, day: date) -> Ints:
        """A: whole square metres by district, then by controller."""
        row = self.spells.rows_on(day.toordinal(), len(self.ground))
        sums = np.bincount(self.ground * len(BUILT_IN.names) + self.controller[row], self.area_m2)
        return sums.astype(np.int64)


def find_runs(mosaic: Mosaic, log: ChangeLog, known: date, district: Ints) -> Runs:
    """The runs of a log, with a code of the district of each face."""
    controller = np.append(log.controller[log.row_change], log.parties.unknown)  # row -1 is the last one
    return Runs(find_spells(log, known=known), controller, district, mosaic.area_m2)


def daily(frame: pd.DataFrame, series: Series, days: Ints) -> Ints:
    """Shape (days, groups): a peer's rows of day, district, controller and m2 in the order of a series of ours."""
    place = {group: index for index, group in enumerate(series.groups)}
    found = np.zeros((len(days), len(place)), np.int64)
    column = [place[pair] for pair in zip(*(frame[name].astype(str) for name in BY), strict=True)]
    day = pd.to_datetime(frame["day"]).to_numpy().astype("datetime64[D]").astype(np.int64)
    found[day + date(1970, 1, 1).toordinal() - days[0], column] = frame["m2"].astype(np.int64)
    return found


# --- pandas ----------------------------------------------------------------------------------------------------------


def pandas_day(frame: pd.DataFrame, day: date) -> pd.Series:
    """A in pandas: the rows of the day, summed."""
    here = frame[(frame["start"] <= pd.Timestamp(day)) & (frame["end"] > pd.Timestamp(day))]
    return here.groupby(BY, observed=True)["area_m2"].sum()


def pandas_daily(frame: pd.DataFrame, last: date) -> pd.DataFrame:
    """B in pandas: what comes and goes by day, summed up, carried on to every day; a column a group."""
    gains = frame[[*BY, "area_m2"]].assign(day=frame["start"])
    losses = frame[[*BY]].assign(area_m2=-frame["area_m2"], day=frame["end"])
    moved = pd.concat([gains, losses]).groupby(["day", *BY], observed=True)["area_m2"].sum()
    running = moved.unstack(BY, fill_value=0).cumsum()
    return running.reindex(pd.date_range(FIRST, last, freq="D", unit="s"), method="ffill")


# --- DuckDB ----------------------------------------------------------------------------------------------------------

SQL_DAY = "SELECT district, controller, sum(area_m2) AS m2 FROM held WHERE first <= $day AND past > $day GROUP BY ALL"
SQL_DAILY_JOIN = """
    SELECT day, district, controller, sum(area_m2)::BIGINT AS m2
    FROM (SELECT unnest(generate_series($first::DATE, $last::DATE, INTERVAL 1 DAY))::DATE AS day)
    JOIN held ON first <= day AND past > day GROUP BY ALL"""
SQL_DAILY_DELTAS = """
    WITH moved AS (
        SELECT day, district, controller, sum(m2) AS m2 FROM (
            SELECT first AS day, district, controller, area_m2 AS m2 FROM held
            UNION ALL SELECT past, district, controller, -area_m2 FROM held) GROUP BY ALL),
    running AS (
        SELECT day, district, controller, sum(m2) OVER run AS m2, lead(day, 1, $last::DATE + 1) OVER run AS past
        FROM moved WINDOW run AS (PARTITION BY district, controller ORDER BY day))
    SELECT unnest(generate_series(day, past - 1, INTERVAL 1 DAY))::DATE AS day, district, controller, m2::BIGINT AS m2
    FROM running WHERE m2 > 0 AND day <= $last"""


def duckdb_connection(held: Held) -> duckdb.DuckDBPyConnection:
    """DuckDB in memory with the table."""
    import duckdb

    connection = duckdb.connect()
    frame = held.frame.rename(columns={"start": "first", "end": "past"})
    connection.register("given", frame)
    connection.execute(
        "CREATE TABLE held AS SELECT face::INT AS face, district::VARCHAR AS district, "
        "controller::VARCHAR AS controller, area_m2::BIGINT AS area_m2, first::DATE AS first, past::DATE AS past "
        "FROM given ORDER BY first"
    )
    return connection


# --- overlays of polygons --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """What dated files would hold: the districts of a day, and the land that each change decides, EPSG:4326."""

    day: date
    districts: gpd.GeoDataFrame
    control: gpd.GeoDataFrame
    planar: Areas
    """What the faces say, in square degrees."""


def draw_day(atlas: Atlas, day: date) -> Drawn:
    """The polygons of a day, dissolved from our faces."""
    found = atlas.snapshot(day)
    polygons, district, controller = found.mosaic.polygons, found.key("district"), found.controller
    planar = pd.Series(shapely.area(polygons)).groupby([district, controller]).sum()
    districts = _dissolved(polygons, {"district": district})
    control = _dissolved(polygons, {"controller": controller, "change": found.deciding_changes()})
    return Drawn(day, districts, control, {key: float(area) for key, area in planar.items()})


def _dissolved(polygons: NDArray[np.object_], columns: dict[str, NDArray[np.generic]]) -> gpd.GeoDataFrame:
    keys = pd.DataFrame(columns)
    groups = keys.groupby(list(columns)).indices.items()
    rows = [(*(key if isinstance(key, tuple) else (key,)), shapely.coverage_union_all(polygons[faces]))
            for key, faces in groups]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[*columns, "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")


def overlay_day(drawn: Drawn) -> Areas:
    """A in geopandas: overlay the districts with the land of each change, dissolve by district and controller."""
    pieces = drawn.districts.overlay(drawn.control, how="intersection", keep_geom_type=True)
    whole = pieces.dissolve(BY)
    return dict(zip(whole.index, shapely.area(whole.geometry.to_numpy()).tolist(), strict=True))
