"""What changed hands: the toy by hand, the packaged data against its snapshots."""

from __future__ import annotations

import pytest

from mapper.difference import find_differences
from mapper.errors import DateError, MapperError

BOX = 12_300  # km2 of a one-degree box near the equator, to 0.2 %


def differences_of(atlas, first: str, last: str, *, by=("district",), division="soviet", **options) -> list[tuple]:
    """Keys, from, to, boxes and changes of each difference, sorted."""
    before, after = atlas.snapshot(first, **options), atlas.snapshot(last, **options)
    return sorted(
        (
            *item.keys.values(),
            f"{item.from_controller}/{item.from_status}",
            f"{item.to_controller}/{item.to_status}",
            round(item.area_km2 / BOX),
            ";".join(change.id for change in item.changes),
        )
        for item in find_differences(before, after, by=by, division=division)
    )


def test_the_war_of_2020_by_district(toy_atlas) -> None:
    """Three boxes are taken, one of them contested before, and one is agreed to be handed over."""
    assert differences_of(toy_atlas, "2020-09-26", "2020-11-24") == [
        ("east", "artsakh/contested", "azerbaijan/held", 1, "war-2020"),
        ("east", "artsakh/held", "azerbaijan/held", 1, "war-2020"),
        ("west", "artsakh/held", "artsakh/to-be-transferred", 1, "west-agreed-2020"),
        ("west", "artsakh/held", "azerbaijan/held", 1, "war-2020"),
    ]


def test_changes_that_others_passed_over_are_named(toy_atlas) -> None:
    """A day later the west is handed over; the agreement before it is named too, in the order of decision."""
    rows = differences_of(toy_atlas, "2020-09-26", "2020-11-25", by=())
    assert rows == [
        ("artsakh/contested", "azerbaijan/held", 1, "war-2020"),
        ("artsakh/held", "azerbaijan/held", 3, "war-2020;west-agreed-2020;west-2020"),
    ]


def test_the_first_day_does_not_count_and_the_last_does(toy_atlas) -> None:
    """From the day of a change nothing differs; up to it everything does."""
    assert differences_of(toy_atlas, "2023-09-20", "2025-01-01") == []
    assert differences_of(toy_atlas, "2023-09-20", "2023-09-20") == []
    rows = differences_of(toy_atlas, "2023-09-19", "2023-09-20", division="rayon")
    assert [row[0] for row in rows] == ["north", "north"]
    assert {row[-1] for row in rows} == {"left-2023"}


def test_modes_find_the_changes_by_their_own_days(toy_atlas) -> None:
    """The oblast may fall from February to April 1992: certain passes through unknown, possible is early."""
    in_doubt = ("azerbaijan/held", "unknown/", 4, "oblast-1992")
    assert differences_of(toy_atlas, "1992-01-31", "1992-02-15", by=(), mode="certain") == [in_doubt]
    settled = ("unknown/", "artsakh/held", 4, "oblast-1992")
    assert differences_of(toy_atlas, "1992-02-15", "1992-05-01", by=(), mode="certain") == [settled]
    early = ("azerbaijan/held", "artsakh/held", 4, "oblast-1992")
    assert differences_of(toy_atlas, "1992-01-31", "1992-02-15", by=(), mode="possible") == [early]
    assert differences_of(toy_atlas, "1992-01-31", "1992-02-15", by=()) == []


def test_two_accounts_of_one_day_can_be_compared(toy_atlas) -> None:
    """The row that decides only one of them is what makes the difference."""
    day = "1993-07-01"
    (item,) = find_differences(toy_atlas.snapshot(day), toy_atlas.snapshot(day, account="azerbaijan"), by=["oblast"])
    assert (item.keys, item.to_controller) == ({"oblast": "nkao"}, "azerbaijan")
    assert [change.id for change in item.changes] == ["east-1993-azerbaijan"]
    assert item.sources == ("toy-gazette",)


def test_what_cannot_be_compared(toy_atlas, atlas) -> None:
    """Days the wrong way round, an unknown key or division, two atlases."""
    early, late = toy_atlas.snapshot("2000-01-01"), toy_atlas.snapshot("2021-01-01")
    with pytest.raises(DateError, match="2000-01-01 lies before 2021-01-01; give the earlier day first"):
        find_differences(late, early)
    with pytest.raises(MapperError, match="told apart by 'colour'; choose from district, oblast, sovereign"):
        find_differences(early, late, by=["colour"])
    with pytest.raises(MapperError, match="no division 'okrug'"):
        find_differences(early, late, division="okrug")
    with pytest.raises(MapperError, match="different atlases"):
        find_differences(early, atlas.snapshot("2021-01-01"))


def test_differences_account_for_all_that_a_controller_lost_and_won(atlas) -> None:
    """Over the war of 2020, to the square metre; every difference names its changes."""
    before, after = atlas.snapshot("2020-09-26"), atlas.snapshot("2020-12-01")
    found = find_differences(before, after, division="soviet")
    for controller in ("artsakh", "azerbaijan", "russian-peacekeepers"):
        won = sum(item.area_km2 for item in found if item.to_controller == controller)
        lost = sum(item.area_km2 for item in found if item.from_controller == controller)
        held = [s.mosaic.area_m2[s.controller == controller].sum() / 1e6 for s in (before, after)]
        assert won - lost == pytest.approx(held[1] - held[0], abs=1e-6)
    assert all(item.changes for item in found)
    kalbajar = next(item for item in found if item.keys == {"district": "kalbajar"})
    assert [change.id for change in kalbajar.changes] == ["kalbajar-2020-11-10", "kalbajar-2020-11-25"]
