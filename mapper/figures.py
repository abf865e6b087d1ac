"""Published figures against what the record gives: every figure is a query, run by one evaluator, never fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mapper.area import SQUARE_METRES_PER_KM2
from mapper.zones import zone_mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from mapper.mosaic import Mosaic
    from mapper.records import Figure
    from mapper.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Residual:
    """A published figure beside our own area, both in km2.

    Attributes
    ----------
    difference
        Ours against the published value, as a share of it (0.01 is one percent more).
    within_range
        Whether ours lies between the published low and high; None where no range was published.
    """

    figure: Figure
    computed_km2: float
    difference: float
    within_range: bool | None


def evaluate(mosaic: Mosaic, snapshot_on: Callable[[date], Snapshot], figure: Figure) -> Residual:
    """The residual of a figure.

    ``area`` is the area of the zone; ``held`` the part of it that the controllers hold on the day.
    """
    faces = zone_mask(mosaic, figure.zone)
    if figure.measure == "held" and figure.day is not None:
        faces = faces & np.isin(snapshot_on(figure.day).controller, figure.controllers)
    computed = float(mosaic.area_m2[faces].sum()) / SQUARE_METRES_PER_KM2
    low, high = figure.low, figure.high
    inside = None if low is None or high is None else low <= computed <= high
    return Residual(figure, computed, computed / figure.value - 1, inside)


def find_residuals(
    mosaic: Mosaic, snapshot_on: Callable[[date], Snapshot], figures: Iterable[Figure]
) -> list[Residual]:
    """The residuals of all figures, in their order."""
    return [evaluate(mosaic, snapshot_on, figure) for figure in figures]
