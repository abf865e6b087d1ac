"""A folium map of a period with a slider, for notebooks: colours by day, and room for any other folium layer.

The article page (article.py) is what to publish; this is what to go on working with.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import folium
import numpy as np
import shapely
from branca.element import MacroElement
from folium.template import Template as FoliumTemplate

from mapper.drawing import TOLERANCE_DEG, home_bounds
from mapper.history import build_histories
from mapper.language import check_language, format_day
from mapper.notes import subject
from mapper.page import clean, number_elements, set_up_page, to_json
from mapper.pagewords import page_word
from mapper.style import map_class, tone_of
from mapper.webmap import MAP_TEMPLATE, short_credit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mapper.atlas import Atlas
    from mapper.history import Histories, Series
    from mapper.interval import DayRange
    from mapper.parties import Parties
    from mapper.style import Language, Tone

_OPACITY: Final = 1.0
_MAX_NAME: Final = 120
_DECIMALS: Final = 5


class Slider(MacroElement):
    """The day's control under the map: it colours the land of the layer that it is given, only what changes."""

    _template = FoliumTemplate(
        "{% macro script(this, kwargs) %}"
        "drawSlider({{ this._parent.get_name() }}, {{ this.layer.get_name() }}, {{ this.content }});"
        "{% endmacro %}"
    )

    def __init__(self, layer: folium.GeoJson, content: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Slider"
        self.layer = layer
        self.content = content


def render_slider_map(atlas: Atlas, period: DayRange, *, lang: str = "en") -> folium.Map:
    """The period as a folium map that takes further folium layers; opened on the period's last day, it fetches nothing.

    Parameters
    ----------
    period
        First and last day of the slider, both count; it stops on every day on which the colours change.

    Raises
    ------
    MapperError
        When the language is not one of the four.
    """
    language = check_language(lang)
    histories = build_histories(atlas, period)
    looks, courses = _colours(histories, language, atlas.log.parties)
    last = atlas.snapshot(period.last)
    content = _content(looks, courses, credit=short_credit(last, language), lang=language)
    shapes = _outlines(atlas, histories)
    west, south, east, north = home_bounds(last)
    found = folium.Map(location=((south + north) / 2, (west + east) / 2), zoom_start=8, tiles=None)
    found.default_js, found.default_css = [], []  # on the instance: the class's lists are shared by all maps
    found._template = MAP_TEMPLATE
    layer = folium.GeoJson(
        _features(shapes, looks, courses),
        name=subject(atlas, language),
        style_function=lambda feature: feature["properties"]["look"],
    )
    layer.add_to(found)
    found.add_child(Slider(layer, content), name="slider")
    figure: Any = found.get_root()
    set_up_page(figure, title=subject(atlas, language), lang=language, scripts=("slider.js",))
    number_elements(figure, hashlib.sha256(content.encode()).hexdigest()[:24])
    return found


def _outlines(atlas: Atlas, histories: Histories) -> NDArray[Any]:
    polygons = atlas.mosaic.polygons
    whole = [shapely.coverage_union_all(polygons[faces]) for faces in histories.faces]
    return shapely.coverage_simplify(np.array(whole, dtype=object), TOLERANCE_DEG)


def _colours(
    histories: Histories, lang: Language, parties: Parties
) -> tuple[list[dict[str, Any]], list[list[list[int]]]]:
    """The looks that occur, and for each group the looks it takes: [ordinal of the first day, number of the look]."""
    numbers: dict[tuple[str, Tone], int] = {}
    courses = []
    sovereigns, places = histories.places["sovereign"]
    for held, owned in zip(histories.modes["best"], places, strict=True):
        course: list[list[int]] = []
        for day in sorted({day for day, _ in (*held, *owned)}):
            state = histories.states[_value_on(held, day)]
            key = state.controller if state.status in {"held", ""} else f"{state.controller}/{state.status}"
            number = numbers.setdefault((key, tone_of(key, sovereigns[_value_on(owned, day)])), len(numbers))
            if not course or course[-1][1] != number:
                course.append([day.toordinal(), number])
        courses.append(course)
    looks = [
        {"fill": map_class(key, parties).fill(tone), "label": clean(map_class(key, parties).label[lang], _MAX_NAME)}
        for key, tone in numbers
    ]
    return looks, courses


def _value_on(series: Series, day: date) -> int:
    return next(value for first, value in reversed(series) if first <= day)


def _content(looks: list[dict[str, Any]], courses: list[list[list[int]]], *, credit: str, lang: Language) -> str:
    """What the packaged script needs, as JSON: stops with their names, looks, and each group's course by stop."""
    days = sorted({day for course in courses for day, _ in course})
    stop = {day: number for number, day in enumerate(days)}
    names = [f"{date.fromordinal(day)}" for day in days]
    return to_json(
        {
            "label": page_word("slider", lang),
            "credit": credit,
            "days": [{"iso": iso, "name": format_day(date.fromisoformat(iso), lang)} for iso in names],
            "looks": looks,
            "courses": [[[stop[day], look] for day, look in course] for course in courses],
        }
    )


def _style(look: dict[str, Any]) -> dict[str, Any]:
    # The thin line in the fill's own colour closes the hair cracks between neighbours.
    return {"fillColor": look["fill"], "fillOpacity": _OPACITY, "color": look["fill"], "weight": 0.7}


def _features(shapes: NDArray[Any], looks: list[dict[str, Any]], courses: list[list[list[int]]]) -> dict[str, Any]:
    """The groups' outlines as they look on the last day."""
    rounded = shapely.set_precision(shapes, 10**-_DECIMALS)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": str(number),
                "properties": {"group": number, "look": _style(looks[course[-1][1]])},
                "geometry": shapely.geometry.mapping(shape),
            }
            for number, (shape, course) in enumerate(zip(rounded, courses, strict=True))
        ],
    }
