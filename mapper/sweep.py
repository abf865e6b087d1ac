"""The rule of swept areas: ground of a war that is cut off changes hands with its surroundings, small islands wait.

Places behind a front were often announced weeks after it had passed them. Three rules, day by day over a war:

- Ground wholly enclosed by land of the side that gains that day, with a later row of its own giving it to that side,
  changes on that day too. What is enclosed is cut off from a main body: the largest land of a controller is not swept.
- So does ground left of less than ``POCKET_KM2`` at the edge of the map.
- A gain of less than ``POCKET_KM2`` that touches no land of its side waits until it does, or until it has grown.

Land of a seed listed as a pocket keeps its own day. Rows keep their order on each face; rows of accounts that do not
count by default keep their days. No geometry is used: faces, their areas and who borders on whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from mapper.cells import ground_mask
from mapper.grid import OUTSIDE, components

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from mapper.mosaic import Mosaic
    from mapper.parties import Parties
    from mapper.records import War

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

POCKET_KM2: Final = 25.0
NO_CHANGE: Final = -1


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a log as the rule reads them, sorted by face and order of decision.

    Attributes
    ----------
    face, change, controller, best
        Shape (rows,): the face, the row's change, code of the controller, ordinal of the best day.
    counts
        Shape (rows,): whether the row counts by default.
    """

    face: Ints
    change: Ints
    controller: Ints
    best: Ints
    counts: Mask


@dataclass(frozen=True, eq=False)
class Borders:
    """Who borders on whom: pairs of faces with metres of border, and which faces touch the edge of the map."""

    one: Ints
    other: Ints
    metres: Floats
    at_edge: Mask
    area_km2: Floats


def borders_of(mosaic: Mosaic) -> Borders:
    """The borders between the faces of a mosaic."""
    inner = mosaic.edge_right != OUTSIDE
    at_edge = np.zeros(mosaic.face_count, bool)
    at_edge[mosaic.edge_left[~inner]] = True
    return Borders(
        mosaic.edge_left[inner],
        mosaic.edge_right[inner],
        mosaic.edge_length_m[inner],
        at_edge,
        mosaic.area_m2 / 1e6,
    )


def sweep(mosaic: Mosaic, rows: Rows, wars: Iterable[War], parties: Parties) -> tuple[Ints, Ints]:
    """Shape (rows,) each: the best days once the rule has been applied, and the change that a row was swept with.

    The change is ``NO_CHANGE`` where a row keeps its day or was held back.
    """
    best, swept_with = rows.best.copy(), np.full(len(rows.best), NO_CHANGE, np.int64)
    borders = borders_of(mosaic)
    for war in sorted(wars, key=lambda war: (war.from_, war.id)):
        ground, pocket = ground_mask(mosaic, war), _pockets(mosaic, war)
        if ground.any():
            walk = _Walk(rows, borders, ground, pocket, best, swept_with, parties)
            walk.through(war.from_.toordinal(), war.to.toordinal())
    return best, swept_with


def _pockets(mosaic: Mosaic, war: War) -> Mask:
    """Shape (faces,): the cells of the seeds that a source calls a pocket."""
    found = np.zeros(mosaic.face_count, bool)
    for ground, cell in zip(mosaic.grounds, mosaic.cell, strict=True):
        if ground.war == war.id:
            groups = [number for number, group in enumerate(ground.groups) if set(group) & set(war.pockets)]
            found |= np.isin(cell, groups)
    return found


