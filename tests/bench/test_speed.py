"""How long the core takes on the packaged data: ``python -m pytest tests/bench``; nothing here asserts a time."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mapper import mosaic
from mapper.atlas import load
from mapper.changelog import compile_log
from mapper.compose import compose
from mapper.records import War
from mapper.zones import zone_mask

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

    from mapper import Atlas

DAY = date(2020, 11, 10)
GROUND = "area:held-1994@1"


def test_compose(benchmark: BenchmarkFixture, atlas: Atlas) -> None:
    """One day from the log."""
    snapshot = benchmark(compose, atlas.mosaic, atlas.log, DAY, known=atlas.span[1])
    assert (snapshot.row >= 0).all()


def test_areas_by_district(benchmark: BenchmarkFixture, atlas: Atlas) -> None:
    """Areas of one day by district and controller, composition included."""
    table = benchmark(lambda: atlas.snapshot(DAY).area_table(["district", "controller"]))
    assert table.rows


def test_every_change_date(benchmark: BenchmarkFixture, atlas: Atlas) -> None:
    """Areas by controller on every change date."""
    tables = benchmark(lambda: [atlas.snapshot(day).area_table() for day in atlas.change_dates])
    assert len(tables) == len(atlas.change_dates)


def test_load_from_cache(benchmark: BenchmarkFixture, atlas: Atlas) -> None:
    """Hashing the folder and reading the tables."""
    assert benchmark(load, atlas.folder).data_version == atlas.data_version


def test_build(benchmark: BenchmarkFixture, atlas: Atlas) -> None:
    """The mosaic from the files' geometries."""
    built = benchmark.pedantic(mosaic.build, args=(atlas.data,), rounds=5)
    assert built.face_count == atlas.mosaic.face_count


def test_cut_into_cells(benchmark: BenchmarkFixture, atlas: Atlas) -> None:
    """The same with the land held in 1994 divided among all places on it, each with a row of its own."""
    ground = zone_mask(atlas.mosaic, GROUND)
    faces = atlas.mosaic.locate([place.lon for place in atlas.places], [place.lat for place in atlas.places])[0]
    seeds = [place.id for place, face in zip(atlas.places, faces.tolist(), strict=True) if face >= 0 and ground[face]]
    pattern = atlas.log.changes[-1]
    rows = [replace(pattern, id=f"row-{name}", zone=f"cell:bench/{name}") for name in seeds]
    war = War("bench", GROUND, date(2020, 9, 27), DAY, tuple(seeds), {}, (), ("bench",), "")
    data = replace(atlas.data, wars=(war,), changes=tuple(rows))
    built = benchmark.pedantic(mosaic.build, args=(data,), rounds=3)
    assert built.face_count > len(seeds) > 300


def test_compile(benchmark: BenchmarkFixture, atlas: Atlas) -> None:
    """The log from the changes, the rule of swept areas included."""
    log = benchmark(compile_log, atlas.mosaic, atlas.log.changes, tuple(atlas.wars.values()))
    assert len(log.row_face) == len(atlas.log.row_face)


@pytest.mark.parametrize("count", [1_000, 1_000_000])
def test_locate(benchmark: BenchmarkFixture, atlas: Atlas, count: int) -> None:
    """Faces of random points over the region."""
    random = np.random.default_rng(1923)
    lons, lats = random.uniform(45, 48, count), random.uniform(38.8, 41, count)
    face, _ = benchmark(atlas.mosaic.locate, lons, lats)
    assert (face >= 0).any()


@pytest.mark.parametrize("arguments", [["--help"], ["area", "2020-11-10"]])
def test_cold_process(benchmark: BenchmarkFixture, atlas: Atlas, arguments: list[str]) -> None:
    """The command in a fresh process, tables in the cache."""
    code = f"import sys; sys.argv = ['mapper', *{arguments!r}]; from mapper.cli import main; main()"
    assert atlas.data_version
    done = benchmark(subprocess.run, [sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout
