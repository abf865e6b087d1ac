"""Zone expressions."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.changelog import zone_mask
from mapper.errors import ZoneError
from mapper.zones import Atom, find_atoms, parse_zone, resolve_zone

MASKS = {name: np.array([bit == "1" for bit in bits]) for name, bits in {"a": "1100", "b": "1010", "c": "0111"}.items()}


def resolve(text: str) -> str:
    """The mask of an expression over areas a, b, c, as bits."""
    mask = resolve_zone(parse_zone(text), lambda atom: MASKS[atom.feature])
    return "".join("1" if bit else "0" for bit in mask)


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("area:a@1", "1100"),
        ("area:a@1 & area:b@1", "1000"),
        ("area:a@1|area:b@1", "1110"),
        ("area:a@1 - area:b@1", "0100"),
        ("area:a@1 | area:b@1 & area:c@1", "1110"),
        ("(area:a@1 | area:b@1) & area:c@1", "0110"),
        ("area:a@1 - area:b@1 - area:c@1", "0000"),
        ("area:a@1 - (area:b@1 - area:c@1)", "0100"),
        ("area:a@1 - area:b@1 | area:c@1", "0111"),
    ],
)
def test_precedence(text: str, bits: str) -> None:
    """And binds tighter; or and minus associate to the left; parentheses group."""
    assert resolve(text) == bits


@pytest.mark.parametrize(
    "text",
    [
        "",
        "area",
        "area:a",
        "area:a@1 &",
        "& area:a@1",
        "area:a@1 area:b@1",
        "(area:a@1",
        "area:a@1)",
        "area:../x@1",
        "()",
    ],
)
def test_malformed_expressions_are_refused(text: str) -> None:
    """Each names the expression and what is wrong."""
    with pytest.raises(ZoneError, match="zone"):
        parse_zone(text)


def test_atoms_are_listed_left_to_right() -> None:
    """Kind, feature and pin of each."""
    zone = parse_zone("district:aghdam@soviet/2 & (area:held-1994@1 - shape:karki@3)")
    assert list(map(str, find_atoms(zone))) == ["district:aghdam@soviet/2", "area:held-1994@1", "shape:karki@3"]
    assert next(find_atoms(zone)) == Atom("district", "aghdam", "soviet/2")


@given(st.text(max_size=30))
def test_any_text_parses_or_is_refused(text: str) -> None:
    """No other exception escapes."""
    with contextlib.suppress(ZoneError):
        parse_zone(text)


def test_zones_resolve_on_the_toy(toy_atlas) -> None:
    """held-1994 has seven boxes, two of them in the west and outside the oblast."""
    mosaic = toy_atlas.mosaic
    area = mosaic.area_m2 / 1e6
    held = area[zone_mask(mosaic, "area:held-1994@1")].sum()
    assert held == pytest.approx(7 * 12_300, rel=0.002)
    west = area[zone_mask(mosaic, "area:held-1994@1 & district:west@soviet - oblast:nkao@1")].sum()
    assert west == pytest.approx(2 * 12_305, rel=0.002)


@pytest.mark.parametrize(
    ("zone", "message"),
    [
        ("river:kura@1", "unknown kind 'river'"),
        ("area:nowhere@1", "no such feature; known are held-1994, left-2020"),
        ("area:held-1994@2", "no such version; 'held-1994' has 1"),
        ("district:west@okrug", "unknown layer"),
    ],
)
def test_unknown_atoms_say_what_is_known(toy_atlas, zone: str, message: str) -> None:
    """The error lists what could have been meant."""
    with pytest.raises(ZoneError, match=message):
        zone_mask(toy_atlas.mosaic, zone)
