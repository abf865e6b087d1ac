"""Work in parts gives the same bytes here, on one, two or four workers, and when a worker dies with its hands full."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from typer.testing import CliRunner

from mapper import farm as farms
from mapper.cli import app
from mapper.errors import DataError, Finding, MapperError
from mapper.farm import HERE, Cluster, open_farm
from mapper.fingerprint import hash_folder
from mapper.frames import Look, render_frames
from mapper.montecarlo import Urn, build_network, draw_block
from mapper.parcel import Parcel, pack_folder, unpack_folder
from mapper.regions import build_region, build_regions
from tests.conftest import TOY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mapper import Atlas

ROOT = Path(__file__).parent.parent
DAYS = [date(2020, 11, 10), date(2020, 12, 2)]
loopback = pytest.mark.allow_hosts(["127.0.0.1"])


# --- the same bytes ------------------------------------------------------------------------------------------------


def make_all(atlas: Atlas, farm: farms.Farm) -> dict[str, Any]:
    """Draws, maps and tables of data folders, as bytes."""
    drawn = atlas.snapshot("2020-11-15").areas(method="montecarlo", draws=400, seed=3, farm=farm)
    return {
        "draws": drawn.to_csv(float_format="%r").encode(),
        "maps": dict(render_frames(atlas, DAYS, Look("svg"), farm=farm)),
        "tables": list(farm.run(build_region, [pack_folder(TOY)] * 2, None)),
    }


@pytest.fixture(scope="module")
def made_here(toy_atlas) -> dict[str, Any]:
    """What this process makes, without Dask."""
    return make_all(toy_atlas, HERE)


@loopback
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_number_of_workers_changes_no_byte(toy_atlas, made_here, workers: int) -> None:
    """Draws, maps and built tables, on worker processes of this machine."""
    with open_farm(workers) as farm:
        assert isinstance(farm, Cluster)
        assert len(farm.client.scheduler_info()["workers"]) == workers
        made = make_all(toy_atlas, farm)
    assert made == made_here
    assert all(content.startswith(b"<?xml") for content in made["maps"].values())


def test_results_come_in_order_with_their_progress() -> None:
    """Here, one after the other."""
    reported: list[int] = []
    assert list(HERE.run(lambda shared, part: shared * part, [3, 1, 2], 10, report=reported.append)) == [30, 10, 20]
    assert reported == [0, 1, 2]


def test_a_block_of_draws_is_the_same_whoever_draws_it(toy_atlas) -> None:
    """Its random stream is a child of the seed, by its number alone; more draws begin with the same ones."""
    few, many = (np.random.SeedSequence(7).spawn(count) for count in (2, 9))
    for one, other in zip(few, many, strict=False):
        assert np.random.default_rng(one).random(4).tolist() == np.random.default_rng(other).random(4).tolist()


# --- a cluster, and a worker that dies -----------------------------------------------------------------------------


@dataclass
class Processes:
    """A scheduler and its workers on loopback."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """A process of Dask with this code."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", f"distributed.cli.dask_{arguments[0]}", *arguments[1:], "--no-dashboard"]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_until(met: Callable[[], object], seconds: float = 60) -> None:
    """Until a condition is met; the test fails when it never is."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Processes]:
    """A scheduler and so many workers, each a process of its own without a nurse that would restart it."""
    file = folder / "scheduler.json"
    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
    started: list[subprocess.Popen[bytes]] = []
    try:
        wait_until(lambda: file.is_file() and file.read_text().strip().endswith("}"))
        address = json.loads(file.read_text())["address"]
        for number in range(workers):
            options = ["--no-nanny", "--nthreads", "1", "--host", "127.0.0.1", "--name", f"worker-{number}"]
            started.append(start("worker", address, *options, "--local-directory", str(folder)))
        yield Processes(address, scheduler, started)
    finally:
        for process in [*started, scheduler]:
            process.kill()
            process.wait()


def draw_behind_gate(shared: tuple[Urn, Path], stream: np.random.SeedSequence) -> Any:
    """A block of draws; every second one waits for a file named gate, and all leave a note of who began them."""
    urn, folder = shared
    (number,) = stream.spawn_key
    (folder / f"begun-{number}-by-{os.getpid()}").touch()
    while number % 2 and not (folder / "gate").exists():
        time.sleep(0.02)
    return draw_block(urn, stream)


@loopback
def test_a_worker_that_dies_with_unfinished_work_changes_no_byte(tmp_path: Path, toy_atlas) -> None:
    """One of two is killed while the scheduler has it at work; the other does that work again."""
    streams = np.random.SeedSequence(5).spawn(12)
    urn = make_urn(toy_atlas)
    expected = [block.tobytes() for block in HERE.run(draw_block, streams, urn)]
    found: list[bytes] = []
    with cluster(tmp_path, workers=2) as processes, open_farm(scheduler=processes.address) as farm:
        assert isinstance(farm, Cluster)
        farm.client.wait_for_workers(2, timeout=60)

        def gather() -> None:
            found.extend(block.tobytes() for block in farm.run(draw_behind_gate, streams, (urn, tmp_path)))

        thread = Thread(target=gather, daemon=True)
        thread.start()
        victim = processes.workers[0]
        wait_until(lambda: begun_by(tmp_path, victim.pid) and begun_by(tmp_path, processes.workers[1].pid))
        wait_until(lambda: any(number % 2 for number in begun_by(tmp_path, victim.pid)))
        held = {name: keys for name, keys in farm.client.processing().items() if keys}
        info = farm.client.scheduler_info()["workers"]
        (address,) = (address for address, worker in info.items() if worker["name"] == "worker-0")
        assert held[address], "the worker that is to die has nothing to do"
        assert not (tmp_path / "gate").exists()
        assert thread.is_alive()
        victim.kill()
        victim.wait()
        wait_until(lambda: list(farm.client.scheduler_info()["workers"]) != list(info))
        assert len(farm.client.scheduler_info()["workers"]) == 1
        (tmp_path / "gate").touch()
        thread.join(timeout=120)
        assert not thread.is_alive()
    assert found == expected
    again = begun_by(tmp_path, victim.pid) & begun_by(tmp_path, processes.workers[1].pid)
    assert any(number % 2 for number in again), "nobody did the dead worker's unfinished part again"


def make_urn(atlas: Atlas) -> Urn:
    """What draws by controller draw from, as the farm is handed it."""
    urns: list[Urn] = []

    class Ask:
        """A farm that only looks at what it is to do."""

        def run(self, function: Any, parts: Any, shared: Urn, **_: Any) -> Iterator[Any]:
            urns.append(shared)
            return HERE.run(function, parts, shared)

    atlas.snapshot("2020-11-15").areas(method="montecarlo", draws=100, farm=Ask())
    (urn,) = urns
    assert len(urn.network.x) == len(build_network(atlas.mosaic).x)
    return urn


def begun_by(folder: Path, process: int) -> set[int]:
    """Numbers of the blocks that a process began."""
    return {int(path.name.split("-")[1]) for path in folder.glob(f"begun-*-by-{process}")}


@loopback
def test_commands_run_on_a_cluster(tmp_path: Path, toy_atlas) -> None:
    """Its address is all they need; the answers are those of one machine."""
    options = ["area", "2020-11-15", "--method", "montecarlo", "-n", "200", "--format", "csv", "--data", str(TOY)]
    plain = CliRunner().invoke(app, options)
    with cluster(tmp_path, workers=1) as processes:
        shared = CliRunner().invoke(app, [*options, "--scheduler", processes.address])
        assert shared.exit_code == 0, shared.output
        options = ["frames", "2020-12", "2020-12", "--format", "html", "-o", str(tmp_path / "frames")]
        drawn = CliRunner().invoke(app, [*options, "--data", str(TOY), "--scheduler", processes.address])
        assert drawn.exit_code == 0, drawn.output
    assert shared.stdout == plain.stdout
    for path in (tmp_path / "frames").iterdir():
        (_, expected), *_ = render_frames(toy_atlas, [date.fromisoformat(path.stem)], Look("html"))
        assert path.read_bytes() == expected


# --- what goes wrong -----------------------------------------------------------------------------------------------


def refuse(_: None, part: int) -> int:
    """A part that finds something wrong."""
    raise DataError([Finding("changes.csv", f"row-{part}", "it is a test")])


def test_errors_of_parts_are_the_same_everywhere() -> None:
    """A part's own message arrives whole, also through a pickle."""
    import pickle

    with pytest.raises(DataError, match=r"changes\.csv, row-4: it is a test"):
        list(HERE.run(refuse, [4], None))
    error = DataError([Finding("a", "b", "c")])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - what Dask does with it
    assert (str(again), again.findings) == (str(error), error.findings)


