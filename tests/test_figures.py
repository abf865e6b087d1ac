"""Published figures as queries: every measure on the toy boxes, every verdict, and what makes a query incomplete."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapper.comparisons import write_ours, write_published
from mapper.errors import MapperError, ZoneError
from mapper.extents import find_extent
from mapper.figures import evaluate, find_faults, judge
from mapper.fronts import length_km, mean_width_km
from mapper.records import Figure
from mapper.settlements import count_settlements

BOX = 12_308.8  # km2 of a box of one degree at the equator
DEGREE = 110.9  # km, about: of the mean of both directions
STATE = "state:azerbaijan@1"
DAY = date(2000, 1, 1)


def figure(measure: str, value: float = 1.0, **more: Any) -> Figure:
    """A figure with this query."""
    plain = dict.fromkeys(("zone", "of", "what", "said_by", "incompatible", "lacks", "note"), "")
    none = dict.fromkeys(("division", "day", "spacing_km", "low", "high", "one_sided"))
    units = {"share": "percent", "front": "km", "border": "km", "width": "km", "gap": "km"}
    base = {"id": "toy", "measure": measure, "value": value, "controllers": (), "sources": ("toy-gazette",)}
    base["unit"] = "settlements" if measure == "settlements" else units.get(measure, "km2")
    return Figure(**{**plain, **none, **base, **more})


HELD = {"day": DAY, "controllers": ("artsakh",)}
QUERIES: dict[str, tuple[Figure, float]] = {
    "area of a zone": (figure("area", zone="oblast:nkao@1"), 4 * BOX),
    "held: seven boxes": (figure("held", zone=STATE, **HELD), 7 * BOX),
    "held in a district": (figure("held", zone="district:west@soviet", **HELD), 4 * BOX),
    "land that changed hands": (
        figure("held", zone="held:artsakh@2020-11-09", day=date(2020, 11, 10), controllers=("azerbaijan",)),
        3 * BOX,
    ),
    "share of a zone": (figure("share", zone="oblast:nkao@1", of=STATE), 100 * 4 / 17),
    "share that is held": (figure("share", zone=STATE, of=STATE, **HELD), 100 * 7 / 17),
    "share of what was held": (
        figure("share", zone="held:artsakh@2000-01-01 & oblast:nkao@1", of="held:artsakh@2000-01-01"),
        100 * 4 / 7,
    ),
    "whole districts: the west, for an exclave in it": (
        figure("districts", zone=STATE, division="soviet", day=DAY, controllers=("armenia",)),
        9 * BOX,
    ),
    "whole districts as a share: both": (
        figure("districts", zone=STATE, of=STATE, division="soviet", unit="percent", **HELD),
        100.0,
    ),
    "front: nine sides of boxes": (
        figure("front", zone=STATE, day=DAY, controllers=("artsakh", "azerbaijan"), spacing_km=0.1),
        9 * DEGREE,
    ),
    "border of two zones, an exclave's too": (
        figure("border", zone="state:armenia@1", of="district:west@soviet", spacing_km=0.1),
        8 * DEGREE,
    ),
    "width of a strip": (figure("width", zone="corridor:lachin@1"), DEGREE),
    "gap between two zones": (figure("gap", zone="shape:karki@1", of="oblast:nkao@1"), 2 * DEGREE),
    "settlements held": (figure("settlements", zone=STATE, **HELD), 3),
}


@pytest.mark.parametrize(("query", "expected"), QUERIES.values(), ids=QUERIES)
def test_every_measure(toy_atlas, query: Figure, expected: float) -> None:
    """Counted in boxes; low <= ours <= high; the query has no fault."""
    assert find_faults(query) == []
    found = evaluate(toy_atlas, query)
    assert found.value == pytest.approx(expected, rel=0.01)
    assert found.low <= found.value <= found.high
    assert found.difference == pytest.approx(found.value / query.value - 1)


@pytest.mark.parametrize(
    ("published", "ours", "verdict"),
    [
        ({"value": 100}, (98, 90, 106), "agrees"),
        ({"value": 100}, (80, 70, 90), "disagrees"),
        ({"value": 100, "low": 85, "high": 120}, (80, 70, 90), "within-range"),
        ({"value": 100, "low": 95, "high": 120}, (80, 70, 90), "disagrees"),
        ({"value": 100, "low": 100}, (150, 140, 160), "within-range"),
        ({"value": 100, "low": 100}, (50, 40, 60), "disagrees"),
        ({"value": 100, "high": 100}, (50, 40, 60), "within-range"),
        ({"value": 100, "incompatible": "It counts whole districts."}, (100, 90, 110), "incompatible"),
    ],
)
def test_every_verdict(published: dict[str, Any], ours: tuple[float, float, float], verdict: str) -> None:
    """By where our interval lies; at least and at most are ranges open to one side; each with one sentence why."""
    found, why = judge(figure("area", **published), ours)
    assert found == verdict
    assert why.endswith(".")


def test_what_lacks_evidence_is_not_computed(toy_atlas) -> None:
    """Its query may be empty; the missing evidence is the reason."""
    query = figure("area", lacks="No source gives its edges.")
    assert find_faults(query) == []
    found = evaluate(toy_atlas, query)
    assert (found.verdict, found.why, found.value) == ("not-computable", "No source gives its edges.", None)
    assert write_ours(found) == ""


def test_open_dates_widen_a_figure(toy_atlas) -> None:
    """In the window of oblast-1992 artsakh holds all of the oblast or none; so does a share of what was held."""
    query = figure("held", zone="oblast:nkao@1", day=date(1992, 3, 15), controllers=("artsakh",))
    found = evaluate(toy_atlas, query)
    assert found.value == pytest.approx(4 * BOX, rel=0.01)
    assert found.low == 0
    lost = find_extent(toy_atlas.mosaic, toy_atlas.snapshot, "oblast:nkao@1 - held:artsakh@1992-03-15")
    assert (lost.surely.sum(), lost.now.sum(), bool(lost.maybe.any())) == (0, 0, True)
    with pytest.raises(MapperError, match="no share can be taken"):
        evaluate(toy_atlas, figure("share", zone=STATE, of="held:artsakh@1992-03-15"))


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        (figure("area"), "needs zone"),
        (figure("area", 0.0, zone=STATE), "is not above 0"),
        (figure("held", zone=STATE), "needs day, controllers"),
        (figure("area", zone=STATE, **HELD), "write measure 'held'"),
        (figure("share", zone=STATE), "needs of"),
        (figure("share", zone=STATE, of=STATE, unit="km2"), "unit 'km2' is none"),
        (figure("districts", zone=STATE, **HELD), "needs division"),
        (figure("districts", zone=STATE, division="soviet", unit="percent", **HELD), "percent needs 'of'"),
        (figure("front", zone=STATE, spacing_km=1.0, **HELD), "between two controllers; got 1"),
        (figure("border", zone=STATE, of=STATE), "needs spacing_km"),
        (figure("held", zone=STATE, day=DAY, controllers=("georgia",)), "unknown controllers ['georgia']"),
    ],
)
def test_faults_of_a_query(query: Figure, fault: str) -> None:
    """Each names what is missing or wrong."""
    assert any(fault in found for found in find_faults(query)), find_faults(query)


@pytest.mark.parametrize(
    ("zone", "message"),
    [
        ("held:georgia@2020-11-10", "there is no controller 'georgia'"),
        ("held:artsakh@2020-13-10", "is no day"),
        ("district:nowhere@soviet", "there is no such feature"),
    ],
)
def test_zones_that_name_nothing(toy_atlas, zone: str, message: str) -> None:
    """What somebody held is named by controller and day."""
    with pytest.raises(ZoneError, match=message):
        evaluate(toy_atlas, figure("area", zone=zone))


def test_an_incomplete_query_is_refused(toy_atlas) -> None:
    """Where the check has been passed by."""
    with pytest.raises(MapperError, match="run mapper check"):
        evaluate(toy_atlas, figure("front", zone=STATE, **HELD))
    with pytest.raises(MapperError, match="run mapper check"):
        evaluate(toy_atlas, figure("districts", zone=STATE, day=DAY, controllers=("artsakh",)))


@given(st.integers(2, 60), st.floats(0.5, 50))
def test_a_finer_spacing_never_shortens_a_line(steps: int, spacing: float) -> None:
    """Any spacing gives at most the line's own length and at least the way between its ends."""
    random = np.random.default_rng(steps)
    line = np.column_stack([46 + np.arange(steps) * 0.01, 40 + random.normal(0, 0.01, steps)])
    whole = length_km([line])
    measured = length_km([line], spacing)
    assert length_km([line[[0, -1]]]) * (1 - 1e-4) <= measured <= whole * (1 + 1e-6)
    assert length_km([line], 0.01) == pytest.approx(whole, rel=0.01)


