"""Whole histories of the land: faces that always change together, and what each such group was on every day.

A page that shows any day needs no copy per day: a group has one outline and a list of the days on which it changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mapper.drawing import division_on, state_of
from mapper.snapshot import MODES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from mapper.atlas import Atlas
    from mapper.interval import DayRange
    from mapper.snapshot import Mode, Snapshot

    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, order=True)
class State:
    """What decides and describes a group on a day.

    Attributes
    ----------
    controller, status
        As in the snapshot.
    since
        Ordinal of the day since when it has had its controller.
    change
        Index of the deciding change, -1 for none.
    admissible
        Bit set over the codes of the holders that the bounds of the dates admit.
    """

    controller: str
    status: str
    since: int
    change: int
    admissible: int


PLACES: Final = ("sovereign", "state", "district", "oblast")
Series = tuple[tuple[date, int], ...]
"""From each day on, the number of a value in a table; the first day is the first of the period."""


@dataclass(frozen=True, slots=True)
class Histories:
    """The land over a period.

    Attributes
    ----------
    period
        First and last day, both count.
    faces
        For each group the numbers of its faces.
    states
        The table that the series of ``modes`` point into.
    modes
        For each mode the series of each group.
    places
        For each of `PLACES` the values, and the series of each group; a district is ``<division>/<district>``.
    """

    period: DayRange
    faces: tuple[Ints, ...]
    states: tuple[State, ...]
    modes: dict[Mode, tuple[Series, ...]]
    places: dict[str, tuple[tuple[str, ...], tuple[Series, ...]]]


@dataclass(slots=True)
class _Table:
    """Values, each numbered when it is first met."""

    numbers: dict[Any, int] = field(default_factory=dict)

    def number(self, value: Any) -> int:
        return self.numbers.setdefault(value, len(self.numbers))


def build_histories(
    atlas: Atlas, period: DayRange, *, division: str | None = None, covers: Sequence[NDArray[np.bool_]] = ()
) -> Histories:
    """The histories of all faces over a period.

    Parameters
    ----------
    division
        The scheme of districts; None means the one with most districts in force on each day.
    covers
        Each of shape (faces,): land that must be whole groups, because something is drawn over it.
    """
    days = find_days(atlas, period)
    states = _Table()
    rows: dict[str, NDArray[Any]] = {}
    for mode in MODES:
        rows[mode] = np.array([_state_row(atlas.snapshot(day, mode=mode), states) for day in days])
    tables = {name: _Table() for name in PLACES}
    bare = [atlas.snapshot(day) for day in days]
    for name, table in tables.items():
        rows[name] = np.array([_place_row(snapshot, name, division, table) for snapshot in bare])
    everything = np.vstack([*rows.values(), *covers])
    _, first, group = np.unique(everything, axis=1, return_index=True, return_inverse=True)
    # Groups in the order of their first faces, which follow the land: neighbours compress well.
    order = np.argsort(first)
    series = {name: tuple(_series(days, rows[name][:, first[index]]) for index in order) for name in rows}
    return Histories(
        period=period,
        faces=tuple(np.flatnonzero(group.ravel() == index) for index in order),
        states=tuple(states.numbers),
        modes={mode: series[mode] for mode in MODES},
        places={name: (tuple(table.numbers), series[name]) for name, table in tables.items()},
    )


def find_days(atlas: Atlas, period: DayRange) -> list[date]:
    """The first day of the period, and each later one on which anything can differ from the day before in any mode."""
    days = {day for mode in MODES for day in atlas.change_dates_in(mode)}
    return [period.first, *sorted(day for day in days if period.first < day <= period.last)]


def _state_row(snapshot: Snapshot, table: _Table) -> list[int]:
    columns: Iterable[NDArray[Any]] = (
        snapshot.controller,
        snapshot.status,
        snapshot.since_ordinal * (snapshot.row >= 0),
        snapshot.deciding_changes(),
        snapshot.admissible_bits,
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [table.number(State(*row)) for row in rows]


def _place_row(snapshot: Snapshot, name: str, division: str | None, table: _Table) -> list[int]:
    if name == "state":
        values = state_of(snapshot)
    elif name == "district":
        scheme = division or division_on(snapshot)
        found = snapshot.district(scheme) if scheme else np.full(snapshot.mosaic.face_count, "")
        values = np.char.add(f"{scheme}/", found)
    else:
        values = snapshot.key(name)
    return [table.number(value) for value in values.tolist()]


def _series(days: list[date], numbers: NDArray[Any]) -> Series:
    """The days on which a number differs from the one before, with the number."""
    changed = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist()]
    return tuple((days[index], int(numbers[index])) for index in changed)
