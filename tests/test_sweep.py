"""The rule of swept areas, on a lattice of boxes of 0.04 degree (19.7 km2 each): one is a pocket, two are not.

Eight boxes by five: x = 0 is Azerbaijan's from the start, x = 1 to 4 the ground of a war, x = 5 to 7 stays Artsakh's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapper import mosaic
from mapper.changelog import ChangeLog, compile_log, swept_log
from mapper.compose import compose
from mapper.geodata import Geodata
from mapper.grid import components
from mapper.mosaic import Mosaic
from mapper.records import Change, FeatureVersion, Layer, Place, War
from mapper.sweep import POCKET_KM2, borders_of

STEP = 0.04
WIDTH, HEIGHT = 8, 5
FIRST = date(2020, 9, 27)
LAST = FIRST + timedelta(20)
SPAN = (date(1994, 1, 1), date(2021, 1, 1))
GROUND = [(x, y) for x in range(1, 5) for y in range(HEIGHT)]
WAR = War("war", "area:ground@1", FIRST, LAST, tuple(f"p{x}{y}" for x, y in GROUND), {}, (), ("toy",), "")

Box = tuple[int, int]


def rectangle(x0: int, x1: int, y0: int = 0, y1: int = HEIGHT) -> dict[str, Any]:
    """A polygon around boxes, the upper ends not counted."""
    west, east, south, north = (round(value * STEP, 5) for value in (x0, x1, y0, y1))
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def version(layer: str, feature: str) -> FeatureVersion:
    sovereign = "azerbaijan" if layer == "states" else None
    return FeatureVersion(layer, feature, 1, SPAN[0], None, 100.0, 1000.0, "traced", ("toy",), {}, sovereign)


def change(name: str, zone: str, controller: Any, day: date) -> Change:
    kind = "start" if day == SPAN[0] else "capture"
    text = day.isoformat()
    return Change(name, zone, controller, "held", text, day, "rule", kind, (), None, None, None, SPAN[0], None, "high",
                  None, ("toy",), "")  # fmt: skip


def world(rows: list[Change]) -> Geodata:
    """The lattice with a place in the middle of each box, and a row for each box of the ground."""
    start = [
        change("start", "state:land@1", "azerbaijan", SPAN[0]),
        change("start-artsakh", "state:land@1 - area:home@1", "artsakh", SPAN[0] + timedelta(1)),
    ]
    spots = [(x, y, round((x + 0.5) * STEP, 5), round((y + 0.5) * STEP, 5)) for x, y in GROUND]
    places = tuple(
        Place(f"p{x}{y}", "P", None, None, None, (), lon, lat, "village", 4, None, ("toy",)) for x, y, lon, lat in spots
    )
    shapes = {
        ("states", "land/1"): rectangle(0, WIDTH),
        ("areas", "home/1"): rectangle(0, 1),
        ("areas", "ground/1"): rectangle(1, 5),
    }
    versions = tuple(version(layer, name.split("/")[0]) for layer, name in shapes)
    layers = (Layer("states", "state", ""), Layer("areas", "area", ""))
    return Geodata(Path(), "", SPAN, layers, versions, shapes, (*start, *rows), places=places, wars=(WAR,))


@cache
def lattice() -> Mosaic:
    """Every box of the ground a cell of its own."""
    return mosaic.build(world([change(f"w{x}{y}", f"cell:war/p{x}{y}", "azerbaijan", LAST) for x, y in GROUND]))


def taken(days: dict[Box, int], **more: Any) -> tuple[ChangeLog, War]:
    """The log of a war in which boxes are taken on days counted from the first; the others on the last."""
    rows = [
        change(f"w{x}{y}", f"cell:war/p{x}{y}", "azerbaijan", FIRST + timedelta(days.get((x, y), 20)))
        for x, y in GROUND
    ]
    war = replace(WAR, **more)
    return compile_log(lattice(), world(rows).changes, (war,)), war


def day_of(log: ChangeLog, box: Box, name: str = "w") -> int:
    """On which day of the war a box changes hands."""
    return int(log.row_best[row_of(log, f"{name}{box[0]}{box[1]}")]) - FIRST.toordinal()


def row_of(log: ChangeLog, name: str) -> int:
    """The only row of a change."""
    (row,) = (row for row, index in enumerate(log.row_change.tolist()) if log.changes[index].id == name)
    return row


def around(boxes: set[Box]) -> set[Box]:
    """The boxes beside some, corners too."""
    near = {(x + i, y + j) for x, y in boxes for i in (-1, 0, 1) for j in (-1, 0, 1)}
    return {box for box in near - boxes if box in GROUND}


def test_the_lattice_is_one_cell_a_box() -> None:
    """Twenty cells of the size of a box, and the two sides' own land."""
    faces = lattice()
    assert faces.face_count == 22
    assert faces.area_m2[faces.cell[0] >= 0] / 1e6 == pytest.approx(19.7, rel=0.01)


