"""Leave-one-out: how far the cells can be trusted, measured by dropping each dated place and asking the others.

A place is dropped, its land goes to the seeds that remain, and who would hold it then is compared with what the place's
own rows say, on every day on which something changes in its war. Its own rows count with the days their sources give,
before the rule of swept areas; the ground it falls to counts as the map shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mapper.cells import costs, find_division
from mapper.changelog import plain_log
from mapper.grid import OUTSIDE
from mapper.zones import group_cells, zone_mask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from mapper.cells import Division, Heights
    from mapper.changelog import ChangeLog
    from mapper.mosaic import Mosaic
    from mapper.records import FeatureVersion, Layer, Place, War
    from mapper.zones import Ground

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Trial:
    """A dated seed left out.

    Attributes
    ----------
    place, falls_to
        The seed, and the one that its point falls to.
    days
        Days between the changes of side that both have, the largest.
    wrong
        On how many of the war's days the holder would be wrong.
    distance_km
        On those days, from the place to the nearest ground of its true holder: the root of the mean square.
    """

    place: str
    falls_to: str
    days: int
    wrong: int
    distance_km: float


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """The error of a war's cells.

    Attributes
    ----------
    war
        Its id.
    seeds, dated
        How many seeds there are, and how many of them have rows of their own.
    days
        How many days were checked.
    share
        Of the dated seeds, on the mean of those days, that would be on the wrong side (0 to 1).
    rms_km, median_km
        How far such a seed lies from the nearest ground of its true holder.
    median_days
        The median difference of the days.
    """

    war: str
    seeds: int
    dated: int
    days: int
    share: float
    rms_km: float
    median_km: float
    median_days: float


def leave_out(
    mosaic: Mosaic,
    log: ChangeLog,
    war: War,
    places: Sequence[Place],
    *,
    heights: Heights | None = None,
) -> tuple[LeaveOut, tuple[Trial, ...]]:
    """The error of a war's cells, and what became of each dated seed.

    Parameters
    ----------
    heights
        The ground's heights, where distances are to count them; see ``cells.costs``.
    """
    division = find_division(war, places, log.changes, mosaic)
    if division is None or len(division.names) < 2:
        return LeaveOut(war.id, len(war.places), 0, 0, 0.0, 0.0, 0.0, 0.0), ()
    rows = group_cells((change.id, change.zone) for change in log.changes if _is_of(change.best, war))
    dated = np.array([f"{war.id}/{name}" in rows for name in division.names])
    seeds = np.flatnonzero(dated)
    face = mosaic.locate(*division.lonlat.T)[0]
    falls_to = _second_best(division, heights)[seeds]
    counts = log.in_force(known=max(change.known for change in log.changes), account=None)
    days = _check_days(log, division, counts, war)
    truth = _sides(log, log.best[log.row_change], counts, days, mosaic.face_count)[:, face[seeds]]
    shown = _sides(log, log.row_best, counts, days, mosaic.face_count)
    got = _fallen(mosaic, log, division, war, counts, days, face, seeds, falls_to)
    wrong = truth != got
    wrong[0] = False  # the eve of the war only tells what changes on its first day
    kilometres = _distances(mosaic, division, war, seeds, wrong, truth, shown)
    apart = np.array([_apart(truth[:, index], got[:, index], days) for index in range(len(seeds))], np.int64)
    trials = tuple(
        Trial(
            division.names[seed],
            division.names[falls_to[index]],
            int(apart[index]),
            int(wrong[:, index].sum()),
            _rms(kilometres[:, index][wrong[:, index]]),
        )
        for index, seed in enumerate(seeds.tolist())
    )
    far = kilometres[wrong & np.isfinite(kilometres)]
    share = float(wrong[1:].mean()) if wrong[1:].size else 0.0
    median = float(np.median(far)) if len(far) else 0.0
    found = LeaveOut(
        war.id,
        len(division.names),
        len(seeds),
        len(days) - 1,
        share,
        _rms(far),
        median,
        float(np.median(apart)) if len(seeds) else 0.0,
    )
    return found, trials


def _is_of(best: date, war: War) -> bool:
    return war.from_ <= best <= war.to


def _rms(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(np.sqrt(np.mean(finite**2))) if len(finite) else 0.0


def _second_best(division: Division, heights: Heights | None) -> Ints:
    """Shape (seeds,): the seed that each one's point falls to when it is left out."""
    away = costs(division, division.lonlat, heights)
    np.fill_diagonal(away, np.inf)
    return away.argmin(axis=1)


