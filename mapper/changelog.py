"""The change log resolved to faces: per face the changes that reach it, in the order in which they decide."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mapper.parties import BUILT_IN, Parties, parties_of
from mapper.records import STATUSES, Change, Controller, from_json, to_json
from mapper.sweep import NO_CHANGE, Rows, sweep
from mapper.zones import zone_mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from mapper.mosaic import Mosaic
    from mapper.records import War

    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

NEVER = np.iinfo(np.int64).max
_ROW_COLUMNS = ("row_face", "row_change", "row_best", "row_earliest", "row_latest", "row_swept_with")


@dataclass(frozen=True, eq=False)
class ChangeLog:
    """All changes and the faces they reach.

    Attributes
    ----------
    changes
        In file order.
    row_face, row_change
        Shape (rows,): a row for each face that a change reaches, sorted by face, best day, ``seq``, file order.
    row_best, row_earliest, row_latest
        Shape (rows,): ordinals of the days of the change on that face: its own, but where the rule of swept areas has
        moved its best day, and with it the bound that it passed; see ``sweep.py``.
    row_swept_with
        Shape (rows,): the change that a row was moved up to, -1 for none.
    parties
        Who can hold land.
    """

    changes: tuple[Change, ...]
    row_face: Ints
    row_change: Ints
    row_best: Ints
    row_earliest: Ints
    row_latest: Ints
    row_swept_with: Ints
    parties: Parties = BUILT_IN

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
        """Shape (changes,): the code of the controller."""
        return np.array([self.parties.code[change.controller] for change in self.changes], np.int64)

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
        return public & (self._told[account] if account in self._told else self._told[None])

    @cached_property
    def _told(self) -> dict[str | None, Mask]:
        """For each account, and None for the record's own: whether it tells each change."""
        own = np.array([change.is_default for change in self.changes], bool)
        told: dict[str | None, Mask] = {None: own}
        for account in self.accounts:
            mine = np.array([change.account == account for change in self.changes], bool)
            sets = {change.alternative_of for change in self.changes if change.account == account}
            known = np.array([change.alternative_of in sets for change in self.changes], bool)
            told[account] = np.where(known, mine, own)
        return told

    @cached_property
    def row_moved(self) -> Mask:
        """Shape (rows,): whether the rule of swept areas has moved the best day."""
        moved: Mask = self.row_best != self.best[self.row_change]
        return moved

    def rows_of(self, face: int) -> range:
        """The rows of a face, in the order in which they decide."""
        return range(*np.searchsorted(self.row_face, [face, face + 1]).tolist())

    def reaching(self, face: int) -> tuple[Change, ...]:
        """The changes that reach a face, in the order in which they decide."""
        return tuple(self.changes[self.row_change[row]] for row in self.rows_of(face))

    def moved_by(self, row: int) -> str:
        """What the rule of swept areas did to a row, in words; "" where it did nothing."""
        if not self.row_moved[row]:
            return ""
        day = date.fromordinal(int(self.row_best[row]))
        cause = int(self.row_swept_with[row])
        if cause >= 0:
            return f"swept with {self.changes[cause].id} on {day}"
        return f"held back to {day}: an island without its side's land beside it before"


def plain_log(changes: Sequence[Change], face: Ints, change: Ints, parties: Parties = BUILT_IN) -> ChangeLog:
    """A log of rows in any order, each with the days of its change."""
    best, earliest, latest = (
        _ordinals(getattr(item, name) for item in changes) for name in ("best", "earliest", "latest")
    )
    seq = np.array([item.seq or 0 for item in changes], np.int64)
    order = np.lexsort((change, seq[change], best[change], face))
    face, change = face[order], change[order]
    swept_with = np.full(len(face), NO_CHANGE, np.int64)
    return ChangeLog(tuple(changes), face, change, best[change], earliest[change], latest[change], swept_with, parties)


def swept_log(mosaic: Mosaic, log: ChangeLog, wars: Iterable[War]) -> ChangeLog:
    """The log once the rule of swept areas has been applied; applied again it changes nothing."""
    known = max((change.known for change in log.changes), default=date.min)
    counts = log.in_force(known=known, account=None)[log.row_change]
    rows = Rows(log.row_face, log.row_change, log.controller[log.row_change], log.row_best, counts)
    best, swept_with = sweep(mosaic, rows, wars, log.parties)
    swept_with = np.where(swept_with == NO_CHANGE, log.row_swept_with, swept_with)
    order = np.lexsort((np.arange(len(best)), best, log.row_face))  # rows of one day stay in their order
    return replace(
        log,
        row_change=log.row_change[order],
        row_best=best[order],
        row_earliest=np.minimum(log.row_earliest, best)[order],
        row_latest=np.maximum(log.row_latest, best)[order],
        row_swept_with=swept_with[order],
    )


def compile_log(
    mosaic: Mosaic, changes: Sequence[Change], wars: Iterable[War] = (), parties: Parties = BUILT_IN
) -> ChangeLog:
    """The change log of a mosaic, with the rule of swept areas applied to the ground of wars.

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
    return swept_log(mosaic, plain_log(changes, face, owner, parties), wars)


def _ordinals(days: Iterable[date | None]) -> Ints:
    return np.array([day.toordinal() if day else NEVER for day in days], np.int64)


def to_bytes(log: ChangeLog, extra: dict[str, Any]) -> bytes:
    """The log, and further JSON values that belong with it, as the bytes of an .npz archive."""
    parties = [to_json(item) for item in log.parties.controllers]
    text = json.dumps({"changes": [to_json(change) for change in log.changes], "parties": parties, "extra": extra})
    target = io.BytesIO()
    np.savez(
        target,
        records=np.frombuffer(text.encode(), np.uint8),
        **{name: getattr(log, name) for name in _ROW_COLUMNS},
    )
    return target.getvalue()


def from_bytes(content: bytes) -> tuple[ChangeLog, dict[str, Any]]:
    """The log and the further values from ``to_bytes``; ValueError, KeyError or BadZipFile for anything else."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        listed = json.loads(archive["records"].tobytes())
        rows = {name: archive[name] for name in _ROW_COLUMNS}
    changes = tuple(from_json(Change, item) for item in listed["changes"])
    parties = parties_of(from_json(Controller, item) for item in listed["parties"])
    return ChangeLog(changes, **rows, parties=parties), listed["extra"]
