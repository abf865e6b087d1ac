"""Names on a print map: none overlaps another, and the lines that the map is about are covered last of all."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from mapper.sheet import plain_text, text_width
from mapper.style import BASE, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from mapper.drawing import Bounds, Drawing
    from mapper.records import Place
    from mapper.sheet import Frame, Pen
    from mapper.snapshot import Snapshot
    from mapper.style import Language

_SMALL_TOWN_ZOOM: Final = 7.8
"""Scale (zoom of a web map) from which places of rank 3 are named."""
_LOOK: Final[Mapping[int, tuple[float, str, float]]] = {
    1: (9.2, "bold", 2.3),
    2: (8.2, "normal", 1.9),
    3: (6.8, "normal", 1.3),
}
"""By rank: size and weight of the name, radius of the dot."""
_SECOND: Final = 0.74  # size of a name's second line, of the first's
_AIR: Final = 1.2  # between names, points
_WIDE_AIR: Final = 9.0
_STATE_SIZE, _REGION_SIZE, _NEIGHBOUR_SIZE, _WATER_SIZE = 15.0, 10.0, 13.0, 7.0

#: Names in the order of `LANGUAGES`, and where each may stand when it is in view: (lon, lat) in order of choice.
_NEIGHBOURS: Final[tuple[tuple[tuple[str, ...], tuple[tuple[float, float], ...]], ...]] = (
    (("Iran", "İran", "Իրան", "Иран"), ((47.2, 38.95), (46.9, 38.85), (47.5, 38.85), (47.0, 38.5))),
    (("Georgia", "Gürcüstan", "Վրաստան", "Грузия"), ((45.3, 41.65), (44.8, 41.55), (46.0, 41.75))),
    (("Türkiye", "Türkiyə", "Թուրքիա", "Турция"), ((43.6, 39.95), (44.2, 39.7))),
    (("Russia", "Rusiya", "Ռուսաստան", "Россия"), ((47.3, 41.85), (47.6, 41.95))),
)


@dataclass
class Lettering:
    """Draws names in the order of their weight, each where there is room.

    Attributes
    ----------
    pen, frame
        What draws, and where the map lies on the page.
    snapshot, plan, lang
        What the map shows, and the language of its first names.
    courses
        The lines on the page that the map is about: between the sides, around the oblast; names keep off them.
    taken
        Boxes (left, top, right, bottom) on the page where no name may stand.
    """

    pen: Pen
    frame: Frame
    snapshot: Snapshot
    plan: Drawing
    lang: Language
    courses: Any
    taken: list[Bounds] = field(default_factory=list)

    def draw(self) -> None:
        """Larger towns first, then states, neighbours and waters, then small towns in the room that is left."""
        large = [place for place in self._places if place.rank <= 2]
        near = self.frame.zoom >= _SMALL_TOWN_ZOOM
        if near:  # every larger town is to be on the map: no name may cover its dot
            self.taken += [self._dot(place).bounds for place in large]
        self._draw_places(large, reserved=near)
        for text, size, land in self._lands():
            self._draw_inside(text, size, land)
        self._draw_neighbours()
        self._draw_waters()
        self._draw_places([place for place in self._places if place.rank > 2], reserved=False)

    # --- places --------------------------------------------------------------------------------------------------

    @cached_property
    def _spots(self) -> dict[str, tuple[float, float]]:
        """Where the places in view lie on the page, by id."""
        places = () if self.snapshot.atlas is None else self.snapshot.atlas.places
        points = self.frame.to_page(shapely.points([(place.lon, place.lat) for place in places] or np.empty((0, 2))))
        inside = (item for item in zip(places, points, strict=True) if not item[1].is_empty)
        return {place.id: (point.x, point.y) for place, point in inside}

    @cached_property
    def _places(self) -> list[Place]:
        """Places in view and large enough for the scale, best first: by rank, then those of the conflict's land."""
        lowest = 3 if self.frame.zoom >= _SMALL_TOWN_ZOOM else 2
        places = () if self.snapshot.atlas is None else self.snapshot.atlas.places
        found = (place for place in places if place.rank <= lowest and place.id in self._spots)
        return sorted(found, key=lambda place: (place.rank, not self._is_disputed(place), place.id))

    def _is_disputed(self, place: Place) -> bool:
        """Whether the record has ever had each side hold the place."""
        face = -1 if self.snapshot.atlas is None else self.snapshot.atlas.place_face.get(place.id, -1)
        return bool(face >= 0 and self._held_by_both[face])

    def _dot(self, place: Place) -> shapely.Polygon:
        return shapely.Point(self._spots[place.id]).buffer(_LOOK[place.rank][2])

    @cached_property
    def _held_by_both(self) -> NDArray[np.bool_]:
        """Shape (faces,): whether the record has ever had each side hold the face."""
        log = self.snapshot.log
        side = log.parties.side_code[log.controller[log.row_change]]
        pairs = np.unique(np.column_stack([log.row_face, side])[side >= 0], axis=0)
        both: NDArray[np.bool_] = np.bincount(pairs[:, 0], minlength=self.snapshot.mosaic.face_count) > 1
        return both

    def _draw_places(self, places: Iterable[Place], *, reserved: bool) -> None:
        """Dots with names; a place is left out when its name has no room, or its dot has none and none is reserved."""
        for place in places:
            if not reserved and not self._fits(self._dot(place).bounds, 0.0):
                continue
            both = self._is_disputed(place)
            names = self._names(place, both=both)
            # Small towns away from the conflict's land are there for orientation: a few, with air around them.
            air = _AIR if both or place.rank <= 2 else _WIDE_AIR
            if box := self._find_side(place, names, air):
                self._draw_place(place, names, box)

    def _names(self, place: Place, *, both: bool) -> tuple[str, str]:
        """The name in the language of the map; where both sides have ruled, also the name that each side gives."""
        names = {lang: plain_text(name) for lang, name in place.names.items()}
        first = names.get(self.lang) or names.get("en") or place.id
        others = [names[lang] for lang in ("az", "hy") if lang in names and names[lang].casefold() != first.casefold()]
        return first, " · ".join(dict.fromkeys(others)) if both else ""

    def _find_side(self, place: Place, names: tuple[str, str], air: float) -> Bounds | None:
        """Where the names of a place have room, as (left, top, right, bottom); None when nowhere."""
        size, weight, dot = _LOOK[place.rank]
        width = max(text_width(names[0], size, weight), text_width(names[1], size * _SECOND))
        height = size * (1.0 + (_SECOND * 1.2 if names[1] else 0.0))
        boxes = [(x, y, x + width, y + height) for x, y in _sides(self._spots[place.id], dot, size, width, height)]
        room = [box for box in boxes if self._fits(box, air)]
        clear = (box for box in room if not shapely.box(*box).intersects(self.courses))
        return next(clear, room[0] if room else None)

    def _draw_place(self, place: Place, names: tuple[str, str], box: Bounds) -> None:
        size, weight, _ = _LOOK[place.rank]
        x, _ = self._spots[place.id]
        mark = self._dot(place)
        self.pen.area(mark, facecolor=BASE.text, edgecolor=BASE.halo, linewidth=0.7)
        self.taken += [box, mark.bounds]
        off = (box[0] + box[2]) / 2 - x
        at, ha = (x, "center") if abs(off) < 1 else (box[0], "left") if off > 0 else (box[2], "right")
        if names[1]:  # first, so that its halo does not cut into the name above it
            base = box[1] + size * (0.98 + _SECOND)
            self.pen.text(at, base, names[1], size * _SECOND, halo=True, color=BASE.muted, ha=ha)
        # A name missing in the language of the map stands in English, marked by its slant.
        slant = "normal" if self.lang in place.names else "italic"
        self.pen.text(at, box[1] + size * 0.88, names[0], size, halo=True, weight=weight, style=slant, ha=ha)

    # --- land and water ------------------------------------------------------------------------------------------

    def _lands(self) -> Iterator[tuple[str, float, Any]]:
        """Name, size and quiet land on the page of each state, and of the exclave that is large enough for a name."""
        pieces = self.plan.pieces
        for label in self._labels("state", "region"):
            text, point = self._text(label.names), shapely.Point(label.lon, label.lat)
            here = next((piece for piece in pieces if piece.geometry.intersects(point)), None)
            if here is not None and label.kind == "state":
                same = [piece.geometry for piece in pieces if piece.state == here.state and piece.tone == "pale"]
                yield text, _STATE_SIZE, self.frame.merge(same)
            elif here is not None:
                same = [piece.geometry for piece in pieces if piece.district == here.district]
                yield text, _REGION_SIZE, self.frame.merge(same)

    def _labels(self, *kinds: str) -> list[Any]:
        """Labels of some kinds for the map's scale, one a name."""
        here = [label for label in self.plan.labels if label.kind in kinds and label.names]
        fitting = [label for label in here if label.zoom_from <= self.frame.zoom < label.zoom_to]
        return list({self._text(label.names): label for label in reversed(fitting)}.values())[::-1]

    def _text(self, names: Mapping[str, str]) -> str:
        return plain_text(names.get(self.lang) or names.get("en") or next(iter(names.values())))

    def _draw_inside(self, text: str, size: float, land: Any) -> None:
        """A name where its land is widest and nothing else stands; none when there is no such spot."""
        parts = [part for part in shapely.get_parts(land) if part.area > 0]
        if not parts:
            return
        largest = max(parts, key=lambda part: part.area)
        half_width, half_height = text_width(text, size, "bold") / 2, size / 2
        left, top, right, bottom = largest.bounds
        x, y = (axis.ravel() for axis in np.meshgrid(np.arange(left, right, 6.0), np.arange(top, bottom, 6.0)))
        boxes = shapely.box(x - half_width, y - half_height, x + half_width, y + half_height)
        shapely.prepare(largest)
        inside = np.flatnonzero(shapely.contains(largest, boxes) & ~shapely.intersects(self.courses, boxes))
        clearance = shapely.distance(shapely.boundary(largest), boxes[inside])
        for at in inside[np.argsort(-clearance, kind="stable")].tolist():
            if self._take(boxes[at].bounds):
                look = {"color": BASE.muted, "weight": "bold", "ha": "center"}
                self.pen.text(x[at], y[at] + size * 0.36, text, size, halo=True, **look)
                return

    def _draw_neighbours(self) -> None:
        land = self.frame.merge([piece.geometry for piece in self.plan.pieces])
        for names, positions in _NEIGHBOURS:
            text = names[LANGUAGES.index(self.lang)]
            half = text_width(text, _NEIGHBOUR_SIZE, "bold") / 2
            for point in self.frame.to_page(shapely.points(positions)):
                if point.is_empty:
                    continue
                box = (point.x - half, point.y - 7, point.x + half, point.y + 7)
                if not land.intersects(shapely.box(*box)) and self._take(box):
                    look: dict[str, Any] = {"color": BASE.muted, "weight": "bold", "ha": "center", "alpha": 0.55}
                    self.pen.text(point.x, point.y + 4, text, _NEIGHBOUR_SIZE, **look)
                    break

    def _draw_waters(self) -> None:
        for label in self._labels("water"):
            point = self.frame.to_page([shapely.Point(label.lon, label.lat)])[0]
            if point.is_empty:
                continue
            text = self._text(label.names)
            half = text_width(text, _WATER_SIZE, slant="italic") / 2
            for y in (point.y + down for down in (0.0, -7.0, 7.0, -12.0, 12.0)):
                if self._take((point.x - half, y - 4, point.x + half, y + 4)):
                    look = {"color": BASE.water_text, "style": "italic", "ha": "center"}
                    self.pen.text(point.x, y + 2.5, text, _WATER_SIZE, halo=True, **look)
                    break

    # --- room ----------------------------------------------------------------------------------------------------

    def _take(self, box: Bounds) -> bool:
        """Whether a box fits; it is taken then."""
        if not self._fits(box, _AIR):
            return False
        self.taken.append(box)
        return True

    def _fits(self, box: Bounds, air: float) -> bool:
        """Whether a box lies inside the map and on nothing that is taken, with air around it."""
        left, top, right, bottom = self.frame.corners
        if box[0] < left + 3 or box[1] < top + 3 or box[2] > right - 3 or box[3] > bottom - 3:
            return False
        x0, y0, x1, y1 = box[0] - air, box[1] - air, box[2] + air, box[3] + air
        return all(x1 < one[0] or one[2] < x0 or y1 < one[1] or one[3] < y0 for one in self.taken)


def _sides(
    spot: tuple[float, float], dot: float, size: float, width: float, height: float
) -> Iterator[tuple[float, float]]:
    """Upper left corners of a name around a dot, in order of choice."""
    x, y = spot
    near, half = dot + 1.8, 0.6 * size
    right, left = x + near, x - near - width
    yield right, y - half
    yield left, y - half
    for corner in (x + dot + 1.4, x - dot - 1.4 - width):
        yield corner, y - near * 0.5 - height
        yield corner, y + near * 0.5
    yield x - width / 2, y - near - height
    yield x - width / 2, y + near
    yield right, y - height + half
    yield left, y - height + half