def _check_days(log: ChangeLog, division: Division, counts: Mask, war: War) -> Ints:
    """The eve of the war and the days on which something changes on its ground, ordinals."""
    rows = counts[log.row_change] & division.mask[log.row_face]
    days = np.unique(log.row_best[rows])
    first, last = war.from_.toordinal(), war.to.toordinal()
    return np.concatenate([[first - 1], days[(days >= first) & (days <= last)]])


def _sides(log: ChangeLog, best: Ints, counts: Mask, days: Ints, face_count: int) -> Ints:
    """Shape (days, faces): the side that holds each face, -1 for neither; ``best`` is the day of each row."""
    rows = np.flatnonzero(counts[log.row_change])
    rows = rows[np.lexsort((rows, best[rows], log.row_face[rows]))]
    side = log.parties.side_code[log.controller[log.row_change[rows]]]
    found = np.full((len(days), face_count), -1, np.int64)
    for number, day in enumerate(days.tolist()):
        come = best[rows] <= day
        found[number, log.row_face[rows[come]]] = side[come]  # sorted: the last one written stays
    return found


@dataclass(frozen=True, slots=True)
class _Fallen:
    """The land of seeds that are left out, as faces of the cells it falls to; see ``zones.Outlines``."""

    layers: tuple[Layer, ...]
    versions: tuple[FeatureVersion, ...]
    member: Mask
    grounds: tuple[Ground, ...]
    cell: Ints


def _fallen(
    mosaic: Mosaic,
    log: ChangeLog,
    division: Division,
    war: War,
    counts: Mask,
    days: Ints,
    face: Ints,
    seeds: Ints,
    falls_to: Ints,
) -> Ints:
    """Shape (days, seeds): who would hold the land of each seed that is left out."""
    cell = mosaic.cell[:, face[seeds]]
    cell[[ground.war for ground in mosaic.grounds].index(war.id)] = division.group[falls_to]
    outlines = _Fallen(mosaic.layers, mosaic.versions, mosaic.member[:, face[seeds]], mosaic.grounds, cell)
    reached = [np.flatnonzero(zone_mask(outlines, change.zone)) for change in log.changes]
    owner = np.repeat(np.arange(len(reached)), [len(faces) for faces in reached])
    fallen = plain_log(log.changes, np.concatenate(reached), owner, log.parties)
    moved = {
        (int(log.row_face[row]), int(log.row_change[row])): int(log.row_best[row])
        for row in np.flatnonzero(log.row_moved)
    }
    host = face[falls_to]
    pairs = zip(host[fallen.row_face].tolist(), fallen.row_change.tolist(), fallen.row_best.tolist(), strict=True)
    best = np.array([moved.get((where, change), day) for where, change, day in pairs], np.int64)
    return _sides(fallen, best, counts, days, len(seeds))


def _apart(truth: Ints, got: Ints, days: Ints) -> int:
    """The largest difference between the days of the changes of side in two series, in order; unpaired ones: none."""
    ends = [days[np.flatnonzero(np.diff(series)) + 1] for series in (truth, got)]
    both = min(len(end) for end in ends)
    return int(np.abs(ends[0][:both] - ends[1][:both]).max()) if both else 0


def _distances(
    mosaic: Mosaic, division: Division, war: War, seeds: Ints, wrong: Mask, truth: Ints, shown: Ints
) -> Floats:
    """Shape (days, seeds), km: where wrong, to the nearest ground of the true holder outside the seed's own cell."""
    found = np.full(wrong.shape, np.nan)
    own = mosaic.cell[[ground.war for ground in mosaic.grounds].index(war.id)]
    edge = np.repeat(np.arange(len(mosaic.edge_left)), np.diff(mosaic.edge_start))
    steps = np.flatnonzero(edge[1:] == edge[:-1])
    plane = mosaic.edge_lonlat * division.scale / 1000
    start, way = plane[steps], plane[steps + 1] - plane[steps]
    squared = (way**2).sum(axis=1)
    inner = mosaic.edge_right != OUTSIDE
    for index, seed in enumerate(seeds.tolist()):
        on = np.flatnonzero(wrong[:, index])
        if not len(on):
            continue
        point = division.lonlat[seed] * division.scale / 1000 - start
        along = np.clip((point * way).sum(axis=1) / squared, 0, 1)
        metres = np.full(len(mosaic.edge_left), np.inf)
        np.minimum.at(metres, edge[steps], np.hypot(*(point - along[:, None] * way).T))
        away = np.full(mosaic.face_count, np.inf)
        np.minimum.at(away, mosaic.edge_left, metres)
        np.minimum.at(away, mosaic.edge_right[inner], metres[inner])
        away[own == division.group[seed]] = np.inf
        held = shown[on] == truth[on, index][:, None]
        found[on, index] = np.where(held, away, np.inf).min(axis=1)
    return found
