"""Who controlled what, on which day, how much land was that, and who says so: the Nagorno-Karabakh conflict by date."""

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
