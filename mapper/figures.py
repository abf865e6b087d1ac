"""Published figures against what the record gives: every figure is a query, run by one evaluator, never fitted.

| measure | asks |
|---|---|
| ``area``, ``held`` | km2 of the zone; of the part of it that the controllers hold on the day |
| ``share`` | percent of ``of`` that the zone is, or the part of it that the controllers hold on the day |
| ``districts`` | the whole districts of the division where the controllers hold anything; km2, or percent of ``of`` |
| ``front`` | km of the line between what the first and what the second controller holds, along the zone |
| ``border`` | km of the line between the zone and ``of`` |
| ``width``, ``gap`` | km across a strip, the zone; the shortest way between the zone and ``of`` |
| ``settlements`` | how many settlements the controllers hold in the zone on the day |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from mapper.area import SQUARE_METRES_PER_KM2
from mapper.errors import MapperError
from mapper.extents import Extent, find_extent, find_held
from mapper.fronts import COARSE_KM, FINE_KM, edges_between, gap_km, join_lines, length_km, mean_width_km, outline_km
from mapper.parties import BUILT_IN
from mapper.rounding import round_interval
from mapper.settlements import settlement_faces
from mapper.uncertainty import SIGMAS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from mapper.atlas import Atlas
    from mapper.parties import Parties
    from mapper.records import Figure, Measure

Verdict = Literal["agrees", "within-range", "disagrees", "incompatible", "not-computable"]
#: A value with its low and high, in the figure's unit.
Interval: TypeAlias = tuple[float, float, float]

MIN_HELD_KM2 = 1.0
"""Less held land than this does not make a district count as a whole: two tracings of one border may differ so."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A published figure beside ours.

    Attributes
    ----------
    value, low, high
        Ours with its interval, in the figure's unit; None when it cannot be computed.
    difference
        Ours against the published value, as a share of it (0.01 is one percent more); None likewise.
    verdict, why
        How they compare (see ``judge``), and why, in one sentence.
    """

    figure: Figure
    value: float | None
    low: float | None
    high: float | None
    difference: float | None
    verdict: Verdict
    why: str


def evaluate(atlas: Atlas, figure: Figure) -> Evaluation:
    """A figure beside ours.

    Raises
    ------
    MapperError
        When the query is not complete or names what there is not.
    """
    if figure.lacks:
        return Evaluation(figure, None, None, None, None, "not-computable", figure.lacks)
    value, low, high = _MEASURES[figure.measure](atlas, figure)
    verdict, why = judge(figure, (value, low, high))
    return Evaluation(figure, value, low, high, value / figure.value - 1, verdict, why)


def evaluate_all(atlas: Atlas, figures: Iterable[Figure]) -> list[Evaluation]:
    """All figures beside ours, in their order."""
    return [evaluate(atlas, figure) for figure in figures]


def judge(figure: Figure, ours: Interval) -> tuple[Verdict, str]:
    """The verdict on a figure that can be computed, and why.

    ``incompatible`` when it measures something else by definition; ``agrees`` when our interval, as it is printed,
    holds the published value; ``within-range`` when it overlaps the published range; else ``disagrees``.
    """
    if figure.incompatible:
        return "incompatible", figure.incompatible
    value, low, high = round_interval(*ours)
    if low <= figure.value <= high:
        return "agrees", "Our interval holds the published value."
    if figure.low is not None or figure.high is not None:
        least = figure.low if figure.low is not None else -np.inf
        most = figure.high if figure.high is not None else np.inf
        if low <= most and least <= high:
            return "within-range", "Our interval overlaps the published range, but not the value named first."
    side = "more" if value > figure.value else "less"
    percent = abs(ours[0] / figure.value - 1)
    return "disagrees", f"Ours is {percent:.0%} {side}, and our interval does not reach what is published."


# --- measures ------------------------------------------------------------------------------------------------------


def find_land(atlas: Atlas, figure: Figure) -> Extent:
    """The zone, or what the controllers hold of it on the day."""
    zone = find_extent(atlas.mosaic, atlas.snapshot, figure.zone)
    if figure.day is None or not figure.controllers:
        return zone
    return zone & find_held(atlas.snapshot(figure.day), figure.controllers)


def _area(atlas: Atlas, figure: Figure) -> Interval:
    return find_land(atlas, figure).interval_km2(atlas.mosaic)


def _share(atlas: Atlas, figure: Figure) -> Interval:
    return _percent(atlas, figure, find_land(atlas, figure))


def _percent(atlas: Atlas, figure: Figure, part: Extent) -> Interval:
    """The part as percent of the whole; the extremes take the two errors as independent of each other."""
    value, low, high = part.interval_km2(atlas.mosaic)
    whole, least, most = find_extent(atlas.mosaic, atlas.snapshot, figure.of).interval_km2(atlas.mosaic)
    if not least:
        msg = f"figure '{figure.id}': '{figure.of}' may hold no land on that day; no share can be taken of it"
        raise MapperError(msg)
    return 100 * value / whole, 100 * low / most, min(100 * high / least, 100.0)


def _districts(atlas: Atlas, figure: Figure) -> Interval:
    held, day, division = find_land(atlas, figure), figure.day, figure.division
    if day is None or division is None:
        raise _incomplete(figure, "day and division")
    names, code = atlas.mosaic.feature_codes(division, day)

    def whole(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        inside = mask & (code >= 0)
        held_m2 = np.bincount(code[inside], atlas.mosaic.area_m2[inside], len(names))
        counted = np.append(held_m2 >= MIN_HELD_KM2 * SQUARE_METRES_PER_KM2, False)
        found: NDArray[np.bool_] = counted[code]
        return found

    land = Extent(whole(held.surely), whole(held.now), whole(held.maybe))
    return _percent(atlas, figure, land) if figure.of else land.interval_km2(atlas.mosaic)


def _front(atlas: Atlas, figure: Figure) -> Interval:
    if figure.day is None or len(figure.controllers) != 2:
        raise _incomplete(figure, "day and two controllers")
    snapshot = atlas.snapshot(figure.day)
    one, other = (find_held(snapshot, [name]).now for name in figure.controllers)
    inside = find_extent(atlas.mosaic, atlas.snapshot, figure.zone).now
    return _length(atlas, figure, one & inside, other)


def _border(atlas: Atlas, figure: Figure) -> Interval:
    one, other = (find_extent(atlas.mosaic, atlas.snapshot, text).now for text in (figure.zone, figure.of))
    return _length(atlas, figure, one, other)


def _length(atlas: Atlas, figure: Figure, one: NDArray[np.bool_], other: NDArray[np.bool_]) -> Interval:
    """The length at the figure's vertex spacing; its interval is what any spacing from 0.1 to 5 km gives."""
    lines = join_lines(atlas.mosaic, edges_between(atlas.mosaic, one, other))
    value, coarse, fine = (length_km(lines, spacing) for spacing in (figure.spacing_km, COARSE_KM, FINE_KM))
    return value, min(value, coarse), max(value, fine)


