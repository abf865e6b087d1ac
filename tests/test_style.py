"""Classes of control: complete, told apart by colour, by pattern and by name, in every language."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from mapper import records
from mapper.errors import MapperError
from mapper.parties import BUILT_IN
from mapper.style import BASE, CLASSES, LANGUAGES, PATTERNS, RASTER_CODES, STATUS_LABEL, map_class, tone_of

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
SIGHT = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
)
# What can lie side by side on one map; pale Soviet land only beside land held against it.
NEIGHBOURS = [
    *itertools.combinations(
        ["azerbaijan pale", "armenia pale", "armenia strong", "artsakh strong", "russian-peacekeepers strong"], 2
    ),
    ("azerbaijan strong", "armenia pale"),
    ("azerbaijan strong", "azerbaijan pale"),
    ("soviet-union pale", "artsakh strong"),
    ("soviet-union pale", "armenia strong"),
    ("soviet-union pale", "azerbaijan strong"),
    *((one, "unknown strong") for one in ("azerbaijan pale", "armenia pale", "artsakh strong", "armenia strong")),
]


def linear(colour: str) -> np.ndarray:
    """Linear RGB of ``#rrggbb``."""
    values = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(RGB_TO_XYZ[1] @ linear(colour))


def contrast(one: str, other: str) -> float:
    """Contrast ratio as WCAG defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE Lab of linear RGB."""
    scaled = RGB_TO_XYZ @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    value = np.where(scaled > 216 / 24389, np.cbrt(scaled), (24389 / 27 * scaled + 16) / 116)
    return np.array([116 * value[1] - 16, 500 * (value[0] - value[1]), 200 * (value[1] - value[2])])


def fill(name: str) -> str:
    key, tone = name.split()
    return map_class(key).fill(tone)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(("one", "other"), NEIGHBOURS)
def test_neighbours_differ_for_every_eye(one: str, other: str, sight: str) -> None:
    """Fills that may touch are at least 10 apart in CIE Lab (2 is just noticeable), however colour is seen."""
    seen = [lab(SIGHT[sight] @ linear(fill(name))) for name in (one, other)]
    assert np.linalg.norm(seen[0] - seen[1]) >= 10


def test_the_sides_differ_in_greyscale() -> None:
    """Held land is darker than the pale land around it, by a contrast one sees without colour."""
    assert contrast(fill("artsakh strong"), fill("azerbaijan pale")) > 1.25
    assert contrast(fill("armenia strong"), fill("azerbaijan pale")) > 2
    assert contrast(fill("azerbaijan strong"), fill("armenia pale")) > 2


def test_no_red_against_green() -> None:
    """No fill is dominantly red or green."""
    for one in CLASSES.values():
        for colour in (one.colour, one.pale):
            red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
            assert not (red > 1.5 * green and red > 1.5 * blue), one.key
            assert not (green > red and green > blue), one.key


@pytest.mark.parametrize("text", [BASE.text, BASE.muted, BASE.accent])
def test_text_is_readable_on_panel_paper_and_pale_land(text: str) -> None:
    """Contrast at least 4.5 to 1 on everything that text stands on without a halo."""
    for ground in (BASE.panel, BASE.paper):
        assert contrast(text, ground) >= 4.5


def test_map_text_is_readable_on_its_halo() -> None:
    """Names on the map have a halo of their own."""
    assert min(contrast(colour, BASE.halo) for colour in (BASE.text, BASE.water_text)) >= 4.5


def test_every_controller_and_status_has_a_class() -> None:
    """All that a snapshot can hold can be drawn; land whose holder is unknown has no status."""
    expected = {
        controller if status == "held" else f"{controller}/{status}"
        for controller in BUILT_IN.names
        for status in records.STATUSES
        if controller != "unknown" or status == "held"
    }
    assert set(CLASSES) == expected
    assert set(STATUS_LABEL) == set(records.STATUSES)
    assert LANGUAGES == records.LANGUAGES


def test_controllers_and_statuses_have_patterns_of_their_own() -> None:
    """Without colour, a pattern says who, or in which status; on screen and in print."""
    plain = [one for one in CLASSES.values() if "/" not in one.key]
    marked = [map_class(f"azerbaijan/{status}") for status in ("contested", "besieged", "to-be-transferred")]
    assert len({one.pattern for one in [*plain, *marked]}) == len(plain) + len(marked)
    assert len({one.hatch for one in [*plain, *marked]}) == len(plain) + len(marked)
    assert {one.pattern for one in CLASSES.values()} == set(PATTERNS)


def test_a_mark_can_be_seen_on_its_fill() -> None:
    """Every pattern but the plain one stands out from the colour below it."""
    for one in CLASSES.values():
        if one.pattern != "plain":
            for tone in ("strong", "pale"):
                assert contrast(one.mark(tone), one.fill(tone)) > 1.25, (one.key, tone)


def test_labels_exist_in_every_language_and_differ() -> None:
    """A legend in any language names every class, no two alike."""
    for lang in LANGUAGES:
        labels = [one.label[lang] for one in CLASSES.values()]
        assert all(labels)
        assert len(set(labels)) == len(labels)
        assert set(STATUS_LABEL["held"]) == set(LANGUAGES)


def test_colours_are_written_in_full() -> None:
    """Renderers rely on #rrggbb."""
    for one in CLASSES.values():
        for colour in (one.colour, one.pale, one.ink, one.pale_ink):
            assert re.fullmatch("#[0-9a-f]{6}", colour)


def test_raster_codes_never_change() -> None:
    """Files written years ago keep their meaning: this table may grow, never change."""
    assert dict(RASTER_CODES) == {
        1: "azerbaijan",
        2: "armenia",
        3: "artsakh",
        4: "russian-peacekeepers",
        5: "soviet-union",
        6: "unknown",
        **{code: f"{name}/contested" for code, name in zip(range(11, 16), list(BUILT_IN.names), strict=False)},
        **{code: f"{name}/besieged" for code, name in zip(range(21, 26), list(BUILT_IN.names), strict=False)},
        **{code: f"{name}/to-be-transferred" for code, name in zip(range(31, 36), list(BUILT_IN.names), strict=False)},
    }


def test_own_land_is_pale_and_land_across_a_border_strong() -> None:
    """Artsakh is never sovereign, so its land is always strong."""
    assert tone_of("azerbaijan", "azerbaijan") == "pale"
    assert tone_of("azerbaijan/contested", "azerbaijan") == "pale"
    assert tone_of("azerbaijan", "armenia") == "strong"
    assert tone_of("artsakh", "azerbaijan") == "strong"


def test_an_unknown_class_is_named() -> None:
    """The error lists what there is."""
    with pytest.raises(MapperError, match=r"'ruritania'.*azerbaijan"):
        map_class("ruritania")
