"""Composing a snapshot: per face the last change in force wins; table look-ups, no geometry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mapper.scenarios import NO_ROW, last_rows, open_rows, rows_in_force
from mapper.snapshot import Mode, Snapshot, View, ground_values

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from mapper.changelog import ChangeLog
    from mapper.mosaic import Mosaic
    from mapper.scenarios import InForce

    Ints = NDArray[np.int64]


def compose(
    mosaic: Mosaic,
    log: ChangeLog,
    day: date,
    *,
    known: date,
    mode: Mode = "best",
    view: View = "de-facto",
    account: str | None = None,
) -> Snapshot:
    """The snapshot of a day: per face the last change in force wins.

    Parameters
    ----------
    known
        Only changes that were public on this day count.
    mode
        ``best``: each change on its best day. ``certain``: the only admissible holder, else unknown. ``possible``:
        the newest admissible holder. Admissible are the holder of the last change that had surely happened, and those
        of all later changes that may have happened.
    """
    rows = rows_in_force(log, known=known, account=account)
    change = rows.change
    ordinal = day.toordinal()
    count = mosaic.face_count
    best = last_rows(rows, log.row_best[rows.row] <= ordinal, count)
    maybe = last_rows(rows, log.row_earliest[rows.row] <= ordinal, count)
    chosen = maybe if mode == "possible" else best
    if mode == "certain":
        single = _is_single(log, rows, open_rows(log, rows, ordinal, count), count)
        chosen = np.where(single, np.where(best >= 0, best, maybe), NO_ROW)
    controller = np.append(log.controller[change], log.parties.unknown)[chosen]
    status = np.append(log.status[change], NO_ROW)[chosen]
    return Snapshot(
        mosaic=mosaic,
        log=log,
        day=day,
        known=known,
        mode=mode,
        view=view,
        account=account,
        row=np.append(rows.row, NO_ROW)[chosen],
        controller_code=controller,
        status_code=status,
        sovereign=ground_values(mosaic, "sovereign", day),
        since_ordinal=_since(log, rows.row, chosen, ordinal),
    )


def _is_single(log: ChangeLog, rows: InForce, open_: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Shape (faces,): whether the open rows of a face have one controller."""
    face, controller = rows.face[open_], log.controller[rows.change[open_]]
    least, most = np.full(count, len(log.parties.names)), np.full(count, -1)
    np.minimum.at(least, face, controller)
    np.maximum.at(most, face, controller)
    single: NDArray[np.bool_] = least == most
    return single


def _since(log: ChangeLog, rows: Ints, chosen: Ints, ordinal: int) -> Ints:
    """Shape (faces,): best day of the first row in the unbroken run of one controller that ends with the chosen row."""
    best, face = log.row_best[rows], log.row_face[rows]
    happened = np.flatnonzero((best <= ordinal) | np.isin(np.arange(len(rows)), chosen))
    controller = log.controller[log.row_change[rows[happened]]]
    starts = np.ones(len(happened), bool)
    starts[1:] = (controller[1:] != controller[:-1]) | (face[happened][1:] != face[happened][:-1])
    first = np.full(len(rows) + 1, NO_ROW, np.int64)
    first[happened] = happened[np.maximum.accumulate(np.where(starts, np.arange(len(happened)), 0))]
    run = first[chosen]
    return np.where(chosen >= 0, np.append(best, ordinal)[run], ordinal)
