"""What the record holds, counted: so that nobody need guess how much of it is certain, one-sided or interpolated."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mapper.geodata import TABLES
from mapper.records import METHODS
from mapper.zones import group_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mapper.geodata import Geodata
    from mapper.mosaic import Mosaic
    from mapper.records import Change, Overlay, RoadState, War

NONE = "none"


@dataclass(frozen=True, slots=True)
class Tally:
    """How much of a measure has a value, in a unit, and as a share of the measure's sum (0 to 1)."""

    measure: str
    value: str
    amount: float
    unit: str
    share: float


def count_records(data: Geodata, mosaic: Mosaic) -> list[Tally]:
    """All tallies of a data folder; the values of a measure sum to the whole of it.

    Changes and overlays are counted as rows, alternatives included. The length of edges is that of the mosaic, outer
    borders included, by the method of the course or outline that gives each edge its precision.
    """
    versions = Counter(version.layer for version in data.versions)
    layers = {layer.id: versions[layer.id] for layer in data.layers}
    tables = {name.removesuffix(".csv"): len(getattr(data, name.removesuffix(".csv"))) for name in TABLES}
    tables |= {name: len(getattr(data, name)) for name in ("sources", "gaps", "legends", "wars")}
    return [
        *_tallies("versions by layer", layers, "versions"),
        *_tallies("records by table", tables, "records"),
        *_count_changes(data.changes),
        *_tallies("seeds of cells by war", {war.id: len(war.places) for war in data.wars}, "places"),
        *_counted("seeds of cells", _seeds(data.wars, data.changes), "places"),
        *_counted("events by decade", (f"{event.best.year // 10 * 10}s" for event in data.events)),
        *_counted("events by kind", (event.kind for event in data.events)),
        *_count_roads(data.roads),
        *_count_overlays(data.overlays),
        *_counted("claims by kind", (claim.kind for claim in data.claims)),
        *_tallies("edges by method", _edge_km(mosaic), "km"),
    ]


def _count_changes(changes: tuple[Change, ...]) -> list[Tally]:
    counted = {
        "changes by decade": (f"{change.best.year // 10 * 10}s" for change in changes),
        "changes by number of sources": (str(len(change.sources)) for change in changes),
        "changes by confidence": (change.confidence for change in changes),
        "changes resting on one side": (change.one_sided or NONE for change in changes),
        "changes by bounds": (change.bounds for change in changes),
        "changes by width of their date": (_width(change) for change in changes),
        "changes made known": (_delay(change) for change in changes),
        "changes that are alternatives": (_alternative(change) for change in changes),
    }
    return [tally for measure, values in counted.items() for tally in _counted(measure, values)]


def _count_roads(roads: tuple[RoadState, ...]) -> list[Tally]:
    counted = {
        "states of roads": (row.state for row in roads),
        "states of roads by confidence": (row.confidence for row in roads),
        "states of roads resting on one side": (row.one_sided or NONE for row in roads),
    }
    return [tally for measure, values in counted.items() for tally in _counted(measure, values)]


def _count_overlays(overlays: tuple[Overlay, ...]) -> list[Tally]:
    counted = {
        "overlays by kind": (row.kind for row in overlays),
        "overlays resting on one side": (row.one_sided or NONE for row in overlays),
    }
    return [tally for measure, values in counted.items() for tally in _counted(measure, values)]


def _seeds(wars: tuple[War, ...], changes: tuple[Change, ...]) -> list[str]:
    """Whether each seed has a row of its own, or its ground is interpolated from the rows of others."""
    rows = group_cells((change.id, change.zone) for change in changes)
    return [
        "with a row of their own" if f"{war.id}/{place}" in rows else "without" for war in wars for place in war.places
    ]


def _width(change: Change) -> str:
    return "one day" if change.earliest == change.latest else "within a range"


def _delay(change: Change) -> str:
    """The second time axis: whether the day it became public differs from the best day."""
    if change.known == change.best:
        return "on the best day"
    return "later than the best day" if change.known > change.best else "before the best day"


def _alternative(change: Change) -> str:
    if change.alternative_of is None:
        return NONE
    return "the default of its set" if change.is_default else "another account"


def _edge_km(mosaic: Mosaic) -> dict[str, float]:
    metres = np.bincount(mosaic.edge_method, mosaic.edge_length_m, len(METHODS))
    return {method: float(length) / 1000 for method, length in zip(METHODS, metres, strict=True)}


def _counted(measure: str, values: Iterable[str], unit: str = "rows") -> list[Tally]:
    return _tallies(measure, dict(sorted(Counter(values).items())), unit)


def _tallies(measure: str, amounts: Mapping[str, float], unit: str) -> list[Tally]:
    total = sum(amounts.values()) or 1
    return [Tally(measure, value, amount, unit, amount / total) for value, amount in amounts.items()]
