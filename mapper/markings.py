"""What lies over the land of a map: overlays, open claims, links, and the entries of a preset legend.

Geometry is made of the drawing's own pieces, so that outlines run where the lines of the map run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from mapper import geodata
from mapper.errors import MapperError
from mapper.overlays import open_claim, overlay_mask
from mapper.signs import LEGEND_PREFIX, sign_of
from mapper.zones import zone_mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from mapper.atlas import Atlas
    from mapper.records import Claim, Legend, LegendEntry, Place
    from mapper.signs import Sign
    from mapper.snapshot import Snapshot

    Mask = NDArray[np.bool_]
    Texts = NDArray[np.str_]

ARROW_DEG: Final = 0.06
"""Length of an arrow's head, degrees of latitude; about 7 km."""


@dataclass(frozen=True, slots=True)
class Post:
    """A named point of an overlay."""

    lon: float
    lat: float
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Marking:
    """An overlay, claim or link on a map, with its land before there is geometry.

    Attributes
    ----------
    id, kind, names, sources
        As in its record.
    faces
        Shape (faces,): the land it covers; none for posts, links, and what has no published outline.
    posts
        Points.
    route
        Places of a link, (lon, lat), in order.
    shape
        Set by the drawing: the land as drawn, EPSG:4326; empty where there is none.
    """

    id: str
    kind: str
    names: Mapping[str, str]
    sources: tuple[str, ...]
    faces: Mask = field(repr=False)
    posts: tuple[Post, ...] = ()
    route: tuple[tuple[float, float], ...] = ()
    shape: shapely.Geometry = field(default_factory=shapely.MultiPolygon)

    @property
    def sign(self) -> Sign:
        """How it looks."""
        return sign_of(self.kind)

    @property
    def has_outline(self) -> bool:
        """Whether it has a place on the map; a mission along a border has none."""
        return bool(self.faces.any() or self.posts or self.route)


def find_markings(snapshot: Snapshot, legend: Legend | None = None) -> tuple[Marking, ...]:
    """What lies over the land in the snapshot's view, or by a preset legend; none in the view ``recognised``.

    Claims of which nothing is open are left out.
    """
    if legend is not None:
        return tuple(_legend_marking(snapshot, legend, entry) for entry in legend.entries if entry.kind in _OVER)
    if snapshot.view == "recognised":
        return ()
    found = _overlay_markings(snapshot)
    if snapshot.view == "claimed":
        found += [marking for marking in _claim_markings(snapshot) if marking.has_outline]
    return tuple(found)


_OVER: Final = ("claim", "link")


def _overlay_markings(snapshot: Snapshot) -> list[Marking]:
    places = _places(snapshot)
    return [
        Marking(
            id=row.id,
            kind=row.kind,
            names=row.names,
            sources=row.sources,
            faces=overlay_mask(snapshot.mosaic, row),
            posts=tuple(Post(places[name].lon, places[name].lat, row.names) for name in row.places),
        )
        for row in snapshot.overlays()
    ]


def _claim_markings(snapshot: Snapshot) -> list[Marking]:
    return [
        Marking(
            row.id, _claim_kind(row), row.names, row.sources, open_claim(snapshot, row), route=_route(snapshot, row)
        )
        for row in snapshot.claims()
    ]


def _claim_kind(claim: Claim) -> str:
    """The kind of its sign: a claim of land whose extent is not certain has one of its own."""
    return "uncertain-claim" if claim.kind != "link" and claim.confidence == "low" else claim.kind


def _route(snapshot: Snapshot, claim: Claim) -> tuple[tuple[float, float], ...]:
    places = _places(snapshot)
    return tuple((places[name].lon, places[name].lat) for name in claim.places)


