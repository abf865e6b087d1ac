"""Histories: on every day each group is what the snapshot says of its faces."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from mapper.drawing import division_on
from mapper.history import Histories, Series, build_histories, find_days
from mapper.interval import DayRange
from mapper.snapshot import MODES

DAYS = [date(1985, 1, 1), date(1992, 2, 10), date(1993, 6, 15), date(2005, 1, 1), date(2020, 11, 15), date(2024, 6, 2)]


def value_on(series: Series, day: date) -> int:
    return [value for start, value in series if start <= day][-1]


@pytest.fixture(scope="module")
def histories(toy_atlas) -> Histories:
    return build_histories(toy_atlas, DayRange(*toy_atlas.span))


def test_groups_are_all_faces_once(toy_atlas, histories: Histories) -> None:
    """No face twice, none missing."""
    assert sorted(np.concatenate(histories.faces)) == list(range(toy_atlas.mosaic.face_count))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("day", DAYS)
def test_a_group_is_what_its_faces_are(toy_atlas, histories: Histories, day: date, mode: str) -> None:
    """Holder, status, since, deciding change, admissible holders, in every mode, also between change dates."""
    snapshot = toy_atlas.snapshot(day, mode=mode)
    for faces, series in zip(histories.faces, histories.modes[mode], strict=True):
        state = histories.states[value_on(series, day)]
        for face in faces:
            assert state.controller == snapshot.controller[face]
            assert state.status == snapshot.status[face]
            assert state.change == snapshot.deciding_changes()[face]
            assert state.admissible == snapshot.admissible_bits[face]
            if snapshot.row[face] >= 0:
                assert state.since == snapshot.since_ordinal[face]


@pytest.mark.parametrize("day", DAYS)
def test_a_group_lies_in_one_district(toy_atlas, histories: Histories, day: date) -> None:
    """District of the division in force, sovereign and oblast are those of every face."""
    snapshot = toy_atlas.snapshot(day)
    division = division_on(snapshot)
    for name, expected in (
        ("district", [f"{division}/{one}" for one in snapshot.district(division)]),
        ("sovereign", snapshot.sovereign.tolist()),
        ("oblast", snapshot.key("oblast").tolist()),
    ):
        values, series = histories.places[name]
        for faces, own in zip(histories.faces, series, strict=True):
            assert {expected[face] for face in faces} == {values[value_on(own, day)]}


def test_nothing_happens_between_the_days(toy_atlas) -> None:
    """The day before each of the days is like the one listed before it."""
    days = find_days(toy_atlas, DayRange(*toy_atlas.span))
    for before, day in pairwise(days):
        eve = date.fromordinal(day.toordinal() - 1)
        for mode in MODES:
            assert (toy_atlas.snapshot(eve, mode=mode).row == toy_atlas.snapshot(before, mode=mode).row).all()


def test_what_is_covered_is_whole_groups(toy_atlas) -> None:
    """Land under something that is drawn is a group apart."""
    cover = np.zeros(toy_atlas.mosaic.face_count, bool)
    cover[0] = True
    found = build_histories(toy_atlas, DayRange(*toy_atlas.span), covers=[cover])
    assert any(faces.tolist() == [0] for faces in found.faces)
