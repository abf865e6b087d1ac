"""Who may hold each face on a day: every holder that the bounds of the dates, the accounts and contested land admit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mapper.records import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from numpy.typing import NDArray

    from mapper.changelog import ChangeLog

    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

CONTESTED = STATUSES.index("contested")
NO_ROW = -1


@dataclass(frozen=True, slots=True)
class Holders:
    """Triples of a face, a controller that may hold it and how, as codes; status -1 is not known."""

    face: Ints
    controller: Ints
    status: Ints

    def __or__(self, other: Holders) -> Holders:
        """Both, each triple once, sorted."""
        columns = zip(self._columns, other._columns, strict=True)
        face, controller, status = (np.concatenate(pair) for pair in columns)
        count = int(controller.max(initial=0)) + 1
        code = (face * count + controller) * (len(STATUSES) + 1) + status + 1
        first = np.unique(code, return_index=True)[1]
        return Holders(face[first], controller[first], status[first])

    @property
    def _columns(self) -> tuple[Ints, Ints, Ints]:
        return self.face, self.controller, self.status


@dataclass(frozen=True, slots=True)
class InForce:
    """The rows of the log in force, sorted by face and by the order in which they decide."""

    row: Ints
    face: Ints
    change: Ints


def rows_in_force(log: ChangeLog, *, known: date, account: str | None) -> InForce:
    """The rows that count by what was known on a day, as told by an account."""
    row = np.flatnonzero(log.in_force(known=known, account=account)[log.row_change])
    return InForce(row, log.row_face[row], log.row_change[row])


def last_rows(rows: InForce, applies: Mask, face_count: int) -> Ints:
    """Shape (faces,): position in ``rows`` of the last row of each face for which something applies, -1 for none."""
    last = np.full(face_count, NO_ROW, np.int64)
    found = np.flatnonzero(applies)
    last[rows.face[found]] = found  # rows are sorted by face and order of decision: the last one written stays
    return last


def open_rows(log: ChangeLog, rows: InForce, ordinal: int, face_count: int) -> Mask:
    """Shape (rows,): the rows that may decide on a day: the last that had surely happened, all later that may have."""
    surely = last_rows(rows, log.row_latest[rows.row] <= ordinal, face_count)
    is_open: Mask = (np.arange(len(rows.row)) >= surely[rows.face]) & (log.row_earliest[rows.row] <= ordinal)
    return is_open


def admitted_by_dates(log: ChangeLog, rows: InForce, ordinal: int, face_count: int) -> Holders:
    """Holders that the bounds of the dates admit; unknown too where no change had surely happened."""
    is_open = open_rows(log, rows, ordinal, face_count)
    surely = last_rows(rows, log.row_latest[rows.row] <= ordinal, face_count)
    return _holders(log, rows, np.flatnonzero(is_open)) | _nobody(log, np.flatnonzero(surely < 0))


def admitted_by_accounts(
    log: ChangeLog, ordinal: int, face_count: int, *, known: date, accounts: Iterable[str | None], dates: bool
) -> Holders:
    """Holders that any of the accounts gives, with contested land for the holder before as well.

    Parameters
    ----------
    dates
        Whether the bounds of the dates are open too; else each change counts from its best day.
    """
    found = _nobody(log, np.zeros(0, np.int64))
    for account in accounts:
        rows = rows_in_force(log, known=known, account=account)
        if dates:
            found |= admitted_by_dates(log, rows, ordinal, face_count)
            decides = np.flatnonzero(open_rows(log, rows, ordinal, face_count))
        else:
            best = last_rows(rows, log.row_best[rows.row] <= ordinal, face_count)
            decides = best[best >= 0]
            found |= _holders(log, rows, decides) | _nobody(log, np.flatnonzero(best < 0))
        found |= _contested(log, rows, decides)
    return found


def _holders(log: ChangeLog, rows: InForce, position: Ints) -> Holders:
    change = rows.change[position]
    return Holders(rows.face[position], log.controller[change], log.status[change])


def _nobody(log: ChangeLog, face: Ints) -> Holders:
    return Holders(face, np.full(len(face), log.parties.unknown), np.full(len(face), NO_ROW))


def _contested(log: ChangeLog, rows: InForce, position: Ints) -> Holders:
    """Contested land for the holder before: neither party's word is enough to count it for one alone."""
    contested = position[(log.status[rows.change[position]] == CONTESTED) & (position > 0)]
    before = contested - 1
    same = rows.face[before] == rows.face[contested]
    change = rows.change[before[same]]
    status = np.full(len(change), CONTESTED)
    return Holders(rows.face[contested[same]], log.controller[change], status)
