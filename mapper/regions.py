"""Tables of many data folders, built side by side and kept in the cache."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mapper.atlas import build_tables, has_tables, keep_tables, load
from mapper.errors import MapperError
from mapper.farm import HERE, ignore
from mapper.parcel import pack_folder, unpack_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mapper.farm import Farm

Tables = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Region:
    """What became of a data folder: tables in the cache, found there or built, or the reason why there are none."""

    folder: Path
    was_cached: bool
    data_version: str = ""
    faces: int = 0
    edges: int = 0
    changes: int = 0
    error: str = ""


def build_regions(
    folders: Sequence[Path], *, farm: Farm = HERE, report: Callable[[int], None] = ignore
) -> tuple[Region, ...]:
    """Build the tables of the folders that have none in the cache; the same bytes on any farm.

    A folder whose data breaks a rule stops no other one.

    Raises
    ------
    MapperError
        When a folder is no data folder.
    """
    cached = [has_tables(folder) for folder in folders]
    missing = [folder for folder, known in zip(folders, cached, strict=True) if not known]
    built = farm.run(build_region, [pack_folder(folder) for folder in missing], None, report=report)
    errors = {}
    for folder, tables in zip(missing, built, strict=True):
        if isinstance(tables, str):
            errors[folder] = tables
        else:
            keep_tables(folder, tables)
    return tuple(
        _describe(folder, known, errors.get(folder, "")) for folder, known in zip(folders, cached, strict=True)
    )


def build_region(_: None, content: bytes) -> Tables | str:
    """The tables of a packed data folder as bytes, else all that is wrong with it."""
    with tempfile.TemporaryDirectory(prefix="mapper-") as name:
        try:
            return build_tables(unpack_folder(content, Path(name)))
        except MapperError as error:
            return str(error)


def _describe(folder: Path, was_cached: bool, error: str) -> Region:
    if error:
        return Region(folder, was_cached, error=error)
    atlas = load(folder)
    counts = atlas.mosaic.face_count, len(atlas.mosaic.edge_left), len(atlas.log.changes)
    return Region(folder, was_cached, atlas.data_version, *counts)
