"""The chart of a period."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from mapper.chart import render_chart, to_bands
from mapper.errors import MapperError
from mapper.interval import DayRange, parse_range

if TYPE_CHECKING:
    from mapper import Atlas
    from mapper.series import Series


def _series(atlas: Atlas, period: DayRange) -> Series:
    return atlas.series(period, by=("measure", "controller"))


def test_bands_hold_the_occupied_land(toy_atlas: Atlas) -> None:
    """Their sum on a day is what the occupied table gives, neutral land included."""
    period = DayRange(*toy_atlas.span)
    series = _series(toy_atlas, period)
    bands = to_bands(series, "en")
    assert [band.controller for band in bands] == ["armenia", "artsakh", "russian-peacekeepers"][-len(bands) :]
    for index, ordinal in enumerate(series.ordinals.tolist()):
        rows = toy_atlas.snapshot(date.fromordinal(ordinal)).occupied_table().rows
        asked = sum(row["area_km2"] for row in rows if row["measure"] != "undefined")
        assert sum(band.area_km2[index] for band in bands) == pytest.approx(asked)


def test_the_chart_names_classes_credits_and_marked_days(atlas: Atlas) -> None:
    """Text stays text in the SVG; the ceasefires of the period stand on it."""
    period = parse_range("2020")
    text = render_chart(atlas, period, _series(atlas, period), "svg").decode()
    for wanted in (
        "Azerbaijan",
        "Artsakh",
        "2020-11-10",
        atlas.data_version,
        "World Bank",
        "ceasefires and agreements",
    ):
        assert wanted in text
    assert "1994-05-12" not in text


@pytest.mark.parametrize("lang", ["az", "hy", "ru"])
def test_every_language_draws(atlas: Atlas, lang: str) -> None:
    """Letters of all four languages are in the font: a missing glyph would warn, and warnings are errors."""
    period = parse_range("1993")
    assert render_chart(atlas, period, _series(atlas, period), "png", lang=lang).startswith(b"\x89PNG")


def test_the_same_series_gives_the_same_bytes(atlas: Atlas) -> None:
    """PNG and SVG."""
    period = parse_range("2020-11")
    for format_ in ("png", "svg"):
        first, second = (render_chart(atlas, period, _series(atlas, period), format_) for _ in range(2))
        assert first == second


def test_a_format_that_is_none_is_refused(toy_atlas: Atlas) -> None:
    """The message names the formats."""
    period = DayRange(*toy_atlas.span)
    with pytest.raises(MapperError, match="png, svg"):
        render_chart(toy_atlas, period, _series(toy_atlas, period), "pdf")
