"""What the record holds, counted: so that nobody need guess how much of it is certain, one-sided or interpolated."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mapper.geodata import TABLES
from mapper.records import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mapper.geodata import Geodata
    from mapper.mosaic import Mosaic
    from mapper.records import Change

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

    Changes are counted as rows, alternatives included. The length of edges is that of the mosaic, outer borders
    included, by the method of the course or outline that gives each edge its precision.
    """
    versions = Counter(version.layer for version in data.versions)
    layers = {layer.id: versions[layer.id] for layer in data.layers}
    tables = {name.removesuffix(".csv"): len(getattr(data, name.removesuffix(".csv"))) for name in TABLES}
    tables |= {name: len(getattr(data, name)) for name in ("sources", "gaps")}
    return [
        *_tallies("versions by layer", layers, "versions"),
        *_tallies("records by table", tables, "records"),
        *_count_changes(data.changes),
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


def _counted(measure: str, values: Iterable[str]) -> list[Tally]:
    return _tallies(measure, dict(sorted(Counter(values).items())), "rows")


def _tallies(measure: str, amounts: Mapping[str, float], unit: str) -> list[Tally]:
    total = sum(amounts.values()) or 1
    return [Tally(measure, value, amount, unit, amount / total) for value, amount in amounts.items()]
