"""Ground held across the recognised border in small sectors: the Gazakh villages, and land inside Armenia."""

from __future__ import annotations

import numpy as np
import pytest

from mapper.changelog import zone_mask

VILLAGES = ("baghanis-ayrum", "ashaghi-askipara", "kheyrimli", "gizilhajili")
POINTS = {"baganis": "1992-06-08", "ashagi_askipara": "1992-03-12", "kheyrimli": "1992-03-08"}


def holder(atlas, place: str, day: str, **options) -> str:
    """Who holds a place."""
    return str(atlas.snapshot(day, **options).controller[atlas.place_face[place]])


def test_the_land_of_the_gazakh_villages_is_that_of_the_four(atlas) -> None:
    """To the face, none twice."""
    parts = np.array([zone_mask(atlas.mosaic, f"area:gazakh-{name}@1") for name in VILLAGES])
    assert (parts.sum(axis=0) == zone_mask(atlas.mosaic, "area:gazakh-1992@1")).all()


@pytest.mark.parametrize(("place", "day"), POINTS.items())
def test_a_gazakh_village_is_lost_on_its_day_and_returns_in_2024(atlas, place: str, day: str) -> None:
    """By every account."""
    for account in (None, "two-and-a-half-villages"):
        assert holder(atlas, place, "1992-01-01", account=account) == "azerbaijan"
        assert holder(atlas, place, day, account=account) == "armenia"
        assert holder(atlas, place, "2024-05-23", account=account) == "armenia"
        assert holder(atlas, place, "2024-05-24", account=account) == "azerbaijan"


def test_gizilhajili_by_either_account(atlas) -> None:
    """Four villages by one count; by the other it was never lost."""
    assert holder(atlas, "gizilhajili", "2005-01-01") == "armenia"
    for day in ("1991-12-26", "2005-01-01", "2024-05-24"):
        assert holder(atlas, "gizilhajili", day, account="two-and-a-half-villages") == "azerbaijan"
    assert holder(atlas, "gizilhajili", "1991-12-25", account="two-and-a-half-villages") == "soviet-union"


def test_baghanis_ayrum_for_a_day_in_1990(atlas) -> None:
    """Irregulars on 19 August, the Soviet army from the 20th."""
    days = ("1990-08-18", "1990-08-19", "1990-08-20")
    assert [holder(atlas, "baganis", day) for day in days] == ["soviet-union", "armenia", "soviet-union"]
