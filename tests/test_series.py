"""Areas over time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mapper.errors import MapperError
from mapper.interval import DayRange
from mapper.series import KEYS, sum_series
from mapper.snapshot import MODES, Mode

if TYPE_CHECKING:
    from mapper import Atlas
    from mapper.series import Series


def _series(atlas: Atlas, by: list[str], mode: Mode = "best", **more: str) -> Series:
    return sum_series(atlas.mosaic, atlas.log, *atlas.span, by=by, known=atlas.span[1], mode=mode, **more)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "by",
    [["controller"], ["district", "controller"], ["oblast", "class"], ["sovereign", "side"], ["measure", "district"]],
)
@pytest.mark.parametrize("name", ["toy_atlas", "atlas"])
def test_a_series_equals_the_snapshots(request: pytest.FixtureRequest, name: str, by: list[str], mode: Mode) -> None:
    """On every change date, to the last square metre; also on the days before it."""
    atlas: Atlas = request.getfixturevalue(name)
    series = _series(atlas, by, mode)
    for change_date in atlas.change_dates_in(mode):
        for day in {max(change_date - timedelta(1), atlas.span[0]), change_date}:
            rows = atlas.snapshot(day, mode=mode).area_table(by, intervals=False).rows
            areas = zip(series.groups, series.on(day).tolist(), strict=True)
            assert {group: area for group, area in areas if area} == {
                tuple(row[key] for key in by): round(row["area_km2"] * 1e6) for row in rows
            }


def test_a_series_of_districts_follows_the_division_asked_for(toy_atlas: Atlas) -> None:
    """The toy's divisions have different names."""
    soviet, rayon = (_series(toy_atlas, ["district"], division=name) for name in ("soviet", "rayon"))
    assert soviet.groups != rayon.groups
    assert soviet.area_m2.sum(axis=1).tolist() == [rayon.area_m2[0].sum()] * len(soviet.ordinals)


@pytest.mark.parametrize("name", ["toy_atlas", "atlas"])
def test_intervals_are_those_of_the_snapshots(request: pytest.FixtureRequest, name: str) -> None:
    """On every day on which area or interval can change, also on the bounds of an uncertain day."""
    atlas: Atlas = request.getfixturevalue(name)
    period = DayRange(date(2020, 9, 1), date(2021, 1, 1))
    series = atlas.series(period, intervals=True)
    assert set(series.ordinals.tolist()) >= {day.toordinal() for day in atlas.change_dates if day in _days(period)}
    for ordinal in {*series.ordinals.tolist(), date(2020, 10, 1).toordinal()}:
        found = series.intervals(np.array([ordinal]))
        for row in atlas.snapshot(date.fromordinal(ordinal)).area_table().rows:
            group = series.groups.index((row["controller"],))
            assert found["low_km2"][0, group] == row["low_km2"]
            assert found["high_km2"][0, group] == row["high_km2"]


def _days(period: DayRange) -> set[date]:
    return {period.first + timedelta(days) for days in range((period.last - period.first).days + 1)}


def test_days_between_changes_repeat_the_day_before(toy_atlas: Atlas) -> None:
    """A day by day table has a row for each day and equals ``on``."""
    series = _series(toy_atlas, ["controller"])
    first = toy_atlas.span[0].toordinal()
    days = np.arange(first, first + 800)
    daily = series.expanded(days)
    assert daily.shape == (800, len(series.groups))
    assert all((daily[index] == series.on(date.fromordinal(day))).all() for index, day in enumerate(days.tolist()))


@pytest.mark.parametrize("by", [[], ["colour"], ["controller", "year"]])
def test_keys_that_a_series_does_not_know_are_refused(toy_atlas: Atlas, by: list[str]) -> None:
    """The message names those there are."""
    with pytest.raises(MapperError, match=", ".join(KEYS)):
        _series(toy_atlas, by)


def test_overlays_are_no_key_of_a_series(toy_atlas: Atlas) -> None:
    """The message says which command does sum by them."""
    with pytest.raises(MapperError, match=r"mapper area 2022 --by overlay:peacekeepers"):
        _series(toy_atlas, ["overlay:peacekeepers"])
