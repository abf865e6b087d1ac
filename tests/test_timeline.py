"""Series over dates."""

from __future__ import annotations

from datetime import date

from mapper.interval import parse_range
from mapper.timeline import find_extremes


def test_extremes_name_the_first_day_of_each(toy_atlas) -> None:
    """Over 2020 the artsakh land shrinks from seven boxes to two; peacekeepers appear on 1 December."""
    found = find_extremes(
        toy_atlas.snapshot, parse_range("2020"), toy_atlas.change_dates, ["controller"], division="rayon"
    )
    rows = {item.keys["controller"]: item for item in found}
    assert (rows["artsakh"].most_on, rows["artsakh"].least_on) == (date(2020, 1, 1), date(2020, 12, 1))
    assert round(rows["artsakh"].most_km2 / 12_300) == 7
    assert rows["russian-peacekeepers"].least_km2 == 0
    assert rows["russian-peacekeepers"].most_on == date(2020, 12, 1)


def test_a_period_without_change_is_flat(toy_atlas) -> None:
    """Least and most are equal and fall on the first day."""
    found = find_extremes(
        toy_atlas.snapshot, parse_range("2005-03"), toy_atlas.change_dates, ["controller"], division="rayon"
    )
    assert all(item.least_km2 == item.most_km2 and item.least_on == item.most_on == date(2005, 3, 1) for item in found)


def test_history_lists_all_that_reached_a_face(toy_atlas) -> None:
    """Alternatives and dropped accounts included, in the order of decision."""
    karki = [change.id for change in toy_atlas.history("gate")]
    assert karki == ["soviet-start", "azerbaijan-1992", "held-1993", "corridor-2020", "corridor-2022"]
    east = [change.id for change in toy_atlas.history("newtown-east")]
    assert "east-1993-azerbaijan" in east
