"""Leave one out, on a row of boxes whose answers can be read off."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mapper import mosaic
from mapper.changelog import compile_log
from mapper.leaveout import leave_out
from tests.test_sweep import FIRST, GROUND, LAST, STEP, WAR, change, lattice, taken, world

BOX_KM = 4.45  # side of a box of the lattice, km


def run(days, **more):
    """The error of a war in which boxes are taken on days counted from the first; the others on the last."""
    log, war = taken(days, **more)
    return leave_out(lattice(), log, war, world([]).places)


def test_one_place_among_others_of_one_day() -> None:
    """Nineteen boxes fall on the last day and one in the corner on day 10: it alone would be placed wrongly."""
    error, trials = run({(1, 0): 10})
    assert (error.war, error.seeds, error.dated, error.days) == ("war", 20, 20, 2)
    wrong = {trial.place: trial for trial in trials if trial.wrong}
    assert "p10" in wrong
    assert wrong["p10"].wrong == 1
    assert wrong["p10"].days == 10
    assert wrong["p10"].distance_km == pytest.approx(BOX_KM / 2, rel=0.02)
    fallen = {trial.place for trial in trials if trial.falls_to == "p10"}
    assert set(wrong) == {"p10"} | fallen
    assert error.share == pytest.approx(len(wrong) / 20 / 2)


def test_an_even_front_is_reproduced_behind_itself() -> None:
    """Columns fall one after the other, a column wide from north to south: every seed finds its like beside it."""
    error, trials = run({(x, y): 4 * x for x, y in GROUND})
    assert error.share == 0
    assert error.median_days == 0
    assert error.median_km == error.rms_km == 0
    assert all(trial.wrong == 0 for trial in trials)


def test_undated_seeds_are_not_tried_but_take_the_land() -> None:
    """Without rows of their own they follow what the whole ground does."""
    rows = [
        change("all", "area:ground@1", "azerbaijan", LAST),
        change("w11", "cell:war/p11", "azerbaijan", FIRST + timedelta(5)),
    ]
    data = world(rows)
    faces = mosaic.build(data)
    log = compile_log(faces, data.changes, data.wars)
    error, trials = leave_out(faces, log, WAR, data.places)
    assert (error.seeds, error.dated) == (20, 1)
    assert [trial.place for trial in trials] == ["p11"]
    assert trials[0].wrong == 1
    assert error.share == 0.5


def test_the_place_itself_is_believed_not_the_swept_map() -> None:
    """A box that its source dates later than its surroundings counts as that source says: wrong on day 5."""
    ring = {(x, y): 5 for x in (1, 2, 3) for y in (1, 2, 3)} | {(2, 2): 9}
    _, trials = run(ring)
    trial = next(item for item in trials if item.place == "p22")
    assert trial.wrong == 1
    assert trial.distance_km == pytest.approx(1.5 * BOX_KM, rel=0.02)


def test_a_war_of_one_seed_or_none_has_no_error() -> None:
    """There is nothing left to ask."""
    for places in ((), ("p11",)):
        war = replace(WAR, places=places)
        error, trials = leave_out(lattice(), taken({})[0], war, world([]).places)
        assert error.share == error.dated == 0
        assert trials == ()


def test_a_seed_is_placed_by_its_point() -> None:
    """The corner box falls to the nearest of its neighbours, by metres: the one along the parallel is nearer."""
    _, trials = run({})
    (corner,) = (trial for trial in trials if trial.place == "p10")
    assert corner.falls_to in {"p11", "p20"}
    assert STEP == 0.04