class _Walk:
    """A walk through the days of a war; ``best`` and ``swept_with`` are filled in place."""

    def __init__(
        self,
        rows: Rows,
        borders: Borders,
        ground: Mask,
        pocket: Mask,
        best: Ints,
        swept_with: Ints,
        parties: Parties,
    ) -> None:
        self.rows, self.borders, self.ground, self.pocket = rows, borders, ground, pocket
        self.best, self.swept_with = best, swept_with
        self.parties = parties
        self.row_side = parties.side_code[rows.controller]
        self.holder = np.full(len(ground), parties.unknown)
        self.side = parties.side_code[self.holder]
        self.waiting: dict[int, int] = {}  # face to the row that is held back
        self.decided = np.zeros(len(best), bool)  # rows that have had their day

    def through(self, first: int, last: int) -> None:
        """All days of the war; what still waits on the last day is let go then."""
        before = np.flatnonzero(self.rows.counts & (self.best < first))
        self._hold(self.rows.face[before], before)  # sorted: the last one written stays
        self.decided[before] = True
        self.home = self.side.copy()
        coming = np.flatnonzero(self.rows.counts & (self.best >= first) & (self.best <= last))
        self.next = self._next_rows(coming)
        days = self.best[coming]  # as declared, before any is moved
        for day in np.unique(days).tolist():
            self._day(day, coming[days == day])
        for row in self.waiting.values():
            self.best[row] = last

    def _next_rows(self, coming: Ints) -> dict[int, list[int]]:
        """By face its rows of the war, the next one last."""
        found: dict[int, list[int]] = {}
        for row in coming[::-1].tolist():
            found.setdefault(int(self.rows.face[row]), []).append(row)
        return found

    def _hold(self, face: int | Ints, row: int | Ints) -> None:
        self.holder[face] = self.rows.controller[row]
        self.side[face] = self.row_side[row]

    def _day(self, day: int, due: Ints) -> None:
        gains: dict[int, dict[int, int]] = {side: {} for side in range(len(self.parties.side_names))}
        for row in due[~self.decided[due]].tolist():
            face = int(self.rows.face[row])
            if face in self.waiting:  # its next row has come before it could count
                self.best[self.waiting.pop(face)] = day
            for others in gains.values():
                others.pop(face, None)
            self._decide(face, row, day)
            side = int(self.row_side[row])
            if self.ground[face] and side >= 0 and side != self.side[face]:
                gains[side][face] = row
            else:
                self._hold(face, row)
        for side, gained in gains.items():
            held_back = {face: row for face, row in self.waiting.items() if self.row_side[row] == side}
            if gained or held_back:
                taken = self._take(side, gained | held_back, day)
                if taken:
                    self._close(side, taken, day)

    def _decide(self, face: int, row: int, day: int) -> None:
        self.decided[row] = True
        self.best[row] = day
        rows = self.next[face]
        while rows and rows[-1] <= row:
            rows.pop()

    def _take(self, side: int, gained: dict[int, int], day: int) -> list[int]:
        """Let gains count that are no small islands; the faces taken."""
        candidate = np.zeros(len(self.side), bool)
        candidate[list(gained)] = True
        label, area = self._parts((self.side == side) | candidate)
        home = np.zeros(len(self.side), bool)
        home[label[(self.side == side) & ((self.home == side) | ~self.ground)]] = True
        home[label[candidate & self.pocket]] = True
        taken = [face for face in gained if home[label[face]] or area[label[face]] >= POCKET_KM2]
        for face, row in gained.items():
            self.waiting[face] = row
        for face in taken:
            row = self.waiting.pop(face)
            self.best[row] = day
            self._hold(face, row)
        return taken

    def _close(self, side: int, taken: Sequence[int], day: int) -> None:
        """Give to a side what it has enclosed."""
        left = self.side != side
        label, area = self._parts(left)
        follows = np.zeros(len(self.side), bool)
        row_of: dict[int, int] = {}
        for face in np.flatnonzero(left & self.ground & ~self.pocket).tolist():
            coming = [self.waiting[face]] if face in self.waiting else self.next.get(face, [])
            if coming and self.row_side[coming[-1]] == side:
                follows[face], row_of[face] = True, coming[-1]
        open_ = np.zeros(len(self.side), bool)
        open_[label[left & ~follows & ~(self.pocket & self.ground)]] = True
        at_edge = np.zeros(len(self.side), bool)
        at_edge[label[left & self.borders.at_edge]] = True
        open_ |= (at_edge | self._main_bodies(left, label)) & (area >= POCKET_KM2)
        swept = np.flatnonzero(follows & ~open_[label])
        cause = self._causes(label, swept, np.array(taken, np.int64))
        for face in swept.tolist():
            row = row_of[face]
            if self.waiting.pop(face, None) is None:
                self._decide(face, row, day)
                self.swept_with[row] = cause[int(label[face])]
            self.best[row] = day
            self._hold(face, row)

    def _main_bodies(self, left: Mask, label: Ints) -> Mask:
        """By number of a part: whether a controller has its largest land in it."""
        found = np.zeros(len(label), bool)
        for controller in np.unique(self.holder[left]).tolist():
            own = left & (self.holder == controller)
            found[np.bincount(label[own], self.borders.area_km2[own]).argmax()] = True
        return found

    def _parts(self, land: Mask) -> tuple[Ints, Floats]:
        """For each face the number of its connected part of some land, and by number the part's area in km2."""
        one, other = self.borders.one, self.borders.other
        both = land[one] & land[other]
        label = components(len(land), one[both], other[both])
        return label, np.bincount(label, self.borders.area_km2, len(land)).astype(float)

    def _causes(self, label: Ints, swept: Ints, taken: Ints) -> dict[int, int]:
        """By part that was enclosed: of the day's changes the one with the longest border on it."""
        parts = np.unique(label[swept])
        deciding = self._deciding(taken)
        is_taken = np.zeros(len(label), bool)
        is_taken[taken] = True
        found: dict[int, dict[int, float]] = {int(part): {} for part in parts}
        for one, other in ((self.borders.one, self.borders.other), (self.borders.other, self.borders.one)):
            touching = np.flatnonzero(np.isin(label[one], parts) & is_taken[other])
            for edge in touching.tolist():
                lengths = found[int(label[one[edge]])]
                change = deciding[int(other[edge])]
                lengths[change] = lengths.get(change, 0.0) + float(self.borders.metres[edge])
        first = min(deciding.values())
        return {
            part: max(lengths, key=lambda change: (lengths[change], -change)) if lengths else first
            for part, lengths in found.items()
        }

    def _deciding(self, faces: Ints) -> dict[int, int]:
        """By face the change of its last row that has had its day."""
        rows = np.flatnonzero(self.decided & np.isin(self.rows.face, faces))
        return dict(zip(self.rows.face[rows].tolist(), self.rows.change[rows].tolist(), strict=True))
