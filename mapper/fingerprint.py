"""Content hashes of a data folder, by which built tables are kept: of what makes geometry, and of everything.

Standard library only and nothing is parsed into records, because every call of the command line passes here.
"""

from __future__ import annotations

import csv
import hashlib
import json
from typing import TYPE_CHECKING, Any

from mapper.geodata import data_files
from mapper.zones import group_cells

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def hash_folder(folder: Path) -> tuple[str, str]:
    """Content hashes of the geometry and of everything together, so that editing a date rebuilds no geometry.

    Of the tables the geometry depends on the seeds of the wars, on where they lie, and on which cells have one
    history; see ``cells.py``.
    """
    geometry, everything = hashlib.blake2b(digest_size=16), hashlib.blake2b(digest_size=16)
    for path in data_files(folder):
        name = path.relative_to(folder).as_posix()
        content = name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b"") + b"\0"
        everything.update(content)
        if name == "layers.json" or (path.suffix == ".geojson"):
            geometry.update(content)
    geometry.update(_cells(folder))
    return geometry.hexdigest(), everything.hexdigest()


def _cells(folder: Path) -> bytes:
    """What the geometry of the cells depends on; the whole files where they cannot be read."""
    files = [folder / name for name in ("cells.json", "places.csv", "changes.csv")]
    try:
        wars = json.loads(files[0].read_bytes())["wars"]
        seeds = {place for war in wars for place in war["places"]}
        if not seeds:
            return json.dumps([]).encode()
        spots = sorted((row["id"], row["lon"], row["lat"]) for row in _rows(files[1]) if row["id"] in seeds)
        groups: dict[tuple[str, ...], list[str]] = {}
        for cell, rows in group_cells((row["id"], row["zone"]) for row in _rows(files[2])).items():
            groups.setdefault(rows, []).append(cell)
        found: list[Any] = [
            [
                [war["id"], war["zone"], sorted(war["places"]), sorted(war["weights"].items())]
                for war in sorted(wars, key=lambda war: war["id"])
            ],
            spots,
            sorted(sorted(cells) for cells in groups.values()),
        ]
        return json.dumps(found).encode()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error):
        return b"\0".join(path.read_bytes() if path.is_file() else b"" for path in files)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as source:
        yield from csv.DictReader(source, strict=True)
