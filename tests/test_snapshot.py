"""Snapshots: the toy by hand, random logs against a naive replay, invariants."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mapper.area import geodesic_areas
from mapper.compose import compose
from mapper.errors import DateError, MapperError
from mapper.parties import BUILT_IN
from tests.strategies import days, logs

BOX = 12_300  # km2 of a one-degree box near the equator, to 0.2 %


def boxes_of(atlas, day: str, **options) -> dict[str, int]:
    """Controllers and how many one-degree boxes each holds."""
    frame = atlas.snapshot(day, **options).areas(by=["controller"])
    return {row.controller: round(row.area_km2 / BOX) for row in frame.itertuples()}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("1989-12-31", {"soviet-union": 28}),
        ("1990-01-19", {"soviet-union": 27, "armenia": 1}),
        ("1992-01-01", {"azerbaijan": 16, "armenia": 12}),
        ("1992-02-29", {"azerbaijan": 16, "armenia": 12}),
        ("1992-03-01", {"azerbaijan": 12, "armenia": 12, "artsakh": 4}),
        ("1993-04-03", {"azerbaijan": 9, "armenia": 12, "artsakh": 7}),
        ("2020-11-10", {"azerbaijan": 12, "armenia": 12, "artsakh": 4}),
        ("2020-11-25", {"azerbaijan": 13, "armenia": 12, "artsakh": 3}),
        ("2020-12-01", {"azerbaijan": 13, "armenia": 12, "artsakh": 2, "russian-peacekeepers": 1}),
        ("2022-08-26", {"azerbaijan": 14, "armenia": 12, "artsakh": 2}),
        ("2023-09-20", {"azerbaijan": 16, "armenia": 12}),
    ],
)
def test_the_new_controller_holds_on_the_day(toy_atlas, day: str, expected: dict[str, int]) -> None:
    """Counted in boxes; on a change date the new state holds."""
    assert boxes_of(toy_atlas, day) == expected


def test_modes_read_an_uncertain_day_three_ways(toy_atlas) -> None:
    """In the window of oblast-1992 the oblast is unknown, still Azerbaijani or already taken, by mode."""
    day = "1992-02-15"
    assert boxes_of(toy_atlas, day, mode="best")["azerbaijan"] == 16
    assert boxes_of(toy_atlas, day, mode="certain") == {"azerbaijan": 12, "armenia": 12, "unknown": 4}
    assert boxes_of(toy_atlas, day, mode="possible") == {"azerbaijan": 12, "armenia": 12, "artsakh": 4}
    snapshot = toy_atlas.snapshot(day)
    face = toy_atlas.place_face["centre"]
    assert snapshot.admissible_names(face) == ("azerbaijan", "artsakh")


def test_known_hides_what_was_not_public(toy_atlas) -> None:
    """oblast-1992 became public on 15 May 1992; the rumour of 2024 counted for a month."""
    assert boxes_of(toy_atlas, "1992-03-01", known="1992-05-14") == {"azerbaijan": 16, "armenia": 12}
    assert boxes_of(toy_atlas, "1992-03-01", known="1992-05-15")["artsakh"] == 4
    assert boxes_of(toy_atlas, "2024-05-15", known="2024-05-15") == {"azerbaijan": 17, "armenia": 11}
    assert boxes_of(toy_atlas, "2024-05-15") == {"azerbaijan": 16, "armenia": 12}


def test_accounts_choose_between_alternatives(toy_atlas) -> None:
    """By default the east is Armenian-held and contested; by Azerbaijan's account it was retaken."""
    assert boxes_of(toy_atlas, "1993-07-01")["artsakh"] == 7
    assert boxes_of(toy_atlas, "1993-07-01", account="azerbaijan")["artsakh"] == 5
    statuses = toy_atlas.snapshot("1993-07-01").areas(by=["controller", "status"])
    contested = statuses[statuses["status"] == "contested"]
    assert round(contested["area_km2"].sum() / BOX) == 2


def test_area_table_has_keys_as_columns(toy_atlas) -> None:
    """Keys, area_km2 and share; shares sum to one."""
    frame = toy_atlas.snapshot("2020-12-02").areas(by=["sovereign", "controller", "district"], division="soviet")
    assert list(frame.columns) == ["sovereign", "controller", "district", "area_km2", "low_km2", "high_km2", "share"]
    assert isinstance(frame.index, pd.RangeIndex)
    assert frame["share"].sum() == pytest.approx(1)


