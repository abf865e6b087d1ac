"""Ground held across the recognised border in small sectors: the Gazakh villages, and land inside Armenia."""

from __future__ import annotations

from itertools import pairwise

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


SECTORS = {
    "incursion-sev-lake": (1, 2),
    "incursion-shorzha": (1, 2),
    "incursion-nerkin-hand": (1, 2),
    "incursion-jermuk": (1,),
    "incursion-tegh": (1,),
}


@pytest.mark.parametrize(("sector", "version"), [(name, number) for name in SECTORS for number in SECTORS[name]])
def test_the_outlines_of_a_sector_lie_inside_each_other(atlas, sector: str, version: int) -> None:
    """Low in best, best in high, and all of it in Armenia; the low one of Sev Lake does not grow."""
    low = 1 if sector == "incursion-sev-lake" else version
    atoms = (f"area:{sector}-low@{low}", f"area:{sector}@{version}", f"area:{sector}-high@{version}", "state:armenia@2")
    masks = [zone_mask(atlas.mosaic, atom) for atom in atoms]
    for inner, outer in pairwise(masks):
        assert (outer & inner).sum() == inner.sum() < outer.sum()


@pytest.mark.parametrize("day", ["2021-06-01", "2022-09-14", "2023-04-28"])
def test_extents_by_account(atlas, day: str) -> None:
    """Land of Armenia that Azerbaijan holds, the exclave included: low below the default, high above it."""

    def held(account: str | None) -> float:
        rows = atlas.snapshot(day, account=account).area_table(("sovereign", "controller")).rows
        return sum(
            row["area_km2"] for row in rows if (row["sovereign"], row["controller"]) == ("armenia", "azerbaijan")
        )

    low, best, high = held("extent-low"), held(None), held("extent-high")
    assert low < best < high < 4 * low
    assert held("extent-best") == best
