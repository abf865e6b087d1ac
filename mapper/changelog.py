"""The change log resolved to faces: per face the changes that reach it, in the order in which they decide."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mapper.records import CONTROLLERS, STATUSES, Change, from_json, to_json
from mapper.zones import zone_mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from mapper.mosaic import Mosaic

    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class ChangeLog:
    """All changes and the faces they reach.

    Attributes
    ----------
    changes
        In file order.
    row_face, row_change
        Shape (rows,): a row for each face that a change reaches, sorted by face, best day, ``seq``, file order.
    """

    changes: tuple[Change, ...]
    row_face: Ints
    row_change: Ints

    @cached_property
    def best(self) -> Ints:
        """Shape (changes,): ordinal of the best day."""
        return _ordinals(change.best for change in self.changes)

    @cached_property
    def earliest(self) -> Ints:
        """Shape (changes,): ordinal of the earliest day."""
        return _ordinals(change.earliest for change in self.changes)

    @cached_property
    def latest(self) -> Ints:
        """Shape (changes,): ordinal of the latest day."""
        return _ordinals(change.latest for change in self.changes)

    @cached_property
    def known(self) -> Ints:
        """Shape (changes,): ordinal of the day the change became public."""
        return _ordinals(change.known for change in self.changes)

    @cached_property
    def known_to(self) -> Ints:
        """Shape (changes,): ordinal of the day the account was dropped, else a day that never comes."""
        return _ordinals(change.known_to for change in self.changes)

    @cached_property
    def controller(self) -> Ints:
        """Shape (changes,): index into ``records.CONTROLLERS``."""
        return np.array([CONTROLLERS.index(change.controller) for change in self.changes], np.int64)

    @cached_property
    def status(self) -> Ints:
        """Shape (changes,): index into ``records.STATUSES``."""
        return np.array([STATUSES.index(change.status) for change in self.changes], np.int64)

    @cached_property
    def accounts(self) -> tuple[str, ...]:
        """Every account that can be chosen, sorted."""
        return tuple(sorted({change.account for change in self.changes if change.account}))

    def in_force(self, *, known: date, account: str | None) -> Mask:
        """Shape (changes,): whether a change counts, as publicly known on a day and told by an account.

        Where the account has no version of its own of a set of alternatives, that set's default one counts.
        """
        day = known.toordinal()
        public = (self.known <= day) & (day < self.known_to)
        if account is None:
            return public & self._is_default
        told = {change.alternative_of for change in self.changes if change.account == account}
        chosen = [
            change.account == account if change.alternative_of in told else change.is_default for change in self.changes
        ]
        return public & np.array(chosen, bool)

    @cached_property
    def _is_default(self) -> Mask:
        return np.array([change.is_default for change in self.changes], bool)

    def reaching(self, face: int) -> tuple[Change, ...]:
        """The changes that reach a face, in the order in which they decide."""
        first, last = np.searchsorted(self.row_face, [face, face + 1])
        return tuple(self.changes[index] for index in self.row_change[first:last])


def compile_log(mosaic: Mosaic, changes: Sequence[Change]) -> ChangeLog:
    """The change log of a mosaic.

    Raises
    ------
    ZoneError
        When a zone cannot be resolved.
    """
    faces, owners = [], []
    for index, change in enumerate(changes):
        reached = np.flatnonzero(zone_mask(mosaic, change.zone))
        faces.append(reached)
        owners.append(np.full(len(reached), index, np.int64))
    face = np.concatenate([np.zeros(0, np.int64), *faces])
    owner = np.concatenate([np.zeros(0, np.int64), *owners])
    best = _ordinals(change.best for change in changes)
    seq = np.array([change.seq or 0 for change in changes], np.int64)
    order = np.lexsort((owner, seq[owner], best[owner], face))
    return ChangeLog(tuple(changes), face[order], owner[order])


def _ordinals(days: Iterable[date | None]) -> Ints:
    return np.array([day.toordinal() if day else NEVER for day in days], np.int64)


def to_bytes(log: ChangeLog, extra: dict[str, Any]) -> bytes:
    """The log, and further JSON values that belong with it, as the bytes of an .npz archive."""
    text = json.dumps({"changes": [to_json(change) for change in log.changes], "extra": extra})
    target = io.BytesIO()
    np.savez(
        target,
        records=np.frombuffer(text.encode(), np.uint8),
        row_face=log.row_face,
        row_change=log.row_change,
    )
    return target.getvalue()


def from_bytes(content: bytes) -> tuple[ChangeLog, dict[str, Any]]:
    """The log and the further values from ``to_bytes``; ValueError, KeyError or BadZipFile for anything else."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        listed = json.loads(archive["records"].tobytes())
        rows = archive["row_face"], archive["row_change"]
    return ChangeLog(tuple(from_json(Change, item) for item in listed["changes"]), *rows), listed["extra"]