def test_enclosed_ground_changes_with_its_surroundings() -> None:
    """Two boxes ringed on day 5, announced on day 9; their row keeps its name and says with what it was swept."""
    inside = {(2, 2), (3, 2)}
    log, _ = taken(dict.fromkeys(around(inside), 5) | dict.fromkeys(inside, 9))
    assert {day_of(log, box) for box in inside} == {5}
    row = row_of(log, "w22")
    assert log.moved_by(row).startswith("swept with w")
    assert log.moved_by(row).endswith(f"on {FIRST + timedelta(5)}")
    assert log.row_earliest[row] == log.row_best[row]
    assert log.row_latest[row] == (FIRST + timedelta(9)).toordinal()
    assert not log.row_moved[[log.changes[index].id == "w11" for index in log.row_change.tolist()]].any()


def test_the_ring_must_be_closed() -> None:
    """With one box of the ring missing nothing is swept before that one falls."""
    inside = {(2, 2), (3, 2)}
    ring = dict.fromkeys(around(inside), 5) | {(4, 2): 7}
    log, _ = taken(ring | dict.fromkeys(inside, 9))
    assert {day_of(log, box) for box in inside} == {7}


def test_a_pocket_that_a_source_names_stays() -> None:
    """It keeps its own day; its neighbour inside the same ring is swept."""
    inside = {(2, 2), (3, 2)}
    log, _ = taken(dict.fromkeys(around(inside), 5) | dict.fromkeys(inside, 9), pockets=("p22",))
    assert (day_of(log, (2, 2)), day_of(log, (3, 2))) == (9, 5)


def test_ground_at_the_edge_of_the_map_is_enclosed_when_small() -> None:
    """One box between the gains and the outside goes with them; two stay: there may be a way out."""
    one, two = {(2, 0)}, {(2, 0), (3, 0)}
    log, _ = taken(dict.fromkeys(around(one), 5) | dict.fromkeys(one, 9))
    assert day_of(log, (2, 0)) == 5
    log, _ = taken(dict.fromkeys(around(two), 5) | dict.fromkeys(two, 9))
    assert {day_of(log, box) for box in two} == {9}


def test_a_small_island_of_gains_waits() -> None:
    """One box far from its side's land counts when the land between has been taken; a named pocket at once."""
    days = {(4, 2): 1, (1, 2): 3, (2, 2): 6, (3, 2): 8}
    log, _ = taken(days)
    assert day_of(log, (4, 2)) == 8
    assert [day_of(log, box) for box in ((1, 2), (2, 2), (3, 2))] == [3, 6, 8]
    row = row_of(log, "w42")
    assert log.moved_by(row).startswith(f"held back to {FIRST + timedelta(8)}")
    assert log.row_latest[row] == log.row_best[row]
    assert day_of(taken(days, pockets=("p42",))[0], (4, 2)) == 1


def test_an_island_that_has_grown_counts() -> None:
    """Two boxes side by side are more than a pocket, on the day of the second."""
    log, _ = taken({(3, 2): 1, (3, 3): 4, (1, 2): 9})
    assert (day_of(log, (3, 2)), day_of(log, (3, 3))) == (4, 4)


