"""Intervals: the formula, boundaries and lines, extremes over dates and accounts, low <= best <= high."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapper.difference import find_differences
from mapper.uncertainty import SIGMAS, Sets, find_boundaries, find_line_intervals, find_spread, line_variance_m4
from tests.strategies import days, logs
from tests.worlds import two_districts

if TYPE_CHECKING:
    from mapper.mosaic import Mosaic

PARTS = ("lines_km2", "dates_less_km2", "dates_more_km2", "classes_less_km2", "classes_more_km2")


def half(mosaic: Mosaic, district: str) -> Sets:
    """The faces of a district as the only set."""
    rows = [row for row, version in enumerate(mosaic.versions) if version.feature == district]
    faces = np.flatnonzero(mosaic.member[rows[0]])
    return Sets(1, np.zeros(len(faces), np.int64), faces)


# --- lines ---------------------------------------------------------------------------------------------------------


def test_variance_has_its_two_limits() -> None:
    """A line much shorter than the reach moves as one, (e L)^2; of a long one L / 2c pieces move apart, 2 e^2 c L."""
    short, long, none = line_variance_m4(np.array([1.0, 1e9, 1e3]), np.full(3, 10.0), np.array([1e6, 1e3, 0.0]))
    assert short == pytest.approx(100.0, rel=1e-5)
    assert long == pytest.approx(2 * 100 * 1e3 * 1e9, rel=1e-5)
    assert none == 0


@given(st.floats(1, 1e6), st.floats(1, 1e4), st.floats(1, 1e6))
def test_variance_is_the_double_integral_of_the_covariance(length: float, precision: float, reach: float) -> None:
    """By the midpoint rule on a grid of 400 by 400, as far as its steps are short against the reach."""
    steps = (np.arange(400) + 0.5) / 400 * length
    covariance = precision**2 * np.exp(-np.abs(steps[:, None] - steps[None]) / reach)
    integral = covariance.mean() * length**2
    found = float(line_variance_m4(np.array([length]), np.array([precision]), np.array([reach]))[0])
    if length < 50 * reach:
        assert found == pytest.approx(integral, rel=0.02)
    assert found <= (precision * length) ** 2 * (1 + 1e-9)  # never above full correlation


def test_the_boundary_of_a_set_has_exactly_one_side_in_it(toy_atlas) -> None:
    """For each face, each pair and all of them, against the definition."""
    mosaic = toy_atlas.mosaic
    every = np.arange(mosaic.face_count)
    for faces in (every[:1], every[3:5], every[::2], every):
        inside = np.isin(np.append(every, -1), faces)
        expected = np.flatnonzero(inside[mosaic.edge_left] != inside[mosaic.edge_right])
        found = find_boundaries(mosaic, Sets(2, np.ones(len(faces), np.int64), faces))
        assert found[0].tolist() == [1] * len(expected)
        assert found[1].tolist() == expected.tolist()


def test_a_straight_line_follows_the_formula() -> None:
    """110.6 km with 500 m over 5 km; both sides have the same error, the outline none."""
    mosaic = two_districts(500, 5_000)
    length = 110_574.0
    expected = math.sqrt(2 * 500**2 * 5_000 * (length - 5_000))
    for district in ("west", "east"):
        spread = find_spread(mosaic, half(mosaic, district))
        assert spread.sigma[0] == pytest.approx(expected, rel=1e-4)
        assert spread.correlated[0] == pytest.approx(500 * length, rel=1e-4)
    assert find_spread(mosaic, half(mosaic, "land")).sigma[0] == 0


@pytest.mark.parametrize("reach", [1_000, 100_000, 10_000_000])
def test_a_further_node_on_a_line_changes_nothing(reach: float) -> None:
    """An edge cut in three where other lines reach it is still one line."""
    plain, cut = two_districts(500, reach), two_districts(500, reach, nodes=(0.25, 0.5))
    assert len(cut.edge_left) > len(plain.edge_left)
    for district in ("west", "east"):
        one, other = find_spread(plain, half(plain, district)), find_spread(cut, half(cut, district))
        assert other.sigma[0] == pytest.approx(one.sigma[0], rel=1e-9)
        assert other.correlated[0] == pytest.approx(one.correlated[0], rel=1e-9)


def test_sets_are_independent_of_each_other(atlas) -> None:
    """Many sets at once give what each gives alone."""
    mosaic = atlas.mosaic
    random = np.random.default_rng(5)
    sets = [np.flatnonzero(random.random(mosaic.face_count) < share) for share in (0.1, 0.5, 0.9)]
    together = find_line_intervals(mosaic, sets)
    assert together == [find_line_intervals(mosaic, [faces])[0] for faces in sets]
    assert find_line_intervals(mosaic, []) == []


def test_edges_share_their_nodes(toy_atlas) -> None:
    """Ends at one position have one number, and only those."""
    mosaic = toy_atlas.mosaic
    ends = [shape.coords[place] for shape in mosaic.edges for place in (0, -1)]
    numbers = mosaic.edge_nodes.ravel().tolist()
    assert len(set(zip(ends, numbers, strict=True))) == len(set(ends)) == len(set(numbers))


# --- scenarios -----------------------------------------------------------------------------------------------------


def test_low_best_high_on_every_change_date(atlas) -> None:
    """Invariant 5, with the parts: each widens, none is negative, and the lines are within their bound."""
    for day in atlas.change_dates:
        for row in atlas.snapshot(day).area_table(["controller", "status"], parts=True).rows:
            assert 0 <= row["low_km2"] <= row["area_km2"] <= row["high_km2"], (day, row)
            assert min(row[name] for name in PARTS) >= 0, (day, row)
            assert row["lines_km2"] <= row["correlated_km2"]
            assert row["low_km2"] <= row["area_km2"] - row["lines_km2"] + 1e-9 or row["low_km2"] == 0
            for part in ("dates", "classes"):
                assert row["low_km2"] <= row["area_km2"] - row[f"{part}_less_km2"] + 1e-9
                assert row["high_km2"] >= row["area_km2"] + row[f"{part}_more_km2"] - 1e-9


@pytest.mark.parametrize("mode", ["best", "certain", "possible"])
@settings(deadline=None)
@given(st.data())
def test_low_best_high_for_any_log(toy_atlas, mode: str, data: st.DataObject) -> None:
    """Random changes with random bounds, accounts and alternatives, in every mode."""
    from mapper.compose import compose

    log = data.draw(logs(toy_atlas.mosaic.face_count))
    day, known = data.draw(days()), data.draw(days())
    account = data.draw(st.sampled_from([None, *log.accounts]))
    snapshot = compose(toy_atlas.mosaic, log, day, known=known, mode=mode, account=account)
    for by in (["controller"], ["status", "class"], []):
        for row in snapshot.area_table(by, parts=True).rows:
            assert 0 <= row["low_km2"] <= row["area_km2"] <= row["high_km2"]
            assert min(row[name] for name in PARTS) >= 0


@settings(deadline=None)
@given(st.data())
def test_extremes_of_dates_are_those_of_admissible_holders(toy_atlas, data: st.DataObject) -> None:
    """least: faces that admit nobody else; most: all that admit the controller; as composing says."""
    from mapper.compose import compose

    log = data.draw(logs(toy_atlas.mosaic.face_count))
    snapshot = compose(toy_atlas.mosaic, log, data.draw(days()), known=data.draw(days()))
    holders = [set(snapshot.admissible_names(face)) for face in range(len(snapshot.row))]
    for face in np.flatnonzero(snapshot.row < 0).tolist():
        holders[face].add("unknown")
    for row in snapshot.area_table(parts=True).rows:
        if row["controller"] == "unknown":
            continue
        name = row["controller"]
        surely = snapshot.mosaic.area_m2[[held == {name} for held in holders]].sum() / 1e6
        maybe = snapshot.mosaic.area_m2[[name in held for held in holders]].sum() / 1e6
        assert row["area_km2"] + row["dates_more_km2"] == pytest.approx(maybe)
        assert row["area_km2"] - row["dates_less_km2"] <= surely + 1e-6  # where nothing had surely happened: less


def test_dates_move_what_they_leave_open(toy_atlas) -> None:
    """The corridor may have gone over on any day from 10 November: one box less for artsakh, none certain before."""
    rows = {row["controller"]: row for row in toy_atlas.snapshot("2020-11-15").area_table(parts=True).rows}
    assert round(rows["artsakh"]["dates_less_km2"] / 12_300) == 1
    assert rows["artsakh"]["dates_more_km2"] == 0
    assert rows["azerbaijan"]["dates_less_km2"] == 0


def test_accounts_and_contested_land_are_classes(toy_atlas) -> None:
    """Who held the east of the oblast from 1993 is told in two ways; an account that is asked for is the only one."""
    rows = {row["controller"]: row for row in toy_atlas.snapshot("2000-01-01").area_table(parts=True).rows}
    assert round(rows["artsakh"]["classes_less_km2"] / 12_300) == 2
    assert round(rows["azerbaijan"]["classes_more_km2"] / 12_300) == 2
    told = toy_atlas.snapshot("2000-01-01", account="azerbaijan").area_table(parts=True)
    assert {row["classes_less_km2"] for row in told.rows} == {0.0}


def test_a_line_that_did_not_move_adds_nothing_to_a_difference(toy_atlas) -> None:
    """What changed hands has the error of its own outline alone, however long the lines around what is held."""
    before, after = toy_atlas.snapshot("2020-11-24"), toy_atlas.snapshot("2020-11-25")
    (found,) = find_differences(before, after, by=())
    changed = np.flatnonzero(before.controller_code != after.controller_code)
    spread = find_spread(toy_atlas.mosaic, Sets(1, np.zeros(len(changed), np.int64), changed))
    assert found.high_km2 - found.area_km2 == pytest.approx(SIGMAS * spread.sigma[0] / 1e6)
    assert found.low_km2 <= found.area_km2 <= found.high_km2
    same = find_line_intervals(toy_atlas.mosaic, [np.zeros(0, np.int64)])
    assert same == [(0.0, 0.0, 0.0)]


def test_the_outline_of_a_polygon_that_is_asked_for_is_exact(toy_atlas) -> None:
    """Inside one box that no line crosses there is no error; a box across a line has part of the line's."""
    import shapely

    snapshot = toy_atlas.snapshot("2000-01-01")
    (inside,) = snapshot.area_table(within=shapely.box(1.2, 1.2, 1.4, 1.4)).rows
    assert inside["low_km2"] == pytest.approx(inside["area_km2"]) == pytest.approx(inside["high_km2"])
    crossed = snapshot.area_table(within=shapely.box(2.5, 0.2, 3.5, 0.8), parts=True).rows
    whole = snapshot.area_table(parts=True).rows
    assert 0 < crossed[0]["lines_km2"] < whole[0]["lines_km2"]