def _legend_marking(snapshot: Snapshot, legend: Legend, entry: LegendEntry) -> Marking:
    if entry.zone is not None:
        faces = zone_mask(snapshot.mosaic, entry.zone)
        return Marking(f"{legend.id}-{entry.look}", entry.kind, entry.names, legend.sources, faces)
    claim = next(row for row in _atlas(snapshot).claims if row.id == entry.claim)
    none = np.zeros(snapshot.mosaic.face_count, bool)
    return Marking(claim.id, entry.kind, entry.names, claim.sources, none, route=_route(snapshot, claim))


def mark_codes(markings: Sequence[Marking], face_count: int) -> NDArray[np.int64]:
    """Shape (faces,): bit set over the markings that cover each face."""
    code = np.zeros(face_count, np.int64)
    for bit, marking in enumerate(markings):
        code[marking.faces] |= 1 << bit
    return code


# --- preset legends ----------------------------------------------------------------------------------------------


def find_legend(snapshot: Snapshot, name: str) -> Legend:
    """A preset legend by its id.

    Raises
    ------
    MapperError
        When there is none of that id, or it shows other days than the snapshot's.
    """
    legends = _atlas(snapshot).legends
    if name not in legends:
        msg = f"there is no legend '{name}'; choose from {', '.join(sorted(legends)) or 'none (the data has none)'}"
        raise MapperError(msg)
    legend = legends[name]
    if not legend.from_ <= snapshot.day < legend.to:
        msg = f"the legend '{name}' shows the days from {legend.from_} to before {legend.to}, not {snapshot.day}"
        raise MapperError(msg)
    return legend


def legend_classes(snapshot: Snapshot, legend: Legend) -> Texts:
    """Shape (faces,): the class of each face by a preset legend; land of no entry has that of its sovereign."""
    found = snapshot.sovereign.astype("U32")
    for entry in legend.entries:
        if entry.kind == "land" and entry.zone is not None:
            found[zone_mask(snapshot.mosaic, entry.zone)] = LEGEND_PREFIX + entry.look
    return found


def legend_lines(snapshot: Snapshot, legend: Legend) -> dict[str, tuple[shapely.Geometry, tuple[str, ...]]]:
    """Courses and sources of the lines of a preset legend, by look with the prefix ``legend-``."""
    found = {}
    for entry in legend.entries:
        if entry.kind == "line":
            versions = [_version(_atlas(snapshot), name) for name in entry.features]
            sources = tuple(source for _, own in versions for source in own)
            found[LEGEND_PREFIX + entry.look] = (shapely.union_all([shape for shape, _ in versions]), sources)
    return found


def _version(atlas: Atlas, name: str) -> tuple[shapely.Geometry, tuple[str, ...]]:
    layer, _, version_id = name.partition("/")
    found = ((version, shape) for version, shape in geodata.read_layer(atlas.folder, layer) if version.id == version_id)
    version, shape = next(found)
    return shape, version.sources


# --- links -------------------------------------------------------------------------------------------------------


def arrow(route: Sequence[tuple[float, float]]) -> tuple[shapely.LineString, shapely.Polygon]:
    """The line of a link and the head at its end, EPSG:4326; the line stops where the head begins."""
    points = np.array(route)
    squeeze = np.array([np.cos(np.radians(points[-1, 1])), 1.0])  # a degree of longitude is shorter
    way = (points[-1] - points[-2]) * squeeze
    way /= np.hypot(*way)
    across = np.array([-way[1], way[0]])
    foot = points[-1] - ARROW_DEG * way / squeeze
    wings = [foot + sign * 0.45 * ARROW_DEG * across / squeeze for sign in (1, -1)]
    line = shapely.linestrings([*points[:-1], foot])
    return shapely.LineString(line), shapely.Polygon([points[-1], *wings])


def _places(snapshot: Snapshot) -> dict[str, Place]:
    return {place.id: place for place in _atlas(snapshot).places}


def _atlas(snapshot: Snapshot) -> Atlas:
    return snapshot._asked_of()


def all_sources(markings: Iterable[Marking]) -> set[str]:
    """Ids of the sources of all markings."""
    return {source for marking in markings for source in marking.sources}