def test_an_island_that_is_lost_again_never_counts() -> None:
    """Taken on day 1, lost on day 3: the map shows neither, and the order of rows is kept."""
    rows = [change(f"w{x}{y}", f"cell:war/p{x}{y}", "azerbaijan", LAST) for x, y in GROUND if (x, y) != (4, 2)]
    rows += [
        change("w42", "cell:war/p42", "azerbaijan", FIRST + timedelta(1)),
        change("lost42", "cell:war/p42", "artsakh", FIRST + timedelta(3)),
        change("again42", "cell:war/p42", "azerbaijan", LAST),
    ]
    data = world(rows)
    faces = mosaic.build(data)
    log = compile_log(faces, data.changes, data.wars)
    assert (day_of(log, (4, 2)), day_of(log, (4, 2), "lost")) == (3, 3)
    face = int(faces.locate(4.5 * STEP, 2.5 * STEP)[0])
    assert [item.id for item in log.reaching(face)][-3:] == ["w42", "lost42", "again42"]
    for day in (1, 2, 3, 4, 19):
        snapshot = compose(faces, log, FIRST + timedelta(day), known=SPAN[1])
        assert snapshot.controller[face] == "artsakh"


def test_a_main_body_is_not_swept() -> None:
    """Where all that Artsakh holds is to fall, the first gain does not take the rest with it."""
    rows = [change(f"w{x}{y}", f"cell:war/p{x}{y}", "azerbaijan", FIRST + timedelta(10 + x)) for x, y in GROUND]
    rest = change("rest", "state:land@1 - area:ground@1 - area:home@1", "azerbaijan", FIRST + timedelta(15))
    data = world([*rows, rest])
    war = replace(WAR, zone="state:land@1 - area:home@1")
    log = compile_log(lattice(), data.changes, (war,))
    assert not log.row_moved.any()


def test_rows_of_other_accounts_keep_their_days() -> None:
    """Only what counts by default is swept."""
    inside, days = (2, 2), dict.fromkeys(around({(2, 2)}), 5)
    rows = [change(f"w{x}{y}", f"cell:war/p{x}{y}", "azerbaijan", FIRST + timedelta(days.get((x, y), 20)))
            for x, y in GROUND if (x, y) != inside]  # fmt: skip
    own = change("w22", "cell:war/p22", "azerbaijan", FIRST + timedelta(9))
    rows += [
        replace(own, alternative_of="w22", account="one"),
        replace(own, id="other22", best=FIRST + timedelta(7), alternative_of="w22", account="other"),
    ]
    data = world(rows)
    faces = mosaic.build(data)
    log = compile_log(faces, data.changes, data.wars)
    assert (day_of(log, inside), day_of(log, inside, "other")) == (5, 7)


@given(
    st.lists(st.integers(0, 20), min_size=len(GROUND), max_size=len(GROUND)),
    st.sets(st.sampled_from(GROUND), max_size=2),
)
@settings(max_examples=60, deadline=None)
def test_whatever_the_days(days: list[int], pockets: set[Box]) -> None:
    """Applied twice it is as applied once; no pocket remains on any day; at the end all ground has changed hands."""
    log, war = taken(dict(zip(GROUND, days, strict=True)), pockets=tuple(f"p{x}{y}" for x, y in pockets))
    again = swept_log(lattice(), log, (war,))
    for name in ("row_face", "row_change", "row_best", "row_earliest", "row_latest", "row_swept_with"):
        assert (getattr(again, name) == getattr(log, name)).all(), name
    declared, swept = log.best[log.row_change], log.row_swept_with >= 0
    assert (log.row_best[swept] < declared[swept]).all()
    assert (log.row_best[~swept] >= declared[~swept]).all()
    assert (log.row_earliest <= log.row_best).all()
    assert (log.row_best <= log.row_latest).all()
    borders = borders_of(lattice())
    named = np.isin(
        lattice().cell[0], [[group[0] for group in lattice().grounds[0].groups].index(f"p{x}{y}") for x, y in pockets]
    )
    home = lattice().locate(0.5 * STEP, 0.5 * STEP)[0]
    for day in range(21):
        snapshot = compose(lattice(), log, FIRST + timedelta(day), known=SPAN[1])
        held = snapshot.controller == "azerbaijan"
        for land in (held, ~held):
            both = land[borders.one] & land[borders.other]
            label = components(len(land), borders.one[both], borders.other[both])
            area = np.bincount(label, borders.area_km2, len(land))
            for face in np.flatnonzero(land).tolist():
                if area[label[face]] < POCKET_KM2 and not named[label == label[face]].any():
                    assert label[face] == label[home], (day, face)
    assert (compose(lattice(), log, LAST, known=SPAN[1]).controller[lattice().cell[0] >= 0] == "azerbaijan").all()
