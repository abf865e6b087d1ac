"""Areas over time, as sums of deltas over the log: what changes on a day is added to what the day before had."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from mapper.errors import MapperError
from mapper.grouping import measure_of
from mapper.overlays import KEY_PREFIX
from mapper.records import STATUSES
from mapper.snapshot import DEFAULT_DIVISION, ground_values
from mapper.spells import find_spells

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mapper.area import AreaTable
    from mapper.changelog import ChangeLog
    from mapper.interval import DayRange
    from mapper.mosaic import Mosaic
    from mapper.parties import Parties
    from mapper.snapshot import Mode
    from mapper.spells import Spells

    Ints = NDArray[np.int64]

#: Keys that the deciding change gives, and keys that the ground gives.
DECIDED = ("controller", "status", "side", "class")
GROUND = ("district", "oblast", "sovereign")
#: ``measure`` follows from the two of them: see ``Snapshot.measure``.
KEYS = (*DECIDED, *GROUND, "measure")
Frequency = Literal["change", "D", "W", "M", "Y"]
FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)
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
    breaks
        Shape (days,): whether the ground's own keys change that day: borders or districts, so that areas may move
        although nobody took or gave land.
    low_km2, high_km2
        Shape (days, groups): the intervals of the areas, when they were asked for; see ``add_intervals``.
    """

    keys: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    ordinals: Ints
    area_m2: Ints
    breaks: NDArray[np.bool_]
    low_km2: NDArray[np.float64] | None = None
    high_km2: NDArray[np.float64] | None = None

    def on(self, day: date) -> Ints:
        """Shape (groups,): the areas of a day, which must not lie before the first one."""
        areas: Ints = self.area_m2[np.searchsorted(self.ordinals, day.toordinal(), side="right") - 1]
        return areas

    def expanded(self, ordinals: Ints) -> Ints:
        """Shape (len(ordinals), groups): the areas of chosen days, none before the first one."""
        return np.take(self.area_m2, self.rows_of(ordinals), axis=0)

    def intervals(self, ordinals: Ints) -> dict[str, NDArray[np.float64]]:
        """``low_km2`` and ``high_km2`` of chosen days, each of shape (len(ordinals), groups); empty without them."""
        if self.low_km2 is None or self.high_km2 is None:
            return {}
        rows = self.rows_of(ordinals)
        return {"low_km2": self.low_km2[rows], "high_km2": self.high_km2[rows]}

    def rows_of(self, ordinals: Ints) -> Ints:
        """Shape (len(ordinals),): the row of the areas that holds on each of chosen days, none before the first one."""
        return np.searchsorted(self.ordinals, ordinals, side="right") - 1


def add_intervals(series: Series, last: date, bounds: Ints, table_on: Callable[[date], AreaTable]) -> Series:
    """The series with intervals, on its own days and on those on which only the interval can change.

    Parameters
    ----------
    last
        The last day of the period.
    bounds
        Ordinals of the days on which a change may have happened at the earliest and at the latest.
    table_on
        Gives the area table of a day, by the series' keys.
    """
    inside = bounds[(bounds >= series.ordinals[0]) & (bounds <= last.toordinal())]
    days = np.union1d(series.ordinals, inside)
    column = {group: index for index, group in enumerate(series.groups)}
    low, high = (np.zeros((len(days), len(column))) for _ in range(2))
    for row, ordinal in enumerate(days.tolist()):
        for item in table_on(date.fromordinal(ordinal)).rows:
            index = column[tuple(item[key] for key in series.keys)]
            low[row, index], high[row, index] = item["low_km2"], item["high_km2"]
    breaks = np.isin(days, series.ordinals[series.breaks])
    return replace(series, ordinals=days, area_m2=series.expanded(days), breaks=breaks, low_km2=low, high_km2=high)


def choose_days(series: Series, period: DayRange, freq: Frequency) -> Ints:
    """Ordinals of the days that a frequency asks for: the first day of the period, then those the frequency names."""
    return series.ordinals if freq == "change" else calendar_days(period, freq)


