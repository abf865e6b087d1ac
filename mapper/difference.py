"""What changed hands between two days, and the changes that did it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mapper.errors import DateError, MapperError
from mapper.uncertainty import find_line_intervals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mapper.changelog import ChangeLog
    from mapper.records import Change
    from mapper.snapshot import Mode, Snapshot

    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

#: Keys by which a difference can be told apart: what does not change hands itself.
KEYS = ("district", "oblast", "sovereign")


@dataclass(frozen=True, slots=True)
class Difference:
    """Land that went from one controller and status to others between two days.

    Attributes
    ----------
    keys
        Where it lies, as on the later day.
    low_km2, high_km2
        ``area_km2`` less and plus 1.96 sigma of the lines around the land that changed hands. A line that did not
        move is no part of it; the dates are those of the two snapshots.
    changes
        Those that decided it on the way and those that others passed over, in the order in which they decide.
    """

    keys: dict[str, str]
    from_controller: str
    from_status: str
    to_controller: str
    to_status: str
    area_km2: float
    low_km2: float
    high_km2: float
    changes: tuple[Change, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of the sources of the changes, sorted."""
        return tuple(sorted({source for change in self.changes for source in change.sources}))


def find_differences(
    before: Snapshot, after: Snapshot, *, by: Sequence[str] = ("district",), division: str = "rayon"
) -> list[Difference]:
    """Land whose controller or status differs between two snapshots of one atlas, largest first.

    The changes of a difference are those in force under the options of ``after`` whose day lies after the first and
    not after the second of the two days, and what decides ``after`` where that did not decide ``before``. A change's
    day is its best one, in the mode ``possible`` its earliest, in ``certain`` its earliest or its latest.

    Parameters
    ----------
    by
        Any of ``KEYS``; none gives one row for each pair of states.
    division
        The scheme of districts that ``district`` means.

    Raises
    ------
    DateError
        When ``after`` lies before ``before``.
    MapperError
        When a key or the division is unknown, or the snapshots are of two atlases.
    """
    _check(before, after, by)
    differs = np.flatnonzero(
        (before.controller_code != after.controller_code) | (before.status_code != after.status_code)
    )
    keys = {name: after.key(name, division)[differs] for name in by}
    states = {
        f"{word}_{name}": snapshot.key(name)[differs]
        for word, snapshot in (("from", before), ("to", after))
        for name in ("controller", "status")
    }
    if not len(differs):
        return []
    did_it = _rows_between(before, after)
    found = []
    groups = _groups([*keys.values(), *states.values()])
    intervals = find_line_intervals(after.mosaic, [differs[members] for _, members in groups])
    for (first, members), (area, low, high) in zip(groups, intervals, strict=True):
        faces = differs[members]
        found.append(
            Difference(
                keys={name: str(values[first]) for name, values in keys.items()},
                area_km2=area,
                low_km2=low,
                high_km2=high,
                changes=_changes_on(after.log, faces, did_it),
                **{name: str(values[first]) for name, values in states.items()},
            )
        )
    return sorted(found, key=lambda item: (-item.area_km2, *item.keys.values()))


def changed_interval(before: Snapshot, after: Snapshot, *, status: bool = True) -> tuple[float, float, float]:
    """Area in km2, low and high of all land whose controller (or status) differs, taken as one."""
    differs = before.controller_code != after.controller_code
    if status:
        differs |= before.status_code != after.status_code
    return find_line_intervals(after.mosaic, [np.flatnonzero(differs)])[0]


def _check(before: Snapshot, after: Snapshot, by: Sequence[str]) -> None:
    if before.log is not after.log:
        msg = "the two snapshots are of different atlases; compose both with one"
        raise MapperError(msg)
    if after.day < before.day:
        msg = f"{after.day} lies before {before.day}; give the earlier day first"
        raise DateError(msg)
    for name in by:
        if name not in KEYS:
            msg = f"a difference cannot be told apart by '{name}'; choose from {', '.join(KEYS)}"
            raise MapperError(msg)


def _groups(columns: Sequence[NDArray[Any]]) -> list[tuple[int, Ints]]:
    """The first member and all members of each set of equal values, as positions in the columns."""
    codes = np.column_stack([np.unique(values, return_inverse=True)[1] for values in columns])
    _, first, group = np.unique(codes, axis=0, return_index=True, return_inverse=True)
    return [(index, np.flatnonzero(group.ravel() == number)) for number, index in enumerate(first.tolist())]


def _rows_between(before: Snapshot, after: Snapshot) -> Mask:
    """Shape (rows,): the rows of the log that came between the two snapshots."""
    log = after.log
    first, last = before.day.toordinal(), after.day.toordinal()
    rows: Mask = np.zeros(len(log.row_change), bool)
    for days in _days(log, after.mode):
        rows |= (first < days) & (days <= last)
    rows &= log.in_force(known=after.known, account=after.account)[log.row_change]
    rows[after.row[(after.row != before.row) & (after.row >= 0)]] = True
    return rows


def _days(log: ChangeLog, mode: Mode) -> tuple[Ints, ...]:
    """The days, shape (rows,) each, on which a row can alter what a mode says."""
    if mode == "certain":
        return log.row_earliest, log.row_latest
    return (log.row_earliest if mode == "possible" else log.row_best,)


def _changes_on(log: ChangeLog, faces: Ints, rows: Mask) -> tuple[Change, ...]:
    indices = np.unique(log.row_change[rows & np.isin(log.row_face, faces)]).tolist()
    ordered = sorted(indices, key=lambda index: (log.changes[index].best, log.changes[index].seq or 0, index))
    return tuple(log.changes[index] for index in ordered)
