"""What a run of the bench measured, on which machine, with which versions; and how much memory a call takes."""

from __future__ import annotations

import ctypes
import gc
import importlib.metadata
import os
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

PACKAGES = ("numpy", "pandas", "shapely", "geopandas", "pyarrow", "duckdb", "psycopg")
_BYTES_PER_KB = 1024
_MB = 1e6


@dataclass
class Measured:
    """Medians by name, in seconds; runs behind each; megabytes; and words on what could not be measured."""

    seconds: dict[str, float] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)
    megabytes: dict[str, float] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])


def describe_machine(measured: Measured) -> list[str]:
    """Lines on the machine and the versions, read from the system."""
    release = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"no {name}")
    if server := measured.words.get("PostGIS version"):
        versions.append(server)
    runs = min(measured.rounds.values(), default=0)
    fewest = "at least five runs each" if runs >= 5 else "at least five runs each, but where a single run is said"
    machine = f"{_processor()}, {os.cpu_count()} cores seen, {memory:.0f} GiB, {release}"
    return [
        f"- {machine}; load average before the run {measured.load_before:.1f}.",
        f"- {', '.join(versions)}.",
        f"- Medians of {fewest}.",
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def peak_mb(function: Callable[[], T]) -> tuple[T, float]:
    """What a call returns, and how far the process's memory rose while it ran above what it holds afterwards, MB.

    That is the memory beyond the result, whoever took it: numpy, GEOS or Python. Linux only.
    """
    _trim()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the high-water mark starts anew
    before = _memory_mb("VmRSS")
    value = function()
    high = _memory_mb("VmHWM")
    _trim()
    return value, max(high - max(before, _memory_mb("VmRSS")), 0.0)


def _trim() -> None:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def _memory_mb(name: str) -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * _BYTES_PER_KB / _MB
    return float("nan")
