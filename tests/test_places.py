"""Places by any name, and points."""

from __future__ import annotations

import pytest

from mapper.places import find_places, fold_name, parse_point, suggest_places, unknown_place


@pytest.mark.parametrize("query", ["centre", "Centre", "MƏRKƏZ", "merkez", "Կենտրոն", "центр", "old centre", "Midtown"])
def test_any_name_finds_the_place(toy_atlas, query: str) -> None:
    """English, Azerbaijani with or without diacritics, Armenian, Russian, other names, any case."""
    expected = ["centre"] if query != "merkez" else []
    assert [place.id for place in find_places(query, toy_atlas.places)] == expected


def test_schwa_folds_to_a() -> None:
    """Azerbaijani letters as they are usually written without diacritics."""
    assert fold_name("Kəlbəcər") == "kalbacar"
    assert fold_name("Şuşa") == "susa"
    assert fold_name("Talış-Köhnə") == "talis kohna"


def test_homonyms_are_all_returned_and_an_id_is_one(toy_atlas) -> None:
    """Nothing is guessed."""
    assert [place.id for place in find_places("newtown", toy_atlas.places)] == ["newtown-east", "newtown-west"]
    assert [place.id for place in find_places("newtown-west", toy_atlas.places)] == ["newtown-west"]


def test_unknown_names_suggest_similar_ones(toy_atlas) -> None:
    """At most five, by resemblance."""
    assert suggest_places("Centr", toy_atlas.places) == ["Centre"]
    assert "did you mean Centre?" in str(unknown_place("Centr", toy_atlas.places))
    assert "LON,LAT" in str(unknown_place("qqqq", toy_atlas.places))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("46.75,39.82", (46.75, 39.82)), ("-1, 2", (-1.0, 2.0)), ("Aghdam", None), ("1,2,3", None), ("a,b", None)],
)
def test_points(text: str, expected: tuple[float, float] | None) -> None:
    """Longitude first."""
    assert parse_point(text) == expected
