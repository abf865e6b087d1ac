"""Things with dates that a page draws over the land and that change no control: corridors, roads, overlays, claims."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from mapper.geodata import read_layer
from mapper.looks import LINE_STYLE
from mapper.markings import arrow
from mapper.overlays import overlay_mask
from mapper.signs import LINK_WIDTH, sign_of
from mapper.style import BASE
from mapper.zones import zone_mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    import numpy as np
    import shapely
    from numpy.typing import NDArray

    from mapper.atlas import Atlas
    from mapper.interval import DayRange


@dataclass(frozen=True, slots=True, eq=False)
class Dated:
    """A thing on the map from the day ``first`` to the day before ``end`` (None: still there).

    Attributes
    ----------
    switch
        The layer switch that shows and hides it, a word of the page.
    look
        Colour, width, dash, casing of its line, and the tile of its mark; pixels.
    faces
        Shape (faces,): the land it covers; None when it is no area.
    lines, heads
        Its course and the heads of its arrows, EPSG:4326; None when it has none.
    posts
        Points, (lon, lat).
    side
        Of a claim whose it would be: what this side holds on a day is no open claim that day.
    remark
        A word that is said of it beside its name.
    """

    switch: str
    look: Mapping[str, Any]
    names: Mapping[str, str]
    first: date
    end: date | None
    sources: tuple[str, ...]
    note: str
    faces: NDArray[np.bool_] | None = None
    lines: shapely.Geometry | None = None
    heads: shapely.Geometry | None = None
    posts: tuple[tuple[float, float], ...] = ()
    side: str | None = None
    remark: str | None = None


CORRIDOR_LOOK: Final = {"colour": BASE.muted, "width": 1.6, "dash": "2 4"}


def find_dated(atlas: Atlas, period: DayRange) -> tuple[Dated, ...]:
    """Everything that is drawn over the land on some day of a period, in the order in which it is drawn."""
    found = [*_corridors(atlas), *_roads(atlas), *_overlays(atlas), *_claims(atlas)]
    return tuple(item for item in found if item.first <= period.last and (item.end is None or item.end > period.first))


def _corridors(atlas: Atlas) -> Iterator[Dated]:
    mosaic = atlas.mosaic
    layers = _layers_of_kind(atlas, "corridor")
    for row, version in enumerate(mosaic.versions):
        if version.layer in layers:
            yield Dated("corridors", CORRIDOR_LOOK, **_version(version), faces=mosaic.member[row])


def _roads(atlas: Atlas) -> Iterator[Dated]:
    """Each road in each of its states, as long as its course is in force."""
    shapes = {
        version.id: shape
        for layer in _layers_of_kind(atlas, "road")
        for version, shape in read_layer(atlas.folder, layer)
    }
    for version in atlas.road_versions:
        rows = sorted((row for row in atlas.roads if row.course == version.feature), key=lambda row: (row.best, row.id))
        about = _version(version) | {"lines": shapes[version.id]}
        for row, later in zip_longest(rows, rows[1:]):
            first = max(row.best, version.valid_from)
            ends = [day for day in (version.valid_to, later.best if later else None) if day is not None]
            end = min(ends, default=None)
            if row.state == "ended" or (end is not None and end <= first):
                continue
            span = {"first": first, "end": end, "sources": row.sources, "note": row.note}
            yield Dated("roads", LINE_STYLE[f"road-{row.state}"], **about | span, remark=f"road-{row.state}")


def _overlays(atlas: Atlas) -> Iterator[Dated]:
    """The overlays of the default accounts."""
    places = {place.id: (place.lon, place.lat) for place in atlas.places}
    account_of = {row.id: row.account for row in atlas.overlays}
    for row in atlas.overlays:
        if row.alternative_of is not None and row.account != account_of[row.alternative_of]:
            continue
        yield Dated(
            "peacekeepers" if row.kind.startswith("peacekeeper") else "overlays",
            _look_of(row.kind) | ({"label": list(sign_of(row.kind).label.values())} if row.places else {}),
            **_record(row),
            faces=overlay_mask(atlas.mosaic, row) if row.zone else None,
            posts=tuple(places[name] for name in row.places),
            remark=None if row.zone or row.places else "no-outline",
        )


def _claims(atlas: Atlas) -> Iterator[Dated]:
    places = {place.id: (place.lon, place.lat) for place in atlas.places}
    for row in atlas.claims:
        if row.kind == "link":
            line, head = arrow([places[name] for name in row.places])
            yield Dated("claims", _look_of("link"), **_record(row), lines=line, heads=head, remark="hypothetical")
        elif row.zone:
            look = _look_of("uncertain-claim" if row.confidence == "low" else row.kind)
            yield Dated("claims", look, **_record(row), faces=zone_mask(atlas.mosaic, row.zone), side=row.side)


def _look_of(kind: str) -> dict[str, Any]:
    sign = sign_of(kind)
    tile = {"size": sign.pattern.size, "path": sign.pattern.path, "stroke": sign.pattern.stroke}
    look = {"key": sign.key, "colour": sign.ink, "casing": sign.casing, "dash": sign.dash or None, "width": 1.7}
    return look | ({"tile": tile} if sign.pattern.path else {}) | ({"width": LINK_WIDTH} if kind == "link" else {})


def _record(row: Any) -> dict[str, Any]:
    return {"names": row.names, "first": row.from_, "end": row.to, "sources": row.sources, "note": row.note}


def _version(version: Any) -> dict[str, Any]:
    return {
        "names": version.names,
        "first": version.valid_from,
        "end": version.valid_to,
        "sources": version.sources,
        "note": version.note or "",
    }


def _layers_of_kind(atlas: Atlas, kind: str) -> Iterable[str]:
    return [layer.id for layer in atlas.mosaic.layers if layer.kind == kind]
