"""Spells: per face the unbroken runs of one deciding row, in every mode; what series of areas are summed from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mapper.scenarios import NO_ROW

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from mapper.changelog import ChangeLog
    from mapper.snapshot import Mode

    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Spells:
    """Runs of one deciding row each, sorted by face and first day; a face without a spell yet has no row.

    Attributes
    ----------
    face, start, row
        Shape (spells,): the face, the ordinal of the run's first day, the deciding row of the log (-1: unknown). A run
        ends where the next one of its face starts.
    """

    face: Ints
    start: Ints
    row: Ints

    @cached_property
    def end(self) -> Ints:
        """Shape (spells,): the ordinal of the day after the run's last one."""
        end = np.full(len(self.face), np.iinfo(np.int64).max)
        np.copyto(end[:-1], self.start[1:], where=self.face[1:] == self.face[:-1])
        return end

    def before(self, values: Ints, nothing: int) -> Ints:
        """Shape (spells,): of values by spell, what the spell before has on the face; ``nothing`` for the first."""
        before = np.full(len(values), nothing, np.int64)
        np.copyto(before[1:], values[:-1], where=self.face[1:] == self.face[:-1])
        return before

    def rows_on(self, ordinal: int, face_count: int) -> Ints:
        """Shape (faces,): the deciding row of each face on a day, -1 for none."""
        row = np.full(face_count, NO_ROW, np.int64)
        here = np.flatnonzero((self.start <= ordinal) & (self.end > ordinal))
        row[self.face[here]] = self.row[here]
        return row


def find_spells(log: ChangeLog, *, known: date, mode: Mode = "best", account: str | None = None) -> Spells:
    """The spells of all faces; on every day they give what ``compose.compose`` gives.

    Parameters
    ----------
    known, mode, account
        As ``compose.compose``.
    """
    rows = np.flatnonzero(log.in_force(known=known, account=account)[log.row_change])
    face = log.row_face[rows]
    if mode == "best":
        start = log.row_best[rows]
        return _without_repeats(face, start, rows)
    if mode == "possible":
        return _newest(log, face, rows)
    return _certain(log, face, rows)


def _without_repeats(face: Ints, start: Ints, row: Ints) -> Spells:
    """Spells from candidates in order: of several on one day the last decides."""
    last = np.ones(len(face), bool)
    last[:-1] = (face[1:] != face[:-1]) | (start[1:] != start[:-1])
    return Spells(face[last], start[last], row[last])


def _newest(log: ChangeLog, face: Ints, rows: Ints) -> Spells:
    """The newest row whose earliest day has come: rows that outrank all that could have come before them."""
    earliest = log.row_earliest[rows]
    order = np.lexsort((rows, earliest, face))
    face, start, row = face[order], earliest[order], rows[order]
    highest = np.maximum.accumulate(row)  # rows are numbered by face, so a face's first one outranks the face before
    risen = row == highest
    return _without_repeats(face[risen], start[risen], row[risen])


def _certain(log: ChangeLog, face: Ints, rows: Ints) -> Spells:
    """The rows of the only admissible holder, unknown where there are several; read off on every day that matters."""
    change = log.row_change[rows]
    best, earliest, latest = log.row_best[rows], log.row_earliest[rows], log.row_latest[rows]
    count = np.bincount(face, minlength=1)
    on_face, on_day = _unique_pairs(np.tile(face, 3), np.concatenate([best, earliest, latest]))
    # every day of a face beside every row of that face
    size = count[on_face]
    day_of = np.repeat(np.arange(len(on_face)), size)
    offset = np.arange(len(day_of)) - np.repeat(np.cumsum(size) - size, size)
    pair = np.searchsorted(face, on_face)[day_of] + offset
    day = on_day[day_of]
    surely, maybe, at_best = (
        _last_of(day_of, pair, when[pair] <= day, len(on_face)) for when in (latest, earliest, best)
    )
    open_ = (pair >= surely[day_of]) & (earliest[pair] <= day)
    bits = np.zeros(len(on_face), np.int64)
    np.bitwise_or.at(bits, day_of[open_], 1 << log.controller[change][pair[open_]])
    chosen = np.where(at_best >= 0, at_best, maybe)
    known = (bits != 0) & (bits & (bits - 1) == 0)
    row = np.where(known & (chosen >= 0), np.append(rows, NO_ROW)[chosen], NO_ROW)
    return Spells(on_face, on_day, row)


def _unique_pairs(face: Ints, day: Ints) -> tuple[Ints, Ints]:
    pairs = np.unique(np.column_stack([face, day]), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _last_of(group: Ints, value: Ints, applies: Mask, count: int) -> Ints:
    last = np.full(count, NO_ROW, np.int64)
    last[group[applies]] = value[applies]
    return last
