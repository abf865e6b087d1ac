"""Writing files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from mapper.errors import OutputError


def check_target(path: Path, *, overwrite: bool) -> None:
    """Raise OutputError when a file could not be written, before the work for it is done."""
    if path.exists() and not path.is_file():
        msg = f"{path} is a folder or device; give the name of a file"
        raise OutputError(msg)
    if path.exists() and not overwrite:
        msg = f"{path} exists already; choose another name or add --force to replace it"
        raise OutputError(msg)
    nearest = next(parent for parent in path.absolute().parents if parent.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        msg = f"{path} cannot be written ({nearest} is no folder you may write to); choose another"
        raise OutputError(msg)


def write_text(path: Path, text: str, *, overwrite: bool = True) -> None:
    """Write a text file whole or not at all; see ``write_bytes``."""
    write_bytes(path, text.encode(), overwrite=overwrite)


def write_bytes(path: Path, content: bytes, *, overwrite: bool = True) -> None:
    """Write a file whole or not at all: into a temporary file beside it, then rename.

    Raises
    ------
    OutputError
        When the file exists and may not be replaced, or the folder cannot be written.
    """
    check_target(path, overwrite=overwrite)
    path = path.resolve()  # a link stays, the file it names is replaced
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror}); choose a folder you may write to"
        raise OutputError(msg) from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(content)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        msg = f"{path} cannot be written ({error.strerror}); free space or choose another folder"
        raise OutputError(msg) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