@loopback
def test_errors_of_a_cluster_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No scheduler, no workers, other code, a part's own error."""
    monkeypatch.setattr(farms, "PATIENCE_S", 1)
    for address in ("tcp://127.0.0.1:1", "nonsense"):
        with pytest.raises(MapperError, match="no Dask scheduler answers at"), open_farm(scheduler=address):
            pass
    with (
        cluster(tmp_path, workers=0) as processes,
        pytest.raises(MapperError, match="has no workers; start some: dask worker tcp://"),
        open_farm(scheduler=processes.address),
    ):
        pass
    with open_farm(workers=1) as farm:
        with pytest.raises(DataError, match="row-4: it is a test"):
            list(farm.run(refuse, [4], None))
        monkeypatch.setattr(farms, "fingerprint", lambda: "other code")
        with pytest.raises(MapperError, match="runs another version of mapper"):
            list(farm.run(refuse, [4], None))


def sleep_on(_: None, seconds: float) -> None:
    """A part that takes long."""
    time.sleep(seconds)


@loopback
def test_a_lost_cluster_is_named(tmp_path: Path) -> None:
    """Its scheduler ends while work is under way: a message, no waiting for ever."""
    with cluster(tmp_path, workers=1) as processes, open_farm(scheduler=processes.address) as farm:
        work = farm.run(sleep_on, [0.0, 600.0, 600.0, 600.0, 600.0, 600.0], None)
        next(work)
        processes.scheduler.kill()
        with pytest.raises(MapperError, match="the cluster was lost before the work was done"):
            next(work)