def test_division_keeps_its_outline_outside_its_years(toy_atlas) -> None:
    """The soviet division ended in 1993 and is asked for in 2020; the rayon one begins in 1993 and is asked in 1960."""
    late = toy_atlas.snapshot("2020-01-01").areas(by=["district"], division="soviet")
    early = toy_atlas.snapshot("1960-01-01").areas(by=["district"], division="rayon")
    assert set(late["district"]) == {"west", "east", "rest-of-armenia"}
    assert set(early["district"]) == {"south", "north", "province"}


def test_oblast_key_stays_in_use(toy_atlas) -> None:
    """The oblast's four boxes can be asked for after its end."""
    frame = toy_atlas.snapshot("2010-01-01").areas(by=["oblast"])
    assert {row.oblast: round(row.area_km2 / BOX) for row in frame.itertuples()} == {"nkao": 4, "outside": 24}


def test_occupied_is_symmetric_with_neutral_apart(toy_atlas) -> None:
    """Each direction has its own rows; peacekeepers are neutral; before sovereignty the measure is undefined."""
    frame = toy_atlas.snapshot("2020-12-02").occupied()
    rows = {(row.measure, row.sovereign, row.controller): round(row.area_km2 / BOX) for row in frame.itertuples()}
    assert rows == {
        ("occupied", "azerbaijan", "artsakh"): 2,
        ("occupied", "azerbaijan", "armenia"): 1,
        ("neutral", "azerbaijan", "russian-peacekeepers"): 1,
    }
    assert set(toy_atlas.snapshot("1960-01-01").occupied()["measure"]) == {"undefined"}
    unknown = toy_atlas.snapshot("1992-02-15", mode="certain").occupied()
    assert "unknown" in set(unknown["measure"])
    assert toy_atlas.snapshot("2025-01-01").occupied()["area_km2"].sum() == pytest.approx(BOX, rel=0.01)


def test_within_counts_only_the_land_inside(toy_atlas, tmp_path) -> None:
    """Half a box each side of the border, as a polygon and as a file in another CRS."""
    import geopandas as gpd

    polygon = shapely.box(2.5, 2, 3.5, 3)
    snapshot = toy_atlas.snapshot("2000-01-01")
    frame = snapshot.areas(by=["controller"], within=polygon)
    areas = dict(zip(frame["controller"], frame["area_km2"], strict=True))
    half = geodesic_areas([shapely.box(2.5, 2, 3, 3)])[0] / 1e6
    assert areas == {"artsakh": pytest.approx(half, rel=1e-9), "azerbaijan": pytest.approx(half, rel=1e-9)}
    path = tmp_path / "mine.gpkg"
    gpd.GeoDataFrame(geometry=[shapely.segmentize(polygon, 0.01)], crs="EPSG:4326").to_crs("EPSG:32638").to_file(path)
    again = snapshot.areas(by=["controller"], within=path)
    assert again["area_km2"].sum() == pytest.approx(2 * half, rel=1e-6)


def test_within_refuses_what_is_no_polygon(toy_atlas, tmp_path) -> None:
    """A missing file, a file without CRS, a line, a polygon that crosses itself."""
    import geopandas as gpd

    snapshot = toy_atlas.snapshot("2000-01-01")
    nowhere, broken = tmp_path / "nowhere.gpkg", tmp_path / "broken.geojson"
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)]).to_file(nowhere)
    bowtie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    line = tmp_path / "line.geojson"
    gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])], crs="EPSG:4326").to_file(line)
    gpd.GeoDataFrame(geometry=[bowtie], crs="EPSG:4326").to_file(broken)
    for within, message in [
        (nowhere, "no coordinate reference system"),
        (broken, "feature 0 is not a valid polygon"),
        (tmp_path / "none.geojson", "cannot be read"),
        (line, "expected polygons"),
        (bowtie, "not a valid polygon"),
    ]:
        with pytest.raises(MapperError, match=message):
            snapshot.areas(within=within)