def _width(atlas: Atlas, figure: Figure) -> Interval:
    """The mean width; its interval is that of the area over the same length."""
    land = find_land(atlas, figure)
    area, low, high = land.interval_km2(atlas.mosaic)
    value = mean_width_km(area, outline_km(atlas.mosaic, land.now))
    return value, value * low / area, value * high / area


def _gap(atlas: Atlas, figure: Figure) -> Interval:
    one, other = (find_extent(atlas.mosaic, atlas.snapshot, text).now for text in (figure.zone, figure.of))
    value, sigma = gap_km(atlas.mosaic, one, other)
    return value, value - SIGMAS * sigma, value + SIGMAS * sigma


def _settlements(atlas: Atlas, figure: Figure) -> Interval:
    land = find_land(atlas, figure)
    faces = settlement_faces(atlas.places, atlas.place_face)
    value, low, high = (int(np.count_nonzero(mask[faces])) for mask in (land.now, land.surely, land.maybe))
    return value, low, high


_MEASURES: dict[Measure, Callable[[Atlas, Figure], Interval]] = {
    "area": _area,
    "held": _area,
    "share": _share,
    "districts": _districts,
    "front": _front,
    "border": _border,
    "width": _width,
    "gap": _gap,
    "settlements": _settlements,
}

# --- queries -------------------------------------------------------------------------------------------------------

#: What each measure needs beyond a zone, and the units it comes in.
_NEEDS: dict[Measure, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "area": ((), ("km2",)),
    "held": (("day", "controllers"), ("km2",)),
    "share": (("of",), ("percent",)),
    "districts": (("day", "controllers", "division"), ("km2", "percent")),
    "front": (("day", "controllers", "spacing_km"), ("km",)),
    "border": (("of", "spacing_km"), ("km",)),
    "width": ((), ("km",)),
    "gap": (("of",), ("km",)),
    "settlements": ((), ("settlements",)),
}


def find_faults(figure: Figure, parties: Parties = BUILT_IN) -> list[str]:
    """What is wrong with a figure's query, in words; nothing for one that lacks evidence and says so."""
    faults = []
    if figure.value <= 0:
        faults.append(f"value {figure.value} is not above 0; correct it")
    needs, units = _NEEDS[figure.measure]
    if figure.unit not in units:
        faults.append(f"unit '{figure.unit}' is none of the measure '{figure.measure}'; write {' or '.join(units)}")
    if figure.lacks:
        return faults
    missing = [name for name in ("zone", *needs) if not getattr(figure, name)]
    if missing:
        faults.append(f"measure '{figure.measure}' needs {', '.join(missing)}; or say in 'lacks' why not")
    if figure.controllers and (figure.measure == "area" or not figure.day):
        faults.append("controllers hold the zone on a day: write measure 'held' and the day")
    if unknown := sorted(set(figure.controllers) - set(parties.names)):
        faults.append(f"unknown controllers {unknown}; expected some of {', '.join(parties.names)}")
    if figure.measure == "front" and len(figure.controllers) != 2:
        faults.append(f"measure 'front' lies between two controllers; got {len(figure.controllers)}")
    if figure.unit == "percent" and not figure.of:
        faults.append("percent needs 'of': the whole that the zone is a share of")
    return faults


def _incomplete(figure: Figure, needed: str) -> MapperError:
    return MapperError(f"figure '{figure.id}': measure '{figure.measure}' needs {needed}; run mapper check")