def test_the_width_of_a_strip_is_that_of_its_rectangle() -> None:
    """5 km by 60 km; a square is as wide as long."""
    assert mean_width_km(300, 130) == pytest.approx(5)
    assert mean_width_km(16, 16) == pytest.approx(4)


def test_numbers_as_people_see_them(toy_atlas) -> None:
    """Ranges and open sides; an interval rounded alike; counts whole."""
    assert write_published(figure("area", 8.9, low=8.5, high=9.3)) == "8.9 (8.5 to 9.3)"
    assert write_published(figure("area", 50.0, low=50.0)) == "at least 50"
    assert write_published(figure("area", 1094.0)) == "1,094"
    assert write_published(figure("area", 60.0, high=60.0)) == "60 (up to 60)"
    assert write_published(figure("area", 60.0, low=40.0)) == "60 (40 or more)"
    found = evaluate(toy_atlas, figure("area", zone="oblast:nkao@1"))
    assert write_ours(found) == "49,200 (49,040 to 49,370)"
    assert write_ours(evaluate(toy_atlas, figure("settlements", zone=STATE, **HELD))) == "3 (2 to 3)"


def test_settlements_by_holder(toy_atlas) -> None:
    """Points of places.csv; all of them without a key; most first."""
    snapshot = toy_atlas.snapshot("2000-01-01")
    rows = count_settlements(snapshot, toy_atlas.places, toy_atlas.place_face)
    assert {row["controller"]: row["settlements"] for row in rows} == {"artsakh": 3, "azerbaijan": 2}
    assert [row["settlements"] for row in rows] == [3, 2]
    assert count_settlements(snapshot, toy_atlas.places, toy_atlas.place_face, by=())[0]["settlements"] == 5
    by_district = count_settlements(
        snapshot, toy_atlas.places, toy_atlas.place_face, by=("controller", "district"), division="soviet"
    )
    assert sum(row["share"] for row in by_district) == pytest.approx(1)


def test_heights_and_points_are_no_settlements(toy_atlas) -> None:
    """Only cities, towns and villages count."""
    places = [replace(place, kind="height") for place in toy_atlas.places]
    assert count_settlements(toy_atlas.snapshot("2000-01-01"), places[:0], {}) == []
    kept = [*places[1:], toy_atlas.places[0]]
    rows = count_settlements(toy_atlas.snapshot("2000-01-01"), kept, toy_atlas.place_face)
    assert sum(row["settlements"] for row in rows) == 1


def test_the_record_holds_every_measure(atlas) -> None:
    """Areas, shares, districts, lengths, widths and counts are all published; shapely draws what they ask for."""
    assert {item.measure for item in atlas.figures} == {
        *("area", "held", "share", "districts", "front", "border", "width", "gap", "settlements")
    }
    assert shapely.is_valid(atlas.mosaic.polygons).all()
