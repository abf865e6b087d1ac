"""How much of a map, of its districts and of the record rests on one party's word."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from numpy.typing import NDArray

    from mapper.changelog import ChangeLog
    from mapper.mosaic import Mosaic
    from mapper.records import Change
    from mapper.snapshot import Snapshot

    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Testimony:
    """How many changes rest on one party's word, and whose.

    Attributes
    ----------
    unit
        Id of a district; "" for all the land.
    changes, one_sided
        How many changes there are, and how many of them rest on one party's word.
    parties
        (party, number of changes) pairs, the largest first.
    one_sided_km2
        The unit's land that they concern.
    """

    unit: str
    changes: int
    one_sided: int
    parties: tuple[tuple[str, int], ...]
    one_sided_km2: float


def is_one_sided(change: Change) -> bool:
    """Whether a change rests on the word of one known party."""
    return change.one_sided not in {None, "both", "unknown"}


def weigh_map(snapshot: Snapshot, division: str | None = None) -> tuple[Testimony, ...]:
    """The changes that decide the land of a snapshot: of the whole, or of each district of a division, by id.

    None where the view is ``recognised``: such a map shows no change.

    Raises
    ------
    MapperError
        When there is no such division.
    """
    if snapshot.view == "recognised":
        return ()
    change = snapshot.deciding_changes()
    face = np.flatnonzero(change >= 0)
    unit = snapshot.district(division) if division is not None else np.full(len(change), "")
    return _weigh(snapshot.log, snapshot.mosaic, face, change[face], unit)


def weigh_record(log: ChangeLog, mosaic: Mosaic, division: str, day: date) -> tuple[Testimony, ...]:
    """All changes of the record that ever reach a district, alternatives included, by district as outlined on a day."""
    names, code = mosaic.feature_codes(division, day)
    return _weigh(log, mosaic, log.row_face, log.row_change, np.append(names, "")[code])


def _weigh(log: ChangeLog, mosaic: Mosaic, face: Ints, change: Ints, unit: NDArray[np.str_]) -> tuple[Testimony, ...]:
    """Testimonies by unit, of pairs of a face and a change that concerns it."""
    one_sided = np.array([is_one_sided(row) for row in log.changes], bool)
    found = []
    for name in np.unique(unit[face]).tolist():
        here = unit[face] == name
        weak = here & one_sided[change]
        area_m2 = int(mosaic.area_m2[np.unique(face[weak])].sum())
        parties = _count_parties(log.changes[index] for index in np.unique(change[weak]).tolist())
        total = len(np.unique(change[here]))
        found.append(Testimony(name, total, sum(number for _, number in parties), parties, area_m2 / 1e6))
    return tuple(found)


def _count_parties(changes: Iterable[Change]) -> tuple[tuple[str, int], ...]:
    counts = Counter(str(change.one_sided) for change in changes)
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
