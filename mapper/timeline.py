"""Series of snapshots: the days on which something changes, least and most over a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mapper.changelog import ChangeLog
    from mapper.interval import DayRange
    from mapper.mosaic import Mosaic
    from mapper.snapshot import Mode, Snapshot


def change_dates(mosaic: Mosaic, log: ChangeLog, mode: Mode = "best") -> tuple[date, ...]:
    """Every day on which a snapshot can differ from the day before, sorted.

    These are the valid_from and valid_to of every polygon version, and the best days of every change on the land that
    it reaches; in the modes that read bounds also its earliest and its latest day.
    """
    columns = (log.row_best,) if mode == "best" else (log.row_best, log.row_earliest, log.row_latest)
    days = {date.fromordinal(day) for column in columns for day in np.unique(column).tolist()}
    for version in mosaic.versions:
        days |= {version.valid_from} | ({version.valid_to} if version.valid_to else set())
    return tuple(sorted(days))


@dataclass(frozen=True, slots=True)
class Extreme:
    """The least and the most area of one set of keys over a period, in km2, each with the first day it falls on.

    Attributes
    ----------
    least_low_km2, most_high_km2
        The low of the least and the high of the most, on their days.
    """

    keys: dict[str, Any]
    least_km2: float
    least_low_km2: float
    least_on: date
    most_km2: float
    most_high_km2: float
    most_on: date


def find_extremes(
    snapshot_on: Callable[[date], Snapshot],
    period: DayRange,
    dates: Iterable[date],
    by: Sequence[str],
    *,
    division: str,
    within: Any = None,
) -> list[Extreme]:
    """Least and most area over a period (both ends count) for each set of keys, largest most first.

    A set of keys that has no land on some day of the period has a least of 0.
    """
    days = sorted({period.first} | {day for day in dates if period.first <= day <= period.last})
    tables = [(day, snapshot_on(day).area_table(by, division=division, within=within)) for day in days]
    none = {"area_km2": 0.0, "low_km2": 0.0, "high_km2": 0.0}
    areas = [(day, {tuple(row[key] for key in by): row for row in table.rows}) for day, table in tables]
    found = []
    for values in sorted({values for _, on_day in areas for values in on_day}):
        series = [(on_day.get(values, none), day) for day, on_day in areas]
        least, first = min(series, key=lambda item: item[0]["area_km2"])
        most, last = max(series, key=lambda item: item[0]["area_km2"])
        keys = dict(zip(by, values, strict=True))
        bounds = (least["area_km2"], least["low_km2"], first, most["area_km2"], most["high_km2"], last)
        found.append(Extreme(keys, *bounds))
    return sorted(found, key=lambda extreme: -extreme.most_km2)
