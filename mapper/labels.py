"""Names on a map: which, where, and which of them goes first when there is no room for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import shapely

from mapper.style import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mapper.drawing import Bounds, Piece
    from mapper.snapshot import Snapshot

LabelKind = Literal["state", "region", "place", "water"]

DECIMALS: Final = 4
"""Decimals of a label's position, degrees."""
REMOTE: Final = ("nakhchivan",)
"""Districts apart from their state's mainland, which bear a name of their own and lie outside the first view."""
TOWN_RANK: Final = 3
NEAR_DEG: Final = 0.25
"""Places up to this rank are named everywhere, smaller ones only this near to the first view."""
EDGE_SHARE: Final = 0.12
"""Share of the first view's width that names of states keep off on either side, so that none is cut."""
NEAR_ZOOM: Final = 7.4
"""From this zoom on a state's name stands inside the first view, below it in the middle of the state."""


@dataclass(frozen=True, slots=True)
class Label:
    """A name at a point (degrees), for zooms from `zoom_from` up to but not `zoom_to`; rank 1 wins over 2."""

    kind: LabelKind
    lon: float
    lat: float
    rank: int
    names: Mapping[str, str]
    zoom_from: float = 0.0
    zoom_to: float = 99.0


def draw_labels(snapshot: Snapshot, pieces: Sequence[Piece], waters: Any, *, home: Bounds) -> tuple[Label, ...]:
    """Names of states and of the exclave that is large enough, of places and of waters, best first."""
    xmin, ymin, xmax, ymax = home
    inset = EDGE_SHARE * (xmax - xmin)
    first_view = shapely.box(xmin + inset, ymin, xmax - inset, ymax)
    labels = [
        *_state_labels(snapshot, pieces, first_view),
        *_region_labels(snapshot, pieces),
        *_place_labels(snapshot, home),
        *_water_labels(waters, first_view),
    ]
    middle = (xmin + xmax) / 2, (ymin + ymax) / 2
    return tuple(sorted(labels, key=lambda label: _label_order(label, middle)))


_KIND_ORDER: Final[Mapping[LabelKind, int]] = {"state": 1, "region": 2, "place": 3, "water": 4}


def _label_order(label: Label, middle: tuple[float, float]) -> tuple[float, ...]:
    """Capitals, whose place is fixed, go before the names of states, which can give way; then what is nearest."""
    capital = label.kind == "place" and label.rank == 1
    lon, lat = middle
    distance = round((label.lon - lon) ** 2 + (label.lat - lat) ** 2, 6)  # squared degrees: good enough to rank by
    return (
        0 if capital else _KIND_ORDER[label.kind],
        label.rank,
        distance,
        label.lat,
        label.lon,
        label.zoom_from,
    )


def _state_labels(snapshot: Snapshot, pieces: Sequence[Piece], first_view: shapely.Geometry) -> list[Label]:
    """Each state's name on its quiet land, one for the first view and one for smaller scales."""
    labels: list[Label] = []
    for state in sorted({piece.state for piece in pieces if piece.state}):
        land = [piece for piece in pieces if piece.state == state]
        quiet = [piece for piece in land if piece.tone == "pale" and piece.district not in REMOTE] or land
        names = _version_names(snapshot, "state", state)
        shape = _union(quiet)
        for zoom_from, zoom_to, part in ((NEAR_ZOOM, 99.0, shape & first_view), (0.0, NEAR_ZOOM, shape)):
            if not part.is_empty and part.area > 0:
                lon, lat = _middle(part)
                labels.append(Label("state", lon, lat, 1, names, zoom_from, zoom_to))
    return labels


def _region_labels(snapshot: Snapshot, pieces: Sequence[Piece]) -> list[Label]:
    labels: list[Label] = []
    for region in REMOTE:
        land = [piece for piece in pieces if piece.district == region]
        if land:
            lon, lat = _middle(_union(land))
            labels.append(Label("region", lon, lat, 1, _version_names(snapshot, "division", region), 6.5))
    return labels


def _union(pieces: Sequence[Piece]) -> shapely.Geometry:
    return shapely.union_all([piece.geometry for piece in pieces], grid_size=10**-DECIMALS)


def _place_labels(snapshot: Snapshot, home: Bounds) -> list[Label]:
    """All towns; villages near the conflict's districts only, where somebody zooms in."""
    xmin, ymin, xmax, ymax = home
    places = () if snapshot.atlas is None else snapshot.atlas.places
    return [
        Label("place", round(place.lon, DECIMALS), round(place.lat, DECIMALS), place.rank, place.names)
        for place in places
        if place.rank <= TOWN_RANK
        or (xmin - NEAR_DEG <= place.lon <= xmax + NEAR_DEG and ymin - NEAR_DEG <= place.lat <= ymax + NEAR_DEG)
    ]


def _water_labels(waters: Any, first_view: shapely.Geometry) -> list[Label]:
    labels = []
    for row in waters.itertuples():
        names = {str(lang): str(getattr(row, f"name_{lang}")) for lang in LANGUAGES if _has_name(row, lang)}
        if names:
            near = row.geometry & first_view
            lon, lat = _middle(row.geometry if near.is_empty else near)
            labels.append(Label("water", lon, lat, 1 if row.geometry.area > 0 else 2, names, 6.5))
    return labels


def _has_name(row: Any, lang: str) -> bool:
    name = getattr(row, f"name_{lang}")
    return isinstance(name, str) and bool(name)


def _middle(shape: shapely.Geometry) -> tuple[float, float]:
    """The point of an area farthest from its edge, of a line half way along its longest part; lon, lat."""
    if shape.area > 0:
        polygons = [part for part in shapely.get_parts(shape) if part.area > 0]
        circle = shapely.maximum_inscribed_circle(shapely.multipolygons(polygons), tolerance=0.02)
        point = shapely.get_point(circle, 0)
    else:
        parts = shapely.get_parts(shapely.line_merge(shape) if shape.geom_type == "MultiLineString" else shape)
        longest = max(parts, key=shapely.length)
        point = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    return round(point.x, DECIMALS), round(point.y, DECIMALS)


def state_names(snapshot: Snapshot) -> dict[str, Mapping[str, str]]:
    """Names by feature id of the state layers, as ``district_names``."""
    names: dict[str, Mapping[str, str]] = {}
    for layer in snapshot.mosaic.layers:
        if layer.kind == "state":
            names |= district_names(snapshot, layer.id)
    return names


def _version_names(snapshot: Snapshot, kind: str, feature: str) -> Mapping[str, str]:
    """Names of a feature: those valid on the day, else any version's."""
    mosaic = snapshot.mosaic
    layers = {layer.id for layer in mosaic.layers if layer.kind == kind}
    versions = [version for version in mosaic.versions if version.layer in layers and version.feature == feature]
    today = [version for version in versions if snapshot.day in version.interval]
    return next((version.names for version in [*today, *versions]), {"en": feature})


def district_names(snapshot: Snapshot, division: str) -> dict[str, Mapping[str, str]]:
    """Names by district id of a division, on the day if the district existed then, else as it was last called."""
    names: dict[str, Mapping[str, str]] = {}
    for row in snapshot.mosaic.rows(division):
        version = snapshot.mosaic.versions[row]
        if version.feature not in names or snapshot.day in version.interval:
            names[version.feature] = version.names
    return names
