"""The folium map with a slider."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING

import folium
import pytest

from mapper.errors import MapperError
from mapper.style import map_class, tone_of

if TYPE_CHECKING:
    from mapper import Atlas


def _content(page: str) -> dict[str, list]:
    found = re.search(r"drawSlider\([^,]+, [^,]+, (\{.*?\})\);", page, flags=re.DOTALL)
    assert found
    return json.loads(found[1])


def test_every_stop_has_the_colours_of_its_day(toy_atlas: Atlas) -> None:
    """What the slider shows for each group is the class of its faces that day."""
    from mapper.history import build_histories

    period = toy_atlas.period("1990", "2022")
    data = _content(toy_atlas.to_folium("1990", "2022").get_root().render())
    groups = build_histories(toy_atlas, period).faces
    for stop, named in enumerate(data["days"]):
        snapshot = toy_atlas.snapshot(date.fromisoformat(named["iso"]))
        for faces, course in zip(groups, data["courses"], strict=True):
            look = data["looks"][[number for first, number in course if first <= stop][-1]]
            key, sovereign = str(snapshot.map_class[faces[0]]), str(snapshot.sovereign[faces[0]])
            assert look["fill"] == map_class(key).fill(tone_of(key, sovereign))


def test_it_takes_further_folium_layers_and_fetches_nothing(toy_atlas: Atlas) -> None:
    """A marker added by a reader is on the page; no script or style is asked from elsewhere; no class is changed."""
    before = list(folium.Map.default_js)
    found = toy_atlas.to_folium()
    folium.Marker((0.5, 0.5), popup="mine").add_to(found)
    page = found.get_root().render()
    assert "mine" in page
    assert not re.search(r"<(script|link)[^>]+(src|href)=\"(https?:)?//", page)
    assert folium.Map.default_js == before


def test_the_same_period_gives_the_same_page(toy_atlas: Atlas) -> None:
    """Ids follow from the content."""
    first, second = (toy_atlas.to_folium("2000", "2021").get_root().render() for _ in range(2))
    assert first == second


def test_without_a_slider_it_is_the_last_day(toy_atlas: Atlas) -> None:
    """As the snapshot's own map; an unknown language is refused."""
    assert "drawSlider" not in toy_atlas.to_folium(end="2000", slider=False).get_root().render()
    with pytest.raises(MapperError, match="language"):
        toy_atlas.to_folium(lang="fr")
