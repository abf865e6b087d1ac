"""Errors that a person can act on: each names the file, the record, what was got, what was expected, the next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


#: How many findings a message holds; all of them are in ``DataError.findings``.
SHOWN = 25


class MapperError(Exception):
    """Base of every error that the command line shows without a traceback (exit code 1)."""


class DateError(MapperError):
    """A date that cannot be read or that lies outside the covered span."""


class ZoneError(MapperError):
    """A zone expression that cannot be parsed or names a version that does not exist."""


class PlaceError(MapperError):
    """A place that is unknown, or a name that several places share."""


class OutputError(MapperError):
    """An output file that exists already or cannot be written."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing wrong with a record of geodata/.

    Attributes
    ----------
    file
        Path relative to the data folder, POSIX style.
    record
        The row, feature version or other record; "" for the file as a whole.
    message
        What was got, what was expected, and the next step.
    """

    file: str
    record: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}, {self.record}" if self.record else self.file
        return f"{where}: {self.message}"


class DataError(MapperError):
    """A data folder that cannot be used; carries every finding of the run."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        count = len(self.findings)
        lines = [f"  {finding}" for finding in self.findings[:SHOWN]]
        if count > SHOWN:
            lines.append(f"  and {count - SHOWN} more; mapper check lists them all")
        super().__init__("\n".join([f"{count} finding{'s' * (count != 1)} in the data folder:", *lines]))
