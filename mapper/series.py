"""Areas over time, as sums of deltas over the log: what changes on a day is added to what the day before had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mapper.errors import MapperError
from mapper.records import CONTROLLERS, SIDES, STATUSES
from mapper.snapshot import DEFAULT_DIVISION, UNKNOWN, ground_values
from mapper.spells import find_spells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mapper.changelog import ChangeLog
    from mapper.mosaic import Mosaic
    from mapper.snapshot import Mode
    from mapper.spells import Spells

    Ints = NDArray[np.int64]

#: Keys that the deciding change gives, and keys that the ground gives.
DECIDED = ("controller", "status", "side", "class")
GROUND = ("district", "oblast", "sovereign")
_STATUS_COUNT = len(STATUSES) + 1  # and one for a status that is not known


@dataclass(frozen=True, eq=False)
class Series:
    """Areas by keys on every day on which they can differ from the day before.

    Attributes
    ----------
    keys
        What the areas are summed by.
    groups
        The keys' values, a tuple a column of ``area_m2``, sorted; every group has land on some day.
    ordinals
        Shape (days,): the first day of the series, then every day on which something changes, as ordinals.
    area_m2
        Shape (days, groups): whole square metres.
    """

    keys: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    ordinals: Ints
    area_m2: Ints

    def on(self, day: date) -> Ints:
        """Shape (groups,): the areas of a day, which must not lie before the first one."""
        areas: Ints = self.area_m2[np.searchsorted(self.ordinals, day.toordinal(), side="right") - 1]
        return areas

    def expanded(self, ordinals: Ints) -> Ints:
        """Shape (len(ordinals), groups): the areas of chosen days, none before the first one."""
        return np.take(self.area_m2, np.searchsorted(self.ordinals, ordinals, side="right") - 1, axis=0)


def sum_series(
    mosaic: Mosaic,
    log: ChangeLog,
    first: date,
    last: date,
    *,
    by: Sequence[str] = ("controller",),
    division: str = DEFAULT_DIVISION,
    known: date,
    mode: Mode = "best",
    account: str | None = None,
) -> Series:
    """The series of a period, both ends counted; each day equals the area table of its snapshot.

    Parameters
    ----------
    by
        Any of ``DECIDED`` and ``GROUND``, at least one.
    division
        The scheme of districts that ``district`` means.
    known, mode, account
        As ``compose.compose``.

    Raises
    ------
    MapperError
        When a key is unknown or there is none.
    """
    _check_keys(by)
    spells = find_spells(log, known=known, mode=mode, account=account)
    holders, holder_of = _holders(tuple(key for key in by if key in DECIDED))
    code = np.append(log.controller * _STATUS_COUNT + log.status, UNKNOWN * _STATUS_COUNT + len(STATUSES))
    deciding = np.append(log.row_change, len(log.changes))
    holder, before = holder_of[code[deciding[spells.row]]], holder_of[code[deciding[spells.before()]]]
    nothing = int(holder_of[code[-1]])
    epochs = _epochs(mosaic, [key for key in by if key in GROUND], division, first, last)
    grounds = sorted({values for epoch in epochs for values in epoch.values})
    size = len(holders) * len(grounds)
    blocks = []
    for epoch in epochs:
        number = np.array([grounds.index(values) for values in epoch.values], np.int64)
        ground = number[epoch.code]
        blocks.append(_epoch_areas(mosaic, spells, holder, before, nothing, ground * len(holders), epoch, size))
    ordinals = np.concatenate([block[0] for block in blocks])
    areas = np.concatenate([block[1] for block in blocks])
    return _ordered(tuple(by), holders, grounds, ordinals, areas)


def _check_keys(by: Sequence[str]) -> None:
    for key in by:
        if key not in (*DECIDED, *GROUND):
            msg = f"a series cannot be summed by '{key}'; choose from {', '.join((*DECIDED, *GROUND))}"
            raise MapperError(msg)
    if not by:
        msg = f"a series is summed by at least one key; choose from {', '.join((*DECIDED, *GROUND))}"
        raise MapperError(msg)


def _holders(keys: tuple[str, ...]) -> tuple[list[tuple[str, ...]], Ints]:
    """The values that keys take, and which of them each pair of controller and status has."""
    table = []
    for controller in CONTROLLERS:
        for status in (*STATUSES, ""):
            named = {
                "controller": controller,
                "status": status,
                "side": SIDES[controller] or "",
                "class": controller if status in {"held", ""} else f"{controller}/{status}",
            }
            table.append(tuple(named[key] for key in keys))
    values = sorted(set(table))
    return values, np.array([values.index(item) for item in table], np.int64)


@dataclass(frozen=True, eq=False)
class _Epoch:
    """Days [start, end) on which the ground's own keys stand still; ``code`` is each face's index into ``values``."""

    start: int
    end: int
    values: list[tuple[str, ...]]
    code: Ints


def _epochs(mosaic: Mosaic, keys: list[str], division: str, first: date, last: date) -> list[_Epoch]:
    end = last.toordinal() + 1
    layers = {layer.id for layer in mosaic.layers if _has_key(layer.kind, layer.id, keys, division)}
    days = {first.toordinal()}
    for version in mosaic.versions:
        if version.layer in layers:
            days |= {day.toordinal() for day in (version.valid_from, version.valid_to) if day is not None}
    starts = [*sorted(day for day in days if first.toordinal() <= day < end), end]
    return [_epoch(mosaic, keys, division, date.fromordinal(start), stop) for start, stop in pairwise(starts)]


def _has_key(kind: str, layer: str, keys: list[str], division: str) -> bool:
    if kind == "division":
        return "district" in keys and layer == division
    return {"state": "sovereign", "oblast": "oblast"}.get(kind) in keys


def _epoch(mosaic: Mosaic, keys: list[str], division: str, start: date, stop: int) -> _Epoch:
    columns = [np.unique(ground_values(mosaic, key, start, division), return_inverse=True) for key in keys]
    code = np.zeros(mosaic.face_count, np.int64)
    for values, inverse in columns:
        code = code * len(values) + inverse
    used, code = np.unique(code, return_inverse=True)
    listed = []
    for number in used.tolist():
        named, rest = [], number
        for values, _ in reversed(columns):
            rest, index = divmod(rest, len(values))
            named.append(str(values[index]))
        listed.append(tuple(reversed(named)))
    return _Epoch(start.toordinal(), stop, listed, code)


def _epoch_areas(
    mosaic: Mosaic,
    spells: Spells,
    holder: Ints,
    before: Ints,
    nothing: int,
    ground: Ints,
    epoch: _Epoch,
    size: int,
) -> tuple[Ints, Ints]:
    """Change days of an epoch and the areas of all groups on them."""
    area = mosaic.area_m2
    at_start = np.full(mosaic.face_count, nothing, np.int64)
    begun = spells.start <= epoch.start
    at_start[spells.face[begun]] = holder[begun]
    base = np.bincount(ground + at_start, area, size)
    moved = np.flatnonzero(~begun & (spells.start < epoch.end) & (holder != before))
    face = spells.face[moved]
    days, day = np.unique(spells.start[moved], return_inverse=True)
    cells = (day + 1) * size + ground[face]
    rows = (len(days) + 1) * size
    delta = np.bincount(cells + holder[moved], area[face], rows) - np.bincount(cells + before[moved], area[face], rows)
    delta[:size] = base
    areas = np.rint(delta).astype(np.int64).reshape(-1, size).cumsum(axis=0)  # whole numbers below 2^53: exact
    return np.concatenate([[epoch.start], days]), areas


def _ordered(
    keys: tuple[str, ...],
    holders: list[tuple[str, ...]],
    grounds: list[tuple[str, ...]],
    ordinals: Ints,
    areas: Ints,
) -> Series:
    decided = [key for key in keys if key in DECIDED]
    place = {key: (0, decided.index(key)) for key in decided}
    place |= {key: (1, index) for index, key in enumerate(key for key in keys if key in GROUND)}
    used = np.flatnonzero(areas.any(axis=0))
    pairs = [(holders[index % len(holders)], grounds[index // len(holders)]) for index in used.tolist()]
    groups = [tuple(pair[place[key][0]][place[key][1]] for key in keys) for pair in pairs]
    order = sorted(range(len(groups)), key=groups.__getitem__)
    return Series(keys, tuple(groups[index] for index in order), ordinals, areas[:, used[order]])