def test_locate_answers_every_kind_of_point(toy_atlas) -> None:
    """Inside, on a line, outside, NaN; arrays of any length, also none."""
    snapshot = toy_atlas.snapshot("2020-12-02")
    frame = snapshot.locate([0.5, 1.0, 50.0, float("nan"), 4.0], [1.5, 1.5, 1.5, 1.0, 1.0])
    assert list(frame.columns) == ["controller", "sovereign", "status", "district", "since", "sources", "position"]
    assert list(frame["position"]) == ["inside", "on-line", "outside", "missing", "on-line"]
    first = frame.iloc[0]
    assert (first.controller, first.sovereign, first.status) == ("russian-peacekeepers", "azerbaijan", "held")
    assert (first.district, first.since, first.sources) == ("south", date(2020, 12, 1), ("toy-chronicle",))
    assert frame.iloc[1]["controller"] in {"russian-peacekeepers", "azerbaijan"}
    assert frame.iloc[2].drop("position").isna().all()
    assert frame.iloc[3].drop("position").isna().all()
    assert len(snapshot.locate([], [])) == 0
    assert len(snapshot.locate(np.zeros(1000), np.full(1000, 2.0))) == 1000


def test_since_is_the_start_of_the_unbroken_run(toy_atlas) -> None:
    """A change of status does not end a run of one controller."""
    frame = toy_atlas.snapshot("2020-11-12").locate([1.5, 2.5], [0.5, 2.5])
    assert list(frame["since"]) == [date(1993, 4, 3), date(1992, 3, 1)]


@pytest.mark.parametrize("text", ["1949-12-31", "2026-01-01"])
def test_a_day_outside_the_span_states_the_span(toy_atlas, text: str) -> None:
    """Both ends are named."""
    with pytest.raises(DateError, match="1950-01-01 to 2025-12-31"):
        toy_atlas.snapshot(text)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "probable"}, "no mode 'probable'"),
        ({"view": "hoped-for"}, "no view 'hoped-for'; choose from de-facto, recognised, claimed"),
        ({"account": "nobody"}, "no account 'nobody'; choose from armenia, azerbaijan, narrow, wide"),
    ],
)
def test_unknown_options_list_the_choices(toy_atlas, options: dict[str, str], message: str) -> None:
    """An unknown mode, view or account."""
    with pytest.raises(MapperError, match=message):
        toy_atlas.snapshot("2020-01-01", **options)


def test_unknown_keys_and_divisions_list_the_choices(toy_atlas) -> None:
    """An unknown key or division of an area table."""
    with pytest.raises(MapperError, match="choose from controller"):
        toy_atlas.snapshot("2020-01-01").areas(by=["colour"])
    with pytest.raises(MapperError, match="choose from soviet, rayon"):
        toy_atlas.snapshot("2020-01-01").areas(by=["district"], division="okrug")


def test_recognised_view_colours_by_sovereign(toy_atlas) -> None:
    """Classes are the two states."""
    snapshot = toy_atlas.snapshot("2000-01-01", view="recognised")
    assert set(snapshot.map_class.tolist()) == {"azerbaijan", "armenia"}
    assert "artsakh" in set(snapshot.controller.tolist())


def test_units_tile_the_land(toy_atlas) -> None:
    """Dissolved units are disjoint and sum to the faces, and name what decided them."""
    snapshot = toy_atlas.snapshot("2020-11-10")
    units = snapshot.units()
    assert units["area_km2"].sum() == pytest.approx(toy_atlas.mosaic.area_m2.sum() / 1e6)
    assert shapely.coverage_is_valid(units.geometry.to_numpy())
    agreed = units[units["class_key"] == "artsakh/to-be-transferred"].iloc[0]
    assert (agreed["change"], agreed["kind"], agreed["since"]) == ("west-agreed-2020", "agreement", date(1993, 4, 3))


def test_faces_as_geodataframe(toy_atlas) -> None:
    """One row a face, each division a column."""
    frame = toy_atlas.snapshot("2020-11-10").to_geodataframe()
    assert len(frame) == toy_atlas.mosaic.face_count
    assert {"controller", "district_soviet", "district_rayon", "since", "area_km2"} <= set(frame.columns)
    assert frame.crs == "EPSG:4326"


def test_credits_come_from_the_sources_on_the_map(toy_atlas) -> None:
    """Sources of deciding changes and of the outlines they use; their credits; gaps of the day."""
    snapshot = toy_atlas.snapshot("1992-03-01")
    assert snapshot.source_ids() == ("toy-chronicle", "toy-gazette", "toy-survey")
    assert toy_atlas.snapshot("1960-01-01").source_ids() == ("toy-chronicle", "toy-survey")
    assert snapshot.attribution() == "© Toy Survey"
    assert snapshot.gaps() == ()
    assert toy_atlas.snapshot("2022-01-01").gaps() == ("Heights are not in this edition.",)