def calendar_days(period: DayRange, freq: Frequency) -> Ints:
    """Ordinals of the first day of a period, then of every day, Monday, first of a month or of a year in it.

    For ``change`` see ``choose_days``: it depends on what changes.
    """
    first, last = period.first.toordinal(), period.last.toordinal()
    days = np.arange(first, last + 1)
    if freq == "D":
        return days
    wanted = {"W": lambda day: day.weekday() == 0, "M": lambda day: day.day == 1, "Y": _is_new_year}[freq]
    return np.array([day for day in days.tolist() if day == first or wanted(date.fromordinal(day))], np.int64)


def _is_new_year(day: date) -> bool:
    return (day.month, day.day) == (1, 1)


def to_rows(series: Series, ordinals: Ints) -> list[dict[str, Any]]:
    """The series on chosen days, a row a day and group that has land; as ``Atlas.timeline``, without pandas."""
    areas = series.expanded(ordinals)
    totals = areas.sum(axis=1)
    broken = np.isin(ordinals, series.ordinals[series.breaks])
    intervals = series.intervals(ordinals)
    return [
        {
            "day": date.fromordinal(int(ordinals[day])),
            **dict(zip(series.keys, series.groups[group], strict=True)),
            "area_km2": float(areas[day, group] / 1e6),
            **{name: float(values[day, group]) for name, values in intervals.items()},
            "share": float(areas[day, group] / totals[day]),
            "series_break": "yes" if broken[day] else "",
        }
        for day, group in np.argwhere(areas).tolist()
    ]


def to_dataframe(series: Series, ordinals: Ints) -> pd.DataFrame:
    """The series on chosen days, a row a day and group that has land; columns as ``Atlas.timeline`` says."""
    import pandas as pd

    on, group = np.nonzero(series.area_m2)  # rows of a change date, which repeat until the next one
    area = series.area_m2[on, group]
    start = np.searchsorted(on, np.arange(len(series.ordinals) + 1))
    holds = series.rows_of(ordinals)
    size = np.diff(start)[holds]
    row = np.arange(size.sum()) + np.repeat(start[holds] - np.cumsum(size) + size, size)
    days = np.array([date.fromordinal(number) for number in ordinals.tolist()], dtype=object)
    columns: dict[str, Any] = {"day": pd.Series(np.repeat(days, size), dtype=object)}
    for index, key in enumerate(series.keys):  # a few words, taken many times: nobody reads each row's text
        words = pd.Series([values[index] for values in series.groups], dtype="str")
        columns[key] = words.array.take(group[row])
    columns["area_km2"] = (area / 1e6)[row]
    columns |= {name: values[on, group][row] for name, values in series.intervals(series.ordinals).items()}
    columns["share"] = (area / series.area_m2.sum(axis=1)[on])[row]
    columns["series_break"] = np.repeat(np.isin(ordinals, series.ordinals[series.breaks]), size)
    return pd.DataFrame(columns, copy=False)


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
        Any of ``KEYS``, at least one.
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
    if "measure" in by:
        options: dict[str, Any] = {"division": division, "known": known, "mode": mode, "account": account}
        asked = dict.fromkeys([*(key for key in by if key != "measure"), "controller", "sovereign"])
        return _with_measure(sum_series(mosaic, log, first, last, by=tuple(asked), **options), tuple(by), log.parties)
    spells = find_spells(log, known=known, mode=mode, account=account)
    code = np.append(log.controller * _STATUS_COUNT + log.status, log.parties.unknown * _STATUS_COUNT + len(STATUSES))
    holders, holder_of = _holders(tuple(key for key in by if key in DECIDED), code, log.parties)
    by_change = holder_of[code]
    nothing = int(by_change[-1])
    holder = np.append(by_change[log.row_change], nothing)[spells.row]  # row -1, nobody's, is the last one
    before = spells.before(holder, nothing)
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
    breaks = np.isin(ordinals, [epoch.start for epoch in epochs[1:]])
    return _ordered(tuple(by), holders, grounds, Series((), (), ordinals, areas, breaks))


