"""Data folders on their way to other machines: their files as one archive, and an atlas that travels with them."""

from __future__ import annotations

import io
import shutil
import tempfile
import weakref
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mapper.geodata import data_files

if TYPE_CHECKING:
    from mapper.atlas import Atlas


def pack_folder(folder: Path) -> bytes:
    """The files of a data folder, base map included, as a zip archive; the same files give the same bytes.

    Raises
    ------
    MapperError
        When the folder is no data folder.
    """
    base = (path for path in (folder / "base").rglob("*") if path.is_file())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted({*data_files(folder), *base}):
            name = zipfile.ZipInfo(path.relative_to(folder).as_posix())  # without a stamp of time
            archive.writestr(name, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return target.getvalue()


def unpack_folder(content: bytes, folder: Path) -> Path:
    """Write the files from ``pack_folder`` into a folder; that folder."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder


class Parcel:
    """An atlas that can be pickled: its tables and the files of its folder travel, nothing is built anew.

    Attributes
    ----------
    atlas
        The atlas; once unpickled, on files of its own that go when the parcel goes.
    """

    def __init__(self, atlas: Atlas) -> None:
        self.atlas = atlas

    def __reduce__(self) -> tuple[object, ...]:
        # Copies, because originals hold what they have worked out, which is large.
        bare = replace(self.atlas, mosaic=replace(self.atlas.mosaic), log=replace(self.atlas.log))
        return _open, (bare, pack_folder(self.atlas.folder))


def _open(atlas: Atlas, content: bytes) -> Parcel:
    folder = unpack_folder(content, Path(tempfile.mkdtemp(prefix="mapper-")))
    parcel = Parcel(replace(atlas, folder=folder))
    weakref.finalize(parcel, shutil.rmtree, folder, ignore_errors=True)
    return parcel
