"""The bench's clock, and its ``--tables``, which writes what was measured into the bench's README."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.bench import tables
from tests.bench.measured import Measured

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_benchmark.fixture import BenchmarkFixture

_KEY = pytest.StashKey[Measured]()
ROUNDS = 5


class Clock(Protocol):
    """Measures a call and remembers its median under a name; the call's own result comes back."""

    def __call__(self, name: str, function: Callable[..., Any], *args: Any, rounds: int = 0, **options: Any) -> Any:
        """``rounds`` for calls that take long, with one more to warm up if ``warm``; 0: as many as a second holds."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The bench's own options."""
    group = parser.getgroup("bench of mapper")
    group.addoption("--tables", action="store_true", help="write what was measured into tests/bench/README.md")
    group.addoption("--largest", type=int, default=100_000, help="faces of the largest synthetic world (100000)")


def pytest_configure(config: pytest.Config) -> None:
    """A place for what is measured."""
    config.stash[_KEY] = Measured()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the tables if asked to."""
    if session.config.getoption("--tables"):
        tables.write(Path(__file__).parent, session.config.stash[_KEY])


@pytest.fixture(scope="session")
def measured(pytestconfig: pytest.Config) -> Measured:
    """All that has been measured so far."""
    return pytestconfig.stash[_KEY]


@pytest.fixture
def clock(benchmark: BenchmarkFixture, measured: Measured) -> Clock:
    """See ``Clock``."""

    def run(name: str, function: Callable[..., Any], *args: Any, rounds: int = 0, warm: bool = True) -> Any:
        benchmark.name = name
        if rounds:
            found = benchmark.pedantic(function, args=args, rounds=rounds, warmup_rounds=int(warm))
        else:
            found = benchmark(function, *args)
        if benchmark.stats is not None:  # None when the bench runs without its clock
            measured.seconds[name] = benchmark.stats.stats.median
            measured.rounds[name] = benchmark.stats.stats.rounds
        return found

    return run