def test_without_dask_one_machine_works_on(monkeypatch: pytest.MonkeyPatch, toy_atlas) -> None:
    """And a farm says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    options = ["area", "2020-11-15", "--method", "montecarlo", "-n", "100", "--data", str(TOY)]
    assert CliRunner().invoke(app, options).exit_code == 0
    result = CliRunner().invoke(app, [*options, "--workers", "2"])
    assert result.exit_code == 1
    assert "pip install 'mapper[cluster]'" in result.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["area", "2020-11-15", "--workers", "2"], "add --method montecarlo"),
        (["tables", "--workers", "2", "--scheduler", "tcp://127.0.0.1:1"], "give one of the two"),
    ],
)
def test_options_that_contradict(options: list[str], message: str, tmp_path: Path) -> None:
    """Are refused before any work."""
    more = ["-o", str(tmp_path / "out")] if options[0] == "tables" else []
    result = CliRunner().invoke(app, [*options, *more, "--data", str(TOY)])
    assert result.exit_code == 1
    assert message in result.stderr


# --- atlases and folders on their way ------------------------------------------------------------------------------


def test_an_atlas_travels_with_its_files(toy_atlas) -> None:
    """Unpickled it lies elsewhere and answers alike, maps included; its files go when it goes."""
    import pickle

    parcel = pickle.loads(pickle.dumps(Parcel(toy_atlas)))  # noqa: S301 - what Dask does with it
    folder = parcel.atlas.folder
    assert folder != toy_atlas.folder
    assert folder.is_dir()
    (_, there), *_ = render_frames(parcel.atlas, DAYS, Look("html"))
    (_, here), *_ = render_frames(toy_atlas, DAYS, Look("html"))
    assert there == here
    del parcel
    assert not folder.exists()


def test_a_packed_folder_holds_all_that_makes_the_data(tmp_path: Path, atlas) -> None:
    """Unpacked it is the same data, base map included; packed again the same bytes."""
    content = pack_folder(atlas.folder)
    again = unpack_folder(content, tmp_path / "again")
    assert pack_folder(again) == content
    assert hash_folder(again) == hash_folder(atlas.folder)
    for path in (atlas.folder / "base").iterdir():
        assert (again / "base" / path.name).read_bytes() == path.read_bytes()


def test_build_keeps_tables_and_names_what_is_broken(toy_folder: Path, tmp_path: Path) -> None:
    """A broken folder stops no other; the second time nothing is built."""
    (toy_folder / "VERSION").write_text("0.0.2 2021-12-31\n")
    broken = unpack_folder(pack_folder(TOY), tmp_path / "broken")
    (broken / "changes.csv").write_text("nonsense\n")
    result = CliRunner().invoke(app, ["build", str(toy_folder), str(broken), "--format", "json"])
    assert result.exit_code == 1
    assert "changes.csv" in result.stderr
    rows = json.loads(result.stdout)["rows"]
    assert [row["state"] for row in rows] == ["built", "broken"]
    assert rows[0]["faces"] > 5
    (again,) = build_regions([toy_folder])
    assert again.was_cached
    assert CliRunner().invoke(app, ["build", str(tmp_path)]).exit_code == 1
