"""How long the steps take on the packaged data; nothing here asserts a time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import mapper.atlas as atlas_module
from mapper import mosaic
from mapper.atlas import STAGES, load
from mapper.changelog import compile_log
from mapper.records import War
from mapper.zones import zone_mask
from tests.bench.conftest import ROUNDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mapper import Atlas
    from tests.bench.conftest import Clock
    from tests.bench.measured import Measured

DAY = date(2020, 11, 10)
GROUND = "area:held-1994@1"
#: The functions of ``mosaic.build`` by what they do; what they leave is reading shapes and areas.
BUILD_PARTS = {
    "noding": ("node",),
    "faces": ("faces_of", "_membership", "tidy"),
    "cells of the wars": ("find_divisions", "cut"),
    "edges and their precision": ("_course_precision", "_edges"),
}


def test_compose(clock: Clock, atlas: Atlas) -> None:
    """One day from the log."""
    snapshot = clock("compose", atlas.snapshot, DAY)
    assert (snapshot.row >= 0).all()


def test_every_change_date(clock: Clock, atlas: Atlas) -> None:
    """Areas by controller on every change date, with their intervals."""
    tables = clock(
        "tables of all change dates",
        lambda: [atlas.snapshot(day).area_table() for day in atlas.change_dates],
        rounds=ROUNDS,
    )
    assert len(tables) == len(atlas.change_dates)


def test_load_from_cache(clock: Clock, atlas: Atlas) -> None:
    """Hashing the folder and reading the tables."""
    assert clock("load from the cache", load, atlas.folder).data_version == atlas.data_version


def test_load_from_nothing(
    clock: Clock, measured: Measured, atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything from the files, with the cache empty: reading, building, checking, resolving changes."""
    monkeypatch.setattr(atlas_module, "_from_cache", lambda *_: None)
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path))
    runs: list[list[float]] = []

    def from_nothing() -> Atlas:
        begun: list[float] = []
        found = load(atlas.folder, progress=lambda _: begun.append(time.perf_counter()))
        runs.append(np.diff([*begun, time.perf_counter()]).tolist())
        return found

    assert clock("load from nothing", from_nothing, rounds=ROUNDS).data_version == atlas.data_version
    medians = np.median(runs[-ROUNDS:], axis=0).tolist()
    measured.words["parts of loading"] = _listed(dict(zip(STAGES, medians, strict=True)))


def test_build(clock: Clock, measured: Measured, atlas: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mosaic from the files' geometries, and what its time is made of."""
    data = atlas.data
    built = clock("build", mosaic.build, data, rounds=ROUNDS)
    assert built.face_count == atlas.mosaic.face_count
    spent: dict[str, float] = dict.fromkeys(BUILD_PARTS, 0.0)
    for part, names in BUILD_PARTS.items():
        for name in names:
            monkeypatch.setattr(mosaic, name, _timed(getattr(mosaic, name), spent, part))
    start = time.perf_counter()
    for _ in range(ROUNDS):
        mosaic.build(data)
    spent["areas, reading and writing of shapes"] = time.perf_counter() - start - sum(spent.values())
    measured.words["parts of building"] = _listed({part: seconds / ROUNDS for part, seconds in spent.items()})


def _timed(function: Callable[..., Any], spent: dict[str, float], part: str) -> Callable[..., Any]:
    def run(*args: Any) -> Any:
        start = time.perf_counter()
        found = function(*args)
        spent[part] += time.perf_counter() - start
        return found

    return run


def _listed(parts: dict[str, float]) -> str:
    return ", ".join(f"{part} {seconds:.2f} s" for part, seconds in sorted(parts.items(), key=lambda item: -item[1]))


def test_cut_into_cells(clock: Clock, atlas: Atlas) -> None:
    """The mosaic with the land held in 1994 divided among all places on it, each with a row of its own."""
    ground = zone_mask(atlas.mosaic, GROUND)
    faces = atlas.mosaic.locate([place.lon for place in atlas.places], [place.lat for place in atlas.places])[0]
    seeds = [place.id for place, face in zip(atlas.places, faces.tolist(), strict=True) if face >= 0 and ground[face]]
    pattern = atlas.log.changes[-1]
    rows = [replace(pattern, id=f"row-{name}", zone=f"cell:bench/{name}") for name in seeds]
    war = War("bench", GROUND, date(2020, 9, 27), DAY, tuple(seeds), {}, (), ("bench",), "")
    data = replace(atlas.data, wars=(war,), changes=tuple(rows))
    built = clock("build with all places as seeds", mosaic.build, data, rounds=ROUNDS, warm=False)
    assert built.face_count > len(seeds) > 300


def test_compile(clock: Clock, atlas: Atlas) -> None:
    """The log from the changes, the rule of swept areas included."""
    log = clock("compile the log", compile_log, atlas.mosaic, atlas.log.changes, tuple(atlas.wars.values()), rounds=5)
    assert len(log.row_face) == len(atlas.log.row_face)


@pytest.mark.parametrize("count", [1_000, 1_000_000])
def test_locate(clock: Clock, atlas: Atlas, count: int) -> None:
    """Faces of random points over the region."""
    random = np.random.default_rng(1923)
    lons, lats = random.uniform(45, 48, count), random.uniform(38.8, 41, count)
    face, _ = clock(f"locate {count}", atlas.mosaic.locate, lons, lats, rounds=ROUNDS)
    assert (face >= 0).any()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("numpy in a cold process", "import numpy; print(numpy.__version__)"),
        ("mapper --help", "import sys; sys.argv = ['mapper', '--help']; from mapper.cli import main; main()"),
        (
            "mapper area 2020-11-10",
            "import sys; sys.argv = ['mapper', 'area', '2020-11-10']; from mapper.cli import main; main()",
        ),
    ],
)
def test_cold_process(clock: Clock, atlas: Atlas, name: str, code: str) -> None:
    """A command in a fresh process, the tables in the cache, the files in the system's memory."""
    assert load(atlas.folder).data_version == atlas.data_version
    # An installed package is compiled once; a shell that forbids that would have every run compile it again.
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    run = partial(subprocess.run, [sys.executable, "-c", code], capture_output=True, check=True, env=env)
    done = clock(name, run, rounds=9)
    assert done.stdout
