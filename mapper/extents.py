"""Land that is asked for by zone, holder and day: the faces in it as recorded, surely, and possibly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from mapper.area import SQUARE_METRES_PER_KM2
from mapper.errors import ZoneError
from mapper.grouping import possible_holders
from mapper.parties import BUILT_IN
from mapper.uncertainty import SIGMAS, Sets, find_spread
from mapper.zones import HELD, Atom, Operation, atom_mask, parse_zone, resolve_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from mapper.mosaic import Mosaic
    from mapper.parties import Parties
    from mapper.snapshot import Snapshot
    from mapper.zones import Zone

    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Extent:
    """Land whose edges the dates, the accounts and contested land leave open.

    Attributes
    ----------
    surely, now, maybe
        Shape (faces,): the faces in it whatever is the case, as recorded, and in some case; each holds the one before.
    """

    surely: Mask
    now: Mask
    maybe: Mask

    def __and__(self, other: Extent) -> Extent:
        return Extent(self.surely & other.surely, self.now & other.now, self.maybe & other.maybe)

    def __or__(self, other: Extent) -> Extent:
        return Extent(self.surely | other.surely, self.now | other.now, self.maybe | other.maybe)

    def __sub__(self, other: Extent) -> Extent:
        return Extent(self.surely & ~other.maybe, self.now & ~other.now, self.maybe & ~other.surely)

    def interval_km2(self, mosaic: Mosaic) -> tuple[float, float, float]:
        """Area, low and high: the extremes, widened by 1.96 sigma of the lines around."""
        masks = (self.surely, self.now, self.maybe)
        faces = [np.flatnonzero(mask) for mask in masks]
        number = np.repeat(np.arange(3), [len(item) for item in faces])
        sets = Sets(3, number, np.concatenate(faces))
        area = sets.sums(mosaic.area_m2) / SQUARE_METRES_PER_KM2
        half = SIGMAS * find_spread(mosaic, sets).sigma / SQUARE_METRES_PER_KM2
        low = min(area[0] - half[0], area[1] - half[1])
        return float(area[1]), max(float(low), 0.0), float(max(area[1] + half[1], area[2] + half[2]))


def find_held(snapshot: Snapshot, controllers: Sequence[str]) -> Extent:
    """What controllers hold on the day of a snapshot."""
    codes = [snapshot.log.parties.code[name] for name in controllers]
    possible = possible_holders(snapshot)[2]
    theirs = np.isin(possible.controller, codes)
    now = np.isin(snapshot.controller_code, codes)
    maybe, others = now.copy(), ~now
    maybe[possible.face[theirs]] = True
    others[possible.face[~theirs]] = True
    return Extent(~others, now, maybe)


def find_extent(mosaic: Mosaic, snapshot_on: Callable[[date], Snapshot], text: str) -> Extent:
    """The land of a zone expression, which may name what was held on a day.

    Raises
    ------
    ZoneError
        When the expression cannot be parsed, or names an unknown version, controller or day.
    """
    return _resolve(mosaic, snapshot_on, parse_zone(text))


def mentioned(mosaic: Mosaic, text: str, parties: Parties = BUILT_IN) -> Mask:
    """The land of a zone expression if everybody held everything; what can be checked without the log.

    Raises
    ------
    ZoneError
        As ``find_extent``.
    """

    def mask_of(atom: Atom) -> Mask:
        if atom.kind != HELD:
            return atom_mask(mosaic, atom)
        check_held(atom, parties)
        return np.ones(mosaic.face_count, bool)

    return resolve_zone(parse_zone(text), mask_of)


def _resolve(mosaic: Mosaic, snapshot_on: Callable[[date], Snapshot], zone: Zone) -> Extent:
    if isinstance(zone, Operation):
        left, right = (_resolve(mosaic, snapshot_on, part) for part in (zone.left, zone.right))
        if zone.sign == "&":
            return left & right
        return left | right if zone.sign == "|" else left - right
    if zone.kind != HELD:
        mask = atom_mask(mosaic, zone)
        return Extent(mask, mask, mask)
    snapshot = snapshot_on(_day_held(zone))
    check_held(zone, snapshot.log.parties)
    return find_held(snapshot, [zone.feature])


def check_held(atom: Atom, parties: Parties) -> date:
    """The day of an atom that names what was held; ZoneError when controller or day is not one."""
    if atom.feature not in parties.names:
        msg = f"zone '{atom}': there is no controller '{atom.feature}'; choose from {', '.join(parties.names)}"
        raise ZoneError(msg)
    return _day_held(atom)


def _day_held(atom: Atom) -> date:
    try:
        return date.fromisoformat(atom.pin)
    except ValueError:
        msg = f"zone '{atom}': '{atom.pin}' is no day; write it as 2020-11-10"
        raise ZoneError(msg) from None
