"""The chart of a period: land by who holds it, stacked, with the events that ended fighting marked."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib import style
from matplotlib.figure import Figure

from mapper.errors import MapperError
from mapper.language import check_language, format_number, word
from mapper.notes import marked_events
from mapper.parties import BUILT_IN
from mapper.sheet import FONT, plain_text, wrap_text
from mapper.style import BASE, map_class

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mapper.atlas import Atlas
    from mapper.interval import DayRange
    from mapper.parties import Parties
    from mapper.records import Event
    from mapper.series import Series
    from mapper.style import Language

FORMATS: Final = ("png", "svg")
_WIDTH: Final = 900.0  # points
_HEIGHT: Final = 420.0
_RC: Final[dict[Any, Any]] = {"font.family": FONT, "font.size": 8.5, "svg.fonttype": "none", "svg.hashsalt": "mapper"}


@dataclass(frozen=True, slots=True)
class Band:
    """One class of the chart: its controller, its name, and its areas on the series' days, km2."""

    controller: str
    label: str
    area_km2: np.ndarray[Any, np.dtype[np.float64]]


def to_bands(series: Series, lang: Language, parties: Parties = BUILT_IN) -> list[Band]:
    """What a chart stacks: land not held by its own sovereign's side, by controller, as far as there is any.

    Parameters
    ----------
    series
        By ``measure`` and ``controller``, in that order.
    """
    bands = []
    for controller in parties.names:
        columns = [
            index
            for index, (measure, holder) in enumerate(series.groups)
            if holder == controller and measure in {"occupied", "neutral", "unknown"}
        ]
        area = series.area_m2[:, columns].sum(axis=1) / 1e6
        if area.any():
            bands.append(Band(controller, map_class(controller, parties).label[lang], area))
    return bands


def render_chart(atlas: Atlas, period: DayRange, series: Series, format_: str, *, lang: str = "en") -> bytes:
    """The chart as a PNG or SVG file; the same series gives the same bytes.

    Parameters
    ----------
    series
        By ``measure`` and ``controller``, over the period.
    format_
        ``png`` or ``svg``; in the SVG text stays text.

    Raises
    ------
    MapperError
        When the format or the language is not one there is.
    """
    language = check_language(lang)
    if format_ not in FORMATS:
        msg = f"there is no format '{format_}' of a chart; choose from {', '.join(FORMATS)}"
        raise MapperError(msg)
    events = marked_events(atlas, period)
    credit = _credit(atlas, language)
    with style.context(["default", _RC]):  # a reader's own settings of matplotlib must not change the chart
        figure = _draw(period, series, events, language, credit, atlas.log.parties)
        target = io.BytesIO()
        about = {"Title": word("chart-title", language), "Description": f"data {atlas.data_version}"}
        more = {"Date": None, "Creator": None} if format_ == "svg" else {"Software": None}
        figure.savefig(target, format=format_, dpi=144, metadata={**about, **more})
    return target.getvalue()


def _credit(atlas: Atlas, lang: Language) -> str:
    snapshot = atlas.snapshot(atlas.span[1])
    version = word("data-version", lang, version=atlas.data_version)
    told = f"{word('sources', lang)}: {snapshot.attribution().rstrip('. ')}. mapper, {version}."
    return plain_text(f"{told} {word('licence', lang)}: {snapshot.licence()}.")


def _draw(
    period: DayRange, series: Series, events: list[Event], lang: Language, credit: str, parties: Parties
) -> Figure:
    lines = wrap_text(credit, _WIDTH - 100, 7)
    figure = Figure(figsize=(_WIDTH / 72, _HEIGHT / 72), facecolor=BASE.panel)
    axes = figure.add_axes((0.075, 0.2, 0.9, 0.66))
    bands = to_bands(series, lang, parties)
    days = np.append(series.ordinals, period.last.toordinal() + 1)
    floor = np.zeros(len(days))
    for band in bands:
        look = map_class(band.controller, parties)
        top = floor + np.append(band.area_km2, band.area_km2[-1])
        fill: dict[str, Any] = {
            "facecolor": look.colour,
            "edgecolor": look.ink,
            "hatch": look.hatch or None,
            "linewidth": 0,
        }
        axes.fill_between(days, floor, top, step="post", label=band.label, **fill)
        axes.step(days, top, where="post", color=look.ink, linewidth=0.8)
        floor = top
    _dress(axes, period, float(floor.max()) or 1.0, lang)
    _mark(axes, events, float(floor.max()) or 1.0)
    figure.text(0.075, 0.94, word("chart-title", lang), fontsize=14, weight="bold", color=BASE.text, parse_math=False)
    if bands:
        figure.legend(loc="upper left", bbox_to_anchor=(0.068, 0.93), ncols=len(bands), frameon=False, fontsize=8)
    if events:
        figure.text(0.075, 0.115, word("chart-marks", lang), fontsize=7.5, color=BASE.text, parse_math=False)
    for number, line in enumerate(lines):
        figure.text(0.075, 0.06 - 0.022 * number, line, fontsize=7, color=BASE.muted, parse_math=False)
    return figure


def _dress(axes: Axes, period: DayRange, top: float, lang: Language) -> None:
    axes.set(xlim=(period.first.toordinal(), period.last.toordinal() + 1), ylim=(0, top * 1.12))
    ticks = _ticks(period)
    axes.set_xticks([day.toordinal() for day in ticks], [_tick_label(day, ticks) for day in ticks])
    axes.yaxis.set_major_formatter(lambda value, _: format_number(value, lang))
    axes.set_ylabel(word("chart-axis", lang), color=BASE.muted)
    axes.grid(axis="y", color=BASE.muted, alpha=0.25, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _ticks(period: DayRange) -> list[date]:
    """First days of years, else of months, as many as can be read."""
    years = [date(year, 1, 1) for year in range(period.first.year, period.last.year + 2)]
    years = [day for day in years if period.first <= day <= period.last]
    if len(years) >= 4:
        step = next(step for step in (1, 2, 5, 10, 20, 50) if len(years) / step <= 20)
        return [day for day in years if day.year % step == 0]
    months = [date(year, month, 1) for year in range(period.first.year, period.last.year + 1) for month in range(1, 13)]
    months = [day for day in months if period.first <= day <= period.last]
    step = max(1, -(-len(months) // 14))
    return months[::step] or [period.first]


def _tick_label(day: date, ticks: list[date]) -> str:
    yearly = all(later.year != earlier.year for earlier, later in pairwise(ticks)) and len(ticks) > 1
    return str(day.year) if yearly else day.isoformat()[: 10 if len(ticks) == 1 else 7]


def _mark(axes: Axes, events: list[Event], top: float) -> None:
    """A dashed line a marked event, its day written upright at the head where there is room for it."""
    first, last = axes.get_xlim()
    room = (last - first) * 0.015
    written = first - room
    look: dict[str, Any] = {"rotation": 90, "va": "top", "ha": "right", "fontsize": 6.5, "color": BASE.muted}
    for event in events:
        at = event.best.toordinal()
        axes.axvline(at, color=BASE.text, linewidth=0.7, linestyle=(0, (3, 3)))
        if at - written >= room:
            axes.text(
                at, top * 1.11, str(event.best), bbox={"facecolor": BASE.panel, "pad": 0.8, "linewidth": 0}, **look
            )
            written = at
