"""Statements of who held a place on a day against what the record says: compared, never fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from mapper.mosaic import Mosaic
    from mapper.records import Assertion, Place
    from mapper.snapshot import Snapshot

OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Comparison:
    """An assertion beside the record.

    Attributes
    ----------
    controller
        Who holds the place in the mode ``best``; ``outside`` both states.
    admissible
        Every holder that the bounds of the dates admit.
    agrees
        Whether the record's holder is one of those asserted.
    line_m
        Metres to the nearest line of that day between two controllers; None on a day without such a line.
    line_precisions
        The same in units of that line's precision: under 2 the place may lie on its other side.
    """

    assertion: Assertion
    controller: str
    admissible: tuple[str, ...]
    agrees: bool
    line_m: float | None
    line_precisions: float | None


def find_comparisons(
    snapshot_on: Callable[[date], Snapshot],
    assertions: Iterable[Assertion],
    places: Iterable[Place],
    place_face: dict[str, int],
) -> list[Comparison]:
    """All assertions beside the record, in their order.

    Parameters
    ----------
    place_face
        The face of each place, by its id; -1 outside both states.
    """
    by_id = {place.id: place for place in places}
    return [compare(snapshot_on(row.day), row, by_id[row.place], place_face[row.place]) for row in assertions]


def compare(snapshot: Snapshot, assertion: Assertion, place: Place, face: int) -> Comparison:
    """An assertion beside the snapshot of its day."""
    controller = str(snapshot.controller[face]) if face >= 0 else OUTSIDE
    nearest = snapshot.mosaic.nearest_edge(place.lon, place.lat, among=_lines(snapshot))
    precision = float(snapshot.mosaic.edge_precision_m[nearest[0]]) if nearest else None
    return Comparison(
        assertion,
        controller,
        snapshot.admissible_names(face) if face >= 0 else (),
        controller in assertion.controllers,
        nearest[1] if nearest else None,
        nearest[1] / precision if nearest and precision else None,
    )


def _lines(snapshot: Snapshot) -> NDArray[np.bool_]:
    """Shape (edges,): the edges with two controllers; the world outside is none."""
    mosaic: Mosaic = snapshot.mosaic
    left, right = snapshot.controller_code[mosaic.edge_left], snapshot.controller_code[mosaic.edge_right]
    lines: NDArray[np.bool_] = (mosaic.edge_right >= 0) & (left != right)
    return lines


def nearest_to_a_line(found: Sequence[Comparison], count: int) -> list[Comparison]:
    """The comparisons whose places lie nearest to a line, nearest first."""
    measured = [(item.line_m, number) for number, item in enumerate(found) if item.line_m is not None]
    return [found[number] for _, number in sorted(measured)[:count]]
