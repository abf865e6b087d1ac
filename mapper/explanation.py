"""Why a face is what it is on a day: every change that reaches it, which one decides, and what became of the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from mapper.compose import compose
from mapper.scenarios import NO_ROW
from mapper.snapshot import MODES, Mode, Snapshot

if TYPE_CHECKING:
    from mapper.changelog import ChangeLog
    from mapper.records import Change

Outcome = Literal[
    "decides", "superseded", "uncertain", "not-yet", "not-yet-public", "account-dropped", "another-account"
]

_DECIDES: dict[Mode, str] = {
    "best": "the last change that has happened by its best day",
    "certain": "no other holder is admissible",
    "possible": "the last change that may have happened",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A change that reaches a face, and what became of it.

    Attributes
    ----------
    in_force
        Whether it counts at all: public on the day ``known`` and told by the account.
    outcome
        ``decides``; ``superseded`` by a later one; ``uncertain`` where its days leave open who holds; ``not-yet``
        happened; or why it is not in force.
    why
        The outcome in words.
    decides_in
        The modes in which it decides.
    earliest, best, latest
        The days of the change on this face.
    moved
        What the rule of swept areas did to them, in words; "" for nothing.
    """

    change: Change
    in_force: bool
    outcome: Outcome
    why: str
    decides_in: tuple[Mode, ...]
    earliest: date
    best: date
    latest: date
    moved: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a face in one mode; status "" where that is not known."""

    controller: str
    status: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a face is what it is: ``steps`` in the order in which they decide, and what each mode says."""

    steps: tuple[Step, ...]
    holders: dict[Mode, Holder]
    admissible: tuple[str, ...]


def explain(snapshot: Snapshot, face: int) -> Explanation:
    """Why a face of a snapshot is what it is, with the outcomes in the snapshot's own mode."""
    by_mode = {mode: _in_mode(snapshot, mode) for mode in MODES}
    log = snapshot.log
    rows = log.rows_of(face)
    counts = log.in_force(known=snapshot.known, account=snapshot.account)
    happened = _happened(snapshot, face, [row for row in rows if counts[log.row_change[row]]])
    steps = []
    for row in rows:
        index = int(log.row_change[row])
        in_force = bool(counts[index])
        outcome, why = _outcome(snapshot, face, row, happened) if in_force else _absence(snapshot, index)
        decides_in = tuple(mode for mode in MODES if by_mode[mode].row[face] == row)
        steps.append(
            Step(log.changes[index], in_force, outcome, why, decides_in, *_days(log, row), moved=log.moved_by(row))
        )
    holders = {mode: Holder(str(item.controller[face]), str(item.status[face])) for mode, item in by_mode.items()}
    return Explanation(tuple(steps), holders, snapshot.admissible_names(face))


def _in_mode(snapshot: Snapshot, mode: Mode) -> Snapshot:
    if mode == snapshot.mode:
        return snapshot
    return compose(
        snapshot.mosaic, snapshot.log, snapshot.day, known=snapshot.known, mode=mode, account=snapshot.account
    )


def _happened(snapshot: Snapshot, face: int, rows: list[int]) -> list[int]:
    """The rows in force that have happened by the day, as the snapshot's mode reads their days."""
    log, day = snapshot.log, snapshot.day.toordinal()
    decides = int(snapshot.row[face])
    early = snapshot.mode == "possible" or decides == NO_ROW  # no row decides: who holds is open
    days = log.row_earliest if early else log.row_best
    return [row for row in rows if row == decides or days[row] <= day]


def _days(log: ChangeLog, row: int) -> tuple[date, date, date]:
    """Earliest, best and latest day of a row."""
    first, best, last = (int(days[row]) for days in (log.row_earliest, log.row_best, log.row_latest))
    return date.fromordinal(first), date.fromordinal(best), date.fromordinal(last)


def _outcome(snapshot: Snapshot, face: int, row: int, happened: list[int]) -> tuple[Outcome, str]:
    """What became of a change in force."""
    log = snapshot.log
    earliest, best, latest = _days(log, row)
    if row == snapshot.row[face]:
        return "decides", _DECIDES[snapshot.mode]
    days = f"[{earliest}..{latest}]"
    if row not in happened:
        if earliest <= snapshot.day:
            return "not-yet", f"happens by its best day, {best}; may have happened already, {days}"
        return "not-yet", f"happens on {best}" if earliest == latest else f"happens in {days}"
    later = [other for other in happened if other > row]
    surely = [other for other in later if log.row_latest[other] <= snapshot.day.toordinal()]
    if snapshot.row[face] == NO_ROW and not surely:
        return (
            "uncertain",
            f"admissible: happened in {days}" if not later else "admissible: what follows is not certain",
        )
    by = (later if snapshot.row[face] != NO_ROW else surely)[0]
    return "superseded", f"by {log.changes[log.row_change[by]].id} of {_days(log, by)[1]}"


def _absence(snapshot: Snapshot, index: int) -> tuple[Outcome, str]:
    """Why a change is not in force."""
    log, change = snapshot.log, snapshot.log.changes[index]
    if snapshot.known < change.known:
        return "not-yet-public", f"became public on {change.known}, after {snapshot.known}"
    if change.known_to and change.known_to <= snapshot.known:
        return "account-dropped", f"public from {change.known}, dropped on {change.known_to}"
    told = [other for other in log.changes if snapshot.account and other.account == snapshot.account]
    own = [other.id for other in told if other.alternative_of == change.alternative_of]
    if own:
        return "another-account", f"the account {snapshot.account} is chosen: {', '.join(own)}"
    default = next(other for other in log.changes if other.id == change.alternative_of)
    return "another-account", f"the default is {default.id} ({default.account})"
