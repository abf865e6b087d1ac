"""Counts of settlements by who holds them: the points of places.csv on the faces of a day."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from mapper.records import Place
    from mapper.snapshot import Snapshot

#: Kinds of places that count as settlements.
KINDS = ("city", "town", "village")


def settlement_faces(places: Iterable[Place], place_face: Mapping[str, int]) -> NDArray[np.int64]:
    """The faces of all settlements that lie in either state, one each."""
    faces = [place_face[place.id] for place in places if place.kind in KINDS]
    return np.array([face for face in faces if face >= 0], np.int64)


def count_settlements(
    snapshot: Snapshot,
    places: Iterable[Place],
    place_face: Mapping[str, int],
    *,
    by: Sequence[str] = ("controller",),
    division: str = "rayon",
) -> list[dict[str, Any]]:
    """Rows of the keys' values, ``settlements`` and ``share`` of all (0 to 1), most first.

    Parameters
    ----------
    place_face
        The face of each place, by its id; -1 outside both states.
    by
        Any of ``snapshot.KEYS``.
    division
        The scheme of districts that ``district`` means.

    Raises
    ------
    MapperError
        When a key or the division is unknown.
    """
    faces = settlement_faces(places, place_face)
    columns = [snapshot.key(name, division)[faces].tolist() for name in by]
    counted = Counter(zip(*columns, strict=True)) if columns else Counter({(): len(faces)})
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [
        {**dict(zip(by, values, strict=True)), "settlements": count, "share": count / len(faces)}
        for values, count in ranked
    ]
