"""Work in parts, done in this process or by the workers of a Dask cluster; results come in the order of the parts.

A part's result follows from the function, what all parts share and the part alone, and every worker runs the same code.
So neither the number of workers, nor which of them does what, nor one that dies on the way can change a result.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

from mapper.errors import MapperError

T = TypeVar("T")
S = TypeVar("S")
P = TypeVar("P")

AHEAD = 4
"""Parts under way for each worker: enough that none waits, few enough that results need little room."""
PATIENCE_S = 20
"""How long a cluster may take to answer, and to show its first worker."""
_LIBRARIES = ("numpy", "shapely", "pyproj", "geopandas", "folium", "matplotlib", "rasterio")
_ONE_AT_A_TIME = threading.Lock()  # matplotlib and GDAL keep settings that all threads of a process share


def ignore(_: int) -> None:
    """Report nothing."""


class Farm(Protocol):
    """Where parts of some work are done."""

    def run(
        self, function: Callable[[S, P], T], parts: Sequence[P], shared: S, *, report: Callable[[int], None] = ignore
    ) -> Iterator[T]:
        """``function(shared, part)`` of each part, in the order of the parts; all three must be able to be pickled.

        Parameters
        ----------
        report
            Called with the number of parts that are done.
        """
        ...


@dataclass(frozen=True, slots=True)
class Here:
    """The process itself, one part after the other; needs no Dask."""

    def run(
        self, function: Callable[[S, P], T], parts: Sequence[P], shared: S, *, report: Callable[[int], None] = ignore
    ) -> Iterator[T]:
        """See ``Farm``."""
        for done, part in enumerate(parts):
            report(done)
            yield function(shared, part)


HERE: Farm = Here()


@dataclass(frozen=True, slots=True)
class Cluster:
    """The workers of a Dask cluster; what a dead one had done or begun is done again by another."""

    client: Any

    def run(
        self, function: Callable[[S, P], T], parts: Sequence[P], shared: S, *, report: Callable[[int], None] = ignore
    ) -> Iterator[T]:
        """See ``Farm``.

        Raises
        ------
        MapperError
            When the cluster is lost, a part ends every worker that tries it, or workers run other code.
        """
        # A task and not scattered data: the scheduler can have it made again when the last worker that has it dies.
        common = self.client.submit(_keep, shared, pure=False)
        ahead = AHEAD * max(sum(self.client.nthreads().values()), 1)
        under_way: deque[Any] = deque()
        for number, part in enumerate(parts):
            under_way.append(self.client.submit(_call, fingerprint(), function, common, part, pure=False))
            if len(under_way) >= ahead:
                report(number + 1 - len(under_way))
                yield _result(under_way.popleft())
        while under_way:
            report(len(parts) - len(under_way))
            yield _result(under_way.popleft())


def _result(future: Any) -> Any:
    from concurrent.futures import CancelledError

    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        msg = f"a part of the work ended every worker that tried it ({error}); see their logs, is their memory enough?"
    except CancelledError:
        msg = "the cluster was lost before the work was done; see the log of its scheduler and start again"
    except ModuleNotFoundError as error:
        msg = f"the workers of the cluster cannot run this work ({error}); install the same mapper there"
    raise MapperError(msg) from None


def _keep(shared: S) -> S:
    return shared


def _call(expected: str, function: Callable[[S, P], T], shared: S, part: P) -> T:
    """What a worker does."""
    if fingerprint() != expected:
        msg = "a worker of the cluster runs another version of mapper or its libraries; install the same ones there"
        raise MapperError(msg)
    with _ONE_AT_A_TIME:
        return function(shared, part)


@cache
def fingerprint() -> str:
    """A hash of this code and the versions of the libraries that results depend on."""
    found = hashlib.blake2b(digest_size=16)
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for name in _LIBRARIES:
        found.update(f"{name} {_version(name)}\0".encode())
    return found.hexdigest()


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


@contextmanager
def open_farm(workers: int | None = None, scheduler: str | None = None) -> Iterator[Farm]:
    """Where work is to be done, until the block ends.

    Parameters
    ----------
    workers
        As many worker processes on this machine, which only it can reach; None: this process, without Dask.
    scheduler
        The address of a running Dask scheduler instead, for example ``tcp://10.0.0.1:8786``.

    Raises
    ------
    MapperError
        When both are given, Dask is not installed, or the cluster does not answer.
    """
    if workers is None and scheduler is None:
        yield HERE
        return
    if workers is not None and scheduler is not None:
        msg = "--workers starts workers on this machine, --scheduler uses those of a cluster; give one of the two"
        raise MapperError(msg)
    with ExitStack() as stack:
        yield Cluster(stack.enter_context(_connect(workers, scheduler)))


@contextmanager
def _connect(workers: int | None, scheduler: str | None) -> Iterator[Any]:
    try:
        import dask
        from distributed import Client, LocalCluster
        from distributed.comm import resolve_address
    except ImportError as error:
        msg = f"work on several workers needs Dask ({error}); pip install 'mapper[cluster]', or leave --workers away"
        raise MapperError(msg) from None
    quiet = {"distributed.admin.large-graph-warning-threshold": "1GB"}  # what is shared travels as a task on purpose
    with dask.config.set(quiet), ExitStack() as stack:
        if workers is not None:
            # No limit of memory: a part needs little, and a limit would end workers where a neighbour takes much.
            local = {
                "threads_per_worker": 1,
                "host": "127.0.0.1",
                "dashboard_address": "127.0.0.1:0",
                "memory_limit": 0,
            }
            cluster = stack.enter_context(LocalCluster(n_workers=workers, processes=True, silence_logs=50, **local))
            yield stack.enter_context(Client(cluster, set_as_default=False))
            return
        try:
            resolve_address(scheduler)
            client = stack.enter_context(Client(scheduler, timeout=PATIENCE_S, set_as_default=False))
        except (OSError, ValueError) as error:
            msg = f"no Dask scheduler answers at {scheduler} ({error}); start one: dask scheduler"
            raise MapperError(msg) from None
        try:
            client.wait_for_workers(1, timeout=PATIENCE_S)
        except TimeoutError:
            msg = f"the scheduler {scheduler} has no workers; start some: dask worker {scheduler} --nthreads 1"
            raise MapperError(msg) from None
        yield client