def _check_keys(by: Sequence[str]) -> None:
    wrong = [key for key in by if key not in KEYS]
    if wrong or not by:
        asked = f"by '{wrong[0]}'" if wrong else "by nothing"
        msg = f"a series cannot be summed {asked}; choose from {', '.join(KEYS)}"
        if any(key.startswith(KEY_PREFIX) for key in wrong):
            msg += "; by overlay ask for a day, a month or a year: mapper area 2022 --by overlay:peacekeepers"
        raise MapperError(msg)


def _with_measure(series: Series, by: tuple[str, ...], parties: Parties) -> Series:
    """The series by keys of which one is the measure, from one that knows controller and sovereign."""
    named = [dict(zip(series.keys, group, strict=True)) for group in series.groups]
    controller, sovereign = (np.array([item[key] for item in named]) for key in ("controller", "sovereign"))
    measures = measure_of(controller, sovereign, parties)
    values = [
        tuple((item | {"measure": measure})[key] for key in by)
        for item, measure in zip(named, measures.tolist(), strict=True)
    ]
    groups = sorted(set(values))
    areas = np.zeros((len(series.ordinals), len(groups)), np.int64)
    np.add.at(areas.T, [groups.index(value) for value in values], series.area_m2.T)
    return Series(by, tuple(groups), series.ordinals, areas, series.breaks)


def _holders(keys: tuple[str, ...], code: Ints, parties: Parties) -> tuple[list[tuple[str, ...]], Ints]:
    """The values that keys take in a log, and which of them each pair of controller and status has; -1: not there."""
    table = {}
    for pair in np.flatnonzero(np.bincount(code)).tolist():
        controller, status = parties.names[pair // _STATUS_COUNT], (*STATUSES, "")[pair % _STATUS_COUNT]
        named = {
            "controller": controller,
            "status": status,
            "side": parties.side[controller] or "",
            "class": controller if status in {"held", ""} else f"{controller}/{status}",
        }
        table[pair] = tuple(named[key] for key in keys)
    values = sorted(set(table.values()))
    holder_of = np.full(max(table) + 1, -1, np.int64)
    holder_of[list(table)] = [values.index(item) for item in table.values()]
    return values, holder_of


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
    seen = np.zeros(epoch.end - epoch.start, bool)  # by day: quicker than sorting a million of them
    seen[spells.start[moved] - epoch.start] = True
    days = np.flatnonzero(seen) + epoch.start
    day = np.cumsum(seen)[spells.start[moved] - epoch.start]
    cells = day * size + ground[face]
    rows = (len(days) + 1) * size
    delta = np.bincount(cells + holder[moved], area[face], rows) - np.bincount(cells + before[moved], area[face], rows)
    delta[:size] = base
    areas = np.rint(delta).astype(np.int64).reshape(-1, size).cumsum(axis=0)  # whole numbers below 2^53: exact
    return np.concatenate([[epoch.start], days]), areas


def _ordered(
    keys: tuple[str, ...], holders: list[tuple[str, ...]], grounds: list[tuple[str, ...]], raw: Series
) -> Series:
    """The raw series (a column a pair of holder and ground) with values in the order of the keys; no empty group."""
    decided = [key for key in keys if key in DECIDED]
    place = {key: (0, decided.index(key)) for key in decided}
    place |= {key: (1, index) for index, key in enumerate(key for key in keys if key in GROUND)}
    used = np.flatnonzero(raw.area_m2.any(axis=0))
    pairs = [(holders[index % len(holders)], grounds[index // len(holders)]) for index in used.tolist()]
    groups = [tuple(pair[place[key][0]][place[key][1]] for key in keys) for pair in pairs]
    order = sorted(range(len(groups)), key=groups.__getitem__)
    return Series(keys, tuple(groups[index] for index in order), raw.ordinals, raw.area_m2[:, used[order]], raw.breaks)
