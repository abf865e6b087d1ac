"""Who controlled what, on which day, how much land was that, and who says so: the Nagorno-Karabakh conflict by date."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mapper.atlas import Atlas, load
    from mapper.errors import DataError, DateError, MapperError, OutputError, PlaceError, ZoneError
    from mapper.snapshot import Snapshot

__all__ = [
    "Atlas",
    "DataError",
    "DateError",
    "MapperError",
    "OutputError",
    "PlaceError",
    "Snapshot",
    "ZoneError",
    "load",
]

_MODULES = {"Atlas": "atlas", "load": "atlas", "Snapshot": "snapshot"}


def __getattr__(name: str) -> Any:
    """A public name, from its module on first use, so that ``mapper --help`` need not wait for numpy (PEP 562)."""
    if name not in __all__:
        msg = f"module 'mapper' has no attribute '{name}'"
        raise AttributeError(msg)
    return getattr(import_module(f"mapper.{_MODULES.get(name, 'errors')}"), name)
