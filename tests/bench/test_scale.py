"""How the steps grow with the size of the world: synthetic worlds of four sizes, ten changes for each face.

The results are checked against each other, the times never.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from mapper import mosaic
from mapper.montecarlo import BLOCK, Question, Urn, build_network, draw_block, tell
from mapper.parties import BUILT_IN
from mapper.series import sum_series
from tests.bench.conftest import ROUNDS
from tests.bench.measured import peak_mb
from tests.bench.peers import find_runs
from tests.bench.worlds import SPAN, make_geography, make_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from numpy.typing import NDArray

    from mapper.changelog import ChangeLog
    from mapper.mosaic import Mosaic
    from mapper.series import Series
    from tests.bench.conftest import Clock
    from tests.bench.measured import Measured

SIZES = (100, 1_000, 10_000, 100_000)
CHANGES_PER_FACE = 10
POINTS_PER_FACE = 10
BY = ("district", "controller")
DAY = SPAN[0].replace(year=2007)
_ONCE = 30_000  # faces from which on a world is built once only
_SAMPLE = 200  # points whose faces are checked


@dataclass(frozen=True)
class World:
    """A world of some size; what a step needs and is not its own work is made before the clock runs."""

    faces: int
    mosaic: Mosaic

    @cached_property
    def log(self) -> ChangeLog:
        """Ten changes a face, each of one face."""
        return make_log(self.mosaic.face_count, CHANGES_PER_FACE * self.faces)

    def sum(self, log: ChangeLog, first: date, last: date) -> Series:
        """A series from the log."""
        return sum_series(self.mosaic, log, first, last, by=BY, known=SPAN[1])

    def daily(self, log: ChangeLog) -> NDArray[np.int64]:
        """The areas of every day."""
        return self.sum(log, *SPAN).expanded(np.arange(SPAN[0].toordinal(), SPAN[1].toordinal() + 1))

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """Ten points a face, anywhere in the world."""
        return np.random.default_rng(1923).uniform((44, 38), (48, 42), (POINTS_PER_FACE * self.faces, 2))

    @cached_property
    def draw(self) -> Callable[[], NDArray[np.float64]]:
        """A call that draws one block of areas by controller, lines and dates."""
        groups = self.log.controller[self.log.row_change]
        nobody = np.zeros(self.mosaic.face_count, np.int64)
        count = int(groups.max()) + 1
        question = Question(self.log, DAY, SPAN[1], (None,), groups, groups, nobody, count)
        urn = Urn(self.mosaic.area_m2, build_network(self.mosaic), question, (tell(question, None),))
        return lambda: draw_block(urn, np.random.SeedSequence(0))


@pytest.fixture(scope="module", params=SIZES)
def faces(request: pytest.FixtureRequest) -> int:
    """How many faces the world has."""
    if request.param > request.config.getoption("--largest"):
        pytest.skip("larger than --largest")
    return request.param


@pytest.fixture(scope="module")
def built(faces: int) -> Iterator[dict[int, World]]:
    """The world once it is built; forgotten before the next size."""
    found: dict[int, World] = {}
    yield found
    found.clear()


@pytest.fixture
def world(faces: int, built: dict[int, World]) -> World:
    """The world of a size."""
    if not built:
        built[faces] = World(faces, mosaic.build(make_geography(faces)))
    return built[faces]


def step(
    clock: Clock, measured: Measured, name: str, faces: int, function: Callable[[], Any], *, rounds: int = ROUNDS
) -> Any:
    """Measure a step's time and, in a run of its own, its memory; what it returns."""
    key = f"{name} at {faces}"
    clock(key, function, rounds=rounds, warm=faces < _ONCE)
    found, measured.megabytes[key] = peak_mb(function)
    return found