def test_change_dates_are_the_only_days_of_change(toy_atlas) -> None:
    """Every day of the crowded years equals the day before, unless it is a change date."""
    dates = set(toy_atlas.change_dates)
    day, before = date(1990, 1, 1), None
    while day < date(1995, 1, 1):
        snapshot = toy_atlas.snapshot(day)
        state = (snapshot.controller.tolist(), snapshot.status.tolist(), snapshot.sovereign.tolist())
        assert before is None or day in dates or state == before, day
        day, before = day + timedelta(1), state


def naive(log, faces: int, day: date, known: date, mode: str, account: str | None) -> list[tuple[str, str]]:
    """Holder and status of every face, by replaying the log change by change."""
    rows = {face: [] for face in range(faces)}
    for face, index in zip(log.row_face.tolist(), log.row_change.tolist(), strict=True):
        rows[face].append(log.changes[index])
    result = []
    for face in range(faces):
        told = [change for change in rows[face] if counts(log, change, known, account)]
        told.sort(key=lambda change: (change.best, change.seq))
        result.append(replay(told, day, mode))
    return result


def counts(log, change, known: date, account: str | None) -> bool:
    """Whether a change is public and belongs to the chosen account."""
    if change.known > known or (change.known_to is not None and change.known_to <= known):
        return False
    told = {c.alternative_of for c in log.changes if account and c.account == account}
    return change.account == account if change.alternative_of in told else change.is_default


def replay(told: list, day: date, mode: str) -> tuple[str, str]:
    """The holder of one face, from the definition of the modes."""
    best = [change for change in told if change.best <= day]
    if mode == "best":
        return (best[-1].controller, best[-1].status) if best else ("unknown", "")
    sure = max((i for i, change in enumerate(told) if change.latest <= day), default=-1)
    admissible = [c for i, c in enumerate(told) if i >= max(sure, 0) and c.earliest <= day]
    if mode == "possible":
        return (admissible[-1].controller, admissible[-1].status) if admissible else ("unknown", "")
    if len({change.controller for change in admissible}) != 1:
        return "unknown", ""
    shown = best[-1] if best else admissible[-1]
    return shown.controller, shown.status


@settings(max_examples=300)
@given(
    st.data(),
    days(60),
    days(80),
    st.sampled_from(["best", "certain", "possible"]),
    st.sampled_from([None, "armenia", "azerbaijan"]),
)
def test_composition_equals_a_naive_replay(data, day: date, known: date, mode: str, account: str | None) -> None:
    """Face by face, for random logs, days, knowledge, modes and accounts."""
    faces = 4
    log = data.draw(logs(faces))
    mosaic = SimpleNamespace(face_count=faces, layers=())
    snapshot = compose(mosaic, log, day, known=known, mode=mode, account=account)
    got = list(zip(snapshot.controller.tolist(), snapshot.status.tolist(), strict=True))
    assert got == naive(log, faces, day, known, mode, account)
    for face in range(faces):
        assert set(snapshot.admissible_names(face)) <= set(BUILT_IN.names)


def test_a_snapshot_without_an_atlas_says_so(toy_atlas) -> None:
    """Credits need the records."""
    snapshot = compose(toy_atlas.mosaic, toy_atlas.log, date(2000, 1, 1), known=date(2025, 1, 1))
    with pytest.raises(MapperError, match="composed without an atlas"):
        snapshot.attribution()


def test_unknown_file_format(toy_atlas, tmp_path) -> None:
    """The choices are listed."""
    with pytest.raises(MapperError, match="choose from geojson, gpkg, geotiff"):
        toy_atlas.snapshot("2000-01-01").to_file(tmp_path / "x.shp", "shp")


def test_representations_are_one_line(toy_atlas) -> None:
    """A notebook that shows the object is not flooded."""
    assert repr(toy_atlas.snapshot("2000-01-01")).startswith("<Snapshot of 2000-01-01")
    assert repr(toy_atlas).startswith("<Atlas of ")
    assert "\n" not in repr(toy_atlas)


def test_one_key_may_be_given_as_text(toy_atlas) -> None:
    """by="controller" is by=["controller"]."""
    snapshot = toy_atlas.snapshot("2000-01-01")
    assert snapshot.areas(by="controller").equals(snapshot.areas(by=["controller"]))