def test_build(clock: Clock, measured: Measured, faces: int, built: dict[int, World]) -> None:
    """The mosaic from the outlines; the largest world is built once."""
    data = make_geography(faces)
    if faces >= _ONCE:
        key = f"build at {faces}"
        found, measured.megabytes[key] = peak_mb(lambda: clock(key, mosaic.build, data, rounds=1, warm=False))
    else:
        found = step(clock, measured, "build", faces, lambda: mosaic.build(data))
    assert found.face_count == round(faces**0.5) ** 2
    assert not len(found.added_nodes)
    built[faces] = World(faces, found)


def test_one_day_looked_up(clock: Clock, measured: Measured, faces: int, world: World) -> None:
    """A in a series that is already there."""
    series = world.sum(world.log, *SPAN)
    found = step(clock, measured, "A", faces, lambda: series.on(DAY))
    assert found.sum() == world.mosaic.area_m2.sum()


def test_one_day_from_runs(clock: Clock, measured: Measured, faces: int, world: World) -> None:
    """A from the runs of deciding rows, found before."""
    names, district = world.mosaic.feature_codes("rayon", DAY)
    runs = find_runs(world.mosaic, world.log, SPAN[1], district)
    found = step(clock, measured, "A from runs", faces, lambda: runs.day(DAY))
    whole = world.sum(world.log, *SPAN)
    areas = dict(zip(whole.groups, whole.on(DAY).tolist(), strict=True))
    wanted = [areas.get((name, held), 0) for name in names.tolist() for held in BUILT_IN.names]
    assert wanted[: len(found)] == found.tolist()


def test_one_day(clock: Clock, measured: Measured, faces: int, world: World) -> None:
    """A from the log."""
    found = step(clock, measured, "A from the log", faces, lambda: world.sum(world.log, DAY, DAY))
    whole = world.sum(world.log, *SPAN)
    areas = dict(zip(whole.groups, whole.on(DAY).tolist(), strict=True))
    assert {group: area for group, area in areas.items() if area} == dict(
        zip(found.groups, found.on(DAY).tolist(), strict=True)
    )


def test_change_dates(clock: Clock, measured: Measured, faces: int, world: World) -> None:
    """B on change dates, from the log."""
    found = step(clock, measured, "B change dates", faces, lambda: world.sum(world.log, *SPAN))
    assert (found.area_m2.sum(axis=1) == world.mosaic.area_m2.sum()).all()


def test_every_day(clock: Clock, measured: Measured, faces: int, world: World) -> None:
    """B on every day, from the log."""
    found = step(clock, measured, "B", faces, lambda: world.daily(world.log))
    assert (found.sum(axis=1) == world.mosaic.area_m2.sum()).all()


def test_every_day_ten_faces_a_change(clock: Clock, measured: Measured, faces: int, world: World) -> None:
    """B on every day, from a log of as many changes that each reach ten faces."""
    log = make_log(world.mosaic.face_count, CHANGES_PER_FACE * faces, faces_per_change=10)
    found = step(clock, measured, "B, ten faces a change", faces, lambda: world.daily(log))
    assert (found.sum(axis=1) == world.mosaic.area_m2.sum()).all()


def test_locate(clock: Clock, measured: Measured, faces: int, world: World) -> None:
    """Ten points a face; the grid that answers for most of them is built before."""
    lons, lats = world.points.T
    face, _ = step(clock, measured, "locate", faces, lambda: world.mosaic.locate(lons, lats))
    here = np.flatnonzero(face >= 0)[:_SAMPLE]
    assert shapely.intersects_xy(world.mosaic.polygons[face[here]], lons[here], lats[here]).all()


def test_draw(clock: Clock, measured: Measured, faces: int, world: World) -> None:
    """One block of Monte Carlo draws; the network of lines is built before, and its time noted."""
    start = time.perf_counter()
    draw = world.draw
    measured.seconds[f"network at {faces}"] = time.perf_counter() - start
    rounds = 1 if faces >= _ONCE else ROUNDS  # half a minute each there
    found = step(clock, measured, "Monte Carlo draw", faces, draw, rounds=rounds)
    assert found.shape[0] == BLOCK
    assert found.sum(axis=1) == pytest.approx(world.mosaic.area_m2.sum(), rel=0.05)
